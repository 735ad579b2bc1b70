//! What is read ahead: the selected fields of the records of a page name what they need, which is one statement each.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::{InputType, Lookahead, SelectionField};
use futures_util::future::BoxFuture;
use pomost_domain::country::Code;
use pomost_domain::link::Relation;
use pomost_domain::{Fact, Id};
use pomost_persistence::Stored;

use super::{ArgsOf, Shown, facts_of, list_name, listing, under_each};
use crate::error::ApiError;
use crate::schema::{change, country, node};
use crate::shelf::{Counted, HistoryOf, Listed, Listing, Shelf};

/// Selected fields, seen from above. The same field may be selected in several places.
pub(crate) struct Look<'a>(pub(crate) Vec<Lookahead<'a>>);

impl<'a> Look<'a> {
    pub(crate) fn field(&self, name: &str) -> Self {
        Self(self.0.iter().map(|look| look.field(name)).filter(Lookahead::exists).collect())
    }

    /// The selected fields of the records of a connection.
    pub(super) fn nodes(&self) -> Self {
        let edges = self.field("edges").field("node");
        Self(self.field("nodes").0.into_iter().chain(edges.0).collect())
    }

    /// The same fields, to look at once more.
    pub(crate) fn again(&self) -> Self {
        Self(self.selections().into_iter().map(Lookahead::from).collect())
    }

    /// What is asked of a connection. Aliases with other arguments are other questions.
    pub(super) fn questions<N: Shown>(&self, field: &str, list: &str) -> Vec<(Arc<Listing<N::Fact>>, Look<'a>)> {
        let mut questions: Vec<(Arc<Listing<N::Fact>>, Look<'a>)> = Vec::new();
        for selection in self.field(field).selections() {
            let Some(Ok((listing, _))) = ArgsOf::<N>::of(&selection).map(|args| listing::<N>(args, list)) else {
                continue;
            };
            let look = Lookahead::from(selection);
            match questions.iter_mut().find(|(known, _)| known.key == listing.key) {
                Some((_, looks)) => looks.0.push(look),
                None => questions.push((listing, Look(vec![look]))),
            }
        }
        questions
    }

    /// Whether a page of a connection is asked for, or only how long its list is.
    pub(super) fn wants_page(&self) -> bool {
        ["nodes", "edges", "pageInfo"].iter().any(|name| self.field(name).exists())
    }

    pub(crate) fn exists(&self) -> bool {
        !self.0.is_empty()
    }

    fn selections(&self) -> Vec<SelectionField<'a>> {
        self.0.iter().flat_map(Lookahead::selection_fields).collect()
    }
}

/// Reads what the selected fields of records need.
pub(crate) fn fetch_all<'a, N: Shown>(
    shelf: &'a Shelf,
    look: Look<'a>,
    facts: Vec<Arc<N::Fact>>,
) -> BoxFuture<'a, Result<(), ApiError>> {
    if facts.is_empty() {
        return Box::pin(async { Ok(()) });
    }
    let mut plan = Plan { shelf, look, facts, work: Vec::new() };
    N::prefetch(&mut plan);
    // Boxed, as relations are cyclic; one after the other, so that the number of statements does not depend on timing.
    Box::pin(async move {
        for step in plan.work {
            step.await?;
        }
        Ok(())
    })
}

/// What a page has to read for the fields that are selected on its records.
pub(crate) struct Plan<'a, T> {
    shelf: &'a Shelf,
    look: Look<'a>,
    facts: Vec<Arc<T>>,
    work: Vec<BoxFuture<'a, Result<(), ApiError>>>,
}

impl<'a, T: Stored> Plan<'a, T> {
    /// References to one record each, by the fields that lead to it. One statement.
    pub(crate) fn one<N: Shown>(&mut self, fields: &[&str], ids: impl Fn(&T) -> Vec<Option<Id<N::Fact>>>) {
        let looks: Vec<Look<'a>> = fields.iter().map(|field| self.path(field)).collect();
        let mut wanted: HashSet<Id<N::Fact>> = HashSet::new();
        for fact in &self.facts {
            let asked = ids(fact).into_iter().zip(&looks).filter(|(_, look)| look.exists());
            wanted.extend(asked.filter_map(|(id, _)| id));
        }
        let look = Look(looks.into_iter().flat_map(|look| look.0).collect());
        let shelf = self.shelf;
        if !wanted.is_empty() {
            self.work.push(Box::pin(async move {
                let facts = shelf.stock(wanted).await?;
                fetch_all::<N>(shelf, look, facts).await
            }));
        }
    }

    /// The records that are named by slug. One statement.
    pub(crate) fn by_slug<N: Shown>(&mut self, field: &str, slugs: impl Fn(&T) -> Vec<String>) {
        let look = self.path(field);
        if !look.exists() {
            return;
        }
        let wanted: HashSet<String> = self.facts.iter().flat_map(|fact| slugs(fact)).collect();
        let shelf = self.shelf;
        self.work.push(Box::pin(async move {
            let facts = shelf.stock_slugs(wanted).await?;
            fetch_all::<N>(shelf, look, facts).await
        }));
    }

    /// Countries, by a field that leads to them: their lists are read at once.
    pub(crate) fn countries(&mut self, field: &str, of: impl Fn(&T) -> Vec<Code>) {
        let look = self.path(field);
        if look.exists() {
            let codes: Vec<Code> = self.facts.iter().flat_map(|fact| of(fact)).collect();
            let shelf = self.shelf;
            self.work.push(Box::pin(async move { country::stock(shelf, look, codes).await }));
        }
    }

    /// The same record, shown as another type.
    pub(crate) fn itself<N: Shown<Fact = T>>(&mut self, field: &str) {
        let look = self.path(field);
        if look.exists() {
            self.work.push(fetch_all::<N>(self.shelf, look, self.facts.clone()));
        }
    }

    /// A list of references, in its order; `below` is the path from an item to its record. One statement.
    pub(crate) fn list<R, N>(&mut self, field: &str, below: &[&str])
    where
        R: Relation<Parent = T, Child = N::Fact>,
        N: Shown,
    {
        self.list_as::<R, N>(field, below);
    }

    /// As `list`, for a relation of records that these are a kind of.
    pub(crate) fn list_as<R, N>(&mut self, field: &str, below: &[&str])
    where
        R: Relation<Child = N::Fact>,
        N: Shown,
    {
        let list = self.path(field);
        if !list.exists() {
            return;
        }
        let look = below.iter().fold(list, |look, name| look.field(name));
        let (shelf, parents) = (self.shelf, self.parents_as());
        self.work.push(Box::pin(async move {
            let questions: Vec<Listed<R>> = parents.into_iter().map(Listed).collect();
            let lists = shelf.stock_all(&questions).await?;
            let facts = lists.iter().flat_map(|list| list.iter().map(|linked| Arc::clone(&linked.fact))).collect();
            fetch_all::<N>(shelf, look, facts).await
        }));
    }

    /// A connection. One statement, one for the count if selected.
    pub(crate) fn connection<R, N>(&mut self, field: &str)
    where
        R: Relation<Parent = T, Child = N::Fact>,
        N: Shown,
    {
        self.connection_as::<R, N>(field);
    }

    /// As `connection`, for a relation of records that are a kind of these.
    pub(crate) fn connection_as<R, N>(&mut self, field: &str)
    where
        R: Relation<Child = N::Fact>,
        N: Shown,
    {
        let questions = self.look.questions::<N>(field, &list_name::<R>(field));
        for (listing, look) in questions {
            let (shelf, parents) = (self.shelf, self.parents_as());
            self.work.push(Box::pin(async move {
                let pages = under_each::<R>(parents, &listing);
                if look.field("totalCount").exists() {
                    shelf.stock_all(&pages.iter().cloned().map(Counted).collect::<Vec<_>>()).await?;
                }
                if !look.wants_page() {
                    return Ok(());
                }
                let facts = facts_of(&shelf.stock_all(&pages).await?);
                fetch_all::<N>(shelf, look.nodes(), facts).await
            }));
        }
    }

    /// The pages that fields of other types look at. One statement.
    pub(crate) fn pages<R>(&mut self, fields: &[&str], listing: &Arc<Listing<R::Child>>)
    where
        R: Relation<Parent = T>,
        R::Child: Stored,
    {
        if fields.iter().any(|field| self.path(field).exists()) {
            let (shelf, parents, listing) = (self.shelf, self.parents_as(), Arc::clone(listing));
            self.work
                .push(Box::pin(async move { shelf.stock_all(&under_each::<R>(parents, &listing)).await.map(drop) }));
        }
    }

    /// The histories of the records, for those who may read them. One statement.
    pub(crate) fn history(&mut self) {
        for selection in self.look.field("history").selections() {
            let Ok(arguments) = selection.arguments() else { continue };
            let value = |name: &str| arguments.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            let first = Option::<i32>::parse(value("first"));
            let before = Option::<change::ChangeCursor>::parse(value("before"));
            let (Ok(first), Ok(before)) = (first, before) else { continue };
            let Ok(like) = change::history_of(uuid::Uuid::nil(), first, before) else { continue };
            let ids: Vec<uuid::Uuid> = self.facts.iter().map(|fact| fact.meta().id).collect();
            let shelf = self.shelf;
            if shelf.reads_histories() {
                self.work.push(Box::pin(async move {
                    let questions: Vec<HistoryOf> = ids.into_iter().map(|id| HistoryOf { id, ..like }).collect();
                    shelf.stock_all(&questions).await.map(drop)
                }));
            }
        }
    }

    fn parents_as<P: Fact>(&self) -> Vec<Id<P>> {
        let mut ids: Vec<Id<P>> = self.facts.iter().map(|fact| Id::new(fact.id().raw())).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The selected fields behind a dotted path.
    fn path(&self, path: &str) -> Look<'a> {
        let mut names = path.split('.');
        let first = self.look.field(names.next().unwrap_or_default());
        names.fold(first, |look, name| look.field(name))
    }
}

impl Plan<'_, pomost_domain::Answer> {
    /// What answers cite. One statement, and one for each kind among it.
    pub(crate) fn citations(&mut self, field: &str, below: &'static str) {
        let look = self.path(field);
        if look.exists() {
            let (shelf, answers) = (self.shelf, self.parents_as());
            self.work.push(Box::pin(async move {
                let cited = shelf.stock_citations(&answers).await?;
                node::stock(shelf, cited, look.field(below)).await
            }));
        }
    }
}

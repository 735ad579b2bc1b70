//! Prefetching: the selected fields of the records of a page name the loads that they need, one statement each.

use std::any::Any;
use std::collections::HashSet;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::{InputType, Lookahead, SelectionField};
use futures_util::future::BoxFuture;
use pomost_domain::Id;
use pomost_domain::country::Code;
use pomost_domain::link::Relation;
use pomost_persistence::{Mapping, Stored, Walk};
use uuid::Uuid;

use super::connection::{list_name, listing, load_pages};
use super::node;
use super::shown::{Entity, List, Shown, Way, entity};
use super::values::document_slug;
use crate::error::ApiError;
use crate::loader::{HistoryOf, Listing, Load, Loaded, Loader, Place, Record};
use crate::schema::change;
use crate::schema::entity::{Document, country};

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

    /// The arguments of a connection. Aliases with other arguments are other listings.
    pub(super) fn listings(&self, field: &str, list: &str, entity: &Entity) -> Vec<(Arc<Listing>, Look<'a>)> {
        let mut listings: Vec<(Arc<Listing>, Look<'a>)> = Vec::new();
        for selection in self.field(field).selections() {
            // Arguments that cannot be read fail when the resolver runs.
            let Ok(arguments) = selection.arguments() else { continue };
            let Ok((listing, _)) = listing(entity, &arguments, list) else { continue };
            let look = Lookahead::from(selection);
            match listings.iter_mut().find(|(known, _)| *known == listing) {
                Some((_, looks)) => looks.0.push(look),
                None => listings.push((listing, Look(vec![look]))),
            }
        }
        listings
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

    /// The selected fields behind a dotted path.
    fn path(&self, path: &str) -> Self {
        let mut names = path.split('.');
        let first = self.field(names.next().unwrap_or_default());
        names.fold(first, |look, name| look.field(name))
    }
}

/// Reads the records that the selected fields of records show.
pub(crate) fn prefetch_all<'a>(
    loader: &'a Loader,
    entity: &'static Entity,
    look: Look<'a>,
    records: Vec<Record>,
) -> BoxFuture<'a, Result<(), ApiError>> {
    if records.is_empty() {
        return Box::pin(async { Ok(()) });
    }
    let mut plan = Plan { loader, look, records, work: Vec::new() };
    plan.sources();
    plan.history();
    for list in entity.lists {
        plan.list(list.name, &list_name(list), &list.way);
    }
    let plan = (entity.prefetch)(plan);
    // Boxed, as relations are cyclic; one after the other, so that the number of statements does not depend on timing.
    Box::pin(async move {
        for step in plan.work {
            step.await?;
        }
        Ok(())
    })
}

/// The loads that a page still needs for the fields that are selected on its records.
pub(crate) struct Plan<'a> {
    loader: &'a Loader,
    look: Look<'a>,
    records: Vec<Record>,
    work: Vec<BoxFuture<'a, Result<(), ApiError>>>,
}

impl<'a> Plan<'a> {
    /// Records by their ids.
    fn records(&mut self, entity: &'static Entity, look: Look<'a>, ids: HashSet<Uuid>) {
        let loader = self.loader;
        if !ids.is_empty() {
            self.work.push(Box::pin(async move {
                let records = loader.load_records(entity.mapping(), ids).await?;
                prefetch_all(loader, entity, look, records).await
            }));
        }
    }

    /// The documents that are named as sources.
    fn sources(&mut self) {
        let look = self.look.path("sources.document");
        if !look.exists() {
            return;
        }
        let sources = self.records.iter().flat_map(|record| record.shared().sources.iter().flatten());
        let slugs: HashSet<String> = sources.filter_map(document_slug).map(str::to_owned).collect();
        let loader = self.loader;
        self.work.push(Box::pin(async move {
            let documents = loader.load_slugs(Mapping::of::<pomost_domain::Document>(), slugs).await?;
            prefetch_all(loader, entity::<Document>(), look, documents).await
        }));
    }

    /// The histories of the records, for those who may read them.
    fn history(&mut self) {
        for selection in self.look.field("history").selections() {
            let Ok(arguments) = selection.arguments() else { continue };
            let value = |name: &str| arguments.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            let first = Option::<i32>::parse(value("first"));
            let before = Option::<change::ChangeCursor>::parse(value("before"));
            let (Ok(first), Ok(before)) = (first, before) else { continue };
            let Ok(part) = change::history_of(Uuid::nil(), first, before) else { continue };
            if self.loader.reads_histories() {
                let histories = self.ids().into_iter().map(|id| Load::History(HistoryOf { id, ..part }));
                self.loads(histories.collect());
            }
        }
    }

    fn loads(&mut self, loads: Vec<Load>) {
        let loader = self.loader;
        self.work.push(Box::pin(async move { loader.load_all(&loads).await.map(drop) }));
    }

    /// A list of references, in its order; `below` is the path from an item to its record.
    fn linked(&mut self, field: &str, below: &[&str], way: &Way) {
        let list = self.look.path(field);
        if !list.exists() {
            return;
        }
        let look = below.iter().fold(list, |look, name| look.field(name));
        let (walk, to) = ((way.walk)(), (way.to)());
        let (loader, loads) =
            (self.loader, self.ids().into_iter().map(|id| Load::Linked(walk, id)).collect::<Vec<_>>());
        self.work.push(Box::pin(async move {
            let lists = loader.load_all(&loads).await?.into_iter().filter_map(Loaded::linked);
            let records = lists.flat_map(|list| list.iter().map(|linked| Arc::clone(&linked.fact)).collect::<Vec<_>>());
            prefetch_all(loader, to, look, records.collect()).await
        }));
    }

    /// A list under each record. One statement, one for the count if selected.
    fn list(&mut self, field: &str, name: &str, way: &Way) {
        let (walk, to) = ((way.walk)(), (way.to)());
        for (listing, look) in self.look.listings(field, name, to) {
            let places = self.ids().into_iter().map(|id| Place::Under(walk, id)).collect();
            self.work.push(load_pages(self.loader, look, to, &listing, places));
        }
    }

    fn ids(&self) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self.records.iter().map(|record| record.shared().id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// A plan for records of one type.
pub(crate) struct Prefetch<'a, T> {
    plan: Plan<'a>,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: Stored> Prefetch<'a, T> {
    pub(super) fn over(plan: Plan<'a>) -> Self {
        Self { plan, of: PhantomData }
    }

    pub(super) fn into_plan(self) -> Plan<'a> {
        self.plan
    }

    fn facts(&self) -> impl Iterator<Item = &T> {
        self.plan.records.iter().filter_map(|record| (&**record as &dyn Any).downcast_ref())
    }

    /// References to one record each, by the fields that lead to it. One statement.
    pub(crate) fn one<N: Shown>(&mut self, fields: &[&str], ids: impl Fn(&T) -> Vec<Option<Id<N::Fact>>>) {
        let looks: Vec<Look<'a>> = fields.iter().map(|field| self.plan.look.path(field)).collect();
        let mut wanted: HashSet<Uuid> = HashSet::new();
        if looks.iter().any(Look::exists) {
            for fact in self.facts() {
                let selected = ids(fact).into_iter().zip(&looks).filter(|(_, look)| look.exists());
                wanted.extend(selected.filter_map(|(id, _)| id.map(Id::raw)));
            }
        }
        let look = Look(looks.into_iter().flat_map(|look| look.0).collect());
        self.plan.records(entity::<N>(), look, wanted);
    }

    /// Countries, by a field that leads to them: their lists are read at once.
    pub(crate) fn countries(&mut self, field: &str, of: impl Fn(&T) -> Vec<Code>) {
        let look = self.plan.look.path(field);
        if look.exists() {
            let codes: Vec<Code> = self.facts().flat_map(of).collect();
            let loader = self.plan.loader;
            self.plan.work.push(Box::pin(async move { country::load(loader, look, codes).await }));
        }
    }

    /// The same record, shown as another type.
    pub(crate) fn itself<N: Shown<Fact = T>>(&mut self, field: &str) {
        let look = self.plan.look.path(field);
        if look.exists() {
            let records = self.plan.records.clone();
            self.plan.work.push(prefetch_all(self.plan.loader, entity::<N>(), look, records));
        }
    }

    /// A list of references, in its order; `below` is the path from an item to its record. One statement.
    pub(crate) fn linked<R, N>(&mut self, field: &str, below: &[&str])
    where
        R: Relation<Child = N::Fact>,
        R::Parent: Stored,
        N: Shown,
    {
        self.plan.linked(field, below, &super::shown::way::<R, N>());
    }

    /// The lists of another type whose records are of the same kinds, such as those of single kinds of activities.
    pub(crate) fn lists(&mut self, lists: &'static [List]) {
        for list in lists {
            self.plan.list(list.name, &list_name(list), &list.way);
        }
    }

    /// A page under each record that fields of another type look at. One statement.
    pub(crate) fn pages<R: Relation>(&mut self, fields: &[&str], listing: &Arc<Listing>)
    where
        R::Parent: Stored,
        R::Child: Stored,
    {
        if fields.iter().any(|field| self.plan.look.path(field).exists()) {
            let page = |id| Load::Page(Place::Under(Walk::of::<R>(), id), Arc::clone(listing));
            let pages = self.plan.ids().into_iter().map(page).collect();
            self.plan.loads(pages);
        }
    }
}

impl Prefetch<'_, pomost_domain::Answer> {
    /// The records that answers cite. One statement, and one for each kind among them.
    pub(crate) fn citations(&mut self, field: &str, below: &'static str) {
        let look = self.plan.look.path(field);
        if look.exists() {
            let (loader, answers) = (self.plan.loader, self.plan.ids());
            self.plan.work.push(Box::pin(async move {
                let cited = loader.load_citations(answers).await?;
                node::load(loader, cited, look.field(below)).await
            }));
        }
    }
}

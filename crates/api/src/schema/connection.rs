//! Lists: arguments, cursors, connections, and the prefetching that keeps statements at one per level.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::{
    Context, InputType, InputValueError, Lookahead, Object, OutputType, SelectionField, TypeName, Value,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::BoxFuture;
use pomost_domain::country::Code;
use pomost_domain::link::Relation;
use pomost_domain::page::{DEFAULT_PAGE, KeyValue, MAX_PAGE, Page, Position, Slice};
use pomost_domain::{Fact, Id};
use pomost_persistence::{Filter, Linked, Order, Store, Stored};

use crate::error::ApiError;
use crate::shelf::{
    Counted, CountedWhole, CountedWithin, HistoryOf, Listed, Listing, Shelf, ShelfOf, Under, Whole, Within,
};

/// A type of the schema that shows the facts of one type.
pub(crate) trait Shown: OutputType + From<Arc<Self::Fact>> + Sized {
    /// The facts.
    type Fact: Stored;
    /// Its filter.
    type Filter: InputType + Debug + IntoFilter<Self::Fact>;
    /// Its order.
    type Order: InputType + Debug + IntoOrder<Self::Fact>;
    /// Its name.
    const NAME: &'static str;

    /// What all its records meet.
    fn base() -> Filter<Self::Fact> {
        Filter::default()
    }

    /// The typed id behind a global one.
    fn typed(id: &async_graphql::ID) -> Result<Id<Self::Fact>, ApiError> {
        super::node::typed(id)
    }

    /// Names what its fields need, so that a page reads it in one statement each.
    fn prefetch(plan: &mut Plan<'_, Self::Fact>);
}

/// An input that becomes a condition.
pub(crate) trait IntoFilter<T: Fact> {
    /// The condition, or what is wrong with the input.
    fn into_filter(self) -> Result<Filter<T>, ApiError>;
}

/// An input that becomes a key of an order.
pub(crate) trait IntoOrder<T: Fact> {
    /// The key and its direction.
    fn into_order(self) -> (pomost_persistence::OrderKey<T::Field>, pomost_domain::page::Direction);
}

/// The arguments of a list.
#[derive(Debug)]
pub(crate) struct ListArgs<F, O> {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
    pub(crate) filter: Option<F>,
    pub(crate) order_by: Option<Vec<O>>,
}

/// What a list asks of the store, and what its cursors belong to.
type Question<N> = (Arc<Listing<<N as Shown>::Fact>>, Scope);

type ArgsOf<N> = ListArgs<<N as Shown>::Filter, <N as Shown>::Order>;

impl<F: InputType, O: InputType> ListArgs<F, O> {
    /// The arguments of a field that is looked ahead at. What cannot be read fails when its resolver runs.
    fn of(field: &SelectionField<'_>) -> Option<Self> {
        type Arguments = [(async_graphql::Name, Value)];
        fn read<T: InputType>(arguments: &Arguments, name: &str) -> Result<Option<T>, InputValueError<Option<T>>> {
            let value = arguments.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            value.map_or(Ok(None), |value| Option::<T>::parse(Some(value)))
        }
        let arguments = field.arguments().ok()?;
        Some(Self {
            first: read(&arguments, "first").ok()?,
            after: read(&arguments, "after").ok()?,
            last: read(&arguments, "last").ok()?,
            before: read(&arguments, "before").ok()?,
            filter: read(&arguments, "filter").ok()?,
            order_by: read(&arguments, "orderBy").ok()?,
        })
    }
}

/// What the arguments of a list ask of the store. `field` names the list, to which its cursors belong.
fn listing<N: Shown>(args: ArgsOf<N>, field: &str) -> Result<Question<N>, ApiError> {
    let key = format!("{} {args:?}", N::NAME);
    let scope_text = format!("{field} {:?}", args.order_by);
    let scope = Scope(fnv(scope_text.as_bytes()));
    let given = args.filter.map(IntoFilter::into_filter).transpose()?;
    let filter = Filter::all([N::base()].into_iter().chain(given));
    let order: Order<_> = match args.order_by {
        Some(keys) => keys.into_iter().map(IntoOrder::into_order).collect(),
        None => vec![(pomost_persistence::OrderKey::Name, pomost_domain::page::Direction::Ascending)],
    };
    let (limit, backward) = match (args.first, args.last) {
        (Some(_), Some(_)) => return bad("give either `first` or `last`, not both"),
        (Some(first), None) => (size("first", first)?, false),
        (None, Some(last)) => (size("last", last)?, true),
        (None, None) => (DEFAULT_PAGE, false),
    };
    let cursor = |name: &str, text: Option<String>| {
        text.map(|text| {
            let position = scope.decode(&text).filter(|position| Store::fits::<N::Fact>(&order, position));
            position.ok_or_else(|| {
                ApiError::BadInput(format!(
                    "`{name}` is no cursor of this list in this order: take it from `pageInfo` or `edges` of `{field}` \
                     with the same `orderBy`"
                ))
            })
        })
        .transpose()
    };
    let slice = Slice { limit, backward, after: cursor("after", args.after)?, before: cursor("before", args.before)? };
    Ok((Arc::new(Listing { key, filter, order, slice }), scope))
}

pub(crate) fn bad<T>(message: impl Into<String>) -> Result<T, ApiError> {
    Err(ApiError::BadInput(message.into()))
}

fn size(name: &str, given: i32) -> Result<u32, ApiError> {
    u32::try_from(given).ok().filter(|size| (1..=MAX_PAGE).contains(size)).ok_or_else(|| {
        ApiError::BadInput(format!("`{name}` is {given}: ask for 1 to {MAX_PAGE} records and page on with a cursor"))
    })
}

/// Filters may be nested in each other so deep: a database has a limit of its own, which it does not explain.
const MAX_NESTING: usize = 20;

/// Refuses an explicit `null` in a filter, which is neither "everything" nor "unknown", and what is nested too deep.
fn check_input(field: &SelectionField<'_>) -> Result<(), ApiError> {
    fn check(value: &Value, path: &str, level: usize) -> Result<(), String> {
        let check = |value: &Value, path: String| {
            if level > MAX_NESTING {
                return Err(format!(
                    "`{path:.60}…` is nested more than {MAX_NESTING} levels deep: ask with a simpler filter"
                ));
            }
            check(value, &path, level + 1)
        };
        match value {
            Value::Null => {
                Err(format!("`{path}` is null: leave it out, or ask for unknown values with `isNull: true`"))
            }
            Value::List(items) => {
                items.iter().enumerate().try_for_each(|(at, item)| check(item, format!("{path}[{at}]")))
            }
            Value::Object(members) => {
                members.iter().try_for_each(|(name, member)| check(member, format!("{path}.{name}")))
            }
            _ => Ok(()),
        }
    }
    let arguments = field.arguments().map_err(|error| ApiError::BadInput(error.message))?;
    let inputs = arguments.iter().filter(|(name, _)| name == "filter" || name == "orderBy");
    inputs.into_iter().try_for_each(|(name, value)| check(value, name, 1)).map_err(ApiError::BadInput)
}

/// The list that cursors belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope(u64);

/// FNV-1a: stable, so that cursors outlive a restart.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Scope {
    /// A position as an opaque text.
    fn encode(self, position: &Position) -> String {
        let keys = position.iter().map(|key| match key {
            KeyValue::Null => "-".to_owned(),
            KeyValue::Text(text) => format!("t{text}"),
            KeyValue::Date(day) => format!("d{day}"),
            KeyValue::Integer(number) => format!("n{number}"),
            KeyValue::Instant(micros) => format!("i{micros}"),
            KeyValue::Id(id) => format!("u{}", id.simple()),
        });
        let text: Vec<String> = std::iter::once(format!("{:x}", self.0)).chain(keys).collect();
        URL_SAFE_NO_PAD.encode(serde_json::to_string(&text).unwrap_or_default())
    }

    fn decode(self, text: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let parts: Vec<String> = serde_json::from_slice(&bytes).ok()?;
        let (scope, keys) = parts.split_first()?;
        if *scope != format!("{:x}", self.0) {
            return None;
        }
        keys.iter()
            .map(|key| {
                let mut chars = key.chars();
                let kind = chars.next()?;
                let rest = chars.as_str();
                Some(match kind {
                    '-' => KeyValue::Null,
                    't' => KeyValue::Text(rest.to_owned()),
                    'd' => KeyValue::Date(rest.parse().ok()?),
                    'n' => KeyValue::Integer(rest.parse().ok()?),
                    'i' => KeyValue::Instant(rest.parse().ok()?),
                    'u' => KeyValue::Id(rest.parse().ok()?),
                    _ => return None,
                })
            })
            .collect()
    }
}

type Counter = Arc<dyn for<'a> Fn(&'a Shelf) -> BoxFuture<'a, Result<u64, ApiError>> + Send + Sync>;

/// A page of a list (Relay Cursor Connections).
pub(crate) struct Connection<N: Shown> {
    page: Arc<Page<Arc<N::Fact>>>,
    scope: Scope,
    count: Counter,
}

impl<N: Shown> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Connection", N::NAME))
    }
}

/// A page of a list (Relay Cursor Connections).
#[Object(name_type)]
impl<N: Shown> Connection<N> {
    /// The records of the page, each with its cursor.
    async fn edges(&self) -> Vec<Edge<N>> {
        let edge = |(fact, position): &(Arc<N::Fact>, Position)| Edge {
            node: N::from(Arc::clone(fact)),
            position: position.clone(),
            scope: self.scope,
        };
        self.page.items.iter().map(edge).collect()
    }

    /// The records of the page, without cursors.
    async fn nodes(&self) -> Vec<N> {
        self.page.items.iter().map(|(fact, _)| N::from(Arc::clone(fact))).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        let cursor = |item: Option<&(_, Position)>| item.map(|(_, position)| self.scope.encode(position));
        PageInfo {
            has_previous_page: self.page.has_previous,
            has_next_page: self.page.has_next,
            start_cursor: cursor(self.page.items.first()),
            end_cursor: cursor(self.page.items.last()),
        }
    }

    /// How many records the whole list has under its filter. Counted only when selected, at the price of one more SQL
    /// statement; `null` only beside an error.
    #[graphql(directive = super::cost::cost::apply(super::cost::COUNT.to_owned()))]
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<u64, ApiError>> {
        Some((self.count)(ctx.shelf()).await)
    }
}

/// A record of a list with its cursor.
pub(crate) struct Edge<N: Shown> {
    node: N,
    position: Position,
    scope: Scope,
}

impl<N: Shown> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Edge", N::NAME))
    }
}

/// A record of a list with its cursor.
#[Object(name_type)]
impl<N: Shown> Edge<N> {
    /// Opaque place of the record in this list and order, for `after` and `before`. It survives inserts and deletions.
    async fn cursor(&self) -> String {
        self.scope.encode(&self.position)
    }

    /// The record.
    async fn node(&self) -> &N {
        &self.node
    }
}

/// A list at the root of the schema: one statement, one for each selected relation, one for the count if selected.
pub(crate) async fn root<N: Shown>(ctx: &Context<'_>, args: ArgsOf<N>) -> Result<Connection<N>, ApiError> {
    check_input(&ctx.field())?;
    let (listing, scope) = listing::<N>(args, ctx.field().name())?;
    let shelf = ctx.shelf();
    let look = Look(vec![ctx.look_ahead()]);
    let page = if look.wants_page() {
        let page = shelf.ask(Whole(Arc::clone(&listing))).await?.unwrap_or_default();
        let facts: Vec<_> = page.items.iter().map(|(fact, _)| Arc::clone(fact)).collect();
        shelf.put(&facts).await;
        fetch_all::<N>(shelf, look.nodes(), facts).await?;
        page
    } else {
        Arc::default()
    };
    let count: Counter = Arc::new(move |shelf| {
        let question = CountedWhole(Whole(Arc::clone(&listing)));
        Box::pin(async move { Ok(shelf.ask(question).await?.unwrap_or_default()) })
    });
    Ok(Connection { page, scope, count })
}

/// A list under a record.
pub(crate) async fn under<R, N>(
    ctx: &Context<'_>,
    parent: Id<R::Parent>,
    args: ArgsOf<N>,
) -> Result<Connection<N>, ApiError>
where
    R: Relation<Child = N::Fact>,
    N: Shown,
{
    check_input(&ctx.field())?;
    let (listing, scope) = listing::<N>(args, &list_name::<R>(ctx.field().name()))?;
    let under = Under::<R> { parent, listing };
    let wanted = Look(vec![ctx.look_ahead()]).wants_page();
    let page = if wanted { ctx.shelf().find(under.clone()).await?.unwrap_or_default() } else { Arc::default() };
    let count: Counter = Arc::new(move |shelf| {
        let question = Counted(under.clone());
        Box::pin(async move { Ok(shelf.find(question).await?.unwrap_or_default()) })
    });
    Ok(Connection { page, scope, count })
}

/// A list of the records that have a text in a field; `list` names it.
pub(crate) async fn within<N: Shown>(
    ctx: &Context<'_>,
    field: <N::Fact as Fact>::Field,
    text: String,
    list: &str,
    args: ArgsOf<N>,
) -> Result<Connection<N>, ApiError> {
    check_input(&ctx.field())?;
    let (listing, scope) = listing::<N>(args, list)?;
    let within = Within { field, text, listing };
    let wanted = Look(vec![ctx.look_ahead()]).wants_page();
    let page = if wanted { ctx.shelf().find(within.clone()).await?.unwrap_or_default() } else { Arc::default() };
    let count: Counter = Arc::new(move |shelf| {
        let question = CountedWithin(within.clone());
        Box::pin(async move { Ok(shelf.find(question).await?.unwrap_or_default()) })
    });
    Ok(Connection { page, scope, count })
}

/// Reads the lists, named `list`, of the records that have one of these texts in a field, and what their selected fields
/// need: one statement, one for the counts if selected. `look` is at what holds the lists, `name` their field there.
pub(crate) async fn stock_within<N: Shown>(
    shelf: &Shelf,
    look: Look<'_>,
    name: &str,
    list: &str,
    field: <N::Fact as Fact>::Field,
    texts: &[String],
) -> Result<(), ApiError> {
    if texts.is_empty() {
        return Ok(());
    }
    for (listing, look) in look.questions::<N>(name, list) {
        let within = |text: &String| Within { field, text: text.clone(), listing: Arc::clone(&listing) };
        let pages: Vec<Within<N::Fact>> = texts.iter().map(within).collect();
        if look.field("totalCount").exists() {
            shelf.stock_all(&pages.iter().cloned().map(CountedWithin).collect::<Vec<_>>()).await?;
        }
        if look.wants_page() {
            let facts = facts_of(&shelf.stock_all(&pages).await?);
            fetch_all::<N>(shelf, look.nodes(), facts).await?;
        }
    }
    Ok(())
}

/// The question about the page under each of several parents.
fn under_each<R: Relation>(parents: Vec<Id<R::Parent>>, listing: &Arc<Listing<R::Child>>) -> Vec<Under<R>> {
    parents.into_iter().map(|parent| Under { parent, listing: Arc::clone(listing) }).collect()
}

fn facts_of<T>(pages: &[Arc<Page<Arc<T>>>]) -> Vec<Arc<T>> {
    pages.iter().flat_map(|page| page.items.iter().map(|(fact, _)| Arc::clone(fact))).collect()
}

fn list_name<R: Relation>(field: &str) -> String {
    format!("{}.{field}", pomost_domain::Vocabulary::label(R::Parent::KIND))
}

/// A record and what its selected fields need.
pub(crate) async fn seen<N: Shown>(ctx: &Context<'_>, fact: Option<Arc<N::Fact>>) -> Result<Option<N>, ApiError> {
    let Some(fact) = fact else { return Ok(None) };
    fetch_all::<N>(ctx.shelf(), Look(vec![ctx.look_ahead()]), vec![Arc::clone(&fact)]).await?;
    Ok(Some(fact.into()))
}

/// Selected fields, seen from above. The same field may be selected in several places.
pub(crate) struct Look<'a>(pub(crate) Vec<Lookahead<'a>>);

impl<'a> Look<'a> {
    pub(crate) fn field(&self, name: &str) -> Self {
        Self(self.0.iter().map(|look| look.field(name)).filter(Lookahead::exists).collect())
    }

    /// The selected fields of the records of a connection.
    fn nodes(&self) -> Self {
        let edges = self.field("edges").field("node");
        Self(self.field("nodes").0.into_iter().chain(edges.0).collect())
    }

    /// The same fields, to look at once more.
    pub(crate) fn again(&self) -> Self {
        Self(self.selections().into_iter().map(Lookahead::from).collect())
    }

    /// What is asked of a connection. Aliases with other arguments are other questions.
    fn questions<N: Shown>(&self, field: &str, list: &str) -> Vec<(Arc<Listing<N::Fact>>, Look<'a>)> {
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
    fn wants_page(&self) -> bool {
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
            self.work.push(Box::pin(async move { super::country::stock(shelf, look, codes).await }));
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
            let before = Option::<super::change::ChangeCursor>::parse(value("before"));
            let (Ok(first), Ok(before)) = (first, before) else { continue };
            let Ok(like) = super::change::history_of(uuid::Uuid::nil(), first, before) else { continue };
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
                super::node::stock(shelf, cited, look.field(below)).await
            }));
        }
    }
}

/// The records of a list of references.
pub(crate) async fn listed<R, N>(ctx: &Context<'_>, parent: Id<R::Parent>) -> Result<Vec<N>, ApiError>
where
    R: Relation<Child = N::Fact>,
    N: Shown,
{
    let list = linked::<R>(ctx, parent).await?;
    Ok(list.iter().map(|linked| N::from(Arc::clone(&linked.fact))).collect())
}

/// A list of references, with what belongs to each.
pub(crate) async fn linked<R: Relation>(
    ctx: &Context<'_>,
    parent: Id<R::Parent>,
) -> Result<Arc<Vec<Linked<R::Child>>>, ApiError>
where
    R::Child: Stored,
{
    Ok(ctx.shelf().find(Listed::<R>(parent)).await?.unwrap_or_default())
}

/// The record of a reference, if there is one and it can be seen.
pub(crate) async fn one<N: Shown>(ctx: &Context<'_>, id: Option<Id<N::Fact>>) -> Result<Option<N>, ApiError> {
    match id {
        Some(id) => Ok(ctx.shelf().find(id).await?.map(N::from)),
        None => Ok(None),
    }
}

/// How a list can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "OrderDirection", remote = "pomost_domain::page::Direction")]
pub(crate) enum OrderDirection {
    /// Smallest, earliest or first in the alphabet first; unknown values last.
    #[graphql(name = "ASC")]
    Ascending,
    /// Largest, latest or last in the alphabet first; unknown values last.
    #[graphql(name = "DESC")]
    Descending,
}

//! Lists: arguments and connections; `cursor` has their cursors, `plan` the prefetching that keeps statements at one per level.

mod cursor;
mod plan;

use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::{Context, InputType, InputValueError, Object, OutputType, SelectionField, TypeName, Value};
use futures_util::future::BoxFuture;
use pomost_domain::link::Relation;
use pomost_domain::page::{DEFAULT_PAGE, MAX_PAGE, Page, Position, Slice};
use pomost_domain::{Fact, Id};
use pomost_persistence::{Filter, Linked, Order, Store, Stored};

use cursor::{NoCursor, Scope};
pub(crate) use plan::{Look, Plan, fetch_all};

use crate::error::ApiError;
use crate::shelf::{Counted, CountedWhole, CountedWithin, Listed, Listing, Shelf, ShelfOf, Under, Whole, Within};

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

/// The order of a list without `orderBy`.
const BY_NAME: &str = "NAME ASC";

/// An order in the names of the schema, which stay when those of the program change.
fn order_text<O: InputType>(keys: &[O]) -> String {
    let word = |value: &Value| match value {
        Value::Enum(name) => name.to_string(),
        other => other.to_string(),
    };
    let key = |key: &O| match key.to_value() {
        Value::Object(members) => members.values().map(word).collect::<Vec<_>>().join(" "),
        other => word(&other),
    };
    keys.iter().map(key).collect::<Vec<_>>().join(", ")
}

/// What the arguments of a list ask of the store. `field` names the list, to which its cursors belong.
fn listing<N: Shown>(args: ArgsOf<N>, field: &str) -> Result<Question<N>, ApiError> {
    let scope = Scope::of(field, &args.order_by.as_deref().map_or_else(|| BY_NAME.to_owned(), order_text));
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
        text.map(|text| match scope.decode(&text) {
            Ok(position) if Store::fits::<N::Fact>(&order, &position) => Ok(position),
            Err(NoCursor::OtherForm) => bad(format!(
                "`{name}` is a cursor of another version of this registry: read `{field}` from its first page, and take \
                 the new cursors from there"
            )),
            Ok(_) | Err(NoCursor::OtherList) => bad(format!(
                "`{name}` is no cursor of this list in this order: take it from `pageInfo` or `edges` of `{field}` with \
                 the same `orderBy`"
            )),
        })
        .transpose()
    };
    let slice = Slice { limit, backward, after: cursor("after", args.after)?, before: cursor("before", args.before)? };
    let key = format!("{} {:032x} {order:?} {slice:?}", N::NAME, filter.tree().key()).into();
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

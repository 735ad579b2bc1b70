//! Lists of records (Relay Cursor Connections): their arguments, their pages and their counts.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::parser::types::Field as FieldSelection;
use async_graphql::registry::{MetaField, Registry};
use async_graphql::resolver_utils::{resolve_container, resolve_simple_field_value};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, InputType, Name, OutputType, Positioned, SelectionField, ServerResult,
    Value,
};
use futures_util::future::{BoxFuture, try_join_all};
use pomost_domain::page::{DEFAULT_PAGE, Direction, MAX_PAGE, Position, Slice};
use pomost_persistence::{Filter, Order, OrderKey, Store};

use super::cost;
use super::cursor::{NoCursor, Scope};
use super::definition::{cost_of, enumeration, field, input, input_object, object, priced, register, sized, value};
use super::filter::{condition, filter_type};
use super::prefetch::{Look, prefetch_all};
use super::record::AnyRecord;
use super::shown::{Entity, List};
use crate::error::ApiError;
use crate::loader::{HasLoader, Listing, Load, Loaded, Loader, Place, Record, Records};

/// The arguments of a field, with the values of variables in them.
type Arguments = [(Name, Value)];

fn argument<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a Value> {
    // `null` is what is not given.
    arguments.iter().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| **value != Value::Null)
}

/// An order in the names of the schema, which stay when those of the program change.
fn order_text(keys: &[(String, Direction)]) -> String {
    let word = |direction: &Direction| if *direction == Direction::Descending { "DESC" } else { "ASC" };
    keys.iter().map(|(name, direction)| format!("{name} {}", word(direction))).collect::<Vec<_>>().join(", ")
}

/// The keys that every order has.
const SHARED_KEYS: [(&str, OrderKey, &str); 4] = [
    ("NAME", OrderKey::Name, "Name or title, without case and diacritics."),
    ("SLUG", OrderKey::Slug, "Readable name in addresses."),
    ("CREATED_AT", OrderKey::CreatedAt, "When the record was first written to this registry."),
    ("UPDATED_AT", OrderKey::UpdatedAt, "When the record was last written to this registry."),
];

/// The keys of an order by their names in the schema; by name, if none is given.
fn order_keys(order_by: Option<&Value>) -> Vec<(String, Direction)> {
    let key = |value: &Value| {
        let Value::Object(members) = value else { return None };
        let word = |name: &str| match members.get(name)? {
            Value::Enum(word) => Some(word.to_string()),
            Value::String(word) => Some(word.clone()),
            _ => None,
        };
        let is_down = word("direction").is_some_and(|direction| direction == "DESC");
        Some((word("field")?, if is_down { Direction::Descending } else { Direction::Ascending }))
    };
    match order_by {
        Some(Value::List(keys)) => keys.iter().filter_map(key).collect(),
        Some(one) => key(one).into_iter().collect(),
        None => vec![("NAME".to_owned(), Direction::Ascending)],
    }
}

fn order(entity: &Entity, keys: &[(String, Direction)]) -> Order {
    let key = |name: &str| {
        let shared = SHARED_KEYS.iter().find(|(known, ..)| *known == name).map(|(_, key, _)| *key);
        let own = || entity.orders().find(|order| order.name == name).map(|order| OrderKey::Field(order.field));
        shared.or_else(own)
    };
    keys.iter().filter_map(|(name, direction)| Some((key(name)?, *direction))).collect()
}

/// The arguments of a list, ready for the store. `field` names the list, to which its cursors belong.
pub(super) fn listing(entity: &Entity, arguments: &Arguments, field: &str) -> Result<(Arc<Listing>, Scope), ApiError> {
    let filtered_as = entity.filtered_as();
    let keys = order_keys(argument(arguments, "orderBy"));
    let scope = Scope::of(field, &order_text(&keys));
    let order = order(filtered_as, &keys);
    let filter = argument(arguments, "filter").map(|filter| condition(filtered_as, filter)).transpose()?;
    let filter = Filter::all([(entity.base)()].into_iter().chain(filter));
    let number = |name: &str| -> Result<Option<i32>, ApiError> {
        argument(arguments, name).map(|value| read(name, value)).transpose()
    };
    let (limit, backward) = match (number("first")?, number("last")?) {
        (Some(_), Some(_)) => return bad("give either `first` or `last`, not both"),
        (Some(first), None) => (size("first", first)?, false),
        (None, Some(last)) => (size("last", last)?, true),
        (None, None) => (DEFAULT_PAGE, false),
    };
    let cursor = |name: &str| {
        let Some(text) = argument(arguments, name) else { return Ok(None) };
        let text: String = read(name, text)?;
        match scope.decode(&text) {
            Ok(position) if Store::fits(entity.mapping(), &order, &position) => Ok(Some(position)),
            Err(NoCursor::OtherForm) => bad(format!(
                "`{name}` is a cursor of another version of this registry: read `{field}` from its first page, and take \
                 the new cursors from there"
            )),
            Ok(_) | Err(NoCursor::OtherList) => bad(format!(
                "`{name}` is no cursor of this list in this order: take it from `pageInfo` or `edges` of `{field}` with \
                 the same `orderBy`"
            )),
        }
    };
    let slice = Slice { limit, backward, after: cursor("after")?, before: cursor("before")? };
    let key = format!("{} {:032x} {order:?} {slice:?}", entity.name, filter.key()).into();
    Ok((Arc::new(Listing { key, filter, order, slice }), scope))
}

fn read<T: InputType>(name: &str, value: &Value) -> Result<T, ApiError> {
    T::parse(Some(value.clone())).map_err(|_| ApiError::BadInput(format!("`{name}` is {value}, which it cannot be")))
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
fn check_input(arguments: &Arguments) -> Result<(), ApiError> {
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
    let inputs = arguments.iter().filter(|(name, _)| name == "filter" || name == "orderBy");
    inputs.into_iter().try_for_each(|(name, value)| check(value, name, 1)).map_err(ApiError::BadInput)
}

/// A page of a list, and how its count is found.
pub(crate) struct Connection {
    entity: &'static Entity,
    page: Arc<Records>,
    scope: Scope,
    count: Load,
    /// Whether the page above has primed the loader with the count.
    is_primed: bool,
}

impl Connection {
    fn record(&self, record: &Record) -> AnyRecord {
        AnyRecord { entity: self.entity, record: Arc::clone(record) }
    }

    fn page_info(&self) -> PageInfo {
        let cursor = |item: Option<&(_, Position)>| item.map(|(_, position)| self.scope.encode(position));
        PageInfo {
            has_previous_page: self.page.has_previous,
            has_next_page: self.page.has_next,
            start_cursor: cursor(self.page.items.first()),
            end_cursor: cursor(self.page.items.last()),
        }
    }

    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, ApiError> {
        let (loader, load) = (ctx.loader(), self.count.clone());
        let count = if self.is_primed { loader.find(load).await? } else { loader.load(load).await? };
        Ok(count.and_then(Loaded::count).unwrap_or_default())
    }

    /// Answers the field that it is the value of.
    pub(crate) async fn answer(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let set = ctx.with_selection_set(&ctx.item.node.selection_set);
        resolve_container(&set, self).await.map(Some)
    }
}

impl OutputType for Connection {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Connection")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(connection_name(self.entity))
    }

    fn create_type_info(_: &mut Registry) -> String {
        <Self as OutputType>::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<FieldSelection>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ContainerType for Connection {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match ctx.item.node.name.node.as_str() {
            "edges" => {
                let edges =
                    self.page.items.iter().map(|(record, position)| Edge { connection: self, record, position });
                resolve_each(ctx, edges).await
            }
            "nodes" => resolve_each(ctx, self.page.items.iter().map(|(record, _)| self.record(record))).await,
            "pageInfo" => resolve_simple_field_value(ctx, &self.page_info()).await,
            "totalCount" => resolve_simple_field_value(ctx, &Some(self.total_count(ctx).await)).await,
            _ => Ok(None),
        }
    }
}

/// Answers a field with a list. An error keeps the path of the field that failed, which the list of the library shortens.
async fn resolve_each<O: OutputType>(ctx: &Context<'_>, items: impl Iterator<Item = O>) -> ServerResult<Option<Value>> {
    let set = ctx.with_selection_set(&ctx.item.node.selection_set);
    let resolve = |(index, item): (usize, O)| {
        let set = set.clone();
        async move { item.resolve(&set.with_index(index), ctx.item).await }
    };
    Ok(Some(Value::List(try_join_all(items.enumerate().map(resolve)).await?)))
}

/// A record of a list with its cursor.
struct Edge<'a> {
    connection: &'a Connection,
    record: &'a Record,
    position: &'a Position,
}

impl OutputType for Edge<'_> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Edge")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(edge_name(self.connection.entity))
    }

    fn create_type_info(_: &mut Registry) -> String {
        <Self as OutputType>::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<FieldSelection>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ContainerType for Edge<'_> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match ctx.item.node.name.node.as_str() {
            "cursor" => resolve_simple_field_value(ctx, &self.connection.scope.encode(self.position)).await,
            "node" => {
                let set = ctx.with_selection_set(&ctx.item.node.selection_set);
                self.connection.record(self.record).resolve(&set, ctx.item).await.map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn connection_name(entity: &Entity) -> String {
    format!("{}Connection", entity.name)
}

fn edge_name(entity: &Entity) -> String {
    format!("{}Edge", entity.name)
}

fn edge_type(registry: &mut Registry, entity: &Entity) -> String {
    register(registry, edge_name(entity), |registry, name| {
        let cursor = "Opaque place of the record in this list and order, for `after` and `before`. It survives inserts and \
            deletions.";
        let fields = vec![
            field("cursor", <String as OutputType>::create_type_info(registry), cursor),
            field("node", (entity.type_info)(registry), "The record."),
        ];
        object(name, "A record of a list with its cursor.", fields)
    })
}

fn connection_type(registry: &mut Registry, entity: &Entity) -> String {
    register(registry, connection_name(entity), |registry, name| {
        let mut count = field("totalCount", "Int", TOTAL_COUNT);
        count.directive_invocations.push(cost_of(registry, cost::COUNT));
        let edges = format!("[{}!]!", edge_type(registry, entity));
        let fields = vec![
            field("edges", edges, "The records of the page, each with its cursor."),
            field("nodes", format!("[{}]!", (entity.type_info)(registry)), "The records of the page, without cursors."),
            field("pageInfo", PageInfo::create_type_info(registry), "Where the page stands in the list."),
            count,
        ];
        object(name, "A page of a list (Relay Cursor Connections).", fields)
    })
}

const TOTAL_COUNT: &str = "How many records the whole list has under its filter. Counted only when selected, at the price of \
    one more SQL statement; `null` only beside an error.";

fn order_type(registry: &mut Registry, entity: &Entity) -> String {
    let keys = register(registry, format!("{}OrderField", entity.name), |registry, name| {
        let mut values: Vec<_> = SHARED_KEYS.iter().map(|(name, _, doc)| value(name, doc)).collect();
        for order in entity.orders() {
            let mut value = value(order.name, order.doc);
            value.directive_invocations.extend(order.cost.map(|points| cost_of(registry, points)));
            values.push(value);
        }
        enumeration(name, "What a list is ordered by. Unknown values are last in both directions.", values)
    });
    register(registry, format!("{}Order", entity.name), |registry, name| {
        let key = input("field", format!("{keys}!"), "What is compared.");
        let mut direction =
            input("direction", <OrderDirection as InputType>::create_type_info(registry), "Which end comes first.");
        direction.default_value = Some("ASC".to_owned());
        let members = vec![priced(registry, key, cost::ORDER), direction];
        let doc =
            "A key of an order. Several keys go from the most significant to the least; the id completes every order.";
        input_object(name, doc, members)
    })
}

/// The field that is a list of records of a type.
pub(crate) fn list_field(registry: &mut Registry, name: &str, description: &str, entity: &'static Entity) -> MetaField {
    let mut list = field(name, format!("{}!", connection_type(registry, entity)), description);
    sized(registry, &mut list);
    let filtered_as = entity.filtered_as();
    let filter = input("filter", filter_type(registry, filtered_as), "Only records that meet this.");
    let arguments = [
        input(
            "first",
            "Int",
            "How many records from the start, 1 to 100; 20 when neither `first` nor `last` is given.",
        ),
        input("after", "String", "Only records after this cursor."),
        input("last", "Int", "How many records from the end, 1 to 100."),
        input("before", "String", "Only records before this cursor."),
        priced(registry, filter, cost::FILTER),
        input(
            "orderBy",
            format!("[{}!]", order_type(registry, filtered_as)),
            "Order of the list; by name when it is not given.",
        ),
    ];
    list.args = arguments.into_iter().map(|argument| (argument.name.clone(), argument)).collect();
    list
}

fn arguments_of(field: &SelectionField<'_>) -> Result<Vec<(Name, Value)>, ApiError> {
    field.arguments().map_err(|error| ApiError::BadInput(error.message))
}

/// A list at the root of the schema: one statement, one for each selected relation, one for the count if selected.
pub(crate) async fn root(ctx: &Context<'_>, entity: &'static Entity) -> Result<Connection, ApiError> {
    let arguments = arguments_of(&ctx.field())?;
    check_input(&arguments)?;
    let (listing, scope) = listing(entity, &arguments, ctx.field().name())?;
    let place = Place::Root(entity.mapping());
    let look = Look(vec![ctx.look_ahead()]);
    let page = if look.wants_page() {
        let loader = ctx.loader();
        let loaded = loader.load(Load::Page(place.clone(), Arc::clone(&listing))).await?;
        let page = loaded.and_then(Loaded::page).unwrap_or_default();
        let records: Vec<_> = page.items.iter().map(|(record, _)| Arc::clone(record)).collect();
        loader.prime(entity.mapping(), &records).await;
        prefetch_all(loader, entity, look.nodes(), records).await?;
        page
    } else {
        Arc::default()
    };
    Ok(Connection { entity, page, scope, count: Load::Count(place, listing), is_primed: false })
}

/// A list that the page above has primed; `list` names it.
pub(crate) async fn primed(
    ctx: &Context<'_>,
    entity: &'static Entity,
    place: Place,
    list: &str,
) -> Result<Connection, ApiError> {
    let arguments = arguments_of(&ctx.field())?;
    check_input(&arguments)?;
    let (listing, scope) = listing(entity, &arguments, list)?;
    let page = if Look(vec![ctx.look_ahead()]).wants_page() {
        let loaded = ctx.loader().find(Load::Page(place.clone(), Arc::clone(&listing))).await?;
        loaded.and_then(Loaded::page).unwrap_or_default()
    } else {
        Arc::default()
    };
    Ok(Connection { entity, page, scope, count: Load::Count(place, listing), is_primed: true })
}

/// Reads the lists, named `list`, at several places, and the records that their selected fields show: one statement, one for
/// the counts if selected. `look` is at the records that hold the lists, `name` their field there.
pub(crate) async fn load_lists(
    loader: &Loader,
    look: Look<'_>,
    (name, list): (&str, &str),
    entity: &'static Entity,
    places: Vec<Place>,
) -> Result<(), ApiError> {
    if places.is_empty() {
        return Ok(());
    }
    for (listing, look) in look.listings(name, list, entity) {
        load_pages(loader, look, entity, &listing, places.clone()).await?;
    }
    Ok(())
}

/// Reads one page at each of several places, and the records that their selected fields show.
pub(super) fn load_pages<'a>(
    loader: &'a Loader,
    look: Look<'a>,
    entity: &'static Entity,
    listing: &Arc<Listing>,
    places: Vec<Place>,
) -> BoxFuture<'a, Result<(), ApiError>> {
    let listing = Arc::clone(listing);
    Box::pin(async move {
        if look.field("totalCount").exists() {
            let counts: Vec<Load> =
                places.iter().map(|place| Load::Count(place.clone(), Arc::clone(&listing))).collect();
            loader.load_all(&counts).await?;
        }
        if look.wants_page() {
            let pages: Vec<Load> = places.into_iter().map(|place| Load::Page(place, Arc::clone(&listing))).collect();
            let pages = loader.load_all(&pages).await?.into_iter().filter_map(Loaded::page);
            let records =
                pages.flat_map(|page| page.items.iter().map(|(record, _)| Arc::clone(record)).collect::<Vec<_>>());
            prefetch_all(loader, entity, look.nodes(), records.collect()).await?;
        }
        Ok(())
    })
}

/// The name of a list under a record, to which its cursors belong.
pub(super) fn list_name(list: &List) -> String {
    format!("{}.{}", pomost_domain::Vocabulary::label((list.way.walk)().parent()), list.name)
}

/// The value of a field that is a list under a record, if it is one of a type.
pub(crate) async fn list_of(ctx: &Context<'_>, entity: &'static Entity, id: uuid::Uuid) -> ServerResult<Option<Value>> {
    let name = ctx.item.node.name.node.as_str();
    let Some(list) = entity.lists.iter().find(|list| list.name == name) else { return Ok(None) };
    let place = Place::Under((list.way.walk)(), id);
    let connection = primed(ctx, (list.way.to)(), place, &list_name(list)).await;
    connection.map_err(|error| field_error(ctx, error))?.answer(ctx).await
}

/// An error of the field that is being answered.
pub(crate) fn field_error(ctx: &Context<'_>, error: ApiError) -> async_graphql::ServerError {
    ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos))
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

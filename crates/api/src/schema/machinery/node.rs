//! Global ids, and the records behind them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Field as FieldSelection;
use async_graphql::registry::Registry;
use async_graphql::{Context, ContextSelectionSet, ID, Object, OutputType, Positioned, ServerResult, Value};
use pomost_domain::id::Kind;
use pomost_domain::{Country, GlobalId, Vocabulary};
use pomost_persistence::Store;
use uuid::Uuid;

use super::connection::bad;
use super::definition::interface;
use super::prefetch::{Look, prefetch_all};
use super::record::{AnyRecord, Shared, fields_of};
use super::shown::{Entity, entity};
use crate::error::ApiError;
use crate::loader::{HasLoader, Load, Loaded, Loader};
use crate::schema::entity::deadline_rule::DeadlineRule;
use crate::schema::entity::{Council, RECORDS, VIEWS, country};

/// The types that show the records of one kind.
pub(crate) fn records() -> impl Iterator<Item = &'static Entity> {
    RECORDS.iter().map(|entity| entity())
}

/// The types that show records, one kind or several.
pub(crate) fn entities() -> impl Iterator<Item = &'static Entity> {
    RECORDS.iter().chain(VIEWS).map(|entity| entity())
}

/// The type that shows the records of a kind.
pub(crate) fn of_kind(kind: Kind) -> Option<&'static Entity> {
    records().find(|entity| entity.kind == kind)
}

/// Anything that has a global id. To clients it is the interface `Node` (Relay Object Identification).
#[derive(Clone)]
pub(crate) enum Node {
    Record(AnyRecord),
    Country(country::Country),
    DeadlineRule(DeadlineRule),
}

impl OutputType for Node {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Node")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        match self {
            Self::Record(record) => record.introspection_type_name(),
            Self::Country(country) => country.introspection_type_name(),
            Self::DeadlineRule(rule) => rule.introspection_type_name(),
        }
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = super::definition::register(registry, "Node".to_owned(), |registry, name| {
            let fields: IndexMap<_, _> =
                fields_of::<Shared>(registry).into_iter().filter(|(name, _)| name == "id").collect();
            let mut types: Vec<String> =
                records().chain([entity::<Council>()]).map(|entity| (entity.type_info)(registry)).collect();
            types.push(<country::Country as OutputType>::create_type_info(registry));
            types.push(<DeadlineRule as OutputType>::create_type_info(registry));
            let types = types.iter().map(|ty| ty.trim_end_matches('!').to_owned());
            let doc = "Anything that has a global id (Relay Object Identification).";
            interface(registry, name, doc, fields, types)
        });
        format!("{name}!")
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<FieldSelection>) -> ServerResult<Value> {
        match self {
            Self::Record(record) => record.resolve(ctx, field).await,
            Self::Country(country) => country.resolve(ctx, field).await,
            Self::DeadlineRule(rule) => rule.resolve(ctx, field).await,
        }
    }
}

fn decode(id: &ID) -> Option<GlobalId> {
    GlobalId::parse(id.as_str())
}

/// The record behind a global id, if it is one.
pub(crate) fn raw(id: &ID) -> Option<Uuid> {
    match decode(id)? {
        GlobalId::Record(_, raw) | GlobalId::Council(raw) => Some(raw),
        GlobalId::Country(_) | GlobalId::DeadlineRule(_) | GlobalId::Unknown => None,
    }
}

/// The kind of the record behind a global id, if it is one.
pub(crate) fn kind(id: &ID) -> Option<Kind> {
    record_of(id).map(|(kind, _)| kind)
}

/// The kind and the raw id of the record behind a global id, if it is one.
pub(crate) fn record_of(id: &ID) -> Option<(Kind, Uuid)> {
    decode(id)?.record()
}

/// The global id of a record.
pub(crate) fn id_of(kind: Kind, raw: Uuid) -> ID {
    ID(GlobalId::of_record(kind, raw))
}

/// The global id of a council, which is an organization in another light.
pub(crate) fn council_id(raw: Uuid) -> ID {
    ID(GlobalId::of_council(raw))
}

/// The global id of a country.
pub(crate) fn country_id(code: &str) -> ID {
    ID(GlobalId::of_country(code))
}

/// The global id of a deadline rule.
pub(crate) fn deadline_rule_id(slug: &str) -> ID {
    ID(GlobalId::of_deadline_rule(slug))
}

fn not_an_id<T>(id: &ID) -> Result<T, ApiError> {
    bad(format!("{:?} is not an id: take ids from the `id` fields of this API", id.as_str()))
}

/// The id behind the global id of a record of one of these kinds.
pub(crate) fn raw_id(id: &ID, kinds: &[Kind]) -> Result<Uuid, ApiError> {
    let names = || kinds.iter().map(|kind| format!("a {}", words(*kind))).collect::<Vec<_>>().join(" or ");
    match decode(id) {
        Some(GlobalId::Record(kind, raw)) if kinds.contains(&kind) => Ok(raw),
        Some(GlobalId::Record(kind, _)) => {
            bad(format!("{:?} is the id of a {}, not of {}", id.as_str(), words(kind), names()))
        }
        Some(_) => bad(format!("{:?} is not the id of {}", id.as_str(), names())),
        None => not_an_id(id),
    }
}

/// The id of the organization behind the global id of a council.
pub(crate) fn raw_council_id(id: &ID) -> Result<Uuid, ApiError> {
    match decode(id) {
        Some(GlobalId::Council(raw)) => Ok(raw),
        Some(_) => bad(format!("{:?} is not the id of a council", id.as_str())),
        None => not_an_id(id),
    }
}

/// A kind in words.
pub(crate) fn words(kind: Kind) -> String {
    kind.label().replace('_', " ")
}

/// Records of one type by their ids, and the records that their selected fields show. One statement.
async fn load_all(
    loader: &Loader,
    entity: &'static Entity,
    ids: &[Uuid],
    look: Look<'_>,
) -> Result<HashMap<Uuid, AnyRecord>, ApiError> {
    let records = loader.load_records(entity.mapping(), ids.iter().copied().collect()).await?;
    prefetch_all(loader, entity, look, records.clone()).await?;
    Ok(records.into_iter().map(|record| (record.shared().id, AnyRecord { entity, record })).collect())
}

/// Reads records of several kinds and primes the loader with them, and with the records that their selected fields show. One
/// statement for each kind among them.
pub(crate) async fn load(loader: &Loader, wanted: Vec<(Kind, Uuid)>, look: Look<'_>) -> Result<(), ApiError> {
    let mut by_kind: BTreeMap<Kind, Vec<Uuid>> = BTreeMap::new();
    for (kind, raw) in wanted.into_iter().filter(|_| look.exists()) {
        by_kind.entry(kind).or_default().push(raw);
    }
    for (kind, ids) in by_kind {
        if let Some(entity) = of_kind(kind) {
            load_all(loader, entity, &ids, look.again()).await?;
        }
    }
    Ok(())
}

/// A record of any kind that a page has primed.
pub(crate) async fn primed(loader: &Loader, kind: Kind, raw: Uuid) -> Result<Option<Node>, ApiError> {
    let Some(entity) = of_kind(kind) else { return Ok(None) };
    let record = loader.find(Load::Record(entity.mapping(), raw)).await?.and_then(Loaded::record);
    Ok(record.map(|record| Node::Record(AnyRecord { entity, record })))
}

/// A single record of any kind, and the records that its selected fields show. One statement, and those of the fields.
pub(crate) async fn record(
    loader: &Loader,
    kind: Kind,
    raw: Uuid,
    look: Look<'_>,
) -> Result<Option<AnyRecord>, ApiError> {
    let Some(entity) = of_kind(kind) else { return Ok(None) };
    one(loader, entity, raw, look).await
}

/// A single record of a type, and the records that its selected fields show. One statement, and those of the fields.
pub(crate) async fn one(
    loader: &Loader,
    entity: &'static Entity,
    raw: Uuid,
    look: Look<'_>,
) -> Result<Option<AnyRecord>, ApiError> {
    let record = loader.load_records(entity.mapping(), HashSet::from([raw])).await?.pop();
    prefetch_all(loader, entity, look, record.iter().cloned().collect()).await?;
    Ok(record.map(|record| AnyRecord { entity, record }))
}

/// A single record, with nothing read for its fields. One statement.
pub(crate) async fn bare(store: &Store, kind: Kind, raw: Uuid) -> Result<Option<Node>, ApiError> {
    let loader = Loader::new(store.clone());
    Ok(record(&loader, kind, raw, Look(Vec::new())).await?.map(Node::Record))
}

/// The node behind an id, or a description of the fault of the id.
pub(crate) type Found = Option<Result<Node, ApiError>>;

/// The nodes behind ids, in their order. One statement for each kind among them, and those of the selected fields.
pub(crate) async fn find(ctx: &Context<'_>, ids: &[ID], look: &Look<'_>) -> Result<Vec<Found>, ApiError> {
    let loader = ctx.loader();
    let known: Vec<Option<GlobalId>> = ids.iter().map(decode).collect();
    let mut by_kind: BTreeMap<Kind, Vec<Uuid>> = BTreeMap::new();
    let mut councils = Vec::new();
    let mut rules = Vec::new();
    let mut countries = Vec::new();
    for known in known.iter().flatten() {
        match known {
            GlobalId::Record(kind, raw) => by_kind.entry(*kind).or_default().push(*raw),
            GlobalId::Council(raw) => councils.push(*raw),
            GlobalId::DeadlineRule(_) if rules.is_empty() => rules = loader.store().deadline_rules().await?,
            GlobalId::DeadlineRule(_) | GlobalId::Unknown => {}
            GlobalId::Country(code) => countries.extend(Country::by_code(code).map(|country| country.code)),
        }
    }
    country::load(loader, look.again(), countries).await?;
    country::load(loader, look.field("country"), rules.iter().map(|rule| rule.country)).await?;
    let mut found: HashMap<Kind, HashMap<Uuid, AnyRecord>> = HashMap::new();
    for (kind, raw) in by_kind {
        if let Some(entity) = of_kind(kind) {
            found.insert(kind, load_all(loader, entity, &raw, look.again()).await?);
        }
    }
    let councils = load_all(loader, entity::<Council>(), &councils, look.again()).await?;
    let node = |(known, id): (Option<GlobalId>, &ID)| match known {
        Some(GlobalId::Record(kind, raw)) => found.get(&kind)?.get(&raw).cloned().map(Node::Record).map(Ok),
        Some(GlobalId::Council(raw)) => councils.get(&raw).cloned().map(Node::Record).map(Ok),
        Some(GlobalId::Country(code)) => {
            Country::by_code(&code).map(|country| Ok(Node::Country(country::Country(country))))
        }
        Some(GlobalId::DeadlineRule(slug)) => {
            rules.iter().find(|rule| rule.slug == slug).map(|rule| Ok(Node::DeadlineRule(DeadlineRule(rule.clone()))))
        }
        Some(GlobalId::Unknown) => None,
        None => Some(not_an_id(id)),
    };
    Ok(known.into_iter().zip(ids).map(node).collect())
}

/// The most ids that `nodes` takes.
const MAX_NODES: usize = 100;

#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Any public record by its global id. `null` when there is none; an id that was not issued by this API is an error.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the record.")] id: ID,
    ) -> Option<Result<Node, ApiError>> {
        let look = Look(vec![ctx.look_ahead()]);
        match find(ctx, std::slice::from_ref(&id), &look).await {
            Ok(mut found) => found.pop().flatten(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Public records by their global ids, at most 100, in the order asked, `null` in the place of each that is not there.
    #[graphql(directive = super::cost::list_size::apply(None, Some(vec!["ids".to_owned()]), None, Some(false)))]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids of the records.")] ids: Vec<ID>,
    ) -> Result<Vec<Found>, ApiError> {
        if ids.len() > MAX_NODES {
            return bad(format!("`ids` has {} ids: ask for at most {MAX_NODES} at a time", ids.len()));
        }
        find(ctx, &ids, &Look(vec![ctx.look_ahead()])).await
    }
}

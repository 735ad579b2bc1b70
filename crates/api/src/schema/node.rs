//! Global ids, and the records behind them.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_graphql::{Context, ID, Interface, Object};
use pomost_domain::id::Kind;
use pomost_domain::{self as domain, Country, Fact, GlobalId as Known, Id, Vocabulary};
use pomost_persistence::{Store, Stored};
use uuid::Uuid;

use super::connection::{Look, Shown, bad, fetch_all};
use super::record::Record;
use super::{
    Agreement, Answer, BusinessMission, City, Commitment, Council, Document, Interpellation, JointEvent,
    LetterOfIntent, Meeting, Official, Organization, Partnership, Programme, Project, Resolution, Session, StudyVisit,
    Term, YouthExchange,
};
use crate::error::ApiError;
use crate::schema::country;
use crate::schema::deadline_rule::DeadlineRule;
use crate::shelf::{Shelf, ShelfOf};

/// Anything that has a global id (Relay Object Identification).
#[derive(Clone, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Global, opaque and lasting id. Keep it as it is: its inside may change, the record behind it does not."
))]
pub(crate) enum Node {
    Agreement(Agreement),
    Answer(Answer),
    BusinessMission(BusinessMission),
    City(City),
    Commitment(Commitment),
    Council(Council),
    Country(country::Country),
    DeadlineRule(DeadlineRule),
    Document(Document),
    Interpellation(Interpellation),
    JointEvent(JointEvent),
    LetterOfIntent(LetterOfIntent),
    Meeting(Meeting),
    Official(Official),
    Organization(Organization),
    Partnership(Partnership),
    Programme(Programme),
    Project(Project),
    Resolution(Resolution),
    Session(Session),
    StudyVisit(StudyVisit),
    Term(Term),
    YouthExchange(YouthExchange),
}

fn decode(id: &ID) -> Option<Known> {
    Known::parse(id.as_str())
}

/// The record behind a global id, if it is one.
pub(crate) fn raw(id: &ID) -> Option<Uuid> {
    match decode(id)? {
        Known::Record(_, raw) | Known::Council(raw) => Some(raw),
        Known::Country(_) | Known::DeadlineRule(_) | Known::Unknown => None,
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
    ID(Known::of_record(kind, raw))
}

/// The global id of a council, which is an organization in another light.
pub(crate) fn council_id(raw: Uuid) -> ID {
    ID(Known::of_council(raw))
}

/// The global id of a country.
pub(crate) fn country_id(code: &str) -> ID {
    ID(Known::of_country(code))
}

/// The global id of a deadline rule.
pub(crate) fn deadline_rule_id(slug: &str) -> ID {
    ID(Known::of_deadline_rule(slug))
}

fn not_an_id<T>(id: &ID) -> Result<T, ApiError> {
    bad(format!("{:?} is not an id: take ids from the `id` fields of this API", id.as_str()))
}

/// The typed id behind a global one.
pub(crate) fn typed<T: Fact>(id: &ID) -> Result<Id<T>, ApiError> {
    match decode(id) {
        Some(Known::Record(kind, raw)) if T::KINDS.contains(&kind) => Ok(Id::new(raw)),
        Some(Known::Record(kind, _)) => {
            bad(format!("{:?} is the id of a {}, not of {}", id.as_str(), words(kind), names::<T>()))
        }
        Some(_) => bad(format!("{:?} is not the id of {}", id.as_str(), names::<T>())),
        None => not_an_id(id),
    }
}

/// The organization behind the global id of a council.
pub(crate) fn typed_council(id: &ID) -> Result<Id<domain::Organization>, ApiError> {
    match decode(id) {
        Some(Known::Council(raw)) => Ok(Id::new(raw)),
        Some(_) => bad(format!("{:?} is not the id of a council", id.as_str())),
        None => not_an_id(id),
    }
}

/// A kind in words.
pub(crate) fn words(kind: Kind) -> String {
    kind.label().replace('_', " ")
}

fn names<T: Fact>() -> String {
    T::KINDS.iter().map(|kind| format!("a {}", words(*kind))).collect::<Vec<_>>().join(" or ")
}

/// Records of one type by their raw ids, with what their selected fields need. One statement.
async fn records<N>(shelf: &Shelf, raw: &[Uuid], look: Look<'_>) -> Result<HashMap<Uuid, Node>, ApiError>
where
    N: Shown + Into<Node>,
    N::Fact: Stored,
{
    let facts = shelf.stock(raw.iter().map(|raw| Id::<N::Fact>::new(*raw)).collect()).await?;
    fetch_all::<N>(shelf, look, facts.clone()).await?;
    Ok(facts.into_iter().map(|fact| (fact.id().raw(), N::from(fact).into())).collect())
}

/// Runs a macro on the type of the schema that shows the records of a kind.
macro_rules! of_kind {
    ($kind:expr, $run:ident) => {
        match $kind {
            Kind::City => $run!(City),
            Kind::Organization => $run!(Organization),
            Kind::Official => $run!(Official),
            Kind::Term => $run!(Term),
            Kind::Session => $run!(Session),
            Kind::Resolution => $run!(Resolution),
            Kind::Partnership => $run!(Partnership),
            Kind::Agreement => $run!(Agreement),
            Kind::LetterOfIntent => $run!(LetterOfIntent),
            Kind::Commitment => $run!(Commitment),
            Kind::Programme => $run!(Programme),
            Kind::Project => $run!(Project),
            Kind::YouthExchange => $run!(YouthExchange),
            Kind::BusinessMission => $run!(BusinessMission),
            Kind::JointEvent => $run!(JointEvent),
            Kind::StudyVisit => $run!(StudyVisit),
            Kind::Meeting => $run!(Meeting),
            Kind::Interpellation => $run!(Interpellation),
            Kind::Answer => $run!(Answer),
            Kind::Document => $run!(Document),
        }
    };
}

async fn records_of(shelf: &Shelf, kind: Kind, raw: &[Uuid], look: Look<'_>) -> Result<HashMap<Uuid, Node>, ApiError> {
    macro_rules! found {
        ($node:ty) => {
            records::<$node>(shelf, raw, look).await
        };
    }
    of_kind!(kind, found)
}

/// Puts records of several kinds on the shelf, with what their selected fields need. One statement for each kind among them.
pub(crate) async fn stock(shelf: &Shelf, wanted: Vec<(Kind, Uuid)>, look: Look<'_>) -> Result<(), ApiError> {
    let mut by_kind: BTreeMap<Kind, Vec<Uuid>> = BTreeMap::new();
    for (kind, raw) in wanted.into_iter().filter(|_| look.exists()) {
        by_kind.entry(kind).or_default().push(raw);
    }
    for (kind, raw) in by_kind {
        records_of(shelf, kind, &raw, look.again()).await?;
    }
    Ok(())
}

/// A record of any kind from the shelf.
pub(crate) async fn shelved(shelf: &Shelf, kind: Kind, raw: Uuid) -> Result<Option<Node>, ApiError> {
    macro_rules! one {
        ($node:ty) => {
            Ok(shelf.find(Id::<<$node as Shown>::Fact>::new(raw)).await?.map(|fact| <$node>::from(fact).into()))
        };
    }
    of_kind!(kind, one)
}

/// A single record of any kind, with what its selected fields need. One statement, and those of the fields.
pub(crate) async fn record(shelf: &Shelf, kind: Kind, raw: Uuid, look: Look<'_>) -> Result<Option<Record>, ApiError> {
    macro_rules! one {
        ($node:ty) => {{
            let fact = shelf.stock(HashSet::from([Id::<<$node as Shown>::Fact>::new(raw)])).await?.pop();
            fetch_all::<$node>(shelf, look, fact.iter().cloned().collect()).await?;
            Ok(fact.map(|fact| <$node>::from(fact).into()))
        }};
    }
    of_kind!(kind, one)
}

/// A single record, with nothing read for its fields. One statement.
pub(crate) async fn bare(store: &Store, kind: Kind, raw: Uuid) -> Result<Option<Node>, ApiError> {
    let shelf = Shelf::new(store.clone());
    Ok(records_of(&shelf, kind, &[raw], Look(Vec::new())).await?.remove(&raw))
}

/// What an id leads to, or what is wrong with it.
pub(crate) type Found = Option<Result<Node, ApiError>>;

/// What stands behind ids, in their order. One statement for each kind among them, and what the selected fields need.
pub(crate) async fn find(ctx: &Context<'_>, ids: &[ID], look: &Look<'_>) -> Result<Vec<Found>, ApiError> {
    let shelf = ctx.shelf();
    let known: Vec<Option<Known>> = ids.iter().map(decode).collect();
    let mut by_kind: BTreeMap<Kind, Vec<Uuid>> = BTreeMap::new();
    let mut councils = Vec::new();
    let mut rules = Vec::new();
    let mut countries = Vec::new();
    for known in known.iter().flatten() {
        match known {
            Known::Record(kind, raw) => by_kind.entry(*kind).or_default().push(*raw),
            Known::Council(raw) => councils.push(*raw),
            Known::DeadlineRule(_) if rules.is_empty() => rules = shelf.store().deadline_rules().await?,
            Known::DeadlineRule(_) | Known::Unknown => {}
            Known::Country(code) => countries.extend(Country::by_code(code).map(|country| country.code)),
        }
    }
    country::stock(shelf, look.again(), countries).await?;
    country::stock(shelf, look.field("country"), rules.iter().map(|rule| rule.country)).await?;
    let mut found: HashMap<Kind, HashMap<Uuid, Node>> = HashMap::new();
    for (kind, raw) in by_kind {
        found.insert(kind, records_of(shelf, kind, &raw, look.again()).await?);
    }
    let councils = records::<Council>(shelf, &councils, look.again()).await?;
    let node = |(known, id): (Option<Known>, &ID)| match known {
        Some(Known::Record(kind, raw)) => found.get(&kind)?.get(&raw).cloned().map(Ok),
        Some(Known::Council(raw)) => councils.get(&raw).cloned().map(Ok),
        Some(Known::Country(code)) => Country::by_code(&code).map(|country| Ok(country::Country(country).into())),
        Some(Known::DeadlineRule(slug)) => {
            rules.iter().find(|rule| rule.slug == slug).map(|rule| Ok(DeadlineRule(rule.clone()).into()))
        }
        Some(Known::Unknown) => None,
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

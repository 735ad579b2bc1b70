//! Global ids, and the records behind them.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pomost_domain::id::Kind;
use pomost_domain::{self as domain, Country, Fact, Id, Vocabulary};
use pomost_persistence::Stored;
use uuid::Uuid;

use super::connection::{Shown, bad, seen};
use super::{
    Agreement, Answer, BusinessMission, City, Commitment, Council, Document, Interpellation, JointEvent,
    LetterOfIntent, Meeting, Official, Organization, Partnership, Programme, Project, Resolution, Session, StudyVisit,
    Term, YouthExchange,
};
use crate::error::ApiError;
use crate::schema::country;
use crate::schema::deadline_rule::DeadlineRule;
use crate::shelf::ShelfOf;

/// Anything that has a global id (Relay Object Identification).
#[derive(Interface)]
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

/// What an id says: a record, or a piece of reference data.
enum Known {
    Record(Kind, Uuid),
    Council(Uuid),
    Country(String),
    DeadlineRule(String),
}

const COUNCIL: &str = "council";
const COUNTRY: &str = "country";
const DEADLINE_RULE: &str = "deadline_rule";

/// Makes an id opaque.
fn encode(kind: &str, key: &str) -> ID {
    ID(URL_SAFE_NO_PAD.encode(format!("{kind}:{key}")))
}

fn decode(id: &ID) -> Option<Known> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id.as_str()).ok()?).ok()?;
    let (kind, key) = text.split_once(':')?;
    let raw = || Uuid::try_parse(key).ok().filter(|raw| raw.simple().to_string() == key);
    Some(match kind {
        COUNCIL => Known::Council(raw()?),
        COUNTRY => Known::Country(key.to_owned()),
        DEADLINE_RULE => Known::DeadlineRule(key.to_owned()),
        record => Known::Record(Kind::from_label(record)?, raw()?),
    })
}

/// The global id of a record.
pub(crate) fn id_of(kind: Kind, raw: Uuid) -> ID {
    encode(kind.label(), &raw.simple().to_string())
}

/// The global id of a council, which is an organization in another light.
pub(crate) fn council_id(raw: Uuid) -> ID {
    encode(COUNCIL, &raw.simple().to_string())
}

/// The global id of a country.
pub(crate) fn country_id(code: &str) -> ID {
    encode(COUNTRY, code)
}

/// The global id of a deadline rule.
pub(crate) fn deadline_rule_id(slug: &str) -> ID {
    encode(DEADLINE_RULE, slug)
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

fn words(kind: Kind) -> String {
    kind.label().replace('_', " ")
}

fn names<T: Fact>() -> String {
    T::KINDS.iter().map(|kind| format!("a {}", words(*kind))).collect::<Vec<_>>().join(" or ")
}

async fn record<N>(ctx: &Context<'_>, raw: Uuid) -> Result<Option<Node>, ApiError>
where
    N: Shown + Into<Node>,
    N::Fact: Stored,
{
    // Straight from the store: a root field has no siblings to wait for.
    let found = ctx.shelf().store().by_ids::<N::Fact>(&[Id::new(raw)]).await?.pop().map(Arc::new);
    if let Some(fact) = &found {
        ctx.shelf().put(std::slice::from_ref(fact)).await;
    }
    Ok(seen::<N>(ctx, found).await?.map(Into::into))
}

pub(crate) async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, ApiError> {
    let Some(known) = decode(id) else { return not_an_id(id) };
    match known {
        Known::Council(raw) => record::<Council>(ctx, raw).await,
        Known::Country(code) => Ok(Country::by_code(&code).map(|country| country::Country(country).into())),
        Known::DeadlineRule(slug) => {
            let rules = ctx.shelf().store().deadline_rules().await?;
            Ok(rules.into_iter().find(|rule| rule.slug == slug).map(|rule| DeadlineRule(rule).into()))
        }
        Known::Record(kind, raw) => match kind {
            Kind::City => record::<City>(ctx, raw).await,
            Kind::Organization => record::<Organization>(ctx, raw).await,
            Kind::Official => record::<Official>(ctx, raw).await,
            Kind::Term => record::<Term>(ctx, raw).await,
            Kind::Session => record::<Session>(ctx, raw).await,
            Kind::Resolution => record::<Resolution>(ctx, raw).await,
            Kind::Partnership => record::<Partnership>(ctx, raw).await,
            Kind::Agreement => record::<Agreement>(ctx, raw).await,
            Kind::LetterOfIntent => record::<LetterOfIntent>(ctx, raw).await,
            Kind::Commitment => record::<Commitment>(ctx, raw).await,
            Kind::Programme => record::<Programme>(ctx, raw).await,
            Kind::Project => record::<Project>(ctx, raw).await,
            Kind::YouthExchange => record::<YouthExchange>(ctx, raw).await,
            Kind::BusinessMission => record::<BusinessMission>(ctx, raw).await,
            Kind::JointEvent => record::<JointEvent>(ctx, raw).await,
            Kind::StudyVisit => record::<StudyVisit>(ctx, raw).await,
            Kind::Meeting => record::<Meeting>(ctx, raw).await,
            Kind::Interpellation => record::<Interpellation>(ctx, raw).await,
            Kind::Answer => record::<Answer>(ctx, raw).await,
            Kind::Document => record::<Document>(ctx, raw).await,
        },
    }
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
        find(ctx, &id).await.transpose()
    }

    /// Public records by their global ids, at most 100, in the order asked, `null` in the place of each that is not there.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids of the records.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node, ApiError>>>, ApiError> {
        if ids.len() > MAX_NODES {
            return bad(format!("`ids` has {} ids: ask for at most {MAX_NODES} at a time", ids.len()));
        }
        let mut nodes = Vec::with_capacity(ids.len());
        for id in &ids {
            nodes.push(find(ctx, id).await.transpose());
        }
        Ok(nodes)
    }
}

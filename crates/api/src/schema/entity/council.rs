//! Councils, their terms and their sessions.

use super::{City, Interpellation, Organization, Resolution};
use crate::error::ApiError;
use crate::schema::machinery::filter::{PartialDateFilter, Test};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::node::{council_id, raw_council_id};
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Entity, Groups, List, OrderBy, Queries, Query, Related, Shown, entity, way,
};
use crate::schema::machinery::values::{Date, LocalizedText, ShownDate, date, text};
use async_graphql::{Context, ID, Object};
use pomost_domain::council::{Field, SessionCouncil, SessionTerm, TermCouncil};
use pomost_domain::link::Reverse;
use pomost_domain::organization::OrganizationKind;
use pomost_domain::{self as domain, Vocabulary};
use pomost_persistence::{Filter, Mapping, TextTest};
use std::sync::Arc;
use uuid::Uuid;

/// A council. It is an organization of kind `COUNCIL`, seen as what it does.
#[derive(Clone)]
pub(crate) struct Council(pub(crate) Arc<domain::Organization>);

impl From<Arc<domain::Organization>> for Council {
    fn from(organization: Arc<domain::Organization>) -> Self {
        Self(organization)
    }
}

/// A council: an organization of kind `COUNCIL`, seen as what it does.
#[Object]
impl Council {
    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Global, opaque and lasting id, for `node` and `nodes`.
    async fn id(&self) -> ID {
        council_id(self.0.meta.id)
    }

    /// Readable name in addresses: that of the organization.
    async fn slug(&self) -> &str {
        &self.0.meta.slug
    }

    /// Name, in its original language.
    async fn name(&self) -> LocalizedText {
        text(&self.0.name)
    }

    /// The council as an organization, with its sources.
    async fn organization(&self) -> Organization {
        Arc::clone(&self.0).into()
    }

    /// City of the council. `null`: outside the registry, or not reported.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.city).await.transpose()
    }
}

impl Shown for Council {
    type Fact = domain::Organization;
    const NAME: &'static str = "Council";
    const FILTERED_AS: fn() -> &'static Entity = entity::<Organization>;
    const QUERIES: Queries = Queries {
        one: Some(Query {
            name: "council",
            doc: "A council, by its own id or by the slug of its organization.",
            cost: None,
        }),
        many: Some(Query { name: "councils", doc: "Councils of municipalities.", cost: None }),
    };
    const LISTS: &'static [List] = &[
        List { name: "terms", doc: "Its terms.", way: way::<Reverse<TermCouncil>, Term>() },
        List { name: "sessions", doc: "Its sessions.", way: way::<Reverse<SessionCouncil>, Session>() },
        List {
            name: "resolutions",
            doc: "Its resolutions.",
            way: way::<Reverse<domain::resolution::ResolutionBody>, Resolution>(),
        },
        List {
            name: "interpellations",
            doc: "Interpellations and questions filed with it.",
            way: way::<Reverse<domain::interpellation::InterpellationCouncil>, Interpellation>(),
        },
    ];

    fn base() -> Filter {
        let labels = OrganizationKind::Council.labels().to_vec();
        let kind = Mapping::field::<domain::Organization>(domain::organization::Field::Kind);
        Filter::text(kind, &TextTest::Labels(labels))
    }

    fn raw_id(id: &ID) -> Result<Uuid, ApiError> {
        raw_council_id(id)
    }

    fn prefetch(plan: &mut Prefetch<'_, domain::Organization>) {
        plan.one::<City>(&["city"], |council| vec![council.city]);
        plan.itself::<Organization>("organization");
    }
}

/// A term of a council: the time between two elections.
#[derive(Clone)]
pub(crate) struct Term(pub(crate) Arc<domain::Term>);

impl From<Arc<domain::Term>> for Term {
    fn from(fact: Arc<domain::Term>) -> Self {
        Self(fact)
    }
}

/// A term of a council: the time between two elections.
#[Object]
impl Term {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// The council.
    async fn council(&self, ctx: &Context<'_>) -> Option<Result<Council, ApiError>> {
        one(ctx, Some(self.0.council)).await.transpose()
    }

    /// Number as the council writes it, for example `VIII`. `null`: not reported.
    async fn number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// First day. `null`: not reported.
    async fn starts_on(&self) -> Option<ShownDate> {
        date(self.0.starts_on)
    }

    /// Last day. `null`: it runs, or the end is not reported.
    async fn ends_on(&self) -> Option<ShownDate> {
        date(self.0.ends_on)
    }
}

impl Shown for Term {
    type Fact = domain::Term;
    const NAME: &'static str = "Term";
    const COMMANDS: Option<Commands> =
        Some(Commands { create: "createTerm", update: "updateTerm", form: Form::of::<domain::Term>() });
    const LISTS: &'static [List] =
        &[List { name: "sessions", doc: "Sessions in the term.", way: way::<Reverse<SessionTerm>, Session>() }];
    const FILTER: &'static str = "Conditions on terms. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[Condition {
        name: "startsOn",
        doc: "First day.",
        test: Test::of::<PartialDateFilter>(),
        field: Field::Date,
    }]];
    const RELATED: Groups<Related> = &[&[Related {
        name: "council",
        doc: "The council.",
        ends: Ends::One,
        way: way::<TermCouncil, Organization>(),
    }]];
    const ORDERS: Groups<OrderBy<Field>> =
        &[&[OrderBy { name: "STARTS_ON", doc: "First day.", field: Field::Date, cost: None }]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Term>) {
        plan.one::<Council>(&["council"], |term| vec![Some(term.council)]);
    }
}

/// A session of a council.
#[derive(Clone)]
pub(crate) struct Session(pub(crate) Arc<domain::Session>);

impl From<Arc<domain::Session>> for Session {
    fn from(fact: Arc<domain::Session>) -> Self {
        Self(fact)
    }
}

/// A session of a council.
#[Object]
impl Session {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Title of the session, as the source gives it.
    async fn title(&self) -> LocalizedText {
        text(&self.0.title)
    }

    /// Number within the term. `null`: not reported, or doubtful.
    async fn number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// Day (ISO 8601). `null`: not reported as a date of its own.
    async fn held_on(&self) -> Option<Date> {
        self.0.held_on.map(Date)
    }

    /// The council. `null`: not reported.
    async fn council(&self, ctx: &Context<'_>) -> Option<Result<Council, ApiError>> {
        one(ctx, self.0.council).await.transpose()
    }

    /// The term that it belongs to. `null`: not reported.
    async fn term(&self, ctx: &Context<'_>) -> Option<Result<Term, ApiError>> {
        one(ctx, self.0.term).await.transpose()
    }
}

impl Shown for Session {
    type Fact = domain::Session;
    const NAME: &'static str = "Session";
    const COMMANDS: Option<Commands> =
        Some(Commands { create: "createSession", update: "updateSession", form: Form::of::<domain::Session>() });
    const LISTS: &'static [List] = &[List {
        name: "interpellations",
        doc: "Interpellations and questions filed at the session.",
        way: way::<Reverse<domain::interpellation::InterpellationSession>, Interpellation>(),
    }];
    const FILTER: &'static str = "Conditions on sessions. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> =
        &[&[Condition { name: "heldOn", doc: "Day.", test: Test::of::<PartialDateFilter>(), field: Field::Date }]];
    const RELATED: Groups<Related> = &[&[
        Related { name: "council", doc: "The council.", ends: Ends::One, way: way::<SessionCouncil, Organization>() },
        Related { name: "term", doc: "The term.", ends: Ends::One, way: way::<SessionTerm, Term>() },
    ]];
    const ORDERS: Groups<OrderBy<Field>> =
        &[&[OrderBy { name: "HELD_ON", doc: "Day.", field: Field::Date, cost: None }]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Session>) {
        plan.one::<Council>(&["council"], |session| vec![session.council]);
        plan.one::<Term>(&["term"], |session| vec![session.term]);
    }
}

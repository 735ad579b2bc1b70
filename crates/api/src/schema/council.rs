//! Councils, their terms and their sessions.

use std::sync::Arc;

use async_graphql::{Context, ID};
use pomost_domain::council::{Field, SessionCouncil, SessionTerm, TermCouncil};
use pomost_domain::link::Reverse;
use pomost_domain::organization::OrganizationKind;
use pomost_domain::{self as domain, Id, Vocabulary};
use pomost_persistence::{Filter, TextTest};

use super::connection::{Plan, Shown, one};
use super::filter::{PartialDateFilter, filters, orders};
use super::node::{council_id, typed_council};
use super::record::{connected, queries, record};
use super::values::{Date, LocalizedText, ShownDate, date, text};
use super::{City, Interpellation, Organization, OrganizationFilter, OrganizationOrder, Resolution};
use crate::error::ApiError;

/// A council. It is an organization of kind `COUNCIL`, seen as what it does.
#[derive(Clone)]
pub(crate) struct Council(pub(crate) Arc<domain::Organization>);

impl From<Arc<domain::Organization>> for Council {
    fn from(organization: Arc<domain::Organization>) -> Self {
        Self(organization)
    }
}

impl Shown for Council {
    type Fact = domain::Organization;
    type Filter = OrganizationFilter;
    type Order = OrganizationOrder;
    const NAME: &'static str = "Council";

    fn base() -> Filter<domain::Organization> {
        let labels = OrganizationKind::Council.labels().to_vec();
        Filter::text(domain::organization::Field::Kind, &TextTest::Labels(labels))
    }

    fn typed(id: &ID) -> Result<Id<domain::Organization>, ApiError> {
        typed_council(id)
    }

    fn prefetch(plan: &mut Plan<'_, domain::Organization>) {
        plan.one::<City>(&["city"], |council| vec![council.city]);
        plan.itself::<Organization>("organization");
        plan.connection::<Reverse<TermCouncil>, Term>("terms");
        plan.connection::<Reverse<SessionCouncil>, Session>("sessions");
        plan.connection::<Reverse<domain::resolution::ResolutionBody>, Resolution>("resolutions");
        plan.connection::<Reverse<domain::interpellation::InterpellationCouncil>, Interpellation>("interpellations");
    }
}

connected! {
    /// A council: an organization of kind `COUNCIL`, seen as what it does.
    Council {
        /// Global, opaque and lasting id, for `node` and `nodes`.
        pub(crate) async fn id(&self) -> ID {
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
    connections {
        /// Its terms.
        terms: Reverse<TermCouncil> => Term,
        /// Its sessions.
        sessions: Reverse<SessionCouncil> => Session,
        /// Its resolutions.
        resolutions: Reverse<domain::resolution::ResolutionBody> => Resolution,
        /// Interpellations and questions filed with it.
        interpellations: Reverse<domain::interpellation::InterpellationCouncil> => Interpellation,
    }
}

queries! { CouncilQuery, CouncilListQuery: /// A council, by its own id or by the slug of its organization.
council, /// Councils of municipalities.
councils => Council }

record! {
    /// A term of a council: the time between two elections.
    Term of domain::Term, TermFilter, TermOrder {
        /// The council.
        pub(crate) async fn council(&self, ctx: &Context<'_>) -> Option<Result<Council, ApiError>> {
            one(ctx, Some(self.0.council)).await.transpose()
        }

        /// Number as the council writes it, for example `VIII`. `null`: not reported.
        pub(crate) async fn number(&self) -> Option<&str> {
            self.0.number.as_deref()
        }

        /// First day. `null`: not reported.
        pub(crate) async fn starts_on(&self) -> Option<ShownDate> {
            date(self.0.starts_on)
        }

        /// Last day. `null`: it runs, or the end is not reported.
        pub(crate) async fn ends_on(&self) -> Option<ShownDate> {
            date(self.0.ends_on)
        }

    }
    connections {
        /// Sessions in the term.
        sessions: Reverse<SessionTerm> => Session,
    }
    prefetch(plan) {
        plan.one::<Council>(&["council"], |term| vec![Some(term.council)]);
    }
}

filters! {
    /// Conditions on terms. All that are given hold together.
    TermFilter, TermListFilter of domain::Term {
        /// First day.
        starts_on: PartialDateFilter = Field::Date,
    }
    one {
        /// The council.
        council: OrganizationFilter = TermCouncil,
    }
    many {}
}

orders! { TermOrder, TermOrderField of domain::Term {
    /// First day.
    StartsOn = Field::Date,
} }

record! {
    /// A session of a council.
    Session of domain::Session, SessionFilter, SessionOrder {
        /// Title of the session, as the source gives it.
        pub(crate) async fn title(&self) -> LocalizedText {
            text(&self.0.title)
        }

        /// Number within the term. `null`: not reported, or doubtful.
        pub(crate) async fn number(&self) -> Option<&str> {
            self.0.number.as_deref()
        }

        /// Day (ISO 8601). `null`: not reported as a date of its own.
        pub(crate) async fn held_on(&self) -> Option<Date> {
            self.0.held_on.map(Date)
        }

        /// The council. `null`: not reported.
        pub(crate) async fn council(&self, ctx: &Context<'_>) -> Option<Result<Council, ApiError>> {
            one(ctx, self.0.council).await.transpose()
        }

        /// The term that it belongs to. `null`: not reported.
        pub(crate) async fn term(&self, ctx: &Context<'_>) -> Option<Result<Term, ApiError>> {
            one(ctx, self.0.term).await.transpose()
        }

    }
    connections {
        /// Interpellations and questions filed at the session.
        interpellations: Reverse<domain::interpellation::InterpellationSession> => Interpellation,
    }
    prefetch(plan) {
        plan.one::<Council>(&["council"], |session| vec![session.council]);
        plan.one::<Term>(&["term"], |session| vec![session.term]);
    }
}

filters! {
    /// Conditions on sessions. All that are given hold together.
    SessionFilter, SessionListFilter of domain::Session {
        /// Day.
        held_on: PartialDateFilter = Field::Date,
    }
    one {
        /// The council.
        council: OrganizationFilter = SessionCouncil,
        /// The term.
        term: TermFilter = SessionTerm,
    }
    many {}
}

orders! { SessionOrder, SessionOrderField of domain::Session {
    /// Day.
    HeldOn = Field::Date,
} }

//! Holders of a public office.

use super::{Agreement, City, Interpellation, LetterOfIntent, Meeting};
use crate::error::ApiError;
use crate::schema::machinery::filter::{Test, TextFilter};
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, one};
use crate::schema::machinery::shown::{Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way};
use async_graphql::{Context, Object};
use pomost_domain as domain;
use pomost_domain::link::Reverse;
use pomost_domain::official::{Field, OfficialCity};
use std::sync::Arc;

/// A person in a public office. The same person in another office is another record; nothing private is kept.
#[derive(Clone)]
pub(crate) struct Official(pub(crate) Arc<domain::Official>);

impl From<Arc<domain::Official>> for Official {
    fn from(fact: Arc<domain::Official>) -> Self {
        Self(fact)
    }
}

/// A person in a public office. The same person in another office is another record; nothing private is kept.
#[Object]
impl Official {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Name of the person.
    async fn name(&self) -> &str {
        &self.0.person
    }

    /// The office, as the source gives it. `null`: not reported.
    async fn office(&self) -> Option<&str> {
        self.0.office.as_deref()
    }

    /// City of the office. `null`: not reported.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.city).await.transpose()
    }
}

impl Shown for Official {
    type Fact = domain::Official;
    const NAME: &'static str = "Official";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "official", doc: "A holder of a public office.", cost: None }),
        many: Some(Query {
            name: "officials",
            doc: "Holders of a public office who signed, attended or asked.",
            cost: None,
        }),
    };
    const LISTS: &'static [List] = &[
        List {
            name: "signedAgreements",
            doc: "Agreements that the official signed.",
            way: way::<Reverse<domain::agreement::AgreementSignatories>, Agreement>(),
        },
        List {
            name: "signedLettersOfIntent",
            doc: "Letters of intent that the official signed.",
            way: way::<Reverse<domain::letter_of_intent::LetterSignatories>, LetterOfIntent>(),
        },
        List {
            name: "meetings",
            doc: "Meetings that the official attended.",
            way: way::<Reverse<domain::meeting::MeetingAttendees>, Meeting>(),
        },
        List {
            name: "interpellations",
            doc: "Interpellations that the official filed as a councillor.",
            way: way::<Reverse<domain::interpellation::InterpellationCouncillors>, Interpellation>(),
        },
    ];
    const FILTER: &'static str = "Conditions on officials. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[Condition {
        name: "office",
        doc: "The office, to the letter.",
        test: Test::of::<TextFilter>(),
        field: Field::Office,
    }]];
    const RELATED: Groups<Related> =
        &[&[Related { name: "city", doc: "City of the office.", ends: Ends::One, way: way::<OfficialCity, City>() }]];
    const ORDERS: Groups<OrderBy<Field>> =
        &[&[OrderBy { name: "OFFICE", doc: "The office.", field: Field::Office, cost: None }]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Official>) {
        plan.one::<City>(&["city"], |official| vec![official.city]);
    }
}

//! Council resolutions.

use super::{Agreement, City, Council, LetterOfIntent, Organization, Partnership};
use crate::error::ApiError;
use crate::schema::machinery::filter::{PartialDateFilter, Test, TextFilter};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{LocalizedText, ShownDate, date, text};
use async_graphql::{Context, Object};
use pomost_domain as domain;
use pomost_domain::link::Reverse;
use pomost_domain::resolution::{Field, ResolutionBody, ResolutionCity, ResolutionPartnership};
use std::sync::Arc;

/// A resolution of a council. That it is known to exist is a fact of its own: number and date are often not known.
#[derive(Clone)]
pub(crate) struct Resolution(pub(crate) Arc<domain::Resolution>);

impl From<Arc<domain::Resolution>> for Resolution {
    fn from(fact: Arc<domain::Resolution>) -> Self {
        Self(fact)
    }
}

/// A resolution of a council. That it is known to exist is a fact of its own: number and date are often not known.
#[Object]
impl Resolution {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// What it is about.
    async fn subject(&self) -> LocalizedText {
        text(&self.0.subject)
    }

    /// Number, for example `XI/123/2018`. `null`: not known.
    async fn number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// When it was adopted; with `qualifier: NOT_AFTER` where only an upper bound is known. `null`: not known.
    async fn adopted_on(&self) -> Option<ShownDate> {
        date(self.0.adopted_on)
    }

    /// City whose council resolved. `null`: not reported.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.city).await.transpose()
    }

    /// The council that resolved. `null`: not reported.
    async fn council(&self, ctx: &Context<'_>) -> Option<Result<Council, ApiError>> {
        one(ctx, self.0.body).await.transpose()
    }

    /// The partnership that it is about. `null`: none is reported.
    async fn partnership(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
        one(ctx, self.0.partnership).await.transpose()
    }
}

impl Shown for Resolution {
    type Fact = domain::Resolution;
    const NAME: &'static str = "Resolution";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "resolution", doc: "A council resolution.", cost: None }),
        many: Some(Query { name: "resolutions", doc: "Council resolutions.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createResolution",
        update: "updateResolution",
        form: Form::of::<domain::Resolution>(),
    });
    const LISTS: &'static [List] = &[
        List {
            name: "agreements",
            doc: "Agreements that it preceded.",
            way: way::<Reverse<domain::agreement::AgreementResolutions>, Agreement>(),
        },
        List {
            name: "lettersOfIntent",
            doc: "Letters of intent that it preceded.",
            way: way::<Reverse<domain::letter_of_intent::LetterResolutions>, LetterOfIntent>(),
        },
        List {
            name: "partnerships",
            doc: "Partnerships that rest on it.",
            way: way::<Reverse<domain::partnership::PartnershipResolutions>, Partnership>(),
        },
    ];
    const FILTER: &'static str = "Conditions on resolutions. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[
        Condition {
            name: "adoptedOn",
            doc: "When it was adopted.",
            test: Test::of::<PartialDateFilter>(),
            field: Field::AdoptedOn,
        },
        Condition {
            name: "number",
            doc: "Number, to the letter.",
            test: Test::of::<TextFilter>(),
            field: Field::Number,
        },
    ]];
    const RELATED: Groups<Related> = &[&[
        Related {
            name: "city",
            doc: "City whose council resolved.",
            ends: Ends::One,
            way: way::<ResolutionCity, City>(),
        },
        Related { name: "council", doc: "The council.", ends: Ends::One, way: way::<ResolutionBody, Organization>() },
        Related {
            name: "partnership",
            doc: "The partnership it is about.",
            ends: Ends::One,
            way: way::<ResolutionPartnership, Partnership>(),
        },
        Related {
            name: "agreements",
            doc: "Agreements it preceded.",
            ends: Ends::Many,
            way: way::<Reverse<domain::agreement::AgreementResolutions>, Agreement>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> = &[&[
        OrderBy { name: "ADOPTED_ON", doc: "When it was adopted.", field: Field::AdoptedOn, cost: None },
        OrderBy { name: "NUMBER", doc: "Number, as a text.", field: Field::Number, cost: None },
    ]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Resolution>) {
        plan.one::<City>(&["city"], |resolution| vec![resolution.city]);
        plan.one::<Council>(&["council"], |resolution| vec![resolution.body]);
        plan.one::<Partnership>(&["partnership"], |resolution| vec![resolution.partnership]);
    }
}

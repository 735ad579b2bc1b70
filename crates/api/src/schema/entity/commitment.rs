//! The single promises of letters of intent.

use super::{LetterOfIntent, Theme};
use crate::error::ApiError;
use crate::schema::machinery::filter::{AreaFilter, PartialDateFilter, Test, ValueFilter};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Shared, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{LocalizedText, ShownDate, date, text, text_option};
use async_graphql::{Context, Enum, Object, SimpleObject};
use pomost_domain as domain;
use pomost_domain::commitment::{CommitmentLetter, Field};
use std::sync::Arc;

/// What became of a commitment, as its source states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::commitment::CommitmentStatus")]
pub(crate) enum CommitmentStatus {
    /// It was promised; nothing more is known.
    Declared,
    /// Work on it has begun.
    InProgress,
    /// It was kept.
    Fulfilled,
    /// It was kept in part.
    Partial,
    /// It was not kept.
    Missed,
    /// The party that made the promise withdrew it.
    Withdrawn,
}

/// One promise of a letter of intent.
#[derive(Clone)]
pub(crate) struct Commitment(pub(crate) Arc<domain::Commitment>);

impl From<Arc<domain::Commitment>> for Commitment {
    fn from(fact: Arc<domain::Commitment>) -> Self {
        Self(fact)
    }
}

/// One promise of a letter of intent.
#[Object]
impl Commitment {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    /// What was promised.
    async fn text(&self) -> LocalizedText {
        text(&self.0.text)
    }

    /// Number of the promise in its letter, from 1. `null`: not reported.
    async fn order(&self) -> Option<u32> {
        self.0.order
    }

    /// Area of cooperation. `null`: not reported.
    async fn area(&self) -> Option<Theme> {
        self.0.theme.as_ref().map(Theme::of)
    }

    /// From when it is due. `null`: the letter sets no date.
    async fn due_from(&self) -> Option<ShownDate> {
        date(self.0.due_from)
    }

    /// What the letter says on time, where it is no date. `null`: nothing.
    async fn due_note(&self) -> Option<LocalizedText> {
        text_option(self.0.due_note.as_ref())
    }

    /// How much was promised. `null`: the letter sets no measure.
    async fn quantity(&self) -> Option<Quantity> {
        self.0.quantity.clone().map(Quantity::from)
    }

    /// What became of it, as its source states it. `null`: not reported.
    async fn status(&self) -> Option<CommitmentStatus> {
        self.0.status.map(Into::into)
    }

    /// Letter that declares it.
    async fn letter_of_intent(&self, ctx: &Context<'_>) -> Option<Result<LetterOfIntent, ApiError>> {
        one(ctx, Some(self.0.letter)).await.transpose()
    }
}

impl Shown for Commitment {
    type Fact = domain::Commitment;
    const NAME: &'static str = "Commitment";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "commitment", doc: "A commitment.", cost: None }),
        many: Some(Query { name: "commitments", doc: "The single promises of letters of intent.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createCommitment",
        update: "updateCommitment",
        form: Form::of::<domain::Commitment>(),
    });
    const FILTER: &'static str = "Conditions on commitments. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[
        Condition { name: "area", doc: "Area of cooperation.", test: Test::of::<AreaFilter>(), field: Field::Area },
        Condition {
            name: "status",
            doc: "What became of it.",
            test: Test::of::<ValueFilter<CommitmentStatus>>(),
            field: Field::Status,
        },
        Condition {
            name: "dueFrom",
            doc: "From when it is due.",
            test: Test::of::<PartialDateFilter>(),
            field: Field::DueFrom,
        },
    ]];
    const RELATED: Groups<Related> = &[&[Related {
        name: "letterOfIntent",
        doc: "Letter that declares it.",
        ends: Ends::One,
        way: way::<CommitmentLetter, LetterOfIntent>(),
    }]];
    const ORDERS: Groups<OrderBy<Field>> = &[&[
        OrderBy { name: "POSITION", doc: "Place in its letter.", field: Field::Position, cost: None },
        OrderBy { name: "DUE_FROM", doc: "From when it is due.", field: Field::DueFrom, cost: None },
        OrderBy { name: "STATUS", doc: "What became of it, by its label.", field: Field::Status, cost: None },
    ]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Commitment>) {
        plan.one::<LetterOfIntent>(&["letterOfIntent"], |commitment| vec![Some(commitment.letter)]);
    }
}

/// How much was promised.
#[derive(SimpleObject)]
pub(crate) struct Quantity {
    /// At least this many.
    minimum: u32,
    /// Of what, for example `joint cultural event`. `null`: not reported.
    unit: Option<String>,
}

impl From<domain::commitment::Quantity> for Quantity {
    fn from(quantity: domain::commitment::Quantity) -> Self {
        Self { minimum: quantity.minimum, unit: quantity.unit }
    }
}

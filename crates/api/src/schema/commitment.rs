//! The single promises of letters of intent.

use async_graphql::{Context, Enum, SimpleObject};
use pomost_domain as domain;
use pomost_domain::commitment::{CommitmentLetter, Field};

use super::connection::one;
use super::filter::{AreaFilter, PartialDateFilter, ValueFilter, filters, orders};
use super::record::{queries, record};
use super::values::{LocalizedText, ShownDate, date, text, text_option};
use super::{LetterOfIntent, LetterOfIntentFilter, Theme};
use crate::error::ApiError;

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
    /// It was taken back.
    Withdrawn,
}

record! {
    /// One promise of a letter of intent.
    Commitment of domain::Commitment, CommitmentFilter, CommitmentOrder {
        /// What was promised.
        pub(crate) async fn text(&self) -> LocalizedText {
            text(&self.0.text)
        }

        /// Number of the promise in its letter, from 1. `null`: not reported.
        pub(crate) async fn order(&self) -> Option<u32> {
            self.0.order
        }

        /// Area of cooperation. `null`: not reported.
        pub(crate) async fn area(&self) -> Option<Theme> {
            self.0.theme.as_ref().map(Theme::of)
        }

        /// From when it is due. `null`: the letter sets no date.
        pub(crate) async fn due_from(&self) -> Option<ShownDate> {
            date(self.0.due_from)
        }

        /// What the letter says on time, where it is no date. `null`: nothing.
        pub(crate) async fn due_note(&self) -> Option<LocalizedText> {
            text_option(self.0.due_note.as_ref())
        }

        /// How much was promised. `null`: the letter sets no measure.
        pub(crate) async fn quantity(&self) -> Option<Quantity> {
            self.0.quantity.clone().map(Quantity::from)
        }

        /// What became of it, as its source states it. `null`: not reported.
        pub(crate) async fn status(&self) -> Option<CommitmentStatus> {
            self.0.status.map(Into::into)
        }

        /// Letter that declares it.
        pub(crate) async fn letter_of_intent(&self, ctx: &Context<'_>) -> Option<Result<LetterOfIntent, ApiError>> {
            one(ctx, Some(self.0.letter)).await.transpose()
        }

    }
    connections {}
    prefetch(plan) {
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

filters! {
    /// Conditions on commitments. All that are given hold together.
    CommitmentFilter, CommitmentListFilter of domain::Commitment {
        /// Area of cooperation.
        area: AreaFilter = Field::Area,
        /// What became of it.
        status: ValueFilter<CommitmentStatus> = Field::Status,
        /// From when it is due.
        due_from: PartialDateFilter = Field::DueFrom,
    }
    one {
        /// Letter that declares it.
        letter_of_intent: LetterOfIntentFilter = CommitmentLetter,
    }
    many {}
}

orders! { CommitmentOrder, CommitmentOrderField of domain::Commitment {
    /// Place in its letter.
    Position = Field::Position,
    /// From when it is due.
    DueFrom = Field::DueFrom,
    /// What became of it, by its label.
    Status = Field::Status,
} }

queries! { CommitmentQuery, CommitmentListQuery: /// A commitment.
commitment, /// The single promises of letters of intent.
commitments => Commitment }

//! Commitments: the single, checkable promises of a letter of intent.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::date::PartialDate;
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::letter_of_intent::LetterOfIntent;
use crate::link::relations;
use crate::meta::{Facet, Fact, Meta};
use crate::text::Text;
use crate::theme::{self, Theme};

vocabulary! { closed,
    /// Outcome of a commitment, as its source states it.
    CommitmentStatus {
        /// Promised; nothing more is known.
        Declared = "declared",
        /// Work on it has begun.
        InProgress = "inProgress",
        /// Fulfilled.
        Fulfilled = "fulfilled",
        /// Fulfilled in part.
        Partial = "partial",
        /// Not fulfilled.
        Missed = "missed",
        /// Withdrawn.
        Withdrawn = "withdrawn",
    }
}

/// The promised quantity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    /// The minimum.
    pub minimum: u32,
    /// The unit.
    pub unit: Option<String>,
}

/// One promise of a letter of intent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commitment {
    /// Fields that all records share.
    pub meta: Meta,
    /// The letter that declares it.
    pub letter: Id<LetterOfIntent>,
    /// Its place in the list of the letter, from 0.
    pub position: u32,
    /// Its number in the letter.
    pub order: Option<u32>,
    /// Theme, with the label of the source.
    pub theme: Option<Theme>,
    /// The promise.
    pub text: Text,
    /// Date from which it is due.
    pub due_from: Option<PartialDate>,
    /// The words of the letter on time.
    pub due_note: Option<Text>,
    /// The promised quantity.
    pub quantity: Option<Quantity>,
    /// Its outcome, as its source states it.
    pub status: Option<CommitmentStatus>,
}

vocabulary! { closed,
    /// Fields by which commitments are filtered and ordered.
    Field {
        /// Area of cooperation.
        Area = "area",
        /// Outcome.
        Status = "status",
        /// Date from which it is due.
        DueFrom = "due_from",
        /// Place in its letter.
        Position = "position",
    }
}

relations! {
    /// The letter that declares it.
    CommitmentLetter: Commitment => LetterOfIntent, "commitment.letter_of_intent";
}

impl Fact for Commitment {
    const KIND: Kind = Kind::Commitment;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.text.original().text.clone()
    }
    fn facets(&self) -> Vec<Facet> {
        theme::facets(self.theme.iter())
    }
}

impl Exchanged for Commitment {
    const COLLECTION: &'static str = "commitments";
    const WHOLE: &'static str = "commitment.letter_of_intent";
    const WHOLE_FIELD: &'static str = "letterOfIntent";
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let commitment = &mut entry.fact;
        f.field("order", &mut commitment.order);
        f.field("theme", &mut commitment.theme);
        f.need("text", &mut commitment.text);
        f.date("dueFrom", PrecisionField::Always("dueFromPrecision"), &mut commitment.due_from);
        f.field("dueNote", &mut commitment.due_note);
        f.object("quantity", &mut commitment.quantity, |f, quantity: &mut Quantity| {
            f.need("minimum", &mut quantity.minimum);
            f.field("unit", &mut quantity.unit);
        });
        f.closed("status", &mut commitment.status);
    }

    fn belong_to(&mut self, whole: Uuid, _: &str, place: usize) {
        self.letter = Id::new(whole);
        self.position = u32::try_from(place).unwrap_or(u32::MAX);
    }
}

//! Answers to interpellations.

use uuid::Uuid;

use crate::date::PartialDate;
use crate::document::Document;
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::interpellation::Interpellation;
use crate::link::relations;
use crate::meta::{Fact, Meta};
use crate::text::Text;

/// The written answer to an interpellation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// What all records share.
    pub meta: Meta,
    /// What it answers.
    pub interpellation: Id<Interpellation>,
    /// Its place among the answers, from 0: supplements follow the first.
    pub position: u32,
    /// The paper.
    pub document: Option<Id<Document>>,
    /// Whom it addresses.
    pub addressee: Option<String>,
    /// When it was given.
    pub answered_on: Option<PartialDate>,
    /// What it says.
    pub summary: Option<Text>,
    /// The fields of cooperation it lists.
    pub areas: Option<Vec<Text>>,
    /// What it announces.
    pub announcements: Option<Vec<Text>>,
}

/// Fields by which answers are filtered and ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Place among the answers.
    Position,
}

relations! {
    /// What it answers.
    AnswerInterpellation: Answer => Interpellation, "answer.interpellation";
    /// The paper.
    AnswerDocument: Answer => Document, "answer.document";
}

impl Fact for Answer {
    const KIND: Kind = Kind::Answer;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.meta.slug.clone()
    }
}

impl Exchanged for Answer {
    const COLLECTION: &'static str = "answer";
    const OWN_SLUG: bool = false;
    const WHOLE: &'static str = "answer.interpellation";
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let answer = &mut entry.fact;
        f.one("document", &mut answer.document);
        f.field("addressee", &mut answer.addressee);
        f.date("date", PrecisionField::None, &mut answer.answered_on);
        f.field("summary", &mut answer.summary);
        f.list("areas", &mut answer.areas);
        f.list("announcements", &mut answer.announcements);
    }

    fn belong_to(&mut self, whole: Uuid, slug: &str, place: usize) {
        self.interpellation = Id::new(whole);
        self.position = u32::try_from(place).unwrap_or(u32::MAX);
        self.meta.slug = format!("{slug}--answer-{}", place + 1);
    }
}

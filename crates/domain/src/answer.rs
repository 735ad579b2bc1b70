//! Answers to interpellations.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::date::PartialDate;
use crate::document::Document;
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::interpellation::Interpellation;
use crate::link::{Link, relations};
use crate::meta::{Fact, Meta};
use crate::official::Official;
use crate::text::Text;

/// The written answer to an interpellation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Fields that all records share.
    pub meta: Meta,
    /// The interpellation that it answers.
    pub interpellation: Id<Interpellation>,
    /// Its place among the answers, from 0: supplements follow the first one.
    pub position: u32,
    /// The document that contains it.
    pub document: Option<Id<Document>>,
    /// The addressee, by office.
    pub addressee: Option<String>,
    /// Date of the answer.
    pub answered_on: Option<PartialDate>,
    /// Summary.
    pub summary: Option<Text>,
    /// The fields of cooperation that it lists.
    pub areas: Option<Vec<Text>>,
    /// The plans that it announces.
    pub announcements: Option<Vec<Text>>,
}

/// The fields of a citation itself, beside the cited record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cited {
    /// The cited version, if it is known.
    pub version: Option<u32>,
    /// Quoted words of the record.
    pub quote: Option<Text>,
}

/// The types that an answer can cite, by their names in files: every type that has a collection.
pub const CITABLE: &[(&str, Kind)] = &[
    ("city", Kind::City),
    ("organization", Kind::Organization),
    ("term", Kind::Term),
    ("session", Kind::Session),
    ("resolution", Kind::Resolution),
    ("partnership", Kind::Partnership),
    ("agreement", Kind::Agreement),
    ("letterOfIntent", Kind::LetterOfIntent),
    ("project", Kind::Project),
    ("youthExchange", Kind::YouthExchange),
    ("businessMission", Kind::BusinessMission),
    ("event", Kind::JointEvent),
    ("studyVisit", Kind::StudyVisit),
    ("meeting", Kind::Meeting),
    ("interpellation", Kind::Interpellation),
    ("document", Kind::Document),
];

/// The name of the list of citations. It refers to records of many types, so it is not a relation.
pub const CITATIONS: &str = "answer.citations";

vocabulary! { closed,
    /// Fields by which answers are filtered and ordered.
    Field {
        /// Place among the answers.
        Position = "position",
    }
}

relations! {
    /// The interpellation that it answers.
    AnswerInterpellation: Answer => Interpellation, "answer.interpellation";
    /// The document that contains it.
    AnswerDocument: Answer => Document, "answer.document";
    /// The officials who signed it.
    AnswerSignatory: Answer => Official, ["answer.signed_by"];
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
        let (answer, links) = (&mut entry.fact, &mut entry.links);
        f.one("document", &mut answer.document);
        f.field("addressee", &mut answer.addressee);
        f.single("signedBy", links.of("answer.signed_by"), |f, link: &mut Link| f.official(link));
        f.date("date", PrecisionField::None, &mut answer.answered_on);
        f.field("summary", &mut answer.summary);
        f.list("areas", &mut answer.areas);
        f.list("announcements", &mut answer.announcements);
        f.each("citations", links.of(CITATIONS), |f, link: &mut Link| {
            f.end(CITABLE, link);
            let mut cited = link.detail::<Cited>().unwrap_or_default();
            f.field("version", &mut cited.version);
            let version = cited.version.map(f64::from);
            f.bounds("version", 1, None, version, |_| "versions count from 1".to_owned());
            f.field("quote", &mut cited.quote);
            link.set_detail(&cited);
        });
    }

    fn belong_to(&mut self, whole: Uuid, slug: &str, place: usize) {
        self.interpellation = Id::new(whole);
        self.position = u32::try_from(place).unwrap_or(u32::MAX);
        self.meta.slug = format!("{slug}--answer-{}", place + 1);
    }
}

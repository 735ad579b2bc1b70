//! Interpellations and questions of councillors.

mod status;

use chrono::NaiveDate;

use crate::answer::Answer;
use crate::business_mission::BusinessMission;
use crate::city::City;
use crate::council::Session;
use crate::date::{PartialDate, ends_before_start};
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::letter_of_intent::LetterOfIntent;
use crate::link::{Link, relations};
use crate::meta::{Fact, Meta};
use crate::official::Official;
use crate::organization::Organization;
use crate::partnership::Partnership;
use crate::text::Text;
use crate::vocabulary::Open;

pub use status::{InterpellationStatus, Turn};

vocabulary! { open,
    /// Kind of a councillor's paper.
    InterpellationKind {
        /// On a matter of major importance to the municipality.
        Interpellation = "interpellation",
        /// On a current problem or a concrete fact.
        Question = "question",
        /// None of these.
        Other = "other",
    }
}

/// A councillor's interpellation or question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interpellation {
    /// Fields that all records share.
    pub meta: Meta,
    /// Kind, with the label of the source.
    pub kind: Option<Open<InterpellationKind>>,
    /// The city.
    pub city: Option<Id<City>>,
    /// The council.
    pub council: Option<Id<Organization>>,
    /// Date of filing.
    pub submitted_on: Option<PartialDate>,
    /// The session at which it was filed.
    pub session: Option<Id<Session>>,
    /// Subject.
    pub subject: Text,
    /// Its full text.
    pub text: Option<Text>,
    /// The single questions.
    pub questions: Option<Vec<Text>>,
    /// Day on which the mayor received it.
    pub received_by_mayor_on: Option<NaiveDate>,
    /// The office that prepares the answer.
    pub assigned_to: Option<String>,
    /// Date on which the councillor withdrew it.
    pub retracted_on: Option<PartialDate>,
}

vocabulary! { closed,
    /// Fields by which interpellations are filtered and ordered.
    Field {
        /// Kind.
        Kind = "kind",
        /// Day of filing.
        SubmittedOn = "submitted_on",
    }
}

relations! {
    /// The city.
    InterpellationCity: Interpellation => City, "interpellation.city";
    /// The council.
    InterpellationCouncil: Interpellation => Organization, "interpellation.council";
    /// The session.
    InterpellationSession: Interpellation => Session, "interpellation.session";
    /// The councillors who filed it.
    InterpellationCouncillors: Interpellation => Official, ["interpellation.councillors"];
    /// Letters of intent that are its subject.
    InterpellationLetters: Interpellation => LetterOfIntent, ["interpellation.letters_of_intent"];
    /// Business missions that are its subject.
    InterpellationMissions: Interpellation => BusinessMission, ["interpellation.business_missions"];
    /// Partnerships that are its subject.
    InterpellationPartnerships: Interpellation => Partnership, ["interpellation.partnerships"];
}

impl Fact for Interpellation {
    const KIND: Kind = Kind::Interpellation;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.subject.original().text.clone()
    }
}

/// Checks the order of dates: nothing that follows an interpellation precedes it, and no supplement precedes the answer.
fn in_order(interpellation: &Interpellation, answers: &[Entry<Answer>], f: &mut Form<'_>) {
    let filed = interpellation.submitted_on;
    if ends_before_start(filed, interpellation.retracted_on) {
        let message = "it was withdrawn before it was filed: give a date that is not before \"submittedDate\"";
        f.fault("retractedDate", message.to_owned());
    }
    let first = answers.first().and_then(|answer| answer.fact.answered_on).or(filed);
    for (at, answer) in answers.iter().enumerate() {
        let (path, before) = match at.checked_sub(1) {
            None => ("answer/date".to_owned(), filed),
            Some(place) => (format!("supplements/{place}/date"), first),
        };
        if ends_before_start(before, answer.fact.answered_on) {
            f.fault(
                &path,
                "it is dated before the interpellation that it answers: give a date that is not before that one"
                    .to_owned(),
            );
        }
    }
}

impl Exchanged for Interpellation {
    const COLLECTION: &'static str = "interpellations";
    const IDENTITY: &'static [&'static [&'static str]] = &[&["subject", "submittedDate"], &["subject", "city"]];
    type Parts = Vec<Entry<Answer>>;

    fn is_fixed(field: &str) -> Option<&'static str> {
        ["answer", "supplements"]
            .contains(&field)
            .then_some("a published answer is immutable: correct it with supplementInterpellation")
    }

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let (interpellation, links) = (&mut entry.fact, &mut entry.links);
        f.field("kind", &mut interpellation.kind);
        f.one("city", &mut interpellation.city);
        f.one("council", &mut interpellation.council);
        f.single("councillor", links.of("interpellation.councillors"), |f, link: &mut Link| f.official(link));
        f.date("submittedDate", PrecisionField::Always("datePrecision"), &mut interpellation.submitted_on);
        let council = interpellation.council;
        f.titled_reference("session", &mut interpellation.session, |title| Session::named(title, council));
        f.need("subject", &mut interpellation.subject);
        f.field("text", &mut interpellation.text);
        f.list("questions", &mut interpellation.questions);
        f.field("receivedByMayorDate", &mut interpellation.received_by_mayor_on);
        if ends_before_start(interpellation.submitted_on, interpellation.received_by_mayor_on.map(PartialDate::day)) {
            f.fault(
                "receivedByMayorDate",
                "the mayor received it before it was filed: give a day that is not before \"submittedDate\"".to_owned(),
            );
        }
        f.label("assignedTo", &mut interpellation.assigned_to);
        f.date("retractedDate", PrecisionField::None, &mut interpellation.retracted_on);
        f.only_part::<Answer>("answer", &mut entry.parts);
        let is_answered = !entry.parts.is_empty();
        f.later_parts::<Answer>("supplements", &mut entry.parts);
        if f.reads() && !is_answered && !entry.parts.is_empty() {
            f.fault("supplements", "supplements need a first answer: give it in \"answer\"".to_owned());
        }
        if f.reads() && is_answered && interpellation.retracted_on.is_some() {
            f.fault(
                "retractedDate",
                "an interpellation that was answered cannot have been withdrawn: remove the answer or the withdrawal"
                    .to_owned(),
            );
        }
        if f.reads() {
            in_order(interpellation, &entry.parts, f);
        }
        f.many::<LetterOfIntent>("lettersOfIntent", links.of("interpellation.letters_of_intent"));
        f.many::<BusinessMission>("businessMissions", links.of("interpellation.business_missions"));
        f.many::<Partnership>("partnerships", links.of("interpellation.partnerships"));
    }

    fn part_pointer(place: usize) -> String {
        place.checked_sub(1).map_or_else(|| "/answer".to_owned(), |place| format!("/supplements/{place}"))
    }
}

//! Interpellations and questions of councillors.

use crate::answer::Answer;
use crate::business_mission::BusinessMission;
use crate::city::City;
use crate::council::Session;
use crate::date::PartialDate;
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
    /// What all records share.
    pub meta: Meta,
    /// Kind, as given.
    pub kind: Option<Open<InterpellationKind>>,
    /// The city.
    pub city: Option<Id<City>>,
    /// The council.
    pub council: Option<Id<Organization>>,
    /// When it was filed.
    pub submitted_on: Option<PartialDate>,
    /// The session at which it was filed.
    pub session: Option<Id<Session>>,
    /// What it is about.
    pub subject: Text,
}

/// Fields by which interpellations are filtered and ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Kind.
    Kind,
    /// Day of filing.
    SubmittedOn,
}

relations! {
    /// The city.
    InterpellationCity: Interpellation => City, "interpellation.city";
    /// The council.
    InterpellationCouncil: Interpellation => Organization, "interpellation.council";
    /// The session.
    InterpellationSession: Interpellation => Session, "interpellation.session";
    /// Who asks.
    InterpellationCouncillors: Interpellation => Official, ["interpellation.councillors"];
    /// Letters of intent it is about.
    InterpellationLetters: Interpellation => LetterOfIntent, ["interpellation.letters_of_intent"];
    /// Business missions it is about.
    InterpellationMissions: Interpellation => BusinessMission, ["interpellation.business_missions"];
    /// Partnerships it is about.
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

impl Exchanged for Interpellation {
    const COLLECTION: &'static str = "interpellations";
    type Parts = Vec<Entry<Answer>>;

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
        f.only_part::<Answer>("answer", &mut entry.parts);
        f.many::<LetterOfIntent>("lettersOfIntent", links.of("interpellation.letters_of_intent"));
        f.many::<BusinessMission>("businessMissions", links.of("interpellation.business_missions"));
        f.many::<Partnership>("partnerships", links.of("interpellation.partnerships"));
    }
}

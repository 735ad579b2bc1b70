//! Letters of intent: political promises, which require no resolution.

use chrono::NaiveDate;

use crate::agreement::Agreement;
use crate::business_mission::BusinessMission;
use crate::city::City;
use crate::commitment::Commitment;
use crate::exchange::{Entry, Exchanged, Form, Whole};
use crate::id::{Id, Kind};
use crate::link::{Link, relations};
use crate::meta::{Fact, Meta};
use crate::official::Official;
use crate::organization::Organization;
use crate::paper::{Lists, Paper};
use crate::partnership::Partnership;
use crate::resolution::Resolution;

/// A letter of intent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LetterOfIntent {
    /// Fields that all records share.
    pub meta: Meta,
    /// Fields that agreements have as well.
    pub paper: Paper,
    /// The letter that it renews.
    pub renews: Option<Id<LetterOfIntent>>,
    /// The business mission at which it was signed.
    pub business_mission: Option<Id<BusinessMission>>,
}

vocabulary! { closed,
    /// Fields by which letters of intent are filtered and ordered.
    Field {
        /// Day of signing.
        SignedOn = "signed_on",
    }
}

relations! {
    /// The partnership it belongs to.
    LetterPartnership: LetterOfIntent => Partnership, "letter_of_intent.partnership";
    /// The business mission at which it was signed.
    LetterBusinessMission: LetterOfIntent => BusinessMission, "letter_of_intent.business_mission";
    /// The letter that it renews.
    LetterRenewed: LetterOfIntent => LetterOfIntent, "letter_of_intent.renews";
    /// The cities that are parties.
    LetterParties: LetterOfIntent => City, ["letter_of_intent.parties"];
    /// The officials who signed.
    LetterSignatories: LetterOfIntent => Official, ["letter_of_intent.signatories"];
    /// Council resolutions that precede it.
    LetterResolutions: LetterOfIntent => Resolution, ["letter_of_intent.preceded_by"];
    /// Cities that witnessed the signing.
    LetterWitnessCities: LetterOfIntent => City, ["letter_of_intent.witnesses"];
    /// Organizations that witnessed the signing.
    LetterWitnessOrganizations: LetterOfIntent => Organization, ["letter_of_intent.witnesses"];
    /// The agreement that precedes it.
    LetterAfterAgreement: LetterOfIntent => Agreement, ["letter_of_intent.follows"];
    /// The letter of intent that precedes it.
    LetterAfterLetter: LetterOfIntent => LetterOfIntent, ["letter_of_intent.follows"];
}

const LISTS: Lists = Lists {
    parties: "letter_of_intent.parties",
    signatories: "letter_of_intent.signatories",
    preceded_by: "letter_of_intent.preceded_by",
    follows: "letter_of_intent.follows",
};

impl Fact for LetterOfIntent {
    const KIND: Kind = Kind::LetterOfIntent;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.paper.title.original().text.clone()
    }
    fn other_names(&self) -> Vec<String> {
        self.paper.title.variants().iter().map(|variant| variant.text.clone()).collect()
    }
}

impl Exchanged for LetterOfIntent {
    const COLLECTION: &'static str = "lettersOfIntent";
    const IDENTITY: &'static [&'static [&'static str]] = &[&["parties"], &["title", "date"]];
    type Parts = Vec<Entry<Commitment>>;

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let (letter, links) = (&mut entry.fact, &mut entry.links);
        letter.paper.form(links, &LISTS, f);
        f.one("renews", &mut letter.renews);
        f.one("businessMission", &mut letter.business_mission);
        f.each("witnesses", links.of("letter_of_intent.witnesses"), |f, link: &mut Link| f.party(link));
        f.parts::<Commitment>("commitments", &mut entry.parts);
    }

    fn part_pointer(place: usize) -> String {
        format!("/commitments/{place}")
    }

    fn remarks(entry: &mut Entry<Self>, today: NaiveDate) -> Vec<(&'static str, String)> {
        entry.fact.paper.remarks(&mut entry.links, &LISTS, today)
    }
}

impl Whole for LetterOfIntent {
    type Part = Commitment;

    fn of(commitment: &Commitment) -> Id<Self> {
        commitment.letter
    }
}

//! Signed papers of a partnership.

use crate::city::City;
use crate::exchange::{Entry, Exchanged, Form};
use crate::id::{Id, Kind};
use crate::letter_of_intent::LetterOfIntent;
use crate::link::relations;
use crate::meeting::Meeting;
use crate::meta::{Fact, Meta};
use crate::official::Official;
use crate::paper::{Lists, Paper};
use crate::partnership::Partnership;
use crate::resolution::Resolution;
use crate::vocabulary::Open;

vocabulary! { open,
    /// Kind of an agreement.
    AgreementKind {
        /// A partnership or twinning agreement.
        Twinning = "partnershipAgreement",
        /// An agreement on cooperation short of a partnership.
        Cooperation = "cooperationAgreement",
        /// The renewal of an earlier agreement.
        Renewal = "renewal",
        /// A joint declaration.
        Declaration = "declaration",
        /// An agreement on one project.
        Project = "projectAgreement",
        /// Membership of an association.
        Association = "association",
        /// None of these.
        Other = "other",
    }
}

/// A signed paper of a partnership.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agreement {
    /// What all records share.
    pub meta: Meta,
    /// Kind, as given.
    pub kind: Option<Open<AgreementKind>>,
    /// What it shares with letters of intent.
    pub paper: Paper,
    /// The agreement that it renews.
    pub renews: Option<Id<Agreement>>,
}

/// Fields by which agreements are filtered and ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Kind.
    Kind,
    /// Day of signing.
    SignedOn,
}

relations! {
    /// The partnership it belongs to.
    AgreementPartnership: Agreement => Partnership, "agreement.partnership";
    /// The agreement that it renews.
    AgreementRenewed: Agreement => Agreement, "agreement.renews";
    /// Meetings about an agreement.
    MeetingAgreement: Meeting => Agreement, "meeting.agreement";
    /// The cities that are parties.
    AgreementParties: Agreement => City, ["agreement.parties"];
    /// Who signed.
    AgreementSignatories: Agreement => Official, ["agreement.signatories"];
    /// Resolutions before it.
    AgreementResolutions: Agreement => Resolution, ["agreement.preceded_by"];
    /// The agreement before it.
    AgreementAfterAgreement: Agreement => Agreement, ["agreement.follows"];
    /// The letter of intent before it.
    AgreementAfterLetter: Agreement => LetterOfIntent, ["agreement.follows"];
}

const LISTS: Lists = Lists {
    parties: "agreement.parties",
    signatories: "agreement.signatories",
    preceded_by: "agreement.preceded_by",
    follows: "agreement.follows",
};

impl Fact for Agreement {
    const KIND: Kind = Kind::Agreement;
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

impl Exchanged for Agreement {
    const COLLECTION: &'static str = "agreements";
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let agreement = &mut entry.fact;
        f.field("kind", &mut agreement.kind);
        agreement.paper.form(&mut entry.links, &LISTS, f);
        f.one("renews", &mut agreement.renews);
    }
}

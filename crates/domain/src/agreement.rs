//! Signed papers of a partnership.

mod status;

use chrono::NaiveDate;

use crate::city::City;
use crate::date::{PartialDate, ends_before_start};
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::letter_of_intent::LetterOfIntent;
use crate::link::{Links, relations};
use crate::meeting::Meeting;
use crate::meta::{Fact, Meta};
use crate::official::Official;
use crate::paper::{Lists, Paper};
use crate::partnership::Partnership;
use crate::resolution::Resolution;
use crate::vocabulary::Open;

pub use status::{AgreementStatus, Suspension, Termination, Turn};

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
    /// Fields that all records share.
    pub meta: Meta,
    /// Kind, with the label of the source.
    pub kind: Option<Open<AgreementKind>>,
    /// Fields that letters of intent have as well.
    pub paper: Paper,
    /// First day on which it is in force.
    pub valid_from: Option<PartialDate>,
    /// Last day on which it is in force; `None`: not known, unless it is open-ended.
    pub valid_to: Option<PartialDate>,
    /// True if it is in force until it is terminated.
    pub open_ended: bool,
    /// Periods in which it is suspended, in order.
    pub suspensions: Option<Vec<Suspension>>,
    /// How it was terminated before its end.
    pub termination: Option<Termination>,
    /// The agreement that it renews.
    pub renews: Option<Id<Agreement>>,
}

vocabulary! { closed,
    /// Fields by which agreements are filtered and ordered.
    Field {
        /// Kind.
        Kind = "kind",
        /// Day of signing.
        SignedOn = "signed_on",
    }
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
    /// The officials who signed.
    AgreementSignatories: Agreement => Official, ["agreement.signatories"];
    /// Council resolutions that precede it.
    AgreementResolutions: Agreement => Resolution, ["agreement.preceded_by"];
    /// The agreement that precedes it.
    AgreementAfterAgreement: Agreement => Agreement, ["agreement.follows"];
    /// The letter of intent that precedes it.
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
    const IDENTITY: &'static [&'static [&'static str]] = &[&["parties"], &["title", "date"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let agreement = &mut entry.fact;
        f.field("kind", &mut agreement.kind);
        agreement.paper.form(&mut entry.links, &LISTS, f);
        agreement.validity(f);
        agreement.suspensions(f);
        agreement.termination(&mut entry.links, f);
        f.one("renews", &mut agreement.renews);
    }

    fn remarks(entry: &mut Entry<Self>, today: NaiveDate) -> Vec<(&'static str, String)> {
        entry.fact.paper.remarks(&mut entry.links, &LISTS, today)
    }
}

impl Agreement {
    fn validity(&mut self, f: &mut Form<'_>) {
        f.date("validFrom", PrecisionField::None, &mut self.valid_from);
        f.date("validTo", PrecisionField::None, &mut self.valid_to);
        f.flag("openEnded", &mut self.open_ended);
        if ends_before_start(self.valid_from, self.valid_to) {
            f.fault(
                "validTo",
                "it ends before it begins: give a \"validTo\" that is not before \"validFrom\"".to_owned(),
            );
        }
        if self.open_ended && self.valid_to.is_some() {
            f.fault(
                "openEnded",
                "an open-ended agreement has no last day: give \"validTo\" or \"openEnded\"".to_owned(),
            );
        }
        if ends_before_start(self.paper.signed_on, self.valid_from) && !f.has("note") {
            f.fault("validFrom", "it is in force before it was signed: give the reason in \"note\"".to_owned());
        }
    }

    fn suspensions(&mut self, f: &mut Form<'_>) {
        f.objects("suspensions", &mut self.suspensions, |f, suspension: &mut Suspension| {
            f.need_some("from", &mut suspension.from);
            f.date("to", PrecisionField::None, &mut suspension.to);
            if ends_before_start(suspension.from, suspension.to) {
                f.fault(
                    "to",
                    "the suspension ends before it begins: give a \"to\" that is not before \"from\"".to_owned(),
                );
            }
            f.field("reason", &mut suspension.reason);
        });
        for (at, pair) in self.suspensions.iter().flatten().collect::<Vec<_>>().windows(2).enumerate() {
            let [before, after] = pair else { continue };
            if before.to.is_none() || ends_before_start(before.to, after.from) {
                let message = "the suspension begins before the previous one ends: list suspensions in order, each with its \"to\"";
                f.fault(&format!("suspensions/{}/from", at + 1), message.to_owned());
            }
        }
    }

    fn termination(&mut self, links: &mut Links, f: &mut Form<'_>) {
        let signed_on = self.paper.signed_on;
        let parties = links.of(LISTS.parties);
        f.object("termination", &mut self.termination, |f, termination: &mut Termination| {
            f.one("city", &mut termination.city);
            f.need_some("date", &mut termination.date);
            f.one("resolution", &mut termination.resolution);
            f.field("reason", &mut termination.reason);
            f.at_least_one_of(&["resolution", "reason"]);
            if termination.city.is_some_and(|city| !parties.iter().any(|party| party.to == city.raw())) {
                f.fault("city", "the city is not a party of the agreement: name one of its \"parties\"".to_owned());
            }
            if termination.resolution.is_none() && termination.reason.is_none() {
                f.fault("", "the termination has no reason: give a \"resolution\" or a \"reason\"".to_owned());
            }
            if ends_before_start(signed_on, termination.date) {
                f.fault(
                    "date",
                    "it was terminated before it was signed: give a \"date\" that is not before the date of signing"
                        .to_owned(),
                );
            }
        });
    }
}

//! The common fields of agreements and letters of intent.

use chrono::NaiveDate;

use crate::city::City;
use crate::date::{PartialDate, is_after};
use crate::exchange::Form;
use crate::id::{Id, Kind};
use crate::link::{Link, Links};
use crate::partnership::Partnership;
use crate::place::Place;
use crate::resolution::Resolution;
use crate::text::Text;

/// A paper that cities signed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paper {
    /// Title.
    pub title: Text,
    /// The partnership it belongs to.
    pub partnership: Option<Id<Partnership>>,
    /// Date of signing.
    pub signed_on: Option<PartialDate>,
    /// Place of signing.
    pub place: Option<Place>,
    /// The event at which it was signed.
    pub occasion: Option<Text>,
    /// Aims.
    pub aims: Option<Vec<Text>>,
    /// Subjects.
    pub scope: Option<Vec<Text>>,
}

/// The names of a paper's lists of references.
pub(crate) struct Lists {
    pub(crate) parties: &'static str,
    pub(crate) signatories: &'static str,
    pub(crate) preceded_by: &'static str,
    pub(crate) follows: &'static str,
}

impl Paper {
    pub(crate) fn form(&mut self, links: &mut Links, lists: &Lists, f: &mut Form<'_>) {
        f.titled("title", "titles", &mut self.title);
        f.one("partnership", &mut self.partnership);
        f.many::<City>("parties", links.of(lists.parties));
        f.at_least("parties", 1);
        if f.reads() && links.of(lists.parties).is_empty() {
            f.fault("parties", "the list is empty, but a paper has parties: name the cities".to_owned());
        }
        f.date_or_bound("date", "datePrecision", "dateNotAfter", &mut self.signed_on);
        Place::form(f, &mut self.place);
        f.field("occasion", &mut self.occasion);
        f.each("signatories", links.of(lists.signatories), |f, link: &mut Link| f.official(link));
        f.list("aims", &mut self.aims);
        f.list("scope", &mut self.scope);
        f.many::<Resolution>("precededBy", links.of(lists.preceded_by));
        f.either("follows", &[Kind::Agreement, Kind::LetterOfIntent], links.of(lists.follows));
    }

    /// Warnings on facts that are unusual on a day.
    pub(crate) fn remarks(&self, links: &mut Links, lists: &Lists, today: NaiveDate) -> Vec<(&'static str, String)> {
        let mut remarks = Vec::new();
        if links.of(lists.parties).len() == 1 {
            remarks.push(("parties", "it has only one party: name the other cities if they are known".to_owned()));
        }
        if let Some(date) = self.signed_on.filter(|date| is_after(Some(*date), today)) {
            remarks.push(("date", format!("the date of signing, {}, is in the future: correct it", date.value())));
        }
        remarks
    }
}

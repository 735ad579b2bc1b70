//! Council resolutions.

use crate::city::City;
use crate::date::PartialDate;
use crate::exchange::{Entry, Exchanged, Form};
use crate::id::{Id, Kind};
use crate::link::relations;
use crate::meta::{Fact, Meta};
use crate::organization::Organization;
use crate::partnership::Partnership;
use crate::text::Text;

/// A resolution of a council.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolution {
    /// Fields that all records share.
    pub meta: Meta,
    /// City of the council.
    pub city: Option<Id<City>>,
    /// The council.
    pub body: Option<Id<Organization>>,
    /// Subject.
    pub subject: Text,
    /// Number, for example `XI/123/2018`.
    pub number: Option<String>,
    /// Date of adoption.
    pub adopted_on: Option<PartialDate>,
    /// The partnership that is its subject.
    pub partnership: Option<Id<Partnership>>,
}

vocabulary! { closed,
    /// Fields by which resolutions are filtered and ordered.
    Field {
        /// Day of adoption.
        AdoptedOn = "adopted_on",
        /// Number.
        Number = "number",
    }
}

relations! {
    /// City of the council.
    ResolutionCity: Resolution => City, "resolution.city";
    /// The council.
    ResolutionBody: Resolution => Organization, "resolution.body";
    /// The partnership that is its subject.
    ResolutionPartnership: Resolution => Partnership, "resolution.partnership";
}

impl Fact for Resolution {
    const KIND: Kind = Kind::Resolution;
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
    fn other_names(&self) -> Vec<String> {
        self.number.iter().cloned().collect()
    }
}

impl Exchanged for Resolution {
    const COLLECTION: &'static str = "resolutions";
    const IDENTITY: &'static [&'static [&'static str]] =
        &[&["subject", "city"], &["subject", "number"], &["subject", "date"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let resolution = &mut entry.fact;
        f.one("city", &mut resolution.city);
        f.one("body", &mut resolution.body);
        f.need("subject", &mut resolution.subject);
        f.field("number", &mut resolution.number);
        f.date_or_bound("date", "datePrecision", "dateNotAfter", &mut resolution.adopted_on);
        f.one("partnership", &mut resolution.partnership);
    }
}

//! Holders of a public office, the only persons whose names are recorded.

use crate::city::City;
use crate::council::short;
use crate::fold;
use crate::id::{self, Id, Kind};
use crate::link::relations;
use crate::meta::{Fact, Meta};

/// A person in a public office. No private data is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Official {
    /// Fields that all records share.
    pub meta: Meta,
    /// Name of the person.
    pub person: String,
    /// The office.
    pub office: Option<String>,
    /// City of the office.
    pub city: Option<Id<City>>,
}

vocabulary! { closed,
    /// Fields by which officials are filtered and ordered.
    Field {
        /// The office.
        Office = "office",
    }
}

relations! {
    /// City of the office.
    OfficialCity: Official => City, "official.city";
}

impl Fact for Official {
    const KIND: Kind = Kind::Official;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.person.clone()
    }
    fn other_names(&self) -> Vec<String> {
        self.office.iter().cloned().collect()
    }
}

impl Official {
    /// The slug of an official who is named inside another record. It depends on the whole name, office and city, so the
    /// same person in another office is another record, and different spellings are different records.
    pub fn derived_slug(&self, city: Option<&str>) -> String {
        let key =
            format!("{}\n{}\n{}", self.person, self.office.as_deref().unwrap_or_default(), city.unwrap_or_default());
        format!("{}-{}", short(&fold::lasting_slug(&self.person)), id::fingerprint(&key))
    }
}

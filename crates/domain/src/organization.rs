//! Institutions, associations and companies.

use crate::city::City;
use crate::date::PartialDate;
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::link::relations;
use crate::meta::{Fact, Meta};
use crate::text::Text;
use crate::vocabulary::Open;

vocabulary! { open,
    /// Kind of an organization.
    OrganizationKind {
        /// A council.
        Council = "cityCouncil" | "council",
        /// An office of a municipality.
        Office = "cityOffice" | "office",
        /// A school.
        School = "school",
        /// A cultural institution.
        Culture = "culturalInstitution" | "culture",
        /// A sports club or venue.
        Sport = "sportsClub" | "sport",
        /// A chamber of commerce.
        Chamber = "chamberOfCommerce" | "chamber",
        /// A development agency.
        Agency = "developmentAgency" | "agency",
        /// An association.
        Association = "association" | "twinTownAssociation" | "euroregionAssociation",
        /// A company.
        Company = "company",
        /// Another non-governmental organization.
        Ngo = "ngo",
        /// A Euroregion.
        Euroregion = "euroregion",
        /// None of these; fire services and municipal guards are known labels without a kind of their own.
        Other = "other" | "fireService" | "municipalGuard",
    }
}

/// An institution, association or company.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organization {
    /// Fields that all records share.
    pub meta: Meta,
    /// Name.
    pub name: Text,
    /// Kind, with the label of the source.
    pub kind: Option<Open<OrganizationKind>>,
    /// City of its seat.
    pub city: Option<Id<City>>,
    /// Seat outside the registry.
    pub seat_name: Option<String>,
    /// Organization it belongs to.
    pub parent: Option<Id<Organization>>,
    /// Date of its foundation.
    pub founded: Option<PartialDate>,
    /// Address of the organization.
    pub address: Option<String>,
    /// Website.
    pub website: Option<String>,
}

vocabulary! { closed,
    /// Fields by which organizations are filtered and ordered.
    Field {
        /// Kind.
        Kind = "kind",
    }
}

relations! {
    /// City of the seat.
    OrganizationCity: Organization => City, "organization.city";
    /// Organization it belongs to.
    OrganizationParent: Organization => Organization, "organization.parent";
}

impl Fact for Organization {
    const KIND: Kind = Kind::Organization;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.name.original().text.clone()
    }
    fn other_names(&self) -> Vec<String> {
        self.name.variants().iter().map(|variant| variant.text.clone()).collect()
    }
}

impl Exchanged for Organization {
    const COLLECTION: &'static str = "organizations";
    const IDENTITY: &'static [&'static [&'static str]] = &[&["name", "city"], &["name", "kind"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let organization = &mut entry.fact;
        f.titled("name", "names", &mut organization.name);
        f.field("kind", &mut organization.kind);
        f.one("city", &mut organization.city);
        f.field("seatName", &mut organization.seat_name);
        f.one("parent", &mut organization.parent);
        f.date("founded", PrecisionField::Always("foundedPrecision"), &mut organization.founded);
        f.field("address", &mut organization.address);
        f.field("website", &mut organization.website);
    }
}

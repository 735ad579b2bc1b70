//! Youth exchanges and school contacts: head counts only, never names.

use crate::activity::{Activity, Detail};
use crate::country::Code;
use crate::exchange::Form;
use crate::id::Kind;
use crate::link::Links;
use crate::meta::Facet;

/// A youth exchange or school contact.
pub type YouthExchange = Activity<YouthExchangeDetail>;

/// The fields that a youth exchange adds to an activity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct YouthExchangeDetail {
    /// Countries that guests came from.
    pub guest_countries: Option<Vec<Code>>,
}

impl Detail for YouthExchangeDetail {
    const KIND: Kind = Kind::YouthExchange;
    const COLLECTION: &'static str = "youthExchanges";

    fn form(&mut self, _: &mut Links, f: &mut Form<'_>) {
        f.list("guestCountries", &mut self.guest_countries);
    }

    fn facets(&self) -> Vec<Facet> {
        let mut countries: Vec<&Code> = self.guest_countries.iter().flatten().collect();
        countries.sort_unstable();
        countries.dedup();
        countries.into_iter().map(|code| Facet { name: GUEST_COUNTRY_FACET, value: code.as_str().to_owned() }).collect()
    }
}

/// The facet for finding exchanges by the country of guests.
pub const GUEST_COUNTRY_FACET: &str = "guest_country";

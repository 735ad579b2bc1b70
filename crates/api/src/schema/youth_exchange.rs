//! A youth exchange or school contact: head counts only, never names.

use pomost_domain as domain;
use pomost_domain::activity::{
    ActivityCities, ActivityHost, ActivityOrganizations, ActivityPartnership, ActivityProjects, Field,
};

use super::activity::activity;
use super::country::Country;
use super::filter::{AreaFilter, PartialDateFilter, PeriodFilter, TextFilter, ValueFilter, filters, orders};
use super::record::queries;
use super::{
    ActivityForm, ActivityStatus, CityFilter, CityListFilter, OrganizationListFilter, PartnershipFilter,
    ProjectListFilter,
};

activity! {
    /// A youth exchange or school contact: head counts only, never names.
    YouthExchange of domain::YouthExchange, YouthExchangeFilter, YouthExchangeOrder {
        /// Countries that guests came from, where their towns are not named. `null`: not reported.
        pub(crate) async fn guest_countries(&self) -> Option<Vec<Country>> {
            self.0.detail.guest_countries.as_ref().map(|codes| codes.iter().copied().map(Country::of).collect())
        }

    }
    connections {
    }
    prefetch(plan) {
        plan.countries("guestCountries", |exchange| exchange.detail.guest_countries.clone().unwrap_or_default());
    }
}

filters! {
    /// Conditions on youth exchanges. All that are given hold together.
    YouthExchangeFilter, YouthExchangeListFilter of domain::YouthExchange {
        /// Form of the activity, for example `CONFERENCE`.
        form: ValueFilter<ActivityForm> = Field::Form,
        /// How far it has come.
        status: ValueFilter<ActivityStatus> = Field::Status,
        /// First day.
        starts_on: PartialDateFilter = Field::StartsOn,
        /// Last day.
        ends_on: PartialDateFilter = Field::EndsOn,
        /// A stretch of time in which it possibly took place.
        period: PeriodFilter = Field::Period,
        /// Areas of cooperation.
        area: AreaFilter = Field::Area,
        /// Country that guests came from, by its ISO 3166-1 alpha-2 code.
        guest_country: TextFilter = Field::GuestCountry,
    }
    one {
        /// City where it takes place.
        host_city: CityFilter = ActivityHost<domain::YouthExchange>,
        /// Partnership it belongs to.
        partnership: PartnershipFilter = ActivityPartnership<domain::YouthExchange>,
    }
    many {
        /// Cities that take part.
        cities: CityListFilter = ActivityCities<domain::YouthExchange>,
        /// Organizations that take part.
        organizations: OrganizationListFilter = ActivityOrganizations<domain::YouthExchange>,
        /// Projects it belongs to.
        projects: ProjectListFilter = ActivityProjects<domain::YouthExchange>,
    }
}

orders! { YouthExchangeOrder, YouthExchangeOrderField of domain::YouthExchange {
    /// First day.
    StartsOn = Field::StartsOn,
    /// Last day.
    EndsOn = Field::EndsOn,
    /// Name of the host city.
    HostCity = Field::HostCity,
    /// Status, by its label.
    Status = Field::Status,
    /// Form, by its label.
    Form = Field::Form,
} }

queries! { YouthExchangeQuery, YouthExchangeListQuery: /// A youth exchange.
youth_exchange, /// Youth exchanges and school contacts.
youth_exchanges => YouthExchange }

//! A study visit: officials or specialists who learn from a partner.

use pomost_domain as domain;
use pomost_domain::activity::{
    ActivityCities, ActivityHost, ActivityOrganizations, ActivityPartnership, ActivityProjects, Field,
};

use super::activity::activity;
use super::filter::{AreaFilter, PartialDateFilter, PeriodFilter, ValueFilter, filters, orders};
use super::record::queries;
use super::values::{LocalizedText, texts};
use super::{
    ActivityForm, ActivityStatus, CityFilter, CityListFilter, OrganizationListFilter, PartnershipFilter,
    ProjectListFilter,
};

activity! {
    /// A study visit: officials or specialists who learn from a partner.
    StudyVisit of domain::StudyVisit, StudyVisitFilter, StudyVisitOrder {
        /// What the visitors come to learn, point by point. `null`: not reported.
        pub(crate) async fn topics(&self) -> Option<Vec<LocalizedText>> {
            texts(self.0.detail.topics.as_ref())
        }

    }
    connections {
    }
    prefetch(plan) {
        let _ = plan;
    }
}

filters! {
    /// Conditions on study visits. All that are given hold together.
    StudyVisitFilter, StudyVisitListFilter of domain::StudyVisit {
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
    }
    one {
        /// City where it takes place.
        host_city: CityFilter = ActivityHost<domain::StudyVisit>,
        /// Partnership it belongs to.
        partnership: PartnershipFilter = ActivityPartnership<domain::StudyVisit>,
    }
    many {
        /// Cities that take part.
        cities: CityListFilter = ActivityCities<domain::StudyVisit>,
        /// Organizations that take part.
        organizations: OrganizationListFilter = ActivityOrganizations<domain::StudyVisit>,
        /// Projects it belongs to.
        projects: ProjectListFilter = ActivityProjects<domain::StudyVisit>,
    }
}

orders! { StudyVisitOrder, StudyVisitOrderField of domain::StudyVisit {
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

queries! { StudyVisitQuery, StudyVisitListQuery: /// A study visit.
study_visit, /// Visits of officials or specialists who learn from a partner.
study_visits => StudyVisit }

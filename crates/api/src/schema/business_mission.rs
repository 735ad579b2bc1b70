//! An economic activity: conference, fair, sector meeting, award, or an announced series of missions.

use pomost_domain as domain;
use pomost_domain::activity::{
    ActivityCities, ActivityHost, ActivityOrganizations, ActivityPartnership, ActivityProjects, Field,
};
use pomost_domain::link::Reverse;

use super::activity::activity;
use super::filter::{AreaFilter, PartialDateFilter, PeriodFilter, ValueFilter, filters, orders};
use super::record::queries;
use super::values::{LocalizedText, texts};
use super::{
    ActivityForm, ActivityStatus, CityFilter, CityListFilter, Interpellation, LetterOfIntent, OrganizationListFilter,
    PartnershipFilter, ProjectListFilter,
};

activity! {
    /// An economic activity: conference, fair, sector meeting, award, or an announced series of missions.
    BusinessMission of domain::BusinessMission, BusinessMissionFilter, BusinessMissionOrder {
        /// What it is about, point by point. `null`: not reported.
        pub(crate) async fn topics(&self) -> Option<Vec<LocalizedText>> {
            texts(self.0.detail.topics.as_ref())
        }

    }
    connections {
        /// Letters of intent signed at it.
        letters_of_intent: Reverse<domain::letter_of_intent::LetterBusinessMission> => LetterOfIntent,
        /// Interpellations that name it.
        interpellations: Reverse<domain::interpellation::InterpellationMissions> => Interpellation,
    }
    prefetch(plan) {
        let _ = plan;
    }
}

filters! {
    /// Conditions on business missions. All that are given hold together.
    BusinessMissionFilter, BusinessMissionListFilter of domain::BusinessMission {
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
        host_city: CityFilter = ActivityHost<domain::BusinessMission>,
        /// Partnership it belongs to.
        partnership: PartnershipFilter = ActivityPartnership<domain::BusinessMission>,
    }
    many {
        /// Cities that take part.
        cities: CityListFilter = ActivityCities<domain::BusinessMission>,
        /// Organizations that take part.
        organizations: OrganizationListFilter = ActivityOrganizations<domain::BusinessMission>,
        /// Projects it belongs to.
        projects: ProjectListFilter = ActivityProjects<domain::BusinessMission>,
    }
}

orders! { BusinessMissionOrder, BusinessMissionOrderField of domain::BusinessMission {
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

queries! { BusinessMissionQuery, BusinessMissionListQuery: /// A business mission.
business_mission, /// Economic activities.
business_missions => BusinessMission }

//! A joint cultural, sports or promotional event.

use async_graphql::Context;
use pomost_domain as domain;
use pomost_domain::activity::{
    ActivityCities, ActivityHost, ActivityOrganizations, ActivityPartnership, ActivityProjects, Field,
};
use pomost_domain::link::Reverse;

use super::activity::activity;
use super::connection::one;
use super::filter::{AreaFilter, PartialDateFilter, PeriodFilter, ValueFilter, filters, orders};
use super::record::queries;
use super::{
    ActivityForm, ActivityStatus, CityFilter, CityListFilter, Meeting, MeetingFilter, OrganizationListFilter,
    PartnershipFilter, ProjectListFilter,
};
use crate::error::ApiError;

activity! {
    /// A joint cultural, sports or promotional event.
    JointEvent of domain::JointEvent, JointEventFilter, JointEventOrder {
        /// Meeting held with it. `null`: none is reported.
        pub(crate) async fn meeting(&self, ctx: &Context<'_>) -> Option<Result<Meeting, ApiError>> {
            one(ctx, self.0.detail.meeting).await.transpose()
        }

    }
    connections {
        /// Meetings that name it as their event.
        meetings: Reverse<domain::meeting::MeetingEvent> => Meeting,
    }
    prefetch(plan) {
        plan.one::<Meeting>(&["meeting"], |event| vec![event.detail.meeting]);
    }
}

filters! {
    /// Conditions on joint events. All that are given hold together.
    JointEventFilter, JointEventListFilter of domain::JointEvent {
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
        host_city: CityFilter = ActivityHost<domain::JointEvent>,
        /// Partnership it belongs to.
        partnership: PartnershipFilter = ActivityPartnership<domain::JointEvent>,
        /// Meeting held with it.
        meeting: MeetingFilter = domain::joint_event::EventMeeting,
    }
    many {
        /// Cities that take part.
        cities: CityListFilter = ActivityCities<domain::JointEvent>,
        /// Organizations that take part.
        organizations: OrganizationListFilter = ActivityOrganizations<domain::JointEvent>,
        /// Projects it belongs to.
        projects: ProjectListFilter = ActivityProjects<domain::JointEvent>,
    }
}

orders! { JointEventOrder, JointEventOrderField of domain::JointEvent {
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

queries! { JointEventQuery, JointEventListQuery: /// A joint event.
joint_event, /// Joint cultural, sports and promotional events.
joint_events => JointEvent }

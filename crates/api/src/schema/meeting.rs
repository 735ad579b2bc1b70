//! A meeting: delegation, signing, anniversary, working meeting, conference or webinar.

use async_graphql::Context;
use pomost_domain as domain;
use pomost_domain::Fact;
use pomost_domain::activity::{
    ActivityCities, ActivityHost, ActivityOrganizations, ActivityPartnership, ActivityProjects, Field,
};
use pomost_domain::agreement::MeetingAgreement;
use pomost_domain::link::Reverse;
use pomost_domain::meeting::{MeetingAttendees, MeetingLetter};

use super::activity::activity;
use super::connection::{listed, one};
use super::filter::{AreaFilter, PartialDateFilter, PeriodFilter, ValueFilter, filters, orders};
use super::record::queries;
use super::{
    ActivityForm, ActivityStatus, Agreement, AgreementFilter, CityFilter, CityListFilter, JointEvent, LetterOfIntent,
    LetterOfIntentFilter, Official, OfficialListFilter, OrganizationListFilter, PartnershipFilter, ProjectListFilter,
};
use crate::error::ApiError;

activity! {
    /// A meeting: delegation, signing, anniversary, working meeting, conference or webinar.
    Meeting of domain::Meeting, MeetingFilter, MeetingOrder {
        /// Agreement that it is about. `null`: none.
        pub(crate) async fn agreement(&self, ctx: &Context<'_>) -> Option<Result<Agreement, ApiError>> {
            one(ctx, self.0.detail.agreement).await.transpose()
        }

        /// Letter of intent that it is about. `null`: none.
        pub(crate) async fn letter_of_intent(&self, ctx: &Context<'_>) -> Option<Result<LetterOfIntent, ApiError>> {
            one(ctx, self.0.detail.letter_of_intent).await.transpose()
        }

        /// Event held with it. `null`: none.
        pub(crate) async fn event(&self, ctx: &Context<'_>) -> Option<Result<JointEvent, ApiError>> {
            one(ctx, self.0.detail.event).await.transpose()
        }

        /// Office holders who attended, as far as the source names them.
        pub(crate) async fn attendees(&self, ctx: &Context<'_>) -> Result<Vec<Official>, ApiError> {
            listed::<MeetingAttendees, Official>(ctx, self.0.id()).await
        }

    }
    connections {
        /// Events that name it as their meeting.
        events: Reverse<domain::joint_event::EventMeeting> => JointEvent,
    }
    prefetch(plan) {
        plan.one::<Agreement>(&["agreement"], |meeting| vec![meeting.detail.agreement]);
        plan.one::<LetterOfIntent>(&["letterOfIntent"], |meeting| vec![meeting.detail.letter_of_intent]);
        plan.one::<JointEvent>(&["event"], |meeting| vec![meeting.detail.event]);
        plan.list::<MeetingAttendees, Official>("attendees", &[]);
    }
}

filters! {
    /// Conditions on meetings. All that are given hold together.
    MeetingFilter, MeetingListFilter of domain::Meeting {
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
        host_city: CityFilter = ActivityHost<domain::Meeting>,
        /// Partnership it belongs to.
        partnership: PartnershipFilter = ActivityPartnership<domain::Meeting>,
        /// Agreement it is about.
        agreement: AgreementFilter = MeetingAgreement,
        /// Letter of intent it is about.
        letter_of_intent: LetterOfIntentFilter = MeetingLetter,
    }
    many {
        /// Cities that take part.
        cities: CityListFilter = ActivityCities<domain::Meeting>,
        /// Organizations that take part.
        organizations: OrganizationListFilter = ActivityOrganizations<domain::Meeting>,
        /// Projects it belongs to.
        projects: ProjectListFilter = ActivityProjects<domain::Meeting>,
        /// Office holders who attended.
        attendees: OfficialListFilter = MeetingAttendees,
    }
}

orders! { MeetingOrder, MeetingOrderField of domain::Meeting {
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

queries! { MeetingQuery, MeetingListQuery: /// A meeting.
meeting, /// Delegations, signings, anniversaries, working meetings, conferences and webinars.
meetings => Meeting }

//! A meeting: delegation, signing, anniversary, working meeting, conference or webinar.

use super::activity;
use super::activity::{ActivityFields, Tables};
use super::{Agreement, JointEvent, LetterOfIntent, Official};
use crate::error::ApiError;
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, listed, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use async_graphql::{Context, Object};
use pomost_domain as domain;
use pomost_domain::activity::AnyActivity;
use pomost_domain::activity::Field;
use pomost_domain::agreement::MeetingAgreement;
use pomost_domain::link::Reverse;
use pomost_domain::meeting::{MeetingAttendees, MeetingLetter};
use std::sync::Arc;

/// A meeting: delegation, signing, anniversary, working meeting, conference or webinar.
#[derive(Clone)]
pub(crate) struct Meeting(pub(crate) Arc<domain::Meeting>);

impl From<Arc<domain::Meeting>> for Meeting {
    fn from(fact: Arc<domain::Meeting>) -> Self {
        Self(fact)
    }
}

/// A meeting: delegation, signing, anniversary, working meeting, conference or webinar.
#[Object]
impl Meeting {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn activity(&self) -> Flattened<ActivityFields> {
        Flattened(ActivityFields(AnyActivity::Meeting(Arc::clone(&self.0))))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Agreement that it is about. `null`: none.
    async fn agreement(&self, ctx: &Context<'_>) -> Option<Result<Agreement, ApiError>> {
        one(ctx, self.0.detail.agreement).await.transpose()
    }

    /// Letter of intent that it is about. `null`: none.
    async fn letter_of_intent(&self, ctx: &Context<'_>) -> Option<Result<LetterOfIntent, ApiError>> {
        one(ctx, self.0.detail.letter_of_intent).await.transpose()
    }

    /// Event held with it. `null`: none.
    async fn event(&self, ctx: &Context<'_>) -> Option<Result<JointEvent, ApiError>> {
        one(ctx, self.0.detail.event).await.transpose()
    }

    /// Office holders who attended, as far as the source names them.
    async fn attendees(&self, ctx: &Context<'_>) -> Result<Vec<Official>, ApiError> {
        listed::<MeetingAttendees, Official>(ctx, self.0.meta.id).await
    }
}

impl Shown for Meeting {
    type Fact = domain::Meeting;
    const NAME: &'static str = "Meeting";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "meeting", doc: "A meeting.", cost: None }),
        many: Some(Query {
            name: "meetings",
            doc: "Delegations, signings, anniversaries, working meetings, conferences and webinars.",
            cost: None,
        }),
    };
    const COMMANDS: Option<Commands> =
        Some(Commands { create: "createMeeting", update: "updateMeeting", form: Form::of::<domain::Meeting>() });
    const LISTS: &'static [List] = &[List {
        name: "events",
        doc: "Events that name it as their meeting.",
        way: way::<Reverse<domain::joint_event::EventMeeting>, JointEvent>(),
    }];
    const FILTER: &'static str = "Conditions on meetings. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[Tables::<domain::Meeting>::CONDITIONS];
    const RELATED: Groups<Related> = &[
        Tables::<domain::Meeting>::RELATED,
        &[
            Related {
                name: "agreement",
                doc: "Agreement it is about.",
                ends: Ends::One,
                way: way::<MeetingAgreement, Agreement>(),
            },
            Related {
                name: "letterOfIntent",
                doc: "Letter of intent it is about.",
                ends: Ends::One,
                way: way::<MeetingLetter, LetterOfIntent>(),
            },
            Related {
                name: "attendees",
                doc: "Office holders who attended.",
                ends: Ends::Many,
                way: way::<MeetingAttendees, Official>(),
            },
        ],
    ];
    const ORDERS: Groups<OrderBy<Field>> = &[
        Tables::<domain::Meeting>::ORDERS,
        &[OrderBy { name: "HOST_CITY", doc: "Name of the host city.", field: Field::HostCity, cost: None }],
    ];

    fn prefetch(plan: &mut Prefetch<'_, domain::Meeting>) {
        activity::prefetch(plan, domain::activity::Activity::facts);
        plan.one::<Agreement>(&["agreement"], |meeting| vec![meeting.detail.agreement]);
        plan.one::<LetterOfIntent>(&["letterOfIntent"], |meeting| vec![meeting.detail.letter_of_intent]);
        plan.one::<JointEvent>(&["event"], |meeting| vec![meeting.detail.event]);
        plan.linked::<MeetingAttendees, Official>("attendees", &[]);
    }
}

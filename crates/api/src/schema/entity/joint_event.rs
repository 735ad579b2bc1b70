//! A joint cultural, sports or promotional event.

use super::Meeting;
use super::activity;
use super::activity::{ActivityFields, Tables};
use crate::error::ApiError;
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use async_graphql::{Context, Object};
use pomost_domain as domain;
use pomost_domain::activity::AnyActivity;
use pomost_domain::activity::Field;
use pomost_domain::link::Reverse;
use std::sync::Arc;

/// A joint cultural, sports or promotional event.
#[derive(Clone)]
pub(crate) struct JointEvent(pub(crate) Arc<domain::JointEvent>);

impl From<Arc<domain::JointEvent>> for JointEvent {
    fn from(fact: Arc<domain::JointEvent>) -> Self {
        Self(fact)
    }
}

/// A joint cultural, sports or promotional event.
#[Object]
impl JointEvent {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn activity(&self) -> Flattened<ActivityFields> {
        Flattened(ActivityFields(AnyActivity::JointEvent(Arc::clone(&self.0))))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Meeting held with it. `null`: none is reported.
    async fn meeting(&self, ctx: &Context<'_>) -> Option<Result<Meeting, ApiError>> {
        one(ctx, self.0.detail.meeting).await.transpose()
    }
}

impl Shown for JointEvent {
    type Fact = domain::JointEvent;
    const NAME: &'static str = "JointEvent";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "jointEvent", doc: "A joint event.", cost: None }),
        many: Some(Query { name: "jointEvents", doc: "Joint cultural, sports and promotional events.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createJointEvent",
        update: "updateJointEvent",
        form: Form::of::<domain::JointEvent>(),
    });
    const LISTS: &'static [List] = &[List {
        name: "meetings",
        doc: "Meetings that name it as their event.",
        way: way::<Reverse<domain::meeting::MeetingEvent>, Meeting>(),
    }];
    const FILTER: &'static str = "Conditions on joint events. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[Tables::<domain::JointEvent>::CONDITIONS];
    const RELATED: Groups<Related> = &[
        Tables::<domain::JointEvent>::RELATED,
        &[Related {
            name: "meeting",
            doc: "Meeting held with it.",
            ends: Ends::One,
            way: way::<domain::joint_event::EventMeeting, Meeting>(),
        }],
    ];
    const ORDERS: Groups<OrderBy<Field>> = &[
        Tables::<domain::JointEvent>::ORDERS,
        &[OrderBy { name: "HOST_CITY", doc: "Name of the host city.", field: Field::HostCity, cost: None }],
    ];

    fn prefetch(plan: &mut Prefetch<'_, domain::JointEvent>) {
        activity::prefetch(plan, domain::activity::Activity::facts);
        plan.one::<Meeting>(&["meeting"], |event| vec![event.detail.meeting]);
    }
}

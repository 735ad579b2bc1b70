//! An economic activity: conference, fair, sector meeting, award, or an announced series of missions.

use super::activity;
use super::activity::{ActivityFields, Tables};
use super::{Interpellation, LetterOfIntent};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared};
use crate::schema::machinery::shown::{
    Commands, Condition, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{LocalizedText, texts};
use async_graphql::Object;
use pomost_domain as domain;
use pomost_domain::activity::AnyActivity;
use pomost_domain::activity::Field;
use pomost_domain::link::Reverse;
use std::sync::Arc;

/// An economic activity: conference, fair, sector meeting, award, or an announced series of missions.
#[derive(Clone)]
pub(crate) struct BusinessMission(pub(crate) Arc<domain::BusinessMission>);

impl From<Arc<domain::BusinessMission>> for BusinessMission {
    fn from(fact: Arc<domain::BusinessMission>) -> Self {
        Self(fact)
    }
}

/// An economic activity: conference, fair, sector meeting, award, or an announced series of missions.
#[Object]
impl BusinessMission {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn activity(&self) -> Flattened<ActivityFields> {
        Flattened(ActivityFields(AnyActivity::BusinessMission(Arc::clone(&self.0))))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// What it is about, point by point. `null`: not reported.
    async fn topics(&self) -> Option<Vec<LocalizedText>> {
        texts(self.0.detail.topics.as_ref())
    }
}

impl Shown for BusinessMission {
    type Fact = domain::BusinessMission;
    const NAME: &'static str = "BusinessMission";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "businessMission", doc: "A business mission.", cost: None }),
        many: Some(Query { name: "businessMissions", doc: "Economic activities.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createBusinessMission",
        update: "updateBusinessMission",
        form: Form::of::<domain::BusinessMission>(),
    });
    const LISTS: &'static [List] = &[
        List {
            name: "lettersOfIntent",
            doc: "Letters of intent signed at it.",
            way: way::<Reverse<domain::letter_of_intent::LetterBusinessMission>, LetterOfIntent>(),
        },
        List {
            name: "interpellations",
            doc: "Interpellations that name it.",
            way: way::<Reverse<domain::interpellation::InterpellationMissions>, Interpellation>(),
        },
    ];
    const FILTER: &'static str = "Conditions on business missions. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[Tables::<domain::BusinessMission>::CONDITIONS];
    const RELATED: Groups<Related> = &[Tables::<domain::BusinessMission>::RELATED];
    const ORDERS: Groups<OrderBy<Field>> = &[
        Tables::<domain::BusinessMission>::ORDERS,
        &[OrderBy { name: "HOST_CITY", doc: "Name of the host city.", field: Field::HostCity, cost: None }],
    ];

    fn prefetch(plan: &mut Prefetch<'_, domain::BusinessMission>) {
        activity::prefetch(plan, domain::activity::Activity::facts);
        let _ = plan;
    }
}

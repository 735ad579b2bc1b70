//! A study visit: officials or specialists who learn from a partner.

use super::activity;
use super::activity::{ActivityFields, Tables};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Shared};
use crate::schema::machinery::shown::{Commands, Condition, Groups, OrderBy, Queries, Query, Related, Shown};
use crate::schema::machinery::values::{LocalizedText, texts};
use async_graphql::Object;
use pomost_domain as domain;
use pomost_domain::activity::AnyActivity;
use pomost_domain::activity::Field;
use std::sync::Arc;

/// A study visit: officials or specialists who learn from a partner.
#[derive(Clone)]
pub(crate) struct StudyVisit(pub(crate) Arc<domain::StudyVisit>);

impl From<Arc<domain::StudyVisit>> for StudyVisit {
    fn from(fact: Arc<domain::StudyVisit>) -> Self {
        Self(fact)
    }
}

/// A study visit: officials or specialists who learn from a partner.
#[Object]
impl StudyVisit {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn activity(&self) -> Flattened<ActivityFields> {
        Flattened(ActivityFields(AnyActivity::StudyVisit(Arc::clone(&self.0))))
    }

    /// What the visitors come to learn, point by point. `null`: not reported.
    async fn topics(&self) -> Option<Vec<LocalizedText>> {
        texts(self.0.detail.topics.as_ref())
    }
}

impl Shown for StudyVisit {
    type Fact = domain::StudyVisit;
    const NAME: &'static str = "StudyVisit";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "studyVisit", doc: "A study visit.", cost: None }),
        many: Some(Query {
            name: "studyVisits",
            doc: "Visits of officials or specialists who learn from a partner.",
            cost: None,
        }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createStudyVisit",
        update: "updateStudyVisit",
        form: Form::of::<domain::StudyVisit>(),
    });
    const FILTER: &'static str = "Conditions on study visits. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[Tables::<domain::StudyVisit>::CONDITIONS];
    const RELATED: Groups<Related> = &[Tables::<domain::StudyVisit>::RELATED];
    const ORDERS: Groups<OrderBy<Field>> = &[
        Tables::<domain::StudyVisit>::ORDERS,
        &[OrderBy { name: "HOST_CITY", doc: "Name of the host city.", field: Field::HostCity, cost: None }],
    ];

    fn prefetch(plan: &mut Prefetch<'_, domain::StudyVisit>) {
        activity::prefetch(plan, domain::activity::Activity::facts);
        let _ = plan;
    }
}

//! A youth exchange or school contact: head counts only, never names.

use super::activity;
use super::activity::{ActivityFields, Tables};
use super::country::Country;
use crate::schema::machinery::filter::{Test, TextFilter};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Shared};
use crate::schema::machinery::shown::{Commands, Condition, Groups, OrderBy, Queries, Query, Related, Shown};
use async_graphql::Object;
use pomost_domain as domain;
use pomost_domain::activity::AnyActivity;
use pomost_domain::activity::Field;
use std::sync::Arc;

/// A youth exchange or school contact: head counts only, never names.
#[derive(Clone)]
pub(crate) struct YouthExchange(pub(crate) Arc<domain::YouthExchange>);

impl From<Arc<domain::YouthExchange>> for YouthExchange {
    fn from(fact: Arc<domain::YouthExchange>) -> Self {
        Self(fact)
    }
}

/// A youth exchange or school contact: head counts only, never names.
#[Object]
impl YouthExchange {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn activity(&self) -> Flattened<ActivityFields> {
        Flattened(ActivityFields(AnyActivity::YouthExchange(Arc::clone(&self.0))))
    }

    /// Countries that guests came from, where their towns are not named. `null`: not reported.
    async fn guest_countries(&self) -> Option<Vec<Country>> {
        self.0.detail.guest_countries.as_ref().map(|codes| codes.iter().copied().map(Country::of).collect())
    }
}

impl Shown for YouthExchange {
    type Fact = domain::YouthExchange;
    const NAME: &'static str = "YouthExchange";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "youthExchange", doc: "A youth exchange.", cost: None }),
        many: Some(Query { name: "youthExchanges", doc: "Youth exchanges and school contacts.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createYouthExchange",
        update: "updateYouthExchange",
        form: Form::of::<domain::YouthExchange>(),
    });
    const FILTER: &'static str = "Conditions on youth exchanges. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[
        Tables::<domain::YouthExchange>::CONDITIONS,
        &[Condition {
            name: "guestCountry",
            doc: "Country that guests came from, by its ISO 3166-1 alpha-2 code.",
            test: Test::of::<TextFilter>(),
            field: Field::GuestCountry,
        }],
    ];
    const RELATED: Groups<Related> = &[Tables::<domain::YouthExchange>::RELATED];
    const ORDERS: Groups<OrderBy<Field>> = &[
        Tables::<domain::YouthExchange>::ORDERS,
        &[OrderBy { name: "HOST_CITY", doc: "Name of the host city.", field: Field::HostCity, cost: None }],
    ];

    fn prefetch(plan: &mut Prefetch<'_, domain::YouthExchange>) {
        activity::prefetch(plan, domain::activity::Activity::facts);
        plan.countries("guestCountries", |exchange| exchange.detail.guest_countries.clone().unwrap_or_default());
    }
}

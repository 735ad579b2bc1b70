//! The field `rateLimit`, which a schema may merge into its queries.

use async_graphql::parser::types::{OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql::{Context, Name, Object, SimpleObject, Value};
use chrono::{DateTime, Utc};

use crate::gate::Balance;

/// The budget of a client, in points of cost. Before an operation is executed, its maximum cost is taken from the budget;
/// afterwards, the difference to its actual cost is refunded. Spent points are restored over time.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// Size of the budget.
    limit: u32,
    /// Maximum cost of this operation, which was reserved.
    requested: u32,
    /// Actual cost of this operation. If the answer has errors, it is the reserved cost.
    cost: u32,
    /// Rest of the budget after this operation.
    remaining: u32,
    /// Time at which the budget is full, if nothing more is spent.
    reset_at: DateTime<Utc>,
}

impl From<&Balance> for RateLimit {
    fn from(balance: &Balance) -> Self {
        let Balance { limit, requested, cost, remaining, reset_at, .. } = *balance;
        Self { limit, requested, cost, remaining, reset_at: reset_at.into() }
    }
}

/// The root field.
#[derive(Default)]
pub struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// Budget of the client. `null`: this registry sets no limit.
    #[graphql(cache_control(no_cache))]
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        ctx.data_opt::<Balance>().map(RateLimit::from)
    }
}

/// The places of the budget in an answer. The field is resolved before the actual cost of the operation is known, so its
/// values are corrected afterwards.
#[derive(Debug, Default)]
pub(crate) struct ShownBudget {
    /// For each `rateLimit`: its response key, and the keys and names of its fields.
    places: Vec<(Name, Vec<(Name, Name)>)>,
}

impl ShownBudget {
    /// The places in the answer to an operation.
    pub(crate) fn of(operation: &OperationDefinition) -> Self {
        let mut shown = Self::default();
        if operation.ty == OperationType::Query {
            each_field(&operation.selection_set.node, &mut |key, name, inner| {
                if name.as_str() == "rateLimit" {
                    let mut fields = Vec::new();
                    each_field(inner, &mut |key, name, _| fields.push((key.clone(), name.clone())));
                    shown.places.push((key.clone(), fields));
                }
            });
        }
        shown
    }

    /// Writes a balance into an answer.
    pub(crate) fn update(&self, data: &mut Value, balance: &Balance) {
        let Value::Object(data) = data else { return };
        let RateLimit { limit, requested, cost, remaining, reset_at } = RateLimit::from(balance);
        for (place, fields) in &self.places {
            let Some(Value::Object(found)) = data.get_mut(place) else { continue };
            for (key, name) in fields {
                let value: Value = match name.as_str() {
                    "limit" => limit.into(),
                    "requested" => requested.into(),
                    "cost" => cost.into(),
                    "remaining" => remaining.into(),
                    "resetAt" => async_graphql::ScalarType::to_value(&reset_at),
                    _ => continue,
                };
                if let Some(old) = found.get_mut(key) {
                    *old = value;
                }
            }
        }
    }
}

/// The fields of a selection: their keys, their names and their selections.
fn each_field<'a>(set: &'a SelectionSet, see: &mut impl FnMut(&'a Name, &'a Name, &'a SelectionSet)) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                see(&field.response_key().node, &field.name.node, &field.selection_set.node);
            }
            Selection::InlineFragment(inline) => each_field(&inline.node.selection_set.node, see),
            // Fragment spreads were merged before.
            Selection::FragmentSpread(_) => {}
        }
    }
}

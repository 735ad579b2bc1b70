//! What a client may still spend.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::door::Balance;

/// The budget of a client. Every operation is charged its cost before it is executed; what was spent comes back with time.
#[derive(SimpleObject)]
pub(crate) struct RateLimit {
    /// The most that can be spent at once, in points of cost.
    limit: u32,
    /// What this operation cost, in points of cost.
    cost: u32,
    /// What is left after this operation, in points of cost.
    remaining: u32,
    /// When the whole budget is there again, if nothing more is spent.
    reset_at: DateTime<Utc>,
}

#[derive(Default)]
pub(crate) struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// What the client may still spend. `null`: this registry sets no limit.
    #[graphql(cache_control(no_cache))]
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let Balance { limit, cost, remaining, reset_at, .. } = *ctx.data_opt::<Balance>()?;
        Some(RateLimit { limit, cost, remaining, reset_at: reset_at.into() })
    }
}

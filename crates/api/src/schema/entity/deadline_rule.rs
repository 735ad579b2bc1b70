//! Deadline rules.

use async_graphql::{Context, ID, Object};
use pomost_domain as domain;

use super::country::{self, Country};
use crate::error::ApiError;
use crate::loader::HasLoader;
use crate::schema::machinery::node::deadline_rule_id;
use crate::schema::machinery::prefetch::Look;
use crate::schema::machinery::values::Date;

/// How long an authority has to answer an interpellation, and from when the days count.
#[derive(Clone)]
pub(crate) struct DeadlineRule(pub(crate) domain::DeadlineRule);

/// How long an authority has to answer an interpellation, and from when the days count.
#[Object]
impl DeadlineRule {
    /// Global, opaque and lasting id, for `node` and `nodes`.
    pub(crate) async fn id(&self) -> ID {
        deadline_rule_id(&self.0.slug)
    }

    /// Readable name in addresses, unique among the rules and stable.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Country whose law it is.
    async fn country(&self) -> Country {
        Country::of(self.0.country)
    }

    /// Days that the authority has. `null`: the statute or the rules of each council set them.
    async fn days(&self) -> Option<u32> {
        self.0.days
    }

    /// Event from which the days count: `receivedByMayorOn` or `filedOn`. `null`: not set by the rule.
    async fn start_event(&self) -> Option<&str> {
        self.0.start_event.as_deref()
    }

    /// How days are counted.
    async fn counting(&self) -> &str {
        &self.0.counting
    }

    /// First day on which the rule holds for new terms (ISO 8601). `null`: not recorded.
    async fn valid_from(&self) -> Option<Date> {
        self.0.valid_from.map(Date)
    }

    /// Last day on which the rule holds for new terms (ISO 8601). `null`: it is in force.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    /// The law and the provision that set the deadline.
    async fn legal_basis(&self) -> &str {
        &self.0.legal_basis
    }

    /// What is uncertain about it. `null`: nothing was noted.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }
}

#[derive(Default)]
pub(crate) struct DeadlineRuleQuery;

#[Object]
impl DeadlineRuleQuery {
    /// All rules on how long an authority has to answer, by slug. Reference data, with its legal basis.
    async fn deadline_rules(&self, ctx: &Context<'_>) -> Result<Vec<DeadlineRule>, ApiError> {
        let rules = ctx.loader().store().deadline_rules().await?;
        let look = Look(vec![ctx.look_ahead()]).field("country");
        country::load(ctx.loader(), look, rules.iter().map(|rule| rule.country)).await?;
        Ok(rules.into_iter().map(DeadlineRule).collect())
    }
}

//! What becomes of an activity: named acts, which change its status and, where it moves, its dates.

use async_graphql::{Context, ID, Object};
use pomost_domain::activity::ActivityStatus;
use pomost_domain::exchange::Json;
use pomost_domain::{Right, Vocabulary};
use pomost_persistence::Current;

use super::{Activity, of_kind};
use crate::error::ApiError;
use crate::schema::change::ChangeCursor;
use crate::schema::machinery::command::{Order, Payload, WriteError, act, not_allowed};
use crate::schema::machinery::connection::bad;
use crate::schema::machinery::values::PartialDateInput;
use crate::schema::node;
use crate::schema::viewer::Asks;

/// What an act did to an activity.
pub(crate) struct ActivityPayload {
    record: Result<Option<Activity>, ApiError>,
    errors: Vec<WriteError>,
    change_seq: Option<ChangeCursor>,
}

impl From<Payload> for ActivityPayload {
    fn from(payload: Payload) -> Self {
        let record = payload.record.map(|record| record.map(Activity::from));
        Self { record, errors: payload.errors, change_seq: payload.change_seq.map(ChangeCursor) }
    }
}

/// What an act did to an activity. With `errors`, nothing was written.
#[Object]
impl ActivityPayload {
    /// The activity after the act; after a `CONFLICT`, as it is now. `null`: there is none, or you may not see it.
    async fn record(&self) -> Option<Result<Activity, ApiError>> {
        self.record.clone().transpose()
    }

    /// All mistakes of the input at once; empty when it was done.
    async fn errors(&self) -> &[WriteError] {
        &self.errors
    }

    /// Place of the change in the change feed. `null`: nothing was written.
    async fn change_seq(&self) -> Option<ChangeCursor> {
        self.change_seq
    }
}

/// First and last day, as far as the act says them.
struct Dates {
    start: Option<PartialDateInput>,
    end: Option<PartialDateInput>,
}

const NO_DATES: Dates = Dates { start: None, end: None };

async fn turn(
    ctx: &Context<'_>,
    status: ActivityStatus,
    target: (ID, u32),
    dates: Dates,
    order: Order,
) -> Result<ActivityPayload, ApiError> {
    ctx.require(Right::Write)?;
    let edit = move |current: &Current| {
        let before = current.json.get("status").and_then(Json::as_str).and_then(ActivityStatus::from_label);
        status.follows(before).map_err(not_allowed)?;
        let date = |name: &str, date: Option<PartialDateInput>| {
            date.map(|date| (name.to_owned(), Json::string(date.0.value())))
        };
        let mut changes = vec![("status".to_owned(), Json::string(status.label()))];
        changes.extend(date("startDate", dates.start));
        changes.extend(date("endDate", dates.end));
        Ok(Json::Object(changes))
    };
    let Some(entity) = node::kind(&target.0).and_then(of_kind) else {
        return bad(format!("{:?} is not the id of an activity", target.0.as_str()));
    };
    Ok(act(ctx, entity, Right::Write, "id", target, order, edit).await?.into())
}

#[derive(Default)]
pub(crate) struct ActivityMutation;

#[Object]
impl ActivityMutation {
    /// Plans an activity that was announced, or one that was put off, on a new day.
    #[expect(clippy::too_many_arguments, reason = "what is given once in a while need not be an input of its own")]
    async fn plan_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the activity.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "First day, if it is another now.")] start_date: Option<PartialDateInput>,
        #[graphql(desc = "Last day, if it is another now.")] end_date: Option<PartialDateInput>,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ActivityPayload, ApiError> {
        let dates = Dates { start: start_date, end: end_date };
        turn(ctx, ActivityStatus::Planned, (id, expected_version), dates, Order { reason, idempotency_key }).await
    }

    /// Says that the partners agreed to an activity.
    async fn confirm_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the activity.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ActivityPayload, ApiError> {
        turn(ctx, ActivityStatus::Confirmed, (id, expected_version), NO_DATES, Order { reason, idempotency_key }).await
    }

    /// Says that an activity took place. Announced is not held: only this, or a source that states it, makes it so.
    #[expect(clippy::too_many_arguments, reason = "what is given once in a while need not be an input of its own")]
    async fn hold_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the activity.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "First day, if it was another.")] start_date: Option<PartialDateInput>,
        #[graphql(desc = "Last day, if it was another.")] end_date: Option<PartialDateInput>,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ActivityPayload, ApiError> {
        let dates = Dates { start: start_date, end: end_date };
        turn(ctx, ActivityStatus::Held, (id, expected_version), dates, Order { reason, idempotency_key }).await
    }

    /// Says that an activity that took place was reported on.
    async fn report_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the activity.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ActivityPayload, ApiError> {
        turn(ctx, ActivityStatus::Reported, (id, expected_version), NO_DATES, Order { reason, idempotency_key }).await
    }

    /// Calls an activity off.
    async fn cancel_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the activity.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Why, for the history.")] reason: String,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ActivityPayload, ApiError> {
        let order = Order { reason: Some(reason), idempotency_key };
        turn(ctx, ActivityStatus::Cancelled, (id, expected_version), NO_DATES, order).await
    }

    /// Puts an activity off; it keeps the day that it was planned for, until it is planned anew.
    async fn postpone_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the activity.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Why, for the history.")] reason: String,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ActivityPayload, ApiError> {
        let order = Order { reason: Some(reason), idempotency_key };
        turn(ctx, ActivityStatus::Postponed, (id, expected_version), NO_DATES, order).await
    }
}

//! The steps of a record on its way to the public: the same for records of every kind.

use async_graphql::{Context, ID, Object};
use pomost_domain::{Kind, Right, Step};
use pomost_persistence::{Next, Receipt, Target};
use uuid::Uuid;

use super::change::ChangeCursor;
use super::viewer::Asks;
use crate::error::ApiError;
use crate::loader::HasLoader;
use crate::schema::machinery::command::{Order, Trouble, WriteError, after, write_one};
use crate::schema::machinery::connection::bad;
use crate::schema::machinery::node::{self, record_of};
use crate::schema::machinery::prefetch::Look;
use crate::schema::machinery::record::AnyRecord;

/// What a step did to a record.
pub(crate) struct RecordPayload {
    /// Read after the commit: a failure is one of this field, and takes nothing of what was done back.
    record: Result<Option<AnyRecord>, ApiError>,
    errors: Vec<WriteError>,
    change_seq: Option<i64>,
}

/// The result of a step of a record on its way to the public. With `errors`, nothing was written.
#[Object]
impl RecordPayload {
    /// The record after the step; after a `CONFLICT`, as it is now. `null`: there is no such record, or you may not see it.
    async fn record(&self) -> Option<Result<AnyRecord, ApiError>> {
        self.record.clone().transpose()
    }

    /// All mistakes of the input; empty when the step was taken.
    async fn errors(&self) -> &[WriteError] {
        &self.errors
    }

    /// Place of the change in the change feed. `null`: nothing was written.
    async fn change_seq(&self) -> Option<ChangeCursor> {
        self.change_seq.map(ChangeCursor)
    }
}

/// Takes a record a step on its way to the public, its facts as they are.
async fn step(ctx: &Context<'_>, step: Step, target: (ID, u32), given: Order) -> Result<RecordPayload, ApiError> {
    let (id, expected) = target;
    // Whatever the kind of the record may be.
    ctx.require_one_of(step.rights(Right::File))?;
    let Some((kind, raw)) = record_of(&id) else {
        return bad(format!("{:?} is not the id of a record: take it from the record itself", id.as_str()));
    };
    let Some(right) = Right::to_write(kind) else {
        let kind = node::words(kind);
        return bad(format!(
            "{:?} is the id of a {kind}, which is published with the records that name it",
            id.as_str()
        ));
    };
    ctx.require_one_of(step.rights(right))?;
    let viewer = ctx.viewer().clone();
    let done = write_one(
        ctx,
        given,
        Target::Stored(kind, raw, expected),
        "id",
        Box::new(move |current| {
            let publication = after(step, current, &viewer, right)?;
            let op = step.op(current.publication);
            Ok(Next { json: current.json.clone(), publication, op, withdraws_omitted: false })
        }),
    )
    .await;
    answer(ctx, done, (kind, raw)).await
}

async fn answer(
    ctx: &Context<'_>,
    done: Result<Receipt, Trouble>,
    (kind, raw): (Kind, Uuid),
) -> Result<RecordPayload, ApiError> {
    let (errors, change_seq) = match done {
        Ok(Receipt { change_seq, .. }) => (Vec::new(), change_seq),
        Err(Trouble::Input(errors)) => (errors, None),
        Err(Trouble::Api(error)) => return Err(error),
    };
    let look = Look(vec![ctx.look_ahead()]).field("record");
    let record = node::record(ctx.loader(), kind, raw, look).await;
    Ok(RecordPayload { record, errors, change_seq })
}

#[derive(Default)]
pub(crate) struct PublicationMutation;

#[Object]
impl PublicationMutation {
    /// Submits a draft of any kind to a publisher.
    async fn submit_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the record.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<RecordPayload, ApiError> {
        step(ctx, Step::Submit, (id, expected_version), Order { reason, idempotency_key }).await
    }

    /// Returns a submitted record to its author, as a draft.
    async fn return_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the record.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "What the author should correct.")] reason: String,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<RecordPayload, ApiError> {
        step(ctx, Step::Return, (id, expected_version), Order { reason: Some(reason), idempotency_key }).await
    }

    /// Publishes a record: everyone whom its `visibility` names can read it from now on.
    async fn publish_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the record.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<RecordPayload, ApiError> {
        step(ctx, Step::Publish, (id, expected_version), Order { reason, idempotency_key }).await
    }

    /// Withdraws a record. Nothing is deleted: readers get a tombstone in the change feed, and those who read drafts still see
    /// the record.
    async fn withdraw_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the record.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Why. The tombstone shows it.")] reason: String,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<RecordPayload, ApiError> {
        step(ctx, Step::Withdraw, (id, expected_version), Order { reason: Some(reason), idempotency_key }).await
    }

    /// Withdraws a draft of your own that you have not submitted. Those who read drafts still see the record.
    async fn discard_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the record.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<RecordPayload, ApiError> {
        step(ctx, Step::Discard, (id, expected_version), Order { reason, idempotency_key }).await
    }
}

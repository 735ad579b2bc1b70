//! Erasure for reasons of privacy.

use std::time::Duration;

use async_graphql::{Context, ID, Object, SimpleObject};
use pomost_domain::Right;
use pomost_persistence::{Begun, Receipt};

use super::change::ChangeCursor;
use super::viewer::Asks;
use crate::error::ApiError;
use crate::loader::HasLoader;
use crate::schema::machinery::command::{Order, Trouble, WriteError, order};
use crate::schema::machinery::node::record_of;

/// What an erasure did. With `errors`, nothing was erased.
#[derive(SimpleObject)]
pub(crate) struct ErasePayload {
    /// Global id of the record that was erased; it leads nowhere any more. `null`: nothing was erased.
    id: Option<ID>,
    /// What is in the way; empty when it was done.
    errors: Vec<WriteError>,
    /// Place of the tombstone in the change feed. `null`: nothing was erased.
    change_seq: Option<ChangeCursor>,
}

/// How long the answer waits until the files of the database are free of what was erased. Beyond that it goes on by itself.
const PATIENCE: Duration = Duration::from_secs(2);

async fn erase(ctx: &Context<'_>, (id, expected): (ID, u32), given: Order) -> Result<Receipt, Trouble> {
    let not_one = || ApiError::BadInput(format!("{:?} is not the id of a record", id.as_str()));
    let (kind, raw) = record_of(&id).ok_or_else(not_one)?;
    let (act, key) = order(ctx, given)?;
    let refused = |error| Trouble::of(error, "id");
    let store = ctx.loader().store();
    let receipt = match store.command(act, key).await.map_err(refused)? {
        Begun::Done(receipt) => receipt,
        Begun::Writer(mut writer) => {
            let erased = writer.erase(kind, raw, expected).await.map_err(refused)?;
            writer.commit(erased).await.map_err(|error| Trouble::from(ApiError::from(error)))?
        }
    };
    store.purge_erased(PATIENCE).await;
    Ok(receipt)
}

#[derive(Default)]
pub(crate) struct EraseMutation;

#[Object]
impl EraseMutation {
    /// Erases the content of a record for reasons of privacy, with what is written inside it: from the record itself, from
    /// references to it, from its history and from what the histories of others say of it, from search and from the feed. What
    /// stays is a tombstone: kind, id, when, by whom and why. It cannot be undone, and what was erased is not imported again.
    async fn erase_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of a record of any kind.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is erased.")]
        expected_version: u32,
        #[graphql(desc = "Why; it stands in the tombstone, so name nobody.")] reason: String,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ErasePayload, ApiError> {
        ctx.require(Right::Erase)?;
        let given = Order { reason: Some(reason), idempotency_key };
        match erase(ctx, (id.clone(), expected_version), given).await {
            Ok(receipt) => {
                Ok(ErasePayload { id: Some(id), errors: Vec::new(), change_seq: receipt.change_seq.map(ChangeCursor) })
            }
            Err(Trouble::Input(errors)) => Ok(ErasePayload { id: None, errors, change_seq: None }),
            Err(Trouble::Api(error)) => Err(error),
        }
    }
}

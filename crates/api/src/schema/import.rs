//! Many records at once.

use std::collections::HashSet;
use std::io::Cursor;
use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use pomost_domain::Right;
use pomost_domain::exchange::Fault;
use pomost_domain::meta::Publication;
use pomost_persistence::{Changes, ImportError, ImportOptions, OnFault, Outcome};

use super::change::ChangeCursor;
use super::viewer::Asks;
use crate::error::ApiError;
use crate::loader::HasLoader;
use crate::schema::machinery::command::{Order, WriteError, order};
use crate::schema::machinery::connection::bad;

/// What becomes of records in which something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "OnFault")]
pub(crate) enum ImportErrorPolicy {
    /// Nothing is written.
    RejectAll,
    /// They are left out, with those that refer to them and are not in the registry yet; all others are written.
    RejectFailed,
}

/// What an import did, or would do.
#[derive(SimpleObject)]
pub(crate) struct ImportPayload {
    /// Records that are new, with the officials, programmes and sessions that others name.
    created: u64,
    /// Records that were changed.
    updated: u64,
    /// Records that are as they were.
    unchanged: u64,
    /// Records that were left out.
    rejected: u64,
    /// All mistakes at once; their paths begin with `file`, a collection and a place in it.
    errors: Vec<WriteError>,
    /// Remarks on records that are taken as they are. Of many of one kind, the first ones and how many more there are.
    warnings: Vec<WriteError>,
    /// Stored records that became other ones, each with what it was and what it is: only with `replace`.
    replaced: Vec<String>,
    /// Place of the last change in the change feed. `null`: nothing was written.
    change_seq: Option<ChangeCursor>,
}

const ARGUMENT: &str = "file";

fn shown(faults: Vec<Fault>) -> Vec<WriteError> {
    faults.into_iter().map(|fault| WriteError::of_fault(fault, ARGUMENT)).collect()
}

impl From<Outcome> for ImportPayload {
    fn from(outcome: Outcome) -> Self {
        let sum = |count: fn(&Changes) -> u64| outcome.changes.iter().map(|(_, changes)| count(changes)).sum();
        Self {
            created: sum(|changes| changes.created),
            updated: sum(|changes| changes.updated),
            unchanged: sum(|changes| changes.unchanged),
            rejected: outcome.rejected.len() as u64,
            errors: shown(outcome.faults),
            warnings: shown(outcome.warnings),
            replaced: outcome.replaced,
            change_seq: outcome.change_seq.map(ChangeCursor),
        }
    }
}

fn nothing(errors: Vec<WriteError>, warnings: Vec<WriteError>) -> ImportPayload {
    let wrong: HashSet<_> = errors.iter().filter_map(WriteError::record).collect();
    let rejected = wrong.len() as u64;
    ImportPayload {
        created: 0,
        updated: 0,
        unchanged: 0,
        rejected,
        errors,
        warnings,
        replaced: Vec::new(),
        change_seq: None,
    }
}

#[derive(Default)]
pub(crate) struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Writes many records at once, new ones and changes of stored ones, in one transaction. References may point forward. A
    /// record that is the same as stored is left alone, so that the same import can be done again.
    #[expect(clippy::too_many_arguments, reason = "what is given once in a while need not be an input of its own")]
    async fn import_records(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A file of the exchange format (data/README.md, data/exchange.schema.json), as text: `{\"language\": \"en\", \"cities\": [{\"slug\": …}], …}`. Every record has its `slug`."
        )]
        file: String,
        #[graphql(desc = "What becomes of records in which something is wrong; `REJECT_ALL` when it is not given.")]
        on_error: Option<ImportErrorPolicy>,
        #[graphql(
            desc = "Whether new records are public at once, and what is public is changed too; it needs the right PUBLISH. Without it, new ones are drafts, and what is public is not changed."
        )]
        publish: Option<bool>,
        #[graphql(desc = "Whether it is only said what would be done.")] dry_run: Option<bool>,
        #[graphql(
            desc = "Whether a stored record may become another one, such as a city of another name in another country. Without it, such a record is an error: its slug was probably used twice."
        )]
        replace: Option<bool>,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ImportPayload, ApiError> {
        let publish = publish.unwrap_or(false);
        ctx.require(if publish { Right::Publish } else { Right::Write })?;
        let (act, key) = order(ctx, Order { reason, idempotency_key })?;
        let publication = if publish { Publication::Published } else { Publication::Draft };
        let on_fault = on_error.map_or(OnFault::RejectAll, OnFault::from);
        let (dry_run, replace) = (dry_run.unwrap_or(false), replace.unwrap_or(false));
        let options = ImportOptions { dry_run, replace, on_fault, publication, key, ..ImportOptions::of(act) };
        let text: Arc<[u8]> = file.into_bytes().into();
        let open = move || Ok(Box::new(Cursor::new(Arc::clone(&text))) as Box<dyn std::io::Read + Send>);
        match ctx.loader().store().import(open, options, |_| {}).await {
            Ok(outcome) => Ok(outcome.into()),
            Err(ImportError::Faults { faults, warnings }) => Ok(nothing(shown(faults), shown(warnings))),
            Err(ImportError::KeyTaken) => Ok(nothing(vec![WriteError::key_taken()], Vec::new())),
            Err(ImportError::Io(error)) => bad(format!("`file` cannot be read: {error}")),
            Err(ImportError::Store(error)) => Err(error.into()),
        }
    }
}

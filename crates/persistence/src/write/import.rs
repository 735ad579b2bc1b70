//! Imports a file of the exchange format: all of it or nothing, or all that has no mistake.
//!
//! An import is a pipeline of values, each of which takes the one before:
//!
//! 1. [`Survey`] is the first pass over the file. It checks each record by itself and notes the ids of the records, so that
//!    references may point forward.
//! 2. [`Scope`] says which records the later passes read. Where single records may be rejected, it is pruned by a pass of its
//!    own: records that need rejected ones are rejected, too.
//! 3. The last pass takes portions of one collection. Each becomes [`ReadRecords`](read::ReadRecords), with what the registry knows
//!    of them, then [`ComparedRecords`](compare::ComparedRecords), of which only what is new or changed is left, and is written.
//! 4. [`Applied`] is what was written, and becomes the [`Outcome`].
//!
//! From one pass to the next an id per record is kept, so that memory stays small. All that is written is one transaction.

mod apply;
mod compare;
mod duplicates;
mod effects;
mod pass;
mod prune;
mod read;
mod remarks;
mod survey;
mod verdict;

use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Read};
use std::sync::Arc;

use pomost_domain::Act;
use pomost_domain::exchange::{self, Fault};
use pomost_domain::id::Kind;
use pomost_domain::meta::Publication;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::command::IdempotencyKey;
use crate::error::StoreError;
use crate::receipt;
use crate::record;
use crate::store::Store;
use apply::Applied;
use read::Scope;
use survey::Survey;

/// A file that is read from its beginning.
type File = Box<dyn Read + Send>;

/// Opens the file anew for each pass.
type Open = Arc<dyn Fn() -> std::io::Result<File> + Send + Sync>;

/// How many changed records are named.
const MAX_UPDATES: usize = 100;

/// Treatment of a file with mistakes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFault {
    /// Nothing of it is written.
    #[default]
    RejectAll,
    /// Faulty records are rejected, and those that need them. The others are written.
    RejectFailed,
}

/// Options of an import.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Only say what would change.
    pub dry_run: bool,
    /// Who writes, when, by what and why.
    pub act: Act,
    /// Treatment of a file with mistakes.
    pub on_fault: OnFault,
    /// The publication of new records. An import of drafts changes nothing that is public.
    pub publication: Publication,
    /// Whether a record may become another one: a city of another name in another country.
    pub replace: bool,
    /// Lets a client retry the import without repeating the changes.
    pub key: Option<IdempotencyKey>,
    /// Of a mirror, where erased records may come back: what its source says beside the file.
    pub mirrored: Option<MirrorRun>,
}

/// What the source of a mirror says beside the file that is made of its records.
#[derive(Clone, Debug)]
pub struct MirrorRun {
    /// The ids that the source has for records and that do not follow from their slugs.
    pub ids: HashMap<(Kind, String), Uuid>,
    /// The ids that it has for the records of the file, in their order, by collection.
    pub records: Arc<HashMap<&'static str, Vec<Uuid>>>,
    /// The file holds what was read up to this page.
    pub page: i64,
}

impl ImportOptions {
    /// An import of a file, all of it or nothing, for everyone to see.
    pub fn of(act: Act) -> Self {
        Self {
            dry_run: false,
            act,
            on_fault: OnFault::RejectAll,
            publication: Publication::Published,
            replace: false,
            key: None,
            mirrored: None,
        }
    }
}

/// The progress of an import.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// 1: checks, 2: writes.
    pub pass: u8,
    /// Records of this pass so far.
    pub records: u64,
}

/// What became of the records of a collection, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// New records.
    pub created: u64,
    /// Changed records.
    pub updated: u64,
    /// Records that are as they were.
    pub unchanged: u64,
}

impl Changes {
    fn add(&mut self, Self { created, updated, unchanged }: Self) {
        self.created += created;
        self.updated += updated;
        self.unchanged += unchanged;
    }
}

/// After so many new records, the statistics by which statements are planned are gathered again.
const MANY: u64 = 1_000;

/// What an import did, or would do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Changes per collection, in the order of the format; derived records last.
    pub changes: Vec<(String, Changes)>,
    /// The first changed records, each with its changed fields.
    pub updates: Vec<String>,
    /// Records that became other ones, each with what it was and what it is.
    #[serde(default)]
    pub replaced: Vec<String>,
    /// Remarks on what was taken as it is. Of many of one kind, the first ones and the number of the others.
    pub warnings: Vec<Fault>,
    /// The faults of rejected records.
    pub faults: Vec<Fault>,
    /// The rejected records: their collections and places.
    pub rejected: Vec<(String, usize)>,
    /// The number of the last change; `None`: nothing was written.
    pub change_seq: Option<i64>,
}

impl Outcome {
    /// Whether nothing was, or would be, written.
    pub fn is_unchanged(&self) -> bool {
        self.changes.iter().all(|(_, changes)| changes.created == 0 && changes.updated == 0)
    }
}

/// An outcome as its receipt holds it.
#[derive(Serialize)]
struct ReceiptOutcome<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    /// The records of which the outcome says more than a number: an erasure of one of them removes that.
    records: HashSet<Uuid>,
}

/// An import that wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has mistakes.
    #[error("the file has {} mistakes", faults.len())]
    Faults {
        /// All of them, in the order of the file.
        faults: Vec<Fault>,
        /// Remarks on what would be taken as it is.
        warnings: Vec<Fault>,
    },
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyTaken,
    /// The file cannot be opened.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The registry cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for ImportError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Imports a file. `open` opens it anew for each pass.
    ///
    /// # Errors
    /// The file has mistakes or cannot be read, or the database fails; then nothing is written.
    pub async fn import(
        &self,
        open: impl Fn() -> std::io::Result<Box<dyn Read + Send>> + Send + Sync + 'static,
        options: ImportOptions,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Outcome, ImportError> {
        self.import_boxed(Arc::new(open), &options, Box::new(progress)).await
    }

    async fn import_boxed(
        &self,
        open: Open,
        options: &ImportOptions,
        mut progress: Box<dyn FnMut(Progress) + Send>,
    ) -> Result<Outcome, ImportError> {
        let (file, today) = (open()?, options.act.at.date_naive());
        let (survey, mut progress) = blocking(move || {
            let survey = Survey::of(file, today, &mut |records| progress(Progress { pass: 1, records }));
            (survey, progress)
        })
        .await?;
        if survey.is_cut {
            return Err(located(open, survey.into_refusal()).await?);
        }
        let mut tx = if options.mirrored.is_some() { self.begin_mirrored().await? } else { self.begin().await? };
        if let Some(IdempotencyKey { key, request }) = &options.key
            && let Some((first, outcome)) = receipt::find(&tx, &options.act.by, key).await?
        {
            tx.rollback().await?;
            return if first == *request { Ok(outcome) } else { Err(ImportError::KeyTaken) };
        }
        let mut scope = Scope::of(survey, options, is_empty(&*tx).await?);
        if options.on_fault == OnFault::RejectFailed {
            scope = scope.pruned(open()?, &mut tx).await?;
        }
        let mut second = |records| progress(Progress { pass: 2, records });
        let applied = Applied::of(scope, open()?, &mut tx, &mut second).await?;
        let (mut outcome, mentioned) = match applied.outcome() {
            Ok(outcome) => outcome,
            Err(refusal) => {
                tx.rollback().await?;
                return Err(located(open, refusal).await?);
            }
        };
        (outcome.faults, outcome.warnings) = locate(open, outcome.faults, outcome.warnings).await?;
        outcome.change_seq = Some(tx.seq()).filter(|_| !options.dry_run && !outcome.is_unchanged());
        if options.dry_run {
            tx.rollback().await?;
            return Ok(outcome);
        }
        if let Some(key) = &options.key {
            let receipt = ReceiptOutcome { outcome: &outcome, records: mentioned };
            receipt::keep(&tx, &options.act, key, &receipt).await?;
        }
        // An import that changed nothing has numbered no change, so that this publishes none.
        tx.commit().await?;
        let created: u64 = outcome.changes.iter().map(|(_, changes)| changes.created).sum();
        if created >= MANY {
            self.gather_statistics().await;
        }
        Ok(outcome)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ImportError::Io(std::io::Error::other(error.to_string())))
}

/// Adds to faults and remarks the slugs of the records that they are about, and their lines in the file.
async fn locate(open: Open, faults: Vec<Fault>, warnings: Vec<Fault>) -> Result<(Vec<Fault>, Vec<Fault>), ImportError> {
    if faults.is_empty() && warnings.is_empty() {
        return Ok((faults, warnings));
    }
    let file = open()?;
    blocking(move || {
        let count = faults.len();
        let mut all = faults;
        all.extend(warnings);
        exchange::locate(BufReader::with_capacity(1 << 16, file), &mut all);
        let warnings = all.split_off(count);
        (all, warnings)
    })
    .await
}

/// Adds the same to the faults and remarks of a refusal.
async fn located(open: Open, refusal: ImportError) -> Result<ImportError, ImportError> {
    let ImportError::Faults { faults, warnings } = refusal else { return Ok(refusal) };
    let (faults, warnings) = locate(open, faults, warnings).await?;
    Ok(ImportError::Faults { faults, warnings })
}

async fn is_empty(database: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let any = Query::select().column(record::Column::Id.as_column_ref()).from(record::Entity).limit(1).take();
    Ok(database.query_one(&any).await?.is_none())
}

//! Reads a file of the exchange format into the registry: all of it or nothing.
//!
//! The file is read twice. The first pass checks every record by itself and notes which there are; the second knows them
//! all, so that references may point forward, and writes in one transaction. What is kept from one pass to the other is
//! an id per record, so that memory stays small.

mod survey;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufReader, Read};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use pomost_domain::exchange::{self, Derived, Entry, Exchanged, Fault, Json, Reader, Reading, Resolved, Visit};
use pomost_domain::meta::Publication;
use pomost_domain::{Act, Op, Sight, for_each_collection};
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::change::difference;
use crate::derived::{SeenBy, write_derived};
use crate::error::StoreError;
use crate::export::{StoredParts, portable};
use crate::mapped::Mapped;
use crate::record;
use crate::reference::{dangling, lookup, names};
use crate::statement;
use crate::store::{Store, fact};
use crate::transaction::Tx;
use crate::write::{CHUNK, Change, write};
use survey::{FileOrder, Survey, keep};
/// How many changed records are named.
const MAX_UPDATES: usize = 100;

/// How an import is done.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Only say what would change.
    pub dry_run: bool,
    /// The time of the writes.
    pub now: DateTime<Utc>,
    /// Who writes.
    pub by: String,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// 1: checks, 2: writes.
    pub pass: u8,
    /// Records of this pass so far.
    pub records: u64,
}

/// What became of the records of a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New records.
    pub created: u64,
    /// Changed records.
    pub updated: u64,
    /// Records that are as they were.
    pub unchanged: u64,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Changes per collection, in the order of the format; derived records last.
    pub changes: Vec<(&'static str, Changes)>,
    /// The first changed records, each with its changed fields.
    pub updates: Vec<String>,
    /// Values of open lists that were not known and are kept as given.
    pub warnings: Vec<Fault>,
}

impl Outcome {
    /// Whether nothing was, or would be, written.
    pub fn is_unchanged(&self) -> bool {
        self.changes.iter().all(|(_, changes)| changes.created == 0 && changes.updated == 0)
    }
}

/// An import that wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has mistakes.
    #[error("the file has {} mistakes", faults.len())]
    Faults {
        /// All of them, in the order of the file.
        faults: Vec<Fault>,
        /// Values of open lists that were not known.
        warnings: Vec<Fault>,
    },
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
    /// Imports a file. `open` opens it anew for each of the two passes.
    ///
    /// # Errors
    /// The file has mistakes or cannot be read, or the database fails; then nothing is written.
    pub async fn import(
        &self,
        open: impl Fn() -> std::io::Result<Box<dyn Read + Send>> + Send + Sync + 'static,
        options: ImportOptions,
        mut progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Outcome, ImportError> {
        let open = Arc::new(open);
        let file = open()?;
        let (survey, mut progress) = blocking(move || {
            let mut survey = Survey::default();
            survey.run(file, |records| progress(Progress { pass: 1, records }));
            (survey, progress)
        })
        .await?;
        // Of a file that cannot be read to its end nobody knows which references lead nowhere.
        if survey.is_cut {
            return Err(survey.order.refuse(survey.faults, survey.warnings));
        }

        let mut tx = self.begin().await?;
        let mut import = Import::new(options, survey, is_empty(&*tx).await?);
        let (sender, mut records) = mpsc::channel::<(String, usize, Vec<Json>)>(4);
        let file = open()?;
        let reading = tokio::task::spawn_blocking(move || {
            let mut chunks = Chunks { sender, collection: String::new(), first: 0, chunk: Vec::new() };
            // Mistakes in the shape of the file were reported by the first pass.
            let _ = Reader::read(BufReader::with_capacity(1 << 16, file), &mut chunks);
            chunks.send();
        });
        let mut read = 0;
        while let Some((collection, first, chunk)) = records.recv().await {
            read += chunk.len() as u64;
            import.chunk(&mut tx, &collection, first, chunk).await?;
            progress(Progress { pass: 2, records: read });
        }
        reading.await.map_err(|error| std::io::Error::other(error.to_string()))?;
        if !import.faults.is_empty() {
            tx.rollback().await?;
            return Err(import.order.refuse(import.faults, import.warnings));
        }
        let dry_run = import.options.dry_run;
        let outcome = import.outcome();
        if dry_run || outcome.is_unchanged() {
            tx.rollback().await?;
        } else {
            tx.commit().await?;
        }
        Ok(outcome)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ImportError::Io(std::io::Error::other(error.to_string())))
}

async fn is_empty(database: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let any = Query::select().column(record::Column::Id.as_column_ref()).from(record::Entity).limit(1).take();
    Ok(database.query_one(&any).await?.is_none())
}

/// The second pass on the side of the file: records in portions of one collection.
struct Chunks {
    sender: mpsc::Sender<(String, usize, Vec<Json>)>,
    collection: String,
    first: usize,
    chunk: Vec<Json>,
}

impl Chunks {
    fn send(&mut self) -> bool {
        if self.chunk.is_empty() {
            return true;
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.sender.blocking_send((self.collection.clone(), self.first, chunk)).is_ok()
    }
}

impl Visit for Chunks {
    fn knows(&self, collection: &str) -> bool {
        exchange::collections().contains(&collection)
    }

    fn record(&mut self, collection: &str, place: usize, json: Json) -> bool {
        if self.chunk.len() == CHUNK || self.collection != collection {
            if !self.send() {
                return false;
            }
            collection.clone_into(&mut self.collection);
            self.first = place;
        }
        self.chunk.push(json);
        true
    }

    fn fault(&mut self, _: Fault) {}
}

/// The second pass on the side of the database.
struct Import {
    options: ImportOptions,
    /// Whether the registry was empty: then nothing has to be looked up.
    fresh: bool,
    present: Arc<HashSet<Uuid>>,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
    order: FileOrder,
    changes: BTreeMap<&'static str, Changes>,
    updates: Vec<String>,
    /// Derived records that are known to be in the registry, for everyone to see.
    derived: HashSet<Uuid>,
    /// Whether some were written that not everyone sees.
    has_hidden: bool,
}

impl Import {
    fn new(options: ImportOptions, survey: Survey, fresh: bool) -> Self {
        Self {
            options,
            fresh,
            present: Arc::new(survey.present),
            faults: survey.faults,
            warnings: survey.warnings,
            order: survey.order,
            changes: BTreeMap::new(),
            updates: Vec::new(),
            derived: HashSet::new(),
            has_hidden: false,
        }
    }

    fn outcome(mut self) -> Outcome {
        let order = exchange::collections().into_iter().chain([OFFICIALS, PROGRAMMES, SESSIONS]);
        let changes = order.filter_map(|name| self.changes.remove_entry(name)).collect();
        Outcome { changes, updates: self.updates, warnings: self.warnings }
    }

    async fn chunk(
        &mut self,
        tx: &mut Tx,
        collection: &str,
        first: usize,
        records: Vec<Json>,
    ) -> Result<(), StoreError> {
        macro_rules! dispatch {
            ($($fact:ty,)+) => {
                match collection {
                    $(<$fact as Exchanged>::COLLECTION => Box::pin(self.records::<$fact>(tx, first, records)).await,)+
                    _ => Ok(()),
                }
            };
        }
        for_each_collection!(dispatch)
    }

    async fn records<T: Exchanged + Mapped>(
        &mut self,
        tx: &mut Tx,
        first: usize,
        records: Vec<Json>,
    ) -> Result<(), StoreError>
    where
        T::Parts: StoredParts,
    {
        let again = (!self.fresh).then(|| records.clone());
        let mut run = Reading { present: Arc::clone(&self.present), ..Reading::default() };
        let mut entries = read_all::<T>(first, records, &mut run);
        if let Some(records) = again {
            run.known = lookup::<T>(&**tx, &entries, &run.asked, &Sight::ALL).await?;
            let known = std::mem::take(&mut run.known);
            run = Reading { present: Arc::clone(&self.present), known, ..Reading::default() };
            entries = read_all::<T>(first, records, &mut run);
        }
        keep(&mut self.faults, dangling(&run));
        if !self.faults.is_empty() {
            return Ok(());
        }
        let mut seen_by = SeenBy::default();
        let mut changes = self.compare(tx, entries, &run, &mut seen_by).await?;
        self.write_derived(tx, std::mem::take(&mut run.derived), &seen_by).await?;
        write(tx, &mut changes, &self.act(), self.fresh).await
    }

    /// Leaves the records that are new or other than stored.
    async fn compare<T: Exchanged + Mapped>(
        &mut self,
        tx: &mut Tx,
        entries: Vec<Entry<T>>,
        run: &Reading,
        seen_by: &mut SeenBy,
    ) -> Result<Vec<Change<T>>, StoreError>
    where
        T::Parts: StoredParts,
    {
        let mut stored: HashMap<Uuid, (Entry<T>, Json)> = HashMap::new();
        if !self.fresh {
            let mut select = statement::facts::<T>(&Sight::ALL);
            select.and_where(statement::id_of::<T>().is_in(entries.iter().map(|entry| entry.fact.meta().id)));
            let facts = tx.query_all(&select).await?.iter().map(fact).collect::<Result<Vec<T>, _>>()?;
            let found = portable(&**tx, facts, &Sight::ALL).await?;
            stored.extend(found.into_iter().map(|(entry, json)| (entry.fact.meta().id, (entry, json))));
        }
        let names = if stored.is_empty() { Resolved::default() } else { names(run) };
        let counts = self.changes.entry(T::COLLECTION).or_default();
        let mut changes = Vec::with_capacity(entries.len());
        for mut entry in entries {
            let publication = Publication::Published;
            let Some((old, before)) = stored.remove(&entry.fact.meta().id) else {
                counts.created += 1;
                seen_by.note(&entry.named, (publication, entry.fact.meta().visibility));
                changes.push(Change { entry, old: None, op: Op::Created, difference: None, publication });
                continue;
            };
            let (meta, was) = (entry.fact.meta_mut(), old.fact.meta());
            // What a file says nothing about stays as it was.
            if !entry.stated.visibility {
                meta.visibility = was.visibility;
            }
            if !entry.stated.licence {
                meta.licence.clone_from(&was.licence);
            }
            seen_by.note(&entry.named, (was.publication, meta.visibility));
            let after = exchange::write(&mut entry, &names).json;
            if before == after {
                counts.unchanged += 1;
                continue;
            }
            let place = format!("{}/{}", T::COLLECTION, entry.fact.meta().slug);
            if old.fact.meta().publication == Publication::Withdrawn {
                counts.unchanged += 1;
                let message = "it was taken back and stays as it was: what is withdrawn is not imported again";
                keep(&mut self.warnings, [Fault::new(format!("/{place}"), message.to_owned())]);
                continue;
            }
            if matches!(old.fact.meta().publication, Publication::Draft | Publication::InReview) {
                let message = "it is a draft here and stays one: publish it when it is to be seen";
                keep(&mut self.warnings, [Fault::new(format!("/{place}"), message)]);
            }
            counts.updated += 1;
            let difference = difference(&before, &after);
            if self.updates.len() < MAX_UPDATES
                && let Json::Object(fields) = &difference
            {
                let fields: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
                self.updates.push(format!("{place}: {}", fields.join(", ")));
            }
            let publication = old.fact.meta().publication;
            let difference = Some(difference);
            changes.push(Change { entry, old: Some(old), op: Op::Updated, difference, publication });
        }
        Ok(changes)
    }

    fn act(&self) -> Act {
        let ImportOptions { now, by, .. } = &self.options;
        Act { name: "import".to_owned(), by: by.clone(), at: *now, reason: None }
    }

    /// Writes the records that others name in full, each once.
    async fn write_derived(&mut self, tx: &mut Tx, derived: Vec<Derived>, seen_by: &SeenBy) -> Result<(), StoreError> {
        // Those that everyone sees already have nothing to gain from being named again.
        let known = &mut self.derived;
        let new = derived.into_iter().filter(|record| !known.contains(&record.id())).collect();
        known.extend(seen_by.public());
        let act = self.act();
        let fresh = self.fresh && !self.has_hidden;
        self.has_hidden |= seen_by.has_hidden();
        let written = write_derived(tx, new, seen_by, &act, fresh).await?;
        for (name, number) in [OFFICIALS, PROGRAMMES, SESSIONS].into_iter().zip(written) {
            if number > 0 {
                self.changes.entry(name).or_default().created += number;
            }
        }
        Ok(())
    }
}

/// Names of the derived records in the outcome.
const OFFICIALS: &str = "officials";
const PROGRAMMES: &str = "programmes";
const SESSIONS: &str = "named sessions";

fn read_all<T: Exchanged>(first: usize, records: Vec<Json>, run: &mut Reading) -> Vec<Entry<T>> {
    let read = |(place, json)| exchange::read::<T>(json, format!("/{}/{}", T::COLLECTION, first + place), run);
    records.into_iter().enumerate().map(read).collect()
}

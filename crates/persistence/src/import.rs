//! Reads a file of the exchange format into the registry: all of it or nothing.
//!
//! The file is read twice. The first pass checks every record by itself and notes which there are; the second knows them
//! all, so that references may point forward, and writes in one transaction. What is kept from one pass to the other is
//! an id per record, so that memory stays small.

mod rows;
mod survey;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufReader, Read};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use pomost_domain::exchange::{self, Asked, Derived, Entry, Exchanged, Fault, Json, Reader, Reading, Resolved, Visit};
use pomost_domain::id::{Kind, of_slug};
use pomost_domain::meta::{Meta, Publication};
use pomost_domain::{Fact, Vocabulary, for_each_collection};
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::data_version;
use crate::error::StoreError;
use crate::export::{PartVisit, StoredParts, portable};
use crate::mapped::{Mapped, columns};
use crate::record;
use crate::statement;
use crate::store::{Store, fact};
use rows::{Collect, Rows, write};
use survey::{FileOrder, Survey, keep};

/// How many records are written at a time.
const CHUNK: usize = 500;
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

        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.write.begin_with_options(immediate).await?;
        let mut import = Import::new(options, survey, is_empty(&transaction).await?);
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
            import.chunk(&transaction, &collection, first, chunk).await?;
            progress(Progress { pass: 2, records: read });
        }
        reading.await.map_err(|error| std::io::Error::other(error.to_string()))?;
        if !import.faults.is_empty() {
            transaction.rollback().await?;
            return Err(import.order.refuse(import.faults, import.warnings));
        }
        let dry_run = import.options.dry_run;
        let outcome = import.outcome();
        if dry_run || outcome.is_unchanged() {
            transaction.rollback().await?;
        } else {
            data_version::advance(&transaction).await?;
            transaction.commit().await?;
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
    /// Derived records that are known to be in the registry.
    derived: HashSet<Uuid>,
}

/// A record before and after.
struct Change<T: Exchanged> {
    entry: Entry<T>,
    old: Option<Entry<T>>,
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
        }
    }

    fn outcome(mut self) -> Outcome {
        let order = exchange::collections().into_iter().chain([OFFICIALS, PROGRAMMES, SESSIONS]);
        let changes = order.filter_map(|name| self.changes.remove_entry(name)).collect();
        Outcome { changes, updates: self.updates, warnings: self.warnings }
    }

    async fn chunk(
        &mut self,
        database: &DatabaseTransaction,
        collection: &str,
        first: usize,
        records: Vec<Json>,
    ) -> Result<(), StoreError> {
        macro_rules! dispatch {
            ($($fact:ty,)+) => {
                match collection {
                    $(<$fact as Exchanged>::COLLECTION => self.records::<$fact>(database, first, records).await,)+
                    _ => Ok(()),
                }
            };
        }
        for_each_collection!(dispatch)
    }

    async fn records<T: Exchanged + Mapped>(
        &mut self,
        database: &DatabaseTransaction,
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
            run.known = lookup::<T>(database, &entries, &run.asked).await?;
            let known = std::mem::take(&mut run.known);
            run = Reading { present: Arc::clone(&self.present), known, ..Reading::default() };
            entries = read_all::<T>(first, records, &mut run);
        }
        keep(&mut self.faults, dangling(&run));
        if !self.faults.is_empty() {
            return Ok(());
        }
        let mut changes = self.compare(database, entries, &run).await?;
        self.write_derived(database, std::mem::take(&mut run.derived)).await?;
        self.stamp(database, &mut changes).await?;
        write(database, &mut changes, &self.options).await
    }

    /// Leaves the records that are new or other than stored.
    async fn compare<T: Exchanged + Mapped>(
        &mut self,
        database: &DatabaseTransaction,
        entries: Vec<Entry<T>>,
        run: &Reading,
    ) -> Result<Vec<Change<T>>, StoreError>
    where
        T::Parts: StoredParts,
    {
        let mut stored: HashMap<Uuid, (Entry<T>, Json)> = HashMap::new();
        if !self.fresh {
            let mut select = statement::facts::<T>();
            select.and_where(statement::id_of::<T>().is_in(entries.iter().map(|entry| entry.fact.meta().id)));
            let facts = database.query_all(&select).await?.iter().map(fact).collect::<Result<Vec<T>, _>>()?;
            let found = portable(database, facts).await?;
            stored.extend(found.into_iter().map(|(entry, json)| (entry.fact.meta().id, (entry, json))));
        }
        let names = if stored.is_empty() { Resolved::default() } else { names(run) };
        let counts = self.changes.entry(T::COLLECTION).or_default();
        let mut changes = Vec::with_capacity(entries.len());
        for mut entry in entries {
            match stored.remove(&entry.fact.meta().id) {
                None => {
                    counts.created += 1;
                    changes.push(Change { entry, old: None });
                }
                Some((old, before)) => {
                    let after = exchange::write(&mut entry, &names).0;
                    if before == after {
                        counts.unchanged += 1;
                        continue;
                    }
                    counts.updated += 1;
                    if self.updates.len() < MAX_UPDATES {
                        let fields = changed_fields(&before, &after).join(", ");
                        self.updates.push(format!("{}/{}: {fields}", T::COLLECTION, entry.fact.meta().slug));
                    }
                    changes.push(Change { entry, old: Some(old) });
                }
            }
        }
        Ok(changes)
    }

    /// Gives versions and times to what is written. What an import says nothing about stays as it was.
    async fn stamp<T: Exchanged + Mapped>(
        &self,
        database: &DatabaseTransaction,
        changes: &mut [Change<T>],
    ) -> Result<(), StoreError>
    where
        T::Parts: StoredParts,
    {
        let mut parts = HashMap::new();
        for Change { entry, .. } in &mut *changes {
            entry.parts.each(&mut Collect(&mut parts));
        }
        // Not only those of the old record: a promise may come from another letter, or come back.
        let old = if self.fresh { HashMap::new() } else { stored_metas::<T>(database, parts.into_keys()).await? };
        let mut parts = StampParts { import: self, old };
        for Change { entry, old } in changes {
            self.stamp_one(entry.fact.meta_mut(), old.as_ref().map(|old| old.fact.meta()));
            entry.parts.each(&mut parts);
        }
        Ok(())
    }

    fn stamp_one(&self, meta: &mut Meta, old: Option<&Meta>) {
        meta.version = old.map_or(1, |old| old.version + 1);
        meta.updated_at = self.options.now;
        meta.updated_by.clone_from(&self.options.by);
        if let Some(old) = old {
            meta.created_at = old.created_at;
            meta.created_by.clone_from(&old.created_by);
            // What a file says again is no longer taken back.
            meta.publication = match old.publication {
                Publication::Withdrawn => Publication::Published,
                other => other,
            };
            meta.visibility = old.visibility;
            meta.licence.clone_from(&old.licence);
        } else {
            meta.created_at = self.options.now;
            meta.created_by.clone_from(&self.options.by);
        }
    }

    /// Writes the records that others name in full, each once.
    async fn write_derived(&mut self, database: &DatabaseTransaction, derived: Vec<Derived>) -> Result<(), StoreError> {
        let mut new: BTreeMap<Uuid, Derived> = BTreeMap::new();
        for record in derived {
            if !self.derived.contains(&record.id()) {
                new.insert(record.id(), record);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        self.derived.extend(new.keys());
        if !self.fresh {
            let ids: Vec<Uuid> = new.keys().copied().collect();
            for chunk in ids.chunks(CHUNK) {
                let select = Query::select()
                    .column(record::Column::Id.as_column_ref())
                    .from(record::Entity)
                    .and_where(record::Column::Id.is_in(chunk.iter().copied()))
                    .take();
                for row in &database.query_all(&select).await? {
                    new.remove(&row.try_get::<Uuid>("", "id")?);
                }
            }
        }
        let (mut officials, mut programmes, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
        for record in new.into_values() {
            match record {
                Derived::Official(fact) => officials.push(fact),
                Derived::Programme(fact) => programmes.push(fact),
                Derived::Session(fact) => sessions.push(fact),
            }
        }
        self.write_new(database, OFFICIALS, officials).await?;
        self.write_new(database, PROGRAMMES, programmes).await?;
        self.write_new(database, SESSIONS, sessions).await
    }

    async fn write_new<T: Mapped>(
        &mut self,
        database: &DatabaseTransaction,
        name: &'static str,
        mut facts: Vec<T>,
    ) -> Result<(), StoreError> {
        if facts.is_empty() {
            return Ok(());
        }
        self.changes.entry(name).or_default().created += facts.len() as u64;
        let mut rows = Rows::default();
        for fact in &mut facts {
            self.stamp_one(fact.meta_mut(), None);
        }
        for fact in &facts {
            rows.add(fact);
        }
        rows.statements.extend(T::save(&facts.iter().collect::<Vec<_>>()));
        rows.run(database).await
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

/// The stored ids of the records of a chunk and of those they refer to.
async fn lookup<T: Exchanged>(
    database: &impl ConnectionTrait,
    entries: &[Entry<T>],
    asked: &[Asked],
) -> Result<HashMap<(Kind, String), Uuid>, StoreError> {
    let mut slugs: HashMap<Kind, HashSet<&str>> = HashMap::new();
    slugs.entry(T::KIND).or_default().extend(entries.iter().map(|entry| entry.fact.meta().slug.as_str()));
    for asked in asked {
        for kind in asked.or.iter().chain([&asked.kind]) {
            slugs.entry(*kind).or_default().insert(&asked.slug);
        }
    }
    let mut known = HashMap::new();
    for (kind, slugs) in slugs {
        let slugs: Vec<&str> = slugs.into_iter().collect();
        for chunk in slugs.chunks(CHUNK) {
            let select = Query::select()
                .columns([record::Column::Id, record::Column::Slug].map(|column| column.as_column_ref()))
                .from(record::Entity)
                .and_where(record::Column::Kind.eq(kind.label()))
                .and_where(record::Column::Slug.is_in(chunk.iter().copied()))
                .take();
            for row in &database.query_all(&select).await? {
                known.insert((kind, row.try_get("", "slug")?), row.try_get("", "id")?);
            }
        }
    }
    Ok(known)
}

/// What records share, as it is stored, also of those that no reader sees.
async fn stored_metas<T: Fact>(
    database: &impl ConnectionTrait,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Meta>, StoreError> {
    let ids: Vec<Uuid> = ids.collect();
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let mut select = Query::select();
        columns::<record::Entity>(&mut select, record::PREFIX);
        select.from(record::Entity).and_where(record::Column::Id.is_in(chunk.iter().copied()));
        for row in &database.query_all(&select).await? {
            let meta = record::read(row).map_err(|error| error.of::<T>(Uuid::nil()))?;
            found.insert(meta.id, meta);
        }
    }
    Ok(found)
}

/// References that lead nowhere.
fn dangling(run: &Reading) -> Vec<Fault> {
    let exists = |kind: Kind, slug: &str| {
        run.present.contains(&of_slug(kind, slug)) || run.known.contains_key(&(kind, slug.to_owned()))
    };
    let lost = |asked: &&Asked| {
        !asked.optional && !exists(asked.kind, &asked.slug) && !asked.or.iter().any(|kind| exists(*kind, &asked.slug))
    };
    let fault = |asked: &Asked| {
        let kinds: Vec<String> = if asked.or.is_empty() { vec![asked.kind] } else { asked.or.to_vec() }
            .into_iter()
            .map(|kind| kind.label().replace('_', " "))
            .collect();
        Fault {
            pointer: asked.pointer.clone(),
            message: format!(
                "there is no {} with the slug {:?}, neither in the file nor in the registry: add it, or correct the slug",
                kinds.join(" or "),
                asked.slug
            ),
        }
    };
    run.asked.iter().filter(lost).map(fault).collect()
}

/// The names that a file itself gives to what it refers to.
fn names(run: &Reading) -> Resolved {
    let mut names = Resolved::default();
    for asked in &run.asked {
        if asked.optional {
            names.titles.insert(asked.id, asked.slug.clone());
        } else {
            names.slugs.insert(asked.id, asked.slug.clone());
        }
    }
    for derived in &run.derived {
        match derived {
            Derived::Official(fact) => drop(names.officials.insert(fact.meta.id, Arc::new(fact.clone()))),
            Derived::Programme(fact) => drop(names.titles.insert(fact.meta.id, fact.name.original().text.clone())),
            Derived::Session(fact) => drop(names.titles.insert(fact.meta.id, fact.title.original().text.clone())),
        }
    }
    names
}

fn changed_fields(before: &Json, after: &Json) -> Vec<String> {
    let (Json::Object(old), Json::Object(new)) = (before, after) else { return Vec::new() };
    let changed = new.iter().filter(|(key, value)| before.get(key) != Some(value)).map(|(key, _)| key.clone());
    let gone = old.iter().filter(|(key, _)| after.get(key).is_none()).map(|(key, _)| key.clone());
    changed.chain(gone).collect()
}

struct StampParts<'a> {
    import: &'a Import,
    old: HashMap<Uuid, Meta>,
}

impl PartVisit for StampParts<'_> {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        let meta = part.fact.meta_mut();
        self.import.stamp_one(meta, self.old.get(&meta.id));
    }
}

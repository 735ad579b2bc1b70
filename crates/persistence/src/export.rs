//! Writes the registry in the exchange format, record by record.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use futures_util::future::BoxFuture;
use pomost_domain::exchange::{Exchanged, Fault, Json, Reading, read};
use pomost_domain::id::Kind;
use pomost_domain::{Fact, Locale, Sight, Text, for_each_collection};
use sea_orm::sea_query::{Order, Query};
use sea_orm::{AccessMode, ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, TransactionTrait};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::batch::Connection;
use crate::data_version;
use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::mapping::Mapping;
use crate::part::StoredParts;
use crate::portable::{by_ids, portable, portable_in, written};
use crate::record::{self};
use crate::statement;
use crate::store::{Load, Store};
use crate::table::facts;

/// How many records are held at a time.
pub(crate) const CHUNK: u64 = 500;

/// An export that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output cannot be written.
    #[error("the export cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// The registry cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for ExportError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Writes all records that are seen, each collection in the order of its slugs, as of one moment; returns how many.
    ///
    /// # Errors
    /// The output or the database fails.
    pub fn export<'a>(
        &'a self,
        out: &'a mut (impl Write + Send),
        progress: impl FnMut(u64) + Send + 'a,
    ) -> BoxFuture<'a, Result<u64, ExportError>> {
        // One future for all outputs, compiled here.
        Box::pin(self.export_to(out, Box::new(progress)))
    }

    async fn export_to(
        &self,
        out: &mut (dyn Write + Send),
        mut progress: Box<dyn FnMut(u64) + Send + '_>,
    ) -> Result<u64, ExportError> {
        let snapshot = self.snapshot().await?;
        let mut written = 0;
        let mut first = true;
        let plain = usual_language(&snapshot, &self.sight).await?;
        out.write_all(b"{")?;
        if let Some(plain) = &plain {
            write!(out, "\n  \"language\": \"{plain}\"")?;
            first = false;
        }
        for collection in COLLECTIONS {
            out.write_all(if first { b"\n" } else { b",\n" })?;
            first = false;
            collection.write(&snapshot, &self.sight, plain.as_ref(), out, &mut written, &mut progress).await?;
        }
        out.write_all(if first { b"}\n" } else { b"\n}\n" })?;
        out.flush()?;
        snapshot.rollback().await?;
        Ok(written)
    }
}

/// How many notes are looked at to tell the usual language.
const SAMPLE: u64 = 100;

/// The language that most of the first notes are in: a file states it once, so that texts in it are plain strings.
async fn usual_language(database: &impl ConnectionTrait, sight: &Sight) -> Result<Option<Locale>, StoreError> {
    let note = record::Column::Note;
    let select = Query::select()
        .column(note.as_column_ref())
        .from(record::Entity)
        .cond_where(record::seen(sight))
        .and_where(note.is_not_null())
        .order_by(record::Column::Kind.as_column_ref(), Order::Asc)
        .order_by(record::Column::Slug.as_column_ref(), Order::Asc)
        .limit(SAMPLE)
        .take();
    let mut counts: BTreeMap<Locale, u32> = BTreeMap::new();
    for row in &database.query_all(&select).await? {
        let stored: String = row.try_get("", "note")?;
        let Ok(text) = serde_json::from_str::<Text>(&stored) else { continue };
        if let [only] = text.variants() {
            *counts.entry(only.locale.clone()).or_default() += 1;
        }
    }
    let usual = counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(locale, _)| locale);
    Ok(usual.filter(|locale| *locale != Locale::undetermined()))
}

impl Store {
    /// A transaction that reads, and sees one moment.
    async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
        Ok(match self.backend {
            DatabaseBackend::Postgres => {
                let level = Some(sea_orm::IsolationLevel::RepeatableRead);
                self.read.pool().begin_with_config(level, Some(AccessMode::ReadOnly)).await?
            }
            // A read transaction of SQLite sees one moment by itself.
            _ => self.read.pool().begin().await?,
        })
    }

    /// The digest of a part of a collection, as far as it is seen, as of one moment; `None`: records of this kind are not
    /// written in a collection.
    ///
    /// # Errors
    /// The database fails.
    pub fn digest<'a>(&'a self, kind: Kind, part: &'a DigestPart) -> Load<'a, Option<Digest>> {
        Box::pin(async move {
            let Some(collection) = COLLECTIONS.iter().find(|collection| collection.kind == kind) else {
                return Ok(None);
            };
            let snapshot = self.snapshot().await?;
            let version = data_version::read(&snapshot).await?;
            let (count, sha256, end) = collection.digest(&snapshot, &self.sight, part).await?;
            snapshot.rollback().await?;
            Ok(Some(Digest { count, sha256, end, version }))
        })
    }
}

/// A part of a collection, in the order of its slugs.
#[derive(Clone, Debug, Default)]
pub struct DigestPart {
    /// Only records after this slug.
    pub after: Option<String>,
    /// Only records up to this slug.
    pub until: Option<String>,
    /// How many records are looked at, at most.
    pub limit: u64,
}

/// What tells whether two registries hold the same records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How many records are written.
    pub count: u64,
    /// SHA-256 of their written forms, each on a line of its own.
    pub sha256: [u8; 32],
    /// The last slug that was looked at; `None`: there are no more.
    pub end: Option<String>,
    /// The version of the data.
    pub version: i64,
}

/// A collection of the exchange format.
struct Collection {
    kind: Kind,
    name: &'static str,
    next: for<'a> fn(&'a DatabaseTransaction, Portion<'a>) -> Load<'a, Option<Written>>,
}

/// The last slug of a portion, and the records in it that are written.
type Written = (String, Vec<Json>);

/// Which of its records are read next.
struct Portion<'a> {
    sight: &'a Sight,
    after: Option<&'a str>,
    until: Option<&'a str>,
    size: u64,
    /// The language of plain texts.
    plain: Option<&'a Locale>,
}

macro_rules! collections {
    ($($fact:ty,)+) => {
        /// The collections, in the order in which they are written.
        const COLLECTIONS: &[Collection] = &[$(Collection {
            kind: <$fact as Fact>::KIND,
            name: <$fact as Exchanged>::COLLECTION,
            next: |snapshot, portion| Box::pin(next::<$fact>(snapshot, portion)),
        }),+];
    };
}
for_each_collection!(collections);

impl Collection {
    /// The number of records of a part, the digest of their written forms, and the last slug, unless there are no more.
    async fn digest(
        &self,
        snapshot: &DatabaseTransaction,
        sight: &Sight,
        part: &DigestPart,
    ) -> Result<(u64, [u8; 32], Option<String>), StoreError> {
        let (mut count, mut hash) = (0, Sha256::new());
        let mut after = part.after.clone();
        let mut left = part.limit;
        loop {
            let size = Ord::min(CHUNK, left);
            let (after_slug, until) = (after.as_deref(), part.until.as_deref());
            let portion = Portion { sight, after: after_slug, until, size, plain: None };
            let Some((last, records)) = (self.next)(snapshot, portion).await? else {
                return Ok((count, hash.finalize().into(), None));
            };
            for json in records {
                hash.update(json.to_text());
                hash.update("\n");
                count += 1;
            }
            left -= size;
            if left == 0 {
                return Ok((count, hash.finalize().into(), Some(last)));
            }
            after = Some(last);
        }
    }

    async fn write(
        &self,
        snapshot: &DatabaseTransaction,
        sight: &Sight,
        plain: Option<&Locale>,
        out: &mut (dyn Write + Send),
        written: &mut u64,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), ExportError> {
        write!(out, "  {}: [", Json::string(self.name).to_text())?;
        let mut empty = true;
        let mut after: Option<String> = None;
        loop {
            let portion = Portion { sight, after: after.as_deref(), until: None, size: CHUNK, plain };
            let Some((last, records)) = (self.next)(snapshot, portion).await? else { break };
            after = Some(last);
            for json in records {
                let text = json.to_pretty_text().replace('\n', "\n    ");
                write!(out, "{}    {text}", if empty { "\n" } else { ",\n" })?;
                empty = false;
                *written += 1;
            }
            progress(*written);
        }
        out.write_all(if empty { b"]" } else { b"\n  ]" })?;
        Ok(())
    }
}

/// The next records of a collection in the order of their slugs, with the last slug of them; `None`: there are no more.
async fn next<T: Exchanged + Mapped>(
    snapshot: &DatabaseTransaction,
    portion: Portion<'_>,
) -> Result<Option<Written>, StoreError>
where
    T::Parts: StoredParts,
{
    let Portion { sight, after, until, size, plain } = portion;
    let slug = record::Column::Slug;
    let mut select = statement::facts(Mapping::of::<T>(), sight);
    select.and_where_option(after.map(|after| slug.gt(after))).and_where_option(until.map(|until| slug.lte(until)));
    select.order_by(slug.as_column_ref(), Order::Asc).limit(size);
    let facts: Vec<T> = facts(&snapshot.query_all(&select).await?)?;
    let Some(last) = facts.last().map(|fact| fact.meta().slug.clone()) else { return Ok(None) };
    let facts = written(snapshot, facts, sight).await?;
    let records = portable_in::<T>(snapshot, facts, sight, plain).await?;
    Ok(Some((last, records.into_iter().map(|(_, json)| json).collect())))
}

/// A record in the exchange format.
#[derive(Clone, Debug)]
pub struct Content {
    /// The collection that it is written in.
    pub collection: &'static str,
    /// The record.
    pub json: Json,
}

impl Store {
    /// Records in the exchange format, as far as they are seen. Those that are written inside others, or that others name, are
    /// left out. Some statements for each kind among them.
    ///
    /// # Errors
    /// The database fails.
    pub fn contents<'a>(&'a self, records: &'a [(Kind, Uuid)]) -> Load<'a, HashMap<Uuid, Content>> {
        Box::pin(contents(&self.read, &self.sight, records))
    }
}

impl Content {
    /// What is wrong with it by itself, apart from what it refers to.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        macro_rules! check {
            ($($fact:ty,)+) => {
                match self.collection {
                    $(<$fact as Exchanged>::COLLECTION => {
                        let mut run = Reading::default();
                        read::<$fact>(self.json.clone(), String::new(), &mut run);
                        run.faults
                    })+
                    _ => Vec::new(),
                }
            };
        }
        for_each_collection!(check)
    }
}

/// Records in the exchange format, as far as they are seen.
pub(crate) async fn contents(
    database: &dyn Connection,
    sight: &Sight,
    records: &[(Kind, Uuid)],
) -> Result<HashMap<Uuid, Content>, StoreError> {
    let mut found = HashMap::new();
    macro_rules! kinds {
        ($($fact:ty,)+) => {$({
            let ids: Vec<Uuid> =
                records.iter().filter(|(kind, _)| *kind == <$fact as Fact>::KIND).map(|(_, id)| *id).collect();
            if !ids.is_empty() {
                Box::pin(contents_of::<$fact>(database, sight, ids, &mut found)).await?;
            }
        })+};
    }
    for_each_collection!(kinds);
    Ok(found)
}

async fn contents_of<T: Exchanged + Mapped>(
    database: &dyn Connection,
    sight: &Sight,
    ids: Vec<Uuid>,
    found: &mut HashMap<Uuid, Content>,
) -> Result<(), StoreError>
where
    T::Parts: StoredParts,
{
    let facts = written(database, by_ids::<T>(database, &ids, sight).await?, sight).await?;
    for (entry, json) in portable::<T>(database, facts, sight).await? {
        found.insert(entry.fact.meta().id, Content { collection: T::COLLECTION, json });
    }
    Ok(())
}

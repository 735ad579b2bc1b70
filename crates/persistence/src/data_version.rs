//! The number of the last change. It is the version of all data: as long as it stays the same, so does every answer. Beside
//! it stands where the data comes from, if the registry is a mirror of another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction};

use tokio::sync::{Mutex, watch};

use crate::error::StoreError;

const TABLE: &str = "data_version";
const VERSION: &str = "version";
const MIRROR_OF: &str = "mirror_of";
const FOLDING: &str = "folding";

/// The version that is committed. One statement.
pub(crate) async fn read(database: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let select = Query::select().column(Alias::new(VERSION)).from(Alias::new(TABLE)).take();
    let row = database.query_one(&select).await?;
    Ok(row.ok_or_else(missing)?.try_get("", VERSION)?)
}

fn missing() -> StoreError {
    StoreError::Corrupt { kind: TABLE, id: VERSION.to_owned(), what: "it has no row".to_owned() }
}

/// The version that is committed, kept from all other writers until the end of the transaction; and the registry of which
/// this one is a mirror.
pub(crate) async fn lock(
    transaction: &DatabaseTransaction,
    backend: DatabaseBackend,
) -> Result<(i64, Option<String>), StoreError> {
    if backend == DatabaseBackend::Postgres {
        transaction.execute_unprepared("SELECT version FROM data_version FOR UPDATE").await?;
    }
    let select = Query::select().columns([VERSION, MIRROR_OF].map(Alias::new)).from(Alias::new(TABLE)).take();
    let row = transaction.query_one(&select).await?.ok_or_else(missing)?;
    Ok((row.try_get("", VERSION)?, row.try_get("", MIRROR_OF)?))
}

/// By which rule the names in the registry are folded. One statement.
pub(crate) async fn folding(database: &impl ConnectionTrait) -> Result<i32, StoreError> {
    let select = Query::select().column(Alias::new(FOLDING)).from(Alias::new(TABLE)).take();
    Ok(database.query_one(&select).await?.ok_or_else(missing)?.try_get("", FOLDING)?)
}

/// Notes by which rule the names are folded.
pub(crate) async fn set_folding(transaction: &DatabaseTransaction, rule: i32) -> Result<(), StoreError> {
    let update = Query::update().table(Alias::new(TABLE)).value(Alias::new(FOLDING), rule).take();
    transaction.execute(&update).await?;
    Ok(())
}

/// The registry of which this one is a mirror. One statement.
pub(crate) async fn mirror_of(database: &impl ConnectionTrait) -> Result<Option<String>, StoreError> {
    let select = Query::select().column(Alias::new(MIRROR_OF)).from(Alias::new(TABLE)).take();
    Ok(database.query_one(&select).await?.map(|row| row.try_get("", MIRROR_OF)).transpose()?.flatten())
}

/// Makes the registry a mirror of another.
pub(crate) async fn set_mirror_of(transaction: &DatabaseTransaction, source: &str) -> Result<(), StoreError> {
    let update = Query::update().table(Alias::new(TABLE)).value(Alias::new(MIRROR_OF), source).take();
    transaction.execute(&update).await?;
    Ok(())
}

/// Sets the version that will be committed.
pub(crate) async fn set(transaction: &DatabaseTransaction, version: i64) -> Result<(), StoreError> {
    let update = Query::update().table(Alias::new(TABLE)).value(Alias::new(VERSION), version).take();
    transaction.execute(&update).await?;
    Ok(())
}

/// What this process knows of the version. It only rises: by its own commits, by what it hears of others, and by asking.
#[derive(Clone, Debug)]
pub(crate) struct Known(Arc<Knowledge>);

#[derive(Debug)]
struct Knowledge {
    version: watch::Sender<i64>,
    start: Instant,
    /// Nanoseconds from the start to when the database was last asked; nobody asked: 0.
    asked: AtomicU64,
    asking: Mutex<()>,
}

impl Known {
    pub(crate) fn new() -> Self {
        let start = Instant::now();
        Self(Arc::new(Knowledge {
            version: watch::Sender::new(0),
            start,
            asked: AtomicU64::new(0),
            asking: Mutex::new(()),
        }))
    }

    /// Takes note of a version that is committed.
    pub(crate) fn rise(&self, to: i64) {
        self.0.version.send_if_modified(|known| {
            let rises = to > *known;
            *known = to.max(*known);
            rises
        });
    }

    /// Tells of every rise.
    pub(crate) fn subscribe(&self) -> watch::Receiver<i64> {
        self.0.version.subscribe()
    }

    /// The version, if the database was asked within this time.
    pub(crate) fn within(&self, bound: Duration) -> Option<i64> {
        let asked = self.0.asked.load(Ordering::Acquire);
        let is_fresh = asked > 0 && self.0.start.elapsed() <= Duration::from_nanos(asked) + bound;
        is_fresh.then(|| *self.0.version.borrow())
    }

    /// The version as the database had it within this time. Those who find that nobody asked it recently wait for one of
    /// them to ask. At most one statement.
    pub(crate) async fn ask_within(&self, bound: Duration, database: &impl ConnectionTrait) -> Result<i64, StoreError> {
        if let Some(version) = self.within(bound) {
            return Ok(version);
        }
        let _turn = self.0.asking.lock().await;
        match self.within(bound) {
            Some(version) => Ok(version),
            None => self.ask(database).await.map(|_| *self.0.version.borrow()),
        }
    }

    /// The version that is committed now. One statement.
    pub(crate) async fn ask(&self, database: &impl ConnectionTrait) -> Result<i64, StoreError> {
        let begin = self.0.start.elapsed();
        let version = read(database).await?;
        self.rise(version);
        // Not of the end: what is committed while the answer is under way is not in it.
        self.0.asked.fetch_max(u64::try_from(begin.as_nanos()).unwrap_or(u64::MAX), Ordering::AcqRel);
        Ok(version)
    }
}

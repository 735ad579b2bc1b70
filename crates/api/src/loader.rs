//! The records of one request: each is read once. Pages prime the loader with what their records need; a batch loader reads
//! what is not primed.
//!
//! A load that another request has read at the same version of the data comes from the `cache` of the process.

mod cache;
mod load;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, HashMapCache, Loader as BatchLoader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use pomost_domain::{Id, Kind};
use pomost_edge::Version;
use pomost_persistence::{Linked, Mapping, Store, StoreError, Stored, Walk};
use tokio::sync::watch;
use uuid::Uuid;

use crate::error::ApiError;

pub(crate) use cache::Cache;
pub(crate) use load::{HistoryOf, Listing, Load, Loaded, Place, Record, Records, typed};

use cache::{Cached, Entry, Lock, Lookup};

/// The loader of one request.
pub struct Loader {
    loads: DataLoader<Batch, HashMapCache>,
    /// Dropped with the loader.
    _in_use: watch::Sender<()>,
}

/// Reads what is not primed.
struct Batch {
    store: Store,
    misses: Arc<AtomicU64>,
    /// The number of the last change when the request began.
    began: Option<i64>,
    /// The loads of other requests at the same version.
    cached: Option<Cached>,
    /// The loads that this request read for the cache.
    fresh: Mutex<Vec<Lock>>,
    /// Whether the request has asked the database anything.
    has_read: AtomicBool,
    /// Ends when the loader is dropped. The batch loader reads in tasks of its own, which do not end with the request.
    in_use: watch::Receiver<()>,
}

impl Batch {
    fn store(&self) -> &Store {
        self.has_read.store(true, Ordering::Relaxed);
        &self.store
    }

    /// The results of loads, from the cache as far as they are there. A load without a result is left out.
    async fn results(&self, loads: &[Load]) -> Result<HashMap<Load, Loaded>, StoreError> {
        let Some(cached) = &self.cached else { return load::read(self.store(), loads).await };
        let mut results = HashMap::with_capacity(loads.len());
        let (mut missing, mut locks, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for load in loads {
            match cached.look_up(&self.store, load) {
                Lookup::Hit(entry) => results.extend(entry.result.map(|result| (load.clone(), result))),
                Lookup::Wait(other) => waiting.push((load.clone(), other)),
                Lookup::Miss(lock) => {
                    missing.push(load.clone());
                    locks.push(lock);
                }
            }
        }
        // Finish the loads that others wait for first, so that no two requests wait for each other.
        if !missing.is_empty() {
            let read = load::read(self.store(), &missing).await?;
            for (load, lock) in missing.iter().zip(&locks) {
                lock.publish(Entry::new(read.get(load).cloned()));
            }
            self.fresh.lock().unwrap_or_else(PoisonError::into_inner).extend(locks);
            results.extend(read);
        }
        let mut failed = Vec::new();
        for (load, other) in waiting {
            // The other request read it from the database.
            self.has_read.store(true, Ordering::Relaxed);
            match other.entry().await {
                Some(entry) => results.extend(entry.result.map(|result| (load, result))),
                None => failed.push(load),
            }
        }
        if !failed.is_empty() {
            results.extend(load::read(self.store(), &failed).await?);
        }
        Ok(results)
    }
}

impl BatchLoader<Load> for Batch {
    type Value = Loaded;
    type Error = Arc<StoreError>;

    async fn load(&self, loads: &[Load]) -> Result<HashMap<Load, Loaded>, Arc<StoreError>> {
        self.misses.fetch_add(1, Ordering::Relaxed);
        let mut in_use = self.in_use.clone();
        tokio::select! {
            biased;
            results = self.results(loads) => Ok(results?),
            _ = in_use.changed() => Err(Arc::new(StoreError::State("the request is over".to_owned()))),
        }
    }
}

impl Loader {
    /// An empty loader.
    pub fn new(store: Store) -> Self {
        Self::at(store, None, None)
    }

    /// A loader for a request that begins at a version, with the cache of that version.
    pub(crate) fn at(store: Store, version: Option<&Version>, cached: Option<Cached>) -> Self {
        let (sender, in_use) = watch::channel(());
        let batch = Batch {
            store,
            misses: Arc::default(),
            began: version.map(|version| version.number),
            cached,
            fresh: Mutex::default(),
            has_read: AtomicBool::new(false),
            in_use,
        };
        // The default delay of a millisecond lets siblings join a batch; pages prime the loader, so that nothing waits.
        let loads =
            DataLoader::with_cache(batch, TokioSpawner::current(), TokioTimer::default(), HashMapCache::default());
        Self { loads, _in_use: sender }
    }

    /// A loader that keeps nothing, for a request with more than one answer.
    #[must_use]
    pub fn without_memory(store: Store) -> Self {
        let loader = Self::new(store);
        loader.loads.enable_all_cache(false);
        loader
    }

    fn batch(&self) -> &Batch {
        self.loads.loader()
    }

    /// The number of batches that no page had primed.
    pub fn misses(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.batch().misses)
    }

    pub(crate) fn store(&self) -> &Store {
        self.batch().store()
    }

    /// Whether everything that the request read was the data of the version that it began at; then the cache keeps it.
    /// At most one statement: none, if nothing was read from the database.
    pub(crate) async fn confirm(&self) -> Result<bool, StoreError> {
        let batch = self.batch();
        // A request that begins and ends at a version read that version all along, as versions only rise.
        if batch.has_read.load(Ordering::Relaxed) && Some(batch.store.data_version().await?) != batch.began {
            return Ok(false);
        }
        if let Some(cached) = &batch.cached {
            let fresh = std::mem::take(&mut *batch.fresh.lock().unwrap_or_else(PoisonError::into_inner));
            for lock in &fresh {
                cached.keep(lock);
            }
        }
        Ok(true)
    }

    /// Reads a load, whether it is primed or not. One statement.
    pub(crate) async fn load(&self, load: Load) -> Result<Option<Loaded>, ApiError> {
        Ok(self.batch().results(std::slice::from_ref(&load)).await?.remove(&load))
    }

    /// Reads loads and primes the loader with them. One statement for those that differ only in a record; it does not look at
    /// what is primed, so that the number of statements is known.
    pub(crate) async fn load_all(&self, loads: &[Load]) -> Result<Vec<Loaded>, ApiError> {
        if loads.is_empty() {
            return Ok(Vec::new());
        }
        let results = self.batch().results(loads).await?;
        let returned = results.values().cloned().collect();
        self.loads.feed_many(results).await;
        Ok(returned)
    }

    /// The result of a load that a page has primed.
    pub(crate) async fn find(&self, load: Load) -> Result<Option<Loaded>, ApiError> {
        Ok(self.loads.load_one(load).await?)
    }

    /// Reads records and primes the loader with them.
    pub(crate) async fn load_records(&self, of: &'static Mapping, ids: HashSet<Uuid>) -> Result<Vec<Record>, ApiError> {
        let mut ids: Vec<Uuid> = ids.into_iter().collect();
        ids.sort_unstable();
        let loads: Vec<Load> = ids.into_iter().map(|id| Load::Record(of, id)).collect();
        Ok(records(self.load_all(&loads).await?))
    }

    /// Reads records by their slugs and primes the loader with them.
    pub(crate) async fn load_slugs(
        &self,
        of: &'static Mapping,
        slugs: HashSet<String>,
    ) -> Result<Vec<Record>, ApiError> {
        let mut slugs: Vec<String> = slugs.into_iter().collect();
        slugs.sort_unstable();
        let loads: Vec<Load> = slugs.into_iter().map(|slug| Load::Slug(of, slug)).collect();
        let records = records(self.load_all(&loads).await?);
        self.prime(of, &records).await;
        Ok(records)
    }

    /// Primes the loader with records that were read otherwise.
    pub(crate) async fn prime(&self, of: &'static Mapping, records: &[Record]) {
        let primed = |record: &Record| (Load::Record(of, record.shared().id), Loaded::Record(Arc::clone(record)));
        self.loads.feed_many(records.iter().map(primed)).await;
    }

    /// A record that a page has primed.
    pub(crate) async fn record<T: Stored>(&self, id: Id<T>) -> Result<Option<Arc<T>>, ApiError> {
        let loaded = self.find(Load::Record(Mapping::of::<T>(), id.raw())).await?;
        Ok(loaded.and_then(Loaded::record).and_then(typed))
    }

    /// A list of references that a page has primed.
    pub(crate) async fn linked(&self, walk: &'static Walk, parent: Uuid) -> Result<Arc<[Linked]>, ApiError> {
        let loaded = self.find(Load::Linked(walk, parent)).await?;
        Ok(loaded.and_then(Loaded::linked).unwrap_or_default())
    }

    /// Reads the citations of answers and primes the loader with them.
    pub(crate) async fn load_citations(&self, answers: Vec<Uuid>) -> Result<Vec<(Kind, Uuid)>, ApiError> {
        let loads: Vec<Load> = answers.into_iter().map(Load::Citations).collect();
        let lists = self.load_all(&loads).await?.into_iter().filter_map(Loaded::citations);
        Ok(lists
            .flat_map(|list| list.iter().map(|citation| (citation.kind, citation.id)).collect::<Vec<_>>())
            .collect())
    }

    /// Whether the viewer of the request sees everything, and so the histories.
    pub(crate) fn reads_histories(&self) -> bool {
        self.batch().store.sees_all()
    }
}

fn records(loaded: Vec<Loaded>) -> Vec<Record> {
    loaded.into_iter().filter_map(Loaded::record).collect()
}

/// Finds the loader of a request.
pub(crate) trait HasLoader {
    /// The loader.
    fn loader(&self) -> &Loader;
}

impl HasLoader for Context<'_> {
    fn loader(&self) -> &Loader {
        self.data_unchecked::<Arc<Loader>>()
    }
}

//! What a request has read: every record once, stocked by pages, with a batch loader as the net beneath.
//!
//! What a request would read again that another has read at the same version of the data is taken from the `memory` of the
//! process.

mod memory;
mod question;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use pomost_domain::{Answer, Id, Kind};
use pomost_persistence::{Store, StoreError, Stored};
use tokio::sync::watch;
use uuid::Uuid;

use crate::error::ApiError;
use crate::versioned::Version;

pub(crate) use memory::Memory;
pub(crate) use question::{
    BySlug, CitedBy, Counted, CountedWhole, CountedWithin, HistoryOf, Listed, Listing, Question, Under, Whole, Within,
};

use memory::{Claim, Held, Known, Remembered};

/// The records of one request.
pub struct Shelf {
    loader: DataLoader<Batch, HashMapCache>,
    /// Dropped with the shelf.
    _in_use: watch::Sender<()>,
}

/// Reads what was not on the shelf.
struct Batch {
    store: Store,
    misses: Arc<AtomicU64>,
    /// The number of the last change when the request began.
    began: Option<i64>,
    /// What others have read at the same version.
    remembered: Option<Remembered>,
    /// What was read anew, for others.
    fresh: Mutex<Vec<Claim>>,
    /// Whether the database was asked anything.
    has_read: AtomicBool,
    /// Ends when the shelf is dropped. The loader reads in tasks of its own, which do not end with the request.
    in_use: watch::Receiver<()>,
}

impl Batch {
    fn store(&self) -> &Store {
        self.has_read.store(true, Ordering::Relaxed);
        &self.store
    }

    /// The answers to questions, from memory as far as they are there. What has no answer is left out.
    async fn answers<Q: Question>(&self, questions: &[Q]) -> Result<HashMap<Q, Q::Answer>, StoreError> {
        let Some(remembered) = &self.remembered else { return Q::read(self.store(), questions).await };
        let mut found = HashMap::with_capacity(questions.len());
        let (mut unknown, mut claims, mut coming) = (Vec::new(), Vec::new(), Vec::new());
        for question in questions {
            match remembered.known(&self.store, question) {
                Known::Held(held) => found.extend(held.answer::<Q>().map(|answer| (question.clone(), answer))),
                Known::Coming(answer) => coming.push((question.clone(), answer)),
                Known::Nothing(claim) => {
                    unknown.push(question.clone());
                    claims.push(claim);
                }
            }
        }
        // First what others wait for: nobody waits for somebody who waits for him.
        if !unknown.is_empty() {
            let read = Q::read(self.store(), &unknown).await?;
            for (question, claim) in unknown.iter().zip(&claims) {
                claim.tell(Held::new::<Q>(read.get(question).cloned()));
            }
            self.fresh.lock().unwrap_or_else(PoisonError::into_inner).extend(claims);
            found.extend(read);
        }
        let mut failed = Vec::new();
        for (question, answer) in coming {
            // It was read from the database, if not by us.
            self.has_read.store(true, Ordering::Relaxed);
            match answer.held().await {
                Some(held) => found.extend(held.answer::<Q>().map(|answer| (question, answer))),
                None => failed.push(question),
            }
        }
        if !failed.is_empty() {
            found.extend(Q::read(self.store(), &failed).await?);
        }
        Ok(found)
    }
}

impl<Q: Question> Loader<Q> for Batch {
    type Value = Q::Answer;
    type Error = Arc<StoreError>;

    async fn load(&self, questions: &[Q]) -> Result<HashMap<Q, Q::Answer>, Arc<StoreError>> {
        self.misses.fetch_add(1, Ordering::Relaxed);
        let mut in_use = self.in_use.clone();
        tokio::select! {
            biased;
            answers = self.answers(questions) => Ok(answers?),
            _ = in_use.changed() => Err(Arc::new(StoreError::State("the request is over".to_owned()))),
        }
    }
}

impl Shelf {
    /// An empty shelf.
    pub fn new(store: Store) -> Self {
        Self::over(store, None, None)
    }

    /// A shelf for what begins at a version, with what is remembered of it.
    pub(crate) fn over(store: Store, version: Option<&Version>, remembered: Option<Remembered>) -> Self {
        let (sender, in_use) = watch::channel(());
        let batch = Batch {
            store,
            misses: Arc::default(),
            began: version.map(|version| version.number),
            remembered,
            fresh: Mutex::default(),
            has_read: AtomicBool::new(false),
            in_use,
        };
        // The default delay of a millisecond lets siblings join a batch; pages stock the shelf, so that nothing waits.
        let loader =
            DataLoader::with_cache(batch, TokioSpawner::current(), TokioTimer::default(), HashMapCache::default());
        Self { loader, _in_use: sender }
    }

    /// A shelf that keeps nothing, for what outlives a single answer.
    #[must_use]
    pub fn keeping_nothing(store: Store) -> Self {
        let shelf = Self::new(store);
        shelf.loader.enable_all_cache(false);
        shelf
    }

    fn batch(&self) -> &Batch {
        self.loader.loader()
    }

    /// How many loads no page had stocked.
    pub fn misses(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.batch().misses)
    }

    pub(crate) fn store(&self) -> &Store {
        self.batch().store()
    }

    /// Whether all that was taken from the shelf was the data of the version that it began at, as which it is remembered then.
    /// At most one statement: none, if nothing was read from the database.
    pub(crate) async fn settle(&self) -> Result<bool, StoreError> {
        let batch = self.batch();
        // What begins and ends at a version was that version all along, as versions only rise.
        if batch.has_read.load(Ordering::Relaxed) && Some(batch.store.data_version().await?) != batch.began {
            return Ok(false);
        }
        if let Some(remembered) = &batch.remembered {
            let fresh = std::mem::take(&mut *batch.fresh.lock().unwrap_or_else(PoisonError::into_inner));
            for claim in &fresh {
                remembered.keep(claim);
            }
        }
        Ok(true)
    }

    /// The answer to a question. One statement, or as many as the question says.
    pub(crate) async fn ask<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>, ApiError> {
        Ok(self.batch().answers(std::slice::from_ref(&question)).await?.remove(&question))
    }

    /// Puts the answers to questions on the shelf, and returns them. One statement; blind to what lies there, so that the
    /// number of statements is known.
    pub(crate) async fn stock_all<Q: Question>(&self, questions: &[Q]) -> Result<Vec<Q::Answer>, ApiError> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let answers = self.batch().answers(questions).await?;
        let returned = answers.values().cloned().collect();
        self.loader.feed_many(answers).await;
        Ok(returned)
    }

    /// The answer to a question that a page has stocked.
    pub(crate) async fn find<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>, ApiError> {
        Ok(self.loader.load_one(question).await?)
    }

    /// Puts records on the shelf.
    pub(crate) async fn stock<T: Stored>(&self, ids: HashSet<Id<T>>) -> Result<Vec<Arc<T>>, ApiError> {
        let mut ids: Vec<Id<T>> = ids.into_iter().collect();
        ids.sort_unstable();
        self.stock_all(&ids).await
    }

    /// Puts records on the shelf by their slugs.
    pub(crate) async fn stock_slugs<T: Stored>(&self, slugs: HashSet<String>) -> Result<Vec<Arc<T>>, ApiError> {
        let mut slugs: Vec<String> = slugs.into_iter().collect();
        slugs.sort_unstable();
        let questions: Vec<BySlug<T>> = slugs.into_iter().map(BySlug::new).collect();
        let facts = self.stock_all(&questions).await?;
        self.put(&facts).await;
        Ok(facts)
    }

    /// Puts records on the shelf that were read otherwise.
    pub(crate) async fn put<T: Stored>(&self, facts: &[Arc<T>]) {
        self.loader.feed_many(facts.iter().map(|fact| (fact.id(), Arc::clone(fact)))).await;
    }

    /// Puts what answers cite on the shelf, and returns it.
    pub(crate) async fn stock_citations(&self, answers: &[Id<Answer>]) -> Result<Vec<(Kind, Uuid)>, ApiError> {
        let questions: Vec<CitedBy> = answers.iter().copied().map(CitedBy).collect();
        let citations = self.stock_all(&questions).await?;
        Ok(citations.iter().flat_map(|cited| cited.iter()).map(|citation| (citation.kind, citation.id)).collect())
    }

    /// Whether whoever the shelf is for sees everything, and so the histories.
    pub(crate) fn reads_histories(&self) -> bool {
        self.batch().store.sees_all()
    }
}

/// Finds the shelf of a request.
pub(crate) trait ShelfOf {
    /// The shelf.
    fn shelf(&self) -> &Shelf;
}

impl ShelfOf for Context<'_> {
    fn shelf(&self) -> &Shelf {
        self.data_unchecked::<Arc<Shelf>>()
    }
}

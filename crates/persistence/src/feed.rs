//! Changes as they happen: one reader of the table for each process, and any number of listeners.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use pomost_domain::Sight;
use sea_orm::DatabaseBackend;
use serde_json::value::RawValue;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OnceCell, Semaphore, broadcast};

use crate::change::{Change, FeedPage, FeedSlice};
use crate::error::StoreError;
use crate::store::Store;
use crate::transaction::CHANNEL;

/// How often the table is looked at, whether or not anything was heard: nothing depends on a wake-up.
const POLL: Duration = Duration::from_secs(1);
/// What happens within this time is told together: thousands of listeners are woken once, and write once.
const PACE: Duration = Duration::from_millis(50);
/// How many changes a listener may be behind before it reads them from the table.
const BUFFER: usize = 1_024;
/// How many changes are read at once, for all and for a single listener, who keeps them until he is done with them.
const PAGE: u32 = 500;
const PAGE_BEHIND: u32 = 100;
/// How many listeners that are behind read at the same time. However many there are, requests find a connection.
const READERS_BEHIND: usize = 1;
/// How many different texts of a change are kept.
const TEXTS: usize = 16;
/// How long a text is good: what it says of the record is what the record was when it was made.
const FRESH: Duration = Duration::from_secs(5);

/// Where the changes of all processes are told in this one.
#[derive(Debug)]
pub(crate) struct Hub {
    sender: OnceCell<broadcast::Sender<Arc<Told>>>,
    behind: Semaphore,
}

impl Default for Hub {
    fn default() -> Self {
        Self { sender: OnceCell::new(), behind: Semaphore::new(READERS_BEHIND) }
    }
}

/// A change as it is told, and the texts that were made of it, for all who hear it. They go when the change is forgotten.
#[derive(Debug)]
pub struct Told {
    /// The change.
    pub change: Arc<Change>,
    texts: Mutex<Vec<Made>>,
}

/// A text that is being made, or is there. `None`: it could not be made.
pub type Text = Shared<BoxFuture<'static, Option<Arc<RawValue>>>>;

/// A text, for what it was made and when.
#[derive(Debug)]
struct Made {
    wish: Arc<str>,
    at: Instant,
    text: Text,
}

impl Told {
    fn new(change: Change) -> Arc<Self> {
        Arc::new(Self { change: Arc::new(change), texts: Mutex::default() })
    }

    /// The text of the change for a wish. Whoever wishes the same gets the same, and for the first of them it is made, in a
    /// task of its own: nobody waits for somebody who does not go on. `None`: too many others are kept.
    pub fn text<F>(&self, wish: &Arc<str>, make: impl FnOnce() -> F) -> Option<Text>
    where
        F: Future<Output = Option<Arc<RawValue>>> + Send + 'static,
    {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = texts.iter().position(|made| made.wish == *wish);
        match known {
            Some(place) if texts[place].at.elapsed() < FRESH => return Some(texts[place].text.clone()),
            Some(place) => drop(texts.swap_remove(place)),
            None if texts.len() >= TEXTS => return None,
            None => {}
        }
        let text = tokio::spawn(make()).map(|made| made.ok().flatten()).boxed().shared();
        texts.push(Made { wish: Arc::clone(wish), at: Instant::now(), text: text.clone() });
        Some(text)
    }
}

impl Store {
    /// Starts to tell, unless that was done before, and listens.
    async fn listen(&self) -> Result<broadcast::Receiver<Arc<Told>>, StoreError> {
        Ok(self.told().await?.subscribe())
    }

    /// Hears of what other processes write as soon as they have written it. On `SQLite` nobody says so.
    pub(crate) async fn hear_of_others(&self) -> Result<(), StoreError> {
        if self.backend == DatabaseBackend::Postgres {
            self.told().await?;
        }
        Ok(())
    }

    async fn told(&self) -> Result<&broadcast::Sender<Arc<Told>>, StoreError> {
        let start = async {
            let (sender, _) = broadcast::channel(BUFFER);
            let all = self.seen_with(Sight::ALL);
            let head = all.data_version().await?;
            tokio::spawn(tell(all, sender.clone(), head));
            Ok::<_, StoreError>(sender)
        };
        self.hub.sender.get_or_try_init(|| start).await
    }

    /// The changes after a number as they happen, as far as this store sees them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn follow(&self, slice: FeedSlice) -> Result<Feed, StoreError> {
        // Before the table is read: what happens meanwhile is heard.
        let heard = self.listen().await?;
        let slice = FeedSlice { limit: PAGE_BEHIND, ..slice };
        Ok(Feed { store: self.clone(), slice, heard, read: Vec::new().into_iter(), is_behind: true })
    }
}

/// Reads the table whenever something may be new, and tells everyone.
async fn tell(store: Store, sender: broadcast::Sender<Arc<Told>>, mut position: i64) {
    let mut committed = store.known.subscribe();
    let mut notified = Notified::new(&store).await;
    let mut fails = false;
    loop {
        let slice = FeedSlice { after: position, limit: PAGE, ..FeedSlice::default() };
        let read = store.changes(&slice).await;
        // Listeners hear nothing of it, and wait.
        if let Err(error) = &read
            && !fails
        {
            tracing::warn!(error = error.chain(), after = position, "the change feed cannot be read: tried again");
        }
        if fails && read.is_ok() {
            tracing::info!("the change feed can be read again");
        }
        fails = read.is_err();
        if let Ok(page) = read {
            position = page.end;
            store.known.rise(page.head);
            let is_quiet = page.changes.is_empty();
            for change in page.changes {
                // Nobody may be listening at the moment.
                let _ = sender.send(Told::new(change));
            }
            if page.has_next {
                continue;
            }
            if !is_quiet {
                tokio::time::sleep(PACE).await;
            }
        }
        tokio::select! {
            _ = committed.changed() => {}
            () = notified.wait(&store) => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// The wake-ups of other processes.
struct Notified(Option<PgListener>);

impl Notified {
    async fn new(store: &Store) -> Self {
        if store.backend != DatabaseBackend::Postgres {
            return Self(None);
        }
        let connected = async {
            let mut listener = PgListener::connect(&store.url).await?;
            listener.listen(CHANNEL).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        Self(connected.await.ok())
    }

    /// Until something is heard. Without a connection, nothing ever is; it is tried again at the next poll.
    async fn wait(&mut self, store: &Store) {
        match &mut self.0 {
            Some(listener) => {
                if listener.try_recv().await.is_err() {
                    self.0 = None;
                }
            }
            None if store.backend == DatabaseBackend::Postgres => {
                tokio::time::sleep(POLL).await;
                *self = Self::new(store).await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Changes as they happen, each once and in order.
pub struct Feed {
    store: Store,
    slice: FeedSlice,
    heard: broadcast::Receiver<Arc<Told>>,
    read: std::vec::IntoIter<Change>,
    is_behind: bool,
}

impl Feed {
    /// The next changes that are in the table, in a task of its own: whoever does not go on keeps nobody from reading.
    async fn catch_up(&self) -> Result<FeedPage, StoreError> {
        let (store, slice) = (self.store.clone(), self.slice.clone());
        let reading = tokio::spawn(async move {
            // Nobody closes it; without it, it is read all the same.
            let _turn = store.hub.behind.acquire().await.ok();
            store.changes(&slice).await
        });
        reading.await.map_err(|error| StoreError::State(format!("the changes were not read: {error}")))?
    }

    /// The next change that is seen. It waits until there is one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next(&mut self) -> Result<Arc<Told>, StoreError> {
        loop {
            if let Some(change) = self.read.next() {
                self.slice.after = change.seq;
                return Ok(Told::new(change));
            }
            if self.is_behind {
                let page = self.catch_up().await?;
                self.is_behind = page.has_next;
                self.slice.after = if page.changes.is_empty() { page.end } else { self.slice.after };
                self.read = page.changes.into_iter();
                continue;
            }
            match self.heard.recv().await {
                Ok(told) if told.change.seq <= self.slice.after => {}
                Ok(told) => {
                    self.slice.after = told.change.seq;
                    let kinds = &self.slice.kinds;
                    let is_wanted = kinds.is_empty() || kinds.contains(&told.change.kind);
                    if is_wanted && told.change.appearance(&self.store.sight).is_some() {
                        return Ok(told);
                    }
                }
                // Whoever was too slow to listen reads on in the table, where nothing is lost.
                Err(RecvError::Lagged(_)) => self.is_behind = true,
                Err(RecvError::Closed) => {
                    return Err(StoreError::State("the changes are not told any more: connect again".to_owned()));
                }
            }
        }
    }
}

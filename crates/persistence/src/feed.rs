//! Changes as they happen: one reader of the table for each process, and any number of listeners.

use std::sync::Arc;
use std::time::Duration;

use pomost_domain::Sight;
use sea_orm::DatabaseBackend;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OnceCell, broadcast};

use crate::change::{Change, FeedSlice};
use crate::error::StoreError;
use crate::store::Store;
use crate::transaction::CHANNEL;

/// How often the table is looked at, whether or not anything was heard: nothing depends on a wake-up.
const POLL: Duration = Duration::from_secs(1);
/// How many changes a listener may be behind before it reads them from the table.
const BUFFER: usize = 1_024;
/// How many changes are read at once.
const PAGE: u32 = 500;

/// Where the changes of all processes are told in this one.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    sender: OnceCell<broadcast::Sender<Arc<Change>>>,
}

impl Store {
    /// Starts to tell, unless that was done before, and listens.
    async fn listen(&self) -> Result<broadcast::Receiver<Arc<Change>>, StoreError> {
        let start = async {
            let (sender, _) = broadcast::channel(BUFFER);
            let all = self.seen_with(Sight::ALL);
            let head = all.data_version().await?;
            tokio::spawn(tell(all, sender.clone(), head));
            Ok::<_, StoreError>(sender)
        };
        Ok(self.hub.sender.get_or_try_init(|| start).await?.subscribe())
    }

    /// The changes after a number as they happen, as far as this store sees them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn follow(&self, slice: FeedSlice) -> Result<Feed, StoreError> {
        // Before the table is read: what happens meanwhile is heard.
        let heard = self.listen().await?;
        let slice = FeedSlice { limit: PAGE, ..slice };
        Ok(Feed { store: self.clone(), slice, heard, read: Vec::new().into_iter(), is_behind: true })
    }
}

/// Reads the table whenever something may be new, and tells everyone.
async fn tell(store: Store, sender: broadcast::Sender<Arc<Change>>, mut position: i64) {
    let mut committed = store.committed.subscribe();
    let mut notified = Notified::new(&store).await;
    loop {
        let slice = FeedSlice { after: position, limit: PAGE, ..FeedSlice::default() };
        // A failure is tried again at the next poll; the requests of listeners tell of it.
        if let Ok(page) = store.changes(&slice).await {
            position = page.end;
            for change in page.changes {
                // Nobody may be listening at the moment.
                let _ = sender.send(Arc::new(change));
            }
            if page.has_next {
                continue;
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
    heard: broadcast::Receiver<Arc<Change>>,
    read: std::vec::IntoIter<Change>,
    is_behind: bool,
}

impl Feed {
    /// The next change that is seen. It waits until there is one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next(&mut self) -> Result<Arc<Change>, StoreError> {
        loop {
            if let Some(change) = self.read.next() {
                self.slice.after = change.seq;
                return Ok(Arc::new(change));
            }
            if self.is_behind {
                let page = self.store.changes(&self.slice).await?;
                self.is_behind = page.has_next;
                self.slice.after = if page.changes.is_empty() { page.end } else { self.slice.after };
                self.read = page.changes.into_iter();
                continue;
            }
            match self.heard.recv().await {
                Ok(change) if change.seq <= self.slice.after => {}
                Ok(change) => {
                    self.slice.after = change.seq;
                    let kinds = &self.slice.kinds;
                    let is_wanted = kinds.is_empty() || kinds.contains(&change.kind);
                    if is_wanted && change.appearance(&self.store.sight).is_some() {
                        return Ok(change);
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

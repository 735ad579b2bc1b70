//! Keeps a copy of another registry: reads all of it once, then its change feed, and compares both sides.
//!
//! The feed is read page by page; a subscription only signals that there are changes. The pages are stored in the database
//! together with the position in the feed, so that either side may stop at any moment.
//!
//! Allowed here: the client of the public API of a registry, and the processing of its answers. Not allowed: the schema or
//! the server. The other registry may have another version.

mod source;

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use pomost_domain::exchange::collection_of;
use pomost_domain::id::Kind;
use pomost_domain::{Act, GlobalId, Sight, Vocabulary};
use pomost_persistence::{Applied, DigestPart, ImportError, Mirrored, Store, StoreError};

use source::{FeedChange, Page};

pub use source::{Source, SourceError, Trouble};

/// The origin of a failure.
#[derive(Debug)]
pub enum MirrorError {
    /// The source.
    Source(Trouble),
    /// Our own database.
    Store(StoreError),
    /// The source wrote data that this program cannot read.
    Unreadable(String),
}

impl From<Trouble> for MirrorError {
    fn from(trouble: Trouble) -> Self {
        Self::Source(trouble)
    }
}

impl From<StoreError> for MirrorError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The result of a comparison.
#[derive(Debug)]
pub enum Verdict {
    /// Both sides are equal: the number of records of each kind, and the digest of the last part of each collection.
    Same(Vec<Compared>),
    /// They differ in these kinds.
    Differ(Vec<&'static str>),
    /// The source changed during the comparison: repeat it later.
    Moved,
}

/// A kind that is equal on both sides.
#[derive(Debug)]
pub struct Compared {
    /// The collection.
    pub collection: &'static str,
    /// The number of its records.
    pub count: u64,
    /// The digest of its last part.
    pub sha256: String,
}

/// The result of one round of reading and writing.
#[derive(Debug, Default)]
pub struct Step {
    /// Changes that were read.
    pub read: u64,
    /// Records that were written.
    pub applied: Applied,
}

/// A registry that is a copy of another.
pub struct Mirror {
    store: Store,
    source: Source,
    clock: fn() -> DateTime<Utc>,
    /// True after it was logged that the source has kinds that are unknown here.
    has_met_unknown: AtomicBool,
}

impl Mirror {
    /// A copy of a source in a store. The source is queried first, so that no database is bound to an address without a
    /// registry.
    ///
    /// # Errors
    /// The source does not answer, the store contains something else, or fails.
    pub async fn new(store: Store, source: Source, clock: fn() -> DateTime<Utc>) -> Result<Self, MirrorError> {
        if store.mirror().await?.is_none() {
            source.start().await?;
        }
        store.become_mirror(source.url()).await?;
        // The mirror reads and writes its whole copy.
        let store = store.seen_with(Sight::ALL);
        Ok(Self { store, source, clock, has_met_unknown: AtomicBool::new(false) })
    }

    /// Reads the changes of the source and writes them. `progress` receives the number of changes read so far.
    ///
    /// # Errors
    /// The source or our own database fails. The changes read so far remain stored.
    pub async fn catch_up(&self, mut progress: impl FnMut(u64) + Send) -> Result<Step, MirrorError> {
        loop {
            match self.read_on(&mut progress).await {
                Err(MirrorError::Source(Trouble::Resync)) => {
                    tracing::warn!("the source was restored from a backup: it is read again completely");
                    self.begin().await?;
                }
                done => return done,
            }
        }
    }

    async fn read_on(&self, progress: &mut (impl FnMut(u64) + Send)) -> Result<Step, MirrorError> {
        let mut read = 0;
        // Another process may read into the same database: the first one stores a page.
        loop {
            let state = self.state().await?;
            if !state.is_complete && !self.store.mirror_has_begun().await? {
                self.begin().await?;
                continue;
            }
            let cursor = state.cursor.as_deref();
            let Page { nodes, end_cursor, has_more } = self.source.changes(cursor, !state.is_complete).await?;
            read += nodes.len() as u64;
            if !nodes.is_empty() || cursor != Some(&end_cursor) {
                let known = nodes.into_iter().filter_map(|change| self.mirrored(change)).collect();
                if !self.store.mirror_read(known, cursor, &end_cursor).await? {
                    continue;
                }
            }
            progress(read);
            if has_more {
                continue;
            }
            if state.is_complete || self.store.mirror_is_complete(&end_cursor).await? {
                break;
            }
        }
        // This includes changes of an earlier round that was interrupted before it wrote them.
        Ok(Step { read, applied: self.apply().await? })
    }

    /// A change as it is stored here. Kinds that this program does not know are skipped, and logged once.
    fn mirrored(&self, change: FeedChange) -> Option<Mirrored> {
        let Some((kind, raw)) = GlobalId::parse(&change.id).and_then(|id| id.record()) else {
            if !self.has_met_unknown.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    id = change.id,
                    collection = change.collection,
                    "the source has records of a kind that this program does not know, which are skipped: upgrade this program"
                );
            }
            return None;
        };
        // The copy makes these from the records that name them, with the content that is visible here.
        if matches!(kind, Kind::Official | Kind::Programme) {
            return None;
        }
        let content = change.collection.zip(change.content);
        // A record with a collection but without content is hidden, or is a session that is made from the records that name
        // it.
        let is_written = collection_of(kind).is_none() || content.is_some();
        let is_there = is_written && !matches!(change.op.as_str(), "WITHDRAWN" | "ERASED");
        Some(Mirrored { kind, id: raw, is_there, content: content.filter(|_| is_there) })
    }

    async fn state(&self) -> Result<pomost_persistence::MirrorState, MirrorError> {
        let gone = || StoreError::State("the database is not a mirror any more".to_owned());
        Ok(self.store.mirror().await?.ok_or_else(gone)?)
    }

    /// Starts to read the source from the beginning.
    ///
    /// # Errors
    /// The source refuses, or shows data that must not be copied; or our own database fails.
    pub async fn begin(&self) -> Result<(), MirrorError> {
        let tail = self.source.start().await?;
        self.store.mirror_anew(&tail).await?;
        Ok(())
    }

    async fn apply(&self) -> Result<Applied, MirrorError> {
        let act = Act { name: "mirror".to_owned(), by: "mirror".to_owned(), at: (self.clock)(), reason: None };
        match self.store.mirror_apply(&act).await {
            Ok(applied) => Ok(applied),
            Err(ImportError::Store(error)) => Err(error.into()),
            Err(error) => Err(MirrorError::Unreadable(error.to_string())),
        }
    }

    /// Waits until the source signals a change, at most this long. Without a subscription it polls.
    pub async fn wait(&self, following: &mut Option<Following>, at_most: Duration, without: Duration) {
        if following.is_none() {
            let cursor = self.state().await.ok().and_then(|state| state.cursor);
            *following = self.source.follow(cursor.as_deref()).await.ok().map(Following);
        }
        match following {
            Some(Following(stream)) => {
                if tokio::time::timeout(at_most, stream.wait()).await == Ok(false) {
                    *following = None;
                }
            }
            None => tokio::time::sleep(without).await,
        }
    }

    /// Compares both sides, kind by kind.
    ///
    /// # Errors
    /// The source or our own database fails.
    pub async fn verify(&self) -> Result<Verdict, MirrorError> {
        let cursor = self.state().await?.cursor;
        let (mut same, mut differ) = (Vec::new(), Vec::new());
        for kind in Kind::ALL {
            let Some(collection) = collection_of(*kind) else { continue };
            let mut compared = Compared { collection, count: 0, sha256: String::new() };
            let mut after: Option<String> = None;
            loop {
                let theirs = self.source.digest(&kind.label().to_uppercase(), after.as_deref()).await?;
                if Some(&theirs.change_cursor) != cursor.as_ref() {
                    return Ok(Verdict::Moved);
                }
                let part = DigestPart { after, until: theirs.end.clone(), limit: u64::MAX };
                let ours = self.store.digest(*kind, &part).await?;
                let ours = ours.map(|digest| (digest.count, hex(digest.sha256)));
                if ours != Some((theirs.count, theirs.sha256.clone())) {
                    differ.push(collection);
                    break;
                }
                compared.count += theirs.count;
                compared.sha256 = theirs.sha256;
                after = theirs.end;
                if after.is_none() {
                    same.push(compared);
                    break;
                }
            }
        }
        if differ.is_empty() {
            return Ok(Verdict::Same(same));
        }
        // Changes that the source wrote after the comparison began are not a difference.
        let moved = !self.source.changes(cursor.as_deref(), false).await?.nodes.is_empty();
        Ok(if moved { Verdict::Moved } else { Verdict::Differ(differ) })
    }
}

/// A subscription to the source.
pub struct Following(source::Following);

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

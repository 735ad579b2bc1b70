//! Keeps a copy of another registry: reads all of it once, then its change feed, and checks that both hold the same.
//!
//! The feed is read page by page; a subscription only says when there is something to read. What was read is kept in the
//! database, with the place up to which it was read, so that either side may stop at any moment.
//!
//! What may live here: the client of the public API of a registry, and what is done with its answers. What may not: the schema
//! or the server. The other registry may be of another version.

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

/// A place at which something failed.
#[derive(Debug)]
pub enum MirrorError {
    /// The source.
    Source(Trouble),
    /// Our own database.
    Store(StoreError),
    /// What the source writes cannot be read here.
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

/// What was found when both sides were compared.
#[derive(Debug)]
pub enum Verdict {
    /// They hold the same: how many records of each kind, and the digest of each part of a collection.
    Same(Vec<Compared>),
    /// They differ in these kinds.
    Differ(Vec<&'static str>),
    /// The source was written meanwhile: compare again when it rests.
    Moved,
}

/// A kind of which both sides hold the same.
#[derive(Debug)]
pub struct Compared {
    /// The collection.
    pub collection: &'static str,
    /// How many records it has.
    pub count: u64,
    /// The digest of its last part.
    pub sha256: String,
}

/// What was read and written at once.
#[derive(Debug, Default)]
pub struct Step {
    /// Changes that were read.
    pub read: u64,
    /// What was written of them.
    pub applied: Applied,
}

/// A registry that is a copy of another.
pub struct Mirror {
    store: Store,
    source: Source,
    clock: fn() -> DateTime<Utc>,
    /// Whether it was logged that the source has kinds that are not known here.
    has_met_unknown: AtomicBool,
}

impl Mirror {
    /// A copy of a source in a store. The source is asked first, so that no database is bound to what is none.
    ///
    /// # Errors
    /// The source does not answer, the store holds something else, or fails.
    pub async fn new(store: Store, source: Source, clock: fn() -> DateTime<Utc>) -> Result<Self, MirrorError> {
        if store.mirror().await?.is_none() {
            source.start().await?;
        }
        store.become_mirror(source.url()).await?;
        // It holds what it was told, and nothing else.
        let store = store.seen_with(Sight::ALL);
        Ok(Self { store, source, clock, has_met_unknown: AtomicBool::new(false) })
    }

    /// Reads what is new at the source, and writes it. `progress` is told how much was read so far.
    ///
    /// # Errors
    /// The source or our own database fails. What was read until then is kept.
    pub async fn catch_up(&self, mut progress: impl FnMut(u64) + Send) -> Result<Step, MirrorError> {
        loop {
            match self.read_on(&mut progress).await {
                Err(MirrorError::Source(Trouble::Resync)) => {
                    tracing::warn!("the source was restored from a copy: it is read anew");
                    self.begin().await?;
                }
                done => return done,
            }
        }
    }

    async fn read_on(&self, progress: &mut (impl FnMut(u64) + Send)) -> Result<Step, MirrorError> {
        let mut read = 0;
        // Another process may read into the same database: each page is kept once, by the first of them.
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
        // Also what was read before and not written, because either side was stopped.
        Ok(Step { read, applied: self.apply().await? })
    }

    /// A change as it is kept here. Kinds that this program does not know are passed over, and logged once.
    fn mirrored(&self, change: FeedChange) -> Option<Mirrored> {
        let Some((kind, raw)) = GlobalId::parse(&change.id).and_then(|id| id.record()) else {
            if !self.has_met_unknown.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    id = change.id,
                    collection = change.collection,
                    "the source has records of a kind that this program does not know: they are passed over; upgrade it"
                );
            }
            return None;
        };
        // They are made here from the records that name them, as these are seen.
        if matches!(kind, Kind::Official | Kind::Programme) {
            return None;
        }
        let content = change.collection.zip(change.content);
        // A record of a collection without a written form is not shown, or is a session that is made from those that name it.
        let is_written = collection_of(kind).is_none() || content.is_some();
        let is_there = is_written && !matches!(change.op.as_str(), "WITHDRAWN" | "ERASED");
        Some(Mirrored { kind, id: raw, is_there, content: content.filter(|_| is_there) })
    }

    async fn state(&self) -> Result<pomost_persistence::MirrorState, MirrorError> {
        let gone = || StoreError::State("the database is no mirror any more".to_owned());
        Ok(self.store.mirror().await?.ok_or_else(gone)?)
    }

    /// Begins to read the source from its start.
    ///
    /// # Errors
    /// The source refuses, or shows what is not for a copy; or our own database fails.
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

    /// Waits until the source tells of a change, at most this long. Whoever cannot listen looks from time to time.
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
        // What was written there since is no difference.
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

//! Caches of data of one version.

use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// The version of everything that all answers depend on, besides the request and the viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The day: some answers depend on the current date.
    pub day: NaiveDate,
    /// The number of the last change of the data.
    pub number: i64,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.day, self.number)
    }
}

/// A cache for the newest requested version, limited in bytes.
pub struct Versioned<K, V, W> {
    bytes: u64,
    last: RwLock<Option<Arc<At<K, V, W>>>>,
}

/// The cache of one version.
pub struct At<K, V, W> {
    version: Version,
    cache: Cache<K, V, W>,
}

/// The typical weight of an entry.
const USUAL_WEIGHT: u64 = 4 << 10;
/// Initial capacity, in entries. More is allocated on demand.
const FIRST_ROOM: u64 = 256;

impl<K: Eq + Hash, V: Clone, W: Weighter<K, V> + Clone + Default> Versioned<K, V, W> {
    /// An empty cache of this many bytes; `None`: nothing is cached.
    pub fn new(bytes: u64) -> Option<Self> {
        (bytes > 0).then(|| Self { bytes, last: RwLock::default() })
    }

    /// The cache of a version, empty at first; `None` if a newer version was requested.
    pub fn at(&self, version: &Version) -> Option<Arc<At<K, V, W>>> {
        if let Some(last) = &*self.last.read().unwrap_or_else(PoisonError::into_inner)
            && last.version >= *version
        {
            return (last.version == *version).then(|| Arc::clone(last));
        }
        let mut last = self.last.write().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(last) if last.version == *version => return Some(Arc::clone(last)),
            Some(last) if last.version > *version => return None,
            _ => {}
        }
        let room = (self.bytes / USUAL_WEIGHT).clamp(1, FIRST_ROOM);
        let cache = Cache::with_weighter(usize::try_from(room).unwrap_or(1), self.bytes, W::default());
        let at = Arc::new(At { version: *version, cache });
        *last = Some(Arc::clone(&at));
        Some(at)
    }
}

impl<K, V, W> Versioned<K, V, W> {
    /// Drops all entries, including those that are being computed.
    pub fn clear(&self) {
        *self.last.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl<K, V, W> At<K, V, W> {
    /// The entries.
    pub fn cache(&self) -> &Cache<K, V, W> {
        &self.cache
    }
}

//! What is kept of the data as it was at one version of it.

use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// What all answers depend on besides the question and who asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The day: some answers tell what is so today.
    pub day: NaiveDate,
    /// The number of the last change of the data.
    pub number: i64,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.day, self.number)
    }
}

/// What is kept at the last version that anybody asked about, within a number of bytes.
pub(crate) struct Versioned<K, V, W> {
    bytes: u64,
    last: RwLock<Option<Arc<At<K, V, W>>>>,
}

/// What is kept at a version.
pub(crate) struct At<K, V, W> {
    version: Version,
    cache: Cache<K, V, W>,
}

/// About what most of the things that are kept weigh.
const USUAL_WEIGHT: u64 = 4 << 10;
/// For how many of them there is room at once: more is made when it is needed.
const FIRST_ROOM: u64 = 256;

impl<K: Eq + Hash, V: Clone, W: Weighter<K, V> + Clone + Default> Versioned<K, V, W> {
    /// An empty one for so many bytes; `None`: nothing is kept.
    pub(crate) fn new(bytes: u64) -> Option<Self> {
        (bytes > 0).then(|| Self { bytes, last: RwLock::default() })
    }

    /// What is kept at a version, which is empty at first; `None`, if there is a newer one.
    pub(crate) fn at(&self, version: &Version) -> Option<Arc<At<K, V, W>>> {
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
    /// Forgets all that is kept. What is still being made for a place in it is lost with it.
    pub(crate) fn clear(&self) {
        *self.last.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl<K, V, W> At<K, V, W> {
    /// What is kept.
    pub(crate) fn cache(&self) -> &Cache<K, V, W> {
        &self.cache
    }
}

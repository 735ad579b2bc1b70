//! The cache of loads: their results at one version of the data, for all requests of the process.
//!
//! A write makes another version, and with it an empty cache: nothing has to be found and removed, and no entry is out of
//! date. A request that began with the old version ends with it.
//!
//! Of several requests that load the same at once, one reads and the others wait for its result. Each of them confirms it as
//! it confirms everything that it read: it asks for the version when it ends.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use pomost_domain::Sight;
use pomost_edge::Version;
use pomost_edge::versioned::{At, Versioned};
use pomost_persistence::{Asked, Store};
use quick_cache::{Equivalent, Weighter};
use tokio::sync::watch;

use super::load::{Load, Loaded};

/// The cache of the process.
pub(crate) struct Cache {
    entries: Versioned<Arc<Key>, Entry, Weights>,
    in_flight: Arc<InFlight>,
}

impl Cache {
    /// An empty cache of so many bytes; `None`: nothing is cached.
    pub(crate) fn new(bytes: u64) -> Option<Self> {
        Versioned::new(bytes).map(|entries| Self { entries, in_flight: Arc::default() })
    }

    /// The cache at a version; `None`, if there is a newer one.
    pub(crate) fn at(&self, version: &Version) -> Option<Cached> {
        let entries = self.entries.at(version)?;
        Some(Cached { entries, version: *version, in_flight: Arc::clone(&self.in_flight) })
    }
}

/// The cache at one version.
pub(crate) struct Cached {
    entries: Arc<At<Arc<Key>, Entry, Weights>>,
    version: Version,
    in_flight: Arc<InFlight>,
}

/// The loads that some request is reading, each with the place where its result will be.
type InFlight = Mutex<HashMap<(Version, Arc<Key>), watch::Receiver<Option<Entry>>>>;

/// The result of a look into the cache.
pub(super) enum Lookup {
    /// The result of the load.
    Hit(Entry),
    /// Another request is reading it.
    Wait(Waiting),
    /// It is not there: the request has to read it, and to publish the result.
    Miss(Lock),
}

/// A result that another request is reading.
pub(super) struct Waiting(watch::Receiver<Option<Entry>>);

impl Waiting {
    /// The result; `None`, if the other request could not read it.
    pub(super) async fn entry(mut self) -> Option<Entry> {
        // An error says that the other request has ended: then it has published the result before, or never will.
        let _ = self.0.wait_for(Option::is_some).await;
        self.0.borrow().clone()
    }
}

/// The duty to read a load, until it is dropped.
pub(super) struct Lock {
    place: (Version, Arc<Key>),
    result: watch::Sender<Option<Entry>>,
    in_flight: Arc<InFlight>,
}

impl Lock {
    /// Publishes the result for those who wait.
    pub(super) fn publish(&self, entry: Entry) {
        self.result.send_replace(Some(entry));
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.place);
    }
}

/// A load, the sight for which it was read, and the columns that were asked of its records.
pub(crate) struct Key {
    sight: Sight,
    asked: Asked,
    load: Load,
    /// The bytes of its texts, which are as long as the client likes.
    texts: usize,
}

/// A key that borrows.
struct KeyRef<'a> {
    sight: &'a Sight,
    asked: Asked,
    load: &'a Load,
}

impl Hash for KeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sight.hash(state);
        self.asked.hash(state);
        self.load.hash(state);
    }
}

impl KeyRef<'_> {
    fn is(&self, key: &Key) -> bool {
        *self.load == key.load && self.asked == key.asked && *self.sight == key.sight
    }
}

impl Equivalent<Arc<Key>> for KeyRef<'_> {
    fn equivalent(&self, key: &Arc<Key>) -> bool {
        self.is(key)
    }
}

impl Key {
    fn borrowed(&self) -> KeyRef<'_> {
        KeyRef { sight: &self.sight, asked: self.asked, load: &self.load }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.borrowed().hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.borrowed().is(other)
    }
}

impl Eq for Key {}

/// The result of a load, or that it has none.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(super) result: Option<Loaded>,
    weight: usize,
}

/// The bytes of an entry besides its result: its key but for the texts in it, and its place in the cache.
const OVERHEAD: usize = 300;

impl Entry {
    pub(super) fn new(result: Option<Loaded>) -> Self {
        let weight = result.as_ref().map_or(0, Loaded::weight) + OVERHEAD;
        Self { result, weight }
    }
}

/// The bytes of entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights;

impl Weighter<Arc<Key>, Entry> for Weights {
    fn weight(&self, key: &Arc<Key>, entry: &Entry) -> u64 {
        (key.texts + entry.weight) as u64
    }
}

impl Cached {
    /// Looks a load up.
    pub(super) fn look_up(&self, store: &Store, load: &Load) -> Lookup {
        let (sight, asked) = (store.sight(), store.asked().of(load.aside()));
        if let Some(entry) = self.entries.cache().get(&KeyRef { sight, asked, load }) {
            return Lookup::Hit(entry);
        }
        let (load, texts) = load.key();
        let place = (self.version, Arc::new(Key { sight: sight.clone(), asked, load, texts }));
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = in_flight.get(&place) {
            return Lookup::Wait(Waiting(waiting.clone()));
        }
        let (result, waiting) = watch::channel(None);
        in_flight.insert(place.clone(), waiting);
        Lookup::Miss(Lock { place, result, in_flight: Arc::clone(&self.in_flight) })
    }

    /// Keeps the result that was read under a lock.
    pub(super) fn keep(&self, lock: &Lock) {
        if let Some(entry) = lock.result.borrow().clone() {
            self.entries.cache().insert(Arc::clone(&lock.place.1), entry);
        }
    }
}

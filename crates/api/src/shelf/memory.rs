//! What the process remembers of the data: the answers to questions, at one version of the data.
//!
//! A write makes another version, and with it an empty memory: nothing has to be found and thrown away, and nothing that is
//! remembered can be out of date. A request that began with the old one ends with it.
//!
//! Of several requests that ask the same at once, one reads and the others wait for what it finds. What they get is confirmed
//! as everything is that was read: each of them asks for the version when it ends.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use pomost_domain::Sight;
use pomost_persistence::{Asked, Store};
use quick_cache::{Equivalent, Weighter};
use tokio::sync::watch;

use super::question::Question;
use crate::versioned::{At, Version, Versioned};

/// The memory of the process.
pub(crate) struct Memory {
    kept: Versioned<Arc<Key>, Held, Weights>,
    flights: Arc<Flights>,
}

impl Memory {
    /// An empty one for so many bytes; `None`: nothing is remembered.
    pub(crate) fn new(bytes: u64) -> Option<Self> {
        Versioned::new(bytes).map(|kept| Self { kept, flights: Arc::default() })
    }

    /// What is remembered at a version; `None`, if there is a newer one.
    pub(crate) fn at(&self, version: &Version) -> Option<Remembered> {
        let kept = self.kept.at(version)?;
        Some(Remembered { kept, version: *version, flights: Arc::clone(&self.flights) })
    }
}

/// What is remembered at one version.
pub(crate) struct Remembered {
    kept: Arc<At<Arc<Key>, Held, Weights>>,
    version: Version,
    flights: Arc<Flights>,
}

/// What somebody is reading, at which version, and where the answer will be told.
type Flights = Mutex<HashMap<(Version, Arc<Key>), watch::Receiver<Option<Held>>>>;

/// What is known of a question.
pub(super) enum Known {
    /// Its answer.
    Held(Held),
    /// Somebody is reading it.
    Coming(Coming),
    /// Nothing: whoever asked has to read it, and to tell the others.
    Nothing(Claim),
}

/// An answer that somebody else is reading.
pub(super) struct Coming(watch::Receiver<Option<Held>>);

impl Coming {
    /// The answer; `None`, if the other could not read it.
    pub(super) async fn held(mut self) -> Option<Held> {
        // An error says that he is gone: then he told what he knew before, or nothing.
        let _ = self.0.wait_for(Option::is_some).await;
        self.0.borrow().clone()
    }
}

/// The duty to read the answer to a question, until it is dropped.
pub(super) struct Claim {
    place: (Version, Arc<Key>),
    told: watch::Sender<Option<Held>>,
    flights: Arc<Flights>,
}

impl Claim {
    /// Tells the answer to those who wait.
    pub(super) fn tell(&self, held: Held) {
        self.told.send_replace(Some(held));
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.place);
    }
}

/// A question of whatever sort, who sees its answer, and what is asked of the records in it.
pub(crate) struct Key {
    sight: Sight,
    asked: Asked,
    question: Box<dyn Erased>,
    /// The bytes of its texts, which are as long as whoever asks likes.
    texts: usize,
}

/// A key that is only looked at.
struct Look<'a> {
    sight: &'a Sight,
    asked: Asked,
    question: &'a dyn Erased,
}

impl Hash for Look<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sight.hash(state);
        self.asked.hash(state);
        self.question.hash_into(state);
    }
}

impl Look<'_> {
    fn is(&self, key: &Key) -> bool {
        self.question.is(&*key.question) && self.asked == key.asked && *self.sight == key.sight
    }
}

impl Equivalent<Arc<Key>> for Look<'_> {
    fn equivalent(&self, key: &Arc<Key>) -> bool {
        self.is(key)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Look { sight: &self.sight, asked: self.asked, question: &*self.question }.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Look { sight: &self.sight, asked: self.asked, question: &*self.question }.is(other)
    }
}

impl Eq for Key {}

/// A question whose sort is forgotten.
trait Erased: Any + Send + Sync {
    fn hash_into(&self, state: &mut dyn Hasher);
    fn is(&self, other: &dyn Erased) -> bool;
}

impl<Q: Question> Erased for Q {
    fn hash_into(&self, mut state: &mut dyn Hasher) {
        TypeId::of::<Q>().hash(&mut state);
        self.hash(&mut state);
    }

    fn is(&self, other: &dyn Erased) -> bool {
        (other as &dyn Any).downcast_ref::<Q>().is_some_and(|other| self == other)
    }
}

/// An answer of whatever sort, or that there is none.
#[derive(Clone)]
pub(crate) struct Held {
    answer: Arc<dyn Any + Send + Sync>,
    weight: usize,
}

/// What an answer takes besides itself: its question but for the texts in it, and its place in the memory.
const AROUND: usize = 300;

impl Held {
    pub(super) fn new<Q: Question>(answer: Option<Q::Answer>) -> Self {
        let weight = answer.as_ref().map_or(0, Q::weight) + AROUND;
        Self { answer: Arc::new(answer), weight }
    }

    /// The answer, if there is one.
    pub(super) fn answer<Q: Question>(&self) -> Option<Q::Answer> {
        self.answer.downcast_ref::<Option<Q::Answer>>()?.clone()
    }
}

/// What answers take.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights;

impl Weighter<Arc<Key>, Held> for Weights {
    fn weight(&self, key: &Arc<Key>, held: &Held) -> u64 {
        (key.texts + held.weight) as u64
    }
}

impl Remembered {
    /// What is known of a question.
    pub(super) fn known<Q: Question>(&self, store: &Store, question: &Q) -> Known {
        let (sight, asked) = (store.sight(), store.asked().of(Q::ASIDE));
        if let Some(held) = self.kept.cache().get(&Look { sight, asked, question }) {
            return Known::Held(held);
        }
        let (question, texts) = question.bare();
        let key = Key { sight: sight.clone(), asked, question: Box::new(question), texts };
        let place = (self.version, Arc::new(key));
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(coming) = flights.get(&place) {
            return Known::Coming(Coming(coming.clone()));
        }
        let (told, coming) = watch::channel(None);
        flights.insert(place.clone(), coming);
        Known::Nothing(Claim { place, told, flights: Arc::clone(&self.flights) })
    }

    /// Remembers what a claim was about.
    pub(super) fn keep(&self, claim: &Claim) {
        if let Some(held) = claim.told.borrow().clone() {
            self.kept.cache().insert(Arc::clone(&claim.place.1), held);
        }
    }
}

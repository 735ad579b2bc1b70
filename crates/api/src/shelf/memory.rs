//! What the process remembers of the data: the answers to questions, at one version of the data.
//!
//! A write makes another version, and with it an empty memory: nothing has to be found and thrown away, and nothing that is
//! remembered can be out of date. A request that began with the old one ends with it.

use std::any::{Any, TypeId};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pomost_domain::Sight;
use quick_cache::{Equivalent, Weighter};

use super::question::Question;
use crate::versioned::{At, Versioned};

/// The memory of the process.
pub(crate) type Memory = Versioned<Key, Held, Weights>;

/// What is remembered at one version.
pub(crate) type Remembered = At<Key, Held, Weights>;

/// A question of whatever sort, and who sees its answer.
pub(crate) struct Key {
    sight: Sight,
    question: Box<dyn Erased>,
}

impl Key {
    pub(super) fn new<Q: Question>(sight: Sight, question: Q) -> Self {
        Self { sight, question: Box::new(question) }
    }
}

/// A key that is only looked at.
struct Look<'a> {
    sight: &'a Sight,
    question: &'a dyn Erased,
}

impl Hash for Look<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sight.hash(state);
        self.question.hash_into(state);
    }
}

impl Equivalent<Key> for Look<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.question.is(&*key.question) && *self.sight == key.sight
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Look { sight: &self.sight, question: &*self.question }.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Look { sight: &self.sight, question: &*self.question }.equivalent(other)
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

/// What an answer takes besides itself: its question, and its place in the memory.
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

impl Weighter<Key, Held> for Weights {
    fn weight(&self, _: &Key, held: &Held) -> u64 {
        held.weight as u64
    }
}

impl Remembered {
    /// What is remembered of a question.
    pub(super) fn held<Q: Question>(&self, sight: &Sight, question: &Q) -> Option<Held> {
        self.cache().get(&Look { sight, question })
    }

    pub(super) fn keep(&self, key: Key, held: Held) {
        self.cache().insert(key, held);
    }
}

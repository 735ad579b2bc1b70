//! Identifiers: the kinds of records, and typed ids.

mod global;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::meta::Fact;

pub use global::GlobalId;

/// Root of the ids that are derived from a slug: `uuid5(DNS, "pomost.registry")`.
const NAMESPACE: Uuid = Uuid::from_u128(0x1ac8_68a4_908d_5e74_aec5_6183_c43e_b1bd);

vocabulary! { closed,
    /// The kinds of records, each with its name in the database and in ids.
    Kind {
        /// A municipality.
        City = "city",
        /// An institution, association or company.
        Organization = "organization",
        /// A holder of a public office.
        Official = "official",
        /// A term of a council.
        Term = "term",
        /// A session of a council.
        Session = "session",
        /// A resolution of a council.
        Resolution = "resolution",
        /// The lasting relation of cities.
        Partnership = "partnership",
        /// A signed paper.
        Agreement = "agreement",
        /// A political promise.
        LetterOfIntent = "letter_of_intent",
        /// One promise of a letter.
        Commitment = "commitment",
        /// A funding programme.
        Programme = "programme",
        /// A joint project.
        Project = "project",
        /// A youth exchange.
        YouthExchange = "youth_exchange",
        /// A business mission.
        BusinessMission = "business_mission",
        /// A joint event.
        JointEvent = "joint_event",
        /// A study visit.
        StudyVisit = "study_visit",
        /// A meeting.
        Meeting = "meeting",
        /// A councillor's interpellation or question.
        Interpellation = "interpellation",
        /// The answer to an interpellation.
        Answer = "answer",
        /// A paper, publication, film or broadcast.
        Document = "document",
    }
}

/// The id of a fact of type `T`.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id<T>(Uuid, #[serde(skip)] PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// Types an id that is known to belong to a `T`.
    pub const fn new(raw: Uuid) -> Self {
        Self(raw, PhantomData)
    }

    /// The id without its type.
    pub const fn raw(self) -> Uuid {
        self.0
    }
}

impl<T: Fact> Id<T> {
    /// The id of a record that is imported under `slug`. It is the same in every registry, so two imports of one file agree.
    pub fn of_slug(slug: &str) -> Self {
        Self::new(of_slug(T::KIND, slug))
    }
}

/// The id of an imported record of a kind that is only known at run time.
pub fn of_slug(kind: Kind, slug: &str) -> Uuid {
    use crate::vocabulary::Vocabulary;
    Uuid::new_v5(&NAMESPACE, format!("{}/{slug}", kind.label()).as_bytes())
}

// Written by hand, because a derive would require the same traits of `T`.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> Default for Id<T> {
    /// The nil id, which no record has. An empty draft contains it.
    fn default() -> Self {
        Self::new(Uuid::nil())
    }
}

/// The id of the token with this hash.
pub fn token_id(hash: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("token/{hash}").as_bytes())
}

/// A slug with a number, for where it is taken.
pub(crate) fn numbered(slug: &str, number: u64) -> String {
    format!("{slug}-{number}")
}

/// True if a slug is another one, with or without a number behind it.
pub(crate) fn is_numbered(slug: &str, base: &str) -> bool {
    slug.strip_prefix(base).is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('-').is_some_and(|number| number.parse::<u64>().is_ok())
    })
}

/// Eight hexadecimal digits that distinguish texts.
pub(crate) fn fingerprint(text: &str) -> String {
    let digits = Uuid::new_v5(&NAMESPACE, text.as_bytes()).simple().to_string();
    digits[..8].to_owned()
}

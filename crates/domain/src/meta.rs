//! What all records share.

use std::any::Any;
use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fold;
use crate::id::{Id, Kind};
use crate::text::Text;
use crate::vocabulary::Vocabulary;

vocabulary! { closed,
    /// Where a record stands on its way to the public.
    Publication {
        /// Being written.
        Draft = "draft",
        /// Waiting for a publisher.
        InReview = "in_review",
        /// Public.
        Published = "published",
        /// Public, in a corrected version.
        Corrected = "corrected",
        /// Taken back; only a tombstone is left.
        Withdrawn = "withdrawn",
    }
}

impl Publication {
    /// Whether readers see a record in this state.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Corrected)
    }
}

vocabulary! { closed,
    /// Who may see a published record.
    Visibility {
        /// Everyone.
        Public = "public",
        /// Whoever holds a token of a partner city, and the city's own offices.
        Partners = "partners",
        /// The city's own offices.
        Internal = "internal",
    }
}

/// Where a fact was found.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Source {
    /// Address of the page, or the slug of a document of this registry.
    pub url: Option<String>,
    /// Title of the page or paper.
    pub title: Option<String>,
    /// Day on which it was read.
    pub retrieved: Option<NaiveDate>,
}

/// What every record carries beside its own facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// Id of the record, without its type.
    pub id: Uuid,
    /// Readable name, unique per kind.
    pub slug: String,
    /// Counts the writes, from 1.
    pub version: u32,
    /// When the record was first written.
    pub created_at: DateTime<Utc>,
    /// Who wrote it first.
    pub created_by: String,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
    /// Who wrote it last.
    pub updated_by: String,
    /// Where it stands on its way to the public.
    pub publication: Publication,
    /// Who may see it once it is published.
    pub visibility: Visibility,
    /// Number of the change that wrote it last; 0 before it is written.
    pub change_seq: i64,
    /// Licence of the record's content, as an SPDX identifier.
    pub licence: String,
    /// What is uncertain, inferred or contradictory.
    pub note: Option<Text>,
    /// Where the facts were found; `None`: not reported.
    pub sources: Option<Vec<Source>>,
    /// Names of lists that the sender gave as empty, which says "nothing was found", not "not reported", and of flags that he
    /// gave as `false`.
    pub stated_empty: Vec<String>,
}

impl Meta {
    /// Licence of a record unless another is stated.
    pub const DEFAULT_LICENCE: &'static str = "CC-BY-4.0";
}

impl Default for Meta {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            slug: String::new(),
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            created_by: String::new(),
            updated_at: DateTime::UNIX_EPOCH,
            updated_by: String::new(),
            publication: Publication::Published,
            visibility: Visibility::Public,
            change_seq: 0,
            licence: Self::DEFAULT_LICENCE.to_owned(),
            note: None,
            sources: None,
            stated_empty: Vec::new(),
        }
    }
}

/// A value under which a record can be found and that it may hold several times: an area, a code, a country.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facet {
    /// Which question it answers.
    pub name: &'static str,
    /// The answer.
    pub value: String,
}

/// All that generic code asks of a record's type.
pub trait Fact: Debug + Sized + Send + Sync + 'static {
    /// The kind of record.
    const KIND: Kind;
    /// All kinds that such a fact may be: several only where kinds share what they are asked for.
    const KINDS: &'static [Kind] = &[Self::KIND];
    /// The fields by which lists of these records are filtered and ordered.
    type Field: Vocabulary;

    /// What all records share.
    fn meta(&self) -> &Meta;
    /// The same, to change it.
    fn meta_mut(&mut self) -> &mut Meta;
    /// The name a reader knows the record by: lists are ordered by it and search looks in it.
    fn name(&self) -> String;
    /// Other names under which the record is found.
    fn other_names(&self) -> Vec<String> {
        Vec::new()
    }
    /// Values under which the record is found.
    fn facets(&self) -> Vec<Facet> {
        Vec::new()
    }

    /// The record's typed id.
    fn id(&self) -> Id<Self> {
        Id::new(self.meta().id)
    }
    /// The folded name by which lists are ordered.
    fn sort_text(&self) -> String {
        fold::fold(&self.name())
    }
    /// All names, folded, each in every spelling under which it is looked for.
    fn search_text(&self) -> String {
        fold::search_text(std::iter::once(self.name()).chain(self.other_names()))
    }
}

/// A fact of any type.
pub trait AnyFact: Any + Debug + Send + Sync {
    /// What all records share.
    fn shared(&self) -> &Meta;
}

impl<T: Fact> AnyFact for T {
    fn shared(&self) -> &Meta {
        self.meta()
    }
}

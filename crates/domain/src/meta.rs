//! The fields that all records share.

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
    /// State of publication of a record.
    Publication {
        /// Draft.
        Draft = "draft",
        /// Submitted to a publisher.
        InReview = "in_review",
        /// Public.
        Published = "published",
        /// Public, in a corrected version.
        Corrected = "corrected",
        /// Withdrawn; only a tombstone is public.
        Withdrawn = "withdrawn",
    }
}

impl Publication {
    /// True if readers see a record in this state.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Corrected)
    }
}

vocabulary! { closed,
    /// The audience of a published record.
    Visibility {
        /// Everyone.
        Public = "public",
        /// Viewers with a token of a partner city, and the city's own offices.
        Partners = "partners",
        /// The city's own offices.
        Internal = "internal",
    }
}

/// The source of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Source {
    /// Address of the page, or the slug of a document of this registry.
    pub url: Option<String>,
    /// Title of the page or paper.
    pub title: Option<String>,
    /// Day on which it was read.
    pub retrieved: Option<NaiveDate>,
}

/// The fields that all records share.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// Id of the record, without its type.
    pub id: Uuid,
    /// Readable name, unique among records of the kind.
    pub slug: String,
    /// Number of writes, from 1.
    pub version: u32,
    /// Time of the first write.
    pub created_at: DateTime<Utc>,
    /// Author of the first write.
    pub created_by: String,
    /// Time of the last write.
    pub updated_at: DateTime<Utc>,
    /// Author of the last write.
    pub updated_by: String,
    /// State of publication.
    pub publication: Publication,
    /// Audience once it is published.
    pub visibility: Visibility,
    /// Number of the change that wrote it last; 0 before the first write.
    pub change_seq: i64,
    /// Licence of the record's content, as an SPDX identifier.
    pub licence: String,
    /// Remarks on facts that are uncertain, inferred or contradictory.
    pub note: Option<Text>,
    /// Sources of the facts; `None`: not reported.
    pub sources: Option<Vec<Source>>,
    /// Names of the lists that were stated as empty, which means "nothing was found", not "not reported", and of the flags
    /// that were stated as `false`.
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

/// A value by which a record can be found and of which it may have several: an area, a code, a country.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facet {
    /// Name of the facet.
    pub name: &'static str,
    /// The value.
    pub value: String,
}

/// The interface of a record's type for generic code.
pub trait Fact: Debug + Sized + Send + Sync + 'static {
    /// The kind of record.
    const KIND: Kind;
    /// All kinds that such a fact can have: several only if the kinds share their filters and orders.
    const KINDS: &'static [Kind] = &[Self::KIND];
    /// The fields by which lists of these records are filtered and ordered.
    type Field: Vocabulary;

    /// The fields that all records share.
    fn meta(&self) -> &Meta;
    /// The same, mutable.
    fn meta_mut(&mut self) -> &mut Meta;
    /// The display name: lists are ordered by it, and searches look in it.
    fn name(&self) -> String;
    /// Other names by which the record can be found.
    fn other_names(&self) -> Vec<String> {
        Vec::new()
    }
    /// Values by which the record can be found.
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
    /// All names, folded, each in every spelling.
    fn search_text(&self) -> String {
        fold::search_text(std::iter::once(self.name()).chain(self.other_names()))
    }
}

/// A fact of any type.
pub trait AnyFact: Any + Debug + Send + Sync {
    /// The fields that all records share.
    fn shared(&self) -> &Meta;
}

impl<T: Fact> AnyFact for T {
    fn shared(&self) -> &Meta {
        self.meta()
    }
}

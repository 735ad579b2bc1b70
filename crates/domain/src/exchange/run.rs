//! The state of a run of reading or writing.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use super::entry::Derived;
use super::json::Json;
use crate::characters::{is_forbidden, is_ignorable, is_visible};
use crate::id::{self, Kind};
use crate::meta::Meta;
use crate::official::Official;
use crate::text::Locale;

/// A fault in a file or an input, or a warning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) of the value.
    pub pointer: String,
    /// Slug of the record of the file that contains it.
    #[serde(default)]
    pub slug: Option<String>,
    /// Line of the value in the file, from 1.
    #[serde(default)]
    pub line: Option<u64>,
    /// The problem, and the correction.
    pub message: String,
    /// Category.
    pub sort: FaultSort,
}

/// Category of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FaultSort {
    /// The value is invalid, by itself or beside others.
    Invalid,
    /// A value is missing.
    Missing,
    /// The record that is referred to does not exist.
    NotFound,
    /// A value that must be unique is taken.
    Taken,
    /// The state of the record does not allow it.
    NotAllowed,
}

impl Fault {
    /// A fault of the category `Invalid`.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), slug: None, line: None, message: message.into(), sort: FaultSort::Invalid }
    }

    /// The same fault in another category.
    #[must_use]
    pub fn sorted(self, sort: FaultSort) -> Self {
        Self { sort, ..self }
    }
}

impl Fault {
    /// The grouping key of similar faults: the collection, the field and the message, without the values in them.
    pub fn kind(&self) -> String {
        let is_place = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        let field: Vec<&str> = self.pointer.split('/').filter(|part| !is_place(part)).collect();
        let message: Vec<&str> = self.message.split('"').step_by(2).collect();
        format!("{}: {}", field.join("/"), message.join("\"\""))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&if self.pointer.is_empty() { "(file)".into() } else { printable(&self.pointer) })?;
        match (self.slug.as_deref().map(printable), self.line) {
            (Some(slug), Some(line)) => write!(f, " ({slug}, line {line})")?,
            (Some(slug), None) => write!(f, " ({slug})")?,
            (None, Some(line)) => write!(f, " (line {line})")?,
            (None, None) => {}
        }
        write!(f, ": {}", self.message)
    }
}

/// A reference that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Kind of the record referred to.
    pub kind: Kind,
    /// Other kinds that are possible.
    pub or: &'static [Kind],
    /// Its slug.
    pub slug: String,
    /// The id that it resolved to.
    pub id: Uuid,
    /// JSON Pointer of the reference.
    pub pointer: String,
    /// True if the text may also be something other than a slug.
    pub optional: bool,
}

/// The results of reading, beside the record itself.
#[derive(Debug, Default)]
pub struct Reading {
    /// The language of texts that are plain strings.
    pub language: Option<Locale>,
    /// Ids of the records in the file, after the first pass.
    pub present: Arc<HashSet<Uuid>>,
    /// Ids of stored records whose id does not follow from their slug.
    pub known: HashMap<(Kind, String), Uuid>,
    /// Slugs that follow from titles but belong to records with more than a title, which are named by their slugs: such a title
    /// stands for another record.
    pub apart: HashSet<(Kind, String)>,
    /// Erased parts, among those whose slugs follow from their place: their places are not reused.
    pub gone: HashSet<Uuid>,
    /// Parts after such a place.
    pub behind_gone: HashSet<Uuid>,
    /// Faults: a file with any of them is not imported.
    pub faults: Vec<Fault>,
    /// Warnings on values that are accepted.
    pub warnings: Vec<Fault>,
    /// References to other records.
    pub asked: Vec<Asked>,
    /// Records that have no collection of their own and are contained in others.
    pub derived: Vec<Derived>,
    /// Lists that were stated as empty.
    pub stated_empty: Vec<String>,
}

impl Reading {
    /// The id of a record: the stored one, or else the one that follows from its slug.
    pub fn id(&self, kind: Kind, slug: &str) -> Uuid {
        // The map holds only records that an import did not create, so it is usually empty: do not allocate the key.
        let known = if self.known.is_empty() { None } else { self.known.get(&(kind, slug.to_owned())).copied() };
        known.unwrap_or_else(|| id::of_slug(kind, slug))
    }

    /// The slug of a record that is named by its title: the one that the title gives, or that with a number.
    pub(super) fn slug_apart(&self, kind: Kind, slug: String) -> String {
        let is_free = |slug: &String| {
            !self.present.contains(&id::of_slug(kind, slug)) && !self.apart.contains(&(kind, slug.clone()))
        };
        let numbered = (2_u64..).map(|number| id::numbered(&slug, number));
        std::iter::once(slug.clone()).chain(numbered).find(is_free).unwrap_or(slug)
    }

    pub(super) fn is_known(&self, kind: Kind, slug: &str) -> bool {
        self.present.contains(&id::of_slug(kind, slug)) || self.known.contains_key(&(kind, slug.to_owned()))
    }
}

/// The properties of referred records that the writer needs.
pub trait Names {
    /// Slug of a record.
    fn slug(&self, id: Uuid) -> Option<&str>;
    /// The official with an id.
    fn official(&self, id: Uuid) -> Option<&Official>;
    /// True if a part is visible to the reader.
    fn shows(&self, part: &Meta) -> bool;
    /// The name of a programme; the title of a session, or its slug if it has more than a title.
    fn title(&self, id: Uuid) -> Option<&str>;
    /// The language of texts that are written as plain strings; `None`: it is not stated.
    fn plain(&self) -> Option<&Locale>;
}

/// A run of writing: the names it uses, and the ids whose names are missing. A reference without a name is left out.
pub struct Writing<'a> {
    pub(super) names: &'a dyn Names,
    pub(super) missing: &'a mut BTreeSet<Uuid>,
    /// The number of omitted references that their object requires.
    pub(super) lost: &'a mut u32,
    /// The number of all omitted references.
    pub(super) left_out: &'a mut u32,
}

impl Writing<'_> {
    pub(super) fn plain(&self) -> Option<&Locale> {
        self.names.plain()
    }

    pub(super) fn slug(&mut self, id: Uuid) -> Option<Json> {
        let slug = self.names.slug(id);
        if slug.is_none() {
            self.missing.insert(id);
            *self.left_out += 1;
        }
        slug.map(Json::string)
    }

    /// Writes a value, unless it loses a reference that it requires.
    pub(super) fn unless_lost(&mut self, write: impl FnOnce(&mut Self) -> Json) -> Option<Json> {
        let before = *self.lost;
        let json = write(self);
        let whole = *self.lost == before;
        *self.lost = before;
        whole.then_some(json)
    }
}

/// A text of a file for output on a terminal: control characters and invisible characters are escaped.
fn printable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        c.is_control() || is_forbidden(c) || is_ignorable(c) || !is_visible(c) && c != ' ' && !is_combining_mark(c)
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// A key as a part of a JSON Pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

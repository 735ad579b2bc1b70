//! What a run of reading or writing knows beside the record itself.

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

/// A mistake in a file or an input, or a remark on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) of the value.
    pub pointer: String,
    /// Slug of the record in a file that it is about.
    #[serde(default)]
    pub slug: Option<String>,
    /// Line of the file on which the value stands, from 1.
    #[serde(default)]
    pub line: Option<u64>,
    /// What is wrong and what would be right.
    pub message: String,
    /// What sort of mistake it is.
    pub sort: FaultSort,
}

/// What sort of mistake something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FaultSort {
    /// A value is not as it has to be, by itself or beside others.
    Invalid,
    /// A value is missing.
    Missing,
    /// A record that is referred to is not there.
    NotFound,
    /// What has to be unique is taken.
    Taken,
    /// The state of the record does not allow it.
    NotAllowed,
}

impl Fault {
    /// A value that is not as it has to be.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), slug: None, line: None, message: message.into(), sort: FaultSort::Invalid }
    }

    /// The same, as another sort of mistake.
    #[must_use]
    pub fn sorted(self, sort: FaultSort) -> Self {
        Self { sort, ..self }
    }
}

impl Fault {
    /// What it has in common with others of its kind: the collection, the field and the message, but for the values in them.
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
    /// Kinds that it could be as well.
    pub or: &'static [Kind],
    /// Its slug.
    pub slug: String,
    /// The id that was taken for it.
    pub id: Uuid,
    /// Where the reference stands.
    pub pointer: String,
    /// Whether the text may as well be no slug.
    pub optional: bool,
}

/// What comes out of reading besides the record.
#[derive(Debug, Default)]
pub struct Reading {
    /// The language of texts that are plain strings.
    pub language: Option<Locale>,
    /// Ids of the records in the file, once they are known.
    pub present: Arc<HashSet<Uuid>>,
    /// Ids of records that are stored under another id than the one derived from their slug.
    pub known: HashMap<(Kind, String), Uuid>,
    /// Slugs that titles give and that are those of records with more than a title, which are named by their slugs: a title stands
    /// for another record.
    pub apart: HashSet<(Kind, String)>,
    /// Parts that were erased, among those whose slugs follow from their place: their places are not given to others.
    pub gone: HashSet<Uuid>,
    /// Parts that stand behind such a place.
    pub behind_gone: HashSet<Uuid>,
    /// Mistakes: a file with any of them is not imported.
    pub faults: Vec<Fault>,
    /// Remarks on what is taken as it is.
    pub warnings: Vec<Fault>,
    /// References to other records.
    pub asked: Vec<Asked>,
    /// Records that have no collection of their own and are named inside others.
    pub derived: Vec<Derived>,
    /// Lists given as empty.
    pub stated_empty: Vec<String>,
}

impl Reading {
    /// The id of a record: the stored one, else the one that its slug gives.
    pub fn id(&self, kind: Kind, slug: &str) -> Uuid {
        // The map is empty but for records that were not created by an import: spare the key.
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

/// What writing has to know about the records that are referred to.
pub trait Names {
    /// Slug of a record.
    fn slug(&self, id: Uuid) -> Option<&str>;
    /// The official behind an id.
    fn official(&self, id: Uuid) -> Option<&Official>;
    /// Whether a record that is written inside another is shown.
    fn shows(&self, part: &Meta) -> bool;
    /// The name of a programme; the title of a session, or its slug if it has more than a title.
    fn title(&self, id: Uuid) -> Option<&str>;
    /// The language of texts that are written as plain strings; `None`: it is not stated.
    fn plain(&self) -> Option<&Locale>;
}

/// A run of writing: the names it uses, and the ids it asked for in vain. A reference without a name is left out.
pub struct Writing<'a> {
    pub(super) names: &'a dyn Names,
    pub(super) missing: &'a mut BTreeSet<Uuid>,
    /// How many references were left out without which what holds them says nothing.
    pub(super) lost: &'a mut u32,
    /// How many references were left out in all.
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

    /// Writes something, unless it loses a reference without which it says nothing.
    pub(super) fn unless_lost(&mut self, write: impl FnOnce(&mut Self) -> Json) -> Option<Json> {
        let before = *self.lost;
        let json = write(self);
        let whole = *self.lost == before;
        *self.lost = before;
        whole.then_some(json)
    }
}

/// A text of a file as a terminal may get it: characters that steer it, or that are not shown, are escaped.
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

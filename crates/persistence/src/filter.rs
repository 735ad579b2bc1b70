//! Conditions on records, as data. Callers build them from fields, never from columns.

mod sql;

use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};
use pomost_domain::PartialDate;
use pomost_domain::meta::Publication;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, IntoSimpleExpr};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::mapping::{Field, Mapping, Walk};

pub(crate) use sql::{Place, escaped, is_storable, like, starts_word};

/// Where a field is found in the database.
pub enum Find {
    /// A column of text or of a label.
    Text(Expr),
    /// A column of a whole number.
    Integer(Expr),
    /// A column of a boolean.
    Flag(Expr),
    /// A column of a day.
    Day(Expr),
    /// The first and last day of a partial date.
    Partial(Expr, Expr),
    /// The partial dates of a beginning and an end.
    Period(Box<[Expr; 4]>),
    /// Values in the table of facets.
    Facet(&'static str),
    /// The name of a record that a column refers to.
    NameOf(Expr),
}

impl Find {
    pub(crate) fn text(column: impl ColumnTrait) -> Self {
        Self::Text(column.into_simple_expr())
    }
    pub(crate) fn integer(column: impl ColumnTrait) -> Self {
        Self::Integer(column.into_simple_expr())
    }
    pub(crate) fn partial<C: ColumnTrait>(first: C, last: C) -> Self {
        Self::Partial(first.into_simple_expr(), last.into_simple_expr())
    }
    pub(crate) fn period<C: ColumnTrait>(start: [C; 2], end: [C; 2]) -> Self {
        let [a, b] = start.map(IntoSimpleExpr::into_simple_expr);
        let [c, d] = end.map(IntoSimpleExpr::into_simple_expr);
        Self::Period(Box::new([a, b, c, d]))
    }

    /// The expression that tells whether the field is known.
    pub(crate) fn presence(&self) -> Option<Expr> {
        match self {
            Self::Text(e) | Self::Integer(e) | Self::Flag(e) | Self::Day(e) | Self::Partial(e, _) | Self::NameOf(e) => {
                Some(e.clone())
            }
            Self::Period(dates) => Some(dates[0].clone()),
            Self::Facet(_) => None,
        }
    }
}

/// A condition on a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TextTest {
    /// It is one of these, to the letter.
    In(Vec<String>),
    /// It is one of these, which are words of the program.
    Labels(Vec<&'static str>),
    /// It is none of these, which are words of the program; unknown is none of these.
    NoLabels(Vec<&'static str>),
    /// It contains this, without case and diacritics.
    Contains(String),
    /// It, or one of its words, starts with this, without case and diacritics.
    StartsWith(String),
}

/// A condition on a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntegerTest {
    /// Equal.
    Eq(i64),
    /// Greater.
    Gt(i64),
    /// Greater or equal.
    Gte(i64),
    /// Less.
    Lt(i64),
    /// Less or equal.
    Lte(i64),
}

/// A condition on a date, which may be known in part: all but `Overlaps` mean "certainly".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateTest {
    /// Certainly within it.
    Eq(PartialDate),
    /// Certainly after its last day.
    Gt(PartialDate),
    /// Certainly not before its first day.
    Gte(PartialDate),
    /// Certainly before its first day.
    Lt(PartialDate),
    /// Certainly not after its last day.
    Lte(PartialDate),
    /// Possibly at the same time.
    Overlaps(PartialDate),
}

/// A condition on records of one entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// They meet all of these; every record meets an empty list.
    All(Vec<Filter>),
    /// They meet any of these; no record meets an empty list.
    Any(Vec<Filter>),
    /// They are of this entity and do not meet this. A test on an unknown value is not met, so its opposite is.
    Not(&'static Mapping, Box<Filter>),
    /// They have one of these ids.
    Ids(Vec<Uuid>),
    /// They have one of these slugs.
    Slugs(Vec<String>),
    /// They are in one of these states of publication.
    PublishedAs(Vec<Publication>),
    /// They were created, or updated, at or after, and before, an instant.
    Written {
        /// Updated, not created.
        updated: bool,
        /// At or after.
        from: Option<DateTime<Utc>>,
        /// Before.
        until: Option<DateTime<Utc>>,
    },
    /// Their name, or one of their names, meets a test.
    Name(TextTest),
    /// The field is known, or is not.
    Known(Field, bool),
    /// The text or label meets a test; letters count as they are.
    Text(Field, TextTest),
    /// The flag is set, or is not.
    Flag(Field, bool),
    /// The number meets a test.
    Integer(Field, IntegerTest),
    /// The date meets a test.
    Date(Field, DateTest),
    /// The period possibly shares a day with this one.
    During {
        /// The period.
        period: Field,
        /// The beginning of the other; `None`: from ever.
        from: Option<PartialDate>,
        /// Its end; `None`: for ever.
        to: Option<PartialDate>,
        /// Whether a period without an end lasts. Otherwise it is over with its first day.
        lasting: bool,
    },
    /// The relation leads to at least one record that meets this.
    Some(&'static Walk, Box<Filter>),
    /// The relation leads to no record that meets this.
    None(&'static Walk, Box<Filter>),
}

/// Every record.
impl Default for Filter {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Filter {
    /// No record.
    pub fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// Records that meet all of these.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::All(filters.into_iter().collect())
    }

    /// Records that meet any of these; of none, no record.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::Any(filters.into_iter().collect())
    }

    /// Records of an entity that do not meet it. A test on an unknown value is not met, so its opposite is.
    #[must_use]
    pub fn negated(self, of: &'static Mapping) -> Self {
        Self::Not(of, Box::new(self))
    }

    /// Records with one of these ids.
    pub fn ids_in(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self::Ids(ids.into_iter().collect())
    }

    /// Records with one of these slugs.
    pub fn slugs_in(slugs: impl IntoIterator<Item = String>) -> Self {
        Self::Slugs(slugs.into_iter().collect())
    }

    /// Records in one of these states of publication.
    pub fn published_as(states: &[Publication]) -> Self {
        Self::PublishedAs(states.to_vec())
    }

    /// Records created or updated at or after, and before, an instant.
    pub fn written(updated: bool, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        Self::Written { updated, from, until }
    }

    /// Records whose name, or one of whose names, meets a test.
    pub fn name(test: &TextTest) -> Self {
        Self::Name(test.clone())
    }

    /// Records whose field is known, or is not.
    pub fn known(field: Field, known: bool) -> Self {
        Self::Known(field, known)
    }

    /// Records whose text or label meets a test; letters count as they are.
    pub fn text(field: Field, test: &TextTest) -> Self {
        Self::Text(field, test.clone())
    }

    /// Records whose flag is set, or is not.
    pub fn flag(field: Field, set: bool) -> Self {
        Self::Flag(field, set)
    }

    /// Records whose number meets a test.
    pub fn integer(field: Field, test: IntegerTest) -> Self {
        Self::Integer(field, test)
    }

    /// Records whose date meets a test.
    pub fn date(field: Field, test: DateTest) -> Self {
        Self::Date(field, test)
    }

    /// Records whose period possibly shares a day with this one. One without an end is over with its first day.
    pub fn during(period: Field, from: Option<PartialDate>, to: Option<PartialDate>) -> Self {
        Self::During { period, from, to, lasting: false }
    }

    /// As `during`, for what lasts until an end is known.
    pub fn lasting_during(period: Field, from: Option<PartialDate>, to: Option<PartialDate>) -> Self {
        Self::During { period, from, to, lasting: true }
    }

    /// Records that a relation leads from to at least one that meets the filter.
    pub fn some(walk: &'static Walk, filter: Self) -> Self {
        Self::Some(walk, Box::new(filter))
    }

    /// Records that a relation leads from to none that meets the filter.
    pub fn none(walk: &'static Walk, filter: Self) -> Self {
        Self::None(walk, Box::new(filter))
    }

    /// Records that a relation leads from only to those that meet the filter.
    pub fn every(walk: &'static Walk, filter: Self) -> Self {
        Self::none(walk, filter.negated(walk.child()))
    }

    /// A key of 128 bits that equal filters share. Others do not have it, as clients write filters and must not find two with
    /// the same key: it is a part of a SHA-256.
    pub fn key(&self) -> u128 {
        let mut hasher = KeyHasher(Sha256::new());
        self.hash(&mut hasher);
        let digest: [u8; 32] = hasher.0.finalize().into();
        digest.iter().take(16).fold(0, |key, byte| key << 8 | u128::from(*byte))
    }
}

struct KeyHasher(Sha256);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        self.0.clone().finalize().iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
    }
}

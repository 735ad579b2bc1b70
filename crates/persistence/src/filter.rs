//! Conditions on records. A filter is opaque to callers: they build it from fields, never from columns.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use pomost_domain::characters::{into_nfc, nfc};
use pomost_domain::link::{Path, Relation};
use pomost_domain::meta::Publication;
use pomost_domain::{Id, PartialDate, Sight, Vocabulary, fold};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Func, LikeExpr, Query, SelectStatement};
use sea_orm::{ColumnTrait, IntoSimpleExpr};

use crate::mapped::{Mapped, Stored};
use crate::record::{self, fixed};

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
        let [a, b] = start.map(sea_orm::IntoSimpleExpr::into_simple_expr);
        let [c, d] = end.map(sea_orm::IntoSimpleExpr::into_simple_expr);
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

/// Where a condition stands, and which records are seen there.
#[derive(Clone, Copy)]
struct Place<'a> {
    sight: &'a Sight,
    /// Whether it is about the records at the end of a relation that a statement joins.
    is_joined: bool,
}

/// A condition on records of type `T`. What it says of other records depends on which of them are seen.
pub struct Filter<T> {
    condition: Arc<dyn Fn(Place<'_>) -> Condition + Send + Sync>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Filter<T> {
    fn clone(&self) -> Self {
        Self { condition: Arc::clone(&self.condition), of: PhantomData }
    }
}

impl<T> fmt::Debug for Filter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition(&Sight::ALL).fmt(f)
    }
}

/// Every record.
impl<T> Default for Filter<T> {
    fn default() -> Self {
        Self::new(Condition::all())
    }
}

/// A condition on a text.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl<T> Filter<T> {
    fn new(condition: Condition) -> Self {
        Self::by_place(move |_| condition.clone())
    }

    fn by_place(condition: impl Fn(Place<'_>) -> Condition + Send + Sync + 'static) -> Self {
        Self { condition: Arc::new(condition), of: PhantomData }
    }

    pub(crate) fn condition(&self, sight: &Sight) -> Condition {
        self.at(Place { sight, is_joined: false })
    }

    fn at(&self, place: Place<'_>) -> Condition {
        (self.condition)(place)
    }

    fn expr(expr: Expr) -> Self {
        Self::new(Condition::all().add(expr))
    }

    /// No record.
    pub fn nothing() -> Self {
        Self::expr(Expr::val(1).eq(0))
    }

    /// Records that meet all of these.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        let conditions: Vec<_> = filters.into_iter().map(|filter| filter.condition).collect();
        Self::by_place(move |place| conditions.iter().fold(Condition::all(), |all, one| all.add(one(place))))
    }

    /// Records that meet any of these; of none, no record.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        let conditions: Vec<_> = filters.into_iter().map(|filter| filter.condition).collect();
        if conditions.is_empty() {
            return Self::nothing();
        }
        Self::by_place(move |place| conditions.iter().fold(Condition::any(), |any, one| any.add(one(place))))
    }
}

fn column(column: record::Column) -> Expr {
    column.into_simple_expr()
}

/// Whether a text can be in a database at all: PostgreSQL takes none with a zero, not even to compare with.
pub(crate) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// Texts as they are stored: in NFC.
fn storable(texts: &[String]) -> Vec<String> {
    texts.iter().filter(|text| is_storable(text)).map(|text| nfc(text).into_owned()).collect()
}

/// Words of the program: a statement that is planned for any value of a status takes each for as rare as all others.
fn written_out(labels: &[&'static str]) -> impl Iterator<Item = Expr> {
    labels.iter().map(|label| fixed(*label))
}

/// Keeps `LIKE` metacharacters in a pattern literal.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

pub(crate) fn like(expr: &Expr, pattern: String) -> Expr {
    expr.clone().like(LikeExpr::new(pattern).escape('\\'))
}

/// Whether a list of folded names holds a word that starts with a text, which is escaped.
pub(crate) fn starts_word(names: &Expr, text: &str) -> Expr {
    like(names, format!("{text}%")).or(like(names, format!("% {text}%")))
}

impl<T: Stored> Filter<T> {
    /// Records that do not meet it. A test on an unknown value is not met, so its opposite is.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::by_place(move |Place { sight, .. }| {
            let id = || Expr::col((Alias::new(T::TABLE), Alias::new("id")));
            let mut met = Query::select();
            met.expr(id()).cond_where(self.condition(sight));
            crate::statement::from::<T>(&mut met, sight);
            Condition::all().add(id().not_in_subquery(met))
        })
    }

    /// Records with one of these ids.
    pub fn ids_in(ids: impl IntoIterator<Item = Id<T>>) -> Self {
        Self::expr(column(record::Column::Id).is_in(ids.into_iter().map(Id::raw)))
    }

    /// Records with one of these slugs.
    pub fn slugs_in(slugs: impl IntoIterator<Item = String>) -> Self {
        let slugs = slugs.into_iter().filter(|slug| is_storable(slug)).map(into_nfc);
        Self::expr(column(record::Column::Slug).is_in(slugs))
    }

    /// Records in one of these states of publication.
    pub fn published_as(states: &[Publication]) -> Self {
        Self::expr(column(record::Column::Publication).is_in(states.iter().map(|state| state.label())))
    }

    /// Records created or updated at or after, and before, an instant.
    pub fn written(updated: bool, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        let at = column(if updated { record::Column::UpdatedAt } else { record::Column::CreatedAt });
        let mut condition = Condition::all();
        condition = condition.add_option(from.map(|from| at.clone().gte(from)));
        Self::new(condition.add_option(until.map(|until| at.lt(until))))
    }

    /// Records whose name, or one of whose names, meets a test.
    pub fn name(test: &TextTest) -> Self {
        let search = column(record::Column::SearchText);
        match test {
            TextTest::In(texts) => Self::named(texts),
            // What is a word of the program is no name.
            TextTest::Labels(_) => Self::nothing(),
            TextTest::NoLabels(_) => Self::default(),
            TextTest::Contains(text) | TextTest::StartsWith(text) if text.is_empty() => Self::default(),
            // Text made of punctuation only folds to nothing: match no record rather than all.
            TextTest::Contains(text) => Self::any_like(text, |text| like(&search, format!("%{text}%"))),
            TextTest::StartsWith(text) => Self::any_like(text, |text| starts_word(&search, text)),
        }
    }

    /// Records whose names meet a condition on one of the spellings of a text.
    fn any_like(text: &str, meets: impl Fn(&str) -> Expr) -> Self {
        Self::any(fold::sought(text).iter().map(|spelling| Self::expr(meets(&escaped(spelling)))))
    }

    /// Records whose main name is one of these, without case and diacritics.
    fn named(texts: &[String]) -> Self {
        let (sort, search) = (column(record::Column::SortText), column(record::Column::SearchText));
        let folded: Vec<String> = texts.iter().map(|text| fold::fold(text)).collect();
        let (whole, cut): (Vec<_>, Vec<_>) =
            folded.iter().map(|name| (name, record::sort_key(name))).partition(|(_, (_, is_whole))| *is_whole);
        let whole = sort.clone().is_in(whole.into_iter().map(|(name, _)| name.as_str()));
        Self::new(cut.into_iter().fold(Condition::any().add(whole), |any, (name, (key, _))| {
            // The index finds what begins alike; the main name is the first of all names.
            let length = i32::try_from(name.chars().count()).unwrap_or(i32::MAX - 1);
            let part = |from: i32, length: i32| -> Expr {
                Func::cust("substr").args([search.clone(), Expr::val(from), Expr::val(length)]).into()
            };
            let separator = i32::try_from(fold::BETWEEN.len()).unwrap_or(i32::MAX);
            let is_name = Condition::all()
                .add(sort.clone().eq(key))
                .add(part(1, length).eq(name.as_str()))
                .add(part(length + 1, separator).is_in(["", fold::BETWEEN]));
            any.add(is_name)
        }))
    }

    /// Records whose field is known, or is not.
    pub fn known(field: T::Field, known: bool) -> Self {
        if let Some(expr) = T::find(field).presence() {
            Self::expr(if known { expr.is_not_null() } else { expr.is_null() })
        } else {
            let Find::Facet(name) = T::find(field) else { return Self::default() };
            let found = Self::expr(column(record::Column::Id).in_subquery(facet(name)));
            if known { found } else { found.negated() }
        }
    }

    /// Records whose text or label meets a test; letters count as they are.
    pub fn text(field: T::Field, test: &TextTest) -> Self {
        let expr = match T::find(field) {
            Find::Text(expr) => expr,
            Find::Facet(name) => return Self::facets(name, test),
            _ => return Self::nothing(),
        };
        Self::expr(match test {
            TextTest::In(texts) => expr.is_in(storable(texts)),
            TextTest::Labels(labels) => expr.is_in(written_out(labels)),
            TextTest::NoLabels(labels) => expr.clone().is_not_in(written_out(labels)).or(expr.is_null()),
            TextTest::Contains(text) | TextTest::StartsWith(text) if !is_storable(text) => return Self::nothing(),
            TextTest::Contains(text) => like(&expr, format!("%{}%", escaped(&nfc(text)))),
            TextTest::StartsWith(text) => like(&expr, format!("{}%", escaped(&nfc(text)))),
        })
    }

    fn facets(name: &'static str, test: &TextTest) -> Self {
        let id = column(record::Column::Id);
        Self::expr(match test {
            TextTest::In(values) => id.in_subquery(facet_in(name, storable(values))),
            TextTest::Labels(labels) => id.in_subquery(facet_in(name, written_out(labels))),
            TextTest::NoLabels(labels) => id.not_in_subquery(facet_in(name, written_out(labels))),
            TextTest::Contains(text) | TextTest::StartsWith(text) if !is_storable(text) => return Self::nothing(),
            TextTest::Contains(text) => id.in_subquery(facet_like(name, format!("%{}%", escaped(&nfc(text))))),
            TextTest::StartsWith(text) => id.in_subquery(facet_like(name, format!("{}%", escaped(&nfc(text))))),
        })
    }

    /// Records whose flag is set, or is not.
    pub fn flag(field: T::Field, set: bool) -> Self {
        match T::find(field) {
            // As the condition of an index has it: a value that is bound is not known when a statement is planned.
            Find::Flag(expr) => Self::expr(if set { expr } else { expr.not() }),
            _ => Self::nothing(),
        }
    }

    /// Records whose number meets a test.
    pub fn integer(field: T::Field, test: IntegerTest) -> Self {
        let Find::Integer(expr) = T::find(field) else { return Self::nothing() };
        Self::expr(match test {
            IntegerTest::Eq(value) => expr.eq(value),
            IntegerTest::Gt(value) => expr.gt(value),
            IntegerTest::Gte(value) => expr.gte(value),
            IntegerTest::Lt(value) => expr.lt(value),
            IntegerTest::Lte(value) => expr.lte(value),
        })
    }

    /// Records whose date meets a test.
    pub fn date(field: T::Field, test: DateTest) -> Self {
        let (first, last) = match T::find(field) {
            Find::Partial(first, last) => (first, last),
            Find::Day(day) => (day.clone(), day),
            _ => return Self::nothing(),
        };
        let from = |date: PartialDate| date.earliest().unwrap_or(pomost_domain::date::BEGINNING);
        Self::new(match test {
            // A date of the reader covers an interval too: to be "equal" is to lie within it, so that `eq` is `gte` and `lte`.
            DateTest::Eq(date) => Condition::all().add(first.gte(from(date))).add(last.lte(date.latest())),
            DateTest::Gt(date) => Condition::all().add(first.gt(date.latest())),
            DateTest::Gte(date) => Condition::all().add(first.gte(from(date))),
            DateTest::Lt(date) => Condition::all().add(last.lt(from(date))),
            DateTest::Lte(date) => Condition::all().add(last.lte(date.latest())),
            DateTest::Overlaps(date) => overlap(first, last, from(date), date.latest()),
        })
    }

    /// Records whose period possibly shares a day with this one. An open end lasts.
    pub fn during(field: T::Field, from: Option<PartialDate>, to: Option<PartialDate>) -> Self {
        let Find::Period(dates) = T::find(field) else { return Self::nothing() };
        let [first, start_last, _, end_last] = *dates;
        let from = from.map(|date| date.earliest().unwrap_or(pomost_domain::date::BEGINNING));
        let mut condition = Condition::all().add(first.clone().is_not_null());
        condition = condition.add_option(to.map(|to| first.lte(to.latest())));
        // Without an end, an activity is over with its first day; partnerships are asked with `lasting`.
        let last: Expr = Func::coalesce([end_last, start_last]).into();
        Self::new(condition.add_option(from.map(|from| last.gte(from))))
    }

    /// As `during`, for what lasts until an end is known.
    pub fn lasting_during(field: T::Field, from: Option<PartialDate>, to: Option<PartialDate>) -> Self {
        let Find::Period(dates) = T::find(field) else { return Self::nothing() };
        let [first, _, _, end_last] = *dates;
        let from = from.map(|date| date.earliest().unwrap_or(pomost_domain::date::BEGINNING));
        let mut condition = Condition::all().add(first.clone().is_not_null());
        condition = condition.add_option(to.map(|to| first.lte(to.latest())));
        Self::new(condition.add_option(from.map(|from| end_last.clone().gte(from).or(end_last.is_null()))))
    }

    /// Records that a relation leads from to at least one that meets the filter.
    pub fn some<R: Relation<Parent = T>>(filter: &Filter<R::Child>) -> Self
    where
        R::Child: Stored,
    {
        let filter = filter.clone();
        Self::by_place(move |Place { sight, is_joined }| {
            let condition = filter.at(Place { sight, is_joined: !is_joined });
            let found = Self::own_id::<R>().in_subquery(parents::<R>(condition, sight));
            // PostgreSQL makes a join of it, and of joins within joins loops within loops, which took minutes. As a value, it
            // is the look-up of an id in a set that is read once.
            Condition::all().add(if is_joined { found.is(fixed(true)) } else { found })
        })
    }

    /// Records that a relation leads from to none that meets the filter.
    pub fn none<R: Relation<Parent = T>>(filter: &Filter<R::Child>) -> Self
    where
        R::Child: Stored,
    {
        let filter = filter.clone();
        Self::by_place(move |Place { sight, .. }| {
            let own = Self::own_id::<R>();
            let absent = own.clone().not_in_subquery(parents::<R>(filter.condition(sight), sight));
            // A reference that is not there leads to none.
            Condition::all().add(if on_parent::<R>() { absent.or(own.is_null()) } else { absent })
        })
    }

    /// Records that a relation leads from only to those that meet the filter.
    pub fn every<R: Relation<Parent = T>>(filter: &Filter<R::Child>) -> Self
    where
        R::Child: Stored,
    {
        Self::none::<R>(&filter.clone().negated())
    }

    /// What a relation starts at: the id of the record, or the column that holds its reference.
    fn own_id<R: Relation>() -> Expr {
        match R::PATH {
            Path::Reference(reference) if on_parent::<R>() => reference_column(reference),
            _ => Expr::col((Alias::new(T::TABLE), Alias::new("id"))),
        }
    }
}

fn overlap(first: Expr, last: Expr, from: NaiveDate, to: NaiveDate) -> Condition {
    Condition::all().add(first.lte(to)).add(last.gte(from))
}

/// Whether the starting record holds the reference itself.
pub(crate) fn on_parent<R: Relation>() -> bool {
    matches!(R::PATH, Path::Reference(_)) && !R::REVERSED
}

/// The column of a reference named `table.field`.
pub(crate) fn reference_column(reference: &'static str) -> Expr {
    let (table, field) = reference.split_once('.').unwrap_or((reference, ""));
    Expr::col((Alias::new(table), Alias::new(format!("{field}_id"))))
}

fn facet(name: &str) -> SelectStatement {
    use crate::record::facet::Column;
    let mut select = Query::select();
    select
        .column(Column::RecordId.as_column_ref())
        .from(crate::record::facet::Entity)
        .and_where(Column::Name.into_simple_expr().eq(fixed(name)));
    select
}

fn facet_in(name: &str, values: impl IntoIterator<Item = impl Into<Expr>>) -> SelectStatement {
    let value = crate::record::facet::Column::Value.into_simple_expr();
    facet(name).and_where(value.is_in(values)).take()
}

fn facet_like(name: &str, pattern: String) -> SelectStatement {
    let mut select = facet(name);
    select.and_where(like(&crate::record::facet::Column::Value.into_simple_expr(), pattern));
    select
}

/// What stands at the start of a relation whose end meets a condition.
fn parents<R: Relation>(condition: Condition, sight: &Sight) -> SelectStatement
where
    R::Child: Mapped,
{
    use crate::record::link::Column;
    let id = Expr::col((Alias::new(R::Child::TABLE), Alias::new("id")));
    let mut select = Query::select();
    select.cond_where(condition);
    match R::PATH {
        Path::Reference(_) if on_parent::<R>() => {
            select.expr(id);
            crate::statement::from::<R::Child>(&mut select, sight);
        }
        Path::Reference(reference) => {
            select.expr(reference_column(reference)).and_where(reference_column(reference).is_not_null());
            crate::statement::from::<R::Child>(&mut select, sight);
        }
        Path::Links(lists) => {
            let (parent, child) =
                if R::REVERSED { (Column::ToId, Column::FromId) } else { (Column::FromId, Column::ToId) };
            select
                .column(parent.as_column_ref())
                .and_where(Column::Relation.into_simple_expr().is_in(lists.iter().map(|list| fixed(*list))));
            crate::statement::from::<R::Child>(&mut select, sight);
            select.inner_join(crate::record::link::Entity, id.equals(child.as_column_ref()));
        }
        Path::Shared { reference, members, participants } => {
            crate::statement::from::<R::Child>(&mut select, sight);
            let pairs = crate::statement::shared::<R>(reference, members, participants, None);
            let start = crate::statement::join_pairs::<R>(&mut select, pairs);
            select.expr(start);
        }
    }
    select
}

//! Filters as conditions of statements.

use chrono::NaiveDate;
use pomost_domain::characters::nfc;
use pomost_domain::link::Path;
use pomost_domain::{PartialDate, Sight, Vocabulary, fold};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, Query, SelectStatement};
use sea_orm::{ColumnTrait, IntoSimpleExpr};

use super::{DateTest, Filter, Find, IntegerTest, TextTest};
use crate::mapping::{Field, Mapping, Walk, reference_column};
use crate::record::{self, fixed};
use crate::statement;

/// Where a condition stands, and which records are seen there.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    sight: &'a Sight,
    /// Whether it is about the records at the end of a relation that a statement joins.
    is_joined: bool,
}

impl<'a> Place<'a> {
    /// In a statement on the records themselves.
    pub(crate) fn outermost(sight: &'a Sight) -> Self {
        Self { sight, is_joined: false }
    }
}

impl Filter {
    /// The condition. What it says of other records depends on which of them are seen.
    pub(crate) fn to_sql(&self, place: Place<'_>) -> Condition {
        let Place { sight, is_joined } = place;
        match self {
            Self::All(filters) => filters.iter().fold(Condition::all(), |all, one| all.add(one.to_sql(place))),
            Self::Any(filters) if filters.is_empty() => nothing(),
            Self::Any(filters) => filters.iter().fold(Condition::any(), |any, one| any.add(one.to_sql(place))),
            Self::Not(of, filter) => unmet(of, filter.to_sql(Place::outermost(sight)), sight),
            Self::Ids(ids) => expr(column(record::Column::Id).is_in(ids.iter().copied())),
            Self::Slugs(slugs) => expr(column(record::Column::Slug).is_in(storable(slugs))),
            Self::PublishedAs(states) => {
                expr(column(record::Column::Publication).is_in(states.iter().map(|state| state.label())))
            }
            Self::Written { updated, from, until } => {
                let at = column(if *updated { record::Column::UpdatedAt } else { record::Column::CreatedAt });
                let from = from.map(|from| at.clone().gte(from));
                Condition::all().add_option(from).add_option(until.map(|until| at.lt(until)))
            }
            Self::Name(test) => name(test),
            Self::Known(field, known) => is_known(*field, *known, sight),
            Self::Text(field, test) => text(*field, test),
            // As the condition of an index has it: a value that is bound is not known when a statement is planned.
            Self::Flag(field, set) => match field.find() {
                Find::Flag(flag) => expr(if *set { flag } else { flag.not() }),
                _ => nothing(),
            },
            Self::Integer(field, test) => match field.find() {
                Find::Integer(number) => expr(integer(number, *test)),
                _ => nothing(),
            },
            Self::Date(field, test) => match field.find() {
                Find::Partial(first, last) => date(first, last, *test),
                Find::Day(day) => date(day.clone(), day, *test),
                _ => nothing(),
            },
            Self::During { period, from, to, lasting } => match period.find() {
                Find::Period(dates) => during(*dates, *from, *to, *lasting),
                _ => nothing(),
            },
            Self::Some(walk, filter) => {
                let condition = filter.to_sql(Place { sight, is_joined: !is_joined });
                let found = walk.start().in_subquery(parents(walk, condition, sight));
                // PostgreSQL makes a join of it, and of joins within joins loops within loops, which took minutes. As a value,
                // it is the look-up of an id in a set that is read once.
                expr(if is_joined { found.is(fixed(true)) } else { found })
            }
            Self::None(walk, filter) => {
                let start = walk.start();
                let condition = filter.to_sql(Place::outermost(sight));
                let absent = start.clone().not_in_subquery(parents(walk, condition, sight));
                // A reference that is not there leads to none.
                expr(if walk.is_on_parent() { absent.or(start.is_null()) } else { absent })
            }
        }
    }
}

fn expr(expr: Expr) -> Condition {
    Condition::all().add(expr)
}

fn nothing() -> Condition {
    expr(Expr::val(1).eq(0))
}

/// Records of an entity that do not meet a condition.
fn unmet(of: &'static Mapping, condition: Condition, sight: &Sight) -> Condition {
    let mut met = Query::select();
    met.expr(of.id()).cond_where(condition);
    statement::from(&mut met, of, sight);
    expr(of.id().not_in_subquery(met))
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

fn name(test: &TextTest) -> Condition {
    let search = column(record::Column::SearchText);
    match test {
        TextTest::In(texts) => named(texts),
        // What is a word of the program is no name.
        TextTest::Labels(_) => nothing(),
        TextTest::NoLabels(_) => Condition::all(),
        TextTest::Contains(text) | TextTest::StartsWith(text) if text.is_empty() => Condition::all(),
        // Text made of punctuation only folds to nothing: match no record rather than all.
        TextTest::Contains(text) => any_like(text, |text| like(&search, format!("%{text}%"))),
        TextTest::StartsWith(text) => any_like(text, |text| starts_word(&search, text)),
    }
}

/// Records whose names meet a condition on one of the spellings of a text.
fn any_like(text: &str, meets: impl Fn(&str) -> Expr) -> Condition {
    let spellings = fold::sought(text);
    if spellings.is_empty() {
        return nothing();
    }
    spellings.iter().fold(Condition::any(), |any, spelling| any.add(expr(meets(&escaped(spelling)))))
}

/// Records whose main name is one of these, without case and diacritics.
fn named(texts: &[String]) -> Condition {
    let (sort, search) = (column(record::Column::SortText), column(record::Column::SearchText));
    let folded: Vec<String> = texts.iter().map(|text| fold::fold(text)).collect();
    let (whole, cut): (Vec<_>, Vec<_>) =
        folded.iter().map(|name| (name, record::sort_key(name))).partition(|(_, (_, is_whole))| *is_whole);
    let whole = sort.clone().is_in(whole.into_iter().map(|(name, _)| name.as_str()));
    cut.into_iter().fold(Condition::any().add(whole), |any, (name, (key, _))| {
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
    })
}

fn is_known(field: Field, known: bool, sight: &Sight) -> Condition {
    match (field.find().presence(), field.find()) {
        (Some(presence), _) => expr(if known { presence.is_not_null() } else { presence.is_null() }),
        (None, Find::Facet(name)) => {
            let found = expr(column(record::Column::Id).in_subquery(facet(name)));
            if known { found } else { unmet(field.of(), found, sight) }
        }
        (None, _) => Condition::all(),
    }
}

fn text(field: Field, test: &TextTest) -> Condition {
    let text = match field.find() {
        Find::Text(text) => text,
        Find::Facet(name) => return facets(name, test),
        _ => return nothing(),
    };
    expr(match test {
        TextTest::In(texts) => text.is_in(storable(texts)),
        TextTest::Labels(labels) => text.is_in(written_out(labels)),
        TextTest::NoLabels(labels) => text.clone().is_not_in(written_out(labels)).or(text.is_null()),
        TextTest::Contains(part) | TextTest::StartsWith(part) if !is_storable(part) => return nothing(),
        TextTest::Contains(part) => like(&text, format!("%{}%", escaped(&nfc(part)))),
        TextTest::StartsWith(start) => like(&text, format!("{}%", escaped(&nfc(start)))),
    })
}

fn facets(name: &'static str, test: &TextTest) -> Condition {
    let id = column(record::Column::Id);
    expr(match test {
        TextTest::In(values) => id.in_subquery(facet_in(name, storable(values))),
        TextTest::Labels(labels) => id.in_subquery(facet_in(name, written_out(labels))),
        TextTest::NoLabels(labels) => id.not_in_subquery(facet_in(name, written_out(labels))),
        TextTest::Contains(text) | TextTest::StartsWith(text) if !is_storable(text) => return nothing(),
        TextTest::Contains(text) => id.in_subquery(facet_like(name, format!("%{}%", escaped(&nfc(text))))),
        TextTest::StartsWith(text) => id.in_subquery(facet_like(name, format!("{}%", escaped(&nfc(text))))),
    })
}

fn integer(number: Expr, test: IntegerTest) -> Expr {
    match test {
        IntegerTest::Eq(value) => number.eq(value),
        IntegerTest::Gt(value) => number.gt(value),
        IntegerTest::Gte(value) => number.gte(value),
        IntegerTest::Lt(value) => number.lt(value),
        IntegerTest::Lte(value) => number.lte(value),
    }
}

/// The first day that a date may stand for.
fn first_of(date: PartialDate) -> NaiveDate {
    date.earliest().unwrap_or(pomost_domain::date::BEGINNING)
}

fn date(first: Expr, last: Expr, test: DateTest) -> Condition {
    match test {
        // A date of the reader covers an interval too: to be "equal" is to lie within it, so that `eq` is `gte` and `lte`.
        DateTest::Eq(date) => Condition::all().add(first.gte(first_of(date))).add(last.lte(date.latest())),
        DateTest::Gt(date) => expr(first.gt(date.latest())),
        DateTest::Gte(date) => expr(first.gte(first_of(date))),
        DateTest::Lt(date) => expr(last.lt(first_of(date))),
        DateTest::Lte(date) => expr(last.lte(date.latest())),
        DateTest::Overlaps(date) => Condition::all().add(first.lte(date.latest())).add(last.gte(first_of(date))),
    }
}

fn during(dates: [Expr; 4], from: Option<PartialDate>, to: Option<PartialDate>, lasting: bool) -> Condition {
    let [first, start_last, _, end_last] = dates;
    let ends = |from: NaiveDate| {
        if lasting {
            end_last.clone().gte(from).or(end_last.clone().is_null())
        } else {
            Expr::from(Func::coalesce([end_last.clone(), start_last])).gte(from)
        }
    };
    Condition::all()
        .add(first.clone().is_not_null())
        .add_option(to.map(|to| first.lte(to.latest())))
        .add_option(from.map(first_of).map(ends))
}

fn facet(name: &str) -> SelectStatement {
    use record::facet::Column;
    let mut select = Query::select();
    select
        .column(Column::RecordId.as_column_ref())
        .from(record::facet::Entity)
        .and_where(Column::Name.into_simple_expr().eq(fixed(name)));
    select
}

fn facet_in(name: &str, values: impl IntoIterator<Item = impl Into<Expr>>) -> SelectStatement {
    let value = record::facet::Column::Value.into_simple_expr();
    facet(name).and_where(value.is_in(values)).take()
}

fn facet_like(name: &str, pattern: String) -> SelectStatement {
    let mut select = facet(name);
    select.and_where(like(&record::facet::Column::Value.into_simple_expr(), pattern));
    select
}

/// What stands at the start of a relation whose end meets a condition.
fn parents(walk: &Walk, condition: Condition, sight: &Sight) -> SelectStatement {
    use record::link::Column;
    let child = walk.child();
    let mut select = Query::select();
    select.cond_where(condition);
    match walk.path {
        Path::Reference(_) if walk.is_on_parent() => {
            select.expr(child.id());
            statement::from(&mut select, child, sight);
        }
        Path::Reference(reference) => {
            select.expr(reference_column(reference)).and_where(reference_column(reference).is_not_null());
            statement::from(&mut select, child, sight);
        }
        Path::Links(lists) => {
            let (start, end) = statement::ends(walk);
            select
                .column(start.as_column_ref())
                .and_where(Column::Relation.into_simple_expr().is_in(lists.iter().map(|list| fixed(*list))));
            statement::from(&mut select, child, sight);
            select.inner_join(record::link::Entity, child.id().equals(end.as_column_ref()));
        }
        Path::Shared { reference, members, participants } => {
            statement::from(&mut select, child, sight);
            let pairs = statement::shared(reference, members, participants, None);
            let start = statement::join_pairs(&mut select, child, pairs);
            select.expr(start);
        }
    }
    select
}

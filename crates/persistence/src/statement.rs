//! The statements of the read side: one shape for every list.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use pomost_domain::Sight;
use pomost_domain::link::Path;
use pomost_domain::page::{Direction, KeyValue, Position, Slice};
use sea_orm::sea_query::{
    Alias, Asterisk, CommonTableExpression, Condition, Expr, ExprTrait, NullOrdering, Order as SqlOrder, OverStatement,
    Query, SelectStatement, UnionType, Values, WindowStatement,
};
use sea_orm::{ColumnTrait, DbBackend, DbErr, IntoSimpleExpr, Statement, StatementBuilder, Value};
use uuid::Uuid;

use crate::asked::Asked;
use crate::batch::{Batch, among};
use crate::filter::{Filter, Find, Place, is_storable};
use crate::mapping::{Field, Mapping, Walk, id_in, reference_column};
use crate::record::link::Column as Link;
use crate::record::{self, fixed, link};
use crate::table::{Cell, Cells, Table};

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderKey {
    /// The name, folded.
    Name,
    /// The slug.
    Slug,
    /// When the record was first written.
    CreatedAt,
    /// When it was last written.
    UpdatedAt,
    /// A field of the record.
    Field(Field),
}

/// An order: its keys, most significant first. The id completes it.
pub type Order = Vec<(OrderKey, Direction)>;

/// What a sort key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyType {
    Text,
    Day,
    Integer,
    Instant,
    Id,
}

/// A column of an order.
#[derive(Clone)]
pub(crate) struct SortKey {
    /// Whether it is a column of the entity itself, and not of what all records share.
    is_own: bool,
    expr: Expr,
    kind: KeyType,
    nullable: bool,
    direction: Direction,
}

/// In which order the tables of an entity are gone through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// As the database thinks best.
    Free,
    /// The entity's own first, in the order of one of its indexes. `SQLite` takes a cross join at its word; without it, it was
    /// seen to read and sort all records for the first page of a list (0.5 ms became 150 ms). To `PostgreSQL` it is any join.
    OwnFirst,
}

/// Adds the tables of an entity, and what is seen of them.
pub(crate) fn from(select: &mut SelectStatement, of: &Mapping, sight: &Sight) {
    from_as(select, of, sight, Plan::Free);
}

fn from_as(select: &mut SelectStatement, of: &Mapping, sight: &Sight, plan: Plan) {
    let is_same = of.id().equals(record::Column::Id.as_column_ref());
    select.from(Alias::new(of.table));
    match plan {
        Plan::Free => select.inner_join(record::Entity, is_same).and_where(record::of_kind(of.kinds())),
        // The table tells the kind: said twice, it is taken for two conditions, and the list for much shorter than it is.
        Plan::OwnFirst => select.cross_join(record::Entity).and_where(is_same),
    };
    select.cond_where(record::seen(sight));
    (of.join)(select);
}

/// What somebody reads: which records he sees, and what is asked of them.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) sight: &'a Sight,
    pub(crate) asked: Asked,
}

/// A statement that reads whole facts.
pub(crate) fn facts(of: &Mapping, sight: &Sight) -> SelectStatement {
    asked(of, View { sight, asked: Asked::ALL })
}

/// A statement that reads what is asked of facts.
pub(crate) fn asked(of: &Mapping, view: View<'_>) -> SelectStatement {
    asked_as(of, view, Plan::Free)
}

fn asked_as(of: &Mapping, view: View<'_>, plan: Plan) -> SelectStatement {
    let mut select = Query::select();
    add_facts(&mut select, of, view, plan);
    select
}

fn add_facts(select: &mut SelectStatement, of: &Mapping, View { sight, asked }: View<'_>, plan: Plan) {
    record::Row::select(select, asked);
    from_as(select, of, sight, plan);
    (of.select)(select, asked);
}

/// The columns of an order, with the id that breaks every tie.
pub(crate) fn sort_keys(of: &Mapping, order: &Order, sight: &Sight) -> Vec<SortKey> {
    let mut keys = Vec::new();
    let mut last = Direction::Ascending;
    for (key, direction) in order {
        last = *direction;
        let is_own = matches!(key, OrderKey::Field(field) if !matches!(field.find(), Find::NameOf(_)));
        let mut push =
            |expr: Expr, kind, nullable| keys.push(SortKey { is_own, expr, kind, nullable, direction: *direction });
        match key {
            OrderKey::Name => push(record::Column::SortText.into_simple_expr(), KeyType::Text, false),
            OrderKey::Slug => push(record::Column::Slug.into_simple_expr(), KeyType::Text, false),
            OrderKey::CreatedAt => push(record::Column::CreatedAt.into_simple_expr(), KeyType::Instant, false),
            OrderKey::UpdatedAt => push(record::Column::UpdatedAt.into_simple_expr(), KeyType::Instant, false),
            OrderKey::Field(field) => match field.find() {
                Find::Text(expr) => push(expr, KeyType::Text, true),
                Find::Integer(expr) => push(expr, KeyType::Integer, true),
                Find::Day(expr) => push(expr, KeyType::Day, true),
                Find::Partial(first, last) => {
                    push(first, KeyType::Day, true);
                    push(last, KeyType::Day, true);
                }
                Find::NameOf(id) => push(name_of(id, sight), KeyType::Text, true),
                // None of these is offered as an order.
                Find::Flag(_) | Find::Facet(_) | Find::Period(_) => {}
            },
        }
    }
    keys.push(SortKey { is_own: true, expr: of.id(), kind: KeyType::Id, nullable: false, direction: last });
    keys
}

/// The name of the record that a column refers to; nothing, where the record is not seen.
fn name_of(id: Expr, sight: &Sight) -> Expr {
    let named = Alias::new("named");
    let select = Query::select()
        .column((named.clone(), Alias::new("sort_text")))
        .from_as(record::Entity, named.clone())
        .and_where(Expr::col((named.clone(), Alias::new("id"))).eq(id))
        .cond_where(record::within(&Expr::col((named, Alias::new("audience"))), sight))
        .take();
    Expr::SubQuery(None, Box::new(select.into()))
}

/// Adds the sort keys as columns, so that the position of every row is known.
fn select_keys(select: &mut SelectStatement, keys: &[SortKey]) {
    select.exprs(keys.iter().map(|key| key.expr.clone()));
}

/// The position of a row, whose next cells are the sort keys.
pub(crate) fn position(cells: &mut Cells<'_>, keys: &[SortKey]) -> Result<Position, DbErr> {
    fn next<'r, T: Cell<'r>>(cells: &mut Cells<'r>, value: impl Fn(T) -> KeyValue) -> Result<KeyValue, DbErr>
    where
        Option<T>: Cell<'r>,
    {
        Ok(cells.next::<Option<T>>()?.map_or(KeyValue::Null, value))
    }
    keys.iter()
        .map(|key| match key.kind {
            KeyType::Text => next(cells, KeyValue::Text),
            KeyType::Day => next(cells, KeyValue::Date),
            KeyType::Integer => Ok(cells.integer()?.map_or(KeyValue::Null, KeyValue::Integer)),
            KeyType::Instant => next(cells, |at: DateTime<Utc>| KeyValue::Instant(at.timestamp_micros())),
            KeyType::Id => next(cells, KeyValue::Id),
        })
        .collect()
}

fn value(key: &SortKey, at: &KeyValue) -> Option<Expr> {
    Some(match (key.kind, at) {
        (KeyType::Text, KeyValue::Text(text)) if is_storable(text) => Expr::val(text.clone()),
        (KeyType::Day, KeyValue::Date(day)) => Expr::val(*day),
        (KeyType::Integer, KeyValue::Integer(number)) => Expr::val(*number),
        (KeyType::Instant, KeyValue::Instant(micros)) => Expr::val(DateTime::from_timestamp_micros(*micros)?),
        (KeyType::Id, KeyValue::Id(id)) => Expr::val(*id),
        _ => return None,
    })
}

/// Whether a position could have come from an order with these keys.
pub(crate) fn fits(keys: &[SortKey], at: &Position) -> bool {
    keys.len() == at.len()
        && keys.iter().zip(at).all(|(key, at)| match at {
            KeyValue::Null => key.nullable,
            at => value(key, at).is_some(),
        })
}

/// Rows behind a position, unknown values being last in every direction.
fn behind(keys: &[SortKey], at: &Position, reversed: bool) -> Condition {
    let mut any = Condition::any();
    let mut equal = Condition::all();
    for (key, at) in keys.iter().zip(at) {
        let descending = (key.direction == Direction::Descending) != reversed;
        if let Some(value) = value(key, at) {
            let beyond =
                if descending { key.expr.clone().lt(value.clone()) } else { key.expr.clone().gt(value.clone()) };
            let mut step = Condition::any().add(beyond);
            // Forward, the unknown come last: they are behind every value. Backward, they come first.
            if key.nullable && !reversed {
                step = step.add(key.expr.clone().is_null());
            }
            any = any.add(equal.clone().add(step));
            equal = equal.add(key.expr.clone().eq(value));
        } else {
            if reversed {
                any = any.add(equal.clone().add(key.expr.clone().is_not_null()));
            }
            equal = equal.add(key.expr.clone().is_null());
        }
    }
    any
}

fn order_by(keys: &[SortKey], backward: bool) -> impl Iterator<Item = (Expr, SqlOrder, Option<NullOrdering>)> + '_ {
    keys.iter().map(move |key| {
        let direction = if backward { key.direction.reverse() } else { key.direction };
        let order = if direction == Direction::Descending { SqlOrder::Desc } else { SqlOrder::Asc };
        let nulls = key.nullable.then_some(if backward { NullOrdering::First } else { NullOrdering::Last });
        (key.expr.clone(), order, nulls)
    })
}

/// The facts of a page and one more; if the page goes on with what is unknown, up to twice as many.
pub(crate) fn page(of: &Mapping, view: View<'_>, filter: &Filter, keys: &[SortKey], slice: &Slice) -> Limited {
    // By the id alone nothing is listed: then a few records are asked for by what all records share.
    let plan = if keys.len() > 1 && keys[0].is_own { Plan::OwnFirst } else { Plan::Free };
    let first = |slice| first(asked_as(of, view, plan), view.sight, filter, keys, slice);
    Limited(match ranges(keys, slice) {
        Ranges::All => first(slice),
        Ranges::One(range) => first(slice).and_where(range).take(),
        Ranges::Two(known, unknown) => {
            let is_short = Expr::cust(format!("(SELECT COUNT(*) FROM \"known\") < {}", rows(slice)));
            // All that is unknown is behind what is known.
            let from_its_start = Slice { after: None, ..slice.clone() };
            let unknown = first(&from_its_start).and_where(unknown).take();
            let rest = Query::select()
                .column(Asterisk)
                .from_subquery(unknown, Alias::new("unknown"))
                .and_where(is_short)
                .take();
            Query::select()
                .with_cte(
                    CommonTableExpression::new()
                        .table_name(Alias::new("known"))
                        .query(first(slice).and_where(known).take())
                        .to_owned(),
                )
                .column(Asterisk)
                .from(Alias::new("known"))
                .union(UnionType::All, rest)
                .take()
        }
    })
}

/// A statement whose numbers of rows are written out, and not bound, where that matters: `PostgreSQL` keeps a plan for later if
/// it knows how many rows are wanted, and made the one for a timeline anew each time otherwise (5 to 16 ms).
pub(crate) struct Limited(SelectStatement);

const LIMIT: &str = " LIMIT ";

impl StatementBuilder for Limited {
    fn build(&self, backend: &DbBackend) -> Statement {
        let mut statement = backend.build(&self.0);
        let Some(Values(values)) = statement.values.as_ref().filter(|_| *backend == DbBackend::Postgres) else {
            return statement;
        };
        let mut text = String::with_capacity(statement.sql.len());
        let mut parts = statement.sql.split(LIMIT);
        text.extend(parts.next());
        for part in parts {
            let digits = part.strip_prefix('$').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
            let at: Option<usize> = part.get(1..=digits).and_then(|digits| digits.parse().ok());
            text.push_str(LIMIT);
            match at.and_then(|at| values.get(at - 1)) {
                Some(Value::BigUnsigned(Some(limit))) => {
                    let _ = write!(text, "{limit}{}", &part[1 + digits..]);
                }
                _ => text.push_str(part),
            }
        }
        statement.sql = text;
        statement
    }
}

/// The ranges of the first key that a page may lie in.
enum Ranges {
    /// Anywhere.
    All,
    /// On one side of where the page begins.
    One(Expr),
    /// There, or, if that is not enough for a page, where the key is unknown. No database walks an index along "before this day, or on no day": it would begin at
    /// the first page and pass over all that is before the one that is asked for.
    Two(Expr, Expr),
}

fn ranges(keys: &[SortKey], slice: &Slice) -> Ranges {
    let (Some(key), Some(after), false) = (keys.first(), &slice.after, slice.backward) else { return Ranges::All };
    let Some(value) = after.first().and_then(|at| value(key, at)) else { return Ranges::All };
    let known =
        if key.direction == Direction::Descending { key.expr.clone().lte(value) } else { key.expr.clone().gte(value) };
    match (key.nullable, key.is_own) {
        (false, _) => Ranges::One(known),
        (true, true) => Ranges::Two(known, key.expr.clone().is_null()),
        // No index is ordered by what another record is called.
        (true, false) => Ranges::All,
    }
}

/// How many rows are read for a page: one more tells whether there is another.
fn rows(slice: &Slice) -> u64 {
    u64::from(slice.limit) + 1
}

/// The first facts of a statement in an order, and one more.
fn first(facts: SelectStatement, sight: &Sight, filter: &Filter, keys: &[SortKey], slice: &Slice) -> SelectStatement {
    let mut select = narrowed(facts, sight, filter, keys, slice);
    for (expr, order, nulls) in order_by(keys, slice.backward) {
        match nulls {
            Some(nulls) => select.order_by_expr_with_nulls(expr, order, nulls),
            None => select.order_by_expr(expr, order),
        };
    }
    select.limit(rows(slice));
    select
}

fn narrowed(
    mut select: SelectStatement,
    sight: &Sight,
    filter: &Filter,
    keys: &[SortKey],
    slice: &Slice,
) -> SelectStatement {
    select_keys(&mut select, keys);
    select.cond_where(filter.to_sql(Place::outermost(sight)));
    if let Some(after) = &slice.after {
        select.cond_where(behind(keys, after, false));
    }
    if let Some(before) = &slice.before {
        select.cond_where(behind(keys, before, true));
    }
    select
}

/// Name of the column that holds the start of a relation; no table has one of this name.
pub(crate) const PARENT: &str = "under_id";

/// The pages under several parents, each with one fact more.
pub(crate) fn pages(
    walk: &Walk,
    view: View<'_>,
    parents: Batch<'_, Uuid>,
    filter: &Filter,
    keys: &[SortKey],
    slice: &Slice,
) -> Limited {
    let facts = asked(walk.child(), view);
    if let [only] = parents.values() {
        // A single parent needs no window, and the database stops after the page.
        let mut select = first(facts, view.sight, filter, keys, slice);
        select.cond_where(under_one(walk, *only)).expr_as(Expr::val(*only), Alias::new(PARENT));
        return Limited(select);
    }
    let mut inner = narrowed(facts, view.sight, filter, keys, slice);
    let parent = join_parents(&mut inner, walk, parents);
    Limited(numbered(inner, parent, keys, slice))
}

/// The pages of groups of facts that a column tells apart, each with one fact more, in one statement.
pub(crate) fn pages_by(
    of: &Mapping,
    view: View<'_>,
    group: Expr,
    filter: &Filter,
    keys: &[SortKey],
    slice: &Slice,
) -> SelectStatement {
    numbered(narrowed(asked(of, view), view.sight, filter, keys, slice), group, keys, slice)
}

/// Numbers the rows under each parent and keeps a page of them.
fn numbered(mut inner: SelectStatement, parent: Expr, keys: &[SortKey], slice: &Slice) -> SelectStatement {
    let mut window = WindowStatement::new();
    window.add_partition_by(parent.clone());
    for (expr, order, nulls) in order_by(keys, slice.backward) {
        match nulls {
            Some(nulls) => window.order_by_expr_with_nulls(expr, order, nulls),
            None => window.order_by_expr(expr, order),
        };
    }
    inner.expr_as(parent, Alias::new(PARENT));
    inner.expr_window_as(Expr::cust("ROW_NUMBER()"), window, Alias::new("row_no"));
    let numbered = Alias::new("numbered");
    Query::select()
        .column(Asterisk)
        .from_subquery(inner, numbered.clone())
        .and_where(Expr::col((numbered.clone(), Alias::new("row_no"))).lte(fixed(rows(slice))))
        .order_by((numbered.clone(), Alias::new(PARENT)), SqlOrder::Asc)
        .order_by((numbered, Alias::new("row_no")), SqlOrder::Asc)
        .take()
}

/// How many facts stand under each parent.
pub(crate) fn counts(walk: &Walk, sight: &Sight, parents: Batch<'_, Uuid>, filter: &Filter) -> SelectStatement {
    let mut select = Query::select();
    from(&mut select, walk.child(), sight);
    select.cond_where(filter.to_sql(Place::outermost(sight)));
    let parent = join_parents(&mut select, walk, parents);
    select.expr_as(parent.clone(), Alias::new(PARENT)).expr_as(Expr::cust("COUNT(*)"), Alias::new("n"));
    select.add_group_by([parent]);
    select
}

/// How many facts each of the groups has that a column tells apart.
pub(crate) fn counts_by(of: &Mapping, sight: &Sight, group: &Expr, filter: &Filter) -> SelectStatement {
    let mut select = count(of, sight, filter);
    select.expr_as(group.clone(), Alias::new(PARENT)).add_group_by([group.clone()]);
    select
}

/// How many facts meet a filter.
pub(crate) fn count(of: &Mapping, sight: &Sight, filter: &Filter) -> SelectStatement {
    let mut select = Query::select();
    from(&mut select, of, sight);
    select.cond_where(filter.to_sql(Place::outermost(sight))).expr_as(Expr::cust("COUNT(*)"), Alias::new("n"));
    select
}

/// Lists of references in their order: what belongs to each reference, and the fact at its end.
pub(crate) fn linked(
    of: &Mapping,
    view: View<'_>,
    parents: Batch<'_, Uuid>,
    lists: &[&'static str],
) -> SelectStatement {
    let mut select = Query::select();
    link::Row::select(&mut select, Asked::ALL);
    add_facts(&mut select, of, view, Plan::Free);
    select
        .inner_join(record::link::Entity, of.id().equals(Link::ToId.as_column_ref()))
        .and_where(among(Link::FromId, parents))
        .and_where(Link::Relation.into_simple_expr().is_in(lists.iter().map(|list| fixed(*list))))
        .order_by(Link::FromId.as_column_ref(), SqlOrder::Asc)
        .order_by(Link::Relation.as_column_ref(), SqlOrder::Asc)
        .order_by(Link::Position.as_column_ref(), SqlOrder::Asc);
    select
}

/// The two ends of a list of references: where the relation starts, and where it leads.
pub(crate) fn ends(walk: &Walk) -> (Link, Link) {
    if walk.reversed { (Link::ToId, Link::FromId) } else { (Link::FromId, Link::ToId) }
}

/// The condition that a fact stands under one parent.
fn under_one(walk: &Walk, parent: Uuid) -> Condition {
    let id = walk.child().id();
    match walk.path {
        Path::Reference(reference) if walk.is_on_parent() => {
            let holder = Query::select()
                .expr(reference_column(reference))
                .from(Alias::new(table(reference)))
                .and_where(id_in(table(reference)).eq(parent))
                .take();
            Condition::all().add(id.in_subquery(holder))
        }
        Path::Reference(reference) => Condition::all().add(reference_column(reference).eq(parent)),
        Path::Links(lists) => {
            let (start, end) = ends(walk);
            let links = Query::select()
                .column(end.as_column_ref())
                .from(record::link::Entity)
                .and_where(start.eq(parent))
                .and_where(Link::Relation.into_simple_expr().is_in(lists.iter().map(|list| fixed(*list))))
                .take();
            Condition::all().add(id.in_subquery(links))
        }
        Path::Shared { reference, members, participants } => {
            let ends = |pairs: SelectStatement| {
                Query::select().column(Alias::new(END)).from_subquery(pairs, Alias::new("under")).take()
            };
            let together = ends(taken_part_in(members, participants, Some(Batch::of_one(&parent))));
            let together = id.in_subquery(together);
            let named = reference.map(|reference| reference_column(reference).eq(parent));
            Condition::any().add_option(named).add(together)
        }
    }
}

/// The columns of pairs: where a relation starts, and where it leads.
const START: &str = "start_id";
const END: &str = "end_id";

/// Groups, each with what all its members take part in. A pair may come twice.
fn taken_part_in(
    members: &'static str,
    participants: &[&'static str],
    groups: Option<Batch<'_, Uuid>>,
) -> SelectStatement {
    // One link of a group to a member, and one of a record to the same; any other member, and the link of the record to it.
    let [member, taking_part, last, other, beside] =
        ["member", "taking_part", "last_member", "other_member", "beside"].map(Alias::new);
    let of = |table: &Alias, column: Link| Expr::col((table.clone(), column));
    let in_list = |table: &Alias| of(table, Link::Relation).eq(fixed(members));
    let takes_part = |table: &Alias| of(table, Link::Relation).is_in(participants.iter().map(|list| fixed(*list)));
    let last_position = Query::select()
        .expr(of(&last, Link::Position).max())
        .from_as(link::Entity, last.clone())
        .and_where(of(&last, Link::FromId).eq(of(&member, Link::FromId)))
        .and_where(in_list(&last))
        .take();
    let there = Query::select()
        .expr(Expr::val(1))
        .from_as(link::Entity, beside.clone())
        .and_where(of(&beside, Link::ToId).eq(of(&other, Link::ToId)))
        .and_where(takes_part(&beside))
        .and_where(of(&beside, Link::FromId).eq(of(&taking_part, Link::FromId)))
        .take();
    let missing = Query::select()
        .expr(Expr::val(1))
        .from_as(link::Entity, other.clone())
        .and_where(of(&other, Link::FromId).eq(of(&member, Link::FromId)))
        .and_where(in_list(&other))
        .and_where(Expr::exists(there).not())
        .take();
    let mut select = Query::select();
    select
        .expr_as(of(&member, Link::FromId), Alias::new(START))
        .expr_as(of(&taking_part, Link::FromId), Alias::new(END))
        .from_as(link::Entity, member.clone())
        .join_as(
            sea_orm::JoinType::InnerJoin,
            link::Entity,
            taking_part.clone(),
            of(&taking_part, Link::ToId).eq(of(&member, Link::ToId)).and(takes_part(&taking_part)),
        )
        .and_where(in_list(&member))
        // It is enough to begin with one member. The last is rather the partner than the city that has them all.
        .and_where(of(&member, Link::Position).eq(Expr::SubQuery(None, Box::new(last_position.into()))))
        .and_where(Expr::exists(missing).not());
    if let Some(groups) = groups {
        select.and_where(among(of(&member, Link::FromId), groups));
    }
    select
}

/// Groups, each with what names it and what all its members take part in. Every pair comes once.
pub(crate) fn shared(
    reference: Option<&'static str>,
    members: &'static str,
    participants: &[&'static str],
    groups: Option<Batch<'_, Uuid>>,
) -> SelectStatement {
    let mut pairs = taken_part_in(members, participants, groups);
    let Some(reference) = reference else { return pairs.distinct().take() };
    let mut named = Query::select();
    named
        .expr_as(reference_column(reference), Alias::new(START))
        .expr_as(id_in(table(reference)), Alias::new(END))
        .from(Alias::new(table(reference)));
    match groups {
        Some(groups) => named.and_where(among(reference_column(reference), groups)),
        None => named.and_where(reference_column(reference).is_not_null()),
    };
    pairs.union(UnionType::Distinct, named).take()
}

/// Joins the parents of each fact and returns the column that holds them.
fn join_parents(select: &mut SelectStatement, walk: &Walk, parents: Batch<'_, Uuid>) -> Expr {
    let child = walk.child();
    match walk.path {
        Path::Reference(reference) if walk.is_on_parent() => {
            let holder = id_in(table(reference));
            select
                .inner_join(Alias::new(table(reference)), reference_column(reference).eq(child.id()))
                .and_where(among(holder.clone(), parents));
            holder
        }
        Path::Reference(reference) => {
            select.and_where(among(reference_column(reference), parents));
            reference_column(reference)
        }
        Path::Links(lists) => {
            let (start, end) = ends(walk);
            // Distinct, as a record may refer to another twice, for example as partner and as city.
            let links = Query::select()
                .distinct()
                .expr_as(Expr::col(start.as_column_ref()), Alias::new(START))
                .expr_as(Expr::col(end.as_column_ref()), Alias::new(END))
                .from(record::link::Entity)
                .and_where(among(start, parents))
                .and_where(Link::Relation.into_simple_expr().is_in(lists.iter().map(|list| fixed(*list))))
                .take();
            join_pairs(select, child, links)
        }
        Path::Shared { reference, members, participants } => {
            let pairs = shared(reference, members, participants, Some(parents));
            join_pairs(select, child, pairs)
        }
    }
}

/// Joins pairs of starts and ends of a relation, and returns the column of the starts.
pub(crate) fn join_pairs(select: &mut SelectStatement, child: &Mapping, pairs: SelectStatement) -> Expr {
    let under = Alias::new("under");
    let end = Expr::col((under.clone(), Alias::new(END)));
    select.join_subquery(sea_orm::JoinType::InnerJoin, pairs, under.clone(), end.eq(child.id()));
    Expr::col((under, Alias::new(START)))
}

fn table(reference: &'static str) -> &'static str {
    reference.split_once('.').map_or(reference, |(table, _)| table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_rows_are_written_out_where_plans_are_kept() {
        let one = |limit| {
            Query::select().column(Asterisk).from(Alias::new("a")).and_where(Expr::val("x").eq("y")).limit(limit).take()
        };
        let part = Query::select().column(Asterisk).from_subquery(one(7), Alias::new("b")).limit(11).take();
        let text = |backend: DbBackend| Limited(part.clone()).build(&backend).sql;
        let postgres = text(DbBackend::Postgres);
        assert!(postgres.contains("LIMIT 7)") && postgres.ends_with("LIMIT 11"), "{postgres}");
        assert!(postgres.contains("$1"), "{postgres}");
        assert!(text(DbBackend::Sqlite).ends_with("LIMIT ?"));
    }
}

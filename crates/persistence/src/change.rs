//! The table of changes: the feed that mirrors follow, and the history of each record.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use pomost_domain::exchange::Json;
use pomost_domain::id::Kind;
use pomost_domain::{Act, Op, Sight, Vocabulary};
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait, Order, OverStatement, Query, SelectStatement, WindowStatement,
};
use sea_orm::{ColumnTrait, ConnectionTrait, IntoSimpleExpr, QueryResult};
use uuid::Uuid;

use crate::asked::Asked;
use crate::batch::{self, Batch, among};
use crate::error::StoreError;
use crate::mapped::json_option;
use crate::record;
use crate::store::Store;
use crate::table::{Cells, Table};

crate::table::table! {
    /// The table `change`.
    pub(crate) mod table = "change";
    key { seq: i64 }
    read {
        made_at: DateTimeUtc,
        made_by: String,
        act: String,
        reason: Option<String>,
        kind: String,
        record_id: Uuid,
        version: i32,
        op: String,
        difference: Option<String>,
        audience_before: Option<String>,
        audience_after: Option<String>,
    }
}

use table::Column;

/// A change of a record.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number in the order of commits.
    pub seq: i64,
    /// When, by whom, by which command and why.
    pub act: Act,
    /// The kind of record.
    pub kind: Kind,
    /// The record.
    pub id: Uuid,
    /// The version that the record had then.
    pub version: u32,
    /// What was done.
    pub op: Op,
    /// The fields that changed, each with its value before and after; `None` where that is not kept.
    pub difference: Option<Vec<FieldChange>>,
    audience_before: Option<String>,
    audience_after: Option<String>,
}

/// What became of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The field, by its name in the exchange format.
    pub field: String,
    /// Its value before; `None`: it had none.
    pub before: Option<Json>,
    /// Its value after.
    pub after: Option<Json>,
}

/// How a change looks to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appearance {
    /// The record is there now and was not before.
    Appeared,
    /// It was there and is.
    Stayed,
    /// It was there and is not any more.
    Disappeared,
}

impl Change {
    /// How the change looks to somebody with this sight; `None`: not at all.
    pub fn appearance(&self, sight: &Sight) -> Option<Appearance> {
        // What was taken back is still there for those who read drafts, and gone for a mirror of theirs.
        let sees = |audience: Option<&str>| sight.takes_in(audience);
        match (sees(self.audience_before.as_deref()), sees(self.audience_after.as_deref())) {
            (false, true) => Some(Appearance::Appeared),
            (true, true) => Some(Appearance::Stayed),
            (true, false) => Some(Appearance::Disappeared),
            (false, false) => None,
        }
    }
}

/// A row of the table that is about to be written.
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    pub(crate) id: Uuid,
    pub(crate) version: u32,
    pub(crate) op: Op,
    pub(crate) difference: Option<Json>,
    pub(crate) audience_before: Option<String>,
    pub(crate) audience_after: Option<String>,
}

impl Draft {
    pub(crate) fn numbered(self, seq: i64, act: &Act) -> table::Model {
        table::Model {
            seq,
            made_at: act.at.trunc_subsecs(6),
            made_by: act.by.clone(),
            act: act.name.clone(),
            reason: act.reason.clone(),
            kind: self.kind.label().to_owned(),
            record_id: self.id,
            version: i32::try_from(self.version).unwrap_or(i32::MAX),
            op: self.op.label().to_owned(),
            difference: self.difference.map(|difference| difference.to_text()),
            audience_before: self.audience_before,
            audience_after: self.audience_after,
        }
    }
}

/// The fields in which two written forms differ: `{"field": [before, after]}`, `null` where there was or is nothing.
pub(crate) fn difference(before: &Json, after: &Json) -> Json {
    let (Json::Object(old), Json::Object(new)) = (before, after) else { return Json::Object(Vec::new()) };
    let pair = |field: &str| {
        let value = |json: &Json| json.get(field).cloned().unwrap_or(Json::Null);
        (field.to_owned(), Json::Array(vec![value(before), value(after)]))
    };
    let changed = new.iter().filter(|(field, value)| before.get(field) != Some(value)).map(|(field, _)| pair(field));
    let gone = old.iter().filter(|(field, _)| after.get(field).is_none()).map(|(field, _)| pair(field));
    Json::Object(changed.chain(gone).collect())
}

/// Whether a text stands anywhere in a value.
pub(crate) fn says(json: &Json, word: &str) -> bool {
    match json {
        Json::String(text) => text == word,
        Json::Array(items) => items.iter().any(|item| says(item, word)),
        Json::Object(members) => members.iter().any(|(key, value)| key == word || says(value, word)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// A row of the table.
#[derive(Debug)]
struct Read {
    /// `None`: this version cannot tell what was done to which record.
    known: Option<Change>,
    /// What cannot be read: its column, and its value or what is wrong with it.
    unread: Option<(&'static str, String)>,
}

impl Read {
    fn unknown(column: &'static str, value: String) -> Self {
        Self { known: None, unread: Some((column, value)) }
    }
}

/// The rows that could not be read: a newer version wrote them, or something damaged them. Readers go on behind them.
#[derive(Debug, Default)]
pub(crate) struct PassedOver {
    rows: AtomicU64,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The last row that was counted. Each is met by many readers, and again by each that begins anew.
    last: i64,
    logged: HashSet<(&'static str, String)>,
}

/// So many different values are logged. Damage may be of many kinds.
const LOGGED: usize = 100;

impl PassedOver {
    /// Counts a row, and logs the first with this value.
    fn note(&self, seq: i64, column: &'static str, value: String) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seq > seen.last {
            seen.last = seq;
            self.rows.fetch_add(1, Ordering::Relaxed);
        }
        if seen.logged.len() < LOGGED && !seen.logged.contains(&(column, value.clone())) {
            tracing::warn!(
                seq,
                column,
                value,
                "the change feed has rows that this process cannot read, and passes over: a newer version wrote them, and this \
                 one is to be upgraded, or they are damaged"
            );
            seen.logged.insert((column, value));
        }
    }
}

/// Reads a row. Where a record is only shown `as_it_is`, an operation that is not known is an update. A change whose fields cannot
/// be read is told without them.
fn read(row: &QueryResult, as_it_is: bool) -> Read {
    let cells = Cells::of(row).and_then(|mut cells| cells.table());
    let table::Row {
        seq,
        made_at,
        made_by,
        act,
        reason,
        kind,
        record_id,
        version,
        op,
        difference,
        audience_before,
        audience_after,
    } = match cells {
        Ok(row) => row,
        Err(error) => return Read::unknown("row", error.to_string()),
    };
    let Some(kind) = Kind::from_label(&kind) else { return Read::unknown("kind", kind) };
    let Some(op) = Op::from_label(&op).or(as_it_is.then_some(Op::Updated)) else { return Read::unknown("op", op) };
    let known = |value: Json| (value != Json::Null).then_some(value);
    let field = |(field, values): (String, Json)| {
        let Json::Array(values) = values else { return FieldChange { field, before: None, after: None } };
        let mut values = values.into_iter().map(known);
        FieldChange { field, before: values.next().flatten(), after: values.next().flatten() }
    };
    let (difference, unread) = match json_option("difference", difference.as_deref()) {
        Ok(None) => (None, None),
        Ok(Some(Json::Object(members))) => (Some(members.into_iter().map(field).collect()), None),
        Ok(Some(other)) => (None, Some(("difference", format!("it is {}, and not an object", other.describe())))),
        Err(what) => (None, Some(("difference", what))),
    };
    let change = Change {
        seq,
        act: Act { name: act, by: made_by, at: made_at, reason },
        kind,
        id: record_id,
        version: u32::try_from(version).unwrap_or(0),
        op,
        difference,
        audience_before,
        audience_after,
    };
    Read { known: Some(change), unread }
}

fn select() -> SelectStatement {
    let mut select = Query::select();
    table::Row::select(&mut select, Asked::ALL);
    select.from(table::Entity);
    select
}

/// The newest changes of each of several records before a number, with one more each.
fn newest(records: Batch<'_, Uuid>, before: Option<i64>, limit: u32) -> SelectStatement {
    let mut inner = select();
    let shown = Op::ALL.iter().filter(|op| **op != Op::Touched).map(|op| op.label());
    inner.and_where(among(Column::RecordId, records)).and_where(Column::Op.is_in(shown));
    if let Some(before) = before {
        inner.and_where(Column::Seq.lt(before));
    }
    let mut window = WindowStatement::new();
    window.add_partition_by(Column::RecordId.into_simple_expr());
    window.order_by_expr(Column::Seq.into_simple_expr(), Order::Desc);
    inner.expr_window_as(Expr::cust("ROW_NUMBER()"), window, Alias::new("row_no"));
    let numbered = Alias::new("numbered");
    Query::select()
        .column(sea_orm::sea_query::Asterisk)
        .from_subquery(inner, numbered.clone())
        .and_where(Expr::col((numbered.clone(), Alias::new("row_no"))).lte(u64::from(limit) + 1))
        .order_by((numbered, Alias::new("seq")), Order::Desc)
        .take()
}

/// Which part of the feed is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FeedSlice {
    /// Only changes after this number.
    pub after: i64,
    /// At most this many.
    pub limit: u32,
    /// Only changes of these kinds; of all, if it is empty.
    pub kinds: Vec<Kind>,
    /// Only the last change of each record.
    pub latest: bool,
}

/// A part of the feed.
#[derive(Clone, Debug, Default)]
pub struct FeedPage {
    /// The changes that are seen, in order.
    pub changes: Vec<Change>,
    /// Where to go on: everything up to here was looked at.
    pub end: i64,
    /// Whether there were more when it was read.
    pub has_next: bool,
    /// The number of the last change of all then.
    pub head: i64,
}

impl Store {
    /// Changes after a number, as far as they are seen and can be read: others, such as those of a kind or an operation that only
    /// a newer version knows, are passed over, logged and counted. Two statements.
    ///
    /// # Errors
    /// The database fails.
    pub async fn changes(&self, slice: &FeedSlice) -> Result<FeedPage, StoreError> {
        // First: what is committed meanwhile is for the next page.
        let head = self.data_version().await?;
        let seq = || Column::Seq.into_simple_expr();
        let mut select = select();
        select.and_where(seq().gt(slice.after)).and_where(seq().lte(head));
        select.cond_where(
            Condition::any()
                .add(record::within(&Column::AudienceBefore.into_simple_expr(), &self.sight))
                .add(record::within(&Column::AudienceAfter.into_simple_expr(), &self.sight)),
        );
        if !slice.kinds.is_empty() {
            select.and_where(Column::Kind.is_in(slice.kinds.iter().map(|kind| kind.label())));
        }
        if slice.latest {
            select.inner_join(record::Entity, seq().equals(record::Column::ChangeSeq.as_column_ref()));
        }
        select.order_by(Column::Seq.as_column_ref(), Order::Asc).limit(u64::from(slice.limit) + 1);
        let mut rows = self.read.query_all(&select).await?;
        let has_next = rows.len() > slice.limit as usize;
        rows.truncate(slice.limit as usize);
        let last = rows.last().filter(|_| has_next).map(|row| row.try_get("", "seq")).transpose()?;
        let end = last.unwrap_or(Ord::max(head, slice.after));
        let mut changes = Vec::with_capacity(rows.len());
        for row in &rows {
            // What a newer version did to a record must not hide it from those who read each record once.
            let Read { known, unread } = read(row, slice.latest);
            changes.extend(known);
            if let Some((column, value)) = unread {
                self.passed_over.note(row.try_get("", "seq")?, column, value);
            }
        }
        Ok(FeedPage { changes, end, has_next, head })
    }

    /// How many rows of the feed could not be read since the start, in whole or in part: a newer version wrote them, or they are
    /// damaged. Each is counted once.
    pub fn changes_passed_over(&self) -> u64 {
        self.passed_over.rows.load(Ordering::Relaxed)
    }

    /// The newest changes of each of several records before a number, with one more each. One statement per 500
    /// records.
    ///
    /// # Errors
    /// The database fails.
    pub async fn histories(
        &self,
        records: &[Uuid],
        before: Option<i64>,
        limit: u32,
    ) -> Result<HashMap<Uuid, Vec<Change>>, StoreError> {
        let rows = batch::rows(&self.read, records, |records| newest(records, before, limit));
        let mut found: HashMap<Uuid, Vec<Change>> = records.iter().map(|id| (*id, Vec::new())).collect();
        for row in &rows.await? {
            let Some(change) = read(row, false).known else { continue };
            found.entry(change.id).or_default().push(change);
        }
        Ok(found)
    }

    /// The number of the last change. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn data_version(&self) -> Result<i64, StoreError> {
        self.known.ask(&self.read).await
    }

    /// The number of the last change, as it was within this time, if the database was asked since. No statement.
    pub fn data_version_at_hand(&self, bound: Duration) -> Option<i64> {
        self.known.within(bound)
    }

    /// The number of the last change, as it was within this time; what this process wrote is always in it. At most one
    /// statement, and none as long as somebody asked within this time. What other processes write is heard of sooner.
    ///
    /// # Errors
    /// The database fails.
    pub async fn data_version_within(&self, bound: Duration) -> Result<i64, StoreError> {
        self.hear_of_others().await?;
        self.known.ask_within(bound, &self.read).await
    }
}

/// When what is written now was made, in the precision that both databases keep.
pub(crate) fn instant(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

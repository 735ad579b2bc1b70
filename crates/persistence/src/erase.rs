//! Erasure for reasons of privacy: the content of records goes, from wherever it is kept; a tombstone without content stays.

use std::collections::{HashMap, HashSet};

use pomost_domain::activity::AnyActivity;
use pomost_domain::exchange::{Fault, FaultSort, Json};
use pomost_domain::id::Kind;
use pomost_domain::viewer::ERASED;
use pomost_domain::{Act, Commitment, Fact, Official, Op, Programme, Sight, Vocabulary, for_each_collection};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoIden, LikeExpr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, IntoSimpleExpr};
use uuid::Uuid;

use crate::batch::{self, among};
use crate::change::{self, Draft, says};
use crate::command::{CommandError, Writer};
use crate::derived::{named_by, settle};
use crate::error::StoreError;
use crate::mapped::{Mapped, Upsert, json_option, upsert};
use crate::receipt;
use crate::record;
use crate::reference::{PARTS, REFERENCES, touch, unsound_faults};
use crate::statement;
use crate::table::Cells;
use crate::transaction::Tx;
use crate::write::stored_metas;

impl Writer {
    /// Erases a record, with those that are written inside it, and returns its id.
    ///
    /// # Errors
    /// The record is not there, was changed meanwhile, or others cannot be without it; or the database fails.
    pub async fn erase(&mut self, kind: Kind, id: Uuid, expected: u32) -> Result<Uuid, CommandError> {
        let seen = record::audiences(&*self.tx, &[id]).await?;
        let is_there = self.sight.takes_in(seen.get(&id).map(String::as_str));
        let meta = stored_metas::<Official>(&*self.tx, [id].into_iter()).await?.remove(&id).filter(|_| is_there);
        let meta = meta.ok_or(CommandError::NotFound)?;
        if meta.version != expected {
            return Err(CommandError::Stale { found: meta.version });
        }
        let needy = needy(&self.tx, &[id]).await?;
        if !needy.is_empty() {
            let message =
                format!("{} records cannot be without it, such as terms of a council: erase them first", needy.len());
            return Err(CommandError::Faults(vec![Fault::new("", message).sorted(FaultSort::NotAllowed)]));
        }
        let words = words_of(&self.tx, kind, id).await?;
        if let Some(key) = &mut self.key {
            key.key = receipt::digest(&key.key);
        }
        let left = erase(&mut self.tx, &[(kind, id)], &words, &self.act).await?;
        let faults = unsound_faults(&self.tx, &left).await?;
        if faults.is_empty() { Ok(id) } else { Err(CommandError::Faults(faults)) }
    }
}

/// Erases records that are there, and these texts from the history of others. Returns those that referred to them.
pub(crate) async fn erase(
    tx: &mut Tx,
    records: &[(Kind, Uuid)],
    words: &HashSet<String>,
    act: &Act,
) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let ids: Vec<Uuid> = records.iter().map(|(_, id)| *id).collect();
    let parts = referring(tx, PARTS, &ids).await?;
    let mut own = HashSet::new();
    let records: Vec<(Kind, Uuid)> = records.iter().copied().chain(parts).filter(|(_, id)| own.insert(*id)).collect();
    let ids: Vec<Uuid> = records.iter().map(|(_, id)| *id).collect();
    let named = named_by(tx, &ids).await?;
    let wholes = wholes_of(tx, &ids).await?;
    // As long as it can be told who refers to them.
    let left = touch(tx, &ids, act).await?;
    unlink(tx, &ids).await?;
    let mut tables: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for (kind, id) in &records {
        for table in tables_of(*kind) {
            tables.entry(table).or_default().push(*id);
        }
    }
    for (table, ids) in tables {
        let table = Alias::new(table);
        batch::execute(&**tx, &ids, |ids| {
            Query::delete().from_table(table.clone()).and_where(among(column(&table, "id"), ids)).take()
        })
        .await?;
    }
    forget(tx, &ids, &wholes, words).await?;
    bury(tx, &records, act).await?;
    settle(tx, named.into_iter().filter(|id| !own.contains(id)), act).await?;
    Ok(left)
}

fn column(table: &Alias, name: &str) -> Expr {
    Expr::col((table.clone(), Alias::new(name)))
}

/// The tables in which the facts of a kind are.
fn tables_of(kind: Kind) -> impl Iterator<Item = &'static str> {
    let shared = AnyActivity::KINDS.contains(&kind).then_some("activity");
    std::iter::once(kind.label()).chain(shared)
}

/// The columns that no record of their table can be without, but for those of parts.
const NEEDS: &[(Kind, &str)] = &[(Kind::Term, "council_id")];

/// The records that cannot be without others.
pub(crate) async fn needy(tx: &Tx, ids: &[Uuid]) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let own: HashSet<Uuid> = ids.iter().copied().collect();
    let mut found = referring(tx, NEEDS, ids).await?;
    found.retain(|(_, id)| !own.contains(id));
    Ok(found)
}

/// The records of which one of these columns refers to one of these ids.
pub(crate) async fn referring(
    tx: &Tx,
    columns: &[(Kind, &str)],
    ids: &[Uuid],
) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let mut found = Vec::new();
    for (kind, name) in columns {
        let table = Alias::new(kind.label());
        let rows = batch::rows(&**tx, ids, |ids| {
            Query::select()
                .expr_as(column(&table, "id"), Alias::new("id"))
                .from(table.clone())
                .and_where(among(column(&table, name), ids))
                .take()
        });
        for row in &rows.await? {
            found.push((*kind, row.try_get("", "id")?));
        }
    }
    Ok(found)
}

/// The records inside which these are written.
async fn wholes_of(tx: &Tx, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let mut found = Vec::new();
    for (part, whole) in PARTS {
        let table = Alias::new(part.label());
        let rows = batch::rows(&**tx, ids, |ids| {
            Query::select()
                .expr_as(column(&table, whole), Alias::new("id"))
                .from(table.clone())
                .and_where(among(column(&table, "id"), ids))
                .take()
        });
        for row in &rows.await? {
            found.push(row.try_get("", "id")?);
        }
    }
    Ok(found)
}

/// The texts by which others name records: in the history of those, they tell who it was.
async fn words_of(tx: &Tx, kind: Kind, id: Uuid) -> Result<HashSet<String>, StoreError> {
    async fn words<T: Mapped>(tx: &Tx, id: Uuid) -> Result<Vec<String>, StoreError> {
        let mut select = statement::facts::<T>(&Sight::ALL);
        select.and_where(statement::id_of::<T>().eq(id));
        let Some(row) = tx.query_one(&select).await? else { return Ok(Vec::new()) };
        let found: T = Cells::of(&row)?.fact()?;
        let mut words = found.other_names();
        words.extend([found.name(), found.meta().slug.clone()]);
        Ok(words)
    }
    macro_rules! dispatch {
        ($($fact:ty,)+) => {
            match kind {
                $(<$fact as Fact>::KIND => words::<$fact>(tx, id).await?,)+
                Kind::Official => words::<Official>(tx, id).await?,
                Kind::Programme => words::<Programme>(tx, id).await?,
                Kind::Commitment => words::<Commitment>(tx, id).await?,
                // Nobody refers to an answer.
                Kind::Answer => Vec::new(),
            }
        };
    }
    Ok(for_each_collection!(dispatch).into_iter().collect())
}

/// Takes all references to and from records away.
async fn unlink(tx: &Tx, ids: &[Uuid]) -> Result<(), StoreError> {
    use record::link::Column;
    batch::execute(&**tx, ids, |ids| {
        Query::delete()
            .from_table(record::link::Entity)
            .and_where(among(Column::FromId, ids).or(among(Column::ToId, ids)))
            .take()
    })
    .await?;
    batch::execute(&**tx, ids, |ids| {
        Query::delete().from_table(record::facet::Entity).and_where(among(record::facet::Column::RecordId, ids)).take()
    })
    .await?;
    // Whoever speaks for a city that is not there speaks for nobody.
    let tokens = ("token", "city_id");
    for (table, name) in REFERENCES.iter().chain([&tokens]).filter(|column| !is_needed(column)) {
        let table = Alias::new(*table);
        batch::execute(&**tx, ids, |ids| {
            Query::update()
                .table(table.clone())
                .value(Alias::new(*name).into_iden(), Option::<Uuid>::None)
                .and_where(among(column(&table, name), ids))
                .take()
        })
        .await?;
    }
    Ok(())
}

/// Whether no record of the table can be without a value in the column: those are erased themselves.
fn is_needed((table, name): &(&str, &str)) -> bool {
    NEEDS.iter().any(|(kind, column)| kind.label() == *table && column == name)
}

/// A pattern for what holds a text.
pub(crate) fn contains(text: &str) -> LikeExpr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

/// Takes out of the history what records said, and what the history of others says of them.
async fn forget(tx: &Tx, ids: &[Uuid], wholes: &[Uuid], words: &HashSet<String>) -> Result<(), StoreError> {
    use change::table::{Column, Entity};
    // What is written inside a record is told, word for word, by the history of that.
    batch::execute(&**tx, wholes, |wholes| {
        Query::update()
            .table(Entity)
            .value(Column::Difference, Option::<String>::None)
            .and_where(among(Column::RecordId, wholes))
            .take()
    })
    .await?;
    batch::execute(&**tx, ids, |ids| {
        Query::update()
            .table(Entity)
            .value(Column::Difference, Option::<String>::None)
            .value(Column::Reason, Option::<String>::None)
            .and_where(among(Column::RecordId, ids))
            .take()
    })
    .await?;
    receipt::forget(tx, ids, words).await?;
    for word in words.iter().filter(|word| !word.is_empty()) {
        let pattern = contains(&Json::string(word.as_str()).to_text());
        let select = Query::select()
            .columns([Column::Seq, Column::Difference].map(|column| column.as_column_ref()))
            .from(Entity)
            .and_where(Column::Difference.into_simple_expr().like(pattern))
            .take();
        for row in &tx.query_all(&select).await? {
            let (seq, text): (i64, Option<String>) = (row.try_get("", "seq")?, row.try_get("", "difference")?);
            let corrupt = |what: String| StoreError::Corrupt { kind: "change", id: seq.to_string(), what };
            let Some(Json::Object(mut fields)) = json_option("difference", text.as_deref()).map_err(corrupt)? else {
                continue;
            };
            for (_, values) in fields.iter_mut().filter(|(_, values)| says(values, word)) {
                *values = Json::Array(vec![Json::Null, Json::Null]);
            }
            let update = Query::update()
                .table(Entity)
                .value(Column::Difference, Json::Object(fields).to_text())
                .and_where(Column::Seq.eq(seq))
                .take();
            tx.execute(&update).await?;
        }
    }
    Ok(())
}

/// Leaves of each record that there was one, since when it is gone, and why.
async fn bury(tx: &mut Tx, records: &[(Kind, Uuid)], act: &Act) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = records.iter().map(|(_, id)| *id).collect();
    let audiences = record::audiences(&**tx, &ids).await?;
    let metas = stored_metas::<Official>(&**tx, ids.into_iter()).await?;
    let (mut changes, mut left) = (Vec::new(), Vec::new());
    for (kind, id) in records {
        let Some(old) = metas.get(id) else { continue };
        let seq = tx.next_seq();
        let draft = Draft {
            kind: *kind,
            id: *id,
            version: old.version + 1,
            op: Op::Erased,
            difference: None,
            audience_before: audiences.get(id).cloned(),
            audience_after: Some(ERASED.to_owned()),
        };
        changes.push(draft.numbered(seq, act));
        left.push(record::tombstone(*kind, old, seq, act));
    }
    for Upsert(statement) in upsert(left).into_iter().chain(upsert(changes)) {
        tx.execute(&statement).await?;
    }
    Ok(())
}

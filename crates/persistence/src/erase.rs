//! Erasure for reasons of privacy: the content of records goes, from wherever it is kept; a tombstone without content stays.

use std::collections::{HashMap, HashSet};

use futures_util::future::BoxFuture;
use pomost_domain::exchange::{Fault, FaultSort};
use pomost_domain::id::Kind;
use pomost_domain::viewer::ERASED;
use pomost_domain::{Act, Official, Op, Vocabulary};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoIden, Query};
use uuid::Uuid;

use crate::batch::{self, among};
use crate::change::{self, Draft};
use crate::command::{CommandError, Writer};
use crate::derived::{named_by, refresh_derived};
use crate::error::StoreError;
use crate::forget::{Forgotten, forget_in_history, mark_texts};
use crate::mapped::{Upsert, upsert};
use crate::mapping::table_of;
use crate::receipt;
use crate::record;
use crate::reference::{PARTS, REFERENCES, bump_referring, unsound_faults};
use crate::transaction::Tx;
use crate::unkept;
use crate::write::stored_metas;

impl Writer {
    /// Erases a record, with those that are written inside it, and returns its id.
    ///
    /// # Errors
    /// The record is not there, was changed meanwhile, or others cannot be without it; or the database fails.
    pub fn erase(&mut self, kind: Kind, id: Uuid, expected: u32) -> BoxFuture<'_, Result<Uuid, CommandError>> {
        Box::pin(self.erase_record(kind, id, expected))
    }

    async fn erase_record(&mut self, kind: Kind, id: Uuid, expected: u32) -> Result<Uuid, CommandError> {
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
        let records = with_parts(&self.tx, &[(kind, id)]).await?;
        let forgotten = Forgotten::of(&self.tx, &records).await?;
        // It stands with the tombstone and with all that referred to the record.
        self.act.reason = self.act.reason.take().filter(|reason| !forgotten.mentions.are_in(reason));
        if let Some(key) = &mut self.key {
            key.key = receipt::digest(&key.key);
        }
        let left = erase(&mut self.tx, &records, &forgotten, &self.act).await?;
        let faults = unsound_faults(&self.tx, &left).await?;
        if faults.is_empty() { Ok(id) } else { Err(CommandError::Faults(faults)) }
    }
}

/// Records, and those that are written inside them.
pub(crate) async fn with_parts(tx: &Tx, records: &[(Kind, Uuid)]) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let ids: Vec<Uuid> = records.iter().map(|(_, id)| *id).collect();
    let parts = referring(tx, PARTS, &ids).await?;
    let mut own = HashSet::new();
    Ok(records.iter().copied().chain(parts).filter(|(_, id)| own.insert(*id)).collect())
}

/// Erases records that are there, with their parts, and what is told of them elsewhere. Returns those that referred to them.
pub(crate) async fn erase(
    tx: &mut Tx,
    records: &[(Kind, Uuid)],
    forgotten: &Forgotten,
    act: &Act,
) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let own = &forgotten.ids;
    let ids: Vec<Uuid> = records.iter().map(|(_, id)| *id).collect();
    let named = named_by(tx, &ids).await?;
    let wholes = wholes_of(tx, &ids).await?;
    // As long as it can be told who refers to them.
    let left = bump_referring(tx, &ids, act).await?;
    unlink(tx, &ids).await?;
    let mut tables: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for (kind, id) in records {
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
    forget(tx, &ids, &wholes, forgotten).await?;
    bury(tx, records, act).await?;
    refresh_derived(tx, named.into_iter().filter(|id| !own.contains(id)), act).await?;
    Ok(left)
}

fn column(table: &Alias, name: &str) -> Expr {
    Expr::col((table.clone(), Alias::new(name)))
}

/// The tables in which the facts of a kind are.
fn tables_of(kind: Kind) -> impl Iterator<Item = &'static str> {
    let own = kind.label();
    std::iter::once(own).chain(Some(table_of(kind)).filter(|table| *table != own))
}

/// The columns that no record of their table can be without, but for those of parts.
pub(crate) const NEEDS: &[(Kind, &str)] = &[(Kind::Term, "council_id")];

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

/// Takes out of the history what records said, and what is told of them elsewhere.
async fn forget(tx: &Tx, ids: &[Uuid], wholes: &[Uuid], forgotten: &Forgotten) -> Result<(), StoreError> {
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
    unkept::drop_those_of(tx, ids).await?;
    let patterns = forgotten.patterns();
    receipt::forget(tx, forgotten, &patterns).await?;
    // A mirror has no history of what records said.
    if forgotten.mentions.is_empty() {
        return Ok(());
    }
    forget_in_history(tx, forgotten, &patterns).await?;
    mark_texts(tx, forgotten, &patterns).await
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

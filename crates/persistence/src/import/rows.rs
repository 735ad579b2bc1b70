//! The rows that an import writes.

use std::collections::{HashMap, HashSet};

use chrono::SubsecRound;
use pomost_domain::exchange::{Entry, Exchanged};
use pomost_domain::meta::{Meta, Publication};
use pomost_domain::{Fact, Vocabulary};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{CHUNK, Change, ImportOptions};
use crate::error::StoreError;
use crate::export::{PartVisit, StoredParts};
use crate::mapped::{Mapped, Upsert, upsert};
use crate::record;

/// The rows of a chunk.
#[derive(Default)]
pub(super) struct Rows {
    records: Vec<record::Model>,
    links: Vec<record::link::Model>,
    facets: Vec<record::facet::Model>,
    /// Records whose links and facets are replaced.
    replaced: Vec<Uuid>,
    pub(super) statements: Vec<Upsert>,
}

impl Rows {
    pub(super) fn add<T: Fact>(&mut self, fact: &T) {
        let id = fact.meta().id;
        self.records.push(record::write(fact));
        let facet = |facet: pomost_domain::Facet| record::facet::Model {
            record_id: id,
            name: facet.name.to_owned(),
            value: facet.value,
        };
        self.facets.extend(fact.facets().into_iter().map(facet));
    }

    fn add_entry<T: Exchanged>(&mut self, entry: &Entry<T>) {
        self.add(&entry.fact);
        let from_id = entry.fact.meta().id;
        self.links.extend(entry.links.iter().map(|(relation, position, link)| record::link::Model {
            from_id,
            relation: relation.to_owned(),
            position: i32::try_from(position).unwrap_or(i32::MAX),
            to_id: link.to,
            role: link.role.clone(),
            detail: link.detail.clone(),
        }));
    }

    pub(super) async fn run(self, database: &impl ConnectionTrait) -> Result<(), StoreError> {
        for chunk in self.replaced.chunks(CHUNK) {
            let ids = || chunk.iter().copied();
            let links = Query::delete()
                .from_table(record::link::Entity)
                .and_where(record::link::Column::FromId.is_in(ids()))
                .take();
            let facets = Query::delete()
                .from_table(record::facet::Entity)
                .and_where(record::facet::Column::RecordId.is_in(ids()))
                .take();
            database.execute(&links).await?;
            database.execute(&facets).await?;
        }
        let shared = upsert(self.records).into_iter();
        let indexed = upsert(self.links).into_iter().chain(upsert(self.facets));
        for Upsert(statement) in shared.chain(self.statements).chain(indexed) {
            database.execute(&statement).await?;
        }
        Ok(())
    }
}

/// Gathers what parts share with all records.
struct SaveParts<'a> {
    rows: &'a mut Rows,
    kept: HashSet<Uuid>,
}

impl PartVisit for SaveParts<'_> {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        self.kept.insert(part.fact.meta().id);
        self.rows.add_entry(part);
    }
}

/// Takes records back without deleting them.
async fn withdraw(database: &impl ConnectionTrait, ids: &[Uuid], options: &ImportOptions) -> Result<(), StoreError> {
    for chunk in ids.chunks(CHUNK) {
        let update = Query::update()
            .table(record::Entity)
            .value(record::Column::Publication, Publication::Withdrawn.label())
            .value(record::Column::Version, Expr::col(record::Column::Version).add(1))
            .value(record::Column::UpdatedAt, options.now.trunc_subsecs(6))
            .value(record::Column::UpdatedBy, options.by.as_str())
            .and_where(record::Column::Id.is_in(chunk.iter().copied()))
            .take();
        database.execute(&update).await?;
    }
    Ok(())
}

pub(super) async fn write<T: Exchanged + Mapped>(
    database: &DatabaseTransaction,
    changes: &mut [Change<T>],
    options: &ImportOptions,
) -> Result<(), StoreError>
where
    T::Parts: StoredParts,
{
    let mut rows = Rows::default();
    let mut withdrawn = Vec::new();
    let facts: Vec<&T> = changes.iter().map(|change| &change.entry.fact).collect();
    rows.statements.extend(T::save(&facts));
    rows.statements.extend(T::Parts::save(changes.iter().map(|change| &change.entry.parts)));
    for Change { entry, old } in changes {
        rows.add_entry(entry);
        let mut parts = SaveParts { rows: &mut rows, kept: HashSet::new() };
        entry.parts.each(&mut parts);
        let kept = parts.kept;
        if let Some(old) = old {
            rows.replaced.push(old.fact.meta().id);
            let mut before = HashMap::new();
            old.parts.each(&mut Collect(&mut before));
            rows.replaced.extend(before.keys());
            // A promise that a letter no longer lists is taken back, not deleted.
            withdrawn.extend(before.into_keys().filter(|id| !kept.contains(id)));
        }
    }
    // First, because another letter of the file may make the same promise.
    withdraw(database, &withdrawn, options).await?;
    rows.run(database).await
}

/// The stored parts of a record, by id.
pub(super) struct Collect<'a>(pub(super) &'a mut HashMap<Uuid, Meta>);

impl PartVisit for Collect<'_> {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        let meta = part.fact.meta().clone();
        self.0.insert(meta.id, meta);
    }
}

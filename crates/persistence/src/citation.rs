//! Citations: references to records of any type, each in a version.

use std::collections::HashMap;

use pomost_domain::answer::{Answer, CITATIONS, Cited};
use pomost_domain::id::Kind;
use pomost_domain::{Id, Vocabulary};
use sea_orm::sea_query::{ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, IntoSimpleExpr};
use uuid::Uuid;

use crate::asked::Asked;
use crate::batch::{self, among};
use crate::error::StoreError;
use crate::record::{self, link};
use crate::store::Store;
use crate::table::{Cells, Table};

/// A record that an answer cites.
#[derive(Clone, Debug, PartialEq)]
pub struct Citation {
    /// Its kind.
    pub kind: Kind,
    /// The record.
    pub id: Uuid,
    /// In which version, and which words.
    pub cited: Cited,
}

impl Store {
    /// What answers cite, as far as it is seen, each list in its order. One statement per 500 answers.
    ///
    /// # Errors
    /// The database fails.
    pub async fn citations(&self, answers: &[Id<Answer>]) -> Result<HashMap<Id<Answer>, Vec<Citation>>, StoreError> {
        let mut found: HashMap<Id<Answer>, Vec<Citation>> = answers.iter().map(|id| (*id, Vec::new())).collect();
        let raw: Vec<Uuid> = answers.iter().map(|id| id.raw()).collect();
        let rows = batch::rows(&self.read, &raw, |answers| {
            let mut select = Query::select();
            link::Row::select(&mut select, Asked::ALL);
            select
                .column(record::Column::Kind.as_column_ref())
                .from(link::Entity)
                .inner_join(
                    record::Entity,
                    record::Column::Id.into_simple_expr().equals(link::Column::ToId.as_column_ref()),
                )
                .cond_where(record::seen(&self.sight))
                .and_where(among(link::Column::FromId, answers))
                .and_where(link::Column::Relation.eq(CITATIONS))
                .order_by(link::Column::FromId.as_column_ref(), Order::Asc)
                .order_by(link::Column::Position.as_column_ref(), Order::Asc)
                .take()
        });
        for row in &rows.await? {
            let mut cells = Cells::of(row)?;
            let link: link::Row = cells.table()?;
            let Some(kind) = Kind::from_label(cells.next()?) else { continue };
            let cited = link.detail.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
            found.entry(Id::new(link.from_id)).or_default().push(Citation { kind, id: link.to_id, cited });
        }
        Ok(found)
    }

    /// The versions of records by kind and slug, as far as they are seen. One statement per kind and 500
    /// slugs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn versions(&self, records: &[(Kind, String)]) -> Result<HashMap<(Kind, String), u32>, StoreError> {
        use record::Column;
        let mut slugs: HashMap<Kind, Vec<&str>> = HashMap::new();
        for (kind, slug) in records {
            slugs.entry(*kind).or_default().push(slug);
        }
        let mut found = HashMap::new();
        for (kind, slugs) in slugs {
            let rows = batch::rows(&self.read, &slugs, |slugs| {
                Query::select()
                    .columns([Column::Slug, Column::Version].map(|column| column.as_column_ref()))
                    .from(record::Entity)
                    .cond_where(record::seen(&self.sight))
                    .and_where(Column::Kind.eq(kind.label()))
                    .and_where(among(Column::Slug, slugs))
                    .take()
            });
            for row in &rows.await? {
                let version: i32 = row.try_get("", "version")?;
                found.insert((kind, row.try_get("", "slug")?), u32::try_from(version).unwrap_or(0));
            }
        }
        Ok(found)
    }
}

//! Puts what an older program stored into the form by which this one looks for it: names are folded by the rule of now, and
//! what is found to the letter is in NFC.
//!
//! It belongs to the migrations, and changes nothing that a reader is shown: no version, no row of the feed.

use std::borrow::Cow;

use pomost_domain::characters::nfc;
use pomost_domain::{Answer, Commitment, Official, Programme, Sight, fold, for_each_collection};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, TransactionTrait};
use sea_orm_migration::SchemaManagerConnection;
use uuid::Uuid;

use crate::batch::BATCH;
use crate::data_version;
use crate::error::StoreError;
use crate::mapped::{Mapped, Upsert, upsert};
use crate::mapping::Mapping;
use crate::record;
use crate::statement;
use crate::table::facts;

/// The columns by which records are found to the letter, with the keys of their tables.
const SOUGHT: &[(&str, &str)] = &[
    ("record", "slug"),
    ("city", "kind"),
    ("organization", "kind"),
    ("official", "office"),
    ("resolution", "number"),
    ("agreement", "kind"),
    ("project", "series"),
    ("project", "fund"),
    ("project", "registration_number"),
    ("activity", "form"),
    ("interpellation", "kind"),
    ("document", "kind"),
];

/// Folds all names by the rule of this program, in one transaction, and puts what is looked for to the letter into NFC.
pub(crate) async fn refold(connection: &SchemaManagerConnection<'_>) -> Result<(), StoreError> {
    let transaction = connection.begin().await?;
    for (table, column) in SOUGHT {
        compose(&transaction, table, column).await?;
    }
    compose_facets(&transaction).await?;
    macro_rules! kinds {
        ($($fact:ty,)+) => {$(
            Box::pin(refold_all::<$fact>(&transaction)).await?;
        )+};
    }
    for_each_collection!(kinds);
    Box::pin(refold_all::<Official>(&transaction)).await?;
    Box::pin(refold_all::<Programme>(&transaction)).await?;
    Box::pin(refold_all::<Commitment>(&transaction)).await?;
    Box::pin(refold_all::<Answer>(&transaction)).await?;
    data_version::set_folding(&transaction, fold::VERSION).await?;
    transaction.commit().await?;
    Ok(())
}

async fn refold_all<T: Mapped>(database: &impl ConnectionTrait) -> Result<(), StoreError> {
    let mut after: Option<Uuid> = None;
    loop {
        let mut select = statement::facts(Mapping::of::<T>(), &Sight::ALL);
        select.and_where_option(after.map(|after| Mapping::of::<T>().id().gt(after)));
        select.order_by((Alias::new(T::TABLE), Alias::new("id")), Order::Asc).limit(BATCH as u64);
        let portion: Vec<T> = facts(&database.query_all(&select).await?)?;
        let Some(last) = portion.last() else { return Ok(()) };
        after = Some(last.meta().id);
        for fact in &portion {
            let row = record::write(fact);
            let update = Query::update()
                .table(record::Entity)
                .value(record::Column::SortText, row.sort_text.as_str())
                .value(record::Column::SearchText, row.search_text.as_str())
                .and_where(record::Column::Id.eq(row.id))
                .and_where(
                    record::Column::SearchText
                        .ne(row.search_text.as_str())
                        .or(record::Column::SortText.ne(row.sort_text.as_str())),
                )
                .take();
            database.execute(&update).await?;
        }
    }
}

/// Puts a column into NFC. Of two slugs that become one, the second stays as it is.
async fn compose(database: &impl ConnectionTrait, table: &str, column: &str) -> Result<(), StoreError> {
    let (id, text) = (Alias::new("id"), Alias::new(column));
    let select = Query::select()
        .columns([id.clone(), text.clone()])
        .from(Alias::new(table))
        .and_where(Expr::col(text.clone()).is_not_null())
        .take();
    let rows = database.query_all(&select).await?;
    let rows: Vec<(Uuid, String)> =
        rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", column)?))).collect::<Result<_, DbErr>>()?;
    for (found, stored) in rows {
        let Cow::Owned(composed) = nfc(&stored) else { continue };
        let mut update = Query::update();
        update
            .table(Alias::new(table))
            .value(text.clone(), composed.as_str())
            .and_where(Expr::col(id.clone()).eq(found));
        if table == "record" {
            let taken = Query::select()
                .column(record::Column::Kind.as_column_ref())
                .from(record::Entity)
                .and_where(record::Column::Slug.eq(composed.as_str()))
                .take();
            update.and_where(Expr::col(Alias::new("kind")).not_in_subquery(taken));
        }
        database.execute(&update).await?;
    }
    Ok(())
}

async fn compose_facets(database: &impl ConnectionTrait) -> Result<(), StoreError> {
    use record::facet::Column;
    let select = Query::select()
        .columns([Column::RecordId, Column::Name, Column::Value].map(|column| column.as_column_ref()))
        .from(record::facet::Entity)
        .take();
    let mut composed = Vec::new();
    for row in &database.query_all(&select).await? {
        let model = record::facet::Model {
            record_id: row.try_get("", "record_id")?,
            name: row.try_get("", "name")?,
            value: row.try_get("", "value")?,
        };
        if let Cow::Owned(value) = nfc(&model.value) {
            let delete = Query::delete()
                .from_table(record::facet::Entity)
                .and_where(Column::RecordId.eq(model.record_id))
                .and_where(Column::Name.eq(model.name.as_str()))
                .and_where(Column::Value.eq(model.value.as_str()))
                .take();
            database.execute(&delete).await?;
            composed.push(record::facet::Model { value, ..model });
        }
    }
    for Upsert(statement) in upsert(composed) {
        database.execute(&statement).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::{Mode, Settings};
    use crate::store::Store;

    #[tokio::test]
    async fn a_database_is_folded_anew_when_its_rule_is_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(format!("sqlite://{}", folder.path().join("pomost.db").display()));
        let store = Store::open(&settings, Mode::Create).await.unwrap();
        store.migrate_up().await.unwrap();
        assert_eq!(data_version::folding(&store.write).await.unwrap(), fold::VERSION);
        store.write.execute_unprepared("UPDATE data_version SET folding = 1").await.unwrap();
        assert_eq!(store.migration_state().await.unwrap().pending(), 1);
        assert_eq!(store.migrate_up().await.unwrap(), 1);
        assert_eq!(data_version::folding(&store.write).await.unwrap(), fold::VERSION);
        assert_eq!(store.migrate_up().await.unwrap(), 0);
    }
}

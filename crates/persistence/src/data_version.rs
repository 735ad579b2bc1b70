//! The number of the last change. It is the version of all data: as long as it stays the same, so does every answer.

use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction};

use crate::error::StoreError;

const TABLE: &str = "data_version";
const VERSION: &str = "version";

/// The version that is committed. One statement.
pub(crate) async fn read(database: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let select = Query::select().column(Alias::new(VERSION)).from(Alias::new(TABLE)).take();
    let row = database.query_one(&select).await?;
    let missing = || StoreError::Corrupt { kind: TABLE, id: VERSION.to_owned(), what: "it has no row".to_owned() };
    Ok(row.ok_or_else(missing)?.try_get("", VERSION)?)
}

/// The version that is committed, kept from all other writers until the end of the transaction.
pub(crate) async fn lock(transaction: &DatabaseTransaction, backend: DatabaseBackend) -> Result<i64, StoreError> {
    if backend == DatabaseBackend::Postgres {
        transaction.execute_unprepared("SELECT version FROM data_version FOR UPDATE").await?;
    }
    read(transaction).await
}

/// Sets the version that will be committed.
pub(crate) async fn set(transaction: &DatabaseTransaction, version: i64) -> Result<(), StoreError> {
    let update = Query::update().table(Alias::new(TABLE)).value(Alias::new(VERSION), version).take();
    transaction.execute(&update).await?;
    Ok(())
}

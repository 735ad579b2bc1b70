//! The number of the last change. It is the version of all data: as long as it stays the same, so does every answer. Beside
//! it stands where the data comes from, if the registry is a mirror of another.

use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction};

use crate::error::StoreError;

const TABLE: &str = "data_version";
const VERSION: &str = "version";
const MIRROR_OF: &str = "mirror_of";

/// The version that is committed. One statement.
pub(crate) async fn read(database: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let select = Query::select().column(Alias::new(VERSION)).from(Alias::new(TABLE)).take();
    let row = database.query_one(&select).await?;
    Ok(row.ok_or_else(missing)?.try_get("", VERSION)?)
}

fn missing() -> StoreError {
    StoreError::Corrupt { kind: TABLE, id: VERSION.to_owned(), what: "it has no row".to_owned() }
}

/// The version that is committed, kept from all other writers until the end of the transaction; and the registry of which
/// this one is a mirror.
pub(crate) async fn lock(
    transaction: &DatabaseTransaction,
    backend: DatabaseBackend,
) -> Result<(i64, Option<String>), StoreError> {
    if backend == DatabaseBackend::Postgres {
        transaction.execute_unprepared("SELECT version FROM data_version FOR UPDATE").await?;
    }
    let select = Query::select().columns([VERSION, MIRROR_OF].map(Alias::new)).from(Alias::new(TABLE)).take();
    let row = transaction.query_one(&select).await?.ok_or_else(missing)?;
    Ok((row.try_get("", VERSION)?, row.try_get("", MIRROR_OF)?))
}

/// The registry of which this one is a mirror. One statement.
pub(crate) async fn mirror_of(database: &impl ConnectionTrait) -> Result<Option<String>, StoreError> {
    let select = Query::select().column(Alias::new(MIRROR_OF)).from(Alias::new(TABLE)).take();
    Ok(database.query_one(&select).await?.map(|row| row.try_get("", MIRROR_OF)).transpose()?.flatten())
}

/// Makes the registry a mirror of another.
pub(crate) async fn set_mirror_of(transaction: &DatabaseTransaction, source: &str) -> Result<(), StoreError> {
    let update = Query::update().table(Alias::new(TABLE)).value(Alias::new(MIRROR_OF), source).take();
    transaction.execute(&update).await?;
    Ok(())
}

/// Sets the version that will be committed.
pub(crate) async fn set(transaction: &DatabaseTransaction, version: i64) -> Result<(), StoreError> {
    let update = Query::update().table(Alias::new(TABLE)).value(Alias::new(VERSION), version).take();
    transaction.execute(&update).await?;
    Ok(())
}

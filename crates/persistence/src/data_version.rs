//! How often the data has been written. Every transaction that changes a record advances it.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

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

/// The version that will be committed. Writers wait here for each other until the end of their transactions.
pub(crate) async fn advance(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    let next = Expr::col(Alias::new(VERSION)).add(1);
    let update = Query::update().table(Alias::new(TABLE)).value(Alias::new(VERSION), next).take();
    transaction.execute(&update).await?;
    Ok(())
}

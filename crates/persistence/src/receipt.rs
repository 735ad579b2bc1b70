//! Receipts of commands, by which a repeated one is known.

use chrono::Duration;
use pomost_domain::Act;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::change::instant;
use crate::command::IdempotencyKey;
use crate::error::StoreError;
use crate::mapped::{json, to_json};
use crate::transaction::Tx;

/// How many days a receipt is kept.
pub(crate) const DAYS: i64 = 30;

fn column(name: &str) -> Expr {
    Expr::col((Alias::new("receipt"), Alias::new(name.to_owned())))
}

/// What was asked for under a key, and the answer. One statement.
pub(crate) async fn find<A: DeserializeOwned>(tx: &Tx, by: &str, key: &str) -> Result<Option<(String, A)>, StoreError> {
    let select = Query::select()
        .expr(column("request"))
        .expr(column("answer"))
        .from(Alias::new("receipt"))
        .and_where(column("made_by").eq(by))
        .and_where(column("idempotency_key").eq(key))
        .take();
    let Some(row) = tx.query_one(&select).await? else { return Ok(None) };
    let answer: String = row.try_get("", "answer")?;
    let answer =
        json("answer", &answer).map_err(|what| StoreError::Corrupt { kind: "receipt", id: key.to_owned(), what })?;
    Ok(Some((row.try_get("", "request")?, answer)))
}

/// Keeps a receipt, and drops those that are too old. Two statements.
pub(crate) async fn keep<A: Serialize>(tx: &Tx, act: &Act, key: &IdempotencyKey, answer: &A) -> Result<(), StoreError> {
    let old = Query::delete()
        .from_table(Alias::new("receipt"))
        .and_where(column("made_at").lt(instant(act.at - Duration::days(DAYS))))
        .take();
    tx.execute(&old).await?;
    let insert = Query::insert()
        .into_table(Alias::new("receipt"))
        .columns(["made_by", "idempotency_key", "request", "made_at", "answer"].map(Alias::new))
        .values_panic([
            Expr::val(act.by.as_str()),
            Expr::val(key.key.as_str()),
            Expr::val(key.request.as_str()),
            Expr::val(instant(act.at)),
            Expr::val(to_json(answer)),
        ])
        .take();
    tx.execute(&insert).await?;
    Ok(())
}

//! Receipts of commands, by which a repeated one is known.

use std::fmt::Write;

use chrono::Duration;
use pomost_domain::Act;
use pomost_domain::exchange::Json;
use pomost_domain::mention::Mentions;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::change::instant;
use crate::command::IdempotencyKey;
use crate::error::StoreError;
use crate::forget::{Forgotten, portions, told};
use crate::mapped::{json, to_json};
use crate::transaction::Tx;

/// How many days a receipt is kept.
pub(crate) const DAYS: i64 = 30;

fn column(name: &str) -> Expr {
    Expr::col((Alias::new("receipt"), Alias::new(name.to_owned())))
}

/// The digest of a key, which stands in its place where a record was erased: clients make keys from names.
pub(crate) fn digest(key: &str) -> String {
    let bytes = Sha256::digest(key);
    let mut text = String::with_capacity(64);
    for byte in bytes {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What was asked for under a key, and the answer. One statement.
pub(crate) async fn find<A: DeserializeOwned>(tx: &Tx, by: &str, key: &str) -> Result<Option<(String, A)>, StoreError> {
    let select = Query::select()
        .expr(column("request"))
        .expr(column("answer"))
        .from(Alias::new("receipt"))
        .and_where(column("made_by").eq(by))
        .and_where(column("idempotency_key").is_in([key, &digest(key)]))
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

/// Takes what is told of erased records out of receipts: the details of imports that tell of them, and keys that clients made of
/// them. The receipts stay, so that no retry is done again.
pub(crate) async fn forget(tx: &Tx, forgotten: &Forgotten, patterns: &[String]) -> Result<(), StoreError> {
    let any = Query::select().expr(column("made_by")).from(Alias::new("receipt")).limit(1).take();
    if tx.query_one(&any).await?.is_none() {
        return Ok(());
    }
    let ids: Vec<String> = forgotten.ids.iter().map(Uuid::to_string).collect();
    let patterns: Vec<String> = patterns.iter().cloned().chain(forgotten.ids_as_patterns()).collect();
    for some in portions(&patterns) {
        let select = Query::select()
            .exprs(["made_by", "idempotency_key", "answer"].map(column))
            .from(Alias::new("receipt"))
            .cond_where(told(["answer", "idempotency_key"].map(column), some))
            .take();
        for row in &tx.query_all(&select).await? {
            let (by, key): (String, String) = (row.try_get("", "made_by")?, row.try_get("", "idempotency_key")?);
            let text: String = row.try_get("", "answer")?;
            let corrupt = |what: String| StoreError::Corrupt { kind: "receipt", id: key.clone(), what };
            let mut answer: Json = json("answer", &text).map_err(corrupt)?;
            let is_told = tells_of(&answer, &ids, &forgotten.mentions);
            if !is_told && !forgotten.mentions.are_in_key(&key) {
                continue;
            }
            if let Json::Object(members) = &mut answer
                && is_told
            {
                for (_, details) in members.iter_mut().filter(|(name, _)| DETAILS.contains(&name.as_str())) {
                    *details = Json::Array(Vec::new());
                }
            }
            let is_digest = key.len() == 64 && key.chars().all(|c| c.is_ascii_hexdigit());
            let update = Query::update()
                .table(Alias::new("receipt"))
                .value(Alias::new("idempotency_key"), if is_digest { key.clone() } else { digest(&key) })
                .value(Alias::new("answer"), if is_told { answer.to_text() } else { text })
                .and_where(column("made_by").eq(by))
                .and_where(column("idempotency_key").eq(key))
                .take();
            tx.execute(&update).await?;
        }
    }
    Ok(())
}

/// The members of the outcome of an import that tell of single records.
const DETAILS: [&str; 5] = ["updates", "replaced", "warnings", "faults", "records"];

/// Whether an answer is about one of these records, or the details of an import mention one.
fn tells_of(answer: &Json, ids: &[String], mentions: &Mentions) -> bool {
    let is_about = |json: &Json| json.as_str().is_some_and(|id| ids.iter().any(|own| own == id));
    if answer.get("id").is_some_and(is_about) {
        return true;
    }
    let details = DETAILS.iter().filter_map(|name| answer.get(name));
    details.into_iter().any(|json| any_text(json, &|text| ids.iter().any(|id| id == text) || mentions.are_in(text)))
}

fn any_text(json: &Json, test: &impl Fn(&str) -> bool) -> bool {
    match json {
        Json::String(text) => test(text),
        Json::Array(items) => items.iter().any(|item| any_text(item, test)),
        Json::Object(members) => {
            // A place in a file and the sort of a mistake tell nothing of the record.
            let is_code = |name: &str, value: &Json| {
                name == "sort" || (name == "pointer" && value.as_str().is_some_and(is_place))
            };
            members.iter().any(|(name, value)| !is_code(name, value) && any_text(value, test))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Whether a pointer leads to a record by its number.
fn is_place(pointer: &str) -> bool {
    pointer.split('/').nth(2).is_some_and(|place| place.parse::<usize>().is_ok())
}

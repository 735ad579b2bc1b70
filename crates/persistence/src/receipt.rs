//! Receipts of commands, by which a repeated one is known.

use std::collections::HashSet;
use std::fmt::Write;

use chrono::Duration;
use pomost_domain::Act;
use pomost_domain::exchange::Json;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::change::instant;
use crate::command::IdempotencyKey;
use crate::erase::contains;
use crate::error::StoreError;
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

/// How many receipts are looked for in one statement.
const SOUGHT: usize = 100;

/// Takes what is told of erased records out of receipts: the details of imports that these ids or texts stand in, and the keys
/// that clients chose. The receipts stay, so that no retry is done again.
pub(crate) async fn forget(tx: &Tx, ids: &[Uuid], words: &HashSet<String>) -> Result<(), StoreError> {
    let any = Query::select().expr(column("made_by")).from(Alias::new("receipt")).limit(1).take();
    if tx.query_one(&any).await?.is_none() {
        return Ok(());
    }
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    let patterns: Vec<&str> = ids.iter().map(String::as_str).chain(words.iter().copied()).collect();
    for chunk in patterns.chunks(SOUGHT) {
        let told = chunk.iter().fold(Condition::any(), |told, text| {
            // As it stands in JSON, without its quotation marks.
            let text = Json::string(*text).to_text();
            told.add(column("answer").like(contains(&text[1..text.len() - 1])))
        });
        let select = Query::select()
            .exprs(["made_by", "idempotency_key", "answer"].map(column))
            .from(Alias::new("receipt"))
            .cond_where(told)
            .take();
        for row in &tx.query_all(&select).await? {
            let (by, key): (String, String) = (row.try_get("", "made_by")?, row.try_get("", "idempotency_key")?);
            let answer: String = row.try_get("", "answer")?;
            let corrupt = |what: String| StoreError::Corrupt { kind: "receipt", id: key.clone(), what };
            let mut answer: Json = json("answer", &answer).map_err(corrupt)?;
            if !tells_of(&answer, &ids, &words) {
                continue;
            }
            if let Json::Object(members) = &mut answer {
                for (_, details) in members.iter_mut().filter(|(name, _)| DETAILS.contains(&name.as_str())) {
                    *details = Json::Array(Vec::new());
                }
            }
            let is_digest = key.len() == 64 && key.chars().all(|c| c.is_ascii_hexdigit());
            let update = Query::update()
                .table(Alias::new("receipt"))
                .value(Alias::new("idempotency_key"), if is_digest { key.clone() } else { digest(&key) })
                .value(Alias::new("answer"), answer.to_text())
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

/// Whether an answer is about one of these records, or the details of an import name one of these texts.
fn tells_of(answer: &Json, ids: &[String], words: &[&str]) -> bool {
    let is_about = |json: &Json| json.as_str().is_some_and(|id| ids.iter().any(|own| own == id));
    if answer.get("id").is_some_and(is_about) {
        return true;
    }
    let details = DETAILS.iter().filter_map(|name| answer.get(name));
    details.into_iter().any(|json| {
        any_text(json, &|text| ids.iter().any(|id| id == text) || words.iter().any(|word| names(text, word)))
    })
}

fn any_text(json: &Json, test: &impl Fn(&str) -> bool) -> bool {
    match json {
        Json::String(text) => test(text),
        Json::Array(items) => items.iter().any(|item| any_text(item, test)),
        Json::Object(members) => {
            // A place in a file tells nothing of the record.
            let is_place = |name: &str, value: &Json| name == "pointer" && value.as_str().is_some_and(is_place);
            members.iter().any(|(name, value)| !is_place(name, value) && any_text(value, test))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Whether a pointer leads to a record by its number.
fn is_place(pointer: &str) -> bool {
    pointer.split('/').nth(2).is_some_and(|place| place.parse::<usize>().is_ok())
}

/// Whether a word stands in a text, and not as a part of another one.
fn names(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    text.match_indices(word)
        .any(|(at, _)| !is_part(text[..at].chars().next_back()) && !is_part(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_named_where_it_stands_by_itself() {
        for text in ["cities/ann: website", "there is no city with the slug \"ann\": add it", "ann", "(ann)."] {
            assert!(names(text, "ann"), "{text}");
        }
        for text in ["cities/anna: website", "joann", "ann-arbor", "x_ann", ""] {
            assert!(!names(text, "ann"), "{text}");
        }
    }
}

//! Fields whose texts name a record that was erased. The erasure does not change them; when they are corrected, what they said
//! does not go into the history.

use std::collections::{HashMap, HashSet};

use pomost_domain::exchange::{Json, texts};
use pomost_domain::mention::{runs, words_of};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait};
use uuid::Uuid;

use crate::batch::{self, among};
use crate::error::StoreError;
use crate::mapped::{Upsert, upsert};
use crate::receipt::digest;
use crate::table::Cells;
use crate::transaction::Tx;

crate::table::table! {
    /// The table `unkept`.
    mod table = "unkept";
    key { record_id: Uuid, field: String, digest: String }
    read { words: i32 }
}

use table::{Column, Entity};

/// A name that stands in a field.
pub(crate) struct Mark(table::Model);

impl Mark {
    /// A folded name. It can be told later whether a text still has it.
    pub(crate) fn of(record_id: Uuid, field: &str, phrase: &str) -> Self {
        let words = words_of(phrase).and_then(|words| i32::try_from(words).ok()).unwrap_or(0);
        Self(table::Model { record_id, field: field.to_owned(), digest: digest(phrase), words })
    }

    /// What cannot be told later: the history of the field stays without texts.
    pub(crate) fn lasting(record_id: Uuid, field: &str) -> Self {
        Self(table::Model { record_id, field: field.to_owned(), digest: String::new(), words: 0 })
    }
}

/// Keeps marks.
pub(crate) async fn add(tx: &Tx, marks: Vec<Mark>) -> Result<(), StoreError> {
    let mut once = HashSet::new();
    let marks = marks.into_iter().map(|Mark(mark)| mark);
    let marks: Vec<_> =
        marks.filter(|mark| once.insert((mark.record_id, mark.field.clone(), mark.digest.clone()))).collect();
    for Upsert(statement) in upsert(marks) {
        tx.execute(&statement).await?;
    }
    Ok(())
}

/// Forgets the marks of records that are gone.
pub(crate) async fn drop_those_of(tx: &Tx, ids: &[Uuid]) -> Result<(), StoreError> {
    batch::execute(&**tx, ids, |ids| Query::delete().from_table(Entity).and_where(among(Column::RecordId, ids)).take())
        .await?;
    Ok(())
}

/// Takes out of the differences of records what is not to be kept. A mark goes with the name.
pub(crate) async fn hide(tx: &Tx, differences: &mut [(Uuid, &mut Json)]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = differences.iter().map(|(id, _)| *id).collect();
    let rows = batch::rows(&**tx, &ids, |ids| {
        let mut select = Query::select();
        <table::Row as crate::table::Table>::select(&mut select, crate::asked::Asked::ALL);
        select.from(Entity).and_where(among(Column::RecordId, ids)).take()
    });
    let mut marks: HashMap<(Uuid, String), Vec<(String, i32)>> = HashMap::new();
    for row in &rows.await? {
        let table::Row { record_id, field, digest, words } = Cells::of(row)?.table()?;
        marks.entry((record_id, field)).or_default().push((digest, words));
    }
    if marks.is_empty() {
        return Ok(());
    }
    for (id, difference) in differences {
        let Json::Object(fields) = &mut **difference else { continue };
        for (field, values) in fields {
            let (Some(marks), Json::Array(pair)) = (marks.get(&(*id, field.clone())), values) else { continue };
            let mut stays = false;
            for (digest, words) in marks {
                if pair.get(1).is_some_and(|after| has(after, digest, *words)) {
                    stays = true;
                    continue;
                }
                let delete = Query::delete()
                    .from_table(Entity)
                    .and_where(Column::RecordId.eq(*id))
                    .and_where(Column::Field.eq(field.as_str()))
                    .and_where(Column::Digest.eq(digest.as_str()))
                    .take();
                tx.execute(&delete).await?;
            }
            let hidden = if stays { pair.len() } else { 1 };
            pair.iter_mut().take(hidden).for_each(|value| *value = Json::Null);
        }
    }
    Ok(())
}

/// Whether a value may hold the name of which there is a digest.
fn has(value: &Json, sought: &str, words: i32) -> bool {
    let words = usize::try_from(words).unwrap_or(0);
    let mut found = false;
    texts(None, value, &mut |text| {
        found = found || words == 0 || runs(text, words).iter().any(|run| digest(run) == sought);
    });
    found
}

//! What is told of erased records outside of them: in the history and the reasons of others, in receipts, and in texts that stand
//! now and would go into the history later.

use std::collections::{HashMap, HashSet};

use pomost_domain::exchange::{self, Exchanged, Json, Reading, texts};
use pomost_domain::id::Kind;
use pomost_domain::mention::Mentions;
use pomost_domain::{Answer, Commitment, Fact, Official, Programme, Sight, Vocabulary, fold, for_each_collection};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Func, LikeExpr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, IntoSimpleExpr, Statement};
use uuid::Uuid;

use crate::batch::{self, among};
use crate::change::table::{Column, Entity};
use crate::error::StoreError;
use crate::mapped::{Mapped, json_option};
use crate::part::StoredParts;
use crate::portable::{by_ids, portable};
use crate::record;
use crate::reference::PARTS;
use crate::transaction::Tx;
use crate::unkept::{self, Mark};

/// Records that are erased, and all that they are and were called.
pub(crate) struct Forgotten {
    pub(crate) ids: HashSet<Uuid>,
    slugs: HashSet<(Kind, String)>,
    pub(crate) mentions: Mentions,
}

impl Forgotten {
    /// Records of which nothing is told outside of them.
    pub(crate) fn untold(records: &[(Kind, Uuid)]) -> Self {
        let ids = records.iter().map(|(_, id)| *id).collect();
        Self { ids, slugs: HashSet::new(), mentions: Mentions::default() }
    }

    /// What records are called, and were called before, as their own history tells.
    pub(crate) async fn of(tx: &Tx, records: &[(Kind, Uuid)]) -> Result<Self, StoreError> {
        let (mut names, mut slugs) = (Vec::new(), HashSet::new());
        macro_rules! kinds {
            ($($fact:ty,)+) => {$(
                Box::pin(called::<$fact>(tx, records, &mut names, &mut slugs)).await?;
                Box::pin(formerly::<$fact>(tx, records, &mut names)).await?;
            )+};
        }
        for_each_collection!(kinds);
        Box::pin(called::<Official>(tx, records, &mut names, &mut slugs)).await?;
        Box::pin(called::<Programme>(tx, records, &mut names, &mut slugs)).await?;
        Box::pin(called::<Answer>(tx, records, &mut names, &mut slugs)).await?;
        Box::pin(called::<Commitment>(tx, records, &mut names, &mut slugs)).await?;
        let ids = records.iter().map(|(_, id)| *id).collect();
        let mentions = Mentions::new(names, slugs.iter().map(|(_, slug)| slug.clone()));
        Ok(Self { ids, slugs, mentions })
    }

    /// Patterns that find, among others, all texts that mention the records. What another pattern finds as well is left out: each
    /// costs a look at all texts.
    pub(crate) fn patterns(&self) -> Vec<String> {
        let words = self.mentions.phrases().iter().chain(self.mentions.written()).chain(self.mentions.slugs());
        let mut all: Vec<String> = words.flat_map(|word| spelled(word)).collect();
        all.sort_by_key(String::len);
        let mut patterns: Vec<String> = Vec::new();
        for pattern in all {
            if !patterns.iter().any(|known| pattern.contains(known.trim_matches('%'))) {
                patterns.push(pattern);
            }
        }
        patterns
    }

    /// Patterns that find the ids of the records.
    pub(crate) fn ids_as_patterns(&self) -> impl Iterator<Item = String> {
        self.ids.iter().map(|id| loose(&id.to_string()))
    }

    /// Whether the value of a field refers to one of the records, or mentions it.
    fn are_in(&self, form: &FormOf, field: &str, value: &Json) -> bool {
        // What the history adds to the fields of the record.
        if field == "publication" || *value == Json::Null {
            return false;
        }
        let mut found = false;
        texts(form.field(field), value, &mut |text| found = found || self.mentions.are_in(text));
        found || (form.refers)(self, field, value)
    }
}

/// The names and slugs of records. What they share with many others, such as an office or a number, is no name.
async fn called<T: Mapped>(
    tx: &Tx,
    records: &[(Kind, Uuid)],
    names: &mut Vec<String>,
    slugs: &mut HashSet<(Kind, String)>,
) -> Result<(), StoreError> {
    for fact in by_ids::<T>(&**tx, &of_kind::<T>(records), &Sight::ALL).await? {
        slugs.insert((T::KIND, fact.meta().slug.clone()));
        names.extend(names_of(&fact));
    }
    Ok(())
}

fn of_kind<T: Fact>(records: &[(Kind, Uuid)]) -> Vec<Uuid> {
    records.iter().filter(|(kind, _)| *kind == T::KIND).map(|(_, id)| *id).collect()
}

fn names_of<T: Fact>(fact: &T) -> Vec<String> {
    match T::KIND {
        // Their name is all that they say, a number, or a slug.
        Kind::Answer | Kind::Commitment | Kind::Term => Vec::new(),
        Kind::Official | Kind::Resolution => vec![fact.name()],
        _ => std::iter::once(fact.name()).chain(fact.other_names()).collect(),
    }
}

/// The names that records had before, by their histories.
async fn formerly<T: Exchanged>(tx: &Tx, records: &[(Kind, Uuid)], names: &mut Vec<String>) -> Result<(), StoreError> {
    let ids = of_kind::<T>(records);
    let rows = batch::rows(&**tx, &ids, |ids| {
        Query::select()
            .columns([Column::Seq, Column::Difference].map(|column| column.as_column_ref()))
            .from(Entity)
            .and_where(among(Column::RecordId, ids))
            .and_where(Column::Difference.is_not_null())
            .take()
    });
    for row in &rows.await? {
        let Some(fields) = difference(row)? else { continue };
        for side in 0..2 {
            let told = fields.iter().filter_map(|(field, values)| match values {
                Json::Array(pair) => Some((field.clone(), pair.get(side).filter(|json| **json != Json::Null)?.clone())),
                _ => None,
            });
            let form = Json::Object(told.collect());
            names.extend(names_of(&exchange::read::<T>(form, String::new(), &mut Reading::default()).fact));
        }
    }
    Ok(())
}

/// The fields of a change; `None`: they are not kept.
fn difference(row: &sea_orm::QueryResult) -> Result<Option<Vec<(String, Json)>>, StoreError> {
    let (seq, text): (i64, Option<String>) = (row.try_get("", "seq")?, row.try_get("", "difference")?);
    let read = json_option("difference", text.as_deref());
    match read.map_err(|what| StoreError::Corrupt { kind: "change", id: seq.to_string(), what })? {
        Some(Json::Object(fields)) => Ok(Some(fields)),
        _ => Ok(None),
    }
}

/// What the written form of a kind looks like, and how it refers to others.
struct FormOf {
    schema: Json,
    refers: fn(&Forgotten, &str, &Json) -> bool,
}

impl FormOf {
    fn of(kind: Kind) -> Self {
        macro_rules! dispatch {
            ($($fact:ty,)+) => {
                match kind {
                    $(<$fact as Fact>::KIND => Self::new::<$fact>(),)+
                    Kind::Commitment => Self::new::<Commitment>(),
                    Kind::Answer => Self::new::<Answer>(),
                    // They are written in the forms of others.
                    Kind::Official | Kind::Programme => Self { schema: Json::Null, refers: |_, _, _| false },
                }
            };
        }
        for_each_collection!(dispatch)
    }

    fn new<T: Exchanged>() -> Self {
        Self { schema: exchange::describe::<T>(), refers: refers::<T> }
    }

    fn field(&self, name: &str) -> Option<&Json> {
        self.schema.get("properties")?.get(name)
    }
}

/// Whether a field of a record refers to one that is erased.
fn refers<T: Exchanged>(forgotten: &Forgotten, field: &str, value: &Json) -> bool {
    let mut run = Reading::default();
    exchange::read::<T>(Json::Object(vec![(field.to_owned(), value.clone())]), String::new(), &mut run);
    let is_asked = |kind: &Kind, slug: &str| forgotten.slugs.contains(&(*kind, slug.to_owned()));
    run.derived.iter().any(|derived| forgotten.ids.contains(&derived.id()))
        || run.asked.iter().any(|asked| asked.or.iter().chain([&asked.kind]).any(|kind| is_asked(kind, &asked.slug)))
}

/// Letters of ASCII that a pattern needs to find few texts beside those that it is for.
const ENOUGH: usize = 4;

/// Patterns for a word. Where enough letters of ASCII are left, the others stand for anything; else the word is looked for as
/// it is usually spelled, because a pattern of few letters would find nearly every text: databases know no other letters of
/// which one is the capital of the other.
fn spelled(word: &str) -> Vec<String> {
    if word.chars().filter(char::is_ascii_alphanumeric).count() >= ENOUGH || word.is_ascii() {
        return vec![loose(word)];
    }
    let between = |word: String| {
        let letters: String = word.chars().map(|c| if c.is_alphanumeric() { c } else { '%' }).collect();
        format!("%{letters}%")
    };
    // The text is compared in lower case, as far as the database knows it.
    let ascii_lower = |word: String| word.chars().map(|c| c.to_ascii_lowercase()).collect::<String>();
    let mut spelled: Vec<String> = [word.to_owned(), word.to_lowercase(), word.to_uppercase(), fold::fold(word)]
        .map(|word| between(ascii_lower(word)))
        .into_iter()
        .filter(|pattern| !pattern.trim_matches('%').is_empty())
        .collect();
    spelled.sort();
    spelled.dedup();
    spelled
}

/// A pattern for a word of which the letters of ASCII are enough: others may be spelled otherwise and stand for anything.
fn loose(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if c.is_ascii_alphanumeric() {
            pattern.push(c.to_ascii_lowercase());
        } else if !pattern.ends_with('%') {
            pattern.push('%');
        }
    }
    if !pattern.ends_with('%') {
        pattern.push('%');
    }
    pattern
}

/// How many patterns are looked for in one statement.
const SOUGHT: usize = 50;

/// Whether one of the columns holds one of the patterns.
pub(crate) fn told(columns: impl IntoIterator<Item = Expr>, patterns: &[String]) -> Condition {
    let column = |column: Expr| Func::coalesce([column, Expr::val("")]).into();
    let all = columns.into_iter().map(column).reduce(|all: Expr, one: Expr| all.binary(CONCAT, one));
    let all = Expr::from(Func::lower(all.unwrap_or_else(|| Expr::val(""))));
    patterns.iter().fold(Condition::any(), |told, pattern| told.add(all.clone().like(LikeExpr::new(pattern.as_str()))))
}

/// Portions of patterns, each for one statement.
pub(crate) fn portions(patterns: &[String]) -> impl Iterator<Item = &[String]> {
    patterns.chunks(SOUGHT)
}

const CONCAT: sea_orm::sea_query::BinOper = sea_orm::sea_query::BinOper::Custom("||");

/// Takes what is told of records out of the history of others: whole fields, and reasons.
pub(crate) async fn forget_in_history(tx: &Tx, forgotten: &Forgotten, patterns: &[String]) -> Result<(), StoreError> {
    let mut forms: HashMap<&str, FormOf> = HashMap::new();
    let mut done = HashSet::new();
    for some in portions(patterns) {
        let select = Query::select()
            .columns(
                [Column::Seq, Column::Kind, Column::RecordId, Column::Reason, Column::Difference]
                    .map(|column| column.as_column_ref()),
            )
            .from(Entity)
            .cond_where(told([Column::Difference, Column::Reason].map(IntoSimpleExpr::into_simple_expr), some))
            .take();
        for row in &tx.query_all(&select).await? {
            let (seq, id): (i64, Uuid) = (row.try_get("", "seq")?, row.try_get("", "record_id")?);
            let (kind, reason): (String, Option<String>) = (row.try_get("", "kind")?, row.try_get("", "reason")?);
            if !done.insert(seq) || forgotten.ids.contains(&id) {
                continue;
            }
            let mut update = Query::update();
            update.table(Entity).and_where(Column::Seq.eq(seq));
            let mut is_told = reason.is_some_and(|reason| forgotten.mentions.are_in(&reason));
            if is_told {
                update.value(Column::Reason, Option::<String>::None);
            }
            // What a newer version wrote, it forgets.
            if let (Some(kind), Ok(Some(mut fields))) = (Kind::from_label(&kind), difference(row)) {
                let form = forms.entry(kind.label()).or_insert_with(|| FormOf::of(kind));
                let mut changed = false;
                for (field, values) in &mut fields {
                    let Json::Array(pair) = &*values else { continue };
                    if pair.iter().any(|value| forgotten.are_in(form, field, value)) {
                        *values = Json::Array(vec![Json::Null, Json::Null]);
                        changed = true;
                    }
                }
                if changed {
                    update.value(Column::Difference, Json::Object(fields).to_text());
                    is_told = true;
                }
            }
            if is_told {
                tx.execute(&update).await?;
            }
        }
    }
    Ok(())
}

/// Notes the fields of others that mention records now: their texts stay, and do not go into the history when they are
/// corrected.
pub(crate) async fn mark_texts(tx: &Tx, forgotten: &Forgotten, patterns: &[String]) -> Result<(), StoreError> {
    if forgotten.mentions.is_empty() {
        return Ok(());
    }
    let candidates = candidates(tx, patterns).await?;
    let mut marks = Vec::new();
    macro_rules! kinds {
        ($($fact:ty,)+) => {$(
            Box::pin(mark_those::<$fact>(tx, forgotten, &candidates, &mut marks)).await?;
        )+};
    }
    for_each_collection!(kinds);
    Box::pin(mark_those::<Commitment>(tx, forgotten, &candidates, &mut marks)).await?;
    Box::pin(mark_those::<Answer>(tx, forgotten, &candidates, &mut marks)).await?;
    unkept::add(tx, marks).await
}

async fn mark_those<T: Exchanged + Mapped>(
    tx: &Tx,
    forgotten: &Forgotten,
    candidates: &[(Kind, Uuid)],
    marks: &mut Vec<Mark>,
) -> Result<(), StoreError>
where
    T::Parts: StoredParts,
{
    let ids = of_kind::<T>(candidates);
    if ids.is_empty() {
        return Ok(());
    }
    let form = FormOf::new::<T>();
    let facts: Vec<T> = by_ids(&**tx, &ids, &Sight::ALL).await?;
    for (entry, json) in portable(&**tx, facts, &Sight::ALL).await? {
        let Json::Object(fields) = json else { continue };
        for (field, value) in &fields {
            texts(form.field(field), value, &mut |text| {
                let id = entry.fact.meta().id;
                let named = forgotten.mentions.named_in(text);
                marks.extend(named.into_iter().map(|phrase| Mark::of(id, field, phrase)));
                if forgotten.mentions.has_slug_in(text) {
                    marks.push(Mark::lasting(id, field));
                }
            });
        }
    }
    Ok(())
}

/// Records in whose rows one of the patterns stands, and those inside which they are written.
async fn candidates(tx: &Tx, patterns: &[String]) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let columns_of = text_columns(tx).await?;
    let mut found: HashSet<Uuid> = HashSet::new();
    let tables = Kind::ALL.iter().map(|kind| kind.label()).chain(["record", "activity", "link"]);
    for table in tables {
        let key = if table == "link" { "from_id" } else { "id" };
        let column = |name: &str| Expr::col((Alias::new(table), Alias::new(name)));
        let Some(columns) = columns_of.get(table) else { continue };
        for some in portions(patterns) {
            let select = Query::select()
                .expr_as(column(key), Alias::new("id"))
                .from(Alias::new(table))
                .cond_where(told(columns.iter().map(|name| column(name)), some))
                .take();
            for row in &tx.query_all(&select).await? {
                found.insert(row.try_get("", "id")?);
            }
        }
    }
    let mut ids: Vec<Uuid> = found.iter().copied().collect();
    for (part, whole) in PARTS {
        let table = Alias::new(part.label());
        let column = |name: &str| Expr::col((table.clone(), Alias::new(name.to_owned())));
        let rows = batch::rows(&**tx, &ids, |ids| {
            Query::select()
                .expr_as(column(whole), Alias::new("id"))
                .from(table.clone())
                .and_where(among(column("id"), ids))
                .take()
        });
        for row in &rows.await? {
            found.insert(row.try_get("", "id")?);
        }
    }
    ids = found.into_iter().collect();
    let rows = batch::rows(&**tx, &ids, |ids| {
        Query::select()
            .columns([record::Column::Id, record::Column::Kind].map(|column| column.as_column_ref()))
            .from(record::Entity)
            .and_where(among(record::Column::Id, ids))
            .take()
    });
    let mut records = Vec::new();
    for row in &rows.await? {
        let kind: String = row.try_get("", "kind")?;
        if let Some(kind) = Kind::from_label(&kind) {
            records.push((kind, row.try_get("", "id")?));
        }
    }
    Ok(records)
}

/// The columns that hold texts, by table. The database knows them, so that none is forgotten.
async fn text_columns(tx: &Tx) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let backend = tx.get_database_backend();
    let sought = match backend {
        DatabaseBackend::Sqlite => {
            "SELECT m.name AS of_table, c.name AS of_column FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND lower(c.type) = 'text'"
        }
        _ => {
            "SELECT table_name::text AS of_table, column_name::text AS of_column FROM information_schema.columns \
             WHERE table_schema = current_schema() AND data_type = 'text'"
        }
    };
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for row in &tx.query_all_raw(Statement::from_string(backend, sought)).await? {
        found.entry(row.try_get("", "of_table")?).or_default().push(row.try_get("", "of_column")?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_no_more_than_it_has_letters_for() {
        assert_eq!(spelled("Jastrzębie-Zdrój"), ["%jastrz%bie%zdr%j%"]);
        assert_eq!(spelled("abc"), ["%abc%"]);
        assert_eq!(spelled("Łódź"), ["%lodz%", "%ŁÓdŹ%", "%Łódź%", "%łódź%"]);
        for (word, one) in [("Львів", "%львів%"), ("Іван Франко", "%Іван%Франко%"), ("Αθήνα", "%Αθήνα%")]
        {
            let patterns = spelled(word);
            assert!(patterns.iter().any(|pattern| pattern == one), "{word}: {patterns:?}");
            assert!(patterns.iter().all(|pattern| pattern.trim_matches('%').chars().count() >= 5), "{patterns:?}");
        }
    }
}

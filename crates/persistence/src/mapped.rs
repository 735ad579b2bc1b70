//! What the machinery asks of an entity: its tables, how a row becomes a fact and back, and where its fields are found.

use pomost_domain::{Closed, Fact, Meta, Open, PartialDate, Text, Vocabulary};
use sea_orm::sea_query::{Expr, IntoIden, Query, SelectStatement};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, EntityName, EntityTrait, IntoActiveModel, Iterable, ModelTrait};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::asked::Asked;
use crate::batch::MAX_VALUES;
use crate::filter::Find;
use crate::record;
use crate::table::Table;

/// What is wrong with a row.
pub(crate) type Corrupt = String;

/// An entity in the database. The trait is private: callers see [`Stored`].
pub trait Mapped: Fact {
    /// The table that is joined with `record`.
    const TABLE: &'static str;
    /// What is read of it, and of tables that belong to it.
    type Row: Table;

    /// Adds the tables beside the main one that conditions and relations of the entity are about.
    fn join(_select: &mut SelectStatement) {}
    /// Adds the columns, and the tables that only they need.
    fn select(select: &mut SelectStatement, asked: Asked) {
        Self::Row::select(select, asked);
    }
    /// Makes a fact of a row.
    fn read(meta: Meta, row: Self::Row) -> Result<Self, Corrupt>;
    /// Where a field is found.
    fn find(field: Self::Field) -> Find;
    /// Writes the rows of facts, new or changed.
    fn save(facts: &[&Self]) -> Vec<Upsert>;
}

/// The bound that callers see.
pub trait Stored: Mapped {}
impl<T: Mapped> Stored for T {}

/// What is read of facts only if it is asked for.
pub const fn aside<T: Stored>() -> Asked {
    record::Row::ASIDE.and(T::Row::ASIDE)
}

/// Rows to be inserted, or to take the place of those with the same key.
pub struct Upsert(pub(crate) sea_orm::sea_query::InsertStatement);

/// The most rows that one statement writes. More save nothing.
const MAX_ROWS: usize = 64;

/// Inserts rows, or replaces those with the same id. Portions are powers of two, so that each table has seven statement
/// texts in all: they are prepared once and stay few in the caches of the connections.
pub(crate) fn upsert<M>(models: impl IntoIterator<Item = M>) -> Vec<Upsert>
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior,
{
    let columns: Vec<_> = <M::Entity as EntityTrait>::Column::iter().collect();
    let key: Vec<_> = <M::Entity as EntityTrait>::PrimaryKey::iter().map(IntoIden::into_iden).collect();
    let others: Vec<_> =
        columns.iter().map(|column| column.into_iden()).filter(|column| !key.contains(column)).collect();
    let most = MAX_ROWS.min(1 << (MAX_VALUES / columns.len()).ilog2());
    let mut models: std::collections::VecDeque<M> = models.into_iter().collect();
    let mut statements = Vec::new();
    while !models.is_empty() {
        let portion = most.min(1 << models.len().ilog2());
        let mut insert = Query::insert();
        insert.into_table(M::Entity::default().table_ref()).columns(columns.iter().copied());
        for model in models.drain(..portion) {
            let active = model.into_active_model();
            let values = columns
                .iter()
                .map(|column| Expr::val(active.get(*column).into_value().unwrap_or(sea_orm::Value::String(None))));
            insert.values_panic(values);
        }
        let mut conflict = sea_orm::sea_query::OnConflict::columns(key.iter().cloned());
        if others.is_empty() {
            conflict.do_nothing();
        } else {
            conflict.update_columns(others.iter().cloned());
        }
        insert.on_conflict(conflict);
        statements.push(Upsert(insert));
    }
    statements
}

/// Reads a JSON column.
pub(crate) fn json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, Corrupt> {
    serde_json::from_str(text).map_err(|error| format!("column {column}: {error}"))
}

/// Reads a JSON column that may be null.
pub(crate) fn json_option<T: DeserializeOwned>(column: &str, text: Option<&str>) -> Result<Option<T>, Corrupt> {
    text.map(|text| json(column, text)).transpose()
}

/// Writes a JSON column. Facts are made of strings, numbers and lists, whose writing cannot fail.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Writes a JSON column that may be null.
pub(crate) fn to_json_option<T: Serialize>(value: Option<&T>) -> Option<String> {
    value.map(to_json)
}

/// Reads a text column.
pub(crate) fn text(column: &str, stored: &str) -> Result<Text, Corrupt> {
    json(column, stored)
}

/// Reads a partial date.
pub(crate) fn partial_date(column: &str, stored: Option<&str>) -> Result<Option<PartialDate>, Corrupt> {
    stored.map(|stored| stored.parse().map_err(|error| format!("column {column}: {error}"))).transpose()
}

/// The three columns of a partial date: as known, first day, last day.
pub(crate) fn date_columns(
    date: Option<PartialDate>,
) -> (Option<String>, Option<chrono::NaiveDate>, Option<chrono::NaiveDate>) {
    let first = date.map(|date| date.earliest().unwrap_or(pomost_domain::date::BEGINNING));
    (date.map(|date| date.to_string()), first, date.map(PartialDate::latest))
}

/// Reads a label of a closed list.
pub(crate) fn closed<V: Closed>(column: &str, label: Option<&str>) -> Result<Option<V>, Corrupt> {
    label
        .map(|label| V::from_label(label).ok_or_else(|| format!("column {column}: {label:?} is not in the list")))
        .transpose()
}

/// Writes a label of a closed list.
pub(crate) fn label<V: Vocabulary>(value: Option<V>) -> Option<String> {
    value.map(|value| value.label().to_owned())
}

/// Reads the labels of an open list.
pub(crate) fn labels<V>(column: &str, stored: Option<&str>) -> Result<Option<Vec<Open<V>>>, Corrupt>
where
    V: pomost_domain::OpenVocabulary,
{
    Ok(json_option::<Vec<String>>(column, stored)?.map(|labels| labels.into_iter().map(Open::new).collect()))
}

/// Writes the labels of an open list.
pub(crate) fn to_labels<V>(values: Option<&Vec<Open<V>>>) -> Option<String>
where
    V: pomost_domain::OpenVocabulary,
{
    values.map(|values| to_json(&values.iter().map(Open::label).collect::<Vec<_>>()))
}

/// A count as the database keeps it.
pub(crate) fn from_count(column: &str, stored: Option<i32>) -> Result<Option<u32>, Corrupt> {
    stored.map(|stored| u32::try_from(stored).map_err(|_| format!("column {column}: {stored} is negative"))).transpose()
}

/// A count for the database; the exchange format admits none beyond its range.
pub(crate) fn to_count(value: Option<u32>) -> Option<i32> {
    value.map(|value| i32::try_from(value).unwrap_or(i32::MAX))
}

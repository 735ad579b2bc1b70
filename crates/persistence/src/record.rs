//! What all records share, and the two tables that relate them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use chrono::SubsecRound;
use pomost_domain::id::Kind;
use pomost_domain::meta::{Publication, Visibility};
use pomost_domain::viewer::ERASED;
use pomost_domain::{Act, Audience, Fact, Meta, Sight, Vocabulary};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, IntoSimpleExpr, Value};
use uuid::Uuid;

use crate::batch::{self, Connection, among};
use crate::mapped::{Corrupt, json_option, to_json};

crate::table::table! {
    /// The table `record`.
    mod table = "record";
    key { id: Uuid }
    read {
        slug: String,
        version: i32,
        publication: String,
        visibility: String,
        change_seq: i64,
    }
    aside {
        created_at: DateTimeUtc,
        created_by: String,
        updated_at: DateTimeUtc,
        updated_by: String,
        licence: String,
        note: Option<String>,
        sources: Option<String>,
        stated_empty: Option<String>,
    }
    find { kind: String, audience: String, sort_text: String, search_text: String }
}

pub(crate) use table::{Column, Entity, Model, Row};

crate::table::table! {
    /// References of a record to several others.
    pub(crate) mod link = "link";
    key { from_id: Uuid, relation: String, position: i32 }
    read {
        to_id: Uuid,
        role: Option<String>,
        detail: Option<String>,
    }
}

crate::table::table! {
    /// Values under which a record is found.
    pub(crate) mod facet = "facet";
    key { record_id: Uuid, name: String, value: String }
    read {}
}

/// The length of a sort key, in characters: `PostgreSQL` indexes at most 2 704 bytes, and a character has up to four.
const SORTED: usize = 600;

/// The sort key of a folded name: its start, and whether that is the whole name.
pub(crate) fn sort_key(folded: &str) -> (&str, bool) {
    // A name that ends with the key is taken for a longer one, as the key does not tell them apart.
    folded.char_indices().nth(SORTED - 1).map_or((folded, true), |(at, last)| (&folded[..at + last.len_utf8()], false))
}

/// Records that are seen. Every statement that reads for somebody asks this.
pub(crate) fn seen(sight: &Sight) -> Condition {
    if *sight == Sight::ALL {
        return Condition::all().add(Column::Audience.into_simple_expr().ne(fixed(ERASED)));
    }
    within(&Column::Audience.into_simple_expr(), sight)
}

/// Whether a column of audiences holds one that is seen.
pub(crate) fn within(audience: &Expr, sight: &Sight) -> Condition {
    // What the program has a word for is written out; the audience of a single city is bound.
    let expr = |audience: &Cow<'static, str>| match audience {
        Cow::Borrowed(word) => fixed(*word),
        Cow::Owned(text) => Expr::val(text.as_str()),
    };
    Condition::all().add_option(sight.audiences().map(|audiences| match audiences {
        [only] => audience.clone().eq(expr(only)),
        several => audience.clone().is_in(several.iter().map(expr)),
    }))
}

/// A value that the program has few of. It is written out, and not bound: a statement is planned once for all values that are
/// bound, so that what is known of how often this one occurs would be lost.
pub(crate) fn fixed(value: impl Into<Value>) -> Expr {
    Expr::Constant(value.into())
}

/// Records of some kinds.
pub(crate) fn of_kind(kinds: &[Kind]) -> Expr {
    let kind = Column::Kind.into_simple_expr();
    match kinds {
        [only] => kind.eq(fixed(only.label())),
        kinds => kind.is_in(kinds.iter().map(|kind| fixed(kind.label()))),
    }
}

/// Who sees records, in the words of their rows. One statement per 500 ids.
pub(crate) async fn audiences(
    database: &dyn Connection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, String>, sea_orm::DbErr> {
    let rows = batch::rows(database, ids, |ids| {
        Query::select()
            .columns([Column::Id, Column::Audience].map(|column| column.as_column_ref()))
            .from(Entity)
            .and_where(among(Column::Id, ids))
            .take()
    });
    rows.await?.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "audience")?))).collect()
}

/// Which of these records were erased. One statement per 500 ids.
pub(crate) async fn erased(database: &dyn Connection, ids: &[Uuid]) -> Result<HashSet<Uuid>, sea_orm::DbErr> {
    Ok(those_erased(&audiences(database, ids).await?).collect())
}

/// Which of some records were erased, by their audiences.
pub(crate) fn those_erased(audiences: &HashMap<Uuid, String>) -> impl Iterator<Item = Uuid> {
    audiences.iter().filter(|(_, audience)| *audience == ERASED).map(|(id, _)| *id)
}

/// The kind of a record. One statement.
pub(crate) async fn kind_of(database: &impl ConnectionTrait, id: Uuid) -> Result<Option<Kind>, sea_orm::DbErr> {
    let select = Query::select().column(Column::Kind.as_column_ref()).from(Entity).and_where(Column::Id.eq(id)).take();
    let label: Option<String> = database.query_one(&select).await?.map(|row| row.try_get("", "kind")).transpose()?;
    Ok(label.as_deref().and_then(Kind::from_label))
}

/// What all records share.
pub(crate) fn read(row: Row) -> Result<Meta, Corrupt> {
    let Row {
        id,
        slug,
        version,
        created_at,
        created_by,
        updated_at,
        updated_by,
        publication,
        visibility,
        change_seq,
        licence,
        note,
        sources,
        stated_empty,
    } = row;
    let wrong = |column: &str, value: &str| -> Corrupt { format!("column {column}: {value:?} is not in the list") };
    Ok(Meta {
        id,
        slug,
        version: u32::try_from(version).map_err(|_| format!("column version: {version} is negative"))?,
        created_at,
        created_by,
        updated_at,
        updated_by,
        publication: Publication::from_label(&publication).ok_or_else(|| wrong("publication", &publication))?,
        visibility: Visibility::from_label(&visibility).ok_or_else(|| wrong("visibility", &visibility))?,
        change_seq,
        licence,
        note: json_option("note", note.as_deref())?,
        sources: json_option("sources", sources.as_deref())?,
        stated_empty: json_option("stated_empty", stated_empty.as_deref())?.unwrap_or_default(),
    })
}

/// The shared row of a fact.
pub(crate) fn write<T: Fact>(fact: &T) -> Model {
    let meta = fact.meta();
    Model {
        id: meta.id,
        kind: T::KIND.label().to_owned(),
        slug: meta.slug.clone(),
        version: i32::try_from(meta.version).unwrap_or(i32::MAX),
        // Both databases keep microseconds.
        created_at: meta.created_at.trunc_subsecs(6),
        created_by: meta.created_by.clone(),
        updated_at: meta.updated_at.trunc_subsecs(6),
        updated_by: meta.updated_by.clone(),
        publication: meta.publication.label().to_owned(),
        visibility: meta.visibility.label().to_owned(),
        audience: Audience::of(meta).label().into_owned(),
        change_seq: meta.change_seq,
        licence: meta.licence.clone(),
        note: meta.note.as_ref().map(to_json),
        sources: meta.sources.as_ref().map(to_json),
        stated_empty: (!meta.stated_empty.is_empty()).then(|| to_json(&meta.stated_empty)),
        sort_text: sort_key(&fact.sort_text()).0.to_owned(),
        search_text: fact.search_text(),
    }
}

/// What is left of a record that was erased.
pub(crate) fn tombstone(kind: Kind, old: &Meta, change_seq: i64, act: &Act) -> Model {
    Model {
        id: old.id,
        kind: kind.label().to_owned(),
        // The slug often is the name.
        slug: format!("{ERASED}-{}", old.id.simple()),
        version: i32::try_from(old.version + 1).unwrap_or(i32::MAX),
        created_at: old.created_at,
        created_by: old.created_by.clone(),
        updated_at: act.at.trunc_subsecs(6),
        updated_by: act.by.clone(),
        publication: Publication::Withdrawn.label().to_owned(),
        visibility: old.visibility.label().to_owned(),
        audience: ERASED.to_owned(),
        change_seq,
        licence: old.licence.clone(),
        note: None,
        sources: None,
        stated_empty: None,
        sort_text: String::new(),
        search_text: String::new(),
    }
}

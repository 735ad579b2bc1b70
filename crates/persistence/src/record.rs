//! What all records share, and the two tables that relate them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SubsecRound, Utc};
use pomost_domain::id::Kind;
use pomost_domain::meta::{Publication, Visibility};
use pomost_domain::viewer::ERASED;
use pomost_domain::{Audience, Fact, Meta, Sight, Vocabulary};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, IntoSimpleExpr, QueryResult};

use crate::mapped::{Corrupt, json_option, row, to_json};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "record")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub slug: String,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub updated_at: DateTime<Utc>,
    pub updated_by: String,
    pub publication: String,
    pub visibility: String,
    pub audience: String,
    pub change_seq: i64,
    pub licence: String,
    pub note: Option<String>,
    pub sources: Option<String>,
    pub stated_empty: Option<String>,
    pub sort_text: String,
    pub search_text: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// References of a record to several others.
pub(crate) mod link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "link")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub from_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub relation: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub to_id: Uuid,
        pub role: Option<String>,
        pub detail: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Values under which a record is found.
pub(crate) mod facet {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "facet")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub record_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub value: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How much of a name decides on its place in a list, in characters: PostgreSQL cannot index more than some 2700 bytes.
const SORTED: usize = 200;

/// Prefix of the columns of `record` in a result.
pub(crate) const PREFIX: &str = "r_";

/// Records that are seen. Every statement that reads for somebody asks this.
pub(crate) fn seen(sight: &Sight) -> Condition {
    if *sight == Sight::ALL {
        return Condition::all().add(Column::Audience.ne(ERASED));
    }
    within(&Column::Audience.into_simple_expr(), sight)
}

/// Whether a column of audiences holds one that is seen.
pub(crate) fn within(audience: &Expr, sight: &Sight) -> Condition {
    Condition::all().add_option(sight.audiences().map(|audiences| match audiences {
        [only] => audience.clone().eq(only.as_ref()),
        several => audience.clone().is_in(several.iter().map(AsRef::as_ref)),
    }))
}

/// Records of the kinds that a fact may be.
pub(crate) fn of_kind<T: Fact>() -> Expr {
    let kind = Column::Kind.into_simple_expr();
    match T::KINDS {
        [only] => kind.eq(only.label()),
        kinds => kind.is_in(kinds.iter().map(|kind| kind.label())),
    }
}

/// Who sees records, in the words of their rows. One statement per 500 ids.
pub(crate) async fn audiences(
    database: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, String>, sea_orm::DbErr> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(500) {
        let select = Query::select()
            .columns([Column::Id, Column::Audience].map(|column| column.as_column_ref()))
            .from(Entity)
            .and_where(Column::Id.is_in(chunk.iter().copied()))
            .take();
        for row in &database.query_all(&select).await? {
            found.insert(row.try_get("", "id")?, row.try_get("", "audience")?);
        }
    }
    Ok(found)
}

/// Which of these records were erased. One statement per 500 ids.
pub(crate) async fn erased(database: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashSet<Uuid>, sea_orm::DbErr> {
    let found = audiences(database, ids).await?;
    Ok(found.into_iter().filter(|(_, audience)| audience == ERASED).map(|(id, _)| id).collect())
}

/// The kind of a record. One statement.
pub(crate) async fn kind_of(database: &impl ConnectionTrait, id: Uuid) -> Result<Option<Kind>, sea_orm::DbErr> {
    let select = Query::select().column(Column::Kind.as_column_ref()).from(Entity).and_where(Column::Id.eq(id)).take();
    let label: Option<String> = database.query_one(&select).await?.map(|row| row.try_get("", "kind")).transpose()?;
    Ok(label.as_deref().and_then(Kind::from_label))
}

/// Reads what all records share.
pub(crate) fn read(result: &QueryResult) -> Result<Meta, crate::mapped::ReadError> {
    let Model {
        id,
        kind: _,
        slug,
        version,
        created_at,
        created_by,
        updated_at,
        updated_by,
        publication,
        visibility,
        audience: _,
        change_seq,
        licence,
        note,
        sources,
        stated_empty,
        sort_text: _,
        search_text: _,
    } = row(result, PREFIX)?;
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
        sort_text: fact.sort_text().chars().take(SORTED).collect(),
        search_text: fact.search_text(),
    }
}

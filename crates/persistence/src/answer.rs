//! Answers to interpellations.

use pomost_domain::answer::{Answer, Field};
use pomost_domain::{Id, Meta};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{
    Mapped, ReadError, Upsert, columns, from_count, json_option, partial_date, row, to_count, to_json_option, upsert,
};

impl Mapped for Answer {
    const TABLE: &'static str = "answer";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model {
            id: _,
            interpellation_id,
            position,
            document_id,
            addressee,
            answered_on,
            summary,
            areas,
            announcements,
        } = row(result, "t_")?;
        Ok(Self {
            meta,
            interpellation: Id::new(interpellation_id),
            position: from_count("position", Some(position))?.unwrap_or_default(),
            document: document_id.map(Id::new),
            addressee,
            answered_on: partial_date("answered_on", answered_on.as_deref())?,
            summary: json_option("summary", summary.as_deref())?,
            areas: json_option("areas", areas.as_deref())?,
            announcements: json_option("announcements", announcements.as_deref())?,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Position => Find::integer(row::Column::Position),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                interpellation,
                position,
                document,
                addressee,
                answered_on,
                summary,
                areas,
                announcements,
            } = (*fact).clone();
            row::Model {
                id: meta.id,
                interpellation_id: interpellation.raw(),
                position: to_count(Some(position)).unwrap_or_default(),
                document_id: document.map(Id::raw),
                addressee,
                answered_on: answered_on.map(|date| date.to_string()),
                summary: to_json_option(summary.as_ref()),
                areas: to_json_option(areas.as_ref()),
                announcements: to_json_option(announcements.as_ref()),
            }
        }))
    }
}

/// The table `answer`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "answer")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub interpellation_id: Uuid,
        pub position: i32,
        pub document_id: Option<Uuid>,
        pub addressee: Option<String>,
        pub answered_on: Option<String>,
        pub summary: Option<String>,
        pub areas: Option<String>,
        pub announcements: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

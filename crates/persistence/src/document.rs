//! Papers, publications, films and broadcasts.

use pomost_domain::document::{Document, Field, LANGUAGE_FACET};
use pomost_domain::{Id, Meta, Open};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{
    Mapped, ReadError, Upsert, columns, date_columns, from_count, json_option, partial_date, row, text, to_count,
    to_json, to_json_option, upsert,
};

impl Mapped for Document {
    const TABLE: &'static str = "document";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model {
            id: _,
            title,
            kind,
            dated_on,
            dated_first: _,
            dated_last: _,
            language,
            languages,
            reference,
            url,
            print_run,
            city_id,
            interpellation_id,
        } = row(result, "t_")?;
        Ok(Self {
            meta,
            title: text("title", &title)?,
            kind: kind.map(Open::new),
            dated_on: partial_date("dated_on", dated_on.as_deref())?,
            language: language
                .map(|tag| tag.parse().map_err(|error| format!("column language: {error}")))
                .transpose()?,
            languages: json_option("languages", languages.as_deref())?,
            reference,
            url,
            print_run: from_count("print_run", print_run)?,
            city: city_id.map(Id::new),
            interpellation: interpellation_id.map(Id::new),
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Kind => Find::text(row::Column::Kind),
            Field::DatedOn => Find::partial(row::Column::DatedFirst, row::Column::DatedLast),
            Field::Language => Find::Facet(LANGUAGE_FACET),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                title,
                kind,
                dated_on,
                language,
                languages,
                reference,
                url,
                print_run,
                city,
                interpellation,
            } = (*fact).clone();
            let (dated_on, dated_first, dated_last) = date_columns(dated_on);
            row::Model {
                id: meta.id,
                title: to_json(&title),
                kind: kind.map(Open::into_label),
                dated_on,
                dated_first,
                dated_last,
                language: language.map(|locale| locale.to_string()),
                languages: to_json_option(languages.as_ref()),
                reference,
                url,
                print_run: to_count(print_run),
                city_id: city.map(Id::raw),
                interpellation_id: interpellation.map(Id::raw),
            }
        }))
    }
}

/// The table `document`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "document")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub title: String,
        pub kind: Option<String>,
        pub dated_on: Option<String>,
        pub dated_first: Option<Date>,
        pub dated_last: Option<Date>,
        pub language: Option<String>,
        pub languages: Option<String>,
        pub reference: Option<String>,
        pub url: Option<String>,
        pub print_run: Option<i32>,
        pub city_id: Option<Uuid>,
        pub interpellation_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

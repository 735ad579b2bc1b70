//! Interpellations and questions.

use pomost_domain::interpellation::{Field, Interpellation};
use pomost_domain::{Id, Meta, Open};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{
    Mapped, ReadError, Upsert, columns, date_columns, json_option, partial_date, row, text, to_json, to_json_option,
    upsert,
};

impl Mapped for Interpellation {
    const TABLE: &'static str = "interpellation";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model {
            id: _,
            kind,
            city_id,
            council_id,
            submitted_on,
            submitted_first: _,
            submitted_last: _,
            session_id,
            subject,
            body,
            questions,
            received_by_mayor_on,
            assigned_to,
            retracted_on,
        } = row(result, "t_")?;
        Ok(Self {
            meta,
            kind: kind.map(Open::new),
            city: city_id.map(Id::new),
            council: council_id.map(Id::new),
            submitted_on: partial_date("submitted_on", submitted_on.as_deref())?,
            session: session_id.map(Id::new),
            subject: text("subject", &subject)?,
            text: json_option("body", body.as_deref())?,
            questions: json_option("questions", questions.as_deref())?,
            received_by_mayor_on,
            assigned_to,
            retracted_on: partial_date("retracted_on", retracted_on.as_deref())?,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Kind => Find::text(row::Column::Kind),
            Field::SubmittedOn => Find::partial(row::Column::SubmittedFirst, row::Column::SubmittedLast),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                kind,
                city,
                council,
                submitted_on,
                session,
                subject,
                text,
                questions,
                received_by_mayor_on,
                assigned_to,
                retracted_on,
            } = (*fact).clone();
            let (submitted_on, submitted_first, submitted_last) = date_columns(submitted_on);
            row::Model {
                id: meta.id,
                kind: kind.map(Open::into_label),
                city_id: city.map(Id::raw),
                council_id: council.map(Id::raw),
                submitted_on,
                submitted_first,
                submitted_last,
                session_id: session.map(Id::raw),
                subject: to_json(&subject),
                body: to_json_option(text.as_ref()),
                questions: to_json_option(questions.as_ref()),
                received_by_mayor_on,
                assigned_to,
                retracted_on: retracted_on.map(|date| date.to_string()),
            }
        }))
    }
}

/// The table `interpellation`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "interpellation")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: Option<String>,
        pub city_id: Option<Uuid>,
        pub council_id: Option<Uuid>,
        pub submitted_on: Option<String>,
        pub submitted_first: Option<Date>,
        pub submitted_last: Option<Date>,
        pub session_id: Option<Uuid>,
        pub subject: String,
        pub body: Option<String>,
        pub questions: Option<String>,
        pub received_by_mayor_on: Option<Date>,
        pub assigned_to: Option<String>,
        pub retracted_on: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

//! Interpellations and questions.

use pomost_domain::interpellation::{Field, Interpellation};
use pomost_domain::{Id, Meta, Open};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{Mapped, ReadError, Upsert, columns, date_columns, partial_date, row, text, to_json, upsert};

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
        } = row(result, "t_")?;
        Ok(Self {
            meta,
            kind: kind.map(Open::new),
            city: city_id.map(Id::new),
            council: council_id.map(Id::new),
            submitted_on: partial_date("submitted_on", submitted_on.as_deref())?,
            session: session_id.map(Id::new),
            subject: text("subject", &subject)?,
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
            let Self { meta, kind, city, council, submitted_on, session, subject } = (*fact).clone();
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
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

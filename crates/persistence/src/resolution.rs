//! Council resolutions.

use pomost_domain::resolution::{Field, Resolution};
use pomost_domain::{Id, Meta};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{Mapped, ReadError, Upsert, columns, date_columns, partial_date, row, text, to_json, upsert};

impl Mapped for Resolution {
    const TABLE: &'static str = "resolution";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model {
            id: _,
            city_id,
            body_id,
            subject,
            number,
            adopted_on,
            adopted_first: _,
            adopted_last: _,
            partnership_id,
        } = row(result, "t_")?;
        Ok(Self {
            meta,
            city: city_id.map(Id::new),
            body: body_id.map(Id::new),
            subject: text("subject", &subject)?,
            number,
            adopted_on: partial_date("adopted_on", adopted_on.as_deref())?,
            partnership: partnership_id.map(Id::new),
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::AdoptedOn => Find::partial(row::Column::AdoptedFirst, row::Column::AdoptedLast),
            Field::Number => Find::text(row::Column::Number),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, city, body, subject, number, adopted_on, partnership } = (*fact).clone();
            let (adopted_on, adopted_first, adopted_last) = date_columns(adopted_on);
            row::Model {
                id: meta.id,
                city_id: city.map(Id::raw),
                body_id: body.map(Id::raw),
                subject: to_json(&subject),
                number,
                adopted_on,
                adopted_first,
                adopted_last,
                partnership_id: partnership.map(Id::raw),
            }
        }))
    }
}

/// The table `resolution`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "resolution")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub city_id: Option<Uuid>,
        pub body_id: Option<Uuid>,
        pub subject: String,
        pub number: Option<String>,
        pub adopted_on: Option<String>,
        pub adopted_first: Option<Date>,
        pub adopted_last: Option<Date>,
        pub partnership_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

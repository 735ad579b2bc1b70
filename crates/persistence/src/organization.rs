//! Institutions, associations and companies.

use pomost_domain::organization::{Field, Organization};
use pomost_domain::{Id, Meta, Open};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{Mapped, ReadError, Upsert, columns, partial_date, row, text, to_json, upsert};

impl Mapped for Organization {
    const TABLE: &'static str = "organization";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model { id: _, kind, name, city_id, seat_name, parent_id, founded_on, address, website } =
            row(result, "t_")?;
        Ok(Self {
            meta,
            name: text("name", &name)?,
            kind: kind.map(Open::new),
            city: city_id.map(Id::new),
            seat_name,
            parent: parent_id.map(Id::new),
            founded: partial_date("founded_on", founded_on.as_deref())?,
            address,
            website,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Kind => Find::text(row::Column::Kind),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, name, kind, city, seat_name, parent, founded, address, website } = (*fact).clone();
            row::Model {
                id: meta.id,
                kind: kind.map(Open::into_label),
                name: to_json(&name),
                city_id: city.map(Id::raw),
                seat_name,
                parent_id: parent.map(Id::raw),
                founded_on: founded.map(|date| date.to_string()),
                address,
                website,
            }
        }))
    }
}

/// The table `organization`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "organization")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: Option<String>,
        pub name: String,
        pub city_id: Option<Uuid>,
        pub seat_name: Option<String>,
        pub parent_id: Option<Uuid>,
        pub founded_on: Option<String>,
        pub address: Option<String>,
        pub website: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

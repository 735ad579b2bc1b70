//! Holders of a public office.

use pomost_domain::official::{Field, Official};
use pomost_domain::{Id, Meta};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{Mapped, ReadError, Upsert, columns, row, upsert};

impl Mapped for Official {
    const TABLE: &'static str = "official";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model { id: _, person, office, city_id } = row(result, "t_")?;
        Ok(Self { meta, person, office, city: city_id.map(Id::new) })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Office => Find::text(row::Column::Office),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, person, office, city } = (*fact).clone();
            row::Model { id: meta.id, person, office, city_id: city.map(Id::raw) }
        }))
    }
}

/// The table `official`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "official")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person: String,
        pub office: Option<String>,
        pub city_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

//! Funding programmes.

use pomost_domain::Meta;
use pomost_domain::programme::{Field, Programme};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{Mapped, ReadError, Upsert, columns, row, text, to_json, upsert};

impl Mapped for Programme {
    const TABLE: &'static str = "programme";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model { id: _, name } = row(result, "t_")?;
        Ok(Self { meta, name: text("name", &name)? })
    }

    fn find(field: Field) -> Find {
        match field {}
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, name } = (*fact).clone();
            row::Model { id: meta.id, name: to_json(&name) }
        }))
    }
}

/// The table `programme`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "programme")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

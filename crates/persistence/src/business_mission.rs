//! What business missions add to activities.

use pomost_domain::business_mission::BusinessMissionDetail;
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{ReadError, Upsert, json_option, row, to_json_option, upsert};

impl MappedDetail for BusinessMissionDetail {
    type Entity = row::Entity;
    const TABLE: &'static str = "business_mission";
    const PREFIX: &'static str = "b_";

    fn read(result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model { id: _, topics } = row(result, Self::PREFIX)?;
        Ok(Self { topics: json_option("topics", topics.as_deref())? })
    }

    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert> {
        upsert(rows.into_iter().map(|(id, Self { topics })| row::Model { id, topics: to_json_option(topics.as_ref()) }))
    }
}

/// The table `business_mission`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "business_mission")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub topics: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

//! What study visits add to activities.

use pomost_domain::study_visit::StudyVisitDetail;
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{ReadError, Upsert, json_option, row, to_json_option, upsert};

impl MappedDetail for StudyVisitDetail {
    type Entity = row::Entity;
    const TABLE: &'static str = "study_visit";
    const PREFIX: &'static str = "s_";

    fn read(result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model { id: _, topics } = row(result, Self::PREFIX)?;
        Ok(Self { topics: json_option("topics", topics.as_deref())? })
    }

    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert> {
        upsert(rows.into_iter().map(|(id, Self { topics })| row::Model { id, topics: to_json_option(topics.as_ref()) }))
    }
}

/// The table `study_visit`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "study_visit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub topics: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

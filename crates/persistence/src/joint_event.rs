//! What joint events add to activities.

use pomost_domain::Id;
use pomost_domain::joint_event::JointEventDetail;
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{ReadError, Upsert, row, upsert};

impl MappedDetail for JointEventDetail {
    type Entity = row::Entity;
    const TABLE: &'static str = "joint_event";
    const PREFIX: &'static str = "j_";

    fn read(result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model { id: _, meeting_id } = row(result, Self::PREFIX)?;
        Ok(Self { meeting: meeting_id.map(Id::new) })
    }

    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert> {
        upsert(rows.into_iter().map(|(id, Self { meeting })| row::Model { id, meeting_id: meeting.map(Id::raw) }))
    }
}

/// The table `joint_event`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "joint_event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub meeting_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

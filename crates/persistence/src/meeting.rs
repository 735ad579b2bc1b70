//! What meetings add to activities.

use pomost_domain::Id;
use pomost_domain::meeting::MeetingDetail;
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{ReadError, Upsert, row, upsert};

impl MappedDetail for MeetingDetail {
    type Entity = row::Entity;
    const TABLE: &'static str = "meeting";
    const PREFIX: &'static str = "m_";

    fn read(result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model { id: _, agreement_id, letter_of_intent_id, event_id } = row(result, Self::PREFIX)?;
        Ok(Self {
            agreement: agreement_id.map(Id::new),
            letter_of_intent: letter_of_intent_id.map(Id::new),
            event: event_id.map(Id::new),
        })
    }

    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert> {
        upsert(rows.into_iter().map(|(id, Self { agreement, letter_of_intent, event })| row::Model {
            id,
            agreement_id: agreement.map(Id::raw),
            letter_of_intent_id: letter_of_intent.map(Id::raw),
            event_id: event.map(Id::raw),
        }))
    }
}

/// The table `meeting`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "meeting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub agreement_id: Option<Uuid>,
        pub letter_of_intent_id: Option<Uuid>,
        pub event_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

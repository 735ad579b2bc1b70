//! The cities of a partnership.

use sea_orm::entity::prelude::*;

use super::{city, partnership};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Eq)]
#[sea_orm(table_name = "partnership_city")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partnership_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "city::Entity", from = "Column::CityId", to = "city::Column::Id")]
    City,
    #[sea_orm(belongs_to = "partnership::Entity", from = "Column::PartnershipId", to = "partnership::Column::Id")]
    Partnership,
}

impl Related<city::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::City.def()
    }
}

impl Related<partnership::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Partnership.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

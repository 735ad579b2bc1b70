//! The lasting relations of cities.

use sea_orm::entity::prelude::*;

use super::{city, partnership_city};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Eq)]
#[sea_orm(table_name = "public_partnership")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub slug: String,
    pub sort_text: String,
    pub status: Option<String>,
    pub since_on: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(has_many = "partnership_city::Entity")]
    PartnershipCity,
}

impl Related<partnership_city::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::PartnershipCity.def()
    }
}

impl Related<city::Entity> for Entity {
    fn to() -> RelationDef {
        partnership_city::Relation::City.def()
    }

    fn via() -> Option<RelationDef> {
        Some(partnership_city::Relation::Partnership.def().rev())
    }
}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelatedEntity)]
pub enum RelatedEntity {
    #[sea_orm(entity = "city::Entity")]
    City,
}

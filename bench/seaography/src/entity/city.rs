//! Cities.

use sea_orm::entity::prelude::*;

use super::{partnership, partnership_city};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "public_city")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub slug: String,
    pub version: i32,
    pub sort_text: String,
    pub name: String,
    pub kind: Option<String>,
    pub country: String,
    pub region: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub website: Option<String>,
    pub is_home: bool,
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

impl Related<partnership::Entity> for Entity {
    fn to() -> RelationDef {
        partnership_city::Relation::Partnership.def()
    }

    fn via() -> Option<RelationDef> {
        Some(partnership_city::Relation::City.def().rev())
    }
}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelatedEntity)]
pub enum RelatedEntity {
    #[sea_orm(entity = "partnership::Entity")]
    Partnership,
}

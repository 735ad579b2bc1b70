//! What youth exchanges add to activities.

use pomost_domain::Country;
use pomost_domain::youth_exchange::YouthExchangeDetail;
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{ReadError, Upsert, json_option, row, to_json, upsert};

impl MappedDetail for YouthExchangeDetail {
    type Entity = row::Entity;
    const TABLE: &'static str = "youth_exchange";
    const PREFIX: &'static str = "y_";

    fn read(result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model { id: _, guest_countries } = row(result, Self::PREFIX)?;
        let codes: Option<Vec<String>> = json_option("guest_countries", guest_countries.as_deref())?;
        let country = |code: String| {
            Country::by_code(&code)
                .map(|country| country.code)
                .ok_or_else(|| format!("column guest_countries: {code:?} is no country"))
        };
        Ok(Self {
            guest_countries: codes.map(|codes| codes.into_iter().map(country).collect::<Result<_, _>>()).transpose()?,
        })
    }

    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert> {
        upsert(rows.into_iter().map(|(id, Self { guest_countries })| {
            row::Model {
                id,
                guest_countries: guest_countries
                    .map(|codes| to_json(&codes.iter().map(pomost_domain::country::Code::as_str).collect::<Vec<_>>())),
            }
        }))
    }
}

/// The table `youth_exchange`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "youth_exchange")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub guest_countries: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

//! What youth exchanges add to activities.

use pomost_domain::Country;
use pomost_domain::youth_exchange::YouthExchangeDetail;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{Corrupt, Upsert, json_option, to_json, upsert};

impl MappedDetail for YouthExchangeDetail {
    const TABLE: &'static str = "youth_exchange";
    type Row = row::Row;

    fn read(row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, guest_countries } = row;
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

crate::table::table! {
    /// The table `youth_exchange`.
    mod row = "youth_exchange";
    key { id: Uuid }
    read {}
    aside {
        guest_countries: Option<String>,
    }
}

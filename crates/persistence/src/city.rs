//! Cities and other municipalities.

use pomost_domain::city::{CODE_FACET, City, Field, Location};
use pomost_domain::{Country, Id, Meta, Open};

use crate::filter::Find;
use crate::mapped::{Corrupt, Mapped, Upsert, json_option, partial_date, text, to_json, to_json_option, upsert};

impl Mapped for City {
    const TABLE: &'static str = "city";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row {
            id: _,
            kind,
            country,
            name,
            alternate_names,
            region,
            latitude,
            longitude,
            population,
            codes,
            website,
            is_home,
            valid_from,
            valid_to,
            merged_into_id,
            formed_by,
        } = row;
        let country =
            Country::by_code(&country).ok_or_else(|| format!("column country: {country:?} is no country"))?.code;
        Ok(Self {
            meta,
            kind: kind.map(Open::new),
            country,
            name: text("name", &name)?,
            alternate_names: json_option("alternate_names", alternate_names.as_deref())?,
            region: json_option("region", region.as_deref())?,
            location: latitude.zip(longitude).map(|(latitude, longitude)| Location { latitude, longitude }),
            population: json_option("population", population.as_deref())?,
            codes: json_option("codes", codes.as_deref())?,
            website,
            is_home,
            valid_from: partial_date("valid_from", valid_from.as_deref())?,
            valid_to: partial_date("valid_to", valid_to.as_deref())?,
            merged_into: merged_into_id.map(Id::new),
            formed_by: json_option("formed_by", formed_by.as_deref())?,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Country => Find::text(row::Column::Country),
            Field::Kind => Find::text(row::Column::Kind),
            Field::Code => Find::Facet(CODE_FACET),
            Field::IsHome => Find::Flag(sea_orm::IntoSimpleExpr::into_simple_expr(row::Column::IsHome)),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                kind,
                country,
                name,
                alternate_names,
                region,
                location,
                population,
                codes,
                website,
                is_home,
                valid_from,
                valid_to,
                merged_into,
                formed_by,
            } = (*fact).clone();
            row::Model {
                id: meta.id,
                kind: kind.map(Open::into_label),
                country: country.as_str().to_owned(),
                name: to_json(&name),
                alternate_names: to_json_option(alternate_names.as_ref()),
                region: to_json_option(region.as_ref()),
                latitude: location.map(|location| location.latitude),
                longitude: location.map(|location| location.longitude),
                population: to_json_option(population.as_ref()),
                codes: to_json_option(codes.as_ref()),
                website,
                is_home,
                valid_from: valid_from.map(|date| date.to_string()),
                valid_to: valid_to.map(|date| date.to_string()),
                merged_into_id: merged_into.map(Id::raw),
                formed_by: to_json_option(formed_by.as_ref()),
            }
        }))
    }
}

crate::table::table! {
    /// The table `city`.
    mod row = "city";
    key { id: Uuid }
    read {
        country: String,
        name: String,
    }
    aside {
        kind: Option<String> as kind | kind_label,
        alternate_names: Option<String>,
        region: Option<String>,
        latitude: Option<f64> as location,
        longitude: Option<f64> as location,
        population: Option<String>,
        codes: Option<String>,
        website: Option<String>,
        is_home: bool,
        valid_from: Option<String>,
        valid_to: Option<String>,
        merged_into_id: Option<Uuid> as merged_into,
        formed_by: Option<String>,
    }
}

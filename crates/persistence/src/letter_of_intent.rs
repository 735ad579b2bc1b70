//! Letters of intent.

use pomost_domain::letter_of_intent::{Field, LetterOfIntent};
use pomost_domain::paper::Paper;
use pomost_domain::{Id, Meta};

use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, Upsert, date_columns, json_option, partial_date, text, to_json, to_json_option, upsert,
};
use crate::place;

impl Mapped for LetterOfIntent {
    const TABLE: &'static str = "letter_of_intent";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row {
            id: _,
            title,
            partnership_id,
            signed_on,
            place_city_id,
            place_organization_id,
            place_name,
            place_venue,
            occasion,
            aims,
            scope,
            renews_id,
            business_mission_id,
        } = row;
        Ok(Self {
            meta,
            paper: Paper {
                title: text("title", &title)?,
                partnership: partnership_id.map(Id::new),
                signed_on: partial_date("signed_on", signed_on.as_deref())?,
                place: place::read(place_city_id, place_organization_id, place_name, place_venue),
                occasion: json_option("occasion", occasion.as_deref())?,
                aims: json_option("aims", aims.as_deref())?,
                scope: json_option("scope", scope.as_deref())?,
            },
            renews: renews_id.map(Id::new),
            business_mission: business_mission_id.map(Id::new),
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::SignedOn => Find::partial(row::Column::SignedFirst, row::Column::SignedLast),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, paper, renews, business_mission } = (*fact).clone();
            let Paper { title, partnership, signed_on, place, occasion, aims, scope } = paper;
            let place = place.unwrap_or_default();
            let (signed_on, signed_first, signed_last) = date_columns(signed_on);
            row::Model {
                id: meta.id,
                title: to_json(&title),
                partnership_id: partnership.map(Id::raw),
                signed_on,
                signed_first,
                signed_last,
                place_city_id: place.city.map(Id::raw),
                place_organization_id: place.organization.map(Id::raw),
                place_name: place.name,
                place_venue: place.venue,
                occasion: to_json_option(occasion.as_ref()),
                aims: to_json_option(aims.as_ref()),
                scope: to_json_option(scope.as_ref()),
                renews_id: renews.map(Id::raw),
                business_mission_id: business_mission.map(Id::raw),
            }
        }))
    }
}

crate::table::table! {
    /// The table `letter_of_intent`.
    mod row = "letter_of_intent";
    key { id: Uuid }
    read {
        title: String,
    }
    aside {
        partnership_id: Option<Uuid> as partnership,
        signed_on: Option<String>,
        place_city_id: Option<Uuid> as place,
        place_organization_id: Option<Uuid> as place,
        place_name: Option<String> as place,
        place_venue: Option<String> as place,
        occasion: Option<String>,
        aims: Option<String>,
        scope: Option<String>,
        renews_id: Option<Uuid> as renews,
        business_mission_id: Option<Uuid> as business_mission,
    }
    find { signed_first: Option<Date>, signed_last: Option<Date> }
}

//! Signed papers of a partnership.

use pomost_domain::agreement::{Agreement, Field, Termination};
use pomost_domain::paper::Paper;
use pomost_domain::{Id, Meta, Open};

use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, Upsert, date_columns, json_option, partial_date, text, to_json, to_json_option, upsert,
};
use crate::place;

impl Mapped for Agreement {
    const TABLE: &'static str = "agreement";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row {
            id: _,
            kind,
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
            valid_from,
            valid_to,
            open_ended,
            suspensions,
            terminated_on,
            terminated_by_id,
            termination_resolution_id,
            termination_reason,
        } = row;
        let terminated_on = partial_date("terminated_on", terminated_on.as_deref())?;
        let termination_reason = json_option("termination_reason", termination_reason.as_deref())?;
        Ok(Self {
            meta,
            kind: kind.map(Open::new),
            paper: Paper {
                title: text("title", &title)?,
                partnership: partnership_id.map(Id::new),
                signed_on: partial_date("signed_on", signed_on.as_deref())?,
                place: place::read(place_city_id, place_organization_id, place_name, place_venue),
                occasion: json_option("occasion", occasion.as_deref())?,
                aims: json_option("aims", aims.as_deref())?,
                scope: json_option("scope", scope.as_deref())?,
            },
            valid_from: partial_date("valid_from", valid_from.as_deref())?,
            valid_to: partial_date("valid_to", valid_to.as_deref())?,
            open_ended,
            suspensions: json_option("suspensions", suspensions.as_deref())?,
            termination: terminated_on.map(|date| Termination {
                city: terminated_by_id.map(Id::new),
                date: Some(date),
                resolution: termination_resolution_id.map(Id::new),
                reason: termination_reason,
            }),
            renews: renews_id.map(Id::new),
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Kind => Find::text(row::Column::Kind),
            Field::SignedOn => Find::partial(row::Column::SignedFirst, row::Column::SignedLast),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, kind, paper, valid_from, valid_to, open_ended, suspensions, termination, renews } =
                (*fact).clone();
            let Paper { title, partnership, signed_on, place, occasion, aims, scope } = paper;
            let place = place.unwrap_or_default();
            let Termination { city, date, resolution, reason } = termination.unwrap_or_default();
            let (signed_on, signed_first, signed_last) = date_columns(signed_on);
            row::Model {
                id: meta.id,
                kind: kind.map(Open::into_label),
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
                valid_from: valid_from.map(|date| date.to_string()),
                valid_to: valid_to.map(|date| date.to_string()),
                open_ended,
                suspensions: to_json_option(suspensions.as_ref()),
                terminated_on: date.map(|date| date.to_string()),
                terminated_by_id: city.map(Id::raw),
                termination_resolution_id: resolution.map(Id::raw),
                termination_reason: to_json_option(reason.as_ref()),
            }
        }))
    }
}

crate::table::table! {
    /// The table `agreement`.
    mod row = "agreement";
    key { id: Uuid }
    read {
        title: String,
    }
    aside {
        kind: Option<String> as kind | kind_label,
        partnership_id: Option<Uuid> as partnership,
        signed_on: Option<String> as signed_on | status,
        place_city_id: Option<Uuid> as place,
        place_organization_id: Option<Uuid> as place,
        place_name: Option<String> as place,
        place_venue: Option<String> as place,
        occasion: Option<String>,
        aims: Option<String>,
        scope: Option<String>,
        renews_id: Option<Uuid> as renews,
        valid_from: Option<String> as valid_from | status,
        valid_to: Option<String> as valid_to | status,
        open_ended: bool as open_ended | status,
        suspensions: Option<String> as suspensions | status,
        terminated_on: Option<String> as termination | status,
        terminated_by_id: Option<Uuid> as termination,
        termination_resolution_id: Option<Uuid> as termination,
        termination_reason: Option<String> as termination,
    }
    find { signed_first: Option<Date>, signed_last: Option<Date> }
}

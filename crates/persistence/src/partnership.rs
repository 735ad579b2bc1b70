//! The lasting relation of cities.

use pomost_domain::partnership::{Field, Partnership};
use pomost_domain::theme::AREA_FACET;
use pomost_domain::{Id, Meta};

use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, Upsert, closed, date_columns, json_option, label, labels, partial_date, to_json_option, to_labels,
    upsert,
};

impl Mapped for Partnership {
    const TABLE: &'static str = "partnership";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row {
            id: _,
            status,
            since_on,
            until_on,
            interruptions,
            brokered_by_id,
            themes,
            succeeds_id,
            succeeded_by_id,
            part_of_id,
        } = row;
        Ok(Self {
            meta,
            status: closed("status", status.as_deref())?,
            since: partial_date("since_on", since_on.as_deref())?,
            until: partial_date("until_on", until_on.as_deref())?,
            interruptions: json_option("interruptions", interruptions.as_deref())?,
            brokered_by: brokered_by_id.map(Id::new),
            themes: labels("themes", themes.as_deref())?,
            succeeds: succeeds_id.map(Id::new),
            succeeded_by: succeeded_by_id.map(Id::new),
            part_of: part_of_id.map(Id::new),
        })
    }

    fn find(field: Field) -> Find {
        use row::Column as C;
        match field {
            Field::Status => Find::text(C::Status),
            Field::Since => Find::partial(C::SinceFirst, C::SinceLast),
            Field::Until => Find::partial(C::UntilFirst, C::UntilLast),
            Field::Period => Find::period([C::SinceFirst, C::SinceLast], [C::UntilFirst, C::UntilLast]),
            Field::Area => Find::Facet(AREA_FACET),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                status,
                since,
                until,
                interruptions,
                brokered_by,
                themes,
                succeeds,
                succeeded_by,
                part_of,
            } = (*fact).clone();
            let (since_on, since_first, since_last) = date_columns(since);
            let (until_on, until_first, until_last) = date_columns(until);
            row::Model {
                id: meta.id,
                status: label(status),
                since_on,
                since_first,
                since_last,
                until_on,
                until_first,
                until_last,
                interruptions: to_json_option(interruptions.as_ref()),
                brokered_by_id: brokered_by.map(Id::raw),
                themes: to_labels(themes.as_ref()),
                succeeds_id: succeeds.map(Id::raw),
                succeeded_by_id: succeeded_by.map(Id::raw),
                part_of_id: part_of.map(Id::raw),
            }
        }))
    }
}

crate::table::table! {
    /// The table `partnership`.
    mod row = "partnership";
    key { id: Uuid }
    read {}
    aside {
        status: Option<String> as status | status_periods,
        since_on: Option<String> as since | status_periods,
        until_on: Option<String> as until | status_periods,
        interruptions: Option<String> as status_periods,
        brokered_by_id: Option<Uuid> as brokered_by,
        themes: Option<String> as areas,
        succeeds_id: Option<Uuid> as succeeds,
        succeeded_by_id: Option<Uuid> as succeeded_by,
        part_of_id: Option<Uuid> as part_of,
    }
    find { since_first: Option<Date>, since_last: Option<Date>, until_first: Option<Date>, until_last: Option<Date> }
}

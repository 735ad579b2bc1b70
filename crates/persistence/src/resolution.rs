//! Council resolutions.

use pomost_domain::resolution::{Field, Resolution};
use pomost_domain::{Id, Meta};

use crate::filter::Find;
use crate::mapped::{Corrupt, Mapped, Upsert, date_columns, partial_date, text, to_json, upsert};

impl Mapped for Resolution {
    const TABLE: &'static str = "resolution";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, city_id, body_id, subject, number, adopted_on, partnership_id } = row;
        Ok(Self {
            meta,
            city: city_id.map(Id::new),
            body: body_id.map(Id::new),
            subject: text("subject", &subject)?,
            number,
            adopted_on: partial_date("adopted_on", adopted_on.as_deref())?,
            partnership: partnership_id.map(Id::new),
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::AdoptedOn => Find::partial(row::Column::AdoptedFirst, row::Column::AdoptedLast),
            Field::Number => Find::text(row::Column::Number),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, city, body, subject, number, adopted_on, partnership } = (*fact).clone();
            let (adopted_on, adopted_first, adopted_last) = date_columns(adopted_on);
            row::Model {
                id: meta.id,
                city_id: city.map(Id::raw),
                body_id: body.map(Id::raw),
                subject: to_json(&subject),
                number,
                adopted_on,
                adopted_first,
                adopted_last,
                partnership_id: partnership.map(Id::raw),
            }
        }))
    }
}

crate::table::table! {
    /// The table `resolution`.
    mod row = "resolution";
    key { id: Uuid }
    read {
        subject: String,
    }
    aside {
        city_id: Option<Uuid> as city,
        body_id: Option<Uuid> as council,
        number: Option<String>,
        adopted_on: Option<String>,
        partnership_id: Option<Uuid> as partnership,
    }
    find { adopted_first: Option<Date>, adopted_last: Option<Date> }
}

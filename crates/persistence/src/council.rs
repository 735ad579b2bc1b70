//! Terms and sessions of councils.

use pomost_domain::council::{Field, Session, Term};
use pomost_domain::{Id, Meta};

use crate::filter::Find;
use crate::mapped::{Corrupt, Mapped, Upsert, date_columns, partial_date, text, to_json, upsert};

impl Mapped for Term {
    const TABLE: &'static str = "term";
    type Row = term::Row;

    fn read(meta: Meta, row: term::Row) -> Result<Self, Corrupt> {
        let term::Row { id: _, council_id, number, starts_on, ends_on } = row;
        Ok(Self {
            meta,
            council: Id::new(council_id),
            number,
            starts_on: partial_date("starts_on", starts_on.as_deref())?,
            ends_on: partial_date("ends_on", ends_on.as_deref())?,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Date => Find::partial(term::Column::StartsFirst, term::Column::StartsLast),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, council, number, starts_on, ends_on } = (*fact).clone();
            let (starts_on, starts_first, starts_last) = date_columns(starts_on);
            term::Model {
                id: meta.id,
                council_id: council.raw(),
                number,
                starts_on,
                starts_first,
                starts_last,
                ends_on: ends_on.map(|date| date.to_string()),
            }
        }))
    }
}

impl Mapped for Session {
    const TABLE: &'static str = "session";
    type Row = session::Row;

    fn read(meta: Meta, row: session::Row) -> Result<Self, Corrupt> {
        let session::Row { id: _, council_id, term_id, number, title, held_on } = row;
        Ok(Self {
            meta,
            council: council_id.map(Id::new),
            term: term_id.map(Id::new),
            number,
            title: text("title", &title)?,
            held_on,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Date => Find::Day(sea_orm::IntoSimpleExpr::into_simple_expr(session::Column::HeldOn)),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, council, term, number, title, held_on } = (*fact).clone();
            session::Model {
                id: meta.id,
                council_id: council.map(Id::raw),
                term_id: term.map(Id::raw),
                number,
                title: to_json(&title),
                held_on,
            }
        }))
    }
}

crate::table::table! {
    /// The table `term`.
    mod term = "term";
    key { id: Uuid }
    read {
        council_id: Uuid,
    }
    aside {
        number: Option<String>,
        starts_on: Option<String>,
        ends_on: Option<String>,
    }
    find { starts_first: Option<Date>, starts_last: Option<Date> }
}

crate::table::table! {
    /// The table `session`.
    mod session = "session";
    key { id: Uuid }
    read {
        title: String,
    }
    aside {
        council_id: Option<Uuid> as council,
        term_id: Option<Uuid> as term,
        number: Option<String>,
        held_on: Option<Date>,
    }
}

//! Answers to interpellations.

use pomost_domain::answer::{Answer, Field};
use pomost_domain::{Id, Meta};

use crate::filter::Find;
use crate::mapped::{Corrupt, Mapped, Upsert, from_count, json_option, partial_date, to_count, to_json_option, upsert};

impl Mapped for Answer {
    const TABLE: &'static str = "answer";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row {
            id: _,
            interpellation_id,
            position,
            document_id,
            addressee,
            answered_on,
            summary,
            areas,
            announcements,
        } = row;
        Ok(Self {
            meta,
            interpellation: Id::new(interpellation_id),
            position: from_count("position", Some(position))?.unwrap_or_default(),
            document: document_id.map(Id::new),
            addressee,
            answered_on: partial_date("answered_on", answered_on.as_deref())?,
            summary: json_option("summary", summary.as_deref())?,
            areas: json_option("areas", areas.as_deref())?,
            announcements: json_option("announcements", announcements.as_deref())?,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Position => Find::integer(row::Column::Position),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                interpellation,
                position,
                document,
                addressee,
                answered_on,
                summary,
                areas,
                announcements,
            } = (*fact).clone();
            row::Model {
                id: meta.id,
                interpellation_id: interpellation.raw(),
                position: to_count(Some(position)).unwrap_or_default(),
                document_id: document.map(Id::raw),
                addressee,
                answered_on: answered_on.map(|date| date.to_string()),
                summary: to_json_option(summary.as_ref()),
                areas: to_json_option(areas.as_ref()),
                announcements: to_json_option(announcements.as_ref()),
            }
        }))
    }
}

crate::table::table! {
    /// The table `answer`.
    mod row = "answer";
    key { id: Uuid }
    read {
        interpellation_id: Uuid,
        position: i32,
    }
    aside {
        document_id: Option<Uuid> as document,
        addressee: Option<String>,
        answered_on: Option<String>,
        summary: Option<String>,
        areas: Option<String>,
        announcements: Option<String>,
    }
}

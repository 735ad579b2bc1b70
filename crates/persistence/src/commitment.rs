//! The single promises of letters of intent.

use pomost_domain::commitment::{Commitment, Field};
use pomost_domain::theme::AREA_FACET;
use pomost_domain::{Id, Meta, Open};

use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, Upsert, closed, date_columns, from_count, json_option, label, partial_date, to_count, to_json,
    to_json_option, upsert,
};

impl Mapped for Commitment {
    const TABLE: &'static str = "commitment";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, letter_of_intent_id, position, order, theme, text, due_on, due_note, quantity, status } =
            row;
        Ok(Self {
            meta,
            letter: Id::new(letter_of_intent_id),
            position: from_count("position", Some(position))?.unwrap_or_default(),
            order: from_count("order", order)?,
            theme: theme.map(Open::new),
            text: crate::mapped::text("text", &text)?,
            due_from: partial_date("due_on", due_on.as_deref())?,
            due_note: json_option("due_note", due_note.as_deref())?,
            quantity: json_option("quantity", quantity.as_deref())?,
            status: closed("status", status.as_deref())?,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Area => Find::Facet(AREA_FACET),
            Field::Status => Find::text(row::Column::Status),
            Field::DueFrom => Find::partial(row::Column::DueFirst, row::Column::DueLast),
            Field::Position => Find::integer(row::Column::Position),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, letter, position, order, theme, text, due_from, due_note, quantity, status } =
                (*fact).clone();
            let (due_on, due_first, due_last) = date_columns(due_from);
            row::Model {
                id: meta.id,
                letter_of_intent_id: letter.raw(),
                position: to_count(Some(position)).unwrap_or_default(),
                order: to_count(order),
                theme: theme.map(Open::into_label),
                text: to_json(&text),
                due_on,
                due_first,
                due_last,
                due_note: to_json_option(due_note.as_ref()),
                quantity: to_json_option(quantity.as_ref()),
                status: label(status),
            }
        }))
    }
}

crate::table::table! {
    /// The table `commitment`.
    mod row = "commitment";
    key { id: Uuid }
    read {
        letter_of_intent_id: Uuid,
        position: i32,
        text: String,
    }
    aside {
        order: Option<i32>,
        theme: Option<String> as area,
        due_on: Option<String> as due_from,
        due_note: Option<String>,
        quantity: Option<String>,
        status: Option<String>,
    }
    find { due_first: Option<Date>, due_last: Option<Date> }
}

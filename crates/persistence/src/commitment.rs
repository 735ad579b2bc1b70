//! The single promises of letters of intent.

use pomost_domain::commitment::{Commitment, Field};
use pomost_domain::theme::AREA_FACET;
use pomost_domain::{Id, Meta, Open};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{
    Mapped, ReadError, Upsert, closed, columns, date_columns, from_count, json_option, label, partial_date, row,
    to_count, to_json, to_json_option, upsert,
};

impl Mapped for Commitment {
    const TABLE: &'static str = "commitment";

    fn select(select: &mut SelectStatement) {
        columns::<row::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let row::Model {
            id: _,
            letter_of_intent_id,
            position,
            order,
            theme,
            text,
            due_on,
            due_first: _,
            due_last: _,
            due_note,
            quantity,
            status,
        } = row(result, "t_")?;
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

/// The table `commitment`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "commitment")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub letter_of_intent_id: Uuid,
        pub position: i32,
        pub order: Option<i32>,
        pub theme: Option<String>,
        pub text: String,
        pub due_on: Option<String>,
        pub due_first: Option<Date>,
        pub due_last: Option<Date>,
        pub due_note: Option<String>,
        pub quantity: Option<String>,
        pub status: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

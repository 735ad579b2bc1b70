//! Terms and sessions of councils.

use pomost_domain::council::{Field, Session, Term};
use pomost_domain::{Id, Meta};
use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use crate::filter::Find;
use crate::mapped::{Mapped, ReadError, Upsert, columns, date_columns, partial_date, row, text, to_json, upsert};

impl Mapped for Term {
    const TABLE: &'static str = "term";

    fn select(select: &mut SelectStatement) {
        columns::<term::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let term::Model { id: _, council_id, number, starts_on, starts_first: _, starts_last: _, ends_on } =
            row(result, "t_")?;
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

    fn select(select: &mut SelectStatement) {
        columns::<session::Entity>(select, "t_");
    }

    fn read(meta: Meta, result: &QueryResult) -> Result<Self, ReadError> {
        let session::Model { id: _, council_id, term_id, number, title, held_on } = row(result, "t_")?;
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

/// The table `term`.
mod term {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "term")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub council_id: Uuid,
        pub number: Option<String>,
        pub starts_on: Option<String>,
        pub starts_first: Option<Date>,
        pub starts_last: Option<Date>,
        pub ends_on: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `session`.
mod session {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub council_id: Option<Uuid>,
        pub term_id: Option<Uuid>,
        pub number: Option<String>,
        pub title: String,
        pub held_on: Option<Date>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

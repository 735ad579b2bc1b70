//! Interpellations and questions.

use pomost_domain::interpellation::{Field, Interpellation};
use pomost_domain::{Id, Meta, Open};

use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, Upsert, date_columns, json_option, partial_date, text, to_json, to_json_option, upsert,
};

impl Mapped for Interpellation {
    const TABLE: &'static str = "interpellation";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row {
            id: _,
            kind,
            city_id,
            council_id,
            submitted_on,
            session_id,
            subject,
            body,
            questions,
            received_by_mayor_on,
            assigned_to,
            retracted_on,
        } = row;
        Ok(Self {
            meta,
            kind: kind.map(Open::new),
            city: city_id.map(Id::new),
            council: council_id.map(Id::new),
            submitted_on: partial_date("submitted_on", submitted_on.as_deref())?,
            session: session_id.map(Id::new),
            subject: text("subject", &subject)?,
            text: json_option("body", body.as_deref())?,
            questions: json_option("questions", questions.as_deref())?,
            received_by_mayor_on,
            assigned_to,
            retracted_on: partial_date("retracted_on", retracted_on.as_deref())?,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Kind => Find::text(row::Column::Kind),
            Field::SubmittedOn => Find::partial(row::Column::SubmittedFirst, row::Column::SubmittedLast),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                kind,
                city,
                council,
                submitted_on,
                session,
                subject,
                text,
                questions,
                received_by_mayor_on,
                assigned_to,
                retracted_on,
            } = (*fact).clone();
            let (submitted_on, submitted_first, submitted_last) = date_columns(submitted_on);
            row::Model {
                id: meta.id,
                kind: kind.map(Open::into_label),
                city_id: city.map(Id::raw),
                council_id: council.map(Id::raw),
                submitted_on,
                submitted_first,
                submitted_last,
                session_id: session.map(Id::raw),
                subject: to_json(&subject),
                body: to_json_option(text.as_ref()),
                questions: to_json_option(questions.as_ref()),
                received_by_mayor_on,
                assigned_to,
                retracted_on: retracted_on.map(|date| date.to_string()),
            }
        }))
    }
}

crate::table::table! {
    /// The table `interpellation`.
    mod row = "interpellation";
    key { id: Uuid }
    read {
        subject: String,
    }
    aside {
        kind: Option<String> as kind | kind_label,
        city_id: Option<Uuid> as city,
        council_id: Option<Uuid> as council,
        submitted_on: Option<String> as submitted_on | status,
        session_id: Option<Uuid> as session,
        body: Option<String> as text,
        questions: Option<String>,
        received_by_mayor_on: Option<Date> as received_by_mayor_on | status,
        assigned_to: Option<String> as assigned_to | status,
        retracted_on: Option<String> as retracted_on | status,
    }
    find { submitted_first: Option<Date>, submitted_last: Option<Date> }
}

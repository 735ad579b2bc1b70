//! Papers, publications, films and broadcasts.

use pomost_domain::document::{Document, Field, LANGUAGE_FACET};
use pomost_domain::{Id, Meta, Open};

use crate::filter::Find;
use crate::mapped::{
    Corrupt, Mapped, Upsert, date_columns, from_count, json_option, partial_date, text, to_count, to_json,
    to_json_option, upsert,
};

impl Mapped for Document {
    const TABLE: &'static str = "document";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row {
            id: _,
            title,
            kind,
            dated_on,
            language,
            languages,
            reference,
            url,
            print_run,
            city_id,
            interpellation_id,
        } = row;
        Ok(Self {
            meta,
            title: text("title", &title)?,
            kind: kind.map(Open::new),
            dated_on: partial_date("dated_on", dated_on.as_deref())?,
            language: language
                .map(|tag| tag.parse().map_err(|error| format!("column language: {error}")))
                .transpose()?,
            languages: json_option("languages", languages.as_deref())?,
            reference,
            url,
            print_run: from_count("print_run", print_run)?,
            city: city_id.map(Id::new),
            interpellation: interpellation_id.map(Id::new),
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Kind => Find::text(row::Column::Kind),
            Field::DatedOn => Find::partial(row::Column::DatedFirst, row::Column::DatedLast),
            Field::Language => Find::Facet(LANGUAGE_FACET),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self {
                meta,
                title,
                kind,
                dated_on,
                language,
                languages,
                reference,
                url,
                print_run,
                city,
                interpellation,
            } = (*fact).clone();
            let (dated_on, dated_first, dated_last) = date_columns(dated_on);
            row::Model {
                id: meta.id,
                title: to_json(&title),
                kind: kind.map(Open::into_label),
                dated_on,
                dated_first,
                dated_last,
                language: language.map(|locale| locale.to_string()),
                languages: to_json_option(languages.as_ref()),
                reference,
                url,
                print_run: to_count(print_run),
                city_id: city.map(Id::raw),
                interpellation_id: interpellation.map(Id::raw),
            }
        }))
    }
}

crate::table::table! {
    /// The table `document`.
    mod row = "document";
    key { id: Uuid }
    read {
        title: String,
    }
    aside {
        kind: Option<String> as kind | kind_label,
        dated_on: Option<String>,
        language: Option<String>,
        languages: Option<String>,
        reference: Option<String>,
        url: Option<String>,
        print_run: Option<i32>,
        city_id: Option<Uuid> as city,
        interpellation_id: Option<Uuid> as interpellation,
    }
    find { dated_first: Option<Date>, dated_last: Option<Date> }
}

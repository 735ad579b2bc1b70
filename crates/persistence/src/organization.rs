//! Institutions, associations and companies.

use pomost_domain::organization::{Field, Organization};
use pomost_domain::{Id, Meta, Open};

use crate::filter::Find;
use crate::mapped::{Corrupt, Mapped, Upsert, partial_date, text, to_json, upsert};

impl Mapped for Organization {
    const TABLE: &'static str = "organization";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, kind, name, city_id, seat_name, parent_id, founded_on, address, website } = row;
        Ok(Self {
            meta,
            name: text("name", &name)?,
            kind: kind.map(Open::new),
            city: city_id.map(Id::new),
            seat_name,
            parent: parent_id.map(Id::new),
            founded: partial_date("founded_on", founded_on.as_deref())?,
            address,
            website,
        })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Kind => Find::text(row::Column::Kind),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, name, kind, city, seat_name, parent, founded, address, website } = (*fact).clone();
            row::Model {
                id: meta.id,
                kind: kind.map(Open::into_label),
                name: to_json(&name),
                city_id: city.map(Id::raw),
                seat_name,
                parent_id: parent.map(Id::raw),
                founded_on: founded.map(|date| date.to_string()),
                address,
                website,
            }
        }))
    }
}

crate::table::table! {
    /// The table `organization`.
    mod row = "organization";
    key { id: Uuid }
    read {
        name: String,
    }
    aside {
        kind: Option<String> as kind | kind_label,
        city_id: Option<Uuid> as city,
        seat_name: Option<String>,
        parent_id: Option<Uuid> as parent,
        founded_on: Option<String>,
        address: Option<String>,
        website: Option<String>,
    }
}

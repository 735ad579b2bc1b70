//! Holders of a public office.

use pomost_domain::official::{Field, Official};
use pomost_domain::{Id, Meta};

use crate::filter::Find;
use crate::mapped::{Corrupt, Mapped, Upsert, upsert};

impl Mapped for Official {
    const TABLE: &'static str = "official";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, person, office, city_id } = row;
        Ok(Self { meta, person, office, city: city_id.map(Id::new) })
    }

    fn find(field: Field) -> Find {
        match field {
            Field::Office => Find::text(row::Column::Office),
        }
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, person, office, city } = (*fact).clone();
            row::Model { id: meta.id, person, office, city_id: city.map(Id::raw) }
        }))
    }
}

crate::table::table! {
    /// The table `official`.
    mod row = "official";
    key { id: Uuid }
    read {
        person: String,
    }
    aside {
        office: Option<String>,
        city_id: Option<Uuid> as city,
    }
}

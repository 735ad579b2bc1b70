//! Funding programmes.

use pomost_domain::Meta;
use pomost_domain::programme::{Field, Programme};

use crate::filter::Find;
use crate::mapped::{Corrupt, Mapped, Upsert, text, to_json, upsert};

impl Mapped for Programme {
    const TABLE: &'static str = "programme";
    type Row = row::Row;

    fn read(meta: Meta, row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, name } = row;
        Ok(Self { meta, name: text("name", &name)? })
    }

    fn find(field: Field) -> Find {
        match field {}
    }

    fn save(facts: &[&Self]) -> Vec<Upsert> {
        upsert(facts.iter().map(|fact| {
            let Self { meta, name } = (*fact).clone();
            row::Model { id: meta.id, name: to_json(&name) }
        }))
    }
}

crate::table::table! {
    /// The table `programme`.
    mod row = "programme";
    key { id: Uuid }
    read {
        name: String,
    }
}

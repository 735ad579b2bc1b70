//! What study visits add to activities.

use pomost_domain::study_visit::StudyVisitDetail;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{Corrupt, Upsert, json_option, to_json_option, upsert};

impl MappedDetail for StudyVisitDetail {
    const TABLE: &'static str = "study_visit";
    type Row = row::Row;

    fn read(row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, topics } = row;
        Ok(Self { topics: json_option("topics", topics.as_deref())? })
    }

    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert> {
        upsert(rows.into_iter().map(|(id, Self { topics })| row::Model { id, topics: to_json_option(topics.as_ref()) }))
    }
}

crate::table::table! {
    /// The table `study_visit`.
    mod row = "study_visit";
    key { id: Uuid }
    read {}
    aside {
        topics: Option<String>,
    }
}

//! What joint events add to activities.

use pomost_domain::Id;
use pomost_domain::joint_event::JointEventDetail;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{Corrupt, Upsert, upsert};

impl MappedDetail for JointEventDetail {
    const TABLE: &'static str = "joint_event";
    type Row = row::Row;

    fn read(row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, meeting_id } = row;
        Ok(Self { meeting: meeting_id.map(Id::new) })
    }

    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert> {
        upsert(rows.into_iter().map(|(id, Self { meeting })| row::Model { id, meeting_id: meeting.map(Id::raw) }))
    }
}

crate::table::table! {
    /// The table `joint_event`.
    mod row = "joint_event";
    key { id: Uuid }
    read {}
    aside {
        meeting_id: Option<Uuid> as meeting,
    }
}

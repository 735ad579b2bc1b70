//! What meetings add to activities.

use pomost_domain::Id;
use pomost_domain::meeting::MeetingDetail;
use uuid::Uuid;

use crate::activity::MappedDetail;
use crate::mapped::{Corrupt, Upsert, upsert};

impl MappedDetail for MeetingDetail {
    const TABLE: &'static str = "meeting";
    type Row = row::Row;

    fn read(row: row::Row) -> Result<Self, Corrupt> {
        let row::Row { id: _, agreement_id, letter_of_intent_id, event_id } = row;
        Ok(Self {
            agreement: agreement_id.map(Id::new),
            letter_of_intent: letter_of_intent_id.map(Id::new),
            event: event_id.map(Id::new),
        })
    }

    fn save(rows: Vec<(Uuid, Self)>) -> Vec<Upsert> {
        upsert(rows.into_iter().map(|(id, Self { agreement, letter_of_intent, event })| row::Model {
            id,
            agreement_id: agreement.map(Id::raw),
            letter_of_intent_id: letter_of_intent.map(Id::raw),
            event_id: event.map(Id::raw),
        }))
    }
}

crate::table::table! {
    /// The table `meeting`.
    mod row = "meeting";
    key { id: Uuid }
    read {}
    aside {
        agreement_id: Option<Uuid> as agreement,
        letter_of_intent_id: Option<Uuid> as letter_of_intent,
        event_id: Option<Uuid> as event,
    }
}

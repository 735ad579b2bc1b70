//! The later passes of an import on the side of the file.

use pomost_domain::Locale;
use pomost_domain::exchange::{self, Fault, Json, Visit};
use tokio::sync::mpsc;

use crate::batch::BATCH;

/// Records of one collection, with their places.
pub(super) type Portion = Vec<(usize, Json)>;

/// The later passes on the side of the file: records in portions of one collection.
pub(super) struct Chunks {
    pub(super) sender: mpsc::Sender<(String, Portion)>,
    pub(super) collection: String,
    pub(super) chunk: Portion,
}

impl Chunks {
    pub(super) fn send(&mut self) -> bool {
        if self.chunk.is_empty() {
            return true;
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.sender.blocking_send((self.collection.clone(), chunk)).is_ok()
    }
}

impl Visit for Chunks {
    // The first pass has taken it.
    fn language(&mut self, _: Locale) {}

    fn knows(&self, collection: &str) -> bool {
        exchange::collections().contains(&collection)
    }

    fn record(&mut self, collection: &str, place: usize, json: Json) -> bool {
        if self.chunk.len() == BATCH || self.collection != collection {
            if !self.send() {
                return false;
            }
            collection.clone_into(&mut self.collection);
        }
        self.chunk.push((place, json));
        true
    }

    fn fault(&mut self, _: Fault) {}
}

//! A later pass over a file: its records in portions of one collection.

use std::io::BufReader;

use pomost_domain::exchange::{self, Exchanged, Fault, Json, Reader, Visit};
use pomost_domain::{Locale, for_each_collection};
use tokio::sync::mpsc;

use super::{File, ImportError};
use crate::batch::BATCH;
use crate::command::Writable;
use crate::error::StoreError;
use crate::transaction::Tx;

/// Records of one collection, with their places.
pub(super) type Portion = Vec<(usize, Json)>;

/// What is done with each portion of a file.
pub(super) trait Pass: Send {
    /// Takes the next portion.
    fn portion<T: Writable>(
        &mut self,
        portion: Portion,
        tx: &mut Tx,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes all portions of a file; `progress` gets the number of records so far.
    async fn run(
        &mut self,
        file: File,
        tx: &mut Tx,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), ImportError> {
        let (sender, mut portions) = mpsc::channel::<(String, Portion)>(4);
        let reading = tokio::task::spawn_blocking(move || {
            let mut cutter = Cutter { sender, collection: String::new(), portion: Vec::new() };
            // Mistakes in the shape of the file were reported by the survey.
            let _ = Reader::read(BufReader::with_capacity(1 << 16, file), &mut cutter);
            cutter.send();
        });
        let mut read = 0;
        while let Some((collection, portion)) = portions.recv().await {
            read += portion.len() as u64;
            macro_rules! dispatch {
                ($($fact:ty,)+) => {
                    match collection.as_str() {
                        // Boxed, as the largest of them would be in the future of every import.
                        $(<$fact as Exchanged>::COLLECTION => Box::pin(self.portion::<$fact>(portion, tx)).await?,)+
                        _ => {}
                    }
                };
            }
            for_each_collection!(dispatch);
            progress(read);
        }
        reading.await.map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(())
    }
}

/// Cuts a file into portions.
struct Cutter {
    sender: mpsc::Sender<(String, Portion)>,
    collection: String,
    portion: Portion,
}

impl Cutter {
    fn send(&mut self) -> bool {
        if self.portion.is_empty() {
            return true;
        }
        let portion = std::mem::take(&mut self.portion);
        self.sender.blocking_send((self.collection.clone(), portion)).is_ok()
    }
}

impl Visit for Cutter {
    // The survey has noted it.
    fn language(&mut self, _: Locale) {}

    fn knows(&self, collection: &str) -> bool {
        exchange::collections().contains(&collection)
    }

    fn record(&mut self, collection: &str, place: usize, json: Json) -> bool {
        if self.portion.len() == BATCH || self.collection != collection {
            if !self.send() {
                return false;
            }
            collection.clone_into(&mut self.collection);
        }
        self.portion.push((place, json));
        true
    }

    fn fault(&mut self, _: Fault) {}
}

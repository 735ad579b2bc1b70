//! The mistakes of a file: which of them refuse it, and which records are rejected for theirs.

use std::collections::HashSet;

use pomost_domain::exchange::{self, Fault};

use super::{ImportError, OnFault};

/// How many faults are collected: enough to correct a file, bounded where all of it is wrong.
const MAX_FAULTS: usize = 10_000;

/// A record of a file: its collection, and its place in it.
pub(super) type Place = (&'static str, usize);

/// The record that a fault is about.
pub(super) fn place_of(fault: &Fault) -> Option<Place> {
    let mut parts = fault.pointer.split('/').skip(1);
    let (collection, place) = (parts.next()?, parts.next()?.parse().ok()?);
    exchange::collections().into_iter().find(|known| *known == collection).map(|known| (known, place))
}

/// Adds faults to a list, as far as there is room for them.
pub(super) fn collect(list: &mut Vec<Fault>, more: impl IntoIterator<Item = Fault>) {
    list.extend(more.into_iter().take(MAX_FAULTS.saturating_sub(list.len())));
}

/// The mistakes found so far.
pub(super) struct Verdict {
    on_fault: OnFault,
    order: FileOrder,
    rejected: HashSet<Place>,
    /// The faults of rejected records.
    of_rejected: Vec<Fault>,
    /// The faults that refuse the file.
    of_file: Vec<Fault>,
}

impl Verdict {
    /// The verdict after the survey. `faulty`: all records with faults, also those whose faults were not collected.
    pub(super) fn of(on_fault: OnFault, order: FileOrder, faults: Vec<Fault>, faulty: HashSet<Place>) -> Self {
        let rejected = if on_fault == OnFault::RejectFailed { faulty } else { HashSet::new() };
        let mut verdict = Self { on_fault, order, rejected, of_rejected: Vec::new(), of_file: Vec::new() };
        verdict.add(faults);
        verdict
    }

    /// Adds faults, each of one record or of the file as a whole.
    pub(super) fn add(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            match place_of(&fault) {
                Some(place) if self.on_fault == OnFault::RejectFailed => {
                    self.rejected.insert(place);
                    collect(&mut self.of_rejected, [fault]);
                }
                _ => collect(&mut self.of_file, [fault]),
            }
        }
    }

    /// The records that are not written.
    pub(super) fn rejected(&self) -> &HashSet<Place> {
        &self.rejected
    }

    /// The faults of these records.
    pub(super) fn faults_of_rejected(&self) -> &[Fault] {
        &self.of_rejected
    }

    /// Whether nothing of the file is written.
    pub(super) fn is_refusal(&self) -> bool {
        !self.of_file.is_empty()
    }

    /// The refusal of the file.
    pub(super) fn into_refusal(self, warnings: Vec<Fault>) -> ImportError {
        self.order.refuse(self.of_file, warnings)
    }

    /// The rejected records and their faults.
    pub(super) fn into_rejected(self) -> (Vec<Place>, Vec<Fault>) {
        let mut rejected: Vec<Place> = self.rejected.into_iter().collect();
        rejected.sort_unstable();
        (rejected, self.order.sorted(self.of_rejected))
    }
}

/// The collections of a file in their order.
#[derive(Default)]
pub(super) struct FileOrder(Vec<String>);

impl FileOrder {
    pub(super) fn note(&mut self, collection: &str) {
        if self.0.last().is_none_or(|last| last != collection) && !self.0.iter().any(|known| known == collection) {
            self.0.push(collection.to_owned());
        }
    }

    /// The refusal of a file.
    pub(super) fn refuse(&self, faults: Vec<Fault>, warnings: Vec<Fault>) -> ImportError {
        ImportError::Faults { faults: self.sorted(faults), warnings }
    }

    /// Faults in the order of the records of the file; faults of the file as a whole are last.
    fn sorted(&self, mut faults: Vec<Fault>) -> Vec<Fault> {
        faults.sort_by_cached_key(|fault| {
            let collection = fault.pointer.split('/').nth(1);
            let place = collection.and_then(|name| self.0.iter().position(|known| known == name));
            (place.unwrap_or(usize::MAX), natural(&fault.pointer))
        });
        faults.dedup();
        faults
    }
}

/// Orders pointers as their places stand in a list: numbers by value.
fn natural(pointer: &str) -> Vec<(u64, String)> {
    pointer
        .split('/')
        .map(|part| part.parse().map_or((u64::MAX, part.to_owned()), |number| (number, String::new())))
        .collect()
}

//! Which records of a file cannot be written because others are rejected.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pomost_domain::exchange::{Asked as Reference, Fault};
use pomost_domain::id::of_slug;
use uuid::Uuid;

use super::compare::ComparedRecords;
use super::pass::{Pass, Portion};
use super::read::{ReadRecords, Scope};
use super::verdict::{Place, place_of};
use super::{File, ImportError};
use crate::command::Writable;
use crate::error::StoreError;
use crate::reference::missing;
use crate::transaction::Tx;

impl Scope<'_> {
    /// Rejects the records that cannot be written, and those that need them. It reads the file once more, and writes nothing.
    pub(super) async fn pruned(self, file: File, tx: &mut Tx) -> Result<Self, ImportError> {
        let mut pruning = Pruning { scope: self, references: References::default() };
        pruning.run(file, tx, &mut |_| {}).await?;
        let Pruning { mut scope, references } = pruning;
        let (present, faults) = references.prune(scope.verdict.rejected());
        scope.present = Arc::new(present);
        scope.verdict.add(faults);
        Ok(scope)
    }
}

/// The pass that finds the records to be rejected.
struct Pruning<'a> {
    scope: Scope<'a>,
    references: References,
}

impl Pass for Pruning<'_> {
    async fn portion<T: Writable>(&mut self, portion: Portion, tx: &mut Tx) -> Result<(), StoreError> {
        let read = ReadRecords::<T>::of(portion, &self.scope, tx).await?;
        self.references.note(&read);
        let compared = ComparedRecords::of(read, &self.scope, tx).await?;
        self.scope.verdict.add(compared.findings.faults);
        Ok(())
    }
}

/// Which records of a file need which.
#[derive(Default)]
struct References {
    /// The records of the file, with their ids. Two may have the same.
    records: Vec<(Place, Uuid)>,
    /// The references that only the file itself can meet, by each of the records that would meet them.
    needs: HashMap<Uuid, Vec<(Reference, Vec<Uuid>)>>,
}

impl References {
    /// Notes records and their references.
    fn note<T: Writable>(&mut self, read: &ReadRecords<T>) {
        let record = |place: usize, id: Uuid| ((T::COLLECTION, place), id);
        self.records.extend(read.entries.iter().map(|(place, entry)| record(*place, entry.fact.meta().id)));
        let run = &read.run;
        for reference in &run.asked {
            let kinds = || reference.or.iter().chain([&reference.kind]);
            if kinds().any(|kind| run.known.contains_key(&(*kind, reference.slug.clone()))) {
                continue;
            }
            let mut met: Vec<Uuid> =
                kinds().map(|kind| of_slug(*kind, &reference.slug)).filter(|id| run.present.contains(id)).collect();
            met.dedup();
            for id in &met {
                self.needs.entry(*id).or_default().push((reference.clone(), met.clone()));
            }
        }
    }

    /// The ids of the records that are left without the rejected ones and those that need them, and the fault of each of the latter.
    fn prune(mut self, rejected: &HashSet<Place>) -> (HashSet<Uuid>, Vec<Fault>) {
        let mut holders: HashMap<Uuid, usize> = HashMap::new();
        let mut ids: HashMap<Place, Uuid> = HashMap::new();
        for (place, id) in &self.records {
            ids.insert(*place, *id);
            *holders.entry(*id).or_default() += usize::from(!rejected.contains(place));
        }
        // Records that the survey rejected were not read and have no id here: they meet no reference.
        let named: HashSet<Uuid> = self.needs.keys().copied().collect();
        let mut falling: Vec<Uuid> =
            named.into_iter().filter(|id| holders.get(id).copied().unwrap_or_default() == 0).collect();
        let mut gone: HashSet<Uuid> = falling.iter().copied().collect();
        let (mut fallen, mut faults) = (rejected.clone(), Vec::new());
        while let Some(id) = falling.pop() {
            for (reference, met) in self.needs.remove(&id).unwrap_or_default() {
                if met.iter().any(|id| !gone.contains(id)) {
                    continue;
                }
                let fault = missing(&reference);
                let Some(place) = place_of(&fault) else { continue };
                faults.push(fault);
                if !fallen.insert(place) {
                    continue;
                }
                let Some(own) = ids.get(&place) else { continue };
                let left = holders.entry(*own).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 && gone.insert(*own) {
                    falling.push(*own);
                }
            }
        }
        (holders.into_iter().filter(|(_, left)| *left > 0).map(|(id, _)| id).collect(), faults)
    }
}

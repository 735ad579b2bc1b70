//! Which records of a file cannot be written because others are left out.

use std::collections::{HashMap, HashSet};

use pomost_domain::exchange::{Asked, Fault, Reading};
use pomost_domain::id::of_slug;
use uuid::Uuid;

use super::survey::{Place, place_of};
use crate::reference::missing;

/// Which records need which.
#[derive(Default)]
pub(super) struct Sieve {
    /// The ids of the records that are not left out.
    pub(super) present: HashSet<Uuid>,
    /// The records of the file, with their ids. Two may have the same.
    records: Vec<(Place, Uuid)>,
    /// The references that only the file itself can meet, by each of the records that would meet them.
    needs: HashMap<Uuid, Vec<(Asked, Vec<Uuid>)>>,
}

impl Sieve {
    /// Notes records and what they refer to.
    pub(super) fn note(
        &mut self,
        collection: &'static str,
        records: impl Iterator<Item = (usize, Uuid)>,
        run: &Reading,
    ) {
        self.records.extend(records.map(|(place, id)| ((collection, place), id)));
        for asked in &run.asked {
            let kinds = || asked.or.iter().chain([&asked.kind]);
            if kinds().any(|kind| run.known.contains_key(&(*kind, asked.slug.clone()))) {
                continue;
            }
            let mut met: Vec<Uuid> =
                kinds().map(|kind| of_slug(*kind, &asked.slug)).filter(|id| run.present.contains(id)).collect();
            met.dedup();
            for id in &met {
                self.needs.entry(*id).or_default().push((asked.clone(), met.clone()));
            }
        }
    }

    /// Lets everything fall that cannot be without those that are left out; says of each why.
    pub(super) fn shake(mut self, rejected: &HashSet<Place>) -> (Self, Vec<Fault>) {
        let mut holders: HashMap<Uuid, usize> = HashMap::new();
        let mut ids: HashMap<Place, Uuid> = HashMap::new();
        for (place, id) in &self.records {
            ids.insert(*place, *id);
            *holders.entry(*id).or_default() += usize::from(!rejected.contains(place));
        }
        // Records that were left out before they were read have no id here: what they would have met is not met.
        let named: HashSet<Uuid> = self.needs.keys().copied().collect();
        let mut falling: Vec<Uuid> =
            named.into_iter().filter(|id| holders.get(id).copied().unwrap_or_default() == 0).collect();
        let mut gone: HashSet<Uuid> = falling.iter().copied().collect();
        let (mut fallen, mut faults) = (rejected.clone(), Vec::new());
        while let Some(id) = falling.pop() {
            for (asked, met) in self.needs.remove(&id).unwrap_or_default() {
                if met.iter().any(|id| !gone.contains(id)) {
                    continue;
                }
                let fault = missing(&asked);
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
        self.present = holders.into_iter().filter(|(_, left)| *left > 0).map(|(id, _)| id).collect();
        (self, faults)
    }
}

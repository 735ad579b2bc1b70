//! The number of records of each collection, and values that follow from the counts alone.

/// The collections in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    Cities,
    Organizations,
    Resolutions,
    Partnerships,
    Agreements,
    LettersOfIntent,
    Projects,
    YouthExchanges,
    BusinessMissions,
    Events,
    StudyVisits,
    Meetings,
    Interpellations,
    Documents,
}

use Collection::{
    Agreements, BusinessMissions, Cities, Documents, Events, Interpellations, LettersOfIntent, Meetings, Organizations,
    Partnerships, Projects, Resolutions, StudyVisits, YouthExchanges,
};

/// Every collection with its name in the file and its percentage.
pub(super) const COLLECTIONS: [(Collection, &str, u64); 14] = [
    (Cities, "cities", 3),
    (Organizations, "organizations", 12),
    (Resolutions, "resolutions", 3),
    (Partnerships, "partnerships", 3),
    (Agreements, "agreements", 3),
    (LettersOfIntent, "lettersOfIntent", 1),
    (Projects, "projects", 20),
    (YouthExchanges, "youthExchanges", 12),
    (BusinessMissions, "businessMissions", 5),
    (Events, "events", 15),
    (StudyVisits, "studyVisits", 3),
    (Meetings, "meetings", 14),
    (Interpellations, "interpellations", 2),
    (Documents, "documents", 4),
];

impl Collection {
    /// The name in the file.
    pub(super) fn name(self) -> &'static str {
        COLLECTIONS.iter().find(|(collection, ..)| *collection == self).map_or("", |(_, name, _)| *name)
    }
}

/// The collections that receive the records left over by rounding, after the first cities, the first partnership and the
/// first organization. Partnerships are not among them, because two cities have only one partnership.
const SPARE: [Collection; 11] = [
    Projects,
    Events,
    YouthExchanges,
    Meetings,
    Agreements,
    Resolutions,
    Organizations,
    BusinessMissions,
    Documents,
    LettersOfIntent,
    Interpellations,
];

/// The number of records per collection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout([u64; 14]);

impl Layout {
    /// Distributes exactly this many records among the collections.
    pub(super) fn of(records: u64) -> Self {
        let mut layout = Self([0; 14]);
        for (collection, _, share) in COLLECTIONS {
            // Split before multiplying: the product of a large number and a share would overflow.
            *layout.slot(collection) = records / 100 * share + records % 100 * share / 100;
        }
        let mut spare = records - layout.0.iter().sum::<u64>();
        // A relation needs two ends, so these come first, even if their share rounds down to zero.
        let first_cities: u64 = if records < 20 { 2 } else { 3 };
        for (collection, least) in [(Cities, first_cities), (Partnerships, 1_u64), (Organizations, 1)] {
            let missing = least.saturating_sub(layout.count(collection)).min(spare);
            *layout.slot(collection) += missing;
            spare -= missing;
        }
        for collection in SPARE.into_iter().cycle() {
            if spare == 0 {
                break;
            }
            *layout.slot(collection) += 1;
            spare -= 1;
        }
        layout
    }

    /// The number of records of a collection.
    pub(super) fn count(&self, collection: Collection) -> u64 {
        self.0.get(collection as usize).copied().unwrap_or(0)
    }

    fn slot(&mut self, collection: Collection) -> &mut u64 {
        // The enum has as many variants as there are counts, so the index is always in range.
        &mut self.0[collection as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_add_up_at_every_scale() {
        for records in (1..5000).chain([10_000, 99_999, 1_000_000, 10_000_019]) {
            let layout = Layout::of(records);
            let total: u64 = COLLECTIONS.iter().map(|(collection, ..)| layout.count(*collection)).sum();
            assert_eq!(total, records);
            let cities = layout.count(Cities);
            assert!(cities >= 1);
            assert!(layout.count(Partnerships) <= cities * (cities - 1) / 2, "{records}");
            let papers = layout.count(Agreements) + layout.count(LettersOfIntent) + layout.count(Resolutions);
            assert!(papers == 0 || layout.count(Partnerships) > 0, "{records}");
        }
    }

    #[test]
    fn the_first_record_is_a_city() {
        assert_eq!(Layout::of(1).count(Cities), 1);
        assert_eq!(Layout::of(3).count(Partnerships), 1);
    }
}

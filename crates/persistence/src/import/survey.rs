//! The first pass of an import: every record by itself, and which records there are.

use std::collections::HashSet;
use std::io::{BufReader, Read};

use chrono::NaiveDate;
use pomost_domain::exchange::{self, Entry, Exchanged, Fault, Json, Reader, Reading, StreamFault, Visit};
use pomost_domain::id::of_slug;
use pomost_domain::{Fact, Locale, for_each_collection};
use uuid::Uuid;

use super::ImportError;
use super::remarks::Remarks;
use crate::export::{PartVisit, StoredParts};
use crate::mapped::Mapped;

/// How many faults and warnings are kept: enough to mend a file, bounded where all of it is wrong.
const MAX_FAULTS: usize = 10_000;

/// The first pass: every record by itself.
pub(super) struct Survey {
    /// Ids that the records of the file have by their slugs.
    pub(super) present: HashSet<Uuid>,
    pub(super) faults: Vec<Fault>,
    pub(super) remarks: Remarks,
    /// The language of the texts that are plain strings.
    pub(super) language: Option<Locale>,
    /// The day of the import.
    today: NaiveDate,
    /// The records that have faults, all of them, however many faults are kept.
    pub(super) wrong: HashSet<Place>,
    records: u64,
    pub(super) order: FileOrder,
    /// Whether the file cannot be read to its end.
    pub(super) is_cut: bool,
}

impl Survey {
    pub(super) fn on(today: NaiveDate) -> Self {
        Self {
            present: HashSet::new(),
            faults: Vec::new(),
            remarks: Remarks::default(),
            language: None,
            today,
            wrong: HashSet::new(),
            records: 0,
            order: FileOrder::default(),
            is_cut: false,
        }
    }

    pub(super) fn run(&mut self, file: Box<dyn Read + Send>, mut progress: impl FnMut(u64)) {
        struct Pass<'a, F>(&'a mut Survey, F);
        impl<F: FnMut(u64)> Visit for Pass<'_, F> {
            fn language(&mut self, language: Locale) {
                self.0.language = Some(language);
            }
            fn knows(&self, collection: &str) -> bool {
                exchange::collections().contains(&collection)
            }
            fn record(&mut self, collection: &str, place: usize, json: Json) -> bool {
                self.0.order.note(collection);
                self.0.record(collection, place, json);
                if self.0.records.is_multiple_of(1000) {
                    (self.1)(self.0.records);
                }
                true
            }
            fn fault(&mut self, fault: Fault) {
                self.0.order.note(fault.pointer.trim_start_matches('/'));
                self.0.blame(vec![fault]);
            }
        }
        let read = Reader::read(BufReader::with_capacity(1 << 16, file), &mut Pass(self, &mut progress));
        if let Err(StreamFault(fault)) = read {
            keep(&mut self.faults, [fault]);
            self.is_cut = true;
        }
        progress(self.records);
    }

    fn record(&mut self, collection: &str, place: usize, json: Json) {
        self.records += 1;
        macro_rules! dispatch {
            ($($fact:ty,)+) => {
                match collection {
                    $(<$fact as Exchanged>::COLLECTION => self.check::<$fact>(place, json),)+
                    _ => {}
                }
            };
        }
        for_each_collection!(dispatch);
    }

    fn check<T: Exchanged>(&mut self, place: usize, json: Json)
    where
        T::Parts: StoredParts,
    {
        let at = format!("/{}/{place}", T::COLLECTION);
        let mut run = Reading::default();
        let mut entry = exchange::read::<T>(json, at.clone(), &mut run);
        let mut own = Own::default();
        own.note::<T>(&entry.fact, format!("{at}/slug"));
        entry.parts.each(&mut own);
        for (id, slug, pointer) in own.0 {
            if !slug.is_empty() && !self.present.insert(id) {
                run.faults.push(Fault::new(pointer, format!("the slug {slug:?} is given twice in the file")));
            }
        }
        self.blame(run.faults);
        self.remarks.extend(run.warnings);
        let odd = T::remarks(&mut entry, self.today).into_iter();
        self.remarks.extend(odd.map(|(field, remark)| Fault::new(format!("{at}/{field}"), remark)));
        if entry.fact.meta().sources.as_ref().is_none_or(Vec::is_empty) {
            self.remarks.note(Fault::new(at, "it has no source: say in \"sources\" where the facts were found"));
        }
    }

    fn blame(&mut self, faults: Vec<Fault>) {
        self.wrong.extend(faults.iter().filter_map(place_of));
        keep(&mut self.faults, faults);
    }
}

/// A record of a file: its collection, and its place in it.
pub(super) type Place = (&'static str, usize);

/// The record that a fault is about.
pub(super) fn place_of(fault: &Fault) -> Option<Place> {
    let mut parts = fault.pointer.split('/').skip(1);
    let (collection, place) = (parts.next()?, parts.next()?.parse().ok()?);
    exchange::collections().into_iter().find(|known| *known == collection).map(|known| (known, place))
}

/// The records that an entry stands for.
#[derive(Default)]
struct Own(Vec<(Uuid, String, String)>);

impl Own {
    fn note<T: Fact>(&mut self, fact: &T, pointer: String) {
        let slug = &fact.meta().slug;
        self.0.push((of_slug(T::KIND, slug), slug.clone(), pointer));
    }
}

impl PartVisit for Own {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        let whole =
            self.0.first().map(|(_, _, pointer)| pointer.trim_end_matches("/slug").to_owned()).unwrap_or_default();
        let pointer = format!("{whole}/{}/{}/slug", P::COLLECTION, self.0.len() - 1);
        // A slug that is made from that of the whole is given twice only where the other is.
        if P::OWN_SLUG {
            self.note::<P>(&part.fact, pointer);
        }
    }
}

pub(super) fn keep(list: &mut Vec<Fault>, more: impl IntoIterator<Item = Fault>) {
    list.extend(more.into_iter().take(MAX_FAULTS.saturating_sub(list.len())));
}

/// The collections of a file in their order.
#[derive(Default)]
pub(super) struct FileOrder(Vec<String>);

impl FileOrder {
    fn note(&mut self, collection: &str) {
        if self.0.last().is_none_or(|last| last != collection) && !self.0.iter().any(|known| known == collection) {
            self.0.push(collection.to_owned());
        }
    }

    /// The refusal of a file.
    pub(super) fn refuse(&self, faults: Vec<Fault>, warnings: Vec<Fault>) -> ImportError {
        ImportError::Faults { faults: self.sorted(faults), warnings }
    }

    /// Faults in the order of the records of the file; last, what is wrong with it as a whole.
    pub(super) fn sorted(&self, mut faults: Vec<Fault>) -> Vec<Fault> {
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

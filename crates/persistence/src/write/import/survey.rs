//! The first stage of an import: every record by itself, and which records there are.

use std::collections::HashSet;
use std::io::BufReader;

use chrono::NaiveDate;
use pomost_domain::exchange::{self, Entry, Exchanged, Fault, Json, Reader, Reading, StreamFault, Visit};
use pomost_domain::id::of_slug;
use pomost_domain::{Fact, Locale, for_each_collection};
use uuid::Uuid;

use super::remarks::Remarks;
use super::verdict::{FileOrder, Place, collect, place_of};
use super::{File, ImportError};
use crate::mapped::Mapped;
use crate::part::{PartVisit, StoredParts};

/// The first pass over a file, which checks each record by itself. Per record it keeps an id.
#[derive(Default)]
pub(super) struct Survey {
    /// The ids that the records of the file have by their slugs, with those of the records inside them.
    pub(super) ids: HashSet<Uuid>,
    /// The language of texts that are plain strings.
    pub(super) language: Option<Locale>,
    pub(super) order: FileOrder,
    pub(super) remarks: Remarks,
    pub(super) faults: Vec<Fault>,
    /// All records that have faults, however many faults are collected.
    pub(super) faulty: HashSet<Place>,
    /// Whether the file cannot be read to its end.
    pub(super) is_cut: bool,
}

impl Survey {
    /// Reads a file; `progress` gets the number of records so far.
    pub(super) fn of(file: File, today: NaiveDate, progress: &mut dyn FnMut(u64)) -> Self {
        let mut surveying = Surveying { survey: Self::default(), today, records: 0, progress };
        let read = Reader::read(BufReader::with_capacity(1 << 16, file), &mut surveying);
        let Surveying { mut survey, records, .. } = surveying;
        if let Err(StreamFault(fault)) = read {
            collect(&mut survey.faults, [fault]);
            survey.is_cut = true;
        }
        progress(records);
        survey
    }

    /// The refusal of a file that cannot be read to its end: which of its references lead nowhere is not known.
    pub(super) fn into_refusal(self) -> ImportError {
        self.order.refuse(self.faults, self.remarks.into_faults())
    }
}

/// A survey that is under way.
struct Surveying<'a> {
    survey: Survey,
    /// The day of the import.
    today: NaiveDate,
    records: u64,
    progress: &'a mut dyn FnMut(u64),
}

impl Visit for Surveying<'_> {
    fn language(&mut self, language: Locale) {
        self.survey.language = Some(language);
    }

    fn knows(&self, collection: &str) -> bool {
        exchange::collections().contains(&collection)
    }

    fn record(&mut self, collection: &str, place: usize, json: Json) -> bool {
        self.survey.order.note(collection);
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
        if self.records.is_multiple_of(1000) {
            (self.progress)(self.records);
        }
        true
    }

    fn fault(&mut self, fault: Fault) {
        self.survey.order.note(fault.pointer.trim_start_matches('/'));
        self.add_faults(vec![fault]);
    }
}

impl Surveying<'_> {
    fn check<T: Exchanged<Parts: StoredParts>>(&mut self, place: usize, json: Json) {
        let at = format!("/{}/{place}", T::COLLECTION);
        let mut run = Reading::default();
        let mut entry = exchange::read::<T>(json, at.clone(), &mut run);
        let mut own = OwnSlugs::default();
        own.note::<T>(&entry.fact, format!("{at}/slug"));
        entry.parts.each(&mut own);
        for (id, slug, pointer) in own.0 {
            if !slug.is_empty() && !self.survey.ids.insert(id) {
                run.faults.push(Fault::new(pointer, format!("the slug {slug:?} is given twice in the file")));
            }
        }
        self.add_faults(run.faults);
        let remarks = &mut self.survey.remarks;
        remarks.extend(run.warnings);
        let odd = T::remarks(&mut entry, self.today).into_iter();
        remarks.extend(odd.map(|(field, remark)| Fault::new(format!("{at}/{field}"), remark)));
        if entry.fact.meta().sources.as_ref().is_none_or(Vec::is_empty) {
            remarks.note(Fault::new(at, "it has no source: say in \"sources\" where the facts were found"));
        }
    }

    fn add_faults(&mut self, faults: Vec<Fault>) {
        self.survey.faulty.extend(faults.iter().filter_map(place_of));
        collect(&mut self.survey.faults, faults);
    }
}

/// The slugs that an entry gives to itself and to the records inside it: ids, slugs and pointers.
#[derive(Default)]
struct OwnSlugs(Vec<(Uuid, String, String)>);

impl OwnSlugs {
    fn note<T: Fact>(&mut self, fact: &T, pointer: String) {
        let slug = &fact.meta().slug;
        self.0.push((of_slug(T::KIND, slug), slug.clone(), pointer));
    }
}

impl PartVisit for OwnSlugs {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        let whole =
            self.0.first().map(|(_, _, pointer)| pointer.trim_end_matches("/slug").to_owned()).unwrap_or_default();
        let pointer = format!("{whole}/{}/{}/slug", P::COLLECTION, self.0.len() - 1);
        // A slug that is made from that of the whole is given twice only where the slug of the whole is.
        if P::OWN_SLUG {
            self.note::<P>(&part.fact, pointer);
        }
    }
}

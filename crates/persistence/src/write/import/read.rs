//! The second stage of an import: records as they are read in the knowledge of the whole file and of the registry.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pomost_domain::exchange::{self, Asked as Reference, Derived, Entry, Exchanged, Fault, FaultSort, Reading};
use pomost_domain::id::Kind;
use pomost_domain::meta::{Meta, Publication};
use pomost_domain::{Audience, Locale, Sight, Vocabulary};
use uuid::Uuid;

use super::ImportOptions;
use super::pass::Portion;
use super::remarks::Remarks;
use super::survey::Survey;
use super::verdict::{Place, Verdict, place_of};
use crate::command::Writable;
use crate::derived::{altered, forget_slugs, own_sessions};
use crate::error::StoreError;
use crate::mirror::still_waiting;
use crate::part::{StoredParts, gone};
use crate::record;
use crate::reference::{NAMES_ERASED, dangling, lookup};
use crate::transaction::Tx;
use crate::write::stored_metas;

/// The records that the later passes read, and how.
pub(super) struct Scope<'a> {
    pub(super) options: &'a ImportOptions,
    /// Whether the registry was empty, so that nothing has to be looked up.
    pub(super) is_fresh: bool,
    /// The ids of all records of the file, with those of the records inside them.
    pub(super) listed: Arc<HashSet<Uuid>>,
    /// Those of them that are not rejected.
    pub(super) present: Arc<HashSet<Uuid>>,
    pub(super) verdict: Verdict,
    /// Remarks on the file.
    pub(super) remarks: Remarks,
    language: Option<Locale>,
}

impl<'a> Scope<'a> {
    /// All records of a file but those that the survey found faulty, where these may be rejected.
    pub(super) fn of(survey: Survey, options: &'a ImportOptions, is_empty: bool) -> Self {
        let Survey { ids, language, order, remarks, faults, faulty, is_cut: _ } = survey;
        let listed = Arc::new(ids);
        Self {
            options,
            is_fresh: is_empty && options.mirrored.as_ref().is_none_or(|run| run.ids.is_empty()),
            present: Arc::clone(&listed),
            listed,
            verdict: Verdict::of(options.on_fault, order, faults, faulty),
            remarks,
            language,
        }
    }

    pub(super) fn is_mirror(&self) -> bool {
        self.options.mirrored.is_some()
    }

    fn reading(&self, known: HashMap<(Kind, String), Uuid>, gone: HashSet<Uuid>) -> Reading {
        let (present, language) = (Arc::clone(&self.present), self.language.clone());
        Reading { present, language, known, gone, ..Reading::default() }
    }

    /// Drops the records that another process has read from the source again, and may have written, since the file was made.
    async fn drop_overtaken(&self, collection: &'static str, portion: &mut Portion, tx: &Tx) -> Result<(), StoreError> {
        let Some(run) = self.options.mirrored.as_ref().filter(|_| !self.is_fresh) else { return Ok(()) };
        let all = run.records.get(collection).map_or(&[][..], Vec::as_slice);
        let ids: Vec<Uuid> = portion.iter().filter_map(|(place, _)| all.get(*place).copied()).collect();
        let waiting = still_waiting(tx, &ids, run.page).await?;
        portion.retain(|(place, _)| all.get(*place).is_some_and(|id| waiting.contains(id)));
        Ok(())
    }

    /// Adds the ids that the source of a mirror has for records.
    fn add_ids_of_source<T: Exchanged>(
        &self,
        entries: &[Entry<T>],
        references: &[Reference],
        known: &mut HashMap<(Kind, String), Uuid>,
    ) {
        let Some(ids) = self.options.mirrored.as_ref().map(|run| &run.ids).filter(|ids| !ids.is_empty()) else {
            return;
        };
        let own = entries.iter().map(|entry| (T::KIND, entry.fact.meta().slug.clone()));
        let others = references.iter().flat_map(|reference| {
            reference.or.iter().chain([&reference.kind]).map(|kind| (*kind, reference.slug.clone()))
        });
        for key in own.chain(others) {
            if let Some(id) = ids.get(&key) {
                known.insert(key, *id);
            }
        }
    }
}

/// The records of a portion, and what the registry knows of them.
pub(super) struct ReadRecords<T: Exchanged> {
    /// The records with their places.
    pub(super) entries: Vec<(usize, Entry<T>)>,
    pub(super) run: Reading,
    /// The audiences of what is stored of the records, of the records inside them and of those that they name in full.
    pub(super) audiences: HashMap<Uuid, String>,
    /// What a mirror writes anew: tombstones, and records that are stored otherwise than these name them.
    pub(super) rewritten: HashMap<Uuid, Meta>,
    /// Records referred to that were withdrawn.
    pub(super) withdrawn: HashSet<Uuid>,
    /// Records that refer to others that not everyone sees.
    pub(super) doubtful: Vec<(Kind, Uuid)>,
    pub(super) faults: Vec<Fault>,
}

impl<T: Writable> ReadRecords<T> {
    /// Reads a portion without the rejected records.
    pub(super) async fn of(mut portion: Portion, scope: &Scope<'_>, tx: &Tx) -> Result<Self, StoreError> {
        portion.retain(|(place, _)| !scope.verdict.rejected().contains(&(T::COLLECTION, *place)));
        scope.drop_overtaken(T::COLLECTION, &mut portion, tx).await?;
        let places: Vec<usize> = portion.iter().map(|(place, _)| *place).collect();
        // The first reading says which slugs are looked up; the second one has their ids.
        let again = (!scope.is_fresh).then(|| portion.clone());
        let mut run = scope.reading(HashMap::new(), HashSet::new());
        let mut entries = read_all::<T>(portion, &mut run);
        if let Some(mut portion) = again {
            let mut known = lookup::<T>(&**tx, &entries, &run.asked, &Sight::ALL).await?;
            if scope.is_mirror() {
                forget_slugs(tx, &run.asked, &mut known).await?;
            }
            scope.add_ids_of_source::<T>(&entries, &run.asked, &mut known);
            let gone = if scope.is_mirror() { HashSet::new() } else { gone(&**tx, &entries).await? };
            run = scope.reading(known, gone);
            loop {
                let read = if scope.is_mirror() { portion.clone() } else { std::mem::take(&mut portion) };
                entries = read_all::<T>(read, &mut run);
                let own = if scope.is_mirror() { own_sessions(tx, &run.derived).await? } else { HashSet::new() };
                if own.is_empty() {
                    break;
                }
                let Reading { known, gone, mut apart, .. } = run;
                apart.extend(own);
                run = Reading { apart, ..scope.reading(known, gone) };
            }
        }
        let faults = dangling(&run);
        let mut read = Self {
            entries: places.into_iter().zip(entries).collect(),
            run,
            audiences: HashMap::new(),
            rewritten: HashMap::new(),
            withdrawn: HashSet::new(),
            doubtful: Vec::new(),
            faults,
        };
        if !scope.is_fresh {
            read.audiences = record::audiences(&**tx, &read.own_ids()).await?;
        }
        if scope.is_mirror() {
            read.find_rewritten(tx).await?;
        } else {
            read.refuse_erased();
            if !scope.is_fresh {
                read.find_hidden_references(tx).await?;
            }
        }
        Ok(read)
    }

    /// The ids of the records, of those inside them and of those that they name in full.
    fn own_ids(&self) -> Vec<Uuid> {
        let own = self.entries.iter().map(|(_, entry)| entry.fact.meta().id);
        let parts = self.entries.iter().flat_map(|(_, entry)| entry.parts.list()).map(|part| part.id);
        own.chain(parts).chain(self.run.derived.iter().map(Derived::id)).collect()
    }

    async fn find_rewritten(&mut self, tx: &Tx) -> Result<(), StoreError> {
        let mut ids = altered(tx, &self.run.derived).await?;
        ids.extend(record::those_erased(&self.audiences));
        self.rewritten = stored_metas::<T>(&**tx, ids.into_iter()).await?;
        Ok(())
    }

    /// Refuses records that were erased, or that hold or name erased ones: only a mirror may bring them back.
    fn refuse_erased(&mut self) {
        let erased: HashSet<Uuid> = record::those_erased(&self.audiences).collect();
        if erased.is_empty() {
            return;
        }
        let mut refuse =
            |at: String, message: String| self.faults.push(Fault::new(at, message).sorted(FaultSort::NotAllowed));
        for (place, entry) in &self.entries {
            let at = format!("/{}/{place}", T::COLLECTION);
            let meta = entry.fact.meta();
            if erased.contains(&meta.id) {
                let message = format!(
                    "the record {:?} was erased for reasons of privacy and does not come back: leave it out",
                    meta.slug
                );
                refuse(format!("{at}/slug"), message);
            }
            if entry.named.iter().any(|id| erased.contains(id)) {
                refuse(at.clone(), NAMES_ERASED.to_owned());
            }
            for (place, part) in entry.parts.list().iter().enumerate().filter(|(_, part)| erased.contains(&part.id)) {
                let message = format!(
                    "the {} {:?} was erased for reasons of privacy and does not come back: leave it out",
                    part.kind.label(),
                    part.slug
                );
                refuse(format!("{at}{}", T::part_pointer(place)), message);
            }
        }
    }

    /// Finds the references to withdrawn records, and the records with references to others that not everyone sees.
    async fn find_hidden_references(&mut self, tx: &Tx) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = self.run.asked.iter().map(|reference| reference.id).collect();
        let audiences = record::audiences(&**tx, &ids).await?;
        let is_hidden = |reference: &&Reference| {
            audiences.get(&reference.id).is_some_and(|audience| *audience != *Audience::Public.label())
        };
        let places: HashSet<Place> = self
            .run
            .asked
            .iter()
            .filter(is_hidden)
            .filter_map(|reference| place_of(&Fault::new(reference.pointer.clone(), "")))
            .collect();
        let doubtful = self.entries.iter().filter(|(place, _)| places.contains(&(T::COLLECTION, *place)));
        self.doubtful = doubtful.map(|(_, entry)| (T::KIND, entry.fact.meta().id)).collect();
        let withdrawn = audiences.into_iter().filter(|(_, audience)| audience == Publication::Withdrawn.label());
        self.withdrawn = withdrawn.map(|(id, _)| id).collect();
        Ok(())
    }
}

fn read_all<T: Exchanged>(portion: Portion, run: &mut Reading) -> Vec<Entry<T>> {
    let read = |(place, json)| exchange::read::<T>(json, format!("/{}/{place}", T::COLLECTION), run);
    portion.into_iter().map(read).collect()
}

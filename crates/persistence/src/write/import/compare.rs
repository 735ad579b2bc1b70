//! The third stage of an import: which records differ from what is stored, and which of the differences are refused.

use std::collections::{HashMap, HashSet};

use pomost_domain::exchange::{
    self, Asked as Reference, Derived, Entry, Exchanged, Fault, FaultSort, Json, Reading, Resolved,
};
use pomost_domain::id::Kind;
use pomost_domain::meta::{Meta, Publication};
use pomost_domain::viewer::ERASED;
use pomost_domain::{Op, Sight, Vocabulary};
use uuid::Uuid;

use super::duplicates::Candidate;
use super::read::{ReadRecords, Scope};
use super::{Changes, MAX_UPDATES};
use crate::change::{difference, says};
use crate::command::Writable;
use crate::derived::SeenBy;
use crate::error::StoreError;
use crate::part::{Differs, Listed, StoredParts};
use crate::part::{omitted, wholes};
use crate::portable::{by_ids, portable};
use crate::reference::{names, withdrawn};
use crate::transaction::Tx;
use crate::write::{RecordWrite, stored_metas};

/// The records of a portion that are new or changed.
pub(super) struct ComparedRecords<T: Exchanged> {
    pub(super) writes: Vec<RecordWrite<T>>,
    /// The officials, programmes and sessions that records of the portion name in full.
    pub(super) derived: Vec<Derived>,
    pub(super) seen_by: SeenBy,
    pub(super) rewritten: HashMap<Uuid, Meta>,
    pub(super) findings: Findings,
}

/// What a comparison found, for the outcome.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) changes: Changes,
    pub(super) faults: Vec<Fault>,
    /// Remarks on what is stored.
    pub(super) remarks: Vec<Fault>,
    /// The first changed records, each with its changed fields.
    pub(super) updates: Vec<(Uuid, String)>,
    /// Records that became other ones.
    pub(super) replaced: Vec<String>,
    /// The records that remarks are about.
    pub(super) mentioned: Vec<Uuid>,
    /// New cities, with their places in the file.
    pub(super) new_cities: Vec<(usize, Candidate)>,
    /// Records that some readers may see without one that they require.
    pub(super) doubtful: Vec<(Kind, Uuid)>,
}

impl<T: Writable> ComparedRecords<T> {
    /// Compares records with their stored forms. The unchanged ones are counted and dropped.
    pub(super) async fn of(read: ReadRecords<T>, scope: &Scope<'_>, tx: &Tx) -> Result<Self, StoreError> {
        let ReadRecords { entries, run, audiences, rewritten, withdrawn, doubtful, mut faults } = read;
        if !scope.is_mirror() {
            faults.extend(taken_parts(&entries, &audiences, &scope.listed, tx).await?);
        }
        let mut stored: HashMap<Uuid, (Entry<T>, Json)> = HashMap::new();
        let ids = entries.iter().map(|(_, entry)| entry.fact.meta().id);
        let ids: Vec<Uuid> = ids.filter(|id| audiences.contains_key(id)).collect();
        if !ids.is_empty() {
            let facts: Vec<T> = by_ids(&**tx, &ids, &Sight::ALL).await?;
            let portable = portable(&**tx, facts, &Sight::ALL).await?;
            stored.extend(portable.into_iter().map(|(entry, json)| (entry.fact.meta().id, (entry, json))));
        }
        let names = if stored.is_empty() { Resolved::default() } else { names(&run) };
        let findings = Findings { faults, doubtful, ..Findings::default() };
        let mut comparison =
            Comparison { scope, run, rewritten, withdrawn, names, seen_by: SeenBy::default(), findings };
        let mut writes = Vec::with_capacity(entries.len());
        for (place, entry) in entries {
            let at = format!("/{}/{place}", T::COLLECTION);
            match stored.remove(&entry.fact.meta().id) {
                None => {
                    comparison.note_city(place, &entry.fact);
                    writes.push(comparison.create(&at, entry));
                }
                Some((old, json)) => writes.extend(comparison.update(&at, entry, old, &json)),
            }
        }
        let Comparison { run, rewritten, seen_by, findings, .. } = comparison;
        Ok(Self { writes, derived: run.derived, seen_by, rewritten, findings })
    }
}

/// A comparison that is under way.
struct Comparison<'a> {
    scope: &'a Scope<'a>,
    run: Reading,
    rewritten: HashMap<Uuid, Meta>,
    withdrawn: HashSet<Uuid>,
    names: Resolved,
    seen_by: SeenBy,
    findings: Findings,
}

impl Comparison<'_> {
    fn refuse(&mut self, at: String, message: impl Into<String>) {
        self.findings.faults.push(Fault::new(at, message).sorted(FaultSort::NotAllowed));
    }

    fn note_city<T: Exchanged>(&mut self, place: usize, fact: &T) {
        if !self.scope.is_mirror() {
            self.findings.new_cities.extend(Candidate::of(fact).map(|city| (place, city)));
        }
    }

    /// A record that is new, or was erased.
    fn create<T: Exchanged>(&mut self, at: &str, entry: Entry<T>) -> RecordWrite<T> {
        self.refuse_withdrawn_references(at, &Json::Null);
        self.findings.changes.created += 1;
        let publication = self.scope.options.publication;
        let meta = entry.fact.meta();
        self.seen_by.note(&entry.named, (publication, meta.visibility));
        let was = self.rewritten.get(&meta.id).cloned();
        RecordWrite { entry, old: None, was, op: Op::Created, difference: None, publication, part: None }
    }

    /// A stored record; `None`: it stays as it is.
    fn update<T: Writable>(
        &mut self,
        at: &str,
        mut entry: Entry<T>,
        old: Entry<T>,
        before: &Json,
    ) -> Option<RecordWrite<T>> {
        let is_mirror = self.scope.is_mirror();
        let (meta, was) = (entry.fact.meta_mut(), old.fact.meta().clone());
        // A file leaves as it is what it says nothing about. The source of a mirror says everything.
        if !entry.stated.visibility && !is_mirror {
            meta.visibility = was.visibility;
        }
        if !entry.stated.licence && !is_mirror {
            meta.licence.clone_from(&was.licence);
        }
        self.seen_by.note(&entry.named, (was.publication, meta.visibility));
        let after = exchange::write(&mut entry, &self.names).json;
        // A title may be the slug of another record by now, and a copy holds only what is published.
        let is_same = || !is_mirror || (was.publication.is_public() && refers_to_the_same(&old, &entry));
        let stays = *before == after && is_same();
        if stays || (was.publication == Publication::Withdrawn && !is_mirror) {
            if !stays {
                let message = "it was withdrawn and stays as it was: what is withdrawn is not imported again";
                self.findings.remarks.push(Fault::new(at, message));
                self.findings.mentioned.push(was.id);
            }
            self.findings.changes.unchanged += 1;
            return None;
        }
        let difference = difference(before, &after);
        let name = format!("{}/{}", T::COLLECTION, entry.fact.meta().slug);
        if !is_mirror {
            self.check_state::<T>(at, &was, &difference);
            self.check_identity::<T>(at, &name, before, &after);
            self.refuse_withdrawn_references(at, before);
            self.check_parts(at, &entry, &old);
        }
        self.findings.changes.updated += 1;
        if let Json::Object(fields) = &difference
            && self.findings.updates.len() < MAX_UPDATES
        {
            let fields: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
            self.findings.updates.push((was.id, format!("{name}: {}", fields.join(", "))));
        }
        let publication = if is_mirror { self.scope.options.publication } else { was.publication };
        // A mirror keeps no history of what records said: its source does.
        let difference = Some(difference).filter(|_| !is_mirror);
        Some(RecordWrite {
            entry,
            old: Some(old),
            was: Some(was),
            op: Op::Updated,
            difference,
            publication,
            part: None,
        })
    }

    /// Drafts stay drafts and do not change what is public, of which some fields are immutable.
    fn check_state<T: Exchanged>(&mut self, at: &str, was: &Meta, difference: &Json) {
        let new = self.scope.options.publication;
        if matches!(was.publication, Publication::Draft | Publication::InReview) {
            if new == Publication::Published {
                let message = "it is a draft here and stays one: publish it when it is to be seen";
                self.findings.remarks.push(Fault::new(at, message));
                self.findings.mentioned.push(was.id);
            }
            return;
        }
        if new == Publication::Draft {
            let message = "the record is public, and drafts do not change it: correct it, or import as published";
            self.refuse(at.to_owned(), message);
        }
        if let Json::Object(fields) = difference {
            for (field, message) in fields.iter().filter_map(|(field, _)| Some((field, T::is_fixed(field)?))) {
                self.refuse(format!("{at}/{field}"), message);
            }
        }
    }

    /// A record becomes another one only if the import may replace it.
    fn check_identity<T: Exchanged>(&mut self, at: &str, name: &str, before: &Json, after: &Json) {
        let Some(change) = exchange::became_another::<T>(before, after) else { return };
        if self.scope.options.replace {
            self.findings.replaced.push(format!("{name}: {change}"));
        } else {
            let message = format!(
                "the stored record would become another one ({change}): give the new one a slug of its own, or repeat the \
                 import with `--replace` (in the API, `replace: true`) if it is to take the place of the stored one"
            );
            self.refuse(at.to_owned(), message);
        }
    }

    /// Refuses references of the record at a place to withdrawn records, unless it had them before.
    fn refuse_withdrawn_references(&mut self, at: &str, before: &Json) {
        if self.withdrawn.is_empty() {
            return;
        }
        let is_inside =
            |reference: &&Reference| reference.pointer.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
        let is_new = |reference: &&Reference| self.withdrawn.contains(&reference.id) && !says(before, &reference.slug);
        self.findings.faults.extend(self.run.asked.iter().filter(is_inside).filter(is_new).map(withdrawn));
    }

    /// Refuses parts that may be erased ones, and remarks on those that the file leaves out.
    fn check_parts<T: Writable>(&mut self, at: &str, entry: &Entry<T>, old: &Entry<T>) {
        // Any of the parts behind the place of an erased one may be the erased one, unless it is stored as it is.
        let differs = entry.parts.compare(&old.parts, old.fact.meta());
        let is_other = |part: &Listed| differs.get(&part.id).is_none_or(|differs| *differs != Differs::Nowhere);
        let mut listed = entry.parts.list();
        for (place, part) in listed.iter().enumerate() {
            if self.run.behind_gone.contains(&part.id) && is_other(part) {
                let kind = part.kind.label();
                let message = format!(
                    "an {kind} of this record was erased for reasons of privacy, and this may be it: leave it out here, and \
                     add what is new by a mutation"
                );
                self.refuse(format!("{at}{}", T::part_pointer(place)), message);
            }
        }
        // A part that another record of the file lists moves there.
        let stored = old.parts.list();
        listed.extend(stored.iter().filter(|part| self.scope.listed.contains(&part.id)).cloned());
        self.findings.remarks.extend(omitted::<T>(&stored, &listed).into_iter().map(|(field, slugs)| {
            let message = format!("the file does not list {slugs}: withdrawn");
            Fault::new(format!("{at}/{field}"), message)
        }));
    }
}

/// Whether two forms of a record refer to the same records, and not only by the same texts.
fn refers_to_the_same<T: Exchanged>(old: &Entry<T>, new: &Entry<T>) -> bool {
    let mut fact = new.fact.clone();
    fact.meta_mut().clone_from(old.fact.meta());
    fact == old.fact && new.links == old.links
}

/// The faults of records that list parts of stored records which the file does not hold: those would lose them without a word.
async fn taken_parts<T: Writable>(
    entries: &[(usize, Entry<T>)],
    audiences: &HashMap<Uuid, String>,
    file: &HashSet<Uuid>,
    tx: &Tx,
) -> Result<Vec<Fault>, StoreError> {
    let mut stored = Vec::new();
    for (place, entry) in entries {
        for (number, part) in entry.parts.list().into_iter().enumerate() {
            let audience = audiences.get(&part.id);
            if audience.is_some_and(|audience| audience != Publication::Withdrawn.label() && audience != ERASED) {
                let pointer = format!("/{}/{place}{}/slug", T::COLLECTION, T::part_pointer(number));
                stored.push((entry.fact.meta().id, part, pointer));
            }
        }
    }
    let kind = stored.first().map(|(_, part, _)| part.kind);
    let ids: Vec<Uuid> = stored.iter().map(|(_, part, _)| part.id).collect();
    let wholes = wholes(tx, kind, &ids).await?;
    let whole = |part: &Listed| wholes.get(&part.id).copied().unwrap_or_default();
    stored.retain(|(own, part, _)| whole(part) != *own && !file.contains(&whole(part)));
    let metas = stored_metas::<T>(&**tx, stored.iter().map(|(_, part, _)| whole(part))).await?;
    let fault = |(_, part, pointer): (Uuid, Listed, String)| {
        let holder = metas.get(&whole(&part)).map(|meta| meta.slug.as_str()).unwrap_or_default();
        let message = format!(
            "the {} {:?} belongs to {holder:?}, which the file does not hold: choose another slug, or add {holder:?} without it",
            part.kind.label(),
            part.slug
        );
        Fault::new(pointer, message).sorted(FaultSort::Taken)
    };
    Ok(stored.into_iter().map(fault).collect())
}

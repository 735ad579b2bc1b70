//! What a portion of an import changes of what is stored, and what is in the way.

use std::collections::{HashMap, HashSet};

use pomost_domain::exchange::{self, Asked, Derived, Entry, Exchanged, Fault, FaultSort, Json, Reading, Resolved};
use pomost_domain::id::Kind;
use pomost_domain::meta::{Meta, Publication};
use pomost_domain::viewer::ERASED;
use pomost_domain::{Audience, Op, Sight, Vocabulary};
use uuid::Uuid;

use super::near::Candidate;
use super::portion::Portion;
use super::survey::{Place, place_of};
use super::{Import, MAX_UPDATES};
use crate::change::{difference, says};
use crate::derived::{SeenBy, altered};
use crate::error::StoreError;
use crate::export::{Differs, Listed, StoredParts, by_ids, portable};
use crate::mapped::Mapped;
use crate::mirror::still_waiting;
use crate::part::{omitted, wholes};
use crate::record;
use crate::reference::{NAMES_ERASED, names};
use crate::transaction::Tx;
use crate::write::{Change, stored_metas};

/// What the registry knows of a portion.
pub(super) struct Found<'a> {
    pub(super) run: &'a Reading,
    pub(super) stored: &'a HashMap<Uuid, String>,
    pub(super) buried: &'a HashMap<Uuid, Meta>,
    pub(super) taken_back: &'a HashSet<Uuid>,
}

impl Found<'_> {
    /// New references of the record at a place to what was taken back.
    fn lost(&self, at: &str, before: &Json) -> Vec<Fault> {
        if self.taken_back.is_empty() {
            return Vec::new();
        }
        let inside = |asked: &&Asked| asked.pointer.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
        let is_new = |asked: &&Asked| self.taken_back.contains(&asked.id) && !says(before, &asked.slug);
        self.run.asked.iter().filter(inside).filter(is_new).map(crate::reference::taken_back).collect()
    }
}

/// Whether two forms of a record refer to the same records, and not only by the same texts.
fn refers_to_the_same<T: Exchanged>(old: &Entry<T>, new: &Entry<T>) -> bool {
    let mut fact = new.fact.clone();
    fact.meta_mut().clone_from(old.fact.meta());
    fact == old.fact && new.links == old.links
}

impl Found<'_> {
    /// Parts behind the place of one that was erased, if they are other than stored: any of them may be what was erased.
    fn brought_back<T: Exchanged<Parts: StoredParts>>(&self, at: &str, new: &Entry<T>, old: &Entry<T>) -> Vec<Fault> {
        let differs = new.parts.compare(&old.parts, old.fact.meta());
        let is_other = |part: &Listed| differs.get(&part.id).is_none_or(|differs| *differs != Differs::Nowhere);
        let parts = new.parts.list().into_iter().enumerate();
        let doubtful = parts.filter(|(_, part)| self.run.behind_gone.contains(&part.id) && is_other(part));
        let fault = |(place, part): (usize, Listed)| {
            let kind = part.kind.label();
            let message = format!(
                "an {kind} of this record was erased for reasons of privacy, and this may be it: leave it out here, and add \
                 what is new by a mutation"
            );
            Fault::new(format!("{at}{}", T::part_pointer(place)), message).sorted(FaultSort::NotAllowed)
        };
        doubtful.map(fault).collect()
    }
}

impl Import {
    /// Adds the ids that the source of a mirror has for records.
    pub(super) fn know<T: Exchanged>(
        &self,
        entries: &[Entry<T>],
        asked: &[Asked],
        known: &mut HashMap<(Kind, String), Uuid>,
    ) {
        let Some(ids) = self.options.mirrored.as_ref().map(|run| &run.ids).filter(|ids| !ids.is_empty()) else {
            return;
        };
        let own = entries.iter().map(|entry| (T::KIND, entry.fact.meta().slug.clone()));
        let others =
            asked.iter().flat_map(|asked| asked.or.iter().chain([&asked.kind]).map(|kind| (*kind, asked.slug.clone())));
        for key in own.chain(others) {
            if let Some(id) = ids.get(&key) {
                known.insert(key, *id);
            }
        }
    }

    /// Leaves out what another process has read of the source again, and may have written, since the file was made.
    pub(super) async fn leave_out_overtaken(
        &self,
        tx: &Tx,
        collection: &'static str,
        records: &mut Portion,
    ) -> Result<(), StoreError> {
        let Some(run) = self.options.mirrored.as_ref().filter(|_| !self.fresh) else { return Ok(()) };
        let all = run.records.get(collection).map_or(&[][..], Vec::as_slice);
        let ids: Vec<Uuid> = records.iter().filter_map(|(place, _)| all.get(*place).copied()).collect();
        let waiting = still_waiting(tx, &ids, run.page).await?;
        records.retain(|(place, _)| all.get(*place).is_some_and(|id| waiting.contains(id)));
        Ok(())
    }

    /// Those of the records that are stored, each with its audience.
    pub(super) async fn stored<T: Exchanged<Parts: StoredParts>>(
        &self,
        tx: &Tx,
        entries: &[Entry<T>],
        run: &Reading,
    ) -> Result<HashMap<Uuid, String>, StoreError> {
        if self.fresh {
            return Ok(HashMap::new());
        }
        let own = entries.iter().map(|entry| entry.fact.meta().id);
        let parts = entries.iter().flat_map(|entry| entry.parts.list()).map(|part| part.id);
        let ids: Vec<Uuid> = own.chain(parts).chain(run.derived.iter().map(Derived::id)).collect();
        Ok(record::audiences(&**tx, &ids).await?)
    }

    /// What is left of those of the records that were erased. Nobody but a mirror may bring them back, or write those anew that
    /// records name otherwise than they are stored.
    pub(super) async fn buried<T: Exchanged<Parts: StoredParts>>(
        &self,
        tx: &Tx,
        entries: &[Entry<T>],
        run: &Reading,
        stored: &HashMap<Uuid, String>,
        places: &[usize],
        faults: &mut Vec<Fault>,
    ) -> Result<HashMap<Uuid, Meta>, StoreError> {
        let erased: HashSet<Uuid> = record::those_erased(stored).collect();
        if self.is_mirror() {
            let altered = altered(tx, &run.derived).await?;
            return stored_metas::<T>(&**tx, erased.union(&altered).copied()).await;
        }
        for (entry, place) in entries.iter().zip(places) {
            let at = format!("/{}/{place}", T::COLLECTION);
            let meta = entry.fact.meta();
            if erased.contains(&meta.id) {
                let message = format!(
                    "the record {:?} was erased for reasons of privacy and does not come back: leave it out",
                    meta.slug
                );
                faults.push(Fault::new(format!("{at}/slug"), message).sorted(FaultSort::NotAllowed));
            }
            if entry.named.iter().any(|id| erased.contains(id)) {
                faults.push(Fault::new(at.clone(), NAMES_ERASED).sorted(FaultSort::NotAllowed));
            }
            for (place, part) in
                entry.parts.list().into_iter().enumerate().filter(|(_, part)| erased.contains(&part.id))
            {
                let message = format!(
                    "the {} {:?} was erased for reasons of privacy and does not come back: leave it out",
                    part.kind.label(),
                    part.slug
                );
                let at = format!("{at}{}", T::part_pointer(place));
                faults.push(Fault::new(at, message).sorted(FaultSort::NotAllowed));
            }
        }
        Ok(HashMap::new())
    }

    /// Those of the records referred to that were taken back. In a mirror they are erased, and so not found at all. Where not
    /// everyone sees what is referred to, it is looked at in the end what is left of the record for whom.
    pub(super) async fn taken_back<T: Exchanged>(
        &mut self,
        tx: &Tx,
        run: &Reading,
        ids: &[(usize, Uuid)],
    ) -> Result<HashSet<Uuid>, StoreError> {
        if self.fresh || self.is_mirror() {
            return Ok(HashSet::new());
        }
        let asked: Vec<Uuid> = run.asked.iter().map(|asked| asked.id).collect();
        let audiences = record::audiences(&**tx, &asked).await?;
        let is_hidden =
            |asked: &&Asked| audiences.get(&asked.id).is_some_and(|audience| *audience != *Audience::Public.label());
        let places: HashSet<Place> = run
            .asked
            .iter()
            .filter(is_hidden)
            .filter_map(|asked| place_of(&Fault::new(asked.pointer.clone(), "")))
            .collect();
        let doubtful = ids.iter().filter(|(place, _)| places.contains(&(T::COLLECTION, *place)));
        self.doubtful.extend(doubtful.map(|(_, id)| (T::KIND, *id)));
        Ok(audiences
            .into_iter()
            .filter(|(_, audience)| audience == Publication::Withdrawn.label())
            .map(|(id, _)| id)
            .collect())
    }

    /// The mistakes of a portion whose records list parts of stored records that the file does not hold: those would lose them
    /// without a word.
    async fn taken_parts<T: Exchanged<Parts: StoredParts>>(
        &self,
        tx: &Tx,
        entries: &[(usize, Entry<T>)],
        found: &Found<'_>,
    ) -> Result<Vec<Fault>, StoreError> {
        let mut stored = Vec::new();
        for (place, entry) in entries {
            for (number, part) in entry.parts.list().into_iter().enumerate() {
                let audience = found.stored.get(&part.id);
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
        stored.retain(|(own, part, _)| whole(part) != *own && !self.listed.contains(&whole(part)));
        let metas = stored_metas::<T>(&**tx, stored.iter().map(|(_, part, _)| whole(part))).await?;
        let fault = |(_, part, pointer): (Uuid, Listed, String)| {
            let holder = metas.get(&whole(&part)).map(|meta| meta.slug.as_str()).unwrap_or_default();
            let message = format!(
                "the {} {:?} belongs to {holder:?}, which the file does not hold: choose another slug, or add {holder:?} \
                 without it",
                part.kind.label(),
                part.slug
            );
            Fault::new(pointer, message).sorted(FaultSort::Taken)
        };
        Ok(stored.into_iter().map(fault).collect())
    }

    /// Leaves the records that are new or other than stored.
    #[expect(clippy::too_many_lines, reason = "one record is compared in one place, in the order of its checks")]
    pub(super) async fn compare<T: Exchanged + Mapped>(
        &mut self,
        tx: &mut Tx,
        entries: Vec<(usize, Entry<T>)>,
        found: &Found<'_>,
        seen_by: &mut SeenBy,
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Change<T>>, StoreError>
    where
        T::Parts: StoredParts,
    {
        if !self.is_mirror() {
            faults.extend(self.taken_parts(tx, &entries, found).await?);
        }
        let mut stored: HashMap<Uuid, (Entry<T>, Json)> = HashMap::new();
        let ids = entries.iter().map(|(_, entry)| entry.fact.meta().id);
        let ids: Vec<Uuid> = ids.filter(|id| found.stored.contains_key(id)).collect();
        if !ids.is_empty() {
            let facts: Vec<T> = by_ids(&**tx, &ids, &Sight::ALL).await?;
            let portable = portable(&**tx, facts, &Sight::ALL).await?;
            stored.extend(portable.into_iter().map(|(entry, json)| (entry.fact.meta().id, (entry, json))));
        }
        let names = if stored.is_empty() { Resolved::default() } else { names(found.run) };
        let new = self.options.publication;
        let counts = self.changes.entry(T::COLLECTION).or_default();
        let mut changes = Vec::with_capacity(entries.len());
        for (place, mut entry) in entries {
            let id = entry.fact.meta().id;
            let at = format!("/{}/{place}", T::COLLECTION);
            let Some((old, json)) = stored.remove(&id) else {
                faults.extend(found.lost(&at, &Json::Null));
                counts.created += 1;
                if self.options.mirrored.is_none() {
                    self.new_cities.extend(Candidate::of(&entry.fact).map(|city| (place, city)));
                }
                seen_by.note(&entry.named, (new, entry.fact.meta().visibility));
                let was = found.buried.get(&id).cloned();
                changes.push(Change {
                    entry,
                    old: None,
                    was,
                    op: Op::Created,
                    difference: None,
                    publication: new,
                    part: None,
                });
                continue;
            };
            let (meta, was) = (entry.fact.meta_mut(), old.fact.meta().clone());
            // What a file says nothing about stays as it was; of a mirror, the source says everything.
            if !entry.stated.visibility && self.options.mirrored.is_none() {
                meta.visibility = was.visibility;
            }
            if !entry.stated.licence && self.options.mirrored.is_none() {
                meta.licence.clone_from(&was.licence);
            }
            seen_by.note(&entry.named, (was.publication, meta.visibility));
            let after = exchange::write(&mut entry, &names).json;
            let is_mirror = self.options.mirrored.is_some();
            // A title may be the slug of another record by now, and a copy holds only what is published.
            let is_published = was.publication.is_public();
            let is_same = || !is_mirror || (is_published && refers_to_the_same(&old, &entry));
            if json == after && is_same() {
                counts.unchanged += 1;
                continue;
            }
            let record = format!("{}/{}", T::COLLECTION, entry.fact.meta().slug);
            let difference = difference(&json, &after);
            if was.publication == Publication::Withdrawn && !is_mirror {
                counts.unchanged += 1;
                let message = "it was withdrawn and stays as it was: what is withdrawn is not imported again";
                self.on_stored.note(Fault::new(at, message));
                self.mentioned.insert(id);
                continue;
            }
            let is_draft = !is_mirror && matches!(was.publication, Publication::Draft | Publication::InReview);
            if is_draft && new == Publication::Published {
                let message = "it is a draft here and stays one: publish it when it is to be seen";
                self.on_stored.note(Fault::new(at.clone(), message));
                self.mentioned.insert(id);
            }
            if !is_draft && new == Publication::Draft {
                let message = "the record is public, and drafts do not change it: correct it, or import as published";
                faults.push(Fault::new(at.clone(), message).sorted(FaultSort::NotAllowed));
            }
            if !is_draft
                && self.options.mirrored.is_none()
                && let Json::Object(fields) = &difference
            {
                let fixed = fields.iter().filter_map(|(field, _)| Some((field, T::is_fixed(field)?)));
                faults.extend(fixed.map(|(field, message)| {
                    Fault::new(format!("{at}/{field}"), message).sorted(FaultSort::NotAllowed)
                }));
            }
            if self.options.mirrored.is_none()
                && let Some(change) = exchange::became_another::<T>(&json, &after)
            {
                if self.options.replace {
                    self.replaced.push(format!("{record}: {change}"));
                } else {
                    let message = format!(
                        "the stored record would become another one ({change}): give the new one a slug of its own, or repeat the \
                         import with `--replace` (in the API, `replace: true`) if it is to take the place of the stored one"
                    );
                    faults.push(Fault::new(at.clone(), message).sorted(FaultSort::NotAllowed));
                }
            }
            faults.extend(found.lost(&at, &json));
            if self.options.mirrored.is_none() {
                faults.extend(found.brought_back(&at, &entry, &old));
                // A part that another record of the file lists moves there.
                let stored = old.parts.list();
                let mut kept = entry.parts.list();
                kept.extend(stored.iter().filter(|part| self.listed.contains(&part.id)).cloned());
                let gone = omitted::<T>(&stored, &kept);
                self.on_stored.extend(gone.into_iter().map(|(field, slugs)| {
                    let message = format!("the file does not list {slugs}: withdrawn");
                    Fault::new(format!("{at}/{field}"), message)
                }));
            }
            counts.updated += 1;
            if self.updates.len() < MAX_UPDATES
                && let Json::Object(fields) = &difference
            {
                let fields: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
                self.updates.push(format!("{record}: {}", fields.join(", ")));
                self.mentioned.insert(id);
            }
            let publication = if is_mirror { new } else { was.publication };
            // A mirror keeps no history of what records said: its source does.
            let (was, difference) = (Some(was), Some(difference).filter(|_| self.options.mirrored.is_none()));
            changes.push(Change { entry, old: Some(old), was, op: Op::Updated, difference, publication, part: None });
        }
        Ok(changes)
    }
}

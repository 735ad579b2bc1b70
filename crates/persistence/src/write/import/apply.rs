//! The last stage of an import: writes the records that are new or changed, and sums up what was done.

use std::collections::{BTreeMap, HashMap, HashSet};

use pomost_domain::exchange::{self, Derived, Exchanged, Json};
use pomost_domain::id::of_slug;
use pomost_domain::meta::Meta;
use uuid::Uuid;

use super::compare::{ComparedRecords, Findings};
use super::duplicates::{self, Candidate};
use super::effects::Effects;
use super::pass::{Pass, Portion};
use super::read::{ReadRecords, Scope};
use super::remarks::Remarks;
use super::verdict::{Place, place_of};
use super::{Changes, File, ImportError, MANY, MAX_UPDATES, Outcome};
use crate::command::Writable;
use crate::derived::{SeenBy, write_derived};
use crate::error::StoreError;
use crate::transaction::Tx;
use crate::write::write;

/// Names of the derived records in the outcome.
const DERIVED: [&str; 3] = ["officials", "programmes", "named sessions"];

/// An import that was written, or cannot be.
pub(super) struct Applied<'a> {
    scope: Scope<'a>,
    tally: Tally,
}

impl<'a> Applied<'a> {
    /// Reads a file portion by portion, compares each with what is stored, and writes what is new or changed.
    pub(super) async fn of(
        scope: Scope<'a>,
        file: File,
        tx: &mut Tx,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Self, ImportError> {
        let mut applying = Applying::of(scope);
        applying.run(file, tx, progress).await?;
        Ok(applying.finish(tx).await?)
    }

    /// What was done, with the records that it says more of than a number; or the refusal of the file.
    pub(super) fn outcome(self) -> Result<(Outcome, HashSet<Uuid>), ImportError> {
        let Self { scope, tally } = self;
        let is_mirror = scope.is_mirror();
        let Tally { mut changes, updates, replaced, remarks, mentioned } = tally;
        let mut warnings = scope.remarks.into_faults();
        warnings.extend(remarks.into_faults());
        if scope.verdict.is_refusal() {
            return Err(scope.verdict.into_refusal(warnings));
        }
        if is_mirror {
            // Its source has reported them.
            warnings.clear();
        }
        let collections = exchange::collections().into_iter().chain(DERIVED);
        let changes = collections.filter_map(|name| Some((name.to_owned(), changes.remove(name)?))).collect();
        let (rejected, faults) = scope.verdict.into_rejected();
        let rejected = rejected.into_iter().map(|(name, place)| (name.to_owned(), place)).collect();
        Ok((Outcome { changes, updates, replaced, warnings, faults, rejected, change_seq: None }, mentioned))
    }
}

/// What was done with the records so far.
#[derive(Default)]
struct Tally {
    changes: BTreeMap<&'static str, Changes>,
    updates: Vec<String>,
    replaced: Vec<String>,
    /// Remarks on what was stored before.
    remarks: Remarks,
    /// The records of which the outcome says more than a number.
    mentioned: HashSet<Uuid>,
}

impl Tally {
    fn add(&mut self, collection: &'static str, findings: Findings) {
        let Findings { changes, updates, replaced, remarks, mentioned, .. } = findings;
        self.changes.entry(collection).or_default().add(changes);
        self.replaced.extend(replaced);
        self.remarks.extend(remarks);
        self.mentioned.extend(mentioned);
        for (id, update) in updates.into_iter().take(MAX_UPDATES - self.updates.len()) {
            self.updates.push(update);
            self.mentioned.insert(id);
        }
    }

    fn created(&self, collection: &str) -> u64 {
        self.changes.get(collection).map_or(0, |changes| changes.created)
    }
}

/// An import that is being written.
struct Applying<'a> {
    scope: Scope<'a>,
    tally: Tally,
    effects: Effects,
    named: NamedRecords,
    /// New cities, with their places in the file.
    new_cities: Vec<(usize, Candidate)>,
    /// The places of the records that remarks and faults on the file are about, for the receipt.
    reported: HashSet<Place>,
}

impl Pass for Applying<'_> {
    async fn portion<T: Writable>(&mut self, portion: Portion, tx: &mut Tx) -> Result<(), StoreError> {
        self.mention_reported::<T>(&portion);
        let read = ReadRecords::<T>::of(portion, &self.scope, tx).await?;
        let compared = ComparedRecords::of(read, &self.scope, tx).await?;
        self.write(compared, tx).await
    }
}

impl<'a> Applying<'a> {
    fn of(scope: Scope<'a>) -> Self {
        let mut reported = HashSet::new();
        if scope.options.key.is_some() {
            reported.extend(scope.remarks.shown().chain(scope.verdict.faults_of_rejected()).filter_map(place_of));
        }
        Self {
            scope,
            tally: Tally::default(),
            effects: Effects::default(),
            named: NamedRecords::default(),
            new_cities: Vec::new(),
            reported,
        }
    }

    fn mention_reported<T: Exchanged>(&mut self, portion: &Portion) {
        let reported = portion.iter().filter(|(place, _)| self.reported.contains(&(T::COLLECTION, *place)));
        let slugs = reported.filter_map(|(_, json)| json.get("slug").and_then(Json::as_str));
        self.tally.mentioned.extend(slugs.map(|slug| of_slug(T::KIND, slug)));
    }

    async fn write<T: Writable>(&mut self, compared: ComparedRecords<T>, tx: &mut Tx) -> Result<(), StoreError> {
        let ComparedRecords { mut writes, derived, seen_by, rewritten, mut findings } = compared;
        let before = self.tally.created(T::COLLECTION);
        self.scope.verdict.add(std::mem::take(&mut findings.faults));
        self.new_cities.append(&mut findings.new_cities);
        self.effects.doubtful.append(&mut findings.doubtful);
        self.tally.add(T::COLLECTION, findings);
        if self.scope.verdict.is_refusal() {
            return Ok(());
        }
        let Scope { options, is_fresh, .. } = self.scope;
        let created = self.named.write(derived, &seen_by, &rewritten, &self.scope, tx).await?;
        for (name, created) in DERIVED.into_iter().zip(created).filter(|(_, created)| *created > 0) {
            self.tally.changes.entry(name).or_default().created += created;
        }
        let named_before = write(tx, &mut writes, &options.act, is_fresh).await?;
        // Those that everyone sees by what was just written stay as they are.
        self.effects.named_before.extend(named_before.into_iter().filter(|id| !seen_by.is_public(*id)));
        self.effects.note(&writes);
        let after = self.tally.created(T::COLLECTION);
        if !is_fresh && after >= MANY && after.ilog10() > before.max(1).ilog10() {
            // Look-ups are planned by what was in the tables before the transaction, so each would scan what it has written since.
            // Each time that a collection has grown tenfold, the statistics are gathered again.
            tx.gather_statistics(T::TABLE).await?;
        }
        Ok(())
    }

    async fn finish(self, tx: &mut Tx) -> Result<Applied<'a>, StoreError> {
        let Self { mut scope, mut tally, effects, new_cities, .. } = self;
        if !scope.verdict.is_refusal() {
            let faults = effects.follow_up(&scope, tx).await?;
            scope.verdict.add(faults);
        }
        tally.remarks.extend(duplicates::remarks(tx, new_cities).await?);
        Ok(Applied { scope, tally })
    }
}

/// The officials, programmes and sessions that records name in full.
#[derive(Default)]
struct NamedRecords {
    /// Those that are known to be stored, for everyone to see.
    public: HashSet<Uuid>,
    /// Whether some were written that not everyone sees.
    has_hidden: bool,
}

impl NamedRecords {
    /// Writes each once, and returns how many of each kind are new.
    async fn write(
        &mut self,
        mut derived: Vec<Derived>,
        seen_by: &SeenBy,
        rewritten: &HashMap<Uuid, Meta>,
        scope: &Scope<'_>,
        tx: &mut Tx,
    ) -> Result<[u64; 3], StoreError> {
        // What everyone sees already is not changed by another record that names it.
        derived.retain(|record| !self.public.contains(&record.id()));
        self.public.extend(seen_by.public());
        let is_fresh = scope.is_fresh && !self.has_hidden;
        self.has_hidden |= seen_by.has_hidden();
        write_derived(tx, derived, seen_by, rewritten, &scope.options.act, is_fresh).await
    }
}

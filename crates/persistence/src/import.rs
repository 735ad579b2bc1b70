//! Reads a file of the exchange format into the registry: all of it or nothing, or all that has no mistake.
//!
//! The file is read twice. The first pass checks every record by itself and notes which there are; the second knows them
//! all, so that references may point forward, and writes in one transaction. What is kept from one pass to the other is
//! an id per record, so that memory stays small. Where single records may be left out, others may refer to those: between
//! the two, the file is looked at again and again until no more fall out.

mod compare;
mod effects;
mod near;
mod portion;
mod remarks;
mod sieve;
mod survey;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufReader, Read};
use std::sync::Arc;

use pomost_domain::exchange::{self, Derived, Entry, Exchanged, Fault, Json, Reader, Reading};
use pomost_domain::id::{Kind, of_slug};
use pomost_domain::meta::{Meta, Publication};
use pomost_domain::{Act, Locale, Sight, for_each_collection};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::command::IdempotencyKey;
use crate::derived::{SeenBy, forget_slugs, own_sessions, write_derived};
use crate::error::StoreError;
use crate::export::StoredParts;
use crate::mapped::Mapped;
use crate::part::gone;
use crate::receipt;
use crate::record;
use crate::reference::{dangling, lookup};
use crate::store::Store;
use crate::transaction::Tx;
use crate::write::write;
use compare::Found;
use near::Candidate;
use portion::{Chunks, Portion};
use remarks::Remarks;
use sieve::Sieve;
use survey::{FileOrder, Place, Survey, keep, place_of};

/// How many changed records are named.
const MAX_UPDATES: usize = 100;

/// What becomes of a file in which something is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFault {
    /// Nothing of it is written.
    #[default]
    RejectAll,
    /// The records that are wrong are left out, and those that cannot be without them.
    RejectFailed,
}

/// How an import is done.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Only say what would change.
    pub dry_run: bool,
    /// Who writes, when, by what and why.
    pub act: Act,
    /// What becomes of a file with mistakes.
    pub on_fault: OnFault,
    /// Where new records stand. An import of drafts changes nothing that is public.
    pub publication: Publication,
    /// Whether a record may become another one: a city of another name in another country.
    pub replace: bool,
    /// What lets the import be repeated without being done twice.
    pub key: Option<IdempotencyKey>,
    /// Of a mirror, where what was erased may come back: what its source says beside the file.
    pub mirrored: Option<MirrorRun>,
}

/// What the source of a mirror says beside a file that is made of what was read.
#[derive(Clone, Debug)]
pub struct MirrorRun {
    /// The ids that the source has for records and that do not follow from their slugs.
    pub ids: HashMap<(Kind, String), Uuid>,
    /// The ids that it has for the records of the file, in their order, by collection.
    pub records: Arc<HashMap<&'static str, Vec<Uuid>>>,
    /// What was read up to this page is in the file.
    pub page: i64,
}

impl ImportOptions {
    /// An import of a file, all of it or nothing, for everyone to see.
    pub fn of(act: Act) -> Self {
        Self {
            dry_run: false,
            act,
            on_fault: OnFault::RejectAll,
            publication: Publication::Published,
            replace: false,
            key: None,
            mirrored: None,
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// 1: checks, 2: writes.
    pub pass: u8,
    /// Records of this pass so far.
    pub records: u64,
}

/// What became of the records of a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// New records.
    pub created: u64,
    /// Changed records.
    pub updated: u64,
    /// Records that are as they were.
    pub unchanged: u64,
}

/// After so many new records, statements may have to be planned otherwise.
const MANY: u64 = 1_000;

/// What an import did, or would do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Changes per collection, in the order of the format; derived records last.
    pub changes: Vec<(String, Changes)>,
    /// The first changed records, each with its changed fields.
    pub updates: Vec<String>,
    /// Records that became other ones, each with what it was and what it is.
    #[serde(default)]
    pub replaced: Vec<String>,
    /// Remarks on what was taken as it is. Of many of one kind, the first ones and how many more there are.
    pub warnings: Vec<Fault>,
    /// What was wrong with the records that were left out.
    pub faults: Vec<Fault>,
    /// The records that were left out: their collections and places.
    pub rejected: Vec<(String, usize)>,
    /// The number of the last change; `None`: nothing was written.
    pub change_seq: Option<i64>,
}

impl Outcome {
    /// Whether nothing was, or would be, written.
    pub fn is_unchanged(&self) -> bool {
        self.changes.iter().all(|(_, changes)| changes.created == 0 && changes.updated == 0)
    }
}

/// An outcome as its receipt keeps it.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    /// The records of which it tells more than a number: when one of them is erased, that goes.
    records: HashSet<Uuid>,
}

/// An import that wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has mistakes.
    #[error("the file has {} mistakes", faults.len())]
    Faults {
        /// All of them, in the order of the file.
        faults: Vec<Fault>,
        /// Remarks on what would be taken as it is.
        warnings: Vec<Fault>,
    },
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyTaken,
    /// The file cannot be opened.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The registry cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for ImportError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Imports a file. `open` opens it anew for each pass.
    ///
    /// # Errors
    /// The file has mistakes or cannot be read, or the database fails; then nothing is written.
    pub async fn import(
        &self,
        open: impl Fn() -> std::io::Result<Box<dyn Read + Send>> + Send + Sync + 'static,
        options: ImportOptions,
        mut progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Outcome, ImportError> {
        let open = Arc::new(open);
        let file = open()?;
        let today = options.act.at.date_naive();
        let (survey, mut progress) = blocking(move || {
            let mut survey = Survey::on(today);
            survey.run(file, |records| progress(Progress { pass: 1, records }));
            (survey, progress)
        })
        .await?;
        // Of a file that cannot be read to its end nobody knows which references lead nowhere.
        if survey.is_cut {
            return Err(located(open, survey.order.refuse(survey.faults, survey.remarks.into_faults())).await?);
        }

        let mut tx = if options.mirrored.is_some() { self.begin_mirrored().await? } else { self.begin().await? };
        if let Some(IdempotencyKey { key, request }) = &options.key
            && let Some((asked, outcome)) = receipt::find(&tx, &options.act.by, key).await?
        {
            tx.rollback().await?;
            return if asked == *request { Ok(outcome) } else { Err(ImportError::KeyTaken) };
        }
        let mut import = Import::new(options, survey, is_empty(&*tx).await?);
        if import.leaves_out() {
            import.sift(&mut tx, open()?).await?;
        }
        import.run(&mut tx, open()?, |records| progress(Progress { pass: 2, records })).await?;
        import.follow_up(&mut tx).await?;
        let new_cities = std::mem::take(&mut import.new_cities);
        import.on_stored.extend(near::remarks(&tx, new_cities).await?);
        if !import.faults.is_empty() {
            tx.rollback().await?;
            let mut warnings = import.remarks.into_faults();
            warnings.extend(import.on_stored.into_faults());
            return Err(located(open, import.order.refuse(import.faults, warnings)).await?);
        }
        let ImportOptions { dry_run, key, act, .. } = import.options.clone();
        let is_mirror = import.is_mirror();
        let mentioned = std::mem::take(&mut import.mentioned);
        let mut outcome = import.outcome();
        if is_mirror {
            // Nobody reads them: its source has said them.
            outcome.warnings.clear();
        }
        (outcome.faults, outcome.warnings) = locate(open, outcome.faults, outcome.warnings).await?;
        outcome.change_seq = Some(tx.seq()).filter(|_| !dry_run && !outcome.is_unchanged());
        if dry_run {
            tx.rollback().await?;
            return Ok(outcome);
        }
        if let Some(key) = &key {
            receipt::keep(&tx, &act, key, &Kept { outcome: &outcome, records: mentioned }).await?;
        }
        // Nothing is told of an import that changed nothing.
        tx.commit().await?;
        let created: u64 = outcome.changes.iter().map(|(_, changes)| changes.created).sum();
        if created >= MANY {
            self.gather_statistics().await;
        }
        Ok(outcome)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ImportError::Io(std::io::Error::other(error.to_string())))
}

/// Notes the slugs of the records that faults and remarks are about, and their lines in the file.
async fn locate(
    open: Arc<impl Fn() -> std::io::Result<Box<dyn Read + Send>> + Send + Sync + 'static>,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
) -> Result<(Vec<Fault>, Vec<Fault>), ImportError> {
    if faults.is_empty() && warnings.is_empty() {
        return Ok((faults, warnings));
    }
    let file = open()?;
    blocking(move || {
        let count = faults.len();
        let mut all = faults;
        all.extend(warnings);
        exchange::locate(BufReader::with_capacity(1 << 16, file), &mut all);
        let warnings = all.split_off(count);
        (all, warnings)
    })
    .await
}

/// The same of a refusal.
async fn located(
    open: Arc<impl Fn() -> std::io::Result<Box<dyn Read + Send>> + Send + Sync + 'static>,
    refusal: ImportError,
) -> Result<ImportError, ImportError> {
    let ImportError::Faults { faults, warnings } = refusal else { return Ok(refusal) };
    let (faults, warnings) = locate(open, faults, warnings).await?;
    Ok(ImportError::Faults { faults, warnings })
}

async fn is_empty(database: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let any = Query::select().column(record::Column::Id.as_column_ref()).from(record::Entity).limit(1).take();
    Ok(database.query_one(&any).await?.is_none())
}

/// The later passes on the side of the database.
struct Import {
    options: ImportOptions,
    /// Whether the registry was empty: then nothing has to be looked up.
    fresh: bool,
    /// Whether it is only looked at what would be written.
    sifts: bool,
    present: Arc<HashSet<Uuid>>,
    /// The ids that all records of the file have by their slugs, with those that are written inside others.
    listed: Arc<HashSet<Uuid>>,
    /// Which records need which, while it is looked at what falls out.
    sieve: Sieve,
    /// The records that are left out.
    rejected: HashSet<Place>,
    /// What is wrong with them.
    left_out: Vec<Fault>,
    /// What is wrong with a file that is written whole or not at all.
    faults: Vec<Fault>,
    /// Remarks on the file.
    remarks: Remarks,
    /// Remarks on what is stored already.
    on_stored: Remarks,
    /// The language of the texts that are plain strings.
    language: Option<Locale>,
    order: FileOrder,
    changes: BTreeMap<&'static str, Changes>,
    updates: Vec<String>,
    /// Records that became other ones.
    replaced: Vec<String>,
    /// New cities, with their places in the file.
    new_cities: Vec<(usize, Candidate)>,
    /// The records that its receipt tells of.
    mentioned: HashSet<Uuid>,
    /// Derived records that are known to be in the registry, for everyone to see.
    derived: HashSet<Uuid>,
    /// Whether some were written that not everyone sees.
    has_hidden: bool,
    /// Records that others see, or do not see any more, since they were changed.
    shown_otherwise: Vec<Uuid>,
    /// Records that somebody may see without what they cannot be without.
    doubtful: Vec<(Kind, Uuid)>,
    /// Officials, programmes and sessions that changed records named before.
    named_before: HashSet<Uuid>,
}

impl Import {
    fn new(options: ImportOptions, survey: Survey, fresh: bool) -> Self {
        let listed = Arc::new(survey.present);
        let mut import = Self {
            fresh: fresh && options.mirrored.as_ref().is_none_or(|run| run.ids.is_empty()),
            options,
            sifts: false,
            present: Arc::clone(&listed),
            listed,
            sieve: Sieve::default(),
            rejected: HashSet::new(),
            left_out: Vec::new(),
            faults: Vec::new(),
            remarks: survey.remarks,
            on_stored: Remarks::default(),
            language: survey.language,
            order: survey.order,
            changes: BTreeMap::new(),
            updates: Vec::new(),
            replaced: Vec::new(),
            new_cities: Vec::new(),
            mentioned: HashSet::new(),
            derived: HashSet::new(),
            has_hidden: false,
            shown_otherwise: Vec::new(),
            doubtful: Vec::new(),
            named_before: HashSet::new(),
        };
        import.blame(survey.faults);
        if import.leaves_out() {
            import.rejected.extend(survey.wrong);
        }
        import
    }

    fn leaves_out(&self) -> bool {
        self.options.on_fault == OnFault::RejectFailed
    }

    fn is_mirror(&self) -> bool {
        self.options.mirrored.is_some()
    }

    /// Notes mistakes: each of one record, or of the file as a whole.
    fn blame(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            match place_of(&fault) {
                Some(place) if self.leaves_out() => {
                    self.rejected.insert(place);
                    keep(&mut self.left_out, [fault]);
                }
                _ => keep(&mut self.faults, [fault]),
            }
        }
    }

    /// Looks at what would be written, and leaves out what cannot be.
    async fn sift(&mut self, tx: &mut Tx, file: Box<dyn Read + Send>) -> Result<(), ImportError> {
        self.sifts = true;
        self.run(tx, file, |_| {}).await?;
        self.sifts = false;
        let (sieve, fallen) = std::mem::take(&mut self.sieve).shake(&self.rejected);
        self.blame(fallen);
        self.present = Arc::new(sieve.present);
        self.changes.clear();
        self.updates.clear();
        self.replaced.clear();
        self.new_cities.clear();
        self.on_stored.clear();
        self.doubtful.clear();
        Ok(())
    }

    async fn run(
        &mut self,
        tx: &mut Tx,
        file: Box<dyn Read + Send>,
        mut progress: impl FnMut(u64),
    ) -> Result<(), ImportError> {
        let (sender, mut records) = mpsc::channel::<(String, Portion)>(4);
        let reading = tokio::task::spawn_blocking(move || {
            let mut chunks = Chunks { sender, collection: String::new(), chunk: Vec::new() };
            // Mistakes in the shape of the file were reported by the first pass.
            let _ = Reader::read(BufReader::with_capacity(1 << 16, file), &mut chunks);
            chunks.send();
        });
        let mut read = 0;
        while let Some((collection, chunk)) = records.recv().await {
            read += chunk.len() as u64;
            self.chunk(tx, &collection, chunk).await?;
            progress(read);
        }
        reading.await.map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(())
    }

    fn outcome(mut self) -> Outcome {
        let order = exchange::collections().into_iter().chain([OFFICIALS, PROGRAMMES, SESSIONS]);
        let changes = order.filter_map(|name| self.changes.remove_entry(name));
        let changes = changes.map(|(name, changes)| (name.to_owned(), changes)).collect();
        let mut rejected: Vec<_> = self.rejected.into_iter().map(|(name, place)| (name.to_owned(), place)).collect();
        rejected.sort();
        let mut warnings = self.remarks.into_faults();
        warnings.extend(self.on_stored.into_faults());
        let faults = self.order.sorted(self.left_out);
        let Self { updates, replaced, .. } = self;
        Outcome { changes, updates, replaced, warnings, faults, rejected, change_seq: None }
    }

    async fn chunk(&mut self, tx: &mut Tx, collection: &str, records: Portion) -> Result<(), StoreError> {
        macro_rules! dispatch {
            ($($fact:ty,)+) => {
                match collection {
                    $(<$fact as Exchanged>::COLLECTION => Box::pin(self.records::<$fact>(tx, records)).await,)+
                    _ => Ok(()),
                }
            };
        }
        for_each_collection!(dispatch)
    }

    async fn records<T: Exchanged + Mapped>(&mut self, tx: &mut Tx, mut records: Portion) -> Result<(), StoreError>
    where
        T::Parts: StoredParts,
    {
        self.mention::<T>(&records);
        records.retain(|(place, _)| !self.rejected.contains(&(T::COLLECTION, *place)));
        self.leave_out_overtaken(tx, T::COLLECTION, &mut records).await?;
        let places: Vec<usize> = records.iter().map(|(place, _)| *place).collect();
        let again = (!self.fresh).then(|| records.clone());
        let mut run =
            Reading { present: Arc::clone(&self.present), language: self.language.clone(), ..Reading::default() };
        let mut entries = read_all::<T>(records, &mut run);
        if let Some(mut records) = again {
            let mut known = lookup::<T>(&**tx, &entries, &run.asked, &Sight::ALL).await?;
            if self.is_mirror() {
                forget_slugs(tx, &run.asked, &mut known).await?;
            }
            self.know::<T>(&entries, &run.asked, &mut known);
            let gone = if self.is_mirror() { HashSet::new() } else { gone(&**tx, &entries).await? };
            let (present, language) = (Arc::clone(&self.present), self.language.clone());
            run = Reading { present, language, known, gone, ..Reading::default() };
            loop {
                let read = if self.is_mirror() { records.clone() } else { std::mem::take(&mut records) };
                entries = read_all::<T>(read, &mut run);
                let own = if self.is_mirror() { own_sessions(tx, &run.derived).await? } else { HashSet::new() };
                if own.is_empty() {
                    break;
                }
                let Reading { present, language, known, gone, mut apart, .. } = run;
                apart.extend(own);
                run = Reading { present, language, known, gone, apart, ..Reading::default() };
            }
        }
        let mut faults = dangling(&run);
        let stored = self.stored(tx, &entries, &run).await?;
        let buried = self.buried::<T>(tx, &entries, &run, &stored, &places, &mut faults).await?;
        let ids: Vec<(usize, Uuid)> =
            places.iter().copied().zip(entries.iter().map(|entry| entry.fact.meta().id)).collect();
        let taken_back = self.taken_back::<T>(tx, &run, &ids).await?;
        let entries: Vec<(usize, Entry<T>)> = places.iter().copied().zip(entries).collect();
        let mut seen_by = SeenBy::default();
        let before = self.created::<T>();
        let found = Found { run: &run, stored: &stored, buried: &buried, taken_back: &taken_back };
        let mut changes = self.compare(tx, entries, &found, &mut seen_by, &mut faults).await?;
        self.blame(faults);
        if self.sifts {
            self.sieve.note(T::COLLECTION, ids.into_iter(), &run);
        }
        if self.sifts || !self.faults.is_empty() {
            return Ok(());
        }
        self.write_derived(tx, std::mem::take(&mut run.derived), &seen_by, &buried).await?;
        let named_before = write(tx, &mut changes, &self.options.act, self.fresh).await?;
        // Those that everyone sees by what was just written stay as they are.
        self.named_before.extend(named_before.into_iter().filter(|id| !seen_by.is_public(*id)));
        self.note_effects(&changes);
        let after = self.created::<T>();
        if !self.fresh && after >= MANY && after.ilog10() > before.max(1).ilog10() {
            // What is looked up is planned by what was there before the transaction: all that it has written since was gone
            // through for each portion. So it is looked at again each time that a collection has grown tenfold.
            tx.gather_statistics(T::TABLE).await?;
        }
        Ok(())
    }

    /// Notes the records that mistakes and warnings are about, for the receipt.
    fn mention<T: Exchanged>(&mut self, records: &Portion) {
        if self.options.key.is_none() {
            return;
        }
        let told: HashSet<Place> = self.remarks.kept().chain(&self.left_out).filter_map(place_of).collect();
        let told = records.iter().filter(|(place, _)| told.contains(&(T::COLLECTION, *place)));
        let slugs = told.filter_map(|(_, json)| json.get("slug").and_then(Json::as_str));
        self.mentioned.extend(slugs.map(|slug| of_slug(T::KIND, slug)));
    }

    fn created<T: Exchanged>(&self) -> u64 {
        self.changes.get(T::COLLECTION).map_or(0, |changes| changes.created)
    }

    /// Writes the records that others name in full, each once.
    async fn write_derived(
        &mut self,
        tx: &mut Tx,
        derived: Vec<Derived>,
        seen_by: &SeenBy,
        buried: &HashMap<Uuid, Meta>,
    ) -> Result<(), StoreError> {
        // Those that everyone sees already have nothing to gain from being named again.
        let known = &mut self.derived;
        let new = derived.into_iter().filter(|record| !known.contains(&record.id())).collect();
        known.extend(seen_by.public());
        let fresh = self.fresh && !self.has_hidden;
        self.has_hidden |= seen_by.has_hidden();
        let written = write_derived(tx, new, seen_by, buried, &self.options.act, fresh).await?;
        for (name, number) in [OFFICIALS, PROGRAMMES, SESSIONS].into_iter().zip(written) {
            if number > 0 {
                self.changes.entry(name).or_default().created += number;
            }
        }
        Ok(())
    }
}

/// Names of the derived records in the outcome.
const OFFICIALS: &str = "officials";
const PROGRAMMES: &str = "programmes";
const SESSIONS: &str = "named sessions";

fn read_all<T: Exchanged>(records: Portion, run: &mut Reading) -> Vec<Entry<T>> {
    let read = |(place, json)| exchange::read::<T>(json, format!("/{}/{place}", T::COLLECTION), run);
    records.into_iter().map(read).collect()
}

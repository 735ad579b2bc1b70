//! Commands: records changed one by one, with what belongs to them, in one transaction; each command is done once.

use std::collections::{HashMap, HashSet};

use futures_util::future::BoxFuture;
use pomost_domain::exchange::{self, Entry, Exchanged, Fault, FaultSort, Json, Reading};
use pomost_domain::id::{Kind, of_slug};
use pomost_domain::meta::Publication;
use pomost_domain::{Act, Audience, Fact, LetterOfIntent, Op, Sight, Vocabulary, for_each_collection};
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::batch::{BATCH, among, batches};
use crate::change::difference;
use crate::derived::{SeenBy, refresh_derived, write_derived};
use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::mapping::Mapping;
use crate::part::StoredParts;
use crate::part::{PartStep, gone};
use crate::portable::portable;
use crate::receipt;
use crate::record;
use crate::reference::{NAMES_ERASED, bump_referring, dangling, lookup, missing, names, unsound_faults, withdrawn};
use crate::statement;
use crate::store::Store;
use crate::table::facts;
use crate::transaction::Tx;
use crate::write::{RecordWrite, write};

/// Lets a client retry a command without repeating the change.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The key that the client chose.
    pub key: String,
    /// The request: the same key for another request is a mistake.
    pub request: String,
}

/// A command that begins, or was done before.
pub enum Begun {
    /// The command is to be done.
    Writer(Box<Writer>),
    /// A command with the same key was done, with this result.
    Done(Receipt),
}

/// What a command did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The record that it wrote.
    pub id: Uuid,
    /// The number of its last change; `None`: it changed nothing.
    pub change_seq: Option<i64>,
}

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The record is not there, or the writer does not see it.
    #[error("there is no such record")]
    NotFound,
    /// The record was written since it was read.
    #[error("the record was changed meanwhile: it is at version {found} now")]
    Stale {
        /// Its version.
        found: u32,
    },
    /// The input has mistakes, all of them; or the state of the record does not allow it.
    #[error("the input has {} mistakes", .0.len())]
    Faults(Vec<Fault>),
    /// The key was used for another command.
    #[error("the idempotency key was used for another request")]
    KeyTaken,
    /// The registry cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for CommandError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// The record that a command is about.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// One of this kind that is not there yet.
    New(Kind),
    /// One that is stored, in the version that the sender knows.
    Stored(Kind, Uuid, u32),
}

/// Gives the next form of a record, or the faults that prevent it.
pub type Edit = Box<dyn FnOnce(&Current) -> Result<Next, Vec<Fault>> + Send>;

/// The bounds of the records that commands and imports write.
pub(crate) trait Writable: Exchanged<Parts: StoredParts> + Mapped {}
impl<T: Exchanged<Parts: StoredParts> + Mapped> Writable for T {}

/// A record as it is stored.
#[derive(Clone, Debug)]
pub struct Current {
    /// Its written form; of a new one, nothing.
    pub json: Json,
    /// Its publication.
    pub publication: Publication,
    /// Who wrote it first; of a new one, the writer.
    pub author: String,
}

/// The form of a record after a command.
#[derive(Clone, Debug)]
pub struct Next {
    /// Its written form.
    pub json: Json,
    /// Its publication.
    pub publication: Publication,
    /// The operation, for the change.
    pub op: Op,
    /// Whether parts that it does not list any longer are withdrawn; otherwise to leave one out is a mistake.
    pub withdraws_omitted: bool,
}

/// A command that is being done. Dropping it rolls everything back.
pub struct Writer {
    pub(crate) tx: Tx,
    pub(crate) act: Act,
    pub(crate) sight: Sight,
    pub(crate) key: Option<IdempotencyKey>,
}

impl Store {
    /// Begins a command, in the sight of this store. Two to four statements.
    ///
    /// # Errors
    /// The key was used for something else, or the database fails.
    pub async fn command(&self, act: Act, key: Option<IdempotencyKey>) -> Result<Begun, CommandError> {
        let tx = self.begin().await?;
        if let Some(key) = &key
            && let Some((request, receipt)) = receipt::find(&tx, &act.by, &key.key).await?
        {
            tx.rollback().await?;
            return if request == key.request { Ok(Begun::Done(receipt)) } else { Err(CommandError::KeyTaken) };
        }
        Ok(Begun::Writer(Box::new(Writer { tx, act, sight: self.sight.clone(), key })))
    }
}

impl Writer {
    /// Writes one record, and returns its id. `edit` gives its next form.
    ///
    /// # Errors
    /// The record is not there or was changed meanwhile, its new form has mistakes, or the database fails.
    pub fn put(&mut self, target: Target, edit: Edit) -> BoxFuture<'_, Result<Uuid, CommandError>> {
        // Compiled here for all kinds, and not again in every crate that awaits it.
        Box::pin(self.put_record(target, edit))
    }

    async fn put_record(&mut self, target: Target, edit: Edit) -> Result<Uuid, CommandError> {
        let (Target::New(kind) | Target::Stored(kind, ..)) = target;
        macro_rules! dispatch {
            ($($fact:ty,)+) => {
                match kind {
                    // Boxed, as the largest of them would be on the stack of every command.
                    $(<$fact as Fact>::KIND => Box::pin(self.put_as::<$fact>(target, edit)).await,)+
                    Kind::Commitment => Box::pin(self.put_part::<LetterOfIntent>(target, edit)).await,
                    // Answers have acts of their own; officials and programmes are written with the records that name them.
                    Kind::Answer | Kind::Official | Kind::Programme => Err(CommandError::NotFound),
                }
            };
        }
        for_each_collection!(dispatch)
    }

    async fn put_as<T: Writable>(&mut self, target: Target, edit: Edit) -> Result<Uuid, CommandError> {
        let (old, current) = self.current::<T>(target).await?;
        let mut next = edit(&current).map_err(CommandError::Faults)?;
        if old.is_none() {
            self.name::<T>(&mut next.json).await?;
        }
        self.write(old, &current.json, next, None).await
    }

    /// The record that a command is about, as it is stored.
    pub(crate) async fn current<T: Writable>(
        &self,
        target: Target,
    ) -> Result<(Option<Entry<T>>, Current), CommandError> {
        let Target::Stored(_, id, expected) = target else {
            let (json, author) = (Json::Object(Vec::new()), self.act.by.clone());
            return Ok((None, Current { json, publication: Publication::Draft, author }));
        };
        let (old, json) = self.stored::<T>(id, &self.sight).await?.ok_or(CommandError::NotFound)?;
        let meta = old.fact.meta();
        if meta.version != expected {
            return Err(CommandError::Stale { found: meta.version });
        }
        let current = Current { json, publication: meta.publication, author: meta.created_by.clone() };
        Ok((Some(old), current))
    }

    /// A record in this sight, with its whole written form.
    pub(crate) async fn stored<T: Writable>(
        &self,
        id: Uuid,
        sight: &Sight,
    ) -> Result<Option<(Entry<T>, Json)>, StoreError> {
        let mut select = statement::facts(Mapping::of::<T>(), sight);
        select.and_where(Mapping::of::<T>().id().eq(id));
        let facts: Vec<T> = facts(&self.tx.query_all(&select).await?)?;
        Ok(portable(&*self.tx, facts, &Sight::ALL).await?.pop())
    }

    /// Writes a record as far as it differs from what is stored. `part` is the step of one of its parts alone.
    pub(crate) async fn write<T: Writable>(
        &mut self,
        old: Option<Entry<T>>,
        before: &Json,
        next: Next,
        part: Option<PartStep>,
    ) -> Result<Uuid, CommandError> {
        let Next { json, publication, op, withdraws_omitted } = next;
        // A record may keep references to records that were withdrawn meanwhile.
        let mut first = Reading::default();
        if old.is_some() {
            exchange::read::<T>(before.clone(), String::new(), &mut first);
        }
        let had: HashSet<(Kind, String)> =
            first.asked.drain(..).map(|reference| (reference.kind, reference.slug)).collect();
        let mut run = Reading::default();
        let entry = exchange::read::<T>(json.clone(), String::new(), &mut run);
        let known = lookup::<T>(&*self.tx, std::slice::from_ref(&entry), &run.asked, &Sight::ALL).await?;
        let gone = gone(&*self.tx, std::slice::from_ref(&entry)).await?;
        run = Reading { known, gone, ..Reading::default() };
        let mut entry = exchange::read::<T>(json, String::new(), &mut run);
        let mut faults = std::mem::take(&mut run.faults);
        faults.extend(dangling(&run));
        faults.extend(self.unseen(&run, &had).await?);
        let id = entry.fact.meta().id;
        if let Some(old) = &old {
            if old.fact.meta().slug != entry.fact.meta().slug {
                let message = "the slug is the lasting name of the record and cannot be changed: leave it out";
                faults.push(Fault::new("/slug", message));
            }
        } else if run.known.contains_key(&(T::KIND, entry.fact.meta().slug.clone())) {
            faults.push(taken("/slug", &entry.fact.meta().slug));
        }
        faults.extend(self.erased_faults(&entry, old.is_none()).await?);
        faults.extend(self.part_faults(&entry, old.as_ref(), withdraws_omitted).await?);
        if !faults.is_empty() {
            faults.sort();
            faults.dedup();
            return Err(CommandError::Faults(faults));
        }
        let after = exchange::write(&mut entry, &names(&run)).json;
        let was = old.as_ref().map(|old| old.fact.meta().clone());
        let is_same = *before == after;
        // A correction that corrects nothing is not written.
        let stays = was.as_ref().is_some_and(|was| was.publication == publication || op == Op::Corrected);
        let appears = part.as_ref().is_some_and(PartStep::appears);
        let part = part.and_then(|part| part.write(before, &after));
        if is_same && stays && part.is_none() {
            return Ok(id);
        }
        let mut changed = difference(before, &after);
        note_state(&mut changed, was.as_ref().map(|was| was.publication), publication);
        let mut seen_by = SeenBy::default();
        seen_by.note(&entry.named, (publication, entry.fact.meta().visibility));
        write_derived(&mut self.tx, std::mem::take(&mut run.derived), &seen_by, &HashMap::new(), &self.act, false)
            .await?;
        let before_audience = was.as_ref().map(|meta| Audience::of(meta).label());
        // Readers see the whole differently, though the whole itself is not written.
        let only_appears = is_same && appears;
        let mut shown_otherwise: Vec<Uuid> = part.iter().filter(|_| only_appears).map(|part| part.id).collect();
        let mut writes =
            [RecordWrite { entry, difference: old.is_some().then_some(changed), old, was, op, publication, part }];
        let named_before = write(&mut self.tx, &mut writes, &self.act, false).await?;
        let [done] = writes;
        refresh_derived(&mut self.tx, named_before.into_iter().filter(|id| !seen_by.is_public(*id)), &self.act).await?;
        let audience = Audience::of(done.entry.fact.meta());
        // Drafts are seen only by readers who see everything.
        let is_shown = !matches!(audience, Audience::Author(_) | Audience::Withdrawn);
        let mut seen: Vec<(Kind, Uuid)> = is_shown.then_some((T::KIND, id)).into_iter().collect();
        if before_audience.is_some_and(|before| before != audience.label()) || done.is_named_otherwise() {
            shown_otherwise.push(id);
        }
        seen.extend(bump_referring(&mut self.tx, &shown_otherwise, &self.act).await?);
        // Every reader of a record must see a whole one, or mirrors could not take it.
        let faults = unsound_faults(&self.tx, &seen).await?;
        if faults.is_empty() { Ok(id) } else { Err(CommandError::Faults(faults)) }
    }

    /// The faults of a record that was erased, or that names erased ones: those do not come back.
    async fn erased_faults<T: Writable>(&self, entry: &Entry<T>, is_new: bool) -> Result<Vec<Fault>, StoreError> {
        let meta = entry.fact.meta();
        let mut ids = entry.named.clone();
        ids.extend(is_new.then_some(meta.id));
        let erased = record::erased(&*self.tx, &ids).await?;
        let mut faults = Vec::new();
        if erased.contains(&meta.id) {
            faults.push(self::erased("/slug", &meta.slug));
        }
        if entry.named.iter().any(|id| erased.contains(id)) {
            faults.push(Fault::new("", NAMES_ERASED).sorted(FaultSort::NotAllowed));
        }
        Ok(faults)
    }

    /// The faults of references to records that the writer does not see, or that were withdrawn, but for those that the record
    /// had before.
    pub(crate) async fn unseen(&self, run: &Reading, had: &HashSet<(Kind, String)>) -> Result<Vec<Fault>, StoreError> {
        let references: Vec<_> = run
            .asked
            .iter()
            .filter(|reference| !had.contains(&(reference.kind, reference.slug.clone())))
            .filter(|reference| run.known.contains_key(&(reference.kind, reference.slug.clone())))
            .collect();
        let ids: Vec<Uuid> = references.iter().map(|reference| reference.id).collect();
        let audiences = record::audiences(&*self.tx, &ids).await?;
        let mut faults = Vec::new();
        for reference in references {
            match audiences.get(&reference.id).map(String::as_str) {
                Some("withdrawn") => faults.push(withdrawn(reference)),
                audience if !self.sight.takes_in(audience) => faults.push(missing(reference)),
                _ => {}
            }
        }
        Ok(faults)
    }

    /// Gives a new record a slug, made of its name, unless it has one.
    pub(crate) async fn name<T: Writable>(&self, json: &mut Json) -> Result<(), StoreError> {
        let Json::Object(members) = json else { return Ok(()) };
        if members.iter().any(|(key, _)| key == "slug") {
            return Ok(());
        }
        members.insert(0, ("slug".to_owned(), Json::string("new")));
        let entry = exchange::read::<T>(json.clone(), String::new(), &mut Reading::default());
        let free = self.free_slug(T::KIND, &entry.fact.name()).await?;
        if let Json::Object(members) = json {
            members[0].1 = Json::string(free);
        }
        Ok(())
    }

    /// The first slug made of a name that no record has. The slug of an erased record stays taken, by its id. No other command
    /// takes the slug meanwhile, as there is one writer at a time.
    async fn free_slug(&self, kind: Kind, name: &str) -> Result<String, StoreError> {
        let mut slugs = exchange::slugs_of(kind, name);
        let mut size = 4;
        loop {
            let some: Vec<String> = slugs.by_ref().take(size).collect();
            let ids: Vec<Uuid> = some.iter().map(|slug| of_slug(kind, slug)).collect();
            let (slug, id) = (record::Column::Slug, record::Column::Id);
            let mut taken: HashSet<String> = HashSet::new();
            let mut used: HashSet<Uuid> = HashSet::new();
            for (ids, slugs) in batches(&ids).zip(batches(&some)) {
                let select = Query::select()
                    .columns([id, slug].map(|column| column.as_column_ref()))
                    .from(record::Entity)
                    .and_where(among(id, ids).or(record::Column::Kind.eq(kind.label()).and(among(slug, slugs))))
                    .take();
                for row in &self.tx.query_all(&select).await? {
                    used.insert(row.try_get("", "id")?);
                    taken.insert(row.try_get("", "slug")?);
                }
            }
            let free = some.into_iter().zip(ids).find(|(slug, id)| !taken.contains(slug) && !used.contains(id));
            if let Some((slug, _)) = free {
                return Ok(slug);
            }
            size = Ord::min(size * 4, BATCH);
        }
    }

    /// Commits the command; `id` is the record that its answer shows.
    ///
    /// # Errors
    /// The database fails; then nothing was done, unless the commit itself failed.
    pub async fn commit(self, id: Uuid) -> Result<Receipt, StoreError> {
        let receipt = Receipt { id, change_seq: self.tx.last_change() };
        if let Some(key) = &self.key {
            receipt::keep(&self.tx, &self.act, key, &receipt).await?;
        }
        self.tx.commit().await?;
        Ok(receipt)
    }
}

/// The fault of a slug that another record has.
pub(crate) fn taken(pointer: impl Into<String>, slug: &str) -> Fault {
    Fault::new(pointer, format!("the slug {slug:?} is taken: choose another")).sorted(FaultSort::Taken)
}

/// The fault of a slug that a record had before it was erased.
pub(crate) fn erased(pointer: impl Into<String>, slug: &str) -> Fault {
    let message = format!("the slug {slug:?} is that of a record that was erased: choose another");
    Fault::new(pointer, message).sorted(FaultSort::Taken)
}

/// Adds the change of the publication to the fields that changed.
pub(crate) fn note_state(changed: &mut Json, was: Option<Publication>, publication: Publication) {
    if let (Json::Object(fields), Some(was)) = (changed, was)
        && was != publication
    {
        let pair = vec![Json::string(was.label()), Json::string(publication.label())];
        fields.push(("publication".to_owned(), Json::Array(pair)));
    }
}

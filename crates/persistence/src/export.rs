//! Writes the registry in the exchange format, record by record.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Write;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use pomost_domain::exchange::{Entry, Exchanged, Fault, Json, Parts, Reading, Resolved, read, write};
use pomost_domain::id::Kind;
use pomost_domain::link::{Link, Links};
use pomost_domain::meta::{Meta, Publication};
use pomost_domain::{Fact, Locale, Official, Programme, Session, Sight, Text, Vocabulary, for_each_collection};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{
    AccessMode, ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, IntoSimpleExpr, TransactionTrait,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::asked::Asked;
use crate::batch::{self, Connection, among};
use crate::data_version;
use crate::erase::NEEDS;
use crate::error::StoreError;
use crate::mapped::{Mapped, Upsert};
use crate::mapping::{Mapping, reference_column};
use crate::record::{self, link};
use crate::statement;
use crate::store::{Load, Store};
use crate::table::{Cells, Table, facts};
use crate::write::Collect;

/// How many records are held at a time.
pub(crate) const CHUNK: u64 = 500;

/// An export that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output cannot be written.
    #[error("the export cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// The registry cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for ExportError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Writes all records that are seen, each collection in the order of its slugs, as of one moment; returns how many.
    ///
    /// # Errors
    /// The output or the database fails.
    pub fn export<'a>(
        &'a self,
        out: &'a mut (impl Write + Send),
        progress: impl FnMut(u64) + Send + 'a,
    ) -> BoxFuture<'a, Result<u64, ExportError>> {
        // One future for all outputs, compiled here.
        Box::pin(self.export_to(out, Box::new(progress)))
    }

    async fn export_to(
        &self,
        out: &mut (dyn Write + Send),
        mut progress: Box<dyn FnMut(u64) + Send + '_>,
    ) -> Result<u64, ExportError> {
        let snapshot = self.snapshot().await?;
        let mut written = 0;
        let mut first = true;
        let plain = usual_language(&snapshot, &self.sight).await?;
        out.write_all(b"{")?;
        if let Some(plain) = &plain {
            write!(out, "\n  \"language\": \"{plain}\"")?;
            first = false;
        }
        for collection in COLLECTIONS {
            out.write_all(if first { b"\n" } else { b",\n" })?;
            first = false;
            collection.write(&snapshot, &self.sight, plain.as_ref(), out, &mut written, &mut progress).await?;
        }
        out.write_all(if first { b"}\n" } else { b"\n}\n" })?;
        out.flush()?;
        snapshot.rollback().await?;
        Ok(written)
    }
}

/// How many notes are looked at to tell the usual language.
const SAMPLE: u64 = 100;

/// The language that most of the first notes are in: a file states it once, so that texts in it are plain strings.
async fn usual_language(database: &impl ConnectionTrait, sight: &Sight) -> Result<Option<Locale>, StoreError> {
    let note = record::Column::Note;
    let select = Query::select()
        .column(note.as_column_ref())
        .from(record::Entity)
        .cond_where(record::seen(sight))
        .and_where(note.is_not_null())
        .order_by(record::Column::Kind.as_column_ref(), Order::Asc)
        .order_by(record::Column::Slug.as_column_ref(), Order::Asc)
        .limit(SAMPLE)
        .take();
    let mut counts: BTreeMap<Locale, u32> = BTreeMap::new();
    for row in &database.query_all(&select).await? {
        let stored: String = row.try_get("", "note")?;
        let Ok(text) = serde_json::from_str::<Text>(&stored) else { continue };
        if let [only] = text.variants() {
            *counts.entry(only.locale.clone()).or_default() += 1;
        }
    }
    let usual = counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(locale, _)| locale);
    Ok(usual.filter(|locale| *locale != Locale::undetermined()))
}

impl Store {
    /// A transaction that reads, and sees one moment.
    async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
        Ok(match self.backend {
            DatabaseBackend::Postgres => {
                let level = Some(sea_orm::IsolationLevel::RepeatableRead);
                self.read.pool().begin_with_config(level, Some(AccessMode::ReadOnly)).await?
            }
            // A read transaction of SQLite sees one moment by itself.
            _ => self.read.pool().begin().await?,
        })
    }

    /// The digest of a part of a collection, as far as it is seen, as of one moment; `None`: records of this kind are not
    /// written in a collection.
    ///
    /// # Errors
    /// The database fails.
    pub fn digest<'a>(&'a self, kind: Kind, part: &'a DigestPart) -> Load<'a, Option<Digest>> {
        Box::pin(async move {
            let Some(collection) = COLLECTIONS.iter().find(|collection| collection.kind == kind) else {
                return Ok(None);
            };
            let snapshot = self.snapshot().await?;
            let version = data_version::read(&snapshot).await?;
            let (count, sha256, end) = collection.digest(&snapshot, &self.sight, part).await?;
            snapshot.rollback().await?;
            Ok(Some(Digest { count, sha256, end, version }))
        })
    }
}

/// A part of a collection, in the order of its slugs.
#[derive(Clone, Debug, Default)]
pub struct DigestPart {
    /// Only records after this slug.
    pub after: Option<String>,
    /// Only records up to this slug.
    pub until: Option<String>,
    /// How many records are looked at, at most.
    pub limit: u64,
}

/// What tells whether two registries hold the same records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How many records are written.
    pub count: u64,
    /// SHA-256 of their written forms, each on a line of its own.
    pub sha256: [u8; 32],
    /// The last slug that was looked at; `None`: there are no more.
    pub end: Option<String>,
    /// The version of the data.
    pub version: i64,
}

/// A collection of the exchange format.
struct Collection {
    kind: Kind,
    name: &'static str,
    next: for<'a> fn(&'a DatabaseTransaction, Portion<'a>) -> Load<'a, Option<Written>>,
}

/// The last slug of a portion, and the records in it that are written.
type Written = (String, Vec<Json>);

/// Which of its records are read next.
struct Portion<'a> {
    sight: &'a Sight,
    after: Option<&'a str>,
    until: Option<&'a str>,
    size: u64,
    /// The language of plain texts.
    plain: Option<&'a Locale>,
}

macro_rules! collections {
    ($($fact:ty,)+) => {
        /// The collections, in the order in which they are written.
        const COLLECTIONS: &[Collection] = &[$(Collection {
            kind: <$fact as Fact>::KIND,
            name: <$fact as Exchanged>::COLLECTION,
            next: |snapshot, portion| Box::pin(next::<$fact>(snapshot, portion)),
        }),+];
    };
}
for_each_collection!(collections);

impl Collection {
    /// The number of records of a part, the digest of their written forms, and the last slug, unless there are no more.
    async fn digest(
        &self,
        snapshot: &DatabaseTransaction,
        sight: &Sight,
        part: &DigestPart,
    ) -> Result<(u64, [u8; 32], Option<String>), StoreError> {
        let (mut count, mut hash) = (0, Sha256::new());
        let mut after = part.after.clone();
        let mut left = part.limit;
        loop {
            let size = Ord::min(CHUNK, left);
            let (after_slug, until) = (after.as_deref(), part.until.as_deref());
            let portion = Portion { sight, after: after_slug, until, size, plain: None };
            let Some((last, records)) = (self.next)(snapshot, portion).await? else {
                return Ok((count, hash.finalize().into(), None));
            };
            for json in records {
                hash.update(json.to_text());
                hash.update("\n");
                count += 1;
            }
            left -= size;
            if left == 0 {
                return Ok((count, hash.finalize().into(), Some(last)));
            }
            after = Some(last);
        }
    }

    async fn write(
        &self,
        snapshot: &DatabaseTransaction,
        sight: &Sight,
        plain: Option<&Locale>,
        out: &mut (dyn Write + Send),
        written: &mut u64,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), ExportError> {
        write!(out, "  {}: [", Json::string(self.name).to_text())?;
        let mut empty = true;
        let mut after: Option<String> = None;
        loop {
            let portion = Portion { sight, after: after.as_deref(), until: None, size: CHUNK, plain };
            let Some((last, records)) = (self.next)(snapshot, portion).await? else { break };
            after = Some(last);
            for json in records {
                let text = json.to_pretty_text().replace('\n', "\n    ");
                write!(out, "{}    {text}", if empty { "\n" } else { ",\n" })?;
                empty = false;
                *written += 1;
            }
            progress(*written);
        }
        out.write_all(if empty { b"]" } else { b"\n  ]" })?;
        Ok(())
    }
}

/// The next records of a collection in the order of their slugs, with the last slug of them; `None`: there are no more.
async fn next<T: Exchanged + Mapped>(
    snapshot: &DatabaseTransaction,
    portion: Portion<'_>,
) -> Result<Option<Written>, StoreError>
where
    T::Parts: StoredParts,
{
    let Portion { sight, after, until, size, plain } = portion;
    let slug = record::Column::Slug;
    let mut select = statement::facts(Mapping::of::<T>(), sight);
    select.and_where_option(after.map(|after| slug.gt(after))).and_where_option(until.map(|until| slug.lte(until)));
    select.order_by(slug.as_column_ref(), Order::Asc).limit(size);
    let facts: Vec<T> = facts(&snapshot.query_all(&select).await?)?;
    let Some(last) = facts.last().map(|fact| fact.meta().slug.clone()) else { return Ok(None) };
    let facts = written(snapshot, facts, sight).await?;
    let records = portable_in::<T>(snapshot, facts, sight, plain).await?;
    Ok(Some((last, records.into_iter().map(|(_, json)| json).collect())))
}

/// A record in the exchange format.
#[derive(Clone, Debug)]
pub struct Content {
    /// The collection that it is written in.
    pub collection: &'static str,
    /// The record.
    pub json: Json,
}

impl Store {
    /// Records in the exchange format, as far as they are seen. Those that are written inside others, or that others name, are
    /// left out. Some statements for each kind among them.
    ///
    /// # Errors
    /// The database fails.
    pub fn contents<'a>(&'a self, records: &'a [(Kind, Uuid)]) -> Load<'a, HashMap<Uuid, Content>> {
        Box::pin(contents(&self.read, &self.sight, records))
    }
}

impl Content {
    /// What is wrong with it by itself, apart from what it refers to.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        macro_rules! check {
            ($($fact:ty,)+) => {
                match self.collection {
                    $(<$fact as Exchanged>::COLLECTION => {
                        let mut run = Reading::default();
                        read::<$fact>(self.json.clone(), String::new(), &mut run);
                        run.faults
                    })+
                    _ => Vec::new(),
                }
            };
        }
        for_each_collection!(check)
    }
}

/// Records in the exchange format, as far as they are seen.
pub(crate) async fn contents(
    database: &dyn Connection,
    sight: &Sight,
    records: &[(Kind, Uuid)],
) -> Result<HashMap<Uuid, Content>, StoreError> {
    let mut found = HashMap::new();
    macro_rules! kinds {
        ($($fact:ty,)+) => {$({
            let ids: Vec<Uuid> =
                records.iter().filter(|(kind, _)| *kind == <$fact as Fact>::KIND).map(|(_, id)| *id).collect();
            if !ids.is_empty() {
                Box::pin(contents_of::<$fact>(database, sight, ids, &mut found)).await?;
            }
        })+};
    }
    for_each_collection!(kinds);
    Ok(found)
}

async fn contents_of<T: Exchanged + Mapped>(
    database: &dyn Connection,
    sight: &Sight,
    ids: Vec<Uuid>,
    found: &mut HashMap<Uuid, Content>,
) -> Result<(), StoreError>
where
    T::Parts: StoredParts,
{
    let facts = written(database, by_ids::<T>(database, &ids, sight).await?, sight).await?;
    for (entry, json) in portable::<T>(database, facts, sight).await? {
        found.insert(entry.fact.meta().id, Content { collection: T::COLLECTION, json });
    }
    Ok(())
}

/// Those of some records that are written in their collection, for somebody with this sight.
async fn written<T: Exchanged>(
    database: &dyn Connection,
    mut facts: Vec<T>,
    sight: &Sight,
) -> Result<Vec<T>, StoreError> {
    facts.retain(|fact| fact.is_written(&|_| true));
    let asked: Vec<Uuid> = facts.iter().flat_map(Exchanged::rests_on).collect();
    if !asked.is_empty() {
        let seen: HashSet<Uuid> = shown(database, &asked, sight).await?.into_iter().map(|(id, ..)| id).collect();
        facts.retain(|fact| fact.is_written(&|id| !asked.contains(&id) || seen.contains(&id)));
    }
    Ok(facts)
}

/// Those of some records that are there for somebody with this sight: they are seen, and so is what they cannot be without. With
/// their kinds, as far as they are known, and slugs.
async fn shown(
    database: &dyn Connection,
    ids: &[Uuid],
    sight: &Sight,
) -> Result<Vec<(Uuid, Option<Kind>, String)>, StoreError> {
    let rows = batch::rows(database, ids, |ids| {
        Query::select()
            .columns(
                [record::Column::Id, record::Column::Kind, record::Column::Slug].map(|column| column.as_column_ref()),
            )
            .from(record::Entity)
            .cond_where(record::seen(sight))
            .and_where(among(record::Column::Id, ids))
            .take()
    });
    let mut found = Vec::new();
    for row in &rows.await? {
        let kind: String = row.try_get("", "kind")?;
        found.push((row.try_get("", "id")?, Kind::from_label(&kind), row.try_get("", "slug")?));
    }
    for (kind, needed) in NEEDS {
        let needy = found.iter().filter(|(_, found, _)| *found == Some(*kind)).map(|(id, ..)| *id);
        let needy: Vec<Uuid> = needy.collect();
        let rows = batch::rows(database, &needy, |ids| {
            let column = |name: &str| Expr::col((Alias::new(kind.label()), Alias::new(name.to_owned())));
            Query::select()
                .expr_as(column("id"), Alias::new("id"))
                .from(Alias::new(kind.label()))
                .inner_join(record::Entity, column(needed).eq(record::Column::Id.into_simple_expr()))
                .cond_where(record::seen(sight))
                .and_where(among(column("id"), ids))
                .take()
        });
        let whole: HashSet<Uuid> =
            rows.await?.iter().map(|row| row.try_get("", "id")).collect::<Result<_, sea_orm::DbErr>>()?;
        found.retain(|(id, found, _)| *found != Some(*kind) || whole.contains(id));
    }
    Ok(found)
}

/// Records with the form in which they are exchanged, as somebody with this sight sees it. A record that cannot be without
/// another one that is not seen is left out.
pub(crate) async fn portable<T: Exchanged + Mapped>(
    database: &dyn Connection,
    facts: Vec<T>,
    sight: &Sight,
) -> Result<Vec<(Entry<T>, Json)>, StoreError>
where
    T::Parts: StoredParts,
{
    portable_in(database, facts, sight, None).await
}

/// The same, for a file that states the language of its plain texts.
async fn portable_in<T: Exchanged + Mapped>(
    database: &dyn Connection,
    facts: Vec<T>,
    sight: &Sight,
    plain: Option<&Locale>,
) -> Result<Vec<(Entry<T>, Json)>, StoreError>
where
    T::Parts: StoredParts,
{
    let mut entries = entries(database, facts).await?;
    let mut names = Resolved { sight: Some(sight.clone()), plain: plain.cloned(), ..Resolved::default() };
    let mut asked = BTreeSet::new();
    // Officials stand in cities, so that knowing them asks for more names: the second round has them all.
    for _ in 0..3 {
        let mut missing: BTreeSet<Uuid> = entries.iter_mut().flat_map(|entry| write(entry, &names).missing).collect();
        missing.retain(|id| asked.insert(*id));
        if missing.is_empty() {
            break;
        }
        resolve(database, &missing, sight, &mut names).await?;
    }
    let written = entries.into_iter().map(|mut entry| {
        let written = write(&mut entry, &names);
        written.whole.then_some((entry, written.json))
    });
    Ok(written.flatten().collect())
}

/// Facts with their references and parts.
async fn entries<T: Exchanged + Mapped>(database: &dyn Connection, facts: Vec<T>) -> Result<Vec<Entry<T>>, StoreError>
where
    T::Parts: StoredParts,
{
    let ids: Vec<Uuid> = facts.iter().map(|fact| fact.meta().id).collect();
    let mut parts = T::Parts::load(database, &ids).await?;
    let mut named = HashMap::new();
    for parts in parts.values_mut() {
        parts.each(&mut Collect(&mut named));
    }
    let holders: Vec<Uuid> = ids.iter().copied().chain(named.into_keys()).collect();
    let mut links = links(database, &holders).await?;
    for parts in parts.values_mut() {
        parts.each(&mut GiveLinks(&mut links));
    }
    Ok(facts
        .into_iter()
        .map(|fact| {
            let id = fact.meta().id;
            let links = links.remove(&id).unwrap_or_default();
            Entry { fact, links, parts: parts.remove(&id).unwrap_or_default(), ..Entry::default() }
        })
        .collect())
}

async fn links(database: &dyn Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Links>, StoreError> {
    use record::link::Column;
    let rows = batch::rows(database, ids, |ids| {
        let mut select = Query::select();
        link::Row::select(&mut select, Asked::ALL);
        select
            .column(record::Column::Kind.as_column_ref())
            .from(link::Entity)
            .inner_join(record::Entity, record::Column::Id.into_simple_expr().equals(Column::ToId.as_column_ref()))
            .and_where(among(Column::FromId, ids))
            .order_by(Column::FromId.as_column_ref(), Order::Asc)
            .order_by(Column::Relation.as_column_ref(), Order::Asc)
            .order_by(Column::Position.as_column_ref(), Order::Asc)
            .take()
    });
    let mut found: HashMap<Uuid, Links> = HashMap::new();
    for row in &rows.await? {
        let mut cells = Cells::of(row)?;
        let link: link::Row = cells.table()?;
        let label: &str = cells.next()?;
        // A newer version may have kinds of its own.
        let Some(kind) = Kind::from_label(label) else { continue };
        let reference = Link { to: link.to_id, kind, role: link.role, detail: link.detail };
        found.entry(link.from_id).or_default().push(&link.relation, reference);
    }
    Ok(found)
}

/// Parts in the database.
pub(crate) trait StoredParts: Parts {
    /// The parts of each whole, in their order.
    fn load(
        database: &dyn Connection,
        wholes: &[Uuid],
    ) -> impl Future<Output = Result<HashMap<Uuid, Self>, StoreError>> + Send;

    /// Gives every part to `visit`.
    fn each(&mut self, visit: &mut impl PartVisit);

    /// Which parts there are, in their order.
    fn list(&self) -> Vec<Listed>;

    /// Writes the rows of those of the parts of several wholes that have one of these ids.
    fn save<'a>(all: impl Iterator<Item = &'a Self>, ids: &HashSet<Uuid>) -> Vec<Upsert>
    where
        Self: 'a;

    /// How each of the parts that are stored already differs from its stored form.
    fn compare(&self, stored: &Self, whole: &Meta) -> HashMap<Uuid, Differs>;
}

/// A part in the list of its whole.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) kind: Kind,
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    /// Whether the slug is written; otherwise it follows from that of the whole.
    pub(crate) has_own_slug: bool,
}

/// How a part differs from its stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Differs {
    /// In nothing.
    Nowhere,
    /// In its place in the list only: that is a change of the whole.
    InPlace,
    /// In what it says.
    InContent,
}

/// Whether two forms of a record say the same, apart from what the shared row holds of it.
pub(crate) fn is_same<T: Exchanged>(one: &Entry<T>, other: &Entry<T>) -> bool {
    let mut fact = one.fact.clone();
    fact.meta_mut().clone_from(other.fact.meta());
    fact == other.fact && one.links.iter().eq(other.links.iter())
}

/// What is done with parts of any kind.
pub(crate) trait PartVisit {
    /// Takes a part.
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>);
}

/// Gives each part its references.
struct GiveLinks<'a>(&'a mut HashMap<Uuid, Links>);

impl PartVisit for GiveLinks<'_> {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        part.links = self.0.remove(&part.fact.meta().id).unwrap_or_default();
    }
}

impl StoredParts for () {
    async fn load(_: &dyn Connection, _: &[Uuid]) -> Result<HashMap<Uuid, Self>, StoreError> {
        Ok(HashMap::new())
    }

    fn each(&mut self, _: &mut impl PartVisit) {}

    fn list(&self) -> Vec<Listed> {
        Vec::new()
    }

    fn save<'a>(_: impl Iterator<Item = &'a Self>, _: &HashSet<Uuid>) -> Vec<Upsert> {
        Vec::new()
    }

    fn compare(&self, (): &Self, _: &Meta) -> HashMap<Uuid, Differs> {
        HashMap::new()
    }
}

impl<P: Exchanged<Parts = ()> + Mapped> StoredParts for Vec<Entry<P>> {
    async fn load(database: &dyn Connection, wholes: &[Uuid]) -> Result<HashMap<Uuid, Self>, StoreError> {
        let whole = reference_column(P::WHOLE);
        let position = Expr::col((Alias::new(P::TABLE), Alias::new("position")));
        let rows = batch::rows(database, wholes, |wholes| {
            statement::facts(Mapping::of::<P>(), &Sight::ALL)
                .expr(whole.clone())
                .and_where(among(whole.clone(), wholes))
                // What was taken back is no part any more.
                .and_where(record::Column::Publication.ne(Publication::Withdrawn.label()))
                .order_by_expr(position.clone(), Order::Asc)
                .take()
        });
        let mut found: HashMap<Uuid, Self> = HashMap::new();
        for row in &rows.await? {
            let mut cells = Cells::of(row)?;
            let part = Entry { fact: cells.fact()?, ..Entry::default() };
            found.entry(cells.next()?).or_default().push(part);
        }
        Ok(found)
    }

    fn each(&mut self, visit: &mut impl PartVisit) {
        for part in self {
            visit.part(part);
        }
    }

    fn list(&self) -> Vec<Listed> {
        let listed = |part: &Entry<P>| {
            let meta = part.fact.meta();
            Listed { kind: P::KIND, id: meta.id, slug: meta.slug.clone(), has_own_slug: P::OWN_SLUG }
        };
        self.iter().map(listed).collect()
    }

    fn save<'a>(all: impl Iterator<Item = &'a Self>, ids: &HashSet<Uuid>) -> Vec<Upsert> {
        let facts = all.flatten().map(|part| &part.fact).filter(|fact| ids.contains(&fact.meta().id));
        P::save(&facts.collect::<Vec<_>>())
    }

    fn compare(&self, stored: &Self, whole: &Meta) -> HashMap<Uuid, Differs> {
        let stored: HashMap<Uuid, &Entry<P>> = stored.iter().map(|part| (part.fact.meta().id, part)).collect();
        let compare = |(place, part): (usize, &Entry<P>)| {
            let (new, old) = (part.fact.meta(), stored.get(&part.fact.meta().id)?);
            let mut placed = Entry::clone(old);
            if P::OWN_SLUG {
                placed.fact.belong_to(whole.id, &whole.slug, place);
            }
            let says = |meta: &Meta| (meta.note.clone(), meta.sources.clone(), meta.stated_empty.clone());
            let differs = if !is_same(part, &placed) || says(new) != says(old.fact.meta()) {
                Differs::InContent
            } else if placed.fact == old.fact {
                Differs::Nowhere
            } else {
                Differs::InPlace
            };
            Some((new.id, differs))
        };
        self.iter().enumerate().filter_map(compare).collect()
    }
}

/// Finds the names of records.
async fn resolve(
    database: &dyn Connection,
    ids: &BTreeSet<Uuid>,
    sight: &Sight,
    names: &mut Resolved,
) -> Result<(), StoreError> {
    let mut named: HashMap<Kind, Vec<Uuid>> = HashMap::new();
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    for (id, kind, slug) in shown(database, &ids, sight).await? {
        names.slugs.insert(id, slug);
        if let Some(kind) = kind {
            named.entry(kind).or_default().push(id);
        }
    }
    let ids = |kind| named.get(&kind).map_or(&[][..], Vec::as_slice);
    for official in by_ids::<Official>(database, ids(Kind::Official), &Sight::ALL).await? {
        names.officials.insert(official.meta.id, Arc::new(official));
    }
    for programme in by_ids::<Programme>(database, ids(Kind::Programme), &Sight::ALL).await? {
        names.titles.insert(programme.meta.id, programme.name.original().text.clone());
    }
    let sessions = by_ids::<Session>(database, ids(Kind::Session), &Sight::ALL).await?;
    let own = written(database, sessions.clone(), sight).await?;
    let own: HashSet<Uuid> = own.iter().map(|session| session.meta.id).collect();
    for Session { meta, title, .. } in sessions {
        let name = if own.contains(&meta.id) { meta.slug } else { title.original().text.clone() };
        names.titles.insert(meta.id, name);
    }
    Ok(())
}

/// Whole records by id, as far as they are seen.
pub(crate) async fn by_ids<T: Mapped>(
    database: &dyn Connection,
    ids: &[Uuid],
    sight: &Sight,
) -> Result<Vec<T>, StoreError> {
    let rows = batch::rows(database, ids, |ids| {
        statement::facts(Mapping::of::<T>(), sight).and_where(among(Mapping::of::<T>().id(), ids)).take()
    });
    facts(&rows.await?)
}

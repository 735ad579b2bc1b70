//! A copy of another registry that only its source changes: what was read of the source is kept until it can be written.
//!
//! A record may be read before those that it refers to, so what was read and what is written are two things: `mirrored`
//! holds the former, and whatever of it fits together is imported. Both survive a restart, and doing either twice does no
//! harm.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use pomost_domain::exchange::{Fault, FaultSort, Json, collections};
use pomost_domain::id::{Kind, of_slug};
use pomost_domain::viewer::ERASED;
use pomost_domain::{Act, Sight, Vocabulary};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, IntoSimpleExpr};
use uuid::Uuid;

use crate::asked::Asked;
use crate::batch::{self, BATCH, among, batches};
use crate::data_version;
use crate::derived::derived_sessions;
use crate::erase::{erase, needy, referring, with_parts};
use crate::error::StoreError;
use crate::export::{Content, contents};
use crate::forget::Forgotten;
use crate::mapped::{Upsert, upsert};
use crate::record;
use crate::store::Store;
use crate::table::{Cells, Table};
use crate::transaction::Tx;
use crate::write::import::{ImportError, ImportOptions, MirrorRun, OnFault, Outcome};

crate::table::table! {
    /// The table `mirrored`.
    mod table = "mirrored";
    key { record_id: Uuid }
    read {
        kind: String,
        slug: Option<String>,
        content: Option<String>,
    }
    find { page: i64, is_there: bool, collection: Option<String> }
}

use table::Column;

/// How far a mirror has read its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorState {
    /// The address of the source.
    pub source: String,
    /// The place in its change feed up to which everything was read; `None`: nothing was.
    pub cursor: Option<String>,
    /// Whether everything was read once, so that only changes are missing.
    pub is_complete: bool,
}

/// A record as its source told of it last.
#[derive(Clone, Debug)]
pub struct Mirrored {
    /// Its kind.
    pub kind: Kind,
    /// Its id, here and there.
    pub id: Uuid,
    /// Whether it is there, for whoever reads.
    pub is_there: bool,
    /// The collection that it is written in, and its written form.
    pub content: Option<(String, Json)>,
}

/// What was written of what was read.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// Records that are new or changed.
    pub written: u64,
    /// Records that are gone.
    pub gone: u64,
    /// Records that wait for others, and those that cannot be read: what is in the way.
    pub faults: Vec<Fault>,
}

impl Applied {
    /// What waiting does not help with: the source writes what this program does not know.
    pub fn unreadable(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(|fault| fault.sort != FaultSort::NotFound)
    }
}

/// How long a copy waits until its files are free of what was erased before it reads on.
const PURGE_PATIENCE: Duration = Duration::from_secs(2);

fn mirror(name: &str) -> Expr {
    Expr::col((Alias::new("mirror"), Alias::new(name.to_owned())))
}

impl Store {
    /// How far this registry has read its source; `None`: it is no mirror.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mirror(&self) -> Result<Option<MirrorState>, StoreError> {
        let Some(source) = data_version::mirror_of(&self.read).await? else { return Ok(None) };
        let select =
            Query::select().expr(mirror("cursor")).expr(mirror("is_complete")).from(Alias::new("mirror")).take();
        let Some(row) = self.read.query_one(&select).await? else {
            return Err(StoreError::State(
                "the mirror has lost its place: start over with an empty database".to_owned(),
            ));
        };
        Ok(Some(MirrorState {
            source,
            cursor: row.try_get("", "cursor")?,
            is_complete: row.try_get("", "is_complete")?,
        }))
    }

    /// Makes an empty registry a mirror. One that is a mirror of this source already stays as it is.
    ///
    /// # Errors
    /// It holds records of its own, or those of another source; or the database fails.
    pub async fn become_mirror(&self, source: &str) -> Result<(), StoreError> {
        let tx = self.begin_mirrored().await?;
        match data_version::mirror_of(&*tx).await? {
            Some(known) if known == source => return tx.rollback().await,
            Some(known) => {
                let message = format!("the database is a mirror of {known}: take another one for {source}");
                return Err(StoreError::State(message));
            }
            None => {}
        }
        let any = Query::select().column(record::Column::Id.as_column_ref()).from(record::Entity).limit(1).take();
        if tx.query_one(&any).await?.is_some() {
            let message = "the database holds a registry of its own, which a mirror would overwrite: take an empty one";
            return Err(StoreError::State(message.to_owned()));
        }
        data_version::set_mirror_of(&tx, source).await?;
        let insert = Query::insert()
            .into_table(Alias::new("mirror"))
            .columns(["is_complete", "page"].map(Alias::new))
            .values_panic([Expr::val(false), Expr::val(0_i64)])
            .take();
        tx.execute(&insert).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Begins to read the source from the start; `tail` is the place in its feed from which changes are read afterwards.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mirror_anew(&self, tail: &str) -> Result<(), StoreError> {
        let tx = self.begin_mirrored().await?;
        tx.execute(&Query::delete().from_table(table::Entity).take()).await?;
        let update = Query::update()
            .table(Alias::new("mirror"))
            .value(Alias::new("cursor"), Option::<String>::None)
            .value(Alias::new("tail"), tail)
            .value(Alias::new("is_complete"), false)
            .take();
        tx.execute(&update).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether the source is being read from the start.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mirror_has_begun(&self) -> Result<bool, StoreError> {
        let select = Query::select().expr(mirror("tail")).from(Alias::new("mirror")).take();
        let tail: Option<String> =
            self.read.query_one(&select).await?.map(|row| row.try_get("", "tail")).transpose()?.flatten();
        Ok(tail.is_some())
    }

    /// Keeps what was read of the source after a place in its feed, and how far. `false`: another process has read on or begun
    /// anew meanwhile, so that nothing was kept.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mirror_read(
        &self,
        records: Vec<Mirrored>,
        after: Option<&str>,
        cursor: &str,
    ) -> Result<bool, StoreError> {
        let tx = self.begin_mirrored().await?;
        if !is_at(&tx, after).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        let page = next_page(&tx).await?;
        keep(&tx, records.into_iter(), page).await?;
        let update = Query::update().table(Alias::new("mirror")).value(Alias::new("cursor"), cursor).take();
        tx.execute(&update).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes that the source was read to its end, at this place in its feed: what was not found there is gone. `false`: another
    /// process has noted that, or begun anew, meanwhile.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mirror_is_complete(&self, end: &str) -> Result<bool, StoreError> {
        let tx = self.begin_mirrored().await?;
        let select = Query::select().expr(mirror("is_complete")).from(Alias::new("mirror")).take();
        let was_complete: bool =
            tx.query_one(&select).await?.map(|row| row.try_get("", "is_complete")).transpose()?.unwrap_or(true);
        if was_complete || !is_at(&tx, Some(end)).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        let page = next_page(&tx).await?;
        let read = Query::select().column(Column::RecordId.as_column_ref()).from(table::Entity).take();
        let select = Query::select()
            .columns([record::Column::Id, record::Column::Kind].map(|column| column.as_column_ref()))
            .from(record::Entity)
            .and_where(record::Column::Audience.ne(ERASED))
            .and_where(record::Column::Kind.is_not_in([Kind::Official, Kind::Programme].map(Vocabulary::label)))
            .and_where(record::Column::Id.into_simple_expr().not_in_subquery(read))
            .take();
        let gone = |row: &sea_orm::QueryResult| {
            Ok::<_, sea_orm::DbErr>(table::Model {
                record_id: row.try_get("", "id")?,
                page,
                kind: row.try_get("", "kind")?,
                is_there: false,
                collection: None,
                slug: None,
                content: None,
            })
        };
        let gone: Vec<_> = tx.query_all(&select).await?.iter().map(gone).collect::<Result<_, _>>()?;
        for Upsert(statement) in upsert(gone) {
            tx.execute(&statement).await?;
        }
        let update = Query::update()
            .table(Alias::new("mirror"))
            .value(Alias::new("cursor"), mirror("tail"))
            .value(Alias::new("is_complete"), true)
            .take();
        tx.execute(&update).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Writes what was read, as far as it fits together.
    ///
    /// # Errors
    /// The database fails.
    pub fn mirror_apply<'a>(&'a self, act: &'a Act) -> BoxFuture<'a, Result<Applied, ImportError>> {
        Box::pin(self.apply(act))
    }

    async fn apply(&self, act: &Act) -> Result<Applied, ImportError> {
        self.read_titles_again().await?;
        let spool = self.spool().await?;
        // First: a record that is gone takes references with it that others may have again by what was read.
        let gone = self.bury_gone(spool.page, act).await?;
        let outcome = if spool.records.is_empty() { Outcome::default() } else { self.take_in(&spool, act).await? };
        let rejected: HashSet<(String, usize)> = outcome.rejected.into_iter().collect();
        let written = outcome.changes.iter().map(|(_, changes)| changes.created + changes.updated).sum();
        let mut done = Vec::new();
        for (collection, ids) in &*spool.records {
            let is_done = |place: usize| !rejected.contains(&((*collection).to_owned(), place));
            done.extend(ids.iter().enumerate().filter(|(place, _)| is_done(*place)).map(|(_, id)| *id));
        }
        let gone = gone + self.bury_nameless(act).await?;
        self.drop_read(&done, spool.page).await?;
        if gone > 0 {
            self.purge_erased(PURGE_PATIENCE).await;
        }
        Ok(Applied { written, gone, faults: outcome.faults })
    }

    /// Has those interpellations read again that name a session here which is to become a record of its own, or which is one and is
    /// gone at the source: those that it does not tell of mean another session, of the same title or of which this is the title.
    async fn read_titles_again(&self) -> Result<(), StoreError> {
        let tx = self.begin_mirrored().await?;
        let select = Query::select()
            .columns([Column::RecordId, Column::IsThere].map(|column| column.as_column_ref()))
            .from(table::Entity)
            .and_where(Column::Kind.eq(Kind::Session.label()))
            .take();
        let mut sessions: HashMap<Uuid, bool> = HashMap::new();
        for row in &tx.query_all(&select).await? {
            sessions.insert(row.try_get("", "record_id")?, row.try_get("", "is_there")?);
        }
        let derived = derived_sessions(&*tx, sessions.keys().copied()).await?;
        let others: Vec<Uuid> =
            sessions.into_iter().filter(|(id, is_there)| derived.contains(id) == *is_there).map(|(id, _)| id).collect();
        let naming = referring(&tx, &[(Kind::Interpellation, "session_id")], &others).await?;
        let ids: Vec<Uuid> = naming.iter().map(|(_, id)| *id).collect();
        let page = page_of(&tx).await?;
        let told = still_waiting(&tx, &ids, page).await?;
        let naming: Vec<(Kind, Uuid)> = naming.into_iter().filter(|(_, id)| !told.contains(id)).collect();
        let again =
            contents(&*tx, &Sight::ALL, &naming).await?.into_iter().map(|(id, Content { collection, json })| {
                Mirrored {
                    kind: Kind::Interpellation,
                    id,
                    is_there: true,
                    content: Some((collection.to_owned(), json)),
                }
            });
        keep(&tx, again, page).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn take_in(&self, spool: &Spool, act: &Act) -> Result<Outcome, ImportError> {
        let file = Arc::clone(&spool.file);
        let open = move || {
            // Each pass reads it to its end before the next one begins.
            let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner).try_clone()?;
            file.rewind()?;
            Ok(Box::new(file) as Box<dyn Read + Send>)
        };
        let options = ImportOptions {
            on_fault: OnFault::RejectFailed,
            mirrored: Some(MirrorRun { ids: spool.ids.clone(), records: Arc::clone(&spool.records), page: spool.page }),
            ..ImportOptions::of(act.clone())
        };
        self.import(open, options, |_| {}).await
    }

    /// Writes what was read into a file of the exchange format.
    async fn spool(&self) -> Result<Spool, ImportError> {
        let select = Query::select().expr(mirror("page")).from(Alias::new("mirror")).take();
        let page = self.read.query_one(&select).await?.map(|row| row.try_get("", "page")).transpose()?.unwrap_or(0);
        let mut file = BufWriter::new(tempfile::tempfile()?);
        let (mut records, mut ids) = (HashMap::new(), HashMap::new());
        let mut before = "{";
        for collection in collections() {
            write!(file, "{before}\n\"{collection}\": [")?;
            before = ",";
            let mut own = Vec::new();
            let mut after: Option<Uuid> = None;
            let mut between = "\n";
            loop {
                let mut select = Query::select();
                table::Row::select(&mut select, Asked::ALL);
                select
                    .from(table::Entity)
                    .and_where(Column::Collection.eq(collection))
                    .and_where(Column::Page.lte(page))
                    .and_where_option(after.map(|after| Column::RecordId.gt(after)))
                    .order_by(Column::RecordId.as_column_ref(), Order::Asc)
                    .limit(BATCH as u64);
                let rows = self.read.query_all(&select).await?;
                for row in &rows {
                    let read: table::Row = Cells::of(row)?.table()?;
                    after = Some(read.record_id);
                    let (Some(content), Some(kind)) = (read.content, Kind::from_label(&read.kind)) else { continue };
                    write!(file, "{between}{content}")?;
                    between = ",\n";
                    own.push(read.record_id);
                    if let Some(slug) = read.slug.filter(|slug| of_slug(kind, slug) != read.record_id) {
                        ids.insert((kind, slug), read.record_id);
                    }
                }
                if rows.len() < BATCH {
                    break;
                }
            }
            write!(file, "]")?;
            if !own.is_empty() {
                records.insert(collection, own);
            }
        }
        write!(file, "\n}}\n")?;
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok(Spool { file: Arc::new(Mutex::new(file)), records: Arc::new(records), ids, page })
    }

    /// Erases the records that are gone at the source: what nobody may see there is not kept here. Sessions of which only the
    /// title is known are made here, and gone when no record names them.
    async fn bury_gone(&self, page: i64, act: &Act) -> Result<u64, StoreError> {
        let mut buried = 0;
        loop {
            // Of one moment: another process may have read and written some of them again.
            let mut tx = self.begin_mirrored().await?;
            let select = Query::select()
                .columns([Column::RecordId, Column::Kind].map(|column| column.as_column_ref()))
                .from(table::Entity)
                .and_where(Column::IsThere.eq(false))
                .and_where(Column::Page.lte(page))
                .limit(BATCH as u64)
                .take();
            let (mut gone, mut ids) = (Vec::new(), Vec::new());
            for row in &tx.query_all(&select).await? {
                let (id, kind): (Uuid, String) = (row.try_get("", "record_id")?, row.try_get("", "kind")?);
                ids.push(id);
                gone.extend(Kind::from_label(&kind).map(|kind| (kind, id)));
            }
            if ids.is_empty() {
                tx.rollback().await?;
                return Ok(buried);
            }
            let sessions = gone.iter().filter(|(kind, _)| *kind == Kind::Session).map(|(_, id)| *id);
            let derived = derived_sessions(&*tx, sessions).await?;
            gone.retain(|(_, id)| !derived.contains(id));
            buried += bury_those(&mut tx, gone, act).await?;
            delete(&tx, &ids, page).await?;
            tx.commit().await?;
        }
    }

    /// Erases those whom no record names any more.
    async fn bury_nameless(&self, act: &Act) -> Result<u64, StoreError> {
        let nameless = |kind: Kind, named: SelectStatement| {
            Query::select()
                .columns([record::Column::Id, record::Column::Kind].map(|column| column.as_column_ref()))
                .from(record::Entity)
                .and_where(record::Column::Kind.eq(kind.label()))
                .and_where(record::Column::Audience.ne(ERASED))
                .and_where(Expr::not_exists(named))
                .take()
        };
        let own = || Expr::col(record::Column::Id.as_column_ref());
        let linked = Query::select()
            .expr(Expr::val(1))
            .from(record::link::Entity)
            .and_where(Expr::col(record::link::Column::ToId.as_column_ref()).eq(own()))
            .take();
        let column = (Alias::new("project"), Alias::new("programme_id"));
        let funding = Query::select()
            .expr(Expr::val(1))
            .from(Alias::new("project"))
            .and_where(Expr::col(column).eq(own()))
            .take();
        let mut found = Vec::new();
        let mut tx = self.begin_mirrored().await?;
        for select in [nameless(Kind::Official, linked), nameless(Kind::Programme, funding)] {
            for row in &tx.query_all(&select).await? {
                let kind: String = row.try_get("", "kind")?;
                if let Some(kind) = Kind::from_label(&kind) {
                    found.push((kind, row.try_get("", "id")?));
                }
            }
        }
        let session = |name: &str| Expr::col((Alias::new("session"), Alias::new(name.to_owned())));
        let column = (Alias::new("interpellation"), Alias::new("session_id"));
        let named = Query::select()
            .expr(Expr::val(1))
            .from(Alias::new("interpellation"))
            .and_where(Expr::col(column).eq(own()))
            .take();
        let mut select = nameless(Kind::Session, named);
        select.inner_join(Alias::new("session"), session("id").eq(own()));
        // Few are left that have to be looked at.
        for column in ["term_id", "number", "held_on"] {
            select.and_where(session(column).is_null());
        }
        let rows = tx.query_all(&select).await?;
        let sessions: Vec<Uuid> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
        let derived = derived_sessions(&*tx, sessions.into_iter()).await?;
        found.extend(derived.into_iter().map(|id| (Kind::Session, id)));
        if found.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        let buried = bury_those(&mut tx, found, act).await?;
        tx.commit().await?;
        Ok(buried)
    }

    /// Forgets what was written, and what there is nothing to write of.
    async fn drop_read(&self, done: &[Uuid], page: i64) -> Result<(), StoreError> {
        let tx = self.begin_mirrored().await?;
        delete(&tx, done, page).await?;
        let empty = Query::delete()
            .from_table(table::Entity)
            .and_where(Column::Content.is_null())
            .and_where(Column::IsThere.eq(true))
            .and_where(Column::Page.lte(page))
            .take();
        tx.execute(&empty).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What was read and is not written yet, as a file of the exchange format.
struct Spool {
    file: Arc<Mutex<File>>,
    /// The ids of its records in their order, by collection.
    records: Arc<HashMap<&'static str, Vec<Uuid>>>,
    /// The ids that do not follow from slugs.
    ids: HashMap<(Kind, String), Uuid>,
    /// What is read later is not in it.
    page: i64,
}

/// Whether the source was read up to this place, and no further.
async fn is_at(tx: &Tx, cursor: Option<&str>) -> Result<bool, StoreError> {
    let select = Query::select().expr(mirror("cursor")).from(Alias::new("mirror")).take();
    let found: Option<String> =
        tx.query_one(&select).await?.map(|row| row.try_get("", "cursor")).transpose()?.flatten();
    Ok(found.as_deref() == cursor)
}

/// Those of some records that were read up to a page and are not written yet.
pub(crate) async fn still_waiting(tx: &Tx, ids: &[Uuid], page: i64) -> Result<HashSet<Uuid>, StoreError> {
    let mut found = HashSet::new();
    for chunk in batches(ids) {
        let select = Query::select()
            .column(Column::RecordId.as_column_ref())
            .from(table::Entity)
            .and_where(among(Column::RecordId, chunk))
            .and_where(Column::Page.lte(page))
            .take();
        for row in &tx.query_all(&select).await? {
            found.insert(row.try_get("", "record_id")?);
        }
    }
    Ok(found)
}

/// Keeps what was read, of each record what was said last.
async fn keep(tx: &Tx, records: impl Iterator<Item = Mirrored>, page: i64) -> Result<(), StoreError> {
    let mut last: HashMap<Uuid, table::Model> = HashMap::new();
    for Mirrored { kind, id, is_there, content } in records {
        let (collection, json) = content.unzip();
        let slug = json.as_ref().and_then(|json| json.get("slug")?.as_str().map(ToOwned::to_owned));
        let content = json.map(|json| json.to_text());
        let kind = kind.label().to_owned();
        last.insert(id, table::Model { record_id: id, page, kind, is_there, collection, slug, content });
    }
    for Upsert(statement) in upsert(last.into_values()) {
        tx.execute(&statement).await?;
    }
    Ok(())
}

async fn next_page(tx: &Tx) -> Result<i64, StoreError> {
    let update = Query::update().table(Alias::new("mirror")).value(Alias::new("page"), mirror("page").add(1)).take();
    tx.execute(&update).await?;
    page_of(tx).await
}

/// The page that was read last.
async fn page_of(tx: &Tx) -> Result<i64, StoreError> {
    let select = Query::select().expr(mirror("page")).from(Alias::new("mirror")).take();
    Ok(tx.query_one(&select).await?.map(|row| row.try_get("", "page")).transpose()?.unwrap_or(0))
}

async fn delete(tx: &Tx, ids: &[Uuid], page: i64) -> Result<(), StoreError> {
    batch::execute(&**tx, ids, |ids| {
        Query::delete()
            .from_table(table::Entity)
            .and_where(among(Column::RecordId, ids))
            .and_where(Column::Page.lte(page))
            .take()
    })
    .await?;
    Ok(())
}

/// The officials and sessions that are named together with one of these records: without it they are others.
async fn named_after(tx: &Tx, ids: &[Uuid]) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let mut found = referring(tx, &[(Kind::Official, "city_id"), (Kind::Session, "council_id")], ids).await?;
    let sessions = found.iter().filter(|(kind, _)| *kind == Kind::Session).map(|(_, id)| *id);
    let derived = derived_sessions(&**tx, sessions).await?;
    found.retain(|(kind, id)| !ids.contains(id) && (*kind != Kind::Session || derived.contains(id)));
    Ok(found)
}

/// Erases those of the records that are here, and whatever cannot be without them.
async fn bury_those(tx: &mut Tx, gone: Vec<(Kind, Uuid)>, act: &Act) -> Result<u64, StoreError> {
    let ids: Vec<Uuid> = gone.iter().map(|(_, id)| *id).collect();
    let audiences = record::audiences(&**tx, &ids).await?;
    let mut here: Vec<(Kind, Uuid)> =
        gone.into_iter().filter(|(_, id)| audiences.get(id).is_some_and(|audience| audience != ERASED)).collect();
    if here.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = here.iter().map(|(_, id)| *id).collect();
    here.extend(needy(tx, &ids).await?);
    here.extend(named_after(tx, &ids).await?);
    // A mirror keeps no history of what records said.
    let records = with_parts(tx, &here).await?;
    erase(tx, &records, &Forgotten::untold(&records), act).await?;
    Ok(here.len() as u64)
}

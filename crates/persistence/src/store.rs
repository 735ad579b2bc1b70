//! The reads of the registry. Every function says its cost in statements.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use pomost_domain::id::Kind;
use pomost_domain::link::Path;
use pomost_domain::page::{KeyValue, Page, Position, Slice};
use pomost_domain::{AnyFact, DeadlineRule, Sight, Vocabulary, fold};
use sea_orm::sea_query::{Alias, Condition, Expr, Order as SqlOrder, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, DatabaseConnection, IntoSimpleExpr, QueryResult};
use uuid::Uuid;

use crate::asked::Asked;
use crate::batch::{self, Batch, among};
use crate::change::PassedOver;
use crate::data_version::Known;
use crate::error::StoreError;
use crate::feed::Hub;
use crate::filter::{Filter, Find, TextTest, escaped, like, starts_word};
use crate::mapping::{Field, Mapping, Walk};
use crate::purge::Purger;
use crate::readers::Readers;
use crate::record::{self, link};
use crate::statement::{self, Order, PARENT, SortKey, View};
use crate::table::Cells;

/// The registry in a database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    pub(crate) read: Readers,
    pub(crate) write: DatabaseConnection,
    pub(crate) backend: DatabaseBackend,
    pub(crate) statements: Arc<AtomicU64>,
    /// The last change that this process has committed or heard of.
    pub(crate) known: Known,
    /// Where the changes of all processes are told.
    pub(crate) hub: Arc<Hub>,
    /// What readers of the change feed did not know.
    pub(crate) passed_over: Arc<PassedOver>,
    /// Where the database is.
    pub(crate) url: Arc<str>,
    /// What removes erased texts from the files of the database.
    pub(crate) purger: Arc<Purger>,
    /// What its reads see.
    pub(crate) sight: Sight,
    /// What its reads ask of the records that they see.
    pub(crate) asked: Asked,
}

/// The future of a read. It is boxed so that it is compiled here, and not again in every crate that awaits it.
pub type Load<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A record at the end of a reference, with the properties of the reference.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The record.
    pub fact: Arc<dyn AnyFact>,
    /// What it does in the relation.
    pub role: Option<String>,
    /// What belongs to the reference, as JSON.
    pub detail: Option<String>,
    /// Its place in the list.
    pub position: i32,
}

/// Connections to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Open connections.
    pub size: u32,
    /// Those of them that wait for work.
    pub idle: u32,
}

/// How many public records of each kind there are.
pub type RecordCounts = Vec<(Kind, u64)>;

/// A record whose name starts with what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Kind of record.
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
}

impl Store {
    /// The same registry, as somebody with this sight sees it.
    #[must_use]
    pub fn seen_with(&self, sight: Sight) -> Self {
        Self { sight, ..self.clone() }
    }

    /// The same registry, whose reads ask no more of records than this. What is written is always read as a whole.
    #[must_use]
    pub fn asking(self, asked: Asked) -> Self {
        Self { asked, ..self }
    }

    /// What its reads see.
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// Whether its reads see everything.
    pub fn sees_all(&self) -> bool {
        self.sight == Sight::ALL
    }

    /// How many statements were sent since the start: tests pin it per request.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How many connections for reading are open, and how many of them wait for work.
    pub fn pool(&self) -> Pool {
        let (size, idle) = self.read.size_and_idle();
        Pool { size, idle: u32::try_from(idle).unwrap_or(u32::MAX) }
    }

    /// Closes all connections.
    pub async fn close(self) {
        self.read.close().await;
        // What is left of a closed pool is of no interest to anyone.
        let _ = self.write.close().await;
    }

    /// Has the database look at what is in its tables, by which it plans the statements. It comes after what was written, and
    /// takes nothing of that back: a failure is logged.
    pub(crate) async fn gather_statistics(&self) {
        if let Err(error) = self.write.execute_unprepared("ANALYZE").await {
            let error = StoreError::from(error).chain();
            tracing::warn!(error, "the statistics of the database are not up to date: run ANALYZE");
        }
    }

    /// Whether the database answers. One statement.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Records by id, in no order. One statement per 500 ids.
    ///
    /// # Errors
    /// The database fails.
    pub fn by_ids<'a>(&'a self, of: &'static Mapping, ids: &'a [Uuid]) -> Load<'a, Vec<Arc<dyn AnyFact>>> {
        Box::pin(async move {
            let rows = batch::rows(&self.read, ids, |ids| {
                statement::asked(of, self.view()).and_where(among(of.id(), ids)).take()
            });
            self.facts(of, &rows.await?)
        })
    }

    /// The slugs of records, as far as they are seen. One statement per 500 ids.
    ///
    /// # Errors
    /// The database fails.
    pub async fn slugs(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
        let rows = batch::rows(&self.read, ids, |ids| {
            Query::select()
                .columns([record::Column::Id, record::Column::Slug].map(|column| column.as_column_ref()))
                .from(record::Entity)
                .cond_where(record::seen(&self.sight))
                .and_where(among(record::Column::Id, ids))
                .take()
        });
        let mut slugs = HashMap::with_capacity(ids.len());
        for row in &rows.await? {
            slugs.insert(row.try_get("", "id")?, row.try_get("", "slug")?);
        }
        Ok(slugs)
    }

    /// Records by slug, in no order. One statement per 500 slugs.
    ///
    /// # Errors
    /// The database fails.
    pub fn by_slugs<'a>(&'a self, of: &'static Mapping, slugs: &'a [String]) -> Load<'a, Vec<Arc<dyn AnyFact>>> {
        Box::pin(async move {
            let rows = batch::rows(&self.read, slugs, |slugs| {
                statement::asked(of, self.view()).and_where(among(record::Column::Slug, slugs)).take()
            });
            self.facts(of, &rows.await?)
        })
    }

    /// What its reads ask of records.
    pub fn asked(&self) -> Asked {
        self.asked
    }

    fn view(&self) -> View<'_> {
        View { sight: &self.sight, asked: self.asked }
    }

    fn cells<'r>(&self, row: &'r QueryResult) -> Result<Cells<'r>, StoreError> {
        Ok(Cells::asked(row, self.asked)?)
    }

    fn facts(&self, of: &Mapping, rows: &[QueryResult]) -> Result<Vec<Arc<dyn AnyFact>>, StoreError> {
        rows.iter().map(|row| (of.read)(&mut self.cells(row)?)).collect()
    }

    /// A page of a list. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub fn page<'a>(
        &'a self,
        of: &'static Mapping,
        filter: &'a Filter,
        order: &'a Order,
        slice: &'a Slice,
    ) -> Load<'a, Page<Arc<dyn AnyFact>>> {
        Box::pin(async move {
            let keys = statement::sort_keys(of, order, &self.sight);
            let rows = self.read.query_all(&statement::page(of, self.view(), filter, &keys, slice)).await?;
            let placed = |row| placed(of, &mut self.cells(row)?, &keys);
            let mut fetched = rows.iter().map(placed).collect::<Result<Vec<_>, _>>()?;
            if !slice.backward {
                // Two ranges come in whatever order the database likes.
                fetched.sort_by_key(|(_, position)| position.first() == Some(&KeyValue::Null));
                fetched.truncate(slice.limit as usize + 1);
            }
            Ok(Page::from_fetched(fetched, slice))
        })
    }

    /// The pages under several parents. One statement per 500 parents.
    ///
    /// # Errors
    /// The database fails.
    pub fn pages<'a>(
        &'a self,
        walk: &'static Walk,
        parents: &'a [Uuid],
        filter: &'a Filter,
        order: &'a Order,
        slice: &'a Slice,
    ) -> Load<'a, HashMap<Uuid, Page<Arc<dyn AnyFact>>>> {
        Box::pin(async move {
            let child = walk.child();
            let keys = statement::sort_keys(child, order, &self.sight);
            let rows = batch::rows(&self.read, parents, |parents| {
                statement::pages(walk, self.view(), parents, filter, &keys, slice)
            });
            let mut fetched: HashMap<Uuid, Vec<_>> = parents.iter().map(|parent| (*parent, Vec::new())).collect();
            for row in &rows.await? {
                let mut cells = self.cells(row)?;
                let placed = placed(child, &mut cells, &keys)?;
                fetched.entry(cells.next()?).or_default().push(placed);
            }
            Ok(fetched.into_iter().map(|(parent, rows)| (parent, Page::from_fetched(rows, slice))).collect())
        })
    }

    /// How many records meet a filter. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub fn count<'a>(&'a self, of: &'static Mapping, filter: &'a Filter) -> Load<'a, u64> {
        Box::pin(async move {
            let row = self.read.query_one(&statement::count(of, &self.sight, filter)).await?;
            row.map_or(Ok(0), |row| number(&row))
        })
    }

    /// How many records stand under each parent. One statement per 500 parents.
    ///
    /// # Errors
    /// The database fails.
    pub fn counts<'a>(
        &'a self,
        walk: &'static Walk,
        parents: &'a [Uuid],
        filter: &'a Filter,
    ) -> Load<'a, HashMap<Uuid, u64>> {
        Box::pin(async move {
            let rows =
                batch::rows(&self.read, parents, |parents| statement::counts(walk, &self.sight, parents, filter));
            let mut counts: HashMap<Uuid, u64> = parents.iter().map(|parent| (*parent, 0)).collect();
            for row in &rows.await? {
                counts.insert(row.try_get("", PARENT)?, number(row)?);
            }
            Ok(counts)
        })
    }

    /// The pages of the records that have each of these texts in a field. One statement per 500 texts.
    ///
    /// # Errors
    /// The database fails.
    pub fn pages_by<'a>(
        &'a self,
        field: Field,
        texts: &'a [String],
        filter: &'a Filter,
        order: &'a Order,
        slice: &'a Slice,
    ) -> Load<'a, HashMap<String, Page<Arc<dyn AnyFact>>>> {
        Box::pin(async move {
            let of = field.of();
            let mut fetched: HashMap<String, Vec<_>> = texts.iter().map(|text| (text.clone(), Vec::new())).collect();
            if let Find::Text(group) = field.find() {
                let keys = statement::sort_keys(of, order, &self.sight);
                let rows = batch::rows(&self.read, texts, |texts| {
                    statement::pages_by(of, self.view(), group.clone(), &within(field, texts, filter), &keys, slice)
                });
                for row in &rows.await? {
                    let mut cells = self.cells(row)?;
                    let placed = placed(of, &mut cells, &keys)?;
                    fetched.entry(cells.next()?).or_default().push(placed);
                }
            }
            Ok(fetched.into_iter().map(|(text, rows)| (text, Page::from_fetched(rows, slice))).collect())
        })
    }

    /// How many records have each of these texts in a field. One statement per 500 texts.
    ///
    /// # Errors
    /// The database fails.
    pub fn counts_by<'a>(
        &'a self,
        field: Field,
        texts: &'a [String],
        filter: &'a Filter,
    ) -> Load<'a, HashMap<String, u64>> {
        Box::pin(async move {
            let mut counts: HashMap<String, u64> = texts.iter().map(|text| (text.clone(), 0)).collect();
            if let Find::Text(group) = field.find() {
                let rows = batch::rows(&self.read, texts, |texts| {
                    statement::counts_by(field.of(), &self.sight, &group, &within(field, texts, filter))
                });
                for row in &rows.await? {
                    counts.insert(row.try_get("", PARENT)?, number(row)?);
                }
            }
            Ok(counts)
        })
    }

    /// The records at the end of lists of references, in their order. One statement per 500 parents.
    ///
    /// # Errors
    /// The database fails.
    pub fn linked<'a>(&'a self, walk: &'static Walk, parents: &'a [Uuid]) -> Load<'a, HashMap<Uuid, Vec<Linked>>> {
        Box::pin(async move {
            let mut found: HashMap<Uuid, Vec<_>> = parents.iter().map(|parent| (*parent, Vec::new())).collect();
            let Path::Links(lists) = walk.path else { return Ok(found) };
            let child = walk.child();
            let mut facts: HashMap<Uuid, Arc<dyn AnyFact>> = HashMap::new();
            let rows =
                batch::rows(&self.read, parents, |parents| statement::linked(child, self.view(), parents, lists));
            for row in &rows.await? {
                let mut cells = self.cells(row)?;
                let link::Row { from_id, relation: _, position, to_id, role, detail } = cells.table()?;
                // Many refer to the same few.
                let fact = match facts.entry(to_id) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(place) => Arc::clone(place.insert((child.read)(&mut cells)?)),
                };
                found.entry(from_id).or_default().push(Linked { fact, role, detail, position });
            }
            Ok(found)
        })
    }

    /// Whether a position could have come from a list in this order.
    pub fn fits(of: &'static Mapping, order: &Order, position: &Position) -> bool {
        statement::fits(&statement::sort_keys(of, order, &Sight::ALL), position)
    }

    /// How many public records of each kind there are. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn record_counts(&self) -> Result<RecordCounts, StoreError> {
        let kind = record::Column::Kind;
        let mut select = Query::select();
        select
            .expr_as(kind.into_simple_expr(), Alias::new("kind"))
            .expr_as(Expr::cust("COUNT(*)"), Alias::new("n"))
            .from(record::Entity)
            .cond_where(record::seen(&self.sight))
            .add_group_by([kind.into_simple_expr()]);
        let mut counts: HashMap<Kind, u64> = HashMap::new();
        for row in &self.read.query_all(&select).await? {
            let label: String = row.try_get("", "kind")?;
            if let Some(kind) = Kind::from_label(&label) {
                counts.insert(kind, number(row)?);
            }
        }
        Ok(Kind::ALL.iter().map(|kind| (*kind, counts.get(kind).copied().unwrap_or(0))).collect())
    }

    /// When a public record was last written. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn last_change(&self) -> Result<Option<chrono::DateTime<chrono::Utc>>, StoreError> {
        let mut select = Query::select();
        select
            .expr_as(record::Column::UpdatedAt.into_simple_expr(), Alias::new("at"))
            .from(record::Entity)
            .cond_where(record::seen(&self.sight))
            .order_by(record::Column::UpdatedAt.as_column_ref(), SqlOrder::Desc)
            .limit(1);
        Ok(self.read.query_one(&select).await?.map(|row| row.try_get("", "at")).transpose()?)
    }

    /// Records whose name, or a word of it, starts with a text. Names that start with it come first. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn suggest(&self, text: &str, kinds: &[Kind], limit: u32) -> Result<Vec<Suggestion>, StoreError> {
        let starts: Vec<String> = fold::sought(text).iter().map(|spelling| escaped(spelling)).collect();
        let search = record::Column::SearchText.into_simple_expr();
        let any =
            |meets: &dyn Fn(&str) -> Expr| starts.iter().fold(Condition::any(), |any, start| any.add(meets(start)));
        let first = any(&|start| like(&search, format!("{start}%")));
        let tier: Expr = Expr::case(first, 0).finally(1).into();
        let mut select = Query::select();
        select
            .columns(
                [record::Column::Kind, record::Column::Id, record::Column::Slug].map(|column| column.as_column_ref()),
            )
            .from(record::Entity)
            .cond_where(record::seen(&self.sight))
            .cond_where(any(&|start| starts_word(&search, start)))
            .and_where(record::Column::Kind.is_in(kinds.iter().map(|kind| kind.label())))
            .order_by_expr(tier, SqlOrder::Asc)
            .order_by(record::Column::SortText.as_column_ref(), SqlOrder::Asc)
            .order_by(record::Column::Id.as_column_ref(), SqlOrder::Asc)
            .limit(u64::from(limit));
        let mut found = Vec::new();
        for row in &self.read.query_all(&select).await? {
            let label: String = row.try_get("", "kind")?;
            if let Some(kind) = Kind::from_label(&label) {
                found.push(Suggestion { kind, id: row.try_get("", "id")?, slug: row.try_get("", "slug")? });
            }
        }
        Ok(found)
    }

    /// All deadline rules. One statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deadline_rules(&self) -> Result<Vec<DeadlineRule>, StoreError> {
        crate::deadline_rule::all(&self.read).await
    }
}

fn placed(of: &Mapping, cells: &mut Cells<'_>, keys: &[SortKey]) -> Result<(Arc<dyn AnyFact>, Position), StoreError> {
    Ok(((of.read)(cells)?, statement::position(cells, keys)?))
}

fn within(field: Field, texts: Batch<'_, String>, filter: &Filter) -> Filter {
    Filter::all([Filter::text(field, &TextTest::In(texts.values().to_vec())), filter.clone()])
}

fn number(row: &QueryResult) -> Result<u64, StoreError> {
    let counted: i64 = row.try_get("", "n")?;
    Ok(u64::try_from(counted).unwrap_or(0))
}

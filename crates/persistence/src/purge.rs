//! What is left of erased texts in the files of a database, and how it is removed.
//!
//! `SQLite` overwrites what is deleted (`secure_delete`), but a page of a tree that was rebuilt may keep copies of rows that
//! moved to another page, and the write-ahead log keeps older pages. So after an erasure the file is rewritten (`VACUUM`) and
//! the log is emptied. A reader of an older snapshot keeps the log from being emptied; it is tried again until it is. How far
//! it was done is written in the file itself (`user_version`), so that another process goes on after a crash.
//!
//! `PostgreSQL` removes the dead rows from tables and indexes (`VACUUM`), and values from the figures by which it plans statements
//! (`ANALYZE`). What its files keep beyond that is said in
//! docs/operations.md.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pomost_domain::id::Kind;
use pomost_domain::{Op, Vocabulary};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, IntoSimpleExpr, Statement, TransactionTrait};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::change::table::{Column, Entity};
use crate::error::StoreError;
use crate::store::Store;

/// How long an attempt waits for readers of older snapshots, while it keeps others from writing.
const BUSY: Duration = Duration::from_millis(250);
/// How long it is waited before another attempt: at first, and at most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Rewriting a large file keeps others from writing, so it is done for a tenth of the time at most.
const REST: u32 = 9;
/// Rewriting that takes less keeps nobody.
const SHORT: Duration = Duration::from_millis(250);
/// The tables beside those of the kinds that texts of records are in.
const SHARED: [&str; 8] = ["record", "link", "facet", "change", "receipt", "unkept", "mirrored", "activity"];

/// How far the files of the database are free of what was erased. One purges at a time.
#[derive(Debug, Default)]
pub(crate) struct Purger(Mutex<Progress>);

#[derive(Debug, Default)]
struct Progress {
    /// The last erasure of which nothing is left. `None`: nobody has looked yet.
    done: Option<i64>,
    /// The last erasure before the file was rewritten. The log may hold it still.
    rewritten: i64,
    /// When the file was rewritten, and how long that took.
    last: Option<(Instant, Duration)>,
}

/// How an attempt ended.
enum Attempt {
    /// Nothing is left.
    Done,
    /// Somebody reads or writes, and keeps it from its end.
    Busy,
}

impl Store {
    /// Removes what erasures have left in the files of the database, in the background. A failure is logged, and tried again.
    pub fn start_purge(&self) -> JoinHandle<()> {
        let store = self.clone();
        tokio::spawn(async move { store.purge().await })
    }

    /// The same, and waits for it as long as `patience` says: the erasure itself is done.
    pub async fn purge_erased(&self, patience: Duration) {
        // A task of its own: whoever asked for the erasure may go away.
        if timeout(patience, self.start_purge()).await.is_err() {
            tracing::warn!(
                "erased texts may still be in the files of the database: they are removed in the background"
            );
        }
    }

    async fn purge(&self) {
        let mut progress = self.purger.0.lock().await;
        let mut wait = FIRST_WAIT;
        let mut is_late = false;
        loop {
            match self.try_to_purge(&mut progress).await {
                Ok(Attempt::Done) => {
                    if is_late {
                        tracing::info!("the files of the database are free of erased texts now");
                    }
                    return;
                }
                // A server that ends leaves it to the next one.
                _ if self.is_closed() => return,
                Ok(Attempt::Busy) if is_late => {}
                Ok(Attempt::Busy) => {
                    tracing::warn!("a reader of an older state keeps erased texts in the write-ahead log: tried again");
                }
                Err(error) => {
                    tracing::warn!(error = error.chain(), "erased texts cannot be removed from the files: tried again");
                }
            }
            is_late = true;
            sleep(wait).await;
            wait = MAX_WAIT.min(wait * 2);
        }
    }

    fn is_closed(&self) -> bool {
        match self.backend {
            DatabaseBackend::Sqlite => self.write.get_sqlite_connection_pool().is_closed(),
            _ => self.write.get_postgres_connection_pool().is_closed(),
        }
    }

    async fn try_to_purge(&self, progress: &mut Progress) -> Result<Attempt, StoreError> {
        let done = match progress.done {
            Some(done) => done,
            None if self.backend == DatabaseBackend::Sqlite => self.purged().await?,
            // What it did not do PostgreSQL does by itself, sooner or later (autovacuum).
            None => 0,
        };
        progress.done = Some(done);
        let Some(erased) = self.last_erasure(done).await? else { return Ok(Attempt::Done) };
        if let Some((at, took)) = progress.last.filter(|(_, took)| *took > SHORT) {
            sleep((took * REST).saturating_sub(at.elapsed())).await;
        }
        if self.backend == DatabaseBackend::Sqlite {
            if !self.rewrite(erased, progress).await? {
                return Ok(Attempt::Busy);
            }
        } else {
            let begin = Instant::now();
            let tables = SHARED.into_iter().chain(Kind::ALL.iter().map(|kind| kind.label()));
            let tables: Vec<String> = tables.map(|table| format!("\"{table}\"")).collect();
            // Of few dead rows it would leave the entries of indexes.
            // The figures by which statements are planned hold values of columns.
            let vacuum = format!("VACUUM (INDEX_CLEANUP ON, ANALYZE) {}", tables.join(", "));
            self.write.execute_unprepared(&vacuum).await?;
            self.forget_figures().await?;
            progress.last = Some((Instant::now(), begin.elapsed()));
        }
        progress.done = Some(erased);
        Ok(Attempt::Done)
    }

    /// The number of the last erasure after another.
    async fn last_erasure(&self, after: i64) -> Result<Option<i64>, StoreError> {
        let seq = || Column::Seq.into_simple_expr();
        let select = Query::select()
            .expr_as(Expr::expr(seq().max()), Alias::new("seq"))
            .from(Entity)
            .and_where(Column::Op.eq(Op::Erased.label()))
            .and_where(seq().gt(after))
            .take();
        Ok(self.read.query_one(&select).await?.map(|row| row.try_get("", "seq")).transpose()?.flatten())
    }

    /// Takes values of texts out of the figures of tables that are empty now: `ANALYZE` leaves those as they were, and what declares
    /// the type of a column anew, though it stays the same, does not.
    async fn forget_figures(&self) -> Result<(), StoreError> {
        let sought = "SELECT s.tablename::text AS tablename, s.attname::text AS attname FROM pg_stats s \
            JOIN information_schema.columns c ON c.table_schema = s.schemaname AND c.table_name = s.tablename \
            AND c.column_name = s.attname WHERE s.schemaname = current_schema() AND c.data_type = 'text' \
            AND c.collation_name = 'C' AND (s.most_common_vals IS NOT NULL OR s.histogram_bounds IS NOT NULL)";
        let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in &self.write.query_all_raw(Statement::from_string(DatabaseBackend::Postgres, sought)).await? {
            columns.entry(row.try_get("", "tablename")?).or_default().push(row.try_get("", "attname")?);
        }
        for table in SHARED.into_iter().chain(Kind::ALL.iter().map(|kind| kind.label())) {
            let Some(columns) = columns.get(table) else { continue };
            let any = Query::select().expr(Expr::val(1)).from(Alias::new(table)).limit(1).take();
            if self.write.query_one(&any).await?.is_some() {
                continue;
            }
            let changed: Vec<String> =
                columns.iter().map(|column| format!("ALTER COLUMN \"{column}\" TYPE text COLLATE \"C\"")).collect();
            // Those who write wait for the lock too, so that it does not wait for long itself.
            let begin = format!("SET LOCAL lock_timeout = {}", BUSY.as_millis());
            let tx = self.write.begin().await?;
            tx.execute_unprepared(&begin).await?;
            tx.execute_unprepared(&format!("ALTER TABLE \"{table}\" {}", changed.join(", "))).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The last erasure of which nothing is left in the files.
    async fn purged(&self) -> Result<i64, StoreError> {
        let mut connection = self.own_connection().await?;
        let row = sqlx::query("PRAGMA user_version").fetch_one(&mut connection).await.map_err(failed)?;
        let purged: i64 = row.try_get(0).map_err(failed)?;
        connection.close().await.map_err(failed)?;
        Ok(purged)
    }

    /// A connection for what no other may wait for.
    async fn own_connection(&self) -> Result<SqliteConnection, StoreError> {
        let options = self.write.get_sqlite_connection_pool().connect_options();
        // The copy of the file that it is rewritten from would not fit into memory.
        let options = options.as_ref().clone().busy_timeout(BUSY).pragma("temp_store", "file");
        options.connect().await.map_err(failed)
    }

    /// Rewrites the file and empties its log, if nobody is in the way.
    async fn rewrite(&self, erased: i64, progress: &mut Progress) -> Result<bool, StoreError> {
        // Those who write wait for the connection, in their turn, and do not keep this from its turn.
        let _turn = self.write.get_sqlite_connection_pool().acquire().await.map_err(failed)?;
        let mut connection = self.own_connection().await?;
        if progress.rewritten < erased {
            let begin = Instant::now();
            if !drop_samples(&mut connection).await? || !run(&mut connection, "VACUUM").await? {
                return Ok(false);
            }
            progress.rewritten = erased;
            progress.last = Some((Instant::now(), begin.elapsed()));
        }
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let row = sqlx::query(checkpoint).fetch_one(&mut connection).await.map_err(failed)?;
        let busy: i64 = row.try_get(0).map_err(failed)?;
        if busy != 0 {
            return Ok(false);
        }
        // The field has 32 bits. Beyond them, the first purge of each process has nothing to do.
        let version = i32::try_from(erased).unwrap_or(i32::MAX);
        run(&mut connection, &format!("PRAGMA user_version = {version}")).await?;
        connection.close().await.map_err(failed)?;
        Ok(true)
    }
}

/// Empties the tables with samples of values, by which statements may be planned: those of another tool, as ours look at so few rows
/// that they take none. The figures without values stay. `false`: somebody else writes.
async fn drop_samples(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    for table in ["sqlite_stat3", "sqlite_stat4"] {
        let sought = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = $1").bind(table);
        let is_there = sought.fetch_optional(&mut *connection).await.map_err(failed)?.is_some();
        if is_there && !run(connection, &format!("DELETE FROM {table}")).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs a statement; `false`: somebody else writes.
async fn run(connection: &mut SqliteConnection, statement: &str) -> Result<bool, StoreError> {
    match sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await {
        Ok(_) => Ok(true),
        Err(error) => match failed(error) {
            StoreError::Unavailable(_) => Ok(false),
            error => Err(error),
        },
    }
}

fn failed(error: sqlx::Error) -> StoreError {
    sea_orm::DbErr::Exec(sea_orm::RuntimeErr::SqlxError(std::sync::Arc::new(error))).into()
}

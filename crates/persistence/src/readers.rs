//! Connections that read, each lent to one statement at a time.
//!
//! The pool beneath asks a connection whether it is well each time that it gets one back: a round trip after every statement.
//! So the connections that read stay here as long as they are in use and nothing fails.
//!
//! A statement for which nobody waits any more, because the time of its request is over or its client is gone, is cancelled
//! in the database: otherwise a few slow requests would keep all connections from the others.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::error::ConnAcquireErr;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, IntoArguments, Pool, Postgres, Sqlite};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::batch::watch;

/// After how long a connection that nobody used is given to the pool, which looks whether it is well.
const REST: Duration = Duration::from_secs(30);

/// How long a connection may take to stop a statement. Then it is closed.
const STOPPING: Duration = Duration::from_secs(5);

/// After how long `PostgreSQL` is asked once more to stop a statement: it does not hear of one that it has not begun.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// After how many instructions of its virtual machine `SQLite` looks whether a statement is cancelled: a fraction of a
/// millisecond.
const INSTRUCTIONS: i32 = 1_000;

/// Connections for reading. Clones share them.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Inner>);

struct Inner {
    pool: DatabaseConnection,
    connections: Connections,
    /// One for each statement that may run.
    places: Arc<Semaphore>,
    patience: Duration,
    statements: Arc<AtomicU64>,
}

enum Connections {
    Sqlite(Arc<Idle<Sqlite>>),
    Postgres(Arc<Idle<Postgres>>),
}

/// A database whose statements can be cancelled.
trait Cancel: sqlx::Database {
    /// By what the statements of one connection are cancelled.
    type Handle: Send + Sync + 'static;

    /// Makes the statements of a connection ready to be cancelled.
    fn handle(connection: &mut Self::Connection) -> impl Future<Output = Result<Self::Handle, sqlx::Error>> + Send;

    /// Cancels the statement that a connection executes, if it does, and waits until it does not.
    fn cancel(
        idle: &Idle<Self>,
        connection: &mut Self::Connection,
        handle: &Self::Handle,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

impl Cancel for Sqlite {
    type Handle = Arc<AtomicBool>;

    async fn handle(connection: &mut Self::Connection) -> Result<Self::Handle, sqlx::Error> {
        let is_cancelled = Self::Handle::default();
        let look = Arc::clone(&is_cancelled);
        connection.lock_handle().await?.set_progress_handler(INSTRUCTIONS, move || !look.load(Ordering::Relaxed));
        Ok(is_cancelled)
    }

    async fn cancel(
        _: &Idle<Self>,
        connection: &mut Self::Connection,
        is_cancelled: &Self::Handle,
    ) -> Result<(), sqlx::Error> {
        is_cancelled.store(true, Ordering::Relaxed);
        // Answered after the statement.
        let stopped = connection.ping().await;
        is_cancelled.store(false, Ordering::Relaxed);
        stopped
    }
}

impl Cancel for Postgres {
    /// The number of the process that serves the connection.
    type Handle = i32;

    async fn handle(connection: &mut Self::Connection) -> Result<Self::Handle, sqlx::Error> {
        // Sets of ids that filters exclude are looked up in memory up to this many times `work_mem`, and searched from the
        // start for every row beyond.
        let begin = "SELECT pg_backend_pid(), set_config('hash_mem_multiplier', '16', false)";
        Ok(sqlx::query_as::<_, (i32, String)>(begin).fetch_one(connection).await?.0)
    }

    async fn cancel(
        idle: &Idle<Self>,
        connection: &mut Self::Connection,
        process: &Self::Handle,
    ) -> Result<(), sqlx::Error> {
        loop {
            sqlx::query("SELECT pg_cancel_backend($1)").bind(process).execute(&idle.aside).await?;
            // The answer to the statement, or its failure, comes before the answer to the first or the second ping.
            let answered = async {
                match connection.ping().await {
                    Err(sqlx::Error::Database(_)) => connection.ping().await,
                    answered => answered,
                }
            };
            if let Ok(answered) = timeout(ASK_AGAIN, answered).await {
                return answered;
            }
        }
    }
}

/// Those that wait for work, and since when.
struct Idle<D: Cancel> {
    pool: Pool<D>,
    /// A single connection, open only while it is needed, for what must not wait for the others.
    aside: Pool<D>,
    waiting: Mutex<Vec<(Reader<D>, Instant)>>,
}

/// A connection, and by what its statements are cancelled.
struct Reader<D: Cancel> {
    connection: PoolConnection<D>,
    handle: D::Handle,
}

/// A connection that executes a statement. If it is dropped before that is done, the statement is cancelled; until then, the
/// connection has the place of one that is in use.
struct Lent<'a, D: Cancel> {
    reader: Option<(Reader<D>, OwnedSemaphorePermit)>,
    idle: &'a Arc<Idle<D>>,
}

impl<D: Cancel> Drop for Lent<'_, D> {
    fn drop(&mut self) {
        let Some((mut reader, place)) = self.reader.take() else { return };
        let Ok(runtime) = Handle::try_current() else {
            drop(reader.connection.leak());
            return;
        };
        let idle = Arc::clone(self.idle);
        runtime.spawn(async move {
            let stopped = timeout(STOPPING, D::cancel(&idle, &mut reader.connection, &reader.handle)).await;
            match stopped {
                Ok(Ok(())) => idle.take_back(reader),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "a statement could not be cancelled");
                    reader.connection.close_on_drop();
                }
                Err(_) => {
                    tracing::warn!("a statement was not cancelled in time");
                    reader.connection.close_on_drop();
                }
            }
            drop(place);
        });
    }
}

impl<D: Cancel> Idle<D> {
    fn of(pool: &Pool<D>) -> Arc<Self> {
        let alone = PoolOptions::new().max_connections(1).idle_timeout(REST).max_lifetime(None);
        let aside = alone.connect_lazy_with((*pool.connect_options()).clone());
        Arc::new(Self { pool: pool.clone(), aside, waiting: Mutex::default() })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<(Reader<D>, Instant)>) -> T) -> T {
        act(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn lend(&self) -> Result<Reader<D>, sqlx::Error> {
        let waiting = self.with(|waiting| match waiting.pop() {
            Some((reader, since)) if since.elapsed() < REST => Some(reader),
            Some(_) => {
                // All others have waited for longer.
                waiting.clear();
                None
            }
            None => None,
        });
        if let Some(reader) = waiting {
            Ok(reader)
        } else {
            let mut connection = self.pool.acquire().await?;
            let handle = D::handle(&mut connection).await?;
            Ok(Reader { connection, handle })
        }
    }

    fn take_back(&self, reader: Reader<D>) {
        self.with(|waiting| {
            // Once the pool is being closed, nobody takes it out again.
            if !self.pool.is_closed() {
                waiting.push((reader, Instant::now()));
            }
        });
    }

    async fn query(
        self: &Arc<Self>,
        statement: Statement,
        place: OwnedSemaphorePermit,
    ) -> Result<Vec<QueryResult>, DbErr>
    where
        SqlxValues: IntoArguments<D>,
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
        QueryResult: From<D::Row>,
    {
        let reader = self.lend().await.map_err(not_lent)?;
        let mut lent = Lent { reader: Some((reader, place)), idle: self };
        let values = SqlxValues(statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new())));
        let query = sqlx::query_with::<D, _>(AssertSqlSafe(statement.sql), values);
        let rows = match &mut lent.reader {
            Some((reader, _)) => query.fetch_all(&mut *reader.connection).await,
            None => Ok(Vec::new()),
        };
        // It is done, whatever came of it.
        let reader = lent.reader.take();
        match rows {
            Ok(rows) => {
                if let Some((reader, _)) = reader {
                    self.take_back(reader);
                }
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
            Err(error) => {
                // If the database went away, the others are as good as this one: the pool finds out.
                self.with(Vec::clear);
                Err(DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))))
            }
        }
    }

    async fn close(&self) {
        // The pool waits for all that it has lent.
        let closed = self.pool.close();
        self.with(Vec::clear);
        closed.await;
        self.aside.close().await;
    }
}

impl<D: Cancel> Drop for Idle<D> {
    fn drop(&mut self) {
        let waiting = self.waiting.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (reader, _) in waiting.drain(..) {
            // To be given back it would need a runtime, which may be gone.
            drop(reader.connection.leak());
        }
    }
}

fn not_lent(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
    }
}

impl Readers {
    /// Up to so many connections of a pool, which has a few more for what lasts longer than a statement.
    pub(crate) fn new(pool: DatabaseConnection, size: u32, patience: Duration, statements: Arc<AtomicU64>) -> Self {
        let connections = if pool.get_database_backend() == DbBackend::Sqlite {
            Connections::Sqlite(Idle::of(pool.get_sqlite_connection_pool()))
        } else {
            Connections::Postgres(Idle::of(pool.get_postgres_connection_pool()))
        };
        let places = Arc::new(Semaphore::new(size as usize));
        Self(Arc::new(Inner { pool, connections, places, patience, statements }))
    }

    /// The pool beneath.
    pub(crate) fn pool(&self) -> &DatabaseConnection {
        &self.0.pool
    }

    /// How many connections of the pool are open, and how many of them wait for work.
    pub(crate) fn size_and_idle(&self) -> (u32, usize) {
        match &self.0.connections {
            Connections::Sqlite(idle) => (idle.pool.size(), idle.pool.num_idle() + idle.with(|waiting| waiting.len())),
            Connections::Postgres(idle) => {
                (idle.pool.size(), idle.pool.num_idle() + idle.with(|waiting| waiting.len()))
            }
        }
    }

    /// Closes all connections, those in use as soon as they are not.
    pub(crate) async fn close(&self) {
        match &self.0.connections {
            Connections::Sqlite(idle) => idle.close().await,
            Connections::Postgres(idle) => idle.close().await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DbBackend {
        self.0.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, text: &str) -> Result<ExecResult, DbErr> {
        self.0.pool.execute_unprepared(text).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Inner { connections, places, patience, statements, .. } = &*self.0;
        let place = timeout(*patience, Arc::clone(places).acquire_owned()).await;
        let place = place.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        let place = place.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?;
        statements.fetch_add(1, Ordering::Relaxed);
        watch(&statement);
        match connections {
            Connections::Sqlite(idle) => idle.query(statement, place).await,
            Connections::Postgres(idle) => idle.query(statement, place).await,
        }
    }
}

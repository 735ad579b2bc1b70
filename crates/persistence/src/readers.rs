//! Connections that read, each lent to one statement at a time.
//!
//! The pool beneath asks a connection whether it is well each time that it gets one back: a round trip after every statement.
//! So the connections that read stay here as long as they are in use and nothing fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::error::ConnAcquireErr;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, IntoArguments, Pool, Postgres, Sqlite};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// After how long a connection that nobody used is given to the pool, which looks whether it is well.
const REST: Duration = Duration::from_secs(30);

/// Connections for reading. Clones share them.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Inner>);

struct Inner {
    pool: DatabaseConnection,
    connections: Connections,
    /// One for each statement that may run.
    places: Semaphore,
    patience: Duration,
    statements: Arc<AtomicU64>,
}

enum Connections {
    Sqlite(Idle<Sqlite>),
    Postgres(Idle<Postgres>),
}

/// Those that wait for work, and since when.
struct Idle<D: sqlx::Database> {
    pool: Pool<D>,
    waiting: Mutex<Vec<(PoolConnection<D>, Instant)>>,
}

impl<D: sqlx::Database> Idle<D> {
    fn of(pool: &Pool<D>) -> Self {
        Self { pool: pool.clone(), waiting: Mutex::default() }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<(PoolConnection<D>, Instant)>) -> T) -> T {
        act(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn lend(&self) -> Result<PoolConnection<D>, sqlx::Error> {
        let waiting = self.with(|waiting| match waiting.pop() {
            Some((connection, since)) if since.elapsed() < REST => Some(connection),
            Some(_) => {
                // All others have waited for longer.
                waiting.clear();
                None
            }
            None => None,
        });
        match waiting {
            Some(connection) => Ok(connection),
            None => self.pool.acquire().await,
        }
    }

    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr>
    where
        SqlxValues: IntoArguments<D>,
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
        QueryResult: From<D::Row>,
    {
        let mut connection = self.lend().await.map_err(not_lent)?;
        let values = SqlxValues(statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new())));
        let query = sqlx::query_with::<D, _>(AssertSqlSafe(statement.sql), values);
        match query.fetch_all(&mut *connection).await {
            Ok(rows) => {
                self.with(|waiting| {
                    // Once the pool is being closed, nobody takes it out again.
                    if !self.pool.is_closed() {
                        waiting.push((connection, Instant::now()));
                    }
                });
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
    }
}

impl<D: sqlx::Database> Drop for Idle<D> {
    fn drop(&mut self) {
        let waiting = self.waiting.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (connection, _) in waiting.drain(..) {
            // To be given back it would need a runtime, which may be gone.
            drop(connection.leak());
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
        Self(Arc::new(Inner { pool, connections, places: Semaphore::new(size as usize), patience, statements }))
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
        let place = timeout(*patience, places.acquire()).await;
        let _place = place.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        statements.fetch_add(1, Ordering::Relaxed);
        match connections {
            Connections::Sqlite(idle) => idle.query(statement).await,
            Connections::Postgres(idle) => idle.query(statement).await,
        }
    }
}

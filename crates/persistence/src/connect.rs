//! Connections to `SQLite` and `PostgreSQL`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pomost_domain::Sight;
use sea_orm::{ConnectOptions, Database, DatabaseBackend, DatabaseConnection};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::address::{Address, Server};
use crate::asked::Asked;
use crate::batch::watch;
use crate::data_version::Known;
use crate::error::StoreError;
use crate::reach::{explain_file, reach};
use crate::readers::Readers;
use crate::store::Store;
use crate::transaction::{PATIENCE, PAUSE};

/// How many connections there are besides those that read: for transactions, and for what reads all as of one moment.
const LASTING: u32 = 4;

/// How many rows `SQLite` hands on before it waits for their reader: it would stop and go on again within most lists.
const ROWS: usize = 1_024;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;

/// Where the database is and how it is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `sqlite://FILE` or `postgres://…`.
    pub url: String,
    /// Connections that read at the same time.
    pub readers: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// Megabytes of a `SQLite` file that are read where the system keeps them, without a copy for each connection.
    pub mapped_mb: u32,
}

impl Settings {
    /// Settings for a database, with the usual number of connections.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), readers: 4, acquire_timeout: Duration::from_secs(5), mapped_mb: 256 }
    }
}

/// What a missing `SQLite` file means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is created.
    Create,
    /// It is an error.
    Existing,
}

impl Store {
    /// Opens a database.
    ///
    /// # Errors
    /// The address is of no known kind, the database is not there, cannot be written or cannot be reached.
    pub async fn open(settings: &Settings, mode: Mode) -> Result<Self, StoreError> {
        let statements = Arc::new(AtomicU64::new(0));
        let readers =
            |pool| Readers::new(pool, settings.readers.max(1), settings.acquire_timeout, Arc::clone(&statements));
        let opened = |read, write, backend, url: &str| Self {
            read: readers(read),
            write,
            backend,
            statements: Arc::clone(&statements),
            known: Known::new(),
            hub: Arc::default(),
            passed_over: Arc::default(),
            purger: Arc::default(),
            url: url.into(),
            sight: Sight::PUBLIC,
            asked: Asked::ALL,
        };
        match Address::parse(&settings.url).map_err(|error| StoreError::State(error.to_string()))? {
            Address::Sqlite(file) => {
                check_file(&file, mode)?;
                let explain = |error| explain_file(&file, error);
                let write = connect_to_file(settings, true, &statements).await.map_err(explain)?;
                let read = connect_to_file(settings, false, &statements).await.map_err(explain)?;
                Ok(opened(read, write, DatabaseBackend::Sqlite, &settings.url))
            }
            Address::Postgres(server) => {
                reach(&server, settings.acquire_timeout).await?;
                let both = connect(postgres(settings, &server), &statements).await?;
                Ok(opened(both.clone(), both, DatabaseBackend::Postgres, &server.url))
            }
        }
    }
}

async fn connect(options: ConnectOptions, statements: &Arc<AtomicU64>) -> Result<DatabaseConnection, StoreError> {
    let mut connection = Database::connect(options).await?;
    let statements = Arc::clone(statements);
    connection.set_metric_callback(move |info| {
        statements.fetch_add(1, Ordering::Relaxed);
        watch(info.statement);
    });
    Ok(connection)
}

/// Opens a `SQLite` file. Of processes that open a new file at once, one gives it a write-ahead log, while `SQLite` refuses the
/// others without waiting.
async fn connect_to_file(
    settings: &Settings,
    write: bool,
    statements: &Arc<AtomicU64>,
) -> Result<DatabaseConnection, StoreError> {
    let begin = Instant::now();
    loop {
        match connect(sqlite(settings, write), statements).await {
            Err(error) if error.is_busy() && begin.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            done => return done,
        }
    }
}

fn check_file(file: &Path, mode: Mode) -> Result<(), StoreError> {
    let shown = file.display();
    let state = |text: String| Err(StoreError::State(text));
    let has_folder = file.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir());
    match (file.try_exists(), mode) {
        (Ok(true), _) => Ok(()),
        (Err(error), _) => state(format!("the database {shown} cannot be opened: {error}")),
        (Ok(false), Mode::Create) if has_folder => Ok(()),
        (Ok(false), Mode::Create) => {
            state(format!("the folder of the database {shown} does not exist: create it first"))
        }
        (Ok(false), Mode::Existing) => state(format!(
            "there is no database {shown}{}: create it with `pomost migrate up`, or start with `pomost serve --sample`",
            if has_folder { "" } else { ", nor its folder" }
        )),
    }
}

/// Connections for everything to one server.
fn postgres(settings: &Settings, server: &Server) -> ConnectOptions {
    let mut options = ConnectOptions::new(server.url.clone());
    let connections = server.options.clone().statement_cache_capacity(STATEMENTS);
    options
        .max_connections(settings.readers.max(1).saturating_add(LASTING))
        .acquire_timeout(settings.acquire_timeout)
        .sqlx_logging(false)
        // A ping before each statement would double the round trips; a broken connection is told by its statement.
        .test_before_acquire(false)
        .map_sqlx_postgres_opts(move |_| connections.clone());
    options
}

/// One writer and several readers on one file. Pragmas belong to the connection, so that each of the pool has them.
fn sqlite(settings: &Settings, write: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(settings.url.clone());
    let readers = settings.readers.max(1);
    let mapped = u64::from(settings.mapped_mb) << 20;
    options
        .max_connections(if write { 1 } else { readers.saturating_add(LASTING) })
        .acquire_timeout(settings.acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .create_if_missing(write)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .statement_cache_capacity(STATEMENTS)
                .row_buffer_size(ROWS)
                .pragma("temp_store", "memory")
                .pragma("mmap_size", mapped.to_string())
                // How many rows of an index are looked at for the figures by which statements are planned.
                .analysis_limit(Some(1_000))
                // As PostgreSQL has it: plain texts are compared to the letter, names are folded before.
                .pragma("case_sensitive_like", "on");
            // What is deleted is overwritten: what was erased is not to be found in the file.
            if write { options.pragma("secure_delete", "on") } else { options.pragma("query_only", "1") }
        });
    options
}

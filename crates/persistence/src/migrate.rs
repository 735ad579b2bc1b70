//! Brings the tables of a database to the version of the program, and back.

use pomost_domain::fold;
use pomost_migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseBackend, IntoDatabaseExecutor, TransactionTrait};
use sea_orm_migration::{MigratorTrait, SchemaManagerConnection};

use crate::data_version;
use crate::error::StoreError;
use crate::refold::refold;
use crate::store::Store;

/// Which migrations a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Every migration of the program, and whether the database has it.
    pub known: Vec<(String, bool)>,
    /// Migrations of the database that the program does not know: it is newer.
    pub unknown: Vec<String>,
}

impl MigrationState {
    /// How many migrations are still to be run.
    pub fn pending(&self) -> usize {
        self.known.iter().filter(|(_, applied)| !applied).count()
    }
}

/// Key of the advisory lock that keeps two processes from migrating at once: "pomost" in ASCII.
const LOCK: i64 = 0x706f_6d6f_7374;

/// The same connection, for one of several uses.
fn reborrowed<'a>(connection: &'a SchemaManagerConnection<'_>) -> SchemaManagerConnection<'a> {
    match connection {
        SchemaManagerConnection::Connection(connection) => SchemaManagerConnection::Connection(connection),
        SchemaManagerConnection::Transaction(transaction) => SchemaManagerConnection::Transaction(transaction),
        SchemaManagerConnection::OwnedTransaction(transaction) => SchemaManagerConnection::Transaction(transaction),
    }
}

/// The step that folds the names by a rule.
fn folding_by(rule: i32) -> String {
    format!("names folded by rule {rule}")
}

impl Store {
    /// Which migrations the database has. At most three statements.
    ///
    /// # Errors
    /// The database fails.
    pub async fn migration_state(&self) -> Result<MigrationState, StoreError> {
        let sqlite = self.backend == DatabaseBackend::Sqlite;
        let exists = if sqlite {
            "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = 'seaql_migrations'"
        } else {
            "SELECT COUNT(*) AS n FROM pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = 'seaql_migrations'"
        };
        let query = |sql: &str| sea_orm::Statement::from_string(self.backend, sql.to_owned());
        let tables: i64 = self.read.query_one_raw(query(exists)).await?.map_or(Ok(0), |row| row.try_get("", "n"))?;
        let mut applied: Vec<String> = Vec::new();
        if tables > 0 {
            for row in self.read.query_all_raw(query("SELECT version FROM seaql_migrations ORDER BY version")).await? {
                applied.push(row.try_get("", "version")?);
            }
        }
        let mut known: Vec<(String, bool)> = Migrator::migrations()
            .iter()
            .map(|migration| migration.name().to_owned())
            .map(|name| (name.clone(), applied.contains(&name)))
            .collect();
        let mut unknown: Vec<String> =
            applied.into_iter().filter(|name| !known.iter().any(|(known, _)| known == name)).collect();
        // Folding anew is the last step of migrating, and no migration in the table.
        let is_there = known.iter().any(|(name, applied)| *applied && name.ends_with("_folding"));
        let folding = if is_there { data_version::folding(&self.read).await? } else { 0 };
        known.push((folding_by(fold::VERSION), folding >= fold::VERSION));
        unknown.extend((folding > fold::VERSION).then(|| folding_by(folding)));
        Ok(MigrationState { known, unknown })
    }

    /// Refuses a database that does not fit the program.
    ///
    /// # Errors
    /// It lacks migrations, or has some that the program does not know.
    pub async fn require_migrated(&self) -> Result<(), StoreError> {
        let state = self.migration_state().await?;
        if !state.unknown.is_empty() {
            return Err(StoreError::State(format!(
                "the database is newer than this program (it has {}): install a newer pomost",
                state.unknown.join(", ")
            )));
        }
        match state.pending() {
            0 => Ok(()),
            pending => Err(StoreError::State(format!(
                "the database is not migrated ({pending} of {} migrations are missing): run `pomost migrate up`",
                state.known.len()
            ))),
        }
    }

    /// Runs the missing migrations; returns how many.
    ///
    /// # Errors
    /// The database fails, or is newer than the program.
    pub async fn migrate_up(&self) -> Result<usize, StoreError> {
        self.locked(async |store: &Self, connection: SchemaManagerConnection<'_>| {
            let state = store.migration_state().await?;
            if !state.unknown.is_empty() {
                return store.require_migrated().await.map(|()| 0);
            }
            Migrator::up(reborrowed(&connection), None).await?;
            if data_version::folding(&connection).await? < fold::VERSION {
                refold(&connection).await?;
            }
            Ok(state.pending())
        })
        .await
    }

    /// Takes back the last `steps` migrations; the data in their tables is lost. Returns how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn migrate_down(&self, steps: u32) -> Result<usize, StoreError> {
        self.locked(async |store: &Self, connection: SchemaManagerConnection<'_>| {
            let state = store.migration_state().await?;
            Migrator::down(connection, Some(steps)).await?;
            Ok((state.known.len() - state.pending()).min(steps as usize))
        })
        .await
    }

    /// Lets one process migrate at a time; the others wait, and find what it did. On `SQLite` it holds the lock of all that
    /// write, in a transaction around all migrations, on `PostgreSQL` an advisory lock on a connection of its own.
    async fn locked<T>(
        &self,
        work: impl AsyncFnOnce(&Self, SchemaManagerConnection<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.backend == DatabaseBackend::Sqlite {
            let guard = self.begin_patiently().await?;
            let done = work(self, (&guard).into_database_executor()).await?;
            guard.commit().await?;
            return Ok(done);
        }
        let guard = self.write.begin().await?;
        guard.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
        let done = work(self, (&self.write).into_database_executor()).await;
        // It has written nothing, and ends with its connection in any case.
        if let Err(error) = guard.rollback().await {
            tracing::warn!(error = StoreError::from(error).chain(), "the lock of the migrations was not given back");
        }
        done
    }
}

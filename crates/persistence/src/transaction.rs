//! Transactions that write.

use std::ops::Deref;
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseTransaction, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};

use crate::data_version::{self, Known};
use crate::error::StoreError;
use crate::store::Store;

/// Name of the channel on which `PostgreSQL` tells other processes that there are new changes.
pub(crate) const CHANNEL: &str = "pomost_change";

/// How long a process waits for others that open or migrate the same `SQLite` file, and for how long before it tries again.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// A transaction that writes. There is one at a time, on both databases: whoever begins holds the version of the data
/// until the end, so that changes are numbered without a gap and in the order of commits, and no two writers can lock
/// each other out. Dropping it takes everything back.
pub(crate) struct Tx {
    transaction: DatabaseTransaction,
    backend: DatabaseBackend,
    committed: i64,
    version: i64,
    known: Known,
}

impl Store {
    /// Begins to write. Two or three statements.
    ///
    /// # Errors
    /// The registry is a mirror: its records are written at its source only.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        let (tx, mirror_of) = self.numbered(self.begin_immediate().await?).await?;
        match mirror_of {
            Some(source) => Err(StoreError::Mirror(source)),
            None => Ok(tx),
        }
    }

    /// Begins to write what the source of a mirror says.
    pub(crate) async fn begin_mirrored(&self) -> Result<Tx, StoreError> {
        Ok(self.numbered(self.begin_patiently().await?).await?.0)
    }

    /// Begins a transaction that keeps all other writers of a `SQLite` file out from its beginning.
    async fn begin_immediate(&self) -> Result<DatabaseTransaction, StoreError> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(immediate).await?)
    }

    /// The same, for work that may have to wait until another process has done all of its own.
    pub(crate) async fn begin_patiently(&self) -> Result<DatabaseTransaction, StoreError> {
        let begin = Instant::now();
        loop {
            match self.begin_immediate().await {
                Err(error) if error.is_busy() && begin.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                done => return done,
            }
        }
    }

    /// Locks the number of the last change, which only one may raise at a time.
    async fn numbered(&self, transaction: DatabaseTransaction) -> Result<(Tx, Option<String>), StoreError> {
        let (committed, mirror_of) = data_version::lock(&transaction, self.backend).await?;
        let known = self.known.clone();
        Ok((Tx { transaction, backend: self.backend, committed, version: committed, known }, mirror_of))
    }
}

impl Tx {
    /// The number of the next change.
    pub(crate) fn next_seq(&mut self) -> i64 {
        self.version += 1;
        self.version
    }

    /// The number of the last change.
    pub(crate) fn seq(&self) -> i64 {
        self.version
    }

    /// The number of the last change that the transaction made; `None`: it made none.
    pub(crate) fn last_change(&self) -> Option<i64> {
        (self.version != self.committed).then_some(self.version)
    }

    /// Has `PostgreSQL` look at what is in a table, and in those that all records share, with what this transaction has written.
    /// `SQLite` plans a look-up by its indexes alone.
    pub(crate) async fn gather_statistics(&self, table: &str) -> Result<(), StoreError> {
        if self.backend == DatabaseBackend::Postgres {
            self.transaction.execute_unprepared(&format!("ANALYZE record, link, facet, \"{table}\"")).await?;
        }
        Ok(())
    }

    /// Makes everything last, and wakes whoever waits for changes.
    pub(crate) async fn commit(self) -> Result<i64, StoreError> {
        if self.version != self.committed {
            data_version::set(&self.transaction, self.version).await?;
            if self.backend == DatabaseBackend::Postgres {
                // A wake-up and no more: the table is the truth.
                let notify = Statement::from_sql_and_values(
                    self.backend,
                    "SELECT pg_notify($1, $2)",
                    [CHANNEL.into(), self.version.to_string().into()],
                );
                self.transaction.execute_raw(notify).await?;
            }
        }
        self.transaction.commit().await?;
        self.known.rise(self.version);
        Ok(self.version)
    }

    /// Takes everything back.
    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

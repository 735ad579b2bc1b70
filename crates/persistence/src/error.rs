//! What a caller can do about a failure.

use std::error::Error;

use pomost_domain::Vocabulary;
use pomost_domain::id::Kind;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;
use uuid::Uuid;

/// A failure of the store. The cause stays inside: it is logged at the border and never shown to a client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or did not answer in time. Try again.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A row breaks an invariant.
    #[error("the stored {kind} {id} is corrupt: {what}")]
    Corrupt {
        /// Kind of record.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What is wrong.
        what: String,
    },
    /// The database is not as the program expects it: not there, not migrated, newer, read-only.
    #[error("{0}")]
    State(String),
    /// The registry is a mirror of another, and written there.
    #[error("this registry is a mirror of {0}: write there")]
    Mirror(String),
    /// Any other refusal of the database.
    #[error("the database refused a statement")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// A record whose row breaks an invariant.
    pub(crate) fn corrupt(kind: Kind, id: Uuid, what: String) -> Self {
        Self::Corrupt { kind: kind.label(), id: id.to_string(), what }
    }

    /// Whether another process kept a `SQLite` file to itself for too long.
    pub(crate) fn is_busy(&self) -> bool {
        let Self::Unavailable(cause) = self else { return false };
        let Some(
            DbErr::Conn(RuntimeErr::SqlxError(sqlx))
            | DbErr::Exec(RuntimeErr::SqlxError(sqlx))
            | DbErr::Query(RuntimeErr::SqlxError(sqlx)),
        ) = cause.downcast_ref::<DbErr>()
        else {
            return false;
        };
        matches!(&**sqlx, sqlx::Error::Database(cause) if is_locked(&**cause))
    }

    /// The failure and its causes in one line.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// A failure and its causes in one line. A cause whose words stand in the text already is not repeated.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(Box::new(error)),
            // A connection that broke under a statement says so only in its text.
            error if is_lost(&error) => Self::Unavailable(Box::new(error)),
            error => Self::Backend(Box::new(error)),
        }
    }
}

fn is_lost(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    match &**cause {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(cause) if cause.try_downcast_ref::<SqliteError>().is_some() => is_locked(&**cause),
        // Class 57: the server is shutting down or starting up.
        sqlx::Error::Database(cause) => cause.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

/// Whether another process writes to a `SQLite` file and did not end in time: `SQLITE_BUSY` and `SQLITE_LOCKED`, in their lowest
/// byte.
fn is_locked(error: &dyn DatabaseError) -> bool {
    let code = error.try_downcast_ref::<SqliteError>().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

//! Whether a database can be reached at all, and what is in the way if it cannot. The pool of connections tells only that the
//! time is over, whatever the cause was.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use sqlx::{ConnectOptions, Connection};
use tokio::time::{Instant, timeout_at};

use crate::address::Server;
use crate::error::{StoreError, chain};

/// The first wait before another attempt, and the longest.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const MAX_WAIT: Duration = Duration::from_millis(500);

/// Connects to a server once. A server that is starting up is waited for, as long as `patience` allows.
pub(crate) async fn reach(server: &Server, patience: Duration) -> Result<(), StoreError> {
    let patience = server.patience.unwrap_or(patience);
    let deadline = Instant::now() + patience;
    let mut wait = FIRST_WAIT;
    loop {
        let error = match timeout_at(deadline, server.options.connect()).await {
            Ok(Ok(connection)) => {
                // It was only to see that there can be one.
                let _ = connection.close().await;
                return Ok(());
            }
            Ok(Err(error)) => error,
            Err(_) => {
                let place = server.place();
                return Err(StoreError::State(format!(
                    "the database {:?} cannot be reached: {place} did not answer within {} ms: is the address right, and \
                     does a firewall let it through?",
                    server.database(),
                    patience.as_millis()
                )));
            }
        };
        if !may_be_starting(&error) || Instant::now() + wait >= deadline {
            return Err(StoreError::State(format!(
                "the database {:?} cannot be reached: {}",
                server.database(),
                cause(server, &error)
            )));
        }
        tokio::time::sleep(wait).await;
        wait = MAX_WAIT.min(wait * 2);
    }
}

fn may_be_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound),
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("53300" | "57P03")),
        _ => false,
    }
}

/// What is in the way, and what to do about it.
fn cause(server: &Server, error: &sqlx::Error) -> String {
    let place = server.place();
    match error {
        sqlx::Error::Io(error) if error.to_string().starts_with("failed to lookup address") => {
            format!("the name {:?} cannot be resolved: is it right? ({error})", server.options.get_host())
        }
        sqlx::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => {
                format!("{place} refuses the connection: is PostgreSQL running there, on this port?")
            }
            ErrorKind::NotFound => format!("there is no socket {place}: is PostgreSQL running here, on this port?"),
            ErrorKind::PermissionDenied => format!("{place} may not be used by this user ({error})"),
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                format!("there is no way to {place} in the network ({error})")
            }
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                format!("{place} closed the connection: is it a PostgreSQL server? ({error})")
            }
            _ => format!("{place}: {error}"),
        },
        sqlx::Error::Database(refusal) => {
            let (user, database) = (server.options.get_username(), server.database());
            let code = refusal.code().unwrap_or_default();
            let said = refusal.message();
            match &*code {
                "28P01" => format!("{place} does not accept the password of the user {user:?} ({said})"),
                "28000" => format!("{place} does not let the user {user:?} in ({said})"),
                "3D000" => format!("{place} has no database {database:?}: create it first ({said})"),
                "53300" => format!("{place} has no room for another connection ({said})"),
                "57P03" => format!("{place} is not ready yet ({said})"),
                "42501" => format!("the user {user:?} may not use the database {database:?} of {place} ({said})"),
                _ => format!("{place} refuses: {said} ({code})"),
            }
        }
        sqlx::Error::Tls(error) => format!("there is no encrypted connection to {place}: {}", chain(&**error)),
        sqlx::Error::Protocol(said) => format!("{place} does not speak as a PostgreSQL server does ({said})"),
        sqlx::Error::Configuration(error) => format!("{place}: {}", chain(&**error)),
        error => format!("{place}: {}", chain(error)),
    }
}

/// Why a `SQLite` file could not be opened, in words; other errors come back as they are. The file is opened only now, when
/// no connection holds it: closing it would take the locks of others in this process.
pub(crate) fn explain_file(file: &Path, error: StoreError) -> StoreError {
    let text = error.chain();
    let shown = file.display();
    let is = |codes: &[u32]| codes.iter().any(|code| text.contains(&format!("(code: {code})")));
    let state = |text: String| StoreError::State(text);
    if is(&[26]) || text.contains("not a database") {
        return state(format!(
            "the file {shown} is not a SQLite database, or it is encrypted: name another, or restore it from a copy"
        ));
    }
    if is(&[11]) || text.contains("malformed") {
        return state(format!("the database {shown} is damaged: restore it from a copy"));
    }
    if is(&[13]) {
        return state(format!("the database {shown} cannot be written: the disk is full"));
    }
    let is_closed = is(&[3, 8, 10, 14, 264, 520, 776, 1032, 1288, 1544])
        || ["readonly", "read-only", "unable to open", "disk I/O"].iter().any(|sign| text.contains(sign));
    if is_closed { state(why_closed(file)) } else { error }
}

fn why_closed(file: &Path) -> String {
    let shown = file.display();
    if file.is_dir() {
        return format!("{shown} is a folder: name a file in it");
    }
    let tried = std::fs::OpenOptions::new().read(true).write(true).open(file);
    match tried.map_err(|error| (error.kind(), error)) {
        Err((ErrorKind::PermissionDenied, _)) if std::fs::File::open(file).is_err() => {
            format!("the database {shown} may not be read by this user: check the owner and the mode of the file")
        }
        Err((ErrorKind::PermissionDenied, _)) => {
            format!("the database {shown} cannot be written by this user: check the owner and the mode of the file")
        }
        Err((ErrorKind::ReadOnlyFilesystem, _)) => {
            format!("the database {shown} cannot be written: its file system is read-only")
        }
        Err((ErrorKind::NotFound, _)) => {
            format!("the database {shown} cannot be created: this user may not write to its folder")
        }
        Err((_, error)) => format!("the database {shown} cannot be opened: {error}"),
        // SQLite keeps its log beside the file.
        Ok(_) => format!("the database {shown} cannot be written: this user may not write to its folder"),
    }
}

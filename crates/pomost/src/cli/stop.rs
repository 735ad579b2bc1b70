//! The reason and the exit code of a command that failed.

use std::error::Error;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use anyhow::anyhow;
use pomost_persistence::{StoreError, without_password};

use crate::config::Config;

/// The end of a command that did not do its work.
#[derive(Debug)]
pub(super) struct Stop {
    code: u8,
    /// `None` if nothing is left to report.
    reason: Option<anyhow::Error>,
}

impl Stop {
    /// The work failed.
    pub(super) fn failed(reason: impl Display) -> Self {
        Self { code: 1, reason: Some(anyhow!("{reason}")) }
    }

    /// The command was used wrongly.
    pub(super) fn usage(reason: impl Display) -> Self {
        Self { code: 2, reason: Some(anyhow!("{reason}")) }
    }

    /// Something outside the program prevents the work.
    pub(super) fn environment(reason: impl Display) -> Self {
        Self { code: 3, reason: Some(anyhow!("{reason}")) }
    }

    /// The output of the command is complete; only the exit code reports the result to a script.
    pub(super) fn silent(code: u8) -> Self {
        Self { code, reason: None }
    }

    /// The output cannot be written. A reader that closes the pipe early, such as `head`, is not an error.
    #[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
    pub(super) fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::silent(1);
        }
        Self::environment(format!("cannot write the output: {error}"))
    }

    /// The database prevents the work.
    pub(super) fn database(config: &Config, error: &StoreError) -> Self {
        let shown = without_password(&config.database);
        match error {
            StoreError::State(state) => Self::environment(state),
            StoreError::Mirror(_) => Self::environment(error),
            StoreError::Unavailable(cause) => {
                Self::environment(format!("cannot reach the database {shown}: {}", root(&**cause)))
            }
            StoreError::Backend(cause) if is_read_only(&error.chain()) => {
                Self::environment(format!("cannot write to the database {shown}: {}", root(&**cause)))
            }
            StoreError::Corrupt { .. } => Self::failed(error),
            StoreError::Backend(cause) => {
                Self::failed(format!("the database {shown} reports an error: {}", root(&**cause)))
            }
        }
    }

    /// Prints the reason in one line and returns the exit code.
    pub(super) fn report(self) -> ExitCode {
        if let Some(reason) = self.reason {
            let text = reason.to_string();
            eprintln!("error: {}", text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        ExitCode::from(self.code)
    }
}

fn is_read_only(text: &str) -> bool {
    ["readonly", "read-only", "disk is full", "disk I/O error", "unable to open database file"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// The first cause of an error: the errors above it only repeat it.
fn root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut root = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    root
}

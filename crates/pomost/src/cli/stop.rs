//! Why a command ends early: one line and an exit code.

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
    /// `None` when nothing is left to say.
    reason: Option<anyhow::Error>,
}

impl Stop {
    /// The work failed.
    pub(super) fn failed(reason: impl Display) -> Self {
        Self { code: 1, reason: Some(anyhow!("{reason}")) }
    }

    /// The command was used in a wrong way.
    pub(super) fn usage(reason: impl Display) -> Self {
        Self { code: 2, reason: Some(anyhow!("{reason}")) }
    }

    /// Something around the program does not let it work.
    pub(super) fn environment(reason: impl Display) -> Self {
        Self { code: 3, reason: Some(anyhow!("{reason}")) }
    }

    /// The command has said all with its output; the code says it to a script.
    pub(super) fn silent(code: u8) -> Self {
        Self { code, reason: None }
    }

    /// Nothing can be written to where the output goes. A reader that has seen enough, such as `head`, is no trouble worth
    /// a word.
    #[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
    pub(super) fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::silent(1);
        }
        Self::environment(format!("the output cannot be written: {error}"))
    }

    /// The database does not let the program work.
    pub(super) fn database(config: &Config, error: &StoreError) -> Self {
        let shown = without_password(&config.database);
        match error {
            StoreError::State(state) => Self::environment(state),
            StoreError::Mirror(_) => Self::environment(error),
            StoreError::Unavailable(cause) => {
                Self::environment(format!("the database {shown} cannot be reached: {}", root(&**cause)))
            }
            StoreError::Backend(cause) if is_read_only(&error.chain()) => {
                Self::environment(format!("the database {shown} cannot be written: {}", root(&**cause)))
            }
            StoreError::Corrupt { .. } => Self::failed(error),
            StoreError::Backend(cause) => Self::failed(format!("the database {shown} refused: {}", root(&**cause))),
        }
    }

    /// Says the reason in one line and gives the exit code.
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

/// The cause of all: what stands above it only repeats it.
fn root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut root = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    root
}

//! `pomost migrate`

use std::fmt::Write;

use clap::Subcommand;
use pomost_persistence::{MigrationState, Mode, without_password};

use super::{Stop, open, print, print_done};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  pomost migrate up
  pomost migrate status --database postgres://pomost@localhost/pomost
  pomost migrate down --steps 2";

const UP_EXAMPLES: &str = "\
Examples:
  pomost migrate up
  pomost migrate up --database sqlite:///var/lib/pomost/pomost.db";

const DOWN_EXAMPLES: &str = "\
Examples:
  pomost migrate down
  pomost migrate down --steps 2";

const STATUS_EXAMPLES: &str = "\
Examples:
  pomost migrate status
  pomost migrate status || test $? -eq 4 && pomost migrate up

Exit codes:
  0  the database is up to date
  4  migrations are pending: run `pomost migrate up`
  5  the database is newer than this program: install a newer pomost
  1, 2, 3  as for every command: the database could not be queried";

/// Migrations are pending.
const PENDING: u8 = 4;
/// The database has migrations that this program does not know.
const NEWER: u8 = 5;

#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum Migrate {
    /// Run the pending migrations; creates the file of a SQLite database
    #[command(after_help = UP_EXAMPLES)]
    Up,
    /// Revert the last migrations and delete the data of their tables
    #[command(after_help = DOWN_EXAMPLES)]
    Down {
        /// Number of migrations
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Show the migrations of the database, with an exit code for scripts
    #[command(after_help = STATUS_EXAMPLES)]
    Status,
}

impl Migrate {
    pub(super) async fn run(self, config: &Config) -> Result<(), Stop> {
        let trouble = |error| Stop::database(config, &error);
        let mode = if matches!(self, Self::Up) { Mode::Create } else { Mode::Existing };
        let store = open(config, mode).await?;
        let shown = without_password(&config.database);
        match self {
            Self::Up => {
                match store.migrate_up().await.map_err(trouble)? {
                    0 => print_done(&format!("{shown} is up to date\n")),
                    run => print_done(&format!("{shown} is up to date now; migrations run: {run}\n")),
                }
                Ok(())
            }
            Self::Down { steps } => {
                let before = store.migration_state().await.map_err(trouble)?;
                if !before.unknown.is_empty() {
                    store.require_migrated().await.map_err(trouble)?;
                }
                let taken_back = store.migrate_down(steps).await.map_err(trouble)?;
                print_done(&format!("migrations of {shown} reverted: {taken_back}\n"));
                Ok(())
            }
            Self::Status => {
                let state = store.migration_state().await.map_err(trouble)?;
                print(&status(&state))?;
                code(&state).map_or(Ok(()), |code| Err(Stop::silent(code)))
            }
        }
    }
}

/// The exit code for a database with another schema than the program.
fn code(state: &MigrationState) -> Option<u8> {
    // A newer database takes precedence: this program cannot migrate it.
    match (state.unknown.len(), state.pending()) {
        (0, 0) => None,
        (0, _) => Some(PENDING),
        _ => Some(NEWER),
    }
}

fn status(state: &MigrationState) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    for (name, applied) in &state.known {
        let _ = writeln!(text, "{}  {name}", if *applied { "applied" } else { "missing" });
    }
    for name in &state.unknown {
        let _ = writeln!(text, "unknown  {name}");
    }
    let _ = match (state.pending(), state.unknown.len()) {
        (0, 0) => writeln!(text, "The database is up to date."),
        (pending, 0) => writeln!(text, "Pending migrations: {pending}. Run `pomost migrate up`."),
        (_, unknown) => writeln!(text, "Migrations of a newer program: {unknown}. Install a newer pomost."),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_and_newer_have_different_codes() {
        let state = |applied: [bool; 2], unknown: &[&str]| MigrationState {
            known: vec![("a".to_owned(), applied[0]), ("b".to_owned(), applied[1])],
            unknown: unknown.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(code(&state([true, true], &[])), None);
        assert_eq!(code(&state([true, false], &[])), Some(4));
        assert_eq!(code(&state([true, true], &["c"])), Some(5));
        assert_eq!(code(&state([true, false], &["c"])), Some(5));
    }
}

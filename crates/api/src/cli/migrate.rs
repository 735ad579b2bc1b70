//! `pomost migrate`

use std::fmt::Write;

use clap::Subcommand;
use pomost_persistence::{MigrationState, Mode};

use super::{Stop, open, print};
use crate::config::{Config, without_password};

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
  pomost migrate status";

#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum Migrate {
    /// Run the migrations that are missing; creates the file of a SQLite database
    #[command(after_help = UP_EXAMPLES)]
    Up,
    /// Take back the last migrations, and with them the data in their tables
    #[command(after_help = DOWN_EXAMPLES)]
    Down {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Say which migrations the database has
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
            Self::Up => match store.migrate_up().await.map_err(trouble)? {
                0 => print(&format!("{shown} is up to date\n")),
                run => print(&format!("{shown} is up to date now; migrations run: {run}\n")),
            },
            Self::Down { steps } => {
                let before = store.migration_state().await.map_err(trouble)?;
                if !before.unknown.is_empty() {
                    store.require_migrated().await.map_err(trouble)?;
                }
                store.migrate_down(steps).await.map_err(trouble)?;
                let after = store.migration_state().await.map_err(trouble)?;
                print(&format!("migrations of {shown} taken back: {}\n", after.pending() - before.pending()))
            }
            Self::Status => print(&status(&store.migration_state().await.map_err(trouble)?)),
        }
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
        (pending, 0) => writeln!(text, "Missing migrations: {pending}. Run `pomost migrate up`."),
        (_, unknown) => writeln!(text, "Migrations of a newer program: {unknown}. Install a newer pomost."),
    };
    text
}

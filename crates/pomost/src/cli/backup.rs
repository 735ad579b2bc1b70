//! `pomost backup`

use std::path::PathBuf;

use clap::Args;

use super::{Stop, open_migrated, print};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  pomost backup copy.db
  pomost backup /var/backups/pomost-$(date +%F).db --database sqlite:///var/lib/pomost/pomost.db";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Backup {
    /// The copy: a SQLite database as of one moment, even if a server is writing. The file must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, config: &Config) -> Result<(), Stop> {
        let store = open_migrated(config).await?;
        store.backup(&self.file).await.map_err(|error| Stop::database(config, &error))?;
        print(&format!("The copy is {}.\n", self.file.display()))
    }
}

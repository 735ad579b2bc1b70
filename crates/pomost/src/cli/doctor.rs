//! `pomost doctor`

use clap::Args;
use pomost_persistence::{Mode, without_password};

use super::{Stop, open, print};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  pomost doctor
  pomost doctor --database postgres://pomost@localhost/pomost";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Doctor {}

impl Doctor {
    pub(super) async fn run(self, config: &Config) -> Result<(), Stop> {
        let trouble = |error| Stop::database(config, &error);
        let store = open(config, Mode::Existing).await?;
        store.ping().await.map_err(trouble)?;
        print(&format!("ok: the database {} answers\n", without_password(&config.database)))?;
        store.require_migrated().await.map_err(trouble)?;
        print("ok: the tables have the schema of this program\n")?;
        let findings = store.doctor().await.map_err(trouble)?;
        for finding in &findings {
            print(&format!("{}: {}\n", finding.record, finding.message))?;
        }
        match findings.len() {
            0 => print("ok: the records are valid\n"),
            1 => Err(Stop::failed("1 finding")),
            count => Err(Stop::failed(format!("{count} findings"))),
        }
    }
}

//! `pomost export`

use std::io::{BufWriter, Write, stdout};

use clap::Args;
use pomost_persistence::ExportError;

use super::{Stop, open_migrated, progress};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  pomost export > cooperation.json
  pomost export --database postgres://pomost@localhost/pomost | gzip > cooperation.json.gz";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Export {}

impl Export {
    pub(super) async fn run(self, config: &Config) -> Result<(), Stop> {
        let store = open_migrated(config).await?;
        let bar = progress::counter("exporting");
        let mut out = BufWriter::with_capacity(1 << 16, stdout());
        let exported = store.export(&mut out, |records| bar.set_position(records)).await;
        bar.finish_and_clear();
        match exported {
            Ok(_) => out.flush().map_err(Stop::output),
            Err(ExportError::Io(error)) => Err(Stop::output(error)),
            Err(ExportError::Store(error)) => Err(Stop::database(config, &error)),
        }
    }
}

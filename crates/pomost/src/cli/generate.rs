//! `pomost generate`

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;

use clap::Args;
use pomost_generator::Plan;

use super::{Stop, progress};

const EXAMPLES: &str = "\
Examples:
  pomost generate --records 100000 --out large.json
  pomost generate --records 1000 --seed 7 | pomost import -

The same number and seed always give the same file.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// Number of records, 1 to 1 000 000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    records: u64,
    /// Seed of the random numbers
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Output file [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Generate {
    pub(super) fn run(self) -> Result<(), Stop> {
        let plan = Plan { records: self.records, seed: self.seed };
        match self.out {
            None => write(plan, stdout()).map_err(Stop::output),
            Some(path) => File::create(&path)
                .and_then(|file| write(plan, file))
                .map_err(|error| Stop::environment(format!("cannot write {}: {error}", path.display()))),
        }
    }
}

fn write(plan: Plan, out: impl Write) -> std::io::Result<()> {
    let bar = progress::bar(plan.records);
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let written = pomost_generator::write(plan, &mut out, |records| bar.set_position(records));
    bar.finish_and_clear();
    written.and_then(|()| out.flush())
}

//! `pomost import`

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;

use clap::Args;
use pomost_domain::Act;
use pomost_domain::exchange::Fault;
use pomost_persistence::{Changes, ImportError, ImportOptions, Outcome, Progress};
use tempfile::NamedTempFile;

use super::{Stop, now, open_migrated, print_done, progress};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  pomost import cooperation.json
  pomost import cooperation.json --dry-run
  curl https://example.org/cooperation.json | pomost import -
  pomost import cooperation.json --replace

The format is described in data/README.md and by `pomost schema --import`.
Nothing is written unless all of the file is right; a second import of the same file changes nothing.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Import {
    /// The file, or - for standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Print the changes without writing them
    #[arg(long)]
    dry_run: bool,
    /// Allow files to turn stored records into other ones, such as a city with another name in another country, and list
    /// them
    #[arg(long)]
    replace: bool,
}

impl Import {
    pub(super) async fn run(self, config: &Config) -> Result<(), Stop> {
        let store = open_migrated(config).await?;
        let input = Input::open(self.file)?;
        let name = input.name();
        let act = Act { name: "import".to_owned(), by: "import".to_owned(), at: now(), reason: None };
        let options = ImportOptions { dry_run: self.dry_run, replace: self.replace, ..ImportOptions::of(act) };
        let bar = progress::counter("checking");
        let moving = bar.clone();
        let imported = store
            .import(
                move || input.read(),
                options,
                move |Progress { pass, records }| {
                    moving.set_message(if pass == 1 { "checking" } else { "writing" });
                    moving.set_position(records);
                },
            )
            .await;
        bar.finish_and_clear();
        match imported {
            Ok(outcome) => {
                print_done(&report(&outcome, self.dry_run));
                warn(&outcome.warnings);
                Ok(())
            }
            Err(ImportError::Faults { faults, warnings }) => Err(refuse(&name, &faults, &warnings)),
            Err(error @ ImportError::KeyTaken) => Err(Stop::failed(error)),
            Err(ImportError::Io(error)) => Err(unreadable(&name, &error)),
            Err(ImportError::Store(error)) => Err(Stop::database(config, &error)),
        }
    }
}

/// The source of the data. An import reads it twice.
enum Input {
    File(PathBuf),
    /// Standard input can be read only once, so it is copied to a temporary file.
    Spool(NamedTempFile),
}

impl Input {
    fn open(file: PathBuf) -> Result<Self, Stop> {
        if file.as_os_str() != "-" {
            return Ok(Self::File(file));
        }
        let spool = || {
            let mut spool = NamedTempFile::with_prefix("pomost-import-")?;
            io::copy(&mut io::stdin().lock(), &mut spool)?;
            Ok(Self::Spool(spool))
        };
        spool().map_err(|error: io::Error| {
            let folder = std::env::temp_dir();
            Stop::environment(format!("cannot copy standard input to {}: {error}", folder.display()))
        })
    }

    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Spool(_) => "standard input".to_owned(),
        }
    }

    fn read(&self) -> io::Result<Box<dyn Read + Send>> {
        let file = match self {
            Self::File(path) => File::open(path)?,
            Self::Spool(spool) => spool.reopen()?,
        };
        Ok(Box::new(BufReader::new(file)))
    }
}

fn unreadable(name: &str, error: &io::Error) -> Stop {
    Stop::failed(format!("cannot read {name}: {error}"))
}

fn warn(warnings: &[Fault]) {
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
}

/// Number of faults of a kind that are shown, so that a fault that is repeated everywhere does not hide others.
const SHOWN: usize = 10;

fn refuse(name: &str, faults: &[Fault], warnings: &[Fault]) -> Stop {
    for line in listed(faults) {
        eprintln!("{line}");
    }
    warn(warnings);
    let count = if faults.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", faults.len()) };
    Stop::failed(format!("{name} has {count}; nothing was imported"))
}

/// Faults in their order; of a kind with many, the first ones and the number of the others.
fn listed(faults: &[Fault]) -> Vec<String> {
    let mut kinds: HashMap<String, (usize, usize)> = HashMap::new();
    let mut lines = Vec::new();
    for fault in faults {
        let (count, line) = kinds.entry(fault.kind()).or_default();
        *count += 1;
        if *count <= SHOWN {
            *line = lines.len();
            lines.push(fault.to_string());
        }
    }
    // From the last to the first, so that earlier positions do not change.
    let mut many: Vec<_> = kinds.into_values().filter(|(count, _)| *count > SHOWN).collect();
    many.sort_by_key(|(_, line)| Reverse(*line));
    for (count, line) in many {
        lines.insert(line + 1, format!("  and {} more like the last one", count - SHOWN));
    }
    lines
}

/// The report on an import or a dry run.
fn report(outcome: &Outcome, dry_run: bool) -> String {
    let width = outcome.changes.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max("collection".len());
    let mut text = format!("{:width$}  {:>9}  {:>9}  {:>9}\n", "collection", "created", "updated", "unchanged");
    let mut sum = Changes { created: 0, updated: 0, unchanged: 0 };
    // Writing into a String cannot fail.
    for (name, Changes { created, updated, unchanged }) in &outcome.changes {
        let _ = writeln!(text, "{name:width$}  {created:>9}  {updated:>9}  {unchanged:>9}");
        sum.created += created;
        sum.updated += updated;
        sum.unchanged += unchanged;
    }
    for update in &outcome.updates {
        let _ = writeln!(text, "updated {update}");
    }
    for replaced in &outcome.replaced {
        let _ = writeln!(text, "replaced {replaced}");
    }
    let more = sum.updated.saturating_sub(outcome.updates.len() as u64);
    if more > 0 {
        let _ = writeln!(text, "and {more} more");
    }
    let Changes { created, updated, unchanged } = sum;
    let done = match (created + updated, dry_run) {
        (0, _) => "nothing changed".to_owned(),
        (_, true) => format!("dry run: {created} would be created, {updated} updated; nothing was written"),
        (_, false) => format!("{created} created, {updated} updated, {unchanged} unchanged"),
    };
    let _ = writeln!(text, "{done}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(created: u64, updated: u64) -> Outcome {
        let changes = vec![("cities".to_owned(), Changes { created, updated, unchanged: 3 })];
        let lines = (0..updated.min(1)).map(|_| "cities/karvina: website".to_owned()).collect();
        Outcome { changes, updates: lines, ..Outcome::default() }
    }

    #[test]
    fn the_report_is_a_table_with_a_total() {
        let lines = [
            "collection    created    updated  unchanged",
            "cities              2          3          3",
            "updated cities/karvina: website",
            "and 2 more",
            "2 created, 3 updated, 3 unchanged\n",
        ];
        assert_eq!(report(&outcome(2, 3), false), lines.join("\n"));
    }

    #[test]
    fn one_fault_among_thousands_of_another_kind_is_shown() {
        let lower = |place| {
            Fault::new(format!("/cities/{place}/country"), "\"pl\" is not a country code: write \"PL\" for Poland")
        };
        let mut faults: Vec<Fault> = (0..4_660).map(lower).collect();
        faults.push(Fault::new("/cities/4660/names", "the object names no language"));
        let lines = listed(&faults);
        assert_eq!(lines.len(), 12);
        assert_eq!(lines[10], "  and 4650 more like the last one");
        assert!(lines[11].starts_with("/cities/4660/names: "));
    }

    #[test]
    fn an_import_without_effect_reports_it() {
        assert!(report(&outcome(0, 0), false).ends_with("\nnothing changed\n"));
        assert!(report(&outcome(1, 0), true).ends_with("1 would be created, 0 updated; nothing was written\n"));
    }
}

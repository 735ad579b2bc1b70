//! `pomost config`

use std::fmt::Write;

use clap::Subcommand;

use super::{Stop, print};
use crate::config::{EXAMPLE, Loaded};

const EXAMPLES: &str = "\
Examples:
  pomost config show
  pomost config example > pomost.toml";

const SHOW_EXAMPLES: &str = "\
Examples:
  pomost config show
  POMOST_READERS=8 pomost config show --config /etc/pomost.toml";

const EXAMPLE_EXAMPLES: &str = "\
Examples:
  pomost config example > pomost.toml";

#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum ShowConfig {
    /// Print every value in effect, and its source
    #[command(after_help = SHOW_EXAMPLES)]
    Show,
    /// Print a file with every key, its meaning and its default
    #[command(after_help = EXAMPLE_EXAMPLES)]
    Example,
}

/// Prints the configuration in effect.
pub(super) fn show(loaded: &Loaded) -> Result<(), Stop> {
    let mut text = String::new();
    // Writing into a String cannot fail.
    for (key, value, source) in loaded.lines() {
        let _ = match value {
            Some(value) => writeln!(text, "{key} = {value}  # {source}"),
            None => writeln!(text, "# {key} is not set"),
        };
    }
    print(&text)
}

/// Prints the example configuration.
pub(super) fn example() -> Result<(), Stop> {
    print(EXAMPLE)
}

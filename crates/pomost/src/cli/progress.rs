//! A progress line, on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A counter of records whose total is not known.
pub(super) fn counter(what: &'static str) -> ProgressBar {
    let bar = shown(ProgressBar::new_spinner(), "{spinner} {msg}: {human_pos} records, {per_sec}");
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// A progress bar for a known number of records.
pub(super) fn bar(records: u64) -> ProgressBar {
    shown(ProgressBar::new(records), "{bar:40} {human_pos} of {human_len} records, {eta}")
}

fn shown(bar: ProgressBar, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

//! The program `pomost`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pomost_api::cli::run()
}

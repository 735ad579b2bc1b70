//! The program `pomost`: the command line, the configuration and the logs.

mod cli;
mod config;
mod logging;

use std::process::ExitCode;

/// The system's allocator took a quarter of the time of a cold request, and its threads waited for its locks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}

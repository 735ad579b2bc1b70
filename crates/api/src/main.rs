//! The program `pomost`.

use std::process::ExitCode;

/// The system's own took a quarter of the time of a cold request, and its threads waited for each other in it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pomost_api::cli::run()
}

//! Writes a plausible data file of any size in the import format (`data/README.md`), for load tests, demonstrations and
//! tests of readers.
//!
//! - **Deterministic**: the same plan gives the same bytes on every platform.
//! - **Streamed**: one record is in memory at a time. Each fact that another record uses is computed from the seed and the
//!   number   of its record (`world`), so references resolve without stored state, and records may refer forward.
//! - **Real names, invented people**: towns exist with their exonyms, their cooperation is invented. Text that readers often
//!   mishandle (quotes, wildcards, combining marks, very long titles) occurs occasionally, and so does every optional field.
//!
//! Allowed here: word lists, random numbers, and the writing of records. Not allowed: reading or storing them. The tests of
//! other crates import the output.

mod dates;
mod json;
mod layout;
mod names;
mod phrases;
mod records;
mod rng;
mod text;
mod world;

use std::io::{self, Write};

use json::Json;
use layout::COLLECTIONS;
use world::World;

/// Text is written in pieces of about this size.
const PIECE: usize = 64 * 1024;

/// Number of records between two reports of progress.
const REPORT_EVERY: u64 = 4096;

/// The parameters of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Number of records in all collections together, met exactly. The first is the city with the seat.
    pub records: u64,
    /// Another seed gives another file of the same shape.
    pub seed: u64,
}

/// Writes the file; calls `progress` with the number of records written so far, periodically and at the end.
///
/// The writer needs no buffer of its own: it receives pieces of 64 KiB. It is not flushed.
///
/// # Errors
///
/// Those of the writer.
pub fn write(plan: Plan, out: &mut impl Write, mut progress: impl FnMut(u64)) -> io::Result<()> {
    let world = World::new(plan.seed, plan.records);
    let mut json = Json::default();
    let mut written = 0_u64;
    json.raw("{");
    for (place, (collection, name, _)) in COLLECTIONS.into_iter().enumerate() {
        json.raw(if place == 0 { "\n\"" } else { ",\n\"" });
        json.raw(name);
        json.raw("\": [");
        let count = world.count(collection);
        for index in 0..count {
            json.raw(if index == 0 { "\n" } else { ",\n" });
            json.open_record();
            records::write(&world, collection, index, &mut json);
            json.close_record();
            written += 1;
            if json.as_str().len() >= PIECE {
                out.write_all(json.as_str().as_bytes())?;
                json.clear();
            }
            if written.is_multiple_of(REPORT_EVERY) {
                progress(written);
            }
        }
        json.raw(if count == 0 { "]" } else { "\n]" });
    }
    json.raw("\n}\n");
    out.write_all(json.as_str().as_bytes())?;
    if !written.is_multiple_of(REPORT_EVERY) {
        progress(written);
    }
    Ok(())
}

#[cfg(test)]
mod tests;

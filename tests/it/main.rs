//! The behaviour of the registry, seen from outside: one file per subject.

mod founding_letter;
mod import;
mod schema;

//! The behaviour of the registry, seen from outside: one file per subject.

#![allow(clippy::unwrap_used, reason = "a test that meets what it did not expect stops there")]

mod docs;
mod founding_letter;
mod http;
mod import;
mod import_faults;
mod other_cities;
mod registry;
mod schema;

//! The behaviour of the registry as its clients observe it: one file per subject.

#![allow(clippy::unwrap_used, reason = "a test that meets what it did not expect stops there")]
#![allow(clippy::pedantic, reason = "tables and checks are written for the reader of a failure")]

mod after_commit;
mod agreements;
mod bulk;
mod caches;
mod cancelled;
mod columns;
mod conditional;
mod costs;
mod cursors;
mod docs;
mod erasure;
mod events;
mod feed;
mod filter_tree;
mod filters;
mod first_start;
mod founding_letter;
mod http;
mod identity;
mod import;
mod import_encodings;
mod import_faults;
mod interpellations;
mod languages;
mod large;
mod lists;
mod long_names;
mod lookups;
mod mirror;
mod mirror_names;
mod names;
mod notify;
mod other_cities;
mod paging;
mod partnerships;
mod parts;
mod prices;
mod publication;
mod publisher;
mod registry;
mod rights;
mod same_on_both;
mod schema;
mod specification;
mod values;
mod visibility;
mod writing;

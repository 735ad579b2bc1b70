//! The registry as a GraphQL API over HTTP, and the command line.
//!
//! What may live here: the schema, the HTTP edge, configuration, commands. What may not: SQL, or a name of sea-orm; a
//! resolver speaks to the store through facts, filters and relations.

// Merging the root fields of all entities nests their types deeply.
#![recursion_limit = "256"]

pub mod cli;
pub mod config;
pub mod door;
pub mod error;
pub mod explorer;
pub mod http;
pub mod identity;
pub mod logging;
pub mod mirror;
mod near;
pub mod registry;
pub mod schema;
pub mod sharing;
pub mod shelf;
mod tls;
mod versioned;

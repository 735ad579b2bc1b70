//! The registry as a GraphQL API, and the command line.

#![recursion_limit = "256"]

pub mod error;
pub mod generate;
pub mod schema;
pub mod shelf;

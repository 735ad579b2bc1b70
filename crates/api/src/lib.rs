//! The registry as a GraphQL schema, and what the edge serves of it.
//!
//! What may live here: the schema, its loader, and how the schema implements [`pomost_edge::Served`]. What may not: HTTP, SQL, or
//! a name of axum or sea-orm; a resolver speaks to the store through facts, filters and relations.

// Merging the root fields of all entities nests their types deeply.
#![recursion_limit = "256"]

pub mod error;
pub mod identity;
pub mod loader;
pub mod near;
pub mod registry;
pub mod schema;
mod subscription_group;

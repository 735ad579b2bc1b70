//! What is written once for all types of the schema.

pub(crate) mod command;
pub(crate) mod connection;
pub(crate) mod cost;
mod cursor;
pub(crate) mod definition;
pub(crate) mod filter;
pub(crate) mod input;
pub(crate) mod node;
pub(crate) mod prefetch;
pub(crate) mod record;
pub(crate) mod root;
pub(crate) mod shown;
pub(crate) mod values;

//! GraphQL documents according to the specification of September 2025: parsed, validated, their variables coerced, and the
//! selections of one response key merged, so that each field is executed once.
//!
//! `apollo-compiler` parses and validates. The result is the executable document of async-graphql, which then needs neither
//! validation nor merging. The order of calls is [`glance`] → [`parse`] → [`Parsed::cycle`] → [`Parsed::measure`] →
//! [`TypeSystem::validate`] → [`Document::operation`] → [`Operation::coerce`] → [`Operation::executable`]; all but the last
//! two depend on the text alone. This crate has no HTTP, no limits and no knowledge of the schema that is served.

mod cycle;
mod explain;
mod json;
mod lexer;
mod literal;
mod measure;
mod merge;
mod operation;
mod overlap;
mod parse;
mod position;
mod scalar;
mod type_system;
mod validate;
mod variables;

pub use json::{Unique, UniqueVariables};
pub use lexer::{Glance, glance};
pub use measure::{MAX_LEVELS, Measure};
pub use merge::TooLarge;
pub use operation::Operation;
pub use parse::{Parsed, parse};
pub use scalar::{Scalar, Scalars};
pub use type_system::{TypeSystem, TypeSystemError};
pub use validate::Document;

use async_graphql_parser::Pos;

/// The reason why a document or the variables of a request are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The check that failed.
    pub kind: FaultKind,
    /// The problem, and the correction.
    pub message: String,
    /// The position in the document.
    pub at: Option<Pos>,
}

/// The checks of a request, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The text is not a document (section 2 of the specification).
    Syntax,
    /// The document is not valid (section 5).
    Validation,
    /// A literal or the value of a variable does not have the type of its place (sections 3, 5.6 and 6.1.2).
    Value,
    /// The operation to execute is ambiguous or does not exist (section 6.1).
    Operation,
}

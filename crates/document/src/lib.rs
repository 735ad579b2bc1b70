//! GraphQL documents, read as the specification of September 2025 says: parsed, validated, their variables coerced, and the
//! selections of one response key merged, so that each field is executed once.
//!
//! `apollo-compiler` parses and validates; what comes out is the executable document of async-graphql, which neither has to
//! validate nor to merge any more. A request goes [`glance`] → [`parse`] → [`Parsed::cycle`] → [`Parsed::measure`] → [`TypeSystem::validate`] →
//! [`Document::operation`] → [`Operation::coerce`] → [`Operation::executable`]; all but the last two depend on the text
//! alone. Nothing here knows of HTTP, of limits or of what is served.

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

/// Why a document or the variables of a request are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which check failed.
    pub kind: FaultKind,
    /// What is wrong, and what would be right.
    pub message: String,
    /// Where in the document.
    pub at: Option<Pos>,
}

/// The checks of a request, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The text is not a document (section 2 of the specification).
    Syntax,
    /// The document is not valid (section 5).
    Validation,
    /// A literal or the value of a variable does not have the type of its place (sections 3, 5.6 and 6.1.2).
    Value,
    /// The operation that is meant cannot be told (section 6.1).
    Operation,
}

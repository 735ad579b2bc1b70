//! What a single request may cost, before any of it is executed.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, ServerError};
use serde::{Deserialize, Serialize};

use super::errors::coded;
use crate::code::Code;

/// The largest whole number that every client can read (RFC 8259, section 6).
const MAX_SAFE: u64 = (1 << 53) - 1;

/// The limits of a request. All are checked before the database is asked anything, in the order in which they stand here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a request body, and of a message over a socket.
    pub body_bytes: u32,
    /// Bytes of a document.
    pub document_bytes: u32,
    /// Fields of a document once its fragments are put in their places.
    pub fields: u32,
    /// Levels of fields under each other.
    pub depth: u32,
    /// Names under which one field is asked for in one place.
    pub aliases: u32,
    /// Directives at one place.
    pub directives: u32,
    /// Tokens of a document.
    pub tokens: u32,
    /// Values in the variables of a request, however they are nested.
    pub variable_values: u32,
    /// Cost of an operation.
    pub complexity: u32,
    /// Texts that the filters of an operation look for.
    pub text_searches: u32,
    /// Milliseconds for reading and executing a request.
    pub request_timeout_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 << 10,
            document_bytes: 32 << 10,
            fields: 1_000,
            depth: 15,
            aliases: 30,
            directives: 10,
            tokens: 2_000,
            variable_values: 1_000,
            complexity: 10_000,
            text_searches: 20,
            request_timeout_ms: 10_000,
        }
    }
}

impl Limits {
    /// How long a request may take.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.request_timeout_ms))
    }
}

/// How deep a filter may be nested. It is no setting: beyond it, a database refuses a statement and does not explain it.
pub(super) const FILTER_LEVELS: u32 = 20;

/// A figure that a limit allows only up to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    /// The limit, by its name in the configuration.
    pub(super) limit: &'static str,
    /// What is counted, after "the document has 7".
    pub(super) what: &'static str,
    /// How many there are.
    pub(super) found: u64,
    /// How many there may be.
    pub(super) allowed: u32,
}

impl Figure {
    /// Refuses what is over the limit.
    pub(super) fn check(self) -> Result<(), ServerError> {
        if self.found > u64::from(self.allowed) { Err(self.refusal()) } else { Ok(()) }
    }

    /// The refusal of what is over the limit.
    pub(super) fn refusal(self) -> ServerError {
        let Self { limit, what, found, allowed } = self;
        let code = if limit == "depth" { Code::QueryTooDeep } else { Code::QueryTooComplex };
        let at_least = if found > MAX_SAFE { "at least " } else { "" };
        let found = found.min(MAX_SAFE);
        let message =
            format!("the request has {at_least}{found} {what}, but at most {allowed} are allowed (limit `{limit}`)");
        let mut error = coded(message, None, code);
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        extensions.set("limit", limit);
        extensions.set("found", found);
        extensions.set("allowed", allowed);
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_limit_the_figure_found_and_the_figure_allowed() {
        let depth = Figure { limit: "depth", what: "levels", found: 16, allowed: 15 };
        assert!(Figure { found: 15, ..depth }.check().is_ok());
        let endless = Figure { found: u64::MAX, ..depth }.check().unwrap_err();
        assert!(endless.message.contains("at least 9007199254740991 levels"), "{}", endless.message);
        let error = depth.check().unwrap_err();
        assert_eq!(error.message, "the request has 16 levels, but at most 15 are allowed (limit `depth`)");
        let extensions = serde_json::to_string(&error.extensions).unwrap();
        assert_eq!(extensions, r#"{"allowed":15,"code":"QUERY_TOO_DEEP","found":16,"limit":"depth"}"#);
        let endless = serde_json::to_string(&Figure { found: u64::MAX, ..depth }.check().unwrap_err()).unwrap();
        assert!(endless.contains(r#""found":9007199254740991"#), "{endless}");
    }
}

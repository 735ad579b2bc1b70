//! Limits of a single request.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, ServerError};
use serde::{Deserialize, Serialize};

use super::errors::coded;
use crate::code::Code;

/// The largest integer that every JSON client can represent (RFC 8259, section 6).
const MAX_SAFE: u64 = (1 << 53) - 1;

/// The limits of a request. All are checked before the first statement, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a request body, and of a WebSocket message.
    pub body_bytes: u32,
    /// Bytes of a document.
    pub document_bytes: u32,
    /// Fields of a document after all fragments are expanded.
    pub fields: u32,
    /// Nesting of fields.
    pub depth: u32,
    /// Response keys of one field at one place.
    pub aliases: u32,
    /// Directives at one place.
    pub directives: u32,
    /// Tokens of a document.
    pub tokens: u32,
    /// Values in the variables of a request, at any depth.
    pub variable_values: u32,
    /// Cost of an operation.
    pub complexity: u32,
    /// Text searches in the filters of an operation.
    pub text_searches: u32,
    /// Milliseconds for receiving and executing a request.
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
    /// The time limit of a request.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.request_timeout_ms))
    }
}

/// Maximum nesting of a filter. It is not configurable: a database refuses a deeper statement without an explanation.
pub(super) const FILTER_LEVELS: u32 = 20;

/// A figure with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    /// The limit, by its configuration key.
    pub(super) limit: &'static str,
    /// The unit, for the message "the request has 7 …".
    pub(super) what: &'static str,
    /// The figure.
    pub(super) found: u64,
    /// The maximum.
    pub(super) allowed: u32,
}

impl Figure {
    /// Refuses a figure above its limit.
    pub(super) fn check(self) -> Result<(), ServerError> {
        if self.found > u64::from(self.allowed) { Err(self.refusal()) } else { Ok(()) }
    }

    /// The error for a figure above its limit.
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
    fn a_refusal_contains_the_limit_the_figure_and_the_maximum() {
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

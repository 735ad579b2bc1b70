//! Writes answers: what was executed, and why something was not.

use std::collections::BTreeMap;
use std::time::Duration;

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::accept::Format;
use crate::error::{Code, INTERNAL};

/// Borrows what is written, in the order in which it is written: a detour over `serde_json::Value` would sort the keys.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a BTreeMap<String, Value>>,
}

impl Body<'_> {
    fn respond(&self, status: StatusCode, format: Format) -> Response {
        match serde_json::to_vec(self) {
            Ok(bytes) => (status, [(CONTENT_TYPE, format.media_type())], bytes).into_response(),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A request that is no GraphQL request by the rules of HTTP. The status is the same in either media type.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    /// Where the log says more.
    request_id: Option<String>,
    /// What is wrong and what would be right.
    pub(super) message: String,
}

impl Refusal {
    /// Anything that is not as a request has to be.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "BAD_REQUEST", request_id: None, message: message.into() }
    }

    /// A method that the address does not have.
    pub(super) fn method(method: &Method) -> Self {
        let message = format!("the method {method} is not served here: use POST, or GET for queries");
        Self { status: StatusCode::METHOD_NOT_ALLOWED, ..Self::bad_request(message) }
    }

    /// An operation that must not be sent by GET.
    pub(super) fn read_only(operation: &str) -> Self {
        let message = format!("a {operation} cannot be sent by GET: use POST");
        Self { status: StatusCode::METHOD_NOT_ALLOWED, ..Self::bad_request(message) }
    }

    /// A client that takes neither of our media types.
    pub(super) fn not_acceptable() -> Self {
        let message = "answers are application/graphql-response+json or application/json in UTF-8: accept one of them";
        Self { status: StatusCode::NOT_ACCEPTABLE, ..Self::bad_request(message) }
    }

    /// A body larger than `limit`.
    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than the {limit} bytes that are allowed");
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, ..Self::bad_request(message) }
    }

    /// A body that did not arrive in time.
    pub(super) fn slow_body(limit: Duration) -> Self {
        let message = format!("the body did not arrive within the {} ms that are allowed", limit.as_millis());
        Self { status: StatusCode::REQUEST_TIMEOUT, code: "TIMEOUT", ..Self::bad_request(message) }
    }

    /// A body of another media type.
    pub(super) fn media_type(found: &str) -> Self {
        let message = format!("the body is {found:?}, but only application/json in UTF-8 is read: set Content-Type");
        Self { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..Self::bad_request(message) }
    }

    /// An address that leads nowhere.
    pub(super) fn unknown_path(path: &str) -> Self {
        let message = format!("there is nothing at {path:?}: the API is at \"/graphql\"");
        Self { status: StatusCode::NOT_FOUND, ..Self::bad_request(message) }
    }

    /// A failure of ours, of which the client learns nothing but the id.
    pub(super) fn internal(request_id: &str) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: Code::InternalServerError.as_str(),
            message: INTERNAL.to_owned(),
            request_id: Some(request_id.to_owned()),
        }
    }

    /// The refusal as an answer.
    pub(super) fn respond(self, format: Format) -> Response {
        let mut error = coded(self.message, None, self.code);
        if let Some(id) = &self.request_id {
            name_request(&mut error, id);
        }
        Body { errors: &[error], data: None, extensions: None }.respond(self.status, format)
    }
}

/// An error with a code.
pub(super) fn coded(message: impl Into<String>, at: Option<Pos>, code: &str) -> ServerError {
    let mut error = ServerError::new(message, at);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// The answer to a request that took too long.
pub(super) fn timed_out(limit: Duration, format: Format) -> Response {
    let message = format!("the request took longer than the {} ms that are allowed: ask for less", limit.as_millis());
    not_executed(&[coded(message, None, "TIMEOUT")], StatusCode::SERVICE_UNAVAILABLE, format)
}

/// The answer to a request that was understood and refused. `application/json` has 200 for it: its clients take any other
/// status for the word of something in between.
pub(super) fn not_executed(errors: &[ServerError], status: StatusCode, format: Format) -> Response {
    let status = if format == Format::Json { StatusCode::OK } else { status };
    Body { errors, data: None, extensions: None }.respond(status, format)
}

/// The answer to a request that was given to the schema.
pub(super) fn executed(mut response: async_graphql::Response, request_id: &str, format: Format) -> Response {
    let internal = Value::from(Code::InternalServerError.as_str());
    for error in &mut response.errors {
        add_code(error);
        if error.extensions.as_ref().and_then(|extensions| extensions.get("code")) == Some(&internal) {
            name_request(error, request_id);
        }
    }
    let never_ran = response.data == Value::Null && !response.errors.is_empty();
    if never_ran && response.errors.iter().all(|error| error.path.is_empty()) {
        return not_executed(&response.errors, StatusCode::BAD_REQUEST, format);
    }
    let extensions = Some(&response.extensions).filter(|extensions| !extensions.is_empty());
    Body { errors: &response.errors, data: Some(&response.data), extensions }.respond(StatusCode::OK, format)
}

/// All that a client reads about a failure of ours is the id under which the log says more.
fn name_request(error: &mut ServerError, request_id: &str) {
    error.extensions.get_or_insert_default().set("requestId", request_id);
}

/// Errors of ours have a code; those of the library do not. They are about the document or about a value in it.
fn add_code(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_none() {
        extensions.set("code", library_code(&error.message, error.path.is_empty()));
    }
}

/// The library tells its errors apart by their texts only.
fn library_code(message: &str, before_execution: bool) -> &'static str {
    let starts = |texts: &[&str]| texts.iter().any(|text| message.starts_with(text));
    if !before_execution || starts(&["Invalid value for argument"]) {
        "BAD_USER_INPUT"
    } else if starts(&["Query is nested too deep", "The recursion depth"]) {
        "QUERY_TOO_DEEP"
    } else if starts(&["Query is too complex", "The amount of"]) {
        "QUERY_TOO_COMPLEX"
    } else {
        "GRAPHQL_VALIDATION_FAILED"
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn written(response: async_graphql::Response, format: Format) -> (u16, String) {
        let response = executed(response, "id-1", format);
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn failed(message: &str) -> async_graphql::Response {
        async_graphql::Response::from_errors(vec![ServerError::new(message, Some(Pos { line: 1, column: 2 }))])
    }

    #[tokio::test]
    async fn what_never_ran_has_no_data() {
        let text = "{\"errors\":[{\"message\":\"Unknown field\",\"locations\":[{\"line\":1,\"column\":2}],\
            \"extensions\":{\"code\":\"GRAPHQL_VALIDATION_FAILED\"}}]}";
        assert_eq!(written(failed("Unknown field"), Format::GraphqlResponse).await, (400, text.to_owned()));
        assert_eq!(written(failed("Unknown field"), Format::Json).await, (200, text.to_owned()));
    }

    #[tokio::test]
    async fn what_ran_keeps_its_order_and_its_null() {
        let value: Value = serde_json::from_str("{\"z\":1,\"a\":null}").unwrap();
        let ran = async_graphql::Response::new(value);
        assert_eq!(written(ran, Format::GraphqlResponse).await, (200, "{\"data\":{\"z\":1,\"a\":null}}".to_owned()));
        let mut ran = failed("gone");
        ran.errors[0].path.push(async_graphql::PathSegment::Field("a".to_owned()));
        let (status, text) = written(ran, Format::GraphqlResponse).await;
        assert_eq!(status, 200);
        assert!(text.ends_with("\"data\":null}"), "{text}");
    }

    #[tokio::test]
    async fn failures_of_ours_name_the_request() {
        let mut failure = coded(INTERNAL, None, "INTERNAL_SERVER_ERROR");
        failure.path.push(async_graphql::PathSegment::Field("a".to_owned()));
        let ran = async_graphql::Response::from_errors(vec![failure]);
        let (_, text) = written(ran, Format::GraphqlResponse).await;
        assert!(text.contains("{\"code\":\"INTERNAL_SERVER_ERROR\",\"requestId\":\"id-1\"}"), "{text}");
    }

    #[test]
    fn codes_of_the_library() {
        assert_eq!(library_code("Query is nested too deep.", true), "QUERY_TOO_DEEP");
        assert_eq!(library_code("Query is too complex.", true), "QUERY_TOO_COMPLEX");
        assert_eq!(library_code("Invalid value for argument \"id\"", true), "BAD_USER_INPUT");
        assert_eq!(library_code("Failed to parse \"Date\"", false), "BAD_USER_INPUT");
    }
}

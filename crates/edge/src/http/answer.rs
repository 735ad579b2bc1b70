//! Writes responses: results of executed requests, and refusals.

use std::collections::BTreeMap;
use std::time::Duration;

use async_graphql::{ServerError, Value};
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, UPGRADE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;

use super::accept::Format;
use crate::code::{Code, INTERNAL};
use crate::gate::{code, coded, never_ran};
use crate::served::Answer;

/// Borrows its contents in the order of the response: a `serde_json::Value` would sort the keys.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a BTreeMap<String, Value>>,
}

/// The data of an answer, as text or as a value.
#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Value(&'a Value),
    Text(&'a RawValue),
}

impl<'a> Body<'a> {
    /// The result of an executed request.
    pub(super) fn of(response: &'a async_graphql::Response) -> Self {
        let data = Some(Data::Value(&response.data));
        Self { errors: &response.errors, data, extensions: shown(&response.extensions) }
    }

    /// One of the results of an executed request.
    pub(super) fn of_one(answer: &'a Answer) -> Self {
        let body = Self::of(&answer.response);
        Self { data: answer.data.as_deref().map(Data::Text).or(body.data), ..body }
    }

    /// The errors of a request that was not executed.
    pub(super) fn refusal(response: &'a async_graphql::Response) -> Self {
        Self { data: None, ..Self::of(response) }
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn respond(&self, status: StatusCode, format: Format) -> Response {
        match serde_json::to_vec(self) {
            Ok(bytes) => {
                let headers = [(CONTENT_TYPE, format.media_type(status)), (CACHE_CONTROL, "no-store")];
                (status, headers, bytes).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "an answer could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A request that HTTP rules refuse. The status is the same in either media type.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: Code,
    /// The id under which the log has the cause.
    request_id: Option<String>,
    /// A header with the correction.
    header: Option<(HeaderName, &'static str)>,
    /// The problem, and the correction.
    pub(super) message: String,
}

impl Refusal {
    /// A malformed request.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: Code::BadRequest,
            request_id: None,
            header: None,
            message: message.into(),
        }
    }

    /// A method that the address does not support.
    pub(super) fn method(method: &Method) -> Self {
        let message = format!("the method {method} is not supported: use POST, or GET for queries");
        let header = Some((ALLOW, super::METHODS));
        Self { status: StatusCode::METHOD_NOT_ALLOWED, header, ..Self::bad_request(message) }
    }

    /// A client that accepts none of the supported media types.
    pub(super) fn not_acceptable() -> Self {
        let message = "the supported media types are application/graphql-response+json, application/json and text/event-stream, in UTF-8: \
            accept one of them";
        Self { status: StatusCode::NOT_ACCEPTABLE, ..Self::bad_request(message) }
    }

    /// A body larger than `limit`.
    pub(super) fn too_large(limit: u32) -> Self {
        let message = format!("the body is larger than the limit of {limit} bytes: send a smaller one");
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, ..Self::bad_request(message) }
    }

    /// A body that did not arrive in time.
    pub(super) fn slow_body(limit: Duration) -> Self {
        let message = format!("the body did not arrive within the limit of {} ms: send it again", limit.as_millis());
        Self { status: StatusCode::REQUEST_TIMEOUT, code: Code::Timeout, ..Self::bad_request(message) }
    }

    /// A body of another media type.
    pub(super) fn media_type(found: &str) -> Self {
        let message =
            format!("the body is {found:?}, but only application/json in UTF-8 is supported: set Content-Type");
        let header = Some((ACCEPT, "application/json"));
        Self { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, header, ..Self::bad_request(message) }
    }

    /// A body with a content coding that is not decoded.
    pub(super) fn encoding(found: &str) -> Self {
        let message = format!(
            "the body has the Content-Encoding {found:?}, but only \"identity\" is supported: send it uncompressed, without \
             Content-Encoding"
        );
        let header = Some((ACCEPT_ENCODING, "identity"));
        Self { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, header, ..Self::bad_request(message) }
    }

    /// A stream that cannot be resumed after this event.
    pub(super) fn last_event(found: &str) -> Self {
        Self::bad_request(format!(
            "the Last-Event-ID {found:?} is not a cursor of the change feed: send the \"id\" of the last event that you \
             received, or remove the header"
        ))
    }

    /// An unknown address.
    pub(super) fn unknown_path(path: &str) -> Self {
        let message = format!("there is nothing at {path:?}: the API is at \"/graphql\"");
        Self { status: StatusCode::NOT_FOUND, ..Self::bad_request(message) }
    }

    /// An internal error, whose cause is not disclosed.
    pub(super) fn internal(request_id: &str) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: Code::InternalServerError,
            message: INTERNAL.to_owned(),
            request_id: Some(request_id.to_owned()),
            header: None,
        }
    }

    /// An address for events only.
    pub(super) fn no_events() -> Self {
        let message = "this address answers with text/event-stream: accept that media type, or use \"/graphql\"";
        Self { status: StatusCode::NOT_ACCEPTABLE, ..Self::bad_request(message) }
    }

    /// An address for WebSockets only.
    pub(super) fn no_socket() -> Self {
        let message = "this address is for WebSockets: connect with ws:// or wss://, or use \"/graphql\"";
        Self {
            status: StatusCode::UPGRADE_REQUIRED,
            header: Some((UPGRADE, "websocket")),
            ..Self::bad_request(message)
        }
    }

    /// A WebSocket with another protocol.
    pub(super) fn no_protocol(protocol: &str) -> Self {
        Self::bad_request(format!("the WebSocket protocol is {protocol:?}: name it in Sec-WebSocket-Protocol"))
    }

    /// The refusal as an answer.
    pub(super) fn respond(self, format: Format) -> Response {
        let mut error = coded(self.message, None, self.code);
        if let Some(id) = self.request_id {
            error.extensions.get_or_insert_default().set("requestId", id);
        }
        let mut response = Body { errors: &[error], data: None, extensions: None }.respond(self.status, format);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// The response to a request that was parsed and refused. With `application/json` its status is 200: clients of that media
/// type attribute other statuses to intermediaries. Refusals of a client or a method keep their status.
fn refused(response: &async_graphql::Response, format: Format) -> Response {
    let code = response.errors.first().and_then(code).unwrap_or(Code::BadRequest);
    let status = match (format, code) {
        _ if response.http_headers.contains_key(ALLOW) => StatusCode::METHOD_NOT_ALLOWED,
        (_, Code::RateLimited) | (Format::GraphqlResponse | Format::Any, _) => code.status(),
        (Format::Json, _) => StatusCode::OK,
    };
    Body::refusal(response).respond(status, format)
}

/// The answer to a request that passed the gate.
pub(super) fn answer(response: &async_graphql::Response, format: Format) -> Response {
    let mut answer = if never_ran(response) {
        refused(response, format)
    } else {
        Body::of(response).respond(StatusCode::OK, format)
    };
    answer.headers_mut().extend(response.http_headers.clone());
    answer
}

fn shown(extensions: &BTreeMap<String, Value>) -> Option<&BTreeMap<String, Value>> {
    Some(extensions).filter(|extensions| !extensions.is_empty())
}

#[cfg(test)]
mod tests {
    use async_graphql::Pos;
    use axum::body::to_bytes;

    use super::*;

    async fn written(response: async_graphql::Response, format: Format) -> (u16, String) {
        let response = answer(&response, format);
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn failed(code: Code) -> async_graphql::Response {
        async_graphql::Response::from_errors(vec![coded("wrong", Some(Pos { line: 1, column: 2 }), code)])
    }

    #[tokio::test]
    async fn refused_requests_have_no_data() {
        let text = "{\"errors\":[{\"message\":\"wrong\",\"locations\":[{\"line\":1,\"column\":2}],\
            \"extensions\":{\"code\":\"GRAPHQL_VALIDATION_FAILED\"}}]}";
        let response = || failed(Code::GraphqlValidationFailed);
        assert_eq!(written(response(), Format::GraphqlResponse).await, (400, text.to_owned()));
        assert_eq!(written(response(), Format::Json).await, (200, text.to_owned()));
        assert_eq!(written(failed(Code::OperationResolutionFailure), Format::GraphqlResponse).await.0, 422);
        assert_eq!(written(failed(Code::RateLimited), Format::Json).await.0, 429);
    }

    #[tokio::test]
    async fn results_keep_their_order_and_null() {
        let value: Value = serde_json::from_str("{\"z\":1,\"a\":null}").unwrap();
        let ran = async_graphql::Response::new(value);
        assert_eq!(written(ran, Format::GraphqlResponse).await, (200, "{\"data\":{\"z\":1,\"a\":null}}".to_owned()));
        let mut ran = failed(Code::BadUserInput);
        ran.errors[0].path.push(async_graphql::PathSegment::Field("a".to_owned()));
        let (status, text) = written(ran, Format::GraphqlResponse).await;
        assert_eq!(status, 200);
        assert!(text.ends_with("\"data\":null}"), "{text}");
    }
}

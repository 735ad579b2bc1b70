//! Wraps every request: assigns its id, writes its log line, and catches panics.

use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use futures_util::FutureExt;
use metrics::SharedString;
use tracing::Instrument;
use tracing::field::Empty;

use super::accept::Format;
use super::answer::Refusal;
use super::{App, address};
use crate::gate::Trace;
use crate::served::Served;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Maximum length of an id from a client.
const MAX_ID_LENGTH: usize = 64;

/// Assigns the id of a request, answers it and writes its log line.
pub(super) async fn around<E: Served, A: Future<Output = Response>>(
    app: &App<E>,
    mut request: Request,
    answer: impl FnOnce(Request) -> A,
) -> Response {
    let start = Instant::now();
    let id = of_client(request.headers()).unwrap_or_else(fresh);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let settings = &app.0.settings;
    let has_token = request.headers().contains_key(AUTHORIZATION);
    let trace = Trace {
        id,
        client: settings.log_client_address.then(|| address(app, request.extensions(), request.headers())),
        account: (settings.log_token_name && has_token).then(Arc::default),
        seen: Arc::default(),
    };
    request.extensions_mut().insert(trace.clone());
    // The state of the request is dropped with it, so no other request sees partial changes.
    let ran = AssertUnwindSafe(answer(request)).catch_unwind().await;
    let mut response = ran.unwrap_or_else(|_| {
        tracing::error!(request_id = trace.id, "a request panicked");
        Refusal::internal(&trace.id).respond(Format::Json)
    });
    if let Ok(value) = HeaderValue::from_str(&trace.id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let took = start.elapsed();
    let status = response.status().as_u16();
    count(status);
    metrics::histogram!("pomost_http_request_duration_seconds").record(took.as_secs_f64());
    let seen = trace.seen.get();
    tracing::info!(
        %method,
        path,
        status,
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        operation = seen.map(|seen| seen.operation.as_str()),
        document = seen.map(|seen| seen.document.as_str()),
        cost = seen.map(|seen| seen.cost()),
        client_address = trace.client.map(display),
        token_name = trace.account(),
        request_id = trace.id,
        "request"
    );
    response
}

/// Runs a request in a span, so that its log messages contain the id.
pub(super) async fn within_span<A: Future<Output = Response>>(
    request: Request,
    answer: impl FnOnce(Request) -> A,
) -> Response {
    let Some(trace) = request.extensions().get::<Trace>().cloned() else { return answer(request).await };
    // At the level of errors, so that errors contain the id at every log level.
    let span = tracing::error_span!("request", request_id = trace.id, operation = Empty, status = Empty);
    let response = answer(request).instrument(span.clone()).await;
    let operation = trace.seen.get().map(|seen| seen.operation.as_str());
    span.record("status", response.status().as_u16()).record("operation", operation);
    response
}

fn count(status: u16) {
    let requests = |status: SharedString| metrics::counter!("pomost_http_requests_total", "status" => status);
    // Most requests: a literal avoids an allocation.
    let counter = if status == 200 { requests("200".into()) } else { requests(status.to_string().into()) };
    counter.increment(1);
}

/// Writes the log line of an operation on a connection with many.
pub(super) fn operation(trace: &Trace, transport: &'static str, start: Instant) {
    let seen = trace.seen.get();
    tracing::info!(
        transport,
        duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        operation = seen.map(|seen| seen.operation.as_str()),
        document = seen.map(|seen| seen.document.as_str()),
        cost = seen.map(|seen| seen.cost()),
        client_address = trace.client.map(display),
        token_name = trace.account(),
        request_id = trace.id,
        "operation"
    );
}

/// The id from the client, if it is valid in headers and logs.
fn of_client(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let sane = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (!id.is_empty() && id.len() <= MAX_ID_LENGTH && id.bytes().all(sane)).then(|| id.to_owned())
}

/// A unique id. It need not be secret: a counter, hashed with a key that differs per start.
fn fresh() -> String {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    format!("{:016x}", KEY.hash_one(COUNTER.fetch_add(1, Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_ids_are_used() {
        let taken =
            |value: &str| of_client(&HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_str(value).unwrap())]));
        assert_eq!(taken("a-B_1.2"), Some("a-B_1.2".to_owned()));
        for bad in ["", "a b", "a\"b", "a/b", &"x".repeat(65)] {
            assert_eq!(taken(bad), None, "{bad}");
        }
    }

    #[test]
    fn new_ids_differ() {
        let (first, second) = (fresh(), fresh());
        assert_eq!(first.len(), 16);
        assert_ne!(first, second);
    }
}

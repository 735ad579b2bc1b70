//! Answers as server-sent events: the protocol `graphql-sse`, with one connection per operation.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use async_graphql::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};

use super::answer::{Body, Refusal};
use super::trace;
use crate::gate::{Trace, never_ran};
use crate::served::{Answer, Served};

pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Proxies such as nginx buffer responses unless this header disables it.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A comment after this time without events prevents proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// The request, resumed after the event in `Last-Event-ID` if there is one.
pub(super) fn resume<E: Served>(request: Request, headers: &HeaderMap) -> Result<Request, Refusal> {
    // An empty value means that the client has received no event with an id.
    let Some(id) = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) else { return Ok(request) };
    let resumed = id.to_str().ok().and_then(|id| E::resume(request, id));
    resumed.ok_or_else(|| Refusal::last_event(&String::from_utf8_lossy(id.as_bytes())))
}

/// Sends every answer as an event `next`, and `complete` after the last.
pub(super) fn respond<E: Served>(
    answers: BoxStream<'static, Answer>,
    trace: Trace,
    closing: impl Future<Output = ()> + Send + 'static,
) -> Response {
    let start = Instant::now();
    // Some browsers and proxies delay the headers until the first bytes of the body.
    let first = stream::once(async { Event::DEFAULT_KEEP_ALIVE });
    let next = answers.map(|answer| {
        let body = if never_ran(&answer.response) { Body::refusal(&answer.response) } else { Body::of_one(&answer) };
        let event = Event::default().event("next").data(body.text());
        match answer.cursor {
            Some(cursor) => event.id(E::event_id(cursor)),
            None => event,
        }
    });
    let complete = stream::once(async move {
        trace::operation(&trace, "events", start);
        // Browsers ignore an event without data; this one contains an empty line.
        Event::default().event("complete").data("\n")
    });
    // On shutdown the stream ends without `complete`, so that the client reconnects instead of treating it as the end.
    let events = first.chain(next).chain(complete).take_until(Box::pin(closing)).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.headers_mut().insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

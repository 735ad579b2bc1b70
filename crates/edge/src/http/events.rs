//! Answers as server-sent events: the protocol `graphql-sse`, with a connection for each operation.

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

/// Proxies such as nginx collect what they pass on, unless they are told not to.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A comment after so much silence keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// The request, resumed after the last event that the client has seen, if it names one.
pub(super) fn resume<E: Served>(request: Request, headers: &HeaderMap) -> Result<Request, Refusal> {
    // Empty: the client has seen no event with an id.
    let Some(id) = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) else { return Ok(request) };
    let resumed = id.to_str().ok().and_then(|id| E::resume(request, id));
    resumed.ok_or_else(|| Refusal::last_event(&String::from_utf8_lossy(id.as_bytes())))
}

/// Every answer as an event `next`, and `complete` after the last.
pub(super) fn respond<E: Served>(
    answers: BoxStream<'static, Answer>,
    trace: Trace,
    closing: impl Future<Output = ()> + Send + 'static,
) -> Response {
    let start = Instant::now();
    // Some browsers and proxies hold the headers back until something follows.
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
        // A browser passes over an event without data; this one has an empty line of it.
        Event::default().event("complete").data("\n")
    });
    // Cut off without `complete`, so that the client asks again instead of taking it for the end.
    let events = first.chain(next).chain(complete).take_until(Box::pin(closing)).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.headers_mut().insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

//! Answers as server-sent events: the protocol `graphql-sse`, with a connection for each operation.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};

use super::answer::Body;
use super::trace;
use crate::door::{Trace, never_ran};
use crate::sharing::Answer;

/// A comment after so much silence keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// Every answer as an event `next`, and `complete` after the last.
pub(super) fn respond(
    answers: BoxStream<'static, Answer>,
    trace: Trace,
    closing: impl Future<Output = ()> + Send + 'static,
) -> Response {
    let start = Instant::now();
    let next = answers.map(|answer| {
        let body = if never_ran(&answer.response) { Body::refusal(&answer.response) } else { Body::of_one(&answer) };
        Event::default().event("next").data(body.text())
    });
    let complete = stream::once(async move {
        trace::operation(&trace, "events", start);
        // A browser passes over an event without data; this one has an empty line of it.
        Event::default().event("complete").data("\n")
    });
    // Cut off without `complete`, so that the client asks again instead of taking it for the end.
    let events = next.chain(complete).take_until(Box::pin(closing)).map(Ok::<_, Infallible>);
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

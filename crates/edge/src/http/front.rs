//! The layer in front of the routes: assigns the id of a request, and answers from the answer cache if possible.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use http_body_util::BodyExt;
use tower::{Service, ServiceExt};

use super::accept::{self, Wanted};
use super::answer_cache::{CachedAnswer, Entry, Key};
use super::cache::Known;
use super::{App, PATH, address, is_read, query_of, trace};
use crate::gate::Trace;
use crate::served::Served;

/// The service of the public address.
pub struct Front<E: Served> {
    app: App<E>,
    routes: Router,
}

impl<E: Served> Clone for Front<E> {
    fn clone(&self) -> Self {
        Self { app: self.app.clone(), routes: self.routes.clone() }
    }
}

impl<E: Served> Front<E> {
    pub(super) fn new(app: App<E>, routes: Router) -> Self {
        Self { app, routes }
    }

    async fn respond(self, request: Request<Body>) -> Response {
        let Self { app, routes } = self;
        let from_cache_or_routes = async |request| {
            let request = match from_cache(&app, request) {
                ControlFlow::Break(response) => return response,
                ControlFlow::Continue(request) => request,
            };
            let is_plain = is_plain(request.headers());
            let mut response = trace::within_span(request, async |request| {
                let Ok(response) = routes.oneshot(request).await;
                response
            })
            .await;
            if matches!(response.status(), StatusCode::NOT_MODIFIED | StatusCode::NO_CONTENT) {
                // The router sets the length of the body, which for a 304 would have to be that of its 200 (RFC 9110, 8.6).
                response.headers_mut().remove(CONTENT_LENGTH);
            }
            if is_plain && let Some(cached) = response.extensions().get::<Arc<CachedAnswer>>() {
                cached.note_headers(response.headers());
            }
            response
        };
        trace::around(&app, request, from_cache_or_routes).await
    }
}

impl<E: Served> Service<Request<Body>> for Front<E> {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let front = self.clone();
        Box::pin(async move { Ok(front.respond(request).await) })
    }
}

/// The cached answer to a request of an anonymous client, if it can be found without waiting; or else the unchanged request.
/// Requests that are not plain go through the routes, which use the answer cache as well.
fn from_cache<E: Served>(app: &App<E>, request: Request<Body>) -> ControlFlow<Response, Request<Body>> {
    let found = || {
        let headers = request.headers();
        let is_for_api = request.uri().path() == PATH && is_plain(headers) && !headers.contains_key(AUTHORIZATION);
        let wanted = accept::wanted(request.method(), headers).filter(|_| is_for_api);
        let Some(Wanted::Answer(format)) = wanted else { return None };
        Some((app.0.answers.as_ref()?.at(&app.served().version_at_hand()?)?, format))
    };
    let Some((at, format)) = found() else { return ControlFlow::Continue(request) };
    let (parts, body) = request.into_parts();
    let (sent, body) = match &parts.method {
        method if is_read(method) => (query_of(&parts.uri), body),
        &Method::POST if is_plain_json(&parts.headers) => match arrived(body) {
            Ok(sent) => (sent.clone(), Body::from(sent)),
            Err(body) => return ControlFlow::Continue(Request::from_parts(parts, body)),
        },
        _ => return ControlFlow::Continue(Request::from_parts(parts, body)),
    };
    let viewer = E::Viewer::default();
    let hit = || {
        let key = Key::of(&parts, &sent, format, E::viewer_key(&viewer));
        let Entry::Answer(cached) = at.cache().get(&key)? else { return None };
        let headers = cached.whole_headers()?;
        // The gate refuses a client without a budget.
        let budget =
            app.gate().charge_hit(None, address(app, &parts.extensions, &parts.headers), cached.seen.cost()).ok()?;
        if let Some(trace) = parts.extensions.get::<Trace>() {
            let _ = trace.seen.set(Arc::clone(&cached.seen));
        }
        Some(Known::of(&parts).respond(cached.hit(headers.clone(), budget)))
    };
    match hit() {
        Some(response) => ControlFlow::Break(response),
        None => ControlFlow::Continue(Request::from_parts(parts, body)),
    }
}

/// The media type of nearly all requests.
const JSON: &str = "application/json";

/// True if the request does not come from a page of another site, whose browser needs more headers.
fn is_plain(headers: &HeaderMap) -> bool {
    !headers.contains_key(ORIGIN)
}

fn is_plain_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|sent| sent == JSON) && !headers.contains_key(CONTENT_ENCODING)
}

/// A body that arrived together with the head; or else the unchanged body.
fn arrived(mut body: Body) -> Result<Bytes, Body> {
    let first = match body.frame().now_or_never() {
        Some(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        None => return Err(body),
        // An empty body, or one with an error that the next reader will receive as well.
        Some(None) => return Ok(Bytes::new()),
        Some(Some(Err(error))) => return Err(Body::from_stream(stream::once(async { Err::<Bytes, _>(error) }))),
    };
    if body.is_end_stream() {
        return Ok(first);
    }
    Err(Body::from_stream(stream::once(async { Ok(first) }).chain(body.into_data_stream())))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    fn pieces(pieces: Vec<Result<&'static str, &'static str>>) -> Body {
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn a_body_that_has_not_arrived_is_returned_unchanged() {
        assert_eq!(arrived(Body::from("whole")).unwrap(), "whole");
        assert_eq!(arrived(Body::empty()).unwrap(), "");
        for (sent, read) in [(vec![Ok("a")], "a"), (vec![Ok("a"), Ok("b"), Ok("c")], "abc")] {
            let rest = arrived(pieces(sent)).unwrap_err();
            assert_eq!(to_bytes(rest, 10).await.unwrap(), read);
        }
        let slow = Body::from_stream(stream::once(async {
            tokio::task::yield_now().await;
            Ok::<_, Infallible>("late")
        }));
        assert_eq!(to_bytes(arrived(slow).unwrap_err(), 10).await.unwrap(), "late");
        for broken in [vec![Err("broken")], vec![Ok("a"), Err("broken")]] {
            assert!(to_bytes(arrived(pieces(broken)).unwrap_err(), 10).await.is_err());
        }
    }
}

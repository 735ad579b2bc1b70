//! In front of the routes: a request gets its id, and an answer that is at hand before anything else is done with it.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use futures_util::future::BoxFuture;
use tower::{Service, ServiceExt};

use super::{App, kept, trace};
use crate::door::Served;

/// The public address.
pub struct Front<E> {
    app: App<E>,
    routes: Router,
}

impl<E> Clone for Front<E> {
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
        let at_hand_or_made = async |request| {
            let request = match kept::at_hand(&app, request) {
                ControlFlow::Break(response) => return response,
                ControlFlow::Continue(request) => request,
            };
            let is_plain = kept::is_plain(request.headers());
            let response = trace::within_span(request, async |request| {
                let Ok(response) = routes.oneshot(request).await;
                response
            })
            .await;
            if is_plain {
                kept::note_headers(&response);
            }
            response
        };
        trace::around(request, at_hand_or_made).await
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

//! The HTTP edge: routes, and what one request to the API goes through.
//!
//! A request is read (`request`), prepared and executed (`door`) and answered in the media type it asked for (`accept`,
//! `answer`); around all of it, `trace` gives it an id, writes its line into the log and catches panics.

mod accept;
mod answer;
mod door;
mod request;
mod trace;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, VARY};
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Router, middleware};
use pomost_persistence::{Store, StoreError};
use tokio::time::{Instant, timeout_at};

use crate::config::Config;
use crate::explorer;
use crate::schema::{self, Dataset, Schema};
use accept::{Format, Wanted};
use answer::Refusal;
use trace::Trace;

/// What a single request may cost the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// The largest body that is read.
    pub max_body_bytes: usize,
    /// How long reading and executing may take together.
    pub request_timeout: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self::from(&Config::default())
    }
}

impl From<&Config> for HttpLimits {
    fn from(config: &Config) -> Self {
        Self {
            max_body_bytes: config.max_body_bytes,
            request_timeout: Duration::from_millis(config.request_timeout_ms),
        }
    }
}

/// All that the routes need. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    schema: Schema,
    store: Store,
    limits: HttpLimits,
    sdl: OnceLock<Bytes>,
}

impl App {
    /// The API over a store.
    #[must_use]
    pub fn new(store: Store, dataset: Dataset, limits: &HttpLimits) -> Self {
        let schema = schema::build(store.clone(), dataset);
        Self(Arc::new(Parts { schema, store, limits: *limits, sdl: OnceLock::new() }))
    }
}

/// The routes of the public address.
pub fn router(app: App) -> Router {
    let limit = app.0.limits.max_body_bytes;
    let routes = Router::new()
        .route("/graphql", any(graphql))
        .route("/graphql/assets/{file}", get(explorer::asset))
        .route("/schema.graphql", get(sdl))
        .layer(DefaultBodyLimit::max(limit));
    finish(routes.merge(probes()), app)
}

/// The routes of the address for operators.
pub fn admin_router(app: App) -> Router {
    finish(probes(), app)
}

fn probes() -> Router<App> {
    Router::new().route("/livez", get(async || "alive\n")).route("/readyz", get(readyz))
}

fn finish(routes: Router<App>, app: App) -> Router {
    routes.fallback(nothing_here).layer(middleware::from_fn(trace::around)).with_state(app)
}

async fn graphql(State(app): State<App>, Extension(trace): Extension<Trace>, request: Request<Body>) -> Response {
    let wanted = accept::wanted(request.headers());
    let mut response = match wanted {
        Some(Wanted::Page) if is_read(request.method()) => explorer::page(),
        Some(Wanted::Answer(format)) => answer(&app, trace, request, format).await,
        Some(Wanted::Page) | None => Refusal::not_acceptable().respond(Format::Json),
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Language, Authorization"));
    response
}

/// Answers a request. Reading and executing it share one time-out.
async fn answer(app: &App, trace: Trace, request: Request<Body>, format: Format) -> Response {
    let method = request.method().clone();
    if !is_read(&method) && method != Method::POST {
        let allow = [(ALLOW, "GET, HEAD, POST")];
        return (allow, Refusal::method(&method).respond(format)).into_response();
    }
    let languages = accept::languages(request.headers());
    let limits = &app.0.limits;
    let deadline = Instant::now() + limits.request_timeout;
    let asked = match timeout_at(deadline, read(request, &method, limits.max_body_bytes)).await {
        Ok(Ok(asked)) => asked,
        Ok(Err(refusal)) => return refusal.respond(format),
        Err(_) => return Refusal::slow_body(limits.request_timeout).respond(format),
    };
    let work = door::execute(app, asked, &method, trace, languages, format);
    timeout_at(deadline, work).await.unwrap_or_else(|_| answer::timed_out(limits.request_timeout, format))
}

async fn read(request: Request<Body>, method: &Method, limit: usize) -> Result<async_graphql::Request, Refusal> {
    if *method == Method::POST { request::from_body(request, limit).await } else { request::from_uri(request.uri()) }
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

async fn sdl(State(app): State<App>) -> Response {
    let text = app.0.sdl.get_or_init(|| Bytes::from(schema::sdl())).clone();
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

async fn readyz(State(app): State<App>) -> Response {
    match ready(&app.0.store).await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(error = error.chain(), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {error}\n")).into_response()
        }
    }
}

async fn ready(store: &Store) -> Result<(), StoreError> {
    store.ping().await?;
    store.require_migrated().await
}

async fn nothing_here(uri: Uri) -> Response {
    Refusal::unknown_path(uri.path()).respond(Format::Json)
}

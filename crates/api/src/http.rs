//! The HTTP edge: routes, and what one request to the API goes through.
//!
//! A request is read (`request`), executed by the door (`crate::door`) and answered over the transport that it came by:
//! with one answer (`accept`, `answer`, `cache`), over a WebSocket (`socket`) or as server-sent events (`events`). Around
//! all of it, `trace` gives it an id, writes its line into the log and catches panics.

mod accept;
mod answer;
mod cache;
mod client;
mod events;
mod headers;
mod listen;
mod metrics;
mod request;
mod socket;
mod trace;

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Router, middleware};
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use pomost_domain::Locale;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

pub use self::listen::{Connections, serve};
pub use self::metrics::start as start_metrics;
pub use self::socket::Sockets;

use self::accept::{Format, Wanted};
use self::answer::Refusal;
use self::client::{Peer, Place};
use self::request::Asked;
use crate::door::{Caller, Door, Rules, Served, Trace, Transport};
use crate::explorer;
use crate::identity::Credential;
use crate::schema::Languages;

/// How the edge is set up.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What is admitted.
    pub rules: Rules,
    /// What a socket may take.
    pub sockets: Sockets,
    /// Networks of proxies that are believed when they say whom they speak for.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may send credentials.
    pub credential_origins: Vec<String>,
    /// The figures of the process, for the address of the operators.
    pub figures: Option<PrometheusHandle>,
}

/// All that the routes need. Clones share it.
pub struct App<E>(Arc<Shared<E>>);

impl<E> Clone for App<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Shared<E> {
    door: Door<E>,
    settings: Settings,
    closing: watch::Sender<bool>,
}

impl<E: Served> App<E> {
    /// The edge of an executor.
    #[must_use]
    pub fn new(served: E, settings: Settings) -> Self {
        let door = Door::new(served, settings.rules.clone());
        Self(Arc::new(Shared { door, settings, closing: watch::Sender::new(false) }))
    }

    /// Ends what would go on by itself: sockets and streams of events.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    fn closing(&self) -> impl Future<Output = ()> + Send + use<E> {
        let mut closing = self.0.closing.subscribe();
        // An error here says that the sender is gone, which means the same.
        async move { drop(closing.wait_for(|closing| *closing).await) }
    }

    fn door(&self) -> &Door<E> {
        &self.0.door
    }

    fn served(&self) -> &E {
        self.0.door.executor()
    }

    fn sockets(&self) -> &Sockets {
        &self.0.settings.sockets
    }

    fn figures(&self) -> Option<&PrometheusHandle> {
        self.0.settings.figures.as_ref()
    }
}

/// The routes of the public address.
pub fn router<E: Served>(app: App<E>) -> Router {
    let limit = app.0.door.limits().body_bytes as usize;
    let cors = headers::cors(&app.0.settings.credential_origins);
    let routes = Router::new()
        .route("/graphql", any(graphql))
        .route("/graphql/ws", any(socket))
        .route("/graphql/stream", any(stream))
        .route("/graphql/assets/{file}", get(explorer::asset))
        .route("/schema.graphql", get(sdl))
        .layer(DefaultBodyLimit::max(limit));
    finish(routes.merge(probes()), app)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(middleware::map_response(cache::tag_by_encoding))
        .layer(cors)
        .layer(middleware::map_response(headers::secure))
        .layer(middleware::from_fn(trace::around))
}

/// The routes of the address for operators.
pub fn admin_router<E: Served>(app: App<E>) -> Router {
    let routes = probes().route("/metrics", get(metrics::show::<E>));
    finish(routes, app).layer(middleware::from_fn(trace::around))
}

fn probes<E: Served>() -> Router<App<E>> {
    Router::new().route("/livez", get(async || "alive\n")).route("/readyz", get(readyz::<E>))
}

fn finish<E: Served>(routes: Router<App<E>>, app: App<E>) -> Router {
    routes.fallback(nothing_here).with_state(app)
}

/// Whom a request comes from.
#[derive(Clone, Debug)]
struct Origin {
    address: IpAddr,
    languages: Vec<Locale>,
    credential: Credential,
    trace: Trace,
    _place: Option<Arc<Place>>,
}

impl Origin {
    fn of<E: Served>(app: &App<E>, trace: Trace, parts: &Parts) -> Self {
        let peer = parts.extensions.get::<Peer>();
        let address = client::address(peer.map(|peer| peer.address), &parts.headers, &app.0.settings.trusted_proxies);
        let place = peer.map(|peer| Arc::clone(&peer.place));
        let credential = Credential::of_headers(&parts.headers);
        Self { address, languages: accept::languages(&parts.headers), credential, trace, _place: place }
    }

    /// The request with all that is known of its sender.
    fn sign(self, asked: Asked, transport: Transport, deadline: Instant) -> async_graphql::Request {
        let Self { address, languages, credential, trace, .. } = self;
        let Asked { request, document_id } = asked;
        request.data(Languages(languages)).data(Caller { address, transport, deadline, document_id, credential, trace })
    }
}

async fn graphql<E: Served>(
    State(app): State<App<E>>,
    Extension(trace): Extension<Trace>,
    request: Request<Body>,
) -> Response {
    let wanted = accept::wanted(request.headers());
    let mut response = match wanted {
        _ if *request.method() == Method::OPTIONS => (StatusCode::NO_CONTENT, [(ALLOW, METHODS)]).into_response(),
        Some(Wanted::Page) if is_read(request.method()) => explorer::page(),
        Some(Wanted::Answer(format)) => answer(&app, trace, request, format).await,
        Some(Wanted::Page) | None => Refusal::not_acceptable().respond(Format::Json),
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Language, Authorization"));
    response
}

/// The methods of the API.
const METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// Answers a request. Reading and executing it share one time-out.
async fn answer<E: Served>(app: &App<E>, trace: Trace, request: Request<Body>, format: Format) -> Response {
    let (parts, body) = request.into_parts();
    let origin = Origin::of(app, trace, &parts);
    let transport = if parts.method == Method::POST { Transport::POST } else { Transport::GET };
    // What is personal is never kept, and never told to be as it was.
    let is_anyone = origin.credential == Credential::None;
    let tag = match if is_anyone { tag(app, &parts, format).await } else { None } {
        Some(tag) if cache::is_known(&tag, &parts.headers) => return cache::not_modified(&tag, &parts.headers),
        tag => tag,
    };
    let headers = parts.headers.clone();
    let (asked, deadline) = match read(app, Request::from_parts(parts, body)).await {
        Ok(read) => read,
        Err(refusal) => return refusal.respond(format),
    };
    let answer = app.door().execute(origin.sign(asked, transport, deadline)).await;
    let mut response = answer::answer(&answer, format);
    if let Some(tag) = tag {
        cache::keep(&mut response, &answer, &tag, &headers);
    }
    response
}

/// The tag of the answer to a `GET`, before it is known.
async fn tag<E: Served>(app: &App<E>, parts: &Parts, format: Format) -> Option<String> {
    if !is_read(&parts.method) {
        return None;
    }
    let version = app.served().version().await?;
    Some(cache::tag(&version, &parts.uri, &parts.headers, format))
}

/// Reads a request, and says until when it has to be answered.
async fn read<E: Served>(app: &App<E>, request: Request<Body>) -> Result<(Asked, Instant), Refusal> {
    let limits = app.door().limits();
    let deadline = Instant::now() + limits.request_timeout();
    let asked = match request.method() {
        method if is_read(method) => request::from_uri(request.uri())?,
        &Method::POST => timeout_at(deadline, request::from_body(request, limits.body_bytes))
            .await
            .map_err(|_| Refusal::slow_body(limits.request_timeout()))??,
        method => return Err(Refusal::method(method)),
    };
    Ok((asked, deadline))
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// Answers as server-sent events.
async fn stream<E: Served>(
    State(app): State<App<E>>,
    Extension(trace): Extension<Trace>,
    request: Request<Body>,
) -> Response {
    if *request.method() == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, [(ALLOW, METHODS)]).into_response();
    }
    if !accept::takes_events(request.headers()) {
        return Refusal::no_events().respond(Format::Json);
    }
    let (parts, body) = request.into_parts();
    let origin = Origin::of(&app, trace.clone(), &parts);
    let transport = if is_read(&parts.method) { Transport::EVENTS_BY_GET } else { Transport::EVENTS_BY_POST };
    let (asked, deadline) = match read(&app, Request::from_parts(parts, body)).await {
        Ok(read) => read,
        Err(refusal) => return refusal.respond(Format::Json),
    };
    let answers = app.door().answers(origin.sign(asked, transport, deadline), None);
    events::respond(answers, trace, app.closing())
}

/// Opens a WebSocket.
async fn socket<E: Served>(
    State(app): State<App<E>>,
    Extension(trace): Extension<Trace>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    parts: Parts,
) -> Response {
    let Ok(upgrade) = upgrade else { return Refusal::no_socket().respond(Format::Json) };
    let limit = app.door().limits().body_bytes as usize;
    let upgrade = upgrade
        .protocols([socket::PROTOCOL])
        .max_message_size(limit)
        .max_frame_size(limit)
        .read_buffer_size(SOCKET_BUFFER)
        .write_buffer_size(SOCKET_BUFFER);
    if upgrade.selected_protocol().is_none() {
        return Refusal::no_protocol(socket::PROTOCOL).respond(Format::Json);
    }
    let origin = Origin::of(&app, trace, &parts);
    upgrade.on_upgrade(move |socket| socket::serve(app, origin, socket))
}

/// What a socket reads and writes at once. Most messages are shorter, and thousands of sockets are mostly silent.
const SOCKET_BUFFER: usize = 4 << 10;

async fn sdl<E: Served>(State(app): State<App<E>>) -> Response {
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], app.served().sdl().to_owned()).into_response()
}

async fn readyz<E: Served>(State(app): State<App<E>>) -> Response {
    match app.served().ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response(),
    }
}

async fn nothing_here(uri: Uri) -> Response {
    Refusal::unknown_path(uri.path()).respond(Format::Json)
}

//! The HTTP edge: routes, and the processing of a request to the API.
//!
//! A request is read (`request`), executed by the gate (`crate::gate`) and answered over its transport: with one answer
//! (`accept`, `answer`, `cache`, `answer_cache`), over a WebSocket (`socket`) or as server-sent events (`events`). Around
//! all of it, `trace` assigns an id, writes the log line and catches panics.

mod accept;
mod answer;
mod answer_cache;
mod cache;
mod client;
mod events;
mod front;
mod headers;
mod listen;
mod metrics;
mod process;
mod request;
mod socket;
mod trace;

use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::OperationType;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::http::header::{ALLOW, CONTENT_TYPE, VARY};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

pub(crate) use self::cache::tag_of;
pub use self::front::Front;
pub use self::listen::{Connections, serve};
pub use self::metrics::start as start_metrics;
pub use self::process::Build;
pub use self::socket::Sockets;

use self::accept::{Format, Wanted};
use self::answer::Refusal;
use self::answer_cache::AnswerCache;
use self::cache::Known;
use self::client::{Peer, Place};
use self::request::GraphqlRequest;
use crate::explorer;
use crate::gate::{Caller, Documents, Gate, Rules, Trace, Transport};
use crate::identity::{AuthError, Credential};
use crate::served::{Languages, Served};
use crate::versioned::Version;

/// The settings of the edge.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Rules of the gate.
    pub rules: Rules,
    /// Limits of WebSockets.
    pub sockets: Sockets,
    /// Networks of proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may send credentials.
    pub credential_origins: Vec<String>,
    /// Megabytes of the answer cache; 0: no answers are cached.
    pub answers_mb: u32,
    /// True if the log contains the addresses of clients.
    pub log_client_address: bool,
    /// True if the log contains the names of tokens.
    pub log_token_name: bool,
    /// The metrics of the process, for the operators' address.
    pub figures: Option<PrometheusHandle>,
    /// The version and commit of the program, for the metrics.
    pub build: Build,
}

/// The state of the routes. Clones share it.
pub struct App<E: Served>(Arc<Shared<E>>);

impl<E: Served> Clone for App<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Shared<E: Served> {
    gate: Gate<E>,
    settings: Settings,
    answers: Option<AnswerCache<E::ViewerKey>>,
    /// Computed at the first request for the schema.
    sdl_tag: OnceLock<String>,
    closing: watch::Sender<bool>,
}

impl<E: Served> App<E> {
    /// The edge of an executor.
    #[must_use]
    pub fn new(served: E, settings: Settings) -> Self {
        let gate = Gate::new(served, settings.rules.clone());
        let answers = AnswerCache::new(u64::from(settings.answers_mb) << 20);
        Self(Arc::new(Shared { gate, settings, answers, sdl_tag: OnceLock::new(), closing: watch::Sender::new(false) }))
    }

    /// Ends sockets and event streams, which would otherwise continue.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Replaces the documents with ids. Cached answers to the old ones are dropped.
    pub fn replace_documents(&self, documents: Documents) {
        self.gate().replace_documents(documents);
        if let Some(answers) = &self.0.answers {
            answers.clear();
        }
    }

    fn closing(&self) -> impl Future<Output = ()> + Send + use<E> {
        let mut closing = self.0.closing.subscribe();
        // An error means that the sender was dropped, which has the same meaning.
        async move { drop(closing.wait_for(|closing| *closing).await) }
    }

    fn gate(&self) -> &Gate<E> {
        &self.0.gate
    }

    pub(crate) fn served(&self) -> &E {
        self.0.gate.executor()
    }

    fn sockets(&self) -> &Sockets {
        &self.0.settings.sockets
    }

    fn build(&self) -> Build {
        self.0.settings.build
    }

    fn figures(&self) -> Option<&PrometheusHandle> {
        self.0.settings.figures.as_ref()
    }
}

/// The routes of the public address.
pub fn router<E: Served>(app: App<E>) -> Front<E> {
    let cors = headers::cors(&app.0.settings.credential_origins);
    let routes = Router::new()
        .route(PATH, any(graphql))
        .route("/graphql/ws", any(socket))
        .route("/graphql/stream", any(stream))
        .route("/graphql/assets/{file}", get(explorer::asset::<E>))
        .route("/schema.graphql", get(sdl));
    let routes = finish(routes.merge(probes()), app.clone())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(middleware::from_fn(cache::around))
        .layer(cors)
        .layer(middleware::map_response(headers::secure));
    Front::new(app, routes)
}

/// The routes of the operators' address.
pub fn admin_router<E: Served>(app: App<E>) -> Router {
    let routes = probes().route("/metrics", get(metrics::show::<E>));
    finish(routes, app.clone()).layer(middleware::from_fn(move |request, next: Next| {
        let app = app.clone();
        async move {
            trace::around(&app, request, |request| trace::within_span(request, |request| next.run(request))).await
        }
    }))
}

fn probes<E: Served>() -> Router<App<E>> {
    Router::new().route("/livez", get(async || "alive\n")).route("/readyz", get(readyz::<E>))
}

fn finish<E: Served>(routes: Router<App<E>>, app: App<E>) -> Router {
    routes.fallback(nothing_here).with_state(app)
}

/// The client of a request.
#[derive(Clone, Debug)]
struct Origin<L> {
    address: IpAddr,
    languages: Vec<L>,
    credential: Credential,
    trace: Trace,
    _place: Option<Arc<Place>>,
}

impl<L: Send + Sync + 'static> Origin<L> {
    fn of<E: Served<Language = L>>(app: &App<E>, trace: Trace, parts: &Parts) -> Self {
        let place = parts.extensions.get::<Peer>().map(|peer| Arc::clone(&peer.place));
        let credential = Credential::of_headers(&parts.headers);
        Self {
            address: address(app, &parts.extensions, &parts.headers),
            languages: accept::languages(&parts.headers, E::languages),
            credential,
            trace,
            _place: place,
        }
    }

    /// Adds the data of the client to a request.
    fn sign(self, sent: GraphqlRequest, transport: Transport, deadline: Instant) -> async_graphql::Request {
        let Self { address, languages, credential, trace, .. } = self;
        let GraphqlRequest { request, document_id } = sent;
        request.data(Languages(languages)).data(Caller { address, transport, deadline, document_id, credential, trace })
    }
}

/// The address of the client of a request.
fn address<E: Served>(app: &App<E>, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    let peer = extensions.get::<Peer>();
    client::address(peer.map(|peer| peer.address), headers, &app.0.settings.trusted_proxies)
}

/// The path of the API.
const PATH: &str = "/graphql";

async fn graphql<E: Served>(
    State(app): State<App<E>>,
    Extension(trace): Extension<Trace>,
    request: Request<Body>,
) -> Response {
    let mut response = match accept::wanted(request.method(), request.headers()) {
        _ if *request.method() == Method::OPTIONS => (StatusCode::NO_CONTENT, [(ALLOW, METHODS)]).into_response(),
        Some(Wanted::Page) => explorer::page(),
        Some(Wanted::Events) => events(&app, trace, request).await,
        Some(Wanted::Answer(format)) => answer(&app, trace, request, format).await,
        None => Refusal::not_acceptable().respond(Format::Json),
    };
    response.headers_mut().entry(VARY).or_insert(VARIES);
    response
}

/// The headers on which answers depend. One constant, so that a 304 has the same `Vary` as its 200.
const VARIES: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language, Authorization");

/// The methods of the API.
const METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// Answers a request. Receiving and executing it share one time-out.
async fn answer<E: Served>(app: &App<E>, trace: Trace, request: Request<Body>, format: Format) -> Response {
    let deadline = Instant::now() + app.gate().limits().request_timeout();
    let (parts, sent) = match receive(app, request, deadline).await {
        Ok(received) => received,
        Err(refusal) => return refusal.respond(format),
    };
    let origin = Origin::of(app, trace, &parts);
    let viewer = app.served().identify(&origin.credential).await;
    origin.trace.note_account(viewer.as_ref().ok().and_then(E::account));
    answer_cache::respond(app, Exchange { parts, sent, origin, viewer, format, deadline }).await
}

/// A request and the data of its client, before it is parsed.
struct Exchange<E: Served> {
    parts: Parts,
    /// The body, or the query of the address.
    sent: Bytes,
    origin: Origin<E::Language>,
    viewer: Result<E::Viewer, AuthError>,
    format: Format,
    deadline: Instant,
}

impl<E: Served> Exchange<E> {
    /// Adds the data of the client to the request. A subscription is admitted if the client accepts events, even if it
    /// prefers JSON: there is no other representation of it.
    fn sign(&self, sent: GraphqlRequest) -> Result<async_graphql::Request, Refusal> {
        let Parts { method, headers, .. } = &self.parts;
        let transport = if is_read(method) { Transport::GET } else { Transport::POST };
        let transport = Transport { subscriptions: accept::names_events(headers), ..transport };
        let request = self.origin.clone().sign(sent, transport, self.deadline);
        if transport.subscriptions { events::resume::<E>(request, headers) } else { Ok(request) }
    }
}

/// An answer, and the version of all its data if it may be cached.
struct Made {
    response: Response,
    version: Option<Version>,
}

/// Executes a request that begins at a version of the data, unless the client already has the answer.
async fn make<E: Served>(app: &App<E>, exchange: &Exchange<E>, version: Option<Version>) -> Made {
    let Exchange { parts, sent, origin, viewer, format, .. } = exchange;
    let gate = app.gate();
    let tagged = version.filter(|_| is_read(&parts.method) && origin.credential == Credential::None);
    let tag = tagged.map(|version| {
        let documents = gate.documents();
        cache::tag([app.served().edition(), documents.edition()], &version, parts, *format)
    });
    let request = match understand(parts, sent).and_then(|sent| exchange.sign(sent)) {
        Ok(request) => request,
        Err(refusal) => return Made { response: refusal.respond(*format), version: None },
    };
    let admission = gate.admission(request, viewer.clone());
    match admission.kind() {
        Some(OperationType::Subscription) => {
            let answers = gate.answers_admitted(admission, None);
            let response = events::respond::<E>(answers, origin.trace.clone(), app.closing());
            return Made { response, version: None };
        }
        Some(OperationType::Query) => {
            let tag = tag.as_ref().map(|tag| cache::tag_in(tag, accept::encoding(&parts.headers)));
            if let Some(tag) = tag.filter(|tag| Known::of(parts).names(tag)) {
                let mut response = cache::not_modified(&tag);
                response.headers_mut().extend(gate.skip(admission));
                return Made { response, version: None };
            }
        }
        Some(OperationType::Mutation) | None => {}
    }
    let is_caching = app.0.answers.is_some();
    let (answer, version) = gate.execute_admitted(admission, version.filter(|_| is_caching)).await;
    let mut response = answer::answer(&answer, *format);
    let lasts = cache::lasts(&answer);
    // An answer from several versions of the data has no tag.
    if let Some(tag) = tag.filter(|_| lasts && version.is_some() == is_caching) {
        cache::label(&mut response, &tag);
    }
    Made { response, version: version.filter(|_| lasts) }
}

/// Receives the body of a request.
async fn receive<E: Served>(
    app: &App<E>,
    request: Request<Body>,
    deadline: Instant,
) -> Result<(Parts, Bytes), Refusal> {
    let limits = app.gate().limits();
    let (parts, body) = request.into_parts();
    let sent = match &parts.method {
        method if is_read(method) => query_of(&parts.uri),
        &Method::POST => timeout_at(deadline, request::body(&parts.headers, body, limits.body_bytes))
            .await
            .map_err(|_| Refusal::slow_body(limits.request_timeout()))??,
        method => return Err(Refusal::method(method)),
    };
    Ok((parts, sent))
}

/// The query of the address of a request without a body.
fn query_of(uri: &Uri) -> Bytes {
    Bytes::copy_from_slice(uri.query().unwrap_or_default().as_bytes())
}

fn understand(parts: &Parts, sent: &[u8]) -> Result<GraphqlRequest, Refusal> {
    if is_read(&parts.method) { request::from_uri(&parts.uri) } else { request::from_json(sent) }
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// The address for events only.
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
    events(&app, trace, request).await
}

/// Answers as server-sent events.
async fn events<E: Served>(app: &App<E>, trace: Trace, request: Request<Body>) -> Response {
    let deadline = Instant::now() + app.gate().limits().request_timeout();
    let received = receive(app, request, deadline).await;
    let signed = received.and_then(|(parts, sent)| {
        let sent = understand(&parts, &sent)?;
        let transport = if is_read(&parts.method) { Transport::EVENTS_BY_GET } else { Transport::EVENTS_BY_POST };
        let origin = Origin::of(app, trace.clone(), &parts);
        events::resume::<E>(origin.sign(sent, transport, deadline), &parts.headers)
    });
    match signed {
        Ok(request) => events::respond::<E>(app.gate().answers(request, None), trace, app.closing()),
        Err(refusal) => refusal.respond(Format::Json),
    }
}

/// Opens a WebSocket.
async fn socket<E: Served>(
    State(app): State<App<E>>,
    Extension(trace): Extension<Trace>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    parts: Parts,
) -> Response {
    let Ok(upgrade) = upgrade else { return Refusal::no_socket().respond(Format::Json) };
    let limit = app.gate().limits().body_bytes as usize;
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

/// Size of the buffers of a socket. Most messages are shorter, and most of thousands of sockets are idle.
const SOCKET_BUFFER: usize = 4 << 10;

async fn sdl<E: Served>(State(app): State<App<E>>) -> Response {
    let text = app.served().sdl();
    let mut response = ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text.to_owned()).into_response();
    let tag = app.0.sdl_tag.get_or_init(|| cache::tag_of(text.as_bytes()));
    cache::label(&mut response, tag);
    response
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

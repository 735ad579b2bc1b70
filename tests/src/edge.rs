//! The edge over a registry that accepts any viewer without authentication.

use std::sync::Arc;

use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{Data, Executor, Request, Response};
use axum::body::{Body, to_bytes};
use axum::http::{self, HeaderMap};
use pomost_api::registry::{Caching, Registry};
use pomost_api::schema::Dataset;
use pomost_document::TypeSystem;
use pomost_domain::{Id, Locale, Role, Viewer, Vocabulary};
use pomost_edge::gate::{Documents, Limits, Rate, Rules};
use pomost_edge::http::{App, Front, Settings, router};
use pomost_edge::identity::{AuthError, Credential};
use pomost_edge::{Answer, Served, Version};
use pomost_persistence::Store;
use serde_json::Value;
use tower::ServiceExt;

/// A registry that accepts any viewer: the token is `role~city~name`.
#[derive(Clone)]
struct Credulous(Registry);

fn token(viewer: &Viewer) -> Option<String> {
    let city = viewer.city.map_or_else(|| "-".to_owned(), |city| city.raw().to_string());
    (viewer.role != Role::Anonymous).then(|| format!("Bearer {}~{city}~{}", viewer.role.label(), viewer.name))
}

impl Executor for Credulous {
    async fn execute(&self, request: Request) -> Response {
        self.0.execute(request).await
    }

    fn execute_stream(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        self.0.execute_stream(request, session)
    }
}

impl Served for Credulous {
    type Viewer = Viewer;
    type ViewerKey = <Registry as Served>::ViewerKey;
    type Language = Locale;
    type Outline = <Registry as Served>::Outline;

    const MAX_PAGE: u32 = Registry::MAX_PAGE;

    fn languages(range: &str) -> Vec<Locale> {
        Registry::languages(range)
    }

    fn sdl(&self) -> &str {
        self.0.sdl()
    }

    fn types(&self) -> &TypeSystem {
        self.0.types()
    }

    fn outline<'a>(&self, fields: impl Iterator<Item = &'a str>) -> Self::Outline {
        self.0.outline(fields)
    }

    fn answers(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Answer> {
        self.0.answers(request, session)
    }

    fn event_id(cursor: i64) -> String {
        Registry::event_id(cursor)
    }

    fn resume(request: Request, event_id: &str) -> Option<Request> {
        Registry::resume(request, event_id)
    }

    fn edition(&self) -> &str {
        self.0.edition()
    }

    fn version_at_hand(&self) -> Option<Version> {
        self.0.version_at_hand()
    }

    async fn version(&self, viewer: &Viewer) -> Option<Version> {
        self.0.version(viewer).await
    }

    async fn answer(&self, request: Request, version: Option<Version>) -> (Response, Option<Version>) {
        self.0.answer(request, version).await
    }

    async fn ready(&self) -> Result<(), String> {
        self.0.ready().await
    }

    async fn identify(&self, credential: &Credential) -> Result<Viewer, AuthError> {
        let Credential::Bearer(token) = credential else { return Ok(Viewer::default()) };
        let mut parts = token.splitn(3, '~');
        let mut part = || parts.next().unwrap_or_default();
        let (role, city, name) = (part(), part(), part());
        let role = Role::from_label(role).unwrap_or(Role::Anonymous);
        Ok(Viewer { role, city: city.parse().ok().map(Id::new), name: name.to_owned() })
    }

    fn account(viewer: &Viewer) -> Option<&str> {
        Registry::account(viewer)
    }

    fn viewer_key(viewer: &Viewer) -> Self::ViewerKey {
        Registry::viewer_key(viewer)
    }
}

/// The edge over a registry.
pub struct Edge {
    front: Front<Credulous>,
    app: App<Credulous>,
}

/// A response.
#[derive(Debug)]
pub struct Sent {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

impl Sent {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The tag of the answer.
    pub fn tag(&self) -> Option<&str> {
        self.headers.get("etag")?.to_str().ok()
    }
}

fn without_budgets() -> Rules {
    Rules { rate: Rate { burst: 0, ..Rate::default() }, ..Rules::default() }
}

impl Edge {
    /// The edge over a store, without budgets.
    pub fn new(store: &Store, caching: &Caching) -> Self {
        Self::with_rules(store, caching, without_budgets())
    }

    /// The edge over a store, without budgets and without a limit on costs.
    pub fn generous(store: &Store, caching: &Caching) -> Self {
        let limits = Limits {
            complexity: u32::MAX,
            text_searches: u32::MAX,
            fields: u32::MAX,
            tokens: u32::MAX,
            ..Limits::default()
        };
        Self::with_rules(store, caching, Rules { limits, ..without_budgets() })
    }

    /// The edge over a store, with budgets for clients that `x-forwarded-for` identifies.
    pub fn with_rate(store: &Store, caching: &Caching, rate: Rate) -> Self {
        Self::with_rules(store, caching, Rules { rate, ..Rules::default() })
    }

    /// The edge over a store, with custom rules.
    pub fn with_rules(store: &Store, caching: &Caching, rules: Rules) -> Self {
        let registry = Registry::new(store.clone(), Dataset::default(), None, crate::clock).remembering(caching);
        let trusted_proxies = vec!["0.0.0.0/32".parse().unwrap()];
        let settings = Settings { rules, answers_mb: caching.answers_mb, trusted_proxies, ..Settings::default() };
        let app = App::new(Credulous(registry), settings);
        Self { front: router(app.clone()), app }
    }

    /// Replaces the documents with ids.
    pub fn replace_documents(&self, documents: Documents) {
        self.app.replace_documents(documents);
    }

    /// Sends a request and does not wait for the end of the body.
    pub async fn open(&self, request: http::request::Builder, body: String) -> http::Response<Body> {
        // In a separate task, like a server: tests need a lot of stack without it.
        tokio::spawn(self.front.clone().oneshot(request.body(Body::from(body)).unwrap())).await.unwrap().unwrap()
    }

    /// Sends a request.
    pub async fn send(&self, request: http::request::Builder, body: String) -> Sent {
        let (parts, body) = self.open(request, body).await.into_parts();
        let body = to_bytes(body, 1 << 26).await.unwrap().to_vec();
        Sent { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Sends a query as a viewer, in languages.
    pub async fn post(&self, viewer: &Viewer, languages: &[String], body: &Value) -> Sent {
        let mut request = http::Request::post("/graphql").header("content-type", "application/json");
        if let Some(token) = token(viewer) {
            request = request.header("authorization", token);
        }
        if !languages.is_empty() {
            request = request.header("accept-language", languages.join(", "));
        }
        self.send(request, body.to_string()).await
    }

    /// Sends a query as a viewer, with the media type whose status reports the result.
    pub async fn post_for_response(&self, viewer: &Viewer, body: &Value) -> Sent {
        let mut request = http::Request::post("/graphql")
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json");
        if let Some(token) = token(viewer) {
            request = request.header("authorization", token);
        }
        self.send(request, body.to_string()).await
    }

    /// Sends an anonymous query by `GET`.
    pub async fn get(&self, query: &str) -> Sent {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        self.send(http::Request::get(format!("/graphql?query={encoded}")), String::new()).await
    }
}

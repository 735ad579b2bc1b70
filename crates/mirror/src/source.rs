//! Another registry, asked over its public API.

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use pomost_domain::exchange::Json;
use pomost_persistence::chain;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Why a source did not answer as it should.
#[derive(Debug)]
pub enum Trouble {
    /// It cannot be reached, or has no time: ask again, after this time if it says so.
    Later(String, Option<Duration>),
    /// It was restored from a copy, or its feed does not reach back: everything has to be read anew.
    Resync,
    /// Asking again does not help.
    Refused(String),
}

/// A page of the change feed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    pub(super) nodes: Vec<FeedChange>,
    pub(super) end_cursor: String,
    #[serde(rename = "hasNextPage")]
    pub(super) has_more: bool,
}

/// A change in the feed of the source.
#[derive(Deserialize)]
pub(super) struct FeedChange {
    pub(super) id: String,
    pub(super) op: String,
    pub(super) collection: Option<String>,
    pub(super) content: Option<Json>,
}

/// A digest of a part of a collection.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Digest {
    pub(super) count: u64,
    pub(super) sha256: String,
    pub(super) end: Option<String>,
    pub(super) change_cursor: String,
}

/// Who asks.
#[derive(Deserialize)]
struct Viewer {
    rights: Vec<String>,
}

impl Viewer {
    /// Refuses whoever reads drafts: whatever a copy holds is published.
    fn check(&self) -> Result<(), Trouble> {
        if self.rights.iter().any(|right| right == "READ_DRAFTS" || right == "FILE") {
            let message = "the token reads drafts, which are not for a copy: show one of PARTNER or REPORTING, or none";
            return Err(Trouble::Refused(message.to_owned()));
        }
        Ok(())
    }
}

const START: &str = "query MirrorStart { dataset { changeCursor } viewer { rights } }";
const CHANGES: &str = "query MirrorChanges($after: ChangeCursor, $latest: Boolean!) { viewer { rights } \
    changes(after: $after, latest: $latest) { nodes { id op collection content } endCursor hasNextPage } }";
const DIGEST: &str = "query MirrorDigest($kind: RecordKind!, $after: String) \
    { dataset { digest(kind: $kind, after: $after) { count sha256 end changeCursor } } }";
const FOLLOW: &str = "subscription MirrorFollow($after: ChangeCursor) { changes(after: $after) { cursor } }";

/// How long a connection may take, and how long it may be silent: a subscription says something every 12 s.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_mins(1);

/// How long a request is repeated at a source that says when to ask again, before its caller hears of it. A comparison asks
/// for one digest after another: one that began anew with each refusal for want of budget would never come to its end.
const PATIENCE: Duration = Duration::from_mins(1);

/// Another registry. Clones share its connections.
#[derive(Clone)]
pub struct Source {
    client: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// A source that cannot be asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(String);

/// An answer of a GraphQL server.
#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    message: String,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
struct Extensions {
    code: Option<String>,
}

impl Source {
    /// The registry at an address: that of its API, or of its server.
    ///
    /// # Errors
    /// It is no address of the web.
    pub fn new(address: &str, token: Option<String>) -> Result<Self, SourceError> {
        let wrong =
            |why: String| SourceError(format!("{address:?} is no address of a registry ({why}): write https://HOST"));
        let mut url = reqwest::Url::parse(address).map_err(|error| wrong(error.to_string()))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(wrong("it is not of the web".to_owned()));
        }
        if url.path() == "/" {
            url.set_path("/graphql");
        }
        // An error says that the cryptography of TLS was chosen before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .user_agent(concat!("pomost/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| SourceError(error.to_string()))?;
        Ok(Self { client, url: url.into(), token })
    }

    /// Its address, by which a mirror knows it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The place in the feed as it is now.
    pub(super) async fn start(&self) -> Result<String, Trouble> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            dataset: Dataset,
            viewer: Viewer,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Dataset {
            change_cursor: String,
        }
        let data: Data = self.ask(START, json!({})).await?;
        data.viewer.check()?;
        Ok(data.dataset.change_cursor)
    }

    pub(super) async fn changes(&self, after: Option<&str>, latest: bool) -> Result<Page, Trouble> {
        #[derive(Deserialize)]
        struct Data {
            viewer: Viewer,
            changes: Page,
        }
        let data: Data = self.ask(CHANGES, json!({ "after": after, "latest": latest })).await?;
        // With each page, as the token may be another than the last time.
        data.viewer.check()?;
        Ok(data.changes)
    }

    pub(super) async fn digest(&self, kind: &str, after: Option<&str>) -> Result<Digest, Trouble> {
        #[derive(Deserialize)]
        struct Data {
            dataset: Dataset,
        }
        #[derive(Deserialize)]
        struct Dataset {
            digest: Digest,
        }
        let data: Data = self.ask(DIGEST, json!({ "kind": kind, "after": after })).await?;
        Ok(data.dataset.digest)
    }

    /// Asks, and asks again when the source says that it answers later, for at most [`PATIENCE`].
    async fn ask<T: DeserializeOwned>(&self, document: &str, variables: Value) -> Result<T, Trouble> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.ask_once(document, &variables).await {
                Err(Trouble::Later(why, Some(wait))) if Instant::now() + wait < until => {
                    tracing::debug!(why, "the source is asked again in {} s", wait.as_secs());
                    tokio::time::sleep(wait).await;
                }
                done => return done,
            }
        }
    }

    async fn ask_once<T: DeserializeOwned>(&self, document: &str, variables: &Value) -> Result<T, Trouble> {
        let answer = self.send(&self.url, document, variables, "application/graphql-response+json").await?;
        let status = answer.status();
        let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let wait = wait.map(Duration::from_secs);
        let body = answer.bytes().await.map_err(|error| unreachable(&error))?;
        let read: Answer<T> = serde_json::from_slice(&body).map_err(|error| match status {
            status if is_passing(status) => Trouble::Later(format!("the source answers {status}"), wait),
            status => {
                Trouble::Refused(format!("the source answers {status} with what is no answer of a registry: {error}"))
            }
        })?;
        match (read.errors.into_iter().next(), read.data) {
            (None, Some(data)) => Ok(data),
            (None, None) => Err(Trouble::Refused("the source answers with neither data nor errors".to_owned())),
            (Some(failure), _) => Err(failure.trouble(status, wait)),
        }
    }

    async fn send(
        &self,
        url: &str,
        document: &str,
        variables: &Value,
        accept: &str,
    ) -> Result<reqwest::Response, Trouble> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = self.client.post(url).header(ACCEPT, accept).header("content-type", "application/json");
        let request = match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        request.body(body).send().await.map_err(|error| unreachable(&error))
    }

    /// Listens for changes after a place.
    pub(super) async fn follow(&self, after: Option<&str>) -> Result<Following, Trouble> {
        let url = format!("{}/stream", self.url);
        let answer = self.send(&url, FOLLOW, &json!({ "after": after }), "text/event-stream").await?;
        let status = answer.status();
        let is_stream = answer
            .headers()
            .get("content-type")
            .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
        if status.is_success() && is_stream {
            return Ok(Following(answer));
        }
        Err(Trouble::Later(format!("the source does not tell of changes ({status})"), None))
    }
}

/// A subscription: it wakes up whoever reads the feed, and says no more.
pub(super) struct Following(reqwest::Response);

impl Following {
    /// Until something is said; `false` when nothing will be any more.
    pub(super) async fn wait(&mut self) -> bool {
        loop {
            match self.0.chunk().await {
                // Comments keep the connection alive.
                Ok(Some(said)) if is_comment(&said) => {}
                Ok(Some(_)) => break,
                Ok(None) | Err(_) => return false,
            }
        }
        // What was said meanwhile is read together.
        while let Some(said) = self.0.chunk().now_or_never() {
            if !matches!(said, Ok(Some(_))) {
                return false;
            }
        }
        true
    }
}

fn is_comment(said: &[u8]) -> bool {
    said.split(|byte| *byte == b'\n').all(|line| line.is_empty() || line.starts_with(b":"))
}

fn unreachable(error: &reqwest::Error) -> Trouble {
    Trouble::Later(format!("the source cannot be reached: {}", chain(error)), None)
}

/// Whether another answer can be expected in a while.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

impl Failure {
    fn trouble(self, status: StatusCode, wait: Option<Duration>) -> Trouble {
        let Self { message, extensions } = self;
        // The codes of the public API (docs/transports.md).
        match extensions.code.as_deref() {
            Some("RESYNC") => Trouble::Resync,
            Some("RATE_LIMITED" | "TIMEOUT" | "UNAVAILABLE" | "INTERNAL_SERVER_ERROR") => Trouble::Later(message, wait),
            _ if is_passing(status) => Trouble::Later(message, wait),
            _ => Trouble::Refused(format!("the source refuses: {message}")),
        }
    }
}

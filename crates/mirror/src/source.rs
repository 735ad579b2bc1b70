//! The public API of another registry.

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use pomost_domain::exchange::Json;
use pomost_persistence::chain;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The reason why a source did not answer as expected.
#[derive(Debug)]
pub enum Trouble {
    /// It is unreachable or overloaded: retry, after this time if it states one.
    Later(String, Option<Duration>),
    /// It was restored from a backup, or its feed does not reach back: read everything again.
    Resync,
    /// Retrying does not help.
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

/// The viewer of the token.
#[derive(Deserialize)]
struct Viewer {
    rights: Vec<String>,
}

impl Viewer {
    /// Refuses tokens that may read drafts: a copy contains only published records.
    fn check(&self) -> Result<(), Trouble> {
        if self.rights.iter().any(|right| right == "READ_DRAFTS" || right == "FILE") {
            let message = "the token may read drafts, which must not be copied: use a token of the role PARTNER or REPORTING, or none";
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

/// Time limit for connecting, and for silence: a subscription sends something every 12 s.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_mins(1);

/// How long a request is repeated if the source states when to retry, before the caller gets the error. A comparison
/// requests one digest after another: if each refusal for lack of budget restarted it, it would never finish.
const PATIENCE: Duration = Duration::from_mins(1);

/// Another registry. Clones share its connections.
#[derive(Clone)]
pub struct Source {
    client: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// The address of a source is invalid, or no client can be made.
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
    /// It is not a web address.
    pub fn new(address: &str, token: Option<String>) -> Result<Self, SourceError> {
        let wrong = |why: String| {
            SourceError(format!("{address:?} is not the address of a registry ({why}): write https://HOST"))
        };
        let mut url = reqwest::Url::parse(address).map_err(|error| wrong(error.to_string()))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(wrong("its scheme is neither http nor https".to_owned()));
        }
        if url.path() == "/" {
            url.set_path("/graphql");
        }
        // An error means that the cryptography provider of TLS was installed before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .user_agent(concat!("pomost/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| SourceError(error.to_string()))?;
        Ok(Self { client, url: url.into(), token })
    }

    /// Its address, by which a mirror identifies it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The present position in the feed.
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
        // Checked for each page, because the token may have changed.
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

    /// Sends a query, and repeats it for at most [`PATIENCE`] if the source states when to retry.
    async fn ask<T: DeserializeOwned>(&self, document: &str, variables: Value) -> Result<T, Trouble> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.ask_once(document, &variables).await {
                Err(Trouble::Later(why, Some(wait))) if Instant::now() + wait < until => {
                    tracing::debug!(why, "retrying at the source in {} s", wait.as_secs());
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
            status => Trouble::Refused(format!(
                "the source answers {status} with a body that is not the answer of a registry: {error}"
            )),
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

    /// Subscribes to changes after a position.
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
        Err(Trouble::Later(format!("the source refuses the subscription to changes ({status})"), None))
    }
}

/// A subscription: it wakes up the reader of the feed and carries no data.
pub(super) struct Following(reqwest::Response);

impl Following {
    /// Waits for a signal; `false` if the subscription has ended.
    pub(super) async fn wait(&mut self) -> bool {
        loop {
            match self.0.chunk().await {
                // Comments only keep the connection alive.
                Ok(Some(said)) if is_comment(&said) => {}
                Ok(Some(_)) => break,
                Ok(None) | Err(_) => return false,
            }
        }
        // Signals that arrived in the meantime count as one.
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

/// True if a retry may succeed.
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

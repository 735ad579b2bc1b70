//! Finished answers: bytes that are sent again as long as nothing is written.
//!
//! An answer is found by all that it depends on: what was sent, in which languages and encodings it is to come, and what is
//! seen by whoever asks. What is personal is never kept. Of equal requests that come at once, one is executed and the others
//! wait for its answer.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use pomost_domain::{City, Id, Role, Sight, Viewer};
use quick_cache::Weighter;
use tokio::time::timeout_at;
use tower::{ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::Compression;

use super::accept::Format;
use super::{App, Exchange, Made, VARIES, answer, cache, is_read, make};
use crate::door::{Seen, Served};
use crate::versioned::Versioned;

/// The answers that are kept.
pub(super) type Kept = Versioned<Key, Entry, Weights>;

/// All that an answer depends on besides the data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    is_read: bool,
    sent: Bytes,
    format: Format,
    languages: Vec<HeaderValue>,
    encodings: Vec<HeaderValue>,
    sight: Sight,
    role: Role,
    city: Option<Id<City>>,
}

impl Key {
    /// The key of a request; `None`, if its answer cannot be kept.
    fn of(exchange: &Exchange, viewer: &Viewer) -> Option<Self> {
        let headers = &exchange.parts.headers;
        // What writes goes its own way, and keeps nobody waiting.
        let may_be_kept = std::str::from_utf8(&exchange.sent).is_ok_and(|text| !text.contains("mutation"));
        may_be_kept.then_some(())?;
        Some(Self {
            is_read: is_read(&exchange.parts.method),
            sent: exchange.sent.clone(),
            format: exchange.format,
            languages: headers.get_all(ACCEPT_LANGUAGE).iter().cloned().collect(),
            encodings: headers.get_all(ACCEPT_ENCODING).iter().cloned().collect(),
            sight: viewer.sight(),
            role: viewer.role,
            city: viewer.city,
        })
    }

    fn weight(&self) -> usize {
        let headers = self.languages.iter().chain(&self.encodings);
        size_of::<Self>() + self.sent.len() + headers.map(HeaderValue::len).sum::<usize>()
    }
}

/// What is known of the answer to a request.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// The answer.
    Answer(Arc<Finished>),
    /// It cannot be kept: everyone gets his own.
    Passed,
}

/// An answer as it is sent.
#[derive(Debug)]
pub(super) struct Finished {
    headers: HeaderMap,
    body: Bytes,
    seen: Arc<Seen>,
}

/// What answers take.
#[derive(Clone, Debug, Default)]
pub(super) struct Weights;

/// What an answer takes besides its bytes: its headers, and its place among the others.
const AROUND: usize = 800;

impl Weighter<Key, Entry> for Weights {
    fn weight(&self, key: &Key, entry: &Entry) -> u64 {
        let body = match entry {
            Entry::Answer(finished) => finished.body.len(),
            Entry::Passed => 0,
        };
        (key.weight() + body + AROUND) as u64
    }
}

/// The headers of an answer that are the same for all whom it is given to.
const SHARED: [HeaderName; 5] = [CONTENT_TYPE, CONTENT_ENCODING, CACHE_CONTROL, ETAG, VARY];

impl Finished {
    /// Finishes an answer: compresses it as the client wishes, and gathers its bytes. The answer is given back.
    async fn of(mut response: Response, exchange: &Exchange) -> (Response, Option<Self>) {
        response.headers_mut().insert(VARY, VARIES);
        let mut wish = Request::new(());
        *wish.headers_mut() = exchange.parts.headers.clone();
        // It is called once.
        let mut response = Some(response);
        let respond = service_fn(move |_| {
            let response = response.take().unwrap_or_default();
            async { Ok::<_, Infallible>(response) }
        });
        let Ok(response) = Compression::new(respond).quality(CompressionLevel::Fastest).oneshot(wish).await;
        let (parts, body) = response.into_parts();
        let Ok(body) = to_bytes(Body::new(body), usize::MAX).await else {
            return (StatusCode::INTERNAL_SERVER_ERROR.into_response(), None);
        };
        let shared = SHARED.iter().filter_map(|name| Some((name.clone(), parts.headers.get(name)?.clone())));
        let finished = exchange.origin.trace.seen.get().map(|seen| Self {
            headers: shared.collect(),
            body: body.clone(),
            seen: Arc::clone(seen),
        });
        (Response::from_parts(parts, Body::from(body)), finished)
    }

    /// The answer once more, which costs what it did at first.
    fn give<E: Served>(&self, app: &App<E>, exchange: &Exchange, viewer: &Viewer) -> Response {
        // Nothing was seen of the request yet.
        let _ = exchange.origin.trace.seen.set(Arc::clone(&self.seen));
        let budget = match app.door().charge_again(viewer, exchange.origin.address, self.seen.cost) {
            Ok(budget) => budget,
            Err(refused) => return answer::answer(&refused, exchange.format),
        };
        let tag = self.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| tag.trim_matches('"'));
        if let Some(tag) = tag.filter(|tag| cache::is_known(tag, &exchange.parts.headers)) {
            return cache::not_modified(tag);
        }
        ::metrics::counter!("pomost_answers_kept_total").increment(1);
        let mut response = (StatusCode::OK, Body::from(self.body.clone())).into_response();
        *response.headers_mut() = self.headers.clone();
        response.headers_mut().extend(budget);
        response
    }
}

/// Answers a request, with an answer that is kept if there is one.
pub(super) async fn respond<E: Served>(app: &App<E>, exchange: Exchange) -> Response {
    let keyed = match (&app.0.kept, &exchange.viewer) {
        (Some(kept), Ok(viewer)) => Key::of(&exchange, viewer).map(|key| (kept, key, viewer)),
        _ => None,
    };
    let Some((kept, key, viewer)) = keyed else {
        let version = match &exchange.viewer {
            Ok(viewer) if is_read(&exchange.parts.method) => app.served().version(viewer).await,
            _ => None,
        };
        return Box::pin(make(app, &exchange, version)).await.response;
    };
    let mut begun = app.served().version(viewer).await;
    loop {
        let Some(at) = begun.and_then(|version| kept.at(&version)) else {
            return Box::pin(make(app, &exchange, begun)).await.response;
        };
        match timeout_at(exchange.deadline, at.cache().get_value_or_guard_async(&key)).await {
            Ok(Ok(Entry::Answer(finished))) => return finished.give(app, &exchange, viewer),
            Ok(Err(place)) => {
                let Made { response, version } = Box::pin(make(app, &exchange, begun)).await;
                if version.is_none() || version != begun {
                    // Whether it has a place or not: nobody waits any longer.
                    let _ = place.insert(Entry::Passed);
                    return response;
                }
                let (response, finished) = Finished::of(response, &exchange).await;
                let entry = finished.map_or(Entry::Passed, |finished| Entry::Answer(Arc::new(finished)));
                let _ = place.insert(entry);
                return response;
            }
            Ok(Ok(Entry::Passed)) | Err(_) => {
                // Perhaps only because something was written meanwhile: then there is a newer answer to wait for.
                let now = app.served().version(viewer).await;
                if now == begun {
                    return Box::pin(make(app, &exchange, begun)).await.response;
                }
                begun = now;
            }
        }
    }
}

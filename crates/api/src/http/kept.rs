//! Finished answers: bytes that are sent again as long as nothing is written.
//!
//! An answer is found by all that it depends on: what was sent, in which languages and encodings it is to come, and what is
//! seen by whoever asks. What is personal is never kept. Of equal requests that come at once, one is executed and the others
//! wait for its answer.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use pomost_domain::{City, Id, Role, Sight, Viewer};
use quick_cache::Weighter;
use tokio::time::timeout_at;
use tower::{ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::Compression;

use super::accept::{self, Encoding, Format};
use super::{App, Exchange, Made, VARIES, answer, is_read, make};
use crate::door::{BUDGET_HEADERS, Seen, Served};
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
    encoding: Option<Encoding>,
    sight: Sight,
    role: Role,
    city: Option<Id<City>>,
}

impl Key {
    /// The key of a request.
    pub(super) fn of(parts: &Parts, sent: &Bytes, format: Format, viewer: &Viewer) -> Self {
        let headers = &parts.headers;
        Self {
            is_read: is_read(&parts.method),
            sent: sent.clone(),
            format,
            languages: headers.get_all(ACCEPT_LANGUAGE).iter().cloned().collect(),
            encoding: accept::encoding(headers),
            sight: viewer.sight(),
            role: viewer.role,
            city: viewer.city,
        }
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.sent.len() + self.languages.iter().map(HeaderValue::len).sum::<usize>()
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
    /// All headers, as whoever comes from no other site gets them, but for those of a single request. Known once it was sent.
    whole: OnceLock<HeaderMap>,
    body: Bytes,
    /// What it is about, and what it cost.
    pub(super) seen: Arc<Seen>,
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
            whole: OnceLock::new(),
            body: body.clone(),
            seen: Arc::clone(seen),
        });
        (Response::from_parts(parts, Body::from(body)), finished)
    }

    /// The answer once more, which costs what it did at first.
    fn give<E: Served>(self: Arc<Self>, app: &App<E>, exchange: &Exchange, viewer: &Viewer) -> Response {
        // Nothing was seen of the request yet.
        let _ = exchange.origin.trace.seen.set(Arc::clone(&self.seen));
        let budget = match app.door().charge_again(viewer, exchange.origin.address, self.seen.cost()) {
            Ok(budget) => budget,
            Err(refused) => return answer::answer(&refused, exchange.format),
        };
        let mut response = self.again(self.headers.clone(), budget);
        response.extensions_mut().insert(self);
        response
    }

    /// Notes with which headers it was sent.
    pub(super) fn note_headers(&self, sent: &HeaderMap) {
        self.whole.get_or_init(|| {
            let mut headers = sent.clone();
            for name in BUDGET_HEADERS {
                headers.remove(name);
            }
            headers
        });
    }

    /// With which headers it was sent; `None`, while that is not known.
    pub(super) fn whole_headers(&self) -> Option<&HeaderMap> {
        self.whole.get()
    }

    /// The answer once more, with headers of its own and those of a budget.
    pub(super) fn again(&self, mut headers: HeaderMap, budget: HeaderMap) -> Response {
        ::metrics::counter!("pomost_answers_kept_total").increment(1);
        headers.extend(budget);
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = headers;
        response
    }
}

/// What writes goes its own way, and keeps nobody waiting.
fn may_be_kept(sent: &[u8]) -> bool {
    std::str::from_utf8(sent).is_ok_and(|text| !text.contains("mutation"))
}

/// Answers a request, with an answer that is kept if there is one.
pub(super) async fn respond<E: Served>(app: &App<E>, exchange: Exchange) -> Response {
    let keyed = match (&app.0.kept, &exchange.viewer) {
        (Some(kept), Ok(viewer)) if may_be_kept(&exchange.sent) => {
            Some((kept, Key::of(&exchange.parts, &exchange.sent, exchange.format, viewer), viewer))
        }
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
                if response.status() == StatusCode::NOT_MODIFIED {
                    // The answer was not made: the next one makes it.
                    return response;
                }
                if version.is_none() || version != begun {
                    // Whether it has a place or not: nobody waits any longer.
                    let _ = place.insert(Entry::Passed);
                    return response;
                }
                let (mut response, finished) = Finished::of(response, &exchange).await;
                let Some(finished) = finished.map(Arc::new) else {
                    let _ = place.insert(Entry::Passed);
                    return response;
                };
                let _ = place.insert(Entry::Answer(Arc::clone(&finished)));
                response.extensions_mut().insert(finished);
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

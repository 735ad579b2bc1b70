//! The answer cache: bytes of answers that are sent again until the data changes.
//!
//! The key of an answer contains everything that it depends on: the request, its languages and encodings, and the key of the
//! viewer. Personal answers are never cached. Of equal requests at the same time, one is executed and the others wait for
//! its answer.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use quick_cache::Weighter;
use tokio::time::timeout_at;
use tower::{ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::Compression;

use super::accept::{self, Encoding, Format};
use super::{App, Exchange, Made, VARIES, answer, is_read, make};
use crate::gate::{BUDGET_HEADERS, Seen};
use crate::served::Served;
use crate::versioned::Versioned;

/// The cached answers, by request and by the key `V` of the viewer.
pub(super) type AnswerCache<V> = Versioned<Key<V>, Entry, Weights>;

/// Everything that an answer depends on besides the data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key<V> {
    is_read: bool,
    sent: Bytes,
    format: Format,
    languages: Vec<HeaderValue>,
    encoding: Option<Encoding>,
    viewer: V,
}

impl<V> Key<V> {
    /// The key of a request.
    pub(super) fn of(parts: &Parts, sent: &Bytes, format: Format, viewer: V) -> Self {
        let headers = &parts.headers;
        Self {
            is_read: is_read(&parts.method),
            sent: sent.clone(),
            format,
            languages: headers.get_all(ACCEPT_LANGUAGE).iter().cloned().collect(),
            encoding: accept::encoding(headers),
            viewer,
        }
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.sent.len() + self.languages.iter().map(HeaderValue::len).sum::<usize>()
    }
}

/// The cache entry of a request.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// The answer.
    Answer(Arc<CachedAnswer>),
    /// The answer cannot be cached: each request is executed.
    Uncacheable,
}

/// An answer with its bytes.
#[derive(Debug)]
pub(super) struct CachedAnswer {
    headers: HeaderMap,
    /// All headers for a client that is not a page of another site, without those of a single request. Set once the answer
    /// was sent.
    whole: OnceLock<HeaderMap>,
    body: Bytes,
    /// The operation and its cost.
    pub(super) seen: Arc<Seen>,
}

/// The weights of answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Weights;

/// The memory of an answer besides its bytes: its headers and its entry in the cache.
const AROUND: usize = 800;

impl<V> Weighter<Key<V>, Entry> for Weights {
    fn weight(&self, key: &Key<V>, entry: &Entry) -> u64 {
        let body = match entry {
            Entry::Answer(cached) => cached.body.len(),
            Entry::Uncacheable => 0,
        };
        (key.weight() + body + AROUND) as u64
    }
}

/// The headers of an answer that are the same for all clients.
const SHARED: [HeaderName; 5] = [CONTENT_TYPE, CONTENT_ENCODING, CACHE_CONTROL, ETAG, VARY];

impl CachedAnswer {
    /// Prepares an answer for the cache: compresses it as the client requests, and collects its bytes. Returns the answer as
    /// well.
    async fn of<E: Served>(mut response: Response, exchange: &Exchange<E>) -> (Response, Option<Self>) {
        response.headers_mut().insert(VARY, VARIES);
        let mut wish = Request::new(());
        *wish.headers_mut() = exchange.parts.headers.clone();
        // The closure is called once.
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
        let cached = exchange.origin.trace.seen.get().map(|seen| Self {
            headers: shared.collect(),
            whole: OnceLock::new(),
            body: body.clone(),
            seen: Arc::clone(seen),
        });
        (Response::from_parts(parts, Body::from(body)), cached)
    }

    /// The answer from the cache. It costs as much as its first execution.
    fn serve<E: Served>(self: Arc<Self>, app: &App<E>, exchange: &Exchange<E>, viewer: &E::Viewer) -> Response {
        // The cell of a new request is empty.
        let _ = exchange.origin.trace.seen.set(Arc::clone(&self.seen));
        let budget = match app.gate().charge_hit(E::account(viewer), exchange.origin.address, self.seen.cost()) {
            Ok(budget) => budget,
            Err(refused) => return answer::answer(&refused, exchange.format),
        };
        let mut response = self.hit(self.headers.clone(), budget);
        response.extensions_mut().insert(self);
        response
    }

    /// Stores the headers with which the answer was sent.
    pub(super) fn note_headers(&self, sent: &HeaderMap) {
        self.whole.get_or_init(|| {
            let mut headers = sent.clone();
            for name in BUDGET_HEADERS {
                headers.remove(name);
            }
            headers
        });
    }

    /// The headers with which the answer was sent; `None` before that.
    pub(super) fn whole_headers(&self) -> Option<&HeaderMap> {
        self.whole.get()
    }

    /// The cached answer with these headers and those of a budget.
    pub(super) fn hit(&self, mut headers: HeaderMap, budget: HeaderMap) -> Response {
        ::metrics::counter!("pomost_answers_kept_total").increment(1);
        headers.extend(budget);
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = headers;
        response
    }
}

/// False for mutations: they are not cached, and they do not wait for other requests.
fn may_be_cached(sent: &[u8]) -> bool {
    std::str::from_utf8(sent).is_ok_and(|text| !text.contains("mutation"))
}

/// Answers a request, from the cache if possible.
pub(super) async fn respond<E: Served>(app: &App<E>, exchange: Exchange<E>) -> Response {
    let keyed = match (&app.0.answers, &exchange.viewer) {
        (Some(answers), Ok(viewer)) if may_be_cached(&exchange.sent) => {
            let key = Key::of(&exchange.parts, &exchange.sent, exchange.format, E::viewer_key(viewer));
            Some((answers, key, viewer))
        }
        _ => None,
    };
    let Some((answers, key, viewer)) = keyed else {
        let version = match &exchange.viewer {
            Ok(viewer) if is_read(&exchange.parts.method) => app.served().version(viewer).await,
            _ => None,
        };
        return Box::pin(make(app, &exchange, version)).await.response;
    };
    let mut begun = app.served().version(viewer).await;
    loop {
        let Some(at) = begun.and_then(|version| answers.at(&version)) else {
            return Box::pin(make(app, &exchange, begun)).await.response;
        };
        match timeout_at(exchange.deadline, at.cache().get_value_or_guard_async(&key)).await {
            Ok(Ok(Entry::Answer(cached))) => return cached.serve(app, &exchange, viewer),
            Ok(Err(place)) => {
                let Made { response, version } = Box::pin(make(app, &exchange, begun)).await;
                if response.status() == StatusCode::NOT_MODIFIED {
                    // There is no answer: the next request executes it.
                    return response;
                }
                if version.is_none() || version != begun {
                    // An error means that the cache was cleared in the meantime. The other requests stop waiting in either
                    // case.
                    let _ = place.insert(Entry::Uncacheable);
                    return response;
                }
                let (mut response, cached) = CachedAnswer::of(response, &exchange).await;
                let Some(cached) = cached.map(Arc::new) else {
                    let _ = place.insert(Entry::Uncacheable);
                    return response;
                };
                let _ = place.insert(Entry::Answer(Arc::clone(&cached)));
                response.extensions_mut().insert(cached);
                return response;
            }
            Ok(Ok(Entry::Uncacheable)) | Err(_) => {
                // If the only reason is a concurrent write, a newer answer may be cacheable.
                let now = app.served().version(viewer).await;
                if now == begun {
                    return Box::pin(make(app, &exchange, begun)).await.response;
                }
                begun = now;
            }
        }
    }
}

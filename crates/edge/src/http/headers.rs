//! Headers of every response: the sites that may read it, and restrictions for browsers.

use std::time::Duration;

use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
    REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use tower_http::cors::{AllowCredentials, AllowOrigin, CorsLayer};

use super::events::LAST_EVENT_ID;
use super::trace::REQUEST_ID;

/// How long a browser caches the result of a preflight request.
const PREFLIGHT_AGE: Duration = Duration::from_hours(24);

/// Every page may read public data; only the pages of `trusted` origins may send the credentials that a browser stores.
pub(super) fn cors(trusted: &[String]) -> CorsLayer {
    let cors = CorsLayer::new()
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers([ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, LAST_EVENT_ID, REQUEST_ID])
        .expose_headers([
            ETAG,
            RETRY_AFTER,
            REQUEST_ID,
            HeaderName::from_static("ratelimit"),
            HeaderName::from_static("ratelimit-policy"),
        ])
        .max_age(PREFLIGHT_AGE);
    if trusted.is_empty() {
        return cors.allow_origin(AllowOrigin::any());
    }
    let trusted: Vec<HeaderValue> = trusted.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    let may_know = move |origin: &HeaderValue, _: &Parts| trusted.contains(origin);
    cors.allow_origin(AllowOrigin::mirror_request()).allow_credentials(AllowCredentials::predicate(may_know))
}

/// Adds headers that prevent a browser from interpreting a response as another media type. The explorer has a policy of its
/// own.
pub(super) async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert_with(|| {
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
    });
    response
}

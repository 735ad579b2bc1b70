//! What may be kept of answers to `GET`: an `ETag` that changes with the data, and 304 for who has the answer already.

use async_graphql::Response as Answer;
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::accept::Format;
use crate::door::{self, Version, hex};

/// The encodings that an answer may be compressed with: each is another representation with a tag of its own.
const ENCODINGS: [&str; 3] = ["br", "gzip", "zstd"];

/// The tag of an answer before it is known: a hash of all that it depends on.
pub(super) fn tag(edition: &str, version: &Version, request: &Parts, format: Format) -> String {
    let mut hasher = Sha256::new();
    let languages = request.headers.get_all(ACCEPT_LANGUAGE).iter().map(HeaderValue::as_bytes);
    let version = version.to_string();
    let query = request.uri.query().unwrap_or_default();
    let parts = [edition, &version, query, format.media_type(StatusCode::OK)].map(str::as_bytes);
    for part in parts.into_iter().chain(languages) {
        // With its length, so that no two lists of parts look alike.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()[..16])
}

/// Whether the client has the answer with this tag, in whatever encoding.
pub(super) fn is_known(tag: &str, headers: &HeaderMap) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).map(str::trim).any(|known| {
        let known = known.strip_prefix("W/").unwrap_or(known).trim_matches('"');
        known == "*" || known.split_once('-').map_or(known, |(known, _)| known) == tag
    })
}

/// The answer to a client that has it already.
pub(super) fn not_modified(tag: &str) -> Response {
    metrics::counter!("pomost_revalidations_total", "result" => "fresh").increment(1);
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    label(&mut response, tag);
    response
}

/// Whether an answer may be kept: it is whole, and the same for every reader of a sort.
pub(super) fn lasts(answer: &Answer) -> bool {
    let is_shared = answer.cache_control.max_age >= 0 && answer.cache_control.public;
    is_shared && answer.errors.is_empty() && !door::never_ran(answer)
}

/// Lets an answer be kept by anyone who gets it.
pub(super) fn label_new(response: &mut Response, tag: &str) {
    metrics::counter!("pomost_revalidations_total", "result" => "sent").increment(1);
    label(response, tag);
}

fn label(response: &mut Response, tag: &str) {
    // May be kept, but is asked for again each time: what is published is not shown older than it is.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// Gives a compressed answer a tag of its own: a strong tag stands for these very bytes.
pub(super) async fn tag_by_encoding(mut response: Response) -> Response {
    let encoding = response.headers().get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let encoding = encoding.and_then(|encoding| ENCODINGS.iter().find(|known| **known == encoding));
    let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
    if let (Some(encoding), Some(tag)) = (encoding, tag)
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{}-{encoding}\"", tag.trim_matches('"')))
    {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_tag_is_known_in_any_encoding() {
        let known = |value: &'static str| {
            is_known("abc", &HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(value))]))
        };
        for value in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "\"abc-gzip\"", "*"] {
            assert!(known(value), "{value}");
        }
        for value in ["\"abcd\"", "\"x-abc\"", ""] {
            assert!(!known(value), "{value}");
        }
    }

    #[test]
    fn whatever_changes_the_answer_changes_the_tag() {
        let asked = |uri: &str, language: &str| {
            let request = Request::get(uri).header(ACCEPT_LANGUAGE, language);
            request.body(()).unwrap().into_parts().0
        };
        let version = |day: &str, number| Version { day: day.parse().unwrap(), number };
        let today = version("2026-11-22", 1);
        let first = tag("1", &today, &asked("/?query=a", "pl"), Format::Json);
        assert_eq!(first, tag("1", &today, &asked("/?query=a", "pl"), Format::Json));
        for other in [
            tag("2", &today, &asked("/?query=a", "pl"), Format::Json),
            tag("1", &version("2026-11-22", 2), &asked("/?query=a", "pl"), Format::Json),
            tag("1", &version("2026-11-23", 1), &asked("/?query=a", "pl"), Format::Json),
            tag("1", &today, &asked("/?query=b", "pl"), Format::Json),
            tag("1", &today, &asked("/?query=a", "de"), Format::Json),
            tag("1", &today, &asked("/?query=a", "pl"), Format::GraphqlResponse),
        ] {
            assert_ne!(first, other);
        }
    }
}

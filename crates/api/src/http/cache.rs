//! What may be kept of answers to `GET`: an `ETag` that changes with the data, and 304 for who has the answer already.

use async_graphql::Response as Answer;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::accept::Format;
use crate::door::{self, hex};

/// The encodings that an answer may be compressed with: each is another representation with a tag of its own.
const ENCODINGS: [&str; 3] = ["br", "gzip", "zstd"];

/// The tag of an answer before it is known: a hash of all that it depends on.
pub(super) fn tag(version: &str, uri: &Uri, headers: &HeaderMap, format: Format) -> String {
    let mut hasher = Sha256::new();
    let languages = headers.get_all(ACCEPT_LANGUAGE).iter().map(HeaderValue::as_bytes);
    let parts =
        [version.as_bytes(), uri.query().unwrap_or_default().as_bytes(), format.media_type(StatusCode::OK).as_bytes()];
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
pub(super) fn not_modified(tag: &str, headers: &HeaderMap) -> Response {
    metrics::counter!("pomost_revalidations_total", "result" => "fresh").increment(1);
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    label(&mut response, tag, headers);
    response
}

/// Lets an answer be kept, if it is whole and the same for every reader.
pub(super) fn keep(response: &mut Response, answer: &Answer, tag: &str, headers: &HeaderMap) {
    let lasting = answer.cache_control.max_age >= 0 && answer.cache_control.public;
    if lasting && answer.errors.is_empty() && !door::never_ran(answer) {
        metrics::counter!("pomost_revalidations_total", "result" => "sent").increment(1);
        label(response, tag, headers);
    }
}

fn label(response: &mut Response, tag: &str, headers: &HeaderMap) {
    // May be kept, but is asked for again each time: what is published is never shown older than it is.
    let control = if headers.contains_key(AUTHORIZATION) { "private, no-cache" } else { "public, no-cache" };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(control));
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
        let headers =
            |language: &'static str| HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static(language))]);
        let uri = |text: &'static str| Uri::from_static(text);
        let first = tag("1", &uri("/?query=a"), &headers("pl"), Format::Json);
        assert_eq!(first, tag("1", &uri("/?query=a"), &headers("pl"), Format::Json));
        for other in [
            tag("2", &uri("/?query=a"), &headers("pl"), Format::Json),
            tag("1", &uri("/?query=b"), &headers("pl"), Format::Json),
            tag("1", &uri("/?query=a"), &headers("de"), Format::Json),
            tag("1", &uri("/?query=a"), &headers("pl"), Format::GraphqlResponse),
        ] {
            assert_ne!(first, other);
        }
    }
}

//! HTTP caching: an `ETag` that changes with the answer, and 304 for clients that already have the answer.
//!
//! The tag of an answer of the API is a hash of everything that it depends on, so it is known before the answer. A
//! precondition is evaluated only if the answer without it is a 200 with a tag (RFC 9110, section 13.2.1): here, on the
//! finished response, or after the admission if the client names exactly that tag, which it can only have from such an
//! answer.

use async_graphql::Response as Answer;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::accept::{self, Encoding, Format};
use super::is_read;
use crate::gate::never_ran;
use crate::hex;
use crate::versioned::Version;

/// The tag of an answer, before the execution: a hash of everything that it depends on.
pub(super) fn tag(editions: [&str; 2], version: &Version, request: &Parts, format: Format) -> String {
    let mut hasher = Sha256::new();
    let languages = request.headers.get_all(ACCEPT_LANGUAGE).iter().map(HeaderValue::as_bytes);
    let version = version.to_string();
    let query = request.uri.query().unwrap_or_default();
    let [program, documents] = editions;
    let parts = [program, documents, &version, query, format.media_type(StatusCode::OK)].map(str::as_bytes);
    for part in parts.into_iter().chain(languages) {
        // With its length, so that different lists of parts never give the same input.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()[..16])
}

/// The tag of a resource that is constant while the process runs.
pub(crate) fn tag_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..16])
}

/// The tag of an answer in a content coding: each coding is another representation.
pub(super) fn tag_in(tag: &str, encoding: Option<Encoding>) -> String {
    encoding.map_or_else(|| tag.to_owned(), |encoding| format!("{tag}-{}", encoding.name()))
}

/// The value of `If-None-Match`.
#[derive(Debug, Default)]
pub(super) struct Known {
    any: bool,
    lists: Vec<HeaderValue>,
}

impl Known {
    /// The precondition of a request; ignored for methods other than `GET` and `HEAD`.
    pub(super) fn of(request: &Parts) -> Self {
        Self::of_headers(&request.headers).filter(|_| is_read(&request.method)).unwrap_or_default()
    }

    fn of_headers(headers: &HeaderMap) -> Option<Self> {
        headers.contains_key(IF_NONE_MATCH).then(|| {
            let lists: Vec<_> = headers.get_all(IF_NONE_MATCH).iter().cloned().collect();
            let any = lists.iter().any(|list| list.as_bytes().trim_ascii() == b"*");
            Self { any, lists }
        })
    }

    /// True if the client names this tag.
    pub(super) fn names(&self, tag: &str) -> bool {
        let lists = self.lists.iter().filter_map(|list| list.to_str().ok());
        lists.flat_map(opaque_tags).any(|known| known == tag)
    }

    /// The response to a client with this precondition: 304 instead of a 200 that it already has.
    pub(super) fn respond(&self, response: Response) -> Response {
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        let Some(tag) = tag.filter(|_| response.status() == StatusCode::OK) else { return response };
        let is_known = self.any || self.names(tag.trim_matches('"'));
        count(is_known);
        if !is_known {
            return response;
        }
        let mut known = StatusCode::NOT_MODIFIED.into_response();
        *known.headers_mut() = response.into_parts().0.headers;
        for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LENGTH] {
            known.headers_mut().remove(name);
        }
        known
    }
}

/// The opaque values of a list of entity tags. The comparison is weak: `W/` is ignored. Invalid tags are skipped.
fn opaque_tags(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = list;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return None;
            }
            let Some(quoted) = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"') else {
                rest = rest.split_once(',').map_or("", |(_, rest)| rest);
                continue;
            };
            let (tag, behind) = quoted.split_once('"')?;
            rest = behind;
            return Some(tag);
        }
    })
}

fn count(is_known: bool) {
    // Labels that are literals make the key of the counter a constant.
    let counter = if is_known {
        metrics::counter!("pomost_revalidations_total", "result" => "fresh")
    } else {
        metrics::counter!("pomost_revalidations_total", "result" => "sent")
    };
    counter.increment(1);
}

/// The response to a client that names the tag of the answer, without the execution.
pub(super) fn not_modified(tag: &str) -> Response {
    count(true);
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    label(&mut response, tag);
    response
}

/// True if an answer may be cached: it has no errors, and it is the same for all viewers with the same key.
pub(super) fn lasts(answer: &Answer) -> bool {
    let is_shared = answer.cache_control.max_age >= 0 && answer.cache_control.public;
    is_shared && answer.errors.is_empty() && !never_ran(answer)
}

/// Allows every cache to store an answer.
pub(super) fn label(response: &mut Response, tag: &str) {
    // A cache may store it, but must revalidate it each time, so that published data is never out of date.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// Wraps the compression of answers: chooses the content coding, assigns a tag per coding, because a strong tag identifies
/// bytes, and evaluates the precondition.
pub(super) async fn around(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let known = Known::of(&parts);
    // Only the chosen coding is passed on: the compression layer would choose another one.
    match accept::encoding(&parts.headers).map(|encoding| HeaderValue::from_static(encoding.name())) {
        Some(encoding) => parts.headers.insert(ACCEPT_ENCODING, encoding),
        None => parts.headers.remove(ACCEPT_ENCODING),
    };
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let headers = response.headers();
    if let (Some(encoding), Some(tag)) = (headers.get(CONTENT_ENCODING), headers.get(ETAG))
        && let (Ok(encoding), Ok(tag)) = (encoding.to_str(), tag.to_str())
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{}-{encoding}\"", tag.trim_matches('"')))
    {
        response.headers_mut().insert(ETAG, tag);
    }
    known.respond(response)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn known(value: &'static str) -> Known {
        Known::of_headers(&HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(value))])).unwrap()
    }

    #[test]
    fn tags_are_compared_weakly_and_as_a_whole() {
        for value in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "\"x\",W/\"abc\"", ", ,\"abc\",", "x, \"abc\""] {
            assert!(known(value).names("abc"), "{value}");
        }
        for value in ["\"abcd\"", "\"x-abc\"", "\"abc-gzip\"", "", "abc", "w/\"abc\"", "*", "\"abc", "\"x,abc\""] {
            assert!(!known(value).names("abc"), "{value}");
        }
        assert!(known("\"a,b\"").names("a,b"));
    }

    #[test]
    fn a_star_matches_every_tag_only_when_it_is_alone() {
        assert!(known("*").any && known(" * ").any);
        for value in ["\"*\"", "\"x\", *", "\"a, *, b\"", "**"] {
            assert!(!known(value).any, "{value}");
        }
    }

    #[test]
    fn only_a_200_with_a_tag_becomes_a_304() {
        let response = |status: StatusCode, tag: Option<&'static str>| {
            let mut response = (status, [(CONTENT_TYPE, "text/plain")], "text").into_response();
            if let Some(tag) = tag {
                label(&mut response, tag);
            }
            response
        };
        for (status, tag, becomes) in [
            (StatusCode::OK, Some("abc"), 304),
            (StatusCode::OK, None, 200),
            (StatusCode::BAD_REQUEST, Some("abc"), 400),
        ] {
            assert_eq!(known("*").respond(response(status, tag)).status(), becomes);
            assert_eq!(known("\"abc\"").respond(response(status, tag)).status(), becomes);
        }
        assert_eq!(known("\"x\"").respond(response(StatusCode::OK, Some("abc"))).status(), 200);
        let known = known("*").respond(response(StatusCode::OK, Some("abc")));
        assert_eq!(
            (known.headers()[ETAG].to_str().unwrap(), known.headers().contains_key(CONTENT_TYPE)),
            ("\"abc\"", false)
        );
    }

    #[test]
    fn everything_that_changes_the_answer_changes_the_tag() {
        let request = |uri: &str, language: &str| {
            let request = Request::get(uri).header(ACCEPT_LANGUAGE, language);
            request.body(()).unwrap().into_parts().0
        };
        let version = |day: &str, number| Version { day: day.parse().unwrap(), number };
        let today = version("2026-11-22", 1);
        let first = tag(["1", ""], &today, &request("/?query=a", "pl"), Format::Json);
        assert_eq!(first, tag(["1", ""], &today, &request("/?query=a", "pl"), Format::Json));
        for other in [
            tag(["2", ""], &today, &request("/?query=a", "pl"), Format::Json),
            tag(["1", "2"], &today, &request("/?query=a", "pl"), Format::Json),
            tag(["1", ""], &version("2026-11-22", 2), &request("/?query=a", "pl"), Format::Json),
            tag(["1", ""], &version("2026-11-23", 1), &request("/?query=a", "pl"), Format::Json),
            tag(["1", ""], &today, &request("/?query=b", "pl"), Format::Json),
            tag(["1", ""], &today, &request("/?query=a", "de"), Format::Json),
            tag(["1", ""], &today, &request("/?query=a", "pl"), Format::GraphqlResponse),
        ] {
            assert_ne!(first, other);
        }
    }
}

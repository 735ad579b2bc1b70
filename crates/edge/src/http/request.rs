//! Reads a GraphQL request from a body or from an address.

use std::error::Error;

use async_graphql::{Request, Value, Variables};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Query;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, Uri};
use http_body_util::LengthLimitError;
use pomost_document::UniqueVariables;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::accept::is_utf8;
use super::answer::Refusal;

/// A request as JSON. Unknown members are ignored, as the specification requires.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with a \"query\"")]
struct InBody {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<UniqueVariables>,
    extensions: Option<UniqueVariables>,
}

/// A request in an address.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InUri {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// A request as it was sent.
#[derive(Debug)]
pub(super) struct GraphqlRequest {
    /// The request.
    pub(super) request: Request,
    /// The id of its document, if it has one.
    pub(super) document_id: Option<String>,
}

/// Receives a JSON body of at most `limit` bytes.
pub(super) async fn body(headers: &HeaderMap, body: Body, limit: u32) -> Result<Bytes, Refusal> {
    require_json(headers)?;
    require_plain(headers)?;
    to_bytes(body, limit as usize).await.map_err(|error| {
        let mut causes = std::iter::successors(Some(&error as &dyn Error), |error| (*error).source());
        if causes.any(<dyn Error>::is::<LengthLimitError>) {
            return Refusal::too_large(limit);
        }
        Refusal::bad_request("the body could not be read to its end")
    })
}

/// The byte order mark of UTF-8, which some editors and shells put before a text (RFC 8259, section 8.1: it may be ignored).
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a request from JSON.
pub(super) fn from_json(text: &[u8]) -> Result<GraphqlRequest, Refusal> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    // serde also reads a struct from an array, which would admit batches.
    if text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Refusal::bad_request(
            "the body is an array, but only a single request is accepted: send an object",
        ));
    }
    let InBody { query, document_id, operation_name, variables, extensions } =
        serde_json::from_slice(text).map_err(|error| {
            Refusal::bad_request(if error.is_data() {
                format!("the body is not a GraphQL request: {error}")
            } else if error.to_string().starts_with("recursion limit") {
                "the body is nested too deep: the maximum is 128 levels of lists and objects".to_owned()
            } else {
                format!("the body is not JSON: {error}")
            })
        })?;
    assemble(query, document_id, operation_name, variables, extensions)
}

/// Reads a request from the parameters of an address.
pub(super) fn from_uri(uri: &Uri) -> Result<GraphqlRequest, Refusal> {
    let Query(InUri { query, document_id, operation_name, variables, extensions }) = Query::try_from_uri(uri)
        .map_err(|_| Refusal::bad_request("a parameter of the address cannot be read or occurs twice"))?;
    assemble(query, document_id, operation_name, json("variables", variables)?, json("extensions", extensions)?)
}

fn assemble(
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<UniqueVariables>,
    extensions: Option<UniqueVariables>,
) -> Result<GraphqlRequest, Refusal> {
    let UniqueVariables(mut extensions) = extensions.unwrap_or_default();
    let document_id = document_id.or_else(|| persisted_hash(&extensions));
    if query.is_none() && document_id.is_none() {
        return Err(Refusal::bad_request("the request has no \"query\" and no \"documentId\""));
    }
    let mut request = Request::new(query.unwrap_or_default()).variables(variables.unwrap_or_default().0);
    request.operation_name = operation_name.filter(|name| !name.is_empty());
    request.extensions.0 =
        std::mem::take(&mut *extensions).into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    Ok(GraphqlRequest { request, document_id })
}

/// The hash of a document in the format of Apollo clients.
fn persisted_hash(extensions: &Variables) -> Option<String> {
    let Some(Value::Object(persisted)) = extensions.get("persistedQuery") else { return None };
    match persisted.get("sha256Hash") {
        Some(Value::String(hash)) => Some(hash.clone()),
        _ => None,
    }
}

fn json<T: DeserializeOwned>(name: &str, text: Option<String>) -> Result<Option<T>, Refusal> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => serde_json::from_slice(text.as_bytes().strip_prefix(MARK).unwrap_or(text.as_bytes()))
            .map_err(|error| Refusal::bad_request(format!("the parameter {name:?} is not a JSON object: {error}"))),
    }
}

/// Only JSON is accepted: a form or plain text could be posted by any page that a user visits.
fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_json = parts.next().as_deref() == Some("application/json");
    let readable = parts.filter_map(|part| part.strip_prefix("charset=").map(is_utf8)).all(|utf8| utf8);
    if is_json && readable { Ok(()) } else { Err(Refusal::media_type(value)) }
}

/// Only uncompressed bodies are accepted: a compressed one could expand to a thousand times the limit.
fn require_plain(headers: &HeaderMap) -> Result<(), Refusal> {
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        let is_plain = |coding: &str| coding.is_empty() || coding.eq_ignore_ascii_case("identity");
        if let Some(coding) = value.split(',').map(str::trim).find(|coding| !is_plain(coding)) {
            return Err(Refusal::encoding(coding));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn posted(body: &str) -> Result<GraphqlRequest, Refusal> {
        let headers = HeaderMap::from_iter([(
            CONTENT_TYPE,
            axum::http::HeaderValue::from_static("application/json; charset=UTF-8"),
        )]);
        from_json(&super::body(&headers, Body::from(body.to_owned()), 100).await?)
    }

    #[tokio::test]
    async fn a_body_is_read() {
        let body = r#" {"query": "{a}", "operationName": "A", "variables": {"b": 1}, "extra": 1}"#;
        let read = posted(body).await.unwrap().request;
        assert_eq!((read.query.as_str(), read.operation_name.as_deref()), ("{a}", Some("A")));
        assert_eq!(read.variables.into_value().to_string(), "{b: 1}");
        assert!(
            posted(r#"{"query": "{a}", "variables": null, "operationName": null, "extensions": null}"#).await.is_ok()
        );
    }

    #[tokio::test]
    async fn a_byte_order_mark_is_ignored() {
        assert_eq!(posted("\u{feff}{\"query\": \"{a}\"}").await.unwrap().request.query, "{a}");
        assert!(posted("\u{feff}").await.unwrap_err().message.contains("not JSON"));
        assert!(posted("\u{feff} [{\"query\": \"{a}\"}]").await.unwrap_err().message.contains("an array"));
        let uri = "/?query=%7Ba%7D&variables=%EF%BB%BF%7B%22b%22%3A1%7D".parse().unwrap();
        assert_eq!(from_uri(&uri).unwrap().request.variables.into_value().to_string(), "{b: 1}");
    }

    #[tokio::test]
    async fn malformed_requests_are_refused() {
        for (body, reason) in [
            ("", "not JSON"),
            ("{\"query\":", "not JSON"),
            ("7", "not a GraphQL request"),
            ("{}", "no \"query\""),
            ("{\"query\": null}", "no \"query\""),
            ("{\"query\": 1}", "not a GraphQL request"),
            ("{\"query\": \"{a}\", \"variables\": [1]}", "not a GraphQL request"),
            ("{\"query\": \"{a}\", \"variables\": \"{}\"}", "not a GraphQL request"),
            (r#"{"query": "{a}", "variables": {"a": 1, "a": 1}}"#, "occurs twice"),
            (r#"{"query": "{a}", "variables": {"f": [{"a": 1, "a": 2}]}}"#, "occurs twice"),
            (r#"{"query": "{a}", "query": "{a}"}"#, "duplicate field"),
            (r#"{"query": "{a}", "extensions": {"a": 1, "a": 1}}"#, "occurs twice"),
            ("null", "expected an object with a \"query\""),
            ("{\"query\": \"{a}\", \"extensions\": 1}", "not a GraphQL request"),
            (" [{\"query\": \"{a}\"}]", "an array"),
            ("[\"{a}\", null, null, null]", "an array"),
        ] {
            let refusal = posted(body).await.err().map(|refusal| refusal.message).unwrap_or_default();
            assert!(refusal.contains(reason), "{body}: {refusal}");
        }
    }

    #[tokio::test]
    async fn an_id_stands_for_a_document() {
        for body in [
            r#"{"documentId": "x"}"#,
            r#"{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}}"#,
            r#"{"documentId": "x", "query": "{a}"}"#,
        ] {
            assert_eq!(posted(body).await.unwrap().document_id.as_deref(), Some("x"), "{body}");
        }
        assert_eq!(from_uri(&"/?documentId=x".parse().unwrap()).unwrap().document_id.as_deref(), Some("x"));
    }

    #[test]
    fn an_address_is_read() {
        let uri =
            "/graphql?query=%7Ba%7D&operationName=A&variables=%7B%22b%22%3A1%7D&operation_name=B".parse().unwrap();
        let read = from_uri(&uri).unwrap().request;
        assert_eq!((read.query.as_str(), read.operation_name.as_deref()), ("{a}", Some("A")));
        assert_eq!(read.variables.into_value().to_string(), "{b: 1}");
        for bad in ["/", "/?query=a&query=b", "/?query=a&variables=1", "/?query=a&variables=%5B%5D"] {
            assert!(from_uri(&bad.parse().unwrap()).is_err(), "{bad}");
        }
    }
}

//! Reads a GraphQL request from a body or from an address.

use async_graphql::{Request, Value, Variables};
use axum::RequestExt;
use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{self, HeaderMap, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::accept::is_utf8;
use super::answer::Refusal;

/// A request as JSON. Further members are passed over, as the specification asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InBody {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<Object>,
}

/// A request in an address.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InUri {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

type Object = std::collections::BTreeMap<String, Value>;

/// Reads a request from a JSON body of at most `limit` bytes.
pub(super) async fn from_body(request: http::Request<Body>, limit: usize) -> Result<Request, Refusal> {
    require_json(request.headers())?;
    let body: Bytes = request.extract().await.map_err(|rejection: BytesRejection| match rejection {
        rejection if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(limit),
        _ => Refusal::bad_request("the body could not be read to its end"),
    })?;
    // A struct is also read from an array, which would let batches in by the back door.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Refusal::bad_request(
            "the body is an array, but only a single request is accepted: send an object",
        ));
    }
    let InBody { query, operation_name, variables, extensions } = serde_json::from_slice(&body).map_err(|error| {
        Refusal::bad_request(if error.is_data() {
            format!("the body is not a GraphQL request: {error}")
        } else {
            format!("the body is not JSON: {error}")
        })
    })?;
    assemble(query, operation_name, variables, extensions)
}

/// Reads a request from the parameters of an address.
pub(super) fn from_uri(uri: &Uri) -> Result<Request, Refusal> {
    let Query(InUri { query, operation_name, variables, extensions }) = Query::try_from_uri(uri)
        .map_err(|_| Refusal::bad_request("the parameters of the address cannot be read, or one is given twice"))?;
    assemble(query, operation_name, json("variables", variables)?, json("extensions", extensions)?)
}

fn assemble(
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<Object>,
) -> Result<Request, Refusal> {
    let query = query.ok_or_else(|| Refusal::bad_request("the request has no \"query\""))?;
    let mut request = Request::new(query).variables(variables.unwrap_or_default());
    request.operation_name = operation_name.filter(|name| !name.is_empty());
    request.extensions.0 = extensions.unwrap_or_default().into_iter().collect();
    Ok(request)
}

fn json<T: DeserializeOwned>(name: &str, text: Option<String>) -> Result<Option<T>, Refusal> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| Refusal::bad_request(format!("the parameter {name:?} is not a JSON object: {error}"))),
    }
}

/// Only JSON: a form or plain text could be posted by any page that a reader of ours visits.
fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_json = parts.next().as_deref() == Some("application/json");
    let readable = parts.filter_map(|part| part.strip_prefix("charset=").map(is_utf8)).all(|utf8| utf8);
    if is_json && readable { Ok(()) } else { Err(Refusal::media_type(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn posted(body: &str) -> Result<Request, Refusal> {
        let request = http::Request::post("/").header(CONTENT_TYPE, "application/json; charset=UTF-8");
        from_body(request.body(Body::from(body.to_owned())).unwrap(), 100).await
    }

    #[tokio::test]
    async fn a_body_is_read() {
        let read =
            posted(r#" {"query": "{a}", "operationName": "A", "variables": {"b": 1}, "extra": 1}"#).await.unwrap();
        assert_eq!((read.query.as_str(), read.operation_name.as_deref()), ("{a}", Some("A")));
        assert_eq!(read.variables.into_value().to_string(), "{b: 1}");
        assert!(
            posted(r#"{"query": "{a}", "variables": null, "operationName": null, "extensions": null}"#).await.is_ok()
        );
    }

    #[tokio::test]
    async fn what_is_no_request_is_refused() {
        for (body, reason) in [
            ("", "not JSON"),
            ("{\"query\":", "not JSON"),
            ("7", "not a GraphQL request"),
            ("{}", "no \"query\""),
            ("{\"query\": 1}", "not a GraphQL request"),
            ("{\"query\": \"{a}\", \"variables\": [1]}", "not a GraphQL request"),
            ("{\"query\": \"{a}\", \"variables\": \"{}\"}", "not a GraphQL request"),
            ("{\"query\": \"{a}\", \"extensions\": 1}", "not a GraphQL request"),
            (" [{\"query\": \"{a}\"}]", "an array"),
            ("[\"{a}\", null, null, null]", "an array"),
        ] {
            let refusal = posted(body).await.err().map(|refusal| refusal.message).unwrap_or_default();
            assert!(refusal.contains(reason), "{body}: {refusal}");
        }
    }

    #[test]
    fn an_address_is_read() {
        let uri =
            "/graphql?query=%7Ba%7D&operationName=A&variables=%7B%22b%22%3A1%7D&operation_name=B".parse().unwrap();
        let read = from_uri(&uri).unwrap();
        assert_eq!((read.query.as_str(), read.operation_name.as_deref()), ("{a}", Some("A")));
        assert_eq!(read.variables.into_value().to_string(), "{b: 1}");
        for bad in ["/", "/?query=a&query=b", "/?query=a&variables=1", "/?query=a&variables=%5B%5D"] {
            assert!(from_uri(&bad.parse().unwrap()).is_err(), "{bad}");
        }
    }
}

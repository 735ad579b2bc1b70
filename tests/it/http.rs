//! GraphQL over HTTP: status codes, media types, limits. Only `__typename` is asked for, so that no data is needed.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response};
use pomost_api::http::{App, HttpLimits, admin_router, router};
use pomost_api::schema::Dataset;
use pomost_persistence::{Mode, Settings, Store};
use serde_json::{Value, json};
use tower::ServiceExt;

const NEW: &str = "application/graphql-response+json";
const OLD: &str = "application/json";

struct Edge {
    app: App,
    _folder: tempfile::TempDir,
}

impl Edge {
    async fn new(migrated: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("edge.db").display());
        let store = Store::open(&Settings::new(url), Mode::Create).await.unwrap();
        if migrated {
            store.migrate_up().await.unwrap();
        }
        let limits = HttpLimits { request_timeout: Duration::from_millis(300), ..HttpLimits::default() };
        Self { app: App::new(store, Dataset::default(), &limits), _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> (u16, HeaderMap, String) {
        let router: Router = router(self.app.clone());
        let response: Response<Body> = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 22).await.unwrap();
        (parts.status.as_u16(), parts.headers, String::from_utf8_lossy(&body).into_owned())
    }

    /// Status, media type and code of the first error.
    async fn post(&self, accept: &str, body: &str) -> (u16, String, String) {
        let request = Request::post("/graphql").header("content-type", OLD).header("accept", accept);
        let (status, headers, text) = self.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer.get("errors").is_some(), answer.get("data").is_none(), "{text}");
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        (status, media_type(&headers), code.to_owned())
    }

    async fn get(&self, path: &str) -> (u16, HeaderMap, String) {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }
}

fn media_type(headers: &HeaderMap) -> String {
    headers["content-type"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn query(text: &str) -> String {
    json!({ "query": text }).to_string()
}

#[tokio::test]
async fn the_media_type_decides_about_the_status() {
    let edge = Edge::new(true).await;
    let two = query("query A { __typename } query B { __typename }");
    for (body, status, code) in [
        (query("{ __typename }"), 200, ""),
        (query("{"), 400, "GRAPHQL_PARSE_FAILED"),
        (query("{ nothing }"), 400, "GRAPHQL_VALIDATION_FAILED"),
        (two, 400, "OPERATION_RESOLUTION_FAILURE"),
        (query("query ($s: Boolean!) { __typename @skip(if: $s) }"), 400, "BAD_USER_INPUT"),
        (query("{ ...a } fragment a on Query { ...a }"), 400, "QUERY_TOO_COMPLEX"),
    ] {
        assert_eq!(edge.post(NEW, &body).await, (status, NEW.to_owned(), code.to_owned()), "{body}");
        assert_eq!(edge.post(OLD, &body).await, (200, OLD.to_owned(), code.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_either_media_type() {
    let edge = Edge::new(true).await;
    let large = query(&format!("{{ __typename }} #{}", "x".repeat(300_000)));
    for (body, status) in [("nonsense", 400), ("{}", 400), ("[]", 400), (large.as_str(), 413)] {
        for accept in [NEW, OLD] {
            let refused = edge.post(accept, body).await;
            assert_eq!(refused, (status, accept.to_owned(), "BAD_REQUEST".to_owned()), "{body:.40}");
        }
    }
    assert_eq!(edge.post("text/plain", &query("{ __typename }")).await.0, 406);
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"] {
        let request = Request::post("/graphql").header("content-type", media_type);
        assert_eq!(edge.send(request.body(Body::from(query("{ __typename }"))).unwrap()).await.0, 415, "{media_type}");
    }
}

#[tokio::test]
async fn get_is_for_queries() {
    let edge = Edge::new(true).await;
    let (status, headers, text) = edge.get("/graphql?query=query%20A%7B__typename%7D&operationName=A").await;
    assert_eq!((status, text.as_str()), (200, "{\"data\":{\"__typename\":\"Query\"}}"));
    assert_eq!(headers["vary"], "Accept, Accept-Language, Authorization");
    assert_eq!(headers["x-request-id"].len(), 16);
    assert_eq!(edge.get("/graphql").await.0, 400);
    assert_eq!(edge.get("/graphql?query=mutation%7B__typename%7D").await.0, 405);
    let (status, headers, _) = edge.send(Request::delete("/graphql").body(Body::empty()).unwrap()).await;
    assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "GET, HEAD, POST"));
}

#[tokio::test]
async fn browsers_get_the_explorer_and_its_files() {
    let edge = Edge::new(true).await;
    let request = Request::get("/graphql").header("accept", "text/html,*/*;q=0.8").body(Body::empty()).unwrap();
    let (status, headers, page) = edge.send(request).await;
    assert_eq!((status, media_type(&headers).as_str()), (200, "text/html"));
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; script-src 'self';"));
    for path in page.split('"').filter(|text| text.starts_with("/graphql/assets/")) {
        assert_eq!(edge.get(path).await.0, 200, "{path}");
    }
    assert_eq!(edge.get("/graphql/assets/index.html").await.0, 404);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_times_out() {
    let edge = Edge::new(true).await;
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let request = Request::post("/graphql").header("content-type", OLD).body(never).unwrap();
    let (status, _, text) = edge.send(request).await;
    assert_eq!(status, 408);
    assert!(text.contains("\"code\":\"TIMEOUT\""), "{text}");
}

#[tokio::test]
async fn probes_answer_on_both_addresses() {
    for (migrated, ready) in [(true, 200), (false, 503)] {
        let edge = Edge::new(migrated).await;
        assert_eq!((edge.get("/livez").await.0, edge.get("/readyz").await.0), (200, ready));
        for (path, status) in [("/livez", 200), ("/readyz", ready), ("/graphql", 404)] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = admin_router(edge.app.clone()).oneshot(request).await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{path}");
        }
    }
}

#[tokio::test]
async fn a_sane_request_id_is_kept() {
    let edge = Edge::new(true).await;
    for (sent, kept) in [("client-7", true), ("not sane", false)] {
        let request = Request::get("/livez").header("x-request-id", sent).body(Body::empty()).unwrap();
        assert_eq!(edge.send(request).await.1["x-request-id"] == sent, kept);
    }
}

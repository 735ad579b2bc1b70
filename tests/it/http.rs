//! GraphQL over HTTP: status codes, media types, limits. The queries select only `__typename`, so that no data is needed.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response};
use pomost_api::registry::Registry;
use pomost_api::schema::Dataset;
use pomost_edge::gate::{Limits, Rules};
use pomost_edge::http::{self, App, admin_router, router};
use pomost_persistence::{Mode, Settings, Store};
use pomost_tests::{SAMPLE, import};
use serde_json::{Value, json};
use tower::ServiceExt;

const NEW: &str = "application/graphql-response+json";
const OLD: &str = "application/json";

struct Edge {
    app: App<Registry>,
    store: Store,
    _folder: tempfile::TempDir,
}

impl Edge {
    async fn new(migrated: bool) -> Self {
        Self::with(migrated, http::Settings::default()).await
    }

    async fn with(migrated: bool, mut settings: http::Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("edge.db").display());
        let store = Store::open(&Settings::new(url), Mode::Create).await.unwrap();
        if migrated {
            store.migrate_up().await.unwrap();
        }
        // Short enough for a test, long enough for a busy machine.
        settings.rules = Rules { limits: Limits { request_timeout_ms: 3_000, ..Limits::default() }, ..settings.rules };
        let registry = Registry::new(store.clone(), Dataset::default(), None, pomost_tests::clock);
        Self { app: App::new(registry, settings), store, _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> (u16, HeaderMap, String) {
        let response: Response<Body> = router(self.app.clone()).oneshot(request).await.unwrap();
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
async fn the_status_depends_on_the_media_type() {
    let edge = Edge::new(true).await;
    let two = query("query A { __typename } query B { __typename }");
    for (body, status, code) in [
        (query("{ __typename }"), 200, ""),
        (query("{"), 400, "GRAPHQL_PARSE_FAILED"),
        (query("{ nothing }"), 400, "GRAPHQL_VALIDATION_FAILED"),
        (two, 422, "OPERATION_RESOLUTION_FAILURE"),
        (query("query ($s: Boolean!) { __typename @skip(if: $s) }"), 400, "BAD_USER_INPUT"),
        (query("{ ...a } fragment a on Query { ...a }"), 400, "GRAPHQL_VALIDATION_FAILED"),
    ] {
        assert_eq!(edge.post(NEW, &body).await, (status, NEW.to_owned(), code.to_owned()), "{body}");
        assert_eq!(edge.post(OLD, &body).await, (200, OLD.to_owned(), code.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn malformed_requests_are_refused_in_either_media_type() {
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
        let (status, headers, _) = edge.send(request.body(Body::from(query("{ __typename }"))).unwrap()).await;
        assert_eq!((status, headers["accept"].to_str().unwrap()), (415, OLD), "{media_type}");
    }
}

#[tokio::test]
async fn get_is_for_queries() {
    let edge = Edge::new(true).await;
    let (status, headers, text) = edge.get("/graphql?query=query%20A%7B__typename%7D&operationName=A").await;
    assert_eq!((status, text.as_str()), (200, "{\"data\":{\"__typename\":\"Query\"}}"));
    assert_eq!(headers["vary"], "Accept, Accept-Encoding, Accept-Language, Authorization");
    assert_eq!(headers["x-request-id"].len(), 16);
    assert_eq!(edge.get("/graphql").await.0, 400);
    assert_eq!(edge.get("/graphql?query=mutation%7B__typename%7D").await.0, 405);
    let (status, headers, _) = edge.send(Request::delete("/graphql").body(Body::empty()).unwrap()).await;
    assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "GET, HEAD, POST, OPTIONS"));
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
        for (path, status) in [("/livez", 200), ("/readyz", ready), ("/graphql", 404), ("/metrics", 200)] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = admin_router(edge.app.clone()).oneshot(request).await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{path}");
        }
    }
}

#[tokio::test]
async fn a_valid_request_id_is_used() {
    let edge = Edge::new(true).await;
    for (sent, is_used) in [("client-7", true), ("not sane", false)] {
        let request = Request::get("/livez").header("x-request-id", sent).body(Body::empty()).unwrap();
        assert_eq!(edge.send(request).await.1["x-request-id"] == sent, is_used);
    }
}

/// The values of these headers; "-" for a missing one.
fn shown(headers: &HeaderMap, names: &[&str]) -> Vec<String> {
    let shown = |name: &&str| headers.get(*name).map_or("-".to_owned(), |value| value.to_str().unwrap().to_owned());
    names.iter().map(shown).collect()
}

#[tokio::test]
async fn an_unchanged_answer_is_a_304() {
    let edge = Edge::new(true).await;
    import(&edge.store, SAMPLE).await.unwrap();
    let path = "/graphql?query=%7BhomeCity%7Bslug%7D%7D";
    let (status, headers, _) = edge.get(path).await;
    assert_eq!((status, headers["cache-control"].to_str().unwrap()), (200, "public, no-cache"));
    let tag = headers["etag"].clone();
    assert!(tag.to_str().unwrap().starts_with('"'), "{tag:?}");

    let ask = |path: &str| Request::get(path).header("if-none-match", &tag).body(Body::empty()).unwrap();
    let before = edge.store.statements();
    let (status, headers, body) = edge.send(ask(path)).await;
    assert_eq!((status, body.as_str(), &headers["etag"]), (304, "", &tag));
    assert_eq!(edge.store.statements() - before, 1, "only the version of the data is read");
    assert_eq!(edge.send(ask("/graphql?query=%7BhomeCity%7Bid%7D%7D")).await.0, 200);
    let german = Request::get(path).header("if-none-match", &tag).header("accept-language", "de");
    assert_eq!(edge.send(german.body(Body::empty()).unwrap()).await.0, 200);

    let changed = SAMPLE.replacen("Jastrzębie-Zdrój", "Jastrzębie-Zdrój!", 1);
    import(&edge.store, SAMPLE).await.unwrap();
    assert_eq!(edge.send(ask(path)).await.0, 304, "an import that changes nothing");
    import(&edge.store, changed).await.unwrap();
    assert_eq!(edge.send(ask(path)).await.0, 200, "an import that changes something");
}

#[tokio::test]
async fn errors_and_personal_answers_have_no_tag() {
    let edge = Edge::new(true).await;
    for query in ["{nothing}", "{rateLimit{remaining}}", "{viewer{role}}", "{node(id:%22x%22){id}}"] {
        let (_, headers, _) =
            edge.get(&format!("/graphql?query={}", query.replace('{', "%7B").replace('}', "%7D"))).await;
        assert_eq!(shown(&headers, &["etag", "cache-control"]), ["-", "no-store"], "{query}");
    }
    let post = Request::post("/graphql").header("content-type", OLD).body(Body::from(query("{__typename}"))).unwrap();
    assert_eq!(shown(&edge.send(post).await.1, &["etag", "cache-control"]), ["-", "no-store"]);
}

#[tokio::test]
async fn compressed_answers_have_their_own_tag() {
    let edge = Edge::new(true).await;
    let path = "/graphql?query=%7B__schema%7Btypes%7Bname,description%7D%7D%7D";
    let ask = |encoding: &str| Request::get(path).header("accept-encoding", encoding).body(Body::empty()).unwrap();
    let plain = edge.send(ask("identity")).await.1["etag"].to_str().unwrap().trim_matches('"').to_owned();
    for encoding in ["br", "gzip", "zstd"] {
        let headers = edge.send(ask(encoding)).await.1;
        assert_eq!(shown(&headers, &["content-encoding", "etag"]), [encoding, &format!("\"{plain}-{encoding}\"")]);
        let again = Request::get(path).header("accept-encoding", encoding).header("if-none-match", &headers["etag"]);
        assert_eq!(edge.send(again.body(Body::empty()).unwrap()).await.0, 304, "{encoding}");
    }
    // Some tools offer zstd because their library does, although they cannot decode it.
    assert_eq!(edge.send(ask("gzip, deflate, br, zstd")).await.1["content-encoding"], "br");
    assert_eq!(edge.send(ask("zstd, gzip")).await.1["content-encoding"], "gzip");
    assert_eq!(edge.send(ask("zstd, gzip;q=0.9, br;q=0.9")).await.1["content-encoding"], "zstd");
    let page = |path: &str| Request::get(path).header("accept-encoding", "zstd, br").body(Body::empty()).unwrap();
    assert_eq!(edge.send(page("/schema.graphql")).await.1["content-encoding"], "br");
}

#[tokio::test]
async fn pages_of_other_sites_may_read_without_credentials() {
    let preflight = || {
        let request = Request::options("/graphql").header("origin", "https://ibbenbueren.example");
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "content-type").body(Body::empty()).unwrap()
    };
    let names = ["access-control-allow-origin", "access-control-allow-credentials"];
    let open = Edge::new(true).await;
    let (status, headers, _) = open.send(preflight()).await;
    assert_eq!((status, shown(&headers, &names)), (200, vec!["*".to_owned(), "-".to_owned()]));
    let allowed = headers["access-control-allow-headers"].to_str().unwrap();
    for name in ["content-type", "authorization", "if-none-match", "last-event-id"] {
        assert!(allowed.split(',').any(|one| one == name), "{name}: {allowed}");
    }
    for (origin, credentials) in [("https://ibbenbueren.example", "true"), ("https://other.example", "-")] {
        let settings = http::Settings { credential_origins: vec![origin.to_owned()], ..http::Settings::default() };
        let (_, headers, _) = Edge::with(true, settings).await.send(preflight()).await;
        assert_eq!(shown(&headers, &names), ["https://ibbenbueren.example", credentials], "{origin}");
    }
    let (status, headers, _) = open.send(Request::options("/graphql").body(Body::empty()).unwrap()).await;
    assert_eq!(status, 200, "{headers:?}");
}

#[tokio::test]
async fn every_answer_has_security_headers() {
    let edge = Edge::new(true).await;
    for path in ["/graphql?query=%7B__typename%7D", "/schema.graphql", "/livez", "/nowhere"] {
        let names = ["x-content-type-options", "x-frame-options", "referrer-policy"];
        let (_, headers, _) = edge.get(path).await;
        assert_eq!(shown(&headers, &names), ["nosniff", "DENY", "no-referrer"], "{path}");
        assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"), "{path}");
    }
}

#[tokio::test]
async fn a_client_without_budget_has_to_wait() {
    let rate = pomost_edge::gate::Rate { burst: 10_000, per_second: 1, token_factor: 1 };
    let edge =
        Edge::with(true, http::Settings { rules: Rules { rate, ..Rules::default() }, ..http::Settings::default() });
    let edge = edge.await;
    let expensive = query(
        "{ cities(filter: { projects: { every: {} } }) { nodes { id } } rateLimit { limit cost remaining resetAt } }",
    );
    let request = || Request::post("/graphql").header("content-type", OLD).body(Body::from(expensive.clone())).unwrap();
    let mut last = edge.send(request()).await;
    let answer: Value = serde_json::from_str(&last.2).unwrap();
    let limit = &answer["data"]["rateLimit"];
    assert_eq!(limit["limit"], 10_000);
    assert_eq!(limit["remaining"].as_u64().unwrap(), 10_000 - limit["cost"].as_u64().unwrap());
    assert_eq!(shown(&last.1, &["ratelimit-policy"]), ["\"cost\";q=10000;w=10000"]);
    for _ in 0..20 {
        last = edge.send(request()).await;
    }
    assert_eq!(last.0, 429);
    assert!(last.2.contains("\"code\":\"RATE_LIMITED\""), "{}", last.2);
    assert!(shown(&last.1, &["retry-after"])[0].parse::<u32>().unwrap() > 0);
}

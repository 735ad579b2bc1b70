use std::sync::LazyLock;
use std::time::Duration;

use async_graphql::futures_util::StreamExt;
use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{Data, EmptyMutation, EmptySubscription, Executor, Object, Schema, ValidationMode};
use axum::http::header::RETRY_AFTER;
use pomost_document::{Scalars, TypeSystem};

use super::errors::complete_errors;
use super::receipt::{RATE_LIMIT, RATE_LIMIT_POLICY};
use super::*;
use crate::identity::Credential;

/// Root types and a field that no test executes: they are only refused.
const SDL: &str = "type Query {\n a: Int! b(x: Int): Int! c(x: [[Int]]): Int me: Query! slow: Boolean!\n}\n\
    type Mutation {\n a: Int!\n}\ntype Subscription {\n a: Int!\n}\n";

struct Query;

#[Object]
#[allow(clippy::unused_async, reason = "the macro requires it for a field that returns a result")]
impl Query {
    async fn a(&self, ctx: &async_graphql::Context<'_>) -> u32 {
        ctx.data_opt::<Balance>().map_or(0, |balance| balance.remaining)
    }

    async fn b(&self, x: Option<i32>) -> async_graphql::Result<i32> {
        x.ok_or_else(|| async_graphql::Error::new("gone"))
    }

    async fn me(&self) -> &Self {
        self
    }

    async fn slow(&self) -> bool {
        tokio::time::sleep(Duration::from_mins(1)).await;
        true
    }
}

#[derive(Clone)]
struct Small(Schema<Query, EmptyMutation, EmptySubscription>);

impl Executor for Small {
    async fn execute(&self, request: Request) -> Response {
        self.0.execute(request).await
    }

    fn execute_stream(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        Executor::execute_stream(&self.0, request, session)
    }
}

impl Served for Small {
    /// The name of the account; empty for an anonymous viewer.
    type Viewer = String;
    type ViewerKey = String;
    type Language = String;
    type Outline = ();

    const MAX_PAGE: u32 = 100;

    fn languages(range: &str) -> Vec<String> {
        vec![range.to_owned()]
    }

    fn sdl(&self) -> &'static str {
        SDL
    }

    fn types(&self) -> &TypeSystem {
        static TYPES: LazyLock<TypeSystem> = LazyLock::new(|| TypeSystem::new(SDL, Scalars::default()).unwrap());
        &TYPES
    }

    fn outline<'a>(&self, _fields: impl Iterator<Item = &'a str>) {}

    fn edition(&self) -> &'static str {
        "1"
    }

    async fn version(&self, _viewer: &String) -> Option<Version> {
        None
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    async fn identify(&self, credential: &Credential) -> Result<String, AuthError> {
        match credential {
            Credential::None => Ok(String::new()),
            Credential::Bearer(name) if **name == *"anna" => Ok("anna".to_owned()),
            _ => Err(AuthError::rejected("the token is not known")),
        }
    }

    fn account(viewer: &String) -> Option<&str> {
        Some(viewer.as_str()).filter(|name| !name.is_empty())
    }

    fn viewer_key(viewer: &String) -> String {
        viewer.clone()
    }
}

fn gate(rules: Rules) -> Gate<Small> {
    Gate::new(
        Small(Schema::build(Query, EmptyMutation, EmptySubscription).validation_mode(ValidationMode::Fast).finish()),
        rules,
    )
}

fn from(transport: Transport, document_id: Option<&str>) -> Caller {
    Caller {
        address: [192, 0, 2, 1].into(),
        transport,
        deadline: Instant::now() + Duration::from_secs(10),
        document_id: document_id.map(ToOwned::to_owned),
        credential: Credential::None,
        trace: Trace { id: "id-1".to_owned(), client: None, account: None, seen: Arc::default() },
    }
}

async fn outcome(gate: &Gate<Small>, request: impl Into<Request>) -> (String, String) {
    let response = gate.execute(request.into()).await;
    let code = response.errors.first().and_then(code).map_or("", Code::as_str);
    (code.to_owned(), serde_json::to_string(&response).unwrap())
}

async fn code_of(query: &str) -> String {
    outcome(&gate(Rules::default()), Request::new(query)).await.0
}

#[tokio::test]
async fn requests_are_checked_in_the_documented_order() {
    let wide = |count: usize| format!("{{ {} }}", (0..count).map(|n| format!("f{n}")).collect::<Vec<_>>().join(" "));
    let deep = |levels: usize| format!("{{ {} a {} }}", "me { ".repeat(levels), "}".repeat(levels));
    let aliased =
        |count: usize| format!("{{ {} }}", (0..count).map(|n| format!("x{n}: a")).collect::<Vec<_>>().join(" "));
    let directed = |count: usize| format!("{{ a {} }}", "@skip(if: false) ".repeat(count));
    for (query, code) in [
        ("{ a }".to_owned(), ""),
        (" ".repeat(40_000), "QUERY_TOO_COMPLEX"),
        ("{".repeat(20_000), "QUERY_TOO_DEEP"),
        ("{ a(x: ".to_owned() + &"[".repeat(20_000), "QUERY_TOO_DEEP"),
        ("{ a".to_owned(), "GRAPHQL_PARSE_FAILED"),
        (wide(1_001), "QUERY_TOO_COMPLEX"),
        (deep(14), ""),
        (deep(15), "QUERY_TOO_DEEP"),
        (aliased(30), ""),
        (aliased(31), "QUERY_TOO_COMPLEX"),
        (directed(11), "QUERY_TOO_COMPLEX"),
        (format!("{{ {} }}", "b(x: 1) ".repeat(333)), ""),
        (format!("{{ {} }}", "b(x: 1) ".repeat(334)), "QUERY_TOO_COMPLEX"),
        ("query A { a } query B { a }".to_owned(), "OPERATION_RESOLUTION_FAILURE"),
        ("{ ...f } fragment f on Query { ...f }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("{ nothing }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("{ b(x: \"1\") }".to_owned(), "BAD_USER_INPUT"),
        ("{ b }".to_owned(), "BAD_USER_INPUT"),
        ("subscription { a }".to_owned(), "BAD_REQUEST"),
    ] {
        assert_eq!(code_of(&query).await, code, "{query:.60}");
    }
}

#[tokio::test]
async fn values_in_variables_are_counted() {
    let gate = gate(Rules::default());
    let request = |count: usize| {
        let text = format!("{{\"x\": [{}]}}", vec!["[1]"; count].join(","));
        Request::new("query ($x: [[Int]]) { c(x: $x) }").variables(serde_json::from_str(&text).unwrap())
    };
    assert_ne!(outcome(&gate, request(499)).await.0, "QUERY_TOO_COMPLEX");
    let (code, text) = outcome(&gate, request(500)).await;
    assert_eq!(code, "QUERY_TOO_COMPLEX");
    assert!(
        text.contains(r#""allowed":1000,"code":"QUERY_TOO_COMPLEX","found":1001,"limit":"variable_values""#),
        "{text}"
    );
}

#[tokio::test]
async fn a_get_reads_only() {
    let gate = gate(Rules::default());
    let refused = gate.execute(Request::new("mutation { a }").data(from(Transport::GET, None))).await;
    assert_eq!(refused.http_headers.get(ALLOW).unwrap(), "POST");
}

#[tokio::test]
async fn the_budget_is_charged_the_cost() {
    let rules = Rules { rate: Rate { burst: 10, per_second: 1, token_factor: 1 }, ..Rules::default() };
    let gate = gate(rules);
    let ask = || Request::new("{ me { me { a } } }").data(from(Transport::POST, None));
    let first = gate.execute(ask()).await;
    assert_eq!(first.data.to_string(), "{me: {me: {a: 7}}}");
    assert_eq!(first.http_headers.get(RATE_LIMIT_POLICY).unwrap(), "\"cost\";q=10;w=10");
    assert_eq!(first.http_headers.get(RATE_LIMIT).unwrap(), "\"cost\";r=7;t=3");
    gate.execute(ask()).await;
    gate.execute(ask()).await;
    let refused = gate.execute(ask()).await;
    assert_eq!(refused.errors.first().and_then(code), Some(Code::RateLimited));
    assert_eq!(refused.http_headers.get(RETRY_AFTER).unwrap(), "2");
}

#[tokio::test]
async fn the_cost_is_reported_on_request() {
    let gate = gate(Rules::default());
    let mut request = Request::new("{ me { a } }");
    request.extensions.0.insert("cost".to_owned(), Value::Boolean(true));
    let (_, text) = outcome(&gate, request).await;
    assert!(text.contains(r#""extensions":{"cost":{"requested":2,"actual":2,"allowed":10000}}"#), "{text}");
}

#[tokio::test]
async fn work_above_the_time_limit_is_cancelled() {
    let limits = Limits { request_timeout_ms: 20, ..Limits::default() };
    let (code, text) = outcome(&gate(Rules { limits, ..Rules::default() }), Request::new("{ slow }")).await;
    assert!(code == "TIMEOUT" && text.contains("20 ms"), "{text}");
}

#[tokio::test]
async fn ids_are_replaced_by_their_documents() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.json"), r#"{"x": "{ a }"}"#).unwrap();
    let mut documents = Documents::read(folder.path()).unwrap();
    let open = gate(Rules { documents: documents.clone(), ..Rules::default() });
    documents.only = true;
    let closed = gate(Rules { documents, ..Rules::default() });
    let hash = format!("sha256:{}", hash("{ a }"));
    for (query, id, on_open, on_closed) in [
        ("", Some("x"), "", ""),
        ("", Some(hash.as_str()), "", ""),
        ("", Some("y"), "PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_FOUND"),
        ("{ a }", None, "", ""),
        ("{ a }", Some("x"), "", ""),
        ("{ me { a } }", Some("x"), "BAD_REQUEST", "BAD_REQUEST"),
        ("{ me { a } }", None, "", "PERSISTED_QUERY_NOT_FOUND"),
        ("{ __typename }", None, "", "PERSISTED_QUERY_NOT_FOUND"),
    ] {
        for (gate, expected) in [(&open, on_open), (&closed, on_closed)] {
            let code = outcome(gate, Request::new(query).data(from(Transport::POST, id))).await.0;
            assert_eq!(code, expected, "{query:?} {id:?}");
        }
    }
}

#[tokio::test]
async fn defaults_of_variables_reach_skip() {
    let gate = gate(Rules::default());
    let (_, text) = outcome(&gate, Request::new("query ($s: Boolean! = true) { a b(x: 1) @skip(if: $s) }")).await;
    assert!(!text.contains("\"b\""), "{text}");
    let (code, text) = outcome(&gate, Request::new("query ($s: Boolean!) { a @skip(if: $s) }")).await;
    assert!(
        code == "BAD_USER_INPUT" && text.contains("the variable $s is missing, but its type is Boolean!"),
        "{text}"
    );
}

#[tokio::test]
async fn internal_errors_contain_the_request_id() {
    let mut errors = vec![coded(crate::INTERNAL, None, Code::InternalServerError)];
    complete_errors(&mut errors, "id-1");
    let text = serde_json::to_string(&errors).unwrap();
    assert!(text.contains(r#"{"code":"INTERNAL_SERVER_ERROR","requestId":"id-1"}"#), "{text}");
}

#[tokio::test]
async fn subscriptions_go_through_the_same_gate() {
    let gate = gate(Rules::default());
    let answers =
        |query: &str| gate.answers(Request::new(query), None).map(|answer| answer.response).collect::<Vec<_>>();
    assert_eq!(answers("{ a }").await.len(), 1);
    let refused = answers("{ ...f } fragment f on Query { ...f }").await;
    assert_eq!(refused[0].errors.first().and_then(code), Some(Code::GraphqlValidationFailed));
}

#[tokio::test]
async fn a_token_has_its_own_budget_and_wrong_tokens_are_charged() {
    let gate = gate(Rules { rate: Rate { burst: 1, per_second: 1, token_factor: 10 }, ..Rules::default() });
    let shows = |token: &str| {
        Request::new("{ a }")
            .data(Caller { credential: Credential::Bearer(token.into()), ..from(Transport::POST, None) })
    };
    let (_, text) = outcome(&gate, shows("anna")).await;
    assert!(text.contains("\"a\":9"), "{text}");
    assert_eq!(outcome(&gate, shows("berta")).await.0, "UNAUTHENTICATED");
    assert_eq!(outcome(&gate, shows("berta")).await.0, "RATE_LIMITED");
    assert_eq!(outcome(&gate, shows("anna")).await.0, "");
}

use std::sync::LazyLock;

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, ValidationMode};
use pomost_document::Scalars;

use super::*;

/// Roots and a field that nothing executes are there to be refused.
const SDL: &str = "type Query {\n a: Int! b(x: Int): Int! c(x: [[Int]]): Int me: Query! slow: Boolean!\n}\n\
    type Mutation {\n a: Int!\n}\ntype Subscription {\n a: Int!\n}\n";

struct Query;

#[Object]
#[allow(clippy::unused_async, reason = "the macro wants it where a result is returned")]
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
    fn sdl(&self) -> &'static str {
        SDL
    }

    fn types(&self) -> &TypeSystem {
        static TYPES: LazyLock<TypeSystem> = LazyLock::new(|| TypeSystem::new(SDL, Scalars::default()).unwrap());
        &TYPES
    }

    fn edition(&self) -> &'static str {
        "1"
    }

    async fn version(&self, _viewer: &Viewer) -> Option<Version> {
        None
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    async fn identify(&self, credential: &Credential) -> Result<Viewer, Stranger> {
        match credential {
            Credential::None => Ok(Viewer::default()),
            Credential::Bearer(name) if **name == *"anna" => {
                Ok(Viewer { role: Role::Editor, city: None, name: "anna".to_owned() })
            }
            _ => Err(Stranger::Refused("the token is not known".to_owned())),
        }
    }
}

fn door(rules: Rules) -> Door<Small> {
    Door::new(
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
        trace: Trace { id: "id-1".to_owned(), client: None, holder: None, seen: Arc::default() },
    }
}

async fn asked(door: &Door<Small>, request: impl Into<Request>) -> (String, String) {
    let response = door.execute(request.into()).await;
    let code = response.errors.first().and_then(code).map_or("", Code::as_str);
    (code.to_owned(), serde_json::to_string(&response).unwrap())
}

async fn code_of(query: &str) -> String {
    asked(&door(Rules::default()), Request::new(query)).await.0
}

#[tokio::test]
async fn the_steps_refuse_in_their_order() {
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
    let door = door(Rules::default());
    let request = |count: usize| {
        let text = format!("{{\"x\": [{}]}}", vec!["[1]"; count].join(","));
        Request::new("query ($x: [[Int]]) { c(x: $x) }").variables(serde_json::from_str(&text).unwrap())
    };
    assert_ne!(asked(&door, request(499)).await.0, "QUERY_TOO_COMPLEX");
    let (code, text) = asked(&door, request(500)).await;
    assert_eq!(code, "QUERY_TOO_COMPLEX");
    assert!(
        text.contains(r#""allowed":1000,"code":"QUERY_TOO_COMPLEX","found":1001,"limit":"variable_values""#),
        "{text}"
    );
}

#[tokio::test]
async fn a_get_reads_only() {
    let door = door(Rules::default());
    let refused = door.execute(Request::new("mutation { a }").data(from(Transport::GET, None))).await;
    assert_eq!(refused.http_headers.get(ALLOW).unwrap(), "POST");
}

#[tokio::test]
async fn the_budget_is_charged_the_cost() {
    let rules = Rules { rate: Rate { burst: 10, per_second: 1, token_factor: 1 }, ..Rules::default() };
    let door = door(rules);
    let ask = || Request::new("{ me { me { a } } }").data(from(Transport::POST, None));
    let first = door.execute(ask()).await;
    assert_eq!(first.data.to_string(), "{me: {me: {a: 7}}}");
    assert_eq!(first.http_headers.get(RATE_LIMIT_POLICY).unwrap(), "\"cost\";q=10;w=10");
    assert_eq!(first.http_headers.get(RATE_LIMIT).unwrap(), "\"cost\";r=7;t=3");
    door.execute(ask()).await;
    door.execute(ask()).await;
    let refused = door.execute(ask()).await;
    assert_eq!(refused.errors.first().and_then(code), Some(Code::RateLimited));
    assert_eq!(refused.http_headers.get(RETRY_AFTER).unwrap(), "2");
}

#[tokio::test]
async fn the_cost_is_told_on_request() {
    let door = door(Rules::default());
    let mut request = Request::new("{ me { a } }");
    request.extensions.0.insert("cost".to_owned(), Value::Boolean(true));
    let (_, text) = asked(&door, request).await;
    assert!(text.contains(r#""extensions":{"cost":{"requested":2,"actual":2,"allowed":10000}}"#), "{text}");
}

#[tokio::test]
async fn work_that_takes_too_long_is_cut_off() {
    let limits = Limits { request_timeout_ms: 20, ..Limits::default() };
    let (code, text) = asked(&door(Rules { limits, ..Rules::default() }), Request::new("{ slow }")).await;
    assert!(code == "TIMEOUT" && text.contains("20 ms"), "{text}");
}

#[tokio::test]
async fn documents_stand_for_their_texts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.json"), r#"{"x": "{ a }"}"#).unwrap();
    let mut documents = Documents::read(folder.path()).unwrap();
    let open = door(Rules { documents: documents.clone(), ..Rules::default() });
    documents.only = true;
    let closed = door(Rules { documents, ..Rules::default() });
    let hash = format!("sha256:{}", documents::hash("{ a }"));
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
        for (door, expected) in [(&open, on_open), (&closed, on_closed)] {
            let code = asked(door, Request::new(query).data(from(Transport::POST, id))).await.0;
            assert_eq!(code, expected, "{query:?} {id:?}");
        }
    }
}

#[tokio::test]
async fn defaults_of_variables_reach_skip() {
    let door = door(Rules::default());
    let (_, text) = asked(&door, Request::new("query ($s: Boolean! = true) { a b(x: 1) @skip(if: $s) }")).await;
    assert!(!text.contains("\"b\""), "{text}");
    let (code, text) = asked(&door, Request::new("query ($s: Boolean!) { a @skip(if: $s) }")).await;
    assert!(
        code == "BAD_USER_INPUT" && text.contains("the variable $s is not given, but its type is Boolean!"),
        "{text}"
    );
}

#[tokio::test]
async fn failures_of_ours_name_the_request() {
    let mut errors = vec![coded(crate::error::INTERNAL, None, Code::InternalServerError)];
    complete_errors(&mut errors, "id-1");
    let text = serde_json::to_string(&errors).unwrap();
    assert!(text.contains(r#"{"code":"INTERNAL_SERVER_ERROR","requestId":"id-1"}"#), "{text}");
}

#[tokio::test]
async fn streams_go_through_the_same_door() {
    let door = door(Rules::default());
    let answers =
        |query: &str| door.answers(Request::new(query), None).map(|answer| answer.response).collect::<Vec<_>>();
    assert_eq!(answers("{ a }").await.len(), 1);
    let refused = answers("{ ...f } fragment f on Query { ...f }").await;
    assert_eq!(refused[0].errors.first().and_then(code), Some(Code::GraphqlValidationFailed));
}

#[tokio::test]
async fn who_shows_a_token_has_a_budget_of_his_own_and_guessing_costs() {
    let door = door(Rules { rate: Rate { burst: 1, per_second: 1, token_factor: 10 }, ..Rules::default() });
    let shows = |token: &str| {
        Request::new("{ a }")
            .data(Caller { credential: Credential::Bearer(token.into()), ..from(Transport::POST, None) })
    };
    let (_, text) = asked(&door, shows("anna")).await;
    assert!(text.contains("\"a\":9"), "{text}");
    assert_eq!(asked(&door, shows("berta")).await.0, "UNAUTHENTICATED");
    assert_eq!(asked(&door, shows("berta")).await.0, "RATE_LIMITED");
    assert_eq!(asked(&door, shows("anna")).await.0, "");
}

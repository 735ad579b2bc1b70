//! WebSocket and server-sent events against a real listener, with the small schema that has a subscription.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that meets what it did not expect stops there")]
#![allow(clippy::pedantic, reason = "tables and checks are written for the reader of a failure")]

mod small;

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use pomost_edge::gate::{Limits, Rules};
use pomost_edge::http::{App, Connections, Settings, Sockets, router, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use small::Transports;

struct Server {
    address: SocketAddr,
    app: App<Transports>,
}

/// A server with short time limits, so that tests can wait for them.
async fn server() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Settings {
        rules: Rules { limits: Limits { request_timeout_ms: 500, ..Limits::default() }, ..Rules::default() },
        sockets: Sockets { init_timeout_ms: 300, operations: 2, ping_interval_ms: 400 },
        ..Settings::default()
    };
    let app = App::new(Transports::default(), settings);
    let connections = Connections { max: 50, header_timeout_ms: 400 };
    let routes = router(app.clone());
    tokio::spawn(async move { serve(listener, routes, &connections, std::future::pending()).await });
    Server { address, app }
}

struct Socket(WebSocketStream<TcpStream>);

impl Server {
    async fn open(&self) -> Socket {
        let mut request = format!("ws://{}/graphql/ws", self.address).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (socket, response) =
            client_async_with_config(request, stream, Some(WebSocketConfig::default())).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        Socket(socket)
    }

    /// A socket after `connection_init`.
    async fn greeted(&self) -> Socket {
        let mut socket = self.open().await;
        socket.say(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
        socket
    }

    /// Sends a request and reads the answer to the end of the connection.
    async fn http(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    async fn events(&self, query: &str) -> String {
        let body = json!({ "query": query }).to_string();
        self.http(&format!(
            "POST /graphql/stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await
    }
}

impl Socket {
    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn hear(&mut self) -> Value {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The code and the reason of the server's close frame.
    async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }
}

#[tokio::test]
async fn a_socket_answers_queries_mutations_and_subscriptions() {
    let server = server().await;
    let mut socket = server.greeted().await;
    for (query, answers) in [
        ("{ hello }", vec![json!({ "data": { "hello": "world" } })]),
        ("mutation { echo(text: \"ż\") }", vec![json!({ "data": { "echo": "ż" } })]),
        ("subscription { count(to: 3) }", (1..=3).map(|number| json!({ "data": { "count": number } })).collect()),
    ] {
        socket.subscribe("a", query).await;
        for answer in answers {
            assert_eq!(socket.hear().await, json!({ "id": "a", "type": "next", "payload": answer }));
        }
        assert_eq!(socket.hear().await, json!({ "id": "a", "type": "complete" }));
    }
    socket.say(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong", "payload": { "n": 1 } }));
}

#[tokio::test]
async fn a_refusal_is_an_error_and_the_socket_stays_open() {
    let server = server().await;
    let mut socket = server.greeted().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...f } fragment f on Query { ...f }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ slow(ms: 5000) }", "TIMEOUT"),
    ] {
        socket.subscribe("a", query).await;
        let message = socket.hear().await;
        assert_eq!((&message["id"], &message["type"]), (&json!("a"), &json!("error")), "{query}: {message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}");
    }
    // An error in the middle of a subscription is an ordinary answer.
    socket.subscribe("b", "subscription { fail }").await;
    assert_eq!(socket.hear().await["payload"]["data"]["fail"], 1);
    assert_eq!(socket.hear().await["payload"]["errors"][0]["path"], json!(["fail"]));
    assert_eq!(socket.hear().await["type"], "complete");
}

#[tokio::test]
async fn an_operation_that_the_client_completes_sends_nothing_more() {
    let server = server().await;
    let mut socket = server.greeted().await;
    socket.subscribe("a", "subscription { count(to: 100000, everyMs: 1) }").await;
    assert_eq!(socket.hear().await["id"], "a");
    socket.say(json!({ "id": "a", "type": "complete" })).await;
    socket.subscribe("b", "{ slow(ms: 50) }").await;
    let mut late = 0;
    loop {
        let message = socket.hear().await;
        if message["id"] == "b" {
            break;
        }
        late += 1;
    }
    assert!(late < 20, "{late} answers came after the end");
    // Its id can be used again.
    socket.subscribe("a", "{ hello }").await;
}

#[tokio::test]
async fn the_number_of_concurrent_operations_is_limited() {
    let server = server().await;
    let mut socket = server.greeted().await;
    for id in ["a", "b", "c"] {
        socket.subscribe(id, "subscription { count(to: 1, everyMs: 200) }").await;
    }
    let refused = socket.hear().await;
    assert_eq!((&refused["id"], &refused["payload"][0]["extensions"]["code"]), (&json!("c"), &json!("RATE_LIMITED")));
    assert_eq!(socket.hear().await["type"], "next");
}

#[tokio::test]
async fn every_violation_of_the_protocol_has_its_code() {
    let server = server().await;
    for (greeted, message, code) in [
        (false, "nonsense".to_owned(), 4400),
        (false, "{}".to_owned(), 4400),
        (false, "[]".to_owned(), 4400),
        (false, json!({ "type": "unknown" }).to_string(), 4400),
        (true, json!({ "type": "subscribe" }).to_string(), 4400),
        (true, json!({ "type": "subscribe", "id": "", "payload": { "query": "{ hello }" } }).to_string(), 4400),
        (true, json!({ "type": "subscribe", "id": "a" }).to_string(), 4400),
        (true, json!({ "type": "subscribe", "id": "a", "payload": { "query": 1 } }).to_string(), 4400),
        (false, json!({ "type": "connection_init", "payload": 1 }).to_string(), 4400),
        (false, json!({ "type": "subscribe", "id": "a", "payload": { "query": "{ hello }" } }).to_string(), 4401),
        (false, json!({ "type": "connection_init", "payload": { "Authorization": "Bearer wrong" } }).to_string(), 4403),
        (true, json!({ "type": "connection_init" }).to_string(), 4429),
    ] {
        let mut socket = if greeted { server.greeted().await } else { server.open().await };
        socket.0.send(Message::text(message.clone())).await.unwrap();
        let (found, reason) = socket.closed().await;
        assert_eq!(found, code, "{message}: {reason}");
        assert!(!reason.is_empty(), "{message}");
    }
    let mut socket = server.greeted().await;
    socket.0.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(socket.closed().await.0, 4400);

    let mut socket = server.greeted().await;
    for _ in 0..2 {
        socket.subscribe("a", "{ slow(ms: 400) }").await;
    }
    assert_eq!(socket.closed().await, (4409, "Subscriber for a already exists".to_owned()));
}

#[tokio::test]
async fn a_client_without_connection_init_is_disconnected() {
    let server = server().await;
    assert_eq!(server.open().await.closed().await.0, 4408);
}

#[tokio::test]
async fn a_message_over_the_limit_closes_the_socket() {
    let server = server().await;
    let mut socket = server.greeted().await;
    // The server may close the connection before it has read all of the message.
    let _ = socket.0.send(Message::text("x".repeat(300_000))).await;
    assert_eq!(socket.closed().await.0, 1009);
}

#[tokio::test]
async fn a_silent_client_is_pinged_and_disconnected_without_a_pong() {
    let server = server().await;
    let mut socket = server.greeted().await;
    assert!(matches!(socket.0.next().await, Some(Ok(Message::Ping(_)))), "no ping came");
    // Nothing is read from now on, so no pong is sent.
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let rest: Vec<_> = tokio::time::timeout(Duration::from_secs(2), socket.0.collect::<Vec<_>>()).await.unwrap();
    assert!(rest.last().is_some_and(Result::is_err), "{rest:?}");
}

#[tokio::test]
async fn a_stopping_server_closes_with_its_reason() {
    let server = server().await;
    let mut socket = server.greeted().await;
    server.app.close();
    assert_eq!(socket.closed().await.0, 1001);
}

#[tokio::test]
async fn a_socket_needs_its_protocol() {
    let server = server().await;
    let answer = server.http("GET /graphql/ws HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
    let upgrade = "GET /graphql/ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        sec-websocket-protocol: graphql-ws\r\n\r\n";
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 400");
}

#[tokio::test]
async fn events_are_sent_one_by_one_and_end_with_complete() {
    let server = server().await;
    let answer = server.events("subscription { count(to: 2) }").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("content-type: text/event-stream"), "{answer}");
    let first = answer.find("event: next\ndata: {\"data\":{\"count\":1}}\n\n").unwrap();
    let second = answer.find("event: next\ndata: {\"data\":{\"count\":2}}\n\n").unwrap();
    let last = answer.find("event: complete\ndata: \n").unwrap_or_else(|| panic!("{answer}"));
    assert!(first < second && second < last);
}

#[tokio::test]
async fn a_refusal_is_an_event() {
    let server = server().await;
    for (query, code) in [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")] {
        let answer = server.events(query).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
        assert!(answer.contains("event: complete") && !answer.contains("\"data\":"), "{answer}");
    }
}

#[tokio::test]
async fn get_allows_events_but_no_mutations() {
    let server = server().await;
    let get = |query: &str, accept: &str| {
        format!(
            "GET /graphql/stream?query={query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept: {accept}\r\n\r\n"
        )
    };
    let answer = server.http(&get("subscription%7Bcount(to:1)%7D", "text/event-stream")).await;
    assert!(answer.contains("\"count\":1"), "{answer}");
    let answer = server.http(&get("mutation%7Becho(text:%22x%22)%7D", "text/event-stream")).await;
    assert!(answer.contains("\"code\":\"BAD_REQUEST\""), "{answer}");
    let answer = server.http(&get("%7Bhello%7D", "application/json")).await;
    assert!(answer.starts_with("HTTP/1.1 406"), "{answer}");
}

#[tokio::test]
async fn a_subscription_over_plain_http_is_refused_with_the_right_transports() {
    let server = server().await;
    let answer =
        server.http("GET /graphql?query=subscription%7Bfail%7D HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answer = answer.await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("/graphql/ws"), "{answer}");
}

/// Sends a request to `/graphql`, by `POST` or by `GET`.
async fn negotiated(server: &Server, method: &str, accept: &str, query: &str) -> String {
    let head = format!("HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept: {accept}\r\n");
    if method == "GET" {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        return server.http(&format!("GET /graphql?query={encoded} {head}\r\n")).await;
    }
    let body = json!({ "query": query }).to_string();
    let length = body.len();
    let head = format!("{head}content-type: application/json\r\ncontent-length: {length}\r\n");
    server.http(&format!("POST /graphql {head}\r\n{body}")).await
}

#[tokio::test]
async fn clients_that_prefer_events_get_them_at_the_usual_address() {
    let server = server().await;
    let urql = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    for method in ["GET", "POST"] {
        for (accept, query, events) in [
            ("text/event-stream", "{ hello }", true),
            ("text/event-stream", "subscription { count(to: 2) }", true),
            ("text/event-stream, multipart/mixed", "subscription { count(to: 2) }", true),
            ("text/event-stream, */*;q=0.5", "{ hello }", true),
            ("text/event-stream;q=0.5, application/json", "{ hello }", false),
            (urql, "{ hello }", false),
            // There is no other representation of a subscription.
            (urql, "subscription { count(to: 2) }", true),
            ("text/event-stream;q=0.5, application/json", "subscription { count(to: 2) }", true),
        ] {
            let answer = negotiated(&server, method, accept, query).await;
            let media_type = if events { "text/event-stream" } else { "application/" };
            let is_there =
                answer.starts_with("HTTP/1.1 200") && answer.contains(&format!("content-type: {media_type}"));
            assert!(is_there && answer.contains("vary: Accept, "), "{accept} {query}: {answer}");
            assert_eq!(answer.contains("event: complete\ndata: \n"), events, "{accept} {query}: {answer}");
            assert_eq!(answer.contains("\"count\":2"), query.contains("count"), "{accept} {query}: {answer}");
        }
        for (accept, status) in
            [("text/event-stream;q=0, */*", "400"), ("*/*", "400"), ("text/event-stream;q=0", "406")]
        {
            let answer = negotiated(&server, method, accept, "subscription { count(to: 2) }").await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{accept}: {answer}");
        }
        let refused = negotiated(&server, method, urql, "subscription {").await;
        assert!(refused.contains("GRAPHQL_PARSE_FAILED") && !refused.contains("event: "), "{refused}");
    }
    let changed = negotiated(&server, "GET", "text/event-stream", "mutation { echo(text: \"x\") }").await;
    assert!(changed.contains("event: next") && changed.contains("\"code\":\"BAD_REQUEST\""), "{changed}");
    let head = server.http("HEAD /graphql?query=%7Bhello%7D HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept: text/event-stream\r\n\r\n").await;
    assert!(head.contains("content-type: text/event-stream") && !head.contains("event: "), "{head}");
}

#[tokio::test]
async fn a_mutation_above_the_time_limit_may_have_been_executed() {
    let server = server().await;
    let (query, mutation) = ("{ slow(ms: 5000) }", "mutation { slow(ms: 5000) }");
    for (query, is_unknown) in [(query, false), (mutation, true)] {
        let mut socket = server.greeted().await;
        socket.subscribe("a", query).await;
        let answers = [
            socket.hear().await.to_string(),
            server.events(query).await,
            negotiated(&server, "POST", "application/json", query).await,
        ];
        for answer in answers {
            assert!(answer.contains("\"code\":\"TIMEOUT\"") && answer.contains("500 ms"), "{answer}");
            let said = answer.contains("outcome is unknown") && answer.contains("idempotencyKey");
            assert_eq!(said, is_unknown, "{answer}");
        }
    }
}

#[tokio::test]
async fn slow_headers_are_cut_off() {
    let server = server().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_number_of_connections_is_limited() {
    let server = server().await;
    let mut open = Vec::new();
    for _ in 0..50 {
        open.push(server.greeted().await);
    }
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 503"), "{}", String::from_utf8_lossy(&answer));
    drop(open);
}

//! Server-sent events of the registry: each change has its cursor, and an interrupted stream can be resumed.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::Request;
use axum::http::request::Builder;
use futures_util::StreamExt;
use pomost_api::registry::Caching;
use pomost_domain::Role::Editor;
use pomost_tests::App;
use pomost_tests::edge::Edge;
use serde_json::{Value, json};

/// An event stream, as a client reads it.
struct Events {
    body: BodyDataStream,
    unread: String,
}

/// An event: its type, its id and its data.
type Event = (String, Option<String>, Value);

impl Events {
    async fn open(edge: &Edge, request: Builder, body: &str) -> Self {
        let response = edge.open(request, body.to_owned()).await;
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), unread: String::new() }
    }

    /// The next event, without comments.
    async fn next(&mut self) -> Event {
        // Comments arrive even if there is no event.
        tokio::time::timeout(Duration::from_secs(20), self.read()).await.unwrap()
    }

    async fn read(&mut self) -> Event {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                    line.map(|value| value.trim_start().to_owned())
                };
                if let Some(event) = field("event") {
                    let data = field("data").unwrap_or_default();
                    return (event, field("id"), serde_json::from_str(&data).unwrap_or_default());
                }
                continue;
            }
            self.unread += std::str::from_utf8(&self.body.next().await.unwrap().unwrap()).unwrap();
        }
    }

    /// The ids of the next events, each of which must be a change.
    async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let (event, id, data) = self.next().await;
            assert!(event == "next" && data.get("errors").is_none(), "{event}: {data}");
            ids.push(id.unwrap_or_else(|| panic!("no id: {data}")));
        }
        ids
    }
}

async fn create(app: &App, slug: &str) {
    let create = "mutation ($slug: String!) { createCity(input: { slug: $slug, country: \"DE\", names: { de: \"Bonn\" } }) \
                  { errors { message } } }";
    let reply = app.run(Editor, create, json!({ "slug": slug })).await;
    assert_eq!(reply.data()["createCity"]["errors"], json!([]), "{}", reply.text);
}

/// The cursors of the changes after a cursor.
async fn cursors(app: &App, after: &Value) -> Vec<String> {
    let changes = "query ($after: ChangeCursor) { changes(after: $after) { nodes { cursor } } }";
    let reply = app.run(Editor, changes, json!({ "after": after })).await;
    let nodes = reply.data()["changes"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["cursor"].as_str().unwrap().to_owned()).collect()
}

async fn head(app: &App) -> Value {
    app.query("{ dataset { changeCursor } }").await.data()["dataset"]["changeCursor"].clone()
}

fn get(path: &str, query: &str, variables: &Value) -> Builder {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let path = format!("{path}?query={}&variables={}", encoded(query), encoded(&variables.to_string()));
    Request::get(path).header("accept", "text/event-stream").header("authorization", "Bearer editor~-~anna")
}

fn post(path: &str) -> Builder {
    let request = Request::post(path).header("content-type", "application/json").header("accept", "text/event-stream");
    request.header("authorization", "Bearer editor~-~anna")
}

#[tokio::test]
async fn every_change_has_its_cursor_and_a_stream_resumes_after_it() {
    let app = App::sample().await;
    let edge = Edge::new(&app.store, &Caching::default());
    let start = head(&app).await;
    for slug in ["bonn-1", "bonn-2", "bonn-3"] {
        create(&app, slug).await;
    }
    let all = cursors(&app, &start).await;
    assert_eq!(all.len(), 3);
    // Variants: with the cursor in the document, under an alias, and with answers that are shared or not.
    for query in [
        "subscription ($after: ChangeCursor) { changes(after: $after) { op } }",
        "subscription ($after: ChangeCursor) { changes(after: $after) { cursor record { id } content } }",
        "subscription ($after: ChangeCursor) { all: changes(after: $after) { cursor: kind } }",
        "subscription A($after: ChangeCursor) { changes(after: $after) { __typename } } query B { __typename }",
    ] {
        let name = if query.contains(" B ") { json!("A") } else { Value::Null };
        let variables = json!({ "after": start });
        let body = json!({ "query": query, "variables": variables, "operationName": name }).to_string();
        for path in ["/graphql", "/graphql/stream"] {
            assert_eq!(Events::open(&edge, post(path), &body).await.ids(3).await, all, "{query}");
            // The document is sent unchanged; Last-Event-ID takes precedence over its argument.
            for (seen, rest) in [(&all[0], &all[1..]), (&all[1], &all[2..])] {
                let mut resumed = Events::open(&edge, post(path).header("last-event-id", seen), &body).await;
                assert_eq!(resumed.ids(rest.len()).await, rest, "{query}");
            }
            if name.is_null() {
                let again = get(path, query, &variables).header("last-event-id", &all[1]);
                assert_eq!(Events::open(&edge, again, "").await.ids(1).await, all[2..], "{query}");
            }
            let unknown = post(path).header("last-event-id", "");
            assert_eq!(Events::open(&edge, unknown, &body).await.ids(3).await, all, "{query}");
        }
    }
}

#[tokio::test]
async fn later_changes_have_a_cursor() {
    let app = App::sample().await;
    let edge = Edge::new(&app.store, &Caching::default());
    let start = head(&app).await;
    let body = json!({ "query": "subscription { changes { op } }" }).to_string();
    let mut first = Events::open(&edge, post("/graphql"), &body).await;
    let mut second =
        Events::open(&edge, post("/graphql").header("last-event-id", start.as_str().unwrap()), &body).await;
    // Both streams must be subscribed before the write.
    let waiting = async { (first.ids(2).await, second.ids(2).await) };
    let writing = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        create(&app, "bonn-1").await;
        create(&app, "bonn-2").await;
    };
    let ((first, second), ()) = tokio::join!(waiting, writing);
    let all = cursors(&app, &start).await;
    assert_eq!((&first, &second), (&all, &all));
}

#[tokio::test]
async fn an_unknown_last_event_id_is_refused() {
    let app = App::sample().await;
    let edge = Edge::new(&app.store, &Caching::default());
    let body = json!({ "query": "subscription { changes { op } }" }).to_string();
    for path in ["/graphql", "/graphql/stream"] {
        for id in ["nonsense", "7", "Y2hhbmdlOi0x", "Y2hhbmdlOjE=", "ż"] {
            let sent = edge.send(post(path).header("last-event-id", id.as_bytes()), body.clone()).await;
            assert_eq!(sent.status, 400, "{id}: {}", sent.text());
            let answer: Value = serde_json::from_str(&sent.text()).unwrap();
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("Last-Event-ID") && message.contains(id), "{message}");
        }
        // A position that the feed has not reached: the registry was restored from a backup.
        let mut events = Events::open(&edge, post(path).header("last-event-id", "Y2hhbmdlOjk5OTk5OTk"), &body).await;
        let (event, id, data) = events.next().await;
        assert_eq!((event.as_str(), id, &data["errors"][0]["extensions"]["code"]), ("next", None, &json!("RESYNC")));
        assert_eq!(events.next().await.0, "complete");
    }
    // Requests for other media types ignore the header.
    let plain =
        Request::post("/graphql").header("content-type", "application/json").header("last-event-id", "nonsense");
    assert_eq!(edge.send(plain, json!({ "query": "{__typename}" }).to_string()).await.status, 200);
}

//! Clients store cursors: they must not depend on identifiers in the program or on the database.

use pomost_tests::App;
use serde_json::{Value, json};

/// Lists with their arguments, and the exact cursor of the first record of each.
const PINNED: [(&str, &str, &str); 6] = [
    (
        "/cities",
        "{ cities(first: 1) { edges { cursor } } }",
        "WyJ2MiIsImJlODViYjEyYjZlY2JiZTgiLCJ0Z29kb3ciLCJ1M2Y2YmI0MTMyOTVmNWU0NjlhNGIzYzM5NzEyZDdhZWEiXQ",
    ),
    (
        "/organizations",
        "{ organizations(first: 1, orderBy: [{ field: KIND, direction: DESC }, { field: NAME }]) { edges { cursor } } }",
        "WyJ2MiIsIjE0ZDFhMzI3ZjU2YWFjODIiLCJ0dHdpblRvd25Bc3NvY2lhdGlvbiIsInRzdGFkdGVwYXJ0bmVyc2NoYWZ0c3ZlcmVpbiBpYmJlbmJ1cmVuIGUgdiIsInU1Mjk5YWFmNjE0Y2U1MTY5OGUwM2ExMzZlMTZmNTIzOCJd",
    ),
    (
        "/activities",
        "{ activities(first: 1, orderBy: [{ field: STARTS_ON, direction: DESC }, { field: HOST_CITY }]) { edges { cursor } } }",
        "WyJ2MiIsImJkYWQ0N2YxNGZkMzc5YTUiLCJkMjAyMi0wNi0xNSIsImQyMDIyLTA2LTE1IiwiLSIsInU4NzgxNWM3MWI3YjY1Y2Y2YTYzNTI2YTY0MjMyZDQ0OSJd",
    ),
    (
        "/projects",
        "{ projects(first: 1, orderBy: [{ field: BUDGET_TOTAL }]) { edges { cursor } } }",
        "WyJ2MiIsIjE3MzYzM2I3MjNjNDQ5MzAiLCJuMTYyNzU5NiIsInVjZjJmMWU2OThlZmQ1NWQxYTJlZmI4ZTFhYTdjNjRkNyJd",
    ),
    (
        "/partnerships",
        "{ partnerships(first: 1, orderBy: [{ field: SINCE }]) { edges { cursor } } }",
        "WyJ2MiIsImQxNmU4YTE2MGVlNWE0ZGIiLCJkMTk4OC0wMS0wMSIsImQxOTg4LTEyLTMxIiwidTBiNDU1ZjE1ZmM3NTVkNWZhODk4ZmU2OGY0NzhjZDI0Il0",
    ),
    (
        "/homeCity/agreements",
        "{ homeCity { agreements(first: 1, orderBy: [{ field: SIGNED_ON }]) { edges { cursor } } } }",
        "WyJ2MiIsImU2ZTUwZjg3NjNkNzllNTQiLCJkMTk5NS0wMy0wMSIsImQxOTk1LTAzLTMxIiwidTk5NDY2ODI1ODY0YjVkOTY4MDA2OWEwOGI5MWZkNmY4Il0",
    ),
];

#[tokio::test]
async fn stored_cursors_remain_valid() {
    let app = App::sample().await;
    for (path, document, cursor) in PINNED {
        let reply = app.query(document).await;
        let edges = &reply.data().pointer(path).unwrap()["edges"];
        assert_eq!(edges[0]["cursor"], cursor, "{document}");
        let after = document.replace("first: 1", &format!("first: 1, after: \"{cursor}\""));
        let reply = app.query(&after).await;
        assert_ne!(reply.data().pointer(path).unwrap()["edges"][0]["cursor"], Value::Null, "{after}");
    }
}

#[tokio::test]
async fn the_default_order_and_the_explicit_order_by_name_share_cursors() {
    let app = App::sample().await;
    let document =
        "{ a: cities { edges { cursor } } b: cities(orderBy: [{ field: NAME, direction: ASC }]) { edges { cursor } } }";
    let reply = app.query(document).await;
    assert_eq!(reply.data()["a"], reply.data()["b"]);
}

#[tokio::test]
async fn cursors_of_another_form_or_list_are_refused_with_a_correction() {
    let app = App::sample().await;
    let document = "query ($after: String) { cities(after: $after) { nodes { slug } } }";
    let refusal = async |cursor: &str| {
        let (message, code) = app.ask(document, json!({ "after": cursor }), &[]).await.error();
        assert_eq!(code, "BAD_USER_INPUT");
        message
    };
    // A cursor from before cursors contained their form.
    let old = "WyJlNzlhZjUxNGMxNWYxMmJjIiwidGdvZG93IiwidTNmNmJiNDEzMjk1ZjVlNDY5YTRiM2MzOTcxMmQ3YWVhIl0";
    let message = refusal(old).await;
    assert!(
        message.contains("another version of this registry") && message.contains("from its first page"),
        "{message}"
    );
    for other in [PINNED[1].2, PINNED[5].2, "x", "", "WyJ2MiJd", "WyJ2MiIsImJlODViYjEyYjZlY2JiZTgiXQ"] {
        let message = refusal(other).await;
        assert!(message.contains("is no cursor of this list in this order"), "{other}: {message}");
    }
}

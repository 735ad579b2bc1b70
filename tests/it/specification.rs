//! The requirements of the GraphQL specification on requests, before and during the execution, through the edge.
//! `tests/clients/graphql-js.test.mjs` compares thousands of documents with the reference implementation.

use pomost_api::registry::Caching;
use pomost_domain::Role::{Anonymous, Editor};
use pomost_domain::{Role, Viewer};
use pomost_tests::edge::Edge;
use pomost_tests::{App, viewer};
use serde_json::{Value, json};

/// Posts a request with the media type whose status reports the result.
async fn post(edge: &Edge, role: Role, body: &Value) -> (u16, Value) {
    let viewer = if role == Anonymous { Viewer::default() } else { viewer(role) };
    let sent = edge.post_for_response(&viewer, body).await;
    (sent.status, serde_json::from_str(&sent.text()).unwrap())
}

#[tokio::test]
async fn a_mutation_in_two_fragments_is_executed_once() {
    let app = App::empty().await;
    let edge = Edge::new(&app.store, &Caching::NONE);
    let create = "createCity(input: { country: \"DE\", names: { de: \"Doppelstadt\" } })";
    let document = format!(
        "mutation {{ ...A ...B }} fragment A on Mutation {{ {create} {{ record {{ slug }} }} }} \
         fragment B on Mutation {{ {create} {{ record {{ id slug }} errors {{ message }} }} }}"
    );
    let (status, answer) = post(&edge, Editor, &json!({ "query": document, "extensions": { "cost": true } })).await;
    assert_eq!(status, 200, "{answer}");
    let payload = &answer["data"]["createCity"];
    assert!(payload["record"]["id"].is_string() && payload["record"]["slug"].is_string(), "{answer}");
    assert_eq!(payload["errors"], json!([]));
    let cities = app.run(Editor, "{ cities { totalCount } }", Value::Null).await;
    assert_eq!(cities.data()["cities"]["totalCount"], 1);
    // It costs as much as the equivalent merged document.
    let merged = format!("mutation {{ {create} {{ record {{ slug id }} errors {{ message }} }} }}");
    let (_, merged) = post(&edge, Editor, &json!({ "query": merged, "extensions": { "cost": true } })).await;
    assert_eq!(answer["extensions"]["cost"]["requested"], merged["extensions"]["cost"]["requested"]);
}

#[tokio::test]
async fn errors_in_a_request_are_found_before_it_is_executed() {
    let app = App::sample().await;
    let edge = Edge::new(&app.store, &Caching::NONE);
    let none = json!({});
    let activities = "query ($d: PartialDateInput) { homeCity { slug } activities(filter: { startsOn: { gte: $d } }) { totalCount } }";
    let value = "query ($l: Locale!) { homeCity { slug name { value(locales: [$l]) } } }";
    for (document, variables, code) in [
        ("{ homeCity { slug } cities(first: 99999999999) { totalCount } }", &none, "BAD_USER_INPUT"),
        ("{ homeCity { slug name { value(locales: [\"nolocale!\"]) } } }", &none, "BAD_USER_INPUT"),
        (value, &json!({ "l": "not a locale" }), "BAD_USER_INPUT"),
        (activities, &json!({ "d": "2012-02-30" }), "BAD_USER_INPUT"),
        (activities, &json!({ "d": "2012-6-3" }), "BAD_USER_INPUT"),
        ("{ homeCity { slug } changes(after: \"nonsense\") { endCursor } }", &none, "BAD_USER_INPUT"),
        ("{ cities(orderBy: [{ field: \"NAME\" }]) { totalCount } }", &none, "BAD_USER_INPUT"),
        ("{ homeCity { name { value } name { value(locales: [\"de\"]) } } }", &none, "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ cities(filter: { slug: { eq: \"a\" }, slug: { eq: \"b\" } }) { totalCount } }",
            &none,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query ($s: String) { city(by: { slug: $s }) { slug } }",
            &json!({ "s": "karvina" }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("query ($i: Int) { node(id: $i) { id } }", &json!({ "i": 1 }), "GRAPHQL_VALIDATION_FAILED"),
        ("{ homeCity { __typename @nowhere } }", &none, "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...F } fragment F on Query { homeCity { slug } ...F }", &none, "GRAPHQL_VALIDATION_FAILED"),
        ("query Q() { homeCity { slug } }", &none, "GRAPHQL_PARSE_FAILED"),
        ("{ homeCity { } }", &none, "GRAPHQL_PARSE_FAILED"),
    ] {
        for role in [Anonymous, Editor] {
            let (status, answer) = post(&edge, role, &json!({ "query": document, "variables": variables })).await;
            assert_eq!(status, 400, "{document}: {answer}");
            assert!(answer.get("data").is_none(), "{document}: {answer}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{document}: {answer}");
            assert!(answer["errors"][0]["locations"][0]["line"].is_u64(), "{document}: {answer}");
        }
    }
}

#[tokio::test]
async fn valid_requests_are_answered() {
    let app = App::sample().await;
    let home = json!({ "homeCity": { "slug": "jastrzebie-zdroj" } });
    for document in [
        "{ homeCity { ... on Party { ... on City { slug } } } }",
        "{ homeCity { ... on Node { ... on Party { ... on Node { ... on City { slug } } } ... on Meeting { slug } } } }",
        "\"What for\" query Q { homeCity { slug } }",
        "{ ...A ...B } fragment A on Query { homeCity { ...C } } fragment B on Query { homeCity { ...C slug } } fragment C on City { slug }",
        "\u{feff}{ homeCity { slug }, }",
    ] {
        assert_eq!(app.query(document).await.data(), &home, "{document}");
    }
    let escaped = "{ cities(filter: { name: { contains: \"\\uD83C\\uDF09 \\u{1F309}\" } }) { totalCount } }";
    assert_eq!(app.query(escaped).await.data()["cities"]["totalCount"], 0);
    let variables = "query Q($ a: [ID !] !) { nodes(ids: $a) { id } }";
    assert_eq!(app.ask(variables, json!({ "a": [] }), &[]).await.data()["nodes"], json!([]));
    let whole = "query Q($n: Int) { cities(first: $n) { nodes { slug } } }";
    assert_eq!(app.ask(whole, json!({ "n": 1.0 }), &[]).await.data()["cities"]["nodes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn split_selections_give_the_same_answer_as_merged_ones() {
    let app = App::sample().await;
    let merged = "{ activities(first: 30) { nodes { id title { value } __typename hostCity { slug name { value } } \
        ... on YouthExchange { participants: sources { title } } ... on Meeting { slug } } pageInfo { hasNextPage } } }";
    let split = "{ activities(first: 30) { nodes { id ...T } } ...R } \
        fragment R on Query { activities(first: 30) { nodes { ... on Activity { hostCity { slug } } ...H ...Y } pageInfo { hasNextPage } } } \
        fragment T on Activity { title { value } __typename ... on Node { id } } \
        fragment H on Activity { hostCity { name { value } ... on Node { ... on City { slug } } } } \
        fragment Y on Node { ... on YouthExchange { participants: sources { title } } ... on Meeting { id slug } }";
    let (merged, split) = (app.query(merged).await, app.query(split).await);
    assert!(merged.text.contains("participants") && merged.text.contains("hostCity"), "{}", merged.text);
    assert_eq!(merged.text, split.text);
    assert_eq!(merged.statements, split.statements);
}

#[tokio::test]
async fn a_subscription_with_its_field_in_a_fragment_works() {
    use async_graphql::futures_util::StreamExt;
    let app = App::sample().await;
    let document = "subscription { ...A ...B } fragment A on Subscription { changes(after: \"Y2hhbmdlOjA\") { cursor } } \
        fragment B on Subscription { changes(after: \"Y2hhbmdlOjA\") { kind } }";
    let first = app.follow(Anonymous, document, Value::Null, &[]).next().await.unwrap();
    let change = &first["data"]["changes"];
    assert!(change["cursor"].is_string() && change["kind"].is_string(), "{first}");
}

#[tokio::test]
async fn an_error_below_a_page_has_the_path_of_its_field() {
    let app = App::sample().await;
    for (document, path) in [
        (
            "{ c: cities(first: 2) { n: nodes { m: meetings(after: \"x\") { totalCount } } } }",
            json!(["c", "n", 0, "m"]),
        ),
        (
            "{ cities(first: 2) { edges { node { projects(first: 101) { totalCount } } } } }",
            json!(["cities", "edges", 0, "node", "projects"]),
        ),
        ("{ cities(first: 0) { totalCount } }", json!(["cities"])),
    ] {
        let reply = app.ask(document, Value::Null, &[]).await;
        assert_eq!(reply.json["errors"][0]["path"], path, "{document}");
    }
}

#[tokio::test]
async fn an_argument_of_a_mutation_that_cannot_be_read_has_the_path_of_its_field() {
    let app = App::sample().await;
    let document = "mutation { a: updateCity(id: \"x\", expectedVersion: -1, changes: {}) { changeSeq } }";
    let reply = app.run(Role::Editor, document, Value::Null).await;
    assert_eq!(reply.json["errors"][0]["path"], json!(["a"]), "{}", reply.json);
}

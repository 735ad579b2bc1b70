//! The change feed: pages, tombstones, what each reader sees of it, and the subscription.

use std::collections::BTreeMap;
use std::time::Duration;

use async_graphql::futures_util::StreamExt;
use async_graphql::futures_util::stream::BoxStream;
use pomost_domain::Role::{self, Anonymous, Editor, Partner, Publisher};
use pomost_tests::{App, SAMPLE, import};
use serde_json::{Value, json};
use tokio::time::timeout;

const PAGE: &str = "query ($after: ChangeCursor, $first: Int, $latest: Boolean = false) { \
    changes(after: $after, first: $first, latest: $latest) { nodes { cursor op kind id version reason collection content } \
    hasNextPage endCursor } }";

/// All changes after a cursor, in pages of seven, and the cursor at the end.
async fn read(app: &App, role: Role, after: Value, latest: bool) -> (Vec<Value>, Value) {
    let (mut found, mut after) = (Vec::new(), after);
    loop {
        let reply = app.run(role, PAGE, json!({ "after": after, "first": 7, "latest": latest })).await;
        let page = &reply.data()["changes"];
        found.extend(page["nodes"].as_array().unwrap().iter().cloned());
        after = page["endCursor"].clone();
        if page["hasNextPage"] == false {
            return (found, after);
        }
    }
}

async fn head(app: &App) -> Value {
    app.query("{ dataset { changeCursor } }").await.data()["dataset"]["changeCursor"].clone()
}

/// Sends a command about a record, in its version as it is now.
async fn step(app: &App, role: Role, command: &str, kind: &str, slug: &str) {
    let key = format!("query {{ {kind}(by: {{ slug: \"{slug}\" }}) {{ id version }} }}");
    let found = app.run(role, &key, Value::Null).await.data()[kind].clone();
    let reply = app
        .run(
            role,
            &format!("mutation ($id: ID!, $version: Int!) {{ {command} {{ errors {{ message }} }} }}"),
            json!({ "id": found["id"], "version": found["version"] }),
        )
        .await;
    let name = command.split('(').next().unwrap();
    assert_eq!(reply.data()[name]["errors"], json!([]), "{command}");
}

#[tokio::test]
async fn a_feed_gives_every_record_and_its_contents_make_the_same_registry() {
    let app = App::sample().await;
    let (changes, end) = read(&app, Anonymous, Value::Null, true).await;
    assert_eq!(end, head(&app).await);
    let mut file: BTreeMap<String, Vec<pomost_domain::exchange::Json>> = BTreeMap::new();
    for change in &changes {
        assert_eq!(change["op"], "CREATED");
        if let Some(collection) = change["collection"].as_str() {
            file.entry(collection.to_owned())
                .or_default()
                .push(serde_json::from_value(change["content"].clone()).unwrap());
        }
    }
    assert_eq!(file.values().map(Vec::len).sum::<usize>(), 121);
    assert_eq!(changes.iter().filter(|change| change["kind"] == "COMMITMENT").count(), 3);
    // Cursors go up, and reading on from the end gives nothing.
    let (none, same) = read(&app, Anonymous, end.clone(), false).await;
    assert_eq!((none, same), (vec![], end));
}

#[tokio::test]
async fn everyone_sees_the_feed_of_what_he_sees() {
    let app = App::sample().await;
    let start = head(&app).await;
    let create = "mutation { createCity(input: { slug: \"bonn\", country: \"DE\", names: { de: \"Bonn\" }, visibility: PARTNERS }) { errors { message } } }";
    app.run(Editor, create, Value::Null).await.data();
    step(&app, Publisher, "publishCity(id: $id, expectedVersion: $version)", "city", "bonn").await;
    step(
        &app,
        Publisher,
        "correctCity(id: $id, expectedVersion: $version, changes: { visibility: PUBLIC }, reason: \"r\")",
        "city",
        "bonn",
    )
    .await;
    step(
        &app,
        Publisher,
        "correctCity(id: $id, expectedVersion: $version, changes: { website: \"https://b.example\" }, reason: \"r\")",
        "city",
        "bonn",
    )
    .await;
    step(
        &app,
        Publisher,
        "correctCity(id: $id, expectedVersion: $version, changes: { visibility: INTERNAL }, reason: \"secret\")",
        "city",
        "bonn",
    )
    .await;
    step(&app, Publisher, "withdrawCity(id: $id, expectedVersion: $version, reason: \"wrong\")", "city", "bonn").await;
    let ops = |role: Role| {
        let (app, start) = (&app, start.clone());
        async move {
            let (changes, _) = read(app, role, start, false).await;
            let ops: Vec<String> = changes.iter().map(|change| change["op"].as_str().unwrap().to_owned()).collect();
            (ops.join(" "), changes.last().cloned().unwrap())
        }
    };
    let (anonymous, last) = ops(Anonymous).await;
    assert_eq!(anonymous, "CREATED CORRECTED WITHDRAWN");
    assert_eq!((&last["reason"], &last["content"]), (&Value::Null, &Value::Null));
    assert_eq!(ops(Partner).await.0, "CREATED CORRECTED CORRECTED WITHDRAWN");
    let (editor, last) = ops(Editor).await;
    assert_eq!(editor, "CREATED PUBLISHED CORRECTED CORRECTED CORRECTED WITHDRAWN");
    assert_eq!(last["reason"], "wrong");
}

#[tokio::test]
async fn what_refers_to_a_record_that_disappears_looks_different_and_says_so() {
    let app = App::sample().await;
    let start = head(&app).await;
    step(
        &app,
        Publisher,
        "withdrawOrganization(id: $id, expectedVersion: $version, reason: \"r\")",
        "organization",
        "rada-miasta-jastrzebie-zdroj",
    )
    .await;
    let (changes, _) = read(&app, Anonymous, start, false).await;
    let touched: Vec<_> = changes.iter().filter(|change| change["op"] == "TOUCHED").collect();
    assert!(touched.iter().any(|change| change["kind"] == "INTERPELLATION"), "{changes:#?}");
    for change in touched {
        assert!(!change["content"].to_string().contains("rada-miasta-jastrzebie-zdroj"), "{change}");
    }
    assert!(!pomost_tests::export(&app.store).await.contains("\"rada-miasta-jastrzebie-zdroj\""));
}

#[tokio::test]
async fn cursors_that_are_none_or_of_the_future_are_refused() {
    let app = App::sample().await;
    let (_, code) = app
        .ask(
            "query ($after: ChangeCursor) { changes(after: $after) { nodes { op } } }",
            json!({ "after": "Y2hhbmdlOjk5OTk5OTk" }),
            &[],
        )
        .await
        .error();
    assert_eq!(code, "RESYNC");
    let reply = app.query("{ changes(after: \"x\") { nodes { op } } }").await;
    assert!(reply.text.contains("is no cursor of the change feed"), "{}", reply.text);
    let (message, code) = app.query("{ changes(first: 101) { nodes { op } } }").await.error();
    assert_eq!((code.as_str(), message.contains("1 to 100")), ("BAD_USER_INPUT", true));
}

#[tokio::test]
async fn a_subscription_reads_on_where_the_reader_was_and_then_listens() {
    let app = App::empty().await;
    import(&app.store, SAMPLE).await.unwrap();
    let (all, _) = read(&app, Anonymous, Value::Null, false).await;
    let third = all[2]["cursor"].clone();
    let document =
        "subscription ($after: ChangeCursor) { changes(after: $after) { cursor op kind content record { id } } }";
    let mut events = app.follow(Anonymous, document, json!({ "after": third }), &[]);
    for change in &all[3..] {
        let event = events.next().await.unwrap();
        assert_eq!(event["data"]["changes"]["cursor"], change["cursor"]);
        assert_eq!(event["data"]["changes"]["record"]["id"], change["id"]);
    }
    // Drafts are not heard of; what is published is, at once.
    let create = "mutation { createCity(input: { slug: \"bonn\", country: \"DE\", names: { de: \"Bonn\" } }) { errors { message } } }";
    app.run(Editor, create, Value::Null).await.data();
    step(&app, Publisher, "publishCity(id: $id, expectedVersion: $version)", "city", "bonn").await;
    let event = timeout(Duration::from_millis(900), events.next()).await.unwrap().unwrap();
    assert_eq!(
        (&event["data"]["changes"]["op"], &event["data"]["changes"]["content"]["slug"]),
        (&json!("CREATED"), &json!("bonn"))
    );
}

/// The next events of followers.
async fn next(followers: &mut [BoxStream<'static, Value>]) -> Vec<Value> {
    let mut events = Vec::new();
    for follower in followers {
        events.push(timeout(Duration::from_secs(5), follower.next()).await.unwrap().unwrap());
    }
    events
}

#[tokio::test]
async fn followers_who_ask_the_same_cost_as_much_as_one() {
    const MANY: usize = 20;
    let document = "subscription ($after: ChangeCursor) { changes(after: $after) { cursor op content record { id } } }";
    let mut costs = Vec::new();
    for number in [1, MANY] {
        let app = App::sample().await;
        // Each has read up to another place, and all are heard out before it goes on.
        let (all, _) = read(&app, Anonymous, Value::Null, false).await;
        let mut followers = Vec::new();
        for place in all.len() - number..all.len() {
            let mut follower = app.follow(Anonymous, document, json!({ "after": all[place]["cursor"] }), &[]);
            for change in &all[place + 1..] {
                assert_eq!(follower.next().await.unwrap()["data"]["changes"]["cursor"], change["cursor"]);
            }
            // It has to be polled to find that nothing is left.
            assert!(timeout(Duration::from_millis(50), follower.next()).await.is_err());
            followers.push(follower);
        }
        let correct = "correctCity(id: $id, expectedVersion: $version, changes: { website: \"https://k.example\" }, reason: \"r\")";
        let before = app.store.statements();
        step(&app, Publisher, correct, "city", "karvina").await;
        let events = next(&mut followers).await;
        costs.push(app.store.statements() - before);
        assert_eq!(events[0]["data"]["changes"]["content"]["website"], "https://k.example");
        assert!(events.iter().all(|event| *event == events[0]));
    }
    // The table may have been looked at once more.
    assert!(costs[1] <= costs[0] + 4, "{costs:?}");
}

#[tokio::test]
async fn nobody_gets_the_answer_of_another_reader() {
    let app = App::sample().await;
    let create = "mutation { createCity(input: { slug: \"bonn\", country: \"DE\", names: { de: \"Bonn\" } }) { errors { message } } }";
    app.run(Editor, create, Value::Null).await.data();
    step(&app, Publisher, "publishCity(id: $id, expectedVersion: $version)", "city", "bonn").await;
    let document = "subscription ($kinds: [RecordKind!]) { changes(kinds: $kinds) { op record { ... on City { name { value } } } } }";
    let all = json!({ "kinds": null });
    let mut followers = [
        app.follow(Anonymous, document, all.clone(), &["it"]),
        app.follow(Anonymous, document, all.clone(), &["de"]),
        app.follow(Partner, document, all.clone(), &["de"]),
        app.follow(Editor, document, all, &["de"]),
        app.follow(Anonymous, "subscription { changes { op kind } }", Value::Null, &["de"]),
        app.follow(Anonymous, document, json!({ "kinds": ["MEETING", "CITY"] }), &["de"]),
    ];
    for follower in &mut followers {
        assert!(timeout(Duration::from_millis(50), follower.next()).await.is_err());
    }
    let correct = |visibility: &str| {
        format!(
            "correctCity(id: $id, expectedVersion: $version, changes: {{ visibility: {visibility}, names: {{ de: \"Bonn\", it: \"Bonna\" }} }}, reason: \"r\")"
        )
    };
    step(&app, Publisher, &correct("PUBLIC"), "city", "bonn").await;
    let named =
        |op: &str, name: &str| json!({ "data": { "changes": { "op": op, "record": { "name": { "value": name } } } } });
    let german = named("CORRECTED", "Bonn");
    let other = json!({ "data": { "changes": { "op": "CORRECTED", "kind": "CITY" } } });
    let expected = [named("CORRECTED", "Bonna"), german.clone(), german.clone(), german.clone(), other, german.clone()];
    assert_eq!(next(&mut followers).await, expected);
    step(&app, Publisher, &correct("PARTNERS"), "city", "bonn").await;
    let gone = json!({ "data": { "changes": { "op": "WITHDRAWN", "record": null } } });
    let other = json!({ "data": { "changes": { "op": "WITHDRAWN", "kind": "CITY" } } });
    let expected = [gone.clone(), gone.clone(), german.clone(), german, other, gone];
    assert_eq!(next(&mut followers).await, expected);
}

#[tokio::test]
async fn a_subscription_that_is_refused_says_why() {
    let app = App::sample().await;
    for (document, code) in [
        ("subscription { changes { nothing } }", json!("GRAPHQL_VALIDATION_FAILED")),
        ("subscription { changes(after: \"Y2hhbmdlOjk5OTk5OTk\") { op } }", json!("RESYNC")),
    ] {
        let mut events = app.follow(Anonymous, document, Value::Null, &[]);
        let event = events.next().await.unwrap();
        assert_eq!(event["errors"][0]["extensions"]["code"], code, "{event}");
        assert!(events.next().await.is_none(), "{document}");
    }
}

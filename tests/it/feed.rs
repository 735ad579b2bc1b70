//! The change feed: pages, tombstones, the view of each reader, and the subscription.

use std::collections::BTreeMap;
use std::time::Duration;

use async_graphql::futures_util::StreamExt;
use async_graphql::futures_util::stream::BoxStream;
use pomost_domain::Role::{self, Anonymous, Editor, Partner, Publisher};
use pomost_tests::{App, SAMPLE, import, postgres};
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

/// Runs a mutation on the present version of a record.
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
async fn importing_the_contents_of_the_feed_gives_the_same_registry() {
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
    // Cursors increase, and there is nothing after the end.
    let (none, same) = read(&app, Anonymous, end.clone(), false).await;
    assert_eq!((none, same), (vec![], end));
}

#[tokio::test]
async fn the_feed_depends_on_the_sight_of_the_reader() {
    let app = App::sample().await;
    let start = head(&app).await;
    let create = "mutation { createCity(input: { slug: \"bonn\", country: \"DE\", names: { de: \"Bonn\" }, visibility: PARTNERS }) { errors { message } } }";
    app.run(Editor, create, Value::Null).await.data();
    step(&app, Publisher, "publishRecord(id: $id, expectedVersion: $version)", "city", "bonn").await;
    step(
        &app,
        Publisher,
        "updateCity(id: $id, expectedVersion: $version, changes: { visibility: PUBLIC }, reason: \"r\")",
        "city",
        "bonn",
    )
    .await;
    step(
        &app,
        Publisher,
        "updateCity(id: $id, expectedVersion: $version, changes: { website: \"https://b.example\" }, reason: \"r\")",
        "city",
        "bonn",
    )
    .await;
    step(
        &app,
        Publisher,
        "updateCity(id: $id, expectedVersion: $version, changes: { visibility: INTERNAL }, reason: \"secret\")",
        "city",
        "bonn",
    )
    .await;
    step(&app, Publisher, "withdrawRecord(id: $id, expectedVersion: $version, reason: \"wrong\")", "city", "bonn")
        .await;
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
async fn records_that_refer_to_a_withdrawn_record_are_reported_as_touched() {
    let app = App::sample().await;
    let start = head(&app).await;
    step(
        &app,
        Publisher,
        "withdrawRecord(id: $id, expectedVersion: $version, reason: \"r\")",
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
async fn malformed_and_future_cursors_are_refused() {
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
async fn a_subscription_continues_from_its_cursor_and_then_follows() {
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
    // Drafts are not reported; published records are, at once.
    let create = "mutation { createCity(input: { slug: \"bonn\", country: \"DE\", names: { de: \"Bonn\" } }) { errors { message } } }";
    app.run(Editor, create, Value::Null).await.data();
    step(&app, Publisher, "publishRecord(id: $id, expectedVersion: $version)", "city", "bonn").await;
    let event = timeout(Duration::from_millis(900), events.next()).await.unwrap().unwrap();
    assert_eq!(
        (&event["data"]["changes"]["op"], &event["data"]["changes"]["content"]["slug"]),
        (&json!("CREATED"), &json!("bonn"))
    );
}

/// The next event of each follower.
async fn next(followers: &mut [BoxStream<'static, Value>]) -> Vec<Value> {
    let mut events = Vec::new();
    for follower in followers {
        events.push(timeout(Duration::from_secs(5), follower.next()).await.unwrap().unwrap());
    }
    events
}

#[tokio::test]
async fn equal_subscriptions_cost_as_much_as_one() {
    const MANY: usize = 20;
    let document = "subscription ($after: ChangeCursor) { changes(after: $after) { cursor op content record { id } } }";
    let mut costs = Vec::new();
    for number in [1, MANY] {
        let app = App::sample().await;
        // Each has read up to another position, and all must have caught up before the next write.
        let (all, _) = read(&app, Anonymous, Value::Null, false).await;
        let mut followers = Vec::new();
        for place in all.len() - number..all.len() {
            let mut follower = app.follow(Anonymous, document, json!({ "after": all[place]["cursor"] }), &[]);
            for change in &all[place + 1..] {
                assert_eq!(follower.next().await.unwrap()["data"]["changes"]["cursor"], change["cursor"]);
            }
            // A stream must be polled to find that it has no more events.
            assert!(timeout(Duration::from_millis(50), follower.next()).await.is_err());
            followers.push(follower);
        }
        let correct = "updateCity(id: $id, expectedVersion: $version, changes: { website: \"https://k.example\" }, reason: \"r\")";
        let before = app.store.statements();
        step(&app, Publisher, correct, "city", "karvina").await;
        let events = next(&mut followers).await;
        costs.push(app.store.statements() - before);
        assert_eq!(events[0]["data"]["changes"]["content"]["website"], "https://k.example");
        assert!(events.iter().all(|event| *event == events[0]));
    }
    // The process may have polled the table once more.
    assert!(costs[1] <= costs[0] + 4, "{costs:?}");
}

#[tokio::test]
async fn subscriptions_of_different_readers_are_separate() {
    let app = App::sample().await;
    let create = "mutation { createCity(input: { slug: \"bonn\", country: \"DE\", names: { de: \"Bonn\" } }) { errors { message } } }";
    app.run(Editor, create, Value::Null).await.data();
    step(&app, Publisher, "publishRecord(id: $id, expectedVersion: $version)", "city", "bonn").await;
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
            "updateCity(id: $id, expectedVersion: $version, changes: {{ visibility: {visibility}, names: {{ de: \"Bonn\", it: \"Bonna\" }} }}, reason: \"r\")"
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
async fn a_refused_subscription_reports_the_reason() {
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

/// Runs a statement on the change feed like a newer version, whose operations the constraints allow.
async fn change_as_newer(app: &App, statement: &str) {
    if postgres().is_some() {
        app.sql("ALTER TABLE change DROP CONSTRAINT IF EXISTS ck_change_op").await;
        app.sql(statement).await;
    } else {
        app.sql(&format!("PRAGMA ignore_check_constraints = ON; {statement}")).await;
    }
}

/// Writes rows of the feed like a newer version: with a kind or an operation that this version does not know.
async fn write_as_newer(app: &App, kind: &str, op: &str, rows: u32) {
    for _ in 0..rows {
        change_as_newer(app, &format!(
            "INSERT INTO change (seq, made_at, made_by, act, kind, record_id, version, op, audience_before, audience_after) \
            SELECT (SELECT version FROM data_version) + 1, made_at, made_by, act, {kind}, record_id, version, {op}, 'public', 'public' \
            FROM change WHERE seq = 1"
        ))
        .await;
        app.sql("UPDATE data_version SET version = version + 1").await;
    }
}

#[tokio::test]
async fn rows_of_a_newer_version_are_skipped() {
    let app = App::sample().await;
    let start = head(&app).await;
    let document = "subscription ($after: ChangeCursor) { changes(after: $after) { kind op content } }";
    let mut listening = app.follow(Anonymous, document, Value::Null, &[]);
    assert!(timeout(Duration::from_millis(100), listening.next()).await.is_err());
    // More than a page of them, with known rows in between.
    write_as_newer(&app, "'festival'", "op", 8).await;
    write_as_newer(&app, "kind", "'merged'", 8).await;
    let create = "mutation { createCity(input: { slug: \"bonn\", country: \"DE\", names: { de: \"Bonn\" } }) { errors { message } } }";
    app.run(Editor, create, Value::Null).await.data();
    step(&app, Publisher, "publishRecord(id: $id, expectedVersion: $version)", "city", "bonn").await;
    write_as_newer(&app, "'festival'", "'merged'", 9).await;
    let is_bonn = |change: &Value| change["op"] == "CREATED" && change["content"]["slug"] == "bonn";
    let (changes, end) = read(&app, Anonymous, start.clone(), false).await;
    assert!(changes.len() == 1 && is_bonn(&changes[0]), "{changes:#?}");
    assert_eq!(end, head(&app).await);
    let events = [listening, app.follow(Anonymous, document, json!({ "after": start }), &[])];
    for mut events in events {
        let event = timeout(Duration::from_secs(5), events.next()).await.unwrap().unwrap();
        assert!(is_bonn(&event["data"]["changes"]), "{event}");
        // The feed continues after them.
        let correct = "updateCity(id: $id, expectedVersion: $version, changes: { website: \"https://b.example\" }, reason: \"r\")";
        step(&app, Publisher, correct, "city", "bonn").await;
        loop {
            let event = timeout(Duration::from_secs(5), events.next()).await.unwrap().unwrap();
            assert_eq!(event["data"]["changes"]["kind"], "CITY");
            if event["data"]["changes"]["content"]["website"] == "https://b.example" {
                break;
            }
        }
    }
    // Each was counted once, although several readers met it.
    assert_eq!(app.store.changes_passed_over(), 25);
}

#[tokio::test]
async fn damaged_rows_are_skipped() {
    let app = App::sample().await;
    let start = head(&app).await;
    let document = "subscription ($after: ChangeCursor) { changes(after: $after) { kind op content } }";
    let mut listening = app.follow(Anonymous, document, Value::Null, &[]);
    assert!(timeout(Duration::from_millis(100), listening.next()).await.is_err());
    let create = "mutation { createCity(input: { slug: \"bonn\", country: \"DE\", names: { de: \"Bonn\" } }) { errors { message } } }";
    app.run(Editor, create, Value::Null).await.data();
    for difference in ["not json", "", "[1]", "{\"a\":"] {
        app.sql(&format!(
            "INSERT INTO change (seq, made_at, made_by, act, kind, record_id, version, op, difference, audience_before, audience_after) \
            SELECT (SELECT version FROM data_version) + 1, made_at, made_by, act, kind, record_id, version, 'corrected', '{difference}', \
            'public', 'public' FROM change WHERE op = 'created' AND record_id = (SELECT id FROM record WHERE slug = 'bonn')"
        ))
        .await;
        app.sql("UPDATE data_version SET version = version + 1").await;
    }
    step(&app, Publisher, "publishRecord(id: $id, expectedVersion: $version)", "city", "bonn").await;
    // They are delivered without the damaged part, to subscribers and in pages.
    let (changes, end) = read(&app, Editor, start, false).await;
    assert_eq!(changes.len(), 5 + 1, "{changes:#?}");
    assert_eq!(end, head(&app).await);
    for _ in 0..4 {
        let event = timeout(Duration::from_secs(5), listening.next()).await.unwrap().unwrap();
        assert_eq!(event["data"]["changes"]["op"], "CORRECTED", "{event}");
    }
    let event = timeout(Duration::from_secs(5), listening.next()).await.unwrap().unwrap();
    assert_eq!(event["data"]["changes"]["op"], "CREATED", "{event}");
    let history = "{ city(by: { slug: \"bonn\" }) { history { nodes { op differences { field } } } } }";
    let history_before = app.run(Editor, history, Value::Null).await;
    assert_eq!(history_before.data()["city"]["history"]["nodes"].as_array().unwrap().len(), 6);
    assert_eq!(app.store.changes_passed_over(), 4);
}

#[tokio::test]
async fn a_record_that_a_newer_version_changed_is_still_in_the_feed() {
    let app = App::sample().await;
    let (before, _) = read(&app, Anonymous, Value::Null, true).await;
    let found =
        app.run(Editor, "{ city(by: { slug: \"karvina\" }) { id history { nodes { op } } } }", Value::Null).await;
    change_as_newer(
        &app,
        "UPDATE change SET op = 'merged' WHERE seq = (SELECT change_seq FROM record WHERE kind = 'city' AND slug = 'karvina')",
    )
    .await;
    // Readers of the latest change of each record get its present content.
    let (after, _) = read(&app, Anonymous, Value::Null, true).await;
    assert_eq!(after.len(), before.len());
    let others = |changes: &[Value]| changes.iter().map(|change| change["content"].clone()).collect::<Vec<_>>();
    assert_eq!(others(&after), others(&before));
    // Its history contains the known operations.
    let correct =
        "updateCity(id: $id, expectedVersion: $version, changes: { website: \"https://k.example\" }, reason: \"r\")";
    step(&app, Publisher, correct, "city", "karvina").await;
    let history = "{ city(by: { slug: \"karvina\" }) { history { nodes { op } hasOlder } } }";
    let history_before = app.run(Editor, history, Value::Null).await;
    assert_eq!(
        history_before.data()["city"]["history"],
        json!({ "nodes": [{ "op": "CORRECTED" }], "hasOlder": false })
    );
    // A referred record of an unknown kind.
    app.sql("UPDATE record SET kind = 'festival' WHERE id IN (SELECT to_id FROM link WHERE relation = 'partnership.cities')").await;
    let (changes, _) = read(&app, Anonymous, Value::Null, false).await;
    assert!(changes.iter().any(|change| change["kind"] == "PARTNERSHIP"));
    assert!(found.data()["city"]["id"].is_string());
}

#[tokio::test]
async fn an_id_with_a_kind_of_a_newer_version_finds_nothing() {
    use base64::Engine;
    let id = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let app = App::sample().await;
    let city = app.query("{ city(by: { slug: \"karvina\" }) { id } }").await.data()["city"]["id"].clone();
    let newer = id("festival:0190a0b0c0d0e0f00112233445566778");
    let document = "query ($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }";
    let reply = app.ask(document, json!({ "id": newer, "ids": [newer, city] }), &[]).await;
    assert_eq!(*reply.data(), json!({ "node": null, "nodes": [null, { "id": city }] }));
    // Ids that no version issues are still refused.
    for text in ["festival:x", "Festival!:0190a0b0c0d0e0f00112233445566778", "festival"] {
        let (message, _) =
            app.ask("query ($id: ID!) { node(id: $id) { id } }", json!({ "id": id(text) }), &[]).await.error();
        assert!(message.contains("is not an id"), "{message}");
    }
}

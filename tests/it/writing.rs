//! Mutations: drafts and publication, versions, idempotency keys, errors, histories.

use pomost_domain::Role::{Admin, Anonymous, Councillor, Editor, Partner, Publisher, Reporting};
use pomost_tests::{App, TestDb};
use serde_json::{Value, json};

const CREATE: &str = "mutation ($input: CityInput!, $key: String) { createCity(input: $input, idempotencyKey: $key) { \
    record { id slug version publication name { value } } errors { code message path } changeSeq } }";
const UPDATE: &str = "mutation ($id: ID!, $version: Int!, $changes: CityChanges!) { \
    updateCity(id: $id, expectedVersion: $version, changes: $changes) { \
    record { id slug version website note { value } } errors { code message path } changeSeq } }";
const SEES: &str = "query ($slug: String!) { city(by: { slug: $slug }) { slug } \
    cities(filter: { slug: { eq: $slug } }) { totalCount nodes { slug } } }";

fn step(name: &str, reason: &str) -> String {
    format!(
        "mutation ($id: ID!, $version: Int!) {{ {name}(id: $id, expectedVersion: $version{reason}) {{ \
         record {{ id version publication }} errors {{ code message path }} changeSeq }} }}"
    )
}

fn karlsruhe() -> Value {
    json!({ "input": { "country": "DE", "names": { "de": "Karlsruhe", "pl": "Karlsruhe" } } })
}

async fn sees(app: &App, role: pomost_domain::Role, slug: &str) -> bool {
    let reply = app.run(role, SEES, json!({ "slug": slug })).await;
    let data = reply.data();
    let seen = data["city"]["slug"] == slug;
    assert_eq!(data["cities"]["totalCount"], u64::from(seen), "{role:?}");
    seen
}

#[tokio::test]
async fn a_record_is_published_and_withdrawn() {
    let app = App::sample().await;
    let made = app.run(Editor, CREATE, karlsruhe()).await;
    let payload = &made.data()["createCity"];
    assert_eq!(payload["errors"], json!([]));
    let city = &payload["record"];
    assert_eq!(
        (city["slug"].as_str(), &city["version"], city["publication"].as_str()),
        (Some("karlsruhe"), &json!(1), Some("DRAFT"))
    );
    let id = city["id"].clone();
    for (role, expected) in
        [(Anonymous, false), (Partner, false), (Reporting, false), (Councillor, false), (Editor, true), (Admin, true)]
    {
        assert_eq!(sees(&app, role, "karlsruhe").await, expected, "{role:?}");
    }
    let node = app.ask("query ($id: ID!) { node(id: $id) { id } }", json!({ "id": id }), &[]).await;
    assert_eq!(node.data()["node"], Value::Null);

    let at = |version: u32| json!({ "id": id, "version": version });
    let submitted = app.run(Editor, &step("submitRecord", ""), at(1)).await;
    assert_eq!(submitted.data()["submitRecord"]["record"]["publication"], "IN_REVIEW");
    let (_, code) = app.run(Editor, &step("publishRecord", ""), at(2)).await.error();
    assert_eq!(code, "FORBIDDEN");
    let published = app.run(Publisher, &step("publishRecord", ""), at(2)).await;
    assert_eq!(published.data()["publishRecord"]["record"]["publication"], "PUBLISHED");
    assert!(sees(&app, Anonymous, "karlsruhe").await);

    let refused = app.run(Publisher, &step("publishRecord", ""), at(3)).await;
    let error = &refused.data()["publishRecord"]["errors"][0];
    assert_eq!(error["code"], "NOT_ALLOWED");
    assert!(error["message"].as_str().unwrap().ends_with("allowed now: update, withdraw"), "{error}");

    let withdrawn = app.run(Publisher, &step("withdrawRecord", ", reason: \"a mistake\""), at(3)).await;
    assert_eq!(withdrawn.data()["withdrawRecord"]["record"]["publication"], "WITHDRAWN");
    assert!(!sees(&app, Anonymous, "karlsruhe").await);
    assert!(sees(&app, Editor, "karlsruhe").await);

    let history = "query ($id: ID!) { node(id: $id) { ... on City { history(first: 3) { hasOlder \
        nodes { act by op version reason differences { field before after } } } } } }";
    let history = app.run(Editor, history, json!({ "id": id })).await;
    let history_json = &history.data()["node"]["history"];
    assert_eq!(history_json["hasOlder"], true);
    let newest = &history_json["nodes"][0];
    assert_eq!(
        (&newest["act"], &newest["by"], &newest["op"], &newest["version"], &newest["reason"]),
        (&json!("withdrawRecord"), &json!("test:publisher"), &json!("WITHDRAWN"), &json!(4), &json!("a mistake"))
    );
    assert_eq!(newest["differences"], json!([{ "field": "publication", "before": "published", "after": "withdrawn" }]));
    let hidden = app.run(Anonymous, "{ homeCity { slug history { hasOlder } } }", Value::Null).await;
    assert_eq!(hidden.error().1, "FORBIDDEN");
    assert_eq!(hidden.json["data"], json!({ "homeCity": { "slug": "jastrzebie-zdroj", "history": null } }));
}

#[tokio::test]
async fn absent_fields_are_unchanged_and_null_clears() {
    let app = App::sample().await;
    let input = json!({ "input": { "slug": "kh", "country": "DE", "names": { "de": "K" }, "website": "https://k.example", "note": "n" } });
    let made = app.run(Editor, CREATE, input).await;
    let id = made.data()["createCity"]["record"]["id"].clone();
    let update = |version: u32, changes: Value| {
        let app = &app;
        let variables = json!({ "id": id, "version": version, "changes": changes });
        async move {
            let reply = app.run(Editor, UPDATE, variables).await;
            let record = reply.data()["updateCity"]["record"].clone();
            assert_eq!(reply.data()["updateCity"]["errors"], json!([]));
            (record["website"].clone(), record["note"]["value"].clone())
        }
    };
    assert_eq!(update(1, json!({ "note": "m" })).await, (json!("https://k.example"), json!("m")));
    assert_eq!(update(2, json!({ "website": null })).await, (Value::Null, json!("m")));
    // An omitted variable leaves the field unchanged; `null`, as a literal or in a variable, clears it.
    let with = |website: &str| {
        format!(
            "mutation ($id: ID!, $website: String) {{ updateCity(id: $id, expectedVersion: 3, changes: {{ website: {website} note: null }}) \
         {{ record {{ website note {{ value }} }} errors {{ message }} }} }}"
        )
    };
    let left = app.run(Editor, &with("$website"), json!({ "id": id })).await;
    assert_eq!(left.data()["updateCity"]["record"], json!({ "website": null, "note": null }));
}

#[tokio::test]
async fn a_version_conflict_is_an_error_with_the_present_record() {
    let app = App::sample().await;
    let made = app.run(Editor, CREATE, karlsruhe()).await;
    let id = made.data()["createCity"]["record"]["id"].clone();
    let write = |version: u32, note: &str| json!({ "id": id, "version": version, "changes": { "note": note } });
    app.run(Editor, UPDATE, write(1, "one")).await.data();
    let lost = app.run(Editor, UPDATE, write(1, "two")).await;
    let payload = &lost.data()["updateCity"];
    assert_eq!(payload["errors"][0]["code"], "CONFLICT");
    assert_eq!(payload["errors"][0]["path"], json!(["expectedVersion"]));
    assert_eq!((&payload["record"]["version"], &payload["record"]["note"]["value"]), (&json!(2), &json!("one")));
    assert_eq!(payload["changeSeq"], Value::Null);
    let gone = app
        .run(
            Editor,
            UPDATE,
            json!({ "id": "Y2l0eTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA", "version": 1, "changes": {} }),
        )
        .await;
    assert_eq!(gone.data()["updateCity"]["errors"][0]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn an_idempotency_key_prevents_a_second_execution() {
    let app = App::sample().await;
    let mut input = karlsruhe();
    input["key"] = json!("k-1");
    let first = app.run(Editor, CREATE, input.clone()).await;
    let before = app.store.data_version().await.unwrap();
    let (second, third) = tokio::join!(app.run(Editor, CREATE, input.clone()), app.run(Editor, CREATE, input.clone()));
    assert_eq!(first.text, second.text);
    assert_eq!(first.text, third.text);
    assert_eq!(app.store.data_version().await.unwrap(), before);
    input["input"]["note"] = json!("another");
    let taken = app.run(Editor, CREATE, input.clone()).await;
    assert_eq!(taken.data()["createCity"]["errors"][0]["code"], "TAKEN");
    // Each viewer has its own keys.
    let other = app.run(Admin, CREATE, input).await;
    assert_eq!(other.data()["createCity"]["record"]["slug"], "karlsruhe-2");
}

#[tokio::test]
async fn all_errors_are_reported_at_once_and_nothing_is_written() {
    let app = App::sample().await;
    let before = (pomost_tests::export(&app.store).await, app.store.data_version().await.unwrap());
    let create = "mutation ($input: AgreementInput!) { createAgreement(input: $input) { record { id } errors { code message path } } }";
    let input = json!({ "input": {
        "title": "T", "kind": "nothingKnown", "partnership": "nowhere", "parties": ["karvina", "karvina", "atlantis"],
        "date": "2020-01", "occasion": "a\u{7}b", "scope": ["<b>bold</b>", ""],
        "signatories": [{ "name": "A", "office": "mayor", "city": "mu" }],
    } });
    let reply = app.run(Editor, create, input).await;
    let errors = reply.data()["createAgreement"]["errors"].as_array().unwrap();
    let reported: Vec<(String, String)> = errors
        .iter()
        .map(|error| {
            (
                error["code"].as_str().unwrap().to_owned(),
                error["path"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|part| part.as_str().unwrap())
                    .collect::<Vec<_>>()
                    .join("."),
            )
        })
        .collect();
    let expected = [
        ("INVALID", "input.occasion"),
        ("INVALID", "input.parties.1"),
        ("NOT_FOUND", "input.parties.2"),
        ("NOT_FOUND", "input.partnership"),
        ("INVALID", "input.scope.1"),
        ("NOT_FOUND", "input.signatories.0.city"),
    ];
    assert_eq!(reported, expected.map(|(code, path)| (code.to_owned(), path.to_owned())), "{errors:#?}");
    assert_eq!((pomost_tests::export(&app.store).await, app.store.data_version().await.unwrap()), before);

    let long = json!({ "input": { "title": "x".repeat(20_001), "parties": ["karvina"] } });
    let reply = app.run(Editor, create, long).await;
    assert_eq!(reply.data()["createAgreement"]["errors"][0]["path"], json!(["input", "title"]));
    let html =
        json!({ "input": { "title": "<script>alert(1)</script> & co", "parties": ["karvina", "jastrzebie-zdroj"] } });
    let reply = app.run(Editor, "mutation ($input: AgreementInput!) { createAgreement(input: $input) { record { title { value } } errors { message } } }", html).await;
    assert_eq!(reply.data()["createAgreement"]["record"]["title"]["value"], "<script>alert(1)</script> & co");
}

#[tokio::test]
async fn references_are_ids_or_slugs_of_existing_records() {
    let app = App::sample().await;
    let city = app.query("{ city(by: { slug: \"tukums\" }) { id version } }").await;
    let tukums = city.data()["city"].clone();
    let create = "mutation ($input: ResolutionInput!) { createResolution(input: $input) { record { id version city { slug } } errors { code path message } } }";
    let by_id = app.run(Editor, create, json!({ "input": { "subject": "S", "city": tukums["id"] } })).await;
    assert_eq!(by_id.data()["createResolution"]["record"]["city"]["slug"], "tukums");
    let resolution = by_id.data()["createResolution"]["record"].clone();

    app.run(
        Publisher,
        &step("withdrawRecord", ", reason: \"r\""),
        json!({ "id": tukums["id"], "version": tukums["version"] }),
    )
    .await
    .data();
    let refused = app.run(Editor, create, json!({ "input": { "subject": "S", "city": "tukums" } })).await;
    let error = &refused.data()["createResolution"]["errors"][0];
    assert_eq!((&error["code"], &error["path"]), (&json!("NOT_FOUND"), &json!(["input", "city"])));
    assert!(error["message"].as_str().unwrap().contains("was taken back"), "{error}");
    // Its existing reference is preserved.
    let update = "mutation ($id: ID!) { updateResolution(id: $id, expectedVersion: 1, changes: { number: \"I/1\" }) { record { number } errors { message } } }";
    let updated = app.run(Editor, update, json!({ "id": resolution["id"] })).await;
    assert_eq!(updated.data()["updateResolution"], json!({ "record": { "number": "I/1" }, "errors": [] }));
}

#[tokio::test]
async fn a_refusal_names_the_roles_that_may_write() {
    let app = App::sample().await;
    for role in [Anonymous, Partner, Councillor, Reporting] {
        let (message, code) = app.run(role, CREATE, karlsruhe()).await.error();
        assert_eq!(code, "FORBIDDEN", "{role:?}");
        assert!(message.contains("EDITOR or PUBLISHER or ADMIN"), "{message}");
    }
    let file = "mutation { createInterpellation(input: { subject: \"S\", city: \"jastrzebie-zdroj\" }) { record { slug } errors { message } } }";
    let filed = app.run(Councillor, file, Value::Null).await;
    let slug = filed.data()["createInterpellation"]["record"]["slug"].clone();
    let sees = "query ($slug: String!) { interpellation(by: { slug: $slug }) { slug } }";
    for (role, expected) in [(Anonymous, false), (Partner, false), (Councillor, true), (Editor, true)] {
        let reply = app.run(role, sees, json!({ "slug": slug })).await;
        assert_eq!(reply.data()["interpellation"].is_object(), expected, "{role:?}");
    }
    let mut other = pomost_tests::viewer(Councillor);
    other.name = "another".to_owned();
    let reply = app.ask_as(&other, sees, json!({ "slug": slug }), &[]).await;
    assert_eq!(reply.data()["interpellation"], Value::Null);
}

/// Concurrent clients increment a counter: no increment is lost, and every client gets the result of its request.
#[tokio::test]
async fn no_update_is_lost() {
    let app = std::sync::Arc::new(App::sample().await);
    let made = app.run(Editor, CREATE, karlsruhe()).await;
    let id = made.data()["createCity"]["record"]["id"].clone();
    let rounds = 25;
    let clients = 8;
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (app, id) = (std::sync::Arc::clone(&app), id.clone());
            tokio::spawn(async move {
                let mut written = 0_u64;
                for _ in 0..rounds {
                    let read = app
                        .run(
                            Editor,
                            "query ($id: ID!) { city(by: { id: $id }) { version note { value } } }",
                            json!({ "id": id }),
                        )
                        .await;
                    let city = &read.data()["city"];
                    let count: u64 = city["note"]["value"].as_str().map_or(0, |text| text.parse().unwrap());
                    let changes =
                        json!({ "id": id, "version": city["version"], "changes": { "note": (count + 1).to_string() } });
                    let reply = app.run(Editor, UPDATE, changes).await;
                    let errors = reply.data()["updateCity"]["errors"].as_array().unwrap().clone();
                    match errors.first() {
                        None => written += 1,
                        Some(error) => assert_eq!(error["code"], "CONFLICT"),
                    }
                }
                written
            })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        written += task.await.unwrap();
    }
    let read = app
        .run(Editor, "query ($id: ID!) { city(by: { id: $id }) { version note { value } } }", json!({ "id": id }))
        .await;
    let city = &read.data()["city"];
    assert_eq!(city["note"]["value"].as_str().unwrap(), written.to_string());
    assert_eq!(city["version"], written + 1);
}

#[tokio::test]
async fn an_activity_changes_its_status_by_mutations() {
    let app = App::sample().await;
    let create =
        "mutation ($input: MeetingInput!) { createMeeting(input: $input) { record { id } errors { message } } }";
    let input = json!({ "input": { "title": "Round table", "startDate": "2027-03", "hostCity": "karvina", "status": "ANNOUNCED" } });
    let made = app.run(Editor, create, input).await;
    let id = made.data()["createMeeting"]["record"]["id"].clone();
    let act = |name: &str, version: u32, more: &str| {
        let command = format!(
            "mutation ($id: ID!) {{ done: {name}(id: $id, expectedVersion: {version}{more}) {{ errors {{ code message }} \
             record {{ __typename version status startsOn {{ value }} hostCity {{ slug }} }} }} }}"
        );
        let (app, id) = (&app, id.clone());
        async move { app.run(Editor, &command, json!({ "id": id })).await.data()["done"].clone() }
    };
    let postponed = act("postponeActivity", 1, ", reason: \"a flood\"").await;
    assert_eq!(
        postponed["record"],
        json!({ "__typename": "Meeting", "version": 2, "status": "POSTPONED", "startsOn": { "value": "2027-03" }, "hostCity": { "slug": "karvina" } })
    );
    let refused = act("holdActivity", 2, "").await;
    assert_eq!(refused["errors"][0]["code"], "NOT_ALLOWED");
    assert_eq!(
        refused["errors"][0]["message"],
        "an activity that is postponed cannot become held; it can become: planned, cancelled"
    );
    let planned = act("planActivity", 2, ", startDate: \"2027-05-04\"").await;
    assert_eq!(planned["record"]["startsOn"]["value"], "2027-05-04");
    act("confirmActivity", 3, "").await;
    act("holdActivity", 4, ", endDate: \"2027-05-05\"").await;
    let reported = act("reportActivity", 5, "").await;
    assert_eq!((&reported["record"]["status"], &reported["record"]["version"]), (&json!("REPORTED"), &json!(6)));
    let over = act("cancelActivity", 6, ", reason: \"r\"").await;
    assert!(over["errors"][0]["message"].as_str().unwrap().ends_with("it can become: nothing"), "{over}");
}

/// The id and version of a record, for a viewer who sees everything.
async fn found(app: &App, kind: &str, slug: &str) -> (Value, Value) {
    let reply =
        app.run(Admin, &format!("{{ {kind}(by: {{ slug: \"{slug}\" }}) {{ id version }} }}"), Value::Null).await;
    (reply.data()[kind]["id"].clone(), reply.data()[kind]["version"].clone())
}

#[tokio::test]
async fn a_record_that_another_one_requires_is_not_withdrawn() {
    let app = App::sample().await;
    let (id, version) = found(&app, "city", "tourcoing").await;
    let refused =
        app.run(Publisher, &step("withdrawRecord", ", reason: \"r\""), json!({ "id": id, "version": version })).await;
    let error = &refused.data()["withdrawRecord"]["errors"][0];
    assert_eq!(error["code"], "NOT_ALLOWED");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("tourcoing") && message.contains("at least two different cities"), "{message}");
    let other = App::with(pomost_tests::export(&app.store).await).await;
    assert_eq!(pomost_tests::export(&other.store).await, pomost_tests::export(&app.store).await);
    // Once the partnership is withdrawn, the city may be withdrawn.
    let (partnership, at) = found(&app, "partnership", "jastrzebie-zdroj--tourcoing").await;
    let gone = app
        .run(Publisher, &step("withdrawRecord", ", reason: \"r\""), json!({ "id": partnership, "version": at }))
        .await;
    assert_eq!(gone.data()["withdrawRecord"]["errors"], json!([]));
}

#[tokio::test]
async fn an_official_disappears_with_the_last_record_that_names_him() {
    let app = App::sample().await;
    let create = "mutation { createMeeting(input: { title: \"M\", hostCity: \"karvina\", \
        attendees: [{ name: \"Anna Nowa\", office: \"mayor\", city: \"karvina\" }] }) { record { id slug } errors { message } } }";
    let made = app.run(Editor, create, Value::Null).await;
    let (id, slug) =
        (made.data()["createMeeting"]["record"]["id"].clone(), made.data()["createMeeting"]["record"]["slug"].clone());
    let named = async || {
        let reply = app.query("{ officials(filter: { name: { contains: \"nowa\" } }) { totalCount } }").await;
        reply.data()["officials"]["totalCount"].as_u64().unwrap()
    };
    assert_eq!(named().await, 0, "{slug}");
    app.run(Publisher, &step("publishRecord", ""), json!({ "id": id, "version": 1 })).await.data();
    assert_eq!(named().await, 1);
    app.run(Publisher, &step("withdrawRecord", ", reason: \"r\""), json!({ "id": id, "version": 2 })).await.data();
    assert_eq!(named().await, 0);
}

#[tokio::test]
async fn a_hidden_draft_and_a_missing_record_give_the_same_error() {
    let app = App::sample().await;
    app.run(Editor, CREATE, json!({ "input": { "slug": "hidden", "country": "DE", "names": { "de": "H" } } }))
        .await
        .data();
    let file = |city: &str| {
        let command = format!(
            "mutation {{ createInterpellation(input: {{ subject: \"S\", city: \"{city}\" }}) {{ errors {{ code message path }} }} }}"
        );
        let app = &app;
        async move { app.run(Councillor, &command, Value::Null).await.text }
    };
    assert_eq!(file("hidden").await, file("nolist").await.replace("nolist", "hidden"));
}

#[tokio::test]
async fn a_locked_file_gives_a_retryable_error() {
    use sqlx::{Connection, Executor};
    let db = TestDb::on_sqlite().await;
    let mut other = sqlx::SqliteConnection::connect(&db.settings.url).await.unwrap();
    let app = App::over(db).await;
    let create = json!({ "input": { "slug": "late", "country": "DE", "names": { "de": "L" } } });
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let (_, code) = app.run(Editor, CREATE, create.clone()).await.error();
    assert_eq!(code, "UNAVAILABLE");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(app.run(Editor, CREATE, create).await.data()["createCity"]["errors"], json!([]));
}

/// The slug that a mutation without a slug makes of a name.
async fn slug_for(app: &App, role: pomost_domain::Role, name: &str) -> String {
    let input = json!({ "input": { "country": "DE", "names": { "de": name } } });
    let made = app.run(role, CREATE, input).await;
    assert_eq!(made.data()["createCity"]["errors"], json!([]), "{name}");
    made.data()["createCity"]["record"]["slug"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn generated_slugs_are_unique() {
    let app = App::sample().await;
    let erase = async |kind: &str, slug: &str| {
        let (id, version) = found(&app, kind, slug).await;
        let command = "mutation ($id: ID!, $version: Int!) { eraseRecord(id: $id, expectedVersion: $version, reason: \"r\") { errors { message } } }";
        let erased = app.run(Admin, command, json!({ "id": id, "version": version })).await;
        assert_eq!(erased.data()["eraseRecord"]["errors"], json!([]));
    };
    assert_eq!(slug_for(&app, Editor, "Karlsruhe").await, "karlsruhe");
    // Erased slugs, in sequence and between others.
    erase("city", "karlsruhe").await;
    assert_eq!(slug_for(&app, Editor, "Karlsruhe").await, "karlsruhe-2");
    assert_eq!(slug_for(&app, Editor, "KARLSRUHE").await, "karlsruhe-3");
    erase("city", "karlsruhe-2").await;
    for number in 4..12 {
        assert_eq!(slug_for(&app, Editor, "Karlsruhe!").await, format!("karlsruhe-{number}"));
    }
    // A client that requests one of them gets an error.
    for slug in ["karlsruhe", "karlsruhe-2", "karlsruhe-3"] {
        let taken = app
            .run(Editor, CREATE, json!({ "input": { "slug": slug, "country": "DE", "names": { "de": "K" } } }))
            .await;
        let error = &taken.data()["createCity"]["errors"][0];
        assert_eq!((&error["code"], &error["path"]), (&json!("TAKEN"), &json!(["input", "slug"])), "{slug}");
    }
    // Withdrawn records, and names that cannot be a slug.
    app.run(Editor, CREATE, json!({ "input": { "slug": "gone", "country": "DE", "names": { "de": "X" } } }))
        .await
        .data();
    let (id, version) = found(&app, "city", "gone").await;
    app.run(Publisher, &step("withdrawRecord", ", reason: \"r\""), json!({ "id": id, "version": version }))
        .await
        .data();
    for (name, slug) in [
        ("Gone", "gone-2"),
        ("Erased", "city-erased"),
        ("Erased", "city-erased-2"),
        ("Erased town", "city-erased-town"),
        ("★", "city"),
        ("…", "city-2"),
        ("Łódź_100%", "lodz-100"),
    ] {
        assert_eq!(slug_for(&app, Editor, name).await, slug, "{name}");
    }
    let long = slug_for(&app, Editor, &"word ".repeat(60)).await;
    assert!(long.len() <= 80 && long.ends_with("word"), "{long}");
    // A draft of another viewer.
    let file =
        "mutation { createInterpellation(input: { subject: \"Roads\" }) { record { slug } errors { message } } }";
    let filed = async |name: &str| {
        let mut councillor = pomost_tests::viewer(Councillor);
        councillor.name = name.to_owned();
        app.ask_as(&councillor, file, Value::Null, &[]).await.data()["createInterpellation"].clone()
    };
    assert_eq!(filed("one").await, json!({ "record": { "slug": "roads" }, "errors": [] }));
    assert_eq!(filed("another").await, json!({ "record": { "slug": "roads-2" }, "errors": [] }));
    // An erased programme is not created again by its name, and the message contains the correction.
    let create = "mutation ($slug: String!) { createProject(input: { title: $slug, programme: \"Fund\" }) { record { slug } errors { code message path } } }";
    app.run(Editor, create, json!({ "slug": "P" })).await.data();
    let programme =
        app.run(Admin, "{ programmes(filter: { name: { eq: \"Fund\" } }) { nodes { slug } } }", Value::Null).await;
    erase("programme", programme.data()["programmes"]["nodes"][0]["slug"].as_str().unwrap()).await;
    let refused = app.run(Editor, create, json!({ "slug": "P" })).await;
    let error = &refused.data()["createProject"]["errors"][0];
    assert!(error["code"] == "NOT_ALLOWED" && error["message"].as_str().unwrap().contains("a programme"), "{error}");
}

#[tokio::test]
async fn slugs_that_are_generated_concurrently_differ() {
    let app = App::sample().await;
    let made = async_graphql::futures_util::future::join_all((0..8).map(|_| slug_for(&app, Editor, "Twin"))).await;
    let different: std::collections::BTreeSet<_> = made.iter().collect();
    assert_eq!(different.len(), 8, "{made:?}");
}

#[tokio::test]
async fn characters_of_inputs_are_counted_in_nfc() {
    let app = App::empty().await;
    let input = |slug: String| json!({ "input": { "slug": slug, "country": "FR", "names": { "fr": "A" } } });
    let made = app.run(Editor, CREATE, input("e\u{301}".repeat(150))).await;
    assert_eq!(made.data()["createCity"]["record"]["slug"], "é".repeat(150), "{}", made.text);
    let refused = app.run(Editor, CREATE, input("\u{958}".repeat(150))).await;
    assert_eq!(refused.data()["createCity"]["errors"][0]["code"], "INVALID", "{}", refused.text);
}

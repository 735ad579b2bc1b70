//! Imports over the API.

use pomost_domain::Role::{Anonymous, Editor, Publisher};
use pomost_tests::{App, SAMPLE, export};
use serde_json::{Value, json};

const IMPORT: &str = "mutation ($file: String!, $policy: ImportErrorPolicy, $publish: Boolean, $dry: Boolean, $key: String) { \
    importRecords(file: $file, onError: $policy, publish: $publish, dryRun: $dry, idempotencyKey: $key) { \
    created updated unchanged rejected errors { code message path } changeSeq } }";

async fn bulk(app: &App, role: pomost_domain::Role, file: &str, more: Value) -> Value {
    let mut variables = json!({ "file": file });
    variables.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.run(role, IMPORT, variables).await.data()["importRecords"].clone()
}

fn counts(payload: &Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "rejected"].map(|name| payload[name].as_u64().unwrap())
}

/// A city without a country, a partnership that needs it, another that does not, and a broken reference.
const MIXED: &str = r#"{
    "cities": [
        { "slug": "aa", "country": "DE", "names": { "de": "Aa" } },
        { "slug": "bb", "names": { "de": "Bb" } },
        { "slug": "cc", "country": "DE", "names": { "de": "Cc" }, "mergedInto": "nowhere" }
    ],
    "partnerships": [
        { "slug": "aa--bb", "cities": ["aa", "bb"] },
        { "slug": "aa--karvina", "cities": ["aa", "karvina"], "agreements": ["paper"] }
    ],
    "agreements": [
        { "slug": "paper", "title": "Paper", "partnership": "aa--karvina", "parties": ["aa", "karvina"] },
        { "slug": "other", "title": "Other", "partnership": "aa--bb", "parties": ["aa", "karvina"] }
    ]
}"#;

#[tokio::test]
async fn invalid_records_are_left_out_with_their_dependents() {
    let app = App::sample().await;
    let all = bulk(&app, Editor, MIXED, json!({ "policy": "REJECT_ALL" })).await;
    assert_eq!((counts(&all), &all["changeSeq"]), ([0, 0, 0, 2], &Value::Null), "{all}");
    let seen: Vec<_> =
        all["errors"].as_array().unwrap().iter().map(|error| (error["code"].clone(), error["path"].clone())).collect();
    assert_eq!(
        seen,
        [
            (json!("REQUIRED"), json!(["file", "cities", "1"])),
            (json!("NOT_FOUND"), json!(["file", "cities", "2", "mergedInto"])),
        ]
    );
    let dry = bulk(&app, Editor, MIXED, json!({ "policy": "REJECT_FAILED", "dry": true })).await;
    assert_eq!((counts(&dry), &dry["changeSeq"]), ([3, 0, 0, 4], &Value::Null));
    let some = bulk(&app, Editor, MIXED, json!({ "policy": "REJECT_FAILED" })).await;
    assert_eq!(counts(&some), [3, 0, 0, 4]);
    assert!(some["changeSeq"].is_string());
    let paths: Vec<String> = some["errors"].as_array().unwrap().iter().map(|error| error["path"].to_string()).collect();
    assert_eq!(
        paths,
        [
            r#"["file","cities","1"]"#,
            r#"["file","cities","2","mergedInto"]"#,
            r#"["file","partnerships","0","cities","1"]"#,
            r#"["file","agreements","1","partnership"]"#,
        ]
    );
    // They are drafts: visible only to viewers who may read drafts.
    let query = "{ cities(filter: { slug: { in: [\"aa\", \"bb\"] } }) { nodes { slug publication } } }";
    assert_eq!(app.query(query).await.data()["cities"]["nodes"], json!([]));
    let seen = app.run(Editor, query, Value::Null).await;
    assert_eq!(seen.data()["cities"]["nodes"], json!([{ "slug": "aa", "publication": "DRAFT" }]));
    assert_eq!(app.store.doctor().await.unwrap(), []);
}

#[tokio::test]
async fn an_import_publishes_only_with_the_right_to_publish() {
    let app = App::empty().await;
    assert_eq!(app.run(Anonymous, IMPORT, json!({ "file": SAMPLE })).await.error().1, "FORBIDDEN");
    assert_eq!(app.run(Editor, IMPORT, json!({ "file": SAMPLE, "publish": true })).await.error().1, "FORBIDDEN");
    let done = bulk(&app, Publisher, SAMPLE, json!({ "publish": true, "key": "k" })).await;
    assert!(counts(&done)[0] > 121, "{done}");
    let again = bulk(&app, Publisher, SAMPLE, json!({ "publish": true, "key": "k" })).await;
    assert_eq!(again, done);
    let other = bulk(&app, Publisher, "{}", json!({ "publish": true, "key": "k" })).await;
    assert_eq!(other["errors"][0]["code"], "TAKEN");
    let same = bulk(&app, Publisher, SAMPLE, json!({ "publish": true })).await;
    assert_eq!((counts(&same), &same["changeSeq"]), ([0, 0, 121, 0], &Value::Null));
    assert_eq!(export(&app.store).await, export(&App::sample().await.store).await);

    // Drafts do not change public records.
    let changed = SAMPLE.replacen("\"website\": \"", "\"website\": \"https://other.example/", 1);
    assert_ne!(changed, SAMPLE);
    let refused = bulk(&app, Editor, &changed, json!({})).await;
    assert_eq!(refused["errors"][0]["code"], "NOT_ALLOWED", "{refused}");
    assert_eq!(counts(&bulk(&app, Publisher, &changed, json!({ "publish": true })).await)[..2], [0, 1]);
    let wrong = bulk(&app, Editor, "{\"cities\": [", json!({})).await;
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 1, "{wrong}");
}

#[tokio::test]
async fn withdrawn_records_get_no_new_references() {
    let app = App::with(r#"{ "cities": [{ "slug": "a", "country": "DE", "names": { "de": "A" } }] }"#).await;
    let withdraw = "mutation ($id: ID!, $version: Int!) { withdrawRecord(id: $id, expectedVersion: $version, reason: \"r\") { errors { message } } }";
    let found = app.query("{ city(by: { slug: \"a\" }) { id version } }").await.data()["city"].clone();
    app.run(Publisher, withdraw, found).await.data();
    let file = r#"{ "organizations": [{ "slug": "o", "name": "O", "kind": "school", "city": "a" }] }"#;
    let refused = bulk(&app, Publisher, file, json!({ "publish": true })).await;
    assert_eq!(refused["errors"][0]["path"], json!(["file", "organizations", "0", "city"]), "{refused}");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("was taken back"));
}

#[tokio::test]
async fn dependents_of_an_invalid_record_are_left_out_through_any_chain() {
    let app = App::empty().await;
    // A partnership of one city is invalid by itself; an agreement needs it, and a meeting needs the agreement.
    let file = r#"{
        "cities": [{ "slug": "a", "country": "DE", "names": { "de": "A" } }, { "slug": "b", "country": "DE", "names": { "de": "B" } }],
        "partnerships": [{ "slug": "p", "cities": ["a"] }],
        "agreements": [{ "slug": "g", "title": "G", "parties": ["a", "b"], "partnership": "p" }],
        "meetings": [{ "slug": "m", "title": "M", "agreement": "g" }]
    }"#;
    let done = bulk(&app, Publisher, file, json!({ "policy": "REJECT_FAILED", "publish": true })).await;
    assert_eq!(counts(&done), [2, 0, 0, 3], "{done}");
    // Each project refers to the next.
    let projects: Vec<Value> = (0..1000)
        .map(|at| json!({ "slug": format!("p{at}"), "title": "P", "follows": format!("p{}", at + 1) }))
        .collect();
    let chain = json!({ "projects": projects }).to_string();
    let begin = std::time::Instant::now();
    let done = bulk(&app, Publisher, &chain, json!({ "policy": "REJECT_FAILED" })).await;
    assert_eq!(counts(&done), [0, 0, 0, 1000]);
    assert!(begin.elapsed().as_secs() < 8, "{:?}", begin.elapsed());
    // More faults than are reported.
    let cities: Vec<Value> =
        std::iter::repeat_n(json!({}), 6000).chain([json!({ "slug": "late", "names": {} })]).collect();
    let done =
        bulk(&app, Publisher, &json!({ "cities": cities }).to_string(), json!({ "policy": "REJECT_FAILED" })).await;
    assert_eq!(counts(&done), [0, 0, 0, 6001]);
    assert_eq!(app.store.doctor().await.unwrap(), []);
}

#[tokio::test]
async fn an_import_has_the_same_rules_as_mutations() {
    let app = App::sample().await;
    let publish = |file: &str| {
        let (app, file) = (&app, file.to_owned());
        async move { bulk(app, Publisher, &file, json!({ "publish": true })).await }
    };
    // No reader may see a partnership of one city.
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let mut city = sample["cities"].as_array().unwrap().iter().find(|city| city["slug"] == "karvina").unwrap().clone();
    city["visibility"] = json!("internal");
    let refused = publish(&json!({ "cities": [city] }).to_string()).await;
    assert_eq!(refused["errors"][0]["code"], "NOT_ALLOWED", "{refused}");
    // A published answer is immutable.
    let mut question = sample["interpellations"][0].clone();
    question["answer"]["summary"] = json!("Something else.");
    let refused = publish(&json!({ "interpellations": [question] }).to_string()).await;
    assert_eq!(refused["errors"][0]["path"], json!(["file", "interpellations", "0", "answer"]), "{refused}");
    // An official whom no public record names is hidden.
    let file = |people: Value| json!({ "meetings": [{ "slug": "m", "title": "M", "attendees": people }] }).to_string();
    publish(&file(json!([{ "name": "Ada Nowa", "office": "guest" }]))).await;
    let find = "{ officials(filter: { name: { contains: \"Ada Nowa\" } }) { totalCount } }";
    assert_eq!(app.query(find).await.data()["officials"]["totalCount"], 1);
    publish(&file(json!([]))).await;
    assert_eq!(app.query(find).await.data()["officials"]["totalCount"], 0);
    assert_eq!(app.store.doctor().await.unwrap(), []);
}

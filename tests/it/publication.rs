//! The steps of a record on its way to the public: which rows they write.

use pomost_domain::Role::{self, Editor, Publisher};
use pomost_domain::Vocabulary;
use pomost_domain::exchange::{collection_of, collections};
use pomost_domain::id::{GlobalId, Kind, of_slug};
use pomost_tests::{App, none, sample_json};
use serde_json::{Value, json};

/// Records of the kinds of which the sample has none, and one with several parts.
fn more() -> [(&'static str, Value); 4] {
    let council = "rada-miasta-jastrzebie-zdroj";
    [
        ("terms", json!([{ "slug": "term-1", "council": council, "number": "I" }])),
        ("sessions", json!([{ "slug": "session-1", "council": council, "title": "First", "term": "term-1" }])),
        ("studyVisits", json!([{ "slug": "visit-1", "title": "Visit", "hostCity": "karvina" }])),
        (
            "interpellations",
            json!([{
                "slug": "question-1", "subject": "S", "council": council, "session": "An evening",
                "answer": { "summary": "One.", "signedBy": { "name": "A. Mayor", "office": "mayor", "city": "karvina" },
                            "citations": [{ "type": "city", "slug": "karvina" }] },
                "supplements": [{ "summary": "Two." }],
            }]),
        ),
    ]
}

/// An application over drafts of every kind whose contents cannot be written any more, and their ids in the order of the file.
async fn frozen_drafts() -> (App, Vec<(String, String)>) {
    let app = App::empty().await;
    let mut file = sample_json().clone();
    for (collection, records) in more() {
        let stated = file[collection].as_array().cloned().unwrap_or_default();
        file[collection] = stated.into_iter().chain(records.as_array().unwrap().clone()).collect();
    }
    let import = "mutation ($file: String!) { importRecords(file: $file) { errors { message path } } }";
    let imported = app.run(Editor, import, json!({ "file": file.to_string() })).await;
    assert_eq!(imported.data()["importRecords"]["errors"], json!([]));
    for table in Kind::ALL.iter().map(|kind| kind.label()).chain(["activity", "link", "facet"]) {
        app.freeze(table, &[]).await;
    }
    app.freeze("record", &["slug", "licence", "note", "sources", "stated_empty", "sort_text", "search_text"]).await;
    let mut records = Vec::new();
    for collection in collections() {
        let kind = *Kind::ALL.iter().find(|kind| collection_of(**kind) == Some(collection)).unwrap();
        let stated = file[collection].as_array().unwrap();
        assert!(!stated.is_empty(), "{collection}");
        for slug in stated.iter().map(|record| record["slug"].as_str().unwrap()) {
            records.push((format!("{collection}/{slug}"), GlobalId::of_record(kind, of_slug(kind, slug))));
        }
    }
    (app, records)
}

/// Takes a step, and returns the publication that it leads to, or what was in the way.
async fn step(app: &App, role: Role, name: &str, id: &str, version: u32) -> Result<Value, String> {
    let reason = if matches!(name, "returnRecord" | "withdrawRecord") { ", reason: \"r\"" } else { "" };
    let document = format!(
        "mutation ($id: ID!) {{ done: {name}(id: $id, expectedVersion: {version}{reason}) {{ \
         record {{ publication version }} errors {{ message }} }} }}"
    );
    let reply = app.run(role, &document, json!({ "id": id })).await;
    let done = &reply.json["data"]["done"];
    if done["errors"] == json!([]) && done["record"]["version"] == json!(version + 1) {
        Ok(done["record"]["publication"].clone())
    } else {
        Err(reply.text)
    }
}

/// Takes a step of every record, and notes those that fail or end elsewhere.
async fn all(
    app: &App,
    records: impl Iterator<Item = &(String, String)>,
    (role, name): (Role, &str),
    version: u32,
    expected: &str,
    faults: &mut Vec<String>,
) {
    for (record, id) in records {
        match step(app, role, name, id, version).await {
            Ok(publication) if publication == expected => {}
            other => faults.push(format!("{name} {record}: {other:?}")),
        }
    }
}

#[tokio::test]
async fn a_step_writes_nothing_of_what_a_record_says() {
    let (app, records) = frozen_drafts().await;
    let mut faults = Vec::new();
    all(&app, records.iter(), (Editor, "submitRecord"), 1, "IN_REVIEW", &mut faults).await;
    all(&app, records.iter(), (Publisher, "returnRecord"), 2, "DRAFT", &mut faults).await;
    all(&app, records.iter(), (Publisher, "publishRecord"), 3, "PUBLISHED", &mut faults).await;
    // Records that others require are withdrawn after them.
    all(&app, records.iter().rev(), (Publisher, "withdrawRecord"), 4, "WITHDRAWN", &mut faults).await;
    none(&faults);
}

#[tokio::test]
async fn a_draft_is_discarded_as_it_is() {
    let (app, records) = frozen_drafts().await;
    let mut faults = Vec::new();
    all(&app, records.iter().rev(), (Editor, "discardRecord"), 1, "WITHDRAWN", &mut faults).await;
    none(&faults);
}

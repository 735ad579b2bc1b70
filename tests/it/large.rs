//! Records with tens of thousands of parts, references and sources: the size of statements is limited. A build with debug
//! assertions, like that of the tests, panics if a statement binds more values than the limit.

use std::fmt::Write;

use pomost_domain::Kind;
use pomost_domain::Role::{Admin, Publisher};
use pomost_persistence::{DigestPart, Outcome, Store};
use pomost_tests::{App, export, import};
use serde_json::{Value, json};

fn counts(outcome: &Outcome) -> [u64; 3] {
    let sum =
        |of: fn(&pomost_persistence::Changes) -> u64| outcome.changes.iter().map(|(_, changes)| of(changes)).sum();
    [sum(|changes| changes.created), sum(|changes| changes.updated), sum(|changes| changes.unchanged)]
}

/// A letter with this many commitments.
fn letter(slug: &str, commitments: usize) -> String {
    let mut text =
        format!(r#"{{ "slug": "{slug}", "title": "Letter {slug}", "parties": ["home", "there"], "commitments": ["#);
    for n in 0..commitments {
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{ "slug": "{slug}-c{n}", "order": {n}, "theme": "culture", "text": "Promise {n}" }}"#
        );
    }
    text + "]}"
}

const CITIES: &str = r#""cities": [
    { "slug": "home", "country": "PL", "names": { "pl": "Dom" }, "seat": true },
    { "slug": "there", "country": "CZ", "names": { "cs": "Tam" } }
]"#;

/// The round trip of import, export and second import.
async fn goes_round(store: &Store, file: &str, created: u64) -> String {
    let first = import(store, file).await.unwrap();
    assert_eq!(counts(&first), [created, 0, 0]);
    let written = export(store).await;
    let again = import(store, written.clone()).await.unwrap();
    assert_eq!(counts(&again), [0, 0, created], "the export equals the registry");
    assert_eq!(export(store).await, written);
    assert_eq!(store.doctor().await.unwrap(), []);
    written
}

#[tokio::test]
async fn a_hundred_thousand_parts_are_imported_and_exported() {
    let (letters, commitments) = (500, 200);
    let app = App::empty().await;
    let all: Vec<String> = (0..letters).map(|n| letter(&format!("loi-{n:03}"), commitments)).collect();
    let file = format!("{{ {CITIES}, \"lettersOfIntent\": [{}] }}", all.join(",\n"));
    let written = goes_round(&app.store, &file, letters + 2).await;
    assert_eq!(written.matches("\"text\": \"Promise ").count(), letters as usize * commitments);
    let part = DigestPart { limit: 1_000, ..DigestPart::default() };
    let digest = app.store.digest(Kind::LetterOfIntent, &part).await.unwrap().unwrap();
    assert_eq!(digest.count, letters);
    // A page with all of them, and their commitments.
    let query = "{ lettersOfIntent(first: 100) { nodes { commitments(first: 3) { totalCount nodes { slug } } } } }";
    let letters = app.query(query).await;
    assert_eq!(letters.data()["lettersOfIntent"]["nodes"][99]["commitments"]["totalCount"], commitments);
    // All letters change, with all their parts.
    let changed = import(&app.store, file.replace("\"title\": \"Letter", "\"title\": \"Paper")).await.unwrap();
    assert_eq!(counts(&changed), [0, 500, 2]);
    assert_eq!(export(&app.store).await, written.replace("\"title\": \"Letter", "\"title\": \"Paper"));
}

#[tokio::test]
async fn single_records_may_have_any_number_of_parts() {
    let (commitments, parties, sources) = (40_000, 5_000, 40_000);
    let app = App::empty().await;
    let (mut cities, mut slugs, mut pages) = (String::new(), String::new(), String::new());
    for n in 0..parties {
        let _ = write!(cities, r#",{{ "slug": "city-{n}", "country": "CZ", "names": {{ "cs": "Město {n}" }} }}"#);
        let _ = write!(slugs, r#","city-{n}""#);
    }
    for n in 0..sources {
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(pages, r#"{comma}{{ "url": "https://source.example/{n}" }}"#);
    }
    let file = format!(
        r#"{{ {},
        "agreements": [{{ "slug": "paper", "title": "Paper", "parties": ["home"{slugs}], "sources": [{pages}] }}],
        "lettersOfIntent": [{}] }}"#,
        CITIES.replace("\n]", &format!("{cities}\n]")),
        letter("long", commitments)
    );
    goes_round(&app.store, &file, parties + 4).await;

    // In the order of slugs, as everywhere.
    let key = "{ letterOfIntent(by: { slug: \"long\" }) { id version commitments(last: 1) { totalCount nodes { slug } } } \
        agreement(by: { slug: \"paper\" }) { id version } }";
    let read = app.query(key).await;
    let long = &read.data()["letterOfIntent"];
    assert_eq!(long["commitments"], json!({ "totalCount": commitments, "nodes": [{ "slug": "long-c9999" }] }));
    // It is hidden, shown again, and finally erased, with all its parts.
    let hide = "mutation ($id: ID!, $version: Int!, $to: Visibility!) { updateAgreement(id: $id, expectedVersion: $version, \
        reason: \"r\", changes: { visibility: $to }) { record { version } errors { message } } }";
    let mut paper = read.data()["agreement"].clone();
    for to in ["INTERNAL", "PUBLIC"] {
        let variables = json!({ "id": paper["id"], "version": paper["version"], "to": to });
        let done = app.run(Publisher, hide, variables).await.data()["updateAgreement"].clone();
        assert_eq!(done["errors"], json!([]));
        paper["version"] = done["record"]["version"].clone();
    }
    let erase = "mutation ($id: ID!, $version: Int!) { eraseRecord(id: $id, expectedVersion: $version, reason: \"r\") { \
        errors { message } } }";
    for record in [long, &paper] {
        let erased = app.run(Admin, erase, json!({ "id": record["id"], "version": record["version"] })).await;
        assert_eq!(erased.data()["eraseRecord"]["errors"], json!([]));
    }
    let left = app.run(Admin, "{ commitments { totalCount } agreements { totalCount } }", Value::Null).await;
    assert_eq!(left.data(), &json!({ "commitments": { "totalCount": 0 }, "agreements": { "totalCount": 0 } }));
    assert_eq!(app.store.doctor().await.unwrap(), []);
}

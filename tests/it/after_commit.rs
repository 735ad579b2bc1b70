//! A failure after the commit of a write must not be reported as a failure of the write.

use std::str::FromStr;

use pomost_domain::Role::{Admin, Editor};
use pomost_tests::{App, TestDb, import};
use serde_json::{Value, json};
use sqlx::{Connection, Executor};

const CITY: &str = r#"{ "cities": [{ "slug": "home", "country": "PL", "names": { "pl": "Dom" }, "seat": true }] }"#;

/// Adds a table that the program does not know and for which no statistics can be gathered. SQLite cannot rewrite a file
/// with such a table either.
async fn add_odd_table(db: &TestDb) {
    let url = &db.settings.url;
    if url.starts_with("sqlite:") {
        // A collation that exists on this connection only.
        let options = sqlx::sqlite::SqliteConnectOptions::from_str(url).unwrap().collation("odd", Ord::cmp);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let table =
            "CREATE TABLE odd (a TEXT COLLATE odd); INSERT INTO odd VALUES ('a'), ('b'); CREATE INDEX odd_a ON odd (a)";
        connection.execute(table).await.unwrap();
        connection.close().await.unwrap();
        return;
    }
    let function = |body: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION odd(a integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        )
    };
    for statement in [
        function("RETURN a;"),
        "CREATE TABLE odd (a integer); INSERT INTO odd VALUES (1), (2); CREATE INDEX odd_a ON odd (odd(a))".to_owned(),
        function("RAISE EXCEPTION 'odd';"),
    ] {
        db.sql(&statement).await;
    }
}

#[tokio::test]
async fn an_import_succeeds_even_if_statistics_fail() {
    let db = TestDb::new().await;
    add_odd_table(&db).await;
    let store = db.store().await;
    let cities: Vec<Value> = (0..1_200)
        .map(|n| json!({ "slug": format!("city-{n}"), "country": "CZ", "names": { "cs": "Město" } }))
        .collect();
    let outcome = import(&store, json!({ "cities": cities }).to_string()).await.unwrap();
    assert_eq!(outcome.changes[0].1.created, 1_200);
    assert_eq!(outcome.change_seq, Some(1_200));
    assert_eq!(store.record_counts().await.unwrap()[0].1, 1_200);
}

const ERASE: &str = "mutation ($id: ID!, $version: Int!) { eraseRecord(id: $id, expectedVersion: $version, reason: \"r\") { \
    id errors { message } changeSeq } }";

#[tokio::test]
async fn an_erasure_succeeds_even_if_the_files_cannot_be_rewritten() {
    let db = TestDb::new().await;
    let url = db.settings.url.clone();
    add_odd_table(&db).await;
    // PostgreSQL does not vacuum a table with an exclusive lock.
    let mut lock = None;
    if !url.starts_with("sqlite:") {
        let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
        connection.execute("BEGIN; LOCK TABLE mirrored IN ACCESS EXCLUSIVE MODE").await.unwrap();
        lock = Some(connection);
    }
    let app = App::over(db).await;
    import(&app.store, CITY).await.unwrap();
    let city =
        app.run(Admin, "{ city(by: { slug: \"home\" }) { id version } }", Value::Null).await.data()["city"].clone();
    let erased = app.run(Admin, ERASE, city.clone()).await.data()["eraseRecord"].clone();
    assert_eq!((&erased["id"], &erased["errors"]), (&city["id"], &json!([])));
    assert!(erased["changeSeq"].is_string());
    assert!(!app.rows("city").await.contains("Dom"));
    drop(lock);
}

#[tokio::test]
async fn a_mutation_succeeds_even_if_its_record_cannot_be_read() {
    let app = App::with(CITY).await;
    if pomost_tests::postgres().is_some() {
        app.sql(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := '{'; RETURN NEW; END $$",
        )
        .await;
        app.sql("CREATE TRIGGER spoil BEFORE INSERT ON city FOR EACH ROW EXECUTE FUNCTION spoil()").await;
    } else {
        app.sql("CREATE TRIGGER spoil AFTER INSERT ON city BEGIN UPDATE city SET name = '{' WHERE id = NEW.id; END")
            .await;
    }
    let create = "mutation { createCity(input: { slug: \"odd\", country: \"CZ\", names: { cs: \"Tam\" } }) { \
        record { slug } errors { message } changeSeq } }";
    let reply = app.run(Editor, create, Value::Null).await;
    let done = &reply.json["data"]["createCity"];
    assert_eq!((&done["record"], &done["errors"]), (&Value::Null, &json!([])), "{}", reply.text);
    assert!(done["changeSeq"].is_string(), "{}", reply.text);
    assert_eq!(reply.json["errors"][0]["path"], json!(["createCity", "record"]));
    assert!(app.rows("record").await.contains("odd"));
}

//! A copy of a registry, over HTTP.

use pomost_api::http::{App as Edge, Connections, Settings, router, serve};
use pomost_api::mirror::{Mirror, Source, Verdict};
use pomost_api::registry::Registry;
use pomost_api::schema::Dataset;
use pomost_domain::Role::{Admin, Editor, Publisher};
use pomost_domain::Sight;
use pomost_persistence::{Store, StoreError};
use pomost_tests::{App, SAMPLE, TestDb, clock, export, import};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A registry that is served, and a copy of it.
struct Pair {
    app: App,
    url: String,
    copy: Store,
    mirror: Mirror,
    _end: oneshot::Sender<()>,
    db: TestDb,
}

async fn serve_store(store: &Store) -> (String, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let registry = Registry::new(store.clone(), Dataset::default(), None, clock);
    let (end, ended) = oneshot::channel::<()>();
    let routes = router(Edge::new(registry, Settings::default()));
    tokio::spawn(async move {
        serve(listener, routes, &Connections::default(), async { drop(ended.await) }).await;
    });
    (url, end)
}

impl Pair {
    async fn new() -> Self {
        let app = App::sample().await;
        let (url, end) = serve_store(&app.store).await;
        let copy = TestDb::new().await;
        let store = copy.store().await;
        let mirror = Mirror::new(store.clone(), Source::new(&url, None).unwrap(), clock).await.unwrap();
        Self { app, url, copy: store, mirror, _end: end, db: copy }
    }

    /// Catches up, and compares both sides in two ways.
    async fn agree(&self) {
        self.mirror.catch_up(|_| {}).await.unwrap();
        let (copy, source) = (export(&self.copy).await, export(&self.app.store).await);
        let other = copy.lines().zip(source.lines()).enumerate().find(|(_, (copy, source))| copy != source);
        assert_eq!(other, None);
        assert_eq!(copy.len(), source.len());
        let verdict = self.mirror.verify().await.unwrap();
        assert!(matches!(verdict, Verdict::Same(_)), "{verdict:?}");
        assert_eq!(self.copy.doctor().await.unwrap(), []);
    }

    async fn step(&self, command: &str, kind: &str, slug: &str) {
        let key = format!("{{ {kind}(by: {{ slug: \"{slug}\" }}) {{ id version }} }}");
        let found = self.app.run(Admin, &key, Value::Null).await.data()[kind].clone();
        let document = format!("mutation ($id: ID!, $version: Int!) {{ {command} {{ errors {{ message }} }} }}");
        let reply = self.app.run(Admin, &document, found).await;
        let name = command.split('(').next().unwrap();
        assert_eq!(reply.data()[name]["errors"], json!([]), "{command}");
    }
}

#[tokio::test]
async fn a_copy_holds_what_its_source_shows_whatever_happens_there() {
    let pair = Pair::new().await;
    pair.agree().await;
    // Nothing that is not public.
    pair.app.run(Editor, "mutation { createCity(input: { slug: \"x\", country: \"DE\", names: { de: \"X\" } }) { errors { message } } }", Value::Null).await.data();
    pair.agree().await;
    assert!(!export(&pair.copy.seen_with(Sight::ALL)).await.contains("\"slug\": \"x\""));
    // Publication, correction, references forward and back, loss of visibility and its return.
    pair.step("publishCity(id: $id, expectedVersion: $version)", "city", "x").await;
    pair.step(
        "correctCity(id: $id, expectedVersion: $version, reason: \"r\", changes: { mergedInto: \"karvina\" })",
        "city",
        "x",
    )
    .await;
    pair.agree().await;
    let hide = "correctDocument(id: $id, expectedVersion: $version, reason: \"r\", changes: { visibility: INTERNAL })";
    let show = "correctDocument(id: $id, expectedVersion: $version, reason: \"r\", changes: { visibility: PUBLIC })";
    let documents = pair.app.query("{ documents(first: 3) { nodes { slug } } }").await;
    let slug = documents.data()["documents"]["nodes"][0]["slug"].as_str().unwrap().to_owned();
    pair.step(hide, "document", &slug).await;
    pair.agree().await;
    assert!(!export(&pair.copy.seen_with(Sight::ALL)).await.contains(&format!("\"slug\": \"{slug}\"")));
    pair.step(show, "document", &slug).await;
    pair.agree().await;
    // All of it at once, with an erasure and an import.
    pair.step(hide, "document", &slug).await;
    pair.step("eraseRecord(id: $id, expectedVersion: $version, reason: \"r\")", "city", "x").await;
    let file = "mutation ($file: String!) { importRecords(file: $file, publish: true) { errors { message } updated } }";
    let changed = SAMPLE.replace("\"website\": \"https://", "\"website\": \"https://www2.");
    let imported = pair.app.run(Publisher, file, json!({ "file": changed })).await;
    assert_ne!(imported.data()["importRecords"]["updated"], 0, "{}", imported.text);
    pair.agree().await;
    pair.step("withdrawDocument(id: $id, expectedVersion: $version, reason: \"r\")", "document", &slug).await;
    pair.agree().await;
}

#[tokio::test]
async fn a_copy_is_written_by_its_source_only() {
    let pair = Pair::new().await;
    pair.agree().await;
    let refused = import(&pair.copy, SAMPLE).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("is a mirror of {}/graphql: write there", pair.url)), "{refused}");
    // A registry of its own, or a copy of another, is not overwritten.
    let source = || Source::new("https://other.example", None).unwrap();
    for store in [&pair.app.store, &pair.copy] {
        let error = Mirror::new(store.clone(), source(), clock).await.err().unwrap();
        assert!(matches!(error, StoreError::State(_)), "{error}");
    }
    // Whoever writes to it over the API is told where to.
    let schema = pomost_api::schema::build(pair.copy.clone(), Dataset::default(), clock);
    let request = async_graphql::Request::new(
        "mutation { createCity(input: { country: \"DE\", names: { de: \"X\" } }) { errors { message } } }",
    )
    .data(pomost_api::shelf::Shelf::new(pair.copy.clone()))
    .data(pomost_tests::viewer(Editor));
    let answer = serde_json::to_value(schema.execute(request).await).unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

#[tokio::test]
async fn a_source_that_was_restored_is_read_anew() {
    let pair = Pair::new().await;
    pair.agree().await;
    // As if the source had been ahead once.
    pair.app.run(Editor, "mutation { createCity(input: { slug: \"x\", country: \"DE\", names: { de: \"X\" } }) { errors { message } } }", Value::Null).await.data();
    pair.step("publishCity(id: $id, expectedVersion: $version)", "city", "x").await;
    pair.agree().await;
    let older = App::sample().await;
    let (url, _end) = serve_store(&older.store).await;
    // The same copy, of what is another state of the source.
    pair.db.sql(&format!("UPDATE data_version SET mirror_of = '{url}/graphql'")).await;
    let mirror = Mirror::new(pair.copy.clone(), Source::new(&url, None).unwrap(), clock).await.unwrap();
    mirror.catch_up(|_| {}).await.unwrap();
    assert_eq!(export(&pair.copy).await, export(&older.store).await);
    assert!(matches!(mirror.verify().await.unwrap(), Verdict::Same(_)));
}

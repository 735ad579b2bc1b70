//! A copy of a registry, over HTTP.

use pomost_api::http::{App as Edge, Connections, Settings, router, serve};
use pomost_api::mirror::{Mirror, MirrorError, Source, Verdict};
use pomost_api::registry::Registry;
use pomost_api::schema::Dataset;
use pomost_domain::Role::{Admin, Editor, Publisher};
use pomost_domain::{City, Id, Kind, Sight};
use pomost_persistence::{Mirrored, Store, StoreError};
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
    let other = App::sample().await;
    let (url, _end) = serve_store(&other.store).await;
    let source = || Source::new(&url, None).unwrap();
    for store in [&pair.app.store, &pair.copy] {
        let error = Mirror::new(store.clone(), source(), clock).await.err().unwrap();
        assert!(matches!(error, MirrorError::Store(StoreError::State(_))), "{error:?}");
    }
    // Whoever writes to it over the API is told where to.
    let schema = pomost_api::schema::build(pair.copy.clone(), Dataset::default(), clock);
    let request = async_graphql::Request::new(
        "mutation { createCity(input: { country: \"DE\", names: { de: \"X\" } }) { errors { message } } }",
    )
    .data(std::sync::Arc::new(pomost_api::shelf::Shelf::new(pair.copy.clone())))
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

#[tokio::test]
async fn what_was_read_and_not_written_is_written_the_next_time() {
    let pair = Pair::new().await;
    pair.agree().await;
    pair.step(
        "correctCity(id: $id, expectedVersion: $version, reason: \"r\", changes: { website: \"https://x.example\" })",
        "city",
        "karvina",
    )
    .await;
    // As if it had been killed between the two.
    let (kind, id) = (Kind::City, Id::<City>::of_slug("karvina").raw());
    let content = pair.app.store.contents(&[(kind, id)]).await.unwrap().remove(&id).unwrap();
    let read = Mirrored { kind, id, is_there: true, content: Some((content.collection.to_owned(), content.json)) };
    let head = pair.app.query("{ dataset { changeCursor } }").await;
    let head = head.data()["dataset"]["changeCursor"].as_str().unwrap().to_owned();
    pair.copy.mirror_read(vec![read], &head).await.unwrap();
    pair.agree().await;
}

#[tokio::test]
async fn a_copy_names_officials_as_they_are_seen() {
    let pair = Pair::new().await;
    let make = |slug: &str, city: &str| {
        format!(
            "mutation {{ createMeeting(input: {{ slug: \"{slug}\", title: \"M\", attendees: [{{ name: \"Jan P\", office: \"o\" {city} }}] }}) \
            {{ errors {{ message }} }} }}"
        )
    };
    let town = "mutation { createCity(input: { slug: \"cx\", country: \"DE\", names: { de: \"Cx\" } }) { errors { message } } }";
    for command in [town, &make("m1", "city: \"cx\""), &make("m2", "")] {
        pair.app.run(Admin, command, Value::Null).await.data();
    }
    for (kind, slug) in [("city", "cx"), ("meeting", "m1"), ("meeting", "m2")] {
        let name = if kind == "city" { "publishCity" } else { "publishMeeting" };
        pair.step(&format!("{name}(id: $id, expectedVersion: $version)"), kind, slug).await;
    }
    pair.agree().await;
    pair.step(
        "correctCity(id: $id, expectedVersion: $version, reason: \"r\", changes: { visibility: INTERNAL })",
        "city",
        "cx",
    )
    .await;
    pair.step(
        "correctMeeting(id: $id, expectedVersion: $version, reason: \"r\", changes: { attendees: [] })",
        "meeting",
        "m2",
    )
    .await;
    pair.agree().await;
    let official = pair
        .app
        .run(Admin, "{ officials(filter: { name: { contains: \"Jan P\" } }) { nodes { id version } } }", Value::Null)
        .await;
    for node in official.data()["officials"]["nodes"].as_array().unwrap() {
        let erase = "mutation ($id: ID!, $version: Int!) { eraseRecord(id: $id, expectedVersion: $version, reason: \"r\") { errors { message } } }";
        pair.app.run(Admin, erase, node.clone()).await.data();
    }
    pair.agree().await;
    assert!(!pair.db.rows("official").await.contains("Jan P"));
}

#[tokio::test]
async fn a_token_that_reads_drafts_is_refused_however_far_the_copy_is() {
    let pair = Pair::new().await;
    pair.agree().await;
    pair.app.run(Editor, "mutation { createCity(input: { slug: \"x\", country: \"DE\", names: { de: \"X\" } }) { errors { message } } }", Value::Null).await.data();
    let secret = pomost_api::identity::secret::generate().unwrap();
    let hash = pomost_api::identity::secret::hash(&secret);
    let token = pomost_persistence::Token {
        id: pomost_domain::id::token_id(&hash),
        name: "e".to_owned(),
        role: Editor,
        city: None,
        created_at: clock(),
        expires_at: clock() + chrono::Duration::days(1),
        revoked_at: None,
        last_used_at: None,
    };
    pair.app.store.add_token(&token, &hash).await.unwrap();
    let source = Source::new(&pair.url, Some(secret)).unwrap();
    let mirror = Mirror::new(pair.copy.clone(), source, clock).await.unwrap();
    let refused = mirror.catch_up(|_| {}).await.err().unwrap();
    assert!(format!("{refused:?}").contains("reads drafts"), "{refused:?}");
    pair.agree().await;
}

#[tokio::test]
async fn a_source_wakes_its_copies_up() {
    let pair = Pair::new().await;
    pair.agree().await;
    let mut following = None;
    let long = std::time::Duration::from_secs(20);
    // The first wait begins to listen; a write then ends it long before its time.
    let begin = std::time::Instant::now();
    let write = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        pair.step(
            "correctCity(id: $id, expectedVersion: $version, reason: \"r\", changes: { note: \"n\" })",
            "city",
            "karvina",
        )
        .await;
    };
    tokio::join!(pair.mirror.wait(&mut following, long, long), write);
    assert!(following.is_some() && begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    pair.agree().await;
}

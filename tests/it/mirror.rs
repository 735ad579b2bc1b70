//! A copy of a registry, over HTTP.

use std::sync::atomic::{AtomicUsize, Ordering};

use pomost_api::registry::Registry;
use pomost_api::schema::Dataset;
use pomost_domain::Role::{Admin, Editor, Publisher};
use pomost_domain::{City, Id, Kind, Role, Sight};
use pomost_edge::gate::{Rate, Rules};
use pomost_edge::http::{App as Edge, Connections, Settings, router, serve};
use pomost_mirror::{Mirror, MirrorError, Source, Verdict};
use pomost_persistence::{Mirrored, Store, StoreError};
use pomost_tests::{App, SAMPLE, clock, export, import};
use serde_json::{Value, json};

use crate::mirror_names::NAMES;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A registry with a server, and its mirror.
pub(crate) struct Pair {
    pub(crate) app: App,
    pub(crate) url: String,
    pub(crate) copy: Store,
    pub(crate) mirror: Mirror,
    _end: oneshot::Sender<()>,
    pub(crate) copied: App,
}

pub(crate) async fn serve_store(store: &Store) -> (String, oneshot::Sender<()>) {
    serve_with(store, Settings::default()).await
}

async fn serve_with(store: &Store, settings: Settings) -> (String, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let registry = Registry::new(store.clone(), Dataset::default(), None, clock);
    let (end, ended) = oneshot::channel::<()>();
    let routes = router(Edge::new(registry, settings));
    tokio::spawn(async move {
        serve(listener, routes, &Connections::default(), async { drop(ended.await) }).await;
    });
    (url, end)
}

impl Pair {
    async fn new() -> Self {
        Self::of(App::sample().await).await
    }

    pub(crate) async fn of(app: App) -> Self {
        let (url, end) = serve_store(&app.store).await;
        let copied = App::empty().await;
        let copy = copied.store.clone();
        let mirror = Mirror::new(copy.clone(), Source::new(&url, None).unwrap(), clock).await.unwrap();
        Self { app, url, copy, mirror, _end: end, copied }
    }

    /// Catches up, and compares both sides in two ways.
    pub(crate) async fn agree(&self) {
        self.mirror.catch_up(|_| {}).await.unwrap();
        let (copy, source) = (export(&self.copy).await, export(&self.app.store).await);
        let other = copy.lines().zip(source.lines()).enumerate().find(|(_, (copy, source))| copy != source);
        assert_eq!(other, None);
        assert_eq!(copy.len(), source.len());
        let verdict = self.mirror.verify().await.unwrap();
        assert!(matches!(verdict, Verdict::Same(_)), "{verdict:?}");
        assert_eq!(self.copy.doctor().await.unwrap(), []);
    }

    /// A token of the source for a role.
    pub(crate) async fn token(&self, role: Role) -> String {
        let secret = pomost_edge::identity::secret::generate().unwrap();
        let hash = pomost_edge::identity::secret::hash(&secret);
        let token = pomost_persistence::Token {
            id: pomost_domain::id::token_id(&hash),
            name: "t".to_owned(),
            role,
            city: None,
            created_at: clock(),
            expires_at: clock() + chrono::Duration::days(1),
            revoked_at: None,
            last_used_at: None,
        };
        self.app.store.add_token(&token, &hash).await.unwrap();
        secret
    }

    pub(crate) async fn step(&self, command: &str, kind: &str, slug: &str) {
        let key = format!("{{ {kind}(by: {{ slug: \"{slug}\" }}) {{ id version }} }}");
        let found = self.app.run(Admin, &key, Value::Null).await.data()[kind].clone();
        let document = format!("mutation ($id: ID!, $version: Int!) {{ {command} {{ errors {{ message }} }} }}");
        let reply = self.app.run(Admin, &document, found).await;
        let name = command.split('(').next().unwrap();
        assert_eq!(reply.data()[name]["errors"], json!([]), "{command}");
    }
}

#[tokio::test]
async fn a_copy_equals_the_visible_part_of_its_source() {
    let pair = Pair::new().await;
    pair.agree().await;
    // Drafts are not copied.
    pair.app.run(Editor, "mutation { createCity(input: { slug: \"x\", country: \"DE\", names: { de: \"X\" } }) { errors { message } } }", Value::Null).await.data();
    pair.agree().await;
    assert!(!export(&pair.copy.seen_with(Sight::ALL)).await.contains("\"slug\": \"x\""));
    // Publication, correction, references forward and back, hiding and showing again.
    pair.step("publishRecord(id: $id, expectedVersion: $version)", "city", "x").await;
    pair.step(
        "updateCity(id: $id, expectedVersion: $version, reason: \"r\", changes: { mergedInto: \"karvina\" })",
        "city",
        "x",
    )
    .await;
    pair.agree().await;
    let hide = "updateDocument(id: $id, expectedVersion: $version, reason: \"r\", changes: { visibility: INTERNAL })";
    let show = "updateDocument(id: $id, expectedVersion: $version, reason: \"r\", changes: { visibility: PUBLIC })";
    let documents = pair.app.query("{ documents(first: 3) { nodes { slug } } }").await;
    let slug = documents.data()["documents"]["nodes"][0]["slug"].as_str().unwrap().to_owned();
    pair.step(hide, "document", &slug).await;
    pair.agree().await;
    assert!(!export(&pair.copy.seen_with(Sight::ALL)).await.contains(&format!("\"slug\": \"{slug}\"")));
    pair.step(show, "document", &slug).await;
    pair.agree().await;
    // Several changes at once, with an erasure and an import.
    pair.step(hide, "document", &slug).await;
    pair.step("eraseRecord(id: $id, expectedVersion: $version, reason: \"r\")", "city", "x").await;
    let file = "mutation ($file: String!) { importRecords(file: $file, publish: true) { errors { message } updated } }";
    let changed = SAMPLE.replace("\"website\": \"https://", "\"website\": \"https://www2.");
    let imported = pair.app.run(Publisher, file, json!({ "file": changed })).await;
    assert_ne!(imported.data()["importRecords"]["updated"], 0, "{}", imported.text);
    pair.agree().await;
    pair.step("withdrawRecord(id: $id, expectedVersion: $version, reason: \"r\")", "document", &slug).await;
    pair.agree().await;
}

#[tokio::test]
async fn a_copy_is_written_by_its_source_only() {
    let pair = Pair::new().await;
    pair.agree().await;
    let refused = import(&pair.copy, SAMPLE).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("is a mirror of {}/graphql: write there", pair.url)), "{refused}");
    // A registry with other data, or a copy of another source, is not overwritten.
    let other = App::sample().await;
    let (url, _end) = serve_store(&other.store).await;
    let source = || Source::new(&url, None).unwrap();
    for store in [&pair.app.store, &pair.copy] {
        let error = Mirror::new(store.clone(), source(), clock).await.err().unwrap();
        assert!(matches!(error, MirrorError::Store(StoreError::State(_))), "{error:?}");
    }
    // Mutations on a copy are refused with the address of its source.
    let schema = pomost_api::schema::build(pair.copy.clone(), Dataset::default(), clock);
    let request = async_graphql::Request::new(
        "mutation { createCity(input: { country: \"DE\", names: { de: \"X\" } }) { errors { message } } }",
    )
    .data(std::sync::Arc::new(pomost_api::loader::Loader::new(pair.copy.clone())))
    .data(pomost_tests::viewer(Editor));
    let answer = serde_json::to_value(schema.execute(request).await).unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

#[tokio::test]
async fn requests_are_repeated_when_the_budget_at_the_source_is_spent() {
    let app = App::sample().await;
    // Enough for one request of a comparison; the next has to wait for a part of a second.
    let rate = Rate { burst: 4_000, per_second: 8_000, token_factor: 1 };
    let rules = Rules { rate, ..Rules::default() };
    let (url, _end) = serve_with(&app.store, Settings { rules, ..Settings::default() }).await;
    let copied = App::empty().await;
    let mirror = Mirror::new(copied.store.clone(), Source::new(&url, None).unwrap(), clock).await.unwrap();
    mirror.catch_up(|_| {}).await.unwrap();
    assert!(matches!(mirror.verify().await.unwrap(), Verdict::Same(_)));
}

#[tokio::test]
async fn a_restored_source_is_read_again() {
    let pair = Pair::new().await;
    pair.agree().await;
    // As if the source had once had more changes.
    pair.app.run(Editor, "mutation { createCity(input: { slug: \"x\", country: \"DE\", names: { de: \"X\" } }) { errors { message } } }", Value::Null).await.data();
    pair.step("publishRecord(id: $id, expectedVersion: $version)", "city", "x").await;
    pair.agree().await;
    let older = App::sample().await;
    let (url, _end) = serve_store(&older.store).await;
    // The same copy, of another state of the source.
    pair.copied.sql(&format!("UPDATE data_version SET mirror_of = '{url}/graphql'")).await;
    let mirror = Mirror::new(pair.copy.clone(), Source::new(&url, None).unwrap(), clock).await.unwrap();
    mirror.catch_up(|_| {}).await.unwrap();
    assert_eq!(export(&pair.copy).await, export(&older.store).await);
    assert!(matches!(mirror.verify().await.unwrap(), Verdict::Same(_)));
}

#[tokio::test]
async fn changes_that_were_read_but_not_written_are_written_later() {
    let pair = Pair::new().await;
    pair.agree().await;
    pair.step(
        "updateCity(id: $id, expectedVersion: $version, reason: \"r\", changes: { website: \"https://x.example\" })",
        "city",
        "karvina",
    )
    .await;
    // As if the process had been killed between reading and writing.
    let (kind, id) = (Kind::City, Id::<City>::of_slug("karvina").raw());
    let content = pair.app.store.contents(&[(kind, id)]).await.unwrap().remove(&id).unwrap();
    let read = Mirrored { kind, id, is_there: true, content: Some((content.collection.to_owned(), content.json)) };
    let head = pair.app.query("{ dataset { changeCursor } }").await;
    let head = head.data()["dataset"]["changeCursor"].as_str().unwrap().to_owned();
    let place = pair.copy.mirror().await.unwrap().unwrap().cursor;
    assert!(pair.copy.mirror_read(vec![read], place.as_deref(), &head).await.unwrap());
    pair.agree().await;
}

#[tokio::test]
async fn a_copy_names_officials_by_their_visible_fields() {
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
        pair.step("publishRecord(id: $id, expectedVersion: $version)", kind, slug).await;
    }
    pair.agree().await;
    pair.step(
        "updateCity(id: $id, expectedVersion: $version, reason: \"r\", changes: { visibility: INTERNAL })",
        "city",
        "cx",
    )
    .await;
    pair.step(
        "updateMeeting(id: $id, expectedVersion: $version, reason: \"r\", changes: { attendees: [] })",
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
    assert!(!pair.copied.rows("official").await.contains("Jan P"));
}

#[tokio::test]
async fn a_token_that_reads_drafts_is_always_refused() {
    let pair = Pair::new().await;
    pair.agree().await;
    pair.app.run(Editor, "mutation { createCity(input: { slug: \"x\", country: \"DE\", names: { de: \"X\" } }) { errors { message } } }", Value::Null).await.data();
    let source = Source::new(&pair.url, Some(pair.token(Editor).await)).unwrap();
    let mirror = Mirror::new(pair.copy.clone(), source, clock).await.unwrap();
    let refused = mirror.catch_up(|_| {}).await.err().unwrap();
    assert!(format!("{refused:?}").contains("may read drafts"), "{refused:?}");
    pair.agree().await;
}

#[tokio::test]
async fn a_write_at_the_source_wakes_its_copies() {
    let pair = Pair::new().await;
    pair.agree().await;
    let mut following = None;
    let long = std::time::Duration::from_secs(20);
    // The first wait subscribes; a write then ends it long before its timeout.
    let begin = std::time::Instant::now();
    let write = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        pair.step(
            "updateCity(id: $id, expectedVersion: $version, reason: \"r\", changes: { note: \"n\" })",
            "city",
            "karvina",
        )
        .await;
    };
    tokio::join!(pair.mirror.wait(&mut following, long, long), write);
    assert!(following.is_some() && begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    pair.agree().await;
}

/// Number of answers with such a change.
static NEWER: AtomicUsize = AtomicUsize::new(0);

/// Modifies answers like a newer version: adds a change with an unknown kind and operation before the others.
async fn as_newer(mut request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    use base64::Engine;
    request.headers_mut().remove("accept-encoding");
    let (mut parts, body) = next.run(request).await.into_parts();
    if parts.headers.get("content-type").is_some_and(|media| media.as_bytes().starts_with(b"text/event-stream")) {
        return axum::response::Response::from_parts(parts, body);
    }
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut answer = String::from_utf8(bytes.into()).unwrap();
    if let Some(start) = answer.find("\"changes\":{\"nodes\":[") {
        let id = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode("festival:0190a0b0c0d0e0f00112233445566778");
        let node =
            json!({ "id": id, "op": "MERGED", "collection": "festivals", "content": { "slug": "fair", "stalls": 3 } });
        let start = start + "\"changes\":{\"nodes\":[".len();
        let comma = if answer[start..].starts_with(']') { "" } else { "," };
        answer.insert_str(start, &format!("{node}{comma}"));
        NEWER.fetch_add(1, Ordering::Relaxed);
    }
    parts.headers.remove("content-length");
    axum::response::Response::from_parts(parts, answer.into())
}

#[tokio::test]
async fn a_copy_of_a_newer_source_contains_the_known_records() {
    let app = App::sample().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let registry = Registry::new(app.store.clone(), Dataset::default(), None, clock);
    let front = router(Edge::new(registry, Settings::default()));
    let routes = axum::Router::new().fallback_service(front).layer(axum::middleware::from_fn(as_newer));
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let copied = App::empty().await;
    let mirror = Mirror::new(copied.store.clone(), Source::new(&url, None).unwrap(), clock).await.unwrap();
    for _ in 0..2 {
        mirror.catch_up(|_| {}).await.unwrap();
        assert_eq!(export(&copied.store).await, export(&app.store).await);
        assert!(matches!(mirror.verify().await.unwrap(), Verdict::Same(_)));
        import(&app.store, NAMES).await.unwrap();
    }
    assert!(NEWER.load(Ordering::Relaxed) >= 2);
}

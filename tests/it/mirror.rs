//! A copy of a registry, over HTTP.

use std::collections::BTreeSet;
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
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A registry with a server, and its mirror.
struct Pair {
    app: App,
    url: String,
    copy: Store,
    mirror: Mirror,
    _end: oneshot::Sender<()>,
    copied: App,
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

    async fn of(app: App) -> Self {
        let (url, end) = serve_store(&app.store).await;
        let copied = App::empty().await;
        let copy = copied.store.clone();
        let mirror = Mirror::new(copy.clone(), Source::new(&url, None).unwrap(), clock).await.unwrap();
        Self { app, url, copy, mirror, _end: end, copied }
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

    /// A token of the source for a role.
    async fn token(&self, role: Role) -> String {
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

/// Records that name sessions, officials and programmes, and the records that these depend on.
const NAMES: &str = r#"{
    "cities": [
        { "slug": "ax", "country": "DE", "names": { "de": "Ax" } },
        { "slug": "bx", "country": "DE", "names": { "de": "Bx" } }
    ],
    "organizations": [
        { "slug": "council-a", "name": "Council A", "kind": "council", "city": "ax" },
        { "slug": "council-b", "name": "Council B", "kind": "council", "city": "bx" }
    ],
    "projects": [
        { "slug": "project-1", "title": "Project 1", "programme": "Interreg" },
        { "slug": "project-2", "title": "Project 2", "programme": "Interreg" },
        { "slug": "project-3", "title": "Project 3", "programme": "Erasmus" }
    ],
    "meetings": [
        { "slug": "meeting-1", "title": "M", "attendees": [{ "name": "Jan P", "office": "mayor", "city": "ax" }] },
        { "slug": "meeting-2", "title": "M", "attendees": [{ "name": "Jan P", "office": "mayor" }, { "name": "Bo K", "city": "bx" }] }
    ],
    "interpellations": [
        { "slug": "asked-1", "subject": "S", "city": "ax", "council": "council-a", "session": "XLVI session",
          "councillor": { "name": "Cy L", "office": "councillor", "city": "ax" },
          "answer": { "summary": "A", "signedBy": { "name": "Jan P", "office": "mayor", "city": "ax" } } },
        { "slug": "asked-2", "subject": "S", "council": "council-a", "session": "XLVI session" },
        { "slug": "asked-3", "subject": "S", "council": "council-b", "session": "XLVI session" },
        { "slug": "asked-4", "subject": "S", "session": "XLVI session" },
        { "slug": "asked-5", "subject": "S", "council": "council-b", "session": "XLVII session" }
    ]
}"#;

/// The records that those in `NAMES` name or depend on, each with its kind.
const WHOLES: &[(&str, &str)] =
    &[("organization", "council-a"), ("organization", "council-b"), ("city", "ax"), ("city", "bx")];
const NAMING: &[(&str, &str)] = &[
    ("project", "project-1"),
    ("project", "project-2"),
    ("project", "project-3"),
    ("meeting", "meeting-1"),
    ("meeting", "meeting-2"),
    ("interpellation", "asked-1"),
    ("interpellation", "asked-2"),
    ("interpellation", "asked-3"),
    ("interpellation", "asked-4"),
    ("interpellation", "asked-5"),
];

/// The public sessions, programmes and officials: kind, slug and name.
async fn made_from_names(app: &App) -> BTreeSet<[String; 3]> {
    let document = "query ($after: ChangeCursor) { changes(latest: true, after: $after, kinds: [SESSION, PROGRAMME, OFFICIAL]) { \
        nodes { kind record { ... on Session { slug title { value } } ... on Programme { slug title: name { value } } \
        ... on Official { slug person: name } } } endCursor hasNextPage } }";
    let (mut found, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let page = app.ask(document, json!({ "after": after }), &[]).await.data()["changes"].clone();
        for node in page["nodes"].as_array().unwrap().iter().filter(|node| !node["record"].is_null()) {
            let record = &node["record"];
            let name = record["title"]["value"].as_str().or(record["person"].as_str());
            let text = |value: Option<&str>| value.unwrap().to_owned();
            found.insert([text(node["kind"].as_str()), text(record["slug"].as_str()), text(name)]);
        }
        after = page["endCursor"].clone();
        if page["hasNextPage"] == false {
            return found;
        }
    }
}

impl Pair {
    async fn names() -> Self {
        let pair = Self::of(App::with(NAMES).await).await;
        pair.agree().await;
        pair
    }

    /// Corrects fields of a record.
    async fn correct(&self, (kind, slug): (&str, &str), changes: &str) {
        let name = format!("{}{}", kind[..1].to_uppercase(), &kind[1..]);
        let command =
            format!("update{name}(id: $id, expectedVersion: $version, reason: \"r\", changes: {{ {changes} }})");
        self.step(&command, kind, slug).await;
    }

    /// Withdraws a record.
    async fn withdraw(&self, (kind, slug): (&str, &str)) {
        self.step("withdrawRecord(id: $id, expectedVersion: $version, reason: \"r\")", kind, slug).await;
    }

    /// Erases a record.
    async fn erase(&self, (kind, slug): (&str, &str)) {
        self.step("eraseRecord(id: $id, expectedVersion: $version, reason: \"r\")", kind, slug).await;
    }

    /// The slugs of the public sessions, programmes or officials with a name.
    async fn named(&self, kind: &str, name: &str) -> Vec<String> {
        let found = made_from_names(&self.app).await.into_iter();
        found.filter(|record| record[0] == kind && record[2] == name).map(|record| record[1].clone()).collect()
    }

    /// Asserts that both sides have the same public sessions, programmes and officials.
    async fn same_names(&self) {
        assert_eq!(made_from_names(&self.copied).await, made_from_names(&self.app).await);
    }

    /// Makes the copy read that some records are gone together with the present state of others, as if the source was
    /// changed between the two: a page of the feed has the state of records at the time of reading.
    async fn read_late(&self, gone: &[(Kind, &str)], others: &[(Kind, &str)]) {
        let id = |(kind, slug): (Kind, &str)| (kind, pomost_domain::id::of_slug(kind, slug));
        let others: Vec<_> = others.iter().copied().map(id).collect();
        let mut contents = self.app.store.contents(&others).await.unwrap();
        let gone = gone.iter().copied().map(id).map(|(kind, id)| Mirrored { kind, id, is_there: false, content: None });
        let others = others.iter().map(|(kind, id)| {
            let content = contents.remove(id).unwrap();
            Mirrored {
                kind: *kind,
                id: *id,
                is_there: true,
                content: Some((content.collection.to_owned(), content.json)),
            }
        });
        let cursor = self.copy.mirror().await.unwrap().unwrap().cursor.unwrap();
        self.copy.mirror_read(gone.chain(others).collect(), Some(&cursor), &cursor).await.unwrap();
        let act = pomost_domain::Act { name: "mirror".to_owned(), by: "mirror".to_owned(), at: clock(), reason: None };
        self.copy.mirror_apply(&act).await.unwrap();
    }
}

#[tokio::test]
async fn derived_records_return_with_the_records_they_depend_on() {
    let pair = Pair::names().await;
    for record in WHOLES.iter().chain(NAMING) {
        for visibility in ["INTERNAL", "PARTNERS"] {
            pair.correct(*record, &format!("visibility: {visibility}")).await;
            pair.agree().await;
            pair.correct(*record, "visibility: PUBLIC").await;
            pair.agree().await;
            pair.same_names().await;
        }
        pair.correct(*record, "visibility: INTERNAL").await;
        pair.correct(*record, "visibility: PUBLIC").await;
        pair.agree().await;
    }
    // Several at once, shown again in another order.
    for record in WHOLES {
        pair.correct(*record, "visibility: INTERNAL").await;
    }
    pair.agree().await;
    for record in WHOLES.iter().rev() {
        pair.correct(*record, "visibility: PUBLIC").await;
    }
    pair.agree().await;
    pair.same_names().await;
}

#[tokio::test]
async fn a_page_with_a_later_state_leaves_no_trace() {
    let pair = Pair::names().await;
    for (record, kind, naming) in [
        (
            ("organization", "council-a"),
            Kind::Organization,
            &[(Kind::Interpellation, "asked-1"), (Kind::Interpellation, "asked-2")][..],
        ),
        (("city", "ax"), Kind::City, &[(Kind::Meeting, "meeting-1"), (Kind::Interpellation, "asked-1")]),
        (("city", "bx"), Kind::City, &[(Kind::Meeting, "meeting-2")]),
    ] {
        pair.correct(record, "visibility: INTERNAL").await;
        pair.correct(record, "visibility: PUBLIC").await;
        pair.read_late(&[(kind, record.1)], naming).await;
        pair.agree().await;
        pair.same_names().await;
    }
}

#[tokio::test]
async fn a_session_without_its_council_is_another_one() {
    let pair = Pair::names().await;
    // In the copy, those of the hidden council become one without a council, which no visible record at the source names any
    // more.
    pair.correct(("organization", "council-a"), "visibility: INTERNAL").await;
    pair.agree().await;
    pair.correct(("interpellation", "asked-4"), "session: null").await;
    pair.agree().await;
    assert!(export(&pair.copy).await.matches("XLVI session").count() >= 3);
    pair.correct(("interpellation", "asked-4"), "session: \"XLVI session\"").await;
    pair.agree().await;
    pair.mirror.begin().await.unwrap();
    pair.agree().await;
    pair.correct(("organization", "council-a"), "visibility: PUBLIC").await;
    pair.agree().await;
    pair.same_names().await;
    // The same for officials.
    pair.correct(("city", "ax"), "visibility: INTERNAL").await;
    pair.agree().await;
    pair.correct(("meeting", "meeting-2"), "attendees: []").await;
    pair.agree().await;
    pair.correct(("city", "ax"), "visibility: PUBLIC").await;
    pair.agree().await;
    pair.same_names().await;
}

#[tokio::test]
async fn derived_records_disappear_with_the_last_record_that_names_them() {
    let pair = Pair::names().await;
    // By correction, import, withdrawal and erasure.
    pair.correct(("project", "project-3"), "programme: null").await;
    assert!(pair.named("PROGRAMME", "Erasmus").await.is_empty());
    pair.agree().await;
    pair.same_names().await;
    let renamed =
        NAMES.replace("XLVII session", "XLVIII session").replace("Interreg", "Interreg II").replace("Bo K", "Bo L");
    import(&pair.app.store, renamed).await.unwrap();
    for (list, name) in [("SESSION", "XLVII session"), ("PROGRAMME", "Interreg"), ("OFFICIAL", "Bo K")] {
        assert!(pair.named(list, name).await.is_empty(), "{name}");
    }
    pair.agree().await;
    pair.same_names().await;
    pair.withdraw(("interpellation", "asked-5")).await;
    assert!(pair.named("SESSION", "XLVIII session").await.is_empty());
    for slug in ["project-1", "project-2", "project-3"] {
        pair.erase(("project", slug)).await;
    }
    assert!(pair.named("PROGRAMME", "Interreg II").await.is_empty());
    pair.agree().await;
    pair.same_names().await;
    for slug in ["asked-1", "asked-2", "asked-3", "asked-4"] {
        pair.erase(("interpellation", slug)).await;
    }
    assert!(pair.named("SESSION", "XLVI session").await.is_empty());
    pair.erase(("meeting", "meeting-1")).await;
    pair.agree().await;
    pair.same_names().await;
}

#[tokio::test]
async fn a_copy_follows_the_erasure_of_records_that_derived_ones_depend_on() {
    for (kind, slug) in WHOLES {
        let pair = Pair::names().await;
        if *kind == "city" {
            pair.erase((kind, slug)).await;
            pair.agree().await;
            pair.correct(("meeting", "meeting-1"), "note: { en: \"n\" }").await;
            pair.correct(("interpellation", "asked-1"), "note: { en: \"n\" }").await;
        } else {
            pair.correct((kind, slug), "visibility: INTERNAL").await;
            pair.agree().await;
            pair.erase((kind, slug)).await;
        }
        pair.agree().await;
        for record in NAMING {
            pair.correct(*record, "note: { en: \"m\" }").await;
        }
        pair.agree().await;
        pair.mirror.begin().await.unwrap();
        pair.agree().await;
    }
    // Erased while it is visible.
    let pair = Pair::names().await;
    for (kind, slug) in WHOLES {
        pair.erase((kind, slug)).await;
        pair.agree().await;
    }
}

impl Pair {
    /// The session that an interpellation names, as it is stored.
    async fn session_of(&self, slug: &str) -> Value {
        let document = format!("{{ interpellation(by: {{ slug: \"{slug}\" }}) {{ session {{ id version slug }} }} }}");
        self.app.run(Admin, &document, Value::Null).await.data()["interpellation"]["session"].clone()
    }

    /// Changes the session that an interpellation names.
    async fn correct_session_of(&self, slug: &str, changes: &str) {
        let command =
            format!("updateSession(id: $id, expectedVersion: $version, reason: \"r\", changes: {{ {changes} }})");
        self.command(&command, self.session_of(slug).await).await;
    }

    async fn command(&self, command: &str, record: Value) {
        let document = format!("mutation ($id: ID!, $version: Int!) {{ done: {command} {{ errors {{ message }} }} }}");
        let variables = json!({ "id": record["id"], "version": record["version"] });
        assert_eq!(self.app.run(Admin, &document, variables).await.data()["done"]["errors"], json!([]), "{command}");
    }

    /// The copy agrees, and would agree if it were read again.
    async fn agree_twice(&self) {
        self.agree().await;
        self.mirror.begin().await.unwrap();
        self.agree().await;
    }
}

#[tokio::test]
async fn a_title_is_no_session_of_its_own_whatever_it_hangs_on() {
    // The council of a session is a part of its name. Where it is hidden, the title is that of a session without a council.
    for hidden_first in [true, false] {
        let pair = Pair::names().await;
        let hide = pair.correct(("organization", "council-a"), "visibility: INTERNAL");
        if hidden_first {
            hide.await;
            pair.agree_twice().await;
            pair.correct_session_of("asked-4", "number: \"46\"").await;
        } else {
            pair.correct_session_of("asked-4", "number: \"46\"").await;
            pair.agree_twice().await;
            hide.await;
        }
        pair.agree_twice().await;
        let number = "{ interpellations(first: 50) { nodes { slug session { title { value } number } } } }";
        assert_eq!(pair.copied.query(number).await.data(), pair.app.query(number).await.data());
        let (public, again) = (export(&pair.app.store).await, App::empty().await);
        import(&again.store, public.clone()).await.unwrap();
        assert_eq!(export(&again.store).await, public);
        // Neither of both is taken for the other when one of them goes.
        pair.correct_session_of("asked-4", "visibility: INTERNAL").await;
        pair.agree().await;
        pair.correct_session_of("asked-4", "visibility: PUBLIC").await;
        pair.agree().await;
        pair.correct_session_of("asked-4", "number: null").await;
        pair.agree().await;
        pair.correct_session_of("asked-4", "number: \"46\"").await;
        pair.agree().await;
        pair.correct(("organization", "council-a"), "visibility: PUBLIC").await;
        pair.agree_twice().await;
        pair.same_names().await;
    }
    // A session of another council, named by its slug.
    let pair = Pair::names().await;
    let slug = pair.session_of("asked-4").await["slug"].clone();
    pair.correct(("interpellation", "asked-5"), &format!("session: {slug}")).await;
    pair.agree().await;
    pair.correct_session_of("asked-3", "number: \"46\"").await;
    pair.agree_twice().await;
    pair.correct_session_of("asked-3", "number: null").await;
    pair.agree_twice().await;
}

#[tokio::test]
async fn the_slug_of_what_was_erased_is_a_title() {
    let pair = Pair::names().await;
    let erase = "eraseRecord(id: $id, expectedVersion: $version, reason: \"r\")";
    // Also where the copy has a session of that slug, as it knows those of a hidden council.
    for hidden in [false, true] {
        if hidden {
            pair.correct(("organization", "council-b"), "visibility: INTERNAL").await;
            pair.agree().await;
        }
        let named = if hidden { "asked-4" } else { "asked-3" };
        let session = pair.session_of(named).await;
        pair.command(erase, session.clone()).await;
        pair.correct(("interpellation", "asked-1"), &format!("session: {}", session["slug"])).await;
        pair.agree_twice().await;
    }
    let document = "{ project(by: { slug: \"project-1\" }) { programme { id version slug } } }";
    let programme = pair.app.run(Admin, document, Value::Null).await.data()["project"]["programme"].clone();
    pair.command(erase, programme.clone()).await;
    pair.correct(("project", "project-3"), &format!("programme: {}", programme["slug"])).await;
    pair.agree_twice().await;
}

#[tokio::test]
async fn a_session_of_which_a_viewer_sees_only_the_title_is_a_title_in_the_copy() {
    let terms = r#""organizations": ["#;
    let file = NAMES.replace(
        terms,
        &format!(
            r#""terms": [{{ "slug": "term-a", "council": "council-a", "startDate": "2024" }}],
            "sessions": [{{ "slug": "opening", "title": "Opening", "term": "term-a" }}], {terms}"#
        ),
    );
    let pair = Pair::of(App::with(file).await).await;
    pair.correct(("interpellation", "asked-5"), "session: \"opening\"").await;
    pair.agree().await;
    let (hide, show) = ("visibility: INTERNAL", "visibility: PUBLIC");
    // A term is not there for those who do not see its council, nor for those who refer to it.
    pair.correct(("organization", "council-a"), hide).await;
    pair.agree_twice().await;
    pair.correct(("organization", "council-a"), show).await;
    pair.agree_twice().await;
    // The council, and the term, are all that the session of a title has beside it.
    for changes in ["council: \"council-a\"", "council: null, term: \"term-a\""] {
        pair.correct_session_of("asked-4", changes).await;
        pair.agree_twice().await;
        pair.correct(("organization", "council-a"), hide).await;
        pair.agree_twice().await;
        for others in ["number: \"1\"", "number: null", "council: null, term: null", changes] {
            pair.correct_session_of("asked-4", others).await;
            pair.agree().await;
        }
        pair.correct(("organization", "council-a"), show).await;
        pair.agree_twice().await;
    }
    let again = App::empty().await;
    pair.correct(("organization", "council-a"), hide).await;
    let public = export(&pair.app.store).await;
    import(&again.store, public.clone()).await.unwrap();
    assert_eq!(export(&again.store).await, public);
}

#[tokio::test]
async fn a_title_that_is_a_slug_meanwhile_stays_when_that_session_goes() {
    let pair = Pair::names().await;
    pair.correct(("interpellation", "asked-5"), "session: \"opening\"").await;
    pair.agree().await;
    let create = "mutation { createSession(input: { slug: \"opening\", title: \"The opening\", number: \"1\" }) \
        { record { id version } errors { message } } }";
    let made = pair.app.run(Admin, create, Value::Null).await.data()["createSession"]["record"].clone();
    pair.command("publishRecord(id: $id, expectedVersion: $version)", made.clone()).await;
    pair.agree_twice().await;
    let published = json!({ "id": made["id"], "version": 2 });
    pair.command("withdrawRecord(id: $id, expectedVersion: $version, reason: \"r\")", published).await;
    pair.agree_twice().await;
    assert!(export(&pair.copy).await.contains("\"session\": \"opening\""));
}

#[tokio::test]
async fn reading_again_repairs_a_copy() {
    let pair = Pair::names().await;
    for damage in [
        "UPDATE session SET council_id = NULL",
        "UPDATE official SET city_id = NULL",
        "UPDATE interpellation SET session_id = NULL, council_id = NULL",
        "UPDATE project SET programme_id = NULL",
        "DELETE FROM link",
        "UPDATE official SET person = 'X', office = NULL",
    ] {
        pair.copied.sql(damage).await;
        pair.mirror.begin().await.unwrap();
        assert!(pair.mirror.catch_up(|_| {}).await.unwrap().applied.written > 0, "{damage}");
        pair.agree().await;
        pair.same_names().await;
    }
}

#[tokio::test]
async fn a_copy_shows_names_to_no_more_readers_than_its_source() {
    let pair = Pair::of(App::with(NAMES).await).await;
    let secret = pair.token(Role::Partner).await;
    let copied = App::empty().await;
    let mirror = Mirror::new(copied.store.clone(), Source::new(&pair.url, Some(secret)).unwrap(), clock).await.unwrap();
    mirror.catch_up(|_| {}).await.unwrap();
    for record in NAMING {
        pair.correct(*record, "visibility: PARTNERS").await;
    }
    mirror.catch_up(|_| {}).await.unwrap();
    assert!(matches!(mirror.verify().await.unwrap(), Verdict::Same(_)));
    assert_eq!(made_from_names(&pair.app).await, BTreeSet::new());
    assert_eq!(made_from_names(&copied).await, BTreeSet::new());
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

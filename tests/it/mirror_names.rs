//! The records that a copy derives from names: sessions, officials and programmes.

use std::collections::BTreeSet;

use pomost_domain::Role::Admin;
use pomost_domain::{Kind, Role};
use pomost_mirror::{Mirror, Source, Verdict};
use pomost_persistence::Mirrored;
use pomost_tests::{App, clock, export, import};
use serde_json::{Value, json};

use crate::mirror::Pair;

/// Records that name sessions, officials and programmes, and the records that these depend on.
pub(crate) const NAMES: &str = r#"{
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

//! Erasure for reasons of privacy: the tombstone remains, and the content does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pomost_domain::Role::{Admin, Anonymous, Editor, Publisher};
use pomost_tests::{App, TestDb, export, import};
use serde_json::{Value, json};

const ERASE: &str = "mutation ($id: ID!, $version: Int!) { eraseRecord(id: $id, expectedVersion: $version, \
    reason: \"requested by the person\") { id errors { code message path } changeSeq } }";

async fn find(app: &App, query: &str) -> Value {
    app.run(Admin, &format!("{{ found: {query} }}"), Value::Null).await.data()["found"].clone()
}

async fn city(app: &App, slug: &str) -> Value {
    find(app, &format!("city(by: {{ slug: \"{slug}\" }}) {{ id version }}")).await
}

async fn erase(app: &App, record: &Value) -> Value {
    let reply = app.run(Admin, ERASE, json!({ "id": record["id"], "version": record["version"] })).await;
    reply.data()["eraseRecord"].clone()
}

const TWO: &str = r#"{
    "cities": [
        { "slug": "home", "country": "PL", "names": { "pl": "Dom" }, "seat": true },
        { "slug": "secret-town", "country": "CZ", "names": { "cs": "Tajemnice" }, "note": "Tajemnice's own note" }
    ],
    "resolutions": [{ "slug": "res", "number": "I/1", "city": "home", "date": "2001-02-03", "datePrecision": "day", "subject": "On Dom" }],
    "organizations": [{ "slug": "council", "name": "Council", "kind": "council", "city": "home" }],
    "terms": [{ "slug": "first", "council": "council", "number": "I" }],
    "interpellations": [{
        "slug": "ask", "subject": "Roads", "city": "home", "councillor": { "name": "Jan Nowak", "office": "councillor", "city": "secret-town" }
    }]
}"#;

/// The content of all tables as text.
async fn dump(app: &App) -> String {
    let mut text = String::new();
    for table in [
        "record",
        "city",
        "official",
        "link",
        "facet",
        "change",
        "interpellation",
        "answer",
        "receipt",
        "session",
        "unkept",
    ] {
        text.push_str(&app.rows(table).await);
    }
    text
}

#[tokio::test]
async fn erased_content_is_in_no_table() {
    let app = App::with(TWO).await;
    // The record is named in the history of another one, and has a history of its own.
    let change = "mutation ($id: ID!, $version: Int!) { updateResolution(id: $id, expectedVersion: $version, reason: \"r\", \
        changes: { city: \"secret-town\" }) { record { id version } errors { message } } }";
    let resolution = find(&app, "resolution(by: { slug: \"res\" }) { id version }").await;
    let corrected = app.run(Publisher, change, resolution).await.data()["updateResolution"].clone();
    assert_eq!(corrected["errors"], json!([]));
    let rename = "mutation ($id: ID!, $version: Int!) { updateCity(id: $id, expectedVersion: $version, \
        reason: \"Tajemnice was wrong\", changes: { website: \"https://tajemnice.example\" }) { record { id version } errors { message } } }";
    let town = app.run(Publisher, rename, city(&app, "secret-town").await).await.data()["updateCity"]["record"].clone();
    let before = dump(&app).await;
    assert!(before.contains("secret-town") && before.contains("tajemnice"));

    let start = app.query("{ dataset { changeCursor } }").await.data()["dataset"]["changeCursor"].clone();
    let erased = erase(&app, &town).await;
    assert_eq!((&erased["errors"], &erased["id"]), (&json!([]), &town["id"]));
    let after = dump(&app).await.to_lowercase();
    for word in ["secret-town", "tajemnice"] {
        assert!(!after.contains(word), "{word} is still there: {after}");
    }
    // A tombstone and the two records that referred to it.
    let feed = "query ($after: ChangeCursor) { changes(after: $after) { nodes { op kind reason version content } } }";
    for role in [Anonymous, Admin] {
        let reply = app.run(role, feed, json!({ "after": start })).await;
        let nodes = reply.data()["changes"]["nodes"].as_array().unwrap().clone();
        let tombstone = nodes.iter().find(|node| node["kind"] == "CITY").unwrap();
        let expected = json!({ "op": "ERASED", "kind": "CITY", "reason": "requested by the person", "version": 3, "content": null });
        assert_eq!(tombstone, &expected, "{role:?}");
        assert!(nodes.iter().any(|node| node["op"] == "TOUCHED" && node["kind"] == "RESOLUTION"), "{nodes:?}");
    }
    for role in [Anonymous, Editor, Admin] {
        let gone = app
            .ask_as(
                &pomost_tests::viewer(role),
                "query ($id: ID!) { node(id: $id) { id } \
            cities { totalCount } suggest(text: \"tajem\") { __typename } }",
                json!({ "id": town["id"] }),
                &[],
            )
            .await;
        assert_eq!(gone.data(), &json!({ "node": null, "cities": { "totalCount": 1 }, "suggest": [] }), "{role:?}");
    }
    let history = "{ resolution(by: { slug: \"res\" }) { city { slug } history { nodes { op differences { field before after } } } } }";
    let reply = app.run(Editor, history, Value::Null).await;
    let resolution = &reply.data()["resolution"];
    assert_eq!(resolution["city"], Value::Null);
    let differences = &resolution["history"]["nodes"][0]["differences"];
    assert_eq!(differences[0], json!({ "field": "city", "before": null, "after": null }));
    assert_eq!(differences[1]["field"], "publication");
    assert_eq!(app.store.doctor().await.unwrap(), []);
}

#[tokio::test]
async fn an_erased_official_cannot_be_created_again() {
    let app = App::with(TWO).await;
    let official = find(&app, "officials { nodes { id version name } }").await["nodes"][0].clone();
    assert_eq!(official["name"], "Jan Nowak");
    assert_eq!(erase(&app, &official).await["errors"], json!([]));
    assert!(!dump(&app).await.contains("Nowak"));
    assert!(!export(&app.store).await.contains("Nowak"));
    // Neither a file nor a mutation creates the official again, and the rest of the file is refused as well.
    let pomost_persistence::ImportError::Faults { faults, .. } = import(&app.store, TWO).await.unwrap_err() else {
        panic!("not refused")
    };
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].pointer, "/interpellations/0");
    assert!(faults[0].message.contains("erased for reasons of privacy"));
    let create = "mutation { createInterpellation(input: { subject: \"S\", councillor: { name: \"Jan Nowak\", \
        office: \"councillor\", city: \"secret-town\" } }) { errors { code message } } }";
    let refused = app.run(Editor, create, Value::Null).await;
    assert_eq!(refused.data()["createInterpellation"]["errors"][0]["code"], "NOT_ALLOWED");
    assert!(!dump(&app).await.contains("Nowak"));
}

#[tokio::test]
async fn an_erasure_is_refused_if_other_records_require_the_record() {
    let app = App::sample().await;
    let town = city(&app, "karvina").await;
    let variables = json!({ "id": town["id"], "version": town["version"] });
    assert_eq!(app.run(Publisher, ERASE, variables).await.error().1, "FORBIDDEN");
    let stale = app.run(Admin, ERASE, json!({ "id": town["id"], "version": 7 })).await;
    assert_eq!(stale.data()["eraseRecord"]["errors"][0]["code"], "CONFLICT");
    // The partnership would have a single city.
    let refused = erase(&app, &town).await;
    assert_eq!(refused["errors"][0]["code"], "NOT_ALLOWED");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("partnerships"), "{refused}");
    assert_eq!(city(&app, "karvina").await, town);
    // A council has terms.
    let other = App::with(TWO).await;
    let council = find(&other, "organization(by: { slug: \"council\" }) { id version }").await;
    assert!(erase(&other, &council).await["errors"][0]["message"].as_str().unwrap().contains("terms"));

    let made = app
        .run(
            Admin,
            "mutation { createCity(input: { slug: \"gone\", country: \"DE\", names: { de: \"Gone\" } }) \
        { record { id version } } }",
            Value::Null,
        )
        .await;
    assert_eq!(erase(&app, &made.data()["createCity"]["record"]).await["errors"], json!([]));
    let again = erase(&app, &made.data()["createCity"]["record"]).await;
    assert_eq!(again["errors"][0]["code"], "NOT_FOUND");
    let create = "mutation { createCity(input: { slug: \"gone\", country: \"DE\", names: { de: \"Gone\" } }) { errors { code path } } }";
    let taken = app.run(Admin, create, Value::Null).await;
    assert_eq!(taken.data()["createCity"]["errors"], json!([{ "code": "TAKEN", "path": ["input", "slug"] }]));
}

#[tokio::test]
async fn an_erased_answer_is_removed_from_the_history_of_its_interpellation() {
    let app = App::with(TWO).await;
    let ask = find(&app, "interpellation(by: { slug: \"ask\" }) { id version }").await;
    let answer = "mutation ($id: ID!, $version: Int!) { answerInterpellation(id: $id, expectedVersion: $version, \
        answer: { summary: \"Tajnaodp\" }) { errors { message } record { answers { nodes { id version } } } } }";
    let answered = app.run(Admin, answer, ask.clone()).await.data()["answerInterpellation"].clone();
    assert_eq!(answered["errors"], json!([]));
    assert!(dump(&app).await.contains("Tajnaodp"));
    let erased = erase(&app, &answered["record"]["answers"]["nodes"][0]).await;
    assert_eq!(erased["errors"], json!([]));
    assert!(!dump(&app).await.contains("Tajnaodp"));
    let empty = "mutation ($id: ID!, $version: Int!) { answerInterpellation(id: $id, expectedVersion: $version, answer: {}) { errors { code path } } }";
    let refused = app.run(Admin, empty, json!({ "id": ask["id"], "version": 2 })).await;
    assert_eq!(refused.data()["answerInterpellation"]["errors"], json!([{ "code": "REQUIRED", "path": ["answer"] }]));
}

#[tokio::test]
async fn receipts_remain_without_erased_content() {
    let app = App::empty().await;
    let create = "mutation ($slug: String!, $key: String) { createCity(idempotencyKey: $key, \
        input: { slug: $slug, country: \"DE\", names: { de: \"Stadt\" } }) { record { id slug } errors { message } changeSeq } }";
    let load = "mutation ($file: String!, $key: String) { importRecords(idempotencyKey: $key, file: $file, publish: true) \
        { created updated details: errors { message } changeSeq } }";
    // Slugs that occur in those of others, in ids, and in every receipt.
    let slugs = ["ann", "anna", "joann", "ann-arbor", "a", "1", "id", "seq"];
    let cities = |website: &str| {
        let city = |slug: &&str| json!({ "slug": format!("{slug}-2"), "country": "DE", "names": { "de": "Ort" }, "website": website, "kind": "hamlet" });
        json!({ "cities": slugs.iter().map(city).collect::<Vec<_>>() }).to_string()
    };
    let files = [
        cities("https://a.example"),
        cities("https://b.example"),
        cities("https://c.example").replace("-2", "-3").replace("Ort", "Weiler"),
    ];
    let mut first = Vec::new();
    for slug in slugs {
        let variables = json!({ "slug": slug, "key": format!("make {slug}") });
        first.push((create, variables.clone(), app.run(Publisher, create, variables).await.data().clone()));
    }
    for (number, file) in files.iter().enumerate() {
        let variables = json!({ "file": file, "key": format!("load {number}") });
        let done = app.run(Publisher, load, variables.clone()).await.data().clone();
        assert_eq!(done["importRecords"]["details"], json!([]), "{done}");
        first.push((load, variables, done));
    }
    for slug in ["ann", "1", "id", "seq", "ann-2"] {
        let record = city(&app, slug).await;
        let erase = ERASE
            .replace("$version: Int!", "$version: Int!, $key: String")
            .replace("reason:", "idempotencyKey: $key, reason:");
        let variables = json!({ "id": record["id"], "version": record["version"], "key": format!("erase {slug}") });
        let done = app.run(Admin, &erase, variables.clone()).await.data().clone();
        assert_eq!(done["eraseRecord"]["errors"], json!([]), "{done}");
        assert_eq!(*app.run(Admin, &erase, variables).await.data(), done);
    }
    // No request is repeated, and no erased content is shown.
    let before = app.rows("record").await;
    for (document, variables, mut done) in first {
        let again = app.run(Publisher, document, variables).await.data().clone();
        let gone = ["ann", "1", "id", "seq"].iter().any(|slug| done["createCity"]["record"]["slug"] == *slug);
        if gone {
            done["createCity"]["record"] = Value::Null;
        }
        assert_eq!(again, done);
    }
    assert_eq!(app.rows("record").await, before);
    let receipts = app.rows("receipt").await;
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-');
    for word in ["ann", "ann-2"] {
        let alone = receipts.match_indices(word).filter(|(at, _)| {
            !is_part(receipts[..*at].chars().next_back()) && !is_part(receipts[at + word.len()..].chars().next())
        });
        assert_eq!(alone.count(), 0, "{word}: {receipts}");
    }
    // Receipts without erased content are unchanged.
    assert!(receipts.contains("make anna") && receipts.contains("load 2") && receipts.contains("hamlet"), "{receipts}");
}

const OTHERS: &str = r#"{
    "cities": [{ "slug": "home", "country": "PL", "names": { "pl": "Dom" }, "seat": true }],
    "organizations": [
        { "slug": "corrected", "name": "Partners", "kind": "school" },
        { "slug": "club", "name": "Klub", "kind": "school", "city": "home" },
        { "slug": "home", "name": "Zwodnica" }
    ],
    "meetings": [{ "slug": "talk", "title": "Talk", "attendees": [{ "name": "Věra Zdrojová", "office": "mayor", "city": "home" }] }],
    "lettersOfIntent": [{ "slug": "letter", "title": "Letter", "parties": ["home"], "commitments": [{ "slug": "c1", "text": "Build" }] }],
    "interpellations": [{ "slug": "ask", "subject": "Roads", "city": "home", "session": "Skryta Session" }]
}"#;

/// Runs a mutation with this name on a record, and returns the record with its new version.
async fn change(app: &App, command: &str, record: &Value, changes: &str, more: &str) -> Value {
    let document = format!(
        "mutation ($id: ID!, $version: Int!) {{ {command}(id: $id, expectedVersion: $version, changes: {{ {changes} }}, {more}) \
         {{ record {{ id version }} errors {{ message }} }} }}"
    );
    let done = app.run(Admin, &document, json!({ "id": record["id"], "version": record["version"] })).await;
    assert_eq!(done.data()[command]["errors"], json!([]), "{command}");
    done.data()[command]["record"].clone()
}

async fn history(app: &App, record: &str) -> Vec<Value> {
    let query = format!("{record} {{ history {{ nodes {{ reason differences {{ field before after }} }} }} }}");
    find(app, &query).await["history"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_correction_does_not_record_an_erased_name() {
    let app = App::with(OTHERS).await;
    let talk = find(&app, "meeting(by: { slug: \"talk\" }) { id version attendees { id version } }").await;
    let note = "note: \"VERA ZDROJOVA came late.\", summary: \"Anna Zdrojová was there\"";
    let talk_now = change(&app, "updateMeeting", &talk, note, "reason: \"r\"").await;
    let letter = find(&app, "letterOfIntent(by: { slug: \"letter\" }) { commitments { nodes { id version } } }").await;
    let promise = &letter["commitments"]["nodes"][0];
    change(&app, "updateCommitment", promise, "text: \"Věra Zdrojová builds\"", "reason: \"r\"").await;
    let erased = erase(&app, &talk["attendees"][0]).await;
    assert_eq!(erased["errors"], json!([]));
    // The first correction leaves the name in the text, the second removes it, and the third is an ordinary one.
    let mut record = talk_now;
    for text in ["Vera  Zdrojova came very late.", "A guest came late.", "A guest came."] {
        record = change(&app, "updateMeeting", &record, &format!("note: \"{text}\""), "reason: \"r\"").await;
    }
    let promise = find(&app, "letterOfIntent(by: { slug: \"letter\" }) { commitments { nodes { id version } } }").await
        ["commitments"]["nodes"][0]
        .clone();
    change(&app, "updateCommitment", &promise, "text: \"The city builds\"", "reason: \"r\"").await;
    let left = app.rows("change").await.to_lowercase() + &app.rows("unkept").await;
    assert!(!left.contains("ra zdrojov"), "{left}");
    let changes = history(&app, "meeting(by: { slug: \"talk\" })").await;
    let note =
        |node: &Value| node["differences"].as_array().unwrap().iter().find(|d| d["field"] == "note").cloned().unwrap();
    assert_eq!(note(&changes[0]), json!({ "field": "note", "before": "A guest came late.", "after": "A guest came." }));
    assert_eq!(note(&changes[1]), json!({ "field": "note", "before": null, "after": "A guest came late." }));
    for older in &changes[2..4] {
        assert_eq!(note(older), json!({ "field": "note", "before": null, "after": null }));
    }
    // Another person with the same family name.
    assert!(changes[3]["differences"].to_string().contains("Anna Zdrojová"), "{changes:?}");
    assert_eq!(app.rows("unkept").await.matches("note").count(), 0);
}

#[tokio::test]
async fn a_correction_by_import_does_not_record_an_erased_name() {
    // Databases fold only the case of ASCII letters.
    for (name, spelled) in [
        ("Věra Zdrojová", "Věra Zdrojová"),
        ("Віра Зорова", "ВІРА ЗОРОВА"),
        ("Віра Зорова", "Віра  Зорова"),
        ("Żółć Łąć", "Zolc Lac"),
    ] {
        let title = format!("\"title\": \"Talk\", \"note\": \"About {spelled}.\"");
        let file = OTHERS.replace("\"title\": \"Talk\"", &title).replace("Věra Zdrojová", name);
        let app = App::with(file).await;
        let talk = find(&app, "meeting(by: { slug: \"talk\" }) { attendees { id version } }").await;
        assert_eq!(erase(&app, &talk["attendees"][0]).await["errors"], json!([]));
        let file = r#"{ "meetings": [{ "slug": "talk", "title": "Talk", "note": "About a guest." }] }"#;
        import(&app.store, file).await.unwrap();
        let changes = history(&app, "meeting(by: { slug: \"talk\" })").await;
        assert!(changes[0].to_string().contains("About a guest."), "{changes:?}");
        assert!(!app.rows("change").await.contains(spelled), "{name}");
    }
}

#[tokio::test]
async fn an_earlier_name_is_removed_as_well() {
    let app = App::with(OTHERS).await;
    let ask = find(&app, "interpellation(by: { slug: \"ask\" }) { id version session { id } }").await;
    let session = ask["session"]["id"].clone();
    let other = change(&app, "updateInterpellation", &ask, "session: \"Another\"", "reason: \"r\"").await;
    change(&app, "updateInterpellation", &other, "session: \"Skryta Session\"", "reason: \"r\"").await;
    let find_session = format!("node(id: {session}) {{ ... on Session {{ id version }} }}");
    let record = find(&app, &find_session).await;
    let record = change(&app, "updateSession", &record, "title: \"Neutral\"", "reason: \"r\"").await;
    assert!(app.rows("change").await.contains("Skryta"));
    assert_eq!(erase(&app, &record).await["errors"], json!([]));
    assert!(!dump(&app).await.to_lowercase().contains("skryta"), "{}", dump(&app).await);
}

#[tokio::test]
async fn reasons_and_keys_of_other_changes_do_not_contain_an_erased_name() {
    let app = App::with(OTHERS).await;
    let talk = find(&app, "meeting(by: { slug: \"talk\" }) { id version attendees { id version } }").await;
    let more = "reason: \"requested by Vera Zdrojova\", idempotencyKey: \"for-věra-zdrojová-1\"";
    let done = change(&app, "updateMeeting", &talk, "summary: \"S\"", more).await;
    let unrelated = "reason: \"requested by Věroslav\", idempotencyKey: \"for-vera-1\"";
    let done = change(&app, "updateMeeting", &done, "summary: \"T\"", unrelated).await;
    let named = ERASE.replace("requested by the person", "Věra Zdrojová requested it");
    let official = &talk["attendees"][0];
    let erased = app.run(Admin, &named, json!({ "id": official["id"], "version": official["version"] })).await;
    assert_eq!(erased.data()["eraseRecord"]["errors"], json!([]));
    let left = dump(&app).await.to_lowercase();
    assert!(!left.contains("zdrojov") && left.contains("for-vera-1"), "{left}");
    let changes = history(&app, "meeting(by: { slug: \"talk\" })").await;
    assert_eq!((&changes[0]["reason"], &changes[1]["reason"]), (&json!("requested by Věroslav"), &Value::Null));
    // A retry is still recognised.
    let before = app.rows("record").await;
    let again = change(&app, "updateMeeting", &talk, "summary: \"S\"", more).await;
    assert_eq!((again, app.rows("record").await), (done, before));
}

#[tokio::test]
async fn codes_and_references_to_other_records_are_not_names() {
    let app = App::with(OTHERS).await;
    let organization = |slug: &str| format!("organization(by: {{ slug: \"{slug}\" }}) {{ id version }}");
    let club = find(&app, &organization("club")).await;
    change(&app, "updateOrganization", &club, "kind: \"council\", city: null, visibility: PARTNERS", "reason: \"r\"")
        .await;
    let before = history(&app, "organization(by: { slug: \"club\" })").await;
    assert!(before[0].to_string().contains("corrected"), "{before:?}");
    // One has a name that is a value of a list and a slug that is a state; the other has the slug of the city.
    for slug in ["corrected", "home"] {
        assert_eq!(erase(&app, &find(&app, &organization(slug)).await).await["errors"], json!([]));
    }
    assert_eq!(history(&app, "organization(by: { slug: \"club\" })").await, before);
}

/// Number of records of each type that are erased.
const RECORDS: usize = 60;

/// The name of a record that is erased: it occurs in everything about the record.
fn secret(n: usize) -> String {
    format!("Tajne{n:03}q")
}

/// For each secret: a city, an organization in it, a project and a letter that name them, and an interpellation. Some texts
/// have the maximum length, so that they fill database pages of their own.
fn secrets(count: usize) -> String {
    let mut lists: [Vec<Value>; 5] = Default::default();
    for n in 0..count {
        let word = secret(n);
        let long = format!("{word} lived here. ").repeat([1, 3, 20, 60, 500][n % 5]);
        let slug = word.to_lowercase();
        let sources = json!([{ "url": format!("https://{slug}.example/"), "title": format!("On {word}") }]);
        lists[0].push(json!({ "slug": slug, "country": "CZ", "names": { "cs": word, "de": format!("{word}dorf") }, "note": long,
            "alternateNames": [{ "name": format!("Alt {word}") }], "website": format!("https://{slug}.example/"), "sources": sources }));
        lists[1].push(json!({ "slug": format!("{slug}-school"), "name": format!("School of {word}"), "note": long, "sources": sources }));
        lists[2].push(json!({ "slug": format!("{slug}-project"), "title": format!("With {word}"), "summary": long,
            "partners": [{ "type": "city", "slug": slug, "role": "lead" }], "sources": sources }));
        lists[3].push(json!({ "slug": format!("{slug}-letter"), "title": format!("Letter of {word}"), "parties": ["home"], "aims": [long],
            "signatories": [{ "name": format!("Jan {word}"), "office": "mayor", "city": "home" }],
            "commitments": [{ "slug": format!("{slug}-c"), "text": long }, { "slug": format!("{slug}-d"), "text": format!("{word} first") }] }));
        lists[4].push(json!({ "slug": format!("{slug}-ask"), "subject": format!("Roads of {word}"), "text": long,
            "councillor": { "name": format!("Ewa {word}"), "office": "councillor" }, "answer": { "summary": format!("{word}: no"), "date": "2020-01-02",
                "citations": [{ "type": "city", "slug": slug, "quote": format!("{word} said so") }] } }));
    }
    let [mut cities, organizations, projects, letters, questions] = lists;
    cities.push(json!({ "slug": "home", "country": "PL", "names": { "pl": "Dom" }, "seat": true }));
    json!({ "cities": cities, "organizations": organizations, "projects": projects, "lettersOfIntent": letters,
        "interpellations": questions })
    .to_string()
}

/// Counts the secrets in the files of a database, ignoring case, and lists the files that contain them.
fn copies(files: &[(String, Vec<u8>)]) -> (usize, Vec<String>) {
    let (mut found, mut names) = (0, Vec::new());
    for (name, bytes) in files {
        let is_secret = |text: &&[u8]| {
            text[..5].eq_ignore_ascii_case(b"tajne")
                && text[5..8].iter().all(u8::is_ascii_digit)
                && matches!(text[8], b'q' | b'Q')
        };
        let copies = bytes.windows(9).filter(is_secret).count();
        if copies > 0 {
            names.push(name.clone());
        }
        found += copies;
    }
    (found, names)
}

/// The lists of records that contain secrets, without officials, which are erased first: they change with the records that
/// name them.
const NAMING: [&str; 5] = ["projects", "lettersOfIntent", "interpellations", "organizations", "cities"];

/// The records of these lists that contain secrets.
async fn secret_records(app: &App, lists: &[&str]) -> Vec<Value> {
    let mut records = Vec::new();
    for list in lists {
        let mut after = Value::Null;
        loop {
            let page = format!(
                "query ($after: String) {{ {list}(first: 100, after: $after, filter: {{ name: {{ contains: \"tajne\" }} }}) {{ \
                 nodes {{ id version }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let read = app.run(Admin, &page, json!({ "after": after })).await;
            let page = &read.data()[*list];
            records.extend(page["nodes"].as_array().unwrap().iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }
    records
}

async fn erase_all(app: &App, records: &[Value]) {
    // Concurrently, because each answer waits for the files; so few that on a slow machine none waits for the single writer longer
    // than it may.
    let erasures = records.chunks(records.len().div_ceil(16)).map(|some| async move {
        for record in some {
            assert_eq!(erase(app, record).await["errors"], json!([]));
        }
    });
    futures_util::future::join_all(erasures).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_content_is_in_no_file_of_the_database() {
    let app = App::over(TestDb::on_sqlite().await).await;
    let file = secrets(RECORDS);
    // Over the API, so that there is a receipt.
    let bulk = "mutation ($file: String!, $key: String!) { importRecords(file: $file, publish: true, reason: \"r\", \
        idempotencyKey: $key) { created updated errors { message } } }";
    // Twice, the second time with other texts, so that there is a history.
    for (key, file) in [("first", file.clone()), ("second", file.replace("lived here", "has lived here and there"))] {
        let imported = app.run(Publisher, bulk, json!({ "file": file, "key": key })).await;
        assert_eq!(imported.data()["importRecords"]["errors"], json!([]));
    }
    let officials = secret_records(&app, &["officials"]).await;
    let records = secret_records(&app, &NAMING).await;
    assert_eq!((officials.len(), records.len()), (2 * RECORDS, 5 * RECORDS));
    let (before, _) = copies(&app.files());
    // With concurrent readers.
    let (reader, stop) = (app.store.clone(), Arc::new(AtomicBool::new(false)));
    let stopped = Arc::clone(&stop);
    let reading = tokio::spawn(async move {
        while !stopped.load(Ordering::Relaxed) {
            export(&reader).await;
        }
    });
    erase_all(&app, &officials).await;
    erase_all(&app, &records).await;
    stop.store(true, Ordering::Relaxed);
    reading.await.unwrap();
    app.store.purge_erased(Duration::from_secs(60)).await;
    let files = app.files();
    let (after, names) = copies(&files);
    println!("erased {} records: {before} copies of their names before, {after} after", 7 * RECORDS);
    assert!(before > 10 * RECORDS, "{before}");
    assert_eq!((after, names), (0, Vec::new()));
    assert!(files.iter().any(|(name, _)| name == "pomost.db-wal"), "the database is in use");
    assert_eq!(app.store.doctor().await.unwrap(), []);
}

#[tokio::test]
async fn erased_content_is_not_in_the_statistics_of_the_planner() {
    let app = App::empty().await;
    import(&app.store, secrets(30)).await.unwrap();
    let is_postgres = pomost_tests::postgres().is_some();
    if is_postgres {
        let figures = "CREATE VIEW figures AS SELECT tablename, attname, most_common_vals::text AS often, \
            histogram_bounds::text AS bounds FROM pg_stats WHERE schemaname = current_schema()";
        app.sql(figures).await;
        app.sql("ANALYZE").await;
        assert!(app.rows("figures").await.contains("Tajne0"));
    } else {
        app.sql("PRAGMA analysis_limit = 0; ANALYZE").await;
        assert!(!app.rows("sqlite_stat4").await.is_empty());
    }
    erase_all(&app, &secret_records(&app, &["officials"]).await).await;
    erase_all(&app, &secret_records(&app, &NAMING).await).await;
    app.store.purge_erased(Duration::from_secs(60)).await;
    if is_postgres {
        let figures = app.rows("figures").await.to_lowercase();
        assert!(!figures.contains("tajne"), "{figures}");
    } else {
        assert_eq!(copies(&app.files()), (0, Vec::new()));
    }
    assert_eq!(app.store.doctor().await.unwrap(), []);
}

#[tokio::test]
async fn erased_content_is_in_no_file_of_a_mirror() {
    let app = App::over(TestDb::on_sqlite().await).await;
    import(&app.store, secrets(10)).await.unwrap();
    let (url, _end) = crate::mirror::serve_store(&app.store).await;
    let copy = App::over(TestDb::on_sqlite().await).await;
    let source = pomost_mirror::Source::new(&url, None).unwrap();
    let mirror = pomost_mirror::Mirror::new(copy.store.clone(), source, pomost_tests::clock).await.unwrap();
    mirror.catch_up(|_| {}).await.unwrap();
    assert!(copies(&copy.files()).0 > 100);
    for lists in [&["officials"][..], &NAMING] {
        erase_all(&app, &secret_records(&app, lists).await).await;
    }
    mirror.catch_up(|_| {}).await.unwrap();
    copy.store.purge_erased(Duration::from_secs(60)).await;
    assert_eq!(copies(&copy.files()), (0, Vec::new()));
    assert_eq!(copy.store.doctor().await.unwrap(), []);
}

#[tokio::test]
async fn a_reader_of_an_older_state_delays_an_erasure_from_the_files_and_no_more() {
    use sqlx::{Connection, Executor};
    let db = TestDb::on_sqlite().await;
    let url = db.settings.url.clone();
    let app = App::over(db).await;
    import(&app.store, secrets(3)).await.unwrap();
    let officials = secret_records(&app, &["officials"]).await;
    let records = secret_records(&app, &NAMING).await;
    let mut snapshot = sqlx::SqliteConnection::connect(&url).await.unwrap();
    snapshot.execute("BEGIN").await.unwrap();
    snapshot.fetch_one("SELECT COUNT(*) FROM record").await.unwrap();
    // The erasure is complete, and the answer reports it; the old snapshot is readable as long as a reader holds it.
    erase_all(&app, &officials).await;
    erase_all(&app, &records).await;
    assert!(copies(&app.files()).0 > 0);
    // If the process ends now, the next one purges the files.
    let left = TestDb::of_files(app.files().into_iter().filter(|(name, _)| !name.ends_with("-shm")));
    snapshot.execute("COMMIT").await.unwrap();
    snapshot.close().await.unwrap();
    app.store.purge_erased(Duration::from_secs(60)).await;
    assert_eq!(copies(&app.files()), (0, Vec::new()));

    assert!(copies(&left.files()).0 > 0);
    let next = left.store().await;
    next.purge_erased(Duration::from_secs(60)).await;
    assert_eq!(copies(&left.files()), (0, Vec::new()));
}

//! Parts: records that are written inside others. Unchanged parts are not written, no part is withdrawn implicitly, and
//! parts have mutations of their own.

use pomost_domain::Role::{self, Admin, Anonymous, Councillor, Editor, Publisher};
use pomost_tests::{App, export, import, import_with};
use serde_json::{Value, json};

const FILE: &str = r#"{
  "cities": [
    { "slug": "a", "names": { "pl": "A" }, "country": "PL" },
    { "slug": "b", "names": { "cs": "B" }, "country": "CZ" }
  ],
  "lettersOfIntent": [
    {
      "slug": "letter", "title": "Letter", "parties": ["a", "b"],
      "signatories": [{ "name": "A. Mayor", "office": "mayor", "city": "a" }],
      "commitments": [
        { "slug": "c1", "text": "One", "theme": "culture" },
        { "slug": "c2", "text": "Two", "sources": [{ "url": "https://example.org/" }] },
        { "slug": "c3", "text": "Three", "status": "declared" }
      ]
    },
    { "slug": "other", "title": "Other", "parties": ["a"], "commitments": [{ "slug": "o1", "text": "Elsewhere" }] }
  ],
  "interpellations": [
    { "slug": "question", "subject": "S", "submittedDate": "2018", "datePrecision": "year",
      "answer": { "summary": "One.", "signedBy": { "name": "A. Mayor", "office": "mayor", "city": "a" },
                  "citations": [{ "type": "city", "slug": "b" }] },
      "supplements": [{ "summary": "Two." }] }
  ]
}"#;

/// The id and version of a record, for a viewer who sees everything.
async fn found(app: &App, kind: &str, slug: &str) -> (Value, u64) {
    let question = format!("{{ {kind}(by: {{ slug: \"{slug}\" }}) {{ id version }} }}");
    let reply = app.run(Admin, &question, Value::Null).await;
    (reply.data()[kind]["id"].clone(), reply.data()[kind]["version"].as_u64().unwrap_or_default())
}

/// Runs a mutation on a stored record in its present version.
async fn act(app: &App, role: Role, name: &str, (kind, slug): (&str, &str), arguments: &str) -> Value {
    let (id, version) = found(app, kind, slug).await;
    let command = format!(
        "mutation ($id: ID!) {{ done: {name}(id: $id, expectedVersion: {version}{arguments}) {{ \
         errors {{ code message path }} changeSeq record {{ slug version publication }} }} }}"
    );
    let reply = app.run(role, &command, json!({ "id": id })).await;
    if reply.json["data"].is_null() { reply.json } else { reply.json["data"]["done"].clone() }
}

async fn correct(app: &App, changes: &str) -> Value {
    let arguments = format!(", reason: \"r\", changes: {{ {changes} }}");
    act(app, Publisher, "updateLetterOfIntent", ("letterOfIntent", "letter"), &arguments).await
}

async fn versions(app: &App) -> Value {
    let question = "{ lettersOfIntent { nodes { slug version commitments(orderBy: [{ field: POSITION }]) { nodes { slug version } } } } \
        interpellations { nodes { version answers(orderBy: [{ field: POSITION }]) { nodes { version } } } } \
        officials { nodes { version } } cities { nodes { version } } }";
    app.run(Admin, question, Value::Null).await.data().clone()
}

/// The commitments of the letter in order, as a role sees them, each with its version.
async fn commitments(app: &App, role: Role) -> Vec<(String, u64)> {
    let question = "{ letterOfIntent(by: { slug: \"letter\" }) { commitments(orderBy: [{ field: POSITION }]) { \
        nodes { slug version } } } }";
    let reply = app.run(role, question, Value::Null).await;
    let nodes = reply.data()["letterOfIntent"]["commitments"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| (node["slug"].as_str().unwrap().to_owned(), node["version"].as_u64().unwrap())).collect()
}

fn listed(slugs: &[(&str, u64)]) -> Vec<(String, u64)> {
    slugs.iter().map(|(slug, version)| ((*slug).to_owned(), *version)).collect()
}

const THREE: &str = "{ slug: \"c1\", text: \"One\", theme: \"culture\" }, { slug: \"c2\", text: \"Two\", sources: \
    [{ url: \"https://example.org/\" }] }, { slug: \"c3\", text: \"Three\", status: DECLARED }";

#[tokio::test]
async fn unchanged_parts_are_not_written() {
    let app = App::with(FILE).await;
    let before = (app.store.data_version().await.unwrap(), versions(&app).await);
    let written = async || app.store.data_version().await.unwrap();

    // No change: the record remains as it is.
    for changes in ["title: \"Letter\"", "", &format!("commitments: [{THREE}]")] {
        let same = correct(&app, changes).await;
        assert_eq!(
            (&same["errors"], &same["changeSeq"], &same["record"]["version"]),
            // The record is unchanged: a correction without changes has no effect.
            (&json!([]), &Value::Null, &json!(1)),
            "{changes}: {same}"
        );
        assert_eq!(same["record"]["publication"], "PUBLISHED");
    }
    assert!(import(&app.store, FILE).await.unwrap().is_unchanged());
    assert_eq!((written().await, versions(&app).await), before);

    // One field of the letter: one change.
    assert_eq!(correct(&app, "occasion: \"a fair\"").await["record"]["version"], 2);
    assert_eq!(written().await, before.0 + 1);
    assert_eq!(commitments(&app, Anonymous).await, listed(&[("c1", 1), ("c2", 1), ("c3", 1)]));
    // One commitment: changes of the letter, which contains it, and of the commitment.
    assert_eq!(correct(&app, &format!("commitments: [{}]", THREE.replace("Two", "2"))).await["record"]["version"], 3);
    assert_eq!(written().await, before.0 + 3);
    assert_eq!(commitments(&app, Anonymous).await, listed(&[("c1", 1), ("c2", 2), ("c3", 1)]));
    // Only their order: a change of the letter alone.
    let turned = format!(
        "commitments: [{{ slug: \"c3\", text: \"Three\", status: DECLARED }}, {}]",
        THREE.replace("Two", "2").split(", { slug: \"c3\"").next().unwrap()
    );
    assert_eq!(correct(&app, &turned).await["record"]["version"], 4);
    assert_eq!(written().await, before.0 + 4);
    assert_eq!(commitments(&app, Anonymous).await, listed(&[("c3", 1), ("c1", 1), ("c2", 2)]));

    // A supplement does not change the earlier answers and the officials in them.
    let supplement = ", supplement: { summary: \"Three.\" }";
    let done = act(&app, Publisher, "supplementInterpellation", ("interpellation", "question"), supplement).await;
    assert_eq!(done["errors"], json!([]));
    assert_eq!(written().await, before.0 + 6);
    let after = versions(&app).await;
    assert_eq!(
        after["interpellations"]["nodes"][0],
        json!({ "version": 2, "answers": { "nodes": [{ "version": 1 }, { "version": 1 }, { "version": 1 }] } })
    );
    assert_eq!((&after["officials"], &after["cities"]), (&before.1["officials"], &before.1["cities"]));

    // The same by a file.
    let file = export(&app.store).await;
    assert!(import(&app.store, file.clone()).await.unwrap().is_unchanged());
    import(&app.store, file.replace("a fair", "a market")).await.unwrap();
    assert_eq!(written().await, before.0 + 7);
    import(&app.store, file.replace("a fair", "a market").replace("\"One\"", "\"1\"")).await.unwrap();
    assert_eq!(written().await, before.0 + 9);
    assert_eq!(commitments(&app, Anonymous).await, listed(&[("c3", 1), ("c1", 2), ("c2", 2)]));
}

#[tokio::test]
async fn a_step_of_a_record_applies_to_its_parts_and_preserves_them() {
    let app = App::with(FILE).await;
    let create = format!(
        "mutation {{ createLetterOfIntent(input: {{ slug: \"draft\", title: \"D\", parties: [\"a\"], commitments: [{}] }}) \
         {{ errors {{ message path }} }} }}",
        THREE.replace("slug: \"c", "slug: \"d")
    );
    assert_eq!(app.run(Editor, &create, Value::Null).await.data()["createLetterOfIntent"]["errors"], json!([]));
    let before = app.store.data_version().await.unwrap();
    act(&app, Editor, "submitRecord", ("letterOfIntent", "draft"), "").await;
    assert_eq!(app.store.data_version().await.unwrap(), before + 4);
    act(&app, Publisher, "publishRecord", ("letterOfIntent", "draft"), "").await;
    let seen = app
        .query("{ letterOfIntent(by: { slug: \"draft\" }) { commitments(orderBy: [{ field: POSITION }], filter: { area: { eq: CULTURE } }) { nodes { slug version publication } } } }")
        .await;
    assert_eq!(
        seen.data()["letterOfIntent"]["commitments"]["nodes"],
        json!([{ "slug": "d1", "version": 3, "publication": "PUBLISHED" }])
    );
    // The references of the answers of an interpellation are preserved as well.
    let (id, _) = found(&app, "interpellation", "question").await;
    act(&app, Publisher, "withdrawRecord", ("interpellation", "question"), ", reason: \"r\"").await;
    let answers = "query ($id: ID!) { interpellation(by: { id: $id }) { answers { nodes { publication signedBy { name } citations { version } } } } }";
    let found = app.run(Admin, answers, json!({ "id": id })).await;
    assert_eq!(
        found.data()["interpellation"]["answers"]["nodes"],
        json!([
            { "publication": "WITHDRAWN", "signedBy": { "name": "A. Mayor" }, "citations": [{ "version": null }] },
            { "publication": "WITHDRAWN", "signedBy": null, "citations": [] },
        ])
    );
}

#[tokio::test]
async fn no_part_is_withdrawn_implicitly() {
    let app = App::with(FILE).await;
    let before = (export(&app.store).await, app.store.data_version().await.unwrap());
    for (changes, named) in [
        ("commitments: [{ slug: \"c2\", text: \"Two\" }]", "the commitments \"c1\", \"c3\""),
        ("commitments: [], withdrawOmitted: false", "the commitments \"c1\", \"c2\", \"c3\""),
        ("commitments: null, title: \"T\"", "the commitments \"c1\", \"c2\", \"c3\""),
        (
            "commitments: [{ slug: \"c1\", text: \"One\" }, { slug: \"c3\", text: \"Three\" }, { slug: \"new\", text: \"N\" }]",
            "the commitment \"c2\"",
        ),
    ] {
        let refused = correct(&app, changes).await;
        let errors = refused["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{refused}");
        assert_eq!(
            (&errors[0]["code"], &errors[0]["path"]),
            (&json!("NOT_ALLOWED"), &json!(["changes", "commitments"]))
        );
        let message = errors[0]["message"].as_str().unwrap();
        assert!(message.contains(&format!("leaves out {named},")) && message.contains("withdrawOmitted"), "{message}");
    }
    assert_eq!((export(&app.store).await, app.store.data_version().await.unwrap()), before);

    let meant = correct(&app, "withdrawOmitted: true, commitments: [{ slug: \"c2\", text: \"Two\", sources: [{ url: \"https://example.org/\" }] }, \
        { slug: \"c3\", text: \"Three\", status: DECLARED }]").await;
    assert_eq!(meant["errors"], json!([]));
    assert_eq!(commitments(&app, Anonymous).await, listed(&[("c2", 1), ("c3", 1)]));
    // The letter, and the withdrawn commitment.
    assert_eq!(app.store.data_version().await.unwrap(), before.1 + 2);

    // Answers are parts as well.
    let create = "mutation { createInterpellation(input: { slug: \"d\", subject: \"S\", submittedDate: \"2020\", answer: { summary: \"1\" }, \
        supplements: [{ summary: \"2\" }, { summary: \"3\" }] }) { errors { message } } }";
    assert_eq!(app.run(Editor, create, Value::Null).await.data()["createInterpellation"]["errors"], json!([]));
    let update = async |changes: &str| {
        let arguments = format!(", changes: {{ {changes} }}");
        act(&app, Editor, "updateInterpellation", ("interpellation", "d"), &arguments).await
    };
    let refused = update("supplements: [{ summary: \"2\" }]").await;
    assert_eq!(refused["errors"][0]["path"], json!(["changes", "supplements"]));
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("the answer \"d--answer-3\""), "{refused}");
    let refused = update("answer: null, supplements: null").await;
    let paths: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["path"][1].clone()).collect();
    assert_eq!(paths, [json!("answer"), json!("supplements")], "{refused}");
    assert_eq!(update("supplements: [{ summary: \"2\" }], withdrawOmitted: true").await["errors"], json!([]));
}

#[tokio::test]
async fn a_file_that_omits_parts_gives_a_warning() {
    let app = App::with(FILE).await;
    let fewer = FILE
        .replace("{ \"slug\": \"c2\", \"text\": \"Two\", \"sources\": [{ \"url\": \"https://example.org/\" }] },", "");
    assert_ne!(fewer, FILE);
    // Warnings on unusual facts in the file are reported as well.
    let is_part = |message: &str| message.contains("does not list");
    let expected = ("/lettersOfIntent/0/commitments", "the file does not list the commitment \"c2\": withdrawn");
    for dry_run in [true, false] {
        let outcome = import_with(&app.store, fewer.clone(), dry_run).await.unwrap();
        let warnings = outcome.warnings.iter().filter(|fault| is_part(&fault.message));
        let warnings: Vec<_> = warnings.map(|fault| (fault.pointer.as_str(), fault.message.as_str())).collect();
        assert_eq!(warnings, [expected]);
    }
    let command = "mutation ($file: String!) { importRecords(file: $file, publish: true) { updated errors { message } warnings { path message } } }";
    let letter = "{ \"lettersOfIntent\": [{ \"slug\": \"other\", \"title\": \"Other\", \"parties\": [\"a\"] }] }";
    let done = app.run(Publisher, command, json!({ "file": letter })).await;
    let mut done = done.data()["importRecords"].clone();
    done["warnings"].as_array_mut().unwrap().retain(|warning| is_part(warning["message"].as_str().unwrap()));
    assert_eq!(
        done,
        json!({ "updated": 1, "errors": [], "warnings": [{
            "path": ["file", "lettersOfIntent", "0", "commitments"],
            "message": "the file does not list the commitment \"o1\": withdrawn",
        }] })
    );
    // No commitment is taken from a letter that is not in the file.
    let taken = "{ \"lettersOfIntent\": [{ \"slug\": \"third\", \"title\": \"T\", \"parties\": [\"a\"], \
        \"commitments\": [{ \"slug\": \"c1\", \"text\": \"One\" }] }] }";
    for publish in [false, true] {
        let command = "mutation ($file: String!, $publish: Boolean) { importRecords(file: $file, publish: $publish) { \
            created errors { code path message } } }";
        let refused = app.run(Publisher, command, json!({ "file": taken, "publish": publish })).await;
        let message = "the commitment \"c1\" belongs to \"letter\", which the file does not hold: choose another slug, or \
            add \"letter\" without it";
        let path = json!(["file", "lettersOfIntent", "0", "commitments", "0", "slug"]);
        let expected = json!([{ "code": "TAKEN", "path": path, "message": message }]);
        assert_eq!(refused.data()["importRecords"]["errors"], expected);
    }
    // A commitment that moves to another letter of the file is not omitted.
    let app = App::with(FILE).await;
    let moved = "{ \"slug\": \"c3\", \"text\": \"Three\", \"status\": \"declared\" }";
    let file = FILE
        .replace(&format!(",\n        {moved}"), "")
        .replace("[{ \"slug\": \"o1\"", &format!("[{moved}, {{ \"slug\": \"o1\""));
    let before = app.store.data_version().await.unwrap();
    let outcome = import(&app.store, file).await.unwrap();
    assert!(!outcome.warnings.iter().any(|warning| is_part(&warning.message)), "{:?}", outcome.warnings);
    assert_eq!(app.store.data_version().await.unwrap(), before + 3);
    assert_eq!(commitments(&app, Anonymous).await, listed(&[("c1", 1), ("c2", 1)]));
}

#[tokio::test]
async fn a_list_does_not_take_parts_of_other_records() {
    let app = App::with(FILE).await;
    let before = export(&app.store).await;
    let refused = correct(
        &app,
        &format!("commitments: [{THREE}, {{ slug: \"o1\", text: \"Mine\" }}, {{ slug: \"c1\", text: \"x\" }}]"),
    )
    .await;
    let errors = refused["errors"].as_array().unwrap();
    let reported: Vec<_> =
        errors.iter().map(|error| (error["code"].as_str().unwrap(), error["path"].to_string())).collect();
    assert_eq!(
        reported,
        [
            ("TAKEN", "[\"changes\",\"commitments\",\"3\",\"slug\"]".to_owned()),
            ("INVALID", "[\"changes\",\"commitments\",\"4\",\"slug\"]".to_owned())
        ],
        "{refused}"
    );
    assert_eq!(export(&app.store).await, before);
}

const CREATE: &str = "mutation ($input: CommitmentInput!, $key: String) { createCommitment(input: $input, idempotencyKey: $key) { \
    errors { code message path } changeSeq record { id slug version publication text { value } letterOfIntent { slug } } } }";

#[tokio::test]
async fn a_commitment_has_mutations_of_its_own() {
    let app = App::with(FILE).await;
    let input = json!({ "input": { "letterOfIntent": "letter", "text": "A concert each year", "theme": "culture" }, "key": "k" });
    let made = app.run(Editor, CREATE, input.clone()).await;
    let payload = &made.data()["createCommitment"];
    assert_eq!(payload["errors"], json!([]));
    let record = &payload["record"];
    assert_eq!(
        (&record["slug"], &record["version"], &record["publication"], &record["letterOfIntent"]["slug"]),
        (&json!("a-concert-each-year"), &json!(1), &json!("DRAFT"), &json!("letter"))
    );
    assert_eq!(app.run(Editor, CREATE, input).await.text, made.text);
    // A draft inside a public letter.
    let shown = async |role| commitments(&app, role).await.into_iter().map(|(slug, _)| slug).collect::<Vec<_>>();
    assert_eq!(shown(Anonymous).await, ["c1", "c2", "c3"]);
    assert_eq!(shown(Editor).await, ["c1", "c2", "c3", "a-concert-each-year"]);
    let slug = ("commitment", "a-concert-each-year");
    let update =
        act(&app, Editor, "updateCommitment", slug, ", changes: { dueFrom: \"2027\", status: DECLARED }").await;
    assert_eq!((&update["errors"], &update["record"]["version"]), (&json!([]), &json!(2)));
    let before = app.store.data_version().await.unwrap();
    let same = act(&app, Editor, "updateCommitment", slug, ", changes: { dueFrom: \"2027\" }").await;
    assert_eq!((&same["changeSeq"], &same["record"]["version"]), (&Value::Null, &json!(2)), "{same}");
    assert_eq!(app.store.data_version().await.unwrap(), before);
    // A correction of the letter does not publish the draft.
    assert_eq!(correct(&app, "occasion: \"a fair\"").await["errors"], json!([]));
    assert_eq!(shown(Anonymous).await, ["c1", "c2", "c3"]);
    assert_eq!(act(&app, Editor, "submitRecord", slug, "").await["record"]["publication"], "IN_REVIEW");
    assert_eq!(act(&app, Editor, "publishRecord", slug, "").await["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let letter = found(&app, "letterOfIntent", "letter").await.1;
    assert_eq!(act(&app, Publisher, "publishRecord", slug, "").await["record"]["publication"], "PUBLISHED");
    assert_eq!(shown(Anonymous).await, ["c1", "c2", "c3", "a-concert-each-year"]);
    // The letter is unchanged for a viewer who sees everything; for others it is reported as touched.
    assert_eq!(found(&app, "letterOfIntent", "letter").await.1, letter);
    let feed = app.query("{ changes(latest: true, kinds: [LETTER_OF_INTENT]) { nodes { op content } } }").await;
    let nodes = feed.data()["changes"]["nodes"].as_array().unwrap().clone();
    let last = nodes.last().unwrap();
    assert_eq!(last["op"], "TOUCHED");
    assert!(last["content"].to_string().contains("a-concert-each-year"), "{last}");

    let refused = act(&app, Publisher, "updateCommitment", slug, ", changes: { text: \"x\" }").await;
    assert_eq!(
        (&refused["errors"][0]["code"], &refused["errors"][0]["path"]),
        (&json!("REQUIRED"), &json!(["reason"]))
    );
    let corrected = act(
        &app,
        Publisher,
        "updateCommitment",
        slug,
        ", reason: \"r\", changes: { status: FULFILLED, dueFrom: null }",
    )
    .await;
    assert_eq!((&corrected["errors"], &corrected["record"]["publication"]), (&json!([]), &json!("CORRECTED")));
    assert_eq!(found(&app, "letterOfIntent", "letter").await.1, letter + 1);
    let history = app
        .run(Editor, "{ commitment(by: { slug: \"a-concert-each-year\" }) { history(first: 1) { nodes { act op reason differences { field before after } } } } }", Value::Null)
        .await;
    assert_eq!(
        history.data()["commitment"]["history"]["nodes"],
        json!([{ "act": "updateCommitment", "op": "CORRECTED", "reason": "r", "differences": [
            { "field": "status", "before": "declared", "after": "fulfilled" },
            { "field": "dueFrom", "before": "2027", "after": null },
            { "field": "dueFromPrecision", "before": "year", "after": null },
            { "field": "publication", "before": "published", "after": "corrected" },
        ] }])
    );
    let withdrawn = act(&app, Publisher, "withdrawRecord", ("commitment", "c1"), ", reason: \"r\"").await;
    assert_eq!(withdrawn["record"], json!({ "slug": "c1", "version": 2, "publication": "WITHDRAWN" }));
    assert_eq!(commitments(&app, Anonymous).await, listed(&[("c2", 1), ("c3", 1), ("a-concert-each-year", 5)]));
    let over =
        act(&app, Publisher, "updateCommitment", ("commitment", "c1"), ", reason: \"r\", changes: { text: \"x\" }")
            .await;
    assert!(over["errors"][0]["message"].as_str().unwrap().ends_with("allowed now: nothing"), "{over}");
    // All of it can be exported and imported.
    let file = export(&app.store).await;
    assert_eq!(export(&App::with(file.clone()).await.store).await, file);
}

#[tokio::test]
async fn a_commitment_requires_an_existing_letter() {
    let app = App::with(FILE).await;
    let errors = async |role, input: Value| {
        let reply = app.run(role, CREATE, json!({ "input": input })).await;
        let errors = reply.data()["createCommitment"]["errors"].as_array().unwrap().clone();
        errors.iter().map(|error| format!("{} {}", error["code"].as_str().unwrap(), error["path"])).collect::<Vec<_>>()
    };
    let nowhere = errors(Editor, json!({ "letterOfIntent": "nowhere", "text": "T" })).await;
    assert_eq!(nowhere, ["NOT_FOUND [\"input\",\"letterOfIntent\"]"]);
    assert_eq!(
        errors(Editor, json!({ "letterOfIntent": "letter", "slug": "o1", "text": "T" })).await,
        ["TAKEN [\"input\",\"slug\"]"]
    );
    assert_eq!(errors(Editor, json!({ "letterOfIntent": "letter", "text": "", "order": -1 })).await.len(), 2);
    // By its id, inside a draft; it is published with the draft.
    let create = "mutation { createLetterOfIntent(input: { slug: \"draft\", title: \"D\", parties: [\"a\"] }) { record { id } } }";
    let id = app.run(Editor, create, Value::Null).await.data()["createLetterOfIntent"]["record"]["id"].clone();
    assert_eq!(
        errors(Editor, json!({ "letterOfIntent": id, "slug": "mine", "text": "T" })).await,
        Vec::<String>::new()
    );
    let early = act(&app, Publisher, "publishRecord", ("commitment", "mine"), "").await;
    assert_eq!(early["errors"][0]["code"], "NOT_ALLOWED", "{early}");
    assert!(
        early["errors"][0]["message"].as_str().unwrap().contains("the letter of intent is not public yet"),
        "{early}"
    );
    act(&app, Publisher, "publishRecord", ("letterOfIntent", "draft"), "").await;
    let seen = app.query("{ commitment(by: { slug: \"mine\" }) { publication letterOfIntent { slug } } }").await;
    assert_eq!(seen.data()["commitment"], json!({ "publication": "PUBLISHED", "letterOfIntent": { "slug": "draft" } }));
    act(&app, Publisher, "withdrawRecord", ("letterOfIntent", "draft"), ", reason: \"r\"").await;
    assert_eq!(
        errors(Editor, json!({ "letterOfIntent": "draft", "text": "T" })).await,
        ["NOT_FOUND [\"input\",\"letterOfIntent\"]"]
    );
    let stale = "mutation ($id: ID!) { updateCommitment(id: $id, expectedVersion: 9, changes: {}) { errors { code } record { version } } }";
    let (id, _) = found(&app, "commitment", "c1").await;
    let stale = app.run(Editor, stale, json!({ "id": id })).await;
    assert_eq!(
        stale.data()["updateCommitment"],
        json!({ "errors": [{ "code": "CONFLICT" }], "record": { "version": 1 } })
    );
    let forbidden = app.run(Councillor, CREATE, json!({ "input": { "letterOfIntent": "letter", "text": "T" } })).await;
    assert_eq!(forbidden.error().1, "FORBIDDEN");
}

#[tokio::test]
async fn an_erased_part_is_not_restored() {
    let app = App::with(FILE).await;
    let parts = "{ commitment(by: { slug: \"c2\" }) { id version } interpellation(by: { slug: \"question\" }) { \
        answers(orderBy: [{ field: POSITION }], last: 1) { nodes { id version } } } }";
    let parts = app.run(Admin, parts, Value::Null).await.data().clone();
    for part in [&parts["commitment"], &parts["interpellation"]["answers"]["nodes"][0]] {
        let (id, version) = (&part["id"], &part["version"]);
        let erase = "mutation ($id: ID!, $version: Int!) { eraseRecord(id: $id, expectedVersion: $version, reason: \"r\") { errors { message } } }";
        let erased = app.run(Admin, erase, json!({ "id": id, "version": version })).await;
        assert_eq!(erased.data()["eraseRecord"]["errors"], json!([]));
    }
    let pomost_persistence::ImportError::Faults { faults, .. } = import(&app.store, FILE).await.unwrap_err() else {
        panic!("no faults")
    };
    let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    let expected =
        ["/lettersOfIntent/0/commitments/1", "/interpellations/0/supplements", "/interpellations/0/supplements/0"];
    assert_eq!(pointers, expected, "{faults:?}");
    let refused = correct(&app, &format!("commitments: [{THREE}]")).await;
    assert_eq!(
        (&refused["errors"][0]["code"], &refused["errors"][0]["path"]),
        (&json!("TAKEN"), &json!(["changes", "commitments", "1", "slug"]))
    );
    // The next supplement is another record, although it has the same place.
    let supplement = ", supplement: { summary: \"Later.\" }";
    let done = act(&app, Publisher, "supplementInterpellation", ("interpellation", "question"), supplement).await;
    assert_eq!(done["errors"], json!([]), "{done}");
    let file = export(&app.store).await;
    assert!(file.contains("Later.") && !file.contains("Two"), "{file}");
    assert!(import(&app.store, file).await.unwrap().is_unchanged());
    // New commitments are appended.
    app.run(Editor, CREATE, json!({ "input": { "letterOfIntent": "letter", "text": "Two" } })).await.data();
    assert_eq!(
        commitments(&app, Admin).await.iter().map(|(slug, _)| slug.as_str()).collect::<Vec<_>>(),
        ["c1", "c3", "two"]
    );
}

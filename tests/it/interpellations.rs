//! Interpellations from the draft to the answer and its supplements.

use pomost_domain::Role::{Admin, Anonymous, Councillor, Editor, Publisher};
use pomost_domain::{Role, Viewer};
use pomost_tests::{App, export};
use serde_json::{Value, json};

const FILE: &str = r#"{
  "cities": [
    { "slug": "a", "names": { "pl": "A" }, "country": "PL" },
    { "slug": "b", "names": { "cs": "B" }, "country": "CZ" }
  ],
  "resolutions": [{ "slug": "hidden", "subject": "H", "city": "a", "visibility": "internal" }],
  "agreements": [{ "slug": "pact", "title": "Pact", "parties": ["a", "b"] }],
  "interpellations": [
    {
      "slug": "old", "city": "a", "submittedDate": "2018-06-21", "datePrecision": "day", "subject": "Partners",
      "text": { "pl": "Ile jest umów?" }, "questions": ["How many?", { "pl": "Od kiedy?" }], "receivedByMayorDate": "2018-06-25",
      "assignedTo": "Office of Promotion",
      "answer": {
        "signedBy": { "name": "A. Mayor", "office": "mayor", "city": "a" }, "date": "2018-07-05", "summary": "One.",
        "citations": [
          { "type": "agreement", "slug": "pact", "version": 1, "quote": { "pl": "§ 1" } }, { "type": "city", "slug": "b" },
          { "type": "agreement", "slug": "pact" }
        ]
      },
      "supplements": [
        { "date": "2018-08", "summary": "Two.", "citations": [{ "type": "city", "slug": "b", "version": 1 }] },
        { "summary": "Three.", "signedBy": { "name": "B. Mayor" } }
      ]
    },
    { "slug": "unanswered", "subject": "Roads" },
    { "slug": "withdrawn", "subject": "Bridges", "retractedDate": "2019" }
  ]
}"#;

const CITED: &str = "answers(orderBy: [{ field: POSITION }]) { nodes { signedBy { name } summary { value } \
    citations { version quote { value } record { __typename ... on Agreement { slug title { value } } ... on City { slug country { code } } \
    ... on Resolution { slug } } } } }";

#[tokio::test]
async fn a_file_preserves_every_answer_and_its_citations() {
    let app = App::with(FILE).await;
    let written = export(&app.store).await;
    let other = App::with(written.clone()).await;
    assert_eq!(export(&other.store).await, written);
    let (file, again): (Value, Value) = (serde_json::from_str(FILE).unwrap(), serde_json::from_str(&written).unwrap());
    assert_eq!(again["interpellations"], file["interpellations"]);
    // A second import changes nothing.
    assert!(pomost_tests::import(&app.store, FILE).await.unwrap().is_unchanged());

    let question = format!(
        "{{ interpellations {{ nodes {{ slug status text {{ value }} questions {{ value }} receivedByMayorOn assignedTo \
         retractedOn {{ value }} {CITED} }} }} }}"
    );
    let reply = app.query(&question).await;
    // The page, its answers, signatories, citations, the agreements, the cities; and the first answers for the status.
    assert_eq!((reply.statements, reply.misses), (7, 0));
    let nodes = &reply.data()["interpellations"]["nodes"];
    let of = |slug: &str| nodes.as_array().unwrap().iter().find(|node| node["slug"] == slug).unwrap();
    let old = of("old");
    assert_eq!(
        (&old["status"], &old["text"]["value"], &old["receivedByMayorOn"], &old["assignedTo"]),
        (&json!("PUBLISHED"), &json!("Ile jest umów?"), &json!("2018-06-25"), &json!("Office of Promotion"))
    );
    let answers = &old["answers"]["nodes"];
    assert_eq!(answers.as_array().unwrap().len(), 3);
    assert_eq!(answers[0]["signedBy"]["name"], "A. Mayor");
    assert_eq!(answers[1]["signedBy"], Value::Null);
    assert_eq!(answers[2]["signedBy"]["name"], "B. Mayor");
    let pact = json!({ "__typename": "Agreement", "slug": "pact", "title": { "value": "Pact" } });
    let city = json!({ "__typename": "City", "slug": "b", "country": { "code": "CZ" } });
    assert_eq!(
        answers[0]["citations"],
        json!([
            { "version": 1, "quote": { "value": "§ 1" }, "record": pact }, { "version": null, "quote": null, "record": city },
            { "version": null, "quote": null, "record": pact },
        ])
    );
    assert_eq!((&of("unanswered")["status"], &of("withdrawn")["status"]), (&json!("FILED"), &json!("WITHDRAWN")));
    assert_eq!(of("withdrawn")["retractedOn"]["value"], "2019");
}

const SHOWN: &str = "errors { code message path } changeSeq record { ... on Interpellation { id slug version status publication submittedOn { value } \
    receivedByMayorOn assignedTo answers(orderBy: [{ field: POSITION }]) { nodes { summary { value } citations { version \
    record { __typename ... on Agreement { slug } ... on City { slug } } } } } } }";

/// Commands on one interpellation, as a viewer.
struct Acts<'a> {
    app: &'a App,
    id: Value,
}

impl Acts<'_> {
    async fn by(&self, viewer: &Viewer, name: &str, version: u32, arguments: &str, reply: Value) -> Value {
        let declared = if arguments.contains("$answer") { ", $answer: InterpellationAnswerInput!" } else { "" };
        let command = format!(
            "mutation ($id: ID!{declared}) {{ done: {name}(id: $id, expectedVersion: {version}{arguments}) {{ {SHOWN} }} }}"
        );
        let mut variables = json!({ "id": self.id });
        if !declared.is_empty() {
            variables["answer"] = reply;
        }
        let reply = self.app.ask_as(viewer, &command, variables, &[]).await;
        if reply.json["data"].is_null() { reply.json } else { reply.json["data"]["done"].clone() }
    }

    async fn run(&self, role: Role, name: &str, version: u32, arguments: &str) -> Value {
        self.by(&pomost_tests::viewer(role), name, version, arguments, Value::Null).await
    }

    async fn answer(&self, name: &str, argument: &str, version: u32, answer: Value) -> Value {
        let viewer = pomost_tests::viewer(Publisher);
        self.by(&viewer, name, version, &format!(", {argument}: $answer"), answer).await
    }
}

fn codes(done: &Value) -> Vec<(String, String)> {
    let path = |error: &Value| {
        error["path"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".")
    };
    let errors = done["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["code"].as_str().unwrap().to_owned(), path(error))).collect()
}

#[track_caller]
fn refused(done: &Value, allowed: &str) {
    assert_eq!(codes(done), [("NOT_ALLOWED".to_owned(), "id".to_owned())], "{done:#}");
    let message = done["errors"][0]["message"].as_str().unwrap();
    assert!(message.ends_with(&format!("allowed now: {allowed}")), "{message}");
}

async fn drafted(app: &App) -> Acts<'_> {
    let create = "mutation { createInterpellation(input: { subject: \"Sports\", city: \"a\" }) { record { id status } errors { message } } }";
    let made = app.run(Councillor, create, Value::Null).await;
    let record = &made.data()["createInterpellation"]["record"];
    assert_eq!(record["status"], "DRAFT");
    Acts { app, id: record["id"].clone() }
}

#[tokio::test]
async fn an_interpellation_changes_its_status_by_mutations() {
    let app = App::with(FILE).await;
    let acts = drafted(&app).await;
    refused(
        &acts.run(Editor, "forwardInterpellation", 1, ", receivedByMayorDate: \"2026-11-01\"").await,
        "fileInterpellation",
    );
    refused(&acts.answer("answerInterpellation", "answer", 1, json!({ "summary": "s" })).await, "fileInterpellation");

    let filed = acts.run(Councillor, "fileInterpellation", 1, ", submittedDate: \"2026-10-01\"").await;
    assert_eq!((&filed["errors"], &filed["record"]["status"]), (&json!([]), &json!("FILED")));
    let again = acts.run(Editor, "fileInterpellation", 2, ", submittedDate: \"2026-10-01\"").await;
    refused(&again, "forwardInterpellation, assignInterpellation, answerInterpellation, retractInterpellation");
    let forbidden = acts.run(Councillor, "forwardInterpellation", 2, ", receivedByMayorDate: \"2026-10-02\"").await;
    assert_eq!(forbidden["errors"][0]["extensions"]["code"], "FORBIDDEN", "{forbidden}");
    let early = acts.run(Editor, "forwardInterpellation", 2, ", receivedByMayorDate: \"2026-09-30\"").await;
    assert_eq!(codes(&early), [("INVALID".to_owned(), "receivedByMayorDate".to_owned())]);
    let forwarded = acts.run(Editor, "forwardInterpellation", 2, ", receivedByMayorDate: \"2026-10-02\"").await;
    assert_eq!(
        (&forwarded["record"]["status"], &forwarded["record"]["receivedByMayorOn"]),
        (&json!("FORWARDED"), &json!("2026-10-02"))
    );
    let stale = acts.run(Editor, "assignInterpellation", 2, ", assignedTo: \"Sports\"").await;
    assert_eq!(codes(&stale), [("CONFLICT".to_owned(), "expectedVersion".to_owned())]);
    let assigned = acts.run(Editor, "assignInterpellation", 3, ", assignedTo: \"Sports\"").await;
    assert_eq!(
        (&assigned["record"]["status"], &assigned["record"]["assignedTo"]),
        (&json!("ASSIGNED"), &json!("Sports"))
    );

    let answer = json!({
        "summary": "No.", "signedBy": { "name": "A. Mayor", "office": "mayor", "city": "a" }, "date": "2026-10-16",
        "citations": [{ "type": "agreement", "slug": "pact" }, { "type": "city", "slug": "b", "version": 1, "quote": "q" }],
    });
    let answered = acts.answer("answerInterpellation", "answer", 4, answer.clone()).await;
    assert_eq!(answered["errors"], json!([]));
    assert_eq!(answered["record"]["status"], "ANSWERED");
    assert_eq!(
        answered["record"]["answers"]["nodes"][0]["citations"],
        json!([
            { "version": 1, "record": { "__typename": "Agreement", "slug": "pact" } },
            { "version": 1, "record": { "__typename": "City", "slug": "b" } },
        ])
    );
    refused(&acts.answer("answerInterpellation", "answer", 5, answer).await, "supplementInterpellation");
    refused(
        &acts.run(Editor, "retractInterpellation", 5, ", retractedDate: \"2026\", reason: \"r\"").await,
        "supplementInterpellation",
    );

    let published = acts.run(Publisher, "publishRecord", 5, "").await;
    assert_eq!((&published["errors"], &published["record"]["status"]), (&json!([]), &json!("PUBLISHED")));
    let change = |field: &str| {
        let changes = format!(", reason: \"r\", changes: {{ {field}, questions: [\"q\"] }}");
        let acts = &acts;
        async move { acts.run(Publisher, "updateInterpellation", 6, &changes).await }
    };
    for field in ["answer: null", "answer: { summary: \"Yes.\" }", "supplements: [{ summary: \"s\" }]"] {
        let refused = change(field).await;
        let name = field.split(':').next().unwrap();
        assert_eq!(codes(&refused), [("NOT_ALLOWED".to_owned(), format!("changes.{name}"))]);
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains("supplementInterpellation"), "{refused}");
    }
    let corrected = change("note: \"n\"").await;
    assert_eq!((&corrected["errors"], &corrected["record"]["publication"]), (&json!([]), &json!("CORRECTED")));
    let supplement = json!({ "summary": "Perhaps.", "citations": [{ "type": "city", "slug": "b" }] });
    let supplemented = acts.answer("supplementInterpellation", "supplement", 7, supplement).await;
    assert_eq!((&supplemented["errors"], &supplemented["record"]["publication"]), (&json!([]), &json!("CORRECTED")));
    let seen = app
        .run(Anonymous, &format!("{{ interpellation(by: {{ slug: \"sports\" }}) {{ status {CITED} }} }}"), Value::Null)
        .await;
    assert_eq!((seen.statements, seen.misses), (7, 0));
    let answers = &seen.data()["interpellation"]["answers"]["nodes"];
    assert_eq!(
        (&answers[0]["summary"]["value"], &answers[0]["signedBy"]["name"], &answers[1]["summary"]["value"]),
        (&json!("No."), &json!("A. Mayor"), &json!("Perhaps."))
    );
    assert_eq!(answers[1]["citations"][0]["version"], 1);
}

#[tokio::test]
async fn a_citation_requires_an_existing_record_and_version() {
    let app = App::with(FILE).await;
    let acts = drafted(&app).await;
    acts.run(Councillor, "fileInterpellation", 1, ", submittedDate: \"2026\"").await;
    let cite = |citations: Value| json!({ "summary": "s", "citations": citations });
    let later = cite(json!([{ "type": "city", "slug": "b" }, { "type": "agreement", "slug": "pact", "version": 2 }]));
    let refused = acts.answer("answerInterpellation", "answer", 2, later).await;
    assert_eq!(codes(&refused), [("NOT_FOUND".to_owned(), "answer.citations.1.version".to_owned())]);
    assert_eq!(refused["errors"][0]["message"], "there is no version 2: the record is at version 1");
    let wrong = cite(json!([
        { "type": "city", "slug": "nowhere" }, { "type": "answer", "slug": "b" }, { "type": "city", "slug": "b", "version": 0 },
    ]));
    let refused = acts.answer("answerInterpellation", "answer", 2, wrong.clone()).await;
    let expected = [
        ("NOT_FOUND", "answer.citations.0.slug"),
        ("INVALID", "answer.citations.1.type"),
        ("INVALID", "answer.citations.2.version"),
    ];
    assert_eq!(codes(&refused), expected.map(|(code, path)| (code.to_owned(), path.to_owned())), "{refused:#}");

    // By its global id as well.
    let found = app.run(Admin, "{ agreement(by: { slug: \"pact\" }) { id } }", Value::Null).await;
    let by_id = cite(json!([{ "type": "agreement", "slug": found.data()["agreement"]["id"], "version": null }]));
    let answered = acts.answer("answerInterpellation", "answer", 2, by_id).await;
    assert_eq!(answered["errors"], json!([]));
    assert_eq!(answered["record"]["answers"]["nodes"][0]["citations"][0]["version"], 1);
    let refused = acts.answer("supplementInterpellation", "supplement", 3, wrong).await;
    assert_eq!(codes(&refused)[0], ("NOT_FOUND".to_owned(), "supplement.citations.0.slug".to_owned()), "{refused:#}");
    let later = cite(json!([{ "type": "agreement", "slug": "pact", "version": 9 }]));
    let refused = acts.answer("supplementInterpellation", "supplement", 3, later).await;
    assert_eq!(codes(&refused), [("NOT_FOUND".to_owned(), "supplement.citations.0.version".to_owned())]);
}

#[tokio::test]
async fn a_citation_is_visible_to_those_who_see_the_cited_record() {
    let app = App::with(FILE).await;
    let found = app.run(Admin, "{ interpellation(by: { slug: \"unanswered\" }) { id } }", Value::Null).await;
    let acts = Acts { app: &app, id: found.data()["interpellation"]["id"].clone() };
    // It is public and filed, with an unknown date; the offices may state the date, a councillor may not any more.
    let late = acts.run(Councillor, "fileInterpellation", 1, ", submittedDate: \"2018\"").await;
    assert_eq!(codes(&late), [("NOT_ALLOWED".to_owned(), "id".to_owned())]);
    let answer = json!({ "summary": "s", "citations": [{ "type": "resolution", "slug": "hidden" }, { "type": "city", "slug": "b" }] });
    let answered = acts.answer("answerInterpellation", "answer", 1, answer).await;
    assert_eq!(answered["errors"], json!([]));
    let question = format!("{{ interpellation(by: {{ slug: \"unanswered\" }}) {{ {CITED} }} }}");
    for (role, expected) in [(Anonymous, 1), (Editor, 2)] {
        let reply = app.run(role, &question, Value::Null).await;
        let citations = reply.data()["interpellation"]["answers"]["nodes"][0]["citations"].clone();
        assert_eq!(citations.as_array().unwrap().len(), expected, "{role:?}");
    }
    let shown = export(&app.store.seen_with(Viewer::default().sight())).await;
    assert!(!shown.contains("hidden"), "{shown}");
}

const RETRACT: &str = ", retractedDate: \"2026-11-02\", reason: \"settled\"";

#[tokio::test]
async fn a_retracted_paper_remains_a_record() {
    let app = App::with(FILE).await;
    let acts = drafted(&app).await;
    let early = acts.run(Councillor, "retractInterpellation", 1, RETRACT).await;
    refused(&early, "fileInterpellation");
    acts.run(Councillor, "fileInterpellation", 1, ", submittedDate: \"2026-10\"").await;
    // The commands allowed for the councillor, and those for the offices.
    let again = acts.run(Councillor, "fileInterpellation", 2, ", submittedDate: \"2026-10\"").await;
    refused(&again, "retractInterpellation");
    acts.run(Publisher, "publishRecord", 2, "").await;
    // If no step is allowed for the author, the allowed command is named.
    refused(&acts.run(Councillor, "discardRecord", 3, "").await, "retractInterpellation");
    refused(&acts.run(Editor, "discardRecord", 3, "").await, "nothing");
    for (role, name) in [(Editor, "test:editor"), (Councillor, "another")] {
        let viewer = Viewer { name: name.to_owned(), ..pomost_tests::viewer(role) };
        let not_theirs = acts.by(&viewer, "retractInterpellation", 3, RETRACT, Value::Null).await;
        assert_eq!(codes(&not_theirs), [("NOT_ALLOWED".to_owned(), "id".to_owned())]);
        let message = not_theirs["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("may PUBLISH") && message.ends_with("allowed now: nothing"), "{message}");
    }
    let retracted = acts.run(Councillor, "retractInterpellation", 3, RETRACT).await;
    assert_eq!(
        (&retracted["errors"], &retracted["record"]["status"], &retracted["record"]["publication"]),
        (&json!([]), &json!("WITHDRAWN"), &json!("PUBLISHED"))
    );
    refused(&acts.run(Publisher, "assignInterpellation", 4, ", assignedTo: \"x\"").await, "nothing");
    refused(&acts.run(Councillor, "retractInterpellation", 4, RETRACT).await, "nothing");
    let seen = app.query("{ interpellation(by: { slug: \"sports\" }) { status } }").await;
    assert_eq!(seen.data()["interpellation"]["status"], "WITHDRAWN");
}

/// A councillor's own draft, one written by an office, and one that is answered.
#[tokio::test]
async fn a_paper_can_be_retracted_until_it_is_answered() {
    let app = App::with(FILE).await;
    for (role, expected) in [(Councillor, true), (Editor, true), (Publisher, true), (Anonymous, false)] {
        let acts = drafted(&app).await;
        acts.run(Councillor, "fileInterpellation", 1, ", submittedDate: \"2026\"").await;
        let done = acts.run(role, "retractInterpellation", 2, RETRACT).await;
        assert_eq!(done["record"]["status"] == "WITHDRAWN", expected, "{role:?}: {done}");
    }
    let acts = drafted(&app).await;
    acts.run(Councillor, "fileInterpellation", 1, ", submittedDate: \"2026\"").await;
    acts.answer("answerInterpellation", "answer", 2, json!({ "summary": "s" })).await;
    refused(&acts.run(Councillor, "retractInterpellation", 3, RETRACT).await, "nothing");
    refused(&acts.run(Editor, "retractInterpellation", 3, RETRACT).await, "supplementInterpellation");
    // The steps are restricted by the role as well.
    let step = acts.run(Councillor, "submitRecord", 3, "").await;
    assert_eq!(step["errors"], json!([]));
    let refused = acts.run(Councillor, "submitRecord", 4, "").await;
    let message = refused["errors"][0]["message"].as_str().unwrap();
    assert!(message.ends_with("allowed now: update"), "{message}");
}

#[tokio::test]
async fn dates_are_in_order() {
    let app = App::with(FILE).await;
    let file = |more: &str| {
        format!(
            r#"{{ "interpellations": [{{ "slug": "x", "subject": "S", "submittedDate": "2020-02-01", "datePrecision": "day", {more} }}] }}"#
        )
    };
    for (more, at) in [
        (r#""retractedDate": "2010""#, "retractedDate"),
        (r#""answer": { "date": "2020-01-31", "summary": "s" }"#, "answer/date"),
        (
            r#""answer": { "date": "2020-03", "summary": "s" }, "supplements": [{ "date": "2020-02", "summary": "t" }]"#,
            "supplements/0/date",
        ),
    ] {
        let pomost_persistence::ImportError::Faults { faults, .. } =
            pomost_tests::import(&app.store, file(more)).await.unwrap_err()
        else {
            panic!("{more}")
        };
        let at = format!("/interpellations/0/{at}");
        assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), [at], "{more}");
    }
    // Dates that may be in order are accepted.
    pomost_tests::import(&app.store, file(r#""answer": { "date": "2020", "summary": "s" }"#)).await.unwrap();
}

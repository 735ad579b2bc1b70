//! Agreements from the draft to the end: signed, in force, suspended, terminated.

use pomost_domain::Role::{Admin, Councillor, Editor, Publisher};
use pomost_tests::{App, export};
use serde_json::{Value, json};

const FIELDS: &str = "slug version publication signedOn { value } validFrom { value } validTo { value } openEnded \
    parties { slug } signatories { name } precededBy { slug } place { city { slug } } status";

async fn draft(app: &App, input: Value) -> Value {
    let create = "mutation ($input: AgreementInput!) { createAgreement(input: $input) { record { id } errors { message path } } }";
    let made = app.run(Editor, create, json!({ "input": input })).await;
    made.data()["createAgreement"]["record"]["id"].clone()
}

async fn act(app: &App, name: &str, id: &Value, version: u32, arguments: &str, variables: Value) -> Value {
    let types = "$signing: AgreementSigningInput, $end: AgreementTerminationInput";
    // A declared variable must be used.
    let declared: Vec<&str> =
        types.split(", ").filter(|one| arguments.contains(one.split(':').next().unwrap())).collect();
    let declared: String = declared.iter().map(|one| format!(", {one}!")).collect();
    let command = format!(
        "mutation ($id: ID!{declared}) {{ done: {name}(id: $id, expectedVersion: {version}, {arguments}) {{ \
         errors {{ code message path }} changeSeq record {{ {FIELDS} }} }} }}"
    );
    let mut variables = variables;
    variables["id"] = id.clone();
    // A publisher may use all commands, on drafts and on public records.
    app.run(Publisher, &command, variables).await.data()["done"].clone()
}

fn codes(done: &Value) -> Vec<(String, String)> {
    let path = |error: &Value| {
        error["path"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".")
    };
    let errors = done["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["code"].as_str().unwrap().to_owned(), path(error))).collect()
}

async fn status(app: &App, id: &Value, day: &str) -> String {
    let question = format!("query ($id: ID!) {{ agreement(by: {{ id: $id }}) {{ status(on: \"{day}\") }} }}");
    let reply = app.run(Editor, &question, json!({ "id": id })).await;
    reply.data()["agreement"]["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_agreement_is_signed_suspended_and_terminated() {
    let app = App::sample().await;
    let resolution = "mutation { createResolution(input: { subject: \"S\", slug: \"res-1\", city: \"karvina\" }) { record { id } } }";
    let resolution = app.run(Editor, resolution, Value::Null).await.data()["createResolution"]["record"]["id"].clone();
    let id = draft(&app, json!({ "title": "Pact", "parties": ["karvina"] })).await;
    let before = app.store.data_version().await.unwrap();

    let alone =
        act(&app, "signAgreement", &id, 1, "signing: $signing", json!({ "signing": { "date": "2026-05-01" } })).await;
    assert_eq!(codes(&alone), [("INVALID".to_owned(), "signing.parties".to_owned())]);
    let wrong = json!({ "signing": {
        "date": "2026-05-01", "parties": ["karvina", "karvina", "atlantis"], "validFrom": "2026-06", "validTo": "2026-05",
        "precededBy": ["nothing"],
    } });
    let wrong = act(&app, "signAgreement", &id, 1, "signing: $signing", wrong).await;
    let expected = [
        ("INVALID", "signing.parties.1"),
        ("NOT_FOUND", "signing.parties.2"),
        ("NOT_FOUND", "signing.precededBy.0"),
        ("INVALID", "signing.validTo"),
    ];
    assert_eq!(codes(&wrong), expected.map(|(code, path)| (code.to_owned(), path.to_owned())), "{wrong:#}");
    let retroactive =
        json!({ "signing": { "date": "2026-05-01", "parties": ["karvina", "tukums"], "validFrom": "2026-04-01" } });
    let refused = act(&app, "signAgreement", &id, 1, "signing: $signing", retroactive).await;
    assert_eq!(codes(&refused), [("INVALID".to_owned(), "signing.validFrom".to_owned())]);
    assert_eq!(app.store.data_version().await.unwrap(), before);

    let signing = json!({ "signing": {
        "date": "2026-05-01", "place": { "city": "karvina" }, "parties": ["karvina", "tukums"],
        "signatories": [{ "name": "A. Nowa", "office": "mayor", "city": "karvina" }], "precededBy": [resolution],
        "validFrom": "2026-06-01", "openEnded": true,
    } });
    let signed = act(&app, "signAgreement", &id, 1, "signing: $signing", signing.clone()).await;
    assert_eq!(signed["errors"], json!([]));
    assert_eq!(
        signed["record"],
        json!({
            "slug": "pact", "version": 2, "publication": "DRAFT", "signedOn": { "value": "2026-05-01" },
            "validFrom": { "value": "2026-06-01" }, "validTo": null, "openEnded": true,
            "parties": [{ "slug": "karvina" }, { "slug": "tukums" }], "signatories": [{ "name": "A. Nowa" }],
            "precededBy": [{ "slug": "res-1" }], "place": { "city": { "slug": "karvina" } }, "status": "IN_FORCE",
        })
    );
    let again = act(&app, "signAgreement", &id, 2, "signing: $signing", signing.clone()).await;
    assert_eq!(codes(&again), [("NOT_ALLOWED".to_owned(), "signing".to_owned())]);
    assert_eq!(
        again["errors"][0]["message"],
        "an agreement that is in force on 2026-11-22 cannot be changed by signAgreement; allowed: suspendAgreement, terminateAgreement"
    );
    let late = act(&app, "signAgreement", &id, 1, "signing: $signing", signing).await;
    assert_eq!(codes(&late), [("CONFLICT".to_owned(), "expectedVersion".to_owned())]);
    assert_eq!(late["record"]["version"], 2);

    let early = act(&app, "suspendAgreement", &id, 2, "from: \"2026-05-10\", reason: \"r\"", json!({})).await;
    assert!(early["errors"][0]["message"].as_str().unwrap().contains("that is signed on 2026-05-10"), "{early}");
    let rests = act(&app, "suspendAgreement", &id, 2, "from: \"2026-11-01\", reason: \"a war\"", json!({})).await;
    assert_eq!((&rests["errors"], &rests["record"]["status"]), (&json!([]), &json!("SUSPENDED")));
    let twice = act(&app, "suspendAgreement", &id, 3, "from: \"2026-11-20\", reason: \"r\"", json!({})).await;
    assert_eq!(codes(&twice), [("NOT_ALLOWED".to_owned(), "id".to_owned())]);
    let resumed = act(&app, "resumeAgreement", &id, 3, "to: \"2026-11-15\"", json!({})).await;
    assert_eq!((&resumed["errors"], &resumed["record"]["status"]), (&json!([]), &json!("IN_FORCE")));
    let question = "query ($id: ID!) { agreement(by: { id: $id }) { suspensions { from { value } to { value } reason { value } } } }";
    let reply = app.run(Editor, question, json!({ "id": id })).await;
    assert_eq!(
        reply.data()["agreement"]["suspensions"],
        json!([{ "from": { "value": "2026-11-01" }, "to": { "value": "2026-11-15" }, "reason": { "value": "a war" } }])
    );

    for (end, path) in [
        (json!({ "city": "karvina", "date": "2026-12-31" }), "termination"),
        (json!({ "city": "prievidza", "date": "2026-12-31", "reason": "r" }), "termination.city"),
        (json!({ "city": "karvina", "date": "2026-12-31", "resolution": "nothing" }), "termination.resolution"),
    ] {
        let refused = act(&app, "terminateAgreement", &id, 4, "termination: $end", json!({ "end": end })).await;
        assert_eq!(codes(&refused).last().unwrap().1, path, "{refused}");
    }
    let end = json!({ "end": { "city": "karvina", "date": "2026-12-31", "resolution": resolution } });
    let ended = act(&app, "terminateAgreement", &id, 4, "termination: $end", end.clone()).await;
    assert_eq!((&ended["errors"], &ended["record"]["status"]), (&json!([]), &json!("IN_FORCE")));
    assert_eq!(status(&app, &id, "2026-12-31").await, "TERMINATED");
    assert_eq!(status(&app, &id, "2026-05-31").await, "SIGNED");
    assert_eq!(status(&app, &id, "2026-04-30").await, "DRAFT");
    let over = act(&app, "terminateAgreement", &id, 5, "termination: $end", end).await;
    assert!(over["errors"][0]["message"].as_str().unwrap().ends_with("allowed: nothing"), "{over}");

    let history = "query ($id: ID!) { agreement(by: { id: $id }) { history(first: 9) { nodes { act reason } } } }";
    let reply = app.run(Editor, history, json!({ "id": id })).await;
    let acts: Vec<&str> = reply.data()["agreement"]["history"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["act"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ["terminateAgreement", "resumeAgreement", "suspendAgreement", "signAgreement", "createAgreement"]);
}

#[tokio::test]
async fn a_signing_is_complete_idempotent_and_requires_the_right_to_write() {
    let app = App::sample().await;
    let id = draft(&app, json!({ "title": "Pact", "parties": ["karvina", "tukums"] })).await;
    let sign = "mutation ($id: ID!, $signing: AgreementSigningInput!) { signAgreement(id: $id, expectedVersion: 1, \
        signing: $signing, idempotencyKey: \"k\") { errors { code } changeSeq record { version } } }";
    let variables = |signing: Value| json!({ "id": id, "signing": signing });
    let incomplete = app.run(Editor, sign, variables(json!({ "validTo": "2030" }))).await;
    assert!(incomplete.text.contains("date"), "{}", incomplete.text);
    assert!(incomplete.json["errors"].is_array() || incomplete.text.contains("REQUIRED"), "{}", incomplete.text);
    let (_, code) = app.run(Councillor, sign, variables(json!({ "date": "2026" }))).await.error();
    assert_eq!(code, "FORBIDDEN");
    let first = app.run(Editor, sign, variables(json!({ "date": "2026" }))).await;
    let second = app.run(Editor, sign, variables(json!({ "date": "2026" }))).await;
    assert_eq!(first.data()["signAgreement"]["record"]["version"], 2);
    assert_eq!(first.text, second.text);
}

const FILE: &str = r#"{
  "cities": [
    { "slug": "a", "names": { "pl": "A" }, "country": "PL" },
    { "slug": "b", "names": { "pl": "B" }, "country": "CZ" }
  ],
  "resolutions": [{ "slug": "r", "subject": "R", "city": "a" }],
  "agreements": [
    { "slug": "ended", "title": "Ended", "parties": ["a", "b"], "date": "2001", "datePrecision": "year", "validFrom": "2001-05", "validTo": "2020-12-31",
      "suspensions": [{ "from": "2005", "to": "2006-03", "reason": { "pl": "powód" } }, { "from": "2010-01-01" }],
      "termination": { "city": "b", "date": "2011", "resolution": "r", "reason": "w" } },
    { "slug": "open", "title": "Open", "parties": ["a", "b"], "openEnded": true, "validFrom": "1999", "date": "2000", "datePrecision": "year",
      "note": "It was signed a year after it began." },
    { "slug": "unstated", "title": "Unstated", "parties": ["a", "b"], "openEnded": false, "suspensions": [] }
  ]
}"#;

#[tokio::test]
async fn suspensions_and_terminations_are_in_files() {
    let app = App::with(FILE).await;
    let written = export(&app.store).await;
    let other = App::with(written.clone()).await;
    assert_eq!(export(&other.store).await, written);
    let file: Value = serde_json::from_str(FILE).unwrap();
    let again: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(again["agreements"], file["agreements"]);

    let question = "{ agreements { nodes { slug status termination { city { slug } date { value } resolution { slug } reason { value } }
        validFrom { value } } } }";
    let reply = app.query(question).await;
    // The page, the cities and the resolutions.
    assert_eq!((reply.statements, reply.misses), (3, 0));
    let nodes = &reply.data()["agreements"]["nodes"];
    assert_eq!(nodes[0]["status"], "TERMINATED");
    assert_eq!(
        nodes[0]["termination"],
        json!({ "city": { "slug": "b" }, "date": { "value": "2011" }, "resolution": { "slug": "r" }, "reason": { "value": "w" } })
    );
    assert_eq!((&nodes[1]["status"], &nodes[2]["status"]), (&json!("IN_FORCE"), &json!("UNKNOWN")));
}

#[tokio::test]
async fn a_termination_is_visible_only_with_its_basis() {
    let app = App::with(FILE).await;
    let hidden = "mutation { createResolution(input: { subject: \"H\", slug: \"hidden\", city: \"a\" }) { errors { message } } }";
    app.run(Editor, hidden, Value::Null).await.data();
    let found = app.run(Admin, "{ agreement(by: { slug: \"open\" }) { id version } }", Value::Null).await;
    let id = found.data()["agreement"]["id"].clone();
    let end = |reason: Value| json!({ "end": { "city": "a", "date": "2026-11-01", "resolution": "hidden", "reason": reason } });
    let alone = act(&app, "terminateAgreement", &id, 1, "termination: $end", end(Value::Null)).await;
    assert_eq!(alone["errors"][0]["code"], "NOT_ALLOWED", "{alone}");
    assert!(alone["errors"][0]["message"].as_str().unwrap().contains("the termination has no reason"), "{alone}");
    let ended = act(&app, "terminateAgreement", &id, 1, "termination: $end", end(json!("a merger"))).await;
    assert_eq!(ended["errors"], json!([]));
    let question =
        "{ agreement(by: { slug: \"open\" }) { status termination { resolution { slug } reason { value } } } }";
    let seen = app.query(question).await;
    assert_eq!(
        seen.data()["agreement"],
        json!({ "status": "TERMINATED", "termination": { "resolution": null, "reason": { "value": "a merger" } } })
    );
    let all = app.run(Publisher, question, Value::Null).await;
    assert_eq!(all.data()["agreement"]["termination"]["resolution"]["slug"], "hidden");
}

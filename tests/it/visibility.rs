//! Hidden records: every root field, list, relation, count, order, filter, id and the feed is queried, as each role, for
//! records of every kind in every state. The queries are made from the schema, so that none is omitted.

use base64::Engine;
use pomost_domain::Audience;
use pomost_domain::Role::{self, Admin, Anonymous, Councillor, Editor, Partner, Publisher, Reporting};
use pomost_domain::Vocabulary;
use pomost_domain::meta::{Publication, Visibility};
use pomost_tests::types::types;
use pomost_tests::{App, SAMPLE, import, none, viewer};
use serde_json::{Value, json};

/// A word that occurs in the slug and the name of every hidden record, and nowhere else.
const MARK: &str = "zqxqz";
const FILE: &str = include_str!("visibility.json");

const ROLES: [Role; 7] = [Anonymous, Partner, Councillor, Editor, Publisher, Reporting, Admin];

/// True if a text contains the mark, openly or encoded, for example in a cursor.
fn is_marked(text: &str) -> bool {
    let opaque = |word: &str| {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(word).unwrap_or_default();
        String::from_utf8_lossy(&bytes).to_lowercase().contains(MARK)
    };
    text.to_lowercase().contains(MARK)
        || text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
            .any(|word| word.len() > 7 && opaque(word))
}

/// All queries that name no record, and those that a curious reader would try.
fn questions() -> Vec<String> {
    let mut questions = vec![
        "{ dataset { recordCounts { kind count } lastChange } }".to_owned(),
        format!("{{ suggest(text: \"{MARK}\", first: 25) {{ kind slug }} }}"),
        "{ changes { nodes { id kind op content collection record { id } } } }".to_owned(),
        "{ changes(latest: true) { nodes { id kind op content record { __typename id } } } }".to_owned(),
    ];
    // The position of the hidden records in the order of slugs.
    let before = &MARK[..MARK.len() - 1];
    questions.extend(types().values("RecordKind").iter().map(|kind| {
        format!("{{ dataset {{ digest(kind: {kind}, after: \"{before}\", first: 1) {{ count end }} }} }}")
    }));
    for list in types().connections("Query") {
        let (name, record) = (&list.name, list.node());
        questions.push(format!(
            "{{ {name}(first: 100) {{ totalCount edges {{ cursor node {{ id slug {} }} }} pageInfo {{ endCursor }} }} }}",
            types().everything_plain(record).replace("history", "version")
        ));
        let (_, order) = list.arguments.iter().find(|(name, _)| name == "orderBy").unwrap();
        for field in types().values(&format!("{}Field", order.name)) {
            questions.push(format!(
                "{{ {name}(first: 100, orderBy: [{{ field: {field} }}]) {{ edges {{ cursor node {{ slug }} }} }} }}"
            ));
        }
        questions.push(format!(
            "{{ {name}(filter: {{ name: {{ contains: \"{MARK}\" }} }}) {{ totalCount nodes {{ slug }} }} }}"
        ));
        for path in types().relations(record) {
            let inner = path.select(&format!("__typename {}", types().identity(&path.leads_to)));
            questions.push(format!("{{ {name}(first: 100) {{ nodes {{ slug {inner} }} }} }}"));
        }
        for under in types().connections(record) {
            let page = "totalCount edges { cursor node { slug } }";
            questions
                .push(format!("{{ {name}(first: 50) {{ nodes {{ slug {}(first: 5) {{ {page} }} }} }} }}", under.name));
        }
    }
    questions
}

/// The ids of the hidden records, read by a viewer who sees them.
async fn hidden_ids(app: &App) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    for list in types().connections("Query") {
        let question = format!(
            "{{ {}(first: 100, filter: {{ name: {{ contains: \"{MARK}\" }} }}) {{ nodes {{ id slug }} }} }}",
            list.name
        );
        let reply = app.run(Admin, &question, Value::Null).await;
        for node in reply.data()[&list.name]["nodes"].as_array().unwrap() {
            ids.push((node["id"].as_str().unwrap().to_owned(), node["slug"].as_str().unwrap().to_owned()));
        }
    }
    ids
}

/// A registry with its marked records in a state: with a visibility, as drafts, or withdrawn.
async fn in_state(publication: Publication, visibility: Visibility) -> App {
    let app = App::sample().await;
    let file = FILE.replace("\"internal\"", &format!("\"{}\"", visibility.label()));
    import(&app.store, file).await.unwrap();
    if publication != Publication::Published {
        // The state that mutations would produce; no mutation produces all of these at once.
        let audience = Audience::from(publication, visibility, "author").label();
        app.sql(&format!(
            "UPDATE record SET publication = '{}', audience = '{audience}', created_by = 'author' \
             WHERE audience = '{}' AND (slug LIKE '{MARK}%' OR search_text LIKE '%{MARK}%')",
            publication.label(),
            visibility.label(),
        ))
        .await;
        app.sql(&format!(
            "UPDATE change SET audience_after = '{audience}' \
             WHERE record_id IN (SELECT id FROM record WHERE audience = '{audience}')"
        ))
        .await;
    }
    app
}

async fn ask_everything(publication: Publication, visibility: Visibility) {
    let app = in_state(publication, visibility).await;
    let ids = hidden_ids(&app).await;
    // At least one of every kind with a list, and the officials and the programme that they name.
    assert!(ids.len() >= 20, "{ids:?}");
    let mut faults = Vec::new();
    for role in ROLES {
        let sees = viewer(role).sight().takes_in(Some(&Audience::from(publication, visibility, "author").label()));
        let mut marked = 0;
        for question in questions() {
            let reply = app.run(role, &question, Value::Null).await;
            // A filter with the mark does not return its own text.
            if is_marked(&reply.text) {
                marked += 1;
                if !sees {
                    let at = reply.text.to_lowercase().find(MARK).unwrap_or_default();
                    let around: String = reply.text.chars().skip(at.saturating_sub(80)).take(160).collect();
                    faults.push(format!("{role:?} {publication:?} {visibility:?}: {question:.150}\n  {around}"));
                }
            }
        }
        if sees && marked < 40 {
            faults.push(format!("{role:?} sees {visibility:?}, but only {marked} answers show it"));
        }
        for (id, slug) in &ids {
            let node = app
                .run(role, "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", json!({ "id": id }))
                .await;
            let found = node.data()["node"].is_object();
            if found != sees || node.data()["nodes"][0].is_object() != sees {
                faults.push(format!("{role:?}: node of {slug}: {}", node.text));
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn internal_records_are_visible_to_the_offices() {
    ask_everything(Publication::Published, Visibility::Internal).await;
}

#[tokio::test]
async fn records_for_partners_are_visible_to_partners_and_offices() {
    ask_everything(Publication::Corrected, Visibility::Partners).await;
}

#[tokio::test]
async fn drafts_are_visible_to_writers() {
    ask_everything(Publication::Draft, Visibility::Public).await;
    ask_everything(Publication::InReview, Visibility::Partners).await;
}

#[tokio::test]
async fn withdrawn_records_are_visible_to_writers() {
    ask_everything(Publication::Withdrawn, Visibility::Public).await;
}

#[tokio::test]
async fn counts_and_filters_by_relation_ignore_hidden_records() {
    let app = in_state(Publication::Published, Visibility::Internal).await;
    for (filter, expected) in [
        ("agreements(filter: { slug: { eq: \"open-agreement\" }, partnership: {} })", 0),
        ("agreements(filter: { slug: { eq: \"open-agreement\" }, precededBy: { none: {} } })", 1),
        ("activities(filter: { slug: { eq: \"open-exchange\" }, hostCity: {} })", 0),
        ("partnerships(filter: { slug: { eq: \"open-partnership\" }, agreements: { some: {} } })", 0),
    ] {
        let question = format!("{{ found: {filter} {{ totalCount }} }}");
        let reply = app.query(&question).await;
        assert_eq!(reply.data()["found"]["totalCount"], expected, "{filter}");
    }
    let exported = pomost_tests::export(&app.store).await;
    assert!(!is_marked(&exported), "the export contains hidden records");
    assert!(!SAMPLE.to_lowercase().contains(MARK));
}

/// A draft of a commitment inside a public letter is in no answer about the letter.
#[tokio::test]
async fn a_draft_inside_a_public_record_is_hidden() {
    let app = App::sample().await;
    let create =
        "mutation ($input: CommitmentInput!) { createCommitment(input: $input) { record { id } errors { message } } }";
    let input = json!({ "letterOfIntent": "loi-jz-ibbenbueren-2017", "slug": MARK, "text": MARK, "theme": "culture" });
    let made = app.run(Editor, create, json!({ "input": input })).await;
    let id = made.data()["createCommitment"]["record"]["id"].clone();
    let submit = "mutation ($id: ID!) { submitRecord(id: $id, expectedVersion: 1) { errors { message } } }";
    assert_eq!(app.run(Editor, submit, json!({ "id": id })).await.data()["submitRecord"]["errors"], json!([]));
    let mut faults = Vec::new();
    for role in [Anonymous, Reporting] {
        for question in questions() {
            let reply = app.run(role, &question, Value::Null).await;
            if is_marked(&reply.text) {
                faults.push(format!("{role:?}: {question:.150}"));
            }
        }
        let exported = pomost_tests::export(&app.store.seen_with(viewer(role).sight())).await;
        if is_marked(&exported) {
            faults.push(format!("the export for {role:?}"));
        }
    }
    none(&faults);
    let seen = app.run(Editor, "{ lettersOfIntent { nodes { commitments { nodes { slug } } } } }", Value::Null).await;
    assert!(is_marked(&seen.text), "{}", seen.text);
}

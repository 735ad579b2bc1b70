//! Caches are never out of date, and never leak between viewers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use pomost_api::registry::Caching;
use pomost_domain::{Role, Viewer};
use pomost_edge::gate::Rate;
use pomost_persistence::Store;
use pomost_tests::edge::Edge;
use pomost_tests::{App, TestDb, viewer};
use serde_json::{Value, json};

const NAMES: &str = "{ cities(first: 50) { totalCount nodes { slug note { value } partnerships { totalCount nodes { slug \
                     cities { name { value } } } } } } }";

fn ask(query: &str) -> Value {
    json!({ "query": query })
}

/// The maximum number of statements that a process runs by itself since then: on PostgreSQL it polls for changes of other
/// processes, after a notification and every second, with two statements each.
fn polled(begin: Instant) -> u64 {
    if pomost_tests::postgres().is_some() { 2 * (begin.elapsed().as_secs() + 3) } else { 0 }
}

/// Writes a note on a city, which creates a new version of the data.
async fn write(app: &App, note: &str) {
    let read = "{ homeCity { id version } }";
    let home = app.run(Role::Publisher, read, Value::Null).await.data()["homeCity"].clone();
    let document = "mutation($id: ID!, $version: Int!, $note: TextInput) { updateCity(id: $id, \
                    expectedVersion: $version, reason: \"a test\", changes: { note: $note }) { errors { message } } }";
    let done =
        app.run(Role::Publisher, document, json!({ "id": home["id"], "version": home["version"], "note": note })).await;
    assert_eq!(done.data()["updateCity"]["errors"], json!([]), "{}", done.text);
}

#[tokio::test]
async fn unchanged_data_is_not_read_again() {
    let app = App::sample().await;
    let edge = Edge::new(&app.store, &Caching { staleness_ms: 60_000, ..Caching::default() });
    let first = edge.get(NAMES).await;
    assert!(first.tag().is_some(), "{}", first.text());
    let (before, begin) = (app.store.statements(), Instant::now());
    let again = edge.get(NAMES).await;
    assert_eq!((again.text(), again.tag()), (first.text(), first.tag()));
    // Another document that needs the same records; its answer is not cached yet.
    let other = edge.get(&NAMES.replacen("slug", "slug id", 1)).await;
    let statements = app.store.statements() - before;
    assert!(other.status == 200 && statements <= polled(begin), "{statements} statements: {}", other.text());
    write(&app, "what is new").await;
    let new = edge.get(NAMES).await;
    assert!(new.text().contains("what is new") && new.tag() != first.tag(), "{}", new.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_equal_requests_are_executed_once() {
    let app = App::sample().await;
    let edge = Arc::new(Edge::new(&app.store, &Caching { staleness_ms: 60_000, ..Caching::default() }));
    edge.get(NAMES).await;
    write(&app, "now").await;
    let (before, begin) = (app.store.statements(), Instant::now());
    let requests = (0..1_000).map(|_| {
        let edge = Arc::clone(&edge);
        tokio::spawn(async move { edge.get(NAMES).await.text() })
    });
    let mut answers = std::collections::HashSet::new();
    for request in requests.collect::<Vec<_>>() {
        answers.insert(request.await.unwrap());
    }
    assert_eq!(answers.len(), 1);
    // A page, its count, the partnerships, their counts, their cities; and the check that all of it was of one version.
    let statements = app.store.statements() - before;
    assert!(statements <= 6 + polled(begin), "{statements} statements");
}

#[tokio::test]
async fn personal_answers_are_not_cached() {
    let app = App::sample().await;
    let edge = Edge::new(&app.store, &Caching::default());
    let me = ask("{ viewer { role } homeCity { slug } }");
    for role in [Role::Editor, Role::Anonymous, Role::Publisher, Role::Editor] {
        let answer = edge.post(&viewer(role), &[], &me).await.text();
        assert!(answer.contains(&format!("{role:?}").to_uppercase()), "{role:?}: {answer}");
    }
}

#[tokio::test]
async fn answers_of_different_sights_are_cached_separately() {
    let app = App::sample().await;
    let edge = Edge::new(&app.store, &Caching::default());
    let draft = "mutation { createCity(input: { slug: \"draft-city\", names: { pl: \"Szkic\" }, \
                 country: \"PL\" }) { errors { message } } }";
    let written = app.run(Role::Editor, draft, Value::Null).await;
    assert_eq!(written.data()["createCity"]["errors"], json!([]), "{}", written.text);
    let cities = ask("{ cities(first: 100) { totalCount nodes { slug } } }");
    for _ in 0..2 {
        let anyone = edge.post(&Viewer::default(), &[], &cities).await.text();
        let editor = edge.post(&viewer(Role::Editor), &[], &cities).await.text();
        assert!(!anyone.contains("draft-city") && editor.contains("draft-city"), "{anyone}\n{editor}");
    }
}

#[tokio::test]
async fn a_cached_answer_has_the_budget_of_its_client() {
    let app = App::sample().await;
    let caching = Caching { staleness_ms: 60_000, ..Caching::default() };
    let edge = Edge::with_rate(&app.store, &caching, Rate { burst: 100_000, per_second: 1, token_factor: 1 });
    // A request from a page of another site takes another path than one without an origin.
    let left = async |address: &str, is_page: bool| {
        let mut request = axum::http::Request::post("/graphql").header("content-type", "application/json");
        if is_page {
            request = request.header("origin", "https://ibbenbueren.example");
        }
        let sent = edge.send(request.header("x-forwarded-for", address), ask(NAMES).to_string()).await;
        let header = sent.headers["ratelimit"].to_str().unwrap().to_owned();
        assert_eq!(sent.headers.get_all("ratelimit").iter().count(), 1, "{header}");
        let (_, rest) = header.split_once(";r=").unwrap();
        rest.split(';').next().unwrap().parse::<u32>().unwrap()
    };
    let cost = 100_000 - left("192.0.2.1", true).await;
    let (begin, statements) = (Instant::now(), app.store.statements());
    // From the cache, each time. One point is restored per second.
    let requests = [("192.0.2.1", false, 2), ("192.0.2.2", false, 1), ("192.0.2.1", true, 3), ("192.0.2.1", false, 4)];
    for (address, is_page, times) in requests {
        let left = left(address, is_page).await;
        assert!(
            left.abs_diff(100_000 - times * cost) < cost / 2,
            "{address} has {left} points, and each request costs {cost}"
        );
    }
    assert!(app.store.statements() - statements <= polled(begin));
}

#[tokio::test]
async fn compressed_answers_are_cached() {
    let app = App::sample().await;
    let edge = Edge::new(&app.store, &Caching { staleness_ms: 60_000, ..Caching::default() });
    let body = ask(NAMES).to_string();
    let send = |encoding: &str| {
        let request = axum::http::Request::post("/graphql").header("content-type", "application/json");
        edge.send(request.header("accept-encoding", encoding), body.clone())
    };
    let (first, again, plain) = (send("gzip").await, send("gzip").await, send("identity").await);
    assert_eq!((&first.headers["content-encoding"], &first.body), (&again.headers["content-encoding"], &again.body));
    assert_eq!(first.headers["vary"], again.headers["vary"]);
    assert!(plain.headers.get("content-encoding").is_none() && plain.text().starts_with('{'), "{plain:?}");
    assert!(first.body.len() < plain.body.len());
}

#[tokio::test]
async fn writes_of_another_process_are_visible_within_the_bound() {
    let db = TestDb::new().await;
    let other = db.store().await;
    let app = App::over(db).await;
    pomost_tests::import(&app.store, pomost_tests::SAMPLE).await.unwrap();
    let edge = Edge::new(&other, &Caching::default());
    let everyone = Viewer::default();
    for round in 0..5 {
        edge.post(&everyone, &[], &ask(NAMES)).await;
        let note = format!("round {round}");
        write(&app, &note).await;
        let begin = Instant::now();
        let holder = edge.post(&viewer(Role::Councillor), &[], &ask(NAMES)).await.text();
        assert!(holder.contains(&note), "a viewer who may write reads the latest data");
        while !edge.post(&everyone, &[], &ask(NAMES)).await.text().contains(&note) {
            assert!(begin.elapsed() < Duration::from_secs(2), "not visible after {:?}", begin.elapsed());
        }
    }
}

/// The queries of the readers: lists, counts, records, references, and computed values.
const QUESTIONS: [&str; 8] = [
    NAMES,
    include_str!("../../docs/founding-letter.graphql"),
    "{ homeCity { version note { value } projects(first: 5) { nodes { slug partners { party { __typename } } } } } }",
    "{ activities(first: 30, orderBy: [{ field: STARTS_ON, direction: DESC }]) { nodes { slug cities { slug version } } } }",
    "{ dataset { changeCursor recordCounts { kind count } lastUpdatedAt } }",
    "{ countries { code cities(first: 3) { totalCount nodes { slug note { value } } } } }",
    "{ suggest(text: \"ja\") { __typename } agreements { nodes { slug status title { value } } } }",
    "{ changes(first: 20) { nodes { cursor op version } hasNextPage } }",
];

/// Compares answers with all caches and answers without caches, of the same version, while two processes write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cached_answers_equal_uncached_ones() {
    let db = TestDb::new().await;
    let (second, plain): (Store, Store) = (db.store().await, db.store().await);
    let app = Arc::new(App::over(db).await);
    pomost_tests::import(&app.store, pomost_tests::SAMPLE).await.unwrap();
    let plain = Arc::new(Edge::new(&plain, &Caching::NONE));
    let same = Arc::new(Edge::new(&app.store, &Caching::default()));
    let other = Arc::new(Edge::new(&second, &Caching::default()));
    let (done, equal) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let readers: Vec<_> = [same, other]
        .into_iter()
        .map(|caching| {
            let (plain, done, equal) = (Arc::clone(&plain), Arc::clone(&done), Arc::clone(&equal));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    for question in QUESTIONS {
                        // An answer has a tag only if all of it is of one version; the tag identifies the version.
                        let (cached, expected) = (caching.get(question).await, plain.get(question).await);
                        let later = plain.get(question).await;
                        let is_stable = expected.tag() == later.tag() && expected.text() == later.text();
                        if is_stable && cached.tag().is_some() && cached.tag() == expected.tag() {
                            assert_eq!(cached.text(), expected.text(), "{question}");
                            equal.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            })
        })
        .collect();
    for round in 0..20 {
        write(&app, &format!("round {round}")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    let equal = equal.load(Ordering::Relaxed);
    assert!(equal >= 20, "only {equal} answers could be compared");
}

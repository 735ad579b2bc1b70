//! The costs of the queries of the benchmark, independent of the machine: SQL statements and memory allocations, without
//! caches ("cold"), with cached records ("warm") and with the cached answer ("hot"), compared with `costs.json`.
//!
//! Statements must be equal; allocations may be ten percent higher. `UPDATE_EXPECTED=1` writes the values again.

use std::collections::BTreeMap;
use std::sync::Mutex;

use pomost_api::registry::Caching;
use pomost_domain::Viewer;
use pomost_generator::Plan;
use pomost_persistence::Store;
use pomost_tests::TestDb;
use pomost_tests::edge::Edge;
use serde_json::{Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/it/costs.json");

const QUESTIONS: [(&str, &str); 8] = [
    ("w1", include_str!("../../bench/queries/w1.graphql")),
    ("w2", include_str!("../../bench/queries/w2.graphql")),
    ("w3", include_str!("../../bench/queries/w3.graphql")),
    ("w4", include_str!("../../bench/queries/w4.graphql")),
    ("w4count", include_str!("../../bench/queries/w4count.graphql")),
    ("w5", include_str!("../../bench/queries/w5.graphql")),
    ("w6", include_str!("../../bench/queries/w6.graphql")),
    ("w7", include_str!("../../bench/queries/w7.graphql")),
];

/// The cost of a query: statements and allocations.
type Cost = (u64, u64);

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The cost of repeating a query.
fn cost(runtime: &tokio::runtime::Runtime, store: &Store, edge: &Edge, body: &Value) -> Cost {
    let ask = || runtime.block_on(edge.post(&Viewer::default(), &[], body));
    for _ in 0..3 {
        let answer = ask();
        assert!(answer.text().starts_with("{\"data\""), "{}", answer.text());
    }
    let (before, answers) = (store.statements(), Mutex::new(Vec::new()));
    let counted = allocation_counter::measure(|| answers.lock().unwrap().push(ask()));
    (store.statements() - before, counted.count_total)
}

#[test]
fn queries_cost_no_more_than_expected() {
    if pomost_tests::postgres().is_some() {
        // PostgreSQL needs the same statements, but its driver allocates differently.
        return;
    }
    let runtime = runtime();
    let (db, store) = runtime.block_on(async {
        let db = TestDb::new().await;
        let store = db.store().await;
        pomost_tests::import(&store, pomost_tests::SAMPLE).await.unwrap();
        let mut file = Vec::new();
        pomost_generator::write(Plan { records: 1_000, seed: 42 }, &mut file, |_| {}).unwrap();
        pomost_tests::import(&store, file).await.unwrap();
        (db, store)
    });
    let never = Caching { staleness_ms: 3_600_000, ..Caching::default() };
    let edges = [
        ("cold", Edge::new(&store, &Caching::NONE)),
        ("warm", Edge::new(&store, &Caching { answers_mb: 0, ..never.clone() })),
        ("hot", Edge::new(&store, &never)),
    ];
    let first = json!({ "query": "{ cities(first: 100) { nodes { slug projects { totalCount } } } changes(first: 1) { nodes { cursor } } }" });
    let found: Value =
        serde_json::from_str(&runtime.block_on(edges[0].1.post(&Viewer::default(), &[], &first)).text()).unwrap();
    let cities = found["data"]["cities"]["nodes"].as_array().unwrap();
    let busiest = cities.iter().max_by_key(|city| city["projects"]["totalCount"].as_u64()).unwrap()["slug"].clone();
    let mut costs: BTreeMap<String, Cost> = BTreeMap::new();
    for (name, query) in QUESTIONS {
        let variables = match name {
            "w1" | "w3" => json!({ "slug": busiest }),
            "w7" => json!({ "after": found["data"]["changes"]["nodes"][0]["cursor"] }),
            _ => json!({}),
        };
        let body = json!({ "query": query, "variables": variables });
        for (how, edge) in &edges {
            costs.insert(format!("{name} {how}"), cost(&runtime, &store, edge, &body));
        }
    }
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        let lines: Vec<String> =
            costs.iter().map(|(name, cost)| format!("  {name:?}: [{}, {}]", cost.0, cost.1)).collect();
        std::fs::write(FILE, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
    }
    let expected: BTreeMap<String, Cost> = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let grown = |(name, cost): (&String, &Cost)| match expected.get(name) {
        Some(known) if cost.0 == known.0 && cost.1 * 10 <= known.1 * 11 => None,
        known => Some(format!("{name}: {cost:?} statements and allocations, and not {known:?}")),
    };
    let grown: Vec<String> = costs.iter().filter_map(grown).collect();
    pomost_tests::none(&grown);
    assert_eq!(costs.len(), expected.len());
    drop(db);
}

#[test]
fn caches_stay_within_their_limit_for_queries_of_any_length() {
    let runtime = runtime();
    let (db, store) = runtime.block_on(async {
        let db = TestDb::new().await;
        let store = db.store().await;
        (db, store)
    });
    let caching = Caching { records_mb: 1, answers_mb: 0, staleness_ms: 3_600_000 };
    // The memory that is freed with the caches, after this number of queries of fifty thousand characters.
    let cached = |questions: usize| {
        let edge = Edge::new(&store, &caching);
        for number in 0..questions {
            let filter = json!({ "slug": { "eq": format!("{number:050000}") }, "name": { "in": vec!["a"; 500] } });
            let query = "query ($filter: CityFilter) { cities(filter: $filter) { totalCount nodes { id } } }";
            let body = json!({ "query": query, "variables": { "filter": filter } });
            let answer = runtime.block_on(edge.post(&Viewer::default(), &[], &body));
            assert_eq!(answer.text(), r#"{"data":{"cities":{"totalCount":0,"nodes":[]}}}"#);
        }
        -allocation_counter::measure(|| drop(edge)).bytes_current
    };
    let (few, many) = (cached(2), cached(200));
    assert!(few < many && many - few < 1 << 20, "{few} and {many} bytes were cached");
    drop(db);
}

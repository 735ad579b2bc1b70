//! A statement ends with its request: slow requests must not block other readers.

use std::time::{Duration, Instant};

use pomost_api::registry::Caching;
use pomost_domain::Viewer;
use pomost_edge::gate::{Limits, Rate, Rules};
use pomost_tests::edge::Edge;
use pomost_tests::{SAMPLE, TestDb, import, postgres};
use serde_json::{Value, json};

/// Makes the query for deadline rules take hours.
async fn slow_down(db: &TestDb) {
    let count = if postgres().is_some() {
        "SELECT count(*) FROM generate_series(1, 1000000000000)"
    } else {
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000) SELECT count(*) FROM n"
    };
    db.sql("ALTER TABLE deadline_rule RENAME TO deadline_rule_table").await;
    db.sql(&format!("CREATE VIEW deadline_rule AS SELECT * FROM deadline_rule_table WHERE ({count}) > 0")).await;
}

/// The number of statements that PostgreSQL still executes.
async fn executing(db: &TestDb) -> usize {
    let active = db.rows("(SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%deadline_rule%' AND pid <> pg_backend_pid())");
    active.await.lines().count()
}

/// The time until no statement is executed.
async fn until_none_is_executed(db: &TestDb) -> Duration {
    let start = Instant::now();
    while postgres().is_some() && executing(db).await > 0 && start.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_cancelled_requests_are_stopped() {
    let db = TestDb::new().await;
    let store = db.store().await;
    import(&store, SAMPLE).await.unwrap();
    slow_down(&db).await;
    // More requests than connections, one set after the other.
    for round in 0..3 {
        let slow: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let read = tokio::time::timeout(Duration::from_millis(300), store.deadline_rules());
                    assert!(read.await.is_err(), "it was not slow");
                })
            })
            .collect();
        for one in slow {
            one.await.unwrap();
        }
        let usual: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.record_counts().await })
            })
            .collect();
        let start = Instant::now();
        for one in usual {
            assert!(!one.await.unwrap().unwrap().is_empty());
        }
        assert!(start.elapsed() < Duration::from_secs(3), "round {round}: {:?}", start.elapsed());
    }
    let left = until_none_is_executed(&db).await;
    assert!(left < Duration::from_secs(5), "statements were executed for {left:?}");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timed_out_request_releases_its_connection() {
    let db = TestDb::new().await;
    let store = db.store().await;
    import(&store, SAMPLE).await.unwrap();
    slow_down(&db).await;
    let limits = Limits { request_timeout_ms: 300, ..Limits::default() };
    let rules = |limits| Rules { limits, rate: Rate { burst: 0, ..Rate::default() }, ..Rules::default() };
    let hasty = Edge::with_rules(&store, &Caching::default(), rules(limits));
    let usual = Edge::new(&store, &Caching::NONE);
    let viewer = Viewer::default();
    for _ in 0..6 {
        let sent = hasty.post(&viewer, &[], &json!({ "query": "{ deadlineRules { slug } }" })).await;
        assert!(sent.text().contains("TIMEOUT"), "{}", sent.text());
    }
    let start = Instant::now();
    for _ in 0..6 {
        let sent = usual.post(&viewer, &[], &json!({ "query": "{ cities(first: 1) { nodes { slug } } }" })).await;
        let answer: Value = serde_json::from_str(&sent.text()).unwrap();
        assert!(answer["data"]["cities"]["nodes"][0]["slug"].is_string(), "{answer}");
    }
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let left = until_none_is_executed(&db).await;
    assert!(left < Duration::from_secs(5), "statements were executed for {left:?}");
}

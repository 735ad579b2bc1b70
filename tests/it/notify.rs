//! Two processes on one database: each sees the writes of the other. PostgreSQL notifies; SQLite has no notifications, so
//! the table is polled once a second.

use std::time::Duration;

use pomost_persistence::FeedSlice;
use pomost_tests::{TestDb, import, postgres, run};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

/// The average time over several rounds until a change that one process commits reaches a follower in another one.
async fn delay(db: &TestDb) -> Duration {
    const ROUNDS: u32 = 5;
    let (writer, reader) = (db.store().await, db.store().await);
    let mut feed = reader.follow(FeedSlice::default()).await.unwrap();
    let mut total = Duration::ZERO;
    // The first round does not count, because the process may not be listening yet.
    for round in 0..=ROUNDS {
        // Directly after a poll: without a notification, the next one is almost a second later.
        sleep(Duration::from_millis(100)).await;
        let website = format!("https://a.example/{round}");
        let city = json!({ "cities": [{ "slug": "a", "country": "PL", "names": { "pl": "A" }, "website": website }] });
        import(&writer, city.to_string()).await.unwrap();
        let start = Instant::now();
        let event = timeout(Duration::from_secs(10), feed.next()).await.unwrap().unwrap();
        assert_eq!(event.change.version, round + 1);
        total += if round == 0 { Duration::ZERO } else { start.elapsed() };
    }
    total / ROUNDS
}

#[tokio::test]
async fn a_follower_gets_writes_of_another_process_at_once() {
    let Some(server) = postgres() else { return };
    let delay = delay(&TestDb::on_postgres(&server).await).await;
    assert!(delay < Duration::from_millis(300), "{delay:?}");
}

#[tokio::test]
async fn a_follower_finds_writes_without_a_notification() {
    let db = TestDb::new().await;
    if postgres().is_some() {
        // New connections use this function, so no notification is sent.
        let (_, name) = db.settings.url.rsplit_once('/').unwrap();
        let mute = [
            "CREATE FUNCTION public.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''".to_owned(),
            format!("ALTER DATABASE {name} SET search_path = public, pg_catalog"),
        ];
        run(&db.settings.url, &mute).await;
    }
    let delay = delay(&db).await;
    assert!((Duration::from_millis(300)..Duration::from_millis(2_500)).contains(&delay), "{delay:?}");
}

//! Two processes on one database: each hears what the other one has written. On PostgreSQL it is told; SQLite has nothing to
//! tell it with, and there the table is looked at once a second.

use std::time::Duration;

use pomost_persistence::FeedSlice;
use pomost_tests::{TestDb, import, postgres, run};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

/// How long a change that one process commits takes to a follower in another one, on the average of several rounds.
async fn delay(db: &TestDb) -> Duration {
    const ROUNDS: u32 = 5;
    let (writer, reader) = (db.store().await, db.store().await);
    let mut feed = reader.follow(FeedSlice::default()).await.unwrap();
    let mut total = Duration::ZERO;
    // It may not be listening yet in the first round, which does not count.
    for round in 0..=ROUNDS {
        // Right after the table was looked at: without a word, it is almost a second until the next time.
        sleep(Duration::from_millis(100)).await;
        let website = format!("https://a.example/{round}");
        let city = json!({ "cities": [{ "slug": "a", "country": "PL", "names": { "pl": "A" }, "website": website }] });
        import(&writer, city.to_string()).await.unwrap();
        let start = Instant::now();
        let told = timeout(Duration::from_secs(10), feed.next()).await.unwrap().unwrap();
        assert_eq!(told.change.version, round + 1);
        total += if round == 0 { Duration::ZERO } else { start.elapsed() };
    }
    total / ROUNDS
}

#[tokio::test]
async fn a_follower_is_told_at_once_what_another_process_has_written() {
    let Some(server) = postgres() else { return };
    let delay = delay(&TestDb::on_postgres(&server).await).await;
    assert!(delay < Duration::from_millis(300), "{delay:?}");
}

#[tokio::test]
async fn a_follower_finds_what_nobody_has_told_it() {
    let db = TestDb::new().await;
    if postgres().is_some() {
        // Whoever connects from now on speaks, and nothing is said.
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

//! Processes that open a new database at the same time.

use pomost_persistence::{Mode, Settings, Store};
use pomost_tests::{SAMPLE, import, postgres, run};

const ROUNDS: usize = 15;
const PROCESSES: usize = 6;

async fn all_at_once(settings: &Settings, mode: Mode) -> Vec<Store> {
    let opening: Vec<_> = (0..PROCESSES)
        .map(|_| {
            let settings = settings.clone();
            // Each with its own connections, like another process.
            tokio::spawn(async move {
                let store = Store::open(&settings, mode).await.unwrap();
                let migrations = store.migrate_up().await.unwrap();
                store.require_migrated().await.unwrap();
                (store, migrations)
            })
        })
        .collect();
    let mut stores = Vec::new();
    let mut migrated = Vec::new();
    for opened in opening {
        let (store, migrations) = opened.await.unwrap();
        stores.push(store);
        migrated.extend((migrations > 0).then_some(migrations));
    }
    // One of them ran all migrations.
    let all = stores[0].migration_state().await.unwrap().known.len();
    assert_eq!(migrated, [all]);
    stores
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_may_open_a_new_database_at_once() {
    for round in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let (settings, mode) = match postgres() {
            None => (Settings::new(format!("sqlite://{}", folder.path().join("new.db").display())), Mode::Create),
            Some(server) => {
                let name = format!("pomost_first_{}", std::process::id());
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                run(&server, &[drop, format!("CREATE DATABASE {name}")]).await;
                let (base, _) = server.rsplit_once('/').unwrap();
                (Settings::new(format!("{base}/{name}")), Mode::Existing)
            }
        };
        let stores = all_at_once(&settings, mode).await;
        import(&stores[round % PROCESSES], SAMPLE).await.unwrap();
        for store in stores {
            store.close().await;
        }
    }
    if let Some(server) = postgres() {
        run(&server, &[format!("DROP DATABASE IF EXISTS pomost_first_{} WITH (FORCE)", std::process::id())]).await;
    }
}

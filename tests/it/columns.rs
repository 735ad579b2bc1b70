//! Only what is asked of records is read: each field says the same alone as beside all others.

use pomost_domain::Role;
use pomost_generator::{Plan, write};
use pomost_tests::types::types;
use pomost_tests::{App, import};
use serde_json::Value;

/// Fields of which no file can say anything.
const UNTOLD: [&str; 8] = [
    "Answer.note",
    "Answer.sources",
    "Commitment.note",
    "Commitment.sources",
    "Official.note",
    "Official.sources",
    "Programme.note",
    "Programme.sources",
];

#[tokio::test]
async fn each_field_says_the_same_alone() {
    let app = App::sample().await;
    let mut generated = Vec::new();
    write(Plan { records: 300, seed: 7 }, &mut generated, |_| {}).unwrap();
    import(&app.store, generated).await.unwrap();
    for file in [include_str!("visibility.json"), include_str!("asked.json")] {
        import(&app.store, file).await.unwrap();
    }
    let mut untold = Vec::new();
    for record in types().all_records() {
        // A deadline rule has no list, and is no record of the registry.
        let Some(way) = types().way_to(record) else { continue };
        for (field, selection) in types().each_plain(record) {
            // Whoever asks is told by the app itself if the answer is another than that of a record that was read as a whole.
            let reply = app.run(Role::Admin, &way.query(100, &selection), Value::Null).await;
            if way
                .records(reply.data())
                .iter()
                .all(|record| record[field].is_null() || record[field] == Value::from([0; 0]))
            {
                untold.push(format!("{record}.{field}"));
            }
        }
    }
    assert_eq!(untold, UNTOLD);
}

//! Only the selected columns of records are read: each field has the same value alone as together with all others.

use pomost_domain::Role;
use pomost_generator::{Plan, write};
use pomost_tests::types::types;
use pomost_tests::{App, import};
use serde_json::Value;

/// Fields without a value, because no file can contain them.
const WITHOUT_VALUE: [&str; 8] = [
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
async fn each_field_has_the_same_value_alone() {
    let app = App::sample().await;
    let mut generated = Vec::new();
    write(Plan { records: 300, seed: 7 }, &mut generated, |_| {}).unwrap();
    import(&app.store, generated).await.unwrap();
    for file in [include_str!("visibility.json"), include_str!("columns.json")] {
        import(&app.store, file).await.unwrap();
    }
    let mut without_value = Vec::new();
    for record in types().all_records() {
        // A deadline rule is in no list and is not a record.
        let Some(way) = types().way_to(record) else { continue };
        for (field, selection) in types().each_plain(record) {
            // The app itself compares the answer with that of a record that was read completely.
            let reply = app.run(Role::Admin, &way.query(100, &selection), Value::Null).await;
            if way
                .records(reply.data())
                .iter()
                .all(|record| record[field].is_null() || record[field] == Value::from([0; 0]))
            {
                without_value.push(format!("{record}.{field}"));
            }
        }
    }
    assert_eq!(without_value, WITHOUT_VALUE);
}

//! The query that the registry was founded for.

use pomost_tests::App;

const QUERY: &str = include_str!("../../docs/founding-letter.graphql");
const ANSWER: &str = include_str!("../../docs/founding-letter.json");

#[tokio::test]
async fn one_request_returns_the_facts_of_the_letter() {
    let app = App::sample().await;
    let reply = app.query(QUERY).await;
    let pretty = reply.pretty_data();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/founding-letter.json"), &pretty).unwrap();
    }
    assert_eq!(pretty, ANSWER);
    assert_eq!((reply.statements, reply.misses), (17, 0));
}

//! What the documents show is what the program has.

const README: &str = include_str!("../../README.md");

/// The blocks of a language in a Markdown text.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence[..]).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn the_readme_shows_the_queries_that_are_shipped() {
    let shipped = [
        include_str!("../../docs/founding-letter.graphql"),
        include_str!("../../crates/api/assets/graphiql/first-query.graphql"),
    ];
    for query in shipped {
        assert!(blocks(README, "graphql").contains(&query.trim_end()), "README.md does not show\n{query}");
    }
}

#[tokio::test]
async fn every_query_in_the_documents_runs() {
    let app = pomost_tests::App::sample().await;
    let documents = [("README.md", README), ("docs/api.md", include_str!("../../docs/api.md"))];
    let mut ran = 0;
    for (name, text) in documents {
        for query in blocks(text, "graphql") {
            let reply = app.query(query).await;
            assert!(reply.json.get("errors").is_none(), "{name}:\n{query}\n{}", reply.text);
            ran += 1;
        }
    }
    assert!(ran >= 2);
}

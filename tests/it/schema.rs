//! The published schema.

#[test]
fn schema_graphql_is_that_of_the_program() {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql"), pomost_api::schema::sdl()).unwrap();
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/exchange.schema.json"), json_schema()).unwrap();
    }
    let committed = include_str!("../../schema.graphql");
    assert!(committed == pomost_api::schema::sdl(), "schema.graphql is not that of the program: run `just schema`");
}

fn json_schema() -> String {
    pomost_domain::exchange::json_schema().to_pretty_text() + "\n"
}

#[test]
fn the_json_schema_of_files_is_that_of_the_program() {
    let committed = include_str!("../../data/exchange.schema.json");
    assert!(committed == json_schema(), "data/exchange.schema.json is not that of the program: run `just schema`");
}

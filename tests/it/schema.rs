//! The published schema.

#[test]
fn schema_graphql_is_up_to_date() {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql"), pomost_api::schema::sdl()).unwrap();
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/exchange.schema.json"), json_schema()).unwrap();
    }
    let committed = include_str!("../../schema.graphql");
    assert!(committed == pomost_api::schema::sdl(), "schema.graphql is out of date: run `just schema`");
}

fn json_schema() -> String {
    pomost_domain::exchange::json_schema().to_pretty_text() + "\n"
}

#[test]
fn the_json_schema_of_files_is_up_to_date() {
    let committed = include_str!("../../data/exchange.schema.json");
    assert!(committed == json_schema(), "data/exchange.schema.json is out of date: run `just schema`");
}

/// Every part of the schema has a description, which says more than its name.
#[tokio::test]
async fn every_part_of_the_schema_is_described() {
    let app = pomost_tests::App::empty().await;
    let document = "{ __schema { types {
        name description
        fields { name description args { name description } }
        inputFields { name description }
        enumValues { name description }
    } } }";
    let reply = app.query(document).await;
    let mut wanting = Vec::new();
    for kind in reply.data()["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        // The root types list the fields; the others belong to the library.
        if name.starts_with("__")
            || ["Query", "Boolean", "Float", "Int", "String", "ID", "DateTime", "Date"].contains(&name)
        {
            if name != "Query" {
                continue;
            }
        } else {
            check(&mut wanting, name, name, kind);
        }
        for list in ["fields", "inputFields", "enumValues"] {
            for part in kind[list].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", part["name"].as_str().unwrap());
                check(&mut wanting, &path, part["name"].as_str().unwrap(), part);
                for argument in part["args"].as_array().into_iter().flatten() {
                    let path = format!("{path}({})", argument["name"].as_str().unwrap());
                    check(&mut wanting, &path, argument["name"].as_str().unwrap(), argument);
                }
            }
        }
    }
    assert!(wanting.is_empty(), "without a description, or described only by their name:\n{}", wanting.join("\n"));
}

fn check(wanting: &mut Vec<String>, path: &str, name: &str, part: &serde_json::Value) {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let description = part["description"].as_str().unwrap_or_default();
    if description.is_empty() || letters(description) == letters(name) {
        wanting.push(format!("{path}: {description:?}"));
    }
}

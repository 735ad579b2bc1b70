//! Names of any length can be found and ordered, and their lists paged.

use pomost_tests::{App, import};
use serde_json::{Value, json};

/// Names that differ only after a number of characters, and one that is no longer than that.
fn names() -> Vec<(String, String)> {
    let mut names = Vec::new();
    for same in [199, 200, 201, 350, 599, 600, 601, 5_000] {
        let start = "Żółw ".repeat(same / 5) + &"ę".repeat(same % 5);
        for (end, letter) in [("", ""), ("b", "b"), ("a", "a"), ("aa", "aa")] {
            names.push((format!("n{same}{end}"), format!("{start}{letter}")));
        }
    }
    names
}

async fn app() -> App {
    let app = App::empty().await;
    let city = |(slug, name): &(String, String)| json!({ "slug": slug, "kind": "city", "names": { "pl": name, "cs": format!("cs {name}") }, "country": "PL" });
    let cities: Vec<Value> = names().iter().map(city).collect();
    import(&app.store, json!({ "cities": cities }).to_string()).await.unwrap();
    app
}

fn slugs(found: &Value) -> Vec<String> {
    found.as_array().unwrap().iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn names_of_any_length_are_found() {
    let app = app().await;
    let document = "query ($filter: CityFilter) { cities(first: 100, filter: $filter) { nodes { slug } } }";
    let find = async |test: Value| {
        let reply = app.ask(document, json!({ "filter": { "name": test } }), &[]).await;
        slugs(&reply.data()["cities"]["nodes"])
    };
    let names = names();
    for (slug, name) in &names {
        assert_eq!(find(json!({ "eq": name })).await, [slug.as_str()], "{slug}");
        assert_eq!(find(json!({ "eq": name.to_uppercase() })).await, [slug.as_str()], "{slug}");
        assert!(find(json!({ "eq": format!("{name}z") })).await.is_empty(), "{slug}");
        // `eq` does not match another name of the record.
        assert!(find(json!({ "eq": format!("cs {name}") })).await.is_empty(), "{slug}");
        if name.chars().count() <= 1_000 {
            for operator in ["startsWith", "contains"] {
                assert!(find(json!({ operator: name })).await.contains(slug), "{slug} {operator}");
            }
        }
    }
    let all: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(find(json!({ "in": all })).await.len(), names.len());
    let mut two = find(json!({ "in": [all[3], all[23], "nowhere"] })).await;
    two.sort_unstable();
    let mut wanted = [names[3].0.as_str(), names[23].0.as_str()];
    wanted.sort_unstable();
    assert_eq!(two, wanted);
}

#[tokio::test]
async fn lists_are_ordered_by_long_names_and_paged_in_both_directions() {
    let app = app().await;
    for direction in ["ASC", "DESC"] {
        let order = format!("orderBy: [{{ field: NAME, direction: {direction} }}]");
        let reply = app.query(&format!("{{ cities(first: 100, {order}) {{ nodes {{ slug }} }} }}")).await;
        let whole = slugs(&reply.data()["cities"]["nodes"]);
        // Up to 600 characters determine the order; names with a longer common prefix have a stable order as well.
        let is_decided = |slug: &str| !slug.starts_with("n5000") && !slug.starts_with("n60") && slug != "n599aa";
        let decided: Vec<&String> = whole.iter().filter(|slug| is_decided(slug)).collect();
        let mut expected: Vec<(String, String)> = names().into_iter().filter(|(slug, _)| is_decided(slug)).collect();
        expected.sort_by_key(|(_, name)| pomost_domain::fold::fold(name));
        if direction == "DESC" {
            expected.reverse();
        }
        assert_eq!(decided, expected.iter().map(|(slug, _)| slug).collect::<Vec<_>>(), "{direction}");
        for (size, from, end) in [("first", "after", "endCursor"), ("last", "before", "startCursor")] {
            let page = format!(
                "query ($at: String) {{ cities({size}: 3, {from}: $at, {order}) {{ nodes {{ slug }} pageInfo {{ {end} }} }} }}"
            );
            let (mut met, mut at) = (Vec::new(), Value::Null);
            loop {
                let variables = if at.is_null() { json!({}) } else { json!({ "at": at }) };
                let reply = app.ask(&page, variables, &[]).await;
                let found = slugs(&reply.data()["cities"]["nodes"]);
                if found.is_empty() {
                    break;
                }
                met = if size == "first" { [met, found].concat() } else { [found, met].concat() };
                at = reply.data()["cities"]["pageInfo"][end].clone();
            }
            assert_eq!(met, whole, "{direction} {size}");
        }
    }
}

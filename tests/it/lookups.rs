//! Records by id, slug and code.

use std::collections::BTreeMap;

use pomost_tests::types::types;
use pomost_tests::{App, sample_json};
use serde_json::{Value, json};

const BAD_INPUT: &str = "BAD_USER_INPUT";

/// The type and id of every record in a list.
async fn everything(app: &App) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for record in types().all_records() {
        let way = types().way_to(record).unwrap();
        let reply = app.query(&way.query(100, "__typename id")).await;
        for found in way.records(reply.data()) {
            assert_eq!(found["__typename"], record);
            all.push((record.to_owned(), found["id"].as_str().unwrap().to_owned()));
        }
    }
    all
}

#[tokio::test]
async fn every_id_of_a_list_finds_its_record() {
    let app = App::sample().await;
    let all = everything(&app).await;
    let mut ids: Vec<&String> = all.iter().map(|(_, id)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len(), "two records have the same id");
    // One of each type alone, and all of them together.
    let one_each: BTreeMap<&String, &String> = all.iter().map(|(record, id)| (record, id)).collect();
    for (record, id) in one_each {
        let reply = app.ask("query ($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": id }), &[]).await;
        assert_eq!(reply.data()["node"], json!({ "__typename": record, "id": id }));
        assert!(reply.statements <= 1, "{record}: {}", reply.statements);
    }
    for some in all.chunks(100) {
        let ids: Vec<&String> = some.iter().map(|(_, id)| id).collect();
        let document = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let reply = app.ask(document, json!({ "ids": ids }), &[]).await;
        let wanted: Vec<Value> = some.iter().map(|(record, id)| json!({ "__typename": record, "id": id })).collect();
        assert_eq!(reply.data()["nodes"], json!(wanted));
    }
}

#[tokio::test]
async fn many_ids_of_a_kind_are_one_statement_and_one_for_each_of_their_fields() {
    let app = App::sample().await;
    let all = everything(&app).await;
    let ids_of = |wanted: &str| -> Vec<&String> {
        all.iter().filter(|(record, _)| record == wanted).map(|(_, id)| id).collect()
    };
    let ask = async |ids: &[&String], inner: &str| {
        let document = format!("query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ id {inner} }} }}");
        let reply = app.ask(&document, json!({ "ids": ids }), &[]).await;
        reply.data();
        assert_eq!(reply.misses, 0, "{inner}");
        reply.statements
    };
    let (projects, organizations) = (ids_of("Project"), ids_of("Organization"));
    assert!(projects.len() > 20 && organizations.len() > 20);
    assert_eq!(ask(&projects[..1], "").await, 1);
    assert_eq!(ask(&projects, "").await, 1);
    assert_eq!(ask(&projects, "... on Project { cities { slug } documents { nodes { id } } }").await, 3);
    let both: Vec<&String> = projects.iter().chain(&organizations).copied().collect();
    assert_eq!(ask(&both, "").await, 2);
    assert_eq!(ask(&both, "... on Organization { city { slug } }").await, 3);
}

#[tokio::test]
async fn nodes_keep_the_order_and_the_repetitions_of_the_ids() {
    let app = App::sample().await;
    let all = everything(&app).await;
    let (first, last) = (&all[0].1, &all[all.len() - 1].1);
    // Well-formed, but the id of a city that does not exist.
    let absent = absent_id();
    let document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let reply = app.ask(document, json!({ "ids": [last, absent, first, last] }), &[]).await;
    assert_eq!(reply.data()["nodes"], json!([{ "id": last }, null, { "id": first }, { "id": last }]));
    let reply = app.ask(document, json!({ "ids": [] }), &[]).await;
    assert_eq!((&reply.data()["nodes"], reply.statements), (&json!([]), 0));
}

#[tokio::test]
async fn more_than_a_hundred_ids_are_refused_before_any_statement() {
    let app = App::sample().await;
    let ids = vec![absent_id(); 101];
    let reply = app.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids }), &[]).await;
    let (message, code) = reply.error();
    assert_eq!(code, BAD_INPUT);
    assert!(message.contains("`ids`") && message.contains("101") && message.contains("100"), "{message}");
    assert_eq!(reply.statements, 0);
}

/// The id of a city that no registry contains. Ids are opaque: this one is encoded like those of the API, so that the test
/// needs no deleted record.
fn absent_id() -> String {
    // city:01890000000070008000000000000000
    "Y2l0eTowMTg5MDAwMDAwMDA3MDAwODAwMDAwMDAwMDAwMDAwMA".to_owned()
}

#[tokio::test]
async fn a_well_formed_unknown_id_is_null() {
    let app = App::sample().await;
    let document = "query ($id: ID!) { node(id: $id) { id } city(by: { id: $id }) { slug } }";
    let reply = app.ask(document, json!({ "id": absent_id() }), &[]).await;
    assert_eq!(*reply.data(), json!({ "node": null, "city": null }));
}

#[tokio::test]
async fn a_malformed_id_is_an_error_that_contains_it() {
    let app = App::sample().await;
    let known = &everything(&app).await[0].1;
    let cut = &known[..known.len() - 2];
    let doubled = format!("{known}{known}");
    for id in ["", " ", "1", "karvina", "Y2l0eTo", "🏙", "a\u{0}b", cut, &doubled, &format!(" {known}")] {
        for document in [
            "query ($id: ID!) { node(id: $id) { id } }",
            "query ($id: ID!) { nodes(ids: [$id]) { id } }",
            "query ($id: ID!) { city(by: { id: $id }) { id } }",
            "query ($id: ID!) { cities(filter: { id: { eq: $id } }) { nodes { id } } }",
        ] {
            let reply = app.ask(document, json!({ "id": id }), &[]).await;
            let (message, code) = reply.error();
            assert_eq!(code, BAD_INPUT, "{document} {id:?}");
            assert!(message.contains(&format!("{id:?}")), "{message}");
        }
    }
}

#[tokio::test]
async fn an_id_of_another_type_is_an_error() {
    let app = App::sample().await;
    let all = everything(&app).await;
    let one_each: BTreeMap<&String, &String> = all.iter().map(|(record, id)| (record, id)).collect();
    let (city, meeting) = (one_each[&"City".to_owned()], one_each[&"Meeting".to_owned()]);
    let lookups = types().fields("Query").iter().filter(|field| field.arguments.iter().any(|(name, _)| name == "by"));
    let mut count = 0;
    for lookup in lookups {
        let (name, shown) = (&lookup.name, &lookup.ty.name);
        // The activities have five types, one of which is meeting.
        let (foreign, own) = if shown == "City" { (meeting, city) } else { (city, city) };
        let document = format!("query ($id: ID!) {{ {name}(by: {{ id: $id }}) {{ id }} }}");
        let (message, code) = app.ask(&document, json!({ "id": foreign }), &[]).await.error();
        assert_eq!(code, BAD_INPUT, "{name}");
        assert!(message.contains("is the id of") || message.contains("is not the id of"), "{message}");
        if shown == "City" {
            assert_eq!(app.ask(&document, json!({ "id": own }), &[]).await.data()[name]["id"], *own.as_str());
        }
        count += 1;
    }
    assert!(count >= 19, "{count}");
    let own = app.ask("query ($id: ID!) { activity(by: { id: $id }) { id } }", json!({ "id": meeting }), &[]).await;
    assert_eq!(own.data()["activity"]["id"], *meeting.as_str());
}

#[tokio::test]
async fn a_slug_must_match_exactly() {
    let app = App::sample().await;
    for lookup in types().fields("Query").iter().filter(|field| field.arguments.iter().any(|(name, _)| name == "by")) {
        let (name, record) = (&lookup.name, &lookup.ty.name);
        let ask = async |slug: &str| {
            let document = format!("query ($slug: String!) {{ {name}(by: {{ slug: $slug }}) {{ id }} }}");
            let reply = app.ask(&document, json!({ "slug": slug }), &[]).await;
            assert!(reply.statements <= 1, "{name}");
            reply.data()[name].clone()
        };
        for absent in ["", "unknown", "%", "_", "KARVINA", "karvina ", "' OR 1=1 --"] {
            assert_eq!(ask(absent).await, Value::Null, "{name} {absent:?}");
        }
        let list = types().connections("Query").find(|list| list.node() == record).unwrap();
        let reply = app.query(&format!("{{ {}(first: 100) {{ nodes {{ id slug }} }} }}", list.name)).await;
        for node in reply.data()[&list.name]["nodes"].as_array().unwrap() {
            assert_eq!(ask(node["slug"].as_str().unwrap()).await["id"], node["id"], "{name}");
        }
    }
}

#[tokio::test]
async fn a_city_is_found_by_its_codes() {
    let app = App::sample().await;
    let mut count = 0;
    for city in sample_json()["cities"].as_array().unwrap() {
        for code in city["nationalCodes"].as_array().unwrap() {
            let document =
                "query ($code: CityCodeKey!) { city(by: { code: $code }) { slug codes { schemeLabel value } } }";
            let reply = app.ask(document, json!({ "code": code }), &[]).await;
            assert_eq!(reply.data()["city"]["slug"], city["slug"]);
            assert_eq!(reply.statements, 1);
            count += 1;
        }
    }
    assert_eq!(count, 5);
    for (scheme, value) in [("TERYT", "2467012"), ("AGS", "2467011"), ("TERYT", "246701_"), ("WIKIDATA", "Q1")] {
        let document = "query ($code: CityCodeKey!) { city(by: { code: $code }) { slug } }";
        let reply = app.ask(document, json!({ "code": { "scheme": scheme, "value": value } }), &[]).await;
        assert_eq!(reply.data()["city"], Value::Null, "{scheme} {value}");
    }
    assert_eq!(app.query("{ city(by: { wikidata: \"Q1\" }) { slug } }").await.data()["city"], Value::Null);
}

#[tokio::test]
async fn a_city_is_found_by_its_wikidata_item() {
    let file = json!({ "cities": [{
        "slug": "karvina", "kind": "city", "names": { "cs": "Karviná" }, "country": "CZ",
        "nationalCodes": [{ "scheme": "WIKIDATA", "value": "Q385563" }, { "scheme": "GEONAMES", "value": "3073789" }],
    }] });
    let app = App::with(file.to_string()).await;
    let document = "{ a: city(by: { wikidata: \"Q385563\" }) { slug }
        b: city(by: { code: { scheme: WIKIDATA, value: \"Q385563\" } }) { slug }
        c: city(by: { code: { scheme: GEONAMES, value: \"3073789\" } }) { slug }
        d: city(by: { code: { scheme: GEONAMES, value: \"Q385563\" } }) { slug } }";
    let karvina = json!({ "slug": "karvina" });
    assert_eq!(*app.query(document).await.data(), json!({ "a": karvina, "b": karvina, "c": karvina, "d": null }));
}

#[tokio::test]
async fn a_lookup_takes_exactly_one_key() {
    let app = App::sample().await;
    let by = "query ($by: CityKey!) { city(by: $by) { slug } }";
    for keys in [
        json!({}),
        json!({ "slug": "karvina", "wikidata": "Q1" }),
        json!({ "slug": null }),
        json!({ "slug": "karvina", "id": null }),
        json!({ "name": "Karviná" }),
        json!(null),
    ] {
        let reply = app.ask(by, json!({ "by": keys }), &[]).await;
        assert!(reply.json.get("errors").is_some(), "{keys}: {}", reply.text);
    }
    for literal in ["{}", "{ slug: \"karvina\", wikidata: \"Q1\" }", "{ slug: null }", "null", "\"karvina\""] {
        for lookup in ["city", "project"] {
            let reply = app.query(&format!("{{ {lookup}(by: {literal}) {{ slug }} }}")).await;
            assert!(reply.json.get("errors").is_some(), "{lookup} {literal}: {}", reply.text);
            assert_eq!(reply.statements, 0, "{literal}");
        }
    }
}

#[tokio::test]
async fn suggestions_have_a_constant_number_of_statements() {
    let app = App::sample().await;
    let ask = async |text: &str, first: u32| {
        let document = "query ($text: String!, $first: Int!) { suggest(text: $text, first: $first, kinds: [PROJECT]) {
            kind slug node { id ... on Project { slug cities { slug } } } } }";
        let reply = app.ask(document, json!({ "text": text, "first": first }), &[]).await;
        let found = reply.data()["suggest"].as_array().unwrap().clone();
        for suggestion in &found {
            assert_eq!(suggestion["node"]["slug"], suggestion["slug"]);
        }
        assert_eq!(reply.misses, 0);
        (found.len(), reply.statements)
    };
    let (few, statements) = ask("p", 1).await;
    let (many, again) = ask("p", 25).await;
    assert_eq!((few, statements, again), (1, 3, 3));
    assert!(many > 3, "{many}");
    assert_eq!(ask("zzzz", 25).await, (0, 1));
}

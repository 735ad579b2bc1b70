//! The costs of requests: filters and orders before anything is read, and lists by their results.

use pomost_api::registry::Caching;
use pomost_domain::Viewer;
use pomost_edge::gate::{Limits, Rate, Rules};
use pomost_persistence::Store;
use pomost_tests::edge::{Edge, Sent};
use pomost_tests::{App, none};
use serde_json::{Value, json};

async fn ask(edge: &Edge, query: &str, variables: &Value) -> Value {
    let body = json!({ "query": query, "variables": variables, "extensions": { "cost": true } });
    serde_json::from_str(&edge.post(&Viewer::default(), &[], &body).await.text()).unwrap()
}

fn edge(store: &Store, limits: Limits) -> Edge {
    Edge::with_rules(
        store,
        &Caching::NONE,
        Rules { limits, rate: Rate { burst: 0, ..Rate::default() }, ..Rules::default() },
    )
}

/// The maximum cost of a request.
async fn requested(edge: &Edge, query: &str, variables: &Value) -> u64 {
    let answer = ask(edge, query, variables).await;
    answer["extensions"]["cost"]["requested"].as_u64().unwrap_or_else(|| panic!("{query}: {answer}"))
}

#[tokio::test]
async fn filters_nested_too_deep_are_refused_before_any_statement() {
    let app = App::sample().await;
    let edge = edge(&app.store, Limits { complexity: 1_000_000, ..Limits::default() });
    let query = "query ($filter: CityFilter) { cities(filter: $filter) { nodes { slug } } }";
    // Including the two levels of the innermost condition.
    let nested =
        |levels: usize| (0..levels - 2).fold(json!({ "name": { "eq": "a" } }), |inner, _| json!({ "not": inner }));
    let answer = ask(&edge, query, &json!({ "filter": nested(20) })).await;
    assert!(answer["data"]["cities"]["nodes"].is_array(), "{answer}");
    let list = (0..10).fold(json!({ "isHome": true }), |inner, _| json!({ "and": [inner] }));
    for filter in [nested(21), nested(25), list] {
        let before = app.store.statements();
        let answer = ask(&edge, query, &json!({ "filter": filter })).await;
        let error = &answer["errors"][0]["extensions"];
        assert_eq!((&error["limit"], &error["allowed"]), (&json!("filter_levels"), &json!(20)), "{answer}");
        assert_eq!((app.store.statements(), &answer["data"]), (before, &Value::Null));
    }
}

#[tokio::test]
async fn filters_and_orders_have_the_costs_of_the_schema() {
    let app = App::sample().await;
    let edge = edge(&app.store, Limits::default());
    // A list of twenty with one field costs 22.
    let list = |arguments: &str| format!("{{ cities({arguments}) {{ nodes {{ slug }} }} }}");
    for (arguments, cost) in [
        ("first: 20", 0),
        ("filter: {}", 100),
        ("filter: { name: { eq: \"a\" } }", 110),
        ("filter: { name: { eq: \"a\" }, isHome: true }", 120),
        ("filter: { slug: { in: [\"a\", \"b\", \"c\"] } }", 116),
        ("filter: { name: { contains: \"a\" } }", 160),
        ("filter: { not: { isHome: true } }", 310),
        ("filter: { projects: { some: {} } }", 700),
        ("filter: { projects: { none: {} } }", 700),
        ("filter: { projects: { every: {} } }", 1_000),
        ("filter: { projects: { some: {}, every: {} } }", 1_600),
        ("filter: { projects: { some: { programme: {} } } }", 1_100),
        ("filter: { or: [{ isHome: true }, { and: [{ isHome: true }, { isHome: false }] }] }", 130),
        // A single value is coerced to a list of one.
        ("filter: { or: { isHome: true } }", 110),
        ("filter: { publication: [PUBLISHED, CORRECTED] }", 104),
        ("filter: { kind: { notIn: [CITY] } }", 112),
        ("orderBy: [{ field: NAME }]", 100),
        ("orderBy: [{ field: NAME }, { field: SLUG }]", 200),
    ] {
        assert_eq!(requested(&edge, &list(arguments), &json!({})).await, 22 + cost, "{arguments}");
    }
    let host = "{ activities(orderBy: [{ field: HOST_CITY }]) { nodes { slug } } }";
    assert_eq!(requested(&edge, host, &json!({})).await, 22 + 399 + 400);
}

#[tokio::test]
async fn filters_cost_the_same_in_literals_and_variables() {
    let app = App::sample().await;
    let edge = edge(&app.store, Limits::default());
    let nothing = json!({});
    let cost = 22 + 100 + 600 + 200 + 10;
    for (query, variables) in [
        (
            "{ cities(filter: { projects: { some: { not: { edition: { eq: 1 } } } } }) { nodes { slug } } }",
            nothing.clone(),
        ),
        (
            "query ($f: CityFilter) { cities(filter: $f) { nodes { slug } } }",
            json!({ "f": { "projects": { "some": { "not": { "edition": { "eq": 1 } } } } } }),
        ),
        (
            "query ($f: ProjectListFilter) { cities(filter: { projects: $f }) { nodes { slug } } }",
            json!({ "f": { "some": { "not": { "edition": { "eq": 1 } } } } }),
        ),
        (
            "query ($f: ProjectFilter = { not: { edition: { eq: 1 } } }) { cities(filter: { projects: { some: $f } }) { nodes { slug } } }",
            nothing.clone(),
        ),
        (
            "query ($n: Int) { cities(filter: { projects: { some: { not: { edition: { eq: $n } } } } }) { nodes { slug } } }",
            json!({ "n": 1 }),
        ),
        (
            "{ ...q } fragment q on Query { cities(filter: { projects: { some: { not: { edition: { eq: 1 } } } } }) { nodes { slug } } }",
            nothing,
        ),
    ] {
        assert_eq!(requested(&edge, query, &variables).await, cost, "{query}");
    }
}

#[tokio::test]
async fn the_filter_of_a_list_under_records_is_one_statement_and_counted_once() {
    let app = App::sample().await;
    let edge = edge(&app.store, Limits::default());
    let under = |size: u32, arguments: &str, fields: &str| {
        format!("{{ cities(first: {size}) {{ nodes {{ projects(first: 1{arguments}) {{ {fields} }} }} }} }}")
    };
    let filter = ", filter: { edition: { gt: 1 } }";
    for size in [1, 50] {
        let plain = requested(&edge, &under(size, "", "nodes { slug }"), &json!({})).await;
        assert_eq!(plain, 1 + 1 + u64::from(size) * 3);
        assert_eq!(requested(&edge, &under(size, filter, "nodes { slug }"), &json!({})).await, plain + 110);
        // Counting the list is another statement with the same filter.
        let counted = requested(&edge, &under(size, filter, "nodes { slug } totalCount"), &json!({})).await;
        assert_eq!(counted, plain + u64::from(size) + 99 + 2 * 110);
    }
}

#[tokio::test]
async fn expensive_filters_are_refused_before_any_statement() {
    let app = App::sample().await;
    let edge = edge(&app.store, Limits::default());
    let mut filter = json!({ "slug": { "eq": "a" } });
    for relation in ["cities", "projects"].iter().cycle().take(8) {
        filter = json!({ *relation: { "every": filter } });
    }
    let query =
        "query ($f: CityFilter) { a: cities(filter: $f) { nodes { slug } } b: cities(filter: $f) { nodes { slug } }
        c: cities(filter: $f) { nodes { slug } } }";
    let before = app.store.statements();
    let answer = ask(&edge, query, &json!({ "f": filter })).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["limit"]),
        (&json!("QUERY_TOO_COMPLEX"), &json!("complexity")),
        "{answer}"
    );
    // Only the version of the data was read.
    assert!(app.store.statements() - before <= 1);
}

#[tokio::test]
async fn the_maximum_number_of_values_in_a_filter_works() {
    let app = App::sample().await;
    let edge = edge(&app.store, Limits::default());
    let query = "query ($slugs: [String!]!) { cities(
        filter: { or: [{ slug: { in: $slugs } }, { country: { in: $slugs } }, { slug: { in: $slugs } }, { country: { in: $slugs } }] },
        orderBy: [{ field: NAME, direction: ASC }]) { nodes { slug } } }";
    let mut slugs: Vec<String> = (0..998).map(|number| format!("s{number}")).collect();
    slugs.push("karvina".to_owned());
    let answer = ask(&edge, query, &json!({ "slugs": slugs })).await;
    assert!(answer.get("errors").is_none(), "{:.600}", answer.to_string());
    assert_ne!(answer["data"]["cities"]["nodes"], json!([]));
}

#[tokio::test]
async fn the_number_of_text_searches_is_limited() {
    let app = App::sample().await;
    let edge = edge(&app.store, Limits { text_searches: 3, complexity: u32::MAX, ..Limits::default() });
    let query = |first: &str, second: &str| {
        format!(
            "{{ cities(filter: {first}) {{ nodes {{ slug }} }} projects(filter: {second}) {{ nodes {{ slug }} }} }}"
        )
    };
    let name = |operator: &str| format!("{{ name: {{ {operator}: \"a\" }} }}");
    for (first, second, found) in [
        (name("contains"), name("startsWith"), 0),
        (name("eq"), format!("{{ or: [{}, {}, {}] }}", name("contains"), name("contains"), name("contains")), 0),
        (
            name("contains"),
            format!("{{ or: [{}, {}, {}] }}", name("contains"), name("startsWith"), name("contains")),
            4,
        ),
        (
            "{ country: { contains: \"a\", startsWith: \"b\" } }".to_owned(),
            "{ fund: { contains: \"a\", startsWith: \"b\" } }".to_owned(),
            4,
        ),
    ] {
        let answer = ask(&edge, &query(&first, &second), &json!({})).await;
        let extensions = &answer["errors"][0]["extensions"];
        if found == 0 {
            assert!(answer.get("errors").is_none(), "{answer}");
        } else {
            assert_eq!(
                (&extensions["limit"], &extensions["found"]),
                (&json!("text_searches"), &json!(found)),
                "{answer}"
            );
        }
    }
}

/// The rest of the budget, from the headers.
fn left(sent: &Sent) -> u64 {
    let header = sent.headers["ratelimit"].to_str().unwrap();
    header.split("r=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_budget_is_charged_the_actual_cost() {
    let app = App::sample().await;
    let rate = Rate { burst: 100_000, per_second: 1, token_factor: 1 };
    let generous = Limits { complexity: 100_000, ..Limits::default() };
    let query = "{ programmes(first: 50) { nodes { projects(first: 100) { nodes { slug name: title { value } } } } } }";
    let mut faults = Vec::new();
    for caching in [Caching::NONE, Caching { staleness_ms: 3_600_000, ..Caching::default() }] {
        let edge = Edge::with_rules(
            &app.store,
            &caching,
            Rules { limits: generous.clone(), rate: rate.clone(), ..Rules::default() },
        );
        let mut before = 100_000;
        for round in 0..3 {
            let body = json!({ "query": query, "extensions": { "cost": true } });
            let sent = edge.post(&Viewer::default(), &[], &body).await;
            let answer: Value = serde_json::from_str(&sent.text()).unwrap();
            let cost = &answer["extensions"]["cost"];
            let (requested, actual) = (cost["requested"].as_u64().unwrap(), cost["actual"].as_u64().unwrap());
            let programmes = answer["data"]["programmes"]["nodes"].as_array().unwrap();
            let projects =
                programmes.iter().map(|one| one["projects"]["nodes"].as_array().unwrap().len() as u64).sum::<u64>();
            // The list and its nodes; for each programme, its list and its nodes; for each project, three fields.
            let expected = 2 + programmes.len() as u64 * 2 + projects * 3;
            if actual != expected || requested < 10_000 {
                faults.push(format!("{round}: {cost}, not {expected}"));
            }
            let left = left(&sent);
            // Points that were restored within a second or two are not counted.
            if before - left > actual || before - left + 3 < actual {
                faults.push(format!("{round}: {} were charged for {actual}", before - left));
            }
            before = left;
        }
    }
    none(&faults);
}

#[tokio::test]
async fn the_budget_in_the_answer_includes_the_operation() {
    let app = App::sample().await;
    let edge = Edge::with_rate(&app.store, &Caching::NONE, Rate { burst: 50_000, per_second: 1, token_factor: 1 });
    let query = "{ cities(first: 100) { nodes { slug } } ...f } fragment f on Query { rateLimit { limit requested paid: cost remaining resetAt } }";
    let body = json!({ "query": query, "extensions": { "cost": true } });
    let sent = edge.post(&Viewer::default(), &[], &body).await;
    let answer: Value = serde_json::from_str(&sent.text()).unwrap();
    let (shown, cost) = (&answer["data"]["rateLimit"], &answer["extensions"]["cost"]);
    assert_eq!(shown["requested"], cost["requested"], "{answer}");
    assert_eq!(shown["paid"], cost["actual"], "{answer}");
    assert!(shown["paid"].as_u64().unwrap() < shown["requested"].as_u64().unwrap(), "{answer}");
    assert_eq!(shown["remaining"].as_u64().unwrap(), left(&sent));
    assert_eq!(shown["remaining"].as_u64().unwrap(), 50_000 - shown["paid"].as_u64().unwrap());
}

#[tokio::test]
async fn a_failed_operation_is_charged_its_maximum_cost() {
    let app = App::sample().await;
    let edge = Edge::with_rate(&app.store, &Caching::NONE, Rate { burst: 50_000, per_second: 1, token_factor: 1 });
    let query = "{ cities(first: 100) { nodes { slug } } node(id: \"x\") { id } }";
    let body = json!({ "query": query, "extensions": { "cost": true } });
    let sent = edge.post(&Viewer::default(), &[], &body).await;
    let answer: Value = serde_json::from_str(&sent.text()).unwrap();
    let cost = &answer["extensions"]["cost"];
    assert_eq!(cost.get("actual"), None, "{answer}");
    assert_eq!(left(&sent), 50_000 - cost["requested"].as_u64().unwrap());
}

#[tokio::test]
async fn a_client_that_repeats_expensive_filters_has_to_wait() {
    let app = App::sample().await;
    let edge = Edge::with_rate(&app.store, &Caching::default(), Rate { burst: 20_000, per_second: 1, token_factor: 1 });
    let query = "{ cities(filter: { projects: { every: { cities: { every: { projects: { every: { edition: { eq: 7 } } } } } } } }) { nodes { slug } } }";
    let mut answered = 0;
    loop {
        let sent = edge.post(&Viewer::default(), &[], &json!({ "query": query })).await;
        if sent.status == 429 {
            break;
        }
        assert_eq!(sent.status, 200, "{}", sent.text());
        answered += 1;
    }
    assert!(answered > 5 && answered <= 20_000 / 2_800, "{answered}");
}

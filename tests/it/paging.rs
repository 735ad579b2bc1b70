//! Keyset paging: every record once, in one order, in both directions.

use pomost_tests::types::{Field, types};
use pomost_tests::{App, import};
use serde_json::{Value, json};

const BAD_INPUT: &str = "BAD_USER_INPUT";

/// Keys of orders that every record has, so that no value is unknown: they are not fields of their own.
const ALWAYS_KNOWN: [&str; 2] = ["NAME", "POSITION"];

/// Keys of orders that are nested in the record.
const DEEPER: [(&str, &str); 1] = [("BUDGET_TOTAL", "key: budget { total { amountMinor } }")];

/// `STARTS_ON` as a field has it: `startsOn`.
fn camel(name: &str) -> String {
    let mut words = name.split('_').map(str::to_lowercase);
    let mut camel = words.next().unwrap();
    for word in words {
        camel += &word[..1].to_uppercase();
        camel += &word[1..];
    }
    camel
}

/// The orders that a list offers.
fn orders(list: &Field) -> &'static [String] {
    let (_, order) = list.arguments.iter().find(|(name, _)| name == "orderBy").unwrap();
    types().values(&format!("{}Field", order.name))
}

/// The selection that shows the key of an order; `None` if every record has it and no field shows it.
fn key_of(record: &str, order: &str) -> Option<String> {
    if ALWAYS_KNOWN.contains(&order) {
        return None;
    }
    if let Some((_, deeper)) = DEEPER.iter().find(|(name, _)| *name == order) {
        return Some((*deeper).to_owned());
    }
    let name = camel(order);
    let Some(field) = types().fields(record).iter().find(|field| field.name == name) else {
        // A council has the orders of organizations, and the fields for them are behind `organization`.
        assert_eq!(record, "Council", "{record} shows nothing for {order}");
        return Some(format!("key: organization {{ {name} }}"));
    };
    Some(match field.ty.name.as_str() {
        "PartialDate" => format!("key: {name} {{ earliest latest }}"),
        ty if types().is_leaf(ty) => format!("key: {name}"),
        _ => format!("key: {name} {{ __typename }}"),
    })
}

fn is_unknown(key: &Value) -> bool {
    key.is_null() || key["total"].is_null() && key.get("total").is_some()
}

/// The days that a date may mean; an open beginning is the earliest.
fn days(key: &Value) -> (&str, &str) {
    (key["earliest"].as_str().unwrap_or_default(), key["latest"].as_str().unwrap())
}

fn ids(page: &Value) -> Vec<String> {
    page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()).collect()
}

const PAGE: &str =
    "totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

/// Walks a list from one end to the other in pages of three, and returns the records in list order.
async fn walk(app: &App, list: &str, order: &str, forward: bool) -> Vec<String> {
    let mut met: Vec<String> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let (size, from) = if forward { ("first", "after") } else { ("last", "before") };
        let document = format!(
            "query ($cursor: String) {{ {list}({size}: 3, {from}: $cursor, orderBy: [{order}]) {{ {PAGE} }} }}"
        );
        let variables = cursor.map_or(json!({}), |cursor| json!({ "cursor": cursor }));
        let reply = app.ask(&document, variables, &[]).await;
        let page = &reply.data()[list];
        let found = ids(page);
        let info = &page["pageInfo"];
        let total = usize::try_from(page["totalCount"].as_u64().unwrap()).unwrap();
        assert!(found.len() <= 3, "{list} {order}");
        let (ahead, behind) =
            if forward { ("hasNextPage", "hasPreviousPage") } else { ("hasPreviousPage", "hasNextPage") };
        assert_eq!(info[behind], !met.is_empty(), "{list} {order} {behind} after {}", met.len());
        if forward {
            met.extend(found.iter().cloned());
        } else {
            met.splice(0..0, found.iter().cloned());
        }
        assert_eq!(info[ahead], met.len() < total, "{list} {order} {ahead} after {}", met.len());
        let edges = page["edges"].as_array().unwrap();
        assert_eq!(info["startCursor"], edges.first().map_or(Value::Null, |edge| edge["cursor"].clone()));
        assert_eq!(info["endCursor"], edges.last().map_or(Value::Null, |edge| edge["cursor"].clone()));
        if info[ahead] == false {
            assert_eq!(met.len(), total, "{list} {order}");
            return met;
        }
        cursor = Some(info[if forward { "endCursor" } else { "startCursor" }].as_str().unwrap().to_owned());
    }
}

#[tokio::test]
async fn paging_in_either_direction_returns_every_record_once_in_order() {
    let app = App::sample().await;
    for list in types().connections("Query") {
        for key in orders(list) {
            for direction in ["ASC", "DESC"] {
                let order = format!("{{ field: {key}, direction: {direction} }}");
                let name = &list.name;
                let reply = app.query(&format!("{{ {name}(first: 100, orderBy: [{order}]) {{ {PAGE} }} }}")).await;
                let whole = ids(&reply.data()[name]);
                assert_eq!(walk(&app, name, &order, true).await, whole, "{name} {order} forward");
                assert_eq!(walk(&app, name, &order, false).await, whole, "{name} {order} backward");
            }
        }
    }
}

#[tokio::test]
async fn descending_reverses_ascending_but_unknown_values_are_last_in_both() {
    let app = App::sample().await;
    let mut unknown_met = 0;
    for list in types().connections("Query") {
        for key in orders(list) {
            let shown = key_of(list.node(), key);
            let name = &list.name;
            let ask = async |direction: &str| {
                let shown = shown.as_deref().unwrap_or_default();
                let document = format!(
                    "{{ {name}(first: 100, orderBy: [{{ field: {key}, direction: {direction} }}]) {{ nodes {{ id {shown} }} }} }}"
                );
                app.query(&document).await.data()[name]["nodes"].as_array().unwrap().clone()
            };
            let (up, mut down) = (ask("ASC").await, ask("DESC").await);
            let known = up.iter().take_while(|node| shown.is_none() || !is_unknown(&node["key"])).count();
            assert!(
                up[known..].iter().all(|node| is_unknown(&node["key"])),
                "{name} {key}: unknown values are not last"
            );
            unknown_met += up.len() - known;
            down[..known].reverse();
            down[known..].reverse();
            assert_eq!(up, down, "{name} {key}");
            let keys: Vec<&Value> = up[..known].iter().map(|node| &node["key"]).collect();
            if keys.iter().all(|key| key.get("latest").is_some()) {
                assert!(keys.is_sorted_by_key(|key| days(key)), "{name} {key}: {keys:?}");
            } else if ["SLUG", "COUNTRY", "CREATED_AT", "UPDATED_AT", "HELD_ON"].contains(&key.as_str())
                && shown.is_some()
            {
                let text = |key: &&Value| key["code"].as_str().or(key.as_str()).unwrap_or_default().to_owned();
                assert!(keys.is_sorted_by_key(text), "{name} {key}: {keys:?}");
            }
        }
    }
    assert!(unknown_met > 50, "too few unknown values: {unknown_met}");
}

#[tokio::test]
async fn amounts_and_numbers_are_ordered_numerically() {
    let app = App::sample().await;
    let document =
        "{ projects(first: 100, orderBy: [{ field: BUDGET_TOTAL }]) { nodes { budget { total { amountMinor } } } } }";
    let reply = app.query(document).await;
    let amounts: Vec<i64> = reply.data()["projects"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["budget"]["total"]["amountMinor"].as_str()?.parse().ok())
        .collect();
    assert_eq!(amounts.len(), 7);
    assert!(amounts.is_sorted(), "{amounts:?}");
}

#[tokio::test]
async fn several_keys_order_from_the_most_significant_to_the_least() {
    let app = App::sample().await;
    let order = "{ field: STATUS, direction: DESC }, { field: STARTS_ON }";
    let reply = app
        .query(&format!("{{ activities(first: 100, orderBy: [{order}]) {{ nodes {{ id status startsOn {{ earliest latest }} }} }} }}"))
        .await;
    let nodes = reply.data()["activities"]["nodes"].as_array().unwrap();
    let statuses: Vec<&Value> = nodes.iter().map(|node| &node["status"]).collect();
    let mut groups = statuses.clone();
    groups.dedup();
    assert_eq!(groups, [&json!("HELD"), &json!("ANNOUNCED"), &Value::Null]);
    for group in nodes.chunk_by(|a, b| a["status"] == b["status"]) {
        let known: Vec<_> =
            group.iter().filter(|node| !node["startsOn"].is_null()).map(|node| days(&node["startsOn"])).collect();
        assert!(known.is_sorted(), "{known:?}");
    }
    let all: Vec<String> = nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(walk(&app, "activities", order, true).await, all);
    assert_eq!(walk(&app, "activities", order, false).await, all);
}

#[tokio::test]
async fn pages_under_many_records_equal_those_under_each_alone() {
    let app = App::sample().await;
    let mut longest = 0;
    for record in types().all_records() {
        let way = types().way_to(record).unwrap();
        for list in types().connections(record) {
            let list = &list.name;
            let inner = format!(
                "id all: {list}(first: 20) {{ {PAGE} }} some: {list}(first: 2) {{ {PAGE} }} end: {list}(last: 2) {{ {PAGE} }}"
            );
            let inner = inner.replace("startCursor endCursor", "");
            let reply = app.query(&way.query(10, &inner)).await;
            for parent in way.records(reply.data()) {
                let (all, some, end) = (&parent["all"], &parent["some"], &parent["end"]);
                let whole = ids(all);
                longest = longest.max(whole.len());
                let total = usize::try_from(all["totalCount"].as_u64().unwrap()).unwrap();
                assert_eq!(whole.len(), total.min(20), "{record}.{list}");
                assert_eq!((&some["totalCount"], &end["totalCount"]), (&all["totalCount"], &all["totalCount"]));
                assert_eq!(ids(some), whole[..total.min(2)], "{record}.{list}");
                assert_eq!(some["pageInfo"], json!({ "hasNextPage": total > 2, "hasPreviousPage": false }));
                assert_eq!(end["pageInfo"], json!({ "hasNextPage": false, "hasPreviousPage": total > 2 }));
                if total <= 20 {
                    assert_eq!(ids(end), whole[total.saturating_sub(2)..], "{record}.{list}");
                }
            }
        }
    }
    assert!(longest > 10, "{longest}");
}

#[tokio::test]
async fn a_list_under_a_record_is_paged_with_its_cursors() {
    let app = App::sample().await;
    let mut cursor = Value::Null;
    let mut met = Vec::new();
    loop {
        let document =
            "query ($after: String) { homeCity { activities(first: 7, after: $after, orderBy: [{ field: STARTS_ON }]) {
            totalCount edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }";
        let reply = app.ask(document, if cursor.is_null() { json!({}) } else { json!({ "after": cursor }) }, &[]).await;
        let page = &reply.data()["homeCity"]["activities"];
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !met.is_empty());
        met.extend(ids(page));
        cursor = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(met.len() as u64, page["totalCount"].as_u64().unwrap());
            break;
        }
    }
    let mut once = met.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), met.len());
    assert!(met.len() > 14);
}

fn city(slug: &str, name: &str) -> String {
    json!({ "cities": [{ "slug": slug, "kind": "city", "names": { "pl": name }, "country": "PL" }] }).to_string()
}

#[tokio::test]
async fn a_cursor_survives_insertions_before_and_after_it() {
    let app = App::sample().await;
    let ask = async |arguments: &str| {
        let reply = app
            .query(&format!("{{ cities({arguments}) {{ nodes {{ slug }} pageInfo {{ startCursor endCursor }} }} }}"))
            .await;
        let page = &reply.data()["cities"];
        let slugs: Vec<String> =
            page["nodes"].as_array().unwrap().iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect();
        (slugs, page["pageInfo"]["endCursor"].as_str().unwrap_or_default().to_owned())
    };
    let (start, cursor) = ask("first: 4").await;
    let (rest, _) = ask(&format!("first: 100, after: \"{cursor}\"")).await;
    import(&app.store, city("aachen", "Aachen")).await.unwrap();
    import(&app.store, city("zywiec", "Żywiec")).await.unwrap();
    let (after, _) = ask(&format!("first: 100, after: \"{cursor}\"")).await;
    assert_eq!(after[..after.len() - 1], rest);
    assert_eq!(after.last().unwrap(), "zywiec");
    let (before, _) = ask(&format!("last: 100, before: \"{cursor}\"")).await;
    assert_eq!(before[0], "aachen");
    assert_eq!(before[1..], start[..3]);
}

#[tokio::test]
async fn a_page_between_two_cursors_can_be_requested() {
    let app = App::sample().await;
    let reply = app.query("{ organizations(first: 100) { edges { cursor node { id } } } }").await;
    let edges = reply.data()["organizations"]["edges"].as_array().unwrap();
    let (after, before) = (&edges[2]["cursor"], &edges[9]["cursor"]);
    let ask = async |size: &str| {
        let document = format!(
            "query ($after: String, $before: String) {{ organizations({size}, after: $after, before: $before) {{ edges {{ node {{ id }} }} }} }}"
        );
        ids(&app.ask(&document, json!({ "after": after, "before": before }), &[]).await.data()["organizations"])
    };
    let between: Vec<String> = edges[3..9].iter().map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ask("first: 100").await, between);
    assert_eq!(ask("first: 2").await, between[..2]);
    assert_eq!(ask("last: 2").await, between[4..]);
}

#[tokio::test]
async fn a_page_size_out_of_bounds_is_an_error_that_names_the_argument() {
    let app = App::sample().await;
    for (arguments, named) in [
        ("first: 0", "`first`"),
        ("first: -1", "`first`"),
        ("first: 101", "`first`"),
        ("first: 1000000", "`first`"),
        ("last: 0", "`last`"),
        ("last: -5", "`last`"),
        ("last: 101", "`last`"),
        ("first: 1, last: 1", "`first`"),
        ("first: 1, last: 1", "`last`"),
        ("first: 0, last: 0", "`first`"),
    ] {
        for list in types().connections("Query") {
            let reply = app.query(&format!("{{ {}({arguments}) {{ nodes {{ id }} }} }}", list.name)).await;
            let (message, code) = reply.error();
            assert_eq!(code, BAD_INPUT, "{arguments}: {message}");
            assert!(message.contains(named), "{arguments}: {message}");
            assert_eq!(reply.statements, 0, "{arguments}");
        }
        let (message, code) =
            app.query(&format!("{{ homeCity {{ projects({arguments}) {{ nodes {{ id }} }} }} }}")).await.error();
        assert!(code == BAD_INPUT && message.contains(named), "{arguments}: {message}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_or_order_or_a_forged_one_is_an_error() {
    let app = App::sample().await;
    let cursor = async |document: &str, path: &str| {
        let reply = app.query(document).await;
        reply.data().pointer(path).unwrap().as_str().unwrap().to_owned()
    };
    let own = cursor("{ projects(first: 2) { pageInfo { endCursor } } }", "/projects/pageInfo/endCursor").await;
    let mut foreign = vec![
        cursor("{ cities(first: 2) { pageInfo { endCursor } } }", "/cities/pageInfo/endCursor").await,
        cursor(
            "{ homeCity { projects(first: 2) { pageInfo { endCursor } } } }",
            "/homeCity/projects/pageInfo/endCursor",
        )
        .await,
    ];
    for order in [
        "{ field: NAME }",
        "{ field: SLUG }",
        "{ field: NAME, direction: DESC }",
        "{ field: STARTS_ON }",
        "{ field: NAME }, { field: SLUG }",
    ] {
        let document = format!("{{ projects(first: 2, orderBy: [{order}]) {{ pageInfo {{ endCursor }} }} }}");
        foreign.push(cursor(&document, "/projects/pageInfo/endCursor").await);
    }
    // The default order is by name: both may share their cursors.
    foreign.retain(|cursor| *cursor != own);
    let cut = own[..own.len() - 3].to_owned();
    let garbage = ["", " ", "1", "AAAA", "W10", "bnVsbA", "🏙", "' OR 1=1 --", "WyJ4IiwiLSJd", &cut].map(str::to_owned);
    for (cursor, argument, size) in foreign
        .iter()
        .chain(&garbage)
        .flat_map(|cursor| [(cursor, "after", "first"), (cursor, "before", "last"), (cursor, "before", "first")])
    {
        let document =
            format!("query ($cursor: String!) {{ projects({size}: 2, {argument}: $cursor) {{ nodes {{ id }} }} }}");
        let reply = app.ask(&document, json!({ "cursor": cursor }), &[]).await;
        let (message, code) = reply.error();
        assert_eq!(code, BAD_INPUT, "{cursor:?}");
        assert!(message.contains(&format!("`{argument}`")), "{cursor:?}: {message}");
        assert_eq!(reply.statements, 0, "{cursor:?}");
    }
    // The same order under another filter has the same cursors: they are positions in an order.
    let document = "query ($cursor: String!) { projects(first: 2, after: $cursor, filter: { status: { eq: COMPLETED } }) { nodes { id } } }";
    app.ask(document, json!({ "cursor": own }), &[]).await.data();
}

#[tokio::test]
async fn the_default_page_size_is_twenty() {
    let app = App::sample().await;
    let reply = app.query("{ organizations { totalCount nodes { id } pageInfo { hasNextPage } } projects(after: null, first: null) { nodes { id } } }").await;
    let page = &reply.data()["organizations"];
    assert_eq!(page["nodes"].as_array().unwrap().len(), 20);
    assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(26), &json!(true)));
    assert_eq!(reply.data()["projects"]["nodes"].as_array().unwrap().len(), 20);
}

//! The number of statements depends on the levels of a query, never on the rows. The fields come from introspection, so that
//! none is omitted.

use pomost_tests::types::{Way, types};
use pomost_tests::{App, none};

/// Types without a record in the sample, which are not tested here.
const NOT_IN_THE_SAMPLE: [&str; 2] = ["StudyVisit", "Term"];

/// The statements of a query, all of whose loads must have been prefetched.
async fn statements(app: &App, query: &str, faults: &mut Vec<String>) -> u64 {
    let reply = app.query(query).await;
    if reply.json.get("errors").is_some() {
        faults.push(format!("{}: {query}", reply.text));
    }
    if reply.misses > 0 {
        faults.push(format!("{} loads were not prefetched: {query}", reply.misses));
    }
    reply.statements
}

async fn is_there(app: &App, way: &Way) -> bool {
    let reply = app.query(&way.query(30, "id")).await;
    !way.records(reply.data()).is_empty()
}

#[tokio::test]
async fn the_sample_has_records_of_every_type_but_those_named() {
    let app = App::sample().await;
    let mut missing = Vec::new();
    for record in types().all_records() {
        let way = types().way_to(record).unwrap_or_else(|| panic!("no list leads to {record}"));
        if !is_there(&app, &way).await {
            missing.push(record);
        }
    }
    assert_eq!(missing, NOT_IN_THE_SAMPLE);
}

#[tokio::test]
async fn a_root_list_is_one_statement_and_its_count_another() {
    let app = App::sample().await;
    let mut faults = Vec::new();
    for list in types().connections("Query") {
        let list = &list.name;
        for (page, cost) in [
            ("nodes { id }", 1),
            ("edges { cursor node { id } } pageInfo { hasNextPage endCursor }", 1),
            ("totalCount", 1),
            ("totalCount nodes { id }", 2),
        ] {
            for first in [1, 100] {
                let query = format!("{{ {list}(first: {first}) {{ {page} }} }}");
                let taken = statements(&app, &query, &mut faults).await;
                if taken != cost {
                    faults.push(format!("{taken} statements, not {cost}: {query}"));
                }
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn a_list_under_any_number_of_records_is_one_statement_and_its_counts_another() {
    let app = App::sample().await;
    let mut faults = Vec::new();
    for record in types().all_records() {
        let way = types().way_to(record).unwrap();
        if NOT_IN_THE_SAMPLE.contains(&record) {
            continue;
        }
        for list in types().connections(record) {
            let list = &list.name;
            for parents in [1, 20] {
                let base = statements(&app, &way.query(parents, "id"), &mut faults).await;
                for (inner, cost) in [
                    (format!("{list}(first: 1) {{ nodes {{ id }} }}"), 1),
                    (format!("{list}(first: 20) {{ edges {{ node {{ id }} }} }}"), 1),
                    (format!("{list} {{ totalCount }}"), 1),
                    (format!("{list} {{ totalCount nodes {{ id }} }}"), 2),
                    (format!("a: {list}(first: 1) {{ nodes {{ id }} }} b: {list}(last: 2) {{ nodes {{ id }} }}"), 2),
                ] {
                    let query = way.query(parents, &inner);
                    let taken = statements(&app, &query, &mut faults).await.saturating_sub(base);
                    // The first record of a list of lists may have no children.
                    if taken != cost && !(taken == 0 && parents == 1) {
                        faults.push(format!("{taken} statements more, not {cost}: {query}"));
                    }
                }
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn a_relation_of_any_number_of_records_is_one_statement_per_target_type() {
    let app = App::sample().await;
    let mut faults = Vec::new();
    for record in types().all_records() {
        let way = types().way_to(record).unwrap();
        let base = statements(&app, &way.query(30, "id"), &mut faults).await;
        for relation in types().relations(record) {
            let query = way.query(30, &relation.select(&types().identity(&relation.leads_to)));
            let taken = statements(&app, &query, &mut faults).await.saturating_sub(base);
            let most = types().records(&relation.leads_to).len() as u64;
            if taken > most {
                faults.push(format!("{taken} statements more, not at most {most}: {query}"));
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn nested_relations_and_lists_cost_the_same() {
    let app = App::sample().await;
    let mut faults = Vec::new();
    for record in types().all_records() {
        let way = types().way_to(record).unwrap();
        for relation in types().relations(record) {
            let ends = types().records(&relation.leads_to);
            let identity = types().identity(&relation.leads_to);
            let base = statements(&app, &way.query(30, &relation.select(&identity)), &mut faults).await;
            for end in &ends {
                let lists =
                    types().connections(end).map(|list| (format!("{}(first: 2) {{ nodes {{ id }} }}", list.name), 1));
                let further = types().relations(end).into_iter().map(|path| {
                    (path.select(&types().identity(&path.leads_to)), types().records(&path.leads_to).len() as u64)
                });
                for (inner, most) in lists.chain(further) {
                    // A field that every member of a union has is read for each of them.
                    let most = most * ends.len() as u64;
                    let query = way.query(30, &relation.select(&format!("__typename ... on {end} {{ {inner} }}")));
                    let taken = statements(&app, &query, &mut faults).await.saturating_sub(base);
                    if taken > most {
                        faults.push(format!("{taken} statements more, not at most {most}: {query}"));
                    }
                }
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn an_activity_of_any_kind_has_the_fields_of_its_kind() {
    let app = App::sample().await;
    let mut faults = Vec::new();
    for kind in types().implementing("Activity") {
        let lists = types().connections(kind).map(|list| (format!("{} {{ nodes {{ id }} }}", list.name), 1));
        let relations = types()
            .relations(kind)
            .into_iter()
            .map(|path| (path.select(&types().identity(&path.leads_to)), types().records(&path.leads_to).len() as u64));
        for (inner, most) in lists.chain(relations) {
            let query = format!("{{ activities(first: 30) {{ nodes {{ id ... on {kind} {{ {inner} }} }} }} }}");
            let taken = statements(&app, &query, &mut faults).await.saturating_sub(1);
            if taken > most {
                faults.push(format!("{taken} statements more, not at most {most}: {query}"));
            }
        }
    }
    none(&faults);
}

#[tokio::test]
async fn an_empty_registry_answers_every_list() {
    let app = App::empty().await;
    for list in types().connections("Query") {
        let list = &list.name;
        let reply = app.query(&format!("{{ {list} {{ totalCount nodes {{ id }} pageInfo {{ endCursor }} }} }}")).await;
        let data = &reply.data()[list];
        assert_eq!((&data["totalCount"], &data["nodes"]), (&0.into(), &serde_json::json!([])), "{list}");
    }
}

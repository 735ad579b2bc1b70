//! The same requests give byte-equal answers on both databases.

use pomost_domain::Role;
use pomost_tests::types::types;
use pomost_tests::{App, SAMPLE, TestDb, import, none, postgres};

/// All plain values of every root list in every order, and of the lists under its records.
fn questions() -> Vec<String> {
    let mut questions = vec![
        "{ dataset { publisher publisherUrl licence languages lastChange recordCounts { kind count } } }".to_owned(),
        "{ suggest(text: \"k\", first: 25) { kind slug } }".to_owned(),
        "{ suggest(text: \"stä\", first: 25) { kind slug } }".to_owned(),
        include_str!("../../docs/founding-letter.graphql").to_owned(),
        "{ changes { nodes { cursor at op kind id version collection content } endCursor hasNextPage } }".to_owned(),
        "{ changes(latest: true, kinds: [LETTER_OF_INTENT, CITY]) { nodes { op record { id } content } } }".to_owned(),
        "{ deadlineRules { slug days startEvent counting legalBasis country { code } } homeCity { slug } }".to_owned(),
    ];
    for list in types().connections("Query") {
        let (name, record) = (&list.name, list.node());
        let (_, order) = list.arguments.iter().find(|(name, _)| name == "orderBy").unwrap();
        for field in types().values(&format!("{}Field", order.name)) {
            for direction in ["ASC", "DESC"] {
                let order = format!("orderBy: [{{ field: {field}, direction: {direction} }}]");
                for page in ["first: 100", "last: 7"] {
                    questions.push(format!("{{ {name}({page}, {order}) {{ totalCount nodes {{ slug }} }} }}"));
                }
            }
        }
        questions.push(format!("{{ {name}(first: 30) {{ nodes {{ {} }} }} }}", types().everything_plain(record)));
        for under in types().connections(record) {
            let page = "totalCount pageInfo { hasNextPage hasPreviousPage endCursor } nodes { id }";
            questions
                .push(format!("{{ {name}(first: 30) {{ nodes {{ slug {}(first: 3) {{ {page} }} }} }} }}", under.name));
        }
    }
    questions
}

/// Filters for which databases differ: case, patterns, collations, dates, unknown values.
const FILTERS: [(&str, &str); 12] = [
    ("cities", r#"{ name: { contains: "zdroj" } }"#),
    ("cities", r#"{ name: { contains: "ŻEB" } }"#),
    ("cities", r#"{ slug: { in: ["KARVINA", "karvina"] } }"#),
    ("organizations", r#"{ not: { city: { country: { eq: "PL" } } } }"#),
    ("officials", r#"{ office: { contains: "mayor" } }"#),
    ("officials", r#"{ office: { startsWith: "Mayor" } }"#),
    ("projects", r#"{ registrationNumber: { contains: "_" } }"#),
    ("projects", "{ budgetTotal: { gte: \"2000000\" }, status: { notIn: [RUNNING] } }"),
    ("activities", r#"{ startsOn: { overlaps: "2011" }, not: { hostCity: { isHome: true } } }"#),
    ("activities", r#"{ period: { from: "2010", to: "2010-06-18" } }"#),
    ("resolutions", r#"{ adoptedOn: { lte: "2007-12-14" } }"#),
    ("partnerships", "{ agreements: { every: { precededBy: { none: {} } } } }"),
];

#[tokio::test]
async fn both_databases_give_the_same_bytes() {
    // Without a server there is nothing to compare; `.ci/run` requires one.
    let Some(server) = postgres() else { return };
    let sqlite = App::over(TestDb::on_sqlite().await).await;
    let postgres = App::over(TestDb::on_postgres(&server).await).await;
    import(&sqlite.store, SAMPLE).await.unwrap();
    import(&postgres.store, SAMPLE).await.unwrap();
    let filtered = FILTERS.map(|(list, filter)| {
        format!(
            "{{ {list}(first: 100, filter: {filter}, orderBy: [{{ field: NAME }}]) {{ totalCount nodes {{ slug }} }} }}"
        )
    });
    let mut faults = Vec::new();
    for question in questions().into_iter().chain(filtered) {
        // As a viewer who sees everything, so that histories are compared as well.
        let run = |app| App::run(app, Role::Editor, &question, serde_json::Value::Null);
        let (here, there) = (run(&sqlite).await, run(&postgres).await);
        here.data();
        if here.text != there.text {
            faults.push(format!("{question}\n  SQLite     {}\n  PostgreSQL {}", here.text, there.text));
        }
        if here.statements != there.statements {
            faults.push(format!(
                "{question}: {} statements on SQLite, {} on PostgreSQL",
                here.statements, there.statements
            ));
        }
    }
    none(&faults);
}

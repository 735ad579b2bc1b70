//! The rights of roles: compares each row of the documented table with every mutation of the schema.

use pomost_domain::{Role, Vocabulary};
use pomost_tests::types::types;
use pomost_tests::{App, none};
use serde_json::Value;

const DOCS: &str = include_str!("../../docs/api.md");

/// The rows of the table: the mutations, each a name or a prefix, and the roles that may use them.
fn table() -> Vec<(Vec<String>, Vec<String>)> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let mut lines = DOCS.lines().skip_while(|line| !line.starts_with("| mutations |"));
    let head = cells(lines.next().unwrap());
    let rows = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells);
    rows.map(|row| {
        let names = row[0].split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect();
        let roles = head.iter().zip(&row).skip(1).filter(|(_, cell)| !cell.is_empty());
        (names, roles.map(|(role, _)| role.trim_matches('`').to_owned()).collect())
    })
    .collect()
}

#[tokio::test]
async fn the_rights_of_roles_match_the_documentation() {
    let table = table();
    let app = App::sample().await;
    let mut faults = Vec::new();
    let mutations = types().fields("Mutation");
    assert!((50..=65).contains(&mutations.len()), "{}", mutations.len());
    for mutation in mutations {
        let is_it = |name: &String| {
            name.strip_suffix('…').map_or_else(|| *name == mutation.name, |start| mutation.name.starts_with(start))
        };
        let Some((_, roles)) = table.iter().find(|(names, _)| names.iter().any(is_it)) else {
            faults.push(format!("{} is not in the table", mutation.name));
            continue;
        };
        let needed = mutation.arguments.iter().filter(|(_, ty)| ty.required);
        let arguments: Vec<_> = needed.map(|(name, ty)| format!("{name}: {}", types().literal(ty))).collect();
        let document = format!("mutation {{ {}({}) {{ __typename }} }}", mutation.name, arguments.join(", "));
        for role in Role::ALL {
            let reply = app.run(*role, &document, Value::Null).await;
            let is_refused = reply.json["errors"][0]["extensions"]["code"] == "FORBIDDEN";
            let may = roles.iter().any(|name| name.eq_ignore_ascii_case(role.label()));
            if may == is_refused {
                faults.push(format!("{role:?} {}: {}", mutation.name, reply.text));
            }
        }
    }
    none(&faults);
}

/// For records of each kind, only the author may discard a draft, and only before it is submitted.
#[tokio::test]
async fn the_author_of_a_draft_discards_it() {
    let app = App::sample().await;
    let mut faults = Vec::new();
    let kinds: Vec<_> =
        types().fields("Mutation").iter().filter_map(|field| field.name.strip_prefix("create")).collect();
    assert_eq!(kinds.len(), 17);
    for kind in kinds {
        let input = match kind {
            "Agreement" | "LetterOfIntent" => "title: \"T\", parties: [\"karvina\"]",
            "City" => "country: \"DE\", names: { de: \"N\" }",
            "Commitment" => "text: \"T\", letterOfIntent: \"loi-jz-ibbenbueren-2017\"",
            "Interpellation" => "subject: \"S\"",
            "Organization" => "name: \"O\"",
            "Partnership" => "cities: [\"karvina\", \"ibbenbueren\"]",
            "Resolution" => "subject: \"S\"",
            "Term" => "council: \"rada-miasta-jastrzebie-zdroj\", number: \"I\"",
            _ => "title: \"T\"",
        };
        let create = format!(
            "mutation {{ made: create{kind}(input: {{ {input} }}) {{ record {{ id }} errors {{ message path }} }} }}"
        );
        let discard = |version: u32| {
            format!(
                "mutation ($id: ID!) {{ done: discardRecord(id: $id, expectedVersion: {version}) {{ \
                 record {{ publication version }} errors {{ code message }} }} }}"
            )
        };
        for role in [Role::Editor, Role::Councillor] {
            if role == Role::Councillor && kind != "Interpellation" {
                continue;
            }
            let made = app.run(role, &create, Value::Null).await.json["data"]["made"].clone();
            let variables = serde_json::json!({ "id": made["record"]["id"] });
            if !made["record"].is_object() {
                faults.push(format!("{kind}: {made}"));
                continue;
            }
            for other in [Role::Publisher, Role::Admin] {
                let refused = app.run(other, &discard(1), variables.clone()).await.json["data"]["done"].clone();
                let message = refused["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
                if !message.starts_with("only the author of a draft may discard it; allowed now: update, submit,") {
                    faults.push(format!("{kind} by {other:?}: {refused}"));
                }
            }
            let done = app.run(role, &discard(1), variables.clone()).await.json["data"]["done"].clone();
            let seen = if role == Role::Editor {
                serde_json::json!({ "publication": "WITHDRAWN", "version": 2 })
            } else {
                Value::Null
            };
            if done["errors"] != serde_json::json!([]) || done["record"] != seen {
                faults.push(format!("{kind} by {role:?}: {done}"));
            }
            let again = app.run(Role::Editor, &discard(2), variables.clone()).await.json["data"]["done"].clone();
            if !again["errors"][0]["message"].as_str().unwrap_or_default().ends_with("allowed now: nothing") {
                faults.push(format!("{kind}, again: {again}"));
            }
            // After the submission the publisher decides.
            let made = app.run(role, &create, Value::Null).await.json["data"]["made"].clone();
            let variables = serde_json::json!({ "id": made["record"]["id"] });
            let submit = "mutation ($id: ID!) { submitRecord(id: $id, expectedVersion: 1) { errors { message } } }";
            app.run(role, submit, variables.clone()).await.data();
            let late = app.run(role, &discard(2), variables).await.json["data"]["done"].clone();
            if !late["errors"][0]["message"].as_str().unwrap_or_default().ends_with("allowed now: update") {
                faults.push(format!("{kind}, submitted: {late}"));
            }
        }
    }
    none(&faults);
}

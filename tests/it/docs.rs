//! The documentation matches the program.

const README: &str = include_str!("../../README.md");

const TRANSPORTS: &str = include_str!("../../docs/transports.md");
const OPERATIONS: &str = include_str!("../../docs/operations.md");

/// The cells of the table rows whose first cell starts with this text, without backquotes.
fn rows<'a>(text: &'a str, start: &str) -> Vec<Vec<&'a str>> {
    let cells = |line: &'a str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect();
    let start = format!("| {start}");
    text.lines().filter(|line| line.starts_with(&start)).map(cells).collect()
}

/// The blocks of a language in a Markdown text.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence[..]).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn the_readme_contains_the_shipped_queries() {
    let shipped = [
        include_str!("../../docs/founding-letter.graphql"),
        include_str!("../../crates/api/assets/first-query.graphql"),
    ];
    for query in shipped {
        assert!(blocks(README, "graphql").contains(&query.trim_end()), "README.md does not contain\n{query}");
    }
}

#[tokio::test]
async fn every_query_in_the_documents_runs() {
    let app = pomost_tests::App::sample().await;
    let documents =
        [("README.md", README), ("docs/api.md", include_str!("../../docs/api.md")), ("docs/transports.md", TRANSPORTS)];
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

#[test]
fn the_table_of_codes_is_that_of_the_program() {
    let documented: Vec<_> = rows(TRANSPORTS, "`").into_iter().filter(|row| row.len() == 4).collect();
    let documented: Vec<_> = documented.iter().map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    let known = pomost_edge::Code::ALL.iter();
    let known: Vec<_> = known.map(|code| (code.as_str().to_owned(), code.status().as_u16().to_string())).collect();
    assert_eq!(documented, known);
}

#[test]
fn the_table_of_limits_is_that_of_the_program() {
    let documented: Vec<_> =
        rows(TRANSPORTS, "`limits.").iter().map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    let limits = serde_json::to_string(&pomost_edge::gate::Limits::default()).unwrap();
    let known = limits.trim_matches(['{', '}']).split(',').map(|member| member.split_once(':').unwrap());
    let known: Vec<_> =
        known.map(|(name, value)| (format!("limits.{}", name.trim_matches('"')), value.to_owned())).collect();
    assert_eq!(documented, known);
    let page = pomost_domain::page::MAX_PAGE.to_string();
    assert_eq!(rows(TRANSPORTS, "page")[0][1], page);
    let rate = pomost_edge::gate::Rate::default();
    assert!(TRANSPORTS.contains(&format!("`rate.burst` ({})", rate.burst)));
    assert!(TRANSPORTS.contains(&format!("`rate.per_second` ({})", rate.per_second)));
}

#[test]
fn every_metric_and_every_close_code_is_documented() {
    let sources = [
        include_str!("../../crates/edge/src/http/client.rs"),
        include_str!("../../crates/edge/src/http/listen.rs"),
        include_str!("../../crates/edge/src/http/metrics.rs"),
        include_str!("../../crates/edge/src/http/process.rs"),
        include_str!("../../crates/edge/src/gate/answers.rs"),
        include_str!("../../crates/api/src/registry.rs"),
    ];
    let is_name = |part: &&str| part.starts_with("pomost_") || part.starts_with("process_");
    // The name alone, without labels or the text after it.
    let of_part = |part: &str| part.split(['{', ' ']).next().unwrap_or_default().to_owned();
    let names = |text: &'static str| text.split('"').filter(is_name).map(of_part);
    for name in sources.into_iter().flat_map(names) {
        assert!(OPERATIONS.contains(&name), "docs/operations.md does not document {name}");
    }
    let socket = include_str!("../../crates/edge/src/http/socket.rs");
    let codes =
        socket.split("Self(").chain(socket.split("Close(")).filter_map(|rest| rest.get(..4)?.parse::<u16>().ok());
    for code in codes.filter(|code| *code != 1006 && *code != 1011) {
        assert!(!rows(TRANSPORTS, &code.to_string()).is_empty(), "docs/transports.md does not document {code}");
    }
}

/// Recipes run scripts directly, so scripts must be executable.
#[cfg(unix)]
#[test]
fn every_script_of_a_recipe_is_executable() {
    use std::os::unix::fs::PermissionsExt;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let words = include_str!("../../justfile").split_whitespace();
    let scripts: Vec<_> = words.filter(|word| word.ends_with(".sh") || word.ends_with(".py")).collect();
    assert!(scripts.len() >= 10, "{scripts:?}");
    for script in scripts {
        let file = std::fs::metadata(root.join(script)).unwrap_or_else(|error| panic!("{script}: {error}"));
        assert!(file.permissions().mode() & 0o111 != 0, "{script} is not executable: chmod +x {script}");
    }
}

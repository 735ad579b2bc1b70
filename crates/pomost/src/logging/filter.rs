//! Checks log filters. The library treats every word that is not a level as a module, and then logs nothing else.

use pomost_api::near;
use tracing_subscriber::EnvFilter;

/// Levels, from least to most.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Crates that write to the log: ours and their dependencies.
const PARTS: [&str; 24] = [
    "pomost",
    "pomost_api",
    "pomost_edge",
    "pomost_mirror",
    "pomost_persistence",
    "sqlx",
    "sqlx_core",
    "sqlx_postgres",
    "sqlx_sqlite",
    "sea_orm",
    "sea_orm_migration",
    "async_graphql",
    "axum",
    "hyper",
    "hyper_util",
    "metrics_exporter_prometheus",
    "opentelemetry",
    "opentelemetry_otlp",
    "opentelemetry_sdk",
    "reqwest",
    "rustls",
    "tokio",
    "tower",
    "tower_http",
];

/// Our crates, with their modules.
const OURS: [(&str, &[&str]); 5] = [
    ("pomost", &["cli", "config", "logging"]),
    ("pomost_api", &["error", "identity", "loader", "near", "registry", "schema", "subscription_group"]),
    (
        "pomost_edge",
        &["code", "explorer", "gate", "hash", "http", "identity", "rate_limit", "served", "tls", "versioned"],
    ),
    ("pomost_mirror", &["source"]),
    (
        "pomost_persistence",
        &[
            "activity",
            "address",
            "agreement",
            "answer",
            "asked",
            "backup",
            "batch",
            "business_mission",
            "change",
            "citation",
            "city",
            "command",
            "commitment",
            "connect",
            "council",
            "data_version",
            "deadline_rule",
            "derived",
            "doctor",
            "document",
            "erase",
            "error",
            "export",
            "feed",
            "filter",
            "forget",
            "interpellation",
            "joint_event",
            "letter_of_intent",
            "mapped",
            "mapping",
            "meeting",
            "migrate",
            "mirror",
            "official",
            "organization",
            "part",
            "partnership",
            "place",
            "portable",
            "programme",
            "project",
            "purge",
            "reach",
            "readers",
            "receipt",
            "record",
            "reference",
            "refold",
            "resolution",
            "statement",
            "store",
            "study_visit",
            "table",
            "token",
            "transaction",
            "unkept",
            "write",
            "youth_exchange",
        ],
    ),
];

/// The spans of our crates.
const SPANS: [&str; 1] = ["request"];

/// A filter that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct FilterError(String);

/// Parses a filter, such as `info,pomost_api=debug`.
///
/// # Errors
/// A word in it is neither a level nor a part of the program, or it cannot be parsed.
pub(super) fn parse(text: &str) -> Result<EnvFilter, FilterError> {
    let directives: Vec<&str> = text.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    if directives.is_empty() {
        return Err(FilterError(format!("it is empty: write a level, one of {}", LEVELS.join(", "))));
    }
    directives.iter().try_for_each(|directive| check(directive))?;
    // Joined without spaces: the library treats a space before a directive as a part of its first word.
    let wrong = |error| FilterError(format!("{error}: {FORM}"));
    EnvFilter::builder().parse(directives.join(",")).map_err(wrong)
}

/// The form of a filter.
const FORM: &str =
    "write a level, such as info, optionally followed by parts with their levels, such as info,pomost_edge::http=debug";

/// Checks `LEVEL`, `PART`, `PART=LEVEL` or `PART[SPAN]=LEVEL`.
fn check(directive: &str) -> Result<(), FilterError> {
    let (part, rest) = directive.find(['=', '[']).map_or((directive, ""), |at| directive.split_at(at));
    let level = if rest.starts_with('[') {
        rest.rsplit_once(']').map_or("", |(_, rest)| rest.trim_start_matches('='))
    } else {
        rest.trim_start_matches('=')
    };
    if !level.is_empty() && !is_level(level) {
        let hint = near::hint(level, LEVELS);
        return Err(FilterError(format!("{level:?} is not a level{hint} Levels are {}", LEVELS.join(", "))));
    }
    if directive.starts_with('=') {
        return Err(FilterError(format!("{directive:?} has no part of the program before the \"=\": {FORM}")));
    }
    if rest.starts_with('[') && !rest.contains(']') {
        return Err(FilterError(format!("{directive:?} has no closing bracket: {FORM}")));
    }
    if let Some(span) = rest.strip_prefix('[').and_then(|rest| rest.split([']', '{']).next())
        && !span.is_empty()
        && !SPANS.contains(&span)
    {
        let hint = near::hint(span, SPANS);
        return Err(FilterError(format!("{span:?} is not a span of the program{hint} Spans are {}", SPANS.join(", "))));
    }
    let crate_of_it = part.split("::").next().unwrap_or_default();
    // The modules of our own crates are known.
    if let Some((_, modules)) = OURS.iter().find(|(ours, _)| *ours == crate_of_it)
        && let Some(module) = part.split("::").nth(1)
        && !modules.contains(&module)
    {
        let hint = near::hint(module, modules.iter().copied());
        return Err(FilterError(format!(
            "{part:?} is not a part of the program{hint} Parts of {crate_of_it} are {}",
            modules.join(", ")
        )));
    }
    let is_alone = rest.is_empty();
    if part.is_empty() && !is_alone || is_alone && is_level(part) || PARTS.contains(&crate_of_it) {
        return Ok(());
    }
    let known = LEVELS.iter().filter(|_| is_alone).chain(&PARTS).copied();
    let hint = near::hint(crate_of_it, known);
    let what = if is_alone { "neither a level nor a part of the program" } else { "not a part of the program" };
    Err(FilterError(format!(
        "{crate_of_it:?} is {what}{hint} Levels are {}; parts are {}",
        LEVELS.join(", "),
        PARTS.join(", ")
    )))
}

fn is_level(word: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word)) || matches!(word, "0" | "1" | "2" | "3" | "4" | "5")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_that_would_log_nothing_are_refused() {
        for (text, problem) in [
            ("inof", "\"inof\" is neither a level nor a part of the program: did you mean \"info\"?"),
            ("info,pomst_api=debug", "\"pomst_api\" is not a part of the program: did you mean \"pomost_api\"?"),
            ("info,pomost_api=deubg", "\"deubg\" is not a level: did you mean \"debug\"?"),
            ("verbose", "Levels are off, error, warn, info, debug, trace"),
            ("pomost_api[request]=lots", "\"lots\" is not a level"),
            ("info;debug", "\"info;debug\" is neither"),
            ("pomost_api=info=debug", "\"info=debug\" is not a level"),
            ("info,=debug", "\"=debug\" has no part of the program before the \"=\": write a level, such as info"),
            (
                "info,pomost_api::nothing=debug",
                "\"pomost_api::nothing\" is not a part of the program. Parts of pomost_api are",
            ),
            ("pomost_edge::htp", "did you mean \"http\"?"),
            ("foo", "\"foo\" is neither a level nor a part of the program. Levels are off"),
            ("info,pomost_api[x]=debug", "\"x\" is not a span of the program. Spans are request"),
            ("info,[requst]=debug", "did you mean \"request\"?"),
            ("info,pomost_api[request=debug", "write a level, such as info"),
            ("", "it is empty"),
            (" , ", "it is empty"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(problem), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_modules_of_our_crates_match_their_files() {
        for (name, parts) in OURS {
            let folder = name.strip_prefix("pomost_").unwrap_or("pomost");
            let folder = format!("{}/../{folder}/src", env!("CARGO_MANIFEST_DIR"));
            let names =
                std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let mut found: Vec<String> = names.map(|name| name.trim_end_matches(".rs").to_owned()).collect();
            found.retain(|name| !["lib", "main"].contains(&name.as_str()));
            found.sort();
            found.dedup();
            assert_eq!(found, parts, "{name}");
        }
    }

    #[test]
    fn valid_filters_are_accepted() {
        for (text, read) in [
            ("info", "info"),
            ("WARN", "warn"),
            ("3", "info"),
            ("off", "off"),
            ("info, pomost_api=debug", "pomost_api=debug,info"),
            ("pomost_edge::http=trace", "pomost_edge::http=trace"),
            ("sqlx::query", "sqlx::query=trace"),
            ("[request{status=500}]=debug", "[request{status=500}]=debug"),
            ("pomost_api[request]=debug", "pomost_api[request]=debug"),
            ("error,[request{status=500}]=debug", "error,[request{status=500}]=debug"),
        ] {
            let filter = parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string();
            assert_eq!(filter, read, "{text}");
        }
        assert!(parse(&crate::config::Config::default().log).is_ok());
    }
}

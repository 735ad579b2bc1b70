//! Filters of the log. The library takes every word that is no level for a part of the program, and logs nothing else then.

use pomost_api::near;
use tracing_subscriber::EnvFilter;

/// Levels, from nothing to everything.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Parts of the program that write into the log: our crates, and those beneath them.
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

/// A filter that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct FilterError(String);

/// Reads a filter, such as `info,pomost_api=debug`.
///
/// # Errors
/// A word in it is neither a level nor a part of the program, or it cannot be read.
pub(super) fn parse(text: &str) -> Result<EnvFilter, FilterError> {
    let directives: Vec<&str> = text.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    if directives.is_empty() {
        return Err(FilterError(format!("it is empty: write a level, one of {}", LEVELS.join(", "))));
    }
    directives.iter().try_for_each(|directive| check(directive))?;
    // Joined anew: the library takes a space before a directive for a part of its first word.
    EnvFilter::builder().parse(directives.join(",")).map_err(|error| FilterError(error.to_string()))
}

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
        return Err(FilterError(format!("{level:?} is no level{hint} Levels are {}", LEVELS.join(", "))));
    }
    let crate_of_it = part.split("::").next().unwrap_or_default();
    let is_alone = rest.is_empty();
    if part.is_empty() && !is_alone || is_alone && is_level(part) || PARTS.contains(&crate_of_it) {
        return Ok(());
    }
    let known = LEVELS.iter().filter(|_| is_alone).chain(&PARTS).copied();
    let hint = near::hint(crate_of_it, known);
    let what = if is_alone { "neither a level nor a part of the program" } else { "no part of the program" };
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
    fn what_would_log_nothing_is_refused_by_name() {
        for (text, problem) in [
            ("inof", "\"inof\" is neither a level nor a part of the program: did you mean \"info\"?"),
            ("info,pomst_api=debug", "\"pomst_api\" is no part of the program: did you mean \"pomost_api\"?"),
            ("info,pomost_api=deubg", "\"deubg\" is no level: did you mean \"debug\"?"),
            ("verbose", "Levels are off, error, warn, info, debug, trace"),
            ("pomost_api[request]=lots", "\"lots\" is no level"),
            ("info;debug", "\"info;debug\" is neither"),
            ("pomost_api=info=debug", "\"info=debug\" is no level"),
            ("", "it is empty"),
            (" , ", "it is empty"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(problem), "{text:?}: {error}");
        }
    }

    #[test]
    fn what_means_something_is_taken() {
        for (text, read) in [
            ("info", "info"),
            ("WARN", "warn"),
            ("3", "info"),
            ("off", "off"),
            ("info, pomost_api=debug", "pomost_api=debug,info"),
            ("pomost_api::http=trace", "pomost_api::http=trace"),
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

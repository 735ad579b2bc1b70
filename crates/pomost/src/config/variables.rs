//! The variables of the environment.

use std::collections::BTreeMap;

use pomost_api::near;

use super::ConfigError;
use super::example::KEYS;

/// Variables that are read besides those of the keys.
pub(crate) const CONFIG_VARIABLE: &str = "POMOST_CONFIG";
pub(crate) const MIRROR_TOKEN: &str = "POMOST_MIRROR_TOKEN";
pub(crate) const MIRROR_TOKEN_FILE: &str = "POMOST_MIRROR_TOKEN_FILE";

/// The prefix of all our variables.
pub(crate) const PREFIX: &str = "POMOST_";

/// The variable of a key.
pub(super) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "_"))
}

/// The variables of the environment that begin with [`PREFIX`]. A variable without a value counts as not set.
pub(crate) type Environment = BTreeMap<String, String>;

/// Our variables of the environment of the process.
///
/// # Errors
/// One of them is not text.
pub(crate) fn environment() -> Result<Environment, ConfigError> {
    let mut ours = Environment::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        let value = value.into_string().map_err(|_| ConfigError(format!("{name} is not UTF-8 text")))?;
        if !value.is_empty() {
            ours.insert(name.to_owned(), value);
        }
    }
    Ok(ours)
}

/// The unknown variables with our prefix.
///
/// # Errors
/// One of them is so similar to a known one that it is probably a mistyped form of it.
pub(super) fn unknown(environment: &Environment) -> Result<Vec<String>, ConfigError> {
    let known: Vec<String> = KEYS
        .iter()
        .map(|key| variable_of(key))
        .chain([CONFIG_VARIABLE, MIRROR_TOKEN, MIRROR_TOKEN_FILE].map(ToOwned::to_owned))
        .collect();
    // The common prefix must not make two names similar.
    let rest = |name: &'_ str| name.strip_prefix(PREFIX).unwrap_or_default().to_owned();
    let rests: Vec<String> = known.iter().map(|name| rest(name)).collect();
    let mut unknown = Vec::new();
    for name in environment.keys().filter(|name| !known.contains(name) && !is_of_the_platform(name)) {
        let named = rest(name);
        let near = near::nearest(&named, rests.iter().map(String::as_str));
        // `POMOST_DATABASE_URL` is meant as `POMOST_DATABASE`, although it is not a typing error.
        let begins = |known: &&String| named.strip_prefix(known.as_str()).is_some_and(|more| more.starts_with('_'));
        let begun = || rests.iter().filter(begins).max_by_key(|known| known.len()).map(String::as_str);
        if let Some(near) = near.or_else(begun) {
            return Err(ConfigError(format!("the variable {name} is unknown: did you mean {PREFIX}{near}?")));
        }
        unknown.push(name.clone());
    }
    Ok(unknown)
}

/// Kubernetes sets such variables in every container for a service called `pomost`; tests and builds have variables of their
/// own.
fn is_of_the_platform(name: &str) -> bool {
    ["POMOST_SERVICE_", "POMOST_PORT", "POMOST_TEST_", "POMOST_COMMIT"].iter().any(|start| name.starts_with(start))
}

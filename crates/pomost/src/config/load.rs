//! Reads the configuration: the file overrides the defaults, the environment the file, flags the environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use pomost_persistence::without_password;
use toml::{Table, Value};

use super::example::{DATABASE, DATABASE_FILE, KEYS};
use super::variables::{Environment, unknown, variable_of};
use super::{Config, check, secret};

/// The file that is read if none is named.
const USUAL_FILE: &str = "pomost.toml";

/// A configuration that cannot be used. The message is one line that names the key or the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(pub(super) String);

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The default.
    Default,
    /// A file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// A configuration with the source of each value.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// The values.
    pub(crate) config: Config,
    /// Unknown variables with our prefix.
    pub(crate) unknown: Vec<String>,
    sources: BTreeMap<&'static str, Source>,
}

impl Loaded {
    /// The keys whose values differ from another configuration.
    pub(crate) fn differences(&self, other: &Self) -> impl Iterator<Item = &'static str> {
        let [ours, theirs] = [self, other].map(|loaded| Table::try_from(&loaded.config).unwrap_or_default());
        KEYS.iter().copied().filter(move |key| get(&ours, key) != get(&theirs, key))
    }

    /// Every key with its value as TOML, if it has one, and its source. Passwords are hidden.
    pub(crate) fn lines(&self) -> Vec<(&'static str, Option<String>, Source)> {
        let table = Table::try_from(&self.config).unwrap_or_default();
        KEYS.iter()
            .map(|key| {
                let shown = get(&table, key).map(|value| match value {
                    Value::String(text) if *key == DATABASE => Value::String(without_password(text)).to_string(),
                    other => other.to_string(),
                });
                (*key, shown, self.sources.get(key).cloned().unwrap_or(Source::Default))
            })
            .collect()
    }
}

/// Reads the configuration.
///
/// `file` is the named file; without one, `pomost.toml` is read if it exists.
///
/// # Errors
/// The file cannot be read, a key is unknown, or a value is invalid.
pub(crate) fn load(
    file: Option<&Path>,
    environment: &Environment,
    flags: &[(&'static str, String)],
) -> Result<Loaded, ConfigError> {
    let mut values = Values::default();
    let unknown = unknown(environment)?;
    let file = file.or(Some(Path::new(USUAL_FILE)).filter(|usual| usual.exists()));
    if let Some(path) = file {
        let read = read_file(path)?;
        let named = KEYS.iter().filter_map(|key| Some((*key, get(&read, key)?.clone())));
        let called = |key: &str| format!("{key} in {}", path.display());
        values.layer(named.collect(), &called, &|_| Source::File(path.to_owned()))?;
    }
    let named = |key: &'static str| Some((key, environment.get(&variable_of(key))?));
    let mut read = Vec::new();
    for (key, text) in KEYS.iter().filter_map(|key| named(key)) {
        let problem = |problem| ConfigError(format!("{}: {problem}", variable_of(key)));
        read.push((key, values.parse(key, text).map_err(problem)?));
    }
    values.layer(read, &variable_of, &|key| Source::Environment(variable_of(key)))?;
    let mut read = Vec::new();
    for (key, text) in flags {
        read.push((*key, values.parse(key, text).map_err(|problem| ConfigError(format!("{key}: {problem}")))?));
    }
    values.layer(read, &|key| format!("--{}", key.replace('_', "-")), &|_| Source::Flag)?;
    let Values { table, mut sources } = values;
    let mut config: Config =
        table.try_into().map_err(|error: toml::de::Error| ConfigError(one_line(error.message())))?;
    if let Some(path) = &config.database_file {
        config.database = secret::read(path).map_err(|problem| ConfigError(format!("{DATABASE_FILE}: {problem}")))?;
        sources.insert(DATABASE, Source::File(path.clone()));
    }
    check::check(&config).map_err(ConfigError)?;
    Ok(Loaded { config, unknown, sources })
}

/// The values so far, with their sources.
struct Values {
    table: Table,
    sources: BTreeMap<&'static str, Source>,
}

impl Default for Values {
    fn default() -> Self {
        Self { table: Table::try_from(Config::default()).unwrap_or_default(), sources: BTreeMap::new() }
    }
}

impl Values {
    /// Overrides values.
    fn layer(
        &mut self,
        values: Vec<(&'static str, Value)>,
        called: &dyn Fn(&str) -> String,
        source: &dyn Fn(&str) -> Source,
    ) -> Result<(), ConfigError> {
        let has = |wanted: &str| values.iter().any(|(key, _)| *key == wanted);
        if has(DATABASE) && has(DATABASE_FILE) {
            let (one, other) = (called(DATABASE), called(DATABASE_FILE));
            return Err(ConfigError(format!("{one} and {other} are both set: remove one of them")));
        }
        // The later source counts, for either key.
        if has(DATABASE) {
            self.table.remove(DATABASE_FILE);
            self.sources.remove(DATABASE_FILE);
        }
        for (key, value) in values {
            self.sources.insert(key, source(key));
            set(&mut self.table, key, value);
        }
        Ok(())
    }

    /// Values from the environment and flags are text; the default determines their type.
    fn parse(&self, key: &str, text: &str) -> Result<Value, String> {
        match get(&self.table, key) {
            Some(Value::Integer(_)) => match text.parse::<u32>() {
                Ok(number) => Ok(Value::Integer(i64::from(number))),
                Err(_) => Err(format!("{text:?} is not a whole number from 0 to {}", u32::MAX)),
            },
            Some(Value::Boolean(_)) => match text.parse() {
                Ok(answer) => Ok(Value::Boolean(answer)),
                Err(_) => Err(format!("{text:?} is neither true nor false")),
            },
            Some(Value::Array(_)) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
            }
            Some(Value::Table(_)) => {
                let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
                let mut table = Table::new();
                for pair in pairs {
                    let (name, value) = pair.rsplit_once('=').ok_or_else(|| format!("{pair:?} is not NAME=VALUE"))?;
                    if table.insert(name.trim().to_owned(), Value::String(value.trim().to_owned())).is_some() {
                        return Err(format!("{:?} occurs twice: remove one", name.trim()));
                    }
                }
                Ok(Value::Table(table))
            }
            _ => Ok(Value::String(text.to_owned())),
        }
    }
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError(format!("cannot read the configuration {shown}: {error}")))?;
    let problem = |error: &toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ConfigError(format!("the configuration {shown}, line {line}: {}", one_line(error.message())))
    };
    // Parsed as a whole first, because only that reports unknown keys and wrong types with their lines.
    toml::from_str::<Config>(&text).map_err(|error| problem(&error))?;
    toml::from_str(&text).map_err(|error| problem(&error))
}

pub(super) fn get<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        Some((group, key)) => table.get(group)?.as_table()?.get(key),
        None => table.get(key),
    }
}

fn set(table: &mut Table, key: &str, value: Value) {
    if let Some((group, key)) = key.split_once('.') {
        if let Value::Table(inner) = table.entry(group).or_insert_with(|| Value::Table(Table::new())) {
            inner.insert(key.to_owned(), value);
        }
    } else {
        table.insert(key.to_owned(), value);
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! The configuration: defaults, a TOML file, the environment and flags, the later over the earlier.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::door::{Documents, DocumentsError, Limits, Rate, Rules};
use crate::http::{Connections, Settings, Sockets};
use crate::identity::OidcSettings;
use crate::registry::Caching;

/// The file that is read when none is named.
const USUAL_FILE: &str = "pomost.toml";

/// Every key, as its place in the file. Its variable is called the same: `limits.depth` is `POMOST_LIMITS_DEPTH`.
const KEYS: [&str; 43] = [
    "database",
    "listen",
    "admin_listen",
    "log",
    "readers",
    "acquire_timeout_ms",
    "mapped_mb",
    "trusted_proxies",
    "credential_origins",
    "documents",
    "documents_only",
    "limits.body_bytes",
    "limits.document_bytes",
    "limits.fields",
    "limits.depth",
    "limits.aliases",
    "limits.directives",
    "limits.tokens",
    "limits.variable_values",
    "limits.complexity",
    "limits.request_timeout_ms",
    "rate.burst",
    "rate.per_second",
    "rate.token_factor",
    "sockets.init_timeout_ms",
    "sockets.operations",
    "sockets.ping_interval_ms",
    "connections.max",
    "connections.header_timeout_ms",
    "cache.records_mb",
    "cache.answers_mb",
    "cache.staleness_ms",
    "dataset.publisher",
    "dataset.publisher_url",
    "dataset.licence",
    "oidc.issuer",
    "oidc.audience",
    "oidc.jwks_url",
    "oidc.algorithms",
    "oidc.role_claim",
    "oidc.roles",
    "oidc.city_claim",
    "oidc.leeway_s",
];

/// The variable of a key.
fn variable_of(key: &str) -> String {
    format!("POMOST_{}", key.to_ascii_uppercase().replace('.', "_"))
}

/// A configuration file with every key and its default.
pub(crate) const EXAMPLE: &str = r#"# Configuration of Pomost. Every value here is the default; a commented key has none.
# The environment (POMOST_...) overrides this file, and flags override both.

# The database: sqlite://FILE or postgres://USER@HOST/NAME. Environment: POMOST_DATABASE
database = "sqlite://pomost.db"

# Address of the public API. Environment: POMOST_LISTEN
listen = "127.0.0.1:8080"

# Address for operators, with /livez and /readyz; not opened when absent. Environment: POMOST_ADMIN_LISTEN
# admin_listen = "127.0.0.1:9090"

# What is logged: a level, or levels per part, such as "info,pomost_api=debug". Environment: POMOST_LOG
log = "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn"

# Database connections that read at the same time. Environment: POMOST_READERS
readers = 4

# How long a request waits for a connection. Environment: POMOST_ACQUIRE_TIMEOUT_MS
acquire_timeout_ms = 5000

# Megabytes of a SQLite file that are read where the system keeps them, and not copied. They count as memory of the server, but
# the system takes them back when it needs them. Environment: POMOST_MAPPED_MB
mapped_mb = 256

# Networks of proxies that are believed when X-Forwarded-For says whom they speak for, such as ["127.0.0.1/32"].
# Environment: POMOST_TRUSTED_PROXIES (with commas)
trusted_proxies = []

# Origins whose pages may send credentials, such as ["https://www.jastrzebie.pl"]; any page may read without.
# Environment: POMOST_CREDENTIAL_ORIGINS (with commas)
credential_origins = []

# Documents that are known by an id: a manifest of Relay, GraphQL Code Generator or Apollo, or a folder of them.
# Environment: POMOST_DOCUMENTS
# documents = "documents.json"

# Whether nothing but these documents is executed. Environment: POMOST_DOCUMENTS_ONLY
documents_only = false

# What a single request may cost; all of it is checked before the database is asked anything.
[limits]
# Bytes of a request body, and of a message over a socket. Environment: POMOST_LIMITS_BODY_BYTES
body_bytes = 262144

# Bytes of a document. Environment: POMOST_LIMITS_DOCUMENT_BYTES
document_bytes = 32768

# Fields of a document once its fragments are in their places. Environment: POMOST_LIMITS_FIELDS
fields = 1000

# Levels of fields under each other. Environment: POMOST_LIMITS_DEPTH
depth = 15

# Names under which one field is asked for in one place. Environment: POMOST_LIMITS_ALIASES
aliases = 30

# Directives at one place. Environment: POMOST_LIMITS_DIRECTIVES
directives = 10

# Tokens of a document. Environment: POMOST_LIMITS_TOKENS
tokens = 2000

# Values in the variables of a request, however they are nested. Environment: POMOST_LIMITS_VARIABLE_VALUES
variable_values = 1000

# Cost of an operation: fields, multiplied by the sizes of the lists around them. Environment: POMOST_LIMITS_COMPLEXITY
complexity = 10000

# Milliseconds for reading and executing a request. Environment: POMOST_LIMITS_REQUEST_TIMEOUT_MS
request_timeout_ms = 10000

# What a client may spend; every operation is charged its cost. A client is an IPv4 address or an IPv6 network of 64 bits.
[rate]
# Cost that a client may spend at once; 0 limits nobody. Environment: POMOST_RATE_BURST
burst = 300000

# Cost that comes back every second. Environment: POMOST_RATE_PER_SECOND
per_second = 10000

# How many times as much a client may spend that shows a token. Environment: POMOST_RATE_TOKEN_FACTOR
token_factor = 10

# What a WebSocket may take.
[sockets]
# Milliseconds in which a client has to introduce itself. Environment: POMOST_SOCKETS_INIT_TIMEOUT_MS
init_timeout_ms = 3000

# Operations that may run at once. Environment: POMOST_SOCKETS_OPERATIONS
operations = 100

# Milliseconds between pings; who does not answer until the next one is gone.
# Environment: POMOST_SOCKETS_PING_INTERVAL_MS
ping_interval_ms = 30000

# What the connections of all clients may take together.
[connections]
# How many may be open. Environment: POMOST_CONNECTIONS_MAX
max = 10000

# Milliseconds in which the headers of a request have to arrive, and for which an idle connection is kept.
# Environment: POMOST_CONNECTIONS_HEADER_TIMEOUT_MS
header_timeout_ms = 15000

# What is remembered of the data. A write makes all of it unreachable at once, so that none of it is ever out of date.
[cache]
# Megabytes of records, pages and counts; 0: none are remembered. Environment: POMOST_CACHE_RECORDS_MB
records_mb = 32

# Megabytes of finished answers; 0: none are remembered. Environment: POMOST_CACHE_ANSWERS_MB
answers_mb = 32

# For so many milliseconds nobody asks the database whether another process has written; 0: it is asked each time. What the
# same process writes is seen at once, and whoever shows a token has it asked each time. Environment: POMOST_CACHE_STALENESS_MS
staleness_ms = 100

# What the API says about the data as a whole.
[dataset]
# Who publishes the data. Environment: POMOST_DATASET_PUBLISHER
publisher = "Miasto Jastrzębie-Zdrój"

# The publisher's page. Environment: POMOST_DATASET_PUBLISHER_URL
publisher_url = "https://www.jastrzebie.pl"

# Licence of the data, as an SPDX identifier. Environment: POMOST_DATASET_LICENCE
licence = "CC-BY-4.0"

# An identity provider (OpenID Connect) whose JSON Web Tokens are taken besides the tokens of `pomost token`.
[oidc]
# Who issues the tokens; without it none are taken. Environment: POMOST_OIDC_ISSUER
# issuer = "https://login.jastrzebie.pl"

# For whom the tokens have to be. Environment: POMOST_OIDC_AUDIENCE
# audience = "pomost"

# Where its keys are; when absent, ISSUER/.well-known/openid-configuration says it. Environment: POMOST_OIDC_JWKS_URL
# jwks_url = "https://login.jastrzebie.pl/keys"

# Algorithms that are taken. Environment: POMOST_OIDC_ALGORITHMS (with commas)
algorithms = ["RS256", "ES256"]

# The claim that holds the roles, with dots for what is nested. Environment: POMOST_OIDC_ROLE_CLAIM
role_claim = "roles"

# Which value of that claim means which role: partner, councillor, editor, publisher, reporting or admin.
# Environment: POMOST_OIDC_ROLES (such as pomost-editors=editor, with commas)
roles = {}

# The claim that holds the slug of the holder's city; partners need it. Environment: POMOST_OIDC_CITY_CLAIM
# city_claim = "city"

# Seconds by which clocks may differ. Environment: POMOST_OIDC_LEEWAY_S
leeway_s = 60
"#;

/// What can be configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `sqlite://FILE` or `postgres://…`.
    pub database: String,
    /// Address of the public API.
    pub listen: String,
    /// Address for operators, if there is one.
    pub admin_listen: Option<String>,
    /// Filter of the log.
    pub log: String,
    /// Database connections that read at the same time.
    pub readers: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout_ms: u64,
    /// Megabytes of a `SQLite` file that are read where the system keeps them.
    pub mapped_mb: u32,
    /// Networks of proxies that are believed when they say whom they speak for.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may send credentials.
    pub credential_origins: Vec<String>,
    /// Documents that are known by an id: a manifest, or a folder of them.
    pub documents: Option<PathBuf>,
    /// Whether nothing but these documents is executed.
    pub documents_only: bool,
    /// What a single request may cost.
    pub limits: Limits,
    /// What a client may spend.
    pub rate: Rate,
    /// What a WebSocket may take.
    pub sockets: Sockets,
    /// What the connections of all clients may take together.
    pub connections: Connections,
    /// What is remembered of the data.
    pub cache: Caching,
    /// What the API says about the data as a whole.
    pub dataset: Dataset,
    /// The identity provider whose tokens are taken.
    pub oidc: OidcSettings,
}

/// Who publishes the data, and on which terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dataset {
    /// Name of the publisher.
    pub publisher: String,
    /// Page of the publisher.
    pub publisher_url: Option<String>,
    /// Licence as an SPDX identifier.
    pub licence: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: "sqlite://pomost.db".to_owned(),
            listen: "127.0.0.1:8080".to_owned(),
            admin_listen: None,
            log: "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn".to_owned(),
            readers: 4,
            acquire_timeout_ms: 5_000,
            mapped_mb: 256,
            trusted_proxies: Vec::new(),
            credential_origins: Vec::new(),
            documents: None,
            documents_only: false,
            limits: Limits::default(),
            rate: Rate::default(),
            sockets: Sockets::default(),
            connections: Connections::default(),
            cache: Caching::default(),
            dataset: Dataset::default(),
            oidc: OidcSettings::default(),
        }
    }
}

impl Default for Dataset {
    fn default() -> Self {
        Self {
            publisher: "Miasto Jastrzębie-Zdrój".to_owned(),
            publisher_url: Some("https://www.jastrzebie.pl".to_owned()),
            licence: "CC-BY-4.0".to_owned(),
        }
    }
}

impl Config {
    /// How the store is opened.
    pub(crate) fn store_settings(&self) -> pomost_persistence::Settings {
        pomost_persistence::Settings {
            url: self.database.clone(),
            readers: self.readers,
            acquire_timeout: Duration::from_millis(self.acquire_timeout_ms),
            mapped_mb: self.mapped_mb,
        }
    }

    /// Reads the documents that are known by an id.
    ///
    /// # Errors
    /// They cannot be used.
    pub(crate) fn read_documents(&self) -> Result<Documents, DocumentsError> {
        let mut documents = self.documents.as_deref().map_or_else(|| Ok(Documents::default()), Documents::read)?;
        documents.only = self.documents_only;
        Ok(documents)
    }

    /// How the edge is set up.
    ///
    /// # Errors
    /// The documents cannot be used.
    pub(crate) fn edge_settings(&self) -> Result<Settings, DocumentsError> {
        Ok(Settings {
            rules: Rules { limits: self.limits.clone(), rate: self.rate.clone(), documents: self.read_documents()? },
            sockets: self.sockets.clone(),
            trusted_proxies: self.trusted_proxies.clone(),
            credential_origins: self.credential_origins.clone(),
            answers_mb: self.cache.answers_mb,
            figures: None,
        })
    }
}

impl From<Dataset> for crate::schema::Dataset {
    fn from(Dataset { publisher, publisher_url, licence }: Dataset) -> Self {
        Self { publisher, publisher_url, licence }
    }
}

/// A configuration that cannot be used. The message is one line that names the key or the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was not set.
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

/// A configuration, and where each value comes from.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// The values.
    pub(crate) config: Config,
    sources: BTreeMap<&'static str, Source>,
}

impl Loaded {
    /// The keys whose values differ in another configuration.
    pub(crate) fn differences(&self, other: &Self) -> impl Iterator<Item = &'static str> {
        let [ours, theirs] = [self, other].map(|loaded| Table::try_from(&loaded.config).unwrap_or_default());
        KEYS.into_iter().filter(move |key| get(&ours, key) != get(&theirs, key))
    }

    /// Every key with its value as TOML, where it has one, and its source. Passwords are hidden.
    pub(crate) fn lines(&self) -> Vec<(&'static str, Option<String>, Source)> {
        let table = Table::try_from(&self.config).unwrap_or_default();
        KEYS.iter()
            .map(|key| {
                let shown = get(&table, key).map(|value| match value {
                    Value::String(text) if *key == "database" => Value::String(without_password(text)).to_string(),
                    other => other.to_string(),
                });
                (*key, shown, self.sources.get(key).cloned().unwrap_or(Source::Default))
            })
            .collect()
    }
}

/// Reads the configuration.
///
/// `file` is the named file; without one, `pomost.toml` is read if it is there. `variable` looks into the environment.
///
/// # Errors
/// The file cannot be read, a key is unknown, or a value does not fit.
pub(crate) fn load(
    file: Option<&Path>,
    variable: impl Fn(&str) -> Option<String>,
    flags: &[(&'static str, String)],
) -> Result<Loaded, ConfigError> {
    let mut table = Table::try_from(Config::default()).map_err(|error| ConfigError(error.to_string()))?;
    let mut sources = BTreeMap::new();
    let file = file.or(Some(Path::new(USUAL_FILE)).filter(|usual| usual.exists()));
    if let Some(path) = file {
        let read = read_file(path)?;
        for key in KEYS {
            if let Some(value) = get(&read, key) {
                set(&mut table, key, value.clone());
                sources.insert(key, Source::File(path.to_owned()));
            }
        }
    }
    for key in KEYS {
        let name = variable_of(key);
        if let Some(text) = variable(&name).filter(|text| !text.is_empty()) {
            let value = parse(&table, key, text).map_err(|problem| ConfigError(format!("{name}: {problem}")))?;
            set(&mut table, key, value);
            sources.insert(key, Source::Environment(name));
        }
    }
    for (key, text) in flags {
        let value = parse(&table, key, text.clone()).map_err(|problem| ConfigError(format!("{key}: {problem}")))?;
        set(&mut table, key, value);
        sources.insert(key, Source::Flag);
    }
    let config: Config = table.try_into().map_err(|error: toml::de::Error| ConfigError(one_line(error.message())))?;
    check(&config)?;
    Ok(Loaded { config, sources })
}

/// The address of a database without its password.
pub(crate) fn without_password(url: &str) -> String {
    let hidden = || {
        let (scheme, rest) = url.split_once("://")?;
        let (login, host) = rest.rsplit_once('@')?;
        let (user, _) = login.split_once(':')?;
        Some(format!("{scheme}://{user}:***@{host}"))
    };
    hidden().unwrap_or_else(|| url.to_owned())
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError(format!("the configuration {shown} cannot be read: {error}")))?;
    let problem = |error: &toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ConfigError(format!("the configuration {shown}, line {line}: {}", one_line(error.message())))
    };
    // Read as a whole first: that is what finds unknown keys and wrong types, with their lines.
    toml::from_str::<Config>(&text).map_err(|error| problem(&error))?;
    toml::from_str(&text).map_err(|error| problem(&error))
}

/// Values from outside are text; what type they need is known from the default.
fn parse(table: &Table, key: &str, text: String) -> Result<Value, String> {
    match get(table, key) {
        Some(Value::Integer(_)) => match text.parse::<u32>() {
            Ok(number) => Ok(Value::Integer(i64::from(number))),
            Err(_) => Err(format!("{text:?} is not a whole number")),
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
            let read = |pair: &str| {
                let (name, value) = pair.split_once('=').ok_or_else(|| format!("{pair:?} is not NAME=VALUE"))?;
                Ok((name.trim().to_owned(), Value::String(value.trim().to_owned())))
            };
            Ok(Value::Table(pairs.map(read).collect::<Result<_, String>>()?))
        }
        _ => Ok(Value::String(text)),
    }
}

fn check(config: &Config) -> Result<(), ConfigError> {
    let table = Table::try_from(config).unwrap_or_default();
    // Zero means something there.
    let may_be_zero = |key: &str| key.starts_with("rate.") || key.starts_with("cache.");
    let zero = KEYS.iter().find(|key| !may_be_zero(key) && get(&table, key) == Some(&Value::Integer(0)));
    if let Some(key) = zero {
        return Err(ConfigError(format!("{key} is 0: it must be at least 1")));
    }
    let (rate, most) = (&config.rate, config.limits.complexity);
    if rate.burst > 0 && (rate.burst < most || rate.per_second == 0) {
        return Err(ConfigError(format!(
            "rate.burst is {} and rate.per_second {}: let a client spend limits.complexity ({most}) at once and get \
             something back, or write rate.burst = 0 to limit nobody",
            rate.burst, rate.per_second
        )));
    }
    if config.documents_only && config.documents.is_none() {
        return Err(ConfigError("documents_only is true, but documents names none: nothing could be asked".to_owned()));
    }
    Ok(())
}

fn get<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn the_example_is_the_default() {
        assert_eq!(toml::from_str::<Config>(EXAMPLE).unwrap(), Config::default());
    }

    #[test]
    fn the_example_names_every_key_and_variable() {
        let set =
            EXAMPLE.lines().map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line));
        let all: Table = toml::from_str(&set.collect::<Vec<_>>().join("\n")).unwrap();
        for key in KEYS {
            let name = variable_of(key);
            assert!(get(&all, key).is_some(), "{key}");
            assert!(
                EXAMPLE.contains(&format!("Environment: {name}\n")) || EXAMPLE.contains(&format!("{name} (")),
                "{name}"
            );
        }
        let keys = all.values().map(|value| value.as_table().map_or(1, Table::len)).sum::<usize>();
        assert_eq!(keys, KEYS.len());
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let file = written("readers = 2\nlisten = \"file:1\"\ndatabase = \"file\"\n[dataset]\nlicence = \"CC0-1.0\"\n");
        let variable = |name: &str| match name {
            "POMOST_LISTEN" => Some("environment:1".to_owned()),
            "POMOST_DATABASE" => Some("environment".to_owned()),
            _ => None,
        };
        let loaded = load(Some(file.path()), variable, &[("database", "flag".to_owned())]).unwrap();
        let Config { database, listen, readers, dataset, .. } = loaded.config.clone();
        assert_eq!((database.as_str(), listen.as_str(), readers), ("flag", "environment:1", 2));
        assert_eq!((dataset.licence.as_str(), dataset.publisher), ("CC0-1.0", Dataset::default().publisher));
        let sources: Vec<_> = loaded.lines().into_iter().map(|(_, _, source)| source.to_string()).collect();
        assert_eq!(sources[..3], ["flag", "environment POMOST_LISTEN", "default"]);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let file = written("readers = 2\nlissten = \"x\"\n");
        let error = load(Some(file.path()), |_| None, &[]).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("lissten") && !error.contains('\n'), "{error}");
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        let readers = |text: &str| {
            let text = text.to_owned();
            load(None, move |name| (name == "POMOST_READERS").then(|| text.clone()), &[])
                .map(|loaded| loaded.config.readers)
        };
        assert_eq!(readers("7"), Ok(7));
        assert_eq!(readers("many"), Err(ConfigError("POMOST_READERS: \"many\" is not a whole number".to_owned())));
        assert_eq!(readers("0"), Err(ConfigError("readers is 0: it must be at least 1".to_owned())));
        for (key, text, problem) in [
            ("POMOST_LIMITS_DEPTH", "0", "limits.depth is 0"),
            ("POMOST_RATE_BURST", "5", "rate.burst is 5"),
            ("POMOST_TRUSTED_PROXIES", "10.0.0.0/8, nonsense", "IP address"),
            ("POMOST_DOCUMENTS_ONLY", "yes", "neither true nor false"),
            ("POMOST_DOCUMENTS_ONLY", "true", "documents names none"),
        ] {
            let error = load(None, |name| (name == key).then(|| text.to_owned()), &[]).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn lists_are_read_from_the_environment() {
        let variable = |name: &str| (name == "POMOST_TRUSTED_PROXIES").then(|| "10.0.0.0/8, ::1/128".to_owned());
        let loaded = load(None, variable, &[]).unwrap();
        assert_eq!(loaded.config.trusted_proxies.len(), 2);
    }

    #[test]
    fn the_default_dataset_is_that_of_the_schema() {
        let (ours, theirs) = (crate::schema::Dataset::from(Dataset::default()), crate::schema::Dataset::default());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }

    #[test]
    fn passwords_are_hidden() {
        assert_eq!(without_password("postgres://anna:s@cret@db/pomost"), "postgres://anna:***@db/pomost");
        assert_eq!(without_password("postgres://anna@db/pomost"), "postgres://anna@db/pomost");
        assert_eq!(without_password("sqlite://pomost.db"), "sqlite://pomost.db");
    }
}

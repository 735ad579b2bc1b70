//! The configuration: defaults, a TOML file, the environment and flags, the later over the earlier.

mod check;
pub(crate) mod secret;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use pomost_persistence::without_password;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::door::{Documents, DocumentsError, Limits, Rate, Rules};
use crate::http::{Connections, Settings, Sockets};
use crate::identity::OidcSettings;
use crate::near;
use crate::registry::Caching;

pub(crate) use check::web_address;

/// The file that is read when none is named.
const USUAL_FILE: &str = "pomost.toml";

/// Every key, as its place in the file. Its variable is called the same: `limits.depth` is `POMOST_LIMITS_DEPTH`.
const KEYS: &[&str] = &[
    DATABASE,
    DATABASE_FILE,
    "listen",
    "admin_listen",
    "log",
    "log_client_address",
    "log_token_name",
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
    "limits.text_searches",
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

const DATABASE: &str = "database";
const DATABASE_FILE: &str = "database_file";

/// Variables that are read besides those of the keys.
pub(crate) const CONFIG_VARIABLE: &str = "POMOST_CONFIG";
pub(crate) const MIRROR_TOKEN: &str = "POMOST_MIRROR_TOKEN";
pub(crate) const MIRROR_TOKEN_FILE: &str = "POMOST_MIRROR_TOKEN_FILE";

/// How all of our variables begin.
pub(crate) const PREFIX: &str = "POMOST_";

/// The variable of a key.
fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "_"))
}

/// A configuration file with every key and its default.
pub(crate) const EXAMPLE: &str = r#"# Configuration of Pomost. Every value here is the default; a commented key has none.
# The environment (POMOST_...) overrides this file, and flags override both.

# The database: sqlite://FILE or postgres://USER@HOST/NAME. Environment: POMOST_DATABASE
database = "sqlite://pomost.db"

# A file that holds the address of the database alone, in the place of `database`: for addresses with a password. A line end
# behind the address is left out. Environment: POMOST_DATABASE_FILE
# database_file = "/run/secrets/pomost-database"

# Address of the public API. Environment: POMOST_LISTEN
listen = "127.0.0.1:8080"

# Address for operators, with /livez and /readyz; not opened when absent. Environment: POMOST_ADMIN_LISTEN
# admin_listen = "127.0.0.1:9090"

# What is logged: a level (off, error, warn, info, debug, trace), or levels per part, such as "info,pomost_api=debug".
# Environment: POMOST_LOG
log = "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn"

# Whether the line about a request has the address of the client, which is personal data. Environment: POMOST_LOG_CLIENT_ADDRESS
log_client_address = false

# Whether it has the name of the token that the client showed, as `pomost token list` names it, or the subject that an identity
# provider names; never the token. Environment: POMOST_LOG_TOKEN_NAME
log_token_name = true

# Database connections that read at the same time; 1 to 1000. Environment: POMOST_READERS
readers = 4

# Milliseconds for which a request waits for a connection, and a start for the server of the database; at least 1.
# Environment: POMOST_ACQUIRE_TIMEOUT_MS
acquire_timeout_ms = 5000

# Megabytes of a SQLite file that are read where the system keeps them, and not copied. They count as memory of the server, but
# the system takes them back when it needs them; 0: all of it is copied. Environment: POMOST_MAPPED_MB
mapped_mb = 256

# Networks or addresses of proxies that are believed when X-Forwarded-For says whom they speak for, such as ["127.0.0.1"].
# Environment: POMOST_TRUSTED_PROXIES (with commas)
trusted_proxies = []

# Origins whose pages may send credentials, as browsers send them (no path, no usual port), such as
# ["https://www.jastrzebie.pl"]; any page may read without.
# Environment: POMOST_CREDENTIAL_ORIGINS (with commas)
credential_origins = []

# Documents that are known by an id: a manifest of Relay, GraphQL Code Generator or Apollo, or a folder of them.
# Environment: POMOST_DOCUMENTS
# documents = "documents.json"

# Whether nothing but these documents is executed. Environment: POMOST_DOCUMENTS_ONLY
documents_only = false

# What a single request may cost; all of it is checked before the database is asked anything.
[limits]
# Bytes of a request body, and of a message over a socket; at least 1. Environment: POMOST_LIMITS_BODY_BYTES
body_bytes = 262144

# Bytes of a document; at least 1. Environment: POMOST_LIMITS_DOCUMENT_BYTES
document_bytes = 32768

# Fields of a document once its fragments are in their places; at least 1. Environment: POMOST_LIMITS_FIELDS
fields = 1000

# Levels of fields under each other; at least 1. Environment: POMOST_LIMITS_DEPTH
depth = 15

# Names under which one field is asked for in one place; at least 1. Environment: POMOST_LIMITS_ALIASES
aliases = 30

# Directives at one place; 0: none are taken. Environment: POMOST_LIMITS_DIRECTIVES
directives = 10

# Tokens of a document; at least 1. Environment: POMOST_LIMITS_TOKENS
tokens = 2000

# Values in the variables of a request, however they are nested; 0: none are taken.
# Environment: POMOST_LIMITS_VARIABLE_VALUES
variable_values = 1000

# Cost of an operation: fields, multiplied by the sizes of the lists around them, filters and orders; at least 1.
# Environment: POMOST_LIMITS_COMPLEXITY
complexity = 10000

# Texts that the filters of an operation look for (`contains`, `startsWith`); 0: none. Environment: POMOST_LIMITS_TEXT_SEARCHES
text_searches = 20

# Milliseconds for reading and executing a request; at least 1. Environment: POMOST_LIMITS_REQUEST_TIMEOUT_MS
request_timeout_ms = 10000

# What a client may spend; every operation is charged its cost. A client is an IPv4 address or an IPv6 network of 64 bits.
[rate]
# Cost that a client may spend at once; 0 limits nobody. Environment: POMOST_RATE_BURST
burst = 300000

# Cost that comes back every second; 0 only where nobody is limited. Environment: POMOST_RATE_PER_SECOND
per_second = 10000

# How many times as much a client may spend that shows a token; at least 1. Environment: POMOST_RATE_TOKEN_FACTOR
token_factor = 10

# What a WebSocket may take.
[sockets]
# Milliseconds in which a client has to introduce itself; at least 1. Environment: POMOST_SOCKETS_INIT_TIMEOUT_MS
init_timeout_ms = 3000

# Operations that may run at once; at least 1. Environment: POMOST_SOCKETS_OPERATIONS
operations = 100

# Milliseconds between pings; a client that does not answer until the next one is gone. 0: none are sent.
# Environment: POMOST_SOCKETS_PING_INTERVAL_MS
ping_interval_ms = 30000

# What the connections of all clients may take together.
[connections]
# How many may be open; at least 1. Environment: POMOST_CONNECTIONS_MAX
max = 10000

# Milliseconds in which the headers of a request have to arrive, and for which an idle connection is kept; at least 1.
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
# Who publishes the data. When absent, the home city of the registry, by its official name.
# Environment: POMOST_DATASET_PUBLISHER
# publisher = "Miasto Jastrzębie-Zdrój"

# The publisher's page. When absent, and the home city is the publisher, its website.
# Environment: POMOST_DATASET_PUBLISHER_URL
# publisher_url = "https://www.jastrzebie.pl"

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

# Algorithms that are taken, with public keys only. Environment: POMOST_OIDC_ALGORITHMS (with commas)
algorithms = ["RS256", "ES256"]

# The claim that holds the roles: its whole name, such as "https://example.org/roles", or a path with dots to what is nested,
# such as "realm_access.roles". A claim with the whole name comes first. Environment: POMOST_OIDC_ROLE_CLAIM
role_claim = "roles"

# Which value of that claim means which role: partner, councillor, editor, publisher, reporting or admin. Of several that a
# token has, the highest counts: admin, publisher, editor, reporting, councillor, partner.
# Environment: POMOST_OIDC_ROLES (such as pomost-editors=editor, with commas)
roles = {}

# The claim that holds the slug of the holder's city, named as `role_claim` is; partners need it.
# Environment: POMOST_OIDC_CITY_CLAIM
# city_claim = "city"

# Seconds by which clocks may differ; 0: not at all. Environment: POMOST_OIDC_LEEWAY_S
leeway_s = 60
"#;

/// What can be configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `sqlite://FILE` or `postgres://…`.
    pub database: String,
    /// A file that holds the address of the database, if it is kept in one.
    pub database_file: Option<PathBuf>,
    /// Address of the public API.
    pub listen: String,
    /// Address for operators, if there is one.
    pub admin_listen: Option<String>,
    /// Filter of the log.
    pub log: String,
    /// Whether the log has the addresses of clients.
    pub log_client_address: bool,
    /// Whether the log has the names of the tokens that clients show.
    pub log_token_name: bool,
    /// Database connections that read at the same time.
    pub readers: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout_ms: u32,
    /// Megabytes of a `SQLite` file that are read where the system keeps them.
    pub mapped_mb: u32,
    /// Networks of proxies that are believed when they say whom they speak for.
    #[serde(deserialize_with = "check::networks")]
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
    /// Name of the publisher, if it is not the home city.
    pub publisher: Option<String>,
    /// Page of the publisher.
    pub publisher_url: Option<String>,
    /// Licence as an SPDX identifier.
    pub licence: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: "sqlite://pomost.db".to_owned(),
            database_file: None,
            listen: "127.0.0.1:8080".to_owned(),
            admin_listen: None,
            log: "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn".to_owned(),
            log_client_address: false,
            log_token_name: true,
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
        Self { publisher: None, publisher_url: None, licence: pomost_domain::Meta::DEFAULT_LICENCE.to_owned() }
    }
}

impl Config {
    /// How the store is opened.
    pub(crate) fn store_settings(&self) -> pomost_persistence::Settings {
        pomost_persistence::Settings {
            url: self.database.clone(),
            readers: self.readers,
            acquire_timeout: Duration::from_millis(self.acquire_timeout_ms.into()),
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
            log_client_address: self.log_client_address,
            log_token_name: self.log_token_name,
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
    /// Variables that begin as ours do and are none.
    pub(crate) unknown: Vec<String>,
    sources: BTreeMap<&'static str, Source>,
}

impl Loaded {
    /// The keys whose values differ in another configuration.
    pub(crate) fn differences(&self, other: &Self) -> impl Iterator<Item = &'static str> {
        let [ours, theirs] = [self, other].map(|loaded| Table::try_from(&loaded.config).unwrap_or_default());
        KEYS.iter().copied().filter(move |key| get(&ours, key) != get(&theirs, key))
    }

    /// Every key with its value as TOML, where it has one, and its source. Passwords are hidden.
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

/// The variables of the environment that begin with [`PREFIX`]. Those without a value are as good as not set.
pub(crate) type Environment = BTreeMap<String, String>;

/// Our variables of the environment of the process.
///
/// # Errors
/// One of them is no text.
pub(crate) fn environment() -> Result<Environment, ConfigError> {
    let mut ours = Environment::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        let value = value.into_string().map_err(|_| ConfigError(format!("{name} is no text in UTF-8")))?;
        if !value.is_empty() {
            ours.insert(name.to_owned(), value);
        }
    }
    Ok(ours)
}

/// Reads the configuration.
///
/// `file` is the named file; without one, `pomost.toml` is read if it is there.
///
/// # Errors
/// The file cannot be read, a key is unknown, or a value does not fit.
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

/// The values so far, and where they come from.
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
    /// Lays values over those before them.
    fn layer(
        &mut self,
        values: Vec<(&'static str, Value)>,
        called: &dyn Fn(&str) -> String,
        source: &dyn Fn(&str) -> Source,
    ) -> Result<(), ConfigError> {
        let has = |wanted: &str| values.iter().any(|(key, _)| *key == wanted);
        if has(DATABASE) && has(DATABASE_FILE) {
            let (one, other) = (called(DATABASE), called(DATABASE_FILE));
            return Err(ConfigError(format!("{one} and {other} are both set: keep one of them")));
        }
        // The later of the two counts, whichever it is.
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

    /// Values from outside are text; what type they need is known from the default.
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
                        return Err(format!("{:?} stands in it twice", name.trim()));
                    }
                }
                Ok(Value::Table(table))
            }
            _ => Ok(Value::String(text.to_owned())),
        }
    }
}

/// The variables that begin as ours do and are none.
///
/// # Errors
/// One of them is so near to one of ours that it was meant to be it.
fn unknown(environment: &Environment) -> Result<Vec<String>, ConfigError> {
    let known: Vec<String> = KEYS
        .iter()
        .map(|key| variable_of(key))
        .chain([CONFIG_VARIABLE, MIRROR_TOKEN, MIRROR_TOKEN_FILE].map(ToOwned::to_owned))
        .collect();
    // What begins all alike does not make two names alike.
    let rest = |name: &'_ str| name.strip_prefix(PREFIX).unwrap_or_default().to_owned();
    let rests: Vec<String> = known.iter().map(|name| rest(name)).collect();
    let mut unknown = Vec::new();
    for name in environment.keys().filter(|name| !known.contains(name) && !is_of_the_platform(name)) {
        let named = rest(name);
        let near = near::nearest(&named, rests.iter().map(String::as_str));
        // `POMOST_DATABASE_URL` is meant to be `POMOST_DATABASE`, and no slip of the keys.
        let begins = |known: &&String| named.strip_prefix(known.as_str()).is_some_and(|more| more.starts_with('_'));
        let begun = || rests.iter().filter(begins).max_by_key(|known| known.len()).map(String::as_str);
        if let Some(near) = near.or_else(begun) {
            return Err(ConfigError(format!("the variable {name} means nothing: did you mean {PREFIX}{near}?")));
        }
        unknown.push(name.clone());
    }
    Ok(unknown)
}

/// Kubernetes tells every container of a service called `pomost` by such variables; tests and builds have their own.
fn is_of_the_platform(name: &str) -> bool {
    ["POMOST_SERVICE_", "POMOST_PORT", "POMOST_TEST_", "POMOST_COMMIT"].iter().any(|start| name.starts_with(start))
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

    fn variables(pairs: &[(&str, &str)]) -> Environment {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let file = written(
            "readers = 2\nlisten = \"file:1\"\ndatabase = \"sqlite://file\"\n[dataset]\nlicence = \"CC0-1.0\"\n",
        );
        let environment = variables(&[("POMOST_LISTEN", "environment:1"), ("POMOST_DATABASE", "sqlite://environment")]);
        let loaded = load(Some(file.path()), &environment, &[("database", "sqlite://flag".to_owned())]).unwrap();
        let Config { database, listen, readers, dataset, .. } = loaded.config.clone();
        assert_eq!((database.as_str(), listen.as_str(), readers), ("sqlite://flag", "environment:1", 2));
        assert_eq!((dataset.licence.as_str(), dataset.publisher), ("CC0-1.0", None));
        let sources: Vec<_> = loaded.lines().into_iter().map(|(_, _, source)| source.to_string()).collect();
        assert_eq!(sources[..4], ["flag", "default", "environment POMOST_LISTEN", "default"]);
    }

    #[test]
    fn the_address_of_the_database_may_be_kept_in_a_file() {
        let secret = written("postgres://anna:s3cret@db/pomost\n");
        let path = secret.path().to_str().unwrap();
        let address = |file: &str, environment: &[(&str, &str)], flags: &[(&'static str, String)]| {
            let file = written(file);
            load(Some(file.path()), &variables(environment), flags).map(|loaded| loaded.config.database)
        };
        let kept = "postgres://anna:s3cret@db/pomost";
        let named = format!("database_file = {path:?}\n");
        let other = ("database", "sqlite://other.db".to_owned());
        let in_file = ("database_file", path.to_owned());
        assert_eq!(address(&named, &[], &[]).as_deref(), Ok(kept));
        assert_eq!(address("", &[("POMOST_DATABASE_FILE", path)], &[]).as_deref(), Ok(kept));
        assert_eq!(address("", &[], std::slice::from_ref(&in_file)).as_deref(), Ok(kept));
        // The later counts, whichever of the two it is.
        assert_eq!(address("database = \"sqlite://a\"", &[("POMOST_DATABASE_FILE", path)], &[]).as_deref(), Ok(kept));
        assert_eq!(address(&named, &[("POMOST_DATABASE", "sqlite://b")], &[]).as_deref(), Ok("sqlite://b"));
        let flag = address("", &[("POMOST_DATABASE_FILE", path)], std::slice::from_ref(&other));
        assert_eq!(flag.as_deref(), Ok("sqlite://other.db"));
        // Both in one place contradict each other.
        let both = [("POMOST_DATABASE", "sqlite://b"), ("POMOST_DATABASE_FILE", path)];
        for (problem, names) in [
            (address("", &both, &[]), ["POMOST_DATABASE ", "POMOST_DATABASE_FILE "]),
            (address(&format!("{named}database = \"sqlite://a\""), &[], &[]), ["database in", "database_file in"]),
            (address("", &[], &[other, in_file]), ["--database ", "--database-file "]),
        ] {
            let problem = problem.unwrap_err().to_string();
            assert!(names.iter().all(|name| problem.contains(name)), "{problem}");
        }
        let gone = address("", &[("POMOST_DATABASE_FILE", "/nowhere/at/all")], &[]).unwrap_err().to_string();
        assert!(gone.starts_with("database_file: the file /nowhere/at/all cannot be read"), "{gone}");
        let loaded = load(None, &variables(&[("POMOST_DATABASE_FILE", path)]), &[]).unwrap();
        let shown = loaded.lines().into_iter().find(|(key, ..)| *key == DATABASE).unwrap();
        assert_eq!(shown.1.as_deref(), Some("\"postgres://anna:***@db/pomost\""));
        assert_eq!(shown.2, Source::File(secret.path().to_owned()));
    }

    #[test]
    fn a_variable_that_means_nothing_is_not_passed_over() {
        let error = load(None, &variables(&[("POMOST_LISTN", "x:1")]), &[]).unwrap_err().to_string();
        assert_eq!(error, "the variable POMOST_LISTN means nothing: did you mean POMOST_LISTEN?");
        let platform = [("POMOST_SERVICE_HOST", "10.0.0.1"), ("POMOST_PORT_8080_TCP", "tcp://10.0.0.1:8080")];
        assert!(load(None, &variables(&platform), &[]).unwrap().unknown.is_empty());
        for (name, meant) in [
            ("POMOST_DATABASE_URL", "POMOST_DATABASE?"),
            ("POMOST_OIDC_ISSUER_URL", "POMOST_OIDC_ISSUER?"),
            ("POMOST_LOG_LEVEL", "POMOST_LOG?"),
            ("POMOST_LOG_CLIENT_ADRESS", "POMOST_LOG_CLIENT_ADDRESS?"),
            ("POMOST_LIMIT_DEPTH", "POMOST_LIMITS_DEPTH?"),
        ] {
            let error = load(None, &variables(&[(name, "1")]), &[]).unwrap_err().to_string();
            assert!(error.ends_with(meant), "{error}");
        }
        let loaded = load(None, &variables(&[("POMOST_COLOUR", "blue")]), &[]).unwrap();
        assert_eq!(loaded.unknown, ["POMOST_COLOUR"]);
    }

    /// Where 0 means something, the example says what; where it does not, it is refused by name.
    #[test]
    fn it_is_decided_for_every_number_what_0_means() {
        let defaults = Table::try_from(Config::default()).unwrap();
        for key in KEYS.iter().filter(|key| get(&defaults, key).is_some_and(Value::is_integer)) {
            let name = variable_of(key);
            let at = EXAMPLE.find(&format!("Environment: {name}\n")).unwrap();
            let comment = EXAMPLE[..at].rsplit("\n\n").next().unwrap();
            // Nobody is limited, so that other keys may be anything.
            let environment = variables(&[("POMOST_RATE_BURST", "0"), (&name, "0")]);
            let zero = load(None, &environment, &[]);
            if let Some((_, why)) = check::NOT_ZERO.iter().find(|(refused, _)| refused == key) {
                let error = zero.unwrap_err().to_string();
                assert_eq!(error, format!("{key} is 0: {why}, so it must be at least 1"));
                assert!(comment.contains("at least 1"), "{comment}");
            } else {
                zero.unwrap_or_else(|error| panic!("{error}"));
                assert!(comment.contains("0: ") || comment.contains("0 "), "what does 0 mean? {comment}");
            }
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let file = written("readers = 2\nlissten = \"x\"\n");
        let error = load(Some(file.path()), &variables(&[]), &[]).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("lissten") && !error.contains('\n'), "{error}");
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        let readers = |text: &str| {
            load(None, &variables(&[("POMOST_READERS", text)]), &[])
                .map(|loaded| loaded.config.readers)
                .map_err(|error| error.to_string())
        };
        assert_eq!(readers("7"), Ok(7));
        for wrong in ["many", "-1", "1.5", "4294967296"] {
            let error = readers(wrong).unwrap_err();
            assert_eq!(error, format!("POMOST_READERS: {wrong:?} is not a whole number from 0 to 4294967295"));
        }
        for (key, text, problem) in [
            ("POMOST_LIMITS_DEPTH", "0", "limits.depth is 0"),
            ("POMOST_READERS", "4294967295", "readers is 4294967295"),
            ("POMOST_READERS", "1001", "it must be at most 1000"),
            ("POMOST_RATE_BURST", "5", "rate.burst is 5"),
            ("POMOST_TRUSTED_PROXIES", "10.0.0.0/8, nonsense", "trusted_proxies has \"nonsense\", which is no network"),
            ("POMOST_DOCUMENTS_ONLY", "yes", "neither true nor false"),
            ("POMOST_DOCUMENTS_ONLY", "true", "documents names none"),
        ] {
            let error = load(None, &variables(&[(key, text)]), &[]).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn lists_are_read_from_the_environment() {
        let environment = variables(&[
            ("POMOST_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1"),
            ("POMOST_OIDC_ISSUER", "https://login.example.org"),
            ("POMOST_OIDC_AUDIENCE", "pomost"),
            ("POMOST_OIDC_ROLES", "cn=desk=editor, boss=publisher"),
        ]);
        let config = load(None, &environment, &[]).unwrap().config;
        let proxies: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(proxies, ["10.0.0.0/8", "127.0.0.1/32"]);
        let roles: Vec<_> = config.oidc.roles.iter().map(|(value, role)| (value.as_str(), role.as_str())).collect();
        assert_eq!(roles, [("boss", "publisher"), ("cn=desk", "editor")]);
    }

    #[test]
    fn the_default_dataset_is_that_of_the_schema() {
        let (ours, theirs) = (crate::schema::Dataset::from(Dataset::default()), crate::schema::Dataset::default());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }
}

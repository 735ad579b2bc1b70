//! The keys of the configuration, and an example file that describes them.

/// Every key, as its path in the file. The name of its variable follows from it: `limits.depth` is `POMOST_LIMITS_DEPTH`.
pub(super) const KEYS: &[&str] = &[
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

pub(super) const DATABASE: &str = "database";
pub(super) const DATABASE_FILE: &str = "database_file";

/// A configuration file with every key and its default.
pub(crate) const EXAMPLE: &str = r#"# Configuration of Pomost. Every value here is the default; a commented key has none.
# The environment (POMOST_...) overrides this file, and flags override both.

# The database: sqlite://FILE or postgres://USER@HOST/NAME. Environment: POMOST_DATABASE
database = "sqlite://pomost.db"

# A file that contains only the address of the database, instead of `database`: for addresses with a password. A final line end
# is ignored. Environment: POMOST_DATABASE_FILE
# database_file = "/run/secrets/pomost-database"

# Address of the public API. Environment: POMOST_LISTEN
listen = "127.0.0.1:8080"

# Address for operators, with /livez, /readyz and /metrics; not opened if absent. Environment: POMOST_ADMIN_LISTEN
# admin_listen = "127.0.0.1:9090"

# Log filter: a level (off, error, warn, info, debug, trace), or levels per part, such as "info,pomost_api=debug".
# Environment: POMOST_LOG
log = "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn"

# True to log the address of the client of each request, which is personal data. Environment: POMOST_LOG_CLIENT_ADDRESS
log_client_address = false

# True to log the name of the token of each request, as `pomost token list` shows it, or the subject from the identity provider;
# the token itself is never logged. Environment: POMOST_LOG_TOKEN_NAME
log_token_name = true

# Number of database connections for reading; at least 1, at most 1000. Environment: POMOST_READERS
readers = 4

# Milliseconds for which a request waits for a connection, and a starting program for the database server; at least 1.
# Environment: POMOST_ACQUIRE_TIMEOUT_MS
acquire_timeout_ms = 5000

# Megabytes of a SQLite file that are memory-mapped instead of copied. They count as memory of the server, but the system
# reclaims them on demand; 0: no mapping. Environment: POMOST_MAPPED_MB
mapped_mb = 256

# Networks or addresses of proxies whose X-Forwarded-For is trusted, such as ["127.0.0.1"].
# Environment: POMOST_TRUSTED_PROXIES (with commas)
trusted_proxies = []

# Origins whose pages may send credentials, in the form that browsers send (no path, no default port), such as
# ["https://www.jastrzebie.pl"]; every page may read public data without credentials.
# Environment: POMOST_CREDENTIAL_ORIGINS (with commas)
credential_origins = []

# Documents with ids: a manifest of Relay, GraphQL Code Generator or Apollo, or a folder of documents.
# Environment: POMOST_DOCUMENTS
# documents = "documents.json"

# True to execute only these documents. Environment: POMOST_DOCUMENTS_ONLY
documents_only = false

# Limits of a single request; all are checked before the first database statement.
[limits]
# Bytes of a request body, and of a WebSocket message; at least 1. Environment: POMOST_LIMITS_BODY_BYTES
body_bytes = 262144

# Bytes of a document; at least 1. Environment: POMOST_LIMITS_DOCUMENT_BYTES
document_bytes = 32768

# Fields of a document after its fragments are expanded; at least 1. Environment: POMOST_LIMITS_FIELDS
fields = 1000

# Nesting of fields; at least 1. Environment: POMOST_LIMITS_DEPTH
depth = 15

# Response keys of one field at one place; at least 1. Environment: POMOST_LIMITS_ALIASES
aliases = 30

# Directives at one place; 0: none are allowed. Environment: POMOST_LIMITS_DIRECTIVES
directives = 10

# Tokens of a document; at least 1. Environment: POMOST_LIMITS_TOKENS
tokens = 2000

# Values in the variables of a request, at any depth; 0: none are allowed.
# Environment: POMOST_LIMITS_VARIABLE_VALUES
variable_values = 1000

# Cost of an operation: fields, multiplied by the sizes of the lists around them, filters and orders; at least 1.
# Environment: POMOST_LIMITS_COMPLEXITY
complexity = 10000

# Text searches in the filters of an operation (`contains`, `startsWith`); 0: none are allowed. Environment: POMOST_LIMITS_TEXT_SEARCHES
text_searches = 20

# Milliseconds for receiving and executing a request; at least 1. Environment: POMOST_LIMITS_REQUEST_TIMEOUT_MS
request_timeout_ms = 10000

# Budgets of clients; every operation is charged its cost. A client is an IPv4 address or an IPv6 network of 64 bits.
[rate]
# Cost that a client may spend at once; 0: no limit. Environment: POMOST_RATE_BURST
burst = 300000

# Cost that is restored per second; 0 is allowed only without a limit. Environment: POMOST_RATE_PER_SECOND
per_second = 10000

# Factor for the budget of clients with a token; at least 1. Environment: POMOST_RATE_TOKEN_FACTOR
token_factor = 10

# Limits of WebSockets.
[sockets]
# Milliseconds for receiving connection_init; at least 1. Environment: POMOST_SOCKETS_INIT_TIMEOUT_MS
init_timeout_ms = 3000

# Concurrent operations; at least 1. Environment: POMOST_SOCKETS_OPERATIONS
operations = 100

# Milliseconds between pings; a client that does not answer before the next one is disconnected. 0: no pings.
# Environment: POMOST_SOCKETS_PING_INTERVAL_MS
ping_interval_ms = 30000

# Limits of all connections together.
[connections]
# Open connections; at least 1. Environment: POMOST_CONNECTIONS_MAX
max = 10000

# Milliseconds for receiving the headers of a request, and before an idle connection is closed; at least 1.
# Environment: POMOST_CONNECTIONS_HEADER_TIMEOUT_MS
header_timeout_ms = 15000

# Caches. A write makes all cached data unreachable at once, so they are never out of date.
[cache]
# Megabytes of records, pages and counts; 0: none are cached. Environment: POMOST_CACHE_RECORDS_MB
records_mb = 32

# Megabytes of answers; 0: none are cached. Environment: POMOST_CACHE_ANSWERS_MB
answers_mb = 32

# Milliseconds for which the version of the data is assumed unchanged by other processes; 0: the database is queried each time. Writes of
# the same process take effect at once, and for clients with a token the database is queried each time. Environment: POMOST_CACHE_STALENESS_MS
staleness_ms = 100

# Information in the API on the data as a whole.
[dataset]
# Publisher of the data. Default: the official name of the home city of the registry.
# Environment: POMOST_DATASET_PUBLISHER
# publisher = "Miasto Jastrzębie-Zdrój"

# Page of the publisher. Default: the website of the home city, if it is the publisher.
# Environment: POMOST_DATASET_PUBLISHER_URL
# publisher_url = "https://www.jastrzebie.pl"

# Licence of the data, as an SPDX identifier. Environment: POMOST_DATASET_LICENCE
licence = "CC-BY-4.0"

# An identity provider (OpenID Connect) whose JSON Web Tokens are accepted besides the tokens of `pomost token`.
[oidc]
# Issuer of the tokens; without it none are accepted. Environment: POMOST_OIDC_ISSUER
# issuer = "https://login.jastrzebie.pl"

# Required audience of the tokens. Environment: POMOST_OIDC_AUDIENCE
# audience = "pomost"

# Address of its keys. Default: from ISSUER/.well-known/openid-configuration. Environment: POMOST_OIDC_JWKS_URL
# jwks_url = "https://login.jastrzebie.pl/keys"

# Accepted algorithms, with public keys only. Environment: POMOST_OIDC_ALGORITHMS (with commas)
algorithms = ["RS256", "ES256"]

# The claim with the roles: its whole name, such as "https://example.org/roles", or a path with dots to a nested claim,
# such as "realm_access.roles". A claim with the whole name takes precedence. Environment: POMOST_OIDC_ROLE_CLAIM
role_claim = "roles"

# The roles of the values of that claim: partner, councillor, editor, publisher, reporting or admin. Of several roles of a
# token, the highest counts: admin, publisher, editor, reporting, councillor, partner.
# Environment: POMOST_OIDC_ROLES (such as pomost-editors=editor, with commas)
roles = {}

# The claim with the slug of the holder's city, in the form of `role_claim`; required for partners.
# Environment: POMOST_OIDC_CITY_CLAIM
# city_claim = "city"

# Accepted difference of clocks in seconds; 0: none. Environment: POMOST_OIDC_LEEWAY_S
leeway_s = 60
"#;

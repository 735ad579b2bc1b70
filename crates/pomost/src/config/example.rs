//! Every key of the configuration, and a file that describes them.

/// Every key, as its place in the file. Its variable is called the same: `limits.depth` is `POMOST_LIMITS_DEPTH`.
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

# Database connections that read at the same time; at least 1, at most 1000. Environment: POMOST_READERS
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

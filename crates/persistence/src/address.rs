//! Addresses of databases: which ones can be used, and how one is shown without its password.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::SqliteConnectOptions;

/// An address that names no database. The message says what is wrong with it and never repeats a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(String);

/// Where a database is.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<Server>),
}

/// A `PostgreSQL` server, and a database on it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// The address as the driver reads it.
    pub(crate) url: String,
    /// How to connect.
    pub(crate) options: PgConnectOptions,
    /// How long the address lets a connection take: `connect_timeout`, in seconds.
    pub(crate) patience: Option<Duration>,
}

/// The parameters of a `PostgreSQL` address that have an effect.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    TIMEOUT,
];

const TIMEOUT: &str = "connect_timeout";

/// Checks the address of a database without connecting to it.
///
/// # Errors
/// It is neither a `SQLite` file nor a `PostgreSQL` server, or has parts that mean nothing.
pub fn check_address(url: &str) -> Result<(), AddressError> {
    Address::parse(url).map(|_| ())
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, AddressError> {
        let wrong = |what: String| Err(AddressError(what));
        if url.starts_with("sqlite:") {
            return match SqliteConnectOptions::from_str(url) {
                Ok(options) => match options.get_filename() {
                    file if file.as_os_str().is_empty() => {
                        wrong("the address of the database names no file: write sqlite://FILE".to_owned())
                    }
                    _ if url.contains(":memory:") || url.contains("mode=memory") => {
                        wrong("a database in memory cannot be shared by connections: write sqlite://FILE".to_owned())
                    }
                    file => Ok(Self::Sqlite(file.to_owned())),
                },
                Err(error) => wrong(format!("the address of the database cannot be read: {}", what(&error))),
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Server::parse(url).map(|server| Self::Postgres(Box::new(server)));
        }
        // Only the scheme is shown: the rest may hold a password.
        match url.split_once("://") {
            Some((scheme, _)) => wrong(format!(
                "a database is not addressed by \"{scheme}://\": write sqlite://FILE or postgres://USER@HOST/NAME"
            )),
            None => wrong(
                "the address of the database has no scheme: write sqlite://FILE or postgres://USER@HOST/NAME"
                    .to_owned(),
            ),
        }
    }
}

impl Server {
    fn parse(given: &str) -> Result<Self, AddressError> {
        let (base, query) = given.split_once('?').unwrap_or((given, ""));
        let mut parameters = Vec::new();
        let mut patience = None;
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if !PARAMETERS.contains(&name) && !name.starts_with("options[") {
                // The driver would pass over it, also where it was meant to make the connection safe.
                return Err(AddressError(format!(
                    "the address of the database has the parameter {name:?}, which means nothing: leave it out, or take \
                     one of {}",
                    PARAMETERS.join(", ")
                )));
            }
            if name == TIMEOUT {
                let seconds = value.parse().ok().filter(|seconds| *seconds > 0).ok_or_else(|| {
                    AddressError(format!("{TIMEOUT} in the address of the database is no number of seconds from 1"))
                })?;
                patience = Some(Duration::from_secs(seconds));
            } else {
                parameters.push(parameter.to_owned());
            }
        }
        // The driver takes the brackets of an IPv6 address for a part of the name of the host.
        let authority = base.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default();
        let host = authority.rsplit('@').next().and_then(|host| host.strip_prefix('[')?.split_once(']'));
        if let Some((host, _)) = host {
            parameters.push(format!("host={host}"));
        }
        let url = if parameters.is_empty() { base.to_owned() } else { format!("{base}?{}", parameters.join("&")) };
        match PgConnectOptions::from_str(&url) {
            Ok(options) => {
                let is_here = matches!(options.get_host(), "localhost" | "127.0.0.1" | "::1");
                let says_how = parameters.iter().any(|one| one.starts_with("sslmode=") || one.starts_with("ssl-mode="));
                // Nobody listens on the way, and enciphering took a fifth of the time of a request.
                let options = if is_here && !says_how { options.ssl_mode(PgSslMode::Disable) } else { options };
                Ok(Self { url, options, patience })
            }
            Err(error) => Err(AddressError(format!(
                "the address of the database cannot be read: {}: write postgres://USER@HOST:PORT/NAME, with %40 for @, \
                 %2F for / and %3F for ? in a password",
                what(&error)
            ))),
        }
    }

    /// The place of the server, as a message names it.
    pub(crate) fn place(&self) -> String {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        match self.options.get_socket() {
            Some(socket) => socket.join(format!(".s.PGSQL.{port}")).display().to_string(),
            None if host.starts_with('/') => Path::new(host).join(format!(".s.PGSQL.{port}")).display().to_string(),
            None if host.contains(':') => format!("[{host}]:{port}"),
            None => format!("{host}:{port}"),
        }
    }

    /// The database on it: without a name of its own it is called as its user.
    pub(crate) fn database(&self) -> &str {
        self.options.get_database().unwrap_or_else(|| self.options.get_username())
    }
}

/// The cause beneath the words of the driver, which say no more than that the configuration is wrong.
fn what(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

/// The address of a database without its password, whatever else is wrong with it.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // A question mark ends what may hold a user, unless it stands in a password that should have been encoded.
    let query = rest.match_indices('?').map(|(at, _)| at).find(|at| rest[..*at].contains('@'));
    let query = query.or_else(|| rest.find('?').filter(|_| !rest.contains('@')));
    let (place, query) = query.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
    let place = match place.rsplit_once('@').map(|(login, host)| (login.split_once(':'), host)) {
        Some((Some((user, _)), host)) => format!("{user}:***@{host}"),
        _ => place.to_owned(),
    };
    let shown = |parameter: &str| match parameter.split_once('=') {
        Some(("password", _)) => "password=***".to_owned(),
        _ => parameter.to_owned(),
    };
    let query = query.map(|query| query.split('&').map(shown).collect::<Vec<_>>().join("&"));
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    format!("{scheme}://{place}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Server {
        match Address::parse(url) {
            Ok(Address::Postgres(server)) => *server,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn passwords_are_hidden() {
        for (url, shown) in [
            ("postgres://anna:s@cret@db/pomost", "postgres://anna:***@db/pomost"),
            ("postgres://anna:s/cret@db/pomost", "postgres://anna:***@db/pomost"),
            ("postgres://anna:s?cret@db/pomost", "postgres://anna:***@db/pomost"),
            ("postgres://anna@db/pomost", "postgres://anna@db/pomost"),
            ("postgres://anna:secret@db/pomost?options=a@b", "postgres://anna:***@db/pomost?options=a@b"),
            ("postgres://db/pomost?user=anna&password=secret", "postgres://db/pomost?user=anna&password=***"),
            ("postgres://anna@db/pomost?password=se@cret", "postgres://anna@db/pomost?password=***"),
            ("sqlite://pomost.db", "sqlite://pomost.db"),
            ("pomost.db", "pomost.db"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn an_address_that_names_no_database_is_refused_and_its_password_is_not_repeated() {
        for (url, problem) in [
            ("mysql://anna:secret@db/pomost", "mysql://"),
            ("pomost.db", "no scheme"),
            ("", "no scheme"),
            ("sqlite://", "names no file"),
            ("sqlite::memory:", "in memory"),
            ("sqlite://pomost.db?mode=memory", "in memory"),
            ("sqlite://pomost.db?mod=ro", "mod"),
            ("postgres://anna:secret@db:x/pomost", "invalid port"),
            ("postgres://anna:sec/ret@db/pomost", "%2F"),
            ("postgres://anna:secret@db/pomost?sslmod=require", "sslmod"),
            ("postgres://anna:secret@db/pomost?sslmode=requir", "requir"),
            ("postgres://anna:secret@db/pomost?connect_timeout=soon", "connect_timeout"),
        ] {
            let error = check_address(url).unwrap_err().to_string();
            assert!(error.contains(problem) && !error.contains("secret"), "{url}: {error}");
        }
    }

    #[test]
    fn the_place_of_a_server_is_named() {
        for (url, place, database) in [
            ("postgres://anna:secret@db/pomost", "db:5432", "pomost"),
            ("postgresql://anna@db:6000", "db:6000", "anna"),
            ("postgres://anna@[::1]:6000/pomost?sslmode=require", "[::1]:6000", "pomost"),
            ("postgres://anna@%2Frun%2Fpostgresql/pomost", "/run/postgresql/.s.PGSQL.5432", "pomost"),
            ("postgres://anna@x/pomost?host=/run/postgresql", "/run/postgresql/.s.PGSQL.5432", "pomost"),
        ] {
            assert_eq!((server(url).place().as_str(), server(url).database()), (place, database), "{url}");
        }
        let server = server("postgres://anna@db/pomost?connect_timeout=2&sslmode=disable");
        assert_eq!(
            (server.patience, server.url.as_str()),
            (Some(Duration::from_secs(2)), "postgres://anna@db/pomost?sslmode=disable")
        );
    }
}

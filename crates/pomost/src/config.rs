//! The configuration: defaults, a TOML file, the environment and flags. Later sources override earlier ones.

mod check;
mod example;
mod load;
pub(crate) mod secret;
mod variables;

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use pomost_api::identity::OidcSettings;
use pomost_api::registry::Caching;
use pomost_edge::gate::{Documents, DocumentsError, Limits, Rate, Rules};
use pomost_edge::http::{Build, Connections, Settings, Sockets};
use serde::{Deserialize, Serialize};

pub(crate) use example::EXAMPLE;
pub(crate) use load::{ConfigError, Loaded, load};
pub(crate) use variables::{CONFIG_VARIABLE, MIRROR_TOKEN, MIRROR_TOKEN_FILE, environment};

#[cfg(test)]
use load::Source;
#[cfg(test)]
use variables::Environment;

/// The version and commit of the program (`build.rs`).
const BUILD: Build =
    Build { version: env!("CARGO_PKG_VERSION"), commit: env!("POMOST_BUILT_FROM"), rustc: env!("POMOST_BUILT_BY") };

/// The configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// `sqlite://FILE` or `postgres://…`.
    pub(crate) database: String,
    /// A file that contains the address of the database, if there is one.
    pub(crate) database_file: Option<PathBuf>,
    /// Address of the public API.
    pub(crate) listen: String,
    /// Address for operators, if there is one.
    pub(crate) admin_listen: Option<String>,
    /// Filter of the log.
    pub(crate) log: String,
    /// True if the log contains the addresses of clients.
    pub(crate) log_client_address: bool,
    /// True if the log contains the names of tokens.
    pub(crate) log_token_name: bool,
    /// Number of database connections for reading.
    pub(crate) readers: u32,
    /// Milliseconds for which a request waits for a connection.
    pub(crate) acquire_timeout_ms: u32,
    /// Megabytes of a `SQLite` file that are memory-mapped.
    pub(crate) mapped_mb: u32,
    /// Networks of proxies whose `X-Forwarded-For` is trusted.
    #[serde(deserialize_with = "check::networks")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may send credentials.
    pub(crate) credential_origins: Vec<String>,
    /// Documents with ids: a manifest, or a folder of documents.
    pub(crate) documents: Option<PathBuf>,
    /// True if only these documents are executed.
    pub(crate) documents_only: bool,
    /// Limits of a single request.
    pub(crate) limits: Limits,
    /// Budgets of clients.
    pub(crate) rate: Rate,
    /// Limits of WebSockets.
    pub(crate) sockets: Sockets,
    /// Limits of all connections together.
    pub(crate) connections: Connections,
    /// Sizes of caches.
    pub(crate) cache: Caching,
    /// Information in the API on the data as a whole.
    pub(crate) dataset: Dataset,
    /// The identity provider whose tokens are accepted.
    pub(crate) oidc: OidcSettings,
}

/// The publisher of the data and its terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Dataset {
    /// Name of the publisher, if it is not the home city.
    pub(crate) publisher: Option<String>,
    /// Page of the publisher.
    pub(crate) publisher_url: Option<String>,
    /// Licence as an SPDX identifier.
    pub(crate) licence: String,
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
    /// The settings of the store.
    pub(crate) fn store_settings(&self) -> pomost_persistence::Settings {
        pomost_persistence::Settings {
            url: self.database.clone(),
            readers: self.readers,
            acquire_timeout: Duration::from_millis(self.acquire_timeout_ms.into()),
            mapped_mb: self.mapped_mb,
        }
    }

    /// Reads the documents with ids.
    ///
    /// # Errors
    /// They cannot be used.
    pub(crate) fn read_documents(&self) -> Result<Documents, DocumentsError> {
        let mut documents = self.documents.as_deref().map_or_else(|| Ok(Documents::default()), Documents::read)?;
        documents.only = self.documents_only;
        Ok(documents)
    }

    /// The settings of the edge.
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
            build: BUILD,
        })
    }
}

impl From<Dataset> for pomost_api::schema::Dataset {
    fn from(Dataset { publisher, publisher_url, licence }: Dataset) -> Self {
        Self { publisher, publisher_url, licence }
    }
}

#[cfg(test)]
mod tests;

//! The configuration: defaults, a TOML file, the environment and flags, the later over the earlier.

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

/// What the program was built from (`build.rs`).
const BUILD: Build =
    Build { version: env!("CARGO_PKG_VERSION"), commit: env!("POMOST_BUILT_FROM"), rustc: env!("POMOST_BUILT_BY") };

/// What can be configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// `sqlite://FILE` or `postgres://…`.
    pub(crate) database: String,
    /// A file that holds the address of the database, if it is kept in one.
    pub(crate) database_file: Option<PathBuf>,
    /// Address of the public API.
    pub(crate) listen: String,
    /// Address for operators, if there is one.
    pub(crate) admin_listen: Option<String>,
    /// Filter of the log.
    pub(crate) log: String,
    /// Whether the log has the addresses of clients.
    pub(crate) log_client_address: bool,
    /// Whether the log has the names of the tokens that clients show.
    pub(crate) log_token_name: bool,
    /// Database connections that read at the same time.
    pub(crate) readers: u32,
    /// How long a request waits for a connection.
    pub(crate) acquire_timeout_ms: u32,
    /// Megabytes of a `SQLite` file that are read where the system keeps them.
    pub(crate) mapped_mb: u32,
    /// Networks of proxies that are believed when they say whom they speak for.
    #[serde(deserialize_with = "check::networks")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may send credentials.
    pub(crate) credential_origins: Vec<String>,
    /// Documents that are known by an id: a manifest, or a folder of them.
    pub(crate) documents: Option<PathBuf>,
    /// Whether nothing but these documents is executed.
    pub(crate) documents_only: bool,
    /// What a single request may cost.
    pub(crate) limits: Limits,
    /// What a client may spend.
    pub(crate) rate: Rate,
    /// What a WebSocket may take.
    pub(crate) sockets: Sockets,
    /// What the connections of all clients may take together.
    pub(crate) connections: Connections,
    /// What is remembered of the data.
    pub(crate) cache: Caching,
    /// What the API says about the data as a whole.
    pub(crate) dataset: Dataset,
    /// The identity provider whose tokens are taken.
    pub(crate) oidc: OidcSettings,
}

/// Who publishes the data, and on which terms.
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

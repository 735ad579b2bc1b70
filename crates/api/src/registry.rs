//! The registry as the edge serves it: the schema over a store.

use std::sync::Arc;

use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{Data, Executor, Request, Response};
use pomost_persistence::{Store, StoreError};

use crate::door::{Served, hash};
use crate::schema::{self, Dataset, Schema};
use crate::shelf::Shelf;

/// The schema over a store. Every request gets a shelf of its own.
#[derive(Clone)]
pub struct Registry {
    schema: Schema,
    store: Store,
    /// What an answer depends on besides the data: the program and what it is told about the data.
    edition: Arc<str>,
}

impl Registry {
    /// The registry in a store.
    #[must_use]
    pub fn new(store: Store, dataset: Dataset) -> Self {
        let edition = hash(&format!("{} {dataset:?}", env!("CARGO_PKG_VERSION")));
        Self { schema: schema::build(store.clone(), dataset), store, edition: edition.into() }
    }

    fn shelved(&self, request: Request) -> Request {
        request.data(Shelf::new(self.store.clone()))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.store.ping().await?;
        self.store.require_migrated().await
    }
}

impl Executor for Registry {
    async fn execute(&self, request: Request) -> Response {
        self.schema.execute(self.shelved(request)).await
    }

    fn execute_stream(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        Executor::execute_stream(&self.schema, self.shelved(request), session)
    }
}

impl Served for Registry {
    fn sdl(&self) -> &str {
        schema::SDL
    }

    async fn version(&self) -> Option<String> {
        let version = self.store.data_version().await;
        let version = version.inspect_err(|error| tracing::warn!(error = error.chain(), "the data has no version"));
        Some(format!("{} {}", self.edition, version.ok()?))
    }

    async fn ready(&self) -> Result<(), String> {
        self.check().await.map_err(|error| {
            tracing::warn!(error = error.chain(), "not ready");
            error.to_string()
        })
    }

    fn measure(&self) {
        let pool = self.store.pool();
        metrics::gauge!("pomost_database_connections", "state" => "idle").set(f64::from(pool.idle));
        metrics::gauge!("pomost_database_connections", "state" => "busy").set(f64::from(pool.size - pool.idle));
    }
}

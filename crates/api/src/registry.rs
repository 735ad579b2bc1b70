//! The registry as the edge serves it: the schema over a store.

use std::any::TypeId;
use std::sync::Arc;

use async_graphql::futures_util::StreamExt;
use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{Data, Executor, Request, Response};
use pomost_domain::Viewer;
use pomost_persistence::{Store, StoreError};

use crate::door::{Served, hash};
use crate::error::ApiError;
use crate::identity::{Clock, Credential, Identities, Oidc, Stranger};
use crate::schema::{self, AsOf, Dataset, Schema};
use crate::sharing::{self, Answer, Desk};
use crate::shelf::Shelf;

/// The field that says as of when an answer was read.
const CURSOR_FIELD: &str = "changeCursor";

/// The schema over a store. Every request gets a shelf of its own.
#[derive(Clone)]
pub struct Registry {
    schema: Schema,
    store: Store,
    identities: Identities,
    /// What an answer depends on besides the data: the program and what it is told about the data.
    edition: Arc<str>,
}

impl Registry {
    /// The registry in a store.
    #[must_use]
    pub fn new(store: Store, dataset: Dataset, oidc: Option<Oidc>, clock: Clock) -> Self {
        let edition = hash(&format!("{} {dataset:?}", env!("CARGO_PKG_VERSION")));
        let identities = Identities::new(store.clone(), oidc, clock);
        Self { schema: schema::build(store.clone(), dataset, clock), store, identities, edition: edition.into() }
    }

    /// Gives a request a shelf that holds what is seen by whoever asks.
    fn shelved(&self, mut request: Request, shelf: impl FnOnce(Store) -> Shelf) -> Request {
        let viewer = request.data.get(&TypeId::of::<Viewer>()).and_then(|viewer| viewer.downcast_ref::<Viewer>());
        let viewer = viewer.cloned().unwrap_or_default();
        let shelf = shelf(self.store.seen_with(viewer.sight()));
        request.data.insert(viewer);
        request.data(shelf)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.store.ping().await?;
        self.store.require_migrated().await
    }
}

impl Executor for Registry {
    async fn execute(&self, request: Request) -> Response {
        let mut request = self.shelved(request, Shelf::new);
        // Before anything else is read, so that all of it is at least as new.
        if request.query.contains(CURSOR_FIELD) {
            match self.store.data_version().await {
                Ok(version) => request.data.insert(AsOf(version)),
                Err(error) => {
                    let error = async_graphql::Error::from(ApiError::from(error));
                    return Response::from_errors(vec![error.into_server_error(async_graphql::Pos::default())]);
                }
            }
        }
        self.schema.execute(request).await
    }

    fn execute_stream(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        Executor::execute_stream(&self.schema, self.shelved(request, Shelf::keeping_nothing), session)
    }
}

impl Served for Registry {
    fn sdl(&self) -> &str {
        schema::SDL
    }

    fn answers(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Answer> {
        let mut request = self.shelved(request, Shelf::keeping_nothing);
        let wish = sharing::wish(&mut request);
        let Some(wish) = wish else {
            return Executor::execute_stream(&self.schema, request, session).map(Answer::from).boxed();
        };
        let (desk, window) = Desk::new();
        sharing::answers(Executor::execute_stream(&self.schema, request.data(desk), session), window, wish)
    }

    async fn version(&self) -> Option<String> {
        let version = self.store.data_version().await;
        let version = version.inspect_err(|error| tracing::warn!(error = error.chain(), "the data has no version"));
        Some(format!("{} {}", self.edition, version.ok()?))
    }

    async fn identify(&self, credential: &Credential) -> Result<Viewer, Stranger> {
        self.identities.identify(credential).await
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

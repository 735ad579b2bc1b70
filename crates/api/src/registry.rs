//! The registry as the edge serves it: the schema over a store.

use std::any::{Any, TypeId};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::futures_util::stream::BoxStream;
use async_graphql::parser::types::OperationType;
use async_graphql::{Data, Executor, Request, Response};
use pomost_document::TypeSystem;
use pomost_domain::page::MAX_PAGE;
use pomost_domain::{City, Id, Locale, Role, Sight, Viewer};
use pomost_edge::identity::{AuthError, Credential};
use pomost_edge::{Answer, Served, Version, hash};
use pomost_persistence::{Asked, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::identity::{Clock, Identities, Oidc};
use crate::loader::{Cache, Loader};
use crate::schema::{self, AsOf, ChangeCursor, Dataset, ResumeAfter, Schema};
use crate::subscription_group::{self, FeedSlot};

/// The query that the explorer opens with.
pub const FIRST_QUERY: &str = include_str!("../assets/first-query.graphql");

/// The field that says as of when an answer was read.
const CURSOR_FIELD: &str = "changeCursor";

/// What is remembered of the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caching {
    /// Megabytes of records, pages and counts; 0: none are remembered.
    pub records_mb: u32,
    /// Megabytes of finished answers; 0: none are remembered.
    pub answers_mb: u32,
    /// How long nobody has to ask the database whether somebody else has written, in milliseconds; 0: it is asked each time.
    /// What the same process writes is always seen at once, and whoever shows a token always has it asked.
    pub staleness_ms: u32,
}

impl Default for Caching {
    fn default() -> Self {
        Self { records_mb: 32, answers_mb: 32, staleness_ms: 100 }
    }
}

impl Caching {
    /// Nothing is remembered.
    pub const NONE: Self = Self { records_mb: 0, answers_mb: 0, staleness_ms: 0 };
}

/// The schema over a store. Every request gets a loader of its own.
#[derive(Clone)]
pub struct Registry {
    schema: Schema,
    store: Store,
    identities: Identities,
    /// What an answer depends on besides the data: the program and what it is told about the data.
    edition: Arc<str>,
    clock: Clock,
    cache: Option<Arc<Cache>>,
    staleness: Duration,
}

impl Registry {
    /// The registry in a store. Nothing of it is remembered.
    #[must_use]
    pub fn new(store: Store, dataset: Dataset, oidc: Option<Oidc>, clock: Clock) -> Self {
        let edition = hash(&format!("{} {dataset:?}", env!("CARGO_PKG_VERSION"))).into();
        let identities = Identities::new(store.clone(), oidc, clock);
        let schema = schema::build(store.clone(), dataset, clock);
        Self { schema, store, identities, edition, clock, cache: None, staleness: Duration::ZERO }
    }

    /// The same registry with a memory.
    #[must_use]
    pub fn remembering(self, caching: &Caching) -> Self {
        let cache = Cache::new(u64::from(caching.records_mb) << 20).map(Arc::new);
        Self { cache, staleness: Duration::from_millis(caching.staleness_ms.into()), ..self }
    }

    /// Gets ready for requests, in the background.
    pub fn prepare(&self) {
        self.identities.prepare();
    }

    /// Gives a request a loader that reads what its viewer sees, and only the columns that it asks for.
    fn loaded(&self, mut request: Request, loader: impl FnOnce(Store) -> Loader) -> (Request, Arc<Loader>) {
        let viewer = viewer_of(&request);
        let asked = data_of(&request).copied().unwrap_or(Asked::ALL);
        let loader = Arc::new(loader(self.store.seen_with(viewer.sight()).asking(asked)));
        request.data.insert(viewer);
        (request.data(Arc::clone(&loader)), loader)
    }

    async fn version_at(&self, bound: Duration) -> Result<Version, StoreError> {
        let number = self.store.data_version_within(bound).await?;
        Ok(Version { day: (self.clock)().date_naive(), number })
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.store.ping().await?;
        self.store.require_migrated().await
    }
}

/// Who asks.
fn viewer_of(request: &Request) -> Viewer {
    data_of(request).cloned().unwrap_or_default()
}

/// What the edge has put into the data of a request.
fn data_of<T: Any>(request: &Request) -> Option<&T> {
    request.data.get(&TypeId::of::<T>())?.downcast_ref()
}

impl Executor for Registry {
    async fn execute(&self, request: Request) -> Response {
        self.answer(request, None).await.0
    }

    fn execute_stream(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        Executor::execute_stream(&self.schema, self.loaded(request, Loader::without_memory).0, session)
    }
}

impl Served for Registry {
    type Viewer = Viewer;
    type ViewerKey = (Sight, Role, Option<Id<City>>);
    type Language = Locale;
    /// The columns that a document needs of any record: they are read of all.
    type Outline = Asked;

    const MAX_PAGE: u32 = MAX_PAGE;

    fn languages(range: &str) -> Vec<Locale> {
        Locale::of_range(range).map(|locale| locale.alternatives()).unwrap_or_default()
    }

    fn sdl(&self) -> &str {
        schema::SDL
    }

    fn types(&self) -> &TypeSystem {
        schema::types()
    }

    fn first_query(&self) -> &'static str {
        FIRST_QUERY
    }

    fn outline<'a>(&self, fields: impl Iterator<Item = &'a str>) -> Asked {
        fields.map(Asked::field).fold(Asked::NONE, Asked::and)
    }

    fn answers(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Answer> {
        let (mut request, _) = self.loaded(request, Loader::without_memory);
        let key = subscription_group::group_key(&mut request);
        let (slot, owner) = FeedSlot::new();
        subscription_group::answers(Executor::execute_stream(&self.schema, request.data(slot), session), owner, key)
    }

    fn event_id(cursor: i64) -> String {
        ChangeCursor(cursor).text()
    }

    fn resume(request: Request, event_id: &str) -> Option<Request> {
        ChangeCursor::read(event_id).map(|cursor| request.data(ResumeAfter(cursor)))
    }

    fn edition(&self) -> &str {
        &self.edition
    }

    fn version_at_hand(&self) -> Option<Version> {
        let number = self.store.data_version_at_hand(self.staleness)?;
        Some(Version { day: (self.clock)().date_naive(), number })
    }

    async fn version(&self, viewer: &Viewer) -> Option<Version> {
        // A viewer that may write reads what was written, by whichever process.
        let bound = if viewer.role == Role::Anonymous { self.staleness } else { Duration::ZERO };
        let version = self.version_at(bound).await;
        version.inspect_err(|error| tracing::warn!(error = error.chain(), "the data has no version")).ok()
    }

    async fn answer(&self, request: Request, version: Option<Version>) -> (Response, Option<Version>) {
        let is_query = data_of(&request) == Some(&OperationType::Query);
        // Only what begins with a known version can be remembered of it; and what writes reads what it has written.
        let cache = self.cache.as_ref().filter(|_| is_query);
        let version = match (version, cache) {
            (None, Some(_)) => self.version(&viewer_of(&request)).await,
            (version, _) => version,
        };
        let cached = version.and_then(|version| cache?.at(&version));
        let (mut request, loader) = self.loaded(request, |store| Loader::at(store, version.as_ref(), cached));
        // Before anything else is read, so that all of it is at least as new.
        if request.query.contains(CURSOR_FIELD) {
            let number = match version {
                Some(version) => Ok(version.number),
                None => self.store.data_version().await,
            };
            match number {
                Ok(number) => request.data.insert(AsOf(number)),
                Err(error) => {
                    let error = async_graphql::Error::from(ApiError::from(error));
                    let error = error.into_server_error(async_graphql::Pos::default());
                    return (Response::from_errors(vec![error]), None);
                }
            }
        }
        let response = self.schema.execute(request).await;
        if version.is_none() {
            return (response, None);
        }
        let is_whole = loader.confirm().await.unwrap_or_else(|error| {
            tracing::warn!(error = error.chain(), "an answer is not remembered");
            false
        });
        (response, version.filter(|_| is_whole && is_query))
    }

    async fn identify(&self, credential: &Credential) -> Result<Viewer, AuthError> {
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
        metrics::counter!("pomost_changes_passed_over_total").absolute(self.store.changes_passed_over());
    }

    fn account(viewer: &Viewer) -> Option<&str> {
        (viewer.role != Role::Anonymous).then_some(viewer.name.as_str())
    }

    fn viewer_key(viewer: &Viewer) -> Self::ViewerKey {
        (viewer.sight(), viewer.role, viewer.city)
    }
}

/// Describes the metrics of a registry. It is called once, after [`pomost_edge::http::start_metrics`].
pub fn describe_metrics() {
    metrics::describe_gauge!("pomost_database_connections", "Database connections by state");
    metrics::describe_counter!(
        "pomost_changes_passed_over_total",
        "Rows of the change feed that were read and passed over because a newer version wrote them"
    );
}

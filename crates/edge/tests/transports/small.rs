//! A small schema with a subscription, for the transports.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::futures_util::stream::{self, BoxStream, Stream, StreamExt};
use async_graphql::{Data, Executor, Object, Request, Response, Schema, Subscription, ValidationMode};
use chrono::NaiveDate;
use pomost_document::{Scalars, TypeSystem};
use pomost_edge::identity::{AuthError, Credential};
use pomost_edge::{Served, Version};

/// The query root.
#[derive(Default)]
pub(crate) struct Query;

/// Queries of the small schema.
#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }

    async fn slow(&self, ms: u64) -> &str {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        "done"
    }
}

/// The mutation root. Its fields change nothing.
#[derive(Default)]
pub(crate) struct Mutation;

/// Mutations of the small schema.
#[Object]
impl Mutation {
    async fn echo(&self, text: String) -> String {
        text
    }

    async fn slow(&self, ms: u64) -> &str {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        "done"
    }
}

/// The subscription root.
#[derive(Default)]
pub(crate) struct Live;

/// Subscriptions of the small schema.
#[Subscription(name = "Subscription")]
impl Live {
    async fn count(&self, to: i32, #[graphql(default = 1)] every_ms: u64) -> impl Stream<Item = i32> {
        stream::iter(1..=to).then(move |number| async move {
            tokio::time::sleep(Duration::from_millis(every_ms)).await;
            number
        })
    }

    async fn fail(&self) -> impl Stream<Item = async_graphql::Result<i32>> {
        stream::iter([Ok(1), Err(async_graphql::Error::new("it fails on purpose"))])
    }
}

type Small = Schema<Query, Mutation, Live>;

/// The small schema as the edge serves it.
#[derive(Clone)]
pub(crate) struct Transports {
    schema: Small,
    sdl: String,
    types: Arc<TypeSystem>,
}

impl Default for Transports {
    fn default() -> Self {
        let schema = Schema::build(Query, Mutation, Live).validation_mode(ValidationMode::Fast).finish();
        let sdl = schema.sdl();
        let types = TypeSystem::validated(&sdl, Scalars::default()).unwrap().into();
        Self { sdl, types, schema }
    }
}

impl Executor for Transports {
    async fn execute(&self, request: Request) -> Response {
        self.schema.execute(request).await
    }

    fn execute_stream(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        Executor::execute_stream(&self.schema, request, session)
    }
}

impl Served for Transports {
    type Viewer = ();
    type ViewerKey = ();
    type Language = String;
    type Outline = ();

    const MAX_PAGE: u32 = 100;

    fn languages(range: &str) -> Vec<String> {
        vec![range.to_owned()]
    }

    fn sdl(&self) -> &str {
        &self.sdl
    }

    fn types(&self) -> &TypeSystem {
        &self.types
    }

    fn outline<'a>(&self, _fields: impl Iterator<Item = &'a str>) {}

    fn edition(&self) -> &str {
        "1"
    }

    async fn version(&self, _viewer: &()) -> Option<Version> {
        Some(Version { day: NaiveDate::MIN, number: 1 })
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    async fn identify(&self, credential: &Credential) -> Result<(), AuthError> {
        match credential {
            Credential::Bearer(token) if **token == *"wrong" => Err(AuthError::rejected("the token is not known")),
            _ => Ok(()),
        }
    }

    fn account(_viewer: &()) -> Option<&str> {
        None
    }

    fn viewer_key(_viewer: &()) {}
}

//! A small schema with a subscription, for the transports: the registry has none yet.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::futures_util::stream::{self, BoxStream, Stream, StreamExt};
use async_graphql::{Data, Executor, Object, Request, Response, Schema, Subscription, ValidationMode};
use chrono::NaiveDate;
use pomost_api::door::{Served, Version};
use pomost_api::identity::{Credential, Stranger};
use pomost_document::{Scalars, TypeSystem};
use pomost_domain::Viewer;

/// What can be asked.
#[derive(Default)]
pub struct Query;

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

/// What can be changed: nothing, but it is a mutation.
#[derive(Default)]
pub struct Mutation;

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

/// What can be subscribed to.
#[derive(Default)]
pub struct Live;

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
        stream::iter([Ok(1), Err(async_graphql::Error::new("it failed, as it was asked to"))])
    }
}

type Small = Schema<Query, Mutation, Live>;

/// The small schema as the edge serves it.
#[derive(Clone)]
pub struct Transports {
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
    fn sdl(&self) -> &str {
        &self.sdl
    }

    fn types(&self) -> &TypeSystem {
        &self.types
    }

    fn edition(&self) -> &str {
        "1"
    }

    async fn version(&self, _viewer: &Viewer) -> Option<Version> {
        Some(Version { day: NaiveDate::MIN, number: 1 })
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    async fn identify(&self, credential: &Credential) -> Result<Viewer, Stranger> {
        match credential {
            Credential::Bearer(token) if **token == *"wrong" => {
                Err(Stranger::Refused("the token is not known".to_owned()))
            }
            _ => Ok(Viewer::default()),
        }
    }
}

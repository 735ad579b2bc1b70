//! Seaography over the database of the registry, in the setup of its own generator: `pomost-bench-seaography DATABASE`.

mod entity;

use std::sync::LazyLock;

use async_graphql::dynamic::Schema;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use entity::{city, partnership};
use sea_orm::{ConnectOptions, Database};
use seaography::{Builder, BuilderContext};

static CONTEXT: LazyLock<BuilderContext> = LazyLock::new(BuilderContext::default);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("usage: pomost-bench-seaography DATABASE"))?;
    let mut options = ConnectOptions::new(url);
    options.max_connections(8).sqlx_logging(false);
    let database = Database::connect(options).await?;
    let mut builder = Builder::new(&CONTEXT, database.clone());
    seaography::register_entity!(builder, city, mutation: false);
    seaography::register_entity!(builder, partnership, mutation: false);
    let schema = builder.schema_builder().data(database).finish()?;
    let app = Router::new().route("/graphql", post(answer)).with_state(schema);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/graphql", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn answer(
    State(schema): State<Schema>,
    Json(request): Json<async_graphql::Request>,
) -> Json<async_graphql::Response> {
    Json(schema.execute(request).await)
}

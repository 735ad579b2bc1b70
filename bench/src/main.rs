//! The reference server of the benchmark: it answers each query with one hand-written statement, in which the database
//! builds the JSON; or with a static body, which is the maximum for this machine and this HTTP library.
//!
//! `POST /w1` answers with the result of `w1.sql` for the only variable of the request; `POST /static/w1` with the file
//! `w1.json`.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use clap::Parser;
use serde::Deserialize;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use tokio::net::TcpListener;

/// The allocator of the registry, so that it makes no difference between the two.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The reference server of the benchmark.
#[derive(Parser)]
struct Arguments {
    /// Listen address
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The database: `sqlite://FILE` or `postgres://USER@HOST/NAME`
    #[arg(long)]
    database: String,
    /// A folder of statements, one for each query
    #[arg(long)]
    statements: PathBuf,
    /// A folder of static bodies
    #[arg(long)]
    bodies: Option<PathBuf>,
}

/// Number of concurrent statements.
const CONNECTIONS: u32 = 4;

enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Database {
    async fn open(url: &str) -> anyhow::Result<Self> {
        Ok(if url.starts_with("sqlite:") {
            Self::Sqlite(
                SqlitePoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(url).await?,
            )
        } else {
            Self::Postgres(
                PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(url).await?,
            )
        })
    }

    async fn ask(&self, statement: &'static str, parameter: Option<String>) -> Result<String, sqlx::Error> {
        let takes_one = statement.contains("$1") || statement.contains("?1");
        match self {
            Self::Sqlite(pool) => {
                let query = sqlx::query_scalar(statement);
                if takes_one { query.bind(parameter) } else { query }.fetch_one(pool).await
            }
            Self::Postgres(pool) => {
                let query = sqlx::query_scalar(statement);
                if takes_one { query.bind(parameter) } else { query }.fetch_one(pool).await
            }
        }
    }
}

/// The part of a request that is read: its variables, of which there is at most one.
#[derive(Deserialize)]
struct GraphqlRequest {
    #[serde(default)]
    variables: HashMap<String, Option<String>>,
}

struct Question {
    database: Arc<Database>,
    statement: &'static str,
}

async fn answer(State(question): State<Arc<Question>>, body: Bytes) -> Response {
    let Ok(GraphqlRequest { variables }) = serde_json::from_slice(&body) else {
        return (StatusCode::BAD_REQUEST, "the body is not a request").into_response();
    };
    let parameter = variables.into_values().next().flatten();
    match question.database.ask(question.statement, parameter).await {
        Ok(data) => json(Bytes::from(format!("{{\"data\":{data}}}"))),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn json(body: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// The files of a folder with this extension, by their names.
fn files(folder: &Path, extension: &str) -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))? {
        let path = entry?.path();
        if let (Some(name), true) =
            (path.file_stem().and_then(OsStr::to_str), path.extension() == Some(OsStr::new(extension)))
        {
            found.push((name.to_owned(), fs::read_to_string(&path)?));
        }
    }
    Ok(found)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let database = Arc::new(Database::open(&arguments.database).await.context("cannot open the database")?);
    let mut router = Router::new();
    for (name, text) in files(&arguments.statements, "sql")? {
        // Statements live as long as the program: there is one per file.
        let question = Question { database: Arc::clone(&database), statement: Box::leak(text.into_boxed_str()) };
        router = router.route(&format!("/{name}"), post(answer).with_state(Arc::new(question)));
    }
    if let Some(folder) = &arguments.bodies {
        for (name, text) in files(folder, "json")? {
            let body = Bytes::from(text);
            router = router.route(&format!("/static/{name}"), post(async move || json(body.clone())));
        }
    }
    let listener = TcpListener::bind(arguments.listen).await?;
    #[expect(clippy::print_stdout, reason = "the benchmark reads the address")]
    {
        println!("http://{}", listener.local_addr()?);
    }
    axum::serve(listener, router).await?;
    Ok(())
}

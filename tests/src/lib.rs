//! Helpers of the tests: each test has its own registry, on SQLite or, if a server is configured, on PostgreSQL.
//!
//! `POMOST_TEST_DATABASE=postgres://USER@HOST/NAME` configures a server; without it every test has its own SQLite file.

#![allow(clippy::unwrap_used, reason = "a test that meets what it did not expect stops there")]
#![allow(clippy::pedantic, reason = "tables and checks are written for the reader of a failure")]

pub mod edge;
pub mod types;

use std::io::Cursor;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use async_graphql::futures_util::StreamExt;
use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{Request, Response};
use chrono::{DateTime, Utc};
use pomost_api::loader::Loader;
use pomost_api::registry::{Caching, Registry};
use pomost_api::schema::{self, AsOf, Dataset, Schema};
use pomost_document::{Fault, parse};
use pomost_domain::{Act, Role, Viewer, Vocabulary};
use pomost_edge::gate::refusal;
use pomost_edge::{Answer, Languages, Served};
use pomost_persistence::{ImportError, ImportOptions, Mode, Outcome, Settings, Store};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use crate::edge::Edge;

/// The data of Jastrzębie-Zdrój.
pub const SAMPLE: &str = include_str!("../../data/jastrzebie-zdroj.json");

/// A database of a test, removed at its end.
pub struct TestDb {
    /// Its settings.
    pub settings: Settings,
    _folder: Option<TempDir>,
    database: Option<(String, String)>,
}

/// The PostgreSQL server for the tests, if one is configured.
pub fn postgres() -> Option<String> {
    std::env::var("POMOST_TEST_DATABASE").ok().filter(|url| !url.is_empty())
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl TestDb {
    /// A migrated, empty database.
    pub async fn new() -> Self {
        match postgres() {
            Some(server) => Self::on_postgres(&server).await,
            None => Self::on_sqlite().await,
        }
    }

    /// A migrated, empty SQLite database.
    pub async fn on_sqlite() -> Self {
        static TEMPLATE: OnceCell<TempDir> = OnceCell::const_new();
        let template = TEMPLATE
            .get_or_init(|| async {
                let folder = tempfile::tempdir().unwrap();
                let store = Store::open(&sqlite(&folder), Mode::Create).await.unwrap();
                store.migrate_up().await.unwrap();
                store.close().await;
                folder
            })
            .await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(template.path().join("pomost.db"), folder.path().join("pomost.db")).unwrap();
        Self { settings: sqlite(&folder), _folder: Some(folder), database: None }
    }

    /// A migrated, empty PostgreSQL database.
    pub async fn on_postgres(server: &str) -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE
            .get_or_init(|| async {
                let name = format!("pomost_template_{}", std::process::id());
                run(
                    server,
                    &[format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")],
                )
                .await;
                let store = Store::open(&Settings::new(with_name(server, &name)), Mode::Existing).await.unwrap();
                store.migrate_up().await.unwrap();
                store.close().await;
                name
            })
            .await;
        let name = format!("pomost_test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        // No session may use the template during a copy.
        static COPYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _one_at_a_time = COPYING.lock().await;
        run(server, &[format!("CREATE DATABASE {name} TEMPLATE {template}")]).await;
        let mut settings = Settings::new(with_name(server, &name));
        settings.readers = 2;
        Self { settings, _folder: None, database: Some((server.to_owned(), name)) }
    }

    /// Runs a statement on it.
    pub async fn sql(&self, statement: &str) {
        use sqlx::{Connection, Executor};
        let url = &self.settings.url;
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        if url.starts_with("sqlite:") {
            let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
            connection.execute(statement).await.unwrap();
            connection.close().await.unwrap();
        } else {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            connection.execute(statement).await.unwrap();
            connection.close().await.unwrap();
        }
    }

    /// Makes further inserts, deletions and updates of rows of a table fail; of updates, those of these columns, or all of them.
    pub async fn freeze(&self, table: &str, columns: &[&str]) {
        let update = if columns.is_empty() { "UPDATE".to_owned() } else { format!("UPDATE OF {}", columns.join(", ")) };
        if self.settings.url.starts_with("sqlite:") {
            for (number, event) in ["INSERT", "DELETE", &update].into_iter().enumerate() {
                let body = format!("SELECT RAISE(ABORT, 'the table {table} is frozen');");
                self.sql(&format!("CREATE TRIGGER frozen_{table}_{number} BEFORE {event} ON {table} BEGIN {body} END"))
                    .await;
            }
        } else {
            let body = "BEGIN RAISE EXCEPTION ''the table % is frozen'', TG_TABLE_NAME; END";
            self.sql(&format!(
                "CREATE OR REPLACE FUNCTION refuse_write() RETURNS trigger LANGUAGE plpgsql AS '{body}'"
            ))
            .await;
            let event = format!("BEFORE INSERT OR DELETE OR {update} ON {table} FOR EACH ROW");
            self.sql(&format!("CREATE TRIGGER frozen {event} EXECUTE FUNCTION refuse_write()")).await;
        }
    }

    /// A SQLite database with the files of another one, as if its process had ended.
    pub fn of_files(files: impl Iterator<Item = (String, Vec<u8>)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self { settings: sqlite(&folder), _folder: Some(folder), database: None }
    }

    /// The rows of a table as text.
    pub async fn rows(&self, table: &str) -> String {
        use sqlx::{Connection, Row};
        let url = &self.settings.url;
        if url.starts_with("sqlite:") {
            let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
            let columns = sqlx::query("SELECT name FROM pragma_table_info($1)")
                .bind(table)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            let columns: Vec<String> = columns
                .iter()
                .map(|row| row.get::<String, _>(0))
                .map(|column| {
                    format!("COALESCE(CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE {column} END, '')")
                })
                .collect();
            let select = format!("SELECT {} AS text FROM {table}", columns.join(" || ' ' || "));
            let rows = sqlx::query(sqlx::AssertSqlSafe(select)).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get::<String, _>(0) + "\n").collect()
        } else {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            let select = sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
            let rows = sqlx::query(select).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get::<String, _>(0) + "\n").collect()
        }
    }

    /// The bytes of all files of a SQLite database, each with its name.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let folder = self._folder.as_ref().unwrap();
        let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
        files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())).collect()
    }

    /// The registry in it.
    pub async fn store(&self) -> Store {
        Store::open(&self.settings, Mode::Existing).await.unwrap()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some((server, name)) = self.database.take() {
            // In a runtime of its own, because that of the test may have ended.
            let dropped = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(run(&server, &[format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]));
            });
            dropped.join().unwrap();
        }
    }
}

fn sqlite(folder: &TempDir) -> Settings {
    let mut settings = Settings::new(format!("sqlite://{}", folder.path().join("pomost.db").display()));
    settings.readers = 2;
    settings
}

fn with_name(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// Runs statements on a database of a PostgreSQL server.
pub async fn run(server: &str, statements: &[String]) {
    use sqlx::{Connection, Executor};
    let mut connection = sqlx::PgConnection::connect(server).await.unwrap();
    for statement in statements {
        connection.execute(sqlx::AssertSqlSafe(statement.clone())).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// The time at which every test writes.
pub fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// The clock of every test: it stands still.
pub fn clock() -> DateTime<Utc> {
    now()
}

/// A viewer with a role.
pub fn viewer(role: Role) -> Viewer {
    Viewer { role, city: None, name: format!("test:{}", role.label()) }
}

/// Imports a file.
pub async fn import(store: &Store, file: impl Into<Vec<u8>>) -> Result<Outcome, ImportError> {
    import_with(store, file, false).await
}

/// Imports a file, or only reports the changes.
pub async fn import_with(store: &Store, file: impl Into<Vec<u8>>, dry_run: bool) -> Result<Outcome, ImportError> {
    let file: Arc<[u8]> = file.into().into();
    let open = move || Ok(Box::new(Cursor::new(Arc::clone(&file))) as Box<dyn std::io::Read + Send>);
    let act = Act { name: "import".to_owned(), by: "test".to_owned(), at: now(), reason: None };
    store.import(open, ImportOptions { dry_run, ..ImportOptions::of(act) }, |_| {}).await
}

/// Exports a registry.
pub async fn export(store: &Store) -> String {
    let mut out = Vec::new();
    store.export(&mut out, |_| {}).await.unwrap();
    String::from_utf8(out).unwrap()
}

/// An application over a registry of its own.
pub struct App {
    /// The registry.
    pub store: Store,
    schema: Schema,
    db: TestDb,
    /// The same registry behind the edge of another process, without caches and with all caches.
    edges: Mutex<Option<[Edge; 2]>>,
}

/// The result of a request.
pub struct Reply {
    /// The whole answer as text.
    pub text: String,
    /// The answer as JSON.
    pub json: Value,
    /// Number of SQL statements.
    pub statements: u64,
    /// Number of loads that were not prefetched.
    pub misses: u64,
}

impl Reply {
    /// The data of an answer without errors.
    pub fn data(&self) -> &Value {
        assert!(self.json.get("errors").is_none(), "{}", self.text);
        &self.json["data"]
    }

    /// The data as text, with keys in the order of the query, indented.
    pub fn pretty_data(&self) -> String {
        self.data();
        let answer: pomost_domain::exchange::Json = serde_json::from_str(&self.text).unwrap();
        answer.get("data").unwrap().to_pretty_text() + "\n"
    }

    /// The message and code of the only error.
    pub fn error(&self) -> (String, String) {
        let errors = self.json["errors"].as_array().unwrap_or_else(|| panic!("no errors: {}", self.text));
        assert_eq!(errors.len(), 1, "{}", self.text);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&errors[0]["message"]), text(&errors[0]["extensions"]["code"]))
    }
}

impl App {
    /// The application over the sample.
    pub async fn sample() -> Self {
        Self::with(SAMPLE).await
    }

    /// The application over a file.
    pub async fn with(file: impl Into<Vec<u8>>) -> Self {
        let app = Self::empty().await;
        import(&app.store, file).await.unwrap();
        app
    }

    /// The application over an empty registry.
    pub async fn empty() -> Self {
        Self::over(TestDb::new().await).await
    }

    /// The application over a database.
    pub async fn over(db: TestDb) -> Self {
        let store = db.store().await;
        let schema = schema::build(store.clone(), Dataset::default(), clock);
        Self { store, schema, db, edges: Mutex::default() }
    }

    /// Runs a query.
    pub async fn query(&self, document: &str) -> Reply {
        self.ask(document, Value::Null, &[]).await
    }

    /// Runs a query with variables, in languages.
    pub async fn ask(&self, document: &str, variables: Value, languages: &[&str]) -> Reply {
        self.ask_as(&Viewer::default(), document, variables, languages).await
    }

    /// Runs an operation as a viewer with a role.
    pub async fn run(&self, role: Role, document: &str, variables: Value) -> Reply {
        self.ask_as(&viewer(role), document, variables, &[]).await
    }

    /// Runs a statement on the database of the application, for states that no mutation produces.
    pub async fn sql(&self, statement: &str) {
        self.db.sql(statement).await;
        // The statement created no new version of the data, unlike mutations, so caches are dropped.
        *self.edges.lock().await = None;
    }

    /// Makes further inserts, deletions and updates of rows of a table fail; of updates, those of these columns, or all of them.
    pub async fn freeze(&self, table: &str, columns: &[&str]) {
        self.db.freeze(table, columns).await;
    }

    /// The rows of a table as text, for contents that no reader sees.
    pub async fn rows(&self, table: &str) -> String {
        self.db.rows(table).await
    }

    /// The bytes of all files of its SQLite database, each with its name.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.db.files()
    }

    /// Subscribes as a viewer, in languages, like the edge.
    pub fn follow(
        &self,
        role: Role,
        document: &str,
        variables: Value,
        languages: &[&str],
    ) -> BoxStream<'static, Value> {
        let languages: schema::Languages =
            Languages(languages.iter().flat_map(|tag| Registry::languages(tag)).collect());
        let request = async_graphql::Request::new(document)
            .variables(async_graphql::Variables::from_json(variables))
            .data(viewer(role))
            .data(languages);
        let request = match prepared(request) {
            Ok(request) => request,
            Err(refusal) => return futures_util::stream::iter([serde_json::to_value(refusal).unwrap()]).boxed(),
        };
        let registry = Registry::new(self.store.clone(), Dataset::default(), None, clock);
        let answer = |Answer { response, data, .. }| match data {
            Some(data) => json!({ "data": serde_json::from_str::<Value>(RawValue::get(&data)).unwrap() }),
            None => serde_json::to_value(response).unwrap(),
        };
        registry.answers(request, None).map(answer).boxed()
    }

    /// Runs an operation as a viewer.
    pub async fn ask_as(&self, viewer: &Viewer, document: &str, variables: Value, languages: &[&str]) -> Reply {
        let loader = Loader::new(self.store.seen_with(viewer.sight()));
        let misses = loader.misses();
        let tags: Vec<String> = languages.iter().map(|tag| (*tag).to_owned()).collect();
        let sent_variables = variables.clone();
        let languages: schema::Languages =
            Languages(languages.iter().flat_map(|tag| Registry::languages(tag)).collect());
        let request = async_graphql::Request::new(document)
            .variables(async_graphql::Variables::from_json(variables))
            .data(Arc::new(loader))
            .data(viewer.clone())
            .data(languages);
        // First, like the edge.
        let version = self.store.data_version().await.ok();
        let request = request.data(AsOf(version.unwrap_or_default()));
        let before = self.store.statements();
        let response = match prepared(request) {
            Ok(request) => self.schema.execute(request).await,
            Err(refusal) => refusal,
        };
        let text = serde_json::to_string(&response).unwrap();
        let reply = Reply {
            json: serde_json::from_str(&text).unwrap(),
            text,
            statements: self.store.statements() - before,
            misses: misses.load(Ordering::Relaxed),
        };
        if !document.contains("mutation") {
            let body = json!({ "query": document, "variables": sent_variables });
            self.compare(viewer, &body, &tags, &reply, version).await;
        }
        reply
    }

    /// Sends the same to the edge, which reads only the selected columns of records, and compares the answers. With all
    /// caches on, the first answer and the next must equal the one without caches, at the same version.
    async fn compare(&self, viewer: &Viewer, body: &Value, languages: &[String], whole: &Reply, version: Option<i64>) {
        let mut edges = self.edges.lock().await;
        let [plain, caching] = match &mut *edges {
            Some(edges) => edges,
            none => {
                let store = self.db.store().await;
                let caching = Caching { staleness_ms: 0, ..Caching::default() };
                none.insert([Edge::generous(&store, &Caching::NONE), Edge::generous(&store, &caching)])
            }
        };
        let expected = plain.post(viewer, languages, body).await;
        let answers = [caching.post(viewer, languages, body).await, caching.post(viewer, languages, body).await];
        if version.is_some() && self.store.data_version().await.ok() == version {
            let found: Value = serde_json::from_str(&expected.text()).unwrap();
            // The gate has limits of its own, and the rest of a budget is not in the database.
            let is_comparable = found.get("errors").is_none() && !body["query"].as_str().unwrap().contains("rateLimit");
            if is_comparable || whole.json.get("errors").is_none() {
                assert_eq!(found["data"], whole.json["data"], "{body}");
            }
            for answer in answers {
                assert_eq!(answer.text(), expected.text(), "{body}");
            }
        }
    }
}

/// A request in its executable form, or its refusal by the gate, without limits.
#[expect(clippy::result_large_err, reason = "a refusal is compared unchanged")]
pub fn prepared(mut request: Request) -> Result<Request, Response> {
    let types = schema::types();
    let refused = |faults: Vec<Fault>| Response::from_errors(faults.into_iter().map(refusal).collect());
    let document = parse(&request.query).and_then(|parsed| types.validate(parsed)).map_err(refused)?;
    let operation = document.operation(request.operation_name.as_deref()).map_err(|fault| refused(vec![fault]))?;
    let variables = operation.coerce(types, &request.variables).map_err(refused)?;
    let executable = operation.executable(types, &variables, usize::MAX).unwrap();
    request.operation_name = operation.name().map(ToOwned::to_owned);
    request.variables = variables;
    request.set_parsed_query(executable);
    Ok(request)
}

/// The sample as JSON, parsed once.
pub fn sample_json() -> &'static Value {
    static JSON: OnceLock<Value> = OnceLock::new();
    JSON.get_or_init(|| serde_json::from_str(SAMPLE).unwrap())
}

/// Fails with all faults at once.
pub fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

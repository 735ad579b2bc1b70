//! `pomost serve`

use std::fmt::Write;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use pomost_api::identity::Oidc;
use pomost_api::registry::{self, FIRST_QUERY, Registry};
use pomost_api::schema;
use pomost_domain::city::Field;
use pomost_domain::page::Slice;
use pomost_domain::{Act, City};
use pomost_edge::http::{self, App, Connections, admin_router, router};
use pomost_persistence::{Filter, ImportError, ImportOptions, Mapping, Mode, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

use super::reload::Reload;
use super::{Stop, now, open, open_migrated, print};
use crate::config::{Config, Loaded};

const EXAMPLES: &str = "\
Examples:
  pomost serve --sample
  pomost serve --migrate
  pomost serve --database postgres://pomost@localhost/pomost --listen 0.0.0.0:8080
  pomost serve --admin-listen 127.0.0.1:9090
  pomost serve --documents persisted-documents.json --documents-only";

/// The data of Jastrzębie-Zdrój.
const SAMPLE: &[u8] = include_bytes!("../../../../data/jastrzebie-zdroj.json");

/// Time limit for another process that loads the sample into the same file, and the interval of checks.
const LOADING: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);

/// Time limit for requests in flight after the signal to stop.
const DRAIN: Duration = Duration::from_secs(8);

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// Create and migrate the database, and import the data of Jastrzębie-Zdrój if it is empty
    #[arg(long)]
    sample: bool,
    /// Run pending migrations first; creates the file of a SQLite database. Several processes may do so at the same time
    #[arg(long)]
    migrate: bool,
    /// Address of the public API [env: POMOST_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Address for operators, with /livez, /readyz and /metrics [env: POMOST_ADMIN_LISTEN] [default: not opened]
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<String>,
    /// Documents with ids: a manifest of Relay, GraphQL Code Generator or Apollo, or a folder of documents [env:
    /// POMOST_DOCUMENTS]
    #[arg(long, value_name = "DIR|FILE")]
    documents: Option<String>,
    /// Execute only these documents [env: POMOST_DOCUMENTS_ONLY]
    #[arg(long, requires = "documents")]
    documents_only: bool,
}

impl Serve {
    /// The flags that override keys of the configuration.
    pub(super) fn flags(&self) -> [(&'static str, Option<String>); 4] {
        [
            ("listen", self.listen.clone()),
            ("admin_listen", self.admin_listen.clone()),
            ("documents", self.documents.clone()),
            ("documents_only", self.documents_only.then(|| true.to_string())),
        ]
    }

    pub(super) async fn run(self, loaded: &Loaded, reload: Reload) -> Result<(), Stop> {
        let config = &loaded.config;
        // Parsed in parallel, because it takes longer than the rest of the start.
        std::thread::spawn(schema::types);
        // The addresses are bound first, so that an address in use leaves no new database behind.
        let public = bind(&config.listen, "--listen").await?;
        let admin = match &config.admin_listen {
            Some(address) => Some(bind(address, "--admin-listen").await?),
            None => None,
        };
        let mut settings = config.edge_settings().map_err(Stop::environment)?;
        // Without an address to read them, metrics are not collected: they would only use memory.
        settings.figures = match &admin {
            Some(_) => {
                let handle = http::start_metrics().map_err(Stop::failed)?;
                registry::describe_metrics();
                Some(handle)
            }
            None => None,
        };
        let oidc = Oidc::new(&config.oidc).map_err(Stop::usage)?;
        let store = match (self.sample, self.migrate) {
            (true, _) => open_sample(config).await?,
            (false, true) => open_and_migrate(config).await?,
            (false, false) => open_migrated(config).await?,
        };
        warn_without_publisher(&store, config).await?;
        // Content that was erased but not purged before the previous process ended.
        store.start_purge();
        let registry = Registry::new(store, config.dataset.clone().into(), oidc, now).remembering(&config.cache);
        registry.prepare();
        let app = App::new(registry, settings);
        tokio::spawn(Reload { app: Some(app.clone()), ..reload }.run());
        print(&greeting(public.local_addr().map_err(Stop::environment)?))?;
        serve(public, admin, &config.connections, app)
            .await
            .map_err(|error| Stop::environment(format!("the server failed: {error}")))
    }
}

async fn bind(address: &str, flag: &str) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = format!("choose another one with {flag}");
        if error.kind() == io::ErrorKind::InvalidInput {
            return Stop::usage(format!("{address:?} is not an address: write HOST:PORT after {flag}"));
        }
        Stop::environment(match error.kind() {
            io::ErrorKind::AddrInUse => format!("the address {address} is in use by another program: {advice}"),
            io::ErrorKind::AddrNotAvailable => format!("this machine does not have the address {address}: {advice}"),
            io::ErrorKind::PermissionDenied => format!("this user may not use the address {address}: {advice}"),
            _ => format!("the address {address:?} cannot be used ({error}): write HOST:PORT after {flag}"),
        })
    })
}

/// The migrated database. Other processes that migrate at the same time wait, and then have nothing to do.
async fn open_and_migrate(config: &Config) -> Result<Store, Stop> {
    let store = open(config, Mode::Create).await?;
    match store.migrate_up().await.map_err(|error| Stop::database(config, &error))? {
        0 => {}
        migrations => tracing::info!(migrations, "the database was migrated"),
    }
    Ok(store)
}

/// The database with the sample, unless it contains other data.
async fn open_sample(config: &Config) -> Result<Store, Stop> {
    let store = open_and_migrate(config).await?;
    let trouble = |error| Stop::database(config, &error);
    let begin = Instant::now();
    loop {
        let counts = store.record_counts().await.map_err(trouble)?;
        if counts.iter().any(|(_, count)| *count > 0) || store.mirror().await.map_err(trouble)?.is_some() {
            return Ok(store);
        }
        match load_sample(&store).await? {
            Ok(()) => break,
            // Another process that was started at the same time may be importing it.
            Err(StoreError::Unavailable(_)) if begin.elapsed() < LOADING => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(trouble(error)),
        }
    }
    // Opened again, because the caches of migration and import are useless to a server.
    store.close().await;
    open_migrated(config).await
}

/// A registry should name its publisher.
async fn warn_without_publisher(store: &Store, config: &Config) -> Result<(), Stop> {
    if config.dataset.publisher.is_some() {
        return Ok(());
    }
    let homes = Filter::flag(Mapping::field::<City>(Field::IsHome), true);
    let found = store.page(Mapping::of::<City>(), &homes, &Vec::new(), &Slice { limit: 1, ..Slice::default() }).await;
    if found.map_err(|error| Stop::database(config, &error))?.items.is_empty() {
        tracing::warn!(
            "the registry has no publisher: import the home city of the registry, or set dataset.publisher \
             (POMOST_DATASET_PUBLISHER)"
        );
    }
    Ok(())
}

/// Imports the sample; the inner error is one of the database.
async fn load_sample(store: &Store) -> Result<Result<(), StoreError>, Stop> {
    let options =
        ImportOptions::of(Act { name: "import".to_owned(), by: "sample".to_owned(), at: now(), reason: None });
    match store.import(|| Ok(Box::new(SAMPLE)), options, |_| ()).await {
        Ok(_) => Ok(Ok(())),
        Err(ImportError::Store(error)) => Ok(Err(error)),
        Err(error @ (ImportError::Io(_) | ImportError::KeyTaken)) => {
            Err(Stop::failed(format!("cannot read the sample: {error}")))
        }
        Err(ImportError::Faults { faults, .. }) => {
            Err(Stop::failed(format!("the sample has {} faults, the first: {}", faults.len(), Shown(faults.first()))))
        }
    }
}

/// A value that may be missing.
struct Shown<T>(Option<T>);

impl<T: std::fmt::Display> std::fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_ref().map_or(Ok(()), |shown| shown.fmt(f))
    }
}

/// Instructions for a person who has just started the server.
fn greeting(address: SocketAddr) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let base = format!("http://{}", SocketAddr::new(host, address.port()));
    let lines = FIRST_QUERY.lines().filter(|line| !line.trim_start().starts_with('#'));
    let query = lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    let body = serde_json::json!({ "query": query }).to_string().replace('\'', "'\\''");
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(text, "Pomost is running. Open the explorer in a browser:\n\n  {base}/graphql\n");
    let _ = writeln!(
        text,
        "or send a first query:\n\n  curl {base}/graphql -H 'content-type: application/json' -d '{body}'\n"
    );
    let _ = writeln!(text, "The schema is at {base}/schema.graphql. Press Ctrl-C to stop the server.");
    text
}

/// Serves until the process receives a signal to stop, and then until the requests in flight are answered or the time limit is
/// reached.
async fn serve(
    public: TcpListener,
    admin: Option<TcpListener>,
    connections: &Connections,
    app: App<Registry>,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(());
    let stopped_signal = || {
        let mut stopped = stopped.clone();
        // An error means that the sender was dropped, which has the same meaning.
        async move { stopped.changed().await.unwrap_or_default() }
    };
    let public = http::serve(public, router(app.clone()), connections, stopped_signal());
    let admin = async {
        if let Some(listener) = admin {
            http::serve(listener, admin_router(app.clone()), connections, stopped_signal()).await;
        }
    };
    let mut running = std::pin::pin!(futures_util::future::join(public, admin));
    tokio::select! {
        _ = &mut running => return Ok(()),
        received = stop_signal() => received?,
    }
    tracing::info!("stopping: requests in flight are finished, new ones are refused");
    drop(stop);
    app.close();
    if tokio::time::timeout(DRAIN, running).await.is_err() {
        tracing::warn!("requests were still running after {} s and are cancelled", DRAIN.as_secs());
    }
    Ok(())
}

/// Waits for Ctrl-C or a signal of the service manager.
async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_contains_a_valid_command() {
        let text = greeting(([0, 0, 0, 0], 8080).into());
        assert!(text.contains("  http://127.0.0.1:8080/graphql\n"), "{text}");
        let body = text.split(" -d '").nth(1).and_then(|rest| rest.split("'\n").next()).unwrap();
        let body: serde_json::Value = serde_json::from_str(&body.replace("'\\''", "'")).unwrap();
        assert!(pomost_document::parse(body["query"].as_str().unwrap()).is_ok());
    }
}

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
use pomost_persistence::{Filter, ImportError, ImportOptions, Mode, Store, StoreError};
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

/// How long to wait for another process that loads the sample into the same file, and before it is looked at again.
const LOADING: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);

/// How long requests in flight may go on once the server was told to end.
const DRAIN: Duration = Duration::from_secs(8);

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// Create and migrate the database, and load the data of Jastrzębie-Zdrój if it is empty
    #[arg(long)]
    sample: bool,
    /// Run the migrations that are missing first; creates the file of a SQLite database. Several processes may do so at once
    #[arg(long)]
    migrate: bool,
    /// Address of the public API [env: POMOST_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Address for operators, with /livez, /readyz and /metrics [env: POMOST_ADMIN_LISTEN] [default: not opened]
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<String>,
    /// Documents that are known by an id: a manifest of Relay, GraphQL Code Generator or Apollo, or a folder of them
    /// [env: POMOST_DOCUMENTS]
    #[arg(long, value_name = "DIR|FILE")]
    documents: Option<String>,
    /// Execute nothing but these documents [env: POMOST_DOCUMENTS_ONLY]
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
        // It takes longer than the rest of the start, so it is read meanwhile.
        std::thread::spawn(schema::types);
        // Addresses first: a taken one must not leave a new database behind.
        let public = bind(&config.listen, "--listen").await?;
        let admin = match &config.admin_listen {
            Some(address) => Some(bind(address, "--admin-listen").await?),
            None => None,
        };
        let mut settings = config.edge_settings().map_err(Stop::environment)?;
        // Figures that nobody can read are not gathered: they would only grow.
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
        warn_of_nobody(&store, config).await?;
        // What was erased and not purged, because the process before this one ended.
        store.start_purge();
        let registry = Registry::new(store, config.dataset.clone().into(), oidc, now).remembering(&config.cache);
        registry.prepare();
        let app = App::new(registry, settings);
        tokio::spawn(Reload { app: Some(app.clone()), ..reload }.run());
        print(&greeting(public.local_addr().map_err(Stop::environment)?))?;
        serve(public, admin, &config.connections, app)
            .await
            .map_err(|error| Stop::environment(format!("the server cannot go on: {error}")))
    }
}

async fn bind(address: &str, flag: &str) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = format!("choose another with {flag}");
        if error.kind() == io::ErrorKind::InvalidInput {
            return Stop::usage(format!("{address:?} is no address: write HOST:PORT after {flag}"));
        }
        Stop::environment(match error.kind() {
            io::ErrorKind::AddrInUse => format!("the address {address} is taken by another program: {advice}"),
            io::ErrorKind::AddrNotAvailable => format!("this machine does not have the address {address}: {advice}"),
            io::ErrorKind::PermissionDenied => format!("the address {address} may not be used: {advice}"),
            _ => format!("the address {address:?} cannot be used ({error}): write HOST:PORT after {flag}"),
        })
    })
}

/// The database, brought up to date. Whoever does the same at the same time waits, and finds nothing left to do.
async fn open_and_migrate(config: &Config) -> Result<Store, Stop> {
    let store = open(config, Mode::Create).await?;
    match store.migrate_up().await.map_err(|error| Stop::database(config, &error))? {
        0 => {}
        migrations => tracing::info!(migrations, "the database was migrated"),
    }
    Ok(store)
}

/// The database with the sample in it, unless it holds something else already.
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
            // Another process that was started at the same time may be loading it.
            Err(StoreError::Unavailable(_)) if begin.elapsed() < LOADING => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(trouble(error)),
        }
    }
    // Opened anew, as what tables and import left in its caches is of no use to a server.
    store.close().await;
    open_migrated(config).await
}

/// A registry should say who answers for it.
async fn warn_of_nobody(store: &Store, config: &Config) -> Result<(), Stop> {
    if config.dataset.publisher.is_some() {
        return Ok(());
    }
    let homes = Filter::<City>::flag(Field::IsHome, true);
    let found = store.page(&homes, &Vec::new(), &Slice { limit: 1, ..Slice::default() }).await;
    if found.map_err(|error| Stop::database(config, &error))?.items.is_empty() {
        tracing::warn!(
            "no publisher is named: import the home city of the registry, or set dataset.publisher \
             (POMOST_DATASET_PUBLISHER)"
        );
    }
    Ok(())
}

/// Imports the sample; an error inside is one of the database.
async fn load_sample(store: &Store) -> Result<Result<(), StoreError>, Stop> {
    let options =
        ImportOptions::of(Act { name: "import".to_owned(), by: "sample".to_owned(), at: now(), reason: None });
    match store.import(|| Ok(Box::new(SAMPLE)), options, |_| ()).await {
        Ok(_) => Ok(Ok(())),
        Err(ImportError::Store(error)) => Ok(Err(error)),
        Err(error @ (ImportError::Io(_) | ImportError::KeyTaken)) => {
            Err(Stop::failed(format!("the sample cannot be read: {error}")))
        }
        Err(ImportError::Faults { faults, .. }) => {
            Err(Stop::failed(format!("the sample has {} faults, the first: {}", faults.len(), Shown(faults.first()))))
        }
    }
}

/// Something that may be missing.
struct Shown<T>(Option<T>);

impl<T: std::fmt::Display> std::fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_ref().map_or(Ok(()), |shown| shown.fmt(f))
    }
}

/// What a person who has just started the server wants to know.
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
    let _ = writeln!(text, "The schema is at {base}/schema.graphql. Ctrl-C ends the server.");
    text
}

/// Serves until the process is told to end, and a little longer for the requests in flight.
async fn serve(
    public: TcpListener,
    admin: Option<TcpListener>,
    connections: &Connections,
    app: App<Registry>,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(());
    let told = || {
        let mut stopped = stopped.clone();
        // An error here says that the sender is gone, which means the same.
        async move { stopped.changed().await.unwrap_or_default() }
    };
    let public = http::serve(public, router(app.clone()), connections, told());
    let admin = async {
        if let Some(listener) = admin {
            http::serve(listener, admin_router(app.clone()), connections, told()).await;
        }
    };
    let mut running = std::pin::pin!(futures_util::future::join(public, admin));
    tokio::select! {
        _ = &mut running => return Ok(()),
        told = told_to_end() => told?,
    }
    tracing::info!("told to end: requests in flight are finished, new ones are not taken");
    drop(stop);
    app.close();
    if tokio::time::timeout(DRAIN, running).await.is_err() {
        tracing::warn!("requests were still running after {} s and are cut off", DRAIN.as_secs());
    }
    Ok(())
}

/// Waits for Ctrl-C or for the service manager.
async fn told_to_end() -> io::Result<()> {
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
    fn the_greeting_can_be_pasted() {
        let text = greeting(([0, 0, 0, 0], 8080).into());
        assert!(text.contains("  http://127.0.0.1:8080/graphql\n"), "{text}");
        let body = text.split(" -d '").nth(1).and_then(|rest| rest.split("'\n").next()).unwrap();
        let body: serde_json::Value = serde_json::from_str(&body.replace("'\\''", "'")).unwrap();
        assert!(pomost_document::parse(body["query"].as_str().unwrap()).is_ok());
    }
}

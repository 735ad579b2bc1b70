//! The command line: one file per command.
#![expect(clippy::doc_markdown, reason = "many comments here are help texts, which a terminal shows unchanged")]

mod backup;
mod config;
mod doctor;
mod export;
mod generate;
mod health;
mod import;
mod migrate;
mod mirror;
mod progress;
mod reload;
mod schema;
mod serve;
mod stop;
mod token;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use pomost_persistence::{Mode, Store};

use crate::config::{CONFIG_VARIABLE, Config, ConfigError, Loaded};
use crate::logging::{self, Logs};
use reload::{Hangups, Reload};
use stop::Stop;

const ABOUT: &str = "Pomost: the register of a city's foreign cooperation, with a GraphQL API";

const EXAMPLES: &str = "\
Examples:
  pomost serve --sample              try it out: creates pomost.db with the data of Jastrzębie-Zdrój
  pomost serve --migrate             run pending migrations, then serve
  pomost migrate up                  create the tables of an empty database
  pomost import cooperation.json     import a file
  pomost serve                       serve the database

Exit codes:
  0  done
  1  the work failed: faults in a file, findings of the doctor
  2  wrong usage or configuration
  3  an external problem: address in use; database missing, unreachable, not migrated, newer or read-only
  4  `migrate status`: migrations are pending
  5  `migrate status`: the database is newer than this program";

#[derive(Parser)]
#[command(name = "pomost", version, about = ABOUT, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

/// The options of every command.
#[derive(Args, Clone)]
struct Everywhere {
    /// The database [env: POMOST_DATABASE] [default: sqlite://pomost.db]
    #[arg(long, global = true, value_name = "sqlite://FILE|postgres://…")]
    database: Option<String>,
    /// A file that contains only the address of the database [env: POMOST_DATABASE_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    database_file: Option<String>,
    /// The configuration file [env: POMOST_CONFIG] [default: pomost.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The log filter, such as "debug" or "info,pomost_api=trace" [env: POMOST_LOG] [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve(serve::Serve),
    /// Check that a server is ready, for health checks
    Health(health::Health),
    /// Create or migrate the tables of a database
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Import a file of the exchange format, completely or not at all
    Import(import::Import),
    /// Write all public records to standard output in the exchange format
    Export(export::Export),
    /// Write made-up data of any size in the exchange format
    Generate(generate::Generate),
    /// Print the GraphQL schema, or the JSON Schema of the exchange format
    Schema(schema::Schema),
    /// Show the configuration
    #[command(subcommand)]
    Config(config::ShowConfig),
    /// Check the database and its records
    Doctor(doctor::Doctor),
    /// Keep a copy of another registry, and verify it
    Mirror(mirror::MirrorCommand),
    /// Copy a SQLite database while it is in use; for PostgreSQL use pg_dump
    Backup(backup::Backup),
    /// Create, list and revoke tokens, which allow more than reading public records
    #[command(subcommand)]
    Token(token::TokenCommand),
}

/// Runs the command line of the process and returns its exit code.
#[must_use]
pub(crate) fn run() -> ExitCode {
    // clap ends the process with code 2 if the usage is wrong.
    let cli = Cli::parse();
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

/// Standard variables of OpenTelemetry.
#[cfg(not(feature = "otel"))]
const OTEL: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// Logs a warning for every setting without an effect.
fn warn_of_idle(loaded: &Loaded) {
    for variable in &loaded.unknown {
        tracing::warn!(
            variable,
            "the variable is unknown and has no effect: `pomost config example` lists all variables"
        );
    }
    #[cfg(not(feature = "otel"))]
    for variable in OTEL.into_iter().filter(|name| std::env::var_os(name).is_some()) {
        tracing::warn!(variable, "no spans are sent, because this program was built without the feature `otel`");
    }
}

fn start(cli: Cli) -> Result<(), Stop> {
    // Must work without a valid configuration.
    if let Command::Config(config::ShowConfig::Example) = cli.command {
        return config::example();
    }
    let Cli { everywhere, command } = cli;
    let runtime = tokio::runtime::Runtime::new().map_err(Stop::environment)?;
    // Installed before anything that takes time, so that a signal does not end a server during its start.
    let hangups = match &command {
        Command::Serve(_) => Some(runtime.block_on(async { Hangups::new() }).map_err(Stop::environment)?),
        Command::Mirror(mirror) if !mirror.ends() => {
            Some(runtime.block_on(async { Hangups::new() }).map_err(Stop::environment)?)
        }
        _ => None,
    };
    let flags = if let Command::Serve(serve) = &command { serve.flags().to_vec() } else { Vec::new() };
    let loaded = load(&everywhere, flags).map_err(Stop::usage)?;
    pomost_edge::tls::install();
    let logs = logging::start(&loaded.config.log).map_err(|error| Stop::usage(format!("log: {error}")))?;
    warn_of_idle(&loaded);
    runtime.block_on(async {
        let ended = dispatch(command, &everywhere, &loaded, &logs, hangups).await;
        close_all().await;
        ended
    })
}

async fn dispatch(
    command: Command,
    everywhere: &Everywhere,
    loaded: &Loaded,
    logs: &Logs,
    hangups: Option<Hangups>,
) -> Result<(), Stop> {
    let config = &loaded.config;
    let reload = |flags| Reload {
        everywhere: everywhere.clone(),
        flags,
        loaded: loaded.clone(),
        filter: logs.filter.clone(),
        app: None,
        hangups,
    };
    match command {
        Command::Serve(serve) => {
            let reload = reload(serve.flags().to_vec());
            serve.run(loaded, reload).await
        }
        Command::Health(health) => health.run(config).await,
        Command::Migrate(migrate) => migrate.run(config).await,
        Command::Import(import) => import.run(config).await,
        Command::Export(export) => export.run(config).await,
        Command::Generate(generate) => generate.run(),
        Command::Schema(schema) => schema.run(),
        Command::Config(_) => config::show(loaded),
        Command::Doctor(doctor) => doctor.run(config).await,
        Command::Mirror(mirror) => mirror.run(config, reload(Vec::new())).await,
        Command::Backup(backup) => backup.run(config).await,
        Command::Token(token) => token.run(config).await,
    }
}

/// Reads the configuration, with the flags of the command.
fn load(everywhere: &Everywhere, flags: Vec<(&'static str, Option<String>)>) -> Result<Loaded, ConfigError> {
    let environment = crate::config::environment()?;
    let named = environment.get(CONFIG_VARIABLE).map(PathBuf::from);
    let Everywhere { database, database_file, config, log } = everywhere;
    let file = config.clone().or(named);
    let flags = [("database", database), ("database_file", database_file), ("log", log)]
        .into_iter()
        .map(|(key, value)| (key, value.clone()))
        .chain(flags);
    let flags: Vec<_> = flags.filter_map(|(key, value)| Some((key, value?))).collect();
    crate::config::load(file.as_deref(), &environment, &flags)
}

/// The databases that the command has opened. They are closed when it ends for any reason. The last connection writes the
/// write-ahead log into the SQLite file, so that a copy of the file is complete.
static OPENED: Mutex<Vec<Store>> = Mutex::new(Vec::new());

/// Time limit for closing them. Work that was cancelled may hold a connection.
const CLOSING: Duration = Duration::from_secs(2);

/// Opens the database of the configuration.
async fn open(config: &Config, mode: Mode) -> Result<Store, Stop> {
    let store = Store::open(&config.store_settings(), mode).await.map_err(|error| Stop::database(config, &error))?;
    OPENED.lock().unwrap_or_else(PoisonError::into_inner).push(store.clone());
    Ok(store)
}

async fn close_all() {
    let opened = std::mem::take(&mut *OPENED.lock().unwrap_or_else(PoisonError::into_inner));
    for store in opened {
        let _ = tokio::time::timeout(CLOSING, store.close()).await;
    }
}

/// Opens an existing database with the schema of this program.
async fn open_migrated(config: &Config) -> Result<Store, Stop> {
    let store = open(config, Mode::Existing).await?;
    store.require_migrated().await.map_err(|error| Stop::database(config, &error))?;
    Ok(store)
}

/// Writes to standard output.
fn print(text: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Stop::output)
}

/// Writes the result of completed work to standard output. A failure to write does not undo the work.
fn print_done(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that closes the pipe early, such as `head`, is not an error.
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("warning: the work is done, but cannot write the output: {error}");
    }
}

/// The clock of the commands; everything below receives the time as an argument.
#[expect(clippy::disallowed_methods, reason = "the only place that reads the clock")]
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_parser_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Examples:\n"), "{}", command.get_name());
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn flags_may_follow_the_command() {
        let cli = Cli::try_parse_from(["pomost", "import", "-", "--dry-run", "--database", "sqlite://x.db"]).ok();
        assert_eq!(cli.and_then(|cli| cli.everywhere.database).as_deref(), Some("sqlite://x.db"));
    }
}

//! What SIGHUP does to a command that runs until it is ended: it reads its configuration and its documents again, and goes on
//! whatever it finds.

use std::error::Error;
use std::io;
use std::sync::Arc;

use pomost_api::registry::Registry;
use pomost_edge::http::App;

use super::Everywhere;
use crate::config::Loaded;
use crate::logging::Filter;

/// The keys of the configuration that are put into force without a restart.
const RELOADED: [&str; 3] = ["log", "documents", "documents_only"];

/// Comes each time that the process is told to reload. From its making on, the signal does not end the process.
pub(super) struct Hangups(#[cfg(unix)] tokio::signal::unix::Signal);

impl Hangups {
    /// Listens to the signal.
    pub(super) fn new() -> io::Result<Self> {
        #[cfg(unix)]
        let hangups = Self(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?);
        #[cfg(not(unix))]
        let hangups = Self();
        Ok(hangups)
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if self.0.recv().await.is_some() {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// What is read again, and where it is put into force.
pub(super) struct Reload {
    /// What every command takes, and the flags of this one: they override the file again.
    pub(super) everywhere: Everywhere,
    pub(super) flags: Vec<(&'static str, Option<String>)>,
    /// The configuration that the command was started with.
    pub(super) loaded: Loaded,
    pub(super) filter: Filter,
    /// What is served; `None`: nothing is, so that there are no documents.
    pub(super) app: Option<App<Registry>>,
    /// When it is told to; `None`: never, as the command ends by itself.
    pub(super) hangups: Option<Hangups>,
}

impl Reload {
    /// Reloads at every signal, for as long as the process runs.
    pub(super) async fn run(mut self) {
        let Some(mut hangups) = self.hangups.take() else { return };
        let reload = Arc::new(self);
        loop {
            hangups.next().await;
            let reload = Arc::clone(&reload);
            // Files are read in a thread of their own: requests do not wait for them.
            let done = tokio::task::spawn_blocking(move || reload.once().map_err(|error| error.to_string())).await;
            if let Err(error) = done.map_err(|error| error.to_string()).flatten() {
                tracing::error!(error, "the reload failed: everything stays as it was");
            }
        }
    }

    /// Reads everything before anything of it is put into force.
    fn once(&self) -> Result<(), Box<dyn Error>> {
        let loaded = super::load(&self.everywhere, self.flags.clone())?;
        let served = match &self.app {
            Some(app) => Some((app, loaded.config.read_documents()?)),
            None => None,
        };
        let documents = served.as_ref().map_or(0, |(_, documents)| documents.count());
        let tell = || tracing::info!(documents, log = loaded.config.log, "reloaded the log filter and the documents");
        // Of a filter that lets less through, the line is the last of the former one.
        let is_told = tracing::enabled!(tracing::Level::INFO);
        if is_told {
            tell();
        }
        self.filter.replace(&loaded.config.log)?;
        if !is_told {
            tell();
        }
        if let Some((app, documents)) = served {
            app.replace_documents(documents);
        }
        let waiting = self.loaded.differences(&loaded).filter(|key| !RELOADED.contains(key)).collect::<Vec<_>>();
        if !waiting.is_empty() {
            let keys = waiting.join(", ");
            tracing::warn!(keys, "these keys of the configuration have changed, and need a restart");
        }
        Ok(())
    }
}

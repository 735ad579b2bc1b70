//! The reaction to SIGHUP of a command that runs until it is stopped: it reads its configuration and its documents again,
//! and continues even if that fails.

use std::error::Error;
use std::io;
use std::sync::Arc;

use pomost_api::registry::Registry;
use pomost_edge::http::App;

use super::Everywhere;
use crate::config::Loaded;
use crate::logging::Filter;

/// The configuration keys that take effect without a restart.
const RELOADED: [&str; 3] = ["log", "documents", "documents_only"];

/// Receives the signal. From its creation on, the signal does not end the process.
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

/// The parameters of a reload.
pub(super) struct Reload {
    /// The options of every command and the flags of this one, which override the file again.
    pub(super) everywhere: Everywhere,
    pub(super) flags: Vec<(&'static str, Option<String>)>,
    /// The configuration that the command was started with.
    pub(super) loaded: Loaded,
    pub(super) filter: Filter,
    /// The server; `None`: the command does not serve, so it has no documents.
    pub(super) app: Option<App<Registry>>,
    /// The signals; `None`: no reload, because the command ends by itself.
    pub(super) hangups: Option<Hangups>,
}

impl Reload {
    /// Reloads at every signal while the process runs.
    pub(super) async fn run(mut self) {
        let Some(mut hangups) = self.hangups.take() else { return };
        let reload = Arc::new(self);
        loop {
            hangups.next().await;
            let reload = Arc::clone(&reload);
            // Files are read in a separate thread, so that requests are not delayed.
            let done = tokio::task::spawn_blocking(move || reload.once().map_err(|error| error.to_string())).await;
            if let Err(error) = done.map_err(|error| error.to_string()).flatten() {
                tracing::error!(error, "the reload failed: nothing was changed");
            }
        }
    }

    /// Reads everything before any of it takes effect.
    fn once(&self) -> Result<(), Box<dyn Error>> {
        let loaded = super::load(&self.everywhere, self.flags.clone())?;
        let served = match &self.app {
            Some(app) => Some((app, loaded.config.read_documents()?)),
            None => None,
        };
        let documents = served.as_ref().map_or(0, |(_, documents)| documents.count());
        let log_done =
            || tracing::info!(documents, log = loaded.config.log, "reloaded the log filter and the documents");
        // If the new filter drops this line, it is logged with the old one.
        let is_logged = tracing::enabled!(tracing::Level::INFO);
        if is_logged {
            log_done();
        }
        self.filter.replace(&loaded.config.log)?;
        if !is_logged {
            log_done();
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

//! Logs on standard error: readable on a terminal, JSON otherwise. With the feature `otel`, spans go to a collector as well.

mod filter;
#[cfg(feature = "otel")]
mod traces;

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

pub(crate) use filter::FilterError;

/// What was started. Dropping it sends what was not sent yet.
#[derive(Debug)]
pub(crate) struct Logs {
    /// What decides what is logged.
    pub(crate) filter: Filter,
    #[cfg(feature = "otel")]
    _traces: Option<traces::Traces>,
}

/// What decides what is logged. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Filter(reload::Handle<EnvFilter, Registry>);

impl Filter {
    /// Replaces the filter.
    ///
    /// # Errors
    /// The filter cannot be read; the former one stays.
    pub(crate) fn replace(&self, filter: &str) -> Result<(), FilterError> {
        let filter = filter::parse(filter)?;
        // An error here says that nothing is logged by these logs, as when others were started before.
        let _ = self.0.reload(filter);
        Ok(())
    }
}

/// Starts logging. A second call changes nothing, so that tests may call it freely.
///
/// # Errors
/// The filter cannot be read.
pub(crate) fn start(filter: &str) -> Result<Logs, FilterError> {
    let (filter, handle) = reload::Layer::new(filter::parse(filter)?);
    // Nobody is told that a line could not be written: there is no other place for it than the one that is gone.
    let lines = fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let lines = if std::io::stderr().is_terminal() {
        lines.with_target(false).boxed()
    } else {
        lines.json().flatten_event(true).with_current_span(true).with_span_list(false).with_ansi(false).boxed()
    };
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    #[cfg(feature = "otel")]
    let (subscriber, traces) = {
        let traces = traces::Traces::to_collector();
        (subscriber.with(traces.as_ref().map(traces::Traces::layer)), traces)
    };
    // An error here says that logging has been started before.
    let _started = subscriber.try_init();
    log_panics();
    Ok(Logs {
        filter: Filter(handle),
        #[cfg(feature = "otel")]
        _traces: traces,
    })
}

/// Checks a filter.
///
/// # Errors
/// It cannot be read, or would log nothing.
pub(crate) fn check(filter: &str) -> Result<(), FilterError> {
    filter::parse(filter).map(drop)
}

/// A panic is one line of the log like any other; the usual report would be several lines that no log reader understands.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, message, "panic");
    }));
}

//! Logs to standard error: readable on a terminal, JSON otherwise. With the feature `otel`, also sends spans to a collector.

mod filter;
#[cfg(feature = "otel")]
mod traces;

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

pub(crate) use filter::FilterError;

/// The running logs. Dropping them sends the remaining spans.
#[derive(Debug)]
pub(crate) struct Logs {
    /// The log filter.
    pub(crate) filter: Filter,
    #[cfg(feature = "otel")]
    _traces: Option<traces::Traces>,
}

/// The log filter. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Filter(reload::Handle<EnvFilter, Registry>);

impl Filter {
    /// Replaces the filter.
    ///
    /// # Errors
    /// The filter cannot be parsed; the previous one remains.
    pub(crate) fn replace(&self, filter: &str) -> Result<(), FilterError> {
        let filter = filter::parse(filter)?;
        // An error means that another subscriber is installed, as in tests.
        let _ = self.0.reload(filter);
        Ok(())
    }
}

/// Starts logging. A second call has no effect, so that tests may call it repeatedly.
///
/// # Errors
/// The filter cannot be parsed.
pub(crate) fn start(filter: &str) -> Result<Logs, FilterError> {
    let (filter, handle) = reload::Layer::new(filter::parse(filter)?);
    // An error while writing to standard error cannot be reported anywhere else.
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
    // An error means that logging was started before.
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
/// It cannot be parsed, or would log nothing.
pub(crate) fn check(filter: &str) -> Result<(), FilterError> {
    filter::parse(filter).map(drop)
}

/// Logs a panic as one line: the default report has several lines, which log readers do not parse.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, message, "panic");
    }));
}

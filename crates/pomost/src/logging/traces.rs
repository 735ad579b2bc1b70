//! Spans for an OpenTelemetry collector, over OTLP (HTTP, protobuf). The usual variables of OpenTelemetry set it up.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

/// Without one of these variables nothing is sent, so that no machine is contacted that nobody named.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// Sends spans in batches.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends to the collector that the environment names, if it names one.
    pub(super) fn to_collector() -> Option<Self> {
        ENDPOINTS.iter().find_map(std::env::var_os)?;
        let exporter = SpanExporter::builder().with_http().build();
        let exporter = exporter.inspect_err(|error| eprintln!("no spans are sent: {error}")).ok()?;
        let resource = Resource::builder().with_service_name("pomost").build();
        Some(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// The layer that makes spans of ours into spans of OpenTelemetry.
    pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, Tracer>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("pomost"))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // The process ends: what cannot be sent now is lost.
        let _ = self.0.shutdown();
    }
}

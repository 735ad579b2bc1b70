//! Spans for an OpenTelemetry collector, over OTLP (HTTP, protobuf), configured by the standard variables of OpenTelemetry.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

/// Spans are sent only if one of these variables is set, so that no host is contacted by default.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// Sends spans in batches.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends to the collector in the environment, if there is one.
    pub(super) fn to_collector() -> Option<Self> {
        ENDPOINTS.iter().find_map(std::env::var_os)?;
        let exporter = SpanExporter::builder().with_http().build();
        let exporter = exporter.inspect_err(|error| eprintln!("no spans are sent: {error}")).ok()?;
        let resource = Resource::builder().with_service_name("pomost").build();
        Some(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// The layer that converts our spans to spans of OpenTelemetry.
    pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, Tracer>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("pomost"))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // The process ends: spans that cannot be sent now are lost.
        let _ = self.0.shutdown();
    }
}

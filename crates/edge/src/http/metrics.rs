//! Metrics in the Prometheus format.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::{App, process};
use crate::served::Served;

const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];
const COSTS: [f64; 7] = [1.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 10_000.0];

/// Interval in which measurements are aggregated; until then each one is stored.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts the recorder, in a runtime that keeps running.
///
/// # Errors
/// Another recorder is installed.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_cost".to_owned()), &COSTS)?
        .install_recorder()?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    metrics::describe_counter!("pomost_http_requests_total", "HTTP requests by status");
    metrics::describe_histogram!("pomost_http_request_duration_seconds", "Time from the headers to the answer");
    metrics::describe_counter!("pomost_operations_total", "GraphQL operations by transport");
    metrics::describe_counter!("pomost_answers_kept_total", "Operations answered from the answer cache");
    metrics::describe_counter!("pomost_operation_errors_total", "Errors of GraphQL operations by code");
    metrics::describe_histogram!("pomost_operation_duration_seconds", "Time of an operation, by transport");
    metrics::describe_histogram!("pomost_operation_cost", "Maximum cost of an operation, before its execution");
    metrics::describe_counter!(
        "pomost_revalidations_total",
        "Cacheable GET requests: `sent` with an answer, `fresh` with 304"
    );
    metrics::describe_gauge!("pomost_connections", "Open connections");
    metrics::describe_counter!("pomost_connections_refused_total", "Connections refused because of the limit");
    metrics::describe_gauge!("pomost_sockets", "Open WebSockets");
    metrics::describe_counter!("pomost_sockets_closed_total", "WebSockets that the server closed, by code");
    Ok(handle)
}

/// The metrics as text.
pub(super) async fn show<E: Served>(State(app): State<App<E>>) -> Response {
    app.served().measure();
    let text = app.figures().map(PrometheusHandle::render).unwrap_or_default() + &process::text(app.build());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

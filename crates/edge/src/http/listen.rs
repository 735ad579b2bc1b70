//! The accept loop. That of axum has no time limit for the headers of a request.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::{Service, ServiceExt};

use super::client::{Peer, Place};

/// Limits of all connections together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connections {
    /// Maximum number of open connections.
    pub max: u32,
    /// Milliseconds for receiving the headers of a request, and before an idle connection is closed.
    pub header_timeout_ms: u32,
}

impl Default for Connections {
    fn default() -> Self {
        Self { max: 10_000, header_timeout_ms: 15_000 }
    }
}

/// Maximum size of the request line and headers: sufficient for a percent-encoded document in a `GET`.
const MAX_HEADER_BYTES: usize = 128 << 10;

/// The response when all connections are in use.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The wait after a failed accept, for example for lack of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` completes, and then until the requests in flight are answered.
pub async fn serve<S>(listener: TcpListener, service: S, connections: &Connections, stop: impl Future<Output = ()>)
where
    S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(u64::from(connections.header_timeout_ms)))
        .max_buf_size(MAX_HEADER_BYTES);
    let places = Arc::new(Semaphore::new(connections.max as usize));
    let (stopping, stopped) = watch::channel(());
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if !is_of_the_client(&error) {
                    tracing::error!(%error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            metrics::counter!("pomost_connections_refused_total").increment(1);
            refuse(stream);
            continue;
        };
        // Responses are written at once: small packets must not wait for more data.
        let _ = stream.set_nodelay(true);
        let peer = Peer { address: peer.ip(), place: Arc::new(Place::take(place)) };
        let service = service.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer.clone());
            service.clone().oneshot(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            // A broken connection concerns only its client.
            tokio::select! {
                _ = &mut connection => {}
                _ = stopped.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
        });
    }
    drop(listener);
    drop(stopping);
    // All places are available once every connection and every socket has released its place.
    let _ = places.acquire_many(connections.max).await;
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn refuse(mut stream: TcpStream) {
    tokio::spawn(async move {
        // The client may have disconnected.
        let _ = tokio::time::timeout(PAUSE, stream.write_all(FULL)).await;
    });
}

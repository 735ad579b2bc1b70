//! Serves the small schema of the transports, for clients of other languages. Prints its address.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that meets what it did not expect stops there")]
#![allow(clippy::pedantic, reason = "tables and checks are written for the reader of a failure")]

#[path = "../tests/transports/small.rs"]
mod small;

use pomost_edge::http::{App, Connections, Settings, router, serve};
use tokio::net::TcpListener;

use small::Transports;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let app = App::new(Transports::default(), Settings::default());
    serve(listener, router(app), &Connections::default(), std::future::pending()).await;
    Ok(())
}

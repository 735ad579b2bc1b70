//! Serves the small schema of the transports, for clients of other languages. Prints its address.

use pomost_api::http::{App, Connections, Settings, router, serve};
use pomost_tests::transports::Transports;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let app = App::new(Transports::default(), Settings::default());
    serve(listener, router(app), &Connections::default(), std::future::pending()).await;
    Ok(())
}

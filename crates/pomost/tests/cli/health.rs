//! `pomost health`: for containers without another HTTP client.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::program::Place;

#[test]
fn the_readiness_of_a_server_is_checked() {
    let place = Place::new();
    let server = place.serve("log", &["--migrate"]);
    let url = format!("http://{}", server.address);
    assert_eq!(place.done(&["health", "--url", &url]), "ready\n");
    // With its configuration, also if it listens on all addresses.
    let port = server.address.rsplit(':').next().unwrap();
    for listen in [server.address.clone(), format!("0.0.0.0:{port}"), format!("localhost:{port}")] {
        assert_eq!(Place::new().with("POMOST_LISTEN", &listen).done(&["health"]), "ready\n", "{listen}");
        // The operators' address takes precedence.
        let both = Place::new().with("POMOST_LISTEN", "127.0.0.1:1").with("POMOST_ADMIN_LISTEN", &listen);
        assert_eq!(both.done(&["health"]), "ready\n", "{listen}");
    }
    drop(server);
    let ended = place.run(&["health", "--url", &url]);
    assert!(ended.code == 1 && ended.err.contains(&url) && ended.err.contains("refused"), "{ended:?}");
}

/// A server that sends this answer after a delay.
fn answering(answer: &'static str, after: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap_or(0) == 0 {
                    break;
                }
                head.push(byte[0]);
            }
            assert!(head.starts_with(b"GET /readyz "), "{}", String::from_utf8_lossy(&head));
            std::thread::sleep(after);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn a_server_that_is_not_ready_or_does_not_answer_is_not_healthy() {
    let place = Place::new();
    let unready =
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 37\r\n\r\nnot ready: the database is not there\n";
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    for (answer, said) in [(unready, "503 Service Unavailable: not ready: the database"), (moved, "302 Found")] {
        let ended = place.run(&["health", "--url", &answering(answer, Duration::ZERO)]);
        assert!(ended.code == 1 && ended.err.contains(said), "{ended:?}");
    }
    let begin = Instant::now();
    let ended = place.run(&["health", "--url", &answering(unready, Duration::from_secs(30))]);
    assert!(ended.code == 1 && ended.err.contains("does not answer within 3 s"), "{ended:?}");
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[test]
fn an_address_that_cannot_be_queried_is_wrong_usage() {
    for (listen, said) in [("127.0.0.1:0", "any free port"), ("8080", "write HOST:PORT")] {
        let ended = Place::new().with("POMOST_LISTEN", listen).run(&["health"]);
        assert!(ended.code == 2 && ended.err.contains(said), "{ended:?}");
    }
    assert_eq!(Place::new().run(&["health", "--url", "127.0.0.1:8080"]).code, 2);
}

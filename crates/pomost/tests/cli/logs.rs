//! The contents of the log, and the metrics.

use crate::program::{Place, get};

const QUERY: &str = "{ homeCity { slug } }";

#[test]
fn the_log_names_tokens_and_addresses_as_configured() {
    let place = Place::new();
    place.done(&["migrate", "up"]);
    let token = place.done(&["token", "create", "--role", "editor", "--name", "anna"]);
    let bearer = format!("Bearer {}", token.trim());
    let forwarded = [("x-forwarded-for", "192.0.2.7"), ("authorization", bearer.as_str())];
    let ask = |place: &Place, name: &str| {
        let server = place.serve(name, &[]);
        assert_eq!(server.query(QUERY, &forwarded).0, 200);
        assert_eq!(server.query(QUERY, &[]).0, 200);
        // Also for a query with a syntax error.
        server.query("{", &forwarded);
        let requests = server.requests(3);
        assert!(!server.log().contains(token.trim()), "{}", server.log());
        requests
    };
    // By default only the names of tokens are logged.
    let lines = ask(&place, "log");
    assert_eq!(lines[0]["token_name"], "anna", "{lines:?}");
    assert_eq!(lines[2]["token_name"], "anna", "{lines:?}");
    assert!(lines[1].get("token_name").is_none(), "{lines:?}");
    assert!(lines.iter().all(|line| line.get("client_address").is_none()), "{lines:?}");

    let other = place
        .without_variables()
        .with("POMOST_LOG_CLIENT_ADDRESS", "true")
        .with("POMOST_LOG_TOKEN_NAME", "false")
        .with("POMOST_TRUSTED_PROXIES", "127.0.0.1");
    let lines = ask(&other, "other");
    assert_eq!(lines[0]["client_address"], "192.0.2.7", "{lines:?}");
    assert_eq!(lines[1]["client_address"], "127.0.0.1", "{lines:?}");
    assert!(lines.iter().all(|line| line.get("token_name").is_none()), "{lines:?}");
}

#[test]
fn a_proxy_that_is_not_trusted_is_logged_once() {
    let warnings = |place: &Place, headers: &[(&str, &str)]| {
        let server = place.serve("log", &["--migrate"]);
        for _ in 0..3 {
            server.query(QUERY, headers);
        }
        server.requests(3);
        let lines = server.log();
        lines.lines().filter(|line| line.contains("share one budget")).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    for header in ["x-forwarded-for", "forwarded"] {
        let found = warnings(&Place::new(), &[(header, "for=192.0.2.7")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("POMOST_TRUSTED_PROXIES") && found[0].contains("127.0.0.1"), "{found:?}");
    }
    assert!(warnings(&Place::new(), &[]).is_empty());
    let trusting = || Place::new().with("POMOST_TRUSTED_PROXIES", "127.0.0.0/8");
    assert!(warnings(&trusting(), &[("x-forwarded-for", "192.0.2.7")]).is_empty());
    let found = warnings(&trusting(), &[("forwarded", "for=192.0.2.7")]);
    assert!(found.len() == 1 && found[0].contains("configure it to send X-Forwarded-For"), "{found:?}");
}

#[test]
fn the_metrics_include_the_build_and_the_process() {
    let place = Place::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let admin = format!("127.0.0.1:{port}");
    let _server = place.serve("log", &["--migrate", "--admin-listen", &admin]);
    let (status, text) = get(&admin, "/metrics", &[]);
    assert_eq!(status, 200);
    let build = format!("pomost_build_info{{version=\"{}\",commit=\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&build) && !text.contains("rustc=\"unknown\""), "{text}");
    for name in [
        "pomost_build_info{version=\"",
        "process_cpu_seconds_total ",
        "process_start_time_seconds ",
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "process_max_fds ",
    ] {
        let lines = text.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!(lines, 1, "{name}: {text}");
        let name = name.split(['{', ' ']).next().unwrap();
        assert!(text.contains(&format!("# HELP {name} ")) && text.contains(&format!("# TYPE {name} ")), "{name}");
    }
}

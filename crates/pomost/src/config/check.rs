//! Checks for values that can be parsed but would not work: each is refused with the name of its key.

use std::net::IpAddr;

use ipnet::IpNet;
use pomost_edge::identity::web_address;
use reqwest::Url;
use serde::{Deserialize, Deserializer, de};
use toml::{Table, Value};

use super::Config;
use super::example::KEYS;
use super::load::get;

/// Keys that must not be 0, and the reason. The example explains the meaning of other values.
pub(super) const NOT_ZERO: &[(&str, &str)] = &[
    ("readers", "no query could be executed"),
    ("acquire_timeout_ms", "no connection would be available in time"),
    ("limits.body_bytes", "no request would fit"),
    ("limits.document_bytes", "no document would fit"),
    ("limits.fields", "every document has a field"),
    ("limits.depth", "every document has a level"),
    ("limits.aliases", "a field that is selected once counts as 1"),
    ("limits.tokens", "every document has tokens"),
    ("limits.complexity", "every operation costs something"),
    ("limits.request_timeout_ms", "no request would be answered in time"),
    ("rate.token_factor", "clients with a token would have no budget"),
    ("sockets.init_timeout_ms", "no client could send connection_init in time"),
    ("sockets.operations", "no operation could run on a WebSocket"),
    ("connections.max", "no client could connect"),
    ("connections.header_timeout_ms", "no request would arrive in time"),
];

/// Maximum values, and the reason.
const AT_MOST: &[(&str, i64, &str)] =
    &[("readers", 1_000, "each reader is a database connection, and the default limit of PostgreSQL is 100")];

/// Refuses values that contradict each other or have no effect. The message is one line that names the key.
pub(super) fn check(config: &Config) -> Result<(), String> {
    let table = Table::try_from(config).unwrap_or_default();
    for (key, why) in NOT_ZERO {
        if get(&table, key) == Some(&Value::Integer(0)) {
            return Err(format!("{key} is 0: {why}, so it must be at least 1"));
        }
    }
    for (key, most, why) in AT_MOST {
        if let Some(value) = get(&table, key).and_then(Value::as_integer).filter(|value| value > most) {
            return Err(format!("{key} is {value}: {why}, so it must be at most {most}"));
        }
    }
    for key in KEYS {
        if get(&table, key).and_then(Value::as_str).is_some_and(|text| text.trim().is_empty()) {
            return Err(format!("{key} is empty: set a value, or remove the key"));
        }
    }
    let keyed = |key: &str, problem: &dyn std::fmt::Display| format!("{key}: {problem}");
    pomost_persistence::check_address(&config.database).map_err(|problem| keyed("database", &problem))?;
    crate::logging::check(&config.log).map_err(|problem| keyed("log", &problem))?;
    addresses(config)?;
    budget(config)?;
    config.credential_origins.iter().try_for_each(|text| origin(text))?;
    documents(config)?;
    if let Some(url) = &config.dataset.publisher_url {
        web_address("dataset.publisher_url", url)?;
    }
    config.oidc.check().map_err(|problem| problem.to_string())
}

fn addresses(config: &Config) -> Result<(), String> {
    address("listen", &config.listen)?;
    let Some(admin) = &config.admin_listen else { return Ok(()) };
    address("admin_listen", admin)?;
    if *admin == config.listen && !admin.ends_with(":0") {
        return Err(format!("listen and admin_listen are both {admin}: set different ports"));
    }
    Ok(())
}

/// `HOST:PORT`, with an IPv6 address in brackets.
fn address(key: &str, text: &str) -> Result<(), String> {
    let fits = text.rsplit_once(':').is_some_and(|(host, port)| {
        let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(host) => host.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                !host.is_empty() && !host.contains([':', '/', '@', '[', ']']) && !host.contains(char::is_whitespace)
            }
        };
        is_host && port.parse::<u16>().is_ok() && port.bytes().all(|digit| digit.is_ascii_digit())
    });
    if fits { Ok(()) } else { Err(format!("{key} is {text:?}: write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")) }
}

fn budget(config: &Config) -> Result<(), String> {
    let (rate, most) = (&config.rate, config.limits.complexity);
    if rate.burst > 0 && (rate.burst < most || rate.per_second == 0) {
        return Err(format!(
            "rate.burst is {} and rate.per_second {}: allow at least limits.complexity ({most}) at once and restore \
             at least 1 per second, or set rate.burst = 0 for no limit",
            rate.burst, rate.per_second
        ));
    }
    Ok(())
}

/// An origin exactly as browsers send it.
fn origin(text: &str) -> Result<(), String> {
    let example = "write SCHEME://HOST or SCHEME://HOST:PORT, such as https://www.jastrzebie.pl";
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match url.map(|url| url.origin().ascii_serialization()) {
        // Wildcards are not supported.
        Some(_) if text.contains('*') => {
            Err(format!("credential_origins has {text:?}, which is not an origin: {example}"))
        }
        Some(sent) if sent == text => Ok(()),
        Some(sent) => Err(format!("credential_origins has {text:?}, which browsers never send: write {sent:?}")),
        // Pages of apps have custom schemes, such as `capacitor://localhost`.
        None if is_of_an_app(text) => Ok(()),
        None => Err(format!("credential_origins has {text:?}, which is not an origin: {example}")),
    }
}

fn is_of_an_app(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let is_web = ["http", "https", "ws", "wss", "ftp", "file"].contains(&scheme);
    let fits = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || b"0123456789.-+".contains(&byte))
    };
    !is_web && fits(scheme) && fits(host)
}

fn documents(config: &Config) -> Result<(), String> {
    if config.documents_only && config.documents.is_none() {
        return Err("documents_only is true, but documents is not set: no request could be executed".to_owned());
    }
    Ok(())
}

/// Networks, or single addresses.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|text| network(text).map_err(de::Error::custom)).collect()
}

fn network(text: &str) -> Result<IpNet, String> {
    let read = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    match read {
        Some(IpNet::V6(network)) if network.addr().to_ipv4_mapped().is_some() => Err(format!(
            "trusted_proxies has {text:?}: write the IPv4 network itself, because such addresses are compared as IPv4"
        )),
        Some(network) => Ok(network),
        None => Err(format!(
            "trusted_proxies has {text:?}, which is not a network: write ADDRESS/BITS, such as 10.0.0.0/8 or ::1/128"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        check(&config).err().unwrap_or_default()
    }

    #[test]
    fn the_default_is_valid() {
        assert_eq!(problem(|_| {}), "");
    }

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for good in ["127.0.0.1:8080", "0.0.0.0:0", "[::]:8080", "[::1]:1", "localhost:65535"] {
            assert_eq!(problem(|config| config.listen = good.to_owned()), "", "{good}");
        }
        for bad in ["8080", ":8080", "::1:8080", "localhost", "localhost:", "localhost:http", "localhost:65536"] {
            let found = problem(|config| config.listen = bad.to_owned());
            assert!(found.starts_with(&format!("listen is {bad:?}: write HOST:PORT")), "{bad}: {found}");
        }
        for bad in ["[x]:1", "http://localhost:80", "a b:80", "localhost:+80"] {
            let found = problem(|config| config.admin_listen = Some(bad.to_owned()));
            assert!(found.starts_with("admin_listen is"), "{bad}: {found}");
        }
        let both = problem(|config| config.admin_listen = Some(config.listen.clone()));
        assert!(both.starts_with("listen and admin_listen are both 127.0.0.1:8080"), "{both}");
    }

    #[test]
    fn an_origin_has_the_form_that_browsers_send() {
        for good in ["https://www.jastrzebie.pl", "http://localhost:3000", "https://[::1]", "capacitor://localhost"] {
            assert_eq!(problem(|config| config.credential_origins = vec![good.to_owned()]), "", "{good}");
        }
        for (bad, right) in [
            ("https://www.jastrzebie.pl/", "write \"https://www.jastrzebie.pl\""),
            ("https://www.jastrzebie.pl:443", "write \"https://www.jastrzebie.pl\""),
            ("HTTPS://WWW.Jastrzebie.pl", "write \"https://www.jastrzebie.pl\""),
            ("https://jastrzębie.pl", "write \"https://xn--jastrzbie-5ib.pl\""),
            ("https://www.jastrzebie.pl/page", "write \"https://www.jastrzebie.pl\""),
            ("www.jastrzebie.pl", "is not an origin"),
            ("*", "is not an origin"),
            ("null", "is not an origin"),
            ("https://*.jastrzebie.pl", "is not an origin"),
        ] {
            let found = problem(|config| config.credential_origins = vec![bad.to_owned()]);
            assert!(found.starts_with("credential_origins has") && found.contains(right), "{bad}: {found}");
        }
    }

    #[test]
    fn a_proxy_is_a_network_or_an_address() {
        for (text, read) in [("10.0.0.0/8", "10.0.0.0/8"), ("127.0.0.1", "127.0.0.1/32"), ("::1", "::1/128")] {
            assert_eq!(network(text).unwrap().to_string(), read);
        }
        for text in ["10.0.0.0/33", "localhost", "10.0.0/8", "", "::ffff:10.0.0.0/104", "::ffff:10.0.0.1"] {
            assert!(network(text).unwrap_err().contains(&format!("{text:?}")), "{text}");
        }
    }

    #[test]
    fn empty_and_unknown_values_are_refused() {
        assert!(
            problem(|config| config.dataset.publisher = Some(" ".to_owned())).starts_with("dataset.publisher is empty")
        );
        let url = problem(|config| config.dataset.publisher_url = Some("www.example.org".to_owned()));
        assert!(url.starts_with("dataset.publisher_url is \"www.example.org\""), "{url}");
        assert!(problem(|config| config.log = "inof".to_owned()).starts_with("log: \"inof\" is neither"));
        assert!(problem(|config| config.database = "mysql://x".to_owned()).starts_with("database: "));
    }
}

//! `pomost health`

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use pomost_edge::identity::web_address;
use pomost_persistence::chain;
use reqwest::Url;

use super::{Stop, print};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  pomost health
  POMOST_LISTEN=0.0.0.0:8080 pomost health
  pomost health --url http://127.0.0.1:8080
  HEALTHCHECK CMD [\"pomost\", \"health\"]        in a Dockerfile; the image needs no curl

Exit codes:
  0  the server is ready
  1  it is not, or does not answer within 3 s
  2  wrong usage or configuration";

/// Time limit for the answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The path of the readiness probe.
const PATH: &str = "/readyz";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Health {
    /// The server, or the exact address of a probe [default: the configured admin_listen, or else listen]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Health {
    pub(super) async fn run(self, config: &Config) -> Result<(), Stop> {
        let url = match &self.url {
            Some(url) => of_text(url)?,
            // The operators' address has its own connections, so a busy server is not reported as unhealthy.
            None => of_address(config.admin_listen.as_ref().unwrap_or(&config.listen))?,
        };
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Stop::failed)?;
        let failed = |error: reqwest::Error| {
            let why = if error.is_timeout() {
                format!("does not answer within {} s", TIMEOUT.as_secs())
            } else {
                format!("cannot be queried: {}", chain(&error.without_url()))
            };
            Stop::failed(format!("{url} {why}"))
        };
        let answer = client.get(url.clone()).send().await.map_err(failed)?;
        let status = answer.status();
        let said = answer.text().await.map_err(failed)?;
        if status.is_success() {
            return print("ready\n");
        }
        // The first line is sufficient, whatever the address returns.
        let said: String = said.lines().next().unwrap_or_default().chars().take(200).collect();
        Err(Stop::failed(format!("{url} answers {status}: {said}")))
    }
}

/// The path is added to the address of a server; an address with a path is used unchanged.
fn of_text(text: &str) -> Result<Url, Stop> {
    web_address("--url", text).map_err(Stop::usage)?;
    let mut url = Url::parse(text).map_err(Stop::usage)?;
    if url.path() == "/" {
        url.set_path(PATH);
    }
    Ok(url)
}

/// The address for clients of a server that listens at this address.
fn of_address(address: &str) -> Result<Url, Stop> {
    let address = match address.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_unspecified() => {
            let here =
                if address.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
            SocketAddr::new(here, address.port()).to_string()
        }
        _ => address.to_owned(),
    };
    if address.ends_with(":0") {
        return Err(Stop::usage(format!("{address} means any free port: state the address of the server with --url")));
    }
    Url::parse(&format!("http://{address}{PATH}")).map_err(Stop::usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_queried_on_the_loopback() {
        for (address, url) in [
            ("0.0.0.0:8080", "http://127.0.0.1:8080/readyz"),
            ("[::]:8080", "http://[::1]:8080/readyz"),
            ("127.0.0.2:9090", "http://127.0.0.2:9090/readyz"),
            ("localhost:8080", "http://localhost:8080/readyz"),
        ] {
            assert_eq!(of_address(address).unwrap().as_str(), url);
        }
        assert!(of_address("127.0.0.1:0").is_err());
    }

    #[test]
    fn the_probe_is_added_to_an_address_without_a_path() {
        for (text, url) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/readyz"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/readyz"),
            ("https://registry.example.org/pomost/readyz", "https://registry.example.org/pomost/readyz"),
            ("http://127.0.0.1:8080/livez", "http://127.0.0.1:8080/livez"),
        ] {
            assert_eq!(of_text(text).unwrap().as_str(), url);
        }
        assert!(of_text("127.0.0.1:8080").is_err());
    }
}

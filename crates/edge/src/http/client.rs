//! The address of the client of a request.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, HeaderName};
use ipnet::IpNet;
use tokio::sync::OwnedSemaphorePermit;
use tracing::field::display;

/// The other end of a connection. The accept loop adds it to every request.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// Its address.
    pub(super) address: IpAddr,
    /// Its place among the connections. A task that outlives the request, such as a socket, holds it.
    pub(super) place: Arc<Place>,
}

/// A place in the limited number of connections.
#[derive(Debug)]
pub(super) struct Place(#[expect(dead_code, reason = "released when it is dropped")] OwnedSemaphorePermit);

impl Place {
    pub(super) fn take(permit: OwnedSemaphorePermit) -> Self {
        metrics::gauge!("pomost_connections").increment(1);
        Self(permit)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("pomost_connections").decrement(1);
    }
}

/// True after the warning about an untrusted proxy, which would be the same for every request.
static HAS_WARNED: AtomicBool = AtomicBool::new(false);

/// True after the warning about addresses that cannot be read.
static HAS_WARNED_OF_UNREAD: AtomicBool = AtomicBool::new(false);

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client. The headers of trusted proxies are used; those of other senders are ignored.
pub(super) fn address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0])).to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let is_known = is_trusted(&peer);
    if let Some(warning) = warning(is_known, headers)
        && !HAS_WARNED.swap(true, Ordering::Relaxed)
    {
        // The address of a public client is personal data.
        let proxy = is_private(peer).then(|| display(peer));
        tracing::warn!(proxy, "{warning}");
    }
    if !is_known {
        return peer;
    }
    // Every proxy appends the address that it received from: the last one that is not a trusted proxy is the client.
    let values: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    let mut client = peer;
    for text in values.iter().flat_map(|value| value.split(',')).rev() {
        let Some(address) = read_address(text.trim()) else {
            // An empty part has no address and is skipped.
            if text.trim().is_empty() {
                continue;
            }
            if !HAS_WARNED_OF_UNREAD.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "a trusted proxy sends an X-Forwarded-For with a part that is not an address, with or without a port: the parts \
                     before it are ignored, and its clients share one budget. This warning is logged once"
                );
            }
            break;
        };
        client = address.to_canonical();
        if !is_trusted(&client) {
            break;
        }
    }
    client
}

/// An address, optionally with a port, which some proxies add; an IPv6 address with a port is in brackets.
fn read_address(text: &str) -> Option<IpAddr> {
    let bracketed = |text: &str| text.strip_prefix('[')?.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    text.parse::<IpAddr>().ok().or_else(with_port).or_else(|| bracketed(text).map(IpAddr::V6))
}

/// The warning for operators if proxy headers are present that are not used.
fn warning(is_trusted: bool, headers: &HeaderMap) -> Option<&'static str> {
    if HAS_WARNED.load(Ordering::Relaxed) {
        return None;
    }
    match (is_trusted, headers.contains_key(FORWARDED_FOR), headers.contains_key(FORWARDED)) {
        (false, true, _) | (false, _, true) => Some(
            "X-Forwarded-For or Forwarded came from an address that is not a trusted proxy and was ignored: all clients \
             behind it share one budget. If it is your proxy, name its network in trusted_proxies \
             (POMOST_TRUSTED_PROXIES). This warning is logged once",
        ),
        (true, false, true) => Some(
            "a trusted proxy sends Forwarded, which is not supported: configure it to send X-Forwarded-For. Until then all clients \
             behind it share one budget. This warning is logged once",
        ),
        _ => None,
    }
}

/// True for addresses of private networks, which proxies usually have.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, forwarded: &'static str) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let headers = HeaderMap::from_iter([(FORWARDED_FOR, HeaderValue::from_static(forwarded))]);
        address(peer.parse().ok(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_used() {
        assert_eq!(client("192.0.2.1", "198.51.100.7"), "192.0.2.1");
        assert_eq!(client("10.0.0.1", "198.51.100.7"), "198.51.100.7");
        assert_eq!(client("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.9.9.9"), "198.51.100.7");
        assert_eq!(client("::ffff:10.0.0.1", "2001:db8::1"), "2001:db8::1");
        assert_eq!(client("10.0.0.1", ""), "10.0.0.1");
        assert_eq!(client("10.0.0.1", "nonsense, 10.0.0.2"), "10.0.0.2");
        assert_eq!(client("10.0.0.1", "198.51.100.7, nonsense"), "10.0.0.1");
    }

    #[test]
    fn an_address_may_have_a_port() {
        for (sent, read) in [
            ("198.51.100.7:5555", "198.51.100.7"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[::ffff:198.51.100.7]:1", "198.51.100.7"),
            ("198.51.100.7,", "198.51.100.7"),
            ("198.51.100.7:1, , 10.0.0.2:80", "198.51.100.7"),
            ("198.51.100.7:99999", "10.0.0.1"),
            ("198.51.100.7:", "10.0.0.1"),
            ("[198.51.100.7]", "10.0.0.1"),
            ("unknown", "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1", sent), read, "{sent}");
        }
    }
}

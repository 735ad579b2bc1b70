//! TLS of HTTP clients, such as that of the identity provider.

/// Installs the cryptography of TLS for the process. Further calls change nothing.
pub fn install() {
    // An error says that it was installed before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

//! TLS for HTTP clients, such as that of the identity provider.

/// Installs the cryptography provider of TLS for the process. Further calls have no effect.
pub fn install() {
    // An error means that it was installed before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

//! TLS of the clients that the program holds: to an identity provider, a collector, another registry.

/// Chooses the cryptography beneath it, once; a further call changes nothing.
pub(crate) fn install() {
    // An error here says that it was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

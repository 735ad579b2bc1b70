//! Who is asking: the viewer that a credential stands for.
//!
//! Two sorts of tokens are accepted: those of this registry, of which a hash is stored, and JSON Web Tokens of an identity provider
//! that the configuration names (`oidc`).

mod oidc;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use pomost_domain::Viewer;
use pomost_edge::identity::{AuthError, Credential, is_web_token, secret};
use pomost_persistence::{Store, StoreError};

pub use oidc::NAMED;
pub use oidc::{Oidc, OidcSettings};

/// The clock, which is passed to all code that needs the time.
pub type Clock = fn() -> DateTime<Utc>;

/// A token could not be looked up in the store.
fn not_looked_up(error: &StoreError) -> AuthError {
    tracing::error!(cause = error.chain(), "a token could not be looked up");
    match error {
        StoreError::Unavailable(_) => AuthError::Unavailable,
        _ => AuthError::Failed,
    }
}

/// The tokens that this registry accepts.
#[derive(Clone)]
pub struct Identities {
    store: Store,
    oidc: Option<Arc<Oidc>>,
    clock: Clock,
}

impl Identities {
    /// The tokens of a store, and the identity provider that is configured.
    #[must_use]
    pub fn new(store: Store, oidc: Option<Oidc>, clock: Clock) -> Self {
        Self { store, oidc: oidc.map(Arc::new), clock }
    }

    /// Gets ready for the first token of an identity provider.
    pub(crate) fn prepare(&self) {
        if let Some(oidc) = &self.oidc {
            oidc.prepare((self.clock)());
        }
    }

    /// The viewer that a credential stands for. At most one statement, and one a minute that notes the use of a token.
    ///
    /// # Errors
    /// The token is malformed, unknown, expired or revoked, or cannot be checked.
    pub async fn identify(&self, credential: &Credential) -> Result<Viewer, AuthError> {
        let token = match credential {
            Credential::None => return Ok(Viewer::default()),
            Credential::Malformed => {
                return Err(AuthError::rejected("the Authorization is not \"Bearer TOKEN\": send one token, or none"));
            }
            Credential::Bearer(token) => token,
        };
        if secret::is_well_formed(token) {
            return self.holder(token).await;
        }
        match &self.oidc {
            Some(oidc) if is_web_token(token) => oidc.verify(token, &self.store, (self.clock)()).await,
            Some(_) => Err(AuthError::rejected(
                "the token is malformed: send a token of this registry (pomost_…) or a JSON Web Token",
            )),
            None => Err(AuthError::rejected("the token is malformed: send a token of this registry (pomost_…)")),
        }
    }

    async fn holder(&self, secret: &str) -> Result<Viewer, AuthError> {
        let now = (self.clock)();
        let unknown = || AuthError::rejected("the token is not known here: ask the registry for one");
        let token = self.store.token(&secret::hash(secret)).await.map_err(|error| not_looked_up(&error))?;
        let token = token.ok_or_else(unknown)?;
        if let Some(at) = token.revoked_at {
            return Err(AuthError::Rejected(format!("the token was revoked at {}: ask for a new one", shown(at))));
        }
        if token.expires_at <= now {
            return Err(AuthError::Rejected(format!(
                "the token expired at {}: ask for a new one",
                shown(token.expires_at)
            )));
        }
        // Reading does not need a registry that can be written.
        if let Err(error) = self.store.note_token_use(&token, now).await {
            tracing::warn!(cause = error.chain(), "the use of a token could not be noted");
        }
        Ok(token.viewer())
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

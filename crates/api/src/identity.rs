//! Who is asking: what a client shows, and whom it stands for.
//!
//! Two sorts of tokens are taken: those of this registry (`secret`), of which a hash is kept, and JSON Web Tokens of an
//! identity provider that the configuration names (`oidc`).

mod keys;
pub mod oidc;
pub mod secret;

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use chrono::{DateTime, Utc};
use pomost_domain::Viewer;
use pomost_persistence::{Store, StoreError};

pub(crate) use oidc::NAMED;
pub use oidc::{Oidc, OidcSettings};

/// The clock, which is given to whoever needs the time.
pub type Clock = fn() -> DateTime<Utc>;

/// What a client shows to say who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credential {
    /// Nothing: it is anyone.
    #[default]
    None,
    /// A token.
    Bearer(Arc<str>),
    /// Something that is no token.
    Malformed,
}

impl Credential {
    fn of_text(text: &str) -> Self {
        match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
                Self::Bearer(token.trim().into())
            }
            _ => Self::Malformed,
        }
    }

    /// What the headers of a request show.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(value), None) => value.to_str().map_or(Self::Malformed, Self::of_text),
            _ => Self::Malformed,
        }
    }

    /// What a client shows when it introduces itself over a socket, as `{"Authorization": "Bearer …"}`.
    pub fn of_introduction(payload: &serde_json::Value) -> Self {
        let named =
            payload.as_object().into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case("authorization"));
        named.map_or(Self::None, |(_, value)| value.as_str().map_or(Self::Malformed, Self::of_text))
    }
}

/// Why a client is not who it says.
#[derive(Clone, Debug)]
pub enum Stranger {
    /// The token is not taken: why, and what would be.
    Refused(String),
    /// It cannot be found out at the moment.
    Unavailable,
    /// It cannot be found out, through a fault of ours.
    Failed,
}

impl Stranger {
    fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }
}

impl From<StoreError> for Stranger {
    fn from(error: StoreError) -> Self {
        tracing::error!(cause = error.chain(), "a token could not be looked up");
        match error {
            StoreError::Unavailable(_) => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

/// Whom this registry knows.
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

    /// Whom a credential stands for. At most one statement, and one a minute that notes the use of a token.
    ///
    /// # Errors
    /// The token is malformed, unknown, expired or revoked, or cannot be checked.
    pub async fn identify(&self, credential: &Credential) -> Result<Viewer, Stranger> {
        let token = match credential {
            Credential::None => return Ok(Viewer::default()),
            Credential::Malformed => {
                return Err(Stranger::refused("the Authorization is not \"Bearer TOKEN\": send one token, or none"));
            }
            Credential::Bearer(token) => token,
        };
        if secret::is_well_formed(token) {
            return self.holder(token).await;
        }
        match &self.oidc {
            Some(oidc) if oidc::looks_like_one(token) => oidc.verify(token, &self.store, (self.clock)()).await,
            Some(_) => Err(Stranger::refused(
                "the token is malformed: send a token of this registry (pomost_…) or a JSON Web Token",
            )),
            None => Err(Stranger::refused("the token is malformed: send a token of this registry (pomost_…)")),
        }
    }

    async fn holder(&self, secret: &str) -> Result<Viewer, Stranger> {
        let now = (self.clock)();
        let unknown = || Stranger::refused("the token is not known here: ask the registry for one");
        let token = self.store.token(&secret::hash(secret)).await?.ok_or_else(unknown)?;
        if let Some(at) = token.revoked_at {
            return Err(Stranger::Refused(format!("the token was revoked at {}: ask for a new one", shown(at))));
        }
        if token.expires_at <= now {
            return Err(Stranger::Refused(format!(
                "the token expired at {}: ask for a new one",
                shown(token.expires_at)
            )));
        }
        // A registry that cannot be written at the moment can be read all the same.
        if let Err(error) = self.store.note_token_use(&token, now).await {
            tracing::warn!(cause = error.chain(), "the use of a token could not be noted");
        }
        Ok(token.viewer())
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_one_bearer_token() {
        let shown = |value: &'static str| {
            Credential::of_headers(&HeaderMap::from_iter([(
                AUTHORIZATION,
                axum::http::HeaderValue::from_static(value),
            )]))
        };
        assert_eq!(shown("Bearer abc"), Credential::Bearer("abc".into()));
        assert_eq!(shown("bearer  abc "), Credential::Bearer("abc".into()));
        for wrong in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(shown(wrong), Credential::Malformed, "{wrong}");
        }
        assert_eq!(Credential::of_headers(&HeaderMap::new()), Credential::None);
        let introduced = |json: &str| Credential::of_introduction(&serde_json::from_str(json).unwrap());
        assert_eq!(introduced("{\"authorization\":\"Bearer abc\"}"), Credential::Bearer("abc".into()));
        assert_eq!(introduced("{\"Authorization\":1}"), Credential::Malformed);
        assert_eq!(introduced("null"), Credential::None);
    }
}

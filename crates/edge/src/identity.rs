//! Credentials of clients.
//!
//! [`secret`] makes and recognises the tokens of a registry; [`Provider`] checks the JSON Web Tokens of an identity
//! provider. [`Served::identify`](crate::Served::identify) maps a credential to a viewer.

mod keys;
mod provider;
pub mod secret;

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

pub use provider::{Algorithm, Provider, ProviderError, ProviderSettings, algorithm, is_web_token, web_address};

/// The credential of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credential {
    /// None: the client is anonymous.
    #[default]
    None,
    /// A token.
    Bearer(Arc<str>),
    /// An `Authorization` that is not a bearer token.
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

    /// The credential in the headers of a request.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(value), None) => value.to_str().map_or(Self::Malformed, Self::of_text),
            _ => Self::Malformed,
        }
    }

    /// The credential in the payload of `connection_init`, as `{"Authorization": "Bearer …"}`.
    pub fn of_introduction(payload: &serde_json::Value) -> Self {
        let named =
            payload.as_object().into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case("authorization"));
        named.map_or(Self::None, |(_, value)| value.as_str().map_or(Self::Malformed, Self::of_text))
    }
}

/// The reason why a credential does not identify a client.
#[derive(Clone, Debug)]
pub enum AuthError {
    /// The token is not accepted: the reason, and the correction.
    Rejected(String),
    /// It cannot be checked at the moment.
    Unavailable,
    /// It cannot be checked because of an internal error.
    Failed,
}

impl AuthError {
    /// The token is rejected for a reason.
    pub fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected(reason.into())
    }
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

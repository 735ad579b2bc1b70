//! JSON Web Tokens of an identity provider (`OpenID` Connect): checks the signature, the issuer, the audience and the times.
//! The caller interprets the other claims.

use chrono::{DateTime, Utc};
use jsonwebtoken::{DecodingKey, TokenData, Validation};
use reqwest::Url;
use serde_json::Value;

use super::AuthError;
use super::keys::{Found, Keys, Place};

pub use jsonwebtoken::Algorithm;

/// An identity provider whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The claim `iss`, character by character.
    pub issuer: String,
    /// A value that the claim `aud` must have.
    pub audience: String,
    /// The address of the keys; if it is absent, the configuration of the provider contains it.
    pub jwks_url: Option<String>,
    /// Accepted algorithms, all with public keys.
    pub algorithms: Vec<Algorithm>,
    /// Accepted difference of clocks in seconds.
    pub leeway_s: u32,
}

/// The client for the keys cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a client for the identity provider: {0}")]
pub struct ProviderError(#[from] reqwest::Error);

/// Checks the tokens of an identity provider.
#[derive(Debug)]
pub struct Provider {
    validation: Validation,
    leeway_s: u32,
    keys: Keys,
}

/// The algorithm with a name.
///
/// # Errors
/// It is unknown or has no public keys; the message lists the accepted names.
pub fn algorithm(name: &str) -> Result<Algorithm, String> {
    /// Only algorithms with public keys: a shared secret that checks tokens can also make them.
    const ACCEPTED: [&str; 9] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];
    name.parse().ok().filter(|_| ACCEPTED.contains(&name)).ok_or_else(|| ACCEPTED.join(", "))
}

/// True if a text has the form of a JSON Web Token.
pub fn is_web_token(token: &str) -> bool {
    token.split('.').count() == 3
}

/// Checks that the value of a key is a web address.
///
/// # Errors
/// It is not; the message names the key and the expected form.
pub fn web_address(key: &str, text: &str) -> Result<(), String> {
    let fits = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if fits { Ok(()) } else { Err(format!("{key} is {text:?}: write an address that begins with https:// or http://")) }
}

impl Provider {
    /// A provider with these settings.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(settings: ProviderSettings) -> Result<Self, ProviderError> {
        let ProviderSettings { issuer, audience, jwks_url, algorithms, leeway_s } = settings;
        let mut validation = Validation::new(algorithms.first().copied().unwrap_or_default());
        validation.algorithms = algorithms;
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[&audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Our own clock is used below, because tests can set it.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        crate::tls::install();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let place = jwks_url.map_or(Place::Issuer(issuer), Place::Keys);
        Ok(Self { validation, leeway_s, keys: Keys::new(place, client) })
    }

    /// Fetches the keys, so that the first token does not have to wait for them.
    pub fn prepare(&self, now: DateTime<Utc>) {
        self.keys.prepare(now);
    }

    /// The claims of a token.
    ///
    /// # Errors
    /// The token is not accepted, or cannot be checked at the moment.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Value, AuthError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| rejected("its header cannot be read"))?;
        if !self.validation.algorithms.contains(&header.alg) {
            let accepted: Vec<_> = self.validation.algorithms.iter().map(|one| format!("{one:?}")).collect();
            let accepted = accepted.join(", ");
            return Err(rejected(&format!(
                "it is signed with {:?}, but the accepted algorithms are {accepted}",
                header.alg
            )));
        }
        let key = match self.keys.find(header.kid.as_deref(), now).await {
            Found::Key(key) => key,
            Found::None => return Err(rejected("its key is not one of the provider's")),
            Found::Unknown => return Err(AuthError::Unavailable),
        };
        let key = DecodingKey::from_jwk(&key).map_err(|_| rejected("its key cannot be used"))?;
        // The library requires algorithms of the family of the key.
        let validation = Validation { algorithms: vec![header.alg], ..self.validation.clone() };
        let data: TokenData<Value> = jsonwebtoken::decode(token, &key, &validation).map_err(|error| {
            use jsonwebtoken::errors::ErrorKind;
            rejected(match error.kind() {
                ErrorKind::InvalidSignature => "its signature is wrong",
                ErrorKind::InvalidIssuer => "it was issued by another issuer",
                ErrorKind::InvalidAudience => "it is for another audience",
                ErrorKind::MissingRequiredClaim(_) => "a claim is missing: exp, iss, aud and sub are required",
                _ => "it cannot be read",
            })
        })?;
        let claims = data.claims;
        let leeway = i64::from(self.leeway_s);
        let second = |name: &str| claims[name].as_f64();
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit by far")]
        let (now, leeway) = (now.timestamp() as f64, leeway as f64);
        if second("exp").is_none_or(|exp| exp + leeway <= now) {
            return Err(rejected("it has expired"));
        }
        if second("nbf").is_some_and(|nbf| nbf - leeway > now) {
            return Err(rejected("it is not valid yet"));
        }
        Ok(claims)
    }
}

fn rejected(reason: &str) -> AuthError {
    AuthError::Rejected(format!("the token is not accepted: {reason}"))
}

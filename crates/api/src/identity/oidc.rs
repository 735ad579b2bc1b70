//! JSON Web Tokens of an identity provider (`OpenID` Connect): checked with its published keys, mapped to our roles.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, TokenData, Validation};
use pomost_domain::{City, Role, Viewer, Vocabulary};
use pomost_persistence::{Filter, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use super::Stranger;

/// The identity provider whose tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OidcSettings {
    /// Who issues the tokens: `iss` to the letter.
    pub issuer: Option<String>,
    /// For whom they are: `aud` has to hold it.
    pub audience: Option<String>,
    /// Where the keys are; when it is not given, the provider's configuration says it.
    pub jwks_url: Option<String>,
    /// Algorithms that are taken.
    pub algorithms: Vec<String>,
    /// The claim that holds the roles, with dots for what is nested.
    pub role_claim: String,
    /// Which value of that claim means which of our roles; the first that fits counts.
    pub roles: BTreeMap<String, String>,
    /// The claim that holds the slug of the holder's city.
    pub city_claim: Option<String>,
    /// Seconds by which clocks may differ.
    pub leeway_s: u32,
}

impl Default for OidcSettings {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: None,
            jwks_url: None,
            algorithms: vec!["RS256".to_owned(), "ES256".to_owned()],
            role_claim: "roles".to_owned(),
            roles: BTreeMap::new(),
            city_claim: None,
            leeway_s: 60,
        }
    }
}

/// An identity provider that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OidcError(String);

/// Keys are fetched anew at most this often, whoever asks for unknown ones.
const FETCH_STEP: Duration = Duration::from_secs(30);
/// Keys are fetched anew at least this often, so that one that was taken back is not trusted for long.
const KEEP: Duration = Duration::from_mins(10);
/// How long the provider may take to answer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Checks the tokens of an identity provider.
#[derive(Debug)]
pub struct Oidc {
    settings: OidcSettings,
    validation: Validation,
    roles: Vec<(String, Role)>,
    client: reqwest::Client,
    keys: Mutex<Keys>,
}

#[derive(Debug, Default)]
struct Keys {
    set: Option<JwkSet>,
    fetched: Option<Instant>,
    /// Whether the provider was away when it was asked last.
    is_away: bool,
}

/// Whether a text has the shape of a JSON Web Token.
pub(super) fn looks_like_one(token: &str) -> bool {
    token.split('.').count() == 3
}

impl Oidc {
    /// Checks the settings; `None` when no provider is named.
    ///
    /// # Errors
    /// A setting is missing or cannot be read.
    pub fn new(settings: &OidcSettings) -> Result<Option<Self>, OidcError> {
        let Some(issuer) = &settings.issuer else { return Ok(None) };
        let wrong = |message: String| Err(OidcError(message));
        let Some(audience) = &settings.audience else {
            return wrong("oidc.audience is missing: a token for somebody else must not be taken".to_owned());
        };
        let mut algorithms = Vec::new();
        for name in &settings.algorithms {
            match name.parse::<Algorithm>() {
                // With a shared secret, whoever can check a token can make one.
                Ok(Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) | Err(_) => {
                    return wrong(format!(
                        "oidc.algorithms has {name:?}: take algorithms with public keys, such as RS256"
                    ));
                }
                Ok(algorithm) => algorithms.push(algorithm),
            }
        }
        let Some(first) = algorithms.first() else { return wrong("oidc.algorithms is empty".to_owned()) };
        let mut roles = Vec::new();
        for (value, role) in &settings.roles {
            match Role::from_label(role) {
                Some(role) if role != Role::Anonymous => roles.push((value.clone(), role)),
                _ => {
                    let known: Vec<_> = Role::known().filter(|role| *role != Role::Anonymous.label()).collect();
                    return wrong(format!("oidc.roles maps {value:?} to {role:?}: roles are {}", known.join(", ")));
                }
            }
        }
        let mut validation = Validation::new(*first);
        validation.algorithms = algorithms;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = settings.leeway_s.into();
        validation.validate_nbf = true;
        // Our own clock decides, below: it is the one that tests set.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        crate::tls::install();
        let client = reqwest::Client::builder()
            .timeout(FETCH_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| OidcError(format!("the identity provider cannot be asked: {error}")))?;
        Ok(Some(Self { settings: settings.clone(), validation, roles, client, keys: Mutex::default() }))
    }

    /// Whom a token stands for.
    pub(super) async fn verify(&self, token: &str, store: &Store, now: DateTime<Utc>) -> Result<Viewer, Stranger> {
        let refused = |reason: &str| Stranger::Refused(format!("the token is not taken: {reason}"));
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused("its header cannot be read"))?;
        if !self.validation.algorithms.contains(&header.alg) {
            let taken = self.settings.algorithms.join(", ");
            return Err(refused(&format!("it is signed with {:?}, taken are {taken}", header.alg)));
        }
        let key =
            self.key(header.kid.as_deref()).await?.ok_or_else(|| refused("its key is not one of the provider's"))?;
        let key = DecodingKey::from_jwk(&key).map_err(|_| refused("its key cannot be used"))?;
        // The library wants a list of the family of the key.
        let validation = Validation { algorithms: vec![header.alg], ..self.validation.clone() };
        let data: TokenData<Value> = jsonwebtoken::decode(token, &key, &validation).map_err(|error| {
            use jsonwebtoken::errors::ErrorKind;
            refused(match error.kind() {
                ErrorKind::InvalidSignature => "its signature is wrong",
                ErrorKind::InvalidIssuer => "it was issued by somebody else",
                ErrorKind::InvalidAudience => "it is for somebody else",
                ErrorKind::MissingRequiredClaim(_) => "it has to have exp, iss, aud and sub",
                _ => "it cannot be read",
            })
        })?;
        let claims = data.claims;
        let leeway = i64::from(self.settings.leeway_s);
        let second = |name: &str| claims[name].as_f64();
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit by far")]
        let (now, leeway) = (now.timestamp() as f64, leeway as f64);
        if second("exp").is_none_or(|exp| exp + leeway <= now) {
            return Err(refused("it has expired"));
        }
        if second("nbf").is_some_and(|nbf| nbf - leeway > now) {
            return Err(refused("it is not valid yet"));
        }
        let given = claim(&claims, &self.settings.role_claim);
        let role = self.roles.iter().find(|(value, _)| holds(given, value)).map(|(_, role)| *role);
        let role = role.ok_or_else(|| {
            refused(&format!("its claim {:?} holds none of the roles that are known here", self.settings.role_claim))
        })?;
        let city = match self.settings.city_claim.as_deref().and_then(|name| claim(&claims, name)?.as_str()) {
            Some(slug) => {
                let filter = Filter::<City>::slugs_in([slug.to_owned()]);
                let page = store.page(&filter, &Vec::new(), &pomost_domain::page::Slice::default()).await?;
                let found = page.items.first().map(|(city, _)| pomost_domain::Fact::id(&**city));
                Some(found.ok_or_else(|| refused(&format!("there is no city {slug:?} here")))?)
            }
            None if role == Role::Partner => return Err(refused("a partner has to say for which city he speaks")),
            None => None,
        };
        let subject = claims["sub"].as_str().ok_or_else(|| refused("its subject is no text"))?;
        Ok(Viewer { role, city, name: format!("oidc:{subject}") })
    }

    /// The key of an id, as the provider publishes it.
    async fn key(&self, id: Option<&str>) -> Result<Option<Jwk>, Stranger> {
        let mut keys = self.keys.lock().await;
        let age = keys.fetched.map(|at| at.elapsed());
        let known = |keys: &Keys| keys.set.as_ref().and_then(|set| find(set, id).cloned());
        let found = known(&keys);
        let is_due = match (&found, age) {
            (_, None) => true,
            (Some(_), Some(age)) => age > KEEP,
            (None, Some(age)) => age > FETCH_STEP,
        };
        if is_due {
            keys.fetched = Some(Instant::now());
            let fetched = self.fetch().await;
            keys.is_away = fetched.is_err();
            match fetched {
                Ok(set) => keys.set = Some(set),
                // Keys that were good a while ago are better than nobody getting in.
                Err(error) if found.is_some() => tracing::warn!(%error, "the keys of the identity provider are old"),
                Err(error) => tracing::error!(%error, "the keys of the identity provider cannot be had"),
            }
        }
        match known(&keys) {
            // It may well be one of the keys that could not be had.
            None if keys.is_away => Err(Stranger::Unavailable),
            found => Ok(found),
        }
    }

    async fn fetch(&self) -> Result<JwkSet, String> {
        #[derive(Deserialize)]
        struct Discovery {
            jwks_uri: String,
        }
        let url = if let Some(url) = &self.settings.jwks_url {
            url.clone()
        } else {
            let issuer = self.settings.issuer.as_deref().unwrap_or_default().trim_end_matches('/');
            self.get::<Discovery>(&format!("{issuer}/.well-known/openid-configuration")).await?.jwks_uri
        };
        self.get(&url).await
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, String> {
        let told = |error: reqwest::Error| error.to_string();
        let response = self.client.get(url).send().await.and_then(reqwest::Response::error_for_status).map_err(told)?;
        let body = response.bytes().await.map_err(told)?;
        serde_json::from_slice(&body).map_err(|error| format!("{url}: {error}"))
    }
}

fn find<'a>(set: &'a JwkSet, id: Option<&str>) -> Option<&'a Jwk> {
    match id {
        Some(id) => set.find(id),
        // Without an id it is clear which key is meant only when there is a single one.
        None => Some(&set.keys).filter(|keys| keys.len() == 1).and_then(|keys| keys.first()),
    }
}

/// A claim by its path.
fn claim<'a>(claims: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(claims, |value, part| value.get(part))
}

/// Whether a claim is a value, or a list that holds it.
fn holds(claim: Option<&Value>, value: &str) -> bool {
    match claim {
        Some(Value::String(text)) => text.split(' ').any(|one| one == value),
        Some(Value::Array(items)) => items.iter().any(|item| item.as_str() == Some(value)),
        _ => false,
    }
}

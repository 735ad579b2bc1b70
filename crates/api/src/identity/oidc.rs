//! JSON Web Tokens of an identity provider (`OpenID` Connect): which claims mean which role and city.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use pomost_domain::{City, Id, Role, Viewer, Vocabulary};
use pomost_edge::identity::{Algorithm, AuthError, Provider, ProviderSettings, algorithm, web_address};
use pomost_persistence::{Filter, Mapping, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::not_looked_up;
use crate::near;

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
    /// The claim that holds the roles: its name, or a path with dots to what is nested.
    pub role_claim: String,
    /// Which value of that claim means which of our roles; of several that a token has, the highest counts.
    pub roles: BTreeMap<String, String>,
    /// The claim that holds the slug of the holder's city, named in the same way.
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

/// What the names of those begin with whom a provider knows: no other token may have such a name.
pub const NAMED: &str = "oidc:";

/// The roles that a token can have, the highest first. A role further on never has a right that all before it lack.
const HIGHEST_FIRST: [Role; 6] =
    [Role::Admin, Role::Publisher, Role::Editor, Role::Reporting, Role::Councillor, Role::Partner];

/// Checks the tokens of an identity provider.
#[derive(Debug)]
pub struct Oidc {
    settings: OidcSettings,
    roles: Vec<(String, Role)>,
    provider: Provider,
}

/// What settings of a provider come down to.
struct Checked {
    issuer: String,
    audience: String,
    algorithms: Vec<Algorithm>,
    /// By their height.
    roles: Vec<(String, Role)>,
}

impl OidcSettings {
    /// Refuses settings with which no token, or too many, would be taken.
    ///
    /// # Errors
    /// A setting is missing, cannot be read, or would do nothing.
    pub fn check(&self) -> Result<(), OidcError> {
        self.checked().map(drop)
    }

    fn checked(&self) -> Result<Option<Checked>, OidcError> {
        let wrong = |message: String| Err(OidcError(message));
        let Some(issuer) = self.issuer.clone() else {
            let set = [
                ("oidc.audience", self.audience.is_some()),
                ("oidc.jwks_url", self.jwks_url.is_some()),
                ("oidc.roles", !self.roles.is_empty()),
                ("oidc.city_claim", self.city_claim.is_some()),
            ];
            return match set.iter().find(|(_, is_set)| *is_set) {
                Some((key, _)) => wrong(format!("{key} is set, but oidc.issuer is not: no token would be taken")),
                None => Ok(None),
            };
        };
        web_address("oidc.issuer", &issuer).map_err(OidcError)?;
        if let Some(url) = &self.jwks_url {
            web_address("oidc.jwks_url", url).map_err(OidcError)?;
        }
        let Some(audience) = self.audience.clone() else {
            return wrong("oidc.audience is missing: a token for somebody else must not be taken".to_owned());
        };
        let algorithms = self.algorithms.iter().map(|name| {
            algorithm(name).map_err(|accepted| {
                OidcError(format!("oidc.algorithms has {name:?}: take algorithms with public keys, of {accepted}"))
            })
        });
        let algorithms = algorithms.collect::<Result<Vec<_>, _>>()?;
        if algorithms.is_empty() {
            return wrong("oidc.algorithms is empty: no token would be taken".to_owned());
        }
        let mut roles = Vec::new();
        for role in HIGHEST_FIRST {
            roles.extend(
                self.roles.iter().filter(|(_, name)| *name == role.label()).map(|(value, _)| (value.clone(), role)),
            );
        }
        if let Some((value, role)) =
            self.roles.iter().find(|(value, _)| !roles.iter().any(|(known, _)| known == *value))
        {
            let known = HIGHEST_FIRST.map(Role::label);
            let hint = near::hint(role, known);
            return wrong(format!("oidc.roles maps {value:?} to {role:?}{hint} Roles are {}", known.join(", ")));
        }
        if roles.is_empty() {
            return wrong(
                "oidc.roles is empty: no token would be taken. Say which value of the claim means which role"
                    .to_owned(),
            );
        }
        if roles.iter().any(|(value, _)| value.trim().is_empty()) {
            return wrong("oidc.roles has an empty value, which no claim holds".to_owned());
        }
        if self.city_claim.is_none() && roles.iter().any(|(_, role)| *role == Role::Partner) {
            return wrong(
                "oidc.roles maps to partner, but oidc.city_claim is missing: a partner speaks for a city".to_owned(),
            );
        }
        Ok(Some(Checked { issuer, audience, algorithms, roles }))
    }
}

impl Oidc {
    /// Checks the settings; `None` when no provider is named.
    ///
    /// # Errors
    /// A setting is missing or cannot be read.
    pub fn new(settings: &OidcSettings) -> Result<Option<Self>, OidcError> {
        let Some(Checked { issuer, audience, algorithms, roles }) = settings.checked()? else { return Ok(None) };
        let jwks_url = settings.jwks_url.clone();
        let provider = ProviderSettings { issuer, audience, jwks_url, algorithms, leeway_s: settings.leeway_s };
        let provider = Provider::new(provider).map_err(|error| OidcError(error.to_string()))?;
        Ok(Some(Self { settings: settings.clone(), roles, provider }))
    }

    /// Fetches the keys, so that the first token does not have to wait for them.
    pub(super) fn prepare(&self, now: DateTime<Utc>) {
        self.provider.prepare(now);
    }

    /// The viewer that a token stands for.
    pub(super) async fn verify(&self, token: &str, store: &Store, now: DateTime<Utc>) -> Result<Viewer, AuthError> {
        let rejected = |reason: &str| AuthError::Rejected(format!("the token is not taken: {reason}"));
        let claims = self.provider.verify(token, now).await?;
        let given = claim(&claims, &self.settings.role_claim);
        let role = self.roles.iter().find(|(value, _)| holds(given, value)).map(|(_, role)| *role);
        let role = role.ok_or_else(|| {
            rejected(&format!("its claim {:?} holds none of the roles that are known here", self.settings.role_claim))
        })?;
        let city = match self.settings.city_claim.as_deref().and_then(|name| claim(&claims, name)?.as_str()) {
            Some(slug) => {
                let filter = Filter::slugs_in([slug.to_owned()]);
                let page = store
                    .page(Mapping::of::<City>(), &filter, &Vec::new(), &pomost_domain::page::Slice::default())
                    .await;
                let page = page.map_err(|error| not_looked_up(&error))?;
                let found = page.items.first().map(|(city, _)| Id::new(city.shared().id));
                Some(found.ok_or_else(|| rejected(&format!("there is no city {slug:?} here")))?)
            }
            None if role == Role::Partner => return Err(rejected("a partner has to say for which city he speaks")),
            None => None,
        };
        let subject = claims["sub"].as_str().ok_or_else(|| rejected("its subject is no text"))?;
        if subject.trim().is_empty() {
            return Err(rejected("its subject is empty"));
        }
        Ok(Viewer { role, city, name: format!("{NAMED}{subject}") })
    }
}

/// A claim by its name, or by a path with dots to what is nested. A name may have dots itself, as an address has: the longest
/// name that is there counts.
fn claim<'a>(claims: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let dots = path.rmatch_indices('.').map(|(at, _)| at);
    dots.filter(|at| claims.get(&path[..*at]).is_some_and(Value::is_object))
        .find_map(|at| claim(&claims[&path[..at]], &path[at + 1..]))
}

/// Whether a claim is a value, or a list that holds it.
fn holds(claim: Option<&Value>, value: &str) -> bool {
    match claim {
        // A text is one value, which may have spaces, or several with spaces between them.
        Some(Value::String(text)) => text == value || text.split(' ').any(|one| one == value),
        Some(Value::Array(items)) => items.iter().any(|item| item.as_str() == Some(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_its_name_or_by_a_path() {
        let claims = json!({
            "roles": ["plain"],
            "https://example.org/roles": ["address"],
            "realm_access": { "roles": ["nested"] },
            "resource_access": { "org.example.app": { "roles": ["dotted"] } },
            "https://example.org/claims": { "v1.roles": ["both"] },
            "a": { "b.c": 1 },
            "a.b": { "c": 2 },
            "a.b.c": 3,
            "x": { "y": null },
        });
        for (path, expected) in [
            ("roles", json!(["plain"])),
            ("https://example.org/roles", json!(["address"])),
            ("realm_access.roles", json!(["nested"])),
            ("resource_access.org.example.app.roles", json!(["dotted"])),
            ("https://example.org/claims.v1.roles", json!(["both"])),
            ("a.b.c", json!(3)),
            ("x.y", json!(null)),
        ] {
            assert_eq!(claim(&claims, path), Some(&expected), "{path}");
        }
        for path in ["", "role", "realm_access", "roles.0", "realm_access.roles.x", "x.y.z", ".", "a..b"] {
            let is_there = path == "realm_access";
            assert_eq!(claim(&claims, path).is_some(), is_there, "{path}");
        }
    }

    #[test]
    fn a_text_holds_itself_and_the_words_in_it() {
        let held = |claim: Value, value: &str| holds(Some(&claim), value);
        assert!(held(json!("City Editors"), "City Editors") && held(json!("a City Editors"), "Editors"));
        assert!(held(json!(["x", "City Editors"]), "City Editors"));
        assert!(!held(json!("City Editors of X"), "City Editors") && !held(json!(["City Editors"]), "Editors"));
    }

    #[test]
    fn a_higher_role_may_whatever_a_lower_one_may_unless_neither_is_higher() {
        for (at, role) in HIGHEST_FIRST.iter().enumerate() {
            for lower in &HIGHEST_FIRST[at + 1..] {
                let is_higher = lower.rights().len() > role.rights().len();
                assert!(!is_higher, "{role:?} stands before {lower:?}");
            }
        }
        assert_eq!(HIGHEST_FIRST.len(), Role::known().count() - 1);
    }
}

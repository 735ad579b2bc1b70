//! The keys of an identity provider. They are fetched in the background, so that a slow or unreachable provider does not
//! delay requests whose key is known.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio::time::timeout;

/// Age at which keys are fetched again, so that a withdrawn key is not trusted for long.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// Maximum age of trusted keys, however long the provider is unreachable.
const TRUSTED: TimeDelta = TimeDelta::hours(24);
/// Minimum interval between fetches for unknown keys, which any client can cause.
const STEP: TimeDelta = TimeDelta::seconds(30);
/// Time limit for an answer of the provider.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
/// Time limit for a request that waits for keys. The fetch continues without it.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first wait after a failure, and the maximum number of times it doubles: to about five minutes.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(1);
const DOUBLINGS: u32 = 8;
/// Maximum size of an answer of the provider.
const MOST: usize = 1 << 20;

/// The source of the keys of a provider.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// An address.
    Keys(String),
    /// The address in the configuration of an issuer.
    Issuer(String),
}

/// The fetched keys and their source. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Keys(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    client: reqwest::Client,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: Option<Known>,
    /// Start of the last fetch.
    started: Option<DateTime<Utc>>,
    /// Number of consecutive failures.
    failures: u32,
    /// Receives a change when the running fetch ends.
    running: Option<watch::Receiver<()>>,
}

#[derive(Debug)]
struct Known {
    set: JwkSet,
    fetched: DateTime<Utc>,
}

/// The result of a lookup.
#[derive(Debug)]
pub(super) enum Found {
    /// The key.
    Key(Box<Jwk>),
    /// The provider has no such key.
    None,
    /// It cannot be determined at the moment.
    Unknown,
}

impl Keys {
    pub(super) fn new(place: Place, client: reqwest::Client) -> Self {
        Self(Arc::new(Inner { place, client, state: Mutex::default() }))
    }

    /// Fetches the keys in advance, so that the first token does not wait for them.
    pub(super) fn prepare(&self, now: DateTime<Utc>) {
        self.with(|state| self.begin(state, now));
    }

    /// The key of an id.
    pub(super) async fn find(&self, id: Option<&str>, now: DateTime<Utc>) -> Found {
        let (found, running) = self.with(|state| {
            let key = state.key(id, now);
            if state.is_due(key.is_some(), now) {
                self.begin(state, now);
            }
            (key, state.running.clone())
        });
        match (found, running) {
            (Some(key), _) => return Found::Key(key),
            // The key may be among those being fetched. An error means that the fetch is over.
            (None, Some(mut running)) => drop(timeout(PATIENCE, running.changed()).await),
            (None, None) => {}
        }
        self.with(|state| match state.key(id, now) {
            Some(key) => Found::Key(key),
            None if state.failures == 0 && state.running.is_none() && state.trusted(now).is_some() => Found::None,
            None => Found::Unknown,
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A fetch that ended without a result is not running any more.
        if state.running.as_ref().is_some_and(|running| running.has_changed().is_err()) {
            state.running = None;
        }
        work(&mut state)
    }

    /// Starts a fetch, unless one is running.
    fn begin(&self, state: &mut State, now: DateTime<Utc>) {
        if state.running.is_some() {
            return;
        }
        let (end, running) = watch::channel(());
        state.running = Some(running);
        state.started = Some(now);
        let keys = self.clone();
        tokio::spawn(async move {
            let fetched = timeout(FETCH_TIMEOUT, keys.fetch()).await;
            let fetched = fetched.unwrap_or_else(|_| Err(format!("no answer within {} s", FETCH_TIMEOUT.as_secs())));
            keys.with(|state| state.note(fetched, now));
            // Dropping the sender wakes the requests that wait.
            drop(end);
        });
    }

    async fn fetch(&self) -> Result<JwkSet, String> {
        #[derive(Deserialize)]
        struct Discovery {
            jwks_uri: String,
        }
        let url = match &self.0.place {
            Place::Keys(url) => url.clone(),
            Place::Issuer(issuer) => {
                let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
                self.get::<Discovery>(&url).await?.jwks_uri
            }
        };
        self.get(&url).await
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, String> {
        let failed = |error: reqwest::Error| chain(&error.without_url());
        let failure = |problem: String| format!("{url}: {problem}");
        let sent = self.0.client.get(url).send().await.and_then(reqwest::Response::error_for_status);
        let mut response = sent.map_err(failed).map_err(failure)?;
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(failed).map_err(failure)? {
            body.extend_from_slice(&part);
            if body.len() > MOST {
                return Err(failure(format!("the answer has more than {MOST} bytes")));
            }
        }
        serde_json::from_slice(&body).map_err(|error| failure(error.to_string()))
    }
}

/// An error and its causes in one line. A cause that the text names already is not repeated.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.contains(&cause) { text } else { format!("{text}: {cause}") }
    })
}

impl State {
    /// The keys, unless they are too old.
    fn trusted(&self, now: DateTime<Utc>) -> Option<&Known> {
        self.known.as_ref().filter(|known| (now - known.fetched).abs() <= TRUSTED)
    }

    fn key(&self, id: Option<&str>, now: DateTime<Utc>) -> Option<Box<Jwk>> {
        let set = &self.trusted(now)?.set;
        let key = match id {
            Some(id) => set.find(id),
            // Without an id, the key is known only if there is a single one.
            None => Some(&set.keys).filter(|keys| keys.len() == 1).and_then(|keys| keys.first()),
        };
        key.cloned().map(Box::new)
    }

    /// True if keys must be fetched.
    fn is_due(&self, is_known: bool, now: DateTime<Utc>) -> bool {
        // A clock that was set back must not delay it.
        let since = |at: DateTime<Utc>| (now - at).abs();
        let Some(started) = self.started else { return true };
        let pause = if self.failures > 0 {
            FIRST_PAUSE * (1 << (self.failures - 1).min(DOUBLINGS))
        } else if is_known {
            FRESH
        } else {
            STEP
        };
        since(started) > pause
    }

    fn note(&mut self, fetched: Result<JwkSet, String>, now: DateTime<Utc>) {
        self.running = None;
        match fetched {
            Ok(set) => {
                self.known = Some(Known { set, fetched: now });
                self.failures = 0;
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                let has_keys = self.known.is_some();
                tracing::warn!(error, has_keys, "cannot fetch the keys of the identity provider");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn set() -> JwkSet {
        serde_json::from_str(r#"{ "keys": [{ "kty": "RSA", "kid": "one", "n": "AQAB", "e": "AQAB" }] }"#).unwrap()
    }

    /// The seconds until a state is due.
    fn pause(state: &State, is_known: bool) -> i64 {
        let started = state.started.unwrap();
        (0..100_000).find(|seconds| state.is_due(is_known, started + TimeDelta::seconds(*seconds))).unwrap()
    }

    #[test]
    fn keys_are_fetched_at_once_then_rarely() {
        let mut state = State::default();
        assert!(state.is_due(false, at(0)));
        state.started = Some(at(0));
        state.note(Ok(set()), at(0));
        assert_eq!((pause(&state, true), pause(&state, false)), (601, 31));
        // A clock that was set back by a day.
        assert!(state.is_due(true, at(-86_400)));
    }

    #[test]
    fn the_wait_after_failures_doubles() {
        let mut state = State { started: Some(at(0)), ..State::default() };
        let pauses: Vec<_> = (0..12)
            .map(|_| {
                state.note(Err("away".to_owned()), at(0));
                pause(&state, false)
            })
            .collect();
        assert_eq!(pauses, [2, 3, 5, 9, 17, 33, 65, 129, 257, 257, 257, 257]);
        state.note(Ok(set()), at(0));
        assert_eq!(pause(&state, true), 601);
    }

    #[test]
    fn keys_are_trusted_for_a_day_while_the_provider_is_unreachable() {
        let mut state = State { started: Some(at(0)), ..State::default() };
        state.note(Ok(set()), at(0));
        state.note(Err("away".to_owned()), at(3_600));
        assert!(state.key(Some("one"), at(86_400)).is_some());
        assert!(state.key(None, at(86_400)).is_some());
        assert!(state.key(Some("two"), at(0)).is_none());
        assert!(state.key(Some("one"), at(86_401)).is_none());
    }
}

//! Viewers: tokens of the registry and of an identity provider, over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pomost_api::identity::{Clock, Oidc, OidcSettings};
use pomost_api::registry::Registry;
use pomost_api::schema::Dataset;
use pomost_domain::{City, Id, Role};
use pomost_edge::http::{App, Settings, router};
use pomost_edge::identity::secret;
use pomost_persistence::{Store, Token};
use pomost_tests::{SAMPLE, TestDb, clock, import, now};
use serde_json::{Value, json};
use tower::ServiceExt;

/// A key pair for tests: PKCS #8 and the coordinates of its public key.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdevbgOPK7+u7yTFempCUXqPdJDPHVJF7kTDbhyXdPGShRANCAAQEgYeEPXprCzfgl+mfi7JIusa9oa4orOlNwymsyap5nqDrAbFlgCxIzzYuBsRekelAUdjHbNoZgcOmw961gVz9";
const X: &str = "BIGHhD16aws34Jfpn4uySLrGvaGuKKzpTcMprMmqeZ4";
const Y: &str = "oOsBsWWALEjPNi4GxF6R6UBR2Mds2hmBw6bD3rWBXP0";

struct Edge {
    store: Store,
    app: App<Registry>,
    _db: TestDb,
}

impl Edge {
    async fn new(oidc: Option<Oidc>) -> Self {
        Self::at(oidc, clock).await
    }

    async fn at(oidc: Option<Oidc>, clock: Clock) -> Self {
        let db = TestDb::new().await;
        let store = db.store().await;
        import(&store, SAMPLE).await.unwrap();
        let registry = Registry::new(store.clone(), Dataset::default(), oidc, clock);
        Self { store, app: App::new(registry, Settings::default()), _db: db }
    }

    async fn token(&self, name: &str, role: Role, expires_at: DateTime<Utc>) -> String {
        let secret = secret::generate().unwrap();
        let hash = secret::hash(&secret);
        let city = (role == Role::Partner).then(|| Id::<City>::of_slug("karvina"));
        let token = Token {
            id: pomost_domain::id::token_id(&hash),
            name: name.to_owned(),
            role,
            city,
            created_at: now(),
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        self.store.add_token(&token, &hash).await.unwrap();
        secret
    }

    /// The status, and the viewer or the error.
    async fn ask(&self, authorization: Option<&str>) -> (u16, Value) {
        let query = json!({ "query": "{ viewer { role name rights city { slug } } }" }).to_string();
        let mut request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let response = router(self.app.clone()).oneshot(request.body(Body::from(query)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        assert_eq!(response.headers().contains_key("www-authenticate"), status == 401);
        (status, serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap())
    }

    async fn is_refused(&self, authorization: &str, reason: &str) {
        let (status, answer) = self.ask(Some(authorization)).await;
        let error = &answer["errors"][0];
        assert_eq!((status, error["extensions"]["code"].as_str()), (401, Some("UNAUTHENTICATED")), "{answer}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(reason), "{authorization:.40}: {message}");
        assert!(answer.get("data").is_none());
    }
}

#[tokio::test]
async fn a_token_identifies_its_viewer_until_it_expires() {
    let edge = Edge::new(None).await;
    let later = now() + Duration::days(1);
    let anyone = edge.ask(None).await;
    let expected = json!({ "role": "ANONYMOUS", "name": null, "rights": [], "city": null });
    assert_eq!((anyone.0, &anyone.1["data"]["viewer"]), (200, &expected));

    let partner = edge.token("karvina", Role::Partner, later).await;
    let (status, answer) = edge.ask(Some(&format!("Bearer {partner}"))).await;
    let expected =
        json!({ "role": "PARTNER", "name": "karvina", "rights": ["READ_PARTNERS"], "city": { "slug": "karvina" } });
    assert_eq!((status, &answer["data"]["viewer"]), (200, &expected));
    let known = edge.store.tokens().await.unwrap();
    assert_eq!(known.iter().map(|token| token.last_used_at).collect::<Vec<_>>(), [Some(now())]);

    let old = edge.token("old", Role::Editor, now()).await;
    edge.is_refused(&format!("Bearer {old}"), "expired at 2026-11-22T12:00:00Z").await;
    assert!(edge.store.revoke_token("karvina", now()).await.unwrap());
    assert!(!edge.store.revoke_token("karvina", now()).await.unwrap());
    edge.is_refused(&format!("Bearer {partner}"), "was revoked at 2026-11-22T12:00:00Z").await;
}

#[tokio::test]
async fn other_tokens_are_refused_with_the_reason() {
    let edge = Edge::new(None).await;
    let foreign = format!("Bearer {}", secret::generate().unwrap());
    for (authorization, reason) in [
        (foreign.as_str(), "is not known here"),
        ("Bearer pomost_short", "is malformed"),
        ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "is malformed"),
        ("Basic YTpi", "\"Bearer TOKEN\""),
        ("Bearer", "\"Bearer TOKEN\""),
    ] {
        edge.is_refused(authorization, reason).await;
    }
}

/// An identity provider that publishes our key, with a configurable delay or failure.
#[derive(Clone, Default)]
struct Provider {
    issuer: String,
    delay_ms: Arc<AtomicU64>,
    fails: Arc<AtomicBool>,
    /// Number of requests for its configuration, one for each fetch of keys.
    fetches: Arc<AtomicU64>,
}

impl Provider {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { issuer: issuer.clone(), ..Self::default() };
        let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "one", "alg": "ES256", "x": X, "y": Y }] });
        let found = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") });
        let state = provider.clone();
        let discovery = async move || {
            state.fetches.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_millis(state.delay_ms.load(Ordering::SeqCst))).await;
            match state.fails.load(Ordering::SeqCst) {
                true => Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR),
                false => Ok(axum::Json(found)),
            }
        };
        let routes = axum::Router::new()
            .route("/.well-known/openid-configuration", axum::routing::get(discovery))
            .route("/keys", axum::routing::get(async move || axum::Json(keys)));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    fn fetches(&self) -> u64 {
        self.fetches.load(Ordering::SeqCst)
    }

    /// A token of an editor, valid for a day, signed with the key of this name.
    fn token(&self, key: &str) -> String {
        let exp = now().timestamp() + 86_400;
        signed(
            &json!({ "iss": self.issuer, "aud": "pomost", "sub": "anna", "exp": exp, "realm": { "roles": "staff" } }),
            key,
        )
    }
}

/// An identity provider that publishes our key.
async fn provider() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "one", "alg": "ES256", "x": X, "y": Y }] });
    let found = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") });
    let routes = axum::Router::new()
        .route("/.well-known/openid-configuration", axum::routing::get(async move || axum::Json(found)))
        .route("/keys", axum::routing::get(async move || axum::Json(keys)));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    issuer
}

fn settings(issuer: &str) -> OidcSettings {
    OidcSettings {
        issuer: Some(issuer.to_owned()),
        audience: Some("pomost".to_owned()),
        role_claim: "realm.roles".to_owned(),
        roles: BTreeMap::from([("staff".to_owned(), "editor".to_owned()), ("abroad".to_owned(), "partner".to_owned())]),
        city_claim: Some("city".to_owned()),
        ..OidcSettings::default()
    }
}

fn signed(claims: &Value, key: &str) -> String {
    use base64::Engine;
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(key.to_owned());
    let der = base64::engine::general_purpose::STANDARD.decode(KEY).unwrap();
    format!("Bearer {}", jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&der)).unwrap())
}

#[tokio::test]
async fn a_token_of_the_identity_provider_is_checked_and_mapped() {
    let issuer = provider().await;
    let edge = Edge::new(Oidc::new(&settings(&issuer)).unwrap()).await;
    let claims = json!({
        "iss": issuer, "aud": ["pomost"], "sub": "anna", "exp": now().timestamp() + 60, "realm": { "roles": ["x", "staff"] },
    });
    let with = |key: &str, value: Value| {
        let mut claims = claims.clone();
        claims[key] = value;
        signed(&claims, "one")
    };
    let (status, answer) = edge.ask(Some(&signed(&claims, "one"))).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["data"]["viewer"]["role"], "EDITOR");
    assert_eq!(answer["data"]["viewer"]["name"], "oidc:anna");
    let partner = with("realm", json!({ "roles": "abroad" }));
    edge.is_refused(&partner, "for which city").await;

    for (authorization, reason) in [
        (with("exp", json!(now().timestamp() - 61)), "has expired"),
        (with("nbf", json!(now().timestamp() + 61)), "not valid yet"),
        (with("iss", json!("https://elsewhere")), "issued by another issuer"),
        (with("aud", json!("other")), "for another audience"),
        (with("realm", json!({ "roles": ["x"] })), "none of the roles"),
        (with("exp", Value::Null), "a claim is missing: exp"),
        (with("sub", json!("")), "its subject is empty"),
        (with("sub", json!(" ")), "its subject is empty"),
        (with("city", json!("nowhere")), "no city \"nowhere\""),
        (signed(&claims, "two"), "not one of the provider's"),
    ] {
        edge.is_refused(&authorization, reason).await;
    }
    // The signature of another key, no signature, and a signature with the public key as a shared secret.
    let good = signed(&claims, "one");
    let (body, _) = good.rsplit_once('.').unwrap();
    edge.is_refused(&format!("{body}.{}", "A".repeat(86)), "signature is wrong").await;
    let unsigned = |header: Value| {
        use base64::Engine;
        let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
        format!("Bearer {}.{}.AAAA", part(&header), part(&claims))
    };
    edge.is_refused(&unsigned(json!({ "alg": "none", "kid": "one" })), "cannot be read").await;
    edge.is_refused(&unsigned(json!({ "alg": "HS256", "kid": "one" })), "signed with HS256").await;
}

#[tokio::test]
async fn the_highest_of_several_roles_counts_and_claims_may_be_addresses() {
    let provider = Provider::new().await;
    let role = async |change: fn(&mut OidcSettings), key: &str, roles: Value| {
        let mut settings = settings(&provider.issuer);
        settings.roles.insert("zz-boss".to_owned(), "publisher".to_owned());
        change(&mut settings);
        let edge = Edge::new(Oidc::new(&settings).unwrap()).await;
        let mut claims = json!({
            "iss": provider.issuer, "aud": "pomost", "sub": "anna", "exp": now().timestamp() + 60, "city": "karvina",
        });
        claims[key] = roles;
        let (status, answer) = edge.ask(Some(&signed(&claims, "one"))).await;
        assert_eq!(status, 200, "{answer}");
        answer["data"]["viewer"]["role"].as_str().unwrap().to_owned()
    };
    let nested = |roles: Value| json!({ "roles": roles });
    assert_eq!(role(|_| {}, "realm", nested(json!(["abroad"]))).await, "PARTNER");
    assert_eq!(role(|_| {}, "realm", nested(json!(["abroad", "staff"]))).await, "EDITOR");
    assert_eq!(role(|_| {}, "realm", nested(json!("zz-boss staff abroad"))).await, "PUBLISHER");
    let address: fn(&mut OidcSettings) = |settings| settings.role_claim = "https://example.org/v1.0/roles".to_owned();
    assert_eq!(role(address, "https://example.org/v1.0/roles", json!(["staff"])).await, "EDITOR");
    let within: fn(&mut OidcSettings) = |settings| settings.role_claim = "https://example.org/claims.roles".to_owned();
    assert_eq!(role(within, "https://example.org/claims", nested(json!(["staff"]))).await, "EDITOR");
}

#[tokio::test]
async fn a_slow_provider_does_not_delay_tokens_with_a_known_key() {
    static LATER: AtomicI64 = AtomicI64::new(0);
    fn moving() -> DateTime<Utc> {
        now() + Duration::seconds(LATER.load(Ordering::SeqCst))
    }
    let provider = Provider::new().await;
    let edge = Edge::at(Oidc::new(&settings(&provider.issuer)).unwrap(), moving).await;
    let known = provider.token("one");
    assert_eq!((edge.ask(Some(&known)).await.0, provider.fetches()), (200, 1));

    // The keys are old now, and fetching them takes seconds.
    LATER.store(11 * 60, Ordering::SeqCst);
    provider.delay_ms.store(5_000, Ordering::SeqCst);
    let begin = Instant::now();
    for _ in 0..20 {
        assert_eq!(edge.ask(Some(&known)).await.0, 200);
    }
    let ours = edge.token("anna", Role::Editor, now() + Duration::days(9)).await;
    assert_eq!(edge.ask(Some(&format!("Bearer {ours}"))).await.0, 200);
    assert!(begin.elapsed().as_secs() < 2, "{:?}", begin.elapsed());
    // Tokens with unknown keys wait for the same fetch, for a limited time; those with known keys do not wait.
    let unknown: Vec<_> = (0..20).map(|number| provider.token(&number.to_string())).collect();
    let flood = async_graphql::futures_util::future::join_all(unknown.iter().map(|token| edge.ask(Some(token))));
    let beside = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let begin = Instant::now();
        assert_eq!(edge.ask(Some(&known)).await.0, 200);
        begin.elapsed()
    };
    let (flooded, took) = tokio::join!(flood, beside);
    assert!(flooded.iter().all(|(status, _)| *status == 503), "{flooded:?}");
    assert!(took.as_millis() < 1_000 && begin.elapsed().as_secs() < 5, "{took:?} {:?}", begin.elapsed());
    assert_eq!(provider.fetches(), 2);

    // Once the keys are fetched, the unknown ones are refused, and the provider is not queried again soon.
    provider.delay_ms.store(0, Ordering::SeqCst);
    while edge.ask(Some(&unknown[0])).await.0 == 503 {
        assert!(begin.elapsed().as_secs() < 20);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for token in &unknown {
        assert_eq!(edge.ask(Some(token)).await.0, 401);
    }
    assert_eq!(provider.fetches(), 2);
    LATER.store(11 * 60 + 31, Ordering::SeqCst);
    for token in &unknown {
        assert_eq!(edge.ask(Some(token)).await.0, 401);
    }
    assert_eq!((edge.ask(Some(&known)).await.0, provider.fetches()), (200, 3));
}

#[tokio::test]
async fn the_wait_for_a_failing_provider_grows() {
    static LATER: AtomicI64 = AtomicI64::new(0);
    fn moving() -> DateTime<Utc> {
        now() + Duration::seconds(LATER.load(Ordering::SeqCst))
    }
    let provider = Provider::new().await;
    provider.fails.store(true, Ordering::SeqCst);
    let edge = Edge::at(Oidc::new(&settings(&provider.issuer)).unwrap(), moving).await;
    let known = provider.token("one");
    for (later, fetches) in [(0, 1), (1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4)] {
        LATER.store(later, Ordering::SeqCst);
        for _ in 0..3 {
            let (status, answer) = edge.ask(Some(&known)).await;
            assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (503, &json!("UNAVAILABLE")));
        }
        assert_eq!(provider.fetches(), fetches, "after {later} s");
    }
    provider.fails.store(false, Ordering::SeqCst);
    LATER.store(19, Ordering::SeqCst);
    assert_eq!((edge.ask(Some(&known)).await.0, provider.fetches()), (200, 5));
}

#[tokio::test]
async fn an_unreachable_provider_makes_no_viewer_anonymous() {
    // A port without a listener.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let issuer = format!("http://{gone}");
    let edge = Edge::new(Oidc::new(&settings(&issuer)).unwrap()).await;
    let claims = json!({ "iss": issuer, "aud": "pomost", "sub": "anna", "exp": now().timestamp() + 60 });
    // Its keys are not fetched each time.
    for _ in 0..2 {
        let (status, answer) = edge.ask(Some(&signed(&claims, "one"))).await;
        assert_eq!(
            (status, answer["errors"][0]["extensions"]["code"].as_str()),
            (503, Some("UNAVAILABLE")),
            "{answer}"
        );
    }
}

#[test]
fn settings_that_accept_too_much_are_refused() {
    let wrong = |change: fn(&mut OidcSettings)| {
        let mut settings = settings("https://login.example.org");
        change(&mut settings);
        Oidc::new(&settings).unwrap_err().to_string()
    };
    assert!(wrong(|settings| settings.audience = None).contains("oidc.audience"));
    assert!(wrong(|settings| settings.algorithms = vec!["HS256".to_owned()]).contains("HS256"));
    assert!(wrong(|settings| settings.algorithms = vec!["none".to_owned()]).contains("none"));
    assert!(wrong(|settings| drop(settings.roles.insert("x".to_owned(), "king".to_owned()))).contains("king"));
    assert!(wrong(|settings| drop(settings.roles.insert("x".to_owned(), "edtor".to_owned()))).contains("\"editor\""));
    // Settings that would accept no token.
    assert!(wrong(|settings| settings.roles.clear()).contains("oidc.roles is empty"));
    assert!(wrong(|settings| settings.algorithms.clear()).contains("oidc.algorithms is empty"));
    assert!(wrong(|settings| settings.city_claim = None).contains("oidc.city_claim is missing"));
    assert!(wrong(|settings| settings.issuer = None).contains("oidc.audience is set, but oidc.issuer is not"));
    assert!(wrong(|settings| settings.jwks_url = Some("keys".to_owned())).contains("oidc.jwks_url"));
    assert!(Oidc::new(&OidcSettings::default()).unwrap().is_none());
}

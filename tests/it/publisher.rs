//! The publisher of the registry: the configured one, or else its home city.

use pomost_api::registry::{Caching, Registry};
use pomost_api::schema::Dataset;
use pomost_domain::Role;
use pomost_tests::edge::Edge;
use pomost_tests::{App, TestDb, clock, import};
use serde_json::{Value, json};

const QUERY: &str = "{ dataset { publisher publisherUrl } }";

fn of(reply: &Value) -> (Value, Value) {
    let dataset = &reply["dataset"];
    (dataset["publisher"].clone(), dataset["publisherUrl"].clone())
}

#[tokio::test]
async fn the_home_city_is_the_publisher() {
    let app = App::sample().await;
    let published = of(app.query(QUERY).await.data());
    assert_eq!(published, (json!("Jastrzębie-Zdrój"), json!("https://www.jastrzebie.pl")));
    // In all requested languages: an official name is one name.
    assert_eq!(of(app.ask(QUERY, Value::Null, &["en"]).await.data()), published);
    // Each of the two alone, and beside other records with fewer selected columns.
    assert_eq!(app.query("{ dataset { publisherUrl } }").await.data()["dataset"]["publisherUrl"], published.1);
    let beside = app.query("{ homeCity { slug } dataset { publisher publisherUrl } }").await;
    assert_eq!(of(beside.data()), published);
}

#[tokio::test]
async fn without_a_home_city_there_is_no_publisher_until_one_is_imported() {
    let app = App::empty().await;
    assert_eq!(of(app.query(QUERY).await.data()), (Value::Null, Value::Null));
    let city = |name: &str| {
        json!({ "cities": [{ "slug": "home", "names": { "de": name }, "country": "DE", "seat": true }] }).to_string()
    };
    import(&app.store, city("Ibbenbüren")).await.unwrap();
    assert_eq!(of(app.query(QUERY).await.data()), (json!("Ibbenbüren"), Value::Null));
    // It changes while the server runs, also in cached answers.
    let edge = Edge::new(&app.store, &Caching::default());
    assert!(edge.get(QUERY).await.text().contains("Ibbenbüren"));
    import(&app.store, city("Stadt Ibbenbüren")).await.unwrap();
    assert!(edge.get(QUERY).await.text().contains("Stadt Ibbenbüren"));
    assert_eq!(of(app.query(QUERY).await.data()).0, "Stadt Ibbenbüren");
}

#[tokio::test]
async fn a_draft_of_a_home_city_is_not_the_publisher() {
    let app = App::empty().await;
    let document = "mutation { createCity(input: { names: { de: \"Ibbenbüren\" }, country: \"DE\", seat: true }) \
                    { record { slug isHome } errors { message } } }";
    let made = app.run(Role::Editor, document, Value::Null).await;
    assert_eq!(made.data()["createCity"]["record"]["isHome"], true, "{}", made.text);
    assert_eq!(of(app.query(QUERY).await.data()), (Value::Null, Value::Null));
    assert_eq!(of(app.run(Role::Editor, QUERY, Value::Null).await.data()).0, "Ibbenbüren");
}

#[tokio::test]
async fn the_configured_publisher_takes_precedence() {
    let db = TestDb::new().await;
    let store = db.store().await;
    import(&store, pomost_tests::SAMPLE).await.unwrap();
    let ask = async |publisher: Option<&str>, publisher_url: Option<&str>| {
        let text = |text: Option<&str>| text.map(ToOwned::to_owned);
        let dataset = Dataset { publisher: text(publisher), publisher_url: text(publisher_url), ..Dataset::default() };
        let registry = Registry::new(store.clone(), dataset, None, clock);
        let response = async_graphql::Executor::execute(&registry, async_graphql::Request::new(QUERY)).await;
        of(&response.data.into_json().unwrap())
    };
    let city = "Jastrzębie-Zdrój";
    assert_eq!(ask(Some("Euroregion"), None).await, (json!("Euroregion"), Value::Null));
    assert_eq!(
        ask(Some("Euroregion"), Some("https://a.example")).await,
        (json!("Euroregion"), json!("https://a.example"))
    );
    assert_eq!(ask(None, Some("https://a.example")).await, (json!(city), json!("https://a.example")));
}

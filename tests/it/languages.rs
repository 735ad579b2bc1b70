//! Languages, dates, money and sources for readers in several countries.

use pomost_tests::App;
use serde_json::{Value, json};

const TEXT: &str = "value locale origin isFallback isStale";

async fn home_name(app: &App, arguments: &str, languages: &[&str]) -> Value {
    let fields: Vec<String> = TEXT.split(' ').map(|field| format!("{field}{arguments}")).collect();
    let document = format!("{{ homeCity {{ name {{ {} }} }} }}", fields.join(" "));
    app.ask(&document, Value::Null, languages).await.data()["homeCity"]["name"].clone()
}

fn shown(value: &str, locale: &str, origin: &str, is_fallback: bool) -> Value {
    json!({ "value": value, "locale": locale, "origin": origin, "isFallback": is_fallback, "isStale": false })
}

#[tokio::test]
async fn a_reader_gets_the_first_available_language_or_the_original() {
    let app = App::sample().await;
    let original = |is_fallback| shown("Jastrzębie-Zdrój", "pl", "ORIGINAL", is_fallback);
    let szl = || shown("Jastrzymbie-Zdrōj", "szl", "HUMAN", false);
    for (languages, wanted) in [
        (&[][..], original(false)),
        (&["pl"], original(false)),
        (&["pl-PL"], original(false)),
        (&["szl"], szl()),
        (&["fr", "szl", "pl"], szl()),
        (&["fr"], original(true)),
        (&["fr", "uk"], original(true)),
    ] {
        let listed: Vec<String> = languages.iter().map(|tag| format!("{tag:?}")).collect();
        let argument = format!("(locales: [{}])", listed.join(", "));
        let by_header = home_name(&app, "", languages).await;
        let by_argument = home_name(&app, &argument, &["hu"]).await;
        assert_eq!(by_header, wanted, "{languages:?}");
        assert_eq!(by_argument, wanted, "{languages:?}");
    }
}

#[tokio::test]
async fn a_more_specific_tag_finds_its_language() {
    let app = App::sample().await;
    let document = "{ city(by: { slug: \"karvina\" }) { name {
        at: value(locales: [\"de-AT\"]) pl: value(locales: [\"pl-PL\"]) upper: value(locales: [\"PL\"])
        isFallback(locales: [\"de-AT\"]) } } }";
    let reply = app.query(document).await;
    let name = &reply.data()["city"]["name"];
    assert_eq!((&name["pl"], &name["upper"]), (&json!("Karwina"), &json!("Karwina")));
    assert_eq!((&name["at"], &name["isFallback"]), (&json!("Karwin"), &json!(false)));
}

#[tokio::test]
async fn every_variant_is_shown_in_the_order_of_the_source() {
    let app = App::sample().await;
    let document = "{ city(by: { slug: \"ibbenbueren\" }) { name { variants { locale text } } }
        letterOfIntent(by: { slug: \"loi-jz-ibbenbueren-2017\" }) { title { variants { locale text } } } }";
    let reply = app.ask(document, Value::Null, &["pl"]).await;
    let data = reply.data();
    let locales = |text: &Value| -> Vec<String> {
        let variants = text["variants"].as_array().unwrap();
        variants.iter().map(|variant| variant["locale"].as_str().unwrap().to_owned()).collect()
    };
    assert!(locales(&data["city"]["name"]).contains(&"nds".to_owned()));
    assert_eq!(locales(&data["letterOfIntent"]["title"])[1..], ["pl", "de"]);
    assert_eq!(data["letterOfIntent"]["title"]["variants"][2]["text"], "Gemeinsame Absichtserklärung");
}

#[tokio::test]
async fn other_texts_than_language_tags_are_refused() {
    let app = App::sample().await;
    for tag in ["", "polish language", "p", "pl_PL_", "🏙", "-", "pl-"] {
        let document = "query ($tag: Locale!) { homeCity { name { value(locales: [$tag]) } } }";
        let reply = app.ask(document, json!({ "tag": tag }), &[]).await;
        assert!(reply.json.get("errors").is_some(), "{tag:?}: {}", reply.text);
        assert_ne!(reply.json["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{tag:?}");
    }
}

#[tokio::test]
async fn any_well_formed_tag_can_be_requested() {
    let app = App::with(
        r#"{"cities": [{"slug": "a", "country": "CN",
            "names": {"zh": "甲", "pt": "Pt", "de-DE": "De", "en": "En", "yue": "粵", "lb": "Lb"}}]}"#,
    )
    .await;
    for (tag, value, is_fallback) in [
        ("pt-PT-u-nu-latn", "Pt", false),
        ("PT-br-a-foo-x-own", "Pt", false),
        ("de-DE-u-co-phonebk", "De", false),
        ("en-GB-oed", "En", false),
        ("zh-cmn-Hans", "甲", false),
        ("zh-yue", "粵", false),
        ("i-lux", "Lb", false),
        ("i-klingon", "甲", true),
        ("x-klingon", "甲", true),
        ("abcdefgh", "甲", true),
    ] {
        let document = "query ($tag: Locale!) { city(by: { slug: \"a\" }) { name { value(locales: [$tag]) isFallback(locales: [$tag]) } } }";
        let by_argument = app.ask(document, json!({ "tag": tag }), &[]).await;
        let by_header =
            app.ask("{ city(by: { slug: \"a\" }) { name { value isFallback } } }", Value::Null, &[tag]).await;
        let expected = json!({ "value": value, "isFallback": is_fallback });
        assert_eq!(by_argument.data()["city"]["name"], expected, "{tag}");
        assert_eq!(by_header.data()["city"]["name"], expected, "{tag}");
    }
    // The tags of texts are narrower.
    let create =
        "mutation ($names: MapInput!) { createCity(input: { country: \"PL\", names: $names }) { errors { message } } }";
    let reply = app.run(pomost_domain::Role::Editor, create, json!({ "names": { "pt-u-nu-latn": "A" } })).await;
    assert!(reply.text.contains("is not a language tag"), "{}", reply.text);
}

#[tokio::test]
async fn countries_are_named_in_the_language_of_the_reader() {
    let app = App::sample().await;
    let document =
        "{ country(code: \"CZ\") { alpha3 numeric languages name { value } } homeCity { country { name { value } } } }";
    for (language, czechia, poland) in
        [("pl", "Czechy", "Polska"), ("de", "Tschechien", "Polen"), ("en", "Czechia", "Poland")]
    {
        let reply = app.ask(document, Value::Null, &[language]).await;
        assert_eq!(reply.data()["country"]["name"]["value"], czechia);
        assert_eq!(reply.data()["homeCity"]["country"]["name"]["value"], poland);
        assert_eq!(
            (&reply.data()["country"]["alpha3"], &reply.data()["country"]["numeric"]),
            (&json!("CZE"), &json!("203"))
        );
    }
    assert_eq!(app.query("{ country(code: \"XX\") { code } }").await.data()["country"], Value::Null);
}

#[tokio::test]
async fn money_is_exact_in_minor_units_and_formatted_for_its_reader() {
    let app = App::sample().await;
    let document = "{ project(by: { slug: \"razem-przeciw-powodzi\" }) { budget { total {
        amountMinor currency formatted pl: formatted(locale: \"pl\") de: formatted(locale: \"de-AT\") en: formatted(locale: \"en\")
        ja: formatted(locale: \"ja\") } } } }";
    let reply = app.ask(document, Value::Null, &["cs", "en"]).await;
    assert_eq!(
        reply.data()["project"]["budget"]["total"],
        json!({
            "amountMinor": "110952053",
            "currency": "EUR",
            "formatted": "1\u{a0}109\u{a0}520,53\u{a0}EUR",
            "pl": "1\u{a0}109\u{a0}520,53\u{a0}EUR",
            "de": "1.109.520,53\u{a0}EUR",
            "en": "1,109,520.53\u{a0}EUR",
            "ja": "1,109,520.53\u{a0}EUR",
        })
    );
}

#[tokio::test]
async fn a_date_has_its_precision_and_its_possible_days() {
    let app = App::sample().await;
    let date = "{ value precision qualifier earliest latest }";
    let document = format!(
        "{{ day: agreement(by: {{ slug: \"agreement-jz-karvina-1995\" }}) {{ at: signedOn {date} }}
            month: agreement(by: {{ slug: \"agreement-jz-havirov-1995\" }}) {{ at: signedOn {date} }}
            year: agreement(by: {{ slug: \"agreement-ibbenbueren-prievidza-1988\" }}) {{ at: signedOn {date} }}
            bound: resolution(by: {{ slug: \"jz-council-resolution-ibbenbueren\" }}) {{ at: adoptedOn {date} }}
            february: meeting(by: {{ slug: \"first-meeting-jz-ibbenbueren-2007\" }}) {{ at: startsOn {date} }}
            unknown: jointEvent(by: {{ slug: \"landeskirchschicht-38\" }}) {{ at: startsOn {date} }} }}"
    );
    let reply = app.query(&document).await;
    let wanted = |value: &str, precision: &str, qualifier: Value, earliest: Value, latest: &str| json!({ "at": { "value": value, "precision": precision, "qualifier": qualifier, "earliest": earliest, "latest": latest } });
    assert_eq!(
        *reply.data(),
        json!({
            "day": wanted("1995-03-06", "DAY", Value::Null, json!("1995-03-06"), "1995-03-06"),
            "month": wanted("1995-03", "MONTH", Value::Null, json!("1995-03-01"), "1995-03-31"),
            "year": wanted("1988", "YEAR", Value::Null, json!("1988-01-01"), "1988-12-31"),
            "bound": wanted("2007-12-14", "DAY", json!("NOT_AFTER"), Value::Null, "2007-12-14"),
            "february": wanted("2007-02", "MONTH", Value::Null, json!("2007-02-01"), "2007-02-28"),
            "unknown": { "at": null },
        })
    );
}

#[tokio::test]
async fn a_source_refers_to_a_document_of_the_registry() {
    let app = App::sample().await;
    let document = "{ letterOfIntent(by: { slug: \"loi-jz-ibbenbueren-2017\" }) { sources { url retrievedOn document { slug kind } } } }";
    let reply = app.query(document).await;
    let sources = reply.data()["letterOfIntent"]["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 2);
    for source in sources {
        let url = source["url"].as_str().unwrap();
        assert_eq!(source["retrievedOn"], "2026-11-22");
        if url.starts_with("http") {
            assert_eq!(source["document"], Value::Null, "{url}");
        } else {
            assert_eq!(source["document"], json!({ "slug": url, "kind": "ANSWER" }));
        }
    }
    assert_eq!((reply.statements, reply.misses), (2, 0));
}

#[tokio::test]
async fn a_text_in_another_script_is_never_chosen() {
    let app = App::with(
        r#"{"cities": [
            {"slug": "novisad", "country": "RS", "names": {"sr-Cyrl": "Нови Сад", "sr-Latn": "Novi Sad", "hu": "Újvidék"}},
            {"slug": "kragujevac", "country": "RS", "names": {"sr-Cyrl": "Крагујевац", "en": "Kragujevac (en)"}},
            {"slug": "taipei", "country": "TW", "names": {"zh-Hans": "台北(简)", "en": "Taipei"}},
            {"slug": "zurich", "country": "CH", "names": {"de-CH": "Züri", "de": "Zürich", "fr": "Zurich"}}
        ]}"#,
    )
    .await;
    for (slug, wanted, value, is_fallback) in [
        ("novisad", "sr-Latn-RS", "Novi Sad", false),
        ("novisad", "sr", "Нови Сад", false),
        ("novisad", "sr-ME", "Novi Sad", false),
        ("kragujevac", "sr-Latn", "Крагујевац", true),
        ("kragujevac", "sr-RS", "Крагујевац", false),
        ("taipei", "zh-TW", "台北(简)", true),
        ("taipei", "zh-CN", "台北(简)", false),
        ("zurich", "de-AT", "Zürich", false),
        ("zurich", "de-CH", "Züri", false),
        ("zurich", "de-CH-1996", "Züri", false),
        ("zurich", "it", "Züri", true),
    ] {
        let document = "query ($slug: String!, $tag: Locale!) { city(by: { slug: $slug }) { name {
            value(locales: [$tag]) isFallback(locales: [$tag]) } } }";
        let by_argument = app.ask(document, json!({ "slug": slug, "tag": wanted }), &[]).await;
        let document = "query ($slug: String!) { city(by: { slug: $slug }) { name { value isFallback } } }";
        let by_header = app.ask(document, json!({ "slug": slug }), &[wanted]).await;
        let expected = json!({ "value": value, "isFallback": is_fallback });
        assert_eq!(by_argument.data()["city"]["name"], expected, "{slug} for {wanted}");
        assert_eq!(by_header.data()["city"]["name"], expected, "{slug} for {wanted}");
    }
}

#[tokio::test]
async fn a_mutation_states_the_origin_of_a_text() {
    let app = App::empty().await;
    let create = "mutation ($input: CityInput!) { createCity(input: $input) { errors { message path }
        record { name { origin variants { locale text origin translator basedOnVersion } } note { locale value } } } }";
    let input = json!({ "country": "PL", "note": { "en": "In English." }, "names": { "pl": "A",
        "de": { "text": "Aa", "origin": "MACHINE", "translator": "A program", "basedOnVersion": 1 },
        "cs": { "text": "Ač", "origin": "official_translation" } } });
    let reply = app.run(pomost_domain::Role::Editor, create, json!({ "input": input })).await;
    let payload = &reply.data()["createCity"];
    assert_eq!(payload["errors"], json!([]), "{payload}");
    let variant = |locale: &str, text: &str, origin: &str, translator: Value, version: Value| json!({ "locale": locale, "text": text, "origin": origin, "translator": translator, "basedOnVersion": version });
    assert_eq!(
        payload["record"],
        json!({ "name": { "origin": "ORIGINAL", "variants": [
            variant("cs", "Ač", "OFFICIAL_TRANSLATION", Value::Null, Value::Null),
            variant("de", "Aa", "MACHINE", json!("A program"), json!(1)),
            variant("pl", "A", "ORIGINAL", Value::Null, Value::Null),
        ] }, "note": { "locale": "en", "value": "In English." } })
    );
    let literal = "mutation { createCity(input: { country: \"PL\", names: { pl: \"B\", de: { text: \"Bb\", origin: OFFICIAL_TRANSLATION } } }) {
        errors { message } record { name { variants { origin } } } } }";
    let reply = app.run(pomost_domain::Role::Editor, literal, Value::Null).await;
    let variants = &reply.data()["createCity"]["record"]["name"]["variants"];
    assert_eq!(*variants, json!([{ "origin": "ORIGINAL" }, { "origin": "OFFICIAL_TRANSLATION" }]), "{}", reply.text);
}

#[tokio::test]
async fn the_summaries_of_the_sample_are_in_english() {
    let app = App::sample().await;
    let reply = app
        .query("{ projects(first: 50) { nodes { slug title { locale } summary { locale } note { locale } } } }")
        .await;
    for project in reply.data()["projects"]["nodes"].as_array().unwrap() {
        for text in ["summary", "note"] {
            assert!(project[text].is_null() || project[text]["locale"] == "en", "{project}");
        }
        // Titles are in languages of their own.
        assert_ne!(project["title"]["locale"], "en", "{project}");
    }
}

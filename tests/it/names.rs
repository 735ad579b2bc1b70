//! Names: search in any spelling, and exact comparison.

use pomost_tests::App;
use serde_json::json;

/// Cities whose names have several spellings.
const WRITTEN: &str = r#"{"cities": [
    {"slug": "piraeus", "country": "GR", "names": {"el": "Πειραιάς"}},
    {"slug": "lefkosia", "country": "CY", "names": {"el": "Δήμος Λευκωσίας"}},
    {"slug": "kamianets", "country": "UA", "names": {"uk": "Камʼянець-Подільський"}},
    {"slug": "laquila", "country": "IT", "names": {"it": "L’Aquila"}},
    {"slug": "honolulu", "country": "US", "names": {"haw": "Hawaiʻi"}},
    {"slug": "chambery", "country": "FR", "names": {"fr": "Chambéry"}},
    {"slug": "hue", "country": "VN", "names": {"vi": "Huế"}},
    {"slug": "izmir", "country": "TR", "names": {"tr": "İzmir"}},
    {"slug": "dessau", "country": "DE", "names": {"de": "Dessau-Roßlau"}},
    {"slug": "delhi", "country": "IN", "names": {"hi": "दिल्ली"}},
    {"slug": "dal", "country": "IN", "names": {"hi": "दाल"}},
    {"slug": "jerusalem", "country": "IL", "names": {"he": "ירושלים"}},
    {"slug": "nabeul", "country": "TN", "names": {"ar": "نابل"}},
    {"slug": "chiang-mai", "country": "TH", "names": {"th": "เชียงใหม่"}},
    {"slug": "sapporo", "country": "JP", "names": {"ja": "サッポロ"}}
]}"#;

#[tokio::test]
async fn names_are_found_in_any_spelling() {
    let app = App::with(WRITTEN).await;
    let query = "query ($contains: String, $starts: String, $eq: String) {
        contains: cities(filter: { name: { contains: $contains } }) { nodes { slug } }
        starts: cities(filter: { name: { startsWith: $starts } }) { nodes { slug } }
        eq: cities(filter: { name: { eq: $eq } }) { nodes { slug } } }";
    let whole = [
        ("ΠΕΙΡΑΙΑΣ", "piraeus"),
        ("πειραιας", "piraeus"),
        ("ΔΉΜΟΣ ΛΕΥΚΩΣΊΑΣ", "lefkosia"),
        ("Кам'янець-Подільський", "kamianets"),
        ("Кам’янець-Подільський", "kamianets"),
        ("Кам`янець-Подільський", "kamianets"),
        ("Камянець-Подільський", "kamianets"),
        ("L'Aquila", "laquila"),
        ("LʼAquila", "laquila"),
        ("Laquila", "laquila"),
        ("Hawai'i", "honolulu"),
        ("Hawaii", "honolulu"),
        ("Chambe\u{301}ry", "chambery"),
        ("chambery", "chambery"),
        ("Hue\u{302}\u{301}", "hue"),
        ("IZMIR", "izmir"),
        ("DESSAU-ROSSLAU", "dessau"),
        ("Dessau-Roẞlau", "dessau"),
        ("दिल्ली", "delhi"),
        ("दाल", "dal"),
        ("יְרוּשָׁלַיִם", "jerusalem"),
        ("نَابُل", "nabeul"),
        ("เชียงใหม่", "chiang-mai"),
        ("ｻｯﾎﾟﾛ", "sapporo"),
    ];
    for (text, slug) in whole {
        let reply = app.ask(query, json!({ "contains": text, "starts": text, "eq": text }), &[]).await;
        for way in ["contains", "starts", "eq"] {
            assert_eq!(reply.data()[way]["nodes"], json!([{ "slug": slug }]), "{text} {way}");
        }
    }
    for (text, contains, starts) in [
        ("Aquila", vec!["laquila"], vec!["laquila"]),
        ("l aquila", vec!["laquila"], vec!["laquila"]),
        ("янець", vec!["kamianets"], vec!["kamianets"]),
        // Vowels count if a script always writes them.
        ("दल", vec![], vec![]),
        ("ホロ", vec![], vec![]),
        ("'", vec![], vec![]),
    ] {
        let reply = app.ask(query, json!({ "contains": text, "starts": text, "eq": "no such name" }), &[]).await;
        let slugs = |way: &str| -> Vec<String> {
            let nodes = reply.data()[way]["nodes"].as_array().unwrap();
            nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(
            (slugs("contains"), slugs("starts")),
            (contains.iter().map(ToString::to_string).collect(), starts.iter().map(ToString::to_string).collect()),
            "{text}"
        );
    }
    let suggested = app.query("{ suggest(text: \"кам’ян\") { slug } }").await;
    assert_eq!(suggested.data()["suggest"], json!([{ "slug": "kamianets" }]));
}

#[tokio::test]
async fn exact_comparisons_ignore_composition() {
    let file = "{\"cities\": [{\"slug\": \"chambéry\", \"country\": \"FR\", \"names\": {\"fr\": \"Chambéry\"}, \"nationalCodes\": [{\"scheme\": \"INSEE\", \"value\": \"é7\"}]}],
        \"resolutions\": [{\"slug\": \"r\", \"subject\": \"S\", \"number\": \"É/1\"}],
        \"projects\": [{\"slug\": \"p\", \"title\": \"T\", \"series\": \"Łódzkie\", \"fund\": \"Fundusz Łódzki\", \"registrationNumber\": \"É.2\"}]}";
    let app = App::with(file).await;
    let query = "query ($slug: String!, $series: String!, $number: String!, $end: String!, $fund: String!) {
        by: city(by: { slug: $slug }) { slug }
        slugs: cities(filter: { slug: { in: [$slug] } }) { totalCount }
        series: projects(filter: { series: { eq: $series } }) { totalCount }
        fund: projects(filter: { fund: { startsWith: $fund } }) { totalCount }
        registered: projects(filter: { registrationNumber: { contains: $end } }) { totalCount }
        number: resolutions(filter: { number: { in: [$number] } }) { totalCount } }";
    let composed =
        json!({ "slug": "chambéry", "series": "Łódzkie", "number": "É/1", "end": "É", "fund": "Fundusz Łó" });
    let apart = json!({ "slug": "chambe\u{301}ry", "series": "Ło\u{301}dzkie", "number": "E\u{301}/1", "end": "E\u{301}", "fund": "Fundusz Ło\u{301}" });
    for spelling in [composed, apart] {
        let reply = app.ask(query, spelling, &[]).await;
        let one = json!({ "totalCount": 1 });
        assert_eq!(
            *reply.data(),
            json!({ "by": { "slug": "chambéry" }, "slugs": one, "series": one, "fund": one, "registered": one, "number": one })
        );
    }
}

#[tokio::test]
async fn names_folded_by_an_older_program_are_folded_again_by_migrating() {
    let app = App::with(WRITTEN).await;
    let import = pomost_tests::import(&app.store, r#"{"projects": [{"slug": "p", "title": "T", "series": "é"}]}"#);
    import.await.unwrap();
    assert_eq!(app.store.migration_state().await.unwrap().pending(), 0);
    app.sql("UPDATE data_version SET folding = 1").await;
    app.sql("UPDATE record SET sort_text = 'old', search_text = 'old'").await;
    app.sql("UPDATE project SET series = 'e\u{301}'").await;
    let state = app.store.migration_state().await.unwrap();
    assert_eq!((state.pending(), state.unknown.len()), (1, 0));
    assert!(app.store.require_migrated().await.unwrap_err().to_string().contains("pomost migrate up"));
    let version = app.store.data_version().await.unwrap();
    app.store.migrate_up().await.unwrap();
    assert_eq!(app.store.migration_state().await.unwrap().pending(), 0);
    assert_eq!(app.store.data_version().await.unwrap(), version);
    let query = "{ cities(filter: { name: { contains: \"ΠΕΙΡΑΙΑΣ\" } }) { nodes { slug } }
        projects(filter: { series: { eq: \"é\" } }) { totalCount } }";
    let reply = app.query(query).await;
    assert_eq!(
        *reply.data(),
        json!({ "cities": { "nodes": [{ "slug": "piraeus" }] }, "projects": { "totalCount": 1 } })
    );
    assert_eq!(app.store.doctor().await.unwrap(), []);
    // A newer rule belongs to a newer program.
    app.sql("UPDATE data_version SET folding = 99").await;
    assert!(app.store.require_migrated().await.unwrap_err().to_string().contains("newer than this program"));
}

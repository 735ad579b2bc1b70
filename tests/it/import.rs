//! Import and export.

use chrono::Duration;
use pomost_domain::exchange::Json;
use pomost_domain::{City, Commitment, LetterOfIntent};
use pomost_generator::{Plan, write};
use pomost_persistence::{Changes, ImportError, Mapping};
use pomost_tests::{SAMPLE, TestDb, export, import, import_with, now, sample_json};
use serde_json::{Value, json};

use crate::registry::{Registry, assert_fault, assert_faults, changes, differences, member, parse, record};

/// The record counts of the sample, including the records that others contain.
const SAMPLE_COUNTS: [(&str, u64); 16] = [
    ("cities", 10),
    ("organizations", 26),
    ("resolutions", 2),
    ("partnerships", 6),
    ("agreements", 5),
    ("lettersOfIntent", 1),
    ("projects", 23),
    ("youthExchanges", 3),
    ("businessMissions", 7),
    ("events", 14),
    ("meetings", 17),
    ("interpellations", 1),
    ("documents", 6),
    ("officials", 13),
    ("programmes", 3),
    ("named sessions", 1),
];

#[tokio::test]
async fn an_export_imports_into_the_same_export() {
    let (first, second) = (TestDb::new().await, TestDb::new().await);
    let (first, second) = (first.store().await, second.store().await);
    import(&first, SAMPLE).await.unwrap();
    let exported = export(&first).await;
    import(&second, exported.clone()).await.unwrap();
    assert_eq!(export(&second).await, exported);
}

#[tokio::test]
async fn the_sample_is_imported_completely_and_without_warnings() {
    let registry = Registry::empty().await;
    let outcome = registry.import(SAMPLE).await;
    let created: Vec<_> = outcome.changes.iter().map(|(name, changes)| (name.as_str(), changes.created)).collect();
    assert_eq!(created, SAMPLE_COUNTS);
    assert!(outcome.changes.iter().all(|(_, changes)| changes.updated + changes.unchanged == 0));
    assert_eq!((outcome.warnings.len(), outcome.updates.len()), (0, 0));
    assert_eq!(differences(sample_json(), &registry.export_json().await), Vec::<String>::new());
}

#[tokio::test]
async fn a_second_import_changes_nothing_and_reports_it() {
    let registry = Registry::with(SAMPLE).await;
    let before = registry.export().await;
    let outcome = registry.import_at(SAMPLE, now() + Duration::days(1), "another").await;
    assert!(outcome.is_unchanged(), "{:?}", outcome.updates);
    let unchanged: u64 = outcome.changes.iter().map(|(_, changes)| changes.unchanged).sum();
    assert_eq!(unchanged, 121);
    assert_eq!(registry.export().await, before);
    let city = registry.meta::<City>("karvina").await;
    assert_eq!((city.version, city.updated_at, city.updated_by.as_str()), (1, now(), "test"));
}

#[tokio::test]
async fn an_empty_object_changes_nothing() {
    let registry = Registry::with(SAMPLE).await;
    let before = registry.export().await;
    assert!(registry.import("{}").await.is_unchanged());
    assert_eq!(registry.export().await, before);
}

#[tokio::test]
async fn a_dry_run_reports_the_changes_and_writes_nothing() {
    let registry = Registry::empty().await;
    let empty = registry.export().await;
    let outcome = import_with(&registry.store, SAMPLE, true).await.unwrap();
    assert_eq!(changes(&outcome, "cities"), Changes { created: 10, updated: 0, unchanged: 0 });
    assert!(!outcome.is_unchanged());
    assert_eq!(registry.export().await, empty);

    registry.import(SAMPLE).await;
    let before = registry.export().await;
    let outcome = import_with(&registry.store, with_changed_karvina(), true).await.unwrap();
    assert_eq!(changes(&outcome, "cities"), Changes { created: 1, updated: 1, unchanged: 9 });
    assert_eq!(outcome.updates, ["cities/karvina: region, website, population"]);
    assert_eq!(registry.export().await, before);
    assert_eq!(registry.meta::<City>("karvina").await.version, 1);
}

/// The sample with two fields of a city changed, one removed, and a new city.
fn with_changed_karvina() -> String {
    let mut file = parse(SAMPLE);
    let city = record(&mut file, "cities", "karvina");
    *member(city, "website") = Json::string("https://karvina.example");
    *member(member(city, "region"), "name") = Json::string("Silesia of Moravia");
    let Json::Object(fields) = city else { panic!("no object") };
    fields.retain(|(name, _)| name != "population");
    let Json::Array(cities) = member(&mut file, "cities") else { panic!("no list") };
    cities.push(parse(r#"{"slug": "new-city", "country": "CZ", "names": {"cs": "Nové Město"}}"#));
    file.to_text()
}

#[tokio::test]
async fn a_changed_record_gets_the_next_version_and_keeps_its_creation() {
    let registry = Registry::with(SAMPLE).await;
    let first = registry.meta::<City>("karvina").await;
    let later = now() + Duration::days(1);
    let outcome = registry.import_at(&with_changed_karvina(), later, "another").await;
    assert_eq!(changes(&outcome, "cities"), Changes { created: 1, updated: 1, unchanged: 9 });
    let second = registry.meta::<City>("karvina").await;
    assert_eq!((first.version, second.version), (1, 2));
    assert_eq!((second.id, second.created_at, &second.created_by), (first.id, first.created_at, &first.created_by));
    assert_eq!((second.updated_at, second.updated_by.as_str()), (later, "another"));
    assert_eq!(registry.meta::<City>("havirov").await.version, 1);
    let changed: Value = serde_json::from_str(&with_changed_karvina()).unwrap();
    assert_eq!(differences(&changed, &registry.export_json().await), Vec::<String>::new());
}

#[tokio::test]
async fn a_commitment_that_its_letter_omits_is_withdrawn_and_can_be_restored() {
    const LETTER: &str = "loi-jz-ibbenbueren-2017";
    const PROMISE: &str = "loi-jz-ibbenbueren-2017-c2";
    let registry = Registry::with(SAMPLE).await;
    let full = registry.export().await;
    let mut file = parse(SAMPLE);
    let Json::Array(promises) = member(record(&mut file, "lettersOfIntent", LETTER), "commitments") else {
        panic!("no list")
    };
    promises.retain(|promise| promise.get("slug").and_then(Json::as_str) != Some(PROMISE));
    let without = file.to_text();

    let outcome = registry.import(without.clone()).await;
    assert_eq!(outcome.updates, [format!("lettersOfIntent/{LETTER}: commitments")]);
    let expected: Value = serde_json::from_str(&without).unwrap();
    assert_eq!(differences(&expected, &registry.export_json().await), Vec::<String>::new());
    assert!(registry.store.by_slugs(Mapping::of::<Commitment>(), &[PROMISE.to_owned()]).await.unwrap().is_empty());
    assert!(registry.import(without).await.is_unchanged());

    let later = now() + Duration::days(1);
    registry.import_at(SAMPLE, later, "another").await;
    assert_eq!(registry.export().await, full);
    assert_eq!(registry.meta::<LetterOfIntent>(LETTER).await.version, 3);
    let promise = registry.meta::<Commitment>(PROMISE).await;
    // Written, withdrawn, written again.
    assert_eq!((promise.version, promise.created_at, promise.updated_at), (3, now(), later));
}

#[tokio::test]
async fn a_commitment_can_move_to_another_letter() {
    let file = |first: &[&str], second: &[&str]| {
        let promises = |slugs: &[&str]| -> Value {
            slugs.iter().map(|slug| json!({"slug": slug, "text": format!("Promise {slug}")})).collect()
        };
        json!({
            "cities": [{"slug": "a", "country": "PL", "names": {"pl": "A"}}],
            "lettersOfIntent": [
                {"slug": "l1", "title": "One", "parties": ["a"], "commitments": promises(first)},
                {"slug": "l2", "title": "Two", "parties": ["a"], "commitments": promises(second)},
            ],
        })
    };
    let registry = Registry::with(file(&["c1", "c2"], &["c3"]).to_string()).await;
    for (first, second) in [(&["c1"][..], &["c2", "c3"][..]), (&["c2", "c1"], &["c3"]), (&[], &["c3", "c1", "c2"])] {
        let moved = file(first, second);
        registry.import(moved.to_string()).await;
        assert_eq!(differences(&moved, &registry.export_json().await), Vec::<String>::new());
        assert!(registry.import(moved.to_string()).await.is_unchanged());
    }
    assert_eq!(registry.meta::<Commitment>("c2").await.created_at, now());
    assert_eq!(registry.meta::<Commitment>("c2").await.version, 4);
}

#[tokio::test]
async fn the_order_of_collections_and_records_is_irrelevant() {
    let normal = Registry::with(SAMPLE).await.export().await;
    let Json::Object(mut collections) = parse(SAMPLE) else { panic!("no object") };
    for (_, records) in &mut collections {
        // Beside the collections is the language of their texts.
        if let Json::Array(records) = records {
            records.reverse();
        }
    }
    let records_reversed = Json::Object(collections.clone()).to_text();
    collections.reverse();
    let all_reversed = Json::Object(collections).to_text();
    for file in [records_reversed, all_reversed] {
        assert!(Registry::with(file.clone()).await.export().await == normal);
        assert!(Registry::with(SAMPLE).await.import(file).await.is_unchanged());
    }
}

#[tokio::test]
async fn references_may_point_forward_and_in_a_circle() {
    let file = json!({
        "partnerships": [
            {"slug": "p1", "cities": ["a", "b"], "succeeds": "p2", "succeededBy": "p2", "partOf": "p1"},
            {"slug": "p2", "cities": ["b", "a"], "succeeds": "p1", "succeededBy": "p1"},
        ],
        "organizations": [{"slug": "o1", "name": "One", "parent": "o2"}, {"slug": "o2", "name": "Two", "parent": "o1"}],
        "events": [{"slug": "e", "title": "Event", "meeting": "m"}],
        "meetings": [{"slug": "m", "title": "Meeting", "event": "e"}],
        "cities": [
            {"slug": "a", "country": "PL", "names": {"pl": "A"}, "mergedInto": "b"},
            {"slug": "b", "country": "PL", "names": {"pl": "B"}, "mergedInto": "a"},
        ],
    });
    let registry = Registry::with(file.to_string()).await;
    assert_eq!(differences(&file, &registry.export_json().await), Vec::<String>::new());
    assert!(registry.import(file.to_string()).await.is_unchanged());
}

#[tokio::test]
async fn references_may_lead_to_stored_records() {
    let registry = Registry::with(SAMPLE).await;
    let file =
        json!({"documents": [{"slug": "d", "title": "D", "city": "karvina", "projects": ["razem-przeciw-powodzi"]}]});
    let outcome = registry.import(file.to_string()).await;
    assert_eq!(changes(&outcome, "documents"), Changes { created: 1, updated: 0, unchanged: 0 });
    let faults = Registry::empty().await.refused(file.to_string()).await;
    assert_faults(
        &faults,
        &[
            ("/documents/0/city".to_owned(), "no city with the slug \"karvina\"".to_owned()),
            ("/documents/0/projects/0".to_owned(), "no project with the slug \"razem-przeciw-powodzi\"".to_owned()),
        ],
    );
}

#[tokio::test]
async fn exports_are_ordered_by_the_bytes_of_slugs() {
    let mut slugs = ["b", "a", "B", "_", "~", "a.b", "a-b", "a_b", "ab", "ą", "z", "ż", "日本", "Ω", "10", "9"];
    let cities: Value = slugs.iter().map(|slug| json!({"slug": slug, "country": "PL", "names": {"pl": "X"}})).collect();
    let registry = Registry::with(json!({ "cities": cities }).to_string()).await;
    let exported = registry.export_json().await;
    let found: Vec<&str> =
        exported["cities"].as_array().unwrap().iter().map(|city| city["slug"].as_str().unwrap()).collect();
    slugs.sort_unstable();
    assert_eq!(found, slugs);
}

#[tokio::test]
async fn generated_records_are_exported_unchanged() {
    let mut file = Vec::new();
    write(Plan { records: 2_000, seed: 7 }, &mut file, |_| {}).unwrap();
    let first = Registry::with(file.clone()).await;
    let exported = first.export().await;
    let generated: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(differences(&generated, &serde_json::from_str(&exported).unwrap()), Vec::<String>::new());
    assert!(first.import(file).await.is_unchanged());
    let second = Registry::with(exported.clone()).await;
    assert!(second.export().await == exported);
    assert!(second.import(exported).await.is_unchanged());
}

/// Pseudo-random numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// Damages a file in one to three places, like a broken disk or a careless editor.
    fn damage(&mut self, file: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(file.len());
            let end = (at + 1 + self.below(40)).min(file.len());
            match self.below(6) {
                0 => file[at] = u8::try_from(self.below(256)).unwrap(),
                1 => file[at] ^= 1 << self.below(7),
                2 => drop(file.drain(at..end)),
                3 => {
                    let copy = file[at..end].to_vec();
                    drop(file.splice(at..at, copy));
                }
                4 => file.insert(at, b"{}[]\",:0-\\n"[self.below(11)]),
                _ => {
                    let other = self.below(file.len());
                    file.swap(at, other);
                }
            }
        }
    }
}

#[tokio::test]
async fn damaged_files_are_refused_or_imported_completely() {
    let registry = Registry::with(SAMPLE).await;
    let mut exported = registry.export().await;
    let mut dice = Dice(20_261_122);
    let (mut refused, mut imported) = (0, 0);
    for round in 0..120 {
        let mut file = SAMPLE.as_bytes().to_vec();
        dice.damage(&mut file);
        match import(&registry.store, file.clone()).await {
            Err(ImportError::Faults { faults, .. }) => {
                refused += 1;
                assert!(!faults.is_empty(), "round {round}");
            }
            // A panic of the reader would appear as a failure to read.
            Err(other) => panic!("round {round}: {other}"),
            Ok(outcome) => {
                imported += 1;
                let before = std::mem::replace(&mut exported, registry.export().await);
                assert_eq!(outcome.is_unchanged(), exported == before, "round {round}");
                assert!(registry.import(file).await.is_unchanged(), "round {round}");
            }
        }
        // An export after every round would take too long; a partial write would still be found here.
        if round % 20 == 19 {
            assert!(registry.export().await == exported, "round {round}");
        }
    }
    assert!(refused > 40 && imported > 8, "{refused} refused, {imported} imported");
}

#[tokio::test]
async fn a_backup_is_an_equal_registry() {
    let registry = Registry::with(SAMPLE).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    let copied = registry.store.backup(&file).await;
    if pomost_tests::postgres().is_some() {
        assert!(copied.unwrap_err().to_string().contains("pg_dump"));
        return;
    }
    copied.unwrap();
    let settings = pomost_persistence::Settings::new(format!("sqlite://{}", file.display()));
    let copy = pomost_persistence::Store::open(&settings, pomost_persistence::Mode::Existing).await.unwrap();
    copy.require_migrated().await.unwrap();
    assert_eq!(pomost_tests::export(&copy).await, registry.export().await);
    assert_eq!(copy.doctor().await.unwrap(), []);
    assert!(registry.store.backup(&file).await.unwrap_err().to_string().contains("is there already"));
}

#[tokio::test]
async fn unusual_facts_are_imported_with_a_warning() {
    let sources = json!([{"url": "https://a.example", "title": "A"}]);
    let city = |slug: &str, country: &str, name: &str, place: Option<(f64, f64)>| {
        let mut city = json!({"slug": slug, "country": country, "names": {"pl": name}, "sources": sources});
        if let Some((lat, lon)) = place {
            city["coordinates"] = json!({"lat": lat, "lon": lon});
        }
        city
    };
    let with = |mut city: Value, field: &str, value: Value| {
        city[field] = value;
        city
    };
    let registry = Registry::with(SAMPLE).await;
    let mut file = json!({
        "cities": [
            city("jastrzebie", "PL", "Jastrzębie Zdrój", None),
            city("havirov-cz", "CZ", "Havirrov", None),
            city("far-karvina", "CZ", "Karviná", Some((48.0, 16.0))),
            city("next-to-karvina", "CZ", "Fryštát", Some((49.855, 18.543))),
            city("other-country", "DE", "Karviná", None),
            city("new", "PL", "Żory", None),
            with(city("a-town", "CZ", "Karviná", Some((49.86, 18.54))), "kind", json!("municipality")),
            with(city("coded", "DE", "Elsewhere", None), "nationalCodes", json!([{"scheme": "TERYT", "value": "2467011"}])),
        ],
        "partnerships": [{"slug": "p", "cities": ["karvina", "new"], "datePrecision": "year", "untilPrecision": "day", "sources": sources}],
        "agreements": [
            {"slug": "one", "title": "One party", "parties": ["new"], "sources": sources},
            {"slug": "two", "title": "Later", "parties": ["new", "karvina"], "date": "2026-12", "sources": sources},
            {"slug": "bound", "title": "Bound", "parties": ["new", "karvina"], "dateNotAfter": "1995-03", "datePrecision": "month", "sources": sources},
        ],
        "events": [
            {"slug": "later", "title": "Later", "status": "held", "startDate": "2027", "sources": sources},
            {"slug": "maybe", "title": "This year", "status": "held", "startDate": "2026", "sources": sources},
            {"slug": "announced", "title": "Later", "status": "announced", "startDate": "2027", "sources": sources},
            {"slug": "reported", "title": "Reported", "status": "reported", "startDate": "2027-01-01", "sources": sources},
            {"slug": "ends", "title": "Ends", "status": "held", "endDate": "2030", "sources": sources},
            {"slug": "lasts", "title": "Lasts", "status": "held", "startDate": "2020", "endDate": "2026", "sources": sources},
        ],
        "projects": [
            {"slug": "completed", "title": "Completed", "status": "completed", "startDate": "2020", "endDate": "2030", "sources": sources},
            {"slug": "settled", "title": "Settled", "status": "settled", "endDate": "2030", "sources": sources},
            {"slug": "running", "title": "Running", "status": "running", "endDate": "2030", "sources": sources},
        ],
        "documents": (0..9).map(|at| json!({"slug": format!("d{at}"), "title": "D"})).collect::<Vec<_>>(),
    });
    // A refused file has warnings as well.
    file["cities"][4]["seat"] = json!("no");
    let (faults, warnings) = registry.refused_with_remarks(file.to_string()).await;
    assert_eq!(faults.len(), 1, "{faults:?}");
    let mut remarked: Vec<&str> =
        warnings.iter().filter(|w| w.message.contains("probably")).map(|w| w.pointer.as_str()).collect();
    remarked.sort_unstable();
    assert_eq!(remarked, ["/cities/0", "/cities/1", "/cities/3", "/cities/6", "/cities/7"]);
    file["cities"][4].as_object_mut().unwrap().remove("seat");
    let outcome = registry.import(file.to_string()).await;
    let expected = [
        "/partnerships/0/datePrecision (p, line 1): there is no \"since\" that this is the precision of",
        "/partnerships/0/untilPrecision (p, line 1): there is no \"until\" that this is the precision of",
        "/agreements/0/parties (one, line 1): it has only one party",
        "/agreements/1/date (two, line 1): the date of signing, 2026-12, is in the future",
        "/events/0/startDate (later, line 1): its status is held, but it begins on 2027, in the future",
        "/events/3/startDate (reported, line 1): its status is held, but it begins on 2027-01-01, in the future",
        "/events/4/endDate (ends, line 1): its status is held, but it ends on 2030, in the future",
        "/projects/0/endDate (completed, line 1): its status is completed, but it ends on 2030, in the future",
        "/projects/1/endDate (settled, line 1): its status is completed, but it ends on 2030, in the future",
        "/cities/6 (a-town, line 1): it is probably the city \"karvina\"",
        "/cities/7 (coded, line 1): it is probably the city \"jastrzebie-zdroj\", which is there already (both have the code",
        "/documents/0 (d0, line 1): it has no source",
        "/documents/1 (d1, line 1): it has no source",
        "/documents/2 (d2, line 1): it has no source",
        "/documents/3 (d3, line 1): it has no source",
        "/documents/4 (d4, line 1): it has no source",
        "/documents (line 1): 4 more of the same kind: it has no source",
        "/cities/0 (jastrzebie, line 1): it is probably the city \"jastrzebie-zdroj\"",
        "/cities/1 (havirov-cz, line 1): it is probably the city \"havirov\"",
        "/cities/3 (next-to-karvina, line 1): it is probably the city \"karvina\"",
    ];
    let mut shown: Vec<String> = outcome.warnings.iter().map(ToString::to_string).collect();
    shown.sort();
    let mut wanted = expected.to_vec();
    wanted.sort_unstable();
    assert_eq!(shown.len(), wanted.len(), "{shown:#?}");
    for (shown, wanted) in shown.iter().zip(wanted) {
        assert!(shown.starts_with(wanted), "{shown}\n{wanted}");
    }
    // A stored city is not reported again as a new one.
    let again = registry.import(file.to_string()).await;
    assert!(again.is_unchanged() && !again.warnings.iter().any(|remark| remark.message.contains("probably")));
}

#[tokio::test]
async fn a_record_is_not_replaced_by_another_one_by_mistake() {
    let registry = Registry::with(SAMPLE).await;
    let before = registry.export().await;
    let file = json!({
        "cities": [{"slug": "karvina", "country": "DE", "kind": "municipality", "names": {"de": "Köln"}}],
        "partnerships": [{"slug": "ibbenbueren--prievidza", "cities": ["karvina", "havirov"]}],
    });
    let faults = registry.refused(file.to_string()).await;
    let expected = [
        ("/cities/0", "would become another one (country \"CZ\" -> \"DE\", names \"Karviná\" -> \"Köln\")"),
        ("/partnerships/0", "would become another one (cities \"ibbenbueren\" -> \"karvina\")"),
    ];
    assert_faults(&faults, &expected.map(|(pointer, words)| (pointer.to_owned(), words.to_owned())));
    assert_eq!(faults[0].slug.as_deref(), Some("karvina"));
    let replace = |dry_run| {
        let act = pomost_domain::Act { name: "import".to_owned(), by: "test".to_owned(), at: now(), reason: None };
        let options =
            pomost_persistence::ImportOptions { replace: true, dry_run, ..pomost_persistence::ImportOptions::of(act) };
        let text = file.to_string();
        let open = move || Ok(Box::new(std::io::Cursor::new(text.clone())) as Box<dyn std::io::Read + Send>);
        registry.store.import(open, options, |_| {})
    };
    let lines = [
        "cities/karvina: country \"CZ\" -> \"DE\", names \"Karviná\" -> \"Köln\"",
        "partnerships/ibbenbueren--prievidza: cities \"ibbenbueren\" -> \"karvina\"",
    ];
    assert_eq!(replace(true).await.unwrap().replaced, lines);
    assert_eq!(registry.export().await, before);
    assert_eq!(replace(false).await.unwrap().replaced, lines);
    assert_ne!(registry.export().await, before);
    // A change of only the name or only the country is a correction.
    let corrected = json!({"cities": [{"slug": "havirov", "country": "SK", "names": {"cs": "Havířov"}}]});
    registry.import(corrected.to_string()).await;
}

#[tokio::test]
async fn a_common_word_does_not_make_the_same_record() {
    let city = |country: &str, name: &str| json!({"slug": "a", "country": country, "names": {"en": name}});
    let paper = |title: &str, date: &str| json!({"slug": "a", "title": title, "date": date, "parties": ["a"]});
    let registry = Registry::empty().await;
    let first =
        json!({"cities": [city("IT", "San Remo")], "agreements": [paper("Agreement on schools", "1995-03-06")]});
    registry.import(first.to_string()).await;
    let other = json!({"cities": [city("CR", "San José")], "agreements": [paper("Agreement on roads", "2011-03-06")]});
    let faults = registry.refused(other.to_string()).await;
    let expected = [
        ("/agreements/0", "would become another one (title \"Agreement on schools\" -> \"Agreement on roads\""),
        ("/cities/0", "would become another one (country \"IT\" -> \"CR\", names \"San Remo\" -> \"San José\")"),
    ];
    assert_faults(&faults, &expected.map(|(pointer, words)| (pointer.to_owned(), words.to_owned())));
    let corrected =
        json!({"cities": [city("FR", "Sanremo")], "agreements": [paper("Agreement on the schools of both", "1996")]});
    assert_eq!(registry.import(corrected.to_string()).await.updates.len(), 2);
}

#[tokio::test]
async fn characters_are_counted_in_nfc() {
    let registry = Registry::empty().await;
    // NFC makes two characters of the first, and one of the second.
    let (longer, shorter) = ("\u{958}", "e\u{301}");
    let file = |slug: String, kind: String, name: String| {
        json!({"organizations": [{"slug": slug, "kind": kind, "name": name}]}).to_string()
    };
    for (letters, labels, texts) in [(longer, 100, 10_000), (shorter, 200, 20_000)] {
        let sound = file(letters.repeat(labels), letters.repeat(labels), letters.repeat(texts));
        registry.import(sound.clone()).await;
        assert!(registry.import(sound).await.is_unchanged());
        let faults = registry
            .refused(file(letters.repeat(labels + 1), letters.repeat(labels + 1), letters.repeat(texts + 1)))
            .await;
        let expected = [
            ("/organizations/0/kind", "longer than 200 characters"),
            ("/organizations/0/name", "longer than 20000 characters"),
            ("/organizations/0/slug", "write 1 to 200 letters"),
        ];
        assert_faults(&faults, &expected.map(|(pointer, words)| (pointer.to_owned(), words.to_owned())));
    }
    // So its own export can be imported again.
    let export = registry.export().await;
    assert!(registry.import(export.clone()).await.is_unchanged());
    assert_eq!(Registry::with(export.clone()).await.export().await, export);
}

#[tokio::test]
async fn a_separate_title_is_the_original() {
    let registry = Registry::empty().await;
    let file = |titles: Value| json!({"projects": [{"slug": "p", "title": "Umowa", "titles": titles}]}).to_string();
    for (titles, words) in [
        (json!({"pl": {"text": "Umowa", "origin": "machine"}, "de": "Vertrag"}), "\"pl\" repeats the title"),
        (json!({"pl": {"text": "Umowa", "origin": "human"}}), "\"pl\" repeats the title"),
        (json!({"pl": "Umowa", "de": {"text": "Vertrag", "origin": "original"}}), "\"de\" has the origin \"original\""),
        (json!({"de": {"text": "Vertrag", "origin": "original"}}), "\"de\" has the origin \"original\""),
        (json!({"und": "Inny", "de": "Vertrag"}), "\"und\" differs from the title"),
        (
            json!({"pl": {"text": "Umowa", "origin": "original"}, "de": {"text": "Vertrag", "origin": "original"}}),
            "several variants",
        ),
    ] {
        assert_fault(&registry.refused(file(titles)).await, "/projects/0/titles", words);
    }
    for titles in [
        json!({"de": "Vertrag"}),
        json!({"de": "Vertrag", "pl": "Umowa"}),
        json!({"de": {"text": "Umowa", "origin": "machine"}, "pl": "Umowa"}),
        json!({"und": "Inny", "pl": "Umowa"}),
        json!({"und": "Umowa", "pl": "Umowa"}),
        json!({"pl": {"text": "Umowa", "origin": "human"}, "und": {"text": "Umowa", "origin": "original"}}),
    ] {
        let file = file(titles);
        registry.import(file.clone()).await;
        let export = registry.export().await;
        assert!(registry.import(export.clone()).await.is_unchanged(), "{file}");
        let exported: Value = serde_json::from_str(&export).unwrap();
        assert_eq!(exported["projects"][0]["title"], "Umowa", "{file}");
        assert_eq!(Registry::with(export.clone()).await.export().await, export, "{file}");
    }
}

#[tokio::test]
async fn whole_numbers_are_accepted_in_every_notation() {
    let registry = Registry::empty().await;
    let numbers = ["59025.0", "6e4", "1E2", "0.0", "-0.0", "2147483647.0", "2.147483647e9", "7"];
    let values: Vec<String> = numbers.iter().map(|number| format!("{{\"value\":{number}}}")).collect();
    let file = format!(
        r#"{{"cities":[{{"slug":"a","country":"DE","names":{{"de":"A"}},"population":[{}],"formedBy":{{"year":1975.0}}}}],
            "documents":[{{"slug":"d","title":"D","printRun":1e3}}],"projects":[{{"slug":"p","title":"P","edition":2.0,"outputs":{{"x":3.0}}}}]}}"#,
        values.join(",")
    );
    registry.import(file.clone()).await;
    let exported = registry.export_json().await;
    let found: Vec<u64> =
        exported["cities"][0]["population"].as_array().unwrap().iter().map(|p| p["value"].as_u64().unwrap()).collect();
    assert_eq!(found, [59025, 60000, 100, 0, 0, 2_147_483_647, 2_147_483_647, 7]);
    assert_eq!(exported["cities"][0]["formedBy"]["year"], json!(1975));
    assert_eq!((&exported["documents"][0]["printRun"], &exported["projects"][0]["edition"]), (&json!(1000), &json!(2)));
    assert!(registry.import(file).await.is_unchanged());
    for number in ["1.5", "2147483648.0", "-1.0", "1e10", "1e-1", "9007199254740993.0"] {
        let file = format!(r#"{{"documents":[{{"slug":"d","title":"D","printRun":{number}}}]}}"#);
        assert_fault(&registry.refused(file).await, "/documents/0/printRun", "is not a count");
    }
}

#[tokio::test]
async fn stored_texts_are_composed() {
    let registry = Registry::empty().await;
    let file = |name: &str, slug: &str, series: &str| json!({"cities": [{"slug": slug, "country": "FR", "names": {"fr": name}}], "projects": [{"slug": "p", "title": name, "series": series, "cities": [slug]}]});
    let apart = file("Chambe\u{301}ry", "chambe\u{301}ry", "Zielone \u{141}o\u{301}dzkie");
    let composed = file("Chambéry", "chambéry", "Zielone Łódzkie");
    registry.import(apart.to_string()).await;
    assert_eq!(differences(&composed, &registry.export_json().await), Vec::<String>::new());
    assert!(
        registry.import(composed.to_string()).await.is_unchanged()
            && registry.import(apart.to_string()).await.is_unchanged()
    );
    // Both spellings of a slug are equal.
    let twice = json!({"cities": [composed["cities"][0], apart["cities"][0]]});
    assert_fault(&registry.refused(twice.to_string()).await, "/cities/1/slug", "is given twice");
}

#[tokio::test]
async fn a_text_has_its_origin_and_language() {
    let registry = Registry::empty().await;
    let file = json!({
        "language": "en",
        "cities": [{"slug": "a", "country": "PL", "note": "In English.", "names": {
            "de": {"text": "Aa", "origin": "official_translation"}, "pl": "A",
            "cs": {"text": "Ač", "origin": "machine", "translator": "A program", "basedOnVersion": 1}}}],
        "projects": [
            {"slug": "p", "title": "Projekt", "summary": {"pl": {"text": "Po polsku.", "translator": "Ada"}, "de": {"text": "Deutsch.", "origin": "machine"}},
             "note": {"und": "???"}},
            {"slug": "q", "title": "Projekt", "titles": {"pl": "Projekt", "en": {"text": "Project", "origin": "machine"}}},
        ],
    });
    registry.import(file.to_string()).await;
    let exported = registry.export_json().await;
    assert_eq!(differences(&file, &exported), Vec::<String>::new());
    assert!(registry.import(exported.to_string()).await.is_unchanged());
    let second = Registry::with(exported.to_string()).await;
    assert_eq!(second.export().await, registry.export().await);
    for (note, words) in [
        (json!({"pl": {"text": "A", "origin": "machine"}}), "every variant is a translation"),
        (
            json!({"pl": {"text": "A", "origin": "original"}, "de": {"text": "A", "origin": "original"}}),
            "several variants",
        ),
    ] {
        let file = json!({"organizations": [{"slug": "o", "name": "O", "note": note}]});
        assert_fault(&registry.refused(file.to_string()).await, "/organizations/0/note", words);
    }
    for (variant, pointer, words) in [
        (json!({"origin": "human"}), "", "\"text\" is missing"),
        (json!({"text": "A", "origin": "robot"}), "/origin", "\"robot\" is not in the list"),
        (json!({"text": "A", "basedOnVersion": 0}), "/basedOnVersion", "count from 1"),
        (json!({"text": "A", "by": "Ada"}), "/by", "unknown here"),
        (json!(7), "", "expected a string"),
    ] {
        let file = json!({"organizations": [{"slug": "o", "name": "O", "note": {"pl": "A", "de": variant}}]});
        assert_fault(&registry.refused(file.to_string()).await, &format!("/organizations/0/note/de{pointer}"), words);
    }
}

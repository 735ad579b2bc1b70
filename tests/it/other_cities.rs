//! Files of other cities: everything that the format allows is imported and exported again.

use pomost_tests::{SAMPLE, sample_json};
use serde_json::{Value, json};

use crate::registry::{Registry, changes, differences};

/// An invented city that uses every field and every value of the format.
const OTHER: &str = include_str!("other_city.json");

/// The values of open lists that the software does not know.
const UNSEEN: [(&str, &str); 13] = [
    ("/cities/0/alternateNames/2/kind", "nickname"),
    ("/cities/0/nationalCodes/2/scheme", "NUTS3"),
    ("/cities/5/kind", "hamlet"),
    ("/organizations/2/kind", "astronomyClub"),
    ("/partnerships/0/themes/1", "beekeeping"),
    ("/agreements/4/kind", "handshake"),
    ("/lettersOfIntent/0/commitments/1/theme", "beekeeping"),
    ("/projects/0/themes/1", "beekeeping"),
    ("/businessMissions/1/kind", "honeyTasting"),
    ("/events/1/kind", "starGazing"),
    ("/meetings/1/kind", "picnic"),
    ("/interpellations/2/kind", "petition"),
    ("/documents/1/kind", "scroll"),
];

fn other() -> Value {
    serde_json::from_str(OTHER).unwrap()
}

#[tokio::test]
async fn nothing_in_the_file_of_another_city_is_lost() {
    let registry = Registry::with(OTHER).await;
    let exported = registry.export().await;
    assert_eq!(differences(&other(), &serde_json::from_str(&exported).unwrap()), Vec::<String>::new());
    assert!(registry.import(OTHER).await.is_unchanged());
    let mirror = Registry::with(exported.clone()).await;
    assert!(mirror.export().await == exported);
}

#[tokio::test]
async fn unknown_values_of_open_lists_give_warnings() {
    let outcome = Registry::empty().await.import(OTHER).await;
    // Other warnings concern unusual facts: see the tests of imports.
    let labels = outcome.warnings.iter().filter(|warning| warning.message.contains("is not a known value"));
    let warnings: Vec<_> = labels.map(|warning| (warning.pointer.as_str(), warning.message.clone())).collect();
    let expected: Vec<_> = UNSEEN
        .map(|(at, label)| {
            (at, format!("{label:?} is not a known value: it is stored and shown as OTHER with this label"))
        })
        .into();
    assert_eq!(warnings, expected);
}

#[tokio::test]
async fn two_cities_share_one_registry() {
    let both = |a: &Value, b: &Value| -> Value {
        let names = a.as_object().unwrap().keys().chain(b.as_object().unwrap().keys());
        names
            .map(|name| {
                let records = [a, b].into_iter().flat_map(|file| file[name].as_array().into_iter().flatten().cloned());
                (name.clone(), if a[name].is_string() { a[name].clone() } else { records.collect() })
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let registry = Registry::with(SAMPLE).await;
    let outcome = registry.import(OTHER).await;
    assert!(outcome.changes.iter().all(|(_, changes)| changes.updated + changes.unchanged == 0));
    assert_eq!(differences(&both(sample_json(), &other()), &registry.export_json().await), Vec::<String>::new());
    assert!(registry.import(SAMPLE).await.is_unchanged());
    let other_way = Registry::with(OTHER).await;
    other_way.import(SAMPLE).await;
    assert!(other_way.export().await == registry.export().await);
}

#[tokio::test]
async fn any_collection_can_be_imported_alone() {
    for (name, records) in other().as_object().unwrap() {
        // Records without references outside their collection.
        let alone: Vec<Value> = match name.as_str() {
            "language" => continue,
            "cities" => records.as_array().unwrap().clone(),
            "partnerships" | "agreements" | "lettersOfIntent" => continue,
            _ => records.as_array().unwrap().iter().map(only_own_fields).collect(),
        };
        let file = json!({ name: alone });
        let registry = Registry::empty().await;
        let outcome = registry.import(file.to_string()).await;
        assert_eq!(changes(&outcome, name).created, alone.len() as u64, "{name}");
        assert_eq!(differences(&file, &registry.export_json().await), Vec::<String>::new(), "{name}");
    }
}

fn only_own_fields(record: &Value) -> Value {
    const OWN: [&str; 8] = ["slug", "title", "name", "subject", "kind", "status", "note", "sources"];
    let fields = record.as_object().unwrap().iter().filter(|(key, _)| OWN.contains(&key.as_str()));
    Value::Object(fields.map(|(key, value)| (key.clone(), value.clone())).collect())
}

#[tokio::test]
async fn an_empty_list_differs_from_a_missing_one() {
    let city = |more: Value| {
        let mut city = json!({"slug": "a", "country": "PL", "names": {"pl": "A"}});
        city.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "cities": [city] })
    };
    let registry = Registry::empty().await;
    let lists = json!({"alternateNames": [], "population": [], "nationalCodes": [], "sources": []});
    for (file, updated) in [(city(json!({})), 0), (city(lists), 1), (city(json!({"population": []})), 1)] {
        let outcome = registry.import(file.to_string()).await;
        assert_eq!(changes(&outcome, "cities").updated, updated);
        assert_eq!(differences(&file, &registry.export_json().await), Vec::<String>::new());
        assert!(registry.import(file.to_string()).await.is_unchanged());
    }
}

#[tokio::test]
async fn empty_lists_inside_records_are_preserved() {
    let file = json!({
        "projects": [{"slug": "p", "title": "P", "budget": {"currency": "EUR", "shares": []}, "partners": []}],
        "meetings": [{"slug": "m", "title": "M", "participants": {"bySide": []}, "attendees": [], "cities": []}],
    });
    let registry = Registry::with(file.to_string()).await;
    assert_eq!(differences(&file, &registry.export_json().await), Vec::<String>::new());
    let without = json!({
        "projects": [{"slug": "p", "title": "P", "budget": {"currency": "EUR"}}],
        "meetings": [{"slug": "m", "title": "M", "participants": {}}],
    });
    registry.import(without.to_string()).await;
    assert_eq!(differences(&without, &registry.export_json().await), Vec::<String>::new());
}

#[tokio::test]
async fn a_session_with_its_own_record_is_preserved() {
    let file = json!({
        "organizations": [{"slug": "o", "name": "Council"}],
        "terms": [{"slug": "t", "council": "o", "number": "VIII", "startDate": "2018-11", "datePrecision": "month"}],
        // Only a title, and a slug like those of sessions that are only named.
        "sessions": [{"slug": "session-1", "title": "Sesja I"}, {"slug": "s2", "title": "Sesja II", "term": "t", "date": "2019-01-31"}],
        "interpellations": [
            {"slug": "i1", "subject": "One", "session": "session-1"},
            {"slug": "i2", "subject": "Two", "session": "s2", "council": "o"},
            {"slug": "i3", "subject": "Three", "session": "Sesja III", "council": "o"},
            {"slug": "i4", "subject": "Four", "session": "Sesja III"},
        ],
    });
    let registry = Registry::with(file.to_string()).await;
    assert_eq!(differences(&file, &registry.export_json().await), Vec::<String>::new());
    assert!(registry.import(file.to_string()).await.is_unchanged());
}

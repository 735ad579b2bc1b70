//! Helpers for the tests of import and export.

use chrono::{DateTime, Utc};
use pomost_domain::exchange::{Fault, Json};
use pomost_domain::{Act, Fact, Meta};
use pomost_persistence::{Changes, ImportError, ImportOptions, Mapping, Outcome, Store, Stored};
use pomost_tests::{TestDb, export, import};
use serde_json::Value;

/// The registry of a test.
pub(crate) struct Registry {
    pub(crate) store: Store,
    _db: TestDb,
}

impl Registry {
    pub(crate) async fn empty() -> Self {
        let db = TestDb::new().await;
        Self { store: db.store().await, _db: db }
    }

    pub(crate) async fn with(file: impl Into<Vec<u8>>) -> Self {
        let registry = Self::empty().await;
        import(&registry.store, file).await.unwrap();
        registry
    }

    pub(crate) async fn export(&self) -> String {
        export(&self.store).await
    }

    pub(crate) async fn export_json(&self) -> Value {
        serde_json::from_str(&self.export().await).unwrap()
    }

    /// Imports a valid file.
    pub(crate) async fn import(&self, file: impl Into<Vec<u8>>) -> Outcome {
        import(&self.store, file).await.unwrap_or_else(|error| panic!("{}", explain(&error)))
    }

    /// Imports a file as an author at a time.
    pub(crate) async fn import_at(&self, file: &str, now: DateTime<Utc>, by: &str) -> Outcome {
        let file = file.as_bytes().to_vec();
        let open = move || Ok(Box::new(std::io::Cursor::new(file.clone())) as Box<dyn std::io::Read + Send>);
        let act = Act { name: "import".to_owned(), by: by.to_owned(), at: now, reason: None };
        let options = ImportOptions::of(act);
        self.store.import(open, options, |_| {}).await.unwrap_or_else(|error| panic!("{}", explain(&error)))
    }

    /// The faults of a file that must be refused without a write.
    pub(crate) async fn refused(&self, file: impl Into<Vec<u8>>) -> Vec<Fault> {
        self.refused_with_remarks(file).await.0
    }

    /// The faults of such a file, and its warnings.
    pub(crate) async fn refused_with_remarks(&self, file: impl Into<Vec<u8>>) -> (Vec<Fault>, Vec<Fault>) {
        let before = self.export().await;
        let (faults, warnings) = match import(&self.store, file).await {
            Err(ImportError::Faults { faults, warnings }) => (faults, warnings),
            Err(other) => panic!("not a fault of the file: {other}"),
            Ok(outcome) => panic!("accepted: {outcome:?}"),
        };
        assert!(self.export().await == before, "a refused file was partly written: {faults:?}");
        (faults, warnings)
    }

    /// The shared fields of a record.
    pub(crate) async fn meta<T: Fact + Stored>(&self, slug: &str) -> Meta {
        let found = self.store.by_slugs(Mapping::of::<T>(), &[slug.to_owned()]).await.unwrap();
        found.first().unwrap_or_else(|| panic!("no {slug}")).shared().clone()
    }
}

fn explain(error: &ImportError) -> String {
    match error {
        ImportError::Faults { faults, .. } => faults.iter().map(|fault| format!("{fault}\n")).collect(),
        other => other.to_string(),
    }
}

/// Asserts that these are the faults, each with its pointer and words of its message.
#[track_caller]
pub(crate) fn assert_faults(found: &[Fault], expected: &[(String, String)]) {
    let mut wrong = Vec::new();
    for place in 0..found.len().max(expected.len()) {
        let (fault, wanted) = (found.get(place), expected.get(place));
        let fits = fault
            .zip(wanted)
            .is_some_and(|(fault, (pointer, words))| fault.pointer == *pointer && fault.message.contains(words));
        if !fits {
            let found = fault.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            wrong.push(format!("{place}: expected {wanted:?}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Asserts that a file has exactly one fault.
#[track_caller]
pub(crate) fn assert_fault(found: &[Fault], pointer: &str, words: &str) {
    assert_faults(found, &[(pointer.to_owned(), words.to_owned())]);
}

/// The counts of one collection.
pub(crate) fn changes(outcome: &Outcome, collection: &str) -> Changes {
    outcome.changes.iter().find(|(name, _)| *name == collection).map(|(_, changes)| *changes).unwrap_or_default()
}

/// A file, with the order of its keys.
pub(crate) fn parse(file: &str) -> Json {
    serde_json::from_str(file).unwrap()
}

/// A record of a file.
pub(crate) fn record<'a>(file: &'a mut Json, collection: &str, slug: &str) -> &'a mut Json {
    let Json::Array(records) = member(file, collection) else { panic!("{collection} is not a list") };
    records.iter_mut().find(|record| record.get("slug").and_then(Json::as_str) == Some(slug)).unwrap()
}

/// A member of an object.
pub(crate) fn member<'a>(object: &'a mut Json, key: &str) -> &'a mut Json {
    let Json::Object(members) = object else { panic!("{key}: not an object") };
    &mut members.iter_mut().find(|(name, _)| name == key).unwrap().1
}

/// The values of a file that an export lacks, and the values that it adds. The order of keys and of records is irrelevant;
/// the order of every other list is not.
pub(crate) fn differences(file: &Value, exported: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let nothing = Value::Array(Vec::new());
    let (file, exported) = (file.as_object().unwrap(), exported.as_object().unwrap());
    // The language of plain texts is not a record.
    let is_list = |name: &&String| name.as_str() != "language";
    if file.get("language") != exported.get("language") {
        found.push(format!("/language: {:?} became {:?}", file.get("language"), exported.get("language")));
    }
    for collection in file.keys().chain(exported.keys().filter(|name| !file.contains_key(*name))).filter(is_list) {
        let records = |all: &serde_json::Map<String, Value>| by_slug(all.get(collection).unwrap_or(&nothing));
        compare(&format!("/{collection}"), &records(file), &records(exported), &mut found);
    }
    found
}

fn by_slug(records: &Value) -> Value {
    let records = records.as_array().unwrap();
    Value::Object(records.iter().map(|record| (record["slug"].as_str().unwrap().to_owned(), record.clone())).collect())
}

fn compare(at: &str, file: &Value, exported: &Value, found: &mut Vec<String>) {
    match (file, exported) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let at = format!("{at}/{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => compare(&at, a, b, found),
                    (before, after) => found.push(format!("{at}: {before:?} became {after:?}")),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (place, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{at}/{place}"), a, b, found);
            }
        }
        // `52` and `52.0` are the same number.
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{at}: {a} became {b}")),
    }
}

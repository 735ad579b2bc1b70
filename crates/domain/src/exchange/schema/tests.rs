//! The JSON Schema and the import give the same verdict on every value. The test puts valid values, invalid values and
//! border cases at each place of each record and compares both. Conditions between values (a date before another, sums, the
//! digits of a code in its register) are not part of the schema.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::*;
use crate::exchange::{Reading, read};

/// A schema with resolved references.
struct Schema(Value);

impl Schema {
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|to| to.strip_prefix(PREFIX)) {
            Some(name) => &self.0["$defs"][name],
            None => schema,
        }
    }

    /// The smallest value that a schema accepts.
    #[expect(clippy::self_only_used_in_recursion, reason = "it is a method like the others")]
    fn least(&self, schema: &Value) -> Value {
        match schema["$ref"].as_str().and_then(|to| to.strip_prefix(PREFIX)) {
            Some("text" | "texts" | "label") => return json!("x"),
            Some("languages") => return json!({ "pl": "x" }),
            Some("language") => return json!("pl"),
            Some("slug" | "reference") => return json!("a"),
            Some("date" | "day") => return json!("0001-01-01"),
            Some("count") => return json!(1),
            Some("country") => return json!("PL"),
            // A currency with the maximum of four decimals.
            Some("currency") => return json!("CLF"),
            Some("amount") => return json!("1.5"),
            _ => {}
        }
        if let Some(first) = schema["enum"].as_array().and_then(|labels| labels.first()) {
            return first.clone();
        }
        if let Some(first) = schema["anyOf"].as_array().and_then(|any| any.first())
            && schema.get("type").is_none()
        {
            return self.least(first);
        }
        match schema["type"].as_str() {
            Some("object") => {
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let member = |name: &str| (name.to_owned(), self.least(&schema["properties"][name]));
                // Of several alternatives, the first.
                let any = schema["anyOf"].as_array().and_then(|any| any.first()).map(|any| &any["required"][0]);
                Value::Object(required.chain(any.and_then(Value::as_str)).map(member).collect())
            }
            Some("array") => {
                let number = schema["minItems"].as_u64().unwrap_or(0);
                (0..number)
                    .map(|at| if at == 0 { self.least(&schema["items"]) } else { json!(format!("b{at}")) })
                    .collect()
            }
            Some("boolean") => json!(true),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
            _ => json!("x"),
        }
    }

    /// Values for a schema: each tests one place.
    fn tried(&self, schema: &Value, seen: &mut Vec<String>, add: &mut dyn FnMut(Value)) {
        // A shared definition is tested in full at its first use only.
        let name = schema["$ref"].as_str().map(str::to_owned);
        let is_known = name.as_ref().is_some_and(|name| seen.contains(name));
        seen.extend(name.filter(|_| !is_known));
        others().into_iter().for_each(&mut *add);
        let few = |list: &[&str]| list.iter().map(|text| json!(text)).collect::<Vec<_>>();
        for value in if is_known { few(&TEXTS[..8]) } else { few(TEXTS) } {
            add(value);
        }
        if is_known {
            return;
        }
        long_texts().into_iter().for_each(&mut *add);
        let schema = self.resolved(schema);
        for any in schema["anyOf"].as_array().filter(|_| schema.get("type").is_none()).into_iter().flatten() {
            self.tried(any, seen, add);
        }
        let least = self.least(schema);
        if let Some(properties) = schema["properties"].as_object() {
            for (name, property) in properties {
                // The city that ends an agreement is one of its parties.
                if name == "city" && properties.contains_key("resolution") {
                    continue;
                }
                let mut beside = least.as_object().cloned().unwrap_or_default();
                beside.extend(needed_beside(name));
                let mut put = |value: Value| {
                    let mut members = beside.clone();
                    members.insert(name.clone(), value);
                    add(Value::Object(members));
                };
                put(self.least(property));
                self.tried(property, seen, &mut put);
            }
        }
        if let Some(items) = schema.get("items") {
            let items_before = least.as_array().cloned().unwrap_or_default();
            let mut put = |value: Value| {
                let mut list = items_before.clone();
                list.push(value);
                add(Value::Array(list));
            };
            self.tried(items, seen, &mut put);
        }
        if let Some(any) = schema.get("additionalProperties").filter(|any| any.is_object()) {
            self.tried(any, seen, &mut |value| add(json!({ "en": self.least(any), "pl": value })));
            for name in TEXTS {
                add(Value::Object(Map::from_iter([((*name).to_owned(), self.least(any))])));
            }
        }
    }
}

/// The fields that a field requires although the schema does not say so.
fn needed_beside(field: &str) -> Map<String, Value> {
    let beside = match field {
        "supplements" => json!({ "answer": { "summary": "x" } }),
        _ => json!({}),
    };
    beside.as_object().cloned().unwrap_or_default()
}

const TEXTS: &[&str] = &[
    "",
    "a",
    "\u{200b}",
    "1996-02-29",
    "a\u{ffff}",
    "PL",
    "a b",
    "12.50",
    // Invisible and visible texts.
    " ",
    "\n",
    "\u{a0}",
    "\u{301}",
    "a\u{301}",
    "q\u{301}",
    "\u{93f}",
    "क\u{94d}ष",
    "\u{3164}",
    "\u{2800}",
    "\u{2028}",
    "\u{ad}",
    "🐝",
    "\u{e000}",
    // Characters that texts may not contain.
    "a\0",
    "a\u{7f}",
    "a\u{85}",
    "a\tb\nc\r",
    "a\u{fdd0}",
    "\u{1fffe}b",
    "a\u{fffd}",
    // Directions.
    "\u{202e}a",
    "\u{202e}a\u{202c}",
    "a\u{202c}",
    "\u{2066}a\u{202c}\u{2069}",
    "\u{2066}\u{202a}a\u{202c}\u{2069}",
    "\u{202a}\u{2067}a\u{202c}\u{2069}",
    "\u{2068}\u{2068}\u{2068}a\u{2069}\u{2069}\u{2069}",
    "\u{2068}\u{2068}\u{2068}\u{2068}a\u{2069}\u{2069}\u{2069}\u{2069}",
    // Slugs.
    ".",
    "..",
    "...",
    "..a",
    "a.b",
    "-_~",
    "a/b",
    "a?b",
    "erased-a",
    "Erased-a",
    "karvina\u{301}",
    "दिल्ली",
    "日本",
    "²",
    "\u{301}a",
    // Dates.
    "1995",
    "0000",
    "0001",
    "9999",
    "995",
    "1995-00",
    "1995-12",
    "1995-13",
    "1995-1",
    "1995-02-28",
    "1995-02-29",
    "1900-02-29",
    "2000-02-29",
    "0004-02-29",
    "0000-02-29",
    "1995-04-30",
    "1995-04-31",
    "1995-12-31",
    "1995-12-32",
    "1995-12-00",
    "1995-6-3",
    "../1995",
    "-0001",
    "1995-06-30 ",
    "１９９５",
    // Codes.
    "pl",
    "XK",
    "UK",
    "ZZ",
    "POL",
    "EUR",
    "eur",
    "XXX",
    "ABC",
    // Amounts.
    "0",
    "7",
    "-1",
    "-0",
    "1.",
    ".5",
    "1.2345",
    "1.23456",
    "1,5",
    "99999999999999.9999",
    "999999999999999",
    "1e3",
    // Language tags.
    "p",
    "und",
    "DE-at",
    "de_AT",
    "zh-Hant-TW",
    "zh-Hant-TW-x-own",
    "sl-rozaj-biske",
    "de-1996",
    "de-CH-1996-x-a1-b2",
    "es-419",
    "es-4190",
    "de-u-co-phonebk",
    "en-t-de",
    "en-a-bcd",
    "x-own",
    "de-x",
    "de-",
    "-de",
    "de--AT",
    "root",
    "polish language",
    "abcdefgh",
    "abcdefghi",
    "i-klingon",
    // Labels.
    "year",
    "machine",
    "MACHINE",
    "officialTranslation",
    "held",
    "city",
    "lead",
];

/// Texts of the maximum length and longer. The length counts characters in the form of the file.
fn long_texts() -> Vec<Value> {
    let text = |length: usize| json!("ż".repeat(length));
    let lengths = [MAX_SLUG, MAX_SLUG + 1, MAX_LABEL, MAX_LABEL + 1, MAX_TEXT, MAX_TEXT + 1];
    let mut texts: Vec<Value> = lengths.into_iter().map(text).collect();
    texts.push(json!("z\u{307}".repeat(MAX_LABEL / 2)));
    texts.push(json!("z\u{307}".repeat(MAX_LABEL / 2 + 1)));
    texts.push(json!("z\u{307}".repeat(MAX_LABEL + 1)));
    texts.push(json!("\u{958}".repeat(MAX_LABEL / 2)));
    texts.push(json!("\u{958}".repeat(MAX_LABEL / 2 + 1)));
    texts
}

/// Values that are not texts.
fn others() -> Vec<Value> {
    let numbers = "0 -0 -0.0 1 1.0 1.5 -1 59025.0 6e4 1E2 0.85 1.0000001 1e-7 90 -90 90.5 180 -180.5 1975 1975.0 9999 10000 \
        2147483647 2147483647.0 2147483648 2.147483648e9 4294967296 9007199254740993 18446744073709551615 1e30 -1e30 1e300";
    let texts = "null true false [] {} [null] [1] [[]] {\"a\":1} {\"pl\":null} {\"pl\":1.0} {\"pl\":{}} [\"a\",\"a\"] [\"a\",\"c\"]";
    numbers.split_whitespace().chain(texts.split(' ')).map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// The faults that an import finds in a record of a collection.
fn faults(collection: &str, record: &Value) -> Vec<String> {
    let json: Json = serde_json::from_str(&record.to_string()).unwrap();
    let mut run = Reading::default();
    macro_rules! dispatch {
        ($($fact:ty,)+) => {
            match collection {
                $(<$fact as Exchanged>::COLLECTION => drop(read::<$fact>(json, String::new(), &mut run)),)+
                _ => panic!("{collection}"),
            }
        };
    }
    for_each_collection!(dispatch);
    run.faults.iter().map(ToString::to_string).collect()
}

/// A value with its texts in NFC.
fn composed(value: &Value) -> Value {
    let nfc = |text: &str| characters::nfc(text).into_owned();
    match value {
        Value::String(text) => Value::String(nfc(text)),
        Value::Array(items) => items.iter().map(composed).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (nfc(key), composed(value))).collect(),
        other => other.clone(),
    }
}

/// The differences between both verdicts.
#[derive(Default)]
struct Verdicts {
    right: u32,
    wrong: u32,
    differences: Vec<String>,
}

impl Verdicts {
    fn compare(&mut self, validator: &Validator, collection: &str, record: &Value) {
        // The schema describes texts in NFC.
        let taken = validator.is_valid(&composed(record));
        let faults = faults(collection, record);
        if taken {
            self.right += 1;
        } else {
            self.wrong += 1;
        }
        if taken != faults.is_empty() {
            let shown: String = record.to_string().chars().take(300).collect();
            self.differences
                .push(format!("{collection} {shown}: the schema accepts it: {taken}, the import: {faults:?}"));
        }
    }

    fn assert(self) {
        let shown = &self.differences[..self.differences.len().min(20)];
        assert!(shown.is_empty(), "{} differences:\n{}", self.differences.len(), shown.join("\n"));
        assert!(self.right > 500 && self.wrong > 500, "{} right, {} wrong", self.right, self.wrong);
    }
}

fn schema() -> Schema {
    Schema(serde_json::from_str(&json_schema().to_text()).unwrap())
}

/// A validator of the records of a collection.
fn validator(schema: &Schema, collection: &str) -> Validator {
    let mut records = schema.0["properties"][collection]["items"].clone();
    records["$defs"] = schema.0["$defs"].clone();
    jsonschema::draft202012::new(&records).unwrap()
}

#[test]
fn schema_and_import_agree_on_every_value() {
    let schema = schema();
    let mut verdicts = Verdicts::default();
    let mut seen = Vec::new();
    for (collection, list) in schema.0["properties"].as_object().unwrap() {
        let Some(records) = list.get("items") else { continue };
        let validator = validator(&schema, collection);
        let least = schema.least(records);
        assert_eq!(faults(collection, &least), Vec::<String>::new(), "{collection} {least}");
        schema.tried(records, &mut seen, &mut |record| verdicts.compare(&validator, collection, &record));
    }
    verdicts.assert();
}

/// Pseudo-random numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn text(&mut self, letters: &[char]) -> String {
        (0..=self.below(8)).map(|_| letters[self.below(letters.len())]).collect()
    }
}

#[test]
fn schema_and_import_agree_on_texts_of_any_characters() {
    let schema = schema();
    let validator = validator(&schema, "organizations");
    let mut dice = Dice(20_261_128);
    let mut verdicts = Verdicts::default();
    let odd: Vec<char> =
        "a \u{200b}\u{301}\u{3164}\u{202a}\u{202e}\u{202c}\u{2066}\u{2068}\u{2069}\u{ffff}\n\0б".chars().collect();
    let slugs: Vec<char> = "a.-_~9żé\u{301}\u{94d}क日/ ²ª\u{200d}".chars().collect();
    let dates: Vec<char> = "0123456789--".chars().collect();
    for _ in 0..4_000 {
        let date = format!("{:04}-{:02}-{:02}", dice.below(10_000), dice.below(14), dice.below(33));
        for record in [
            json!({ "slug": "a", "name": dice.text(&odd) }),
            json!({ "slug": dice.text(&slugs), "name": "x" }),
            json!({ "slug": "a", "name": "x", "founded": dice.text(&dates) }),
            json!({ "slug": "a", "name": "x", "founded": date }),
        ] {
            verdicts.compare(&validator, "organizations", &record);
        }
    }
    verdicts.assert();
}

#[test]
fn schema_and_import_agree_on_every_character_of_slugs_and_texts() {
    let schema = schema();
    let validator = validator(&schema, "organizations");
    let mut verdicts = Verdicts::default();
    // All of the first plane, and every 97th of the others.
    let rest = ('\u{10000}'..=char::MAX).step_by(97);
    for c in ('\0'..='\u{ffff}').step_by(3).chain('\0'..='\u{3000}').chain(rest) {
        verdicts.compare(&validator, "organizations", &json!({ "slug": format!("a{c}"), "name": format!("{c}") }));
    }
    verdicts.assert();
}

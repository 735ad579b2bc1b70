//! Reads a file record by record, so that memory does not grow with its size.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;

use super::foreign::foreign;
use super::json::Json;
use super::run::{Fault, escape};
use super::start::begin;
use super::value::expected;
use crate::text::Locale;

/// The member of a file that states the language of its plain texts.
pub(super) const LANGUAGE: &str = "language";

/// The member of a file that names its schema for editors.
const SCHEMA: &str = "$schema";

/// The consumer of the records of a file.
pub trait Visit {
    /// Receives the language of the texts that are plain strings. It may come after records.
    fn language(&mut self, language: Locale);
    /// True if the collection is known.
    fn knows(&self, collection: &str) -> bool;
    /// Receives a record. `false` stops the reading.
    fn record(&mut self, collection: &str, place: usize, json: Json) -> bool;
    /// Receives a fault in the structure of the file.
    fn fault(&mut self, fault: Fault);
}

/// A file that cannot be read to its end.
#[derive(Debug)]
pub struct StreamFault(pub Fault);

/// Reads the files of the exchange format.
#[derive(Debug)]
pub struct Reader;

impl Reader {
    /// Passes every record of a file to `visit`.
    ///
    /// # Errors
    /// The file is not JSON, is truncated, is not UTF-8 or cannot be read; the fault contains the position.
    pub fn read(input: impl Read, visit: &mut impl Visit) -> Result<(), StreamFault> {
        let mut place = Place::default();
        let (start, input) = begin(input)
            .map_err(|error| StreamFault(Fault::new(String::new(), format!("the file cannot be read: {error}"))))?;
        if let Some(message) = foreign(&start) {
            return Err(StreamFault(Fault::new(String::new(), message)));
        }
        let mut deserializer = Deserializer::from_reader(input);
        let read =
            FileSeed { visit, place: &mut place }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
        match read {
            Ok(()) => Ok(()),
            Err(_) if place.stopped => Ok(()),
            Err(error) => {
                let line = u64::try_from(error.line()).ok().filter(|line| *line > 0);
                Err(StreamFault(Fault { line, ..Fault::new(place.pointer(), explain(&error)) }))
            }
        }
    }
}

fn explain(error: &serde_json::Error) -> String {
    let at = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    if error.is_eof() {
        format!("the file is truncated at {at}: download or write it again")
    } else if text.contains("invalid unicode code point") {
        format!(
            "the text is not valid UTF-8 at {at}: the file seems to be in an older encoding, such as ISO 8859-1 (Latin-1) or \
             Windows-1250; save it as UTF-8"
        )
    } else if text.contains("lone leading surrogate") || text.contains("unexpected end of hex escape") {
        format!(
            "the text contains half of a surrogate pair at {at}: write both halves, such as \\ud83c\\udf09, or the character"
        )
    } else if error.is_io() {
        format!("the file cannot be read: {error}")
    } else if error.is_data() {
        format!("this is not a file of the exchange format: {text}")
    } else {
        format!("this is not valid JSON: {text}")
    }
}

#[derive(Default)]
struct Place {
    collection: Option<String>,
    record: Option<usize>,
    stopped: bool,
}

impl Place {
    fn pointer(&self) -> String {
        match (&self.collection, self.record) {
            (Some(collection), Some(record)) => format!("/{}/{record}", escape(collection)),
            (Some(collection), None) => format!("/{}", escape(collection)),
            _ => String::new(),
        }
    }
}

struct FileSeed<'a, V> {
    visit: &'a mut V,
    place: &'a mut Place,
}

impl<'de, V: Visit> DeserializeSeed<'de> for FileSeed<'_, V> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, V: Visit> Visitor<'de> for FileSeed<'_, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of collections, such as {\"cities\": [...]}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        let message = "expected an object of collections, found a list: put the list under the name of its collection, such \
                       as {\"cities\": [...]},";
        Err(A::Error::custom(message))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            self.place.collection = Some(name.clone());
            self.place.record = None;
            let pointer = self.place.pointer();
            if seen.contains(&name) {
                let what = if [LANGUAGE, SCHEMA].contains(&name.as_str()) { "field" } else { "collection" };
                self.visit.fault(Fault::new(pointer, format!("the {what} {name:?} occurs twice: remove one")));
                map.next_value::<IgnoredAny>()?;
            } else if name == LANGUAGE {
                match map.next_value::<Json>()? {
                    Json::String(tag) => match tag.parse() {
                        Ok(language) => self.visit.language(language),
                        Err(wrong) => self.visit.fault(Fault::new(pointer, wrong.to_string())),
                    },
                    other => self.visit.fault(Fault::new(pointer, expected("a language tag such as \"en\"", &other))),
                }
            } else if name == SCHEMA {
                let found = map.next_value::<Json>()?;
                if !matches!(found, Json::String(_)) {
                    let message = expected("the address of the schema, a string", &found);
                    self.visit.fault(Fault::new(pointer, message));
                }
            } else if !self.visit.knows(&name) {
                let known = super::collections().join(", ");
                let message = format!("the collection {name:?} is unknown; use one of: {known}");
                self.visit.fault(Fault::new(pointer, message));
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(CollectionSeed { name: &name, visit: &mut *self.visit, place: &mut *self.place })?;
            }
            seen.push(name);
            self.place.collection = None;
            self.place.record = None;
        }
        Ok(())
    }
}

struct CollectionSeed<'a, V> {
    name: &'a str,
    visit: &'a mut V,
    place: &'a mut Place,
}

impl<'de, V: Visit> DeserializeSeed<'de> for CollectionSeed<'_, V> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, V: Visit> Visitor<'de> for CollectionSeed<'_, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of records in {:?}", self.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for place in 0.. {
            self.place.record = Some(place);
            let Some(json) = seq.next_element::<Json>()? else { break };
            if !self.visit.record(self.name, place, json) {
                self.place.stopped = true;
                return Err(A::Error::custom("stopped"));
            }
        }
        self.place.record = None;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.no_list("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.no_list("null: leave the collection out")
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.no_list("a boolean")
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.no_list("a number")
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.no_list("a number")
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.no_list("a number")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.no_list(Json::string(text).describe())
    }
}

impl<V: Visit> CollectionSeed<'_, V> {
    /// Always succeeds: the rest of the file can still be read.
    #[expect(clippy::unnecessary_wraps, reason = "the visits of serde end with it")]
    fn no_list<E: Error>(self, found: &str) -> Result<(), E> {
        let message = format!("expected a list of records, found {found}");
        self.visit.fault(Fault::new(self.place.pointer(), message));
        Ok(())
    }
}

//! Reads a file record by record, so that its size does not matter.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;

use super::form::Fault;
use super::json::Json;

/// What is done with each record of a file.
pub trait Visit {
    /// Whether a collection is known.
    fn knows(&self, collection: &str) -> bool;
    /// Takes a record. `false` stops the reading.
    fn record(&mut self, collection: &str, place: usize, json: Json) -> bool;
    /// Takes a mistake in the shape of the file.
    fn fault(&mut self, fault: Fault);
}

/// A file that cannot be read to its end.
#[derive(Debug)]
pub struct StreamFault(pub Fault);

/// Reads the files of the exchange format.
#[derive(Debug)]
pub struct Reader;

impl Reader {
    /// Gives every record of a file to `visit`.
    ///
    /// # Errors
    /// The file is no JSON, is cut off, is not UTF-8 or cannot be read; the fault says where.
    pub fn read(input: impl Read, visit: &mut impl Visit) -> Result<(), StreamFault> {
        let mut place = Place::default();
        let mut deserializer = Deserializer::from_reader(input);
        let read =
            FileSeed { visit, place: &mut place }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
        match read {
            Ok(()) => Ok(()),
            Err(_) if place.stopped => Ok(()),
            Err(error) => Err(StreamFault(Fault { pointer: place.pointer(), message: explain(&error) })),
        }
    }
}

fn explain(error: &serde_json::Error) -> String {
    let at = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    if error.is_eof() {
        format!("the file ends in the middle, at {at}: it was cut off, get it again")
    } else if text.contains("invalid unicode code point")
        || text.contains("lone leading surrogate")
        || text.contains("unexpected end of hex escape")
    {
        format!("the text is not valid UTF-8 at {at}: save the file as UTF-8")
    } else if error.is_io() {
        format!("the file cannot be read: {error}")
    } else {
        format!("this is no valid JSON: {text}")
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
            (Some(collection), Some(record)) => format!("/{collection}/{record}"),
            (Some(collection), None) => format!("/{collection}"),
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
        deserializer.deserialize_map(self)
    }
}

impl<'de, V: Visit> Visitor<'de> for FileSeed<'_, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of collections, such as {\"cities\": [...]}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            self.place.collection = Some(name.clone());
            self.place.record = None;
            let pointer = self.place.pointer();
            if !self.visit.knows(&name) {
                let known = super::collections().join(", ");
                let message = format!("the collection {name:?} is not known; known are: {known}");
                self.visit.fault(Fault { pointer, message });
                map.next_value::<IgnoredAny>()?;
            } else if seen.contains(&name) {
                self.visit.fault(Fault { pointer, message: format!("the collection {name:?} is given twice") });
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(CollectionSeed { name: &name, visit: &mut *self.visit, place: &mut *self.place })?;
            }
            seen.push(name);
        }
        self.place.collection = None;
        self.place.record = None;
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
        let message = "expected a list of records, found an object".to_owned();
        self.visit.fault(Fault { pointer: self.place.pointer(), message });
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        let message = "expected a list of records, found null: leave the collection out".to_owned();
        self.visit.fault(Fault { pointer: self.place.pointer(), message });
        Ok(())
    }
}

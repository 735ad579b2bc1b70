//! Finds the position of faults in a file: the slugs of their records, and their lines.
//!
//! A file is read a second time only if it has faults, and only the records with faults are parsed for it.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;

use super::json::Json;
use super::run::{Fault, escape};
use super::start::begin;

/// Sets the slug and the line of each fault that has none. A fault that is not found remains unchanged.
pub fn locate(input: impl Read, faults: &mut [Fault]) {
    let mut wanted: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, fault) in faults.iter().enumerate().filter(|(_, fault)| fault.line.is_none()) {
        wanted.entry(record_of(&fault.pointer).to_owned()).or_default().push(at);
    }
    let Ok((_, input)) = begin(input) else { return };
    let line = Rc::new(Cell::new(1));
    let input = Lines { input, next: 1, line: Rc::clone(&line) };
    let mut search = Search { wanted, faults, line, path: String::new() };
    // A truncated file is searched up to its end.
    let _ = FileSeed(&mut search).deserialize(&mut Deserializer::from_reader(input));
}

/// The part of a pointer that names a record, or a member of the file.
fn record_of(pointer: &str) -> &str {
    pointer.match_indices('/').nth(2).map_or(pointer, |(end, _)| &pointer[..end])
}

/// Counts the lines of what was read last, without trailing spaces. The JSON reader is never more than one byte ahead.
struct Lines<R> {
    input: R,
    next: u64,
    line: Rc<Cell<u64>>,
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        for byte in &buffer[..length] {
            match byte {
                b'\n' => self.next += 1,
                b' ' | b'\t' | b'\r' => {}
                _ => self.line.set(self.next),
            }
        }
        Ok(length)
    }
}

struct Search<'a> {
    /// Faults by the record or the member of the file that they refer to.
    wanted: HashMap<String, Vec<usize>>,
    faults: &'a mut [Fault],
    line: Rc<Cell<u64>>,
    path: String,
}

impl Search<'_> {
    fn within<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(part);
        let done = read(self);
        self.path.truncate(length);
        done
    }

    /// Stores the results of a record, or of a member that is not a list.
    fn note(&mut self, found: &Found) {
        for at in self.wanted.remove(&self.path).unwrap_or_default() {
            let fault = &mut self.faults[at];
            // A missing value has the line of the value that should contain it.
            let mut pointer = fault.pointer.as_str();
            while pointer.len() > self.path.len() && !found.lines.contains_key(pointer) {
                pointer = pointer.rfind('/').map_or("", |end| &pointer[..end]);
            }
            fault.line = found.lines.get(pointer).copied();
            fault.slug.clone_from(&found.slug);
        }
    }
}

/// The lines of all values of a record, and its slug.
#[derive(Default)]
struct Found {
    lines: HashMap<String, u64>,
    slug: Option<String>,
}

struct FileSeed<'a, 'b>(&'a mut Search<'b>);

impl<'de> DeserializeSeed<'de> for FileSeed<'_, '_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FileSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of collections")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.0.within(&escape(&name), |search| {
                let mut found = Found::default();
                // A collection that is not a list has the line on which it begins.
                found.lines.insert(search.path.clone(), search.line.get());
                search.note(&found);
                map.next_value_seed(CollectionSeed(search))
            })?;
        }
        Ok(())
    }
}

struct CollectionSeed<'a, 'b>(&'a mut Search<'b>);

impl<'de> DeserializeSeed<'de> for CollectionSeed<'_, '_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CollectionSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for place in 0.. {
            let more = self.0.within(&place.to_string(), |search| {
                if !search.wanted.contains_key(&search.path) {
                    return Ok(seq.next_element::<IgnoredAny>()?.is_some());
                }
                let (path, mut found) = (search.path.clone(), Found::default());
                let value = ValueSeed { found: &mut found, line: &search.line, path: path.clone(), record: &path };
                let more = seq.next_element_seed(value)?.is_some();
                search.note(&found);
                Ok(more)
            })?;
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// Any value of a record.
struct ValueSeed<'a> {
    found: &'a mut Found,
    line: &'a Cell<u64>,
    path: String,
    record: &'a str,
}

impl ValueSeed<'_> {
    #[expect(clippy::unnecessary_wraps, reason = "the visits of serde end with it")]
    fn note<E: Error>(self) -> Result<(), E> {
        self.found.lines.insert(self.path, self.line.get());
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { found, line, path, record } = self;
        found.lines.insert(path.clone(), line.get());
        while let Some(key) = map.next_key::<String>()? {
            let path = format!("{path}/{}", escape(&key));
            map.next_value_seed(ValueSeed { found: &mut *found, line, path, record })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { found, line, path, record } = self;
        found.lines.insert(path.clone(), line.get());
        for place in 0.. {
            let path = format!("{path}/{place}");
            if seq.next_element_seed(ValueSeed { found: &mut *found, line, path, record })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        // If a record has several slugs, the first one counts.
        if self.path.strip_prefix(self.record) == Some("/slug")
            && self.found.slug.is_none()
            && Json::string(text).huge().is_none()
        {
            self.found.slug = Some(text.to_owned());
        }
        self.note()
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.note()
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.note()
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.note()
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.note()
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.note()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_get_the_slug_of_their_record_and_their_line() {
        let file = "\u{feff}{\n \"cities\": [\n  {\"slug\": \"a\"},\n  {\n   \"names\": {\n    \"pl\": \"B\",\n    \"x/y\": 7\n   },\n   \"population\": [\n    {\"value\": 1},\n    {\n     \"value\": 2\n    }\n   ],\n   \"slug\": \"b\"\n  }\n ],\n \"mayors\":\n  [],\n \"events\": {}\n}";
        let pointers = [
            ("/cities/1", Some("b"), Some(4)),
            ("/cities/1/country", Some("b"), Some(4)),
            ("/cities/1/names", Some("b"), Some(5)),
            ("/cities/1/names/x~1y", Some("b"), Some(7)),
            ("/cities/1/population/0/value", Some("b"), Some(10)),
            ("/cities/1/population/1/value", Some("b"), Some(12)),
            ("/cities/1/population/1/date", Some("b"), Some(11)),
            ("/cities/1/slug", Some("b"), Some(15)),
            ("/cities/0", Some("a"), Some(3)),
            ("/mayors", None, Some(18)),
            ("/events", None, Some(20)),
            ("/nothing/3", None, None),
            ("", None, None),
        ];
        let mut faults: Vec<Fault> = pointers.iter().map(|(pointer, ..)| Fault::new(*pointer, "")).collect();
        locate(file.as_bytes(), &mut faults);
        for (fault, (pointer, slug, line)) in faults.iter().zip(pointers) {
            assert_eq!((fault.slug.as_deref(), fault.line), (slug, line), "{pointer}");
        }
    }
}

//! JSON as it was written: the order of keys is preserved, and a repeated key is an error instead of a silent loss.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Json>),
    /// An object, its keys in their original order.
    Object(Vec<(String, Json)>),
}

/// The first character of a string that stands for a number beyond 64 bits. It is a noncharacter, so no text begins with it.
pub(super) const HUGE: char = '\u{ffff}';

impl Json {
    /// The number that this string stands for, as it was written: one that is too large for 64 bits.
    pub(crate) fn huge(&self) -> Option<&str> {
        let number = self.as_str()?.strip_prefix(HUGE)?;
        let digits = number.trim_end_matches('…');
        (digits != number || digits.parse::<f64>().is_ok_and(f64::is_infinite)).then_some(number)
    }

    /// A text.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// The value as text, on one line.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The value as text, indented by two spaces.
    pub fn to_pretty_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The type of the value, for a message.
    pub fn describe(&self) -> &'static str {
        match self {
            _ if self.huge().is_some() => "a number",
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The member of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::String(value) => serializer.serialize_str(value),
            Self::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Build;

        impl<'de> Visitor<'de> for Build {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_unit<E: Error>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
                Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("a number that is not finite"))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
                Ok(Json::String(value.to_owned()))
            }
            fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
                Ok(Json::String(value))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Json::Array(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut members: Vec<(String, Json)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Json>()? {
                    members.push((key, value));
                }
                Ok(Json::Object(members))
            }
        }

        deserializer.deserialize_any(Build)
    }
}

/// An object under construction.
#[derive(Debug, Default)]
pub struct ObjectText(pub Vec<(String, Json)>);

impl ObjectText {
    /// Adds a member.
    #[must_use]
    pub fn with(mut self, key: &str, value: Json) -> Self {
        self.0.push((key.to_owned(), value));
        self
    }

    /// Adds a list; an empty one only if it was stated as empty.
    pub(super) fn list(&mut self, key: &str, items: Vec<Json>, stated_empty: &[String]) {
        if !items.is_empty() || stated_empty.iter().any(|stated| stated == key) {
            self.0.push((key.to_owned(), Json::Array(items)));
        }
    }

    /// Adds members to the object under a key.
    pub(super) fn extend(&mut self, key: &str, add: impl FnOnce(&mut Vec<(String, Json)>)) {
        if let Some((_, Json::Object(members))) = self.0.iter_mut().find(|(known, _)| known == key) {
            add(members);
        }
    }

    /// The finished object.
    pub fn done(self) -> Json {
        Json::Object(self.0)
    }
}

//! JSON in which no object has a key twice.

use std::fmt;

use async_graphql_value::{ConstValue, Name, Variables, indexmap::IndexMap};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// A JSON value in which no object has a key twice, on any level: serde would silently use the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct Unique(pub ConstValue);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

/// The variables or the extensions of a request: a JSON object in which no object has a key twice, or `null`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UniqueVariables(pub Variables);

impl<'de> Deserialize<'de> for UniqueVariables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Unique::deserialize(deserializer)?.0 {
            value @ ConstValue::Object(_) => Ok(Self(Variables::from_value(value))),
            ConstValue::Null => Ok(Self::default()),
            other => Err(D::Error::custom(format_args!("{other} is not an object"))),
        }
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = ConstValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<ConstValue, E> {
        Ok(ConstValue::Null)
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<ConstValue, E> {
        Ok(ConstValue::Boolean(yes))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<ConstValue, E> {
        Ok(ConstValue::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<ConstValue, E> {
        Ok(ConstValue::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<ConstValue, E> {
        Ok(Number::from_f64(number).map_or(ConstValue::Null, ConstValue::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ConstValue, E> {
        Ok(ConstValue::String(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<ConstValue, E> {
        Ok(ConstValue::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ConstValue, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(ConstValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<ConstValue, A::Error> {
        let mut object = IndexMap::new();
        while let Some((key, Unique(value))) = entries.next_entry::<String, Unique>()? {
            if object.contains_key(key.as_str()) {
                return Err(A::Error::custom(format_args!("the key {key:?} occurs twice in one object: remove one")));
            }
            object.insert(Name::new(key), value);
        }
        Ok(ConstValue::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<UniqueVariables, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_read_as_they_are() {
        let text = r#"{"a":[1,-2,18446744073709551615,1.5,true,null,"ż"],"b":{"a":{}}}"#;
        let Unique(value) = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
        assert_eq!(read("null").unwrap(), UniqueVariables::default());
        assert!(read("[]").is_err() && read("7").is_err());
    }

    #[test]
    fn a_repeated_key_is_refused_on_every_level() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"f":{"a":1,"b":2,"\u0061":3}}"#, r#"{"f":[{"x":[{"a":1,"a":2}]}]}"#] {
            let error = read(text).unwrap_err();
            assert!(error.contains("\"a\" occurs twice"), "{text}: {error}");
        }
        assert!(read(r#"{"f":[{"a":1},{"a":2}],"a":{"a":1}}"#).is_ok());
    }
}

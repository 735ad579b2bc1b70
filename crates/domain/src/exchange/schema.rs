//! The exchange format as JSON Schema, made from the forms of the entities.

use super::entry::{Exchanged, describe};
use super::json::{Json, ObjectText};
use crate::for_each_collection;

/// The JSON Schema (2020-12) of a file.
pub fn json_schema() -> Json {
    fn collection<T: Exchanged>() -> (String, Json) {
        let list = ObjectText::default().with("type", Json::string("array")).with("items", describe::<T>());
        (T::COLLECTION.to_owned(), list.done())
    }
    macro_rules! properties {
        ($($fact:ty,)+) => { vec![$(collection::<$fact>()),+] };
    }
    ObjectText::default()
        .with("$schema", Json::string("https://json-schema.org/draft/2020-12/schema"))
        .with("title", Json::string("Pomost exchange file"))
        .with(
            "description",
            Json::string(
                "Foreign cooperation of a city. Records refer to each other by slug, in any order; a field that is not known is left out. \
                 What the fields mean stands in data/README.md.",
            ),
        )
        .with("type", Json::string("object"))
        .with("properties", Json::Object(for_each_collection!(properties)))
        .with("additionalProperties", Json::Bool(false))
        .done()
}

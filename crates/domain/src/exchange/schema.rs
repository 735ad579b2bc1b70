//! The exchange format as JSON Schema, made from the forms of the entities.

use unicode_normalization::char::is_combining_mark;

use super::entry::{Exchanged, describe};
use super::json::{Json, ObjectText};
use super::reference::{MAX_SLUG, RESERVED, fits_slug};
use super::value::{MAX_COUNT, MAX_LABEL, MAX_TEXT, schema, variant_schema};
use crate::characters::{self, MAX_NESTED, class};
use crate::country::Country;
use crate::for_each_collection;
use crate::money::{Currency, MAX_WHOLE_DIGITS};
use crate::vocabulary::Vocabulary;

vocabulary! { closed,
    /// The definitions that many fields share, under `$defs`.
    Definition {
        /// A text in one language.
        Text = "text",
        /// A short text by which records are looked up.
        Label = "label",
        /// A text in one or several languages.
        Texts = "texts",
        /// A text by language tag.
        Languages = "languages",
        /// A language tag.
        Language = "language",
        /// The slug of the record itself.
        Slug = "slug",
        /// The slug of another record.
        Reference = "reference",
        /// A partial date.
        Date = "date",
        /// A day.
        Day = "day",
        /// A whole number, zero or more.
        Count = "count",
        /// A code of a country.
        Country = "country",
        /// A code of a currency.
        Currency = "currency",
        /// An amount of money.
        Amount = "amount",
    }
}

const PREFIX: &str = "#/$defs/";

/// A reference to a definition.
pub(super) fn refer(to: Definition) -> Json {
    ObjectText::default().with("$ref", Json::string(format!("{PREFIX}{}", to.label()))).done()
}

impl Definition {
    /// The definition that a schema refers to.
    pub fn of(schema: &Json) -> Option<Self> {
        Self::from_label(schema.get("$ref")?.as_str()?.strip_prefix(PREFIX)?)
    }

    fn schema(self) -> Json {
        let pattern = |text: String| ObjectText::default().with("pattern", Json::String(text)).done();
        let text = |longest: usize| {
            schema("string").with("minLength", Json::Number(1.into())).with("maxLength", Json::Number(longest.into()))
        };
        match self {
            Self::Text => text(MAX_TEXT)
                .with("description", Json::string(COUNTED))
                .with(
                    "allOf",
                    Json::Array(vec![
                        pattern(format!("[^{}]", class(|c| !characters::is_visible(c)))),
                        pattern(balanced()),
                    ]),
                )
                .with("not", pattern(format!("[{}]", class(characters::is_forbidden))))
                .done(),
            Self::Label => {
                let Json::Object(mut members) = refer(Self::Text) else { return Json::Null };
                members.push(("maxLength".to_owned(), Json::Number(MAX_LABEL.into())));
                Json::Object(members)
            }
            Self::Texts => {
                ObjectText::default().with("anyOf", Json::Array(vec![refer(Self::Text), refer(Self::Languages)])).done()
            }
            Self::Languages => schema("object")
                .with("minProperties", Json::Number(1.into()))
                .with("propertyNames", refer(Self::Language))
                .with(
                    "additionalProperties",
                    ObjectText::default().with("anyOf", Json::Array(vec![refer(Self::Text), variant_schema()])).done(),
                )
                .done(),
            Self::Language => schema("string")
                .with("description", Json::string("BCP 47 language tag"))
                .with("pattern", Json::string(LANGUAGE))
                .done(),
            Self::Slug => text(MAX_SLUG)
                .with("description", Json::string(COUNTED))
                .with(
                    "pattern",
                    Json::String(format!(
                        "^(?!\\.+$)(?!{RESERVED})[{}][{}]*$",
                        class(|c| fits_slug(c) && !is_combining_mark(c)),
                        class(fits_slug)
                    )),
                )
                .done(),
            Self::Reference => {
                let Json::Object(mut members) = refer(Self::Slug) else { return Json::Null };
                members.push(("format".to_owned(), Json::string("slug")));
                Json::Object(members)
            }
            Self::Date => schema("string")
                .with("description", Json::string("YYYY, YYYY-MM or YYYY-MM-DD"))
                .with("pattern", Json::String(format!("^(?!0000)(?:[0-9]{{4}}(?:-(?:0[1-9]|1[0-2]))?|{DAY})$")))
                .done(),
            Self::Day => schema("string")
                .with("format", Json::string("date"))
                .with("pattern", Json::String(format!("^(?!0000)(?:{DAY})$")))
                .done(),
            Self::Count => schema("integer")
                .with("minimum", Json::Number(0.into()))
                .with("maximum", Json::Number(MAX_COUNT.into()))
                .done(),
            Self::Country => {
                let codes = Country::all().iter().map(|country| Json::string(country.code.as_str()));
                ObjectText::default().with("enum", Json::Array(codes.collect())).done()
            }
            Self::Currency => {
                let codes = Currency::all().into_iter().map(|currency| Json::string(currency.code()));
                ObjectText::default().with("enum", Json::Array(codes.collect())).done()
            }
            Self::Amount => schema("string")
                .with(
                    "description",
                    Json::string("In major units, with no more decimals than the currency has, such as \"1109520.53\""),
                )
                .with("pattern", Json::String(format!("^[0-9]{{1,{MAX_WHOLE_DIGITS}}}(?:\\.[0-9]{{1,4}})?$")))
                .done(),
        }
    }
}

/// How lengths are counted, which a schema cannot express.
const COUNTED: &str = "Lengths are those of the text in Unicode's form NFC: an import converts the text to that form before it counts \
                       characters.";

/// A language, with an optional script, region, variants and private-use parts.
const LANGUAGE: &str = "^[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?\
    (?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?$";

/// A day that exists.
const DAY: &str = "[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))\
    |(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29";

/// The pattern of texts that close every direction they open.
fn balanced() -> String {
    let other = format!("[^{}]", class(|c| characters::closing(c).is_some() || matches!(c, '\u{202c}' | '\u{2069}')));
    let embeddings = class(|c| characters::closing(c) == Some('\u{202c}'));
    let isolates = class(|c| characters::closing(c) == Some('\u{2069}'));
    let mut inner = other.clone();
    for _ in 0..MAX_NESTED {
        inner = format!("(?:{other}|[{embeddings}]{inner}*\u{202c}|[{isolates}]{inner}*\u{2069})");
    }
    format!("^{inner}*$")
}

/// The JSON Schema (2020-12) of a file.
pub fn json_schema() -> Json {
    fn collection<T: Exchanged>() -> (String, Json) {
        let list = ObjectText::default().with("type", Json::string("array")).with("items", describe::<T>());
        (T::COLLECTION.to_owned(), list.done())
    }
    macro_rules! properties {
        ($($fact:ty,)+) => { vec![$(collection::<$fact>()),+] };
    }
    let explained = |schema: Json, text: &str| {
        let Json::Object(mut members) = schema else { return schema };
        members.push(("description".to_owned(), Json::string(text)));
        Json::Object(members)
    };
    let mut members = vec![
        ("$schema".to_owned(), explained(schema("string").done(), "Address of this schema, for editors.")),
        (
            super::stream::LANGUAGE.to_owned(),
            explained(
                refer(Definition::Language),
                "Language of the texts that are plain strings. Titles and names are in languages of their own.",
            ),
        ),
    ];
    members.extend(for_each_collection!(properties));
    let definitions = Definition::ALL.iter().map(|definition| (definition.label().to_owned(), definition.schema()));
    ObjectText::default()
        .with("$schema", Json::string("https://json-schema.org/draft/2020-12/schema"))
        .with("title", Json::string("Pomost exchange file"))
        .with(
            "description",
            Json::string(
                "Foreign cooperation of a city. Records refer to each other by slug, in any order; a field whose value is not known is left out. \
                 The fields are explained in data/README.md.",
            ),
        )
        .with("type", Json::string("object"))
        .with("properties", Json::Object(members))
        .with("additionalProperties", Json::Bool(false))
        .with("$defs", Json::Object(definitions.collect()))
        .done()
}

#[cfg(test)]
mod tests;

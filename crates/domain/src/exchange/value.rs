//! The values that fields hold: how each is read from JSON, written and described.

use chrono::NaiveDate;
use serde_json::Number;

use super::json::{Json, ObjectText};
use super::run::{Fault, Reading, escape};
use crate::country::Country;
use crate::date::{PartialDate, Precision};
use crate::money::Currency;
use crate::text::{Locale, Text};
use crate::vocabulary::{Open, OpenVocabulary};

/// A value with one JSON form.
pub trait Value: Sized {
    /// Reads it, or says what would be right.
    ///
    /// # Errors
    /// The message names what was found and what would be right.
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String>;
    /// Writes it.
    fn write(&self) -> Json;
    /// Its JSON Schema.
    fn describe() -> Json;
}

pub(super) fn schema(kind: &str) -> ObjectText {
    ObjectText::default().with("type", Json::string(kind))
}

pub(super) fn expected(what: &str, found: &Json) -> String {
    format!("expected {what}, found {}", found.describe())
}

/// Longest text that is taken, in characters: no fact of the registry is a book.
const MAX_TEXT: usize = 20_000;

impl Value for String {
    fn read(json: Json, _: &mut Reading, _: &str) -> Result<Self, String> {
        match json {
            Json::String(text) if text.trim().is_empty() => {
                Err("the text is empty: leave the field out when it is not known".into())
            }
            Json::String(text) if text.chars().count() > MAX_TEXT => {
                Err(format!("the text is longer than {MAX_TEXT} characters"))
            }
            Json::String(text) if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) => {
                Err("the text holds a control character other than a line break or a tab: remove it".into())
            }
            Json::String(text) => Ok(text),
            other => Err(expected("a string", &other)),
        }
    }
    fn write(&self) -> Json {
        Json::string(self)
    }
    fn describe() -> Json {
        schema("string")
            .with("minLength", Json::Number(1.into()))
            .with("maxLength", Json::Number(MAX_TEXT.into()))
            .done()
    }
}

/// Longest label, in characters: labels are looked up, and PostgreSQL cannot index long ones.
const MAX_LABEL: usize = 200;

/// A text by which records are looked up: a value of an open list, a code, a series.
pub(super) struct Label(pub(super) String);

impl Value for Label {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        match String::read(json, run, at)? {
            label if label.chars().count() > MAX_LABEL => {
                Err(format!("the text is longer than {MAX_LABEL} characters"))
            }
            label => Ok(Self(label)),
        }
    }
    fn write(&self) -> Json {
        Json::string(self.0.as_str())
    }
    fn describe() -> Json {
        label_schema().done()
    }
}

pub(super) fn label_schema() -> ObjectText {
    schema("string").with("minLength", Json::Number(1.into())).with("maxLength", Json::Number(MAX_LABEL.into()))
}

impl Value for bool {
    fn read(json: Json, _: &mut Reading, _: &str) -> Result<Self, String> {
        match json {
            Json::Bool(value) => Ok(value),
            other => Err(expected("true or false", &other)),
        }
    }
    fn write(&self) -> Json {
        Json::Bool(*self)
    }
    fn describe() -> Json {
        schema("boolean").done()
    }
}

impl Value for u32 {
    fn read(json: Json, _: &mut Reading, _: &str) -> Result<Self, String> {
        let whole = match &json {
            // The database keeps counts in 32 bits with a sign.
            Json::Number(number) => {
                number.as_u64().filter(|n| i32::try_from(*n).is_ok()).and_then(|n| n.try_into().ok())
            }
            _ => None,
        };
        whole.ok_or_else(|| match &json {
            Json::Number(number) => format!("{number} is not a count: write a whole number from 0 to {}", i32::MAX),
            other => expected("a whole number", other),
        })
    }
    fn write(&self) -> Json {
        Json::Number((*self).into())
    }
    fn describe() -> Json {
        schema("integer").with("minimum", Json::Number(0.into())).with("maximum", Json::Number(i32::MAX.into())).done()
    }
}

impl Value for f64 {
    fn read(json: Json, _: &mut Reading, _: &str) -> Result<Self, String> {
        match &json {
            Json::Number(number) => number.as_f64().ok_or_else(|| format!("{number} is too large")),
            other => Err(expected("a number", other)),
        }
    }
    fn write(&self) -> Json {
        Number::from_f64(*self).map_or(Json::Null, Json::Number)
    }
    fn describe() -> Json {
        schema("number").done()
    }
}

impl Value for NaiveDate {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let text = String::read(json, run, at)?;
        text.parse::<PartialDate>()
            .ok()
            .filter(|date| date.precision() == Precision::Day && !date.is_upper_bound())
            .and_then(PartialDate::earliest)
            .ok_or_else(|| format!("{text:?} is not a day: write YYYY-MM-DD"))
    }
    fn write(&self) -> Json {
        Json::string(PartialDate::day(*self).value())
    }
    fn describe() -> Json {
        schema("string").with("format", Json::string("date")).done()
    }
}

impl Value for PartialDate {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let text = String::read(json, run, at)?;
        let date = text.parse::<Self>().map_err(|wrong| wrong.to_string())?;
        if date.is_upper_bound() {
            Err(format!("{text:?} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD"))
        } else {
            Ok(date)
        }
    }
    fn write(&self) -> Json {
        Json::string(self.value())
    }
    fn describe() -> Json {
        schema("string").with("pattern", Json::string("^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")).done()
    }
}

impl Value for Locale {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        String::read(json, run, at)?.parse().map_err(|wrong: crate::text::NotALocale| wrong.to_string())
    }
    fn write(&self) -> Json {
        Json::string(self.as_str())
    }
    fn describe() -> Json {
        schema("string").with("description", Json::string("BCP 47 language tag")).done()
    }
}

/// A text: a plain string, or an object of language tags where its language is known.
impl Value for Text {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        match json {
            Json::String(_) => String::read(json, run, at).map(Self::untagged),
            Json::Object(_) => read_languages(json, run, at).map(|variants| Self::from_variants(variants, 0)),
            other => Err(expected("a string", &other)),
        }
    }
    fn write(&self) -> Json {
        match self.variants() {
            [only] if only.locale == Locale::undetermined() => Json::string(&only.text),
            variants => {
                let original = self.original();
                let others = variants.iter().filter(|variant| variant.locale != original.locale);
                Json::Object(
                    std::iter::once(original)
                        .chain(others)
                        .map(|v| (v.locale.to_string(), Json::string(&v.text)))
                        .collect(),
                )
            }
        }
    }
    fn describe() -> Json {
        ObjectText::default().with("anyOf", Json::Array(vec![String::describe(), languages_schema()])).done()
    }
}

pub(super) fn languages_schema() -> Json {
    schema("object")
        .with("minProperties", Json::Number(1.into()))
        .with("additionalProperties", String::describe())
        .done()
}

pub(super) fn read_languages(json: Json, run: &mut Reading, at: &str) -> Result<Vec<(Locale, String)>, String> {
    let Json::Object(members) = json else {
        return Err(expected("an object of language tags", &json));
    };
    if members.is_empty() {
        return Err("the object names no language: leave it out when nothing is known".into());
    }
    let mut variants: Vec<(Locale, String)> = Vec::new();
    for (tag, value) in members {
        let at = format!("{at}/{}", escape(&tag));
        match (tag.parse::<Locale>(), String::read(value, run, &at)) {
            (Ok(locale), Ok(_)) if variants.iter().any(|(known, _)| *known == locale) => {
                run.faults.push(Fault::new(at, format!("the language {locale} is given twice")));
            }
            (Ok(locale), Ok(text)) => variants.push((locale, text)),
            (locale, text) => {
                for message in locale.err().map(|wrong| wrong.to_string()).into_iter().chain(text.err()) {
                    run.faults.push(Fault::new(at.clone(), message));
                }
            }
        }
    }
    Ok(variants)
}

impl<V: OpenVocabulary> Value for Open<V> {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let Label(label) = Label::read(json, run, at)?;
        if V::from_label(&label).is_none() {
            let message = format!("{label:?} is not a known value: it is kept and shown as OTHER with this label");
            run.warnings.push(Fault::new(at.to_owned(), message));
        }
        Ok(Self::new(label))
    }
    fn write(&self) -> Json {
        Json::string(self.label())
    }
    fn describe() -> Json {
        label_schema().with("examples", Json::Array(V::known().map(Json::string).collect())).done()
    }
}

/// Counts under names that the sender chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts(pub Vec<(String, u32)>);

impl Value for Counts {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let Json::Object(members) = json else {
            return Err(expected("an object of counts", &json));
        };
        let mut counts = Vec::with_capacity(members.len());
        for (name, value) in members {
            let at = format!("{at}/{}", escape(&name));
            if let Err(message) = String::read(Json::string(name.as_str()), run, &at) {
                run.faults.push(Fault::new(at.clone(), message));
            }
            match u32::read(value, run, &at) {
                Ok(_) if counts.iter().any(|(known, _)| *known == name) => {
                    run.faults.push(Fault::new(at, format!("the field {name:?} is given twice")));
                }
                Ok(count) => counts.push((name, count)),
                Err(message) => run.faults.push(Fault::new(at, message)),
            }
        }
        Ok(Self(counts))
    }
    fn write(&self) -> Json {
        Json::Object(self.0.iter().map(|(name, count)| (name.clone(), count.write())).collect())
    }
    fn describe() -> Json {
        schema("object").with("additionalProperties", u32::describe()).done()
    }
}

/// ISO 3166-1 alpha-2 code of a country.
impl Value for crate::country::Code {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let code = String::read(json, run, at)?;
        Country::by_code(&code).map(|country| country.code).ok_or_else(|| {
            format!("{code:?} is not a country: write a code of ISO 3166-1 alpha-2 in capitals, such as \"PL\"")
        })
    }
    fn write(&self) -> Json {
        Json::string(self.as_str())
    }
    fn describe() -> Json {
        schema("string").with("pattern", Json::string("^[A-Z]{2}$")).done()
    }
}

/// ISO 4217 code of a currency.
impl Value for Currency {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let code = String::read(json, run, at)?;
        Self::from_code(&code)
            .ok_or_else(|| format!("{code:?} is not a currency: write a code of ISO 4217, such as \"EUR\""))
    }
    fn write(&self) -> Json {
        Json::string(self.code())
    }
    fn describe() -> Json {
        schema("string").with("pattern", Json::string("^[A-Z]{3}$")).done()
    }
}

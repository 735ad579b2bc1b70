//! One list of fields that reads, writes and describes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::Number;
use uuid::Uuid;

use super::entry::{Derived, Entry, Exchanged};
use super::json::{Json, ObjectText};
use crate::country::Country;
use crate::date::{PartialDate, Precision};
use crate::id::{self, Id, Kind};
use crate::link::Link;
use crate::meta::Fact;
use crate::money::Currency;
use crate::official::Official;
use crate::text::{Locale, Text};
use crate::vocabulary::{Closed, Open, OpenVocabulary, Vocabulary};

/// A mistake in a file, or a remark on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) of the value.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.pointer.is_empty() { "(file)" } else { &self.pointer }, self.message)
    }
}

/// A reference that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Kind of the record referred to.
    pub kind: Kind,
    /// Kinds that it could be as well.
    pub or: &'static [Kind],
    /// Its slug.
    pub slug: String,
    /// The id that was taken for it.
    pub id: Uuid,
    /// Where the reference stands.
    pub pointer: String,
    /// Whether the text may as well be no slug.
    pub optional: bool,
}

/// What comes out of reading besides the record.
#[derive(Debug, Default)]
pub struct Reading {
    /// Ids of the records in the file, once they are known.
    pub present: Arc<HashSet<Uuid>>,
    /// Ids of records that are stored under another id than the one derived from their slug.
    pub known: HashMap<(Kind, String), Uuid>,
    /// Mistakes: a file with any of them is not imported.
    pub faults: Vec<Fault>,
    /// Values of open lists that were not known.
    pub warnings: Vec<Fault>,
    /// References to other records.
    pub asked: Vec<Asked>,
    /// Records that have no collection of their own and are named inside others.
    pub derived: Vec<Derived>,
    /// Lists given as empty.
    pub stated_empty: Vec<String>,
}

impl Reading {
    /// The id of a record: the stored one, else the one that its slug gives.
    pub fn id(&self, kind: Kind, slug: &str) -> Uuid {
        // The map is empty but for records that were not created by an import: spare the key.
        let known = if self.known.is_empty() { None } else { self.known.get(&(kind, slug.to_owned())).copied() };
        known.unwrap_or_else(|| id::of_slug(kind, slug))
    }

    fn is_known(&self, kind: Kind, slug: &str) -> bool {
        self.present.contains(&id::of_slug(kind, slug)) || self.known.contains_key(&(kind, slug.to_owned()))
    }
}

/// What writing has to know about the records that are referred to.
pub trait Names {
    /// Slug of a record.
    fn slug(&self, id: Uuid) -> Option<&str>;
    /// The official behind an id.
    fn official(&self, id: Uuid) -> Option<&Official>;
    /// The name of a programme; the title of a session, or its slug if it has more than a title.
    fn title(&self, id: Uuid) -> Option<&str>;
}

/// A run of writing: the names it uses, and the ids it asked for in vain.
pub struct Writing<'a> {
    pub(super) names: &'a dyn Names,
    pub(super) missing: &'a mut BTreeSet<Uuid>,
}

impl Writing<'_> {
    fn slug(&mut self, id: Uuid) -> Json {
        let slug = self.names.slug(id);
        if slug.is_none() {
            self.missing.insert(id);
        }
        Json::string(slug.unwrap_or_default())
    }
}

/// The list of fields being walked.
pub struct Form<'a>(pub(super) Mode<'a>);

pub(super) enum Mode<'a> {
    Read { members: Vec<(String, Option<Json>)>, at: String, run: &'a mut Reading },
    Write { out: ObjectText, run: Writing<'a>, empty: &'a [String] },
    Describe { properties: ObjectText, required: Vec<Json> },
}

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

fn schema(kind: &str) -> ObjectText {
    ObjectText::default().with("type", Json::string(kind))
}

fn expected(what: &str, found: &Json) -> String {
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
struct Label(String);

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

fn label_schema() -> ObjectText {
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

fn languages_schema() -> Json {
    schema("object")
        .with("minProperties", Json::Number(1.into()))
        .with("additionalProperties", String::describe())
        .done()
}

fn read_languages(json: Json, run: &mut Reading, at: &str) -> Result<Vec<(Locale, String)>, String> {
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
                run.faults.push(Fault { pointer: at, message: format!("the language {locale} is given twice") });
            }
            (Ok(locale), Ok(text)) => variants.push((locale, text)),
            (locale, text) => {
                for message in locale.err().map(|wrong| wrong.to_string()).into_iter().chain(text.err()) {
                    run.faults.push(Fault { pointer: at.clone(), message });
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
            run.warnings.push(Fault { pointer: at.to_owned(), message });
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
                run.faults.push(Fault { pointer: at.clone(), message });
            }
            match u32::read(value, run, &at) {
                Ok(_) if counts.iter().any(|(known, _)| *known == name) => {
                    run.faults.push(Fault { pointer: at, message: format!("the field {name:?} is given twice") });
                }
                Ok(count) => counts.push((name, count)),
                Err(message) => run.faults.push(Fault { pointer: at, message }),
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

/// Which field repeats the precision of a date.
#[derive(Clone, Copy)]
pub enum PrecisionField {
    /// None does.
    None,
    /// This one, always.
    Always(&'static str),
    /// This one, where the precision differs from that of another date.
    Unless(&'static str, Option<PartialDate>),
}

pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Form<'_> {
    /// A field that every record has.
    pub fn need<V: Value>(&mut self, name: &'static str, value: &mut V) {
        match &mut self.0 {
            Mode::Read { .. } => {
                self.expect(name);
                if let Some(read) = self.take(name) {
                    self.read_into(name, read, value);
                }
            }
            Mode::Write { out, .. } => out.0.push((name.to_owned(), value.write())),
            Mode::Describe { properties, required } => {
                properties.0.push((name.to_owned(), V::describe()));
                required.push(Json::string(name));
            }
        }
    }

    /// A field that is left out when it is not known.
    pub fn field<V: Value>(&mut self, name: &'static str, value: &mut Option<V>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(read) = self.take(name) {
                    let mut slot = None;
                    self.with_value(name, read, |json, run, at| V::read(json, run, at).map(|read| slot = Some(read)));
                    *value = slot;
                }
            }
            Mode::Write { out, .. } => out.0.extend(value.as_ref().map(|value| (name.to_owned(), value.write()))),
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), V::describe())),
        }
    }

    /// A short text by which records are looked up.
    pub fn label(&mut self, name: &'static str, value: &mut Option<String>) {
        let mut label = value.take().map(Label);
        self.field(name, &mut label);
        *value = label.map(|Label(text)| text);
    }

    /// The same, which every record has.
    pub fn need_label(&mut self, name: &'static str, value: &mut String) {
        let mut label = Label(std::mem::take(value));
        self.need(name, &mut label);
        *value = label.0;
    }

    /// A field that says `true` or is left out.
    pub fn flag(&mut self, name: &'static str, value: &mut bool) {
        let mut given = value.then_some(true);
        self.field(name, &mut given);
        *value = given.unwrap_or(false);
    }

    /// A value of a closed list.
    pub fn closed<V: Closed>(&mut self, name: &'static str, value: &mut Option<V>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                let mut label: Option<String> = None;
                self.field(name, &mut label);
                if let Some(label) = label {
                    *value = V::from_label(&label);
                    if value.is_none() {
                        self.fault(name, not_in_list::<V>(&label));
                    }
                }
            }
            Mode::Write { out, .. } => out.0.extend(value.map(|value| (name.to_owned(), Json::string(value.label())))),
            Mode::Describe { properties, .. } => properties.0.push((
                name.to_owned(),
                ObjectText::default().with("enum", Json::Array(V::known().map(Json::string).collect())).done(),
            )),
        }
    }

    /// A list of plain values; an empty list says that nothing was found.
    pub fn list<V: Value>(&mut self, name: &'static str, values: &mut Option<Vec<V>>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(items) = self.take_list(name) {
                    let mut read = Vec::with_capacity(items.len());
                    for (at, item) in items.into_iter().enumerate() {
                        self.with_value(&format!("{name}/{at}"), item, |json, run, at| {
                            V::read(json, run, at).map(|v| read.push(v))
                        });
                    }
                    *values = Some(read);
                }
            }
            Mode::Write { out, .. } => out.0.extend(
                values.as_ref().map(|values| (name.to_owned(), Json::Array(values.iter().map(Value::write).collect()))),
            ),
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), list_schema(V::describe()))),
        }
    }

    /// A nested object.
    pub fn object<T: Default>(
        &mut self,
        name: &'static str,
        value: &mut Option<T>,
        mut fields: impl FnMut(&mut Form<'_>, &mut T),
    ) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(json) = self.take(name) {
                    let mut read = T::default();
                    if self.nested(name, json, |f| fields(f, &mut read)) {
                        *value = Some(read);
                    }
                }
            }
            Mode::Write { out, run, empty } => {
                if let Some(value) = value {
                    out.0.push((name.to_owned(), write_object_with(run, empty, |f| fields(f, value))));
                }
            }
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), describe_object(|f| fields(f, &mut T::default()))));
            }
        }
    }

    /// A list of nested objects.
    pub fn objects<T: Default>(
        &mut self,
        name: &'static str,
        values: &mut Option<Vec<T>>,
        mut fields: impl FnMut(&mut Form<'_>, &mut T),
    ) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(items) = self.take_list(name) {
                    let mut read = Vec::with_capacity(items.len());
                    for (at, item) in items.into_iter().enumerate() {
                        let mut value = T::default();
                        if self.nested(&format!("{name}/{at}"), item, |f| fields(f, &mut value)) {
                            read.push(value);
                        }
                    }
                    *values = Some(read);
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(values) = values {
                    let items = values.iter_mut().map(|value| write_object(run, |f| fields(f, value))).collect();
                    out.0.push((name.to_owned(), Json::Array(items)));
                }
            }
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), list_schema(describe_object(|f| fields(f, &mut T::default())))));
            }
        }
    }

    /// A date, with the field that repeats its precision.
    pub fn date(&mut self, name: &'static str, precision: PrecisionField, date: &mut Option<PartialDate>) {
        self.field(name, date);
        let mut stated: Option<Precision> = match (precision, *date) {
            (PrecisionField::Always(_), Some(date)) => Some(date.precision()),
            (PrecisionField::Unless(_, other), Some(date))
                if other.map(PartialDate::precision) != Some(date.precision()) =>
            {
                Some(date.precision())
            }
            _ => None,
        };
        let (PrecisionField::Always(field) | PrecisionField::Unless(field, _)) = precision else {
            return;
        };
        if self.reads() {
            stated = None;
        }
        let present = self.has(field);
        self.closed(field, &mut stated);
        match (stated, *date) {
            (Some(stated), Some(date)) if stated != date.precision() => self.fault(
                field,
                format!(
                    "the precision is {:?}, but {:?} is known to the {}",
                    stated.label(),
                    date.value(),
                    date.precision().label()
                ),
            ),
            // A date that is there and wrong is reported as that only.
            (Some(_), None) if present && !self.has(name) => {
                self.fault(field, format!("there is no {name:?} whose precision this could be"));
            }
            _ => {}
        }
    }

    /// A date, or only an upper bound of it.
    pub fn date_or_bound(
        &mut self,
        name: &'static str,
        precision: &'static str,
        bound: &'static str,
        date: &mut Option<PartialDate>,
    ) {
        let mut exact = date.filter(|date| !date.is_upper_bound());
        let mut not_after = date.filter(|date| date.is_upper_bound());
        let precision = if self.reads() && !self.has(name) && self.has(bound) {
            PrecisionField::None
        } else {
            PrecisionField::Always(precision)
        };
        self.date(name, precision, &mut exact);
        if exact.is_some() && self.reads() && self.has(bound) {
            self.fault(bound, format!("give either {name:?} or {bound:?}, not both"));
        }
        self.field(bound, &mut not_after);
        if self.reads() {
            *date = exact.or(not_after.map(PartialDate::as_upper_bound));
        }
    }

    /// The title in its original language, and in others. A variant that repeats the title states its language.
    pub fn titled(&mut self, title: &'static str, titles: &'static str, text: &mut Text) {
        match &mut self.0 {
            Mode::Read { .. } => {
                let mut plain = String::new();
                self.need(title, &mut plain);
                let mut variants = Vec::new();
                if let Some(json) = self.take(titles) {
                    self.with_value(titles, json, |json, run, at| {
                        read_languages(json, run, at).map(|read| variants = read)
                    });
                }
                *text = if let Some(at) = variants.iter().position(|(_, variant)| *variant == plain) {
                    Text::from_variants(variants, at)
                } else {
                    let mut text = Text::untagged(plain);
                    for (locale, variant) in variants {
                        text.add(locale, variant);
                    }
                    text
                };
            }
            Mode::Write { out, .. } => {
                out.0.push((title.to_owned(), Json::string(&text.original().text)));
                let tagged = text.variants().iter().filter(|variant| variant.locale != Locale::undetermined());
                let others: Vec<_> =
                    tagged.map(|variant| (variant.locale.to_string(), Json::string(&variant.text))).collect();
                if !others.is_empty() {
                    out.0.push((titles.to_owned(), Json::Object(others)));
                }
            }
            Mode::Describe { properties, required } => {
                properties.0.push((title.to_owned(), String::describe()));
                properties.0.push((titles.to_owned(), languages_schema()));
                required.push(Json::string(title));
            }
        }
    }

    /// Names by language; the official one is the first in an official language of the country, else the first.
    pub fn names(&mut self, name: &'static str, official: &[Locale], text: &mut Text) {
        match &mut self.0 {
            Mode::Read { .. } => {
                self.expect(name);
                if let Some(json) = self.take(name) {
                    let mut variants = Vec::new();
                    self.with_value(name, json, |json, run, at| {
                        read_languages(json, run, at).map(|read| variants = read)
                    });
                    let original = official
                        .iter()
                        .find_map(|wanted| variants.iter().position(|(locale, _)| locale.serves(wanted)));
                    *text = Text::from_variants(variants, original.unwrap_or(0));
                }
            }
            Mode::Write { out, .. } => {
                let names =
                    text.variants().iter().map(|variant| (variant.locale.to_string(), Json::string(&variant.text)));
                out.0.push((name.to_owned(), Json::Object(names.collect())));
            }
            Mode::Describe { properties, required } => {
                properties.0.push((name.to_owned(), languages_schema()));
                required.push(Json::string(name));
            }
        }
    }

    /// An amount of money in major units of a currency.
    pub fn amount(&mut self, name: &'static str, currency: Option<Currency>, minor: &mut Option<i64>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                let mut text: Option<String> = None;
                self.field(name, &mut text);
                // That the currency is missing or wrong is one fault, not one for every amount.
                match text.zip(currency).map(|(text, currency)| currency.parse(&text)) {
                    Some(Ok(read)) => *minor = Some(read),
                    Some(Err(wrong)) => self.fault(name, wrong.to_string()),
                    None => {}
                }
            }
            Mode::Write { out, .. } => out.0.extend(
                minor.zip(currency).map(|(minor, currency)| (name.to_owned(), Json::string(currency.format(minor)))),
            ),
            Mode::Describe { properties, .. } => {
                properties.0.push((
                    name.to_owned(),
                    schema("string").with("pattern", Json::string("^-?[0-9]+(\\.[0-9]+)?$")).done(),
                ));
            }
        }
    }

    /// A reference to one record by its slug.
    pub fn one<T: Fact>(&mut self, name: &'static str, id: &mut Option<Id<T>>) {
        let mut raw = id.map(Id::raw);
        self.reference(name, T::KIND, &mut raw);
        *id = raw.map(Id::new);
    }

    /// A reference that every record has.
    pub fn need_one<T: Fact>(&mut self, name: &'static str, id: &mut Id<T>) {
        let mut found = Some(*id);
        if self.reads() {
            found = None;
            self.expect(name);
        } else if let Mode::Describe { required, .. } = &mut self.0 {
            required.push(Json::string(name));
        }
        self.one(name, &mut found);
        *id = found.unwrap_or_default();
    }

    fn reference(&mut self, name: &'static str, kind: Kind, id: &mut Option<Uuid>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(json) = self.take(name) {
                    let mut slot = None;
                    self.with_value(name, json, |json, run, at| {
                        let slug = read_slug(json)?;
                        let found = run.id(kind, &slug);
                        run.asked.push(Asked {
                            kind,
                            or: &[],
                            slug,
                            id: found,
                            pointer: at.to_owned(),
                            optional: false,
                        });
                        slot = Some(found);
                        Ok(())
                    });
                    *id = slot;
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(id) = *id {
                    let slug = run.slug(id);
                    out.0.push((name.to_owned(), slug));
                }
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), slug_schema())),
        }
    }

    /// References to several records of one kind.
    pub fn many<T: Fact>(&mut self, name: &'static str, links: &mut Vec<Link>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(items) = self.take_links(name) {
                    for (at, item) in items.into_iter().enumerate() {
                        self.with_value(&format!("{name}/{at}"), item, |json, run, at| {
                            let slug = read_slug(json)?;
                            let to = run.id(T::KIND, &slug);
                            if links.iter().any(|link| link.to == to) {
                                return Err(format!("{slug:?} is named twice in this list"));
                            }
                            run.asked.push(Asked {
                                kind: T::KIND,
                                or: &[],
                                slug,
                                id: to,
                                pointer: at.to_owned(),
                                optional: false,
                            });
                            links.push(Link { to, kind: T::KIND, role: None, detail: None });
                            Ok(())
                        });
                    }
                }
            }
            Mode::Write { .. } => self.write_links(name, links, |run, link| run.slug(link.to)),
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), list_schema(slug_schema()))),
        }
    }

    /// A reference to a record of one of several kinds; slugs are unique per kind, so the first kind that has it is meant.
    pub fn either(&mut self, name: &'static str, kinds: &'static [Kind], links: &mut Vec<Link>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(json) = self.take(name) {
                    self.with_value(name, json, |json, run, at| {
                        let slug = read_slug(json)?;
                        let first = kinds.first().copied().unwrap_or(Kind::Document);
                        let kind = kinds.iter().copied().find(|kind| run.is_known(*kind, &slug)).unwrap_or(first);
                        let to = run.id(kind, &slug);
                        run.asked.push(Asked {
                            kind,
                            or: kinds,
                            slug,
                            id: to,
                            pointer: at.to_owned(),
                            optional: false,
                        });
                        links.push(Link { to, kind, role: None, detail: None });
                        Ok(())
                    });
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(link) = links.first() {
                    let slug = run.slug(link.to);
                    out.0.push((name.to_owned(), slug));
                }
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), slug_schema())),
        }
    }

    /// References with fields of their own, each an object.
    pub fn each(
        &mut self,
        name: &'static str,
        links: &mut Vec<Link>,
        mut fields: impl FnMut(&mut Form<'_>, &mut Link),
    ) {
        let blank = || Link { to: Uuid::nil(), kind: Kind::City, role: None, detail: None };
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(items) = self.take_links(name) {
                    for (at, item) in items.into_iter().enumerate() {
                        let mut link = blank();
                        if self.nested(&format!("{name}/{at}"), item, |f| fields(f, &mut link)) {
                            links.push(link);
                        }
                    }
                }
            }
            Mode::Write { .. } => {
                self.write_links(name, links, |run, link| write_object(run, |f| fields(f, &mut link.clone())));
            }
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), list_schema(describe_object(|f| fields(f, &mut blank())))));
            }
        }
    }

    /// A single reference with fields of its own, kept as a list of one.
    pub fn single(
        &mut self,
        name: &'static str,
        links: &mut Vec<Link>,
        mut fields: impl FnMut(&mut Form<'_>, &mut Link),
    ) {
        let mut one = links.first().cloned();
        let blank = Link { to: Uuid::nil(), kind: Kind::City, role: None, detail: None };
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(json) = self.take(name) {
                    let mut link = blank;
                    if self.nested(name, json, |f| fields(f, &mut link)) {
                        links.push(link);
                    }
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(link) = &mut one {
                    out.0.push((name.to_owned(), write_object(run, |f| fields(f, link))));
                }
            }
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), describe_object(|f| fields(f, &mut blank.clone()))));
            }
        }
    }

    /// The end of a reference, of one kind.
    pub fn target<T: Fact>(&mut self, name: &'static str, link: &mut Link) {
        let mut id = Id::<T>::new(link.to);
        self.need_one(name, &mut id);
        link.to = id.raw();
        link.kind = T::KIND;
    }

    /// The end of a reference, a city or an organization, as `type` and `slug`.
    pub fn party(&mut self, link: &mut Link) {
        const TYPES: [(&str, Kind); 2] = [("city", Kind::City), ("organization", Kind::Organization)];
        match &mut self.0 {
            Mode::Read { .. } => {
                let mut name = String::new();
                self.need("type", &mut name);
                if let Some((_, kind)) = TYPES.iter().find(|(known, _)| *known == name) {
                    let mut to = None;
                    self.expect("slug");
                    self.reference("slug", *kind, &mut to);
                    link.kind = *kind;
                    link.to = to.unwrap_or_default();
                } else {
                    let _ = self.take("slug");
                    if !name.is_empty() {
                        self.fault("type", format!("{name:?} is not in the list: city, organization"));
                    }
                }
            }
            Mode::Write { out, run, .. } => {
                let name = TYPES.iter().find(|(_, kind)| *kind == link.kind).map_or("city", |(name, _)| *name);
                out.0.push(("type".to_owned(), Json::string(name)));
                let slug = run.slug(link.to);
                out.0.push(("slug".to_owned(), slug));
            }
            Mode::Describe { properties, required } => {
                let names = TYPES.iter().map(|(name, _)| Json::string(*name)).collect();
                properties.0.push(("type".to_owned(), ObjectText::default().with("enum", Json::Array(names)).done()));
                properties.0.push(("slug".to_owned(), slug_schema()));
                required.extend([Json::string("type"), Json::string("slug")]);
            }
        }
    }

    /// The end of a reference, a city or an organization, as a nested object.
    pub fn nested_party(&mut self, name: &'static str, link: &mut Link) {
        self.expect(name);
        let mut slot = Some(NestedParty(link.clone()));
        self.object(name, &mut slot, |f, party| f.party(&mut party.0));
        if let Some(NestedParty(read)) = slot {
            link.to = read.to;
            link.kind = read.kind;
        }
    }

    /// The end of a reference, the holder of an office, by name, office and city.
    pub fn official(&mut self, link: &mut Link) {
        let mut official = match &self.0 {
            Mode::Write { run, .. } => run.names.official(link.to).cloned().unwrap_or_default(),
            _ => Official::default(),
        };
        if let Mode::Write { run, .. } = &mut self.0
            && run.names.official(link.to).is_none()
        {
            run.missing.insert(link.to);
        }
        self.need("name", &mut official.person);
        self.field("office", &mut official.office);
        let asked = self.asked();
        self.one("city", &mut official.city);
        if let Mode::Read { run, .. } = &mut self.0 {
            // The slug of the city, where one was read: it is part of the official's identity.
            let city = run.asked.get(asked).map(|asked| asked.slug.clone());
            let slug = official.derived_slug(city.as_deref());
            link.to = run.id(Kind::Official, &slug);
            official.meta.slug = slug;
            official.meta.id = link.to;
            run.derived.push(Derived::Official(official));
        }
        link.kind = Kind::Official;
    }

    /// A record that is named by its title, or by its slug if it has more than a title: reading makes the former.
    pub fn titled_reference<T: Fact>(
        &mut self,
        name: &'static str,
        id: &mut Option<Id<T>>,
        make: impl FnOnce(&str) -> (String, fn(T) -> Derived, T),
    ) {
        match &mut self.0 {
            Mode::Read { .. } => {
                let mut title: Option<String> = None;
                self.field(name, &mut title);
                if let (Some(title), Mode::Read { run, at, .. }) = (title, &mut self.0) {
                    // The text may be the slug of a record that has more than a title.
                    let found = run.id(T::KIND, &title);
                    let pointer = format!("{at}/{name}");
                    run.asked.push(Asked {
                        kind: T::KIND,
                        or: &[],
                        slug: title.clone(),
                        id: found,
                        pointer,
                        optional: true,
                    });
                    if run.is_known(T::KIND, &title) {
                        *id = Some(Id::new(found));
                        return;
                    }
                    let (slug, derived, mut fact) = make(&title);
                    let found = run.id(T::KIND, &slug);
                    fact.meta_mut().id = found;
                    fact.meta_mut().slug = slug;
                    run.derived.push(derived(fact));
                    *id = Some(Id::new(found));
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(id) = *id {
                    match run.names.title(id.raw()) {
                        Some(title) => out.0.push((name.to_owned(), Json::string(title))),
                        None => drop(run.missing.insert(id.raw())),
                    }
                }
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), String::describe())),
        }
    }

    /// Records that are written inside this one.
    pub fn parts<T: Exchanged>(&mut self, name: &'static str, parts: &mut Vec<Entry<T>>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(items) = self.take_links(name) {
                    for (at, item) in items.into_iter().enumerate() {
                        let at = format!("{name}/{at}");
                        self.part(&at, item, parts);
                    }
                }
            }
            Mode::Write { out, run, empty } => {
                if !parts.is_empty() || empty.iter().any(|stated| stated == name) {
                    let items =
                        parts.iter_mut().map(|part| write_object(run, |f| super::entry::walk(part, f))).collect();
                    out.0.push((name.to_owned(), Json::Array(items)));
                }
            }
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), list_schema(super::entry::describe::<T>())));
            }
        }
    }

    /// A single record that is written inside this one.
    pub fn only_part<T: Exchanged>(&mut self, name: &'static str, parts: &mut Vec<Entry<T>>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(item) = self.take(name) {
                    self.part(name, item, parts);
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(part) = parts.first_mut() {
                    out.0.push((name.to_owned(), write_object(run, |f| super::entry::walk(part, f))));
                }
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), super::entry::describe::<T>())),
        }
    }

    fn part<T: Exchanged>(&mut self, at: &str, item: Json, parts: &mut Vec<Entry<T>>) {
        let mut part = Entry::<T>::default();
        let outer =
            if let Mode::Read { run, .. } = &mut self.0 { std::mem::take(&mut run.stated_empty) } else { Vec::new() };
        let complete = self.nested(at, item, |f| super::entry::walk(&mut part, f));
        if let Mode::Read { run, .. } = &mut self.0 {
            part.fact.meta_mut().stated_empty = std::mem::replace(&mut run.stated_empty, outer);
        }
        if complete {
            parts.push(part);
        }
    }

    /// Reports a mistake in a field when reading. The empty name is the object itself.
    pub fn fault(&mut self, name: &str, message: String) {
        if let Mode::Read { at, run, .. } = &mut self.0 {
            let pointer = if name.is_empty() { at.clone() } else { format!("{at}/{name}") };
            run.faults.push(Fault { pointer, message });
        }
    }

    /// Whether a record is being read.
    pub fn reads(&self) -> bool {
        matches!(self.0, Mode::Read { .. })
    }

    fn asked(&self) -> usize {
        if let Mode::Read { run, .. } = &self.0 { run.asked.len() } else { 0 }
    }

    /// Reports that a field is missing; one that is there and wrong is reported as that only.
    pub fn expect(&mut self, name: &str) {
        if self.reads() && !self.has(name) {
            self.fault("", format!("the field {name:?} is missing"));
        }
    }

    fn has(&self, name: &str) -> bool {
        matches!(&self.0, Mode::Read { members, .. } if members.iter().any(|(key, _)| key == name))
    }

    /// Takes a member out of the object, so that what is left at the end is unknown. `null` is a mistake, not a value.
    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        let Mode::Read { members, .. } = &mut self.0 else { return None };
        let json = members
            .iter_mut()
            .find(|(key, value)| key == name && value.is_some())
            .and_then(|(_, value)| value.take())?;
        if json == Json::Null {
            self.fault(name, "null is not a value: leave the field out when it is not known".to_owned());
            return None;
        }
        Some(json)
    }

    fn take_list(&mut self, name: &str) -> Option<Vec<Json>> {
        match self.take(name)? {
            Json::Array(items) => Some(items),
            other => {
                self.fault(name, expected("a list", &other));
                None
            }
        }
    }

    fn take_links(&mut self, name: &str) -> Option<Vec<Json>> {
        let items = self.take_list(name)?;
        if items.is_empty()
            && let Mode::Read { run, .. } = &mut self.0
        {
            run.stated_empty.push(name.to_owned());
        }
        Some(items)
    }

    fn read_into<V: Value>(&mut self, name: &str, json: Json, value: &mut V) {
        self.with_value(name, json, |json, run, at| V::read(json, run, at).map(|read| *value = read));
    }

    fn with_value(
        &mut self,
        name: &str,
        json: Json,
        read: impl FnOnce(Json, &mut Reading, &str) -> Result<(), String>,
    ) {
        if let Mode::Read { at, run, .. } = &mut self.0 {
            let pointer = format!("{at}/{name}");
            if let Err(message) = read(json, run, &pointer) {
                run.faults.push(Fault { pointer, message });
            }
        }
    }

    /// Walks a nested object; `false` when it is none.
    fn nested(&mut self, name: &str, json: Json, fields: impl FnOnce(&mut Form<'_>)) -> bool {
        let Mode::Read { at, run, .. } = &mut self.0 else { return false };
        let pointer = format!("{at}/{name}");
        read_object(json, pointer, run, fields)
    }

    fn write_links(&mut self, name: &str, links: &mut [Link], mut item: impl FnMut(&mut Writing<'_>, &Link) -> Json) {
        if let Mode::Write { out, run, empty } = &mut self.0
            && (!links.is_empty() || empty.iter().any(|stated| stated == name))
        {
            let items = links.iter().map(|link| item(run, link)).collect();
            out.0.push((name.to_owned(), Json::Array(items)));
        }
    }
}

struct NestedParty(Link);

impl Default for NestedParty {
    fn default() -> Self {
        Self(Link { to: Uuid::nil(), kind: Kind::City, role: None, detail: None })
    }
}

/// What is wrong with a value outside a closed list.
fn not_in_list<V: Vocabulary>(label: &str) -> String {
    format!("{label:?} is not in the list: {}", V::known().collect::<Vec<_>>().join(", "))
}

/// Longest slug, in characters.
const MAX_SLUG: usize = 200;

/// Reads a slug.
pub(super) fn read_slug(json: Json) -> Result<String, String> {
    let Json::String(slug) = json else {
        return Err(expected("a slug", &json));
    };
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    if slug.is_empty() || slug.chars().count() > MAX_SLUG || !slug.chars().all(fits) {
        return Err(format!("{slug:?} is not a slug: write 1 to {MAX_SLUG} letters, digits, '-', '_', '.' or '~'"));
    }
    Ok(slug)
}

pub(super) fn slug_schema() -> Json {
    schema("string").with("minLength", Json::Number(1.into())).with("maxLength", Json::Number(MAX_SLUG.into())).done()
}

fn list_schema(items: Json) -> Json {
    schema("array").with("items", items).done()
}

/// Walks an object that is read, and reports what is left over; `false` when it is no object.
pub(super) fn read_object(json: Json, at: String, run: &mut Reading, fields: impl FnOnce(&mut Form<'_>)) -> bool {
    let Json::Object(members) = json else {
        run.faults.push(Fault { pointer: at, message: expected("an object", &json) });
        return false;
    };
    let mut once: Vec<(String, Option<Json>)> = Vec::with_capacity(members.len());
    for (key, value) in members {
        if once.iter().any(|(before, _)| *before == key) {
            run.faults.push(Fault {
                pointer: format!("{at}/{}", escape(&key)),
                message: format!("the field {key:?} is given twice"),
            });
        } else {
            once.push((key, Some(value)));
        }
    }
    let members = once;
    let mut form = Form(Mode::Read { members, at, run });
    fields(&mut form);
    if let Mode::Read { members, at, run } = form.0 {
        for (key, _) in members.into_iter().filter(|(_, value)| value.is_some()) {
            let message = format!("the field {key:?} is not known here");
            run.faults.push(Fault { pointer: format!("{at}/{}", escape(&key)), message });
        }
    }
    true
}

/// Writes an object.
pub(super) fn write_object(run: &mut Writing<'_>, fields: impl FnOnce(&mut Form<'_>)) -> Json {
    write_object_with(run, &[], fields)
}

pub(super) fn write_object_with(run: &mut Writing<'_>, empty: &[String], fields: impl FnOnce(&mut Form<'_>)) -> Json {
    let run = Writing { names: run.names, missing: run.missing };
    let mut form = Form(Mode::Write { out: ObjectText::default(), run, empty });
    fields(&mut form);
    let Mode::Write { out, .. } = form.0 else { return Json::Null };
    out.done()
}

/// Describes an object.
pub(super) fn describe_object(fields: impl FnOnce(&mut Form<'_>)) -> Json {
    let mut form = Form(Mode::Describe { properties: ObjectText::default(), required: Vec::new() });
    fields(&mut form);
    let Mode::Describe { properties, required } = form.0 else { return Json::Null };
    let object = schema("object").with("properties", properties.done()).with("additionalProperties", Json::Bool(false));
    if required.is_empty() { object.done() } else { object.with("required", Json::Array(required)).done() }
}

//! The types of the values of fields: how each is read from JSON, written and described.

use chrono::NaiveDate;
use serde_json::Number;

use super::form::{describe_object, read_object};
use super::json::{HUGE, Json, ObjectText};
use super::run::{Fault, Reading, escape};
use super::schema::{Definition, refer};
use crate::characters::{flaws, into_nfc};
use crate::country::{self, Country};
use crate::date::{PartialDate, Precision};
use crate::money::Currency;
use crate::text::{Locale, Origin, Text, Variant};
use crate::vocabulary::{Open, OpenVocabulary, Vocabulary};

/// A value with one JSON form.
pub trait Value: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// The message names the value that was found and the expected one.
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String>;
    /// Writes it. `plain` is the language of texts that are written as plain strings; `None`: it is not stated.
    fn write(&self, plain: Option<&Locale>) -> Json;
    /// Its JSON Schema.
    fn describe() -> Json;
}

pub(super) fn schema(kind: &str) -> ObjectText {
    ObjectText::default().with("type", Json::string(kind))
}

pub(super) fn expected(what: &str, found: &Json) -> String {
    format!("expected {what}, found {}", found.describe())
}

/// Maximum length of a text, in characters of its NFC form.
pub(super) const MAX_TEXT: usize = 20_000;

/// Reads a text of a maximum length. Characters are counted in NFC, the stored form, which makes some texts shorter and some
/// longer. All faults are reported.
fn read_text(json: Json, run: &mut Reading, at: &str, longest: usize) -> Result<String, String> {
    let text = match json {
        Json::String(text) if !text.starts_with(HUGE) => into_nfc(text),
        Json::String(text) if Json::string(text.as_str()).huge().is_none() => text,
        other => return Err(expected("a string", &other)),
    };
    let mut wrong = flaws(&text);
    if text.chars().count() > longest {
        wrong.push(format!("the text is longer than {longest} characters: shorten it"));
    }
    match wrong.pop() {
        None => Ok(text),
        Some(last) => {
            run.faults.extend(wrong.into_iter().map(|message| Fault::new(at, message)));
            Err(last)
        }
    }
}

impl Value for String {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        read_text(json, run, at, MAX_TEXT)
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::string(self)
    }
    fn describe() -> Json {
        refer(Definition::Text)
    }
}

/// Maximum length of a label, in characters of its NFC form: labels are looked up, and PostgreSQL cannot index long ones.
pub(super) const MAX_LABEL: usize = 200;

/// A text by which records are looked up: a value of an open list, a code, a series.
pub(super) struct Label(pub(super) String);

impl Value for Label {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        read_text(json, run, at, MAX_LABEL).map(Self)
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::string(self.0.as_str())
    }
    fn describe() -> Json {
        refer(Definition::Label)
    }
}

impl Value for bool {
    fn read(json: Json, _: &mut Reading, _: &str) -> Result<Self, String> {
        match json {
            Json::Bool(value) => Ok(value),
            other => Err(expected("true or false", &other)),
        }
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::Bool(*self)
    }
    fn describe() -> Json {
        schema("boolean").done()
    }
}

/// Largest count: the database stores counts in 32 bits with a sign.
pub(super) const MAX_COUNT: u32 = i32::MAX.unsigned_abs();

/// The value of a whole number in any notation: `59025`, `59025.0` and `5.9025e4` are equal (JSON Schema 2020-12, section
/// 6.1.1).
pub(crate) fn whole(number: &Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
        // Adding zero removes the sign of a negative zero; formatting is exact, a cast would not be.
        format!("{:.0}", float + 0.0).parse().ok()
    })
}

impl Value for u32 {
    fn read(json: Json, _: &mut Reading, _: &str) -> Result<Self, String> {
        let wrong = |number: &dyn std::fmt::Display| {
            format!("{number} is not a count: write a whole number from 0 to {MAX_COUNT}")
        };
        match &json {
            Json::Number(number) => {
                let count = whole(number).and_then(|count| count.try_into().ok()).filter(|count| *count <= MAX_COUNT);
                count.ok_or_else(|| wrong(number))
            }
            other => Err(other.huge().map_or_else(|| expected("a whole number", other), |number| wrong(&number))),
        }
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::Number((*self).into())
    }
    fn describe() -> Json {
        refer(Definition::Count)
    }
}

fn too_large(number: &dyn std::fmt::Display) -> String {
    format!("{number} is too large: write a number of at most 300 digits")
}

impl Value for f64 {
    fn read(json: Json, _: &mut Reading, _: &str) -> Result<Self, String> {
        match &json {
            Json::Number(number) => number.as_f64().ok_or_else(|| too_large(number)),
            other => Err(other.huge().map_or_else(|| expected("a number", other), |number| too_large(&number))),
        }
    }
    fn write(&self, _: Option<&Locale>) -> Json {
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
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::string(PartialDate::day(*self).value())
    }
    fn describe() -> Json {
        refer(Definition::Day)
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
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::string(self.value())
    }
    fn describe() -> Json {
        refer(Definition::Date)
    }
}

impl Value for Locale {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        String::read(json, run, at)?.parse().map_err(|wrong: crate::text::NotALocale| wrong.to_string())
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::string(self.as_str())
    }
    fn describe() -> Json {
        refer(Definition::Language)
    }
}

/// A text: a plain string in the language that the file states for plain strings, or an object of language tags.
impl Value for Text {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        match json {
            Json::String(_) => {
                let text = String::read(json, run, at)?;
                Ok(Self::new(run.language.clone().unwrap_or_else(Locale::undetermined), text))
            }
            Json::Object(_) => read_languages(json, run, at)?.into_text(Some(0)),
            other => Err(expected("a string", &other)),
        }
    }
    fn write(&self, plain: Option<&Locale>) -> Json {
        let original = self.original();
        let is_plain = plain.map_or(original.locale == Locale::undetermined(), |plain| original.locale == *plain);
        if is_plain
            && self.variants().len() == 1
            && original.translator.is_none()
            && original.based_on_version.is_none()
        {
            return Json::string(&original.text);
        }
        let others = self.variants().iter().filter(|variant| variant.locale != original.locale);
        Json::Object(
            std::iter::once(original).chain(others).map(|v| write_variant(v, v.origin == Origin::Original)).collect(),
        )
    }
    fn describe() -> Json {
        refer(Definition::Texts)
    }
}

/// A variant as it was read: its place may show that it is the original.
#[derive(Default)]
struct ReadVariant {
    text: String,
    origin: Option<Origin>,
    translator: Option<String>,
    based_on_version: Option<u32>,
}

impl ReadVariant {
    fn form(&mut self, f: &mut super::Form<'_>) {
        f.need("text", &mut self.text);
        f.closed("origin", &mut self.origin);
        f.field("translator", &mut self.translator);
        f.field("basedOnVersion", &mut self.based_on_version);
        f.bounds("basedOnVersion", 1, None, self.based_on_version.map(f64::from), |_| {
            "versions count from 1".to_owned()
        });
    }

    /// The JSON Schema of a variant with more than its text.
    pub(super) fn describe() -> Json {
        describe_object(|f| Self::default().form(f))
    }
}

/// Variants of a text as they were read.
pub(super) struct Variants(Vec<(Locale, ReadVariant)>);

impl Variants {
    /// The place of the first that meets a condition.
    pub(super) fn position(&self, meets: impl Fn(&Locale, &str) -> bool) -> Option<usize> {
        self.0.iter().position(|(locale, variant)| meets(locale, &variant.text))
    }

    /// Refuses several variants with the origin `original`.
    pub(super) fn one_original(&self) -> Result<(), String> {
        if self.0.iter().filter(|(_, variant)| variant.origin == Some(Origin::Original)).count() > 1 {
            return Err("several variants have the origin \"original\": a text has one original".to_owned());
        }
        Ok(())
    }

    /// Makes a text of the variants. The original is the one with that origin, or else the one at `original`, or else the
    /// first without the origin of a translation.
    pub(super) fn into_text(self, original: Option<usize>) -> Result<Text, String> {
        self.one_original()?;
        let first = self.0.iter().position(|(_, variant)| variant.origin == Some(Origin::Original));
        let is_open = |at: &usize| self.0.get(*at).is_some_and(|(_, variant)| variant.origin.is_none());
        let found = first.or(original.filter(is_open)).or_else(|| (0..self.0.len()).find(is_open));
        let Some(original) = found else {
            return Err(
                "every variant is a translation: add the original, or set the origin of one to \"original\"".to_owned()
            );
        };
        let variants = self.0.into_iter().enumerate().map(|(at, (locale, variant))| Variant {
            locale,
            text: variant.text,
            origin: if at == original { Origin::Original } else { variant.origin.unwrap_or(Origin::Human) },
            translator: variant.translator,
            based_on_version: variant.based_on_version,
        });
        Text::of_variants(variants.collect()).ok_or_else(|| "the text has no original".to_owned())
    }

    /// Makes a text of a separate title and the variants. A variant that repeats the title states its language.
    pub(super) fn into_titled(self, title: String) -> Result<Text, String> {
        self.one_original()?;
        let is_title = |variant: &ReadVariant| variant.text == title;
        if let Some((locale, _)) =
            self.0.iter().find(|(_, variant)| variant.origin == Some(Origin::Original) && !is_title(variant))
        {
            return Err(format!(
                "the title is the original, but {:?} has the origin \"original\": use its text as the title, or change its origin",
                locale.as_str()
            ));
        }
        let repeats = || self.0.iter().enumerate().filter(|(_, (_, variant))| is_title(variant));
        let is_original = |(_, (_, variant)): &(usize, &(Locale, ReadVariant))| {
            matches!(variant.origin, None | Some(Origin::Original))
        };
        if let Some((original, _)) = repeats().find(is_original) {
            return self.into_text(Some(original));
        }
        if let Some((_, (locale, _))) = repeats().next() {
            return Err(format!(
                "{:?} repeats the title, which is the original, as a translation: leave out its origin, or state the language of the \
                 title",
                locale.as_str()
            ));
        }
        self.after(title)
    }

    /// The same text with a first variant of unknown language.
    fn after(mut self, original: String) -> Result<Text, String> {
        // The placeholders of invalid variants are empty and contradict nothing.
        self.0.retain(|(_, variant)| !variant.text.is_empty());
        if self.0.iter().any(|(locale, _)| *locale == Locale::undetermined()) {
            return Err("\"und\" differs from the title, and the language of both is unknown: state the language of \
                        one of them"
                .to_owned());
        }
        let variant = ReadVariant { text: original, origin: Some(Origin::Original), ..ReadVariant::default() };
        self.0.insert(0, (Locale::undetermined(), variant));
        self.into_text(Some(0))
    }
}

/// Writes a variant under its tag: as its text alone if its origin is the default.
pub(super) fn write_variant(variant: &Variant, is_first: bool) -> (String, Json) {
    let expected = if is_first { Origin::Original } else { Origin::Human };
    let text = Json::string(&variant.text);
    let plain = variant.origin == expected && variant.translator.is_none() && variant.based_on_version.is_none();
    let written = if plain {
        text
    } else {
        let mut members = vec![("text".to_owned(), text)];
        let origin = Some(variant.origin).filter(|origin| *origin != expected);
        members.extend(origin.map(|origin| ("origin".to_owned(), Json::string(origin.label()))));
        members.extend(variant.translator.as_ref().map(|name| ("translator".to_owned(), Json::string(name))));
        members.extend(variant.based_on_version.map(|n| ("basedOnVersion".to_owned(), Json::Number(n.into()))));
        Json::Object(members)
    };
    (variant.locale.to_string(), written)
}

pub(super) fn read_languages(json: Json, run: &mut Reading, at: &str) -> Result<Variants, String> {
    let Json::Object(members) = json else {
        return Err(expected("an object of language tags", &json));
    };
    if members.is_empty() {
        return Err("the object has no language: leave out the field if the value is not known".into());
    }
    let mut variants: Vec<(Locale, ReadVariant)> = Vec::new();
    for (tag, value) in members {
        let at = format!("{at}/{}", escape(&tag));
        let before = run.faults.len();
        let locale = tag.parse::<Locale>();
        if let Err(wrong) = &locale {
            run.faults.push(Fault::new(at.clone(), wrong.to_string()));
        }
        let mut variant = ReadVariant::default();
        if matches!(value, Json::Object(_)) {
            read_object(value, at.clone(), run, |f| variant.form(f));
        } else {
            match String::read(value, run, &at) {
                Ok(text) => variant.text = text,
                Err(message) => run.faults.push(Fault::new(at.clone(), message)),
            }
        }
        let Ok(locale) = locale else { continue };
        if variants.iter().any(|(known, _)| *known == locale) {
            run.faults.push(Fault::new(at, format!("the language {locale} occurs twice: remove one")));
        } else if run.faults.len() == before {
            variants.push((locale, variant));
        }
    }
    // If all variants are invalid, the record is refused in any case.
    if variants.is_empty() {
        variants.push((Locale::undetermined(), ReadVariant::default()));
    }
    Ok(Variants(variants))
}

/// The JSON Schema of a variant with more than its text.
pub(super) fn variant_schema() -> Json {
    ReadVariant::describe()
}

impl<V: OpenVocabulary> Value for Open<V> {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let Label(label) = Label::read(json, run, at)?;
        if V::from_label(&label).is_none() {
            let message = format!("{label:?} is not a known value: it is stored and shown as OTHER with this label");
            run.warnings.push(Fault::new(at.to_owned(), message));
        }
        Ok(Self::new(label))
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::string(self.label())
    }
    fn describe() -> Json {
        let Json::Object(mut members) = refer(Definition::Label) else { return Json::Null };
        members.push(("examples".to_owned(), Json::Array(V::known().map(Json::string).collect())));
        Json::Object(members)
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
            let name = String::read(Json::string(name.as_str()), run, &at).unwrap_or_else(|message| {
                run.faults.push(Fault::new(at.clone(), message));
                name
            });
            match u32::read(value, run, &at) {
                Ok(_) if counts.iter().any(|(known, _)| *known == name) => {
                    run.faults.push(Fault::new(at, format!("the field {name:?} occurs twice: remove one")));
                }
                Ok(count) => counts.push((name, count)),
                Err(message) => run.faults.push(Fault::new(at, message)),
            }
        }
        Ok(Self(counts))
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::Object(self.0.iter().map(|(name, count)| (name.clone(), count.write(None))).collect())
    }
    fn describe() -> Json {
        schema("object").with("propertyNames", String::describe()).with("additionalProperties", u32::describe()).done()
    }
}

/// Code of a country.
impl Value for country::Code {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let code = String::read(json, run, at)?;
        Country::by_code(&code).map(|country| country.code).ok_or_else(|| country::unknown(&code))
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::string(self.as_str())
    }
    fn describe() -> Json {
        refer(Definition::Country)
    }
}

/// ISO 4217 code of a currency.
impl Value for Currency {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let code = String::read(json, run, at)?;
        Self::from_code(&code)
            .ok_or_else(|| format!("{code:?} is not a currency: write a code of ISO 4217, such as \"EUR\""))
    }
    fn write(&self, _: Option<&Locale>) -> Json {
        Json::string(self.code())
    }
    fn describe() -> Json {
        refer(Definition::Currency)
    }
}

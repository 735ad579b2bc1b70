//! One list of fields that reads, writes and describes: plain fields, lists and objects. `reference` has the references.

use super::json::{Json, ObjectText};
use super::run::{Fault, FaultSort, Reading, Writing, escape};
use super::schema::{Definition, refer};
use super::value::{Label, Value, expected, read_languages, schema, write_variant};
use super::words::about;
use crate::date::{PartialDate, Precision};
use crate::link::Link;
use crate::money::Currency;
use crate::text::{Locale, Text};
use crate::vocabulary::{Closed, Vocabulary};

/// The list of fields that is being walked.
pub struct Form<'a>(pub(super) Mode<'a>);

pub(super) enum Mode<'a> {
    Read { members: Vec<(String, Option<Json>)>, at: String, run: &'a mut Reading },
    Write { out: ObjectText, run: Writing<'a>, empty: &'a [String] },
    Describe { properties: ObjectText, required: Vec<Json>, any: Vec<Json> },
}

/// The field that repeats the precision of a date.
#[derive(Clone, Copy)]
pub enum PrecisionField {
    /// None.
    None,
    /// This field, always.
    Always(&'static str),
    /// This field, if the precision differs from that of another date.
    Unless(&'static str, Option<PartialDate>),
}

impl Form<'_> {
    /// A required field.
    pub fn need<V: Value>(&mut self, name: &'static str, value: &mut V) {
        match &mut self.0 {
            Mode::Read { .. } => {
                self.expect(name);
                if let Some(read) = self.take(name) {
                    self.read_into(name, read, value);
                }
            }
            Mode::Write { out, run, .. } => out.0.push((name.to_owned(), value.write(run.plain()))),
            Mode::Describe { properties, required, .. } => {
                properties.0.push((name.to_owned(), V::describe()));
                required.push(Json::string(name));
            }
        }
    }

    /// An optional field, left out if the value is not known.
    pub fn field<V: Value>(&mut self, name: &'static str, value: &mut Option<V>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(read) = self.take(name) {
                    let mut slot = None;
                    self.with_value(name, read, |json, run, at| V::read(json, run, at).map(|read| slot = Some(read)));
                    *value = slot;
                }
            }
            Mode::Write { out, run, .. } => {
                out.0.extend(value.as_ref().map(|value| (name.to_owned(), value.write(run.plain()))));
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), V::describe())),
        }
    }

    /// A short text by which records are looked up.
    pub fn label(&mut self, name: &'static str, value: &mut Option<String>) {
        let mut label = value.take().map(Label);
        self.field(name, &mut label);
        *value = label.map(|Label(text)| text);
    }

    /// Like [`Self::label`], but required.
    pub fn need_label(&mut self, name: &'static str, value: &mut String) {
        let mut label = Label(std::mem::take(value));
        self.need(name, &mut label);
        *value = label.0;
    }

    /// A flag. A field that is left out means `false`; a stated `false` is stored as such.
    pub fn flag(&mut self, name: &'static str, value: &mut bool) {
        let is_stated = match &self.0 {
            Mode::Write { empty, .. } => *value || empty.iter().any(|empty| empty == name),
            _ => false,
        };
        let mut stated = is_stated.then_some(*value);
        self.field(name, &mut stated);
        if let (Mode::Read { run, .. }, Some(false)) = (&mut self.0, stated) {
            run.stated_empty.push(name.to_owned());
        }
        *value = stated.unwrap_or(false);
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
                ObjectText::default()
                    .with("enum", Json::Array(V::known().map(Json::string).collect()))
                    .with("title", Json::string(type_name::<V>()))
                    .done(),
            )),
        }
    }

    /// A list of plain values; an empty list means that nothing was found.
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
            Mode::Write { out, run, .. } => {
                let written = |values: &Vec<V>| values.iter().map(|value| value.write(run.plain())).collect();
                out.0.extend(values.as_ref().map(|values| (name.to_owned(), Json::Array(written(values)))));
            }
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
                    let before = *run.left_out;
                    let written = write_object_with(run, empty, |f| fields(f, value));
                    // An object that is empty because all its references are hidden says nothing, so it is left out.
                    if written != Json::Object(Vec::new()) || *run.left_out == before {
                        out.0.push((name.to_owned(), written));
                    }
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
        let field = match precision {
            PrecisionField::None => return,
            PrecisionField::Always(field) | PrecisionField::Unless(field, _) => field,
        };
        let mut stated = date.map(PartialDate::precision).filter(|known| match precision {
            PrecisionField::Unless(_, other) => other.map(PartialDate::precision) != Some(*known),
            _ => true,
        });
        self.precision(field, name, *date, &mut stated);
    }

    /// The field that repeats the precision of a date.
    fn precision(
        &mut self,
        field: &'static str,
        name: &'static str,
        date: Option<PartialDate>,
        stated: &mut Option<Precision>,
    ) {
        if self.reads() {
            *stated = None;
        }
        self.closed(field, stated);
        match (*stated, date) {
            (Some(stated), Some(date)) if stated != date.precision() => self.fault(
                field,
                format!(
                    "the precision is {:?}, but {:?} is known to the {}",
                    stated.label(),
                    date.value(),
                    date.precision().label()
                ),
            ),
            // An invalid date is reported once, without a second fault for its precision.
            (Some(_), None) if !self.has(name) => {
                self.warning(
                    field,
                    format!("there is no {name:?} that this is the precision of: the field is ignored"),
                );
            }
            _ => {}
        }
    }

    /// An optional field that its object requires: without the value the object says nothing.
    pub fn need_some<V: Value>(&mut self, name: &'static str, value: &mut Option<V>) {
        self.expect(name);
        if let Mode::Describe { required, .. } = &mut self.0 {
            required.push(Json::string(name));
        }
        self.field(name, value);
    }

    /// A date, or an upper bound of it.
    pub fn date_or_bound(
        &mut self,
        name: &'static str,
        precision: &'static str,
        bound: &'static str,
        date: &mut Option<PartialDate>,
    ) {
        let mut exact = date.filter(|date| !date.is_upper_bound());
        let mut not_after = date.filter(|date| date.is_upper_bound());
        self.field(name, &mut exact);
        self.field(bound, &mut not_after);
        // If there is only a bound, its precision need not be stated.
        let (stated_of, known) = if exact.is_none() && self.has(bound) { (bound, not_after) } else { (name, exact) };
        self.precision(precision, stated_of, known, &mut exact.map(PartialDate::precision));
        if exact.is_some() && self.reads() && self.has(bound) {
            self.fault(bound, format!("{name:?} and {bound:?} exclude each other: give one of them"));
        }
        if self.reads() {
            *date = exact.or(not_after.map(PartialDate::as_upper_bound));
        }
    }

    /// The title in its original language and in others. A variant that repeats the title states its language.
    pub fn titled(&mut self, title: &'static str, titles: &'static str, text: &mut Text) {
        match &mut self.0 {
            Mode::Read { .. } => {
                let mut plain = String::new();
                self.need(title, &mut plain);
                let mut variants = None;
                if let Some(json) = self.take(titles) {
                    self.with_value(titles, json, |json, run, at| {
                        variants = Some(read_languages(json, run, at)?);
                        Ok(())
                    });
                }
                let Some(variants) = variants else {
                    *text = Text::untagged(plain);
                    return;
                };
                // A missing or invalid title is reported once, without faults for contradicting variants.
                let read = if plain.is_empty() {
                    variants.one_original().map(|()| Text::default())
                } else {
                    variants.into_titled(plain)
                };
                match read {
                    Ok(read) => *text = read,
                    Err(message) => self.fault(titles, message),
                }
            }
            Mode::Write { out, .. } => {
                out.0.push((title.to_owned(), Json::string(&text.original().text)));
                // A title without variants is an original of unknown language, unless a variant repeats it.
                let is_repeated =
                    text.variants().iter().filter(|variant| variant.text == text.original().text).count() > 1;
                let tagged = text.variants().iter().filter(|variant| is_repeated || !variant.is_plain_original());
                // The first variant that repeats the title is the original.
                let first = text.variants().iter().position(|variant| variant.text == text.original().text);
                let first = first.map(|at| &text.variants()[at].locale);
                let others: Vec<_> =
                    tagged.map(|variant| write_variant(variant, Some(&variant.locale) == first)).collect();
                if !others.is_empty() {
                    out.0.push((titles.to_owned(), Json::Object(others)));
                }
            }
            Mode::Describe { properties, required, .. } => {
                properties.0.push((title.to_owned(), String::describe()));
                properties.0.push((titles.to_owned(), refer(Definition::Languages)));
                required.push(Json::string(title));
            }
        }
    }

    /// Names by language. The official one is the first in an official language of the country, or else the first.
    pub fn names(&mut self, name: &'static str, official: &[Locale], text: &mut Text) {
        match &mut self.0 {
            Mode::Read { .. } => {
                self.expect(name);
                if let Some(json) = self.take(name) {
                    let mut read = None;
                    self.with_value(name, json, |json, run, at| {
                        let variants = read_languages(json, run, at)?;
                        let first = official_among(official, |meets| variants.position(|locale, _| meets(locale)));
                        read = Some(variants.into_text(Some(first))?);
                        Ok(())
                    });
                    *text = read.unwrap_or_default();
                }
            }
            Mode::Write { out, .. } => {
                let variants = text.variants();
                let first = official_among(official, |meets| variants.iter().position(|v| meets(&v.locale)));
                let names = variants.iter().enumerate().map(|(at, variant)| write_variant(variant, at == first));
                out.0.push((name.to_owned(), Json::Object(names.collect())));
            }
            Mode::Describe { properties, required, .. } => {
                properties.0.push((name.to_owned(), refer(Definition::Languages)));
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
                let Some(text) = text else { return };
                // A missing or invalid currency is reported once, not for every amount.
                match currency.unwrap_or_else(Currency::widest).parse(&text) {
                    Ok(read) => *minor = currency.map(|_| read),
                    Err(_) if text.starts_with('-') => {
                        self.fault(
                            name,
                            format!("{text:?} is not an amount of a budget: write a number that is not negative"),
                        );
                    }
                    Err(wrong) => self.fault(name, wrong.to_string()),
                }
            }
            Mode::Write { out, .. } => out.0.extend(
                minor.zip(currency).map(|(minor, currency)| (name.to_owned(), Json::string(currency.format(minor)))),
            ),
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), refer(Definition::Amount)));
            }
        }
    }

    /// Limits the number that was read last to a minimum and, if there is one, a maximum.
    pub fn bounds(
        &mut self,
        name: &'static str,
        from: i32,
        to: Option<i32>,
        found: Option<f64>,
        wrong: impl FnOnce(f64) -> String,
    ) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(found) = found
                    && (found < f64::from(from) || to.is_some_and(|to| found > f64::from(to)))
                {
                    self.fault(name, wrong(found));
                }
            }
            Mode::Write { .. } => {}
            Mode::Describe { properties, .. } => properties.extend(name, |members| {
                members.push(("minimum".to_owned(), Json::Number(from.into())));
                members.extend(to.map(|to| ("maximum".to_owned(), Json::Number(to.into()))));
            }),
        }
    }

    /// Describes the minimum length of the list that was read last. The caller checks it.
    pub fn at_least(&mut self, name: &'static str, number: u32) {
        if let Mode::Describe { properties, required, .. } = &mut self.0 {
            properties.extend(name, |members| members.push(("minItems".to_owned(), Json::Number(number.into()))));
            required.push(Json::string(name));
        }
    }

    /// Describes that an object has at least one of these fields. The caller checks it.
    pub fn at_least_one_of(&mut self, names: &[&'static str]) {
        if let Mode::Describe { any, .. } = &mut self.0 {
            let required = |name: &&'static str| {
                ObjectText::default().with("required", Json::Array(vec![Json::string(*name)])).done()
            };
            any.extend(names.iter().map(required));
        }
    }

    /// When reading: adds a warning on a field whose value is accepted.
    pub fn warning(&mut self, name: &str, message: String) {
        if let Mode::Read { at, run, .. } = &mut self.0 {
            run.warnings.push(Fault::new(format!("{at}/{name}"), message));
        }
    }

    /// When reading: reports a fault in a field. The empty name means the object itself.
    pub fn fault(&mut self, name: &str, message: String) {
        if let Mode::Read { at, run, .. } = &mut self.0 {
            let pointer = if name.is_empty() { at.clone() } else { format!("{at}/{name}") };
            run.faults.push(Fault::new(pointer, message));
        }
    }

    /// True when reading.
    pub fn reads(&self) -> bool {
        matches!(self.0, Mode::Read { .. })
    }

    pub(super) fn asked(&self) -> usize {
        if let Mode::Read { run, .. } = &self.0 { run.asked.len() } else { 0 }
    }

    /// Reports that a field is missing, unless it is present but invalid, which was reported already.
    pub fn expect(&mut self, name: &str) {
        if !self.has(name)
            && let Mode::Read { at, run, .. } = &mut self.0
        {
            let missing = Fault::new(at.clone(), format!("the field {name:?} is missing"));
            run.faults.push(missing.sorted(FaultSort::Missing));
        }
    }

    /// True if the input has the field.
    pub fn has(&self, name: &str) -> bool {
        matches!(&self.0, Mode::Read { members, .. } if members.iter().any(|(key, _)| key == name))
    }

    /// Takes a member out of the object, so that the members left at the end are unknown ones. `null` is a fault, not a
    /// value.
    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        let Mode::Read { members, .. } = &mut self.0 else { return None };
        let json = members
            .iter_mut()
            .find(|(key, value)| key == name && value.is_some())
            .and_then(|(_, value)| value.take())?;
        if json == Json::Null {
            self.fault(name, "null is not a value: leave out the field if the value is not known".to_owned());
            return None;
        }
        Some(json)
    }

    pub(super) fn take_list(&mut self, name: &str) -> Option<Vec<Json>> {
        match self.take(name)? {
            Json::Array(items) => Some(items),
            other => {
                self.fault(name, expected("a list", &other));
                None
            }
        }
    }

    pub(super) fn take_links(&mut self, name: &str) -> Option<Vec<Json>> {
        let items = self.take_list(name)?;
        if items.is_empty()
            && let Mode::Read { run, .. } = &mut self.0
        {
            run.stated_empty.push(name.to_owned());
        }
        Some(items)
    }

    pub(super) fn read_into<V: Value>(&mut self, name: &str, json: Json, value: &mut V) {
        self.with_value(name, json, |json, run, at| V::read(json, run, at).map(|read| *value = read));
    }

    pub(super) fn with_value(
        &mut self,
        name: &str,
        json: Json,
        read: impl FnOnce(Json, &mut Reading, &str) -> Result<(), String>,
    ) {
        if let Mode::Read { at, run, .. } = &mut self.0 {
            let pointer = format!("{at}/{name}");
            if let Err(message) = read(json, run, &pointer) {
                run.faults.push(Fault::new(pointer, message));
            }
        }
    }

    /// Walks a nested object; `false` if the value is not an object.
    pub(super) fn nested(&mut self, name: &str, json: Json, fields: impl FnOnce(&mut Form<'_>)) -> bool {
        let Mode::Read { at, run, .. } = &mut self.0 else { return false };
        let pointer = format!("{at}/{name}");
        read_object(json, pointer, run, fields)
    }

    pub(super) fn write_links(
        &mut self,
        name: &str,
        links: &mut [Link],
        mut item: impl FnMut(&mut Writing<'_>, &Link) -> Option<Json>,
    ) {
        if let Mode::Write { out, run, empty } = &mut self.0 {
            let items: Vec<Json> = links.iter().filter_map(|link| item(run, link)).collect();
            out.list(name, items, empty);
        }
    }
}

/// The place of the official name: the first in an official language of the country, preferably in its usual script; or else
/// the first of all.
fn official_among(official: &[Locale], position: impl Fn(&dyn Fn(&Locale) -> bool) -> Option<usize>) -> usize {
    let in_script = official.iter().find_map(|wanted| position(&|locale| locale.shares_script(wanted)));
    let in_language = || official.iter().find_map(|wanted| position(&|locale| locale.shares_language(wanted)));
    in_script.or_else(in_language).unwrap_or(0)
}

/// The name of a type without its path.
fn type_name<T>() -> &'static str {
    std::any::type_name::<T>().rsplit("::").next().unwrap_or_default()
}

/// The message for a value outside a closed list.
fn not_in_list<V: Vocabulary>(label: &str) -> String {
    format!("{label:?} is not in the list: {}", V::known().collect::<Vec<_>>().join(", "))
}

pub(super) fn list_schema(items: Json) -> Json {
    schema("array").with("items", items).done()
}

/// Walks an object that is read, and reports the members that are left over; `false` if the value is not an object.
pub(super) fn read_object(json: Json, at: String, run: &mut Reading, fields: impl FnOnce(&mut Form<'_>)) -> bool {
    let Json::Object(members) = json else {
        run.faults.push(Fault::new(at, expected("an object", &json)));
        return false;
    };
    let mut once: Vec<(String, Option<Json>)> = Vec::with_capacity(members.len());
    for (key, value) in members {
        if once.iter().any(|(before, _)| *before == key) {
            let message = format!("the field {key:?} occurs twice: remove one");
            run.faults.push(Fault::new(format!("{at}/{}", escape(&key)), message));
        } else {
            once.push((key, Some(value)));
        }
    }
    let members = once;
    let mut form = Form(Mode::Read { members, at, run });
    fields(&mut form);
    if let Mode::Read { members, at, run } = form.0 {
        for (key, _) in members.into_iter().filter(|(_, value)| value.is_some()) {
            let message = format!("the field {key:?} is unknown here");
            run.faults.push(Fault::new(format!("{at}/{}", escape(&key)), message));
        }
    }
    true
}

/// Writes an object.
pub(super) fn write_object(run: &mut Writing<'_>, fields: impl FnOnce(&mut Form<'_>)) -> Json {
    write_object_with(run, &[], fields)
}

pub(super) fn write_object_with(run: &mut Writing<'_>, empty: &[String], fields: impl FnOnce(&mut Form<'_>)) -> Json {
    let run = Writing { names: run.names, missing: run.missing, lost: run.lost, left_out: run.left_out };
    let mut form = Form(Mode::Write { out: ObjectText::default(), run, empty });
    fields(&mut form);
    let Mode::Write { out, .. } = form.0 else { return Json::Null };
    out.done()
}

/// Describes an object.
pub(super) fn describe_object(fields: impl FnOnce(&mut Form<'_>)) -> Json {
    let mut form = Form(Mode::Describe { properties: ObjectText::default(), required: Vec::new(), any: Vec::new() });
    fields(&mut form);
    let Mode::Describe { properties, required, any } = form.0 else { return Json::Null };
    let explain = |(name, described): (String, Json)| {
        let Json::Object(mut members) = described else { return (name, described) };
        members.extend(about(&name).map(|text| ("description".to_owned(), Json::string(text))));
        (name, Json::Object(members))
    };
    let properties = Json::Object(properties.0.into_iter().map(explain).collect());
    let object = schema("object").with("properties", properties).with("additionalProperties", Json::Bool(false));
    let object = if required.is_empty() { object } else { object.with("required", Json::Array(required)) };
    if any.is_empty() { object.done() } else { object.with("anyOf", Json::Array(any)).done() }
}

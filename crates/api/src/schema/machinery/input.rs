//! Inputs of commands. They are the forms of the exchange format: whatever a file can say of a record, a command can.

use std::borrow::Cow;
use std::collections::HashMap;
use std::marker::PhantomData;

use async_graphql::registry::{MetaType, Registry};
use async_graphql::{ID, InputType, InputValueError, InputValueResult, Name, Scalar, ScalarType, Value};
use pomost_domain::exchange::{self, Definition, Exchanged, Fault, Json};
use pomost_domain::text::Origin;
use pomost_domain::{Kind, Vocabulary};
use uuid::Uuid;

use super::definition::{input, input_object, register};
use super::node;
use super::values::{Date, PartialDateInput};
use crate::error::ApiError;
use crate::loader::Loader;

/// A text in one language or in several.
pub(crate) struct TextInput;

/// A text for people: a string, or an object of language tags (BCP 47) such as `{pl: "…", de: "…"}`, of which the first is
/// the original and the others are translations. A tag may have an object instead of a string, which tells more of it:
/// `{text: "…", origin: MACHINE, translator: "…", basedOnVersion: 3}`; `origin` is one of `TextOrigin`.
#[Scalar(name = "TextInput")]
impl ScalarType for TextInput {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(_) | Value::Object(_) => Ok(Self),
            other => Err(InputValueError::expected_type(other)),
        }
    }
    fn to_value(&self) -> Value {
        Value::Null
    }
}

/// Members of any name.
pub(crate) struct MapInput;

/// An object whose members have names of your choice: texts by language tag, as in `TextInput`, or counts by what is counted.
#[Scalar(name = "MapInput")]
impl ScalarType for MapInput {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::Object(_) => Ok(Self),
            other => Err(InputValueError::expected_type(other)),
        }
    }
    fn to_value(&self) -> Value {
        Value::Null
    }
}

/// What a member of an input holds.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Text,
    Localized,
    Map,
    Reference,
    Choice(String, Vec<String>),
    Count,
    Number,
    Flag,
    Day,
    PartialDate,
    List(Box<Shape>),
    Object(Vec<Member>),
}

#[derive(Clone, Debug, PartialEq)]
struct Member {
    name: String,
    shape: Shape,
    required: bool,
    description: String,
}

/// Repeats what the date beside it shows; only files have it.
fn is_redundant(name: &str) -> bool {
    name.ends_with("Precision")
}

impl Shape {
    fn of(schema: &Json) -> Self {
        if let Some(definition) = Definition::of(schema) {
            return match definition {
                Definition::Texts => Self::Localized,
                Definition::Languages => Self::Map,
                Definition::Reference => Self::Reference,
                Definition::Date => Self::PartialDate,
                Definition::Day => Self::Day,
                Definition::Count => Self::Count,
                Definition::Text
                | Definition::Label
                | Definition::Language
                | Definition::Slug
                | Definition::Country
                | Definition::Currency
                | Definition::Amount => Self::Text,
            };
        }
        let text = |key: &str| schema.get(key).and_then(Json::as_str);
        if let Some(Json::Array(labels)) = schema.get("enum") {
            let labels = labels.iter().filter_map(Json::as_str).map(ToOwned::to_owned).collect();
            return match text("title") {
                Some(name) => Self::Choice(name.to_owned(), labels),
                None => Self::Text,
            };
        }
        match text("type") {
            Some("array") => Self::List(Box::new(schema.get("items").map_or(Self::Text, Self::of))),
            Some("object") => match schema.get("properties") {
                Some(Json::Object(properties)) => Self::Object(members(schema, properties)),
                _ => Self::Map,
            },
            Some("integer") => Self::Count,
            Some("number") => Self::Number,
            Some("boolean") => Self::Flag,
            Some(_) => Self::Text,
            None => Self::Localized,
        }
    }

    /// The type of the schema; `place` names the types that are made for it.
    fn type_name(&self, place: &str, registry: &mut Registry) -> String {
        match self {
            Self::Text => String::create_type_info(registry),
            Self::Localized => <TextInput as InputType>::create_type_info(registry),
            Self::Map => <MapInput as InputType>::create_type_info(registry),
            Self::Reference => ID::create_type_info(registry),
            Self::Choice(name, _) => format!("{name}!"),
            Self::Count => i32::create_type_info(registry),
            Self::Number => f64::create_type_info(registry),
            Self::Flag => bool::create_type_info(registry),
            Self::Day => <Date as InputType>::create_type_info(registry),
            Self::PartialDate => <PartialDateInput as InputType>::create_type_info(registry),
            Self::List(items) => format!("[{}]!", items.type_name(place, registry)),
            Self::Object(members) => {
                let name = format!("{place}Input");
                let description = format!("A part of the input of a record: see the field that takes it ({place}).");
                if !registry.types.contains_key(&name) {
                    let made = object_type(registry, &name, &description, members, place, true);
                    registry.types.insert(name.clone(), made);
                }
                format!("{name}!")
            }
        }
    }

    /// The JSON of a value. What is a reference is looked up in `slugs`, where it is a global id.
    fn json(&self, value: &Value, slugs: &HashMap<String, String>) -> Json {
        match (self, value) {
            (_, Value::Null) => Json::Null,
            (_, Value::Boolean(flag)) => Json::Bool(*flag),
            (_, Value::Number(number)) => Json::Number(number.clone()),
            (Self::Reference, Value::String(text)) => Json::string(slugs.get(text).unwrap_or(text)),
            (Self::Choice(_, labels), Value::String(text)) => chosen(labels, text),
            (Self::Choice(_, labels), Value::Enum(name)) => chosen(labels, name),
            (_, Value::String(text)) => Json::string(text),
            (_, Value::Enum(name)) => Json::string(name.as_str()),
            (Self::List(items), Value::List(values)) => {
                Json::Array(values.iter().map(|value| items.json(value, slugs)).collect())
            }
            // GraphQL takes a single value for a list of one.
            (Self::List(items), value) => Json::Array(vec![items.json(value, slugs)]),
            (_, Value::List(values)) => Json::Array(values.iter().map(|value| self.json(value, slugs)).collect()),
            (Self::Object(members), Value::Object(values)) => object(members, values, slugs),
            (_, Value::Object(values)) => {
                let member = |(name, value): (&Name, &Value)| {
                    // Of a text in a language, as the schema names it.
                    let origin = |value: &Value| match value {
                        Value::String(text) => Some(chosen(&origins(), text)),
                        Value::Enum(name) => Some(chosen(&origins(), name)),
                        _ => None,
                    };
                    let read = Some(value).filter(|_| name == "origin").and_then(origin);
                    (name.to_string(), read.unwrap_or_else(|| Self::Map.json(value, slugs)))
                };
                Json::Object(values.iter().map(member).collect())
            }
            (_, Value::Binary(_)) => Json::Null,
        }
    }

    /// The texts that stand where a reference is.
    fn references<'a>(&self, value: &'a Value, found: &mut Vec<&'a str>) {
        match (self, value) {
            (Self::Reference, Value::String(text)) => found.push(text),
            (Self::List(items), Value::List(values)) => values.iter().for_each(|value| items.references(value, found)),
            (Self::List(items), value) => items.references(value, found),
            (Self::Object(members), Value::Object(values)) => {
                for member in members {
                    if let Some(value) = values.get(member.name.as_str()) {
                        member.shape.references(value, found);
                    }
                }
            }
            _ => {}
        }
    }
}

fn object(
    members: &[Member],
    values: &async_graphql::indexmap::IndexMap<Name, Value>,
    slugs: &HashMap<String, String>,
) -> Json {
    let member = |(name, value): (&Name, &Value)| {
        let shape = members.iter().find(|member| member.name == name.as_str()).map(|member| &member.shape);
        (name.to_string(), shape.unwrap_or(&Shape::Map).json(value, slugs))
    };
    Json::Object(values.iter().map(member).collect())
}

fn members(schema: &Json, properties: &[(String, Json)]) -> Vec<Member> {
    let required: Vec<&str> = match schema.get("required") {
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let member = |(name, schema): &(String, Json)| Member {
        shape: Shape::of(schema),
        // How many members a list has is for the record to say, with its other mistakes.
        required: required.contains(&name.as_str()) && schema.get("minItems").is_none(),
        description: exchange::about(name).unwrap_or_default().to_owned(),
        name: name.clone(),
    };
    properties.iter().filter(|(name, _)| !is_redundant(name)).map(member).collect()
}

/// `inProgress` and `in_progress` as `IN_PROGRESS`.
fn screaming(label: &str) -> String {
    let mut name = String::with_capacity(label.len() + 2);
    for c in label.chars() {
        if c.is_uppercase() {
            name.push('_');
        }
        name.extend(c.to_uppercase());
    }
    name
}

/// How a text may have come about.
fn origins() -> Vec<String> {
    Origin::known().map(str::to_owned).collect()
}

fn chosen(labels: &[String], name: &str) -> Json {
    Json::string(labels.iter().find(|label| screaming(label) == name).map_or(name, String::as_str))
}

/// The type of an object; `place` names the types of its parts.
fn object_type(
    registry: &mut Registry,
    name: &str,
    description: &str,
    members: &[Member],
    place: &str,
    required: bool,
) -> MetaType {
    let member = |member: &Member| {
        let ty = member.shape.type_name(&format!("{place}{}", capital(&member.name)), registry);
        let ty = if required && member.required { ty } else { ty.trim_end_matches('!').to_owned() };
        input(&member.name, ty, &member.description)
    };
    input_object(name, description, members.iter().map(member).collect())
}

/// The fields that an input takes and those that it needs.
pub(crate) struct Purpose {
    /// The end of the name of its type: `CityInput`, `CityChanges`.
    pub(crate) suffix: &'static str,
    /// Whether the fields that every record has must be given.
    pub(crate) complete: bool,
    pub(crate) description: &'static str,
    /// Fields that it does not take.
    pub(crate) without: &'static [&'static str],
    /// Fields that it takes; all of them where none is named.
    pub(crate) only: &'static [&'static str],
    /// Fields that have to be given, though a record can be without.
    pub(crate) needed: &'static [&'static str],
    /// The field whose object it is; the record itself where there is none.
    pub(crate) member: &'static str,
    /// Whether it may say that parts of a record which it leaves out are withdrawn.
    pub(crate) may_withdraw: bool,
    /// Whether a part names the record that it belongs to.
    pub(crate) names_whole: bool,
}

impl Purpose {
    /// An input that takes all fields and needs none.
    pub(crate) const ANY: Self = Self {
        suffix: "",
        complete: false,
        description: "",
        without: &[],
        only: &[],
        needed: &[],
        member: "",
        may_withdraw: false,
        names_whole: false,
    };
}

/// The flag of changes that withdraw the parts that they leave out.
pub(crate) const WITHDRAW_OMITTED: &str = "withdrawOmitted";

/// A new record.
pub(crate) const NEW: Purpose = Purpose {
    suffix: "Input",
    complete: true,
    description: "A new record. Fields have the names that they have in files (data/README.md); what \
        is not known is left out. References are global ids or slugs. Without `slug`, one is made of the name.",
    names_whole: true,
    ..Purpose::ANY
};

/// Changes of a record.
pub(crate) const CHANGES: Purpose = Purpose {
    suffix: "Changes",
    description: "What is to be changed of a record: a field that is left out stays as it is, `null` \
        clears it, a list takes the place of the whole list. References are global ids or slugs.",
    without: &["slug"],
    may_withdraw: true,
    ..Purpose::ANY
};

/// The form of records of one type in the exchange format, as data.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    kind: Kind,
    describe: fn() -> Json,
    /// The reason why a field stays as it is once the record is public; `None` for a field that may change.
    pub(crate) is_fixed: fn(&str) -> Option<&'static str>,
    whole_field: &'static str,
    has_parts: fn() -> bool,
}

impl Form {
    /// The form of facts of a type.
    pub(crate) const fn of<T: Exchanged>() -> Self {
        Self {
            kind: T::KIND,
            describe: exchange::describe::<T>,
            is_fixed: T::is_fixed,
            whole_field: T::WHOLE_FIELD,
            has_parts: || !T::part_pointer(0).is_empty(),
        }
    }

    fn members(&self, purpose: &Purpose) -> Vec<Member> {
        let Shape::Object(mut members) = Shape::of(&(self.describe)()) else { return Vec::new() };
        if !purpose.member.is_empty() {
            let member = members.into_iter().find(|member| member.name == purpose.member).map(|member| member.shape);
            return if let Some(Shape::Object(members)) = member { members } else { Vec::new() };
        }
        let takes =
            |name: &str| !purpose.without.contains(&name) && (purpose.only.is_empty() || purpose.only.contains(&name));
        members.retain(|member| takes(&member.name));
        for member in &mut members {
            // A record can be named after itself.
            member.required =
                (member.required && member.name != "slug") || purpose.needed.contains(&member.name.as_str());
        }
        if !self.whole_field.is_empty() && purpose.names_whole {
            let (name, description) = (self.whole_field.to_owned(), "The record that it is a part of.".to_owned());
            members.push(Member { name, shape: Shape::Reference, required: true, description });
        }
        if (self.has_parts)() && purpose.may_withdraw {
            let description = "Whether parts of the record, such as commitments of a letter, that a list leaves out are \
                withdrawn. Unless it is `true`, leaving out a part is an error that names it.";
            let (name, description) = (WITHDRAW_OMITTED.to_owned(), description.to_owned());
            members.push(Member { name, shape: Shape::Flag, required: false, description });
        }
        members
    }

    /// The name of the type of the schema, without what it is for.
    fn name(&self) -> String {
        pomost_domain::Vocabulary::label(self.kind).split('_').map(capital).collect()
    }
}

/// Registers the input of a command about records of a type, and returns its name.
pub(crate) fn input_type(registry: &mut Registry, form: &Form, purpose: &Purpose) -> String {
    let place = form.name();
    if !purpose.member.is_empty() {
        // The type that the input of the whole record has there.
        let place = format!("{place}{}", capital(purpose.member));
        return Shape::Object(form.members(purpose)).type_name(&place, registry).trim_end_matches('!').to_owned();
    }
    register(registry, format!("{place}{}", purpose.suffix), |registry, name| {
        object_type(registry, name, purpose.description, &form.members(purpose), &place, purpose.complete)
    })
}

/// The input of a command about records.
pub(crate) struct AnyInput(Value);

impl AnyInput {
    /// The input as a record of the exchange format. At most one statement, for references that are given as ids.
    pub(crate) async fn json(&self, form: &Form, purpose: &Purpose, loader: &Loader) -> Result<Json, ApiError> {
        let json = record(form.members(purpose), &self.0, loader).await?;
        // Of an object that is given as a whole, `null` says no more than leaving a field out.
        Ok(if purpose.member.is_empty() { json } else { patched(&Json::Object(Vec::new()), json) })
    }
}

impl InputType for AnyInput {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("AnyInput")
    }

    fn create_type_info(_: &mut Registry) -> String {
        // The field that takes it names the type of its records.
        Self::qualified_type_name()
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value.unwrap_or_default() {
            value @ Value::Object(_) => Ok(Self(value)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }
}

/// The input of a named act.
pub(crate) trait ActInput: Send + Sync + 'static {
    /// The facts of the records that the act is about.
    type Fact: Exchanged;
    /// The fields that it takes.
    const PURPOSE: Purpose;
}

/// The input of a named act, as an argument.
pub(crate) struct Input<A> {
    input: AnyInput,
    of: PhantomData<fn() -> A>,
}

impl<A: ActInput> Input<A> {
    /// The input as a record of the exchange format. At most one statement, for references that are given as ids.
    pub(crate) async fn json(&self, loader: &Loader) -> Result<Json, ApiError> {
        self.input.json(&Form::of::<A::Fact>(), &A::PURPOSE, loader).await
    }
}

impl<A: ActInput> InputType for Input<A> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}{}", Form::of::<A::Fact>().name(), A::PURPOSE.suffix))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        format!("{}!", input_type(registry, &Form::of::<A::Fact>(), &A::PURPOSE))
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let input = AnyInput::parse(value).map_err(InputValueError::propagate)?;
        Ok(Self { input, of: PhantomData })
    }

    fn to_value(&self) -> Value {
        self.input.to_value()
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }
}

/// The input of these members as a record of the exchange format.
async fn record(members: Vec<Member>, value: &Value, loader: &Loader) -> Result<Json, ApiError> {
    let Value::Object(values) = value else { return Ok(Json::Object(Vec::new())) };
    let mut texts = Vec::new();
    Shape::Object(members.clone()).references(value, &mut texts);
    let ids: HashMap<Uuid, &str> =
        texts.into_iter().filter_map(|text| Some((node::raw(&ID(text.to_owned()))?, text))).collect();
    let slugs = loader.store().slugs(&ids.keys().copied().collect::<Vec<_>>()).await?;
    let slugs = slugs.into_iter().filter_map(|(id, slug)| Some(((*ids.get(&id)?).to_owned(), slug))).collect();
    Ok(object(&members, values, &slugs))
}

/// A word with a capital letter.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A stored record with changes: what is `null` is cleared.
pub(crate) fn patched(stored: &Json, changes: Json) -> Json {
    let (Json::Object(stored), Json::Object(changes)) = (stored, changes) else { return stored.clone() };
    let mut members = stored.clone();
    for (name, value) in changes {
        // What repeats the precision of a date would contradict a new one.
        members.retain(|(known, _)| *known != name && !(is_redundant(known) && is_about(known, &name)));
        if value != Json::Null {
            members.push((name, value));
        }
    }
    Json::Object(members)
}

/// Whether a field repeats the precision of a date.
fn is_about(precision: &str, date: &str) -> bool {
    match precision {
        "datePrecision" => ["date", "since", "startDate", "submittedDate", "dateNotAfter"].contains(&date),
        "endDatePrecision" => ["endDate", "startDate"].contains(&date),
        other => other.strip_suffix("Precision") == Some(date),
    }
}

/// The path of the field that a fault is about.
pub(crate) fn path(fault: &Fault) -> Vec<String> {
    let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
    fault.pointer.split('/').skip(1).map(unescaped).collect()
}

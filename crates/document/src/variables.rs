//! Coerces the variables of a request (section 6.1.2).

use apollo_compiler::Name as Ident;
use apollo_compiler::ast::Type;
use apollo_compiler::schema::ExtendedType;
use async_graphql_parser::Pos;
use async_graphql_value::{ConstValue, Name, Number, Variables, indexmap::IndexMap};

use crate::explain::{did_you_mean, did_you_mean_or_list, shortened, shown};
use crate::operation::Operation;
use crate::type_system::TypeSystem;
use crate::{Fault, FaultKind, literal};

/// Maximum number of reported errors.
const MAX_FAULTS: usize = 20;

impl Operation<'_> {
    /// The variables for the execution of the operation: with the declared types, with defaults, and without undeclared
    /// ones.
    ///
    /// # Errors
    /// A variable is missing or has a value of the wrong type: all errors, each with its path.
    pub fn coerce(&self, types: &TypeSystem, sent: &Variables) -> Result<Variables, Vec<Fault>> {
        let mut coerced = Variables::default();
        let mut faults = Vec::new();
        for variable in &self.definition.variables {
            let name = variable.name.as_str();
            let at = Some(self.document.lines.at(variable.location()));
            let fault = |message: String| Fault { kind: FaultKind::Value, message, at };
            match (sent.get(name), &variable.default_value) {
                (Some(ConstValue::Null), _) if let Some((ty, used)) = self.document.required.get(&variable.name) => {
                    let Pos { line, column } = used;
                    faults.push(fault(format!(
                        "the variable ${name} is null, but its use at {line}:{column} requires a {ty}: leave it out to use its default"
                    )));
                }
                (Some(value), _) => {
                    let mut coercion = Coercion { types, wrong: Vec::new() };
                    let value = coercion.value(&variable.ty, value, &format!("${name}"));
                    faults.extend(coercion.wrong.into_iter().map(fault));
                    coerced.insert(Name::new(name), value);
                }
                (None, Some(default)) => {
                    // Validation has checked the default.
                    if let Some(value) = literal::typed(types, &variable.ty, default).into_const() {
                        coerced.insert(Name::new(name), value);
                    }
                }
                (None, None) if self.has_null_default(&variable.name) => {
                    coerced.insert(Name::new(name), ConstValue::Null);
                }
                (None, None) if variable.ty.is_non_null() => {
                    faults.push(fault(format!("the variable ${name} is missing, but its type is {}", variable.ty)));
                }
                (None, None) => {}
            }
        }
        faults.truncate(MAX_FAULTS);
        if faults.is_empty() { Ok(coerced) } else { Err(faults) }
    }

    fn has_null_default(&self, variable: &Ident) -> bool {
        let defaults = &self.document.null_defaults;
        !defaults.is_empty() && defaults.contains(&(self.definition.name.clone(), variable.clone()))
    }
}

struct Coercion<'a> {
    types: &'a TypeSystem,
    wrong: Vec<String>,
}

impl Coercion<'_> {
    fn wrong(&mut self, message: String) -> ConstValue {
        if self.wrong.len() < MAX_FAULTS {
            self.wrong.push(message);
        }
        ConstValue::Null
    }

    fn value(&mut self, ty: &Type, value: &ConstValue, path: &str) -> ConstValue {
        match value {
            ConstValue::Null if ty.is_non_null() => {
                let what = if path.contains('.') || path.contains('[') { "value" } else { "variable" };
                self.wrong(format!("the {what} {path} is null, but its type is {ty}"))
            }
            ConstValue::Null => ConstValue::Null,
            ConstValue::List(items) if ty.is_list() => {
                let items = items.iter().enumerate();
                ConstValue::List(
                    items.map(|(at, item)| self.value(ty.item_type(), item, &format!("{path}[{at}]"))).collect(),
                )
            }
            // A single value is coerced to a list of one.
            single if ty.is_list() => ConstValue::List(vec![self.value(ty.item_type(), single, path)]),
            other => self.named(ty.inner_named_type(), other, path),
        }
    }

    fn named(&mut self, name: &str, value: &ConstValue, path: &str) -> ConstValue {
        let types = self.types;
        let expected = |what: &str| format!("the value of {path} is {}, but {what}", shown(value));
        match types.schema.types.get(name) {
            Some(ExtendedType::Enum(definition)) => match value {
                ConstValue::String(text) if definition.values.contains_key(text.as_str()) => {
                    ConstValue::Enum(Name::new(text))
                }
                _ => {
                    let values: Vec<&str> = definition.values.keys().map(|value| &**value).collect();
                    let text = if let ConstValue::String(text) = value { text } else { "" };
                    let hint = did_you_mean_or_list(text, &values);
                    self.wrong(expected(&format!("must be a value of the enum {name}, as a string.{hint}")))
                }
            },
            Some(ExtendedType::InputObject(definition)) => match value {
                ConstValue::Object(fields) => self.object(definition, fields, path),
                _ => self.wrong(expected(&format!("must be an object of the type {name}"))),
            },
            Some(ExtendedType::Scalar(_)) => match scalar(name, value) {
                Some(Ok(value)) => value,
                Some(Err(what)) => self.wrong(expected(what)),
                None => match types.scalars.check(name, value) {
                    Ok(()) => value.clone(),
                    Err(wrong) => self.wrong(format!("the value of {path} is not a {name}: {}", shortened(&wrong))),
                },
            },
            // Validation ensures that variables have no other type.
            _ => value.clone(),
        }
    }

    fn object(
        &mut self,
        definition: &apollo_compiler::schema::InputObjectType,
        fields: &IndexMap<Name, ConstValue>,
        path: &str,
    ) -> ConstValue {
        let name = &definition.name;
        for unknown in fields.keys().filter(|key| !definition.fields.contains_key(key.as_str())) {
            let hint = did_you_mean(unknown, definition.fields.keys().map(|name| &**name));
            self.wrong(format!("{path} has a field \"{unknown}\", which the type {name} does not have.{hint}"));
        }
        if definition.is_one_of() && (fields.len() != 1 || fields.values().any(|value| *value == ConstValue::Null)) {
            let names: Vec<&str> = definition.fields.keys().map(|name| &**name).collect();
            let message = format!("{path} must have exactly one field that is not null, out of {}", names.join(", "));
            return self.wrong(message);
        }
        let mut object = IndexMap::with_capacity(fields.len());
        for (field, value) in fields {
            if let Some(definition) = definition.fields.get(field.as_str()) {
                object.insert(field.clone(), self.value(&definition.ty, value, &format!("{path}.{field}")));
            }
        }
        for (field, definition) in &definition.fields {
            if definition.is_required() && !fields.contains_key(field.as_str()) {
                self.wrong(format!("{path} lacks the field \"{field}\", whose type is {}", definition.ty));
            }
        }
        ConstValue::Object(object)
    }
}

/// A value of one of the five built-in scalars, or the requirement; `None` for custom scalars.
fn scalar(name: &str, value: &ConstValue) -> Option<Result<ConstValue, &'static str>> {
    let integer = |value: &ConstValue| match value {
        ConstValue::Number(number) => whole(number),
        _ => None,
    };
    Some(match (name, value) {
        ("Int", _) => match integer(value).and_then(|number| i32::try_from(number).ok()) {
            Some(number) => Ok(ConstValue::Number(number.into())),
            None => Err("must be a whole number of at most 32 bits, from -2147483648 to 2147483647"),
        },
        ("Float", ConstValue::Number(_))
        | ("String" | "ID", ConstValue::String(_))
        | ("Boolean", ConstValue::Boolean(_)) => Ok(value.clone()),
        ("Float", _) => Err("must be a number"),
        ("Boolean", _) => Err("must be true or false"),
        // A whole number of any size: beyond 64 bits a number has no fraction.
        ("ID", ConstValue::Number(number)) => match (whole(number), number.as_f64()) {
            (Some(number), _) => Ok(ConstValue::String(number.to_string())),
            (None, Some(float)) if float.fract() == 0.0 => Ok(ConstValue::String(float.to_string())),
            _ => Err("must be a string"),
        },
        ("String" | "ID", _) => Err("must be a string"),
        _ => return None,
    })
}

/// The value of a number without a fraction, in any notation: `20`, `20.0` and `2e1` are equal.
fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().filter(|float| float.fract() == 0.0)?.to_string().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scalar, Scalars, parse};

    const SDL: &str = "
        scalar Day
        enum Side { LEFT RIGHT }
        input Key @oneOf { id: ID slug: String }
        input Filter { and: [Filter!] side: Side size: Int! = 3 name: String! days: [Day!] key: Key }
        type Query { a(filter: Filter, n: Int, f: Float, id: ID, s: String, b: Boolean, l: [[Int!]!], day: Day, side: Side): Int }
    ";

    fn types() -> TypeSystem {
        let day: Scalar = |value| match value {
            ConstValue::String(text) if text.len() == 10 => Ok(()),
            _ => Err("a day is written YYYY-MM-DD".to_owned()),
        };
        TypeSystem::validated(SDL, [("Day", day)].into_iter().collect()).unwrap()
    }

    #[test]
    fn null_is_refused_where_only_the_default_makes_a_nullable_variable_valid() {
        let types = TypeSystem::validated(
            "input Key @oneOf { slug: String } type Query { a(n: Int!, l: [Int!], k: Key): Int b: Int }",
            Scalars::default(),
        )
        .unwrap();
        let coerced = |text: &str| {
            let document = types.validate(parse(text).unwrap()).unwrap();
            let variables = Variables::from_json(serde_json::json!({ "x": null }));
            document.operation(None).unwrap().coerce(&types, &variables).map_err(|faults| faults[0].message.clone())
        };
        for (text, place) in [
            ("query ($x: Int = 1) { a(n: $x) }", "1:28 requires a Int!"),
            ("query ($x: Int = 1) { a(n: 1, l: [$x]) }", "1:35 requires a Int!"),
            ("query ($x: Boolean = true) { b @skip(if: $x) }", "1:42 requires a Boolean!"),
            ("query ($x: Int = 1) { ...f } fragment f on Query { a(n: $x) }", "1:57 requires a Int!"),
        ] {
            let message = coerced(text).unwrap_err();
            assert!(message.starts_with("the variable $x is null") && message.contains(place), "{text}: {message}");
        }
        assert!(coerced("query ($x: [Int!] = 1) { a(n: 1, l: $x) }").is_ok());
    }

    /// The coerced value of `$x`, or the error.
    fn coerced(ty: &str, argument: &str, variables: &str) -> Result<String, String> {
        let types = types();
        let text = format!("query ($x: {ty}) {{ a({argument}: $x) }}");
        let document = types.validate(parse(&text).unwrap()).unwrap();
        let sent = serde_json::from_str(variables).unwrap();
        let operation = document.operation(None).unwrap();
        let faults = |faults: Vec<Fault>| faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("; ");
        let coerced = operation.coerce(&types, &sent).map_err(faults)?;
        Ok(coerced.get("x").map_or_else(|| "absent".to_owned(), ToString::to_string))
    }

    #[test]
    fn values_of_the_right_type_are_accepted() {
        for (ty, argument, sent, expected) in [
            ("Int", "n", r#"{"x": 20.0}"#, "20"),
            ("Int", "n", r#"{"x": 2e1}"#, "20"),
            ("Int", "n", r#"{"x": -2147483648}"#, "-2147483648"),
            ("Int", "n", r#"{"x": null}"#, "null"),
            ("Int", "n", "{}", "absent"),
            ("Int = 7", "n", "{}", "7"),
            ("Float", "f", r#"{"x": 3}"#, "3"),
            ("ID", "id", r#"{"x": 3}"#, "\"3\""),
            ("ID", "id", r#"{"x": 100000000000000000000}"#, "\"100000000000000000000\""),
            ("Int = null", "n", "{}", "null"),
            ("[[Int!]!]", "l", r#"{"x": 3}"#, "[[3]]"),
            ("[[Int!]!]", "l", r#"{"x": [[1], 2]}"#, "[[1], [2]]"),
            ("Side", "side", r#"{"x": "LEFT"}"#, "LEFT"),
            ("Day", "day", r#"{"x": "2012-06-30"}"#, "\"2012-06-30\""),
            (
                "Filter",
                "filter",
                r#"{"x": {"name": "a", "and": {"name": "b"}}}"#,
                "{name: \"a\", and: [{name: \"b\"}]}",
            ),
            ("Filter", "filter", r#"{"x": {"name": "a", "key": {"id": 1}}}"#, "{name: \"a\", key: {id: \"1\"}}"),
        ] {
            assert_eq!(coerced(ty, argument, sent).as_deref(), Ok(expected), "{ty} {sent}");
        }
    }

    #[test]
    fn values_of_another_type_are_refused_with_their_path() {
        for (ty, argument, sent, expected) in [
            ("Int", "n", r#"{"x": 2147483648}"#, "32 bits"),
            ("Int", "n", r#"{"x": 1.5}"#, "32 bits"),
            ("Int", "n", r#"{"x": "1"}"#, "32 bits"),
            ("Int", "n", r#"{"x": true}"#, "32 bits"),
            ("Int!", "n", "{}", "is missing"),
            ("Int!", "n", r#"{"x": null}"#, "is null"),
            ("Float", "f", r#"{"x": "1.5"}"#, "a number"),
            ("String", "s", r#"{"x": 1}"#, "a string"),
            ("Boolean", "b", r#"{"x": "true"}"#, "true or false"),
            ("ID", "id", r#"{"x": 1.5}"#, "a string"),
            ("[[Int!]!]", "l", r#"{"x": [[1, null]]}"#, "$x[0][1] is null"),
            ("Side", "side", r#"{"x": "left"}"#, "Did you mean \"LEFT\"? There are: LEFT, RIGHT."),
            ("Side", "side", r#"{"x": 1}"#, "There are: LEFT, RIGHT."),
            ("Day", "day", r#"{"x": "2012-6-3"}"#, "a day is written"),
            ("Filter", "filter", r#"{"x": {"nam": "a"}}"#, "Did you mean \"name\"?"),
            ("Filter", "filter", r#"{"x": {"nam": "a"}}"#, "lacks the field \"name\""),
            ("Filter", "filter", r#"{"x": 7}"#, "an object of the type Filter"),
            ("Filter", "filter", r#"{"x": [{"name": "a"}]}"#, "an object of the type Filter"),
            ("Filter", "filter", r#"{"x": {"name": "a", "size": null}}"#, "$x.size is null"),
            ("Filter", "filter", r#"{"x": {"name": "a", "key": {}}}"#, "exactly one field"),
            ("Filter", "filter", r#"{"x": {"name": "a", "key": {"id": null}}}"#, "exactly one field"),
            ("Filter", "filter", r#"{"x": {"name": "a", "key": {"id": 1, "slug": "s"}}}"#, "exactly one field"),
            ("Filter", "filter", r#"{"x": {"name": "a", "days": ["2012-06-30", 7]}}"#, "$x.days[1] is not a Day"),
        ] {
            let found = coerced(ty, argument, sent).unwrap_err();
            assert!(found.contains(expected), "{ty} {sent}: {found}");
        }
    }

    #[test]
    fn undeclared_variables_are_left_out() {
        assert_eq!(coerced("Int", "n", r#"{"x": 1, "y": {"z": []}}"#).as_deref(), Ok("1"));
    }
}

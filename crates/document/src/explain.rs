//! Messages for errors in a document, with the correction.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticData;
use async_graphql_value::ConstValue;

use crate::type_system::TypeSystem;

/// Maximum number of suggested names.
const MAX_SUGGESTIONS: usize = 5;
/// Maximum number of listed enum values.
const MAX_VALUES: usize = 40;

/// The message of an error. The validator states the broken rule and, in quotes, the names; valid names are looked up in the
/// schema and the document.
pub(crate) fn explain(types: &TypeSystem, document: &ExecutableDocument, error: &DiagnosticData) -> String {
    let said = error.unstable_compat_message().unwrap_or_else(|| error.to_string());
    let quoted: Vec<&str> = said.split('"').skip(1).step_by(2).collect();
    let hint = match (error.unstable_error_name().unwrap_or_default(), &quoted[..]) {
        ("UndefinedField", [field, on, ..]) => hint_for_field(types, field, on),
        ("UndefinedArgument", [argument, coordinate, ..]) => {
            let names = argument_names(types, coordinate);
            did_you_mean(argument, names.iter().map(String::as_str))
        }
        ("UndefinedInputValue", [field, on, ..]) => match types.schema.get_input_object(on) {
            Some(input) => did_you_mean_or_list(field, &input.fields.keys().map(|name| &**name).collect::<Vec<_>>()),
            None => String::new(),
        },
        (
            "UndefinedDefinition"
            | "UndefinedTypeInNamedFragmentTypeCondition"
            | "UndefinedTypeInInlineFragmentTypeCondition",
            [name, ..],
        ) => did_you_mean(name, types.schema.types.keys().map(|name| &**name)),
        ("UndefinedDirective", [name, ..]) => {
            let known: Vec<String> = types.schema.directive_definitions.keys().map(|name| format!("@{name}")).collect();
            did_you_mean(name, known.iter().map(String::as_str))
        }
        ("UndefinedFragment", [name, ..]) => did_you_mean(name, document.fragments.keys().map(|name| &**name)),
        ("UndefinedEnumValue", [value, on, ..]) => hint_for_enum(types, value, on),
        ("IntCoercionError", _) => format!(". A whole number is from {} to {}.", i32::MIN, i32::MAX),
        ("UnsupportedValueType", _) => return unsupported_value(types, error, &said),
        _ => String::new(),
    };
    // The validator omits a quotation mark.
    let said = match said.split_once("conflicting types \"") {
        Some((before, types)) => format!("{before}conflicting types \"{}", types.replacen(" and \"", "\" and \"", 1)),
        None => said,
    };
    said + &hint
}

fn hint_for_field(types: &TypeSystem, field: &str, on: &str) -> String {
    let has = |on: &str| types.schema.type_field(on, field).is_ok();
    let holds_it =
        |inner: &&str| types.schema.type_field(on, inner).is_ok_and(|inner| has(inner.ty.inner_named_type()));
    if let Some(inner) = ["nodes", "node"].into_iter().find(|inner| holds_it(inner)) {
        return format!(
            " It is a field of the records in this list: select it inside \"{inner}\", {{ {inner} {{ {field} }} }}."
        );
    }
    let objects: Vec<&str> = types.possible(on).into_iter().filter(|object| *object != on && has(object)).collect();
    if !objects.is_empty() {
        return format!(" Did you mean to use an inline fragment on {}?", listed(&objects));
    }
    let names: Vec<&str> = match types.schema.types.get(on) {
        Some(ExtendedType::Object(object)) => object.fields.keys().map(|name| &**name).collect(),
        Some(ExtendedType::Interface(interface)) => interface.fields.keys().map(|name| &**name).collect(),
        _ => return " It has no fields of its own: use an inline fragment on one of its types.".to_owned(),
    };
    did_you_mean(field, names)
}

/// The arguments of a field or directive, by the validator's notation: `Type.field` or `@directive`.
fn argument_names(types: &TypeSystem, coordinate: &str) -> Vec<String> {
    let path = coordinate.split('(').next().unwrap_or_default();
    let arguments = match path.split_once('.') {
        Some((on, field)) => types.schema.type_field(on, field).ok().map(|field| &field.arguments),
        None => {
            types.schema.directive_definitions.get(path.trim_start_matches('@')).map(|directive| &directive.arguments)
        }
    };
    arguments.into_iter().flatten().map(|argument| argument.name.to_string()).collect()
}

fn hint_for_enum(types: &TypeSystem, value: &str, on: &str) -> String {
    let Some(values) = enum_values(types, on) else { return String::new() };
    did_you_mean_or_list(value, &values)
}

/// The validator names the type and prints the value.
fn unsupported_value(types: &TypeSystem, error: &DiagnosticData, said: &str) -> String {
    let expected = error.to_string();
    let Some((name, value)) = said.split_once(" cannot represent value: ") else { return expected };
    let message = format!("{expected}: {value}.");
    match enum_values(types, name) {
        Some(values) => message + &did_you_mean_or_list(value.trim_matches('"'), &values),
        None => message,
    }
}

fn enum_values<'a>(types: &'a TypeSystem, name: &str) -> Option<Vec<&'a str>> {
    Some(types.schema.get_enum(name)?.values.keys().map(|value| &**value).collect())
}

/// Suggests names that are similar to a wrong one, best first.
pub(crate) fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = near(wrong, known);
    if near.is_empty() { String::new() } else { format!(" Did you mean {}?", listed(&near)) }
}

/// Lists all valid names, the similar ones first; if there are many, only the similar ones.
pub(crate) fn did_you_mean_or_list(wrong: &str, known: &[&str]) -> String {
    let hint = did_you_mean(wrong, known.iter().copied());
    match known.len() {
        0 => hint,
        count if count <= MAX_VALUES => format!("{hint} There are: {}.", known.join(", ")),
        _ => hint,
    }
}

fn near<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wrong = wrong.to_lowercase();
    let allowed = wrong.chars().count().div_ceil(3);
    let distance = |name: &str| strsim::osa_distance(&wrong, &name.to_lowercase());
    let mut near: Vec<(usize, &str)> = known.into_iter().map(|name| (distance(name), name)).collect();
    near.retain(|(distance, _)| *distance <= allowed);
    near.sort_unstable();
    near.into_iter().take(MAX_SUGGESTIONS).map(|(_, name)| name).collect()
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("\"{one}\""),
        [most @ .., last] => {
            let most: Vec<String> = most.iter().take(MAX_SUGGESTIONS).map(|name| format!("\"{name}\"")).collect();
            format!("{} or \"{last}\"", most.join(", "))
        }
    }
}
/// A value for a message, as JSON, truncated.
pub(crate) fn shown(value: &ConstValue) -> String {
    const MAX: usize = 60;
    let text = value.clone().into_json().map_or_else(|_| value.to_string(), |json| json.to_string());
    cut(&text, MAX)
}

/// A truncated message of a scalar, which may contain the whole value.
pub(crate) fn shortened(message: &str) -> String {
    const MAX: usize = 400;
    cut(message, MAX)
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

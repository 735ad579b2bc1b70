//! Converts literals of a document to values of async-graphql.

use apollo_compiler::ast::{Type, Value as Literal};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name as Ident, Node};
use async_graphql_value::{ConstValue, Name, Number, Value};

use crate::type_system::TypeSystem;

/// A literal that may contain variables.
pub(crate) fn value(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Enum(name) => Value::Enum(Name::new(name)),
        Literal::Variable(name) => Value::Variable(Name::new(name)),
        Literal::String(text) => Value::String(text.clone()),
        Literal::Float(number) => Value::Number(float(number.as_str())),
        Literal::Int(number) => Value::Number(integer(number.as_str())),
        Literal::Boolean(yes) => Value::Boolean(*yes),
        Literal::List(items) => Value::List(items.iter().map(|item| value(item)).collect()),
        Literal::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (Name::new(name), value(field))).collect())
        }
    }
}

/// A literal at a place of a type. An integer at the place of an `ID` is a string of its digits, whatever its length; all
/// other literals do not depend on the type.
pub(crate) fn typed(types: &TypeSystem, ty: &Type, literal: &Literal) -> Value {
    match literal {
        Literal::Int(number) if *ty.inner_named_type() == "ID" => Value::String(number.as_str().to_owned()),
        Literal::List(items) => {
            let ty = if ty.is_list() { ty.item_type() } else { ty };
            Value::List(items.iter().map(|item| typed(types, ty, item)).collect())
        }
        Literal::Object(fields) => {
            let Some(ExtendedType::InputObject(input)) = types.schema.types.get(ty.inner_named_type()) else {
                return value(literal);
            };
            let field = |(name, literal): &(Ident, Node<Literal>)| match input.fields.get(name) {
                Some(definition) => (Name::new(name), typed(types, &definition.ty, literal)),
                None => (Name::new(name), value(literal)),
            };
            Value::Object(fields.iter().map(field).collect())
        }
        other => value(other),
    }
}

/// A literal without variables; `None` if it contains one.
pub(crate) fn constant(literal: &Literal) -> Option<ConstValue> {
    value(literal).into_const()
}

/// An integer of any size: one beyond 64 bits is valid only for a `Float`.
fn integer(text: &str) -> Number {
    match (text.parse::<i64>(), text.parse::<u64>()) {
        (Ok(number), _) => number.into(),
        (_, Ok(number)) => number.into(),
        _ => float(text),
    }
}

/// Validation refuses numbers that are not finite.
fn float(text: &str) -> Number {
    text.parse().ok().and_then(Number::from_f64).unwrap_or_else(|| 0.into())
}

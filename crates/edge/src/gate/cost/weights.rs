//! Reads the costs of a schema from `@cost`, `@listSize` and `@textSearch`.

use std::collections::HashMap;
use std::sync::OnceLock;

use async_graphql::Positioned;
use async_graphql::Value;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ConstDirective, FieldDefinition, InputValueDefinition, OperationType, SchemaDefinition, Type,
    TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// The size of a list without a stated size.
pub(super) const ASSUMED_SIZE: u64 = 3;

/// The introspection types, which are not printed with a schema. The sizes are those of a large schema.
const INTROSPECTION: &str = "
type __Schema {
  types: [__Type] @listSize(assumedSize: 250)
  queryType: __Type
  mutationType: __Type
  subscriptionType: __Type
  directives: [__Directive] @listSize(assumedSize: 10)
}
type __Type {
  fields: [__Field] @listSize(assumedSize: 15)
  interfaces: [__Type]
  possibleTypes: [__Type]
  enumValues: [__EnumValue]
  inputFields: [__InputValue] @listSize(assumedSize: 5)
  ofType: __Type
}
type __Field {
  args: [__InputValue] @listSize(assumedSize: 1)
  type: __Type
}
type __InputValue {
  type: __Type
}
type __EnumValue {
  name: String
}
type __Directive {
  args: [__InputValue]
}
";

/// The costs of the parts of a schema.
#[derive(Debug)]
pub(super) struct Weights {
    types: HashMap<Box<str>, Defined>,
    roots: [Box<str>; 3],
}

/// A type, parsed at its first use: parsing all types took longer than the rest of the start.
#[derive(Debug)]
struct Defined {
    definition: Box<str>,
    members: OnceLock<Members>,
}

/// The costs of the members of a type.
#[derive(Debug, PartialEq)]
pub(super) enum Members {
    /// The fields of an object or an interface.
    Fields(HashMap<Box<str>, FieldCost>),
    /// The fields of an input object.
    Inputs(HashMap<Box<str>, InputCost>),
    /// The values of an enumeration that have a cost.
    Values(HashMap<Box<str>, u64>),
    /// No member has a cost.
    None,
}

/// The cost of a field.
#[derive(Debug, PartialEq)]
pub(super) struct FieldCost {
    /// The type of the field, without lists and `!`.
    pub(super) of: Box<str>,
    pub(super) weight: u64,
    pub(super) is_list: bool,
    pub(super) size: Option<ListSize>,
    pub(super) arguments: HashMap<Box<str>, InputCost>,
}

/// The size of a list.
#[derive(Debug, PartialEq)]
pub(super) struct ListSize {
    pub(super) assumed: u64,
    pub(super) slicing: Box<[Box<str>]>,
    pub(super) sized: Box<[Box<str>]>,
}

/// The cost of an argument or an input field, if it has a value.
#[derive(Debug, PartialEq)]
pub(super) struct InputCost {
    /// The type of the value, without lists and `!`.
    pub(super) of: Box<str>,
    pub(super) weight: u64,
    /// True for a text search.
    pub(super) is_search: bool,
    /// Its default.
    pub(super) default: Option<Value>,
}

impl Weights {
    /// Reads a schema in the schema definition language, in the printed format.
    pub(super) fn of_schema(sdl: &str) -> Self {
        let mut weights = Self { types: HashMap::new(), roots: ["Query", "Mutation", "Subscription"].map(Box::from) };
        for definition in definitions(sdl).chain(definitions(INTROSPECTION)) {
            match head(definition) {
                Some(("schema", _)) => weights.name_roots(definition),
                Some((_, name)) => {
                    let defined = Defined { definition: definition.into(), members: OnceLock::new() };
                    weights.types.insert(name.into(), defined);
                }
                None => {}
            }
        }
        weights
    }

    fn name_roots(&mut self, definition: &str) {
        for definition in parsed(definition) {
            let TypeSystemDefinition::Schema(schema) = definition else { continue };
            let SchemaDefinition { query, mutation, subscription, .. } = schema.node;
            for (root, named) in self.roots.iter_mut().zip([query, mutation, subscription]) {
                if let Some(name) = named {
                    *root = name.node.as_str().into();
                }
            }
        }
    }

    /// The root type of an operation.
    pub(super) fn root(&self, of: OperationType) -> &str {
        match of {
            OperationType::Query => &self.roots[0],
            OperationType::Mutation => &self.roots[1],
            OperationType::Subscription => &self.roots[2],
        }
    }

    /// The cost of a field; `None`: there is no such field.
    pub(super) fn field(&self, on: &str, name: &str) -> Option<&FieldCost> {
        match self.members(on) {
            Members::Fields(fields) => fields.get(name),
            _ => None,
        }
    }

    /// The costs of the members of a type.
    pub(super) fn members(&self, of: &str) -> &Members {
        self.types.get(of).map_or(&Members::None, Defined::members)
    }

    /// True if a value of this type may have a cost.
    pub(super) fn has(&self, of: &str) -> bool {
        self.types.contains_key(of)
    }
}

impl Defined {
    fn members(&self) -> &Members {
        self.members.get_or_init(|| {
            let types = parsed(&self.definition).filter_map(|definition| match definition {
                TypeSystemDefinition::Type(of) => Some(of.node),
                _ => None,
            });
            // Scalars and unions have no brackets, so they may precede another definition in the same part.
            types.map(members).find(|members| *members != Members::None).unwrap_or(Members::None)
        })
    }
}

/// The costs of the members of a type.
pub(super) fn members(definition: TypeDefinition) -> Members {
    let fields = |fields: Vec<Positioned<FieldDefinition>>| {
        fields.iter().map(|field| (field.node.name.node.as_str().into(), field_cost(&field.node))).collect()
    };
    match definition.kind {
        TypeKind::Object(object) => Members::Fields(fields(object.fields)),
        TypeKind::Interface(interface) => Members::Fields(fields(interface.fields)),
        TypeKind::InputObject(input) => Members::Inputs(inputs(&input.fields)),
        TypeKind::Enum(of) => {
            let values = of.values.iter().filter_map(|value| {
                let weight = weight(&value.node.directives)?;
                Some((value.node.value.node.as_str().into(), weight))
            });
            Members::Values(values.collect())
        }
        TypeKind::Scalar | TypeKind::Union(_) => Members::None,
    }
}

/// Splits a schema into definitions. Each ends with a bracket at the start of a line; definitions without brackets are
/// joined with the next one.
fn definitions(sdl: &str) -> impl Iterator<Item = &str> {
    sdl.split_inclusive("\n}\n")
}

/// The first two words of a definition with brackets.
fn head(definition: &str) -> Option<(&str, &str)> {
    let heads = definition.lines().filter(|line| line.ends_with('{')).filter_map(|line| line.split_once(' '));
    let mut heads = heads.filter(|(word, _)| ["type", "interface", "input", "enum", "schema"].contains(word));
    heads.next().map(|(word, rest)| (word, rest.split(' ').next().unwrap_or_default()))
}

/// Parses a part of the schema. Errors are not expected: the schema is our own, and a test parses all of it.
fn parsed(definition: &str) -> impl Iterator<Item = TypeSystemDefinition> {
    let read = parse_schema(definition).inspect_err(|error| tracing::error!(%error, "the schema has no costs"));
    read.into_iter().flat_map(|document| document.definitions)
}

type Directives = [Positioned<ConstDirective>];

fn has(directives: &Directives, name: &str) -> bool {
    directives.iter().any(|found| found.node.name.node == name)
}

fn argument(directives: &Directives, directive: &str, name: &str) -> Option<Value> {
    let found = directives.iter().find(|found| found.node.name.node == directive)?;
    found.node.get_argument(name).map(|value| value.node.clone())
}

fn number(value: Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn weight(directives: &Directives) -> Option<u64> {
    argument(directives, "cost", "weight").and_then(number)
}

/// The name of a type without lists and `!`, and true if it contains a list.
fn named(of: &Type) -> (Box<str>, bool) {
    let (mut base, mut is_list) = (&of.base, false);
    loop {
        match base {
            BaseType::Named(name) => return (name.as_str().into(), is_list),
            BaseType::List(inner) => (base, is_list) = (&inner.base, true),
        }
    }
}

fn inputs(inputs: &[Positioned<InputValueDefinition>]) -> HashMap<Box<str>, InputCost> {
    let cost = |input: &InputValueDefinition| InputCost {
        of: named(&input.ty.node).0,
        weight: weight(&input.directives).unwrap_or(0),
        is_search: has(&input.directives, "textSearch"),
        default: input.default_value.as_ref().map(|value| value.node.clone()),
    };
    inputs.iter().map(|input| (input.node.name.node.as_str().into(), cost(&input.node))).collect()
}

fn field_cost(field: &FieldDefinition) -> FieldCost {
    let names = |value: Option<Value>| match value {
        Some(Value::List(items)) => items
            .into_iter()
            .filter_map(|item| if let Value::String(name) = item { Some(name.into()) } else { None })
            .collect(),
        _ => Box::default(),
    };
    let directives = &field.directives;
    let (of, is_list) = named(&field.ty.node);
    FieldCost {
        of,
        weight: weight(directives).unwrap_or(1),
        is_list,
        size: has(directives, "listSize").then(|| ListSize {
            assumed: argument(directives, "listSize", "assumedSize").and_then(number).unwrap_or(ASSUMED_SIZE),
            slicing: names(argument(directives, "listSize", "slicingArguments")),
            sized: names(argument(directives, "listSize", "sizedFields")),
        }),
        arguments: inputs(&field.arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A large schema.
    const SDL: &str = include_str!("../../../../../schema.graphql");

    #[test]
    fn every_type_of_the_schema_can_be_read_by_itself() {
        let weights = Weights::of_schema(SDL);
        let whole = parse_schema(SDL).unwrap();
        let (mut fields, mut inputs, mut values) = (0, 0, 0);
        for definition in whole.definitions {
            let TypeSystemDefinition::Type(of) = definition else { continue };
            let name = of.node.name.node.clone();
            let all = members(of.node);
            assert_eq!(weights.members(&name), &all, "{name}");
            match all {
                Members::Fields(all) => fields += all.len(),
                Members::Inputs(all) => inputs += all.len(),
                Members::Values(all) => values += all.len(),
                Members::None => {}
            }
        }
        assert!(fields > 500 && inputs > 300 && values > 0, "{fields} {inputs} {values}");
        for name in ["__Schema", "__Type", "__Directive"] {
            assert!(matches!(weights.members(name), Members::Fields(fields) if !fields.is_empty()), "{name}");
        }
    }
}

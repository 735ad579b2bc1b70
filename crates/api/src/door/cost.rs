//! What an operation costs, by what the schema says with `@cost` and `@listSize` (the IBM cost directives).
//!
//! A field costs its weight, which is 1 unless `@cost` says otherwise, and what is asked of each value in it. A list
//! multiplies that by its size: the slicing argument that is given, else the assumed size. What has `sizedFields` is no list
//! itself but holds one: its size is that of the fields named there, and what else it holds is counted once.

use std::collections::HashMap;
use std::sync::OnceLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, FieldDefinition, OperationDefinition, OperationType, SchemaDefinition,
    Selection, SelectionSet, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Value, Variables};
use pomost_domain::page::MAX_PAGE;

/// The size of a list that says nothing about its size.
const ASSUMED_SIZE: u64 = 3;

/// Introspection is answered from memory and without a row: it costs this part of what its lists would.
const INTROSPECTION_DISCOUNT: u64 = 40;

/// The types of introspection, which no schema prints. The sizes are those of a large schema.
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

/// What every field of a schema costs.
#[derive(Debug)]
pub(super) struct Costs {
    types: HashMap<Box<str>, Type>,
    roots: [Box<str>; 3],
}

/// A type with fields, which is read when it is first asked for: to read all of them took longer than the rest of the start.
#[derive(Debug)]
struct Type {
    definition: Box<str>,
    fields: OnceLock<HashMap<Box<str>, FieldCost>>,
}

#[derive(Debug, PartialEq)]
struct FieldCost {
    /// The type of the field, without lists and `!`.
    of: Box<str>,
    weight: u64,
    is_list: bool,
    size: Option<ListSize>,
}

#[derive(Debug, PartialEq)]
struct ListSize {
    assumed: u64,
    slicing: Box<[Box<str>]>,
    sized: Box<[Box<str>]>,
}

impl Costs {
    /// The costs that a schema says, in the schema definition language as schemas are printed.
    pub(super) fn of_schema(sdl: &str) -> Self {
        let mut costs = Self { types: HashMap::new(), roots: ["Query", "Mutation", "Subscription"].map(Box::from) };
        for definition in definitions(sdl).chain(definitions(INTROSPECTION)) {
            match head(definition) {
                Some(("type" | "interface", name)) => {
                    let found = Type { definition: definition.into(), fields: OnceLock::new() };
                    costs.types.insert(name.into(), found);
                }
                Some(("schema", _)) => costs.name_roots(definition),
                _ => {}
            }
        }
        costs
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

    /// What an operation costs with these variables.
    pub(super) fn of(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> u64 {
        let root = match operation.ty {
            OperationType::Query => &self.roots[0],
            OperationType::Mutation => &self.roots[1],
            OperationType::Subscription => &self.roots[2],
        };
        let mut walk = Walk { costs: self, document, variables, fragments: HashMap::new() };
        walk.selections(&operation.selection_set.node, root, None)
    }

    fn field(&self, on: &str, name: &str) -> Option<&FieldCost> {
        self.types.get(on)?.fields().get(name)
    }
}

impl Type {
    fn fields(&self) -> &HashMap<Box<str>, FieldCost> {
        self.fields.get_or_init(|| {
            let fields = parsed(&self.definition).filter_map(|definition| match definition {
                TypeSystemDefinition::Type(of) => match of.node.kind {
                    TypeKind::Object(object) => Some(object.fields),
                    TypeKind::Interface(interface) => Some(interface.fields),
                    _ => None,
                },
                _ => None,
            });
            fields.flatten().map(|field| (field.node.name.node.as_str().into(), cost(&field.node))).collect()
        })
    }
}

/// The definitions of a schema. One ends with a bracket at the start of a line, or is a few that have none.
fn definitions(sdl: &str) -> impl Iterator<Item = &str> {
    sdl.split_inclusive("\n}\n")
}

/// The first two words of what is defined in brackets.
fn head(definition: &str) -> Option<(&str, &str)> {
    let heads = definition.lines().filter(|line| line.ends_with('{')).filter_map(|line| line.split_once(' '));
    let mut heads = heads.filter(|(word, _)| ["type", "interface", "schema"].contains(word));
    heads.next().map(|(word, rest)| (word, rest.split(' ').next().unwrap_or_default()))
}

/// What a part of the schema defines. It is our own, and tested as a whole.
fn parsed(definition: &str) -> impl Iterator<Item = TypeSystemDefinition> {
    let read = parse_schema(definition).inspect_err(|error| tracing::error!(%error, "the schema has no costs"));
    read.into_iter().flat_map(|document| document.definitions)
}

fn cost(field: &FieldDefinition) -> FieldCost {
    let argument = |directive: &str, name: &str| {
        let found = field.directives.iter().find(|found| found.node.name.node == directive)?;
        found.node.get_argument(name).map(|value| value.node.clone())
    };
    let number = |value: Value| match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let names = |value: Option<Value>| match value {
        Some(Value::List(items)) => items
            .into_iter()
            .filter_map(|item| if let Value::String(name) = item { Some(name.into()) } else { None })
            .collect(),
        _ => Box::default(),
    };
    let has_size = field.directives.iter().any(|found| found.node.name.node == "listSize");
    let (mut base, mut is_list) = (&field.ty.node.base, false);
    let of = loop {
        match base {
            BaseType::Named(name) => break name.as_str().into(),
            BaseType::List(inner) => (base, is_list) = (&inner.base, true),
        }
    };
    FieldCost {
        of,
        weight: argument("cost", "weight").and_then(number).unwrap_or(1),
        is_list,
        size: has_size.then(|| ListSize {
            assumed: argument("listSize", "assumedSize").and_then(number).unwrap_or(ASSUMED_SIZE),
            slicing: names(argument("listSize", "slicingArguments")),
            sized: names(argument("listSize", "sizedFields")),
        }),
    }
}

struct Walk<'a> {
    costs: &'a Costs,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// What fragments cost, each with the size that the field above it hands down.
    fragments: HashMap<(&'a Name, Option<u64>), u64>,
}

/// A size that a field hands down to some of its fields.
type HandedDown<'a> = Option<(&'a [Box<str>], u64)>;

impl<'a> Walk<'a> {
    fn selections(&mut self, set: &'a SelectionSet, on: &'a str, down: HandedDown<'a>) -> u64 {
        set.items.iter().fold(0, |sum: u64, selection| {
            sum.saturating_add(match &selection.node {
                Selection::Field(field) => self.field(&field.node, on, down),
                Selection::InlineFragment(inline) => {
                    let on =
                        inline.node.type_condition.as_ref().map_or(on, |condition| condition.node.on.node.as_str());
                    self.selections(&inline.node.selection_set.node, on, down)
                }
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, down),
            })
        })
    }

    fn fragment(&mut self, name: &Name, down: HandedDown<'a>) -> u64 {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return 0 };
        let key = (name, down.map(|(_, size)| size));
        if let Some(known) = self.fragments.get(&key) {
            return *known;
        }
        let on = fragment.node.type_condition.node.on.node.as_str();
        let cost = self.selections(&fragment.node.selection_set.node, on, down);
        self.fragments.insert(key, cost);
        cost
    }

    fn field(&mut self, field: &'a Field, on: &'a str, down: HandedDown<'a>) -> u64 {
        let name = field.name.node.as_str();
        let inner = &field.selection_set.node;
        match name {
            "__schema" => return self.selections(inner, "__Schema", None) / INTROSPECTION_DISCOUNT + 1,
            "__type" => return self.selections(inner, "__Type", None) / INTROSPECTION_DISCOUNT + 1,
            _ => {}
        }
        // What the schema does not have is left to the validation, which names it.
        let Some(cost) = self.costs.field(on, name) else { return 1 };
        let own = cost.size.as_ref().map(|size| self.size(size, field));
        let (times, handed) = match (&cost.size, own) {
            (Some(ListSize { sized, .. }), Some(own)) if !sized.is_empty() => (1, Some((&**sized, own))),
            (_, Some(own)) => (own, None),
            _ => (if cost.is_list && !inner.items.is_empty() { ASSUMED_SIZE } else { 1 }, None),
        };
        let times = match down {
            Some((fields, size)) if fields.iter().any(|sized| **sized == *name) => size,
            _ => times,
        };
        self.selections(inner, &cost.of, handed).saturating_mul(times).saturating_add(cost.weight)
    }

    /// The largest size that is asked for. A page over the limit is refused by its field, with a better message.
    fn size(&self, list: &ListSize, field: &Field) -> u64 {
        let given = |name: &str| {
            let value = field.get_argument(name)?.node.clone();
            match value.into_const_with(|name| self.variables.get(&name).cloned().ok_or(())).ok()? {
                Value::Number(number) => number.as_u64(),
                Value::List(items) => Some(items.len() as u64),
                _ => None,
            }
        };
        let largest = list.slicing.iter().filter_map(|name| given(name)).max();
        largest.map_or(list.assumed, |size| size.clamp(1, u64::from(MAX_PAGE)))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::{InterfaceType, ObjectType};

    use super::*;

    const SDL: &str = r#"
type Query {
    one: City
    some: [City!]!
    many(first: Int): [City!]! @listSize(slicingArguments: ["first"], assumedSize: 20)
    cities(first: Int, last: Int): CityConnection!
        @listSize(slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"], assumedSize: 20)
    nodes(ids: [ID!]!): [City]! @listSize(slicingArguments: ["ids"])
    dear: Int @cost(weight: "50")
}
scalar Name
"""
A type {
"""
type City implements Node {
    name: String!
    names: [String!]!
    partners(first: Int): CityConnection!
        @listSize(slicingArguments: ["first"], sizedFields: ["nodes"], assumedSize: 20)
}
type CityConnection {
    nodes: [City!]!
    edges: [Edge!]!
    totalCount: Int! @cost(weight: "10")
    pageInfo: PageInfo!
}
type Edge {
    node: City!
}
type PageInfo {
    endCursor: String
}
"#;

    fn cost(text: &str, variables: &str) -> u64 {
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let variables = serde_json::from_str(variables).unwrap();
        Costs::of_schema(SDL).of(&document, &operation.node, &variables)
    }

    #[test]
    fn fields_cost_their_weight() {
        assert_eq!(cost("{ one { name names } }", "{}"), 3);
        assert_eq!(cost("{ dear __typename }", "{}"), 51);
        assert_eq!(cost("{ nowhere { a b } }", "{}"), 1);
    }

    #[test]
    fn lists_multiply() {
        assert_eq!(cost("{ some { name } }", "{}"), 1 + 3);
        assert_eq!(cost("{ many { name } }", "{}"), 1 + 20);
        assert_eq!(cost("{ many(first: 7) { name } }", "{}"), 1 + 7);
        assert_eq!(cost("query ($n: Int) { many(first: $n) { name } }", r#"{"n": 9}"#), 1 + 9);
        assert_eq!(cost("{ nodes(ids: [1, 2]) { name } }", "{}"), 1 + 2);
    }

    #[test]
    fn a_connection_multiplies_what_its_records_are_asked() {
        assert_eq!(cost("{ cities(first: 5) { totalCount pageInfo { endCursor } } }", "{}"), 1 + 10 + 2);
        assert_eq!(
            cost("{ cities(first: 5) { nodes { name } edges { node { name } } } }", "{}"),
            1 + (1 + 5) + (1 + 10)
        );
        let nested = "{ cities(last: 10) { nodes { partners(first: 10) { nodes { name } } } } }";
        assert_eq!(cost(nested, "{}"), 1 + (1 + 10 * (1 + (1 + 10))));
    }

    #[test]
    fn a_fragment_costs_what_its_place_makes_of_it() {
        let text = "{ small: cities(first: 2) { ...f } large: cities(first: 50) { ...f } } \
            fragment f on CityConnection { nodes { ...g } } fragment g on City { name }";
        assert_eq!(cost(text, "{}"), (1 + 1 + 2) + (1 + 1 + 50));
    }

    #[test]
    fn sizes_out_of_range_neither_wrap_nor_go_below_one() {
        for size in ["-1", "0"] {
            assert!(cost(&format!("{{ many(first: {size}) {{ name }} }}"), "{}") <= 1 + 20, "{size}");
        }
        assert_eq!(cost("{ many(first: 2000000000) { name } }", "{}"), 1 + 100);
    }

    #[test]
    fn nested_pages_saturate() {
        let mut text = "name".to_owned();
        for _ in 0..20 {
            text = format!("partners(first: 100) {{ nodes {{ {text} }} }}");
        }
        assert_eq!(cost(&format!("{{ one {{ {text} }} }}"), "{}"), u64::MAX);
    }

    /// What tools ask with every option of theirs on: types are nested ten deep.
    const FULL: &str = "query { __schema { description queryType { name kind } mutationType { name kind }
        subscriptionType { name kind } types { ...FullType }
        directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
        fragment FullType on __Type { kind name description specifiedByURL isOneOf
          fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue }
            type { ...TypeRef } isDeprecated deprecationReason }
          inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
          enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
          possibleTypes { ...TypeRef } }
        fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated
          deprecationReason }
        fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
          kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name }
          } } } } } } } } }";

    #[test]
    fn every_type_of_the_schema_can_be_read_by_itself() {
        let costs = Costs::of_schema(crate::schema::SDL);
        let whole = parse_schema(crate::schema::SDL).unwrap();
        let mut fields = 0;
        for definition in whole.definitions {
            let TypeSystemDefinition::Type(of) = definition else { continue };
            let (TypeKind::Object(ObjectType { fields: all, .. })
            | TypeKind::Interface(InterfaceType { fields: all, .. })) = of.node.kind
            else {
                continue;
            };
            for field in all {
                let (on, name) = (of.node.name.node.as_str(), field.node.name.node.as_str());
                assert_eq!(costs.field(on, name), Some(&super::cost(&field.node)), "{on}.{name}");
                fields += 1;
            }
        }
        assert!(fields > 500, "{fields}");
        assert!(["__Schema", "__Type", "__Directive"].iter().all(|name| !costs.types[*name].fields().is_empty()));
    }

    #[test]
    fn the_schema_can_be_asked_for_whole_but_not_in_circles() {
        let limit = u64::from(crate::door::Limits::default().complexity);
        let circular = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        assert!(cost(circular, "{}") > limit);
        let full = cost(FULL, "{}");
        assert!(full > limit / 2 && full < limit * 9 / 10, "{full}");
        assert!(cost("{ __type(name: \"City\") { name fields { name type { name } } } }", "{}") < 10);
    }
}

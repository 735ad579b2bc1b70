//! The cost of an operation, from `@cost` and `@listSize` in the schema (the IBM cost directives).
//!
//! A field costs 1 plus the cost of its selections. A list multiplies the cost of its selections by its size: the slicing
//! argument, or else the assumed size. A field with `sizedFields` is not a list but contains one: the size applies to the
//! named fields, and the other fields are counted once.
//!
//! The weight of a field above 1, and the cost of its arguments (`inputs`), is work of the database before it finds a
//! record. It is never multiplied, because the lists under all records of a page are one statement. A filter is evaluated
//! once more for each field of the list that runs its own statement, such as `totalCount`.

mod inputs;
mod weights;

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

use inputs::Inputs;
use weights::{ASSUMED_SIZE, ListSize, Weights};

/// Introspection reads from memory and no rows: its cost is divided by this factor.
const INTROSPECTION_DISCOUNT: u64 = 40;

/// The costs of a schema.
#[derive(Debug)]
pub(super) struct Costs {
    weights: Weights,
    /// Maximum number of items of a page.
    max_page: u64,
}

/// The cost of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Price {
    /// The maximum cost: with lists of their maximum size.
    pub(super) bound: u64,
    /// The number of text searches in its filters.
    pub(super) searches: u64,
    /// The maximum nesting of its filters.
    pub(super) levels: u64,
    /// The part of the maximum that is independent of the number of found records.
    constant: u64,
    /// The response keys of introspection fields.
    introspection: Vec<Name>,
}

impl Costs {
    /// The costs of a schema in the schema definition language, in the printed format.
    pub(super) fn of_schema(sdl: &str, max_page: u32) -> Self {
        Self { weights: Weights::of_schema(sdl), max_page: max_page.into() }
    }

    /// The cost of an operation with these variables.
    pub(super) fn of(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Price {
        let mut walk = Walk { costs: self, document, variables, fragments: HashMap::new(), price: Price::default() };
        let part = walk.selections(&operation.selection_set.node, self.weights.root(operation.ty), None);
        Price {
            bound: part.values.saturating_add(part.constant),
            searches: part.searches,
            levels: part.levels,
            constant: part.constant,
            ..walk.price
        }
    }
}

impl Price {
    /// The actual cost of an operation with this result.
    pub(super) fn actual(&self, data: &Value) -> u64 {
        let Value::Object(fields) = data else { return self.bound };
        let found = fields.iter().map(|(name, value)| {
            if self.introspection.contains(name) { values(value) / INTROSPECTION_DISCOUNT } else { values(value) }
        });
        found.fold(self.constant.saturating_add(fields.len() as u64), u64::saturating_add).min(self.bound)
    }
}

/// Every returned field costs 1.
fn values(value: &Value) -> u64 {
    match value {
        Value::Object(fields) => fields.values().map(values).fold(fields.len() as u64, u64::saturating_add),
        Value::List(items) => items.iter().map(values).fold(0, u64::saturating_add),
        _ => 0,
    }
}

struct Walk<'a> {
    costs: &'a Costs,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// The cost of each fragment, by the size that the field above it passes down.
    fragments: HashMap<(&'a Name, Option<u64>), Part>,
    price: Price,
}

/// The cost of a part of an operation.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// Cost for each item of an enclosing list.
    values: u64,
    /// Cost that is counted once.
    constant: u64,
    searches: u64,
    levels: u64,
    /// The number of its fields that run their own statement.
    statements: u64,
}

impl Part {
    fn and(self, other: Self) -> Self {
        Self {
            values: self.values.saturating_add(other.values),
            constant: self.constant.saturating_add(other.constant),
            searches: self.searches.saturating_add(other.searches),
            levels: self.levels.max(other.levels),
            statements: self.statements.saturating_add(other.statements),
        }
    }
}

/// A size that a field passes down to some of its fields.
type PassedDown<'a> = Option<(&'a [Box<str>], u64)>;

impl<'a> Walk<'a> {
    fn selections(&mut self, set: &'a SelectionSet, on: &'a str, down: PassedDown<'a>) -> Part {
        set.items.iter().fold(Part::default(), |sum, selection| {
            sum.and(match &selection.node {
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

    fn fragment(&mut self, name: &Name, down: PassedDown<'a>) -> Part {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Part::default() };
        let key = (name, down.map(|(_, size)| size));
        if let Some(known) = self.fragments.get(&key) {
            return *known;
        }
        let on = fragment.node.type_condition.node.on.node.as_str();
        let cost = self.selections(&fragment.node.selection_set.node, on, down);
        self.fragments.insert(key, cost);
        cost
    }

    fn field(&mut self, field: &'a Field, on: &'a str, down: PassedDown<'a>) -> Part {
        let name = field.name.node.as_str();
        let inner = &field.selection_set.node;
        if let "__schema" | "__type" = name {
            self.price.introspection.push(field.response_key().node.clone());
            let on = if name == "__schema" { "__Schema" } else { "__Type" };
            let values = self.selections(inner, on, None).values / INTROSPECTION_DISCOUNT + 1;
            return Part { values, ..Part::default() };
        }
        // Validation reports a field that the schema does not have.
        let Some(known) = self.costs.weights.field(on, name) else { return Part { values: 1, ..Part::default() } };
        let own = known.size.as_ref().map(|size| self.size(size, field));
        let (times, handed) = match (&known.size, own) {
            (Some(ListSize { sized, .. }), Some(own)) if !sized.is_empty() => (1, Some((&**sized, own))),
            (_, Some(own)) => (own, None),
            _ => (if known.is_list && !inner.items.is_empty() { ASSUMED_SIZE } else { 1 }, None),
        };
        let times = match down {
            Some((fields, size)) if fields.iter().any(|sized| **sized == *name) => size,
            _ => times,
        };
        let Inputs { cost, searches, levels } = inputs::of_field(&self.costs.weights, field, known, self.variables);
        let part = self.selections(inner, &known.of, handed);
        let extra = known.weight.saturating_sub(1);
        let evaluations = if handed.is_some() { part.statements.saturating_add(1) } else { 1 };
        Part {
            values: part.values.saturating_mul(times).saturating_add(known.weight.min(1)),
            constant: cost.saturating_mul(evaluations).saturating_add(part.constant).saturating_add(extra),
            searches: searches.saturating_add(part.searches),
            levels: levels.max(part.levels),
            statements: u64::from(extra > 0),
        }
    }

    /// The largest requested size. The field refuses a page above the limit, with a better message.
    fn size(&self, list: &ListSize, field: &Field) -> u64 {
        let argument = |name: &str| {
            let value = field.get_argument(name)?.node.clone();
            match value.into_const_with(|name| self.variables.get(&name).cloned().ok_or(())).ok()? {
                Value::Number(number) => number.as_u64(),
                Value::List(items) => Some(items.len() as u64),
                _ => None,
            }
        };
        let largest = list.slicing.iter().filter_map(|name| argument(name)).max();
        largest.map_or(list.assumed, |size| size.clamp(1, self.costs.max_page))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = r#"
type Query {
    one: City
    some: [City!]!
    many(first: Int): [City!]! @listSize(slicingArguments: ["first"], assumedSize: 20)
    cities(first: Int, last: Int): CityConnection!
        @listSize(slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"], assumedSize: 20)
    nodes(ids: [ID!]!): [City]! @listSize(slicingArguments: ["ids"])
    expensive: Int @cost(weight: "50")
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

    fn price_in(sdl: &str, text: &str, variables: &str) -> Price {
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let variables = serde_json::from_str(variables).unwrap();
        Costs::of_schema(sdl, 100).of(&document, &operation.node, &variables)
    }

    fn cost(text: &str, variables: &str) -> u64 {
        price_in(SDL, text, variables).bound
    }

    const FILTERS: &str = r#"
type Query {
    cities(filter: CityFilter @cost(weight: "100"), order: [CityOrder!] = [{field: NAME}], first: Int): CityConnection!
        @listSize(slicingArguments: ["first"], sizedFields: ["nodes"], assumedSize: 20)
    plain(filter: CityFilter, text: String): [City!]! @listSize(assumedSize: 10)
}
type CityConnection {
    nodes: [City!]!
    totalCount: Int! @cost(weight: "50")
}
type City {
    name: String!
    partners(filter: CityFilter @cost(weight: "100"), first: Int): CityConnection!
        @listSize(slicingArguments: ["first"], sizedFields: ["nodes"], assumedSize: 20)
}
input CityFilter {
    or: [CityFilter!]
    not: CityFilter @cost(weight: "30")
    name: NameFilter @cost(weight: "10")
}
input NameFilter {
    in: [String!] @cost(weight: "2")
    contains: String @cost(weight: "5") @textSearch
}
input CityOrder {
    field: CityOrderField! @cost(weight: "7")
    direction: Direction! = ASC
}
enum CityOrderField {
    NAME
    REGION @cost(weight: "70")
}
enum Direction {
    ASC @cost(weight: "1")
    DESC
}
"#;

    #[test]
    fn inputs_cost_their_values_and_defaults() {
        let price = |arguments: &str| {
            let list = format!("cities(order: [], {arguments}) {{ nodes {{ name }} }}");
            let text = format!("query ($f: CityFilter, $n: [String!]) {{ {list} }}");
            let price = price_in(FILTERS, &text, r#"{"n": ["a", "b"], "f": {"not": {"name": {"in": "a"}}}}"#);
            (price.bound - 22, price.searches)
        };
        assert_eq!(price("first: 20"), (0, 0));
        assert_eq!(price("filter: null"), (0, 0));
        assert_eq!(price("filter: {}"), (100, 0));
        assert_eq!(price("filter: $f"), (100 + 30 + 10 + 2, 0));
        assert_eq!(price("filter: $unknown"), (0, 0));
        assert_eq!(price("filter: { or: [$f, $f, { name: { in: $n } }] }"), (100 + 2 * 42 + 14, 0));
        let searches = r#"filter: { name: { contains: "a" }, not: { name: { contains: "b" } } }"#;
        assert_eq!(price(searches), (100 + 15 + 45, 2));
        // Validation reports unknown fields.
        assert_eq!(price("filter: { nothing: 1, name: 2 }"), (110, 0));
        let order =
            |order: &str| price_in(FILTERS, &format!("{{ cities{order} {{ nodes {{ name }} }} }}"), "{}").bound - 22;
        assert_eq!(order(""), 8);
        assert_eq!(order("(order: [{ field: NAME, direction: DESC }, { field: REGION }])"), 7 + 78);
        let text = "query ($o: [CityOrder!]) { cities(order: $o) { nodes { name } } }";
        assert_eq!(price_in(FILTERS, text, r#"{"o": {"field": "REGION", "direction": "DESC"}}"#).bound - 22, 77);
    }

    #[test]
    fn inputs_are_counted_once_for_each_statement() {
        let text = |fields: &str| {
            let partners = format!("partners(first: 2, filter: {{ not: {{}} }}) {{ {fields} }}");
            format!("{{ cities(first: 50, order: []) {{ nodes {{ {partners} }} }} }}")
        };
        let price = |fields: &str| price_in(FILTERS, &text(fields), "{}").bound;
        assert_eq!(price("nodes { name }"), 2 + 50 * (1 + 1 + 2) + 130);
        assert_eq!(price("nodes { name } totalCount"), 2 + 50 * (1 + 1 + 2 + 1) + 49 + 2 * 130);
        let twice = price("nodes { name } totalCount again: totalCount");
        assert_eq!(twice, 2 + 50 * (1 + 1 + 2 + 2) + 2 * 49 + 3 * 130);
        assert_eq!(price_in(FILTERS, "{ plain(filter: { not: {} }, text: \"x\") { name } }", "{}").bound, 1 + 10 + 30);
    }

    #[test]
    fn the_actual_cost_counts_the_returned_fields() {
        let text = "query ($f: CityFilter) {
            a: cities(first: 50, order: [], filter: $f) { totalCount nodes { name partners { nodes { name } } } } }";
        let price = price_in(FILTERS, text, r#"{"f": {"not": {}}}"#);
        let actual = |data: &str| price.actual(&serde_json::from_str(data).unwrap());
        let constant = 49 + 2 * 130;
        assert_eq!(actual(r#"{"a": {"totalCount": 0, "nodes": []}}"#), constant + 1 + 2);
        let one = r#"{"name": "x", "partners": {"nodes": [{"name": "y"}, {"name": "z"}]}}"#;
        let two = format!(r#"{{"a": {{"totalCount": 2, "nodes": [{one}, {one}]}}}}"#);
        assert_eq!(actual(&two), constant + 3 + 2 * (2 + 1 + 2));
        // The actual cost never exceeds the maximum.
        let whole = format!(r#"{{"a": {{"totalCount": 2, "nodes": [{}]}}}}"#, vec![one; 5_000].join(","));
        assert_eq!(actual(&whole), price.bound);
        assert_eq!(actual("null"), price.bound);
    }

    #[test]
    fn the_actual_cost_of_introspection_is_discounted() {
        let price = price_in(FILTERS, "{ __schema { types { name } } s: __type(name: \"City\") { name } }", "{}");
        let types = [r#"{"name": "T"}"#; 80].join(",");
        let data = format!(r#"{{"__schema": {{"types": [{types}]}}, "s": {{"name": "City"}}}}"#);
        assert_eq!(price.actual(&serde_json::from_str(&data).unwrap()), 2 + 81 / INTROSPECTION_DISCOUNT);
    }

    #[test]
    fn fields_cost_their_weight() {
        assert_eq!(cost("{ one { name names } }", "{}"), 3);
        assert_eq!(cost("{ expensive __typename }", "{}"), 51);
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
    fn a_connection_multiplies_the_cost_of_its_nodes() {
        assert_eq!(cost("{ cities(first: 5) { totalCount pageInfo { endCursor } } }", "{}"), 1 + 10 + 2);
        assert_eq!(
            cost("{ cities(first: 5) { nodes { name } edges { node { name } } } }", "{}"),
            1 + (1 + 5) + (1 + 10)
        );
        let nested = "{ cities(last: 10) { nodes { partners(first: 10) { nodes { name } } } } }";
        assert_eq!(cost(nested, "{}"), 1 + (1 + 10 * (1 + (1 + 10))));
    }

    #[test]
    fn the_cost_of_a_fragment_depends_on_its_place() {
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

    /// The introspection query of tools with all options: types are nested ten deep.
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
    fn full_introspection_is_allowed_but_not_cyclic_nesting() {
        let limit = u64::from(crate::gate::Limits::default().complexity);
        let circular = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        assert!(cost(circular, "{}") > limit);
        let full = cost(FULL, "{}");
        assert!(full > limit / 2 && full < limit * 9 / 10, "{full}");
        assert!(cost("{ __type(name: \"City\") { name fields { name type { name } } } }", "{}") < 10);
    }
}

//! What an operation costs, by what the schema says with `@cost` and `@listSize` (the IBM cost directives).
//!
//! A field costs 1, and what is asked of each value in it. A list multiplies that by its size: the slicing argument that is
//! given, else the assumed size. What has `sizedFields` is no list itself but holds one: its size is that of the fields named
//! there, and what else it holds is counted once.
//!
//! What a field weighs over 1, and what its arguments cost (`inputs`), is work for the database before it finds a record. It
//! is never multiplied: the lists under all records of a page are one statement. A filter is evaluated once more for a field
//! of the list that is a statement of its own, such as `totalCount`.

mod inputs;
mod weights;

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

use inputs::Inputs;
use weights::{ASSUMED_SIZE, ListSize, Weights};

/// Introspection is answered from memory and without a row: it costs this part of what its lists would.
const INTROSPECTION_DISCOUNT: u64 = 40;

/// What every part of a schema costs.
#[derive(Debug)]
pub(super) struct Costs {
    weights: Weights,
    /// The most items of a page.
    max_page: u64,
}

/// What an operation costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Price {
    /// The most that it can cost: all lists are as long as they may be.
    pub(super) bound: u64,
    /// How many texts its filters look for.
    pub(super) searches: u64,
    /// How deep its filters are nested, at most.
    pub(super) levels: u64,
    /// What of the bound does not depend on what is found.
    fixed: u64,
    /// The keys under which introspection is answered.
    introspection: Vec<Name>,
}

impl Costs {
    /// The costs that a schema says, in the schema definition language as schemas are printed.
    pub(super) fn of_schema(sdl: &str, max_page: u32) -> Self {
        Self { weights: Weights::of_schema(sdl), max_page: max_page.into() }
    }

    /// What an operation costs with these variables.
    pub(super) fn of(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Price {
        let mut walk = Walk { costs: self, document, variables, fragments: HashMap::new(), price: Price::default() };
        let part = walk.selections(&operation.selection_set.node, self.weights.root(operation.ty), None);
        Price {
            bound: part.values.saturating_add(part.fixed),
            searches: part.searches,
            levels: part.levels,
            fixed: part.fixed,
            ..walk.price
        }
    }
}

impl Price {
    /// What the operation did cost that gave this answer.
    pub(super) fn actual(&self, data: &Value) -> u64 {
        let Value::Object(fields) = data else { return self.bound };
        let found = fields.iter().map(|(name, value)| {
            if self.introspection.contains(name) { values(value) / INTROSPECTION_DISCOUNT } else { values(value) }
        });
        found.fold(self.fixed.saturating_add(fields.len() as u64), u64::saturating_add).min(self.bound)
    }
}

/// Every field that is answered costs 1.
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
    /// What fragments cost, each with the size that the field above it hands down.
    fragments: HashMap<(&'a Name, Option<u64>), Part>,
    price: Price,
}

/// What a part of an operation costs.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// What is counted for each value of a list around it.
    values: u64,
    /// What is counted once.
    fixed: u64,
    searches: u64,
    levels: u64,
    /// How many of its fields are statements of their own.
    statements: u64,
}

impl Part {
    fn and(self, other: Self) -> Self {
        Self {
            values: self.values.saturating_add(other.values),
            fixed: self.fixed.saturating_add(other.fixed),
            searches: self.searches.saturating_add(other.searches),
            levels: self.levels.max(other.levels),
            statements: self.statements.saturating_add(other.statements),
        }
    }
}

/// A size that a field hands down to some of its fields.
type HandedDown<'a> = Option<(&'a [Box<str>], u64)>;

impl<'a> Walk<'a> {
    fn selections(&mut self, set: &'a SelectionSet, on: &'a str, down: HandedDown<'a>) -> Part {
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

    fn fragment(&mut self, name: &Name, down: HandedDown<'a>) -> Part {
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

    fn field(&mut self, field: &'a Field, on: &'a str, down: HandedDown<'a>) -> Part {
        let name = field.name.node.as_str();
        let inner = &field.selection_set.node;
        if let "__schema" | "__type" = name {
            self.price.introspection.push(field.response_key().node.clone());
            let on = if name == "__schema" { "__Schema" } else { "__Type" };
            let values = self.selections(inner, on, None).values / INTROSPECTION_DISCOUNT + 1;
            return Part { values, ..Part::default() };
        }
        // What the schema does not have is left to the validation, which names it.
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
            fixed: cost.saturating_mul(evaluations).saturating_add(part.fixed).saturating_add(extra),
            searches: searches.saturating_add(part.searches),
            levels: levels.max(part.levels),
            statements: u64::from(extra > 0),
        }
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
    fn inputs_cost_what_is_given_in_them_and_what_stands_for_the_rest() {
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
        // Fields that are not there are left to the validation.
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
    fn the_actual_cost_counts_what_was_found() {
        let text = "query ($f: CityFilter) {
            a: cities(first: 50, order: [], filter: $f) { totalCount nodes { name partners { nodes { name } } } } }";
        let price = price_in(FILTERS, text, r#"{"f": {"not": {}}}"#);
        let actual = |data: &str| price.actual(&serde_json::from_str(data).unwrap());
        let fixed = 49 + 2 * 130;
        assert_eq!(actual(r#"{"a": {"totalCount": 0, "nodes": []}}"#), fixed + 1 + 2);
        let one = r#"{"name": "x", "partners": {"nodes": [{"name": "y"}, {"name": "z"}]}}"#;
        let two = format!(r#"{{"a": {{"totalCount": 2, "nodes": [{one}, {one}]}}}}"#);
        assert_eq!(actual(&two), fixed + 3 + 2 * (2 + 1 + 2));
        // No answer costs more than it could.
        let whole = format!(r#"{{"a": {{"totalCount": 2, "nodes": [{}]}}}}"#, vec![one; 5_000].join(","));
        assert_eq!(actual(&whole), price.bound);
        assert_eq!(actual("null"), price.bound);
    }

    #[test]
    fn the_actual_cost_of_introspection_is_a_part_of_its_fields() {
        let price = price_in(FILTERS, "{ __schema { types { name } } s: __type(name: \"City\") { name } }", "{}");
        let types = [r#"{"name": "T"}"#; 80].join(",");
        let data = format!(r#"{{"__schema": {{"types": [{types}]}}, "s": {{"name": "City"}}}}"#);
        assert_eq!(price.actual(&serde_json::from_str(&data).unwrap()), 2 + 81 / INTROSPECTION_DISCOUNT);
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
    fn the_schema_can_be_asked_for_whole_but_not_in_circles() {
        let limit = u64::from(crate::gate::Limits::default().complexity);
        let circular = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        assert!(cost(circular, "{}") > limit);
        let full = cost(FULL, "{}");
        assert!(full > limit / 2 && full < limit * 9 / 10, "{full}");
        assert!(cost("{ __type(name: \"City\") { name fields { name type { name } } } }", "{}") < 10);
    }
}

//! Merges the selections of one response key (`CollectFields`, section 6.3.2), so that each field is executed once.

use std::collections::HashSet;

use apollo_compiler::ast::{DirectiveList, Value as Literal};
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::{Name as Ident, Node};
use async_graphql_parser::types::{self as output, DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::Name;
use async_graphql_value::indexmap::IndexMap;

use crate::type_system::TypeSystem;
use crate::validate::Document;
use crate::{literal, position::Lines};

/// The error for a document with too many fields after its selections are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// The fields of each response key, in the order in which they are executed.
type Collected<'a> = IndexMap<&'a str, Vec<&'a Node<Field>>>;

/// Object types with the same selections.
struct Group<'a> {
    objects: Vec<&'a str>,
    fields: Collected<'a>,
}

/// Merges the selections of an operation.
pub(crate) struct Merge<'a> {
    types: &'a TypeSystem,
    document: &'a Document,
    lines: &'a Lines,
    is_true: &'a dyn Fn(&str) -> bool,
    depends_on_variables: bool,
    /// The number of fields that may still be written.
    left: usize,
}

impl<'a> Merge<'a> {
    pub(crate) fn new(
        types: &'a TypeSystem,
        document: &'a Document,
        is_true: &'a dyn Fn(&str) -> bool,
        limit: usize,
    ) -> Self {
        Self { types, document, lines: &document.lines, is_true, depends_on_variables: false, left: limit }
    }

    /// True if the result depends on the values of variables.
    pub(crate) fn depends_on_variables(&self) -> bool {
        self.depends_on_variables
    }

    pub(crate) fn operation(&mut self, operation: &'a Operation) -> Result<ExecutableDocument, TooLarge> {
        let root = &operation.selection_set;
        let selection_set = Positioned::new(self.set(&root.ty, &[root])?, Pos::default());
        let variable_definitions = operation.variables.iter().map(|variable| {
            let at = self.lines.at(variable.location());
            let kind = output::Type::new(&variable.ty.to_string())
                .unwrap_or(output::Type { base: output::BaseType::Named(Name::new("")), nullable: true });
            let definition = output::VariableDefinition {
                name: Positioned::new(Name::new(&variable.name), at),
                var_type: Positioned::new(kind, at),
                directives: Vec::new(),
                // Coerced variables include their defaults.
                default_value: None,
            };
            Positioned::new(definition, at)
        });
        let definition = OperationDefinition {
            ty: match operation.operation_type {
                apollo_compiler::ast::OperationType::Query => output::OperationType::Query,
                apollo_compiler::ast::OperationType::Mutation => output::OperationType::Mutation,
                apollo_compiler::ast::OperationType::Subscription => output::OperationType::Subscription,
            },
            variable_definitions: variable_definitions.collect(),
            directives: Vec::new(),
            selection_set,
        };
        let definition = Positioned::new(definition, Pos { line: 1, column: 1 });
        let operations = match &operation.name {
            Some(name) => DocumentOperations::Multiple([(Name::new(name), definition)].into()),
            None => DocumentOperations::Single(definition),
        };
        Ok(ExecutableDocument { operations, fragments: std::collections::HashMap::new() })
    }

    /// Merges selections on a type: those of all fields with one response key.
    fn set(&mut self, on: &'a str, sets: &[&'a SelectionSet]) -> Result<output::SelectionSet, TooLarge> {
        let groups = self.groups(on, sets);
        let mut items = Vec::new();
        self.cases(on, &groups, &mut items)?;
        Ok(output::SelectionSet { items })
    }

    /// Groups the object types of an abstract type by their selections.
    fn groups(&mut self, on: &'a str, sets: &[&'a SelectionSet]) -> Vec<Group<'a>> {
        let objects = self.types.possible(on);
        let mut conditions = Vec::new();
        if objects.len() > 1 {
            for set in sets {
                self.conditions(set, &mut conditions, &mut HashSet::new());
            }
        }
        let mut groups: Vec<(Vec<bool>, Group<'a>)> = Vec::new();
        for object in objects {
            let met: Vec<bool> = conditions.iter().map(|condition| self.types.meets(object, condition)).collect();
            if let Some((_, group)) = groups.iter_mut().find(|(of, _)| *of == met) {
                group.objects.push(object);
                continue;
            }
            let mut fields = Collected::new();
            let mut seen = HashSet::new();
            for set in sets {
                self.collect(object, set, &mut fields, &mut seen);
            }
            groups.push((met, Group { objects: vec![object], fields }));
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// The type conditions on one level.
    fn conditions(&self, set: &'a SelectionSet, found: &mut Vec<&'a str>, seen: &mut HashSet<&'a Ident>) {
        for selection in &set.selections {
            let inner = match selection {
                Selection::Field(_) => continue,
                Selection::InlineFragment(inline) => &inline.selection_set,
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.executable.fragments.get(&spread.fragment_name) else {
                        continue;
                    };
                    if !seen.insert(&spread.fragment_name) {
                        continue;
                    }
                    &fragment.selection_set
                }
            };
            if !found.contains(&inner.ty.as_str()) {
                found.push(&inner.ty);
            }
            self.conditions(inner, found, seen);
        }
    }

    /// Collects the fields of an object.
    fn collect(
        &mut self,
        object: &str,
        set: &'a SelectionSet,
        fields: &mut Collected<'a>,
        seen: &mut HashSet<&'a Ident>,
    ) {
        for selection in &set.selections {
            if !self.is_included(selection.directives()) {
                continue;
            }
            let inner = match selection {
                Selection::Field(field) => {
                    fields.entry(field.response_name()).or_default().push(field);
                    continue;
                }
                Selection::InlineFragment(inline) => &inline.selection_set,
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.executable.fragments.get(&spread.fragment_name) else {
                        continue;
                    };
                    if !seen.insert(&spread.fragment_name) {
                        continue;
                    }
                    &fragment.selection_set
                }
            };
            if self.types.meets(object, &inner.ty) {
                self.collect(object, inner, fields, seen);
            }
        }
    }

    /// Evaluates `@skip` and `@include` of a selection.
    fn is_included(&mut self, directives: &DirectiveList) -> bool {
        let mut says = |name: &str| {
            let condition = directives.get(name)?.specified_argument_by_name("if")?;
            match &**condition {
                Literal::Boolean(yes) => Some(*yes),
                Literal::Variable(name) => {
                    self.depends_on_variables = true;
                    Some((self.is_true)(name))
                }
                _ => None,
            }
        };
        says("skip") != Some(true) && says("include") != Some(false)
    }

    /// Writes selections that depend on the type of an object. Selections common to all types are written once; the others
    /// are written under a condition on each type, at their place in the order.
    fn cases(
        &mut self,
        on: &'a str,
        groups: &[Group<'a>],
        items: &mut Vec<Positioned<output::Selection>>,
    ) -> Result<(), TooLarge> {
        let common = self.common(on, groups);
        let mut from = vec![0; groups.len()];
        for key in &common {
            for (group, from) in groups.iter().zip(&mut from) {
                let to = group.fields.get_index_of(key).unwrap_or(*from);
                self.case(group, *from..to, items)?;
                *from = to + 1;
            }
            if let Some(fields) = groups[0].fields.get(key) {
                items.push(self.field(on, fields)?);
            }
        }
        for (group, from) in groups.iter().zip(from) {
            self.case(group, from..group.fields.len(), items)?;
        }
        Ok(())
    }

    /// Writes some of the fields of a group, for each of its types.
    fn case(
        &mut self,
        group: &Group<'a>,
        range: std::ops::Range<usize>,
        items: &mut Vec<Positioned<output::Selection>>,
    ) -> Result<(), TooLarge> {
        let Some(fields) = group.fields.get_range(range).filter(|fields| !fields.is_empty()) else { return Ok(()) };
        for object in &group.objects {
            let inner: Result<Vec<_>, _> = fields.values().map(|fields| self.field(object, fields)).collect();
            let inner = inner?;
            let at = inner.first().map_or_else(Pos::default, |first| first.pos);
            let condition = output::TypeCondition { on: Positioned::new(Name::new(object), at) };
            let inline = output::InlineFragment {
                type_condition: Some(Positioned::new(condition, at)),
                directives: Vec::new(),
                selection_set: Positioned::new(output::SelectionSet { items: inner }, at),
            };
            items.push(Positioned::new(output::Selection::InlineFragment(Positioned::new(inline, at)), at));
        }
        Ok(())
    }

    /// The response keys that are equal in all groups and that the type itself has: the same fields in the same relative
    /// order. None if the order differs.
    fn common(&self, on: &str, groups: &[Group<'a>]) -> Vec<&'a str> {
        let [first, others @ ..] = groups else { return Vec::new() };
        // Leaves are equal if name and arguments are equal; for objects, all selections must be equal.
        let is_alike = |(key, fields): &(&&'a str, &Vec<&'a Node<Field>>)| {
            let is_leaf = fields[0].selection_set.is_none();
            let same = |other: &Vec<&'a Node<Field>>| {
                if is_leaf {
                    other[0].name == fields[0].name && other[0].arguments == fields[0].arguments
                } else {
                    other.len() == fields.len() && other.iter().zip(*fields).all(|(one, two)| std::ptr::eq(*one, *two))
                }
            };
            self.has(on, fields[0]) && others.iter().all(|group| group.fields.get(**key).is_some_and(same))
        };
        let keys: Vec<&str> = first.fields.iter().filter(is_alike).map(|(key, _)| *key).collect();
        let in_order = |group: &Group<'a>| {
            keys.windows(2).all(|pair| group.fields.get_index_of(pair[0]) < group.fields.get_index_of(pair[1]))
        };
        if others.iter().all(in_order) { keys } else { Vec::new() }
    }

    /// True if a field can be selected on the type itself: a union has no fields, and an object may add arguments to a field
    /// of its interface.
    fn has(&self, on: &str, field: &Field) -> bool {
        self.types.schema.type_field(on, &field.name).is_ok_and(|definition| {
            field.arguments.iter().all(|argument| definition.arguments.iter().any(|one| one.name == argument.name))
        })
    }

    /// Writes the field of a response key: all of its selections have the same name and arguments (5.3.2).
    fn field(&mut self, on: &str, fields: &[&'a Node<Field>]) -> Result<Positioned<output::Selection>, TooLarge> {
        self.left = self.left.checked_sub(1).ok_or(TooLarge)?;
        let first = fields[0];
        let at = self.lines.at(first.location());
        let sets: Vec<&SelectionSet> = fields.iter().filter_map(|field| field.selection_set.as_ref()).collect();
        let selection_set = if sets.is_empty() {
            output::SelectionSet::default()
        } else {
            // An object may have a narrower type than the interface through which its field is selected.
            let types = self.types;
            let definition = types.schema.type_field(on, &first.name).ok();
            let of = definition.map_or(&sets[0].ty, |definition| definition.ty.inner_named_type());
            let of = types.schema.types.get_key_value(of).map_or(sets[0].ty.as_str(), |(name, _)| name.as_str());
            self.set(of, &sets)?
        };
        let named = |name: &Ident| Positioned::new(Name::new(name), self.lines.at(name.location()));
        let arguments = first.arguments.iter().map(|argument| {
            let definition = first.definition.argument_by_name(&argument.name);
            let value = definition.map_or_else(
                || literal::value(&argument.value),
                |definition| literal::typed(self.types, &definition.ty, &argument.value),
            );
            (named(&argument.name), Positioned::new(value, self.lines.at(argument.value.location())))
        });
        let field = output::Field {
            alias: first.alias.as_ref().map(named),
            name: named(&first.name),
            arguments: arguments.collect(),
            directives: Vec::new(),
            selection_set: Positioned::new(selection_set, at),
        };
        Ok(Positioned::new(output::Selection::Field(Positioned::new(field, at)), at))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql_value::Variables;

    use super::*;
    use crate::{Scalars, TypeSystem, parse};

    const SDL: &str = "
        interface Node { id: ID! node: Node }
        interface Named implements Node { id: ID! node: Node name: String }
        union Party = City | Club
        union Lone = City
        type City implements Node & Named { id: ID! node: Node name: String party: Party size: Int mayor: Person twin: City }
        type Club implements Node & Named { id: ID! node: Node name: String members: Int chair: Person }
        type Person implements Node { id: ID! node: Node age: Int }
        type Query { node: Node party: Party lone: Lone city(slug: String): City }
        type Mutation { create(name: String): City }
    ";

    /// A selection without positions, as text.
    fn shown(set: &output::SelectionSet) -> String {
        let items = set.items.iter().map(|item| match &item.node {
            output::Selection::Field(field) => {
                let field = &field.node;
                let alias = field.alias.as_ref().map(|alias| format!("{}: ", alias.node)).unwrap_or_default();
                let arguments: Vec<_> =
                    field.arguments.iter().map(|(name, value)| format!("{}: {}", name.node, value.node)).collect();
                let arguments =
                    if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
                let inner = &field.selection_set.node;
                let inner = if inner.items.is_empty() { String::new() } else { format!(" {}", shown(inner)) };
                format!("{alias}{}{arguments}{inner}", field.name.node)
            }
            output::Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref().unwrap();
                format!("... on {} {}", on.node.on.node, shown(&inline.node.selection_set.node))
            }
            output::Selection::FragmentSpread(_) => panic!("a spread is left"),
        });
        format!("{{ {} }}", items.collect::<Vec<_>>().join(" "))
    }

    fn merged_with(text: &str, variables: &str, limit: usize) -> Result<String, TooLarge> {
        let types = TypeSystem::validated(SDL, Scalars::default()).unwrap();
        let document = types.validate(parse(text).unwrap()).unwrap();
        let operation = document.operation(None).unwrap();
        let variables: Variables = serde_json::from_str(variables).unwrap();
        let variables = operation.coerce(&types, &variables).unwrap();
        let merged = operation.executable(&types, &variables, limit)?;
        assert!(merged.fragments.is_empty());
        let (_, operation) = merged.operations.iter().next().unwrap();
        Ok(shown(&operation.node.selection_set.node))
    }

    fn merged(text: &str) -> String {
        merged_with(text, "{}", 100).unwrap()
    }

    #[test]
    fn a_field_in_two_fragments_is_one() {
        let text = "mutation { ...A ...B } fragment A on Mutation { create(name: \"x\") { id } } \
            fragment B on Mutation { create(name: \"x\") { name id } }";
        assert_eq!(merged(text), r#"{ create(name: "x") { id name } }"#);
        assert_eq!(
            merged("{ city { id } city { size id } ... { city { id mayor { id } } } }"),
            "{ city { id size mayor { id } } }"
        );
        assert_eq!(merged("{ city { mayor { id } mayor { age } } }"), "{ city { mayor { id age } } }");
        assert_eq!(merged("{ a: city { id } b: city { id } }"), "{ a: city { id } b: city { id } }");
    }

    #[test]
    fn conditions_that_are_certain_are_resolved() {
        let text = "{ city { ... on Node { ... on Named { name ... on City { size } ... on Club { members } } } } }";
        assert_eq!(merged(text), "{ city { name size } }");
        assert_eq!(merged("{ city { ... on Party { ... on City { id } } } }"), "{ city { id } }");
        assert_eq!(
            merged("{ node { ... on Node { id } } party { ... on Party { __typename } } }"),
            "{ node { id } party { __typename } }"
        );
    }

    #[test]
    fn selections_that_depend_on_the_type_get_a_condition() {
        let text = "{ party { ... on Named { name } ... on City { size name } ... on Club { members } } }";
        assert_eq!(merged(text), "{ party { ... on City { name size } ... on Club { name members } } }");
        let text = "{ node { ... on Node { id } ... on City { size id } ... on Club { members } } }";
        assert_eq!(merged(text), "{ node { id ... on City { size } ... on Club { members } } }");
        let text = "{ node { node { id } ... on City { node { ... on Person { age } } } id } }";
        assert_eq!(
            merged(text),
            "{ node { ... on City { node { id ... on Person { age } } } ... on Club { node { id } } \
             ... on Person { node { id } } id } }"
        );
    }

    #[test]
    fn a_field_that_the_type_itself_lacks_gets_a_condition_per_object() {
        assert_eq!(
            merged("{ party { __typename ... on City { name } ... on Club { name } } }"),
            "{ party { __typename ... on City { name } ... on Club { name } } }"
        );
        assert_eq!(merged("{ lone { ... on City { name } } }"), "{ lone { ... on City { name } } }");
    }

    #[test]
    fn the_order_is_that_of_the_first_selection_of_each_key() {
        let text = "{ node { ... on City { size id } id __typename ... on City { name } } }";
        assert_eq!(merged(text), "{ node { ... on City { size } id __typename ... on City { name } } }");
        let text = "{ node { ... on City { __typename id } id __typename } }";
        assert_eq!(
            merged(text),
            "{ node { ... on City { __typename id } ... on Club { id __typename } ... on Person { id __typename } } }"
        );
    }

    #[test]
    fn skipped_selections_are_left_out() {
        let text = "query ($a: Boolean! = true, $b: Boolean) { city @skip(if: true) { id } ...F @include(if: $a) \
            x: city { id @skip(if: $a) size @include(if: $a) } ... @include(if: false) { y: city { id } } } \
            fragment F on Query { node { id } }";
        // Every variable must be used.
        let text = text.replace(", $b: Boolean", "");
        assert_eq!(merged_with(&text, "{}", 100).unwrap(), "{ node { id } x: city { size } }");
        assert_eq!(merged_with(&text, r#"{"a": false}"#, 100).unwrap(), "{ x: city { id } }");
        assert_eq!(merged("{ city { id @skip(if: true) name @include(if: true) } }"), "{ city { name } }");
    }

    #[test]
    fn cases_within_cases_have_a_limit() {
        let mut text = "id".to_owned();
        for _ in 0..12 {
            text = format!(
                "node {{ {text} }} ... on City {{ node {{ name: id }} }} ... on Club {{ node {{ other: id }} }}"
            );
        }
        let text = format!("{{ node {{ {text} }} }}");
        assert_eq!(merged_with(&text, "{}", 5_000), Err(TooLarge));
    }
}

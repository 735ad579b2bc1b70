//! Validates documents (section 5 of the specification).

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use apollo_compiler::ExecutableDocument as Executable;
use apollo_compiler::ast::{self, Argument, Value as Literal};
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::{ExtendedType, InputValueDefinition};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Node};
use async_graphql_parser::Pos;
use async_graphql_parser::types::ExecutableDocument;

use crate::explain::{explain, shortened, shown};
use crate::overlap::conflicts;
use crate::parse::Parsed;
use crate::position::Lines;
use crate::type_system::TypeSystem;
use crate::{Fault, FaultKind, literal};

/// Maximum number of reported errors.
const MAX_FAULTS: usize = 20;

/// A valid document.
#[derive(Debug)]
pub struct Document {
    pub(crate) executable: Valid<Executable>,
    pub(crate) lines: Lines,
    /// The variables whose default is `null`, each with its operation.
    pub(crate) null_defaults: HashSet<(Option<Name>, Name)>,
    /// The variables at places that do not allow `null`, which is valid only because they have defaults (5.8.5): each with
    /// the type of the place, and the place.
    pub(crate) required: HashMap<Name, (String, Pos)>,
    /// The executable document of each operation, if it does not depend on variables.
    pub(crate) merged: Vec<OnceLock<ExecutableDocument>>,
}

impl TypeSystem {
    /// Validates a document. Its size must be limited before ([`Parsed::measure`]).
    ///
    /// # Errors
    /// The document is not valid: its errors, in document order.
    pub fn validate(&self, parsed: Parsed) -> Result<Document, Vec<Fault>> {
        let Parsed { mut ast, lines } = parsed;
        let null_defaults = take_null_defaults(&mut ast);
        let (executable, mut faults) = match ast.to_executable_validate(&self.schema) {
            Ok(executable) => (executable, Vec::new()),
            Err(with) => {
                let faults = self.faults(&with.errors, &with.partial, &lines);
                (Valid::assume_valid(with.partial), faults)
            }
        };
        faults.extend(repeated_input_fields(&ast).map(|name| Fault {
            kind: FaultKind::Validation,
            message: format!("There can be only one input field named \"{name}\"."),
            at: Some(lines.at(name.location())),
        }));
        let mut required = HashMap::new();
        if faults.is_empty() {
            (faults, required) = Literals::of(self, &lines, &executable);
            faults.extend(conflicts(self, &executable).into_iter().map(|field| Fault {
                kind: FaultKind::Validation,
                message: format!(
                    "Fields \"{}\" conflict because they have differing arguments. Use different aliases on the fields to \
                     fetch both if this was intentional.",
                    field.response_name()
                ),
                at: Some(lines.at(field.location())),
            }));
        }
        if faults.is_empty() {
            let merged = executable.operations.iter().map(|_| OnceLock::new()).collect();
            return Ok(Document { executable, lines, null_defaults, required, merged });
        }
        faults.sort_by_key(|fault| fault.at);
        faults.truncate(MAX_FAULTS);
        Err(faults)
    }

    fn faults(&self, errors: &DiagnosticList, document: &Executable, lines: &Lines) -> Vec<Fault> {
        let faults = errors.iter().map(|one| one.error).filter(|error| {
            // The validator counts fields; the specification (5.2.4.1) counts response keys.
            error.unstable_error_name() != Some("SubscriptionUsesMultipleFields") || has_two_roots(document)
        });
        let faults = faults.take(MAX_FAULTS).map(|error| {
            let message = explain(self, document, error);
            let kind = match error.unstable_error_name() {
                Some(
                    "UnsupportedValueType"
                    | "IntCoercionError"
                    | "FloatCoercionError"
                    | "UndefinedEnumValue"
                    | "UndefinedInputValue"
                    | "RequiredField"
                    | "OneOfInputObjectFieldCount",
                ) => FaultKind::Value,
                _ => FaultKind::Validation,
            };
            let place = (kind == FaultKind::Value).then(|| place_of_value(document, error.location()?)).flatten();
            let message = place.map_or(message.clone(), |place| format!("{place}: {message}"));
            Fault { kind, message, at: Some(lines.at(error.location())) }
        });
        faults.collect()
    }
}

/// The path to a value of the wrong type, from its argument or variable: `filter.name.eq`.
fn place_of_value(document: &Executable, wanted: SourceSpan) -> Option<String> {
    fn within(value: &Node<Literal>, path: &str, wanted: SourceSpan) -> Option<String> {
        // The position of an enum value is that of its name.
        let at = match &**value {
            Literal::Enum(name) => name.location(),
            _ => value.location(),
        };
        if at == Some(wanted) {
            return Some(path.to_owned());
        }
        match &**value {
            Literal::List(items) => items.iter().find_map(|item| within(item, path, wanted)),
            Literal::Object(fields) => {
                fields.iter().find_map(|(name, field)| within(field, &format!("{path}.{name}"), wanted))
            }
            _ => None,
        }
    }
    fn arguments(arguments: &[Node<Argument>], wanted: SourceSpan) -> Option<String> {
        arguments.iter().find_map(|argument| within(&argument.value, &argument.name, wanted))
    }
    fn selections(set: &SelectionSet, wanted: SourceSpan) -> Option<String> {
        set.selections.iter().find_map(|selection| {
            let of_directives =
                selection.directives().iter().find_map(|directive| arguments(&directive.arguments, wanted));
            of_directives.or_else(|| match selection {
                Selection::Field(field) => arguments(&field.arguments, wanted)
                    .or_else(|| field.selection_set.as_ref().and_then(|set| selections(set, wanted))),
                Selection::InlineFragment(inline) => selections(&inline.selection_set, wanted),
                Selection::FragmentSpread(_) => None,
            })
        })
    }
    let of_variables = document
        .operations
        .iter()
        .flat_map(|operation| &operation.variables)
        .find_map(|variable| within(variable.default_value.as_ref()?, &format!("${}", variable.name), wanted));
    let sets = document.operations.iter().map(|operation| &operation.selection_set);
    let mut sets = sets.chain(document.fragments.values().map(|fragment| &fragment.selection_set));
    of_variables.or_else(|| sets.find_map(|set| selections(set, wanted)))
}

/// True if a subscription has more than one response key at its root.
fn has_two_roots(document: &Executable) -> bool {
    fn keys<'a>(
        document: &'a Executable,
        set: &'a SelectionSet,
        seen: &mut HashSet<&'a Name>,
        found: &mut HashSet<&'a Name>,
    ) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    found.insert(field.response_name());
                }
                Selection::InlineFragment(inline) => keys(document, &inline.selection_set, seen, found),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.fragment_name)
                        && seen.insert(&spread.fragment_name)
                    {
                        keys(document, &fragment.selection_set, seen, found);
                    }
                }
            }
        }
    }
    let has_two = |operation: &Node<Operation>| {
        let mut found = HashSet::new();
        keys(document, &operation.selection_set, &mut HashSet::new(), &mut found);
        found.len() > 1
    };
    document.operations.iter().filter(|operation| operation.is_subscription()).any(has_two)
}

/// Removes the default `null` from nullable variables. For the use of a variable it counts as no default
/// (`hasNonNullVariableDefaultValue`, 5.8.5), which the validator does not implement.
fn take_null_defaults(document: &mut ast::Document) -> HashSet<(Option<Name>, Name)> {
    let mut taken = HashSet::new();
    for definition in &mut document.definitions {
        let ast::Definition::OperationDefinition(operation) = definition else { continue };
        let has_null = |variable: &ast::VariableDefinition| {
            variable.default_value.as_ref().is_some_and(|value| value.is_null()) && !variable.ty.is_non_null()
        };
        if !operation.variables.iter().any(|variable| has_null(variable)) {
            continue;
        }
        let operation = operation.make_mut();
        for variable in operation.variables.iter_mut().filter(|variable| has_null(variable)) {
            variable.make_mut().default_value = None;
            taken.insert((operation.name.clone(), variable.name.clone()));
        }
    }
    taken
}

/// The input fields that occur twice in an object literal (5.6.3), at any depth.
fn repeated_input_fields(document: &ast::Document) -> impl Iterator<Item = Name> {
    fn value(literal: &Literal, found: &mut Vec<Name>) {
        match literal {
            Literal::List(items) => items.iter().for_each(|item| value(item, found)),
            Literal::Object(fields) => {
                let mut names = HashSet::new();
                for (name, field) in fields {
                    if !names.insert(name) {
                        found.push(name.clone());
                    }
                    value(field, found);
                }
            }
            _ => {}
        }
    }
    fn directives(list: &ast::DirectiveList, found: &mut Vec<Name>) {
        list.iter().flat_map(|directive| &directive.arguments).for_each(|argument| value(&argument.value, found));
    }
    fn selections(set: &[ast::Selection], found: &mut Vec<Name>) {
        for selection in set {
            match selection {
                ast::Selection::Field(field) => {
                    field.arguments.iter().for_each(|argument| value(&argument.value, found));
                    directives(&field.directives, found);
                    selections(field.selection_set.as_deref().unwrap_or_default(), found);
                }
                ast::Selection::InlineFragment(inline) => {
                    directives(&inline.directives, found);
                    selections(&inline.selection_set, found);
                }
                ast::Selection::FragmentSpread(spread) => directives(&spread.directives, found),
            }
        }
    }
    let mut found = Vec::new();
    for definition in &document.definitions {
        match definition {
            ast::Definition::OperationDefinition(operation) => {
                for variable in &operation.variables {
                    variable.default_value.iter().for_each(|default| value(default, &mut found));
                    directives(&variable.directives, &mut found);
                }
                directives(&operation.directives, &mut found);
                selections(&operation.selection_set, &mut found);
            }
            ast::Definition::FragmentDefinition(fragment) => {
                directives(&fragment.directives, &mut found);
                selections(&fragment.selection_set, &mut found);
            }
            _ => {}
        }
    }
    found.into_iter()
}

/// Checks the literals of custom scalars, which the validator accepts unchecked.
struct Literals<'a> {
    types: &'a TypeSystem,
    lines: &'a Lines,
    document: &'a Executable,
    /// The variables of the operation.
    defined: &'a [Node<ast::VariableDefinition>],
    /// The fragments of the operation that were visited.
    seen: HashSet<&'a Name>,
    faults: Vec<Fault>,
    required: HashMap<Name, (String, Pos)>,
}

impl<'a> Literals<'a> {
    /// The errors in literals, and the variables at places that do not allow `null`.
    fn of(
        types: &'a TypeSystem,
        lines: &'a Lines,
        document: &'a Executable,
    ) -> (Vec<Fault>, HashMap<Name, (String, Pos)>) {
        let (defined, seen, faults, required) = (&[][..], HashSet::new(), Vec::new(), HashMap::new());
        let mut literals = Literals { types, lines, document, defined, seen, faults, required };
        for operation in document.operations.iter() {
            literals.defined = &operation.variables;
            literals.seen.clear();
            for variable in &operation.variables {
                if let Some(default) = &variable.default_value {
                    literals.value(&variable.ty, default);
                }
            }
            literals.selections(&operation.selection_set);
        }
        // A fragment that two operations use is checked for each of them.
        let mut reported: Vec<Fault> = Vec::new();
        for fault in literals.faults {
            if !reported.contains(&fault) {
                reported.push(fault);
            }
        }
        (reported, literals.required)
    }

    fn selections(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            for directive in selection.directives() {
                if let Some(definition) = self.types.schema.directive_definitions.get(&directive.name) {
                    self.arguments(&definition.arguments, &directive.arguments);
                }
            }
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.definition.arguments, &field.arguments);
                    if let Some(set) = &field.selection_set {
                        self.selections(set);
                    }
                }
                Selection::InlineFragment(inline) => self.selections(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && self.seen.insert(&spread.fragment_name)
                    {
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn arguments(&mut self, defined: &[Node<InputValueDefinition>], arguments: &[Node<Argument>]) {
        for argument in arguments {
            if let Some(definition) = defined.iter().find(|definition| definition.name == argument.name) {
                self.value(&definition.ty, &argument.value);
            }
        }
    }

    fn value(&mut self, ty: &ast::Type, value: &Node<Literal>) {
        match &**value {
            Literal::Variable(name) if ty.is_non_null() => return self.require(name, ty.to_string(), value.location()),
            Literal::Variable(_) | Literal::Null => return,
            _ => {}
        }
        match (ty.is_list(), &**value) {
            (true, Literal::List(items)) => items.iter().for_each(|item| self.value(ty.item_type(), item)),
            // A single value is coerced to a list of one.
            (true, _) => self.value(ty.item_type(), value),
            (false, _) => self.named(ty.inner_named_type(), value),
        }
    }

    fn named(&mut self, name: &str, value: &Node<Literal>) {
        match (self.types.schema.types.get(name), &**value) {
            (Some(ExtendedType::InputObject(input)), Literal::Object(fields)) => {
                for (field, value) in fields {
                    let Some(definition) = input.fields.get(field) else { continue };
                    match &**value {
                        Literal::Variable(name) if input.is_one_of() => {
                            self.require(name, format!("{}!", definition.ty), value.location());
                        }
                        _ => self.value(&definition.ty, value),
                    }
                }
            }
            (Some(ExtendedType::Scalar(scalar)), _) if !scalar.is_built_in() => {
                // A literal with a variable is checked when the value is known.
                let Some(constant) = literal::constant(value) else { return self.variables(value) };
                if let Err(wrong) = self.types.scalars.check(name, &constant) {
                    let (shown, wrong) = (shown(&constant), shortened(&wrong));
                    self.fault(format!("the value {shown} is not a {name}: {wrong}"), value.location());
                }
            }
            _ => {}
        }
    }

    fn require(&mut self, variable: &Name, ty: String, at: Option<SourceSpan>) {
        let at = self.lines.at(at);
        self.required.entry(variable.clone()).or_insert((ty, at));
    }

    /// The variables in the literal of a scalar must be defined like any others (5.8.3).
    fn variables(&mut self, value: &Node<Literal>) {
        match &**value {
            Literal::Variable(name) if !self.defined.iter().any(|variable| variable.name == *name) => {
                let message = format!("Variable \"${name}\" is not defined.");
                self.faults.push(Fault {
                    kind: FaultKind::Validation,
                    message,
                    at: Some(self.lines.at(value.location())),
                });
            }
            Literal::List(items) => items.iter().for_each(|item| self.variables(item)),
            Literal::Object(fields) => fields.iter().for_each(|(_, field)| self.variables(field)),
            _ => {}
        }
    }

    fn fault(&mut self, message: String, at: Option<SourceSpan>) {
        self.faults.push(Fault { kind: FaultKind::Value, message, at: Some(self.lines.at(at)) });
    }
}

#[cfg(test)]
mod tests {
    use async_graphql_value::ConstValue;

    use super::*;
    use crate::{Scalar, parse};

    const SDL: &str = "
        scalar Day
        enum Side { LEFT RIGHT }
        input Filter { day: Day days: [Day!] side: Side and: [Filter!] }
        interface Node { id: ID! }
        type City implements Node { id: ID! slug: String size: Int }
        type Club implements Node { id: ID! members: Int }
        type CityConnection { nodes: [City!]! total: Int }
        type Query { cities(first: Int, filter: Filter, side: Side, day: Day): CityConnection city: City node: Node list(of: [Int], in: [Filter]): Node }
        type Subscription { changes: City other: City }
    ";

    fn types() -> TypeSystem {
        let day: Scalar = |value| match value {
            ConstValue::String(text) if text.len() == 10 => Ok(()),
            _ => Err("a day is written YYYY-MM-DD".to_owned()),
        };
        TypeSystem::validated(SDL, [("Day", day)].into_iter().collect()).unwrap()
    }

    fn faults(text: &str) -> Vec<Fault> {
        types().validate(parse(text).unwrap()).err().unwrap_or_default()
    }

    #[test]
    fn messages_contain_the_correction() {
        for (text, expected) in [
            ("{ cities { slug } }", "{ nodes { slug } }"),
            ("{ city { slog } }", "Did you mean \"slug\"?"),
            ("{ node { members } }", "inline fragment on \"Club\"?"),
            ("{ citis { total } }", "Did you mean \"cities\""),
            ("{ cities(fist: 1) { total } }", "Did you mean \"first\"?"),
            ("{ cities(side: UP) { total } }", "There are: LEFT, RIGHT."),
            ("{ cities(side: \"LEFT\") { total } }", "There are: LEFT, RIGHT."),
            ("{ cities(filter: { sid: LEFT }) { total } }", "Did you mean \"side\"?"),
            ("{ city { ...G } } fragment F on City { slug }", "Did you mean \"F\"?"),
            ("{ city { ... on Citi { slug } } }", "Did you mean \"City\""),
            ("{ city { slug @skp(if: true) } }", "Did you mean \"@skip\"?"),
            ("{ cities(day: \"x\") { total } }", "a day is written"),
            ("{ cities(filter: { and: { days: [\"2012-06-30\", 7] } }) { total } }", "the value 7 is not a Day"),
            ("query ($d: Day = 7) { cities(day: $d) { total } }", "the value 7 is not a Day"),
            ("{ cities(first: 99999999999) { total } }", "first: Int cannot represent non 32-bit"),
            ("{ cities(filter: { and: [{ side: 7 }] }) { total } }", "filter.and.side: expected value of type Side"),
            ("query ($f: Filter = { side: UP }) { cities(filter: $f) { total } }", "$f.side: Value"),
            ("{ cities(filter: { side: LEFT, side: LEFT }) { total } }", "only one input field named \"side\""),
            (
                "query ($f: Filter = { and: { day: null, day: null } }) { cities(filter: $f) { total } }",
                "named \"day\"",
            ),
            ("{ cities(day: { a: $x }) { total } }", "Variable \"$x\" is not defined"),
            ("{ ...A } fragment A on Query { cities(day: [$x]) { total } }", "Variable \"$x\" is not defined"),
            ("query ($i: Boolean = null) { city { id @skip(if: $i) } }", "\"Boolean!\""),
            ("{ ...A } fragment A on Query { ...B } fragment B on Query { city { id } ...A }", "\"A\" within itself"),
        ] {
            let found = faults(text);
            assert!(found.iter().any(|fault| fault.message.contains(expected)), "{text}: {found:?}");
            assert!(found.iter().all(|fault| fault.at.is_some_and(|at| at.line == 1 && at.column > 0)), "{text}");
        }
    }

    #[test]
    fn a_subscription_has_one_response_key_at_its_root() {
        for text in [
            "subscription { changes { id } changes { slug } }",
            "subscription { ...A ...A } fragment A on Subscription { changes { id } }",
            "subscription { ...A ...B } fragment A on Subscription { changes { id } } fragment B on Subscription { changes { slug } }",
        ] {
            assert_eq!(faults(text), [], "{text}");
        }
        for text in [
            "subscription { changes { id } other { id } }",
            "subscription { a: changes { id } b: changes { id } }",
            "subscription { ...A other { id } } fragment A on Subscription { changes { id } }",
            "subscription { __typename }",
            "subscription { changes @skip(if: true) { id } }",
        ] {
            assert_ne!(faults(text), [], "{text}");
        }
    }

    #[test]
    fn a_default_of_null_is_valid_where_null_is_allowed() {
        for text in [
            "query ($i: Int = null) { cities(first: $i) { total } }",
            "query ($d: Day) { cities(day: { a: $d }) { total } }",
        ] {
            assert_eq!(faults(text), [], "{text}");
        }
        assert_ne!(faults("query ($i: Int! = null) { cities(first: $i) { total } }"), []);
    }

    #[test]
    fn lists_with_a_common_prefix_conflict() {
        for text in [
            "{ x: list(of: [1]) { id } x: list(of: []) { id } }",
            "{ x: list(of: [1]) { id } ...F } fragment F on Query { x: list(of: [1, 2]) { id } }",
            "{ x: list(in: [{ and: [{ side: LEFT }] }]) { id } x: list(in: [{ and: [] }]) { id } }",
        ] {
            assert!(faults(text).iter().any(|fault| fault.message.contains("differing arguments")), "{text}");
        }
        for text in [
            "{ x: list(of: [1]) { id } x: list(of: [1]) { id } }",
            "{ x: list(of: [1]) { id } y: list(of: []) { id } }",
        ] {
            assert_eq!(faults(text), [], "{text}");
        }
    }

    #[test]
    fn positions_and_kinds_are_reported() {
        let found = faults("{\n  city {\n    nowhere\n  }\n  cities(first: \"1\") { total }\n}");
        let at: Vec<_> = found.iter().map(|fault| (fault.kind, fault.at.map(|at| (at.line, at.column)))).collect();
        assert_eq!(at, [(FaultKind::Validation, Some((3, 5))), (FaultKind::Value, Some((5, 17)))]);
    }

    #[test]
    fn the_number_of_reported_errors_is_limited() {
        let names: Vec<String> = (0..500).map(|at| format!("f{at}")).collect();
        let text = format!("{{ {} }}", names.join(" "));
        assert_eq!(faults(&text).len(), MAX_FAULTS);
    }
}

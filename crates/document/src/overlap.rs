//! Checks lists in the arguments of fields with one response key (5.3.2). The validator compares two lists only up to the
//! length of the shorter one; it checks the rest of the rule itself.

use std::collections::HashSet;

use apollo_compiler::ExecutableDocument as Executable;
use apollo_compiler::Node;
use apollo_compiler::ast::Value as Literal;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use async_graphql_value::indexmap::IndexMap;

use crate::type_system::TypeSystem;

/// The fields whose arguments differ from those of an earlier field with the same response key.
pub(crate) fn conflicts<'a>(types: &TypeSystem, document: &'a Executable) -> Vec<&'a Node<Field>> {
    let mut overlap = Overlap { types, document, found: Vec::new() };
    for operation in document.operations.iter() {
        overlap.sets(&[&operation.selection_set]);
    }
    overlap.found
}

struct Overlap<'a, 'b> {
    types: &'b TypeSystem,
    document: &'a Executable,
    found: Vec<&'a Node<Field>>,
}

/// The fields of each response key, each with the type on which it is selected.
type Fields<'a> = IndexMap<&'a str, Vec<(&'a str, &'a Node<Field>)>>;

impl<'a> Overlap<'a, '_> {
    fn sets(&mut self, sets: &[&'a SelectionSet]) {
        let mut fields = Fields::new();
        let mut seen = HashSet::new();
        for set in sets {
            self.collect(set, &mut fields, &mut seen);
        }
        for of_key in fields.values() {
            // Fields on two different object types never merge.
            let mut objects: Vec<&str> = of_key.iter().map(|(on, _)| *on).filter(|on| self.is_object(on)).collect();
            objects.sort_unstable();
            objects.dedup();
            let cases: Vec<Option<&str>> =
                if objects.is_empty() { vec![None] } else { objects.into_iter().map(Some).collect() };
            for case in cases {
                let meets = |on: &str| !self.is_object(on) || case == Some(on);
                let meeting: Vec<&'a Node<Field>> =
                    of_key.iter().filter(|(on, _)| meets(on)).map(|(_, field)| *field).collect();
                self.arguments(&meeting);
                let inner: Vec<&SelectionSet> =
                    meeting.iter().filter_map(|field| field.selection_set.as_ref()).collect();
                if !inner.is_empty() {
                    self.sets(&inner);
                }
            }
        }
    }

    fn is_object(&self, name: &str) -> bool {
        self.types.schema.get_object(name).is_some()
    }

    fn collect(&self, set: &'a SelectionSet, fields: &mut Fields<'a>, seen: &mut HashSet<&'a str>) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => fields.entry(field.response_name()).or_default().push((&set.ty, field)),
                Selection::InlineFragment(inline) => self.collect(&inline.selection_set, fields, seen),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && seen.insert(&spread.fragment_name)
                    {
                        self.collect(&fragment.selection_set, fields, seen);
                    }
                }
            }
        }
    }

    fn arguments(&mut self, fields: &[&'a Node<Field>]) {
        let [first, others @ ..] = fields else { return };
        for other in others {
            let differs = first.arguments.iter().any(|argument| {
                let same = other.arguments.iter().find(|one| one.name == argument.name);
                same.is_some_and(|same| !has_equal_lists(&argument.value, &same.value))
            });
            if differs && !self.found.iter().any(|found| std::ptr::eq(*found, *other)) {
                self.found.push(other);
            }
        }
    }
}

/// True if two values that are equal up to the end of the shorter list are equal to the end of the longer one.
fn has_equal_lists(one: &Literal, two: &Literal) -> bool {
    match (one, two) {
        (Literal::List(one), Literal::List(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| has_equal_lists(one, two))
        }
        (Literal::Object(one), Literal::Object(two)) => one.iter().all(|(name, value)| {
            two.iter().find(|(other, _)| other == name).is_none_or(|(_, other)| has_equal_lists(value, other))
        }),
        _ => true,
    }
}

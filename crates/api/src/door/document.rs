//! Measures a document. Every fragment is walked once, however often it is spread.
//!
//! Fragments that spread each other double the work with every level, and the library's own checks walk all of it: 825
//! bytes kept it busy for ten seconds.

use std::collections::{HashMap, HashSet};

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// Fragments that lead to each other further than this are not followed: the walk itself must not run out of stack.
const MAX_NESTING: u32 = 64;

/// What a document has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Measure {
    /// Fields once all fragments are put in their places.
    pub(super) fields: u64,
    /// Levels of fields under each other.
    pub(super) depth: u64,
    /// The most names under which one field is asked for in one place.
    pub(super) aliases: u64,
    /// The most directives at one place.
    pub(super) directives: u64,
}

/// Measures a document. A fragment that contains itself has no end, and neither has a chain that is too long to follow.
pub(super) fn measure(document: &ExecutableDocument) -> Measure {
    let mut walk = Walk { document, fragments: HashMap::new(), directives: 0, aliases: 0 };
    let mut whole = Size::default();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        walk.directives = walk.directives.max(operation.directives.len() as u64);
        for variable in &operation.variable_definitions {
            walk.directives = walk.directives.max(variable.node.directives.len() as u64);
        }
        let size = walk.place(&operation.selection_set.node, 0);
        whole = Size { fields: whole.fields.saturating_add(size.fields), depth: whole.depth.max(size.depth) };
    }
    // Fragments that no operation uses are walked by the library as well.
    for name in document.fragments.keys() {
        let size = walk.fragment(name, 0).size;
        whole.fields = whole.fields.max(size.fields);
    }
    Measure { fields: whole.fields, depth: whole.depth, aliases: walk.aliases, directives: walk.directives }
}

/// The size of a part of a document.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    fields: u64,
    depth: u64,
}

const ENDLESS: Size = Size { fields: u64::MAX, depth: u64::MAX };

/// A fragment as those see it who spread it.
#[derive(Clone, Debug, Default)]
struct Spread<'a> {
    size: Size,
    /// The fields at its top, each with the name under which it is asked for.
    top: HashSet<(&'a Name, &'a Name)>,
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    /// The fragments met so far; `None` while one is being walked.
    fragments: HashMap<&'a Name, Option<Spread<'a>>>,
    directives: u64,
    aliases: u64,
}

impl<'a> Walk<'a> {
    /// Walks the selections of one place, and counts the names of its fields.
    fn place(&mut self, set: &'a SelectionSet, nesting: u32) -> Size {
        let mut top = HashSet::new();
        let size = self.selections(set, nesting, &mut top);
        let mut names: HashMap<&Name, u64> = HashMap::new();
        for (field, _) in &top {
            *names.entry(field).or_default() += 1;
        }
        self.aliases = self.aliases.max(names.into_values().max().unwrap_or(0));
        size
    }

    fn selections(&mut self, set: &'a SelectionSet, nesting: u32, top: &mut HashSet<(&'a Name, &'a Name)>) -> Size {
        if nesting > MAX_NESTING {
            return ENDLESS;
        }
        let mut whole = Size::default();
        for selection in &set.items {
            let directives = match &selection.node {
                Selection::Field(field) => &field.node.directives,
                Selection::InlineFragment(inline) => &inline.node.directives,
                Selection::FragmentSpread(spread) => &spread.node.directives,
            };
            self.directives = self.directives.max(directives.len() as u64);
            let size = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    top.insert((&field.name.node, &field.response_key().node));
                    let inner = self.place(&field.selection_set.node, nesting + 1);
                    Size { fields: inner.fields.saturating_add(1), depth: inner.depth.saturating_add(1) }
                }
                Selection::InlineFragment(inline) => self.selections(&inline.node.selection_set.node, nesting + 1, top),
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragment(&spread.node.fragment_name.node, nesting + 1);
                    top.extend(fragment.top);
                    // The spread itself is counted, so that a bomb of empty fragments is one, too.
                    Size { fields: fragment.size.fields.saturating_add(1), ..fragment.size }
                }
            };
            whole.fields = whole.fields.saturating_add(size.fields);
            whole.depth = whole.depth.max(size.depth);
        }
        whole
    }

    fn fragment(&mut self, name: &Name, nesting: u32) -> Spread<'a> {
        // A fragment that is not there is left to the validation, which names it.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Spread::default() };
        match self.fragments.get(name) {
            Some(Some(known)) => known.clone(),
            Some(None) => Spread { size: ENDLESS, ..Spread::default() },
            None => {
                self.fragments.insert(name, None);
                self.directives = self.directives.max(fragment.node.directives.len() as u64);
                let mut top = HashSet::new();
                let size = self.selections(&fragment.node.selection_set.node, nesting, &mut top);
                let known = Spread { size, top };
                self.fragments.insert(name, Some(known.clone()));
                known
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::time::{Duration, Instant};

    use async_graphql::parser::parse_query;

    use super::*;

    fn measured(text: &str) -> Measure {
        measure(&parse_query(text).unwrap())
    }

    /// Every fragment spreads the next one twice.
    fn bomb(levels: u32) -> String {
        let mut text = "{ ...f0 }".to_owned();
        for level in 0..levels {
            let next = level + 1;
            write!(text, " fragment f{level} on Query {{ ...f{next} ...f{next} }}").unwrap();
        }
        text + &format!(" fragment f{levels} on Query {{ __typename }}")
    }

    #[test]
    fn usual_documents_are_counted() {
        let text = "{ a { b c } ...f ... on Query { d } } fragment f on Query { e { g } }";
        assert_eq!(measured(text), Measure { fields: 7, depth: 2, aliases: 1, directives: 0 });
        assert_eq!(measured("{ ...nowhere }").fields, 1);
        assert_eq!(measured("query A { a } query B { b }").fields, 2);
    }

    #[test]
    fn a_bomb_is_measured_at_once() {
        let start = Instant::now();
        assert_eq!(measured(&bomb(3)).fields, 23);
        assert!(measured(&bomb(22)).fields > 4_000_000);
        assert_eq!(measured(&bomb(200)).fields, u64::MAX);
        assert!(start.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn a_cycle_has_no_end_even_in_a_fragment_that_nobody_uses() {
        let cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert_eq!(measured(cycle).fields, u64::MAX);
        assert_eq!(measured("{ x } fragment a on Query { ...a }").fields, u64::MAX);
    }

    #[test]
    fn chains_of_fragments_do_not_run_out_of_stack() {
        let mut text = "{ ...f0 }".to_owned();
        for level in 0..5_000 {
            write!(text, " fragment f{level} on Query {{ ...f{} }}", level + 1).unwrap();
        }
        assert_eq!(measured(&text).fields, u64::MAX);
    }

    #[test]
    fn names_of_one_field_are_counted_where_they_meet() {
        assert_eq!(measured("{ x: a y: a a b }").aliases, 3);
        assert_eq!(measured("{ p { x: a } q { y: a } }").aliases, 1);
        assert_eq!(measured("{ x: a ... { y: a } ...f } fragment f on Query { z: a x: a }").aliases, 3);
    }

    #[test]
    fn directives_are_counted_at_each_place() {
        assert_eq!(measured("query @x @y { a @x }").directives, 2);
        assert_eq!(measured("{ ... @a @b @c { d } }").directives, 3);
        assert_eq!(measured("query ($v: Int @a @b) { c }").directives, 2);
        assert_eq!(measured("{ ...f } fragment f on Query @a @b @c @d { c }").directives, 4);
    }
}

//! Measures a document. Every fragment is walked once, however often it is spread.
//!
//! Fragments that spread each other double the work with every level, and a validator may walk all of it: what is measured
//! here has to be limited before a document is validated.

use std::collections::{HashMap, HashSet};

use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, Selection};

/// Fragments that lead to each other further than this are not followed: the walk itself must not run out of stack.
const MAX_NESTING: u32 = 64;

/// What a document has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Fields once all fragments are put in their places.
    pub fields: u64,
    /// Levels of fields under each other.
    pub depth: u64,
    /// The most names under which one field is selected in one place.
    pub aliases: u64,
    /// The most directives at one place.
    pub directives: u64,
    /// A fragment that contains itself, which no limit but validation is about.
    pub has_cycle: bool,
}

/// Measures a document. A chain of fragments that is too long to follow counts as endless.
pub(crate) fn measure(document: &Document) -> Measure {
    let fragments = document.definitions.iter().filter_map(Definition::as_fragment_definition);
    let mut walk = Walk {
        fragments: fragments.map(|fragment| (fragment.name.as_str(), &**fragment)).collect(),
        spreads: HashMap::new(),
        directives: 0,
        aliases: 0,
        has_cycle: false,
    };
    let mut whole = Size::default();
    for operation in document.definitions.iter().filter_map(Definition::as_operation_definition) {
        walk.directives(&operation.directives);
        for variable in &operation.variables {
            walk.directives(&variable.directives);
        }
        let size = walk.place(&operation.selection_set, 0);
        whole = Size { fields: whole.fields.saturating_add(size.fields), depth: whole.depth.max(size.depth) };
    }
    // Fragments that no operation uses are validated as well.
    let names: Vec<&str> = walk.fragments.keys().copied().collect();
    for name in names {
        whole.fields = whole.fields.max(walk.fragment(name, 0).size.fields);
    }
    let Walk { aliases, directives, has_cycle, .. } = walk;
    Measure { fields: whole.fields, depth: whole.depth, aliases, directives, has_cycle }
}

/// The size of a part of a document.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    fields: u64,
    depth: u64,
}

const ENDLESS: Size = Size { fields: u64::MAX, depth: u64::MAX };

/// A fragment as it counts where it is spread.
#[derive(Clone, Debug, Default)]
struct Spread<'a> {
    size: Size,
    /// The fields at its top, each with its response key.
    top: HashSet<(&'a str, &'a str)>,
}

struct Walk<'a> {
    fragments: HashMap<&'a str, &'a FragmentDefinition>,
    /// The fragments met so far; `None` while one is being walked.
    spreads: HashMap<&'a str, Option<Spread<'a>>>,
    directives: u64,
    aliases: u64,
    has_cycle: bool,
}

impl<'a> Walk<'a> {
    fn directives(&mut self, list: &DirectiveList) {
        self.directives = self.directives.max(list.len() as u64);
    }

    /// Walks the selections of one place, and counts the names of its fields.
    fn place(&mut self, set: &'a [Selection], nesting: u32) -> Size {
        let mut top = HashSet::new();
        let size = self.selections(set, nesting, &mut top);
        let mut names: HashMap<&str, u64> = HashMap::new();
        for (field, _) in &top {
            *names.entry(field).or_default() += 1;
        }
        self.aliases = self.aliases.max(names.into_values().max().unwrap_or(0));
        size
    }

    fn selections(&mut self, set: &'a [Selection], nesting: u32, top: &mut HashSet<(&'a str, &'a str)>) -> Size {
        if nesting > MAX_NESTING {
            return ENDLESS;
        }
        let mut whole = Size::default();
        for selection in set {
            self.directives(match selection {
                Selection::Field(field) => &field.directives,
                Selection::InlineFragment(inline) => &inline.directives,
                Selection::FragmentSpread(spread) => &spread.directives,
            });
            let size = match selection {
                Selection::Field(field) => {
                    top.insert((&field.name, field.response_name()));
                    let inner = self.place(field.selection_set.as_deref().unwrap_or_default(), nesting + 1);
                    Size { fields: inner.fields.saturating_add(1), depth: inner.depth.saturating_add(1) }
                }
                Selection::InlineFragment(inline) => self.selections(&inline.selection_set, nesting + 1, top),
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragment(&spread.fragment_name, nesting + 1);
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

    fn fragment(&mut self, name: &str, nesting: u32) -> Spread<'a> {
        // A fragment that is not there is left to validation, which names it.
        let Some((&name, &fragment)) = self.fragments.get_key_value(name) else { return Spread::default() };
        match self.spreads.get(name) {
            Some(Some(known)) => known.clone(),
            Some(None) => {
                self.has_cycle = true;
                Spread::default()
            }
            None => {
                self.spreads.insert(name, None);
                self.directives(&fragment.directives);
                let mut top = HashSet::new();
                let size = self.selections(&fragment.selection_set, nesting, &mut top);
                let known = Spread { size, top };
                self.spreads.insert(name, Some(known.clone()));
                known
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::parse;

    fn measured(text: &str) -> Measure {
        parse(text).unwrap().measure()
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
        let expected = Measure { fields: 7, depth: 2, aliases: 1, directives: 0, has_cycle: false };
        assert_eq!(measured(text), expected);
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
    fn a_cycle_is_told_from_a_size_even_in_a_fragment_that_nobody_uses() {
        let cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        let found = measured(cycle);
        assert!(found.has_cycle && found.fields < 10, "{found:?}");
        assert!(measured("{ x } fragment a on Query { ...a }").has_cycle);
        assert!(!measured("{ ...a ...a } fragment a on Query { x }").has_cycle);
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

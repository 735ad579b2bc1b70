//! Measures a document. Every fragment is walked once, however often it is spread.
//!
//! Fragments that spread each other can double the work on every level, and a validator may do all of it. So the figures of
//! this walk must be limited before a document is validated.

use std::collections::{HashMap, HashSet};

use apollo_compiler::ast::{Definition, DirectiveList, Document, FragmentDefinition, Selection};

/// Maximum nesting of fields and fragments that is followed, so that neither this walk nor later ones overflow the stack.
pub const MAX_LEVELS: u32 = 128;

/// The figures of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Fields after all fragments are expanded.
    pub fields: u64,
    /// Maximum nesting of fields.
    pub depth: u64,
    /// Maximum number of response keys of one field at one place.
    pub aliases: u64,
    /// Maximum number of directives at one place.
    pub directives: u64,
    /// Maximum nesting of fields and fragments; [`MAX_LEVELS`] plus one if it was not followed any further. The other
    /// figures are meaningless then.
    pub levels: u32,
}

/// Measures a document without cycles.
pub(crate) fn measure(document: &Document) -> Measure {
    let fragments = document.definitions.iter().filter_map(Definition::as_fragment_definition);
    let mut walk = Walk {
        fragments: fragments.map(|fragment| (fragment.name.as_str(), &**fragment)).collect(),
        spreads: HashMap::new(),
        directives: 0,
        aliases: 0,
    };
    let mut whole = Size::default();
    for operation in document.definitions.iter().filter_map(Definition::as_operation_definition) {
        walk.directives(&operation.directives);
        for variable in &operation.variables {
            walk.directives(&variable.directives);
        }
        let size = walk.place(&operation.selection_set, 0);
        whole.beside(size);
    }
    // Unused fragments are validated as well.
    let names: Vec<&str> = walk.fragments.keys().copied().collect();
    for name in names {
        let size = walk.fragment(name, 0).size;
        whole.fields = whole.fields.max(size.fields);
        whole.levels = whole.levels.max(size.levels);
    }
    let Walk { aliases, directives, .. } = walk;
    let levels = whole.levels.min(MAX_LEVELS + 1);
    Measure { fields: whole.fields, depth: whole.depth, aliases, directives, levels }
}

/// The size of a part of a document.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    fields: u64,
    depth: u64,
    levels: u32,
}

const ENDLESS: Size = Size { fields: u64::MAX, depth: u64::MAX, levels: u32::MAX };

impl Size {
    /// Adds a part beside it.
    fn beside(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.depth = self.depth.max(other.depth);
        self.levels = self.levels.max(other.levels);
    }

    /// The size with one more level: a field or a fragment. A fragment counts as one, so that a bomb of empty fragments has
    /// a size.
    fn within(self, is_field: bool) -> Self {
        Self {
            fields: self.fields.saturating_add(1),
            depth: self.depth.saturating_add(is_field.into()),
            levels: self.levels.saturating_add(1),
        }
    }
}

/// The size of a fragment for its spreads.
#[derive(Clone, Debug, Default)]
struct Spread<'a> {
    size: Size,
    /// The fields on its top level, each with its response key.
    top: HashSet<(&'a str, &'a str)>,
}

struct Walk<'a> {
    fragments: HashMap<&'a str, &'a FragmentDefinition>,
    /// The fragments visited so far; `None` while one is being visited.
    spreads: HashMap<&'a str, Option<Spread<'a>>>,
    directives: u64,
    aliases: u64,
}

impl<'a> Walk<'a> {
    fn directives(&mut self, list: &DirectiveList) {
        self.directives = self.directives.max(list.len() as u64);
    }

    /// Walks the selections of one place and counts the response keys of its fields.
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
        if nesting > MAX_LEVELS {
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
                    self.place(field.selection_set.as_deref().unwrap_or_default(), nesting + 1).within(true)
                }
                Selection::InlineFragment(inline) => {
                    let size = self.selections(&inline.selection_set, nesting + 1, top);
                    Size { levels: size.levels.saturating_add(1), ..size }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragment(&spread.fragment_name, nesting + 1);
                    top.extend(fragment.top);
                    fragment.size.within(false)
                }
            };
            whole.beside(size);
        }
        whole
    }

    fn fragment(&mut self, name: &str, nesting: u32) -> Spread<'a> {
        // Validation reports a fragment that does not exist.
        let Some((&name, &fragment)) = self.fragments.get_key_value(name) else { return Spread::default() };
        match self.spreads.get(name) {
            Some(Some(known)) => known.clone(),
            // A cycle, which is refused before.
            Some(None) => Spread::default(),
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

    /// A document in which every fragment spreads the next one twice.
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
        let expected = Measure { fields: 7, depth: 2, aliases: 1, directives: 0, levels: 3 };
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
    fn chains_of_fragments_do_not_run_out_of_stack() {
        let mut text = "{ ...f0 }".to_owned();
        for level in 0..5_000 {
            write!(text, " fragment f{level} on Query {{ ...f{} }}", level + 1).unwrap();
        }
        assert_eq!(measured(&text).levels, MAX_LEVELS + 1);
        // In any order of spreads.
        let spreads: Vec<String> = (0..5_000).rev().step_by(50).map(|level| format!("...f{level}")).collect();
        assert_eq!(measured(&text.replacen("...f0", &spreads.join(" "), 1)).levels, MAX_LEVELS + 1);
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

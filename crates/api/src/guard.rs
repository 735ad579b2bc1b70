//! Refuses documents that would grow beyond measure, before anything else looks at them.
//!
//! Fragments that spread each other double the work with every level, and the library's own checks walk all of it: 825
//! bytes kept it busy for ten seconds. Here every fragment is counted once, so that the count itself stays cheap.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// The most fields and fragments a document may hold once all fragments are put in their places.
pub const MAX_NODES: u64 = 10_000;

/// Selections nested deeper than this are not walked: the walk itself must not run out of stack.
const MAX_NESTING: u32 = 64;

/// A document that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is too large.
    #[error(
        "the document has {found} fields and fragments once its fragments are expanded, but at most {MAX_NODES} are allowed"
    )]
    TooLarge {
        /// How many it has.
        found: u64,
    },
    /// Its selections are nested too deeply.
    #[error("the document nests its selections more than {MAX_NESTING} levels deep, which is the most that is allowed")]
    TooDeep,
    /// A fragment contains itself.
    #[error(
        "a fragment of the document contains itself, so that it has no end: at most {MAX_NODES} fields are allowed"
    )]
    Endless,
}

/// Checks the size of a document.
///
/// # Errors
/// It is too large, too deep, or endless.
pub fn check(document: &ExecutableDocument) -> Result<(), Refusal> {
    let mut count = Count { document, fragments: HashMap::new() };
    let mut found = 0_u64;
    for (_, operation) in document.operations.iter() {
        found = found.saturating_add(count.selections(&operation.node.selection_set.node, 0)?);
    }
    // Fragments that no operation uses are walked by the library as well.
    for name in document.fragments.keys() {
        count.fragment(name, 0)?;
    }
    if found > MAX_NODES { Err(Refusal::TooLarge { found }) } else { Ok(()) }
}

struct Count<'a> {
    document: &'a ExecutableDocument,
    /// The size of each fragment met so far; `None` while it is being walked.
    fragments: HashMap<&'a Name, Option<u64>>,
}

impl<'a> Count<'a> {
    fn selections(&mut self, set: &'a SelectionSet, depth: u32) -> Result<u64, Refusal> {
        if depth > MAX_NESTING {
            return Err(Refusal::TooDeep);
        }
        let mut sum = 0_u64;
        for selection in &set.items {
            let inner = match &selection.node {
                Selection::Field(field) => self.selections(&field.node.selection_set.node, depth + 1)?,
                Selection::InlineFragment(inline) => self.selections(&inline.node.selection_set.node, depth + 1)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, depth + 1)?,
            };
            sum = sum.saturating_add(inner).saturating_add(1);
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &Name, depth: u32) -> Result<u64, Refusal> {
        // A fragment that is not there is left to the validation, which names it.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Ok(0) };
        match self.fragments.get(name) {
            Some(Some(size)) => Ok(*size),
            Some(None) => Err(Refusal::Endless),
            None => {
                self.fragments.insert(name, None);
                let size = self.selections(&fragment.node.selection_set.node, depth)?;
                self.fragments.insert(name, Some(size));
                Ok(size)
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

    fn checked(text: &str) -> Result<(), Refusal> {
        check(&parse_query(text).unwrap())
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
    fn usual_documents_pass() {
        assert_eq!(checked("{ a { b c } ...f ... on Query { d } } fragment f on Query { e }"), Ok(()));
        assert_eq!(checked("{ ...nowhere }"), Ok(()));
    }

    #[test]
    fn a_bomb_is_refused_at_once_and_counted() {
        let start = Instant::now();
        assert_eq!(checked(&bomb(3)), Ok(()));
        assert!(matches!(checked(&bomb(22)), Err(Refusal::TooLarge { found }) if found > 4_000_000));
        assert!(start.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn the_limit_is_exact() {
        let wide = |fields: usize| format!("{{ {} }}", "a ".repeat(fields));
        assert_eq!(checked(&wide(10_000)), Ok(()));
        assert_eq!(checked(&wide(10_001)), Err(Refusal::TooLarge { found: 10_001 }));
    }

    #[test]
    fn a_cycle_is_refused_even_in_a_fragment_that_nobody_uses() {
        assert_eq!(
            checked("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"),
            Err(Refusal::Endless)
        );
        assert_eq!(checked("{ x } fragment a on Query { ...a }"), Err(Refusal::Endless));
    }

    #[test]
    fn chains_of_fragments_do_not_run_out_of_stack() {
        let mut text = "{ ...f0 }".to_owned();
        for level in 0..5_000 {
            write!(text, " fragment f{level} on Query {{ ...f{} }}", level + 1).unwrap();
        }
        assert_eq!(checked(&text), Err(Refusal::TooDeep));
    }
}

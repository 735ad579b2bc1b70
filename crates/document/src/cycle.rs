//! Fragments that contain themselves (section 5.5.2.2).
//!
//! This check runs before any other walk through fragments, and without recursion. It reports a cycle of any length, and all
//! later walks terminate.

use std::collections::HashMap;

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Document, FragmentSpread, Selection};

use crate::position::Lines;
use crate::{Fault, FaultKind};

/// State of a fragment in the search.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// On the path to the fragment that is being visited.
    Open,
    /// Visited with everything that it spreads.
    Done,
}

/// The first cycle of fragments, as a fault at the spread that closes it.
pub(crate) fn cycle(document: &Document, lines: &Lines) -> Option<Fault> {
    let fragments = document.definitions.iter().filter_map(Definition::as_fragment_definition);
    let spreads: HashMap<&str, Vec<&Node<FragmentSpread>>> =
        fragments.map(|fragment| (fragment.name.as_str(), spreads(&fragment.selection_set))).collect();
    let mut states: HashMap<&str, State> = HashMap::new();
    // In document order, so that equal documents give equal messages.
    let fragments = document.definitions.iter().filter_map(Definition::as_fragment_definition);
    for start in fragments.map(|fragment| fragment.name.as_str()) {
        if states.contains_key(start) {
            continue;
        }
        // The path of fragments, each with the number of its spreads that were followed.
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        states.insert(start, State::Open);
        while let Some((name, followed)) = way.last_mut() {
            let Some(spread) = spreads.get(name).and_then(|spreads| spreads.get(*followed)) else {
                states.insert(name, State::Done);
                way.pop();
                continue;
            };
            *followed += 1;
            let next = spread.fragment_name.as_str();
            match states.get(next) {
                Some(State::Open) => {
                    let within = way.iter().map(|(name, _)| *name).skip_while(|name| *name != next).skip(1);
                    return Some(fault(next, &within.collect::<Vec<_>>(), lines, spread));
                }
                None if spreads.contains_key(next) => {
                    states.insert(next, State::Open);
                    way.push((next, 0));
                }
                // Validation reports a fragment that does not exist.
                Some(State::Done) | None => {}
            }
        }
    }
    None
}

/// Maximum number of names in a message.
const MAX_NAMES: usize = 10;

fn fault(name: &str, via: &[&str], lines: &Lines, spread: &Node<FragmentSpread>) -> Fault {
    let more = if via.len() > MAX_NAMES { format!(" and {} more", via.len() - MAX_NAMES) } else { String::new() };
    let via: Vec<String> = via.iter().take(MAX_NAMES).map(|name| format!("\"{name}\"")).collect();
    let via = if via.is_empty() { String::new() } else { format!(" via {}{more}", via.join(", ")) };
    Fault {
        kind: FaultKind::Validation,
        message: format!("Cannot spread fragment \"{name}\" within itself{via}."),
        at: Some(lines.at(spread.location())),
    }
}

/// The spreads in a selection set, at any depth.
fn spreads(set: &[Selection]) -> Vec<&Node<FragmentSpread>> {
    let (mut found, mut left) = (Vec::new(), vec![set]);
    while let Some(set) = left.pop() {
        for selection in set {
            match selection {
                Selection::Field(field) => left.extend(field.selection_set.as_deref()),
                Selection::InlineFragment(inline) => left.push(&inline.selection_set),
                Selection::FragmentSpread(spread) => found.push(spread),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::parse;

    fn message(text: &str) -> Option<(String, usize)> {
        let fault = parse(text).unwrap().cycle()?;
        Some((fault.message, fault.at.unwrap().column))
    }

    #[test]
    fn a_cycle_is_reported_at_the_spread_that_closes_it() {
        let own = "{ ...a } fragment a on Q { x { ...a } }";
        assert_eq!(message(own), Some(("Cannot spread fragment \"a\" within itself.".to_owned(), 32)));
        let two = "{ ...a } fragment a on Q { ... { ...b } } fragment b on Q { ...none ...a }";
        assert_eq!(message(two), Some(("Cannot spread fragment \"a\" within itself via \"b\".".to_owned(), 69)));
        // Also in unused fragments.
        assert!(message("{ x } fragment a on Q { ...b } fragment b on Q { ...b }").is_some());
        assert_eq!(
            message("{ ...a ...a } fragment a on Q { ...b ...c } fragment b on Q { ...c } fragment c on Q { x }"),
            None
        );
    }

    #[test]
    fn a_cycle_of_any_length_is_found() {
        let mut text = "{ ...f0 }".to_owned();
        for level in 0..3_000 {
            write!(text, " fragment f{level} on Q {{ ...f{} }}", (level + 1) % 3_000).unwrap();
        }
        let (message, _) = message(&text).unwrap();
        assert!(message.starts_with("Cannot spread fragment \"f0\" within itself via \"f1\", "), "{message}");
        assert!(message.ends_with("\"f10\" and 2989 more."), "{message}");
    }
}

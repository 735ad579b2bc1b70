//! Parses documents.

use apollo_compiler::ast::{self, Definition, Selection};
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::parser::{Parser, SourceSpan};

use crate::lexer::{Token, Tokens, without_commas};
use crate::measure::{self, Measure};
use crate::position::Lines;
use crate::{Fault, FaultKind, cycle};

/// Maximum number of reported syntax errors: the parser continues after the first.
const MAX_FAULTS: usize = 5;

/// A document with valid syntax, not validated yet.
#[derive(Debug)]
pub struct Parsed {
    pub(crate) ast: ast::Document,
    pub(crate) lines: Lines,
}

/// Parses a document. The nesting of its brackets must be limited before.
///
/// # Errors
/// The text is not a document.
pub fn parse(text: &str) -> Result<Parsed, Vec<Fault>> {
    let (ast, errors) = match Parser::new().parse_ast(without_commas(text), "document.graphql") {
        Ok(ast) => (ast, None),
        Err(with) => (with.partial, Some(with.errors)),
    };
    let lines = Lines::of(&ast.sources);
    let fault = |message: String, at| Fault { kind: FaultKind::Syntax, message, at: Some(lines.at(at)) };
    if let Some(errors) = errors {
        let faults = errors.iter().take(MAX_FAULTS).map(|one| {
            let text = one.error.to_string();
            let text = text.strip_prefix("syntax error: ").unwrap_or(&text);
            fault(format!("the document cannot be parsed: {text}"), one.error.location())
        });
        return Err(faults.collect());
    }
    if ast.definitions.is_empty() {
        return Err(vec![fault("the document is empty: it has no operation".to_owned(), None)]);
    }
    // The parser does not check the first character of a string.
    if let Some(token) = Tokens::of(text).find(Token::is_broken_string).or_else(|| first_dropped(text, &ast)) {
        let message = format!("the document cannot be parsed: {:?} is not expected here", token.text);
        return Err(vec![Fault { kind: FaultKind::Syntax, message, at: Some(lines.at_offset(token.at)) }]);
    }
    let mut empty = Vec::new();
    ast.definitions.iter().for_each(|definition| empty_selection_sets(definition, &mut empty));
    if let Some(at) = empty.first() {
        let message = "the document cannot be parsed: a selection set `{ }` must name at least one field".to_owned();
        return Err(vec![fault(message, *at)]);
    }
    Ok(Parsed { ast, lines })
}

/// The first token that the parser dropped: it silently skips some errors, such as an argument without its colon. The tree
/// is serialized again and must have the same tokens.
fn first_dropped<'a>(text: &'a str, ast: &ast::Document) -> Option<Token<'a>> {
    let written = ast.serialize().no_indent().to_string();
    let mut written = significant(&written).into_iter();
    let mut is_present = |token: &Token<'_>| written.next().is_some_and(|other| other.meaning() == token.meaning());
    significant(text).into_iter().find(|token| !is_present(token))
}

/// The tokens of a document, without the keyword of an anonymous query without variables: `query { a }` is `{ a }`.
fn significant(text: &str) -> Vec<Token<'_>> {
    let all: Vec<Token<'_>> = Tokens::of(text).collect();
    let mut open = 0_u32;
    let mut tokens = Vec::with_capacity(all.len());
    for (at, token) in all.iter().enumerate() {
        match token.text {
            "{" | "(" | "[" => open += 1,
            "}" | ")" | "]" => open = open.saturating_sub(1),
            "query" if open == 0 && all.get(at + 1).is_some_and(|next| next.text == "{") => continue,
            _ => {}
        }
        tokens.push(*token);
    }
    tokens
}

/// Positions of empty selection sets, which the parser accepts as later drafts of the specification do.
fn empty_selection_sets(definition: &Definition, found: &mut Vec<Option<SourceSpan>>) {
    fn within(set: &[Selection], of: Option<SourceSpan>, found: &mut Vec<Option<SourceSpan>>) {
        if set.is_empty() {
            found.push(of);
        }
        for selection in set {
            match selection {
                Selection::Field(field) => {
                    if let Some(set) = &field.selection_set {
                        within(set, field.location(), found);
                    }
                }
                Selection::InlineFragment(inline) => within(&inline.selection_set, inline.location(), found),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    match definition {
        Definition::OperationDefinition(operation) => within(&operation.selection_set, operation.location(), found),
        Definition::FragmentDefinition(fragment) => within(&fragment.selection_set, fragment.location(), found),
        _ => {}
    }
}

impl Parsed {
    /// A fragment that contains itself, if there is one. It must be refused before the document is measured.
    #[must_use]
    pub fn cycle(&self) -> Option<Fault> {
        cycle::cycle(&self.ast, &self.lines)
    }

    /// The figures of the document, with every fragment walked once.
    #[must_use]
    pub fn measure(&self) -> Measure {
        measure::measure(&self.ast)
    }

    /// The names of all fields in the document, in fragments and operations, used or not.
    pub fn field_names(&self) -> impl Iterator<Item = &str> {
        let mut names = Vec::new();
        let mut left: Vec<&[Selection]> = Vec::new();
        for definition in &self.ast.definitions {
            match definition {
                Definition::OperationDefinition(operation) => left.push(&operation.selection_set),
                Definition::FragmentDefinition(fragment) => left.push(&fragment.selection_set),
                _ => {}
            }
        }
        while let Some(set) = left.pop() {
            for selection in set {
                match selection {
                    Selection::Field(field) => {
                        names.push(field.name.as_str());
                        left.extend(field.selection_set.as_deref());
                    }
                    Selection::InlineFragment(inline) => left.push(&inline.selection_set),
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
        names.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_document_is_refused_with_the_position() {
        for text in [
            "",
            " # nothing",
            "{",
            "{ }",
            "{ a { } }",
            "query Q() { a }",
            "{ a(b: \"\\uD83C\") }",
            "{ ... on A { } }",
            "fragment f on A { } { ...f }",
            "{ a(b: 00) }",
            "{ a(b: 1x) }",
            "{ a(b: \"\n\") }",
            "{ a(b: \"\ra\") }",
            "{ a(b c: 1) }",
            "query { a(b: {c}) }",
            "{ a(b: {c c: {}}) }",
            "{ a(b null) }",
            "{ a @skip(if true) }",
            "query Q($a Int) { a }",
            "{ a b: }",
        ] {
            let faults = parse(text).unwrap_err();
            assert!(!faults.is_empty() && faults.iter().all(|fault| fault.kind == FaultKind::Syntax), "{text}");
            assert!(faults[0].message.contains("document"), "{text}: {}", faults[0].message);
        }
        assert_eq!(parse("{ a }\n{ b(").unwrap_err()[0].at.unwrap().line, 2);
    }

    #[test]
    fn valid_documents_are_parsed() {
        for text in [
            "\"Why\" query Q { a }",
            "{ a(b: \"\\uD83C\\uDF09 \\u{1F309}\") }",
            "query ($ a: [ID !] !) { a(b: $a) }",
            "{ a(b: -0, c: \"\"\"x\"\"\") }",
            "\u{feff}{ a }",
            "{ a, , b }",
            "{ a...f...on B { c } } fragment f on A { b }",
            "{ a\u{feff}: b(c: 1\u{feff}) }",
            "{ a,: b }",
            "{ ...,f } \"d\",fragment f on A { b }",
            "{ ...,on A { b } ...,@skip(if: true) { c } }",
            "query { a } query B { b }",
            "query($a: Int = 1 @x) @y { a(b: [\"\"\"x\"\"\", 1.50e3, {c: D}]) }",
            "\"d\" query { a } \"e\" subscription S(\"f\" $a: Int) { b(c: $a) }",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn field_names_come_from_operations_and_fragments() {
        let parsed = parse("{ x: a { b } ... { c } ...f } fragment f on A { d } fragment g on A { e }").unwrap();
        let mut names: Vec<_> = parsed.field_names().collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
    }
}

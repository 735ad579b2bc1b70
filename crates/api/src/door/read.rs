//! Reads documents, within limits. Those that are sent again and again are parsed and measured once.

use std::sync::Arc;

use async_graphql::ServerError;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use pomost_persistence::Asked;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::limits::{Figure, Limits};
use super::{coded, document, hash, lexer};
use crate::error::Code;

/// Brackets nested deeper than this are not parsed: the parser itself must not run out of stack.
const MAX_NESTING: u32 = 64;

/// A document that is within all limits.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) parsed: ExecutableDocument,
    /// The hash of its text.
    pub(super) hash: String,
    /// What it asks of records.
    pub(super) asked: Asked,
}

/// Reads documents, and remembers those that were asked for last.
#[derive(Debug)]
pub(super) struct Reader(Cache<Box<str>, Arc<Document>, Weights>);

/// What it may remember, in bytes.
const BYTES: u64 = 4 << 20;
/// What a document takes for each byte of its text, and besides.
const PER_BYTE: u64 = 24;
const AROUND: u64 = 1_000;
/// For how many documents there is room at once.
const FIRST_ROOM: usize = 64;

#[derive(Clone, Debug)]
struct Weights;

impl Weighter<Box<str>, Arc<Document>> for Weights {
    fn weight(&self, text: &Box<str>, _: &Arc<Document>) -> u64 {
        text.len() as u64 * PER_BYTE + AROUND
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self(Cache::with_weighter(FIRST_ROOM, BYTES, Weights))
    }
}

impl Reader {
    /// The document with this text, or why it is not taken.
    pub(super) fn read(&self, text: &str, limits: &Limits) -> Result<Arc<Document>, ServerError> {
        if let Some(known) = self.0.get(text) {
            return Ok(known);
        }
        let read = Arc::new(read(text, limits)?);
        self.0.insert(text.into(), Arc::clone(&read));
        Ok(read)
    }
}

fn read(text: &str, limits: &Limits) -> Result<Document, ServerError> {
    let figure = |limit, what, found, allowed| Figure { limit, what, found, allowed }.check();
    figure("document_bytes", "bytes of document", text.len() as u64, limits.document_bytes)?;
    let glance = lexer::glance(text);
    figure("depth", "levels of brackets", glance.nesting, limits.depth.saturating_mul(2).max(MAX_NESTING))?;
    let parsed = parse_query(text).map_err(|error| parse_error(&error.into()))?;
    let measure = document::measure(&parsed);
    figure("fields", "fields once its fragments are in their places", measure.fields, limits.fields)?;
    figure("depth", "levels of fields", measure.depth, limits.depth)?;
    figure("aliases", "names for one field in one place", measure.aliases, limits.aliases)?;
    figure("directives", "directives at one place", measure.directives, limits.directives)?;
    figure("tokens", "tokens", glance.tokens, limits.tokens)?;
    Ok(Document { asked: asked(&parsed), parsed, hash: hash(text) })
}

/// The names of all fields of a document: what is asked of any record is asked of all.
fn asked(document: &ExecutableDocument) -> Asked {
    fn of(selections: &SelectionSet) -> Asked {
        let asked = selections.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => Asked::field(&field.node.name.node).and(of(&field.node.selection_set.node)),
            Selection::InlineFragment(fragment) => of(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => Asked::NONE,
        });
        asked.fold(Asked::NONE, Asked::and)
    }
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).map(of).fold(Asked::NONE, Asked::and)
}

/// The parser draws a picture of several lines; what it says stands behind the last `=`.
fn parse_error(error: &ServerError) -> ServerError {
    let said = error.message.lines().find_map(|line| line.trim_start().strip_prefix("= "));
    let message = format!("the document cannot be parsed: {}", said.unwrap_or(&error.message));
    coded(message, error.locations.first().copied(), Code::GraphqlParseFailed)
}

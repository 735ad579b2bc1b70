//! Reads documents, within limits. Those that are sent again and again are parsed, measured and validated once.

use std::sync::Arc;

use async_graphql::ServerError;
use pomost_document::{Fault, FaultKind, MAX_LEVELS, TypeSystem, glance, parse};
use pomost_persistence::Asked;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::limits::{Figure, Limits};
use super::{coded, hash};
use crate::error::Code;

/// Brackets nested deeper than this are not parsed: the parser itself must not run out of stack.
const MAX_NESTING: u32 = 64;

/// A valid document that is within all limits.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) valid: pomost_document::Document,
    /// The hash of its text.
    pub(super) hash: String,
    /// What it asks of records.
    pub(super) asked: Asked,
}

/// Reads documents, and remembers those that were asked for last.
#[derive(Debug)]
pub(super) struct Reader(Cache<Box<str>, Arc<Document>, Weights>);

/// What it may remember, in bytes.
const BYTES: u64 = 8 << 20;
/// What a document takes for each byte of its text, and besides: parsed, and once more as it is executed.
const PER_BYTE: u64 = 64;
const AROUND: u64 = 2_000;
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
    pub(super) fn read(
        &self,
        text: &str,
        limits: &Limits,
        types: &TypeSystem,
    ) -> Result<Arc<Document>, Vec<ServerError>> {
        if let Some(known) = self.0.get(text) {
            return Ok(known);
        }
        let read = Arc::new(read(text, limits, types)?);
        self.0.insert(text.into(), Arc::clone(&read));
        Ok(read)
    }
}

fn read(text: &str, limits: &Limits, types: &TypeSystem) -> Result<Document, Vec<ServerError>> {
    let figure =
        |limit, what, found, allowed| Figure { limit, what, found, allowed }.check().map_err(|refusal| vec![refusal]);
    figure("document_bytes", "bytes of document", text.len() as u64, limits.document_bytes)?;
    let glance = glance(text);
    figure("depth", "levels of brackets", glance.nesting, limits.depth.saturating_mul(2).max(MAX_NESTING))?;
    let parsed = parse(text).map_err(refusals)?;
    if let Some(fault) = parsed.cycle() {
        return Err(vec![refusal(fault)]);
    }
    let measure = parsed.measure();
    figure("depth", "levels of fields and fragments in each other", measure.levels.into(), MAX_LEVELS)?;
    figure("fields", "fields once its fragments are in their places", measure.fields, limits.fields)?;
    figure("depth", "levels of fields", measure.depth, limits.depth)?;
    figure("aliases", "names for one field in one place", measure.aliases, limits.aliases)?;
    figure("directives", "directives at one place", measure.directives, limits.directives)?;
    figure("tokens", "tokens", glance.tokens, limits.tokens)?;
    // What is asked of any record is asked of all.
    let asked = parsed.field_names().map(Asked::field).fold(Asked::NONE, Asked::and);
    let valid = types.validate(parsed).map_err(refusals)?;
    Ok(Document { valid, asked, hash: hash(text) })
}

/// The refusals of a document or of its variables, each with its code.
pub(super) fn refusals(faults: Vec<Fault>) -> Vec<ServerError> {
    faults.into_iter().map(refusal).collect()
}

/// The refusal of a document or of its variables, with its code.
pub fn refusal(fault: Fault) -> ServerError {
    let code = match fault.kind {
        FaultKind::Syntax => Code::GraphqlParseFailed,
        FaultKind::Validation => Code::GraphqlValidationFailed,
        FaultKind::Value => Code::BadUserInput,
        FaultKind::Operation => Code::OperationResolutionFailure,
    };
    coded(fault.message, fault.at, code)
}

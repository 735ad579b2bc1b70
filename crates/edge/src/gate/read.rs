//! Reads documents, within limits. Documents that are sent repeatedly are parsed, measured and validated once.

use std::sync::Arc;

use async_graphql::ServerError;
use pomost_document::{MAX_LEVELS, glance, parse};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::errors::{refusal, refusals};
use super::limits::{Figure, Limits};
use crate::hash;
use crate::served::Served;

/// Maximum nesting of brackets, so that the parser does not overflow the stack.
const MAX_NESTING: u32 = 64;

/// A valid document within all limits.
#[derive(Debug)]
pub(super) struct Document<O> {
    pub(super) valid: pomost_document::Document,
    /// The hash of its text.
    pub(super) hash: String,
    /// The executor's outline of it.
    pub(super) outline: O,
}

/// Reads documents, and caches the recently used ones.
#[derive(Debug)]
pub(super) struct Reader<O>(Cache<Box<str>, Arc<Document<O>>, Weights>);

/// The size of the cache, in bytes.
const BYTES: u64 = 8 << 20;
/// The memory of a document per byte of its text, and the constant part: for its parsed and its executable form.
const PER_BYTE: u64 = 64;
const AROUND: u64 = 2_000;
/// Initial capacity, in documents.
const FIRST_ROOM: usize = 64;

#[derive(Clone, Debug)]
struct Weights;

impl<O> Weighter<Box<str>, Arc<Document<O>>> for Weights {
    fn weight(&self, text: &Box<str>, _: &Arc<Document<O>>) -> u64 {
        text.len() as u64 * PER_BYTE + AROUND
    }
}

impl<O> Default for Reader<O> {
    fn default() -> Self {
        Self(Cache::with_weighter(FIRST_ROOM, BYTES, Weights))
    }
}

impl<O> Reader<O> {
    /// The document with this text, or the refusal.
    pub(super) fn read<E: Served<Outline = O>>(
        &self,
        text: &str,
        limits: &Limits,
        served: &E,
    ) -> Result<Arc<Document<O>>, Vec<ServerError>> {
        if let Some(cached) = self.0.get(text) {
            return Ok(cached);
        }
        let read = Arc::new(read(text, limits, served)?);
        self.0.insert(text.into(), Arc::clone(&read));
        Ok(read)
    }
}

fn read<E: Served>(text: &str, limits: &Limits, served: &E) -> Result<Document<E::Outline>, Vec<ServerError>> {
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
    figure("depth", "nested levels of fields and fragments", measure.levels.into(), MAX_LEVELS)?;
    figure("fields", "fields after its fragments are expanded", measure.fields, limits.fields)?;
    figure("depth", "levels of fields", measure.depth, limits.depth)?;
    figure("aliases", "response keys of one field at one place", measure.aliases, limits.aliases)?;
    figure("directives", "directives at one place", measure.directives, limits.directives)?;
    figure("tokens", "tokens", glance.tokens, limits.tokens)?;
    let outline = served.outline(parsed.field_names());
    let valid = served.types().validate(parsed).map_err(refusals)?;
    Ok(Document { valid, outline, hash: hash(text) })
}

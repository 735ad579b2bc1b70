//! Records that have no collection of their own and are made from those that name them in full: officials, programmes,
//! sessions.

use std::collections::HashMap;

use pomost_domain::exchange::Derived;
use pomost_domain::meta::{Meta, Publication};
use pomost_domain::{Act, Op};
use uuid::Uuid;

use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::transaction::Tx;
use crate::write::{Rows, restate, stored_metas};

/// Writes those that are not there yet, and returns how many of each: officials, programmes, sessions. They are seen as soon
/// as one of the records is that name them.
pub(crate) async fn write_derived(
    tx: &mut Tx,
    named: Vec<Derived>,
    publication: Publication,
    act: &Act,
    fresh: bool,
) -> Result<[u64; 3], StoreError> {
    let ids = named.iter().map(Derived::id).filter(|_| !fresh);
    let stored: HashMap<Uuid, Meta> = stored_metas::<pomost_domain::Official>(&**tx, ids).await?;
    let mut rows = Rows::new(act);
    let (mut officials, mut programmes, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
    let mut shown = Vec::new();
    for record in named {
        match (stored.get(&record.id()), record) {
            (Some(meta), record) => {
                let is_draft = |state| matches!(state, Publication::Draft | Publication::InReview);
                if is_draft(meta.publication) && !is_draft(publication) {
                    shown.push((record.kind(), meta.clone()));
                }
            }
            (None, Derived::Official(fact)) => officials.push(fact),
            (None, Derived::Programme(fact)) => programmes.push(fact),
            (None, Derived::Session(fact)) => sessions.push(fact),
        }
    }
    restate(tx, shown, Publication::Published, Op::Published, &mut rows).await?;
    let written = [
        add(tx, &mut rows, officials, publication),
        add(tx, &mut rows, programmes, publication),
        add(tx, &mut rows, sessions, publication),
    ];
    rows.run(tx).await?;
    Ok(written)
}

fn add<T: Mapped>(tx: &mut Tx, rows: &mut Rows<'_>, mut facts: Vec<T>, publication: Publication) -> u64 {
    // A record may name the same official twice.
    facts.sort_by_key(|fact| fact.meta().id);
    facts.dedup_by_key(|fact| fact.meta().id);
    for fact in &mut facts {
        fact.meta_mut().publication = publication;
    }
    rows.add_new(tx, &mut facts);
    facts.len() as u64
}

//! The effects of an import on records that it does not write.

use std::collections::HashSet;

use pomost_domain::Audience;
use pomost_domain::exchange::{Exchanged, Fault};
use pomost_domain::id::Kind;
use uuid::Uuid;

use super::read::Scope;
use crate::derived::refresh_derived;
use crate::error::StoreError;
use crate::reference::{bump_referring, referring, unsound_faults};
use crate::transaction::Tx;
use crate::write::RecordWrite;

/// What the records that were written so far mean for others.
#[derive(Default)]
pub(super) struct Effects {
    /// Records that other readers see than before.
    shown_otherwise: Vec<Uuid>,
    /// Records that some readers may see without one that they require.
    pub(super) doubtful: Vec<(Kind, Uuid)>,
    /// Officials, programmes and sessions that changed records named before.
    pub(super) named_before: HashSet<Uuid>,
}

impl Effects {
    /// Notes what the writes of records do to others.
    pub(super) fn note<T: Exchanged>(&mut self, writes: &[RecordWrite<T>]) {
        for write in writes {
            let meta = write.entry.fact.meta();
            let audience = Audience::of(meta);
            let is_hidden = audience != Audience::Public;
            let is_shown_otherwise = write.was.as_ref().map_or(is_hidden, |was| Audience::of(was) != audience);
            if is_shown_otherwise || write.is_named_otherwise() {
                self.shown_otherwise.push(meta.id);
            }
        }
    }

    /// Does what a command does after each record: bumps the records that look different now, withdraws those that none names
    /// any more, and returns a fault if some readers would see a record without one that it requires. A mirror does as its
    /// source did.
    pub(super) async fn follow_up(mut self, scope: &Scope<'_>, tx: &mut Tx) -> Result<Vec<Fault>, StoreError> {
        let (shown, act) = (&self.shown_otherwise, &scope.options.act);
        let bumped = if scope.is_fresh { referring(tx, shown).await? } else { bump_referring(tx, shown, act).await? };
        refresh_derived(tx, self.named_before.into_iter(), act).await?;
        if scope.is_mirror() {
            return Ok(Vec::new());
        }
        self.doubtful.extend(bumped);
        unsound_faults(tx, &self.doubtful).await
    }
}

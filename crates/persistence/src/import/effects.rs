//! What an import does to records that it does not write.

use pomost_domain::Audience;
use pomost_domain::exchange::Exchanged;

use super::Import;
use super::survey::keep;
use crate::derived::settle;
use crate::error::StoreError;
use crate::reference::{referring, touch, unsound_faults};
use crate::transaction::Tx;
use crate::write::Change;

impl Import {
    /// Notes what the changes of records do to others.
    pub(super) fn note_effects<T: Exchanged>(&mut self, changes: &[Change<T>]) {
        for change in changes {
            let meta = change.entry.fact.meta();
            let audience = Audience::of(meta);
            let is_hidden = audience != Audience::Public;
            let is_shown_otherwise = change.was.as_ref().map_or(is_hidden, |was| Audience::of(was) != audience);
            if is_shown_otherwise || change.is_named_otherwise() {
                self.shown_otherwise.push(meta.id);
            }
        }
    }

    /// What a command does after each record: notes what looks different now, takes back whom nobody names, and refuses what
    /// would leave somebody with half a record. A mirror does as its source did.
    pub(super) async fn follow_up(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        if !self.faults.is_empty() {
            return Ok(());
        }
        let act = self.options.act.clone();
        let shown = std::mem::take(&mut self.shown_otherwise);
        let touched = if self.fresh { referring(tx, &shown).await? } else { touch(tx, &shown, &act).await? };
        settle(tx, std::mem::take(&mut self.named_before).into_iter(), &act).await?;
        if self.is_mirror() {
            return Ok(());
        }
        self.doubtful.extend(touched);
        let faults = unsound_faults(tx, &self.doubtful).await?;
        for fault in faults {
            keep(&mut self.faults, [fault]);
        }
        Ok(())
    }
}

//! Writes records with their references, facets and parts, and a change for each. Imports and commands share it.

pub(crate) mod import;

use std::collections::{HashMap, HashSet};

use pomost_domain::exchange::{Entry, Exchanged, Json};
use pomost_domain::id::Kind;
use pomost_domain::meta::{Meta, Publication, Visibility};
use pomost_domain::{Act, Audience, Facet, Fact, Op, Vocabulary};
use sea_orm::sea_query::{Expr, ExprTrait, Query, UpdateStatement};
use sea_orm::{ColumnTrait, ConnectionTrait};
use uuid::Uuid;

use crate::asked::Asked;
use crate::batch::{self, Connection, among};
use crate::change::{self, Draft};
use crate::derived::named_by;
use crate::error::StoreError;
use crate::mapped::{Mapped, Upsert, upsert};
use crate::part::{Differs, PartVisit, StoredParts, is_same};
use crate::record;
use crate::store::Load;
use crate::table::{Cells, Table};
use crate::transaction::Tx;
use crate::unkept;

/// A record before and after.
pub(crate) struct RecordWrite<T: Exchanged> {
    /// What is written. Its meta still is as the sender knows it.
    pub(crate) entry: Entry<T>,
    /// What is stored.
    pub(crate) old: Option<Entry<T>>,
    /// The meta stored under its id: that of `old`, or of a tombstone.
    pub(crate) was: Option<Meta>,
    /// The operation, for the change.
    pub(crate) op: Op,
    /// The fields in which both differ.
    pub(crate) difference: Option<Json>,
    /// Its publication after the write.
    pub(crate) publication: Publication,
    /// The write of one of its parts alone.
    pub(crate) part: Option<PartWrite>,
}

/// A part of a record before and after a command of its own.
pub(crate) struct PartWrite {
    /// The part.
    pub(crate) id: Uuid,
    /// The operation, for the change.
    pub(crate) op: Op,
    /// The fields in which it differs from what is stored.
    pub(crate) difference: Option<Json>,
    /// Its publication after the write.
    pub(crate) publication: Publication,
    /// Whether the written form of its whole changes: else the whole stays as it is.
    pub(crate) is_in_whole: bool,
}

/// The publication of a part after a step of its whole from one publication to another; `changed`: the content of the part
/// changes too.
fn part_state(
    (before, after): (Option<Publication>, Publication),
    part: Option<Publication>,
    changed: bool,
) -> Publication {
    let stays = before == Some(after) || (before.is_some_and(Publication::is_public) && after.is_public());
    match part.filter(|part| *part != Publication::Withdrawn) {
        Some(part) if part.is_public() && after.is_public() => {
            if changed && after == Publication::Corrected {
                after
            } else {
                part
            }
        }
        // A draft inside a public record is published by a step of its own.
        Some(part) if stays => part,
        _ if after.is_public() => Publication::Published,
        _ => after,
    }
}

impl<T: Exchanged> RecordWrite<T> {
    /// Whether the record may have been known by its title before and be a record of its own now, or the reverse. Others name it
    /// by its slug or by its title, so that they look different.
    pub(crate) fn is_named_otherwise(&self) -> bool {
        let new = &self.entry.fact;
        let is_written = |fact: &T| fact.is_written(&|_| true);
        self.old.as_ref().is_some_and(|Entry { fact: old, .. }| {
            is_written(old) != is_written(new) || old.rests_on() != new.rests_on()
        })
    }
}

/// Sets the version, the times and the authors of a record, which its written form does not hold.
fn stamp(meta: &mut Meta, old: Option<&Meta>, act: &Act) {
    meta.version = old.map_or(1, |old| old.version + 1);
    meta.updated_at = act.at;
    meta.updated_by.clone_from(&act.by);
    let first = old.filter(|old| old.version > 0);
    meta.created_at = first.map_or(act.at, |old| old.created_at);
    first.map_or(&act.by, |old| &old.created_by).clone_into(&mut meta.created_by);
}

/// Whether a write changes nothing in the shared row but the state of the record.
fn is_restated(old: &Meta, new: &Meta) -> bool {
    (&old.slug, &old.licence, &old.note) == (&new.slug, &new.licence, &new.note)
        && (&old.sources, &old.stated_empty) == (&new.sources, &new.stated_empty)
}

fn audience(meta: &Meta) -> String {
    Audience::of(meta).label().into_owned()
}

/// The rows of several records.
pub(crate) struct Rows<'a> {
    act: &'a Act,
    records: Vec<record::Model>,
    links: Vec<record::link::Model>,
    facets: Vec<record::facet::Model>,
    changes: Vec<change::table::Model>,
    /// Updates of records of which only the state changes.
    states: Vec<UpdateStatement>,
    /// Records whose links and facets are replaced.
    replaced: Vec<Uuid>,
    statements: Vec<Upsert>,
    /// Parts whose own rows are written.
    parts: HashSet<Uuid>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(act: &'a Act) -> Self {
        Self {
            act,
            records: Vec::new(),
            links: Vec::new(),
            facets: Vec::new(),
            changes: Vec::new(),
            states: Vec::new(),
            replaced: Vec::new(),
            statements: Vec::new(),
            parts: HashSet::new(),
        }
    }

    /// Adds records that are made of nothing but facts, new ones and those that are rewritten.
    pub(crate) fn add_new<T: Mapped>(&mut self, tx: &mut Tx, facts: &mut [T], rewritten: &HashMap<Uuid, Meta>) {
        for fact in facts.iter_mut() {
            let was = rewritten.get(&fact.meta().id);
            stamp(fact.meta_mut(), was, self.act);
            self.add(tx, fact, was, Op::Created, None);
        }
        self.statements.extend(T::save(&facts.iter().collect::<Vec<_>>()));
    }

    fn add<T: Fact>(&mut self, tx: &mut Tx, fact: &mut T, old: Option<&Meta>, op: Op, difference: Option<Json>) {
        self.note(tx, fact, old, op, difference);
        let record_id = fact.meta().id;
        let facet = |facet: Facet| record::facet::Model { record_id, name: facet.name.to_owned(), value: facet.value };
        self.facets.extend(fact.facets().into_iter().map(facet));
    }

    /// Adds the shared row of a record, and its change.
    fn note<T: Fact>(&mut self, tx: &mut Tx, fact: &mut T, old: Option<&Meta>, op: Op, difference: Option<Json>) {
        let meta = fact.meta_mut();
        meta.change_seq = tx.next_seq();
        let draft = Draft {
            kind: T::KIND,
            id: meta.id,
            version: meta.version,
            op,
            difference,
            audience_before: old.map(audience),
            audience_after: Some(audience(meta)),
        };
        self.changes.push(draft.numbered(meta.change_seq, self.act));
        self.records.push(record::write(fact));
    }

    /// Gives a record another state, and adds a change. Its content is not written. Returns the number of the change.
    pub(crate) fn restate(
        &mut self,
        tx: &mut Tx,
        (kind, old): (Kind, &Meta),
        (publication, visibility): State,
        op: Op,
        difference: Option<Json>,
    ) -> i64 {
        let new = Meta { publication, visibility, version: old.version + 1, ..old.clone() };
        let seq = tx.next_seq();
        let draft = Draft {
            kind,
            id: old.id,
            version: new.version,
            op,
            difference,
            audience_before: Some(audience(old)),
            audience_after: Some(audience(&new)),
        };
        self.changes.push(draft.numbered(seq, self.act));
        let update = Query::update()
            .table(record::Entity)
            .value(record::Column::Publication, new.publication.label())
            .value(record::Column::Visibility, new.visibility.label())
            .value(record::Column::Audience, audience(&new))
            .value(record::Column::ChangeSeq, seq)
            .value(record::Column::Version, Expr::col(record::Column::Version).add(1))
            .value(record::Column::UpdatedAt, change::instant(self.act.at))
            .value(record::Column::UpdatedBy, self.act.by.as_str())
            .and_where(record::Column::Id.eq(old.id))
            .take();
        self.states.push(update);
        seq
    }

    fn link<T: Exchanged>(&mut self, entry: &Entry<T>) {
        let from_id = entry.fact.meta().id;
        self.links.extend(entry.links.iter().map(|(relation, position, link)| record::link::Model {
            from_id,
            relation: relation.to_owned(),
            position: i32::try_from(position).unwrap_or(i32::MAX),
            to_id: link.to,
            role: link.role.clone(),
            detail: link.detail.clone(),
        }));
    }

    pub(crate) async fn run(self, tx: &Tx) -> Result<(), StoreError> {
        batch::execute(&**tx, &self.replaced, |ids| {
            Query::delete().from_table(record::link::Entity).and_where(among(record::link::Column::FromId, ids)).take()
        })
        .await?;
        batch::execute(&**tx, &self.replaced, |ids| {
            Query::delete()
                .from_table(record::facet::Entity)
                .and_where(among(record::facet::Column::RecordId, ids))
                .take()
        })
        .await?;
        for update in &self.states {
            tx.execute(update).await?;
        }
        let shared = upsert(self.records).into_iter();
        let indexed = upsert(self.links).into_iter().chain(upsert(self.facets)).chain(upsert(self.changes));
        for Upsert(statement) in shared.chain(self.statements).chain(indexed) {
            tx.execute(&statement).await?;
        }
        Ok(())
    }
}

/// Writes the parts of a record that are new or differ from what is stored in content, place or state.
struct SaveParts<'a, 'b> {
    rows: &'a mut Rows<'b>,
    tx: &'a mut Tx,
    whole: Meta,
    /// The publication of the whole before.
    before: Option<Publication>,
    op: Op,
    old: &'a HashMap<Uuid, Meta>,
    differs: HashMap<Uuid, Differs>,
    /// The write of one of them alone.
    one: Option<PartWrite>,
    listed: &'a mut HashSet<Uuid>,
}

impl PartVisit for SaveParts<'_, '_> {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        let meta = part.fact.meta_mut();
        let id = meta.id;
        let old = self.old.get(&id);
        self.listed.insert(id);
        let differs = self.differs.get(&id).copied().unwrap_or(Differs::InContent);
        let changed = differs == Differs::InContent;
        let one = self.one.take_if(|one| one.id == id);
        let publication = match &one {
            Some(one) => one.publication,
            None => part_state((self.before, self.whole.publication), old.map(|old| old.publication), changed),
        };
        if differs == Differs::InPlace {
            self.rows.parts.insert(id);
        }
        if let Some(old) = old.filter(|_| !changed)
            && (old.publication, old.visibility) == (publication, self.whole.visibility)
        {
            meta.clone_from(old);
            return;
        }
        let op = match (&one, old) {
            (Some(one), _) => one.op,
            (None, None) => Op::Created,
            (None, Some(_)) if changed => Op::Updated,
            (None, Some(_)) => self.op,
        };
        let difference = one.and_then(|one| one.difference);
        let state = (publication, self.whole.visibility);
        if let Some(old) = old.filter(|_| !changed) {
            self.rows.restate(self.tx, (P::KIND, old), state, op, difference);
            return;
        }
        stamp(meta, old, self.rows.act);
        (meta.publication, meta.visibility) = state;
        if let Some(old) = old {
            meta.licence.clone_from(&old.licence);
        }
        self.rows.replaced.extend(old.map(|old| old.id));
        self.rows.parts.insert(id);
        self.rows.add(self.tx, &mut part.fact, old, op, difference);
        self.rows.link(part);
    }
}

/// Gathers the metas of the parts of records.
pub(crate) struct Collect<'a>(pub(crate) &'a mut HashMap<Uuid, (Kind, Meta)>);

impl PartVisit for Collect<'_> {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        let meta = part.fact.meta().clone();
        self.0.insert(meta.id, (P::KIND, meta));
    }
}

/// Writes records as far as they differ from what is stored, and returns the officials, programmes and sessions that they named
/// before. In a `fresh` registry nothing is looked up.
pub(crate) async fn write<T: Exchanged + Mapped>(
    tx: &mut Tx,
    writes: &mut [RecordWrite<T>],
    act: &Act,
    fresh: bool,
) -> Result<HashSet<Uuid>, StoreError>
where
    T::Parts: StoredParts,
{
    if !fresh {
        let mut differences: Vec<(Uuid, &mut Json)> = Vec::new();
        for RecordWrite { entry, difference, part, .. } in writes.iter_mut() {
            let own = difference.as_mut().map(|difference| (entry.fact.meta().id, difference));
            let inner = part.as_mut().and_then(|part| part.difference.as_mut().map(|inner| (part.id, inner)));
            differences.extend(own.into_iter().chain(inner));
        }
        unkept::hide(tx, &mut differences).await?;
    }
    let mut named = HashMap::new();
    for RecordWrite { entry, .. } in writes.iter_mut().filter(|_| !fresh) {
        entry.parts.each(&mut Collect(&mut named));
    }
    // Not only the parts of the old record: a commitment may come from another letter, or come back.
    let mut old_parts = stored_metas::<T>(&**tx, named.into_keys()).await?;
    let mut rows = Rows::new(act);
    let mut all_before = Vec::new();
    let (mut gone, mut listed, mut written) = (HashMap::new(), HashSet::new(), HashSet::new());
    for RecordWrite { entry, old, was, op, difference, publication, part } in &mut *writes {
        let before = was.as_ref();
        let meta = entry.fact.meta_mut();
        if let (Some(PartWrite { is_in_whole: false, .. }), Some(was)) = (part.as_ref(), before) {
            meta.clone_from(was);
        } else {
            stamp(meta, before, act);
            meta.publication = *publication;
            let is_same = old.as_ref().is_some_and(|old| is_same(entry, old));
            let meta = entry.fact.meta_mut();
            if let Some(was) = before.filter(|was| is_same && is_restated(was, meta)) {
                let state = (meta.publication, meta.visibility);
                meta.change_seq = rows.restate(tx, (T::KIND, was), state, *op, difference.take());
            } else if is_same {
                rows.note(tx, &mut entry.fact, before, *op, difference.take());
            } else {
                rows.replaced.extend(old.as_ref().map(|old| old.fact.meta().id));
                written.insert(entry.fact.meta().id);
                rows.add(tx, &mut entry.fact, before, *op, difference.take());
                rows.link(entry);
            }
        }
        let whole = entry.fact.meta().clone();
        let mut differs = HashMap::new();
        if let Some(old) = old {
            differs = entry.parts.compare(&old.parts, &whole);
            let mut own = HashMap::new();
            old.parts.each(&mut Collect(&mut own));
            old_parts.extend(own.iter().map(|(id, (_, meta))| (*id, meta.clone())));
            all_before.push(old.fact.meta().id);
            all_before.extend(own.keys());
            gone.extend(own);
        }
        let mut parts = SaveParts {
            rows: &mut rows,
            tx,
            whole,
            before: before.map(|was| was.publication),
            op: *op,
            old: &old_parts,
            differs,
            one: part.take(),
            listed: &mut listed,
        };
        entry.parts.each(&mut parts);
    }
    let facts = writes.iter().map(|write| &write.entry.fact);
    rows.statements.extend(T::save(&facts.filter(|fact| written.contains(&fact.meta().id)).collect::<Vec<_>>()));
    rows.statements.extend(T::Parts::save(writes.iter().map(|write| &write.entry.parts), &rows.parts));
    // A commitment that no letter lists any longer is withdrawn, not deleted.
    let mut gone: Vec<_> = gone.into_values().filter(|(_, meta)| !listed.contains(&meta.id)).collect();
    gone.sort_by_key(|(_, meta)| meta.id);
    for (kind, meta) in gone {
        rows.restate(tx, (kind, &meta), (Publication::Withdrawn, meta.visibility), Op::Withdrawn, None);
    }
    let named_before = named_by(tx, &all_before).await?;
    rows.run(tx).await?;
    Ok(named_before)
}

/// What decides who sees a record.
pub(crate) type State = (Publication, Visibility);

/// The stored metas of records, also of those that no reader sees.
pub(crate) fn stored_metas<T: Fact>(
    database: &dyn Connection,
    ids: impl Iterator<Item = Uuid>,
) -> Load<'_, HashMap<Uuid, Meta>> {
    Box::pin(metas(database, T::KIND, ids.collect()))
}

async fn metas(database: &dyn Connection, kind: Kind, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Meta>, StoreError> {
    let rows = batch::rows(database, &ids, |ids| {
        let mut select = Query::select();
        record::Row::select(&mut select, Asked::ALL);
        select.from(record::Entity).and_where(among(record::Column::Id, ids)).take()
    });
    let mut found = HashMap::new();
    for row in &rows.await? {
        let row: record::Row = Cells::of(row)?.table()?;
        let id = row.id;
        let meta = record::read(row).map_err(|what| StoreError::corrupt(kind, id, what))?;
        found.insert(meta.id, meta);
    }
    Ok(found)
}

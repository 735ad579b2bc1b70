//! Records that have no collection of their own and are made from those that name them in full: officials, programmes,
//! sessions.

use std::collections::HashMap;

use pomost_domain::Vocabulary;
use pomost_domain::exchange::Derived;
use pomost_domain::meta::{Meta, Publication, Visibility};
use pomost_domain::{Act, Audience, Official, Op};
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, IntoSimpleExpr};
use uuid::Uuid;

use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::record;
use crate::reference::referrers;
use crate::transaction::Tx;
use crate::write::{Rows, State, restate, stored_metas};

/// Who sees those that records name: as many as see any of the records.
#[derive(Debug, Default)]
pub(crate) struct SeenBy(HashMap<Uuid, State>);

impl SeenBy {
    /// A record in this state names these.
    pub(crate) fn note(&mut self, named: &[Uuid], state: State) {
        for id in named {
            let known = self.0.entry(*id).or_insert(state);
            if width(state) > width(*known) {
                *known = state;
            }
        }
    }

    /// Those that everyone sees.
    pub(crate) fn public(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.0.iter().filter(|(_, state)| width(**state) == Audience::Public).map(|(id, _)| *id)
    }

    /// Whether there are some that not everyone sees.
    pub(crate) fn has_hidden(&self) -> bool {
        self.0.values().any(|state| width(*state) != Audience::Public)
    }

    fn of(&self, id: Uuid) -> State {
        self.0.get(&id).copied().unwrap_or((Publication::Draft, Visibility::Internal))
    }
}

fn width((publication, visibility): State) -> Audience<'static> {
    Audience::from(publication, visibility, "")
}

/// Writes those that are not there yet, or were buried, and returns how many of each: officials, programmes, sessions.
pub(crate) async fn write_derived(
    tx: &mut Tx,
    named: Vec<Derived>,
    seen_by: &SeenBy,
    buried: &HashMap<Uuid, Meta>,
    act: &Act,
    fresh: bool,
) -> Result<[u64; 3], StoreError> {
    let ids = named.iter().map(Derived::id).filter(|_| !fresh);
    let stored: HashMap<Uuid, Meta> = stored_metas::<Official>(&**tx, ids).await?;
    let mut rows = Rows::new(act);
    let (mut officials, mut programmes, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
    let mut widened = HashMap::new();
    for record in named {
        let known = stored.get(&record.id()).filter(|meta| !buried.contains_key(&meta.id));
        match (known, record) {
            (Some(meta), record) => {
                let state = seen_by.of(meta.id);
                if width(state) > width((meta.publication, meta.visibility)) {
                    widened.insert(meta.id, (record.kind(), meta.clone(), state));
                }
            }
            (None, Derived::Official(fact)) => officials.push(fact),
            (None, Derived::Programme(fact)) => programmes.push(fact),
            (None, Derived::Session(fact)) => sessions.push(fact),
        }
    }
    let mut widened: Vec<_> = widened.into_values().collect();
    widened.sort_by_key(|(_, meta, _)| meta.id);
    restate(tx, widened, Op::Published, &mut rows).await?;
    let written = [
        add(tx, &mut rows, officials, seen_by, buried),
        add(tx, &mut rows, programmes, seen_by, buried),
        add(tx, &mut rows, sessions, seen_by, buried),
    ];
    rows.run(tx).await?;
    Ok(written)
}

/// Takes those back, or narrows who sees them, that no record names any more which as many see.
pub(crate) async fn settle(tx: &mut Tx, ids: impl Iterator<Item = Uuid>, act: &Act) -> Result<(), StoreError> {
    let stored = stored_metas::<Official>(&**tx, ids).await?;
    let mut narrowed = Vec::new();
    for meta in stored.into_values() {
        let mut select = Query::select();
        select
            .columns([record::Column::Publication, record::Column::Visibility].map(|column| column.as_column_ref()))
            .from(record::Entity)
            .and_where(record::Column::Id.into_simple_expr().in_subquery(referrers(meta.id)));
        let mut widest = (Publication::Withdrawn, meta.visibility);
        for row in &tx.query_all(&select).await? {
            let state = (
                Publication::from_label(&row.try_get::<String>("", "publication")?).unwrap_or(Publication::Withdrawn),
                Visibility::from_label(&row.try_get::<String>("", "visibility")?).unwrap_or(Visibility::Internal),
            );
            if width(state) > width(widest) {
                widest = state;
            }
        }
        if width(widest) < width((meta.publication, meta.visibility))
            && let Some(kind) = record::kind_of(&**tx, meta.id).await?
        {
            narrowed.push((kind, meta, widest));
        }
    }
    narrowed.sort_by_key(|(_, meta, _)| meta.id);
    let mut rows = Rows::new(act);
    restate(tx, narrowed, Op::Withdrawn, &mut rows).await?;
    rows.run(tx).await
}

fn add<T: Mapped>(
    tx: &mut Tx,
    rows: &mut Rows<'_>,
    mut facts: Vec<T>,
    seen_by: &SeenBy,
    buried: &HashMap<Uuid, Meta>,
) -> u64 {
    // A record may name the same official twice.
    facts.sort_by_key(|fact| fact.meta().id);
    facts.dedup_by_key(|fact| fact.meta().id);
    for fact in &mut facts {
        let meta = fact.meta_mut();
        (meta.publication, meta.visibility) = seen_by.of(meta.id);
    }
    rows.add_new(tx, &mut facts, buried);
    facts.len() as u64
}

//! Records that have no collection of their own and are made from those that name them in full: officials, programmes,
//! sessions.

use std::collections::{HashMap, HashSet};

use pomost_domain::council::Session;
use pomost_domain::exchange::{Asked, Derived};
use pomost_domain::id::Kind;
use pomost_domain::meta::{Meta, Publication, Visibility};
use pomost_domain::{Act, Audience, Official, Op, Sight, Vocabulary};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, IntoSimpleExpr};
use uuid::Uuid;

use crate::batch::{self, Connection, among, batches};
use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::portable::by_ids;
use crate::record::{self, link};
use crate::reference::{bump_referring, referrers};
use crate::transaction::Tx;
use crate::write::{Rows, State, stored_metas};

/// The columns by which records refer to programmes and sessions. Officials are referred to by links.
const COLUMNS: &[(&str, &str)] = &[("project", "programme_id"), ("interpellation", "session_id")];

/// The officials, programmes and sessions to which records refer, also sessions that are records of their own.
pub(crate) async fn named_by(tx: &Tx, ids: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
    let mut found = HashSet::new();
    for chunk in batches(ids) {
        let is_end = record::Column::Id.into_simple_expr().equals(link::Column::ToId.as_column_ref());
        let officials = Query::select()
            .expr_as(link::Column::ToId.into_simple_expr(), Alias::new("id"))
            .from(link::Entity)
            .inner_join(record::Entity, is_end)
            .and_where(among(link::Column::FromId, chunk))
            .and_where(record::Column::Kind.eq(Kind::Official.label()))
            .take();
        let columns = COLUMNS.iter().map(|(table, name)| {
            let column = |name: &str| Expr::col((Alias::new(*table), Alias::new(name.to_owned())));
            Query::select()
                .expr_as(column(name), Alias::new("id"))
                .from(Alias::new(*table))
                .and_where(among(column("id"), chunk))
                .and_where(column(name).is_not_null())
                .take()
        });
        for select in std::iter::once(officials).chain(columns) {
            for row in &tx.query_all(&select).await? {
                found.insert(row.try_get("", "id")?);
            }
        }
    }
    Ok(found)
}

/// Those of some sessions that are only known by their title, and not records of their own.
pub(crate) async fn derived_sessions(
    database: &dyn Connection,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashSet<Uuid>, StoreError> {
    let ids: Vec<Uuid> = ids.collect();
    let sessions: Vec<Session> = by_ids(database, &ids, &Sight::ALL).await?;
    Ok(sessions.iter().filter(|session| session.is_derived()).map(|session| session.meta.id).collect())
}

/// Takes those that are made from names out of what is known by texts that may be slugs: the source of a copy names by their
/// slugs only those that have more than a title.
pub(crate) async fn forget_slugs(
    tx: &Tx,
    asked: &[Asked],
    known: &mut HashMap<(Kind, String), Uuid>,
) -> Result<(), StoreError> {
    let titles = asked.iter().filter(|asked| asked.optional).map(|asked| (asked.kind, asked.slug.clone()));
    let titles: HashSet<_> = titles.filter(|key| known.contains_key(key)).collect();
    let sessions = known.iter().filter(|(key, _)| key.0 == Kind::Session && titles.contains(key)).map(|(_, id)| *id);
    let derived = derived_sessions(&**tx, sessions).await?;
    known.retain(|key, id| !titles.contains(key) || key.0 == Kind::Session && !derived.contains(id));
    Ok(())
}

/// The slugs of named sessions that are those of sessions that are records of their own.
pub(crate) async fn own_sessions(tx: &Tx, named: &[Derived]) -> Result<HashSet<(Kind, String)>, StoreError> {
    let named = named.iter().filter(|record| record.kind() == Kind::Session);
    let slugs: HashSet<&str> = named.map(Derived::slug).collect();
    let slugs: Vec<&str> = slugs.into_iter().collect();
    let rows = batch::rows(&**tx, &slugs, |slugs| {
        Query::select()
            .columns([record::Column::Id, record::Column::Slug].map(|column| column.as_column_ref()))
            .from(record::Entity)
            .and_where(record::Column::Kind.eq(Kind::Session.label()))
            .and_where(among(record::Column::Slug, slugs))
            .take()
    });
    let mut found: HashMap<Uuid, String> = HashMap::new();
    for row in &rows.await? {
        found.insert(row.try_get("", "id")?, row.try_get("", "slug")?);
    }
    for id in derived_sessions(&**tx, found.keys().copied()).await? {
        found.remove(&id);
    }
    Ok(found.into_values().map(|slug| (Kind::Session, slug)).collect())
}

/// Those of the named officials and programmes that are stored otherwise than they are named: a copy may have lost the city
/// of an official with the record of that city. A session that is stored otherwise is a record of its own.
pub(crate) async fn altered(tx: &Tx, named: &[Derived]) -> Result<HashSet<Uuid>, StoreError> {
    let (mut officials, mut programmes) = (HashMap::new(), HashMap::new());
    for record in named {
        match record {
            Derived::Official(fact) => drop(officials.insert(fact.meta.id, fact)),
            Derived::Programme(fact) => drop(programmes.insert(fact.meta.id, fact)),
            Derived::Session(_) => {}
        }
    }
    let mut found = unlike(tx, &officials).await?;
    found.extend(unlike(tx, &programmes).await?);
    Ok(found)
}

/// Those of some facts that are stored with other values, apart from what all records share.
async fn unlike<T: Mapped + Clone + PartialEq>(
    tx: &Tx,
    facts: &HashMap<Uuid, &T>,
) -> Result<HashSet<Uuid>, StoreError> {
    let ids: Vec<Uuid> = facts.keys().copied().collect();
    let mut found = HashSet::new();
    for stored in by_ids::<T>(&**tx, &ids, &Sight::ALL).await? {
        let named = facts.get(&stored.meta().id).map(|fact| {
            let mut named = T::clone(fact);
            named.meta_mut().clone_from(stored.meta());
            named
        });
        if named.is_some_and(|named| named != stored) {
            found.insert(stored.meta().id);
        }
    }
    Ok(found)
}

/// The states of named records: each has the widest audience among the records that name it.
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

    /// Whether everyone sees a record.
    pub(crate) fn is_public(&self, id: Uuid) -> bool {
        width(self.of(id)) == Audience::Public
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

/// Writes those that are not there yet, or that are to be written anew, and returns how many of each: officials, programmes,
/// sessions.
pub(crate) async fn write_derived(
    tx: &mut Tx,
    named: Vec<Derived>,
    seen_by: &SeenBy,
    rewritten: &HashMap<Uuid, Meta>,
    act: &Act,
    fresh: bool,
) -> Result<[u64; 3], StoreError> {
    let ids = named.iter().map(Derived::id).filter(|_| !fresh);
    let stored: HashMap<Uuid, Meta> = stored_metas::<Official>(&**tx, ids).await?;
    let mut rows = Rows::new(act);
    let (mut officials, mut programmes, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
    let mut widened = HashMap::new();
    for record in named {
        let known = stored.get(&record.id()).filter(|meta| !rewritten.contains_key(&meta.id));
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
    let own = sessions_of_their_own(tx, widened.values().map(|(kind, meta, _)| (*kind, meta.id))).await?;
    let mut widened: Vec<_> = widened.into_values().filter(|(_, meta, _)| !own.contains(&meta.id)).collect();
    widened.sort_by_key(|(_, meta, _)| meta.id);
    // A session that was hidden or withdrawn by itself comes back for all that name it.
    let is_back = |kind: Kind, meta: &Meta| {
        kind == Kind::Session && matches!(meta.publication, Publication::Corrected | Publication::Withdrawn)
    };
    let back: Vec<Uuid> =
        widened.iter().filter(|(kind, meta, _)| is_back(*kind, meta)).map(|(_, meta, _)| meta.id).collect();
    for (kind, meta, state) in widened {
        rows.restate(tx, (kind, &meta), state, Op::Published, None);
    }
    let written = [
        add(tx, &mut rows, officials, seen_by, rewritten),
        add(tx, &mut rows, programmes, seen_by, rewritten),
        add(tx, &mut rows, sessions, seen_by, rewritten),
    ];
    rows.run(tx).await?;
    bump_referring(tx, &back, act).await?;
    Ok(written)
}

/// Those of some derived records that are records of their own meanwhile. Their audience does not follow from the records that
/// name them.
async fn sessions_of_their_own(
    tx: &Tx,
    records: impl Iterator<Item = (Kind, Uuid)>,
) -> Result<HashSet<Uuid>, StoreError> {
    let mut sessions: HashSet<Uuid> = records.filter(|(kind, _)| *kind == Kind::Session).map(|(_, id)| id).collect();
    let derived = derived_sessions(&**tx, sessions.iter().copied()).await?;
    sessions.retain(|id| !derived.contains(id));
    Ok(sessions)
}

/// Refreshes derived rows: withdraws those that no record names any more, and narrows the audience of those that are named only
/// by records with narrower audiences.
pub(crate) async fn refresh_derived(tx: &mut Tx, ids: impl Iterator<Item = Uuid>, act: &Act) -> Result<(), StoreError> {
    let stored = stored_metas::<Official>(&**tx, ids).await?;
    let mut narrowed = Vec::new();
    for meta in stored.into_values().filter(|meta| meta.publication != Publication::Withdrawn) {
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
    let own = sessions_of_their_own(tx, narrowed.iter().map(|(kind, meta, _)| (*kind, meta.id))).await?;
    narrowed.retain(|(_, meta, _)| !own.contains(&meta.id));
    narrowed.sort_by_key(|(_, meta, _)| meta.id);
    let mut rows = Rows::new(act);
    for (kind, meta, state) in narrowed {
        rows.restate(tx, (kind, &meta), state, Op::Withdrawn, None);
    }
    rows.run(tx).await
}

fn add<T: Mapped>(
    tx: &mut Tx,
    rows: &mut Rows<'_>,
    mut facts: Vec<T>,
    seen_by: &SeenBy,
    rewritten: &HashMap<Uuid, Meta>,
) -> u64 {
    // A record may name the same official twice.
    facts.sort_by_key(|fact| fact.meta().id);
    facts.dedup_by_key(|fact| fact.meta().id);
    for fact in &mut facts {
        let meta = fact.meta_mut();
        (meta.publication, meta.visibility) = seen_by.of(meta.id);
    }
    rows.add_new(tx, &mut facts, rewritten);
    facts.len() as u64
}

//! Records in their written form: with their references and parts, as a viewer sees them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use pomost_domain::exchange::{Entry, Exchanged, Json, Resolved, write};
use pomost_domain::id::Kind;
use pomost_domain::link::{Link, Links};
use pomost_domain::{Locale, Official, Programme, Session, Sight, Vocabulary};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, IntoSimpleExpr};
use uuid::Uuid;

use crate::asked::Asked;
use crate::batch::{self, Connection, among};
use crate::erase::NEEDS;
use crate::error::StoreError;
use crate::mapped::Mapped;
use crate::mapping::Mapping;
use crate::part::{PartVisit, StoredParts};
use crate::record::{self, link};
use crate::statement;
use crate::table::{Cells, Table, facts};
use crate::write::Collect;

/// The records that have an entry of their own in their collection, for a viewer with this sight.
pub(crate) async fn written<T: Exchanged>(
    database: &dyn Connection,
    mut facts: Vec<T>,
    sight: &Sight,
) -> Result<Vec<T>, StoreError> {
    facts.retain(|fact| fact.is_written(&|_| true));
    let asked: Vec<Uuid> = facts.iter().flat_map(Exchanged::rests_on).collect();
    if !asked.is_empty() {
        let seen: HashSet<Uuid> = shown(database, &asked, sight).await?.into_iter().map(|(id, ..)| id).collect();
        facts.retain(|fact| fact.is_written(&|id| !asked.contains(&id) || seen.contains(&id)));
    }
    Ok(facts)
}

/// The records that exist for a viewer with this sight: the viewer sees them and the records that they require. With their slugs,
/// and their kinds, as far as this version knows them.
async fn shown(
    database: &dyn Connection,
    ids: &[Uuid],
    sight: &Sight,
) -> Result<Vec<(Uuid, Option<Kind>, String)>, StoreError> {
    let rows = batch::rows(database, ids, |ids| {
        Query::select()
            .columns(
                [record::Column::Id, record::Column::Kind, record::Column::Slug].map(|column| column.as_column_ref()),
            )
            .from(record::Entity)
            .cond_where(record::seen(sight))
            .and_where(among(record::Column::Id, ids))
            .take()
    });
    let mut found = Vec::new();
    for row in &rows.await? {
        let kind: String = row.try_get("", "kind")?;
        found.push((row.try_get("", "id")?, Kind::from_label(&kind), row.try_get("", "slug")?));
    }
    for (kind, needed) in NEEDS {
        let needy = found.iter().filter(|(_, found, _)| *found == Some(*kind)).map(|(id, ..)| *id);
        let needy: Vec<Uuid> = needy.collect();
        let rows = batch::rows(database, &needy, |ids| {
            let column = |name: &str| Expr::col((Alias::new(kind.label()), Alias::new(name.to_owned())));
            Query::select()
                .expr_as(column("id"), Alias::new("id"))
                .from(Alias::new(kind.label()))
                .inner_join(record::Entity, column(needed).eq(record::Column::Id.into_simple_expr()))
                .cond_where(record::seen(sight))
                .and_where(among(column("id"), ids))
                .take()
        });
        let whole: HashSet<Uuid> =
            rows.await?.iter().map(|row| row.try_get("", "id")).collect::<Result<_, sea_orm::DbErr>>()?;
        found.retain(|(id, found, _)| *found != Some(*kind) || whole.contains(id));
    }
    Ok(found)
}

/// Records in their written form, as a viewer with this sight sees it. A record that requires one that the viewer does not see is
/// left out.
pub(crate) async fn portable<T: Exchanged + Mapped>(
    database: &dyn Connection,
    facts: Vec<T>,
    sight: &Sight,
) -> Result<Vec<(Entry<T>, Json)>, StoreError>
where
    T::Parts: StoredParts,
{
    portable_in(database, facts, sight, None).await
}

/// The same, for a file that states the language of its plain texts.
pub(crate) async fn portable_in<T: Exchanged + Mapped>(
    database: &dyn Connection,
    facts: Vec<T>,
    sight: &Sight,
    plain: Option<&Locale>,
) -> Result<Vec<(Entry<T>, Json)>, StoreError>
where
    T::Parts: StoredParts,
{
    let mut entries = entries(database, facts).await?;
    let mut names = Resolved { sight: Some(sight.clone()), plain: plain.cloned(), ..Resolved::default() };
    let mut asked = BTreeSet::new();
    // Officials stand in cities, so that knowing them asks for more names: the second round has them all.
    for _ in 0..3 {
        let mut missing: BTreeSet<Uuid> = entries.iter_mut().flat_map(|entry| write(entry, &names).missing).collect();
        missing.retain(|id| asked.insert(*id));
        if missing.is_empty() {
            break;
        }
        resolve(database, &missing, sight, &mut names).await?;
    }
    let written = entries.into_iter().map(|mut entry| {
        let written = write(&mut entry, &names);
        written.whole.then_some((entry, written.json))
    });
    Ok(written.flatten().collect())
}

/// Facts with their references and parts.
async fn entries<T: Exchanged + Mapped>(database: &dyn Connection, facts: Vec<T>) -> Result<Vec<Entry<T>>, StoreError>
where
    T::Parts: StoredParts,
{
    let ids: Vec<Uuid> = facts.iter().map(|fact| fact.meta().id).collect();
    let mut parts = T::Parts::load(database, &ids).await?;
    let mut named = HashMap::new();
    for parts in parts.values_mut() {
        parts.each(&mut Collect(&mut named));
    }
    let holders: Vec<Uuid> = ids.iter().copied().chain(named.into_keys()).collect();
    let mut links = links(database, &holders).await?;
    for parts in parts.values_mut() {
        parts.each(&mut GiveLinks(&mut links));
    }
    Ok(facts
        .into_iter()
        .map(|fact| {
            let id = fact.meta().id;
            let links = links.remove(&id).unwrap_or_default();
            Entry { fact, links, parts: parts.remove(&id).unwrap_or_default(), ..Entry::default() }
        })
        .collect())
}

async fn links(database: &dyn Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Links>, StoreError> {
    use record::link::Column;
    let rows = batch::rows(database, ids, |ids| {
        let mut select = Query::select();
        link::Row::select(&mut select, Asked::ALL);
        select
            .column(record::Column::Kind.as_column_ref())
            .from(link::Entity)
            .inner_join(record::Entity, record::Column::Id.into_simple_expr().equals(Column::ToId.as_column_ref()))
            .and_where(among(Column::FromId, ids))
            .order_by(Column::FromId.as_column_ref(), Order::Asc)
            .order_by(Column::Relation.as_column_ref(), Order::Asc)
            .order_by(Column::Position.as_column_ref(), Order::Asc)
            .take()
    });
    let mut found: HashMap<Uuid, Links> = HashMap::new();
    for row in &rows.await? {
        let mut cells = Cells::of(row)?;
        let link: link::Row = cells.table()?;
        let label: &str = cells.next()?;
        // A newer version may have kinds of its own.
        let Some(kind) = Kind::from_label(label) else { continue };
        let reference = Link { to: link.to_id, kind, role: link.role, detail: link.detail };
        found.entry(link.from_id).or_default().push(&link.relation, reference);
    }
    Ok(found)
}

/// Gives each part its references.
struct GiveLinks<'a>(&'a mut HashMap<Uuid, Links>);

impl PartVisit for GiveLinks<'_> {
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>) {
        part.links = self.0.remove(&part.fact.meta().id).unwrap_or_default();
    }
}

/// Finds the names of records.
async fn resolve(
    database: &dyn Connection,
    ids: &BTreeSet<Uuid>,
    sight: &Sight,
    names: &mut Resolved,
) -> Result<(), StoreError> {
    let mut named: HashMap<Kind, Vec<Uuid>> = HashMap::new();
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    for (id, kind, slug) in shown(database, &ids, sight).await? {
        names.slugs.insert(id, slug);
        if let Some(kind) = kind {
            named.entry(kind).or_default().push(id);
        }
    }
    let ids = |kind| named.get(&kind).map_or(&[][..], Vec::as_slice);
    for official in by_ids::<Official>(database, ids(Kind::Official), &Sight::ALL).await? {
        names.officials.insert(official.meta.id, Arc::new(official));
    }
    for programme in by_ids::<Programme>(database, ids(Kind::Programme), &Sight::ALL).await? {
        names.titles.insert(programme.meta.id, programme.name.original().text.clone());
    }
    let sessions = by_ids::<Session>(database, ids(Kind::Session), &Sight::ALL).await?;
    let own = written(database, sessions.clone(), sight).await?;
    let own: HashSet<Uuid> = own.iter().map(|session| session.meta.id).collect();
    for Session { meta, title, .. } in sessions {
        let name = if own.contains(&meta.id) { meta.slug } else { title.original().text.clone() };
        names.titles.insert(meta.id, name);
    }
    Ok(())
}

/// Whole records by id, as far as they are seen.
pub(crate) async fn by_ids<T: Mapped>(
    database: &dyn Connection,
    ids: &[Uuid],
    sight: &Sight,
) -> Result<Vec<T>, StoreError> {
    let rows = batch::rows(database, ids, |ids| {
        statement::facts(Mapping::of::<T>(), sight).and_where(among(Mapping::of::<T>().id(), ids)).take()
    });
    facts(&rows.await?)
}

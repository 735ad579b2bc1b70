//! References between records: what they lead to, and which records refer to one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use pomost_domain::exchange::{
    Asked, Derived, Entry, Exchanged, Fault, FaultSort, Json, Reading, Resolved, collection_of,
};
use pomost_domain::id::{Kind, of_slug};
use pomost_domain::{Act, Op, Role, Sight, Viewer, Vocabulary};
use sea_orm::sea_query::{Alias, CommonTableExpression, Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, IntoSimpleExpr, QueryResult};
use uuid::Uuid;

use crate::batch::{self, Batch, Connection, among};
use crate::change::Draft;
use crate::erase::NEEDS;
use crate::error::StoreError;
use crate::export::contents;
use crate::mapped::{Upsert, upsert};
use crate::part::{Listed, StoredParts};
use crate::record;
use crate::transaction::Tx;

/// The columns that refer to one record each, but for those by which a part belongs to its whole.
pub(crate) const REFERENCES: &[(&str, &str)] = &[
    ("city", "merged_into_id"),
    ("organization", "city_id"),
    ("organization", "parent_id"),
    ("official", "city_id"),
    ("term", "council_id"),
    ("session", "council_id"),
    ("session", "term_id"),
    ("partnership", "brokered_by_id"),
    ("partnership", "succeeds_id"),
    ("partnership", "succeeded_by_id"),
    ("partnership", "part_of_id"),
    ("resolution", "city_id"),
    ("resolution", "body_id"),
    ("resolution", "partnership_id"),
    ("agreement", "partnership_id"),
    ("agreement", "place_city_id"),
    ("agreement", "place_organization_id"),
    ("agreement", "renews_id"),
    ("agreement", "terminated_by_id"),
    ("agreement", "termination_resolution_id"),
    ("letter_of_intent", "partnership_id"),
    ("letter_of_intent", "place_city_id"),
    ("letter_of_intent", "place_organization_id"),
    ("letter_of_intent", "renews_id"),
    ("letter_of_intent", "business_mission_id"),
    ("project", "programme_id"),
    ("project", "follows_id"),
    ("activity", "host_city_id"),
    ("activity", "place_city_id"),
    ("activity", "place_organization_id"),
    ("activity", "partnership_id"),
    ("joint_event", "meeting_id"),
    ("meeting", "agreement_id"),
    ("meeting", "letter_of_intent_id"),
    ("meeting", "event_id"),
    ("interpellation", "city_id"),
    ("interpellation", "council_id"),
    ("interpellation", "session_id"),
    ("answer", "document_id"),
    ("document", "city_id"),
    ("document", "interpellation_id"),
];

/// The kinds of records that are written inside others, with the column that refers to those.
pub(crate) const PARTS: &[(Kind, &str)] =
    &[(Kind::Commitment, "letter_of_intent_id"), (Kind::Answer, "interpellation_id")];

/// The ids of the records that refer to one; of a part, its whole too.
pub(crate) fn referrers(id: Uuid) -> SelectStatement {
    referrers_where(|column| column.eq(id))
}

/// The ids of the records that refer to some. The list stands in the statement once, not with each of the columns.
fn referrers_of(ids: Batch<'_, Uuid>) -> SelectStatement {
    let asked = Query::select()
        .column(record::Column::Id.as_column_ref())
        .from(record::Entity)
        .and_where(among(record::Column::Id, ids))
        .take();
    let listed = || Query::select().column(Alias::new("id")).from(Alias::new("asked")).take();
    let mut select = referrers_where(|column| column.in_subquery(listed()));
    select.with_cte(CommonTableExpression::new().table_name(Alias::new("asked")).query(asked).to_owned());
    select
}

fn referrers_where(is_asked: impl Fn(Expr) -> Expr) -> SelectStatement {
    use record::link::Column;
    let mut select = Query::select();
    select.expr_as(Expr::col(Column::FromId.as_column_ref()), Alias::new("id"));
    select.from(record::link::Entity).and_where(is_asked(Column::ToId.into_simple_expr()));
    for (table, column) in REFERENCES {
        let single = Query::select()
            .expr_as(Expr::col((Alias::new(*table), Alias::new("id"))), Alias::new("id"))
            .from(Alias::new(*table))
            .and_where(is_asked(Expr::col((Alias::new(*table), Alias::new(*column)))))
            .take();
        select.union(UnionType::Distinct, single);
    }
    for (part, whole) in PARTS {
        let table = Alias::new(part.label());
        let single = Query::select()
            .expr_as(Expr::col((table.clone(), Alias::new(*whole))), Alias::new("id"))
            .from(table.clone())
            .and_where(is_asked(Expr::col((table, Alias::new("id")))))
            .take();
        select.union(UnionType::Distinct, single);
    }
    select
}

/// The mistakes of records in the sight of readers who do not see everything: a partnership of which only one city is left.
async fn unsound(tx: &Tx, records: &[(Kind, Uuid)]) -> Result<Vec<String>, StoreError> {
    let levels =
        [Role::Anonymous, Role::Partner, Role::Reporting].map(|role| Viewer { role, ..Viewer::default() }.sight());
    let mut found = Vec::new();
    for sight in levels {
        for content in contents(&**tx, &sight, records).await?.into_values() {
            for fault in content.faults() {
                let slug = content.json.get("slug").and_then(Json::as_str).unwrap_or_default();
                let what = format!("{} {slug:?}: {}", content.collection, fault.message);
                if !found.contains(&what) {
                    found.push(what);
                }
            }
        }
    }
    Ok(found)
}

/// The same, as what is in the way of a command.
pub(crate) async fn unsound_faults(tx: &Tx, records: &[(Kind, Uuid)]) -> Result<Vec<Fault>, StoreError> {
    let unsound = unsound(tx, records).await?;
    if unsound.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!("somebody would see a record without what it cannot be without: {}", unsound.join("; "));
    Ok(vec![Fault::new("", message).sorted(FaultSort::NotAllowed)])
}

/// Bumps the records that refer to some which appeared or disappeared: readers see these records differently, though nothing was
/// written in them. Returns them.
pub(crate) async fn bump_referring(tx: &mut Tx, ids: &[Uuid], act: &Act) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let (mut changes, mut kinds) = (Vec::new(), Vec::new());
    for record in around(tx, ids).await? {
        let Some(kind) = Kind::from_label(&record.kind) else { continue };
        kinds.push((kind, record.id));
        let draft = Draft {
            kind,
            id: record.id,
            version: u32::try_from(record.version).unwrap_or(0),
            op: Op::Touched,
            difference: None,
            audience_before: Some(record.audience.clone()),
            audience_after: Some(record.audience),
        };
        let seq = tx.next_seq();
        changes.push(draft.numbered(seq, act));
        let update = Query::update()
            .table(record::Entity)
            .value(record::Column::ChangeSeq, seq)
            .and_where(record::Column::Id.eq(record.id))
            .take();
        tx.execute(&update).await?;
    }
    for Upsert(statement) in upsert(changes) {
        tx.execute(&statement).await?;
    }
    Ok(kinds)
}

fn is_needy(kind: Kind) -> bool {
    NEEDS.iter().any(|(needy, _)| *needy == kind)
}

/// The records that refer to some, themselves or through what is written inside them.
pub(crate) async fn referring(tx: &Tx, ids: &[Uuid]) -> Result<Vec<(Kind, Uuid)>, StoreError> {
    let found = around(tx, ids).await?;
    Ok(found.iter().filter_map(|record| Some((Kind::from_label(&record.kind)?, record.id))).collect())
}

async fn around(tx: &Tx, ids: &[Uuid]) -> Result<Vec<Referring>, StoreError> {
    let mut found: BTreeMap<Uuid, Referring> = BTreeMap::new();
    let own: HashSet<Uuid> = ids.iter().copied().collect();
    let mut asked = ids.to_vec();
    while !asked.is_empty() {
        let rows = batch::rows(&**tx, &asked, referrers_of).await?;
        let mut new: HashSet<Uuid> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
        asked.clear();
        new.retain(|id| !own.contains(id) && !found.contains_key(id));
        for record in records(tx, &new.into_iter().collect::<Vec<_>>()).await? {
            // A change of what is written inside other records changes those, too. A session may be. And what cannot be without
            // the record is not there for those who do not see it.
            let is_inside = |kind| kind == Kind::Session || collection_of(kind).is_none() || is_needy(kind);
            if Kind::from_label(&record.kind).is_some_and(is_inside) {
                asked.push(record.id);
            }
            found.insert(record.id, record);
        }
    }
    Ok(found.into_values().collect())
}

/// A record that refers to others.
struct Referring {
    id: Uuid,
    kind: String,
    version: i32,
    audience: String,
}

async fn records(tx: &Tx, ids: &[Uuid]) -> Result<Vec<Referring>, StoreError> {
    let columns = [record::Column::Id, record::Column::Kind, record::Column::Version, record::Column::Audience];
    let rows = batch::rows(&**tx, ids, |ids| {
        Query::select()
            .columns(columns.map(|column| column.as_column_ref()))
            .from(record::Entity)
            .and_where(among(record::Column::Id, ids))
            .take()
    });
    let referring = |row: &QueryResult| {
        Ok(Referring {
            id: row.try_get("", "id")?,
            kind: row.try_get("", "kind")?,
            version: row.try_get("", "version")?,
            audience: row.try_get("", "audience")?,
        })
    };
    rows.await?.iter().map(referring).collect()
}

/// The stored ids of the records of a chunk, of their parts, and of those they refer to.
pub(crate) async fn lookup<T: Exchanged<Parts: StoredParts>>(
    database: &dyn Connection,
    entries: &[Entry<T>],
    asked: &[Asked],
    sight: &Sight,
) -> Result<HashMap<(Kind, String), Uuid>, StoreError> {
    let parts: Vec<Listed> = entries.iter().flat_map(|entry| entry.parts.list()).collect();
    let mut slugs: HashMap<Kind, HashSet<&str>> = HashMap::new();
    for part in &parts {
        slugs.entry(part.kind).or_default().insert(&part.slug);
    }
    slugs.entry(T::KIND).or_default().extend(entries.iter().map(|entry| entry.fact.meta().slug.as_str()));
    for asked in asked {
        for kind in asked.or.iter().chain([&asked.kind]) {
            slugs.entry(*kind).or_default().insert(&asked.slug);
        }
    }
    let mut known = HashMap::new();
    for (kind, slugs) in slugs {
        let slugs: Vec<&str> = slugs.into_iter().collect();
        let rows = batch::rows(database, &slugs, |slugs| {
            Query::select()
                .columns([record::Column::Id, record::Column::Slug].map(|column| column.as_column_ref()))
                .from(record::Entity)
                .cond_where(record::seen(sight))
                .and_where(record::Column::Kind.eq(kind.label()))
                .and_where(among(record::Column::Slug, slugs))
                .take()
        });
        for row in &rows.await? {
            known.insert((kind, row.try_get("", "slug")?), row.try_get("", "id")?);
        }
    }
    Ok(known)
}

/// References that lead nowhere.
pub(crate) fn dangling(run: &Reading) -> Vec<Fault> {
    let exists = |kind: Kind, slug: &str| {
        run.present.contains(&of_slug(kind, slug)) || run.known.contains_key(&(kind, slug.to_owned()))
    };
    let lost = |asked: &&Asked| {
        !asked.optional && !exists(asked.kind, &asked.slug) && !asked.or.iter().any(|kind| exists(*kind, &asked.slug))
    };
    run.asked.iter().filter(lost).map(missing).collect()
}

/// The fault of a reference to a record that is not there.
pub(crate) fn missing(asked: &Asked) -> Fault {
    let kinds: Vec<String> = if asked.or.is_empty() { vec![asked.kind] } else { asked.or.to_vec() }
        .into_iter()
        .map(|kind| kind.label().replace('_', " "))
        .collect();
    let message =
        format!("there is no {} with the slug {:?}: add it, or correct the slug", kinds.join(" or "), asked.slug);
    Fault::new(asked.pointer.clone(), message).sorted(FaultSort::NotFound)
}

/// The fault of a reference to a withdrawn record.
pub(crate) fn withdrawn(asked: &Asked) -> Fault {
    let kind = asked.kind.label().replace('_', " ");
    let message = format!("the {kind} {:?} was taken back: refer to another, or to none", asked.slug);
    Fault::new(asked.pointer.clone(), message).sorted(FaultSort::NotFound)
}

/// The mistake of a record that names in full what was erased.
pub(crate) const NAMES_ERASED: &str =
    "it names an official, a session or a programme that was erased for reasons of privacy: leave the name out";

/// The names that a file itself gives to what it refers to.
pub(crate) fn names(run: &Reading) -> Resolved {
    let mut names = Resolved::default();
    for asked in &run.asked {
        if asked.optional {
            names.titles.insert(asked.id, asked.slug.clone());
        } else {
            names.slugs.insert(asked.id, asked.slug.clone());
        }
    }
    for derived in &run.derived {
        match derived {
            Derived::Official(fact) => drop(names.officials.insert(fact.meta.id, Arc::new(fact.clone()))),
            Derived::Programme(fact) => drop(names.titles.insert(fact.meta.id, fact.name.original().text.clone())),
            Derived::Session(fact) => drop(names.titles.insert(fact.meta.id, fact.title.original().text.clone())),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns of the migrations that refer to a record, but for ids, parts, links, facets and tokens.
    fn of_the_migrations() -> Vec<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/src");
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let mut found = Vec::new();
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            let mut table = String::new();
            for line in text.lines().map(str::trim) {
                if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                    rest.trim_end_matches(" (").clone_into(&mut table);
                }
                let mut column = line.split(' ').next().unwrap_or_default();
                if let Some((altered, added)) =
                    line.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(" ADD COLUMN "))
                {
                    altered.clone_into(&mut table);
                    column = added.split(' ').next().unwrap_or_default();
                }
                if line.contains(" REFERENCES ") && column.ends_with("_id") {
                    found.push((table.clone(), column.to_owned()));
                }
            }
        }
        let others = ["link", "facet", "token"];
        let is_whole =
            |table: &str, column: &str| PARTS.iter().any(|(part, whole)| part.label() == table && *whole == column);
        found.retain(|(table, column)| !others.contains(&table.as_str()) && !is_whole(table, column));
        found
    }

    #[test]
    fn every_column_that_refers_to_a_record_is_known() {
        let mut known: Vec<(String, String)> =
            REFERENCES.iter().map(|(table, column)| ((*table).to_owned(), (*column).to_owned())).collect();
        let mut found = of_the_migrations();
        known.sort();
        found.sort();
        assert_eq!(known, found);
    }
}

//! Records that are written inside others: commands on one of them alone, and which of them a list may hold.

mod stored;

use std::collections::{BTreeMap, HashMap, HashSet};

use pomost_domain::exchange::{Asked, Entry, Exchanged, Fault, FaultSort, Json, Parts, Reading, Whole};
use pomost_domain::id::{Kind, of_slug};
use pomost_domain::meta::Publication;
use pomost_domain::viewer::ERASED;
use pomost_domain::{Fact, Op, Sight, Vocabulary};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use uuid::Uuid;

use crate::batch::{self, Connection, among};
use crate::change::difference;
use crate::command::{CommandError, Edit, Next, Target, Writable, Writer, erased, note_state, taken};
use crate::error::StoreError;
use crate::record;
use crate::reference::{PARTS, dangling};
use crate::transaction::Tx;
use crate::write::PartWrite;

pub(crate) use stored::{Differs, Listed, PartVisit, StoredParts, is_same};

/// A step of one part of a record.
pub(crate) struct PartStep {
    id: Uuid,
    /// Where it is written in the form of its whole.
    pointer: String,
    op: Op,
    /// Its publication; `None`: it is new.
    from: Option<Publication>,
    /// Its publication afterwards.
    to: Publication,
}

impl PartStep {
    /// Whether the part appears in its whole for readers who do not see drafts.
    pub(crate) fn appears(&self) -> bool {
        self.to.is_public() && !self.from.is_some_and(Publication::is_public)
    }

    /// The write of the part, by the written forms of its whole before and after; `None`: nothing changes.
    pub(crate) fn write(self, before: &Json, after: &Json) -> Option<PartWrite> {
        let Self { id, pointer, op, from, to } = self;
        let empty = Json::Object(Vec::new());
        let part = |whole| at(whole, &pointer).unwrap_or(&empty);
        let mut fields = difference(part(before), part(after));
        if op != Op::Corrected || fields != empty {
            note_state(&mut fields, from, to);
        }
        let difference = from.is_some().then_some(fields);
        let write = PartWrite { id, op, publication: to, is_in_whole: before != after, difference };
        Some(write).filter(|write| write.difference.as_ref() != Some(&empty))
    }
}

/// The part at a place in the written form of its whole.
fn at<'a>(json: &'a Json, pointer: &str) -> Option<&'a Json> {
    let mut steps = pointer.split('/').skip(1);
    let held = json.get(steps.next()?)?;
    match (held, steps.next()) {
        (Json::Array(parts), Some(place)) => parts.get(place.parse::<usize>().ok()?),
        (_, Some(_)) => None,
        (held, None) => Some(held),
    }
}

impl Writer {
    /// Writes one part of a record, new or stored, and returns its id. The whole is written anew as far as its list changes.
    pub(crate) async fn put_part<T>(&mut self, target: Target, edit: Edit) -> Result<Uuid, CommandError>
    where
        T: Whole + Writable,
        T::Part: Writable,
    {
        let (old, current) = self.current::<T::Part>(target).await?;
        let mut next = edit(&current).map_err(CommandError::Faults)?;
        let whole = if let Some(part) = &old {
            T::of(&part.fact).raw()
        } else {
            self.name::<T::Part>(&mut next.json).await?;
            self.whole_of_new::<T>(&mut next.json).await?
        };
        let (whole, before) = self.stored::<T>(whole, &self.sight).await?.ok_or(CommandError::NotFound)?;
        let publication = whole.fact.meta().publication;
        let whole_kind = T::KIND.label().replace('_', " ");
        if publication == Publication::Withdrawn {
            let message = format!("the {whole_kind} was withdrawn: nothing is added to it or changed in it");
            return Err(not_allowed(message));
        }
        if next.publication.is_public() && !publication.is_public() {
            let message =
                format!("the {whole_kind} is not public yet: publish it, and its parts are published with it");
            return Err(not_allowed(message));
        }
        let listed = whole.parts.list();
        let place = old.as_ref().map_or(Some(listed.len()), |old| {
            let id = old.fact.meta().id;
            listed.iter().position(|part| part.id == id)
        });
        let place = place.ok_or(CommandError::NotFound)?;
        let pointer = T::part_pointer(place);
        let (id, slug) = if let Some(old) = &old {
            (old.fact.meta().id, old.fact.meta().slug.clone())
        } else {
            let slug = next.json.get("slug").and_then(Json::as_str).unwrap_or_default().to_owned();
            (of_slug(T::Part::KIND, &slug), slug)
        };
        if old.is_none() && record::kind_of(&*self.tx, id).await?.is_some() {
            return Err(CommandError::Faults(vec![taken("/slug", &slug)]));
        }
        let is_withdrawn = next.publication == Publication::Withdrawn;
        let mut json = before.clone();
        put_at(&mut json, &pointer, Some(next.json).filter(|_| !is_withdrawn));
        let step = PartStep {
            id,
            pointer: pointer.clone(),
            op: next.op,
            from: old.is_some().then_some(current.publication),
            to: next.publication,
        };
        let next = Next { json, publication, op: Op::Updated, withdraws_omitted: is_withdrawn };
        self.write(Some(whole), &before, next, Some(step)).await.map_err(|error| within(error, &pointer))?;
        Ok(id)
    }

    /// The record that the input of a new part names as its whole.
    async fn whole_of_new<T: Whole>(&self, json: &mut Json) -> Result<Uuid, CommandError> {
        let Json::Object(members) = json else { return Err(CommandError::NotFound) };
        let given = members.iter().position(|(name, _)| name == T::Part::WHOLE_FIELD).map(|at| members.remove(at).1);
        let Some(slug) = given.as_ref().and_then(Json::as_str) else {
            let missing =
                Fault::new("", format!("the field {:?} is missing", T::Part::WHOLE_FIELD)).sorted(FaultSort::Missing);
            return Err(CommandError::Faults(vec![missing]));
        };
        let mut run = Reading::default();
        let known = self.known(T::KIND, slug).await?;
        run.asked.push(Asked {
            kind: T::KIND,
            or: &[],
            slug: slug.to_owned(),
            id: known.unwrap_or_else(|| of_slug(T::KIND, slug)),
            pointer: format!("/{}", T::Part::WHOLE_FIELD),
            optional: false,
        });
        run.known.extend(known.map(|id| ((T::KIND, slug.to_owned()), id)));
        let mut faults = dangling(&run);
        faults.extend(self.unseen(&run, &HashSet::new()).await?);
        match known {
            Some(id) if faults.is_empty() => Ok(id),
            _ => Err(CommandError::Faults(faults)),
        }
    }

    /// The id of the record with a slug.
    async fn known(&self, kind: Kind, slug: &str) -> Result<Option<Uuid>, StoreError> {
        let column = |column: record::Column| sea_orm::IntoSimpleExpr::into_simple_expr(column);
        let select = Query::select()
            .expr(column(record::Column::Id))
            .from(record::Entity)
            .cond_where(record::seen(&Sight::ALL))
            .and_where(column(record::Column::Kind).eq(kind.label()))
            .and_where(column(record::Column::Slug).eq(slug))
            .take();
        Ok(self.tx.query_one(&select).await?.map(|row| row.try_get("", "id")).transpose()?)
    }

    /// What is wrong with the list of the parts of a record: a part is given twice, belongs to another record or was erased, or
    /// one is left out that would be withdrawn.
    pub(crate) async fn part_faults<T: Writable>(
        &self,
        entry: &Entry<T>,
        old: Option<&Entry<T>>,
        withdraws_omitted: bool,
    ) -> Result<Vec<Fault>, StoreError> {
        let new = entry.parts.list();
        let stored = old.map(|old| old.parts.list()).unwrap_or_default();
        let mut faults = Vec::new();
        if !withdraws_omitted {
            faults.extend(omitted::<T>(&stored, &new).into_iter().map(|(field, slugs)| {
                let message = format!(
                    "the list leaves out {slugs}, which would be withdrawn: list what is to stay, or set \
                     `withdrawOmitted: true` if it is to be withdrawn"
                );
                Fault::new(format!("/{field}"), message).sorted(FaultSort::NotAllowed)
            }));
        }
        let known: HashSet<Uuid> = stored.iter().map(|part| part.id).collect();
        let other: Vec<Uuid> = new.iter().map(|part| part.id).filter(|id| !known.contains(id)).collect();
        let audiences = record::audiences(&*self.tx, &other).await?;
        let wholes = wholes(&self.tx, new.first().map(|part| part.kind), &other).await?;
        let mut seen = HashSet::new();
        for (place, part) in new.iter().enumerate() {
            let pointer =
                if part.has_own_slug { format!("{}/slug", T::part_pointer(place)) } else { T::part_pointer(place) };
            if !seen.insert(part.id) {
                let message = format!("the slug {:?} is given twice", part.slug);
                faults.push(Fault::new(pointer, message));
                continue;
            }
            let is_own = wholes.get(&part.id) == Some(&entry.fact.meta().id);
            match audiences.get(&part.id).map(String::as_str) {
                None => {}
                Some(ERASED) => faults.push(erased(pointer, &part.slug)),
                // A part that was withdrawn comes back when its whole lists it again.
                Some(audience) if is_own && audience == Publication::Withdrawn.label() => {}
                Some(_) => faults.push(taken(pointer, &part.slug)),
            }
        }
        Ok(faults)
    }
}

/// The parts that were erased among those whose slugs follow from their places in these records. One statement per 500 parts,
/// and one more for each that was erased behind another.
pub(crate) async fn gone<T: Exchanged<Parts: StoredParts>>(
    database: &dyn Connection,
    entries: &[Entry<T>],
) -> Result<HashSet<Uuid>, StoreError> {
    let mut gone = HashSet::new();
    let placed = |entry: &Entry<T>| entry.parts.list().into_iter().filter(|part| !part.has_own_slug);
    let ids: Vec<Uuid> = entries.iter().flat_map(placed).map(|part| part.id).collect();
    let mut found = record::erased(database, &ids).await?;
    while !found.is_empty() {
        gone.extend(found);
        let mut run = Reading { gone: gone.clone(), ..Reading::default() };
        let mut next = Vec::new();
        for entry in entries {
            let mut parts = entry.parts.clone();
            let meta = entry.fact.meta();
            parts.belong_to(meta.id, &meta.slug, &mut run);
            next.extend(parts.list().into_iter().filter(|part| !part.has_own_slug).map(|part| part.id));
        }
        found = record::erased(database, &next).await?;
    }
    Ok(gone)
}

/// The stored parts that a new list leaves out, by the field that holds the list.
pub(crate) fn omitted<T: Exchanged>(stored: &[Listed], new: &[Listed]) -> BTreeMap<String, String> {
    let kept: HashSet<Uuid> = new.iter().map(|part| part.id).collect();
    let mut fields: BTreeMap<String, (Kind, Vec<String>)> = BTreeMap::new();
    for (place, part) in stored.iter().enumerate().filter(|(_, part)| !kept.contains(&part.id)) {
        let pointer = T::part_pointer(place);
        let field = pointer.split('/').nth(1).unwrap_or_default().to_owned();
        fields.entry(field).or_insert((part.kind, Vec::new())).1.push(format!("{:?}", part.slug));
    }
    let named = |(field, (kind, slugs)): (String, (Kind, Vec<String>))| {
        let kind = kind.label();
        let text = if slugs.len() == 1 {
            format!("the {kind} {}", slugs[0])
        } else {
            format!("the {kind}s {}", slugs.join(", "))
        };
        (field, text)
    };
    fields.into_iter().map(named).collect()
}

/// The records that parts belong to.
pub(crate) async fn wholes(tx: &Tx, kind: Option<Kind>, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, StoreError> {
    let mut found = HashMap::new();
    let Some((kind, whole)) = PARTS.iter().find(|(part, _)| Some(*part) == kind) else { return Ok(found) };
    let table = Alias::new(kind.label());
    let column = |name: &str| Expr::col((table.clone(), Alias::new(name)));
    let rows = batch::rows(&**tx, ids, |ids| {
        Query::select()
            .expr_as(column("id"), Alias::new("id"))
            .expr_as(column(whole), Alias::new("whole"))
            .from(table.clone())
            .and_where(among(column("id"), ids))
            .take()
    });
    for row in &rows.await? {
        found.insert(row.try_get("", "id")?, row.try_get("", "whole")?);
    }
    Ok(found)
}

fn not_allowed(message: String) -> CommandError {
    CommandError::Faults(vec![Fault::new("", message).sorted(FaultSort::NotAllowed)])
}

/// Mistakes of a whole as those of the part that is written alone.
fn within(error: CommandError, pointer: &str) -> CommandError {
    let CommandError::Faults(faults) = error else { return error };
    let inside = |fault: Fault| {
        let inner = fault.pointer.strip_prefix(pointer).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        Fault { pointer: inner.unwrap_or_default().to_owned(), ..fault }
    };
    CommandError::Faults(faults.into_iter().map(inside).collect())
}

/// Puts a part in its place in the written form of its whole, or behind the last one; without a part, takes out what is there.
fn put_at(json: &mut Json, pointer: &str, part: Option<Json>) {
    let mut steps = pointer.split('/').skip(1);
    let (Json::Object(members), Some(field)) = (json, steps.next()) else { return };
    let place = steps.next().and_then(|place| place.parse::<usize>().ok());
    let at = members.iter().position(|(name, _)| name == field).unwrap_or_else(|| {
        members.push((field.to_owned(), Json::Array(Vec::new())));
        members.len() - 1
    });
    match (&mut members[at].1, place, part) {
        (Json::Array(parts), Some(place), Some(part)) if place < parts.len() => parts[place] = part,
        (Json::Array(parts), Some(_), Some(part)) => parts.push(part),
        (Json::Array(parts), Some(place), None) if parts.len() > 1 => drop(parts.remove(place)),
        (held, None, Some(part)) => *held = part,
        // An empty list would say that there never was one.
        _ => drop(members.remove(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(json: &str, pointer: &str, part: Option<&str>) -> String {
        let mut json: Json = serde_json::from_str(json).unwrap();
        put_at(&mut json, pointer, part.map(Json::string));
        json.to_text()
    }

    #[test]
    fn a_part_is_put_replaced_and_taken_out() {
        assert_eq!(put(r#"{"a":1}"#, "/list/0", Some("x")), r#"{"a":1,"list":["x"]}"#);
        assert_eq!(put(r#"{"list":["x"]}"#, "/list/1", Some("y")), r#"{"list":["x","y"]}"#);
        assert_eq!(put(r#"{"list":["x","y"]}"#, "/list/0", Some("z")), r#"{"list":["z","y"]}"#);
        assert_eq!(put(r#"{"list":["x","y"]}"#, "/list/0", None), r#"{"list":["y"]}"#);
        assert_eq!(put(r#"{"a":1,"list":["x"]}"#, "/list/0", None), r#"{"a":1}"#);
        assert_eq!(put(r#"{"a":1}"#, "/one", Some("x")), r#"{"a":1,"one":"x"}"#);
        assert_eq!(put(r#"{"one":"x"}"#, "/one", None), "{}");
    }
}

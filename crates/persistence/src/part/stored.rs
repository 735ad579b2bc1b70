//! The parts of records in the database: how they are read, listed, compared and saved.

use std::collections::{HashMap, HashSet};

use pomost_domain::Sight;
use pomost_domain::Vocabulary;
use pomost_domain::exchange::{Entry, Exchanged, Parts};
use pomost_domain::id::Kind;
use pomost_domain::meta::{Meta, Publication};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Alias, Expr, Order};
use uuid::Uuid;

use crate::batch::{self, Connection, among};
use crate::error::StoreError;
use crate::mapped::{Mapped, Upsert};
use crate::mapping::{Mapping, reference_column};
use crate::record;
use crate::statement;
use crate::table::Cells;

/// Parts in the database.
pub(crate) trait StoredParts: Parts {
    /// The parts of each whole, in their order.
    fn load(
        database: &dyn Connection,
        wholes: &[Uuid],
    ) -> impl Future<Output = Result<HashMap<Uuid, Self>, StoreError>> + Send;

    /// Gives every part to `visit`.
    fn each(&mut self, visit: &mut impl PartVisit);

    /// Which parts there are, in their order.
    fn list(&self) -> Vec<Listed>;

    /// Writes the rows of those of the parts of several wholes that have one of these ids.
    fn save<'a>(all: impl Iterator<Item = &'a Self>, ids: &HashSet<Uuid>) -> Vec<Upsert>
    where
        Self: 'a;

    /// How each of the parts that are stored already differs from its stored form.
    fn compare(&self, stored: &Self, whole: &Meta) -> HashMap<Uuid, Differs>;
}

/// A part in the list of its whole.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) kind: Kind,
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    /// Whether the slug is written; otherwise it follows from that of the whole.
    pub(crate) has_own_slug: bool,
}

/// How a part differs from its stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Differs {
    /// In nothing.
    Nowhere,
    /// In its place in the list only: that is a change of the whole.
    InPlace,
    /// In what it says.
    InContent,
}

/// Whether two forms of a record say the same, apart from what the shared row holds of it.
pub(crate) fn is_same<T: Exchanged>(one: &Entry<T>, other: &Entry<T>) -> bool {
    let mut fact = one.fact.clone();
    fact.meta_mut().clone_from(other.fact.meta());
    fact == other.fact && one.links.iter().eq(other.links.iter())
}

/// What is done with parts of any kind.
pub(crate) trait PartVisit {
    /// Takes a part.
    fn part<P: Exchanged<Parts = ()> + Mapped>(&mut self, part: &mut Entry<P>);
}

impl StoredParts for () {
    async fn load(_: &dyn Connection, _: &[Uuid]) -> Result<HashMap<Uuid, Self>, StoreError> {
        Ok(HashMap::new())
    }

    fn each(&mut self, _: &mut impl PartVisit) {}

    fn list(&self) -> Vec<Listed> {
        Vec::new()
    }

    fn save<'a>(_: impl Iterator<Item = &'a Self>, _: &HashSet<Uuid>) -> Vec<Upsert> {
        Vec::new()
    }

    fn compare(&self, (): &Self, _: &Meta) -> HashMap<Uuid, Differs> {
        HashMap::new()
    }
}

impl<P: Exchanged<Parts = ()> + Mapped> StoredParts for Vec<Entry<P>> {
    async fn load(database: &dyn Connection, wholes: &[Uuid]) -> Result<HashMap<Uuid, Self>, StoreError> {
        let whole = reference_column(P::WHOLE);
        let position = Expr::col((Alias::new(P::TABLE), Alias::new("position")));
        let rows = batch::rows(database, wholes, |wholes| {
            statement::facts(Mapping::of::<P>(), &Sight::ALL)
                .expr(whole.clone())
                .and_where(among(whole.clone(), wholes))
                // What was taken back is no part any more.
                .and_where(record::Column::Publication.ne(Publication::Withdrawn.label()))
                .order_by_expr(position.clone(), Order::Asc)
                .take()
        });
        let mut found: HashMap<Uuid, Self> = HashMap::new();
        for row in &rows.await? {
            let mut cells = Cells::of(row)?;
            let part = Entry { fact: cells.fact()?, ..Entry::default() };
            found.entry(cells.next()?).or_default().push(part);
        }
        Ok(found)
    }

    fn each(&mut self, visit: &mut impl PartVisit) {
        for part in self {
            visit.part(part);
        }
    }

    fn list(&self) -> Vec<Listed> {
        let listed = |part: &Entry<P>| {
            let meta = part.fact.meta();
            Listed { kind: P::KIND, id: meta.id, slug: meta.slug.clone(), has_own_slug: P::OWN_SLUG }
        };
        self.iter().map(listed).collect()
    }

    fn save<'a>(all: impl Iterator<Item = &'a Self>, ids: &HashSet<Uuid>) -> Vec<Upsert> {
        let facts = all.flatten().map(|part| &part.fact).filter(|fact| ids.contains(&fact.meta().id));
        P::save(&facts.collect::<Vec<_>>())
    }

    fn compare(&self, stored: &Self, whole: &Meta) -> HashMap<Uuid, Differs> {
        let stored: HashMap<Uuid, &Entry<P>> = stored.iter().map(|part| (part.fact.meta().id, part)).collect();
        let compare = |(place, part): (usize, &Entry<P>)| {
            let (new, old) = (part.fact.meta(), stored.get(&part.fact.meta().id)?);
            let mut placed = Entry::clone(old);
            if P::OWN_SLUG {
                placed.fact.belong_to(whole.id, &whole.slug, place);
            }
            let says = |meta: &Meta| (meta.note.clone(), meta.sources.clone(), meta.stated_empty.clone());
            let differs = if !is_same(part, &placed) || says(new) != says(old.fact.meta()) {
                Differs::InContent
            } else if placed.fact == old.fact {
                Differs::Nowhere
            } else {
                Differs::InPlace
            };
            Some((new.id, differs))
        };
        self.iter().enumerate().filter_map(compare).collect()
    }
}

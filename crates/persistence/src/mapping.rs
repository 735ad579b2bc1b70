//! Entities, their fields and their relations as data: statements are made of them without a type for each entity.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pomost_domain::activity::AnyActivity;
use pomost_domain::id::Kind;
use pomost_domain::link::{Path, Relation};
use pomost_domain::{AnyFact, Fact, Vocabulary};
use sea_orm::sea_query::{Alias, Expr, SelectStatement};

use crate::asked::Asked;
use crate::error::StoreError;
use crate::filter::Find;
use crate::mapped::{Stored, aside};
use crate::table::Cells;

/// An entity in the database.
pub struct Mapping {
    kind: Kind,
    kinds: &'static [Kind],
    pub(crate) table: &'static str,
    aside: Asked,
    /// Adds the tables beside the main one that conditions and relations of the entity are about.
    pub(crate) join: fn(&mut SelectStatement),
    /// Adds the columns, and the tables that only they need.
    pub(crate) select: fn(&mut SelectStatement, Asked),
    /// Reads a fact from the cells that `select` and the columns of all records have added.
    pub(crate) read: fn(&mut Cells<'_>) -> Result<Arc<dyn AnyFact>, StoreError>,
    find: fn(u16) -> Find,
    label: fn(u16) -> &'static str,
}

impl Mapping {
    /// The mapping of an entity.
    pub const fn of<T: Stored>() -> &'static Self {
        const {
            &Self {
                kind: T::KIND,
                kinds: T::KINDS,
                table: T::TABLE,
                aside: aside::<T>(),
                join: T::join,
                select: T::select,
                read: |cells| Ok(Arc::new(cells.fact::<T>()?)),
                find: |at| T::find(T::Field::ALL[usize::from(at)]),
                label: |at| T::Field::ALL[usize::from(at)].label(),
            }
        }
    }

    /// The kind of its records, or one of them.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// All kinds of its records.
    pub fn kinds(&self) -> &'static [Kind] {
        self.kinds
    }

    /// A field of it.
    pub fn field<T: Stored>(field: T::Field) -> Field {
        // No entity has more than a few fields, and each of them is in the list.
        let at = T::Field::ALL.iter().zip(0..).find_map(|(other, at)| (*other == field).then_some(at));
        Field { of: Self::of::<T>(), at: at.unwrap_or_default() }
    }

    /// What is read of its records only if it is asked for.
    pub fn aside(&self) -> Asked {
        self.aside
    }

    /// Its stable name: the kind, or the table of several kinds.
    pub fn name(&self) -> &'static str {
        name_of(self.kinds)
    }

    pub(crate) fn id(&self) -> Expr {
        id_in(self.table)
    }
}

pub(crate) fn id_in(table: &'static str) -> Expr {
    Expr::col((Alias::new(table), Alias::new("id")))
}

fn name_of(kinds: &[Kind]) -> &'static str {
    match kinds {
        [only] => only.label(),
        several => several.first().map_or("", |kind| table_of(*kind)),
    }
}

/// The table that the records of a kind are found in.
pub(crate) fn table_of(kind: Kind) -> &'static str {
    if AnyActivity::KINDS.contains(&kind) { "activity" } else { kind.label() }
}

// Equal by name: the compiler may place the same mapping at several addresses.
impl PartialEq for Mapping {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Mapping {}

impl Hash for Mapping {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A field of an entity.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field {
    of: &'static Mapping,
    at: u16,
}

impl Field {
    /// The entity that has it.
    pub fn of(self) -> &'static Mapping {
        self.of
    }

    pub(crate) fn find(self) -> Find {
        (self.of.find)(self.at)
    }
}

/// Its stable name, such as `city.country`.
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.of.name(), (self.of.label)(self.at))
    }
}

/// A relation, from records of one entity to those of another.
#[derive(PartialEq, Eq, Hash)]
pub struct Walk {
    parent: Kind,
    parents: &'static [Kind],
    child: &'static Mapping,
    pub(crate) path: Path,
    pub(crate) reversed: bool,
}

impl Walk {
    /// The walk along a relation.
    pub const fn of<R: Relation>() -> &'static Self
    where
        R::Child: Stored,
    {
        const {
            &Self {
                parent: R::Parent::KIND,
                parents: R::Parent::KINDS,
                child: Mapping::of::<R::Child>(),
                path: R::PATH,
                reversed: R::REVERSED,
            }
        }
    }

    /// The kind of the records that it starts at, or one of them.
    pub fn parent(&self) -> Kind {
        self.parent
    }

    /// The entity that it leads to.
    pub fn child(&self) -> &'static Mapping {
        self.child
    }

    /// Its stable name, such as `agreement>agreement.parties>city`; walked back, `city<agreement.parties<agreement`.
    pub fn name(&self) -> String {
        let path = match self.path {
            Path::Links(lists) => lists.join("+"),
            Path::Reference(reference) => reference.to_owned(),
            Path::Shared { reference, members, participants } => {
                format!("{}+{members}={}", reference.unwrap_or_default(), participants.join("+"))
            }
        };
        let way = if self.reversed { '<' } else { '>' };
        format!("{}{way}{path}{way}{}", name_of(self.parents), self.child.name())
    }

    /// Whether the starting record holds the reference itself.
    pub(crate) fn is_on_parent(&self) -> bool {
        matches!(self.path, Path::Reference(_)) && !self.reversed
    }

    /// What it starts at: the id of the record, or the column that holds its reference.
    pub(crate) fn start(&self) -> Expr {
        match self.path {
            Path::Reference(reference) if self.is_on_parent() => reference_column(reference),
            _ => id_in(table_of(self.parent)),
        }
    }
}

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// The column of a reference named `table.field`.
pub(crate) fn reference_column(reference: &'static str) -> Expr {
    let (table, field) = reference.split_once('.').unwrap_or((reference, ""));
    Expr::col((Alias::new(table), Alias::new(format!("{field}_id"))))
}

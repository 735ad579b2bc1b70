//! References of a record to several others, and the relations that they form.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::id::Kind;
use crate::meta::Fact;

/// One reference of a record to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The record referred to.
    pub to: Uuid,
    /// Its kind.
    pub kind: Kind,
    /// What it does in the relation, for example `lead`.
    pub role: Option<String>,
    /// What belongs to the reference itself, for example a partner's share, as JSON.
    pub detail: Option<String>,
}

impl Link {
    /// The detail of the reference; `None` where there is none or where it is of another type.
    pub fn detail<D: DeserializeOwned>(&self) -> Option<D> {
        self.detail.as_deref().and_then(|json| serde_json::from_str(json).ok())
    }

    /// Sets the detail.
    pub fn set_detail<D: Serialize>(&mut self, detail: &D) {
        self.detail = serde_json::to_string(detail).ok();
    }
}

/// The references of one record, by the name of their relation, each list in its order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Links(BTreeMap<Cow<'static, str>, Vec<Link>>);

impl Links {
    /// The list of one relation.
    pub fn of(&mut self, relation: &'static str) -> &mut Vec<Link> {
        self.0.entry(Cow::Borrowed(relation)).or_default()
    }

    /// Adds a reference at the end of its list.
    pub fn push(&mut self, relation: &str, link: Link) {
        match self.0.get_mut(relation) {
            Some(links) => links.push(link),
            None => drop(self.0.insert(Cow::Owned(relation.to_owned()), vec![link])),
        }
    }

    /// All references with the name of their relation and their place in its list.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize, &Link)> {
        self.0
            .iter()
            .flat_map(|(relation, links)| links.iter().enumerate().map(move |(at, link)| (&**relation, at, link)))
    }
}

/// How a relation is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Path {
    /// By lists of references, named `record.list`.
    Links(&'static [&'static str]),
    /// By a single reference, named `record.field`.
    Reference(&'static str),
    /// From a group to what names it by a reference, and to what all its members take part in. It is walked in this direction
    /// only.
    Shared {
        /// The reference of the child, named `record.field`, if it has one.
        reference: Option<&'static str>,
        /// The list of the group that names its members.
        members: &'static str,
        /// The lists of the child that name who takes part.
        participants: &'static [&'static str],
    },
}

/// A way from one record to others.
pub trait Relation: Send + Sync + 'static {
    /// Where it starts.
    type Parent: Fact;
    /// Where it leads.
    type Child: Fact;
    /// How it is held.
    const PATH: Path;
    /// Whether it is walked from the end of the references to the record that holds them.
    const REVERSED: bool = false;
}

/// A relation walked from its end.
#[derive(Clone, Copy, Debug)]
pub struct Reverse<R>(PhantomData<fn() -> R>);

impl<R: Relation> Relation for Reverse<R> {
    type Parent = R::Child;
    type Child = R::Parent;
    const PATH: Path = R::PATH;
    const REVERSED: bool = !R::REVERSED;
}

/// Declares relations: `One: A => B, "a.b"` is a single reference, `Many: A => B, ["a.list"]` a list of them.
macro_rules! relations {
    ($($(#[$doc:meta])* $name:ident: $parent:ty => $child:ty, $path:tt;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl crate::link::Relation for $name {
                type Parent = $parent;
                type Child = $child;
                const PATH: crate::link::Path = relations!(@path $path);
            }
        )+
    };
    (@path [$($list:literal),+]) => { crate::link::Path::Links(&[$($list),+]) };
    (@path $reference:literal) => { crate::link::Path::Reference($reference) };
}
pub(crate) use relations;

//! References from a record to several others, and the relations that they form.

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
    /// The role of the target in the relation, for example `lead`.
    pub role: Option<String>,
    /// The data of the reference itself, for example a partner's share, as JSON.
    pub detail: Option<String>,
}

impl Link {
    /// The detail of the reference; `None` if it has none or one of another type.
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

/// The storage of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Path {
    /// Lists of references, named `record.list`.
    Links(&'static [&'static str]),
    /// A single reference, named `record.field`.
    Reference(&'static str),
    /// From a group to the records that refer to it, and to the records in which all its members take part. It is walked in
    /// this direction only.
    Shared {
        /// The reference of the child to the group, named `record.field`, if it has one.
        reference: Option<&'static str>,
        /// The list of the group that contains its members.
        members: &'static str,
        /// The lists of the child that contain its participants.
        participants: &'static [&'static str],
    },
}

/// A path from one type of record to another.
pub trait Relation: Send + Sync + 'static {
    /// The type at its start.
    type Parent: Fact;
    /// The type at its end.
    type Child: Fact;
    /// The storage.
    const PATH: Path;
    /// True if it is walked from the target of the references to the record that contains them.
    const REVERSED: bool = false;
}

/// A relation in the reverse direction.
#[derive(Clone, Copy, Debug)]
pub struct Reverse<R>(PhantomData<fn() -> R>);

impl<R: Relation> Relation for Reverse<R> {
    type Parent = R::Child;
    type Child = R::Parent;
    const PATH: Path = R::PATH;
    const REVERSED: bool = !R::REVERSED;
}

/// Declares relations: `One: A => B, "a.b"` is a single reference, `Many: A => B, ["a.list"]` a list of references.
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

//! Funding programmes.

use crate::council::short;
use crate::exchange::Derived;
use crate::fold;
use crate::id::{self, Kind};
use crate::meta::{Fact, Meta};
use crate::text::Text;

/// A funding programme, as projects name it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Programme {
    /// Fields that all records share.
    pub meta: Meta,
    /// Name.
    pub name: Text,
}

vocabulary! { closed,
    /// Fields by which programmes are filtered and ordered: only the shared ones.
    Field {}
}

impl Fact for Programme {
    const KIND: Kind = Kind::Programme;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.name.original().text.clone()
    }
}

impl Programme {
    /// A programme of which only the name is known.
    pub(crate) fn named(name: &str) -> (String, fn(Self) -> Derived, Self) {
        let slug = format!("{}-{}", short(&fold::lasting_slug(name)), id::fingerprint(name));
        (slug, Derived::Programme, Self { name: Text::untagged(name), ..Self::default() })
    }
}

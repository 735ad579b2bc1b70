//! Lists of values: closed lists, in which any other value is a mistake, and open lists, which store other values.

use std::fmt;
use std::marker::PhantomData;

/// A list of values, each with the labels that the exchange format uses for it.
pub trait Vocabulary: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// Every value.
    const ALL: &'static [Self];

    /// The labels of a value; the first one is used for writing.
    fn labels(self) -> &'static [&'static str];

    /// The value of a label.
    fn from_label(label: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.labels().contains(&label))
    }

    /// Every known label, in the order of the list.
    fn known() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().flat_map(|value| value.labels().iter().copied())
    }

    /// The label that is used for writing.
    fn label(self) -> &'static str {
        self.labels().first().copied().unwrap_or_default()
    }
}

/// A vocabulary that is complete: a value outside it is a mistake of the sender.
pub trait Closed: Vocabulary {}

/// A vocabulary that grows: a value outside it is stored unchanged and means `OTHER`.
pub trait OpenVocabulary: Vocabulary {
    /// The value of an unknown label.
    const OTHER: Self;
}

/// A value of an open list: its original label, which is always preserved, and the value that the label means.
pub struct Open<V> {
    label: String,
    value: PhantomData<fn() -> V>,
}

impl<V: OpenVocabulary> Open<V> {
    /// Makes a value of a label.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), value: PhantomData }
    }

    /// The value of the label.
    pub fn value(&self) -> V {
        V::from_label(&self.label).unwrap_or(V::OTHER)
    }

    /// The original label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The label, moved out.
    pub fn into_label(self) -> String {
        self.label
    }
}

// Written by hand, because a derive would require the same traits of `V`.
impl<V> Clone for Open<V> {
    fn clone(&self) -> Self {
        Self { label: self.label.clone(), value: PhantomData }
    }
}

impl<V> PartialEq for Open<V> {
    fn eq(&self, other: &Self) -> bool {
        self.label == other.label
    }
}

impl<V> Eq for Open<V> {}

impl<V> fmt::Debug for Open<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label.fmt(f)
    }
}

impl<V> Default for Open<V> {
    fn default() -> Self {
        Self { label: String::new(), value: PhantomData }
    }
}

/// Declares a vocabulary: `open` ones name their `Other`, `closed` ones do not have one.
macro_rules! vocabulary {
    (@kind open $name:ident) => {
        impl crate::vocabulary::OpenVocabulary for $name {
            const OTHER: Self = Self::Other;
        }
    };
    (@kind closed $name:ident) => {
        impl crate::vocabulary::Closed for $name {}
    };
    ($kind:ident, $(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $($label:literal)|+),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$vdoc])* $variant),*
        }

        impl crate::vocabulary::Vocabulary for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn labels(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$($label),+]),*
                }
            }
        }

        vocabulary!(@kind $kind $name);
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::OrganizationKind;

    #[test]
    fn an_unknown_label_is_other_and_is_preserved() {
        let kind = Open::<OrganizationKind>::new("astronomyClub");
        assert_eq!((kind.value(), kind.label()), (OrganizationKind::Other, "astronomyClub"));
        assert_eq!(Open::<OrganizationKind>::new("school").value(), OrganizationKind::School);
    }
}

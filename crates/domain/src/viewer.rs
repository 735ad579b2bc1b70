//! Who is asking: roles, the rights that they have, and what they may see.

use std::borrow::Cow;

use crate::city::City;
use crate::id::{Id, Kind};
use crate::meta::{Meta, Publication, Visibility};
use crate::vocabulary::Vocabulary;

vocabulary! { closed,
    /// Role of whoever asks.
    Role {
        /// Anyone.
        Anonymous = "anonymous",
        /// An office of a partner city.
        Partner = "partner",
        /// A member of the council.
        Councillor = "councillor",
        /// An official who writes drafts.
        Editor = "editor",
        /// An official who decides what is public.
        Publisher = "publisher",
        /// An official who reports to funding bodies.
        Reporting = "reporting",
        /// Whoever runs the registry.
        Admin = "admin",
    }
}

vocabulary! { closed,
    /// What a role may do beyond reading what is public.
    Right {
        /// Read what is for partner cities.
        ReadPartners = "read_partners",
        /// Read what is for the city's own offices.
        ReadInternal = "read_internal",
        /// Read drafts and what was taken back.
        ReadDrafts = "read_drafts",
        /// Read who changed what, when and why.
        ReadHistory = "read_history",
        /// File interpellations and questions, and write on them until they are public.
        File = "file",
        /// Write drafts, and say what becomes of them.
        Write = "write",
        /// Decide what is public: publish, correct, take back.
        Publish = "publish",
        /// Erase content for reasons of privacy.
        Erase = "erase",
    }
}

impl Right {
    /// The right to write records of a kind; `None`: they are written with other records only.
    pub const fn to_write(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Interpellation => Some(Self::File),
            Kind::City
            | Kind::Organization
            | Kind::Term
            | Kind::Session
            | Kind::Resolution
            | Kind::Partnership
            | Kind::Agreement
            | Kind::LetterOfIntent
            | Kind::Commitment
            | Kind::Project
            | Kind::YouthExchange
            | Kind::BusinessMission
            | Kind::JointEvent
            | Kind::StudyVisit
            | Kind::Meeting
            | Kind::Document => Some(Self::Write),
            Kind::Official | Kind::Programme | Kind::Answer => None,
        }
    }
}

impl Role {
    /// What the role may do.
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Self::Anonymous => &[],
            Self::Partner => &[Right::ReadPartners],
            Self::Councillor => &[Right::File],
            Self::Editor => &[
                Right::ReadPartners,
                Right::ReadInternal,
                Right::ReadDrafts,
                Right::ReadHistory,
                Right::File,
                Right::Write,
            ],
            Self::Publisher => &[
                Right::ReadPartners,
                Right::ReadInternal,
                Right::ReadDrafts,
                Right::ReadHistory,
                Right::File,
                Right::Write,
                Right::Publish,
            ],
            Self::Reporting => &[Right::ReadPartners, Right::ReadInternal],
            Self::Admin => Right::ALL,
        }
    }

    /// Whether the role has a right.
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }
}

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The role.
    pub role: Role,
    /// The city that the viewer speaks for.
    pub city: Option<Id<City>>,
    /// How records name who wrote them; empty for who is not known.
    pub name: String,
}

impl Default for Viewer {
    fn default() -> Self {
        Self { role: Role::Anonymous, city: None, name: String::new() }
    }
}

impl Viewer {
    /// Whether the viewer has a right.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// What the viewer sees.
    pub fn sight(&self) -> Sight {
        if self.may(Right::ReadDrafts) {
            return Sight::ALL;
        }
        let mut audiences = vec![Audience::Public.label()];
        if self.may(Right::ReadPartners) {
            audiences.push(Audience::Partners.label());
        }
        if self.may(Right::ReadInternal) {
            audiences.push(Audience::Internal.label());
        }
        if self.may(Right::File) {
            audiences.push(Audience::Author(&self.name).label());
        }
        Sight(Some(Cow::Owned(audiences)))
    }
}

/// Who sees a record: what its publication and its visibility come down to. The widest is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience<'a> {
    /// Whoever reads drafts; for everyone else it is gone.
    Withdrawn,
    /// Whoever reads drafts, and the one who wrote it.
    Author(&'a str),
    /// The city's own offices.
    Internal,
    /// Partner cities and the city's own offices.
    Partners,
    /// Everyone.
    Public,
}

impl<'a> Audience<'a> {
    /// Who sees a record.
    pub fn of(meta: &'a Meta) -> Self {
        Self::from(meta.publication, meta.visibility, &meta.created_by)
    }

    /// Who sees a record in this state that somebody wrote.
    pub fn from(publication: Publication, visibility: Visibility, author: &'a str) -> Self {
        match (publication, visibility) {
            (Publication::Withdrawn, _) => Self::Withdrawn,
            (Publication::Draft | Publication::InReview, _) => Self::Author(author),
            (_, Visibility::Public) => Self::Public,
            (_, Visibility::Partners) => Self::Partners,
            (_, Visibility::Internal) => Self::Internal,
        }
    }

    /// The audience as one word, as the database keeps it.
    pub fn label(self) -> Cow<'static, str> {
        match self {
            Self::Public => Cow::Borrowed(Visibility::Public.label()),
            Self::Partners => Cow::Borrowed(Visibility::Partners.label()),
            Self::Internal => Cow::Borrowed(Visibility::Internal.label()),
            Self::Author(name) => Cow::Owned(format!("draft:{name}")),
            Self::Withdrawn => Cow::Borrowed(Publication::Withdrawn.label()),
        }
    }
}

/// The word for the audience of a record whose content was erased: nobody.
pub const ERASED: &str = "erased";

/// What a viewer sees: the audiences that he belongs to, or everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sight(Option<Cow<'static, [Cow<'static, str>]>>);

impl Sight {
    /// Everything that is there, drafts and what was taken back with it.
    pub const ALL: Self = Self(None);
    /// What everyone sees.
    pub const PUBLIC: Self = Self(Some(Cow::Borrowed(&[Cow::Borrowed("public")])));

    /// The audiences; `None`: all of them.
    pub fn audiences(&self) -> Option<&[Cow<'static, str>]> {
        self.0.as_deref()
    }

    /// Whether what an audience sees is seen. Nobody sees what has no audience, such as a record before it was written, or
    /// what was erased.
    pub fn takes_in(&self, audience: Option<&str>) -> bool {
        audience
            .filter(|audience| *audience != ERASED)
            .is_some_and(|audience| self.audiences().is_none_or(|all| all.iter().any(|one| one == audience)))
    }
}

impl Default for Sight {
    fn default() -> Self {
        Self::PUBLIC
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(role: Role) -> Viewer {
        Viewer { role, city: None, name: "me".to_owned() }
    }

    #[test]
    fn everyone_sees_what_is_public_and_nothing_else_without_a_right() {
        let meta = |publication, visibility, by: &str| Meta {
            publication,
            visibility,
            created_by: by.to_owned(),
            ..Meta::default()
        };
        let cases = [
            (meta(Publication::Published, Visibility::Public, "a"), "ANONYMOUS PARTNER COUNCILLOR REPORTING EDITOR"),
            (meta(Publication::Corrected, Visibility::Partners, "a"), "PARTNER REPORTING EDITOR"),
            (meta(Publication::Published, Visibility::Internal, "a"), "REPORTING EDITOR"),
            (meta(Publication::Draft, Visibility::Public, "a"), "EDITOR"),
            (meta(Publication::InReview, Visibility::Public, "me"), "COUNCILLOR EDITOR"),
            (meta(Publication::Withdrawn, Visibility::Public, "me"), "EDITOR"),
        ];
        for (meta, seen_by) in &cases {
            let audience = Audience::of(meta).label();
            for role in [Role::Anonymous, Role::Partner, Role::Councillor, Role::Reporting, Role::Editor] {
                let expected = seen_by.split(' ').any(|name| name.eq_ignore_ascii_case(role.label()));
                assert_eq!(viewer(role).sight().takes_in(Some(&audience)), expected, "{role:?} {audience}");
            }
        }
        assert!(!Sight::ALL.takes_in(None) && !Sight::ALL.takes_in(Some(ERASED)));
        assert_eq!(viewer(Role::Anonymous).sight(), Sight::PUBLIC);
    }
}

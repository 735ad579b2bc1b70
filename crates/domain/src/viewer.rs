//! The viewer of a request: roles, their rights, and the records that they may see.

use std::borrow::Cow;

use crate::city::City;
use crate::id::{Id, Kind};
use crate::meta::{Meta, Publication, Visibility};
use crate::vocabulary::Vocabulary;

vocabulary! { closed,
    /// Role of a viewer.
    Role {
        /// Anyone.
        Anonymous = "anonymous",
        /// An office of a partner city.
        Partner = "partner",
        /// A member of the council.
        Councillor = "councillor",
        /// An official who writes drafts.
        Editor = "editor",
        /// An official who decides on publication.
        Publisher = "publisher",
        /// An official who reports to funding bodies.
        Reporting = "reporting",
        /// An operator of the registry.
        Admin = "admin",
    }
}

vocabulary! { closed,
    /// A right beyond reading public records.
    Right {
        /// Read records for partner cities.
        ReadPartners = "read_partners",
        /// Read records for the city's own offices.
        ReadInternal = "read_internal",
        /// Read drafts and withdrawn records.
        ReadDrafts = "read_drafts",
        /// Read the history of records: authors, times and reasons.
        ReadHistory = "read_history",
        /// File interpellations and questions, and change them until they are public.
        File = "file",
        /// Write drafts and take them through the steps before publication.
        Write = "write",
        /// Decide on publication: publish, correct, withdraw.
        Publish = "publish",
        /// Erase content for reasons of privacy.
        Erase = "erase",
    }
}

impl Right {
    /// The right to write records of a kind; `None`: they are written only as parts of other records.
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
    /// The rights of the role.
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

    /// True if the role has a right.
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }
}

/// The viewer of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The role.
    pub role: Role,
    /// The city that the viewer represents.
    pub city: Option<Id<City>>,
    /// Name of the viewer as an author; empty for anonymous viewers.
    pub name: String,
}

impl Default for Viewer {
    fn default() -> Self {
        Self { role: Role::Anonymous, city: None, name: String::new() }
    }
}

impl Viewer {
    /// True if the viewer has a right.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// The records that the viewer may see.
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

/// The audience of a record, as it follows from its publication and visibility. In ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience<'a> {
    /// Viewers who may read drafts; for everyone else the record does not exist.
    Withdrawn,
    /// Viewers who may read drafts, and the author.
    Author(&'a str),
    /// The city's own offices.
    Internal,
    /// Partner cities and the city's own offices.
    Partners,
    /// Everyone.
    Public,
}

impl<'a> Audience<'a> {
    /// The audience of a record.
    pub fn of(meta: &'a Meta) -> Self {
        Self::from(meta.publication, meta.visibility, &meta.created_by)
    }

    /// The audience of a record in this state by this author.
    pub fn from(publication: Publication, visibility: Visibility, author: &'a str) -> Self {
        match (publication, visibility) {
            (Publication::Withdrawn, _) => Self::Withdrawn,
            (Publication::Draft | Publication::InReview, _) => Self::Author(author),
            (_, Visibility::Public) => Self::Public,
            (_, Visibility::Partners) => Self::Partners,
            (_, Visibility::Internal) => Self::Internal,
        }
    }

    /// The audience as one word, the stored form.
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

/// The word for the audience of an erased record, which has no members.
pub const ERASED: &str = "erased";

/// The audiences that a viewer belongs to, or all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sight(Option<Cow<'static, [Cow<'static, str>]>>);

impl Sight {
    /// Everything, including drafts and withdrawn records.
    pub const ALL: Self = Self(None);
    /// Public records.
    pub const PUBLIC: Self = Self(Some(Cow::Borrowed(&[Cow::Borrowed("public")])));

    /// The audiences; `None`: all of them.
    pub fn audiences(&self) -> Option<&[Cow<'static, str>]> {
        self.0.as_deref()
    }

    /// True if the sight includes an audience. No sight includes `None`, the audience of a record before its first write, or
    /// the audience of erased records.
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
    fn everyone_sees_public_records_and_others_require_a_right() {
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

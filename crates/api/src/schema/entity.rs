//! The types of the schema that show records, one file each. A type is registered by a line in [`RECORDS`].

pub(crate) mod activity;
pub(crate) mod agreement;
mod business_mission;
pub(crate) mod city;
mod commitment;
mod council;
pub(crate) mod country;
pub(crate) mod deadline_rule;
mod document;
pub(crate) mod interpellation;
mod joint_event;
mod letter_of_intent;
mod meeting;
mod official;
mod organization;
mod partnership;
mod programme;
mod project;
mod resolution;
mod study_visit;
mod theme;
mod youth_exchange;

use pomost_domain::{Kind, Vocabulary};

use super::machinery::shown::{Entity, entity};

pub(crate) use activity::{Activity, ActivityForm, ActivityStatus};
pub(crate) use agreement::{Agreement, AgreementKind, Paper};
pub(crate) use business_mission::BusinessMission;
pub(crate) use city::{City, CityKind};
pub(crate) use commitment::{Commitment, CommitmentStatus};
pub(crate) use council::{Council, Session, Term};
pub(crate) use document::{Document, DocumentKind};
pub(crate) use interpellation::{Answer, Interpellation, InterpellationKind};
pub(crate) use joint_event::JointEvent;
pub(crate) use letter_of_intent::{LetterOfIntent, Party, in_order};
pub(crate) use meeting::Meeting;
pub(crate) use official::Official;
pub(crate) use organization::{Organization, OrganizationKind};
pub(crate) use partnership::{Partnership, PartnershipStatus};
pub(crate) use programme::Programme;
pub(crate) use project::{Project, ProjectStatus};
pub(crate) use resolution::Resolution;
pub(crate) use study_visit::StudyVisit;
pub(crate) use theme::{Area, Theme, themes};
pub(crate) use youth_exchange::YouthExchange;

/// The types that show the records of one kind.
pub(crate) const RECORDS: &[fn() -> &'static Entity] = &[
    entity::<Agreement>,
    entity::<Answer>,
    entity::<BusinessMission>,
    entity::<City>,
    entity::<Commitment>,
    entity::<Document>,
    entity::<Interpellation>,
    entity::<JointEvent>,
    entity::<LetterOfIntent>,
    entity::<Meeting>,
    entity::<Official>,
    entity::<Organization>,
    entity::<Partnership>,
    entity::<Programme>,
    entity::<Project>,
    entity::<Resolution>,
    entity::<Session>,
    entity::<StudyVisit>,
    entity::<Term>,
    entity::<YouthExchange>,
];

const _: () = assert!(RECORDS.len() == Kind::ALL.len(), "each kind of record has a type in RECORDS");

/// The types that show records of several kinds, or those of one kind in another way.
pub(crate) const VIEWS: &[fn() -> &'static Entity] = &[entity::<Activity>, entity::<Council>];

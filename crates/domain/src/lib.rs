//! The facts of inter-city cooperation: records, their values, and their rules.
//!
//! Allowed here: identifiers, value types, vocabularies, facts, relations, page arithmetic and the portable form of a record
//! (`exchange`). Not allowed: a database, a web framework, a clock, a source of random ids. Nothing in this crate does I/O;
//! every function is pure and is tested beside its code.

#[macro_use]
mod vocabulary;

pub mod activity;
pub mod agreement;
pub mod answer;
pub mod business_mission;
pub mod change;
pub mod characters;
pub mod city;
pub mod commitment;
pub mod council;
pub mod country;
pub mod date;
pub mod deadline_rule;
pub mod document;
pub mod exchange;
pub mod fold;
pub mod id;
pub mod interpellation;
pub mod joint_event;
pub mod letter_of_intent;
pub mod likeness;
pub mod link;
pub mod meeting;
pub mod mention;
pub mod meta;
pub mod money;
pub mod official;
pub mod organization;
pub mod page;
pub mod paper;
pub mod partnership;
pub mod place;
pub mod programme;
pub mod project;
pub mod resolution;
pub mod study_visit;
pub mod text;
pub mod theme;
pub mod viewer;
pub mod youth_exchange;

pub use activity::Activity;
pub use agreement::Agreement;
pub use answer::Answer;
pub use business_mission::BusinessMission;
pub use change::{Act, Op, Step, Stepping};
pub use city::City;
pub use commitment::Commitment;
pub use council::{Session, Term};
pub use country::Country;
pub use date::PartialDate;
pub use deadline_rule::DeadlineRule;
pub use document::Document;
pub use id::{GlobalId, Id, Kind};
pub use interpellation::Interpellation;
pub use joint_event::JointEvent;
pub use letter_of_intent::LetterOfIntent;
pub use meeting::Meeting;
pub use meta::{AnyFact, Facet, Fact, Meta};
pub use money::Money;
pub use official::Official;
pub use organization::Organization;
pub use partnership::Partnership;
pub use place::Place;
pub use programme::Programme;
pub use project::Project;
pub use resolution::Resolution;
pub use study_visit::StudyVisit;
pub use text::{Locale, Text};
pub use theme::{Area, Theme};
pub use viewer::{Audience, Right, Role, Sight, Viewer};
pub use vocabulary::{Closed, Open, OpenVocabulary, Vocabulary};
pub use youth_exchange::YouthExchange;

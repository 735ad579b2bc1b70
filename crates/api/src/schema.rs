//! The GraphQL schema: one file per entity, the machinery in `connection`, `filter`, `record`, `node` and `values`.

mod activity;
mod agreement;
mod business_mission;
mod change;
mod city;
mod command;
mod commitment;
mod connection;
mod cost;
mod council;
mod country;
mod dataset;
mod deadline_rule;
mod document;
mod erase;
mod filter;
mod import;
mod input;
mod interpellation;
mod joint_event;
mod letter_of_intent;
mod meeting;
mod mutation;
mod node;
mod official;
mod organization;
mod partnership;
mod programme;
mod project;
mod publication;
mod record;
mod resolution;
mod study_visit;
mod suggest;
mod theme;
mod types;
mod values;
mod viewer;
mod youth_exchange;

use async_graphql::{MergedObject, SDLExportOptions, ValidationMode};
use pomost_persistence::Store;

use crate::identity::Clock;

pub use change::Subscription;
pub(crate) use change::{ChangeCursor, ResumeAfter};
pub use dataset::{AsOf, Dataset};
pub use mutation::Mutation;
pub use types::types;

use activity::{Activity, ActivityForm, ActivityListFilter, ActivityStatus};
use agreement::{Agreement, AgreementFilter, AgreementKind, AgreementListFilter, Paper};
use business_mission::{BusinessMission, BusinessMissionFilter};
use city::{City, CityFilter, CityKind, CityListFilter, CityOrder};
use commitment::{Commitment, CommitmentListFilter, CommitmentStatus};
use council::{Council, Session, SessionFilter, Term};
use document::{Document, DocumentFilter, DocumentKind};
use interpellation::{Answer, Interpellation, InterpellationFilter, InterpellationKind};
use joint_event::JointEvent;
use letter_of_intent::{LetterOfIntent, LetterOfIntentFilter, LetterOfIntentListFilter, Party, in_order};
use meeting::{Meeting, MeetingFilter};
use official::{Official, OfficialListFilter};
use organization::{Organization, OrganizationFilter, OrganizationKind, OrganizationListFilter, OrganizationOrder};
use partnership::{Partnership, PartnershipFilter, PartnershipListFilter, PartnershipStatus};
use programme::{Programme, ProgrammeFilter};
use project::{Project, ProjectListFilter, ProjectStatus};
use resolution::{Resolution, ResolutionListFilter};
use study_visit::StudyVisit;
use theme::{Area, Theme, themes};
use youth_exchange::YouthExchange;

/// The languages that a client asks for, most wanted first.
pub type Languages = pomost_edge::Languages<pomost_domain::Locale>;

/// All root fields.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct Query(
    activity::ActivityQuery,
    activity::ActivityListQuery,
    agreement::AgreementQuery,
    agreement::AgreementListQuery,
    business_mission::BusinessMissionQuery,
    business_mission::BusinessMissionListQuery,
    change::ChangeQuery,
    city::CityQuery,
    city::CityListQuery,
    commitment::CommitmentQuery,
    commitment::CommitmentListQuery,
    council::CouncilQuery,
    council::CouncilListQuery,
    country::CountryQuery,
    dataset::DatasetQuery,
    deadline_rule::DeadlineRuleQuery,
    document::DocumentQuery,
    document::DocumentListQuery,
    interpellation::InterpellationQuery,
    interpellation::InterpellationListQuery,
    joint_event::JointEventQuery,
    joint_event::JointEventListQuery,
    letter_of_intent::LetterOfIntentQuery,
    letter_of_intent::LetterOfIntentListQuery,
    meeting::MeetingQuery,
    meeting::MeetingListQuery,
    node::NodeQuery,
    official::OfficialQuery,
    official::OfficialListQuery,
    organization::OrganizationQuery,
    organization::OrganizationListQuery,
    partnership::PartnershipQuery,
    partnership::PartnershipListQuery,
    programme::ProgrammeQuery,
    programme::ProgrammeListQuery,
    project::ProjectQuery,
    project::ProjectListQuery,
    pomost_edge::RateLimitQuery,
    resolution::ResolutionQuery,
    resolution::ResolutionListQuery,
    study_visit::StudyVisitQuery,
    study_visit::StudyVisitListQuery,
    suggest::SuggestQuery,
    viewer::ViewerQuery,
    youth_exchange::YouthExchangeQuery,
    youth_exchange::YouthExchangeListQuery,
);

/// The schema of the registry.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Makes the schema over a store. It executes documents as they come out of [`types`]: it does not validate them once more.
pub fn build(store: Store, dataset: Dataset, clock: Clock) -> Schema {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .validation_mode(ValidationMode::Fast)
        .data(store)
        .data(dataset)
        .data(clock)
        .finish()
}

/// The schema in the schema definition language, as it is published. A test compares it with that of the program.
pub const SDL: &str = include_str!("../../../schema.graphql");

/// The schema of the program in the schema definition language, as `schema.graphql` has to have it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions();
    let schema = Schema::new(Query::default(), Mutation::default(), Subscription);
    let mut sdl = schema.sdl_with_options(options).trim().to_owned();
    sdl.push('\n');
    sdl
}

//! The GraphQL schema: `entity` has one file per entity, `machinery` what is written once for all of them.

mod change;
mod dataset;
mod entity;
mod erase;
mod import;
mod machinery;
mod mutation;
mod publication;
mod suggest;
mod types;
mod viewer;

use async_graphql::{MergedObject, SDLExportOptions, ValidationMode};
use pomost_persistence::Store;

use crate::identity::Clock;
use entity::{city, country, deadline_rule};
use machinery::{node, root};

pub use change::Subscription;
pub(crate) use change::{ChangeCursor, ResumeAfter};
pub use dataset::{AsOf, Dataset};
pub use mutation::Mutation;
pub use types::types;

/// The languages that a client asks for, most wanted first.
pub type Languages = pomost_edge::Languages<pomost_domain::Locale>;

/// All root fields.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct Query(
    change::ChangeQuery,
    city::CityQuery,
    country::CountryQuery,
    dataset::DatasetQuery,
    deadline_rule::DeadlineRuleQuery,
    node::NodeQuery,
    pomost_edge::RateLimitQuery,
    root::RecordQueries,
    suggest::SuggestQuery,
    viewer::ViewerQuery,
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

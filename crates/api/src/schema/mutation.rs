//! All mutations. Acts of single types stand with their types.

use async_graphql::MergedObject;

use super::entity::activity::mutation::ActivityMutation;
use super::entity::agreement::mutation::AgreementActs;
use super::entity::interpellation::mutation::InterpellationActs;
use super::erase::EraseMutation;
use super::import::ImportMutation;
use super::machinery::root::RecordMutations;
use super::publication::PublicationMutation;

/// All mutations.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct Mutation(
    ActivityMutation,
    AgreementActs,
    EraseMutation,
    ImportMutation,
    InterpellationActs,
    PublicationMutation,
    RecordMutations,
);

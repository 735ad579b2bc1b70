//! The mutations that each type of record has for itself. Acts of single types stand with their types.

use async_graphql::{ID, MergedObject};
use pomost_domain::Right;

use super::activity::mutation::ActivityMutation;
use super::agreement::mutation::AgreementActs;
use super::command::{Order, Payload, create, mutations, update};
use super::connection::Shown;
use super::erase::EraseMutation;
use super::import::ImportMutation;
use super::input::{Changes, Input, New};
use super::interpellation::mutation::InterpellationActs;
use super::publication::PublicationMutation;
use super::{
    Agreement, BusinessMission, City, Commitment, Document, Interpellation, JointEvent, LetterOfIntent, Meeting,
    Organization, Partnership, Project, Resolution, Session, StudyVisit, Term, YouthExchange,
};
use crate::error::ApiError;

mutations! {
    AgreementMutation: Agreement, Write, "createAgreement" "updateAgreement";
    BusinessMissionMutation: BusinessMission, Write, "createBusinessMission" "updateBusinessMission";
    CityMutation: City, Write, "createCity" "updateCity";
    CommitmentMutation: Commitment, Write, "createCommitment" "updateCommitment";
    DocumentMutation: Document, Write, "createDocument" "updateDocument";
    InterpellationMutation: Interpellation, File, "createInterpellation" "updateInterpellation";
    JointEventMutation: JointEvent, Write, "createJointEvent" "updateJointEvent";
    LetterOfIntentMutation: LetterOfIntent, Write, "createLetterOfIntent" "updateLetterOfIntent";
    MeetingMutation: Meeting, Write, "createMeeting" "updateMeeting";
    OrganizationMutation: Organization, Write, "createOrganization" "updateOrganization";
    PartnershipMutation: Partnership, Write, "createPartnership" "updatePartnership";
    ProjectMutation: Project, Write, "createProject" "updateProject";
    ResolutionMutation: Resolution, Write, "createResolution" "updateResolution";
    SessionMutation: Session, Write, "createSession" "updateSession";
    StudyVisitMutation: StudyVisit, Write, "createStudyVisit" "updateStudyVisit";
    TermMutation: Term, Write, "createTerm" "updateTerm";
    YouthExchangeMutation: YouthExchange, Write, "createYouthExchange" "updateYouthExchange";
}

/// All mutations.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct Mutation(
    ActivityMutation,
    AgreementActs,
    AgreementMutation,
    BusinessMissionMutation,
    CityMutation,
    CommitmentMutation,
    DocumentMutation,
    EraseMutation,
    ImportMutation,
    InterpellationActs,
    InterpellationMutation,
    JointEventMutation,
    LetterOfIntentMutation,
    MeetingMutation,
    OrganizationMutation,
    PartnershipMutation,
    ProjectMutation,
    PublicationMutation,
    ResolutionMutation,
    SessionMutation,
    StudyVisitMutation,
    TermMutation,
    YouthExchangeMutation,
);

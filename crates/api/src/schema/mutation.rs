//! The mutations of every record. Acts of single types stand with their types.

use async_graphql::{ID, MergedObject};
use pomost_domain::{Right, Step};

use super::activity::mutation::ActivityMutation;
use super::agreement::mutation::AgreementActs;
use super::command::{Order, Payload, change, create, mutations, step};
use super::connection::Shown;
use super::erase::EraseMutation;
use super::import::ImportMutation;
use super::input::{Changes, Input, New};
use super::interpellation::mutation::InterpellationActs;
use super::{
    Agreement, BusinessMission, City, Commitment, Document, Interpellation, JointEvent, LetterOfIntent, Meeting,
    Organization, Partnership, Project, Resolution, Session, StudyVisit, Term, YouthExchange,
};
use crate::error::ApiError;

mutations! {
    AgreementMutation: Agreement, Write, "createAgreement" "updateAgreement" "submitAgreement" "returnAgreement"
        "publishAgreement" "correctAgreement" "withdrawAgreement" "discardAgreement";
    BusinessMissionMutation: BusinessMission, Write, "createBusinessMission" "updateBusinessMission" "submitBusinessMission"
        "returnBusinessMission" "publishBusinessMission" "correctBusinessMission" "withdrawBusinessMission" "discardBusinessMission";
    CityMutation: City, Write, "createCity" "updateCity" "submitCity" "returnCity" "publishCity" "correctCity" "withdrawCity" "discardCity";
    CommitmentMutation: Commitment, Write, "createCommitment" "updateCommitment" "submitCommitment" "returnCommitment"
        "publishCommitment" "correctCommitment" "withdrawCommitment" "discardCommitment";
    DocumentMutation: Document, Write, "createDocument" "updateDocument" "submitDocument" "returnDocument" "publishDocument"
        "correctDocument" "withdrawDocument" "discardDocument";
    InterpellationMutation: Interpellation, File, "createInterpellation" "updateInterpellation" "submitInterpellation"
        "returnInterpellation" "publishInterpellation" "correctInterpellation" "withdrawInterpellation" "discardInterpellation";
    JointEventMutation: JointEvent, Write, "createJointEvent" "updateJointEvent" "submitJointEvent" "returnJointEvent"
        "publishJointEvent" "correctJointEvent" "withdrawJointEvent" "discardJointEvent";
    LetterOfIntentMutation: LetterOfIntent, Write, "createLetterOfIntent" "updateLetterOfIntent" "submitLetterOfIntent"
        "returnLetterOfIntent" "publishLetterOfIntent" "correctLetterOfIntent" "withdrawLetterOfIntent" "discardLetterOfIntent";
    MeetingMutation: Meeting, Write, "createMeeting" "updateMeeting" "submitMeeting" "returnMeeting" "publishMeeting"
        "correctMeeting" "withdrawMeeting" "discardMeeting";
    OrganizationMutation: Organization, Write, "createOrganization" "updateOrganization" "submitOrganization"
        "returnOrganization" "publishOrganization" "correctOrganization" "withdrawOrganization" "discardOrganization";
    PartnershipMutation: Partnership, Write, "createPartnership" "updatePartnership" "submitPartnership" "returnPartnership"
        "publishPartnership" "correctPartnership" "withdrawPartnership" "discardPartnership";
    ProjectMutation: Project, Write, "createProject" "updateProject" "submitProject" "returnProject" "publishProject"
        "correctProject" "withdrawProject" "discardProject";
    ResolutionMutation: Resolution, Write, "createResolution" "updateResolution" "submitResolution" "returnResolution"
        "publishResolution" "correctResolution" "withdrawResolution" "discardResolution";
    SessionMutation: Session, Write, "createSession" "updateSession" "submitSession" "returnSession" "publishSession"
        "correctSession" "withdrawSession" "discardSession";
    StudyVisitMutation: StudyVisit, Write, "createStudyVisit" "updateStudyVisit" "submitStudyVisit" "returnStudyVisit"
        "publishStudyVisit" "correctStudyVisit" "withdrawStudyVisit" "discardStudyVisit";
    TermMutation: Term, Write, "createTerm" "updateTerm" "submitTerm" "returnTerm" "publishTerm" "correctTerm" "withdrawTerm" "discardTerm";
    YouthExchangeMutation: YouthExchange, Write, "createYouthExchange" "updateYouthExchange" "submitYouthExchange"
        "returnYouthExchange" "publishYouthExchange" "correctYouthExchange" "withdrawYouthExchange" "discardYouthExchange";
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
    ResolutionMutation,
    SessionMutation,
    StudyVisitMutation,
    TermMutation,
    YouthExchangeMutation,
);

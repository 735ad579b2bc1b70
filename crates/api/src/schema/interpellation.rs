//! Interpellations and questions, and their answers.

pub(crate) mod mutation;

use std::sync::Arc;

use async_graphql::{Context, Enum, Object};
use pomost_domain::answer::{AnswerDocument, AnswerInterpellation, AnswerSignatory};
use pomost_domain::interpellation::{
    Field, InterpellationCity, InterpellationCouncil, InterpellationCouncillors, InterpellationLetters,
    InterpellationMissions, InterpellationPartnerships, InterpellationSession,
};
use pomost_domain::link::Reverse;
use pomost_domain::page::{Direction, Slice};
use pomost_domain::{self as domain, Fact, Id};
use pomost_persistence::{Filter, OrderKey};

use super::connection::{listed, one};
use super::filter::{PartialDateFilter, ValueFilter, filters, label_of, orders, value_of};
use super::node::{self, Node};
use super::record::{queries, record};
use super::values::{Date, LocalizedText, ShownDate, date, text, text_option, texts};
use super::{
    BusinessMission, City, CityFilter, Council, Document, DocumentFilter, LetterOfIntent, LetterOfIntentListFilter,
    Official, OfficialListFilter, OrganizationFilter, Partnership, PartnershipListFilter, Session, SessionFilter,
};
use crate::error::ApiError;
use crate::shelf::{CitedBy, Listing, ShelfOf, Under};

/// Kind of a councillor's paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::interpellation::InterpellationKind")]
pub(crate) enum InterpellationKind {
    /// On a matter of major importance to the municipality.
    Interpellation,
    /// On a current problem or a concrete fact.
    Question,
    /// None of these: see `kindLabel`.
    Other,
}

/// How far an interpellation is, as its facts say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::interpellation::InterpellationStatus")]
pub(crate) enum InterpellationStatus {
    /// It is being written and not filed yet.
    Draft,
    /// It is filed with the chair of the council.
    Filed,
    /// The mayor has received it.
    Forwarded,
    /// An office has to prepare the answer.
    Assigned,
    /// It is answered; question and answer are not public yet.
    Answered,
    /// Question and answer are public.
    Published,
    /// The councillor withdrew it before it was answered. A record that was taken back is another thing: see `publication`.
    Withdrawn,
}

/// The answers that say whether there is one.
fn first_answer() -> Arc<Listing<domain::Answer>> {
    let order = vec![(OrderKey::Field(domain::answer::Field::Position), Direction::Ascending)];
    let slice = Slice { limit: 1, ..Slice::default() };
    Arc::new(Listing { key: "the first answer".into(), filter: Filter::default(), order, slice })
}

/// The first answer to an interpellation.
async fn answered(
    ctx: &Context<'_>,
    parent: Id<domain::Interpellation>,
) -> Result<Option<Arc<domain::Answer>>, ApiError> {
    let page = ctx
        .shelf()
        .find(Under::<Reverse<AnswerInterpellation>> { parent, listing: first_answer() })
        .await?
        .unwrap_or_default();
    Ok(page.items.first().map(|(answer, _)| Arc::clone(answer)))
}

record! {
    /// A councillor's interpellation or question. It is not about an individual administrative case.
    Interpellation of domain::Interpellation, InterpellationFilter, InterpellationOrder {
        /// Kind. `null`: not reported.
        pub(crate) async fn kind(&self) -> Option<InterpellationKind> {
            value_of(self.0.kind.as_ref())
        }

        /// Kind as the source gives it; it says more where `kind` is `OTHER`.
        pub(crate) async fn kind_label(&self) -> Option<&str> {
            label_of(self.0.kind.as_ref())
        }

        /// What it is about.
        pub(crate) async fn subject(&self) -> LocalizedText {
            text(&self.0.subject)
        }

        /// Its words. `null`: not in the registry.
        pub(crate) async fn text(&self) -> Option<LocalizedText> {
            text_option(self.0.text.as_ref())
        }

        /// The single questions that it asks. `null`: not reported.
        pub(crate) async fn questions(&self) -> Option<Vec<LocalizedText>> {
            texts(self.0.questions.as_ref())
        }

        /// How far it is, computed from its facts and never stored. What a source does not say is left out: an interpellation
        /// can be answered though nobody knows who prepared the answer.
        pub(crate) async fn status(&self, ctx: &Context<'_>) -> Result<InterpellationStatus, ApiError> {
            Ok(self.0.status(answered(ctx, self.0.id()).await?.is_some()).into())
        }

        /// When it was filed. `null`: not reported.
        pub(crate) async fn submitted_on(&self) -> Option<ShownDate> {
            date(self.0.submitted_on)
        }

        /// Day on which the mayor received it. `null`: not reported.
        pub(crate) async fn received_by_mayor_on(&self) -> Option<Date> {
            self.0.received_by_mayor_on.map(Date)
        }

        /// Office that prepares the answer, as the city calls it. `null`: none is reported.
        pub(crate) async fn assigned_to(&self) -> Option<&str> {
            self.0.assigned_to.as_deref()
        }

        /// When the councillor withdrew it. `null`: not withdrawn, or not reported.
        pub(crate) async fn retracted_on(&self) -> Option<ShownDate> {
            date(self.0.retracted_on)
        }

        /// City whose council it was filed with. `null`: not reported.
        pub(crate) async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
            one(ctx, self.0.city).await.transpose()
        }

        /// Council that it was filed with. `null`: not reported.
        pub(crate) async fn council(&self, ctx: &Context<'_>) -> Option<Result<Council, ApiError>> {
            one(ctx, self.0.council).await.transpose()
        }

        /// Session at which it was filed. `null`: not reported.
        pub(crate) async fn session(&self, ctx: &Context<'_>) -> Option<Result<Session, ApiError>> {
            one(ctx, self.0.session).await.transpose()
        }

        /// Who asks.
        pub(crate) async fn councillors(&self, ctx: &Context<'_>) -> Result<Vec<Official>, ApiError> {
            listed::<InterpellationCouncillors, Official>(ctx, self.0.id()).await
        }

        /// Letters of intent that it, or its answer, is about.
        pub(crate) async fn letters_of_intent(&self, ctx: &Context<'_>) -> Result<Vec<LetterOfIntent>, ApiError> {
            listed::<InterpellationLetters, LetterOfIntent>(ctx, self.0.id()).await
        }

        /// Business missions that it, or its answer, is about.
        pub(crate) async fn business_missions(&self, ctx: &Context<'_>) -> Result<Vec<BusinessMission>, ApiError> {
            listed::<InterpellationMissions, BusinessMission>(ctx, self.0.id()).await
        }

        /// Partnerships that it, or its answer, is about.
        pub(crate) async fn partnerships(&self, ctx: &Context<'_>) -> Result<Vec<Partnership>, ApiError> {
            listed::<InterpellationPartnerships, Partnership>(ctx, self.0.id()).await
        }

    }
    connections {
        /// Answers: the first, then its supplements, if ordered by `POSITION`.
        answers: Reverse<AnswerInterpellation> => Answer,
        /// Documents that belong to it.
        documents: Reverse<domain::document::DocumentInterpellation> => Document,
    }
    prefetch(plan) {
        plan.one::<City>(&["city"], |interpellation| vec![interpellation.city]);
        plan.one::<Council>(&["council"], |interpellation| vec![interpellation.council]);
        plan.one::<Session>(&["session"], |interpellation| vec![interpellation.session]);
        plan.list::<InterpellationCouncillors, Official>("councillors", &[]);
        plan.list::<InterpellationLetters, LetterOfIntent>("lettersOfIntent", &[]);
        plan.list::<InterpellationMissions, BusinessMission>("businessMissions", &[]);
        plan.list::<InterpellationPartnerships, Partnership>("partnerships", &[]);
        plan.pages::<Reverse<AnswerInterpellation>>(&["status"], &first_answer());
    }
}

filters! {
    /// Conditions on interpellations. All that are given hold together.
    InterpellationFilter, InterpellationListFilter of domain::Interpellation {
        /// What it is.
        kind: ValueFilter<InterpellationKind> = Field::Kind,
        /// When it was filed.
        submitted_on: PartialDateFilter = Field::SubmittedOn,
    }
    one {
        /// City whose council it was filed with.
        city: CityFilter = InterpellationCity,
        /// Council it was filed with.
        council: OrganizationFilter = InterpellationCouncil,
        /// Session at which it was filed.
        session: SessionFilter = InterpellationSession,
    }
    many {
        /// Who asks.
        councillors: OfficialListFilter = InterpellationCouncillors,
        /// Letters of intent it is about.
        letters_of_intent: LetterOfIntentListFilter = InterpellationLetters,
        /// Partnerships it is about.
        partnerships: PartnershipListFilter = InterpellationPartnerships,
        /// Its answers.
        answers: AnswerListFilter = Reverse<AnswerInterpellation>,
    }
}

orders! { InterpellationOrder, InterpellationOrderField of domain::Interpellation {
    /// When it was filed.
    SubmittedOn = Field::SubmittedOn,
    /// Kind, by its label.
    Kind = Field::Kind,
} }

queries! { InterpellationQuery, InterpellationListQuery: /// An interpellation or question.
interpellation, /// Interpellations and questions of councillors.
interpellations => Interpellation }

record! {
    /// The written answer to an interpellation, or a supplement to it.
    Answer of domain::Answer, AnswerFilter, AnswerOrder {
        /// What it answers.
        pub(crate) async fn interpellation(&self, ctx: &Context<'_>) -> Option<Result<Interpellation, ApiError>> {
            one(ctx, Some(self.0.interpellation)).await.transpose()
        }

        /// The paper. `null`: not in the registry.
        pub(crate) async fn document(&self, ctx: &Context<'_>) -> Option<Result<Document, ApiError>> {
            one(ctx, self.0.document).await.transpose()
        }

        /// Holder of a public office whom it addresses. `null`: not reported.
        pub(crate) async fn addressee(&self) -> Option<&str> {
            self.0.addressee.as_deref()
        }

        /// Who signed it. `null`: not reported.
        pub(crate) async fn signed_by(&self, ctx: &Context<'_>) -> Option<Result<Official, ApiError>> {
            let signatory = listed::<AnswerSignatory, Official>(ctx, self.0.id()).await;
            signatory.map(|mut signatory| signatory.pop()).transpose()
        }

        /// When it was given. `null`: not known.
        pub(crate) async fn answered_on(&self) -> Option<ShownDate> {
            date(self.0.answered_on)
        }

        /// What it says, in short. `null`: not reported.
        pub(crate) async fn summary(&self) -> Option<LocalizedText> {
            text_option(self.0.summary.as_ref())
        }

        /// Fields of cooperation that it lists, in its own words. `null`: none is reported.
        pub(crate) async fn areas(&self) -> Option<Vec<LocalizedText>> {
            texts(self.0.areas.as_ref())
        }

        /// What it announces: intentions, not deeds. `null`: none is reported.
        pub(crate) async fn announcements(&self) -> Option<Vec<LocalizedText>> {
            texts(self.0.announcements.as_ref())
        }

        /// Records that it rests on, each in a version, in the order of the answer. Empty: none is reported.
        pub(crate) async fn citations(&self, ctx: &Context<'_>) -> Result<Vec<Citation>, ApiError> {
            Ok(ctx.shelf().find(CitedBy(self.0.id())).await?.unwrap_or_default().iter().cloned().map(Citation).collect())
        }

    }
    connections {}
    prefetch(plan) {
        plan.one::<Interpellation>(&["interpellation"], |answer| vec![Some(answer.interpellation)]);
        plan.one::<Document>(&["document"], |answer| vec![answer.document]);
        plan.list::<AnswerSignatory, Official>("signedBy", &[]);
        plan.citations("citations", "record");
    }
}

/// A record that an answer rests on.
pub(crate) struct Citation(pomost_persistence::Citation);

/// A record that an answer rests on.
#[Object]
impl Citation {
    /// The record as it is now; what changed since the cited `version` is in its history.
    async fn record(&self, ctx: &Context<'_>) -> Option<Result<Node, ApiError>> {
        node::shelved(ctx.shelf(), self.0.kind, self.0.id).await.transpose()
    }

    /// Version of the record that was cited. `null`: not recorded.
    async fn version(&self) -> Option<u32> {
        self.0.cited.version
    }

    /// Words of the record. `null`: none is quoted.
    async fn quote(&self) -> Option<LocalizedText> {
        text_option(self.0.cited.quote.as_ref())
    }
}

filters! {
    /// Conditions on answers. All that are given hold together.
    AnswerFilter, AnswerListFilter of domain::Answer {}
    one {
        /// What it answers.
        interpellation: InterpellationFilter = AnswerInterpellation,
        /// The paper.
        document: DocumentFilter = AnswerDocument,
    }
    many {}
}

orders! { AnswerOrder, AnswerOrderField of domain::Answer {
    /// Place among the answers: the first, then its supplements.
    Position = domain::answer::Field::Position,
} }

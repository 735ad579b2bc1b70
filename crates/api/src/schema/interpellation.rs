//! Interpellations and questions, and their answers.

use async_graphql::{Context, Enum};
use pomost_domain::answer::{AnswerDocument, AnswerInterpellation};
use pomost_domain::interpellation::{
    Field, InterpellationCity, InterpellationCouncil, InterpellationCouncillors, InterpellationLetters,
    InterpellationMissions, InterpellationPartnerships, InterpellationSession,
};
use pomost_domain::link::Reverse;
use pomost_domain::{self as domain, Fact};

use super::connection::{listed, one};
use super::filter::{PartialDateFilter, ValueFilter, filters, label_of, orders, value_of};
use super::record::{queries, record};
use super::values::{LocalizedText, ShownDate, date, text, text_option, texts};
use super::{
    BusinessMission, City, CityFilter, Council, Document, DocumentFilter, LetterOfIntent, LetterOfIntentListFilter,
    Official, OfficialListFilter, OrganizationFilter, Partnership, PartnershipListFilter, Session, SessionFilter,
};
use crate::error::ApiError;

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

        /// When it was filed. `null`: not reported.
        pub(crate) async fn submitted_on(&self) -> Option<ShownDate> {
            date(self.0.submitted_on)
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

    }
    connections {}
    prefetch(plan) {
        plan.one::<Interpellation>(&["interpellation"], |answer| vec![Some(answer.interpellation)]);
        plan.one::<Document>(&["document"], |answer| vec![answer.document]);
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

//! Interpellations and questions, and their answers.

pub(crate) mod mutation;

use super::{BusinessMission, City, Council, Document, LetterOfIntent, Official, Organization, Partnership, Session};
use crate::error::ApiError;
use crate::loader::{HasLoader, Listing, Load, Loaded, Place};
use crate::schema::machinery::filter::{PartialDateFilter, Test, ValueFilter, label_of, value_of};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::node;
use crate::schema::machinery::node::Node;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, listed, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{Date, LocalizedText, ShownDate, date, text, text_option, texts};
use async_graphql::{Context, Enum, Object};
use pomost_domain as domain;
use pomost_domain::answer::{AnswerDocument, AnswerInterpellation, AnswerSignatory};
use pomost_domain::interpellation::{
    Field, InterpellationCity, InterpellationCouncil, InterpellationCouncillors, InterpellationLetters,
    InterpellationMissions, InterpellationPartnerships, InterpellationSession,
};
use pomost_domain::link::Reverse;
use pomost_domain::page::{Direction, Slice};
use pomost_persistence::{Filter, Mapping, OrderKey, Walk};
use std::sync::Arc;
use uuid::Uuid;

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
    /// The councillor withdrew it before it was answered. A withdrawn record is another thing: see `publication`.
    Withdrawn,
}

/// The answers that say whether there is one.
fn first_answer() -> Arc<Listing> {
    let order = vec![(
        OrderKey::Field(Mapping::field::<domain::Answer>(domain::answer::Field::Position)),
        Direction::Ascending,
    )];
    let slice = Slice { limit: 1, ..Slice::default() };
    Arc::new(Listing { key: "the first answer".into(), filter: Filter::default(), order, slice })
}

/// Whether an interpellation has an answer.
async fn is_answered(ctx: &Context<'_>, id: Uuid) -> Result<bool, ApiError> {
    let answers = Place::Under(Walk::of::<Reverse<AnswerInterpellation>>(), id);
    let page = ctx.loader().find(Load::Page(answers, first_answer())).await?.and_then(Loaded::page);
    Ok(page.is_some_and(|page| !page.items.is_empty()))
}

/// A councillor's interpellation or question. It is not about an individual administrative case.
#[derive(Clone)]
pub(crate) struct Interpellation(pub(crate) Arc<domain::Interpellation>);

impl From<Arc<domain::Interpellation>> for Interpellation {
    fn from(fact: Arc<domain::Interpellation>) -> Self {
        Self(fact)
    }
}

/// A councillor's interpellation or question. It is not about an individual administrative case.
#[Object]
impl Interpellation {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Kind. `null`: not reported.
    async fn kind(&self) -> Option<InterpellationKind> {
        value_of(self.0.kind.as_ref())
    }

    /// Kind as the source gives it; it says more where `kind` is `OTHER`.
    async fn kind_label(&self) -> Option<&str> {
        label_of(self.0.kind.as_ref())
    }

    /// What it is about.
    async fn subject(&self) -> LocalizedText {
        text(&self.0.subject)
    }

    /// Its words. `null`: not in the registry.
    async fn text(&self) -> Option<LocalizedText> {
        text_option(self.0.text.as_ref())
    }

    /// The single questions that it asks. `null`: not reported.
    async fn questions(&self) -> Option<Vec<LocalizedText>> {
        texts(self.0.questions.as_ref())
    }

    /// How far it is, computed from its facts and never stored. What a source does not say is left out: an interpellation
    /// can be answered though nobody knows who prepared the answer.
    async fn status(&self, ctx: &Context<'_>) -> Result<InterpellationStatus, ApiError> {
        Ok(self.0.status(is_answered(ctx, self.0.meta.id).await?).into())
    }

    /// When it was filed. `null`: not reported.
    async fn submitted_on(&self) -> Option<ShownDate> {
        date(self.0.submitted_on)
    }

    /// Day on which the mayor received it. `null`: not reported.
    async fn received_by_mayor_on(&self) -> Option<Date> {
        self.0.received_by_mayor_on.map(Date)
    }

    /// Office that prepares the answer, as the city calls it. `null`: none is reported.
    async fn assigned_to(&self) -> Option<&str> {
        self.0.assigned_to.as_deref()
    }

    /// When the councillor withdrew it. `null`: not withdrawn, or not reported.
    async fn retracted_on(&self) -> Option<ShownDate> {
        date(self.0.retracted_on)
    }

    /// City whose council it was filed with. `null`: not reported.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.city).await.transpose()
    }

    /// Council that it was filed with. `null`: not reported.
    async fn council(&self, ctx: &Context<'_>) -> Option<Result<Council, ApiError>> {
        one(ctx, self.0.council).await.transpose()
    }

    /// Session at which it was filed. `null`: not reported.
    async fn session(&self, ctx: &Context<'_>) -> Option<Result<Session, ApiError>> {
        one(ctx, self.0.session).await.transpose()
    }

    /// Who asks.
    async fn councillors(&self, ctx: &Context<'_>) -> Result<Vec<Official>, ApiError> {
        listed::<InterpellationCouncillors, Official>(ctx, self.0.meta.id).await
    }

    /// Letters of intent that it, or its answer, is about.
    async fn letters_of_intent(&self, ctx: &Context<'_>) -> Result<Vec<LetterOfIntent>, ApiError> {
        listed::<InterpellationLetters, LetterOfIntent>(ctx, self.0.meta.id).await
    }

    /// Business missions that it, or its answer, is about.
    async fn business_missions(&self, ctx: &Context<'_>) -> Result<Vec<BusinessMission>, ApiError> {
        listed::<InterpellationMissions, BusinessMission>(ctx, self.0.meta.id).await
    }

    /// Partnerships that it, or its answer, is about.
    async fn partnerships(&self, ctx: &Context<'_>) -> Result<Vec<Partnership>, ApiError> {
        listed::<InterpellationPartnerships, Partnership>(ctx, self.0.meta.id).await
    }
}

impl Shown for Interpellation {
    type Fact = domain::Interpellation;
    const NAME: &'static str = "Interpellation";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "interpellation", doc: "An interpellation or question.", cost: None }),
        many: Some(Query { name: "interpellations", doc: "Interpellations and questions of councillors.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createInterpellation",
        update: "updateInterpellation",
        form: Form::of::<domain::Interpellation>(),
    });
    const LISTS: &'static [List] = &[
        List {
            name: "answers",
            doc: "Answers: the first, then its supplements, if ordered by `POSITION`.",
            way: way::<Reverse<AnswerInterpellation>, Answer>(),
        },
        List {
            name: "documents",
            doc: "Documents that belong to it.",
            way: way::<Reverse<domain::document::DocumentInterpellation>, Document>(),
        },
    ];
    const FILTER: &'static str = "Conditions on interpellations. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[
        Condition {
            name: "kind",
            doc: "What it is.",
            test: Test::of::<ValueFilter<InterpellationKind>>(),
            field: Field::Kind,
        },
        Condition {
            name: "submittedOn",
            doc: "When it was filed.",
            test: Test::of::<PartialDateFilter>(),
            field: Field::SubmittedOn,
        },
    ]];
    const RELATED: Groups<Related> = &[&[
        Related {
            name: "city",
            doc: "City whose council it was filed with.",
            ends: Ends::One,
            way: way::<InterpellationCity, City>(),
        },
        Related {
            name: "council",
            doc: "Council it was filed with.",
            ends: Ends::One,
            way: way::<InterpellationCouncil, Organization>(),
        },
        Related {
            name: "session",
            doc: "Session at which it was filed.",
            ends: Ends::One,
            way: way::<InterpellationSession, Session>(),
        },
        Related {
            name: "councillors",
            doc: "Who asks.",
            ends: Ends::Many,
            way: way::<InterpellationCouncillors, Official>(),
        },
        Related {
            name: "lettersOfIntent",
            doc: "Letters of intent it is about.",
            ends: Ends::Many,
            way: way::<InterpellationLetters, LetterOfIntent>(),
        },
        Related {
            name: "partnerships",
            doc: "Partnerships it is about.",
            ends: Ends::Many,
            way: way::<InterpellationPartnerships, Partnership>(),
        },
        Related {
            name: "answers",
            doc: "Its answers.",
            ends: Ends::Many,
            way: way::<Reverse<AnswerInterpellation>, Answer>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> = &[&[
        OrderBy { name: "SUBMITTED_ON", doc: "When it was filed.", field: Field::SubmittedOn, cost: None },
        OrderBy { name: "KIND", doc: "Kind, by its label.", field: Field::Kind, cost: None },
    ]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Interpellation>) {
        plan.one::<City>(&["city"], |interpellation| vec![interpellation.city]);
        plan.one::<Council>(&["council"], |interpellation| vec![interpellation.council]);
        plan.one::<Session>(&["session"], |interpellation| vec![interpellation.session]);
        plan.linked::<InterpellationCouncillors, Official>("councillors", &[]);
        plan.linked::<InterpellationLetters, LetterOfIntent>("lettersOfIntent", &[]);
        plan.linked::<InterpellationMissions, BusinessMission>("businessMissions", &[]);
        plan.linked::<InterpellationPartnerships, Partnership>("partnerships", &[]);
        plan.pages::<Reverse<AnswerInterpellation>>(&["status"], &first_answer());
    }
}

/// The written answer to an interpellation, or a supplement to it.
#[derive(Clone)]
pub(crate) struct Answer(pub(crate) Arc<domain::Answer>);

impl From<Arc<domain::Answer>> for Answer {
    fn from(fact: Arc<domain::Answer>) -> Self {
        Self(fact)
    }
}

/// The written answer to an interpellation, or a supplement to it.
#[Object]
impl Answer {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    /// What it answers.
    async fn interpellation(&self, ctx: &Context<'_>) -> Option<Result<Interpellation, ApiError>> {
        one(ctx, Some(self.0.interpellation)).await.transpose()
    }

    /// The paper. `null`: not in the registry.
    async fn document(&self, ctx: &Context<'_>) -> Option<Result<Document, ApiError>> {
        one(ctx, self.0.document).await.transpose()
    }

    /// Holder of a public office whom it addresses. `null`: not reported.
    async fn addressee(&self) -> Option<&str> {
        self.0.addressee.as_deref()
    }

    /// Who signed it. `null`: not reported.
    async fn signed_by(&self, ctx: &Context<'_>) -> Option<Result<Official, ApiError>> {
        let signatory = listed::<AnswerSignatory, Official>(ctx, self.0.meta.id).await;
        signatory.map(|mut signatory| signatory.pop()).transpose()
    }

    /// When it was given. `null`: not known.
    async fn answered_on(&self) -> Option<ShownDate> {
        date(self.0.answered_on)
    }

    /// What it says, in short. `null`: not reported.
    async fn summary(&self) -> Option<LocalizedText> {
        text_option(self.0.summary.as_ref())
    }

    /// Fields of cooperation that it lists, in its own words. `null`: none is reported.
    async fn areas(&self) -> Option<Vec<LocalizedText>> {
        texts(self.0.areas.as_ref())
    }

    /// What it announces: intentions, not deeds. `null`: none is reported.
    async fn announcements(&self) -> Option<Vec<LocalizedText>> {
        texts(self.0.announcements.as_ref())
    }

    /// Records that it cites, each at a version, in the order of the answer. Empty: none is reported.
    async fn citations(&self, ctx: &Context<'_>) -> Result<Vec<Citation>, ApiError> {
        let citations = ctx.loader().find(Load::Citations(self.0.meta.id)).await?.and_then(Loaded::citations);
        Ok(citations.unwrap_or_default().iter().cloned().map(Citation).collect())
    }
}

impl Shown for Answer {
    type Fact = domain::Answer;
    const NAME: &'static str = "Answer";
    const FILTER: &'static str = "Conditions on answers. All that are given hold together.";
    const RELATED: Groups<Related> = &[&[
        Related {
            name: "interpellation",
            doc: "What it answers.",
            ends: Ends::One,
            way: way::<AnswerInterpellation, Interpellation>(),
        },
        Related { name: "document", doc: "The paper.", ends: Ends::One, way: way::<AnswerDocument, Document>() },
    ]];
    const ORDERS: Groups<OrderBy<domain::answer::Field>> = &[&[OrderBy {
        name: "POSITION",
        doc: "Place among the answers: the first, then its supplements.",
        field: domain::answer::Field::Position,
        cost: None,
    }]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Answer>) {
        plan.one::<Interpellation>(&["interpellation"], |answer| vec![Some(answer.interpellation)]);
        plan.one::<Document>(&["document"], |answer| vec![answer.document]);
        plan.linked::<AnswerSignatory, Official>("signedBy", &[]);
        plan.citations("citations", "record");
    }
}

/// A record that an answer cites.
pub(crate) struct Citation(pomost_persistence::Citation);

/// A record that an answer cites.
#[Object]
impl Citation {
    /// The record as it is now; what changed since the cited `version` is in its history.
    async fn record(&self, ctx: &Context<'_>) -> Option<Result<Node, ApiError>> {
        node::primed(ctx.loader(), self.0.kind, self.0.id).await.transpose()
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

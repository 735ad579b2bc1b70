//! Papers, publications, films and broadcasts.

use super::{Answer, City, Interpellation, Project};
use crate::error::ApiError;
use crate::schema::machinery::filter::{PartialDateFilter, Test, TextFilter, ValueFilter, label_of, value_of};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, listed, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{Locale, LocalizedText, ShownDate, date, text};
use async_graphql::{Context, Enum, Object};
use pomost_domain as domain;
use pomost_domain::answer::AnswerDocument;
use pomost_domain::document::{DocumentCities, DocumentCity, DocumentInterpellation, DocumentProjects, Field};
use pomost_domain::link::Reverse;
use std::sync::Arc;

/// Kind of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::document::DocumentKind")]
pub(crate) enum DocumentKind {
    /// Answer to an interpellation.
    Answer,
    /// Programme on radio or television.
    Broadcast,
    /// Moving pictures.
    Film,
    /// Programme of cooperation.
    Programme,
    /// Something printed for the public.
    Publication,
    /// Account that an office gives.
    Report,
    /// None of these: see `kindLabel`.
    Other,
}

/// A paper, publication, film or broadcast.
#[derive(Clone)]
pub(crate) struct Document(pub(crate) Arc<domain::Document>);

impl From<Arc<domain::Document>> for Document {
    fn from(fact: Arc<domain::Document>) -> Self {
        Self(fact)
    }
}

/// A paper, publication, film or broadcast.
#[Object]
impl Document {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Title, in its original language, with its other titles as variants.
    async fn title(&self) -> LocalizedText {
        text(&self.0.title)
    }

    /// Kind. `null`: not reported.
    async fn kind(&self) -> Option<DocumentKind> {
        value_of(self.0.kind.as_ref())
    }

    /// Kind as the source gives it; it says more where `kind` is `OTHER`.
    async fn kind_label(&self) -> Option<&str> {
        label_of(self.0.kind.as_ref())
    }

    /// When it was made. `null`: not known.
    async fn dated_on(&self) -> Option<ShownDate> {
        date(self.0.dated_on)
    }

    /// Its language, where it has one. `null`: not reported, or several.
    async fn language(&self) -> Option<Locale> {
        self.0.language.clone().map(Locale)
    }

    /// Its languages, where it has several. `null`: not reported, or one.
    async fn languages(&self) -> Option<Vec<Locale>> {
        self.0.languages.as_ref().map(|list| list.iter().cloned().map(Locale).collect())
    }

    /// File reference, for example `In.0055-4/08`. `null`: not reported.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// Address of the document. `null`: not on the web, or not known.
    async fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// How many copies were printed. `null`: not reported.
    async fn print_run(&self) -> Option<u32> {
        self.0.print_run
    }

    /// City that issued it. `null`: not reported.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.city).await.transpose()
    }

    /// Cities that issued it together or that it is about.
    async fn cities(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
        listed::<DocumentCities, City>(ctx, self.0.meta.id).await
    }

    /// Interpellation that it belongs to. `null`: none.
    async fn interpellation(&self, ctx: &Context<'_>) -> Option<Result<Interpellation, ApiError>> {
        one(ctx, self.0.interpellation).await.transpose()
    }

    /// Projects that it belongs to.
    async fn projects(&self, ctx: &Context<'_>) -> Result<Vec<Project>, ApiError> {
        listed::<DocumentProjects, Project>(ctx, self.0.meta.id).await
    }
}

impl Shown for Document {
    type Fact = domain::Document;
    const NAME: &'static str = "Document";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "document", doc: "A document.", cost: None }),
        many: Some(Query { name: "documents", doc: "Papers, publications, films and broadcasts.", cost: None }),
    };
    const COMMANDS: Option<Commands> =
        Some(Commands { create: "createDocument", update: "updateDocument", form: Form::of::<domain::Document>() });
    const LISTS: &'static [List] = &[List {
        name: "answers",
        doc: "Answers to interpellations that are this paper.",
        way: way::<Reverse<AnswerDocument>, Answer>(),
    }];
    const FILTER: &'static str = "Conditions on documents. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[
        Condition {
            name: "kind",
            doc: "What it is.",
            test: Test::of::<ValueFilter<DocumentKind>>(),
            field: Field::Kind,
        },
        Condition {
            name: "datedOn",
            doc: "When it was made.",
            test: Test::of::<PartialDateFilter>(),
            field: Field::DatedOn,
        },
        Condition {
            name: "language",
            doc: "Language tag, of any of its languages.",
            test: Test::of::<TextFilter>(),
            field: Field::Language,
        },
    ]];
    const RELATED: Groups<Related> = &[&[
        Related { name: "city", doc: "City that issued it.", ends: Ends::One, way: way::<DocumentCity, City>() },
        Related {
            name: "interpellation",
            doc: "Interpellation it belongs to.",
            ends: Ends::One,
            way: way::<DocumentInterpellation, Interpellation>(),
        },
        Related {
            name: "cities",
            doc: "Cities that issued it together or that it is about.",
            ends: Ends::Many,
            way: way::<DocumentCities, City>(),
        },
        Related {
            name: "projects",
            doc: "Projects it belongs to.",
            ends: Ends::Many,
            way: way::<DocumentProjects, Project>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> = &[&[
        OrderBy { name: "DATED_ON", doc: "When it was made.", field: Field::DatedOn, cost: None },
        OrderBy { name: "KIND", doc: "Kind, by its label.", field: Field::Kind, cost: None },
    ]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Document>) {
        plan.one::<City>(&["city"], |document| vec![document.city]);
        plan.linked::<DocumentCities, City>("cities", &[]);
        plan.one::<Interpellation>(&["interpellation"], |document| vec![document.interpellation]);
        plan.linked::<DocumentProjects, Project>("projects", &[]);
    }
}

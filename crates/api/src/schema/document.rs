//! Papers, publications, films and broadcasts.

use async_graphql::{Context, Enum};
use pomost_domain::answer::AnswerDocument;
use pomost_domain::document::{DocumentCities, DocumentCity, DocumentInterpellation, DocumentProjects, Field};
use pomost_domain::link::Reverse;
use pomost_domain::{self as domain, Fact};

use super::connection::{listed, one};
use super::filter::{PartialDateFilter, TextFilter, ValueFilter, filters, label_of, orders, value_of};
use super::record::{queries, record};
use super::values::{Locale, LocalizedText, ShownDate, date, text};
use super::{
    Answer, City, CityFilter, CityListFilter, Interpellation, InterpellationFilter, Project, ProjectListFilter,
};
use crate::error::ApiError;

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

record! {
    /// A paper, publication, film or broadcast.
    Document of domain::Document, DocumentFilter, DocumentOrder {
        /// Title, in its original language, with its other titles as variants.
        pub(crate) async fn title(&self) -> LocalizedText {
            text(&self.0.title)
        }

        /// Kind. `null`: not reported.
        pub(crate) async fn kind(&self) -> Option<DocumentKind> {
            value_of(self.0.kind.as_ref())
        }

        /// Kind as the source gives it; it says more where `kind` is `OTHER`.
        pub(crate) async fn kind_label(&self) -> Option<&str> {
            label_of(self.0.kind.as_ref())
        }

        /// When it was made. `null`: not known.
        pub(crate) async fn dated_on(&self) -> Option<ShownDate> {
            date(self.0.dated_on)
        }

        /// Its language, where it has one. `null`: not reported, or several.
        pub(crate) async fn language(&self) -> Option<Locale> {
            self.0.language.clone().map(Locale)
        }

        /// Its languages, where it has several. `null`: not reported, or one.
        pub(crate) async fn languages(&self) -> Option<Vec<Locale>> {
            self.0.languages.as_ref().map(|list| list.iter().cloned().map(Locale).collect())
        }

        /// File reference, for example `In.0055-4/08`. `null`: not reported.
        pub(crate) async fn reference(&self) -> Option<&str> {
            self.0.reference.as_deref()
        }

        /// Address of the document. `null`: not on the web, or not known.
        pub(crate) async fn url(&self) -> Option<&str> {
            self.0.url.as_deref()
        }

        /// How many copies were printed. `null`: not reported.
        pub(crate) async fn print_run(&self) -> Option<u32> {
            self.0.print_run
        }

        /// City that issued it. `null`: not reported.
        pub(crate) async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
            one(ctx, self.0.city).await.transpose()
        }

        /// Cities that issued it together or that it is about.
        pub(crate) async fn cities(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
            listed::<DocumentCities, City>(ctx, self.0.id()).await
        }

        /// Interpellation that it belongs to. `null`: none.
        pub(crate) async fn interpellation(&self, ctx: &Context<'_>) -> Option<Result<Interpellation, ApiError>> {
            one(ctx, self.0.interpellation).await.transpose()
        }

        /// Projects that it belongs to.
        pub(crate) async fn projects(&self, ctx: &Context<'_>) -> Result<Vec<Project>, ApiError> {
            listed::<DocumentProjects, Project>(ctx, self.0.id()).await
        }

    }
    connections {
        /// Answers to interpellations that are this paper.
        answers: Reverse<AnswerDocument> => Answer,
    }
    prefetch(plan) {
        plan.one::<City>(&["city"], |document| vec![document.city]);
        plan.list::<DocumentCities, City>("cities", &[]);
        plan.one::<Interpellation>(&["interpellation"], |document| vec![document.interpellation]);
        plan.list::<DocumentProjects, Project>("projects", &[]);
    }
}

filters! {
    /// Conditions on documents. All that are given hold together.
    DocumentFilter, DocumentListFilter of domain::Document {
        /// What it is.
        kind: ValueFilter<DocumentKind> = Field::Kind,
        /// When it was made.
        dated_on: PartialDateFilter = Field::DatedOn,
        /// Language tag, of any of its languages.
        language: TextFilter = Field::Language,
    }
    one {
        /// City that issued it.
        city: CityFilter = DocumentCity,
        /// Interpellation it belongs to.
        interpellation: InterpellationFilter = DocumentInterpellation,
    }
    many {
        /// Cities that issued it together or that it is about.
        cities: CityListFilter = DocumentCities,
        /// Projects it belongs to.
        projects: ProjectListFilter = DocumentProjects,
    }
}

orders! { DocumentOrder, DocumentOrderField of domain::Document {
    /// When it was made.
    DatedOn = Field::DatedOn,
    /// Kind, by its label.
    Kind = Field::Kind,
} }

queries! { DocumentQuery, DocumentListQuery: /// A document.
document, /// Papers, publications, films and broadcasts.
documents => Document }

//! Papers, reports, publications, films and broadcasts.

use crate::city::City;
use crate::date::PartialDate;
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::interpellation::Interpellation;
use crate::link::relations;
use crate::meta::{Facet, Fact, Meta};
use crate::project::Project;
use crate::text::{Locale, Text};
use crate::vocabulary::Open;

vocabulary! { open,
    /// Kind of a document.
    DocumentKind {
        /// Answer to an interpellation.
        Answer = "answerToInterpellation",
        /// Broadcast.
        Broadcast = "broadcast",
        /// Film.
        Film = "film",
        /// Programme of cooperation.
        Programme = "programme",
        /// Publication.
        Publication = "publication",
        /// Report.
        Report = "report",
        /// None of these.
        Other = "other",
    }
}

/// A paper, publication, film or broadcast.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Fields that all records share.
    pub meta: Meta,
    /// Title.
    pub title: Text,
    /// Kind, with the label of the source.
    pub kind: Option<Open<DocumentKind>>,
    /// Date of the document.
    pub dated_on: Option<PartialDate>,
    /// Its language, if it has one.
    pub language: Option<Locale>,
    /// Its languages, if it has several.
    pub languages: Option<Vec<Locale>>,
    /// File reference.
    pub reference: Option<String>,
    /// Address.
    pub url: Option<String>,
    /// Number of printed copies.
    pub print_run: Option<u32>,
    /// City that issued it.
    pub city: Option<Id<City>>,
    /// Interpellation it belongs to.
    pub interpellation: Option<Id<Interpellation>>,
}

vocabulary! { closed,
    /// Fields by which documents are filtered and ordered.
    Field {
        /// Kind.
        Kind = "kind",
        /// Date.
        DatedOn = "dated_on",
        /// Languages.
        Language = "language",
    }
}

/// The facet under which documents in a language are found.
pub const LANGUAGE_FACET: &str = "language";

relations! {
    /// City that issued it.
    DocumentCity: Document => City, "document.city";
    /// Interpellation it belongs to.
    DocumentInterpellation: Document => Interpellation, "document.interpellation";
    /// Projects it belongs to.
    DocumentProjects: Document => Project, ["document.projects"];
    /// Cities it is about.
    DocumentCities: Document => City, ["document.cities"];
}

impl Fact for Document {
    const KIND: Kind = Kind::Document;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.title.original().text.clone()
    }
    fn other_names(&self) -> Vec<String> {
        self.title.variants().iter().map(|variant| variant.text.clone()).collect()
    }
    fn facets(&self) -> Vec<Facet> {
        let mut languages: Vec<&Locale> = self.language.iter().chain(self.languages.iter().flatten()).collect();
        languages.sort_unstable();
        languages.dedup();
        languages.into_iter().map(|locale| Facet { name: LANGUAGE_FACET, value: locale.to_string() }).collect()
    }
}

impl Exchanged for Document {
    const COLLECTION: &'static str = "documents";
    const IDENTITY: &'static [&'static [&'static str]] = &[&["title", "date"], &["title", "url"], &["title", "kind"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let (document, links) = (&mut entry.fact, &mut entry.links);
        f.titled("title", "titles", &mut document.title);
        f.field("kind", &mut document.kind);
        f.date("date", PrecisionField::Always("datePrecision"), &mut document.dated_on);
        f.field("language", &mut document.language);
        f.list("languages", &mut document.languages);
        f.field("reference", &mut document.reference);
        f.field("url", &mut document.url);
        f.field("printRun", &mut document.print_run);
        f.one("city", &mut document.city);
        f.many::<City>("cities", links.of("document.cities"));
        f.one("interpellation", &mut document.interpellation);
        f.many::<Project>("projects", links.of("document.projects"));
    }
}

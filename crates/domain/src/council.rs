//! The work of councils: terms and sessions. A council itself is an organization of kind `COUNCIL`.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::date::PartialDate;
use crate::exchange::{Derived, Entry, Exchanged, Form, PrecisionField};
use crate::fold;
use crate::id::{self, Id, Kind};
use crate::link::relations;
use crate::meta::{Fact, Meta};
use crate::organization::Organization;
use crate::text::Text;

/// A term of a council.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Term {
    /// Fields that all records share.
    pub meta: Meta,
    /// The council.
    pub council: Id<Organization>,
    /// Number as the council writes it, for example `VIII`.
    pub number: Option<String>,
    /// First day.
    pub starts_on: Option<PartialDate>,
    /// Last day.
    pub ends_on: Option<PartialDate>,
}

/// A session of a council.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// Fields that all records share.
    pub meta: Meta,
    /// The council.
    pub council: Option<Id<Organization>>,
    /// The term it belongs to.
    pub term: Option<Id<Term>>,
    /// Number within the term.
    pub number: Option<String>,
    /// Title.
    pub title: Text,
    /// Day.
    pub held_on: Option<NaiveDate>,
}

vocabulary! { closed,
    /// Fields by which terms and sessions are filtered and ordered.
    Field {
        /// First day of a term, day of a session.
        Date = "date",
    }
}

relations! {
    /// The council of a term.
    TermCouncil: Term => Organization, "term.council";
    /// The council of a session.
    SessionCouncil: Session => Organization, "session.council";
    /// The term of a session.
    SessionTerm: Session => Term, "session.term";
}

impl Fact for Term {
    const KIND: Kind = Kind::Term;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.number.clone().unwrap_or_else(|| self.meta.slug.clone())
    }
}

impl Fact for Session {
    const KIND: Kind = Kind::Session;
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
}

impl Exchanged for Term {
    const COLLECTION: &'static str = "terms";
    const IDENTITY: &'static [&'static [&'static str]] = &[&["council", "startDate"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let term = &mut entry.fact;
        f.need_one("council", &mut term.council);
        f.field("number", &mut term.number);
        f.date("startDate", PrecisionField::Always("datePrecision"), &mut term.starts_on);
        f.date("endDate", PrecisionField::Unless("endDatePrecision", term.starts_on), &mut term.ends_on);
        if crate::date::ends_before_start(term.starts_on, term.ends_on) {
            f.fault(
                "endDate",
                "the term ends before it begins: give an \"endDate\" that is not before \"startDate\"".to_owned(),
            );
        }
    }
}

impl Exchanged for Session {
    const COLLECTION: &'static str = "sessions";
    const IDENTITY: &'static [&'static [&'static str]] = &[&["title", "council"], &["title", "date"]];
    type Parts = ();

    fn is_written(&self, is_seen: &dyn Fn(Uuid) -> bool) -> bool {
        let council = self.council.filter(|id| is_seen(id.raw()));
        let term = self.term.filter(|id| is_seen(id.raw()));
        !self.is_derived() && !self.is_derived_with(council, term)
    }

    fn rests_on(&self) -> Vec<Uuid> {
        let rest = [(None, self.term), (self.council, None), (None, None)];
        if self.is_derived() || !rest.into_iter().any(|(council, term)| self.is_derived_with(council, term)) {
            return Vec::new();
        }
        self.council.map(Id::raw).into_iter().chain(self.term.map(Id::raw)).collect()
    }

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let session = &mut entry.fact;
        f.titled("title", "titles", &mut session.title);
        f.one("council", &mut session.council);
        f.one("term", &mut session.term);
        f.field("number", &mut session.number);
        f.field("date", &mut session.held_on);
    }
}

impl Session {
    /// Start of the slugs of sessions that interpellations name by their title.
    const DERIVED_PREFIX: &'static str = "session-";

    /// True if an interpellation named it by its title and nothing more is known.
    pub fn is_derived(&self) -> bool {
        self.is_derived_with(self.council, self.term)
    }

    fn is_derived_with(&self, council: Option<Id<Organization>>, term: Option<Id<Term>>) -> bool {
        self.title.variants().len() == 1
            && term.is_none()
            && self.number.is_none()
            && self.held_on.is_none()
            && self.meta.note.is_none()
            && self.meta.sources.is_none()
            && id::is_numbered(&self.meta.slug, &Self::derived_slug(&self.title.original().text, council))
    }

    fn derived_slug(title: &str, council: Option<Id<Organization>>) -> String {
        let key = format!("{title}\n{}", council.unwrap_or_default().raw());
        format!("{}{}-{}", Self::DERIVED_PREFIX, short(&fold::lasting_slug(title)), id::fingerprint(&key))
    }

    /// A session of which only the title is known, from an interpellation.
    pub(crate) fn named(title: &str, council: Option<Id<Organization>>) -> (String, fn(Self) -> Derived, Self) {
        let slug = Self::derived_slug(title, council);
        (slug, Derived::Session, Self { title: Text::untagged(title), council, ..Self::default() })
    }
}

/// The first words of a slug.
pub(crate) fn short(slug: &str) -> String {
    slug.chars().take(60).collect::<String>().trim_end_matches('-').to_owned()
}

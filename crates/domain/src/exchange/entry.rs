//! A record with all that belongs to it, as one object of the exchange format.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::form::{Form, Mode, describe_object, read_object, write_object_with};
use super::json::Json;
use super::reference::{read_slug, slug_schema};
use super::run::{Names, Reading, Writing};
use crate::council::Session;
use crate::id::Kind;
use crate::link::Links;
use crate::meta::{Fact, Source};
use crate::official::Official;
use crate::programme::Programme;

/// A record, its references and the records written inside it.
#[derive(Clone, Debug)]
pub struct Entry<T: Exchanged> {
    /// The record.
    pub fact: T,
    /// Its references.
    pub links: Links,
    /// The records written inside it.
    pub parts: T::Parts,
}

impl<T: Exchanged> Default for Entry<T> {
    fn default() -> Self {
        Self { fact: T::default(), links: Links::default(), parts: T::Parts::default() }
    }
}

/// Records that are written inside another: none, or those of one kind.
pub trait Parts: Default + Send + Sync {
    /// Tells each part the id of the record that it belongs to.
    fn belong_to(&mut self, whole: Uuid, slug: &str, run: &mut Reading);
}

impl Parts for () {
    fn belong_to(&mut self, _: Uuid, _: &str, _: &mut Reading) {}
}

impl<P: Exchanged> Parts for Vec<Entry<P>> {
    fn belong_to(&mut self, whole: Uuid, slug: &str, run: &mut Reading) {
        for (place, part) in self.iter_mut().enumerate() {
            part.fact.belong_to(whole, slug, place);
            let meta = part.fact.meta_mut();
            meta.id = run.id(P::KIND, &meta.slug);
        }
    }
}

/// A kind of record that the exchange format knows.
pub trait Exchanged: Fact + Clone + Default + std::fmt::Debug {
    /// Name of its collection; of a part, the name of its list.
    const COLLECTION: &'static str;
    /// Whether a slug of its own is written; a part may take its slug from the whole.
    const OWN_SLUG: bool = true;
    /// What is written inside it.
    type Parts: Parts + Clone + std::fmt::Debug;

    /// The fields, in the order in which they are written. The shared ones (slug, note, sources) are not listed.
    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>);

    /// Of a part: the reference to the whole.
    const WHOLE: &'static str = "";

    /// Whether the record is written in its collection; one that others name in full is not.
    fn is_written(&self) -> bool {
        true
    }

    /// Of a part: takes the id of the whole and its place in the list.
    fn belong_to(&mut self, _whole: Uuid, _slug: &str, _place: usize) {}
}

/// A record that has no collection of its own and is named inside others.
#[derive(Clone, Debug)]
pub enum Derived {
    /// The holder of an office.
    Official(Official),
    /// A funding programme.
    Programme(Programme),
    /// A session that is known by its title.
    Session(Session),
}

impl Derived {
    /// Its id.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Official(fact) => fact.meta.id,
            Self::Programme(fact) => fact.meta.id,
            Self::Session(fact) => fact.meta.id,
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Official(_) => Kind::Official,
            Self::Programme(_) => Kind::Programme,
            Self::Session(_) => Kind::Session,
        }
    }

    /// Its slug.
    pub fn slug(&self) -> &str {
        match self {
            Self::Official(fact) => &fact.meta.slug,
            Self::Programme(fact) => &fact.meta.slug,
            Self::Session(fact) => &fact.meta.slug,
        }
    }
}

/// Walks the shared fields and those of the entity.
pub(super) fn walk<T: Exchanged>(entry: &mut Entry<T>, f: &mut Form<'_>) {
    if T::OWN_SLUG {
        f.slug(&mut entry.fact.meta_mut().slug);
    }
    T::form(entry, f);
    let meta = entry.fact.meta_mut();
    f.field("note", &mut meta.note);
    f.objects("sources", &mut meta.sources, |f, source: &mut Source| {
        f.field("url", &mut source.url);
        f.field("title", &mut source.title);
        f.field("retrieved", &mut source.retrieved);
    });
}

/// Reads one record. It is complete only if the run has no faults.
pub fn read<T: Exchanged>(json: Json, at: String, run: &mut Reading) -> Entry<T> {
    let mut entry = Entry::<T>::default();
    run.stated_empty.clear();
    read_object(json, at, run, |f| walk(&mut entry, f));
    let id = run.id(T::KIND, &entry.fact.meta().slug);
    let meta = entry.fact.meta_mut();
    meta.id = id;
    meta.stated_empty = std::mem::take(&mut run.stated_empty);
    let slug = meta.slug.clone();
    entry.parts.belong_to(id, &slug, run);
    entry
}

/// Writes one record; also the ids that the names did not know, for which an empty text was written.
pub fn write<T: Exchanged>(entry: &mut Entry<T>, names: &dyn Names) -> (Json, BTreeSet<Uuid>) {
    let mut missing = BTreeSet::new();
    let mut run = Writing { names, missing: &mut missing };
    let empty = entry.fact.meta().stated_empty.clone();
    let json = write_object_with(&mut run, &empty, |f| walk(entry, f));
    (json, missing)
}

/// The JSON Schema of one record.
pub fn describe<T: Exchanged>() -> Json {
    describe_object(|f| walk(&mut Entry::<T>::default(), f))
}

/// The names that writing uses, gathered in maps.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Slugs by id.
    pub slugs: std::collections::HashMap<Uuid, String>,
    /// Officials by id.
    pub officials: std::collections::HashMap<Uuid, std::sync::Arc<Official>>,
    /// Names of programmes and titles of sessions by id.
    pub titles: std::collections::HashMap<Uuid, String>,
}

impl Names for Resolved {
    fn slug(&self, id: Uuid) -> Option<&str> {
        self.slugs.get(&id).map(String::as_str)
    }

    fn official(&self, id: Uuid) -> Option<&Official> {
        self.officials.get(&id).map(|official| &**official)
    }

    fn title(&self, id: Uuid) -> Option<&str> {
        self.titles.get(&id).map(String::as_str)
    }
}

impl Form<'_> {
    fn slug(&mut self, slug: &mut String) {
        match &mut self.0 {
            Mode::Read { .. } => self.read_slug_into(slug),
            Mode::Write { out, .. } => out.0.push(("slug".to_owned(), Json::string(slug.as_str()))),
            Mode::Describe { properties, required } => {
                properties.0.push(("slug".to_owned(), slug_schema()));
                required.push(Json::string("slug"));
            }
        }
    }

    fn read_slug_into(&mut self, slug: &mut String) {
        self.expect("slug");
        match self.take("slug").map(read_slug) {
            Some(Ok(read)) => *slug = read,
            Some(Err(message)) => self.fault("slug", message),
            None => {}
        }
    }
}

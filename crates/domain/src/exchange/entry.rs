//! A record with its references and parts, as one object of the exchange format.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use uuid::Uuid;

use super::form::{Form, Mode, describe_object, read_object, write_object_with};
use super::json::Json;
use super::reference::read_slug;
use super::run::{Names, Reading, Writing};
use super::schema::{Definition, refer};
use crate::council::Session;
use crate::id::{Id, Kind};
use crate::link::Links;
use crate::meta::{Fact, Meta, Source, Visibility};
use crate::official::Official;
use crate::programme::Programme;
use crate::text::Locale;
use crate::viewer::{Audience, Sight};

/// A record, its references and the records written inside it.
#[derive(Clone, Debug)]
pub struct Entry<T: Exchanged> {
    /// The record.
    pub fact: T,
    /// Its references.
    pub links: Links,
    /// The records written inside it.
    pub parts: T::Parts,
    /// Records without a collection whose fields it contains in full.
    pub named: Vec<Uuid>,
    /// Optional statements that the file makes about it.
    pub stated: Stated,
}

/// Fields that an import changes only if the file contains them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// Its visibility.
    pub visibility: bool,
    /// Its licence.
    pub licence: bool,
}

impl<T: Exchanged> Default for Entry<T> {
    fn default() -> Self {
        Self {
            fact: T::default(),
            links: Links::default(),
            parts: T::Parts::default(),
            named: Vec::new(),
            stated: Stated::default(),
        }
    }
}

/// Records that are written inside another: none, or those of one kind.
pub trait Parts: Default + Send + Sync {
    /// Gives each part the id of its whole.
    fn belong_to(&mut self, whole: Uuid, slug: &str, run: &mut Reading);
}

impl Parts for () {
    fn belong_to(&mut self, _: Uuid, _: &str, _: &mut Reading) {}
}

impl<P: Exchanged> Parts for Vec<Entry<P>> {
    fn belong_to(&mut self, whole: Uuid, slug: &str, run: &mut Reading) {
        let mut gaps = 0;
        for (at, part) in self.iter_mut().enumerate() {
            let mut id;
            loop {
                part.fact.belong_to(whole, slug, at + gaps);
                id = run.id(P::KIND, &part.fact.meta().slug);
                if P::OWN_SLUG || !run.gone.contains(&id) {
                    break;
                }
                gaps += 1;
            }
            if gaps > 0 {
                run.behind_gone.insert(id);
            }
            part.fact.meta_mut().id = id;
        }
    }
}

/// A kind of record that the exchange format knows.
pub trait Exchanged: Fact + Clone + Default + PartialEq + std::fmt::Debug {
    /// Name of its collection; for a part, the name of its list.
    const COLLECTION: &'static str;
    /// False for a part whose slug follows from its whole and its place; such a slug is not written.
    const OWN_SLUG: bool = true;
    /// The records that are written inside it.
    type Parts: Parts + Clone + std::fmt::Debug;

    /// The fields, in the order in which they are written. The shared ones (slug, note, sources) are not listed.
    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>);

    /// For a part: the reference to its whole.
    const WHOLE: &'static str = "";

    /// For a part with mutations of its own: the input field that names its whole when the part is created.
    const WHOLE_FIELD: &'static str = "";

    /// Groups of fields that identify a record: if no value of a group is like the stored one, the file means another
    /// record.
    const IDENTITY: &'static [&'static [&'static str]] = &[];

    /// Warnings on facts that are unusual on a day, but may be right: each with its field.
    fn remarks(_entry: &mut Entry<Self>, _today: NaiveDate) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// True for a record with an entry of its own in its collection, for a viewer who sees these of the records that it refers to.
    /// A record that others contain in full has none.
    fn is_written(&self, _is_seen: &dyn Fn(Uuid) -> bool) -> bool {
        true
    }

    /// The records that it refers to and that decide whether it is written.
    fn rests_on(&self) -> Vec<Uuid> {
        Vec::new()
    }

    /// For a field that is immutable once the record is public: the mutation to use instead.
    fn is_fixed(_field: &str) -> Option<&'static str> {
        None
    }

    /// For a part: takes the id of its whole and its place in the list.
    fn belong_to(&mut self, _whole: Uuid, _slug: &str, _place: usize) {}

    /// For a record with parts: the JSON Pointer of the part at a place of their list.
    fn part_pointer(_place: usize) -> String {
        String::new()
    }
}

/// A record whose parts have mutations of their own.
pub trait Whole: Exchanged<Parts = Vec<Entry<Self::Part>>> {
    /// The kind of its parts.
    type Part: Exchanged<Parts = ()>;

    /// The record that a part belongs to.
    fn of(part: &Self::Part) -> Id<Self>;
}

/// A record that has no collection of its own and is contained in others.
#[derive(Clone, Debug)]
pub enum Derived {
    /// The holder of an office.
    Official(Official),
    /// A funding programme.
    Programme(Programme),
    /// A session of which only the title is known.
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
    // A part has the visibility and the licence of its whole.
    if T::WHOLE.is_empty() {
        let mut visibility = Some(meta.visibility).filter(|visibility| *visibility != Visibility::Public);
        f.closed("visibility", &mut visibility);
        let mut licence = Some(&meta.licence).filter(|licence| *licence != Meta::DEFAULT_LICENCE).cloned();
        f.label("licence", &mut licence);
        if f.reads() {
            entry.stated = Stated { visibility: visibility.is_some(), licence: licence.is_some() };
            meta.visibility = visibility.unwrap_or(Visibility::Public);
            meta.licence = licence.unwrap_or_else(|| Meta::DEFAULT_LICENCE.to_owned());
        }
    }
}

/// Reads one record. The result is complete only if the run has no faults.
pub fn read<T: Exchanged>(json: Json, at: String, run: &mut Reading) -> Entry<T> {
    let mut entry = Entry::<T>::default();
    run.stated_empty.clear();
    let first = run.derived.len();
    read_object(json, at, run, |f| walk(&mut entry, f));
    entry.named = run.derived[first..].iter().map(Derived::id).collect();
    let id = run.id(T::KIND, &entry.fact.meta().slug);
    let meta = entry.fact.meta_mut();
    meta.id = id;
    meta.stated_empty = std::mem::take(&mut run.stated_empty);
    let slug = meta.slug.clone();
    entry.parts.belong_to(id, &slug, run);
    entry
}

/// A record in its written form.
#[derive(Debug)]
pub struct Written {
    /// The record, without the references whose names are not known.
    pub json: Json,
    /// The ids whose names are not known.
    pub missing: BTreeSet<Uuid>,
    /// True if it contains every reference that it requires.
    pub whole: bool,
}

/// Writes one record.
pub fn write<T: Exchanged>(entry: &mut Entry<T>, names: &dyn Names) -> Written {
    let (mut missing, mut lost, mut left_out) = (BTreeSet::new(), 0, 0);
    let mut run = Writing { names, missing: &mut missing, lost: &mut lost, left_out: &mut left_out };
    let empty = entry.fact.meta().stated_empty.clone();
    let json = write_object_with(&mut run, &empty, |f| walk(entry, f));
    Written { json, missing, whole: lost == 0 }
}

/// The JSON Schema of one record.
pub fn describe<T: Exchanged>() -> Json {
    describe_object(|f| walk(&mut Entry::<T>::default(), f))
}

/// The names that the writer uses, in maps.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Slugs by id.
    pub slugs: std::collections::HashMap<Uuid, String>,
    /// Officials by id.
    pub officials: std::collections::HashMap<Uuid, std::sync::Arc<Official>>,
    /// Names of programmes and titles of sessions by id.
    pub titles: std::collections::HashMap<Uuid, String>,
    /// The sight of the reader: only the parts that it includes are written.
    pub sight: Option<Sight>,
    /// The language of texts that are written as plain strings.
    pub plain: Option<Locale>,
}

impl Names for Resolved {
    fn slug(&self, id: Uuid) -> Option<&str> {
        self.slugs.get(&id).map(String::as_str)
    }

    fn official(&self, id: Uuid) -> Option<&Official> {
        self.officials.get(&id).map(|official| &**official)
    }

    fn shows(&self, part: &Meta) -> bool {
        self.sight.as_ref().is_none_or(|sight| sight.takes_in(Some(&Audience::of(part).label())))
    }

    fn title(&self, id: Uuid) -> Option<&str> {
        self.titles.get(&id).map(String::as_str)
    }

    fn plain(&self) -> Option<&Locale> {
        self.plain.as_ref()
    }
}

impl Form<'_> {
    fn slug(&mut self, slug: &mut String) {
        match &mut self.0 {
            Mode::Read { .. } => self.read_slug_into(slug),
            Mode::Write { out, .. } => out.0.push(("slug".to_owned(), Json::string(slug.as_str()))),
            Mode::Describe { properties, required, .. } => {
                properties.0.push(("slug".to_owned(), refer(Definition::Slug)));
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

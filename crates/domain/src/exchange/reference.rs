//! The fields of a form that refer to other records: by slug, in lists, with fields of their own, or as parts.

use std::collections::HashSet;

use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use super::entry::{Derived, Entry, Exchanged};
use super::form::{Form, Mode, describe_object, list_schema, write_object};
use super::json::{HUGE, Json, ObjectText};
use super::run::Asked;
use super::schema::{Definition, refer};
use super::value::{Value, expected};
use crate::characters::{into_nfc, is_ignorable};
use crate::fold;
use crate::id::{Id, Kind};
use crate::link::Link;
use crate::meta::Fact;
use crate::official::Official;
use crate::vocabulary::Vocabulary;

impl Form<'_> {
    /// A reference to one record by its slug.
    pub fn one<T: Fact>(&mut self, name: &'static str, id: &mut Option<Id<T>>) {
        let mut raw = id.map(Id::raw);
        self.reference(name, T::KIND, &mut raw);
        *id = raw.map(Id::new);
    }

    /// A required reference.
    pub fn need_one<T: Fact>(&mut self, name: &'static str, id: &mut Id<T>) {
        let mut found = Some(*id);
        if self.reads() {
            found = None;
            self.expect(name);
        } else if let Mode::Describe { required, .. } = &mut self.0 {
            required.push(Json::string(name));
        }
        self.one(name, &mut found);
        if let Mode::Write { out, run, .. } = &mut self.0
            && out.0.last().is_none_or(|(written, _)| written != name)
        {
            *run.lost += 1;
        }
        *id = found.unwrap_or_default();
    }

    fn reference(&mut self, name: &'static str, kind: Kind, id: &mut Option<Uuid>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(json) = self.take(name) {
                    let mut slot = None;
                    self.with_value(name, json, |json, run, at| {
                        let slug = read_slug(json)?;
                        let found = run.id(kind, &slug);
                        run.asked.push(Asked {
                            kind,
                            or: &[],
                            slug,
                            id: found,
                            pointer: at.to_owned(),
                            optional: false,
                        });
                        slot = Some(found);
                        Ok(())
                    });
                    *id = slot;
                }
            }
            Mode::Write { out, run, .. } => {
                out.0.extend(id.and_then(|id| run.slug(id)).map(|slug| (name.to_owned(), slug)));
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), refer(Definition::Reference))),
        }
    }

    /// References to several records of one kind.
    pub fn many<T: Fact>(&mut self, name: &'static str, links: &mut Vec<Link>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(items) = self.take_links(name) {
                    let mut named: HashSet<Uuid> = links.iter().map(|link| link.to).collect();
                    for (at, item) in items.into_iter().enumerate() {
                        self.with_value(&format!("{name}/{at}"), item, |json, run, at| {
                            let slug = read_slug(json)?;
                            let to = run.id(T::KIND, &slug);
                            if !named.insert(to) {
                                return Err(format!("{slug:?} occurs twice in this list: remove one"));
                            }
                            run.asked.push(Asked {
                                kind: T::KIND,
                                or: &[],
                                slug,
                                id: to,
                                pointer: at.to_owned(),
                                optional: false,
                            });
                            links.push(Link { to, kind: T::KIND, role: None, detail: None });
                            Ok(())
                        });
                    }
                }
            }
            Mode::Write { .. } => self.write_links(name, links, |run, link| run.slug(link.to)),
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), list_schema(refer(Definition::Reference))));
                properties.extend(name, |members| members.push(("uniqueItems".to_owned(), Json::Bool(true))));
            }
        }
    }

    /// A reference to a record of one of several kinds. Slugs are unique per kind; the first kind that has the slug is
    /// meant.
    pub fn either(&mut self, name: &'static str, kinds: &'static [Kind], links: &mut Vec<Link>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(json) = self.take(name) {
                    self.with_value(name, json, |json, run, at| {
                        let slug = read_slug(json)?;
                        let first = kinds.first().copied().unwrap_or(Kind::Document);
                        let kind = kinds.iter().copied().find(|kind| run.is_known(*kind, &slug)).unwrap_or(first);
                        let to = run.id(kind, &slug);
                        run.asked.push(Asked {
                            kind,
                            or: kinds,
                            slug,
                            id: to,
                            pointer: at.to_owned(),
                            optional: false,
                        });
                        links.push(Link { to, kind, role: None, detail: None });
                        Ok(())
                    });
                }
            }
            Mode::Write { out, run, .. } => {
                let slug = links.first().and_then(|link| run.slug(link.to));
                out.0.extend(slug.map(|slug| (name.to_owned(), slug)));
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), refer(Definition::Reference))),
        }
    }

    /// References with fields of their own, each an object.
    pub fn each(
        &mut self,
        name: &'static str,
        links: &mut Vec<Link>,
        mut fields: impl FnMut(&mut Form<'_>, &mut Link),
    ) {
        let blank = || Link { to: Uuid::nil(), kind: Kind::City, role: None, detail: None };
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(items) = self.take_links(name) {
                    for (at, item) in items.into_iter().enumerate() {
                        let mut link = blank();
                        if self.nested(&format!("{name}/{at}"), item, |f| fields(f, &mut link)) {
                            links.push(link);
                        }
                    }
                }
            }
            Mode::Write { .. } => {
                self.write_links(name, links, |run, link| {
                    run.unless_lost(|run| write_object(run, |f| fields(f, &mut link.clone())))
                });
            }
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), list_schema(describe_object(|f| fields(f, &mut blank())))));
            }
        }
    }

    /// A single reference with fields of its own, stored as a list of one.
    pub fn single(
        &mut self,
        name: &'static str,
        links: &mut Vec<Link>,
        mut fields: impl FnMut(&mut Form<'_>, &mut Link),
    ) {
        let mut one = links.first().cloned();
        let blank = Link { to: Uuid::nil(), kind: Kind::City, role: None, detail: None };
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(json) = self.take(name) {
                    let mut link = blank;
                    if self.nested(name, json, |f| fields(f, &mut link)) {
                        links.push(link);
                    }
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(link) = &mut one {
                    let written = run.unless_lost(|run| write_object(run, |f| fields(f, link)));
                    out.0.extend(written.map(|written| (name.to_owned(), written)));
                }
            }
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), describe_object(|f| fields(f, &mut blank.clone()))));
            }
        }
    }

    /// The target of a reference, of one kind.
    pub fn target<T: Fact>(&mut self, name: &'static str, link: &mut Link) {
        let mut id = Id::<T>::new(link.to);
        self.need_one(name, &mut id);
        link.to = id.raw();
        link.kind = T::KIND;
    }

    /// The target of a reference, a city or an organization, as `type` and `slug`.
    pub fn party(&mut self, link: &mut Link) {
        self.end(&[("city", Kind::City), ("organization", Kind::Organization)], link);
    }

    /// The target of a reference, a record of one of these types, as `type` and `slug`.
    pub fn end(&mut self, types: &[(&'static str, Kind)], link: &mut Link) {
        match &mut self.0 {
            Mode::Read { .. } => {
                let mut name = String::new();
                self.need("type", &mut name);
                self.expect("slug");
                if let Some((_, kind)) = types.iter().find(|(known, _)| *known == name) {
                    let mut to = None;
                    self.reference("slug", *kind, &mut to);
                    link.kind = *kind;
                    link.to = to.unwrap_or_default();
                } else {
                    if let Some(Err(message)) = self.take("slug").map(read_slug) {
                        self.fault("slug", message);
                    }
                    if !name.is_empty() {
                        let known: Vec<_> = types.iter().map(|(known, _)| *known).collect();
                        self.fault("type", format!("{name:?} is not in the list: {}", known.join(", ")));
                    }
                }
            }
            Mode::Write { out, run, .. } => {
                let name = types.iter().find(|(_, kind)| *kind == link.kind).map(|(name, _)| *name);
                out.0.push(("type".to_owned(), Json::string(name.unwrap_or_default())));
                match run.slug(link.to) {
                    Some(slug) => out.0.push(("slug".to_owned(), slug)),
                    None => *run.lost += 1,
                }
            }
            Mode::Describe { properties, required, .. } => {
                let names = types.iter().map(|(name, _)| Json::string(*name)).collect();
                properties.0.push(("type".to_owned(), ObjectText::default().with("enum", Json::Array(names)).done()));
                properties.0.push(("slug".to_owned(), refer(Definition::Reference)));
                required.extend([Json::string("type"), Json::string("slug")]);
            }
        }
    }

    /// The target of a reference, a city or an organization, as a nested object.
    pub fn nested_party(&mut self, name: &'static str, link: &mut Link) {
        self.expect(name);
        if let Mode::Describe { required, .. } = &mut self.0 {
            required.push(Json::string(name));
        }
        let mut slot = Some(NestedParty(link.clone()));
        self.object(name, &mut slot, |f, party| f.party(&mut party.0));
        if let Some(NestedParty(read)) = slot {
            link.to = read.to;
            link.kind = read.kind;
        }
    }

    /// The target of a reference, an official, by name, office and city.
    pub fn official(&mut self, link: &mut Link) {
        let mut official = match &self.0 {
            Mode::Write { run, .. } => run.names.official(link.to).cloned().unwrap_or_default(),
            _ => Official::default(),
        };
        if let Mode::Write { run, .. } = &mut self.0
            && run.names.official(link.to).is_none()
        {
            run.missing.insert(link.to);
            *run.lost += 1;
        }
        self.need("name", &mut official.person);
        self.field("office", &mut official.office);
        let asked = self.asked();
        self.one("city", &mut official.city);
        if let Mode::Read { run, .. } = &mut self.0 {
            // The slug of the city, if one was read: it is part of the official's identity.
            let city = run.asked.get(asked).map(|asked| asked.slug.clone());
            let slug = official.derived_slug(city.as_deref());
            link.to = run.id(Kind::Official, &slug);
            official.meta.slug = slug;
            official.meta.id = link.to;
            run.derived.push(Derived::Official(official));
        }
        link.kind = Kind::Official;
    }

    /// A record that is written as its title, or as its slug if it has more than a title. Reading a title creates the
    /// record.
    pub fn titled_reference<T: Fact>(
        &mut self,
        name: &'static str,
        id: &mut Option<Id<T>>,
        make: impl FnOnce(&str) -> (String, fn(T) -> Derived, T),
    ) {
        match &mut self.0 {
            Mode::Read { .. } => {
                let mut title: Option<String> = None;
                self.field(name, &mut title);
                if let (Some(title), Mode::Read { run, at, .. }) = (title, &mut self.0) {
                    // The text may be the slug of a record that has more than a title.
                    let found = run.id(T::KIND, &title);
                    let pointer = format!("{at}/{name}");
                    run.asked.push(Asked {
                        kind: T::KIND,
                        or: &[],
                        slug: title.clone(),
                        id: found,
                        pointer,
                        optional: true,
                    });
                    if run.is_known(T::KIND, &title) {
                        *id = Some(Id::new(found));
                        return;
                    }
                    let (slug, derived, mut fact) = make(&title);
                    let slug = run.slug_apart(T::KIND, slug);
                    let found = run.id(T::KIND, &slug);
                    fact.meta_mut().id = found;
                    fact.meta_mut().slug = slug;
                    run.derived.push(derived(fact));
                    *id = Some(Id::new(found));
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(id) = *id {
                    match run.names.title(id.raw()) {
                        Some(title) => out.0.push((name.to_owned(), Json::string(title))),
                        None => drop(run.missing.insert(id.raw())),
                    }
                }
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), String::describe())),
        }
    }

    /// Records that are written inside this one.
    pub fn parts<T: Exchanged>(&mut self, name: &'static str, parts: &mut Vec<Entry<T>>) {
        self.parts_from(name, 0, parts);
    }

    /// Records that are written inside this one, all but the first.
    pub fn later_parts<T: Exchanged>(&mut self, name: &'static str, parts: &mut Vec<Entry<T>>) {
        self.parts_from(name, 1, parts);
    }

    fn parts_from<T: Exchanged>(&mut self, name: &'static str, from: usize, parts: &mut Vec<Entry<T>>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(items) = self.take_links(name) {
                    for (at, item) in items.into_iter().enumerate() {
                        let at = format!("{name}/{at}");
                        self.part(&at, item, parts);
                    }
                }
            }
            Mode::Write { out, run, empty } => {
                let shown = parts.iter_mut().skip(from).filter(|part| run.names.shows(part.fact.meta()));
                let items = shown.map(|part| write_object(run, |f| super::entry::walk(part, f))).collect();
                out.list(name, items, empty);
            }
            Mode::Describe { properties, .. } => {
                properties.0.push((name.to_owned(), list_schema(super::entry::describe::<T>())));
            }
        }
    }

    /// A single record that is written inside this one.
    pub fn only_part<T: Exchanged>(&mut self, name: &'static str, parts: &mut Vec<Entry<T>>) {
        match &mut self.0 {
            Mode::Read { .. } => {
                if let Some(item) = self.take(name) {
                    self.part(name, item, parts);
                }
            }
            Mode::Write { out, run, .. } => {
                if let Some(part) = parts.first_mut().filter(|part| run.names.shows(part.fact.meta())) {
                    out.0.push((name.to_owned(), write_object(run, |f| super::entry::walk(part, f))));
                }
            }
            Mode::Describe { properties, .. } => properties.0.push((name.to_owned(), super::entry::describe::<T>())),
        }
    }

    fn part<T: Exchanged>(&mut self, at: &str, item: Json, parts: &mut Vec<Entry<T>>) {
        let mut part = Entry::<T>::default();
        let outer =
            if let Mode::Read { run, .. } = &mut self.0 { std::mem::take(&mut run.stated_empty) } else { Vec::new() };
        let complete = self.nested(at, item, |f| super::entry::walk(&mut part, f));
        if let Mode::Read { run, .. } = &mut self.0 {
            part.fact.meta_mut().stated_empty = std::mem::replace(&mut run.stated_empty, outer);
        }
        if complete {
            parts.push(part);
        }
    }
}

struct NestedParty(Link);

impl Default for NestedParty {
    fn default() -> Self {
        Self(Link { to: Uuid::nil(), kind: Kind::City, role: None, detail: None })
    }
}

/// Longest slug, in characters of its NFC form.
pub(super) const MAX_SLUG: usize = 200;

/// The prefix of the slugs of erased records.
pub(super) const RESERVED: &str = "erased-";

/// True for the characters of slugs: letters of all scripts with their marks, digits, and the characters that need no escape
/// in an address.
pub(super) fn fits_slug(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '-' | '_' | '.' | '~')
        || !c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c)) && !is_ignorable(c)
}

/// Reads a slug, in NFC.
pub(super) fn read_slug(json: Json) -> Result<String, String> {
    let slug = match json {
        Json::String(slug) if !slug.starts_with(HUGE) => slug,
        other => return Err(expected("a slug", &other)),
    };
    let slug = into_nfc(slug);
    if slug.is_empty()
        || slug.chars().count() > MAX_SLUG
        || !slug.chars().all(fits_slug)
        || slug.starts_with(is_combining_mark)
    {
        return Err(format!("{slug:?} is not a slug: write 1 to {MAX_SLUG} letters, digits, '-', '_', '.' or '~'"));
    }
    if slug.chars().all(|c| c == '.') {
        return Err(format!(
            "{slug:?} is not a slug: an address of dots alone means a folder; add a letter or a digit"
        ));
    }
    if slug.starts_with(RESERVED) {
        return Err(format!("{slug:?} cannot be a slug: {RESERVED:?} is the prefix of erased records; choose another"));
    }
    Ok(slug)
}

/// Maximum length of the part of a slug that comes from a name, in characters.
const MAX_WORDS: usize = 80;

/// Slugs for a new record, derived from its name: the words of the name, then the same with a number. All of them are valid.
pub fn slugs_of(kind: Kind, name: &str) -> impl Iterator<Item = String> {
    let words: String = fold::slug(name).chars().take(MAX_WORDS).collect();
    let words = words.trim_end_matches('-');
    let kind = kind.label().replace('_', "-");
    let words = if words.is_empty() {
        kind
    } else if format!("{words}-").starts_with(RESERVED) {
        format!("{kind}-{words}")
    } else {
        words.to_owned()
    };
    std::iter::once(words.clone()).chain((2_u64..).map(move |number| format!("{words}-{number}")))
}

//! A load: one thing that a request reads from the store. Loads of one sort are read together, in one statement, and the
//! result is the same for all viewers with the same sight, as long as nothing is written.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pomost_domain::Fact;
use pomost_domain::meta::AnyFact;
use pomost_domain::page::{Page, Slice};
use pomost_persistence::{
    Asked, Change, Citation, FeedPage, FeedSlice, Field, Filter, Linked, Mapping, Order, Store, StoreError, Walk,
};
use uuid::Uuid;

/// A record of any type, shared by pointer.
pub(crate) type Record = Arc<dyn AnyFact>;

/// A page of records of any type.
pub(crate) type Records = Page<Record>;

/// The record as its type has it; `None` if it is of another type.
pub(crate) fn typed<T: Fact>(record: Record) -> Option<Arc<T>> {
    (record as Arc<dyn Any + Send + Sync>).downcast().ok()
}

/// The arguments of a list, ready for the store. Two listings are equal if their keys are.
pub(crate) struct Listing {
    pub(crate) key: Arc<str>,
    pub(crate) filter: Filter,
    pub(crate) order: Order,
    pub(crate) slice: Slice,
}

impl PartialEq for Listing {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Listing {}

impl Hash for Listing {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// The list that a load is about.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// All records of a type.
    Root(&'static Mapping),
    /// The records at the end of a relation of a record.
    Under(&'static Walk, Uuid),
    /// The records that have a text in a field.
    Within(Field, String),
}

impl Place {
    fn mapping(&self) -> &'static Mapping {
        match self {
            Self::Root(of) => of,
            Self::Under(walk, _) => walk.child(),
            Self::Within(field, _) => field.of(),
        }
    }
}

/// One thing to read from the store.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Load {
    /// A record by its id.
    Record(&'static Mapping, Uuid),
    /// A record by its slug.
    Slug(&'static Mapping, String),
    /// A page of a list.
    Page(Place, Arc<Listing>),
    /// The number of records in a list.
    Count(Place, Arc<Listing>),
    /// A whole list of references of a record.
    Linked(&'static Walk, Uuid),
    /// The citations of an answer.
    Citations(Uuid),
    /// A part of the history of a record.
    History(HistoryOf),
    /// A part of the change feed.
    Feed(FeedSlice),
}

/// A part of the history of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HistoryOf {
    pub(crate) id: Uuid,
    /// Only changes before this number.
    pub(crate) before: Option<i64>,
    /// At most this many, and one more that tells whether there are older ones.
    pub(crate) limit: u32,
}

/// The result of a load.
#[derive(Clone)]
pub(crate) enum Loaded {
    Record(Record),
    Page(Arc<Records>),
    Count(u64),
    Linked(Arc<[Linked]>),
    Citations(Arc<[Citation]>),
    History(Arc<[Change]>),
    Feed(Arc<FeedPage>),
}

/// Gives the result of a load as the type that the load has.
macro_rules! as_a {
    ($($name:ident: $variant:ident($ty:ty);)+) => {
        impl Loaded {
            $(pub(crate) fn $name(self) -> Option<$ty> {
                if let Self::$variant(value) = self { Some(value) } else { None }
            })+
        }
    };
}

as_a! {
    record: Record(Record);
    page: Page(Arc<Records>);
    count: Count(u64);
    linked: Linked(Arc<[Linked]>);
    citations: Citations(Arc<[Citation]>);
    history: History(Arc<[Change]>);
    feed: Feed(Arc<FeedPage>);
}

/// The memory that a value takes, in bytes, rather more than less: every text that it holds is in its debug text.
fn printed<T: Debug + ?Sized>(value: &T) -> usize {
    struct Length(usize);
    impl std::fmt::Write for Length {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut length = Length(0);
    // Counting does not fail.
    let _ = std::fmt::Write::write_fmt(&mut length, format_args!("{value:?}"));
    size_of_val(value) + length.0
}

impl Loaded {
    /// The memory that it takes, in bytes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Record(record) => printed(&**record),
            Self::Page(page) => {
                page.items.iter().map(|(record, position)| printed(&**record) + printed(position)).sum()
            }
            Self::Count(count) => size_of_val(count),
            Self::Linked(list) => {
                let texts = |linked: &Linked| {
                    [&linked.role, &linked.detail].into_iter().flatten().map(String::len).sum::<usize>()
                };
                list.iter().map(|linked| printed(&*linked.fact) + texts(linked) + size_of::<Linked>()).sum()
            }
            Self::Citations(citations) => citations.iter().map(printed).sum(),
            Self::History(changes) => changes.iter().map(printed).sum(),
            Self::Feed(page) => page.changes.iter().map(printed).sum(),
        }
    }
}

impl Load {
    /// The columns that the result has only if the request asks for them.
    pub(super) fn aside(&self) -> Asked {
        match self {
            Self::Record(of, _) | Self::Slug(of, _) => of.aside(),
            Self::Page(place, _) => place.mapping().aside(),
            Self::Linked(walk, _) => walk.child().aside(),
            Self::Count(..) | Self::Citations(_) | Self::History(_) | Self::Feed(_) => Asked::NONE,
        }
    }

    /// The load as a key of a cache, without the parts that are only needed to read its result, and the bytes of its texts.
    pub(super) fn key(&self) -> (Self, usize) {
        let bare = |listing: &Listing| {
            let key = Arc::clone(&listing.key);
            Arc::new(Listing { key, filter: Filter::default(), order: Order::new(), slice: Slice::default() })
        };
        let text = |place: &Place| if let Place::Within(_, text) = place { text.len() } else { 0 };
        match self {
            Self::Page(place, listing) => (Self::Page(place.clone(), bare(listing)), listing.key.len() + text(place)),
            Self::Count(place, listing) => (Self::Count(place.clone(), bare(listing)), listing.key.len() + text(place)),
            Self::Slug(_, slug) => (self.clone(), slug.len()),
            Self::Feed(slice) => (self.clone(), size_of_val(&*slice.kinds)),
            Self::Record(..) | Self::Linked(..) | Self::Citations(_) | Self::History(_) => (self.clone(), 0),
        }
    }

    /// Whether a statement reads both.
    fn joins(&self, other: &Self) -> bool {
        let same_place = |one: &Place, two: &Place| match (one, two) {
            (Place::Under(one, _), Place::Under(two, _)) => one == two,
            (Place::Within(one, _), Place::Within(two, _)) => one == two,
            _ => false,
        };
        match (self, other) {
            (Self::Record(one, _), Self::Record(two, _)) | (Self::Slug(one, _), Self::Slug(two, _)) => one == two,
            (Self::Page(one, this), Self::Page(two, that)) | (Self::Count(one, this), Self::Count(two, that)) => {
                same_place(one, two) && this == that
            }
            (Self::Linked(one, _), Self::Linked(two, _)) => one == two,
            (Self::Citations(_), Self::Citations(_)) => true,
            (Self::History(one), Self::History(two)) => (one.before, one.limit) == (two.before, two.limit),
            _ => false,
        }
    }

    fn id(&self) -> Option<Uuid> {
        match self {
            Self::Record(_, id)
            | Self::Linked(_, id)
            | Self::Citations(id)
            | Self::Page(Place::Under(_, id), _)
            | Self::Count(Place::Under(_, id), _) => Some(*id),
            Self::History(part) => Some(part.id),
            Self::Page(..) | Self::Count(..) | Self::Slug(..) | Self::Feed(_) => None,
        }
    }

    fn text(&self) -> Option<String> {
        match self {
            Self::Slug(_, text) | Self::Page(Place::Within(_, text), _) | Self::Count(Place::Within(_, text), _) => {
                Some(text.clone())
            }
            _ => None,
        }
    }
}

/// Reads loads: one statement for those that differ only in a record or a text. A load without a result is left out.
pub(super) async fn read(store: &Store, loads: &[Load]) -> Result<HashMap<Load, Loaded>, StoreError> {
    let mut groups: Vec<Vec<&Load>> = Vec::new();
    for load in loads {
        match groups.iter_mut().find(|group| group[0].joins(load)) {
            Some(group) => group.push(load),
            None => groups.push(vec![load]),
        }
    }
    let mut results = HashMap::with_capacity(loads.len());
    for group in groups {
        read_group(store, &group, &mut results).await?;
    }
    Ok(results)
}

/// Reads loads that join. One statement per 500 of them.
async fn read_group(store: &Store, group: &[&Load], results: &mut HashMap<Load, Loaded>) -> Result<(), StoreError> {
    let ids = || distinct(group.iter().filter_map(|load| load.id()));
    let texts = || distinct(group.iter().filter_map(|load| load.text()));
    match group[0] {
        Load::Record(of, _) => {
            let records = store.by_ids(of, &ids()).await?;
            results.extend(records.into_iter().map(|it| (Load::Record(of, it.shared().id), Loaded::Record(it))));
        }
        Load::Slug(of, _) => {
            let records = store.by_slugs(of, &texts()).await?;
            results
                .extend(records.into_iter().map(|it| (Load::Slug(of, it.shared().slug.clone()), Loaded::Record(it))));
        }
        load @ Load::Page(Place::Root(of), listing) => {
            let page = store.page(of, &listing.filter, &listing.order, &listing.slice).await?;
            results.insert(load.clone(), Loaded::Page(Arc::new(page)));
        }
        Load::Page(Place::Under(walk, _), listing) => {
            let pages = store.pages(walk, &ids(), &listing.filter, &listing.order, &listing.slice).await?;
            results.extend(pages.into_iter().map(|(id, page)| {
                (Load::Page(Place::Under(walk, id), Arc::clone(listing)), Loaded::Page(Arc::new(page)))
            }));
        }
        Load::Page(Place::Within(field, _), listing) => {
            let Listing { filter, order, slice, .. } = &**listing;
            let pages = store.pages_by(*field, &texts(), filter, order, slice).await?;
            results.extend(pages.into_iter().map(|(text, page)| {
                (Load::Page(Place::Within(*field, text), Arc::clone(listing)), Loaded::Page(Arc::new(page)))
            }));
        }
        load @ Load::Count(Place::Root(of), listing) => {
            results.insert(load.clone(), Loaded::Count(store.count(of, &listing.filter).await?));
        }
        Load::Count(Place::Under(walk, _), listing) => {
            let counts = store.counts(walk, &ids(), &listing.filter).await?;
            results.extend(
                counts.into_iter().map(|(id, count)| {
                    (Load::Count(Place::Under(walk, id), Arc::clone(listing)), Loaded::Count(count))
                }),
            );
        }
        Load::Count(Place::Within(field, _), listing) => {
            let counts = store.counts_by(*field, &texts(), &listing.filter).await?;
            results.extend(counts.into_iter().map(|(text, count)| {
                (Load::Count(Place::Within(*field, text), Arc::clone(listing)), Loaded::Count(count))
            }));
        }
        Load::Linked(walk, _) => {
            let lists = store.linked(walk, &ids()).await?;
            results.extend(lists.into_iter().map(|(id, list)| (Load::Linked(walk, id), Loaded::Linked(list.into()))));
        }
        Load::Citations(_) => {
            let ids: Vec<_> = ids().into_iter().map(pomost_domain::Id::new).collect();
            let citations = store.citations(&ids).await?;
            results.extend(
                citations.into_iter().map(|(id, list)| (Load::Citations(id.raw()), Loaded::Citations(list.into()))),
            );
        }
        Load::History(HistoryOf { before, limit, .. }) => {
            let histories = store.histories(&ids(), *before, *limit).await?;
            results.extend(histories.into_iter().map(|(id, changes)| {
                (Load::History(HistoryOf { id, before: *before, limit: *limit }), Loaded::History(changes.into()))
            }));
        }
        load @ Load::Feed(slice) => {
            results.insert(load.clone(), Loaded::Feed(Arc::new(store.changes(slice).await?)));
        }
    }
    Ok(())
}

/// Each value once, in the order of the loads.
fn distinct<T: Clone + Eq + Hash>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(value.clone())).collect()
}

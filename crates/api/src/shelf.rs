//! What a request has read: every record once, stocked by pages, with a batch loader as the net beneath.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use pomost_domain::link::Relation;
use pomost_domain::page::{Page, Slice};
use pomost_domain::{Answer, Fact, Id, Kind};
use pomost_persistence::{Change, Citation, Filter, Linked, Order, Store, StoreError, Stored};

use uuid::Uuid;

use crate::error::ApiError;

/// The records of one request.
pub struct Shelf {
    loader: DataLoader<Batch, HashMapCache>,
    misses: Arc<AtomicU64>,
}

/// Reads what was not on the shelf.
struct Batch {
    store: Store,
    misses: Arc<AtomicU64>,
}

/// What is asked of a list, ready for the store, with the text that tells it from other questions.
pub(crate) struct Listing<T: Fact> {
    pub(crate) key: String,
    pub(crate) filter: Filter<T>,
    pub(crate) order: Order<T::Field>,
    pub(crate) slice: Slice,
}

/// The page under a parent.
pub(crate) struct Under<R: Relation> {
    pub(crate) parent: Id<R::Parent>,
    pub(crate) listing: Arc<Listing<R::Child>>,
}

/// The count under a parent.
pub(crate) struct Counted<R: Relation>(pub(crate) Under<R>);

/// The page of the records that have a text in a field.
pub(crate) struct Within<T: Fact> {
    pub(crate) field: T::Field,
    pub(crate) text: String,
    pub(crate) listing: Arc<Listing<T>>,
}

/// The count of such records.
pub(crate) struct CountedWithin<T: Fact>(pub(crate) Within<T>);

/// The whole list of references of a parent.
pub(crate) struct Listed<R: Relation>(pub(crate) Id<R::Parent>);

/// What an answer cites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CitedBy(Id<Answer>);

/// A part of the history of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HistoryOf {
    pub(crate) id: Uuid,
    /// Only changes before this number.
    pub(crate) before: Option<i64>,
    /// At most this many, and one more that tells whether there are older ones.
    pub(crate) limit: u32,
}

/// The record of a slug.
pub(crate) struct BySlug<T> {
    pub(crate) slug: String,
    pub(crate) of: std::marker::PhantomData<fn() -> T>,
}

macro_rules! key {
    ($name:ident<$p:ident: $bound:ident>, |$self:ident, $other:ident| $eq:expr, |$state:ident| $hash:expr, $clone:expr) => {
        // By hand, because derives would ask the same of the relation.
        impl<$p: $bound> Clone for $name<$p> {
            fn clone(&self) -> Self {
                let $self = self;
                $clone
            }
        }
        impl<$p: $bound> PartialEq for $name<$p> {
            fn eq(&self, $other: &Self) -> bool {
                let $self = self;
                $eq
            }
        }
        impl<$p: $bound> Eq for $name<$p> {}
        impl<$p: $bound> Hash for $name<$p> {
            fn hash<H: Hasher>(&self, $state: &mut H) {
                let $self = self;
                $hash
            }
        }
    };
}

key!(
    Under<R: Relation>,
    |this, other| this.parent == other.parent && this.listing.key == other.listing.key,
    |state| {
        this.parent.hash(state);
        this.listing.key.hash(state);
    },
    Self { parent: this.parent, listing: Arc::clone(&this.listing) }
);
key!(
    Within<T: Fact>,
    |this, other| this.text == other.text && this.listing.key == other.listing.key,
    |state| {
        this.text.hash(state);
        this.listing.key.hash(state);
    },
    Self { field: this.field, text: this.text.clone(), listing: Arc::clone(&this.listing) }
);
key!(CountedWithin<T: Fact>, |this, other| this.0 == other.0, |state| this.0.hash(state), Self(this.0.clone()));
key!(Counted<R: Relation>, |this, other| this.0 == other.0, |state| this.0.hash(state), Self(this.0.clone()));
key!(Listed<R: Relation>, |this, other| this.0 == other.0, |state| this.0.hash(state), Self(this.0));
key!(
    BySlug<T: Fact>,
    |this, other| this.slug == other.slug,
    |state| this.slug.hash(state),
    Self { slug: this.slug.clone(), of: std::marker::PhantomData }
);

impl Batch {
    fn missed(&self) -> &Store {
        self.misses.fetch_add(1, Ordering::Relaxed);
        &self.store
    }
}

impl<T: Stored> Loader<Id<T>> for Batch {
    type Value = Arc<T>;
    type Error = Arc<StoreError>;

    async fn load(&self, ids: &[Id<T>]) -> Result<HashMap<Id<T>, Arc<T>>, Arc<StoreError>> {
        let facts = self.missed().by_ids(ids).await?;
        Ok(facts.into_iter().map(|fact| (fact.id(), Arc::new(fact))).collect())
    }
}

impl Loader<HistoryOf> for Batch {
    type Value = Arc<[Change]>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[HistoryOf]) -> Result<HashMap<HistoryOf, Arc<[Change]>>, Arc<StoreError>> {
        let store = self.missed();
        let mut found = HashMap::new();
        for key in keys {
            let mut histories = store.histories(&[key.id], key.before, key.limit).await?;
            found.insert(*key, histories.remove(&key.id).unwrap_or_default().into());
        }
        Ok(found)
    }
}

impl Loader<CitedBy> for Batch {
    type Value = Arc<[Citation]>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[CitedBy]) -> Result<HashMap<CitedBy, Arc<[Citation]>>, Arc<StoreError>> {
        let answers: Vec<Id<Answer>> = keys.iter().map(|key| key.0).collect();
        let found = self.missed().citations(&answers).await?;
        Ok(found.into_iter().map(|(answer, citations)| (CitedBy(answer), citations.into())).collect())
    }
}

impl<T: Stored> Loader<BySlug<T>> for Batch {
    type Value = Arc<T>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[BySlug<T>]) -> Result<HashMap<BySlug<T>, Arc<T>>, Arc<StoreError>> {
        let slugs: Vec<String> = keys.iter().map(|key| key.slug.clone()).collect();
        let facts = self.missed().by_slugs::<T>(&slugs).await?;
        Ok(facts.into_iter().map(|fact| (by_slug(&fact), Arc::new(fact))).collect())
    }
}

fn by_slug<T: Fact>(fact: &T) -> BySlug<T> {
    BySlug { slug: fact.meta().slug.clone(), of: std::marker::PhantomData }
}

impl<R: Relation> Loader<Under<R>> for Batch
where
    R::Child: Stored,
{
    type Value = Arc<Page<Arc<R::Child>>>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[Under<R>]) -> Result<HashMap<Under<R>, Self::Value>, Arc<StoreError>> {
        let store = self.missed();
        let mut found = HashMap::new();
        for (listing, parents) in grouped(keys) {
            let pages = store.pages::<R>(&parents, &listing.filter, &listing.order, &listing.slice).await?;
            found.extend(
                pages
                    .into_iter()
                    .map(|(parent, page)| (Under { parent, listing: Arc::clone(&listing) }, Arc::new(page))),
            );
        }
        Ok(found)
    }
}

impl<R: Relation> Loader<Counted<R>> for Batch
where
    R::Child: Stored,
{
    type Value = u64;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[Counted<R>]) -> Result<HashMap<Counted<R>, u64>, Arc<StoreError>> {
        let keys: Vec<Under<R>> = keys.iter().map(|key| key.0.clone()).collect();
        let store = self.missed();
        let mut found = HashMap::new();
        for (listing, parents) in grouped(&keys) {
            let counts = store.counts::<R>(&parents, &listing.filter).await?;
            found.extend(
                counts.into_iter().map(|(parent, n)| (Counted(Under { parent, listing: Arc::clone(&listing) }), n)),
            );
        }
        Ok(found)
    }
}

impl<T: Stored> Loader<Within<T>> for Batch {
    type Value = Arc<Page<Arc<T>>>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[Within<T>]) -> Result<HashMap<Within<T>, Self::Value>, Arc<StoreError>> {
        // Pages stock these, so that a batch is the exception: its keys are asked one by one.
        let store = self.missed();
        let mut found = HashMap::new();
        for key in keys {
            let (text, Listing { filter, order, slice, .. }) = (&key.text, &*key.listing);
            let mut pages = store.pages_by(key.field, std::slice::from_ref(text), filter, order, slice).await?;
            found.insert(key.clone(), Arc::new(pages.remove(text).unwrap_or_default()));
        }
        Ok(found)
    }
}

impl<T: Stored> Loader<CountedWithin<T>> for Batch {
    type Value = u64;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[CountedWithin<T>]) -> Result<HashMap<CountedWithin<T>, u64>, Arc<StoreError>> {
        let store = self.missed();
        let mut found = HashMap::new();
        for key in keys {
            let Within { field, text, listing } = &key.0;
            let counts = store.counts_by(*field, std::slice::from_ref(text), &listing.filter).await?;
            found.insert(key.clone(), counts.get(text).copied().unwrap_or(0));
        }
        Ok(found)
    }
}

impl<R: Relation> Loader<Listed<R>> for Batch
where
    R::Child: Stored,
{
    type Value = Arc<Vec<Linked<R::Child>>>;
    type Error = Arc<StoreError>;

    async fn load(&self, keys: &[Listed<R>]) -> Result<HashMap<Listed<R>, Self::Value>, Arc<StoreError>> {
        let parents: Vec<Id<R::Parent>> = keys.iter().map(|key| key.0).collect();
        let lists = self.missed().linked::<R>(&parents).await?;
        Ok(lists.into_iter().map(|(parent, list)| (Listed(parent), Arc::new(list))).collect())
    }
}

type Group<R> = (Arc<Listing<<R as Relation>::Child>>, Vec<Id<<R as Relation>::Parent>>);

/// Keys with equal questions share a statement.
fn grouped<R: Relation>(keys: &[Under<R>]) -> Vec<Group<R>> {
    let mut groups: Vec<Group<R>> = Vec::new();
    for key in keys {
        match groups.iter_mut().find(|(listing, _)| listing.key == key.listing.key) {
            Some((_, parents)) => parents.push(key.parent),
            None => groups.push((Arc::clone(&key.listing), vec![key.parent])),
        }
    }
    groups
}

impl Shelf {
    /// An empty shelf.
    pub fn new(store: Store) -> Self {
        let misses = Arc::new(AtomicU64::new(0));
        let batch = Batch { store, misses: Arc::clone(&misses) };
        // The default delay of a millisecond lets siblings join a batch; pages stock the shelf, so that nothing waits.
        let loader =
            DataLoader::with_cache(batch, TokioSpawner::current(), TokioTimer::default(), HashMapCache::default());
        Self { loader, misses }
    }

    /// How many loads no page had stocked.
    pub fn misses(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.misses)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.loader.loader().store
    }

    /// The record of an id, if it is there.
    pub(crate) async fn one<T: Stored>(&self, id: Id<T>) -> Result<Option<Arc<T>>, ApiError> {
        Ok(self.loader.load_one(id).await?)
    }

    /// The record of a slug, if it is there.
    pub(crate) async fn by_slug<T: Stored>(&self, slug: &str) -> Result<Option<Arc<T>>, ApiError> {
        Ok(self.loader.load_one(BySlug { slug: slug.to_owned(), of: std::marker::PhantomData }).await?)
    }

    /// The page under a parent.
    pub(crate) async fn page<R: Relation>(&self, under: Under<R>) -> Result<Arc<Page<Arc<R::Child>>>, ApiError>
    where
        R::Child: Stored,
    {
        Ok(self.loader.load_one(under).await?.unwrap_or_default())
    }

    /// The count under a parent.
    pub(crate) async fn count<R: Relation>(&self, under: Under<R>) -> Result<u64, ApiError>
    where
        R::Child: Stored,
    {
        Ok(self.loader.load_one(Counted(under)).await?.unwrap_or_default())
    }

    /// The page of the records that have a text in a field.
    pub(crate) async fn page_within<T: Stored>(&self, within: Within<T>) -> Result<Arc<Page<Arc<T>>>, ApiError> {
        Ok(self.loader.load_one(within).await?.unwrap_or_default())
    }

    /// The count of the records that have a text in a field.
    pub(crate) async fn count_within<T: Stored>(&self, within: Within<T>) -> Result<u64, ApiError> {
        Ok(self.loader.load_one(CountedWithin(within)).await?.unwrap_or_default())
    }

    /// Puts the pages of the records that have these texts in a field on the shelf. One statement.
    pub(crate) async fn stock_pages_within<T: Stored>(
        &self,
        field: T::Field,
        texts: &[String],
        listing: &Arc<Listing<T>>,
    ) -> Result<Vec<Arc<T>>, ApiError> {
        let pages = self.store().pages_by(field, texts, &listing.filter, &listing.order, &listing.slice).await?;
        let facts = pages.values().flat_map(|page| page.items.iter().map(|(fact, _)| Arc::clone(fact))).collect();
        let within = |text| Within { field, text, listing: Arc::clone(listing) };
        let pages = pages.into_iter().map(|(text, page)| (within(text), Arc::new(page)));
        self.loader.feed_many(pages.collect::<Vec<_>>()).await;
        Ok(facts)
    }

    /// Puts the counts of the records that have these texts in a field on the shelf. One statement.
    pub(crate) async fn stock_counts_within<T: Stored>(
        &self,
        field: T::Field,
        texts: &[String],
        listing: &Arc<Listing<T>>,
    ) -> Result<(), ApiError> {
        let counts = self.store().counts_by(field, texts, &listing.filter).await?;
        let within = |text| CountedWithin(Within { field, text, listing: Arc::clone(listing) });
        let counts = counts.into_iter().map(|(text, n)| (within(text), n));
        self.loader.feed_many(counts.collect::<Vec<_>>()).await;
        Ok(())
    }

    /// The list of references of a parent.
    pub(crate) async fn list<R: Relation>(&self, parent: Id<R::Parent>) -> Result<Arc<Vec<Linked<R::Child>>>, ApiError>
    where
        R::Child: Stored,
    {
        Ok(self.loader.load_one(Listed::<R>(parent)).await?.unwrap_or_default())
    }

    /// A shelf that keeps nothing, for what outlives a single answer.
    #[must_use]
    pub fn keeping_nothing(store: Store) -> Self {
        let shelf = Self::new(store);
        shelf.loader.enable_all_cache(false);
        shelf
    }

    /// What an answer cites.
    pub(crate) async fn citations(&self, answer: Id<Answer>) -> Result<Arc<[Citation]>, ApiError> {
        Ok(self.loader.load_one(CitedBy(answer)).await?.unwrap_or_default())
    }

    /// Puts what answers cite on the shelf, and returns it. One statement.
    pub(crate) async fn stock_citations(&self, answers: &[Id<Answer>]) -> Result<Vec<(Kind, Uuid)>, ApiError> {
        let citations = self.store().citations(answers).await?;
        let cited = citations.values().flatten().map(|citation| (citation.kind, citation.id)).collect();
        let keyed = citations.into_iter().map(|(answer, citations)| (CitedBy(answer), citations.into()));
        self.loader.feed_many(keyed.collect::<Vec<(CitedBy, Arc<[Citation]>)>>()).await;
        Ok(cited)
    }

    /// Whether whoever the shelf is for sees everything, and so the histories.
    pub(crate) fn reads_histories(&self) -> bool {
        self.store().sees_all()
    }

    /// A part of the history of a record.
    pub(crate) async fn history(&self, of: HistoryOf) -> Result<Arc<[Change]>, ApiError> {
        Ok(self.loader.load_one(of).await?.unwrap_or_default())
    }

    /// Puts parts of the histories of records on the shelf. One statement.
    pub(crate) async fn stock_histories(&self, ids: &[Uuid], like: HistoryOf) -> Result<(), ApiError> {
        let histories = self.store().histories(ids, like.before, like.limit).await?;
        let keyed = histories.into_iter().map(|(id, changes)| (HistoryOf { id, ..like }, changes.into()));
        self.loader.feed_many(keyed.collect::<Vec<(HistoryOf, Arc<[Change]>)>>()).await;
        Ok(())
    }

    /// Puts records on the shelf. One statement; blind to what lies there, so that the number of statements is known.
    pub(crate) async fn stock<T: Stored>(&self, ids: HashSet<Id<T>>) -> Result<Vec<Arc<T>>, ApiError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids: Vec<Id<T>> = ids.into_iter().collect();
        ids.sort_unstable();
        let facts: Vec<Arc<T>> = self.store().by_ids(&ids).await?.into_iter().map(Arc::new).collect();
        self.put(&facts).await;
        Ok(facts)
    }

    /// Puts records on the shelf by their slugs. One statement.
    pub(crate) async fn stock_slugs<T: Stored>(&self, slugs: HashSet<String>) -> Result<Vec<Arc<T>>, ApiError> {
        if slugs.is_empty() {
            return Ok(Vec::new());
        }
        let mut slugs: Vec<String> = slugs.into_iter().collect();
        slugs.sort_unstable();
        let facts: Vec<Arc<T>> = self.store().by_slugs::<T>(&slugs).await?.into_iter().map(Arc::new).collect();
        self.loader.feed_many(facts.iter().map(|fact| (by_slug(&**fact), Arc::clone(fact)))).await;
        self.put(&facts).await;
        Ok(facts)
    }

    /// Puts records on the shelf that were read otherwise.
    pub(crate) async fn put<T: Stored>(&self, facts: &[Arc<T>]) {
        self.loader.feed_many(facts.iter().map(|fact| (fact.id(), Arc::clone(fact)))).await;
    }

    /// Puts the pages under parents on the shelf. One statement.
    pub(crate) async fn stock_pages<R: Relation>(
        &self,
        parents: &[Id<R::Parent>],
        listing: &Arc<Listing<R::Child>>,
    ) -> Result<Vec<Arc<R::Child>>, ApiError>
    where
        R::Child: Stored,
    {
        let pages = self.store().pages::<R>(parents, &listing.filter, &listing.order, &listing.slice).await?;
        let facts = pages.values().flat_map(|page| page.items.iter().map(|(fact, _)| Arc::clone(fact))).collect();
        let pages = pages
            .into_iter()
            .map(|(parent, page)| (Under::<R> { parent, listing: Arc::clone(listing) }, Arc::new(page)));
        self.loader.feed_many(pages.collect::<Vec<_>>()).await;
        Ok(facts)
    }

    /// Puts the counts under parents on the shelf. One statement.
    pub(crate) async fn stock_counts<R: Relation>(
        &self,
        parents: &[Id<R::Parent>],
        listing: &Arc<Listing<R::Child>>,
    ) -> Result<(), ApiError>
    where
        R::Child: Stored,
    {
        let counts = self.store().counts::<R>(parents, &listing.filter).await?;
        let counts =
            counts.into_iter().map(|(parent, n)| (Counted(Under::<R> { parent, listing: Arc::clone(listing) }), n));
        self.loader.feed_many(counts.collect::<Vec<_>>()).await;
        Ok(())
    }

    /// Puts the lists of references of parents on the shelf. One statement.
    pub(crate) async fn stock_lists<R: Relation>(
        &self,
        parents: &[Id<R::Parent>],
    ) -> Result<Vec<Arc<R::Child>>, ApiError>
    where
        R::Child: Stored,
    {
        let lists = self.store().linked::<R>(parents).await?;
        let facts = lists.values().flat_map(|list| list.iter().map(|linked| Arc::clone(&linked.fact))).collect();
        let lists = lists.into_iter().map(|(parent, list)| (Listed::<R>(parent), Arc::new(list)));
        self.loader.feed_many(lists.collect::<Vec<_>>()).await;
        Ok(facts)
    }
}

/// Finds the shelf of a request.
pub(crate) trait ShelfOf {
    /// The shelf.
    fn shelf(&self) -> &Shelf;
}

impl ShelfOf for Context<'_> {
    fn shelf(&self) -> &Shelf {
        self.data_unchecked::<Shelf>()
    }
}

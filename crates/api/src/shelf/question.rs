//! What a request asks of the store: each question is read together with others of its sort, in one statement, and its
//! answer is the same for all who see the same, as long as nothing is written.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pomost_domain::link::Relation;
use pomost_domain::page::{Page, Slice};
use pomost_domain::{Answer, Fact, Id};
use pomost_persistence::{
    Asked, Change, Citation, FeedPage, FeedSlice, Filter, Linked, Order, Store, StoreError, Stored, aside,
};
use uuid::Uuid;

/// A question, and how it is answered.
pub(crate) trait Question: Clone + Eq + Hash + Send + Sync + 'static {
    /// The answer.
    type Answer: Clone + Send + Sync + 'static;
    /// What the answer has in it only if it is asked for.
    const ASIDE: Asked = Asked::NONE;

    /// Asks the store several questions of this sort. What has no answer is left out.
    fn read(
        store: &Store,
        questions: &[Self],
    ) -> impl Future<Output = Result<HashMap<Self, Self::Answer>, StoreError>> + Send;

    /// What an answer takes in memory, in bytes.
    fn weight(answer: &Self::Answer) -> usize;

    /// The question as it is remembered, without what is only needed to read its answer, and the bytes of its texts.
    fn bare(&self) -> (Self, usize) {
        (self.clone(), 0)
    }
}

/// What a value takes in memory, in bytes, rather more than less: every text that it holds is in what it prints.
fn printed<T: Debug>(value: &T) -> usize {
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
    size_of::<T>() + length.0
}

fn page_weight<T: Fact>(page: &Page<Arc<T>>) -> usize {
    page.items.iter().map(|(fact, position)| printed(&**fact) + printed(position)).sum()
}

fn list_weight<T: Fact>(list: &[Linked<T>]) -> usize {
    let texts =
        |linked: &Linked<T>| [&linked.role, &linked.detail].into_iter().flatten().map(String::len).sum::<usize>();
    list.iter().map(|linked| printed(&*linked.fact) + texts(linked) + size_of::<Linked<T>>()).sum()
}

/// What is asked of a list, ready for the store, with the text that tells it from other questions.
pub(crate) struct Listing<T: Fact> {
    pub(crate) key: Arc<str>,
    pub(crate) filter: Filter<T>,
    pub(crate) order: Order<T::Field>,
    pub(crate) slice: Slice,
}

impl<T: Fact> Listing<T> {
    fn bare(&self) -> (Arc<Self>, usize) {
        let key = Arc::clone(&self.key);
        let bare = Self { key, filter: Filter::default(), order: Order::new(), slice: Slice::default() };
        (Arc::new(bare), self.key.len())
    }
}

/// A page of a list at the root.
pub(crate) struct Whole<T: Fact>(pub(crate) Arc<Listing<T>>);

/// The count of a list at the root.
pub(crate) struct CountedWhole<T: Fact>(pub(crate) Whole<T>);

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
pub(crate) struct CitedBy(pub(crate) Id<Answer>);

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
    slug: String,
    of: std::marker::PhantomData<fn() -> T>,
}

impl<T> BySlug<T> {
    pub(crate) fn new(slug: String) -> Self {
        Self { slug, of: std::marker::PhantomData }
    }
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
    Whole<T: Fact>,
    |this, other| this.0.key == other.0.key,
    |state| this.0.key.hash(state),
    Self(Arc::clone(&this.0))
);
key!(CountedWhole<T: Fact>, |this, other| this.0 == other.0, |state| this.0.hash(state), Self(this.0.clone()));
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
    Self::new(this.slug.clone())
);

impl<T: Stored> Question for Id<T> {
    type Answer = Arc<T>;
    const ASIDE: Asked = aside::<T>();

    async fn read(store: &Store, ids: &[Self]) -> Result<HashMap<Self, Arc<T>>, StoreError> {
        let facts = store.by_ids(ids).await?;
        Ok(facts.into_iter().map(|fact| (fact.id(), fact)).collect())
    }

    fn weight(answer: &Self::Answer) -> usize {
        printed(&**answer)
    }
}

impl<T: Stored> Question for BySlug<T> {
    type Answer = Arc<T>;
    const ASIDE: Asked = aside::<T>();

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, Arc<T>>, StoreError> {
        let slugs: Vec<String> = questions.iter().map(|question| question.slug.clone()).collect();
        let facts = store.by_slugs::<T>(&slugs).await?;
        Ok(facts.into_iter().map(|fact| (Self::new(fact.meta().slug.clone()), fact)).collect())
    }

    fn weight(answer: &Self::Answer) -> usize {
        printed(&**answer)
    }

    fn bare(&self) -> (Self, usize) {
        (self.clone(), self.slug.len())
    }
}

impl<T: Stored> Question for Whole<T> {
    type Answer = Arc<Page<Arc<T>>>;
    const ASIDE: Asked = aside::<T>();

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let mut found = HashMap::new();
        for question in questions {
            let Listing { filter, order, slice, .. } = &*question.0;
            found.insert(question.clone(), Arc::new(store.page(filter, order, slice).await?));
        }
        Ok(found)
    }

    fn weight(answer: &Self::Answer) -> usize {
        page_weight(answer)
    }

    fn bare(&self) -> (Self, usize) {
        let (listing, texts) = self.0.bare();
        (Self(listing), texts)
    }
}

impl<T: Stored> Question for CountedWhole<T> {
    type Answer = u64;

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, u64>, StoreError> {
        let mut found = HashMap::new();
        for question in questions {
            found.insert(question.clone(), store.count(&question.0.0.filter).await?);
        }
        Ok(found)
    }

    fn weight(answer: &Self::Answer) -> usize {
        size_of_val(answer)
    }

    fn bare(&self) -> (Self, usize) {
        let (counted, texts) = self.0.bare();
        (Self(counted), texts)
    }
}

impl<R: Relation> Question for Under<R>
where
    R::Child: Stored,
{
    type Answer = Arc<Page<Arc<R::Child>>>;
    const ASIDE: Asked = aside::<R::Child>();

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let mut found = HashMap::with_capacity(questions.len());
        for (listing, parents) in grouped(questions) {
            let pages = store.pages::<R>(&parents, &listing.filter, &listing.order, &listing.slice).await?;
            let under = |parent| Self { parent, listing: Arc::clone(&listing) };
            found.extend(pages.into_iter().map(|(parent, page)| (under(parent), Arc::new(page))));
        }
        Ok(found)
    }

    fn weight(answer: &Self::Answer) -> usize {
        page_weight(answer)
    }

    fn bare(&self) -> (Self, usize) {
        let (listing, texts) = self.listing.bare();
        (Self { parent: self.parent, listing }, texts)
    }
}

impl<R: Relation> Question for Counted<R>
where
    R::Child: Stored,
{
    type Answer = u64;

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, u64>, StoreError> {
        let questions: Vec<Under<R>> = questions.iter().map(|question| question.0.clone()).collect();
        let mut found = HashMap::with_capacity(questions.len());
        for (listing, parents) in grouped(&questions) {
            let counts = store.counts::<R>(&parents, &listing.filter).await?;
            let counted = |parent| Self(Under { parent, listing: Arc::clone(&listing) });
            found.extend(counts.into_iter().map(|(parent, n)| (counted(parent), n)));
        }
        Ok(found)
    }

    fn weight(answer: &Self::Answer) -> usize {
        size_of_val(answer)
    }

    fn bare(&self) -> (Self, usize) {
        let (counted, texts) = self.0.bare();
        (Self(counted), texts)
    }
}

impl<T: Stored> Question for Within<T> {
    type Answer = Arc<Page<Arc<T>>>;
    const ASIDE: Asked = aside::<T>();

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let mut found = HashMap::with_capacity(questions.len());
        for (field, listing, texts) in grouped_within(questions.iter()) {
            let pages = store.pages_by(field, &texts, &listing.filter, &listing.order, &listing.slice).await?;
            let within = |text| Self { field, text, listing: Arc::clone(&listing) };
            found.extend(pages.into_iter().map(|(text, page)| (within(text), Arc::new(page))));
        }
        Ok(found)
    }

    fn weight(answer: &Self::Answer) -> usize {
        page_weight(answer)
    }

    fn bare(&self) -> (Self, usize) {
        let (listing, texts) = self.listing.bare();
        (Self { field: self.field, text: self.text.clone(), listing }, texts + self.text.len())
    }
}

impl<T: Stored> Question for CountedWithin<T> {
    type Answer = u64;

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, u64>, StoreError> {
        let mut found = HashMap::with_capacity(questions.len());
        for (field, listing, texts) in grouped_within(questions.iter().map(|question| &question.0)) {
            let counts = store.counts_by(field, &texts, &listing.filter).await?;
            let counted = |text| Self(Within { field, text, listing: Arc::clone(&listing) });
            found.extend(counts.into_iter().map(|(text, n)| (counted(text), n)));
        }
        Ok(found)
    }

    fn weight(answer: &Self::Answer) -> usize {
        size_of_val(answer)
    }

    fn bare(&self) -> (Self, usize) {
        let (counted, texts) = self.0.bare();
        (Self(counted), texts)
    }
}

impl<R: Relation> Question for Listed<R>
where
    R::Child: Stored,
{
    type Answer = Arc<Vec<Linked<R::Child>>>;
    const ASIDE: Asked = aside::<R::Child>();

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let parents: Vec<Id<R::Parent>> = questions.iter().map(|question| question.0).collect();
        let lists = store.linked::<R>(&parents).await?;
        Ok(lists.into_iter().map(|(parent, list)| (Self(parent), Arc::new(list))).collect())
    }

    fn weight(answer: &Self::Answer) -> usize {
        list_weight(answer)
    }
}

impl Question for CitedBy {
    type Answer = Arc<[Citation]>;

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, Arc<[Citation]>>, StoreError> {
        let answers: Vec<Id<Answer>> = questions.iter().map(|question| question.0).collect();
        let found = store.citations(&answers).await?;
        Ok(found.into_iter().map(|(answer, citations)| (Self(answer), citations.into())).collect())
    }

    fn weight(answer: &Self::Answer) -> usize {
        answer.iter().map(printed).sum()
    }
}

impl Question for HistoryOf {
    type Answer = Arc<[Change]>;

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, Arc<[Change]>>, StoreError> {
        let mut groups: HashMap<(Option<i64>, u32), Vec<Uuid>> = HashMap::new();
        for Self { id, before, limit } in questions {
            groups.entry((*before, *limit)).or_default().push(*id);
        }
        let mut found = HashMap::with_capacity(questions.len());
        for ((before, limit), ids) in groups {
            let histories = store.histories(&ids, before, limit).await?;
            found.extend(histories.into_iter().map(|(id, changes)| (Self { id, before, limit }, changes.into())));
        }
        Ok(found)
    }

    fn weight(answer: &Self::Answer) -> usize {
        answer.iter().map(printed).sum()
    }
}

impl Question for FeedSlice {
    type Answer = Arc<FeedPage>;

    async fn read(store: &Store, questions: &[Self]) -> Result<HashMap<Self, Arc<FeedPage>>, StoreError> {
        let mut found = HashMap::new();
        for question in questions {
            found.insert(question.clone(), Arc::new(store.changes(question).await?));
        }
        Ok(found)
    }

    fn weight(answer: &Self::Answer) -> usize {
        answer.changes.iter().map(printed).sum()
    }

    fn bare(&self) -> (Self, usize) {
        (self.clone(), size_of_val(&*self.kinds))
    }
}

type Group<R> = (Arc<Listing<<R as Relation>::Child>>, Vec<Id<<R as Relation>::Parent>>);

/// Equal questions about several parents share a statement.
fn grouped<R: Relation>(questions: &[Under<R>]) -> Vec<Group<R>> {
    let mut groups: Vec<Group<R>> = Vec::new();
    for Under { parent, listing } in questions {
        match groups.iter_mut().find(|(known, _)| known.key == listing.key) {
            Some((_, parents)) => parents.push(*parent),
            None => groups.push((Arc::clone(listing), vec![*parent])),
        }
    }
    groups
}

type GroupWithin<T> = (<T as Fact>::Field, Arc<Listing<T>>, Vec<String>);

/// Equal questions about several texts share a statement.
fn grouped_within<'a, T: Fact>(questions: impl Iterator<Item = &'a Within<T>>) -> Vec<GroupWithin<T>> {
    let mut groups: Vec<GroupWithin<T>> = Vec::new();
    for Within { field, text, listing } in questions {
        match groups.iter_mut().find(|(known, like, _)| known == field && like.key == listing.key) {
            Some((_, _, texts)) => texts.push(text.clone()),
            None => groups.push((*field, Arc::clone(listing), vec![text.clone()])),
        }
    }
    groups
}

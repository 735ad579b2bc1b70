//! The fields that all records share, the lists under a record, and records of any type.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Field as FieldSelection;
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, Object, OneofObject, OutputType, Positioned, ServerResult, Value,
};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use pomost_domain::link::Relation;
use pomost_domain::page::Slice;
use pomost_domain::{Fact, Id, Kind};
use pomost_persistence::{Filter, Linked, Order, Stored, Walk};
use uuid::Uuid;

use super::connection::{list_field, list_of};
use super::definition::{interface, object, register};
use super::filter::{PublicationState, RecordVisibility};
use super::node;
use super::prefetch::{Look, prefetch_all};
use super::shown::{Entity, Shown};
use super::values::{LocalizedText, Source, text_option};
use crate::error::ApiError;
use crate::loader::{HasLoader, Listing, Load, Loaded, Place, Record, typed};
use crate::schema::change::{ChangeCursor, History, history};

/// The fields that all records share.
pub(crate) struct Shared {
    kind: Kind,
    record: Record,
}

impl Shared {
    /// The shared fields of a record.
    pub(crate) fn of<T: Fact>(fact: &Arc<T>) -> Self {
        Self { kind: T::KIND, record: Arc::clone(fact) as Record }
    }
}

/// The fields that all records share.
#[Object(name = "SharedFields")]
impl Shared {
    /// Global, opaque and lasting id, for `node` and `nodes`.
    async fn id(&self) -> ID {
        node::id_of(self.kind, self.record.shared().id)
    }

    /// Readable name in addresses, stable and unique among the records of one type.
    async fn slug(&self) -> &str {
        &self.record.shared().slug
    }

    /// Number of times that the record was written. Send it as `expectedVersion` when you change the record.
    async fn version(&self) -> u32 {
        self.record.shared().version
    }

    /// When the record was first written to this registry.
    async fn created_at(&self) -> DateTime<Utc> {
        self.record.shared().created_at
    }

    /// When the record was last written to this registry.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.record.shared().updated_at
    }

    /// Where the record stands on its way to the public.
    async fn publication(&self) -> PublicationState {
        self.record.shared().publication.into()
    }

    /// Who may see the record once it is published.
    async fn visibility(&self) -> RecordVisibility {
        self.record.shared().visibility.into()
    }

    /// Licence of the content of the record, as an SPDX identifier.
    async fn licence(&self) -> &str {
        &self.record.shared().licence
    }

    /// What is uncertain, inferred or contradictory about the record. `null`: nothing was noted.
    async fn note(&self) -> Option<LocalizedText> {
        text_option(self.record.shared().note.as_ref())
    }

    /// Where the facts of the record were found. `null`: not reported.
    async fn sources(&self) -> Option<Vec<Source>> {
        let sources = self.record.shared().sources.as_ref()?;
        Some(sources.iter().cloned().map(Source).collect())
    }

    /// Place of the last change of the record in the change feed.
    async fn change_seq(&self) -> ChangeCursor {
        ChangeCursor(self.record.shared().change_seq)
    }

    /// Who changed what of the record, when and why, the newest change first. For those with the right `READ_HISTORY`; `null`
    /// beside an error for others.
    #[graphql(directive = super::cost::list_size::apply(
        Some(20), Some(vec!["first".to_owned()]), Some(vec!["nodes".to_owned()]), Some(false),
    ))]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many changes at most, 1 to 100; 20 when it is not given.")] first: Option<i32>,
        #[graphql(desc = "Only changes before this place in the feed: `older` of the part before.")] before: Option<
            ChangeCursor,
        >,
    ) -> Option<Result<History, ApiError>> {
        Some(history(ctx, self.record.shared().id, first, before).await)
    }
}

/// Fields that several types have as their own.
///
/// They are registered apart from the records that they lead to: those have the same fields, which would not be there yet.
pub(crate) struct Flattened<T>(pub(crate) T);

impl<T: ContainerType> OutputType for Flattened<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        apart(registry, T::create_type_info)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<FieldSelection>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl<T: ContainerType> ContainerType for Flattened<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0.resolve_field(ctx).await
    }
}

/// Registers a type without those of the records that it leads to.
fn apart(registry: &mut Registry, register: fn(&mut Registry) -> String) -> String {
    let absent = |name: &&str| !registry.types.contains_key(*name);
    let names: Vec<&str> = node::entities().map(|entity| entity.name).filter(absent).collect();
    registry.types.extend(names.iter().map(|name| ((*name).to_owned(), object(name, "", Vec::new()))));
    let registered = register(registry);
    for name in names {
        registry.types.remove(name);
    }
    registered
}

/// The fields that several types have as their own.
pub(crate) fn fields_of<T: ContainerType>(registry: &mut Registry) -> IndexMap<String, MetaField> {
    match registry.create_fake_output_type::<Flattened<T>>() {
        MetaType::Object { fields, .. } => fields,
        _ => IndexMap::new(),
    }
}

/// The lists under a record of a type.
pub(crate) struct Lists<N> {
    id: Uuid,
    of: PhantomData<fn() -> N>,
}

impl<N: Shown> Lists<N> {
    /// The lists under a record.
    pub(crate) fn of(fact: &Arc<N::Fact>) -> Self {
        Self { id: fact.meta().id, of: PhantomData }
    }
}

impl<N: Shown> OutputType for Lists<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Lists", N::NAME))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        lists_type(registry, N::ENTITY)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<FieldSelection>) -> ServerResult<Value> {
        // Its fields are those of the record: nothing has it as a value.
        Ok(Value::Null)
    }
}

impl<N: Shown> ContainerType for Lists<N> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let list: BoxFuture<'_, _> = Box::pin(list_of(ctx, N::ENTITY, self.id));
        list.await
    }
}

fn lists_type(registry: &mut Registry, entity: &Entity) -> String {
    register(registry, format!("{}Lists", entity.name), |registry, name| {
        let fields =
            entity.lists.iter().map(|list| list_field(registry, list.name, list.doc, (list.way.to)())).collect();
        object(name, "The lists under a record.", fields)
    })
}

/// A record of any type, with the type of the schema that shows it. To clients it is the interface `Record`.
#[derive(Clone)]
pub(crate) struct AnyRecord {
    pub(crate) entity: &'static Entity,
    pub(crate) record: Record,
}

impl AnyRecord {
    /// A fact as the type of the schema shows it.
    pub(crate) fn of<N: Shown>(fact: Arc<N::Fact>) -> Self {
        Self { entity: N::ENTITY, record: fact as Record }
    }
}

impl AnyRecord {
    /// The record as the type of the schema shows it; `None` if it has facts of another type.
    pub(crate) fn shown<N: Shown>(self) -> Option<N> {
        typed(self.record).map(N::from)
    }
}

impl OutputType for AnyRecord {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Record")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.entity.name)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = register(registry, "Record".to_owned(), |registry, name| {
            let fields = fields_of::<Shared>(registry);
            let types: Vec<String> = node::records().map(|entity| (entity.type_info)(registry)).collect();
            let types = types.iter().map(|ty| ty.trim_end_matches('!').to_owned());
            interface(registry, name, "A record of any kind: what all of them share.", fields, types)
        });
        format!("{name}!")
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<FieldSelection>) -> ServerResult<Value> {
        (self.entity.resolve)(ctx, field, Arc::clone(&self.record)).await
    }
}

/// The record of a reference, if there is one and the viewer sees it.
pub(crate) async fn one<N: Shown>(ctx: &Context<'_>, id: Option<Id<N::Fact>>) -> Result<Option<N>, ApiError> {
    match id {
        Some(id) => Ok(ctx.loader().record(id).await?.map(N::from)),
        None => Ok(None),
    }
}

/// The records of a list of references.
pub(crate) async fn listed<R, N>(ctx: &Context<'_>, parent: Uuid) -> Result<Vec<N>, ApiError>
where
    R: Relation<Child = N::Fact>,
    R::Parent: Stored,
    N: Shown,
{
    let list = linked::<R>(ctx, parent).await?;
    Ok(list.iter().filter_map(|linked| end::<N>(linked)).collect())
}

/// A list of references, with the properties of each.
pub(crate) async fn linked<R: Relation>(ctx: &Context<'_>, parent: Uuid) -> Result<Arc<[Linked]>, ApiError>
where
    R::Parent: Stored,
    R::Child: Stored,
{
    ctx.loader().linked(Walk::of::<R>(), parent).await
}

/// The record at the end of a reference.
pub(crate) fn end<N: Shown>(linked: &Linked) -> Option<N> {
    typed(Arc::clone(&linked.fact)).map(N::from)
}

/// A record and the records that its selected fields show.
pub(crate) async fn seen<N: Shown>(ctx: &Context<'_>, record: Option<Record>) -> Result<Option<N>, ApiError> {
    let Some(record) = record else { return Ok(None) };
    prefetch_all(ctx.loader(), N::ENTITY, Look(vec![ctx.look_ahead()]), vec![Arc::clone(&record)]).await?;
    Ok(typed(record).map(N::from))
}

/// The key of a record: exactly one of these.
#[derive(Debug, OneofObject)]
pub(crate) enum RecordKey {
    /// Global id, as the field `id` gives it.
    Id(ID),
    /// Slug, unique among the records of the type.
    Slug(String),
}

/// The record of a key. One statement.
pub(crate) async fn lookup(
    ctx: &Context<'_>,
    entity: &'static Entity,
    key: RecordKey,
) -> Result<Option<AnyRecord>, ApiError> {
    let name = format!("{key:?}");
    let wanted = match key {
        RecordKey::Id(id) => Filter::ids_in([(entity.raw_id)(&id)?]),
        RecordKey::Slug(slug) => Filter::slugs_in([slug]),
    };
    first(ctx, entity, &name, Filter::all([(entity.base)(), wanted]), Order::new()).await
}

/// The first record that meets a filter; `key` tells it from the first of other filters and orders. One statement.
pub(crate) async fn first(
    ctx: &Context<'_>,
    entity: &'static Entity,
    key: &str,
    filter: Filter,
    order: Order,
) -> Result<Option<AnyRecord>, ApiError> {
    let slice = Slice { limit: 1, ..Slice::default() };
    let listing = Listing { key: format!("{} {key}", entity.name).into(), filter, order, slice };
    let loader = ctx.loader();
    let loaded = loader.load(Load::Page(Place::Root(entity.mapping()), Arc::new(listing))).await?;
    let page = loaded.and_then(Loaded::page).unwrap_or_default();
    let Some((record, _)) = page.items.first() else { return Ok(None) };
    loader.prime(entity.mapping(), std::slice::from_ref(record)).await;
    prefetch_all(loader, entity, Look(vec![ctx.look_ahead()]), vec![Arc::clone(record)]).await?;
    Ok(Some(AnyRecord { entity, record: Arc::clone(record) }))
}

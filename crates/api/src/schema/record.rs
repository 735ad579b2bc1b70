//! The macros that make a type of the schema and its root fields: what all records show is written once, here.

use std::sync::Arc;

use async_graphql::{ID, Interface};
use chrono::{DateTime, Utc};
use pomost_domain::page::Slice;
use pomost_persistence::{Filter, Order};

use super::change::{ChangeCursor, History};
use super::filter::{PublicationState, RecordVisibility};
use super::values::{LocalizedText, Source};
use super::{
    Agreement, Answer, BusinessMission, City, Commitment, Document, Interpellation, JointEvent, LetterOfIntent,
    Meeting, Official, Organization, Partnership, Programme, Project, Resolution, Session, StudyVisit, Term,
    YouthExchange,
};
use crate::error::ApiError;

/// A record of any kind: what all of them share.
#[derive(Clone, Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Global, opaque and lasting id, for `node` and `nodes`."),
    field(name = "slug", ty = "&str", desc = "Readable name in addresses, stable and unique among the records of one type."),
    field(
        name = "version",
        ty = "u32",
        desc = "Number of times that the record was written. Send it as `expectedVersion` when you change the record."
    ),
    field(name = "created_at", ty = "DateTime<Utc>", desc = "When the record was first written to this registry."),
    field(name = "updated_at", ty = "DateTime<Utc>", desc = "When the record was last written to this registry."),
    field(name = "publication", ty = "PublicationState", desc = "Where the record stands on its way to the public."),
    field(name = "visibility", ty = "RecordVisibility", desc = "Who may see the record once it is published."),
    field(name = "licence", ty = "&str", desc = "Licence of the content of the record, as an SPDX identifier."),
    field(
        name = "note",
        ty = "Option<LocalizedText>",
        desc = "What is uncertain, inferred or contradictory about the record. `null`: nothing was noted."
    ),
    field(name = "sources", ty = "Option<Vec<Source>>", desc = "Where the facts of the record were found. `null`: not reported."),
    field(name = "change_seq", ty = "ChangeCursor", desc = "Place of the last change of the record in the change feed."),
    field(
        name = "history",
        ty = "Option<Result<History, ApiError>>",
        desc = "Who changed what of the record, when and why, the newest change first. For those with the right `READ_HISTORY`; `null` beside an error for others.",
        directive = super::cost::list_size::apply(
            Some(20), Some(vec!["first".to_owned()]), Some(vec!["nodes".to_owned()]), Some(false),
        ),
        arg(name = "first", ty = "Option<i32>", desc = "How many changes at most, 1 to 100; 20 when it is not given."),
        arg(
            name = "before",
            ty = "Option<ChangeCursor>",
            desc = "Only changes before this place in the feed: `older` of the part before."
        )
    )
)]
pub(crate) enum Record {
    Agreement(Agreement),
    Answer(Answer),
    BusinessMission(BusinessMission),
    City(City),
    Commitment(Commitment),
    Document(Document),
    Interpellation(Interpellation),
    JointEvent(JointEvent),
    LetterOfIntent(LetterOfIntent),
    Meeting(Meeting),
    Official(Official),
    Organization(Organization),
    Partnership(Partnership),
    Programme(Programme),
    Project(Project),
    Resolution(Resolution),
    Session(Session),
    StudyVisit(StudyVisit),
    Term(Term),
    YouthExchange(YouthExchange),
}

/// Makes an object type of fields and connections; `self.0` is a fact.
macro_rules! connected {
    (
        $(#[$doc:meta])*
        $name:ident { $($fields:tt)* }
        connections { $($(#[$cdoc:meta])* $connection:ident: $relation:ty => $node:ty,)* }
    ) => {
        $(#[$doc])*
        #[async_graphql::Object]
        impl $name {
            $($fields)*

            $(
                $(#[$cdoc])*
                #[graphql(directive = crate::schema::cost::list_size::apply(
                    Some(crate::schema::cost::PAGE),
                    Some(vec!["first".to_owned(), "last".to_owned()]),
                    Some(vec!["edges".to_owned(), "nodes".to_owned()]),
                    Some(false),
                ))]
                #[allow(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
                pub(crate) async fn $connection(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                    #[graphql(desc = "How many records from the start, 1 to 100; 20 when neither `first` nor `last` is given.")] first: Option<i32>,
                    #[graphql(desc = "Only records after this cursor.")] after: Option<String>,
                    #[graphql(desc = "How many records from the end, 1 to 100.")] last: Option<i32>,
                    #[graphql(desc = "Only records before this cursor.")] before: Option<String>,
                    #[graphql(desc = "Only records that meet this.", directive = crate::schema::cost::cost::apply(crate::schema::cost::FILTER.to_owned()))]
                    filter: Option<<$node as crate::schema::connection::Shown>::Filter>,
                    #[graphql(desc = "Order of the list; by name when it is not given.")] order_by: Option<Vec<<$node as crate::schema::connection::Shown>::Order>>,
                ) -> Result<crate::schema::connection::Connection<$node>, crate::error::ApiError> {
                    let args = crate::schema::connection::ListArgs { first, after, last, before, filter, order_by };
                    crate::schema::connection::under::<$relation, $node>(ctx, pomost_domain::Id::new(self.0.meta.id), args).await
                }
            )*
        }
    };
}
pub(crate) use connected;

/// Makes an object type of a fact: the shared fields, its own, and its connections.
macro_rules! record {
    (
        $(#[$doc:meta])*
        $name:ident of $fact:ty, $filter:ty, $order:ty {
            $($fields:tt)*
        }
        connections { $($(#[$cdoc:meta])* $connection:ident: $relation:ty => $node:ty,)* }
        prefetch($plan:ident) $prefetch:block
    ) => {
        #[derive(Clone)]
        pub(crate) struct $name(pub(crate) std::sync::Arc<$fact>);

        impl From<std::sync::Arc<$fact>> for $name {
            fn from(fact: std::sync::Arc<$fact>) -> Self {
                Self(fact)
            }
        }

        impl crate::schema::connection::Shown for $name {
            type Fact = $fact;
            type Filter = $filter;
            type Order = $order;
            const NAME: &'static str = stringify!($name);

            fn prefetch($plan: &mut crate::schema::connection::Plan<'_, $fact>) {
                crate::schema::values::prefetch_sources::<Self>($plan);
                $plan.history();
                $($plan.connection::<$relation, $node>(&crate::schema::record::camel(stringify!($connection)));)*
                $prefetch
            }
        }

        crate::schema::record::connected! {
            $(#[$doc])*
            $name {
            /// Global, opaque and lasting id, for `node` and `nodes`.
            pub(crate) async fn id(&self) -> async_graphql::ID {
                crate::schema::node::id_of(<$fact as pomost_domain::Fact>::KIND, self.0.meta.id)
            }

            /// Readable name in addresses, unique among the records of this type and stable.
            pub(crate) async fn slug(&self) -> &str {
                &self.0.meta.slug
            }

            /// How often the record was written, from 1. Give it back as `expectedVersion` when you change the record.
            pub(crate) async fn version(&self) -> u32 {
                self.0.meta.version
            }

            /// When the record was first written to this registry.
            pub(crate) async fn created_at(&self) -> chrono::DateTime<chrono::Utc> {
                self.0.meta.created_at
            }

            /// When the record was last written to this registry.
            pub(crate) async fn updated_at(&self) -> chrono::DateTime<chrono::Utc> {
                self.0.meta.updated_at
            }

            /// Where the record stands on its way to the public.
            pub(crate) async fn publication(&self) -> crate::schema::filter::PublicationState {
                self.0.meta.publication.into()
            }

            /// Who may see the record once it is published.
            pub(crate) async fn visibility(&self) -> crate::schema::filter::RecordVisibility {
                self.0.meta.visibility.into()
            }

            /// Licence of the record's content, as an SPDX identifier.
            pub(crate) async fn licence(&self) -> &str {
                &self.0.meta.licence
            }

            /// What is uncertain, inferred or contradictory about the record. `null`: nothing was noted.
            pub(crate) async fn note(&self) -> Option<crate::schema::values::LocalizedText> {
                crate::schema::values::text_option(self.0.meta.note.as_ref())
            }

            /// Where the facts of the record were found. `null`: not reported.
            pub(crate) async fn sources(&self) -> Option<Vec<crate::schema::values::Source>> {
                let sources = self.0.meta.sources.as_ref()?;
                Some(sources.iter().cloned().map(crate::schema::values::Source).collect())
            }

            /// Place of the last change of the record in the change feed.
            pub(crate) async fn change_seq(&self) -> crate::schema::change::ChangeCursor {
                crate::schema::change::ChangeCursor(self.0.meta.change_seq)
            }

            /// Who changed what of the record, when and why, the newest change first. For those with the right
            /// `READ_HISTORY`; `null` beside an error for others.
            #[graphql(directive = crate::schema::cost::list_size::apply(
                Some(20), Some(vec!["first".to_owned()]), Some(vec!["nodes".to_owned()]), Some(false),
            ))]
            pub(crate) async fn history(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "How many changes at most, 1 to 100; 20 when it is not given.")] first: Option<i32>,
                #[graphql(desc = "Only changes before this place in the feed: `older` of the part before.")]
                before: Option<crate::schema::change::ChangeCursor>,
            ) -> Option<Result<crate::schema::change::History, crate::error::ApiError>> {
                Some(crate::schema::change::history(ctx, self.0.meta.id, first, before).await)
            }

                $($fields)*
            }
            connections { $($(#[$cdoc])* $connection: $relation => $node,)* }
        }
    };
}
pub(crate) use record;

/// Makes the root list of a type.
macro_rules! list_query {
    ($query:ident: $(#[$many_doc:meta])* $many:ident => $node:ty $(, $weight:ident)?) => {
        #[derive(Default)]
        pub(crate) struct $query;

        #[async_graphql::Object]
        impl $query {
            $(#[$many_doc])*
            #[graphql(directive = crate::schema::cost::list_size::apply(
                    Some(crate::schema::cost::PAGE),
                    Some(vec!["first".to_owned(), "last".to_owned()]),
                    Some(vec!["edges".to_owned(), "nodes".to_owned()]),
                    Some(false),
                ) $(, directive = crate::schema::cost::cost::apply(crate::schema::cost::$weight.to_owned()))?)]
            #[allow(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
            async fn $many(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "How many records from the start, 1 to 100; 20 when neither `first` nor `last` is given.")] first: Option<i32>,
                #[graphql(desc = "Only records after this cursor.")] after: Option<String>,
                #[graphql(desc = "How many records from the end, 1 to 100.")] last: Option<i32>,
                #[graphql(desc = "Only records before this cursor.")] before: Option<String>,
                #[graphql(desc = "Only records that meet this.", directive = crate::schema::cost::cost::apply(crate::schema::cost::FILTER.to_owned()))]
                    filter: Option<<$node as crate::schema::connection::Shown>::Filter>,
                #[graphql(desc = "Order of the list; by name when it is not given.")] order_by: Option<Vec<<$node as crate::schema::connection::Shown>::Order>>,
            ) -> Result<crate::schema::connection::Connection<$node>, crate::error::ApiError> {
                let args = crate::schema::connection::ListArgs { first, after, last, before, filter, order_by };
                crate::schema::connection::root::<$node>(ctx, args).await
            }
        }
    };
}
pub(crate) use list_query;

/// Makes the root fields of a type: one record by id or slug, and the list.
macro_rules! queries {
    (
        $one_query:ident, $many_query:ident: $(#[$one_doc:meta])* $one:ident,
        $(#[$many_doc:meta])* $many:ident => $node:ty $(, $weight:ident)?
    ) => {
        #[derive(Default)]
        pub(crate) struct $one_query;

        #[async_graphql::Object]
        impl $one_query {
            $(#[$one_doc])*
            async fn $one(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "Which record: by its id or by its slug.")] by: crate::schema::record::RecordKey,
            ) -> Option<Result<$node, crate::error::ApiError>> {
                crate::schema::record::lookup::<$node>(ctx, by).await.transpose()
            }
        }

        crate::schema::record::list_query! { $many_query: $(#[$many_doc])* $many => $node $(, $weight)? }
    };
}
pub(crate) use queries;

/// Which record: exactly one of these.
#[derive(Debug, async_graphql::OneofObject)]
pub(crate) enum RecordKey {
    /// Global id, as the field `id` gives it.
    Id(async_graphql::ID),
    /// Slug, unique among the records of the type.
    Slug(String),
}

/// The record of a key. One statement.
pub(crate) async fn lookup<N: super::connection::Shown>(
    ctx: &async_graphql::Context<'_>,
    key: RecordKey,
) -> Result<Option<N>, crate::error::ApiError> {
    let name = format!("{} {key:?}", N::NAME);
    let wanted = match key {
        RecordKey::Id(id) => Filter::ids_in([N::typed(&id)?]),
        RecordKey::Slug(slug) => Filter::slugs_in([slug]),
    };
    first(ctx, name, Filter::all([N::base(), wanted]), Vec::new()).await
}

/// The first record that meets a filter; `key` tells it from the first of other filters and orders. One statement.
pub(crate) async fn first<N: super::connection::Shown>(
    ctx: &async_graphql::Context<'_>,
    key: String,
    filter: Filter<N::Fact>,
    order: Order<<N::Fact as pomost_domain::Fact>::Field>,
) -> Result<Option<N>, crate::error::ApiError> {
    use crate::shelf::{Listing, ShelfOf, Whole};
    let slice = Slice { limit: 1, ..Slice::default() };
    let page = ctx.shelf().ask(Whole(Arc::new(Listing { key: key.into(), filter, order, slice }))).await?;
    let found = page.and_then(|page| page.items.first().map(|(fact, _)| Arc::clone(fact)));
    if let Some(fact) = &found {
        ctx.shelf().put(std::slice::from_ref(fact)).await;
    }
    super::connection::seen(ctx, found).await
}

/// The name of a field in the schema.
pub(crate) fn camel(name: &str) -> std::borrow::Cow<'_, str> {
    if !name.contains('_') {
        return name.into();
    }
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel.push_str(&first.to_uppercase());
        camel.push_str(rest);
    }
    camel.into()
}

//! A type of the schema that shows records: what it says of itself, and the same as data for everything that is written once.

use std::sync::Arc;

use async_graphql::parser::types::Field as FieldSelection;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value};
use futures_util::future::BoxFuture;
use pomost_domain::link::Relation;
use pomost_domain::{Fact, Kind};
use pomost_persistence::{Field, Filter, Mapping, Stored, Walk};
use uuid::Uuid;

use super::filter::Test;
use super::input::Form;
use super::node;
use super::prefetch::{Plan, Prefetch};
use crate::error::ApiError;
use crate::loader::{Record, typed};

/// A type of the schema that shows the records of one type.
pub(crate) trait Shown: OutputType + From<Arc<Self::Fact>> + Send + Sync + 'static {
    /// The facts of its records.
    type Fact: Stored;
    /// Its name.
    const NAME: &'static str;
    /// The root fields that lead to its records.
    const QUERIES: Queries = Queries { one: None, many: None };
    /// The mutations that write its records; none where they are written with other records.
    const COMMANDS: Option<Commands> = None;
    /// The lists of other records under each of its records.
    const LISTS: &'static [List] = &[];
    /// The description of its filter.
    const FILTER: &'static str = "";
    /// The conditions of its filter on its own fields.
    const CONDITIONS: Groups<Condition<<Self::Fact as Fact>::Field>> = &[];
    /// The conditions of its filter on related records.
    const RELATED: Groups<Related> = &[];
    /// The keys of its orders, beside those that all records have.
    const ORDERS: Groups<OrderBy<<Self::Fact as Fact>::Field>> = &[];
    /// The type whose filter and order its lists take.
    const FILTERED_AS: fn() -> &'static Entity = entity::<Self>;
    /// The same as data.
    const ENTITY: &'static Entity = &Entity {
        name: Self::NAME,
        kind: <Self::Fact as Fact>::KIND,
        mapping: Mapping::of::<Self::Fact>,
        queries: &Self::QUERIES,
        commands: Self::COMMANDS,
        lists: Self::LISTS,
        filter: Self::FILTER,
        condition: condition::<Self>,
        related: Self::RELATED,
        order: order::<Self>,
        filtered_as: Self::FILTERED_AS,
        base: Self::base,
        raw_id: Self::raw_id,
        prefetch: prefetch::<Self>,
        type_info: <Self as OutputType>::create_type_info,
        resolve: resolve::<Self>,
    };

    /// The condition that all its records meet.
    fn base() -> Filter {
        Filter::default()
    }

    /// The id behind a global one.
    fn raw_id(id: &ID) -> Result<Uuid, ApiError> {
        node::raw_id(id, <Self::Fact as Fact>::KINDS)
    }

    /// Names the records that its fields show, so that a page reads them in one statement each.
    fn prefetch(_plan: &mut Prefetch<'_, Self::Fact>) {}
}

/// A list of groups: a type takes those that it shares with other types, and adds its own.
pub(crate) type Groups<T> = &'static [&'static [T]];

fn nth<T>(groups: Groups<T>, at: usize) -> Option<&'static T> {
    groups.iter().flat_map(|group| *group).nth(at)
}

/// A root field.
pub(crate) struct Query {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    /// The cost of the field itself, if it is not that of any list.
    pub(crate) cost: Option<&'static str>,
}

/// The root fields of a type: a single record, and the list of all.
pub(crate) struct Queries {
    pub(crate) one: Option<Query>,
    pub(crate) many: Option<Query>,
}

/// The mutations that write the records of a type.
#[derive(Clone, Copy)]
pub(crate) struct Commands {
    pub(crate) create: &'static str,
    pub(crate) update: &'static str,
    pub(crate) form: Form,
}

/// A relation, and the type of the schema at its end.
pub(crate) struct Way {
    pub(crate) walk: fn() -> &'static Walk,
    pub(crate) to: fn() -> &'static Entity,
}

/// The way along a relation to a type of the schema.
pub(crate) const fn way<R, N>() -> Way
where
    R: Relation<Child = N::Fact>,
    R::Parent: Stored,
    N: Shown,
{
    Way { walk: Walk::of::<R>, to: entity::<N> }
}

/// A list of records under a record.
pub(crate) struct List {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) way: Way,
}

/// A condition on a field.
pub(crate) struct Condition<F> {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) test: Test,
    pub(crate) field: F,
}

/// A condition on related records: on the one that a reference leads to, or on several.
pub(crate) struct Related {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) ends: Ends,
    pub(crate) way: Way,
}

/// The number of records at the end of a relation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    One,
    Many,
}

/// A key of an order.
pub(crate) struct OrderBy<F> {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) field: F,
    /// The cost of the key, if it is not that of any key.
    pub(crate) cost: Option<&'static str>,
}

/// A type of the schema that shows records, as data.
pub(crate) struct Entity {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    mapping: fn() -> &'static Mapping,
    pub(crate) queries: &'static Queries,
    pub(crate) commands: Option<Commands>,
    pub(crate) lists: &'static [List],
    pub(crate) filter: &'static str,
    condition: fn(usize) -> Option<Condition<Field>>,
    related: Groups<Related>,
    order: fn(usize) -> Option<OrderBy<Field>>,
    filtered_as: fn() -> &'static Entity,
    pub(crate) base: fn() -> Filter,
    pub(crate) raw_id: fn(&ID) -> Result<Uuid, ApiError>,
    pub(crate) prefetch: fn(Plan<'_>) -> Plan<'_>,
    pub(crate) type_info: fn(&mut Registry) -> String,
    pub(crate) resolve: for<'a> fn(
        &'a ContextSelectionSet<'a>,
        &'a Positioned<FieldSelection>,
        Record,
    ) -> BoxFuture<'a, ServerResult<Value>>,
}

impl Entity {
    /// The table of its records.
    pub(crate) fn mapping(&self) -> &'static Mapping {
        (self.mapping)()
    }

    /// The type whose filter and order its lists take.
    pub(crate) fn filtered_as(&self) -> &'static Entity {
        (self.filtered_as)()
    }

    /// The conditions of its filter on its own fields.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = Condition<Field>> {
        (0..).map_while(self.condition)
    }

    /// The conditions of its filter on related records.
    pub(crate) fn related(&self) -> impl Iterator<Item = &'static Related> {
        self.related.iter().flat_map(|group| *group)
    }

    /// The keys of its orders, beside those that all records have.
    pub(crate) fn orders(&self) -> impl Iterator<Item = OrderBy<Field>> {
        (0..).map_while(self.order)
    }
}

/// A type of the schema as data.
pub(crate) fn entity<N: Shown>() -> &'static Entity {
    N::ENTITY
}

fn condition<N: Shown>(at: usize) -> Option<Condition<Field>> {
    let Condition { name, doc, test, field } = nth(N::CONDITIONS, at)?;
    Some(Condition { name, doc, test: *test, field: Mapping::field::<N::Fact>(*field) })
}

fn order<N: Shown>(at: usize) -> Option<OrderBy<Field>> {
    let OrderBy { name, doc, field, cost } = nth(N::ORDERS, at)?;
    Some(OrderBy { name, doc, field: Mapping::field::<N::Fact>(*field), cost: *cost })
}

fn prefetch<N: Shown>(plan: Plan<'_>) -> Plan<'_> {
    let mut plan = Prefetch::over(plan);
    N::prefetch(&mut plan);
    plan.into_plan()
}

fn resolve<'a, N: Shown>(
    ctx: &'a ContextSelectionSet<'a>,
    field: &'a Positioned<FieldSelection>,
    record: Record,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(async move {
        match typed::<N::Fact>(record) {
            Some(fact) => N::from(fact).resolve(ctx, field).await,
            None => Ok(Value::Null),
        }
    })
}

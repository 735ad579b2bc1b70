//! The root fields and the mutations that each type of record has: made from what the types say of themselves.

use std::borrow::Cow;

use async_graphql::parser::types::Field as FieldSelection;
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::resolver_utils::resolve_simple_field_value;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, InputType, ObjectType, OutputType, Positioned, ServerResult, Value,
};

use super::command::{Order, Payload, create, payload_type, update};
use super::connection::{field_error, list_field, root};
use super::definition::{cost_of, field, input, nullable, object, register};
use super::input::{AnyInput, CHANGES, NEW, input_type};
use super::node::entities;
use super::record::{RecordKey, lookup};
use super::shown::Entity;

/// The root fields that lead to records: one by its key, and the list of all.
#[derive(Default)]
pub(crate) struct RecordQueries;

/// An argument of the field that is being answered.
fn argument<T: InputType>(ctx: &Context<'_>, name: &str) -> ServerResult<T> {
    let read = ctx.param_value(name, None);
    read.map(|(_, value)| value).map_err(|error| ctx.set_error_path(error))
}

/// The mutations that write records: each type has one that creates and one that updates.
#[derive(Default)]
pub(crate) struct RecordMutations;

fn args(field: &mut MetaField, arguments: impl IntoIterator<Item = async_graphql::registry::MetaInputValue>) {
    field.args = arguments.into_iter().map(|argument| (argument.name.clone(), argument)).collect();
}

fn query_fields(registry: &mut Registry, entity: &'static Entity) -> Vec<MetaField> {
    let mut fields = Vec::new();
    if let Some(one) = &entity.queries.one {
        let ty = (entity.type_info)(registry);
        let mut single = field(one.name, nullable(&ty), one.doc);
        let key = <RecordKey as InputType>::create_type_info(registry);
        args(&mut single, [input("by", key, "Which record: by its id or by its slug.")]);
        fields.push(single);
    }
    if let Some(many) = &entity.queries.many {
        let mut list = list_field(registry, many.name, many.doc, entity);
        list.directive_invocations.extend(many.cost.map(|points| cost_of(registry, points)));
        fields.push(list);
    }
    fields
}

fn fields(registry: &mut Registry, name: &str, of: fn(&mut Registry, &'static Entity) -> Vec<MetaField>) -> MetaType {
    let fields = entities().flat_map(|entity| of(registry, entity)).collect();
    object(name, "", fields)
}

impl OutputType for RecordQueries {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("RecordQueries")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Self::type_name().into_owned();
        register(registry, name, |registry, name| fields(registry, name, query_fields))
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<FieldSelection>) -> ServerResult<Value> {
        // Its fields are those of the root: nothing has it as a value.
        Ok(Value::Null)
    }
}

impl ContainerType for RecordQueries {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        for entity in entities() {
            if entity.queries.many.as_ref().is_some_and(|query| query.name == name) {
                let list = root(ctx, entity).await.map_err(|error| field_error(ctx, error))?;
                return list.answer(ctx).await;
            }
            if entity.queries.one.as_ref().is_some_and(|query| query.name == name) {
                let key = argument::<RecordKey>(ctx, "by")?;
                let found = lookup(ctx, entity, key).await.transpose();
                return resolve_simple_field_value(ctx, &found).await;
            }
        }
        Ok(None)
    }
}

impl ObjectType for RecordQueries {}

const VERSION: &str = "The `version` that you have read; if it is another now, nothing is written.";
const KEY: &str = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the \
    change.";

fn mutation_fields(registry: &mut Registry, entity: &'static Entity) -> Vec<MetaField> {
    let Some(commands) = &entity.commands else { return Vec::new() };
    let payload = format!("{}!", payload_type(registry, entity));
    let id = <ID as InputType>::create_type_info(registry);
    let mut create = field(
        commands.create,
        &*payload,
        "Writes a new record, as a draft: its author sees it, and viewers who read drafts.",
    );
    args(
        &mut create,
        [
            input("input", format!("{}!", input_type(registry, &commands.form, &NEW)), "The new record."),
            input("reason", "String", "Why, for the history."),
            input("idempotencyKey", "String", KEY),
        ],
    );
    let mut update = field(
        commands.update,
        payload,
        "Changes the facts of a record. While the record is public, this is a correction: it needs the right `PUBLISH`\n\
         and a `reason`, and the record stays public.",
    );
    args(
        &mut update,
        [
            input("id", id, "Global id of the record."),
            input("expectedVersion", "Int!", VERSION),
            input("changes", format!("{}!", input_type(registry, &commands.form, &CHANGES)), "What is to be changed."),
            input("reason", "String", "Why, for the history. Required while the record is public."),
            input("idempotencyKey", "String", KEY),
        ],
    );
    vec![create, update]
}

impl OutputType for RecordMutations {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("RecordMutations")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Self::type_name().into_owned();
        register(registry, name, |registry, name| fields(registry, name, mutation_fields))
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<FieldSelection>) -> ServerResult<Value> {
        // Its fields are those of the root: nothing has it as a value.
        Ok(Value::Null)
    }
}

impl ContainerType for RecordMutations {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        let commands = entities().filter_map(|entity| Some((entity, entity.commands.as_ref()?)));
        let wanted = commands.into_iter().find(|(_, commands)| commands.create == name || commands.update == name);
        let Some((entity, commands)) = wanted else { return Ok(None) };
        let reason = argument::<Option<String>>(ctx, "reason")?;
        let idempotency_key = argument::<Option<String>>(ctx, "idempotencyKey")?;
        let order = Order { reason, idempotency_key };
        let payload: Payload = if commands.create == name {
            let input = argument::<AnyInput>(ctx, "input")?;
            Box::pin(create(ctx, entity, commands, input, order)).await
        } else {
            let id = argument::<ID>(ctx, "id")?;
            let expected = argument::<u32>(ctx, "expectedVersion")?;
            let changes = argument::<AnyInput>(ctx, "changes")?;
            Box::pin(update(ctx, entity, commands, (id, expected), changes, order)).await
        }
        .map_err(|error| field_error(ctx, error))?;
        payload.answer(ctx).await
    }
}

impl ObjectType for RecordMutations {}

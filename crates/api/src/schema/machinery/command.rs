//! Commands: what is the same for all mutations.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::parser::types::Field as FieldSelection;
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{resolve_container, resolve_simple_field_value};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Enum, ID, OutputType, Positioned, ServerResult, SimpleObject, Value,
};
use futures_util::future::BoxFuture;
use pomost_domain::characters::{flaws, into_nfc};
use pomost_domain::exchange::{self, Entry, Exchanged, Fault, FaultSort, Json, Reading};
use pomost_domain::interpellation::Turn;
use pomost_domain::meta::Publication;
use pomost_domain::{Act, Interpellation, Op, Right, Step, Stepping, Viewer};
use pomost_edge::hash;
use pomost_persistence::{Begun, CommandError, Current, Edit, IdempotencyKey, Next, Receipt, Target, Writer};

use uuid::Uuid;

use super::connection::bad;
use super::definition::{field, nullable, object, register};
use super::input::{AnyInput, CHANGES, NEW, WITHDRAW_OMITTED, patched, path};
use super::node;
use super::prefetch::Look;
use super::record::AnyRecord;
use super::shown::{Commands, Entity, Shown};
use crate::error::ApiError;
use crate::identity::Clock;
use crate::loader::HasLoader;
use crate::schema::change::ChangeCursor;
use crate::schema::viewer::Asks;

/// What sort of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum WriteErrorCode {
    /// A value is not as it has to be, by itself or beside others.
    Invalid,
    /// A value is missing.
    Required,
    /// A record is not there, or not for you: the record itself, or one that it refers to.
    NotFound,
    /// Something that has to be unique is taken.
    Taken,
    /// The record was changed since you read it: look at `record`, and try again with its `version`.
    Conflict,
    /// The state of the record does not allow it; the message says what it allows.
    NotAllowed,
}

/// A mistake in the input of a mutation. Nothing was written.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct WriteError {
    /// What sort of mistake it is.
    code: WriteErrorCode,
    /// What is wrong and what would be right, in English.
    message: String,
    /// Where in the input it is: names of fields and places in lists, from outside to inside.
    path: Vec<String>,
    /// Slug of the record of an imported file that it is about. `null`: it is about no record, or not about a file.
    slug: Option<String>,
    /// Line of the imported file, from 1. `null`: it is not about a place in a file.
    line: Option<u64>,
}

impl WriteError {
    fn new(code: WriteErrorCode, path: &[&str], message: impl Into<String>) -> Self {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Self { code, message: message.into(), path, slug: None, line: None }
    }

    /// Of a mistake in a file: the collection and the place of the record that it is about.
    pub(crate) fn record(&self) -> Option<&[String]> {
        self.path.get(1..3)
    }

    pub(crate) fn key_taken() -> Self {
        let message = "the key was used for another request: take a new key for each request";
        Self::new(WriteErrorCode::Taken, &["idempotencyKey"], message)
    }

    /// Names the argument in the place of what the input was put into; an empty part stands for any.
    pub(crate) fn is_about(&mut self, within: &[&str], argument: &str) {
        let meets = self.path.len() >= within.len()
            && self.path.iter().zip(within).all(|(part, known)| known.is_empty() || part == known);
        if meets {
            self.path.splice(..within.len(), [argument.to_owned()]);
        }
    }

    pub(crate) fn of_fault(fault: Fault, argument: &str) -> Self {
        let code = match fault.sort {
            FaultSort::Invalid => WriteErrorCode::Invalid,
            FaultSort::Missing => WriteErrorCode::Required,
            FaultSort::NotFound => WriteErrorCode::NotFound,
            FaultSort::Taken => WriteErrorCode::Taken,
            FaultSort::NotAllowed => WriteErrorCode::NotAllowed,
        };
        let within = Some(argument).filter(|argument| !argument.is_empty()).map(str::to_owned);
        let mut at: Vec<String> = within.into_iter().chain(path(&fault)).collect();
        if at.is_empty() {
            // What is said of the whole record.
            at.push("id".to_owned());
        }
        Self { code, message: fault.message, path: at, slug: fault.slug, line: fault.line }
    }
}

/// The result of a mutation.
pub(crate) struct Payload {
    entity: &'static Entity,
    /// Read after the commit: a failure is one of this field, and takes back nothing of what was written.
    pub(crate) record: Result<Option<AnyRecord>, ApiError>,
    pub(crate) errors: Vec<WriteError>,
    pub(crate) change_seq: Option<i64>,
}

impl Payload {
    /// Answers the field that it is the value of.
    pub(crate) async fn answer(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let set = ctx.with_selection_set(&ctx.item.node.selection_set);
        resolve_container(&set, self).await.map(Some)
    }
}

impl OutputType for Payload {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Payload")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        Cow::Owned(payload_name(self.entity))
    }

    fn create_type_info(_: &mut Registry) -> String {
        <Self as OutputType>::qualified_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<FieldSelection>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ContainerType for Payload {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match ctx.item.node.name.node.as_str() {
            // A failure ends here, and leaves the fields beside it.
            "record" => resolve_simple_field_value(ctx, &self.record.clone().transpose()).await,
            "errors" => resolve_simple_field_value(ctx, &self.errors).await,
            "changeSeq" => resolve_simple_field_value(ctx, &self.change_seq.map(ChangeCursor)).await,
            _ => Ok(None),
        }
    }
}

fn payload_name(entity: &Entity) -> String {
    format!("{}Payload", entity.name)
}

/// Registers the result of the mutations of a type, and returns its name.
pub(crate) fn payload_type(registry: &mut Registry, entity: &Entity) -> String {
    register(registry, payload_name(entity), |registry, name| {
        let record = (entity.type_info)(registry);
        let fields = vec![
            field(
                "record",
                nullable(&record),
                "The record after the mutation; after a `CONFLICT`, as it is now. `null`: there is none, or you may not see it.",
            ),
            field(
                "errors",
                <Vec<WriteError> as OutputType>::create_type_info(registry),
                "All mistakes of the input at once; empty when it was done.",
            ),
            field(
                "changeSeq",
                <Option<ChangeCursor> as OutputType>::create_type_info(registry),
                "Place of the change in the change feed. `null`: nothing was written, because of `errors` or because nothing changed.",
            ),
        ];
        object(name, "What a mutation did. With `errors`, nothing was written.", fields)
    })
}

/// The result of the named acts of a type.
pub(crate) struct PayloadOf<N> {
    pub(crate) payload: Payload,
    of: PhantomData<fn() -> N>,
}

impl<N> From<Payload> for PayloadOf<N> {
    fn from(payload: Payload) -> Self {
        Self { payload, of: PhantomData }
    }
}

impl<N: Shown> OutputType for PayloadOf<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(payload_name(N::ENTITY))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        format!("{}!", payload_type(registry, N::ENTITY))
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<FieldSelection>) -> ServerResult<Value> {
        self.payload.resolve(ctx, field).await
    }
}

/// The arguments that mutations share.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) reason: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

/// Longest reason and key, in characters.
const MAX_REASON: usize = 2_000;
const MAX_KEY: usize = 200;

/// Who commands what, and under which key.
pub(crate) fn order(ctx: &Context<'_>, given: Order) -> Result<(Act, Option<IdempotencyKey>), ApiError> {
    let Order { reason, idempotency_key } = given;
    let reason = reason.map(into_nfc);
    let clean = |text: &str| !text.chars().any(|c| c.is_control() && c != '\n');
    if let Some(reason) = &reason
        && (reason.trim().is_empty() || reason.chars().count() > MAX_REASON)
    {
        return bad(format!("`reason` has to be 1 to {MAX_REASON} characters long"));
    }
    if let Some(flaw) = reason.as_deref().map(flaws).unwrap_or_default().pop() {
        return bad(format!("`reason` is not as it has to be: {flaw}"));
    }
    if let Some(key) = &idempotency_key
        && (key.is_empty() || key.chars().count() > MAX_KEY || !clean(key))
    {
        return bad(format!("`idempotencyKey` has to be 1 to {MAX_KEY} characters long, without control characters"));
    }
    let name = ctx.field().name().to_owned();
    let key = match idempotency_key {
        Some(key) => {
            let arguments = ctx.field().arguments().map_err(|error| ApiError::BadInput(error.message))?;
            let asked: Vec<String> = arguments
                .iter()
                .filter(|(name, _)| name != "idempotencyKey")
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            Some(IdempotencyKey { key, request: hash(&format!("{name} {}", asked.join(" "))) })
        }
        None => None,
    };
    let clock = ctx.data_unchecked::<Clock>();
    let viewer = ctx.viewer();
    Ok((Act { name, by: viewer.name.clone(), at: clock(), reason }, key))
}

/// Why a mutation wrote nothing: mistakes of the input, or a failure.
pub(crate) enum Trouble {
    Input(Vec<WriteError>),
    Api(ApiError),
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl Trouble {
    pub(crate) fn of(error: CommandError, argument: &str) -> Self {
        match error {
            CommandError::NotFound => Self::Input(vec![WriteError::new(
                WriteErrorCode::NotFound,
                &["id"],
                "there is no such record: take the id from the record itself",
            )]),
            CommandError::Stale { found } => Self::Input(vec![WriteError::new(
                WriteErrorCode::Conflict,
                &["expectedVersion"],
                format!("the record was changed meanwhile and is at version {found} now: read it, and decide again"),
            )]),
            CommandError::Faults(faults) => {
                Self::Input(faults.into_iter().map(|fault| WriteError::of_fault(fault, argument)).collect())
            }
            CommandError::KeyTaken => Self::Input(vec![WriteError::key_taken()]),
            CommandError::Store(error) => Self::Api(error.into()),
        }
    }
}

/// One record written by a command, from its beginning to its end.
pub(crate) fn write_one<'a>(
    ctx: &'a Context<'_>,
    given: Order,
    target: Target,
    argument: &'static str,
    edit: Edit,
) -> BoxFuture<'a, Result<Receipt, Trouble>> {
    Box::pin(written(ctx, given, target, argument, edit))
}

async fn written(
    ctx: &Context<'_>,
    given: Order,
    target: Target,
    argument: &str,
    edit: Edit,
) -> Result<Receipt, Trouble> {
    let (act, key) = order(ctx, given)?;
    let begun = ctx.loader().store().command(act, key).await.map_err(|error| Trouble::of(error, argument))?;
    let mut writer: Box<Writer> = match begun {
        Begun::Done(receipt) => return Ok(receipt),
        Begun::Writer(writer) => writer,
    };
    let id = writer.put(target, edit).await.map_err(|error| Trouble::of(error, argument))?;
    writer.commit(id).await.map_err(|error| Trouble::Api(error.into()))
}

/// The result of a mutation. `id` is the record that it is about, if there is one.
async fn answer(
    ctx: &Context<'_>,
    entity: &'static Entity,
    done: Result<Receipt, Trouble>,
    id: Option<Uuid>,
) -> Result<Payload, ApiError> {
    let (id, errors, change_seq) = match done {
        Ok(Receipt { id, change_seq }) => (Some(id), Vec::new(), change_seq),
        Err(Trouble::Input(errors)) => (id, errors, None),
        Err(Trouble::Api(error)) => return Err(error),
    };
    let record = match id {
        Some(id) => node::one(ctx.loader(), entity, id, Look(vec![ctx.look_ahead()]).field("record")).await,
        None => Ok(None),
    };
    Ok(Payload { entity, record, errors, change_seq })
}

/// What the state of a record does not allow.
pub(crate) fn not_allowed(message: String) -> Vec<Fault> {
    vec![Fault::new("", message).sorted(FaultSort::NotAllowed)]
}

/// A record as it is stored, read anew.
pub(crate) fn entry<T: Exchanged>(current: &Current) -> Entry<T> {
    let mut entry = exchange::read::<T>(current.json.clone(), String::new(), &mut Reading::default());
    let meta = entry.fact.meta_mut();
    meta.publication = current.publication;
    meta.created_by.clone_from(&current.author);
    entry
}

/// The right that it takes to write the records of a type.
fn right_to_write(entity: &Entity) -> Result<Right, ApiError> {
    let kind = node::words(entity.kind);
    let refused = || ApiError::BadInput(format!("a {kind} is written with the records that name it"));
    Right::to_write(entity.kind).ok_or_else(refused)
}

/// Writes a new record, as a draft.
pub(crate) async fn create(
    ctx: &Context<'_>,
    entity: &'static Entity,
    commands: &Commands,
    input: AnyInput,
    given: Order,
) -> Result<Payload, ApiError> {
    ctx.require(right_to_write(entity)?)?;
    let json = input.json(&commands.form, &NEW, ctx.loader()).await?;
    let done = write_one(
        ctx,
        given,
        Target::New(entity.kind),
        "input",
        Box::new(move |current| {
            // `null` says no more than leaving a field out.
            let json = patched(&current.json, json);
            Ok(Next { json, publication: Publication::Draft, op: Op::Created, withdraws_omitted: false })
        }),
    )
    .await;
    answer(ctx, entity, done, None).await
}

/// Changes a record. While it is public, that is a correction, which has a reason.
pub(crate) async fn update(
    ctx: &Context<'_>,
    entity: &'static Entity,
    commands: &Commands,
    (id, expected): (ID, u32),
    changes: AnyInput,
    given: Order,
) -> Result<Payload, ApiError> {
    let right = right_to_write(entity)?;
    ctx.require_one_of(Step::Update.rights(right))?;
    let id = (entity.raw_id)(&id)?;
    let viewer = ctx.viewer().clone();
    let mut json = changes.json(&commands.form, &CHANGES, ctx.loader()).await?;
    let withdraws_omitted = take_flag(&mut json, WITHDRAW_OMITTED);
    let has_reason = given.reason.is_some();
    let is_fixed = commands.form.is_fixed;
    let done = write_one(
        ctx,
        given,
        Target::Stored(entity.kind, id, expected),
        "changes",
        Box::new(move |current| {
            let publication = after(Step::Update, current, &viewer, right)?;
            if current.publication.is_public() {
                fixed(is_fixed, &json)?;
                if !has_reason {
                    let message = "the record is public: say why it is corrected";
                    return Err(vec![Fault::new("/reason", message).sorted(FaultSort::Missing)]);
                }
            }
            let op = Step::Update.op(current.publication);
            Ok(Next { json: patched(&current.json, json), publication, op, withdraws_omitted })
        }),
    )
    .await;
    let mut payload = answer(ctx, entity, done, Some(id)).await?;
    payload.errors.iter_mut().for_each(|error| error.is_about(&["changes", "reason"], "reason"));
    Ok(payload)
}

/// Where a record stands after a step that somebody takes.
pub(crate) fn after(step: Step, current: &Current, viewer: &Viewer, right: Right) -> Result<Publication, Vec<Fault>> {
    let acts = acts(current, viewer, right);
    let who = Stepping { viewer, right, author: &current.author, acts: &acts };
    step.after(current.publication, who).map_err(not_allowed)
}

/// What a viewer may do with a record that has acts of its own: papers of councillors have.
fn acts(current: &Current, viewer: &Viewer, right: Right) -> Vec<&'static str> {
    if right != Right::File || current.publication == Publication::Withdrawn {
        return Vec::new();
    }
    let mut paper = exchange::read::<Interpellation>(current.json.clone(), String::new(), &mut Reading::default());
    paper.fact.meta.publication = current.publication;
    paper.fact.meta.created_by.clone_from(&current.author);
    let is_answered = !paper.parts.is_empty();
    let may = |turn: &Turn| paper.fact.allows(*turn, is_answered, viewer).is_ok();
    Turn::ALL.into_iter().filter(may).map(Turn::act).collect()
}

/// Takes a flag out of an input.
fn take_flag(json: &mut Json, name: &str) -> bool {
    let Json::Object(members) = json else { return false };
    let at = members.iter().position(|(member, _)| member == name);
    at.is_some_and(|at| members.remove(at).1 == Json::Bool(true))
}

/// Whether changes leave alone what stays as it is once the record is public.
fn fixed(is_fixed: fn(&str) -> Option<&'static str>, changes: &Json) -> Result<(), Vec<Fault>> {
    let Json::Object(changes) = changes else { return Ok(()) };
    let fault = |(name, _): &(String, Json)| {
        Some(Fault::new(format!("/{name}"), is_fixed(name)?).sorted(FaultSort::NotAllowed))
    };
    let faults: Vec<Fault> = changes.iter().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Sets single fields of a record as an act of its own, whatever its way to the public. `edit` gives the fields, or says what
/// is in the way. `argument` holds them; it is empty where they are arguments themselves. What is public is for those who may
/// publish.
pub(crate) async fn act(
    ctx: &Context<'_>,
    entity: &'static Entity,
    right: Right,
    argument: &'static str,
    target: (ID, u32),
    given: Order,
    edit: impl FnOnce(&Current) -> Result<Json, Vec<Fault>> + Send + 'static,
) -> Result<Payload, ApiError> {
    let may_publish = ctx.viewer().may(Right::Publish);
    let edit = move |current: &Current| {
        if current.publication.is_public() && !may_publish {
            let message = "the record is public, and only who may PUBLISH changes what is public";
            return Err(not_allowed(message.to_owned()));
        }
        edit(current)
    };
    act_in_any_state(ctx, entity, right, argument, target, given, Box::new(edit)).await
}

/// The changes that an act makes, or the reasons why it cannot.
pub(crate) type ActEdit = Box<dyn FnOnce(&Current) -> Result<Json, Vec<Fault>> + Send>;

/// The same for a record in any state but withdrawn: `edit` checks who may change what is public.
pub(crate) async fn act_in_any_state(
    ctx: &Context<'_>,
    entity: &'static Entity,
    right: Right,
    argument: &'static str,
    (id, expected): (ID, u32),
    given: Order,
    edit: ActEdit,
) -> Result<Payload, ApiError> {
    ctx.require(right)?;
    let id = (entity.raw_id)(&id)?;
    let done = write_one(
        ctx,
        given,
        Target::Stored(entity.kind, id, expected),
        argument,
        Box::new(move |current| {
            if current.publication == Publication::Withdrawn {
                return Err(not_allowed("the record was taken back: nothing can be done with it".to_owned()));
            }
            let json = patched(&current.json, edit(current)?);
            Ok(Next { json, publication: current.publication, op: Op::Updated, withdraws_omitted: false })
        }),
    )
    .await;
    answer(ctx, entity, done, Some(id)).await
}

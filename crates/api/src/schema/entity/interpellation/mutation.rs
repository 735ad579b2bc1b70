//! What becomes of an interpellation: named acts from its filing to its answer, each allowed by how far it is.

use async_graphql::{Context, ID, Object};
use pomost_domain::answer::CITABLE;
use pomost_domain::exchange::{Fault, FaultSort, Json};
use pomost_domain::interpellation::Turn;
use pomost_domain::{self as domain, Right};
use pomost_persistence::Current;

use super::Interpellation;
use crate::error::ApiError;
use crate::loader::{HasLoader, Loader};
use crate::schema::machinery::command::{Order, PayloadOf, act_in_any_state, entry, not_allowed};
use crate::schema::machinery::input::{ActInput, Input, Purpose};
use crate::schema::machinery::shown::entity;
use crate::schema::machinery::values::{Date, PartialDateInput};
use crate::schema::viewer::Asks;

/// The answer to an interpellation, or what adds to it.
pub(crate) struct Reply;

impl ActInput for Reply {
    type Fact = domain::Interpellation;
    const PURPOSE: Purpose = Purpose { suffix: "AnswerInput", complete: true, member: "answer", ..Purpose::ANY };
}

/// Whether a viewer may do something with an interpellation.
fn check(current: &Current, turn: Turn, viewer: &domain::Viewer) -> Result<(), Vec<Fault>> {
    let entry = entry::<domain::Interpellation>(current);
    entry.fact.allows(turn, !entry.parts.is_empty(), viewer).map_err(not_allowed)
}

/// Does something with an interpellation, as far as its state and its own rights allow it to the viewer.
async fn turn(
    ctx: &Context<'_>,
    turn: Turn,
    target: (ID, u32),
    order: Order,
    edit: impl FnOnce(&Current) -> Result<Json, Vec<Fault>> + Send + 'static,
) -> Result<PayloadOf<Interpellation>, ApiError> {
    let viewer = ctx.viewer().clone();
    let edit = move |current: &Current| {
        check(current, turn, &viewer)?;
        edit(current)
    };
    let entity = entity::<Interpellation>();
    Ok(Box::pin(act_in_any_state(ctx, entity, turn.right(), "", target, order, Box::new(edit))).await?.into())
}

/// One field.
fn field(name: &str, value: Json) -> Json {
    Json::Object(vec![(name.to_owned(), value)])
}

/// What an answer may consist of.
const SAYS: [&str; 4] = ["document", "summary", "areas", "announcements"];

/// An answer whose citations each name a version: the one that is current, unless another is given. What names a version that
/// there is not is a mistake; what names no record is for the form to say. One statement.
async fn with_versions(loader: &Loader, answer: Json) -> Result<(Json, Vec<Fault>), ApiError> {
    let cited = |citation: &Json| {
        let name = citation.get("type").and_then(Json::as_str)?;
        let (_, kind) = CITABLE.iter().find(|(known, _)| *known == name)?;
        Some((*kind, citation.get("slug").and_then(Json::as_str)?.to_owned()))
    };
    let Json::Object(mut members) = answer else { return Ok((answer, Vec::new())) };
    let mut faults = Vec::new();
    let says = |(name, value): &(String, Json)| SAYS.contains(&name.as_str()) && *value != Json::Null;
    if !members.iter().any(says) {
        let message = format!("an answer says something: give one of {}", SAYS.join(", "));
        faults.push(Fault::new("", message).sorted(FaultSort::Missing));
    }
    if let Some((_, Json::Array(citations))) = members.iter_mut().find(|(name, _)| name == "citations") {
        let wanted: Vec<_> = citations.iter().filter_map(cited).collect();
        let versions = loader.store().versions(&wanted).await?;
        for (at, citation) in citations.iter_mut().enumerate() {
            let Some(current) = cited(citation).and_then(|key| versions.get(&key).copied()) else { continue };
            let Json::Object(fields) = citation else { continue };
            match fields.iter().find(|(name, value)| name == "version" && *value != Json::Null) {
                None => {
                    fields.retain(|(name, _)| name != "version");
                    fields.push(("version".to_owned(), Json::Number(current.into())));
                }
                Some((_, Json::Number(version)))
                    if version.as_u64().is_some_and(|version| version > current.into()) =>
                {
                    let message = format!("there is no version {version}: the record is at version {current}");
                    faults.push(Fault::new(format!("/citations/{at}/version"), message).sorted(FaultSort::NotFound));
                }
                Some(_) => {}
            }
        }
    }
    Ok((Json::Object(members), faults))
}

#[derive(Default)]
pub(crate) struct InterpellationActs;

#[Object]
impl InterpellationActs {
    /// Says that an interpellation was filed with the chair of the council.
    async fn file_interpellation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the interpellation.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "When it was filed.")] submitted_date: PartialDateInput,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Interpellation>, ApiError> {
        let edit = move |_: &Current| Ok(field("submittedDate", Json::string(submitted_date.0.value())));
        turn(ctx, Turn::File, (id, expected_version), Order { reason, idempotency_key }, edit).await
    }

    /// Says that the mayor received an interpellation: from then on the time for the answer counts in Poland.
    async fn forward_interpellation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the interpellation.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "The day on which the mayor received it.")] received_by_mayor_date: Date,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Interpellation>, ApiError> {
        let day = Json::string(received_by_mayor_date.0.to_string());
        let edit = move |_: &Current| Ok(field("receivedByMayorDate", day));
        turn(ctx, Turn::Forward, (id, expected_version), Order { reason, idempotency_key }, edit).await
    }

    /// Gives an interpellation to the office that has to prepare the answer, or to another one.
    async fn assign_interpellation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the interpellation.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "The office, as the city calls it.")] assigned_to: String,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Interpellation>, ApiError> {
        let edit = move |_: &Current| Ok(field("assignedTo", Json::string(assigned_to)));
        turn(ctx, Turn::Assign, (id, expected_version), Order { reason, idempotency_key }, edit).await
    }

    /// Answers an interpellation, once. What is said later supplements the answer.
    async fn answer_interpellation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the interpellation.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(
            desc = "The answer with its citations. A citation without a `version` is of the record as it is now."
        )]
        answer: Input<Reply>,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Interpellation>, ApiError> {
        ctx.require(Right::Write)?;
        let (answer, faults) = with_versions(ctx.loader(), answer.json(ctx.loader()).await?).await?;
        let edit = move |_: &Current| {
            if faults.is_empty() { Ok(field("answer", answer)) } else { Err(within("answer", faults)) }
        };
        turn(ctx, Turn::Answer, (id, expected_version), Order { reason, idempotency_key }, edit).await
    }

    /// Adds to the answer of an interpellation, also to one that is public: an answer is not changed, it is supplemented.
    async fn supplement_interpellation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the interpellation.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(
            desc = "The later answer with its citations. A citation without a `version` is of the record as it is now."
        )]
        supplement: Input<Reply>,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Interpellation>, ApiError> {
        ctx.require(Right::Write)?;
        let (supplement, faults) = with_versions(ctx.loader(), supplement.json(ctx.loader()).await?).await?;
        let edit = move |current: &Current| {
            if !faults.is_empty() {
                return Err(within("supplement", faults));
            }
            let mut supplements = match current.json.get("supplements") {
                Some(Json::Array(known)) => known.clone(),
                _ => Vec::new(),
            };
            supplements.push(supplement);
            Ok(field("supplements", Json::Array(supplements)))
        };
        let order = Order { reason, idempotency_key };
        let mut payload = turn(ctx, Turn::Supplement, (id, expected_version), order, edit).await?;
        // What is wrong with the new one is wrong with the argument, whatever its place among them all.
        payload.payload.errors.iter_mut().for_each(|error| error.is_about(&["supplements", ""], "supplement"));
        Ok(payload)
    }

    /// Notes that the councillor withdrew an interpellation, which can be done until it is answered. The councillor who wrote
    /// the record may do so, also when it is public; of a draft the offices, of what is public those who may publish. The
    /// record stays visible: `withdrawRecord` withdraws a record.
    async fn retract_interpellation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the interpellation.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "When the councillor withdrew it.")] retracted_date: PartialDateInput,
        #[graphql(desc = "Why, for the history.")] reason: String,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Interpellation>, ApiError> {
        let edit = move |_: &Current| Ok(field("retractedDate", Json::string(retracted_date.0.value())));
        let order = Order { reason: Some(reason), idempotency_key };
        turn(ctx, Turn::Retract, (id, expected_version), order, edit).await
    }
}

/// Mistakes in an argument.
fn within(argument: &str, faults: Vec<Fault>) -> Vec<Fault> {
    faults.into_iter().map(|fault| Fault { pointer: format!("/{argument}{}", fault.pointer), ..fault }).collect()
}

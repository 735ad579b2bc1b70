//! What becomes of an agreement: named acts, each allowed by what it is on a day.

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use pomost_domain::agreement::Turn;
use pomost_domain::exchange::{Fault, Json};
use pomost_domain::{self as domain, PartialDate, Right};
use pomost_persistence::Current;

use super::Agreement;
use crate::error::ApiError;
use crate::loader::HasLoader;
use crate::schema::machinery::command::{Order, PayloadOf, act, entry, not_allowed};
use crate::schema::machinery::input::{ActInput, Input, Purpose};
use crate::schema::machinery::shown::entity;
use crate::schema::machinery::values::{PartialDateInput, today};
use crate::schema::viewer::Asks;

/// What is known of an agreement once it is signed.
pub(crate) struct Signing;

impl ActInput for Signing {
    type Fact = domain::Agreement;
    const PURPOSE: Purpose = Purpose {
        suffix: "SigningInput",
        complete: true,
        description: "The signing of an agreement. What is left out stays as it is, `null` clears it, a \
        list takes the place of the whole list. References are global ids or slugs.",
        only: &["date", "place", "parties", "signatories", "precededBy", "validFrom", "validTo", "openEnded"],
        needed: &["date"],
        ..Purpose::ANY
    };
}

/// How an agreement is ended.
pub(crate) struct End;

impl ActInput for End {
    type Fact = domain::Agreement;
    const PURPOSE: Purpose =
        Purpose { suffix: "TerminationInput", complete: true, member: "termination", ..Purpose::ANY };
}

/// Whether something may be done with an agreement on a day.
fn check(current: &Current, turn: Turn, day: NaiveDate) -> Result<(), Vec<Fault>> {
    entry::<domain::Agreement>(current).fact.allows(turn, day).map_err(not_allowed)
}

fn list(json: &Json, field: &str) -> Vec<Json> {
    match json.get(field) {
        Some(Json::Array(items)) => items.clone(),
        _ => Vec::new(),
    }
}

fn field(name: &str, value: Json) -> (String, Json) {
    (name.to_owned(), value)
}

#[derive(Default)]
pub(crate) struct AgreementActs;

#[Object]
impl AgreementActs {
    /// Says that an agreement was signed: when, where, by whom, after which resolutions, and for how long. It has at least
    /// two parties then.
    async fn sign_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the agreement.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "The signing.")] signing: Input<Signing>,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Agreement>, ApiError> {
        ctx.require(Right::Write)?;
        let today = today(ctx);
        let signing = signing.json(ctx.loader()).await?;
        let edit = move |current: &Current| {
            check(current, Turn::Sign, today)?;
            let date = signing.get("date").and_then(Json::as_str).and_then(|date| date.parse::<PartialDate>().ok());
            if date.and_then(PartialDate::earliest).is_some_and(|day| day > today) {
                let message = format!("the date is after {today}: what is signed was signed by today");
                return Err(vec![Fault::new("/date", message)]);
            }
            let parties = if signing.get("parties").is_some() { &signing } else { &current.json };
            if list(parties, "parties").len() < 2 {
                let message = "an agreement that is signed has at least two different cities as parties: name them";
                return Err(vec![Fault::new("/parties", message)]);
            }
            Ok(signing)
        };
        let order = Order { reason, idempotency_key };
        Ok(Box::pin(act(ctx, entity::<Agreement>(), Right::Write, "signing", (id, expected_version), order, edit))
            .await?
            .into())
    }

    /// Ends an agreement before its time.
    async fn terminate_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the agreement.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(
            desc = "Which of the parties ended it, the first day on which it does not hold any more, and the resolution or the reason, or both."
        )]
        termination: Input<End>,
        #[graphql(desc = "Why it is written down, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Agreement>, ApiError> {
        ctx.require(Right::Write)?;
        let today = today(ctx);
        let termination = termination.json(ctx.loader()).await?;
        let edit = move |current: &Current| {
            let date = termination.get("date").and_then(Json::as_str).and_then(|date| date.parse().ok());
            check(current, Turn::Terminate, date.map_or(today, domain::PartialDate::latest))?;
            Ok(Json::Object(vec![field("termination", termination)]))
        };
        let order = Order { reason, idempotency_key };
        Ok(Box::pin(act(ctx, entity::<Agreement>(), Right::Write, "", (id, expected_version), order, edit))
            .await?
            .into())
    }

    /// Suspends an agreement, until it is resumed.
    async fn suspend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the agreement.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "First day of the suspension.")] from: PartialDateInput,
        #[graphql(desc = "Why: it stands in the record and in the history.")] reason: String,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Agreement>, ApiError> {
        let why = Json::string(reason.as_str());
        let edit = move |current: &Current| {
            check(current, Turn::Suspend, from.0.latest())?;
            let mut suspensions = list(&current.json, "suspensions");
            suspensions.push(Json::Object(vec![field("from", Json::string(from.0.value())), field("reason", why)]));
            Ok(Json::Object(vec![field("suspensions", Json::Array(suspensions))]))
        };
        let order = Order { reason: Some(reason), idempotency_key };
        Ok(Box::pin(act(ctx, entity::<Agreement>(), Right::Write, "", (id, expected_version), order, edit))
            .await?
            .into())
    }

    /// Resumes an agreement that is suspended.
    async fn resume_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the agreement.")] id: ID,
        #[graphql(desc = "The `version` that you have read; if it is another now, nothing is written.")]
        expected_version: u32,
        #[graphql(desc = "Last day of the suspension.")] to: PartialDateInput,
        #[graphql(desc = "Why, for the history.")] reason: Option<String>,
        #[graphql(
            desc = "Any text of up to 200 characters. A retry with the same key returns the first result without repeating the change."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PayloadOf<Agreement>, ApiError> {
        let edit = move |current: &Current| {
            check(current, Turn::Resume, to.0.latest())?;
            let mut suspensions = list(&current.json, "suspensions");
            if let Some(Json::Object(last)) = suspensions.last_mut() {
                last.retain(|(name, _)| name != "to");
                last.push(field("to", Json::string(to.0.value())));
            }
            Ok(Json::Object(vec![field("suspensions", Json::Array(suspensions))]))
        };
        let order = Order { reason, idempotency_key };
        Ok(Box::pin(act(ctx, entity::<Agreement>(), Right::Write, "", (id, expected_version), order, edit))
            .await?
            .into())
    }
}

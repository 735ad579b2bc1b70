//! What a request is charged, and what its answer says of that.

use std::net::IpAddr;

use async_graphql::{Name, Response, Value};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName};

use super::budget::{Balance, Client};
use super::caller::Caller;
use super::cost::Price;
use super::errors::{Refused, coded, complete_errors, set};
use super::{Admission, Gate, Ready};
use crate::code::Code;
use crate::rate_limit::ShownBudget;
use crate::served::Served;

/// The headers that tell a client what is left of its budget.
pub(crate) const BUDGET_HEADERS: [HeaderName; 2] = [RATE_LIMIT, RATE_LIMIT_POLICY];

pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(super) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What a request is charged, and what is added to its answers.
#[derive(Default)]
pub(super) struct Receipt {
    pub(super) price: Price,
    /// What it actually cost, once that is known.
    pub(super) actual: Option<u32>,
    /// Whether `extensions.cost` is asked for.
    pub(super) wants_cost: bool,
    /// Where the answer shows the budget.
    pub(super) shown: ShownBudget,
    pub(super) budget: Option<(Client, Balance)>,
}

impl Receipt {
    /// The most that the operation may cost.
    pub(super) fn requested(&self) -> u32 {
        u32::try_from(self.price.bound).unwrap_or(u32::MAX)
    }
}

/// The client that is charged: the account, or the address of an anonymous client.
pub(super) fn client(account: Option<&str>, address: IpAddr) -> Client {
    account.map_or_else(|| address.into(), |account| Client::Holder(account.into()))
}

impl<E: Served> Gate<E> {
    pub(super) fn charge(&self, client: &Client, cost: u32) -> Result<Option<Balance>, Refused> {
        let Some(budgets) = &self.0.budgets else { return Ok(None) };
        budgets.charge(client, cost).map(Some).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            let message = format!(
                "the request costs {cost}, which is more than is left of your budget: try again in {seconds} s"
            );
            let headers = [
                (RETRY_AFTER, seconds.to_string()),
                (RATE_LIMIT_POLICY, budgets.policy(client)),
                (RATE_LIMIT, format!("\"cost\";r=0;t={seconds}")),
            ];
            Refused::with(coded(message, None, Code::RateLimited), headers)
        })
    }

    /// Charges a client for a cached answer.
    ///
    /// # Errors
    /// The client has less than that left.
    pub(crate) fn charge_hit(
        &self,
        account: Option<&str>,
        address: IpAddr,
        price: u32,
    ) -> Result<HeaderMap, Box<Response>> {
        let client = client(account, address);
        let mut headers = HeaderMap::new();
        match self.charge(&client, price) {
            Ok(balance) => self.show_budget(balance.map(|balance| (client, balance)).as_ref(), &mut headers),
            Err(Refused(refused)) => return Err(refused),
        }
        Ok(headers)
    }

    /// Adds the headers that tell a client what is left of its budget.
    fn show_budget(&self, budget: Option<&(Client, Balance)>, headers: &mut HeaderMap) {
        if let (Some((client, balance)), Some(budgets)) = (budget, &self.0.budgets) {
            let reset = balance.reset_after.as_secs_f64().ceil();
            set(headers, RATE_LIMIT_POLICY, &budgets.policy(client));
            set(headers, RATE_LIMIT, &format!("\"cost\";r={};t={reset}", balance.remaining));
        }
    }

    /// Completes an answer: codes on its errors, and what the admission has to say.
    pub(super) fn finish(&self, mut response: Response, caller: &Caller, receipt: &Receipt) -> Response {
        complete_errors(&mut response.errors, &caller.trace.id);
        if receipt.wants_cost {
            let figures = [
                ("requested", Some(receipt.requested())),
                ("actual", receipt.actual),
                ("allowed", Some(self.0.rules.limits.complexity)),
            ];
            let figures = figures.into_iter().filter_map(|(name, figure)| Some((Name::new(name), figure?.into())));
            response.extensions.insert("cost".to_owned(), Value::Object(figures.collect()));
        }
        self.show_budget(receipt.budget.as_ref(), &mut response.http_headers);
        response
    }

    /// Gives back what an operation was charged over its actual cost. An answer with errors does not show all work that was
    /// done for it: then the whole charge stands.
    pub(super) fn settle(&self, response: &mut Response, caller: &Caller, receipt: &mut Receipt) {
        if !response.errors.is_empty() {
            return;
        }
        let actual = u32::try_from(receipt.price.actual(&response.data)).unwrap_or(u32::MAX);
        self.give_back(caller, receipt, actual);
        if let Some((_, balance)) = &receipt.budget {
            receipt.shown.update(&mut response.data, balance);
        }
    }

    /// Gives back what an operation was charged over a cost.
    fn give_back(&self, caller: &Caller, receipt: &mut Receipt, actual: u32) {
        receipt.actual = Some(actual);
        if let Some(seen) = caller.trace.seen.get() {
            // Set once for each operation.
            let _ = seen.actual.set(actual);
        }
        if let (Some((client, balance)), Some(budgets)) = (&mut receipt.budget, &self.0.budgets) {
            *balance = budgets.settle(client, balance, actual);
        }
    }

    /// The headers about the budget for a client that has the current answer, so that nothing is executed.
    pub(crate) fn skip(&self, admission: Admission) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(Ready { mut receipt, .. }) = admission.ready {
            self.give_back(&admission.caller, &mut receipt, 1);
            self.show_budget(receipt.budget.as_ref(), &mut headers);
        }
        headers
    }
}

//! The charge for a request, and the headers and extensions that report it.

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

/// The headers that report the budget.
pub(crate) const BUDGET_HEADERS: [HeaderName; 2] = [RATE_LIMIT, RATE_LIMIT_POLICY];

pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(super) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The charge for a request, and the additions to its responses.
#[derive(Default)]
pub(super) struct Receipt {
    pub(super) price: Price,
    /// Its actual cost, once it is known.
    pub(super) actual: Option<u32>,
    /// True if the client requested `extensions.cost`.
    pub(super) wants_cost: bool,
    /// The places of the budget in the response.
    pub(super) shown: ShownBudget,
    pub(super) budget: Option<(Client, Balance)>,
}

impl Receipt {
    /// The maximum cost of the operation.
    pub(super) fn requested(&self) -> u32 {
        u32::try_from(self.price.bound).unwrap_or(u32::MAX)
    }
}

/// The client to charge: the account, or the address of an anonymous client.
pub(super) fn client(account: Option<&str>, address: IpAddr) -> Client {
    account.map_or_else(|| address.into(), |account| Client::Holder(account.into()))
}

impl<E: Served> Gate<E> {
    pub(super) fn charge(&self, client: &Client, cost: u32) -> Result<Option<Balance>, Refused> {
        let Some(budgets) = &self.0.budgets else { return Ok(None) };
        budgets.charge(client, cost).map(Some).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            let message =
                format!("the request costs {cost}, which is more than the rest of your budget: retry in {seconds} s");
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
    /// The rest of the budget is lower than the cost.
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

    /// Adds the headers that report the budget.
    fn show_budget(&self, budget: Option<&(Client, Balance)>, headers: &mut HeaderMap) {
        if let (Some((client, balance)), Some(budgets)) = (budget, &self.0.budgets) {
            let reset = balance.reset_after.as_secs_f64().ceil();
            set(headers, RATE_LIMIT_POLICY, &budgets.policy(client));
            set(headers, RATE_LIMIT, &format!("\"cost\";r={};t={reset}", balance.remaining));
        }
    }

    /// Completes a response: adds codes to its errors, and the results of the admission.
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

    /// Refunds the difference between the charge and the actual cost of an operation. A response with errors does not show
    /// all the work that was done for it, so the whole charge remains.
    pub(super) fn refund_response(&self, response: &mut Response, caller: &Caller, receipt: &mut Receipt) {
        if !response.errors.is_empty() {
            return;
        }
        let actual = u32::try_from(receipt.price.actual(&response.data)).unwrap_or(u32::MAX);
        self.refund(caller, receipt, actual);
        if let Some((_, balance)) = &receipt.budget {
            receipt.shown.update(&mut response.data, balance);
        }
    }

    /// Refunds the difference between the charge and the actual cost.
    fn refund(&self, caller: &Caller, receipt: &mut Receipt, actual: u32) {
        receipt.actual = Some(actual);
        if let Some(seen) = caller.trace.seen.get() {
            // Each operation sets it once.
            let _ = seen.actual.set(actual);
        }
        if let (Some((client, balance)), Some(budgets)) = (&mut receipt.budget, &self.0.budgets) {
            *balance = budgets.refund(client, balance, actual);
        }
    }

    /// The budget headers for a client that has the current answer, so that nothing is executed.
    pub(crate) fn skip(&self, admission: Admission) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(Ready { mut receipt, .. }) = admission.ready {
            self.refund(&admission.caller, &mut receipt, 1);
            self.show_budget(receipt.budget.as_ref(), &mut headers);
        }
        headers
    }
}

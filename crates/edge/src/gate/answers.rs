//! Executes admitted requests and returns one answer, or the answers of a subscription.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::futures_util::stream::BoxStream;
use async_graphql::parser::types::OperationType;
use async_graphql::{Data, Request, Response};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::caller::{Caller, caller};
use super::errors::{Refused, code, coded, not_identified};
use super::receipt::Receipt;
use super::{Admission, Gate, Ready};
use crate::code::Code;
use crate::identity::{AuthError, Credential};
use crate::served::{Answer, Served};
use crate::versioned::Version;

impl<E: Served> Gate<E> {
    /// Executes an operation within its time limit and counts it.
    pub(super) async fn answer(
        &self,
        ready: Result<Ready, Refused>,
        version: Option<Version>,
        caller: &Caller,
        start: Instant,
    ) -> (Response, Option<Version>) {
        let (response, version) = match ready {
            Ok(Ready { request, kind, mut receipt }) => {
                let limit = self.0.rules.limits.request_timeout();
                // Boxed, because the execution has by far the largest future.
                let execution = Box::pin(self.0.executor.answer(request, version));
                let (mut response, version) = within(caller.deadline, limit, kind, execution).await;
                self.refund_response(&mut response, caller, &mut receipt);
                (self.finish(response, caller, &receipt), version)
            }
            Err(Refused(refused)) => (self.finish(*refused, caller, &Receipt::default()), None),
        };
        count_answer(&response, caller, start.elapsed());
        (response, version)
    }

    /// The answers of a subscription. The credential is checked again periodically while it runs.
    fn subscribe(&self, ready: Ready, session: Option<Arc<Data>>, caller: Caller) -> BoxStream<'static, Answer> {
        let Ready { request, receipt, .. } = ready;
        let answers = self.0.executor.answers(request, session);
        let (gate, credential) = (self.clone(), caller.credential.clone());
        let refused = async move {
            if credential == Credential::None {
                return std::future::pending().await;
            }
            loop {
                tokio::time::sleep(RECHECK).await;
                if let Err(error @ AuthError::Rejected(_)) = gate.0.executor.identify(&credential).await {
                    let Refused(refused) = not_identified(error);
                    return Answer::from(*refused);
                }
            }
        };
        let gate = self.clone();
        let finish =
            move |answer: Answer| Answer { response: gate.finish(answer.response, &caller, &receipt), ..answer };
        until(answers, refused).map(finish).boxed()
    }

    /// All answers to an admitted request.
    pub(crate) fn answers_admitted(
        &self,
        admission: Admission,
        session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Answer> {
        let Admission { ready, caller, start } = admission;
        match ready {
            Ok(ready) if ready.kind == OperationType::Subscription => self.subscribe(ready, session, caller),
            ready => {
                let gate = self.clone();
                let answer = async move { Answer::from(gate.answer(ready, None, &caller, start).await.0) };
                stream::once(answer).boxed()
            }
        }
    }

    /// All answers to a request.
    pub fn answers(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Answer> {
        let gate = self.clone();
        let answers = async move {
            let credential = caller(&request, gate.limits()).credential;
            let viewer = gate.0.executor.identify(&credential).await;
            gate.answers_admitted(gate.admission(request, viewer), session)
        };
        answers.flatten_stream().boxed()
    }
}

/// The time between two checks of the token of a subscription or a socket.
pub(crate) const RECHECK: Duration = Duration::from_secs(2);

/// A stream that ends by itself, or with a last item when a future completes.
fn until(
    answers: BoxStream<'static, Answer>,
    end: impl Future<Output = Answer> + Send + 'static,
) -> impl Stream<Item = Answer> + Send {
    let going_on = answers.take_until(Box::pin(end));
    stream::unfold(Some(going_on), async |state| {
        let mut going_on = state?;
        match going_on.next().await {
            Some(answer) => Some((answer, Some(going_on))),
            None => going_on.take_result().map(|last| (last, None)),
        }
    })
}

/// The result of the work, or an error after the time limit. A mutation may have been committed nevertheless.
async fn within(
    deadline: Instant,
    limit: Duration,
    kind: OperationType,
    work: impl Future<Output = (Response, Option<Version>)>,
) -> (Response, Option<Version>) {
    timeout_at(deadline, work).await.unwrap_or_else(|_| {
        let limit = limit.as_millis();
        let message = match kind {
            OperationType::Mutation => format!(
                "the mutation took longer than the limit of {limit} ms, and its outcome is unknown: it may have \
                 been executed. Send it again with the same idempotencyKey, which prevents a second execution; if it \
                 had no key, read the record first"
            ),
            _ => format!("the request took longer than the limit of {limit} ms: request less"),
        };
        (Response::from_errors(vec![coded(message, None, Code::Timeout)]), None)
    })
}

/// Counts an answer for the metrics.
fn count_answer(response: &Response, caller: &Caller, took: Duration) {
    let transport = caller.transport.name;
    metrics::counter!("pomost_operations_total", "transport" => transport).increment(1);
    metrics::histogram!("pomost_operation_duration_seconds", "transport" => transport).record(took.as_secs_f64());
    if let Some(seen) = caller.trace.seen.get() {
        metrics::histogram!("pomost_operation_cost").record(f64::from(seen.cost()));
    }
    for error in &response.errors {
        let code = code(error).map_or("", Code::as_str);
        metrics::counter!("pomost_operation_errors_total", "code" => code).increment(1);
    }
}

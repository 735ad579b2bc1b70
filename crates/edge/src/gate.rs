//! The gate in front of a schema. Every operation is admitted and executed here, whichever transport it comes over.
//!
//! The document of an id is looked up (`documents`); the text is parsed, measured and validated (`read`); the variables are coerced
//! and the selections merged (`pomost_document`); the operation is priced (`cost`) and charged (`budget`, `receipt`). The first step
//! that a request does not pass refuses it. Only then is it executed, within its time (`answers`). Every error gets a code (`errors`).

mod answers;
mod budget;
mod caller;
mod cost;
mod documents;
mod errors;
mod limits;
mod read;
mod receipt;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError, Value};
use axum::http::header::ALLOW;
use pomost_document::TooLarge;
use tokio::time::Instant;

pub use budget::{Balance, Rate};
pub use caller::{Caller, Seen, Trace, Transport};
pub use documents::{Documents, DocumentsError};
pub use errors::refusal;
pub use limits::Limits;

pub(crate) use answers::RECHECK;
pub(crate) use errors::{code, coded, never_ran};
pub(crate) use receipt::BUDGET_HEADERS;

use budget::{Budgets, Client};
use caller::caller;
use cost::Costs;
use errors::{Refused, not_identified, refusals};
use limits::Figure;
use read::{Document, Reader};
use receipt::{Receipt, client};

use crate::code::Code;
use crate::hash;
use crate::identity::AuthError;
use crate::rate_limit::ShownBudget;
use crate::served::Served;
use crate::versioned::Version;

/// The name in the log of an operation without a name.
const UNNAMED: &str = "(anonymous)";

/// The rules of a gate.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Limits of a single request.
    pub limits: Limits,
    /// Budgets of clients.
    pub rate: Rate,
    /// The initial documents with ids.
    pub documents: Documents,
}

/// The gate in front of an executor. Clones share it.
pub struct Gate<E: Served>(Arc<Inner<E>>);

impl<E: Served> Clone for Gate<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<E: Served> {
    executor: E,
    rules: Rules,
    documents: RwLock<Arc<Documents>>,
    budgets: Option<Budgets>,
    reader: Reader<E::Outline>,
    /// Read at the first request.
    costs: OnceLock<Costs>,
}

/// A request that may be executed.
struct Admitted {
    request: Request,
    kind: OperationType,
    receipt: Receipt,
}

/// A request that is identified and charged.
struct Ready {
    request: Request,
    kind: OperationType,
    receipt: Receipt,
}

/// A request after its admission, before its execution.
pub(crate) struct Admission {
    ready: Result<Ready, Refused>,
    caller: Caller,
    start: Instant,
}

impl Admission {
    /// The kind of its operation; `None` if the request is refused.
    pub(crate) fn kind(&self) -> Option<OperationType> {
        self.ready.as_ref().ok().map(|ready| ready.kind)
    }
}

impl<E: Served> Gate<E> {
    /// A gate in front of an executor.
    pub fn new(executor: E, mut rules: Rules) -> Self {
        let budgets = Budgets::new(&rules.rate);
        let documents = RwLock::new(Arc::new(std::mem::take(&mut rules.documents)));
        Self(Arc::new(Inner { executor, rules, documents, budgets, reader: Reader::default(), costs: OnceLock::new() }))
    }

    /// The documents with ids.
    pub(crate) fn documents(&self) -> Arc<Documents> {
        Arc::clone(&self.0.documents.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the documents with ids for future requests.
    pub(crate) fn replace_documents(&self, documents: Documents) {
        *self.0.documents.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(documents);
    }

    /// Limits of a single request.
    pub fn limits(&self) -> &Limits {
        &self.0.rules.limits
    }

    /// The executor.
    pub(crate) fn executor(&self) -> &E {
        &self.0.executor
    }

    /// Admits a request, or returns the refusal.
    fn admit(&self, mut request: Request, caller: &Caller) -> Result<Admitted, Refused> {
        let limits = &self.0.rules.limits;
        self.resolve(&mut request, caller.document_id.as_deref())?;
        let figure = |limit, what, found, allowed| Figure { limit, what, found, allowed }.check();
        let types = self.0.executor.types();
        let Document { valid, hash, outline } = &*self.0.reader.read(&request.query, limits, &self.0.executor)?;
        let values = request.variables.values().map(count).fold(0, u64::saturating_add);
        figure("variable_values", "values in its variables", values, limits.variable_values)?;
        let operation = valid.operation(request.operation_name.as_deref()).map_err(refusal)?;
        let variables = operation.coerce(types, &request.variables).map_err(refusals)?;
        let executable = operation.executable(types, &variables, limits.fields as usize).map_err(|TooLarge| {
            let what = "fields after the expansion of its type conditions";
            let found = u64::from(limits.fields) + 1;
            Figure { limit: "fields", what, found, allowed: limits.fields }.refusal()
        })?;
        let (name, kind) = (operation.name(), operation.kind());
        let (price, shown) = match executable.operations.iter().next() {
            Some((_, operation)) => {
                (self.costs().of(&executable, &operation.node, &variables), ShownBudget::of(&operation.node))
            }
            None => Default::default(),
        };
        let wants_cost = request.extensions.get("cost").is_some_and(|wish| *wish == Value::Boolean(true));
        let receipt = Receipt { price, wants_cost, shown, ..Receipt::default() };
        // The cell of a new request is empty.
        let _ = caller.trace.seen.set(Arc::new(Seen {
            operation: name.unwrap_or(UNNAMED).to_owned(),
            document: hash.clone(),
            requested: receipt.requested(),
            actual: OnceLock::new(),
        }));
        figure("complexity", "points of cost", receipt.price.bound, limits.complexity)?;
        figure("text_searches", "text searches in its filters", receipt.price.searches, limits.text_searches)?;
        figure("filter_levels", "levels in a filter", receipt.price.levels, limits::FILTER_LEVELS)?;
        allowed(kind, caller.transport)?;
        if kind == OperationType::Query {
            request.data.insert(outline.clone());
        }
        request.operation_name = name.map(ToOwned::to_owned);
        request.variables = variables;
        request.set_parsed_query(executable);
        Ok(Admitted { request, kind, receipt })
    }

    /// Replaces the id of a document with its text.
    fn resolve(&self, request: &mut Request, id: Option<&str>) -> Result<(), ServerError> {
        let documents = self.documents();
        let not_found = |message: String| coded(message, None, Code::PersistedQueryNotFound);
        match id {
            Some(id) if request.query.is_empty() => {
                let text = documents.get(id).ok_or_else(|| {
                    not_found(format!("there is no document with the id {id:?}: send its text as \"query\""))
                })?;
                request.query = text.to_string();
            }
            Some(id)
                if id.strip_prefix("sha256:").unwrap_or(id) != hash(&request.query)
                    && documents.get(id).is_none_or(|known| **known != *request.query) =>
            {
                let message = format!(
                    "\"query\" is not the text of the document {id:?}: send only one of them, or the correct hash"
                );
                return Err(coded(message, None, Code::BadRequest));
            }
            _ => {}
        }
        if documents.only && !documents.has(&request.query) {
            return Err(not_found("only known documents are executed: send a \"documentId\"".to_owned()));
        }
        Ok(())
    }

    fn costs(&self) -> &Costs {
        self.0.costs.get_or_init(|| Costs::of_schema(self.0.executor.sdl(), E::MAX_PAGE))
    }

    /// Admits a request and charges the client.
    fn ready(&self, request: Request, caller: &Caller, viewer: Result<E::Viewer, AuthError>) -> Result<Ready, Refused> {
        let Admitted { mut request, kind, mut receipt } = self.admit(request, caller)?;
        let viewer = match viewer {
            Ok(viewer) => viewer,
            Err(error) => {
                // Attempts with wrong tokens are charged to the address, so that guessing is limited.
                self.charge(&Client::from(caller.address), receipt.requested())?;
                return Err(not_identified(error));
            }
        };
        let client = client(E::account(&viewer), caller.address);
        let balance = self.charge(&client, receipt.requested())?;
        if let Some(balance) = balance {
            request.data.insert(balance);
        }
        request.data.insert(viewer);
        request.data.insert(kind);
        receipt.budget = balance.map(|balance| (client, balance));
        Ok(Ready { request, kind, receipt })
    }

    /// The answer to a request.
    pub async fn execute(&self, request: Request) -> Response {
        let credential = caller(&request, &self.0.rules.limits).credential;
        let viewer = self.0.executor.identify(&credential).await;
        self.execute_admitted(self.admission(request, viewer), None).await.0
    }

    /// Admits the request of a viewer and charges it.
    pub(crate) fn admission(&self, request: Request, viewer: Result<E::Viewer, AuthError>) -> Admission {
        let caller = caller(&request, &self.0.rules.limits);
        caller.trace.note_account(viewer.as_ref().ok().and_then(E::account));
        let start = Instant::now();
        Admission { ready: self.ready(request, &caller, viewer), caller, start }
    }

    /// The answer to a request that begins at a version of the data, and the version of all its data if there is a single
    /// one.
    pub(crate) async fn execute_admitted(
        &self,
        admission: Admission,
        version: Option<Version>,
    ) -> (Response, Option<Version>) {
        let Admission { ready, caller, start } = admission;
        self.answer(ready, version, &caller, start).await
    }
}

/// The number of values in a value, including itself.
fn count(value: &Value) -> u64 {
    match value {
        Value::List(items) => items.iter().map(count).fold(1, u64::saturating_add),
        Value::Object(members) => members.values().map(count).fold(1, u64::saturating_add),
        _ => 1,
    }
}

/// Refuses operations that a transport does not allow.
fn allowed(kind: OperationType, transport: Transport) -> Result<(), Refused> {
    match kind {
        OperationType::Mutation if !transport.mutations => {
            let error = coded("a mutation cannot be sent by GET: use POST", None, Code::BadRequest);
            Err(Refused::with(error, [(ALLOW, "POST".to_owned())]))
        }
        OperationType::Subscription if !transport.subscriptions => {
            let message = "a subscription has more than one answer: request it over WebSocket (/graphql/ws), or as \
                server-sent events with \"Accept: text/event-stream\"";
            Err(coded(message, None, Code::BadRequest).into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;

//! The one door to the schema. Whatever comes over HTTP, WebSocket or server-sent events is admitted and executed here.
//!
//! A request is resolved (`documents`), parsed, measured and validated (`read`), its variables are
//! coerced and its selections merged (`pomost_document`), it is priced (`cost`) and charged (`budget`) to whoever asks
//! (`crate::identity`), in this order, and refused at the first step that it does not pass; only then is it executed, within
//! its time. What comes back has a code on every error.

mod budget;
mod cost;
mod documents;
mod limits;
mod read;

use std::any::TypeId;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use async_graphql::futures_util::stream::BoxStream;
use async_graphql::parser::types::OperationType;
use async_graphql::{Data, ErrorExtensionValues, Executor, Name, Pos, Request, Response, ServerError, Value};
use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use pomost_document::{TooLarge, TypeSystem};
use pomost_domain::{Role, Viewer};
use tokio::time::{Instant, timeout_at};

pub use budget::{Balance, Rate};
pub use documents::{Documents, DocumentsError};
pub use limits::Limits;
pub use read::refusal;

pub use crate::versioned::Version;

pub(crate) use documents::{hash, hex};

use budget::{Budgets, Client};
use cost::{Costs, Price};
use limits::Figure;
use read::{Document, Reader, refusals};

use crate::error::{Code, INTERNAL};
use crate::identity::{Credential, Stranger};
use crate::schema::ShownBudget;
use crate::sharing::Answer;

/// What the log says of an operation without a name.
const ANONYMOUS: &str = "(anonymous)";

/// The headers that tell a client what is left of his budget.
pub(crate) const BUDGET_HEADERS: [HeaderName; 2] = [RATE_LIMIT, RATE_LIMIT_POLICY];

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Over what a request came, and what may be asked over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// Its name in logs and metrics.
    pub name: &'static str,
    /// Whether it may change something: an address that is only looked at must not.
    pub mutations: bool,
    /// Whether more than one answer can be given over it.
    pub subscriptions: bool,
}

impl Transport {
    /// `GET` with one answer.
    pub const GET: Self = Self { name: "get", mutations: false, subscriptions: false };
    /// `POST` with one answer.
    pub const POST: Self = Self { name: "post", mutations: true, subscriptions: false };
    /// A WebSocket.
    pub const SOCKET: Self = Self { name: "socket", mutations: true, subscriptions: true };
    /// Server-sent events, asked for by `GET`.
    pub const EVENTS_BY_GET: Self = Self { name: "events", mutations: false, subscriptions: true };
    /// Server-sent events, asked for by `POST`.
    pub const EVENTS_BY_POST: Self = Self { name: "events", mutations: true, subscriptions: true };
}

/// What is known of whoever sends a request. The transports put it into the data of the request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Where the request comes from.
    pub address: IpAddr,
    /// Over what it came.
    pub transport: Transport,
    /// When it has to be answered.
    pub deadline: Instant,
    /// The id of its document, when it names one.
    pub document_id: Option<String>,
    /// What it shows to say who it is.
    pub credential: Credential,
    /// What the log says of it.
    pub trace: Trace,
}

/// What connects a request with its line in the log.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The id of the request.
    pub id: String,
    /// Where it comes from, if the log says so.
    pub client: Option<IpAddr>,
    /// Whose token it shows, once that is known, if it shows one and the log says so.
    pub holder: Option<Arc<OnceLock<String>>>,
    /// What was found out about it; it outlives a request that is cut off.
    pub seen: Arc<OnceLock<Arc<Seen>>>,
}

impl Trace {
    /// The trace of one of the operations that come over a connection for many.
    pub(crate) fn of_operation(&self, number: u64) -> Self {
        Self {
            id: format!("{}.{number}", self.id),
            client: self.client,
            holder: self.holder.as_ref().map(|_| Arc::default()),
            seen: Arc::default(),
        }
    }

    /// Notes whose token was shown.
    pub(crate) fn note_holder(&self, viewer: &Result<Viewer, Stranger>) {
        if let (Some(holder), Ok(viewer)) = (&self.holder, viewer) {
            holder.get_or_init(|| viewer.name.clone());
        }
    }

    /// Whose token was shown.
    pub(crate) fn holder(&self) -> Option<&str> {
        self.holder.as_ref()?.get().map(String::as_str)
    }
}

/// What the log says of an operation.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The name of the operation.
    pub operation: String,
    /// The hash of its document, which is the same whatever its variables are.
    pub document: String,
    /// The most that it may cost.
    pub requested: u32,
    /// What it did cost, once it was executed without errors.
    pub actual: OnceLock<u32>,
}

impl Seen {
    /// What the operation is charged.
    pub fn cost(&self) -> u32 {
        self.actual.get().copied().unwrap_or(self.requested)
    }
}

/// What stands behind the door: an executor, and what the edge has to know of it.
pub trait Served: Executor {
    /// The schema in the schema definition language.
    fn sdl(&self) -> &str;

    /// The same schema, for documents to be read against. They are executed as they come from there: valid, and merged.
    fn types(&self) -> &TypeSystem;

    /// The answers of a subscription. Those who ask the same may share them.
    fn answers(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Answer> {
        self.execute_stream(request, session).map(Answer::from).boxed()
    }

    /// What answers depend on besides the request and the data, as long as the process runs.
    fn edition(&self) -> &str;

    /// The version of the data that somebody reads now; `None` when it cannot be told.
    fn version(&self, viewer: &Viewer) -> impl Future<Output = Option<Version>> + Send;

    /// The version of the data that an unknown reader reads now, if it is known without waiting.
    fn version_at_hand(&self) -> Option<Version> {
        None
    }

    /// The answer to a request that begins at a version of the data, and the version of all that is in it, if it is known.
    fn answer(
        &self,
        request: Request,
        _version: Option<Version>,
    ) -> impl Future<Output = (Response, Option<Version>)> + Send {
        async { (self.execute(request).await, None) }
    }

    /// Whether requests can be answered, or what is in the way.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// Gives figures of its own to the metrics.
    fn measure(&self) {}

    /// Whom a credential stands for.
    fn identify(&self, credential: &Credential) -> impl Future<Output = Result<Viewer, Stranger>> + Send;
}

/// How the door is set up.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// What a single request may cost.
    pub limits: Limits,
    /// What a client may spend.
    pub rate: Rate,
    /// The documents that are known beforehand, at first.
    pub documents: Documents,
}

/// The door in front of an executor. Clones share it.
#[derive(Debug)]
pub struct Door<E>(Arc<Inner<E>>);

impl<E> Clone for Door<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Inner<E> {
    executor: E,
    rules: Rules,
    documents: RwLock<Arc<Documents>>,
    budgets: Option<Budgets>,
    reader: Reader,
    /// Read when the first request comes.
    costs: OnceLock<Costs>,
}

/// A request that may be executed.
struct Admitted {
    request: Request,
    kind: OperationType,
    receipt: Receipt,
}

/// A request that is identified and paid for.
struct Ready {
    request: Request,
    kind: OperationType,
    receipt: Receipt,
}

/// What a request is charged, and what is added to its answers.
#[derive(Default)]
struct Receipt {
    price: Price,
    /// What it did cost, once that is known.
    actual: Option<u32>,
    /// Whether `extensions.cost` is asked for.
    wants_cost: bool,
    /// Where the answer shows the budget.
    shown: ShownBudget,
    budget: Option<(Client, Balance)>,
}

impl Receipt {
    /// The most that the operation may cost.
    fn requested(&self) -> u32 {
        u32::try_from(self.price.bound).unwrap_or(u32::MAX)
    }
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

impl<E: Served> Door<E> {
    /// A door in front of an executor.
    pub fn new(executor: E, mut rules: Rules) -> Self {
        let budgets = Budgets::new(&rules.rate);
        let documents = RwLock::new(Arc::new(std::mem::take(&mut rules.documents)));
        Self(Arc::new(Inner { executor, rules, documents, budgets, reader: Reader::default(), costs: OnceLock::new() }))
    }

    /// The documents that are known by an id.
    pub(crate) fn documents(&self) -> Arc<Documents> {
        Arc::clone(&self.0.documents.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other documents into the place of those that are known by an id, for the requests to come.
    pub(crate) fn replace_documents(&self, documents: Documents) {
        *self.0.documents.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(documents);
    }

    /// What a single request may cost.
    pub fn limits(&self) -> &Limits {
        &self.0.rules.limits
    }

    /// What is behind the door.
    pub(crate) fn executor(&self) -> &E {
        &self.0.executor
    }

    /// Admits a request, or says why not.
    fn admit(&self, mut request: Request, caller: &Caller) -> Result<Admitted, Refused> {
        let limits = &self.0.rules.limits;
        self.resolve(&mut request, caller.document_id.as_deref())?;
        let figure = |limit, what, found, allowed| Figure { limit, what, found, allowed }.check();
        let types = self.0.executor.types();
        let Document { valid, hash, asked } = &*self.0.reader.read(&request.query, limits, types)?;
        let values = request.variables.values().map(count).fold(0, u64::saturating_add);
        figure("variable_values", "values in its variables", values, limits.variable_values)?;
        let operation = valid.operation(request.operation_name.as_deref()).map_err(refusal)?;
        let variables = operation.coerce(types, &request.variables).map_err(refusals)?;
        let executable = operation.executable(types, &variables, limits.fields as usize).map_err(|TooLarge| {
            let what = "fields once its type conditions are told apart";
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
        // Nothing was seen of a new request yet.
        let _ = caller.trace.seen.set(Arc::new(Seen {
            operation: name.unwrap_or(ANONYMOUS).to_owned(),
            document: hash.clone(),
            requested: receipt.requested(),
            actual: OnceLock::new(),
        }));
        figure("complexity", "points of cost", receipt.price.bound, limits.complexity)?;
        figure("text_searches", "texts to look for in its filters", receipt.price.searches, limits.text_searches)?;
        figure("filter_levels", "levels in a filter", receipt.price.levels, limits::FILTER_LEVELS)?;
        allowed(kind, caller.transport)?;
        if kind == OperationType::Query {
            request.data.insert(*asked);
        }
        request.operation_name = name.map(ToOwned::to_owned);
        request.variables = variables;
        request.set_parsed_query(executable);
        Ok(Admitted { request, kind, receipt })
    }

    /// Puts the text of a document into the place of its id.
    fn resolve(&self, request: &mut Request, id: Option<&str>) -> Result<(), ServerError> {
        let documents = self.documents();
        let not_found = |message: String| coded(message, None, Code::PersistedQueryNotFound);
        match id {
            Some(id) if request.query.is_empty() => {
                let text = documents.get(id).ok_or_else(|| {
                    not_found(format!("there is no document {id:?} here: send its text as \"query\""))
                })?;
                request.query = text.to_string();
            }
            Some(id)
                if id.strip_prefix("sha256:").unwrap_or(id) != hash(&request.query)
                    && documents.get(id).is_none_or(|known| **known != *request.query) =>
            {
                let message = format!("\"query\" is not the document {id:?}: send one of them, or the right hash");
                return Err(coded(message, None, Code::BadRequest));
            }
            _ => {}
        }
        if documents.only && !documents.has(&request.query) {
            return Err(not_found("only known documents are executed here: send a \"documentId\"".to_owned()));
        }
        Ok(())
    }

    fn costs(&self) -> &Costs {
        self.0.costs.get_or_init(|| Costs::of_schema(self.0.executor.sdl()))
    }

    /// Admits a request and charges whoever asks.
    fn ready(&self, request: Request, caller: &Caller, viewer: Result<Viewer, Stranger>) -> Result<Ready, Refused> {
        let Admitted { mut request, kind, mut receipt } = self.admit(request, caller)?;
        let viewer = match viewer {
            Ok(viewer) => viewer,
            Err(stranger) => {
                // Guessing costs as much as asking.
                self.charge(&Client::from(caller.address), receipt.requested())?;
                return Err(not_identified(stranger));
            }
        };
        let client = client(&viewer, caller.address);
        let balance = self.charge(&client, receipt.requested())?;
        if let Some(balance) = balance {
            request.data.insert(balance);
        }
        request.data.insert(viewer);
        request.data.insert(kind);
        receipt.budget = balance.map(|balance| (client, balance));
        Ok(Ready { request, kind, receipt })
    }

    fn charge(&self, client: &Client, cost: u32) -> Result<Option<Balance>, Refused> {
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

    /// Charges for an answer that is there already.
    ///
    /// # Errors
    /// The client has less than that left.
    pub(crate) fn charge_again(
        &self,
        viewer: &Viewer,
        address: IpAddr,
        price: u32,
    ) -> Result<HeaderMap, Box<Response>> {
        let client = client(viewer, address);
        let mut headers = HeaderMap::new();
        match self.charge(&client, price) {
            Ok(balance) => self.tell(balance.map(|balance| (client, balance)).as_ref(), &mut headers),
            Err(Refused(refused)) => return Err(refused),
        }
        Ok(headers)
    }

    /// Tells a client what is left of his budget.
    fn tell(&self, budget: Option<&(Client, Balance)>, headers: &mut HeaderMap) {
        if let (Some((client, balance)), Some(budgets)) = (budget, &self.0.budgets) {
            let reset = balance.reset_after.as_secs_f64().ceil();
            set(headers, RATE_LIMIT_POLICY, &budgets.policy(client));
            set(headers, RATE_LIMIT, &format!("\"cost\";r={};t={reset}", balance.remaining));
        }
    }

    /// Completes an answer: codes on its errors, and what the admission has to say.
    fn finish(&self, mut response: Response, caller: &Caller, receipt: &Receipt) -> Response {
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
        self.tell(receipt.budget.as_ref(), &mut response.http_headers);
        response
    }

    /// Gives back what an operation was charged over its actual cost. With errors in an answer, it does not show all that was
    /// done for it: then the whole charge stands.
    fn settle(&self, response: &mut Response, caller: &Caller, receipt: &mut Receipt) {
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
            // It is done once for each operation.
            let _ = seen.actual.set(actual);
        }
        if let (Some((client, balance)), Some(budgets)) = (&mut receipt.budget, &self.0.budgets) {
            *balance = budgets.settle(client, balance, actual);
        }
    }

    /// One answer, within its time, and counted.
    async fn answer(
        &self,
        ready: Result<Ready, Refused>,
        version: Option<Version>,
        caller: &Caller,
        start: Instant,
    ) -> (Response, Option<Version>) {
        let (response, version) = match ready {
            Ok(Ready { request, kind, mut receipt }) => {
                let limit = self.0.rules.limits.request_timeout();
                // Boxed: the execution is by far the largest of what a request goes through.
                let execution = Box::pin(self.0.executor.answer(request, version));
                let (mut response, version) = within(caller.deadline, limit, kind, execution).await;
                self.settle(&mut response, caller, &mut receipt);
                (self.finish(response, caller, &receipt), version)
            }
            Err(Refused(refused)) => (self.finish(*refused, caller, &Receipt::default()), None),
        };
        count_answer(&response, caller, start.elapsed());
        (response, version)
    }

    /// Answers one by one. Who asks is asked for again and again, as long as it goes on.
    fn subscribe(&self, ready: Ready, session: Option<Arc<Data>>, caller: Caller) -> BoxStream<'static, Answer> {
        let Ready { request, receipt, .. } = ready;
        let answers = self.0.executor.answers(request, session);
        let (door, credential) = (self.clone(), caller.credential.clone());
        let refused = async move {
            if credential == Credential::None {
                return std::future::pending().await;
            }
            loop {
                tokio::time::sleep(RECHECK).await;
                if let Err(stranger @ Stranger::Refused(_)) = door.0.executor.identify(&credential).await {
                    let Refused(refused) = not_identified(stranger);
                    return Answer::from(*refused);
                }
            }
        };
        let door = self.clone();
        let finish =
            move |answer: Answer| Answer { response: door.finish(answer.response, &caller, &receipt), ..answer };
        until(answers, refused).map(finish).boxed()
    }

    /// The answer to a request.
    pub async fn execute(&self, request: Request) -> Response {
        let credential = caller(&request, &self.0.rules.limits).credential;
        let viewer = self.0.executor.identify(&credential).await;
        self.execute_admitted(self.admission(request, viewer), None).await.0
    }

    /// Admits the request of a viewer and charges it.
    pub(crate) fn admission(&self, request: Request, viewer: Result<Viewer, Stranger>) -> Admission {
        let caller = caller(&request, &self.0.rules.limits);
        caller.trace.note_holder(&viewer);
        let start = Instant::now();
        Admission { ready: self.ready(request, &caller, viewer), caller, start }
    }

    /// The answer to a request that begins at a version of the data, and the version of all that is in it, if it is one.
    pub(crate) async fn execute_admitted(
        &self,
        admission: Admission,
        version: Option<Version>,
    ) -> (Response, Option<Version>) {
        let Admission { ready, caller, start } = admission;
        self.answer(ready, version, &caller, start).await
    }

    /// The headers about the budget for a client that has the answer already, so that nothing is executed.
    pub(crate) fn skip(&self, admission: Admission) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(Ready { mut receipt, .. }) = admission.ready {
            self.give_back(&admission.caller, &mut receipt, 1);
            self.tell(receipt.budget.as_ref(), &mut headers);
        }
        headers
    }

    /// The answers to an admitted request, of which there may be many.
    pub(crate) fn answers_admitted(
        &self,
        admission: Admission,
        session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Answer> {
        let Admission { ready, caller, start } = admission;
        match ready {
            Ok(ready) if ready.kind == OperationType::Subscription => self.subscribe(ready, session, caller),
            ready => {
                let door = self.clone();
                let answer = async move { Answer::from(door.answer(ready, None, &caller, start).await.0) };
                stream::once(answer).boxed()
            }
        }
    }

    /// The answers to a request, of which there may be many.
    pub fn answers(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Answer> {
        let door = self.clone();
        let answers = async move {
            let credential = caller(&request, door.limits()).credential;
            let viewer = door.0.executor.identify(&credential).await;
            door.answers_admitted(door.admission(request, viewer), session)
        };
        answers.flatten_stream().boxed()
    }
}

/// How often it is asked again whether the token of a subscription or a socket is still good.
pub(crate) const RECHECK: Duration = Duration::from_secs(2);

/// A stream that goes on until it is over, or until something happens, which is the last of it then.
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

/// The refusal of somebody whose token is not taken.
fn not_identified(stranger: Stranger) -> Refused {
    match stranger {
        Stranger::Refused(reason) => {
            Refused::with(coded(reason, None, Code::Unauthenticated), [(WWW_AUTHENTICATE, "Bearer".to_owned())])
        }
        Stranger::Unavailable => {
            let message = "your token cannot be looked up at the moment: send the same again in a while";
            coded(message, None, Code::Unavailable).into()
        }
        Stranger::Failed => coded(INTERNAL, None, Code::InternalServerError).into(),
    }
}

/// The caller that the transport named. Who comes without one is a stranger.
fn caller(request: &Request, limits: &Limits) -> Caller {
    let named = request.data.get(&TypeId::of::<Caller>()).and_then(|caller| caller.downcast_ref::<Caller>());
    named.cloned().unwrap_or_else(|| Caller {
        address: IpAddr::from([0, 0, 0, 0]),
        transport: Transport::POST,
        deadline: Instant::now() + limits.request_timeout(),
        document_id: None,
        credential: Credential::None,
        trace: Trace { id: String::new(), client: None, holder: None, seen: Arc::default() },
    })
}

/// The outcome of the work, or an error once its time is over. A mutation may have been committed in the meantime.
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
                "the mutation took longer than the {limit} ms that are allowed, and its outcome is unknown: it may have \
                 been carried out. Send it again with the same idempotencyKey, which never carries it out twice; if it \
                 had no key, read the record first"
            ),
            _ => format!("the request took longer than the {limit} ms that are allowed: ask for less"),
        };
        (Response::from_errors(vec![coded(message, None, Code::Timeout)]), None)
    })
}

/// Who is charged.
fn client(viewer: &Viewer, address: IpAddr) -> Client {
    if viewer.role == Role::Anonymous { address.into() } else { Client::Holder(viewer.name.as_str().into()) }
}

/// An error with a code.
pub(crate) fn coded(message: impl Into<String>, at: Option<Pos>, code: Code) -> ServerError {
    let mut error = ServerError::new(message, at);
    error.extensions.get_or_insert_default().set("code", code.as_str());
    error
}

/// The code of an error.
pub(crate) fn code(error: &ServerError) -> Option<Code> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(text) => Code::from_text(text),
        _ => None,
    }
}

/// Whether a request failed before anything of it was executed: then its answer has no `data` at all.
pub(crate) fn never_ran(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The answer to a request that is not admitted.
struct Refused(Box<Response>);

impl Refused {
    /// A refusal that says more in a header.
    fn with(error: ServerError, headers: impl IntoIterator<Item = (HeaderName, String)>) -> Self {
        let mut refused = Self::from(error);
        for (name, value) in headers {
            set(&mut refused.0.http_headers, name, &value);
        }
        refused
    }
}

impl From<ServerError> for Refused {
    fn from(error: ServerError) -> Self {
        vec![error].into()
    }
}

impl From<Vec<ServerError>> for Refused {
    fn from(errors: Vec<ServerError>) -> Self {
        Self(Box::new(Response::from_errors(errors)))
    }
}

/// The members of a value and itself.
fn count(value: &Value) -> u64 {
    match value {
        Value::List(items) => items.iter().map(count).fold(1, u64::saturating_add),
        Value::Object(members) => members.values().map(count).fold(1, u64::saturating_add),
        _ => 1,
    }
}

/// Refuses what may not be asked over a transport.
fn allowed(kind: OperationType, transport: Transport) -> Result<(), Refused> {
    match kind {
        OperationType::Mutation if !transport.mutations => {
            let error = coded("a mutation cannot be sent by GET: use POST", None, Code::BadRequest);
            Err(Refused::with(error, [(ALLOW, "POST".to_owned())]))
        }
        OperationType::Subscription if !transport.subscriptions => {
            let message = "a subscription has more than one answer: ask for it over WebSocket (/graphql/ws), or as \
                server-sent events with \"Accept: text/event-stream\"";
            Err(coded(message, None, Code::BadRequest).into())
        }
        _ => Ok(()),
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Gives every error a code, and every failure of ours the id under which the log says more.
fn complete_errors(errors: &mut [ServerError], request_id: &str) {
    for error in errors {
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        if extensions.get("code").is_none() {
            extensions.set("code", library_code(&error.message).as_str());
        }
        if matches!(code(error), Some(Code::InternalServerError | Code::Unavailable)) {
            error.extensions.get_or_insert_default().set("requestId", request_id);
        }
    }
}

/// Errors of ours have a code; those of the library do not. As it neither parses nor validates here, they are about a value
/// that an argument does not take, or about the depth of a document.
fn library_code(message: &str) -> Code {
    if message.starts_with("The recursion depth") { Code::QueryTooDeep } else { Code::BadUserInput }
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

#[cfg(test)]
mod tests;

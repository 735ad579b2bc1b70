//! The sender of a request, and its transport.

use std::any::TypeId;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use async_graphql::Request;
use tokio::time::Instant;

use super::Limits;
use crate::identity::Credential;

/// The transport of a request, and which operations it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// Its name in logs and metrics.
    pub name: &'static str,
    /// Whether mutations are allowed: a `GET` must not change anything.
    pub mutations: bool,
    /// Whether subscriptions are allowed: they have more than one answer.
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

/// What is known of the sender of a request. The transports put it into the data of the request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Where the request comes from.
    pub address: IpAddr,
    /// How the request came.
    pub transport: Transport,
    /// When it has to be answered.
    pub deadline: Instant,
    /// The id of its document, when it names one.
    pub document_id: Option<String>,
    /// Its credential.
    pub credential: Credential,
    /// What connects it with the log.
    pub trace: Trace,
}

/// What connects a request with its line in the log.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The id of the request.
    pub id: String,
    /// Where it comes from, if the log says so.
    pub client: Option<IpAddr>,
    /// The account of its token, once that is known, if it has a token and the log shows accounts.
    pub account: Option<Arc<OnceLock<String>>>,
    /// Its operation, once it is admitted; it outlives a request that is cut off.
    pub seen: Arc<OnceLock<Arc<Seen>>>,
}

impl Trace {
    /// The trace of one of the operations that come over a connection for many.
    pub(crate) fn of_operation(&self, number: u64) -> Self {
        Self {
            id: format!("{}.{number}", self.id),
            client: self.client,
            account: self.account.as_ref().map(|_| Arc::default()),
            seen: Arc::default(),
        }
    }

    /// Notes the account of the token.
    pub(crate) fn note_account(&self, account: Option<&str>) {
        if let (Some(noted), Some(account)) = (&self.account, account) {
            noted.get_or_init(|| account.to_owned());
        }
    }

    /// The account of the token.
    pub(crate) fn account(&self) -> Option<&str> {
        self.account.as_ref()?.get().map(String::as_str)
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

/// The caller that the transport named. A request without one is anonymous.
pub(super) fn caller(request: &Request, limits: &Limits) -> Caller {
    let named = request.data.get(&TypeId::of::<Caller>()).and_then(|caller| caller.downcast_ref::<Caller>());
    named.cloned().unwrap_or_else(|| Caller {
        address: IpAddr::from([0, 0, 0, 0]),
        transport: Transport::POST,
        deadline: Instant::now() + limits.request_timeout(),
        document_id: None,
        credential: Credential::None,
        trace: Trace { id: String::new(), client: None, account: None, seen: Arc::default() },
    })
}

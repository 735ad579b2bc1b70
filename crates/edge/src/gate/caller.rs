//! The sender of a request, and its transport.

use std::any::TypeId;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use async_graphql::Request;
use tokio::time::Instant;

use super::Limits;
use crate::identity::Credential;

/// The transport of a request, and the operations that it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// Its name in logs and metrics.
    pub name: &'static str,
    /// True if mutations are allowed: a `GET` must not change anything.
    pub mutations: bool,
    /// True if subscriptions are allowed: they have more than one answer.
    pub subscriptions: bool,
}

impl Transport {
    /// `GET` with one answer.
    pub const GET: Self = Self { name: "get", mutations: false, subscriptions: false };
    /// `POST` with one answer.
    pub const POST: Self = Self { name: "post", mutations: true, subscriptions: false };
    /// A WebSocket.
    pub const SOCKET: Self = Self { name: "socket", mutations: true, subscriptions: true };
    /// Server-sent events, requested by `GET`.
    pub const EVENTS_BY_GET: Self = Self { name: "events", mutations: false, subscriptions: true };
    /// Server-sent events, requested by `POST`.
    pub const EVENTS_BY_POST: Self = Self { name: "events", mutations: true, subscriptions: true };
}

/// The sender of a request. The transports put it into the data of the request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Address of the client.
    pub address: IpAddr,
    /// Transport.
    pub transport: Transport,
    /// Deadline for the answer.
    pub deadline: Instant,
    /// The id of its document, if it has one.
    pub document_id: Option<String>,
    /// Its credential.
    pub credential: Credential,
    /// Data for the log.
    pub trace: Trace,
}

/// The data that the log line of a request contains.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The id of the request.
    pub id: String,
    /// Address of the client, if the log contains addresses.
    pub client: Option<IpAddr>,
    /// The account of its token, once it is known, if the log contains accounts.
    pub account: Option<Arc<OnceLock<String>>>,
    /// Its operation, once it is admitted. It is available even if the request is cancelled.
    pub seen: Arc<OnceLock<Arc<Seen>>>,
}

impl Trace {
    /// The trace of one operation on a connection with many.
    pub(crate) fn of_operation(&self, number: u64) -> Self {
        Self {
            id: format!("{}.{number}", self.id),
            client: self.client,
            account: self.account.as_ref().map(|_| Arc::default()),
            seen: Arc::default(),
        }
    }

    /// Stores the account of the token.
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

/// The data of an operation for the log.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The name of the operation.
    pub operation: String,
    /// The hash of its document, which is independent of the variables.
    pub document: String,
    /// Its maximum cost.
    pub requested: u32,
    /// Its actual cost, once it was executed without errors.
    pub actual: OnceLock<u32>,
}

impl Seen {
    /// The charge for the operation.
    pub fn cost(&self) -> u32 {
        self.actual.get().copied().unwrap_or(self.requested)
    }
}

/// The caller from the data of the request. Without one, the request is anonymous.
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

//! Answers over a WebSocket: the protocol `graphql-transport-ws`.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::{Data, Request, ServerError};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::future::{self, BoxFuture};
use futures_util::stream::{AbortHandle, SelectAll, Stream, abortable};
use futures_util::{FutureExt, SinkExt, StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::answer::Body;
use super::request::{self, GraphqlRequest};
use super::{App, Origin, trace};
use crate::code::Code;
use crate::gate::{Caller, RECHECK, Trace, Transport, coded, never_ran};
use crate::identity::{AuthError, Credential};
use crate::served::{Answer, Languages, Served};

/// The name of the protocol.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";

/// Limits of a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sockets {
    /// Milliseconds for receiving `connection_init`.
    pub init_timeout_ms: u32,
    /// Maximum number of concurrent operations.
    pub operations: u32,
    /// Milliseconds between pings; a client that does not answer before the next one is disconnected. 0: no pings.
    pub ping_interval_ms: u32,
}

impl Default for Sockets {
    fn default() -> Self {
        Self { init_timeout_ms: 3_000, operations: 100, ping_interval_ms: 30_000 }
    }
}

/// Maximum length of the reason in a close frame of the WebSocket protocol.
const MAX_REASON: usize = 123;

/// Time limit for writing to a client.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Maximum number of events that are sent before the next message of the client is read.
const BATCH: usize = 64;

/// The reason for closing a socket, with the code of the protocol.
#[derive(Debug)]
struct Close(u16, String);

impl Close {
    fn bad_message(what: &str) -> Self {
        Self(4400, format!("Invalid message: {what}"))
    }

    fn forbidden(reason: &str) -> Self {
        Self(4403, format!("Forbidden: {reason}"))
    }

    fn going_away() -> Self {
        Self(1001, "The server is stopping".to_owned())
    }

    /// The client has disconnected: no reason can be sent.
    fn gone() -> Self {
        Self(1006, String::new())
    }

    fn frame(mut self) -> Message {
        let mut end = self.1.len().min(MAX_REASON);
        while !self.1.is_char_boundary(end) {
            end -= 1;
        }
        self.1.truncate(end);
        Message::Close(Some(CloseFrame { code: self.0, reason: self.1.into() }))
    }
}

/// A message of the client.
#[derive(Deserialize)]
struct FromClient<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// A message to the client.
#[derive(Serialize)]
struct ToClient<'a, P> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<P>,
}

/// An event of an operation: an answer, or its end.
type Event = Option<Answer>;

type Events = Pin<Box<dyn Stream<Item = (Arc<str>, Event)> + Send>>;

/// Serves a socket until one side closes it.
pub(super) async fn serve<E: Served>(app: App<E>, origin: Origin<E::Language>, socket: WebSocket) {
    metrics::gauge!("pomost_sockets").increment(1);
    let mut session = Session {
        app,
        origin,
        socket,
        data: None,
        running: HashMap::new(),
        events: SelectAll::new(),
        operations: 0,
        heard: true,
        refused: future::pending().boxed(),
    };
    let close = session.run().await;
    if close.0 != 1006 {
        metrics::counter!("pomost_sockets_closed_total", "code" => close.0.to_string()).increment(1);
        if session.send(close.frame()).await.is_ok() {
            let _ = session.flush().await;
        }
    }
    metrics::gauge!("pomost_sockets").decrement(1);
}

struct Session<E: Served> {
    app: App<E>,
    origin: Origin<E::Language>,
    socket: WebSocket,
    /// The data of the client since `connection_init`.
    data: Option<Arc<Data>>,
    running: HashMap<Arc<str>, AbortHandle>,
    events: SelectAll<Events>,
    /// The number of operations so far.
    operations: u64,
    /// True if a message was received since the last ping.
    heard: bool,
    /// Completes when the credential of the client is no longer accepted.
    refused: BoxFuture<'static, Close>,
}

impl<E: Served> Session<E> {
    async fn run(&mut self) -> Close {
        let limits = self.app.sockets().clone();
        let closing = self.app.closing();
        let mut closing = std::pin::pin!(closing);
        let init = tokio::time::sleep(Duration::from_millis(limits.init_timeout_ms.into()));
        let mut init = std::pin::pin!(init);
        // An interval of 0 ms is invalid. With 0 it is not polled below.
        let mut pings = interval(Duration::from_millis(limits.ping_interval_ms.max(1).into()));
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.reset();
        loop {
            let done = tokio::select! {
                () = &mut closing => Err(Close::going_away()),
                () = &mut init, if self.data.is_none() => {
                    Err(Close(4408, "Connection initialisation timeout".to_owned()))
                }
                _ = pings.tick(), if limits.ping_interval_ms > 0 => self.ping().await,
                close = &mut self.refused => Err(close),
                received = self.socket.recv() => match received {
                    Some(Ok(message)) => self.receive(message).await,
                    Some(Err(error)) => Err(unreadable(&error)),
                    None => Err(Close::gone()),
                },
                Some((id, event)) = self.events.next(), if !self.events.is_empty() => self.send_events(&id, event).await,
            };
            // All pending messages are written at once.
            let done = match done {
                Ok(()) => self.flush().await,
                refused => refused,
            };
            if let Err(close) = done {
                return close;
            }
        }
    }

    async fn ping(&mut self) -> Result<(), Close> {
        if !std::mem::replace(&mut self.heard, false) {
            return Err(Close::gone());
        }
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    async fn receive(&mut self, message: Message) -> Result<(), Close> {
        self.heard = true;
        match message {
            Message::Text(text) => self.understand(text.as_str()).await,
            Message::Binary(_) => Err(Close::bad_message("it is binary, but only text is supported")),
            // The library answers pings and close frames; nothing is received after a close frame.
            Message::Close(_) | Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    async fn understand(&mut self, text: &str) -> Result<(), Close> {
        // Like a body, a message may begin with a byte order mark.
        let message: FromClient<'_> = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))
            .map_err(|_| Close::bad_message("it is not an object with the strings \"type\" and \"id\""))?;
        let payload = message.payload.map(RawValue::get);
        match (message.kind, message.id) {
            ("connection_init", _) => self.init(payload).await,
            ("ping", _) => self.say(None, "pong", message.payload).await,
            ("pong", _) => Ok(()),
            ("subscribe", Some(id)) => self.subscribe(id, payload.unwrap_or("null")).await,
            ("complete", Some(id)) => {
                if let Some(running) = self.running.remove(id.as_str()) {
                    running.abort();
                }
                Ok(())
            }
            ("subscribe" | "complete", None) => Err(Close::bad_message("it has no \"id\"")),
            (kind, _) => Err(Close::bad_message(&format!("the type {kind:?} is unknown"))),
        }
    }

    async fn init(&mut self, payload: Option<&str>) -> Result<(), Close> {
        if self.data.is_some() {
            return Err(Close(4429, "Too many initialisation requests".to_owned()));
        }
        let payload: serde_json::Value =
            payload.map_or(Ok(serde_json::Value::Null), serde_json::from_str).unwrap_or_default();
        if !payload.is_object() && !payload.is_null() {
            return Err(Close::bad_message("the payload of connection_init is not an object"));
        }
        // Browsers cannot send headers with a WebSocket, so the payload takes precedence over them.
        let shown = Credential::of_introduction(&payload);
        if shown != Credential::None {
            self.origin.trace.account = self.app.0.settings.log_token_name.then(Arc::default);
            self.origin.credential = shown;
        }
        identify(&self.app, &self.origin.credential).await?;
        if self.origin.credential != Credential::None {
            self.refused = refused(self.app.clone(), self.origin.credential.clone()).boxed();
        }
        self.data = Some(Arc::new(Data::default()));
        self.say(None, "connection_ack", None::<()>).await
    }

    async fn subscribe(&mut self, id: String, payload: &str) -> Result<(), Close> {
        let Some(session) = self.data.clone() else { return Err(Close(4401, "Unauthorized".to_owned())) };
        if id.is_empty() {
            return Err(Close::bad_message("its \"id\" is empty"));
        }
        if self.running.contains_key(id.as_str()) {
            return Err(Close(4409, format!("Subscriber for {id} already exists")));
        }
        let GraphqlRequest { request, document_id } = request::from_json(payload.as_bytes())
            .map_err(|refusal| Close::bad_message(&format!("the payload of subscribe: {}", refusal.message)))?;
        let most = self.app.sockets().operations;
        if self.running.len() >= most as usize {
            let message =
                format!("{most} operations are running on this WebSocket, which is the maximum: complete one first");
            let errors = [coded(message, None, Code::RateLimited)];
            return self.say(Some(&id), "error", Some(&errors[..])).await;
        }
        self.operations += 1;
        let trace = self.origin.trace.of_operation(self.operations);
        let events = self.events_of(request, document_id, session, trace);
        let id: Arc<str> = id.into();
        let named = Arc::clone(&id);
        let (events, running) = abortable(events.map(move |event| (Arc::clone(&named), event)));
        self.running.insert(id, running);
        self.events.push(Box::pin(events));
        Ok(())
    }

    fn events_of(
        &self,
        request: Request,
        document_id: Option<String>,
        session: Arc<Data>,
        trace: Trace,
    ) -> impl Stream<Item = Event> + Send + use<E> {
        let start = Instant::now();
        let caller = Caller {
            address: self.origin.address,
            transport: Transport::SOCKET,
            deadline: tokio::time::Instant::now() + self.app.gate().limits().request_timeout(),
            document_id,
            credential: self.origin.credential.clone(),
            trace: trace.clone(),
        };
        let request = request.data(Languages(self.origin.languages.clone())).data(caller);
        let gate = self.app.gate().clone();
        // Admitted when the stream is polled, so that the socket continues to read.
        let answers = stream::once(async move { gate.answers(request, Some(session)) }).flatten();
        let end = stream::once(async move {
            trace::operation(&trace, "socket", start);
            None
        });
        answers.map(Some).chain(end)
    }

    /// Sends an event and all others that are ready.
    async fn send_events(&mut self, id: &Arc<str>, event: Event) -> Result<(), Close> {
        self.send_event(id, event).await?;
        for _ in 1..BATCH {
            let Some(Some((id, event))) = self.events.next().now_or_never() else { break };
            self.send_event(&id, event).await?;
        }
        Ok(())
    }

    async fn send_event(&mut self, id: &Arc<str>, event: Event) -> Result<(), Close> {
        // An aborted operation may have left an event in the queue.
        if !self.running.contains_key(id) {
            return Ok(());
        }
        match event {
            Some(Answer { response, .. }) if never_ran(&response) => {
                self.stop(id);
                self.say(Some(id), "error", Some(&response.errors[..] as &[ServerError])).await
            }
            Some(answer) => self.say(Some(id), "next", Some(Body::of_one(&answer))).await,
            None => {
                self.stop(id);
                self.say(Some(id), "complete", None::<()>).await
            }
        }
    }

    fn stop(&mut self, id: &Arc<str>) {
        if let Some(running) = self.running.remove(id) {
            running.abort();
        }
    }

    async fn say(
        &mut self,
        id: Option<&str>,
        kind: &'static str,
        payload: Option<impl Serialize>,
    ) -> Result<(), Close> {
        let text = serde_json::to_string(&ToClient { id, kind, payload }).map_err(|error| {
            tracing::error!(%error, "a message could not be written");
            Close(1011, "internal error".to_owned())
        })?;
        self.send(Message::Text(text.into())).await
    }

    /// Queues a message.
    async fn send(&mut self, message: Message) -> Result<(), Close> {
        in_time(self.socket.feed(message)).await
    }

    /// Writes the queued messages.
    async fn flush(&mut self) -> Result<(), Close> {
        in_time(self.socket.flush()).await
    }
}

/// Checks the credential of a client.
async fn identify<E: Served>(app: &App<E>, credential: &Credential) -> Result<(), Close> {
    match app.served().identify(credential).await {
        Ok(_) => Ok(()),
        Err(AuthError::Rejected(reason)) => Err(Close::forbidden(&reason)),
        Err(AuthError::Unavailable) => Err(Close(1013, "Try again later".to_owned())),
        Err(AuthError::Failed) => Err(Close(1011, "internal error".to_owned())),
    }
}

/// Checks the credential periodically, beside the operations: one of them may hold the connection that the check waits for.
/// A check that is not possible at the moment is repeated later.
async fn refused<E: Served>(app: App<E>, credential: Credential) -> Close {
    loop {
        tokio::time::sleep(RECHECK).await;
        if let Err(AuthError::Rejected(reason)) = app.served().identify(&credential).await {
            return Close::forbidden(&reason);
        }
    }
}

/// Disconnects a client that exceeds the time limit for writing.
async fn in_time(written: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Close> {
    match timeout(WRITE_TIMEOUT, written).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Close::gone()),
    }
}

/// The text of a library error is the only description of a malformed message.
fn unreadable(error: &axum::Error) -> Close {
    let text = error.to_string();
    if text.contains("too long") {
        Close(1009, "The message is larger than the limit".to_owned())
    } else if text.contains("UTF-8") {
        Close::bad_message("it is not UTF-8")
    } else {
        Close::gone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_fit_into_their_frame() {
        let Message::Close(Some(frame)) = Close::bad_message(&"ż".repeat(200)).frame() else { panic!("no close") };
        assert_eq!((frame.code, frame.reason.as_str().len()), (4400, 123));
    }
}

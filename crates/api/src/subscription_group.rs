//! Subscription groups: subscriptions with equal keys get equal answers, and each answer is made once for all of them.
//!
//! To execute a subscription for a change and to write the answer takes longer than to send it, and thousands of clients may
//! follow the feed with the same subscription. So the feed does not run through the execution: the resolver leaves it in the
//! [`FeedSlot`], and a change is handed to the execution only when no member of the group has made its answer yet. The text of
//! the answer is cached with the change ([`Told`]), as long as the change is published.

use std::any::TypeId;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::futures_util::stream::{self, BoxStream, Stream};
use async_graphql::parser::types::Selection;
use async_graphql::{Context, Name, Positioned, Request, Response, Value};
use futures_util::StreamExt;
use pomost_domain::{Viewer, Vocabulary};
use pomost_edge::{Answer, hash};
use pomost_persistence::{Feed, StoreError, Told};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use crate::schema::Languages;

type Next = Result<Arc<Told>, StoreError>;

/// Where the resolver of a subscription leaves its feed, and gets the changes that have to be executed.
pub(crate) struct FeedSlot(Mutex<Option<(oneshot::Sender<Feed>, mpsc::Receiver<Next>)>>);

/// The other side of the slot.
pub(crate) struct SlotOwner {
    feed: oneshot::Receiver<Feed>,
    changes: mpsc::Sender<Next>,
}

impl FeedSlot {
    /// A slot and its other side.
    pub(crate) fn new() -> (Self, SlotOwner) {
        let ((left, feed), (changes, brought)) = (oneshot::channel(), mpsc::channel(1));
        (Self(Mutex::new(Some((left, brought)))), SlotOwner { feed, changes })
    }

    /// The changes of a feed that have to be executed: all of them, where nothing is shared. Nothing comes after a failure.
    pub(crate) fn changes_of(ctx: &Context<'_>, feed: Feed) -> BoxStream<'static, Next> {
        let take = |slot: &Self| slot.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ctx.data_opt::<Self>().and_then(take) {
            Some((left, brought)) => {
                // An error says that the subscription has ended.
                let _ = left.send(feed);
                stream::unfold(brought, async |mut brought| Some((brought.recv().await?, brought))).boxed()
            }
            None => stream::unfold(Some(feed), async |feed| {
                let mut feed = feed?;
                let next = feed.next().await;
                let feed = next.is_ok().then_some(feed);
                Some((next, feed))
            })
            .boxed(),
        }
    }
}

/// The key of the group of a subscription; `None` if it belongs to none.
///
/// An answer depends on the role and the sight of the viewer only. The arguments of the subscription select changes, so variables
/// that are used for nothing else are not part of the key: each client has a cursor of its own.
pub(crate) fn group_key(request: &mut Request) -> Option<Arc<str>> {
    let viewer = given::<Viewer>(request)?;
    let viewer = (viewer.role.label(), viewer.sight().audiences().map(<[_]>::to_vec));
    let languages = given::<Languages>(request).into_iter().flat_map(|languages| &languages.0);
    let languages: Vec<String> = languages.map(ToString::to_string).collect();
    let name = request.operation_name.clone();
    let is_meant = |found: Option<&str>| name.as_deref().is_none_or(|name| found == Some(name));
    let document = request.parsed_query().ok()?;
    let (_, operation) = document.operations.iter().find(|(name, _)| is_meant(name.map(Name::as_str)))?;
    let [Positioned { node: Selection::Field(field), .. }] = &operation.node.selection_set.node.items[..] else {
        return None;
    };
    // The library does not name the type of a value; a variable is written with a `$`, and nothing else is.
    let arguments = field.node.arguments.iter().map(|(_, value)| value.node.to_string());
    let arguments: Vec<String> = arguments.filter_map(|value| Some(value.strip_prefix('$')?.to_owned())).collect();
    let matters = |name: &str| !arguments.iter().any(|one| one == name) || uses(&request.query, name) > 2;
    let variables: Vec<(&str, &Value)> = request
        .variables
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .filter(|(name, _)| matters(name))
        .collect();
    let key = (&request.query, &request.operation_name, variables, languages, viewer);
    Some(hash(&serde_json::to_string(&key).ok()?).into())
}

/// Something that was put into the data of a request.
fn given<T: 'static>(request: &Request) -> Option<&T> {
    request.data.get(&TypeId::of::<T>())?.downcast_ref()
}

/// How often a variable is named, or could be: its definition is one.
fn uses(query: &str, name: &str) -> usize {
    let ignored = [' ', '\t', '\n', '\r', ',', '\u{feff}'];
    let follows = |rest: &&str| {
        let rest = rest.trim_start_matches(ignored);
        rest.starts_with(name) || rest.starts_with('#')
    };
    query.split('$').skip(1).filter(follows).count()
}

/// The answers of a subscription with a slot. Without a key of a group, none of them is shared.
pub(crate) fn answers(
    mut executed: BoxStream<'static, Response>,
    owner: SlotOwner,
    key: Option<Arc<str>>,
) -> BoxStream<'static, Answer> {
    let start = async move {
        let SlotOwner { feed, changes } = owner;
        tokio::select! {
            biased;
            // It has no change yet: it is refused, or is over.
            first = executed.next() => stream::iter(first).chain(executed).map(Answer::from).boxed(),
            feed = feed => match feed {
                Ok(feed) => follow(feed, Execution { changes, executed, failed: None }, key).boxed(),
                Err(_) => executed.map(Answer::from).boxed(),
            },
        }
    };
    stream::once(start).flatten().boxed()
}

/// A running subscription: changes that are handed to it are executed, one after the other.
struct Execution {
    changes: mpsc::Sender<Next>,
    executed: BoxStream<'static, Response>,
    /// The response whose text could not be shared.
    failed: Option<Response>,
}

impl Execution {
    async fn execute(&mut self, next: Next) -> Option<Response> {
        if let Some(failed) = self.failed.take() {
            return Some(failed);
        }
        self.changes.send(next).await.ok()?;
        self.executed.next().await
    }

    /// The text of an answer without errors. Answers with errors are not shared.
    async fn text(&mut self, told: Arc<Told>) -> Option<Arc<RawValue>> {
        let response = self.execute(Ok(told)).await?;
        let text = serde_json::value::to_raw_value(&response.data).ok().filter(|_| response.errors.is_empty());
        if text.is_none() {
            self.failed = Some(response);
        }
        text.map(Arc::from)
    }
}

fn follow(feed: Feed, execution: Execution, key: Option<Arc<str>>) -> impl Stream<Item = Answer> + Send {
    let execution = Arc::new(tokio::sync::Mutex::new(execution));
    stream::unfold(Some((feed, execution, key)), async |state| {
        let (mut feed, execution, key) = state?;
        let next = feed.next().await;
        let cursor = next.as_ref().ok().map(|told| told.change.seq);
        let text = match (&next, &key) {
            (Ok(told), Some(key)) => {
                let make = || {
                    let (execution, told) = (Arc::clone(&execution), Arc::clone(told));
                    async move { execution.lock().await.text(told).await }
                };
                match told.text(key, make) {
                    Some(text) => text.await,
                    None => None,
                }
            }
            _ => None,
        };
        if let Some(text) = text {
            let answer = Answer { response: Response::default(), data: Some(text), cursor };
            return Some((answer, Some((feed, execution, key))));
        }
        let response = execution.lock().await.execute(next).await?;
        // Nothing comes after a failure, and the change that failed has not been published.
        let goes_on = response.data != Value::Null;
        let answer = Answer { response, data: None, cursor: cursor.filter(|_| goes_on) };
        Some((answer, goes_on.then_some((feed, execution, key))))
    })
}

//! The interface between the edge and a schema.

use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::futures_util::StreamExt;
use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{Data, Executor, Request, Response};
use pomost_document::TypeSystem;
use serde_json::value::RawValue;

use crate::identity::{AuthError, Credential};
use crate::versioned::Version;

/// One answer to a request. Many clients may share the answer to a subscription.
#[derive(Debug)]
pub struct Answer {
    /// The response. A shared answer has its data in `data`.
    pub response: Response,
    /// The data of a shared answer, as text.
    pub data: Option<Arc<RawValue>>,
    /// The position in a feed after this answer. `None`: the answer belongs to no feed.
    pub cursor: Option<i64>,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self { response, data: None, cursor: None }
    }
}

/// The languages that a client requests, in order of preference. They are in the data of every request.
#[derive(Clone, Debug)]
pub struct Languages<L>(pub Vec<L>);

impl<L> Default for Languages<L> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// An executor and the information that the edge needs about it.
///
/// The data of an executed request contains the `Viewer`, the [`Languages`], the kind of the operation, the `Outline` of the
/// document of a query, and the [`Balance`](crate::gate::Balance) of the client if budgets are limited.
pub trait Served: Executor {
    /// The viewer of a request. The default is the anonymous viewer.
    type Viewer: Clone + Debug + Default + Send + Sync + 'static;

    /// The properties of a viewer that answers depend on: viewers with equal keys share cached answers.
    type ViewerKey: Clone + Debug + Eq + Hash + Send + Sync + 'static;

    /// A language tag.
    type Language: Clone + Debug + Send + Sync + 'static;

    /// The executor's outline of a document. It is computed once for a text that is sent repeatedly.
    type Outline: Clone + Debug + Send + Sync + 'static;

    /// Maximum number of items of a page. Costs are computed with it.
    const MAX_PAGE: u32;

    /// The languages of a language range of `Accept-Language`, most specific first; none for a malformed range, which is
    /// ignored.
    fn languages(range: &str) -> Vec<Self::Language>;

    /// The schema in the schema definition language.
    fn sdl(&self) -> &str;

    /// The same schema, for validation. Documents are executed after it has validated and merged them.
    fn types(&self) -> &TypeSystem;

    /// The first query of the explorer.
    fn first_query(&self) -> &'static str {
        "{ __typename }\n"
    }

    /// The outline of a document that selects fields of these names.
    fn outline<'a>(&self, fields: impl Iterator<Item = &'a str>) -> Self::Outline;

    /// The answers of a subscription. Clients with equal subscriptions may share them.
    fn answers(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Answer> {
        self.execute_stream(request, session).map(Answer::from).boxed()
    }

    /// The id of the event that carries an answer with a cursor.
    fn event_id(cursor: i64) -> String {
        cursor.to_string()
    }

    /// The request, continued after the event with an id; `None` if it is not the id of an event.
    fn resume(_request: Request, _event_id: &str) -> Option<Request> {
        None
    }

    /// The value that answers depend on besides the request and the data, constant while the process runs.
    fn edition(&self) -> &str;

    /// The present version of the data for a viewer; `None` if it is not known.
    fn version(&self, viewer: &Self::Viewer) -> impl Future<Output = Option<Version>> + Send;

    /// The present version of the data for an anonymous viewer, if it is known without waiting.
    fn version_at_hand(&self) -> Option<Version> {
        None
    }

    /// The answer to a request that begins at a version of the data, and the version of all its data, if it is known.
    fn answer(
        &self,
        request: Request,
        _version: Option<Version>,
    ) -> impl Future<Output = (Response, Option<Version>)> + Send {
        async { (self.execute(request).await, None) }
    }

    /// Checks that requests can be answered.
    ///
    /// # Errors
    /// They cannot; the message contains the reason.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// Records metrics of its own.
    fn measure(&self) {}

    /// The viewer of a credential.
    ///
    /// # Errors
    /// The credential is not accepted, or cannot be checked.
    fn identify(&self, credential: &Credential) -> impl Future<Output = Result<Self::Viewer, AuthError>> + Send;

    /// The account of a viewer for charges and logs; `None` for an anonymous viewer, which is charged by its address.
    fn account(viewer: &Self::Viewer) -> Option<&str>;

    /// The properties of a viewer that answers depend on.
    fn viewer_key(viewer: &Self::Viewer) -> Self::ViewerKey;
}

//! What stands behind the edge.

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

/// One answer to a request. The answer to a subscription may be shared by many clients.
#[derive(Debug)]
pub struct Answer {
    /// The answer. Its data is in `data` if it is shared.
    pub response: Response,
    /// The data as text, if it is shared.
    pub data: Option<Arc<RawValue>>,
    /// The position in a feed that a client has reached with this answer. `None`: the answer belongs to no feed.
    pub cursor: Option<i64>,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self { response, data: None, cursor: None }
    }
}

/// The languages that a client asks for, most wanted first. It is in the data of every request.
#[derive(Clone, Debug)]
pub struct Languages<L>(pub Vec<L>);

impl<L> Default for Languages<L> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// An executor, and what the edge has to know of it.
///
/// The data of a request that is executed holds the `Viewer`, the [`Languages`], the kind of the operation, the `Outline` of the
/// document of a query, and the [`Balance`](crate::gate::Balance) of the client if budgets are limited.
pub trait Served: Executor {
    /// Who asks. The default is the anonymous viewer.
    type Viewer: Clone + Debug + Default + Send + Sync + 'static;

    /// All of a viewer that its answers depend on: viewers with equal keys share cached answers.
    type ViewerKey: Clone + Debug + Eq + Hash + Send + Sync + 'static;

    /// A language tag.
    type Language: Clone + Debug + Send + Sync + 'static;

    /// What the executor wants to know of a document. It is computed once for a text that is sent again.
    type Outline: Clone + Debug + Send + Sync + 'static;

    /// The most items of a list in one page. Cost is computed with it.
    const MAX_PAGE: u32;

    /// The languages that a language range of `Accept-Language` stands for, the most exact first; none for a range that cannot be
    /// read, which is ignored.
    fn languages(range: &str) -> Vec<Self::Language>;

    /// The schema in the schema definition language.
    fn sdl(&self) -> &str;

    /// The same schema, for documents to be validated against. Documents are executed as they come from there: valid and merged.
    fn types(&self) -> &TypeSystem;

    /// The query that the explorer opens with.
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

    /// The request, continued after the event with an id; `None` if the id is not one of an event.
    fn resume(_request: Request, _event_id: &str) -> Option<Request> {
        None
    }

    /// What answers depend on besides the request and the data, as long as the process runs.
    fn edition(&self) -> &str;

    /// The version of the data that a viewer reads now; `None` when it is not known.
    fn version(&self, viewer: &Self::Viewer) -> impl Future<Output = Option<Version>> + Send;

    /// The version of the data that an anonymous viewer reads now, if it is known without waiting.
    fn version_at_hand(&self) -> Option<Version> {
        None
    }

    /// The answer to a request that begins at a version of the data, and the version of all data in it, if that is known.
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
    /// They cannot: why not.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// Adds metrics of its own.
    fn measure(&self) {}

    /// The viewer that a credential stands for.
    ///
    /// # Errors
    /// The credential is not accepted, or cannot be checked.
    fn identify(&self, credential: &Credential) -> impl Future<Output = Result<Self::Viewer, AuthError>> + Send;

    /// The account that a viewer is charged to and logged as; `None` for an anonymous viewer, which is charged by its address.
    fn account(viewer: &Self::Viewer) -> Option<&str>;

    /// All of a viewer that its answers depend on.
    fn viewer_key(viewer: &Self::Viewer) -> Self::ViewerKey;
}

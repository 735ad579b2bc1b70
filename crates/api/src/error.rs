//! Failures of resolvers, and the codes that clients see of them.

use std::sync::Arc;

use async_graphql::ErrorExtensions;
use pomost_edge::{Code, INTERNAL};
use pomost_persistence::StoreError;

/// A failure of a resolver. It has no `Display`, for which the library would make an error without a code.
#[derive(Clone, Debug)]
pub enum ApiError {
    /// The client sent something wrong: what is wrong, and what would be right.
    BadInput(String),
    /// The role of whoever asks does not allow it: what would.
    Forbidden(String),
    /// The reader of the change feed has to read everything anew: why.
    Resync(String),
    /// The store failed.
    Store(Arc<StoreError>),
    /// A record that another refers to is not there.
    Missing(&'static str),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<Arc<StoreError>> for ApiError {
    fn from(error: Arc<StoreError>) -> Self {
        Self::Store(error)
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let (message, code) = match error {
            ApiError::BadInput(message) => (message, Code::BadUserInput),
            ApiError::Forbidden(message) => (message, Code::Forbidden),
            ApiError::Resync(message) => (message, Code::Resync),
            ApiError::Store(error) if matches!(*error, StoreError::Mirror(_)) => (error.to_string(), Code::Forbidden),
            ApiError::Store(error) => {
                // Logged once, here at the border; the span of the request carries its id.
                tracing::error!(cause = error.chain(), "a request failed in the store");
                match *error {
                    StoreError::Unavailable(_) => (UNAVAILABLE.to_owned(), Code::Unavailable),
                    _ => (INTERNAL.to_owned(), Code::InternalServerError),
                }
            }
            ApiError::Missing(what) => {
                tracing::error!(what, "a record refers to one that is not there");
                (INTERNAL.to_owned(), Code::InternalServerError)
            }
        };
        Self::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
    }
}

/// What a client reads when something that we need is away. Nobody knows whether a write that was under way was done: its key
/// tells.
pub const UNAVAILABLE: &str = "the registry cannot reach its database at the moment: send the same again in a while, \
     a write with the same idempotencyKey";

//! Failures of a request, and whose fault they are.

use std::sync::Arc;

use async_graphql::ErrorExtensions;
use pomost_persistence::StoreError;

/// The closed list of codes in `extensions.code`. The names are those of Apollo, by which tools classify errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An argument, id, cursor or filter is wrong.
    BadUserInput,
    /// Our own failure.
    InternalServerError,
}

impl Code {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }
}

/// A failure of a resolver. It has no `Display`, for which the library would make an error without a code.
#[derive(Clone, Debug)]
pub enum ApiError {
    /// The client sent something wrong: what is wrong, and what would be right.
    BadInput(String),
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
            ApiError::Store(error) => {
                // Logged once, here at the border; the span of the request carries its id.
                tracing::error!(cause = error.chain(), "a request failed in the store");
                (INTERNAL.to_owned(), Code::InternalServerError)
            }
            ApiError::Missing(what) => {
                tracing::error!(what, "a record refers to one that is not there");
                (INTERNAL.to_owned(), Code::InternalServerError)
            }
        };
        Self::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
    }
}

/// All that a client reads about a failure of ours.
pub const INTERNAL: &str = "internal error";

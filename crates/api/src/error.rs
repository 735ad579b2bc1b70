//! Failures of a request, and whose fault they are.

use std::sync::Arc;

use async_graphql::ErrorExtensions;
use axum::http::StatusCode;
use pomost_persistence::StoreError;

/// Declares the codes, each with its text and its status.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal $status:ident,)+) => {
        /// The closed list of codes in `extensions.code`. The names are those of Apollo, by which tools classify errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code as clients see it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The status of a request that was refused for it.
            pub fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)+
                }
            }
        }
    };
}

codes! {
    /// It is no GraphQL request: body, media type, method, parameters.
    BadRequest "BAD_REQUEST" BAD_REQUEST,
    /// The document is not GraphQL.
    GraphqlParseFailed "GRAPHQL_PARSE_FAILED" BAD_REQUEST,
    /// The document does not fit the schema.
    GraphqlValidationFailed "GRAPHQL_VALIDATION_FAILED" BAD_REQUEST,
    /// The document has several operations and none is named, or no such one.
    OperationResolutionFailure "OPERATION_RESOLUTION_FAILURE" UNPROCESSABLE_ENTITY,
    /// No document has this id, or only documents with an id are executed.
    PersistedQueryNotFound "PERSISTED_QUERY_NOT_FOUND" BAD_REQUEST,
    /// An argument, variable, id, cursor or filter is wrong.
    BadUserInput "BAD_USER_INPUT" BAD_REQUEST,
    /// A token that is not taken.
    Unauthenticated "UNAUTHENTICATED" UNAUTHORIZED,
    /// Something that the role of whoever asks does not allow.
    Forbidden "FORBIDDEN" FORBIDDEN,
    /// Nested deeper than allowed.
    QueryTooDeep "QUERY_TOO_DEEP" BAD_REQUEST,
    /// Larger or dearer than allowed.
    QueryTooComplex "QUERY_TOO_COMPLEX" BAD_REQUEST,
    /// The client has spent its budget.
    RateLimited "RATE_LIMITED" TOO_MANY_REQUESTS,
    /// Reading or executing took longer than allowed.
    Timeout "TIMEOUT" SERVICE_UNAVAILABLE,
    /// A reader of the change feed that cannot go on from where it is: it has to read everything anew.
    Resync "RESYNC" GONE,
    /// The database, or who vouches for tokens, cannot be reached at the moment.
    Unavailable "UNAVAILABLE" SERVICE_UNAVAILABLE,
    /// Our own failure.
    InternalServerError "INTERNAL_SERVER_ERROR" INTERNAL_SERVER_ERROR,
}

impl Code {
    /// The code of a text.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

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

/// All that a client reads about a failure of ours.
pub const INTERNAL: &str = "internal error";

/// What a client reads when something that we need is away. Nobody knows whether a write that was under way was done: its key
/// tells.
pub const UNAVAILABLE: &str = "the registry cannot reach its database at the moment: send the same again in a while, \
     a write with the same idempotencyKey";

//! The codes of errors, which say if the client, the server or the network is at fault.

use axum::http::StatusCode;

/// Declares the codes, each with its text and its status.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal $status:ident,)+) => {
        /// The closed list of codes in `extensions.code`. The names are those of Apollo, by which tools classify errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code as text in responses.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The HTTP status of a request that was refused with it.
            pub fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)+
                }
            }
        }
    };
}

codes! {
    /// Not a GraphQL request: wrong body, media type, method or parameters.
    BadRequest "BAD_REQUEST" BAD_REQUEST,
    /// The document has a syntax error.
    GraphqlParseFailed "GRAPHQL_PARSE_FAILED" BAD_REQUEST,
    /// The document is not valid for the schema.
    GraphqlValidationFailed "GRAPHQL_VALIDATION_FAILED" BAD_REQUEST,
    /// The document has several operations and none is named, or no operation with that name.
    OperationResolutionFailure "OPERATION_RESOLUTION_FAILURE" UNPROCESSABLE_ENTITY,
    /// No document has this id, or only documents with an id are executed.
    PersistedQueryNotFound "PERSISTED_QUERY_NOT_FOUND" BAD_REQUEST,
    /// An argument, variable, id, cursor or filter is wrong.
    BadUserInput "BAD_USER_INPUT" BAD_REQUEST,
    /// The token is not accepted.
    Unauthenticated "UNAUTHENTICATED" UNAUTHORIZED,
    /// The role of the client does not allow it.
    Forbidden "FORBIDDEN" FORBIDDEN,
    /// Nested deeper than allowed.
    QueryTooDeep "QUERY_TOO_DEEP" BAD_REQUEST,
    /// Larger or more expensive than allowed.
    QueryTooComplex "QUERY_TOO_COMPLEX" BAD_REQUEST,
    /// The client has spent its budget.
    RateLimited "RATE_LIMITED" TOO_MANY_REQUESTS,
    /// Receiving or executing the request took longer than allowed.
    Timeout "TIMEOUT" SERVICE_UNAVAILABLE,
    /// The feed cannot be continued from this cursor: the client must read everything again.
    Resync "RESYNC" GONE,
    /// The database or the identity provider cannot be reached at the moment.
    Unavailable "UNAVAILABLE" SERVICE_UNAVAILABLE,
    /// An internal error.
    InternalServerError "INTERNAL_SERVER_ERROR" INTERNAL_SERVER_ERROR,
}

impl Code {
    /// The code with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

/// The message of an internal error. The cause is in the log, under the id of the request.
pub const INTERNAL: &str = "internal error";

//! Errors with codes, and refusals.

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use pomost_document::{Fault, FaultKind};

use crate::code::{Code, INTERNAL};
use crate::identity::AuthError;

/// An error with a code.
pub(crate) fn coded(message: impl Into<String>, at: Option<Pos>, code: Code) -> ServerError {
    let mut error = ServerError::new(message, at);
    error.extensions.get_or_insert_default().set("code", code.as_str());
    error
}

/// The code of an error.
pub(crate) fn code(error: &ServerError) -> Option<Code> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(text) => Code::from_text(text),
        _ => None,
    }
}

/// Whether a request failed before anything of it was executed: then its answer has no `data` at all.
pub(crate) fn never_ran(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The answer to a request that is not admitted.
pub(super) struct Refused(pub(super) Box<Response>);

impl Refused {
    /// A refusal that says more in a header.
    pub(super) fn with(error: ServerError, headers: impl IntoIterator<Item = (HeaderName, String)>) -> Self {
        let mut refused = Self::from(error);
        for (name, value) in headers {
            set(&mut refused.0.http_headers, name, &value);
        }
        refused
    }
}

impl From<ServerError> for Refused {
    fn from(error: ServerError) -> Self {
        vec![error].into()
    }
}

impl From<Vec<ServerError>> for Refused {
    fn from(errors: Vec<ServerError>) -> Self {
        Self(Box::new(Response::from_errors(errors)))
    }
}

/// The refusals of a document or of its variables, each with its code.
pub(super) fn refusals(faults: Vec<Fault>) -> Vec<ServerError> {
    faults.into_iter().map(refusal).collect()
}

/// The refusal of a document or of its variables, with its code.
pub fn refusal(fault: Fault) -> ServerError {
    let code = match fault.kind {
        FaultKind::Syntax => Code::GraphqlParseFailed,
        FaultKind::Validation => Code::GraphqlValidationFailed,
        FaultKind::Value => Code::BadUserInput,
        FaultKind::Operation => Code::OperationResolutionFailure,
    };
    coded(fault.message, fault.at, code)
}

/// The refusal of a client whose credential is not accepted.
pub(super) fn not_identified(error: AuthError) -> Refused {
    match error {
        AuthError::Rejected(reason) => {
            Refused::with(coded(reason, None, Code::Unauthenticated), [(WWW_AUTHENTICATE, "Bearer".to_owned())])
        }
        AuthError::Unavailable => {
            let message = "your token cannot be looked up at the moment: send the same again in a while";
            coded(message, None, Code::Unavailable).into()
        }
        AuthError::Failed => coded(INTERNAL, None, Code::InternalServerError).into(),
    }
}

pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Gives every error a code, and every internal error the id under which its cause is logged.
pub(super) fn complete_errors(errors: &mut [ServerError], request_id: &str) {
    for error in errors {
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        if extensions.get("code").is_none() {
            extensions.set("code", library_code(&error.message).as_str());
        }
        if matches!(code(error), Some(Code::InternalServerError | Code::Unavailable)) {
            error.extensions.get_or_insert_default().set("requestId", request_id);
        }
    }
}

/// Errors of ours have a code; those of the library do not. As it neither parses nor validates here, they are about a value
/// that an argument does not take, or about the depth of a document.
fn library_code(message: &str) -> Code {
    if message.starts_with("The recursion depth") { Code::QueryTooDeep } else { Code::BadUserInput }
}

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

/// True if a request was refused before its execution: its response has no `data`.
pub(crate) fn never_ran(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The response to a refused request.
pub(super) struct Refused(pub(super) Box<Response>);

impl Refused {
    /// A refusal with headers.
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

/// The errors of a document or its variables, each with its code.
pub(super) fn refusals(faults: Vec<Fault>) -> Vec<ServerError> {
    faults.into_iter().map(refusal).collect()
}

/// The error of a document or its variables, with its code.
pub fn refusal(fault: Fault) -> ServerError {
    let code = match fault.kind {
        FaultKind::Syntax => Code::GraphqlParseFailed,
        FaultKind::Validation => Code::GraphqlValidationFailed,
        FaultKind::Value => Code::BadUserInput,
        FaultKind::Operation => Code::OperationResolutionFailure,
    };
    coded(fault.message, fault.at, code)
}

/// The response to a client whose credential is not accepted.
pub(super) fn not_identified(error: AuthError) -> Refused {
    match error {
        AuthError::Rejected(reason) => {
            Refused::with(coded(reason, None, Code::Unauthenticated), [(WWW_AUTHENTICATE, "Bearer".to_owned())])
        }
        AuthError::Unavailable => {
            let message = "your token cannot be verified at the moment: retry later";
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

/// Adds a code to every error, and the request id to every internal error, whose cause is logged under that id.
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

/// Our errors have a code; those of the library do not. The library neither parses nor validates here, so its errors concern
/// the value of an argument or the depth of a document.
fn library_code(message: &str) -> Code {
    if message.starts_with("The recursion depth") { Code::QueryTooDeep } else { Code::BadUserInput }
}

//! The one door to the schema: a request is parsed, checked, completed and executed.

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Name, Request, ServerError, Value, Variables};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use pomost_domain::Locale;

use super::App;
use super::accept::Format;
use super::answer::{self, Refusal, coded};
use super::trace::Trace;
use crate::guard;
use crate::schema::Languages;
use crate::shelf::Shelf;

/// What the log says of a request that was parsed.
const ANONYMOUS: &str = "(anonymous)";

/// Executes a request, unless it must not be.
pub(super) async fn execute(
    app: &App,
    mut request: Request,
    method: &Method,
    trace: Trace,
    languages: Vec<Locale>,
    format: Format,
) -> Response {
    let prepared = match prepare(&mut request) {
        Ok(prepared) => prepared,
        Err(error) => return answer::not_executed(&[error], StatusCode::BAD_REQUEST, format),
    };
    // The trace is new, so that nothing is in its place yet.
    let _ = trace.operation.set(prepared.name);
    match prepared.kind {
        OperationType::Mutation if method != Method::POST => Refusal::read_only("mutation").respond(format),
        OperationType::Subscription => {
            let error = coded("subscriptions are not served over this transport", None, "BAD_REQUEST");
            answer::not_executed(&[error], StatusCode::BAD_REQUEST, format)
        }
        OperationType::Query | OperationType::Mutation => {
            request.variables.extend(prepared.defaults);
            let request = request.data(Languages(languages)).data(Shelf::new(app.0.store.clone()));
            answer::executed(app.0.schema.execute(request).await, &trace.id, format)
        }
    }
}

/// What is known of a request before it is executed.
struct Prepared {
    kind: OperationType,
    name: String,
    /// Defaults of the variables that were not given: the library does not see them in `@skip` and `@include`.
    defaults: Vec<(Name, Value)>,
}

fn prepare(request: &mut Request) -> Result<Prepared, ServerError> {
    let document = request.parsed_query().map_err(|error| parse_error(&error))?.clone();
    guard::check(&document).map_err(|refusal| coded(refusal.to_string(), None, "QUERY_TOO_COMPLEX"))?;
    let (name, operation) = selected(&document, request.operation_name.as_deref())?;
    let defaults = complete(operation, &request.variables)?;
    let name = name.map_or_else(|| ANONYMOUS.to_owned(), ToString::to_string);
    Ok(Prepared { kind: operation.ty, name, defaults })
}

fn selected<'a>(
    document: &'a ExecutableDocument,
    wanted: Option<&str>,
) -> Result<(Option<&'a Name>, &'a OperationDefinition), ServerError> {
    let unresolved = |message: String| coded(message, None, "OPERATION_RESOLUTION_FAILURE");
    let mut operations = document.operations.iter();
    let found = match wanted {
        Some(wanted) => operations
            .find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted))
            .ok_or_else(|| unresolved(format!("the document has no operation named {wanted:?}")))?,
        None => match (operations.next(), operations.next()) {
            (Some(only), None) => only,
            (None, _) => return Err(unresolved("the document has no operation".to_owned())),
            (Some(_), Some(_)) => {
                return Err(unresolved("the document has several operations: name one with operationName".to_owned()));
            }
        },
    };
    Ok((found.0, &found.1.node))
}

/// The defaults of the variables that were not given, or the first variable that had to be.
fn complete(operation: &OperationDefinition, given: &Variables) -> Result<Vec<(Name, Value)>, ServerError> {
    let mut defaults = Vec::new();
    for variable in &operation.variable_definitions {
        let (at, variable) = (variable.pos, &variable.node);
        let (name, kind) = (&variable.name.node, &variable.var_type.node);
        match (given.get(name), &variable.default_value) {
            (None, Some(default)) => defaults.push((name.clone(), default.node.clone())),
            (None, None) if !kind.nullable => {
                let message = format!("the variable ${name} is not given, but its type is {kind}");
                return Err(coded(message, Some(at), "BAD_USER_INPUT"));
            }
            (Some(Value::Null), _) if !kind.nullable => {
                let message = format!("the variable ${name} is null, but its type is {kind}");
                return Err(coded(message, Some(at), "BAD_USER_INPUT"));
            }
            _ => {}
        }
    }
    Ok(defaults)
}

/// The parser draws a picture of several lines; what it says stands behind the last `=`.
fn parse_error(error: &ServerError) -> ServerError {
    let said = error.message.lines().find_map(|line| line.trim_start().strip_prefix("= "));
    let message = format!("the document cannot be parsed: {}", said.unwrap_or(&error.message));
    coded(message, error.locations.first().copied(), "GRAPHQL_PARSE_FAILED")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(query: &str, name: Option<&str>, variables: &str) -> Result<Prepared, String> {
        let mut request = Request::new(query).variables(serde_json::from_str(variables).unwrap());
        request.operation_name = name.map(ToOwned::to_owned);
        prepare(&mut request).map_err(|error| {
            let code = error.extensions.and_then(|extensions| extensions.get("code").map(ToString::to_string));
            format!("{} {}", code.unwrap_or_default().trim_matches('"'), error.message)
        })
    }

    #[test]
    fn the_operation_is_the_named_one_or_the_only_one() {
        let two = "query A { a } mutation B { b }";
        assert_eq!(prepared(two, Some("B"), "{}").unwrap().kind, OperationType::Mutation);
        assert_eq!(prepared("query A { a }", None, "{}").unwrap().name, "A");
        assert_eq!(prepared("{ a }", None, "{}").unwrap().name, ANONYMOUS);
        for (query, name) in [(two, None), (two, Some("C")), ("{ a }", Some("A"))] {
            let refused = prepared(query, name, "{}").err().unwrap_or_default();
            assert!(refused.starts_with("OPERATION_RESOLUTION_FAILURE"), "{query}: {refused}");
        }
    }

    #[test]
    fn defaults_are_filled_in_where_nothing_was_given() {
        let query = "query ($a: Int = 1, $b: Int! = 2, $c: Int, $d: Int = 4) { a }";
        let defaults = prepared(query, None, "{\"a\": null, \"d\": 7}").unwrap().defaults;
        assert_eq!(defaults, [(Name::new("b"), Value::from(2))]);
    }

    #[test]
    fn a_variable_that_is_missing_is_named() {
        let query = "query ($id: ID!) { a }";
        for (variables, what) in [("{}", "not given"), ("{\"id\": null}", "null")] {
            let refused = prepared(query, None, variables).err();
            assert_eq!(refused, Some(format!("BAD_USER_INPUT the variable $id is {what}, but its type is ID!")));
        }
    }

    #[test]
    fn a_document_that_cannot_be_parsed_is_one_line() {
        for query in ["{", "", "{ a", "}", "query {}", "fragment f on T { a }"] {
            let refused = prepared(query, None, "{}").err().unwrap_or_default();
            assert!(refused.starts_with("GRAPHQL_PARSE_FAILED") && !refused.contains('\n'), "{query}: {refused}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        let refused = prepared("{ ...a } fragment a on T { ...a }", None, "{}").err().unwrap_or_default();
        assert!(refused.starts_with("QUERY_TOO_COMPLEX"), "{refused}");
    }
}

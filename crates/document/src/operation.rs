//! Selects the operation of a document (section 6.1).

use std::sync::OnceLock;

use apollo_compiler::executable;
use async_graphql_parser::types::{ExecutableDocument, OperationType};
use async_graphql_value::{ConstValue, Variables};

use crate::explain::did_you_mean_or_list;
use crate::merge::{Merge, TooLarge};
use crate::type_system::TypeSystem;
use crate::validate::Document;
use crate::{Fault, FaultKind};

/// An operation of a valid document.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    pub(crate) document: &'a Document,
    pub(crate) definition: &'a executable::Operation,
    merged: &'a OnceLock<ExecutableDocument>,
}

impl Document {
    /// The operation with a name, or the only one.
    ///
    /// # Errors
    /// There is no such operation, or there are several and no name is stated.
    pub fn operation(&self, name: Option<&str>) -> Result<Operation<'_>, Fault> {
        let fault = |message: String| Fault { kind: FaultKind::Operation, message, at: None };
        let mut found = self.executable.operations.iter().zip(&self.merged);
        let found = match name {
            Some(wanted) => {
                found.find(|(one, _)| one.name.as_ref().is_some_and(|name| name == wanted)).ok_or_else(|| {
                    let names: Vec<&str> = self.executable.operations.named.keys().map(|name| &**name).collect();
                    let hint = did_you_mean_or_list(wanted, &names);
                    fault(format!("the document has no operation named {wanted:?}.{hint}"))
                })?
            }
            None => match (found.next(), found.next()) {
                (Some(only), None) => only,
                (None, _) => return Err(fault("the document has no operation, only fragments".to_owned())),
                (Some(_), Some(_)) => {
                    let message = "the document has several operations: state the name of one in operationName";
                    return Err(fault(message.to_owned()));
                }
            },
        };
        let (operation, merged) = found;
        Ok(Operation { document: self, definition: operation, merged })
    }
}

impl<'a> Operation<'a> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.definition.name.as_deref()
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> OperationType {
        match self.definition.operation_type {
            executable::OperationType::Query => OperationType::Query,
            executable::OperationType::Mutation => OperationType::Mutation,
            executable::OperationType::Subscription => OperationType::Subscription,
        }
    }

    /// The document to execute: this operation alone, without fragment spreads, `@skip` and `@include`, and with one field
    /// for each response key of an object (`CollectFields`, section 6.3.2). The variables must be coerced.
    ///
    /// # Errors
    /// It would have more than `limit` fields: nested conditions on the types of interfaces and unions expand into many
    /// cases.
    pub fn executable(
        &self,
        types: &TypeSystem,
        variables: &Variables,
        limit: usize,
    ) -> Result<ExecutableDocument, TooLarge> {
        if let Some(merged) = self.merged.get() {
            return Ok(merged.clone());
        }
        let is_true = |name: &str| variables.get(name) == Some(&ConstValue::Boolean(true));
        let mut merge = Merge::new(types, self.document, &is_true, limit);
        let merged = merge.operation(self.definition)?;
        if merge.depends_on_variables() {
            return Ok(merged);
        }
        Ok(self.merged.get_or_init(|| merged).clone())
    }
}

//! The values that the custom scalars of a schema accept.

use std::collections::HashMap;

use async_graphql_value::ConstValue;

/// Checks a value; the error describes the problem.
pub type Scalar = fn(&ConstValue) -> Result<(), String>;

/// The scalars of a schema by name. A scalar that is missing accepts any value.
#[derive(Clone, Debug, Default)]
pub struct Scalars(HashMap<&'static str, Scalar>);

impl Scalars {
    /// Checks a value of a scalar.
    ///
    /// # Errors
    /// The value is not accepted; the message describes the problem.
    pub(crate) fn check(&self, name: &str, value: &ConstValue) -> Result<(), String> {
        self.0.get(name).map_or(Ok(()), |check| check(value))
    }
}

impl FromIterator<(&'static str, Scalar)> for Scalars {
    fn from_iter<T: IntoIterator<Item = (&'static str, Scalar)>>(scalars: T) -> Self {
        Self(scalars.into_iter().collect())
    }
}

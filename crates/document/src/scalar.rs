//! What the scalars of a schema accept, beyond the five that GraphQL has.

use std::collections::HashMap;

use async_graphql_value::ConstValue;

/// Says what is wrong with a value, if anything is.
pub type Scalar = fn(&ConstValue) -> Result<(), String>;

/// The scalars of a schema by their names. Those that are not among them accept any value.
#[derive(Clone, Debug, Default)]
pub struct Scalars(HashMap<&'static str, Scalar>);

impl Scalars {
    /// Checks a value of a scalar.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self, name: &str, value: &ConstValue) -> Result<(), String> {
        self.0.get(name).map_or(Ok(()), |check| check(value))
    }
}

impl FromIterator<(&'static str, Scalar)> for Scalars {
    fn from_iter<T: IntoIterator<Item = (&'static str, Scalar)>>(scalars: T) -> Self {
        Self(scalars.into_iter().collect())
    }
}

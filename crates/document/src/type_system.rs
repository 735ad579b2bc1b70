//! The schema for validation.

use std::collections::HashMap;

use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;

use crate::scalar::Scalars;

/// A schema with its scalars.
#[derive(Debug)]
pub struct TypeSystem {
    pub(crate) schema: Valid<Schema>,
    pub(crate) scalars: Scalars,
    /// The object types of each interface and union.
    possible: HashMap<String, Vec<String>>,
}

/// A schema that cannot be read.
#[derive(Clone, Debug)]
pub struct TypeSystemError(String);

impl std::fmt::Display for TypeSystemError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the schema cannot be read: {}", self.0)
    }
}

impl std::error::Error for TypeSystemError {}

impl TypeSystem {
    /// Reads a schema in the schema definition language. The schema is assumed to be valid, because a program printed it and
    /// validation takes longer than reading. [`Self::validated`] validates it as well.
    ///
    /// # Errors
    /// The text is not a schema.
    pub fn new(sdl: &str, scalars: Scalars) -> Result<Self, TypeSystemError> {
        let schema = Schema::parse(without_descriptions(sdl), "schema.graphql")
            .map_err(|errors| TypeSystemError(errors.errors.to_string()))?;
        Ok(Self::over(Valid::assume_valid(schema), scalars))
    }

    /// Reads and validates a schema.
    ///
    /// # Errors
    /// The text is not a schema, or not a valid one.
    pub fn validated(sdl: &str, scalars: Scalars) -> Result<Self, TypeSystemError> {
        let schema = Schema::parse_and_validate(sdl, "schema.graphql")
            .map_err(|errors| TypeSystemError(errors.errors.to_string()))?;
        Ok(Self::over(schema, scalars))
    }

    fn over(schema: Valid<Schema>, scalars: Scalars) -> Self {
        let mut possible: HashMap<String, Vec<String>> = HashMap::new();
        for (name, definition) in &schema.types {
            match definition {
                ExtendedType::Object(object) => {
                    for interface in &object.implements_interfaces {
                        possible.entry(interface.to_string()).or_default().push(name.to_string());
                    }
                }
                ExtendedType::Union(union) => {
                    possible.entry(name.to_string()).or_default().extend(union.members.iter().map(ToString::to_string));
                }
                _ => {}
            }
        }
        Self { schema, scalars, possible }
    }

    /// The object types of a type; of an object type, itself.
    pub(crate) fn possible<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.possible.get(name) {
            Some(objects) => objects.iter().map(String::as_str).collect(),
            None => vec![name],
        }
    }

    /// True if an object type meets a type condition.
    pub(crate) fn meets(&self, object: &str, condition: &str) -> bool {
        object == condition
            || self.possible.get(condition).is_some_and(|objects| objects.iter().any(|one| one == object))
    }
}

/// A schema without its descriptions: they are most of its text, and validation does not use them.
///
/// Schemas are printed with each description on lines of its own, between lines of three quotes. A schema in another format
/// is read completely.
fn without_descriptions(sdl: &str) -> String {
    const QUOTES: &str = "\"\"\"";
    let fences = sdl.lines().filter(|line| line.trim() == QUOTES).count();
    if fences != sdl.matches(QUOTES).count() || fences % 2 == 1 {
        return sdl.to_owned();
    }
    let mut is_description = false;
    let mut short = String::with_capacity(sdl.len() / 2);
    for line in sdl.split_inclusive('\n') {
        let text = line.trim();
        let is_line = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
        if text == QUOTES {
            is_description = !is_description;
        } else if !is_description && !is_line {
            short.push_str(line);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_on_their_own_lines_are_removed() {
        let sdl = "\"\"\"\nA {\n\"\"\"\ntype Query {\n\t\"\"\"\n\tB\n\t\"\"\"\n\ta: Int\n}\n";
        assert_eq!(without_descriptions(sdl), "type Query {\n\ta: Int\n}\n");
        let sdl = "\"A \\\"b\\\" {\"\ntype Query {\n\t\"B\"\n\ta(b: String = \"c\"): Int @d(e: \"f\")\n}\n";
        assert_eq!(without_descriptions(sdl), "type Query {\n\ta(b: String = \"c\"): Int @d(e: \"f\")\n}\n");
        for other in ["\"\"\"A\"\"\"\ntype Query { a: Int }", "\"\"\"\nA\n\"\"\" type Query { a: Int }"] {
            assert_eq!(without_descriptions(other), other);
        }
    }

    #[test]
    fn an_invalid_schema_is_refused() {
        assert!(TypeSystem::new("type Query {", Scalars::default()).is_err());
        let error = TypeSystem::validated("type Query { a: Nowhere }", Scalars::default()).unwrap_err();
        assert!(error.to_string().contains("Nowhere"), "{error}");
    }

    #[test]
    fn abstract_types_know_their_objects() {
        let sdl = "interface N { id: ID } interface M implements N { id: ID } type A implements N { id: ID } \
            type B implements M & N { id: ID } union U = A | B type Query { n: N m: M u: U }";
        let types = TypeSystem::validated(sdl, Scalars::default()).unwrap();
        assert_eq!(types.possible("N"), ["A", "B"]);
        assert_eq!(types.possible("M"), ["B"]);
        assert_eq!(types.possible("U"), ["A", "B"]);
        assert_eq!(types.possible("A"), ["A"]);
        assert!(types.meets("A", "A") && types.meets("B", "M") && types.meets("A", "U") && !types.meets("A", "M"));
    }
}

//! The directives by which the schema says what its fields cost (IBM's specification of cost directives). The door reads them.

// The macro makes public types, which only this crate needs.
#![allow(unreachable_pub, reason = "the macro makes what it makes")]

use async_graphql::TypeDirective;

/// What a field costs by itself, in points; 1 where it is not given. What is asked of its value comes on top of it.
#[TypeDirective(location = "FieldDefinition")]
pub fn cost(weight: String) {}

/// How many values a list has, by which what is asked of each is multiplied: the largest of `slicingArguments` that is
/// given, else `assumedSize`; 3 for a list without this directive. With `sizedFields`, it is they that have that size.
#[TypeDirective(location = "FieldDefinition", name = "listSize")]
pub fn list_size(
    #[graphql(name = "assumedSize")] assumed_size: Option<i32>,
    #[graphql(name = "slicingArguments")] slicing_arguments: Option<Vec<String>>,
    #[graphql(name = "sizedFields")] sized_fields: Option<Vec<String>>,
    #[graphql(name = "requireOneSlicingArgument")] require_one_slicing_argument: Option<bool>,
) {
}

/// The size of a page when none is given.
pub(super) const PAGE: i32 = 20;
/// What it costs to count a list: one more statement.
pub(super) const COUNT: &str = "10";
/// What it costs to look at every record.
pub(super) const SCAN: &str = "100";

#[cfg(test)]
mod tests {
    #[test]
    fn a_page_is_as_large_as_the_schema_says() {
        assert_eq!(i64::from(super::PAGE), i64::from(pomost_domain::page::DEFAULT_PAGE));
    }
}

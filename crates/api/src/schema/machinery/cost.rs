//! The directives by which the schema says what requests cost (IBM's specification of cost directives). The edge reads them.

// The macro makes public types, which only this crate needs.
#![allow(unreachable_pub, reason = "the macro makes what it makes")]

use async_graphql::TypeDirective;

/// The cost of a part of a request, in points. A field without it costs 1, for each record that it is answered for; what a
/// weight has over 1 is counted once, as the field is read for all records of a list in one statement. An argument, a field
/// of an input object and a value of an enumeration cost nothing without it, and are counted once where they are given: an
/// input of a list of plain values for each of them.
#[TypeDirective(
    location = "FieldDefinition",
    location = "ArgumentDefinition",
    location = "InputFieldDefinition",
    location = "EnumValue"
)]
pub fn cost(weight: String) {}

/// The number of values in a list, by which the cost of what is selected of each is multiplied: the largest of
/// `slicingArguments` that is given, else `assumedSize`; 3 for a list without this directive. With `sizedFields`, those
/// fields have that number of values.
#[TypeDirective(location = "FieldDefinition", name = "listSize")]
pub fn list_size(
    #[graphql(name = "assumedSize")] assumed_size: Option<i32>,
    #[graphql(name = "slicingArguments")] slicing_arguments: Option<Vec<String>>,
    #[graphql(name = "sizedFields")] sized_fields: Option<Vec<String>>,
    #[graphql(name = "requireOneSlicingArgument")] require_one_slicing_argument: Option<bool>,
) {
}

/// A text to look for within other texts. A request may have a limited number of them.
#[TypeDirective(location = "InputFieldDefinition", name = "textSearch")]
pub fn text_search() {}

/// The size of a page when none is given.
pub(crate) const PAGE: i32 = 20;

// A point is a tenth of a millisecond in a database of 30 000 records (docs/decisions.md), where the database has work to do
// before it finds a single record.

/// Counting a list: one more statement.
pub(crate) const COUNT: &str = "100";
/// A look at every record of a list.
pub(crate) const SCAN: &str = "100";
/// An order of a list that no index serves: all activities by name.
pub(crate) const SORTED: &str = "400";
/// Digests of whole collections.
pub(crate) const DIGEST: &str = "500";
/// A filter: the records of the list are looked at one by one.
pub(crate) const FILTER: &str = "100";
/// A condition of a filter.
pub(crate) const CONDITION: &str = "10";
/// A value that a condition compares with.
pub(crate) const VALUE: &str = "2";
/// A text that is looked for.
pub(crate) const SEARCH: &str = "50";
/// The opposite of a condition: all records of a type, without those that meet it.
pub(crate) const NOT: &str = "200";
/// The filter of a record that is referred to.
pub(crate) const ONE: &str = "400";
/// A related record that meets a filter.
pub(crate) const SOME: &str = "600";
/// No related record that meets a filter.
pub(crate) const NONE: &str = "600";
/// No related record that does not meet a filter.
pub(crate) const EVERY: &str = "900";
/// A key of an order.
pub(crate) const ORDER: &str = "100";
/// An order by what another record is called: it is looked up for each.
pub(crate) const ORDER_BY_NAME_OF: &str = "300";

#[cfg(test)]
mod tests {
    #[test]
    fn a_page_is_as_large_as_the_schema_says() {
        assert_eq!(i64::from(super::PAGE), i64::from(pomost_domain::page::DEFAULT_PAGE));
    }
}

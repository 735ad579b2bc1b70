//! Pages of a list with keyset pagination: the part that is independent of a database.

/// Number of records of a page if the client does not state it.
pub const DEFAULT_PAGE: u32 = 20;
/// Maximum number of records of a page.
pub const MAX_PAGE: u32 = 100;

/// Direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Direction {
    /// The other direction.
    #[must_use]
    pub fn reverse(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// A value of a sort key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyValue {
    /// Unknown: last in every order.
    Null,
    /// A folded text or a label.
    Text(String),
    /// A day.
    Date(chrono::NaiveDate),
    /// A number.
    Integer(i64),
    /// An instant, in microseconds since 1970.
    Instant(i64),
    /// The id, which breaks every tie.
    Id(uuid::Uuid),
}

/// The position of a record in an order: the values of its sort keys, the id last.
pub type Position = Vec<KeyValue>;

/// The requested part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slice {
    /// At most this many records.
    pub limit: u32,
    /// True: from the end of the list instead of its start.
    pub backward: bool,
    /// Only records after this position.
    pub after: Option<Position>,
    /// Only records before this position.
    pub before: Option<Position>,
}

impl Default for Slice {
    fn default() -> Self {
        Self { limit: DEFAULT_PAGE, backward: false, after: None, before: None }
    }
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The records, each with its position.
    pub items: Vec<(T, Position)>,
    /// True if the list has records before the first.
    pub has_previous: bool,
    /// True if the list has records after the last.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// Makes a page from the rows of a statement that fetched one more than the limit, in the order of fetching.
    pub fn from_fetched(mut fetched: Vec<(T, Position)>, slice: &Slice) -> Self {
        let more = fetched.len() > slice.limit as usize;
        fetched.truncate(slice.limit as usize);
        if slice.backward {
            fetched.reverse();
            // The cursor `before` names a record of the list, so that record follows this page.
            Self { items: fetched, has_previous: more, has_next: slice.before.is_some() }
        } else {
            Self { items: fetched, has_previous: slice.after.is_some(), has_next: more }
        }
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { items: Vec::new(), has_previous: false, has_next: false }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Paging through a list in either direction returns every record once and in order.
        #[test]
        fn pages_cover_the_list(len in 0i64..60, limit in 1u32..12, backward: bool) {
            let list: Vec<i64> = (0..len).collect();
            let mut seen = Vec::new();
            let mut slice = Slice { limit, backward, after: None, before: None };
            loop {
                let bound = |p: &Option<Position>| p.as_ref().map(|p| match p[..] { [KeyValue::Integer(n)] => n, _ => unreachable!() });
                let (after, before) = (bound(&slice.after), bound(&slice.before));
                let mut rest: Vec<i64> = list.iter().copied()
                    .filter(|n| after.is_none_or(|a| *n > a) && before.is_none_or(|b| *n < b)).collect();
                if backward { rest.reverse(); }
                let fetched = rest.into_iter().take(limit as usize + 1).map(|n| (n, vec![KeyValue::Integer(n)])).collect();
                let page = Page::from_fetched(fetched, &slice);
                let numbers: Vec<i64> = page.items.iter().map(|(n, _)| *n).collect();
                if backward {
                    seen.splice(0..0, numbers);
                    if !page.has_previous { break; }
                    slice.before = page.items.first().map(|(_, p)| p.clone());
                } else {
                    seen.extend(numbers);
                    if !page.has_next { break; }
                    slice.after = page.items.last().map(|(_, p)| p.clone());
                }
            }
            prop_assert_eq!(seen, list);
        }
    }
}

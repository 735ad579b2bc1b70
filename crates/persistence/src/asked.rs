//! What is asked of records: columns that nobody asks for are not read.
//!
//! Most questions want a few facts of each record, and to send, copy and parse all others was most of what a cold request cost.

/// Names of facts, as the fields of the schema are called. A set of bits, one for each of 128 groups of names: so it is as cheap
/// to keep, to compare and to look into as a number. Two names of one group are asked for together, which costs a little and
/// does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asked(u128);

impl Asked {
    /// Whatever there is.
    pub const ALL: Self = Self(u128::MAX);
    /// Nothing but what is always read.
    pub const NONE: Self = Self(0);

    /// What has this name: `startsOn` is `starts_on`.
    pub const fn named(name: &str) -> Self {
        let (bytes, mut at) = (name.as_bytes(), 0);
        // FNV-1a, as it can be computed by the compiler.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        while at < bytes.len() {
            if bytes[at] != b'_' {
                hash ^= bytes[at].to_ascii_lowercase() as u64;
                hash = hash.wrapping_mul(0x0100_0000_01b3);
            }
            at += 1;
        }
        // Folded, as no half of the bits depends on all letters alike.
        Self(1 << ((hash ^ (hash >> 32)) % 128))
    }

    /// This and something else.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is asked of this.
    #[must_use]
    pub const fn of(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether any of this is asked for.
    pub const fn wants(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl<'a> FromIterator<&'a str> for Asked {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        names.into_iter().map(Self::named).fold(Self::NONE, Self::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_asked_for_by_the_name_of_its_field() {
        const STARTS_ON: Asked = Asked::named("starts_on");
        let asked: Asked = ["slug", "startsOn"].into_iter().collect();
        assert!(asked.wants(STARTS_ON));
        assert!(!asked.wants(Asked::named("population")));
        assert!(Asked::ALL.wants(STARTS_ON) && !Asked::NONE.wants(STARTS_ON));
        assert_eq!(asked.of(STARTS_ON), STARTS_ON);
    }
}

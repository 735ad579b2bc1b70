//! What is asked of records: columns that nobody asks for are not read.
//!
//! Most questions want a few facts of each record, and to send, copy and parse all others was up to a quarter of what a cold
//! request cost.

/// A set of facts, by the names of the fields that show them. A bit for each: so it is kept, compared and looked into as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asked(u128);

/// The facts that are read only if they are asked for: those that columns of a table stand aside for. In the order of the
/// alphabet; there is room for 128.
const FACTS: &[&str] = &[
    "address",
    "addressee",
    "adopted_on",
    "agreement",
    "aims",
    "alternate_names",
    "announcements",
    "answered_on",
    "area",
    "areas",
    "assigned_to",
    "brokered_by",
    "budget",
    "business_mission",
    "city",
    "codes",
    "council",
    "created_at",
    "created_by",
    "dated_on",
    "document",
    "due_from",
    "due_note",
    "edition",
    "ends_on",
    "event",
    "follows",
    "form",
    "form_label",
    "formed_by",
    "founded_on",
    "fund",
    "funding_agreement_on",
    "guest_countries",
    "held_on",
    "host_city",
    "interpellation",
    "is_home",
    "kind",
    "kind_label",
    "language",
    "languages",
    "letter_of_intent",
    "licence",
    "location",
    "meeting",
    "merged_into",
    "note",
    "number",
    "occasion",
    "office",
    "open_ended",
    "order",
    "outputs",
    "parent",
    "part_of",
    "participants",
    "partnership",
    "place",
    "population",
    "print_run",
    "programme",
    "quantity",
    "questions",
    "received_by_mayor_on",
    "reference",
    "region",
    "registration_number",
    "renews",
    "retracted_on",
    "scope",
    "seat_name",
    "series",
    "session",
    "shares",
    "signed_on",
    "since",
    "sources",
    "stage",
    "starts_on",
    "stated_empty",
    "status",
    "status_periods",
    "submitted_on",
    "succeeded_by",
    "succeeds",
    "summary",
    "suspensions",
    "term",
    "termination",
    "text",
    "topics",
    "until",
    "updated_at",
    "updated_by",
    "url",
    "valid_from",
    "valid_to",
    "website",
];

const _: () = assert!(FACTS.len() <= 128, "there is no bit for so many facts: take two numbers for a set");

impl Asked {
    /// Whatever there is.
    pub const ALL: Self = Self(u128::MAX);
    /// Nothing but what is always read.
    pub const NONE: Self = Self(0);

    /// What a field of this name asks for: `startsOn` for `starts_on`, and most for nothing.
    pub fn field(name: &str) -> Self {
        // The page of a registry is the website of its home city.
        let name = if name == "publisherUrl" { "website" } else { name };
        let is_named = |fact: &&str| {
            let letters = fact.bytes().filter(|letter| *letter != b'_');
            letters.eq(name.bytes().map(|letter| letter.to_ascii_lowercase()))
        };
        FACTS.iter().position(is_named).map_or(Self::NONE, |at| Self(1 << at))
    }

    /// A fact that a column stands aside for. It does not compile if it has no bit.
    pub(crate) const fn fact(name: &str) -> Self {
        let mut at = 0;
        while at < FACTS.len() {
            if is_equal(FACTS[at].as_bytes(), name.as_bytes()) {
                return Self(1 << at);
            }
            at += 1;
        }
        panic!("a column stands aside for a fact that is not among the FACTS of asked.rs")
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

/// What the compiler cannot ask of texts yet.
const fn is_equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_asked_for_by_the_name_of_its_field() {
        assert_eq!(Asked::field("startsOn"), Asked::fact("starts_on"));
        assert_eq!(Asked::field("sources"), Asked::fact("sources"));
        assert_eq!(Asked::field("totalCount"), Asked::NONE);
        let asked = Asked::field("startsOn").and(Asked::field("note"));
        assert!(asked.wants(Asked::fact("note")) && !asked.wants(Asked::fact("sources")));
        assert!(Asked::ALL.wants(asked) && !Asked::NONE.wants(asked));
        assert_eq!(asked.of(Asked::fact("note")), Asked::fact("note"));
    }

    #[test]
    fn facts_are_in_the_order_of_the_alphabet() {
        assert!(FACTS.is_sorted(), "{FACTS:?}");
    }
}

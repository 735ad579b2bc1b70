//! Global ids: the ids of records in the API. They are opaque to clients; only this registry and its mirrors decode them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::Kind;
use crate::vocabulary::Vocabulary;

/// The target of a global id: a record, or a piece of reference data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlobalId {
    /// A record.
    Record(Kind, Uuid),
    /// An organization in its role as a council.
    Council(Uuid),
    /// A country, by its code.
    Country(String),
    /// A deadline rule, by its slug.
    DeadlineRule(String),
    /// A record of a kind that this version does not know. A newer version may have issued the id.
    Unknown,
}

const COUNCIL: &str = "council";
const COUNTRY: &str = "country";
const DEADLINE_RULE: &str = "deadline_rule";

impl GlobalId {
    /// Decodes an id; `None` if no registry has issued it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (kind, key) = text.split_once(':')?;
        let raw = || Uuid::try_parse(key).ok().filter(|raw| raw.simple().to_string() == key);
        Some(match kind {
            COUNCIL => Self::Council(raw()?),
            COUNTRY => Self::Country(key.to_owned()),
            DEADLINE_RULE => Self::DeadlineRule(key.to_owned()),
            record => match Kind::from_label(record) {
                Some(kind) => Self::Record(kind, raw()?),
                None if is_label(record) && raw().is_some() => Self::Unknown,
                None => return None,
            },
        })
    }

    /// The kind and the raw id, if it names a record of a known kind.
    pub fn record(&self) -> Option<(Kind, Uuid)> {
        match self {
            Self::Record(kind, raw) => Some((*kind, *raw)),
            Self::Council(_) | Self::Country(_) | Self::DeadlineRule(_) | Self::Unknown => None,
        }
    }

    /// The id of a record as text.
    pub fn of_record(kind: Kind, raw: Uuid) -> String {
        encode(kind.label(), &raw.simple().to_string())
    }

    /// The id of a council as text.
    pub fn of_council(raw: Uuid) -> String {
        encode(COUNCIL, &raw.simple().to_string())
    }

    /// The id of a country as text.
    pub fn of_country(code: &str) -> String {
        encode(COUNTRY, code)
    }

    /// The id of a deadline rule as text.
    pub fn of_deadline_rule(slug: &str) -> String {
        encode(DEADLINE_RULE, slug)
    }
}

fn encode(kind: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}:{key}"))
}

/// True if a text has the form of a kind's label.
fn is_label(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_ids_are_decoded() {
        let raw = Uuid::from_u128(7);
        for (text, id) in [
            (GlobalId::of_record(Kind::City, raw), GlobalId::Record(Kind::City, raw)),
            (GlobalId::of_council(raw), GlobalId::Council(raw)),
            (GlobalId::of_country("PL"), GlobalId::Country("PL".to_owned())),
            (GlobalId::of_deadline_rule("answer"), GlobalId::DeadlineRule("answer".to_owned())),
            (encode("association", &raw.simple().to_string()), GlobalId::Unknown),
        ] {
            assert_eq!(GlobalId::parse(&text), Some(id), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let hyphenated = Uuid::from_u128(7).to_string();
        for text in [encode("city", "7"), encode("city", &hyphenated), encode("City", "7"), encode("x", "y")] {
            assert_eq!(GlobalId::parse(&text), None, "{text}");
        }
        for text in ["", "city:7", "!", "Y2l0eQ"] {
            assert_eq!(GlobalId::parse(text), None, "{text}");
        }
    }
}

//! Whether a change makes another record of one: a file that gives a new city the slug of a stored one would overwrite it.

use std::collections::BTreeSet;

use super::entry::Exchanged;
use super::json::Json;
use crate::fold::fold;

/// The fields that tell that a record became another one, each with what it said and what it would say; `None`: it is still the
/// same.
pub fn became_another<T: Exchanged>(before: &Json, after: &Json) -> Option<String> {
    let is_other = |field: &&str| matches!((before.get(field), after.get(field)), (Some(a), Some(b)) if differs(a, b));
    let fields = T::IDENTITY.iter().find(|fields| fields.iter().all(&is_other))?;
    let change = |field: &&str| format!("{field} {:?} -> {:?}", first_text(before, field), first_text(after, field));
    Some(fields.iter().map(change).collect::<Vec<_>>().join(", "))
}

fn first_text<'a>(json: &'a Json, field: &str) -> &'a str {
    json.get(field).and_then(|value| texts(value).into_iter().next()).unwrap_or_default()
}

/// Whether two values have nothing in common: no text of one is like a text of the other.
fn differs(before: &Json, after: &Json) -> bool {
    let (before, after) = (texts(before), texts(after));
    !before.is_empty() && !after.is_empty() && !before.iter().any(|a| after.iter().any(|b| is_like(a, b)))
}

/// Whether texts share at least half of the words of the shorter one: a corrected title is still that title.
fn is_like(one: &str, other: &str) -> bool {
    let words = |text: &str| fold(text).split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let (one, other) = (words(one), words(other));
    2 * one.intersection(&other).count() >= one.len().min(other.len())
}

/// The texts of a value: itself, those of a list, or those in all languages.
fn texts(json: &Json) -> Vec<&str> {
    match json {
        Json::String(text) => vec![text],
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::Object(members) => {
            members.iter().flat_map(|(_, value)| value.get("text").map_or_else(|| texts(value), texts)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Agreement, City, Partnership};

    fn parse(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_city_is_another_when_its_country_and_all_its_names_are() {
        let karvina = parse(r#"{"country":"CZ","kind":"city","names":{"cs":"Karviná","pl":"Karwina"}}"#);
        for (other, is_another) in [
            (r#"{"country":"DE","kind":"city","names":{"de":"Köln"}}"#, true),
            (r#"{"country":"DE","names":{"de":{"text":"Köln","origin":"machine"}}}"#, true),
            (r#"{"country":"PL","names":{"pl":"Karwina"}}"#, false),
            (r#"{"country":"CZ","kind":"district","names":{"cs":"Doly"}}"#, false),
            (r#"{"country":"SK","names":{"sk":"Karviná-Doly"}}"#, false),
        ] {
            assert_eq!(became_another::<City>(&karvina, &parse(other)).is_some(), is_another, "{other}");
        }
        let told = became_another::<City>(&karvina, &parse(r#"{"country":"DE","names":{"de":"Köln"}}"#)).unwrap();
        assert_eq!(told, "country \"CZ\" -> \"DE\", names \"Karviná\" -> \"Köln\"");
    }

    #[test]
    fn other_records_are_others_when_their_parties_are() {
        let one = parse(r#"{"cities":["a","b"]}"#);
        assert!(became_another::<Partnership>(&one, &parse(r#"{"cities":["c","d"]}"#)).is_some());
        assert!(became_another::<Partnership>(&one, &parse(r#"{"cities":["b","c"]}"#)).is_none());
        let one = parse(r#"{"title":"Agreement with Karviná","date":"1995-03-06","parties":["a","b"]}"#);
        let typo = parse(r#"{"title":"Agreement with the city of Karviná","date":"1996","parties":["a","b"]}"#);
        assert!(became_another::<Agreement>(&one, &typo).is_none());
        let other = parse(r#"{"title":"Declaration of Prievidza","date":"2009","parties":["a","b"]}"#);
        assert!(became_another::<Agreement>(&one, &other).is_some());
    }
}

//! Detects that a change turns a record into another one: a file that uses the slug of a stored city for a new one would
//! overwrite it.

use super::entry::Exchanged;
use super::json::Json;
use crate::fold::fold;
use crate::likeness::{is_nearly, is_same_word};

/// The fields that show that a record became another one, each with its old and its new value; `None`: it is the same
/// record.
pub fn became_another<T: Exchanged>(before: &Json, after: &Json) -> Option<String> {
    let is_other = |field: &&str| differs(field, before, after);
    let fields = T::IDENTITY.iter().find(|fields| fields.iter().all(&is_other))?;
    let change = |field: &&str| format!("{field} {:?} -> {:?}", first_text(before, field), first_text(after, field));
    Some(fields.iter().map(change).collect::<Vec<_>>().join(", "))
}

fn first_text<'a>(json: &'a Json, field: &str) -> &'a str {
    json.get(field).and_then(|value| texts(value).into_iter().next()).unwrap_or_default()
}

/// True if the values of a field have nothing in common: no text of one is like a text of the other.
fn differs(field: &str, before: &Json, after: &Json) -> bool {
    let (is_like, also): (fn(&str, &str) -> bool, _) = match field {
        "names" => (is_same_name, None),
        "title" => (is_same_title, Some("titles")),
        "name" => (is_same_title, Some("names")),
        "subject" | "programme" => (is_same_title, None),
        "date" | "startDate" | "submittedDate" => (is_same_date, None),
        // Slugs, numbers, addresses and labels are compared exactly: one letter makes another value.
        _ => (|one, other| one == other, None),
    };
    let values = |json| -> Vec<&str> {
        let Some(value) = Json::get(json, field) else { return Vec::new() };
        let others = also.and_then(|also| Json::get(json, also));
        texts(value).into_iter().chain(others.into_iter().flat_map(texts)).collect()
    };
    let (before, after) = (values(before), values(after));
    !before.is_empty() && !after.is_empty() && !before.iter().any(|a| after.iter().any(|b| is_like(a, b)))
}

/// True if names of cities are equal except for one mistyped letter. Common words prove nothing: many cities are called
/// Neustadt.
fn is_same_name(one: &str, other: &str) -> bool {
    let [a, b] = [one, other].map(|name| fold(name).replace(' ', ""));
    one == other || !a.is_empty() && a == b || is_nearly(&a, &b)
}

/// True if one title has all the words of the other, in any form and order: a title that is made longer or shorter is still
/// that title, but one in which a word is replaced is another. Short words are ignored.
fn is_same_title(one: &str, other: &str) -> bool {
    const SHORT: usize = 3;
    let (a, b) = (fold(one), fold(other));
    let long_words = |text: &'_ str| -> Vec<String> {
        let words =
            |longer: usize| text.split(' ').filter(move |word| word.chars().count() > longer).map(str::to_owned);
        let long: Vec<String> = words(SHORT).collect();
        if long.is_empty() { words(0).collect() } else { long }
    };
    let (a, b) = (long_words(&a), long_words(&b));
    let holds = |all: &[String], some: &[String]| {
        !some.is_empty() && some.iter().all(|word| all.iter().any(|other| is_same_word(word, other)))
    };
    one == other || holds(&a, &b) || holds(&b, &a)
}

/// True if the dates are equal, or if one is a more precise form of the other.
fn is_same_date(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// The texts of a value: a string, the strings of a list, or the variants in all languages.
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
            (r#"{"country":"SK","names":{"sk":"Karviná-Doly"}}"#, true),
            (r#"{"country":"SK","names":{"sk":"KARVINA"}}"#, false),
            (r#"{"country":"SK","names":{"sk":"Karvinna"}}"#, false),
        ] {
            assert_eq!(became_another::<City>(&karvina, &parse(other)).is_some(), is_another, "{other}");
        }
        let message = became_another::<City>(&karvina, &parse(r#"{"country":"DE","names":{"de":"Köln"}}"#)).unwrap();
        assert_eq!(message, "country \"CZ\" -> \"DE\", names \"Karviná\" -> \"Köln\"");
    }

    #[test]
    fn a_word_in_common_does_not_make_one_city_of_two() {
        for (name, other) in [
            ("Nowa Sól", "Nowa Ruda"),
            ("San Marino", "San Marcos"),
            ("Neustadt an der Orla", "Neustadt in Holstein"),
            ("York", "New York"),
            ("Saint-Denis", "Saint-Étienne"),
        ] {
            let city =
                |country: &str, name: &str| parse(&format!(r#"{{"country":{country:?},"names":{{"en":{name:?}}}}}"#));
            assert!(became_another::<City>(&city("PL", name), &city("US", other)).is_some(), "{name} -> {other}");
            assert!(became_another::<City>(&city("PL", name), &city("PL", other)).is_none(), "{name} -> {other}");
            assert!(became_another::<City>(&city("PL", name), &city("US", name)).is_none(), "{name}");
        }
    }

    #[test]
    fn a_title_in_which_a_word_is_replaced_is_another() {
        let paper =
            |title: &str, date: &str| parse(&format!(r#"{{"title":{title:?},"date":{date:?},"parties":["a","b"]}}"#));
        for (title, other, is_another) in [
            ("Umowa o partnerstwie miast", "Umowa o współpracy gospodarczej", true),
            ("Umowa o partnerstwie miast", "Umowa partnerska", false),
            ("Agreement on schools", "Agreement on roads", true),
            ("Partnership agreement with Karviná", "Partnership agreement with Havířov", true),
            ("Partnership agreement", "Agreement on a partnership of cities", false),
            ("Coopperation agreement", "Cooperation agreement", false),
            ("日本", "中国", true),
            ("???", "???", false),
        ] {
            for (date, other_date, is_other_date) in [
                ("1995-03-06", "2011-03-06", true),
                ("1995", "1995-03", false),
                ("1995-03-06", "1995", false),
                ("1995", "1996", true),
            ] {
                let found = became_another::<Agreement>(&paper(title, date), &paper(other, other_date)).is_some();
                assert_eq!(found, is_another && is_other_date, "{title} {date} -> {other} {other_date}");
            }
        }
        // An equal translation shows that the record is the same.
        let one = parse(r#"{"title":"Umowa","date":"1995","parties":["a","b"]}"#);
        let other = parse(r#"{"title":"Vertrag","titles":{"pl":"Umowa"},"date":"2011","parties":["a","b"]}"#);
        assert!(became_another::<Agreement>(&one, &other).is_none());
        // Slugs with a common word belong to different records.
        let one = parse(r#"{"cities":["nowy-sacz","stara-lubovna"]}"#);
        let other = parse(r#"{"cities":["nowy-targ","stara-tura"]}"#);
        assert!(became_another::<Partnership>(&one, &other).is_some());
    }

    #[test]
    fn papers_with_other_parties_are_other_records() {
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

//! The prose of a record, as opposed to its codes, dates and references, found by the schema of each field.

use super::json::Json;
use super::schema::Definition;

/// Visits the texts in a value: names, titles, labels, notes. References, values of lists, dates and codes are skipped. A
/// value without a schema, from an older version, is text.
pub fn texts(schema: Option<&Json>, value: &Json, visit: &mut impl FnMut(&str)) {
    let Some(schema) = schema else { return all(value, visit) };
    match Definition::of(schema) {
        Some(Definition::Text | Definition::Label) => {
            if let Some(text) = value.as_str().filter(|text| !is_listed(schema.get("examples"), text)) {
                visit(text);
            }
        }
        Some(Definition::Texts | Definition::Languages) => match value {
            Json::Object(variants) => {
                for (_, variant) in variants {
                    for text in [Some(variant), variant.get("text"), variant.get("translator")].into_iter().flatten() {
                        text.as_str().into_iter().for_each(&mut *visit);
                    }
                }
            }
            plain => plain.as_str().into_iter().for_each(visit),
        },
        Some(_) => {}
        None if schema.get("enum").is_some() => {}
        None => match value {
            Json::String(text) => visit(text),
            Json::Array(items) => items.iter().for_each(|item| texts(schema.get("items"), item, visit)),
            Json::Object(members) => {
                for (name, value) in members {
                    let known = schema.get("properties").and_then(|properties| properties.get(name));
                    let of_value = known.or_else(|| {
                        // The keys are names that the sender chose.
                        visit(name);
                        schema.get("additionalProperties").filter(|more| more.get("type").is_some())
                    });
                    texts(of_value, value, visit);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        },
    }
}

fn is_listed(list: Option<&Json>, text: &str) -> bool {
    matches!(list, Some(Json::Array(known)) if known.iter().any(|known| known.as_str() == Some(text)))
}

fn all(value: &Json, visit: &mut impl FnMut(&str)) {
    match value {
        Json::String(text) => visit(text),
        Json::Array(items) => items.iter().for_each(|item| all(item, visit)),
        Json::Object(members) => members.iter().for_each(|(name, value)| {
            visit(name);
            all(value, visit);
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::describe;
    use crate::interpellation::Interpellation;
    use crate::organization::Organization;
    use crate::project::Project;

    fn of(schema: &Json, json: &str) -> Vec<String> {
        let mut found = Vec::new();
        texts(Some(schema), &serde_json::from_str(json).unwrap(), &mut |text| found.push(text.to_owned()));
        found
    }

    #[test]
    fn codes_and_references_are_no_texts() {
        let organization = r#"{"slug":"a","name":"Published","kind":"council","city":"home","visibility":"partners","note":{"de":"N",
            "pl":{"text":"P","origin":"machine","translator":"T"}},"sources":[{"url":"https://u","retrieved":"2020-01-02"}]}"#;
        assert_eq!(of(&describe::<Organization>(), organization), ["Published", "N", "P", "T", "https://u"]);
        assert_eq!(of(&describe::<Organization>(), r#"{"kind":"knitting circle"}"#), ["knitting circle"]);
        let project = r#"{"status":"completed","partners":[{"type":"city","slug":"home","role":"lead"}],"title":"T"}"#;
        assert_eq!(of(&describe::<Project>(), project).last().unwrap(), "T");
        let question = r#"{"councillor":{"name":"Jan","office":"councillor","city":"home"},"session":"S","answer":{"summary":"A","date":"2020"}}"#;
        assert_eq!(of(&describe::<Interpellation>(), question), ["Jan", "councillor", "S", "A"]);
    }
}

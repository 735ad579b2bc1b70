//! Countries: reference data of ISO 3166-1, with names in the registry's languages (`data/countries.json`).

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

use crate::text::{Locale, Text};

/// ISO 3166-1 alpha-2 code of an existing country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code([u8; 2]);

impl Code {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Nowhere: what a draft holds before it is filled.
impl Default for Code {
    fn default() -> Self {
        Self(*b"ZZ")
    }
}

/// A country.
#[derive(Clone, Debug)]
pub struct Country {
    /// Two letters.
    pub code: Code,
    /// Three letters.
    pub alpha3: String,
    /// Three digits.
    pub numeric: String,
    /// Name in the registry's languages, the English one first.
    pub name: Text,
    /// Official languages.
    pub languages: Vec<Locale>,
}

#[derive(Deserialize)]
struct Line {
    code: String,
    alpha3: String,
    numeric: String,
    #[serde(deserialize_with = "in_order")]
    names: Vec<(String, String)>,
    languages: Vec<String>,
}

fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    match crate::exchange::Json::deserialize(deserializer)? {
        crate::exchange::Json::Object(members) => {
            Ok(members.into_iter().filter_map(|(tag, name)| Some((tag, name.as_str()?.to_owned()))).collect())
        }
        _ => Err(serde::de::Error::custom("names are no object")),
    }
}

static ALL: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let lines: Vec<Line> = serde_json::from_str(include_str!("../../../data/countries.json")).unwrap_or_default();
    let country = |line: Line| {
        let names = line.names.into_iter().filter_map(|(tag, name)| Some((tag.parse().ok()?, name)));
        Some(Country {
            code: Code(line.code.as_bytes().try_into().ok()?),
            alpha3: line.alpha3,
            numeric: line.numeric,
            name: Text::from_variants(names, 0),
            languages: line.languages.iter().filter_map(|tag| tag.parse().ok()).collect(),
        })
    };
    lines.into_iter().filter_map(country).collect()
});

impl Country {
    /// Every country, by code.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The country of a two-letter code.
    pub fn by_code(code: &str) -> Option<&'static Self> {
        ALL.binary_search_by(|country| country.code.as_str().cmp(code)).ok().map(|at| &ALL[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_file_is_read_and_found() {
        assert_eq!(ALL.len(), 249);
        assert!(
            ALL.iter()
                .all(|country| Country::by_code(country.code.as_str()).is_some_and(|found| found.code == country.code))
        );
        let poland = Country::by_code("PL").unwrap();
        assert_eq!((poland.alpha3.as_str(), poland.name.original().text.as_str()), ("POL", "Poland"));
        assert_eq!(poland.name.choose(&["cs".parse().unwrap()]).variant.text, "Polsko");
        assert!(Country::by_code("XX").is_none());
    }
}

//! Countries: reference data of ISO 3166-1, with names in the registry's languages (`data/countries.json`). Kosovo has no
//! code in that standard; the registry uses `XK`, as the European Commission and Unicode's CLDR do.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

use crate::fold::fold;
use crate::text::{Locale, Text};

/// Two-letter code of an existing country, of ISO 3166-1 or in general use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code([u8; 2]);

impl Code {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The code of no country: the value in an empty draft.
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
        _ => Err(serde::de::Error::custom("names are not an object")),
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

/// Other codes that occur in files: reserved and former ones, those of the European Union's languages, of sports and of
/// vehicles.
const OTHER_CODES: &[(&str, &str)] = &[
    ("A", "AT"),
    ("B", "BE"),
    ("BU", "MM"),
    ("BUL", "BG"),
    ("CRO", "HR"),
    ("D", "DE"),
    ("DD", "DE"),
    ("DEN", "DK"),
    ("E", "ES"),
    ("EA", "ES"),
    ("EL", "GR"),
    ("EN", "GB"),
    ("ENG", "GB"),
    ("F", "FR"),
    ("FX", "FR"),
    ("GER", "DE"),
    ("GRE", "GR"),
    ("H", "HU"),
    ("I", "IT"),
    ("IC", "ES"),
    ("JA", "JP"),
    ("KOS", "XK"),
    ("KS", "XK"),
    ("L", "LU"),
    ("LAT", "LV"),
    ("N", "NO"),
    ("NED", "NL"),
    ("NIR", "GB"),
    ("P", "PT"),
    ("POR", "PT"),
    ("RCH", "CL"),
    ("RKS", "XK"),
    ("S", "SE"),
    ("SCO", "GB"),
    ("SCT", "GB"),
    ("SLO", "SI"),
    ("SUI", "CH"),
    ("TP", "TL"),
    ("UK", "GB"),
    ("USA", "US"),
    ("WAL", "GB"),
    ("WLS", "GB"),
    ("XKK", "XK"),
    ("ZR", "CD"),
];

/// Other names of countries that occur in files, beside those of `data/countries.json`, folded.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("america", "US"),
    ("bosnia", "BA"),
    ("britain", "GB"),
    ("burma", "MM"),
    ("cape verde", "CV"),
    ("czech republic", "CZ"),
    ("east timor", "TL"),
    ("england", "GB"),
    ("federal republic of germany", "DE"),
    ("great britain", "GB"),
    ("holland", "NL"),
    ("ivory coast", "CI"),
    ("macedonia", "MK"),
    ("moldavia", "MD"),
    ("north korea", "KP"),
    ("northern ireland", "GB"),
    ("republic of ireland", "IE"),
    ("russian federation", "RU"),
    ("scotland", "GB"),
    ("slovak republic", "SK"),
    ("south korea", "KR"),
    ("swaziland", "SZ"),
    ("the netherlands", "NL"),
    ("turkey", "TR"),
    ("united states of america", "US"),
    ("vatican", "VA"),
    ("wales", "GB"),
    ("white russia", "BY"),
];

/// Countries that were divided: their codes, their name, and the codes of their successors, the largest first.
const DIVIDED: &[(&[&str], &str, &[&str])] = &[
    (&["AN", "ANT", "530"], "Netherlands Antilles", &["CW", "BQ", "SX"]),
    (&["CS", "CSK", "CSSR", "200"], "Czechoslovakia", &["CZ", "SK"]),
    (&["SCG", "891"], "Serbia and Montenegro", &["RS", "ME", "XK"]),
    (
        &["SU", "SUN", "URS", "USSR", "810"],
        "Soviet Union",
        &["RU", "UA", "UZ", "KZ", "BY", "AZ", "GE", "TJ", "MD", "KG", "LT", "TM", "AM", "LV", "EE"],
    ),
    (&["YU", "YUG", "SFRY", "890"], "Yugoslavia", &["RS", "HR", "BA", "SI", "MK", "ME", "XK"]),
];

/// The correction for a country that was divided.
fn divided(text: &str) -> Option<String> {
    let (code, name) = (text.trim().to_uppercase(), fold(text));
    let (_, name, parts) =
        DIVIDED.iter().find(|(codes, known, _)| codes.contains(&code.as_str()) || fold(known) == name)?;
    let (first, others) = parts.split_first()?;
    let first = Country::by_code(first)?;
    let others: Vec<String> = others.iter().map(|code| format!("{code:?}")).collect();
    Some(format!(
        "write {:?} for {}, or the code of the country in which the city of the former {name} is today: {}",
        first.code.as_str(),
        first.name.original().text,
        others.join(", ")
    ))
}

/// The country that an invalid text probably means: by a code of another list, or by a name.
fn meant(text: &str) -> Option<&'static Country> {
    let code = text.trim().to_uppercase();
    let other = || OTHER_CODES.iter().find(|(other, _)| *other == code).and_then(|(_, code)| Country::by_code(code));
    let listed = || ALL.iter().find(|country| country.alpha3 == code || country.numeric == code);
    let name = fold(text);
    let renamed = || OTHER_NAMES.iter().find(|(other, _)| *other == name).and_then(|(_, code)| Country::by_code(code));
    let named = || {
        let is_name = |country: &&Country| country.name.variants().iter().any(|variant| fold(&variant.text) == name);
        ALL.iter().find(is_name).filter(|_| !name.is_empty())
    };
    Country::by_code(&code).or_else(other).or_else(listed).or_else(named).or_else(renamed)
}

/// The message for a text that is not the code of a country.
pub(crate) fn unknown(text: &str) -> String {
    if let Some(parts) = divided(text) {
        return format!("{text:?} is not a country code: {parts}");
    }
    match meant(text) {
        Some(country) => format!(
            "{text:?} is not a country code: write {:?} for {}",
            country.code.as_str(),
            country.name.original().text
        ),
        None => format!(
            "{text:?} is not a country code: write a code of ISO 3166-1 alpha-2 in capitals, such as \"PL\", or \"XK\" for Kosovo"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_file_is_read_and_found() {
        assert_eq!(ALL.len(), 250);
        assert!(
            ALL.iter()
                .all(|country| Country::by_code(country.code.as_str()).is_some_and(|found| found.code == country.code))
        );
        let poland = Country::by_code("PL").unwrap();
        assert_eq!((poland.alpha3.as_str(), poland.name.original().text.as_str()), ("POL", "Poland"));
        assert_eq!(poland.name.choose(&["cs".parse().unwrap()]).variant.text, "Polsko");
        assert!(Country::by_code("XX").is_none());
    }

    #[test]
    fn the_message_for_a_wrong_code_suggests_the_right_one() {
        for (text, code) in [
            ("UK", "GB"),
            ("EL", "GR"),
            ("pl", "PL"),
            ("Pl", "PL"),
            (" DE ", "DE"),
            ("DEU", "DE"),
            ("276", "DE"),
            ("D", "DE"),
            ("Niemcy", "DE"),
            ("czechia", "CZ"),
            ("Україна", "UA"),
            ("XKX", "XK"),
            ("kosovo", "XK"),
            ("Great Britain", "GB"),
            ("SCOTLAND", "GB"),
            ("Northern Ireland", "GB"),
            ("Czech Republic", "CZ"),
            ("the Netherlands", "NL"),
            ("YU", "RS"),
            ("yugoslavia", "RS"),
            ("AN", "CW"),
            ("Czechoslovakia", "CZ"),
            ("SU", "RU"),
        ] {
            let message = unknown(text);
            assert!(message.contains(&format!("write {code:?} for ")), "{text}: {message}");
        }
        for text in ["XX", "", "ZZ", "EU", "??"] {
            assert!(unknown(text).contains("ISO 3166-1"), "{text}");
        }
        for (other, code) in OTHER_CODES {
            assert!(Country::by_code(other).is_none() && Country::by_code(code).is_some(), "{other}");
        }
        assert!(OTHER_CODES.is_sorted() && OTHER_NAMES.is_sorted());
        for (name, code) in OTHER_NAMES {
            assert!(fold(name) == *name && Country::by_code(code).is_some(), "{name}");
        }
        for (codes, _, parts) in DIVIDED {
            assert!(codes.iter().all(|code| Country::by_code(code).is_none()), "{codes:?}");
            assert!(parts.iter().all(|code| Country::by_code(code).is_some()), "{parts:?}");
        }
        assert!(unknown("YU").ends_with("\"HR\", \"BA\", \"SI\", \"MK\", \"ME\", \"XK\""), "{}", unknown("YU"));
    }
}

//! Cities and other municipalities.

use serde::{Deserialize, Serialize};

use crate::country::{Code, Country};
use crate::date::PartialDate;
use crate::exchange::{self, Entry, Exchanged, Form, Json, ObjectText, PrecisionField, Reading, Value};
use crate::id::{Id, Kind};
use crate::meta::{Facet, Fact, Meta};
use crate::text::{Locale, Text};
use crate::vocabulary::{Open, Vocabulary};

vocabulary! { open,
    /// Level of a municipality.
    CityKind {
        /// A town or city.
        City = "city",
        /// A rural or mixed municipality.
        Municipality = "municipality",
        /// A part of a city.
        District = "district",
        /// A county.
        County = "county",
        /// A region.
        Region = "region",
        /// None of these.
        Other = "other",
    }
}

vocabulary! { open,
    /// Why a city is known by another name.
    NameKind {
        /// A former name.
        Historic = "historic",
        /// A spelling that occurs in sources.
        Spelling = "spelling",
        /// Another reason.
        Other = "other",
    }
}

vocabulary! { open,
    /// Scheme of a municipal code.
    CodeScheme {
        /// Polish territorial register, 7 digits.
        Teryt = "TERYT",
        /// Czech LAU 2 code.
        CzLau2 = "CZ_LAU2",
        /// Slovak LAU 2 code.
        SkLau2 = "SK_LAU2",
        /// German municipality key, 8 digits.
        Ags = "AGS",
        /// `GeoNames` id.
        Geonames = "GEONAMES",
        /// Wikidata item.
        Wikidata = "WIKIDATA",
        /// Another scheme.
        Other = "other",
    }
}

/// A name beside the official one and its translations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateName {
    /// The name.
    pub name: String,
    /// Its language.
    pub language: Option<Locale>,
    /// Reason why the city has it, with the label of the source.
    pub kind: Option<String>,
    /// Uncertainties.
    pub note: Option<Text>,
}

/// The administrative areas of a city, as far as they are stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Name, in English or in general use.
    pub name: Option<String>,
    /// Name in the language of the country.
    pub name_local: Option<String>,
    /// District or county.
    pub district: Option<String>,
    /// Wider municipality.
    pub municipality: Option<String>,
}

/// A point on the earth (WGS 84).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// A number of inhabitants, as one source states it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Population {
    /// Inhabitants.
    pub value: u32,
    /// Reference date.
    pub date: Option<PartialDate>,
    /// Address of the source.
    pub source_url: Option<String>,
}

/// A code of the city in an official register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityCode {
    /// Name of the register, with the label of the source.
    pub scheme: String,
    /// The code, stored as text.
    pub value: String,
}

/// A year, which a file may write as a number or as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StatedYear {
    /// `1975`
    Number(u16),
    /// `"1975"`
    Text(PartialDate),
}

impl StatedYear {
    /// The year as a date.
    pub fn date(self) -> Option<PartialDate> {
        match self {
            Self::Number(year) => format!("{year:04}").parse().ok(),
            Self::Text(date) => Some(date),
        }
    }
}

impl Value for StatedYear {
    fn read(json: Json, run: &mut Reading, at: &str) -> Result<Self, String> {
        let wrong = |number: &dyn std::fmt::Display| format!("{number} is not a year: write a year from 1 to 9999");
        if let Json::Number(number) = &json {
            let year = exchange::whole(number).and_then(|year| u16::try_from(year).ok()).map(Self::Number);
            return year.filter(|year| year.date().is_some()).ok_or_else(|| wrong(number));
        }
        if let Some(number) = json.huge() {
            return Err(wrong(&number));
        }
        PartialDate::read(json, run, at).map(Self::Text)
    }
    fn write(&self, plain: Option<&Locale>) -> Json {
        match self {
            Self::Number(year) => Json::Number((*year).into()),
            Self::Text(date) => date.write(plain),
        }
    }
    fn describe() -> Json {
        let number = ObjectText::default()
            .with("type", Json::string("integer"))
            .with("minimum", Json::Number(1.into()))
            .with("maximum", Json::Number(9999.into()));
        ObjectText::default().with("anyOf", Json::Array(vec![number.done(), PartialDate::describe()])).done()
    }
}

/// The merger of towns that formed a city.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formation {
    /// Year.
    pub year: Option<StatedYear>,
    /// Their names.
    pub names: Option<Vec<String>>,
}

/// A city or other municipality.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct City {
    /// Fields that all records share.
    pub meta: Meta,
    /// Level, with the label of the source.
    pub kind: Option<Open<CityKind>>,
    /// Country.
    pub country: Code,
    /// Official name and exonyms by language.
    pub name: Text,
    /// Former names and spellings.
    pub alternate_names: Option<Vec<AlternateName>>,
    /// Region.
    pub region: Option<Region>,
    /// Position.
    pub location: Option<Location>,
    /// Dated, sourced figures, which may contradict each other.
    pub population: Option<Vec<Population>>,
    /// Codes in official registers.
    pub codes: Option<Vec<CityCode>>,
    /// Website.
    pub website: Option<String>,
    /// True for the city whose cooperation the registry describes.
    pub is_home: bool,
    /// First day of the municipality.
    pub valid_from: Option<PartialDate>,
    /// Last day of the municipality.
    pub valid_to: Option<PartialDate>,
    /// The municipality it was merged into.
    pub merged_into: Option<Id<City>>,
    /// The towns that it was formed from.
    pub formed_by: Option<Formation>,
}

/// The facet under which a city's codes are found: `scheme:value`.
pub const CODE_FACET: &str = "code";

vocabulary! { closed,
    /// Fields by which cities are filtered and ordered.
    Field {
        /// Country.
        Country = "country",
        /// Level.
        Kind = "kind",
        /// Codes.
        Code = "code",
        /// Home city.
        IsHome = "is_home",
    }
}

impl Fact for City {
    const KIND: Kind = Kind::City;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.name.original().text.clone()
    }
    fn other_names(&self) -> Vec<String> {
        let names = self.name.variants().iter().map(|variant| variant.text.clone());
        names.chain(self.alternate_names.iter().flatten().map(|alternate| alternate.name.clone())).collect()
    }
    fn facets(&self) -> Vec<Facet> {
        let codes = self.codes.iter().flatten();
        codes.map(|code| Facet { name: CODE_FACET, value: format!("{}:{}", code.scheme, code.value) }).collect()
    }
}

impl Exchanged for City {
    const COLLECTION: &'static str = "cities";
    const IDENTITY: &'static [&'static [&'static str]] = &[&["country", "names"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let city = &mut entry.fact;
        f.field("kind", &mut city.kind);
        f.need("country", &mut city.country);
        let languages = Country::by_code(city.country.as_str()).map_or(&[][..], |country| &country.languages);
        f.names("names", languages, &mut city.name);
        f.objects("alternateNames", &mut city.alternate_names, |f, alternate: &mut AlternateName| {
            f.need("name", &mut alternate.name);
            f.field("language", &mut alternate.language);
            let mut kind = alternate.kind.take().map(Open::<NameKind>::new);
            f.field("kind", &mut kind);
            alternate.kind = kind.map(Open::into_label);
            f.field("note", &mut alternate.note);
        });
        f.object("region", &mut city.region, |f, region: &mut Region| {
            f.field("name", &mut region.name);
            f.field("nameLocal", &mut region.name_local);
            f.field("district", &mut region.district);
            f.field("municipality", &mut region.municipality);
        });
        f.object("coordinates", &mut city.location, |f, location: &mut Location| {
            f.need("lat", &mut location.latitude);
            f.need("lon", &mut location.longitude);
            let (lat, lon) = (Some(location.latitude), Some(location.longitude));
            f.bounds("lat", -90, Some(90), lat, |lat| format!("{lat} is not a latitude: write degrees from -90 to 90"));
            f.bounds("lon", -180, Some(180), lon, |lon| {
                format!("{lon} is not a longitude: write degrees from -180 to 180")
            });
        });
        f.objects("population", &mut city.population, |f, population: &mut Population| {
            f.need("value", &mut population.value);
            f.date("date", PrecisionField::Always("datePrecision"), &mut population.date);
            f.field("sourceUrl", &mut population.source_url);
        });
        f.objects("nationalCodes", &mut city.codes, |f, code: &mut CityCode| {
            let mut scheme = Open::<CodeScheme>::new(std::mem::take(&mut code.scheme));
            f.need("scheme", &mut scheme);
            f.need_label("value", &mut code.value);
            if let Some((digits, what)) = required_digits(scheme.value())
                && f.reads()
                && !(code.value.is_empty()
                    || code.value.len() == digits && code.value.bytes().all(|b| b.is_ascii_digit()))
            {
                f.fault("value", format!("{:?} is not a {what}: write {digits} digits", code.value));
            }
            code.scheme = scheme.into_label();
        });
        f.field("website", &mut city.website);
        f.flag("seat", &mut city.is_home);
        f.date("validFrom", PrecisionField::None, &mut city.valid_from);
        f.date("validTo", PrecisionField::None, &mut city.valid_to);
        if crate::date::ends_before_start(city.valid_from, city.valid_to) {
            f.fault(
                "validTo",
                "the municipality ends before it begins: give a \"validTo\" that is not before \"validFrom\""
                    .to_owned(),
            );
        }
        f.one("mergedInto", &mut city.merged_into);
        f.object("formedBy", &mut city.formed_by, |f, formation: &mut Formation| {
            f.field("year", &mut formation.year);
            f.list("names", &mut formation.names);
        });
    }
}

/// The number of digits of the codes of a scheme.
fn required_digits(scheme: CodeScheme) -> Option<(usize, &'static str)> {
    match scheme {
        CodeScheme::Teryt => Some((7, "TERYT code")),
        CodeScheme::Ags => Some((8, "AGS code")),
        _ => None,
    }
}

/// The facet value of a code.
pub fn code_value(scheme: CodeScheme, value: &str) -> String {
    format!("{}:{value}", scheme.label())
}

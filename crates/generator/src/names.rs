//! Word lists per country: towns, districts, invented people, institutions.
//!
//! Towns are real (with their exonyms); people are invented.

mod czechia;
mod france;
mod germany;
mod latvia;
mod poland;
mod slovakia;
mod ukraine;

use czechia::CZECHIA;
use france::FRANCE;
use germany::GERMANY;
use latvia::LATVIA;
use poland::POLAND;
use slovakia::SLOVAKIA;
use ukraine::UKRAINE;

/// A town: its official name and its exonyms by language.
pub(super) type Town = (&'static str, &'static [(&'static str, &'static str)]);

/// A region: its English name, local name, the prefix of its national codes (if it has one), and its centre (latitude and
/// longitude in hundredths of a degree).
pub(super) type Region = (&'static str, &'static str, &'static str, [i64; 2]);

/// The names of a country. The languages of the title tables have the same order as [`LANDS`].
#[derive(Debug)]
pub(super) struct Land {
    /// ISO 3166-1 alpha-2.
    pub(super) code: &'static str,
    /// BCP 47.
    pub(super) language: &'static str,
    /// The scheme of its national codes; empty if only `GeoNames` numbers are used.
    pub(super) scheme: &'static str,
    pub(super) regions: &'static [Region],
    /// The region of each town: `a` is the first.
    pub(super) town_regions: &'static [u8],
    pub(super) towns: &'static [Town],
    /// Suffixes that form the name of a district or a neighbouring municipality.
    pub(super) suffixes: &'static [&'static str],
    /// The suffix of a former municipality, after the name of the one that absorbed it.
    pub(super) village: &'static str,
    /// The texts before and after the name of a county or a region.
    pub(super) county: (&'static str, &'static str),
    pub(super) men: &'static [&'static str],
    pub(super) women: &'static [&'static str],
    /// Family names, for men and for women.
    pub(super) families: &'static [(&'static str, &'static str)],
    pub(super) streets: &'static [&'static str],
    /// Patrons of schools and culture houses.
    pub(super) patrons: &'static [&'static str],
    /// Names of councils and offices with `{a}` for the town.
    pub(super) council: &'static str,
    pub(super) office: &'static str,
    /// Other organizations: kind and name, with `{a}` for the town, `{n}` for a number and `{p}` for a patron.
    pub(super) organizations: &'static [(&'static str, &'static str)],
}

/// The countries; their places are the columns of the title tables.
pub(super) const LANDS: [&Land; 7] = [&POLAND, &GERMANY, &CZECHIA, &SLOVAKIA, &FRANCE, &UKRAINE, &LATVIA];

/// The countries of consecutive cities. No two adjacent entries are equal, so partner cities (an odd distance of this cycle
/// apart) are in different countries.
pub(super) const CYCLE: [u64; 20] = [0, 1, 2, 0, 3, 0, 1, 0, 2, 0, 4, 0, 1, 5, 0, 3, 2, 1, 4, 6];

/// Organizations that belong to no single city: kind and name.
pub(super) const CROSS_BORDER: [(&str, &str); 8] = [
    ("euroregion", "Euroregion Śląsk Cieszyński – Těšínské Slezsko"),
    ("euroregion", "Euroregion Neisse – Nisa – Nysa"),
    ("euroregion", "Euroregion Silesia"),
    ("euroregion", "Euroregion Beskidy – Beskydy"),
    ("euroregionAssociation", "Stowarzyszenie Rozwoju i Współpracy Regionalnej \"Olza\""),
    ("euroregionAssociation", "Sdružení obcí Euroregionu Praděd"),
    ("association", "Eurocités d'Europe centrale et orientale, a.s.b.l."),
    ("developmentAgency", "Deutsch-Polnische Gesellschaft für Grenzräume mbH"),
];

/// The seat of an organization whose city is not among the records.
pub(super) const SEATS: [&str; 10] = [
    "Cieszyn, PL",
    "Ostrava, CZ",
    "Brussels, BE",
    "Steinfurt, DE",
    "Győr, HU",
    "Klaipėda, LT",
    "Timișoara, RO",
    "Łomża, PL",
    "Malmö, SE",
    "L'Aquila, IT",
];

//! The facts that other records use, computed from the number of a record alone.
//!
//! No state is stored: the slug of project 700 000 is the same whether the project itself or an event that refers to it
//! computes it. So memory is constant and records may refer forward. Relations that are read from both ends (the agreements
//! of a partnership, the partnership of an agreement) are arithmetic with a cheap inverse.

mod activities;
mod partnerships;
mod places;

pub(super) use activities::{Activity, Link, Project};
pub(super) use partnerships::{Kin, Pact, Paper};

use super::dates;
use super::layout::{Collection, Layout};
use super::names::LANDS;
use super::phrases::{Row, TOPICS};
use super::rng::{Rng, at};
use super::text::fill;

/// The day on which the data are supposedly collected.
pub(super) const TODAY: i64 = dates::day(2026, 11, 22);

/// The purpose of a stream of random numbers; two purposes of one record never share a stream.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Facts that other records use.
    Facts,
    /// A second set of facts, which must not change the first.
    Status,
    /// Facts that only the record itself contains.
    Record,
    /// Office holders.
    People,
}

/// All facts of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct World {
    seed: u64,
    layout: Layout,
}

/// A title in every language: a row of a title table and its values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heading {
    pub(super) row: Row,
    pub(super) topic: u64,
    pub(super) cities: [u64; 2],
    pub(super) year: i64,
    pub(super) number: u64,
}

impl World {
    pub(super) fn new(seed: u64, records: u64) -> Self {
        Self { seed, layout: Layout::of(records) }
    }

    /// The number of records of a collection.
    pub(super) fn count(&self, collection: Collection) -> u64 {
        self.layout.count(collection)
    }

    /// The random numbers of a record for a purpose.
    pub(super) fn rng(&self, collection: Collection, index: u64, purpose: Purpose) -> Rng {
        Rng::of(self.seed, [collection as u64, index, purpose as u64])
    }

    /// The title in a language.
    pub(super) fn title(&self, heading: &Heading, language: u64) -> String {
        let [a, b] = heading.cities.map(|city| self.city_called(city, language));
        let topic = at(&at(&TOPICS, heading.topic), language);
        let values = [
            ("a", a.as_str()),
            ("b", b.as_str()),
            ("t", topic),
            ("y", &heading.year.to_string()),
            ("n", &heading.number.to_string()),
        ];
        let title = fill(at(&heading.row, language), &values);
        // A title may begin with a topic, and topics begin with a small letter.
        let mut letters = title.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// The language tag of a country in the file.
    pub(super) fn language_code(language: u64) -> &'static str {
        usize::try_from(language).ok().and_then(|place| LANDS.get(place)).map_or("en", |land| land.language)
    }

    /// An office holder: name and office. Constant for a city over a term of five years.
    pub(super) fn mayor(&self, city: u64, year: i64) -> (String, String) {
        let term = u64::try_from(year / 5).unwrap_or(0);
        let mut rng = Rng::of(self.seed, [city, term, Purpose::People as u64]);
        let name = Self::person(city, &mut rng);
        let deputy = if rng.chance(120) { "Deputy Mayor of " } else { "Mayor of " };
        (name, format!("{deputy}{}", self.city_name(city)))
    }

    /// An invented person of that city's country.
    pub(super) fn person(city: u64, rng: &mut Rng) -> String {
        let land = Self::land(city);
        let (man, woman) = rng.pick(land.families);
        if rng.chance(500) {
            format!("{} {man}", rng.pick(land.men))
        } else {
            format!("{} {woman}", rng.pick(land.women))
        }
    }
}

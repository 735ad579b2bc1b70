//! One record of each collection, member by member in the order of the format.

mod activities;
mod papers;
mod places;
mod projects;

use super::dates::{self, Date, Precision};
use super::json::Json;
use super::layout::Collection;
use super::phrases::{NOTES, SOURCES, THEMES, TOPIC_THEMES, UNSEEN};
use super::rng::{Rng, at};
use super::text::roughen;
use super::world::{Heading, Purpose, TODAY, World};

/// Writes the members of a record.
pub(super) fn write(world: &World, collection: Collection, index: u64, json: &mut Json) {
    let mut rng = world.rng(collection, index, Purpose::Record);
    let record = Record { world, collection, index, json, rng: &mut rng };
    match collection {
        Collection::Cities => places::city(record),
        Collection::Organizations => places::organization(record),
        Collection::Resolutions => papers::resolution(record),
        Collection::Partnerships => papers::partnership(record),
        Collection::Agreements => papers::agreement(record),
        Collection::LettersOfIntent => papers::letter(record),
        Collection::Projects => projects::project(record),
        Collection::YouthExchanges | Collection::StudyVisits => activities::exchange(record),
        Collection::BusinessMissions => activities::mission(record),
        Collection::Events => activities::event(record),
        Collection::Meetings => activities::meeting(record),
        Collection::Interpellations => papers::interpellation(record),
        Collection::Documents => papers::document(record),
    }
}

/// A record that is being written.
struct Record<'a> {
    world: &'a World,
    collection: Collection,
    index: u64,
    json: &'a mut Json,
    rng: &'a mut Rng,
}

impl Record<'_> {
    /// A value of an open list; occasionally one that no reader knows.
    fn open_value(&mut self, known: &'static str) -> &'static str {
        if self.rng.chance(2) { self.rng.pick(&UNSEEN) } else { known }
    }

    /// The title in the language of the first city.
    fn title(&mut self, heading: &Heading) {
        let language = World::language(heading.cities[0]);
        let title = self.world.title(heading, language);
        let title = roughen(title, language, self.rng);
        self.json.text("title", &title);
    }

    /// The title in the languages of the cities, in some records.
    fn titles(&mut self, heading: &Heading, cities: &[u64], per_mille: u64) {
        if !self.rng.chance(per_mille) {
            return;
        }
        let mut languages: Vec<u64> = cities.iter().map(|city| World::language(*city)).collect();
        languages.sort_unstable();
        languages.dedup();
        let world = self.world;
        self.json.object("titles", |json| {
            for language in languages {
                json.text(World::language_code(language), &world.title(heading, language));
            }
        });
    }

    /// First date, end and the precisions. The end is never before the beginning, at any precision.
    fn period(&mut self, start: Option<Date>, days: i64, ended_per_mille: u64) -> Option<Date> {
        let start = start?;
        let end = self.rng.chance(ended_per_mille).then(|| self.end(start, days));
        self.json.text("startDate", &start.text());
        if let Some(end) = end {
            self.json.text("endDate", &end.text());
        }
        self.json.text("datePrecision", start.precision.name());
        if let Some(end) = end.filter(|end| end.precision != start.precision) {
            self.json.text("endDatePrecision", end.precision.name());
        }
        end
    }

    fn end(&mut self, start: Date, days: i64) -> Date {
        let end = Date::new(start.day + days, start.precision);
        if !self.rng.chance(120) {
            return end;
        }
        let other = Date::new(end.day, self.rng.pick(&[Precision::Year, Precision::Month, Precision::Day]));
        // Truncated to a year or a month, an end could precede the beginning, as a day or as text.
        let follows = other.first() >= start.first() && other.text() >= start.text();
        if follows { other } else { end }
    }

    /// The themes of a topic and some others, each once.
    fn themes(&mut self, topic: u64) {
        let mut themes = at(&TOPIC_THEMES, topic).to_vec();
        for _ in 0..self.rng.below(4) {
            let known = self.rng.pick(&THEMES);
            let theme = self.open_value(known);
            if !themes.contains(&theme) {
                themes.push(theme);
            }
        }
        self.json.texts("themes", &themes);
    }

    /// The slugs of cities.
    fn cities(&mut self, key: &str, cities: &[u64]) {
        let world = self.world;
        self.json.texts(key, cities.iter().map(|city| world.city_slug(*city)));
    }

    /// Organizations of some of the cities.
    fn organizations(&mut self, cities: &[u64], per_mille: u64) {
        if !self.rng.chance(per_mille) {
            return;
        }
        let mut organizations = Vec::new();
        for city in cities.iter().take(3) {
            let drawn = self.world.organization_of(*city, self.rng);
            organizations.extend(drawn.filter(|organization| !organizations.contains(organization)));
        }
        let slugs: Vec<String> = organizations.into_iter().map(|index| self.world.organization_slug(index)).collect();
        self.json.texts_if_any("organizations", &slugs);
    }

    /// Projects of the partnership.
    fn projects(&mut self, partnership: Option<u64>, per_mille: u64) {
        if !self.rng.chance(per_mille) {
            return;
        }
        let mut projects = Vec::new();
        for _ in 0..self.rng.between(1, 2) {
            let drawn = partnership.and_then(|partnership| self.world.project_of(partnership, self.rng));
            projects.extend(drawn.filter(|project| !projects.contains(project)));
        }
        let slugs: Vec<String> = projects.into_iter().map(|index| self.world.project_slug(index)).collect();
        self.json.texts_if_any("projects", &slugs);
    }

    fn partnership(&mut self, partnership: Option<u64>, per_mille: u64) {
        if let Some(partnership) = partnership.filter(|_| self.rng.chance(per_mille)) {
            self.json.text("partnership", &self.world.partnership_slug(partnership));
        }
    }

    /// Office holders of the cities, one each.
    fn officials(&mut self, key: &str, cities: &[u64], year: i64) {
        let world = self.world;
        self.json.list(key, |json| {
            for city in cities {
                let (name, office) = world.mayor(*city, year);
                json.item(|json| {
                    json.text("name", &name);
                    json.text("office", &office);
                    json.text("city", &world.city_slug(*city));
                });
            }
        });
    }

    /// The last fields of every record: a note, in some records, and the sources.
    fn finish(self, city: u64) {
        if self.rng.chance(220) {
            self.json.text("note", self.rng.pick(&NOTES));
        }
        let name = self.world.city_name(city);
        let count = self.rng.between(1, 2);
        let (first, days) = (self.rng.below(3), self.rng.days(0, 30));
        let publishers = at(&SOURCES, World::language(city));
        let (collection, index) = (self.collection.name(), self.index + 1);
        self.json.list("sources", |json| {
            for place in 0..count {
                let publisher = at(&publishers, first + place);
                let query = if place == 0 { "" } else { "?page=2&q=%C5%82" };
                json.item(|json| {
                    json.text("url", &format!("https://example.org/{collection}/{index}{query}"));
                    json.text("title", &format!("{publisher} – {name}"));
                    json.text("retrieved", &Date::new(TODAY - days, Precision::Day).text());
                });
            }
        });
    }
}

/// An amount in major units with two decimals.
fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A roman number, for sessions and resolutions.
fn roman(number: u64) -> String {
    let tens = at(&["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"], number / 10 % 10);
    let ones = at(&["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"], number % 10);
    format!("{tens}{ones}")
}

/// The year of a date, or of today.
fn year_of(date: Option<Date>) -> i64 {
    dates::year(date.map_or(TODAY, |date| date.day))
}

//! Random filters, of values that occur in the records and of others that nearly do.

use chrono::{DateTime, TimeDelta, Utc};
use pomost_domain::meta::Publication;
use pomost_domain::{PartialDate, Vocabulary};
use pomost_persistence::{DateTest, Field, Filter, IntegerTest, Mapping, TextTest};
use uuid::Uuid;

use super::world::{Record, Value, Way, World};

/// `SplitMix64`.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<'a, T>(&mut self, values: &'a [T]) -> &'a T {
        &values[self.below(values.len())]
    }
}

/// Makes filters on the records of a world.
pub(crate) struct Filters<'a> {
    pub(crate) world: &'a World,
    pub(crate) ways: &'a [Way],
    pub(crate) random: Random,
}

impl Filters<'_> {
    /// A filter on an entity, so deep at most.
    pub(crate) fn filter(&mut self, of: &'static Mapping, depth: usize) -> Filter {
        let ways: Vec<&Way> = self.ways.iter().filter(|way| way.from == of).collect();
        match self.random.below(10) {
            0 if depth > 0 => Filter::all(self.several(of, depth)),
            1 if depth > 0 => Filter::any(self.several(of, depth)),
            2 if depth > 0 => self.filter(of, depth - 1).negated(of),
            3..=5 if depth > 0 && !ways.is_empty() => {
                let walk = self.random.pick(&ways).walk;
                let filter = self.filter(walk.child(), depth - 1);
                match self.random.below(3) {
                    0 => Filter::some(walk, filter),
                    1 => Filter::none(walk, filter),
                    _ => Filter::every(walk, filter),
                }
            }
            _ => self.test(of),
        }
    }

    fn several(&mut self, of: &'static Mapping, depth: usize) -> Vec<Filter> {
        (0..self.random.below(4)).map(|_| self.filter(of, depth - 1)).collect()
    }

    fn record(&mut self, of: &Mapping) -> Option<&Record> {
        let records = self.world.records(of);
        (!records.is_empty()).then(|| *self.random.pick(&records))
    }

    /// A test on what all records share, or on a field of the entity.
    fn test(&mut self, of: &'static Mapping) -> Filter {
        let Some(record) = self.record(of) else { return Filter::default() };
        let (meta, names) = (record.meta.clone(), record.search_text.clone());
        let mut values: Vec<(Field, Value)> = record.values.iter().map(|(at, value)| (*at, value.clone())).collect();
        values.sort_unstable_by_key(|(field, _)| format!("{field:?}"));
        if values.is_empty() || self.random.one_in(3) {
            return match self.random.below(5) {
                0 => Filter::ids_in([meta.id, Uuid::from_u128(self.random.next().into())]),
                1 => {
                    let slug = self.altered(&meta.slug);
                    Filter::slugs_in([slug, meta.slug])
                }
                2 => {
                    let states = [*self.random.pick(Publication::ALL), meta.publication];
                    Filter::published_as(&states[self.random.below(2)..])
                }
                3 => {
                    let updated = self.random.one_in(2);
                    let (from, until) = (self.instant(meta.updated_at), self.instant(meta.created_at));
                    Filter::written(updated, from, until)
                }
                _ => Filter::name(&self.text(&names)),
            };
        }
        let (field, value) = self.random.pick(&values).clone();
        if self.random.one_in(6) {
            return Filter::known(field, self.random.one_in(2));
        }
        match value {
            // A test of another sort than the field is met by nothing.
            _ if self.random.one_in(30) => Filter::integer(field, IntegerTest::Gte(0)),
            Value::Text(text) => Filter::text(field, &self.text(&text.unwrap_or_default())),
            Value::Facets(all) => {
                let text = if all.is_empty() { String::new() } else { self.random.pick(&all).clone() };
                Filter::text(field, &self.text(&text))
            }
            Value::Integer(number) => {
                let number = number.unwrap_or_default() + self.random.below(3) as i64 - 1;
                let tests: [fn(i64) -> IntegerTest; 5] =
                    [IntegerTest::Eq, IntegerTest::Gt, IntegerTest::Gte, IntegerTest::Lt, IntegerTest::Lte];
                Filter::integer(field, self.random.pick(&tests)(number))
            }
            Value::Flag(_) => Filter::flag(field, self.random.one_in(2)),
            Value::Date(date) => {
                let date = self.date(date);
                let tests: [fn(PartialDate) -> DateTest; 6] =
                    [DateTest::Eq, DateTest::Gt, DateTest::Gte, DateTest::Lt, DateTest::Lte, DateTest::Overlaps];
                Filter::date(field, self.random.pick(&tests)(date))
            }
            Value::Period(start, end) => {
                let from = (!self.random.one_in(3)).then(|| self.date(end.or(start)));
                let to = (!self.random.one_in(3)).then(|| self.date(start));
                if self.random.one_in(2) {
                    Filter::during(field, from, to)
                } else {
                    Filter::lasting_during(field, from, to)
                }
            }
            Value::Reference(_) => Filter::text(field, &TextTest::Contains(String::new())),
        }
    }

    fn instant(&mut self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (!self.random.one_in(3)).then(|| at + TimeDelta::microseconds(self.random.below(3) as i64 - 1))
    }

    fn text(&mut self, text: &str) -> TextTest {
        let altered = self.altered(text);
        match self.random.below(6) {
            0 => TextTest::In(Vec::new()),
            1 => TextTest::In(vec![altered, text.to_owned()]),
            2 => TextTest::Labels(self.labels(text)),
            3 => TextTest::NoLabels(self.labels(text)),
            4 => TextTest::Contains(altered),
            _ => TextTest::StartsWith(altered),
        }
    }

    /// Labels are words of the program.
    fn labels(&mut self, text: &str) -> Vec<&'static str> {
        let word: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        ["other", word.leak()].into_iter().skip(self.random.below(3)).collect()
    }

    /// A part of a text, or the text with something that counts, or does not count.
    fn altered(&mut self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let start = self.random.below(characters.len() + 1);
        let length = self.random.below(characters.len() - start + 1);
        let part: String = characters[start..start + length].iter().collect();
        match self.random.below(12) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            2 => format!("{part}_"),
            3 => format!("%{part}"),
            4 => format!("{part}\\"),
            // Compared are texts in NFC.
            5 => part.replace('ó', "o\u{301}").replace('ü', "u\u{308}"),
            6 => format!("{part}\0"),
            7 => String::new(),
            8 => "—!".to_owned(),
            9 => text.to_owned(),
            _ => part,
        }
    }

    fn date(&mut self, near: Option<PartialDate>) -> PartialDate {
        let text = near.map_or_else(|| "2007-12-14".to_owned(), PartialDate::value);
        let length = *self.random.pick(&[4, 7, 10]);
        let mut date: PartialDate = text[..length.min(text.len())].parse().unwrap();
        if self.random.one_in(3) {
            let days = self.random.below(60) as u64;
            let day = date.latest() - chrono::Days::new(30) + chrono::Days::new(days);
            date = PartialDate::day(day);
        }
        if self.random.one_in(5) { date.as_upper_bound() } else { date }
    }
}

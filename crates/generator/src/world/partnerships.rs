//! Partnerships and their papers.

use super::super::dates::{self, Date, Precision};
use super::super::layout::Collection::{
    Agreements, BusinessMissions, Cities, LettersOfIntent, Partnerships, Resolutions,
};
use super::super::text::slug;
use super::{Purpose, TODAY, World};

/// One of this many partnerships is one of the home city.
const HUB_EVERY: u64 = 7;

/// With fewer cities than this the pairs are enumerated.
const FEW: u64 = 9;

/// The relation of a partnership to its neighbours in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Kin {
    Plain,
    /// A municipality was merged; that partnership continues it.
    SucceededBy(u64),
    /// Continues that one.
    Succeeds(u64),
    /// Part of that wider one.
    PartOf(u64),
}

/// The facts of a partnership that other records use.
#[derive(Debug)]
pub(in super::super) struct Pact {
    pub(in super::super) cities: Vec<u64>,
    pub(in super::super) kin: Kin,
    pub(in super::super) since: Date,
    /// True if the record states its beginning.
    pub(in super::super) since_known: bool,
    pub(in super::super) status: &'static str,
    pub(in super::super) until: Option<Date>,
}

impl Pact {
    /// The last day of its activities.
    pub(in super::super) fn end(&self) -> i64 {
        self.until.map_or(TODAY, Date::first)
    }

    /// The day after a fraction of its duration.
    fn part(&self, part: u64, parts: u64) -> i64 {
        let (part, parts) = (i64::try_from(part).unwrap_or(0), i64::try_from(parts).unwrap_or(1).max(1));
        let life = (self.end() - self.since.day).max(0);
        self.since.day + life * part.min(parts) / parts
    }
}

/// The facts of an agreement or a letter that other records use.
#[derive(Debug)]
pub(in super::super) struct Paper {
    pub(in super::super) partnership: u64,
    pub(in super::super) cities: Vec<u64>,
    pub(in super::super) date: Date,
    /// True if the date is known; otherwise it is only an upper bound.
    pub(in super::super) dated: bool,
    /// The previous paper of the same kind.
    pub(in super::super) previous: Option<u64>,
    pub(in super::super) place: u64,
}

impl World {
    /// The two cities that follow from the number alone.
    fn pair(&self, index: u64) -> [u64; 2] {
        let cities = self.count(Cities);
        if cities < 2 {
            return [0, 0];
        }
        if cities < FEW {
            let mut left = index % (cities * (cities - 1) / 2);
            for first in 0..cities {
                let partners = cities - 1 - first;
                if left < partners {
                    return [first, first + 1 + left];
                }
                left -= partners;
            }
            return [0, 1];
        }
        let others = cities - 1;
        if index.is_multiple_of(HUB_EVERY) {
            // Six apart, so that the next one is free if the country is that of the home city.
            let partner = 1 + index / HUB_EVERY * 6 % others;
            let abroad =
                if Self::language(partner) == Self::language(0) && partner < others { partner + 1 } else { partner };
            return [0, abroad];
        }
        let place = index - index / HUB_EVERY - 1;
        let first = place % others;
        // About a third of the cities away, and an odd distance in the cycle of countries.
        let distance = 1 + 20 * (others / 60) + place / others;
        [1 + first, 1 + (first + distance) % others]
    }

    /// A third city for a pair; none if there is no other.
    fn third(&self, [first, second]: [u64; 2]) -> Option<u64> {
        let others = self.count(Cities).saturating_sub(1).max(1);
        let third = 1 + (second + 1) % others;
        (self.count(Cities) >= FEW && third != first && third != second).then_some(third)
    }

    fn is_hub(index: u64) -> bool {
        index.is_multiple_of(HUB_EVERY)
    }

    /// True if the next partnership continues this one.
    fn is_succeeded(&self, index: u64) -> bool {
        let [first, second] = self.pair(index);
        let next = index + 1;
        self.count(Cities) >= 60
            && !Self::is_hub(index)
            && !Self::is_hub(next)
            && next < self.count(Partnerships)
            && self.merged_into(first).is_some_and(|successor| successor != second)
    }

    /// True for a partnership of three cities that contains another one.
    fn is_wide(&self, index: u64) -> bool {
        index % 60 == 29
            && index + 2 < self.count(Partnerships)
            && !Self::is_hub(index)
            && self.kin_by_merger(index) == Kin::Plain
            && self.third(self.pair(index)).is_some()
    }

    fn kin_by_merger(&self, index: u64) -> Kin {
        if self.is_succeeded(index) {
            return Kin::SucceededBy(index + 1);
        }
        match index.checked_sub(1) {
            Some(previous) if self.is_succeeded(previous) => Kin::Succeeds(previous),
            _ => Kin::Plain,
        }
    }

    fn kin(&self, index: u64) -> Kin {
        match self.kin_by_merger(index) {
            Kin::Plain => match index.checked_sub(2) {
                Some(wide) if !Self::is_hub(index) && self.is_wide(wide) => Kin::PartOf(wide),
                _ => Kin::Plain,
            },
            merged => merged,
        }
    }

    fn cities_of(&self, index: u64, kin: Kin) -> Vec<u64> {
        let pair = self.pair(index);
        match kin {
            Kin::SucceededBy(_) => pair.to_vec(),
            Kin::Succeeds(previous) => {
                let [former, partner] = self.pair(previous);
                vec![self.merged_into(former).unwrap_or(former), partner]
            }
            Kin::PartOf(wide) => {
                let [first, second] = self.pair(wide);
                vec![second, self.third([first, second]).unwrap_or(first)]
            }
            Kin::Plain => {
                let mut cities = pair.to_vec();
                if self.is_wide(index) || self.rng(Partnerships, index, Purpose::Facts).chance(40) {
                    cities.extend(self.third(pair));
                }
                cities
            }
        }
    }

    /// The facts of a partnership that other records use.
    pub(in super::super) fn pact(&self, index: u64) -> Pact {
        let kin = self.kin(index);
        let cities = self.cities_of(index, kin);
        let mut rng = self.rng(Partnerships, index, Purpose::Status);
        let merger =
            cities.iter().filter(|city| self.merged_into(**city).is_some()).map(|city| self.merger_year(*city)).min();
        let young = cities.iter().any(|city| matches!(Self::land(*city).code, "UA" | "LV" | "SK" | "CZ"));
        let year = match (kin, merger) {
            (Kin::Succeeds(previous), None) => self.merger_year(self.pair(previous)[0]),
            (_, Some(merger)) => merger - rng.days(3, 6),
            _ if rng.chance(90) && !young => rng.days(1957, 1989),
            _ => rng.days(1993, 2018),
        };
        let precision = rng.weighted(&[(60, Precision::Day), (25, Precision::Month), (15, Precision::Year)]);
        let since = Date::new(dates::day(year, 1, 1) + rng.days(0, 364), precision);
        let since_known = rng.chance(945);
        let papers = self.agreements_of(index).next().is_some();
        let status = match (kin, merger) {
            (Kin::SucceededBy(_), _) => "succeeded",
            (_, Some(_)) => "ended",
            (Kin::Succeeds(_), None) => "active",
            _ if papers => {
                rng.weighted(&[(72, "active"), (8, "unknown"), (5, "suspended"), (6, "interrupted"), (9, "ended")])
            }
            _ => rng.weighted(&[(30, "active"), (35, "unknown"), (35, "informal")]),
        };
        let until = match (status, merger) {
            ("ended" | "succeeded", Some(merger)) => Some(Date::new(dates::day(merger, 1, 1), Precision::Year)),
            ("ended", None) => {
                let life = (TODAY - since.day) * rng.days(75, 98) / 100;
                let precision = rng.weighted(&[(4, Precision::Year), (3, Precision::Month), (3, Precision::Day)]);
                Some(Date::new(since.day + life, precision))
            }
            _ => None,
        };
        Pact { cities, kin, since, since_known, status, until }
    }

    /// The number of partnerships with an agreement: three of four.
    fn with_agreement(&self) -> u64 {
        let all = self.count(Partnerships);
        (all - all / 4).max(1)
    }

    /// The number of partnerships with a letter: fewer than there are letters, so that some have two.
    fn with_letter(&self) -> u64 {
        let letters = self.count(LettersOfIntent);
        (letters - letters / 5).clamp(1, self.count(Partnerships).max(1))
    }

    /// The number of partnerships with a resolution: the first half has those of both sides.
    fn with_resolution(&self) -> u64 {
        self.count(Partnerships).div_ceil(2).max(1)
    }

    /// The agreements of a partnership.
    pub(in super::super) fn agreements_of(&self, partnership: u64) -> impl Iterator<Item = u64> + use<> {
        papers_of(partnership, self.with_agreement(), self.count(Agreements))
    }

    /// The letters of a partnership; the last partnerships have them, so that some letters belong to none.
    pub(in super::super) fn letters_of(&self, partnership: u64) -> impl Iterator<Item = u64> + use<> {
        let from_end = self.count(Partnerships).saturating_sub(partnership + 1);
        papers_of(from_end, self.with_letter(), self.count(LettersOfIntent))
    }

    /// The resolutions of a partnership.
    pub(in super::super) fn resolutions_of(&self, partnership: u64) -> impl Iterator<Item = u64> + use<> {
        papers_of(partnership, self.with_resolution(), self.count(Resolutions))
    }

    /// The facts of an agreement that other records use.
    pub(in super::super) fn agreement(&self, index: u64) -> Paper {
        let period = self.with_agreement();
        let (partnership, turn) = (index % period, index / period);
        let pact = self.pact(partnership);
        let mut rng = self.rng(Agreements, index, Purpose::Facts);
        let count = u64::try_from(self.agreements_of(partnership).count()).unwrap_or(1);
        let (date, dated) = if turn == 0 {
            (pact.since, pact.since_known)
        } else {
            (Date::new(pact.part(turn, count), Precision::Day), rng.chance(850))
        };
        let place = rng.pick(&pact.cities);
        Paper { partnership, cities: pact.cities, date, dated, previous: index.checked_sub(period), place }
    }

    /// The facts of a letter of intent that other records use.
    pub(in super::super) fn letter(&self, index: u64) -> Paper {
        let period = self.with_letter();
        let partnership = self.count(Partnerships).saturating_sub(1 + index % period);
        let pact = self.pact(partnership);
        let mut rng = self.rng(LettersOfIntent, index, Purpose::Facts);
        let precision = rng.weighted(&[(65, Precision::Day), (25, Precision::Month), (10, Precision::Year)]);
        let date = Date::new(pact.part(3 + 2 * (index / period), 10), precision);
        let place = rng.pick(&pact.cities);
        Paper {
            partnership,
            cities: pact.cities,
            date,
            dated: rng.chance(920),
            previous: index.checked_sub(period),
            place,
        }
    }

    /// The business mission at which a letter was signed: the one of the same number, whose partnership is the same.
    pub(in super::super) fn mission_of_letter(&self, letter: u64) -> Option<u64> {
        let linked = letter < self.with_letter()
            && letter < self.count(LettersOfIntent)
            && letter < self.count(BusinessMissions);
        (linked && self.rng(LettersOfIntent, letter, Purpose::Status).chance(400)).then_some(letter)
    }

    /// The partnership and the city of a resolution.
    pub(in super::super) fn resolution(&self, index: u64) -> (u64, Pact, u64) {
        let period = self.with_resolution();
        let partnership = index % period;
        let pact = self.pact(partnership);
        let sides = u64::try_from(pact.cities.len()).unwrap_or(1).max(1);
        let city = super::super::rng::at(&pact.cities, index / period % sides);
        (partnership, pact, city)
    }

    /// A random partnership of a city.
    pub(in super::super) fn partnership_of(&self, city: u64, draw: u64) -> Option<u64> {
        let all = self.count(Partnerships);
        let index = if city == 0 {
            draw % all.div_ceil(HUB_EVERY).max(1) * HUB_EVERY
        } else {
            let place = city - 1;
            HUB_EVERY * (place / (HUB_EVERY - 1)) + place % (HUB_EVERY - 1) + 1
        };
        (index < all && self.cities_of(index, self.kin(index)).contains(&city)).then_some(index)
    }

    pub(in super::super) fn partnership_slug(&self, index: u64) -> String {
        let cities = self.cities_of(index, self.kin(index));
        let words: Vec<String> = cities.iter().take(2).map(|city| self.city_word(*city)).collect();
        format!("{}-{}", words.join("--"), index + 1)
    }

    pub(in super::super) fn agreement_slug(&self, index: u64) -> String {
        self.paper_slug("agreement", index % self.with_agreement(), index)
    }

    pub(in super::super) fn letter_slug(&self, index: u64) -> String {
        let partnership = self.count(Partnerships).saturating_sub(1 + index % self.with_letter());
        self.paper_slug("letter", partnership, index)
    }

    pub(in super::super) fn resolution_slug(&self, index: u64) -> String {
        let (.., city) = self.resolution(index);
        slug(&format!("resolution {}", self.city_name(city)), 48, index + 1)
    }

    fn paper_slug(&self, kind: &str, partnership: u64, index: u64) -> String {
        let cities = self.cities_of(partnership, self.kin(partnership));
        let words: Vec<String> = cities.iter().take(2).map(|city| self.city_word(*city)).collect();
        format!("{kind}-{}-{}", words.join("-"), index + 1)
    }
}

/// The papers of the holder with this number, if `holders` share `papers` in turn.
fn papers_of(holder: u64, holders: u64, papers: u64) -> impl Iterator<Item = u64> {
    let first = if holder < holders { holder } else { papers };
    (first..papers).step_by(usize::try_from(holders).unwrap_or(usize::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_partnerships_join_the_same_cities() {
        for records in [3, 60, 99, 100, 250, 333, 1000, 5001, 30_000] {
            let world = World::new(5, records);
            let mut pairs: Vec<Vec<u64>> = (0..world.count(Partnerships))
                .map(|index| {
                    let mut cities = world.pact(index).cities;
                    cities.sort_unstable();
                    assert!(cities.windows(2).all(|pair| pair[0] < pair[1]), "{records}");
                    assert!(cities.iter().all(|city| *city < world.count(Cities)));
                    cities
                })
                .collect();
            let all = pairs.len();
            pairs.sort();
            pairs.dedup();
            assert_eq!(pairs.len(), all, "{records}");
        }
    }

    #[test]
    fn papers_and_partnerships_name_each_other() {
        for records in [3, 70, 1234, 20_000] {
            let world = World::new(5, records);
            let mut papers = 0;
            for partnership in 0..world.count(Partnerships) {
                for agreement in world.agreements_of(partnership) {
                    assert_eq!(world.agreement(agreement).partnership, partnership);
                    papers += 1;
                }
                for letter in world.letters_of(partnership) {
                    assert_eq!(world.letter(letter).partnership, partnership);
                    papers += 1;
                }
                for resolution in world.resolutions_of(partnership) {
                    assert_eq!(world.resolution(resolution).0, partnership);
                    papers += 1;
                }
            }
            assert_eq!(papers, world.count(Agreements) + world.count(LettersOfIntent) + world.count(Resolutions));
        }
    }
}

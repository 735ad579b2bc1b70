//! Cities and organizations.

use super::super::layout::Collection::{Cities, Organizations};
use super::super::names::{CROSS_BORDER, CYCLE, LANDS, Land, Region, Town};
use super::super::rng::{Rng, at};
use super::super::text::{fill, fold, slug};
use super::{Purpose, World};

/// One of this many free organizations has its seat in the home city.
const HUB_EVERY: u64 = 7;

/// The facts of an organization that other records use.
#[derive(Debug)]
pub(in super::super) struct Organization {
    pub(in super::super) kind: &'static str,
    pub(in super::super) name: String,
    /// The city, even if the record does not state it.
    pub(in super::super) home: u64,
    /// True if the record states the city.
    pub(in super::super) seated: bool,
    pub(in super::super) parent: Option<u64>,
}

impl World {
    /// The column of the country in the title tables.
    pub(in super::super) fn language(city: u64) -> u64 {
        at(&CYCLE, city)
    }

    /// The country of the city.
    pub(in super::super) fn land(city: u64) -> &'static Land {
        let [first, ..] = LANDS;
        usize::try_from(Self::language(city)).ok().and_then(|place| LANDS.get(place)).copied().unwrap_or(first)
    }

    /// The number of the city among those of its country, from zero.
    pub(in super::super) fn ordinal(city: u64) -> u64 {
        let own = Self::language(city);
        let (per_cycle, before) = CYCLE
            .iter()
            .zip(0_u64..)
            .filter(|(land, _)| **land == own)
            .fold((0, 0), |(all, before), (_, place)| (all + 1, before + u64::from(place < city % 20)));
        city / 20 * per_cycle + before
    }

    /// The town, and the suffix and the number if the town itself is taken.
    fn town(&self, city: u64) -> (Town, &'static str, u64) {
        let land = Self::land(city);
        let towns = u64::try_from(land.towns.len()).unwrap_or(1);
        let suffixes = u64::try_from(land.suffixes.len()).unwrap_or(1);
        // A former municipality is named after the one that absorbed it.
        let ordinal = Self::ordinal(self.merged_into(city).unwrap_or(city));
        let town = at(land.towns, ordinal + self.shift(city));
        match (ordinal / towns).checked_sub(1) {
            None => (town, "", 0),
            // The number of the town shifts the suffix, so that consecutive cities do not have the same one.
            Some(round) => (town, at(land.suffixes, round + ordinal % towns), round / suffixes),
        }
    }

    /// The region of the town.
    pub(in super::super) fn region(&self, city: u64) -> Region {
        let land = Self::land(city);
        let named_after = self.merged_into(city).unwrap_or(city);
        let letter = at(land.town_regions, Self::ordinal(named_after) + self.shift(city));
        at(land.regions, u64::from(letter.saturating_sub(b'a')))
    }

    /// The name of the town alone, without a suffix.
    pub(in super::super) fn town_name(&self, city: u64) -> &'static str {
        let ((name, _), ..) = self.town(city);
        name
    }

    /// Another seed begins with another town of the list.
    fn shift(&self, city: u64) -> u64 {
        let towns = u64::try_from(Self::land(city).towns.len()).unwrap_or(1);
        Rng::of(self.seed, [u64::MAX, Self::language(city), 0]).below(towns)
    }

    /// The kind of the city. Only a town with a suffix can be something other than a city.
    pub(in super::super) fn city_kind(&self, city: u64) -> &'static str {
        if self.merged_into(city).is_some() {
            return "municipality";
        }
        if self.formed_from(city).is_some() {
            return "city";
        }
        let (_, suffix, _) = self.town(city);
        let mut rng = self.rng(Cities, city, Purpose::Facts);
        match (suffix, rng.below(1000)) {
            ("", 0..850) => "city",
            (_, 0..2) => "astronomy",
            ("", _) | (_, 2..700) => "municipality",
            (_, 700..880) => "district",
            (_, 880..900) => "county",
            (_, 900..910) => "region",
            _ => "city",
        }
    }

    /// The official name.
    pub(in super::super) fn city_name(&self, city: u64) -> String {
        let ((name, _), ..) = self.town(city);
        self.complete(city, name)
    }

    /// The names in other languages, without the official one.
    pub(in super::super) fn exonyms(&self, city: u64) -> Vec<(&'static str, String)> {
        let ((_, exonyms), ..) = self.town(city);
        exonyms.iter().map(|(language, name)| (*language, self.complete(city, name))).collect()
    }

    /// The name in a language: the exonym if there is one.
    pub(in super::super) fn city_called(&self, city: u64, language: u64) -> String {
        let code = Self::language_code(language);
        let ((official, exonyms), ..) = self.town(city);
        let exonym = exonyms.iter().find(|(language, _)| *language == code).map(|(_, name)| *name);
        self.complete(city, exonym.unwrap_or(official))
    }

    /// The name with its suffix.
    fn complete(&self, city: u64, name: &str) -> String {
        let (_, suffix, round) = self.town(city);
        let mut name = format!("{name}{suffix}");
        if round > 0 {
            name.push(' ');
            name.push_str(&(round + 1).to_string());
        }
        if self.merged_into(city).is_some() {
            name.push_str(Self::land(city).village);
        }
        if self.city_kind(city) == "county" {
            let (before, after) = Self::land(city).county;
            name = format!("{before}{name}{after}");
        }
        name
    }

    pub(in super::super) fn city_slug(&self, city: u64) -> String {
        slug(&self.city_name(city), 40, city + 1)
    }

    /// The part of the slug of a paper that names a city.
    pub(super) fn city_word(&self, city: u64) -> String {
        fold(&self.city_name(city), 30)
    }

    /// The municipality that absorbed this one: one in fifty, in the same country.
    pub(in super::super) fn merged_into(&self, city: u64) -> Option<u64> {
        (city % 50 == 17 && city + 20 < self.count(Cities)).then_some(city + 20)
    }

    /// The municipality that this one absorbed.
    pub(in super::super) fn formed_from(&self, city: u64) -> Option<u64> {
        city.checked_sub(20).filter(|former| self.merged_into(*former).is_some())
    }

    /// The year in which a former municipality was absorbed.
    pub(in super::super) fn merger_year(&self, former: u64) -> i64 {
        1998 + self.rng(Cities, former, Purpose::Status).days(0, 18)
    }

    /// The number of organizations that are city councils, one per city; they come first.
    fn councils(&self) -> u64 {
        self.count(Cities).min(self.count(Organizations))
    }

    /// The number of city offices, which follow the councils, one for every second city.
    fn offices(&self) -> u64 {
        self.count(Cities).div_ceil(2).min(self.count(Organizations) - self.councils())
    }

    /// The council of the city, if it is among the records.
    pub(in super::super) fn council(&self, city: u64) -> Option<u64> {
        (city < self.councils()).then_some(city)
    }

    /// The city of a free organization. One in ten is a branch, which has the same seat as its parent.
    fn free_home(&self, free: u64) -> u64 {
        let free = self.parent_of_free(free).unwrap_or(free);
        let others = self.count(Cities).saturating_sub(1);
        if others == 0 || free.is_multiple_of(HUB_EVERY) { 0 } else { 1 + (free - free / HUB_EVERY - 1) % others }
    }

    /// The parent of a free organization; it may come earlier or later in the file and is never a branch itself.
    fn parent_of_free(&self, free: u64) -> Option<u64> {
        match free % 20 {
            3 => (free + 1 < self.free()).then_some(free + 1),
            13 => Some(free - 1),
            _ => None,
        }
    }

    /// The number of organizations that are neither councils nor offices.
    fn free(&self) -> u64 {
        self.count(Organizations) - self.councils() - self.offices()
    }

    /// The facts of an organization that other records use.
    pub(in super::super) fn organization(&self, index: u64) -> Organization {
        let named = |kind, home: u64, pattern: &str| {
            let name = fill(pattern, &[("a", &self.city_name(home))]);
            Organization { kind, name, home, seated: true, parent: None }
        };
        let (councils, offices) = (self.councils(), self.offices());
        if index < councils {
            return named("cityCouncil", index, Self::land(index).council);
        }
        if index < councils + offices {
            let home = 2 * (index - councils);
            return named("cityOffice", home, Self::land(home).office);
        }
        let free = index - councils - offices;
        let parent = self.parent_of_free(free).map(|parent| parent + councils + offices);
        let home = self.free_home(free);
        let land = Self::land(home);
        let mut rng = self.rng(Organizations, index, Purpose::Facts);
        if parent.is_none() && rng.chance(15) {
            let (kind, name) = rng.pick(&CROSS_BORDER);
            return Organization { kind, name: name.to_owned(), home, seated: false, parent };
        }
        let (kind, pattern) = rng.pick(land.organizations);
        let kind = if rng.chance(2) { "astronomy" } else { kind };
        let (number, patron) = (rng.between(1, 48).to_string(), rng.pick(land.patrons));
        let name = fill(pattern, &[("a", &self.city_name(home)), ("n", &number), ("p", patron)]);
        Organization { kind, name, home, seated: parent.is_some() || rng.chance(960), parent }
    }

    pub(in super::super) fn organization_slug(&self, index: u64) -> String {
        slug(&self.organization(index).name, 48, index + 1)
    }

    /// A random organization of a city; its council if a branch of another city is drawn.
    pub(in super::super) fn organization_of(&self, city: u64, rng: &mut Rng) -> Option<u64> {
        let (free, others) = (self.free(), self.count(Cities).saturating_sub(1));
        let in_hub = free.div_ceil(HUB_EVERY);
        let place = if city == 0 || others == 0 {
            (in_hub > 0).then(|| rng.below(in_hub) * HUB_EVERY)
        } else {
            // The inverse of `free_home`: the free organizations of this city are one round of cities apart.
            let rounds = (free - in_hub).saturating_sub(city - 1).div_ceil(others);
            (rounds > 0).then(|| {
                let spread = city - 1 + rng.below(rounds) * others;
                HUB_EVERY * (spread / (HUB_EVERY - 1)) + spread % (HUB_EVERY - 1) + 1
            })
        };
        place
            .filter(|place| *place < free && self.free_home(*place) == city)
            .map(|place| place + self.councils() + self.offices())
            .or_else(|| self.council(city))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod tests {
    use super::super::super::names::LANDS;
    use super::*;

    #[test]
    fn cities_of_a_large_file_have_names_of_their_own() {
        let world = World::new(7, 1_000_000);
        let mut names: Vec<(&str, String)> =
            (0..world.count(Cities)).map(|city| (World::land(city).code, world.city_name(city))).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(all, 30_000);
        assert_eq!(names.len(), all);
    }

    #[test]
    fn the_word_lists_are_long_enough_and_without_repeats() {
        for land in LANDS {
            let mut towns: Vec<&str> = land.towns.iter().map(|(name, _)| *name).collect();
            towns.sort_unstable();
            towns.dedup();
            assert_eq!(towns.len(), land.towns.len(), "{}", land.code);
            assert!(towns.len() >= 40, "{}", land.code);
            assert_eq!(land.town_regions.len(), towns.len(), "{}", land.code);
            let last = b'a' + u8::try_from(land.regions.len()).unwrap();
            assert!(land.town_regions.iter().all(|letter| (b'a'..last).contains(letter)), "{}", land.code);
            for (name, exonyms) in land.towns {
                assert!(exonyms.iter().all(|(language, _)| *language != land.language), "{name}");
            }
        }
    }

    #[test]
    fn ordinals_count_within_the_country() {
        let _world = World::new(1, 100_000);
        let mut seen = [0; LANDS.len()];
        for city in 0..500 {
            let slot = &mut seen[usize::try_from(World::language(city)).unwrap()];
            assert_eq!(World::ordinal(city), *slot);
            *slot += 1;
        }
    }

    #[test]
    fn organizations_drawn_for_a_city_have_their_seat_in_it() {
        for records in [50, 1000, 20_000] {
            let world = World::new(3, records);
            let mut rng = world.rng(Cities, 0, Purpose::Record);
            for city in 0..world.count(Cities) {
                for _ in 0..20 {
                    let drawn = world.organization_of(city, &mut rng);
                    assert!(drawn.is_none_or(
                        |index| index < world.count(Organizations) && world.organization(index).home == city
                    ));
                }
            }
        }
    }

    #[test]
    fn branches_have_a_parent_in_the_same_city_that_is_no_branch() {
        let world = World::new(3, 10_000);
        let all = (0..world.count(Organizations)).map(|index| world.organization(index));
        let branches: Vec<Organization> = all.filter(|branch| branch.parent.is_some()).collect();
        assert!(branches.len() > 20);
        for branch in branches {
            let parent = world.organization(branch.parent.unwrap());
            assert_eq!(parent.home, branch.home);
            assert!(parent.parent.is_none());
        }
    }
}

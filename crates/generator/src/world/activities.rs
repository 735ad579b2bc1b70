//! Projects, meetings, exchanges and other activities of a partnership.

use super::super::dates::{self, Date, Precision};
use super::super::layout::Collection::{
    self, Agreements, BusinessMissions, Cities, Documents, Events, Interpellations, LettersOfIntent, Meetings,
    Partnerships, Projects, StudyVisits, YouthExchanges,
};
use super::super::phrases::{
    ANSWERS, DOCUMENTS, EVENTS, EXCHANGES, MEETINGS, MISSIONS, PROJECTS, QUESTIONS, Row, STUDY_VISITS,
};
use super::super::rng::{Rng, at};
use super::super::text::{fold, slug};
use super::{Heading, Purpose, TODAY, World};

/// The last day of announced activities.
const HORIZON: i64 = dates::day(2027, 3, 31);

/// The record that a meeting, an event or a mission belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Link {
    None,
    Agreement(u64),
    Letter(u64),
    Event(u64),
    Meeting(u64),
}

/// The facts of an activity that other records use.
#[derive(Debug)]
pub(in super::super) struct Activity {
    pub(in super::super) partnership: Option<u64>,
    /// The host first.
    pub(in super::super) cities: Vec<u64>,
    pub(in super::super) start: Option<Date>,
    pub(in super::super) link: Link,
    /// The row of the title table, which determines the kind.
    pub(in super::super) variant: u64,
    pub(in super::super) heading: Heading,
}

/// The facts of a project that other records use.
#[derive(Debug)]
pub(in super::super) struct Project {
    pub(in super::super) cities: Vec<u64>,
    pub(in super::super) start: Option<Date>,
    pub(in super::super) heading: Heading,
    /// First or second stage.
    pub(in super::super) stage: Option<u64>,
    /// The project that the series is named after, and the edition.
    pub(in super::super) edition: Option<(u64, u64)>,
    pub(in super::super) follows: Option<u64>,
}

impl Project {
    /// The title; later editions contain their number.
    pub(in super::super) fn title(&self, world: &World, language: u64) -> String {
        let title = world.title(&self.heading, language);
        let number = self.edition.map_or("", |(_, edition)| at(&["", "", "II ", "III ", "IV ", "V "], edition));
        format!("{number}{title}")
    }
}

impl World {
    /// A year, month or day, or sometimes none.
    fn vague(rng: &mut Rng, day: i64) -> Option<Date> {
        let precision = rng.weighted(&[(72, Precision::Day), (18, Precision::Month), (10, Precision::Year)]);
        (!rng.chance(30)).then_some(Date::new(day, precision))
    }

    /// A day during a partnership.
    fn day_under(&self, partnership: Option<u64>, rng: &mut Rng) -> i64 {
        let (first, last) = partnership.map_or((dates::day(1995, 1, 1), HORIZON), |index| {
            let pact = self.pact(index);
            (pact.since.day, pact.until.map_or(HORIZON, Date::first))
        });
        // Little is recorded from before 1991; later years have more.
        let first = first.max(dates::day(1991, 1, 1)).min(last);
        rng.days(first, last).max(rng.days(first, last))
    }

    fn cities_under(&self, partnership: Option<u64>, rng: &mut Rng) -> Vec<u64> {
        let mut cities = partnership.map_or_else(|| vec![0], |index| self.pact(index).cities);
        if rng.chance(100) {
            let all = self.count(Cities);
            for _ in 0..rng.between(1, 4) {
                let guest = if rng.chance(60) { 0 } else { rng.below(all) };
                if !cities.contains(&guest) {
                    cities.push(guest);
                }
            }
        }
        if rng.chance(500) {
            cities.reverse();
        }
        cities
    }

    fn heading(row: Row, cities: &[u64], start: Option<Date>, rng: &mut Rng) -> Heading {
        let first = cities.first().copied().unwrap_or(0);
        let second = cities.get(1).copied().unwrap_or(first);
        let year = dates::year(start.map_or(TODAY, |date| date.day));
        Heading { row, topic: rng.below(12), cities: [first, second], year, number: rng.between(2, 25) }
    }

    /// The facts of an exchange, mission, event, study visit or meeting that other records use.
    pub(in super::super) fn activity(&self, collection: Collection, index: u64) -> Activity {
        let mut rng = self.rng(collection, index, Purpose::Facts);
        let link = self.link(collection, index, &mut rng);
        let all = self.count(Partnerships);
        let drawn = rng.below(all);
        let partnership = match (link, collection) {
            (Link::Agreement(agreement), _) => Some(self.agreement(agreement).partnership),
            (Link::Letter(letter), _) => Some(self.letter(letter).partnership),
            (Link::Event(event), _) => self.activity(Events, event).partnership,
            (Link::Meeting(meeting), _) => self.activity(Meetings, meeting).partnership,
            // A mission has the place of the letter with the same number, so that the two can refer to each other.
            (Link::None, BusinessMissions) => all.checked_sub(1 + index % all.max(1)),
            (Link::None, _) => (all > 0).then_some(drawn),
        };
        let mut cities = self.cities_under(partnership, &mut rng);
        let day = self.day_under(partnership, &mut rng);
        let vague = Self::vague(&mut rng, day);
        let start = match link {
            Link::None => vague,
            Link::Agreement(agreement) => {
                Some(self.agreement(agreement)).filter(|paper| paper.dated).map(|paper| paper.date)
            }
            Link::Letter(letter) => Some(self.letter(letter)).filter(|paper| paper.dated).map(|paper| paper.date),
            Link::Event(event) => self.activity(Events, event).start,
            Link::Meeting(meeting) => self.activity(Meetings, meeting).start,
        };
        let place = match link {
            Link::Agreement(agreement) => Some(self.agreement(agreement).place),
            Link::Letter(letter) => Some(self.letter(letter).place),
            _ => None,
        };
        if let Some(place) = place {
            // Papers are signed in the city that hosts the meeting.
            cities.retain(|city| *city != place);
            cities.insert(0, place);
        }
        let variant = match (collection, link) {
            (Meetings, Link::Agreement(_) | Link::Letter(_)) => 0,
            (Meetings, _) => rng.between(1, 6),
            (BusinessMissions, Link::Letter(_)) => rng.weighted(&[(3, 0), (1, 2)]),
            _ => rng.below(360),
        };
        let mut heading = Self::heading(row_of(collection, variant), &cities, start, &mut rng);
        if let (Meetings, 3, Some(index), Some(start)) = (collection, variant, partnership, start) {
            let years = dates::year(start.day) - dates::year(self.pact(index).since.day);
            heading.number = u64::try_from(years).unwrap_or(1).max(1);
        }
        Activity { partnership, cities, start, link, variant, heading }
    }

    /// Some meetings sign a paper or belong to an event, some events belong to a meeting: never both, so that there is no
    /// infinite recursion.
    fn link(&self, collection: Collection, index: u64, rng: &mut Rng) -> Link {
        let draw = rng.next();
        let of = |kind: Collection| (self.count(kind) > 0).then(|| draw % self.count(kind).max(1));
        match (collection, index % 20) {
            (Meetings, 9) => of(Events).filter(|event| event % 20 != 3).map_or(Link::None, Link::Event),
            (Meetings, 5 | 15) => of(Agreements).map_or(Link::None, Link::Agreement),
            (Meetings, 14) => of(LettersOfIntent).map_or(Link::None, Link::Letter),
            (Events, 3) => of(Meetings).filter(|meeting| meeting % 20 != 9).map_or(Link::None, Link::Meeting),
            (BusinessMissions, _) => self.mission_of_letter(index).map_or(Link::None, Link::Letter),
            _ => Link::None,
        }
    }

    pub(in super::super) fn activity_slug(&self, collection: Collection, index: u64) -> String {
        let activity = self.activity(collection, index);
        slug(&self.title(&activity.heading, Self::language(activity.heading.cities[0])), 56, index + 1)
    }

    /// The project that the group of a project is named after: itself if it belongs to no group.
    fn anchor(&self, index: u64) -> u64 {
        match index % 30 {
            7 if index + 1 < self.count(Projects) => index + 1,
            21 => index - 1,
            22 => index - 2,
            _ => index,
        }
    }

    /// The facts of a project that other records use.
    pub(in super::super) fn project(&self, index: u64) -> Project {
        let anchor = self.anchor(index);
        let all = self.count(Partnerships);
        let mut rng = self.rng(Projects, anchor, Purpose::Facts);
        let partnership = (all > 0).then(|| anchor % all);
        let cities = self.cities_under(partnership, &mut rng);
        // The first of a group leaves years for its successors.
        let latest = if matches!(index % 30, 7 | 8 | 20..=22) { dates::day(2022, 10, 1) } else { HORIZON };
        let begin = self.day_under(partnership, &mut rng).min(latest);
        let (stage, edition, follows, later) = match index % 30 {
            7 if anchor != index => (Some(2), None, Some(anchor), 900),
            8 => (Some(1), None, None, 0),
            20 => (None, Some((anchor, 1)), None, 0),
            21 => (None, Some((anchor, 2)), Some(index - 1), 420),
            // Numbered series have gaps.
            22 => (None, Some((anchor, rng.between(3, 5))), Some(index - 1), 1100),
            _ => (None, None, None, 0),
        };
        let start = Self::vague(&mut rng, begin).map(|date| Date::new(date.day + later, date.precision));
        let row = if edition.is_some() { 4 } else { rng.below(12) };
        let heading = Self::heading(at(&PROJECTS, row), &cities, start, &mut rng);
        Project { cities, start, heading, stage, edition, follows }
    }

    /// A random project of a partnership.
    pub(in super::super) fn project_of(&self, partnership: u64, rng: &mut Rng) -> Option<u64> {
        let all = self.count(Partnerships).max(1);
        let rounds = self.count(Projects).saturating_sub(partnership).div_ceil(all);
        let index = (rounds > 0).then(|| partnership + rng.below(rounds) * all)?;
        (self.anchor(index) % all == partnership).then_some(index)
    }

    pub(in super::super) fn project_slug(&self, index: u64) -> String {
        let project = self.project(index);
        slug(&project.title(self, Self::language(project.heading.cities[0])), 56, index + 1)
    }

    /// The name of a series: editions of one series share it.
    pub(in super::super) fn series_slug(&self, anchor: u64) -> String {
        let heading = self.project(anchor).heading;
        slug(&self.title(&heading, Self::language(heading.cities[0])), 48, anchor + 1)
    }

    /// City, day of filing and title of an interpellation.
    pub(in super::super) fn interpellation(&self, index: u64) -> (u64, Date, Heading) {
        let mut rng = self.rng(Interpellations, index, Purpose::Facts);
        let city = if rng.chance(130) { 0 } else { rng.below(self.count(Cities)) };
        let precision = rng.weighted(&[(92, Precision::Day), (6, Precision::Month), (2, Precision::Year)]);
        let date = Date::new(rng.days(dates::day(2005, 1, 1), TODAY - 10), precision);
        let partner = self
            .partnership_of(city, rng.next())
            .and_then(|index| self.pact(index).cities.into_iter().find(|partner| *partner != city));
        let drawn = rng.pick(&QUESTIONS);
        // An interpellation in a city without a partner concerns cooperation in general.
        let row = if partner.is_some() { drawn } else { at(&QUESTIONS, 0) };
        let heading = Self::heading(row, &[city, partner.unwrap_or(city)], Some(date), &mut rng);
        (city, date, heading)
    }

    /// The paper that answers an interpellation: every second document belongs to one.
    pub(in super::super) fn answer_of(&self, interpellation: u64) -> Option<u64> {
        let document = 2 * interpellation;
        let written = document < self.count(Documents) && interpellation < self.count(Interpellations);
        (written && self.rng(Interpellations, interpellation, Purpose::Status).chance(600)).then_some(document)
    }

    /// The interpellation that a document answers.
    pub(in super::super) fn answered_by(&self, document: u64) -> Option<u64> {
        Some(document / 2).filter(|question| document.is_multiple_of(2) && self.answer_of(*question).is_some())
    }

    pub(in super::super) fn interpellation_slug(&self, index: u64) -> String {
        let (_, date, _) = self.interpellation(index);
        format!("{}-{}-{}", self.interpellation_kind(index), date.text(), index + 1)
    }

    /// The kind of an interpellation.
    pub(in super::super) fn interpellation_kind(&self, index: u64) -> &'static str {
        let mut rng = self.rng(Interpellations, index, Purpose::People);
        rng.weighted(&[(650, "interpellation"), (348, "question"), (2, "astronomy")])
    }

    /// The facts of a document that other records use; the variant is the row of the title table.
    pub(in super::super) fn document(&self, index: u64) -> Activity {
        let mut rng = self.rng(Documents, index, Purpose::Facts);
        if let Some(question) = self.answered_by(index) {
            let (city, date, question_heading) = self.interpellation(question);
            let mut heading = Heading { row: ANSWERS, ..question_heading };
            heading.year = dates::year(date.day);
            let start = (!rng.chance(100)).then_some(Date::new(date.day + rng.days(3, 40), Precision::Day));
            // The day must be after the filing, which is certain only if the date of filing has the precision of a day.
            let start = start.filter(|_| date.precision == Precision::Day);
            return Activity { partnership: None, cities: vec![city], start, link: Link::None, variant: 0, heading };
        }
        let all = self.count(Partnerships);
        let partnership = (all > 0).then(|| rng.below(all));
        let cities = self.cities_under(partnership, &mut rng);
        let day = self.day_under(partnership, &mut rng).min(TODAY);
        let start = Self::vague(&mut rng, day);
        let variant = rng.below(5);
        let heading = Self::heading(at(&DOCUMENTS, variant), &cities, start, &mut rng);
        Activity { partnership, cities, start, link: Link::None, variant, heading }
    }

    pub(in super::super) fn document_slug(&self, index: u64) -> String {
        let document = self.document(index);
        let title = self.title(&document.heading, Self::language(document.heading.cities[0]));
        format!("{}-{}", fold(&title, 56), index + 1)
    }
}

/// The title of a variant of an activity, modulo the number of titles.
fn row_of(collection: Collection, variant: u64) -> Row {
    match collection {
        YouthExchanges => at(&EXCHANGES, variant),
        BusinessMissions => at(&MISSIONS, variant),
        Events => at(&EVENTS, variant),
        StudyVisits => at(&STUDY_VISITS, variant),
        _ => at(&MEETINGS, variant),
    }
}

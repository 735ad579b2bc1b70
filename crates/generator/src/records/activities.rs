//! Exchanges, study visits, missions, events and meetings.

use super::super::dates::{self, Date};
use super::super::layout::Collection::{Events, Meetings, StudyVisits};
use super::super::names::LANDS;
use super::super::phrases::{EVENT_KINDS, MEETING_KINDS, MISSION_KINDS, MISSION_TOPICS, PLACES, SUMMARIES, VENUES};
use super::super::rng::at;
use super::super::world::{Activity, Link, TODAY, World};
use super::{Record, year_of};

/// Slug, title and kind, the first fields of every activity.
fn opening(record: &mut Record, activity: &Activity, kind: &'static str) {
    record.json.text("slug", &record.world.activity_slug(record.collection, record.index));
    record.title(&activity.heading);
    let kind = record.open_value(kind);
    record.json.text("kind", kind);
}

/// The status: an announcement does not mean that the activity took place, even if its date is past.
fn status(record: &mut Record, start: Option<Date>) {
    let future = start.is_some_and(|start| start.first() > TODAY);
    let status = if future {
        record.rng.weighted(&[(95, "announced"), (5, "cancelled")])
    } else {
        record.rng.weighted(&[(88, "held"), (8, "announced"), (4, "cancelled")])
    };
    record.json.text("status", status);
}

/// The host city, or a place outside the file, or both host and venue; in some records nothing is known.
fn place(record: &mut Record, activity: &Activity) {
    let host = activity.cities.first().copied().unwrap_or(0);
    let signed = matches!(activity.link, Link::Agreement(_) | Link::Letter(_));
    match record.rng.below(100) {
        0..8 if !signed => {
            let name = record.rng.pick(&PLACES);
            record.json.object("place", |json| json.text("name", name));
            return;
        }
        8..15 if !signed => return,
        _ => record.json.text("hostCity", &record.world.city_slug(host)),
    }
    match record.rng.below(100) {
        0..8 => {
            let venue = record.rng.pick(&VENUES);
            record.json.object("place", |json| json.text("venue", venue));
        }
        8..13 => {
            if let Some(organization) = record.world.organization_of(host, record.rng) {
                let slug = record.world.organization_slug(organization);
                record.json.object("place", |json| json.text("organization", &slug));
            }
        }
        _ => (),
    }
}

/// Head counts: any of them may be missing, and they need not add up.
fn participants(record: &mut Record, cities: &[u64], per_mille: u64) {
    if !record.rng.chance(per_mille) {
        return;
    }
    let world = record.world;
    let [total, pupils, children, adults, officials, schools] = [700, 450, 80, 250, 120, 100].map(|per_mille| {
        record.rng.chance(per_mille).then(|| record.rng.below(if per_mille == 100 { 15 } else { 120 }))
    });
    let total = total.map(|total| total + record.rng.weighted(&[(80, 10), (15, 200), (5, 5000)]));
    let sides: Vec<(String, u64)> = if record.rng.chance(250) {
        cities.iter().map(|city| (world.city_slug(*city), record.rng.between(1, 45))).collect()
    } else {
        Vec::new()
    };
    let (approximate, minimum, noted) = (record.rng.chance(120), record.rng.chance(50), record.rng.chance(50));
    record.json.object("participants", |json| {
        let counts = [
            ("total", total),
            ("pupils", pupils),
            ("children", children),
            ("adults", adults),
            ("officials", officials),
            ("schools", schools),
        ];
        for (key, count) in counts {
            if let Some(count) = count {
                json.number(key, count);
            }
        }
        if !sides.is_empty() {
            json.list("bySide", |json| {
                for (city, count) in &sides {
                    json.item(|json| {
                        json.text("city", city);
                        json.number("count", *count);
                    });
                }
            });
        }
        if approximate {
            json.yes("approximate");
        }
        if minimum {
            json.yes("minimum");
        }
        if noted {
            json.text("note", "ninth-grade pupils & their teachers, head count of one side only");
        }
    });
}

fn summary(record: &mut Record, per_mille: u64) {
    if record.rng.chance(per_mille) {
        record.json.text("summary", record.rng.pick(&SUMMARIES));
    }
}

/// A youth exchange or a study visit: they have the same members.
pub(super) fn exchange(mut record: Record) {
    let visit = record.collection == StudyVisits;
    let activity = record.world.activity(record.collection, record.index);
    let kind = if visit {
        record.rng.weighted(&[(6, "studyVisit"), (2, "workingMeeting"), (2, "delegation")])
    } else {
        record.rng.weighted(&[(6, "schoolPartnership"), (2, "sport"), (2, "schoolContest")])
    };
    opening(&mut record, &activity, kind);
    let days = record.rng.days(1, 12);
    record.period(activity.start, days, 800);
    status(&mut record, activity.start);
    let host = activity.cities.first().copied().unwrap_or(0);
    if record.rng.chance(920) {
        record.json.text("hostCity", &record.world.city_slug(host));
    }
    // If the partner towns are not named, their countries may be.
    let unnamed = !visit && record.rng.chance(40);
    let cities = if unnamed { vec![host] } else { activity.cities.clone() };
    record.cities("cities", &cities);
    if unnamed {
        let first = record.rng.next() % 7;
        let countries = LANDS.iter().cycle().skip(usize::try_from(first).unwrap_or(0)).take(3).map(|land| land.code);
        let own = World::land(host).code;
        record.json.texts("guestCountries", countries.filter(|code| *code != own).chain(["RO", "TR"]));
    }
    record.organizations(&cities, 550);
    if !unnamed {
        record.partnership(activity.partnership, 800);
        record.projects(activity.partnership, 300);
    }
    participants(&mut record, &cities, 850);
    summary(&mut record, 500);
    record.finish(host);
}

pub(super) fn mission(mut record: Record) {
    let activity = record.world.activity(record.collection, record.index);
    opening(&mut record, &activity, at(&MISSION_KINDS, activity.variant));
    let days = record.rng.days(0, 4);
    record.period(activity.start, days, 400);
    status(&mut record, activity.start);
    place(&mut record, &activity);
    record.cities("cities", &activity.cities);
    record.organizations(&activity.cities, 500);
    if record.rng.chance(400) {
        let first = record.rng.next() % 7;
        let count = record.rng.between(1, 5);
        record.json.texts("topics", (first..first + count).map(|place| at(&MISSION_TOPICS, place)));
    }
    let linked = if activity.link == Link::None { 800 } else { 1000 };
    record.partnership(activity.partnership, linked);
    record.projects(activity.partnership, 400);
    summary(&mut record, 800);
    record.finish(activity.cities.first().copied().unwrap_or(0));
}

pub(super) fn event(mut record: Record) {
    let world = record.world;
    let activity = world.activity(record.collection, record.index);
    opening(&mut record, &activity, at(&EVENT_KINDS, activity.variant));
    record.titles(&activity.heading, &activity.cities, 100);
    let days = record.rng.days(0, 20);
    record.period(activity.start, days, 350);
    place(&mut record, &activity);
    record.cities("cities", &activity.cities);
    record.organizations(&activity.cities, 400);
    record.projects(activity.partnership, 400);
    if let Link::Meeting(meeting) = activity.link {
        record.json.text("meeting", &world.activity_slug(Meetings, meeting));
    }
    record.partnership(activity.partnership, 350);
    participants(&mut record, &activity.cities, 300);
    summary(&mut record, 650);
    record.finish(activity.cities.first().copied().unwrap_or(0));
}

pub(super) fn meeting(mut record: Record) {
    let world = record.world;
    let activity = world.activity(record.collection, record.index);
    opening(&mut record, &activity, at(&MEETING_KINDS, activity.variant));
    let days = record.rng.days(0, 3);
    record.period(activity.start, days, 250);
    place(&mut record, &activity);
    record.cities("cities", &activity.cities);
    let linked = matches!(activity.link, Link::Agreement(_) | Link::Letter(_));
    record.partnership(activity.partnership, if linked { 1000 } else { 700 });
    match activity.link {
        Link::Agreement(agreement) => record.json.text("agreement", &world.agreement_slug(agreement)),
        Link::Letter(letter) => record.json.text("letterOfIntent", &world.letter_slug(letter)),
        Link::Event(event) => record.json.text("event", &world.activity_slug(Events, event)),
        Link::None | Link::Meeting(_) => (),
    }
    record.projects(activity.partnership, 300);
    if record.rng.chance(450) {
        let year = activity.start.map_or_else(|| year_of(None), |start| dates::year(start.day));
        record.officials("attendees", &activity.cities, year);
    }
    record.organizations(&activity.cities, 300);
    participants(&mut record, &activity.cities, 250);
    summary(&mut record, 450);
    record.finish(activity.cities.first().copied().unwrap_or(0));
}

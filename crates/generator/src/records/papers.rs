//! Resolutions, partnerships, agreements, letters, interpellations and documents.

use super::super::dates::{self, Date, Precision};
use super::super::layout::Collection::{BusinessMissions, Cities};
use super::super::phrases::{
    AGREEMENTS, AIMS, AREAS, COMMITMENTS, DOCUMENT_KINDS, LETTERS, OCCASIONS, RESOLUTIONS, UNITS, VENUES,
};
use super::super::rng::at;
use super::super::text::roughen;
use super::super::world::{Heading, Kin, Pact, Paper, World};
use super::{Record, roman, year_of};

/// The title of a paper: its cities, topic and year.
fn heading(record: &mut Record, row: super::super::phrases::Row, cities: &[u64], year: i64) -> Heading {
    let first = cities.first().copied().unwrap_or(0);
    let second = cities.get(1).copied().unwrap_or(first);
    Heading { row, topic: record.rng.below(12), cities: [first, second], year, number: 1 }
}

pub(super) fn resolution(mut record: Record) {
    let (world, index) = (record.world, record.index);
    let (partnership, pact, city) = world.resolution(index);
    let other = pact.cities.iter().copied().find(|other| *other != city).unwrap_or(city);
    record.json.text("slug", &world.resolution_slug(index));
    record.json.text("city", &world.city_slug(city));
    if let Some(body) = world.council(city) {
        record.json.text("body", &world.organization_slug(body));
    }
    // Usually before the signing, as the law requires; the others are data for a check.
    let day = if record.rng.chance(950) {
        pact.since.first() - record.rng.days(5, 240)
    } else {
        pact.since.day + record.rng.days(366, 500)
    };
    let row = record.rng.pick(&RESOLUTIONS);
    let heading = heading(&mut record, row, &[city, other], dates::year(day));
    let language = World::language(city);
    let subject = roughen(world.title(&heading, language), language, record.rng);
    record.json.text("subject", &subject);
    if record.rng.chance(600) {
        let number =
            format!("{}/{}/{}", roman(record.rng.between(1, 80)), record.rng.between(1, 900), dates::year(day));
        record.json.text("number", &number);
    }
    match record.rng.below(100) {
        0..65 => {
            let precision = record.rng.weighted(&[(80, Precision::Day), (12, Precision::Month), (8, Precision::Year)]);
            record.json.text("date", &Date::new(day, precision).text());
            record.json.text("datePrecision", precision.name());
        }
        65..90 => record.json.text("dateNotAfter", &Date::new(pact.since.day.max(day), Precision::Day).text()),
        _ => (),
    }
    record.json.text("partnership", &world.partnership_slug(partnership));
    record.finish(city);
}

pub(super) fn partnership(mut record: Record) {
    let (world, index) = (record.world, record.index);
    let pact = world.pact(index);
    record.json.text("slug", &world.partnership_slug(index));
    record.cities("cities", &pact.cities);
    record.json.text("status", pact.status);
    if pact.since_known {
        record.json.text("since", &pact.since.text());
        record.json.text("datePrecision", pact.since.precision.name());
    }
    if let Some(until) = pact.until {
        record.json.text("until", &until.text());
        record.json.text("untilPrecision", until.precision.name());
    }
    interruptions(&mut record, &pact);
    match pact.kin {
        Kin::Plain => (),
        Kin::SucceededBy(other) => record.json.text("succeededBy", &world.partnership_slug(other)),
        Kin::Succeeds(other) => record.json.text("succeeds", &world.partnership_slug(other)),
        Kin::PartOf(other) => record.json.text("partOf", &world.partnership_slug(other)),
    }
    record.json.texts("agreements", world.agreements_of(index).map(|agreement| world.agreement_slug(agreement)));
    record.json.texts("lettersOfIntent", world.letters_of(index).map(|letter| world.letter_slug(letter)));
    let resolutions: Vec<String> =
        world.resolutions_of(index).map(|resolution| world.resolution_slug(resolution)).collect();
    record.json.texts_if_any("resolutions", &resolutions);
    let city = at(&pact.cities, record.rng.next());
    let association = (0..3)
        .filter_map(|_| world.organization_of(city, record.rng))
        .find(|organization| matches!(world.organization(*organization).kind, "twinTownAssociation" | "association"));
    if let Some(association) = association {
        record.json.texts("associations", [world.organization_slug(association)]);
    }
    if record.rng.chance(60) {
        let broker = record.rng.below(world.count(Cities));
        if !pact.cities.contains(&broker) {
            record.json.text("brokeredBy", &world.city_slug(broker));
        }
    }
    if record.rng.chance(800) {
        let topic = record.rng.below(12);
        record.themes(topic);
    }
    record.finish(pact.cities.first().copied().unwrap_or(0));
}

/// Periods of inactivity; the last one has no end if the status requires that.
fn interruptions(record: &mut Record, pact: &Pact) {
    let open = matches!(pact.status, "interrupted" | "suspended");
    if !open && !record.rng.chance(30) {
        return;
    }
    let life = pact.end() - pact.since.day;
    let from = Date::new(
        pact.since.day + life * 6 / 10,
        record.rng.pick(&[Precision::Year, Precision::Month, Precision::Day]),
    );
    let to = (!open).then(|| Date::new(from.day + life * 3 / 10, from.precision));
    let reason = record.rng.pick(&[
        "Pandemic.",
        "No contacts after the change of the mayor.",
        "Suspended by the council of one side.",
        "",
    ]);
    record.json.list("interruptions", |json| {
        json.item(|json| {
            json.text("from", &from.text());
            json.text_if("to", to.map(Date::text).as_deref());
            json.text("datePrecision", from.precision.name());
            json.text_if("note", Some(reason).filter(|reason| !reason.is_empty()));
        });
    });
}

/// Date, place, occasion and signatories: the same for agreements and letters.
fn signing(record: &mut Record, paper: &Paper) {
    if paper.dated {
        record.json.text("date", &paper.date.text());
        record.json.text("datePrecision", paper.date.precision.name());
    } else {
        record.json.text("dateNotAfter", &Date::new(paper.date.day, Precision::Day).text());
    }
    if record.rng.chance(700) {
        let city = record.world.city_slug(paper.place);
        let venue = record.rng.chance(400).then(|| record.rng.pick(&VENUES));
        record.json.object("place", |json| {
            json.text("city", &city);
            json.text_if("venue", venue);
        });
    }
    if record.rng.chance(250) {
        record.json.text("occasion", record.rng.pick(&OCCASIONS));
    }
    let signed = match record.rng.below(10) {
        0..6 => paper.cities.len(),
        6..8 => 1,
        _ => 0,
    };
    let cities: Vec<u64> = paper.cities.iter().copied().take(signed).collect();
    record.officials("signatories", &cities, dates::year(paper.date.day));
}

pub(super) fn agreement(mut record: Record) {
    let (world, index) = (record.world, record.index);
    let paper = world.agreement(index);
    record.json.text("slug", &world.agreement_slug(index));
    let (kind, variant) = match paper.previous {
        Some(_) => {
            record.rng.weighted(&[(6, ("renewal", 2)), (2, ("cooperationAgreement", 1)), (2, ("declaration", 1))])
        }
        None => record.rng.weighted(&[
            (8, ("partnershipAgreement", 0)),
            (1, ("cooperationAgreement", 1)),
            (1, ("declaration", 1)),
        ]),
    };
    let kind = record.open_value(kind);
    record.json.text("kind", kind);
    let heading = heading(&mut record, at(&AGREEMENTS, variant), &paper.cities, dates::year(paper.date.day));
    record.title(&heading);
    record.titles(&heading, &paper.cities, 100);
    record.json.text("partnership", &world.partnership_slug(paper.partnership));
    record.cities("parties", &paper.cities);
    signing(&mut record, &paper);
    if record.rng.chance(250) {
        let first = record.rng.next() % 6;
        record.json.texts("aims", (first..first + 3).map(|place| at(&AIMS, place)));
        record.json.texts("scope", (first..first + 4).map(|place| at(&AREAS, place)));
    }
    if paper.previous.is_none() && record.rng.chance(700) {
        let resolutions: Vec<String> =
            world.resolutions_of(paper.partnership).map(|resolution| world.resolution_slug(resolution)).collect();
        record.json.texts_if_any("precededBy", &resolutions);
    }
    if let Some(previous) = paper.previous {
        let key = if kind == "renewal" { "renews" } else { "follows" };
        record.json.text(key, &world.agreement_slug(previous));
    }
    record.finish(paper.place);
}

pub(super) fn letter(mut record: Record) {
    let (world, index) = (record.world, record.index);
    let paper = world.letter(index);
    let slug = world.letter_slug(index);
    record.json.text("slug", &slug);
    let variant = record.rng.below(2);
    let heading = heading(&mut record, at(&LETTERS, variant), &paper.cities, dates::year(paper.date.day));
    record.title(&heading);
    record.titles(&heading, &paper.cities, 500);
    record.json.text("partnership", &world.partnership_slug(paper.partnership));
    record.cities("parties", &paper.cities);
    signing(&mut record, &paper);
    if let Some(mission) = world.mission_of_letter(index) {
        record.json.text("businessMission", &world.activity_slug(BusinessMissions, mission));
    }
    witnesses(&mut record, &paper);
    commitments(&mut record, &paper, &slug);
    match (paper.previous, world.agreements_of(paper.partnership).next()) {
        (Some(previous), _) => {
            let key = if record.rng.chance(500) { "renews" } else { "follows" };
            record.json.text(key, &world.letter_slug(previous));
        }
        (None, Some(agreement)) if record.rng.chance(400) => {
            record.json.text("follows", &world.agreement_slug(agreement));
        }
        _ => (),
    }
    record.finish(paper.place);
}

fn witnesses(record: &mut Record, paper: &Paper) {
    if !record.rng.chance(350) {
        return;
    }
    let world = record.world;
    let city = record.rng.below(world.count(Cities));
    let organization = world.organization_of(paper.place, record.rng).map(|index| world.organization_slug(index));
    let city = (!paper.cities.contains(&city) && record.rng.chance(300)).then(|| world.city_slug(city));
    record.json.list("witnesses", |json| {
        for (kind, slug) in [("organization", organization), ("city", city)] {
            if let Some(slug) = slug {
                json.item(|json| {
                    json.text("type", kind);
                    json.text("slug", &slug);
                });
            }
        }
    });
}

fn commitments(record: &mut Record, paper: &Paper, slug: &str) {
    let count = record.rng.between(1, 4);
    let first = record.rng.next() % 8;
    record.json.list("commitments", |json| {
        for order in 1..=count {
            let (theme, text) = at(&COMMITMENTS, first + order);
            let theme = if record.rng.chance(2) { "astronomy" } else { theme };
            let precision = record.rng.pick(&[Precision::Year, Precision::Month, Precision::Day]);
            let due = Date::new(paper.date.day + record.rng.days(20, 900), precision);
            let (dated, noted, measured) = (record.rng.chance(500), record.rng.chance(400), record.rng.chance(400));
            let (minimum, unit) = (record.rng.between(1, 3), record.rng.pick(&UNITS));
            json.item(|json| {
                json.text("slug", &format!("{slug}-c{order}"));
                json.number("order", order);
                json.text("theme", theme);
                json.text("text", text);
                if dated {
                    json.text("dueFrom", &due.text());
                    json.text("dueFromPrecision", precision.name());
                }
                if noted {
                    json.text(
                        "dueNote",
                        if dated { "whether per year is not stated" } else { "in the future, no date" },
                    );
                }
                if measured {
                    json.object("quantity", |json| {
                        json.number("minimum", minimum);
                        json.text("unit", unit);
                    });
                }
                json.text("status", "declared");
            });
        }
    });
}

pub(super) fn interpellation(mut record: Record) {
    let (world, index) = (record.world, record.index);
    let (city, date, heading) = world.interpellation(index);
    record.json.text("slug", &world.interpellation_slug(index));
    let kind = world.interpellation_kind(index);
    if kind != "interpellation" || record.rng.chance(500) {
        record.json.text("kind", kind);
    }
    record.json.text("city", &world.city_slug(city));
    if let Some(council) = world.council(city) {
        record.json.text("council", &world.organization_slug(council));
    }
    let councillor = World::person(city, record.rng);
    record.json.object("councillor", |json| {
        json.text("name", &councillor);
        json.text("office", "Councillor of the city council");
    });
    record.json.text("submittedDate", &date.text());
    record.json.text("datePrecision", date.precision.name());
    if record.rng.chance(700) {
        let session = format!("{} ordinary session of the city council", roman(record.rng.between(1, 70)));
        record.json.text("session", &session);
    }
    let language = World::language(city);
    let subject = roughen(world.title(&heading, language), language, record.rng);
    record.json.text("subject", &subject);
    answer(&mut record, &councillor);
    let draw = record.rng.next();
    if let Some(partnership) = world.partnership_of(city, draw).filter(|_| record.rng.chance(450)) {
        record.json.texts("partnerships", [world.partnership_slug(partnership)]);
        let letters: Vec<String> = world.letters_of(partnership).map(|letter| world.letter_slug(letter)).collect();
        record.json.texts_if_any("lettersOfIntent", &letters);
        let missions = world.count(BusinessMissions);
        if missions > 0 && record.rng.chance(200) {
            let mission = record.rng.below(missions);
            record.json.texts("businessMissions", [world.activity_slug(BusinessMissions, mission)]);
        }
    }
    record.finish(city);
}

fn answer(record: &mut Record, councillor: &str) {
    let (world, index) = (record.world, record.index);
    let document = world.answer_of(index).map(|document| world.document_slug(document));
    if document.is_none() && !record.rng.chance(200) {
        return;
    }
    let first = record.rng.next() % 7;
    let count = record.rng.between(0, 4);
    let announced = record.rng.chance(200);
    record.json.object("answer", |json| {
        json.text_if("document", document.as_deref());
        json.text("addressee", councillor);
        json.text(
            "summary",
            "Foreign cooperation rests on partnership agreements concluded after council resolutions.",
        );
        json.texts("areas", (first..first + count).map(|place| at(&AREAS, place)));
        if announced {
            json.texts("announcements", ["Business missions to individual countries are to be organised."]);
        }
    });
}

pub(super) fn document(mut record: Record) {
    let (world, index) = (record.world, record.index);
    let document = world.document(index);
    let city = document.cities.first().copied().unwrap_or(0);
    let question = world.answered_by(index);
    record.json.text("slug", &world.document_slug(index));
    record.title(&document.heading);
    let known = if question.is_some() { "answerToInterpellation" } else { at(&DOCUMENT_KINDS, document.variant) };
    let kind = record.open_value(known);
    record.json.text("kind", kind);
    if record.rng.chance(250) {
        let reference = format!(
            "In.{:04}-{}/{:02}",
            record.rng.below(9999),
            record.rng.between(1, 60),
            year_of(document.start) % 100
        );
        record.json.text("reference", &reference);
    }
    if let Some(date) = document.start {
        record.json.text("date", &date.text());
        record.json.text("datePrecision", date.precision.name());
    }
    if record.rng.chance(200) && document.cities.len() > 1 {
        let mut languages: Vec<&str> =
            document.cities.iter().map(|city| World::language_code(World::language(*city))).collect();
        languages.dedup();
        record.json.texts("languages", languages);
    } else {
        record.json.text("language", World::land(city).language);
    }
    if record.rng.chance(400) {
        record.json.text("url", &format!("https://example.org/documents/{index}.pdf"));
    }
    if known == "publication" {
        let copies = 100 * record.rng.between(1, 50);
        record.json.number("printRun", copies);
    }
    if question.is_some() || record.rng.chance(600) {
        record.json.text("city", &world.city_slug(city));
    } else {
        record.cities("cities", &document.cities);
    }
    if let Some(question) = question {
        record.json.text("interpellation", &world.interpellation_slug(question));
    } else {
        record.projects(document.partnership, 450);
    }
    record.finish(city);
}

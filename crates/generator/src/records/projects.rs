//! Projects and their money.

use super::super::dates::{self, Date, Precision};
use super::super::json::Json;
use super::super::phrases::{PROGRAMMES, Programme, SUMMARIES};
use super::super::text::roughen;
use super::super::world::{Project, TODAY, World};
use super::{Record, money, year_of};

/// A participant: a city or an organization.
#[derive(Debug, Clone)]
struct Party {
    kind: &'static str,
    slug: String,
}

impl Party {
    fn write(&self, json: &mut Json) {
        json.text("type", self.kind);
        json.text("slug", &self.slug);
    }
}

pub(super) fn project(mut record: Record) {
    let (world, index) = (record.world, record.index);
    let project = world.project(index);
    let first = project.heading.cities[0];
    let language = World::language(first);
    record.json.text("slug", &world.project_slug(index));
    let title = roughen(project.title(world, language), language, record.rng);
    record.json.text("title", &title);
    record.titles(&project.heading, &project.cities, 250);
    programme(&mut record, &project);
    if let Some((anchor, edition)) = project.edition {
        record.json.text("series", &world.series_slug(anchor));
        record.json.number("edition", edition);
    }
    if let Some(stage) = project.stage {
        record.json.number("stage", stage);
    }
    if let Some(follows) = project.follows {
        record.json.text("follows", &world.project_slug(follows));
    }
    let days = record.rng.weighted(&[(50, 300), (30, 540), (20, 1000)]) + record.rng.days(0, 90);
    let end = record.period(project.start, days, 700);
    if let Some(start) = project.start.filter(|_| record.rng.chance(200)) {
        let signed =
            Date::new(start.first() + record.rng.days(-200, 30), record.rng.pick(&[Precision::Day, Precision::Month]));
        record.json.text("fundingAgreementDate", &signed.text());
    }
    status(&mut record, project.start, end);
    let parties = parties(&mut record, &project.cities);
    if record.rng.chance(750) {
        budget(&mut record, &parties);
    }
    partners(&mut record, &parties);
    if parties.iter().all(|party| party.kind == "organization") {
        record.cities("cities", &project.cities);
    }
    record.themes(project.heading.topic);
    if record.rng.chance(800) {
        record.json.text("summary", record.rng.pick(&SUMMARIES));
    }
    if record.rng.chance(120) {
        let (meetings, participants, institutions) =
            (record.rng.between(1, 30), record.rng.between(10, 900), record.rng.between(2, 120));
        record.json.object("outputs", |json| {
            json.number("meetings", meetings);
            json.number("participants", participants);
            json.number("institutions", institutions);
        });
    }
    record.finish(first);
}

fn programme(record: &mut Record, project: &Project) {
    if !record.rng.chance(850) {
        return;
    }
    let year = u64::try_from(year_of(project.start)).unwrap_or(0);
    let countries: Vec<&str> = project.cities.iter().map(|city| World::land(*city).code).collect();
    let fits = |(from, to, joined, ..): &&Programme| {
        (*from..=*to).contains(&year) && joined.split_whitespace().all(|country| countries.contains(&country))
    };
    let fitting: Vec<(&str, &str)> = PROGRAMMES.iter().filter(fits).map(|(.., name, fund)| (*name, *fund)).collect();
    let (name, fund) = record.rng.pick(&fitting);
    if name.is_empty() {
        return;
    }
    record.json.text("programme", name);
    if !fund.is_empty() {
        record.json.text("fund", fund);
    }
    if record.rng.chance(400) {
        let call = record.rng.between(1, 40);
        record.json.text(
            "registrationNumber",
            &format!("CZ.11.2.45/0.0/0.0/{:02}_{call:03}/{:07}", year % 100, record.index + 1),
        );
    }
}

/// The status that the dates allow; in some records unknown.
fn status(record: &mut Record, start: Option<Date>, end: Option<Date>) {
    let status = match (start, end) {
        _ if record.rng.chance(150) => return,
        _ if record.rng.chance(20) => "cancelled",
        (Some(start), _) if start.first() > TODAY => "approved",
        (_, Some(end)) if end.day > TODAY => "running",
        (Some(start), None) if start.day > dates::day(2025, 1, 1) => "running",
        _ => "completed",
    };
    record.json.text("status", status);
}

/// Cities, organizations or both.
fn parties(record: &mut Record, cities: &[u64]) -> Vec<Party> {
    let world = record.world;
    let share = record.rng.weighted(&[(72, 0_u64), (18, 400), (10, 1000)]);
    let mut parties: Vec<Party> = Vec::new();
    for city in cities {
        let organization = if record.rng.chance(share) { world.organization_of(*city, record.rng) } else { None };
        let party = organization.map_or_else(
            || Party { kind: "city", slug: world.city_slug(*city) },
            |index| Party { kind: "organization", slug: world.organization_slug(index) },
        );
        parties.push(party);
    }
    if share == 400
        && let Some(index) = cities.first().and_then(|city| world.organization_of(*city, record.rng))
    {
        let slug = world.organization_slug(index);
        if parties.iter().all(|party| party.slug != slug || party.kind != "organization") {
            parties.push(Party { kind: "organization", slug });
        }
    }
    parties
}

/// The roles: one lead or, as often in real sources, none.
fn partners(record: &mut Record, parties: &[Party]) {
    let lead = if record.rng.chance(650) { record.rng.pick(&[0_usize, 0, 0, 1]) } else { usize::MAX };
    record.json.list("partners", |json| {
        for (place, party) in parties.iter().enumerate() {
            let role = if place == lead {
                "lead"
            } else if record.rng.chance(80) {
                "associated"
            } else {
                "partner"
            };
            json.item(|json| {
                party.write(json);
                json.text("role", role);
            });
        }
    });
}

fn budget(record: &mut Record, parties: &[Party]) {
    let currency = record.rng.weighted(&[(80, "EUR"), (13, "PLN"), (7, "CZK")]);
    let (low, high) = record.rng.weighted(&[
        (60, (800_000, 6_000_000)),
        (25, (6_000_000, 50_000_000)),
        (12, (50_000_000, 500_000_000)),
        (3, (500_000_000, 4_000_000_000)),
    ]);
    let exact: u64 = record.rng.between(low, high);
    let approximate = record.rng.chance(200);
    let total = if approximate { exact / 100_000 * 100_000 } else { exact };
    let with_total = record.rng.chance(850);
    let (percent, share) = record.rng.weighted(&[(7, (85, "0.85")), (2, (80, "0.8")), (1, (75, "0.75"))]);
    let (with_erdf, with_state, with_rates) = (record.rng.chance(450), record.rng.chance(250), record.rng.chance(150));
    let mut amounts = Vec::new();
    if record.rng.chance(350) {
        amounts = split(record, exact, parties.len());
    }
    let share_erdf = record.rng.chance(300);
    record.json.object("budget", |json| {
        json.text("currency", currency);
        if with_total || amounts.is_empty() {
            json.text("total", &money(total));
        }
        if with_erdf {
            json.text("erdf", &money(total / 100 * percent));
        }
        if with_state {
            json.text("stateBudget", &money(total / 20));
        }
        if with_rates {
            json.decimal("euShare", share);
            json.decimal("stateShare", "0.05");
        }
        if approximate {
            json.yes("approximate");
        }
        if !amounts.is_empty() {
            json.list("shares", |json| {
                for (party, amount) in parties.iter().zip(&amounts) {
                    json.item(|json| {
                        json.object("party", |json| party.write(json));
                        json.text("amount", &money(*amount));
                        if share_erdf {
                            json.text("erdf", &money(amount / 100 * percent));
                        }
                    });
                }
            });
        }
    });
}

/// Splits an amount among so many, to the cent.
fn split(record: &mut Record, total: u64, among: usize) -> Vec<u64> {
    let mut left = total;
    let mut amounts = Vec::with_capacity(among);
    for place in 0..among {
        let others = u64::try_from(among - place).unwrap_or(1);
        let amount = if others == 1 { left } else { record.rng.between(1, left / others * 3 / 2) };
        left -= amount;
        amounts.push(amount);
    }
    amounts
}

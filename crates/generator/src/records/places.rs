//! Cities and organizations.

use super::super::dates::{self, Date, Precision};
use super::super::names::SEATS;
use super::super::phrases::UNSEEN;
use super::super::rng::at;
use super::super::text::{fold, roughen};
use super::super::world::{TODAY, World};
use super::Record;

pub(super) fn city(mut record: Record) {
    let (world, index) = (record.world, record.index);
    let land = World::land(index);
    let name = world.city_name(index);
    record.json.text("slug", &world.city_slug(index));
    record.json.text("kind", world.city_kind(index));
    let exonyms = world.exonyms(index);
    record.json.object("names", |json| {
        json.text(land.language, &name);
        for (language, exonym) in &exonyms {
            json.text(language, exonym);
        }
    });
    alternate_names(&mut record, &name);
    record.json.text("country", land.code);
    region(&mut record);
    if record.rng.chance(850) {
        let (.., middle) = world.region(index);
        // A point near the centre of the region; the lists do not contain the positions of towns.
        let [lat, lon] =
            middle.map(|middle| degrees((middle + record.rng.days(-30, 30)) * 10_000 + record.rng.days(0, 9999)));
        record.json.object("coordinates", |json| {
            json.decimal("lat", &lat);
            json.decimal("lon", &lon);
        });
    }
    population(&mut record);
    codes(&mut record);
    if record.rng.chance(700) {
        record.json.text("website", &format!("https://{}-{}.example.org", fold(&name, 40), index + 1));
    }
    if index == 0 {
        record.json.yes("seat");
    }
    history(&mut record, &name);
    record.finish(index);
}

fn alternate_names(record: &mut Record, name: &str) {
    if !record.rng.chance(120) {
        return;
    }
    let language = World::land(record.index).language;
    let with_note = record.rng.chance(500);
    let historic = record.rng.chance(400);
    record.json.list("alternateNames", |json| {
        json.item(|json| {
            json.text("name", &name.replace('-', " "));
            json.text("language", language);
            json.text("kind", "spelling");
            if with_note {
                json.text("note", "Spelling of the city's own pages up to about 2010.");
            }
        });
        if historic {
            json.item(|json| {
                json.text("name", &format!("{name} (Ő-Város)"));
                json.text("language", "hu");
                json.text("kind", "historic");
            });
        }
    });
}

fn region(record: &mut Record) {
    let (name, local, ..) = record.world.region(record.index);
    let (with_local, with_district) = (record.rng.chance(600), record.rng.chance(200));
    let district = record.world.town_name(record.index);
    record.json.object("region", |json| {
        json.text("name", name);
        if with_local {
            json.text("nameLocal", local);
        }
        if with_district {
            json.text("district", district);
        }
    });
}

/// Degrees from millionths of a degree.
fn degrees(millionths: i64) -> String {
    let (sign, size) = (if millionths < 0 { "-" } else { "" }, millionths.unsigned_abs());
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

fn population(record: &mut Record) {
    let size = record.rng.weighted(&[(50, 8_000), (30, 35_000), (15, 110_000), (5, 600_000)]);
    let counts = record.rng.weighted(&[(10, 0_u64), (50, 1), (25, 2), (15, 4)]);
    let slug = record.world.city_slug(record.index);
    let mut entries = Vec::new();
    for place in 0..counts {
        let precision = record.rng.weighted(&[(50, Precision::Day), (10, Precision::Month), (40, Precision::Year)]);
        let back = 365 * i64::try_from(place).unwrap_or(0) * 3 + record.rng.days(0, 800);
        let value = size + record.rng.below(size / 2 + 1);
        entries.push((value, Date::new(TODAY - back, precision)));
    }
    record.json.list("population", |json| {
        for (value, date) in entries {
            json.item(|json| {
                json.number("value", value);
                json.text("date", &date.text());
                json.text("datePrecision", date.precision.name());
                json.text("sourceUrl", &format!("https://example.org/population/{slug}?value={value}"));
            });
        }
    });
}

/// National codes, unique because they contain the number of the city within its country.
fn codes(record: &mut Record) {
    let (world, index) = (record.world, record.index);
    let ordinal = World::ordinal(index);
    let (_, _, region, _) = world.region(index);
    let scheme = World::land(index).scheme;
    let national = match scheme {
        // Two digits each for county and municipality; the type distinguishes the rounds.
        "TERYT" if ordinal < 3 * 99 * 99 => {
            let (county, place) = (1 + ordinal / 99 % 99, 1 + ordinal % 99);
            Some(format!("{region}{county:02}{place:02}{}", 1 + (ordinal + ordinal / (99 * 99)) % 3))
        }
        // In most states no district has a number with this prefix.
        "AGS" if ordinal < 100_000 => Some(format!("{region}9{ordinal:05}")),
        "CZ_LAU2" | "SK_LAU2" if ordinal < 500_000 => Some((500_000 + ordinal).to_string()),
        _ => None,
    };
    let national = national.map(|code| (scheme, code));
    let national = national.filter(|_| record.rng.chance(900));
    let geonames = record.rng.chance(300);
    let unseen = record.rng.chance(2).then(|| record.rng.pick(&UNSEEN));
    record.json.list("nationalCodes", |json| {
        let geonames = geonames.then(|| ("GEONAMES", (10_000_000 + index).to_string()));
        let unseen = unseen.map(|scheme| (scheme, format!("X{index}")));
        for (scheme, value) in [national, geonames, unseen].into_iter().flatten() {
            json.item(|json| {
                json.text("scheme", scheme);
                json.text("value", &value);
            });
        }
    });
}

fn history(record: &mut Record, name: &str) {
    let (world, index) = (record.world, record.index);
    if let Some(successor) = world.merged_into(index) {
        let year = world.merger_year(index);
        record.json.text("validFrom", &Date::new(dates::day(1945 + index_days(index), 1, 1), Precision::Year).text());
        record.json.text("validTo", &format!("{year}-12-31"));
        record.json.text("mergedInto", &world.city_slug(successor));
    }
    if let Some(former) = world.formed_from(index) {
        let year = u64::try_from(world.merger_year(former)).unwrap_or(0);
        let joined = world.city_name(former);
        record.json.object("formedBy", |json| {
            json.number("year", year);
            json.texts("names", [name, &joined]);
        });
    } else if world.merged_into(index).is_none() && record.rng.chance(20) {
        let year = record.rng.days(1235, 1956);
        record.json.text("validFrom", &Date::new(dates::day(year, 1, 1), Precision::Year).text());
    }
}

/// A small number of years that depends on the city.
fn index_days(index: u64) -> i64 {
    i64::try_from(index % 11).unwrap_or(0)
}

pub(super) fn organization(record: Record) {
    let (world, index) = (record.world, record.index);
    let organization = world.organization(index);
    let land = World::land(organization.home);
    record.json.text("slug", &world.organization_slug(index));
    let name = roughen(organization.name.clone(), World::language(organization.home), record.rng);
    record.json.text("name", &name);
    record.json.text("kind", organization.kind);
    if organization.seated {
        record.json.text("city", &world.city_slug(organization.home));
    } else if record.rng.chance(700) {
        record.json.text("seatName", record.rng.pick(&SEATS));
    }
    if let Some(parent) = organization.parent {
        record.json.text("parent", &world.organization_slug(parent));
    }
    if record.rng.chance(250) {
        let precision = record.rng.weighted(&[(60, Precision::Year), (10, Precision::Month), (30, Precision::Day)]);
        let founded = Date::new(record.rng.days(dates::day(1890, 1, 1), dates::day(2020, 1, 1)), precision);
        record.json.text("founded", &founded.text());
        record.json.text("foundedPrecision", precision.name());
    }
    if record.rng.chance(450) {
        let street = at(land.streets, record.rng.next());
        let (house, code) = (record.rng.between(1, 180), record.rng.between(10_000, 99_999));
        record.json.text("address", &format!("{street} {house}, {code} {}", world.city_name(organization.home)));
    }
    record.finish(organization.home);
}

//! Tests of the generated file.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first error")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::layout::COLLECTIONS;
use super::{Plan, write};

type Record = Map<String, Value>;

fn bytes(records: u64, seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    write(Plan { records, seed }, &mut out, |_| ()).unwrap();
    out
}

fn file(records: u64, seed: u64) -> BTreeMap<String, Vec<Record>> {
    serde_json::from_slice(&bytes(records, seed)).unwrap()
}

/// FNV-1a: pins the bytes without storing them.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn text<'a>(record: &'a Record, key: &str) -> Option<&'a str> {
    record.get(key).map(|value| value.as_str().unwrap())
}

fn texts<'a>(record: &'a Record, key: &str) -> Vec<&'a str> {
    record
        .get(key)
        .map_or_else(Vec::new, |list| list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect())
}

fn items<'a>(record: &'a Record, key: &str) -> Vec<&'a Record> {
    record
        .get(key)
        .map_or_else(Vec::new, |list| list.as_array().unwrap().iter().map(|item| item.as_object().unwrap()).collect())
}

fn cents(amount: &str) -> u64 {
    let (major, minor) = amount.split_once('.').unwrap();
    assert_eq!(minor.len(), 2);
    major.parse::<u64>().unwrap() * 100 + minor.parse::<u64>().unwrap()
}

fn precision(date: &str) -> &'static str {
    match date.len() {
        4 => "year",
        7 => "month",
        10 => "day",
        _ => panic!("no date: {date}"),
    }
}

#[test]
fn a_plan_always_gives_the_same_bytes() {
    let first = bytes(3000, 7);
    assert_eq!(first, bytes(3000, 7));
    assert_ne!(first, bytes(3000, 8));
    assert_ne!(first, bytes(3001, 7));
}

#[test]
fn a_change_of_the_output_is_noticed() {
    // Regenerate on purpose only: stored measurements refer to these bytes.
    assert_eq!(checksum(&bytes(2000, 42)), 11_121_214_646_033_601_125);
}

#[test]
fn the_number_of_records_is_met_at_every_scale() {
    for records in (1..150).chain([999, 1000, 10_000]) {
        let file = file(records, 3);
        assert_eq!(file.len(), COLLECTIONS.len());
        let total: usize = file.values().map(Vec::len).sum();
        assert_eq!(u64::try_from(total).unwrap(), records);
        let seats: Vec<bool> = file["cities"].iter().map(|city| city.contains_key("seat")).collect();
        assert!(seats[0] && seats.iter().filter(|seat| **seat).count() == 1);
    }
}

#[test]
fn collections_come_in_the_order_of_the_format() {
    let out = String::from_utf8(bytes(500, 1)).unwrap();
    let places: Vec<usize> =
        COLLECTIONS.iter().map(|(_, name, _)| out.find(&format!("\n\"{name}\": [")).unwrap()).collect();
    assert!(places.is_sorted());
}

#[test]
fn progress_ends_with_the_total() {
    let mut reports = Vec::new();
    write(Plan { records: 10_000, seed: 1 }, &mut Vec::new(), |written| reports.push(written)).unwrap();
    assert_eq!(reports, [4096, 8192, 10_000]);
    reports.clear();
    write(Plan { records: 4096, seed: 1 }, &mut Vec::new(), |written| reports.push(written)).unwrap();
    assert_eq!(reports, [4096]);
}

#[test]
fn errors_of_the_writer_are_returned() {
    let mut full = [0_u8; 10];
    assert!(write(Plan { records: 10, seed: 1 }, &mut full.as_mut_slice(), |_| ()).is_err());
}

/// The collections that the members refer to, by collection; `/` leads into an object or a list of objects.
const REFERENCES: &[(&str, &str, &str)] = &[
    ("*", "city", "cities"),
    ("*", "cities", "cities"),
    ("*", "hostCity", "cities"),
    ("*", "parties", "cities"),
    ("*", "mergedInto", "cities"),
    ("*", "brokeredBy", "cities"),
    ("*", "place/city", "cities"),
    ("*", "signatories/city", "cities"),
    ("*", "attendees/city", "cities"),
    ("*", "participants/bySide/city", "cities"),
    ("*", "place/organization", "organizations"),
    ("*", "organizations", "organizations"),
    ("*", "associations", "organizations"),
    ("*", "parent", "organizations"),
    ("*", "body", "organizations"),
    ("*", "council", "organizations"),
    ("*", "partnership", "partnerships"),
    ("*", "partnerships", "partnerships"),
    ("*", "succeeds", "partnerships"),
    ("*", "succeededBy", "partnerships"),
    ("*", "partOf", "partnerships"),
    ("*", "agreement", "agreements"),
    ("*", "agreements", "agreements"),
    ("agreements", "renews", "agreements"),
    ("agreements", "follows", "agreements"),
    ("*", "letterOfIntent", "lettersOfIntent"),
    ("*", "lettersOfIntent", "lettersOfIntent"),
    ("lettersOfIntent", "renews", "lettersOfIntent"),
    ("lettersOfIntent", "follows", "agreements|lettersOfIntent"),
    ("*", "resolutions", "resolutions"),
    ("*", "precededBy", "resolutions"),
    ("*", "businessMission", "businessMissions"),
    ("*", "businessMissions", "businessMissions"),
    ("*", "projects", "projects"),
    ("projects", "follows", "projects"),
    ("*", "meeting", "meetings"),
    ("*", "event", "events"),
    ("*", "interpellation", "interpellations"),
    ("*", "answer/document", "documents"),
];

fn collect<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a str>) {
    match (value, path.split_once('/')) {
        (Value::Array(list), _) => list.iter().for_each(|item| collect(item, path, found)),
        (Value::Object(object), Some((key, rest))) => {
            if let Some(inner) = object.get(key) {
                collect(inner, rest, found);
            }
        }
        (Value::Object(object), None) if !path.is_empty() => {
            if let Some(inner) = object.get(path) {
                collect(inner, "", found);
            }
        }
        (Value::String(slug), _) if path.is_empty() => found.push(slug),
        _ => (),
    }
}

#[test]
fn every_reference_resolves_and_no_slug_repeats() {
    for (records, seed) in
        [(1, 1), (2, 1), (3, 1), (7, 1), (40, 1), (70, 2), (100, 1), (1000, 5), (4096, 8), (10_000, 1)]
    {
        let file = file(records, seed);
        let mut slugs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, list) in &file {
            let known: BTreeSet<&str> = list.iter().map(|record| text(record, "slug").unwrap()).collect();
            assert_eq!(known.len(), list.len(), "{name}");
            for slug in &known {
                assert!(
                    slug.len() <= 100 && slug.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
                    "{slug}"
                );
                assert!(!slug.starts_with('-') && !slug.ends_with('-'), "{slug}");
            }
            slugs.insert(name, known);
        }
        let mut used = BTreeSet::new();
        for (name, list) in &file {
            for record in list {
                let record = Value::Object(record.clone());
                for (of, path, target) in REFERENCES.iter().filter(|(of, ..)| of == &"*" || of == name) {
                    let mut found = Vec::new();
                    collect(&record, path, &mut found);
                    if !found.is_empty() {
                        used.insert((*of, *path));
                    }
                    for slug in found {
                        assert!(target.split('|').any(|target| slugs[target].contains(slug)), "{name}.{path}: {slug}");
                    }
                }
                for (path, slug) in [("partners/type", "partners/slug"), ("witnesses/type", "witnesses/slug")]
                    .into_iter()
                    .chain([("budget/shares/party/type", "budget/shares/party/slug")])
                {
                    let (mut kinds, mut parties) = (Vec::new(), Vec::new());
                    collect(&record, path, &mut kinds);
                    collect(&record, slug, &mut parties);
                    assert_eq!(kinds.len(), parties.len());
                    for (kind, slug) in kinds.into_iter().zip(parties) {
                        let target = if kind == "city" { "cities" } else { "organizations" };
                        assert!(slugs[target].contains(slug), "{name}.{path}: {slug}");
                    }
                }
            }
        }
        if records == 10_000 {
            let unused: Vec<_> = REFERENCES.iter().filter(|(of, path, _)| !used.contains(&(*of, *path))).collect();
            assert!(unused.is_empty(), "{unused:?}");
        }
    }
}

#[test]
fn dates_say_their_precision_and_ends_follow_beginnings() {
    let file = file(10_000, 4);
    let (mut other_end, mut periods) = (0, 0);
    for (name, list) in &file {
        for record in list {
            let first = ["since", "date", "startDate", "submittedDate"].iter().find_map(|key| text(record, key));
            assert_eq!(first.map(precision), text(record, "datePrecision"), "{name} {record:?}");
            assert!(text(record, "date").is_none() || text(record, "dateNotAfter").is_none());
            if let Some(end) = text(record, "endDate") {
                let start = text(record, "startDate").unwrap();
                let own = text(record, "endDatePrecision");
                assert_eq!(own.unwrap_or(precision(start)), precision(end));
                assert!(own.is_none_or(|own| own != precision(start)));
                // At a lower precision a date is a prefix: the longer one is never smaller.
                assert!(end >= start, "{start} {end}");
                periods += 1;
                other_end += usize::from(own.is_some());
            }
            if let (Some(since), Some(until)) = (text(record, "since"), text(record, "until")) {
                assert!(until >= since, "{since} {until}");
            }
            if let Some(until) = text(record, "until") {
                assert_eq!(text(record, "untilPrecision"), Some(precision(until)));
            }
            for source in items(record, "sources") {
                assert!(text(source, "url").unwrap().starts_with("https://example.org/"));
                assert_eq!(precision(text(source, "retrieved").unwrap()), "day");
            }
            assert!((1..=2).contains(&items(record, "sources").len()));
        }
    }
    assert!(periods > 1000 && other_end > 50);
}

#[test]
fn partnerships_and_their_papers_agree() {
    let file = file(10_000, 6);
    let by_slug = |name: &str| -> BTreeMap<&str, &Record> {
        file[name].iter().map(|record| (text(record, "slug").unwrap(), record)).collect()
    };
    let partnerships = by_slug("partnerships");
    for (name, list) in [("agreements", "agreements"), ("lettersOfIntent", "lettersOfIntent")] {
        for paper in &file[name] {
            let partnership = partnerships[text(paper, "partnership").unwrap()];
            assert_eq!(texts(partnership, "cities"), texts(paper, "parties"));
            assert!(texts(partnership, list).contains(&text(paper, "slug").unwrap()));
        }
    }
    for resolution in &file["resolutions"] {
        let partnership = partnerships[text(resolution, "partnership").unwrap()];
        assert!(texts(partnership, "cities").contains(&text(resolution, "city").unwrap()));
        assert!(texts(partnership, "resolutions").contains(&text(resolution, "slug").unwrap()));
    }
    let mut successions = 0;
    for (slug, partnership) in &partnerships {
        assert!(texts(partnership, "cities").len() >= 2);
        if let Some(next) = text(partnership, "succeededBy") {
            assert_eq!(text(partnerships[next], "succeeds"), Some(*slug));
            assert_eq!(text(partnership, "status"), Some("succeeded"));
            successions += 1;
        }
        if let Some(previous) = text(partnership, "succeeds") {
            assert_eq!(text(partnerships[previous], "succeededBy"), Some(*slug));
        }
        if let Some(wider) = text(partnership, "partOf") {
            let wider = texts(partnerships[wider], "cities");
            assert!(texts(partnership, "cities").iter().all(|city| wider.contains(city)));
        }
    }
    assert!(successions > 0);
    let missions = by_slug("businessMissions");
    for letter in &file["lettersOfIntent"] {
        if let Some(mission) = text(letter, "businessMission") {
            assert_eq!(text(missions[mission], "partnership"), text(letter, "partnership"));
            assert_eq!(text(missions[mission], "startDate"), text(letter, "date"));
        }
    }
    let agreements = by_slug("agreements");
    for meeting in &file["meetings"] {
        if let Some(agreement) = text(meeting, "agreement") {
            assert_eq!(text(meeting, "partnership"), text(agreements[agreement], "partnership"));
            assert_eq!(text(meeting, "startDate"), text(agreements[agreement], "date"));
        }
    }
}

#[test]
fn hosts_take_part_and_the_seat_is_a_hub() {
    let file = file(10_000, 9);
    let seat = text(&file["cities"][0], "slug").unwrap();
    let quoted = format!("\"{seat}\"");
    let mut involved = 0;
    for list in file.values() {
        for record in list {
            if let Some(host) = text(record, "hostCity") {
                assert!(texts(record, "cities").contains(&host));
            }
            let mut cities = texts(record, "cities");
            let all = cities.len();
            cities.sort_unstable();
            cities.dedup();
            assert_eq!(cities.len(), all);
            involved += usize::from(Value::Object(record.clone()).to_string().contains(&quoted));
        }
    }
    assert!((1200..2200).contains(&involved), "{involved}");
}

#[test]
fn money_adds_up_and_leads_are_alone() {
    let file = file(10_000, 2);
    let (mut split, mut leads) = (0, 0);
    for project in &file["projects"] {
        let roles: Vec<&str> =
            items(project, "partners").iter().map(|partner| text(partner, "role").unwrap()).collect();
        assert!(!roles.is_empty());
        let lead = roles.iter().filter(|role| **role == "lead").count();
        assert!(lead <= 1);
        leads += lead;
        let Some(budget) = project.get("budget").and_then(Value::as_object) else { continue };
        let exact = !budget.contains_key("approximate");
        let shares: Vec<u64> =
            items(budget, "shares").iter().map(|share| cents(text(share, "amount").unwrap())).collect();
        let Some(total) = text(budget, "total").map(cents) else { continue };
        if exact && !shares.is_empty() {
            assert_eq!(shares.len(), roles.len());
            assert_eq!(shares.iter().sum::<u64>(), total);
            split += 1;
        }
        let paid = ["erdf", "stateBudget"].iter().filter_map(|key| text(budget, key)).map(cents).sum::<u64>();
        assert!(paid <= total);
    }
    assert!(split > 100 && leads > 500);
}

#[test]
fn closed_lists_have_known_values_and_open_lists_rarely_others() {
    let file = file(10_000, 1);
    let all = |name: &str, key: &str| -> BTreeSet<String> {
        file[name].iter().filter_map(|record| text(record, key)).map(str::to_owned).collect()
    };
    let is = |found: BTreeSet<String>, expected: &[&str]| {
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    };
    is(
        all("partnerships", "status"),
        &["active", "ended", "informal", "interrupted", "succeeded", "suspended", "unknown"],
    );
    is(all("projects", "status"), &["approved", "cancelled", "completed", "running"]);
    for name in ["youthExchanges", "studyVisits", "businessMissions"] {
        is(all(name, "status"), &["announced", "cancelled", "held"]);
    }
    let strays = file.values().flatten().filter(|record| text(record, "kind") == Some("astronomy")).count();
    assert!((1..60).contains(&strays), "{strays}");
    let mut codes = BTreeSet::new();
    for city in &file["cities"] {
        for code in items(city, "nationalCodes") {
            let (scheme, value) = (text(code, "scheme").unwrap(), text(code, "value").unwrap());
            assert!(codes.insert((scheme, value)), "{scheme} {value}");
            let digits =
                [("TERYT", 7), ("AGS", 8), ("CZ_LAU2", 6), ("SK_LAU2", 6)].iter().find(|(known, _)| *known == scheme);
            assert!(digits.is_none_or(|(_, length)| value.len() == *length));
        }
        let names = city["names"].as_object().unwrap();
        assert!(!names.is_empty());
    }
}

#[test]
fn difficult_text_and_every_optional_member_occur() {
    let out = String::from_utf8(bytes(20_000, 1)).unwrap();
    for text in ["\\\"", "\\\\", "'", "\u{301}", "ß", "ł", "ő", "%", "_", "Борщів", "Ķ", "…"] {
        assert!(out.contains(text), "{text}");
    }
    let file: BTreeMap<String, Vec<Record>> = serde_json::from_str(&out).unwrap();
    let titles = file.values().flatten().filter_map(|record| text(record, "title"));
    assert_eq!(titles.map(|title| title.chars().count()).max(), Some(300));
    for key in [
        "alternateNames",
        "nameLocal",
        "district",
        "validFrom",
        "validTo",
        "mergedInto",
        "formedBy",
        "seatName",
        "parent",
        "founded",
        "address",
        "number",
        "dateNotAfter",
        "until",
        "interruptions",
        "succeeds",
        "partOf",
        "brokeredBy",
        "associations",
        "renews",
        "follows",
        "occasion",
        "venue",
        "aims",
        "scope",
        "precededBy",
        "witnesses",
        "businessMission",
        "commitments",
        "dueFrom",
        "quantity",
        "programme",
        "fund",
        "registrationNumber",
        "series",
        "edition",
        "stage",
        "fundingAgreementDate",
        "approximate",
        "euShare",
        "stateShare",
        "shares",
        "outputs",
        "guestCountries",
        "bySide",
        "minimum",
        "children",
        "schools",
        "topics",
        "meeting",
        "event",
        "agreement",
        "letterOfIntent",
        "attendees",
        "announcements",
        "businessMissions",
        "partnerships",
        "printRun",
        "reference",
        "languages",
        "interpellation",
        "endDatePrecision",
        "untilPrecision",
        "titles",
        "seat",
    ] {
        assert!(out.contains(&format!("\"{key}\":")), "{key}");
    }
}

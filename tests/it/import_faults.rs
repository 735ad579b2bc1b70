//! Files with faults: all are reported at once, each with its position, and nothing is written.

use std::fmt::Write as _;

use pomost_tests::{SAMPLE, sample_json};
use serde_json::json;

use crate::registry::{Registry, assert_fault, assert_faults, differences};

/// Valid records that the others refer to.
const SOUND: [(&str, &[&str]); 3] = [
    (
        "cities",
        &[r#"{"slug":"a","country":"PL","names":{"pl":"A"}}"#, r#"{"slug":"b","country":"CZ","names":{"cs":"B"}}"#],
    ),
    ("organizations", &[r#"{"slug":"o","name":"O"}"#]),
    ("resolutions", &[]),
];

/// The fields of a record beside its slug, and its faults: the end of the pointer and words of the message.
type Case = (&'static str, &'static [(&'static str, &'static str)]);

const CITIES: &[Case] = &[
    (r#""country":"PL","names":{"pl":"X"},"mayor":"x""#, &[("/mayor", "\"mayor\" is unknown here")]),
    (r#""country":"PL","names":{"pl":"X"},"a/b~c":1"#, &[("/a~1b~0c", "\"a/b~c\" is unknown here")]),
    (r#""country":"PL","names":{"pl":"X"},"names":{"pl":"Y"}"#, &[("/names", "\"names\" occurs twice")]),
    (r#""country":"PL","names":{"pl":"X","PL":"Y"}"#, &[("/names/PL", "the language pl occurs twice")]),
    (r#""country":"PL","names":{"p!":"X"}"#, &[("/names/p!", "\"p!\" is not a language tag")]),
    (r#""country":"PL","names":{}"#, &[("/names", "has no language")]),
    (r#""country":"PL","names":null"#, &[("/names", "null is not a value")]),
    (r#""country":"PL""#, &[("", "the field \"names\" is missing")]),
    (r#""names":{"pl":"X"}"#, &[("", "the field \"country\" is missing")]),
    (r#""country":null,"names":{"pl":"X"}"#, &[("/country", "null is not a value")]),
    (r#""country":"XX","names":{"pl":"X"}"#, &[("/country", "\"XX\" is not a country")]),
    (r#""country":"pl","names":{"pl":"X"}"#, &[("/country", "\"pl\" is not a country")]),
    (
        r#""country":"PL","names":{"pl":"X"},"coordinates":{"lat":90.01,"lon":-180.5}"#,
        &[("/coordinates/lat", "from -90 to 90"), ("/coordinates/lon", "from -180 to 180")],
    ),
    (
        r#""country":"PL","names":{"pl":"X"},"coordinates":{"lat":"50"}"#,
        &[("/coordinates", "\"lon\" is missing"), ("/coordinates/lat", "expected a number, found a string")],
    ),
    (
        r#""country":"PL","names":{"pl":"X"},"population":[{"value":-1},{"value":1.5},{"value":3000000000},{"value":1e30},{"value":"7"},{},{"value":1e400},{"value":-1E999}]"#,
        &[
            ("/population/0/value", "-1 is not a count"),
            ("/population/1/value", "1.5 is not a count"),
            ("/population/2/value", "3000000000 is not a count"),
            ("/population/3/value", "is not a count"),
            ("/population/4/value", "expected a whole number, found a string"),
            ("/population/5", "\"value\" is missing"),
            ("/population/6/value", "1e400 is not a count"),
            ("/population/7/value", "-1E999 is not a count"),
        ],
    ),
    (
        r#""country":"PL","names":{"pl":"X"},"coordinates":{"lat":1e309,"lon":0},"website":1e400,"formedBy":{"year":1e400},"seat":1e400"#,
        &[
            ("/coordinates/lat", "1e309 is too large"),
            ("/formedBy/year", "1e400 is not a year"),
            ("/seat", "expected true or false, found a number"),
            ("/website", "expected a string, found a number"),
        ],
    ),
    (
        r#""country":"PL","names":{"pl":"X"},"population":[{"value":1,"date":"2020-12","datePrecision":"day"}]"#,
        &[("/population/0/datePrecision", "the precision is \"day\", but \"2020-12\" is known to the month")],
    ),
    (
        r#""country":"PL","names":{"pl":"X"},"nationalCodes":[{"scheme":"TERYT","value":"123"},{"scheme":"AGS","value":"x"},{"value":"1"}]"#,
        &[
            ("/nationalCodes/0/value", "write 7 digits"),
            ("/nationalCodes/1/value", "write 8 digits"),
            ("/nationalCodes/2", "\"scheme\" is missing"),
        ],
    ),
    (
        r#""country":"PL","names":{"pl":"X"},"validFrom":"1975","validTo":"1974-12-31""#,
        &[("/validTo", "ends before it begins")],
    ),
    (r#""country":"PL","names":{"pl":"X"},"website":null"#, &[("/website", "leave out the field")]),
    (r#""country":"PL","names":{"pl":"X"},"website":"""#, &[("/website", "the text is empty")]),
    (r#""country":"PL","names":{"pl":"X"},"website":" \t ""#, &[("/website", "the text is empty")]),
    (r#""country":"PL","names":{"pl":"X"},"website":"a\u0000b""#, &[("/website", "control character")]),
    (r#""country":"PL","names":{"pl":"X"},"website":"a\u0085b""#, &[("/website", "control character")]),
    (r#""country":"PL","names":{"pl":"X"},"website":7"#, &[("/website", "expected a string, found a number")]),
    (r#""country":"PL","names":{"pl":"X"},"seat":"yes""#, &[("/seat", "expected true or false, found a string")]),
    (r#""country":"PL","names":{"pl":"X"},"sources":{}"#, &[("/sources", "expected a list, found an object")]),
    (
        r#""country":"PL","names":{"pl":"X"},"sources":[{"retrieved":"2026-11"},"x",{"author":"y"}]"#,
        &[
            ("/sources/0/retrieved", "\"2026-11\" is not a day"),
            ("/sources/1", "expected an object, found a string"),
            ("/sources/2/author", "unknown here"),
        ],
    ),
    (
        r#""country":"PL","names":{"pl":"X"},"alternateNames":[{"language":"pl"}]"#,
        &[("/alternateNames/0", "\"name\" is missing")],
    ),
    (
        r#""country":"PL","names":{"pl":"X"},"formedBy":{"year":0,"names":["A",""]}"#,
        &[("/formedBy/names/1", "the text is empty"), ("/formedBy/year", "0 is not a year")],
    ),
    (r#""country":"PL","names":{"pl":"X"},"mergedInto":"o""#, &[("/mergedInto", "no city with the slug \"o\"")]),
];

const ORGANIZATIONS: &[Case] = &[
    ("", &[("", "the field \"name\" is missing")]),
    (
        r#""name":"N","city":"nowhere","parent":"nowhere""#,
        &[("/city", "no city with the slug \"nowhere\""), ("/parent", "no organization with the slug \"nowhere\"")],
    ),
    (
        r#""name":"N","founded":"1998-04-22","foundedPrecision":"month""#,
        &[("/foundedPrecision", "the precision is \"month\", but \"1998-04-22\" is known to the day")],
    ),
    // The precision of a missing date is ignored.
    (r#""name":"N","foundedPrecision":"day""#, &[]),
];

const RESOLUTIONS: &[Case] = &[
    (
        r#""subject":"S","city":"nowhere","body":"a","partnership":"nowhere""#,
        &[("/body", "no organization"), ("/city", "no city"), ("/partnership", "no partnership")],
    ),
    (r#""subject":"S","date":"2007","dateNotAfter":"2008""#, &[("/dateNotAfter", "exclude each other")]),
];

const PARTNERSHIPS: &[Case] = &[
    (r#""cities":["a"]"#, &[("/cities", "at least two different cities")]),
    (r#""cities":["a","a"]"#, &[("/cities", "at least two different cities"), ("/cities/1", "\"a\" occurs twice")]),
    (r#""cities":["a","b"],"status":"dormant""#, &[("/status", "\"dormant\" is not in the list: active, informal")]),
    (
        r#""cities":["a","b"],"since":"1995-02-30","datePrecision":"day""#,
        &[("/since", "\"1995-02-30\" is not a date: write YYYY")],
    ),
    (r#""cities":["a","b"],"since":"../1995""#, &[("/since", "\"../1995\" is not a date")]),
    (
        r#""cities":["a","b"],"since":"1995","datePrecision":"decade""#,
        &[("/datePrecision", "\"decade\" is not in the list: year, month, day")],
    ),
    (
        r#""cities":["a","b"],"since":"1995","until":"1994","untilPrecision":"day""#,
        &[("/until", "ends before it begins"), ("/untilPrecision", "known to the year")],
    ),
    (
        r#""cities":["a","b"],"interruptions":[{"from":"2001-05","to":"2001-04-30","datePrecision":"year"}]"#,
        &[
            ("/interruptions/0/datePrecision", "known to the month"),
            ("/interruptions/0/to", "the interruption ends before it begins"),
        ],
    ),
    (
        r#""cities":["a","nowhere"],"agreements":["nowhere"],"lettersOfIntent":["nowhere"],"resolutions":["nowhere"],
           "associations":["nowhere"],"brokeredBy":"nowhere","succeeds":"nowhere","succeededBy":"nowhere","partOf":"nowhere""#,
        &[
            ("/agreements/0", "no agreement"),
            ("/associations/0", "no organization"),
            ("/brokeredBy", "no city"),
            ("/cities/1", "no city"),
            ("/lettersOfIntent/0", "no letter of intent"),
            ("/partOf", "no partnership"),
            ("/resolutions/0", "no resolution"),
            ("/succeededBy", "no partnership"),
            ("/succeeds", "no partnership"),
        ],
    ),
];

const AGREEMENTS: &[Case] = &[
    (r#""title":"T""#, &[("/parties", "name the cities")]),
    (
        r#""title":"T","parties":["a"],"place":{"city":"o","organization":"a"},"precededBy":["nowhere"],"renews":"nowhere","follows":"nowhere",
           "partnership":"nowhere","signatories":[{"name":"N","city":"nowhere"},{"office":"Mayor"}]"#,
        &[
            ("/follows", "no agreement or letter of intent with the slug \"nowhere\""),
            ("/partnership", "no partnership"),
            ("/place/city", "no city"),
            ("/place/organization", "no organization"),
            ("/precededBy/0", "no resolution"),
            ("/renews", "no agreement"),
            ("/signatories/0/city", "no city"),
            ("/signatories/1", "\"name\" is missing"),
        ],
    ),
    (
        r#""title":"T","parties":["a"],"date":"2011","datePrecision":"year","validFrom":"2010","validTo":"2009","openEnded":true,
           "suspensions":[{"to":"2009"},{"from":"2010","to":"2009"}],"termination":{"date":"2010","city":"b"}"#,
        &[
            ("/openEnded", "has no last day"),
            ("/suspensions/0", "\"from\" is missing"),
            ("/suspensions/1/to", "ends before it begins"),
            ("/termination", "\"resolution\" or a \"reason\""),
            ("/termination/city", "not a party"),
            ("/termination/date", "before it was signed"),
            ("/validFrom", "in force before it was signed"),
            ("/validTo", "ends before it begins"),
        ],
    ),
    (
        r#""title":"T","parties":["a"],"suspensions":[{"from":"2010","to":"2012"},{"from":"2011"},{"from":"2013"}],
           "termination":{"reason":"r","resolution":"nowhere"}"#,
        &[
            ("/suspensions/1/from", "before the previous one ends"),
            ("/suspensions/2/from", "before the previous one ends"),
            ("/termination", "\"date\" is missing"),
            ("/termination/resolution", "no resolution"),
        ],
    ),
];

const LETTERS: &[Case] = &[
    (
        r#""title":"T","parties":["a"],"businessMission":"nowhere","renews":"nowhere",
           "witnesses":[{"type":"city","slug":"o"},{"type":"organization","slug":"a"},{"type":"person","slug":"a"},{"slug":"a"},{"type":"city"}]"#,
        &[
            ("/businessMission", "no business mission"),
            ("/renews", "no letter of intent"),
            ("/witnesses/0/slug", "no city with the slug \"o\""),
            ("/witnesses/1/slug", "no organization with the slug \"a\""),
            ("/witnesses/2/type", "\"person\" is not in the list: city, organization"),
            ("/witnesses/3", "\"type\" is missing"),
            ("/witnesses/4", "\"slug\" is missing"),
        ],
    ),
    (
        r#""title":"T","parties":["a"],"commitments":[{"slug":"c1","text":"t","status":"done"},{"slug":"c1","text":"t"},
           {"text":"t","dueFrom":"2018-13"},{"slug":"c3","order":-1,"quantity":{"unit":"event"},"dueFrom":"2018","dueFromPrecision":"day"}]"#,
        &[
            ("/commitments/0/status", "\"done\" is not in the list: declared"),
            ("/commitments/1/slug", "the slug \"c1\" is given twice"),
            ("/commitments/2", "\"slug\" is missing"),
            ("/commitments/2/dueFrom", "is not a date"),
            ("/commitments/3", "\"text\" is missing"),
            ("/commitments/3/dueFromPrecision", "known to the year"),
            ("/commitments/3/order", "-1 is not a count"),
            ("/commitments/3/quantity", "\"minimum\" is missing"),
        ],
    ),
];

const PROJECTS: &[Case] = &[
    (
        r#""title":"T","startDate":"2016-09","endDate":"2016-08-31","datePrecision":"day","endDatePrecision":"month","fundingAgreementDate":"soon""#,
        &[
            ("/datePrecision", "known to the month"),
            ("/endDate", "the project ends before it starts"),
            ("/endDatePrecision", "known to the day"),
            ("/fundingAgreementDate", "\"soon\" is not a date"),
        ],
    ),
    (
        r#""title":"T","partners":[{"type":"city","slug":"a","role":"lead"},{"type":"organization","slug":"o","role":"lead"},
           {"type":"city","slug":"nowhere","role":"boss"},{"type":"organization","slug":"nowhere"},{"type":"city","slug":"a"}]"#,
        &[
            ("/partners/1/role", "more than one lead"),
            ("/partners/2/role", "\"boss\" is not in the list: lead, partner, associated"),
            ("/partners/2/slug", "no city"),
            ("/partners/3/slug", "no organization"),
            ("/partners/4/slug", "occurs twice"),
        ],
    ),
    (
        r#""title":"T","partners":[{"type":"x","slug":"a"},{"type":"x","slug":"b"}]"#,
        &[("/partners/0/type", "\"x\" is not in the list"), ("/partners/1/type", "\"x\" is not in the list")],
    ),
    (
        r#""title":"T","partners":[{"type":"city","slug":"a"},{"type":"city","slug":"b"}],"budget":{"currency":"EUR","total":"100.00",
           "shares":[{"party":{"type":"city","slug":"a"},"amount":"60.00"},{"party":{"type":"city","slug":"b"},"amount":"39.99"}]}"#,
        &[("/budget/shares", "the shares add up to 99.99, but the total is 100.00")],
    ),
    (
        r#""title":"T","partners":[{"type":"city","slug":"a"},{"type":"city","slug":"b"}],"budget":{"currency":"EUR","total":"100.00",
           "shares":[{"party":{"type":"city","slug":"a"},"amount":"100.01"}]}"#,
        &[("/budget/shares", "the shares add up to 100.01, but the total is 100.00")],
    ),
    // Rounded amounts need not add up.
    (
        r#""title":"T","partners":[{"type":"city","slug":"a"}],"budget":{"currency":"EUR","total":"100.00","approximate":true,
           "shares":[{"party":{"type":"city","slug":"a"},"amount":"99.99"}]}"#,
        &[],
    ),
    // If a share is unknown, the others may be less than the total.
    (
        r#""title":"T","partners":[{"type":"city","slug":"a"},{"type":"city","slug":"b"}],"budget":{"currency":"EUR","total":"100.00",
           "shares":[{"party":{"type":"city","slug":"a"},"amount":"60.00"}]}"#,
        &[],
    ),
    (
        r#""title":"T","budget":{"currency":"EURO","total":"1.00","shares":[{"party":{"type":"city","slug":"a"},"amount":"1.00"}]}"#,
        &[("/budget/currency", "\"EURO\" is not a currency")],
    ),
    (r#""title":"T","budget":{"total":"1.00","erdf":"1.00"}"#, &[("/budget", "\"currency\" is missing")]),
    (
        r#""title":"T","budget":{"currency":"EUR","total":"12,50","erdf":"1.234","stateBudget":12.5,"euShare":1.5,"stateShare":-0.1}"#,
        &[
            ("/budget/erdf", "\"1.234\" is not an amount in EUR"),
            ("/budget/euShare", "1.5 is not a share"),
            ("/budget/stateBudget", "expected a string, found a number"),
            ("/budget/stateShare", "-0.1 is not a share"),
            ("/budget/total", "\"12,50\" is not an amount in EUR"),
        ],
    ),
    (
        r#""title":"T","budget":{"currency":"JPY","total":"100.5","shares":[{"amount":"99999999999999999999"},{"party":{"type":"city","slug":"nowhere"}}]}"#,
        &[
            ("/budget/shares/0", "\"party\" is missing"),
            ("/budget/shares/0/amount", "is not an amount in JPY"),
            ("/budget/shares/1/party/slug", "no city"),
            ("/budget/total", "is not an amount in JPY"),
        ],
    ),
    (
        r#""title":"T","budget":{"currency":"EUR","total":"-5.00"}"#,
        &[("/budget/total", "write a number that is not negative")],
    ),
    (
        r#""title":"T","budget":{"currency":"EUR","total":"10.00","erdf":"10.01"}"#,
        &[("/budget/erdf", "larger than the total of 10.00 EUR")],
    ),
    (
        r#""title":"T","status":"finished","follows":"nowhere","cities":["nowhere","a","a"],"themes":["culture",7],"edition":1.5,
           "outputs":{"bridges":-1,"a\u0007b":1,"x":"many"},"titles":{"de":""}"#,
        &[
            ("/cities/0", "no city"),
            ("/cities/2", "\"a\" occurs twice"),
            ("/edition", "1.5 is not a count"),
            ("/follows", "no project"),
            ("/outputs/a\u{7}b", "control character"),
            ("/outputs/bridges", "-1 is not a count"),
            ("/outputs/x", "expected a whole number"),
            ("/status", "\"finished\" is not in the list: idea, applied"),
            ("/themes/1", "expected a string, found a number"),
            ("/titles/de", "the text is empty"),
        ],
    ),
];

const EXCHANGES: &[Case] = &[(
    r#""title":"T","status":"done","hostCity":"nowhere","cities":["nowhere"],"organizations":["nowhere"],"projects":["nowhere"],
       "partnership":"nowhere","guestCountries":["PL","ZZ"],"startDate":"2019-07-02","endDate":"2019-07-01","datePrecision":"day",
       "participants":{"total":-1,"names":["x"],"bySide":[{"city":"nowhere","count":1.5},{"count":1}]}"#,
    &[
        ("/cities/0", "no city"),
        ("/endDate", "it ends before it starts"),
        ("/guestCountries/1", "\"ZZ\" is not a country"),
        ("/hostCity", "no city"),
        ("/organizations/0", "no organization"),
        ("/participants/bySide/0/city", "no city"),
        ("/participants/bySide/0/count", "1.5 is not a count"),
        ("/participants/bySide/1", "\"city\" is missing"),
        ("/participants/names", "unknown here"),
        ("/participants/total", "-1 is not a count"),
        ("/partnership", "no partnership"),
        ("/projects/0", "no project"),
        ("/status", "\"done\" is not in the list: announced"),
    ],
)];

const EVENTS: &[Case] = &[(
    r#""title":"T","meeting":"nowhere","place":"Ostrava""#,
    &[("/meeting", "no meeting"), ("/place", "expected an object, found a string")],
)];

const MEETINGS: &[Case] = &[(
    r#""title":"T","agreement":"nowhere","letterOfIntent":"nowhere","event":"nowhere","attendees":[{"name":"N","city":"nowhere"}]"#,
    &[
        ("/agreement", "no agreement"),
        ("/attendees/0/city", "no city"),
        ("/event", "no joint event"),
        ("/letterOfIntent", "no letter of intent"),
    ],
)];

const INTERPELLATIONS: &[Case] = &[
    (
        r#""subject":"S","submittedDate":"2018-06","datePrecision":"month","receivedByMayorDate":"2018-05-31","retractedDate":"2018",
           "answer":{"signedBy":{"office":"mayor"},"citations":[{"type":"city","slug":"nowhere"},{"type":"event","slug":"a","version":0},
           {"type":"answer","slug":"a"},{"slug":"a"},{"type":"city","slug":"a","version":-1}]},"questions":["",1],"supplements":[{"date":"x"}]"#,
        &[
            ("/answer/citations/0/slug", "no city"),
            ("/answer/citations/1/slug", "no joint event"),
            ("/answer/citations/1/version", "count from 1"),
            ("/answer/citations/2/type", "\"answer\" is not in the list: city, organization, term"),
            ("/answer/citations/3", "\"type\" is missing"),
            ("/answer/citations/4/version", "not a count"),
            ("/answer/signedBy", "\"name\" is missing"),
            ("/questions/0", "the text is empty"),
            ("/questions/1", "expected a string"),
            ("/receivedByMayorDate", "before it was filed"),
            ("/retractedDate", "cannot have been withdrawn"),
            ("/supplements/0/date", "\"x\" is not a date"),
        ],
    ),
    (
        r#""subject":"S","receivedByMayorDate":"2018-05","supplements":[{"summary":"s"}]"#,
        &[("/receivedByMayorDate", "is not a day"), ("/supplements", "supplements need a first answer")],
    ),
    (
        r#""subject":"S","city":"nowhere","council":"nowhere","councillor":{"name":"N","city":"nowhere"},"answer":{"document":"nowhere","date":"x","by":"y"},
       "lettersOfIntent":["nowhere"],"businessMissions":["nowhere"],"partnerships":["nowhere"],"submittedDate":"2018","datePrecision":"month""#,
        &[
            ("/answer/by", "unknown here"),
            ("/answer/date", "\"x\" is not a date"),
            ("/answer/document", "no document"),
            ("/businessMissions/0", "no business mission"),
            ("/city", "no city"),
            ("/council", "no organization"),
            ("/councillor/city", "no city"),
            ("/datePrecision", "known to the year"),
            ("/lettersOfIntent/0", "no letter of intent"),
            ("/partnerships/0", "no partnership"),
        ],
    ),
];

const DOCUMENTS: &[Case] = &[(
    r#""title":"T","city":"nowhere","cities":["nowhere"],"interpellation":"nowhere","projects":["nowhere"],"language":"!!","printRun":1e-3"#,
    &[
        ("/cities/0", "no city"),
        ("/city", "no city"),
        ("/interpellation", "no interpellation"),
        ("/language", "\"!!\" is not a language tag"),
        ("/printRun", "0.001 is not a count"),
        ("/projects/0", "no project"),
    ],
)];

const SESSIONS: &[Case] = &[(
    r#""title":"T","term":"nowhere","council":"nowhere""#,
    &[("/council", "no organization"), ("/term", "no term")],
)];

const TERMS: &[Case] = &[
    ("", &[("", "\"council\" is missing")]),
    (r#""council":"o","startDate":"2018","endDate":"2017""#, &[("/endDate", "the term ends before it begins")]),
];

/// In another order than the format: faults follow the file.
const COLLECTIONS: [(&str, &[Case]); 14] = [
    ("documents", DOCUMENTS),
    ("terms", TERMS),
    ("cities", CITIES),
    ("organizations", ORGANIZATIONS),
    ("resolutions", RESOLUTIONS),
    ("partnerships", PARTNERSHIPS),
    ("sessions", SESSIONS),
    ("agreements", AGREEMENTS),
    ("lettersOfIntent", LETTERS),
    ("projects", PROJECTS),
    ("youthExchanges", EXCHANGES),
    ("events", EVENTS),
    ("meetings", MEETINGS),
    ("interpellations", INTERPELLATIONS),
];

fn sound(collection: &str) -> &'static [&'static str] {
    SOUND.iter().find(|(name, _)| *name == collection).map_or(&[], |(_, records)| records)
}

/// One file with every case, and its faults.
fn file_of_mistakes() -> (String, Vec<(String, String)>) {
    let mut file = String::from("{");
    let mut faults = Vec::new();
    for (collection, cases) in COLLECTIONS {
        let mut records: Vec<String> = sound(collection).iter().map(|record| (*record).to_owned()).collect();
        for (fields, mistakes) in cases {
            let at = format!("/{collection}/{}", records.len());
            faults.extend(mistakes.iter().map(|(end, words)| (format!("{at}{end}"), (*words).to_owned())));
            let comma = if fields.is_empty() { "" } else { "," };
            records.push(format!(r#"{{"slug":"{collection}-{}"{comma}{fields}}}"#, records.len()));
        }
        write!(file, "\"{collection}\":[{}],", records.join(",")).unwrap();
    }
    file.push_str(r#""mayors":[{"slug":"x"}],"cities":[],"businessMissions":{},"studyVisits":null}"#);
    faults.extend(
        [
            ("/businessMissions", "expected a list of records, found an object"),
            ("/mayors", "the collection \"mayors\" is unknown; use one of: cities, organizations"),
            ("/studyVisits", "leave the collection out"),
        ]
        .map(|(pointer, words)| (pointer.to_owned(), words.to_owned())),
    );
    (file, faults)
}

#[tokio::test]
async fn every_mistake_of_a_file_is_reported_at_once_in_the_order_of_the_file() {
    let registry = Registry::with(SAMPLE).await;
    let (file, mut expected) = file_of_mistakes();
    let found = registry.refused(file).await;
    // Collections that are not lists, in the order of the file: the second "cities" is reported with the first.
    let tail = expected.split_off(expected.len() - 3);
    let cities = expected.iter().position(|(pointer, _)| pointer.starts_with("/cities/")).unwrap();
    expected.insert(cities, ("/cities".to_owned(), "the collection \"cities\" occurs twice".to_owned()));
    let [missions, mayors, visits] = <[_; 3]>::try_from(tail).unwrap();
    expected.extend([mayors, missions, visits]);
    assert_faults(&found, &expected);
}

#[tokio::test]
async fn a_repeated_slug_is_reported_at_the_repetition() {
    let registry = Registry::empty().await;
    let city = json!({"slug": "a", "country": "PL", "names": {"pl": "A"}});
    let faults = registry.refused(json!({"cities": [city, city]}).to_string()).await;
    assert_fault(&faults, "/cities/1/slug", "the slug \"a\" is given twice in the file");
    // The answer has no slug of its own.
    let question = json!({"slug": "i", "subject": "S", "answer": {"summary": "x"}});
    let faults = registry.refused(json!({"interpellations": [question, question]}).to_string()).await;
    assert_fault(&faults, "/interpellations/1/slug", "the slug \"i\" is given twice in the file");
    // Slugs are unique per collection: another collection may use the same one.
    registry.import(json!({"cities": [city], "organizations": [{"slug": "a", "name": "A"}]}).to_string()).await;
}

#[tokio::test]
async fn slugs_are_letters_digits_and_a_few_signs() {
    let registry = Registry::empty().await;
    let file = |slug: &str| json!({"organizations": [{"slug": slug, "name": "N"}]}).to_string();
    let longest = "ż".repeat(200);
    for slug in ["a", "A", "ŁÓDŹ", "日本", "a_b", "a.b", "a~b", "a-b", "--", "10", "..a", "दिल्ली", &longest]
    {
        registry.import(file(slug)).await;
        assert!(registry.export().await.contains(&format!("\"{slug}\"")), "{slug}");
    }
    for slug in [".", "..", "...."] {
        assert_fault(&registry.refused(file(slug)).await, "/organizations/0/slug", "dots alone");
    }
    let too_long = "ż".repeat(201);
    for slug in ["", " ", "a b", "a/b", "a\nb", "a\u{0}b", "a?b", "a%20b", "a:b", "\u{feff}a", "a'b", "🐝", &too_long]
    {
        assert_fault(&registry.refused(file(slug)).await, "/organizations/0/slug", "is not a slug");
    }
    for (record, pointer, words) in [
        (json!({"name": "N"}), "/organizations/0", "\"slug\" is missing"),
        (json!({"name": "N", "slug": 7}), "/organizations/0/slug", "expected a slug, found a number"),
        (json!({"name": "N", "slug": null}), "/organizations/0/slug", "null is not a value"),
        (json!(null), "/organizations/0", "expected an object, found null"),
        (json!([]), "/organizations/0", "expected an object, found a list"),
    ] {
        let faults = registry.refused(json!({"organizations": [record]}).to_string()).await;
        assert_fault(&faults, pointer, words);
    }
}

#[tokio::test]
async fn a_fault_names_the_slug_of_its_record_and_the_line() {
    let registry = Registry::empty().await;
    let file = "{\n \"language\": \"en\",\n \"cities\": [\n  {\"slug\": \"a\", \"country\": \"PL\", \"names\": {\"pl\": \"A\"}},\n  {\n   \"slug\": \"b\",\n   \"country\": \"EL\",\n   \"mergedInto\": \"nowhere\",\n   \"website\": \"\u{200b}\",\n   \"seat\": 1\n  }\n ],\n \"mayors\": []\n}";
    let faults = registry.refused(file).await;
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let expected = [
        "/cities/1 (b, line 5): the field \"names\" is missing",
        "/cities/1/country (b, line 7): \"EL\" is not a country code: write \"GR\" for Greece",
        "/cities/1/mergedInto (b, line 8): there is no city with the slug \"nowhere\"",
        "/cities/1/seat (b, line 10): expected true or false",
        "/cities/1/website (b, line 9): the text has no visible character",
        "/mayors (line 13): the collection \"mayors\" is unknown",
    ];
    assert_eq!(shown.len(), expected.len(), "{shown:#?}");
    for (shown, expected) in shown.iter().zip(expected) {
        assert!(shown.starts_with(expected), "{shown}");
    }
    // For a file that cannot be read to its end, it is the line at which the reading stopped.
    let faults = registry.refused("{\n\"cities\": [\n{\"slug\": \"a\",,}]}").await;
    assert_eq!(faults[0].line, Some(3), "{}", faults[0]);
}

#[tokio::test]
async fn lines_are_counted_with_any_line_end() {
    let registry = Registry::empty().await;
    let file = "{\n\"cities\": [\n{\"slug\": \"a\",\n\"population\": [\n{\"value\": 1e400}],\n\"slug\": \"b\",\n\"country\": \"XX\"}]}";
    for end in ["\n", "\r\n", "\r"] {
        let blanks = end.repeat(5_000);
        for (before, first) in [("", 0), (blanks.as_str(), 5_000)] {
            let file = before.to_owned() + &file.replace('\n', end);
            let faults = registry.refused(file).await;
            // The record is known by the first of its slugs.
            let expected = [
                format!("/cities/0 (a, line {}): the field \"names\" is missing", first + 3),
                format!("/cities/0/country (a, line {}): \"XX\" is not a country", first + 7),
                format!("/cities/0/population/0/value (a, line {}): 1e400 is not a count", first + 5),
                format!("/cities/0/slug (a, line {}): the field \"slug\" occurs twice", first + 6),
            ];
            let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
            assert_eq!(shown.len(), expected.len(), "{shown:#?}");
            for (shown, expected) in shown.iter().zip(expected) {
                assert!(shown.starts_with(&expected), "{shown}\n{expected}");
            }
        }
    }
    let faults = registry.refused("{\r\"cities\": [\r{\"slug\": \"a\",,}]}").await;
    assert_eq!(faults[0].line, Some(3), "{}", faults[0]);
}

#[tokio::test]
async fn a_key_cannot_control_the_terminal() {
    let registry = Registry::empty().await;
    let file = "{\"cities\":[{\"slug\":\"a\\u001b[2J\",\"country\":\"PL\",\"names\":{\"pl\":\"A\"},\"x\\u001b]0;y\\u0007\\u202e\":1}],\"\\u009b31m\\n\":[]}";
    let faults = registry.refused(file).await;
    assert_eq!(faults.len(), 3, "{faults:#?}");
    for fault in &faults {
        let shown = fault.to_string();
        assert!(!shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{shown:?}");
    }
    assert!(
        faults
            .iter()
            .any(|fault| fault.to_string().starts_with("/cities/0/x\\u{1b}]0;y\\u{7}\\u{202e} (a\\u{1b}[2J, line 1)")),
        "{faults:#?}"
    );
    // Programs get the unescaped pointer.
    assert!(faults.iter().any(|fault| fault.pointer == "/cities/0/x\u{1b}]0;y\u{7}\u{202e}"), "{faults:#?}");
}

#[tokio::test]
async fn members_beside_the_collections_are_checked() {
    let registry = Registry::empty().await;
    registry.import(r#"{"$schema": "exchange.schema.json", "language": "de-AT", "cities": []}"#).await;
    for (file, pointer, words) in [
        (r#"{"$schema": 7}"#, "/$schema", "expected the address of the schema, a string, found a number"),
        (r#"{"language": "english"}"#, "/language", "is not a language tag"),
        (r#"{"language": "p"}"#, "/language", "is not a language tag"),
        (r#"{"language": ["en"]}"#, "/language", "expected a language tag"),
        (r#"{"language": "en", "language": "pl"}"#, "/language", "\"language\" occurs twice"),
        (r#"{"$schema": "a", "$schema": "b"}"#, "/$schema", "\"$schema\" occurs twice"),
    ] {
        assert_fault(&registry.refused(file).await, pointer, words);
    }
}

#[tokio::test]
async fn all_faults_of_one_value_are_reported() {
    let registry = Registry::empty().await;
    let bare = json!({
        "partners": [{}, {"type": "person"}, {"slug": "a b"}], "title": "T",
        "budget": {"currency": "EUR", "shares": [{"party": {}}, {"party": {"type": "person"}}]}, "slug": "p"});
    let file = json!({
        "lettersOfIntent": [{"slug": "l", "title": "T", "parties": ["a"], "witnesses": [{}, {"type": "person"}]}],
        "projects": [bare],
        "interpellations": [{"slug": "i", "subject": "S", "answer": {"citations": [{}, {"type": "person", "version": 0}]}}],
    });
    let expected = [
        ("/lettersOfIntent/0/parties/0", "no city"),
        ("/lettersOfIntent/0/witnesses/0", "\"slug\" is missing"),
        ("/lettersOfIntent/0/witnesses/0", "\"type\" is missing"),
        ("/lettersOfIntent/0/witnesses/1", "\"slug\" is missing"),
        ("/lettersOfIntent/0/witnesses/1/type", "\"person\" is not in the list"),
        ("/projects/0/budget/shares/0/party", "\"slug\" is missing"),
        ("/projects/0/budget/shares/0/party", "\"type\" is missing"),
        ("/projects/0/budget/shares/1/party", "\"slug\" is missing"),
        ("/projects/0/budget/shares/1/party/type", "\"person\" is not in the list"),
        ("/projects/0/partners/0", "\"slug\" is missing"),
        ("/projects/0/partners/0", "\"type\" is missing"),
        ("/projects/0/partners/1", "\"slug\" is missing"),
        ("/projects/0/partners/1/type", "\"person\" is not in the list"),
        ("/projects/0/partners/2", "\"type\" is missing"),
        ("/projects/0/partners/2/slug", "is not a slug"),
        ("/interpellations/0/answer/citations/0", "\"slug\" is missing"),
        ("/interpellations/0/answer/citations/0", "\"type\" is missing"),
        ("/interpellations/0/answer/citations/1", "\"slug\" is missing"),
        ("/interpellations/0/answer/citations/1/type", "\"person\" is not in the list"),
        ("/interpellations/0/answer/citations/1/version", "count from 1"),
    ];
    let mut found: Vec<String> = registry.refused(file.to_string()).await.iter().map(ToString::to_string).collect();
    for (pointer, words) in expected {
        let is_it = |fault: &String| fault.split(' ').next() == Some(pointer) && fault.contains(words);
        let at = found.iter().position(is_it).unwrap_or_else(|| panic!("{pointer} {words}: {found:#?}"));
        found.remove(at);
    }
    assert_eq!(found, Vec::<String>::new());
    let text = format!("a\u{85}\u{fdd0}\u{202e}{}", "b".repeat(20_000));
    let file = json!({"organizations": [{"slug": "o", "name": text}], "projects": [{"slug": "p", "title": "T",
        "partners": [{"type": "person", "slug": "a b"}], "budget": {"currency": "EURO", "total": "1,5", "shares": [
            {"party": {"type": "city", "slug": "a/b"}, "amount": "-1.00"}]}}]});
    let expected = [
        ("/organizations/0/name", "control character"),
        ("/organizations/0/name", "U+FDD0, which is not a character"),
        ("/organizations/0/name", "opens a direction with U+202E"),
        ("/organizations/0/name", "longer than 20000 characters"),
        ("/projects/0/budget/currency", "\"EURO\" is not a currency"),
        ("/projects/0/budget/shares/0/amount", "not negative"),
        ("/projects/0/budget/shares/0/party/slug", "is not a slug"),
        ("/projects/0/budget/total", "is not an amount"),
        ("/projects/0/partners/0/slug", "is not a slug"),
        ("/projects/0/partners/0/type", "\"person\" is not in the list"),
    ];
    let expected = expected.map(|(pointer, words)| (pointer.to_owned(), words.to_owned()));
    assert_faults(&registry.refused(file.to_string()).await, &expected);
}

#[tokio::test]
async fn long_texts_are_accepted_up_to_a_limit() {
    // Letters that no database can compress into a small index entry.
    let mut seed: u32 = 1;
    let mut letters = |count: usize| -> String {
        std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from_u32(0x4E00 + (seed >> 16) % 20_000).unwrap()
        })
        .take(count)
        .collect()
    };
    let registry = Registry::empty().await;
    let (long, short) = (letters(20_000), letters(200));
    let file = json!({
        "cities": [{"slug": "a", "country": "PL", "names": {"pl": long}, "kind": short,
                    "nationalCodes": [{"scheme": short, "value": short}]}],
        "organizations": [{"slug": "o", "name": long, "kind": short}],
        "projects": [{"slug": "p", "title": long, "series": short, "fund": long, "registrationNumber": long,
                      "programme": long, "themes": [short]}],
        "meetings": [{"slug": "m", "title": long, "attendees": [{"name": long, "office": long}]}],
    });
    registry.import(file.to_string()).await;
    assert_eq!(differences(&file, &registry.export_json().await), Vec::<String>::new());
    let longer = json!({
        "organizations": [{"slug": "o", "name": letters(20_001), "kind": letters(201)}],
        "projects": [{"slug": "p", "title": "T", "series": letters(201), "themes": [letters(201)]}],
    });
    let expected = [
        ("/organizations/0/kind", "longer than 200 characters"),
        ("/organizations/0/name", "longer than 20000 characters"),
        ("/projects/0/series", "longer than 200 characters"),
        ("/projects/0/themes/0", "longer than 200 characters"),
    ];
    let expected = expected.map(|(pointer, words)| (pointer.to_owned(), words.to_owned()));
    assert_faults(&registry.refused(longer.to_string()).await, &expected);
}

#[tokio::test]
async fn a_valid_record_beside_an_invalid_one_is_not_written() {
    let registry = Registry::with(SAMPLE).await;
    let mut file = sample_json().clone();
    file["cities"][0]["website"] = json!("https://changed.example");
    file["documents"][5]["kind"] = json!(7);
    assert_fault(&registry.refused(file.to_string()).await, "/documents/5/kind", "expected a string, found a number");
}

//! No value of the sample is lost: every record is rebuilt from the answers of the API and compared with the file.
//!
//! A value that the rebuilding does not handle is missing in its result, so the comparison finds it.

use pomost_tests::{App, none, sample_json};
use serde_json::{Map, Value, json};

/// The query for the records of a collection, and the function that rebuilds them.
struct Collection {
    name: &'static str,
    list: &'static str,
    selection: &'static str,
    rebuilt: fn(&Value) -> Value,
}

/// Selections that several collections share.
const FRAGMENTS: &str = "
    fragment Text on LocalizedText { value(locales: []) }
    fragment Title on LocalizedText { variants { locale text origin } }
    fragment Date on PartialDate { value precision qualifier }
    fragment Person on Official { name office city { slug } }
    fragment Place on Place { city { slug } organization { slug } name venue }
    fragment Source on Source { url title retrievedOn }
    fragment Party on Party { __typename ... on City { slug } ... on Organization { slug } }
    fragment Money on Money { amountMinor currency }
    fragment Shared on Activity {
        slug title { ...Title } formLabel status startsOn { ...Date } endsOn { ...Date } hostCity { slug }
        place { ...Place } partnership { slug } cities { slug } organizations { slug } projects { slug }
        areas { label } summary { ...Text } note { ...Text } sources { ...Source }
        participants {
            total pupils children adults officials schools approximate minimum note { ...Text } bySide { city { slug } count }
        }
    }
";

const COLLECTIONS: [Collection; 13] = [
    Collection {
        name: "cities",
        list: "cities",
        selection: "slug kindLabel name { ...Title } alternateNames { name language kindLabel note { ...Text } }
            country { code } region { name nameLocal district municipality } location { latitude longitude }
            population { value date { ...Date } sourceUrl } codes { schemeLabel value } website isHome
            note { ...Text } sources { ...Source }",
        rebuilt: |city| {
            let alternate = |name: &Value| {
                json!({
                    "name": name["name"], "language": name["language"], "kind": name["kindLabel"],
                    "note": text(&name["note"]),
                })
            };
            let population = |known: &Value| {
                json!({
                    "value": known["value"], "date": known["date"]["value"],
                    "datePrecision": precision(&known["date"]), "sourceUrl": known["sourceUrl"],
                })
            };
            json!({
                "slug": city["slug"], "kind": city["kindLabel"], "country": city["country"]["code"],
                "names": by_language(variants(&city["name"], |_| true)),
                "alternateNames": each(&city["alternateNames"], alternate), "region": city["region"],
                "coordinates": { "lat": city["location"]["latitude"], "lon": city["location"]["longitude"] },
                "population": each(&city["population"], population),
                "nationalCodes": each(&city["codes"], |code| json!({ "scheme": code["schemeLabel"], "value": code["value"] })),
                "website": city["website"], "seat": flag(&city["isHome"]),
                "note": text(&city["note"]), "sources": sources(city),
            })
        },
    },
    Collection {
        name: "organizations",
        list: "organizations",
        selection:
            "slug name { ...Text } kindLabel city { slug } seatName parent { slug } foundedOn { ...Date } address
            note { ...Text } sources { ...Source }",
        rebuilt: |organization| {
            json!({
                "slug": organization["slug"], "name": text(&organization["name"]), "kind": organization["kindLabel"],
                "city": slug(&organization["city"]), "seatName": organization["seatName"],
                "parent": slug(&organization["parent"]), "founded": organization["foundedOn"]["value"],
                "foundedPrecision": precision(&organization["foundedOn"]), "address": organization["address"],
                "note": text(&organization["note"]), "sources": sources(organization),
            })
        },
    },
    Collection {
        name: "resolutions",
        list: "resolutions",
        selection: "slug city { slug } council { slug } subject { ...Text } number adoptedOn { ...Date }
            partnership { slug } note { ...Text } sources { ...Source }",
        rebuilt: |resolution| {
            json!({
                "slug": resolution["slug"], "city": slug(&resolution["city"]), "body": slug(&resolution["council"]),
                "subject": text(&resolution["subject"]), "number": resolution["number"],
                "date": exact(&resolution["adoptedOn"]), "dateNotAfter": bound(&resolution["adoptedOn"]),
                "datePrecision": precision(&resolution["adoptedOn"]),
                "partnership": slug(&resolution["partnership"]),
                "note": text(&resolution["note"]), "sources": sources(resolution),
            })
        },
    },
    Collection {
        name: "partnerships",
        list: "partnerships",
        selection: "slug cities { slug } status since { ...Date } agreements { slug } lettersOfIntent { slug }
            resolutions { slug } associations { slug } brokeredBy { slug } areas { label }
            note { ...Text } sources { ...Source }",
        rebuilt: |partnership| {
            json!({
                "slug": partnership["slug"], "cities": slugs(&partnership["cities"]),
                "status": label(&partnership["status"]), "since": partnership["since"]["value"],
                "datePrecision": precision(&partnership["since"]), "agreements": slugs(&partnership["agreements"]),
                "lettersOfIntent": slugs(&partnership["lettersOfIntent"]),
                "resolutions": slugs(&partnership["resolutions"]), "associations": slugs(&partnership["associations"]),
                "brokeredBy": slug(&partnership["brokeredBy"]), "themes": themes(partnership),
                "note": text(&partnership["note"]), "sources": sources(partnership),
            })
        },
    },
    Collection {
        name: "agreements",
        list: "agreements",
        selection: "slug kindLabel title { ...Title } partnership { slug } parties { slug } signedOn { ...Date }
            place { ...Place } occasion { ...Text } signatories { ...Person } aims { ...Text } scope { ...Text }
            precededBy { slug } renews { slug } note { ...Text } sources { ...Source }",
        rebuilt: |agreement| with(paper(agreement), json!({ "kind": agreement["kindLabel"] })),
    },
    Collection {
        name: "lettersOfIntent",
        list: "lettersOfIntent",
        selection: "slug title { ...Title } partnership { slug } parties { slug } signedOn { ...Date }
            place { ...Place } occasion { ...Text } signatories { ...Person } aims { ...Text } scope { ...Text }
            precededBy { slug } renews { slug } witnesses { ...Party } businessMission { slug }
            commitments(orderBy: [{ field: POSITION }]) { nodes {
                slug order area { label } text { ...Text } dueFrom { ...Date } dueNote { ...Text }
                quantity { minimum unit } status
            } }
            note { ...Text } sources { ...Source }",
        rebuilt: |letter| {
            let commitment = |commitment: &Value| {
                json!({
                    "slug": commitment["slug"], "order": commitment["order"], "theme": commitment["area"]["label"],
                    "text": text(&commitment["text"]), "dueFrom": commitment["dueFrom"]["value"],
                    "dueFromPrecision": precision(&commitment["dueFrom"]), "dueNote": text(&commitment["dueNote"]),
                    "quantity": commitment["quantity"], "status": label(&commitment["status"]),
                })
            };
            with(
                paper(letter),
                json!({
                    "witnesses": each(&letter["witnesses"], party), "businessMission": slug(&letter["businessMission"]),
                    "commitments": each(&letter["commitments"]["nodes"], commitment),
                }),
            )
        },
    },
    Collection {
        name: "projects",
        list: "projects",
        selection: "slug title { ...Title } programme { name { ...Text } } fund registrationNumber series edition stage
            follows { slug } startsOn { ...Date } endsOn { ...Date } fundingAgreementOn { ...Date } status
            budget {
                currency total { ...Money } erdf { ...Money } stateBudget { ...Money } euShare stateShare approximate
            }
            shares { party { ...Party } amount { ...Money } erdf { ...Money } stateBudget { ...Money } }
            partners { party { ...Party } role } cities { slug } areas { label } summary { ...Text }
            outputs { label count } note { ...Text } sources { ...Source }",
        rebuilt: |project| {
            let share = |share: &Value| {
                json!({
                    "party": party(&share["party"]), "amount": amount(&share["amount"]),
                    "erdf": amount(&share["erdf"]), "stateBudget": amount(&share["stateBudget"]),
                })
            };
            let partner = |partner: &Value| with(party(&partner["party"]), json!({ "role": label(&partner["role"]) }));
            let budget = &project["budget"];
            json!({
                "slug": project["slug"], "title": original(&project["title"]), "titles": translations(&project["title"]),
                "programme": text(&project["programme"]["name"]), "fund": project["fund"],
                "registrationNumber": project["registrationNumber"], "series": project["series"],
                "edition": project["edition"], "stage": project["stage"], "follows": slug(&project["follows"]),
                "startDate": project["startsOn"]["value"], "endDate": project["endsOn"]["value"],
                "datePrecision": precision(&project["startsOn"]), "endDatePrecision": precision(&project["endsOn"]),
                "fundingAgreementDate": project["fundingAgreementOn"]["value"], "status": label(&project["status"]),
                "budget": {
                    "currency": budget["currency"], "total": amount(&budget["total"]), "erdf": amount(&budget["erdf"]),
                    "stateBudget": amount(&budget["stateBudget"]), "euShare": budget["euShare"],
                    "stateShare": budget["stateShare"], "approximate": flag(&budget["approximate"]),
                    "shares": each(&project["shares"], share),
                },
                "partners": each(&project["partners"], partner), "cities": slugs(&project["cities"]),
                "themes": themes(project), "summary": text(&project["summary"]),
                "outputs": project["outputs"].as_array().map(|outputs| {
                    let output = |output: &Value| (string(&output["label"]), output["count"].clone());
                    outputs.iter().map(output).collect::<Map<_, _>>()
                }),
                "note": text(&project["note"]), "sources": sources(project),
            })
        },
    },
    Collection {
        name: "youthExchanges",
        list: "youthExchanges",
        selection: "...Shared guestCountries { code }",
        rebuilt: |exchange| {
            let countries = each(&exchange["guestCountries"], |country| country["code"].clone());
            with(activity(exchange), json!({ "guestCountries": countries }))
        },
    },
    Collection {
        name: "businessMissions",
        list: "businessMissions",
        selection: "...Shared topics { ...Text }",
        rebuilt: |mission| with(activity(mission), json!({ "topics": each(&mission["topics"], text) })),
    },
    Collection {
        name: "events",
        list: "jointEvents",
        selection: "...Shared meeting { slug }",
        rebuilt: |event| with(activity(event), json!({ "meeting": slug(&event["meeting"]) })),
    },
    Collection {
        name: "meetings",
        list: "meetings",
        selection: "...Shared agreement { slug } letterOfIntent { slug } event { slug } attendees { ...Person }",
        rebuilt: |meeting| {
            with(
                activity(meeting),
                json!({
                    "agreement": slug(&meeting["agreement"]), "letterOfIntent": slug(&meeting["letterOfIntent"]),
                    "event": slug(&meeting["event"]), "attendees": each(&meeting["attendees"], person),
                }),
            )
        },
    },
    Collection {
        name: "interpellations",
        list: "interpellations",
        selection: "slug kindLabel city { slug } council { slug } councillors { ...Person } submittedOn { ...Date }
            session { title { ...Text } } subject { ...Text } partnerships { slug } lettersOfIntent { slug }
            businessMissions { slug }
            answers(orderBy: [{ field: POSITION }]) { nodes {
                document { slug } addressee answeredOn { ...Date } summary { ...Text } areas { ...Text }
                announcements { ...Text }
            } }
            note { ...Text } sources { ...Source }",
        rebuilt: |interpellation| {
            let answer = &interpellation["answers"]["nodes"][0];
            json!({
                "slug": interpellation["slug"], "kind": interpellation["kindLabel"],
                "city": slug(&interpellation["city"]), "council": slug(&interpellation["council"]),
                "councillor": person(&interpellation["councillors"][0]),
                "submittedDate": interpellation["submittedOn"]["value"],
                "datePrecision": precision(&interpellation["submittedOn"]),
                "session": text(&interpellation["session"]["title"]), "subject": text(&interpellation["subject"]),
                "answer": {
                    "document": slug(&answer["document"]), "addressee": answer["addressee"],
                    "date": answer["answeredOn"]["value"], "summary": text(&answer["summary"]),
                    "areas": each(&answer["areas"], text), "announcements": each(&answer["announcements"], text),
                },
                "partnerships": slugs(&interpellation["partnerships"]),
                "lettersOfIntent": slugs(&interpellation["lettersOfIntent"]),
                "businessMissions": slugs(&interpellation["businessMissions"]),
                "note": text(&interpellation["note"]), "sources": sources(interpellation),
            })
        },
    },
    Collection {
        name: "documents",
        list: "documents",
        selection: "slug kindLabel title { ...Title } datedOn { ...Date } language languages reference url printRun
            city { slug } cities { slug } interpellation { slug } projects { slug }
            note { ...Text } sources { ...Source }",
        rebuilt: |document| {
            json!({
                "slug": document["slug"], "kind": document["kindLabel"], "title": original(&document["title"]),
                "titles": translations(&document["title"]), "date": document["datedOn"]["value"],
                "datePrecision": precision(&document["datedOn"]), "language": document["language"],
                "languages": document["languages"], "reference": document["reference"], "url": document["url"],
                "printRun": document["printRun"], "city": slug(&document["city"]), "cities": slugs(&document["cities"]),
                "interpellation": slug(&document["interpellation"]), "projects": slugs(&document["projects"]),
                "note": text(&document["note"]), "sources": sources(document),
            })
        },
    },
];

/// The common fields of agreements and letters of intent.
fn paper(paper: &Value) -> Value {
    json!({
        "slug": paper["slug"], "title": original(&paper["title"]), "titles": translations(&paper["title"]),
        "partnership": slug(&paper["partnership"]), "parties": slugs(&paper["parties"]),
        "date": exact(&paper["signedOn"]), "dateNotAfter": bound(&paper["signedOn"]),
        "datePrecision": precision(&paper["signedOn"]), "place": place(&paper["place"]),
        "occasion": text(&paper["occasion"]), "signatories": each(&paper["signatories"], person),
        "aims": each(&paper["aims"], text), "scope": each(&paper["scope"], text),
        "precededBy": slugs(&paper["precededBy"]), "renews": slug(&paper["renews"]),
        "note": text(&paper["note"]), "sources": sources(paper),
    })
}

/// The common fields of the five kinds of activities.
fn activity(activity: &Value) -> Value {
    let people = &activity["participants"];
    let side = |side: &Value| json!({ "city": slug(&side["city"]), "count": side["count"] });
    json!({
        "slug": activity["slug"], "title": original(&activity["title"]), "titles": translations(&activity["title"]),
        "kind": activity["formLabel"], "status": label(&activity["status"]),
        "startDate": activity["startsOn"]["value"], "endDate": activity["endsOn"]["value"],
        "datePrecision": precision(&activity["startsOn"]), "hostCity": slug(&activity["hostCity"]),
        "place": place(&activity["place"]), "partnership": slug(&activity["partnership"]),
        "cities": slugs(&activity["cities"]), "organizations": slugs(&activity["organizations"]),
        "projects": slugs(&activity["projects"]), "themes": themes(activity), "summary": text(&activity["summary"]),
        "participants": {
            "total": people["total"], "pupils": people["pupils"], "children": people["children"],
            "adults": people["adults"], "officials": people["officials"], "schools": people["schools"],
            "approximate": flag(&people["approximate"]), "minimum": flag(&people["minimum"]),
            "note": text(&people["note"]), "bySide": each(&people["bySide"], side),
        },
        "note": text(&activity["note"]), "sources": sources(activity),
    })
}

fn with(mut record: Value, more: Value) -> Value {
    let Value::Object(more) = more else { unreachable!() };
    record.as_object_mut().unwrap().extend(more);
    record
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn each(list: &Value, rebuilt: impl Fn(&Value) -> Value) -> Value {
    list.as_array().map_or(Value::Null, |items| items.iter().map(rebuilt).collect())
}

fn slug(record: &Value) -> Value {
    record["slug"].clone()
}

fn slugs(records: &Value) -> Value {
    each(records, slug)
}

fn text(text: &Value) -> Value {
    text["value"].clone()
}

fn variants(text: &Value, wanted: impl Fn(&Value) -> bool) -> Vec<&Value> {
    text["variants"].as_array().into_iter().flatten().filter(|variant| wanted(variant)).collect()
}

fn by_language(variants: Vec<&Value>) -> Value {
    Value::Object(variants.into_iter().map(|variant| (string(&variant["locale"]), variant["text"].clone())).collect())
}

fn original(text: &Value) -> Value {
    let originals = variants(text, |variant| variant["origin"] == "ORIGINAL");
    assert_eq!(originals.len(), 1, "{text}");
    originals[0]["text"].clone()
}

fn translations(text: &Value) -> Value {
    by_language(variants(text, |variant| variant["origin"] != "ORIGINAL"))
}

/// `IN_PROGRESS` in the form of files: `inProgress`.
fn label(value: &Value) -> Value {
    let Some(name) = value.as_str() else { return Value::Null };
    let mut words = name.split('_').map(str::to_lowercase);
    let mut label = words.next().unwrap_or_default();
    for word in words {
        let (initial, rest) = word.split_at(1);
        label += &initial.to_uppercase();
        label += rest;
    }
    label.into()
}

/// Files omit a flag that is false.
fn flag(value: &Value) -> Value {
    if *value == false { Value::Null } else { value.clone() }
}

fn precision(date: &Value) -> Value {
    label(&date["precision"])
}

fn exact(date: &Value) -> Value {
    if date["qualifier"].is_null() { date["value"].clone() } else { Value::Null }
}

fn bound(date: &Value) -> Value {
    if date["qualifier"] == "NOT_AFTER" { date["value"].clone() } else { Value::Null }
}

fn place(place: &Value) -> Value {
    json!({
        "city": slug(&place["city"]), "organization": slug(&place["organization"]), "name": place["name"],
        "venue": place["venue"],
    })
}

fn person(official: &Value) -> Value {
    json!({ "name": official["name"], "office": official["office"], "city": slug(&official["city"]) })
}

fn party(party: &Value) -> Value {
    json!({ "type": party["__typename"].as_str().map(str::to_lowercase), "slug": party["slug"] })
}

fn themes(record: &Value) -> Value {
    each(&record["areas"], |area| area["label"].clone())
}

fn sources(record: &Value) -> Value {
    let source =
        |source: &Value| json!({ "url": source["url"], "title": source["title"], "retrieved": source["retrievedOn"] });
    each(&record["sources"], source)
}

/// Minor units in the form of files; all currencies of the sample have a hundred per unit.
fn amount(money: &Value) -> Value {
    let Some(minor) = money["amountMinor"].as_str() else { return Value::Null };
    let padded = format!("{minor:0>3}");
    let (units, cents) = padded.split_at(padded.len() - 2);
    format!("{units}.{cents}").into()
}

/// The differences between the file and the rebuilt record.
fn differences(path: &str, file: &Value, rebuilt: &Value, faults: &mut Vec<String>) {
    match (file, rebuilt) {
        (Value::Object(file), Value::Object(rebuilt)) => {
            for (name, value) in file {
                differences(&format!("{path}.{name}"), value, rebuilt.get(name).unwrap_or(&Value::Null), faults);
            }
            for (name, value) in rebuilt.iter().filter(|(name, _)| !file.contains_key(*name)) {
                // Files repeat a precision for the first date of a record only.
                if !is_nothing(value) && !name.ends_with("Precision") {
                    faults.push(format!("{path}.{name} is not in the file: {value}"));
                }
            }
        }
        (Value::Array(file), Value::Array(rebuilt)) if file.len() == rebuilt.len() => {
            for (at, (file, rebuilt)) in file.iter().zip(rebuilt).enumerate() {
                differences(&format!("{path}[{at}]"), file, rebuilt, faults);
            }
        }
        _ if file == rebuilt => {}
        _ => faults.push(format!("{path} is {file} in the file and {rebuilt} in the answer")),
    }
}

/// True if there is no value at any depth.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}

#[tokio::test]
async fn every_value_of_the_sample_is_in_the_answers() {
    let app = App::sample().await;
    let mut faults = Vec::new();
    let named: Vec<&str> = COLLECTIONS.iter().map(|collection| collection.name).collect();
    let unknown: Vec<&String> = sample_json()
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| !named.contains(&name.as_str()) && *name != "language")
        .collect();
    assert!(unknown.is_empty(), "collections that are not compared: {unknown:?}");
    for Collection { name, list, selection, rebuilt } in COLLECTIONS {
        let records = sample_json()[name].as_array().unwrap();
        let used = fragments_of(selection);
        let document = format!("{{ {list}(first: {}) {{ nodes {{ {selection} }} }} }} {used}", records.len());
        let reply = app.query(&document).await;
        let nodes = reply.data()[list]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), records.len(), "{name}");
        for record in records {
            let path = format!("{name}.{}", string(&record["slug"]));
            match nodes.iter().find(|node| node["slug"] == record["slug"]) {
                Some(node) => differences(&path, record, &rebuilt(node), &mut faults),
                None => faults.push(format!("{path} is not there")),
            }
        }
    }
    none(&faults);
}

/// The fragments that a selection uses, directly or through others: unused ones are not valid.
fn fragments_of(selection: &str) -> String {
    let mut used: Vec<&str> = Vec::new();
    let mut open = vec![selection];
    while let Some(text) = open.pop() {
        for fragment in FRAGMENTS.split("fragment ").filter(|fragment| !fragment.trim().is_empty()) {
            let spread = format!("...{}", fragment.split_whitespace().next().unwrap());
            if text.split_whitespace().any(|word| word == spread) && !used.contains(&fragment) {
                used.push(fragment);
                open.push(fragment);
            }
        }
    }
    used.into_iter().flat_map(|fragment| ["fragment ", fragment]).collect()
}

//! What the fields of the exchange format mean, in a sentence each. A name means the same wherever it stands, so that one
//! table serves files, their JSON Schema and the inputs of the API.

/// What a field means.
pub fn about(field: &str) -> Option<&'static str> {
    let found = WORDS.binary_search_by_key(&field, |(name, _)| name).ok()?;
    WORDS.get(found).map(|(_, text)| *text)
}

/// In the order of the alphabet.
const WORDS: &[(&str, &str)] = &[
    ("address", "Postal address of the seat, on one line."),
    ("addressee", "Whom the answer addresses, by office."),
    ("adults", "Adults among the people, counted."),
    ("agreement", "Agreement that it was about or that was signed at it."),
    ("agreements", "Papers that the partnership rests on."),
    ("aims", "What the parties want to reach, a text for each aim."),
    ("alternateNames", "Historic names and spellings under which the city is found as well."),
    ("amount", "The partner's part of the budget, in major units of its currency, such as \"1109520.53\"."),
    ("announcements", "What the answer announces, a text for each."),
    ("answer", "The written answer, the first one."),
    ("approximate", "Whether the figures are rounded; then they need not add up."),
    ("areas", "The fields of cooperation that the answer lists, a text for each."),
    ("assignedTo", "Office that has to prepare the answer."),
    ("associations", "Associations that carry the partnership."),
    ("attendees", "Holders of public offices who took part."),
    (
        "basedOnVersion",
        "Version of the record to which a translation was last brought; of the original, in which it last changed.",
    ),
    ("body", "Council that resolved."),
    ("brokeredBy", "City that made the contact."),
    ("budget", "What the project costs, and who pays."),
    ("businessMission", "Business mission at which the letter was signed."),
    ("businessMissions", "Business missions that it is about."),
    ("bySide", "How many people came from each city."),
    ("children", "Children among the people, counted."),
    ("citations", "Records that the answer rests on, each in the version that was cited."),
    ("cities", "Cities that take part."),
    ("city", "City that it belongs to."),
    ("commitments", "The promises of the letter, each on its own."),
    ("coordinates", "Where the city is, in degrees (WGS 84)."),
    ("council", "Council that it belongs to, an organization."),
    ("councillor", "Who asks, by office."),
    ("count", "People from this city, counted."),
    ("country", "Country, as an ISO 3166-1 alpha-2 code, such as \"PL\", or \"XK\" for Kosovo."),
    ("currency", "Currency of the amounts, as an ISO 4217 code, such as \"EUR\"."),
    ("date", "When it happened, as exactly as it is known: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("dateNotAfter", "Day, month or year by which it had happened, where no more is known."),
    ("datePrecision", "How exactly the date is known; it repeats what the date shows."),
    ("district", "District or county around the city."),
    ("document", "The paper itself, a document of the registry."),
    ("dueFrom", "From when on it is to be kept: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("dueFromPrecision", "How exactly that date is known; it repeats what the date shows."),
    ("dueNote", "What the letter says on time, in its words."),
    ("edition", "Number in the series, from 1."),
    ("endDate", "Last day, as exactly as it is known: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("endDatePrecision", "How exactly the end is known, where other than the start."),
    ("erdf", "The part that the European Regional Development Fund pays, in major units, such as \"943092.45\"."),
    ("euShare", "Share of the EU in the total, from 0 to 1, such as 0.85."),
    ("event", "Joint event that it belongs to."),
    ("follows", "What came before it."),
    ("formedBy", "Towns that were joined to this one."),
    ("founded", "When it was founded: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("foundedPrecision", "How exactly that date is known; it repeats what the date shows."),
    ("from", "First day, as exactly as it is known."),
    ("fund", "Fund that pays, such as \"ERDF\"."),
    ("fundingAgreementDate", "When the funding was agreed on."),
    ("guestCountries", "Countries that guests came from, as ISO 3166-1 alpha-2 codes."),
    ("hostCity", "City where it takes place."),
    ("interpellation", "Interpellation that the document belongs to."),
    ("interruptions", "Times in which the partnership rested."),
    ("kind", "Kind of record, an open list: a value that is not known is kept and shown as OTHER with its label."),
    ("language", "Language, as a BCP 47 tag, such as \"pl\"."),
    ("languages", "Languages, as BCP 47 tags, where there are several."),
    ("lat", "Degrees of latitude, north positive."),
    ("letterOfIntent", "Letter of intent that it was about or that was signed at it."),
    ("lettersOfIntent", "Letters of intent that belong to it."),
    ("licence", "Licence of the record's content, as an SPDX identifier; CC-BY-4.0 when left out."),
    ("lon", "Degrees of longitude, east positive."),
    ("meeting", "Meeting that it belongs to."),
    ("mergedInto", "City that it became a part of."),
    ("minimum", "At least so much; of counts, whether they mean \"at least\"."),
    ("municipality", "Municipality around the place."),
    ("name", "Name, as it is written at home."),
    ("nameLocal", "The same name in the language of the country."),
    ("names", "Names by language tag; the first one in a language of the country is the official one."),
    ("nationalCodes", "Codes by which registers know the city."),
    ("note", "What is uncertain, inferred or contradictory."),
    ("number", "Number, as the council writes it."),
    ("occasion", "Event at which it was signed."),
    ("office", "Public office that the person holds."),
    ("officials", "Holders of public offices among the people, counted."),
    ("openEnded", "Whether it holds until it is ended. Without this and without a last day it is not known how long."),
    ("order", "Number of the promise in the letter."),
    ("organization", "Institution where it takes place."),
    ("organizations", "Institutions, associations and companies that take part."),
    ("origin", "How a text came about: original, official_translation, human or machine."),
    ("outputs", "What came out of it: counts under names of your choice."),
    ("parent", "Organization that it is a part of."),
    ("partOf", "Wider partnership that it is nested in."),
    ("participants", "People who took part, in counts from different sources, which need not add up; never names."),
    ("parties", "Cities that are parties."),
    ("partners", "Cities and organizations that carry the project, each with its role."),
    ("partnership", "Partnership that it belongs to."),
    ("partnerships", "Partnerships that it is about."),
    ("party", "City or organization whose share it is."),
    ("place", "Where it happened, where that is more than a city."),
    ("population", "How many people live there, with date and source; several values on purpose."),
    ("precededBy", "Council resolutions that came before it."),
    ("printRun", "Printed copies."),
    ("programme", "Funding programme, by its name."),
    ("projects", "Projects that it belongs to."),
    ("pupils", "Pupils among the people, counted."),
    ("quantity", "How much was promised."),
    ("questions", "The single questions that it asks, a text for each."),
    ("quote", "Words of the cited record."),
    ("reason", "Why, in the words of whoever decided."),
    ("receivedByMayorDate", "When the mayor received it: a whole day, from which the time for the answer counts."),
    ("reference", "File number or shelf mark."),
    ("region", "Administrative areas around the city."),
    ("registrationNumber", "Number under which the programme knows the project."),
    ("renews", "Earlier paper that it renews."),
    ("resolution", "Council resolution that it rests on."),
    ("resolutions", "Council resolutions that belong to it."),
    ("retractedDate", "When the councillor withdrew it, before it was answered: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("retrieved", "Day on which the source was read: YYYY-MM-DD."),
    ("role", "What the partner does: lead, partner or associated."),
    ("scheme", "Register that the code is from, such as TERYT, CZ_LAU2, SK_LAU2, AGS, GEONAMES or WIKIDATA."),
    ("schools", "Schools that took part, not people, counted."),
    ("scope", "What the paper covers, a text for each."),
    ("seat", "Whether it is the city whose cooperation the registry describes."),
    ("seatName", "Where it has its seat, when that is no city of the registry."),
    ("series", "Series of projects that it belongs to."),
    ("session", "Session at which it was filed: the slug of a session, or its title."),
    ("shares", "What each partner contributes."),
    ("sides", "The dates as one city states them, where the cities differ."),
    ("signatories", "Who signed, by name, office and city."),
    ("signedBy", "Who signed the answer, by name, office and city."),
    ("since", "Since when it lasts: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("slug", "Readable, lasting name, unique among records of its type: letters, digits, '-', '_', '.' and '~'."),
    ("sourceUrl", "Address of the page that states the figure."),
    ("sources", "Where the facts were found."),
    ("stage", "Number of the stage, from 1."),
    ("startDate", "First day, as exactly as it is known: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("stateBudget", "The part that the state pays, in major units of the currency."),
    ("stateShare", "Share of the state in the total, from 0 to 1."),
    ("status", "Where it stands."),
    ("subject", "What it is about."),
    ("submittedDate", "When it was filed: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("succeededBy", "Partnership that followed it."),
    ("succeeds", "Partnership that it followed."),
    ("summary", "What it was about, in a few sentences."),
    ("supplements", "Later answers, which supplement the first."),
    ("suspensions", "Times in which it rests by a decision, one after the other; the last one may have no end yet."),
    ("term", "Term of the council."),
    ("termination", "How it was ended."),
    ("text", "The words themselves."),
    ("theme", "Theme, an open list that maps onto the areas of cooperation."),
    ("themes", "Themes, an open list that maps onto the areas of cooperation."),
    ("title", "Title in its original language."),
    ("titles", "Titles by language tag; repeating the title itself states its language."),
    ("to", "Last day, as exactly as it is known."),
    ("topics", "What it was about, a text for each topic."),
    ("total", "All of it together: people counted, or the whole budget in major units of the currency."),
    ("translator", "Who translated it."),
    ("type", "What is meant: a city, an organization or, where more can be, another type of record."),
    ("unit", "What is counted."),
    ("until", "Until when it lasted: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("untilPrecision", "How exactly the end is known; it repeats what the date shows."),
    ("url", "Address of the page, or slug of a document of the registry."),
    ("validFrom", "From when on it is valid: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("validTo", "Until when it is valid: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("value", "The value itself."),
    ("venue", "Building or room."),
    ("version", "Version of the record that was cited."),
    ("visibility", "Who may see the record once it is published; everyone when left out."),
    ("website", "Address of the website."),
    ("witnesses", "Cities and organizations that witnessed the signing."),
    ("year", "When that was: YYYY, YYYY-MM or YYYY-MM-DD."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Json, json_schema};

    fn fields(json: &Json, found: &mut Vec<String>) {
        match json {
            Json::Object(members) => {
                for (key, value) in members {
                    if key == "properties"
                        && let Json::Object(properties) = value
                    {
                        found.extend(properties.iter().map(|(name, _)| name.clone()));
                    }
                    fields(value, found);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| fields(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_field_is_explained_and_every_word_is_used() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        let schema = json_schema();
        let Some(Json::Object(collections)) = schema.get("properties") else { panic!("no collections") };
        let mut found = Vec::new();
        for (_, collection) in collections {
            fields(collection, &mut found);
        }
        for field in &found {
            assert!(about(field).is_some(), "{field} is not explained");
        }
    }
}

//! Explains the fields of the exchange format, in a sentence each. A name has the same meaning wherever it occurs, so one
//! table serves files, their JSON Schema and the inputs of the API.

/// The meaning of a field.
pub fn about(field: &str) -> Option<&'static str> {
    let found = WORDS.binary_search_by_key(&field, |(name, _)| name).ok()?;
    WORDS.get(found).map(|(_, text)| *text)
}

/// In alphabetical order.
const WORDS: &[(&str, &str)] = &[
    ("address", "Postal address of the seat, on one line."),
    ("addressee", "Addressee of the answer, by office."),
    ("adults", "Number of adults among the people."),
    ("agreement", "Agreement that was its subject or that was signed at it."),
    ("agreements", "Papers that are the basis of the partnership."),
    ("aims", "Aims of the parties, a text for each aim."),
    ("alternateNames", "Historic names and spellings by which the city can also be found."),
    ("amount", "Share of the partner in the budget, in major units of its currency, such as \"1109520.53\"."),
    ("announcements", "Plans that the answer announces, a text for each."),
    ("answer", "The written answer, the first one."),
    ("approximate", "True if the figures are rounded; then they need not add up."),
    ("areas", "The fields of cooperation that the answer lists, a text for each."),
    ("assignedTo", "Office that prepares the answer."),
    ("associations", "Associations that run the partnership."),
    ("attendees", "Holders of public offices who took part."),
    (
        "basedOnVersion",
        "Version of the record to which a translation was last brought; of the original, in which it last changed.",
    ),
    ("body", "Council that adopted the resolution."),
    ("brokeredBy", "City that established the contact."),
    ("budget", "Planned costs of the project, and their funding."),
    ("businessMission", "Business mission at which the letter was signed."),
    ("businessMissions", "Business missions that are its subject."),
    ("bySide", "Number of people from each city."),
    ("children", "Number of children among the people."),
    ("citations", "Records that the answer cites, each in the version that was cited."),
    ("cities", "Cities that take part."),
    ("city", "City that it belongs to."),
    ("commitments", "Single promises of the letter."),
    ("coordinates", "Position of the city in degrees (WGS 84)."),
    ("council", "Council that it belongs to, an organization."),
    ("councillor", "Councillor who filed it, by office."),
    ("count", "Number of people from this city."),
    ("country", "Country, as an ISO 3166-1 alpha-2 code, such as \"PL\", or \"XK\" for Kosovo."),
    ("currency", "Currency of the amounts, as an ISO 4217 code, such as \"EUR\"."),
    ("date", "Date, as precise as it is known: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("dateNotAfter", "Latest possible day, month or year, if the date itself is not known."),
    ("datePrecision", "Precision of the date; it must match the form of the date."),
    ("district", "District or county around the city."),
    ("document", "The paper itself, a document of the registry."),
    ("dueFrom", "Date from which it is due: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("dueFromPrecision", "Precision of that date; it must match the form of the date."),
    ("dueNote", "Words of the letter on the time."),
    ("edition", "Number in the series, from 1."),
    ("endDate", "Last day, as precise as it is known: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("endDatePrecision", "Precision of the end, if it differs from that of the start."),
    ("erdf", "Amount that the European Regional Development Fund pays, in major units, such as \"943092.45\"."),
    ("euShare", "Share of the EU in the total, from 0 to 1, such as 0.85."),
    ("event", "Joint event that it belongs to."),
    ("follows", "Paper that precedes it."),
    ("formedBy", "Towns that were merged into this city."),
    ("founded", "Date of its foundation: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("foundedPrecision", "Precision of that date; it must match the form of the date."),
    ("from", "First day, as precise as it is known."),
    ("fund", "Fund that pays, such as \"ERDF\"."),
    ("fundingAgreementDate", "Date of the funding agreement."),
    ("guestCountries", "Countries that guests came from, as ISO 3166-1 alpha-2 codes."),
    ("hostCity", "City in which it takes place."),
    ("interpellation", "Interpellation that the document belongs to."),
    ("interruptions", "Periods in which the partnership was interrupted."),
    ("kind", "Kind of record, an open list: an unknown value is stored and shown as OTHER with its label."),
    ("language", "Language, as a BCP 47 tag, such as \"pl\"."),
    ("languages", "Languages, as BCP 47 tags, if there are several."),
    ("lat", "Degrees of latitude, north positive."),
    ("letterOfIntent", "Letter of intent that was its subject or that was signed at it."),
    ("lettersOfIntent", "Letters of intent that belong to it."),
    ("licence", "Licence of the record's content, as an SPDX identifier; CC-BY-4.0 if left out."),
    ("lon", "Degrees of longitude, east positive."),
    ("meeting", "Meeting that it belongs to."),
    ("mergedInto", "City that it was merged into."),
    ("minimum", "Minimum; for participants: true if the counts are minimums."),
    ("municipality", "Municipality around the place."),
    ("name", "Name in its original spelling."),
    ("nameLocal", "The same name in the language of the country."),
    ("names", "Names by language tag; the first one in an official language of the country is the official name."),
    ("nationalCodes", "Codes of the city in official registers."),
    ("note", "Remarks on facts that are uncertain, inferred or contradictory."),
    ("number", "Number in the notation of the council."),
    ("occasion", "Event at which it was signed."),
    ("office", "Public office that the person holds."),
    ("officials", "Number of holders of public offices among the people."),
    (
        "openEnded",
        "True if it is in force until it is terminated. Without this and without a last day the duration is not known.",
    ),
    ("order", "Number of the promise in the letter."),
    ("organization", "Institution in which it takes place."),
    ("organizations", "Institutions, associations and companies that take part."),
    ("origin", "Origin of the text: original, official_translation, human or machine."),
    ("outputs", "Results of the project: counts under names of your choice."),
    ("parent", "Organization that it is a part of."),
    ("partOf", "Wider partnership that it is a part of."),
    ("participants", "People who took part, in counts from different sources, which need not add up; never names."),
    ("parties", "Cities that are parties."),
    ("partners", "Cities and organizations that run the project, each with its role."),
    ("partnership", "Partnership that it belongs to."),
    ("partnerships", "Partnerships that are its subject."),
    ("party", "City or organization that has the share."),
    ("place", "Place, if it is more specific than a city."),
    ("population", "Numbers of inhabitants, each with its date and source; they may contradict each other."),
    ("precededBy", "Council resolutions that precede it."),
    ("printRun", "Number of printed copies."),
    ("programme", "Funding programme, by its name."),
    ("projects", "Projects that it belongs to."),
    ("pupils", "Number of pupils among the people."),
    ("quantity", "Promised quantity."),
    ("questions", "Single questions, a text for each."),
    ("quote", "Quoted words of the cited record."),
    ("reason", "Reason, in the words of the source."),
    (
        "receivedByMayorDate",
        "Day on which the mayor received it: YYYY-MM-DD. The deadline for the answer counts from this day.",
    ),
    ("reference", "File number or shelf mark."),
    ("region", "Administrative areas around the city."),
    ("registrationNumber", "Number of the project in its funding programme."),
    ("renews", "Earlier paper that it renews."),
    ("resolution", "Council resolution that is its basis."),
    ("resolutions", "Council resolutions that belong to it."),
    ("retractedDate", "Date on which the councillor withdrew it, before it was answered: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("retrieved", "Day on which the source was read: YYYY-MM-DD."),
    ("role", "Role of the partner: lead, partner or associated."),
    ("scheme", "Register of the code, such as TERYT, CZ_LAU2, SK_LAU2, AGS, GEONAMES or WIKIDATA."),
    ("schools", "Number of schools that took part, not of people."),
    ("scope", "Subjects that the paper covers, a text for each."),
    ("seat", "True for the city whose cooperation the registry describes."),
    ("seatName", "Place of its seat, if that is not a city of the registry."),
    ("series", "Series of projects that it belongs to."),
    ("session", "Session at which it was filed, as its slug or its title."),
    ("shares", "Shares of the partners in the budget."),
    ("sides", "Dates of the partnership according to each city, if the cities differ."),
    ("signatories", "Officials who signed, by name, office and city."),
    ("signedBy", "Official who signed the answer, by name, office and city."),
    ("since", "Date of its beginning: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("slug", "Readable, permanent name, unique among records of its type: letters, digits, '-', '_', '.' and '~'."),
    ("sourceUrl", "Address of the page that states the figure."),
    ("sources", "Sources of the facts."),
    ("stage", "Number of the stage, from 1."),
    ("startDate", "First day, as precise as it is known: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("stateBudget", "The part that the state pays, in major units of the currency."),
    ("stateShare", "Share of the state in the total, from 0 to 1."),
    ("status", "Present state, as the sources state it."),
    ("subject", "Subject, in a few words."),
    ("submittedDate", "Date of filing: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("succeededBy", "Partnership that continues it."),
    ("succeeds", "Partnership that it continues."),
    ("summary", "Summary in a few sentences."),
    ("supplements", "Later answers, which supplement the first."),
    ("suspensions", "Periods in which it is suspended by a decision, in order; the last one may have no end yet."),
    ("term", "Term of the council."),
    ("termination", "Termination before its end."),
    ("text", "Full text."),
    ("theme", "Theme, an open list that maps onto the areas of cooperation."),
    ("themes", "Themes, an open list that maps onto the areas of cooperation."),
    ("title", "Title in its original language."),
    ("titles", "Titles by language tag; a variant that repeats the title states its language."),
    ("to", "Last day, as precise as it is known."),
    ("topics", "Subjects, a text for each topic."),
    ("total", "Total: the number of people, or the whole budget in major units of the currency."),
    ("translator", "Translator."),
    ("type", "Type of the record: a city, an organization or, for citations, another type."),
    ("unit", "Unit of the quantity."),
    ("until", "Date of its end: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("untilPrecision", "Precision of the end; it must match the form of the date."),
    ("url", "Address of the page, or slug of a document of the registry."),
    ("validFrom", "First day of validity: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("validTo", "Last day of validity: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("value", "Number of inhabitants, or the code itself."),
    ("venue", "Building or room."),
    ("version", "Version of the record that was cited."),
    ("visibility", "Audience of the record once it is published; everyone if left out."),
    ("website", "Address of the website."),
    ("witnesses", "Cities and organizations that witnessed the signing."),
    ("year", "Date: YYYY, YYYY-MM or YYYY-MM-DD."),
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
    fn every_field_is_explained_and_every_explanation_is_used() {
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

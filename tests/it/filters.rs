//! Filters: the records of the sample that they find, and the values that they refuse.

use pomost_tests::types::types;
use pomost_tests::{App, none, sample_json};
use serde_json::{Value, json};

const BAD_INPUT: &str = "BAD_USER_INPUT";

/// A list, a filter, and the slugs that it finds.
type Case = (&'static str, &'static str, &'static str);

/// Every record of the list.
const ALL: &str = "*";

/// Filters that the page of a partner city needs: kind, status, area, country, city, organization, period.
const PARTNER_PAGE: &[Case] = &[
    ("cities", r#"{ country: { eq: "CZ" } }"#, "havirov karvina petrovice-u-karvine"),
    ("cities", r#"{ country: { in: ["SK", "FR"] } }"#, "prievidza tourcoing"),
    ("cities", "{ isHome: true }", "jastrzebie-zdroj"),
    ("cities", "{ isHome: false, kind: { eq: CITY } }", "havirov ibbenbueren karvina prievidza tourcoing tukums"),
    ("cities", "{ kind: { eq: MUNICIPALITY } }", "godow petrovice-u-karvine zebrzydowice"),
    ("cities", "{ partnerships: { some: { status: { eq: UNKNOWN } } } }", "jastrzebie-zdroj tourcoing"),
    ("cities", "{ partnerships: { none: {} } }", "godow petrovice-u-karvine tukums zebrzydowice"),
    ("cities", r#"{ agreements: { some: { signedOn: { lt: "1990" } } } }"#, "ibbenbueren prievidza"),
    ("cities", r#"{ agreements: { every: { signedOn: { gte: "2000" } } }, partnerships: { some: {} } }"#, "tourcoing"),
    ("cities", "{ activities: { some: { kind: { eq: YOUTH_EXCHANGE } } } }", "jastrzebie-zdroj karvina prievidza"),
    ("organizations", "{ kind: { eq: COUNCIL } }", "rada-miasta-jastrzebie-zdroj rat-der-stadt-ibbenbueren"),
    (
        "organizations",
        "{ kind: { in: [SCHOOL, CHAMBER] } }",
        "izba-gospodarcza-karvina zs-10-jastrzebie-zdroj zs-9-jastrzebie-zdroj zs-ms-cihelni-karvina",
    ),
    (
        "organizations",
        r#"{ city: { slug: { eq: "karvina" } } }"#,
        "izba-gospodarcza-karvina medk-karvina mestska-policie-karvina zs-ms-cihelni-karvina",
    ),
    (
        "organizations",
        r#"{ city: { country: { eq: "DE" } } }"#,
        "knappenverein-tecklenburger-land rag-anthrazit-ibbenbueren rat-der-stadt-ibbenbueren \
         schnittstelle-kohlekonversion staedtepartnerschaftsverein-ibbenbueren",
    ),
    (
        "organizations",
        r#"{ parent: { slug: { eq: "mok-jastrzebie-zdroj" } } }"#,
        "galeria-epicentrum galeria-historii-miasta",
    ),
    ("resolutions", r#"{ city: { slug: { eq: "ibbenbueren" } } }"#, "ibbenbueren-council-resolution-jastrzebie"),
    (
        "resolutions",
        r#"{ council: { slug: { eq: "rada-miasta-jastrzebie-zdroj" } } }"#,
        "jz-council-resolution-ibbenbueren",
    ),
    ("resolutions", r#"{ partnership: { cities: { some: { slug: { eq: "karvina" } } } } }"#, ""),
    (
        "resolutions",
        "{ number: { isNull: true } }",
        "ibbenbueren-council-resolution-jastrzebie jz-council-resolution-ibbenbueren",
    ),
    (
        "partnerships",
        "{ status: { eq: ACTIVE } }",
        "ibbenbueren--prievidza jastrzebie-zdroj--havirov jastrzebie-zdroj--ibbenbueren \
         jastrzebie-zdroj--karvina jastrzebie-zdroj--prievidza",
    ),
    ("partnerships", "{ status: { notIn: [ACTIVE] } }", "jastrzebie-zdroj--tourcoing"),
    ("partnerships", "{ area: { eq: PUBLIC_SAFETY } }", "jastrzebie-zdroj--havirov jastrzebie-zdroj--karvina"),
    ("partnerships", "{ area: { isNull: true } }", "ibbenbueren--prievidza jastrzebie-zdroj--tourcoing"),
    (
        "partnerships",
        "{ area: { in: [YOUTH, ENVIRONMENT] } }",
        "jastrzebie-zdroj--ibbenbueren jastrzebie-zdroj--prievidza",
    ),
    ("partnerships", "{ area: { eq: OTHER } }", "jastrzebie-zdroj--ibbenbueren"),
    ("partnerships", r#"{ cities: { some: { slug: { eq: "karvina" } } } }"#, "jastrzebie-zdroj--karvina"),
    (
        "partnerships",
        r#"{ cities: { some: { country: { eq: "CZ" } } } }"#,
        "jastrzebie-zdroj--havirov jastrzebie-zdroj--karvina",
    ),
    ("partnerships", r#"{ cities: { none: { slug: { eq: "jastrzebie-zdroj" } } } }"#, "ibbenbueren--prievidza"),
    ("partnerships", r#"{ brokeredBy: { slug: { eq: "ibbenbueren" } } }"#, "jastrzebie-zdroj--prievidza"),
    (
        "partnerships",
        r#"{ not: { brokeredBy: { slug: { eq: "ibbenbueren" } } } }"#,
        "ibbenbueren--prievidza jastrzebie-zdroj--havirov jastrzebie-zdroj--ibbenbueren \
         jastrzebie-zdroj--karvina jastrzebie-zdroj--tourcoing",
    ),
    ("partnerships", "{ associations: { some: { kind: { eq: ASSOCIATION } } } }", "jastrzebie-zdroj--ibbenbueren"),
    ("partnerships", "{ resolutions: { some: {} } }", "jastrzebie-zdroj--ibbenbueren"),
    ("partnerships", r#"{ period: { to: "1994" } }"#, "ibbenbueren--prievidza"),
    ("partnerships", r#"{ period: { from: "1994", to: "1995-02" } }"#, "ibbenbueren--prievidza"),
    ("agreements", "{ kind: { eq: TWINNING } }", ALL),
    ("agreements", "{ kind: { eq: RENEWAL } }", ""),
    (
        "agreements",
        r#"{ parties: { some: { slug: { eq: "prievidza" } } } }"#,
        "agreement-ibbenbueren-prievidza-1988 agreement-jz-prievidza-2009",
    ),
    (
        "agreements",
        r#"{ parties: { every: { country: { in: ["PL", "CZ"] } } } }"#,
        "agreement-jz-havirov-1995 agreement-jz-karvina-1995",
    ),
    ("agreements", "{ precededBy: { some: {} } }", "agreement-jz-ibbenbueren-2007"),
    ("agreements", "{ signatories: { none: {} } }", "agreement-ibbenbueren-prievidza-1988 agreement-jz-havirov-1995"),
    (
        "agreements",
        r#"{ signatories: { some: { office: { contains: "Mayor" } } } }"#,
        "agreement-jz-ibbenbueren-2007 agreement-jz-karvina-1995 agreement-jz-prievidza-2009",
    ),
    (
        "agreements",
        r#"{ partnership: { status: { eq: ACTIVE } }, signedOn: { gte: "2008" } }"#,
        "agreement-jz-prievidza-2009",
    ),
    (
        "lettersOfIntent",
        "{ businessMission: { form: { eq: CONFERENCE } }, commitments: { some: { status: { eq: DECLARED } } } }",
        "loi-jz-ibbenbueren-2017",
    ),
    ("lettersOfIntent", "{ commitments: { every: { area: { eq: ECONOMY } } } }", ""),
    (
        "projects",
        "{ status: { eq: COMPLETED } }",
        "26-lat-wspolpracy analiza-odtworzenia-linii-kolejowej dostepna-granica gornicze-pasje \
         historia-weglem-pisana piknik-w-kurorcie polsko-czeskie-spotkania-branzowe-1 \
         polsko-czeskie-spotkania-branzowe-2 polsko-czeskie-spotkania-branzowe-3 \
         polsko-czeskie-spotkania-branzowe-5 polsko-czeskie-spotkania-branzowe-6 rowerem-po-zelaznym-szlaku \
         rozwoj-wspolpracy-kulturalnej-i-gospodarczej-2008 slaskie-pogranicze-wspolna-historia-miast",
    ),
    (
        "projects",
        "{ status: { isNull: true }, area: { eq: YOUTH } }",
        "baw-sie-i-ucz rekodzielo-artystyczne-na-cztery-pory-roku uczymy-sie-jezyka-przez-zabawe",
    ),
    (
        "projects",
        "{ area: { eq: OTHER } }",
        "gornicze-pasje historia-weglem-pisana rowerem-po-zelaznym-szlaku zelazny-szlak-rowerowy",
    ),
    ("projects", r#"{ programme: { name: { contains: "comenius" } } }"#, "rekodzielo-artystyczne-na-cztery-pory-roku"),
    (
        "projects",
        r#"{ series: { eq: "polsko-czeskie-spotkania-branzowe" }, edition: { gte: 3 } }"#,
        "polsko-czeskie-spotkania-branzowe-3 polsko-czeskie-spotkania-branzowe-5 \
         polsko-czeskie-spotkania-branzowe-6",
    ),
    (
        "projects",
        r#"{ budgetTotal: { gte: "100000000" } }"#,
        "razem-przeciw-powodzi rowerem-po-zelaznym-szlaku zelazny-szlak-rowerowy",
    ),
    (
        "projects",
        r#"{ budgetTotal: { gte: "2300000", lte: "2804000" } }"#,
        "polsko-czeskie-spotkania-branzowe-3 slaskie-pogranicze-wspolna-historia-miast",
    ),
    (
        "projects",
        r#"{ registrationNumber: { startsWith: "CZ.11" } }"#,
        "26-lat-wspolpracy polsko-czeskie-spotkania-branzowe-6 rowerem-po-zelaznym-szlaku",
    ),
    ("projects", r#"{ follows: { slug: { eq: "zelazny-szlak-rowerowy" } } }"#, "rowerem-po-zelaznym-szlaku"),
    (
        "projects",
        r#"{ organizations: { some: { slug: { eq: "medk-karvina" } } } }"#,
        "gornicze-pasje piknik-w-kurorcie",
    ),
    (
        "projects",
        r#"{ period: { from: "2012-06", to: "2012-06" } }"#,
        "dzialania-aktywizujace-trzech-miast-2012 piknik-w-kurorcie",
    ),
    (
        "projects",
        "{ activities: { some: { kind: { eq: MEETING } } } }",
        "26-lat-wspolpracy baw-sie-i-ucz odwiedz-sasiada polsko-czeskie-spotkania-branzowe-1 \
         polsko-czeskie-spotkania-branzowe-3 polsko-czeskie-spotkania-branzowe-5 \
         uczymy-sie-jezyka-przez-zabawe zelazny-szlak-rowerowy",
    ),
    ("youthExchanges", r#"{ guestCountry: { eq: "CZ" } }"#, "comenius-zs9-2011"),
    ("youthExchanges", "{ status: { eq: ANNOUNCED } }", "hockey-tournament-prievidza-2013"),
    ("youthExchanges", "{ organizations: { some: { kind: { eq: SCHOOL } } } }", "comenius-zs9-2011"),
    (
        "youthExchanges",
        "{ form: { in: [SCHOOL_CONTEST, SPORT] } }",
        "contest-znam-to-miasto-2010 hockey-tournament-prievidza-2013",
    ),
    ("businessMissions", r#"{ status: { eq: ANNOUNCED }, startsOn: { gte: "2018" } }"#, "economic-missions-from-2018"),
    (
        "businessMissions",
        r#"{ hostCity: { slug: { eq: "karvina" } } }"#,
        "sector-meeting-economy-karvina-2011 sector-meeting-economy-karvina-2013",
    ),
    (
        "businessMissions",
        "{ projects: { some: { series: { isNull: false } } } }",
        "sector-meeting-economy-karvina-2011 sector-meeting-economy-karvina-2013",
    ),
    ("jointEvents", r#"{ cities: { some: { slug: { eq: "godow" } } } }"#, "iron-trail-opening-2020 iron-trail-rally"),
    (
        "jointEvents",
        r#"{ period: { from: "2018-05", to: "2018-07" } }"#,
        "exhibition-and-conference-european-parliament-2018 photo-exhibition-havirov-2018 \
         photo-exhibition-karvina-2018",
    ),
    (
        "jointEvents",
        "{ startsOn: { isNull: true } }",
        "iron-trail-rally jumelage-concert-burg-vischering landeskirchschicht-38",
    ),
    (
        "jointEvents",
        r#"{ meeting: { slug: { eq: "delegation-prievidza-in-jastrzebie-2010" } } }"#,
        "city-celebrations-jastrzebie-2010",
    ),
    (
        "jointEvents",
        r#"{ form: { eq: EXHIBITION }, hostCity: { country: { eq: "CZ" } } }"#,
        "photo-exhibition-havirov-2018 photo-exhibition-karvina-2018",
    ),
    (
        "meetings",
        r#"{ partnership: { cities: { some: { slug: { eq: "ibbenbueren" } } } } }"#,
        "anniversary-10-years-ibbenbueren-2017 delegation-jastrzebie-in-ibbenbueren-landeskirchschicht \
         first-meeting-jz-ibbenbueren-2007 signing-jz-ibbenbueren-2007",
    ),
    ("meetings", r#"{ agreement: { signedOn: { gte: "2008" } } }"#, "signing-jz-prievidza-2009"),
    (
        "meetings",
        r#"{ letterOfIntent: { slug: { eq: "loi-jz-ibbenbueren-2017" } } }"#,
        "anniversary-10-years-ibbenbueren-2017",
    ),
    (
        "meetings",
        r#"{ attendees: { some: { name: { contains: "janecki" } } } }"#,
        "anniversary-15-years-karvina-2010 delegation-jastrzebie-in-ibbenbueren-landeskirchschicht \
         delegation-jastrzebie-in-prievidza-2011 delegation-prievidza-in-jastrzebie-2010 project-teams-2014 \
         signing-jz-ibbenbueren-2007 signing-jz-prievidza-2009",
    ),
    (
        "meetings",
        r#"{ form: { eq: DELEGATION }, hostCity: { slug: { eq: "jastrzebie-zdroj" } } }"#,
        "delegation-prievidza-in-jastrzebie-2010 delegation-prievidza-in-jastrzebie-2013",
    ),
    (
        "activities",
        r#"{ kind: { in: [YOUTH_EXCHANGE, BUSINESS_MISSION] }, cities: { some: { slug: { eq: "karvina" } } } }"#,
        "conference-przedsiebiorcy-po-obu-stronach-granicy contest-przedsiebiorca-roku-2008 \
         contest-znam-to-miasto-2010 sector-meeting-economy-karvina-2011 sector-meeting-economy-karvina-2013",
    ),
    (
        "activities",
        r#"{ organizations: { some: { slug: { eq: "olza" } } } }"#,
        "anniversary-15-years-karvina-2010 cycle-paths-2015 project-teams-2014",
    ),
    (
        "activities",
        r#"{ hostCity: { isHome: true }, period: { from: "2017", to: "2018" } }"#,
        "anniversary-10-years-ibbenbueren-2017 conference-partnerstwo-poprzez-gospodarke-2017 \
         photo-exhibition-jastrzebie-2018",
    ),
    (
        "interpellations",
        r#"{ submittedOn: { eq: "2018-06" }, city: { isHome: true }, lettersOfIntent: { some: {} } }"#,
        "interpellation-2018-06-21",
    ),
    (
        "interpellations",
        r#"{ councillors: { some: { name: { contains: "stawik" } } }, session: { name: { contains: "ordinary" } } }"#,
        "interpellation-2018-06-21",
    ),
    ("interpellations", "{ answers: { none: {} } }", ""),
    ("documents", "{ kind: { eq: REPORT } }", "president-report-2008-04-24"),
    (
        "documents",
        r#"{ language: { eq: "pl" } }"#,
        "answer-to-interpellation-2018-06-21 president-report-2008-04-24 publication-spotkania-branzowe-2011 radio-broadcast-partner-cities",
    ),
    (
        "documents",
        r#"{ interpellation: { slug: { eq: "interpellation-2018-06-21" } } }"#,
        "answer-to-interpellation-2018-06-21",
    ),
    (
        "documents",
        "{ datedOn: { isNull: false }, projects: { some: {} } }",
        "promotional-film-spotkania-branzowe publication-spotkania-branzowe-2011",
    ),
];

/// Combined filters.
const COMBINED: &[Case] = &[
    (
        "partnerships",
        "{ and: [{ area: { eq: YOUTH } }, { area: { eq: ENVIRONMENT } }] }",
        "jastrzebie-zdroj--prievidza",
    ),
    ("partnerships", "{ and: [] }", ALL),
    ("partnerships", "{ or: [] }", ""),
    (
        "partnerships",
        r#"{ or: [{ status: { eq: UNKNOWN } }, { since: { lt: "1990" } }] }"#,
        "ibbenbueren--prievidza jastrzebie-zdroj--tourcoing",
    ),
    (
        "partnerships",
        r#"{ status: { eq: ACTIVE }, or: [{ since: { lt: "1990" } }, { area: { eq: ENVIRONMENT } }] }"#,
        "ibbenbueren--prievidza jastrzebie-zdroj--prievidza",
    ),
    ("partnerships", r#"{ not: { since: { gte: "1995" } } }"#, "ibbenbueren--prievidza jastrzebie-zdroj--tourcoing"),
    (
        "partnerships",
        r#"{ not: { not: { since: { gte: "2000" } } } }"#,
        "jastrzebie-zdroj--ibbenbueren jastrzebie-zdroj--prievidza",
    ),
    ("partnerships", "{ not: {} }", ""),
    ("partnerships", "{}", ALL),
    (
        "organizations",
        "{ not: { city: {} } }",
        "dsk euroregion-slask-cieszynski hzs-moravskoslezskeho-kraje olza west-steinfurt",
    ),
];

/// Partial dates: `eq` to `lte` mean certainly, `overlaps` means possibly; an upper bound has no first day.
const DATES: &[Case] = &[
    ("agreements", r#"{ signedOn: { eq: "1995-03" } }"#, "agreement-jz-havirov-1995 agreement-jz-karvina-1995"),
    ("agreements", r#"{ signedOn: { eq: "1995-03-06" } }"#, "agreement-jz-karvina-1995"),
    ("agreements", r#"{ signedOn: { overlaps: "1995-03-20" } }"#, "agreement-jz-havirov-1995"),
    ("agreements", r#"{ signedOn: { overlaps: "1995" } }"#, "agreement-jz-havirov-1995 agreement-jz-karvina-1995"),
    (
        "agreements",
        r#"{ signedOn: { gt: "1995-03-05" } }"#,
        "agreement-jz-ibbenbueren-2007 agreement-jz-karvina-1995 agreement-jz-prievidza-2009",
    ),
    ("agreements", r#"{ signedOn: { gt: "1995-03" } }"#, "agreement-jz-ibbenbueren-2007 agreement-jz-prievidza-2009"),
    (
        "agreements",
        r#"{ signedOn: { gte: "1995-03-06" } }"#,
        "agreement-jz-ibbenbueren-2007 agreement-jz-karvina-1995 agreement-jz-prievidza-2009",
    ),
    ("agreements", r#"{ signedOn: { lt: "1995-03-06" } }"#, "agreement-ibbenbueren-prievidza-1988"),
    (
        "agreements",
        r#"{ signedOn: { lte: "1995-03-06" } }"#,
        "agreement-ibbenbueren-prievidza-1988 agreement-jz-karvina-1995",
    ),
    (
        "agreements",
        r#"{ signedOn: { lte: "1995-03" } }"#,
        "agreement-ibbenbueren-prievidza-1988 agreement-jz-havirov-1995 agreement-jz-karvina-1995",
    ),
    ("agreements", r#"{ signedOn: { lt: "1988-06" } }"#, ""),
    ("agreements", r#"{ signedOn: { gte: "1988", lte: "1988" } }"#, "agreement-ibbenbueren-prievidza-1988"),
    (
        "resolutions",
        r#"{ adoptedOn: { lte: "2007-12-14" } }"#,
        "ibbenbueren-council-resolution-jastrzebie jz-council-resolution-ibbenbueren",
    ),
    ("resolutions", r#"{ adoptedOn: { lte: "2007-12-13" } }"#, ""),
    (
        "resolutions",
        r#"{ adoptedOn: { lt: "2007-12-15" } }"#,
        "ibbenbueren-council-resolution-jastrzebie jz-council-resolution-ibbenbueren",
    ),
    ("resolutions", r#"{ adoptedOn: { gte: "1900" } }"#, ""),
    ("resolutions", r#"{ adoptedOn: { eq: "2007" } }"#, ""),
    (
        "resolutions",
        r#"{ adoptedOn: { overlaps: "1990" } }"#,
        "ibbenbueren-council-resolution-jastrzebie jz-council-resolution-ibbenbueren",
    ),
    ("resolutions", r#"{ adoptedOn: { overlaps: "2007-12-15" } }"#, ""),
    ("resolutions", "{ adoptedOn: { isNull: true } }", ""),
];

/// Names in every language of a record, without case and diacritics.
const NAMES: &[Case] = &[
    ("cities", r#"{ name: { contains: "zdroj" } }"#, "jastrzebie-zdroj"),
    ("cities", r#"{ name: { contains: "ZDRÓJ" } }"#, "jastrzebie-zdroj"),
    ("cities", r#"{ name: { contains: "ibbenbueren" } }"#, "ibbenbueren"),
    ("cities", r#"{ name: { contains: "Ibbenburen" } }"#, "ibbenbueren"),
    ("cities", r#"{ name: { contains: "Hawierzow" } }"#, "havirov"),
    ("cities", r#"{ name: { contains: "tukamo" } }"#, "tukums"),
    ("cities", r#"{ name: { startsWith: "petrovice" } }"#, "petrovice-u-karvine"),
    ("cities", r#"{ name: { startsWith: "karvine" } }"#, "petrovice-u-karvine"),
    ("cities", r#"{ name: { startsWith: "arvin" } }"#, ""),
    ("cities", r#"{ name: { eq: "karvina" } }"#, "karvina"),
    ("cities", r#"{ name: { in: ["Karvina", "TOURCOING"] } }"#, "karvina tourcoing"),
    ("projects", r#"{ name: { contains: "gornicze pasje" } }"#, "gornicze-pasje"),
    ("organizations", r#"{ name: { contains: "staedtepartnerschaft" } }"#, "staedtepartnerschaftsverein-ibbenbueren"),
];

/// Characters that a database could interpret as a pattern or as SQL.
const PLAIN_TEXT: &[Case] = &[
    ("youthExchanges", r#"{ guestCountry: { startsWith: "C" } }"#, "comenius-zs9-2011"),
    ("youthExchanges", r#"{ guestCountry: { contains: "Z" } }"#, "comenius-zs9-2011"),
    ("youthExchanges", r#"{ guestCountry: { contains: "z" } }"#, ""),
    ("youthExchanges", r#"{ guestCountry: { contains: "_" } }"#, ""),
    (
        "youthExchanges",
        "{ guestCountry: { isNull: true } }",
        "contest-znam-to-miasto-2010 hockey-tournament-prievidza-2013",
    ),
    ("documents", r#"{ language: { startsWith: "c" } }"#, "publication-spotkania-branzowe-2011"),
    ("projects", r#"{ fund: { startsWith: "micro" } }"#, ""),
    ("cities", r#"{ slug: { eq: "%" } }"#, ""),
    ("cities", r#"{ slug: { in: ["_arvina", "karvina"] } }"#, "karvina"),
    ("projects", r#"{ fund: { contains: "%" } }"#, ""),
    ("projects", r#"{ fund: { contains: "_" } }"#, ""),
    ("projects", r#"{ fund: { contains: "\\" } }"#, ""),
    ("projects", r#"{ fund: { startsWith: "%Fund" } }"#, ""),
    ("projects", r#"{ registrationNumber: { contains: "16_025" } }"#, "rowerem-po-zelaznym-szlaku"),
    ("projects", r#"{ registrationNumber: { contains: "16.025" } }"#, ""),
    ("projects", r#"{ registrationNumber: { contains: "1_" } }"#, ""),
    ("projects", r#"{ fund: { eq: "' OR '1'='1" } }"#, ""),
    ("projects", r#"{ fund: { contains: "'; DROP TABLE record; --" } }"#, ""),
    ("projects", "{ fund: { in: [] } }", ""),
    ("projects", "{ slug: { in: [] } }", ""),
    ("projects", "{ status: { in: [] } }", ""),
];

async fn slugs(app: &App, list: &str, filter: &str) -> Vec<String> {
    let reply =
        app.query(&format!("{{ {list}(first: 100, filter: {filter}) {{ totalCount nodes {{ slug }} }} }}")).await;
    let page = &reply.data()[list];
    let nodes = page["nodes"].as_array().unwrap();
    assert_eq!(page["totalCount"], nodes.len(), "the count of {list} {filter} is not that of the list");
    assert_eq!((reply.statements, reply.misses), (2, 0), "{list} {filter}");
    let mut slugs: Vec<String> = nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect();
    slugs.sort_unstable();
    slugs
}

/// Checks a table, and that a filter and its negation together find all records.
async fn check(cases: &[Case]) {
    let app = App::sample().await;
    let mut faults = Vec::new();
    for (list, filter, wanted) in cases {
        let all = slugs(&app, list, "{}").await;
        let wanted: Vec<String> =
            if *wanted == ALL { all.clone() } else { wanted.split_whitespace().map(str::to_owned).collect() };
        let found = slugs(&app, list, filter).await;
        if found != wanted {
            faults.push(format!("{list} {filter}\n  finds {found:?}\n  not   {wanted:?}"));
        }
        let mut both = slugs(&app, list, &format!("{{ not: {filter} }}")).await;
        both.extend(found);
        both.sort_unstable();
        if both != all {
            faults.push(format!("{list} {filter} and its opposite find {} of {} records", both.len(), all.len()));
        }
    }
    none(&faults);
}

#[tokio::test]
async fn the_page_of_a_partner_city_has_its_filters() {
    check(PARTNER_PAGE).await;
}

#[tokio::test]
async fn filters_are_combined_by_and_or_and_not() {
    check(COMBINED).await;
}

#[tokio::test]
async fn a_partial_date_is_compared_certainly_or_possibly() {
    check(DATES).await;
}

#[tokio::test]
async fn names_are_found_without_case_and_diacritics() {
    check(NAMES).await;
}

#[tokio::test]
async fn characters_of_patterns_and_of_sql_are_plain_text() {
    check(PLAIN_TEXT).await;
}

#[tokio::test]
async fn search_texts_are_limited_to_a_length_that_both_databases_accept() {
    let app = App::sample().await;
    for (list, field) in [("cities", "name"), ("projects", "fund"), ("youthExchanges", "guestCountry")] {
        for operator in ["contains", "startsWith"] {
            let document = format!(
                "query ($text: String!) {{ {list}(filter: {{ {field}: {{ {operator}: $text }} }}) {{ totalCount }} }}"
            );
            // Each of these is doubled in a pattern, or expanded in folded names.
            for text in ["_", "Ü", "🏙", "\u{fdfa}"] {
                let reply = app.ask(&document, json!({ "text": text.repeat(1_000) }), &[]).await;
                assert_eq!(reply.data()[list]["totalCount"], 0, "{list} {operator} {text:?}");
            }
            let reply = app.ask(&document, json!({ "text": "x".repeat(60_000) }), &[]).await;
            let error = &reply.json["errors"][0];
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{}", reply.text);
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(operator) && message.contains("60000") && message.contains("1000"), "{message}");
        }
    }
}

#[tokio::test]
async fn a_name_of_punctuation_only_matches_nothing() {
    let app = App::sample().await;
    for name in ["%", "_", "\\", "'", "\"", "|", " ", "--", "\u{0}", "🏙"] {
        for operator in ["eq", "contains", "startsWith"] {
            let document = format!(
                "query ($name: String!) {{ cities(filter: {{ name: {{ {operator}: $name }} }}) {{ totalCount }} }}"
            );
            let reply = app.ask(&document, json!({ "name": name }), &[]).await;
            assert_eq!(reply.data()["cities"]["totalCount"], 0, "{operator} {name:?}");
        }
    }
}

#[tokio::test]
async fn a_text_with_a_null_character_matches_nothing() {
    let app = App::sample().await;
    let document = "query ($text: String!) {
        slug: cities(filter: { slug: { in: [$text] } }) { totalCount }
        is: projects(filter: { fund: { eq: $text } }) { totalCount }
        contains: projects(filter: { fund: { contains: $text } }) { totalCount }
        startsWith: projects(filter: { fund: { startsWith: $text } }) { totalCount }
        facet: youthExchanges(filter: { guestCountry: { eq: $text } }) { totalCount }
        facetContains: youthExchanges(filter: { guestCountry: { contains: $text } }) { totalCount }
        language: documents(filter: { language: { startsWith: $text } }) { totalCount }
        suggest(text: $text) { slug }
        code: city(by: { code: { scheme: TERYT, value: $text } }) { id }
        item: city(by: { wikidata: $text }) { id }
        city(by: { slug: $text }) { id }
        country(code: $text) { code } }";
    let reply = app.ask(document, json!({ "text": "zzz\u{0}" }), &[]).await;
    let nothing = json!({ "totalCount": 0 });
    assert_eq!(
        *reply.data(),
        json!({
            "slug": nothing, "is": nothing, "contains": nothing, "startsWith": nothing, "facet": nothing,
            "facetContains": nothing, "language": nothing, "suggest": [], "code": null, "item": null, "city": null,
            "country": null,
        })
    );
}

#[tokio::test]
async fn the_state_of_publication_is_a_filter_of_every_list() {
    let app = App::sample().await;
    for list in types().connections("Query") {
        let list = &list.name;
        let document = format!(
            "{{ all: {list} {{ totalCount }} published: {list}(filter: {{ publication: [PUBLISHED, CORRECTED] }}) {{ totalCount }}
                hidden: {list}(filter: {{ publication: [DRAFT, IN_REVIEW, WITHDRAWN] }}) {{ totalCount }}
                none: {list}(filter: {{ publication: [] }}) {{ totalCount }} }}"
        );
        let reply = app.query(&document).await;
        let count = |name: &str| reply.data()[name]["totalCount"].clone();
        assert_eq!(count("published"), count("all"), "{list}");
        assert_eq!((count("hidden"), count("none")), (json!(0), json!(0)), "{list}");
    }
}

#[tokio::test]
async fn the_time_of_writing_is_a_filter() {
    let app = App::sample().await;
    for (filter, wanted) in [
        (r#"{ createdAt: { gte: "2026-11-22T12:00:00Z" } }"#, 10),
        (r#"{ createdAt: { lt: "2026-11-22T12:00:00Z" } }"#, 0),
        (r#"{ createdAt: { gte: "2026-11-22T13:00:00+01:00", lt: "2026-11-22T12:00:01Z" } }"#, 10),
        (r#"{ updatedAt: { gte: "2026-11-22T12:00:00.001Z" } }"#, 0),
    ] {
        assert_eq!(slugs(&app, "cities", filter).await.len(), wanted, "{filter}");
    }
}

#[tokio::test]
async fn nested_relations_work_on_imported_data() {
    let app = App::sample().await;
    for city in sample_json()["cities"].as_array().unwrap() {
        let slug = city["slug"].as_str().unwrap();
        let filter = format!("{{ cities: {{ some: {{ slug: {{ eq: {slug:?} }} }} }} }}");
        let found = slugs(&app, "meetings", &filter).await;
        let meetings = sample_json()["meetings"].as_array().unwrap().iter();
        let mut wanted: Vec<String> = meetings
            .filter(|meeting| meeting["cities"].as_array().unwrap().contains(&json!(slug)))
            .map(|meeting| meeting["slug"].as_str().unwrap().to_owned())
            .collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{slug}");
        let under = format!(
            "{{ city(by: {{ slug: {slug:?} }}) {{ meetings(first: 100) {{ totalCount nodes {{ slug }} }} }} }}"
        );
        let reply = app.query(&under).await;
        assert_eq!(reply.data()["city"]["meetings"]["totalCount"], wanted.len(), "{slug}");
    }
}

#[tokio::test]
async fn a_filter_under_a_record_narrows_its_page_and_its_count() {
    let app = App::sample().await;
    let document = "{ cities(first: 20, orderBy: [{ field: SLUG }]) { nodes { slug
        meetings(first: 2, filter: { partnership: { status: { eq: ACTIVE } }, agreement: { signedOn: { gte: \"2000\" } } }) {
            totalCount nodes { slug } } } } }";
    let reply = app.query(document).await;
    assert_eq!((reply.statements, reply.misses), (3, 0));
    let found: Vec<(&Value, &Value)> = reply.data()["cities"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|city| city["meetings"]["totalCount"] != 0)
        .map(|city| (&city["slug"], &city["meetings"]["totalCount"]))
        .collect();
    assert_eq!(
        found,
        [(&json!("ibbenbueren"), &json!(1)), (&json!("jastrzebie-zdroj"), &json!(2)), (&json!("prievidza"), &json!(1)),]
    );
}

#[tokio::test]
async fn an_explicit_null_is_an_error_with_its_path() {
    let app = App::sample().await;
    for (filter, path) in [
        ("null", "filter"),
        ("{ status: null }", "filter.status"),
        ("{ status: { eq: null } }", "filter.status.eq"),
        ("{ status: { isNull: null } }", "filter.status.isNull"),
        ("{ and: null }", "filter.and"),
        ("{ not: null }", "filter.not"),
        ("{ and: [{ not: { since: { lt: null } } }] }", "filter.and[0].not.since.lt"),
        ("{ or: [{ status: { eq: ACTIVE } }, { status: null }] }", "filter.or[1].status"),
        ("{ cities: { some: null } }", "filter.cities.some"),
        ("{ cities: { some: { name: { contains: null } } } }", "filter.cities.some.name.contains"),
        ("{ cities: { every: { country: null } } }", "filter.cities.every.country"),
        ("{ brokeredBy: null }", "filter.brokeredBy"),
        ("{ publication: null }", "filter.publication"),
        ("{ id: null }", "filter.id"),
    ] {
        for document in [
            format!("{{ partnerships(filter: {filter}) {{ nodes {{ id }} }} }}"),
            format!("{{ partnerships(filter: {filter}) {{ totalCount }} }}"),
            format!("{{ homeCity {{ partnerships(filter: {filter}) {{ totalCount }} }} }}"),
        ] {
            let reply = app.query(&document).await;
            let (message, code) = reply.error();
            assert_eq!(code, BAD_INPUT, "{document}: {message}");
            assert!(message.contains(&format!("`{path}`")), "{document}: {message}");
        }
    }
    let (message, code) = app.query("{ cities(orderBy: null) { totalCount } }").await.error();
    assert!(code == BAD_INPUT && message.contains("`orderBy`"), "{message}");
}

#[tokio::test]
async fn a_null_in_a_variable_is_an_error_and_an_absent_variable_filters_nothing() {
    let app = App::sample().await;
    for (declared, filter, variables, path) in [
        ("$f: PartnershipFilter", "$f", json!({ "f": null }), "filter"),
        ("$f: PartnershipFilter", "$f", json!({ "f": { "status": null } }), "filter.status"),
        (
            "$f: PartnershipFilter",
            "$f",
            json!({ "f": { "cities": { "none": { "slug": { "eq": null } } } } }),
            "filter.cities.none.slug.eq",
        ),
        ("$s: PartnershipStatusFilter", "{ status: $s }", json!({ "s": null }), "filter.status"),
        ("$s: PartnershipStatus", "{ or: [{ status: { eq: $s } }] }", json!({ "s": null }), "filter.or[0].status.eq"),
        ("$s: PartnershipStatus = null", "{ status: { eq: $s } }", json!({}), "filter.status.eq"),
    ] {
        let document = format!("query ({declared}) {{ partnerships(filter: {filter}) {{ totalCount }} }}");
        let (message, code) = app.ask(&document, variables, &[]).await.error();
        assert!(code == BAD_INPUT && message.contains(&format!("`{path}`")), "{document}: {message}");
    }
    for (declared, filter) in [
        ("$f: PartnershipFilter", "$f"),
        ("$s: PartnershipStatusFilter", "{ status: $s }"),
        ("$s: PartnershipStatus", "{ status: { eq: $s } }"),
        ("$s: String", "{ name: { contains: $s } }"),
    ] {
        let document = format!("query ({declared}) {{ partnerships(filter: {filter}) {{ totalCount }} }}");
        let reply = app.ask(&document, json!({}), &[]).await;
        assert_eq!(reply.data()["partnerships"]["totalCount"], 6, "{document}");
    }
}

#[tokio::test]
async fn an_invalid_value_is_refused_with_its_path() {
    let app = App::sample().await;
    let mut faults = Vec::new();
    for (list, filter, named) in [
        ("partnerships", "{ status: { eq: BEST } }", "BEST"),
        ("partnerships", "{ state: { eq: ACTIVE } }", "state"),
        ("partnerships", "{ since: { gte: \"1995-13\" } }", "1995-13"),
        ("partnerships", "{ since: { gte: \"1995-02-30\" } }", "1995-02-30"),
        ("partnerships", "{ since: { gte: \"March 1995\" } }", "March 1995"),
        ("partnerships", "{ since: { gte: \"95\" } }", "95"),
        ("partnerships", "{ since: { gte: \"\" } }", "\"\""),
        ("partnerships", "{ since: { gte: \"≤1995\" } }", "1995"),
        ("partnerships", "{ since: { gte: 1995 } }", "1995"),
        ("partnerships", "{ period: { from: \"2010\", to: \"2009\" } }", "period"),
        ("partnerships", "{ id: { eq: \"nonsense\" } }", "nonsense"),
        ("projects", "{ budgetTotal: { gte: \"12.5\" } }", "12.5"),
        ("projects", "{ budgetTotal: { gte: \"99999999999999999999\" } }", "99999999999999999999"),
        ("projects", "{ edition: { eq: \"3\" } }", "edition"),
        ("projects", "{ edition: { eq: 3000000000 } }", "2147483647"),
        ("cities", "{ isHome: 1 }", "isHome"),
        ("cities", "{ createdAt: { gte: \"yesterday\" } }", "DateTime"),
        ("cities", "[]", "CityFilter"),
        ("cities", "\"CZ\"", "CityFilter"),
    ] {
        let reply = app.query(&format!("{{ {list}(filter: {filter}) {{ totalCount }} }}")).await;
        let error = &reply.json["errors"][0];
        let is_named = error["message"].as_str().is_some_and(|message| message.contains(named));
        if !is_named || error["extensions"]["code"] == "INTERNAL_SERVER_ERROR" || reply.statements > 0 {
            faults.push(format!("{list} {filter} does not name {named}: {}", reply.text));
        }
    }
    none(&faults);
}

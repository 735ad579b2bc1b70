//! Cities and other municipalities.

use super::country::Country;
use super::{
    Activity, Agreement, BusinessMission, Document, Interpellation, JointEvent, LetterOfIntent, Meeting, Official,
    Organization, Partnership, Project, Resolution, StudyVisit, YouthExchange,
};
use crate::error::ApiError;
use crate::schema::machinery::filter::{Test, TextFilter, ValueFilter, label_of, value_of};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{AnyRecord, Flattened, Lists, RecordKey, Shared, first, lookup, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, entity, way,
};
use crate::schema::machinery::values::{Locale, LocalizedText, ShownDate, date, text, text_option};
use async_graphql::{Context, Enum, Object, OneofObject, SimpleObject};
use pomost_domain::activity::AnyActivity;
use pomost_domain::city::Field;
use pomost_domain::link::Reverse;
use pomost_domain::page::Direction;
use pomost_domain::{self as domain, Open};
use pomost_persistence::{Filter, Mapping, Order, OrderKey, TextTest};
use std::sync::Arc;

/// Level of a municipality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::city::CityKind")]
pub(crate) enum CityKind {
    /// Town or city.
    City,
    /// Rural or mixed municipality.
    Municipality,
    /// Part of a city.
    District,
    /// District of several municipalities.
    County,
    /// Province, voivodeship or the like.
    Region,
    /// None of these: see `kindLabel`.
    Other,
}
/// Why a city is known by another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::city::NameKind")]
pub(crate) enum NameKind {
    /// Former name.
    Historic,
    /// Spelling that occurs in sources.
    Spelling,
    /// Another reason: see `kindLabel`.
    Other,
}
/// Register that gives codes to municipalities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::city::CodeScheme")]
pub(crate) enum CodeScheme {
    /// Polish territorial register TERYT, 7 digits.
    Teryt,
    /// Czech LAU 2 code.
    CzLau2,
    /// Slovak LAU 2 code.
    SkLau2,
    /// German municipality key (Amtlicher Gemeindeschlüssel), 8 digits.
    Ags,
    /// `GeoNames` id.
    Geonames,
    /// Wikidata item, `Q` and digits.
    Wikidata,
    /// Another register: see `schemeLabel`.
    Other,
}

/// A city or other municipality: the home city, its partners, and those that take part in their projects.
#[derive(Clone)]
pub(crate) struct City(pub(crate) Arc<domain::City>);

impl From<Arc<domain::City>> for City {
    fn from(fact: Arc<domain::City>) -> Self {
        Self(fact)
    }
}

/// A city or other municipality: the home city, its partners, and those that take part in their projects.
#[Object]
impl City {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Level of the municipality. `null`: not reported.
    async fn kind(&self) -> Option<CityKind> {
        value_of(self.0.kind.as_ref())
    }

    /// Level as the source gives it; it says more where `kind` is `OTHER`.
    async fn kind_label(&self) -> Option<&str> {
        label_of(self.0.kind.as_ref())
    }

    /// Official name, with the names that other languages have for the city (exonyms) as its variants.
    async fn name(&self) -> LocalizedText {
        text(&self.0.name)
    }

    /// Former names and spellings that occur in sources. `null`: not reported.
    async fn alternate_names(&self) -> Option<Vec<AlternateName>> {
        self.0.alternate_names.as_ref().map(|names| names.iter().map(AlternateName::from).collect())
    }

    /// Country that the city lies in.
    async fn country(&self) -> Country {
        Country::of(self.0.country)
    }

    /// Region that the city lies in. `null`: not reported.
    async fn region(&self) -> Option<Region> {
        self.0.region.clone().map(Region::from)
    }

    /// Point on the earth (WGS 84). `null`: not reported.
    async fn location(&self) -> Option<Location> {
        self.0.location.map(|l| Location { latitude: l.latitude, longitude: l.longitude })
    }

    /// Numbers of inhabitants, each with its date and source; they may contradict each other. `null`: not reported; empty: none was found.
    async fn population(&self) -> Option<Vec<Population>> {
        self.0.population.as_ref().map(|list| list.iter().map(Population::from).collect())
    }

    /// Codes in official registers. `null`: not reported; empty: none was found.
    async fn codes(&self) -> Option<Vec<CityCode>> {
        self.0.codes.as_ref().map(|codes| codes.iter().map(CityCode::from).collect())
    }

    /// Address of the website of the city. `null`: not reported.
    async fn website(&self) -> Option<&str> {
        self.0.website.as_deref()
    }

    /// Whether this is the city whose cooperation the registry describes.
    async fn is_home(&self) -> bool {
        self.0.is_home
    }

    /// From when the municipality exists. `null`: not reported.
    async fn valid_from(&self) -> Option<ShownDate> {
        date(self.0.valid_from)
    }

    /// Until when the municipality existed. `null`: it exists, or the end is not reported.
    async fn valid_to(&self) -> Option<ShownDate> {
        date(self.0.valid_to)
    }

    /// Municipality that it was merged into. `null`: none.
    async fn merged_into(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.merged_into).await.transpose()
    }

    /// Towns that were joined to form the city. `null`: not reported.
    async fn formed_by(&self) -> Option<Formation> {
        self.0.formed_by.clone().map(Formation::from)
    }
}

impl Shown for City {
    type Fact = domain::City;
    const NAME: &'static str = "City";
    const QUERIES: Queries = Queries {
        one: None,
        many: Some(Query { name: "cities", doc: "Cities and other municipalities.", cost: None }),
    };
    const COMMANDS: Option<Commands> =
        Some(Commands { create: "createCity", update: "updateCity", form: Form::of::<domain::City>() });
    const LISTS: &'static [List] = &[
        List {
            name: "partnerships",
            doc: "Lasting relations with other cities.",
            way: way::<Reverse<domain::partnership::PartnershipCities>, Partnership>(),
        },
        List {
            name: "agreements",
            doc: "Agreements that the city is a party to.",
            way: way::<Reverse<domain::agreement::AgreementParties>, Agreement>(),
        },
        List {
            name: "lettersOfIntent",
            doc: "Letters of intent that the city is a party to.",
            way: way::<Reverse<domain::letter_of_intent::LetterParties>, LetterOfIntent>(),
        },
        List {
            name: "organizations",
            doc: "Organizations with their seat in the city.",
            way: way::<Reverse<domain::organization::OrganizationCity>, Organization>(),
        },
        List {
            name: "officials",
            doc: "Holders of a public office in the city.",
            way: way::<Reverse<domain::official::OfficialCity>, Official>(),
        },
        List {
            name: "resolutions",
            doc: "Resolutions of the city's council.",
            way: way::<Reverse<domain::resolution::ResolutionCity>, Resolution>(),
        },
        List {
            name: "projects",
            doc: "Projects that the city takes part in, itself or through its organizations.",
            way: way::<Reverse<domain::project::ProjectAllCities>, Project>(),
        },
        List {
            name: "activities",
            doc: "Activities of all kinds that the city takes part in: its timeline, if ordered by `STARTS_ON`.",
            way: way::<Reverse<domain::activity::ActivityCities<AnyActivity>>, Activity>(),
        },
        List {
            name: "hostedActivities",
            doc: "Activities of all kinds that take place in the city.",
            way: way::<Reverse<domain::activity::ActivityHost<AnyActivity>>, Activity>(),
        },
        List {
            name: "youthExchanges",
            doc: "Youth exchanges that the city takes part in.",
            way: way::<Reverse<domain::activity::ActivityCities<domain::YouthExchange>>, YouthExchange>(),
        },
        List {
            name: "businessMissions",
            doc: "Business missions that the city takes part in.",
            way: way::<Reverse<domain::activity::ActivityCities<domain::BusinessMission>>, BusinessMission>(),
        },
        List {
            name: "jointEvents",
            doc: "Joint events that the city takes part in.",
            way: way::<Reverse<domain::activity::ActivityCities<domain::JointEvent>>, JointEvent>(),
        },
        List {
            name: "studyVisits",
            doc: "Study visits that the city takes part in.",
            way: way::<Reverse<domain::activity::ActivityCities<domain::StudyVisit>>, StudyVisit>(),
        },
        List {
            name: "meetings",
            doc: "Meetings that the city takes part in.",
            way: way::<Reverse<domain::activity::ActivityCities<domain::Meeting>>, Meeting>(),
        },
        List {
            name: "interpellations",
            doc: "Interpellations in the city's council.",
            way: way::<Reverse<domain::interpellation::InterpellationCity>, Interpellation>(),
        },
        List {
            name: "documents",
            doc: "Documents that the city issued.",
            way: way::<Reverse<domain::document::DocumentCity>, Document>(),
        },
        List {
            name: "sharedDocuments",
            doc: "Documents that several cities issued or that are about them.",
            way: way::<Reverse<domain::document::DocumentCities>, Document>(),
        },
        List {
            name: "brokeredPartnerships",
            doc: "Partnerships that the city brokered between others.",
            way: way::<Reverse<domain::partnership::PartnershipBroker>, Partnership>(),
        },
    ];
    const FILTER: &'static str = "Conditions on cities. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[
        Condition {
            name: "country",
            doc: "Country, by its ISO 3166-1 alpha-2 code.",
            test: Test::of::<TextFilter>(),
            field: Field::Country,
        },
        Condition {
            name: "kind",
            doc: "Level of the municipality.",
            test: Test::of::<ValueFilter<CityKind>>(),
            field: Field::Kind,
        },
        Condition {
            name: "isHome",
            doc: "Whether it is the home city.",
            test: Test::of::<bool>(),
            field: Field::IsHome,
        },
    ]];
    const RELATED: Groups<Related> = &[&[
        Related {
            name: "partnerships",
            doc: "Its partnerships.",
            ends: Ends::Many,
            way: way::<Reverse<domain::partnership::PartnershipCities>, Partnership>(),
        },
        Related {
            name: "agreements",
            doc: "Agreements it is a party to.",
            ends: Ends::Many,
            way: way::<Reverse<domain::agreement::AgreementParties>, Agreement>(),
        },
        Related {
            name: "projects",
            doc: "Projects it takes part in.",
            ends: Ends::Many,
            way: way::<Reverse<domain::project::ProjectAllCities>, Project>(),
        },
        Related {
            name: "activities",
            doc: "Activities it takes part in.",
            ends: Ends::Many,
            way: way::<Reverse<domain::activity::ActivityCities<AnyActivity>>, Activity>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> = &[&[
        OrderBy { name: "COUNTRY", doc: "Country code.", field: Field::Country, cost: None },
        OrderBy { name: "KIND", doc: "Level, by its label.", field: Field::Kind, cost: None },
    ]];

    fn prefetch(plan: &mut Prefetch<'_, domain::City>) {
        plan.one::<City>(&["mergedInto"], |city| vec![city.merged_into]);
        plan.countries("country", |city| vec![city.country]);
    }
}

/// A name beside the official one and its exonyms.
#[derive(SimpleObject)]
pub(crate) struct AlternateName {
    /// The name.
    name: String,
    /// Its language. `null`: not reported.
    language: Option<Locale>,
    /// Why the city is known by it. `null`: not reported.
    kind: Option<NameKind>,
    /// The reason as the source gives it; it says more where `kind` is `OTHER`.
    kind_label: Option<String>,
    /// What is to be known about the name. `null`: nothing was noted.
    note: Option<LocalizedText>,
}

impl From<&domain::city::AlternateName> for AlternateName {
    fn from(name: &domain::city::AlternateName) -> Self {
        let kind = name.kind.as_deref().map(|label| Open::<domain::city::NameKind>::new(label).value().into());
        Self {
            name: name.name.clone(),
            language: name.language.clone().map(Locale),
            kind,
            kind_label: name.kind.clone(),
            note: text_option(name.note.as_ref()),
        }
    }
}

/// Region that a city lies in, as far as it is stated.
#[derive(SimpleObject)]
pub(crate) struct Region {
    /// Name, in English or in general use. `null`: not reported.
    name: Option<String>,
    /// Name in the language of the country. `null`: not reported.
    name_local: Option<String>,
    /// District or county. `null`: not reported.
    district: Option<String>,
    /// Wider municipality. `null`: not reported.
    municipality: Option<String>,
}

impl From<domain::city::Region> for Region {
    fn from(region: domain::city::Region) -> Self {
        let domain::city::Region { name, name_local, district, municipality } = region;
        Self { name, name_local, district, municipality }
    }
}

/// A point on the earth (WGS 84).
#[derive(SimpleObject)]
pub(crate) struct Location {
    /// Degrees north, negative in the south.
    latitude: f64,
    /// Degrees east, negative in the west.
    longitude: f64,
}

/// A number of inhabitants, as one source states it.
#[derive(SimpleObject)]
pub(crate) struct Population {
    /// Inhabitants.
    value: u32,
    /// Reference date. `null`: not reported.
    date: Option<ShownDate>,
    /// Address of the source. `null`: not reported.
    source_url: Option<String>,
}

impl From<&domain::city::Population> for Population {
    fn from(population: &domain::city::Population) -> Self {
        Self { value: population.value, date: date(population.date), source_url: population.source_url.clone() }
    }
}

/// A code of a city in an official register.
#[derive(SimpleObject)]
pub(crate) struct CityCode {
    /// The register.
    scheme: CodeScheme,
    /// The register as the source names it; it says more where `scheme` is `OTHER`.
    scheme_label: String,
    /// The code, a text even where it is made of digits.
    value: String,
}

impl From<&domain::city::CityCode> for CityCode {
    fn from(code: &domain::city::CityCode) -> Self {
        let scheme = Open::<domain::city::CodeScheme>::new(&*code.scheme).value().into();
        Self { scheme, scheme_label: code.scheme.clone(), value: code.value.clone() }
    }
}

/// Towns that were joined to form a city.
#[derive(SimpleObject)]
pub(crate) struct Formation {
    /// When. `null`: not reported.
    year: Option<ShownDate>,
    /// Their names. `null`: not reported.
    names: Option<Vec<String>>,
}

impl From<domain::city::Formation> for Formation {
    fn from(formation: domain::city::Formation) -> Self {
        Self { year: date(formation.year.and_then(domain::city::StatedYear::date)), names: formation.names }
    }
}

/// A code to look a city up by.
#[derive(Debug, async_graphql::InputObject)]
pub(crate) struct CityCodeKey {
    /// The register.
    scheme: CodeScheme,
    /// The code.
    value: String,
}

/// Which city: exactly one of these.
#[derive(Debug, OneofObject)]
pub(crate) enum CityKey {
    /// Global id, as the field `id` gives it.
    Id(async_graphql::ID),
    /// Slug, such as `karvina`.
    Slug(String),
    /// Code in an official register.
    Code(CityCodeKey),
    /// Wikidata item, such as `Q123`.
    Wikidata(String),
}

#[derive(Default)]
pub(crate) struct CityQuery;

#[Object]
impl CityQuery {
    /// The city whose cooperation this registry describes. Where files of several cities were imported, the one that was
    /// imported first. `null`: none is marked as such.
    async fn home_city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        home(ctx).await.transpose()
    }

    /// A city.
    async fn city(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which city: by id, slug, code or Wikidata item.")] by: CityKey,
    ) -> Option<Result<City, ApiError>> {
        match by {
            CityKey::Id(id) => with_key(ctx, RecordKey::Id(id)).await,
            CityKey::Slug(slug) => with_key(ctx, RecordKey::Slug(slug)).await,
            CityKey::Code(key) => with_code(ctx, key.scheme.into(), &key.value).await,
            CityKey::Wikidata(item) => with_code(ctx, domain::city::CodeScheme::Wikidata, &item).await,
        }
        .transpose()
    }
}

async fn with_key(ctx: &Context<'_>, key: RecordKey) -> Result<Option<City>, ApiError> {
    Ok(lookup(ctx, entity::<City>(), key).await?.and_then(AnyRecord::shown))
}

/// The home city. One statement.
pub(crate) async fn home(ctx: &Context<'_>) -> Result<Option<City>, ApiError> {
    let is_home = Filter::flag(Mapping::field::<domain::City>(Field::IsHome), true);
    Ok(first(ctx, entity::<City>(), "home", is_home, oldest()).await?.and_then(AnyRecord::shown))
}

/// The city that has a code and was written first. One statement.
async fn with_code(ctx: &Context<'_>, scheme: domain::city::CodeScheme, value: &str) -> Result<Option<City>, ApiError> {
    let code = domain::city::code_value(scheme, value);
    let name = format!("code {code:?}");
    let has_code = Filter::text(Mapping::field::<domain::City>(Field::Code), &TextTest::In(vec![code]));
    Ok(first(ctx, entity::<City>(), &name, has_code, oldest()).await?.and_then(AnyRecord::shown))
}

/// What was written first comes first.
fn oldest() -> Order {
    vec![(OrderKey::CreatedAt, Direction::Ascending), (OrderKey::Slug, Direction::Ascending)]
}

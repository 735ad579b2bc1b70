//! Cities and other municipalities.

use async_graphql::{Context, Enum, Object, OneofObject, SimpleObject};
use pomost_domain::activity::AnyActivity;
use pomost_domain::city::Field;
use pomost_domain::link::Reverse;
use pomost_domain::page::Direction;
use pomost_domain::{self as domain, Open};
use pomost_persistence::{Filter, Order, OrderKey, TextTest};

use super::connection::one;
use super::country::Country;
use super::filter::{TextFilter, ValueFilter, filters, label_of, orders, value_of};
use super::record::{RecordKey, first, list_query, lookup, record};
use super::values::{Locale, LocalizedText, ShownDate, date, text, text_option};
use super::{
    Activity, ActivityListFilter, Agreement, AgreementListFilter, BusinessMission, Document, Interpellation,
    JointEvent, LetterOfIntent, Meeting, Official, Organization, Partnership, PartnershipListFilter, Project,
    ProjectListFilter, Resolution, StudyVisit, YouthExchange,
};
use crate::error::ApiError;

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

record! {
    /// A city or other municipality: the home city, its partners, and those that take part in their projects.
    City of domain::City, CityFilter, CityOrder {
        /// Level of the municipality. `null`: not reported.
        pub(crate) async fn kind(&self) -> Option<CityKind> {
            value_of(self.0.kind.as_ref())
        }

        /// Level as the source gives it; it says more where `kind` is `OTHER`.
        pub(crate) async fn kind_label(&self) -> Option<&str> {
            label_of(self.0.kind.as_ref())
        }

        /// Official name, with the names that other languages have for the city (exonyms) as its variants.
        pub(crate) async fn name(&self) -> LocalizedText {
            text(&self.0.name)
        }

        /// Former names and spellings that occur in sources. `null`: not reported.
        pub(crate) async fn alternate_names(&self) -> Option<Vec<AlternateName>> {
            self.0.alternate_names.as_ref().map(|names| names.iter().map(AlternateName::from).collect())
        }

        /// Country that the city lies in.
        pub(crate) async fn country(&self) -> Country {
            Country::of(self.0.country)
        }

        /// Region that the city lies in. `null`: not reported.
        pub(crate) async fn region(&self) -> Option<Region> {
            self.0.region.clone().map(Region::from)
        }

        /// Point on the earth (WGS 84). `null`: not reported.
        pub(crate) async fn location(&self) -> Option<Location> {
            self.0.location.map(|l| Location { latitude: l.latitude, longitude: l.longitude })
        }

        /// Numbers of inhabitants, each with its date and source; they may contradict each other. `null`: not reported; empty: none was found.
        pub(crate) async fn population(&self) -> Option<Vec<Population>> {
            self.0.population.as_ref().map(|list| list.iter().map(Population::from).collect())
        }

        /// Codes in official registers. `null`: not reported; empty: none was found.
        pub(crate) async fn codes(&self) -> Option<Vec<CityCode>> {
            self.0.codes.as_ref().map(|codes| codes.iter().map(CityCode::from).collect())
        }

        /// Address of the website of the city. `null`: not reported.
        pub(crate) async fn website(&self) -> Option<&str> {
            self.0.website.as_deref()
        }

        /// Whether this is the city whose cooperation the registry describes.
        pub(crate) async fn is_home(&self) -> bool {
            self.0.is_home
        }

        /// From when the municipality exists. `null`: not reported.
        pub(crate) async fn valid_from(&self) -> Option<ShownDate> {
            date(self.0.valid_from)
        }

        /// Until when the municipality existed. `null`: it exists, or the end is not reported.
        pub(crate) async fn valid_to(&self) -> Option<ShownDate> {
            date(self.0.valid_to)
        }

        /// Municipality that it was merged into. `null`: none.
        pub(crate) async fn merged_into(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
            one(ctx, self.0.merged_into).await.transpose()
        }

        /// Towns that were joined to form the city. `null`: not reported.
        pub(crate) async fn formed_by(&self) -> Option<Formation> {
            self.0.formed_by.clone().map(Formation::from)
        }

    }
    connections {
        /// Lasting relations with other cities.
        partnerships: Reverse<domain::partnership::PartnershipCities> => Partnership,
        /// Agreements that the city is a party to.
        agreements: Reverse<domain::agreement::AgreementParties> => Agreement,
        /// Letters of intent that the city is a party to.
        letters_of_intent: Reverse<domain::letter_of_intent::LetterParties> => LetterOfIntent,
        /// Organizations with their seat in the city.
        organizations: Reverse<domain::organization::OrganizationCity> => Organization,
        /// Holders of a public office in the city.
        officials: Reverse<domain::official::OfficialCity> => Official,
        /// Resolutions of the city's council.
        resolutions: Reverse<domain::resolution::ResolutionCity> => Resolution,
        /// Projects that the city takes part in, itself or through its organizations.
        projects: Reverse<domain::project::ProjectAllCities> => Project,
        /// Activities of all kinds that the city takes part in: its timeline, if ordered by `STARTS_ON`.
        activities: Reverse<domain::activity::ActivityCities<AnyActivity>> => Activity,
        /// Activities of all kinds that take place in the city.
        hosted_activities: Reverse<domain::activity::ActivityHost<AnyActivity>> => Activity,
        /// Youth exchanges that the city takes part in.
        youth_exchanges: Reverse<domain::activity::ActivityCities<domain::YouthExchange>> => YouthExchange,
        /// Business missions that the city takes part in.
        business_missions: Reverse<domain::activity::ActivityCities<domain::BusinessMission>> => BusinessMission,
        /// Joint events that the city takes part in.
        joint_events: Reverse<domain::activity::ActivityCities<domain::JointEvent>> => JointEvent,
        /// Study visits that the city takes part in.
        study_visits: Reverse<domain::activity::ActivityCities<domain::StudyVisit>> => StudyVisit,
        /// Meetings that the city takes part in.
        meetings: Reverse<domain::activity::ActivityCities<domain::Meeting>> => Meeting,
        /// Interpellations in the city's council.
        interpellations: Reverse<domain::interpellation::InterpellationCity> => Interpellation,
        /// Documents that the city issued.
        documents: Reverse<domain::document::DocumentCity> => Document,
        /// Documents that several cities issued or that are about them.
        shared_documents: Reverse<domain::document::DocumentCities> => Document,
        /// Partnerships that the city brokered between others.
        brokered_partnerships: Reverse<domain::partnership::PartnershipBroker> => Partnership,
    }
    prefetch(plan) {
        plan.one::<City>(&["mergedInto"], |city| vec![city.merged_into]);
        plan.countries("country", |city| vec![city.country]);
    }
}

filters! {
    /// Conditions on cities. All that are given hold together.
    CityFilter, CityListFilter of domain::City {
        /// Country, by its ISO 3166-1 alpha-2 code.
        country: TextFilter = Field::Country,
        /// Level of the municipality.
        kind: ValueFilter<CityKind> = Field::Kind,
        /// Whether it is the home city.
        is_home: bool = Field::IsHome,
    }
    one {}
    many {
        /// Its partnerships.
        partnerships: PartnershipListFilter = Reverse<domain::partnership::PartnershipCities>,
        /// Agreements it is a party to.
        agreements: AgreementListFilter = Reverse<domain::agreement::AgreementParties>,
        /// Projects it takes part in.
        projects: ProjectListFilter = Reverse<domain::project::ProjectAllCities>,
        /// Activities it takes part in.
        activities: ActivityListFilter = Reverse<domain::activity::ActivityCities<AnyActivity>>,
    }
}

orders! { CityOrder, CityOrderField of domain::City {
    /// Country code.
    Country = Field::Country,
    /// Level, by its label.
    Kind = Field::Kind,
} }

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
            CityKey::Id(id) => lookup(ctx, RecordKey::Id(id)).await,
            CityKey::Slug(slug) => lookup(ctx, RecordKey::Slug(slug)).await,
            CityKey::Code(key) => with_code(ctx, key.scheme.into(), &key.value).await,
            CityKey::Wikidata(item) => with_code(ctx, domain::city::CodeScheme::Wikidata, &item).await,
        }
        .transpose()
    }
}

/// The home city. One statement.
pub(crate) async fn home(ctx: &Context<'_>) -> Result<Option<City>, ApiError> {
    first(ctx, "home".to_owned(), Filter::flag(Field::IsHome, true), oldest()).await
}

/// The city that has a code and was written first. One statement.
async fn with_code(ctx: &Context<'_>, scheme: domain::city::CodeScheme, value: &str) -> Result<Option<City>, ApiError> {
    let code = domain::city::code_value(scheme, value);
    first(ctx, format!("code {code:?}"), Filter::text(Field::Code, &TextTest::In(vec![code])), oldest()).await
}

/// What was written first comes first.
fn oldest() -> Order<Field> {
    vec![(OrderKey::CreatedAt, Direction::Ascending), (OrderKey::Slug, Direction::Ascending)]
}

list_query! { CityListQuery: /// Cities and other municipalities.
cities => City }

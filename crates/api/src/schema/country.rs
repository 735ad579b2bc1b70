//! Countries: reference data of ISO 3166-1.

use async_graphql::{Context, ID, Object};
use pomost_domain as domain;

use super::connection::{Connection, ListArgs, root};
use super::node::country_id;
use super::values::{Locale, LocalizedText, text};
use super::{City, CityFilter, CityOrder};
use crate::error::ApiError;

/// A country (ISO 3166-1).
#[derive(Clone, Copy)]
pub(crate) struct Country(pub(crate) &'static domain::Country);

impl Country {
    /// The country of a code.
    pub(crate) fn of(code: domain::country::Code) -> Self {
        // A code can only be made from the list of countries; the first stands for what cannot be.
        Self(domain::Country::by_code(code.as_str()).unwrap_or(&domain::Country::all()[0]))
    }
}

/// A country (ISO 3166-1).
#[Object]
impl Country {
    /// Global, opaque and lasting id, for `node` and `nodes`.
    pub(crate) async fn id(&self) -> ID {
        country_id(self.0.code.as_str())
    }

    /// Two letters (ISO 3166-1 alpha-2), for example `PL`.
    async fn code(&self) -> &str {
        self.0.code.as_str()
    }

    /// Three letters (ISO 3166-1 alpha-3), for example `POL`.
    async fn alpha3(&self) -> &str {
        &self.0.alpha3
    }

    /// Three digits (ISO 3166-1 numeric), for example `616`.
    async fn numeric(&self) -> &str {
        &self.0.numeric
    }

    /// Name in the languages of the registry (Unicode CLDR).
    async fn name(&self) -> LocalizedText {
        text(&self.0.name)
    }

    /// Official languages.
    async fn languages(&self) -> Vec<Locale> {
        self.0.languages.iter().cloned().map(Locale).collect()
    }

    /// Cities of the country that the registry knows.
    #[graphql(complexity = "crate::schema::record::page_cost(first, last, child_complexity)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn cities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many records from the start, 1 to 100; 20 when neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only records after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many records from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only records before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only records that meet this.")] filter: Option<CityFilter>,
        #[graphql(desc = "Order of the list; by name when it is not given.")] order_by: Option<Vec<CityOrder>>,
    ) -> Result<Connection<City>, ApiError> {
        let filter = Some(CityFilter::in_country(self.0.code, filter));
        root(ctx, ListArgs { first, after, last, before, filter, order_by }).await
    }
}

#[derive(Default)]
pub(crate) struct CountryQuery;

#[Object]
impl CountryQuery {
    /// A country by its two-letter code (ISO 3166-1 alpha-2, capitals). `null`: there is none.
    async fn country(&self, #[graphql(desc = "Two letters, for example `PL`.")] code: String) -> Option<Country> {
        domain::Country::by_code(&code).map(Country)
    }

    /// All countries, by code.
    async fn countries(&self) -> Vec<Country> {
        domain::Country::all().iter().map(Country).collect()
    }
}

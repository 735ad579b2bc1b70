//! Countries: reference data of ISO 3166-1.

use async_graphql::{Context, ID, Object};
use pomost_domain as domain;
use pomost_domain::city::Field;

use super::connection::{Connection, ListArgs, Look, stock_within, within};
use super::node::country_id;
use super::values::{Locale, LocalizedText, text};
use super::{City, CityFilter, CityOrder};
use crate::error::ApiError;
use crate::shelf::{Shelf, ShelfOf};

/// A country of ISO 3166-1, or Kosovo, which has no code there.
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

    /// Two letters (ISO 3166-1 alpha-2), for example `PL`; `XK` for Kosovo.
    async fn code(&self) -> &str {
        self.0.code.as_str()
    }

    /// Three letters (ISO 3166-1 alpha-3), for example `POL`; `XKX` for Kosovo.
    async fn alpha3(&self) -> &str {
        &self.0.alpha3
    }

    /// Three digits (ISO 3166-1 numeric), for example `616`; `983` for Kosovo, as in Unicode CLDR.
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
    #[graphql(directive = super::cost::list_size::apply(
        Some(super::cost::PAGE),
        Some(vec!["first".to_owned(), "last".to_owned()]),
        Some(vec!["edges".to_owned(), "nodes".to_owned()]),
        Some(false),
    ))]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn cities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many records from the start, 1 to 100; 20 when neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only records after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many records from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only records before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only records that meet this.", directive = super::cost::cost::apply(super::cost::FILTER.to_owned()))]
        filter: Option<CityFilter>,
        #[graphql(desc = "Order of the list; by name when it is not given.")] order_by: Option<Vec<CityOrder>>,
    ) -> Result<Connection<City>, ApiError> {
        let args = ListArgs { first, after, last, before, filter, order_by };
        within(ctx, Field::Country, self.0.code.as_str().to_owned(), CITIES, args).await
    }
}

/// The list that cursors among the cities of a country belong to.
const CITIES: &str = "country.cities";

/// Reads the lists that are selected on countries.
pub(crate) async fn stock(
    shelf: &Shelf,
    look: Look<'_>,
    codes: impl IntoIterator<Item = domain::country::Code>,
) -> Result<(), ApiError> {
    let mut codes: Vec<String> = codes.into_iter().map(|code| code.as_str().to_owned()).collect();
    codes.sort_unstable();
    codes.dedup();
    stock_within::<City>(shelf, look, "cities", CITIES, Field::Country, &codes).await
}

#[derive(Default)]
pub(crate) struct CountryQuery;

#[Object]
impl CountryQuery {
    /// A country by its two-letter code (ISO 3166-1 alpha-2, capitals). `null`: there is none.
    async fn country(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Two letters, for example `PL`.")] code: String,
    ) -> Result<Option<Country>, ApiError> {
        let found = domain::Country::by_code(&code);
        stock(ctx.shelf(), Look(vec![ctx.look_ahead()]), found.map(|country| country.code)).await?;
        Ok(found.map(Country))
    }

    /// All countries, by code.
    async fn countries(&self, ctx: &Context<'_>) -> Result<Vec<Country>, ApiError> {
        let all = domain::Country::all();
        stock(ctx.shelf(), Look(vec![ctx.look_ahead()]), all.iter().map(|country| country.code)).await?;
        Ok(all.iter().map(Country).collect())
    }
}

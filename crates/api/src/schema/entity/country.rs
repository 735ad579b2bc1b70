//! Countries: reference data of ISO 3166-1.

use std::borrow::Cow;

use async_graphql::parser::types::Field as FieldSelection;
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, Object, OutputType, Positioned, ServerResult, Value,
};
use pomost_domain as domain;
use pomost_domain::city::Field;
use pomost_persistence::Mapping;

use super::City;
use crate::error::ApiError;
use crate::loader::{HasLoader, Loader, Place};
use crate::schema::machinery::connection::{field_error, list_field, load_lists, primed};
use crate::schema::machinery::definition::{object, register};
use crate::schema::machinery::node::country_id;
use crate::schema::machinery::prefetch::Look;
use crate::schema::machinery::shown::entity;
use crate::schema::machinery::values::{Locale, LocalizedText, text};

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

    #[graphql(flatten)]
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "fields take their object so")]
    fn cities(&self) -> CountryCities {
        CountryCities(self.0)
    }
}

/// The field `cities` of a country.
struct CountryCities(&'static domain::Country);

impl OutputType for CountryCities {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("CountryCities")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register(registry, Self::type_name().into_owned(), |registry, name| {
            let doc = "Cities of the country that the registry knows.";
            object(name, "", vec![list_field(registry, "cities", doc, entity::<City>())])
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<FieldSelection>) -> ServerResult<Value> {
        // Its field is one of the country: nothing has it as a value.
        Ok(Value::Null)
    }
}

impl ContainerType for CountryCities {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        if ctx.item.node.name.node != "cities" {
            return Ok(None);
        }
        let list = primed(ctx, entity::<City>(), place(self.0.code), CITIES).await;
        list.map_err(|error| field_error(ctx, error))?.answer(ctx).await
    }
}

/// The cities of a country.
fn place(code: domain::country::Code) -> Place {
    Place::Within(Mapping::field::<domain::City>(Field::Country), code.as_str().to_owned())
}

/// The list that cursors among the cities of a country belong to.
const CITIES: &str = "country.cities";

/// Reads the lists that are selected on countries.
pub(crate) async fn load(
    loader: &Loader,
    look: Look<'_>,
    codes: impl IntoIterator<Item = domain::country::Code>,
) -> Result<(), ApiError> {
    let mut codes: Vec<_> = codes.into_iter().collect();
    codes.sort_unstable();
    codes.dedup();
    let places = codes.into_iter().map(place).collect();
    load_lists(loader, look, ("cities", CITIES), entity::<City>(), places).await
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
        load(ctx.loader(), Look(vec![ctx.look_ahead()]), found.map(|country| country.code)).await?;
        Ok(found.map(Country))
    }

    /// All countries, by code.
    async fn countries(&self, ctx: &Context<'_>) -> Result<Vec<Country>, ApiError> {
        let all = domain::Country::all();
        load(ctx.loader(), Look(vec![ctx.look_ahead()]), all.iter().map(|country| country.code)).await?;
        Ok(all.iter().map(Country).collect())
    }
}

//! Values that several types share: texts, dates, money, sources, places.

use async_graphql::{
    Context, Enum, InputValueError, InputValueResult, Object, Scalar, ScalarType, SimpleObject, Value,
};
use chrono::{Datelike, NaiveDate};
use pomost_domain::{self as domain, PartialDate};
use pomost_persistence::{Linked, Mapping, Stored};

use super::prefetch::Prefetch;
use super::record::one;
use crate::error::ApiError;
use crate::identity::Clock;
use crate::loader::{HasLoader, Load, Loaded, typed};
use crate::schema::Languages;
use crate::schema::entity::{City, Document, Organization};

/// A language tag of the domain, as a scalar.
pub(crate) struct Locale(pub(crate) domain::Locale);

/// A language tag (BCP 47), such as `pl` or `de-AT`; `und` where the source does not state the language.
/// As an argument any well-formed tag is taken (RFC 5646, section 2.1), also with extensions, which are ignored, for private use, or
/// grandfathered; a variant or an extension is given once. Texts themselves have tags without extensions, which begin with a language
/// of two or three letters.
#[Scalar(name = "Locale", specified_by_url = "https://www.rfc-editor.org/info/bcp47")]
impl ScalarType for Locale {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(tag) => domain::Locale::of_range(&tag).map(Self).map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A day, as a scalar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date(pub(crate) NaiveDate);

/// A day, `YYYY-MM-DD` (ISO 8601).
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            // The library takes days with fewer digits, with signs and with spaces as well.
            Value::String(text) => match text.parse::<NaiveDate>() {
                Ok(day) if day.year() > 0 && text.len() == 10 && day.to_string() == text => Ok(Self(day)),
                _ => Err(InputValueError::custom(format!("{text:?} is not a day: write YYYY-MM-DD"))),
            },
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A partial date of the domain, as a scalar of inputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartialDateInput(pub(crate) PartialDate);

/// A date known to the year, the month or the day: `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (ISO 8601). It stands for all the
/// days that it covers.
#[Scalar(name = "PartialDateInput")]
impl ScalarType for PartialDateInput {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => match text.parse::<PartialDate>() {
                Ok(date) if !date.is_upper_bound() => Ok(Self(date)),
                Ok(_) => {
                    Err(InputValueError::custom(format!("{text:?} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD")))
                }
                Err(wrong) => Err(InputValueError::custom(wrong)),
            },
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.value())
    }
}

/// How a variant of a text came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::text::Origin")]
pub(crate) enum TextOrigin {
    /// The text as its author wrote it.
    Original,
    /// A translation that an authority stands for.
    OfficialTranslation,
    /// A translation by a person.
    Human,
    /// A translation by a machine.
    Machine,
}

/// A text for people, in one or several languages.
pub(crate) struct LocalizedText(pub(crate) domain::Text);

impl LocalizedText {
    fn choose(&self, ctx: &Context<'_>, locales: Option<Vec<Locale>>) -> domain::text::Choice<'_> {
        match locales {
            Some(locales) => {
                self.0.choose(&locales.into_iter().flat_map(|locale| locale.0.alternatives()).collect::<Vec<_>>())
            }
            None => self.0.choose(ctx.data_opt::<Languages>().map_or(&[][..], |languages| &languages.0)),
        }
    }
}

/// A text for people, in one or several languages. The fields speak of the variant that the reader gets: of `locales` the
/// first that there is, else of the request's `Accept-Language`, else the original.
#[Object]
impl LocalizedText {
    /// The text.
    async fn value(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Languages, most wanted first. Left out: those of the request's `Accept-Language`.")] locales: Option<Vec<Locale>>,
    ) -> String {
        self.choose(ctx, locales).variant.text.clone()
    }

    /// Language of the text; `und` where the source does not state it.
    async fn locale(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As for `value`.")] locales: Option<Vec<Locale>>,
    ) -> Locale {
        Locale(self.choose(ctx, locales).variant.locale.clone())
    }

    /// How the text came about.
    async fn origin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As for `value`.")] locales: Option<Vec<Locale>>,
    ) -> TextOrigin {
        self.choose(ctx, locales).variant.origin.into()
    }

    /// Whether the reader asked for languages of which there is none, and gets the original instead.
    async fn is_fallback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As for `value`.")] locales: Option<Vec<Locale>>,
    ) -> bool {
        self.choose(ctx, locales).is_fallback
    }

    /// Whether the original was changed after this translation was made.
    async fn is_stale(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As for `value`.")] locales: Option<Vec<Locale>>,
    ) -> bool {
        self.choose(ctx, locales).is_stale
    }

    /// Every variant, in the order of the source.
    async fn variants(&self) -> Vec<TextVariant> {
        let variant = |variant: &domain::text::Variant| TextVariant {
            locale: Locale(variant.locale.clone()),
            text: variant.text.clone(),
            origin: variant.origin.into(),
            translator: variant.translator.clone(),
            based_on_version: variant.based_on_version,
        };
        self.0.variants().iter().map(variant).collect()
    }
}

/// A text in one language.
#[derive(SimpleObject)]
pub(crate) struct TextVariant {
    /// Its language; `und` where the source does not state it.
    locale: Locale,
    /// The text.
    text: String,
    /// How it came about.
    origin: TextOrigin,
    /// Who translated it. `null`: not reported.
    translator: Option<String>,
    /// Version of the record to which the translation was last brought. `null`: not recorded.
    based_on_version: Option<u32>,
}

/// A text, shown.
pub(crate) fn text(text: &domain::Text) -> LocalizedText {
    LocalizedText(text.clone())
}

/// A text that may be unknown, shown.
pub(crate) fn text_option(known: Option<&domain::Text>) -> Option<LocalizedText> {
    known.map(text)
}

/// A list of texts that may be unknown, shown.
pub(crate) fn texts(known: Option<&Vec<domain::Text>>) -> Option<Vec<LocalizedText>> {
    known.map(|texts| texts.iter().map(text).collect())
}

/// How much of a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::date::Precision")]
pub(crate) enum DatePrecision {
    /// The year.
    Year,
    /// The year and the month.
    Month,
    /// The day.
    Day,
}

/// What a partial date says of the act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum DateQualifier {
    /// The act was on this date or earlier: only an upper bound is known.
    NotAfter,
}

/// A date as far as the sources know it. It stands for the interval of days from `earliest` to `latest`.
#[derive(SimpleObject)]
#[graphql(name = "PartialDate")]
pub(crate) struct ShownDate {
    /// The date as known: `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (ISO 8601).
    value: String,
    /// How much of it is known.
    precision: DatePrecision,
    /// `NOT_AFTER` where only an upper bound is known; `null`: the date is that of the act.
    qualifier: Option<DateQualifier>,
    /// First day that it may stand for. `null` where only an upper bound is known.
    earliest: Option<Date>,
    /// Last day that it may stand for.
    latest: Date,
}

/// A date, shown.
pub(crate) fn date(known: Option<PartialDate>) -> Option<ShownDate> {
    known.map(|date| ShownDate {
        value: date.value(),
        precision: date.precision().into(),
        qualifier: date.is_upper_bound().then_some(DateQualifier::NotAfter),
        earliest: date.earliest().map(Date),
        latest: Date(date.latest()),
    })
}

/// The day of the request, in UTC.
pub(crate) fn today(ctx: &Context<'_>) -> NaiveDate {
    ctx.data_unchecked::<Clock>()().date_naive()
}

/// An amount of money.
pub(crate) struct Money(pub(crate) domain::Money);

/// An amount of money, to the minor unit of its currency.
#[Object]
impl Money {
    /// The amount in minor units (for EUR: cents), a whole number in a string, as it may exceed 2^53.
    async fn amount_minor(&self) -> String {
        self.0.minor.to_string()
    }

    /// Code of the currency (ISO 4217), for example `EUR`.
    async fn currency(&self) -> &str {
        self.0.currency.code()
    }

    /// The amount in major units with all decimals and the currency, written as in a language: `1 109 520,53 EUR` in
    /// Polish, `1.109.520,53 EUR` in German, `1,109,520.53 EUR` in English and wherever the language is not known.
    async fn formatted(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The language. Left out: that of the request's `Accept-Language`.")] locale: Option<Locale>,
    ) -> String {
        let asked = ctx.data_opt::<Languages>().and_then(|languages| languages.0.first().cloned());
        let locale = locale.map(|locale| locale.0).or(asked);
        let plain = self.0.currency.format(self.0.minor);
        let (digits, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
        let language = locale.as_ref().map(|locale| locale.as_str().split('-').next().unwrap_or_default().to_owned());
        // Separators of thousands and decimals (CLDR); the space does not break.
        let (group, point) = match language.as_deref() {
            Some("pl" | "cs" | "sk" | "uk" | "lv" | "hu") => ("\u{a0}", ","),
            Some("fr") => ("\u{202f}", ","),
            Some("de" | "nl" | "it" | "es") => (".", ","),
            _ => (",", "."),
        };
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push_str(group);
            }
            grouped.push(digit);
        }
        let point = if decimals.is_empty() { "" } else { point };
        format!("{sign}{grouped}{point}{decimals}\u{a0}{}", self.0.currency.code())
    }
}

/// Money of a currency, shown.
pub(crate) fn money(minor: Option<i64>, currency: domain::money::Currency) -> Option<Money> {
    minor.map(|minor| Money(domain::Money { minor, currency }))
}

/// Where a fact was found.
pub(crate) struct Source(pub(crate) domain::meta::Source);

/// Where a fact was found.
#[Object]
impl Source {
    /// Address of the page, or the slug of a document of this registry. `null`: not reported.
    async fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// Title of the page or paper, in its own language. `null`: not reported.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// Day on which the page was read (ISO 8601). `null`: not reported.
    async fn retrieved_on(&self) -> Option<Date> {
        self.0.retrieved.map(Date)
    }

    /// The document of this registry, where the source is one.
    async fn document(&self, ctx: &Context<'_>) -> Option<Result<Document, ApiError>> {
        let slug = document_slug(&self.0)?;
        let document = Load::Slug(Mapping::of::<domain::Document>(), slug.to_owned());
        let found = ctx.loader().find(document).await;
        found.map(|found| found.and_then(Loaded::record).and_then(typed).map(Document::from)).transpose()
    }
}

/// The slug of the document that a source names instead of an address.
pub(crate) fn document_slug(source: &domain::meta::Source) -> Option<&str> {
    source.url.as_deref().filter(|url| !url.contains([':', '/']))
}

/// A place.
pub(crate) struct Place(pub(crate) domain::Place);

/// A place: a city or institution of the registry, or only a name.
#[Object]
impl Place {
    /// The city, if the registry has it.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.city).await.transpose()
    }

    /// The institution, for example a gallery, if the registry has it.
    async fn organization(&self, ctx: &Context<'_>) -> Option<Result<Organization, ApiError>> {
        one(ctx, self.0.organization).await.transpose()
    }

    /// Name of a place outside the registry, for example `Ostrava, CZ`.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Building or room. `null`: not reported.
    async fn venue(&self) -> Option<&str> {
        self.0.venue.as_deref()
    }
}

/// What belongs to a reference beside the record it leads to.
pub(crate) fn detail<D: serde::de::DeserializeOwned + Default>(linked: &Linked) -> D {
    linked.detail.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Reads what the selected fields of places need.
pub(crate) fn prefetch_places<T: Stored>(plan: &mut Prefetch<'_, T>, place: impl Fn(&T) -> Option<&domain::Place>) {
    plan.one::<City>(&["place.city"], |fact| vec![place(fact).and_then(|place| place.city)]);
    plan.one::<Organization>(&["place.organization"], |fact| vec![place(fact).and_then(|place| place.organization)]);
}

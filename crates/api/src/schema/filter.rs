//! Operators of filters, and the macro that makes a filter and an order of an entity's fields.

use async_graphql::{Enum, ID, InputObject, InputType};
use chrono::{DateTime, Utc};
use pomost_domain::meta::{Publication, Visibility};
use pomost_domain::{self as domain, Open, OpenVocabulary, Vocabulary};
use pomost_persistence::{DateTest, Filter, IntegerTest, Stored, TextTest};

use super::connection::bad;
use super::cost::text_search;
use super::node;
use super::values::PartialDateInput;
use super::{
    ActivityForm, ActivityStatus, AgreementKind, Area, CityKind, CommitmentStatus, DocumentKind, InterpellationKind,
    OrganizationKind, PartnershipStatus, ProjectStatus,
};
use crate::error::ApiError;

/// An operator input that tests a field.
pub(crate) trait Tests<T: Stored> {
    /// The condition on the field.
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError>;
}

/// No text that is looked for has more characters. SQLite takes no pattern of more than 50 000 bytes, some of them doubled.
const MAX_SOUGHT: usize = 1_000;

/// What the operators on a text ask for.
fn text_tests(
    eq: Option<String>,
    one_of: Option<Vec<String>>,
    contains: Option<String>,
    starts_with: Option<String>,
) -> Result<Vec<TextTest>, ApiError> {
    let sought = |name: &str, text: Option<String>| match text.as_ref().map(|text| text.chars().count()) {
        Some(found) if found > MAX_SOUGHT => bad(format!(
            "the text in `{name}` has {found} characters, but at most {MAX_SOUGHT} are looked for: shorten it"
        )),
        _ => Ok(text),
    };
    let contains = sought("contains", contains)?.map(TextTest::Contains);
    let starts_with = sought("startsWith", starts_with)?.map(TextTest::StartsWith);
    let equal = eq.map(|text| TextTest::In(vec![text])).into_iter().chain(one_of.map(TextTest::In));
    Ok(equal.chain(contains).chain(starts_with).collect())
}

/// A condition on an id.
#[derive(Debug, InputObject)]
pub(crate) struct IdFilter {
    /// The record with this id.
    eq: Option<ID>,
    /// The records with these ids.
    #[graphql(name = "in", directive = super::cost::cost::apply(super::cost::VALUE.to_owned()))]
    one_of: Option<Vec<ID>>,
}

impl IdFilter {
    pub(crate) fn on_id<T: Stored>(self) -> Result<Filter<T>, ApiError> {
        let one = |id: &ID| node::typed::<T>(id);
        let eq = self.eq.map(|id| one(&id).map(|id| Filter::ids_in([id]))).transpose()?;
        let many = self
            .one_of
            .map(|ids| ids.iter().map(one).collect::<Result<Vec<_>, _>>().map(Filter::ids_in))
            .transpose()?;
        Ok(Filter::all(eq.into_iter().chain(many)))
    }
}

/// A condition on a slug, to the letter.
#[derive(Debug, InputObject)]
pub(crate) struct SlugFilter {
    /// The record with this slug.
    eq: Option<String>,
    /// The records with these slugs.
    #[graphql(name = "in", directive = super::cost::cost::apply(super::cost::VALUE.to_owned()))]
    one_of: Option<Vec<String>>,
}

impl SlugFilter {
    pub(crate) fn on_slug<T: Stored>(self) -> Filter<T> {
        let eq = self.eq.map(|slug| Filter::slugs_in([slug]));
        Filter::all(eq.into_iter().chain(self.one_of.map(Filter::slugs_in)))
    }
}

/// A condition on names, in every language the record has them in. Case and diacritics do not count: `zdroj` finds
/// `Zdrój`, and German umlauts are found in both spellings.
#[derive(Debug, InputObject)]
pub(crate) struct NameFilter {
    /// The main name is this.
    eq: Option<String>,
    /// The main name is one of these.
    #[graphql(name = "in", directive = super::cost::cost::apply(super::cost::VALUE.to_owned()))]
    one_of: Option<Vec<String>>,
    /// A name contains this (at most 1 000 characters).
    #[graphql(directive = super::cost::cost::apply(super::cost::SEARCH.to_owned()), directive = text_search::apply())]
    contains: Option<String>,
    /// A name, or a word of it, starts with this (at most 1 000 characters).
    #[graphql(directive = super::cost::cost::apply(super::cost::SEARCH.to_owned()), directive = text_search::apply())]
    starts_with: Option<String>,
}

impl NameFilter {
    pub(crate) fn on_name<T: Stored>(self) -> Result<Filter<T>, ApiError> {
        let tests = text_tests(self.eq, self.one_of, self.contains, self.starts_with)?;
        Ok(Filter::all(tests.iter().map(Filter::name)))
    }
}

/// A condition on a plain text, to the letter.
#[derive(Debug, InputObject)]
pub(crate) struct TextFilter {
    /// It is this.
    eq: Option<String>,
    /// It is one of these.
    #[graphql(name = "in", directive = super::cost::cost::apply(super::cost::VALUE.to_owned()))]
    one_of: Option<Vec<String>>,
    /// It contains this (at most 1 000 characters).
    #[graphql(directive = super::cost::cost::apply(super::cost::SEARCH.to_owned()), directive = text_search::apply())]
    contains: Option<String>,
    /// It starts with this (at most 1 000 characters).
    #[graphql(directive = super::cost::cost::apply(super::cost::SEARCH.to_owned()), directive = text_search::apply())]
    starts_with: Option<String>,
    /// `true`: it is not reported; `false`: it is.
    is_null: Option<bool>,
}

impl<T: Stored> Tests<T> for TextFilter {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        let tests = text_tests(self.eq, self.one_of, self.contains, self.starts_with)?;
        let tests = tests.iter().map(|test| Filter::text(field, test));
        Ok(Filter::all(tests.chain(self.is_null.map(|null| Filter::known(field, !null)))))
    }
}

/// A condition on a whole number.
#[derive(Debug, InputObject)]
pub(crate) struct IntFilter {
    /// Equal to.
    eq: Option<i32>,
    /// Greater than.
    gt: Option<i32>,
    /// Greater than or equal to.
    gte: Option<i32>,
    /// Less than.
    lt: Option<i32>,
    /// Less than or equal to.
    lte: Option<i32>,
    /// `true`: it is not reported; `false`: it is.
    is_null: Option<bool>,
}

impl<T: Stored> Tests<T> for IntFilter {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        let tests = [
            self.eq.map(|n| IntegerTest::Eq(n.into())),
            self.gt.map(|n| IntegerTest::Gt(n.into())),
            self.gte.map(|n| IntegerTest::Gte(n.into())),
            self.lt.map(|n| IntegerTest::Lt(n.into())),
            self.lte.map(|n| IntegerTest::Lte(n.into())),
        ];
        let tests = tests.into_iter().flatten().map(|test| Filter::integer(field, test));
        Ok(Filter::all(tests.chain(self.is_null.map(|null| Filter::known(field, !null)))))
    }
}

/// A condition on an amount of money. Amounts are whole minor units in a string, as `amountMinor` gives them.
#[derive(Debug, InputObject)]
pub(crate) struct AmountFilter {
    /// Greater than or equal to.
    gte: Option<String>,
    /// Less than or equal to.
    lte: Option<String>,
    /// `true`: it is not reported; `false`: it is.
    is_null: Option<bool>,
}

impl<T: Stored> Tests<T> for AmountFilter {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        let minor = |text: String| {
            text.parse::<i64>().map_err(|_| {
                ApiError::BadInput(format!("{text:?} is no amount: write whole minor units, such as \"110952053\""))
            })
        };
        let gte = self.gte.map(minor).transpose()?.map(IntegerTest::Gte);
        let lte = self.lte.map(minor).transpose()?.map(IntegerTest::Lte);
        let tests = gte.into_iter().chain(lte).map(|test| Filter::integer(field, test));
        Ok(Filter::all(tests.chain(self.is_null.map(|null| Filter::known(field, !null)))))
    }
}

/// A condition on a date that may be known in part. `eq` to `lte` mean "certainly": every day that the date may stand for
/// meets them; `overlaps` means "possibly".
#[derive(Debug, InputObject)]
pub(crate) struct PartialDateFilter {
    /// Certainly within it.
    eq: Option<PartialDateInput>,
    /// Certainly after its last day.
    gt: Option<PartialDateInput>,
    /// Certainly not before its first day.
    gte: Option<PartialDateInput>,
    /// Certainly before its first day.
    lt: Option<PartialDateInput>,
    /// Certainly not after its last day.
    lte: Option<PartialDateInput>,
    /// Possibly at the same time.
    overlaps: Option<PartialDateInput>,
    /// `true`: nothing is known of the date; `false`: something is.
    is_null: Option<bool>,
}

impl<T: Stored> Tests<T> for PartialDateFilter {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        let tests = [
            self.eq.map(|date| DateTest::Eq(date.0)),
            self.gt.map(|date| DateTest::Gt(date.0)),
            self.gte.map(|date| DateTest::Gte(date.0)),
            self.lt.map(|date| DateTest::Lt(date.0)),
            self.lte.map(|date| DateTest::Lte(date.0)),
            self.overlaps.map(|date| DateTest::Overlaps(date.0)),
        ];
        let tests = tests.into_iter().flatten().map(|test| Filter::date(field, test));
        Ok(Filter::all(tests.chain(self.is_null.map(|null| Filter::known(field, !null)))))
    }
}

/// A stretch of time; a record meets it that possibly shares a day with it.
#[derive(Debug, InputObject)]
pub(crate) struct PeriodFilter {
    /// Its beginning. Left out: from ever.
    from: Option<PartialDateInput>,
    /// Its end. Left out: for ever.
    to: Option<PartialDateInput>,
}

impl PeriodFilter {
    /// Dates of the stretch, in their order.
    fn dates(&self) -> Result<[Option<domain::PartialDate>; 2], ApiError> {
        let [from, to] = [self.from, self.to].map(|date| date.map(|date| date.0));
        if domain::date::ends_before_start(from, to) {
            return bad("the period ends before it begins: `to` is not before `from`");
        }
        Ok([from, to])
    }
}

impl<T: Stored> Tests<T> for PeriodFilter {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        let [from, to] = self.dates()?;
        Ok(Filter::during(field, from, to))
    }
}

/// A stretch of time; a record meets it that possibly shares a day with it, and one without an end lasts.
#[derive(Debug, InputObject)]
pub(crate) struct LastingFilter {
    /// Its beginning. Left out: from ever.
    from: Option<PartialDateInput>,
    /// Its end. Left out: for ever.
    to: Option<PartialDateInput>,
}

impl<T: Stored> Tests<T> for LastingFilter {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        let [from, to] = PeriodFilter { from: self.from, to: self.to }.dates()?;
        Ok(Filter::lasting_during(field, from, to))
    }
}

/// A condition on an instant (RFC 3339).
#[derive(Debug, InputObject)]
pub(crate) struct InstantFilter {
    /// At or after.
    gte: Option<DateTime<Utc>>,
    /// Before.
    lt: Option<DateTime<Utc>>,
}

impl InstantFilter {
    pub(crate) fn on_written<T: Stored>(&self, updated: bool) -> Filter<T> {
        Filter::written(updated, self.gte, self.lt)
    }
}

/// A condition on `true` or `false`.
impl<T: Stored> Tests<T> for bool {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        Ok(Filter::flag(field, self))
    }
}

/// A value of a list of the schema that stands for labels in the database.
pub(crate) trait Labelled: Copy {
    /// The labels; `None` for the value that stands for every unknown label.
    fn labels(self) -> Option<Vec<&'static str>>;
    /// Every known label but those that stand for the unknown.
    fn known() -> Vec<&'static str>;
}

/// Declares enumerations of the schema as those of an open list of the domain.
macro_rules! labelled {
    (open: $($open:ident = $open_domain:ty),+; closed: $($closed:ident = $closed_domain:ty),+;) => {
        $(impl Labelled for $open {
            fn labels(self) -> Option<Vec<&'static str>> {
                let value: $open_domain = self.into();
                (value != <$open_domain>::OTHER).then(|| value.labels().to_vec())
            }
            fn known() -> Vec<&'static str> {
                let known = <$open_domain>::ALL.iter().filter(|value| **value != <$open_domain>::OTHER);
                known.flat_map(|value| value.labels().iter().copied()).collect()
            }
        })+
        $(impl Labelled for $closed {
            fn labels(self) -> Option<Vec<&'static str>> {
                let value: $closed_domain = self.into();
                Some(vec![value.label()])
            }
            fn known() -> Vec<&'static str> {
                Vec::new()
            }
        })+
    };
}

labelled! {
    open: AgreementKind = domain::agreement::AgreementKind, CityKind = domain::city::CityKind,
        DocumentKind = domain::document::DocumentKind, InterpellationKind = domain::interpellation::InterpellationKind,
        OrganizationKind = domain::organization::OrganizationKind, ActivityForm = domain::activity::ActivityForm;
    closed: ActivityStatus = domain::activity::ActivityStatus, CommitmentStatus = domain::commitment::CommitmentStatus,
        PartnershipStatus = domain::partnership::PartnershipStatus, ProjectStatus = domain::project::ProjectStatus,
        PublicationState = Publication;
}

/// A condition on a value of a list.
#[derive(Debug, InputObject)]
#[graphql(
    concrete(name = "ActivityFormFilter", params(ActivityForm)),
    concrete(name = "ActivityStatusFilter", params(ActivityStatus)),
    concrete(name = "AgreementKindFilter", params(AgreementKind)),
    concrete(name = "CityKindFilter", params(CityKind)),
    concrete(name = "CommitmentStatusFilter", params(CommitmentStatus)),
    concrete(name = "DocumentKindFilter", params(DocumentKind)),
    concrete(name = "InterpellationKindFilter", params(InterpellationKind)),
    concrete(name = "OrganizationKindFilter", params(OrganizationKind)),
    concrete(name = "PartnershipStatusFilter", params(PartnershipStatus)),
    concrete(name = "ProjectStatusFilter", params(ProjectStatus))
)]
pub(crate) struct ValueFilter<E: InputType> {
    /// It is this.
    eq: Option<E>,
    /// It is one of these.
    #[graphql(name = "in", directive = super::cost::cost::apply(super::cost::VALUE.to_owned()))]
    one_of: Option<Vec<E>>,
    /// It is none of these, or not reported.
    #[graphql(directive = super::cost::cost::apply(super::cost::VALUE.to_owned()))]
    not_in: Option<Vec<E>>,
    /// `true`: it is not reported; `false`: it is.
    is_null: Option<bool>,
}

impl<E: Labelled + InputType, T: Stored> Tests<T> for ValueFilter<E> {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        let one_of = |values: Vec<E>| {
            let other = values.iter().any(|value| value.labels().is_none());
            let labels = values.into_iter().filter_map(Labelled::labels).flatten().collect();
            let known = Filter::text(field, &TextTest::Labels(labels));
            let unknown =
                || Filter::all([Filter::text(field, &TextTest::NoLabels(E::known())), Filter::known(field, true)]);
            if other { Filter::any([known, unknown()]) } else { known }
        };
        let eq = self.eq.map(|value| one_of(vec![value]));
        let many = self.one_of.map(one_of);
        let none = self.not_in.map(|values| one_of(values).negated());
        let null = self.is_null.map(|null| Filter::known(field, !null));
        Ok(Filter::all(eq.into_iter().chain(many).chain(none).chain(null)))
    }
}

/// A condition on areas of cooperation, of which a record may have several.
#[derive(Debug, InputObject)]
pub(crate) struct AreaFilter {
    /// It has this area.
    eq: Option<Area>,
    /// It has at least one of these areas.
    #[graphql(name = "in", directive = super::cost::cost::apply(super::cost::VALUE.to_owned()))]
    one_of: Option<Vec<Area>>,
    /// `true`: no area is reported; `false`: at least one is.
    is_null: Option<bool>,
}

impl<T: Stored> Tests<T> for AreaFilter {
    fn test(self, field: T::Field) -> Result<Filter<T>, ApiError> {
        let label = |area: Area| domain::Area::from(area).label();
        let labels = |areas: Vec<Area>| TextTest::Labels(areas.into_iter().map(label).collect());
        let tests = [self.eq.map(|area| labels(vec![area])), self.one_of.map(labels)];
        let tests = tests.iter().flatten().map(|test| Filter::text(field, test));
        Ok(Filter::all(tests.chain(self.is_null.map(|null| Filter::known(field, !null)))))
    }
}

/// Where a record stands on its way to the public. Readers without rights see `PUBLISHED` and `CORRECTED` ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "Publication", remote = "Publication")]
pub(crate) enum PublicationState {
    /// Being written.
    Draft,
    /// Waiting for a publisher.
    InReview,
    /// Public.
    Published,
    /// Public, in a corrected version.
    Corrected,
    /// Taken back; only a tombstone is left.
    Withdrawn,
}

/// Who may see a published record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "Visibility", remote = "Visibility")]
pub(crate) enum RecordVisibility {
    /// Everyone.
    Public,
    /// Whoever holds a token of a partner city, and the city's own offices.
    Partners,
    /// The city's own offices.
    Internal,
}

/// The label of an open list, where it says more than its value.
pub(crate) fn label_of<V: OpenVocabulary>(open: Option<&Open<V>>) -> Option<&str> {
    open.map(Open::label)
}

/// The value of an open list, where there is one.
pub(crate) fn value_of<V: OpenVocabulary, E: From<V>>(open: Option<&Open<V>>) -> Option<E> {
    open.map(|open| open.value().into())
}

/// Makes the filter of an entity: shared conditions, its own fields, and its relations.
macro_rules! filters {
    (
        $(#[$doc:meta])*
        $filter:ident, $list:ident of $fact:ty {
            $($(#[$fdoc:meta])* $field:ident: $test:ty = $at:expr,)*
        }
        one { $($(#[$odoc:meta])* $one:ident: $one_filter:ty = $one_relation:ty,)* }
        many { $($(#[$mdoc:meta])* $many:ident: $many_filter:ty = $many_relation:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Default, async_graphql::InputObject)]
        pub(crate) struct $filter {
            /// All of these hold.
            and: Option<Vec<$filter>>,
            /// At least one of these holds; of an empty list none does.
            or: Option<Vec<$filter>>,
            /// This does not hold. What is asked of an unknown value does not hold, so its opposite does.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::NOT.to_owned()))]
            not: Option<Box<$filter>>,
            /// Global id.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::CONDITION.to_owned()))]
            id: Option<crate::schema::filter::IdFilter>,
            /// Readable name in addresses.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::CONDITION.to_owned()))]
            slug: Option<crate::schema::filter::SlugFilter>,
            /// Name or title.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::CONDITION.to_owned()))]
            name: Option<crate::schema::filter::NameFilter>,
            /// Where the record stands on its way to the public: it is in one of these states.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::VALUE.to_owned()))]
            publication: Option<Vec<crate::schema::filter::PublicationState>>,
            /// When the record was first written to this registry.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::CONDITION.to_owned()))]
            created_at: Option<crate::schema::filter::InstantFilter>,
            /// When the record was last written to this registry.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::CONDITION.to_owned()))]
            updated_at: Option<crate::schema::filter::InstantFilter>,
            $(
                $(#[$fdoc])*
                #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::CONDITION.to_owned()))]
                $field: Option<$test>,
            )*
            $(
                $(#[$odoc])*
                #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::ONE.to_owned()))]
                $one: Option<Box<$one_filter>>,
            )*
            $($(#[$mdoc])* $many: Option<Box<$many_filter>>,)*
        }

        impl crate::schema::connection::IntoFilter<$fact> for $filter {
            fn into_filter(self) -> Result<pomost_persistence::Filter<$fact>, crate::error::ApiError> {
                use pomost_persistence::Filter;
                #[allow(unused_imports, reason = "a filter may have neither fields nor relations of its own")]
                use crate::schema::filter::Tests;
                let all = |filters: Vec<Self>| filters.into_iter().map(Self::into_filter).collect::<Result<Vec<_>, _>>();
                let mut conditions: Vec<Filter<$fact>> = Vec::new();
                conditions.extend(self.and.map(all).transpose()?.map(Filter::all));
                conditions.extend(self.or.map(all).transpose()?.map(Filter::any));
                conditions.extend(self.not.map(|filter| filter.into_filter()).transpose()?.map(Filter::negated));
                conditions.extend(self.id.map(|test| test.on_id()).transpose()?);
                conditions.extend(self.slug.map(|test| test.on_slug()));
                conditions.extend(self.name.map(|test| test.on_name()).transpose()?);
                conditions.extend(self.publication.map(|states| {
                    Filter::published_as(&states.into_iter().map(Into::into).collect::<Vec<_>>())
                }));
                conditions.extend(self.created_at.map(|test| test.on_written(false)));
                conditions.extend(self.updated_at.map(|test| test.on_written(true)));
                $(conditions.extend(self.$field.map(|test| test.test($at)).transpose()?);)*
                $(conditions.extend(self.$one.map(|filter| filter.into_filter()).transpose()?.map(|f| Filter::some::<$one_relation>(&f)));)*
                $(conditions.extend(self.$many.map(|filter| filter.along::<$many_relation>()).transpose()?);)*
                Ok(Filter::all(conditions))
            }
        }

        /// A condition on several related records.
        #[derive(Debug, Default, async_graphql::InputObject)]
        pub(crate) struct $list {
            /// At least one of them meets it.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::SOME.to_owned()))]
            some: Option<Box<$filter>>,
            /// None of them meets it; also where there is none.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::NONE.to_owned()))]
            none: Option<Box<$filter>>,
            /// All of them meet it; also where there is none.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::EVERY.to_owned()))]
            every: Option<Box<$filter>>,
        }

        impl $list {
            #[allow(dead_code, reason = "not every type is at the end of a list relation that filters offer")]
            pub(crate) fn along<R>(self) -> Result<pomost_persistence::Filter<R::Parent>, crate::error::ApiError>
            where
                R: pomost_domain::link::Relation<Child = $fact>,
                R::Parent: pomost_persistence::Stored,
            {
                use crate::schema::connection::IntoFilter;
                use pomost_persistence::Filter;
                let into = |filter: Option<Box<$filter>>| filter.map(|filter| filter.into_filter()).transpose();
                let some = into(self.some)?.map(|filter| Filter::some::<R>(&filter));
                let none = into(self.none)?.map(|filter| Filter::none::<R>(&filter));
                let every = into(self.every)?.map(|filter| Filter::every::<R>(&filter));
                Ok(Filter::all(some.into_iter().chain(none).chain(every)))
            }
        }
    };
}
pub(crate) use filters;

/// Makes the order of an entity: the shared keys and its own.
macro_rules! orders {
    ($order:ident, $key:ident of $fact:ty { $($(#[$doc:meta])* $variant:ident = $at:expr,)* }) => {
        /// What a list is ordered by. Unknown values are last in both directions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        pub(crate) enum $key {
            /// Name or title, without case and diacritics.
            Name,
            /// Readable name in addresses.
            Slug,
            /// When the record was first written to this registry.
            CreatedAt,
            /// When the record was last written to this registry.
            UpdatedAt,
            $($(#[$doc])* $variant,)*
        }

        /// A key of an order. Several keys go from the most significant to the least; the id completes every order.
        #[derive(Clone, Copy, Debug, async_graphql::InputObject)]
        pub(crate) struct $order {
            /// What is compared.
            #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::ORDER.to_owned()))]
            field: $key,
            /// Which end comes first.
            #[graphql(default_with = "crate::schema::connection::OrderDirection::Ascending")]
            direction: crate::schema::connection::OrderDirection,
        }

        impl crate::schema::connection::IntoOrder<$fact> for $order {
            fn into_order(self) -> (pomost_persistence::OrderKey<<$fact as pomost_domain::Fact>::Field>, pomost_domain::page::Direction) {
                use pomost_persistence::OrderKey;
                let key = match self.field {
                    $key::Name => OrderKey::Name,
                    $key::Slug => OrderKey::Slug,
                    $key::CreatedAt => OrderKey::CreatedAt,
                    $key::UpdatedAt => OrderKey::UpdatedAt,
                    $($key::$variant => OrderKey::Field($at),)*
                };
                (key, self.direction.into())
            }
        }
    };
}
pub(crate) use orders;

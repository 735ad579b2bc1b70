//! Filters: the operators on fields, and the filter of a type made of its conditions.

use async_graphql::registry::Registry;
use async_graphql::{Enum, ID, InputObject, InputType, Value};
use chrono::{DateTime, Utc};
use pomost_domain::meta::{Publication, Visibility};
use pomost_domain::{self as domain, Open, OpenVocabulary, Vocabulary};
use pomost_persistence::{DateTest, Field, Filter, IntegerTest, TextTest, Walk};

use super::connection::bad;
use super::cost::{self, text_search};
use super::definition::{input, input_object, nullable, priced, register};
use super::shown::{Ends, Entity};
use super::values::PartialDateInput;
use crate::error::ApiError;
use crate::schema::entity::{
    ActivityForm, ActivityStatus, AgreementKind, Area, CityKind, CommitmentStatus, DocumentKind, InterpellationKind,
    OrganizationKind, PartnershipStatus, ProjectStatus,
};

/// The operators on a field.
pub(crate) trait Operators: InputType {
    /// The condition on the field.
    fn on(self, field: Field) -> Result<Filter, ApiError>;
}

/// The operators on a field, as data.
#[derive(Clone, Copy)]
pub(crate) struct Test {
    type_info: fn(&mut Registry) -> String,
    read: fn(Value, Field) -> Result<Filter, ApiError>,
}

impl Test {
    /// The operators of a type of inputs.
    pub(crate) const fn of<O: Operators>() -> Self {
        Self { type_info: O::create_type_info, read: |value, field| parsed::<O>(value)?.on(field) }
    }
}

fn parsed<I: InputType>(value: Value) -> Result<I, ApiError> {
    let read = I::parse(Some(value));
    read.map_err(|error| ApiError::BadInput(error.into_server_error(async_graphql::Pos::default()).message))
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
    #[graphql(name = "in", directive = cost::cost::apply(cost::VALUE.to_owned()))]
    one_of: Option<Vec<ID>>,
}

impl IdFilter {
    fn on_id(self, entity: &Entity) -> Result<Filter, ApiError> {
        let one = |id: &ID| (entity.raw_id)(id);
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
    #[graphql(name = "in", directive = cost::cost::apply(cost::VALUE.to_owned()))]
    one_of: Option<Vec<String>>,
}

impl SlugFilter {
    fn on_slug(self) -> Filter {
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
    #[graphql(name = "in", directive = cost::cost::apply(cost::VALUE.to_owned()))]
    one_of: Option<Vec<String>>,
    /// A name contains this (at most 1 000 characters).
    #[graphql(directive = cost::cost::apply(cost::SEARCH.to_owned()), directive = text_search::apply())]
    contains: Option<String>,
    /// A name, or a word of it, starts with this (at most 1 000 characters).
    #[graphql(directive = cost::cost::apply(cost::SEARCH.to_owned()), directive = text_search::apply())]
    starts_with: Option<String>,
}

impl NameFilter {
    fn on_name(self) -> Result<Filter, ApiError> {
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
    #[graphql(name = "in", directive = cost::cost::apply(cost::VALUE.to_owned()))]
    one_of: Option<Vec<String>>,
    /// It contains this (at most 1 000 characters).
    #[graphql(directive = cost::cost::apply(cost::SEARCH.to_owned()), directive = text_search::apply())]
    contains: Option<String>,
    /// It starts with this (at most 1 000 characters).
    #[graphql(directive = cost::cost::apply(cost::SEARCH.to_owned()), directive = text_search::apply())]
    starts_with: Option<String>,
    /// `true`: it is not reported; `false`: it is.
    is_null: Option<bool>,
}

impl Operators for TextFilter {
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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

impl Operators for IntFilter {
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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

impl Operators for AmountFilter {
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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

impl Operators for PartialDateFilter {
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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

impl Operators for PeriodFilter {
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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

impl Operators for LastingFilter {
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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
    fn on_written(&self, updated: bool) -> Filter {
        Filter::written(updated, self.gte, self.lt)
    }
}

/// A condition on `true` or `false`.
impl Operators for bool {
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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
    #[graphql(name = "in", directive = cost::cost::apply(cost::VALUE.to_owned()))]
    one_of: Option<Vec<E>>,
    /// It is none of these, or not reported.
    #[graphql(directive = cost::cost::apply(cost::VALUE.to_owned()))]
    not_in: Option<Vec<E>>,
    /// `true`: it is not reported; `false`: it is.
    is_null: Option<bool>,
}

impl<E: Labelled + InputType> Operators for ValueFilter<E>
where
    Self: InputType,
{
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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
        let none = self.not_in.map(|values| one_of(values).negated(field.of()));
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
    #[graphql(name = "in", directive = cost::cost::apply(cost::VALUE.to_owned()))]
    one_of: Option<Vec<Area>>,
    /// `true`: no area is reported; `false`: at least one is.
    is_null: Option<bool>,
}

impl Operators for AreaFilter {
    fn on(self, field: Field) -> Result<Filter, ApiError> {
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
    /// Withdrawn; only a tombstone is left.
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

/// Registers the filter of a type, and returns its name.
pub(crate) fn filter_type(registry: &mut Registry, entity: &'static Entity) -> String {
    register(registry, format!("{}Filter", entity.name), |registry, name| {
        let many = format!("[{name}!]");
        let publication = <Option<Vec<PublicationState>> as InputType>::create_type_info(registry);
        let mut members = vec![
            input("and", &*many, "All of these hold."),
            input("or", &*many, "At least one of these holds; of an empty list none does."),
        ];
        let add = |registry: &mut Registry, members: &mut Vec<_>, name: &str, ty: &str, doc: &str, cost: &str| {
            members.push(priced(registry, input(name, nullable(ty), doc), cost));
        };
        add(registry, &mut members, "not", name, NEGATED, cost::NOT);
        let shared = [
            ("id", IdFilter::create_type_info(registry), "Global id."),
            ("slug", SlugFilter::create_type_info(registry), "Readable name in addresses."),
            ("name", NameFilter::create_type_info(registry), "Name or title."),
            (
                "createdAt",
                InstantFilter::create_type_info(registry),
                "When the record was first written to this registry.",
            ),
            (
                "updatedAt",
                InstantFilter::create_type_info(registry),
                "When the record was last written to this registry.",
            ),
        ];
        for (name, ty, doc) in shared {
            add(registry, &mut members, name, &ty, doc, cost::CONDITION);
        }
        let states = "Where the record stands on its way to the public: it is in one of these states.";
        add(registry, &mut members, "publication", &publication, states, cost::VALUE);
        for condition in entity.conditions() {
            let ty = (condition.test.type_info)(registry);
            add(registry, &mut members, condition.name, &ty, condition.doc, cost::CONDITION);
        }
        for related in entity.related() {
            let to = (related.way.to)().filtered_as();
            match related.ends {
                Ends::One => {
                    let ty = filter_type(registry, to);
                    add(registry, &mut members, related.name, &ty, related.doc, cost::ONE);
                }
                // The members of its filter have the cost.
                Ends::Many => {
                    let ty = list_filter_type(registry, to);
                    members.push(input(related.name, ty, related.doc));
                }
            }
        }
        input_object(name, entity.filter, members)
    })
}

const NEGATED: &str = "Negates the filter. A condition on an unknown value is false, so its negation is true.";

/// Registers the condition on several records of a type, and returns its name.
fn list_filter_type(registry: &mut Registry, entity: &'static Entity) -> String {
    register(registry, format!("{}ListFilter", entity.name), |registry, name| {
        let filter = filter_type(registry, entity);
        let member = |registry: &mut Registry, name, doc, cost| priced(registry, input(name, &*filter, doc), cost);
        let members = vec![
            member(registry, "some", "At least one of them meets it.", cost::SOME),
            member(registry, "none", "None of them meets it; also where there is none.", cost::NONE),
            member(registry, "every", "All of them meet it; also where there is none.", cost::EVERY),
        ];
        input_object(name, "A condition on several related records.", members)
    })
}

/// The condition that a filter of a type states.
pub(crate) fn condition(entity: &'static Entity, filter: &Value) -> Result<Filter, ApiError> {
    let Value::Object(members) = filter else { return Ok(Filter::default()) };
    let member = |name: &str| members.get(name).cloned();
    let each = |name: &str| -> Result<Option<Vec<Filter>>, ApiError> {
        match members.get(name) {
            Some(Value::List(filters)) => {
                filters.iter().map(|filter| condition(entity, filter)).collect::<Result<_, _>>().map(Some)
            }
            // A single value stands for a list of one.
            Some(filter) => Ok(Some(vec![condition(entity, filter)?])),
            None => Ok(None),
        }
    };
    let mut all = Vec::new();
    all.extend(each("and")?.map(Filter::all));
    all.extend(each("or")?.map(Filter::any));
    if let Some(filter) = members.get("not") {
        all.push(condition(entity, filter)?.negated(entity.mapping()));
    }
    if let Some(value) = member("id") {
        all.push(parsed::<IdFilter>(value)?.on_id(entity)?);
    }
    if let Some(value) = member("slug") {
        all.push(parsed::<SlugFilter>(value)?.on_slug());
    }
    if let Some(value) = member("name") {
        all.push(parsed::<NameFilter>(value)?.on_name()?);
    }
    if let Some(value) = member("publication") {
        let states: Vec<PublicationState> = parsed(value)?;
        all.push(Filter::published_as(&states.into_iter().map(Into::into).collect::<Vec<_>>()));
    }
    for (name, is_update) in [("createdAt", false), ("updatedAt", true)] {
        if let Some(value) = member(name) {
            all.push(parsed::<InstantFilter>(value)?.on_written(is_update));
        }
    }
    for condition in entity.conditions() {
        if let Some(value) = member(condition.name) {
            all.push((condition.test.read)(value, condition.field)?);
        }
    }
    for related in entity.related() {
        let Some(value) = members.get(related.name) else { continue };
        let (walk, to) = ((related.way.walk)(), (related.way.to)().filtered_as());
        match related.ends {
            Ends::One => all.push(Filter::some(walk, condition(to, value)?)),
            Ends::Many => all.push(along(walk, to, value)?),
        }
    }
    Ok(Filter::all(all))
}

/// The condition on several records at the end of a relation.
fn along(walk: &'static Walk, to: &'static Entity, filter: &Value) -> Result<Filter, ApiError> {
    let Value::Object(members) = filter else { return Ok(Filter::default()) };
    let read = |name: &str| members.get(name).map(|filter| condition(to, filter)).transpose();
    let some = read("some")?.map(|filter| Filter::some(walk, filter));
    let none = read("none")?.map(|filter| Filter::none(walk, filter));
    let every = read("every")?.map(|filter| Filter::every(walk, filter));
    Ok(Filter::all(some.into_iter().chain(none).chain(every)))
}

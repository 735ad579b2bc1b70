//! Activities of all kinds.

pub(crate) mod mutation;

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::parser::types::Field as FieldSelection;
use async_graphql::registry::Registry;
use async_graphql::{
    ComplexObject, Context, ContextSelectionSet, Enum, Object, OutputType, Positioned, ServerResult, SimpleObject,
    Value,
};
use pomost_domain::activity::{
    ActivityCities, ActivityFacts, ActivityHost, ActivityOrganizations, ActivityPartnership, ActivityProjects,
    ActivitySides, AnyActivity, Field,
};
use pomost_domain::meeting::MeetingAttendees;
use pomost_domain::{self as domain, Fact, Kind, Vocabulary};
use pomost_persistence::{Field as StoredField, Filter, Linked, Stored, TextTest};
use uuid::Uuid;

use super::{
    Agreement, BusinessMission, City, JointEvent, LetterOfIntent, Meeting, Official, Organization, Partnership,
    Project, StudyVisit, Theme, YouthExchange, themes,
};
use crate::error::ApiError;
use crate::schema::machinery::cost;
use crate::schema::machinery::definition::{interface, register};
use crate::schema::machinery::filter::{
    AreaFilter, Operators, PartialDateFilter, PeriodFilter, Test, ValueFilter, label_of, value_of,
};
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{AnyRecord, Shared, end, fields_of, linked, listed, one};
use crate::schema::machinery::shown::{
    Condition, Ends, Entity, Groups, OrderBy, Queries, Query, Related, Shown, entity, way,
};
use crate::schema::machinery::values::{
    LocalizedText, Place, ShownDate, date, detail, prefetch_places, text, text_option,
};

/// Form of an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::activity::ActivityForm")]
pub(crate) enum ActivityForm {
    /// Years of a partnership or a town are celebrated.
    Anniversary,
    /// Something or somebody is honoured, for example the entrepreneur of the year.
    Award,
    /// Young people stay together for days.
    Camp,
    /// City days, town festivals and the like, with guests from partner cities.
    Celebration,
    /// Talks and discussions before an audience.
    Conference,
    /// Participants compete with works or knowledge; not sport.
    Contest,
    /// Concert, parade, theatre and the like.
    Culture,
    /// Representatives of a city visit another.
    Delegation,
    /// Groups visit each other, one way or both.
    Exchange,
    /// Works or documents are shown for days or weeks.
    Exhibition,
    /// Companies or cities present themselves at stands.
    Fair,
    /// Several missions announced as one undertaking.
    MissionSeries,
    /// Companies travel to find partners.
    Mission,
    /// Something built or founded is put to use.
    Opening,
    /// A city or a project presents itself in public.
    Promotion,
    /// Pupils compete with works or knowledge.
    SchoolContest,
    /// Schools work together over a time.
    SchoolPartnership,
    /// People of one field of work meet across the border.
    SectorMeeting,
    /// A paper is put into force by signatures.
    Signing,
    /// Tournament, run, rally and the like.
    Sport,
    /// Visitors come to learn how something is done.
    StudyVisit,
    /// People meet on the web only.
    Webinar,
    /// People of the partners work on something they share.
    WorkingMeeting,
    /// Participants work on a task under guidance.
    Workshop,
    /// None of these: see `formLabel`.
    Other,
}
/// Status of an activity. Announced is not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::activity::ActivityStatus")]
pub(crate) enum ActivityStatus {
    /// A source announces it; whether it took place is not known.
    Announced,
    /// It is being prepared.
    Planned,
    /// Its partners agreed to it.
    Confirmed,
    /// It took place.
    Held,
    /// It took place and was reported on.
    Reported,
    /// It was called off.
    Cancelled,
    /// It was put off.
    Postponed,
}

/// Kind of an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ActivityKind {
    /// A youth exchange or school contact.
    YouthExchange,
    /// An economic activity.
    BusinessMission,
    /// A joint event.
    JointEvent,
    /// A study visit.
    StudyVisit,
    /// A meeting.
    Meeting,
}

impl ActivityKind {
    fn of(activity: &AnyActivity) -> Self {
        match activity {
            AnyActivity::YouthExchange(_) => Self::YouthExchange,
            AnyActivity::BusinessMission(_) => Self::BusinessMission,
            AnyActivity::JointEvent(_) => Self::JointEvent,
            AnyActivity::StudyVisit(_) => Self::StudyVisit,
            AnyActivity::Meeting(_) => Self::Meeting,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::YouthExchange => Kind::YouthExchange,
            Self::BusinessMission => Kind::BusinessMission,
            Self::JointEvent => Kind::JointEvent,
            Self::StudyVisit => Kind::StudyVisit,
            Self::Meeting => Kind::Meeting,
        }
        .label()
    }
}

/// Head counts of an activity. They come from different sources and need not add up.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Participants {
    /// All people. `null`: not reported; `0`: reported as none.
    total: Option<u32>,
    /// Pupils. `null`: not reported.
    pupils: Option<u32>,
    /// Children. `null`: not reported.
    children: Option<u32>,
    /// Adults. `null`: not reported.
    adults: Option<u32>,
    /// Officials. `null`: not reported.
    officials: Option<u32>,
    /// Schools that took part, not people. `null`: not reported.
    schools: Option<u32>,
    /// Whether the counts are rounded.
    approximate: bool,
    /// Whether the counts mean "at least".
    minimum: bool,
    /// What is known beside the counts. `null`: nothing was noted.
    note: Option<LocalizedText>,
    #[graphql(skip)]
    activity: Uuid,
}

impl Participants {
    pub(crate) fn of(activity: Uuid, counts: &domain::activity::Participants) -> Self {
        Self {
            total: counts.total,
            pupils: counts.pupils,
            children: counts.children,
            adults: counts.adults,
            officials: counts.officials,
            schools: counts.schools,
            approximate: counts.approximate,
            minimum: counts.minimum,
            note: text_option(counts.note.as_ref()),
            activity,
        }
    }
}

#[ComplexObject]
impl Participants {
    /// Head counts of single cities. Empty: not reported by city.
    async fn by_side(&self, ctx: &Context<'_>) -> Result<Vec<SideCount>, ApiError> {
        let sides = linked::<ActivitySides<AnyActivity>>(ctx, self.activity).await?;
        let side = |linked: &Linked| {
            let count: domain::activity::SideCount = detail(linked);
            Some(SideCount { city: end(linked)?, count: count.count })
        };
        Ok(sides.iter().filter_map(side).collect())
    }
}

/// How many people came from one city.
#[derive(SimpleObject)]
pub(crate) struct SideCount {
    /// The city.
    city: City,
    /// People. `null`: not reported.
    count: Option<u32>,
}

/// An activity of any kind. All kinds can be listed together in one order: that is a timeline. To clients it is the interface
/// `Activity`.
#[derive(Clone)]
pub(crate) struct Activity(AnyRecord);

impl From<Arc<AnyActivity>> for Activity {
    fn from(any: Arc<AnyActivity>) -> Self {
        Self(match &*any {
            AnyActivity::YouthExchange(fact) => AnyRecord::of::<YouthExchange>(Arc::clone(fact)),
            AnyActivity::BusinessMission(fact) => AnyRecord::of::<BusinessMission>(Arc::clone(fact)),
            AnyActivity::JointEvent(fact) => AnyRecord::of::<JointEvent>(Arc::clone(fact)),
            AnyActivity::StudyVisit(fact) => AnyRecord::of::<StudyVisit>(Arc::clone(fact)),
            AnyActivity::Meeting(fact) => AnyRecord::of::<Meeting>(Arc::clone(fact)),
        })
    }
}

/// An activity that is shown as its own kind.
impl From<AnyRecord> for Activity {
    fn from(record: AnyRecord) -> Self {
        Self(record)
    }
}

/// The types of the single kinds of activities.
const KINDS: [fn() -> &'static Entity; 5] =
    [entity::<BusinessMission>, entity::<JointEvent>, entity::<Meeting>, entity::<StudyVisit>, entity::<YouthExchange>];

/// The type that shows the activities of a kind.
pub(crate) fn of_kind(kind: Kind) -> Option<&'static Entity> {
    KINDS.iter().map(|entity| entity()).find(|entity| entity.kind == kind)
}

/// The fields that the interface has of those that all records share.
const SHARED: [&str; 8] = ["id", "slug", "version", "createdAt", "updatedAt", "publication", "note", "sources"];

impl OutputType for Activity {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Activity")
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = register(registry, "Activity".to_owned(), |registry, name| {
            let mut fields = fields_of::<Shared>(registry);
            fields.retain(|name, _| SHARED.contains(&name.as_str()));
            fields.extend(fields_of::<ActivityFields>(registry));
            let types: Vec<String> = KINDS.iter().map(|entity| (entity().type_info)(registry)).collect();
            let types = types.iter().map(|ty| ty.trim_end_matches('!').to_owned());
            let doc = "An activity of any kind. All kinds can be listed together in one order: that is a timeline.";
            interface(registry, name, doc, fields, types)
        });
        format!("{name}!")
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<FieldSelection>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

/// The fields that activities of all kinds have.
pub(crate) struct ActivityFields(pub(crate) AnyActivity);

/// The fields that activities of all kinds have.
#[Object]
impl ActivityFields {
    /// Which of the five kinds of activities it is.
    async fn kind(&self) -> ActivityKind {
        ActivityKind::of(&self.0)
    }

    /// Title, in its original language, with its other titles as variants.
    async fn title(&self) -> LocalizedText {
        text(self.0.facts().title)
    }

    /// Form, for example `CONFERENCE`. `null`: not reported.
    async fn form(&self) -> Option<ActivityForm> {
        value_of(self.0.facts().form)
    }

    /// Form as the source gives it; it says more where `form` is `OTHER`.
    async fn form_label(&self) -> Option<&str> {
        label_of(self.0.facts().form)
    }

    /// Status. Announced is not held. `null`: not reported.
    async fn status(&self) -> Option<ActivityStatus> {
        self.0.facts().status.map(Into::into)
    }

    /// First day. `null`: not known.
    async fn starts_on(&self) -> Option<ShownDate> {
        date(self.0.facts().starts_on)
    }

    /// Last day. `null`: not known, or it lasts a day.
    async fn ends_on(&self) -> Option<ShownDate> {
        date(self.0.facts().ends_on)
    }

    /// Place, where it is not only a city. `null`: not reported.
    async fn place(&self) -> Option<Place> {
        self.0.facts().place.cloned().map(Place)
    }

    /// Areas of cooperation. `null`: not reported.
    async fn areas(&self) -> Option<Vec<Theme>> {
        themes(self.0.facts().themes)
    }

    /// What it was about. `null`: not reported.
    async fn summary(&self) -> Option<LocalizedText> {
        text_option(self.0.facts().summary)
    }

    /// Head counts. `null`: not reported.
    async fn participants(&self) -> Option<Participants> {
        let facts = self.0.facts();
        Some(Participants::of(facts.meta.id, facts.participants?))
    }

    /// City where it takes place. `null`: elsewhere, or not reported.
    async fn host_city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.facts().host_city).await.transpose()
    }

    /// Partnership that it belongs to. `null`: none is reported.
    async fn partnership(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
        one(ctx, self.0.facts().partnership).await.transpose()
    }

    /// Cities that take part, in the order of the source.
    async fn cities(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
        listed::<ActivityCities<AnyActivity>, City>(ctx, self.0.facts().meta.id).await
    }

    /// Organizations that take part, in the order of the source.
    async fn organizations(&self, ctx: &Context<'_>) -> Result<Vec<Organization>, ApiError> {
        listed::<ActivityOrganizations<AnyActivity>, Organization>(ctx, self.0.facts().meta.id).await
    }

    /// Projects that it belongs to, in the order of the source.
    async fn projects(&self, ctx: &Context<'_>) -> Result<Vec<Project>, ApiError> {
        listed::<ActivityProjects<AnyActivity>, Project>(ctx, self.0.facts().meta.id).await
    }
}

/// Reads the records that the selected fields of activities of one kind, or of any, show. Lists go by the id alone, whatever
/// the kind.
pub(crate) fn prefetch<A: Stored>(plan: &mut Prefetch<'_, A>, facts: impl Fn(&A) -> ActivityFacts<'_>) {
    plan.one::<City>(&["hostCity"], |fact| vec![facts(fact).host_city]);
    prefetch_places(plan, |fact| facts(fact).place);
    plan.one::<Partnership>(&["partnership"], |fact| vec![facts(fact).partnership]);
    plan.linked::<ActivityCities<AnyActivity>, City>("cities", &[]);
    plan.linked::<ActivityOrganizations<AnyActivity>, Organization>("organizations", &[]);
    plan.linked::<ActivityProjects<AnyActivity>, Project>("projects", &[]);
    plan.linked::<ActivitySides<AnyActivity>, City>("participants.bySide", &["city"]);
}

/// The tables that the types of all kinds of activities share.
pub(crate) struct Tables<A>(PhantomData<fn() -> A>);

impl<A: Stored + Fact<Field = Field>> Tables<A> {
    pub(crate) const CONDITIONS: &'static [Condition<Field>] = &[
        Condition {
            name: "form",
            doc: "Form of the activity, for example `CONFERENCE`.",
            test: Test::of::<ValueFilter<ActivityForm>>(),
            field: Field::Form,
        },
        Condition {
            name: "status",
            doc: "How far it has come.",
            test: Test::of::<ValueFilter<ActivityStatus>>(),
            field: Field::Status,
        },
        Condition {
            name: "startsOn",
            doc: "First day.",
            test: Test::of::<PartialDateFilter>(),
            field: Field::StartsOn,
        },
        Condition { name: "endsOn", doc: "Last day.", test: Test::of::<PartialDateFilter>(), field: Field::EndsOn },
        Condition {
            name: "period",
            doc: "A stretch of time in which it possibly took place.",
            test: Test::of::<PeriodFilter>(),
            field: Field::Period,
        },
        Condition { name: "area", doc: "Areas of cooperation.", test: Test::of::<AreaFilter>(), field: Field::Area },
    ];
    pub(crate) const RELATED: &'static [Related] = &[
        Related {
            name: "hostCity",
            doc: "City where it takes place.",
            ends: Ends::One,
            way: way::<ActivityHost<A>, City>(),
        },
        Related {
            name: "partnership",
            doc: "Partnership it belongs to.",
            ends: Ends::One,
            way: way::<ActivityPartnership<A>, Partnership>(),
        },
        Related {
            name: "cities",
            doc: "Cities that take part.",
            ends: Ends::Many,
            way: way::<ActivityCities<A>, City>(),
        },
        Related {
            name: "organizations",
            doc: "Organizations that take part.",
            ends: Ends::Many,
            way: way::<ActivityOrganizations<A>, Organization>(),
        },
        Related {
            name: "projects",
            doc: "Projects it belongs to.",
            ends: Ends::Many,
            way: way::<ActivityProjects<A>, Project>(),
        },
    ];
    pub(crate) const ORDERS: &'static [OrderBy<Field>] = &[
        OrderBy { name: "STARTS_ON", doc: "First day.", field: Field::StartsOn, cost: None },
        OrderBy { name: "ENDS_ON", doc: "Last day.", field: Field::EndsOn, cost: None },
        OrderBy { name: "STATUS", doc: "Status, by its label.", field: Field::Status, cost: None },
        OrderBy { name: "FORM", doc: "Form, by its label.", field: Field::Form, cost: None },
    ];
}

/// A condition on the kind of an activity.
#[derive(Debug, async_graphql::InputObject)]
pub(crate) struct ActivityKindFilter {
    /// It is of this kind.
    eq: Option<ActivityKind>,
    /// It is of one of these kinds.
    #[graphql(name = "in", directive = cost::cost::apply(cost::VALUE.to_owned()))]
    one_of: Option<Vec<ActivityKind>>,
}

impl Operators for ActivityKindFilter {
    fn on(self, field: StoredField) -> Result<Filter, ApiError> {
        let labels = |kinds: Vec<ActivityKind>| TextTest::Labels(kinds.into_iter().map(ActivityKind::label).collect());
        let tests = [self.eq.map(|kind| labels(vec![kind])), self.one_of.map(labels)];
        Ok(Filter::all(tests.iter().flatten().map(|test| Filter::text(field, test))))
    }
}

impl Shown for Activity {
    type Fact = AnyActivity;
    const NAME: &'static str = "Activity";
    const QUERIES: Queries = Queries {
        one: Some(Query {
            name: "activity",
            doc: "An activity of any kind. Slugs are unique among the activities of one kind: ask by id where two kinds may share one.",
            cost: None,
        }),
        many: Some(Query {
            name: "activities",
            doc: "Activities of all kinds: a timeline, if ordered by `STARTS_ON`.",
            cost: Some(cost::SORTED),
        }),
    };
    const FILTER: &'static str = "Conditions on activities of all kinds. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[
        Tables::<AnyActivity>::CONDITIONS,
        &[Condition {
            name: "kind",
            doc: "Kind of activity.",
            test: Test::of::<ActivityKindFilter>(),
            field: Field::Kind,
        }],
    ];
    const RELATED: Groups<Related> = &[Tables::<AnyActivity>::RELATED];
    const ORDERS: Groups<OrderBy<Field>> = &[
        Tables::<AnyActivity>::ORDERS,
        &[
            OrderBy {
                name: "HOST_CITY",
                doc: "Name of the host city.",
                field: Field::HostCity,
                cost: Some(cost::ORDER_BY_NAME_OF),
            },
            OrderBy { name: "KIND", doc: "Kind of activity.", field: Field::Kind, cost: None },
        ],
    ];

    fn prefetch(plan: &mut Prefetch<'_, AnyActivity>) {
        prefetch(plan, AnyActivity::facts);
        plan.linked::<MeetingAttendees, Official>("attendees", &[]);
        // Fields of single kinds are asked for in fragments: each kind reads its own for its own.
        plan.one::<Meeting>(&["meeting"], |any| match any {
            AnyActivity::JointEvent(event) => vec![event.detail.meeting],
            _ => Vec::new(),
        });
        plan.one::<Agreement>(&["agreement"], |any| match any {
            AnyActivity::Meeting(meeting) => vec![meeting.detail.agreement],
            _ => Vec::new(),
        });
        plan.one::<LetterOfIntent>(&["letterOfIntent"], |any| match any {
            AnyActivity::Meeting(meeting) => vec![meeting.detail.letter_of_intent],
            _ => Vec::new(),
        });
        plan.one::<JointEvent>(&["event"], |any| match any {
            AnyActivity::Meeting(meeting) => vec![meeting.detail.event],
            _ => Vec::new(),
        });
        plan.countries("guestCountries", |any| match any {
            AnyActivity::YouthExchange(exchange) => exchange.detail.guest_countries.clone().unwrap_or_default(),
            _ => Vec::new(),
        });
        for kind in KINDS {
            plan.lists(kind().lists);
        }
    }
}

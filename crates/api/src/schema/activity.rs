//! Activities of all kinds.

pub(super) mod mutation;

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, Interface, SimpleObject};
use pomost_domain::activity::{
    ActivityCities, ActivityHost, ActivityOrganizations, ActivityPartnership, ActivityProjects, ActivitySides,
    AnyActivity, Field,
};
use pomost_domain::interpellation::InterpellationMissions;
use pomost_domain::joint_event::EventMeeting;
use pomost_domain::letter_of_intent::LetterBusinessMission;
use pomost_domain::link::Reverse;
use pomost_domain::meeting::{MeetingAttendees, MeetingEvent};
use pomost_domain::{self as domain, Fact, Id, Kind, Vocabulary, of_any_activity};
use pomost_persistence::{Filter, Stored, TextTest};
use uuid::Uuid;

use super::connection::{Plan, Shown, linked, listed};
use super::filter::{
    AreaFilter, PartialDateFilter, PeriodFilter, PublicationState, Tests, ValueFilter, filters, orders,
};
use super::record::queries;
use super::values::{LocalizedText, Place, ShownDate, Source, detail, prefetch_places, prefetch_sources, text_option};
use super::{
    Agreement, BusinessMission, City, CityFilter, CityListFilter, Interpellation, JointEvent, LetterOfIntent, Meeting,
    Official, Organization, OrganizationListFilter, Partnership, PartnershipFilter, Project, ProjectListFilter,
    StudyVisit, Theme, YouthExchange,
};
use crate::error::ApiError;

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
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::YouthExchange => Self::YouthExchange,
            Kind::BusinessMission => Self::BusinessMission,
            Kind::JointEvent => Self::JointEvent,
            Kind::StudyVisit => Self::StudyVisit,
            _ => Self::Meeting,
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
        let sides = linked::<ActivitySides<AnyActivity>>(ctx, Id::new(self.activity)).await?;
        let side = |linked: &pomost_persistence::Linked<domain::City>| {
            let count: domain::activity::SideCount = detail(linked);
            SideCount { city: linked.fact.clone().into(), count: count.count }
        };
        Ok(sides.iter().map(side).collect())
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

/// An activity of any kind. All kinds can be listed together in one order: that is a timeline.
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Global, opaque and lasting id, for `node` and `nodes`."),
    field(name = "slug", ty = "&str", desc = "Readable name in addresses, unique among the activities of one kind."),
    field(name = "version", ty = "u32", desc = "How often the record was written, from 1."),
    field(
        name = "created_at",
        ty = "chrono::DateTime<chrono::Utc>",
        desc = "When the record was first written to this registry."
    ),
    field(
        name = "updated_at",
        ty = "chrono::DateTime<chrono::Utc>",
        desc = "When the record was last written to this registry."
    ),
    field(name = "publication", ty = "PublicationState", desc = "Where the record stands on its way to the public."),
    field(
        name = "note",
        ty = "Option<LocalizedText>",
        desc = "What is uncertain, inferred or contradictory. `null`: nothing was noted."
    ),
    field(name = "sources", ty = "Option<Vec<Source>>", desc = "Where the facts were found. `null`: not reported."),
    field(name = "kind", ty = "ActivityKind", desc = "Which of the five kinds it is."),
    field(
        name = "title",
        ty = "LocalizedText",
        desc = "Title, in its original language, with its other titles as variants."
    ),
    field(name = "form", ty = "Option<ActivityForm>", desc = "Form, for example `CONFERENCE`. `null`: not reported."),
    field(
        name = "form_label",
        ty = "Option<&str>",
        desc = "Form as the source gives it; it says more where `form` is `OTHER`."
    ),
    field(name = "status", ty = "Option<ActivityStatus>", desc = "Status. `null`: not reported."),
    field(name = "starts_on", ty = "Option<ShownDate>", desc = "First day. `null`: not known."),
    field(name = "ends_on", ty = "Option<ShownDate>", desc = "Last day. `null`: not known, or it lasts a day."),
    field(name = "place", ty = "Option<Place>", desc = "Place, where it is not only a city. `null`: not reported."),
    field(name = "areas", ty = "Option<Vec<Theme>>", desc = "Areas of cooperation. `null`: not reported."),
    field(name = "summary", ty = "Option<LocalizedText>", desc = "What it was about. `null`: not reported."),
    field(name = "participants", ty = "Option<Participants>", desc = "Head counts. `null`: not reported."),
    field(
        name = "host_city",
        ty = "Option<Result<City, ApiError>>",
        desc = "City where it takes place. `null`: elsewhere, or not reported."
    ),
    field(name = "cities", ty = "Vec<City>", desc = "Cities that take part, in the order of the source."),
    field(
        name = "organizations",
        ty = "Vec<Organization>",
        desc = "Organizations that take part, in the order of the source."
    ),
    field(name = "projects", ty = "Vec<Project>", desc = "Projects that it belongs to, in the order of the source."),
    field(
        name = "partnership",
        ty = "Option<Result<Partnership, ApiError>>",
        desc = "Partnership that it belongs to. `null`: none is reported."
    )
)]
#[derive(Clone)]
#[expect(clippy::duplicated_attributes, reason = "fields of one type are no repetition")]
pub(crate) enum Activity {
    YouthExchange(YouthExchange),
    BusinessMission(BusinessMission),
    JointEvent(JointEvent),
    StudyVisit(StudyVisit),
    Meeting(Meeting),
}

impl From<Arc<AnyActivity>> for Activity {
    fn from(any: Arc<AnyActivity>) -> Self {
        match &*any {
            AnyActivity::YouthExchange(fact) => Self::YouthExchange(Arc::clone(fact).into()),
            AnyActivity::BusinessMission(fact) => Self::BusinessMission(Arc::clone(fact).into()),
            AnyActivity::JointEvent(fact) => Self::JointEvent(Arc::clone(fact).into()),
            AnyActivity::StudyVisit(fact) => Self::StudyVisit(Arc::clone(fact).into()),
            AnyActivity::Meeting(fact) => Self::Meeting(Arc::clone(fact).into()),
        }
    }
}

impl Shown for Activity {
    type Fact = AnyActivity;
    type Filter = ActivityFilter;
    type Order = ActivityOrder;
    const NAME: &'static str = "Activity";

    fn prefetch(plan: &mut Plan<'_, AnyActivity>) {
        prefetch_sources::<Self>(plan);
        prefetch(
            plan,
            |any| of_any_activity!(any, fact => References { host_city: fact.host_city, place: fact.place.as_ref(), partnership: fact.partnership }),
        );
        plan.list_as::<MeetingAttendees, Official>("attendees", &[]);
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
        plan.connection_as::<Reverse<LetterBusinessMission>, LetterOfIntent>("lettersOfIntent");
        plan.connection_as::<Reverse<InterpellationMissions>, Interpellation>("interpellations");
        plan.connection_as::<Reverse<MeetingEvent>, Meeting>("meetings");
        plan.connection_as::<Reverse<EventMeeting>, JointEvent>("events");
    }
}

/// What all kinds of activities refer to.
pub(crate) struct References<'a> {
    pub(crate) host_city: Option<Id<domain::City>>,
    pub(crate) place: Option<&'a domain::Place>,
    pub(crate) partnership: Option<Id<domain::Partnership>>,
}

/// Reads what the selected fields of activities of one kind, or of any, need. Lists go by the id alone, whatever the kind.
pub(crate) fn prefetch<A>(plan: &mut Plan<'_, A>, of: impl Fn(&A) -> References<'_>)
where
    A: Stored + Fact<Field = Field>,
{
    plan.one::<City>(&["hostCity"], |fact| vec![of(fact).host_city]);
    prefetch_places(plan, |fact| of(fact).place);
    plan.one::<Partnership>(&["partnership"], |fact| vec![of(fact).partnership]);
    plan.list_as::<ActivityCities<AnyActivity>, City>("cities", &[]);
    plan.list_as::<ActivityOrganizations<AnyActivity>, Organization>("organizations", &[]);
    plan.list_as::<ActivityProjects<AnyActivity>, Project>("projects", &[]);
    plan.list_as::<ActivitySides<AnyActivity>, City>("participants.bySide", &["city"]);
}

/// Makes the type of one kind of activity: what all kinds show is written once, here.
macro_rules! activity {
    (
        $(#[$doc:meta])*
        $name:ident of $fact:ty, $filter:ty, $order:ty { $($fields:tt)* }
        connections { $($connections:tt)* }
        prefetch($plan:ident) $prefetch:block
    ) => {
        crate::schema::record::record! {
            $(#[$doc])*
            $name of $fact, $filter, $order {
                /// Which of the five kinds of activities it is.
                pub(crate) async fn kind(&self) -> crate::schema::activity::ActivityKind {
                    crate::schema::activity::ActivityKind::of(<$fact as pomost_domain::Fact>::KIND)
                }

                /// Title, in its original language, with its other titles as variants.
                pub(crate) async fn title(&self) -> crate::schema::values::LocalizedText {
                    crate::schema::values::text(&self.0.title)
                }

                /// Form, for example `CONFERENCE`. `null`: not reported.
                pub(crate) async fn form(&self) -> Option<crate::schema::ActivityForm> {
                    crate::schema::filter::value_of(self.0.form.as_ref())
                }

                /// Form as the source gives it; it says more where `form` is `OTHER`.
                pub(crate) async fn form_label(&self) -> Option<&str> {
                    crate::schema::filter::label_of(self.0.form.as_ref())
                }

                /// Status. Announced is not held. `null`: not reported.
                pub(crate) async fn status(&self) -> Option<crate::schema::ActivityStatus> {
                    self.0.status.map(Into::into)
                }

                /// First day. `null`: not known.
                pub(crate) async fn starts_on(&self) -> Option<crate::schema::values::ShownDate> {
                    crate::schema::values::date(self.0.starts_on)
                }

                /// Last day. `null`: not known, or it lasts a day.
                pub(crate) async fn ends_on(&self) -> Option<crate::schema::values::ShownDate> {
                    crate::schema::values::date(self.0.ends_on)
                }

                /// Place, where it is not only a city. `null`: not reported.
                pub(crate) async fn place(&self) -> Option<crate::schema::values::Place> {
                    self.0.place.clone().map(crate::schema::values::Place)
                }

                /// Areas of cooperation. `null`: not reported.
                pub(crate) async fn areas(&self) -> Option<Vec<crate::schema::theme::Theme>> {
                    crate::schema::theme::themes(self.0.themes.as_ref())
                }

                /// What it was about. `null`: not reported.
                pub(crate) async fn summary(&self) -> Option<crate::schema::values::LocalizedText> {
                    crate::schema::values::text_option(self.0.summary.as_ref())
                }

                /// Head counts. `null`: not reported.
                pub(crate) async fn participants(&self) -> Option<crate::schema::activity::Participants> {
                    let counts = self.0.participants.as_ref()?;
                    Some(crate::schema::activity::Participants::of(self.0.meta.id, counts))
                }

                /// City where it takes place. `null`: elsewhere, or not reported.
                pub(crate) async fn host_city(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> Option<Result<crate::schema::City, crate::error::ApiError>> {
                    crate::schema::connection::one(ctx, self.0.host_city).await.transpose()
                }

                /// Partnership that it belongs to. `null`: none is reported.
                pub(crate) async fn partnership(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> Option<Result<crate::schema::Partnership, crate::error::ApiError>> {
                    crate::schema::connection::one(ctx, self.0.partnership).await.transpose()
                }

                /// Cities that take part, in the order of the source.
                pub(crate) async fn cities(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> Result<Vec<crate::schema::City>, crate::error::ApiError> {
                    crate::schema::activity::cities(ctx, self.0.meta.id).await
                }

                /// Organizations that take part, in the order of the source.
                pub(crate) async fn organizations(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> Result<Vec<crate::schema::Organization>, crate::error::ApiError> {
                    crate::schema::activity::organizations(ctx, self.0.meta.id).await
                }

                /// Projects that it belongs to, in the order of the source.
                pub(crate) async fn projects(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> Result<Vec<crate::schema::Project>, crate::error::ApiError> {
                    crate::schema::activity::projects(ctx, self.0.meta.id).await
                }

                $($fields)*
            }
            connections { $($connections)* }
            prefetch($plan) {
                crate::schema::activity::prefetch($plan, |fact| crate::schema::activity::References {
                    host_city: fact.host_city,
                    place: fact.place.as_ref(),
                    partnership: fact.partnership,
                });
                $prefetch
            }
        }
    };
}
pub(crate) use activity;

/// Cities that take part in an activity.
pub(crate) async fn cities(ctx: &Context<'_>, activity: Uuid) -> Result<Vec<City>, ApiError> {
    listed::<ActivityCities<AnyActivity>, City>(ctx, Id::new(activity)).await
}

/// Organizations that take part in an activity.
pub(crate) async fn organizations(ctx: &Context<'_>, activity: Uuid) -> Result<Vec<Organization>, ApiError> {
    listed::<ActivityOrganizations<AnyActivity>, Organization>(ctx, Id::new(activity)).await
}

/// Projects that an activity belongs to.
pub(crate) async fn projects(ctx: &Context<'_>, activity: Uuid) -> Result<Vec<Project>, ApiError> {
    listed::<ActivityProjects<AnyActivity>, Project>(ctx, Id::new(activity)).await
}

/// A condition on the kind of an activity.
#[derive(Debug, async_graphql::InputObject)]
pub(crate) struct ActivityKindFilter {
    /// It is of this kind.
    eq: Option<ActivityKind>,
    /// It is of one of these kinds.
    #[graphql(name = "in", directive = super::cost::cost::apply(super::cost::VALUE.to_owned()))]
    one_of: Option<Vec<ActivityKind>>,
}

impl Tests<AnyActivity> for ActivityKindFilter {
    fn test(self, field: Field) -> Result<Filter<AnyActivity>, ApiError> {
        let labels = |kinds: Vec<ActivityKind>| TextTest::Labels(kinds.into_iter().map(ActivityKind::label).collect());
        let tests = [self.eq.map(|kind| labels(vec![kind])), self.one_of.map(labels)];
        Ok(Filter::all(tests.iter().flatten().map(|test| Filter::text(field, test))))
    }
}

filters! {
    /// Conditions on activities of all kinds. All that are given hold together.
    ActivityFilter, ActivityListFilter of AnyActivity {
        /// Kind of activity.
        kind: ActivityKindFilter = Field::Kind,
        /// Form of the activity, for example `CONFERENCE`.
        form: ValueFilter<ActivityForm> = Field::Form,
        /// How far it has come.
        status: ValueFilter<ActivityStatus> = Field::Status,
        /// First day.
        starts_on: PartialDateFilter = Field::StartsOn,
        /// Last day.
        ends_on: PartialDateFilter = Field::EndsOn,
        /// A stretch of time in which it possibly took place.
        period: PeriodFilter = Field::Period,
        /// Areas of cooperation.
        area: AreaFilter = Field::Area,
    }
    one {
        /// City where it takes place.
        host_city: CityFilter = ActivityHost<AnyActivity>,
        /// Partnership it belongs to.
        partnership: PartnershipFilter = ActivityPartnership<AnyActivity>,
    }
    many {
        /// Cities that take part.
        cities: CityListFilter = ActivityCities<AnyActivity>,
        /// Organizations that take part.
        organizations: OrganizationListFilter = ActivityOrganizations<AnyActivity>,
        /// Projects it belongs to.
        projects: ProjectListFilter = ActivityProjects<AnyActivity>,
    }
}

orders! { ActivityOrder, ActivityOrderField of AnyActivity {
    /// First day.
    StartsOn = Field::StartsOn,
    /// Last day.
    EndsOn = Field::EndsOn,
    /// Name of the host city.
    #[graphql(directive = crate::schema::cost::cost::apply(crate::schema::cost::ORDER_BY_NAME_OF.to_owned()))]
    HostCity = Field::HostCity,
    /// Status, by its label.
    Status = Field::Status,
    /// Form, by its label.
    Form = Field::Form,
    /// Kind of activity.
    Kind = Field::Kind,
} }

queries! { ActivityQuery, ActivityListQuery: /// An activity of any kind. Slugs are unique among the activities of one kind: ask by id where two kinds may share one.
activity, /// Activities of all kinds: a timeline, if ordered by `STARTS_ON`.
activities => Activity, SORTED }

//! Activities: what youth exchanges, business missions, joint events, study visits and meetings have in common.

use std::marker::PhantomData;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::business_mission::BusinessMission;
use crate::city::City;
use crate::date::{PartialDate, ends_before_start, future_of};
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::joint_event::JointEvent;
use crate::link::{Link, Links, Path, Relation};
use crate::meeting::Meeting;
use crate::meta::{Facet, Fact, Meta};
use crate::organization::Organization;
use crate::partnership::Partnership;
use crate::place::Place;
use crate::project::Project;
use crate::study_visit::StudyVisit;
use crate::text::Text;
use crate::theme::{self, Theme};
use crate::vocabulary::{Open, Vocabulary};
use crate::youth_exchange::YouthExchange;

vocabulary! { closed,
    /// Status of an activity.
    ActivityStatus {
        /// Announced by a source; it is not known if it took place.
        Announced = "announced",
        /// In preparation.
        Planned = "planned",
        /// Agreed to by its partners.
        Confirmed = "confirmed",
        /// Took place.
        Held = "held",
        /// Took place and was reported on.
        Reported = "reported",
        /// Cancelled.
        Cancelled = "cancelled",
        /// Postponed to a later date.
        Postponed = "postponed",
    }
}

impl ActivityStatus {
    /// The statuses that an activity can change to.
    pub const fn next(status: Option<Self>) -> &'static [Self] {
        match status {
            None | Some(Self::Announced) => {
                &[Self::Planned, Self::Confirmed, Self::Held, Self::Cancelled, Self::Postponed]
            }
            Some(Self::Planned) => &[Self::Confirmed, Self::Cancelled, Self::Postponed],
            Some(Self::Confirmed) => &[Self::Held, Self::Cancelled, Self::Postponed],
            Some(Self::Postponed) => &[Self::Planned, Self::Cancelled],
            Some(Self::Held) => &[Self::Reported],
            Some(Self::Reported | Self::Cancelled) => &[],
        }
    }

    /// Checks that an activity can change to this status.
    ///
    /// # Errors
    /// The change is not allowed; the message lists the allowed statuses.
    pub fn follows(self, status: Option<Self>) -> Result<(), String> {
        let next = Self::next(status);
        if next.contains(&self) {
            return Ok(());
        }
        let next: Vec<_> = next.iter().map(|status| status.label()).collect();
        let next = if next.is_empty() { "nothing".to_owned() } else { next.join(", ") };
        let status = status.map_or("of unknown status", Self::label);
        Err(format!("an activity that is {status} cannot become {}; it can become: {next}", self.label()))
    }
}

vocabulary! { open,
    /// Form of an activity.
    ActivityForm {
        /// Anniversary.
        Anniversary = "anniversary",
        /// Award.
        Award = "award",
        /// Youth camp.
        Camp = "camp",
        /// Celebration.
        Celebration = "celebration",
        /// Conference.
        Conference = "conference",
        /// Contest.
        Contest = "contest",
        /// Cultural event.
        Culture = "culture",
        /// Delegation.
        Delegation = "delegation",
        /// Exchange of groups.
        Exchange = "exchange" | "youthExchange" | "schoolExchange" | "pupilExchange",
        /// Exhibition.
        Exhibition = "exhibition",
        /// Fair.
        Fair = "fair",
        /// Series of missions.
        MissionSeries = "missionSeries",
        /// Single mission.
        Mission = "mission" | "businessMission",
        /// Opening.
        Opening = "opening",
        /// Promotion.
        Promotion = "promotion",
        /// School contest.
        SchoolContest = "schoolContest",
        /// Partnership of schools.
        SchoolPartnership = "schoolPartnership",
        /// Meeting of a sector.
        SectorMeeting = "sectorMeeting",
        /// Signing of a paper.
        Signing = "signing",
        /// Sport.
        Sport = "sport",
        /// Study visit.
        StudyVisit = "studyVisit",
        /// Webinar.
        Webinar = "webinar",
        /// Working meeting.
        WorkingMeeting = "workingMeeting",
        /// Workshop.
        Workshop = "workshop",
        /// None of these.
        Other = "other",
    }
}

/// Head counts. They come from different sources and need not add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participants {
    /// All people.
    pub total: Option<u32>,
    /// Pupils.
    pub pupils: Option<u32>,
    /// Children.
    pub children: Option<u32>,
    /// Adults.
    pub adults: Option<u32>,
    /// Officials.
    pub officials: Option<u32>,
    /// Schools, not people.
    pub schools: Option<u32>,
    /// True if the counts are rounded.
    pub approximate: bool,
    /// True if the counts mean "at least".
    pub minimum: bool,
    /// Additional information on the counts.
    pub note: Option<Text>,
}

/// How many people came from one city.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideCount {
    /// People.
    pub count: Option<u32>,
}

/// An activity with the fields of its kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity<D> {
    /// Fields that all records share.
    pub meta: Meta,
    /// Title.
    pub title: Text,
    /// Form, with the label of the source.
    pub form: Option<Open<ActivityForm>>,
    /// First day.
    pub starts_on: Option<PartialDate>,
    /// Last day.
    pub ends_on: Option<PartialDate>,
    /// Status.
    pub status: Option<ActivityStatus>,
    /// City where it takes place.
    pub host_city: Option<Id<City>>,
    /// Place, if it is more specific than a city.
    pub place: Option<Place>,
    /// Partnership it belongs to.
    pub partnership: Option<Id<Partnership>>,
    /// Head counts.
    pub participants: Option<Participants>,
    /// Themes, with the labels of the source.
    pub themes: Option<Vec<Theme>>,
    /// Subject.
    pub summary: Option<Text>,
    /// Fields of its kind.
    pub detail: D,
}

/// The fields that a kind of activity adds to the common ones.
pub trait Detail: Clone + Default + std::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The kind.
    const KIND: Kind;
    /// Its collection in the exchange format.
    const COLLECTION: &'static str;

    /// The fields that it adds.
    fn form(&mut self, links: &mut Links, f: &mut Form<'_>);
    /// The values under which it can be found.
    fn facets(&self) -> Vec<Facet> {
        Vec::new()
    }
}

vocabulary! { closed,
    /// Fields by which activities are filtered and ordered.
    Field {
        /// Kind of activity.
        Kind = "kind",
        /// Form.
        Form = "form",
        /// Status.
        Status = "status",
        /// First day.
        StartsOn = "starts_on",
        /// Last day.
        EndsOn = "ends_on",
        /// From the first to the last day.
        Period = "period",
        /// Areas of cooperation.
        Area = "area",
        /// Name of the host city.
        HostCity = "host_city",
        /// Countries that guests came from.
        GuestCountry = "guest_country",
    }
}

impl<D: Detail> Fact for Activity<D> {
    const KIND: Kind = D::KIND;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.title.original().text.clone()
    }
    fn other_names(&self) -> Vec<String> {
        self.title.variants().iter().map(|variant| variant.text.clone()).collect()
    }
    fn facets(&self) -> Vec<Facet> {
        let mut facets = theme::facets(self.themes.iter().flatten());
        facets.extend(self.detail.facets());
        facets
    }
}

impl<D: Detail> Exchanged for Activity<D> {
    const COLLECTION: &'static str = D::COLLECTION;
    const IDENTITY: &'static [&'static [&'static str]] = &[&["title", "startDate"], &["title", "hostCity"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let (activity, links) = (&mut entry.fact, &mut entry.links);
        f.titled("title", "titles", &mut activity.title);
        f.field("kind", &mut activity.form);
        f.date("startDate", PrecisionField::Always("datePrecision"), &mut activity.starts_on);
        f.date("endDate", PrecisionField::Unless("endDatePrecision", activity.starts_on), &mut activity.ends_on);
        if ends_before_start(activity.starts_on, activity.ends_on) {
            f.fault(
                "endDate",
                "it ends before it starts: give an \"endDate\" that is not before \"startDate\"".to_owned(),
            );
        }
        f.closed("status", &mut activity.status);
        f.one("hostCity", &mut activity.host_city);
        Place::form(f, &mut activity.place);
        f.many::<City>("cities", links.of("activity.cities"));
        f.one("partnership", &mut activity.partnership);
        f.many::<Organization>("organizations", links.of("activity.organizations"));
        f.many::<Project>("projects", links.of("activity.projects"));
        participants(&mut activity.participants, links, f);
        f.list("themes", &mut activity.themes);
        f.field("summary", &mut activity.summary);
        activity.detail.form(links, f);
    }

    fn remarks(entry: &mut Entry<Self>, today: NaiveDate) -> Vec<(&'static str, String)> {
        let activity = &entry.fact;
        let is_over = matches!(activity.status, Some(ActivityStatus::Held | ActivityStatus::Reported));
        let dates = (activity.starts_on, activity.ends_on);
        future_of("held", dates, today).filter(|_| is_over).into_iter().collect()
    }
}

fn participants(participants: &mut Option<Participants>, links: &mut Links, f: &mut Form<'_>) {
    f.object("participants", participants, |f, counts: &mut Participants| {
        f.field("total", &mut counts.total);
        f.field("pupils", &mut counts.pupils);
        f.field("children", &mut counts.children);
        f.field("adults", &mut counts.adults);
        f.field("officials", &mut counts.officials);
        f.field("schools", &mut counts.schools);
        f.each("bySide", links.of("activity.sides"), |f, link: &mut Link| {
            f.target::<City>("city", link);
            let mut side = link.detail::<SideCount>().unwrap_or_default();
            f.field("count", &mut side.count);
            link.set_detail(&side);
        });
        f.flag("approximate", &mut counts.approximate);
        f.flag("minimum", &mut counts.minimum);
        f.field("note", &mut counts.note);
    });
}

/// An activity of any kind, for queries across kinds, such as a timeline.
#[derive(Clone, Debug)]
pub enum AnyActivity {
    /// A youth exchange.
    YouthExchange(Arc<YouthExchange>),
    /// A business mission.
    BusinessMission(Arc<BusinessMission>),
    /// A joint event.
    JointEvent(Arc<JointEvent>),
    /// A study visit.
    StudyVisit(Arc<StudyVisit>),
    /// A meeting.
    Meeting(Arc<Meeting>),
}

/// Runs an expression on the activity inside, whatever its kind.
#[macro_export]
macro_rules! of_any_activity {
    ($any:expr, $activity:ident => $result:expr) => {
        match $any {
            $crate::activity::AnyActivity::YouthExchange($activity) => $result,
            $crate::activity::AnyActivity::BusinessMission($activity) => $result,
            $crate::activity::AnyActivity::JointEvent($activity) => $result,
            $crate::activity::AnyActivity::StudyVisit($activity) => $result,
            $crate::activity::AnyActivity::Meeting($activity) => $result,
        }
    };
}

/// The facts that activities of all kinds have.
#[derive(Clone, Copy, Debug)]
pub struct ActivityFacts<'a> {
    /// The fields that all records share.
    pub meta: &'a Meta,
    /// Title.
    pub title: &'a Text,
    /// Form, as the source states it.
    pub form: Option<&'a Open<ActivityForm>>,
    /// First day.
    pub starts_on: Option<PartialDate>,
    /// Last day.
    pub ends_on: Option<PartialDate>,
    /// Status.
    pub status: Option<ActivityStatus>,
    /// City where it takes place.
    pub host_city: Option<Id<City>>,
    /// Place, where it is not only a city.
    pub place: Option<&'a Place>,
    /// Partnership it belongs to.
    pub partnership: Option<Id<Partnership>>,
    /// Head counts.
    pub participants: Option<&'a Participants>,
    /// Themes, as the source states them.
    pub themes: Option<&'a Vec<Theme>>,
    /// Summary.
    pub summary: Option<&'a Text>,
}

impl<D> Activity<D> {
    /// The facts that activities of all kinds have.
    pub fn facts(&self) -> ActivityFacts<'_> {
        ActivityFacts {
            meta: &self.meta,
            title: &self.title,
            form: self.form.as_ref(),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            status: self.status,
            host_city: self.host_city,
            place: self.place.as_ref(),
            partnership: self.partnership,
            participants: self.participants.as_ref(),
            themes: self.themes.as_ref(),
            summary: self.summary.as_ref(),
        }
    }
}

impl AnyActivity {
    /// The facts that activities of all kinds have.
    pub fn facts(&self) -> ActivityFacts<'_> {
        of_any_activity!(self, activity => activity.facts())
    }
}

impl Fact for AnyActivity {
    // The trait requires one kind. It is never read: lists use `KINDS`, and a fact has the kind of its variant.
    const KIND: Kind = Kind::Meeting;
    const KINDS: &'static [Kind] =
        &[Kind::YouthExchange, Kind::BusinessMission, Kind::JointEvent, Kind::StudyVisit, Kind::Meeting];
    type Field = Field;

    fn meta(&self) -> &Meta {
        of_any_activity!(self, activity => &activity.meta)
    }
    fn meta_mut(&mut self) -> &mut Meta {
        of_any_activity!(self, activity => &mut Arc::make_mut(activity).meta)
    }
    fn name(&self) -> String {
        of_any_activity!(self, activity => activity.name())
    }
}

/// Declares relations between activities of a kind, or of any, and other records.
macro_rules! activity_relations {
    ($($(#[$doc:meta])* $name:ident => $child:ident, $path:expr;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name<A>(PhantomData<fn() -> A>);

            impl<A: Fact<Field = Field>> Relation for $name<A> {
                type Parent = A;
                type Child = $child;
                const PATH: Path = $path;
            }
        )+
    };
}

activity_relations! {
    /// Cities that take part.
    ActivityCities => City, Path::Links(&["activity.cities"]);
    /// Organizations that take part.
    ActivityOrganizations => Organization, Path::Links(&["activity.organizations"]);
    /// Projects it belongs to.
    ActivityProjects => Project, Path::Links(&["activity.projects"]);
    /// Cities with a head count of their own.
    ActivitySides => City, Path::Links(&["activity.sides"]);
    /// City where it takes place.
    ActivityHost => City, Path::Reference("activity.host_city");
    /// Partnership it belongs to.
    ActivityPartnership => Partnership, Path::Reference("activity.partnership");
}

/// From a partnership to its activities of any kind: those that refer to it, and those in which all its cities take part.
#[derive(Clone, Copy, Debug)]
pub struct PartnershipActivities;

impl Relation for PartnershipActivities {
    type Parent = Partnership;
    type Child = AnyActivity;
    const PATH: Path = Path::Shared {
        reference: Some("activity.partnership"),
        members: "partnership.cities",
        participants: &["activity.cities"],
    };
}

//! The records of a registry in memory, and the filters that they meet, from facts instead of statements.

use std::collections::{BTreeSet, HashMap};

use pomost_domain::activity::{
    ActivityCities, ActivityHost, ActivityOrganizations, ActivityPartnership, ActivityProjects, ActivitySides,
    AnyActivity, Detail, PartnershipActivities,
};
use pomost_domain::agreement::{
    AgreementAfterAgreement, AgreementParties, AgreementPartnership, AgreementRenewed, AgreementResolutions,
    AgreementSignatories, MeetingAgreement,
};
use pomost_domain::answer::{AnswerDocument, AnswerInterpellation, AnswerSignatory};
use pomost_domain::characters::nfc;
use pomost_domain::commitment::CommitmentLetter;
use pomost_domain::council::{SessionCouncil, SessionTerm, TermCouncil};
use pomost_domain::date::BEGINNING;
use pomost_domain::document::{DocumentCities, DocumentCity, DocumentInterpellation, DocumentProjects};
use pomost_domain::interpellation::{
    InterpellationCity, InterpellationCouncil, InterpellationCouncillors, InterpellationLetters,
    InterpellationMissions, InterpellationPartnerships, InterpellationSession,
};
use pomost_domain::joint_event::EventMeeting;
use pomost_domain::letter_of_intent::{
    LetterBusinessMission, LetterParties, LetterPartnership, LetterRenewed, LetterResolutions, LetterSignatories,
    LetterWitnessCities,
};
use pomost_domain::link::{Path, Relation, Reverse};
use pomost_domain::meeting::{MeetingAttendees, MeetingEvent, MeetingLetter};
use pomost_domain::official::OfficialCity;
use pomost_domain::organization::{OrganizationCity, OrganizationParent};
use pomost_domain::page::Slice;
use pomost_domain::partnership::{
    PartnershipAgreements, PartnershipBroker, PartnershipCities, PartnershipLetters, PartnershipResolutions,
    PartnershipSides, PartnershipWhole,
};
use pomost_domain::project::{
    PartnershipProjects, ProjectAllCities, ProjectBefore, ProjectCities, ProjectPartnerCities,
    ProjectPartnerOrganizations, ProjectProgramme, ProjectShareCities, ProjectShareOrganizations,
};
use pomost_domain::resolution::{ResolutionBody, ResolutionCity, ResolutionPartnership};
use pomost_domain::{
    Activity, Agreement, Answer, City, Commitment, Document, Facet, Fact, Id, Interpellation, LetterOfIntent, Meta,
    Official, Open, Organization, PartialDate, Partnership, Programme, Project, Resolution, Session, Term, Vocabulary,
    activity, agreement, answer, city, commitment, council, document, fold, interpellation, letter_of_intent,
    of_any_activity, official, organization, partnership, programme, project, resolution,
};
use pomost_domain::{business_mission, joint_event, meeting, study_visit, youth_exchange};
use pomost_persistence::{Asked, DateTest, Field, Filter, IntegerTest, Mapping, Store, Stored, TextTest, Walk};
use uuid::Uuid;

/// A field of a fact.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Flag(bool),
    Date(Option<PartialDate>),
    Period(Option<PartialDate>, Option<PartialDate>),
    Facets(Vec<String>),
    Reference(Option<Uuid>),
}

/// The values of the fields of a fact.
trait Valued: Stored {
    fn value(&self, field: Self::Field) -> Value;
    /// The names and the facets; an activity of any kind has those of its kind.
    fn texts(&self) -> (String, String, Vec<Facet>) {
        (self.sort_text(), self.search_text(), self.facets())
    }
}

fn label<V: Vocabulary>(value: Option<V>) -> Value {
    Value::Text(value.map(|value| value.label().to_owned()))
}

fn open<V: pomost_domain::OpenVocabulary>(value: Option<&Open<V>>) -> Value {
    Value::Text(value.map(|value| value.label().to_owned()))
}

fn facets(facts: &[Facet], name: &str) -> Value {
    Value::Facets(facts.iter().filter(|facet| facet.name == name).map(|facet| facet.value.clone()).collect())
}

impl Valued for City {
    fn value(&self, field: city::Field) -> Value {
        match field {
            city::Field::Country => Value::Text(Some(self.country.as_str().to_owned())),
            city::Field::Kind => open(self.kind.as_ref()),
            city::Field::Code => facets(&self.facets(), city::CODE_FACET),
            city::Field::IsHome => Value::Flag(self.is_home),
        }
    }
}

impl Valued for Organization {
    fn value(&self, field: organization::Field) -> Value {
        match field {
            organization::Field::Kind => open(self.kind.as_ref()),
        }
    }
}

impl Valued for Official {
    fn value(&self, field: official::Field) -> Value {
        match field {
            official::Field::Office => Value::Text(self.office.clone()),
        }
    }
}

impl Valued for Term {
    fn value(&self, field: council::Field) -> Value {
        match field {
            council::Field::Date => Value::Date(self.starts_on),
        }
    }
}

impl Valued for Session {
    fn value(&self, field: council::Field) -> Value {
        match field {
            council::Field::Date => Value::Date(self.held_on.map(PartialDate::day)),
        }
    }
}

impl Valued for Resolution {
    fn value(&self, field: resolution::Field) -> Value {
        match field {
            resolution::Field::AdoptedOn => Value::Date(self.adopted_on),
            resolution::Field::Number => Value::Text(self.number.clone()),
        }
    }
}

impl Valued for Partnership {
    fn value(&self, field: partnership::Field) -> Value {
        match field {
            partnership::Field::Status => label(self.status),
            partnership::Field::Since => Value::Date(self.since),
            partnership::Field::Until => Value::Date(self.until),
            partnership::Field::Period => Value::Period(self.since, self.until),
            partnership::Field::Area => facets(&self.facets(), pomost_domain::theme::AREA_FACET),
        }
    }
}

impl Valued for Agreement {
    fn value(&self, field: agreement::Field) -> Value {
        match field {
            agreement::Field::Kind => open(self.kind.as_ref()),
            agreement::Field::SignedOn => Value::Date(self.paper.signed_on),
        }
    }
}

impl Valued for LetterOfIntent {
    fn value(&self, field: letter_of_intent::Field) -> Value {
        match field {
            letter_of_intent::Field::SignedOn => Value::Date(self.paper.signed_on),
        }
    }
}

impl Valued for Commitment {
    fn value(&self, field: commitment::Field) -> Value {
        match field {
            commitment::Field::Area => facets(&self.facets(), pomost_domain::theme::AREA_FACET),
            commitment::Field::Status => label(self.status),
            commitment::Field::DueFrom => Value::Date(self.due_from),
            commitment::Field::Position => Value::Integer(Some(self.position.into())),
        }
    }
}

impl Valued for Programme {
    fn value(&self, field: programme::Field) -> Value {
        match field {}
    }
}

impl Valued for Project {
    fn value(&self, field: project::Field) -> Value {
        match field {
            project::Field::Status => label(self.status),
            project::Field::StartsOn => Value::Date(self.starts_on),
            project::Field::EndsOn => Value::Date(self.ends_on),
            project::Field::Period => Value::Period(self.starts_on, self.ends_on),
            project::Field::Area => facets(&self.facets(), pomost_domain::theme::AREA_FACET),
            project::Field::Series => Value::Text(self.series.clone()),
            project::Field::Edition => Value::Integer(self.edition.map(i64::from)),
            project::Field::Fund => Value::Text(self.fund.clone()),
            project::Field::RegistrationNumber => Value::Text(self.registration_number.clone()),
            project::Field::BudgetTotal => Value::Integer(self.budget.as_ref().and_then(|budget| budget.total)),
        }
    }
}

impl Valued for Interpellation {
    fn value(&self, field: interpellation::Field) -> Value {
        match field {
            interpellation::Field::Kind => open(self.kind.as_ref()),
            interpellation::Field::SubmittedOn => Value::Date(self.submitted_on),
        }
    }
}

impl Valued for Answer {
    fn value(&self, field: answer::Field) -> Value {
        match field {
            answer::Field::Position => Value::Integer(Some(self.position.into())),
        }
    }
}

impl Valued for Document {
    fn value(&self, field: document::Field) -> Value {
        match field {
            document::Field::Kind => open(self.kind.as_ref()),
            document::Field::DatedOn => Value::Date(self.dated_on),
            document::Field::Language => facets(&self.facets(), document::LANGUAGE_FACET),
        }
    }
}

fn of_activity<D: Detail>(activity: &Activity<D>, field: activity::Field) -> Value
where
    Activity<D>: Fact,
{
    use activity::Field;
    match field {
        Field::Kind => Value::Text(Some(D::KIND.label().to_owned())),
        Field::Form => open(activity.form.as_ref()),
        Field::Status => label(activity.status),
        Field::StartsOn => Value::Date(activity.starts_on),
        Field::EndsOn => Value::Date(activity.ends_on),
        Field::Period => Value::Period(activity.starts_on, activity.ends_on),
        Field::Area => facets(&activity.facets(), pomost_domain::theme::AREA_FACET),
        Field::HostCity => Value::Reference(activity.host_city.map(Id::raw)),
        Field::GuestCountry => facets(&activity.facets(), youth_exchange::GUEST_COUNTRY_FACET),
    }
}

impl Valued for AnyActivity {
    fn value(&self, field: activity::Field) -> Value {
        of_any_activity!(self, activity => of_activity(activity, field))
    }
    fn texts(&self) -> (String, String, Vec<Facet>) {
        of_any_activity!(self, activity => (activity.sort_text(), activity.search_text(), activity.facets()))
    }
}

macro_rules! activities {
    ($($activity:ty),+) => {$(
        impl Valued for $activity {
            fn value(&self, field: activity::Field) -> Value {
                of_activity(self, field)
            }
        }
    )+};
}

activities!(
    youth_exchange::YouthExchange,
    business_mission::BusinessMission,
    joint_event::JointEvent,
    study_visit::StudyVisit,
    meeting::Meeting
);

/// A record in memory.
pub(crate) struct Record {
    pub(crate) meta: Meta,
    sort_text: String,
    pub(crate) search_text: String,
    pub(crate) values: HashMap<Field, Value>,
}

/// The records that a viewer sees.
pub(crate) struct World {
    /// By entity and id.
    records: HashMap<&'static Mapping, HashMap<Uuid, Record>>,
    /// From each record to those at the end of a walk, as lists show them.
    ends: HashMap<&'static Walk, HashMap<Uuid, Vec<Uuid>>>,
}

/// A relation and the entity that it starts at.
pub(crate) struct Way {
    pub(crate) from: &'static Mapping,
    pub(crate) walk: &'static Walk,
    /// The way back, where the record that it starts at holds the reference: no list shows a single reference.
    back: Option<&'static Walk>,
}

fn way<R: Relation<Parent: Stored, Child: Stored>>() -> Way {
    let is_held = matches!(R::PATH, Path::Reference(_)) && !R::REVERSED;
    let back = is_held.then(Walk::of::<Reverse<R>>);
    Way { from: Mapping::of::<R::Parent>(), walk: Walk::of::<R>(), back }
}

macro_rules! both_ways {
    ($($relation:ty),+ $(,)?) => {
        vec![$(way::<$relation>(), way::<Reverse<$relation>>()),+]
    };
}

fn activity_ways<A: Fact<Field = activity::Field> + Stored>() -> Vec<Way> {
    both_ways![
        ActivityCities<A>,
        ActivityOrganizations<A>,
        ActivityProjects<A>,
        ActivitySides<A>,
        ActivityHost<A>,
        ActivityPartnership<A>,
    ]
}

/// All relations, in both directions.
pub(crate) fn ways() -> Vec<Way> {
    let mut ways = both_ways![
        AgreementAfterAgreement,
        AgreementParties,
        AgreementPartnership,
        AgreementRenewed,
        AgreementResolutions,
        AgreementSignatories,
        AnswerDocument,
        AnswerInterpellation,
        AnswerSignatory,
        CommitmentLetter,
        DocumentCities,
        DocumentCity,
        DocumentInterpellation,
        DocumentProjects,
        EventMeeting,
        InterpellationCity,
        InterpellationCouncil,
        InterpellationCouncillors,
        InterpellationLetters,
        InterpellationMissions,
        InterpellationPartnerships,
        InterpellationSession,
        LetterBusinessMission,
        LetterParties,
        LetterPartnership,
        LetterRenewed,
        LetterResolutions,
        LetterSignatories,
        LetterWitnessCities,
        MeetingAgreement,
        MeetingAttendees,
        MeetingEvent,
        MeetingLetter,
        OfficialCity,
        OrganizationCity,
        OrganizationParent,
        PartnershipAgreements,
        PartnershipBroker,
        PartnershipCities,
        PartnershipLetters,
        PartnershipResolutions,
        PartnershipSides,
        PartnershipWhole,
        ProjectAllCities,
        ProjectBefore,
        ProjectCities,
        ProjectPartnerCities,
        ProjectPartnerOrganizations,
        ProjectProgramme,
        ProjectShareCities,
        ProjectShareOrganizations,
        ResolutionBody,
        ResolutionCity,
        ResolutionPartnership,
        SessionCouncil,
        SessionTerm,
        TermCouncil,
    ];
    ways.extend([way::<PartnershipActivities>(), way::<PartnershipProjects>()]);
    ways.extend(activity_ways::<AnyActivity>());
    ways.extend(activity_ways::<youth_exchange::YouthExchange>());
    ways.extend(activity_ways::<business_mission::BusinessMission>());
    ways.extend(activity_ways::<joint_event::JointEvent>());
    ways.extend(activity_ways::<study_visit::StudyVisit>());
    ways.extend(activity_ways::<meeting::Meeting>());
    ways
}

/// More records than there are.
fn everything() -> Slice {
    Slice { limit: 100_000, ..Slice::default() }
}

impl World {
    /// Reads all that a store sees.
    pub(crate) async fn of(store: &Store) -> Self {
        let mut world = Self { records: HashMap::new(), ends: HashMap::new() };
        macro_rules! entities {
            ($($fact:ty),+ $(,)?) => {$(world.load::<$fact>(store).await;)+};
        }
        entities!(
            City,
            Organization,
            Official,
            Term,
            Session,
            Resolution,
            Partnership,
            Agreement,
            LetterOfIntent,
            Commitment,
            Programme,
            Project,
            Interpellation,
            Answer,
            Document,
            AnyActivity,
            youth_exchange::YouthExchange,
            business_mission::BusinessMission,
            joint_event::JointEvent,
            study_visit::StudyVisit,
            meeting::Meeting,
        );
        let (held, listed): (Vec<Way>, Vec<Way>) = ways().into_iter().partition(|way| way.back.is_some());
        for Way { from, walk, .. } in listed {
            let parents: Vec<Uuid> = world.records[from].keys().copied().collect();
            let pages = store.pages(walk, &parents, &Filter::default(), &Vec::new(), &everything()).await.unwrap();
            let ids = pages.into_iter().map(|(parent, page)| {
                (parent, page.items.iter().map(|(fact, _)| fact.shared().id).collect::<Vec<_>>())
            });
            world.ends.entry(walk).or_default().extend(ids);
        }
        for Way { walk, back, .. } in held {
            let back = back.into_iter().flat_map(|back| &world.ends[back]);
            let ends: Vec<_> = back.flat_map(|(end, starts)| starts.iter().map(|start| (*start, vec![*end]))).collect();
            world.ends.entry(walk).or_default().extend(ends);
        }
        world
    }

    async fn load<T: Valued>(&mut self, store: &Store) {
        let page = store.page(Mapping::of::<T>(), &Filter::default(), &Vec::new(), &everything()).await.unwrap();
        let record = |fact: &T| {
            let (sort_text, search_text, _) = fact.texts();
            let value = |field: &T::Field| (Mapping::field::<T>(*field), fact.value(*field));
            let values = T::Field::ALL.iter().map(value).collect();
            (fact.meta().id, Record { meta: fact.meta().clone(), sort_text, search_text, values })
        };
        let facts = page.items.iter().filter_map(|(fact, _)| (&**fact as &dyn std::any::Any).downcast_ref());
        self.records.insert(Mapping::of::<T>(), facts.map(record).collect());
    }

    /// The entities.
    pub(crate) fn entities(&self) -> Vec<&'static Mapping> {
        let mut all: Vec<_> = self.records.keys().copied().collect();
        all.sort_unstable_by_key(|of| of.name());
        all
    }

    /// The records of an entity, in the order of their slugs.
    pub(crate) fn records(&self, of: &Mapping) -> Vec<&Record> {
        let mut all: Vec<&Record> = self.records[of].values().collect();
        all.sort_unstable_by(|one, other| one.meta.slug.cmp(&other.meta.slug));
        all
    }

    /// The ids of the records that meet a filter.
    pub(crate) fn matching(&self, of: &Mapping, filter: &Filter) -> BTreeSet<Uuid> {
        self.records[of].values().filter(|record| self.meets(filter, record)).map(|record| record.meta.id).collect()
    }

    /// The same by a statement.
    pub(crate) async fn found(store: &Store, of: &'static Mapping, filter: &Filter) -> BTreeSet<Uuid> {
        let store = store.clone().asking(Asked::NONE);
        let page = store.page(of, filter, &Vec::new(), &everything()).await.unwrap();
        page.items.iter().map(|(fact, _)| fact.shared().id).collect()
    }

    fn meets(&self, filter: &Filter, record: &Record) -> bool {
        let value = |field: &Field| &record.values[field];
        let meta = &record.meta;
        match filter {
            Filter::All(filters) => filters.iter().all(|filter| self.meets(filter, record)),
            Filter::Any(filters) => filters.iter().any(|filter| self.meets(filter, record)),
            Filter::Not(_, filter) => !self.meets(filter, record),
            Filter::Ids(ids) => ids.contains(&meta.id),
            Filter::Slugs(slugs) => slugs.iter().any(|slug| nfc(slug) == meta.slug),
            Filter::PublishedAs(states) => states.contains(&meta.publication),
            Filter::Written { updated, from, until } => {
                let at = if *updated { meta.updated_at } else { meta.created_at };
                from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until)
            }
            Filter::Name(test) => is_called(record, test),
            Filter::Known(field, known) => is_known(value(field)) == *known,
            Filter::Text(field, test) => match value(field) {
                Value::Text(text) => meets_text(text.as_deref(), test),
                Value::Facets(all) => match test {
                    TextTest::NoLabels(_) => all.iter().all(|text| meets_text(Some(text), test)),
                    test => all.iter().any(|text| meets_text(Some(text), test)),
                },
                _ => false,
            },
            Filter::Flag(field, set) => matches!(value(field), Value::Flag(flag) if flag == set),
            Filter::Integer(field, test) => {
                matches!(value(field), Value::Integer(Some(number)) if meets_integer(*number, *test))
            }
            Filter::Date(field, test) => {
                matches!(value(field), Value::Date(Some(date)) if meets_date(*date, *test))
            }
            Filter::During { period, from, to, lasting } => match value(period) {
                Value::Period(Some(start), end) => {
                    let last = match end {
                        Some(end) => Some(end.latest()),
                        None => (!lasting).then(|| start.latest()),
                    };
                    to.is_none_or(|to| first_day(*start) <= to.latest())
                        && from.is_none_or(|from| last.is_none_or(|last| last >= first_day(from)))
                }
                _ => false,
            },
            Filter::Some(walk, filter) => self.leads_to(walk, filter, record),
            Filter::None(walk, filter) => !self.leads_to(walk, filter, record),
        }
    }

    fn leads_to(&self, walk: &Walk, filter: &Filter, record: &Record) -> bool {
        let children = &self.records[walk.child()];
        let ends = self.ends[walk].get(&record.meta.id);
        ends.into_iter().flatten().any(|id| self.meets(filter, &children[id]))
    }
}

fn is_known(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_some(),
        Value::Integer(number) => number.is_some(),
        Value::Flag(_) => true,
        Value::Date(date) | Value::Period(date, _) => date.is_some(),
        Value::Facets(all) => !all.is_empty(),
        Value::Reference(id) => id.is_some(),
    }
}

fn meets_text(text: Option<&str>, test: &TextTest) -> bool {
    match (test, text) {
        (TextTest::NoLabels(labels), text) => text.is_none_or(|text| !labels.contains(&text)),
        (_, None) => false,
        (TextTest::In(texts), Some(text)) => texts.iter().any(|one| nfc(one) == text),
        (TextTest::Labels(labels), Some(text)) => labels.contains(&text),
        (TextTest::Contains(part), Some(text)) => text.contains(&*nfc(part)),
        (TextTest::StartsWith(start), Some(text)) => text.starts_with(&*nfc(start)),
    }
}

fn is_called(record: &Record, test: &TextTest) -> bool {
    let any = |text: &str, meets: &dyn Fn(&str) -> bool| {
        text.is_empty() || fold::sought(text).iter().any(|spelling| meets(spelling))
    };
    let names = &record.search_text;
    match test {
        TextTest::In(texts) => texts.iter().any(|text| fold::fold(text) == record.sort_text),
        TextTest::Labels(_) => false,
        TextTest::NoLabels(_) => true,
        TextTest::Contains(text) => any(text, &|part| names.contains(part)),
        TextTest::StartsWith(text) => {
            any(text, &|start| names.starts_with(start) || names.contains(&format!(" {start}")))
        }
    }
}

fn meets_integer(number: i64, test: IntegerTest) -> bool {
    match test {
        IntegerTest::Eq(value) => number == value,
        IntegerTest::Gt(value) => number > value,
        IntegerTest::Gte(value) => number >= value,
        IntegerTest::Lt(value) => number < value,
        IntegerTest::Lte(value) => number <= value,
    }
}

fn first_day(date: PartialDate) -> chrono::NaiveDate {
    date.earliest().unwrap_or(BEGINNING)
}

fn meets_date(date: PartialDate, test: DateTest) -> bool {
    let (first, last) = (first_day(date), date.latest());
    match test {
        DateTest::Eq(other) => first >= first_day(other) && last <= other.latest(),
        DateTest::Gt(other) => first > other.latest(),
        DateTest::Gte(other) => first >= first_day(other),
        DateTest::Lt(other) => last < first_day(other),
        DateTest::Lte(other) => last <= other.latest(),
        DateTest::Overlaps(other) => first <= other.latest() && last >= first_day(other),
    }
}

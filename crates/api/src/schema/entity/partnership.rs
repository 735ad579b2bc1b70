//! The lasting relation of cities.

use super::{
    Activity, Agreement, City, Interpellation, LetterOfIntent, Organization, Project, Resolution, Theme, themes,
};
use crate::error::ApiError;
use crate::schema::machinery::filter::{AreaFilter, LastingFilter, PartialDateFilter, Test, ValueFilter};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, end, linked, listed, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{LocalizedText, ShownDate, date, detail, text_option};
use async_graphql::{Context, Enum, Object, SimpleObject};
use pomost_domain as domain;
use pomost_domain::link::Reverse;
use pomost_domain::partnership::{
    Field, PartnershipAgreements, PartnershipAssociations, PartnershipBroker, PartnershipCities, PartnershipLetters,
    PartnershipResolutions, PartnershipSides, PartnershipWhole, SideDates,
};
use pomost_persistence::Linked;
use std::sync::Arc;

/// Status of a partnership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::partnership::PartnershipStatus")]
pub(crate) enum PartnershipStatus {
    /// The cities cooperate.
    Active,
    /// The cities cooperate without a signed paper.
    Informal,
    /// Suspended by a decision.
    Suspended,
    /// Interrupted for a time.
    Interrupted,
    /// The cities do not cooperate any more.
    Ended,
    /// Continued by another partnership.
    Succeeded,
    /// The sources do not say.
    Unknown,
}

/// The lasting relation of two or more cities, apart from the papers that it rests on.
#[derive(Clone)]
pub(crate) struct Partnership(pub(crate) Arc<domain::Partnership>);

impl From<Arc<domain::Partnership>> for Partnership {
    fn from(fact: Arc<domain::Partnership>) -> Self {
        Self(fact)
    }
}

/// The lasting relation of two or more cities, apart from the papers that it rests on.
#[Object]
impl Partnership {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Status as it is now. `null`: not reported; `UNKNOWN`: the sources do not say.
    async fn status(&self) -> Option<PartnershipStatus> {
        self.0.status.map(Into::into)
    }

    /// Status over time, from the beginning to now, as far as the record states it.
    async fn status_periods(&self) -> Vec<StatusPeriod> {
        self.0.status_periods().iter().map(StatusPeriod::of).collect()
    }

    /// Beginning. `null`: not known.
    async fn since(&self) -> Option<ShownDate> {
        date(self.0.since)
    }

    /// End. `null`: it lasts, or the end is not known.
    async fn until(&self) -> Option<ShownDate> {
        date(self.0.until)
    }

    /// Areas of cooperation. `null`: not reported.
    async fn areas(&self) -> Option<Vec<Theme>> {
        themes(self.0.themes.as_ref())
    }

    /// The cities, in the order of the source.
    async fn cities(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
        listed::<PartnershipCities, City>(ctx, self.0.meta.id).await
    }

    /// How each city dates the partnership, where their sources differ. Empty: one dating is known.
    async fn sides(&self, ctx: &Context<'_>) -> Result<Vec<PartnershipSide>, ApiError> {
        let sides = linked::<PartnershipSides>(ctx, self.0.meta.id).await?;
        let side = |linked: &Linked| {
            let dates: SideDates = detail(linked);
            Some(PartnershipSide { city: end(linked)?, since: date(dates.since), until: date(dates.until) })
        };
        Ok(sides.iter().filter_map(side).collect())
    }

    /// Agreements that it rests on, in the order of the source. Empty: none is known, which is not the same as that there is none.
    async fn agreements(&self, ctx: &Context<'_>) -> Result<Vec<Agreement>, ApiError> {
        listed::<PartnershipAgreements, Agreement>(ctx, self.0.meta.id).await
    }

    /// Letters of intent, in the order of the source.
    async fn letters_of_intent(&self, ctx: &Context<'_>) -> Result<Vec<LetterOfIntent>, ApiError> {
        listed::<PartnershipLetters, LetterOfIntent>(ctx, self.0.meta.id).await
    }

    /// Council resolutions, in the order of the source.
    async fn resolutions(&self, ctx: &Context<'_>) -> Result<Vec<Resolution>, ApiError> {
        listed::<PartnershipResolutions, Resolution>(ctx, self.0.meta.id).await
    }

    /// Associations that carry it.
    async fn associations(&self, ctx: &Context<'_>) -> Result<Vec<Organization>, ApiError> {
        listed::<PartnershipAssociations, Organization>(ctx, self.0.meta.id).await
    }

    /// City that made the contact. `null`: none is reported.
    async fn brokered_by(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.brokered_by).await.transpose()
    }

    /// Partnership that it continues. `null`: none.
    async fn succeeds(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
        one(ctx, self.0.succeeds).await.transpose()
    }

    /// Partnership that continues it. `null`: none.
    async fn succeeded_by(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
        one(ctx, self.0.succeeded_by).await.transpose()
    }

    /// Wider partnership that it is nested in. `null`: none.
    async fn part_of(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
        one(ctx, self.0.part_of).await.transpose()
    }
}

impl Shown for Partnership {
    type Fact = domain::Partnership;
    const NAME: &'static str = "Partnership";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "partnership", doc: "A partnership.", cost: None }),
        many: Some(Query { name: "partnerships", doc: "Lasting relations of cities.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createPartnership",
        update: "updatePartnership",
        form: Form::of::<domain::Partnership>(),
    });
    const LISTS: &'static [List] = &[
        List {
            name: "allAgreements",
            doc: "Agreements that name it as theirs.",
            way: way::<Reverse<domain::agreement::AgreementPartnership>, Agreement>(),
        },
        List {
            name: "allLettersOfIntent",
            doc: "Letters of intent that name it as theirs.",
            way: way::<Reverse<domain::letter_of_intent::LetterPartnership>, LetterOfIntent>(),
        },
        List {
            name: "activities",
            doc: "Activities of all kinds that belong to it: those that name it, and those that all its cities take part in.",
            way: way::<domain::activity::PartnershipActivities, Activity>(),
        },
        List {
            name: "projects",
            doc: "Projects that all its cities take part in.",
            way: way::<domain::project::PartnershipProjects, Project>(),
        },
        List {
            name: "parts",
            doc: "Narrower partnerships nested in it.",
            way: way::<Reverse<PartnershipWhole>, Partnership>(),
        },
        List {
            name: "interpellations",
            doc: "Interpellations about it.",
            way: way::<Reverse<domain::interpellation::InterpellationPartnerships>, Interpellation>(),
        },
    ];
    const FILTER: &'static str = "Conditions on partnerships. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[
        Condition {
            name: "status",
            doc: "Status as it is now.",
            test: Test::of::<ValueFilter<PartnershipStatus>>(),
            field: Field::Status,
        },
        Condition { name: "since", doc: "Beginning.", test: Test::of::<PartialDateFilter>(), field: Field::Since },
        Condition { name: "until", doc: "End.", test: Test::of::<PartialDateFilter>(), field: Field::Until },
        Condition {
            name: "period",
            doc: "A stretch of time in which it possibly lasted.",
            test: Test::of::<LastingFilter>(),
            field: Field::Period,
        },
        Condition { name: "area", doc: "Areas of cooperation.", test: Test::of::<AreaFilter>(), field: Field::Area },
    ]];
    const RELATED: Groups<Related> = &[&[
        Related {
            name: "brokeredBy",
            doc: "City that made the contact.",
            ends: Ends::One,
            way: way::<PartnershipBroker, City>(),
        },
        Related { name: "cities", doc: "Its cities.", ends: Ends::Many, way: way::<PartnershipCities, City>() },
        Related {
            name: "agreements",
            doc: "Agreements it rests on.",
            ends: Ends::Many,
            way: way::<PartnershipAgreements, Agreement>(),
        },
        Related {
            name: "lettersOfIntent",
            doc: "Its letters of intent.",
            ends: Ends::Many,
            way: way::<PartnershipLetters, LetterOfIntent>(),
        },
        Related {
            name: "resolutions",
            doc: "Council resolutions.",
            ends: Ends::Many,
            way: way::<PartnershipResolutions, Resolution>(),
        },
        Related {
            name: "associations",
            doc: "Associations that carry it.",
            ends: Ends::Many,
            way: way::<PartnershipAssociations, Organization>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> = &[&[
        OrderBy { name: "SINCE", doc: "Beginning.", field: Field::Since, cost: None },
        OrderBy { name: "UNTIL", doc: "End.", field: Field::Until, cost: None },
        OrderBy { name: "STATUS", doc: "Status, by its label.", field: Field::Status, cost: None },
    ]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Partnership>) {
        plan.linked::<PartnershipCities, City>("cities", &[]);
        plan.linked::<PartnershipSides, City>("sides", &["city"]);
        plan.linked::<PartnershipAgreements, Agreement>("agreements", &[]);
        plan.linked::<PartnershipLetters, LetterOfIntent>("lettersOfIntent", &[]);
        plan.linked::<PartnershipResolutions, Resolution>("resolutions", &[]);
        plan.linked::<PartnershipAssociations, Organization>("associations", &[]);
        plan.one::<City>(&["brokeredBy"], |partnership| vec![partnership.brokered_by]);
        plan.one::<Partnership>(&["succeeds", "succeededBy", "partOf"], |p| {
            vec![p.succeeds, p.succeeded_by, p.part_of]
        });
    }
}

/// A time with one status.
#[derive(SimpleObject)]
pub(crate) struct StatusPeriod {
    /// The status.
    status: PartnershipStatus,
    /// Its beginning. `null`: not known.
    from: Option<ShownDate>,
    /// Its end. `null`: it lasts, or the end is not known.
    until: Option<ShownDate>,
    /// What is known about it. `null`: nothing was noted.
    note: Option<LocalizedText>,
}

impl StatusPeriod {
    // Not `From`, whose `from` is the field's getter here.
    fn of(period: &domain::partnership::StatusPeriod) -> Self {
        Self {
            status: period.status.into(),
            from: date(period.from),
            until: date(period.until),
            note: text_option(period.note.as_ref()),
        }
    }
}

/// How one of the cities dates a partnership.
#[derive(SimpleObject)]
pub(crate) struct PartnershipSide {
    /// The city.
    city: City,
    /// Beginning, as this city dates it. `null`: not reported.
    since: Option<ShownDate>,
    /// End, as this city dates it. `null`: not reported.
    until: Option<ShownDate>,
}

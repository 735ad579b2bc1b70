//! The lasting relation of cities.

use async_graphql::{Context, Enum, SimpleObject};
use pomost_domain::link::Reverse;
use pomost_domain::partnership::{
    Field, PartnershipAgreements, PartnershipAssociations, PartnershipBroker, PartnershipCities, PartnershipLetters,
    PartnershipResolutions, PartnershipSides, PartnershipWhole, SideDates,
};
use pomost_domain::{self as domain, Fact};

use super::connection::{linked, listed, one};
use super::filter::{AreaFilter, LastingFilter, PartialDateFilter, ValueFilter, filters, orders};
use super::record::{queries, record};
use super::values::{LocalizedText, ShownDate, date, detail, text_option};
use super::{
    Activity, Agreement, AgreementListFilter, City, CityFilter, CityListFilter, Interpellation, LetterOfIntent,
    LetterOfIntentListFilter, Organization, OrganizationListFilter, Project, Resolution, ResolutionListFilter, Theme,
    themes,
};
use crate::error::ApiError;

/// Status of a partnership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::partnership::PartnershipStatus")]
pub(crate) enum PartnershipStatus {
    /// It is lived.
    Active,
    /// It is lived without a paper.
    Informal,
    /// It rests by a decision.
    Suspended,
    /// It was broken off for a time.
    Interrupted,
    /// It is over.
    Ended,
    /// It passed to another partnership.
    Succeeded,
    /// The sources do not say.
    Unknown,
}

record! {
    /// The lasting relation of two or more cities, apart from the papers that it rests on.
    Partnership of domain::Partnership, PartnershipFilter, PartnershipOrder {
        /// Status as it is now. `null`: not reported; `UNKNOWN`: the sources do not say.
        pub(crate) async fn status(&self) -> Option<PartnershipStatus> {
            self.0.status.map(Into::into)
        }

        /// Status over time, from the beginning to now, as far as the record states it.
        pub(crate) async fn status_periods(&self) -> Vec<StatusPeriod> {
            self.0.status_periods().iter().map(StatusPeriod::of).collect()
        }

        /// Beginning. `null`: not known.
        pub(crate) async fn since(&self) -> Option<ShownDate> {
            date(self.0.since)
        }

        /// End. `null`: it lasts, or the end is not known.
        pub(crate) async fn until(&self) -> Option<ShownDate> {
            date(self.0.until)
        }

        /// Areas of cooperation. `null`: not reported.
        pub(crate) async fn areas(&self) -> Option<Vec<Theme>> {
            themes(self.0.themes.as_ref())
        }

        /// The cities, in the order of the source.
        pub(crate) async fn cities(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
            listed::<PartnershipCities, City>(ctx, self.0.id()).await
        }

        /// How each city dates the partnership, where their sources differ. Empty: one dating is known.
        pub(crate) async fn sides(&self, ctx: &Context<'_>) -> Result<Vec<PartnershipSide>, ApiError> {
            let sides = linked::<PartnershipSides>(ctx, self.0.id()).await?;
            let side = |linked: &pomost_persistence::Linked<domain::City>| {
                let dates: SideDates = detail(linked);
                PartnershipSide { city: linked.fact.clone().into(), since: date(dates.since), until: date(dates.until) }
            };
            Ok(sides.iter().map(side).collect())
        }

        /// Agreements that it rests on, in the order of the source. Empty: none is known, which is not the same as that there is none.
        pub(crate) async fn agreements(&self, ctx: &Context<'_>) -> Result<Vec<Agreement>, ApiError> {
            listed::<PartnershipAgreements, Agreement>(ctx, self.0.id()).await
        }

        /// Letters of intent, in the order of the source.
        pub(crate) async fn letters_of_intent(&self, ctx: &Context<'_>) -> Result<Vec<LetterOfIntent>, ApiError> {
            listed::<PartnershipLetters, LetterOfIntent>(ctx, self.0.id()).await
        }

        /// Council resolutions, in the order of the source.
        pub(crate) async fn resolutions(&self, ctx: &Context<'_>) -> Result<Vec<Resolution>, ApiError> {
            listed::<PartnershipResolutions, Resolution>(ctx, self.0.id()).await
        }

        /// Associations that carry it.
        pub(crate) async fn associations(&self, ctx: &Context<'_>) -> Result<Vec<Organization>, ApiError> {
            listed::<PartnershipAssociations, Organization>(ctx, self.0.id()).await
        }

        /// City that made the contact. `null`: none is reported.
        pub(crate) async fn brokered_by(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
            one(ctx, self.0.brokered_by).await.transpose()
        }

        /// Partnership that it continues. `null`: none.
        pub(crate) async fn succeeds(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
            one(ctx, self.0.succeeds).await.transpose()
        }

        /// Partnership that continues it. `null`: none.
        pub(crate) async fn succeeded_by(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
            one(ctx, self.0.succeeded_by).await.transpose()
        }

        /// Wider partnership that it is nested in. `null`: none.
        pub(crate) async fn part_of(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
            one(ctx, self.0.part_of).await.transpose()
        }

    }
    connections {
        /// Agreements that name it as theirs.
        all_agreements: Reverse<domain::agreement::AgreementPartnership> => Agreement,
        /// Letters of intent that name it as theirs.
        all_letters_of_intent: Reverse<domain::letter_of_intent::LetterPartnership> => LetterOfIntent,
        /// Activities of all kinds that belong to it: those that name it, and those that all its cities take part in.
        activities: domain::activity::PartnershipActivities => Activity,
        /// Projects that all its cities take part in.
        projects: domain::project::PartnershipProjects => Project,
        /// Narrower partnerships nested in it.
        parts: Reverse<PartnershipWhole> => Partnership,
        /// Interpellations about it.
        interpellations: Reverse<domain::interpellation::InterpellationPartnerships> => Interpellation,
    }
    prefetch(plan) {
        plan.list::<PartnershipCities, City>("cities", &[]);
        plan.list::<PartnershipSides, City>("sides", &["city"]);
        plan.list::<PartnershipAgreements, Agreement>("agreements", &[]);
        plan.list::<PartnershipLetters, LetterOfIntent>("lettersOfIntent", &[]);
        plan.list::<PartnershipResolutions, Resolution>("resolutions", &[]);
        plan.list::<PartnershipAssociations, Organization>("associations", &[]);
        plan.one::<City>(&["brokeredBy"], |partnership| vec![partnership.brokered_by]);
        plan.one::<Partnership>(&["succeeds", "succeededBy", "partOf"], |p| vec![p.succeeds, p.succeeded_by, p.part_of]);
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

filters! {
    /// Conditions on partnerships. All that are given hold together.
    PartnershipFilter, PartnershipListFilter of domain::Partnership {
        /// Status as it is now.
        status: ValueFilter<PartnershipStatus> = Field::Status,
        /// Beginning.
        since: PartialDateFilter = Field::Since,
        /// End.
        until: PartialDateFilter = Field::Until,
        /// A stretch of time in which it possibly lasted.
        period: LastingFilter = Field::Period,
        /// Areas of cooperation.
        area: AreaFilter = Field::Area,
    }
    one {
        /// City that made the contact.
        brokered_by: CityFilter = PartnershipBroker,
    }
    many {
        /// Its cities.
        cities: CityListFilter = PartnershipCities,
        /// Agreements it rests on.
        agreements: AgreementListFilter = PartnershipAgreements,
        /// Its letters of intent.
        letters_of_intent: LetterOfIntentListFilter = PartnershipLetters,
        /// Council resolutions.
        resolutions: ResolutionListFilter = PartnershipResolutions,
        /// Associations that carry it.
        associations: OrganizationListFilter = PartnershipAssociations,
    }
}

orders! { PartnershipOrder, PartnershipOrderField of domain::Partnership {
    /// Beginning.
    Since = Field::Since,
    /// End.
    Until = Field::Until,
    /// Status, by its label.
    Status = Field::Status,
} }

queries! { PartnershipQuery, PartnershipListQuery: /// A partnership.
partnership, /// Lasting relations of cities.
partnerships => Partnership }

//! Joint projects.

use async_graphql::{Context, Enum, SimpleObject};
use pomost_domain::activity::AnyActivity;
use pomost_domain::link::Reverse;
use pomost_domain::project::{
    Field, PartnerRole as Role, ProjectAllCities, ProjectBefore, ProjectCities, ProjectPartnerCities,
    ProjectPartnerOrganizations, ProjectProgramme, ProjectShareCities, ProjectShareOrganizations, Share,
};
use pomost_domain::{self as domain, Fact, Vocabulary};
use pomost_persistence::Linked;

use super::connection::{linked, listed, one};
use super::filter::{
    AmountFilter, AreaFilter, IntFilter, PartialDateFilter, PeriodFilter, TextFilter, ValueFilter, filters, orders,
};
use super::record::{queries, record};
use super::values::{LocalizedText, Money, ShownDate, date, detail, money, text, text_option};
use super::{
    Activity, ActivityListFilter, City, CityListFilter, Document, Organization, OrganizationListFilter, Party,
    Programme, ProgrammeFilter, Theme, in_order, themes,
};
use crate::error::ApiError;

/// Status of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::project::ProjectStatus")]
pub(crate) enum ProjectStatus {
    /// It was thought of.
    Idea,
    /// Funding was applied for.
    Applied,
    /// Funding was granted.
    Approved,
    /// Funding was refused.
    Rejected,
    /// It is being carried out.
    Running,
    /// It was carried out.
    Completed,
    /// The grant was settled.
    Settled,
    /// It was given up.
    Cancelled,
}
/// Role of a partner in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::project::PartnerRole")]
pub(crate) enum PartnerRole {
    /// Leads the project.
    Lead,
    /// Takes part with its own budget.
    Partner,
    /// Supports it without a budget.
    Associated,
}

record! {
    /// A joint project, mostly co-financed by the European Union.
    Project of domain::Project, ProjectFilter, ProjectOrder {
        /// Title, in its original language, with its other titles as variants.
        pub(crate) async fn title(&self) -> LocalizedText {
            text(&self.0.title)
        }

        /// Status. `null`: not reported.
        pub(crate) async fn status(&self) -> Option<ProjectStatus> {
            self.0.status.map(Into::into)
        }

        /// Funding programme. `null`: not reported.
        pub(crate) async fn programme(&self, ctx: &Context<'_>) -> Option<Result<Programme, ApiError>> {
            one(ctx, self.0.programme).await.transpose()
        }

        /// Fund within the programme. `null`: not reported.
        pub(crate) async fn fund(&self) -> Option<&str> {
            self.0.fund.as_deref()
        }

        /// Number of the grant. `null`: not reported.
        pub(crate) async fn registration_number(&self) -> Option<&str> {
            self.0.registration_number.as_deref()
        }

        /// Name of the series that it belongs to. `null`: none is reported.
        pub(crate) async fn series(&self) -> Option<&str> {
            self.0.series.as_deref()
        }

        /// Its number in the series; numbers may have gaps. `null`: not reported.
        pub(crate) async fn edition(&self) -> Option<u32> {
            self.0.edition
        }

        /// Its stage in a sequence of projects. `null`: not reported.
        pub(crate) async fn stage(&self) -> Option<u32> {
            self.0.stage
        }

        /// Project that it continues. `null`: none is reported.
        pub(crate) async fn follows(&self, ctx: &Context<'_>) -> Option<Result<Project, ApiError>> {
            one(ctx, self.0.follows).await.transpose()
        }

        /// First day. `null`: not reported.
        pub(crate) async fn starts_on(&self) -> Option<ShownDate> {
            date(self.0.starts_on)
        }

        /// Last day. `null`: not reported.
        pub(crate) async fn ends_on(&self) -> Option<ShownDate> {
            date(self.0.ends_on)
        }

        /// Day of the funding agreement. `null`: not reported.
        pub(crate) async fn funding_agreement_on(&self) -> Option<ShownDate> {
            date(self.0.funding_agreement_on)
        }

        /// Areas of cooperation. `null`: not reported.
        pub(crate) async fn areas(&self) -> Option<Vec<Theme>> {
            themes(self.0.themes.as_ref())
        }

        /// What it is about. `null`: not reported.
        pub(crate) async fn summary(&self) -> Option<LocalizedText> {
            text_option(self.0.summary.as_ref())
        }

        /// What came of it, in numbers. `null`: not reported.
        pub(crate) async fn outputs(&self) -> Option<Vec<Output>> {
            self.0.outputs.as_ref().map(|counts| counts.0.iter().map(|(label, count)| Output { label: label.clone(), count: *count }).collect())
        }

        /// Planned budget. `null`: not reported.
        pub(crate) async fn budget(&self) -> Option<Budget> {
            self.0.budget.as_ref().map(Budget::from)
        }

        /// Partners, cities and organizations, in the order of the source.
        pub(crate) async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<ProjectPartner>, ApiError> {
            let cities = linked::<ProjectPartnerCities>(ctx, self.0.id()).await?;
            let organizations = linked::<ProjectPartnerOrganizations>(ctx, self.0.id()).await?;
            let partner = |(party, linked): (Party, Linked<()>)| ProjectPartner {
                party,
                role: linked.role.as_deref().and_then(Role::from_label).map(Into::into),
            };
            Ok(in_order(&cities, &organizations).into_iter().map(partner).collect())
        }

        /// What single partners have of the budget, as far as it is known, in the order of the source.
        pub(crate) async fn shares(&self, ctx: &Context<'_>) -> Result<Vec<BudgetShare>, ApiError> {
            let Some(budget) = &self.0.budget else { return Ok(Vec::new()) };
            let cities = linked::<ProjectShareCities>(ctx, self.0.id()).await?;
            let organizations = linked::<ProjectShareOrganizations>(ctx, self.0.id()).await?;
            let share = |(party, linked): (Party, Linked<()>)| {
                let share: Share = detail(&linked);
                BudgetShare {
                    party,
                    amount: money(share.amount, budget.currency),
                    erdf: money(share.erdf, budget.currency),
                    state_budget: money(share.state_budget, budget.currency),
                }
            };
            Ok(in_order(&cities, &organizations).into_iter().map(share).collect())
        }

        /// Cities of the partners, stated only where the partners are organizations.
        pub(crate) async fn cities(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
            listed::<ProjectCities, City>(ctx, self.0.id()).await
        }

    }
    connections {
        /// Projects that continue it.
        followed_by: Reverse<ProjectBefore> => Project,
        /// Activities of all kinds that belong to it.
        activities: Reverse<domain::activity::ActivityProjects<AnyActivity>> => Activity,
        /// Documents that belong to it.
        documents: Reverse<domain::document::DocumentProjects> => Document,
    }
    prefetch(plan) {
        plan.one::<Programme>(&["programme"], |project| vec![project.programme]);
        plan.one::<Project>(&["follows"], |project| vec![project.follows]);
        plan.list::<ProjectPartnerCities, City>("partners", &["party"]);
        plan.list::<ProjectPartnerOrganizations, Organization>("partners", &["party"]);
        plan.list::<ProjectShareCities, City>("shares", &["party"]);
        plan.list::<ProjectShareOrganizations, Organization>("shares", &["party"]);
        plan.list::<ProjectCities, City>("cities", &[]);
    }
}

/// A partner of a project.
#[derive(SimpleObject)]
pub(crate) struct ProjectPartner {
    /// Who it is.
    party: Party,
    /// What it does. `null`: not reported.
    role: Option<PartnerRole>,
}

/// What a partner has of the budget of a project.
#[derive(SimpleObject)]
pub(crate) struct BudgetShare {
    /// Who it is.
    party: Party,
    /// Its part of the total. `null`: not reported.
    amount: Option<Money>,
    /// What it gets from the European Regional Development Fund. `null`: not reported.
    erdf: Option<Money>,
    /// What it gets from a state budget. `null`: not reported.
    state_budget: Option<Money>,
}

/// Planned budget of a project. Amounts are planned, not paid.
#[derive(SimpleObject)]
#[expect(clippy::struct_field_names, reason = "a state budget is a term")]
pub(crate) struct Budget {
    /// Code of the currency of all amounts (ISO 4217).
    currency: String,
    /// Total. `null`: not reported.
    total: Option<Money>,
    /// From the European Regional Development Fund. `null`: not reported.
    erdf: Option<Money>,
    /// From a state budget. `null`: not reported.
    state_budget: Option<Money>,
    /// Part of the total that the European Union pays, from 0 to 1. `null`: not reported.
    eu_share: Option<f64>,
    /// Part of the total that a state pays, from 0 to 1. `null`: not reported.
    state_share: Option<f64>,
    /// Whether the amounts are rounded and need not add up.
    approximate: bool,
}

impl From<&domain::project::Budget> for Budget {
    fn from(budget: &domain::project::Budget) -> Self {
        Self {
            currency: budget.currency.code().to_owned(),
            total: money(budget.total, budget.currency),
            erdf: money(budget.erdf, budget.currency),
            state_budget: money(budget.state_budget, budget.currency),
            eu_share: budget.eu_share,
            state_share: budget.state_share,
            approximate: budget.approximate,
        }
    }
}

/// A number that a project came to.
#[derive(SimpleObject)]
pub(crate) struct Output {
    /// What was counted, as the source names it, for example `meetings`.
    label: String,
    /// How many.
    count: u32,
}

filters! {
    /// Conditions on projects. All that are given hold together.
    ProjectFilter, ProjectListFilter of domain::Project {
        /// How far it has come.
        status: ValueFilter<ProjectStatus> = Field::Status,
        /// First day.
        starts_on: PartialDateFilter = Field::StartsOn,
        /// Last day.
        ends_on: PartialDateFilter = Field::EndsOn,
        /// A stretch of time in which it possibly ran.
        period: PeriodFilter = Field::Period,
        /// Areas of cooperation.
        area: AreaFilter = Field::Area,
        /// Name of its series, to the letter.
        series: TextFilter = Field::Series,
        /// Number in its series.
        edition: IntFilter = Field::Edition,
        /// Fund, to the letter.
        fund: TextFilter = Field::Fund,
        /// Number of the grant, to the letter.
        registration_number: TextFilter = Field::RegistrationNumber,
        /// Total budget, in minor units of the project's own currency.
        budget_total: AmountFilter = Field::BudgetTotal,
    }
    one {
        /// Funding programme.
        programme: ProgrammeFilter = ProjectProgramme,
        /// Project that it continues.
        follows: ProjectFilter = ProjectBefore,
    }
    many {
        /// Cities that take part, themselves or through their organizations.
        cities: CityListFilter = ProjectAllCities,
        /// Organizations that are partners.
        organizations: OrganizationListFilter = ProjectPartnerOrganizations,
        /// Activities that belong to it.
        activities: ActivityListFilter = Reverse<domain::activity::ActivityProjects<AnyActivity>>,
    }
}

orders! { ProjectOrder, ProjectOrderField of domain::Project {
    /// First day.
    StartsOn = Field::StartsOn,
    /// Last day.
    EndsOn = Field::EndsOn,
    /// Name of the series.
    Series = Field::Series,
    /// Number in the series.
    Edition = Field::Edition,
    /// Status, by its label.
    Status = Field::Status,
    /// Total budget in minor units, whatever the currency.
    BudgetTotal = Field::BudgetTotal,
} }

queries! { ProjectQuery, ProjectListQuery: /// A project.
project, /// Joint projects.
projects => Project }

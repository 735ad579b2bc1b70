//! Joint projects.

use super::{Activity, City, Document, Organization, Party, Programme, Theme, in_order, themes};
use crate::error::ApiError;
use crate::schema::machinery::filter::{
    AmountFilter, AreaFilter, IntFilter, PartialDateFilter, PeriodFilter, Test, TextFilter, ValueFilter,
};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, linked, listed, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{LocalizedText, Money, ShownDate, date, detail, money, text, text_option};
use async_graphql::{Context, Enum, Object, SimpleObject};
use pomost_domain::activity::AnyActivity;
use pomost_domain::link::Reverse;
use pomost_domain::project::{
    Field, PartnerRole as Role, ProjectAllCities, ProjectBefore, ProjectCities, ProjectPartnerCities,
    ProjectPartnerOrganizations, ProjectProgramme, ProjectShareCities, ProjectShareOrganizations, Share,
};
use pomost_domain::{self as domain, Vocabulary};
use pomost_persistence::Linked;
use std::sync::Arc;

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

/// A joint project, mostly co-financed by the European Union.
#[derive(Clone)]
pub(crate) struct Project(pub(crate) Arc<domain::Project>);

impl From<Arc<domain::Project>> for Project {
    fn from(fact: Arc<domain::Project>) -> Self {
        Self(fact)
    }
}

/// A joint project, mostly co-financed by the European Union.
#[Object]
impl Project {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Title, in its original language, with its other titles as variants.
    async fn title(&self) -> LocalizedText {
        text(&self.0.title)
    }

    /// Status. `null`: not reported.
    async fn status(&self) -> Option<ProjectStatus> {
        self.0.status.map(Into::into)
    }

    /// Funding programme. `null`: not reported.
    async fn programme(&self, ctx: &Context<'_>) -> Option<Result<Programme, ApiError>> {
        one(ctx, self.0.programme).await.transpose()
    }

    /// Fund within the programme. `null`: not reported.
    async fn fund(&self) -> Option<&str> {
        self.0.fund.as_deref()
    }

    /// Number of the grant. `null`: not reported.
    async fn registration_number(&self) -> Option<&str> {
        self.0.registration_number.as_deref()
    }

    /// Name of the series that it belongs to. `null`: none is reported.
    async fn series(&self) -> Option<&str> {
        self.0.series.as_deref()
    }

    /// Its number in the series; numbers may have gaps. `null`: not reported.
    async fn edition(&self) -> Option<u32> {
        self.0.edition
    }

    /// Its stage in a sequence of projects. `null`: not reported.
    async fn stage(&self) -> Option<u32> {
        self.0.stage
    }

    /// Project that it continues. `null`: none is reported.
    async fn follows(&self, ctx: &Context<'_>) -> Option<Result<Project, ApiError>> {
        one(ctx, self.0.follows).await.transpose()
    }

    /// First day. `null`: not reported.
    async fn starts_on(&self) -> Option<ShownDate> {
        date(self.0.starts_on)
    }

    /// Last day. `null`: not reported.
    async fn ends_on(&self) -> Option<ShownDate> {
        date(self.0.ends_on)
    }

    /// Day of the funding agreement. `null`: not reported.
    async fn funding_agreement_on(&self) -> Option<ShownDate> {
        date(self.0.funding_agreement_on)
    }

    /// Areas of cooperation. `null`: not reported.
    async fn areas(&self) -> Option<Vec<Theme>> {
        themes(self.0.themes.as_ref())
    }

    /// What it is about. `null`: not reported.
    async fn summary(&self) -> Option<LocalizedText> {
        text_option(self.0.summary.as_ref())
    }

    /// What came of it, in numbers. `null`: not reported.
    async fn outputs(&self) -> Option<Vec<Output>> {
        self.0.outputs.as_ref().map(|counts| {
            counts.0.iter().map(|(label, count)| Output { label: label.clone(), count: *count }).collect()
        })
    }

    /// Planned budget. `null`: not reported.
    async fn budget(&self) -> Option<Budget> {
        self.0.budget.as_ref().map(Budget::from)
    }

    /// Partners, cities and organizations, in the order of the source.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<ProjectPartner>, ApiError> {
        let cities = linked::<ProjectPartnerCities>(ctx, self.0.meta.id).await?;
        let organizations = linked::<ProjectPartnerOrganizations>(ctx, self.0.meta.id).await?;
        let partner = |(party, linked): (Party, &Linked)| ProjectPartner {
            party,
            role: linked.role.as_deref().and_then(Role::from_label).map(Into::into),
        };
        Ok(in_order(&cities, &organizations).into_iter().map(partner).collect())
    }

    /// What single partners have of the budget, as far as it is known, in the order of the source.
    async fn shares(&self, ctx: &Context<'_>) -> Result<Vec<BudgetShare>, ApiError> {
        let Some(budget) = &self.0.budget else { return Ok(Vec::new()) };
        let cities = linked::<ProjectShareCities>(ctx, self.0.meta.id).await?;
        let organizations = linked::<ProjectShareOrganizations>(ctx, self.0.meta.id).await?;
        let share = |(party, linked): (Party, &Linked)| {
            let share: Share = detail(linked);
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
    async fn cities(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
        listed::<ProjectCities, City>(ctx, self.0.meta.id).await
    }
}

impl Shown for Project {
    type Fact = domain::Project;
    const NAME: &'static str = "Project";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "project", doc: "A project.", cost: None }),
        many: Some(Query { name: "projects", doc: "Joint projects.", cost: None }),
    };
    const COMMANDS: Option<Commands> =
        Some(Commands { create: "createProject", update: "updateProject", form: Form::of::<domain::Project>() });
    const LISTS: &'static [List] = &[
        List { name: "followedBy", doc: "Projects that continue it.", way: way::<Reverse<ProjectBefore>, Project>() },
        List {
            name: "activities",
            doc: "Activities of all kinds that belong to it.",
            way: way::<Reverse<domain::activity::ActivityProjects<AnyActivity>>, Activity>(),
        },
        List {
            name: "documents",
            doc: "Documents that belong to it.",
            way: way::<Reverse<domain::document::DocumentProjects>, Document>(),
        },
    ];
    const FILTER: &'static str = "Conditions on projects. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[
        Condition {
            name: "status",
            doc: "How far it has come.",
            test: Test::of::<ValueFilter<ProjectStatus>>(),
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
            doc: "A stretch of time in which it possibly ran.",
            test: Test::of::<PeriodFilter>(),
            field: Field::Period,
        },
        Condition { name: "area", doc: "Areas of cooperation.", test: Test::of::<AreaFilter>(), field: Field::Area },
        Condition {
            name: "series",
            doc: "Name of its series, to the letter.",
            test: Test::of::<TextFilter>(),
            field: Field::Series,
        },
        Condition {
            name: "edition",
            doc: "Number in its series.",
            test: Test::of::<IntFilter>(),
            field: Field::Edition,
        },
        Condition { name: "fund", doc: "Fund, to the letter.", test: Test::of::<TextFilter>(), field: Field::Fund },
        Condition {
            name: "registrationNumber",
            doc: "Number of the grant, to the letter.",
            test: Test::of::<TextFilter>(),
            field: Field::RegistrationNumber,
        },
        Condition {
            name: "budgetTotal",
            doc: "Total budget, in minor units of the project's own currency.",
            test: Test::of::<AmountFilter>(),
            field: Field::BudgetTotal,
        },
    ]];
    const RELATED: Groups<Related> = &[&[
        Related {
            name: "programme",
            doc: "Funding programme.",
            ends: Ends::One,
            way: way::<ProjectProgramme, Programme>(),
        },
        Related {
            name: "follows",
            doc: "Project that it continues.",
            ends: Ends::One,
            way: way::<ProjectBefore, Project>(),
        },
        Related {
            name: "cities",
            doc: "Cities that take part, themselves or through their organizations.",
            ends: Ends::Many,
            way: way::<ProjectAllCities, City>(),
        },
        Related {
            name: "organizations",
            doc: "Organizations that are partners.",
            ends: Ends::Many,
            way: way::<ProjectPartnerOrganizations, Organization>(),
        },
        Related {
            name: "activities",
            doc: "Activities that belong to it.",
            ends: Ends::Many,
            way: way::<Reverse<domain::activity::ActivityProjects<AnyActivity>>, Activity>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> = &[&[
        OrderBy { name: "STARTS_ON", doc: "First day.", field: Field::StartsOn, cost: None },
        OrderBy { name: "ENDS_ON", doc: "Last day.", field: Field::EndsOn, cost: None },
        OrderBy { name: "SERIES", doc: "Name of the series.", field: Field::Series, cost: None },
        OrderBy { name: "EDITION", doc: "Number in the series.", field: Field::Edition, cost: None },
        OrderBy { name: "STATUS", doc: "Status, by its label.", field: Field::Status, cost: None },
        OrderBy {
            name: "BUDGET_TOTAL",
            doc: "Total budget in minor units, whatever the currency.",
            field: Field::BudgetTotal,
            cost: None,
        },
    ]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Project>) {
        plan.one::<Programme>(&["programme"], |project| vec![project.programme]);
        plan.one::<Project>(&["follows"], |project| vec![project.follows]);
        plan.linked::<ProjectPartnerCities, City>("partners", &["party"]);
        plan.linked::<ProjectPartnerOrganizations, Organization>("partners", &["party"]);
        plan.linked::<ProjectShareCities, City>("shares", &["party"]);
        plan.linked::<ProjectShareOrganizations, Organization>("shares", &["party"]);
        plan.linked::<ProjectCities, City>("cities", &[]);
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

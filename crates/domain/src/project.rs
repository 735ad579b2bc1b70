//! Joint projects.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::city::City;
use crate::date::{PartialDate, ends_before_start, future_of};
use crate::exchange::{Counts, Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::link::{Link, Links, Path, Relation, relations};
use crate::meta::{Facet, Fact, Meta};
use crate::money::Currency;
use crate::organization::Organization;
use crate::partnership::Partnership;
use crate::programme::Programme;
use crate::text::Text;
use crate::theme::{self, Theme};
use crate::vocabulary::Vocabulary;

vocabulary! { closed,
    /// Status of a project.
    ProjectStatus {
        /// Idea.
        Idea = "idea",
        /// Funding was applied for.
        Applied = "applied",
        /// Funding was granted.
        Approved = "approved",
        /// Funding was refused.
        Rejected = "rejected",
        /// In progress.
        Running = "running",
        /// Completed.
        Completed = "completed",
        /// The final accounts of the grant were approved.
        Settled = "settled",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

vocabulary! { closed,
    /// Role of a partner in a project.
    PartnerRole {
        /// Leads the project.
        Lead = "lead",
        /// Takes part with its own budget.
        Partner = "partner",
        /// Supports it without a budget.
        Associated = "associated",
    }
}

/// The budget of a project, in minor units of its currency. Amounts are planned, not paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Currency of all amounts.
    pub currency: Currency,
    /// Total.
    pub total: Option<i64>,
    /// From the European Regional Development Fund.
    pub erdf: Option<i64>,
    /// From a state budget.
    pub state_budget: Option<i64>,
    /// Part of the total that the EU pays, from 0 to 1.
    pub eu_share: Option<f64>,
    /// Part of the total that a state pays, from 0 to 1.
    pub state_share: Option<f64>,
    /// True if the amounts are rounded and need not add up.
    pub approximate: bool,
}

/// The share of one partner in the budget, in minor units of the project's currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The partner's part of the total.
    pub amount: Option<i64>,
    /// The amount that the partner receives from the European Regional Development Fund.
    pub erdf: Option<i64>,
    /// The amount that the partner receives from a state budget.
    pub state_budget: Option<i64>,
}

/// A joint project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// Fields that all records share.
    pub meta: Meta,
    /// Title.
    pub title: Text,
    /// Funding programme.
    pub programme: Option<Id<Programme>>,
    /// Fund within the programme.
    pub fund: Option<String>,
    /// Number of the grant.
    pub registration_number: Option<String>,
    /// Name of the series it belongs to.
    pub series: Option<String>,
    /// Its number in the series, which may have gaps.
    pub edition: Option<u32>,
    /// Its stage in a sequence of projects.
    pub stage: Option<u32>,
    /// The project that precedes it.
    pub follows: Option<Id<Project>>,
    /// First day.
    pub starts_on: Option<PartialDate>,
    /// Last day.
    pub ends_on: Option<PartialDate>,
    /// Day of the funding agreement.
    pub funding_agreement_on: Option<PartialDate>,
    /// Status.
    pub status: Option<ProjectStatus>,
    /// Budget.
    pub budget: Option<Budget>,
    /// Themes, with the labels of the source.
    pub themes: Option<Vec<Theme>>,
    /// Subject.
    pub summary: Option<Text>,
    /// Results, as counts.
    pub outputs: Option<Counts>,
}

vocabulary! { closed,
    /// Fields by which projects are filtered and ordered.
    Field {
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
        /// Series.
        Series = "series",
        /// Number in the series.
        Edition = "edition",
        /// Fund.
        Fund = "fund",
        /// Number of the grant.
        RegistrationNumber = "registration_number",
        /// Total budget in minor units.
        BudgetTotal = "budget_total",
    }
}

relations! {
    /// Funding programme.
    ProjectProgramme: Project => Programme, "project.programme";
    /// The project that precedes it.
    ProjectBefore: Project => Project, "project.follows";
    /// Partners that are cities.
    ProjectPartnerCities: Project => City, ["project.partners"];
    /// Partners that are organizations.
    ProjectPartnerOrganizations: Project => Organization, ["project.partners"];
    /// Cities of the partners, where the partners are organizations.
    ProjectCities: Project => City, ["project.cities"];
    /// Cities with a share of the budget.
    ProjectShareCities: Project => City, ["project.shares"];
    /// Organizations with a share of the budget.
    ProjectShareOrganizations: Project => Organization, ["project.shares"];
    /// Cities that take part in any way.
    ProjectAllCities: Project => City, ["project.partners", "project.cities"];
}

/// From a partnership to the projects in which all its cities take part.
#[derive(Clone, Copy, Debug)]
pub struct PartnershipProjects;

impl Relation for PartnershipProjects {
    type Parent = Partnership;
    type Child = Project;
    const PATH: Path = Path::Shared {
        reference: None,
        members: "partnership.cities",
        participants: &["project.partners", "project.cities"],
    };
}

impl Fact for Project {
    const KIND: Kind = Kind::Project;
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
        theme::facets(self.themes.iter().flatten())
    }
}

impl Exchanged for Project {
    const COLLECTION: &'static str = "projects";
    const IDENTITY: &'static [&'static [&'static str]] =
        &[&["title", "startDate"], &["title", "registrationNumber"], &["title", "programme"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let (project, links) = (&mut entry.fact, &mut entry.links);
        f.titled("title", "titles", &mut project.title);
        f.titled_reference("programme", &mut project.programme, Programme::named);
        f.field("fund", &mut project.fund);
        f.field("registrationNumber", &mut project.registration_number);
        f.label("series", &mut project.series);
        f.field("edition", &mut project.edition);
        f.field("stage", &mut project.stage);
        f.one("follows", &mut project.follows);
        f.date("startDate", PrecisionField::Always("datePrecision"), &mut project.starts_on);
        f.date("endDate", PrecisionField::Unless("endDatePrecision", project.starts_on), &mut project.ends_on);
        if ends_before_start(project.starts_on, project.ends_on) {
            f.fault(
                "endDate",
                "the project ends before it starts: give an \"endDate\" that is not before \"startDate\"".to_owned(),
            );
        }
        f.date("fundingAgreementDate", PrecisionField::None, &mut project.funding_agreement_on);
        f.closed("status", &mut project.status);
        partners(links, f);
        budget(&mut project.budget, links, f);
        f.many::<City>("cities", links.of("project.cities"));
        f.list("themes", &mut project.themes);
        f.field("summary", &mut project.summary);
        f.field("outputs", &mut project.outputs);
    }

    fn remarks(entry: &mut Entry<Self>, today: NaiveDate) -> Vec<(&'static str, String)> {
        let project = &entry.fact;
        let is_over = matches!(project.status, Some(ProjectStatus::Completed | ProjectStatus::Settled));
        future_of("completed", (project.starts_on, project.ends_on), today).filter(|_| is_over).into_iter().collect()
    }
}

fn partners(links: &mut Links, f: &mut Form<'_>) {
    f.each("partners", links.of("project.partners"), |f, link: &mut Link| {
        f.party(link);
        let mut role = link.role.as_deref().and_then(PartnerRole::from_label);
        f.closed("role", &mut role);
        link.role = role.map(|role| role.label().to_owned());
    });
    let partners = links.of("project.partners");
    for (place, partner) in partners.iter().enumerate() {
        if !partner.to.is_nil() && partners[..place].iter().any(|before| before.to == partner.to) {
            f.fault(&format!("partners/{place}/slug"), "this partner occurs twice: remove one".to_owned());
        }
    }
    let leads = partners.iter().enumerate().filter(|(_, link)| link.role.as_deref() == Some(PartnerRole::Lead.label()));
    let second: Vec<usize> = leads.skip(1).map(|(place, _)| place).collect();
    for place in second {
        f.fault(
            &format!("partners/{place}/role"),
            "there is more than one lead: give all but one of them the role \"partner\"".to_owned(),
        );
    }
}

fn budget(budget: &mut Option<Budget>, links: &mut Links, f: &mut Form<'_>) {
    /// A budget while it is read: its currency may be missing.
    #[derive(Default)]
    struct Draft {
        currency: Option<Currency>,
        lines: [Option<i64>; 3],
        eu_share: Option<f64>,
        state_share: Option<f64>,
        approximate: bool,
    }
    let mut draft = budget.as_ref().map(|b| Draft {
        currency: Some(b.currency),
        lines: [b.total, b.erdf, b.state_budget],
        eu_share: b.eu_share,
        state_share: b.state_share,
        approximate: b.approximate,
    });
    let mut shares = std::mem::take(links.of("project.shares"));
    let partners = links.of("project.partners");
    f.object("budget", &mut draft, |f, draft: &mut Draft| {
        f.need_some("currency", &mut draft.currency);
        let currency = draft.currency;
        for (name, line) in ["total", "erdf", "stateBudget"].into_iter().zip(&mut draft.lines) {
            f.amount(name, currency, line);
        }
        for (name, share) in [("euShare", &mut draft.eu_share), ("stateShare", &mut draft.state_share)] {
            f.field(name, share);
            let wrong = |part| format!("{part} is not a share: write a part of the total from 0 to 1, such as 0.85");
            f.bounds(name, 0, Some(1), *share, wrong);
        }
        f.flag("approximate", &mut draft.approximate);
        f.each("shares", &mut shares, |f, link: &mut Link| {
            f.nested_party("party", link);
            let mut share = link.detail::<Share>().unwrap_or_default();
            f.amount("amount", currency, &mut share.amount);
            f.amount("erdf", currency, &mut share.erdf);
            f.amount("stateBudget", currency, &mut share.state_budget);
            link.set_detail(&share);
        });
        if let Some(currency) = currency.filter(|_| f.reads() && !draft.approximate) {
            let [total, erdf, _] = draft.lines;
            check_sums(f, currency, total, erdf, &shares, partners);
        }
    });
    *links.of("project.shares") = shares;
    *budget = draft.and_then(|draft| {
        let [total, erdf, state_budget] = draft.lines;
        draft.currency.map(|currency| Budget {
            currency,
            total,
            erdf,
            state_budget,
            eu_share: draft.eu_share,
            state_share: draft.state_share,
            approximate: draft.approximate,
        })
    });
}

/// Checks the shares: if the total and all shares are known and exact, they must add up; a part of the shares must not
/// exceed the total.
fn check_sums(
    f: &mut Form<'_>,
    currency: Currency,
    total: Option<i64>,
    erdf: Option<i64>,
    shares: &[Link],
    partners: &[Link],
) {
    let Some(total) = total.filter(|total| *total >= 0) else { return };
    if erdf.is_some_and(|erdf| erdf > total) {
        f.fault(
            "erdf",
            format!(
                "the part of the EU is larger than the total of {} {}: correct one of them",
                currency.format(total),
                currency.code()
            ),
        );
    }
    let amounts: Vec<Option<i64>> =
        shares.iter().map(|link| link.detail::<Share>().and_then(|share| share.amount)).collect();
    let sum = amounts.iter().flatten().try_fold(0i64, |sum, amount| sum.checked_add(*amount));
    let complete = !shares.is_empty()
        && amounts.iter().all(Option::is_some)
        && partners.iter().all(|partner| shares.iter().any(|share| share.to == partner.to));
    let fits = sum.is_some_and(|sum| if complete { sum == total } else { sum <= total });
    if !fits {
        let sum = sum.map_or_else(|| "more than can be counted".to_owned(), |sum| currency.format(sum));
        let total = currency.format(total);
        f.fault(
            "shares",
            format!("the shares add up to {sum}, but the total is {total}: correct them, or mark the budget \"approximate\": true"),
        );
    }
}

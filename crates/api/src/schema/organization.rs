//! Institutions, associations and companies.

use async_graphql::{Context, Enum};
use pomost_domain as domain;
use pomost_domain::activity::AnyActivity;
use pomost_domain::link::Reverse;
use pomost_domain::organization::{Field, OrganizationCity, OrganizationParent};

use super::connection::one;
use super::filter::{ValueFilter, filters, label_of, orders, value_of};
use super::record::{queries, record};
use super::values::{LocalizedText, ShownDate, date, text};
use super::{Activity, ActivityListFilter, City, CityFilter, LetterOfIntent, Partnership, Project, ProjectListFilter};
use crate::error::ApiError;

/// Kind of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::organization::OrganizationKind")]
pub(crate) enum OrganizationKind {
    /// Council of a municipality.
    Council,
    /// Office of a municipality.
    Office,
    /// Place of learning, of any level.
    School,
    /// Cultural institution.
    Culture,
    /// Sports club or venue.
    Sport,
    /// Chamber of commerce.
    Chamber,
    /// Development agency.
    Agency,
    /// Registered association, such as one for town twinning.
    Association,
    /// Business enterprise.
    Company,
    /// Another non-governmental organization.
    Ngo,
    /// Cross-border union of municipalities.
    Euroregion,
    /// None of these: see `kindLabel`.
    Other,
}

record! {
    /// An institution, association or company that takes part in cooperation.
    Organization of domain::Organization, OrganizationFilter, OrganizationOrder {
        /// Name, in its original language.
        pub(crate) async fn name(&self) -> LocalizedText {
            text(&self.0.name)
        }

        /// Kind. `null`: not reported.
        pub(crate) async fn kind(&self) -> Option<OrganizationKind> {
            value_of(self.0.kind.as_ref())
        }

        /// Kind as the source gives it; it says more where `kind` is `OTHER`.
        pub(crate) async fn kind_label(&self) -> Option<&str> {
            label_of(self.0.kind.as_ref())
        }

        /// City of its seat. `null`: outside the registry, or not reported.
        pub(crate) async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
            one(ctx, self.0.city).await.transpose()
        }

        /// Seat outside the registry, for example `Cieszyn, PL`. `null`: not reported.
        pub(crate) async fn seat_name(&self) -> Option<&str> {
            self.0.seat_name.as_deref()
        }

        /// Organization that it belongs to. `null`: none is reported.
        pub(crate) async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Organization, ApiError>> {
            one(ctx, self.0.parent).await.transpose()
        }

        /// When it was founded. `null`: not reported.
        pub(crate) async fn founded_on(&self) -> Option<ShownDate> {
            date(self.0.founded)
        }

        /// Postal address of the organization. `null`: not reported.
        pub(crate) async fn address(&self) -> Option<&str> {
            self.0.address.as_deref()
        }

        /// Address of its website. `null`: not reported.
        pub(crate) async fn website(&self) -> Option<&str> {
            self.0.website.as_deref()
        }

    }
    connections {
        /// Organizations that belong to it.
        children: Reverse<OrganizationParent> => Organization,
        /// Projects that it is a partner of.
        projects: Reverse<domain::project::ProjectPartnerOrganizations> => Project,
        /// Activities of all kinds that it takes part in.
        activities: Reverse<domain::activity::ActivityOrganizations<AnyActivity>> => Activity,
        /// Partnerships that it carries as an association.
        partnerships: Reverse<domain::partnership::PartnershipAssociations> => Partnership,
        /// Letters of intent that it witnessed.
        witnessed_letters_of_intent: Reverse<domain::letter_of_intent::LetterWitnessOrganizations> => LetterOfIntent,
    }
    prefetch(plan) {
        plan.one::<City>(&["city"], |organization| vec![organization.city]);
        plan.one::<Organization>(&["parent"], |organization| vec![organization.parent]);
    }
}

filters! {
    /// Conditions on organizations. All that are given hold together.
    OrganizationFilter, OrganizationListFilter of domain::Organization {
        /// What it is.
        kind: ValueFilter<OrganizationKind> = Field::Kind,
    }
    one {
        /// City of its seat.
        city: CityFilter = OrganizationCity,
        /// Organization that it belongs to.
        parent: OrganizationFilter = OrganizationParent,
    }
    many {
        /// Projects it is a partner of.
        projects: ProjectListFilter = Reverse<domain::project::ProjectPartnerOrganizations>,
        /// Activities it takes part in.
        activities: ActivityListFilter = Reverse<domain::activity::ActivityOrganizations<AnyActivity>>,
    }
}

orders! { OrganizationOrder, OrganizationOrderField of domain::Organization {
    /// Kind, by its label.
    Kind = Field::Kind,
} }

queries! { OrganizationQuery, OrganizationListQuery: /// An organization.
organization, /// Institutions, associations and companies.
organizations => Organization }

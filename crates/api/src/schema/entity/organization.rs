//! Institutions, associations and companies.

use super::{Activity, City, LetterOfIntent, Partnership, Project};
use crate::error::ApiError;
use crate::schema::machinery::filter::{Test, ValueFilter, label_of, value_of};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{LocalizedText, ShownDate, date, text};
use async_graphql::{Context, Enum, Object};
use pomost_domain as domain;
use pomost_domain::activity::AnyActivity;
use pomost_domain::link::Reverse;
use pomost_domain::organization::{Field, OrganizationCity, OrganizationParent};
use std::sync::Arc;

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

/// An institution, association or company that takes part in cooperation.
#[derive(Clone)]
pub(crate) struct Organization(pub(crate) Arc<domain::Organization>);

impl From<Arc<domain::Organization>> for Organization {
    fn from(fact: Arc<domain::Organization>) -> Self {
        Self(fact)
    }
}

/// An institution, association or company that takes part in cooperation.
#[Object]
impl Organization {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Name, in its original language.
    async fn name(&self) -> LocalizedText {
        text(&self.0.name)
    }

    /// Kind. `null`: not reported.
    async fn kind(&self) -> Option<OrganizationKind> {
        value_of(self.0.kind.as_ref())
    }

    /// Kind as the source gives it; it says more where `kind` is `OTHER`.
    async fn kind_label(&self) -> Option<&str> {
        label_of(self.0.kind.as_ref())
    }

    /// City of its seat. `null`: outside the registry, or not reported.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.city).await.transpose()
    }

    /// Seat outside the registry, for example `Cieszyn, PL`. `null`: not reported.
    async fn seat_name(&self) -> Option<&str> {
        self.0.seat_name.as_deref()
    }

    /// Organization that it belongs to. `null`: none is reported.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Organization, ApiError>> {
        one(ctx, self.0.parent).await.transpose()
    }

    /// When it was founded. `null`: not reported.
    async fn founded_on(&self) -> Option<ShownDate> {
        date(self.0.founded)
    }

    /// Postal address of the organization. `null`: not reported.
    async fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// Address of its website. `null`: not reported.
    async fn website(&self) -> Option<&str> {
        self.0.website.as_deref()
    }
}

impl Shown for Organization {
    type Fact = domain::Organization;
    const NAME: &'static str = "Organization";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "organization", doc: "An organization.", cost: None }),
        many: Some(Query { name: "organizations", doc: "Institutions, associations and companies.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createOrganization",
        update: "updateOrganization",
        form: Form::of::<domain::Organization>(),
    });
    const LISTS: &'static [List] = &[
        List {
            name: "children",
            doc: "Organizations that belong to it.",
            way: way::<Reverse<OrganizationParent>, Organization>(),
        },
        List {
            name: "projects",
            doc: "Projects that it is a partner of.",
            way: way::<Reverse<domain::project::ProjectPartnerOrganizations>, Project>(),
        },
        List {
            name: "activities",
            doc: "Activities of all kinds that it takes part in.",
            way: way::<Reverse<domain::activity::ActivityOrganizations<AnyActivity>>, Activity>(),
        },
        List {
            name: "partnerships",
            doc: "Partnerships that it carries as an association.",
            way: way::<Reverse<domain::partnership::PartnershipAssociations>, Partnership>(),
        },
        List {
            name: "witnessedLettersOfIntent",
            doc: "Letters of intent that it witnessed.",
            way: way::<Reverse<domain::letter_of_intent::LetterWitnessOrganizations>, LetterOfIntent>(),
        },
    ];
    const FILTER: &'static str = "Conditions on organizations. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[Condition {
        name: "kind",
        doc: "What it is.",
        test: Test::of::<ValueFilter<OrganizationKind>>(),
        field: Field::Kind,
    }]];
    const RELATED: Groups<Related> = &[&[
        Related { name: "city", doc: "City of its seat.", ends: Ends::One, way: way::<OrganizationCity, City>() },
        Related {
            name: "parent",
            doc: "Organization that it belongs to.",
            ends: Ends::One,
            way: way::<OrganizationParent, Organization>(),
        },
        Related {
            name: "projects",
            doc: "Projects it is a partner of.",
            ends: Ends::Many,
            way: way::<Reverse<domain::project::ProjectPartnerOrganizations>, Project>(),
        },
        Related {
            name: "activities",
            doc: "Activities it takes part in.",
            ends: Ends::Many,
            way: way::<Reverse<domain::activity::ActivityOrganizations<AnyActivity>>, Activity>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> =
        &[&[OrderBy { name: "KIND", doc: "Kind, by its label.", field: Field::Kind, cost: None }]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Organization>) {
        plan.one::<City>(&["city"], |organization| vec![organization.city]);
        plan.one::<Organization>(&["parent"], |organization| vec![organization.parent]);
    }
}

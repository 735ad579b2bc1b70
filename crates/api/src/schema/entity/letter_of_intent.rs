//! Letters of intent.

use super::{
    Agreement, BusinessMission, City, Commitment, Interpellation, Meeting, Official, Organization, Paper, Partnership,
    Resolution,
};
use crate::error::ApiError;
use crate::schema::machinery::filter::{PartialDateFilter, Test};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, end, linked, listed, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{
    LocalizedText, Place, ShownDate, date, prefetch_places, text, text_option, texts,
};
use async_graphql::{Context, Object, Union};
use pomost_domain as domain;
use pomost_domain::commitment::CommitmentLetter;
use pomost_domain::letter_of_intent::{
    Field, LetterAfterAgreement, LetterAfterLetter, LetterBusinessMission, LetterParties, LetterPartnership,
    LetterRenewed, LetterResolutions, LetterSignatories, LetterWitnessCities, LetterWitnessOrganizations,
};
use pomost_domain::link::Reverse;
use pomost_persistence::Linked;
use std::sync::Arc;
use uuid::Uuid;

/// A letter of intent: a political promise, which needs no resolution before it.
#[derive(Clone)]
pub(crate) struct LetterOfIntent(pub(crate) Arc<domain::LetterOfIntent>);

impl From<Arc<domain::LetterOfIntent>> for LetterOfIntent {
    fn from(fact: Arc<domain::LetterOfIntent>) -> Self {
        Self(fact)
    }
}

/// A letter of intent: a political promise, which needs no resolution before it.
#[Object]
impl LetterOfIntent {
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
        text(&self.0.paper.title)
    }

    /// Partnership that it belongs to. `null`: none is reported.
    async fn partnership(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
        one(ctx, self.0.paper.partnership).await.transpose()
    }

    /// When it was signed; with `qualifier: NOT_AFTER` where only an upper bound is known. `null`: not known.
    async fn signed_on(&self) -> Option<ShownDate> {
        date(self.0.paper.signed_on)
    }

    /// Where it was signed. `null`: not reported.
    async fn place(&self) -> Option<Place> {
        self.0.paper.place.clone().map(Place)
    }

    /// Event at which it was signed. `null`: not reported.
    async fn occasion(&self) -> Option<LocalizedText> {
        text_option(self.0.paper.occasion.as_ref())
    }

    /// What it aims at, point by point. `null`: not reported.
    async fn aims(&self) -> Option<Vec<LocalizedText>> {
        texts(self.0.paper.aims.as_ref())
    }

    /// Fields of cooperation that it covers, point by point. `null`: not reported.
    async fn scope(&self) -> Option<Vec<LocalizedText>> {
        texts(self.0.paper.scope.as_ref())
    }

    /// Cities that are parties, in the order of the source.
    async fn parties(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
        listed::<LetterParties, City>(ctx, self.0.meta.id).await
    }

    /// Who signed, as far as it is known: one side may be missing.
    async fn signatories(&self, ctx: &Context<'_>) -> Result<Vec<Official>, ApiError> {
        listed::<LetterSignatories, Official>(ctx, self.0.meta.id).await
    }

    /// Cities and organizations that witnessed the signing, in the order of the source.
    async fn witnesses(&self, ctx: &Context<'_>) -> Result<Vec<Party>, ApiError> {
        let cities = linked::<LetterWitnessCities>(ctx, self.0.meta.id).await?;
        let organizations = linked::<LetterWitnessOrganizations>(ctx, self.0.meta.id).await?;
        Ok(in_order(&cities, &organizations).into_iter().map(|(party, _)| party).collect())
    }

    /// Council resolutions before it. Empty: none is recorded; none is required.
    async fn preceded_by(&self, ctx: &Context<'_>) -> Result<Vec<Resolution>, ApiError> {
        listed::<LetterResolutions, Resolution>(ctx, self.0.meta.id).await
    }

    /// Letter of intent that it renews. `null`: none is reported.
    async fn renews(&self, ctx: &Context<'_>) -> Option<Result<LetterOfIntent, ApiError>> {
        one(ctx, self.0.renews).await.transpose()
    }

    /// Agreement or letter of intent before it. `null`: none is reported.
    async fn follows(&self, ctx: &Context<'_>) -> Option<Result<Paper, ApiError>> {
        before(ctx, self.0.meta.id).await.transpose()
    }

    /// Business mission at which it was signed. `null`: none is reported.
    async fn business_mission(&self, ctx: &Context<'_>) -> Option<Result<BusinessMission, ApiError>> {
        one(ctx, self.0.business_mission).await.transpose()
    }
}

impl Shown for LetterOfIntent {
    type Fact = domain::LetterOfIntent;
    const NAME: &'static str = "LetterOfIntent";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "letterOfIntent", doc: "A letter of intent.", cost: None }),
        many: Some(Query { name: "lettersOfIntent", doc: "Political promises of cities to each other.", cost: None }),
    };
    const COMMANDS: Option<Commands> = Some(Commands {
        create: "createLetterOfIntent",
        update: "updateLetterOfIntent",
        form: Form::of::<domain::LetterOfIntent>(),
    });
    const LISTS: &'static [List] = &[
        List {
            name: "commitments",
            doc: "The single, checkable promises that it declares.",
            way: way::<Reverse<CommitmentLetter>, Commitment>(),
        },
        List {
            name: "renewedBy",
            doc: "Letters of intent that renew it.",
            way: way::<Reverse<LetterRenewed>, LetterOfIntent>(),
        },
        List {
            name: "meetings",
            doc: "Meetings about it, such as its signing.",
            way: way::<Reverse<domain::meeting::MeetingLetter>, Meeting>(),
        },
        List {
            name: "interpellations",
            doc: "Interpellations that name it.",
            way: way::<Reverse<domain::interpellation::InterpellationLetters>, Interpellation>(),
        },
        List {
            name: "partnerships",
            doc: "Partnerships that it belongs to.",
            way: way::<Reverse<domain::partnership::PartnershipLetters>, Partnership>(),
        },
    ];
    const FILTER: &'static str = "Conditions on letters of intent. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[Condition {
        name: "signedOn",
        doc: "When it was signed.",
        test: Test::of::<PartialDateFilter>(),
        field: Field::SignedOn,
    }]];
    const RELATED: Groups<Related> = &[&[
        Related {
            name: "partnership",
            doc: "Partnership it belongs to.",
            ends: Ends::One,
            way: way::<LetterPartnership, Partnership>(),
        },
        Related {
            name: "businessMission",
            doc: "Business mission at which it was signed.",
            ends: Ends::One,
            way: way::<LetterBusinessMission, BusinessMission>(),
        },
        Related {
            name: "parties",
            doc: "Cities that are parties.",
            ends: Ends::Many,
            way: way::<LetterParties, City>(),
        },
        Related {
            name: "signatories",
            doc: "Who signed.",
            ends: Ends::Many,
            way: way::<LetterSignatories, Official>(),
        },
        Related {
            name: "commitments",
            doc: "The promises it declares.",
            ends: Ends::Many,
            way: way::<Reverse<CommitmentLetter>, Commitment>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> =
        &[&[OrderBy { name: "SIGNED_ON", doc: "When it was signed.", field: Field::SignedOn, cost: None }]];

    fn prefetch(plan: &mut Prefetch<'_, domain::LetterOfIntent>) {
        plan.one::<Partnership>(&["partnership"], |letter| vec![letter.paper.partnership]);
        prefetch_places(plan, |letter| letter.paper.place.as_ref());
        plan.linked::<LetterParties, City>("parties", &[]);
        plan.linked::<LetterSignatories, Official>("signatories", &[]);
        plan.linked::<LetterWitnessCities, City>("witnesses", &[]);
        plan.linked::<LetterWitnessOrganizations, Organization>("witnesses", &[]);
        plan.linked::<LetterResolutions, Resolution>("precededBy", &[]);
        plan.one::<LetterOfIntent>(&["renews"], |letter| vec![letter.renews]);
        plan.linked::<LetterAfterAgreement, Agreement>("follows", &[]);
        plan.linked::<LetterAfterLetter, LetterOfIntent>("follows", &[]);
        plan.one::<BusinessMission>(&["businessMission"], |letter| vec![letter.business_mission]);
    }
}

/// A city or an organization.
#[derive(Union)]
pub(crate) enum Party {
    /// A city.
    City(City),
    /// An organization.
    Organization(Organization),
}

/// Cities and organizations of one list, with what belongs to each, in the order of the list.
pub(crate) fn in_order<'a>(cities: &'a [Linked], organizations: &'a [Linked]) -> Vec<(Party, &'a Linked)> {
    let cities = cities.iter().filter_map(|linked| Some((Party::City(end(linked)?), linked)));
    let organizations = organizations.iter().filter_map(|linked| Some((Party::Organization(end(linked)?), linked)));
    let mut all: Vec<_> = cities.chain(organizations).collect();
    all.sort_by_key(|(_, linked)| linked.position);
    all
}

async fn before(ctx: &Context<'_>, id: Uuid) -> Result<Option<Paper>, ApiError> {
    if let Some(agreement) = listed::<LetterAfterAgreement, Agreement>(ctx, id).await?.pop() {
        return Ok(Some(agreement.into()));
    }
    Ok(listed::<LetterAfterLetter, LetterOfIntent>(ctx, id).await?.pop().map(Paper::from))
}

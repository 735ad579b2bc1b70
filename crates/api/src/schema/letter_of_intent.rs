//! Letters of intent.

use std::sync::Arc;

use async_graphql::{Context, Union};
use pomost_domain::commitment::CommitmentLetter;
use pomost_domain::letter_of_intent::{
    Field, LetterAfterAgreement, LetterAfterLetter, LetterBusinessMission, LetterParties, LetterPartnership,
    LetterRenewed, LetterResolutions, LetterSignatories, LetterWitnessCities, LetterWitnessOrganizations,
};
use pomost_domain::link::Reverse;
use pomost_domain::{self as domain, Fact, Id};
use pomost_persistence::Linked;

use super::connection::{linked, listed, one};
use super::filter::{PartialDateFilter, filters, orders};
use super::record::{queries, record};
use super::values::{LocalizedText, Place, ShownDate, date, prefetch_places, text, text_option, texts};
use super::{
    Agreement, BusinessMission, BusinessMissionFilter, City, CityListFilter, Commitment, CommitmentListFilter,
    Interpellation, Meeting, Official, OfficialListFilter, Organization, Paper, Partnership, PartnershipFilter,
    Resolution,
};
use crate::error::ApiError;

record! {
    /// A letter of intent: a political promise, which needs no resolution before it.
    LetterOfIntent of domain::LetterOfIntent, LetterOfIntentFilter, LetterOfIntentOrder {
        /// Title, in its original language, with its other titles as variants.
        pub(crate) async fn title(&self) -> LocalizedText {
            text(&self.0.paper.title)
        }

        /// Partnership that it belongs to. `null`: none is reported.
        pub(crate) async fn partnership(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
            one(ctx, self.0.paper.partnership).await.transpose()
        }

        /// When it was signed; with `qualifier: NOT_AFTER` where only an upper bound is known. `null`: not known.
        pub(crate) async fn signed_on(&self) -> Option<ShownDate> {
            date(self.0.paper.signed_on)
        }

        /// Where it was signed. `null`: not reported.
        pub(crate) async fn place(&self) -> Option<Place> {
            self.0.paper.place.clone().map(Place)
        }

        /// Event at which it was signed. `null`: not reported.
        pub(crate) async fn occasion(&self) -> Option<LocalizedText> {
            text_option(self.0.paper.occasion.as_ref())
        }

        /// What it aims at, point by point. `null`: not reported.
        pub(crate) async fn aims(&self) -> Option<Vec<LocalizedText>> {
            texts(self.0.paper.aims.as_ref())
        }

        /// Fields of cooperation that it covers, point by point. `null`: not reported.
        pub(crate) async fn scope(&self) -> Option<Vec<LocalizedText>> {
            texts(self.0.paper.scope.as_ref())
        }

        /// Cities that are parties, in the order of the source.
        pub(crate) async fn parties(&self, ctx: &Context<'_>) -> Result<Vec<City>, ApiError> {
            listed::<LetterParties, City>(ctx, self.0.id()).await
        }

        /// Who signed, as far as it is known: one side may be missing.
        pub(crate) async fn signatories(&self, ctx: &Context<'_>) -> Result<Vec<Official>, ApiError> {
            listed::<LetterSignatories, Official>(ctx, self.0.id()).await
        }

        /// Cities and organizations that witnessed the signing, in the order of the source.
        pub(crate) async fn witnesses(&self, ctx: &Context<'_>) -> Result<Vec<Party>, ApiError> {
            let cities = linked::<LetterWitnessCities>(ctx, self.0.id()).await?;
            let organizations = linked::<LetterWitnessOrganizations>(ctx, self.0.id()).await?;
            Ok(in_order(&cities, &organizations).into_iter().map(|(party, _)| party).collect())
        }

        /// Council resolutions before it. Empty: none is recorded; none is required.
        pub(crate) async fn preceded_by(&self, ctx: &Context<'_>) -> Result<Vec<Resolution>, ApiError> {
            listed::<LetterResolutions, Resolution>(ctx, self.0.id()).await
        }

        /// Letter of intent that it renews. `null`: none is reported.
        pub(crate) async fn renews(&self, ctx: &Context<'_>) -> Option<Result<LetterOfIntent, ApiError>> {
            one(ctx, self.0.renews).await.transpose()
        }

        /// Agreement or letter of intent before it. `null`: none is reported.
        pub(crate) async fn follows(&self, ctx: &Context<'_>) -> Option<Result<Paper, ApiError>> {
            before(ctx, self.0.id()).await.transpose()
        }

        /// Business mission at which it was signed. `null`: none is reported.
        pub(crate) async fn business_mission(&self, ctx: &Context<'_>) -> Option<Result<BusinessMission, ApiError>> {
            one(ctx, self.0.business_mission).await.transpose()
        }

    }
    connections {
        /// The single, checkable promises that it declares.
        commitments: Reverse<CommitmentLetter> => Commitment,
        /// Letters of intent that renew it.
        renewed_by: Reverse<LetterRenewed> => LetterOfIntent,
        /// Meetings about it, such as its signing.
        meetings: Reverse<domain::meeting::MeetingLetter> => Meeting,
        /// Interpellations that name it.
        interpellations: Reverse<domain::interpellation::InterpellationLetters> => Interpellation,
        /// Partnerships that it belongs to.
        partnerships: Reverse<domain::partnership::PartnershipLetters> => Partnership,
    }
    prefetch(plan) {
        plan.one::<Partnership>(&["partnership"], |letter| vec![letter.paper.partnership]);
        prefetch_places(plan, |letter| letter.paper.place.as_ref());
        plan.list::<LetterParties, City>("parties", &[]);
        plan.list::<LetterSignatories, Official>("signatories", &[]);
        plan.list::<LetterWitnessCities, City>("witnesses", &[]);
        plan.list::<LetterWitnessOrganizations, Organization>("witnesses", &[]);
        plan.list::<LetterResolutions, Resolution>("precededBy", &[]);
        plan.one::<LetterOfIntent>(&["renews"], |letter| vec![letter.renews]);
        plan.list::<LetterAfterAgreement, Agreement>("follows", &[]);
        plan.list::<LetterAfterLetter, LetterOfIntent>("follows", &[]);
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
pub(crate) fn in_order(
    cities: &[Linked<domain::City>],
    organizations: &[Linked<domain::Organization>],
) -> Vec<(Party, Linked<()>)> {
    fn of<T>(linked: &Linked<T>) -> Linked<()> {
        Linked {
            fact: Arc::new(()),
            role: linked.role.clone(),
            detail: linked.detail.clone(),
            position: linked.position,
        }
    }
    let cities = cities.iter().map(|linked| (Party::City(linked.fact.clone().into()), of(linked)));
    let organizations =
        organizations.iter().map(|linked| (Party::Organization(linked.fact.clone().into()), of(linked)));
    let mut all: Vec<_> = cities.chain(organizations).collect();
    all.sort_by_key(|(_, linked)| linked.position);
    all
}

async fn before(ctx: &Context<'_>, id: Id<domain::LetterOfIntent>) -> Result<Option<Paper>, ApiError> {
    if let Some(agreement) = listed::<LetterAfterAgreement, Agreement>(ctx, id).await?.pop() {
        return Ok(Some(agreement.into()));
    }
    Ok(listed::<LetterAfterLetter, LetterOfIntent>(ctx, id).await?.pop().map(Paper::from))
}

filters! {
    /// Conditions on letters of intent. All that are given hold together.
    LetterOfIntentFilter, LetterOfIntentListFilter of domain::LetterOfIntent {
        /// When it was signed.
        signed_on: PartialDateFilter = Field::SignedOn,
    }
    one {
        /// Partnership it belongs to.
        partnership: PartnershipFilter = LetterPartnership,
        /// Business mission at which it was signed.
        business_mission: BusinessMissionFilter = LetterBusinessMission,
    }
    many {
        /// Cities that are parties.
        parties: CityListFilter = LetterParties,
        /// Who signed.
        signatories: OfficialListFilter = LetterSignatories,
        /// The promises it declares.
        commitments: CommitmentListFilter = Reverse<CommitmentLetter>,
    }
}

orders! { LetterOfIntentOrder, LetterOfIntentOrderField of domain::LetterOfIntent {
    /// When it was signed.
    SignedOn = Field::SignedOn,
} }

queries! { LetterOfIntentQuery, LetterOfIntentListQuery: /// A letter of intent.
letter_of_intent, /// Political promises of cities to each other.
letters_of_intent => LetterOfIntent }

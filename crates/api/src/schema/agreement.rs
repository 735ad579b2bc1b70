//! Signed papers of a partnership.

pub(crate) mod mutation;

use async_graphql::{Context, Enum, Object, SimpleObject, Union};
use pomost_domain::agreement::{
    AgreementAfterAgreement, AgreementAfterLetter, AgreementParties, AgreementPartnership, AgreementRenewed,
    AgreementResolutions, AgreementSignatories, Field,
};
use pomost_domain::link::Reverse;
use pomost_domain::{self as domain, Fact, Id};

use super::connection::{listed, one};
use super::filter::{PartialDateFilter, ValueFilter, filters, label_of, orders, value_of};
use super::record::{queries, record};
use super::values::{Date, LocalizedText, Place, ShownDate, date, prefetch_places, text, text_option, texts, today};
use super::{
    City, CityListFilter, LetterOfIntent, Meeting, Official, OfficialListFilter, Partnership, PartnershipFilter,
    Resolution, ResolutionListFilter,
};
use crate::error::ApiError;

/// Kind of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::AgreementKind")]
pub(crate) enum AgreementKind {
    /// Partnership or twinning agreement.
    Twinning,
    /// Agreement on cooperation short of a partnership.
    Cooperation,
    /// Renewal of an earlier agreement.
    Renewal,
    /// Joint declaration.
    Declaration,
    /// Agreement on one project.
    Project,
    /// Membership of an association.
    Association,
    /// None of these: see `kindLabel`.
    Other,
}

/// What an agreement is on a day, as far as its dates say it for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::agreement::AgreementStatus")]
pub(crate) enum AgreementStatus {
    /// It is not signed.
    Draft,
    /// It is signed and does not hold yet.
    Signed,
    /// It holds.
    InForce,
    /// It rests by a decision, until it is resumed.
    Suspended,
    /// Its time has run out. What follows it, if anything, is in `renewedBy`.
    Expired,
    /// It was ended.
    Terminated,
    /// What is known leaves it open: a date is missing, or known to the month or year only.
    Unknown,
}

record! {
    /// A signed paper of a partnership.
    Agreement of domain::Agreement, AgreementFilter, AgreementOrder {
        /// Kind. `null`: not reported.
        pub(crate) async fn kind(&self) -> Option<AgreementKind> {
            value_of(self.0.kind.as_ref())
        }

        /// Kind as the source gives it; it says more where `kind` is `OTHER`.
        pub(crate) async fn kind_label(&self) -> Option<&str> {
            label_of(self.0.kind.as_ref())
        }

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
            listed::<AgreementParties, City>(ctx, self.0.id()).await
        }

        /// Who signed, as far as it is known: one side may be missing.
        pub(crate) async fn signatories(&self, ctx: &Context<'_>) -> Result<Vec<Official>, ApiError> {
            listed::<AgreementSignatories, Official>(ctx, self.0.id()).await
        }

        /// Council resolutions before it. Empty: none is recorded, which is not the same as that none was adopted.
        pub(crate) async fn preceded_by(&self, ctx: &Context<'_>) -> Result<Vec<Resolution>, ApiError> {
            listed::<AgreementResolutions, Resolution>(ctx, self.0.id()).await
        }

        /// First day on which it holds. `null`: not known.
        pub(crate) async fn valid_from(&self) -> Option<ShownDate> {
            date(self.0.valid_from)
        }

        /// Last day on which it holds. `null`: it is open-ended (`openEnded`), or the day is not known.
        pub(crate) async fn valid_to(&self) -> Option<ShownDate> {
            date(self.0.valid_to)
        }

        /// Whether it holds until it is ended. `false` without a `validTo`: it is not known for how long it holds.
        pub(crate) async fn open_ended(&self) -> bool {
            self.0.open_ended
        }

        /// Times in which it rests by a decision, one after the other. `null`: not reported.
        pub(crate) async fn suspensions(&self) -> Option<Vec<AgreementSuspension>> {
            let suspensions = self.0.suspensions.as_ref()?;
            Some(suspensions.iter().map(AgreementSuspension::of).collect())
        }

        /// How it was ended before its time. `null`: it was not, or that is not reported.
        pub(crate) async fn termination(&self) -> Option<AgreementTermination> {
            self.0.termination.clone().map(AgreementTermination)
        }

        /// What it is on a day, computed from its dates and never stored. `UNKNOWN` where they leave it open: only what is
        /// certain is said.
        pub(crate) async fn status(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The day; today (UTC) when it is not given.")] on: Option<Date>,
        ) -> AgreementStatus {
            self.0.status(on.map_or_else(|| today(ctx), |day| day.0)).into()
        }

        /// Agreement that it renews. `null`: none is reported.
        pub(crate) async fn renews(&self, ctx: &Context<'_>) -> Option<Result<Agreement, ApiError>> {
            one(ctx, self.0.renews).await.transpose()
        }

        /// Agreement or letter of intent before it. `null`: none is reported.
        pub(crate) async fn follows(&self, ctx: &Context<'_>) -> Option<Result<Paper, ApiError>> {
            before(ctx, self.0.id()).await.transpose()
        }

    }
    connections {
        /// Agreements that renew it.
        renewed_by: Reverse<AgreementRenewed> => Agreement,
        /// Meetings about it, such as its signing.
        meetings: Reverse<domain::agreement::MeetingAgreement> => Meeting,
        /// Partnerships that rest on it.
        partnerships: Reverse<domain::partnership::PartnershipAgreements> => Partnership,
    }
    prefetch(plan) {
        plan.one::<Partnership>(&["partnership"], |agreement| vec![agreement.paper.partnership]);
        prefetch_places(plan, |agreement| agreement.paper.place.as_ref());
        plan.list::<AgreementParties, City>("parties", &[]);
        plan.list::<AgreementSignatories, Official>("signatories", &[]);
        plan.list::<AgreementResolutions, Resolution>("precededBy", &[]);
        plan.one::<Agreement>(&["renews"], |agreement| vec![agreement.renews]);
        plan.one::<City>(&["termination.city"], |agreement| {
            vec![agreement.termination.as_ref().and_then(|end| end.city)]
        });
        plan.one::<Resolution>(&["termination.resolution"], |agreement| {
            vec![agreement.termination.as_ref().and_then(|end| end.resolution)]
        });
        plan.list::<AgreementAfterAgreement, Agreement>("follows", &[]);
        plan.list::<AgreementAfterLetter, LetterOfIntent>("follows", &[]);
    }
}

/// A time in which an agreement rests by a decision.
#[derive(SimpleObject)]
pub(crate) struct AgreementSuspension {
    /// First day on which it rests.
    from: Option<ShownDate>,
    /// Last day on which it rests. `null`: it was not resumed yet.
    to: Option<ShownDate>,
    /// Why. `null`: not reported.
    reason: Option<LocalizedText>,
}

impl AgreementSuspension {
    // Not `From`, whose `from` is the field's getter here.
    fn of(suspension: &domain::agreement::Suspension) -> Self {
        Self { from: date(suspension.from), to: date(suspension.to), reason: text_option(suspension.reason.as_ref()) }
    }
}

/// How an agreement was ended before its time.
pub(crate) struct AgreementTermination(domain::agreement::Termination);

/// How an agreement was ended before its time.
#[Object]
impl AgreementTermination {
    /// Party that ended it. `null`: not reported, or the parties did together.
    async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
        one(ctx, self.0.city).await.transpose()
    }

    /// First day on which it does not hold any more.
    async fn date(&self) -> Option<ShownDate> {
        date(self.0.date)
    }

    /// Resolution that ended it. `null`: none is reported.
    async fn resolution(&self, ctx: &Context<'_>) -> Option<Result<Resolution, ApiError>> {
        one(ctx, self.0.resolution).await.transpose()
    }

    /// Why it was ended. `null`: the resolution says it.
    async fn reason(&self) -> Option<LocalizedText> {
        text_option(self.0.reason.as_ref())
    }
}

/// A paper that cities signed.
#[derive(Union)]
pub(crate) enum Paper {
    /// An agreement.
    Agreement(Agreement),
    /// A letter of intent.
    LetterOfIntent(LetterOfIntent),
}

async fn before(ctx: &Context<'_>, id: Id<domain::Agreement>) -> Result<Option<Paper>, ApiError> {
    if let Some(agreement) = listed::<AgreementAfterAgreement, Agreement>(ctx, id).await?.pop() {
        return Ok(Some(agreement.into()));
    }
    Ok(listed::<AgreementAfterLetter, LetterOfIntent>(ctx, id).await?.pop().map(Paper::from))
}

filters! {
    /// Conditions on agreements. All that are given hold together.
    AgreementFilter, AgreementListFilter of domain::Agreement {
        /// What it is.
        kind: ValueFilter<AgreementKind> = Field::Kind,
        /// When it was signed.
        signed_on: PartialDateFilter = Field::SignedOn,
    }
    one {
        /// Partnership it belongs to.
        partnership: PartnershipFilter = AgreementPartnership,
        /// Agreement it renews.
        renews: AgreementFilter = AgreementRenewed,
    }
    many {
        /// Cities that are parties.
        parties: CityListFilter = AgreementParties,
        /// Who signed.
        signatories: OfficialListFilter = AgreementSignatories,
        /// Council resolutions before it.
        preceded_by: ResolutionListFilter = AgreementResolutions,
    }
}

orders! { AgreementOrder, AgreementOrderField of domain::Agreement {
    /// When it was signed.
    SignedOn = Field::SignedOn,
    /// Kind, by its label.
    Kind = Field::Kind,
} }

queries! { AgreementQuery, AgreementListQuery: /// An agreement.
agreement, /// Signed papers of partnerships.
agreements => Agreement }

//! Signed papers of a partnership.

pub(crate) mod mutation;

use super::{City, LetterOfIntent, Meeting, Official, Partnership, Resolution};
use crate::error::ApiError;
use crate::schema::machinery::filter::{PartialDateFilter, Test, ValueFilter, label_of, value_of};
use crate::schema::machinery::input::Form;
use crate::schema::machinery::prefetch::Prefetch;
use crate::schema::machinery::record::{Flattened, Lists, Shared, listed, one};
use crate::schema::machinery::shown::{
    Commands, Condition, Ends, Groups, List, OrderBy, Queries, Query, Related, Shown, way,
};
use crate::schema::machinery::values::{
    Date, LocalizedText, Place, ShownDate, date, prefetch_places, text, text_option, texts, today,
};
use async_graphql::{Context, Enum, Object, SimpleObject, Union};
use pomost_domain as domain;
use pomost_domain::agreement::{
    AgreementAfterAgreement, AgreementAfterLetter, AgreementParties, AgreementPartnership, AgreementRenewed,
    AgreementResolutions, AgreementSignatories, Field,
};
use pomost_domain::link::Reverse;
use std::sync::Arc;
use uuid::Uuid;

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
    /// Suspended by a decision, until it is resumed.
    Suspended,
    /// Its time has run out. What follows it, if anything, is in `renewedBy`.
    Expired,
    /// It was ended.
    Terminated,
    /// What is known leaves it open: a date is missing, or known to the month or year only.
    Unknown,
}

/// A signed paper of a partnership.
#[derive(Clone)]
pub(crate) struct Agreement(pub(crate) Arc<domain::Agreement>);

impl From<Arc<domain::Agreement>> for Agreement {
    fn from(fact: Arc<domain::Agreement>) -> Self {
        Self(fact)
    }
}

/// A signed paper of a partnership.
#[Object]
impl Agreement {
    #[graphql(flatten)]
    fn shared(&self) -> Flattened<Shared> {
        Flattened(Shared::of(&self.0))
    }

    #[graphql(flatten)]
    fn lists(&self) -> Lists<Self> {
        Lists::of(&self.0)
    }

    /// Kind. `null`: not reported.
    async fn kind(&self) -> Option<AgreementKind> {
        value_of(self.0.kind.as_ref())
    }

    /// Kind as the source gives it; it says more where `kind` is `OTHER`.
    async fn kind_label(&self) -> Option<&str> {
        label_of(self.0.kind.as_ref())
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
        listed::<AgreementParties, City>(ctx, self.0.meta.id).await
    }

    /// Who signed, as far as it is known: one side may be missing.
    async fn signatories(&self, ctx: &Context<'_>) -> Result<Vec<Official>, ApiError> {
        listed::<AgreementSignatories, Official>(ctx, self.0.meta.id).await
    }

    /// Council resolutions before it. Empty: none is recorded, which is not the same as that none was adopted.
    async fn preceded_by(&self, ctx: &Context<'_>) -> Result<Vec<Resolution>, ApiError> {
        listed::<AgreementResolutions, Resolution>(ctx, self.0.meta.id).await
    }

    /// First day on which it holds. `null`: not known.
    async fn valid_from(&self) -> Option<ShownDate> {
        date(self.0.valid_from)
    }

    /// Last day on which it holds. `null`: it is open-ended (`openEnded`), or the day is not known.
    async fn valid_to(&self) -> Option<ShownDate> {
        date(self.0.valid_to)
    }

    /// Whether it holds until it is ended. `false` without a `validTo`: it is not known for how long it holds.
    async fn open_ended(&self) -> bool {
        self.0.open_ended
    }

    /// Periods of suspension, in their order. `null`: not reported.
    async fn suspensions(&self) -> Option<Vec<AgreementSuspension>> {
        let suspensions = self.0.suspensions.as_ref()?;
        Some(suspensions.iter().map(AgreementSuspension::of).collect())
    }

    /// How it was ended before its time. `null`: it was not, or that is not reported.
    async fn termination(&self) -> Option<AgreementTermination> {
        self.0.termination.clone().map(AgreementTermination)
    }

    /// What it is on a day, computed from its dates and never stored. `UNKNOWN` where they leave it open: only what is
    /// certain is said.
    async fn status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; today (UTC) when it is not given.")] on: Option<Date>,
    ) -> AgreementStatus {
        self.0.status(on.map_or_else(|| today(ctx), |day| day.0)).into()
    }

    /// Agreement that it renews. `null`: none is reported.
    async fn renews(&self, ctx: &Context<'_>) -> Option<Result<Agreement, ApiError>> {
        one(ctx, self.0.renews).await.transpose()
    }

    /// Agreement or letter of intent before it. `null`: none is reported.
    async fn follows(&self, ctx: &Context<'_>) -> Option<Result<Paper, ApiError>> {
        before(ctx, self.0.meta.id).await.transpose()
    }
}

impl Shown for Agreement {
    type Fact = domain::Agreement;
    const NAME: &'static str = "Agreement";
    const QUERIES: Queries = Queries {
        one: Some(Query { name: "agreement", doc: "An agreement.", cost: None }),
        many: Some(Query { name: "agreements", doc: "Signed papers of partnerships.", cost: None }),
    };
    const COMMANDS: Option<Commands> =
        Some(Commands { create: "createAgreement", update: "updateAgreement", form: Form::of::<domain::Agreement>() });
    const LISTS: &'static [List] = &[
        List {
            name: "renewedBy",
            doc: "Agreements that renew it.",
            way: way::<Reverse<AgreementRenewed>, Agreement>(),
        },
        List {
            name: "meetings",
            doc: "Meetings about it, such as its signing.",
            way: way::<Reverse<domain::agreement::MeetingAgreement>, Meeting>(),
        },
        List {
            name: "partnerships",
            doc: "Partnerships that rest on it.",
            way: way::<Reverse<domain::partnership::PartnershipAgreements>, Partnership>(),
        },
    ];
    const FILTER: &'static str = "Conditions on agreements. All that are given hold together.";
    const CONDITIONS: Groups<Condition<Field>> = &[&[
        Condition {
            name: "kind",
            doc: "What it is.",
            test: Test::of::<ValueFilter<AgreementKind>>(),
            field: Field::Kind,
        },
        Condition {
            name: "signedOn",
            doc: "When it was signed.",
            test: Test::of::<PartialDateFilter>(),
            field: Field::SignedOn,
        },
    ]];
    const RELATED: Groups<Related> = &[&[
        Related {
            name: "partnership",
            doc: "Partnership it belongs to.",
            ends: Ends::One,
            way: way::<AgreementPartnership, Partnership>(),
        },
        Related {
            name: "renews",
            doc: "Agreement it renews.",
            ends: Ends::One,
            way: way::<AgreementRenewed, Agreement>(),
        },
        Related {
            name: "parties",
            doc: "Cities that are parties.",
            ends: Ends::Many,
            way: way::<AgreementParties, City>(),
        },
        Related {
            name: "signatories",
            doc: "Who signed.",
            ends: Ends::Many,
            way: way::<AgreementSignatories, Official>(),
        },
        Related {
            name: "precededBy",
            doc: "Council resolutions before it.",
            ends: Ends::Many,
            way: way::<AgreementResolutions, Resolution>(),
        },
    ]];
    const ORDERS: Groups<OrderBy<Field>> = &[&[
        OrderBy { name: "SIGNED_ON", doc: "When it was signed.", field: Field::SignedOn, cost: None },
        OrderBy { name: "KIND", doc: "Kind, by its label.", field: Field::Kind, cost: None },
    ]];

    fn prefetch(plan: &mut Prefetch<'_, domain::Agreement>) {
        plan.one::<Partnership>(&["partnership"], |agreement| vec![agreement.paper.partnership]);
        prefetch_places(plan, |agreement| agreement.paper.place.as_ref());
        plan.linked::<AgreementParties, City>("parties", &[]);
        plan.linked::<AgreementSignatories, Official>("signatories", &[]);
        plan.linked::<AgreementResolutions, Resolution>("precededBy", &[]);
        plan.one::<Agreement>(&["renews"], |agreement| vec![agreement.renews]);
        plan.one::<City>(&["termination.city"], |agreement| {
            vec![agreement.termination.as_ref().and_then(|end| end.city)]
        });
        plan.one::<Resolution>(&["termination.resolution"], |agreement| {
            vec![agreement.termination.as_ref().and_then(|end| end.resolution)]
        });
        plan.linked::<AgreementAfterAgreement, Agreement>("follows", &[]);
        plan.linked::<AgreementAfterLetter, LetterOfIntent>("follows", &[]);
    }
}

/// A period in which an agreement is suspended.
#[derive(SimpleObject)]
pub(crate) struct AgreementSuspension {
    /// First day of the suspension.
    from: Option<ShownDate>,
    /// Last day of the suspension. `null`: it was not resumed yet.
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

async fn before(ctx: &Context<'_>, id: Uuid) -> Result<Option<Paper>, ApiError> {
    if let Some(agreement) = listed::<AgreementAfterAgreement, Agreement>(ctx, id).await?.pop() {
        return Ok(Some(agreement.into()));
    }
    Ok(listed::<AgreementAfterLetter, LetterOfIntent>(ctx, id).await?.pop().map(Paper::from))
}

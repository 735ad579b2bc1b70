//! Council resolutions.

use async_graphql::Context;
use pomost_domain as domain;
use pomost_domain::link::Reverse;
use pomost_domain::resolution::{Field, ResolutionBody, ResolutionCity, ResolutionPartnership};

use super::connection::one;
use super::filter::{PartialDateFilter, TextFilter, filters, orders};
use super::record::{queries, record};
use super::values::{LocalizedText, ShownDate, date, text};
use super::{
    Agreement, AgreementListFilter, City, CityFilter, Council, LetterOfIntent, OrganizationFilter, Partnership,
    PartnershipFilter,
};
use crate::error::ApiError;

record! {
    /// A resolution of a council. That it is known to exist is a fact of its own: number and date are often not known.
    Resolution of domain::Resolution, ResolutionFilter, ResolutionOrder {
        /// What it is about.
        pub(crate) async fn subject(&self) -> LocalizedText {
            text(&self.0.subject)
        }

        /// Number, for example `XI/123/2018`. `null`: not known.
        pub(crate) async fn number(&self) -> Option<&str> {
            self.0.number.as_deref()
        }

        /// When it was adopted; with `qualifier: NOT_AFTER` where only an upper bound is known. `null`: not known.
        pub(crate) async fn adopted_on(&self) -> Option<ShownDate> {
            date(self.0.adopted_on)
        }

        /// City whose council resolved. `null`: not reported.
        pub(crate) async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
            one(ctx, self.0.city).await.transpose()
        }

        /// The council that resolved. `null`: not reported.
        pub(crate) async fn council(&self, ctx: &Context<'_>) -> Option<Result<Council, ApiError>> {
            one(ctx, self.0.body).await.transpose()
        }

        /// The partnership that it is about. `null`: none is reported.
        pub(crate) async fn partnership(&self, ctx: &Context<'_>) -> Option<Result<Partnership, ApiError>> {
            one(ctx, self.0.partnership).await.transpose()
        }

    }
    connections {
        /// Agreements that it preceded.
        agreements: Reverse<domain::agreement::AgreementResolutions> => Agreement,
        /// Letters of intent that it preceded.
        letters_of_intent: Reverse<domain::letter_of_intent::LetterResolutions> => LetterOfIntent,
        /// Partnerships that rest on it.
        partnerships: Reverse<domain::partnership::PartnershipResolutions> => Partnership,
    }
    prefetch(plan) {
        plan.one::<City>(&["city"], |resolution| vec![resolution.city]);
        plan.one::<Council>(&["council"], |resolution| vec![resolution.body]);
        plan.one::<Partnership>(&["partnership"], |resolution| vec![resolution.partnership]);
    }
}

filters! {
    /// Conditions on resolutions. All that are given hold together.
    ResolutionFilter, ResolutionListFilter of domain::Resolution {
        /// When it was adopted.
        adopted_on: PartialDateFilter = Field::AdoptedOn,
        /// Number, to the letter.
        number: TextFilter = Field::Number,
    }
    one {
        /// City whose council resolved.
        city: CityFilter = ResolutionCity,
        /// The council.
        council: OrganizationFilter = ResolutionBody,
        /// The partnership it is about.
        partnership: PartnershipFilter = ResolutionPartnership,
    }
    many {
        /// Agreements it preceded.
        agreements: AgreementListFilter = Reverse<domain::agreement::AgreementResolutions>,
    }
}

orders! { ResolutionOrder, ResolutionOrderField of domain::Resolution {
    /// When it was adopted.
    AdoptedOn = Field::AdoptedOn,
    /// Number, as a text.
    Number = Field::Number,
} }

queries! { ResolutionQuery, ResolutionListQuery: /// A council resolution.
resolution, /// Council resolutions.
resolutions => Resolution }

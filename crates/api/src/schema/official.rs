//! Holders of a public office.

use async_graphql::Context;
use pomost_domain as domain;
use pomost_domain::link::Reverse;
use pomost_domain::official::{Field, OfficialCity};

use super::connection::one;
use super::filter::{TextFilter, filters, orders};
use super::record::{queries, record};
use super::{Agreement, City, CityFilter, Interpellation, LetterOfIntent, Meeting};
use crate::error::ApiError;

record! {
    /// A person in a public office. The same person in another office is another record; nothing private is kept.
    Official of domain::Official, OfficialFilter, OfficialOrder {
        /// Name of the person.
        pub(crate) async fn name(&self) -> &str {
            &self.0.person
        }

        /// The office, as the source gives it. `null`: not reported.
        pub(crate) async fn office(&self) -> Option<&str> {
            self.0.office.as_deref()
        }

        /// City of the office. `null`: not reported.
        pub(crate) async fn city(&self, ctx: &Context<'_>) -> Option<Result<City, ApiError>> {
            one(ctx, self.0.city).await.transpose()
        }

    }
    connections {
        /// Agreements that the official signed.
        signed_agreements: Reverse<domain::agreement::AgreementSignatories> => Agreement,
        /// Letters of intent that the official signed.
        signed_letters_of_intent: Reverse<domain::letter_of_intent::LetterSignatories> => LetterOfIntent,
        /// Meetings that the official attended.
        meetings: Reverse<domain::meeting::MeetingAttendees> => Meeting,
        /// Interpellations that the official filed as a councillor.
        interpellations: Reverse<domain::interpellation::InterpellationCouncillors> => Interpellation,
    }
    prefetch(plan) {
        plan.one::<City>(&["city"], |official| vec![official.city]);
    }
}

filters! {
    /// Conditions on officials. All that are given hold together.
    OfficialFilter, OfficialListFilter of domain::Official {
        /// The office, to the letter.
        office: TextFilter = Field::Office,
    }
    one {
        /// City of the office.
        city: CityFilter = OfficialCity,
    }
    many {}
}

orders! { OfficialOrder, OfficialOrderField of domain::Official {
    /// The office.
    Office = Field::Office,
} }

queries! { OfficialQuery, OfficialListQuery: /// A holder of a public office.
official, /// Holders of a public office who signed, attended or asked.
officials => Official }

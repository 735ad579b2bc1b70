//! What an agreement is on a day, computed from its dates, and what may be done with it then.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Agreement;
use crate::city::City;
use crate::date::{PartialDate, Within};
use crate::id::Id;
use crate::meta::Publication;
use crate::resolution::Resolution;
use crate::text::Text;
use crate::vocabulary::Vocabulary;

vocabulary! { closed,
    /// What an agreement is on a day.
    AgreementStatus {
        /// It is not signed.
        Draft = "draft",
        /// It is signed and does not hold yet.
        Signed = "signed",
        /// It holds.
        InForce = "inForce",
        /// It rests by a decision.
        Suspended = "suspended",
        /// Its time has run out.
        Expired = "expired",
        /// It was ended.
        Terminated = "terminated",
        /// What is known of it leaves that open.
        Unknown = "unknown",
    }
}

/// A time in which an agreement rests by a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Its first day.
    pub from: Option<PartialDate>,
    /// Its last day; `None`: it lasts.
    pub to: Option<PartialDate>,
    /// Why.
    pub reason: Option<Text>,
}

impl Suspension {
    fn on(&self, day: NaiveDate) -> Within {
        Within::of(self.from, day).and(self.to.map_or(Within::Yes, |to| Within::until(to, day)))
    }
}

/// How an agreement was ended before its time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Termination {
    /// The city that ended it.
    pub city: Option<Id<City>>,
    /// First day on which it does not hold any more.
    pub date: Option<PartialDate>,
    /// The resolution that ended it.
    pub resolution: Option<Id<Resolution>>,
    /// Why.
    pub reason: Option<Text>,
}

/// What is done with an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Sign it.
    Sign,
    /// Let it rest.
    Suspend,
    /// Let it hold again.
    Resume,
    /// End it.
    Terminate,
}

impl Turn {
    const ALL: [Self; 4] = [Self::Sign, Self::Suspend, Self::Resume, Self::Terminate];

    /// The act, as messages name it.
    const fn act(self) -> &'static str {
        match self {
            Self::Sign => "signAgreement",
            Self::Suspend => "suspendAgreement",
            Self::Resume => "resumeAgreement",
            Self::Terminate => "terminateAgreement",
        }
    }
}

impl Agreement {
    /// What it is on a day. Only what is certain for every day that its dates may stand for is said; the rest is
    /// `Unknown`.
    pub fn status(&self, day: NaiveDate) -> AgreementStatus {
        let is_public = !matches!(self.meta.publication, Publication::Draft | Publication::InReview);
        if self.paper.signed_on.is_none() && !is_public {
            return AgreementStatus::Draft;
        }
        let terminated = self.termination.as_ref().map_or(Within::No, |end| Within::of(end.date, day));
        let lasts = self.valid_to.map_or(Within::Maybe, |last| Within::until(last, day));
        if terminated == Within::Yes {
            return AgreementStatus::Terminated;
        }
        if terminated == Within::Maybe {
            return AgreementStatus::Unknown;
        }
        if lasts == Within::No {
            return AgreementStatus::Expired;
        }
        // With a last day that may be behind us nothing more can be said; without one, what follows says that it lasts.
        let may_be_over = self.valid_to.is_some() && lasts == Within::Maybe;
        let suspended = self.suspensions.iter().flatten().map(|suspension| suspension.on(day));
        match suspended.max().unwrap_or(Within::No) {
            Within::Yes if !may_be_over => return AgreementStatus::Suspended,
            Within::No => {}
            _ => return AgreementStatus::Unknown,
        }
        match (self.has_begun(day), self.is_signed(day)) {
            (Within::Yes, _) if lasts == Within::Yes || self.open_ended => AgreementStatus::InForce,
            (Within::No, Within::Yes) => AgreementStatus::Signed,
            (Within::No, Within::No) => AgreementStatus::Draft,
            _ => AgreementStatus::Unknown,
        }
    }

    fn is_signed(&self, day: NaiveDate) -> Within {
        self.paper.signed_on.map_or(Within::Maybe, |signed| Within::of(Some(signed), day))
    }

    /// Whether its time has begun. Without a first day it is only known that none begins before the signing.
    fn has_begun(&self, day: NaiveDate) -> Within {
        let rested = |suspension: &Suspension| suspension.from.is_some_and(|from| from.latest() <= day);
        if self.suspensions.iter().flatten().any(rested) {
            return Within::Yes;
        }
        match self.valid_from {
            Some(first) => Within::of(Some(first), day),
            None if self.is_signed(day) == Within::No => Within::No,
            None => Within::Maybe,
        }
    }

    /// Whether something may be done with it on a day. What is not known does not forbid it.
    ///
    /// # Errors
    /// It may not; the message names what may be done.
    pub fn allows(&self, turn: Turn, day: NaiveDate) -> Result<(), String> {
        if self.may(turn, day) {
            return Ok(());
        }
        let allowed: Vec<_> = Turn::ALL.into_iter().filter(|turn| self.may(*turn, day)).map(Turn::act).collect();
        let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        let state = match self.status(day) {
            AgreementStatus::Draft if self.paper.signed_on.is_some() => "not signed yet",
            AgreementStatus::Terminated => "terminated",
            _ if self.termination.is_some() => "to be terminated",
            AgreementStatus::InForce => "in force",
            AgreementStatus::Unknown => "of unknown status",
            known => known.label(),
        };
        Err(format!("an agreement that is {state} on {day} cannot be changed by {}; allowed: {allowed}", turn.act()))
    }

    fn may(&self, turn: Turn, day: NaiveDate) -> bool {
        use AgreementStatus::{InForce, Signed, Suspended, Unknown};
        let status = self.status(day);
        let rests = self.suspensions.iter().flatten().last().is_some_and(|last| last.on(day) != Within::No);
        match turn {
            Turn::Sign => self.paper.signed_on.is_none(),
            Turn::Suspend => matches!(status, InForce | Unknown) && !rests,
            Turn::Resume => matches!(status, Suspended | Unknown) && rests,
            Turn::Terminate => matches!(status, Signed | InForce | Suspended | Unknown) && self.termination.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use AgreementStatus::{Draft, Expired, InForce, Signed, Suspended, Terminated, Unknown};

    use super::*;

    fn date(text: &str) -> Option<PartialDate> {
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    fn agreement(signed: &str, from: &str, to: &str) -> Agreement {
        let mut agreement = Agreement { valid_from: date(from), valid_to: date(to), ..Agreement::default() };
        agreement.paper.signed_on = date(signed);
        agreement
    }

    fn suspended(from: &str, to: &str) -> Suspension {
        Suspension { from: date(from), to: date(to), reason: None }
    }

    #[track_caller]
    fn check(agreement: &Agreement, expected: &[(&str, AgreementStatus)]) {
        for (day, status) in expected {
            assert_eq!(agreement.status(day.parse().unwrap()), *status, "{day}");
        }
    }

    #[test]
    fn the_first_and_the_last_day_belong_to_its_time() {
        check(
            &agreement("2010-05-01", "2010-06-01", "2015-05-31"),
            &[
                ("2010-04-30", Draft),
                ("2010-05-01", Signed),
                ("2010-05-31", Signed),
                ("2010-06-01", InForce),
                ("2015-05-31", InForce),
                ("2015-06-01", Expired),
            ],
        );
    }

    #[test]
    fn what_is_not_known_leaves_it_open() {
        // Only signed: neither when it begins to hold nor for how long is known.
        check(
            &agreement("2010-05-01", "", ""),
            &[("2010-04-30", Draft), ("2010-05-01", Unknown), ("2030-01-01", Unknown)],
        );
        // Without a last day it is in force only where it is said to be open-ended.
        let mut begun = agreement("2010-05-01", "2010-05-01", "");
        check(&begun, &[("2010-05-01", Unknown)]);
        begun.open_ended = true;
        check(&begun, &[("2010-04-30", Draft), ("2010-05-01", InForce), ("2999-01-01", InForce)]);
        check(
            &agreement("", "2010-05-01", "2011"),
            &[("2010-01-01", Unknown), ("2010-05-01", InForce), ("2012-01-01", Expired)],
        );
    }

    #[test]
    fn partial_dates_are_open_in_the_middle_and_certain_outside() {
        check(
            &agreement("2010", "2011-03", "2015"),
            &[
                ("2009-12-31", Draft),
                ("2010-07-01", Unknown),
                ("2010-12-31", Signed),
                ("2011-02-28", Signed),
                ("2011-03-01", Unknown),
                ("2011-03-31", InForce),
                ("2015-01-01", InForce),
                ("2015-01-02", Unknown),
                ("2015-12-31", Unknown),
                ("2016-01-01", Expired),
            ],
        );
        check(&agreement("../2010-06", "2011", "2012"), &[("2009-01-01", Unknown), ("2010-06-30", Signed)]);
    }

    #[test]
    fn it_rests_and_is_ended() {
        let mut agreement = agreement("2010-05-01", "", "");
        agreement.open_ended = true;
        agreement.suspensions = Some(vec![suspended("2012-01-01", "2012-06-30"), suspended("2014", "")]);
        check(
            &agreement,
            &[
                ("2011-12-31", Unknown),
                ("2012-01-01", Suspended),
                ("2012-06-30", Suspended),
                // What rested had begun to hold.
                ("2012-07-01", InForce),
                ("2014-01-01", Unknown),
                ("2014-12-31", Suspended),
                ("2030-01-01", Suspended),
            ],
        );
        agreement.termination = Some(Termination { date: date("2016-03"), ..Termination::default() });
        check(&agreement, &[("2016-02-29", Suspended), ("2016-03-01", Unknown), ("2016-03-31", Terminated)]);
        let mut over = agreement.clone();
        over.open_ended = false;
        over.valid_to = date("2015-06");
        over.termination = None;
        check(&over, &[("2015-06-01", Suspended), ("2015-06-15", Unknown), ("2015-07-01", Expired)]);
    }

    #[test]
    fn a_draft_without_a_day_of_signing_is_not_signed() {
        let mut agreement = agreement("", "", "");
        let day = "2020-01-01".parse().unwrap();
        // A record that is public is of a paper that was signed some day.
        assert_eq!(agreement.status(day), Unknown);
        for publication in [Publication::Draft, Publication::InReview] {
            agreement.meta.publication = publication;
            assert_eq!(agreement.status(day), Draft);
        }
    }

    #[test]
    fn a_turn_that_is_not_allowed_names_those_that_are() {
        let day = |text: &str| text.parse().unwrap();
        let mut draft = agreement("", "", "");
        draft.meta.publication = Publication::Draft;
        assert_eq!(draft.allows(Turn::Sign, day("2020-01-01")), Ok(()));
        let refused = draft.allows(Turn::Suspend, day("2020-01-01")).unwrap_err();
        assert_eq!(
            refused,
            "an agreement that is draft on 2020-01-01 cannot be changed by suspendAgreement; allowed: signAgreement"
        );
        let mut agreement = agreement("2010", "2011-01-01", "2015");
        let refused = agreement.allows(Turn::Sign, day("2012-01-01")).unwrap_err();
        let expected =
            "in force on 2012-01-01 cannot be changed by signAgreement; allowed: suspendAgreement, terminateAgreement";
        assert!(refused.ends_with(expected), "{refused}");
        assert!(agreement.allows(Turn::Terminate, day("2016-01-01")).unwrap_err().ends_with("allowed: nothing"));
        agreement.suspensions = Some(vec![suspended("2012", "")]);
        // Nobody knows whether it rested in May; it may be said that it did until then.
        assert_eq!(agreement.allows(Turn::Resume, day("2012-05-01")), Ok(()));
        let refused = agreement.allows(Turn::Suspend, day("2013-01-01")).unwrap_err();
        assert!(refused.contains("that is suspended on 2013-01-01"), "{refused}");
        assert!(refused.ends_with("allowed: resumeAgreement, terminateAgreement"), "{refused}");
        agreement.termination = Some(Termination { date: date("2014-01-01"), ..Termination::default() });
        let refused = agreement.allows(Turn::Terminate, day("2013-01-01")).unwrap_err();
        assert!(refused.contains("that is to be terminated"), "{refused}");
    }
}

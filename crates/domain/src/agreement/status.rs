//! The status of an agreement on a day, computed from its dates, and the commands that the status allows.

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
    /// Status of an agreement on a day.
    AgreementStatus {
        /// Not signed.
        Draft = "draft",
        /// Signed, not yet in force.
        Signed = "signed",
        /// In force.
        InForce = "inForce",
        /// Suspended by a decision.
        Suspended = "suspended",
        /// Its last day has passed.
        Expired = "expired",
        /// Terminated before its end.
        Terminated = "terminated",
        /// The recorded dates do not determine the status.
        Unknown = "unknown",
    }
}

/// A period in which an agreement is suspended by a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Its first day.
    pub from: Option<PartialDate>,
    /// Its last day; `None`: it has no end yet.
    pub to: Option<PartialDate>,
    /// Reason.
    pub reason: Option<Text>,
}

impl Suspension {
    fn on(&self, day: NaiveDate) -> Within {
        Within::of(self.from, day).and(self.to.map_or(Within::Yes, |to| Within::until(to, day)))
    }
}

/// How an agreement was terminated before its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Termination {
    /// The city that terminated it.
    pub city: Option<Id<City>>,
    /// First day on which it is not in force any more.
    pub date: Option<PartialDate>,
    /// The resolution that terminated it.
    pub resolution: Option<Id<Resolution>>,
    /// Reason.
    pub reason: Option<Text>,
}

/// A command that changes the status of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Sign it.
    Sign,
    /// Suspend it.
    Suspend,
    /// End the suspension.
    Resume,
    /// Terminate it.
    Terminate,
}

impl Turn {
    const ALL: [Self; 4] = [Self::Sign, Self::Suspend, Self::Resume, Self::Terminate];

    /// The name of the mutation, for messages.
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
    /// The status on a day. It is definite only if it is the same for every day that the partial dates may mean; otherwise
    /// it is `Unknown`.
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
        // If the last day may have passed, the status is unknown. Without a last day, the checks below show that it is in
        // force.
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

    /// Compares the day with the first day. Without one, it only follows that the agreement does not begin before its
    /// signing.
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

    /// Checks that a command is allowed on a day. Unknown dates do not forbid it.
    ///
    /// # Errors
    /// The command is not allowed; the message lists those that are.
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
    fn the_first_and_the_last_day_are_in_force() {
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
    fn unknown_dates_leave_the_status_unknown() {
        // Only signed: neither the first nor the last day is known.
        check(
            &agreement("2010-05-01", "", ""),
            &[("2010-04-30", Draft), ("2010-05-01", Unknown), ("2030-01-01", Unknown)],
        );
        // Without a last day it is in force only if it is open-ended.
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
    fn suspensions_and_terminations_change_the_status() {
        let mut agreement = agreement("2010-05-01", "", "");
        agreement.open_ended = true;
        agreement.suspensions = Some(vec![suspended("2012-01-01", "2012-06-30"), suspended("2014", "")]);
        check(
            &agreement,
            &[
                ("2011-12-31", Unknown),
                ("2012-01-01", Suspended),
                ("2012-06-30", Suspended),
                // A suspended agreement was in force before.
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
        // The paper of a published record was signed, even if the day is not known.
        assert_eq!(agreement.status(day), Unknown);
        for publication in [Publication::Draft, Publication::InReview] {
            agreement.meta.publication = publication;
            assert_eq!(agreement.status(day), Draft);
        }
    }

    #[test]
    fn a_refused_command_lists_the_allowed_ones() {
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
        // It is not known if it was suspended in May, so it may be resumed then.
        assert_eq!(agreement.allows(Turn::Resume, day("2012-05-01")), Ok(()));
        let refused = agreement.allows(Turn::Suspend, day("2013-01-01")).unwrap_err();
        assert!(refused.contains("that is suspended on 2013-01-01"), "{refused}");
        assert!(refused.ends_with("allowed: resumeAgreement, terminateAgreement"), "{refused}");
        agreement.termination = Some(Termination { date: date("2014-01-01"), ..Termination::default() });
        let refused = agreement.allows(Turn::Terminate, day("2013-01-01")).unwrap_err();
        assert!(refused.contains("that is to be terminated"), "{refused}");
    }
}

//! The lasting relation of cities, as opposed to its papers.

use serde::{Deserialize, Serialize};

use crate::agreement::Agreement;
use crate::city::City;
use crate::date::{PartialDate, ends_before_start};
use crate::exchange::{Entry, Exchanged, Form, PrecisionField};
use crate::id::{Id, Kind};
use crate::letter_of_intent::LetterOfIntent;
use crate::link::relations;
use crate::meta::{Facet, Fact, Meta};
use crate::organization::Organization;
use crate::resolution::Resolution;
use crate::text::Text;
use crate::theme::{self, Theme};

vocabulary! { closed,
    /// Status of a partnership.
    PartnershipStatus {
        /// Active.
        Active = "active",
        /// Active without a signed agreement.
        Informal = "informal",
        /// Suspended by a decision.
        Suspended = "suspended",
        /// Interrupted for a time.
        Interrupted = "interrupted",
        /// Ended.
        Ended = "ended",
        /// Continued by another partnership.
        Succeeded = "succeeded",
        /// The sources do not state it.
        Unknown = "unknown",
    }
}

/// A period in which a partnership was interrupted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    /// Its beginning.
    pub from: Option<PartialDate>,
    /// Its end.
    pub to: Option<PartialDate>,
    /// Remarks.
    pub note: Option<Text>,
}

/// The dates of a partnership according to one of its cities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideDates {
    /// Its beginning.
    pub since: Option<PartialDate>,
    /// Its end.
    pub until: Option<PartialDate>,
}

/// The lasting relation of two or more cities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partnership {
    /// Fields that all records share.
    pub meta: Meta,
    /// Status. (Partnerships have no title: their name follows from the slug.)
    pub status: Option<PartnershipStatus>,
    /// Its beginning.
    pub since: Option<PartialDate>,
    /// Its end.
    pub until: Option<PartialDate>,
    /// Periods in which it was interrupted.
    pub interruptions: Option<Vec<Interruption>>,
    /// City that established the contact.
    pub brokered_by: Option<Id<City>>,
    /// Themes, with the labels of the source.
    pub themes: Option<Vec<Theme>>,
    /// The partnership it continues.
    pub succeeds: Option<Id<Partnership>>,
    /// The partnership that continues it.
    pub succeeded_by: Option<Id<Partnership>>,
    /// The wider partnership that it is a part of.
    pub part_of: Option<Id<Partnership>>,
}

/// A period with one status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPeriod {
    /// The status.
    pub status: PartnershipStatus,
    /// Its beginning; `None`: not known.
    pub from: Option<PartialDate>,
    /// Its end; `None`: not known, or it lasts.
    pub until: Option<PartialDate>,
    /// Remarks.
    pub note: Option<Text>,
}

impl Partnership {
    /// The status over time: from the beginning, through every interruption, to the recorded status.
    pub fn status_periods(&self) -> Vec<StatusPeriod> {
        let Some(status) = self.status else { return Vec::new() };
        let lasting =
            matches!(status, PartnershipStatus::Active | PartnershipStatus::Informal | PartnershipStatus::Unknown);
        // The status before an interruption or the end: active, as far as the sources state.
        let lived = if lasting { status } else { PartnershipStatus::Active };
        let mut periods = Vec::new();
        let mut from = self.since;
        for interruption in self.interruptions.iter().flatten() {
            periods.push(StatusPeriod { status: lived, from, until: interruption.from, note: None });
            periods.push(StatusPeriod {
                status: PartnershipStatus::Interrupted,
                from: interruption.from,
                until: interruption.to,
                note: interruption.note.clone(),
            });
            from = interruption.to;
        }
        if lasting {
            periods.push(StatusPeriod { status, from, until: self.until, note: None });
        } else if periods.last().is_some_and(|last| last.status == status && last.until.is_none()) {
            // An interruption without an end is the present status.
        } else {
            if from.is_some() {
                periods.push(StatusPeriod { status: lived, from, until: self.until, note: None });
            }
            periods.push(StatusPeriod { status, from: self.until, until: None, note: None });
        }
        periods
    }
}

vocabulary! { closed,
    /// Fields by which partnerships are filtered and ordered.
    Field {
        /// Status.
        Status = "status",
        /// Beginning.
        Since = "since",
        /// End.
        Until = "until",
        /// From the beginning to the end.
        Period = "period",
        /// Areas of cooperation.
        Area = "area",
    }
}

relations! {
    /// City that established the contact.
    PartnershipBroker: Partnership => City, "partnership.brokered_by";
    /// The wider partnership.
    PartnershipWhole: Partnership => Partnership, "partnership.part_of";
    /// The cities.
    PartnershipCities: Partnership => City, ["partnership.cities"];
    /// The dates according to each city.
    PartnershipSides: Partnership => City, ["partnership.sides"];
    /// The papers that are its basis.
    PartnershipAgreements: Partnership => Agreement, ["partnership.agreements"];
    /// Letters of intent.
    PartnershipLetters: Partnership => LetterOfIntent, ["partnership.letters_of_intent"];
    /// Council resolutions.
    PartnershipResolutions: Partnership => Resolution, ["partnership.resolutions"];
    /// Associations that run it.
    PartnershipAssociations: Partnership => Organization, ["partnership.associations"];
}

impl Fact for Partnership {
    const KIND: Kind = Kind::Partnership;
    type Field = Field;

    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn name(&self) -> String {
        self.meta.slug.replace("--", " – ")
    }
    fn facets(&self) -> Vec<Facet> {
        theme::facets(self.themes.iter().flatten())
    }
}

impl Exchanged for Partnership {
    const COLLECTION: &'static str = "partnerships";
    const IDENTITY: &'static [&'static [&'static str]] = &[&["cities"]];
    type Parts = ();

    fn form(entry: &mut Entry<Self>, f: &mut Form<'_>) {
        let (partnership, links) = (&mut entry.fact, &mut entry.links);
        f.many::<City>("cities", links.of("partnership.cities"));
        f.at_least("cities", 2);
        if f.reads() && links.of("partnership.cities").len() < 2 {
            f.fault("cities", "a partnership needs at least two different cities: name them".to_owned());
        }
        f.closed("status", &mut partnership.status);
        f.date("since", PrecisionField::Always("datePrecision"), &mut partnership.since);
        f.date("until", PrecisionField::Always("untilPrecision"), &mut partnership.until);
        if ends_before_start(partnership.since, partnership.until) {
            f.fault(
                "until",
                "the partnership ends before it begins: give an \"until\" that is not before \"since\"".to_owned(),
            );
        }
        f.objects("interruptions", &mut partnership.interruptions, |f, interruption: &mut Interruption| {
            f.date("from", PrecisionField::Always("datePrecision"), &mut interruption.from);
            f.date("to", PrecisionField::None, &mut interruption.to);
            if ends_before_start(interruption.from, interruption.to) {
                f.fault(
                    "to",
                    "the interruption ends before it begins: give a \"to\" that is not before \"from\"".to_owned(),
                );
            }
            f.field("note", &mut interruption.note);
        });
        f.each("sides", links.of("partnership.sides"), |f, link| {
            f.target::<City>("city", link);
            let mut dates = link.detail::<SideDates>().unwrap_or_default();
            f.date("since", PrecisionField::None, &mut dates.since);
            f.date("until", PrecisionField::None, &mut dates.until);
            link.set_detail(&dates);
        });
        f.many::<Agreement>("agreements", links.of("partnership.agreements"));
        f.many::<LetterOfIntent>("lettersOfIntent", links.of("partnership.letters_of_intent"));
        f.many::<Resolution>("resolutions", links.of("partnership.resolutions"));
        f.many::<Organization>("associations", links.of("partnership.associations"));
        f.one("brokeredBy", &mut partnership.brokered_by);
        f.list("themes", &mut partnership.themes);
        f.one("succeeds", &mut partnership.succeeds);
        f.one("succeededBy", &mut partnership.succeeded_by);
        f.one("partOf", &mut partnership.part_of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<PartialDate> {
        text.parse().ok()
    }

    fn periods(partnership: &Partnership) -> Vec<(PartnershipStatus, Option<String>, Option<String>)> {
        let text = |date: Option<PartialDate>| date.map(PartialDate::value);
        partnership.status_periods().into_iter().map(|p| (p.status, text(p.from), text(p.until))).collect()
    }

    #[test]
    fn the_status_over_time_follows_from_the_record() {
        use PartnershipStatus::{Active, Ended, Interrupted};
        let some = |text: &str| Some(text.to_owned());
        let mut partnership = Partnership { status: Some(Active), since: date("1995-03"), ..Default::default() };
        assert_eq!(periods(&partnership), [(Active, some("1995-03"), None)]);
        partnership.interruptions = Some(vec![Interruption { from: date("2001"), to: date("2004"), note: None }]);
        assert_eq!(
            periods(&partnership),
            [
                (Active, some("1995-03"), some("2001")),
                (Interrupted, some("2001"), some("2004")),
                (Active, some("2004"), None)
            ]
        );
        partnership.status = Some(Ended);
        partnership.until = date("2010-05-01");
        assert_eq!(
            periods(&partnership)[2..],
            [(Active, some("2004"), some("2010-05-01")), (Ended, some("2010-05-01"), None)]
        );
        partnership.status = Some(Interrupted);
        partnership.until = None;
        partnership.interruptions = Some(vec![Interruption { from: date("2022"), to: None, note: None }]);
        assert_eq!(periods(&partnership), [(Active, some("1995-03"), some("2022")), (Interrupted, some("2022"), None)]);
    }
}

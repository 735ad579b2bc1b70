//! Rules on the time that an authority has to answer: reference data with its legal basis, not code.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::country::Code;

/// The time that an authority has to answer, and the event that starts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadlineRule {
    /// Stable name.
    pub slug: String,
    /// Country of the law.
    pub country: Code,
    /// Days; `None` if the council's own rules set them.
    pub days: Option<u32>,
    /// The event from which the days count.
    pub start_event: Option<String>,
    /// How days are counted.
    pub counting: String,
    /// First day of the rule.
    pub valid_from: Option<NaiveDate>,
    /// Last day of the rule.
    pub valid_to: Option<NaiveDate>,
    /// Legal basis.
    pub legal_basis: String,
    /// Uncertainties.
    pub note: Option<String>,
}

/// A rule in the reference file (`data/deadline-rules.json`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Line {
    /// Stable name.
    pub slug: String,
    /// Country code.
    pub country: String,
    /// Days.
    pub days: Option<u32>,
    /// The event from which the days count.
    pub start_event: Option<String>,
    /// How days are counted.
    pub counting: String,
    /// First day of the rule.
    pub valid_from: Option<NaiveDate>,
    /// Last day of the rule.
    pub valid_to: Option<NaiveDate>,
    /// Legal basis.
    pub legal_basis: String,
    /// Uncertainties.
    pub note: Option<String>,
}

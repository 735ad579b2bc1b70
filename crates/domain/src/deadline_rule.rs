//! Rules on how long an authority has to answer. Reference data with its legal basis, not code.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::country::Code;

/// How long an authority has to answer, and from when the days count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadlineRule {
    /// Stable name.
    pub slug: String,
    /// Country whose law it is.
    pub country: Code,
    /// Days; `None` where the council's own rules set them.
    pub days: Option<u32>,
    /// The event from which the days count.
    pub start_event: Option<String>,
    /// How days are counted.
    pub counting: String,
    /// First day of the rule.
    pub valid_from: Option<NaiveDate>,
    /// Last day of the rule.
    pub valid_to: Option<NaiveDate>,
    /// Law it rests on.
    pub legal_basis: String,
    /// What is uncertain about it.
    pub note: Option<String>,
}

/// A rule as the reference file gives it (`data/deadline-rules.json`).
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
    /// Law it rests on.
    pub legal_basis: String,
    /// What is uncertain about it.
    pub note: Option<String>,
}

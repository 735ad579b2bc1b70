//! Dates as precise as the sources are: a year, a month or a day, or only an upper bound.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

vocabulary! { closed,
    /// The precision of a date.
    Precision {
        /// The year.
        Year = "year",
        /// The year and the month.
        Month = "month",
        /// The day.
        Day = "day",
    }
}

/// A partial date. It means the interval of days that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartialDate {
    first: NaiveDate,
    precision: Precision,
    not_after: bool,
}

/// First day of every interval whose beginning is unknown.
pub const BEGINNING: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A text that is not a partial date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD, a day that exists, in the years 0001 to 9999")]
pub struct NotADate(String);

impl PartialDate {
    /// One day.
    pub fn day(day: NaiveDate) -> Self {
        Self { first: day, precision: Precision::Day, not_after: false }
    }

    /// The same date as an upper bound: the event was then or earlier.
    #[must_use]
    pub fn as_upper_bound(self) -> Self {
        Self { not_after: true, ..self }
    }

    /// The precision.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// True if only an upper bound is known.
    pub fn is_upper_bound(self) -> bool {
        self.not_after
    }

    /// First day that it may mean; `None` if only an upper bound is known.
    pub fn earliest(self) -> Option<NaiveDate> {
        (!self.not_after).then_some(self.first)
    }

    /// Last day that it may mean.
    pub fn latest(self) -> NaiveDate {
        let after = match self.precision {
            Precision::Day => return self.first,
            Precision::Month => self.first.checked_add_months(Months::new(1)),
            Precision::Year => self.first.checked_add_months(Months::new(12)),
        };
        after.and_then(|day| day.checked_sub_days(Days::new(1))).unwrap_or(self.first)
    }

    /// The date as written, without its qualifier: `2017-12`.
    pub fn value(self) -> String {
        match self.precision {
            Precision::Year => format!("{:04}", self.first.year()),
            Precision::Month => format!("{:04}-{:02}", self.first.year(), self.first.month()),
            Precision::Day => self.first.format("%Y-%m-%d").to_string(),
        }
    }
}

/// The date in one word: `2017-12`, or `../2007-12-14` (ISO 8601-2) if only an upper bound is known.
impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.not_after { "../" } else { "" }, self.value())
    }
}

impl FromStr for PartialDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let (not_after, value) = text.strip_prefix("../").map_or((false, text), |bound| (true, bound));
        let wrong = || NotADate(text.to_owned());
        let number = |part: &str, digits: usize| {
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten()
        };
        let mut parts = value.split('-');
        let year = parts.next().and_then(|part| number(part, 4)).filter(|year| *year >= 1).ok_or_else(wrong)?;
        let (month, day) = (parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(wrong());
        }
        let whole = |part: Option<&str>| part.map(|part| number(part, 2).ok_or_else(wrong)).transpose();
        let (month, day) = (whole(month)?, whole(day)?);
        let precision = match (month, day) {
            (None, _) => Precision::Year,
            (_, None) => Precision::Month,
            _ => Precision::Day,
        };
        let first = u32::try_from(month.unwrap_or(1))
            .ok()
            .zip(u32::try_from(day.unwrap_or(1)).ok())
            .and_then(|(month, day)| NaiveDate::from_ymd_opt(year, month, day))
            .ok_or_else(wrong)?;
        Ok(Self { first, precision, not_after })
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The certainty that a day lies in a period, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// Certainly outside.
    No,
    /// Possibly inside.
    Maybe,
    /// Certainly inside.
    Yes,
}

impl Within {
    /// Compares a day with the first day of a period: `Yes` if it is that day or later. If the first day is unknown:
    /// `Maybe`.
    pub fn of(first: Option<PartialDate>, day: NaiveDate) -> Self {
        match first {
            Some(first) if first.latest() <= day => Self::Yes,
            Some(first) if first.earliest().is_some_and(|earliest| day < earliest) => Self::No,
            _ => Self::Maybe,
        }
    }

    /// Compares a day with the last day of a period: `Yes` if it is that day or earlier.
    pub fn until(last: PartialDate, day: NaiveDate) -> Self {
        if day > last.latest() {
            Self::No
        } else if last.earliest().is_some_and(|earliest| day <= earliest) {
            Self::Yes
        } else {
            Self::Maybe
        }
    }

    /// The certainty that both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }
}

/// True if a date is certainly after a day.
pub fn is_after(date: Option<PartialDate>, day: NaiveDate) -> bool {
    date.and_then(PartialDate::earliest).is_some_and(|first| first > day)
}

/// The warning on a period that is over according to its status, but certainly begins or ends after a day.
pub(crate) fn future_of(
    status: &str,
    (start, end): (Option<PartialDate>, Option<PartialDate>),
    today: NaiveDate,
) -> Option<(&'static str, String)> {
    let is_later = |date: Option<PartialDate>| date.filter(|date| is_after(Some(*date), today));
    let begins = is_later(start).map(|date| ("startDate", "begins", date));
    let (field, verb, date) = begins.or_else(|| is_later(end).map(|date| ("endDate", "ends", date)))?;
    let message = format!(
        "its status is {status}, but it {verb} on {}, in the future: correct the date or the status",
        date.value()
    );
    Some((field, message))
}

/// True if a period certainly ends before it begins.
pub fn ends_before_start(start: Option<PartialDate>, end: Option<PartialDate>) -> bool {
    matches!((start.and_then(PartialDate::earliest), end), (Some(first), Some(end)) if end.latest() < first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_partial_date_covers_its_interval() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(
            (date("2016-02").earliest(), date("2016-02").latest()),
            (Some(day("2016-02-01")), day("2016-02-29"))
        );
        assert_eq!((date("1995").earliest(), date("1995").latest()), (Some(day("1995-01-01")), day("1995-12-31")));
        assert_eq!((date("../2007-12-14").earliest(), date("../2007-12-14").latest()), (None, day("2007-12-14")));
        assert_eq!(date("9999-12").latest(), day("9999-12-31"));
    }

    #[test]
    fn writing_and_reading_are_inverse() {
        for text in ["1995", "1995-03", "1995-03-06", "../1995", "../1995-03", "0001-01-01"] {
            assert_eq!(date(text).to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "95",
            "1995-3",
            "1995-13",
            "1995-02-30",
            "1995-03-06-01",
            "0000",
            "+1995",
            "1995-03-",
            "2017/12",
            "１９９５",
        ] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_end_may_share_the_unknown_part_of_its_start() {
        assert!(!ends_before_start(Some(date("2014-06")), Some(date("2014"))));
        assert!(!ends_before_start(Some(date("2014")), Some(date("2014-01-01"))));
        assert!(ends_before_start(Some(date("2014-06")), Some(date("2014-05-31"))));
    }
}

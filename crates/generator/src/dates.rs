//! Days as numbers, and dates of a limited precision.

/// The precision of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Precision {
    Year,
    Month,
    #[default]
    Day,
}

impl Precision {
    /// The label in the file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

/// A day and its precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// Days since 1970-01-01.
    pub(super) day: i64,
    pub(super) precision: Precision,
}

impl Date {
    pub(super) fn new(day: i64, precision: Precision) -> Self {
        Self { day, precision }
    }

    /// As in the file: `1995`, `1995-03` or `1995-03-06`.
    pub(super) fn text(self) -> String {
        let (year, month, day) = civil(self.day);
        match self.precision {
            Precision::Year => format!("{year:04}"),
            Precision::Month => format!("{year:04}-{month:02}"),
            Precision::Day => format!("{year:04}-{month:02}-{day:02}"),
        }
    }

    /// The first day of the date.
    pub(super) fn first(self) -> i64 {
        let (year, month, _) = civil(self.day);
        match self.precision {
            Precision::Year => day(year, 1, 1),
            Precision::Month => day(year, month, 1),
            Precision::Day => self.day,
        }
    }
}

/// The year of a day.
pub(super) fn year(day: i64) -> i64 {
    civil(day).0
}

/// Days since 1970-01-01 (the algorithm `days_from_civil` of Howard Hinnant).
pub(super) const fn day(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day (the algorithm `civil_from_days` of Howard Hinnant).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_there_and_back() {
        assert_eq!(day(1970, 1, 1), 0);
        assert_eq!(day(2000, 3, 1), 11_017);
        for days in -10_000..30_000 {
            let (y, m, d) = civil(days);
            assert_eq!(day(y, m, d), days);
            assert!((1..=12).contains(&m) && (1..=31).contains(&d));
        }
    }

    #[test]
    fn texts_are_cut_to_the_precision() {
        let leap = day(2024, 2, 29);
        assert_eq!(Date::new(leap, Precision::Day).text(), "2024-02-29");
        assert_eq!(Date::new(leap, Precision::Month).text(), "2024-02");
        assert_eq!(Date::new(leap, Precision::Year).text(), "2024");
        assert_eq!(Date::new(leap, Precision::Month).first(), day(2024, 2, 1));
    }
}

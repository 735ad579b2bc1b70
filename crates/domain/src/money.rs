//! Money: whole minor units and an ISO 4217 currency, never floating point.

use iso_currency::Currency as Iso;
use serde::{Deserialize, Serialize};

/// Maximum number of digits of an amount before its point: with four decimals it fits into a whole number of 64 bits.
pub(crate) const MAX_WHOLE_DIGITS: usize = 14;

/// An ISO 4217 currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(Iso);

impl Currency {
    /// All currencies, by code.
    pub(crate) fn all() -> Vec<Self> {
        let letters = || 'A'..='Z';
        let codes =
            letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| String::from_iter([a, b, c]))));
        codes.filter_map(|code| Self::from_code(&code)).collect()
    }

    /// A currency with the maximum number of decimals, for reading amounts of unknown currency.
    pub(crate) fn widest() -> Self {
        Self(Iso::CLF)
    }

    /// The currency of a three-letter code.
    pub fn from_code(code: &str) -> Option<Self> {
        Iso::from_code(code).map(Self)
    }

    /// Its three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The number of decimals of an amount.
    pub fn decimals(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// Reads an amount written in major units, such as `"1109520.53"`.
    ///
    /// # Errors
    /// The text is not a number, is negative, has too many decimals or is too large; the message says which.
    pub fn parse(self, text: &str) -> Result<i64, NotAnAmount> {
        let wrong = || NotAnAmount { text: text.to_owned(), decimals: self.decimals(), code: self.code() };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let width = self.decimals() as usize;
        let fits = (1..=MAX_WHOLE_DIGITS).contains(&whole.len()) && fraction.len() <= width;
        if !fits || !plain(whole) || !plain(fraction) || text.ends_with('.') {
            return Err(wrong());
        }
        format!("{whole}{fraction:0<width$}").parse().map_err(|_| wrong())
    }

    /// Writes an amount in major units with all its decimals.
    pub fn format(self, minor: i64) -> String {
        let width = self.decimals() as usize;
        let digits = format!("{:0>1$}", minor.unsigned_abs(), width + 1);
        let (whole, fraction) = digits.split_at(digits.len() - width);
        let sign = if minor < 0 { "-" } else { "" };
        if width == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| serde::de::Error::custom(format!("unknown currency {code}")))
    }
}

/// A text that is not an amount of its currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not an amount in {code}: write digits with a decimal point and at most {decimals} decimals, such as \"1109520.53\""
)]
pub struct NotAnAmount {
    text: String,
    decimals: u32,
    code: &'static str,
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// The amount in minor units, for example cents.
    pub minor: i64,
    /// Its currency.
    pub currency: Currency,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_to_the_cent() {
        let eur = Currency::from_code("EUR").unwrap();
        for (text, minor) in [("1109520.53", 110_952_053), ("0.05", 5), ("23000.00", 2_300_000)] {
            assert_eq!((eur.parse(text), eur.format(minor).as_str()), (Ok(minor), text));
        }
        assert_eq!(eur.parse("7"), Ok(700));
        assert_eq!(eur.parse("7.5"), Ok(750));
        for text in ["", "1.234", "1,5", "1.", ".5", "1e3", "999999999999999", "-1", " 1"] {
            assert!(eur.parse(text).is_err(), "{text}");
        }
        assert_eq!(eur.format(-1230), "-12.30");
        assert_eq!(Currency::widest().parse("99999999999999.9999"), Ok(999_999_999_999_999_999));
        assert!(Currency::all().into_iter().all(|one| one.decimals() <= Currency::widest().decimals()));
        let jpy = Currency::from_code("JPY").unwrap();
        assert_eq!((jpy.parse("120"), jpy.format(120)), (Ok(120), "120".to_owned()));
    }
}

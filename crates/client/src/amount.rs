// SPDX-License-Identifier: Apache-2.0
//! Amounts of the chain's token: typed and shown in `CSO`, counted in its smallest unit.

use std::{fmt, str::FromStr};

/// Name of the token.
pub const SYMBOL: &str = "CSO";
/// Decimals of the token.
pub const DECIMALS: u8 = 12;
/// Smallest units in one CSO.
pub const UNIT: u128 = 10u128.pow(DECIMALS as u32);

/// Digits after the point.
const DIGITS: usize = DECIMALS as usize;

/// An amount of CSO. Shown exactly, without trailing zeros, so that scripts may compare the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub u128);

/// Why a text is not an amount.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum AmountError {
    /// Neither digits nor digits with one point.
    #[error("`{0}` is not an amount; write CSO as a decimal number, like 5 or 0.25")]
    NotANumber(String),
    /// More decimals than the token has.
    #[error("`{0}` has more than 12 decimals; the smallest unit is 0.000000000001 CSO")]
    TooFine(String),
    /// More than the counter holds.
    #[error("`{0}` CSO is more than there can be")]
    TooLarge(String),
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let bare = text.strip_suffix("CSO").unwrap_or(text).trim();
        let not_a_number = || AmountError::NotANumber(text.to_owned());
        let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || bare.ends_with('.') {
            return Err(not_a_number());
        }
        if fraction.len() > DIGITS {
            return Err(AmountError::TooFine(text.to_owned()));
        }
        let too_large = || AmountError::TooLarge(text.to_owned());
        let whole: u128 = whole.parse().map_err(|_| too_large())?;
        let fraction: u128 = format!("{fraction:0<DIGITS$}").parse().map_err(|_| not_a_number())?;
        whole
            .checked_mul(UNIT)
            .and_then(|units| units.checked_add(fraction))
            .map(Amount)
            .ok_or_else(too_large)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / UNIT, self.0 % UNIT);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let fraction = format!("{fraction:0DIGITS$}");
        write!(f, "{whole}.{}", fraction.trim_end_matches('0'))
    }
}

impl serde::Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_and_decimal_amounts() {
        for (text, units) in [
            ("5", 5 * UNIT),
            ("0.25", UNIT / 4),
            ("1.5 CSO", UNIT * 3 / 2),
            ("0.000000000001", 1),
            ("1000000CSO", 1_000_000 * UNIT),
        ] {
            assert_eq!(text.parse(), Ok(Amount(units)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for text in ["", "-1", "1,5", "1e3", ".5", "5.", "1.2.3", "0x10", "five"] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError::NotANumber(text.into())), "{text}");
        }
    }

    #[test]
    fn refuses_more_decimals_than_the_token_has() {
        assert!(matches!("0.0000000000001".parse::<Amount>(), Err(AmountError::TooFine(_))));
    }

    #[test]
    fn refuses_more_than_the_counter_holds() {
        for text in ["340282366920938463463374608", "999999999999999999999999999999999999999999"] {
            assert!(matches!(text.parse::<Amount>(), Err(AmountError::TooLarge(_))), "{text}");
        }
    }

    #[test]
    fn shows_exactly_what_it_reads() {
        for text in ["0", "5", "0.25", "1.000000000001", "123456.789"] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }
    }
}

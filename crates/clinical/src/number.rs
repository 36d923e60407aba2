// SPDX-License-Identifier: Apache-2.0
//! Numbers as people read them.

/// From here on a number is told by its first digits and an exponent: a `1e308` that somebody
/// mistyped would fill a screen.
const LONG: f64 = 1e15;

/// A number in as many digits as tell it.
pub(crate) fn number(number: f64) -> String {
    match number.is_finite() && number.abs() >= LONG {
        true => format!("{number:e}"),
        false => number.to_string(),
    }
}

/// Of more than so many nobody needs the last digit.
const MANY: u64 = 1_000_000;

/// A count; `more than 1000000` beyond that.
pub(crate) fn count(count: u64) -> String {
    match count > MANY {
        true => format!("more than {MANY}"),
        false => count.to_string(),
    }
}

/// How many points a grid of so many steps has; the greatest number there is, if it's more.
pub(crate) fn points(steps: f64) -> u64 {
    (steps.round() as u64).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_told_by_their_exponent() {
        for (value, text) in [
            (0.0, "0"),
            (-2.5, "-2.5"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1e15"),
            (-1e308, "-1e308"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn no_number_of_steps_overflows() {
        for (steps, text) in [
            (70.0, "71"),
            (999_999.0, "1000000"),
            (1_000_000.0, "more than 1000000"),
            (1.8e19, "more than 1000000"),
            (1e300, "more than 1000000"),
            (f64::INFINITY, "more than 1000000"),
        ] {
            assert_eq!(count(points(steps)), text, "{steps}");
        }
    }
}

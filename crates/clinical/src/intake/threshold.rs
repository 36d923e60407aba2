// SPDX-License-Identifier: Apache-2.0
//! Limits that turn a measured quantity into yes or no.

use std::fmt;

use crate::number::number;
use crate::units;

/// Values that differ by less, as a part of the limit, are the limit.
const SAME: f64 = 1e-9;

/// One end of what counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// The end.
    pub value: f64,
    /// Whether the end itself counts.
    pub is_inclusive: bool,
}

/// Limits that turn a measured quantity into yes or no: yes within both, of which at least one is
/// there.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// `at-least` or `above`.
    pub lower: Option<Limit>,
    /// `at-most` or `below`.
    pub upper: Option<Limit>,
    /// The UCUM unit of the limits.
    pub unit: String,
    /// Lowest and highest value that can be, in the same unit: others are asked. Without them only
    /// negative ones are.
    pub limits: Option<[f64; 2]>,
}

/// What is known of a measured value: itself, or only an end beyond which it lies, as with `<5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparator {
    Exact,
    Below,
    AtMost,
    AtLeast,
    Above,
}

impl Comparator {
    /// That of FHIR's quantities.
    pub(crate) fn read(code: &str) -> Option<Self> {
        match code {
            "<" => Some(Self::Below),
            "<=" => Some(Self::AtMost),
            ">=" => Some(Self::AtLeast),
            ">" => Some(Self::Above),
            _ => None,
        }
    }

    /// As it stands before the number.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Exact => "",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lower = self.lower.map(|limit| match limit.is_inclusive {
            true => format!("at least {}", number(limit.value)),
            false => format!("above {}", number(limit.value)),
        });
        let upper = self.upper.map(|limit| match limit.is_inclusive {
            true => format!("at most {}", number(limit.value)),
            false => format!("below {}", number(limit.value)),
        });
        let all: Vec<String> = lower.into_iter().chain(upper).collect();
        f.write_str(&all.join(" and "))
    }
}

impl Threshold {
    /// What a value is that doesn't lie within.
    pub(crate) fn missed(&self) -> String {
        let beyond = |limit: Limit, [on, past]: [&str; 2]| {
            format!("{} {}", if limit.is_inclusive { past } else { on }, number(limit.value))
        };
        match (self.lower, self.upper) {
            (Some(lower), None) => beyond(lower, ["at most", "below"]),
            (None, Some(upper)) => beyond(upper, ["at least", "above"]),
            _ => format!("not {self}"),
        }
    }

    /// Limits as protocol files write them.
    pub(super) fn new(
        [at_least, above, at_most, below]: [Option<f64>; 4],
        unit: String,
        limits: Option<[f64; 2]>,
    ) -> Result<Self, String> {
        let one_of = |inclusive, exclusive, names: &str| match (inclusive, exclusive) {
            (Some(_), Some(_)) => Err(format!("{names} can't stand together: give one")),
            (Some(value), None) => Ok(Some(Limit { value, is_inclusive: true })),
            (None, Some(value)) => Ok(Some(Limit { value, is_inclusive: false })),
            (None, None) => Ok(None),
        };
        let lower = one_of(at_least, above, "`at-least` and `above`")?;
        let upper = one_of(at_most, below, "`at-most` and `below`")?;
        let threshold = Self { lower, upper, unit, limits };
        threshold.check()?;
        Ok(threshold)
    }

    /// The four limits in the order of [`Self::new`].
    pub(super) fn written(&self) -> [Option<f64>; 4] {
        let of = |limit: Option<Limit>, inclusive| {
            limit.filter(|one| one.is_inclusive == inclusive).map(|one| one.value)
        };
        [of(self.lower, true), of(self.lower, false), of(self.upper, true), of(self.upper, false)]
    }

    fn check(&self) -> Result<(), String> {
        let ends: Vec<f64> = self.lower.iter().chain(&self.upper).map(|one| one.value).collect();
        if ends.is_empty() {
            return Err(
                "`unit` needs a limit: `at-least`, `above`, `at-most` or `below`".to_owned()
            );
        }
        if ends.iter().any(|end| !end.is_finite()) {
            return Err("a limit is not a finite number".to_owned());
        }
        if let (Some(lower), Some(upper)) = (self.lower, self.upper) {
            if lower.value >= upper.value {
                return Err(format!("the limits leave nothing: {self}"));
            }
        }
        // Without `limits` a negative value is asked, and so is never within.
        let is_never =
            |upper: Limit| upper.value < 0.0 || upper.value == 0.0 && !upper.is_inclusive;
        if self.limits.is_none() && self.upper.is_some_and(is_never) {
            return Err(format!(
                "no value is {self}: negative ones are asked as long as `limits` don't say what can be"
            ));
        }
        if let Some([low, high]) = self.limits {
            let is_between = ends.iter().all(|end| (low..=high).contains(end));
            if !low.is_finite() || !high.is_finite() || !is_between {
                return Err(format!("the limit ({self}) must lie between the two `limits`"));
            }
        }
        units::check(&self.unit).map_err(|error| error.to_string())
    }

    /// Whether a value lies within; none, if what is known of it doesn't tell.
    pub(crate) fn holds(&self, value: f64, known: Comparator) -> Option<bool> {
        let lower = self.lower.map_or(Some(true), |limit| above(value, known, limit));
        // A limit from above is one from below of the negative value.
        let turned = match known {
            Comparator::Exact => Comparator::Exact,
            Comparator::Below => Comparator::Above,
            Comparator::AtMost => Comparator::AtLeast,
            Comparator::AtLeast => Comparator::AtMost,
            Comparator::Above => Comparator::Below,
        };
        let upper = self.upper.map_or(Some(true), |limit| {
            above(-value, turned, Limit { value: -limit.value, ..limit })
        });
        match (lower, upper) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

/// Whether a value lies above a limit, or on it where that counts.
fn above(value: f64, known: Comparator, limit: Limit) -> Option<bool> {
    let margin = SAME * limit.value.abs();
    let is_on = (value - limit.value).abs() <= margin;
    let is_beyond = value > limit.value && !is_on;
    match known {
        Comparator::Exact => Some(is_beyond || is_on && limit.is_inclusive),
        Comparator::AtLeast => (is_beyond || is_on && limit.is_inclusive).then_some(true),
        Comparator::Above => (is_beyond || is_on).then_some(true),
        // All that it can be lies below.
        Comparator::Below => (!is_beyond).then_some(false),
        Comparator::AtMost => (!(is_beyond || is_on && limit.is_inclusive)).then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Threshold {
        let mut four = [None; 4];
        for part in text.split(' ') {
            let names = ["at-least=", "above=", "at-most=", "below="];
            let at = names.iter().position(|name| part.starts_with(name)).unwrap();
            four[at] = Some(part.strip_prefix(names[at]).unwrap().parse().unwrap());
        }
        Threshold::new(four, "mg/dL".to_owned(), None).unwrap()
    }

    #[test]
    fn limits_are_decided_only_where_it_is_certain() {
        use Comparator::{Above, AtLeast, AtMost, Below, Exact};
        let (yes, no, open) = (Some(true), Some(false), None);
        for (text, value, known, right) in [
            ("at-least=4", 4.0, Exact, yes),
            ("at-least=4", 4.0 - 1e-12, Exact, yes),
            ("at-least=4", 3.99, Exact, no),
            ("at-least=-4", -4.0, Exact, yes),
            ("above=4", 4.0, Exact, no),
            ("above=4", 4.0 + 1e-12, Exact, no),
            ("above=4", 4.01, Exact, yes),
            ("at-most=4", 4.0, Exact, yes),
            ("at-most=4", 4.01, Exact, no),
            ("below=4", 4.0, Exact, no),
            ("below=4", 3.99, Exact, yes),
            ("at-least=4 below=6", 5.0, Exact, yes),
            ("at-least=4 below=6", 6.0, Exact, no),
            ("at-least=4 below=6", 3.0, Exact, no),
            ("below=4", 5.0, Below, open),
            ("below=4", 4.0, Below, yes),
            ("below=4", 4.0, AtMost, open),
            ("at-most=4", 4.0, AtMost, yes),
            ("below=4", 4.0, AtLeast, no),
            ("below=4", 4.0, Above, no),
            ("at-most=4", 4.0, Above, no),
            ("at-most=4", 4.0, AtLeast, open),
            ("below=4", 3.0, Above, open),
            ("at-least=4", 5.0, Below, open),
            ("at-least=4", 4.0, Below, no),
            ("at-least=4", 4.0, AtMost, open),
            ("above=4", 4.0, AtMost, no),
            ("above=4", 4.0, Above, yes),
            ("above=4", 4.0, AtLeast, open),
            ("at-least=4", 4.0, AtLeast, yes),
            ("at-least=4 below=6", 6.0, AtLeast, no),
            ("at-least=4 below=6", 5.0, AtLeast, open),
            ("at-least=4 below=6", 6.0, Below, open),
        ] {
            let sign = known.sign();
            assert_eq!(limits(text).holds(value, known), right, "{text}: {sign}{value}");
        }
    }

    #[test]
    fn limits_that_cannot_be_are_refused() {
        let new = |four, limits| Threshold::new(four, "mg/dL".to_owned(), limits);
        let some = Some::<f64>;
        for (four, limits, words) in [
            ([None; 4], None, "needs a limit"),
            ([some(1.0), some(2.0), None, None], None, "can't stand together"),
            ([None, None, some(1.0), some(2.0)], None, "can't stand together"),
            ([some(2.0), None, some(2.0), None], None, "leave nothing"),
            ([some(f64::NAN), None, None, None], None, "not a finite number"),
            ([some(2.0), None, None, some(9.0)], Some([0.0, 5.0]), "between the two"),
            ([None, None, None, some(0.0)], None, "no value is below 0: negative ones are asked"),
            ([None, None, some(-3.0), None], None, "no value is at most -3"),
        ] {
            let error = new(four, limits).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        // None at all can be 0, and `limits` say that negative values can be.
        assert!(new([None, None, some(0.0), None], None).is_ok());
        assert!(new([None, None, some(-3.0), None], Some([-30.0, 30.0])).is_ok());
    }
}

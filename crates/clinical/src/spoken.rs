// SPDX-License-Identifier: Apache-2.0
//! Numbers and units as people write them, where machines have a decimal point and UCUM.

use crate::intake::{tidy, Feature, Kind, Value};
use crate::phrases::Phrases;

/// Units in UCUM that people write otherwise. All else stands as it is.
const UNITS: [(&str, &str); 14] = [
    ("1", ""),
    ("{score}", ""),
    ("{INR}", ""),
    ("mm[Hg]", "mmHg"),
    ("kg/m2", "kg/m²"),
    ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
    ("10*9/L", "×10⁹/L"),
    ("10*6/L", "×10⁶/L"),
    ("10*12/L", "×10¹²/L"),
    ("umol/L", "µmol/L"),
    ("ug/L", "µg/L"),
    ("ug/mL", "µg/mL"),
    ("Cel", "°C"),
    ("[degF]", "°F"),
];

/// A number with the language's decimal sign.
pub(crate) fn number(value: f64, language: &str) -> String {
    decimal(crate::number::number(tidy(value)), language)
}

/// A number or a unit that stands with a decimal point.
fn decimal(text: String, language: &str) -> String {
    match Phrases::of(language).decimal_sign {
        "." => text,
        sign => text.replace('.', sign),
    }
}

/// A number with its unit, which is UCUM or a word of the protocol's; one of something is singular.
pub(crate) fn quantity(value: f64, unit: &str, language: &str) -> String {
    let phrases = Phrases::of(language);
    let number = number(value, language);
    let (written, is_ucum) = match UNITS.iter().find(|(ucum, _)| *ucum == unit) {
        Some((_, written)) => (*written, true),
        None if unit == "a" => (phrases.years, false),
        None if unit == "d" => (phrases.days, false),
        None => (unit, false),
    };
    let singular = phrases.singular.iter().find(|(several, _)| *several == written);
    match (singular, is_ucum) {
        (Some((_, one)), _) if value == 1.0 => format!("{number} {one}"),
        _ if written.is_empty() => number,
        (_, true) => format!("{number} {}", decimal(written.to_owned(), language)),
        _ => format!("{number} {written}"),
    }
}

impl Feature {
    /// An answer as a person reads it in that language, if we have its words, else in English:
    /// with two decimals, or one more than the protocol tells apart, and units as people write
    /// them. [`Self::show_in`] has it exactly.
    pub fn tell(&self, value: &Value, language: &str) -> String {
        match (value, &self.kind) {
            (Value::Quantity(number), Kind::Quantity(of)) => {
                quantity(rounded(*number, of.step), &of.unit, language)
            }
            _ => self.show_in(value, language),
        }
    }
}

/// With two decimals, or one more than the step has; exactly if that would put it on a step, since
/// limits are steps.
fn rounded(number: f64, step: f64) -> f64 {
    let is_whole = |number: f64| (number - number.round()).abs() < 1e-6;
    let has = |decimals: &i32| {
        let scaled = step * 10_f64.powi(*decimals);
        scaled >= 0.5 && is_whole(scaled)
    };
    let decimals = (1..6).find(has).unwrap_or(6);
    let scale = 10_f64.powi(decimals + 1);
    let rounded = (number * scale).round() / scale;
    match is_whole(rounded / step) && !is_whole(number / step) {
        true => number,
        false => rounded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_units_stand_as_people_write_them() {
        for (value, unit, english, german) in [
            (5.5, "mmol/L", "5.5 mmol/L", "5,5 mmol/L"),
            (120.0, "mm[Hg]", "120 mmHg", "120 mmHg"),
            (69.2, "mL/min/{1.73_m2}", "69.2 mL/min/1.73 m²", "69,2 mL/min/1,73 m²"),
            (1.2, "1", "1.2", "1,2"),
            (1.0, "a", "1 year", "1 Jahr"),
            (3.0, "d", "3 days", "3 Tage"),
            (2.0, "points", "2 points", "2 points"),
            (1.0, "points", "1 point", "1 points"),
            (1.0, "Punkte", "1 Punkte", "1 Punkt"),
            (3.25, "ng/mL", "3.25 ng/mL", "3,25 ng/mL"),
        ] {
            assert_eq!(quantity(value, unit, "en"), english);
            assert_eq!(quantity(value, unit, "de-AT"), german);
        }
    }

    #[test]
    fn rounding_puts_no_answer_on_a_limit() {
        for (number, step, right) in [
            (69.203_167, 1.0, 69.2),
            (81.011_597, 0.5, 81.01),
            (59.96, 15.0, 59.96),
            (59.999, 1.0, 59.999),
            (60.0, 15.0, 60.0),
            (1.2346, 0.01, 1.235),
            (0.123_456, 1e-9, 0.123_456),
        ] {
            assert_eq!(rounded(number, step), right, "{number} in steps of {step}");
        }
    }
}

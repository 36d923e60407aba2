// SPDX-License-Identifier: Apache-2.0
//! Units of measure: UCUM conversion, and mass to amount of substance by analyte.
//!
//! UCUM itself (by `octofhir-ucum`) converts between units of one dimension. Laboratories also
//! report one analyte as mass per volume in one country and as amount per volume in another
//! (glucose in mg/dL or mmol/L); only the analyte's molar mass connects the two, so a feature
//! names its analyte when both occur.

mod analyte;

pub(crate) use analyte::{analytes, molar_mass};

use cso_model_files::shorten;
use thiserror::Error;

/// Why a value can't be brought to the unit a feature wants.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum UnitError {
    /// The text isn't a UCUM unit.
    #[error("unknown unit `{unit}`: write a UCUM unit{}", suggestion(.suggestions))]
    Unknown {
        /// The text that was given.
        unit: String,
        /// UCUM codes that look alike.
        suggestions: Vec<String>,
    },
    /// Both are units, of things that don't convert.
    #[error("unit `{from}` doesn't convert to `{to}`: they measure different things")]
    Incommensurable {
        /// The unit of the value.
        from: String,
        /// The unit of the feature.
        to: String,
    },
    /// Mass and amount of substance, and nobody said of what.
    #[error("unit `{from}` converts to `{to}` only for a known analyte: name it with `analyte`")]
    AnalyteNeeded {
        /// The unit of the value.
        from: String,
        /// The unit of the feature.
        to: String,
    },
    /// The result is no finite number.
    #[error("{value} {from} in {to} is not a finite number")]
    NotFinite {
        /// The value.
        value: f64,
        /// Its unit.
        from: String,
        /// The wanted unit.
        to: String,
    },
}

fn suggestion(codes: &[String]) -> String {
    if codes.is_empty() {
        String::new()
    } else {
        format!(", perhaps {}", codes.join(" or "))
    }
}

/// Spellings of units that laboratories and devices write in the human-readable `unit` field
/// though UCUM spells them otherwise. Codes that claim to be UCUM are never corrected.
const ALIASES: &[(&str, &str)] = &[
    ("%", "%"),
    ("beats/min", "/min"),
    ("beats/minute", "/min"),
    ("bpm", "/min"),
    ("breaths/min", "/min"),
    ("breaths/minute", "/min"),
    ("/minute", "/min"),
    ("C", "Cel"),
    ("Celsius", "Cel"),
    ("CM", "cm"),
    ("deg C", "Cel"),
    ("degC", "Cel"),
    ("deg F", "[degF]"),
    ("degF", "[degF]"),
    ("F", "[degF]"),
    ("Fahrenheit", "[degF]"),
    ("ft", "[ft_i]"),
    ("G/DL", "g/dL"),
    ("in", "[in_i]"),
    ("inch", "[in_i]"),
    ("inches", "[in_i]"),
    ("INR", "{INR}"),
    ("KG", "kg"),
    ("Kg", "kg"),
    ("Kg/m2", "kg/m2"),
    ("kg/m^2", "kg/m2"),
    ("kg/m²", "kg/m2"),
    ("kgs", "kg"),
    ("L/minute", "L/min"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("mEq/L", "meq/L"),
    ("MEQ/L", "meq/L"),
    ("MG/DL", "mg/dL"),
    ("mm Hg", "mm[Hg]"),
    ("mmHg", "mm[Hg]"),
    ("mmhg", "mm[Hg]"),
    ("MMHG", "mm[Hg]"),
    ("MMOL/L", "mmol/L"),
    ("percent", "%"),
    ("points", "{score}"),
    ("ratio", "{ratio}"),
    ("score", "{score}"),
    ("umol/l", "umol/L"),
    ("UMOL/L", "umol/L"),
    ("µmol/L", "umol/L"),
    ("µmol/l", "umol/L"),
    ("μmol/L", "umol/L"),
    ("year", "a"),
    ("years", "a"),
    ("yr", "a"),
    ("°C", "Cel"),
    ("°F", "[degF]"),
];

/// Checks that the text is a UCUM unit.
pub(crate) fn check(unit: &str) -> Result<(), UnitError> {
    if check_only(unit) {
        Ok(())
    } else {
        Err(unknown(unit))
    }
}

fn check_only(unit: &str) -> bool {
    octofhir_ucum::parse_expression(unit)
        .is_ok_and(|parsed| octofhir_ucum::evaluate(&parsed).is_ok())
}

/// The UCUM unit that a human-readable unit stands for: itself when it is UCUM, else a known alias.
pub(crate) fn from_text(text: &str) -> Result<&str, UnitError> {
    let text = text.trim();
    if let Some((_, code)) = ALIASES.iter().find(|(alias, _)| *alias == text) {
        return Ok(code);
    }
    check(text)?;
    Ok(text)
}

/// Converts a value between UCUM units; between mass, amount and equivalents by the analyte's molar
/// mass and charge.
pub(crate) fn convert(
    value: f64,
    from: &str,
    to: &str,
    analyte: Option<&str>,
) -> Result<f64, UnitError> {
    if from == to {
        return Ok(value);
    }
    check(from)?;
    check(to)?;
    let comparable = |a: &str, b: &str| octofhir_ucum::is_comparable(a, b).unwrap_or(false);
    let ucum = |value: f64, from: &str, to: &str| {
        octofhir_ucum::convert(value, from, to).map_err(|_| UnitError::NotFinite {
            value,
            from: from.to_owned(),
            to: to.to_owned(),
        })
    };
    let analyte = analyte.and_then(analyte::find);
    let needed = || UnitError::AnalyteNeeded { from: from.to_owned(), to: to.to_owned() };
    // UCUM takes an equivalent for a mole, which is true of charge 1 only.
    let charge = || analyte.and_then(|analyte| analyte.charge).ok_or_else(needed);
    let a_mole = |unit: &str| if equivalents(unit) { charge() } else { Ok(1.0) };
    let converted = if comparable(from, to) {
        let per_mole =
            if equivalents(from) == equivalents(to) { 1.0 } else { a_mole(to)? / a_mole(from)? };
        ucum(value, from, to)? * per_mole
    } else {
        let to_molar = comparable(from, "g/L") && comparable(to, "mol/L");
        let to_mass = comparable(from, "mol/L") && comparable(to, "g/L");
        if !to_molar && !to_mass {
            return Err(UnitError::Incommensurable { from: from.to_owned(), to: to.to_owned() });
        }
        let mass = analyte.ok_or_else(needed)?.molar_mass;
        if to_molar {
            ucum(ucum(value, from, "g/L")? / mass, "mol/L", to)? * a_mole(to)?
        } else {
            ucum(ucum(value, from, "mol/L")? * mass, "g/L", to)? / a_mole(from)?
        }
    };
    if !converted.is_finite() {
        return Err(UnitError::NotFinite { value, from: from.to_owned(), to: to.to_owned() });
    }
    Ok(converted)
}

/// Whether the unit counts equivalents: `eq` with or without a prefix.
fn equivalents(unit: &str) -> bool {
    unit.split(['/', '.', '(', ')']).any(|atom| atom.ends_with("eq"))
}

fn unknown(unit: &str) -> UnitError {
    // The suggestion engine compares with every unit: only for short input. It speaks in sentences,
    // of which those name a whole unit that say nothing of prefixes.
    let sentences = if unit.len() <= 32 {
        octofhir_ucum::validate(unit).err().map(|error| error.suggestions)
    } else {
        None
    };
    let suggestions = sentences
        .iter()
        .flatten()
        .map(ToString::to_string)
        .filter(|sentence| !sentence.contains("prefixed"))
        .filter_map(|sentence| Some(sentence.split('\'').nth(1)?.to_owned()))
        .filter(|code| check_only(code))
        .take(2)
        .collect();
    UnitError::Unknown { unit: shorten(unit), suggestions }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance, "{a} is not {b}");
    }

    #[test]
    fn converts_within_one_dimension() {
        close(convert(70.0, "[in_i]", "cm", None).unwrap(), 177.8, 1e-9);
        close(convert(180.0, "[lb_av]", "kg", None).unwrap(), 81.6466266, 1e-6);
        close(convert(98.6, "[degF]", "Cel", None).unwrap(), 37.0, 1e-9);
    }

    #[test]
    fn converts_glucose_between_mass_and_amount() {
        close(convert(126.0, "mg/dL", "mmol/L", Some("glucose")).unwrap(), 6.994, 1e-3);
        close(convert(7.0, "mmol/L", "mg/dL", Some("glucose")).unwrap(), 126.11, 1e-2);
    }

    #[test]
    fn converts_urea_nitrogen_to_urea() {
        // 20 mg/dL of urea nitrogen are 7.1 mmol/L of urea (factor 0.357).
        close(convert(20.0, "mg/dL", "mmol/L", Some("urea-nitrogen")).unwrap(), 7.139, 1e-3);
    }

    #[test]
    fn converts_equivalents_by_charge() {
        let convert = |value, from, to, analyte| convert(value, from, to, Some(analyte));
        close(convert(138.0, "meq/L", "mmol/L", "sodium").unwrap(), 138.0, 1e-9);
        close(convert(5.0, "meq/L", "mmol/L", "calcium").unwrap(), 2.5, 1e-9);
        close(convert(2.5, "mmol/L", "meq/L", "calcium").unwrap(), 5.0, 1e-9);
        close(convert(5.0, "meq/L", "mg/dL", "calcium").unwrap(), 10.02, 1e-2);
        close(convert(10.02, "mg/dL", "meq/L", "calcium").unwrap(), 5.0, 1e-3);
        // Glucose has no charge.
        let error = convert(1.0, "meq/L", "mmol/L", "glucose").unwrap_err();
        assert!(matches!(error, UnitError::AnalyteNeeded { .. }));
    }

    #[test]
    fn suggests_units_and_not_sentences() {
        let error = check("Celsius").unwrap_err();
        assert_eq!(error.to_string(), "unknown unit `Celsius`: write a UCUM unit, perhaps Cel");
        let error = check("MG/DL").unwrap_err();
        assert_eq!(error.to_string(), "unknown unit `MG/DL`: write a UCUM unit");
    }

    #[test]
    fn every_alias_stands_for_a_unit() {
        for (alias, code) in ALIASES {
            assert!(check_only(code), "{alias}");
        }
    }

    #[test]
    fn refuses_unknown_units_with_a_suggestion() {
        let error = convert(1.0, "mgg/dL", "mg/dL", None).unwrap_err();
        assert!(matches!(&error, UnitError::Unknown { unit, .. } if unit == "mgg/dL"), "{error}");
    }

    #[test]
    fn refuses_different_dimensions() {
        let error = convert(1.0, "kg", "m", None).unwrap_err();
        assert_eq!(error, UnitError::Incommensurable { from: "kg".into(), to: "m".into() });
    }

    #[test]
    fn refuses_mass_to_amount_of_nobody_knows_what() {
        let error = convert(1.0, "mg/dL", "mmol/L", None).unwrap_err();
        assert!(matches!(error, UnitError::AnalyteNeeded { .. }));
    }

    #[test]
    fn reads_everyday_spellings_of_the_unit_text() {
        assert_eq!(from_text("mmHg").unwrap(), "mm[Hg]");
        assert_eq!(from_text("mg/dL").unwrap(), "mg/dL");
        assert!(from_text("spoons").is_err());
    }
}

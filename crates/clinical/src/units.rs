// SPDX-License-Identifier: Apache-2.0
//! Units of measure: UCUM conversion, and mass to amount of substance by analyte.
//!
//! UCUM itself (by `octofhir-ucum`) converts between units of one dimension. Laboratories also
//! report one analyte as mass per volume in one country and as amount per volume in another
//! (glucose in mg/dL or mmol/L); only the analyte's molar mass connects the two, so a feature
//! names its analyte when both occur.

use thiserror::Error;

/// Why a value can't be brought to the unit a feature wants.
#[derive(Clone, Debug, Error, PartialEq)]
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

/// Analytes with a molar mass in g/mol, for mass-to-molar conversion.
///
/// Masses are computed from IUPAC standard atomic weights (2021 table, abridged values) of the formula in the
/// comment. `urea-nitrogen` counts the two nitrogen atoms of a urea molecule, so that urea
/// nitrogen (BUN) in mg/dL becomes urea in mmol/L.
const ANALYTES: &[(&str, f64)] = &[
    ("bilirubin", 584.673),     // C33 H36 N4 O6
    ("calcium", 40.078),        // Ca
    ("cholesterol", 386.664),   // C27 H46 O
    ("creatinine", 113.120),    // C4 H7 N3 O
    ("glucose", 180.156),       // C6 H12 O6
    ("triglycerides", 885.453), // C57 H104 O6, triolein by convention
    ("urea", 60.056),           // C H4 N2 O
    ("urea-nitrogen", 28.014),  // N2
    ("uric-acid", 168.112),     // C5 H4 N4 O3
];

/// Spellings of units that laboratories and devices write in the human-readable `unit` field
/// though UCUM spells them otherwise. Codes that claim to be UCUM are never corrected.
const ALIASES: &[(&str, &str)] = &[
    ("%", "%"),
    ("beats/min", "/min"),
    ("bpm", "/min"),
    ("breaths/min", "/min"),
    ("C", "Cel"),
    ("F", "[degF]"),
    ("ft", "[ft_i]"),
    ("in", "[in_i]"),
    ("inch", "[in_i]"),
    ("inches", "[in_i]"),
    ("kg/m^2", "kg/m2"),
    ("kg/m²", "kg/m2"),
    ("kgs", "kg"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("mmHg", "mm[Hg]"),
    ("mmhg", "mm[Hg]"),
    ("umol/l", "umol/L"),
    ("µmol/L", "umol/L"),
    ("µmol/l", "umol/L"),
    ("μmol/L", "umol/L"),
    ("year", "a"),
    ("years", "a"),
    ("yr", "a"),
    ("°C", "Cel"),
    ("°F", "[degF]"),
];

/// The molar mass of an analyte in g/mol.
pub fn molar_mass(analyte: &str) -> Option<f64> {
    ANALYTES
        .iter()
        .find(|(name, _)| *name == analyte)
        .map(|(_, mass)| *mass)
}

/// The names of all analytes that have a molar mass.
pub fn analytes() -> impl Iterator<Item = &'static str> {
    ANALYTES.iter().map(|(name, _)| *name)
}

/// Checks that the text is a UCUM unit.
pub fn check(unit: &str) -> Result<(), UnitError> {
    let valid = octofhir_ucum::parse_expression(unit)
        .is_ok_and(|parsed| octofhir_ucum::evaluate(&parsed).is_ok());
    if valid {
        Ok(())
    } else {
        Err(unknown(unit))
    }
}

/// The UCUM unit that a human-readable unit stands for: itself when it is UCUM, else a known alias.
pub fn from_text(text: &str) -> Result<&str, UnitError> {
    let text = text.trim();
    if let Some((_, code)) = ALIASES.iter().find(|(alias, _)| *alias == text) {
        return Ok(code);
    }
    check(text)?;
    Ok(text)
}

/// Converts a value between UCUM units, with the analyte's molar mass where mass meets amount.
pub fn convert(value: f64, from: &str, to: &str, analyte: Option<&str>) -> Result<f64, UnitError> {
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
    let converted = if comparable(from, to) {
        ucum(value, from, to)?
    } else {
        let to_molar = comparable(from, "g/L") && comparable(to, "mol/L");
        let to_mass = comparable(from, "mol/L") && comparable(to, "g/L");
        if !to_molar && !to_mass {
            return Err(UnitError::Incommensurable {
                from: from.to_owned(),
                to: to.to_owned(),
            });
        }
        let mass = analyte
            .and_then(molar_mass)
            .ok_or_else(|| UnitError::AnalyteNeeded {
                from: from.to_owned(),
                to: to.to_owned(),
            })?;
        if to_molar {
            ucum(ucum(value, from, "g/L")? / mass, "mol/L", to)?
        } else {
            ucum(ucum(value, from, "mol/L")? * mass, "g/L", to)?
        }
    };
    if !converted.is_finite() {
        return Err(UnitError::NotFinite {
            value,
            from: from.to_owned(),
            to: to.to_owned(),
        });
    }
    Ok(converted)
}

fn unknown(unit: &str) -> UnitError {
    // The suggestion engine compares with every unit: only for short input.
    let suggestions = if unit.len() <= 32 {
        octofhir_ucum::validate(unit)
            .err()
            .map(|error| {
                error
                    .suggestions
                    .iter()
                    .take(2)
                    .map(|s| s.to_string())
                    .collect()
            })
            .unwrap_or_default()
    } else {
        Vec::new()
    };
    UnitError::Unknown {
        unit: shorten(unit),
        suggestions,
    }
}

/// At most 40 characters of foreign text, for an error message.
pub(crate) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
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
        close(
            convert(180.0, "[lb_av]", "kg", None).unwrap(),
            81.6466266,
            1e-6,
        );
        close(convert(98.6, "[degF]", "Cel", None).unwrap(), 37.0, 1e-9);
    }

    #[test]
    fn converts_glucose_between_mass_and_amount() {
        close(
            convert(126.0, "mg/dL", "mmol/L", Some("glucose")).unwrap(),
            6.994,
            1e-3,
        );
        close(
            convert(7.0, "mmol/L", "mg/dL", Some("glucose")).unwrap(),
            126.11,
            1e-2,
        );
    }

    #[test]
    fn converts_urea_nitrogen_to_urea() {
        // 20 mg/dL of urea nitrogen are 7.1 mmol/L of urea (factor 0.357).
        close(
            convert(20.0, "mg/dL", "mmol/L", Some("urea-nitrogen")).unwrap(),
            7.139,
            1e-3,
        );
    }

    #[test]
    fn refuses_unknown_units_with_a_suggestion() {
        let error = convert(1.0, "mgg/dL", "mg/dL", None).unwrap_err();
        assert!(
            matches!(&error, UnitError::Unknown { unit, .. } if unit == "mgg/dL"),
            "{error}"
        );
    }

    #[test]
    fn refuses_different_dimensions() {
        let error = convert(1.0, "kg", "m", None).unwrap_err();
        assert_eq!(
            error,
            UnitError::Incommensurable {
                from: "kg".into(),
                to: "m".into()
            }
        );
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

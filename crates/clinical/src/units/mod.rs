// SPDX-License-Identifier: Apache-2.0
//! Units of measure: UCUM conversion, and mass to amount of substance by analyte.
//!
//! UCUM itself (by `octofhir-ucum`) converts between units of one dimension. Laboratories also
//! report one analyte as mass per volume in one country and as amount per volume in another
//! (glucose in mg/dL or mmol/L); only the analyte's molar mass connects the two, so a feature
//! names its analyte when both occur.
//!
//! People and devices spell units in many ways that UCUM doesn't know: [`spelling`] reads those
//! that are certain, [`hint`] says of the others what may be meant.

mod analyte;
mod hint;
mod spelling;

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
    #[error("unit `{from}` doesn't convert to `{to}`: they measure different things{}", suggestion(.suggestions))]
    Incommensurable {
        /// The unit of the value.
        from: String,
        /// The unit of the feature.
        to: String,
        /// UCUM codes of what people mean by the unit, if that converts.
        suggestions: Vec<String>,
    },
    /// Mass and amount of substance, and nobody said of what.
    #[error("unit `{from}` converts to `{to}` only for a known analyte: name it with `analyte`")]
    AnalyteNeeded {
        /// The unit of the value.
        from: String,
        /// The unit of the feature.
        to: String,
    },
    /// `10³/µL` whose exponent lost its height.
    #[error("unit `{unit}` may mean {meant}, whose exponent was lost: write {meant} if it does")]
    LostExponent {
        /// The text that was given.
        unit: String,
        /// What may be meant.
        meant: String,
    },
    /// Urea and urea nitrogen are reported in the same unit of mass, and differ by half.
    #[error("{value} {from} may be meant as urea or as urea nitrogen: give {to}")]
    UreaOrNitrogen {
        /// The value.
        value: f64,
        /// Its unit.
        from: String,
        /// The wanted unit.
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

/// Checks that the text is a UCUM unit.
pub(crate) fn check(unit: &str) -> Result<(), UnitError> {
    if check_only(unit) {
        Ok(())
    } else {
        Err(unknown(unit, None))
    }
}

fn check_only(unit: &str) -> bool {
    octofhir_ucum::parse_expression(unit)
        .is_ok_and(|parsed| octofhir_ucum::evaluate(&parsed).is_ok())
}

/// Longest text that is read as a unit.
const MAX_UNIT: usize = 64;

/// The UCUM unit that a text written for people stands for, where a value in `wanted` is needed:
/// itself if it is UCUM that converts, else what people mean by it.
pub(crate) fn from_text(text: &str, wanted: &str) -> Result<String, UnitError> {
    read(text, wanted, |plain| check_only(plain) && connect(plain, wanted))
}

/// The UCUM unit of a code that is said to be UCUM. It stands for what UCUM says; only what UCUM
/// doesn't know is read as people mean it.
pub(crate) fn from_code(code: &str, wanted: &str) -> Result<String, UnitError> {
    read(code, wanted, check_only)
}

/// Whether a text certainly names a unit, of whatever dimension: not a plain number, and not a
/// thing that is counted alone.
pub(crate) fn is_unit(text: &str) -> bool {
    if text.len() > MAX_UNIT {
        return false;
    }
    let plain = spelling::plain(text);
    if spelling::lost_exponent(&plain).is_some() {
        return false;
    }
    let names_one =
        plain.contains(|c: char| c.is_alphabetic() || c == '%') && !plain.starts_with('{');
    // `mg/24h`: UCUM writes numbers otherwise.
    let parts = plain.split('/').map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
    let bare = parts.collect::<Vec<_>>().join("/");
    let is_read = |text: &str| check_only(text) || spelling::meant(text).is_some();
    names_one && (is_read(&plain) || is_read(&bare))
}

fn read(text: &str, wanted: &str, as_it_is: impl Fn(&str) -> bool) -> Result<String, UnitError> {
    if text.len() > MAX_UNIT {
        return Err(unknown(text, Some(wanted)));
    }
    let mut plain = spelling::plain(text);
    // UCUM writes a number without a unit so.
    if matches!(plain.as_str(), "10*0" | "10^0") {
        "1".clone_into(&mut plain);
    }
    // UCUM reads it as the number 103.
    if let Some(meant) = spelling::lost_exponent(&plain) {
        return Err(UnitError::LostExponent { unit: shorten(text), meant });
    }
    let of_kind = spelling::of_kind(&plain, wanted).filter(|code| connect(code, wanted));
    // An international unit of an enzyme is its unit; UCUM takes them for different things.
    if let (Some(code), true) = (&of_kind, plain.starts_with("[i") || plain.starts_with("[I")) {
        return Ok(code.clone());
    }
    if as_it_is(&plain) {
        return Ok(plain);
    }
    if let Some(code) = of_kind {
        return Ok(code);
    }
    match spelling::meant(&plain) {
        Some(code) if connect(&code, wanted) => Ok(code),
        _ if check_only(&plain) => Err(incommensurable(&plain, wanted)),
        _ => Err(unknown(text, Some(wanted))),
    }
}

/// Whether two UCUM units are of one dimension.
fn comparable(one: &str, other: &str) -> bool {
    octofhir_ucum::is_comparable(one, other).unwrap_or(false)
}

/// Whether a value in one unit can be brought to the other, by an analyte if need be.
fn connect(from: &str, to: &str) -> bool {
    // UCUM takes whatever has no dimension for the same: a percentage is no count and no score.
    let counts = |unit: &str| unit == "1" || unit.starts_with('{');
    if counts(to) && !counts(from) {
        return false;
    }
    // For UCUM a mole is a number too.
    if comparable(from, to) && amount(from) != amount(to) {
        return false;
    }
    let across = |from, to| comparable(from, "g/L") && comparable(to, "mol/L");
    let ratios = |from, to| by_amount(from) && by_mass(to);
    comparable(from, to)
        || across(from, to)
        || across(to, from)
        || ratios(from, to)
        || ratios(to, from)
}

/// The two sides of a ratio of a mass to something, without what is said in braces
/// (`mg/g{creat}`).
fn mass_to(unit: &str) -> Option<(&str, &str)> {
    let plain = |part: &'_ str| part.split('{').next().map(str::len);
    let (mass, to) = unit.split_once('/')?;
    let (mass, to) = (&mass[..plain(mass)?], &to[..plain(to)?]);
    (comparable(mass, "g") && !amount(mass)).then_some((mass, to))
}

/// Whether a unit is that of a mass to an amount of substance: `mg/mmol`.
fn by_amount(unit: &str) -> bool {
    mass_to(unit).is_some_and(|(_, to)| comparable(to, "mol") && amount(to) && !equivalents(to))
}

/// Whether a unit is that of a mass to a mass: `mg/g`.
fn by_mass(unit: &str) -> bool {
    mass_to(unit).is_some_and(|(_, to)| comparable(to, "g") && !amount(to))
}

/// Converts a value between UCUM units; between mass, amount and equivalents by the analyte's molar
/// mass and charge. Of a ratio the analyte is what something is measured against: an albumin by
/// creatinine in mg/mmol is one in mg/g by the molar mass of creatinine.
pub(crate) fn convert(
    value: f64,
    from: &str,
    to: &str,
    analyte: Option<&str>,
) -> Result<f64, UnitError> {
    if from == to {
        return Ok(value);
    }
    if !check_only(from) {
        return Err(unknown(from, Some(to)));
    }
    check(to)?;
    if !connect(from, to) {
        return Err(incommensurable(from, to));
    }
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
        let mass = analyte.ok_or_else(needed)?.molar_mass;
        if by_amount(from) {
            ucum(ucum(value, from, "g/mol")? / mass, "g/g", to)?
        } else if by_amount(to) {
            ucum(ucum(value, from, "g/g")? * mass, "g/mol", to)?
        } else if comparable(from, "g/L") {
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
    atoms(unit).any(|atom| atom.ends_with("eq"))
}

/// Whether the unit is one of amount of substance.
fn amount(unit: &str) -> bool {
    equivalents(unit) || atoms(unit).any(|atom| atom.ends_with("mol"))
}

fn atoms(unit: &str) -> impl Iterator<Item = &str> {
    unit.split(['/', '.', '(', ')'])
}

/// Converts a value that a person gave without saying of what. Nobody can tell urea from urea
/// nitrogen by its unit.
pub(crate) fn convert_typed(
    value: f64,
    from: &str,
    to: &str,
    analyte: Option<&str>,
) -> Result<f64, UnitError> {
    let is_urea = analyte.is_some_and(|analyte| analyte.starts_with("urea"));
    match convert(value, from, to, None) {
        Err(UnitError::AnalyteNeeded { from, to }) if is_urea => {
            Err(UnitError::UreaOrNitrogen { value, from, to })
        }
        _ => convert(value, from, to, analyte),
    }
}

fn unknown(unit: &str, wanted: Option<&str>) -> UnitError {
    UnitError::Unknown { unit: shorten(unit), suggestions: hint::unknown(unit, wanted) }
}

fn incommensurable(from: &str, to: &str) -> UnitError {
    let (from, to, suggestions) = (shorten(from), shorten(to), hint::meant(from, to));
    UnitError::Incommensurable { from, to, suggestions }
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

    /// Of a ratio the analyte is what stands below. 1 mg/mmol of creatinine is 8.84 mg/g.
    #[test]
    fn converts_ratios_by_what_they_are_measured_against() {
        let convert = |value, from, to| convert(value, from, to, Some("creatinine"));
        close(convert(1.0, "mg/mmol", "mg/g").unwrap(), 8.840, 1e-3);
        close(convert(3.0, "g/mol", "ug/mg").unwrap(), 26.52, 1e-2);
        close(convert(30.0, "mg/mmol{creat}", "mg/g").unwrap(), 265.2, 1e-1);
        close(convert(300.0, "mg/g{creat}", "mg/mmol").unwrap(), 33.94, 1e-2);
        close(convert(30.0, "ug/mg{creat}", "mg/g").unwrap(), 30.0, 1e-9);
        let error = super::convert(1.0, "mg/mmol", "mg/g", None).unwrap_err();
        assert!(matches!(error, UnitError::AnalyteNeeded { .. }), "{error}");
        // Neither a concentration nor a ratio of amounts is one of masses, nor is a mass.
        for (from, to) in [
            ("mg/L", "mg/g"),
            ("mmol/mol", "mg/g"),
            ("mg/mmol", "mg/L"),
            ("mg/mmol", "g"),
            ("mmol/mmol", "mg/mmol"),
            ("mg/meq", "mg/g"),
        ] {
            let error = convert(1.0, from, to).unwrap_err();
            assert!(matches!(error, UnitError::Incommensurable { .. }), "{from} {to}: {error}");
        }
    }

    #[test]
    fn suggests_units_and_not_sentences() {
        let error = check("Celsius").unwrap_err();
        assert_eq!(error.to_string(), "unknown unit `Celsius`: write a UCUM unit, perhaps Cel");
        let error = check("MG/DL").unwrap_err();
        assert_eq!(error.to_string(), "unknown unit `MG/DL`: write a UCUM unit, perhaps mg/dL");
    }

    #[test]
    fn refuses_unknown_units_with_a_suggestion() {
        let error = convert(1.0, "mgg/dL", "mg/dL", None).unwrap_err();
        assert!(matches!(&error, UnitError::Unknown { unit, .. } if unit == "mgg/dL"), "{error}");
    }

    #[test]
    fn refuses_different_dimensions() {
        let error = convert(1.0, "kg", "m", None).unwrap_err();
        let (from, to) = ("kg".into(), "m".into());
        assert_eq!(error, UnitError::Incommensurable { from, to, suggestions: Vec::new() });
        // A percentage of normal is no ratio to normal.
        let error = convert(70.0, "%", "{INR}", None).unwrap_err();
        assert!(matches!(error, UnitError::Incommensurable { .. }), "{error}");
        // HbA1c of 53 mmol/mol is 7 % by its own formula, and not 5.3 %.
        let error = convert(53.0, "mmol/mol", "%", None).unwrap_err();
        assert!(matches!(error, UnitError::Incommensurable { .. }), "{error}");
    }

    #[test]
    fn refuses_mass_to_amount_of_nobody_knows_what() {
        let error = convert(1.0, "mg/dL", "mmol/L", None).unwrap_err();
        assert!(matches!(error, UnitError::AnalyteNeeded { .. }));
    }
}

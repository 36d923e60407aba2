// SPDX-License-Identifier: Apache-2.0
//! Analytes: what connects units of mass, amount of substance and equivalents.

/// A substance that laboratories measure.
pub(super) struct Analyte {
    name: &'static str,
    /// In g/mol.
    pub molar_mass: f64,
    /// Equivalents a mole: the charge of an ion in blood, or none for what isn't counted so.
    pub charge: Option<f64>,
}

const fn analyte(name: &'static str, molar_mass: f64) -> Analyte {
    Analyte { name, molar_mass, charge: None }
}

const fn ion(name: &'static str, molar_mass: f64, charge: f64) -> Analyte {
    Analyte { name, molar_mass, charge: Some(charge) }
}

/// Masses are computed from IUPAC standard atomic weights (2021 table, abridged values) of the
/// formula in the comment. `urea-nitrogen` counts the two nitrogen atoms of a urea molecule, so
/// that urea nitrogen (BUN) in mg/dL becomes urea in mmol/L.
const ANALYTES: &[Analyte] = &[
    analyte("bilirubin", 584.673),     // C33 H36 N4 O6
    ion("calcium", 40.078, 2.0),       // Ca
    ion("chloride", 35.45, 1.0),       // Cl
    analyte("cholesterol", 386.664),   // C27 H46 O
    analyte("creatinine", 113.120),    // C4 H7 N3 O
    analyte("glucose", 180.156),       // C6 H12 O6
    ion("magnesium", 24.305, 2.0),     // Mg
    ion("potassium", 39.098, 1.0),     // K
    ion("sodium", 22.990, 1.0),        // Na
    analyte("triglycerides", 885.453), // C57 H104 O6, triolein by convention
    analyte("urea", 60.056),           // C H4 N2 O
    analyte("urea-nitrogen", 28.014),  // N2
    analyte("uric-acid", 168.112),     // C5 H4 N4 O3
];

pub(super) fn find(name: &str) -> Option<&'static Analyte> {
    ANALYTES.iter().find(|analyte| analyte.name == name)
}

/// The molar mass of an analyte in g/mol.
pub(crate) fn molar_mass(analyte: &str) -> Option<f64> {
    find(analyte).map(|analyte| analyte.molar_mass)
}

/// The names of all analytes.
pub(crate) fn analytes() -> impl Iterator<Item = &'static str> {
    ANALYTES.iter().map(|analyte| analyte.name)
}

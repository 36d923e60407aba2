// SPDX-License-Identifier: Apache-2.0
//! What a model file tells people of its columns: labels, units, and codes by which a record's
//! answers are found.

use cso_model_files::{shorten, Said};

use super::DraftError;
use crate::intake::{CodeLists, CodeSet, Feature, Kind, MedicationQuery, ObservationQuery, Source};

/// Gives a feature what the file tells of its column.
pub(super) fn tell(said: &Said, feature: &mut Feature) -> Result<(), DraftError> {
    // The column of a table is found by id or label: a name that is no id stays the label.
    if let Some(label) = said.label.as_ref().filter(|_| *feature.label == *feature.id) {
        feature.label = label.as_str().into();
    }
    if let (Kind::Quantity(quantity), Some(unit)) = (&mut feature.kind, &said.unit) {
        quantity.unit.clone_from(unit);
    }
    let (mut lists, mut medicines) = (CodeLists::default(), CodeLists::default());
    for (system, code) in &said.codes {
        let system = system.trim_end_matches('/').to_lowercase();
        let list = match system.rsplit('/').next().unwrap_or_default() {
            "loinc" | "loinc.org" => &mut lists.loinc,
            "snomed" | "sct" => &mut lists.snomed,
            "icd10" | "icd-10" | "icd-10-cm" | "icd-10-gm" => &mut lists.icd10,
            "icd9" | "icd-9-cm" => &mut lists.icd9,
            "rxnorm" => &mut medicines.rxnorm,
            "atc" | "www.whocc.no" => &mut medicines.atc,
            _ => {
                return Err(DraftError::Column {
                    feature: shorten(&feature.id),
                    problem: format!(
                        "the code system `{}` is unknown: use loinc, snomed, icd10, icd9, rxnorm or atc",
                        shorten(&system)
                    ),
                })
            }
        };
        list.push(code.clone());
    }
    let set = |lists: CodeLists| CodeSet::new(lists, &[]);
    let has_codes = !said.codes.is_empty();
    let has_medicines = !medicines.rxnorm.is_empty() || !medicines.atc.is_empty();
    match &feature.kind {
        Kind::Flag if has_medicines => {
            let codes = set(medicines);
            feature.sources.push(Source::Medication(MedicationQuery { codes, past: false }));
        }
        Kind::Flag if has_codes => {
            feature.sources.push(Source::Condition { codes: set(lists), past: false });
        }
        Kind::Quantity(_) if has_codes => {
            let query = ObservationQuery { codes: set(lists), ..ObservationQuery::default() };
            feature.sources.push(Source::Observation(query));
        }
        _ => {}
    }
    Ok(())
}

// SPDX-License-Identifier: Apache-2.0
//! Codes by code system: as they are written, and sorted, to be found.

use cso_model_files::shorten;
use serde::{Deserialize, Serialize};

use super::code_system::CodeSystem;

/// Codes by code system, as they are written.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct CodeLists {
    /// SNOMED CT concept ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snomed: Vec<String>,
    /// ICD-10 codes (WHO, CM or GM) and all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icd10: Vec<String>,
    /// LOINC codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loinc: Vec<String>,
    /// RxNorm concept ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rxnorm: Vec<String>,
    /// ATC codes and all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub atc: Vec<String>,
    /// ICD-9-CM codes of diagnoses and all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icd9: Vec<String>,
    /// Read codes version 2, with their dots: five characters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readv2: Vec<String>,
    /// Clinical Terms version 3, with their dots: five characters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ctv3: Vec<String>,
    /// Ids of the NHS dictionary of medicines and devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dmd: Vec<String>,
}

impl CodeLists {
    /// The codes of one system.
    pub fn of(&self, system: CodeSystem) -> &[String] {
        match system {
            CodeSystem::Snomed => &self.snomed,
            CodeSystem::Icd10 => &self.icd10,
            CodeSystem::Loinc => &self.loinc,
            CodeSystem::RxNorm => &self.rxnorm,
            CodeSystem::Atc => &self.atc,
            CodeSystem::Icd9 => &self.icd9,
            CodeSystem::ReadV2 => &self.readv2,
            CodeSystem::Ctv3 => &self.ctv3,
            CodeSystem::Dmd => &self.dmd,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        CodeSystem::ALL.into_iter().all(|system| self.of(system).is_empty())
    }

    /// Refuses what isn't a code of its system.
    pub(super) fn check(&self) -> Result<(), String> {
        for system in CodeSystem::ALL {
            let codes = self.of(system);
            if let Some(code) = codes.iter().find(|code| !system.is_well_formed(code)) {
                return Err(format!("`{}` is not a code of {}", shorten(code), system.name()));
            }
        }
        Ok(())
    }
}

/// Codes in the form in which they are compared, sorted, by system.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Index([Vec<Box<str>>; CodeSystem::ALL.len()]);

impl Index {
    pub(super) fn of(lists: &CodeLists) -> Self {
        Self(CodeSystem::ALL.map(|system| {
            let codes = lists.of(system).iter();
            sorted(codes.map(|code| system.comparable(code).into_boxed_str()).collect())
        }))
    }

    /// All codes of several.
    pub(super) fn union(all: &[&Self]) -> Self {
        Self(
            CodeSystem::ALL.map(|system| {
                sorted(all.iter().flat_map(|one| one.codes(system)).cloned().collect())
            }),
        )
    }

    pub(super) fn codes(&self, system: CodeSystem) -> &[Box<str>] {
        // The order of `ALL` is that of the variants.
        &self.0[system as usize]
    }

    pub(super) fn has(&self, system: CodeSystem, code: &str) -> bool {
        self.codes(system).binary_search_by(|one| (**one).cmp(code)).is_ok()
    }

    pub(super) fn has_below(&self, system: CodeSystem, code: &str) -> bool {
        let codes = self.codes(system);
        let first = codes.partition_point(|one| &**one < code);
        codes.get(first).is_some_and(|one| one.starts_with(code))
    }
}

fn sorted(mut codes: Vec<Box<str>>) -> Vec<Box<str>> {
    codes.sort_unstable();
    codes.dedup();
    codes
}

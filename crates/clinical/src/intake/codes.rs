// SPDX-License-Identifier: Apache-2.0
//! Sets of codes: what a source names, and whether a code is one of them.

use serde::{Deserialize, Serialize};

use super::code_lists::{CodeLists, Index};
use super::code_system::CodeSystem;
use super::value_set::{self, ValueSet};

/// A value set that a source names.
#[derive(Clone, Debug)]
struct Named {
    /// `name|version`; what is written, where the program has no such set.
    reference: String,
    set: Option<&'static ValueSet>,
    /// Whether it was written with its version.
    is_versioned: bool,
}

impl Named {
    fn read(text: &str) -> Self {
        let set = value_set::find(text);
        let reference = set.map_or_else(|| text.to_owned(), ValueSet::reference);
        let is_versioned = text.split_once('|').is_some_and(|(id, version)| {
            !id.is_empty() && !version.is_empty() && !version.contains('|')
        });
        Self { reference, set, is_versioned }
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.reference == other.reference
    }
}

/// Codes of one clinical idea in the code systems that records use: its own lists, and all of the
/// value sets that it names.
///
/// ICD-10, ICD-9-CM and ATC are trees spelled into the code, so `I50` also matches `I50.9` and
/// `C09` also matches `C09AA05`. The codes of all other systems match exactly. Looking one up takes
/// the logarithm of their number.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(from = "CodesText", into = "CodesText")]
pub struct CodeSet {
    lists: CodeLists,
    own: Index,
    value_sets: Vec<Named>,
    /// The systems whose codes are taken of value sets; all, if there are none.
    takes: &'static [CodeSystem],
}

/// The systems by which an option is found: those of conditions and of what observations and
/// questionnaires answer.
const OF_OPTIONS: &[CodeSystem] = &[
    CodeSystem::Snomed,
    CodeSystem::Icd10,
    CodeSystem::Loinc,
    CodeSystem::Icd9,
    CodeSystem::ReadV2,
    CodeSystem::Ctv3,
];

/// How the codes of an option are written: with its lists and the value sets.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct CodesText {
    #[serde(rename = "value-sets", skip_serializing_if = "Vec::is_empty")]
    value_sets: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    snomed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    icd10: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    loinc: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rxnorm: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    atc: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    icd9: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    readv2: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ctv3: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dmd: Vec<String>,
}

impl From<CodesText> for CodeSet {
    fn from(text: CodesText) -> Self {
        let CodesText { value_sets, snomed, icd10, loinc, rxnorm, atc, icd9, readv2, ctv3, dmd } =
            text;
        let lists = CodeLists { snomed, icd10, loinc, rxnorm, atc, icd9, readv2, ctv3, dmd };
        Self::new(lists, &value_sets)
    }
}

impl From<CodeSet> for CodesText {
    fn from(codes: CodeSet) -> Self {
        let value_sets = codes.value_sets().map(str::to_owned).collect();
        let CodeLists { snomed, icd10, loinc, rxnorm, atc, icd9, readv2, ctv3, dmd } = codes.lists;
        Self { value_sets, snomed, icd10, loinc, rxnorm, atc, icd9, readv2, ctv3, dmd }
    }
}

impl CodeSet {
    /// Codes of these lists and of the value sets `name` or `name|version`. Those that this program
    /// doesn't have are kept as they are written, see [`Self::unknown_value_sets`].
    pub fn new(lists: CodeLists, value_sets: &[String]) -> Self {
        let value_sets = value_sets.iter().map(|text| Named::read(text)).collect();
        Self { own: Index::of(&lists), lists, value_sets, takes: &[] }
    }

    /// The same, which takes only codes of these systems of its value sets.
    pub(super) fn taking(self, takes: &'static [CodeSystem]) -> Self {
        Self { takes, ..self }
    }

    /// All codes of several sets.
    pub(crate) fn union<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut all, mut own) = (Self::default(), Vec::new());
        for set in sets {
            own.push(&set.own);
            for one in &set.value_sets {
                if !all.value_sets.contains(one) {
                    all.value_sets.push(one.clone());
                }
            }
        }
        all.own = Index::union(&own);
        all
    }

    /// The lists as they are written, without the value sets.
    pub fn lists(&self) -> &CodeLists {
        &self.lists
    }

    /// All codes of a system, also those of the value sets, as they are written there.
    pub fn all_of(&self, system: CodeSystem) -> Vec<&str> {
        let sets = self.sets_for(system).map(|set| &set.codes);
        let lists = std::iter::once(&self.lists).chain(sets);
        let mut all = Vec::new();
        for code in lists.flat_map(|lists| lists.of(system)) {
            all.push(code.as_str());
        }
        all
    }

    /// The value sets, as `name|version`.
    pub fn value_sets(&self) -> impl Iterator<Item = &str> {
        self.value_sets.iter().map(|one| one.reference.as_str())
    }

    /// The value sets that this program doesn't have: what they hold isn't known.
    pub fn unknown_value_sets(&self) -> impl Iterator<Item = &str> {
        let unknown = self.value_sets.iter().filter(|one| one.set.is_none());
        unknown.map(|one| one.reference.as_str())
    }

    /// The value sets that are written without their version: which one is meant depends on the
    /// program that reads.
    pub(super) fn unversioned_value_sets(&self) -> impl Iterator<Item = &str> {
        let unversioned = self.value_sets.iter().filter(|one| !one.is_versioned);
        unversioned.map(|one| one.reference.as_str())
    }

    /// The value sets that have no code of a system that is taken, with the systems that they have.
    pub(super) fn useless_value_sets(&self) -> impl Iterator<Item = (&str, Vec<&'static str>)> {
        let takes = if self.takes.is_empty() { OF_OPTIONS } else { self.takes };
        let sets = self.value_sets.iter().filter_map(|one| Some((&*one.reference, one.set?)));
        sets.filter_map(|(reference, set)| {
            let has = |system: &CodeSystem| !set.codes.of(*system).is_empty();
            let systems = || CodeSystem::ALL.into_iter().filter(has).map(CodeSystem::name);
            (!takes.iter().any(has)).then(|| (reference, systems().collect()))
        })
    }

    /// Whether neither a code nor a value set is named.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.value_sets.is_empty()
    }

    /// Refuses what isn't a code of its system.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.lists.check()
    }

    /// The value sets whose codes of a system are taken.
    fn sets_for(&self, system: CodeSystem) -> impl Iterator<Item = &'static ValueSet> + '_ {
        let is_taken = self.takes.is_empty() || self.takes.contains(&system);
        self.value_sets.iter().filter_map(|one| one.set).filter(move |_| is_taken)
    }

    fn indices(&self, system: CodeSystem) -> impl Iterator<Item = &Index> + '_ {
        let of_sets = self.sets_for(system).map(|set| set.index());
        std::iter::once(&self.own).chain(of_sets)
    }

    /// Whether there are codes of a system.
    pub(crate) fn has_any(&self, system: CodeSystem) -> bool {
        self.indices(system).any(|index| !index.codes(system).is_empty())
    }

    /// Whether a code, in the form in which it is compared, is one of them. Ids of medicines of the
    /// NHS are ones of SNOMED CT and come under both names.
    pub(crate) fn has(&self, system: CodeSystem, code: &str) -> bool {
        let is_in = |system| self.indices(system).any(|index| index.has(system, code));
        match system {
            CodeSystem::Snomed | CodeSystem::Dmd => {
                is_in(CodeSystem::Snomed) || is_in(CodeSystem::Dmd)
            }
            system => is_in(system),
        }
    }

    /// Whether a code of a tree is one of them or lies below one.
    pub(crate) fn has_above(&self, system: CodeSystem, code: &str) -> bool {
        (1..=code.len())
            .filter_map(|length| code.get(..length))
            .any(|start| self.indices(system).any(|index| index.has(system, start)))
    }

    /// Whether a value set says that a person must be asked of a code, in trees also of one above
    /// it.
    pub(crate) fn asks(&self, system: CodeSystem, code: &str) -> bool {
        let first = if system.is_tree() { 1 } else { code.len() };
        (first..=code.len())
            .filter_map(|length| code.get(..length))
            .any(|start| self.sets_for(system).any(|set| set.asked_index().has(system, start)))
    }

    /// Whether one of them is a code of a tree or lies below it.
    pub(crate) fn has_below(&self, system: CodeSystem, code: &str) -> bool {
        self.indices(system).any(|index| index.has_below(system, code))
    }
}

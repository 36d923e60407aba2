// SPDX-License-Identifier: Apache-2.0
//! Value sets: named, versioned lists of codes that come with the program.
//!
//! A protocol names a set instead of listing its codes, and its description names it with its
//! version (`heart-failure|1`), so that everybody reads the same codes. The files of `value-sets`
//! are part of the program, and each is read when it is first asked for. A file is called after
//! its id; when a set changes, its version is raised, and the old file stays as `ID.VERSION.toml`
//! for as long as published protocols name it.

use std::fmt;
use std::sync::OnceLock;

use cso_model_files::shorten;
use serde::Deserialize;

use super::code_lists::{CodeLists, Index};

/// The name (without `.toml`) and the text of each file.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/value_sets.rs"));

/// A named list of codes.
#[derive(PartialEq)]
pub struct ValueSet {
    /// Stable id, by which protocols name it.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// Changes with every change of its codes.
    pub version: String,
    /// The day of the version.
    pub date: String,
    /// Where its codes are from.
    pub sources: Vec<ValueSetSource>,
    /// Its codes.
    pub codes: CodeLists,
    /// Codes that don't say whether it is so: of a record with one of them the person is asked.
    pub asked: CodeLists,
    index: Index,
    asked_index: Index,
}

/// Where codes of a value set are from.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct ValueSetSource {
    /// What it is, with its version.
    pub name: String,
    /// Its public address.
    pub url: String,
    /// What its owner asks of users.
    pub licence: String,
    /// The names of the code systems that are taken from it.
    pub systems: Vec<String>,
}

/// The form of a file.
#[derive(Deserialize)]
struct ValueSetText {
    id: String,
    title: String,
    version: String,
    date: String,
    source: Vec<ValueSetSource>,
    codes: CodeLists,
    #[serde(default)]
    asked: CodeLists,
}

impl fmt::Debug for ValueSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reference())
    }
}

impl ValueSet {
    /// Reads a file. The codes must be sorted, without doubles, and well formed.
    ///
    /// # Errors
    ///
    /// What is wrong, in one line.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let text: ValueSetText =
            toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let ValueSetText { id, title, version, date, source, codes, asked } = text;
        if [&id, &version].iter().any(|text| text.is_empty() || text.contains('|')) {
            return Err("`id` and `version` are texts without `|`".to_owned());
        }
        codes.check()?;
        asked.check()?;
        let all = super::CodeSystem::ALL;
        for (lists, system) in [&codes, &asked].into_iter().flat_map(|l| all.map(|s| (l, s))) {
            let list = lists.of(system);
            if let Some(pair) = list.windows(2).find(|pair| pair[0] >= pair[1]) {
                let name = system.name();
                let (one, other) = (shorten(&pair[0]), shorten(&pair[1]));
                return Err(format!("{name}: `{other}` stands behind `{one}`: sort, no doubles"));
            }
        }
        let (index, asked_index) = (Index::of(&codes), Index::of(&asked));
        Ok(Self { id, title, version, date, sources: source, codes, asked, index, asked_index })
    }

    /// How it is named with its version: `id|version`.
    pub fn reference(&self) -> String {
        format!("{}|{}", self.id, self.version)
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    pub(super) fn asked_index(&self) -> &Index {
        &self.asked_index
    }
}

/// The set in a file of the program.
fn file(number: usize) -> Option<&'static ValueSet> {
    static READ: OnceLock<Vec<OnceLock<Option<ValueSet>>>> = OnceLock::new();
    let read = READ.get_or_init(|| FILES.iter().map(|_| OnceLock::new()).collect());
    // That all files can be read is tested; one that can't be is as if it weren't there.
    read.get(number)?.get_or_init(|| ValueSet::from_toml(FILES[number].1).ok()).as_ref()
}

/// The value sets of the program, all of them read.
pub fn value_sets() -> impl Iterator<Item = &'static ValueSet> {
    (0..FILES.len()).filter_map(file)
}

/// The value sets whose names begin so.
pub(crate) fn value_sets_of(begin: &str) -> impl Iterator<Item = &'static ValueSet> + '_ {
    (0..FILES.len()).filter(move |number| FILES[*number].0.starts_with(begin)).filter_map(file)
}

/// The set that is named `id`, in its latest version, or `id|version`.
pub(super) fn find(reference: &str) -> Option<&'static ValueSet> {
    let (id, version) = match reference.split_once('|') {
        Some((id, version)) => (id, Some(version)),
        None => (reference, None),
    };
    let is_of = |name: &str| match name.strip_prefix(id) {
        Some("") => true,
        // An older version.
        Some(rest) => version.is_some() && rest.starts_with('.'),
        None => false,
    };
    let files = (0..FILES.len()).filter(|number| is_of(FILES[*number].0));
    files.filter_map(file).find(|set| set.id == id && version.is_none_or(|one| one == set.version))
}

/// Most names that are told.
const MAX_TOLD: usize = 3;

/// What to say of a set that isn't there: which there are that it may be.
pub(super) fn not_there(reference: &str) -> String {
    let (id, version) = reference.split_once('|').unwrap_or((reference, ""));
    if let Some(set) = find(id) {
        return format!(
            "value set `{id}` has no version `{}` here: it is `{}`",
            shorten(version),
            set.reference()
        );
    }
    let mut near: Vec<(usize, &str)> =
        FILES.iter().map(|(name, _)| (distance(id, name), *name)).collect();
    near.sort_unstable();
    let names: Vec<String> =
        near.iter().take(MAX_TOLD).map(|(_, name)| format!("`{name}`")).collect();
    let names = match names.is_empty() {
        true => "there are none".to_owned(),
        false => format!("the nearest are {}", names.join(", ")),
    };
    format!("there is no value set `{}`: {names}", shorten(id))
}

/// How many characters are changed, left out or put in between two texts (Levenshtein 1966), of
/// which only the first 64 count.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().take(64).enumerate() {
        let mut before = row[0];
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let changed = before + usize::from(letter != *against);
            before = row[column + 1];
            row[column + 1] = changed.min(before + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_order() {
        for (name, text) in FILES {
            let set = ValueSet::from_toml(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let old = format!("{}.{}", set.id, set.version);
            assert!([set.id.as_str(), &old].contains(name), "{name} is {}", set.reference());
            assert!(!set.title.is_empty() && !set.sources.is_empty(), "{name}");
            assert!(set.date.parse::<jiff::civil::Date>().is_ok(), "{name}: {}", set.date);
            let found = find(&set.reference()).map(ValueSet::reference);
            assert_eq!(found, Some(set.reference()), "{name}");
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("value-sets");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
        assert_eq!(files.count(), FILES.len());
    }

    #[test]
    fn a_file_out_of_order_is_refused() {
        let file = |codes: &str| {
            let text = format!(
                "id='a'\ntitle='A'\nversion='1'\ndate='2026-11-28'\nsource=[]\n[codes]\n{codes}"
            );
            ValueSet::from_toml(&text).map(|set| set.reference())
        };
        assert_eq!(file("icd10 = ['I10', 'I11']"), Ok("a|1".to_owned()));
        for codes in ["icd10 = ['I11', 'I10']", "icd10 = ['I10', 'I10']", "icd10 = ['10']", "x=[]"]
        {
            assert!(file(codes).is_err(), "{codes}");
        }
    }

    #[test]
    fn names_that_are_near_are_told() {
        assert_eq!(distance("heart-failure", "heart-failures"), 1);
        assert_eq!(distance("abc", "bd"), 2);
        assert!(not_there("heart-failur").contains("`heart-failure`"));
        assert!(not_there("heart-failure|no").contains("no version `no`"));
    }
}

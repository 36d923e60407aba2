// SPDX-License-Identifier: Apache-2.0
//! What tells people apart: their names, dates of birth and sex.

use super::resource::all_of;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::UnicodeNormalization;

/// Most names of a Patient that are compared, and longest one that is: people have a few.
const MAX_NAMES: usize = 8;
const MAX_NAME: usize = 200;

/// What a Patient says of itself.
#[derive(Debug, Default)]
pub(super) struct Likeness {
    birth: Option<String>,
    sex: Option<String>,
    names: Vec<Name>,
}

/// One name of a person, in words.
#[derive(Debug, Default)]
struct Name {
    family: Words,
    given: Words,
    /// The whole name, where its parts aren't told.
    whole: Words,
}

/// Words in one spelling; one with an umlaut has two.
type Words = Vec<BTreeSet<String>>;

impl Likeness {
    pub(super) fn of(patient: &Json) -> Self {
        let text = |field: &str| {
            let text = patient.get(field).and_then(Json::as_str)?;
            Some(text.trim().to_ascii_lowercase()).filter(|text| !text.is_empty())
        };
        let names = all_of(patient, "name").into_iter().take(MAX_NAMES).map(Name::of);
        let names = names.filter(|name| !name.is_empty()).collect();
        Self { birth: text("birthDate"), sex: text("gender"), names }
    }

    /// A year and a day of that year don't contradict each other.
    pub(super) fn births_differ(&self, other: &Self) -> bool {
        match (&self.birth, &other.birth) {
            (Some(one), Some(other)) => !one.starts_with(&**other) && !other.starts_with(&**one),
            _ => false,
        }
    }

    pub(super) fn is_born_with(&self, other: &Self) -> bool {
        self.birth.is_some() && self.birth == other.birth
    }

    pub(super) fn sexes_differ(&self, other: &Self) -> bool {
        matches!((&self.sex, &other.sex), (Some(one), Some(other)) if one != other)
    }

    /// Whether no two of their names can be one person's. People change their family name, so that
    /// it counts only where no given names can be compared.
    pub(super) fn given_names_differ(&self, other: &Self) -> bool {
        self.no_names_fit(other, |one, other| match one.given_fits(other) {
            Some(fits) => fits,
            None => one.family_fits(other) != Some(false),
        })
    }

    /// Whether no two of their names are the same in family and given names, as far as they tell.
    pub(super) fn names_differ(&self, other: &Self) -> bool {
        self.no_names_fit(other, |one, other| {
            one.given_fits(other) != Some(false) && one.family_fits(other) != Some(false)
        })
    }

    fn no_names_fit(&self, other: &Self, fits: impl Fn(&Name, &Name) -> bool) -> bool {
        let any = self.names.iter().any(|one| other.names.iter().any(|two| fits(one, two)));
        !self.names.is_empty() && !other.names.is_empty() && !any
    }

    /// Whether both tell name, date of birth and sex, and all are the same.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let same_name = |one: &Name, other: &Name| {
            one.given_fits(other) == Some(true) && one.family_fits(other) != Some(false)
        };
        self.is_born_with(other)
            && self.sex.is_some()
            && self.sex == other.sex
            && self.names.iter().any(|one| other.names.iter().any(|two| same_name(one, two)))
    }
}

impl Name {
    /// Of a HumanName; in DSTU2 `family` is a list as well.
    fn of(name: &Json) -> Self {
        let words = |field: &str| -> Words {
            let texts = all_of(name, field).into_iter().filter_map(Json::as_str);
            let joined: String =
                texts.collect::<Vec<_>>().join(" ").chars().take(MAX_NAME).collect();
            let is_part = |c: char| c.is_alphanumeric() || is_combining_mark(c) || "'’".contains(c);
            joined.split(|c| !is_part(c)).map(spellings).filter(|word| !word.is_empty()).collect()
        };
        let (family, given) = (words("family"), words("given"));
        let whole = if family.is_empty() && given.is_empty() { words("text") } else { Vec::new() };
        Self { family, given, whole }
    }

    fn is_empty(&self) -> bool {
        self.family.is_empty() && self.given.is_empty() && self.whole.is_empty()
    }

    /// Whether the given names of one are all among those of the other, if both have some: sisters
    /// may share one of several. An initial stands for a name.
    fn given_fits(&self, other: &Self) -> Option<bool> {
        let is_among =
            |few: &Words, many: &Words| few.iter().all(|one| many.iter().any(|two| same(one, two)));
        let either = |one: &Words, two: &Words| is_among(one, two) || is_among(two, one);
        match [self, other].map(|name| (!name.given.is_empty(), !name.whole.is_empty())) {
            [(true, _), (true, _)] => Some(either(&self.given, &other.given)),
            [(_, true), (_, true)] => Some(either(&self.whole, &other.whole)),
            [(true, _), (_, true)] => Some(is_among(&self.given, &other.whole)),
            [(_, true), (true, _)] => Some(is_among(&other.given, &self.whole)),
            _ => None,
        }
    }

    /// Whether one of the words of their family names is the same, if both have some.
    fn family_fits(&self, other: &Self) -> Option<bool> {
        let words = |name: &'_ Self| match name.family.is_empty() {
            true => name.whole.clone(),
            false => name.family.clone(),
        };
        let (one, other) = (words(self), words(other));
        let shared = || one.iter().any(|one| other.iter().any(|two| !one.is_disjoint(two)));
        (!one.is_empty() && !other.is_empty()).then(shared)
    }
}

fn same(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let is_initial = |initial: &BTreeSet<String>, name: &BTreeSet<String>| {
        initial.iter().any(|initial| {
            initial.chars().count() == 1 && name.iter().any(|name| name.starts_with(&**initial))
        })
    };
    !one.is_disjoint(other) || is_initial(one, other) || is_initial(other, one)
}

/// A word in small letters without marks, and with umlauts written out.
fn spellings(word: &str) -> BTreeSet<String> {
    let small = word.to_lowercase();
    let fold = |is_long: bool| -> String {
        let mut folded = String::new();
        for letter in small.nfc() {
            match (letter, is_long) {
                ('ä', true) => folded.extend(['a', 'e']),
                ('ö' | 'ø', true) => folded.extend(['o', 'e']),
                ('ü', true) => folded.extend(['u', 'e']),
                ('å', true) => folded.extend(['a', 'a']),
                ('ß', _) => folded.extend(['s', 's']),
                ('æ', _) => folded.extend(['a', 'e']),
                ('œ', _) => folded.extend(['o', 'e']),
                ('ø', _) => folded.push('o'),
                ('ł', _) => folded.push('l'),
                ('đ' | 'ð', _) => folded.push('d'),
                ('ı', _) => folded.push('i'),
                (letter, _) => {
                    folded.extend(letter.nfkd().filter(|c| c.is_alphanumeric()));
                }
            }
        }
        folded
    };
    [fold(false), fold(true)].into_iter().filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_compared_as_people_write_them() {
        let name = |family: &str, given: &[&str]| json!({ "family": family, "given": given });
        // One, another, whether they may be of one person whose number is the same, and whether of
        // one of whom nothing else is known.
        for (one, other, with_number, without) in [
            (name("Müller", &["Zoë"]), name("MUELLER", &["Zoe"]), true, true),
            (name("Muller", &["Zoe"]), name("Müller", &["ZOË"]), true, true),
            (name("Straße", &["Łukasz"]), name("Strasse", &["Lukasz"]), true, true),
            (name("Mu\u{308}ller", &["Anna"]), name("Müller", &["Anna"]), true, true),
            (name("O'Neil", &["Jo"]), name("O’Neil", &["Jo"]), true, true),
            (name("A", &["Xaver"]), name("A", &["Yann"]), false, false),
            (name("A", &["Xaver", "Karl"]), name("A", &["Yann", "Karl"]), false, false),
            (name("A", &["Hans Peter"]), name("A", &["Peter"]), true, true),
            (name("A", &["John", "Q."]), name("A", &["John", "Quincy"]), true, true),
            (name("Meier", &["Anna"]), name("Schulze", &["Anna"]), true, false),
            (name("Meier", &["Anna"]), name("Meier-Schulze", &["Anna"]), true, true),
            (name("Meier", &[]), name("Schulze", &["Anna"]), false, false),
            (json!({ "text": "Anna Meier" }), name("Meier", &["Anna"]), true, true),
            (json!({ "text": "Dr. Anna Meier" }), json!({ "text": "Meier, Anna" }), true, true),
            (json!({ "text": "Anna Meier" }), name("Meier", &["Berta"]), false, false),
            (json!({ "family": ["Meier"], "given": "Anna" }), name("Meier", &["Anna"]), true, true),
            (json!({}), name("Meier", &["Anna"]), true, true),
            (
                json!([name("X", &["Y"]), name("Meier", &["Anna"])]),
                name("Meier", &["Anna"]),
                true,
                true,
            ),
        ] {
            let [one, other] = [one, other].map(|name| Likeness::of(&json!({ "name": name })));
            for (one, other) in [(&one, &other), (&other, &one)] {
                assert_eq!(one.given_names_differ(other), !with_number, "{one:?} {other:?}");
                assert_eq!(one.names_differ(other), !without, "{one:?} {other:?}");
            }
        }
    }
}

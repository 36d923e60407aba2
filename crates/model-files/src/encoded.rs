// SPDX-License-Identifier: Apache-2.0
//! Categories whose names a file doesn't hold, or holds damaged: the texts in the data tell them.

use std::collections::{BTreeMap, BTreeSet};

use crate::cell::is_missing;
use crate::city_hash::city_hash;
use crate::{shorten, Cases, CasesError, Cell, ColumnKind, ModelFile, Term, Test};

/// Fewer cases than these may lack all of a column's categories by chance.
const FEW: usize = 20;

/// How a column's categories stand in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Encoded {
    /// As [`hash_name`]s, which CatBoost writes without a pool of data.
    Hashes,
    /// As names between offsets that may count bytes, as they should, or letters: XGBoost before
    /// 3.3 wrote those, and so cut the end off if a name has letters outside of ASCII.
    Offsets {
        /// The names if offsets count bytes; the model has these.
        bytes: Vec<Cell>,
        /// The names if they count letters; the last ones may be cut.
        letters: Vec<String>,
        /// The first that may be cut.
        whole: usize,
    },
}

/// Columns whose categories only the data names.
pub(crate) type ByData = Vec<(usize, Encoded)>;

/// What stands for a category of which a file holds the hash.
pub(crate) fn hash_name(hash: u32) -> Cell {
    Cell::Text(format!("hash {hash:08x}").into())
}

/// The hash of a category's text as CatBoost takes it; `None` for texts beyond 64 bytes.
pub(crate) fn hash_of(text: &str) -> Option<u32> {
    // It keeps the lower half.
    city_hash(text.as_bytes()).map(|hash| hash as u32)
}

impl Encoded {
    /// The names for those in the model, from texts of the data.
    fn names(&self, texts: &BTreeSet<&str>) -> BTreeMap<String, Cell> {
        let cell = |text: &str| Cell::Text(text.into());
        match self {
            Self::Hashes => {
                let name = |text: &&str| Some((hash_name(hash_of(text)?).to_string(), cell(text)));
                texts.iter().filter_map(name).collect()
            }
            Self::Offsets { bytes, letters, whole } => {
                let known = |text: &&str| bytes.iter().any(|name| name.to_string() == **text);
                if texts.iter().all(known) {
                    return BTreeMap::new();
                }
                let find = |text: &&str| {
                    let (all, cut) = letters.split_at(*whole);
                    let index = all.iter().position(|name| name == text).or_else(|| {
                        let like = |cut: &&String| text.starts_with(&***cut);
                        let longest = cut.iter().filter(like).map(String::len).max()?;
                        let mut like = (*whole..letters.len())
                            .filter(|at| like(&&letters[*at]) && letters[*at].len() == longest);
                        let first = like.next();
                        first.filter(|_| like.next().is_none())
                    })?;
                    Some((bytes[index].to_string(), cell(text)))
                };
                let found: Option<Vec<_>> = texts.iter().map(find).collect();
                let all = bytes.iter().zip(letters);
                // Names that the data lacks stay as far as the file has them.
                let all = all.map(|(name, letters)| (name.to_string(), cell(letters)));
                found.map_or_else(BTreeMap::new, |found| all.chain(found).collect())
            }
        }
    }
}

impl ModelFile {
    /// Gives categories their names by the texts in the data.
    ///
    /// # Errors
    ///
    /// [`CasesError::Categories`] if no text of a column is one of the model's categories, in a
    /// table of some length.
    pub(crate) fn decode(&mut self, data: &Cases) -> Result<(), CasesError> {
        for (column, encoded) in std::mem::take(&mut self.encoded) {
            let texts = data.texts(&self.columns[column].name)?;
            let texts: BTreeSet<&str> =
                texts.into_iter().filter(|text| !is_missing(text)).collect();
            let names = encoded.names(&texts);
            let rename = |cell: &mut Cell| {
                if let Some(name) = names.get(&cell.to_string()) {
                    cell.clone_from(name);
                }
            };
            if let ColumnKind::Category { values } = &mut self.columns[column].kind {
                values.iter_mut().for_each(rename);
            }
            let (mut asked, mut found) = (false, false);
            let mut change = |test: &mut Test| match test {
                Test::OneOf { variable, set } if variable.column == column => {
                    asked = true;
                    found |= set.iter().any(|cell| names.contains_key(&cell.to_string()));
                    set.iter_mut().for_each(rename);
                }
                _ => {}
            };
            for term in self.sums.iter_mut().flat_map(|sum| &mut sum.terms) {
                if let Term::Tree(tree) = term {
                    tree.change_tests(&mut change);
                }
            }
            if data.len() >= FEW && asked && !found && encoded == Encoded::Hashes {
                let column = shorten(&self.columns[column].name);
                return Err(CasesError::Categories { column });
            }
        }
        Ok(())
    }
}

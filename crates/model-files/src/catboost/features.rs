// SPDX-License-Identifier: Apache-2.0
//! CatBoost's features as columns, and its splits as questions about them.

use std::collections::HashMap;

use super::file::{Feature, FeaturesInfo, SplitText};
use super::{refuse, unsupported};
use crate::cell::is_missing;
use crate::encoded::{hash_name, hash_of, ByData, Encoded};
use crate::{shorten, Cell, Column, ColumnKind, Compare, ModelFileError, Test, Variable};

/// Most features of a file, so that a damaged index costs no memory.
const MAX_FILE_FEATURES: usize = 1 << 16;

/// Categories that a table writes like a gap.
const GAPS: [&str; 5] = ["", "NA", "na", "NaN", "nan"];

/// Columns in the order of the training table.
pub(super) struct Features {
    pub(super) columns: Vec<Column>,
    pub(super) unnamed: Option<usize>,
    /// Column of each feature of numbers, and whether a gap answers yes.
    numbers: HashMap<usize, (usize, bool)>,
    /// Column of each feature of categories.
    categories: HashMap<usize, usize>,
    /// Texts by hash, in files that were saved with a pool of data.
    texts: HashMap<u32, Cell>,
}

/// A question, and the answer of a gap.
pub(super) struct Asked {
    pub(super) test: Test,
    pub(super) unknown: bool,
}

impl Features {
    pub(super) fn read(info: &FeaturesInfo) -> Result<Self, ModelFileError> {
        if !info.text_features.is_empty() || !info.embedding_features.is_empty() {
            return Err(unsupported(
                "a feature of text or embeddings".to_owned(),
                "train without `text_features` and `embedding_features`",
            ));
        }
        let floats = info.float_features.iter().map(|float| &float.feature);
        let all: Vec<&Feature> = floats.chain(&info.categorical_features).collect();
        let count = all.iter().map(|own| own.flat_feature_index).max().map_or(0, |last| last + 1);
        if count > MAX_FILE_FEATURES {
            return Err(refuse(format!("a feature has index {}", count - 1)));
        }
        let mut columns: Vec<Column> = crate::column::numbers((0..count).map(|i| i.to_string()));
        for feature in &all {
            if !feature.feature_id.is_empty() {
                let name = &mut columns[feature.flat_feature_index].name;
                name.clone_from(&feature.feature_id);
            }
        }
        for feature in &info.categorical_features {
            let kind = ColumnKind::Category { values: Vec::new() };
            columns[feature.flat_feature_index].kind = kind;
        }
        let mut numbers = HashMap::new();
        for float in &info.float_features {
            let yes = match float.nan_value_treatment.as_deref() {
                None | Some("AsIs" | "AsFalse") => false,
                Some("AsTrue") => true,
                Some(other) => {
                    return Err(unsupported(
                        format!("`nan_value_treatment` `{}`", shorten(other)),
                        "train with `nan_mode=\"Min\"`",
                    ))
                }
            };
            let own = &float.feature;
            numbers.insert(own.feature_index, (own.flat_feature_index, yes));
        }
        let places = info.categorical_features.iter();
        let places = places.map(|own| (own.feature_index, own.flat_feature_index));
        let texts = info.cat_features_hash.iter();
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        Ok(Self {
            unnamed: crate::boosting::unnamed(&names, |index| index.to_string()),
            columns,
            numbers,
            categories: places.collect(),
            texts: texts.map(|own| (own.hash, Cell::Text(own.value.as_str().into()))).collect(),
        })
    }

    /// Columns whose categories only the data names.
    pub(super) fn encoded(&self) -> ByData {
        let mut columns: Vec<usize> = self.categories.values().copied().collect();
        columns.retain(|_| self.texts.is_empty());
        columns.sort_unstable();
        columns.into_iter().map(|column| (column, Encoded::Hashes)).collect()
    }

    /// The question of a split.
    pub(super) fn asked(&self, split: &SplitText) -> Result<Asked, ModelFileError> {
        match split.split_type.as_str() {
            "FloatFeature" => self.above(split),
            "OneHotFeature" => self.is_category(split),
            "OnlineCtr" => Err(unsupported(
                "a split by target statistics of categories (`OnlineCtr`)".to_owned(),
                "train with `one_hot_max_size` of at least the number of categories",
            )),
            other => Err(unsupported(
                format!("split type `{}`", shorten(other)),
                "train on numbers and categories alone",
            )),
        }
    }

    fn above(&self, split: &SplitText) -> Result<Asked, ModelFileError> {
        let own = split.float_feature_index.and_then(|feature| self.numbers.get(&feature));
        let border = split.border.filter(|border| border.is_finite());
        let (Some((column, yes)), Some(border)) = (own, border) else {
            return Err(refuse("a split has no such feature or no finite border"));
        };
        let test = Test::Compare {
            variable: Variable::input(*column),
            op: Compare::Greater,
            limit: Cell::Number(border),
            single: true,
        };
        Ok(Asked { test, unknown: *yes })
    }

    fn is_category(&self, split: &SplitText) -> Result<Asked, ModelFileError> {
        let own = split.cat_feature_index.and_then(|feature| self.categories.get(&feature));
        // Hashes are 32 bits, which may be written as a signed number.
        let (Some(column), Some(hash)) = (own, split.value.map(|hash| hash as u32)) else {
            return Err(refuse("a split has no such feature or no category"));
        };
        let text = match self.texts.get(&hash) {
            Some(text) => text.clone(),
            None if !self.texts.is_empty() => {
                return Err(refuse(format!("`cat_features_hash` lacks {hash}")))
            }
            None => GAPS
                .into_iter()
                .find(|gap| hash_of(gap) == Some(hash))
                .map_or_else(|| hash_name(hash), |gap| Cell::Text(gap.into())),
        };
        let variable = Variable::input(*column);
        Ok(match text {
            Cell::Text(text) if is_missing(&text) => {
                Asked { test: Test::Missing(variable), unknown: true }
            }
            text => Asked { test: Test::OneOf { variable, set: vec![text] }, unknown: false },
        })
    }
}

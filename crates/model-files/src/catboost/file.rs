// SPDX-License-Identifier: Apache-2.0
//! The parts of CatBoost's JSON that predictions depend on.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::either::Numbers;

#[derive(Deserialize)]
pub(super) struct File {
    #[serde(default)]
    pub(super) features_info: FeaturesInfo,
    #[serde(default)]
    pub(super) model_info: Json,
    #[serde(default)]
    pub(super) oblivious_trees: Vec<TreeText>,
    /// Nested nodes of trees that aren't symmetric.
    #[serde(default)]
    pub(super) trees: Vec<Json>,
    /// A factor of the sums, and what is added to the products.
    #[serde(default = "identity")]
    pub(super) scale_and_bias: (f64, Values),
}

fn identity() -> (f64, Values) {
    (1.0, Values(Numbers::Several(Vec::new())))
}

/// One number or one a class, depending on the version.
#[derive(Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub(super) struct Values(pub Numbers);

impl TryFrom<serde_json::Value> for Values {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        Numbers::try_from(value).map(Self)
    }
}

#[derive(Default, Deserialize)]
pub(super) struct FeaturesInfo {
    #[serde(default)]
    pub(super) float_features: Vec<FloatFeature>,
    #[serde(default)]
    pub(super) categorical_features: Vec<Feature>,
    /// Texts of categories; only in files that were saved with a pool of data.
    #[serde(default)]
    pub(super) cat_features_hash: Vec<Hashed>,
    #[serde(default)]
    pub(super) text_features: Vec<Json>,
    #[serde(default)]
    pub(super) embedding_features: Vec<Json>,
}

#[derive(Deserialize)]
pub(super) struct Feature {
    /// Its name, or nothing.
    #[serde(default)]
    pub(super) feature_id: String,
    /// Its place among features of its kind.
    pub(super) feature_index: usize,
    /// Its place among all.
    pub(super) flat_feature_index: usize,
}

#[derive(Deserialize)]
pub(super) struct FloatFeature {
    #[serde(flatten)]
    pub(super) feature: Feature,
    /// `AsTrue`, `AsFalse` or `AsIs`: what a gap answers to every split.
    #[serde(default)]
    pub(super) nan_value_treatment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Hashed {
    pub(super) hash: u32,
    pub(super) value: String,
}

#[derive(Deserialize)]
pub(super) struct TreeText {
    /// The points, as many a leaf as there are sums; leaf `i` is where split `k` gives bit `k` of
    /// `i`.
    pub(super) leaf_values: Vec<f64>,
    /// None if the tree is but a leaf.
    pub(super) splits: Option<Vec<SplitText>>,
}

#[derive(Deserialize)]
pub(super) struct SplitText {
    pub(super) split_type: String,
    pub(super) float_feature_index: Option<usize>,
    pub(super) border: Option<f64>,
    pub(super) cat_feature_index: Option<usize>,
    /// A category's hash.
    pub(super) value: Option<i64>,
}

// SPDX-License-Identifier: Apache-2.0
//! The parts of XGBoost's model format that predictions depend on, in JSON or UBJSON. Versions 1 to
//! 3 of the library write them; what a version lacks is empty.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) learner: Learner,
}

#[derive(Deserialize)]
pub(super) struct Learner {
    /// Texts that the library or its user attached, among them `best_iteration`.
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) feature_names: Vec<String>,
    /// `c` is a category.
    #[serde(default)]
    pub(super) feature_types: Vec<String>,
    pub(super) gradient_booster: Booster,
    pub(super) learner_model_param: Param,
    pub(super) objective: Objective,
}

#[derive(Deserialize)]
pub(super) struct Booster {
    pub(super) name: String,
    pub(super) model: Option<Model>,
    /// The trees of a `dart` booster.
    pub(super) gbtree: Option<Inner>,
    /// What each tree of a `dart` booster counts.
    #[serde(default)]
    pub(super) weight_drop: Vec<f64>,
}

#[derive(Deserialize)]
pub(super) struct Inner {
    pub(super) model: Model,
}

#[derive(Deserialize)]
pub(super) struct Model {
    #[serde(default)]
    pub(super) trees: Vec<TreeText>,
    /// The class of each tree.
    #[serde(default)]
    pub(super) tree_info: Vec<usize>,
    /// The first tree of each round, and the number of trees.
    #[serde(default)]
    pub(super) iteration_indptr: Vec<usize>,
    pub(super) gbtree_model_param: Option<TreesParam>,
    /// The categories' names.
    pub(super) cats: Option<Cats>,
    /// Weights of a linear booster: one a feature and class, then the classes' constants.
    #[serde(default)]
    pub(super) weights: Vec<f64>,
}

#[derive(Deserialize)]
pub(super) struct TreesParam {
    pub(super) num_parallel_tree: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Cats {
    #[serde(default)]
    pub(super) enc: Vec<Names>,
}

/// The categories of one feature: numbers, or texts as bytes between offsets.
#[derive(Deserialize)]
pub(super) struct Names {
    pub(super) offsets: Option<Vec<usize>>,
    #[serde(default)]
    pub(super) values: Vec<Json>,
}

#[derive(Deserialize)]
pub(super) struct Param {
    pub(super) base_score: String,
    pub(super) num_class: String,
    pub(super) num_feature: String,
    #[serde(default)]
    pub(super) num_target: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Objective {
    pub(super) name: String,
    pub(super) reg_loss_param: Option<LossParam>,
}

#[derive(Deserialize)]
pub(super) struct LossParam {
    /// What a case of the second class counts in training.
    pub(super) scale_pos_weight: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct TreeText {
    pub(super) left_children: Vec<i64>,
    pub(super) right_children: Vec<i64>,
    pub(super) split_indices: Vec<i64>,
    /// Thresholds of inner nodes, points of leaves.
    pub(super) split_conditions: Vec<f64>,
    pub(super) default_left: Vec<Truth>,
    /// 1 where a node asks for categories.
    #[serde(default)]
    pub(super) split_type: Vec<u8>,
    /// The categories of all such nodes.
    #[serde(default)]
    pub(super) categories: Vec<usize>,
    #[serde(default)]
    pub(super) categories_nodes: Vec<usize>,
    #[serde(default)]
    pub(super) categories_segments: Vec<usize>,
    #[serde(default)]
    pub(super) categories_sizes: Vec<usize>,
    /// The weight of the training data at each node.
    #[serde(default)]
    pub(super) sum_hessian: Vec<f64>,
    pub(super) tree_param: Option<TreeParam>,
}

#[derive(Deserialize)]
pub(super) struct TreeParam {
    pub(super) size_leaf_vector: Option<String>,
}

/// Written as a number or as a boolean, depending on the version.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub(super) struct Truth(bool);

impl Truth {
    pub(super) fn holds(self) -> bool {
        self.0
    }
}

impl TryFrom<serde_json::Value> for Truth {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        let number = value.as_u64().filter(|number| *number < 256);
        let truth = value.as_bool().or(number.map(|number| number != 0));
        truth.map(Self).ok_or("it is neither a truth value nor 0 or 1")
    }
}

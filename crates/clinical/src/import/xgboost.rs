// SPDX-License-Identifier: Apache-2.0
//! XGBoost's JSON model format, as `Booster.save_model("model.json")` writes it.

use serde::Deserialize;

use super::{Ensemble, ImportError, Node, Objective, Split, Tree};
use crate::units::shorten;

const FORMAT: &str = "XGBoost";

#[derive(Deserialize)]
struct File {
    learner: Learner,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    feature_names: Vec<String>,
    gradient_booster: Booster,
    learner_model_param: Param,
    objective: ObjectiveText,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    model: Option<Trees>,
}

#[derive(Deserialize)]
struct Trees {
    trees: Vec<TreeText>,
}

#[derive(Deserialize)]
struct Param {
    base_score: String,
    num_class: String,
    num_feature: String,
    #[serde(default)]
    num_target: Option<String>,
}

#[derive(Deserialize)]
struct ObjectiveText {
    name: String,
}

#[derive(Deserialize)]
struct TreeText {
    left_children: Vec<i64>,
    right_children: Vec<i64>,
    split_indices: Vec<usize>,
    /// Thresholds of inner nodes, points of leaves.
    split_conditions: Vec<f64>,
    default_left: Vec<Truth>,
    #[serde(default)]
    split_type: Vec<u8>,
}

/// Written as a number or as a boolean, depending on the version.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Truth {
    Number(u8),
    Boolean(bool),
}

/// Reads an XGBoost JSON model with one output: regression or binary classification.
pub fn xgboost(json: &str) -> Result<Ensemble, ImportError> {
    let refuse = |problem: String| ImportError::Syntax {
        format: FORMAT,
        problem,
    };
    let unsupported = |element: String, instead| ImportError::Unsupported {
        format: FORMAT,
        element,
        instead,
    };
    let file: File = serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
    let learner = file.learner;
    let booster = learner.gradient_booster;
    let trees = match (booster.name.as_str(), booster.model) {
        ("gbtree", Some(model)) => model.trees,
        ("gbtree", None) => return Err(refuse("the booster has no trees".to_owned())),
        (other, _) => {
            return Err(unsupported(
                format!("booster `{}`", shorten(other)),
                "train with `booster=\"gbtree\"`",
            ));
        }
    };
    let param = learner.learner_model_param;
    let whole = |text: &str| {
        text.parse::<usize>()
            .map_err(|_| refuse(format!("`{}` is no count", shorten(text))))
    };
    let targets = param.num_target.as_deref().map_or(Ok(1), whole)?;
    if whole(&param.num_class)? > 1 || targets > 1 {
        return Err(unsupported(
            "a model with several classes or targets".to_owned(),
            "train one binary model a class",
        ));
    }
    // Version 3 writes a list of base scores, one a target.
    let base = param.base_score.trim_matches(['[', ']']);
    let base: f64 = base
        .parse()
        .map_err(|_| refuse(format!("base_score is `{}`", shorten(base))))?;
    let (objective, intercept) = match learner.objective.name.as_str() {
        // The base score of a logistic objective is a probability.
        "binary:logistic" | "reg:logistic" => (Objective::Binary, (base / (1.0 - base)).ln()),
        "binary:logitraw" => (Objective::Binary, base),
        "reg:squarederror" | "reg:absoluteerror" | "reg:pseudohubererror" => {
            (Objective::Regression, base)
        }
        other => {
            return Err(unsupported(
                format!("objective `{}`", shorten(other)),
                "train with `binary:logistic` or `reg:squarederror`",
            ))
        }
    };
    if !intercept.is_finite() {
        return Err(refuse(format!("base_score {base} has no finite logit")));
    }
    let count = whole(&param.num_feature)?;
    let features = if learner.feature_names.is_empty() {
        (0..count).map(|index| format!("f{index}")).collect()
    } else {
        learner.feature_names
    };
    let trees = trees
        .into_iter()
        .map(|tree| read_tree(tree, features.len()))
        .collect::<Result<_, _>>()?;
    Ok(Ensemble {
        features,
        objective,
        intercept,
        trees,
    })
}

fn read_tree(text: TreeText, features: usize) -> Result<Tree, ImportError> {
    let refuse = |problem: String| ImportError::Syntax {
        format: FORMAT,
        problem,
    };
    let count = text.left_children.len();
    let lengths = [
        text.right_children.len(),
        text.split_indices.len(),
        text.split_conditions.len(),
        text.default_left.len(),
    ];
    if lengths.iter().any(|length| *length != count) {
        return Err(refuse(
            "the lists of a tree have different lengths".to_owned(),
        ));
    }
    if text.split_type.iter().any(|kind| *kind != 0) {
        return Err(ImportError::Unsupported {
            format: FORMAT,
            element: "a split by categories".to_owned(),
            instead: "encode categories as 0/1 columns before training",
        });
    }
    let child = |index: i64| {
        usize::try_from(index).map_err(|_| refuse("a node has only one child".to_owned()))
    };
    let mut nodes = Vec::with_capacity(count);
    for index in 0..count {
        let value = text.split_conditions[index];
        nodes.push(if text.left_children[index] == -1 {
            Node::Leaf(value)
        } else {
            Node::Split(Split {
                feature: text.split_indices[index],
                threshold: value,
                inclusive: false,
                single: true,
                missing_left: matches!(
                    text.default_left[index],
                    Truth::Number(1..) | Truth::Boolean(true)
                ),
                left: child(text.left_children[index])?,
                right: child(text.right_children[index])?,
            })
        });
    }
    Tree::new(nodes, features).map_err(refuse)
}

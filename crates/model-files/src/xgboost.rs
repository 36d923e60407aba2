// SPDX-License-Identifier: Apache-2.0
//! XGBoost's JSON model format, as `Booster.save_model("model.json")` writes it.

use serde::Deserialize;

use crate::column::{self, MAX_FEATURES};
use crate::target::MAX_CLASSES;
use crate::{
    shorten, Cell, Compare, Curve, ModelFile, ModelFileError, Node, Options, Scale, Share, Split,
    Sum, Target, Term, Test, Tree, Variable,
};

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
    /// The class of each tree.
    #[serde(default)]
    tree_info: Vec<usize>,
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

fn refuse(problem: String) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem }
}

fn unsupported(element: String, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element, instead }
}

fn whole(text: &str) -> Result<usize, ModelFileError> {
    text.parse().map_err(|_| refuse(format!("`{}` is no count", shorten(text))))
}

/// Reads an XGBoost JSON model: regression, binary or multi-class classification.
pub(crate) fn xgboost(json: &str, _options: &Options) -> Result<ModelFile, ModelFileError> {
    let file: File = serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
    let learner = file.learner;
    let booster = learner.gradient_booster;
    let model = match (booster.name.as_str(), booster.model) {
        ("gbtree", Some(model)) => model,
        ("gbtree", None) => return Err(refuse("the booster has no trees".to_owned())),
        (other, _) => {
            return Err(unsupported(
                format!("booster `{}`", shorten(other)),
                "train with `booster=\"gbtree\"`",
            ));
        }
    };
    let param = learner.learner_model_param;
    if param.num_target.as_deref().map_or(Ok(1), whole)? > 1 {
        return Err(unsupported(
            "a model with several targets".to_owned(),
            "train one model a target",
        ));
    }
    let classes = whole(&param.num_class)?.max(1);
    if classes > MAX_CLASSES {
        return Err(refuse(format!("{classes} classes, at most {MAX_CLASSES} are read")));
    }
    let (target, to_margin) = target(&learner.objective.name, classes)?;
    let constants = constants(&param.base_score, classes, to_margin)?;
    let count = whole(&param.num_feature)?;
    let names = if learner.feature_names.is_empty() {
        if count > MAX_FEATURES {
            return Err(refuse(format!("{count} features, at most {MAX_FEATURES} are read")));
        }
        (0..count).map(|index| format!("f{index}")).collect()
    } else {
        learner.feature_names
    };
    let mut sums: Vec<Sum> =
        constants.into_iter().map(|constant| Sum { constant, terms: Vec::new() }).collect();
    for (index, tree) in model.trees.into_iter().enumerate() {
        let class = model.tree_info.get(index).copied().unwrap_or(0);
        let tree = read_tree(tree, names.len())?;
        let sum = sums
            .get_mut(class)
            .ok_or_else(|| refuse(format!("tree {index} belongs to class {class} of {classes}")))?;
        sum.terms.push(Term::Tree(tree));
    }
    Ok(ModelFile::new(FORMAT, column::numbers(names), sums, target))
}

/// How a base score becomes the constant of a sum.
type ToMargin = fn(f64) -> f64;

/// What the sums stand for, and what becomes of base scores.
fn target(objective: &str, classes: usize) -> Result<(Target, ToMargin), ModelFileError> {
    let labels = || (0..classes).map(|class| class.to_string()).collect();
    let binary = Target::Probability {
        labels: ["0", "1"].map(str::to_owned),
        scales: vec![Scale::of(Curve::Logistic)],
    };
    let same: ToMargin = |base| base;
    Ok(match (objective, classes) {
        // The base score of a logistic objective is a probability.
        ("binary:logistic" | "reg:logistic", 1) => (binary, |base| (base / (1.0 - base)).ln()),
        ("binary:logitraw", 1) => (binary, same),
        (
            "reg:squarederror" | "reg:absoluteerror" | "reg:pseudohubererror" | "reg:quantileerror",
            1,
        ) => (Target::Number(vec![Scale::IDENTITY]), same),
        ("count:poisson" | "reg:gamma" | "reg:tweedie", 1) => {
            (Target::Number(vec![Scale::of(Curve::Exp)]), f64::ln)
        }
        ("multi:softprob" | "multi:softmax", 2..) => {
            (Target::Classes { labels: labels(), share: Share::Softmax }, same)
        }
        (other, _) => {
            return Err(unsupported(
                format!("objective `{}`", shorten(other)),
                "train with `binary:logistic`, `multi:softprob` or `reg:squarederror`",
            ))
        }
    })
}

/// The constant of each sum. Version 3 writes a list of base scores, one a class or one for all.
fn constants(text: &str, classes: usize, to_margin: ToMargin) -> Result<Vec<f64>, ModelFileError> {
    let list = text.trim_matches(['[', ']']).split(',').map(|base| {
        let base = base.trim();
        let number: f64 =
            base.parse().map_err(|_| refuse(format!("base_score is `{}`", shorten(base))))?;
        match to_margin(number) {
            margin if margin.is_finite() => Ok(margin),
            _ => Err(refuse(format!("base_score {number} has no finite margin"))),
        }
    });
    let list = list.collect::<Result<Vec<f64>, _>>()?;
    match list.len() {
        1 => Ok(vec![list[0]; classes]),
        length if length == classes => Ok(list),
        length => Err(refuse(format!("{length} base scores for {classes} classes"))),
    }
}

fn read_tree(text: TreeText, features: usize) -> Result<Tree, ModelFileError> {
    let count = text.left_children.len();
    let lengths = [
        text.right_children.len(),
        text.split_indices.len(),
        text.split_conditions.len(),
        text.default_left.len(),
    ];
    if lengths.iter().any(|length| *length != count) {
        return Err(refuse("the lists of a tree have different lengths".to_owned()));
    }
    if text.split_type.iter().any(|kind| *kind != 0) {
        return Err(unsupported(
            "a split by categories".to_owned(),
            "encode categories as 0/1 columns before training",
        ));
    }
    let child = |index: i64| {
        usize::try_from(index).map_err(|_| refuse("a node has only one child".to_owned()))
    };
    let mut nodes = Vec::with_capacity(count);
    for index in 0..count {
        let value = text.split_conditions[index];
        if text.left_children[index] == -1 {
            nodes.push(Node::Leaf(value));
            continue;
        }
        let feature = text.split_indices[index];
        if feature >= features || !value.is_finite() {
            return Err(refuse(format!("node {index} has no such feature or no finite threshold")));
        }
        let missing_left =
            matches!(text.default_left[index], Truth::Number(1..) | Truth::Boolean(true));
        let (left, right) = (child(text.left_children[index])?, child(text.right_children[index])?);
        nodes.push(Node::Split(Split {
            test: Test::Compare {
                variable: Variable::input(feature),
                op: Compare::Less,
                limit: Cell::Number(value),
                single: true,
            },
            yes: left,
            no: right,
            unknown: if missing_left { left } else { right },
        }));
    }
    Tree::new(nodes).map_err(refuse)
}

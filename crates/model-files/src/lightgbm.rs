// SPDX-License-Identifier: Apache-2.0
//! LightGBM's two model formats: the text of `save_model` and the JSON of `dump_model`.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::target::MAX_CLASSES;
use crate::tree::MAX_DEPTH;
use crate::{
    column, shorten, Cell, Compare, Curve, ModelFile, ModelFileError, Node, Options, Scale, Share,
    Split, Sum, Target, Term, Test, Tree, Variable,
};

const FORMAT: &str = "LightGBM";

/// Reads a LightGBM model: regression, binary or multi-class classification.
pub(crate) fn lightgbm(text: &str, _options: &Options) -> Result<ModelFile, ModelFileError> {
    if text.trim_start().starts_with('{') {
        from_json(text)
    } else {
        from_text(text)
    }
}

fn refuse(problem: impl Into<String>) -> ModelFileError {
    ModelFileError::Syntax { format: FORMAT, problem: problem.into() }
}

fn unsupported(element: String, instead: &'static str) -> ModelFileError {
    ModelFileError::Unsupported { format: FORMAT, element, instead }
}

/// What the sums stand for.
fn target(text: &str, classes: usize) -> Result<Target, ModelFileError> {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or("");
    if let Some(other) = words.find_map(|word| word.strip_prefix("sigmoid:")) {
        if other != "1" {
            return Err(unsupported(
                format!("sigmoid {}", shorten(other)),
                "train with `sigmoid=1`",
            ));
        }
    }
    let several = |share| Target::Classes {
        labels: (0..classes).map(|class| class.to_string()).collect(),
        share,
    };
    match (name, classes) {
        ("binary" | "cross_entropy", 1) => Ok(Target::Probability {
            labels: ["0", "1"].map(str::to_owned),
            scales: vec![Scale::of(Curve::Logistic)],
        }),
        ("regression" | "regression_l1" | "huber" | "fair" | "quantile" | "mape", 1)
            if !text.contains("sqrt") =>
        {
            Ok(Target::Number(vec![Scale::IDENTITY]))
        }
        ("poisson" | "gamma" | "tweedie", 1) => Ok(Target::Number(vec![Scale::of(Curve::Exp)])),
        ("multiclass", 2..) => Ok(several(Share::Softmax)),
        ("multiclassova", 2..) => Ok(several(Share::Logistic)),
        (other, _) => Err(unsupported(
            format!("objective `{}`", shorten(other)),
            "train with `binary`, `multiclass` or `regression`",
        )),
    }
}

/// Trees take turns: one a class and round.
fn finish(
    names: Vec<String>,
    target: Target,
    classes: usize,
    trees: Vec<Tree>,
) -> Result<ModelFile, ModelFileError> {
    if !trees.len().is_multiple_of(classes) {
        let problem = format!("{} trees for {classes} classes", trees.len());
        return Err(refuse(problem));
    }
    let mut sums = vec![Sum::zero(); classes];
    for (index, tree) in trees.into_iter().enumerate() {
        sums[index % classes].terms.push(Term::Tree(tree));
    }
    Ok(ModelFile::new(FORMAT, column::numbers(names), sums, target))
}

fn classes(count: u64) -> Result<usize, ModelFileError> {
    match usize::try_from(count) {
        Ok(count @ 1..=MAX_CLASSES) => Ok(count),
        _ => Err(refuse(format!("{count} classes, 1 to {MAX_CLASSES} are read"))),
    }
}

// The JSON form.

#[derive(Deserialize)]
struct File {
    num_class: u64,
    #[serde(default)]
    average_output: bool,
    feature_names: Vec<String>,
    objective: String,
    tree_info: Vec<TreeInfo>,
}

#[derive(Deserialize)]
struct TreeInfo {
    tree_structure: Json,
}

fn from_json(json: &str) -> Result<ModelFile, ModelFileError> {
    let file: File = serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
    let classes = classes(file.num_class)?;
    let target = target(&file.objective, classes)?;
    check_average(file.average_output)?;
    let mut trees = Vec::with_capacity(file.tree_info.len());
    for tree in &file.tree_info {
        let mut nodes = Vec::new();
        let features = file.feature_names.len();
        add_json(&tree.tree_structure, &mut nodes, 0, features)?;
        trees.push(Tree::new(nodes).map_err(refuse)?);
    }
    finish(file.feature_names, target, classes, trees)
}

fn check_average(average: bool) -> Result<(), ModelFileError> {
    if average {
        return Err(unsupported(
            "averaged output (random forest mode)".to_owned(),
            "train with `boosting=\"gbdt\"`",
        ));
    }
    Ok(())
}

/// Appends the node and all below it, parents first.
fn add_json(
    json: &Json,
    nodes: &mut Vec<Node>,
    depth: usize,
    features: usize,
) -> Result<usize, ModelFileError> {
    if depth > MAX_DEPTH {
        return Err(refuse(format!("a tree is deeper than {MAX_DEPTH}")));
    }
    let index = nodes.len();
    let number = |field: &str| json.get(field).and_then(Json::as_f64);
    if let Some(points) = number("leaf_value") {
        nodes.push(Node::Leaf(points));
        return Ok(index);
    }
    let text = |field: &str| json.get(field).and_then(Json::as_str);
    let (Some(feature), Some(threshold), Some("<=")) =
        (number("split_feature"), number("threshold"), text("decision_type"))
    else {
        return Err(unsupported(
            "a node that is no comparison".to_owned(),
            "encode categories as 0/1 columns",
        ));
    };
    let missing = match text("missing_type") {
        Some("None") | None => MissingType::None,
        Some("NaN") => MissingType::Nan,
        Some(other) => return Err(missing_zero(other)),
    };
    let default_left = json.get("default_left").and_then(Json::as_bool).unwrap_or(false);
    // Reserves the parent's place before its children.
    nodes.push(Node::Leaf(0.0));
    let child =
        |field: &str| json.get(field).ok_or_else(|| refuse(format!("a node has no {field}")));
    let left = add_json(child("left_child")?, nodes, depth + 1, features)?;
    let right = add_json(child("right_child")?, nodes, depth + 1, features)?;
    nodes[index] = Node::Split(split(
        feature as usize,
        threshold,
        missing,
        default_left,
        left,
        right,
        features,
    )?);
    Ok(index)
}

#[derive(Clone, Copy, PartialEq)]
enum MissingType {
    None,
    Nan,
}

fn missing_zero(kind: &str) -> ModelFileError {
    unsupported(format!("missing type `{}`", shorten(kind)), "train with `zero_as_missing=false`")
}

fn split(
    feature: usize,
    threshold: f64,
    missing: MissingType,
    default_left: bool,
    left: usize,
    right: usize,
    features: usize,
) -> Result<Split, ModelFileError> {
    if feature >= features || !threshold.is_finite() {
        return Err(refuse("a node has no such feature or no finite threshold"));
    }
    // Without a missing type LightGBM reads a missing value as 0.
    let missing_left = match missing {
        MissingType::Nan => default_left,
        MissingType::None => 0.0 <= threshold,
    };
    Ok(Split {
        test: Test::Compare {
            variable: Variable::input(feature),
            op: Compare::LessOrEqual,
            limit: Cell::Number(threshold),
            single: false,
        },
        yes: left,
        no: right,
        unknown: if missing_left { left } else { right },
    })
}

// The text form: `key=value` lines, a section a tree.

fn from_text(text: &str) -> Result<ModelFile, ModelFileError> {
    let mut sections = text.split("\nTree=");
    let head = fields(sections.next().unwrap_or(""));
    let get = |field: &str| {
        head.get(field).copied().ok_or_else(|| refuse(format!("there is no `{field}`")))
    };
    let features: Vec<String> =
        get("feature_names")?.split_whitespace().map(str::to_owned).collect();
    let classes =
        classes(get("num_class")?.parse().map_err(|_| refuse("`num_class` is no count"))?)?;
    check_average(
        text.lines()
            .take_while(|line| !line.starts_with("Tree="))
            .any(|line| line.trim() == "average_output"),
    )?;
    let target = target(get("objective")?, classes)?;
    let mut trees = Vec::new();
    for section in sections {
        let section = section.split("\nend of trees").next().unwrap_or("");
        trees.push(text_tree(&fields(section), features.len())?);
    }
    finish(features, target, classes, trees)
}

fn fields(section: &str) -> HashMap<&str, &str> {
    section.lines().filter_map(|line| line.trim_end().split_once('=')).collect()
}

fn numbers<T: std::str::FromStr>(
    fields: &HashMap<&str, &str>,
    field: &str,
) -> Result<Vec<T>, ModelFileError> {
    let text = fields.get(field).copied().unwrap_or("");
    let parsed: Result<Vec<T>, _> = text.split_whitespace().map(str::parse).collect();
    parsed.map_err(|_| refuse(format!("`{field}` of a tree is no list of numbers")))
}

fn text_tree(fields: &HashMap<&str, &str>, features: usize) -> Result<Tree, ModelFileError> {
    if fields.get("is_linear").is_some_and(|flag| *flag != "0") {
        return Err(unsupported("linear leaves".to_owned(), "train with `linear_tree=false`"));
    }
    let leaves: Vec<f64> = numbers(fields, "leaf_value")?;
    let by: Vec<usize> = numbers(fields, "split_feature")?;
    let thresholds: Vec<f64> = numbers(fields, "threshold")?;
    let decisions: Vec<u8> = numbers(fields, "decision_type")?;
    let left: Vec<i64> = numbers(fields, "left_child")?;
    let right: Vec<i64> = numbers(fields, "right_child")?;
    let inner = by.len();
    if [thresholds.len(), decisions.len(), left.len(), right.len()]
        .iter()
        .any(|length| *length != inner)
        || leaves.len() != inner + 1
    {
        return Err(refuse("the lists of a tree have different lengths"));
    }
    // Inner nodes keep their numbers, leaf `n`, written as -(n + 1), comes behind them.
    let place = |child: i64| {
        if child >= 0 {
            child as usize
        } else {
            inner + (-(child + 1)) as usize
        }
    };
    let mut nodes = Vec::with_capacity(inner + leaves.len());
    for index in 0..inner {
        let decision = decisions[index];
        if decision & 1 != 0 {
            return Err(unsupported(
                "a split by categories".to_owned(),
                "encode categories as 0/1 columns",
            ));
        }
        let missing = match decision >> 2 & 3 {
            0 => MissingType::None,
            2 => MissingType::Nan,
            _ => return Err(missing_zero("Zero")),
        };
        let default_left = decision & 2 != 0;
        let (left, right) = (place(left[index]), place(right[index]));
        nodes.push(Node::Split(split(
            by[index],
            thresholds[index],
            missing,
            default_left,
            left,
            right,
            features,
        )?));
    }
    nodes.extend(leaves.into_iter().map(Node::Leaf));
    Tree::new(nodes).map_err(refuse)
}

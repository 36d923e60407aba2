// SPDX-License-Identifier: Apache-2.0
//! The JSON form, `dump_model`: trees as nested objects.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::categories::{codes, Kind};
use super::node::{leaf, split, Grown, MissingType, Question};
use super::{class_count, finish, refuse, unsupported, Head};
use crate::boosting::Codes;
use crate::tree::MAX_DEPTH;
use crate::{shorten, ModelFile, ModelFileError, Node, Options, Tree};

#[derive(Deserialize)]
struct File {
    num_class: u64,
    num_tree_per_iteration: Option<u64>,
    #[serde(default)]
    average_output: bool,
    feature_names: Vec<String>,
    objective: Option<String>,
    tree_info: Vec<TreeInfo>,
    #[serde(default)]
    feature_infos: HashMap<String, Info>,
    pandas_categorical: Option<Json>,
}

#[derive(Deserialize)]
struct TreeInfo {
    tree_structure: Json,
}

#[derive(Deserialize)]
struct Info {
    /// The categories; none of a number.
    #[serde(default)]
    values: Vec<Json>,
}

pub(super) fn read(json: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
    let file: File = serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
    let classes = class_count(file.num_class)?;
    if file.num_tree_per_iteration.is_some_and(|count| count != classes as u64) {
        return Err(refuse(format!("another number of trees a round than {classes} classes")));
    }
    let kind = |name: &String| match file.feature_infos.get(name) {
        None => Kind::Unknown,
        Some(info) if info.values.is_empty() => Kind::Number,
        Some(_) => Kind::Categories,
    };
    let kinds: Vec<Kind> = file.feature_names.iter().map(kind).collect();
    let head = Head {
        codes: codes(file.pandas_categorical.as_ref(), None, &kinds)?,
        names: file.feature_names,
        classes,
        objective: file.objective,
        average: file.average_output,
    };
    let mut trees = Vec::with_capacity(file.tree_info.len());
    for tree in &file.tree_info {
        let mut grower = Grower { codes: &head.codes, nodes: Vec::new(), record: Vec::new() };
        grower.add(&tree.tree_structure, 0)?;
        // A tree that is but a leaf may lack its weight.
        let column = |place: usize| -> Vec<f64> {
            let column: Option<Vec<f64>> = grower.record.iter().map(|own| own[place]).collect();
            column.unwrap_or_default()
        };
        let (counts, weights) = (column(0), column(1));
        trees.push(Grown { tree: Tree::new(grower.nodes).map_err(refuse)?, counts, weights });
    }
    finish(head, trees, options)
}

struct Grower<'a> {
    codes: &'a [Codes],
    nodes: Vec<Node>,
    /// Count and weight of the training data at each node.
    record: Vec<[Option<f64>; 2]>,
}

impl Grower<'_> {
    /// Appends the node and all below it, parents first.
    fn add(&mut self, json: &Json, depth: usize) -> Result<usize, ModelFileError> {
        if depth > MAX_DEPTH {
            return Err(refuse(format!("a tree is deeper than {MAX_DEPTH}")));
        }
        let index = self.nodes.len();
        let number = |field: &str| json.get(field).and_then(Json::as_f64);
        if let Some(points) = number("leaf_value") {
            self.record.push([number("leaf_count"), number("leaf_weight")]);
            self.nodes.push(match number("leaf_const") {
                None => Node::Leaf(points),
                Some(constant) => self.linear_leaf(json, points, constant)?,
            });
            return Ok(index);
        }
        self.record.push([number("internal_count"), number("internal_weight")]);
        // Reserves the parent's place before its children.
        self.nodes.push(Node::Leaf(0.0));
        let child =
            |field: &str| json.get(field).ok_or_else(|| refuse(format!("a node has no {field}")));
        let left = self.add(child("left_child")?, depth + 1)?;
        let right = self.add(child("right_child")?, depth + 1)?;
        let feature = json.get("split_feature").and_then(Json::as_u64);
        let feature = feature.and_then(|feature| usize::try_from(feature).ok());
        let feature = feature.ok_or_else(|| refuse("a node has no `split_feature`"))?;
        let text = |field: &str| json.get(field).and_then(Json::as_str);
        let set: Vec<usize>;
        let question = match (text("decision_type"), json.get("threshold")) {
            (Some("<="), Some(threshold)) => Question::Limit {
                limit: threshold.as_f64().unwrap_or(f64::NAN),
                missing: MissingType::of_name(text("missing_type"))?,
                default_left: json.get("default_left").and_then(Json::as_bool).unwrap_or(false),
            },
            (Some("=="), Some(threshold)) => {
                set = categories(threshold)?;
                Question::Categories(&set)
            }
            (kind, _) => {
                return Err(unsupported(
                    format!("a node of decision type `{}`", shorten(kind.unwrap_or(""))),
                    "save the model with LightGBM 2 to 4",
                ))
            }
        };
        self.nodes[index] = split(feature, question, [left, right], self.codes)?;
        Ok(index)
    }

    fn linear_leaf(&self, json: &Json, points: f64, constant: f64) -> Result<Node, ModelFileError> {
        let list = |field: &str| json.get(field).and_then(Json::as_array);
        let lists = || {
            let features = list("leaf_features")?.iter().map(Json::as_u64);
            let weights = list("leaf_coeff")?.iter().map(Json::as_f64);
            let features: Option<Vec<u64>> = features.collect();
            let features = features?.into_iter().map(|own| usize::try_from(own).ok());
            Some((features.collect::<Option<Vec<_>>>()?, weights.collect::<Option<Vec<_>>>()?))
        };
        let (features, weights) =
            lists().ok_or_else(|| refuse("a leaf's linear function isn't complete"))?;
        leaf(points, constant, &features, &weights, self.codes)
    }
}

/// `0||3||4`; one category may stand as a number.
fn categories(threshold: &Json) -> Result<Vec<usize>, ModelFileError> {
    let problem = || refuse("a node's set of categories is no list of codes");
    match threshold {
        Json::String(text) if text.is_empty() => Ok(Vec::new()),
        Json::String(text) => {
            let codes = text.split("||").map(|code| code.trim().parse().map_err(|_| problem()));
            codes.collect()
        }
        other => {
            let code = other.as_u64().and_then(|code| usize::try_from(code).ok());
            Ok(vec![code.ok_or_else(problem)?])
        }
    }
}

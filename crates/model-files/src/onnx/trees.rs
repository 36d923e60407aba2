// SPDX-License-Identifier: Apache-2.0
//! TreeEnsembleClassifier and TreeEnsembleRegressor: trees as parallel lists of nodes and of leaf
//! weights.
//!
//! Results follow onnxruntime: a value that is not a number takes the way that its comparison,
//! which is false, leads to, unless the node says that missing values count as true; scores of a
//! class without weights are 0.

use std::collections::HashMap;

use super::proto::Node;
use super::scale::doubles;
use super::{binary, labels, refuse, unknown_transform, unsupported, Predictor};
use crate::tree::MAX_DEPTH;
use crate::{
    shorten, Cell, Compare, Curve, ModelFileError, Node as TreeNode, Scale, Share, Split, Sum,
    Target, Term, Test, Tree, Variable,
};

/// The lists of an operator.
struct Ensemble<'a> {
    node: &'a Node,
    features: &'a [Variable],
    /// Where in the lists a tree's node stands.
    places: HashMap<(i64, i64), usize>,
    /// The root of each tree, in order.
    roots: Vec<usize>,
    /// How many nodes each tree has.
    sizes: HashMap<i64, usize>,
    /// Weights of each leaf by class or target.
    weights: HashMap<(i64, i64), Vec<(usize, f64)>>,
}

/// Where the leaf weights stand: the start of the attributes' names and that of the ids.
const CLASS: &str = "class";
const TARGET: &str = "target";

impl<'a> Ensemble<'a> {
    fn read(
        node: &'a Node,
        features: &'a [Variable],
        of: &str,
        outputs: usize,
    ) -> Result<Self, ModelFileError> {
        if let Some(tensor) =
            node.attribute.iter().find(|attribute| attribute.name.ends_with("_as_tensor"))
        {
            return Err(unsupported(
                format!("the attribute {}", shorten(&tensor.name)),
                "export a model of single precision",
            ));
        }
        let (trees, ids) = (node.ints("nodes_treeids"), node.ints("nodes_nodeids"));
        let count = ids.len();
        let lengths = [
            trees.len(),
            node.ints("nodes_featureids").len(),
            node.ints("nodes_truenodeids").len(),
            node.ints("nodes_falsenodeids").len(),
            node.floats("nodes_values").len(),
            node.texts("nodes_modes").len(),
        ];
        let missing = node.ints("nodes_missing_value_tracks_true").len();
        if lengths.iter().any(|length| *length != count) || !(missing == 0 || missing == count) {
            return Err(refuse(format!("the lists of a {} have different lengths", node.op_type)));
        }
        let mut places = HashMap::with_capacity(count);
        let mut roots = Vec::new();
        let mut sizes: HashMap<i64, usize> = HashMap::new();
        for place in 0..count {
            // The first node of a tree is its root.
            if place == 0 || trees[place] != trees[place - 1] {
                roots.push(place);
            }
            *sizes.entry(trees[place]).or_default() += 1;
            if places.insert((trees[place], ids[place]), place).is_some() {
                return Err(refuse(format!(
                    "node {} of tree {} is given twice",
                    ids[place], trees[place]
                )));
            }
        }
        let list = |name: &str| node.ints(&format!("{of}_{name}"));
        let (leaf_trees, leaf_ids, classes) = (list("treeids"), list("nodeids"), list("ids"));
        let values = doubles(node.floats(&format!("{of}_weights")));
        if [leaf_trees.len(), leaf_ids.len(), classes.len()]
            .iter()
            .any(|length| *length != values.len())
        {
            return Err(refuse(format!(
                "the weights of a {} have different lengths",
                node.op_type
            )));
        }
        let mut weights: HashMap<(i64, i64), Vec<(usize, f64)>> = HashMap::new();
        for (index, value) in values.into_iter().enumerate() {
            let class = usize::try_from(classes[index]).ok().filter(|class| *class < outputs);
            let class = class.ok_or_else(|| {
                refuse(format!("a weight belongs to {of} {} of {outputs}", classes[index]))
            })?;
            weights.entry((leaf_trees[index], leaf_ids[index])).or_default().push((class, value));
        }
        Ok(Self { node, features, places, roots, sizes, weights })
    }

    /// The trees for one class or target; those without any weight for it are left out.
    fn sum(&self, class: usize, constant: f64, times: f64) -> Result<Sum, ModelFileError> {
        let modes = self.node.texts("nodes_modes");
        let mut terms = Vec::with_capacity(self.roots.len());
        for root in &self.roots {
            let mut nodes = Vec::new();
            self.add(*root, class, times, &modes, 0, &mut nodes)?;
            let tree = Tree::new(nodes).map_err(refuse)?;
            if tree.leaves().any(|points| points != 0.0) {
                terms.push(Term::Tree(tree));
            }
        }
        Ok(Sum { constant, terms })
    }

    /// Appends a node and all below it, parents first.
    fn add(
        &self,
        place: usize,
        class: usize,
        times: f64,
        modes: &[String],
        depth: usize,
        nodes: &mut Vec<TreeNode>,
    ) -> Result<usize, ModelFileError> {
        if depth > MAX_DEPTH {
            return Err(refuse(format!("a tree is deeper than {MAX_DEPTH}")));
        }
        // A tree has each of its nodes once: more of them are a circle, or shared.
        let tree = self.node.ints("nodes_treeids")[place];
        if nodes.len() >= self.sizes[&tree] {
            return Err(refuse("the nodes of a tree are no tree"));
        }
        let index = nodes.len();
        if modes[place] == "LEAF" {
            let id = self.node.ints("nodes_nodeids")[place];
            let own = self.weights.get(&(tree, id));
            let points = own
                .into_iter()
                .flatten()
                .filter(|(of, _)| *of == class)
                .map(|(_, value)| value)
                .sum::<f64>();
            nodes.push(TreeNode::Leaf(times * points));
            return Ok(index);
        }
        nodes.push(TreeNode::Nothing);
        let child = |ids: &[i64]| {
            let found = self.places.get(&(tree, ids[place]));
            found.copied().ok_or_else(|| refuse(format!("tree {tree} has no node {}", ids[place])))
        };
        let yes = self.add(
            child(self.node.ints("nodes_truenodeids"))?,
            class,
            times,
            modes,
            depth + 1,
            nodes,
        )?;
        let no = self.add(
            child(self.node.ints("nodes_falsenodeids"))?,
            class,
            times,
            modes,
            depth + 1,
            nodes,
        )?;
        let feature = usize::try_from(self.node.ints("nodes_featureids")[place]).ok();
        let variable = feature.and_then(|feature| self.features.get(feature));
        let variable =
            variable.ok_or_else(|| refuse(format!("a node of tree {tree} has no such feature")))?;
        let (op, negated) = match modes[place].as_str() {
            "BRANCH_LEQ" => (Compare::LessOrEqual, false),
            "BRANCH_LT" => (Compare::Less, false),
            "BRANCH_GTE" => (Compare::GreaterOrEqual, false),
            "BRANCH_GT" => (Compare::Greater, false),
            "BRANCH_EQ" => (Compare::Equal, false),
            "BRANCH_NEQ" => (Compare::Equal, true),
            other => {
                return Err(unsupported(
                    format!("the node mode {}", shorten(other)),
                    "use BRANCH_… and LEAF",
                ))
            }
        };
        let limit = self.node.floats("nodes_values")[place];
        if !limit.is_finite() {
            return Err(refuse(format!("a threshold of tree {tree} is not a finite number")));
        }
        let tracks = self.node.ints("nodes_missing_value_tracks_true").get(place) == Some(&1);
        let test = Test::Compare {
            variable: variable.clone(),
            op,
            limit: Cell::Number(f64::from(limit)),
            single: true,
        };
        nodes[index] = TreeNode::Split(Split {
            test: if negated { Test::Not(Box::new(test)) } else { test },
            yes,
            no,
            unknown: if tracks || negated { yes } else { no },
        });
        Ok(index)
    }
}

fn base(node: &Node, outputs: usize) -> Result<Vec<f64>, ModelFileError> {
    let base = doubles(node.floats("base_values"));
    match base.len() {
        0 => Ok(vec![0.0; outputs]),
        length if length == outputs && base.iter().all(|value| value.is_finite()) => Ok(base),
        length => Err(refuse(format!("{length} base values for {outputs} outputs"))),
    }
}

pub(super) fn regressor(node: &Node, features: &[Variable]) -> Result<Predictor, ModelFileError> {
    if node.int("n_targets", 1) != 1 {
        return Err(unsupported("a regressor of several targets", "export one model a target"));
    }
    let ensemble = Ensemble::read(node, features, TARGET, 1)?;
    let times = match node.text("aggregate_function", "SUM") {
        "SUM" => 1.0,
        "AVERAGE" => 1.0 / ensemble.roots.len().max(1) as f64,
        other => {
            return Err(unsupported(
                format!("aggregate_function {}", shorten(other)),
                "use SUM or AVERAGE",
            ))
        }
    };
    let scale = match node.text("post_transform", "NONE") {
        "NONE" => Scale::IDENTITY,
        "LOGISTIC" => Scale::of(Curve::Logistic),
        other => return Err(unknown_transform(other)),
    };
    Ok(Predictor {
        sums: vec![ensemble.sum(0, base(node, 1)?[0], times)?],
        target: Target::Number(vec![scale]),
    })
}

pub(super) fn classifier(node: &Node, features: &[Variable]) -> Result<Predictor, ModelFileError> {
    let labels = labels(node, "classlabels_int64s")?;
    let post = node.text("post_transform", "NONE");
    let ensemble = Ensemble::read(node, features, CLASS, labels.len())?;
    let labels = match <[String; 2]>::try_from(labels) {
        Ok(labels) => return two_classes(node, &ensemble, labels, post),
        Err(labels) => labels,
    };
    let share = match post {
        "NONE" => Share::Scores,
        "LOGISTIC" => Share::Logistic,
        "SOFTMAX" => Share::Softmax,
        other => return Err(unknown_transform(other)),
    };
    let base = base(node, labels.len())?;
    let sums = (0..labels.len())
        .map(|class| ensemble.sum(class, base[class], 1.0))
        .collect::<Result<Vec<_>, _>>()?;
    // Scores of a forest are shares already: nothing negative, and one a tree in all.
    let shares =
        share == Share::Scores && base.iter().all(|value| *value == 0.0) && positive(&ensemble);
    let share = if shares { Share::Proportion } else { share };
    Ok(Predictor { sums, target: Target::Classes { labels, share } })
}

fn positive(ensemble: &Ensemble<'_>) -> bool {
    ensemble.weights.values().flatten().all(|(_, weight)| *weight >= 0.0)
}

/// Two classes have weights for one of them, which count for the second class.
fn two_classes(
    node: &Node,
    ensemble: &Ensemble<'_>,
    labels: [String; 2],
    post: &str,
) -> Result<Predictor, ModelFileError> {
    let mut classes: Vec<usize> =
        ensemble.weights.values().flatten().map(|(class, _)| *class).collect();
    classes.sort_unstable();
    classes.dedup();
    let [class] = classes[..] else {
        return Err(unsupported(
            "a TreeEnsembleClassifier of two classes with weights for both",
            "export it with skl2onnx or onnxmltools, which write those of one class",
        ));
    };
    let constant = match node.floats("base_values") {
        [] => 0.0,
        [base] if base.is_finite() => f64::from(*base),
        other => return Err(refuse(format!("{} base values for two classes", other.len()))),
    };
    let sum = ensemble.sum(class, constant, 1.0)?;
    match post {
        "LOGISTIC" => Ok(binary(labels, Scale::of(Curve::Logistic), sum)),
        "NONE" if positive(ensemble) => Ok(binary(labels, Scale::IDENTITY, sum)),
        other => Err(unsupported(
            format!("post_transform {} of two classes with such weights", shorten(other)),
            "use LOGISTIC, or NONE with weights from 0 on",
        )),
    }
}

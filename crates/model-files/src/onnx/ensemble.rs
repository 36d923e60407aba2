// SPDX-License-Identifier: Apache-2.0
//! The lists of tree ensembles, in the form of ai.onnx.ml 1 to 3 and in that of 5.
//!
//! A value that is not a number takes the way that its comparison, which is false, leads to, unless
//! the node says that missing values count as true.

use std::collections::HashMap;

use super::columns::Columns;
use super::linear::doubles;
use super::proto::Node;
use super::tensor::{Kind, Tensor};
use super::{refuse, unsupported};
use crate::tree::MAX_DEPTH;
use crate::{
    shorten, Cell, Compare, ModelFileError, Node as TreeNode, Split, Test, Tree, Variable,
};

type Read<T> = Result<T, ModelFileError>;

/// Weights by class or target.
pub(super) type Leaf = Vec<(usize, f64)>;

enum Part {
    Leaf(Leaf),
    Split { feature: i64, mode: Mode, tracks: bool, children: [Child; 2] },
}

/// A node by its place, or one that isn't there, by its number.
type Child = Result<usize, i64>;

enum Mode {
    Compare { op: Compare, negated: bool, limit: f64 },
    OneOf(Vec<Cell>),
}

/// Trees whose nodes and leaves stand in one list.
pub(super) struct Ensemble {
    pub roots: Vec<usize>,
    parts: Vec<Part>,
}

/// The features of trees, made when they are first read.
pub(super) struct Features<'a> {
    of: &'a Tensor,
    columns: &'a mut Columns,
    known: HashMap<usize, Variable>,
}

impl Features<'_> {
    fn get(&mut self, feature: i64) -> Read<Variable> {
        let place = usize::try_from(feature).ok().filter(|place| *place < self.of.items.len());
        let place = place
            .ok_or_else(|| refuse(format!("a tree reads feature {feature}, which isn't there")))?;
        if let Some(known) = self.known.get(&place) {
            return Ok(known.clone());
        }
        let number = self.of.items[place].number("a tree")?;
        let variable = self.columns.variable(number)?;
        self.known.insert(place, variable.clone());
        Ok(variable)
    }
}

fn mode(name: &str, limit: f64) -> Read<Mode> {
    let (op, negated) = match name {
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
    match limit.is_finite() {
        true => Ok(Mode::Compare { op, negated, limit }),
        false => Err(refuse("a threshold of a tree is not a finite number")),
    }
}

/// Numbers of single precision, or of double precision beside them.
fn numbers(node: &Node, name: &str) -> Read<Vec<f64>> {
    match node.tensor(&format!("{name}_as_tensor")) {
        Some(tensor) => tensor
            .numbers()
            .ok_or_else(|| unsupported(format!("the element type of {name}"), "use double")),
        None => Ok(doubles(node.floats(name))),
    }
}

impl Ensemble {
    /// As versions 1 to 3 write it; `of` starts the names of the leaves' weights.
    pub(super) fn read(node: &Node, of: &str, outputs: usize) -> Read<Self> {
        let (trees, ids) = (node.ints("nodes_treeids"), node.ints("nodes_nodeids"));
        let (features, modes) = (node.ints("nodes_featureids"), node.texts("nodes_modes"));
        let (yes, no) = (node.ints("nodes_truenodeids"), node.ints("nodes_falsenodeids"));
        let values = numbers(node, "nodes_values")?;
        let tracks = node.ints("nodes_missing_value_tracks_true");
        let count = ids.len();
        let lengths = [trees.len(), features.len(), yes.len(), no.len(), values.len(), modes.len()];
        if lengths.iter().any(|length| *length != count)
            || !(tracks.is_empty() || tracks.len() == count)
        {
            return Err(refuse(format!("the lists of a {} have different lengths", node.op_type)));
        }
        let mut weights = weights(node, of, outputs)?;
        let mut places = HashMap::with_capacity(count);
        let mut roots = Vec::new();
        for place in 0..count {
            // The first node of a tree is its root.
            if place == 0 || trees[place] != trees[place - 1] {
                roots.push(place);
            }
            if places.insert((trees[place], ids[place]), place).is_some() {
                return Err(refuse(format!(
                    "node {} of tree {} is given twice",
                    ids[place], trees[place]
                )));
            }
        }
        let mut parts = Vec::with_capacity(count);
        for place in 0..count {
            let tree = trees[place];
            parts.push(if modes[place] == "LEAF" {
                Part::Leaf(weights.remove(&(tree, ids[place])).unwrap_or_default())
            } else {
                let child =
                    |list: &[i64]| places.get(&(tree, list[place])).copied().ok_or(list[place]);
                Part::Split {
                    feature: features[place],
                    mode: mode(&modes[place], values[place])?,
                    tracks: tracks.get(place) == Some(&1),
                    children: [child(yes), child(no)],
                }
            });
        }
        Ok(Self { roots, parts })
    }

    /// As version 5 writes it: leaves stand in lists of their own.
    pub(super) fn newest(node: &Node, outputs: usize) -> Read<Self> {
        let tensor = |name: &str| {
            let numbers = node.tensor(name).and_then(super::proto::Tensor::numbers);
            numbers.ok_or_else(|| refuse(format!("a TreeEnsemble has no {name}")))
        };
        let (splits, modes, values) =
            (tensor("nodes_splits")?, tensor("nodes_modes")?, tensor("leaf_weights")?);
        let (features, targets) = (node.ints("nodes_featureids"), node.ints("leaf_targetids"));
        let (yes, no) = (node.ints("nodes_truenodeids"), node.ints("nodes_falsenodeids"));
        let (yes_leaf, no_leaf) = (node.ints("nodes_trueleafs"), node.ints("nodes_falseleafs"));
        let tracks = node.ints("nodes_missing_value_tracks_true");
        let count = splits.len();
        let lengths =
            [features.len(), modes.len(), yes.len(), no.len(), yes_leaf.len(), no_leaf.len()];
        if lengths.iter().any(|length| *length != count)
            || !(tracks.is_empty() || tracks.len() == count)
            || targets.len() != values.len()
        {
            return Err(refuse("the lists of a TreeEnsemble have different lengths"));
        }
        let members = match node.tensor("membership_values") {
            Some(_) => tensor("membership_values")?,
            None => Vec::new(),
        };
        let mut sets = members.split(|number| number.is_nan());
        let mut parts = Vec::with_capacity(count + values.len());
        const NAMES: [&str; 6] =
            ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
        for place in 0..count {
            let mode = match modes[place] as usize {
                6 => {
                    let set = sets.next().unwrap_or_default().iter();
                    Mode::OneOf(set.map(|number| Cell::Number(*number)).collect())
                }
                number => mode(NAMES.get(number).copied().unwrap_or("?"), splits[place])?,
            };
            let child = |list: &[i64], leaf: &[i64]| {
                let start = if leaf[place] != 0 { count } else { 0 };
                let end = if leaf[place] != 0 { count + values.len() } else { count };
                let found =
                    usize::try_from(list[place]).ok().and_then(|own| own.checked_add(start));
                found.filter(|found| *found < end).ok_or(list[place])
            };
            let children = [child(yes, yes_leaf), child(no, no_leaf)];
            let (feature, tracks) = (features[place], tracks.get(place) == Some(&1));
            parts.push(Part::Split { feature, mode, tracks, children });
        }
        for (target, value) in targets.iter().zip(values) {
            parts.push(Part::Leaf(vec![(output(*target, outputs, "target")?, value)]));
        }
        let roots = node.ints("tree_roots").iter().map(|root| {
            let place = usize::try_from(*root).ok().filter(|place| *place < count);
            place.ok_or_else(|| refuse(format!("a TreeEnsemble has no root {root}")))
        });
        Ok(Self { roots: roots.collect::<Read<_>>()?, parts })
    }

    /// The features that its trees read.
    pub(super) fn features<'a>(&self, of: &'a Tensor, columns: &'a mut Columns) -> Features<'a> {
        Features { of, columns, known: HashMap::new() }
    }

    pub(super) fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.parts.iter().filter_map(|part| match part {
            Part::Leaf(leaf) => Some(leaf),
            Part::Split { .. } => None,
        })
    }

    /// The leaves under a root, each once.
    pub(super) fn leaves_of(&self, root: usize) -> Vec<&Leaf> {
        let (mut leaves, mut seen) = (Vec::new(), std::collections::HashSet::new());
        let mut open = vec![root];
        while let Some(place) = open.pop() {
            if !seen.insert(place) {
                continue;
            }
            match &self.parts[place] {
                Part::Leaf(leaf) => leaves.push(leaf),
                Part::Split { children, .. } => open.extend(children.iter().flatten()),
            }
        }
        leaves
    }

    /// One tree with what its leaves give.
    pub(super) fn tree(
        &self,
        root: usize,
        features: &mut Features<'_>,
        points: &dyn Fn(&Leaf) -> f64,
    ) -> Read<Tree> {
        let mut nodes = Vec::new();
        let mut seen = std::collections::HashSet::new();
        self.add(root, features, points, 0, &mut seen, &mut nodes)?;
        Tree::new(nodes).map_err(refuse)
    }

    /// Appends a node and all below it, parents first.
    fn add(
        &self,
        place: usize,
        features: &mut Features<'_>,
        points: &dyn Fn(&Leaf) -> f64,
        depth: usize,
        seen: &mut std::collections::HashSet<usize>,
        nodes: &mut Vec<TreeNode>,
    ) -> Read<usize> {
        if depth > MAX_DEPTH {
            return Err(refuse(format!("a tree is deeper than {MAX_DEPTH}")));
        }
        let index = nodes.len();
        let (feature, mode, tracks, children) = match &self.parts[place] {
            Part::Leaf(leaf) => {
                nodes.push(TreeNode::Leaf(points(leaf)));
                return Ok(index);
            }
            Part::Split { feature, mode, tracks, children } => (feature, mode, tracks, children),
        };
        // A tree has each of its questions once: more of them are a circle, or shared.
        if !seen.insert(place) {
            return Err(refuse("the nodes of a tree are no tree"));
        }
        nodes.push(TreeNode::Nothing);
        let mut child = |child: &Child, nodes: &mut Vec<TreeNode>, features: &mut Features<'_>| {
            let child = child.map_err(|id| refuse(format!("a tree has no node {id}")))?;
            self.add(child, features, points, depth + 1, seen, nodes)
        };
        let yes = child(&children[0], nodes, features)?;
        let no = child(&children[1], nodes, features)?;
        let variable = features.get(*feature)?;
        let single = features.of.kind != Kind::Double;
        let (test, negated) = match mode {
            Mode::Compare { op, negated, limit } => {
                let limit = Cell::Number(*limit);
                (Test::Compare { variable, op: *op, limit, single }, *negated)
            }
            Mode::OneOf(set) => (Test::OneOf { variable, set: set.clone() }, false),
        };
        nodes[index] = TreeNode::Split(Split {
            test: if negated { Test::Not(Box::new(test)) } else { test },
            yes,
            no,
            unknown: if *tracks || negated { yes } else { no },
        });
        Ok(index)
    }
}

fn output(number: i64, outputs: usize, of: &str) -> Read<usize> {
    let output = usize::try_from(number).ok().filter(|output| *output < outputs);
    output.ok_or_else(|| refuse(format!("a weight belongs to {of} {number} of {outputs}")))
}

/// The weights of each leaf, by its tree and number.
fn weights(node: &Node, of: &str, outputs: usize) -> Read<HashMap<(i64, i64), Leaf>> {
    let list = |name: &str| node.ints(&format!("{of}_{name}"));
    let (trees, ids, classes) = (list("treeids"), list("nodeids"), list("ids"));
    let values = numbers(node, &format!("{of}_weights"))?;
    if [trees.len(), ids.len(), classes.len()].iter().any(|length| *length != values.len()) {
        return Err(refuse(format!("the weights of a {} have different lengths", node.op_type)));
    }
    let mut weights: HashMap<(i64, i64), Leaf> = HashMap::new();
    for (index, value) in values.into_iter().enumerate() {
        let class = output(classes[index], outputs, of)?;
        weights.entry((trees[index], ids[index])).or_default().push((class, value));
    }
    Ok(weights)
}

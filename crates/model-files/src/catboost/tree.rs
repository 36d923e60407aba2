// SPDX-License-Identifier: Apache-2.0
//! CatBoost's trees: one for each sum, which ask the same.

use serde::Deserialize;
use serde_json::Value as Json;

use super::features::{Asked, Features};
use super::file::{SplitText, TreeText, Values};
use super::refuse;
use crate::either::Numbers;
use crate::tree::MAX_DEPTH;
use crate::{ModelFileError, Node, Split, Tree};

/// Most splits of a symmetric tree; the library's own bound.
const MAX_SPLITS: usize = 16;

/// A symmetric tree asks the same at all nodes of a level. The nodes of level `l` follow those of
/// the level before; the answers to a node stand in its number's bits, the first answer lowest.
pub(super) fn symmetric(
    text: &TreeText,
    features: &Features,
    classes: usize,
    scale: f64,
) -> Result<Vec<Tree>, ModelFileError> {
    let splits = text.splits.as_deref().unwrap_or_default();
    if splits.len() > MAX_SPLITS || text.leaf_values.len() != classes << splits.len() {
        let problem = format!("{} points for {} splits", text.leaf_values.len(), splits.len());
        return Err(refuse(problem));
    }
    let mut inner = Vec::with_capacity(1 << splits.len());
    for (level, split) in splits.iter().enumerate() {
        let asked = features.asked(split)?;
        let (first, below) = ((1 << level) - 1, (1 << (level + 1)) - 1);
        for node in 0..1usize << level {
            debug_assert_eq!(inner.len(), first + node);
            inner.push(question(&asked, below + node, below + node + (1 << level)));
        }
    }
    let tree = |class: usize| {
        let leaves = text.leaf_values.iter().skip(class).step_by(classes);
        let leaves = leaves.map(|points| Node::Leaf(scale * points));
        Tree::new(inner.iter().cloned().chain(leaves).collect()).map_err(refuse)
    };
    (0..classes).map(tree).collect()
}

fn question(asked: &Asked, no: usize, yes: usize) -> Node {
    let unknown = if asked.unknown { yes } else { no };
    Node::Split(Split { test: asked.test.clone(), yes, no, unknown })
}

/// A tree of nested objects; what holds goes right.
pub(super) fn nested(
    json: &Json,
    features: &Features,
    classes: usize,
    scale: f64,
) -> Result<Vec<Tree>, ModelFileError> {
    let mut nodes = vec![Vec::new(); classes];
    add(json, features, scale, 0, &mut nodes)?;
    nodes.into_iter().map(|nodes| Tree::new(nodes).map_err(refuse)).collect()
}

/// Appends the node and all below it, parents first, to the tree of each sum.
fn add(
    json: &Json,
    features: &Features,
    scale: f64,
    depth: usize,
    trees: &mut [Vec<Node>],
) -> Result<usize, ModelFileError> {
    if depth > MAX_DEPTH {
        return Err(refuse(format!("a tree is deeper than {MAX_DEPTH}")));
    }
    let index = trees[0].len();
    if let Some(value) = json.get("value") {
        let points = points(value)?;
        if points.len() != trees.len() {
            return Err(refuse(format!("a leaf has {} points", points.len())));
        }
        let leaves = trees.iter_mut().zip(points);
        leaves.for_each(|(tree, points)| tree.push(Node::Leaf(scale * points)));
        return Ok(index);
    }
    let get = |field: &str| json.get(field).ok_or_else(|| refuse(format!("a node has no {field}")));
    let split = SplitText::deserialize(get("split")?).map_err(|error| refuse(error.to_string()))?;
    let asked = features.asked(&split)?;
    // Reserves the parent's place before its children.
    trees.iter_mut().for_each(|tree| tree.push(Node::Leaf(0.0)));
    let left = add(get("left")?, features, scale, depth + 1, trees)?;
    let right = add(get("right")?, features, scale, depth + 1, trees)?;
    for tree in trees {
        tree[index] = question(&asked, left, right);
    }
    Ok(index)
}

fn points(value: &Json) -> Result<Vec<f64>, ModelFileError> {
    match Values::deserialize(value) {
        Ok(Values(Numbers::One(one))) => Ok(vec![one]),
        Ok(Values(Numbers::Several(several))) => Ok(several),
        Err(_) => Err(refuse("a leaf has no number")),
    }
}

/// How many points the leaves of a nested tree have.
pub(super) fn width(json: &Json) -> Result<usize, ModelFileError> {
    let mut node = json;
    loop {
        match (node.get("value"), node.get("left")) {
            (Some(value), _) => return Ok(points(value)?.len()),
            (None, Some(left)) => node = left,
            (None, None) => return Err(refuse("a node has neither a value nor children")),
        }
    }
}

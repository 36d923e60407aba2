// SPDX-License-Identifier: Apache-2.0
//! Nodes of LightGBM's trees: comparisons with three kinds of gaps, sets of categories, and leaves
//! with linear functions.

use super::{refuse, unsupported};
use crate::boosting::Codes;
use crate::{shorten, Cell, Compare, Lines, ModelFileError, Node, Split, Test, Tree, Variable};

/// A tree with what it records of its training, one entry a node; empty if the file lacks them.
pub(super) struct Grown {
    pub(super) tree: Tree,
    /// How many cases came there.
    pub(super) counts: Vec<f64>,
    /// The sum of their second derivatives.
    pub(super) weights: Vec<f64>,
}

/// What a comparison does without a number.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum MissingType {
    /// A gap is read as 0.
    None,
    /// 0 is read as a gap, too.
    Zero,
    /// A gap has a default direction.
    Nan,
}

impl MissingType {
    pub(super) fn of_name(name: Option<&str>) -> Result<Self, ModelFileError> {
        match name {
            None | Some("None") => Ok(Self::None),
            Some("Zero") => Ok(Self::Zero),
            Some("NaN") => Ok(Self::Nan),
            Some(other) => Err(unsupported(
                format!("missing type `{}`", shorten(other)),
                "save the model with LightGBM 2 to 4",
            )),
        }
    }

    /// From bits 2 and 3 of a node's decision type.
    pub(super) fn of_decision(decision: u8) -> Result<Self, ModelFileError> {
        match decision >> 2 & 3 {
            0 => Ok(Self::None),
            1 => Ok(Self::Zero),
            2 => Ok(Self::Nan),
            _ => Err(refuse(format!("a tree has decision type {decision}"))),
        }
    }
}

/// The question of a node; what holds goes left.
pub(super) enum Question<'a> {
    Limit { limit: f64, missing: MissingType, default_left: bool },
    Categories(&'a [usize]),
}

/// A node that asks a feature, with its left and right child.
pub(super) fn split(
    feature: usize,
    question: Question<'_>,
    [left, right]: [usize; 2],
    codes: &[Codes],
) -> Result<Node, ModelFileError> {
    let own = codes.get(feature).ok_or_else(|| refuse("a node asks a feature that isn't there"))?;
    let variable = Variable::input(feature);
    let (limit, missing, default_left) = match question {
        // Gaps and categories that aren't in the set go right.
        Question::Categories(set) => {
            let test = Test::OneOf { variable, set: own.cells(set) };
            return Ok(Node::Split(Split { test, yes: left, no: right, unknown: right }));
        }
        Question::Limit { limit, missing, default_left } => (limit, missing, default_left),
    };
    if !limit.is_finite() {
        return Err(refuse("a node has no finite threshold"));
    }
    let compare = |op, limit| Test::Compare {
        variable: variable.clone(),
        op,
        limit: Cell::Number(limit),
        single: false,
    };
    let below = compare(Compare::LessOrEqual, limit);
    let zero = || compare(Compare::Equal, 0.0);
    let test = match (missing, default_left, 0.0 <= limit) {
        (MissingType::Zero, true, false) => Test::Any(vec![below, zero()]),
        (MissingType::Zero, false, true) => Test::All(vec![below, Test::Not(Box::new(zero()))]),
        _ => below,
    };
    let unknown_left = match missing {
        MissingType::None => 0.0 <= limit,
        MissingType::Zero | MissingType::Nan => default_left,
    };
    let unknown = if unknown_left { left } else { right };
    Ok(Node::Split(Split { test, yes: left, no: right, unknown }))
}

/// A leaf with a linear function; its plain points count where a number is missing.
pub(super) fn leaf(
    points: f64,
    constant: f64,
    features: &[usize],
    weights: &[f64],
    codes: &[Codes],
) -> Result<Node, ModelFileError> {
    if features.len() != weights.len() || features.iter().any(|feature| *feature >= codes.len()) {
        return Err(refuse("a leaf's linear function has no such feature"));
    }
    if features.is_empty() {
        return Ok(Node::Leaf(constant));
    }
    let weights = features.iter().map(|feature| Variable::input(*feature)).zip(weights.to_vec());
    Ok(Node::Lines(Lines { constant, weights: weights.collect(), missing: points }))
}

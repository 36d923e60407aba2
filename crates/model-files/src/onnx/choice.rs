// SPDX-License-Identifier: Apache-2.0
//! Entries that are chosen: classes by their scores, steps by the nearest number.

use std::cell::OnceCell;
use std::sync::Arc;

use super::affine::{Affine, Atom};
use super::proto::Node;
use super::tensor::{Item, Kind, Tensor};
use super::{refuse, unsupported};
use crate::{Cell, Curve, Function, Interval, ModelFileError, Node as TreeNode, Sum, Term, Tree};

/// The first of the greatest scores wins.
#[derive(Debug)]
pub(super) struct Choice {
    pub scores: Vec<Affine>,
    /// 1 or 0, if it's a comparison of columns that may be a feature too.
    truth: Option<Affine>,
    /// 1 or 0 for two classes of one tree.
    second: OnceCell<Option<Affine>>,
}

/// The number of the nearest of ascending points, of two as near the first.
#[derive(Debug)]
pub(super) struct Nearest {
    pub of: Affine,
    pub points: Vec<f64>,
}

impl Choice {
    pub(super) fn of(scores: Vec<Affine>) -> Self {
        Self { scores, truth: None, second: OnceCell::new() }
    }

    /// The choice between two labels, and its truth if that may be a feature.
    pub(super) fn two(scores: [Affine; 2], labels: [Cell; 2], truth: Option<Affine>) -> Item {
        let choice = Self { truth, ..Self::of(scores.into()) };
        Item::Choice(Arc::new(choice), labels.into())
    }

    /// The label as a feature, if it's a comparison of columns.
    pub(super) fn feature(&self, labels: &[Cell]) -> Option<Affine> {
        between_labels(self.truth.as_ref()?, labels)
    }

    /// The label as a number, if it's a comparison of columns or the class of one tree.
    pub(super) fn number(&self, labels: &[Cell]) -> Option<Affine> {
        if let Some(feature) = self.feature(labels) {
            return Some(feature);
        }
        match labels.len() {
            // The same tree for both labels, so that they may cancel out.
            2 => {
                let labelled = || self.of_tree(&[Cell::Number(0.0), Cell::Number(1.0)]);
                between_labels(self.second.get_or_init(labelled).as_ref()?, labels)
            }
            _ => self.of_tree(labels),
        }
    }

    /// The label as a number, if the scores are those of one tree.
    fn of_tree(&self, labels: &[Cell]) -> Option<Affine> {
        let mut tree: Option<&Tree> = None;
        let mut scores = Vec::with_capacity(self.scores.len());
        for score in &self.scores {
            scores.push(match &score.parts[..] {
                [] => (score.constant, None),
                [(Atom::Trees(sum), weight)] => match &sum.terms[..] {
                    [Term::Tree(own)] => {
                        let same = |known: &Tree| own.nodes().len() == known.nodes().len();
                        if !tree.is_none_or(same) {
                            return None;
                        }
                        tree = Some(own);
                        (score.constant + weight * sum.constant, Some((own.nodes(), *weight)))
                    }
                    _ => return None,
                },
                _ => return None,
            });
        }
        let tree = tree?;
        let mut nodes = Vec::with_capacity(tree.nodes().len());
        for (place, node) in tree.nodes().iter().enumerate() {
            let mut best: Option<(f64, f64)> = None;
            for ((constant, own), label) in scores.iter().zip(labels) {
                let points = match (node, own.map(|(nodes, weight)| (&nodes[place], weight))) {
                    (TreeNode::Leaf(_), Some((TreeNode::Leaf(points), weight))) => {
                        constant + weight * points
                    }
                    (TreeNode::Leaf(_), None) => *constant,
                    (TreeNode::Split(_), None) => continue,
                    (TreeNode::Split(_), Some((own, _))) if own == node => continue,
                    _ => return None,
                };
                if best.is_none_or(|(known, _)| points > known) {
                    best = Some((points, label.number()?));
                }
            }
            nodes.push(match best {
                Some((_, label)) => TreeNode::Leaf(label),
                None => node.clone(),
            });
        }
        let tree = Tree::new(nodes).ok()?;
        Some(Affine::atom(Atom::Trees(Arc::new(Sum::of_tree(tree)))))
    }

    /// Whether the greatest of the values is always the class that is chosen.
    pub(super) fn agrees(&self, values: &[Affine]) -> bool {
        if self.scores.len() != values.len() {
            return false;
        }
        if let ([a, b], [c, d]) = (&self.scores[..], values) {
            return ranked(b.plus(a, -1.0)).is_same(&ranked(d.plus(c, -1.0)));
        }
        let scores = self.scores.iter().map(plain);
        scores.zip(values.iter().map(plain)).all(|(score, value)| score.is_same(value))
    }
}

/// The first label or the second, by a truth.
fn between_labels(truth: &Affine, labels: &[Cell]) -> Option<Affine> {
    let [first, second] = labels else { return None };
    let (first, second) = (first.number()?, second.number()?);
    Some(Affine::constant(first).plus(truth, second - first))
}

/// What orders values as these do.
fn plain(value: &Affine) -> &Affine {
    match value.as_atom() {
        Some(Atom::Share(shared, index)) => plain(&shared.members[*index]),
        _ => value.only(&Curve::Logistic).or(value.only(&Curve::Exp)).unwrap_or(value),
    }
}

/// A difference that has the same sign, without the last curve, and of a fixed size.
fn ranked(difference: Affine) -> Affine {
    let [(atom, weight)] = &difference.parts[..] else {
        return sized(difference);
    };
    if let Atom::Bent(bent) = atom {
        let limit = -difference.constant / weight;
        if bent.unread.is_none() && bent.curves == [Curve::Logistic] && limit > 0.0 && limit < 1.0 {
            let mut of = bent.of.clone();
            of.constant -= (limit / (1.0 - limit)).ln();
            return sized(of.times(weight.signum()));
        }
    }
    sized(difference)
}

fn sized(sum: Affine) -> Affine {
    match sum.parts.first() {
        Some((_, weight)) if weight.is_finite() && *weight != 0.0 => sum.times(1.0 / weight.abs()),
        _ => sum,
    }
}

/// ArgMax and ArgMin.
pub(super) fn extreme(node: &Node, of: &Tensor) -> Result<Tensor, ModelFileError> {
    let greatest = node.op_type == "ArgMax";
    if node.int("select_last_index", 0) != 0 {
        return Err(unsupported(
            format!("{} with select_last_index", node.op_type),
            "leave it at its default",
        ));
    }
    let axis = of.axis(node.int("axis", 0))?;
    let (before, along, behind) = of.around(axis);
    if along == 0 {
        return Err(refuse(format!("{} of nothing", node.op_type)));
    }
    let mut items = Vec::with_capacity(before * behind);
    for start in 0..before {
        for end in 0..behind {
            let item = |place: usize| &of.items[(start * along + place) * behind + end];
            let numbers: Result<Vec<&Affine>, _> =
                (0..along).map(|place| item(place).number(&node.op_type)).collect();
            let made = match greatest {
                true => {
                    if let Some(first) = numbers.as_deref().ok().and_then(first_interval) {
                        Item::Number(first?)
                    } else {
                        let scores = numbers?.into_iter().cloned().collect();
                        let labels = (0..along).map(|label| Cell::Number(label as f64)).collect();
                        Item::Choice(Arc::new(Choice::of(scores)), labels)
                    }
                }
                false => nearest(&numbers?)?,
            };
            items.push(made);
        }
    }
    let mut dims = of.dims.clone();
    match node.int("keepdims", 1) {
        0 => drop(dims.remove(axis)),
        _ => dims[axis] = 1,
    }
    Tensor::new(Kind::Whole, dims, items)
}

/// The index of the first interval of one number that holds, as KBinsDiscretizer is written: ones
/// and zeros for the limits, and a one behind them.
fn first_interval(numbers: &[&Affine]) -> Option<Result<Affine, ModelFileError>> {
    let (last, truths) = numbers.split_last()?;
    if last.fixed() != Some(1.0) || truths.is_empty() {
        return None;
    }
    let mut of: Option<(usize, Arc<Function>)> = None;
    let mut bins: Vec<(Interval, Cell)> = Vec::new();
    for (index, truth) in truths.iter().enumerate() {
        let variable = truth.as_variable()?;
        let bin = held(&variable.function)?;
        let own = (variable.column, bin.0);
        if *of.get_or_insert_with(|| own.clone()) != own {
            return None;
        }
        bins.push((bin.1, Cell::Number(index as f64)));
    }
    let (column, of) = of?;
    let function = Function::Bins(of, bins, Cell::Number(truths.len() as f64));
    Some(super::columns::variable(column, Arc::new(function)).map(Affine::variable))
}

/// The interval and of what, if the function is 1 there and else 0.
fn held(function: &Function) -> Option<(Arc<Function>, Interval)> {
    match function {
        Function::Default(inner, Cell::Number(0.0)) | Function::Single(inner) => held(inner),
        Function::Bins(of, bins, Cell::Number(0.0)) => match &bins[..] {
            [(interval, Cell::Number(1.0))] => Some((of.clone(), *interval)),
            _ => None,
        },
        _ => None,
    }
}

/// The least of distances of one number to several points.
fn nearest(distances: &[&Affine]) -> Result<Item, ModelFileError> {
    let unread = || unsupported("ArgMin of other things than distances to points", "use ArgMax");
    let mut of: Option<Affine> = None;
    let mut points = Vec::with_capacity(distances.len());
    for distance in distances {
        let Some(Atom::Bent(bent)) = distance.as_atom() else { return Err(unread()) };
        if bent.unread != Some(ABSOLUTE) || !bent.curves.is_empty() {
            return Err(unread());
        }
        let without = Affine { constant: 0.0, parts: bent.of.parts.clone() };
        points.push(-bent.of.constant);
        if !of.get_or_insert_with(|| without.clone()).is_same(&without) {
            return Err(unread());
        }
    }
    match (of, points.windows(2).all(|pair| pair[0] <= pair[1])) {
        (Some(of), true) => Ok(Item::Nearest(Arc::new(Nearest { of, points }))),
        _ => Err(unread()),
    }
}

/// The name of the function that has no curve but may be followed by ArgMin.
pub(super) const ABSOLUTE: &str = "Abs";
/// The name of a cast of a result to whole numbers, which AdaBoost compares with 0.
pub(super) const WHOLE: &str = "Cast to whole numbers";

impl Nearest {
    /// The value beside the nearest point.
    pub(super) fn pick(&self, values: &[f64]) -> Result<Affine, ModelFileError> {
        if values.len() != self.points.len() {
            return Err(refuse("a list of steps has another length than its points"));
        }
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for (points, values) in self.points.windows(2).zip(values.windows(2)) {
            let middle = (points[0] + points[1]) / 2.0;
            if values[0] == values[1] || points[0] == points[1] {
                continue;
            }
            if steps.last().is_some_and(|(last, _)| *last >= middle) {
                return Err(refuse("points of a step function lie too close together"));
            }
            steps.push((middle, values[0]));
            steps.push((middle.next_up(), values[1]));
        }
        Ok(match values {
            [] => Affine::constant(f64::NAN),
            [first, ..] if steps.is_empty() => Affine::constant(*first),
            _ => super::unary::bent(&self.of, Curve::Lines(steps))?,
        })
    }
}

/// Picks labels by a choice, and values by the nearest point.
pub(super) fn pick(of: &[Item], index: &Item) -> Result<Item, ModelFileError> {
    let constant = |item: &Item| item.cell();
    match index {
        Item::Choice(choice, labels) => {
            let picked = labels.iter().map(|label| {
                let place = label.number().filter(|number| *number >= 0.0)? as usize;
                constant(of.get(place)?)
            });
            let picked: Option<Arc<[Cell]>> = picked.collect();
            let picked = picked.ok_or_else(|| {
                unsupported("a pick by the class of other things than labels", "pick labels only")
            })?;
            Ok(Item::Choice(choice.clone(), picked))
        }
        Item::Nearest(nearest) => {
            let values: Option<Vec<f64>> = of.iter().map(|item| constant(item)?.number()).collect();
            let values = values.ok_or_else(|| {
                unsupported("a pick of other things than numbers", "pick numbers")
            })?;
            nearest.pick(&values).map(Item::Number)
        }
        other => {
            let number = other.cell().and_then(|cell| cell.number());
            let number = number.ok_or_else(|| {
                unsupported("a pick by computed indices", "pick columns by constants")
            })?;
            let place = if number < 0.0 { number + of.len() as f64 } else { number };
            let found = (place >= 0.0).then(|| of.get(place as usize)).flatten();
            found
                .cloned()
                .ok_or_else(|| refuse(format!("entry {number} is picked of {}", of.len())))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Entries that are chosen: classes by their scores, steps by the nearest number.

use std::sync::Arc;

use super::affine::{Affine, Atom};
use super::proto::Node;
use super::tensor::{Item, Kind, Tensor};
use super::{refuse, unsupported};
use crate::{Cell, Curve, ModelFileError};

/// The first of the greatest scores wins.
#[derive(Debug)]
pub(super) struct Choice {
    pub scores: Vec<Affine>,
}

/// The number of the nearest of ascending points, of two as near the first.
#[derive(Debug)]
pub(super) struct Nearest {
    pub of: Affine,
    pub points: Vec<f64>,
}

impl Choice {
    /// The choice between 0 and 1.
    pub(super) fn two(scores: [Affine; 2], labels: [Cell; 2]) -> Item {
        Item::Choice(Arc::new(Self { scores: scores.into() }), labels.into())
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
            items.push(match greatest {
                true => {
                    let scores = numbers?.into_iter().cloned().collect();
                    let labels = (0..along).map(|label| Cell::Number(label as f64)).collect();
                    Item::Choice(Arc::new(Choice { scores }), labels)
                }
                false => nearest(&numbers?)?,
            });
        }
    }
    let mut dims = of.dims.clone();
    match node.int("keepdims", 1) {
        0 => drop(dims.remove(axis)),
        _ => dims[axis] = 1,
    }
    Tensor::new(Kind::Whole, dims, items)
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

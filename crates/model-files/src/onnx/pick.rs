// SPDX-License-Identifier: Apache-2.0
//! Entries picked by an index: ArgMax and ArgMin, which make it, and what is picked by it.

use std::sync::Arc;

use super::affine::{Affine, Atom, ABSOLUTE};
use super::choice::{Choice, Nearest};
use super::columns::variable;
use super::proto::Node;
use super::tensor::{Item, Kind, Tensor};
use super::unary::bent;
use super::{refuse, unsupported};
use crate::{Cell, Curve, Function, Interval, ModelFileError};

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
    Some(variable(column, Arc::new(function)).map(Affine::variable))
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

impl Nearest {
    /// The value beside the nearest point.
    fn pick(&self, values: &[f64]) -> Result<Affine, ModelFileError> {
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
            _ => bent(&self.of, Curve::Lines(steps))?,
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

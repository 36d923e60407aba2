// SPDX-License-Identifier: Apache-2.0
//! Operators that move entries about: shapes, parts, joining.

use std::rc::Rc;

use super::pick::pick;
use super::proto::Node;
use super::refuse;
use super::tensor::{axis_of, entries, Item, Items, Kind, Tensor};
use crate::ModelFileError;

type Read<T> = Result<T, ModelFileError>;

fn whole(numbers: Vec<f64>) -> Vec<i64> {
    numbers.into_iter().map(|number| number as i64).collect()
}

/// Whole numbers from an attribute, or from an input as newer versions have them.
pub(super) fn ints(
    node: &Node,
    name: &str,
    inputs: &[Option<Rc<Tensor>>],
    index: usize,
) -> Read<Option<Vec<i64>>> {
    if node.has(name) {
        return Ok(Some(node.ints(name).to_vec()));
    }
    match inputs.get(index) {
        Some(Some(tensor)) => Ok(Some(whole(tensor.constants(&node.op_type)?))),
        _ => Ok(None),
    }
}

pub(super) fn with_dims(of: &Tensor, dims: Vec<usize>) -> Read<Tensor> {
    Tensor::new(of.kind, dims, of.items.clone())
}

pub(super) fn reshape(of: &Tensor, wanted: &[i64]) -> Read<Tensor> {
    let mut dims = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (place, dim) in wanted.iter().enumerate() {
        dims.push(match dim {
            -1 if open.is_none() => {
                open = Some(place);
                1
            }
            0 => of.dims.get(place).copied().unwrap_or(0),
            dim => usize::try_from(*dim).map_err(|_| refuse("a Reshape to no shape"))?,
        });
    }
    if let Some(open) = open {
        dims[open] = of.items.len().checked_div(entries(&dims)?).unwrap_or(0);
    }
    with_dims(of, dims)
}

pub(super) fn flatten(of: &Tensor, axis: i64) -> Read<Tensor> {
    let place = match axis {
        axis if axis == of.dims.len() as i64 => of.dims.len(),
        axis => of.axis(axis)?,
    };
    let before = of.dims[..place].iter().product();
    let behind = of.dims[place..].iter().product();
    with_dims(of, vec![before, behind])
}

pub(super) fn squeeze(of: &Tensor, axes: Option<Vec<i64>>) -> Read<Tensor> {
    let mut dims = Vec::new();
    let axes = match axes {
        Some(axes) => {
            Some(axes.into_iter().map(|axis| of.axis(axis)).collect::<Read<Vec<usize>>>()?)
        }
        None => None,
    };
    for (place, dim) in of.dims.iter().enumerate() {
        let dropped = axes.as_ref().map_or(*dim == 1, |axes| axes.contains(&place));
        if !dropped {
            dims.push(*dim);
        }
    }
    with_dims(of, dims)
}

pub(super) fn unsqueeze(of: &Tensor, axes: &[i64]) -> Read<Tensor> {
    let most = of.dims.len() + axes.len();
    let mut dims = of.dims.clone();
    let mut places = axes.iter().map(|axis| axis_of(*axis, most)).collect::<Read<Vec<usize>>>()?;
    places.sort_unstable();
    for place in places {
        if place > dims.len() {
            return Err(refuse("an Unsqueeze to no shape"));
        }
        dims.insert(place, 1);
    }
    with_dims(of, dims)
}

pub(super) fn transpose(of: &Tensor, order: &[i64]) -> Read<Tensor> {
    let count = of.dims.len();
    let order = match order {
        [] => (0..count).rev().collect(),
        order => order.iter().map(|axis| of.axis(*axis)).collect::<Read<Vec<usize>>>()?,
    };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted != (0..count).collect::<Vec<_>>() {
        return Err(refuse("a Transpose of no order"));
    }
    let steps: Vec<usize> = (0..count).map(|place| of.dims[place + 1..].iter().product()).collect();
    let dims: Vec<usize> = order.iter().map(|axis| of.dims[*axis]).collect();
    let mut items = Vec::with_capacity(of.items.len());
    for entry in 0..of.items.len() {
        let (mut rest, mut index) = (entry, 0);
        for (axis, dim) in order.iter().zip(&dims).rev() {
            index += rest % dim * steps[*axis];
            rest /= dim;
        }
        items.push(of.items[index].clone());
    }
    Tensor::new(of.kind, dims, items)
}

pub(super) fn concat(tensors: &[&Tensor], axis: i64) -> Read<Tensor> {
    let first = tensors.first().ok_or_else(|| refuse("a Concat of nothing"))?;
    let axis = first.axis(axis)?;
    let mut dims = first.dims.clone();
    dims[axis] = 0;
    for tensor in tensors {
        let mut others = tensor.dims.clone();
        let along = match others.get_mut(axis) {
            Some(dim) => std::mem::take(dim),
            None => return Err(refuse("a Concat of different shapes")),
        };
        let mut own = dims.clone();
        own[axis] = 0;
        if others != own {
            return Err(refuse("a Concat of different shapes"));
        }
        dims[axis] += along;
    }
    entries(&dims)?;
    let mut items = Items::default();
    for start in 0..dims[..axis].iter().product() {
        for tensor in tensors {
            let (_, along, behind) = tensor.around(axis);
            let length = along * behind;
            for item in &tensor.items[start * length..(start + 1) * length] {
                items.push(item.clone())?;
            }
        }
    }
    // Numbers of several kinds come from files that nobody checked.
    let kind = tensors.iter().map(|tensor| tensor.kind).find(|kind| *kind != first.kind);
    Tensor::new(kind.map_or(first.kind, |_| Kind::Double), dims, items.list)
}

/// Parts of an axis, at most as many as there are.
fn part(of: &Tensor, axis: usize, places: &[usize]) -> Read<Tensor> {
    let (before, along, behind) = of.around(axis);
    let mut dims = of.dims.clone();
    dims[axis] = places.len();
    let mut items = Vec::with_capacity(entries(&dims)?);
    for start in 0..before {
        for place in places {
            let first = (start * along + place) * behind;
            items.extend_from_slice(&of.items[first..first + behind]);
        }
    }
    Tensor::new(of.kind, dims, items)
}

pub(super) fn slice(node: &Node, inputs: &[Option<Rc<Tensor>>], of: &Tensor) -> Read<Tensor> {
    let missing = || refuse("a Slice has no starts and ends");
    let starts = ints(node, "starts", inputs, 1)?.ok_or_else(missing)?;
    let ends = ints(node, "ends", inputs, 2)?.ok_or_else(missing)?;
    let axes = match ints(node, "axes", inputs, 3)? {
        Some(axes) => axes,
        None => (0..starts.len() as i64).collect(),
    };
    let steps = ints(node, "steps", inputs, 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()].iter().any(|length| *length != starts.len()) {
        return Err(refuse("the lists of a Slice have different lengths"));
    }
    let mut found = of.clone();
    for index in 0..starts.len() {
        let axis = found.axis(axes[index])?;
        let length = found.dims[axis] as i64;
        let end = |place: i64| if place < 0 { place.saturating_add(length) } else { place };
        let (start, stop) = (end(starts[index]), end(ends[index]));
        let places: Vec<usize> = match steps[index] {
            0 => return Err(refuse("a Slice of step 0")),
            step @ 1.. => {
                let range = start.clamp(0, length)..stop.clamp(0, length);
                range.step_by(step as usize).map(|place| place as usize).collect()
            }
            step => {
                let stop = if ends[index] < -length { -1 } else { stop.clamp(-1, length - 1) };
                let range = (stop + 1..=start.clamp(-1, length - 1)).rev();
                range.step_by(step.unsigned_abs() as usize).map(|place| place as usize).collect()
            }
        };
        found = part(&found, axis, &places)?;
    }
    Ok(found)
}

pub(super) fn split(node: &Node, inputs: &[Option<Rc<Tensor>>], of: &Tensor) -> Read<Vec<Tensor>> {
    let axis = of.axis(node.int("axis", 0))?;
    let (length, count) = (of.dims[axis], node.output.len().max(1));
    let lengths = match ints(node, "split", inputs, 1)? {
        Some(lengths) => lengths,
        None => {
            let each = length.div_ceil(count);
            (0..count).map(|part| (length.saturating_sub(part * each)).min(each) as i64).collect()
        }
    };
    let mut parts = Vec::with_capacity(lengths.len());
    let mut start = 0usize;
    for own in lengths {
        let own = usize::try_from(own).ok().filter(|own| *own <= length - start);
        let own = own.ok_or_else(|| refuse("a Split into more than there is"))?;
        let places: Vec<usize> = (start..start + own).collect();
        start += own;
        parts.push(part(of, axis, &places)?);
    }
    Ok(parts)
}

/// Gather, and ArrayFeatureExtractor along the last axis.
pub(super) fn gather(of: &Tensor, index: &Tensor, axis: i64) -> Read<Tensor> {
    let axis = of.axis(axis)?;
    let (before, along, behind) = of.around(axis);
    let mut dims = of.dims[..axis].to_vec();
    dims.extend(&index.dims);
    dims.extend(&of.dims[axis + 1..]);
    entries(&dims)?;
    let mut items = Items::default();
    for start in 0..before {
        for one in &index.items {
            for end in 0..behind {
                let line: Vec<Item> = match one {
                    Item::Number(_) => Vec::new(),
                    _ => (0..along)
                        .map(|place| of.items[(start * along + place) * behind + end].clone())
                        .collect(),
                };
                items.push(match one.cell().and_then(|cell| cell.number()) {
                    Some(number) => {
                        let place = if number < 0.0 { number + along as f64 } else { number };
                        if !(place >= 0.0 && place < along as f64) {
                            let problem = format!("entry {number} is picked of {along}");
                            return Err(refuse(problem));
                        }
                        of.items[(start * along + place as usize) * behind + end].clone()
                    }
                    None => pick(&line, one)?,
                })?;
            }
        }
    }
    Tensor::new(of.kind, dims, items.list)
}

pub(super) fn extract(of: &Tensor, index: &Tensor) -> Read<Tensor> {
    let row = with_dims(index, vec![index.items.len()])?;
    let found = match of.dims.len() {
        0 => return Err(refuse("an ArrayFeatureExtractor of no list")),
        _ => gather(of, &row, -1)?,
    };
    match of.dims.len() {
        1 => with_dims(&found, vec![1, found.items.len()]),
        _ => Ok(found),
    }
}

pub(super) fn filled(dims: Vec<i64>, value: Item, kind: Kind) -> Read<Tensor> {
    let dims: Result<Vec<usize>, _> = dims.into_iter().map(usize::try_from).collect();
    let dims = dims.map_err(|_| refuse("a constant has no such shape"))?;
    let items = vec![value; entries(&dims)?];
    Tensor::new(kind, dims, items)
}

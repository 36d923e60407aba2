// SPDX-License-Identifier: Apache-2.0
//! Tensors for one case: entries that say how they follow from its columns.

use std::sync::Arc;

use super::affine::Affine;
use super::choice::{Choice, Nearest};
use super::proto;
use super::{refuse, unsupported};
use crate::{shorten, Cell, ModelFileError, Variable};

/// Most entries and parts of sums, of one operation's result and of all together.
pub(super) const MAX_SIZE: usize = 1 << 22;
/// Most entries of a tensor.
pub(super) const MAX_ENTRIES: usize = 1 << 18;

/// What kind of entries a tensor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers of single precision.
    Single,
    /// Numbers of double precision.
    Double,
    /// Whole numbers.
    Whole,
    /// 0 and 1.
    Truth,
    /// Texts.
    Text,
}

/// One entry.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A number.
    Number(Affine),
    /// A text that is the same for all cases.
    Text(Arc<str>),
    /// A text that depends on a column.
    Category(Category),
    /// One of several labels.
    Choice(Arc<Choice>, Arc<[Cell]>),
    /// The index of the nearest of several numbers.
    Nearest(Arc<Nearest>),
}

/// A text that depends on a column.
#[derive(Clone, Debug)]
pub(super) struct Category {
    pub variable: Variable,
    /// Whether it was a number, whose digits are the text.
    pub digits: bool,
}

/// Entries in rows, the last dimension first to change.
#[derive(Clone, Debug)]
pub(super) struct Tensor {
    pub kind: Kind,
    pub dims: Vec<usize>,
    pub items: Vec<Item>,
}

impl Kind {
    /// The kind of an element type.
    pub(super) fn of(data_type: i32) -> Option<Self> {
        Some(match data_type {
            proto::FLOAT => Self::Single,
            proto::DOUBLE => Self::Double,
            proto::BOOL => Self::Truth,
            proto::STRING => Self::Text,
            proto::UINT8
            | proto::INT8
            | proto::UINT16
            | proto::INT16
            | proto::INT32
            | proto::INT64
            | proto::UINT32
            | proto::UINT64 => Self::Whole,
            _ => return None,
        })
    }

    /// The number in this kind.
    pub(super) fn round(self, number: f64) -> f64 {
        match self {
            Self::Single => f64::from(number as f32),
            Self::Double | Self::Text => number,
            Self::Whole => number.trunc(),
            Self::Truth => f64::from(u8::from(number != 0.0)),
        }
    }
}

impl Item {
    pub(super) fn constant(number: f64) -> Self {
        Self::Number(Affine::constant(number))
    }

    pub(super) fn of_cell(cell: Cell) -> Self {
        match cell {
            Cell::Number(number) => Self::constant(number),
            Cell::Text(text) => Self::Text(text),
            Cell::Missing => Self::constant(f64::NAN),
        }
    }

    /// The cell, if it's the same for all cases.
    pub(super) fn cell(&self) -> Option<Cell> {
        match self {
            Self::Number(number) => number.fixed().map(Cell::Number),
            Self::Text(text) => Some(Cell::Text(text.clone())),
            _ => None,
        }
    }

    pub(super) fn number(&self, operator: &str) -> Result<&Affine, ModelFileError> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Text(_) | Self::Category(_) => Err(refuse(format!("{operator} on texts"))),
            Self::Choice(..) | Self::Nearest(_) => Err(unsupported(
                format!("{operator} on the model's classes (a vote by classes, or AdaBoost)"),
                "export a model whose probabilities are averaged (soft voting), or one of the models alone",
            )),
        }
    }

    /// How much there is to it.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Number(number) => 1 + number.parts.len(),
            _ => 1,
        }
    }
}

impl Tensor {
    pub(super) fn new(
        kind: Kind,
        dims: Vec<usize>,
        items: Vec<Item>,
    ) -> Result<Self, ModelFileError> {
        match entries(&dims)? == items.len() {
            true => Ok(Self { kind, dims, items }),
            false => Err(refuse(format!("{} entries have the shape {dims:?}", items.len()))),
        }
    }

    /// One row of numbers.
    pub(super) fn row(kind: Kind, numbers: Vec<Affine>) -> Self {
        let dims = vec![1, numbers.len()];
        Self { kind, dims, items: numbers.into_iter().map(Item::Number).collect() }
    }

    /// A constant of the file.
    pub(super) fn of_constant(tensor: &proto::Tensor) -> Result<Self, ModelFileError> {
        let name = shorten(&tensor.name);
        if tensor.data_location != 0 {
            return Err(unsupported(
                format!("constant `{name}` in another file"),
                "save the model as one file",
            ));
        }
        let (Some(cells), Some(kind)) = (tensor.cells(), Kind::of(tensor.data_type)) else {
            return Err(unsupported(
                format!("element type {} of constant `{name}`", tensor.data_type),
                "use float, double, whole numbers, bool or string",
            ));
        };
        let dims: Option<Vec<usize>> =
            tensor.dims.iter().map(|dim| usize::try_from(*dim).ok()).collect();
        let dims = dims.ok_or_else(|| refuse(format!("constant `{name}` has no such shape")))?;
        if cells.len() > MAX_ENTRIES {
            return Err(unsupported(
                format!("constant `{name}` of {} entries, as neural networks have", cells.len()),
                "train a linear model, an additive model or trees",
            ));
        }
        // Files that people write may leave the shape of a list away.
        let dims = match dims.is_empty() && cells.len() != 1 {
            true => vec![cells.len()],
            false => dims,
        };
        Self::new(kind, dims, cells.into_iter().map(Item::of_cell).collect())
    }

    /// The numbers, if all are the same for all cases.
    pub(super) fn constants(&self, operator: &str) -> Result<Vec<f64>, ModelFileError> {
        let number = |item: &Item| match item.cell() {
            Some(Cell::Number(number)) => Some(number),
            _ => None,
        };
        let numbers: Option<Vec<f64>> = self.items.iter().map(number).collect();
        numbers.ok_or_else(|| {
            unsupported(
                format!("a shape, index or limit of {operator} that depends on the case"),
                "use constants",
            )
        })
    }

    pub(super) fn numbers(&self, operator: &str) -> Result<Vec<&Affine>, ModelFileError> {
        self.items.iter().map(|item| item.number(operator)).collect()
    }

    /// An axis, which counts from the end if negative.
    pub(super) fn axis(&self, axis: i64) -> Result<usize, ModelFileError> {
        axis_of(axis, self.dims.len())
    }

    /// How many entries stand before, along, and behind an axis.
    pub(super) fn around(&self, axis: usize) -> (usize, usize, usize) {
        let before = self.dims[..axis].iter().product();
        let behind = self.dims[axis + 1..].iter().product();
        (before, self.dims[axis], behind)
    }
}

pub(super) fn axis_of(axis: i64, dims: usize) -> Result<usize, ModelFileError> {
    let dims = dims as i64;
    let place = if axis < 0 { axis.saturating_add(dims) } else { axis };
    match (0..dims).contains(&place) {
        true => Ok(place as usize),
        false => Err(refuse(format!("axis {axis} of a tensor with {dims} dimensions"))),
    }
}

/// How many entries a shape has.
pub(super) fn entries(dims: &[usize]) -> Result<usize, ModelFileError> {
    let count = dims.iter().try_fold(1usize, |count, dim| count.checked_mul(*dim));
    let count = count.filter(|count| *count <= MAX_ENTRIES);
    count.ok_or_else(|| refuse(format!("a tensor has more than {MAX_ENTRIES} entries")))
}

/// The common shape of several tensors, each stretched where it has one entry.
fn common(tensors: &[&Tensor]) -> Result<Vec<usize>, ModelFileError> {
    let most = tensors.iter().map(|tensor| tensor.dims.len()).max().unwrap_or(0);
    let mut dims = vec![1; most];
    for tensor in tensors {
        let start = most - tensor.dims.len();
        for (own, all) in tensor.dims.iter().zip(&mut dims[start..]) {
            match (*own, *all) {
                (1, _) => {}
                (own, 1) => *all = own,
                (own, known) if own == known => {}
                (own, known) => {
                    return Err(refuse(format!("{own} entries meet {known} in an operation")))
                }
            }
        }
    }
    entries(&dims)?;
    Ok(dims)
}

/// The index in a tensor of each entry of the common shape.
fn stretched(tensor: &Tensor, dims: &[usize]) -> Vec<usize> {
    let count = dims.iter().product();
    let start = dims.len() - tensor.dims.len();
    let mut indices = Vec::with_capacity(count);
    for entry in 0..count {
        let (mut rest, mut index, mut step) = (entry, 0, 1);
        for (place, dim) in dims.iter().enumerate().rev() {
            let at = rest % dim;
            rest /= dim;
            if place >= start && tensor.dims[place - start] != 1 {
                index += at * step;
                step *= tensor.dims[place - start];
            }
        }
        indices.push(index);
    }
    indices
}

/// Each entry of the common shape from those of the tensors.
pub(super) fn each(
    tensors: &[&Tensor],
    kind: Kind,
    mut make: impl FnMut(&[&Item]) -> Result<Item, ModelFileError>,
) -> Result<Tensor, ModelFileError> {
    let dims = common(tensors)?;
    let indices: Vec<Vec<usize>> = tensors.iter().map(|tensor| stretched(tensor, &dims)).collect();
    let count = dims.iter().product();
    let mut items = Items::default();
    for entry in 0..count {
        let own: Vec<&Item> = tensors
            .iter()
            .zip(&indices)
            .map(|(tensor, index)| &tensor.items[index[entry]])
            .collect();
        items.push(make(&own)?)?;
    }
    Tensor::new(kind, dims, items.list)
}

/// The index of each entry among those that are left when axes are joined into one entry.
pub(super) fn reduced(of: &Tensor, kept: &[usize]) -> Vec<usize> {
    let items = Vec::new();
    stretched(&Tensor { kind: of.kind, dims: kept.to_vec(), items }, &of.dims)
}

/// Refuses what is too much for one operation.
pub(super) fn bounded(size: usize) -> Result<(), ModelFileError> {
    match size <= MAX_SIZE {
        true => Ok(()),
        false => Err(refuse(format!("the graph computes more than {MAX_SIZE} numbers"))),
    }
}

/// Entries with how much there is to them.
#[derive(Default)]
pub(super) struct Items {
    pub list: Vec<Item>,
    size: usize,
}

impl Items {
    pub(super) fn push(&mut self, item: Item) -> Result<(), ModelFileError> {
        self.size = self.size.saturating_add(item.size());
        bounded(self.size)?;
        self.list.push(item);
        Ok(())
    }
}

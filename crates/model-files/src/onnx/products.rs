// SPDX-License-Identifier: Apache-2.0
//! Sums over entries: matrix products, reductions, softmax, norms.

use super::affine::{Affine, Atom};
use super::arithmetic::binary;
use super::columns::{only_column, Columns};
use super::proto::Node;
use super::shapes::transpose;
use super::share::{shares, softmax};
use super::tensor::{each, Item, Kind, Tensor};
use super::unary::hidden_layers;
use super::{refuse, unsupported};
use crate::{ModelFileError, Operation};

type Read<T> = Result<T, ModelFileError>;

/// Most products of entries of one operation.
const MAX_PRODUCTS: usize = 1 << 20;

/// The rows and columns of a matrix; a list is one row, or one column.
fn sides(of: &Tensor, left: bool) -> Read<(usize, usize)> {
    match of.dims[..] {
        [only] if left => Ok((1, only)),
        [only] => Ok((only, 1)),
        [rows, columns] => Ok((rows, columns)),
        [1, rows, columns] => Ok((rows, columns)),
        _ => Err(refuse(format!("a matrix product of the shape {:?}", of.dims))),
    }
}

/// Whether it's a curve of several columns: what a hidden layer gives.
fn is_hidden(of: &Affine) -> bool {
    of.parts.iter().any(|(atom, _)| match atom {
        Atom::Bent(bent) => !bent.of.is_result() && only_column(&bent.of).is_none(),
        _ => false,
    })
}

pub(super) fn matmul(a: &Tensor, b: &Tensor, columns: &mut Columns) -> Read<Tensor> {
    let ((rows, inner), (height, width)) = (sides(a, true)?, sides(b, false)?);
    let (left, right) = (a.numbers("MatMul")?, b.numbers("MatMul")?);
    if left.iter().chain(&right).any(|number| is_hidden(number)) {
        return Err(hidden_layers());
    }
    let count = rows.checked_mul(inner).and_then(|count| count.checked_mul(width));
    if inner != height || count.is_none_or(|count| count > MAX_PRODUCTS) {
        return Err(refuse(format!("a matrix product of {:?} and {:?}", a.dims, b.dims)));
    }
    let mut items = Vec::with_capacity(rows * width);
    let mut size = 0;
    for row in 0..rows {
        for column in 0..width {
            let mut sum = Affine::constant(0.0);
            for place in 0..inner {
                let (a, b) = (left[row * inner + place], right[place * width + column]);
                match (a.fixed(), b.fixed()) {
                    (_, Some(weight)) => sum.add(a, weight),
                    (Some(weight), _) => sum.add(b, weight),
                    _ => {
                        let product = binary(columns, Operation::Multiply, a, b, Kind::Single)?;
                        sum.add(&product, 1.0);
                    }
                }
            }
            size += sum.parts.len();
            if size > MAX_PRODUCTS {
                return Err(refuse("a matrix product is too large"));
            }
            items.push(Item::Number(sum));
        }
    }
    let mut dims = a.dims[..a.dims.len() - 1].to_vec();
    if b.dims.len() > 1 {
        dims.push(width);
    }
    Tensor::new(a.kind, dims, items)
}

/// A, B and what is added, with their factors.
pub(super) fn gemm(
    node: &Node,
    a: &Tensor,
    b: &Tensor,
    c: Option<&Tensor>,
    columns: &mut Columns,
) -> Read<Tensor> {
    let turned = |of: &Tensor, name: &str| match node.int(name, 0) {
        0 => Ok(of.clone()),
        _ => transpose(of, &[]),
    };
    let mut product = matmul(&turned(a, "transA")?, &turned(b, "transB")?, columns)?;
    let (alpha, beta) = (node.float("alpha", 1.0), node.float("beta", 1.0));
    scale(&mut product, f64::from(alpha))?;
    let Some(c) = c else { return Ok(product) };
    let mut c = c.clone();
    scale(&mut c, f64::from(beta))?;
    each(&[&product, &c], product.kind, |items| {
        let (a, b) = (items[0].number("Gemm")?, items[1].number("Gemm")?);
        Ok(Item::Number(a.plus(b, 1.0)))
    })
}

fn scale(of: &mut Tensor, factor: f64) -> Read<()> {
    if factor != 1.0 {
        for item in &mut of.items {
            *item = Item::Number(item.number("Gemm")?.times(factor));
        }
    }
    Ok(())
}

/// ReduceSum and its like along axes; all without any.
pub(super) fn reduce(
    node: &Node,
    of: &Tensor,
    axes: Option<Vec<i64>>,
    columns: &mut Columns,
) -> Read<Tensor> {
    let axes = match axes.filter(|axes| !axes.is_empty()) {
        Some(axes) => axes.iter().map(|axis| of.axis(*axis)).collect::<Read<Vec<usize>>>()?,
        None if node.int("noop_with_empty_axes", 0) != 0 => return Ok(of.clone()),
        None => (0..of.dims.len()).collect(),
    };
    let kept: Vec<usize> = of
        .dims
        .iter()
        .enumerate()
        .map(|(place, dim)| if axes.contains(&place) { 1 } else { *dim })
        .collect();
    let places = super::tensor::reduced(of, &kept);
    let mut groups: Vec<Vec<&Affine>> = vec![Vec::new(); kept.iter().product()];
    for (number, place) in of.numbers(&node.op_type)?.into_iter().zip(places) {
        groups[place].push(number);
    }
    let mut items = Vec::with_capacity(groups.len());
    for group in groups {
        let fold = |operation, columns: &mut Columns| -> Read<Affine> {
            let mut all = group.first().map_or(Affine::constant(0.0), |first| (*first).clone());
            for one in group.iter().skip(1) {
                all = binary(columns, operation, &all, one, of.kind)?;
            }
            Ok(all)
        };
        let sum = || Affine::sum(group.iter().copied());
        items.push(Item::Number(match node.op_type.as_str() {
            "ReduceSum" => sum(),
            "ReduceMean" => sum().times(1.0 / group.len().max(1) as f64),
            "ReduceProd" => fold(Operation::Multiply, columns)?,
            "ReduceMax" => fold(Operation::Greatest, columns)?,
            "ReduceMin" => fold(Operation::Least, columns)?,
            other => {
                return Err(unsupported(
                    format!("operator {other}"),
                    "train a linear model, an additive model or trees",
                ))
            }
        }));
    }
    let dims = match node.int("keepdims", 1) {
        0 => kept
            .iter()
            .enumerate()
            .filter(|(place, _)| !axes.contains(place))
            .map(|(_, dim)| *dim)
            .collect(),
        _ => kept,
    };
    Tensor::new(of.kind, dims, items)
}

/// Each line of an axis on its own.
fn lines(
    of: &Tensor,
    axis: usize,
    name: &str,
    make: impl Fn(&[&Affine]) -> Read<Vec<Affine>>,
) -> Read<Tensor> {
    let (before, along, behind) = of.around(axis);
    let numbers = of.numbers(name)?;
    let mut items = of.items.clone();
    for start in 0..before {
        for end in 0..behind {
            let place = |at: usize| (start * along + at) * behind + end;
            let line: Vec<&Affine> = (0..along).map(|at| numbers[place(at)]).collect();
            for (at, made) in make(&line)?.into_iter().enumerate() {
                items[place(at)] = Item::Number(made);
            }
        }
    }
    Tensor::new(of.kind, of.dims.clone(), items)
}

pub(super) fn softmaxes(node: &Node, of: &Tensor) -> Read<Tensor> {
    let axis = of.axis(node.int("axis", -1))?;
    lines(of, axis, "Softmax", softmax)
}

/// A Normalizer of results: each is divided by the sum of all.
pub(super) fn normalizer(node: &Node, of: &Tensor) -> Read<Tensor> {
    let norm = node.text("norm", "MAX");
    let results =
        of.numbers("Normalizer")?.iter().any(|number| number.is_result() || is_hidden(number));
    if norm != "L1" || !results || of.dims.is_empty() {
        return Err(unsupported(
            format!("operator Normalizer ({}) of features", crate::shorten(norm)),
            "scale columns on their own (StandardScaler), not rows",
        ));
    }
    lines(of, of.dims.len() - 1, "Normalizer", shares)
}

/// Each entry divided by the sum of all, if that is the divisor.
pub(super) fn divided(of: &Tensor, divisor: &Tensor) -> Option<Read<Tensor>> {
    let [Item::Number(divisor)] = &divisor.items[..] else { return None };
    let numbers = of.numbers("Div").ok()?;
    if divisor.fixed().is_some() || numbers.len() < 2 || of.around(of.dims.len() - 1).0 != 1 {
        return None;
    }
    let sum = Affine::sum(numbers.iter().copied());
    let whole = sum.is_result() || is_hidden(&sum);
    (whole && sum.is_same(divisor)).then(|| lines(of, of.dims.len() - 1, "Div", shares))
}

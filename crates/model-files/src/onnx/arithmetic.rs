// SPDX-License-Identifier: Apache-2.0
//! Arithmetic of two numbers.

use std::sync::Arc;

use super::affine::{Affine, Atom};
use super::columns::{apply, between, function, number, only_column, variable, Columns};
use super::tensor::Kind;
use super::unary::{bent, clip, flat, rounded};
use super::{refuse, unsupported};
use crate::{Curve, ModelFileError, Operation, Variable};

/// Most products that a product of two sums is expanded into.
const MAX_PRODUCTS: usize = 4096;

/// An operation on functions of one column, or `None` if they are of several, or results.
pub(super) fn on_one(
    operation: Operation,
    a: &Affine,
    b: &Affine,
    kind: Kind,
) -> Result<Option<Affine>, ModelFileError> {
    let one = |of: &Affine| only_column(of).is_some() || of.parts.is_empty();
    let column = match (only_column(a), only_column(b)) {
        _ if !one(a) || !one(b) => return Ok(None),
        (Some(a), Some(b)) if a != b => return Ok(None),
        (a, b) => a.or(b),
    };
    let Some(column) = column else { return Ok(None) };
    let side = |of: &Affine| match of.fixed() {
        Some(constant) => Ok(number(kind.round(constant))),
        None => Ok(rounded(&function(of)?, kind)),
    };
    let made = apply(operation, &[side(a)?, side(b)?]);
    Ok(variable(column, rounded(&made, kind)).ok().map(Affine::variable))
}

/// Whether it is a function of one column, without a weight.
fn is_feature(of: &Affine) -> bool {
    of.as_variable().is_some()
}

pub(super) fn binary(
    columns: &mut Columns,
    operation: Operation,
    a: &Affine,
    b: &Affine,
    kind: Kind,
) -> Result<Affine, ModelFileError> {
    if let (Some(a), Some(b)) = (a.fixed(), b.fixed()) {
        let value = operation.of(a, Some(b)).unwrap_or(f64::NAN);
        return Ok(Affine::constant(kind.round(value)));
    }
    let plain = |of: &Affine| is_feature(of) || of.parts.is_empty();
    match operation {
        Operation::Add | Operation::Subtract => {
            if plain(a) && plain(b) {
                if let Some(made) = on_one(operation, a, b, kind)? {
                    return Ok(made);
                }
            }
            Ok(a.plus(b, if operation == Operation::Add { 1.0 } else { -1.0 }))
        }
        Operation::Multiply => match (a.fixed(), b.fixed()) {
            (_, Some(0.0)) | (Some(0.0), _) => Ok(Affine::constant(0.0)),
            (_, Some(factor)) if !is_feature(a) => Ok(a.times(factor)),
            (Some(factor), _) if !is_feature(b) => Ok(b.times(factor)),
            _ => match on_one(operation, a, b, kind)? {
                Some(made) => Ok(made),
                None => product(a, b),
            },
        },
        Operation::Divide => match b.fixed() {
            Some(divisor) if !is_feature(a) => Ok(a.times(1.0 / divisor)),
            _ => match quotient(a, b)? {
                Some(curve) => Ok(curve),
                None => match on_one(operation, a, b, kind)? {
                    Some(made) => Ok(made),
                    None => between(columns, operation, a, b),
                },
            },
        },
        Operation::Least | Operation::Greatest => {
            let least = operation == Operation::Least;
            match (a.fixed(), b.fixed()) {
                (Some(end), None) | (None, Some(end)) => {
                    let of = if a.fixed().is_some() { b } else { a };
                    let (low, high) = match least {
                        true => (f64::NEG_INFINITY, end),
                        false => (end, f64::INFINITY),
                    };
                    clip(columns, of, low, high, kind)
                }
                _ => match on_one(operation, a, b, kind)? {
                    Some(made) => Ok(made),
                    None => between(columns, operation, a, b),
                },
            }
        }
        _ => Err(refuse("an operation of two numbers that isn't one")),
    }
}

/// All products of their parts.
pub(super) fn product(a: &Affine, b: &Affine) -> Result<Affine, ModelFileError> {
    let (a, b) = (flat(a)?, flat(b)?);
    if a.parts.len().saturating_mul(b.parts.len()) > MAX_PRODUCTS {
        return Err(refuse(format!("a product has more than {MAX_PRODUCTS} terms")));
    }
    let mut all = Affine::constant(a.constant * b.constant);
    all.add(&Affine { constant: 0.0, parts: a.parts.clone() }, b.constant);
    all.add(&Affine { constant: 0.0, parts: b.parts.clone() }, a.constant);
    for (first, weight) in &a.parts {
        for (second, times) in &b.parts {
            let (Atom::Product(first), Atom::Product(second)) = (first, second) else {
                return Err(unsupported(
                    "a product of a model's result",
                    "weigh results by constants",
                ));
            };
            all.add(&Affine::atom(Atom::Product(joined(first, second)?)), weight * times);
        }
    }
    Ok(all)
}

/// One factor a column.
fn joined(a: &[Variable], b: &[Variable]) -> Result<Arc<[Variable]>, ModelFileError> {
    let mut factors: Vec<Variable> = a.to_vec();
    for factor in b {
        match factors.iter_mut().find(|own| own.column == factor.column) {
            Some(own) => {
                let functions = [own.function.clone(), factor.function.clone()];
                *own = variable(own.column, apply(Operation::Multiply, &functions))?;
            }
            None => factors.push(factor.clone()),
        }
    }
    factors.sort_by_key(|factor| factor.column);
    Ok(factors.into())
}

/// A quotient that is a logistic curve: `c / (d + w exp(x))`, or `w exp(x)` instead of `c`.
fn quotient(a: &Affine, b: &Affine) -> Result<Option<Affine>, ModelFileError> {
    let [(below, weight)] = &b.parts[..] else { return Ok(None) };
    let Some(power) = Affine::atom(below.clone()).power() else { return Ok(None) };
    let ratio = weight / b.constant;
    if !(ratio > 0.0 && ratio.is_finite()) {
        return Ok(None);
    }
    // 1 / (1 + r exp(x)) = logistic(-x - ln r)
    let curve = bent(&Affine::constant(-ratio.ln()).plus(&power, -1.0), Curve::Logistic)?;
    match &a.parts[..] {
        [] => Ok(Some(curve.times(a.constant / b.constant))),
        [(above, times)] if above == below && a.constant == 0.0 => {
            Ok(Some(Affine::constant(1.0).plus(&curve, -1.0).times(times / weight)))
        }
        _ => Ok(None),
    }
}

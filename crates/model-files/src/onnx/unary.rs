// SPDX-License-Identifier: Apache-2.0
//! Functions of one number: of a column, or curves of a sum.

use std::sync::Arc;

use super::affine::{Affine, Atom, Bent, ABSOLUTE};
use super::bounds::bounds;
use super::columns::{apply, function, missing, number, only_column, single, variable, Columns};
use super::tensor::Kind;
use super::{refuse, unsupported};
use crate::{Cell, Curve, Function, Interval, ModelFileError, Operation, Outside};

/// Most curves in turn.
const MAX_CURVES: usize = 16;

pub(super) fn hidden_layers() -> ModelFileError {
    unsupported(
        "a neural network with hidden layers",
        "train a linear model, an additive model or trees",
    )
}

/// A curve of a sum.
pub(super) fn bent(of: &Affine, curve: Curve) -> Result<Affine, ModelFileError> {
    let (mut curves, of) = match &of.parts[..] {
        [(Atom::Bent(inner), weight)] if inner.unread.is_none() => {
            let mut curves = inner.curves.clone();
            if (*weight, of.constant) != (1.0, 0.0) {
                curves.push(Curve::Line { times: *weight, plus: of.constant });
            }
            (curves, inner.of.clone())
        }
        _ => (Vec::new(), flat(of)?),
    };
    // One form for both directions, so that the shares of two classes add up to 1.
    if let (Curve::Logistic, [], Some((_, weight))) = (&curve, &curves[..], of.parts.first()) {
        if *weight < 0.0 {
            let (curves, unread, of) = (vec![curve], None, of.times(-1.0));
            let other = Affine::atom(Atom::Bent(Arc::new(Bent { curves, unread, of })));
            return Ok(Affine::constant(1.0).plus(&other, -1.0));
        }
    }
    curves.push(curve);
    if curves.len() > MAX_CURVES {
        return Err(refuse(format!("more than {MAX_CURVES} curves in turn")));
    }
    Ok(Affine::atom(Atom::Bent(Arc::new(Bent { curves, unread: None, of }))))
}

/// The sum without curves: those of single columns are features, others can't stand in a curve.
pub(super) fn flat(of: &Affine) -> Result<Affine, ModelFileError> {
    if of.is_linear() {
        return Ok(of.clone());
    }
    let mut flat = Affine::constant(of.constant);
    for (atom, weight) in &of.parts {
        let part = Affine::atom(atom.clone());
        match atom {
            Atom::Product(_) | Atom::Trees(_) => flat.add(&part, *weight),
            _ if only_column(&part).is_some() => {
                let column = only_column(&part).unwrap_or_default();
                flat.add(&Affine::variable(variable(column, function(&part)?)?), *weight);
            }
            Atom::Bent(_) | Atom::Share(..) => {
                return Err(unsupported(
                    "a model on the results of others (stacking, or a neural network with hidden layers)",
                    "export one of the models alone, or average their probabilities (soft voting)",
                ))
            }
        }
    }
    Ok(flat)
}

/// A function of one column; of several columns that are no results, a column is made.
fn of_column(
    columns: &mut Columns,
    of: &Affine,
    kind: Kind,
    name: &str,
    make: impl FnOnce(Arc<Function>) -> Arc<Function>,
) -> Result<Affine, ModelFileError> {
    let curve = |(atom, _): &(Atom, f64)| matches!(atom, Atom::Bent(_));
    if of.is_result() || only_column(of).is_none() && of.parts.iter().any(curve) {
        return Err(unsupported(
            format!("{name} of a model's result"),
            "export the model without it, or with Sigmoid, Softmax or Exp",
        ));
    }
    let of = columns.variable(of)?;
    let made = make(rounded(&of.function, kind));
    Ok(Affine::variable(variable(of.column, rounded(&made, kind))?))
}

/// In the kind's precision.
pub(super) fn rounded(function: &Arc<Function>, kind: Kind) -> Arc<Function> {
    match kind {
        Kind::Single => single(function.clone()),
        _ => function.clone(),
    }
}

/// The function of that name.
pub(super) fn unary(
    columns: &mut Columns,
    name: &str,
    of: &Affine,
    kind: Kind,
) -> Result<Affine, ModelFileError> {
    if let Some(constant) = of.fixed() {
        return Ok(Affine::constant(kind.round(of_constant(name, constant)?)));
    }
    let one = |operation| move |of| apply(operation, &[of]);
    match name {
        "Neg" => Ok(of.times(-1.0)),
        "Not" => Ok(Affine::constant(1.0).plus(of, -1.0)),
        "Exp" => bent(of, Curve::Exp),
        "Sigmoid" => bent(of, Curve::Logistic),
        "Tanh" => Ok(Affine::constant(-1.0).plus(&bent(&of.times(2.0), Curve::Logistic)?, 2.0)),
        "Erf" => {
            let of = of.times(std::f64::consts::SQRT_2);
            Ok(Affine::constant(-1.0).plus(&bent(&of, Curve::Probit)?, 2.0))
        }
        "Relu" if only_column(of).is_none() => Err(hidden_layers()),
        "Relu" => {
            of_column(columns, of, kind, name, |of| apply(Operation::Greatest, &[of, number(0.0)]))
        }
        "Abs" if of.is_positive() => Ok(of.clone()),
        "Abs" if of.as_variable().is_none() => opaque(of, ABSOLUTE),
        "Abs" => of_column(columns, of, kind, name, one(Operation::Absolute)),
        "IsNaN" if of.is_result() => Ok(Affine::constant(0.0)),
        "IsNaN" => of_column(columns, of, Kind::Double, name, |of| missing(&of)),
        "Log" | "Sqrt" | "Floor" | "Ceil" => {
            let operation = match name {
                "Log" => Operation::Ln,
                "Sqrt" => Operation::Sqrt,
                "Floor" => Operation::Floor,
                _ => Operation::Ceiling,
            };
            of_column(columns, of, kind, name, one(operation))
        }
        "Reciprocal" => {
            of_column(columns, of, kind, name, |of| apply(Operation::Divide, &[number(1.0), of]))
        }
        "Sign" => of_column(columns, of, kind, name, |of| {
            let low = Interval { low: None, high: Some((0.0, false)) };
            let zero = Interval { low: None, high: Some((0.0, true)) };
            let bins = vec![(low, Cell::Number(-1.0)), (zero, Cell::Number(0.0))];
            Arc::new(Function::Bins(of, bins, Cell::Number(1.0)))
        }),
        other => Err(unsupported(
            format!("operator {other}"),
            "compute it in the table, or use Log, Exp, Sqrt, Abs, Pow or Clip of columns",
        )),
    }
}

/// A function without a curve, which only some operators take.
pub(super) fn opaque(of: &Affine, name: &'static str) -> Result<Affine, ModelFileError> {
    let unread =
        |(atom, _): &(Atom, f64)| matches!(atom, Atom::Bent(bent) if bent.unread.is_some());
    if of.parts.iter().any(unread) {
        return Err(unsupported(format!("{name} of such a function"), "use it once"));
    }
    let bent = Bent { curves: Vec::new(), unread: Some(name), of: of.clone() };
    Ok(Affine::atom(Atom::Bent(Arc::new(bent))))
}

fn of_constant(name: &str, x: f64) -> Result<f64, ModelFileError> {
    Ok(match name {
        "Neg" => -x,
        "Not" => f64::from(u8::from(x == 0.0)),
        "Exp" => x.exp(),
        "Sigmoid" => 1.0 / (1.0 + (-x).exp()),
        "Tanh" => x.tanh(),
        "Erf" => 1.0 - libm::erfc(x),
        "Relu" => x.max(0.0),
        "Abs" => x.abs(),
        "IsNaN" => f64::from(u8::from(x.is_nan())),
        "Log" => x.ln(),
        "Sqrt" => x.sqrt(),
        "Floor" => x.floor(),
        "Ceil" => x.ceil(),
        "Reciprocal" => 1.0 / x,
        "Sign" if x == 0.0 => 0.0,
        "Sign" => x.signum(),
        other => return Err(unsupported(format!("operator {other}"), "compute it in the table")),
    })
}

/// Moved into a range, whose ends may be infinite.
pub(super) fn clip(
    columns: &mut Columns,
    of: &Affine,
    low: f64,
    high: f64,
    kind: Kind,
) -> Result<Affine, ModelFileError> {
    if low.is_nan() || high.is_nan() || low > high {
        return Err(refuse("a Clip has no such range"));
    }
    if let Some(constant) = of.fixed() {
        return Ok(Affine::constant(constant.max(low).min(high)));
    }
    if of.as_variable().is_some() || !(of.is_result() || low.is_finite() && high.is_finite()) {
        return of_column(columns, of, kind, "Clip", |of| {
            match (low.is_finite(), high.is_finite()) {
                (true, true) => Arc::new(Function::Clip { of, low, high, outside: Outside::Clamp }),
                (true, false) => apply(Operation::Greatest, &[of, number(low)]),
                (false, true) => apply(Operation::Least, &[of, number(high)]),
                (false, false) => of,
            }
        });
    }
    let (least, most) = bounds(of);
    // Probabilities are kept from 0 and 1 by less than anybody sees.
    if low <= least + NEGLIGIBLE && high >= most - NEGLIGIBLE {
        return Ok(of.clone());
    }
    let (low, high) = (low.max(least.min(high)), high.min(most.max(low)));
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Err(unsupported(
            "a Clip with one end of a result without bounds",
            "export the model without it, or give both ends",
        ));
    }
    bent(of, Curve::Lines(vec![(low, low), (high, high)]))
}

/// How far a range may cut into probabilities without being read.
const NEGLIGIBLE: f64 = 1e-5;

/// A power with a constant on one side.
pub(super) fn power(
    columns: &mut Columns,
    base: &Affine,
    exponent: &Affine,
    kind: Kind,
) -> Result<Affine, ModelFileError> {
    match (base.fixed(), exponent.fixed()) {
        (Some(base), Some(exponent)) => Ok(Affine::constant(kind.round(base.powf(exponent)))),
        (_, Some(1.0)) => Ok(base.clone()),
        (_, Some(0.0)) => Ok(Affine::constant(1.0)),
        (None, Some(exponent)) => of_column(columns, base, kind, "Pow", |of| {
            apply(Operation::Power, &[of, number(exponent)])
        }),
        // The only base that models use.
        (Some(base), None) if base > 0.0 => bent(&exponent.times(base.ln()), Curve::Exp),
        _ => super::columns::between(columns, Operation::Power, base, exponent),
    }
}

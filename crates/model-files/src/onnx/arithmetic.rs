// SPDX-License-Identifier: Apache-2.0
//! Arithmetic, comparisons and logic of two numbers.

use std::sync::Arc;

use super::affine::{same, Affine, Atom};
use super::choice::{Choice, WHOLE};
use super::columns::{
    apply, between, function, masked, missing, number, only_column, variable, Columns,
};
use super::tensor::{Category, Item, Kind};
use super::unary::{bent, clip, flat, least, rounded};
use super::{refuse, unsupported};
use crate::{Cell, Curve, Function, Interval, ModelFileError, Operation, Variable};

/// Most products that a product of two sums is expanded into.
const MAX_PRODUCTS: usize = 4096;

/// An operation on functions of one column, or `None` if they are of several, or results.
fn on_one(
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
fn product(a: &Affine, b: &Affine) -> Result<Affine, ModelFileError> {
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
    let power = Affine::atom(below.clone());
    let Some(power) = power_of(&power) else { return Ok(None) };
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

/// `x`, if this is `exp(x)`.
fn power_of(of: &Affine) -> Option<Affine> {
    match of.as_atom()? {
        Atom::Bent(bent) if bent.unread.is_none() => match &bent.curves[..] {
            [Curve::Exp] => Some(bent.of.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// A comparison: 1 or 0 of features, a choice of results.
pub(super) fn compared(
    columns: &mut Columns,
    name: &str,
    a: &Affine,
    b: &Affine,
    kind: Kind,
) -> Result<Item, ModelFileError> {
    // As a comparison of a difference with a constant.
    let (of, limit, name) = match (a.fixed(), b.fixed()) {
        (Some(a), Some(b)) => {
            let holds = match name {
                "Less" => a < b,
                "LessOrEqual" => a <= b,
                "Greater" => a > b,
                "GreaterOrEqual" => a >= b,
                _ => a == b,
            };
            return Ok(Item::constant(f64::from(u8::from(holds))));
        }
        (None, Some(limit)) => (a.clone(), limit, name),
        (Some(limit), None) => (b.clone(), limit, turned(name)),
        (None, None) => (a.plus(b, -1.0), 0.0, name),
    };
    if let Some(Atom::Bent(bent)) = of.as_atom() {
        // A sum of powers is never 0.
        if bent.unread == Some(WHOLE) && name == "Equal" && limit == 0.0 && least(&bent.of) >= 1.0 {
            return Ok(Item::constant(0.0));
        }
    }
    let curve = |(atom, _): &(Atom, f64)| matches!(atom, Atom::Bent(_));
    if of.is_result() || of.parts.iter().any(curve) && only_column(&of).is_none() {
        return decided(name, &of, limit, None);
    }
    if only_column(&of).is_some() {
        return truth(columns, name, &of, limit, kind).map(Item::Number);
    }
    match (truth(columns, name, &of, limit, kind), name) {
        (Ok(truth), "Equal") => Ok(Item::Number(truth)),
        (truth, _) => decided(name, &of, limit, truth.ok()),
    }
}

/// 1 where the comparison holds, else 0.
fn truth(
    columns: &mut Columns,
    name: &str,
    of: &Affine,
    limit: f64,
    kind: Kind,
) -> Result<Affine, ModelFileError> {
    let of = columns.variable(of)?;
    let at = |low: Option<bool>, high: Option<bool>| Interval {
        low: low.map(|closed| (kind.round(limit), closed)),
        high: high.map(|closed| (kind.round(limit), closed)),
    };
    let inside = match name {
        "Less" => at(None, Some(false)),
        "LessOrEqual" => at(None, Some(true)),
        "Greater" => at(Some(false), None),
        "GreaterOrEqual" => at(Some(true), None),
        _ => at(Some(true), Some(true)),
    };
    let bins = vec![(inside, Cell::Number(1.0))];
    let bins = Function::Bins(rounded(&of.function, kind), bins, Cell::Number(0.0));
    let function = Function::Default(Arc::new(bins), Cell::Number(0.0));
    Ok(Affine::variable(variable(of.column, Arc::new(function))?))
}

fn turned(name: &str) -> &str {
    match name {
        "Less" => "Greater",
        "LessOrEqual" => "GreaterOrEqual",
        "Greater" => "Less",
        "GreaterOrEqual" => "LessOrEqual",
        other => other,
    }
}

/// A result against a limit. Those exactly on it are rare with curves, and common with shares of
/// trees.
fn decided(
    name: &str,
    of: &Affine,
    limit: f64,
    truth: Option<Affine>,
) -> Result<Item, ModelFileError> {
    let number = |number| Cell::Number(number);
    let limit = Affine::constant(limit);
    let trees = of.parts.iter().any(|(atom, _)| matches!(atom, Atom::Trees(_)));
    let (labels, exact) = match name {
        "Greater" => ([number(0.0), number(1.0)], true),
        "LessOrEqual" => ([number(1.0), number(0.0)], true),
        "GreaterOrEqual" => ([number(0.0), number(1.0)], !trees),
        "Less" => ([number(1.0), number(0.0)], !trees),
        _ => return Err(unsupported("Equal of a model's result", "compare with Greater")),
    };
    match exact {
        true => Ok(Choice::two([limit, of.clone()], labels, {
            // The truth is of the comparison, the labels are of the greater score.
            let turned = labels_turned(name);
            truth.map(|truth| if turned { Affine::constant(1.0).plus(&truth, -1.0) } else { truth })
        })),
        false => Err(unsupported(
            format!("{name} of a sum of trees"),
            "use Greater, which leaves values on the limit to the first class",
        )),
    }
}

/// Whether a comparison holds where the score is the lesser.
fn labels_turned(name: &str) -> bool {
    matches!(name, "Less" | "LessOrEqual")
}

/// Logic of two truths.
pub(super) fn logic(name: &str, a: &Affine, b: &Affine) -> Result<Affine, ModelFileError> {
    let kind = Kind::Double;
    let operation = match name {
        "And" => Operation::Multiply,
        "Or" => Operation::Greatest,
        _ => Operation::Subtract,
    };
    if let Some(made) = on_one(operation, a, b, kind)? {
        let Some(variable) = made.as_variable().filter(|_| name == "Xor") else {
            return Ok(made);
        };
        let function = apply(Operation::Absolute, std::slice::from_ref(&variable.function));
        return Ok(Affine::variable(self::variable(variable.column, function)?));
    }
    let both = match (a.fixed(), b.fixed()) {
        (Some(factor), _) => b.times(factor),
        (_, Some(factor)) => a.times(factor),
        _ => product(a, b)?,
    };
    Ok(match name {
        "And" => both,
        "Or" => a.plus(b, 1.0).plus(&both, -1.0),
        _ => a.plus(b, 1.0).plus(&both, -2.0),
    })
}

/// Where: the first where the condition holds, else the second.
pub(super) fn choose(
    condition: &Item,
    yes: &Item,
    no: &Item,
    kind: Kind,
) -> Result<Item, ModelFileError> {
    match condition {
        Item::Choice(choice, labels) => {
            let (Some(yes), Some(no)) = (yes.cell(), no.cell()) else {
                return Err(unsupported(
                    "Where by the model's class of other things than constants",
                    "give the class and the probabilities as they are",
                ));
            };
            let pick = |label: &Cell| match label.number() {
                Some(0.0) => no.clone(),
                _ => yes.clone(),
            };
            let labels: Arc<[Cell]> = labels.iter().map(pick).collect();
            // The class of one tree is a tree: AdaBoost adds them up. Whole numbers stay labels.
            let number =
                matches!(kind, Kind::Single | Kind::Double).then(|| choice.number(&labels));
            Ok(match number.flatten() {
                Some(number) => Item::Number(number),
                None => Item::Choice(choice.clone(), labels),
            })
        }
        Item::Number(truth) => match (truth.fixed(), yes, no) {
            (Some(0.0), _, no) => Ok(no.clone()),
            (Some(_), yes, _) => Ok(yes.clone()),
            (None, Item::Number(yes), Item::Number(no)) => {
                selected(truth, yes, no).map(Item::Number)
            }
            (None, Item::Text(text), Item::Category(category)) if is_gap(truth, category) => {
                let of = &category.variable;
                let filled = Function::Default(of.function.clone(), Cell::Text(text.clone()));
                let variable = variable(of.column, Arc::new(filled))?;
                Ok(Item::Category(Category { variable, digits: category.digits }))
            }
            _ => Err(unsupported(
                "Where of texts",
                "encode categories by OneHotEncoder or OrdinalEncoder",
            )),
        },
        _ => Err(refuse("Where by texts")),
    }
}

/// Whether the condition holds where the category is an empty text.
fn is_gap(truth: &Affine, category: &Category) -> bool {
    let Some(variable) = truth.as_variable() else { return false };
    variable.column == category.variable.column
        && matches!(&*variable.function, Function::Indicator(of, cell)
            if matches!(&**of, Function::Default(of, _) if *of == category.variable.function)
                && cell.to_string().is_empty())
}

fn selected(truth: &Affine, yes: &Affine, no: &Affine) -> Result<Affine, ModelFileError> {
    // Filling gaps, in the form that others know too.
    if let (Some(condition), Some(value), Some(kept)) =
        (truth.as_variable(), yes.fixed(), no.as_variable())
    {
        if condition.column == kept.column && is_missing(&condition.function, &kept.function) {
            let filled = Function::Default(kept.function.clone(), Cell::Number(value));
            return Ok(Affine::variable(variable(kept.column, Arc::new(filled))?));
        }
    }
    let part = |truth: &Affine, of: &Affine| -> Result<Affine, ModelFileError> {
        match (of.fixed(), only_column(truth)) {
            (Some(constant), _) if constant.is_nan() => Err(unsupported(
                "Where that makes gaps in several columns",
                "leave the cells empty in the table",
            )),
            (Some(constant), _) => Ok(truth.times(constant)),
            (None, Some(column)) if only_column(of) == Some(column) => {
                let masked = masked(&function(truth)?, &function(of)?);
                Ok(Affine::variable(variable(column, masked)?))
            }
            _ => product(truth, of),
        }
    };
    let other = Affine::constant(1.0).plus(truth, -1.0);
    // A code for gaps becomes one.
    if let (Some(column), true) = (only_column(truth), yes.fixed().is_some_and(f64::is_nan)) {
        if only_column(no).is_none_or(|own| own == column) {
            let (truth, no) = (function(truth)?, function(no)?);
            let kept = apply(Operation::Subtract, &[number(1.0), truth]);
            let gap = apply(Operation::Divide, &[number(0.0), kept]);
            return Ok(Affine::variable(variable(column, apply(Operation::Add, &[no, gap]))?));
        }
    }
    let (yes, no) = (part(truth, yes)?, part(&other, no)?);
    match on_one(Operation::Add, &yes, &no, Kind::Double)? {
        Some(made) => Ok(made),
        None => Ok(yes.plus(&no, 1.0)),
    }
}

/// Whether the condition is that the function is missing.
fn is_missing(condition: &Arc<Function>, of: &Arc<Function>) -> bool {
    let plain = |of: &Arc<Function>| match &**of {
        Function::Single(inner) => inner.clone(),
        _ => of.clone(),
    };
    match &**condition {
        Function::Default(inner, _) => match &**inner {
            Function::Bins(bins, list, _) => {
                list.is_empty() && missing(bins) == *condition && plain(bins) == plain(of)
            }
            _ => false,
        },
        _ => false,
    }
}

/// Shares of the whole: each divided by the sum of all.
pub(super) fn shares(of: &[&Affine]) -> Result<Vec<Affine>, ModelFileError> {
    let sum = Affine::sum(of.iter().copied());
    if let Some(sum) = sum.fixed() {
        let factor = if same(sum, 1.0) { 1.0 } else { 1.0 / sum };
        return Ok(of.iter().map(|one| one.times(factor)).collect());
    }
    if is_divided(of) {
        return Ok(of.iter().map(|one| (*one).clone()).collect());
    }
    let all = |read: &dyn Fn(&Affine) -> Option<Affine>| -> Option<Vec<Affine>> {
        of.iter().map(|one| read(one)).collect()
    };
    if let Some(powers) = all(&power_of) {
        return softmax(&powers.iter().collect::<Vec<_>>());
    }
    let logistic = all(&|one| one.only(&Curve::Logistic).cloned()).is_some();
    if !logistic && !of.iter().all(|one| is_share(one)) {
        return Err(unsupported(
            "several probabilities that are averaged or calibrated, then divided by their sum",
            "calibrate with `ensemble=False`, or export one model with its own probabilities",
        ));
    }
    let members = of.iter().map(|one| (*one).clone()).collect();
    Ok(shared(false, members))
}

/// Whether they are all shares of one whole.
fn is_divided(of: &[&Affine]) -> bool {
    let shares: Option<Vec<_>> = of
        .iter()
        .map(|one| match one.as_atom() {
            Some(Atom::Share(shared, index)) => Some((shared, *index)),
            _ => None,
        })
        .collect();
    shares.is_some_and(|shares| {
        let whole = shares[0].0;
        whole.members.len() == shares.len()
            && shares.iter().enumerate().all(|(place, (shared, index))| {
                (Arc::ptr_eq(shared, whole) || *shared == whole) && *index == place
            })
    })
}

/// Trees whose leaves are all 0 or more.
fn is_share(of: &Affine) -> bool {
    of.constant >= 0.0
        && of.parts.iter().all(|(atom, weight)| match atom {
            Atom::Trees(sum) => {
                *weight >= 0.0
                    && sum.constant >= 0.0
                    && sum.terms.iter().all(|term| match term {
                        crate::Term::Tree(tree) => tree.leaves().all(|leaf| leaf >= 0.0),
                        crate::Term::Product { .. } => false,
                    })
            }
            _ => false,
        })
}

fn shared(powers: bool, members: Vec<Affine>) -> Vec<Affine> {
    let count = members.len();
    let shared = Arc::new(super::affine::Shared { powers, members });
    (0..count).map(|index| Affine::atom(Atom::Share(shared.clone(), index))).collect()
}

pub(super) fn softmax(of: &[&Affine]) -> Result<Vec<Affine>, ModelFileError> {
    match of {
        [] => Ok(Vec::new()),
        [_] => Ok(vec![Affine::constant(1.0)]),
        [first, second] => {
            let share = bent(&second.plus(first, -1.0), Curve::Logistic)?;
            Ok(vec![Affine::constant(1.0).plus(&share, -1.0), share])
        }
        all => Ok(shared(true, all.iter().map(|one| flat(one)).collect::<Result<_, _>>()?)),
    }
}

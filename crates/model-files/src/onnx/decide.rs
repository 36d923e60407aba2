// SPDX-License-Identifier: Apache-2.0
//! Comparisons, logic, and choices by them.

use std::sync::Arc;

use super::affine::{Affine, Atom, WHOLE};
use super::arithmetic::{on_one, product};
use super::bounds::least;
use super::choice::Choice;
use super::columns::{apply, function, masked, missing, number, only_column, variable, Columns};
use super::tensor::{Category, Item, Kind};
use super::unary::rounded;
use super::{refuse, unsupported};
use crate::{Cell, ColumnKind, Function, Interval, ModelFileError, Operation};

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
        true => {
            // The truth is of the comparison, the labels are of the greater score.
            let turned = labels_turned(name);
            let truth =
                truth.map(
                    |truth| if turned { Affine::constant(1.0).plus(&truth, -1.0) } else { truth },
                );
            let choice = Choice::two([limit, of.clone()], truth);
            Ok(Item::Choice(Arc::new(choice), labels.into()))
        }
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
    columns: &Columns,
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
            (None, Item::Text(text), Item::Category(category))
                if is_gap(truth, category, columns)? =>
            {
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

/// Whether the condition holds where the category is missing, and for none of the texts that any
/// operator before knows, nor for another.
fn is_gap(truth: &Affine, of: &Category, columns: &Columns) -> Result<bool, ModelFileError> {
    let column = of.variable.column;
    if only_column(truth) != Some(column) || *of.variable.function != Function::Input {
        return Ok(false);
    }
    let truth = function(truth)?;
    let holds = |cell: &Cell| truth.value(cell) == Cell::Number(1.0);
    let fails = |cell: &Cell| truth.value(cell) == Cell::Number(0.0);
    let other = Cell::Text("\u{1}".into());
    Ok(holds(&Cell::Missing)
        && holds(&Cell::Text("".into()))
        && fails(&other)
        && match &columns.list[column].kind {
            ColumnKind::Category { values } => values.iter().all(fails),
            _ => false,
        })
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

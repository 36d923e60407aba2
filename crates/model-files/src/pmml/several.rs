// SPDX-License-Identifier: Apache-2.0
//! Expressions of several columns: arithmetic alone, so questions become steps of 0 and 1.

use std::sync::Arc;

use super::fields::Scope;
use super::part::{missing, Part};
use super::xml::{refuse, unsupported};
use crate::column::MAX_EXPRESSION;
use crate::{shorten, Cell, Expression, Function, ModelFileError, Operation, Outside};

/// Times this a difference of ordinary numbers is above 1, or 0.
const STEEP: f64 = 1e30;

/// A part as arithmetic.
pub(super) fn arithmetic(
    part: Part,
    scope: &Scope<'_>,
    id: &str,
) -> Result<Expression, ModelFileError> {
    match part {
        Part::Constant(Cell::Number(number)) => Ok(Expression::Number(number)),
        Part::One(variable) => {
            let found = of_function(&variable.function, variable.column);
            found.filter(|_| scope.is_number(variable.column)).ok_or_else(|| {
                unsupported(
                    format!("a text or the default of a gap beside other fields in `{}`", shorten(id)),
                    "code categories as numbers before training, and derive from one field at a time",
                )
            })
        }
        Part::Several(expression) => Ok(expression),
        Part::Constant(_) | Part::Result(_) => {
            Err(refuse(format!("`{}` calculates with what is no number", shorten(id))))
        }
    }
}

/// Refuses what is too long.
pub(super) fn checked(expression: Expression, id: &str) -> Result<Part, ModelFileError> {
    if expression.parts() > MAX_EXPRESSION {
        return Err(unsupported(
            format!("`{}`, an expression of more than {MAX_EXPRESSION} parts,", shorten(id)),
            "split it into several DerivedFields",
        ));
    }
    Ok(Part::Several(expression))
}

pub(super) fn two(operation: Operation, a: Expression, b: Expression) -> Expression {
    Expression::Apply(operation, vec![a, b])
}

fn one(operation: Operation, a: Expression) -> Expression {
    Expression::Apply(operation, vec![a])
}

/// 1 where the number is above 0, else 0.
pub(super) fn positive(x: Expression) -> Expression {
    let steep = two(Operation::Multiply, x, Expression::Number(STEEP));
    let above = two(Operation::Greatest, steep, Expression::Number(0.0));
    two(Operation::Least, above, Expression::Number(1.0))
}

/// 1 where the number is 0, else 0.
pub(super) fn zero(x: Expression) -> Expression {
    let size = one(Operation::Absolute, x);
    let steep = two(Operation::Multiply, size, Expression::Number(STEEP));
    not(two(Operation::Least, steep, Expression::Number(1.0)))
}

pub(super) fn not(x: Expression) -> Expression {
    two(Operation::Subtract, Expression::Number(1.0), x)
}

/// `yes` where the condition is 1, `no` where it is 0.
pub(super) fn choose(condition: Expression, yes: Expression, no: Expression) -> Expression {
    if let (Expression::Number(yes), Expression::Number(no)) = (&yes, &no) {
        let step = two(Operation::Multiply, condition, Expression::Number(yes - no));
        return two(Operation::Add, step, Expression::Number(*no));
    }
    let yes = two(Operation::Multiply, condition.clone(), yes);
    two(Operation::Add, yes, two(Operation::Multiply, not(condition), no))
}

/// A function of one column as arithmetic, if it is nothing else.
fn of_function(function: &Function, column: usize) -> Option<Expression> {
    let inner = |function: &Function| of_function(function, column);
    let number = |cell: &Cell| cell.number().map(Expression::Number);
    let equals = |of: &Function, cell: &Cell| {
        Some(zero(two(Operation::Subtract, inner(of)?, number(cell)?)))
    };
    Some(match function {
        Function::Input => Expression::Column(column),
        Function::Constant(cell) => number(cell)?,
        // Single precision is lost, which is finer than any grid.
        Function::Single(of) => inner(of)?,
        Function::Apply(operation, arguments) => {
            let arguments = arguments.iter().map(|argument| inner(argument));
            Expression::Apply(*operation, arguments.collect::<Option<_>>()?)
        }
        Function::Clip { of, low, high, outside: Outside::Clamp } => {
            let above = two(Operation::Greatest, inner(of)?, Expression::Number(*low));
            two(Operation::Least, above, Expression::Number(*high))
        }
        Function::Indicator(of, cell) => equals(of, cell)?,
        Function::Table(of, rows, otherwise) => {
            rows.iter().rev().try_fold(number(otherwise)?, |no, (from, to)| {
                Some(choose(equals(of, from)?, number(to)?, no))
            })?
        }
        Function::Bins(of, bins, otherwise) => {
            bins.iter().rev().try_fold(number(otherwise)?, |no, (interval, to)| {
                let x = inner(of)?;
                let below = |(limit, closed): (f64, bool), high: bool| {
                    let limit = Expression::Number(limit);
                    let (a, b) = if high { (limit, x.clone()) } else { (x.clone(), limit) };
                    // Above 0 inside; a closed end is where the other side isn't above.
                    match closed {
                        false => positive(two(Operation::Subtract, a, b)),
                        true => not(positive(two(Operation::Subtract, b, a))),
                    }
                };
                let low = interval.low.map(|low| below(low, false));
                let high = interval.high.map(|high| below(high, true));
                let inside = match (low, high) {
                    (Some(low), Some(high)) => two(Operation::Multiply, low, high),
                    (Some(one), None) | (None, Some(one)) => one,
                    (None, None) => Expression::Number(1.0),
                };
                Some(choose(inside, number(to)?, no))
            })?
        }
        Function::Choose(parts) => {
            let [condition, yes, no] = &**parts;
            // With a gap in one of several fields there is no answer, whatever an aggregate makes
            // of the constants that are left.
            match is_aggregate(no) && *condition == missing(Arc::new(no.clone())) {
                true => inner(no)?,
                false => choose(inner(condition)?, inner(yes)?, inner(no)?),
            }
        }
        Function::Default(..) | Function::Lines { .. } | Function::Clip { .. } => return None,
    })
}

fn is_aggregate(of: &Function) -> bool {
    use Operation::{Add, Divide, Greatest, Least, Multiply};
    matches!(of, Function::Apply(Add | Divide | Greatest | Least | Multiply, _))
}

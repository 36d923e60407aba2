// SPDX-License-Identifier: Apache-2.0
//! The functions of PMML that expressions apply.

use std::sync::Arc;

use super::part::{missing, Part, Place};
use super::several::{arithmetic, checked, choose, positive, zero};
use super::xml::{refuse, unsupported};
use crate::{shorten, Cell, Curve, Function, Interval, ModelFileError, Operation, Variable};

/// What a function of PMML gives for its arguments.
pub(super) fn builtin(
    place: &Place<'_, '_>,
    function: &str,
    parts: Vec<Part>,
) -> Result<Part, ModelFileError> {
    use Operation::{
        Absolute, Add, Ceiling, Divide, Exp, Floor, Greatest, Least, Ln, Log10, Multiply, Power,
        Sqrt, Subtract,
    };
    let of = |operation: Operation, parts: Vec<Part>| place.operation(operation, parts);
    let number = |number: f64| Part::Constant(Cell::Number(number));
    let count = parts.len();
    let needed = match function {
        "ln" | "log10" | "exp" | "sqrt" | "abs" | "floor" | "ceil" | "round" | "ln1p" | "expm1"
        | "not" | "isMissing" | "isNotMissing" => 1..=1,
        "+" | "-" | "*" | "/" | "pow" | "threshold" | "modulo" | "equal" | "notEqual"
        | "lessThan" | "lessOrEqual" | "greaterThan" | "greaterOrEqual" => 2..=2,
        "if" => 2..=3,
        "and" | "or" | "isIn" | "isNotIn" => 2..=64,
        "min" | "max" | "sum" | "avg" | "product" => 1..=64,
        other => {
            return Err(unsupported(
                format!("function `{}` in derived field `{}`", shorten(other), shorten(place.id)),
                "use + - * / pow min max sum avg ln log10 exp sqrt abs floor ceil round threshold, if, comparisons",
            ))
        }
    };
    if !needed.contains(&count) {
        return Err(refuse(format!(
            "function `{function}` in derived field `{}` has {count} arguments, it takes {}",
            shorten(place.id),
            needed.start()
        )));
    }
    let mut parts = parts.into_iter();
    let mut next = || parts.next().ok_or_else(|| refuse(format!("`{function}` lacks an argument")));
    match function {
        "ln" => of(Ln, vec![next()?]),
        "log10" => of(Log10, vec![next()?]),
        "exp" => of(Exp, vec![next()?]),
        "sqrt" => of(Sqrt, vec![next()?]),
        "abs" => of(Absolute, vec![next()?]),
        "floor" => of(Floor, vec![next()?]),
        "ceil" => of(Ceiling, vec![next()?]),
        "round" => of(Floor, vec![of(Add, vec![next()?, number(0.5)])?]),
        "ln1p" => of(Ln, vec![of(Add, vec![next()?, number(1.0)])?]),
        "expm1" => of(Subtract, vec![of(Exp, vec![next()?])?, number(1.0)]),
        "+" => of(Add, vec![next()?, next()?]),
        "-" => of(Subtract, vec![next()?, next()?]),
        "*" => of(Multiply, vec![next()?, next()?]),
        "/" => of(Divide, vec![next()?, next()?]),
        "pow" => of(Power, vec![next()?, next()?]),
        "modulo" => {
            let (a, b) = (next()?, next()?);
            let whole = of(Floor, vec![of(Divide, vec![a.clone(), b.clone()])?])?;
            of(Subtract, vec![a, of(Multiply, vec![b, whole])?])
        }
        "min" => place.aggregate(Least, parts.collect(), false),
        "max" => place.aggregate(Greatest, parts.collect(), false),
        "sum" => place.aggregate(Add, parts.collect(), false),
        "product" => place.aggregate(Multiply, parts.collect(), false),
        "avg" => place.aggregate(Add, parts.collect(), true),
        "isMissing" => next()?.then(place.id, missing),
        "isNotMissing" => place.not(next()?.then(place.id, missing)?),
        "not" => place.not(next()?),
        "and" => place.all(Multiply, parts),
        "or" => place.all(Greatest, parts),
        "isIn" | "isNotIn" => {
            let value = next()?;
            let same = parts.map(|one| place.equal(value.clone(), one));
            let same = same.collect::<Result<Vec<_>, _>>()?;
            let found = place.all(Greatest, same.into_iter())?;
            if function == "isIn" {
                Ok(found)
            } else {
                place.not(found)
            }
        }
        "equal" => place.equal(next()?, next()?),
        "notEqual" => place.not(place.equal(next()?, next()?)?),
        "greaterThan" | "threshold" => place.above(next()?, next()?),
        "lessThan" => {
            let a = next()?;
            place.above(next()?, a)
        }
        "lessOrEqual" => place.not(place.above(next()?, next()?)?),
        "greaterOrEqual" => {
            let a = next()?;
            place.not(place.above(next()?, a)?)
        }
        _ => {
            let (condition, yes) = (next()?, next()?);
            place.choose(condition, yes, next().unwrap_or(Part::Constant(Cell::Missing)))
        }
    }
}

impl Place<'_, '_> {
    /// A function of parts that read one column, or none of which reads any.
    fn of_one(
        &self,
        parts: &[&Part],
        make: impl FnOnce(Vec<Arc<Function>>) -> Function,
    ) -> Option<Result<Part, ModelFileError>> {
        let mut column = None;
        let mut functions = Vec::with_capacity(parts.len());
        for part in parts {
            functions.push(match part {
                Part::Constant(cell) => Arc::new(Function::Constant(cell.clone())),
                Part::One(variable) if column.is_none_or(|known| known == variable.column) => {
                    column = Some(variable.column);
                    variable.function.clone()
                }
                _ => return None,
            });
        }
        let function = Arc::new(make(functions));
        let whole = match column {
            Some(column) => Part::One(Variable { column, function }),
            None => Part::Constant(function.value(&Cell::Missing)),
        };
        Some(whole.then(self.id, |of| (*of).clone()))
    }

    fn operation(&self, operation: Operation, parts: Vec<Part>) -> Result<Part, ModelFileError> {
        if parts.iter().any(|part| matches!(part, Part::Result(_))) {
            return self.of_result(operation, parts);
        }
        if parts.iter().any(|part| self.is_text(part)) {
            return Err(unsupported(
                format!("arithmetic on a text in `{}`", shorten(self.id)),
                "compare texts, or map them to numbers, before calculating",
            ));
        }
        let make = |arguments| Function::Apply(operation, arguments);
        if let Some(one) = self.of_one(&parts.iter().collect::<Vec<_>>(), make) {
            return one;
        }
        let parts = parts.into_iter().map(|part| arithmetic(part, self.scope, self.id));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        checked(crate::Expression::Apply(operation, parts), self.id)
    }

    /// Whether a part is a text, or a column of texts as it stands.
    fn is_text(&self, part: &Part) -> bool {
        match part {
            Part::Constant(cell) => matches!(cell, Cell::Text(_)),
            Part::One(variable) => {
                *variable.function == Function::Input && !self.scope.is_number(variable.column)
            }
            _ => false,
        }
    }

    /// An operation on each in turn.
    fn all(
        &self,
        operation: Operation,
        mut parts: impl Iterator<Item = Part>,
    ) -> Result<Part, ModelFileError> {
        let first = parts.next().ok_or_else(|| refuse("a function has no argument"))?;
        parts.try_fold(first, |whole, part| self.operation(operation, vec![whole, part]))
    }

    /// An operation on all parts that aren't missing: where a column is, on the constants alone.
    fn aggregate(
        &self,
        operation: Operation,
        parts: Vec<Part>,
        mean: bool,
    ) -> Result<Part, ModelFileError> {
        let of = |parts: Vec<Part>| {
            let count = Part::Constant(Cell::Number(parts.len() as f64));
            let whole = self.all(operation, parts.into_iter())?;
            match mean {
                true => self.operation(Operation::Divide, vec![whole, count]),
                false => Ok(whole),
            }
        };
        let constants = parts.iter().filter(|part| matches!(part, Part::Constant(_)));
        let constants: Vec<Part> = constants.cloned().collect();
        match (of(parts)?, constants.is_empty()) {
            (whole @ Part::One(_), false) => match of(constants)? {
                Part::Constant(rest) => whole.then(self.id, |of| {
                    let rest = Function::Constant(rest);
                    Function::Choose(Arc::new([missing(of.clone()), rest, (*of).clone()]))
                }),
                _ => Ok(whole),
            },
            (whole, _) => Ok(whole),
        }
    }

    fn of_result(&self, operation: Operation, parts: Vec<Part>) -> Result<Part, ModelFileError> {
        let what = format!("{operation:?} in `{}`", shorten(self.id));
        let other = || {
            unsupported(
                format!("{} of a model's result", what.to_lowercase()),
                "use + - * /, exp, pow(x, 2), min, max, abs, NormContinuous",
            )
        };
        let mut results = Vec::with_capacity(parts.len());
        for part in parts {
            results.push(part.result(self.id)?);
        }
        let numbers: Vec<Option<f64>> = results.iter().map(|result| result.number()).collect();
        let result = match (operation, results.as_slice(), numbers.as_slice()) {
            (Operation::Add | Operation::Subtract, [a, b], _) => {
                let mut sum = a.clone();
                sum.add(b, if operation == Operation::Add { 1.0 } else { -1.0 })?;
                sum
            }
            (Operation::Multiply, [a, _], [_, Some(b)]) => a.line(*b, 0.0),
            (Operation::Multiply, [_, b], [Some(a), _]) => b.line(*a, 0.0),
            (Operation::Divide, [a, _], [_, Some(b)]) if *b != 0.0 => a.line(1.0 / b, 0.0),
            (Operation::Divide, [_, b], [Some(a), _]) => {
                b.reciprocal().ok_or_else(other)?.line(*a, 0.0)
            }
            // p / (1 - p) and the like have no curve here.
            (Operation::Exp, [a], _) => a.curve(Curve::Exp, &what)?,
            (Operation::Absolute, [a], _) => a.absolute(&what)?,
            (Operation::Power, [_, b], [Some(a), None]) if *a > 0.0 => {
                b.line(a.ln(), 0.0).curve(Curve::Exp, &what)?
            }
            (Operation::Power, [a, _], [_, Some(b)]) if *b == 1.0 => a.clone(),
            (Operation::Power, [a, _], [_, Some(b)]) if *b == 2.0 => {
                a.absolute(&what)?.curve(Curve::SignedSquare, &what)?
            }
            (Operation::Greatest, [a, _], [_, Some(b)]) => a.clamp(Some(*b), None, &what)?,
            (Operation::Greatest, [_, b], [Some(a), _]) => b.clamp(Some(*a), None, &what)?,
            (Operation::Least, [a, _], [_, Some(b)]) => a.clamp(None, Some(*b), &what)?,
            (Operation::Least, [_, b], [Some(a), _]) => b.clamp(None, Some(*a), &what)?,
            _ => return Err(other()),
        };
        Ok(Part::Result(result))
    }

    fn not(&self, part: Part) -> Result<Part, ModelFileError> {
        self.operation(Operation::Subtract, vec![Part::Constant(Cell::Number(1.0)), part])
    }

    fn refuse_question(&self, parts: &[&Part]) -> Result<(), ModelFileError> {
        match parts.iter().any(|part| matches!(part, Part::Result(_))) {
            false => Ok(()),
            true => Err(unsupported(
                format!("a question about a model's result in `{}`", shorten(self.id)),
                "leave the output out, and set the protocol's cutoffs at the probability itself",
            )),
        }
    }

    /// 1 where they are equal, else 0.
    fn equal(&self, a: Part, b: Part) -> Result<Part, ModelFileError> {
        self.refuse_question(&[&a, &b])?;
        match (a, b) {
            (Part::Constant(cell), other) | (other, Part::Constant(cell))
                if !matches!(other, Part::Several(_)) =>
            {
                other.then(self.id, |of| {
                    let (one, zero) = (Cell::Number(1.0), Cell::Number(0.0));
                    Function::Table(of, vec![(cell, one)], zero)
                })
            }
            (a, b) => match self.operation(Operation::Subtract, vec![a, b])? {
                Part::Several(difference) => checked(zero(difference), self.id),
                difference => self.equal(difference, Part::Constant(Cell::Number(0.0))),
            },
        }
    }

    /// 1 where the first is greater, else 0.
    fn above(&self, a: Part, b: Part) -> Result<Part, ModelFileError> {
        self.refuse_question(&[&a, &b])?;
        let step = |part: Part, interval: Interval| {
            part.then(self.id, |of| {
                Function::Bins(of, vec![(interval, Cell::Number(1.0))], Cell::Number(0.0))
            })
        };
        match (a, b) {
            (a @ Part::One(_), Part::Constant(Cell::Number(limit))) => {
                step(a, Interval { low: Some((limit, false)), high: None })
            }
            (Part::Constant(Cell::Number(limit)), b @ Part::One(_)) => {
                step(b, Interval { low: None, high: Some((limit, false)) })
            }
            (a, b) => match self.operation(Operation::Subtract, vec![a, b])? {
                Part::Several(difference) => checked(positive(difference), self.id),
                difference => step(difference, Interval { low: Some((0.0, false)), high: None }),
            },
        }
    }

    fn choose(&self, condition: Part, yes: Part, no: Part) -> Result<Part, ModelFileError> {
        self.refuse_question(&[&condition, &yes, &no])?;
        let make = |functions: Vec<Arc<Function>>| {
            let mut functions = functions.into_iter().map(|function| (*function).clone());
            let mut next = || functions.next().unwrap_or(Function::Constant(Cell::Missing));
            Function::Choose(Arc::new([next(), next(), next()]))
        };
        if let Some(one) = self.of_one(&[&condition, &yes, &no], make) {
            return one;
        }
        let of = |part: Part| arithmetic(part, self.scope, self.id);
        checked(choose(of(condition)?, of(yes)?, of(no)?), self.id)
    }
}

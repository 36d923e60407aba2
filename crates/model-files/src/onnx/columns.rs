// SPDX-License-Identifier: Apache-2.0
//! Columns, and functions of one or several of them.

use std::sync::Arc;

use super::affine::{Affine, Atom, ABSOLUTE};
use super::{refuse, unsupported};
use crate::cell::is_missing;
use crate::column::{MAX_EXPRESSION, MAX_FEATURES};
use crate::function::MAX_PARTS;
use crate::{
    shorten, Cell, Column, ColumnKind, Curve, Expression, Function, ModelFileError, Operation,
    Outside, Variable,
};

/// The columns read so far; those that are computed stand behind the others.
#[derive(Default)]
pub(super) struct Columns {
    pub list: Vec<Column>,
    /// What is computed now, which names new columns.
    pub output: String,
    /// The version of the operators of `ai.onnx.ml`.
    pub ml_version: i64,
}

pub(super) fn number(value: f64) -> Arc<Function> {
    Arc::new(Function::Constant(Cell::Number(value)))
}

pub(super) fn apply(operation: Operation, arguments: &[Arc<Function>]) -> Arc<Function> {
    Arc::new(Function::Apply(operation, arguments.to_vec()))
}

/// In single precision.
pub(super) fn single(function: Arc<Function>) -> Arc<Function> {
    match &*function {
        Function::Single(_) => function,
        _ => Arc::new(Function::Single(function)),
    }
}

/// Without what is behind the decimal point.
pub(super) fn truncated(of: &Arc<Function>) -> Arc<Function> {
    let part = |bound, round| apply(round, &[apply(bound, &[of.clone(), number(0.0)])]);
    let above = part(Operation::Greatest, Operation::Floor);
    let below = part(Operation::Least, Operation::Ceiling);
    apply(Operation::Add, &[above, below])
}

/// 1 where the function is missing, else 0.
pub(super) fn missing(of: &Arc<Function>) -> Arc<Function> {
    let given = Function::Bins(of.clone(), Vec::new(), Cell::Number(0.0));
    Arc::new(Function::Default(Arc::new(given), Cell::Number(1.0)))
}

/// The function where the condition is 1, and 0 where it is 0, missing or not.
pub(super) fn masked(condition: &Arc<Function>, of: &Arc<Function>) -> Arc<Function> {
    let filled = Arc::new(Function::Default(of.clone(), Cell::Number(0.0)));
    let product = apply(Operation::Multiply, &[condition.clone(), filled]);
    // Nothing through nothing is missing.
    let lacks = apply(Operation::Multiply, &[condition.clone(), missing(of)]);
    let given = apply(Operation::Subtract, &[number(1.0), lacks]);
    apply(Operation::Add, &[product, apply(Operation::Divide, &[number(0.0), given])])
}

/// The variable, if its function is short enough.
pub(super) fn variable(column: usize, function: Arc<Function>) -> Result<Variable, ModelFileError> {
    if function.parts() > MAX_PARTS {
        return Err(refuse(format!("a feature is computed in more than {MAX_PARTS} parts")));
    }
    Ok(Variable { column, function })
}

impl Columns {
    /// A column of the input.
    pub(super) fn input(&mut self, name: String, kind: ColumnKind) -> Result<(), ModelFileError> {
        self.room()?;
        let place = self.list.len();
        self.list.push(Column::new(name, kind, place));
        Ok(())
    }

    fn room(&self) -> Result<(), ModelFileError> {
        match self.list.len() < MAX_FEATURES {
            true => Ok(()),
            false => Err(refuse(format!("more than {MAX_FEATURES} features"))),
        }
    }

    /// Adds to the values that a column of texts is known to have. What stands for a gap in a
    /// table is none.
    pub(super) fn know(
        &mut self,
        variable: &Variable,
        texts: &[Cell],
    ) -> Result<(), ModelFileError> {
        let filled = match &*variable.function {
            Function::Default(of, _) => of,
            _ => &variable.function,
        };
        let column = &mut self.list[variable.column];
        if let (Function::Input, ColumnKind::Category { values }) = (&**filled, &mut column.kind) {
            for text in texts.iter().filter(|text| !is_missing(&text.to_string())) {
                if values.contains(text) {
                    continue;
                }
                if values.len() == MAX_FEATURES {
                    let name = shorten(&column.name);
                    let problem =
                        format!("column `{name}` has more than {MAX_FEATURES} categories");
                    return Err(refuse(problem));
                }
                values.push(text.clone());
            }
        }
        Ok(())
    }

    /// The number as a function of one column, which is made if there are several.
    pub(super) fn variable(&mut self, of: &Affine) -> Result<Variable, ModelFileError> {
        if let Some(known) = of.as_variable() {
            return Ok(known.clone());
        }
        if of.is_result() {
            return Err(unsupported(
                "a model on the results of others (stacking, or a neural network with hidden layers)",
                "export one of the models alone, or train a linear model, additive model or trees",
            ));
        }
        if let Some(column) = only_column(of) {
            return variable(column, function(of)?);
        }
        if of.parts.is_empty() {
            return Ok(Variable { column: 0, function: number(of.constant) });
        }
        let expression = expression(of)?;
        self.derived(expression)
    }

    /// The column with that expression.
    pub(super) fn derived(&mut self, expression: Expression) -> Result<Variable, ModelFileError> {
        if expression.parts() > MAX_EXPRESSION {
            return Err(unsupported(
                format!(
                    "`{}`, computed from several columns in {} parts",
                    shorten(&self.output),
                    expression.parts()
                ),
                "compute it in the table and train on that column",
            ));
        }
        let kind = ColumnKind::Derived(expression);
        if let Some(known) = self.list.iter().position(|column| column.kind == kind) {
            return Ok(Variable::input(known));
        }
        self.room()?;
        let ColumnKind::Derived(expression) = &kind else {
            return Err(refuse("a column has no expression"));
        };
        let place = expression.columns().first().map_or(0, |column| self.list[*column].place);
        let taken = |name: &str| self.list.iter().any(|column| column.name == name);
        let mut name = self.output.clone();
        while taken(&name) {
            name.push('_');
        }
        self.list.push(Column::new(name, kind, place));
        Ok(Variable::input(self.list.len() - 1))
    }
}

/// The column, if it reads just one.
pub(super) fn only_column(of: &Affine) -> Option<usize> {
    let mut found = None;
    for (atom, _) in &of.parts {
        let columns: Vec<usize> = match atom {
            Atom::Product(factors) => factors.iter().map(|factor| factor.column).collect(),
            Atom::Bent(bent) => vec![only_column(&bent.of)?],
            Atom::Trees(_) | Atom::Share(..) => return None,
        };
        for column in columns {
            if *found.get_or_insert(column) != column {
                return None;
            }
        }
    }
    found
}

/// The function of the one column that is read.
pub(super) fn function(of: &Affine) -> Result<Arc<Function>, ModelFileError> {
    let mut sum: Option<Arc<Function>> = None;
    let mut add = |function: Arc<Function>| {
        sum = Some(match sum.take() {
            Some(sum) => apply(Operation::Add, &[sum, function]),
            None => function,
        });
    };
    for (atom, weight) in &of.parts {
        let mut product = match atom {
            Atom::Product(factors) => {
                let mut factors = factors.iter().map(|factor| factor.function.clone());
                let first = factors.next().unwrap_or_else(|| number(1.0));
                factors.fold(first, |all, one| apply(Operation::Multiply, &[all, one]))
            }
            Atom::Bent(bent) => {
                let mut of = function(&bent.of)?;
                of = bent.curves.iter().fold(of, |of, curve| bend(&of, curve));
                match bent.unread {
                    Some(ABSOLUTE) => apply(Operation::Absolute, &[of]),
                    Some(_) => return Err(refuse("a feature is a result")),
                    None => of,
                }
            }
            Atom::Trees(_) | Atom::Share(..) => return Err(refuse("a feature is a result")),
        };
        if *weight != 1.0 {
            product = apply(Operation::Multiply, &[product, number(*weight)]);
        }
        add(product);
    }
    if of.constant != 0.0 || of.parts.is_empty() {
        add(number(of.constant));
    }
    Ok(sum.unwrap_or_else(|| number(0.0)))
}

/// A curve of a function.
fn bend(of: &Arc<Function>, curve: &Curve) -> Arc<Function> {
    let of = of.clone();
    let negative = |of| apply(Operation::Subtract, &[number(0.0), of]);
    let exp = |of| apply(Operation::Exp, &[of]);
    match curve {
        Curve::Logistic => {
            let below = apply(Operation::Add, &[number(1.0), exp(negative(of))]);
            apply(Operation::Divide, &[number(1.0), below])
        }
        Curve::Exp => exp(of),
        Curve::Cloglog => {
            let survival = exp(negative(exp(of)));
            apply(Operation::Subtract, &[number(1.0), survival])
        }
        Curve::SignedSquare => {
            let absolute = apply(Operation::Absolute, std::slice::from_ref(&of));
            apply(Operation::Multiply, &[of, absolute])
        }
        Curve::Line { times, plus } => {
            let product = apply(Operation::Multiply, &[of, number(*times)]);
            apply(Operation::Add, &[product, number(*plus)])
        }
        Curve::Lines(points) => {
            let points = points.clone();
            Arc::new(Function::Lines { of, points, outside: Outside::Clamp })
        }
        // As fine as single precision shows.
        Curve::Probit => {
            let points = (-800..=800).map(|step| {
                let x = f64::from(step) / 100.0;
                (x, libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) / 2.0)
            });
            Arc::new(Function::Lines { of, points: points.collect(), outside: Outside::Clamp })
        }
    }
}

/// The expression over several columns.
fn expression(of: &Affine) -> Result<Expression, ModelFileError> {
    let mut sum: Option<Expression> = None;
    let mut add = |one: Expression| {
        sum = Some(match sum.take() {
            Some(sum) => Expression::Apply(Operation::Add, vec![sum, one]),
            None => one,
        });
    };
    for (atom, weight) in &of.parts {
        let product = of_atom(atom)?;
        add(match *weight {
            1.0 => product,
            weight => {
                Expression::Apply(Operation::Multiply, vec![product, Expression::Number(weight)])
            }
        });
    }
    if of.constant != 0.0 || sum.is_none() {
        let constant = Expression::Number(of.constant);
        sum = Some(match sum {
            Some(sum) => Expression::Apply(Operation::Add, vec![sum, constant]),
            None => constant,
        });
    }
    sum.ok_or_else(|| refuse("a feature is empty"))
}

fn of_atom(atom: &Atom) -> Result<Expression, ModelFileError> {
    match atom {
        Atom::Product(factors) => {
            let mut product: Option<Expression> = None;
            for factor in factors.iter() {
                let factor = of_variable(factor)?;
                product = Some(match product {
                    Some(all) => Expression::Apply(Operation::Multiply, vec![all, factor]),
                    None => factor,
                });
            }
            Ok(product.unwrap_or(Expression::Number(1.0)))
        }
        Atom::Bent(bent) if bent.curves == [Curve::Exp] && bent.unread.is_none() => {
            Ok(Expression::Apply(Operation::Exp, vec![expression(&bent.of)?]))
        }
        Atom::Bent(bent) if bent.curves.is_empty() && bent.unread == Some(ABSOLUTE) => {
            Ok(Expression::Apply(Operation::Absolute, vec![expression(&bent.of)?]))
        }
        _ => Err(unsupported(
            "a feature that is a curve of several columns",
            "compute it in the table and train on that column",
        )),
    }
}

/// The expression of a function of one column; rounding to single precision is left out.
fn of_variable(variable: &Variable) -> Result<Expression, ModelFileError> {
    fn of(function: &Function, column: usize) -> Result<Expression, ModelFileError> {
        match function {
            Function::Input => Ok(Expression::Column(column)),
            Function::Constant(Cell::Number(number)) => Ok(Expression::Number(*number)),
            Function::Single(inner) => of(inner, column),
            Function::Apply(operation, arguments) => {
                let arguments = arguments.iter().map(|argument| of(argument, column));
                Ok(Expression::Apply(*operation, arguments.collect::<Result<_, _>>()?))
            }
            _ => Err(unsupported(
                "a feature computed from several columns after gaps were filled or categories encoded",
                "compute it in the table and train on that column",
            )),
        }
    }
    of(&variable.function, variable.column)
}

/// An operation on two numbers of several columns.
pub(super) fn between(
    columns: &mut Columns,
    operation: Operation,
    a: &Affine,
    b: &Affine,
) -> Result<Affine, ModelFileError> {
    let mut side = |one: &Affine| match one.fixed() {
        Some(constant) => Ok(Expression::Number(constant)),
        None if one.is_result() => columns.variable(one).map(|_| Expression::Number(0.0)),
        None => match only_column(one) {
            Some(column) => of_variable(&variable(column, function(one)?)?),
            None => expression(one),
        },
    };
    let arguments = vec![side(a)?, side(b)?];
    Ok(Affine::variable(columns.derived(Expression::Apply(operation, arguments))?))
}

// SPDX-License-Identifier: Apache-2.0
//! Functions of one column: what is done to a value before the model reads it.

use std::sync::Arc;

use crate::Cell;

/// A function of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The column's index.
    pub column: usize,
    /// What becomes of its value.
    pub function: Arc<Function>,
}

impl Variable {
    /// The column as it stands.
    pub(crate) fn input(column: usize) -> Self {
        Self { column, function: Arc::new(Function::Input) }
    }

    /// The value for a case.
    ///
    /// # Panics
    ///
    /// If the case has no cell for the column.
    pub fn value(&self, case: &[Cell]) -> Cell {
        self.function.value(&case[self.column])
    }
}

/// A function of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Function {
    /// The value itself.
    Input,
    /// Always the same.
    Constant(Cell),
    /// Rounded to single precision.
    Single(Arc<Function>),
    /// Arithmetic; missing if an argument is missing or the result is no finite number.
    Apply(Operation, Vec<Arc<Function>>),
    /// Another value where the first is missing.
    Default(Arc<Function>, Cell),
    /// Straight lines between points; the outer lines go on, or the outermost values, or it is
    /// missing there.
    Lines {
        /// Of what.
        of: Arc<Function>,
        /// At least two points, the first coordinates ascending.
        points: Vec<(f64, f64)>,
        /// What happens outside.
        outside: Outside,
    },
    /// Moved into a range, or missing outside of it.
    Clip {
        /// Of what.
        of: Arc<Function>,
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
        /// What happens outside.
        outside: Outside,
    },
    /// 1 for one category, 0 for others and for missing.
    Indicator(Arc<Function>, Cell),
    /// The value of the first interval that holds the number, else the last field.
    Bins(Arc<Function>, Vec<(Interval, Cell)>, Cell),
    /// The value beside the category, else the last field.
    Table(Arc<Function>, Vec<(Cell, Cell)>, Cell),
    /// The second value where the first is 1, the third where it is another number.
    Choose(Arc<[Function; 3]>),
}

/// What becomes of values outside of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// As they are, or along the outer lines.
    Extend,
    /// As the nearer end.
    Clamp,
    /// Missing.
    Missing,
}

/// Arithmetic of one or two arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it.
pub enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Least,
    Greatest,
    Ln,
    Log10,
    Exp,
    Sqrt,
    Absolute,
    Floor,
    Ceiling,
}

/// A range of numbers; an open end has no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// The lower bound, and whether it belongs to the interval.
    pub low: Option<(f64, bool)>,
    /// The upper bound, and whether it belongs to the interval.
    pub high: Option<(f64, bool)>,
}

impl Interval {
    /// Whether the number lies inside.
    pub fn holds(&self, x: f64) -> bool {
        self.low.is_none_or(|(low, closed)| x > low || closed && x == low)
            && self.high.is_none_or(|(high, closed)| x < high || closed && x == high)
    }
}

/// Functions of more parts than this are refused: evaluation nests as deep as there are parts.
pub(crate) const MAX_PARTS: usize = 512;

impl Function {
    /// The function's value.
    pub fn value(&self, input: &Cell) -> Cell {
        let finite = |number: Option<f64>| match number {
            Some(number) if number.is_finite() => Cell::Number(number),
            _ => Cell::Missing,
        };
        match self {
            Self::Input => input.clone(),
            Self::Constant(cell) => cell.clone(),
            Self::Single(of) => match of.value(input) {
                Cell::Number(number) => finite(Some(f64::from(number as f32))),
                other => other,
            },
            Self::Apply(operation, arguments) => {
                let mut numbers = arguments.iter().map(|argument| argument.value(input).number());
                let first = numbers.next().flatten();
                let second = numbers.next().flatten();
                finite(first.and_then(|first| operation.of(first, second)))
            }
            Self::Default(of, default) => match of.value(input) {
                Cell::Missing => default.clone(),
                other => other,
            },
            Self::Lines { of, points, outside } => {
                finite(of.value(input).number().and_then(|x| on_lines(points, *outside, x)))
            }
            Self::Clip { of, low, high, outside } => match of.value(input) {
                Cell::Number(x) if x < *low || x > *high => match outside {
                    Outside::Extend => Cell::Number(x),
                    Outside::Clamp => Cell::Number(x.clamp(*low, *high)),
                    Outside::Missing => Cell::Missing,
                },
                other => other,
            },
            Self::Indicator(of, category) => {
                Cell::Number(f64::from(u8::from(of.value(input).is_same(category))))
            }
            Self::Bins(of, bins, otherwise) => {
                let found = of.value(input).number().map(|x| {
                    let bin = bins.iter().find(|(interval, _)| interval.holds(x));
                    bin.map_or(otherwise, |(_, value)| value).clone()
                });
                found.unwrap_or(Cell::Missing)
            }
            Self::Table(of, rows, otherwise) => match of.value(input) {
                Cell::Missing => Cell::Missing,
                value => {
                    let row = rows.iter().find(|(from, _)| value.is_same(from));
                    row.map_or(otherwise, |(_, to)| to).clone()
                }
            },
            Self::Choose(parts) => {
                let [condition, yes, no] = &**parts;
                match condition.value(input).number() {
                    Some(1.0) => yes.value(input),
                    Some(_) => no.value(input),
                    None => Cell::Missing,
                }
            }
        }
    }

    /// How many parts it has, counting shared ones each time they are used.
    pub(crate) fn parts(&self) -> usize {
        let below = match self {
            Self::Input | Self::Constant(_) => 0,
            Self::Apply(_, arguments) => {
                arguments.iter().fold(0usize, |sum, argument| sum.saturating_add(argument.parts()))
            }
            Self::Choose(parts) => {
                parts.iter().fold(0usize, |sum, part| sum.saturating_add(part.parts()))
            }
            Self::Single(of)
            | Self::Default(of, _)
            | Self::Lines { of, .. }
            | Self::Clip { of, .. }
            | Self::Indicator(of, _)
            | Self::Bins(of, ..)
            | Self::Table(of, ..) => of.parts(),
        };
        below.saturating_add(1)
    }
}

impl Operation {
    /// The result, if the operation has as many arguments.
    pub fn of(self, a: f64, b: Option<f64>) -> Option<f64> {
        Some(match self {
            Self::Add => a + b?,
            Self::Subtract => a - b?,
            Self::Multiply => a * b?,
            Self::Divide => a / b?,
            Self::Power => a.powf(b?),
            Self::Least => a.min(b?),
            Self::Greatest => a.max(b?),
            Self::Ln => a.ln(),
            Self::Log10 => a.log10(),
            Self::Exp => a.exp(),
            Self::Sqrt => a.sqrt(),
            Self::Absolute => a.abs(),
            Self::Floor => a.floor(),
            Self::Ceiling => a.ceil(),
        })
    }

    /// How many arguments it takes.
    pub fn arguments(self) -> usize {
        match self {
            Self::Add
            | Self::Subtract
            | Self::Multiply
            | Self::Divide
            | Self::Power
            | Self::Least
            | Self::Greatest => 2,
            _ => 1,
        }
    }
}

fn on_lines(points: &[(f64, f64)], outside: Outside, x: f64) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    if x < first.0 || x > last.0 {
        match outside {
            Outside::Extend => {}
            Outside::Clamp => return Some(if x < first.0 { first.1 } else { last.1 }),
            Outside::Missing => return None,
        }
    }
    let next = points.partition_point(|point| point.0 <= x).clamp(1, points.len() - 1);
    let (a, b) = (points[next - 1], points[next]);
    Some(a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0))
}

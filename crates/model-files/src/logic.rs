// SPDX-License-Identifier: Apache-2.0
//! Questions about a case, with the three answers of PMML's logic: true, false, unknown.

use std::collections::BTreeSet;

use crate::{Cell, Variable};

/// A question about a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Always the same answer.
    Constant(bool),
    /// Compares with a constant; unknown if the value is missing.
    Compare {
        /// What is compared.
        variable: Variable,
        /// How.
        op: Compare,
        /// With what.
        limit: Cell,
        /// Whether both are rounded to single precision first.
        single: bool,
    },
    /// Whether the value is one of a set; unknown if it is missing.
    OneOf {
        /// What is looked up.
        variable: Variable,
        /// The set.
        set: Vec<Cell>,
    },
    /// Whether the value is missing; never unknown.
    Missing(Variable),
    /// The other answer; unknown stays unknown.
    Not(Box<Test>),
    /// All hold: false as soon as one is false.
    All(Vec<Test>),
    /// One holds: true as soon as one is true.
    Any(Vec<Test>),
    /// An odd number hold; unknown as soon as one is unknown.
    Odd(Vec<Test>),
    /// The answer of the first that isn't unknown.
    Surrogate(Vec<Test>),
}

/// How values are compared; texts only for equality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `==`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Compare {
    fn holds(self, value: &Cell, limit: &Cell, single: bool) -> bool {
        let (Some(mut value), Some(mut limit)) = (value.number(), limit.number()) else {
            return self == Self::Equal && value.is_same(limit);
        };
        if single {
            value = f64::from(value as f32);
            limit = f64::from(limit as f32);
        }
        match self {
            Self::Equal => value == limit,
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
        }
    }
}

impl Test {
    /// The answer; `None` is unknown.
    pub fn holds(&self, case: &[Cell]) -> Option<bool> {
        match self {
            Self::Constant(holds) => Some(*holds),
            Self::Compare { variable, op, limit, single } => match variable.value(case) {
                Cell::Missing => None,
                value => Some(op.holds(&value, limit, *single)),
            },
            Self::OneOf { variable, set } => match variable.value(case) {
                Cell::Missing => None,
                value => Some(set.iter().any(|one| value.is_same(one))),
            },
            Self::Missing(variable) => Some(variable.value(case) == Cell::Missing),
            Self::Not(test) => test.holds(case).map(|holds| !holds),
            Self::All(tests) => first_of(tests, case, false),
            Self::Any(tests) => first_of(tests, case, true),
            Self::Odd(tests) => {
                tests.iter().try_fold(false, |odd, test| Some(odd ^ test.holds(case)?))
            }
            Self::Surrogate(tests) => tests.iter().find_map(|test| test.holds(case)),
        }
    }

    /// Gives columns other numbers.
    pub(crate) fn renumber(&mut self, column: &impl Fn(&mut usize)) {
        match self {
            Self::Constant(_) => {}
            Self::Compare { variable, .. }
            | Self::OneOf { variable, .. }
            | Self::Missing(variable) => {
                column(&mut variable.column);
            }
            Self::Not(test) => test.renumber(column),
            Self::All(tests) | Self::Any(tests) | Self::Odd(tests) | Self::Surrogate(tests) => {
                tests.iter_mut().for_each(|test| test.renumber(column));
            }
        }
    }

    /// The columns that the question reads.
    pub fn columns(&self) -> BTreeSet<usize> {
        let mut columns = BTreeSet::new();
        self.collect_columns(&mut columns);
        columns
    }

    /// Adds the columns that the question reads.
    pub(crate) fn collect_columns(&self, into: &mut BTreeSet<usize>) {
        match self {
            Self::Constant(_) => {}
            Self::Compare { variable, .. }
            | Self::OneOf { variable, .. }
            | Self::Missing(variable) => {
                into.insert(variable.column);
            }
            Self::Not(test) => test.collect_columns(into),
            Self::All(tests) | Self::Any(tests) | Self::Odd(tests) | Self::Surrogate(tests) => {
                tests.iter().for_each(|test| test.collect_columns(into));
            }
        }
    }
}

/// `decisive` if one test says so, else unknown if one is, else the other answer.
fn first_of(tests: &[Test], case: &[Cell], decisive: bool) -> Option<bool> {
    let mut answer = Some(!decisive);
    for test in tests {
        match test.holds(case) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

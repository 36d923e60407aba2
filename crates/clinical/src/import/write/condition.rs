// SPDX-License-Identifier: Apache-2.0
//! Questions of a model as conditions of a protocol file.
//!
//! A question about one column is a set of that feature's levels, whatever functions and
//! comparisons led to it, and a set of levels is easily written. So a condition is exact on every
//! answer that can be coded, also where the library compares in single precision. A comparison
//! keeps its limit as it stands in the file if the grid can't tell the difference.

use std::collections::BTreeSet;

use super::super::{Cell, Compare, Test};
use super::asked::Asked;
use crate::intake::Kind;
use crate::model::Op;

/// A condition in parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Clause {
    Always(bool),
    Atom(String),
    Not(Box<Clause>),
    All(Vec<Clause>),
    Any(Vec<Clause>),
}

impl Clause {
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::join(parts, false, Self::All)
    }

    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::join(parts, true, Self::Any)
    }

    /// Leaves out what doesn't matter; `decisive` is the answer that decides alone.
    fn join(
        parts: impl IntoIterator<Item = Self>,
        decisive: bool,
        make: fn(Vec<Self>) -> Self,
    ) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Always(always) if always == decisive => return Self::Always(decisive),
                Self::Always(_) => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Always(!decisive),
            1 => kept.remove(0),
            _ => make(kept),
        }
    }

    pub fn negate(self) -> Self {
        match self {
            Self::Always(always) => Self::Always(!always),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    pub fn text(&self) -> String {
        let list = |parts: &[Self], word: &str| {
            let parts: Vec<String> = parts.iter().map(Self::bracketed).collect();
            parts.join(word)
        };
        match self {
            // The writer never asks for it: a question with one answer is none.
            Self::Always(always) => always.to_string(),
            Self::Atom(text) => text.clone(),
            Self::Not(inner) => format!("not {}", inner.bracketed()),
            Self::All(parts) => list(parts, " and "),
            Self::Any(parts) => list(parts, " or "),
        }
    }

    fn bracketed(&self) -> String {
        match self {
            Self::All(_) | Self::Any(_) => format!("({})", self.text()),
            other => other.text(),
        }
    }
}

/// Where the three answers of a question hold.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub yes: Clause,
    pub no: Clause,
}

impl Truth {
    pub fn unknown(&self) -> Clause {
        Clause::any([self.yes.clone(), self.no.clone()]).negate()
    }
}

/// The levels of each feature that are still possible on a path.
pub(super) type Possible = Vec<Vec<bool>>;

/// Writes questions about features.
pub(super) struct Questions<'a> {
    pub asked: &'a [Asked],
}

impl Questions<'_> {
    /// The only column a question reads, if there is only one.
    pub fn only_column(test: &Test) -> Option<usize> {
        let mut columns = BTreeSet::new();
        test.collect_columns(&mut columns);
        match columns.len() {
            1 => columns.first().copied(),
            _ => None,
        }
    }

    /// The answer at each level of the only column.
    pub fn answers(&self, test: &Test, column: usize) -> Vec<Option<bool>> {
        let mut case = vec![Cell::Missing; self.asked.len()];
        let answer = |cell: &Cell| {
            case[column] = cell.clone();
            test.holds(&case)
        };
        self.asked[column].cells.iter().map(answer).collect()
    }

    /// Where the question has which answer.
    pub fn truth(&self, test: &Test, possible: &Possible) -> Truth {
        if let Some(column) = Self::only_column(test) {
            let answers = self.answers(test, column);
            let where_it_is = |wanted: bool| {
                let set: Vec<bool> = answers.iter().map(|answer| *answer == Some(wanted)).collect();
                self.levels(column, &set, &possible[column], Some(test))
            };
            return Truth { yes: where_it_is(true), no: where_it_is(false) };
        }
        let of = |tests: &[Test]| -> Vec<Truth> {
            tests.iter().map(|test| self.truth(test, possible)).collect()
        };
        let yes =
            |truths: &[Truth]| truths.iter().map(|truth| truth.yes.clone()).collect::<Vec<_>>();
        let no = |truths: &[Truth]| truths.iter().map(|truth| truth.no.clone()).collect::<Vec<_>>();
        match test {
            Test::All(tests) => {
                let truths = of(tests);
                Truth { yes: Clause::all(yes(&truths)), no: Clause::any(no(&truths)) }
            }
            Test::Any(tests) => {
                let truths = of(tests);
                Truth { yes: Clause::any(yes(&truths)), no: Clause::all(no(&truths)) }
            }
            Test::Not(test) => {
                let truth = self.truth(test, possible);
                Truth { yes: truth.no, no: truth.yes }
            }
            Test::Odd(tests) => {
                let none = Truth { yes: Clause::Always(false), no: Clause::Always(true) };
                of(tests).into_iter().fold(none, |a, b| Truth {
                    yes: Clause::any([
                        Clause::all([a.yes.clone(), b.no.clone()]),
                        Clause::all([a.no.clone(), b.yes.clone()]),
                    ]),
                    no: Clause::any([Clause::all([a.yes, b.yes]), Clause::all([a.no, b.no])]),
                })
            }
            Test::Surrogate(tests) => {
                let never = Truth { yes: Clause::Always(false), no: Clause::Always(false) };
                of(tests).into_iter().rev().fold(never, |later, own| {
                    let unknown = own.unknown();
                    Truth {
                        yes: Clause::any([own.yes, Clause::all([unknown.clone(), later.yes])]),
                        no: Clause::any([own.no, Clause::all([unknown, later.no])]),
                    }
                })
            }
            Test::Constant(holds) => {
                Truth { yes: Clause::Always(*holds), no: Clause::Always(!holds) }
            }
            // Reads one column.
            Test::Compare { .. } | Test::OneOf { .. } | Test::Missing(_) => {
                Truth { yes: Clause::Always(false), no: Clause::Always(false) }
            }
        }
    }

    /// A set of levels as a condition, where levels that aren't possible don't matter.
    pub fn levels(
        &self,
        column: usize,
        set: &[bool],
        possible: &[bool],
        test: Option<&Test>,
    ) -> Clause {
        let asked = &self.asked[column];
        let there = |level: &usize| possible[*level];
        if (0..set.len()).filter(there).all(|level| set[level]) {
            return Clause::Always(true);
        }
        if (0..set.len()).filter(there).all(|level| !set[level]) {
            return Clause::Always(false);
        }
        let name = format!("`{}`", asked.feature.id);
        let is_missing = Clause::Atom(format!("{name} is missing"));
        let codes: Vec<usize> = (0..asked.codes()).filter(there).collect();
        let missing = asked.feature.missing && possible[asked.codes()];
        let takes_missing = missing && set[asked.codes()];
        if missing && codes.iter().all(|code| set[*code] != takes_missing) {
            return if takes_missing { is_missing } else { is_missing.negate() };
        }
        // Tests of a missing feature are false but for `is missing`, so only what is put positively
        // excludes it.
        let positive = match &asked.feature.kind {
            Kind::Flag if set[1] => Clause::Atom(name),
            Kind::Flag => {
                let no = Clause::Not(Box::new(Clause::Atom(name)));
                return match (missing, takes_missing) {
                    (true, false) => Clause::All(vec![no, is_missing.negate()]),
                    _ => no,
                };
            }
            Kind::Choice { options } => {
                let inside: Vec<usize> = codes.iter().copied().filter(|code| set[*code]).collect();
                let outside: Vec<usize> =
                    codes.iter().copied().filter(|code| !set[*code]).collect();
                let option = |sign: &str, code: &usize| {
                    Clause::Atom(format!("{name} {sign} `{}`", options[*code].id))
                };
                if outside.len() < inside.len() && missing == takes_missing {
                    return Clause::all(outside.iter().map(|code| option("!=", code)));
                }
                Clause::any(inside.iter().map(|code| option("==", code)))
            }
            Kind::Quantity(_) => self.ranges(column, set, &codes, test),
        };
        if takes_missing {
            Clause::any([is_missing, positive])
        } else {
            positive
        }
    }

    /// A set of a quantity's codes, among possible ones, as comparisons.
    fn ranges(&self, column: usize, set: &[bool], codes: &[usize], test: Option<&Test>) -> Clause {
        let asked = &self.asked[column];
        let name = format!("`{}`", asked.feature.id);
        if let Some(text) = test.and_then(|test| self.as_it_stands(test, column, set, codes)) {
            return Clause::Atom(format!("{name} {text}"));
        }
        let value = |code: usize| asked.value(code);
        let mut ranges = Vec::new();
        let mut from = None;
        for (place, code) in codes.iter().enumerate() {
            let before = place > 0 && set[codes[place - 1]];
            if set[*code] && !before {
                from = Some((place > 0).then_some(*code));
            }
            if !set[*code] && before {
                let below = Clause::Atom(format!("{name} < {:?}", value(*code)));
                ranges.push(match from.take().flatten() {
                    Some(low) => Clause::All(vec![
                        Clause::Atom(format!("{name} >= {:?}", value(low))),
                        below,
                    ]),
                    None => below,
                });
            }
        }
        if let Some(Some(low)) = from {
            ranges.push(Clause::Atom(format!("{name} >= {:?}", value(low))));
        }
        Clause::any(ranges)
    }

    /// The comparison with the limit of the file, if it gives the set.
    fn as_it_stands(
        &self,
        test: &Test,
        column: usize,
        set: &[bool],
        codes: &[usize],
    ) -> Option<String> {
        let Test::Compare { variable, op, limit, single } = test else {
            return None;
        };
        if *variable.function != super::super::Function::Input {
            return None;
        }
        let limit = limit.number()?;
        // The shortest number that is the same in single precision.
        let limit: f64 = match single {
            true => format!("{:?}", limit as f32).parse().ok()?,
            false => limit,
        };
        let asked = &self.asked[column];
        let Kind::Quantity(quantity) = &asked.feature.kind else {
            return None;
        };
        let native = match op {
            Compare::Equal => Op::Equal,
            Compare::Less => Op::Less,
            Compare::LessOrEqual => Op::LessOrEqual,
            Compare::Greater => Op::Greater,
            Compare::GreaterOrEqual => Op::GreaterOrEqual,
        };
        // The set may be where the comparison holds or where it doesn't.
        let (native, sign) = match codes.first() {
            Some(first) if native.holds(asked.value(*first), limit, 0.0) == set[*first] => {
                (native, op.sign())
            }
            Some(_) => match native {
                Op::Less => (Op::GreaterOrEqual, ">="),
                Op::LessOrEqual => (Op::Greater, ">"),
                Op::Greater => (Op::LessOrEqual, "<="),
                Op::GreaterOrEqual => (Op::Less, "<"),
                Op::Equal => return None,
            },
            None => return None,
        };
        let slack = quantity.step * 1e-6;
        codes
            .iter()
            .all(|code| native.holds(asked.value(*code), limit, slack) == set[*code])
            .then(|| format!("{sign} {limit:?}"))
    }
}

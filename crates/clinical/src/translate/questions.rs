// SPDX-License-Identifier: Apache-2.0
//! Questions of a model file as conditions.
//!
//! A question about one column is a set of that feature's levels, whatever functions and
//! comparisons led to it, and a set of levels is easily asked for. So a condition is exact on every
//! answer that can be coded, also where the library compares in single precision. A comparison
//! keeps its limit as it stands in the file if the grid can't tell the difference.

use cso_model_files::{Cell, Compare, Function, Test};

use super::asked::Asked;
use super::clause::Clause;
use super::TranslateError;
use crate::condition::{Condition, Op};
use crate::intake::{Intake, Kind};

/// Most tests in what one question becomes; far more than a protocol file may write.
const MAX_PARTS: usize = 1 << 16;

/// Where the answers yes and no of a question hold.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub yes: Clause,
    pub no: Clause,
}

impl Truth {
    const NEVER: Self = Self { yes: Clause::Always(false), no: Clause::Always(false) };

    pub(super) fn unknown(&self) -> Clause {
        Clause::any([self.yes.clone(), self.no.clone()]).negate()
    }

    /// `xor` and surrogates take their parts several times, so that nesting them explodes.
    fn bounded(self) -> Result<Self, TranslateError> {
        match self.yes.size() + self.no.size() > MAX_PARTS {
            true => Err(TranslateError::TooManyParts { most: MAX_PARTS }),
            false => Ok(self),
        }
    }

    /// An odd number of both.
    fn odd(self, other: Self) -> Self {
        Self {
            yes: Clause::any([
                Clause::all([self.yes.clone(), other.no.clone()]),
                Clause::all([self.no.clone(), other.yes.clone()]),
            ]),
            no: Clause::any([Clause::all([self.yes, other.yes]), Clause::all([self.no, other.no])]),
        }
    }

    /// This answer, or the later one where this is unknown.
    fn or_else(self, later: Self) -> Self {
        let unknown = self.unknown();
        Self {
            yes: Clause::any([self.yes, Clause::all([unknown.clone(), later.yes])]),
            no: Clause::any([self.no, Clause::all([unknown, later.no])]),
        }
    }
}

/// The levels of each feature that are still possible on a path.
pub(super) type Possible = Vec<Vec<bool>>;

/// Asks the questions of a model file about features.
pub(super) struct Questions<'a> {
    pub asked: &'a [Asked],
    pub intake: &'a Intake,
}

impl Questions<'_> {
    /// The only column a question reads, if there is only one.
    pub(super) fn only_column(test: &Test) -> Option<usize> {
        let columns = test.columns();
        match columns.len() {
            1 => columns.first().copied(),
            _ => None,
        }
    }

    /// The answer at each level of the only column.
    pub(super) fn answers(&self, test: &Test, column: usize) -> Vec<Option<bool>> {
        let mut case = vec![Cell::Missing; self.asked.len()];
        let answer = |cell: &Cell| {
            case[column] = cell.clone();
            test.holds(&case)
        };
        self.asked[column].cells.iter().map(answer).collect()
    }

    /// Where the question has which answer.
    pub(super) fn truth(&self, test: &Test, possible: &Possible) -> Result<Truth, TranslateError> {
        if let Some(column) = Self::only_column(test) {
            let answers = self.answers(test, column);
            let where_it_is = |wanted: bool| {
                let set: Vec<bool> = answers.iter().map(|answer| *answer == Some(wanted)).collect();
                self.levels(column, &set, &possible[column], Some(test))
            };
            return Ok(Truth { yes: where_it_is(true), no: where_it_is(false) });
        }
        let of = |tests: &[Test]| {
            tests.iter().map(|test| self.truth(test, possible)).collect::<Result<Vec<_>, _>>()
        };
        match test {
            Test::All(tests) => {
                let (yes, no): (Vec<_>, Vec<_>) =
                    of(tests)?.into_iter().map(|truth| (truth.yes, truth.no)).unzip();
                Truth { yes: Clause::all(yes), no: Clause::any(no) }.bounded()
            }
            Test::Any(tests) => {
                let (yes, no): (Vec<_>, Vec<_>) =
                    of(tests)?.into_iter().map(|truth| (truth.yes, truth.no)).unzip();
                Truth { yes: Clause::any(yes), no: Clause::all(no) }.bounded()
            }
            Test::Not(test) => {
                let truth = self.truth(test, possible)?;
                Ok(Truth { yes: truth.no, no: truth.yes })
            }
            Test::Odd(tests) => {
                let none = Truth { yes: Clause::Always(false), no: Clause::Always(true) };
                of(tests)?.into_iter().try_fold(none, |odd, own| odd.odd(own).bounded())
            }
            Test::Surrogate(tests) => of(tests)?
                .into_iter()
                .rev()
                .try_fold(Truth::NEVER, |later, own| own.or_else(later).bounded()),
            Test::Constant(holds) => {
                Ok(Truth { yes: Clause::Always(*holds), no: Clause::Always(!holds) })
            }
            // Reads one column.
            Test::Compare { .. } | Test::OneOf { .. } | Test::Missing(_) => Ok(Truth::NEVER),
        }
    }

    /// A set of levels as a condition, where levels that aren't possible don't matter.
    pub(super) fn levels(
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
        let is_missing = Clause::When(Condition::Missing(asked.index));
        let codes: Vec<usize> = (0..asked.codes()).filter(there).collect();
        let missing = asked.feature.missing && possible[asked.codes()];
        let takes_missing = missing && set[asked.codes()];
        if missing && codes.iter().all(|code| set[*code] != takes_missing) {
            return if takes_missing { is_missing } else { is_missing.negate() };
        }
        // Tests of a missing feature are false but for `is missing`, so only what is put positively
        // excludes it.
        let positive = match &asked.feature.kind {
            Kind::Flag if set[1] => Clause::When(Condition::Flag(asked.index)),
            Kind::Flag => {
                let no = Clause::When(Condition::Flag(asked.index)).negate();
                return match (missing, takes_missing) {
                    (true, false) => Clause::all([no, is_missing.negate()]),
                    _ => no,
                };
            }
            Kind::Choice { .. } => {
                let inside: Vec<usize> = codes.iter().copied().filter(|code| set[*code]).collect();
                let outside: Vec<usize> =
                    codes.iter().copied().filter(|code| !set[*code]).collect();
                let option =
                    |code: &usize| Clause::When(Condition::Option(asked.index, *code as u32));
                if outside.len() < inside.len() && missing == takes_missing {
                    return Clause::all(outside.iter().map(|code| option(code).negate()));
                }
                Clause::any(inside.iter().map(option))
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
        if let Some(kept) = test.and_then(|test| self.as_it_stands(test, column, set, codes)) {
            return Clause::When(kept);
        }
        let compare = |op: Op, code: usize| {
            Clause::When(Condition::Compare(asked.index, op, asked.lower(code)))
        };
        let mut ranges = Vec::new();
        let mut from = None;
        for (place, code) in codes.iter().enumerate() {
            let before = place > 0 && set[codes[place - 1]];
            if set[*code] && !before {
                from = Some((place > 0).then_some(*code));
            }
            if !set[*code] && before {
                let below = compare(Op::Less, *code);
                ranges.push(match from.take().flatten() {
                    Some(low) => Clause::all([compare(Op::GreaterOrEqual, low), below]),
                    None => below,
                });
            }
        }
        if let Some(Some(low)) = from {
            ranges.push(compare(Op::GreaterOrEqual, low));
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
    ) -> Option<Condition> {
        let Test::Compare { variable, op, limit, single } = test else {
            return None;
        };
        if *variable.function != Function::Input {
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
        let first = codes.first()?;
        let holds = native.holds(asked.value(*first), limit, 0.0) == set[*first];
        let native = match (holds, native) {
            (true, native) => native,
            (false, Op::Less) => Op::GreaterOrEqual,
            (false, Op::LessOrEqual) => Op::Greater,
            (false, Op::Greater) => Op::LessOrEqual,
            (false, Op::GreaterOrEqual) => Op::Less,
            (false, Op::Equal) => return None,
        };
        if quantity.is_binned() {
            return None;
        }
        let slack = quantity.step * 1e-6;
        codes
            .iter()
            .all(|code| native.holds(asked.value(*code), limit, slack) == set[*code])
            .then_some(Condition::Compare(asked.index, native, limit))
    }
}

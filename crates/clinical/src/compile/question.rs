// SPDX-License-Identifier: Apache-2.0
//! Conditions as questions about bits, for trees that are lowered as they stand.
//!
//! A condition on one feature is a set of its levels, and becomes a chain of nodes on the feature's
//! bits. Conditions on several features are chains that lead to one another: where the first part
//! of `all` holds the second is asked, where it doesn't the answer is no. What a way through the
//! tree has already settled, the levels that are still possible on it, isn't asked again.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::diagram::Full;
use super::factor::{slack, values};
use super::free::{Builder, Target};
use crate::condition::Condition;
use crate::intake::Intake;

/// Levels of a feature: one entry a code, and one more for missing.
pub(super) type Levels = Vec<bool>;

/// A condition as sets of levels: every feature stands once in `All` and `Any`, negations are in
/// the sets.
pub(super) enum Test {
    Within(usize, Levels),
    All(Vec<Test>),
    Any(Vec<Test>),
}

/// A question where its answer isn't settled.
pub(super) enum Question {
    Settled(bool),
    /// A feature's possible levels with the answer at each: a comparison.
    Compare(usize, Vec<(usize, bool)>),
    Chain(Chain),
    All(Vec<Question>),
    Any(Vec<Question>),
}

/// The levels of the features that are possible in one place of a tree.
pub(super) struct Possible<'a> {
    intake: &'a Intake,
    levels: HashMap<usize, Levels>,
}

/// Levels that were possible before they were narrowed.
pub(super) type Before = Vec<(usize, Option<Levels>)>;

/// Reads conditions over an intake.
pub(super) struct Tests<'a> {
    intake: &'a Intake,
    /// The values of each feature's codes.
    values: Vec<OnceCell<Vec<f64>>>,
}

impl<'a> Tests<'a> {
    pub(super) fn new(intake: &'a Intake) -> Self {
        Self { intake, values: vec![OnceCell::new(); intake.features().len()] }
    }

    /// The condition, or its negation.
    pub(super) fn read(&self, condition: &Condition, holds: bool) -> Test {
        let within = |feature: usize, is_in: &dyn Fn(Option<u32>) -> bool| {
            let codes = self.intake.features()[feature].kind.levels();
            let levels = (0..codes).map(Some).chain([None]);
            Test::Within(feature, levels.map(|level| is_in(level) == holds).collect())
        };
        match condition {
            Condition::All(parts) => self.join(parts, holds, holds),
            Condition::Any(parts) => self.join(parts, !holds, holds),
            Condition::Not(part) => self.read(part, !holds),
            Condition::Flag(feature) => {
                within(*feature, &|level| level.is_some_and(|code| code != 0))
            }
            Condition::Option(feature, option) => within(*feature, &|level| level == Some(*option)),
            Condition::Missing(feature) => within(*feature, &|level| level.is_none()),
            Condition::Compare(feature, op, limit) => {
                let slack = slack(self.intake, *feature);
                let values = self.values(*feature);
                within(*feature, &|level| {
                    level.is_some_and(|code| op.holds(values[code as usize], *limit, slack))
                })
            }
        }
    }

    /// Whether a condition on one feature holds at a level of it.
    pub(super) fn holds(&self, condition: &Condition, level: usize) -> bool {
        let is_missing =
            |feature: &usize| level == self.intake.features()[*feature].kind.levels() as usize;
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.holds(part, level)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(part, level)),
            Condition::Not(part) => !self.holds(part, level),
            Condition::Flag(feature) => !is_missing(feature) && level != 0,
            Condition::Option(_, option) => level == *option as usize,
            Condition::Missing(feature) => is_missing(feature),
            Condition::Compare(feature, op, limit) => {
                let value = self.values(*feature).get(level);
                value.is_some_and(|value| op.holds(*value, *limit, slack(self.intake, *feature)))
            }
        }
    }

    fn values(&self, feature: usize) -> &[f64] {
        self.values[feature].get_or_init(|| {
            let codes = self.intake.features()[feature].kind.levels();
            (0..codes).map(values(self.intake, feature)).collect()
        })
    }

    /// Parts of which all hold, or any; those on one feature become one set.
    fn join(&self, parts: &[Condition], all: bool, holds: bool) -> Test {
        let mut joined: Vec<Test> = Vec::new();
        let mut add = |test: Test| {
            if let Test::Within(feature, set) = &test {
                for other in &mut joined {
                    match other {
                        Test::Within(own, levels) if own == feature => {
                            for (a, b) in levels.iter_mut().zip(set) {
                                *a = if all { *a && *b } else { *a || *b };
                            }
                            return;
                        }
                        _ => {}
                    }
                }
            }
            joined.push(test);
        };
        for part in parts {
            match (self.read(part, holds), all) {
                (Test::All(inner), true) | (Test::Any(inner), false) => {
                    inner.into_iter().for_each(&mut add);
                }
                (test, _) => add(test),
            }
        }
        match (joined.len(), all) {
            (1, _) => joined.remove(0),
            (_, true) => Test::All(joined),
            (_, false) => Test::Any(joined),
        }
    }
}

impl<'a> Possible<'a> {
    /// Everything that answers can be.
    pub(super) fn new(intake: &'a Intake) -> Self {
        Self { intake, levels: HashMap::new() }
    }

    fn of(&self, feature: usize) -> Levels {
        self.levels.get(&feature).cloned().unwrap_or_else(|| {
            let feature = &self.intake.features()[feature];
            let mut levels = vec![true; feature.kind.levels() as usize];
            levels.push(feature.missing);
            levels
        })
    }

    /// Keeps the levels at which a test has this answer, as far as single features tell; gives what
    /// [`Self::restore`] takes.
    pub(super) fn narrow(&mut self, test: &Test, answer: bool) -> Before {
        let mut before = Before::new();
        self.narrow_part(test, answer, &mut before);
        before
    }

    fn narrow_part(&mut self, test: &Test, answer: bool, before: &mut Before) {
        match (test, answer) {
            (Test::Within(feature, set), _) => {
                let mut levels = self.of(*feature);
                levels.iter_mut().zip(set).for_each(|(own, is_in)| *own &= *is_in == answer);
                before.push((*feature, self.levels.insert(*feature, levels)));
            }
            (Test::All(parts), true) | (Test::Any(parts), false) => {
                parts.iter().for_each(|part| self.narrow_part(part, answer, before));
            }
            _ => {}
        }
    }

    pub(super) fn restore(&mut self, before: Before) {
        for (feature, levels) in before.into_iter().rev() {
            match levels {
                Some(levels) => self.levels.insert(feature, levels),
                None => self.levels.remove(&feature),
            };
        }
    }

    /// What is still to be asked of a test.
    pub(super) fn ask(&self, test: &Test) -> Question {
        let join = |parts: &[Test], decisive: bool| {
            let mut open = Vec::new();
            for part in parts {
                match self.ask(part) {
                    Question::Settled(answer) if answer == decisive => {
                        return Question::Settled(decisive)
                    }
                    Question::Settled(_) => {}
                    question => open.push(question),
                }
            }
            match (open.len(), decisive) {
                (0, _) => Question::Settled(!decisive),
                (_, false) => Question::All(open),
                (_, true) => Question::Any(open),
            }
        };
        match test {
            Test::Within(feature, set) => self.ask_one(*feature, set),
            Test::All(parts) => join(parts, false),
            Test::Any(parts) => join(parts, true),
        }
    }

    /// A feature's bits in the order in which they are asked: the missing bit, which is its last,
    /// then the value from its most significant bit on.
    fn bits(&self, feature: usize) -> Vec<usize> {
        let offset = self.intake.offset(feature);
        (offset..offset + self.intake.features()[feature].bits()).rev().collect()
    }

    /// The levels of a feature that are possible.
    pub(super) fn there(&self, feature: usize) -> Vec<usize> {
        let levels = self.of(feature);
        (0..levels.len()).filter(|level| levels[*level]).collect()
    }

    /// The nodes that lead from each of a feature's possible levels, which ascend, to its target.
    pub(super) fn select(
        &self,
        feature: usize,
        levels: &[(usize, Target)],
        builder: &mut Builder,
    ) -> Result<Target, Full> {
        let own = &self.intake.features()[feature];
        let codes = own.kind.levels() as usize;
        let bits = self.bits(feature);
        let (missing_bit, bits) = bits.split_at(usize::from(own.missing));
        let (levels, missing) = match levels {
            [values @ .., (level, target)] if *level == codes => (values, Some(*target)),
            _ => (levels, None),
        };
        let mut numbers = levels.to_vec();
        if let Some((level, target)) = levels.last().filter(|(level, _)| *level + 1 == codes) {
            // Codes beyond the last level read as the last.
            numbers.extend((level + 1..1 << bits.len()).map(|number| (number, *target)));
        }
        let value = select(bits, &numbers, builder)?;
        match (value, missing, missing_bit) {
            (Some(value), Some(missing), [bit]) => builder.node(*bit, value, missing),
            (value, missing, _) => Ok(value.or(missing).unwrap_or(Target::points(0.0))),
        }
    }

    fn ask_one(&self, index: usize, set: &[bool]) -> Question {
        let possible = self.of(index);
        let mut answers = set.iter().zip(&possible).filter(|(_, there)| **there);
        let first = answers.next().is_some_and(|(answer, _)| *answer);
        if answers.all(|(answer, _)| *answer == first) {
            return Question::Settled(first);
        }
        let feature = &self.intake.features()[index];
        let (codes, numbers) = (set.len() - 1, 1usize << feature.value_bits());
        // With one change there is nothing to gain by other ways.
        if set[..codes].windows(2).filter(|pair| pair[0] != pair[1]).count() <= 1 {
            let there = (0..set.len()).filter(|level| possible[*level]);
            return Question::Compare(index, there.map(|level| (level, set[level])).collect());
        }
        let bits = self.bits(index);
        // Codes beyond the last level read as the last.
        let levels = (0..numbers).map(|number| number.min(codes - 1));
        let levels: Vec<usize> = match feature.missing {
            true => levels.chain(std::iter::repeat_n(codes, numbers)).collect(),
            false => levels.collect(),
        };
        let plain: Vec<_> = levels.iter().map(|level| Some(set[*level])).collect();
        let open: Vec<_> =
            levels.iter().map(|level| possible[*level].then_some(set[*level])).collect();
        let ways = [(&plain, false), (&open, false), (&open, true)];
        let chains = ways.map(|(row, merge)| Chain::new(&bits, row, merge));
        let least = chains.into_iter().min_by_key(|chain| chain.nodes.len());
        Question::Chain(least.expect("there are three"))
    }
}

/// The nodes that lead from numbers, which ascend, to their targets; `None` if there are none.
fn select(
    bits: &[usize],
    numbers: &[(usize, Target)],
    builder: &mut Builder,
) -> Result<Option<Target>, Full> {
    let Some(((_, first), rest)) = numbers.split_first() else {
        return Ok(None);
    };
    let Some((bit, lower)) = bits.split_first().filter(|_| rest.iter().any(|(_, t)| t != first))
    else {
        return Ok(Some(*first));
    };
    let ones = numbers.partition_point(|(number, _)| number >> lower.len() & 1 == 0);
    let (zero, one) = numbers.split_at(ones);
    match (select(lower, zero, builder)?, select(lower, one, builder)?) {
        (Some(low), Some(high)) => builder.node(*bit, low, high).map(Some),
        (low, high) => Ok(low.or(high)),
    }
}

/// Nodes on the bits of one feature that lead to yes or no, children before parents.
pub(super) struct Chain {
    nodes: Vec<(usize, End, End)>,
    root: End,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Answer(bool),
    Node(usize),
}

impl Chain {
    /// The answers in a row for all that the bits can spell, `None` where any will do. With
    /// `merge` a bit is left out where its two halves don't contradict one another.
    fn new(bits: &[usize], row: &[Option<bool>], merge: bool) -> Self {
        let mut chain = Self { nodes: Vec::new(), root: End::Answer(false) };
        if let Some(root) = chain.add(bits, row, merge) {
            chain.root = root;
        }
        chain
    }

    fn add(&mut self, bits: &[usize], row: &[Option<bool>], merge: bool) -> Option<End> {
        let mut known = row.iter().flatten();
        let first = *known.next()?;
        if known.all(|answer| *answer == first) {
            return Some(End::Answer(first));
        }
        let (bit, rest) = bits.split_first()?;
        let (zero, one) = row.split_at(row.len() / 2);
        let mut pairs = zero.iter().zip(one);
        if merge && pairs.clone().all(|(a, b)| a.is_none() || b.is_none() || a == b) {
            let both: Vec<_> = pairs.map(|(a, b)| a.or(*b)).collect();
            return self.add(rest, &both, merge);
        }
        if pairs.all(|(a, b)| a == b) {
            return self.add(rest, zero, merge);
        }
        match (self.add(rest, zero, merge), self.add(rest, one, merge)) {
            (Some(low), Some(high)) if low != high => {
                let node = (*bit, low, high);
                let known = self.nodes.iter().position(|own| *own == node);
                Some(End::Node(known.unwrap_or_else(|| {
                    self.nodes.push(node);
                    self.nodes.len() - 1
                })))
            }
            (low, high) => low.or(high),
        }
    }
}

impl Question {
    /// The nodes that lead to `yes` where the answer is yes, else to `no`.
    pub(super) fn decide(
        &self,
        yes: Target,
        no: Target,
        possible: &Possible<'_>,
        builder: &mut Builder,
    ) -> Result<Target, Full> {
        match self {
            Self::Settled(true) => Ok(yes),
            Self::Settled(false) => Ok(no),
            Self::Compare(feature, levels) => {
                let target =
                    |(level, answer): &(usize, bool)| (*level, if *answer { yes } else { no });
                let levels: Vec<_> = levels.iter().map(target).collect();
                possible.select(*feature, &levels, builder)
            }
            Self::Chain(chain) => {
                let mut made: Vec<Target> = Vec::with_capacity(chain.nodes.len());
                let place = |end: End, made: &[Target]| match end {
                    End::Answer(true) => yes,
                    End::Answer(false) => no,
                    End::Node(index) => made[index],
                };
                for (bit, low, high) in &chain.nodes {
                    let (low, high) = (place(*low, &made), place(*high, &made));
                    made.push(builder.node(*bit, low, high)?);
                }
                Ok(place(chain.root, &made))
            }
            Self::All(parts) => parts
                .iter()
                .rev()
                .try_fold(yes, |next, part| part.decide(next, no, possible, builder)),
            Self::Any(parts) => parts
                .iter()
                .rev()
                .try_fold(no, |next, part| part.decide(yes, next, possible, builder)),
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Programs: what is computed on a record's bits, and its evaluation in clear, the oracle for all
//! others.

use crate::params::{
    Encoding, Profile, BUCKETS, MAX_FAILURE_LOG2, MAX_OUTPUTS, MAX_OUTPUT_BITS, N,
};
use crate::program::diagram::Diagram;
use crate::program::noise::{Budget, BudgetError, OutputBudget};
use crate::program::plan::Plan;

/// An output table: `values[sum]` is the output, and has `bits` bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Bits of a value, 1 to 16. Fewer bits leave more room for noise and flooding.
    pub bits: u32,
    /// The values by sum, at most 2048.
    pub values: Vec<u16>,
}

/// One step of a sum: adds points that depend on record bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Adds `points[i]` for every bit `i` that is set. One CMUX for each non-zero entry.
    Weighted {
        /// One entry for each bit of the program.
        points: Vec<i16>,
    },
    /// Adds the points of the leaf that the diagram reaches. One CMUX for each inner node; noise
    /// grows with the depth.
    Diagram(Diagram),
}

/// A sum of points, `bias` plus what the steps add, and the tables it is looked up in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// What adds points. Order doesn't matter.
    pub steps: Vec<Step>,
    /// Where the sum begins.
    pub bias: i32,
    /// One output a table.
    pub tables: Vec<Table>,
}

/// A program that cannot be, each with the limit it breaks. Sums, steps and tables count from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// No bits, or more than a record holds.
    #[error("a program reads 1 to {max} bits, not {bits}")]
    Bits {
        /// Bits asked for.
        bits: usize,
        /// Bits of the largest record.
        max: usize,
    },
    /// No outputs, or too many.
    #[error("a program has 1 to {MAX_OUTPUTS} outputs, not {0}")]
    Outputs(usize),
    /// A sum without a table.
    #[error("sum {0} has no table")]
    NoTable(usize),
    /// A weighted step with too few or too many points.
    #[error("sum {sum}, step {step} has points for {actual} bits; the program reads {expected}")]
    PointsLength {
        /// The sum.
        sum: usize,
        /// The step.
        step: usize,
        /// The program's bits.
        expected: usize,
        /// The step's.
        actual: usize,
    },
    /// A diagram asks for a bit the program doesn't read.
    #[error("sum {sum}, step {step} asks for bit {bit}; the program reads {bits} bits")]
    BitOutOfRange {
        /// The sum.
        sum: usize,
        /// The step.
        step: usize,
        /// The bit.
        bit: u16,
        /// The program's bits.
        bits: usize,
    },
    /// A diagram whose evaluation would need too much memory.
    #[error("sum {sum}, step {step} needs {needed} accumulators at once; at most {MAX_REGISTERS} are allowed")]
    DiagramTooWide {
        /// The sum.
        sum: usize,
        /// The step.
        step: usize,
        /// Accumulators needed.
        needed: usize,
    },
    /// More CMUXes than an evaluation may take.
    #[error("the program takes {0} CMUXes; at most {MAX_CMUXES} are allowed")]
    TooManyCmuxes(usize),
    /// A table's values have an impossible width.
    #[error(
        "sum {sum}, table {table} has values of {bits} bits; 1 to {MAX_OUTPUT_BITS} are possible"
    )]
    TableBits {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// The width.
        bits: u32,
    },
    /// A table is empty or longer than an accumulator.
    #[error("sum {sum}, table {table} has {len} values; 1 to {N} are possible")]
    TableLength {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// Its length.
        len: usize,
    },
    /// A table value doesn't fit its width.
    #[error("sum {sum}, table {table}, value {index} is {value}, which does not fit {bits} bits")]
    TableValue {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// Where in the table.
        index: usize,
        /// The value.
        value: u16,
        /// The table's width.
        bits: u32,
    },
    /// A sum could leave its table.
    #[error("sum {sum} ranges from {low} to {high}, but table {table} covers 0 to {}", *.len as i64 - 1)]
    Range {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// Least possible sum.
        low: i64,
        /// Largest possible sum.
        high: i64,
        /// The table's length.
        len: usize,
    },
    /// Bits to evaluate on are too few or too many.
    #[error("the program reads {expected} bits, but {actual} were given")]
    WrongBits {
        /// The program's bits.
        expected: usize,
        /// Bits given.
        actual: usize,
    },
}

/// Accumulators of 32 KiB that a diagram may keep at once: 8 MiB.
pub const MAX_REGISTERS: usize = 256;

/// CMUXes of one evaluation: about two seconds.
pub const MAX_CMUXES: usize = 100_000;

/// A checked program: every input of the right length has an output, and no sum can leave its
/// tables.
#[derive(Clone, Debug)]
pub struct Program {
    bits: usize,
    sums: Vec<Sum>,
    pub(crate) plan: Plan,
}

impl Program {
    /// Checks and prepares a program over `bits` record bits. Its outputs are the tables in order.
    pub fn new(bits: usize, sums: Vec<Sum>) -> Result<Self, ProgramError> {
        let max = BUCKETS[BUCKETS.len() - 1];
        if bits == 0 || bits > max {
            return Err(ProgramError::Bits { bits, max });
        }
        let outputs = sums.iter().map(|s| s.tables.len()).sum();
        if !(1..=MAX_OUTPUTS).contains(&outputs) {
            return Err(ProgramError::Outputs(outputs));
        }
        for (i, sum) in sums.iter().enumerate() {
            check_steps(bits, i, sum)?;
            check_tables(i, sum)?;
        }
        let plan = Plan::new(&sums);
        if plan.cmuxes() > MAX_CMUXES {
            return Err(ProgramError::TooManyCmuxes(plan.cmuxes()));
        }
        for (i, sum) in sums.iter().enumerate() {
            for (j, step) in sum.steps.iter().enumerate() {
                let Step::Diagram(diagram) = step else {
                    continue;
                };
                let needed = plan.registers(diagram);
                if needed > MAX_REGISTERS {
                    return Err(ProgramError::DiagramTooWide { sum: i, step: j, needed });
                }
            }
        }
        Ok(Self { bits, sums, plan })
    }

    /// Record bits the program reads.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// The sums it was made of.
    pub fn sums(&self) -> &[Sum] {
        &self.sums
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.sums.iter().map(|s| s.tables.len()).sum()
    }

    /// CMUXes of one evaluation, after work that sums have in common is shared.
    pub fn cmuxes(&self) -> usize {
        self.plan.cmuxes()
    }

    /// Evaluates in clear.
    pub fn evaluate(&self, bits: &[bool]) -> Result<Vec<u16>, ProgramError> {
        if bits.len() != self.bits {
            return Err(ProgramError::WrongBits { expected: self.bits, actual: bits.len() });
        }
        let mut outputs = Vec::with_capacity(self.outputs());
        for sum in &self.sums {
            let points: i64 = sum.steps.iter().map(|step| step.evaluate(bits)).sum();
            let index = (i64::from(sum.bias) + points) as usize;
            outputs.extend(sum.tables.iter().map(|table| table.values[index]));
        }
        Ok(outputs)
    }

    /// The program's noise under `profile`, or why the profile can't carry it.
    pub fn budget(&self, profile: Profile) -> Result<Budget, BudgetError> {
        let encodings = self.encodings(profile);
        let outputs: Vec<_> = self
            .plan
            .depths(encodings.len())
            .into_iter()
            .zip(&encodings)
            .map(|(depth, encoding)| OutputBudget::new(depth, *encoding))
            .collect();
        if let Some(output) = outputs.iter().position(|o| o.failure_log2 > MAX_FAILURE_LOG2) {
            let sum = self.sum_of(output);
            return Err(BudgetError::Failure {
                profile,
                sum,
                step: self.breaking_step(sum, encodings[output]),
                output,
                failure_log2: outputs[output].failure_log2,
            });
        }
        Ok(Budget::new(profile, self.cmuxes(), outputs))
    }

    /// The outputs' encodings on a record of this profile.
    pub(crate) fn encodings(&self, profile: Profile) -> Vec<Encoding> {
        self.sums
            .iter()
            .flat_map(|s| &s.tables)
            .map(|t| Encoding { bits: t.bits, profile })
            .collect()
    }

    /// The sum that an output belongs to.
    fn sum_of(&self, output: usize) -> usize {
        let mut end = 0;
        self.sums
            .iter()
            .position(|sum| {
                end += sum.tables.len();
                output < end
            })
            .unwrap_or(0)
    }

    /// The first step of a sum with which its noise passes the limit.
    fn breaking_step(&self, sum: usize, encoding: Encoding) -> usize {
        let steps = &self.sums[sum].steps;
        let mut depth = 0;
        steps
            .iter()
            .position(|step| {
                depth += step.depth();
                OutputBudget::new(depth, encoding).failure_log2 > MAX_FAILURE_LOG2
            })
            .unwrap_or(steps.len().saturating_sub(1))
    }
}

impl Step {
    fn evaluate(&self, bits: &[bool]) -> i64 {
        match self {
            Self::Weighted { points } => {
                points.iter().zip(bits).filter(|(_, bit)| **bit).map(|(p, _)| i64::from(*p)).sum()
            }
            Self::Diagram(diagram) => i64::from(diagram.evaluate(bits)),
        }
    }

    /// The least and largest points the step can add.
    pub(crate) fn range(&self) -> (i64, i64) {
        match self {
            Self::Weighted { points } => points.iter().fold((0, 0), |(low, high), p| {
                (low + i64::from(*p.min(&0)), high + i64::from(*p.max(&0)))
            }),
            Self::Diagram(diagram) => {
                let (low, high) = diagram.range();
                (i64::from(low), i64::from(high))
            }
        }
    }

    /// The longest chain of CMUXes of the step.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Weighted { points } => points.iter().filter(|p| **p != 0).count(),
            Self::Diagram(diagram) => diagram.depth(),
        }
    }
}

impl Sum {
    /// The least and largest value the sum can have.
    pub(crate) fn range(&self) -> (i64, i64) {
        self.steps
            .iter()
            .map(Step::range)
            .fold((i64::from(self.bias), i64::from(self.bias)), |(low, high), (l, h)| {
                (low + l, high + h)
            })
    }
}

fn check_steps(bits: usize, sum: usize, of: &Sum) -> Result<(), ProgramError> {
    for (step, s) in of.steps.iter().enumerate() {
        match s {
            Step::Weighted { points } if points.len() != bits => {
                return Err(ProgramError::PointsLength {
                    sum,
                    step,
                    expected: bits,
                    actual: points.len(),
                });
            }
            Step::Diagram(diagram) => match diagram.max_bit() {
                Some(bit) if usize::from(bit) >= bits => {
                    return Err(ProgramError::BitOutOfRange { sum, step, bit, bits });
                }
                _ => {}
            },
            Step::Weighted { .. } => {}
        }
    }
    Ok(())
}

fn check_tables(sum: usize, of: &Sum) -> Result<(), ProgramError> {
    if of.tables.is_empty() {
        return Err(ProgramError::NoTable(sum));
    }
    let (low, high) = of.range();
    for (table, t) in of.tables.iter().enumerate() {
        let (bits, len) = (t.bits, t.values.len());
        if !(1..=MAX_OUTPUT_BITS).contains(&bits) {
            return Err(ProgramError::TableBits { sum, table, bits });
        }
        if !(1..=N).contains(&len) {
            return Err(ProgramError::TableLength { sum, table, len });
        }
        if let Some((index, value)) =
            t.values.iter().enumerate().find(|(_, v)| u32::from(**v) >> bits != 0)
        {
            return Err(ProgramError::TableValue { sum, table, index, value: *value, bits });
        }
        if low < 0 || high >= len as i64 {
            return Err(ProgramError::Range { sum, table, low, high, len });
        }
    }
    Ok(())
}

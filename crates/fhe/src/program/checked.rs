// SPDX-License-Identifier: Apache-2.0
//! A program once it is checked and planned, and its evaluation in clear, the oracle for all
//! others.

use core::fmt;

use crate::params::{Encoding, Profile, MAX_BITS, MAX_CMUXES, MAX_FAILURE_LOG2, MAX_TABLES};

use super::bits::BitSet;
use super::budget::{Budget, BudgetError, OutputBudget};
use super::check::{check_outputs, check_steps, check_tables};
use super::error::ProgramError;
use super::plan::Plan;
use super::sum::Sum;

/// A checked program: every input of the right length has an output, and no sum can leave its
/// tables unless it is said to wrap.
///
/// ```
/// use cso_fhe::{Profile, Program, ProgramError, Step, Sum, Table};
///
/// // Two points for the first bit, three for the third; low, medium or high risk.
/// let steps = vec![Step::Weighted { points: vec![2, 0, 3] }];
/// let tables = vec![Table { output: 0, bits: 2, values: vec![0, 0, 1, 1, 1, 2] }];
/// let program = Program::new(3, vec![Sum { steps, bias: 0, wraps: false, tables }])?;
/// assert_eq!((program.bits(), program.outputs()), (3, 1));
///
/// // In clear it is the oracle for every encrypted evaluation.
/// assert_eq!(program.evaluate(&[true, false, true])?, [2]);
/// let wrong = program.evaluate(&[true, false]);
/// assert_eq!(wrong, Err(ProgramError::WrongBits { expected: 3, actual: 2 }));
///
/// // Bits without points cost nothing.
/// assert_eq!(program.cmuxes(), 2);
/// assert!(program.budget(Profile::Private)?.failure_log2 < -128.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Debug output tells sizes only: the points are the expert's secret.
#[derive(Clone)]
pub struct Program {
    bits: usize,
    sums: Vec<Sum>,
    /// Bits of each output.
    widths: Vec<u32>,
    plan: Plan,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("bits", &self.bits)
            .field("sums", &self.sums.len())
            .field("outputs", &self.outputs())
            .field("cmuxes", &self.cmuxes())
            .finish()
    }
}

impl Program {
    /// Checks and prepares a program over `bits` record bits.
    ///
    /// # Errors
    ///
    /// [`ProgramError`], with the sum, step, table or output and the limit it breaks: a program
    /// reads 1 to 2048 bits, has 1 to 8 outputs of 1 to 16 bits and at most 64 tables, takes at
    /// most 1,000,000 CMUXes, no diagram of it needs more than 256 accumulators at once, no sum
    /// that doesn't wrap can leave a table, and no output can exceed its width unless a sum that
    /// wraps adds to it.
    pub fn new(bits: usize, sums: Vec<Sum>) -> Result<Self, ProgramError> {
        if bits == 0 || bits > MAX_BITS {
            return Err(ProgramError::Bits { bits, max: MAX_BITS });
        }
        for (i, sum) in sums.iter().enumerate() {
            check_steps(bits, i, sum)?;
            check_tables(i, sum)?;
        }
        let widths = check_outputs(&sums)?;
        let tables = sums.iter().map(|sum| sum.tables.len()).sum();
        if tables > MAX_TABLES {
            return Err(ProgramError::Tables(tables));
        }
        let plan = Plan::new(&sums, widths.len())?;
        if plan.cmuxes() > MAX_CMUXES {
            return Err(ProgramError::TooManyCmuxes(plan.cmuxes()));
        }
        Ok(Self { bits, sums, widths, plan })
    }

    /// Bits of the records it is for.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Those of them that it reads: no others need be loaded.
    pub fn reads(&self) -> &BitSet {
        &self.plan.reads
    }

    /// The sums it was made of.
    pub fn sums(&self) -> &[Sum] {
        &self.sums
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.widths.len()
    }

    /// CMUXes of one evaluation, after work that sums have in common is shared.
    pub fn cmuxes(&self) -> usize {
        self.plan.cmuxes()
    }

    /// The order of its work.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Evaluates in clear: one value an output.
    ///
    /// # Errors
    ///
    /// [`ProgramError::WrongBits`] if `bits` are not as many as the program reads.
    pub fn evaluate(&self, bits: &[bool]) -> Result<Vec<u16>, ProgramError> {
        if bits.len() != self.bits {
            return Err(ProgramError::WrongBits { expected: self.bits, actual: bits.len() });
        }
        let mut outputs = vec![0u16; self.outputs()];
        for sum in &self.sums {
            let index = sum.index(bits);
            for table in &sum.tables {
                let output = &mut outputs[table.output];
                *output = output.wrapping_add(table.at(index)) & table.mask();
            }
        }
        Ok(outputs)
    }

    /// The program's noise under `profile`, or why the profile can't carry it.
    ///
    /// # Errors
    ///
    /// [`BudgetError::Failure`] if an output would come out wrong more often than `2^-128`.
    pub fn budget(&self, profile: Profile) -> Result<Budget, BudgetError> {
        let encodings = self.encodings(profile);
        let depths = self.plan.depths.iter();
        let outputs: Vec<_> = depths
            .zip(&encodings)
            .map(|(depth, encoding)| OutputBudget::new(*depth, *encoding))
            .collect();
        if let Some(output) = outputs.iter().position(|o| o.failure_log2 > MAX_FAILURE_LOG2) {
            let (sum, step) = self.breaking_step(output, encodings[output]);
            let failure_log2 = outputs[output].failure_log2;
            return Err(BudgetError::Failure { profile, sum, step, output, failure_log2 });
        }
        Ok(Budget::new(profile, self.cmuxes(), outputs))
    }

    /// The outputs' encodings on a record of this profile.
    pub(crate) fn encodings(&self, profile: Profile) -> Vec<Encoding> {
        self.widths.iter().map(|bits| Encoding { bits: *bits, profile }).collect()
    }

    /// The first sum and step with which the noise of an output passes the limit.
    fn breaking_step(&self, output: usize, encoding: Encoding) -> (usize, usize) {
        let (mut depth, mut last) = (0, (0, 0));
        for (i, sum) in self.sums.iter().enumerate() {
            if sum.tables.iter().all(|table| table.output != output) {
                continue;
            }
            for (j, step) in sum.steps.iter().enumerate() {
                depth += step.depth();
                last = (i, j);
                if OutputBudget::new(depth, encoding).failure_log2 > MAX_FAILURE_LOG2 {
                    return last;
                }
            }
        }
        last
    }
}

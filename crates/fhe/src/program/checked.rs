// SPDX-License-Identifier: Apache-2.0
//! A program once it is checked and planned, and its evaluation in clear, the oracle for all
//! others.

use core::fmt;

use crate::params::{
    Encoding, Profile, MAX_BITS, MAX_CMUXES, MAX_FAILURE_LOG2, MAX_OUTPUTS, MAX_REGISTERS,
};

use super::budget::{Budget, BudgetError, OutputBudget};
use super::check::{check_steps, check_tables};
use super::error::ProgramError;
use super::plan::Plan;
use super::sum::{Step, Sum};

/// A checked program: every input of the right length has an output, and no sum can leave its
/// tables.
///
/// ```
/// use cso_fhe::{Profile, Program, ProgramError, Step, Sum, Table};
///
/// // Two points for the first bit, three for the third; low, medium or high risk.
/// let steps = vec![Step::Weighted { points: vec![2, 0, 3] }];
/// let tables = vec![Table { bits: 2, values: vec![0, 0, 1, 1, 1, 2] }];
/// let program = Program::new(3, vec![Sum { steps, bias: 0, tables }])?;
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
    /// Checks and prepares a program over `bits` record bits. Its outputs are the tables in order.
    ///
    /// # Errors
    ///
    /// [`ProgramError`], with the sum, step or table and the limit it breaks: a program reads 1 to
    /// 2048 bits, has 1 to 8 outputs of 1 to 16 bits, takes at most 100,000 CMUXes, no diagram of
    /// it needs more than 256 accumulators at once, and no sum can leave a table.
    pub fn new(bits: usize, sums: Vec<Sum>) -> Result<Self, ProgramError> {
        if bits == 0 || bits > MAX_BITS {
            return Err(ProgramError::Bits { bits, max: MAX_BITS });
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
        let mut outputs = Vec::with_capacity(self.outputs());
        for sum in &self.sums {
            let points: i64 = sum.steps.iter().map(|step| step.evaluate(bits)).sum();
            let index = (i64::from(sum.bias) + points) as usize;
            outputs.extend(sum.tables.iter().map(|table| table.values[index]));
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

// SPDX-License-Identifier: Apache-2.0
//! The noise budget of a program, and the programs it refuses.

use crate::params::{Encoding, Profile, MAX_FAILURE_LOG2};

use super::noise::{cmux_variance, switch_variance, tail_log2, zero_variance};

/// What a program costs in noise, under one profile: how far its results may stray, and what that
/// means for correctness and for the model's privacy. Computed, and compared with measurements by
/// tests; [`Program::budget`](crate::Program::budget) makes it.
///
/// ```
/// use cso_fhe::{BudgetError, Profile, Program, Step, Sum, Table};
///
/// // 600 bits with a point each, and an output of ten bits.
/// let steps = vec![Step::Weighted { points: vec![1; 600] }];
/// let tables = vec![Table { output: 0, bits: 10, values: (0..=600).collect() }];
/// let program = Program::new(600, vec![Sum { steps, bias: 0, wraps: false, tables }])?;
///
/// let budget = program.budget(Profile::Private)?;
/// assert_eq!((budget.cmuxes, budget.outputs[0].depth), (600, 600));
/// assert!(budget.failure_log2 < -128.0);
///
/// // An expert can demand that an answer tells at most 2^-10 of the model beyond its value.
/// assert!(budget.require_margin(-10.0).is_ok());
/// assert!(matches!(budget.require_margin(-20.0), Err(BudgetError::Margin { output: 0, .. })));
///
/// // Profile Fast has too much noise for so many steps and so fine an output.
/// assert!(matches!(
///     program.budget(Profile::Fast),
///     Err(BudgetError::Failure { sum: 0, step: 0, output: 0, .. })
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// The profile it was computed for.
    pub profile: Profile,
    /// CMUXes that an evaluation runs: what its time is proportional to.
    pub cmuxes: usize,
    /// One line an output, in order.
    pub outputs: Vec<OutputBudget>,
    /// Logarithm of the largest failure probability of an output.
    pub failure_log2: f64,
    /// Logarithm of the largest privacy margin of an output.
    pub privacy_margin_log2: f64,
}

/// The noise of one output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutputBudget {
    /// How many CMUXes' variance it has: the longest chain that leads to it. Of an output with
    /// several tables, those of all its sums, and twice what each two of them have in common.
    pub depth: usize,
    /// Logarithm of the standard deviation of the phase error before sanitising, with `q = 2^64`.
    pub noise_log2: f64,
    /// Logarithm of the probability that it decodes wrong.
    pub failure_log2: f64,
    /// Logarithm of the statistical distance, on an honest record, between the sanitised answers
    /// of two programs of this depth with equal outputs.
    ///
    /// Flooding is uniform in `[-F, F)` and the two raw errors `r1, r2` are as good as independent
    /// with standard deviation `s`, so the distance is `E|r1 - r2| / 2F = s / (F sqrt(pi))`.
    pub privacy_margin_log2: f64,
}

impl OutputBudget {
    pub(crate) fn new(depth: usize, encoding: Encoding) -> Self {
        // A program of constants has no raw error; one unit keeps the logarithms finite.
        let raw = (depth as f64 * cmux_variance(encoding.profile)).max(1.0);
        let total = raw + zero_variance() + switch_variance(encoding);
        Self {
            depth,
            noise_log2: raw.log2() / 2.0,
            failure_log2: tail_log2(encoding.tolerance() as f64, total),
            privacy_margin_log2: raw.log2() / 2.0
                - (encoding.flood() as f64).log2()
                - std::f64::consts::PI.log2() / 2.0,
        }
    }
}

/// A program that a profile can't carry, or whose answers would tell too much.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BudgetError {
    /// An output would come out wrong too often.
    #[error(
        "output {output} may fail with probability 2^{failure_log2:.0} (at most 2^{MAX_FAILURE_LOG2} is allowed): sum {sum} exceeds the \
         noise budget of profile {profile:?} at step {step}; use fewer or shallower steps, fewer output bits, or profile Private"
    )]
    Failure {
        /// The profile.
        profile: Profile,
        /// The sum, counted from 0.
        sum: usize,
        /// The first step, counted from 0, with which the limit is passed.
        step: usize,
        /// The output, counted from 0.
        output: usize,
        /// Logarithm of the failure probability of the whole program.
        failure_log2: f64,
    },
    /// The privacy margin is worse than asked for.
    #[error("output {output} has a privacy margin of 2^{margin_log2:.1}, worse than the required 2^{floor_log2:.1}")]
    Margin {
        /// The output, counted from 0.
        output: usize,
        /// Its margin.
        margin_log2: f64,
        /// The margin asked for.
        floor_log2: f64,
    },
}

impl Budget {
    pub(crate) fn new(profile: Profile, cmuxes: usize, outputs: Vec<OutputBudget>) -> Self {
        let worst =
            |f: fn(&OutputBudget) -> f64| outputs.iter().map(f).fold(f64::NEG_INFINITY, f64::max);
        Self {
            profile,
            cmuxes,
            failure_log2: worst(|o| o.failure_log2),
            privacy_margin_log2: worst(|o| o.privacy_margin_log2),
            outputs,
        }
    }

    /// Refuses a program whose answers tell more than `2^floor_log2`.
    ///
    /// # Errors
    ///
    /// [`BudgetError::Margin`] with the first output whose margin is worse.
    pub fn require_margin(&self, floor_log2: f64) -> Result<(), BudgetError> {
        match self.outputs.iter().position(|o| o.privacy_margin_log2 > floor_log2) {
            None => Ok(()),
            Some(output) => Err(BudgetError::Margin {
                output,
                margin_log2: self.outputs[output].privacy_margin_log2,
                floor_log2,
            }),
        }
    }
}

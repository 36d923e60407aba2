// SPDX-License-Identifier: Apache-2.0
//! Whether a program can be served: whether answers come out right, and how much they tell of the
//! model.

use cso_fhe::{Budget, BudgetError, Profile};
use thiserror::Error;

use super::Compiled;

/// Worst privacy margin with which a model is served: base 2 logarithm of the statistical distance
/// that an answer to a well-formed record leaves between models that agree on it. At 2^-10 it takes
/// some thousand paid answers to learn anything from noise. Profile `Private` keeps every model
/// below that (2^-12 with 180 bits and an 11-bit output) but those with thousands of steps and fine
/// outputs, `Fast` only those with a small table; the patient chooses the profile.
pub const PRIVACY_FLOOR_LOG2: f64 = -10.0;

/// Why consultations in a profile can't be served.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum NotServed {
    /// An output would come out wrong too often.
    #[error("output `{output}`: {error}")]
    Noise {
        /// The output.
        output: String,
        /// What breaks the noise budget, and what helps.
        error: BudgetError,
    },
    /// An answer would tell too much of the model.
    #[error("output `{output}` would tell too much of the model: its privacy margin in profile {} is 2^{margin_log2:.1}, at least 2^{floor_log2:.0} is needed: {}", profile.word(), advice(*profile, *bits, margin_log2 - floor_log2))]
    Margin {
        /// The profile.
        profile: Profile,
        /// The output.
        output: String,
        /// Bits of its encrypted value.
        bits: usize,
        /// Base 2 logarithm of its margin.
        margin_log2: f64,
        /// Base 2 logarithm of the worst that is served.
        floor_log2: f64,
    },
}

/// What brings a margin down by so many powers of two: each output bit less doubles the room for
/// flooding.
fn advice(profile: Profile, bits: usize, missing_log2: f64) -> String {
    let other = match profile {
        Profile::Private => "",
        _ => "use profile private, or ",
    };
    let fewer = missing_log2.ceil().max(1.0) as usize;
    match bits.checked_sub(fewer).filter(|left| *left > 0) {
        Some(left) => format!(
            "{other}give it at most {} values, not up to {}, by a coarser `step` or a narrower range, or the model fewer or shallower terms",
            1u64 << left,
            1u64 << bits
        ),
        None => format!("{other}give the model fewer or shallower terms"),
    }
}

impl Compiled {
    /// What a consultation in a profile costs in noise, if such consultations can be served.
    ///
    /// # Errors
    ///
    /// [`NotServed`] if an output would come out wrong too often, or if its privacy margin is worse
    /// than [`PRIVACY_FLOOR_LOG2`].
    pub fn can_serve(&self, profile: Profile) -> Result<Budget, NotServed> {
        let budget = self.program.budget(profile).map_err(|error| self.refuse(profile, error))?;
        budget.require_margin(PRIVACY_FLOOR_LOG2).map_err(|error| self.refuse(profile, error))?;
        Ok(budget)
    }

    fn refuse(&self, profile: Profile, error: BudgetError) -> NotServed {
        // The program has the protocol's outputs, in their order.
        let named = |index: usize| self.summary.outputs.get(index);
        let id = |index: usize| named(index).map_or(index.to_string(), |output| output.id.clone());
        if let BudgetError::Margin { output, margin_log2, floor_log2 } = error {
            let bits = named(output).map_or(0, |output| output.bits);
            return NotServed::Margin {
                profile,
                output: id(output),
                bits,
                margin_log2,
                floor_log2,
            };
        }
        let output = if let BudgetError::Failure { output, .. } = &error { *output } else { 0 };
        NotServed::Noise { output: id(output), error }
    }
}

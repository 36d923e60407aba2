// SPDX-License-Identifier: Apache-2.0
//! What a program costs and how private it is, by profile.

use cso_fhe::{BudgetError, Profile, Record};
use serde::Serialize;

use super::Compiled;

/// Seconds an external product takes on one core of the reference machine (AVX-512, 2 cores, a
/// virtual machine), with record and program beyond the caches: what `cso model check` measures for
/// MELD 3.0, divided by its 10,485 external products.
const fn external_product(profile: Profile) -> f64 {
    match profile {
        Profile::Private => 10.5e-6,
        Profile::Fast => 6.7e-6,
    }
}

/// What one consultation costs under a profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// External products that an evaluation runs.
    pub cmuxes: usize,
    /// Expected seconds of evaluation on one core of the reference machine; loading the record
    /// comes on top.
    pub seconds: f64,
    /// Bytes of the encrypted record, padded to its size bucket.
    pub record_bytes: usize,
    /// Logarithm to base 2 of the probability that an output decrypts wrong.
    pub failure_log2: f64,
    /// Logarithm to base 2 of what an answer may tell of the model beyond its values.
    pub privacy_margin_log2: f64,
}

impl Compiled {
    /// What a consultation costs under a profile, or why the profile can't carry the program.
    pub fn cost(&self, profile: Profile) -> Result<Cost, BudgetError> {
        let budget = self.program.budget(profile)?;
        Ok(Cost {
            cmuxes: budget.cmuxes,
            seconds: budget.cmuxes as f64 * external_product(profile),
            // An intake has at most 1024 bits, and there are larger buckets.
            record_bytes: Record::len_of(self.report.bits, profile).unwrap_or(usize::MAX),
            failure_log2: budget.failure_log2,
            privacy_margin_log2: budget.privacy_margin_log2,
        })
    }
}

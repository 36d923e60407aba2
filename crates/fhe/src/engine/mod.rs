// SPDX-License-Identifier: Apache-2.0
//! How a program is evaluated on the ciphertexts of a record: loaded in one of two arithmetics, run
//! step by step, and sanitised before it leaves as an answer. Nothing here knows a secret key.

mod arithmetic;
mod common;
mod evaluate;
mod exact;
mod float;
mod run;
mod sanitise;

pub use evaluate::{EvaluateError, Evaluator};
pub use exact::ExactRecord;
pub use float::{LoadedRecord, Loader, RecordMemory};

#[cfg(any(test, feature = "bench"))]
pub(crate) use {
    arithmetic::Arithmetic,
    exact::{Exact, ExactScratch},
    float::{Float, FloatScratch},
};

#[cfg(test)]
pub(crate) use {
    float::{ggsw_len, Interleave},
    run::{run, RunScratch},
    sanitise::{add_lwe, Sanitiser},
};

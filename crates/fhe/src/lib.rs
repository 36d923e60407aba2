// SPDX-License-Identifier: Apache-2.0
//! Encrypted records, programs over their bits, and sanitised answers.
//!
//! Programmable bootstrapping computes `T[<a, s> + b]` for a secret `s` given as a bootstrapping
//! key and a public table `T`. Here the patient's record takes the place of `s`, and the expert's
//! points that of `a`: **the encrypted record is a bootstrapping key**, and one blind rotation
//! evaluates any function of any weighted sum of its bits. Decision diagrams, evaluated by CMUXes
//! on the same accumulator, add everything that is not a weighted sum. No evaluation key is needed,
//! and only the patient can decrypt.
//!
//! | module | what |
//! |---|---|
//! | `params` | ring, noise, [`Profile`]s, size buckets |
//! | `random` | seeds, coins, distributions |
//! | `key`, `record`, `load` | [`RecordKey`], [`Record`] and its format, [`LoadedRecord`] |
//! | `diagram`, `program`, `plan`, `schedule` | what is computed, in clear and in which order |
//! | `engine`, `decompose`, `float`, `exact` | how it is computed on ciphertexts, fast or bit-identical on every CPU |
//! | `sanitise`, `answer` | what leaves the expert's node |
//! | [`bench`](mod@bench) | parts of the above on their own, to be timed |
//! | `noise` | [`Budget`]: failure probability and privacy margin |
//!
//! This crate knows bits and points. It knows no medicine, opens no files and no sockets, and
//! starts no threads of its own (the feature `parallel` uses rayon's). `docs/cryptography.md` has
//! the arguments.
//!
//! ```
//! use cso_fhe::{Evaluator, LoadedRecord, Profile, Program, RecordKey, Step, Sum, Table};
//!
//! // The expert: two points for the first bit, three for the third; low, medium, or high risk.
//! let program = Program::new(3, vec![Sum {
//!     steps: vec![Step::Weighted { points: vec![2, 0, 3] }],
//!     bias: 0,
//!     tables: vec![Table { bits: 2, values: vec![0, 0, 1, 1, 1, 2] }],
//! }])?;
//!
//! // The patient.
//! let key = RecordKey::generate()?;
//! let record = key.encrypt(&[true, false, true], Profile::Private)?;
//!
//! // The expert again, who sees neither bits nor result.
//! let answer = Evaluator::new().evaluate(&LoadedRecord::load(&record), &program)?;
//!
//! assert_eq!(key.decrypt(&answer)?, [2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
pub mod bench;
#[cfg(test)]
mod checks;
mod engine;
mod machine;
mod params;
mod program;
mod random;
mod record;
mod ring;

pub use answer::format::{Answer, AnswerError, MAX_ANSWER_LEN};
pub use engine::evaluate::{EvaluateError, Evaluator};
pub use engine::exact::product::ExactRecord;
pub use engine::float::load::{LoadedRecord, Loader, RecordMemory};
pub use params::{
    bucket, Profile, BLOCK_BITS, BODY_BITS, BUCKETS, MAX_FAILURE_LOG2, MAX_OUTPUTS,
    MAX_OUTPUT_BITS, NOISE_BOUND_LOG2, NOISE_VARIANCE, POLYNOMIAL_SIZE,
};
pub use program::checked::{Program, ProgramError, Step, Sum, Table, MAX_CMUXES, MAX_REGISTERS};
pub use program::diagram::{Diagram, DiagramBuilder, DiagramError, Node, Target, MAX_SELECT_BITS};
pub use program::noise::{Budget, BudgetError, OutputBudget};
pub use random::{Coins, NoRandomness};
pub use record::format::{Record, RecordError};
pub use record::key::RecordKey;

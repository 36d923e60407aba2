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
//! ```
//! use cso_fhe::{Evaluator, LoadedRecord, Profile, Program, RecordKey, Step, Sum, Table};
//!
//! // The expert: two points for the first bit, three for the third; low, medium, or high risk.
//! let program = Program::new(3, vec![Sum {
//!     steps: vec![Step::Weighted { points: vec![2, 0, 3] }],
//!     bias: 0,
//!     wraps: false,
//!     tables: vec![Table { output: 0, bits: 2, values: vec![0, 0, 1, 1, 1, 2] }],
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
//!
//! # The patient
//!
//! | to | use | which may refuse with |
//! |---|---|---|
//! | make a key, keep it, destroy it | [`RecordKey`] | [`NoRandomness`] |
//! | encrypt bits | [`RecordKey::encrypt`], [`Record`] | [`RecordError`] |
//! | know how long a record will be | [`Record::len_of`], [`bucket`] | |
//! | choose between speed and hiding the model | [`Profile`] | |
//! | read an answer | [`Answer`], [`RecordKey::decrypt`] | [`AnswerError`] |
//!
//! # The expert
//!
//! | to | use | which may refuse with |
//! |---|---|---|
//! | write a program | [`Program`] of [`Sum`]s, their [`Step`]s and [`Table`]s | [`ProgramError`] |
//! | write trees, bands, rules | [`DiagramBuilder`], [`Diagram`], [`Target`] | [`DiagramError`] |
//! | check what it costs and tells | [`Program::budget`], [`Budget`] | [`BudgetError`] |
//! | demand a privacy margin | [`Budget::require_margin`], [`OutputBudget`] | [`BudgetError`] |
//! | try it in clear | [`Program::evaluate`] | [`ProgramError`] |
//! | load only what it reads | [`Program::reads`], [`BitSet`] | |
//! | load a record, whole | [`LoadedRecord`], [`RecordMemory`] | |
//! | load a record while it arrives | [`Loader`] | [`RecordError`] |
//! | evaluate | [`Evaluator`], which gives an [`Answer`] | [`EvaluateError`] |
//! | repeat an evaluation bit for bit, on any processor | [`ExactRecord`], [`Coins`] | |
//!
//! # Whoever runs it
//!
//! The feature `parallel`, on by default, encrypts and loads on all cores of rayon's pool; without
//! it the crate starts no threads and needs none. The feature `bench` adds the module `bench`:
//! parts of the engine on their own, to be timed.
//!
//! # Inside
//!
//! | folder | what | stands on |
//! |---|---|---|
//! | `params` | every number, with its source | |
//! | `random` | seeds, coins, distributions | `params` |
//! | `machine` | threads, caches, memory | `params` |
//! | `ring` | polynomials, transforms, the gadget decomposition | `machine` |
//! | `key` | the record key and what is derived from it | `random` |
//! | `record` | the record's bytes, encrypting | `key`, `ring` |
//! | `answer` | the answer's bytes, decrypting | `key` |
//! | `program` | what is computed, in clear, in which order, at what noise | `ring` |
//! | `engine` | how it is computed on ciphertexts, in two arithmetics | all of these |
//!
//! This crate knows bits and points. It knows no medicine, opens no files and no sockets.
//! `docs/cryptography.md` has the arguments.

#[cfg(feature = "bench")]
pub mod bench;

mod answer;
#[cfg(test)]
mod checks;
mod engine;
mod key;
mod machine;
mod params;
mod program;
mod random;
mod record;
mod ring;

pub use answer::{Answer, AnswerError};
pub use engine::{EvaluateError, Evaluator, ExactRecord, LoadedRecord, Loader, RecordMemory};
pub use key::RecordKey;
pub use params::{bucket, Profile, MAX_OUTPUTS, POLYNOMIAL_SIZE};
pub use program::{
    BitSet, Budget, BudgetError, Diagram, DiagramBuilder, DiagramError, OutputBudget, Program,
    ProgramError, Step, Sum, Table, Target,
};
pub use random::{Coins, NoRandomness};
pub use record::{Record, RecordError};

/// The README's program runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

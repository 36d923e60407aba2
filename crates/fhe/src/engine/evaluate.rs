// SPDX-License-Identifier: Apache-2.0
//! Encrypted evaluation: a program on a loaded record, answered with a sanitised ciphertext.

use core::fmt;

use crate::answer::Answer;
use crate::params::LWE_LEN;
use crate::program::{BudgetError, Program};
use crate::random::{Coins, NoRandomness};

use super::arithmetic::Arithmetic;
use super::common::Common;
use super::exact::{Exact, ExactRecord, ExactScratch};
use super::float::{Float, FloatScratch, LoadedRecord};
use super::run::{run, RunScratch};
use super::sanitise::{add_lwe, Sanitiser};

/// Why a program was not evaluated on a record.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// The record is too short for the program.
    #[error("the program is for records of {program} bits, but this one has only {record}")]
    MissingBits {
        /// Bits of the records that the program is for.
        program: usize,
        /// Bits of the record.
        record: usize,
    },
    /// The program reads a bit that the record has, but that was not loaded.
    #[error(
        "the program reads bit {bit}, which was not loaded: load the bits that `Program::reads` gives"
    )]
    NotLoaded {
        /// The first such bit, counted from 0.
        bit: usize,
    },
    /// The record's profile can't carry the program.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// No randomness to sanitise with.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Evaluates programs, one at a time, and keeps its scratch memory from one to the next: a thread
/// makes one and uses it for all its work.
///
/// ```
/// use cso_fhe::{BitSet, EvaluateError, Evaluator, LoadedRecord, Profile, Program, RecordKey};
/// use cso_fhe::{Step, Sum, Table};
///
/// // One point a bit; the output is the number of bits set.
/// let count = |bits: usize| {
///     let steps = vec![Step::Weighted { points: vec![1; bits] }];
///     let tables = vec![Table { output: 0, bits: 5, values: (0..=bits as u16).collect() }];
///     Program::new(bits, vec![Sum { steps, bias: 0, wraps: false, tables }])
/// };
///
/// let key = RecordKey::generate()?;
/// let encrypted = key.encrypt(&[true, false, true], Profile::Private)?;
/// let record = LoadedRecord::load(&encrypted);
/// let mut evaluator = Evaluator::new();
/// let answer = evaluator.evaluate(&record, &count(3)?)?;
/// assert_eq!(key.decrypt(&answer)?, [2]);
///
/// // A record was padded to 16 bits and has no more to offer.
/// assert_eq!(
///     evaluator.evaluate(&record, &count(17)?),
///     Err(EvaluateError::MissingBits { program: 17, record: 16 })
/// );
///
/// // What is read must be loaded.
/// let record = LoadedRecord::load_only(&encrypted, &BitSet::first(2));
/// assert_eq!(evaluator.evaluate(&record, &count(3)?), Err(EvaluateError::NotLoaded { bit: 2 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Evaluator {
    float: FloatScratch,
    exact: Option<ExactScratch>,
    common: CommonScratch,
}

impl fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluator").field("resident_bytes", &self.resident_bytes()).finish()
    }
}

/// What evaluation needs in every arithmetic.
struct CommonScratch {
    run: RunScratch,
    /// Raw results, one LWE ciphertext an output.
    results: Vec<u64>,
    sanitiser: Sanitiser,
}

impl CommonScratch {
    fn evaluate<A: Arithmetic>(
        &mut self,
        arithmetic: &mut A,
        record: &Common,
        program: &Program,
        coins: &Coins,
    ) -> Result<Answer, EvaluateError> {
        if program.bits() > record.bits {
            return Err(EvaluateError::MissingBits {
                program: program.bits(),
                record: record.bits,
            });
        }
        if let Some(bit) = program.reads().iter().find(|bit| record.places.of(*bit).is_none()) {
            return Err(EvaluateError::NotLoaded { bit });
        }
        program.budget(record.profile)?;
        let encodings = program.encodings(record.profile);
        let Self { run: scratch, results, sanitiser } = self;
        results.clear();
        results.resize(encodings.len() * LWE_LEN, 0);
        run(arithmetic, scratch, program.plan(), program.sums(), |accumulator, extract| {
            let result = &mut results[extract.output * LWE_LEN..][..LWE_LEN];
            add_lwe::<A::Modulus>(result, accumulator, extract);
        });
        let mut answer = Answer::begin(record.profile, record.key_id, encodings.clone());
        for (output, (encoding, raw)) in
            encodings.into_iter().zip(results.chunks_exact(LWE_LEN)).enumerate()
        {
            let sanitised = sanitiser.run(raw, encoding, &record.zero, coins.stream(output));
            answer.push(encoding, sanitised);
        }
        Ok(answer)
    }
}

impl Default for Evaluator {
    fn default() -> Self {
        Self::new()
    }
}

impl Evaluator {
    /// An evaluator with its scratch memory.
    pub fn new() -> Self {
        Self {
            float: FloatScratch::new(),
            exact: None,
            common: CommonScratch {
                run: RunScratch::default(),
                results: Vec::new(),
                sanitiser: Sanitiser::new(),
            },
        }
    }

    /// Evaluates `program` on `record` and sanitises the results with fresh coins of the operating
    /// system.
    ///
    /// # Errors
    ///
    /// [`EvaluateError::MissingBits`] if the record has fewer bits than the program is for,
    /// [`EvaluateError::NotLoaded`] if the program reads one that isn't loaded,
    /// [`EvaluateError::Budget`] if the record's profile can't carry the program,
    /// [`EvaluateError::NoRandomness`] if the operating system gives no coins.
    pub fn evaluate(
        &mut self,
        record: &LoadedRecord,
        program: &Program,
    ) -> Result<Answer, EvaluateError> {
        self.evaluate_with(record, program, &Coins::from_os()?)
    }

    /// [`Self::evaluate`] with given coins: the same record, program and coins give the same bytes.
    /// For audits that repeat an evaluation; coins must never serve two different ones.
    ///
    /// # Errors
    ///
    /// As [`Self::evaluate`], but for [`EvaluateError::NoRandomness`].
    pub fn evaluate_with(
        &mut self,
        record: &LoadedRecord,
        program: &Program,
        coins: &Coins,
    ) -> Result<Answer, EvaluateError> {
        let Self { float, common, .. } = self;
        common.evaluate(&mut Float { record, scratch: float }, record.common(), program, coins)
    }

    /// [`Self::evaluate`] in exact arithmetic: slower, and bit-identical on every CPU.
    ///
    /// # Errors
    ///
    /// As [`Self::evaluate`].
    pub fn evaluate_exact(
        &mut self,
        record: &ExactRecord,
        program: &Program,
    ) -> Result<Answer, EvaluateError> {
        self.evaluate_exact_with(record, program, &Coins::from_os()?)
    }

    /// [`Self::evaluate_exact`] with given coins; see [`Self::evaluate_with`].
    ///
    /// # Errors
    ///
    /// As [`Self::evaluate_with`].
    pub fn evaluate_exact_with(
        &mut self,
        record: &ExactRecord,
        program: &Program,
        coins: &Coins,
    ) -> Result<Answer, EvaluateError> {
        let scratch = self.exact.get_or_insert_with(ExactScratch::new);
        self.common.evaluate(&mut Exact { record, scratch }, record.common(), program, coins)
    }

    /// Bytes kept for evaluations of programs like those so far: accumulators and registers, digits
    /// and spectra, and what sanitising needs.
    pub fn resident_bytes(&self) -> usize {
        self.common.run.resident_bytes()
            + size_of_val(&*self.common.results)
            + self.common.sanitiser.resident_bytes()
            + self.float.resident_bytes()
            + self.exact.as_ref().map_or(0, ExactScratch::resident_bytes)
    }
}

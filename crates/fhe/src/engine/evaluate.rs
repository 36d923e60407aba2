// SPDX-License-Identifier: Apache-2.0
//! Encrypted evaluation: a program on a loaded record, answered with a sanitised ciphertext.

use crate::answer::format::Answer;
use crate::engine::exact::product::{Exact, ExactRecord, ExactScratch};
use crate::engine::float::load::{Common, LoadedRecord};
use crate::engine::float::product::{Float, FloatScratch};
use crate::engine::run::{run, Arithmetic, Memory};
use crate::engine::sanitise::Sanitiser;
use crate::program::checked::Program;
use crate::program::noise::BudgetError;
use crate::random::{Coins, NoRandomness};

/// Why a program was not evaluated on a record.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvaluateError {
    /// The record is too short for the program.
    #[error("the program reads {program} bits, but the record has only {record}")]
    MissingBits {
        /// Bits the program reads.
        program: usize,
        /// Bits of the loaded record.
        record: usize,
    },
    /// The record's profile can't carry the program.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// No randomness to sanitise with.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Evaluates programs, one at a time, and keeps its memory from one to the next: a thread makes one
/// and uses it for all its work.
pub struct Evaluator {
    float: FloatScratch,
    exact: Option<ExactScratch>,
    work: Work,
}

/// What evaluation needs in every arithmetic.
struct Work {
    memory: Memory,
    sanitiser: Sanitiser,
}

impl Work {
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
        program.budget(record.profile)?;
        let encodings = program.encodings(record.profile);
        let mut results = vec![Vec::new(); encodings.len()];
        let Self { memory, sanitiser } = self;
        run(arithmetic, memory, &program.plan, program.sums(), |accumulator, extract| {
            let output = extract.output;
            let stream = coins.stream(output);
            let sanitised =
                sanitiser.run::<A>(accumulator, extract, encodings[output], &record.zero, stream);
            results[output] = sanitised.to_vec();
        });
        let mut answer = Answer::begin(record.profile, record.key_id, encodings.clone());
        for (encoding, lwe) in encodings.into_iter().zip(results) {
            answer.push(encoding, &lwe);
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
    /// An evaluator with its scratch.
    pub fn new() -> Self {
        Self {
            float: FloatScratch::new(),
            exact: None,
            work: Work { memory: Memory::default(), sanitiser: Sanitiser::new() },
        }
    }

    /// Evaluates `program` on `record` and sanitises the results with fresh coins of the operating
    /// system.
    pub fn evaluate(
        &mut self,
        record: &LoadedRecord,
        program: &Program,
    ) -> Result<Answer, EvaluateError> {
        self.evaluate_with(record, program, &Coins::from_os()?)
    }

    /// [`Self::evaluate`] with given coins: the same record, program and coins give the same bytes.
    /// For audits that repeat an evaluation; coins must never serve two different ones.
    pub fn evaluate_with(
        &mut self,
        record: &LoadedRecord,
        program: &Program,
        coins: &Coins,
    ) -> Result<Answer, EvaluateError> {
        let Self { float, work, .. } = self;
        work.evaluate(&mut Float { record, scratch: float }, &record.common, program, coins)
    }

    /// [`Self::evaluate`] in exact arithmetic: slower, and bit-identical on every CPU.
    pub fn evaluate_exact(
        &mut self,
        record: &ExactRecord,
        program: &Program,
    ) -> Result<Answer, EvaluateError> {
        self.evaluate_exact_with(record, program, &Coins::from_os()?)
    }

    /// [`Self::evaluate_exact`] with given coins; see [`Self::evaluate_with`].
    pub fn evaluate_exact_with(
        &mut self,
        record: &ExactRecord,
        program: &Program,
        coins: &Coins,
    ) -> Result<Answer, EvaluateError> {
        let scratch = self.exact.get_or_insert_with(ExactScratch::new);
        self.work.evaluate(&mut Exact { record, scratch }, &record.common, program, coins)
    }

    /// Bytes kept for evaluations of programs like those so far: accumulators and registers, digits
    /// and spectra, and what sanitising needs.
    pub fn resident_bytes(&self) -> usize {
        self.work.memory.resident_bytes()
            + self.work.sanitiser.resident_bytes()
            + self.float.resident_bytes()
            + self.exact.as_ref().map_or(0, ExactScratch::resident_bytes)
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Encrypted evaluation: a program on a loaded record, answered with a sanitised ciphertext.

use crate::answer::Answer;
use crate::engine::{run, Memory};
use crate::float::{Float, FloatScratch};
use crate::load::LoadedRecord;
use crate::noise::BudgetError;
use crate::program::Program;
use crate::random::{Coins, NoRandomness};
use crate::sanitise::Sanitiser;

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

/// Evaluates programs, one at a time, and keeps its memory from one to the next: a thread makes one and uses it for all its work.
pub struct Evaluator {
    scratch: FloatScratch,
    memory: Memory,
    sanitiser: Sanitiser,
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
            scratch: FloatScratch::new(),
            memory: Memory::default(),
            sanitiser: Sanitiser::new(),
        }
    }

    /// Evaluates `program` on `record` and sanitises the results with fresh coins of the operating system.
    pub fn evaluate(
        &mut self,
        record: &LoadedRecord,
        program: &Program,
    ) -> Result<Answer, EvaluateError> {
        self.evaluate_with(record, program, &Coins::from_os()?)
    }

    /// [`Self::evaluate`] with given coins: the same record, program and coins give the same bytes. For audits that repeat an
    /// evaluation; coins must never serve two different ones.
    pub fn evaluate_with(
        &mut self,
        record: &LoadedRecord,
        program: &Program,
        coins: &Coins,
    ) -> Result<Answer, EvaluateError> {
        if program.bits() > record.bits() {
            return Err(EvaluateError::MissingBits {
                program: program.bits(),
                record: record.bits(),
            });
        }
        program.budget(record.profile())?;
        let encodings = program.encodings(record.profile());
        let mut results = vec![Vec::new(); encodings.len()];
        let Self {
            scratch,
            memory,
            sanitiser,
        } = self;
        let mut arithmetic = Float { record, scratch };
        run(
            &mut arithmetic,
            memory,
            &program.plan,
            program.sums(),
            |accumulator, extract| {
                let output = extract.output;
                let stream = coins.stream(output);
                results[output] = sanitiser
                    .run(
                        accumulator,
                        extract,
                        encodings[output],
                        &record.zero,
                        stream,
                    )
                    .to_vec();
            },
        );
        let mut answer = Answer::begin(record.profile(), record.key_id, encodings.clone());
        for (encoding, lwe) in encodings.into_iter().zip(results) {
            answer.push(encoding, &lwe);
        }
        Ok(answer)
    }

    /// Bytes of scratch kept between evaluations of programs like those so far.
    pub fn resident_bytes(&self) -> usize {
        self.memory.resident_bytes()
    }
}

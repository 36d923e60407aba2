// SPDX-License-Identifier: Apache-2.0

//! From a loaded record to a sealed outcome.

use codec::Encode;
use cso_clinical::NotServed;
use cso_fhe::{EvaluateError, Evaluator, LoadedRecord};
use cso_primitives::{
    bounds::{MAX_ANSWER_BYTES, MAX_NOTE_BYTES},
    Outcome,
};
use cso_sealing::{Note, SealError};
use thiserror::Error;

use crate::consultation::Opened;

/// Why a record was not evaluated.
#[derive(Debug, Error)]
pub(crate) enum EvaluationError {
    #[error("evaluation: {0}")]
    Evaluate(#[from] EvaluateError),
    #[error("the record's profile is not served: {0}")]
    NotServed(#[from] NotServed),
    #[error("note: {0}")]
    Note(#[from] SealError),
    #[error("{field} has {found} bytes, the chain takes {max}")]
    TooLong { field: &'static str, max: usize, found: usize },
}

/// Evaluates the consultation's model on `record` and returns the encoded outcome.
pub(crate) fn evaluate(
    record: &LoadedRecord,
    opened: &Opened,
    evaluator: &mut Evaluator,
) -> Result<Vec<u8>, EvaluationError> {
    let compiled = &opened.model.compiled;
    // The patient chooses the profile: one that would tell too much of the model is refused here.
    compiled.can_serve(record.profile())?;
    let answer = evaluator.evaluate(record, &compiled.program)?.to_bytes();
    let note = Note {
        protocol: opened.envelope.protocol,
        model: opened.model.commitment,
        text: opened.note.clone(),
    }
    .seal(&opened.envelope.note_key, &opened.context)?;
    fits("answer", &answer, MAX_ANSWER_BYTES)?;
    fits("note", &note, MAX_NOTE_BYTES)?;
    Ok(Outcome::Deliver { answer, note }.encode())
}

fn fits(field: &'static str, bytes: &[u8], max: usize) -> Result<(), EvaluationError> {
    if bytes.len() > max {
        return Err(EvaluationError::TooLong { field, max, found: bytes.len() });
    }
    Ok(())
}

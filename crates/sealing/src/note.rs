// SPDX-License-Identifier: Apache-2.0

//! The note: what the expert tells the patient beside the encrypted answer.

use codec::{DecodeAll, Encode};
use cso_primitives::{bounds::MAX_NOTE_TEXT_BYTES, ModelCommitment};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    context::{Context, Direction},
    error::{OpenError, SealError},
    format::NOTE_BUCKETS,
    keys::{PublicKey, SealingKey},
    random::system_rng,
    sealed::Kind,
};

const KIND: Kind = Kind { direction: Direction::ExpertToPatient, buckets: &NOTE_BUCKETS };

/// What the expert tells the patient beside the answer: which model was evaluated, and a text.
///
/// It says nothing that depends on the record (the expert cannot read it) and carries no
/// timings: the time that an evaluation took tells about the private model.
///
/// `Debug` leaves the text out; the whole is erased from memory when dropped.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Note {
    /// The protocol that was evaluated, by its number in the expert's list on chain.
    pub protocol: u32,
    /// Commitment to the model that was evaluated; must equal the published one.
    pub model: ModelCommitment,
    /// Plain text from the expert; may be empty. A reader shows it as text and nothing else.
    pub text: String,
}

/// The note as it is encoded with SCALE: fields in this order.
#[derive(codec::Encode, codec::Decode, Zeroize, ZeroizeOnDrop)]
struct Body {
    protocol: u32,
    model: ModelCommitment,
    text: String,
}

impl Note {
    /// Seals the note to the key that came in the envelope.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the text has more than [`MAX_NOTE_TEXT_BYTES`] bytes.
    pub fn seal(&self, to: &PublicKey, context: &Context) -> Result<Vec<u8>, SealError> {
        self.check()?;
        let body = Body { protocol: self.protocol, model: self.model, text: self.text.clone() };
        KIND.seal(&Zeroizing::new(body.encode()), to, context, &mut system_rng())
    }

    /// Opens a note with the key whose public half went out in the envelope.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; nothing is returned unless every check passed.
    pub fn open(sealed: &[u8], key: &SealingKey, context: &Context) -> Result<Self, OpenError> {
        let bytes = KIND.open(sealed, key, context)?;
        let mut body = Body::decode_all(&mut &bytes[..]).map_err(|_| OpenError::Content)?;
        let note = Self {
            protocol: body.protocol,
            model: body.model,
            text: core::mem::take(&mut body.text),
        };
        note.check().map_err(OpenError::Bound)?;
        Ok(note)
    }

    fn check(&self) -> Result<(), SealError> {
        if self.text.len() > MAX_NOTE_TEXT_BYTES {
            return Err(SealError::TextTooLong {
                field: "note",
                max: MAX_NOTE_TEXT_BYTES,
                found: self.text.len(),
            });
        }
        Ok(())
    }
}

impl core::fmt::Debug for Note {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Note").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::OVERHEAD_BYTES;
    use cso_primitives::{bounds::MAX_NOTE_BYTES, RecordCommitment};

    const CONTEXT: Context = Context {
        genesis: [1; 32],
        expert: [2; 32],
        patient: [3; 32],
        record: RecordCommitment([4; 32]),
    };

    fn note(text: &str) -> Note {
        Note { protocol: 3, model: ModelCommitment([5; 32]), text: text.into() }
    }

    #[test]
    fn every_length_of_text_lands_in_a_bucket() {
        let key = SealingKey::from_seed([10; 32]);
        for (length, bucket) in [(0, 512), (400, 512), (600, 1024), (4000, 4096)] {
            let note = note(&"n".repeat(length));
            let sealed = note.seal(&key.public(), &CONTEXT).unwrap();
            assert_eq!(sealed.len(), OVERHEAD_BYTES + bucket, "text of {length}");
            assert!(sealed.len() <= MAX_NOTE_BYTES, "the chain's bound on a note");
            assert_eq!(Note::open(&sealed, &key, &CONTEXT), Ok(note));
        }
    }

    #[test]
    fn refuses_text_that_is_too_long() {
        let key = SealingKey::from_seed([10; 32]);
        let too_long = SealError::TextTooLong { field: "note", max: 4000, found: 4001 };
        assert_eq!(note(&"n".repeat(4001)).seal(&key.public(), &CONTEXT), Err(too_long));
        let body = Body { protocol: 0, model: ModelCommitment([0; 32]), text: "n".repeat(4001) };
        let sealed = KIND.seal(&body.encode(), &key.public(), &CONTEXT, &mut system_rng()).unwrap();
        assert_eq!(Note::open(&sealed, &key, &CONTEXT), Err(OpenError::Bound(too_long)));
    }

    #[test]
    fn debug_leaves_the_text_out() {
        assert_eq!(format!("{:?}", note("private")), "Note { protocol: 3, .. }");
    }
}

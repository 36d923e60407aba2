// SPDX-License-Identifier: Apache-2.0

//! The envelope: what the patient tells the expert, and nobody else.

use codec::{DecodeAll, Encode};
use cso_primitives::{
    bounds::{MAX_CHUNKS, MAX_QUESTION_BYTES},
    ChunkHash, RecordCommitment, SealingPublicKey,
};
use hpke::rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    commitment::commit_record,
    context::{Context, Direction},
    error::{OpenError, SealError},
    format::ENVELOPE_BUCKETS,
    keys::{PublicKey, SealingKey},
    random::{kept_rng, system_rng},
    sealed::Kind,
};

const KIND: Kind = Kind { direction: Direction::PatientToExpert, buckets: &ENVELOPE_BUCKETS };

/// What the patient tells the expert: which protocol to evaluate, where the record lies, where
/// to seal the note to.
///
/// `Debug` leaves the secrets and the question out; the whole is erased from memory when dropped.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Envelope {
    /// The protocol asked for, by its number in the expert's list on chain.
    pub protocol: u32,
    /// Hashes of the record's chunks in the hand-off pool, in order ([`crate::chunk_hash`]).
    pub chunks: Vec<ChunkHash>,
    /// Seed of the one-time sr25519 key that may claim the chunks.
    pub claim_seed: [u8; 32],
    /// Salt of the record commitment.
    pub salt: [u8; 32],
    /// The key of the patient that the note is sealed to.
    #[zeroize(skip)]
    pub note_key: PublicKey,
    /// A question in the patient's own words; may be empty. Never evaluated, only shown.
    pub question: String,
}

/// The envelope as it is encoded with SCALE: fields in this order.
#[derive(codec::Encode, codec::Decode, Zeroize, ZeroizeOnDrop)]
struct Body {
    protocol: u32,
    chunks: Vec<ChunkHash>,
    claim_seed: [u8; 32],
    salt: [u8; 32],
    #[zeroize(skip)]
    note_key: SealingPublicKey,
    question: String,
}

impl Envelope {
    /// The record commitment that the request must carry on chain for this envelope.
    pub fn record_commitment(&self) -> RecordCommitment {
        commit_record(&self.salt, &self.chunks)
    }

    /// Seals the envelope to the expert's key.
    ///
    /// # Errors
    ///
    /// [`SealError`] if there is no chunk or more than [`MAX_CHUNKS`], or the question has more
    /// than [`MAX_QUESTION_BYTES`] bytes.
    pub fn seal(&self, to: &PublicKey, context: &Context) -> Result<Vec<u8>, SealError> {
        self.seal_with(to, context, &mut system_rng())
    }

    /// [`Self::seal`] with coins that the caller keeps: the same envelope, sealed to the same key
    /// under the same context with the same coins, gives the same bytes. So whoever has the coins
    /// can show later what an envelope on chain says. They are as secret as the envelope.
    ///
    /// # Errors
    ///
    /// As [`Self::seal`].
    pub fn seal_with_coins(
        &self,
        to: &PublicKey,
        context: &Context,
        coins: &[u8; 32],
    ) -> Result<Vec<u8>, SealError> {
        let (info, aad) = (context.info(KIND.direction), context.aad());
        let body = self.body();
        let message: [&[u8]; 4] = [to.as_bytes().as_ref(), &info, &aad, &body];
        self.seal_with(to, context, &mut kept_rng(coins, message))
    }

    fn seal_with(
        &self,
        to: &PublicKey,
        context: &Context,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        self.check()?;
        KIND.seal(&self.body(), to, context, rng)
    }

    fn body(&self) -> Zeroizing<Vec<u8>> {
        let body = Body {
            protocol: self.protocol,
            chunks: self.chunks.clone(),
            claim_seed: self.claim_seed,
            salt: self.salt,
            note_key: self.note_key.as_bytes().clone(),
            question: self.question.clone(),
        };
        Zeroizing::new(body.encode())
    }

    /// Opens an envelope with the expert's key.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; nothing is returned unless every check passed.
    pub fn open(sealed: &[u8], key: &SealingKey, context: &Context) -> Result<Self, OpenError> {
        let bytes = KIND.open(sealed, key, context)?;
        let mut body = Body::decode_all(&mut &bytes[..]).map_err(|_| OpenError::Content)?;
        let envelope = Self {
            protocol: body.protocol,
            chunks: core::mem::take(&mut body.chunks),
            claim_seed: body.claim_seed,
            salt: body.salt,
            note_key: PublicKey::from_bytes(&body.note_key.0)
                .map_err(|error| OpenError::Bound(error.into()))?,
            question: core::mem::take(&mut body.question),
        };
        envelope.check().map_err(OpenError::Bound)?;
        Ok(envelope)
    }

    fn check(&self) -> Result<(), SealError> {
        if !(1..=MAX_CHUNKS).contains(&self.chunks.len()) {
            return Err(SealError::Chunks { max: MAX_CHUNKS, found: self.chunks.len() });
        }
        if self.question.len() > MAX_QUESTION_BYTES {
            return Err(SealError::TextTooLong {
                field: "question",
                max: MAX_QUESTION_BYTES,
                found: self.question.len(),
            });
        }
        Ok(())
    }
}

impl core::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Envelope")
            .field("protocol", &self.protocol)
            .field("chunks", &self.chunks.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::OVERHEAD_BYTES;
    use cso_primitives::bounds::MAX_ENVELOPE_BYTES;

    fn envelope() -> Envelope {
        Envelope {
            protocol: 3,
            chunks: vec![ChunkHash([4; 32]), ChunkHash([5; 32])],
            claim_seed: [6; 32],
            salt: [7; 32],
            note_key: SealingKey::from_seed([8; 32]).public(),
            question: "Should I take it?".into(),
        }
    }

    fn context() -> Context {
        Context {
            genesis: [1; 32],
            expert: [2; 32],
            patient: [3; 32],
            record: envelope().record_commitment(),
        }
    }

    /// Coins that are all alike: the encapsulation's randomness is no secret in this test.
    struct FixedCoins;

    impl hpke::rand_core::TryRng for FixedCoins {
        type Error = core::convert::Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(0x0909_0909)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(0x0909_0909_0909_0909)
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(9);
            Ok(())
        }
    }
    impl hpke::rand_core::TryCryptoRng for FixedCoins {}

    #[test]
    fn format_is_frozen() {
        // Recorded when format version 1 was made: a change of these bytes needs a new version.
        let key = SealingKey::from_seed([10; 32]);
        let sealed = envelope().seal_with(&key.public(), &context(), &mut FixedCoins).unwrap();
        assert_eq!(sealed.len(), OVERHEAD_BYTES + 2048);
        assert_eq!(
            crate::chunk_hash(&sealed).to_string(),
            "0xe858910f0946f3d02e6e602b6dc997820ffda6cdb94e44728dbb54d885d46a71"
        );
        assert_eq!(Envelope::open(&sealed, &key, &context()), Ok(envelope()));
    }

    #[test]
    fn kept_coins_seal_the_same_bytes_again() {
        let key = SealingKey::from_seed([10; 32]);
        let (to, coins) = (key.public(), [11; 32]);
        let seal = |envelope: &Envelope, context: &Context, coins: &[u8; 32]| {
            envelope.seal_with_coins(&to, context, coins).unwrap()
        };
        let sealed = seal(&envelope(), &context(), &coins);
        assert_eq!(sealed, seal(&envelope(), &context(), &coins));
        assert_eq!(Envelope::open(&sealed, &key, &context()), Ok(envelope()));
        // Not even the encapsulation is the same for anything else.
        let mut other = envelope();
        other.question.push('!');
        let mut elsewhere = context();
        elsewhere.genesis = [9; 32];
        for different in [
            seal(&other, &context(), &coins),
            seal(&envelope(), &elsewhere, &coins),
            seal(&envelope(), &context(), &[12; 32]),
        ] {
            assert_ne!(sealed[..100], different[..100]);
        }
    }

    #[test]
    fn longest_envelope_fits_the_largest_bucket() {
        let key = SealingKey::from_seed([10; 32]);
        let mut longest = envelope();
        longest.chunks = vec![ChunkHash([1; 32]); MAX_CHUNKS];
        longest.question = "?".repeat(MAX_QUESTION_BYTES);
        let sealed = longest.seal(&key.public(), &context()).unwrap();
        assert_eq!(sealed.len(), OVERHEAD_BYTES + 8192);
        assert!(sealed.len() <= MAX_ENVELOPE_BYTES, "the chain's bound on a sealed envelope");
        assert_eq!(Envelope::open(&sealed, &key, &context()), Ok(longest));
    }

    #[test]
    fn refuses_to_seal_what_breaks_a_bound() {
        let to = SealingKey::from_seed([10; 32]).public();
        let sealing = |change: fn(&mut Envelope)| {
            let mut envelope = envelope();
            change(&mut envelope);
            envelope.seal(&to, &context()).map(|sealed| sealed.len())
        };
        assert_eq!(sealing(|e| e.chunks.clear()), Err(SealError::Chunks { max: 64, found: 0 }));
        assert_eq!(
            sealing(|e| e.chunks = vec![ChunkHash([0; 32]); 65]),
            Err(SealError::Chunks { max: 64, found: 65 })
        );
        assert_eq!(
            sealing(|e| e.question = "?".repeat(4097)),
            Err(SealError::TextTooLong { field: "question", max: 4096, found: 4097 })
        );
    }

    /// What opening says to a body that a stranger to this crate sealed correctly.
    fn open_foreign(body: &[u8]) -> Result<Envelope, OpenError> {
        let key = SealingKey::from_seed([10; 32]);
        let sealed = KIND.seal(body, &key.public(), &context(), &mut FixedCoins).unwrap();
        Envelope::open(&sealed, &key, &context())
    }

    fn body(chunks: usize, note_key: &SealingPublicKey, question: &str) -> Vec<u8> {
        Body {
            protocol: 0,
            chunks: vec![ChunkHash([0; 32]); chunks],
            claim_seed: [0; 32],
            salt: [0; 32],
            note_key: note_key.clone(),
            question: question.into(),
        }
        .encode()
    }

    #[test]
    fn refuses_well_sealed_content_that_is_malformed() {
        let envelope = envelope();
        let note_key = envelope.note_key.as_bytes();
        let good = body(1, note_key, "why");
        assert!(open_foreign(&good).is_ok());
        assert_eq!(open_foreign(b""), Err(OpenError::Content));
        assert_eq!(open_foreign(&good[..good.len() - 1]), Err(OpenError::Content));
        assert_eq!(open_foreign(&[&good[..], &[0]].concat()), Err(OpenError::Content));
        let mut not_utf8 = good.clone();
        *not_utf8.last_mut().unwrap() = 0xff;
        assert_eq!(open_foreign(&not_utf8), Err(OpenError::Content));
        // 2^30 - 1 chunks promised, none there.
        let promise = [&[0; 4][..], &[0xfe, 0xff, 0xff, 0xff]].concat();
        assert_eq!(open_foreign(&promise), Err(OpenError::Content));
    }

    #[test]
    fn refuses_well_sealed_content_that_breaks_a_bound() {
        let envelope = envelope();
        let note_key = envelope.note_key.as_bytes();
        assert_eq!(
            open_foreign(&body(65, note_key, "")),
            Err(OpenError::Bound(SealError::Chunks { max: 64, found: 65 }))
        );
        assert_eq!(
            open_foreign(&body(0, note_key, "")),
            Err(OpenError::Bound(SealError::Chunks { max: 64, found: 0 }))
        );
        assert_eq!(
            open_foreign(&body(1, note_key, &"?".repeat(4097))),
            Err(OpenError::Bound(SealError::TextTooLong {
                field: "question",
                max: 4096,
                found: 4097
            }))
        );
        assert_eq!(
            open_foreign(&body(1, &SealingPublicKey::repeat(0xff), "")),
            Err(OpenError::Bound(SealError::Recipient(crate::KeyError::Invalid)))
        );
    }

    #[test]
    fn debug_shows_neither_secrets_nor_question() {
        let shown = format!("{:?}", envelope());
        assert_eq!(shown, "Envelope { protocol: 3, chunks: 2, .. }");
    }
}
